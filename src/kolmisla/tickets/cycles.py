"""The cycles that a ticket's events make, with the priorities and the pauses of each cycle.

A metric is measured in cycles. A cycle begins when the ticket is opened or at an event, and ends at a later event. This
file knows no promises and no schedules.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from kolmisla.documents.names import folded
from kolmisla.policies.plan import FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION, MetricName
from kolmisla.tickets.event import BETWEEN, LEADS_TO, EventKind, Moment, States, reason_key

__all__ = [
    "PAUSED_WHILE_RESOLVED",
    "RESPONSES",
    "CycleFacts",
    "Pause",
    "Reading",
    "as_states",
    "asks_while_paused",
    "at_opening",
    "cycle_facts",
    "descends",
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


def descends(times: Sequence[int]) -> bool:
    """Tell whether a log descends in time: no time is later than the one before, and at least one is earlier.

    >>> descends([3, 3, 1]), descends([1, 1]), descends([3, 1, 2])
    (True, False, False)
    """
    return len(times) > 1 and times[-1] < times[0] and all(after <= before for before, after in pairwise(times))


def as_states(moments: Iterable[Moment], *, dropped: list[Moment] | None = None) -> list[Moment]:
    """Return the events of an export, sorted by time.

    An export often says in what state a ticket was, not what happened to the ticket. So an event that changes the state
    is read as the state after the event. An event that changes neither the state nor a reason is dropped. A change from
    resolved to any other state is a reopening. Events of one instant keep their order. The ends of pauses for a reason
    that does not run are added to `dropped`.
    """
    states, events = States(), []
    asked: set[str | None] = set()  # the reasons that a question of the customer may have ended, by the policy
    ended: tuple[int, str | None] | None = None  # the only pause that the event before ended, and when
    for moment in sorted(moments, key=lambda moment: moment.at):
        at, kind, value = moment
        after, before, reasons, just_ended, ended = LEADS_TO.get(kind), states.state, list(states.reasons), ended, None
        changed, key = states.take(kind, value), reason_key(value)
        if after is None:
            asked.update(reasons if kind == "asked" else ())
            events.append(moment)
        elif after == "paused":
            if just_ended == (at, key):  # the same state again
                events.pop()
            elif changed or key in asked:
                path = BETWEEN[before, after] if before != after else (kind,)
                events += [Moment(at, step, value if step == "paused" else None) for step in path]
            asked.discard(key)
        elif kind == "resumed" and value is not None:
            if changed:
                events.append(moment)
            elif dropped is not None:
                dropped.append(moment)
        elif changed:
            events += [Moment(at, step) for step in BETWEEN[before, after]]
            ended = (at, reasons[0]) if after == "running" and len(reasons) == 1 and reasons[0] else None
    return events


def asks_while_paused(moments: Iterable[Moment]) -> bool:
    """Tell whether the customer asks while the ticket is paused for a reason. The events must be in order."""
    states = States()
    for _, kind, value in moments:
        if kind == "asked" and any(states.reasons):
            return True
        states.take(kind, value)
    return False


def at_opening(opened: int, moments: Sequence[Moment]) -> Sequence[Moment]:
    """Move the pauses that began before a ticket was opened to its opening. Leave out those that ended before it.

    `moments` must be the result of `as_states`. Before the opening, they may only be changes of priority and pauses.
    """
    early = [moment for moment in moments if moment.at < opened]
    if all(moment.kind == "priority" for moment in early):
        return moments
    states = States()
    for _, kind, value in early:
        states.take(kind, value)
    paused = [Moment(opened, "paused", reason) for reason in states.reasons.values()]
    return [*(moment for moment in early if moment.kind == "priority"), *paused, *moments[len(early) :]]
