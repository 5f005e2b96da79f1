"""Holiday calendars that few schedules have: frozen dates, and several calendars together.

Every calendar answers the same questions. `days` are closed. `public` are the closed days whose day before is an eve.
`half_days` have hours of their own. `worked` are Saturdays and Sundays on which the work of another day is done.
"""

from collections.abc import Iterable, Mapping
from functools import reduce
from itertools import chain
from typing import NamedTuple

from kolmisla.schedules.days.countries import CountryHolidays, Names
from kolmisla.schedules.days.dates import ALL_YEARS, between, first_day, last_day, years_text
from kolmisla.schedules.days.hours import DayHours
from kolmisla.schedules.days.listed import ListedHolidays

__all__ = ["FrozenHolidays", "HolidayCalendar", "SeveralHolidays"]


class FrozenHolidays(NamedTuple):
    """The holidays of a country, or of a file of closing days, written down as dates.

    `source` is the country's code or the name of the file. `package` is the version of the package `holidays`, or empty
    for a file. `moved` has pairs of a day off and the day worked for it. `also_worked` has the worked days without a
    day off. Schedules answer from `first_year` to `last_year`. Eves and nights at the ends of these years may need the
    dates of the years around. If such dates are written down, `written_years` has the first and the last year of all
    dates, else it is None.
    """

    source: str
    first_year: int
    last_year: int
    package: str
    listed: tuple[tuple[int, str], ...]  # in order of date, like the tuples below
    moved: tuple[tuple[int, int], ...] = ()
    also_worked: tuple[int, ...] = ()
    listed_half_days: tuple[tuple[int, str], ...] = ()
    half_day: DayHours | None = None
    written_years: tuple[int, int] | None = None

    @property
    def years(self) -> range:
        """The years for which a schedule answers."""
        return range(self.first_year, self.last_year + 1)

    @property
    def written(self) -> range:
        """The years whose dates are written down."""
        first, last = self.written_years or (self.first_year, self.last_year)
        return range(first, last + 1)

    @property
    def known(self) -> str:
        """The years for which a schedule answers, as text for a message."""
        return f"holidays of {self.source} are frozen for {years_text(self.first_year, self.last_year)}"

    def days(self, year: int) -> Names:
        """Map each holiday (an ordinal) in one year to its name."""
        return dict(between(self.listed, first_day(year), last_day(year)))

    def public(self, year: int) -> Names:
        """Map each holiday in one year to its name, without days off for which a Saturday or Sunday is worked."""
        moved = dict(self.moved)
        return {day: name for day, name in self.days(year).items() if day not in moved or "; " in name}

    def half_days(self, year: int) -> Names:
        """Map each half day (an ordinal) in one year to its name."""
        return dict(between(self.listed_half_days, first_day(year), last_day(year)))

    @property
    def is_complete(self) -> bool:
        """Whether the calendar knows all years. It is false, because only some years are written down."""
        return False

    def half_day_hours(self, year: int) -> Mapping[int, DayHours]:
        """Map each half day (an ordinal) in one year to its hours."""
        return dict.fromkeys(self.half_days(year), self.half_day or ())

    def worked(self, year: int) -> Mapping[int, int | None]:
        """Map each worked Saturday or Sunday in one year to the weekday whose work is done on it, if known."""
        found: dict[int, int | None] = {worked: (off - 1) % 7 for off, worked in self.moved}
        found |= dict.fromkeys(self.also_worked)
        return {day: weekday for day, weekday in found.items() if first_day(year) <= day <= last_day(year)}


class SeveralHolidays(NamedTuple):
    """Several calendars together. A day is a holiday if it is a holiday in any of them."""

    parts: "tuple[CountryHolidays | ListedHolidays | FrozenHolidays, ...]"

    @property
    def years(self) -> range:
        """The years that all calendars know."""
        return _shared(part.years for part in self.parts)

    @property
    def written(self) -> range:
        """The years whose days all calendars know."""
        return _shared(part.written for part in self.parts)

    @property
    def known(self) -> str:
        """The years that the calendars know, as text for a message."""
        return "; ".join(dict.fromkeys(part.known for part in self.parts if not part.is_complete)) or ALL_YEARS

    def days(self, year: int) -> Names:
        """Map each holiday (an ordinal) in one year to its name. A holiday of several calendars has all its names."""
        return _together(part.days(year) for part in self.parts)

    def public(self, year: int) -> Names:
        """Map each public holiday to its name. If there is a country's calendar, only countries count."""
        countries = [part for part in self.parts if not (part.is_complete or _is_file(part))]
        return _together(part.public(year) for part in countries or self.parts)

    def half_days(self, year: int) -> Names:
        """Map each half day (an ordinal) in one year to its name."""
        return _together(part.half_days(year) for part in self.parts)

    @property
    def is_complete(self) -> bool:
        """Whether all calendars know all years."""
        return all(part.is_complete for part in self.parts)

    def half_day_hours(self, year: int) -> Mapping[int, DayHours]:
        """Map each half day (an ordinal) in one year to its hours."""
        return {day: hours for part in self.parts for day, hours in part.half_day_hours(year).items()}

    def worked(self, year: int) -> Mapping[int, int | None]:
        """Map each worked Saturday or Sunday in one year to the weekday whose work is done on it, if known."""
        found: dict[int, int | None] = {}
        for day, weekday in chain.from_iterable(part.worked(year).items() for part in self.parts):
            found[day] = weekday if found.get(day) is None else found[day]
        return found


HolidayCalendar = CountryHolidays | ListedHolidays | FrozenHolidays | SeveralHolidays


def _shared(years: Iterable[range]) -> range:
    every = list(years)
    return range(max(one.start for one in every), min(one.stop for one in every))


def _is_file(calendar: HolidayCalendar) -> bool:
    return isinstance(calendar, FrozenHolidays) and calendar.source.lower().endswith(".ics")


def _together(calendars: Iterable[Names]) -> Names:
    """Merge calendars. The different names of one day are joined."""

    def merged(one: dict[int, str], other: Names) -> dict[int, str]:
        for day, name in other.items():
            one[day] = "; ".join(dict.fromkeys([*one[day].split("; "), *name.split("; ")])) if day in one else name
        return one

    empty: dict[int, str] = {}
    return dict(sorted(reduce(merged, calendars, empty).items()))
