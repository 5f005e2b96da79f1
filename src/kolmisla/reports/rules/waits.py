"""Finds how long a ticket may wait for a target on one schedule, whenever it is opened.

In this module, an opening is an instant x at which a ticket may be opened. Its wait is the real time from x to
`breaches_after`: the latest instant t such that exactly the target is counted from x to t. How does it depend on x? Let
E(x) be the open time up to x. E never falls, and it does not jump. `breaches_after` depends only on E(x). When E(x)
grows, `breaches_after` grows by as much. It also jumps up where the target is used up exactly when the schedule closes,
because an answer at the instant when the schedule opens next then still keeps the target.

So, as x grows, three things can happen to the wait:

- While the schedule is closed, E(x) stays, `breaches_after` stays, and the wait falls as fast as x grows.
- While the schedule is open, E(x) grows as fast as x, and the wait stays the same.
- At a jump the wait grows at once. The wait has its new value at the instant of the jump itself, because
  `breaches_after` is the latest instant. So the longest wait is the wait of an instant, and not only a bound.

The wait grows nowhere else. So, among the openings from one instant to another, the longest wait is that of the first
opening or that of a jump. A jump is the earliest instant from which exactly the target is counted until a closing. If
several openings have the longest wait, the earliest of them is the first opening or a jump too. The reason is that at
any other opening the wait is not longer than shortly before, so this opening cannot be the earliest. Each closing has
one jump, so each open span gives one candidate.

An opening near the horizon may have no known `breaches_after`. `breaches_after` never falls as x grows. So if it is not
known for an opening, it is not known for any later opening. All instants are integers: microseconds since 1970 in UTC.
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

        Yield None for a part if the wait is not known for a ticket opened at some instant of it. A part is two
        instants: its start, and its end, which is not in the part. Parts must be in order, must not overlap and must
        not be empty.
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
        """Yield, in order, the instants of opening at which the wait may jump up, each with its wait.

        Each of them belongs to a closing of the schedule: it is the earliest instant from which exactly the target is
        counted until the closing. As the closings are in order, the instants are too, so one pass over the open spans
        finds them all. Only instants after the first one with a known wait are yielded. At some of them the wait does
        not jump. They do no harm, because their waits are correct too.
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

    The end is not in this time. Only instants from `start` on and before `end` are looked at. If no wait is known, the
    returned start and end are equal.
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
