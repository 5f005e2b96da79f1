"""A schedule's open time as arrays: what has been counted at many instants, and when amounts are reached.

Where many values stand among sorted edges is found as np.searchsorted finds it, in one table read and one compare.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kolmisla.schedules.schedule import Schedule
from kolmisla.schedules.timeline import SpanTable, Timeline

__all__ = ["LAST", "Compiled", "Ints", "Lookup", "sheet"]

Ints = NDArray[np.int64]

MOST_STEPS = 4  # edges in one bucket before a binary search is quicker
LAST = np.iinfo(np.int64).max


class Lookup:
    """Sorted edges under a table of buckets, each 2**shift wide; frozen, so threads may share it.

    A bucket tells how many edges stand before it; as many compares as the fullest one has edges do the rest. The
    table has about two to four buckets an edge. Where edges crowd together (windows of seconds among days) it
    would take too many compares, and there is a binary search instead.

    >>> Lookup(np.array([0, 10, 20])).right(np.array([0, 9, 10, 25])).tolist()
    [1, 1, 2, 3]
    """

    __slots__ = ("_base", "_counts", "_following", "_shift", "_steps", "edges")

    def __init__(self, edges: Ints) -> None:
        self.edges = edges
        self._base = int(edges[0])
        width = int(edges[-1]) - self._base + 1
        self._shift = max((width // (2 * len(edges))).bit_length() - 1, 0)
        buckets = self._base + (np.arange((width >> self._shift) + 1) << self._shift)
        self._counts = np.searchsorted(edges, buckets, "right")
        self._following = np.append(edges, LAST)
        self._steps = int(np.diff(np.append(self._counts, len(edges))).max())

    def right(self, values: Ints) -> NDArray[np.intp]:
        """How many edges are at or before each value; no value is before the first edge, or LAST."""
        if self._steps > MOST_STEPS:
            return np.searchsorted(self.edges, values, "right")
        buckets = values - self._base
        buckets >>= self._shift
        counts = self._counts.take(buckets, mode="clip")  # behind the last edge is as good as in the last bucket
        for _ in range(self._steps):
            counts += self._following.take(counts) <= values
        return counts


class Compiled:
    """The spans of a schedule from `start` to `end`; integer microseconds, and no check of what is asked.

    The first span is empty and stands at `start`, so every instant has a span that opened at or before it.
    """

    __slots__ = ("closes", "end", "opens", "shifts", "start", "totals")

    def __init__(self, table: SpanTable) -> None:
        self.start, self.end, *lists = table
        opens, self.closes, totals, self.shifts = (np.array(each, np.int64) for each in lists)
        self.opens, self.totals = Lookup(opens), Lookup(totals)

    @property
    def total(self) -> int:
        """All the open time there is."""
        return int(self.totals.edges[-1])

    def counted(self, at: Ints) -> Ints:
        """Open time from the start to each instant."""
        place = self.opens.right(at)
        place -= 1
        counted = np.minimum(at, self.closes.take(place))
        counted -= self.shifts.take(place)
        return counted

    def reached(self, totals: Ints) -> Ints:
        """The earliest instant by which each amount has been counted; more than none, and at most `total`."""
        return totals + self.shifts.take(self._ending(totals))

    def kept(self, totals: Ints) -> tuple[Ints, Ints]:
        """The same instants, and the latest by which no more has been counted; less than `total`."""
        place = self._ending(totals)
        earliest = totals + self.shifts.take(place)
        latest = earliest.copy()
        closing = np.flatnonzero(totals == self.totals.edges.take(place))
        latest[closing] = self.opens.edges.take(place[closing] + 1)
        return earliest, latest

    def left(self, totals: Ints) -> Ints:
        """The latest instant by which no more than each amount has been counted; from none to less than `total`."""
        return totals + self.shifts.take(self.totals.right(totals))

    def next_open(self, at: Ints) -> Ints:
        """Each instant itself when open, else the next opening, which there is."""
        place = self.opens.right(at)
        closed = np.flatnonzero(at >= self.closes.take(place - 1))
        opening = at.copy()
        opening[closed] = self.opens.edges.take(place[closed])
        return opening

    def _ending(self, totals: Ints) -> NDArray[np.intp]:
        """The place of the span in which each amount is reached."""
        return self.totals.right(totals - 1)


class Sheet:
    """What is compiled of one schedule so far; it grows when asked for more, and threads may share it."""

    __slots__ = ("_latest", "timeline")

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self._latest: tuple[SpanTable, Compiled] | None = None

    def covering(self, start: int, end: int, *, ahead: int | None = None, behind: int = 0) -> Compiled:
        """The spans from start to end at least; both are within the horizon.

        With `ahead`, on until more than that is counted after `end`; back until `behind` is counted before `start`;
        or to the horizon.
        """
        table = self.timeline.table(start, end)
        while True:
            compiled = self._of(table)
            (first, last), total = compiled.counted(np.array([start, end])).tolist(), compiled.total
            lo, hi = compiled.start, compiled.end
            if ahead is not None and total <= last + ahead:
                hi = min(hi + (hi - lo), self.timeline.end)
            if first < behind:
                lo = max(lo - (compiled.end - lo), self.timeline.start)
            if (lo, hi) == (compiled.start, compiled.end):
                return compiled
            table = self.timeline.table(lo, hi)

    def _of(self, table: SpanTable) -> Compiled:
        latest = self._latest
        if latest is None or latest[0] is not table:
            self._latest = latest = table, Compiled(table)
        return latest[1]


@lru_cache(maxsize=128)
def sheet(schedule: Schedule) -> Sheet:
    """The sheet that all calls share for equal schedules."""
    return Sheet(schedule.timeline)
