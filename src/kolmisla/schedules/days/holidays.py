"""Two kinds of holiday calendar that few schedules have: frozen holidays, and several calendars together.

Frozen holidays are dates of some years, of a country or from a calendar file. Every holiday calendar has `days` without
hours, `half_days`, `public` (holidays that have an eve), and `worked`, the Saturdays and Sundays on which the work of a
weekday is done.
"""

from collections.abc import Iterable, Mapping
from functools import reduce
from itertools import chain
from typing import NamedTuple

from kolmisla.schedules.days.countries import CountryHolidays, Names
from kolmisla.schedules.days.hours import DayHours
from kolmisla.schedules.days.listed import ListedHolidays
from kolmisla.times.dates import ALL_YEARS, between, first_day, last_day, years_text

__all__ = ["FrozenHolidays", "HolidayCalendar", "SeveralHolidays"]


class FrozenHolidays(NamedTuple):
    """The holidays of a country, or the closing days in a file, written down as dates.

    Schedules answer from `first_year` to `last_year`. Eves and hours after midnight may need dates of the years around.
    """

    source: str  # the code of the country, or the name of the file
    first_year: int
    last_year: int
    package: str  # the version of the package `holidays` that gave the dates; empty for a file
    listed: tuple[tuple[int, str], ...]  # in order of date, like the tuples below
    moved: tuple[tuple[int, int], ...] = ()  # pairs of a day off and the day on which its work is done
    also_worked: tuple[int, ...] = ()  # worked Saturdays and Sundays without a day off in `moved`
    listed_half_days: tuple[tuple[int, str], ...] = ()
    half_day: DayHours | None = None
    written_years: tuple[int, int] | None = None  # the first and last year of all dates, if years around are written

    @property
    def years(self) -> range:
        """The years for which a schedule with this calendar answers."""
        return range(self.first_year, self.last_year + 1)

    @property
    def written(self) -> range:
        """The years whose holidays are written down. Schedules answer only for `years`, which may be fewer."""
        first, last = self.written_years or (self.first_year, self.last_year)
        return range(first, last + 1)

    @property
    def known(self) -> str:
        """Text for a message that says for which years the holidays are known."""
        return f"holidays of {self.source} are frozen for {years_text(self.first_year, self.last_year)}"

    def days(self, year: int) -> Names:
        """Return the name of each holiday in a year, by the ordinal of its date."""
        return dict(between(self.listed, first_day(year), last_day(year)))

    def public(self, year: int) -> Names:
        """Return the name of each holiday in a year, by the ordinal of its date, without moved days.

        A moved day stays if it has the name of another holiday too.
        """
        moved = dict(self.moved)
        return {day: name for day, name in self.days(year).items() if day not in moved or "; " in name}

    def half_days(self, year: int) -> Names:
        """Return the name of each half day in a year, by the ordinal of its date."""
        return dict(between(self.listed_half_days, first_day(year), last_day(year)))

    @property
    def is_complete(self) -> bool:
        """Whether the holidays of all years are known. False, because only some years are written down."""
        return False

    def half_day_hours(self, year: int) -> Mapping[int, DayHours]:
        """Return the hours of each half day in a year, by the ordinal of its date."""
        return dict.fromkeys(self.half_days(year), self.half_day or ())

    def worked(self, year: int) -> Mapping[int, int | None]:
        """Return the Saturdays and Sundays of a year on which the work of a weekday is done, by the date's ordinal.

        The value is that weekday (0 is Monday), or None if it is not known.
        """
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
        """The years whose holidays all calendars list. Schedules answer only for `years`, which may be fewer."""
        return _shared(part.written for part in self.parts)

    @property
    def known(self) -> str:
        """Text for a message that says which years each calendar knows."""
        return "; ".join(dict.fromkeys(part.known for part in self.parts if not part.is_complete)) or ALL_YEARS

    def days(self, year: int) -> Names:
        """Return the name of each holiday in a year, by the ordinal of its date.

        A day in several calendars has all its names.
        """
        return _together(part.days(year) for part in self.parts)

    def public(self, year: int) -> Names:
        """Return the name of each public holiday in a year.

        If some of the calendars are for countries, frozen or not, only these count.
        """
        countries = [part for part in self.parts if not (part.is_complete or _is_file(part))]
        return _together(part.public(year) for part in countries or self.parts)

    def half_days(self, year: int) -> Names:
        """Return the name of each half day in a year, by the ordinal of its date."""
        return _together(part.half_days(year) for part in self.parts)

    @property
    def is_complete(self) -> bool:
        """Whether all calendars know all years."""
        return all(part.is_complete for part in self.parts)

    def half_day_hours(self, year: int) -> Mapping[int, DayHours]:
        """Return the hours of each half day in a year, by the ordinal of its date."""
        return {day: hours for part in self.parts for day, hours in part.half_day_hours(year).items()}

    def worked(self, year: int) -> Mapping[int, int | None]:
        """Return the Saturdays and Sundays of a year on which the work of a weekday is done, by the date's ordinal.

        The value is that weekday (0 is Monday), or None if no calendar knows it.
        """
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
    """Merge several mappings of dates to names. If a date has different names, they are joined by "; "."""

    def merged(one: dict[int, str], other: Names) -> dict[int, str]:
        for day, name in other.items():
            one[day] = "; ".join(dict.fromkeys([*one[day].split("; "), *name.split("; ")])) if day in one else name
        return one

    empty: dict[int, str] = {}
    return dict(sorted(reduce(merged, calendars, empty).items()))
