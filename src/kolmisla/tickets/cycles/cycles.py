"""The cycles that a ticket's events make, with the priorities and the pauses of each cycle.

A metric is measured in cycles. A cycle begins when the ticket is opened or at an event, and ends at a later event. This
file knows no promises and no schedules.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from kolmisla.documents.names import folded
from kolmisla.policies.terms.metrics import FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION, MetricName
from kolmisla.tickets.event import EventKind, Moment, States

__all__ = [
    "PAUSED_WHILE_RESOLVED",
    "RESPONSES",
    "CycleFacts",
    "Pause",
    "Reading",
    "cycle_facts",
    "known",
]


class Pause(NamedTuple):
    """A stretch in which no time counts.

    `end` is None while no end is known. `why` is the reason for the pause. `cut` says that the pause went on when the
    cycle ended, so that its end is that of the cycle.
    """

    start: int
    end: int | None
    why: str
    cut: bool = False


class CycleFacts(NamedTuple):
    """One cycle: its start, its end, its priorities and its pauses.

    `priorities` has each priority and the instant from which the priority is in force. The first instant is the start
    of the cycle. The `pauses` are in order and do not overlap. Instants are in UTC microseconds. `ended` is None while
    the cycle runs.
    """

    started: int
    ended: int | None
    priorities: tuple[tuple[int, str], ...]
    pauses: tuple[Pause, ...] = ()


class Reading(NamedTuple):
    """How a plan and its policy read the events of a ticket for one metric.

    `pausing` says whether the clock stands while the ticket is paused. `waits` has the keys of the reasons for pauses
    that end when the customer asks. `question` says whether a question to a resolved ticket begins a cycle at once.
    """

    pausing: bool = False
    waits: frozenset[str] = frozenset()
    question: bool = False


NEVER_PAUSED = Reading()

Marks = Iterator[tuple[int, int | None]]  # the start of each cycle, and the index of the event that ended the cycle

RESPONSES: tuple[EventKind, ...] = ("answered", "resolved")  # to resolve a ticket is a response too


def _first_response(opened: int, moments: Sequence[Moment], **_: bool) -> Marks:
    """Yield the cycle from the opening of the ticket to the first response."""
    yield opened, next((index for index, moment in enumerate(moments) if moment.kind in RESPONSES), None)


def _next_response(opened: int, moments: Sequence[Moment], *, question: bool) -> Marks:  # noqa: ARG001
    """Yield each cycle from the first question after a response to the next response.

    A question to a resolved ticket begins a cycle only if the ticket is reopened before an answer, or with `question`.
    """
    responded, resolved, asked, parting = False, False, None, None
    for index, (at, kind, _) in enumerate(moments):
        if kind in RESPONSES:
            if asked is not None:
                yield asked, index
            responded, asked, parting = True, None, None
            resolved = resolved or kind == "resolved"
        elif kind == "reopened":
            resolved, asked, parting = False, parting if asked is None else asked, None
        elif kind == "asked" and responded and asked is None:
            if question or not resolved:
                asked = at
            elif parting is None:
                parting = at
    if asked is not None:
        yield asked, None


def _resolution(opened: int, moments: Sequence[Moment], **_: bool) -> Marks:
    """Yield the cycle from the opening of the ticket to its final resolution, after which no reopening follows."""
    last = None
    for index, moment in enumerate(moments):
        if moment.kind == "resolved":
            last = index
        elif moment.kind == "reopened":
            last = None
    yield opened, last


CYCLES: dict[MetricName, Callable[..., Marks]] = {
    FIRST_RESPONSE: _first_response,
    NEXT_RESPONSE: _next_response,
    RESOLUTION: _resolution,
}
# A cycle of these metrics goes on after a reopening. No time counts while the ticket is resolved.
PAUSED_WHILE_RESOLVED = (RESOLUTION,)


def known(moments: tuple[Moment, ...], now: int) -> tuple[Moment, ...]:
    """Return the events that are not later than `now`.

    `moments` must be in order.
    """
    if not moments or moments[-1].at <= now:
        return moments
    return tuple([moment for moment in moments if moment.at <= now])


def cycle_facts(
    opened: int, priority: str, moments: Sequence[Moment], metric: MetricName, reading: Reading = NEVER_PAUSED
) -> list[CycleFacts]:
    """Return the cycles of a metric, in order.

    `moments` must be in order. Events after the end of a cycle do not change the cycle. `reading` says whether the
    clock stops while the ticket is paused.

    >>> cycle_facts(0, "HIGH", [Moment(5, "priority", "LOW"), Moment(9, "answered")], "first-response")
    [CycleFacts(started=0, ended=9, priorities=((0, 'HIGH'), (5, 'LOW')), pauses=())]
    """
    changes = deque((index, at, value or "") for index, (at, kind, value) in enumerate(moments) if kind == "priority")
    stretches = deque(_stretches(moments, reading, closed=metric in PAUSED_WHILE_RESOLVED))
    cycles: list[CycleFacts] = []
    for started, index in CYCLES[metric](opened, moments, question=reading.question):
        last, ended = (len(moments), None) if index is None else (index, moments[index].at)
        priorities = [(started, cycles[-1].priorities[-1][1] if cycles else priority)]
        while changes and changes[0][0] < last:
            _, at, value = changes.popleft()
            _change(priorities, at, value)
        cycles.append(CycleFacts(started, ended, tuple(priorities), tuple(_pauses(stretches, last, ended))))
    return cycles


def _change(priorities: list[tuple[int, str]], at: int, value: str) -> None:
    """Add a priority that comes into force at `at`.

    If the last priority came into force at `at` or later, the new one replaces it. A repeated priority is not added.
    """
    if at <= priorities[-1][0]:
        at, _ = priorities.pop()
    if not priorities or folded(value) != folded(priorities[-1][1]):
        priorities.append((at, value))


def _stretches(moments: Sequence[Moment], reading: Reading, *, closed: bool) -> Iterator[tuple[int, int | None, Pause]]:
    """Yield the stretches in which the clock stood, because the ticket was paused or (only with `closed`) resolved.

    Each item has three parts: the index of the event that begins the stretch, the index of the event that ends the
    stretch (or None), and the stretch as a Pause. A stretch has one reason, or the same reasons throughout.
    """
    began, why, states = 0, "", States()
    for index, (at, kind, value) in enumerate(moments):
        states.take(kind, value)
        if kind == "asked" and reading.waits:
            for key in reading.waits:
                states.reasons.pop(key, None)
        now = _standing(states, reading, closed=closed)
        if now != why:
            if why:
                yield began, index, Pause(moments[began].at, at, why)
            began, why = index, now
    if why:
        yield began, None, Pause(moments[began].at, None, why)


def _standing(states: States, reading: Reading, *, closed: bool) -> str:
    """Return the reason why a clock stands in a state. Return an empty text if the clock runs."""
    if states.resolved:
        return "resolved" if closed else ""
    if not (reading.pausing and states.reasons):
        return ""
    return ": ".join(["paused", *([", ".join(filter(None, states.reasons.values()))] if any(states.reasons) else [])])


def _pauses(stretches: deque[tuple[int, int | None, Pause]], last: int, ended: int | None) -> Iterator[Pause]:
    """Yield the pauses that begin before the end of a cycle.

    `last` is the index of the event that ends the cycle, at the instant `ended`. Stretches that end before that event
    are removed from `stretches`. A longer stretch is cut at `ended`, but stays in `stretches` for the next cycle.
    """
    while stretches and stretches[0][0] < last:
        _, until, pause = stretches[0]
        if until is None or until >= last:
            yield pause._replace(end=ended, cut=True)
            return
        stretches.popleft()
        yield pause
