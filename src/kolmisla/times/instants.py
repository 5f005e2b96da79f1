"""Converts datetimes to integers and back, and combines spans of time.

An instant is the integer number of microseconds since 1970-01-01T00:00Z. A list of spans is sorted, and its spans
neither overlap nor touch.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from math import inf
from typing import NamedTuple

from kolmisla.errors import HorizonError, NaiveTimeError, shown

__all__ = [
    "DAY",
    "DAY_NAMES",
    "EPOCH",
    "EPOCH_DAY",
    "SECOND",
    "SHOWN",
    "Pair",
    "Span",
    "at_in",
    "clipped",
    "clock",
    "difference",
    "duration",
    "in_zone",
    "instants_in",
    "intersection",
    "iso",
    "length",
    "merged",
    "micros",
    "nearest_in",
    "seconds",
    "time_of_day",
    "told",
    "union",
    "wall",
]

Pair = tuple[int, int]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY = EPOCH.toordinal()
US = timedelta(microseconds=1)
SECOND = 1_000_000
DAY = 86_400 * SECOND
# The first and the last instant that every zone can show as a datetime, with a day to spare.
SHOWN = ((datetime.min.replace(tzinfo=UTC) - EPOCH) // US + DAY, (datetime.max.replace(tzinfo=UTC) - EPOCH) // US - DAY)
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")  # the same in every locale


class Span(NamedTuple):
    """A stretch of time from `start` up to but not including `end`. Both are aware datetimes.

    >>> from datetime import datetime, timezone
    >>> Span(datetime(2026, 7, 3, 5, tzinfo=timezone.utc), datetime(2026, 7, 3, 15, tzinfo=timezone.utc)).duration
    datetime.timedelta(seconds=36000)
    """

    start: datetime
    end: datetime

    @property
    def duration(self) -> timedelta:
        """The real time from start to end.

        If both have the same zone, `end - start` would ignore changes of the zone's clocks, such as DST.
        """
        return duration(micros(self.end) - micros(self.start))


def micros(at: datetime) -> int:
    """Return the number of microseconds from 1970-01-01T00:00Z to an instant. The result is exact for every year.

    Raise NaiveTimeError for a datetime without an offset, and TypeError for anything that is not a datetime.
    """
    try:
        us = (at - EPOCH) // US
    except Exception as error:  # columns and scalars of other libraries raise errors of their own
        if isinstance(error, TypeError) and isinstance(at, datetime):
            raise NaiveTimeError(
                f"{at.isoformat()} has no offset; give an aware datetime, such as 2026-07-03T16:30+03:00"
            ) from None
        us = None
    if us.__class__ is not int:  # pandas.NaT is an instance of datetime, but gives a float here
        raise TypeError(f"an instant must be an aware datetime, not {shown(at)}")
    return us


def length(within: timedelta) -> int:
    """Return the number of microseconds in a duration. Raise TypeError for anything that is not a timedelta."""
    try:
        us = within // US
    except Exception:  # as in `micros`
        us = None
    if us.__class__ is not int:  # for pandas.NaT, the quotient is NaN
        raise TypeError(f"a duration must be a timedelta, not {shown(within)}")
    return us


def duration(us: int) -> timedelta:
    """Convert microseconds to a timedelta."""
    return US * us  # takes three fifths of the time of timedelta(0, 0, us)


def clock(us: int) -> str:
    """Format a duration for people as H:MM:SS. Days are shown as hours. A fraction of a second has six digits."""
    minutes, rest = divmod(abs(us), 60 * SECOND)
    second, fraction = divmod(rest, SECOND)
    sign = "-" if us < 0 else ""
    return f"{sign}{minutes // 60}:{minutes % 60:02}:{second:02}" + (f".{fraction:06}" if fraction else "")


def seconds(us: int) -> int | float:
    """Convert microseconds to seconds for JSON. Whole seconds give an integer, and other durations give a float.

    A printed float is exact to the microsecond for durations up to 2**33 seconds (272 years).
    """
    whole, rest = divmod(us, SECOND)
    return us / SECOND if rest else whole


@cache
def instants_in(zone: tzinfo) -> Callable[[int], datetime]:
    """Return a function from microseconds since 1970-01-01T00:00Z to an aware datetime in `zone`.

    The function is the inverse of `micros`. It raises HorizonError for an instant outside the years 1 to 9999.
    """
    origin, fromutc = datetime(1970, 1, 1, tzinfo=zone), zone.fromutc

    def instant(us: int) -> datetime:
        try:
            return fromutc(origin + US * us)
        except OverflowError:
            raise HorizonError(f"{iso(us)} cannot be shown in {zone}") from None

    return instant


def at_in(zone: tzinfo, at: datetime) -> datetime:
    """Return an instant as a datetime in `zone`. Raise HorizonError outside the years 1 to 9999."""
    return instants_in(zone)(micros(at))


def nearest_in(zone: tzinfo) -> Callable[[int], datetime]:
    """Return a function from microseconds since 1970-01-01T00:00Z to an aware datetime in `zone`.

    The function never raises HorizonError. For an instant outside the range SHOWN, it returns the nearer end of the
    range.

    >>> nearest_in(UTC)(2**62).isoformat()
    '9999-12-30T23:59:59.999999+00:00'
    """
    instant, (first, last) = instants_in(zone), SHOWN
    return lambda us: instant(min(max(us, first), last))


def in_zone(at: datetime, zone: tzinfo) -> datetime:
    """Return the aware datetime `at` in `zone`. If no datetime in `zone` can hold it, return `at` unchanged."""
    try:
        return instants_in(zone)(micros(at))
    except (HorizonError, ValueError):  # Python cannot convert to a zone of the caller whose `dst` returns None
        return at


def told(us: int, zone: tzinfo) -> str:
    """Format an instant for a message, in `zone`. If a datetime in `zone` cannot hold the instant, format it in UTC."""
    try:
        return instants_in(zone)(us).isoformat()
    except HorizonError:
        return iso(us)


def iso(us: int) -> str:
    """Format an instant for a message, in UTC.

    Outside the years 1 to 9999, return `a time before year 1` or `a time after year 9999`.
    """
    try:
        return (EPOCH + timedelta(0, 0, us)).isoformat()
    except OverflowError:  # a valid datetime may have a UTC time outside the years 1 to 9999
        return "a time before year 1" if us < 0 else "a time after year 9999"


def time_of_day(at: datetime) -> str:
    """Return the time of day of a datetime as text, with seconds and microseconds only if they are not zero."""
    fraction = f".{at.microsecond:06}" if at.microsecond else ""
    # strftime takes seven times as long
    return f"{at.hour:02}:{at.minute:02}" + (f":{at.second:02}{fraction}" if at.second or fraction else "")


def wall(at: datetime, *, offset: bool) -> str:
    """Return an instant as text such as `Fri 2026-07-03 16:30`, with the UTC offset if `offset` is True."""
    return f"{DAY_NAMES[at.weekday()][:3]} {at.date()} {time_of_day(at)}" + (f" {at:%z}" if offset else "")


def merged(pairs: Iterable[Pair]) -> list[Pair]:
    """Convert pairs of a start and an end to spans: sort them, drop empty ones, join those that overlap or touch."""
    spans: list[Pair] = []
    last: float = -inf  # the end of the last span
    for pair in sorted(pairs):
        start, end = pair
        if start >= end:
            continue
        if start > last:
            spans.append(pair)
            last = end
        elif end > last:
            spans[-1] = spans[-1][0], end
            last = end
    return spans


def clipped(spans: Iterable[Pair], start: int, end: int) -> list[Pair]:
    """Return the parts of the spans that lie between `start` and `end`."""
    return [(max(a, start), min(b, end)) for a, b in spans if a < end and start < b]


def union(left: list[Pair], right: list[Pair]) -> list[Pair]:
    """Return the time that lies in `left`, in `right`, or in both, as spans."""
    return merged(left + right)


def intersection(left: list[Pair], right: list[Pair]) -> list[Pair]:
    """Return the time that lies both in `left` and in `right`, as spans."""
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
    """Return the time that lies in `left` but not in `right`, as spans."""
    if not left:
        return []
    edges = [left[0][0], *(edge for span in right for edge in span), left[-1][1]]
    gaps = [(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end]
    return intersection(left, gaps)
