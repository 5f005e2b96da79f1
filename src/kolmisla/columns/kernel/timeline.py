"""A schedule's open time as arrays, to count open time up to an instant, or to find when an amount has been counted."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kolmisla.schedules.schedule import Schedule
from kolmisla.schedules.timeline import SpanTable, Timeline

__all__ = ["LAST", "Compiled", "Ints", "Lookup", "Scratch", "sheet"]

Ints = NDArray[np.int64]

MOST_STEPS = 4  # the most edges in one bucket; with more edges, a binary search is faster
LAST = np.iinfo(np.int64).max  # later than any instant, and more than any amount


class Scratch:
    """Memory for intermediate results, which each chunk of rows uses again.

    Threads must not share a scratch.
    """

    __slots__ = ("counts", "marks", "values")

    def __init__(self, rows: int) -> None:
        # Without it, the system would give new memory to every step. For up to 200,000 rows, that takes as long as the
        # computation itself.
        self.counts, self.values = np.empty(rows, np.intp), np.empty(rows, np.int64)
        self.marks = np.empty(rows, np.bool_)


class Lookup:
    """Sorted numbers, called edges, with a table to find the position of a value faster than np.searchsorted does.

    The table has, for each bucket, the number of edges up to its start. Threads may share a lookup.

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

    def right(self, values: Ints, scratch: Scratch | None = None) -> NDArray[np.intp]:
        """Return, for each value, how many edges are not greater than the value.

        Values must be at least the first edge, and less than LAST. The result may be in `scratch`, which must have a
        row for each value.
        """
        if self._steps > MOST_STEPS:
            return np.searchsorted(self.edges, values, "right")
        return self._counted(values, self._base, np.less_equal, scratch)

    def left(self, values: Ints, scratch: Scratch | None = None) -> NDArray[np.intp]:
        """Return, for each value, how many edges are less than the value.

        Values must be greater than the first edge. The result may be in `scratch`, which must have a row for each
        value.
        """
        if self._steps > MOST_STEPS:
            return np.searchsorted(self.edges, values, "left")
        return self._counted(values, self._base + 1, np.less, scratch)

    def _counted(self, values: Ints, base: int, precedes: np.ufunc, scratch: Scratch | None) -> NDArray[np.intp]:
        rows = len(values)
        scratch = scratch or Scratch(rows)
        counts, work, marks = scratch.counts[:rows], scratch.values[:rows], scratch.marks[:rows]
        np.subtract(values, base, out=work)
        work >>= self._shift
        self._counts.take(work, out=counts, mode="clip")  # a value after the last edge uses the last bucket
        for _ in range(self._steps):
            self._following.take(counts, out=work, mode="clip")
            counts += precedes(work, values, out=marks)
        return counts


class Compiled:
    """The open spans of a schedule from `start` to `end`, as arrays, in microseconds.

    Methods do not check their arguments. For one that is not allowed, `counted` and `reached` return a meaningless
    number.
    """

    __slots__ = ("closes", "end", "opens", "shifts", "start", "totals")

    def __init__(self, table: SpanTable) -> None:
        self.start, self.end, *lists = table
        # The first span is empty and lies at `start`, so that a span opens at or before each instant.
        opens, self.closes, totals, self.shifts = (np.array(column, np.int64) for column in lists)
        self.opens, self.totals = Lookup(opens), Lookup(totals)

    @property
    def total(self) -> int:
        """The open time of all spans together."""
        return int(self.totals.edges[-1])

    def counted(self, at: Ints, scratch: Scratch | None = None, out: Ints | None = None) -> Ints:
        """Return the open time from `start` to each instant. If `out` is given, the result is stored in `out`."""
        scratch = scratch or Scratch(len(at))
        out = np.empty(len(at), np.int64) if out is None else out
        span, work = self.opens.right(at, scratch), scratch.values[: len(at)]
        span -= 1
        np.minimum(at, self.closes.take(span, out=work, mode="clip"), out=out)
        out -= self.shifts.take(span, out=work, mode="clip")
        return out

    def reached(self, totals: Ints, scratch: Scratch | None = None, out: Ints | None = None) -> Ints:
        """Return, for each amount, the earliest instant at which this much open time has been counted since `start`.

        Amounts must be more than 0, and at most `total`.
        """
        scratch = scratch or Scratch(len(totals))
        span = self.totals.left(totals, scratch)
        return np.add(totals, self.shifts.take(span, out=scratch.values[: len(totals)], mode="clip"), out=out)

    def kept(self, totals: Ints) -> tuple[Ints, Ints]:
        """Return, for each amount, the earliest and the latest instant by which exactly this amount has been counted.

        Amounts count from `start`. They must be more than 0, and less than `total`.
        """
        span = self.totals.left(totals)
        earliest = totals + self.shifts.take(span)
        latest = earliest.copy()
        closing = np.flatnonzero(totals == self.totals.edges.take(span))
        latest[closing] = self.opens.edges.take(span[closing] + 1)
        return earliest, latest

    def left(self, totals: Ints) -> Ints:
        """Return, for each amount, the latest instant by which no more than this amount has been counted.

        Amounts of open time are counted from `start`. They must be at least 0, and less than `total`.
        """
        return totals + self.shifts.take(self.totals.right(totals))

    def next_open(self, at: Ints) -> Ints:
        """Return, for each instant, the instant itself if it lies in open time, else the next opening.

        After each instant in closed time, the schedule must open again before `self.end`.
        """
        following = self.opens.right(at)
        closed = np.flatnonzero(at >= self.closes.take(following - 1))
        opening = at.copy()
        opening[closed] = self.opens.edges.take(following[closed])
        return opening


class Sheet:
    """A store of the open spans of one schedule. `covering` returns spans, and computes those that are still missing.

    Threads may share a sheet.
    """

    __slots__ = ("_latest", "timeline")

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self._latest: tuple[SpanTable, Compiled] | None = None

    def covering(self, start: int, end: int, *, ahead: int | None = None, behind: int = 0) -> Compiled:
        """Return the open spans from `start` to `end`, and maybe more.

        The schedule must know both instants. More open time than `ahead` follows `end`, and at least `behind` precedes
        `start`, unless the schedule's knowledge ends before.
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
        """Return the spans in `table` as arrays. If the last call had the same table, return the same object again."""
        latest = self._latest
        if latest is None or latest[0] is not table:
            self._latest = latest = table, Compiled(table)
        return latest[1]


@lru_cache(maxsize=128)
def sheet(schedule: Schedule) -> Sheet:
    """Return the sheet of a schedule: the store of its open spans. Equal schedules share one sheet."""
    return Sheet(schedule.timeline)
