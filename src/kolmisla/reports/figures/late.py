"""The tickets that broke a promise, and the worst of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from kolmisla.tickets.answers.json_forms import iso_text
from kolmisla.tickets.ticket import Ticket
from kolmisla.times.instants import duration, instants_in, length, micros, nearest_in, seconds

__all__ = ["MOST_WORST", "Late", "LateKey", "id_order", "late_key", "localized", "worst_of"]

MOST_WORST = 50  # a report keeps at most so many of the worst tickets that wait, and so many of those that have ended

LateKey = tuple[int, int, tuple[int, int, str], int, tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Late:
    """A cycle that exceeded its target, and its ticket. Instants are in the policy's zone."""

    ticket: Ticket
    cycle: int  # the number of the cycle; the first is 1
    plan: str
    priority: str
    split: str | None  # the ticket's value in the column by which the report is split
    started_at: datetime
    due_at: datetime | None
    ended_at: datetime | None  # None if the cycle has not ended
    judged_at: datetime  # the instant of the report
    elapsed: timedelta
    target: timedelta

    @property
    def over(self) -> timedelta:
        """How much time has been counted beyond the target."""
        return self.elapsed - self.target

    @property
    def key(self) -> LateKey:
        """The key by which late tickets are sorted. The ticket with the most time beyond its target comes first."""
        names = self.plan, self.priority, self.split or ""
        return late_key(length(self.over), micros(self.started_at), self.ticket.id, self.cycle, names)

    def to_dict(self) -> dict[str, Any]:
        """Return a dict that JSON can hold. Durations are in seconds."""
        return {
            "ticket": self.ticket.to_dict(),
            "cycle": self.cycle,
            "plan": self.plan,
            "priority": self.priority,
            "split": self.split,
            "started_at": self.started_at.isoformat(),
            "due_at": iso_text(self.due_at),
            "ended_at": iso_text(self.ended_at),
            "judged_at": self.judged_at.isoformat(),
            "elapsed_s": seconds(length(self.elapsed)),
            "target_s": seconds(length(self.target)),
        }

    @classmethod
    def from_dict(cls, document: dict[str, Any], zone: ZoneInfo) -> "Late":
        """Read the late cycle from the dict that `to_dict` has written. `zone` is the policy's zone."""
        given, instant = dict(document), instants_in(zone)
        for name in ("started_at", "due_at", "ended_at", "judged_at"):
            given[name] = given[name] and instant(micros(datetime.fromisoformat(given[name])))
        for name in ("elapsed", "target"):
            given[name] = duration(round(given.pop(f"{name}_s") * 1_000_000))
        return cls(**{**given, "ticket": localized(given["ticket"], zone)})


def localized(document: Mapping[str, Any], zone: ZoneInfo) -> Ticket:
    """Make a ticket from the dict of `Ticket.to_dict`, with its instants in `zone`.

    `Ticket.imported` makes it, because several events may have the same instant. An instant too late for the zone
    becomes the last one that every zone can show.
    """
    instant = nearest_in(zone)

    def at(text: str) -> datetime:
        return instant(micros(datetime.fromisoformat(text)))

    facts = {name: value for name, value in document.items() if name not in ("events", "answered_at", "opened_at")}
    events = [{**event, "at": at(event["at"])} for event in document.get("events", ())]
    return Ticket.imported(**facts, opened_at=at(document["opened_at"]), events=events)


def late_key(over: int, started: int, id: str | int | None, cycle: int, names: tuple[str, str, str]) -> LateKey:
    """Return the key by which late tickets are sorted, the longest time beyond the target first.

    `started` is the start of the cycle, and `cycle` its number. `names` has the plan, the priority and the value of the
    split.
    """
    return -over, started, id_order(id), cycle, names


def id_order(id: str | int | None) -> tuple[int, int, str]:
    """Return the key by which ids are sorted: numbers, then texts, then tickets without an id."""
    return (0, id, "") if isinstance(id, int) else (1, 0, id) if isinstance(id, str) else (2, 0, "")


def worst_of(late: Iterable[Late], most: int = MOST_WORST) -> tuple[Late, ...]:
    """Return the worst tickets: first at most `most` that have not ended, and then at most `most` that have."""
    ordered = sorted(late, key=lambda ticket: ticket.key)
    waiting = [ticket for ticket in ordered if ticket.ended_at is None]
    ended = [ticket for ticket in ordered if ticket.ended_at is not None]
    return (*waiting[:most], *ended[:most])
