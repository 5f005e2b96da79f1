"""The least and the most time that a clock may have counted, if the instants of a ticket are not known exactly.

Each event has an interval that contains its true instant: a time such as 14:10 may mean any instant of its minute.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, reduce
from itertools import pairwise
from operator import and_, or_
from typing import NamedTuple

from kolmisla.schedules.schedule import NEVER, Schedule
from kolmisla.schedules.timeline import Timeline
from kolmisla.tickets.cycles.cycle_clock import STATE_OF, CycleClock, DeadlineState
from kolmisla.tickets.cycles.cycles import Pause
from kolmisla.tickets.cycles.naming import amount_from, turns_of
from kolmisla.tickets.layouts.repeated import later_reading

__all__ = ["Bounds", "bounds_of"]


class Bounds(NamedTuple):
    """The least and the most time that a clock may have counted, in microseconds.

    `states` has the state of the cycle with the least time, and its state with the most time.
    """

    least: int
    most: int
    states: tuple[DeadlineState, DeadlineState]


class _Interval(NamedTuple):
    """The first and the last instant that a written time may mean."""

    first: int
    last: int


def bounds_of(cycle_clock: CycleClock, now: int, precision: int) -> Bounds:
    """Return the least and the most time that the clock of a cycle may have counted by `now`.

    A true instant is the written time, or is later by less than `precision` microseconds, but never after `now`. The
    order of the events is taken to be right.
    """

    def meant(at: int) -> _Interval:
        # a wall time that DST repeats means one of two instants
        return _Interval(at, max(at, min(later_reading(at) + max(precision - 1, 0), now)))

    start = meant(cycle_clock.started)
    end = _Interval(now, now) if cycle_clock.ended is None else meant(cycle_clock.ended)
    forever = _Interval(end.last, end.last)
    pauses = [
        (meant(pause.start), forever if pause.cut or pause.end is None else meant(pause.end))
        for pause in _joined(cycle_clock.pauses)  # no time counts between two pauses that meet
    ]
    steps = [(meant(at), promise.schedule) for at, promise in cycle_clock.steps]
    begins = cycle_clock.steps[0][0] == cycle_clock.started  # else nothing counts before the first step

    def counted(start: _Interval) -> tuple[int, int]:
        """Return the least and the most time for a cycle that starts in an interval."""
        # a change with the written time of the opening happens at the opening
        in_order = [(_Interval(start.first, start.first), steps[0][1]), *steps[1:]] if begins else steps
        return _counted(in_order, pauses, start, end)

    least, most = counted(start)
    if cycle_clock.withdrawn:
        return Bounds(least, most, ("withdrawn", "withdrawn"))
    within, agreed = cycle_clock.promise.within, cycle_clock.agreed
    exceeded = [within is not None and amount > within for amount in (least, most)]
    if cycle_clock.promise.named_from is not None:
        found = [(counted(starts), amount) for starts, amount in _amounts(cycle_clock, start)]
        exceeded = [all(few > amount for (few, _), amount in found), any(many > amount for (_, many), amount in found)]
    if agreed is not None:  # the agreed time is the deadline itself
        exceeded = [at > agreed for at in (end.first, end.last)]
    ended, paused = cycle_clock.ended is not None, cycle_clock.paused_since is not None
    low, high = (STATE_OF[ended, paused, is_exceeded] for is_exceeded in exceeded)
    return Bounds(least, most, (low, high))


def _joined(pauses: Iterable[Pause]) -> list[Pause]:
    """Return the pauses, but make one pause of pauses that follow each other without a gap."""
    joined: list[Pause] = []
    for pause in pauses:
        start = joined.pop().start if joined and joined[-1].end == pause.start else pause.start
        joined.append(pause._replace(start=start))
    return joined


def _counted(
    steps: Sequence[tuple[_Interval, Schedule]],
    pauses: Sequence[tuple[_Interval, _Interval]],
    start: _Interval,
    end: _Interval,
) -> tuple[int, int]:
    """Return the least and the most time that is counted from the start to the end.

    `steps` has each schedule with the interval in which it comes into force. `pauses` has the beginning and the end of
    each pause.
    """
    times = [start, end, *(at for pause in pauses for at in pause), *(at for at, _ in steps)]
    cuts = sorted({at for both in times for at in both if start.first <= at <= end.last})
    least = most = 0
    for since, until in pairwise(cuts):
        in_force = tuple(dict.fromkeys(_in_force(steps, since)))
        runs = start.last <= since and until <= end.first
        if runs and not any(began.first <= since < over.last for began, over in pauses):
            least += _timeline(in_force, every=True).elapsed(since, until)
        if not any(began.last <= since < over.first for began, over in pauses):
            most += _timeline(in_force, every=False).elapsed(since, until)
    return least, most


def _amounts(cycle_clock: CycleClock, start: _Interval) -> Iterator[tuple[_Interval, int]]:
    """Yield possible starts of a cycle, each with the amount of time that its target in days becomes for this start.

    Each start is an interval within the interval `start`.
    """
    (counts_from, first), *others = cycle_clock.steps
    if counts_from != cycle_clock.started:
        yield start, amount_from(counts_from, cycle_clock.steps)
        return
    for at in turns_of(cycle_clock.promise, start.first, start.last):
        yield _Interval(at, at), amount_from(at, ((at, first), *others))


def _in_force(steps: Sequence[tuple[_Interval, Schedule]], at: int) -> Iterator[Schedule]:
    """Yield the schedules that may be in force at an instant.

    Each schedule of the `steps` comes into force at an unknown instant of its interval, and stays until the next one
    does. Before the first one, NEVER is in force.
    """
    first, _ = steps[0]
    if at < first.last:
        yield NEVER
    for (begins, schedule), (ends, _) in pairwise([*steps, (_Interval(at + 1, at + 1), NEVER)]):
        if begins.first <= at < ends.last:
            yield schedule


@lru_cache(maxsize=256)
def _timeline(schedules: tuple[Schedule, ...], *, every: bool) -> Timeline:
    """Return the times at which all schedules are open or, if `every` is False, at which at least one is open."""
    return reduce(and_ if every else or_, schedules).timeline
