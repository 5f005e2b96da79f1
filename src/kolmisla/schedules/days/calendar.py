"""All that gives a date its opening hours: weekly hours, holidays, exceptions, seasons and eves.

The first of these that gives a date hours wins: an exception for a date, for a dated range, for a day of every year,
for a day relative to another, or for a yearly range; a holiday; a worked Saturday or Sunday; an eve; a season; the
weekly hours. An exception from one wall time to another closes its time in any case.

Only an exception for a single date opens a day that would have no hours.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from kolmisla.schedules.days.countries import Names
from kolmisla.schedules.days.hours import DayHours, Week
from kolmisla.times.dates import first_day, last_day
from kolmisla.times.instants import DAY

if TYPE_CHECKING:  # most schedules have none of these, so they need not load them
    from kolmisla.schedules.days.holidays import HolidayCalendar
    from kolmisla.schedules.days.other.exceptions import DayException, EveHours, Season

__all__ = ["Calendar", "Special"]


class Special(NamedTuple):
    """Days whose hours differ from the weekly hours: their hours, and the names of their exceptions, by date."""

    hours: dict[int, DayHours]
    names: dict[int, str]


class Calendar(NamedTuple):
    """All that gives a date its hours: the weekly hours, and the rules that change them for some days."""

    week: Week
    holidays: "HolidayCalendar"
    exceptions: "tuple[DayException, ...]" = ()
    seasons: "tuple[Season, ...]" = ()
    eves: "EveHours | None" = None

    @property
    def is_plain(self) -> bool:
        """Whether there are only weekly hours and holidays."""
        return not (self.exceptions or self.seasons or self.eves)

    @property
    def has_hours(self) -> bool:
        """Whether a weekday, or an exception for a single date, has hours. Holidays do not change the answer."""
        return self.has_week or any(hours for when, hours, _ in self.exceptions if when.is_date)

    @property
    def has_week(self) -> bool:
        """Whether any weekday has hours, in any season."""
        return any(self.week) or any(any(season.week) for season in self.seasons)

    @property
    def is_overnight(self) -> bool:
        """Whether the hours of some day end after midnight."""
        weeks = (self.week, *(season.week for season in self.seasons))
        days = [hours for week in weeks for hours in week] + [hours for _, hours, _ in self.exceptions]
        days.append((self.eves and self.eves.hours) or ())
        return any(closes > DAY for hours in days for _, closes in hours)

    @property
    def known_days(self) -> tuple[int, int]:
        """Two dates as ordinals: the first date whose hours are known, and the date after the last such date.

        Dates at the ends of the known years may have unknown hours. For example, an eve depends on the next day.
        """
        years, written = self.holidays.years, self.holidays.written
        first, after = first_day(years.start), last_day(years.stop - 1) + 1
        if self.holidays.is_complete:
            return first, after
        before, behind = self.margins
        return max(first, first_day(written.start) + before), min(after, last_day(written.stop - 1) + 1 - behind)

    @property
    def margins(self) -> tuple[int, int]:
        """Two numbers: how many days before a date, and how many days after it, may affect the hours of the date.

        For example, a date is an eve if the next day is a public holiday.
        """
        unsure = max((when.margin for when, _, _ in self.exceptions), default=0)
        return max(unsure, int(self.is_overnight)), max(unsure, int(self.eves is not None))

    def holiday_names(self, year: int) -> Names:
        """Return the name of each holiday and half day of a year, by the ordinal of its date.

        If the holidays of the year are not known, return no names.
        """
        holidays = self.holidays
        return {**holidays.half_days(year), **holidays.days(year)} if year in holidays.written else {}

    def holiday_hours(self, year: int, week_on: Callable[[int], Week]) -> dict[int, DayHours]:
        """Return the hours of each holiday, half day, and worked Saturday or Sunday of a year, by the date's ordinal.

        A half day without weekly hours is left out. `week_on` takes an ordinal and returns the weekly hours in force on
        that date.
        """
        special = self.worked_hours(year, week_on)
        if year not in self.holidays.written:
            return special
        half_days = self.holidays.half_day_hours(year)
        special |= {day: hours for day, hours in half_days.items() if week_on(day)[(day - 1) % 7]}
        return special | dict.fromkeys(self.holidays.days(year), ())

    def worked_hours(self, year: int, week_on: Callable[[int], Week]) -> dict[int, DayHours]:
        """Return the hours of the worked Saturdays and Sundays of a year, by the date's ordinal.

        They are the hours of the weekday whose work is done then. If it is not known, the nearest earlier weekday with
        hours counts. `week_on` takes an ordinal and returns the weekly hours in force.
        """
        hours: dict[int, DayHours] = {}
        if year not in self.holidays.written:
            return hours
        for day, weekday in self.holidays.worked(year).items():
            week = week_on(day)
            before = ((day - 1 - n) % 7 for n in range(1, 8))
            worked = weekday if weekday is not None else next((index for index in before if week[index]), 0)
            hours[day] = week[worked]
        return hours
