"""Dates, and the years for which schedules answer. Inside schedules, a date is an ordinal (see `date.toordinal`)."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import TypeVar

from kolmisla.errors import shown

__all__ = ["ALL_YEARS", "YEARS", "as_date", "between", "first_day", "is_like_date", "last_day", "year_of", "years_text"]

T = TypeVar("T")

YEARS = range(1900, 2201)  # by design no schedule answers outside these years
ALL_YEARS = f"schedules answer for {YEARS.start} to {YEARS.stop - 1}"
IN_DATES = "-0123456789:./+TWZ "  # the characters of dates, ranges and wall times


def as_date(given: object, place: str) -> date:
    """Return a date that is given as a date or as ISO 8601 text.

    Raise ValueError for anything else, such as a datetime, or a year outside 1900 to 2200. The message begins with
    `place`.
    """
    try:
        day = date.fromisoformat(given) if isinstance(given, str) else given
    except ValueError:
        raise ValueError(f"{place} must be like 2026-12-24, not {shown(given)}") from None
    if isinstance(day, datetime) or not isinstance(day, date):
        raise ValueError(f"{place} must be like 2026-12-24, not {shown(given)}")
    if day.year not in YEARS:
        raise ValueError(f"{place} must be from {YEARS.start} to {YEARS.stop - 1}, not {given!s}")
    return day


def is_like_date(text: str) -> bool:
    """Return whether a text has only characters that occur in dates, in ranges of dates and in wall times.

    A text with other characters may be a holiday's name.

    >>> is_like_date("2026-12-24/2026-12-31"), is_like_date("1 Maj")
    (True, False)
    """
    return not text.strip(IN_DATES)


def between(dated: Sequence[tuple[int, T]], first: int, last: int) -> Sequence[tuple[int, T]]:
    """Return the pairs in `dated` whose date is from `first` to `last`, both included.

    A pair has a date, as an ordinal, and a value. The pairs must be in the order of their dates.

    >>> between([(1, "a"), (3, "b"), (5, "c")], 2, 5)
    [(3, 'b'), (5, 'c')]
    """
    return dated[bisect_left(dated, (first,)) : bisect_left(dated, (last + 1,))]


@cache
def first_day(year: int) -> int:
    """Return 1 January of a year, as an ordinal."""
    return date(year, 1, 1).toordinal()


@cache
def last_day(year: int) -> int:
    """Return 31 December of a year, as an ordinal."""
    return date(year, 12, 31).toordinal()


def year_of(day: int) -> int:
    """Return the year of a date (an ordinal)."""
    return date.fromordinal(day).year


def years_text(first: int, last: int) -> str:
    """Return two years as text for a message: `2026 to 2030`, or `2026` if both are the same.

    >>> years_text(2026, 2030), years_text(2026, 2026)
    ('2026 to 2030', '2026')
    """
    return f"{first} to {last}" if first < last else f"{first}"
