"""Which of two targets may be due later, and how much open time a week of a schedule has."""

from contextlib import suppress
from datetime import date
from functools import lru_cache

from kolmisla.errors import HorizonError
from kolmisla.instants import DAY, EPOCH_DAY
from kolmisla.schedules.rules import Combined, Constant, Rule
from kolmisla.schedules.schedule import Schedule, rule_behind

__all__ = ["CountedTarget", "later_at", "open_week"]

SAMPLE_BEGIN = (date(2024, 1, 1).toordinal() - EPOCH_DAY) * DAY  # a Monday
YEAR_OF_WEEKS = 364 * DAY
ALL_WEEK = 7 * DAY
MOST_INSTANTS = 5_000  # at which two targets are compared

CountedTarget = tuple[Schedule, int]  # a target: a schedule, and the open time within which the target is to be met


@lru_cache(maxsize=1024)
def later_at(one: CountedTarget, other: CountedTarget) -> int | None:
    """Return an instant of opening at which `one` is due later than `other`. Return None if none is found.

    On one schedule the longer target is later. On two schedules, the instants of one year are tried up to which the
    first due time falls behind the second: where the first schedule closes, and from where the second target ends at a
    closing. While both are open, both due times move alike, so the opening of the second need not be tried.
    """
    start, end = _year(one[0], other[0])
    if one[0] == other[0]:
        return start if one[1] > other[1] else None
    first, second = one[0].timeline, other[0].timeline
    turns = {start, *(closes for _, closes in first.spans(start, end))}
    for _, closes in second.spans(start, end):
        with suppress(HorizonError):
            turns.add(max(start, second.due(closes, -other[1])))
    for at in sorted(turns)[:MOST_INSTANTS]:
        with suppress(HorizonError):  # a due time beyond what a schedule knows
            if first.due(at, one[1]) > second.due(at, other[1]):
                return at
    return None


def _year(*schedules: Schedule) -> tuple[int, int]:
    """Return the start and the end of a year that schedules know. It is shorter if they know less."""
    begins = max(schedule.timeline.start for schedule in schedules)
    ends = max(begins, min(schedule.timeline.end for schedule in schedules))
    start = max(begins, min(SAMPLE_BEGIN, ends - YEAR_OF_WEEKS))
    return start, min(start + YEAR_OF_WEEKS, ends)


@lru_cache(maxsize=256)
def open_week(schedule: Schedule) -> int | None:
    """Return the open time of a week with the most open time. Return None for a schedule that is open all week."""
    most = _open_week(rule_behind(schedule), schedule)
    return most if most < ALL_WEEK else None


def _open_week(rule: Rule, schedule: Schedule) -> int:
    if isinstance(rule, Constant):
        return ALL_WEEK * rule.is_open
    if isinstance(rule, Combined):
        start, end = _year(schedule)
        weeks = range(start, end - ALL_WEEK + 1, ALL_WEEK)
        return max((schedule.timeline.elapsed(week, week + ALL_WEEK) for week in weeks), default=ALL_WEEK)
    weeks_of_hours = (rule.calendar.week, *(season.week for season in rule.calendar.seasons))
    return max(sum(closes - opens for hours in week for opens, closes in hours) for week in weeks_of_hours)
