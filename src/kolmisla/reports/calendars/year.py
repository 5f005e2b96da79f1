"""Lists the days of a year whose hours differ from the schedule's weekly hours.

A schedule that combines others has no weekly hours. Its days are compared with the usual hours of the weekday.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from textwrap import wrap
from typing import NamedTuple

from kolmisla.errors import HorizonError
from kolmisla.policies.policy import Policy
from kolmisla.reports.calendars.days import CLOSED, CalendarDay, days_in_force, hours_text
from kolmisla.schedules.days.calendar import Calendar
from kolmisla.schedules.days.dated_hours import DatedHours, dated_hours
from kolmisla.schedules.days.hours import week_text
from kolmisla.schedules.rules import Combined, Constant, Weekly
from kolmisla.schedules.schedule import Schedule, rule_behind
from kolmisla.times.dates import first_day, last_day
from kolmisla.times.instants import DAY_NAMES
from kolmisla.times.zones import zone_or_utc

__all__ = ["DayRow", "days_of_year", "listed_year"]

EXCEPTION, SEASON, WORKED, EVE = "exception", "season", "worked for", "eve of"
COLUMNS_OF_LIST = 80


class DayRow(NamedTuple):
    """A run of days from `first` to `last`, both included, that all have the hours `hours` and the reason `reason`."""

    first: date
    last: date
    hours: str
    reason: str

    def __str__(self) -> str:
        return f"{self.hours}  {self.reason}" if self.reason else self.hours


Reasoned = tuple[int, str, str]  # a day (an ordinal), its hours and the reason


def days_of_year(schedule: Schedule, year: int, since: date = date.min, until: date = date.max) -> list[DayRow]:
    """Return the days of a year whose hours differ from the schedule's weekly hours, the earliest first.

    Only days from `since` to `until`, both included, are returned. Raise HorizonError for a year that the schedule does
    not know. Days that a combined schedule does not know are returned, with a reason that says so.

    >>> from kolmisla import KOLMISOFT
    >>> print(days_of_year(KOLMISOFT.schedules["working-hours"], 2027)[0].reason)
    New Year's Day
    """
    first, last = max(first_day(year), since.toordinal()), min(last_day(year), until.toordinal())
    rule = rule_behind(schedule)
    if isinstance(rule, Constant) or last < first:
        return []
    if isinstance(rule, Combined):
        ends = date.fromordinal(first), date.fromordinal(last)
        days = days_in_force([(schedule.timeline.start, schedule)], *ends, zone_or_utc(schedule.timezone))
        return _joined((day.date.toordinal(), day.hours, _reason(day)) for day in days if day.differs or not day.known)
    dated = _dated(rule, year)
    rows = _joined(row for row in _special(dated, year) if first <= row[0] <= last)
    seasons = [
        (day, _week_words(rule.calendar, number), SEASON)
        for day, number in enumerate(dated.seasons(first, last) if rule.calendar.seasons else (), first)
        if number
    ]
    return sorted([*_joined(seasons), *rows], key=lambda row: row.first)


def _dated(rule: Weekly, year: int) -> DatedHours:
    holidays = rule.calendar.holidays
    if year not in holidays.years:
        raise HorizonError(f"{year} is outside what the schedule knows: {holidays.known}")
    return dated_hours(rule.calendar)


def _reason(day: CalendarDay) -> str:
    return day.reason if day.known else f"not known: {day.reason}"


def _special(dated: DatedHours, year: int) -> Iterator[Reasoned]:
    """Yield each day of a year with special hours, its hours, and the reason.

    These days are exceptions, holidays, days off on which people work, and eves (days before a holiday).
    """
    calendar, special = dated.calendar, dated.special(year)
    holidays = calendar.holidays
    names, worked = calendar.holiday_names(year), holidays.worked(year)
    tomorrow = {**calendar.holiday_names(year + 1), **names}
    for day, hours in sorted(special.hours.items()):
        if day in special.names:
            reason = special.names[day] or (f"{EXCEPTION}, {names[day]}" if day in names else EXCEPTION)
        elif day in names:
            reason = names[day]
        elif day in worked:
            weekday = worked[day]
            reason = f"{WORKED} {'a day off' if weekday is None else DAY_NAMES[weekday]}"
        else:
            reason = f"{EVE} {tomorrow.get(day + 1, 'a holiday')}"
        yield day, hours_text(hours), reason


def _week_words(calendar: Calendar, number: int) -> str:
    week = week_text(calendar.seasons[number - 1].week)
    return ", ".join(f"{days} {' '.join(hours)}" for days, hours in week.items()) or CLOSED


def _joined(days: Iterable[Reasoned]) -> list[DayRow]:
    """Join days to rows. Consecutive days that have the same hours and the same reason are one row."""
    numbered = groupby(enumerate(days), key=lambda item: (item[1][0] - item[0], *item[1][1:]))
    rows = []
    for (_, hours, reason), items in numbered:
        ordinals = [day for _, (day, _, _) in items]
        rows.append(DayRow(date.fromordinal(ordinals[0]), date.fromordinal(ordinals[-1]), hours, reason))
    return rows


def listed_year(policy: Policy, year: int) -> Iterator[str]:
    """Yield lines that list, for each schedule of a policy, the days of a year with unusual hours.

    No line is longer than 80 characters. Each edition in force in the year has a list for its part of the year.
    """
    begin, end = date(year, 1, 1), date(year, 12, 31)
    several: Sequence[Policy] = policy.editions
    ends = [date.fromordinal(each.effective_from.toordinal() - 1) for each in several[1:] if each.effective_from]
    for edition, until in zip(several, [*ends, date.max], strict=True):
        since = edition.effective_from or date.min
        if until < begin or since > end:
            continue
        whole = since <= begin and until >= end
        title = f"{edition.name} {year}" + ("" if whole else f", from {max(since, begin)} to {min(until, end)}")
        yield from wrap(title, COLUMNS_OF_LIST, subsequent_indent="  ")
        for name, schedule in edition.schedules.items():
            yield ""
            yield from _of_schedule(name, schedule, year, since, until)
        if until < end:
            yield ""


def _of_schedule(name: str, schedule: Schedule, year: int, since: date, until: date) -> Iterator[str]:
    title = f"{name}, {schedule.timezone}" if schedule.timezone else name
    yield from wrap(title, COLUMNS_OF_LIST, subsequent_indent="  ")
    try:
        rows = days_of_year(schedule, year, since, until)
    except HorizonError as reason:
        yield from wrap(f"not known: {reason}", COLUMNS_OF_LIST, initial_indent="  ", subsequent_indent="  ")
        return
    if not rows:
        yield "  no day differs"
    for row in rows:
        told = _day(row.first) + ("" if row.last == row.first else f" to {_day(row.last)}")
        yield from wrap(f"{told}  {row}", COLUMNS_OF_LIST, initial_indent="  ", subsequent_indent=" " * 18)


def _day(day: date) -> str:
    return f"{day:%Y-%m-%d} {DAY_NAMES[day.weekday()][:3]}"
