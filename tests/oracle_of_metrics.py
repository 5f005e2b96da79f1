"""A slow and obvious second opinion on metrics. It shares neither code nor method with kolmisla.

It searches a ticket's events for the start and the end of each cycle, and counts time minute by minute.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

MINUTE = timedelta(minutes=1)
CHANGES = ("priority", "plan", "owner")


@dataclass(frozen=True)
class Happened:
    """An event, or the opening."""

    at: datetime
    kind: str
    value: str = ""


@dataclass
class Life:
    """A ticket's events in order, how a metric is defined, and which pauses stop it: None for all."""

    opened: datetime
    at_opening: dict[str, str]
    told: Sequence[Happened]
    starts: Sequence[str]
    ends: Sequence[str]
    after: Sequence[str] = ()
    cancels: Sequence[str] = ()
    repeats: bool = False
    reopened: str = "continue"
    within: timedelta | None = None
    stops: Sequence[str] | None = ()
    waits: Sequence[str] = ()
    question: bool = False
    events: list[Happened] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Leave out what changes nothing: what is repeated, and what happens after a withdrawal."""
        now = dict(self.at_opening)
        gone = False
        for event in self.told:
            gone = gone and event.kind != "reopened"
            if gone or (event.kind in CHANGES and now[event.kind] == event.value):
                continue
            if event.kind in CHANGES:
                now[event.kind] = event.value
            self.events.append(event)
            gone = event.kind == "withdrawn"

    def fits(self, texts: Sequence[str], number: int) -> bool:
        """Tell whether an event fits one of the texts. The opening is the event -1, with what is in force then."""
        if number < 0:
            here = [Happened(self.opened, "opened")]
            here += [Happened(self.opened, kind, value) for kind, value in self.at_opening.items() if value]
        else:
            here = [self.events[number]]
        pairs = [(event, text.partition("=")) for event in here for text in texts]
        return any(event.kind == kind and value in ("", event.value) for event, (kind, _, value) in pairs)

    def begins(self, number: int) -> bool:
        nobody = number >= 0 and self.events[number].kind == "owner" and not self.events[number].value
        return self.fits(self.starts, number) and self.armed(number) and not nobody

    def armed(self, number: int) -> bool:
        return not self.after or any(self.fits(self.after, before) for before in range(-1, number))

    def held(self, number: int) -> bool:
        """Tell whether an owner, a priority or a plan that starts a cycle is in force before an event."""
        now = dict(self.at_opening)
        for event in self.events[:number]:
            if event.kind in CHANGES:
                now[event.kind] = event.value
        triggers = [text.partition("=") for text in self.starts]
        return any(now.get(kind) and value in ("", now[kind]) for kind, _, value in triggers if kind in CHANGES)

    def closed_by(self, number: int) -> int | None:
        """Return the event by which the ticket is closed before an event, or None if it is open."""
        turns = [n for n in range(number) if self.events[n].kind in ("resolved", "withdrawn", "reopened")]
        return turns[-1] if turns and self.events[turns[-1]].kind != "reopened" else None

    def next(self, number: int, fits: Callable[[int], bool]) -> int | None:
        return next((n for n in range(number + 1, len(self.events)) if fits(n)), None)

    def reopening(self, number: int) -> int | None:
        return self.next(number, lambda n: self.events[n].kind == "reopened")

    def mode(self, number: int) -> str:
        """Return what the metric does at a reopening."""
        now = dict(self.at_opening)
        for event in self.events[:number]:
            if event.kind in CHANGES:
                now[event.kind] = event.value
        fits = False
        for text in self.starts:
            kind, _, value = text.partition("=")
            fits = fits or (now[kind] == value if value else bool(now[kind])) if kind in CHANGES else True
            if fits:
                break
        if not fits:
            return "ignore"
        closed = self.closed_by(number)
        assert closed is not None
        late = self.within is not None and self.events[number].at - self.events[closed].at > self.within
        return "new-cycle" if late else self.reopened

    def start_from(self, number: int, ended: int | None) -> tuple[int, int] | None:
        """Return the event that starts the next cycle, and the one from which it runs; `ended` ended the last one."""
        for n in range(number, len(self.events)):
            closed = self.closed_by(n) if n >= 0 else None
            fresh = ended is None or self.repeats
            anew = n >= 0 and self.events[n].kind == "reopened" and self.mode(n) == "new-cycle"
            if anew and (ended is not None or (self.held(n) and self.armed(n))):
                return n, n
            if not (fresh and self.begins(n)):
                continue
            if n >= 0 and self.events[n].kind in ("resolved", "withdrawn"):
                continue
            if closed is None or self.events[n].kind == "reopened":
                return n, n
            if self.events[n].kind != "asked" or self.events[closed].kind == "withdrawn":
                continue
            if self.question:
                return n, n
            back = self.reopening(n)
            until = len(self.events) if back is None else back
            if back is not None and not any(
                self.fits(self.ends, m) or self.events[m].kind == "withdrawn" for m in range(n + 1, until)
            ):
                return n, back
        return None

    def asked_between(self, one: int, other: int) -> bool:
        return any(self.events[n].kind == "asked" and self.begins(n) for n in range(one + 1, other))

    def end_from(self, number: int) -> int | None:
        """Return the event that ends a cycle which runs from an event."""
        end = self.next(
            number,
            lambda n: self.fits(self.ends, n) or self.fits(self.cancels, n) or self.events[n].kind == "withdrawn",
        )
        if end is None or self.events[end].kind not in ("resolved", "withdrawn"):
            return end
        if self.events[end].kind == "resolved" and not self.fits(self.ends, end):
            return end  # it was cancelled by the resolution
        back = self.reopening(end)
        if back is None or self.mode(back) != "continue" or (self.repeats and self.asked_between(end, back)):
            return end
        return self.end_from(back)

    def cycles(self) -> list[tuple[datetime, datetime | None, str]]:
        """Return the start and the end of each cycle, and what became of it: runs, ended or withdrawn."""
        found: list[tuple[datetime, datetime | None, str]] = []
        number, ended = -1, None
        while (start := self.start_from(number, ended)) is not None:
            first, runs = start
            at = self.opened if first < 0 else self.events[first].at
            ended = self.end_from(runs)
            if ended is None:
                return [*found, (at, None, "runs")]
            gone = not self.fits(self.ends, ended)
            found.append((at, self.events[ended].at, "withdrawn" if gone else "ended"))
            number = ended if not gone and self.repeats and self.begins(ended) else ended + 1
        return found

    def stands(self, at: datetime) -> bool:
        """Tell whether the clock stands at an instant, as the events up to it tell."""
        waits: set[str] = set()
        closed = False
        for event in self.events:
            if event.at > at:
                break
            if event.kind == "paused":
                waits.add(event.value)
            elif event.kind == "resumed":
                waits -= {event.value} if event.value else set(waits)
            elif event.kind in ("resolved", "withdrawn", "reopened"):
                waits, closed = set(), event.kind != "reopened"
            elif event.kind == "asked":
                waits -= set(self.waits)
        if closed:
            return self.reopened == "continue"
        return bool(waits) if self.stops is None else bool(waits & set(self.stops))

    def counted(self, start: datetime, end: datetime) -> timedelta:
        minutes = int((end - start) / MINUTE)
        return sum((MINUTE for n in range(minutes) if not self.stands(start + n * MINUTE)), timedelta())

    def due(self, start: datetime, end: datetime | None, target: timedelta) -> datetime | None:
        """Return when the target is used up: a cycle that has ended counts on as if nothing more happened."""
        at, left = start, target
        while left:
            stands = self.stands(at) if end is None or at < end else False
            if stands and all(event.at <= at for event in self.events) and (end is None or at < end):
                return None
            at, left = at + MINUTE, left if stands else left - MINUTE
        return at


def told(events: Sequence[Any]) -> list[Happened]:
    """Return the events of a Ticket, with names in small letters."""
    return [Happened(event.at, event.kind, (event.value or "").lower()) for event in events]
