"""Holidays of a country, or from a list: the only home of the `holidays` package.

Its objects grow when asked, are not safe among threads, follow LANG, and answer "no holiday" outside
the years they know. So each year is asked for once, under a lock, and kept as a read-only mapping. A process
that forks waits for that lock first, so that its child finds neither the lock nor the import held by nobody.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from types import MappingProxyType
from typing import TypeVar

from kolmisla import LOADING
from kolmisla.errors import choices, shown

__all__ = ["ALL_YEARS", "YEARS", "CountryHolidays", "HolidayCalendar", "as_date", "between", "holidays_of"]

T = TypeVar("T")

YEARS = range(1900, 2201)  # every schedule answers within these, by design
ALL_YEARS = f"schedules answer for {YEARS.start} to {YEARS.stop - 1}"

# Where the package's years are not the law's. LT: it lists 24 December before 2011, when it was made a
# holiday, and knows nothing of the transfers of 2005 to 2008; docs/decisions.md has the acts.
# IN: it has the lunar holidays for 2001 to 2035 only, and goes on without them.
LAWFUL_YEARS = {"LT": range(2011, 2101), "IN": range(2001, 2036)}

CODE = re.compile(r"([A-Z]{2})(?:-(.+))?")


@dataclass(frozen=True, slots=True)
class CountryHolidays:
    """The public holidays of a country (`LT`) or a part of it (`US-MA`), by its ISO 3166 code."""

    code: str

    def __post_init__(self) -> None:
        if self.code not in LAWFUL_YEARS:  # those are known to be there; asking costs an import
            _country(self.code)

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
        """Why the years end where they do."""
        return f"holidays of {self.code} are known for {self.years.start} to {self.years.stop - 1}"

    def days(self, year: int) -> Mapping[int, str]:
        """Name by ordinal, of one year."""
        return _days(self.code, year)


@dataclass(frozen=True, slots=True)
class ListedHolidays:
    """A list of holidays, taken as complete."""

    listed: tuple[tuple[int, str], ...] = ()

    @property
    def years(self) -> range:
        """The years of every schedule."""
        return YEARS

    @property
    def known(self) -> str:
        """Why the years end where they do."""
        return ALL_YEARS

    def days(self, year: int) -> Mapping[int, str]:
        """Name by ordinal, of one year."""
        return dict(between(self.listed, date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()))


def between(dated: Sequence[tuple[int, T]], first: int, last: int) -> Sequence[tuple[int, T]]:
    """What is dated from one day (an ordinal) to another, out of more that is in order.

    >>> between([(1, "a"), (3, "b"), (5, "c")], 2, 5)
    [(3, 'b'), (5, 'c')]
    """
    return dated[bisect_left(dated, (first,)) : bisect_left(dated, (last + 1,))]


HolidayCalendar = CountryHolidays | ListedHolidays


def holidays_of(given: object) -> HolidayCalendar:
    """A country's code, dates, names by date, or nothing, as a calendar; ValueError says what is wrong."""
    if isinstance(given, str):
        return CountryHolidays(given)
    if given is not None and not isinstance(given, Iterable):
        raise ValueError(f"holidays is a code such as LT, or dates, not {shown(given)}")
    named = given.items() if isinstance(given, Mapping) else ((day, "holiday") for day in given or ())
    days = {as_date(day, "holidays").toordinal(): str(name) for day, name in named}
    if isinstance(given, Mapping) and len(days) < len(given):
        raise ValueError("holidays has a date twice, as a date and as its text")
    return ListedHolidays(tuple(sorted(days.items())))


def as_date(given: object, place: str) -> date:
    """A date, or its ISO 8601 text, within the years of every schedule."""
    try:
        day = date.fromisoformat(given) if isinstance(given, str) else given
    except ValueError:
        raise ValueError(f"{place} has {shown(given)}; it takes a date such as 2026-12-24") from None
    if isinstance(day, datetime) or not isinstance(day, date):
        raise ValueError(f"{place} has {shown(given)}; it takes a date such as 2026-12-24")
    if day.year not in YEARS:
        raise ValueError(f"{place} has {given!s}; {ALL_YEARS}")
    return day


@cache
def _country(code: str):  # type: ignore[no-untyped-def]  # a HolidayBase, only ever asked here
    match = CODE.fullmatch(code)
    with LOADING:
        from holidays import country_holidays, list_supported_countries

        parts = list_supported_countries(include_aliases=False)  # one calendar, one name: GB, not UK
        country = match[1] if match and match[1] in parts else None
        if match is not None and country is not None and (not match[2] or match[2] in parts[country]):
            return country_holidays(country, subdiv=match[2])
    known = [country, *(f"{country}-{part}" for part in parts[country])] if country else sorted(parts)
    takes = f"it takes dates, or a code such as LT or US-MA, one of {choices(known)}"
    raise ValueError(f"holidays has {shown(code)}; {takes}")


@cache
def _days(code: str, year: int) -> Mapping[int, str]:
    country = _country(code)
    language = "en_US" if "en_US" in country.supported_languages else country.default_language
    with LOADING:
        from holidays import country_holidays

        found = country_holidays(country.country, subdiv=country.subdiv, years=year, expand=False, language=language)
        return MappingProxyType({day.toordinal(): name for day, name in found.items()})
