"""Which days of one year a text names, such as 12-27/01-02 or easter-2."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache

from kolmisla.names import LOADING
from kolmisla.schedules.days.countries import Names, plain_name
from kolmisla.schedules.days.other.when import (
    A_LEAP_YEAR,
    EASTERS,
    LEAP_DAY,
    LONGEST_SEARCH,
    Rank,
    When,
    in_year,
    year_day,
)
from kolmisla.times.dates import first_day, last_day

__all__ = ["days_of", "overlaps", "relative_days"]


def days_of(when: When, year: int) -> Iterable[int]:
    """Return the ordinals of the days of a year that `when` names: a date, a day of every year, or a range of days."""
    rank, first, last, _ = when
    begin, end = first_day(year), last_day(year)
    if rank in (Rank.DATE, Rank.DATES):
        return range(max(first, begin), min(last, end) + 1)
    if rank == Rank.YEARLY:
        return () if first == LEAP_DAY and not _is_leap(year) else (in_year(first, year),)
    start, stop = in_year(first, year), in_year(last, year)
    if last == LEAP_DAY - 1 and _is_leap(year):
        stop += 1
    elif last == LEAP_DAY and not _is_leap(year):
        stop -= 1
    return range(start, stop + 1) if first <= last else (*range(begin, stop + 1), *range(start, end + 1))


def _is_leap(year: int) -> bool:
    """Return whether 29 February exists in a year."""
    return last_day(year) - first_day(year) == 365


def overlaps(ranges: Sequence[When]) -> Iterator[tuple[When, When, int]]:
    """Yield pairs of ranges that share a day, each with the ordinal of a shared day. Some pairs may be left out.

    All ranges must have a year, or none may have one. For ranges of every year, the shared day is in a leap year.
    """
    if not ranges or ranges[0].rank == Rank.DATES:
        longest: When | None = None
        for when in sorted(ranges, key=lambda when: when.first):
            if longest is not None and when.first <= longest.last:
                yield longest, when, when.first
            longest = when if longest is None or when.last > longest.last else longest
        return
    taken: dict[int, When] = {}
    for when in ranges:
        days = days_of(when, A_LEAP_YEAR)
        day = min((day for day in days if day in taken), default=None)
        if day is not None:
            yield taken[day], when, day
        taken |= dict.fromkeys(days, when)


def relative_days(when: When, year: int, names: Callable[[int], Names], is_worked: Callable[[int], bool]) -> list[int]:
    """Return the ordinals of the days of a year that a relative day means, such as `easter-2`.

    `names` returns the holidays of a year. `is_worked` takes an ordinal, and tells whether it is a working day.
    """
    found = set()
    for anchor in _anchors(when, year, names):
        start = anchor + when.first
        days = (
            range(start + when.last, start + when.last * LONGEST_SEARCH + when.last, when.last)
            if when.last
            else (start,)
        )
        if max(days) >= first_day(year) and min(days) <= last_day(year):
            day = next((day for day in days if not when.last or is_worked(day)), None)
            if day is not None and first_day(year) <= day <= last_day(year):
                found.add(day)
    return sorted(found)


def _anchors(when: When, year: int, names: Callable[[int], Names]) -> list[int]:
    """Return the days in and around a year from which a relative day is counted, such as Easter for `easter-2`.

    If a holiday lasts several days, a day after it is counted from its last day, and any other from its first day.
    """
    years = (year - 1, year, year + 1)
    if when.anchor in EASTERS:
        return [_easter(when.anchor, each) for each in years]
    yearly = year_day(when.anchor)
    if yearly is not None:
        return [in_year(yearly, each) for each in years]
    wanted = plain_name(when.anchor)
    listed = (item for each in years for item in names(each).items())
    days = sorted(day for day, text in listed if wanted in map(plain_name, text.split("; ")))
    if when.first > 0 or when.last > 0:
        return [day for day in days if day + 1 not in days]
    return [day for day in days if day - 1 not in days]


@cache
def _easter(kind: str, year: int) -> int:
    with LOADING:
        from dateutil.easter import easter

    return easter(year, EASTERS[kind]).toordinal()
