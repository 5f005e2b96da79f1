"""The open time of a schedule as rows of two tables, in which a database finds answers by equal keys.

The values of a table are constant on intervals of its argument, which is an instant or an amount of open time. The
arguments are grouped in buckets of equal width, and the number of a bucket is the key to look up. A bucket has a row
for each interval that overlaps it. A row holds from its `since` until before its `until`. All values are integer
microseconds.
"""

from collections.abc import Iterator, Sequence
from math import gcd
from typing import NamedTuple

from kolmisla.instants import DAY, Pair

__all__ = ["COUNTED_COLUMNS", "REACHED_COLUMNS", "BucketRow", "Buckets", "counted_rows", "reached_rows"]

# For the open time counted until an instant, clip the instant to `opens` and `closes`, and subtract `shift`.
COUNTED_COLUMNS = ("bucket", "since", "until", "opens", "closes", "shift")
# For the instant at which an amount has been counted, look up the amount minus one, and add `shift` to the amount.
# Once `total` has been counted, no more is counted until `reopens`, which is None if no later opening is known.
REACHED_COLUMNS = ("bucket", "since", "until", "shift", "total", "reopens")

BucketRow = tuple[int | None, ...]


_Interval = tuple[int, int, tuple[int | None, ...]]  # the bounds of an interval, and the values of its rows


class Buckets(NamedTuple):
    """The rows of a table for one schedule, and the width of its buckets."""

    width: int
    rows: list[BucketRow]


def counted_rows(spans: Sequence[Pair], start: int, end: int) -> Buckets:
    """Return the rows that give the open time counted from `start` until an instant.

    `spans` has the open spans from `start` to `end`. Instants from `start` up to and including `end` have a row.

    >>> counted_rows([(10, 20)], 0, 30)
    Buckets(width=31, rows=[(0, 0, 31, 10, 20, 10)])
    """
    extent = end - start + 1
    width = _width_of_instants(extent, len(spans))
    steps: list[_Interval] = []
    total, since = 0, start
    for (opens, closes), later in zip(spans or [(start, start)], [*spans[1:], None], strict=True):
        # Between two spans, the rows of both give the same answer. If a bucket begins between them, the row of the
        # later span begins with the bucket, so that the bucket has one row.
        until = end + 1 if later is None else min(closes + (start - closes) % width, later[0])
        steps.append((since, until, (opens, closes, opens - total)))
        since, total = until, total + closes - opens
    return Buckets(width, list(_in_buckets(steps, start, width)))


def reached_rows(spans: Sequence[Pair]) -> Buckets:
    """Return the rows that give the instant at which an amount of open time has been counted.

    The key is the amount minus one.

    >>> reached_rows([(10, 20), (40, 50)])
    Buckets(width=10, rows=[(0, 0, 10, 10, 10, 40), (1, 10, 20, 30, 20, None)])
    """
    lengths = [closes - opens for opens, closes in spans]
    natural, most = gcd(*lengths), sum(lengths)
    width = natural if natural and most // natural <= 2 * len(spans) else max(most // max(len(spans), 1), 1)
    steps: list[_Interval] = []
    total = 0
    for (opens, closes), later in zip(spans, [*spans[1:], None], strict=bool(spans)):
        before, total = total, total + closes - opens
        steps.append((before, total, (opens - before, total, later and later[0])))
    return Buckets(width, list(_in_buckets(steps, 0, width)))


def _width_of_instants(extent: int, number: int) -> int:
    """Return the width of a bucket: whole days, or an equal part of a day, such that few spans lie in a bucket."""
    if number <= 1:
        return extent
    days, per_day = extent // (number * DAY), number * DAY // extent
    return DAY * days if days else DAY // max(per_day // 2, 1)


def _in_buckets(steps: Sequence[_Interval], start: int, width: int) -> Iterator[BucketRow]:
    """Yield a row for each bucket that an interval overlaps."""
    for since, until, values in steps:
        for bucket in range((since - start) // width, (until - 1 - start) // width + 1):
            yield bucket, since, until, *values
