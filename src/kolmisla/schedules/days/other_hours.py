"""The days whose hours differ from the weekly hours, by exceptions, seasons and eves. The most specific rule wins."""

from collections.abc import Iterable
from datetime import date

from kolmisla.errors import Fault, ScheduleError, choices, shown
from kolmisla.names import did_you_mean
from kolmisla.schedules.days.calendar import Calendar, Special
from kolmisla.schedules.days.countries import plain_name
from kolmisla.schedules.days.hours import DayHours, Week, shortened
from kolmisla.schedules.days.other.exceptions import DayException
from kolmisla.schedules.days.other.occurrences import days_of, relative_days
from kolmisla.schedules.days.other.when import EASTERS, EXAMPLES, Rank, is_name, text_of_when
from kolmisla.times.dates import first_day, last_day, year_of
from kolmisla.times.instants import DAY, EPOCH_DAY, difference

__all__ = ["OtherHours"]

LONGEST_HOURS = 2  # days; the hours of a date end at most so long after the date begins


class OtherHours:
    """The days whose hours differ from the weekly hours, computed year by year, when a question needs them."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.weeks = (calendar.week, *(season.week for season in calendar.seasons))
        self._seasons: dict[int, list[int]] = {}
        self._worked: dict[int, dict[int, DayHours]] = {}
        self._layers: dict[int, tuple[Special, Special]] = {}
        self._of_rank: dict[int, list[DayException]] = {}
        for exception in calendar.exceptions:
            self._of_rank.setdefault(exception.when.rank, []).append(exception)
        self._stretches = _joined(self._of_rank.get(Rank.STRETCH, ()))

    def special(self, year: int) -> Special:
        """Return the days of a year whose hours differ from the weekly hours.

        Raises ScheduleError if the exceptions for two relative days, such as `easter-2`, give the same date different
        hours.
        """
        return self._closed_for_a_while(year, self._all(year))

    def dates(self) -> tuple[tuple[int, DayHours], ...]:
        """Return the ordinal and the hours of days whose hours differ from the weekly hours, in order.

        Only years in which a single date, such as 2026-12-24, has an exception are looked at.
        """
        years = {year_of(when.first) for when, _, _ in self._of_rank.get(Rank.DATE, ())}
        return tuple(sorted(pair for year in years for pair in self.special(year).hours.items()))

    def seasons(self, year: int) -> list[int]:
        """Return the number of the season of each date of a year: 1 for the first season, 0 outside all seasons.

        A season with a year wins over a season of every year.
        """
        if year not in self._seasons:
            begin = first_day(year)
            numbers = [0] * (last_day(year) + 1 - begin)
            for number, season in reversed([*enumerate(self.calendar.seasons, 1)]):
                for day in days_of(season.when, year):
                    numbers[day - begin] = number
            self._seasons[year] = numbers
        return self._seasons[year]

    def check_anchors(self, years: Iterable[int]) -> None:
        """Raise ScheduleError for a relative day such as `Midsummer-1` if no holiday in `years` is called Midsummer."""
        names = {
            name for year in years for text in self.calendar.holiday_names(year).values() for name in text.split("; ")
        }
        known = set(map(plain_name, names))
        for when, _, _ in self._of_rank.get(Rank.RELATIVE, ()):
            if is_name(when.anchor) and plain_name(when.anchor) not in known:
                hint = did_you_mean(when.anchor, [*EASTERS, *sorted(names)])
                known_names = f"the holidays are {choices(sorted(names))}" if names else ""
                text = f"days must be like {EXAMPLES}, or relative to a holiday's name, not {shown(when.anchor)}"
                told = "; ".join(filter(None, (text, f"{hint}{known_names}".strip())))
                raise ScheduleError.listing([Fault((text_of_when(when),), told)])

    def _week(self, day: int) -> Week:
        year = year_of(day)
        return self.weeks[self.seasons(year)[day - first_day(year)]]

    def _opens(self, day: int) -> bool:
        """Return whether a date has weekly hours, or is a Saturday or Sunday on which a weekday's work is done."""
        year = year_of(day)
        if year not in self._worked:
            self._worked[year] = self.calendar.worked_hours(year, self._week)
        return bool(self._usual(day) or self._worked[year].get(day))

    def _usual(self, day: int) -> DayHours:
        return self._week(day)[(day - 1) % 7]

    def _all(self, year: int) -> Special:
        """Return the days of a year whose hours differ from the weekly hours.

        Exceptions that close the time from one wall time to another are not applied in this method.
        """
        low, high = self._without_relative(year)
        hours, names, told = dict(low.hours), dict(low.names), dict[int, DayException]()
        for exception in self._of_rank.get(Rank.RELATIVE, ()):
            for day in relative_days(exception.when, year, self.calendar.holiday_names, self._is_worked):
                if day in high.hours or (exception.hours and not self._opens(day)):
                    continue
                other = told.setdefault(day, exception)
                if other.hours != exception.hours:
                    both = f"{text_of_when(other.when)} and {text_of_when(exception.when)}"
                    raise ScheduleError(
                        f"{date.fromordinal(day)} is both {both}, whose hours differ; add an exception for the date"
                    )
                hours[day], names[day] = exception.hours, exception.name
        return Special({**hours, **high.hours}, {**names, **high.names})

    def _without_relative(self, year: int) -> tuple[Special, Special]:
        """Return the days of a year whose hours differ from the weekly hours, in two parts.

        Exceptions for relative days, such as `easter-2`, are not in the parts. They win over the first part, and the
        second part wins over them.
        """
        if year not in self._layers:
            low = Special(self._eves(year) | self.calendar.holiday_hours(year, self._week), {})
            high = Special({}, {})
            for rank, layer in ((Rank.YEARLY_RANGE, low), (Rank.YEARLY, high), (Rank.DATES, high), (Rank.DATE, high)):
                for when, hours, name in self._of_rank.get(rank, ()):
                    for day in days_of(when, year):
                        if rank == Rank.DATE or not hours or self._opens(day):
                            layer.hours[day], layer.names[day] = hours, name
            self._layers[year] = low, high
        return self._layers[year]

    def _eves(self, year: int) -> dict[int, DayHours]:
        """Return the hours of the eves of a year.

        An eve is the day before a public holiday, if it has weekly hours.
        """
        holidays, eves = self.calendar.holidays, self.calendar.eves
        if eves is None:
            return {}
        listed = [other for other in (year, year + 1) if other in holidays.written]
        days = [day - 1 for other in listed for day in holidays.public(other) if year_of(day - 1) == year]
        usual = {day: hours for day in days if (hours := self._usual(day))}
        if eves.hours is not None:
            return dict.fromkeys(usual, eves.hours)
        return {day: shortened(hours, eves.shorter) for day, hours in usual.items()}

    def _is_worked(self, day: int) -> bool:
        """Return whether a date has hours, without regard to exceptions for relative days such as `easter-2`."""
        low, high = self._without_relative(year_of(day))
        hours = high.hours.get(day, low.hours.get(day))
        return bool(self._usual(day) if hours is None else hours)

    def _closed_for_a_while(self, year: int, special: Special) -> Special:
        """Close the stretches that exceptions close, each from one wall time to another. Return `special`, changed.

        A day that loses some of its hours is stored in `special` with its remaining hours.
        """
        for start, end, name in self._stretches:
            first, last = start // DAY + EPOCH_DAY - LONGEST_HOURS, end // DAY + EPOCH_DAY
            for day in range(max(first, first_day(year)), min(last, last_day(year)) + 1):
                hours, midnight = special.hours.get(day), (day - EPOCH_DAY) * DAY
                usual = self._usual(day) if hours is None else hours
                left = tuple(difference(list(usual), [(start - midnight, end - midnight)]))
                if left != usual:
                    special.hours[day] = left
                    special.names[day] = name if not left else special.names.get(day, "")
        return special


def _joined(stretches: Iterable[DayException]) -> list[tuple[int, int, str]]:
    """Return the start, the end and the name of each closed stretch, which goes from one wall time to another.

    `stretches` has the exceptions in order. Stretches that touch or overlap become one.
    """
    joined: list[tuple[int, int, str]] = []
    for (_, start, end, _), _, name in stretches:
        if joined and start <= joined[-1][1]:
            before, until, named = joined[-1]
            joined[-1] = (before, max(until, end), named or name)
        else:
            joined.append((start, end, name))
    return joined
