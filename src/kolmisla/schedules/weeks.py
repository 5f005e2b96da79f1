"""When a rule is open, computed week by week. Weeks that look alike are computed only once.

The look of a week has the UTC offsets of the zones, the season, and the days with unusual hours. Most weeks of a
century share a few looks, so long periods are computed fast.
"""

from collections import deque
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from kolmisla.schedules.days.dated_hours import DatedHours, dated_hours
from kolmisla.schedules.days.hours import DayHours
from kolmisla.schedules.rules import AFTER, Combined, Constant, Rule, Weekly
from kolmisla.schedules.timeline import Timeline
from kolmisla.times.dates import first_day, last_day
from kolmisla.times.instants import DAY, EPOCH, EPOCH_DAY, Pair, clipped, duration, merged
from kolmisla.times.zones import clock_between, zone_named

__all__ = ["effort", "parts_in", "spans_by_week", "unopened_rule"]

NEVER_OPENS = "never opens"
FEW_HOURS = 5  # so many spans of hours in a week cost as much as one more rule
LOOKED_AT_FROM = 2020  # the first year of a search that cannot look at all years
WEEK = 7 * DAY
LEAD = 3  # days; a change of clocks so long before a week may still change its hours


def spans_by_week(rule: Rule) -> Callable[[int, int], list[Pair]]:
    """Return a function that computes the same spans as `rule.spans`, but faster over many years."""

    def spans(start: int, end: int) -> list[Pair]:
        parts = rule.parts if isinstance(rule, Combined) else [rule]
        weekly = [part for part in parts if not isinstance(part, Constant)]
        if not any(part.calendar.has_week for part in weekly):  # the rule is open on a few dates at most
            return rule.spans(start, end)
        looks = _looks(weekly)
        known: dict[Any, list[Pair]] = {}
        pairs: list[Pair] = []
        first, last = start // WEEK, -(-end // WEEK)
        for week, look in zip(range(first, last), looks(first, last), strict=True):
            begin = week * WEEK
            if look not in known:
                known[look] = [(a - begin, b - begin) for a, b in rule.spans(begin, begin + WEEK)]
            pairs += [(begin + a, begin + b) for a, b in known[look]]
        return clipped(merged(pairs), start, end)

    return spans


def _looks(parts: list[Weekly]) -> Callable[[int, int], Iterator[Any]]:
    """Return a function that takes two week numbers, and yields a key for each week from the first up to the second.

    Weeks with equal keys have the same open hours. The second week is not included. A week with unknown days has its
    number as its key. Week 0 begins on 1970-01-01.
    """
    zones = list(dict.fromkeys(part.timezone for part in parts))
    calendars = [dated_hours(calendar) for calendar in dict.fromkeys(part.calendar for part in parts)]
    seasonal = [dated for dated in calendars if dated.calendar.seasons]
    known = [dated.calendar.holidays.years for dated in calendars]
    before = max(dated.days_before for dated in calendars)
    first_known = first_day(max(years.start for years in known))
    last_known = last_day(min(years.stop for years in known) - 1)

    def looks(first: int, last: int) -> Iterator[Any]:
        clocks = zip(*[_clocks(zone, first, last) for zone in zones], strict=True)
        special = _special_days(calendars, first, last)
        for week, offsets in zip(range(first, last), clocks, strict=True):
            begin, end = EPOCH_DAY + 7 * week - before, EPOCH_DAY + 7 * week + 6 + AFTER
            if begin < first_known or end > last_known:
                yield week
            else:
                days = tuple(sorted(special[week])) if week in special else ()
                yield offsets, days, *[dated.seasons(begin, end) for dated in seasonal]

    return looks


def _special_days(calendars: list[DatedHours], first: int, last: int) -> dict[int, list[tuple[int, int, DayHours]]]:
    """Return, by the number of a week, the days in and around this week that have other hours than usual.

    Use only the weeks from `first` to before `last`: others are not complete. A day has its calendar's number, its
    distance from the week's beginning, and its hours.
    """
    special: dict[int, list[tuple[int, int, DayHours]]] = {}
    for number, dated in enumerate(calendars):
        for day, hours in dated.special_days(EPOCH_DAY + 7 * first - dated.days_before, EPOCH_DAY + 7 * last + AFTER):
            since = day - EPOCH_DAY
            for week in range(-((6 + AFTER - since) // 7), (since + dated.days_before) // 7 + 1):
                special.setdefault(week, []).append((number, since - 7 * week, hours))
    return special


def _clocks(zone: str, first: int, last: int) -> Iterator[Any]:
    """Yield a key for the UTC offsets of a zone in and around each week. Weeks with equal offsets have equal keys.

    The weeks are those from number `first` up to, but not including, `last`.
    """
    day = EPOCH_DAY + 7 * first - LEAD
    changes = deque(clock_between(zone_named(zone), day, EPOCH_DAY + 7 * last + 7))
    for week in range(first, last):
        start = (week - first) * WEEK
        while len(changes) > 1 and changes[1][0] <= start:
            changes.popleft()
        end = start + WEEK + (LEAD + AFTER + 2) * DAY
        ahead_at_start = changes[0][1]
        if len(changes) == 1 or changes[1][0] > end:
            yield ahead_at_start
        else:
            yield ahead_at_start, *[(at - start, ahead) for at, ahead in changes if start < at <= end]


def parts_in(rule: Rule) -> int:
    """Count the rules that a rule combines. A rule that combines no others counts as one."""
    return len(rule.parts) if isinstance(rule, Combined) else 1


def effort(rule: Rule) -> int:
    """Return the cost of computing one year of a rule.

    A rule costs 1, and 1 more for every five spans in its weekly hours. The costs of combined rules are added up.
    """
    parts = rule.parts if isinstance(rule, Combined) else [rule]
    return sum(
        1 if isinstance(part, Constant) else 1 + sum(map(len, part.calendar.week)) // FEW_HOURS for part in parts
    )


def unopened_rule(rule: Rule, timeline: Timeline, most: int) -> str | None:
    """Search a rule for open time. Return None if the rule opens, else text for a message.

    `most` limits the cost: the cost of a year (see `effort`) times the number of years. At least one year is searched.
    """
    if not isinstance(rule, Combined):
        return None if rule.has_hours else NEVER_OPENS
    first, last = ((EPOCH + duration(at)).year for at in (timeline.start, timeline.end - 1))
    count = max(most // effort(rule), 1)
    # If not all years can be searched, the search begins in 2020, or earlier if the timeline ends too soon.
    begin = first if count > last - first else max(first, min(LOOKED_AT_FROM, last + 1 - count))
    years = range(begin, min(begin + count, last + 1))
    middle = (date(begin, 6, 1).toordinal() - EPOCH_DAY) * DAY
    is_known = timeline.start < middle - WEEK and middle + 3 * WEEK < timeline.end
    if is_known and rule.spans(middle, middle + 2 * WEEK):  # most rules open in these two weeks
        return None
    for searched in (years[:1], years):  # most others open in the first year
        start, end = ((date(year, 1, 1).toordinal() - EPOCH_DAY) * DAY for year in (searched[0], searched[-1] + 1))
        if timeline.spans(max(start, timeline.start), min(end, timeline.end)):
            return None
    if len(years) > last - first:
        return NEVER_OPENS
    return f"does not open in {begin}" if len(years) == 1 else f"does not open from {begin} to {years[-1]}"
