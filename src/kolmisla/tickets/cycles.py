"""How a ticket's events make the cycles of a metric, with the priorities and the pauses of each cycle.

A metric is measured in cycles. A cycle begins when the ticket is opened or at an event, and ends at a later event. This
file knows no promises and no schedules.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from kolmisla.documents.names import folded
from kolmisla.policies.plan import FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION, MetricName
from kolmisla.tickets.event import LEADS_TO, Moment

__all__ = ["PAUSED_WHILE_RESOLVED", "RESPONSES", "CycleFacts", "Pause", "cycle_facts", "known"]


class Pause(NamedTuple):
    """A stretch in which no time counts.

    `end` is None while no end is known. `why` is the reason for the pause.
    """

    start: int
    end: int | None
    why: str


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


Marks = Iterator[tuple[int, int | None]]  # the start of each cycle, and the index of the event that ended the cycle

RESPONSES = ("answered", "resolved")  # to resolve a ticket is a response too


def _first_response(opened: int, moments: Sequence[Moment]) -> Marks:
    """Yield the cycle from the opening of the ticket to the first response."""
    yield opened, next((index for index, moment in enumerate(moments) if moment.kind in RESPONSES), None)


def _next_response(opened: int, moments: Sequence[Moment]) -> Marks:  # noqa: ARG001
    """Yield each cycle from the first question after a response to the next response."""
    responded, asked = False, None
    for index, (at, kind, _) in enumerate(moments):
        if kind in RESPONSES:
            if asked is not None:
                yield asked, index
            responded, asked = True, None
        elif kind == "asked" and responded and asked is None:
            asked = at
    if asked is not None:
        yield asked, None


def _resolution(opened: int, moments: Sequence[Moment]) -> Marks:
    """Yield the cycle from the opening of the ticket to its final resolution, after which no reopening follows."""
    last = None
    for index, moment in enumerate(moments):
        if moment.kind == "resolved":
            last = index
        elif moment.kind == "reopened":
            last = None
    yield opened, last


CYCLES: dict[MetricName, Callable[[int, Sequence[Moment]], Marks]] = {
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
    opened: int, priority: str, moments: Sequence[Moment], metric: MetricName, *, pausing: bool
) -> list[CycleFacts]:
    """Return the cycles of a metric, in order.

    `moments` must be in order. Events after the end of a cycle do not change the cycle. `pausing` says whether the
    clock stops while the ticket is paused.

    >>> cycle_facts(0, "HIGH", [Moment(5, "priority", "LOW"), Moment(9, "answered")], "first-response", pausing=False)
    [CycleFacts(started=0, ended=9, priorities=((0, 'HIGH'), (5, 'LOW')), pauses=())]
    """
    changes = deque((index, at, value or "") for index, (at, kind, value) in enumerate(moments) if kind == "priority")
    stretches = deque(_stretches(moments, pausing=pausing, closed=metric in PAUSED_WHILE_RESOLVED))
    cycles: list[CycleFacts] = []
    for started, index in CYCLES[metric](opened, moments):
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


def _stretches(moments: Sequence[Moment], *, pausing: bool, closed: bool) -> Iterator[tuple[int, int | None, Pause]]:
    """Yield the stretches in which the ticket was paused (only with `pausing`) or resolved (only with `closed`).

    Each item has three parts: the index of the event that begins the stretch, the index of the event that ends the
    stretch (or None), and the stretch as a Pause.
    """
    began, why = None, ""
    for index, (at, kind, value) in enumerate(moments):
        if kind not in LEADS_TO:
            continue
        if began is not None:
            yield began, index, Pause(moments[began].at, at, why)
            began = None
        if pausing and kind == "paused":
            began, why = index, f"paused: {value}" if value else "paused"
        elif closed and kind == "resolved":
            began, why = index, "resolved"
    if began is not None:
        yield began, None, Pause(moments[began].at, None, why)


def _pauses(stretches: deque[tuple[int, int | None, Pause]], last: int, ended: int | None) -> Iterator[Pause]:
    """Yield the pauses that begin before the end of a cycle.

    `last` is the index of the event that ends the cycle, at the instant `ended`. Stretches that end before that event
    are removed from `stretches`. A longer stretch is cut at `ended`, but stays in `stretches` for the next cycle.
    """
    while stretches and stretches[0][0] < last:
        _, until, pause = stretches[0]
        if until is None or until >= last:
            yield pause._replace(end=ended)
            return
        stretches.popleft()
        yield pause
