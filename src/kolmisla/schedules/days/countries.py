"""Public holidays of a country. Only this module imports the `holidays` package.

Its objects change when they are read, are not thread-safe, and depend on the variable LANG. So each year is read once,
under the lock `LOADING`, and kept as read-only values. A fork waits until `LOADING` is free, because nobody would
release the lock in the child.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

from kolmisla.errors import choices, shown
from kolmisla.generated import lithuania
from kolmisla.names import LOADING
from kolmisla.schedules.days.hours import DayHours
from kolmisla.times.dates import YEARS, year_of, years_text

__all__ = [
    "HALF_DAY",
    "CountryHolidays",
    "MovedDay",
    "Names",
    "categories_of",
    "country_name",
    "package_version",
    "plain_name",
    "part_name",
    "parts_of",
    "with_code",
]

# The years in which the package agrees with the law, for countries where the package is wrong in other years.
# LT: before 2011 the package lists 24 December too, which was not yet a holiday. In 2005 to 2008 the package lacks the
# holidays that were moved. docs/decisions.md names the laws.
# IN: the package has lunar holidays for 2001 to 2035 only, and silently leaves out the lunar holidays of other years.
LAWFUL_YEARS = {"LT": range(2011, 2101), "IN": range(2001, 2036)}

GENERATED = {"LT": lithuania}  # countries whose holidays this package has itself
CODE = r"([A-Z]{2})(?:-(.+))?"
HALF_DAY = "half_day"  # the package's category of days that are holidays from noon on

Names = Mapping[int, str]  # the name of each holiday, by date (an ordinal)


class MovedDay(NamedTuple):
    """A weekday off (`off`), and the Saturday or Sunday on which its work is done (`worked`), as ordinals.

    If the day off would be a holiday anyway, `otherwise` has the names of that holiday.
    """

    off: int
    worked: int
    otherwise: str = ""


class Year(NamedTuple):
    """What the package `holidays` knows about one year of a country.

    `moved` has the days off whose work is done on another day. `worked` has the Saturdays and Sundays of this work,
    perhaps in the year before or after.
    """

    names: Names
    moved: tuple[MovedDay, ...] = ()
    worked: frozenset[int] = frozenset()


class CountryHolidays(NamedTuple):
    """The holidays of a country (`LT`) or a part of it (`US-MA`), by its ISO 3166 code."""

    code: str
    categories: tuple[str, ...] = ()  # as the package `holidays` names them; if empty, public holidays count
    without: tuple[str, ...] = ()  # the names and dates (ISO 8601) of holidays on which the desk works
    half_day: DayHours | None = None  # the hours of half days; if None, they are ordinary days
    moved_days: bool = True  # if False, the desk works on moved days, and not on the Saturday or Sunday

    @property
    def years(self) -> range:
        """The years whose holidays are known."""
        lawful = LAWFUL_YEARS.get(self.code[:2])
        if lawful is not None:
            return lawful
        country = _country(self.code)
        return range(max(country.start_year, YEARS.start), min(country.end_year + 1, YEARS.stop))

    @property
    def written(self) -> range:
        """The years whose holidays are known, which are the same as in the property `years`."""
        return self.years

    @property
    def known(self) -> str:
        """Text for a message that says for which years the holidays are known."""
        return f"holidays of {self.code} are known for {years_text(self.years.start, self.years.stop - 1)}"

    def days(self, year: int) -> Names:
        """Return the name of each holiday in a year, by the ordinal of its date."""
        return _days(self, year)

    def public(self, year: int) -> Names:
        """Return the name of each holiday in a year, by the ordinal of its date, without moved days.

        A moved day stays if it would be a holiday anyway.
        """
        found = self.days(year)
        moved = {day.off for day in self._year(year).moved if not self._kept(day.off, day.otherwise)}
        return {day: name for day, name in found.items() if day not in moved} if moved else found

    def half_days(self, year: int) -> Names:
        """Return the name of each half day in a year, by the ordinal of its date.

        If `half_day` is None, there are none.
        """
        if self.half_day is None or HALF_DAY not in categories_of(self.code):
            return {}
        names = _read(self.code, (HALF_DAY,), year).names
        return {
            day: name for day, text in names.items() if (name := self._kept(day, text)) and day not in _days(self, year)
        }

    @property
    def is_complete(self) -> bool:
        """Whether the holidays of all years are known. They are not: a country's holidays are known for some years."""
        return False

    def half_day_hours(self, year: int) -> Mapping[int, DayHours]:
        """Return the hours of each half day in a year, by the ordinal of its date."""
        return dict.fromkeys(self.half_days(year), self.half_day or ())

    def moved(self, year: int) -> tuple[MovedDay, ...]:
        """Return a year's days off whose work is done on a Saturday or Sunday. If `moved_days` is false, return ()."""
        return self._year(year).moved if self.moved_days else ()

    def worked(self, year: int) -> Mapping[int, int | None]:
        """Return the Saturdays and Sundays of a year on which the work of a weekday is done, by the date's ordinal.

        The value is that weekday (0 is Monday), or None if the package does not tell it.
        """
        if not self.moved_days or self.code in GENERATED:
            return {}
        near = [other for other in (year - 1, year, year + 1) if other in self.years]
        moved = [(each, each.off in self.days(other)) for other in near for each in self._year(other).moved]
        told = {each.worked for each, _ in moved}
        found: dict[int, int | None] = {each.worked: (each.off - 1) % 7 for each, is_off in moved if is_off}
        found |= dict.fromkeys(day for other in near for day in self._year(other).worked - told)
        return {day: weekday for day, weekday in found.items() if year_of(day) == year}

    def _year(self, year: int) -> Year:
        names = tuple(name for name in self.categories if self.half_day is None or name != HALF_DAY)
        return _read(self.code, names, year) if names or not self.categories else Year(MappingProxyType({}))

    def _kept(self, day: int, text: str) -> str:
        """Return the holiday names in `text` that are not in `without`. Return "" if the desk works on the day."""
        if not self.without:
            return text
        left_out = set(map(plain_name, self.without))
        if date.fromordinal(day).isoformat() in left_out:
            return ""
        return "; ".join(name for name in text.split("; ") if plain_name(name) not in left_out)


@cache
def _days(calendar: CountryHolidays, year: int) -> Names:
    of_year = calendar._year(year)
    names = {**of_year.names, **({} if calendar.moved_days else {day.off: day.otherwise for day in of_year.moved})}
    kept = {day: calendar._kept(day, text) for day, text in names.items()}
    return MappingProxyType({day: name for day, name in kept.items() if name})


def plain_name(name: str) -> str:
    """Return the form in which names of holidays are compared: in small letters, and without the word `estimated`.

    >>> plain_name("Eid al-Fitr (estimated)"), plain_name("Eid al-Fitr (observed, estimated)")
    ('eid al-fitr', 'eid al-fitr (observed)')
    """
    return name.casefold().replace(" (estimated)", "").replace(", estimated)", ")")


def with_code(code: str) -> CountryHolidays:
    """Return the public holidays of a country. Raise ValueError for a code that the package `holidays` lacks."""
    if code not in LAWFUL_YEARS:  # the codes in LAWFUL_YEARS are valid; checking them would import `holidays`
        _country(code)
    return CountryHolidays(code)


def parts_of(code: str) -> list[str]:
    """Return the codes of a country's parts that have their own holidays, such as `GB-ENG` in `GB`."""
    return [f"{code}-{part}" for part in sorted(_country(code).subdivisions)] if "-" not in code else []


def categories_of(code: str) -> tuple[str, ...]:
    """Return the categories of holidays, such as `public`, that the package `holidays` has for a country."""
    return tuple(sorted(_country(code).supported_categories))


def country_name(code: str) -> str:
    """Return the English name of a country, such as `Belarus` for `BY`."""
    with LOADING:
        from holidays.registry import COUNTRIES
    return next(module.replace("_", " ").title() for module, (_, known, *_) in COUNTRIES.items() if known == code)


def part_name(country: str, part: str) -> str:
    """Return the name of a country's part, such as `Bayern` for `BY` of `DE`, or "" for an unknown part.

    A part without a name gets a text such as `a part of Spain`.
    """
    known = _country(country)
    if part not in known.subdivisions:
        return ""
    names = (name for name, code in known.subdivisions_aliases.items() if code == part)
    return next(names, f"a part of {country_name(country)}")


def package_version() -> str:
    """Return the version of the installed package `holidays`."""
    with LOADING:
        from importlib.metadata import version

        return version("holidays")


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
    hint = _code_of(code)
    raise ValueError(f"{wanted}; {hint}{shown(code)} is not one of {choices(known)}")


def _code_of(name: str) -> str:
    """Return a hint with the code of the country whose name or other code was given, such as Lithuania or LTU.

    The hint is empty for any other text.
    """
    with LOADING:
        from holidays.registry import COUNTRIES
    wanted = "_".join(name.casefold().split())
    for module, (_, code, *aliases) in COUNTRIES.items():
        if wanted in (module, code.casefold(), *(alias.casefold() for alias in aliases)):
            return f"did you mean {code}? "
    return ""


@cache
def _read(code: str, categories: tuple[str, ...], year: int) -> Year:
    """Read the holidays of a country in one year. If `categories` is empty, read the public holidays."""
    if code in GENERATED and categories in ((), ("public",)):
        table = GENERATED[code]
        dated = table.HOLIDAYS_IN[year].split()
        days = {date(year, int(day[:2]), int(day[2:4])).toordinal(): table.HOLIDAY_NAMES[day[4:]] for day in dated}
        return Year(MappingProxyType(days))
    country = _country(code)
    language = "en_US" if "en_US" in country.supported_languages else country.default_language
    with LOADING:
        from holidays import country_holidays

        found = country_holidays(
            country.country,
            subdiv=country.subdiv,
            years=year,
            expand=False,
            language=language,
            categories=categories or None,
        )
        names = {day.toordinal(): name for day, name in sorted(found.items())}
        worked = frozenset(day.toordinal() for day in found.weekend_workdays)
        return Year(MappingProxyType(names), tuple(_moved(found, names, worked)), worked)


def _moved(country: Any, names: Names, worked: frozenset[int]) -> Iterator[MovedDay]:
    """Yield each day off whose name tells on which Saturday or Sunday its work is done."""
    if not worked:
        return
    label, form = country.tr(country.substituted_label), country.tr(country.substituted_date_format)
    pattern = re.compile(re.escape(label).replace("%s", "(.+?)"))
    for day, text in names.items():
        for name in text.split("; "):
            told = pattern.fullmatch(name)
            origin = datetime.strptime(told[1], form).toordinal() if told else None  # noqa: DTZ007  # a date
            if origin in worked:
                yield MovedDay(day, origin, "; ".join(other for other in text.split("; ") if other != name))
