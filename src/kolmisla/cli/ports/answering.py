"""Kolmisla's own answers to the questions in test vectors. A question has all facts on which its answer depends."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from kolmisla.errors import HorizonError, choices, shown
from kolmisla.policies.policy import Policy
from kolmisla.schedules.clock import Clock
from kolmisla.schedules.schedule import Schedule
from kolmisla.tickets.answers.deadline import deadline
from kolmisla.tickets.ticket import Ticket
from kolmisla.times.instants import length, seconds

__all__ = ["answer_to"]

Counts = Schedule | Clock  # what counts open time
MICROSECOND = timedelta(microseconds=1)


def answer_to(ask: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer to a question.

    Raise ValueError for an unknown kind of question, and KeyError for a missing key.

    >>> schedule = {"timezone": "UTC", "hours": {"fri": ["08:00-18:00"]}}
    >>> answer_to({"what": "is_open", "schedule": schedule, "at": "2026-07-03T18:00:00Z"})
    {'open': False}
    """
    what = ask["what"]
    if what == "ticket":
        return _of_ticket(ask)
    if what not in ANSWERS_OF:
        raise ValueError(f"the key 'what' must be one of {choices((*ANSWERS_OF, 'ticket'))}, not {shown(what)}")
    schedule = Schedule.from_dict(ask["schedule"])
    pauses = [(_instant(start), _instant(end)) for start, end in ask.get("pauses", ())]
    return ANSWERS_OF[what](Clock.paused(schedule, pauses) if pauses else schedule, ask)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _due(counts: Counts, ask: Mapping[str, Any]) -> dict[str, Any]:
    within = MICROSECOND * round(ask["within_s"] * 1_000_000)
    due = counts.due(_instant(ask["at"]), within)
    try:
        kept: datetime | None = counts.next_open(due)
    except HorizonError:
        kept = None
    return {"due_at": due.isoformat(), "breaches_after": kept and kept.isoformat()}


def _elapsed(counts: Counts, ask: Mapping[str, Any]) -> dict[str, Any]:
    return {"elapsed_s": seconds(length(counts.elapsed(_instant(ask["at"]), _instant(ask["until"]))))}


def _next_close(counts: Counts, ask: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(counts, Clock):
        raise ValueError("the key 'what' must not be 'next_close' for a schedule with pauses")
    return {"closes_at": counts.next_close(_instant(ask["at"])).isoformat()}


ANSWERS_OF: dict[str, Callable[[Counts, Mapping[str, Any]], dict[str, Any]]] = {
    "due": _due,
    "elapsed": _elapsed,
    "is_open": lambda counts, ask: {"open": counts.is_open(_instant(ask["at"]))},
    "next_open": lambda counts, ask: {"opens_at": counts.next_open(_instant(ask["at"])).isoformat()},
    "next_close": _next_close,
}


def _of_ticket(ask: Mapping[str, Any]) -> dict[str, Any]:
    """Return the deadline of a question's ticket. If the question has an instant, add the status at this instant."""
    policy, ticket = Policy.from_dict(ask["policy"]), Ticket.from_dict(ask["ticket"])
    at = _instant(ask["at"]) if "at" in ask else None
    found = deadline(ticket if at is None else ticket.until(at), policy=policy, metric=ask["metric"])
    times = {name: getattr(found, name) for name in ("due_at", "breaches_after")}
    answer: dict[str, Any] = {name: value and value.isoformat() for name, value in times.items()}
    if at is not None:
        status = found.status(at)
        answer |= {"state": status.state, "elapsed_s": seconds(length(status.elapsed))}
    return answer
