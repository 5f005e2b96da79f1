"""The hours of each date. Where several rules have hours for a date, the most particular rule wins.

The ranks, the highest first: a date, a dated range, a day of every year, a relative day, a yearly range, a holiday, a
worked Saturday or Sunday, an eve, a season, the weekly hours. A stretch of wall times is closed whatever the rank.

A recurring, ranged or relative exception with hours is only for days whose weekday has hours: it opens no weekend.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from kolmisla import LOADING
from kolmisla.errors import Fault, HorizonError, ScheduleError, choices, shown
from kolmisla.instants import DAY, EPOCH_DAY, difference
from kolmisla.schedules.days.countries import Names
from kolmisla.schedules.days.dates import between, first_day, last_day, year_of
from kolmisla.schedules.days.exceptions import DayException, EveHours, Season
from kolmisla.schedules.days.holidays import HolidayCalendar, half_day_hours, is_complete
from kolmisla.schedules.days.hours import DayHours, Week, shortened
from kolmisla.schedules.days.when import (
    EASTERS,
    EXAMPLES,
    Rank,
    days_of,
    is_name,
    margin,
    relative_days,
    text_of_when,
)

__all__ = ["Calendar", "DatedHours", "dated_hours"]

LONGEST_HOURS = 2  # days; the hours of a day may last up to so long after its midnight


class Calendar(NamedTuple):
    """What gives a date its hours: weekly hours, holidays, exceptions, seasons and eves."""

    week: Week
    holidays: HolidayCalendar
    exceptions: tuple[DayException, ...] = ()
    seasons: tuple[Season, ...] = ()
    eves: EveHours | None = None

    @property
    def has_hours(self) -> bool:
        """Whether any weekday or date has hours. Holidays and dates that the zone skips are ignored."""
        return self.has_week or any(hours for when, hours, _ in self.exceptions if when.rank == Rank.DATE)

    @property
    def has_week(self) -> bool:
        """Whether any weekday has hours, in any season."""
        return any(self.week) or any(any(season.week) for season in self.seasons)

    @property
    def is_overnight(self) -> bool:
        """Whether any hours last past midnight."""
        weeks = (self.week, *(season.week for season in self.seasons))
        days = [hours for week in weeks for hours in week] + [hours for _, hours, _ in self.exceptions]
        days.append((self.eves and self.eves.hours) or ())
        return any(closes > DAY for hours in days for _, closes in hours)

    @property
    def known_days(self) -> tuple[int, int]:
        """The first date whose hours are known, and the date after the last such date (ordinals).

        In a calendar of a country, a date may depend on its neighbours: an eve on the next day, an exception for a
        relative day on days within a month or more.
        """
        years = self.holidays.years
        first, after = first_day(years.start), last_day(years.stop - 1) + 1
        if is_complete(self.holidays):
            return first, after
        unsure = max((margin(when) for when, _, _ in self.exceptions), default=0)
        return first + max(unsure, int(self.is_overnight)), after - max(unsure, int(self.eves is not None))


class Special(NamedTuple):
    """Days whose hours are not those of the week: their hours, and the names of the exceptions that gave them."""

    hours: dict[int, DayHours]
    names: dict[int, str]


class DatedHours:
    """The hours of each date of a calendar. Each year is computed once, when it is first asked for."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self._by_year: dict[int, Special] = {}
        self._layers: dict[int, tuple[Special, Special]] = {}
        # A date so long before a stretch may have hours in it: hours last one or two days, and a zone's date may differ
        # from the date in UTC.
        self.days_before = 3 if calendar.is_overnight else 2
        self.weeks = (calendar.week, *(season.week for season in calendar.seasons))
        self._seasons: dict[int, list[int]] = {}
        self._of_rank: dict[int, list[DayException]] = {}
        for exception in calendar.exceptions:
            self._of_rank.setdefault(exception.when.rank, []).append(exception)
        self._single: tuple[tuple[int, DayHours], ...] | None = None

    def dated(self, first: int, last: int) -> Iterator[tuple[int, DayHours]]:
        """Yield each date from first to last (ordinals) that has hours, together with its hours."""
        if not self.calendar.has_week:
            yield from ((day, hours) for day, hours in between(self._dates(), first, last) if hours)
            return
        known = self.calendar.holidays.years
        complete = is_complete(self.calendar.holidays)
        for year in range(year_of(first), year_of(last) + 1):
            if year not in known and not complete:
                continue
            special, begin = self.special(year).hours, first_day(year)
            numbers, week = self._weeks(year) if self.calendar.seasons else (), self.calendar.week
            for day in range(max(first, begin), min(last, last_day(year)) + 1):
                hours = special.get(day)
                if hours is None:
                    hours = (self.weeks[numbers[day - begin]] if numbers else week)[(day - 1) % 7]
                if hours:
                    yield day, hours

    def special_days(self, first: int, last: int) -> Iterator[tuple[int, DayHours]]:
        """Yield each date from first to last (ordinals) whose hours are not those of the week, with its hours."""
        if not self.calendar.has_week:
            yield from between(self._dates(), first, last)
            return
        known = self.calendar.holidays.years
        for year in range(max(year_of(first), known.start), min(year_of(last), known.stop - 1) + 1):
            yield from ((day, hours) for day, hours in self.special(year).hours.items() if first <= day <= last)

    def name(self, day: int) -> str | None:
        """Return the name of the exception or the holiday on a date (an ordinal), or None if the date has no name.

        Raises HorizonError for a year whose holidays are not known.
        """
        year, holidays = year_of(day), self.calendar.holidays
        if year not in holidays.years:
            raise HorizonError(f"{date.fromordinal(day)} is outside what the schedule knows: {holidays.known}")
        return self.special(year).names.get(day) or self._holiday_names(year).get(day)

    def seasons(self, first: int, last: int) -> tuple[int, ...]:
        """Return the number of the season of each date from first to last (ordinals). The usual weeks have number 0."""
        year = year_of(first)
        begin, numbers = first_day(year), self._weeks(year)
        if last > begin + len(numbers) - 1:
            numbers = numbers + self._weeks(year + 1)
        return tuple(numbers[first - begin : last - begin + 1])

    def _weeks(self, year: int) -> list[int]:
        """Return the number of the season of each date of a year. Dated ranges come before yearly ones."""
        if year not in self._seasons:
            begin = first_day(year)
            numbers = [0] * (last_day(year) + 1 - begin)
            for number, season in reversed([*enumerate(self.calendar.seasons, 1)]):
                for day in days_of(season.when, year):
                    numbers[day - begin] = number
            self._seasons[year] = numbers
        return self._seasons[year]

    def check_anchors(self, years: Iterable[int]) -> None:
        """Raise ScheduleError for a relative day whose anchor is no holiday's name in any of the years."""
        names = {name for year in years for text in self._holiday_names(year).values() for name in text.split("; ")}
        known = {name.casefold() for name in names}
        for when, _, _ in self._of_rank.get(Rank.RELATIVE, ()):
            if is_name(when.anchor) and when.anchor.casefold() not in known:
                with LOADING:
                    from difflib import get_close_matches
                near = get_close_matches(when.anchor, [*EASTERS, *sorted(names)], n=1)
                hint = f"; did you mean {near[0]}?" if near else ""
                known_names = f"; the holidays are {choices(sorted(names))}" if names else ""
                text = f"days must be like {EXAMPLES}, or relative to a holiday's name, not {shown(when.anchor)}"
                raise ScheduleError.listing([Fault((text_of_when(when),), f"{text}{hint}{known_names}")])

    def special(self, year: int) -> Special:
        """Return the days of a year whose hours are not those of the week.

        Raises ScheduleError if two relative days of the year are one day with different hours.
        """
        if year not in self._by_year:
            self._by_year[year] = self._closed_for_a_while(year, self._all(year))
        return self._by_year[year]

    def _dates(self) -> tuple[tuple[int, DayHours], ...]:
        """Return the dates that have hours by themselves, in order of date."""
        if self._single is None:
            years = {year_of(when.first) for when, _, _ in self._of_rank.get(Rank.DATE, ())}
            self._single = tuple(sorted(pair for year in years for pair in self.special(year).hours.items()))
        return self._single

    def _usual(self, day: int) -> DayHours:
        return self._week(day)[(day - 1) % 7]

    def _week(self, day: int) -> Week:
        year = year_of(day)
        return self.weeks[self._weeks(year)[day - first_day(year)]] if self.calendar.seasons else self.calendar.week

    def _holiday_names(self, year: int) -> Names:
        holidays = self.calendar.holidays
        return {**holidays.half_days(year), **holidays.days(year)} if year in holidays.years else {}

    def _all(self, year: int) -> Special:
        """Return the special days of a year by all rules but stretches of wall times."""
        low, high = self._without_relative(year)
        hours, names, told = dict(low.hours), dict(low.names), dict[int, DayException]()
        for exception in self._of_rank.get(Rank.RELATIVE, ()):
            for day in relative_days(exception.when, year, self._holiday_names, self._is_worked):
                if day in high.hours or (exception.hours and not self._usual(day)):
                    continue
                other = told.setdefault(day, exception)
                if other.hours != exception.hours:
                    both = f"{text_of_when(other.when)} and {text_of_when(exception.when)}"
                    raise ScheduleError(f"{date.fromordinal(day)} is both {both}, whose hours differ; write the date")
                hours[day], names[day] = exception.hours, exception.name
        return Special({**hours, **high.hours}, {**names, **high.names})

    def _without_relative(self, year: int) -> tuple[Special, Special]:
        """Return the special days of a year by the rules below relative days, and by those above them."""
        if year not in self._layers:
            low, high = Special({}, {}), Special({}, {})
            if year in self.calendar.holidays.years:
                self._add_holidays(year, low.hours)
            for rank, layer in ((Rank.YEARLY_RANGE, low), (Rank.YEARLY, high), (Rank.DATES, high), (Rank.DATE, high)):
                for when, hours, name in self._of_rank.get(rank, ()):
                    for day in days_of(when, year):
                        if rank == Rank.DATE or not hours or self._usual(day):
                            layer.hours[day], layer.names[day] = hours, name
            self._layers[year] = low, high
        return self._layers[year]

    def _add_holidays(self, year: int, special: dict[int, DayHours]) -> None:
        """Add the eves, the worked Saturdays and Sundays, the half days and the holidays of a year, in this order."""
        holidays, eves = self.calendar.holidays, self.calendar.eves
        if eves is not None:
            following = (next_year for next_year in (year, year + 1) if next_year in holidays.years)
            for eve in (day - 1 for listed in following for day in holidays.public(listed)):
                if year_of(eve) == year and self._usual(eve):
                    special[eve] = shortened(self._usual(eve), eves.shorter) if eves.hours is None else eves.hours
        for day, weekday in holidays.worked(year).items():
            week = self._week(day)
            before = ((day - 1 - n) % 7 for n in range(1, 8))
            worked = weekday if weekday is not None else next((index for index in before if week[index]), 0)
            special[day] = week[worked]
        special |= {day: hours for day, hours in half_day_hours(holidays, year).items() if self._usual(day)}
        special |= dict.fromkeys(holidays.days(year), ())

    def _is_worked(self, day: int) -> bool:
        """Return whether a date has hours, if the exceptions for relative days are left aside."""
        low, high = self._without_relative(year_of(day))
        hours = high.hours.get(day, low.hours.get(day))
        return bool(self._usual(day) if hours is None else hours)

    def _closed_for_a_while(self, year: int, special: Special) -> Special:
        """Return the special days of a year without the stretches of wall times that are closed."""
        for (_, start, end, _), _, name in self._of_rank.get(Rank.STRETCH, ()):
            first, last = start // DAY + EPOCH_DAY - LONGEST_HOURS, end // DAY + EPOCH_DAY
            for day in range(max(first, first_day(year)), min(last, last_day(year)) + 1):
                hours, midnight = special.hours.get(day), (day - EPOCH_DAY) * DAY
                usual = self._usual(day) if hours is None else hours
                left = tuple(difference(list(usual), [(start - midnight, end - midnight)]))
                if left != usual:
                    special.hours[day] = left
                    special.names[day] = name if not left else special.names.get(day, "")
        return special


@lru_cache(maxsize=1024)
def dated_hours(calendar: Calendar) -> DatedHours:
    """Return the hours of each date of a calendar."""
    return DatedHours(calendar)
