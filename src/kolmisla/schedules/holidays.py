"""Holidays of a country or from a list. Only this module imports the `holidays` package.

Objects of that package change when they are read, are not thread-safe and depend on the variable LANG. They report "no
holiday" for years that they do not know. So each year is read once, under the lock `LOADING`, and kept as a read-only
mapping. A fork waits until `LOADING` is free. Without this wait, the child could inherit a lock that no thread
releases: `LOADING`, or the lock that Python holds during an import.
"""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from kolmisla import LOADING
from kolmisla.errors import choices, has_surrogate, is_iterable, shown
from kolmisla.generated import lithuania

__all__ = ["ALL_YEARS", "YEARS", "CountryHolidays", "HolidayCalendar", "as_date", "between", "holidays_of"]

T = TypeVar("T")

YEARS = range(1900, 2201)  # by design no schedule answers outside these years
ALL_YEARS = f"schedules answer for {YEARS.start} to {YEARS.stop - 1}"

# The years in which the package agrees with the law, for countries where the package is wrong in other years.
# LT: before 2011 the package lists 24 December too, which was not yet a holiday. In 2005 to 2008 the package lacks the
# holidays that were moved. docs/decisions.md names the laws.
# IN: the package has lunar holidays for 2001 to 2035 only, and silently leaves out the lunar holidays of other years.
LAWFUL_YEARS = {"LT": range(2011, 2101), "IN": range(2001, 2036)}

GENERATED = {"LT": lithuania}  # countries whose holidays are known without the package `holidays`
CODE = r"([A-Z]{2})(?:-(.+))?"


class CountryHolidays(NamedTuple):
    """The public holidays of a country (`LT`) or a part of it (`US-MA`), by its ISO 3166 code."""

    code: str

    @property
    def years(self) -> range:
        """The years whose holidays are known."""
        lawful = LAWFUL_YEARS.get(self.code[:2])
        if lawful is not None:
            return lawful
        country = _country(self.code)
        return range(max(country.start_year, YEARS.start), min(country.end_year + 1, YEARS.stop))

    @property
    def known(self) -> str:
        """The years whose holidays are known, as text for a message."""
        return f"holidays of {self.code} are known for {self.years.start} to {self.years.stop - 1}"

    def days(self, year: int) -> Mapping[int, str]:
        """Map the date (an ordinal) of each holiday in one year to the holiday's name."""
        return _days(self.code, year)


class ListedHolidays(NamedTuple):
    """A list of holidays that is complete for all years. `listed` has pairs of a date (an ordinal) and a name."""

    listed: tuple[tuple[int, str], ...] = ()  # in order of date

    @property
    def years(self) -> range:
        """All years for which a schedule can answer."""
        return YEARS

    @property
    def known(self) -> str:
        """The years for which schedules answer, as text for a message."""
        return ALL_YEARS

    def days(self, year: int) -> Mapping[int, str]:
        """Map the date (an ordinal) of each holiday in one year to the holiday's name."""
        return dict(between(self.listed, date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()))


def between(dated: Sequence[tuple[int, T]], first: int, last: int) -> Sequence[tuple[int, T]]:
    """Return the items with dates from `first` to `last` (ordinals, both included). `dated` must be in order of date.

    >>> between([(1, "a"), (3, "b"), (5, "c")], 2, 5)
    [(3, 'b'), (5, 'c')]
    """
    return dated[bisect_left(dated, (first,)) : bisect_left(dated, (last + 1,))]


HolidayCalendar = CountryHolidays | ListedHolidays


def holidays_of(given: object) -> HolidayCalendar:
    """Make a calendar from a country's code, a list of dates, a mapping from dates to names, or None (no holidays).

    Raises ValueError for anything else.
    """
    if isinstance(given, str):
        if given not in LAWFUL_YEARS:  # these codes are valid; checking them would import `holidays`
            _country(given)
        return CountryHolidays(given)
    if given is not None and not is_iterable(given):
        raise ValueError(f"holidays must be dates or a country's code such as LT, not {shown(given)}")
    dated = (
        given.items() if isinstance(given, Mapping) else ((day, "holiday") for day in (() if given is None else given))
    )
    days = {as_date(day, "dates in holidays").toordinal(): name for day, name in dated}
    unnamed = [name for name in days.values() if not isinstance(name, str)]
    if unnamed:
        raise ValueError(f"the name of a holiday must be a string, not {shown(unnamed[0])}")
    invalid = [name for name in days.values() if has_surrogate(name)]
    if invalid:
        raise ValueError(
            f"the name of a holiday must be valid text, not {shown(invalid[0])}, which has a lone surrogate"
        )
    if isinstance(given, Mapping) and len(days) < len(given):
        raise ValueError("holidays gives one day both as a date and as text")
    return ListedHolidays(tuple(sorted(days.items())))


def as_date(given: object, place: str) -> date:
    """Return a date from a date or from text in ISO 8601.

    Raises ValueError for anything else, and for a date in a year for which no schedule answers. The message begins
    with `place`.
    """
    try:
        day = date.fromisoformat(given) if isinstance(given, str) else given
    except ValueError:
        raise ValueError(f"{place} must be like 2026-12-24, not {shown(given)}") from None
    if isinstance(day, datetime) or not isinstance(day, date):
        raise ValueError(f"{place} must be like 2026-12-24, not {shown(given)}")
    if day.year not in YEARS:
        raise ValueError(f"{place} must be from {YEARS.start} to {YEARS.stop - 1}, not {given!s}")
    return day


@cache
def _country(code: str):  # type: ignore[no-untyped-def]  # a HolidayBase, which only this module uses
    match = re.fullmatch(CODE, code)
    with LOADING:
        from holidays import country_holidays, list_supported_countries

        parts = list_supported_countries(include_aliases=False)  # each calendar has one name: GB, not UK
        country = match[1] if match and match[1] in parts else None
        if match is not None and country is not None and (not match[2] or match[2] in parts[country]):
            return country_holidays(country, subdiv=match[2])
    known = [country, *(f"{country}-{part}" for part in parts[country])] if country else sorted(parts)
    wanted = "holidays must be dates or a country's code such as LT or US-MA"
    raise ValueError(f"{wanted}; {shown(code)} is not one of {choices(known)}")


@cache
def _days(code: str, year: int) -> Mapping[int, str]:
    if code in GENERATED:
        table = GENERATED[code]
        dated = table.HOLIDAYS_IN[year].split()
        days = {date(year, int(day[:2]), int(day[2:4])).toordinal(): table.HOLIDAY_NAMES[day[4:]] for day in dated}
        return MappingProxyType(days)
    country = _country(code)
    language = "en_US" if "en_US" in country.supported_languages else country.default_language
    with LOADING:
        from holidays import country_holidays

        names = country_holidays(country.country, subdiv=country.subdiv, years=year, expand=False, language=language)
        return MappingProxyType({day.toordinal(): name for day, name in names.items()})
