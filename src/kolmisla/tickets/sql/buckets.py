"""The open time of a schedule as rows of two tables, in which a database finds answers by equal keys.

The values of a table are constant on intervals of its argument, which is an instant or an amount of open time. The
arguments are grouped in buckets of equal width, and the number of a bucket is the key to look up. A bucket has a row
for each interval that overlaps it. A row holds from its `since` until before its `until`. All values are integer
microseconds.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import gcd
from typing import NamedTuple

from kolmisla.instants import DAY, Pair

__all__ = [
    "COUNTED_COLUMNS",
    "REACHED_COLUMNS",
    "BucketRow",
    "Buckets",
    "CountedPiece",
    "clipped_rows",
    "counted_rows",
    "open_pieces",
    "reached_rows",
]

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


class CountedPiece(NamedTuple):
    """Open time as a function of an instant, from `since` until the next piece.

    At `since` it is `total`, or None if it is unknown. From then on it `grows` with the instant, or is constant.
    """

    since: int
    total: int | None
    grows: bool


class _Clipped(NamedTuple):
    """Successive pieces that one row can have: constant, then growing from `opens` to `closes`, then constant."""

    since: int
    until: int
    opens: int
    closes: int
    total: int  # at `opens`

    def with_next(self, piece: CountedPiece, until: int) -> "_Clipped | None":
        """Return these pieces and the next one, or None if one row cannot have them all."""
        if not self.leads_to(piece.since, piece.total):
            return None
        if not piece.grows:
            return self._replace(until=until)
        if self.opens == self.closes:  # nothing has grown yet
            return self._replace(until=until, opens=piece.since, closes=until)
        return self._replace(until=until, closes=until) if self.closes == piece.since else None

    def leads_to(self, since: int, total: int | None) -> bool:
        """Return whether these pieces go on in a piece from `since` with `total`, without a gap or a jump."""
        return self.until == since and self.total + self.closes - self.opens == total


def counted_rows(spans: Sequence[Pair], start: int, end: int) -> Buckets:
    """Return the rows that give the open time counted from `start` until an instant.

    `spans` has the open spans from `start` to `end`. Instants from `start` up to and including `end` have a row.

    >>> counted_rows([(10, 20)], 0, 30)
    Buckets(width=31, rows=[(0, 0, 31, 10, 20, 10)])
    """
    return clipped_rows(open_pieces(spans, start, end, 0), start, end)


def open_pieces(spans: Sequence[Pair], start: int, end: int, total: int) -> Iterator[CountedPiece]:
    """Yield the open time counted by each instant from `start` to `end`. `total` is counted by `start`.

    >>> [(since, total, grows) for since, total, grows in open_pieces([(10, 20)], 0, 30, 5)]
    [(0, 5, False), (10, 5, True), (20, 15, False)]
    """
    at = start
    for opens, closes in spans:
        if at < opens:
            yield CountedPiece(at, total, grows=False)
        yield CountedPiece(opens, total, grows=True)
        at, total = closes, total + closes - opens
    if at <= end:
        yield CountedPiece(at, total, grows=False)


def clipped_rows(pieces: Iterable[CountedPiece], start: int, end: int) -> Buckets:
    """Return rows with COUNTED_COLUMNS for pieces, of which the last one ends with `end`.

    Buckets are counted from `start`. An instant for which nothing is known has no row.
    """
    parts: list[_Clipped] = []
    for piece, later in pairwise([*pieces, CountedPiece(end + 1, None, grows=False)]):
        longer = parts[-1].with_next(piece, later.since) if parts else None
        if longer is not None:
            parts[-1] = longer
        elif piece.total is not None:
            closes = later.since if piece.grows else piece.since
            parts.append(_Clipped(piece.since, later.since, piece.since, closes, piece.total))
    width = _width_of_instants(end - start + 1, len(parts))
    steps: list[_Interval] = []
    since = parts[0].since if parts else start
    for part, following in zip(parts, [*parts[1:], None], strict=bool(parts)):
        until, begins = part.until, following.since if following else end
        if following and following.opens == begins and part.leads_to(begins, following.total):
            # Between two growing pieces, the rows of both give the same answer. If a bucket begins between them, the
            # row of the later piece begins with the bucket, so that the bucket has one row.
            until = begins = min(part.closes + (start - part.closes) % width, until)
        steps.append((since, until, (part.opens, part.closes, part.opens - part.total)))
        since = begins
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
