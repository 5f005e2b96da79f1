"""The open time of a schedule as rows of two tables, in which a database looks up answers by equal keys.

`counted` gives the open time at an instant, and `reached` gives the instant for an amount. A row is found by its
bucket, and by `since` <= value < `until`.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import gcd
from typing import NamedTuple

from kolmisla.times.instants import DAY, Pair

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

# To get the open time at an instant, move the instant to `opens` if it is earlier, or to `closes` if it is later. Then
# subtract `shift`.
COUNTED_COLUMNS = ("bucket", "since", "until", "opens", "closes", "shift")
# To find the instant at which an amount has passed, look up the amount minus one, and add `shift` to the amount. Once
# `total` has passed, no time counts until `reopens`, which is None if the schedule is not known to open again.
REACHED_COLUMNS = ("bucket", "since", "until", "shift", "total", "reopens")

BucketRow = tuple[int | None, ...]


_Interval = tuple[int, int, tuple[int | None, ...]]  # the bounds between which a row holds, and its other values


class Buckets(NamedTuple):
    """Rows of a table for one schedule or, in the table `named`, for one target.

    A bucket is a range of `width` microseconds. Each row belongs to one bucket.
    """

    width: int
    rows: list[BucketRow]


class CountedPiece(NamedTuple):
    """A range of instants, from `since` until the next piece, with the open time that has passed at each of them.

    The open time is `total` at `since`, or unknown if `total` is None. Then it grows with time if `grows` is True.
    """

    since: int
    total: int | None
    grows: bool


class _Clipped(NamedTuple):
    """Neighbouring ranges of instants (see `CountedPiece`) that fit together into one row of a table.

    In these ranges, the open time grows only from `opens` to `closes`.
    """

    since: int
    until: int
    opens: int
    closes: int
    total: int  # the open time at `opens`

    def with_next(self, piece: CountedPiece, until: int) -> "_Clipped | None":
        """Return these pieces together with the next one, which ends at `until`. If they do not fit, return None."""
        if not self.leads_to(piece.since, piece.total):
            return None
        if not piece.grows:
            return self._replace(until=until)
        if self.opens == self.closes:  # the open time has not grown yet
            return self._replace(until=until, opens=piece.since, closes=until)
        return self._replace(until=until, closes=until) if self.closes == piece.since else None

    def leads_to(self, since: int, total: int | None) -> bool:
        """Tell whether these pieces end at `since` with the open time `total`, so that a next piece can follow."""
        return self.until == since and self.total + self.closes - self.opens == total


def counted_rows(spans: Sequence[Pair], start: int, end: int) -> Buckets:
    """Return the rows of the table `counted` for the instants from `start` to `end`.

    The rows give the open time since `start`. `spans` has the start and the end of each open span.

    >>> counted_rows([(10, 20)], 0, 30)
    Buckets(width=31, rows=[(0, 0, 31, 10, 20, 10)])
    """
    return clipped_rows(open_pieces(spans, start, end, 0), start, end)


def open_pieces(spans: Sequence[Pair], start: int, end: int, total: int) -> Iterator[CountedPiece]:
    """Yield pieces that give the open time at each instant from `start`, where it is `total`, to `end`.

    `spans` has the start and the end of each open span.

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
    """Return rows with the columns COUNTED_COLUMNS, which give the same open time as `pieces` at each instant.

    The first bucket begins at `start`, and the last piece includes `end`. An instant at which the open time is unknown
    has no row.
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
            # Between two growing pieces, the rows of both give the same answer. So if a bucket begins between them, the
            # row of the later piece may begin with the bucket, and the bucket has one row only.
            until = begins = min(part.closes + (start - part.closes) % width, until)
        steps.append((since, until, (part.opens, part.closes, part.opens - part.total)))
        since = begins
    return Buckets(width, list(_in_buckets(steps, start, width)))


def reached_rows(spans: Sequence[Pair]) -> Buckets:
    """Return rows of the table `reached`, which give the instant at which an amount of open time has passed.

    A database looks up a row by the amount minus one.

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
    """Return a width of buckets that spreads `number` rows over `extent` microseconds.

    The width is whole days, or an equal part of a day. But if `number` is 1 or 0, the width is `extent`.
    """
    if number <= 1:
        return extent
    days, per_day = extent // (number * DAY), number * DAY // extent
    return DAY * days if days else DAY // max(per_day // 2, 1)


def _in_buckets(steps: Sequence[_Interval], start: int, width: int) -> Iterator[BucketRow]:
    """Yield the rows of all buckets. An interval that overlaps several buckets gives a row for each of them.

    A bucket is a range of `width` microseconds. The first bucket begins at `start`.
    """
    for since, until, values in steps:
        for bucket in range((since - start) // width, (until - 1 - start) // width + 1):
            yield bucket, since, until, *values
