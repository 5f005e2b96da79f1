"""When a rule is open, a week at a time: weeks that look alike are worked out once.

What a week looks like is the offsets of the zones' clocks and the days that are not ordinary. Most weeks of a century
look like a few others, so that years of them cost little, however many schedules one is made of.
"""

from collections import deque
from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache
from typing import Any

from kolmisla.instants import DAY, EPOCH_DAY, Pair, clipped, merged
from kolmisla.schedules.holidays import CountryHolidays
from kolmisla.schedules.rules import AFTER, BEFORE, Combined, Constant, Rule, Weekly
from kolmisla.schedules.zones import clock_between, zone_named

__all__ = ["spans_by_week"]

WEEK = 7 * DAY


def spans_by_week(rule: Rule) -> Callable[[int, int], list[Pair]]:
    """A function that gives the same spans as the rule's own, and is quicker for years."""

    def spans(start: int, end: int) -> list[Pair]:
        parts = rule.parts if isinstance(rule, Combined) else [rule]
        weekly = [part for part in parts if not isinstance(part, Constant)]
        if not any(any(part.week) for part in weekly):  # at most some dates
            return rule.spans(start, end)
        looks = _looks(weekly)
        known: dict[Any, list[Pair]] = {}
        found: list[Pair] = []
        first, last = start // WEEK, -(-end // WEEK)
        for week, look in zip(range(first, last), looks(first, last), strict=True):
            begin = week * WEEK
            if look not in known:
                known[look] = [(a - begin, b - begin) for a, b in rule.spans(begin, begin + WEEK)]
            found += [(begin + a, begin + b) for a, b in known[look]]
        return clipped(merged(found), start, end)

    return spans


def _looks(parts: list[Weekly]) -> Callable[[int, int], Iterator[Any]]:
    """A function that tells what weeks look like, from one number up to another; one like no other is its number."""
    zones = list(dict.fromkeys(part.timezone for part in parts))
    calendars = [part.holidays for part in parts]
    countries = list(dict.fromkeys(each for each in calendars if isinstance(each, CountryHolidays)))
    days = {day for part in parts for day, _ in part.exceptions}
    days.update(day for each in calendars if not isinstance(each, CountryHolidays) for day, _ in each.listed)
    odd = {(day + n - EPOCH_DAY) // 7 for day in days for n in range(-6 - AFTER, 7 + BEFORE)}

    def looks(first: int, last: int) -> Iterator[Any]:
        clocks = zip(*[_clocks(zone, first, last) for zone in zones], strict=True)
        for week, shown in zip(range(first, last), clocks, strict=True):
            yield week if week in odd else (shown, *[_holidays(each, week) for each in countries])

    return looks


def _clocks(zone: str, first: int, last: int) -> Iterator[Any]:
    """What the clocks of a zone show about each week, the same for weeks about which they show the same."""
    day = EPOCH_DAY + 7 * first - BEFORE
    changes = deque(clock_between(zone_named(zone), day, EPOCH_DAY + 7 * last + 7))
    for week in range(first, last):
        start = (week - first) * WEEK
        while len(changes) > 1 and changes[1][0] <= start:
            changes.popleft()
        end = start + WEEK + (BEFORE + AFTER + 2) * DAY
        shown = changes[0][1]
        if len(changes) == 1 or changes[1][0] > end:
            yield shown
        else:
            yield shown, *[(at - start, ahead) for at, ahead in changes if start < at <= end]


@lru_cache(maxsize=1 << 16)
def _holidays(calendar: CountryHolidays, week: int) -> Any:
    """Which days about a week are holidays of a country; the week's number where its years are not all known."""
    first, last = EPOCH_DAY + 7 * week - BEFORE, EPOCH_DAY + 7 * week + 6 + AFTER
    years = date.fromordinal(first).year, date.fromordinal(last).year
    if any(year not in calendar.years for year in years):
        return week
    holidays = {day for year in dict.fromkeys(years) for day in calendar.days(year)}
    return tuple(day - first for day in range(first, last + 1) if day in holidays)
