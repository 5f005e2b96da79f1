"""Finds how long a ticket may wait for a target on one schedule, whenever it is opened.

In this module, an opening is an instant x at which a ticket may be opened. Its wait is the real time from x to
`breaches_after`.

As x grows, the wait stays the same while the schedule is open, and falls while it is closed. It grows only in jumps:
where the target is used up exactly when the schedule closes, because an answer at the next opening of the schedule then
still keeps the target. So, among the openings from one instant to another, the longest wait is that of the first
opening or that of a jump. Each open span has one possible jump.

`breaches_after` never falls as x grows. So if it is not known for an opening, it is not known for any later one.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator

from kolmisla.errors import HorizonError
from kolmisla.schedules.timeline import Timeline
from kolmisla.times.instants import Pair

__all__ = ["OpeningWaits", "Waits"]


class OpeningWaits(ABC):
    """How long tickets may wait, by the instant at which they are opened.

    The wait is known for instants from `known[0]` on that are before `known[1]`.
    """

    known: Pair
    _growths: list[Pair]  # instants of opening at which the wait may grow, with their waits, in order

    @abstractmethod
    def of(self, opened: int) -> int:
        """Return how long a ticket that is opened at the instant `opened` may wait, in microseconds."""

    def longest(self) -> Pair | None:
        """Return the longest wait, and the earliest instant of opening with it. If no wait is known, return None."""
        first, stop = self.known
        if first >= stop:
            return None
        opened, wait = max([(first, self.of(first)), *self._growths], key=lambda opening: (opening[1], -opening[0]))
        return wait, opened

    def longest_in(self, parts: Iterable[Pair]) -> Iterator[int | None]:
        """Yield, for each part of time, the longest wait of a ticket that is opened in the part.

        Yield None if a wait in the part is not known. A part is its start and its end, which is not in it. Parts must
        be in order, must not overlap and must not be empty.
        """
        growths = iter(self._growths)
        growth = next(growths, None)
        for start, end in parts:
            if start < self.known[0] or end > self.known[1]:
                yield None
                continue
            longest = self.of(start)
            while growth and growth[0] < end:
                longest = max(longest, growth[1]) if growth[0] >= start else longest
                growth = next(growths, None)
            yield longest


class Waits(OpeningWaits):
    """How long tickets may wait for the target `within`, if they are opened from `start` on and before `end`."""

    def __init__(self, timeline: Timeline, within: int, start: int, end: int) -> None:
        self._timeline, self._within = timeline, within
        self.known = _known(timeline, within, start, end)
        self._growths = list(self._jumps())

    def of(self, opened: int) -> int:
        """Return how long a ticket that is opened at the instant `opened` may wait, in microseconds."""
        return self._timeline.kept(opened, self._within)[1] - opened

    def _jumps(self) -> Iterator[Pair]:
        """Yield, in order, the openings at which the wait may jump up, each with its wait.

        Each is the earliest instant from which exactly the target is counted until a closing. Only openings after the
        first one with a known wait are yielded.
        """
        first, stop = self.known
        if first >= stop:
            return
        end = self._timeline.kept(stop - 1, self._within)[1]
        _, hi, opens, closes, totals, shifts = self._timeline.table(first, end)
        before = place = 0  # the open time before the first known opening; the index of the span of the last instant
        for span, (opening, closing) in enumerate(zip(opens, closes, strict=True)):
            if opening >= end:
                break
            if opening <= first:
                before = min(first, closing) - shifts[span]
            close = min(closing, end)
            total = close - shifts[span] - self._within
            if total <= before:
                continue
            while totals[place] < total:
                place += 1
            at = total + shifts[place]
            is_closing = close == closing < hi and span + 1 < len(opens)
            yield at, opens[span + 1] - at if is_closing else self.of(at)


def _known(timeline: Timeline, within: int, start: int, end: int) -> Pair:
    """Return the start and the end of the time in which a ticket may be opened so that its wait is known.

    The end is not in this time. The time is within `start` and `end`. If no wait is known, the two returned instants
    are equal.
    """
    first, stop = max(start, timeline.start), min(end, timeline.end)
    if first >= stop:
        return first, first
    try:
        timeline.kept(stop - 1, within)
    except HorizonError:  # from the last opening on, the known years do not count more than the target
        return first, min(max(_first_unknown(timeline, within), first), stop)
    return first, stop


def _first_unknown(timeline: Timeline, within: int) -> int:
    """Return the earliest instant such that the wait of a ticket opened then is not known.

    It is the earliest instant after which the known years have no more open time than the target.
    """
    try:
        return timeline.previous_close(timeline.due(timeline.end, -within))
    except HorizonError:  # even all known years do not count more
        return timeline.start
