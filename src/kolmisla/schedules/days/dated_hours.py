"""The opening hours of each date, by all rules of a calendar: weekly hours, holidays, exceptions, seasons and eves."""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from kolmisla.errors import HorizonError
from kolmisla.names import LOADING
from kolmisla.schedules.days.calendar import Calendar, Special
from kolmisla.schedules.days.hours import DayHours
from kolmisla.times.dates import between, first_day, last_day, year_of

if TYPE_CHECKING:
    from kolmisla.schedules.days.other_hours import OtherHours

__all__ = ["DatedHours", "dated_hours"]


class DatedHours:
    """The opening hours of each date, by all rules of a calendar.

    Each year is computed once, when it is first needed.
    """

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        # The hours of a date may reach into at most so many later dates in UTC: hours may end one or two days after
        # their date begins, and the date in a zone may differ from the date in UTC.
        self.days_before = 3 if calendar.is_overnight else 2
        self._special: dict[int, Special] = {}
        self._other: OtherHours | None = None
        self._dates: tuple[tuple[int, DayHours], ...] | None = None

    def dated(self, first: int, last: int) -> Iterator[tuple[int, DayHours]]:
        """Yield the ordinal and the hours of each date with hours, from the ordinal `first` to `last` inclusive.

        Dates in years whose holidays are not known are left out, unless there are no weekly hours.
        """
        calendar = self.calendar
        if not calendar.has_week:  # only exceptions for single dates have hours, in any year
            yield from ((day, hours) for day, hours in self._single_dates(first, last) if hours)
            return
        known, complete = calendar.holidays.written, calendar.holidays.is_complete
        week, weeks = calendar.week, self.other.weeks if calendar.seasons else ()
        for year in range(year_of(first), year_of(last) + 1):
            if year not in known and not complete:
                continue
            special, begin = self.special(year).hours, first_day(year)
            seasons = self.other.seasons(year) if weeks else ()
            for day in range(max(first, begin), min(last, last_day(year)) + 1):
                hours = special.get(day)
                if hours is None:
                    hours = (weeks[seasons[day - begin]] if weeks else week)[(day - 1) % 7]
                if hours:
                    yield day, hours

    def special_days(self, first: int, last: int) -> Iterator[tuple[int, DayHours]]:
        """Yield the dates from `first` to `last` that have other hours than the week, as ordinals, with their hours."""
        if not self.calendar.has_week:
            yield from self._single_dates(first, last)
            return
        known = self.calendar.holidays.written
        for year in range(max(year_of(first), known.start), min(year_of(last), known.stop - 1) + 1):
            yield from ((day, hours) for day, hours in self.special(year).hours.items() if first <= day <= last)

    def seasons(self, first: int, last: int) -> tuple[int, ...]:
        """Return the number of the season of each date from the ordinal `first` to `last`.

        A date outside all seasons has the number 0. The dates must be at most a year apart.
        """
        year = year_of(first)
        begin, numbers = first_day(year), self.other.seasons(year)
        if last > last_day(year):
            numbers = numbers + self.other.seasons(year + 1)
        return tuple(numbers[first - begin : last - begin + 1])

    def special(self, year: int) -> Special:
        """Return the days of a year whose hours differ from the weekly hours.

        Raise ScheduleError if two relative days, such as `easter-2`, give the same date different hours.
        """
        if year not in self._special:
            calendar = self.calendar
            plain = Special(calendar.holiday_hours(year, lambda _: calendar.week), {}) if calendar.is_plain else None
            self._special[year] = plain or self.other.special(year)
        return self._special[year]

    def name(self, day: int) -> str | None:
        """Return the name of the exception or the holiday on a date (an ordinal), or None if the date has no name.

        Raises HorizonError for a year whose holidays are not known.
        """
        year, holidays = year_of(day), self.calendar.holidays
        if year not in holidays.years:
            raise HorizonError(f"{date.fromordinal(day)} is outside what the schedule knows: {holidays.known}")
        return self.special(year).names.get(day) or self.calendar.holiday_names(year).get(day)

    @property
    def other(self) -> "OtherHours":
        """The hours by exceptions, seasons and eves. Their module is loaded when it is first needed."""
        if self._other is None:
            with LOADING:
                from kolmisla.schedules.days.other_hours import OtherHours
            self._other = OtherHours(self.calendar)
        return self._other

    def _single_dates(self, first: int, last: int) -> Iterator[tuple[int, DayHours]]:
        """Yield the ordinal and the hours of each date from `first` to `last` that has hours of its own.

        Call this only if there are no weekly hours.
        """
        if self._dates is None:
            self._dates = self.other.dates() if self.calendar.exceptions else ()
        yield from between(self._dates, first, last)


@lru_cache(maxsize=1024)
def dated_hours(calendar: Calendar) -> DatedHours:
    """Return an object that tells the opening hours of each date of a calendar."""
    return DatedHours(calendar)
