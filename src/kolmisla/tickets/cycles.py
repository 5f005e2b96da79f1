"""What a ticket's events mean for one metric: its cycles, their priorities, and when their clocks stand still.

A metric is measured in cycles, each from one event to another. All here are facts; what is promised, and on
which schedule, is not known yet.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from kolmisla.documents.names import folded
from kolmisla.policies.plan import FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION, MetricName
from kolmisla.tickets.event import LEADS_TO, Moment

__all__ = ["PAUSED_WHILE_RESOLVED", "RESPONSES", "CycleFacts", "Pause", "cycle_facts", "known"]


class Pause(NamedTuple):
    """A stretch in which nothing counts, and why; without an end it goes on."""

    start: int
    end: int | None
    why: str


class CycleFacts(NamedTuple):
    """One cycle: when it started and ended, and what changed between.

    `priorities` are in force from their instants on, the first from the start; `pauses` are in order and
    do not overlap.
    """

    started: int
    ended: int | None
    priorities: tuple[tuple[int, str], ...]
    pauses: tuple[Pause, ...] = ()


Marks = Iterator[tuple[int, int | None]]  # when each cycle started, and the place of the event that ended it

RESPONSES = ("answered", "resolved")  # who resolves a ticket need not answer it as well


def _first_response(opened: int, moments: Sequence[Moment]) -> Marks:
    """From opening to the first response."""
    yield opened, next((place for place, moment in enumerate(moments) if moment.kind in RESPONSES), None)


def _next_response(opened: int, moments: Sequence[Moment]) -> Marks:  # noqa: ARG001
    """From the first question after a response to the next response, again and again."""
    responded, asked = False, None
    for place, (at, kind, _) in enumerate(moments):
        if kind in RESPONSES:
            if asked is not None:
                yield asked, place
            responded, asked = True, None
        elif kind == "asked" and responded and asked is None:
            asked = at
    if asked is not None:
        yield asked, None


def _resolution(opened: int, moments: Sequence[Moment]) -> Marks:
    """From opening to the resolution that no reopening followed."""
    last = None
    for place, moment in enumerate(moments):
        if moment.kind == "resolved":
            last = place
        elif moment.kind == "reopened":
            last = None
    yield opened, last


CYCLES: dict[MetricName, Callable[[int, Sequence[Moment]], Marks]] = {
    FIRST_RESPONSE: _first_response,
    NEXT_RESPONSE: _next_response,
    RESOLUTION: _resolution,
}
PAUSED_WHILE_RESOLVED = (RESOLUTION,)  # the metrics that go on after a reopening, the closed time not counted


def known(moments: tuple[Moment, ...], now: int) -> tuple[Moment, ...]:
    """The events, in order, that had happened at an instant."""
    if not moments or moments[-1].at <= now:
        return moments
    return tuple([moment for moment in moments if moment.at <= now])


def cycle_facts(
    opened: int, priority: str, moments: Sequence[Moment], metric: MetricName, *, pausing: bool
) -> list[CycleFacts]:
    """The cycles of a metric, in order; `moments` are in order too. What comes after a cycle's end does not touch it.

    `pausing` tells whether its clock stands still while the ticket is paused.

    >>> cycle_facts(0, "HIGH", [Moment(5, "priority", "LOW"), Moment(9, "answered")], "first-response", pausing=False)
    [CycleFacts(started=0, ended=9, priorities=((0, 'HIGH'), (5, 'LOW')), pauses=())]
    """
    changes = deque((place, at, value or "") for place, (at, kind, value) in enumerate(moments) if kind == "priority")
    stretches = deque(_stretches(moments, pausing=pausing, closed=metric in PAUSED_WHILE_RESOLVED))
    found: list[CycleFacts] = []
    for started, place in CYCLES[metric](opened, moments):
        last, ended = (len(moments), None) if place is None else (place, moments[place].at)
        priorities = [(started, found[-1].priorities[-1][1] if found else priority)]
        while changes and changes[0][0] < last:
            _, at, value = changes.popleft()
            _change(priorities, at, value)
        found.append(CycleFacts(started, ended, tuple(priorities), tuple(_pauses(stretches, last, ended))))
    return found


def _change(priorities: list[tuple[int, str]], at: int, value: str) -> None:
    """Put a priority in force from an instant on; the same again is no change, nor is there and back in one instant."""
    if at <= priorities[-1][0]:
        at, _ = priorities.pop()
    if not priorities or folded(value) != folded(priorities[-1][1]):
        priorities.append((at, value))


def _stretches(moments: Sequence[Moment], *, pausing: bool, closed: bool) -> Iterator[tuple[int, int | None, Pause]]:
    """When the ticket was paused and, where that matters, resolved, with the places of the events about each."""
    began, why = None, ""
    for place, (at, kind, value) in enumerate(moments):
        if kind not in LEADS_TO:
            continue
        if began is not None:
            yield began, place, Pause(moments[began].at, at, why)
            began = None
        if pausing and kind == "paused":
            began, why = place, f"paused: {value}" if value else "paused"
        elif closed and kind == "resolved":
            began, why = place, "resolved"
    if began is not None:
        yield began, None, Pause(moments[began].at, None, why)


def _pauses(stretches: deque[tuple[int, int | None, Pause]], last: int, ended: int | None) -> Iterator[Pause]:
    """The pauses before the end of a cycle, taken off; its end ends one, which may last into the next cycle."""
    while stretches and stretches[0][0] < last:
        _, until, pause = stretches[0]
        if until is None or until >= last:
            yield pause._replace(end=ended)
            return
        stretches.popleft()
        yield pause
