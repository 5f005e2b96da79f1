"""The stretches of a cycle in which its clock counts or stands still, from an instant until the target is used up."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain, pairwise
from typing import NamedTuple

from kolmisla.tickets.cycles.cycle_clock import CycleClock
from kolmisla.times.instants import instants_in, merged

__all__ = ["ClockStretch", "stretches_of"]


class ClockStretch(NamedTuple):
    """A stretch of time in which a clock counts all the time, or stands still all the time."""

    start: datetime
    """The beginning of the stretch."""
    end: datetime | None
    """The end of the stretch, or None for a pause with no known end."""
    counts: bool
    """Whether the clock counts."""


def stretches_of(cycle_clock: CycleClock, now: int) -> Iterator[ClockStretch]:
    """Yield the stretches from `now` until the target is used up, or until the cycle ends if that is earlier.

    In a pause with no known end, the last stretch has no end. Raise TicketError if `now` is before the cycle began.
    """
    cycle_clock.elapsed(now)  # raises TicketError if `now` is before the cycle began
    due, _ = cycle_clock.instants()
    until = min([at for at in (due, cycle_clock.ended) if at is not None], default=None)
    paused_since = cycle_clock.paused_since if until is None else None
    last = until if paused_since is None else paused_since
    if last is None:  # the target is used up after the known years
        return
    instant, at = instants_in(cycle_clock.promise.zone), now
    for start, end in _counting(cycle_clock, now, last):
        if at < start:
            yield ClockStretch(instant(at), instant(start), counts=False)
        yield ClockStretch(instant(start), instant(end), counts=True)
        at = end
    if paused_since is not None:
        yield ClockStretch(instant(at), None, counts=False)
    elif at < last:
        yield ClockStretch(instant(at), instant(last), counts=False)


def _counting(cycle_clock: CycleClock, now: int, until: int) -> list[tuple[int, int]]:
    """Return the stretches from `now` to `until` in which the clock counts, each as its start and its end.

    Stretches that touch are joined.
    """
    pieces = list(cycle_clock.pieces())
    starts = [*(piece.start for piece in pieces), max(until, pieces[-1].start)]
    parts = [(max(a, now), min(b, until), piece) for (a, b), piece in zip(pairwise(starts), pieces, strict=True)]
    return merged(chain.from_iterable(piece.schedule.timeline.spans(a, b) for a, b, piece in parts))
