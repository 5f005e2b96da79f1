"""Half-open spans of time as integers, and the only road between datetimes and integers.

Inside kolmisla an instant is an integer, microseconds since 1970-01-01T00:00Z, and a duration an
integer number of microseconds. A list of spans is sorted, and its spans neither overlap nor touch.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from typing import NamedTuple

from kolmisla.errors import HorizonError, NaiveTimeError, shown

__all__ = [
    "DAY",
    "EPOCH",
    "EPOCH_DAY",
    "SECOND",
    "Pair",
    "Span",
    "clipped",
    "clock",
    "difference",
    "duration",
    "instants_in",
    "intersection",
    "iso",
    "length",
    "merged",
    "micros",
    "seconds",
    "told",
    "union",
]

Pair = tuple[int, int]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY = EPOCH.toordinal()
US = timedelta(microseconds=1)
SECOND = 1_000_000
DAY = 86_400 * SECOND


class Span(NamedTuple):
    """A stretch of time from `start` up to, not including, `end`; both aware datetimes.

    >>> from datetime import datetime, timezone
    >>> Span(datetime(2026, 7, 3, 5, tzinfo=timezone.utc), datetime(2026, 7, 3, 15, tzinfo=timezone.utc)).duration
    datetime.timedelta(seconds=36000)
    """

    start: datetime
    end: datetime

    @property
    def duration(self) -> timedelta:
        """Real (UTC) time from start to end; `end - start` would be wall-clock arithmetic."""
        return duration(micros(self.end) - micros(self.start))


def micros(at: datetime) -> int:
    """The instant as microseconds since 1970-01-01T00:00Z, exact for every year.

    NaiveTimeError for one without an offset, TypeError for what is no datetime.
    """
    try:
        us = (at - EPOCH) // US
    except TypeError:
        if isinstance(at, datetime):
            raise NaiveTimeError(
                f"{at.isoformat()} has no offset; give an aware datetime, such as 2026-07-03T16:30+03:00"
            ) from None
        us = None
    if us.__class__ is not int:  # pandas makes a float of NaT, which is a datetime to Python
        raise TypeError(f"an instant is an aware datetime, not {shown(at)}")
    return us


def length(within: timedelta) -> int:
    """The duration as microseconds; TypeError for what is no timedelta."""
    try:
        us = within // US
    except TypeError:
        us = None
    if us.__class__ is not int:  # as that of NaT
        raise TypeError(f"a duration is a timedelta, not {shown(within)}")
    return us


def duration(us: int) -> timedelta:
    """Microseconds as a duration."""
    return timedelta(0, 0, us)


def clock(us: int) -> str:
    """A duration for people: H:MM:SS, hours not wrapped into days, with a fraction where there is one."""
    minutes, rest = divmod(abs(us), 60 * SECOND)
    second, fraction = divmod(rest, SECOND)
    sign = "-" if us < 0 else ""
    return f"{sign}{minutes // 60}:{minutes % 60:02}:{second:02}" + (f".{fraction:06}" if fraction else "")


def seconds(us: int) -> int | float:
    """Microseconds as seconds for JSON: an integer when whole, else exact to the microsecond when printed."""
    whole, rest = divmod(us, SECOND)
    return us / SECOND if rest else whole


@cache
def instants_in(zone: tzinfo) -> Callable[[int], datetime]:
    """The way back: a function from microseconds to an aware datetime in `zone`; HorizonError where none can be."""
    origin, fromutc = datetime(1970, 1, 1, tzinfo=zone), zone.fromutc

    def instant(us: int) -> datetime:
        try:
            return fromutc(origin + timedelta(0, 0, us))
        except OverflowError:
            raise HorizonError(f"{iso(us)} cannot be shown in {zone}") from None

    return instant


def told(us: int, zone: tzinfo) -> str:
    """The instant as text for messages, in `zone` where it can be."""
    try:
        return instants_in(zone)(us).isoformat()
    except HorizonError:
        return iso(us)


def iso(us: int) -> str:
    """The instant as text, in UTC, for messages."""
    try:
        return (EPOCH + timedelta(0, 0, us)).isoformat()
    except OverflowError:  # within a day of it, as an offset may be
        return "a time before year 1" if us < 0 else "a time after year 9999"


def merged(pairs: Iterable[Pair]) -> list[Pair]:
    """Any pairs as spans: sorted, the empty dropped, the overlapping and touching joined."""
    spans: list[Pair] = []
    for start, end in sorted(pairs):
        if start >= end:
            continue
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], end))
        else:
            spans.append((start, end))
    return spans


def clipped(spans: Iterable[Pair], start: int, end: int) -> list[Pair]:
    """The part of the spans that lies from start up to end."""
    return [(max(a, start), min(b, end)) for a, b in spans if a < end and start < b]


def union(left: list[Pair], right: list[Pair]) -> list[Pair]:
    """Where either is open."""
    return merged(left + right)


def intersection(left: list[Pair], right: list[Pair]) -> list[Pair]:
    """Where both are open."""
    common, i, j = [], 0, 0
    while i < len(left) and j < len(right):
        start, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if start < end:
            common.append((start, end))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return common


def difference(left: list[Pair], right: list[Pair]) -> list[Pair]:
    """Where the left is open and the right is not."""
    if not left:
        return []
    edges = [left[0][0], *(edge for span in right for edge in span), left[-1][1]]
    gaps = [(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end]
    return intersection(left, gaps)
