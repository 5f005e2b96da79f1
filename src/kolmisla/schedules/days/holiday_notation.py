"""How holiday calendars are read from documents, and written as documents.

The document of a calendar has one of these forms, or is a list of them:

"LT"                                                       the public holidays of a country or a part of it
{"country": "HK", "categories": [...], "without": [...]}   chosen holidays of a country
{"2026-12-28": "Company shutdown"}, ["2026-12-28"]         dates, with or without names
{"frozen": "LT", "years": "2024-2030", "dates": {...}}     the holidays of a country, written down as dates

In the last form, schedules answer for the years in `years`. If `dates` also has the holidays of years around them, the
document says so with a key such as `"written": "2023-2031"`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from itertools import islice
from typing import Any

from kolmisla.errors import choices, has_surrogate, is_iterable, shown
from kolmisla.names import did_you_mean
from kolmisla.schedules.days.countries import CountryHolidays, categories_of, plain_name, with_code
from kolmisla.schedules.days.holidays import FrozenHolidays, HolidayCalendar, SeveralHolidays
from kolmisla.schedules.days.hours import day_hours, day_text
from kolmisla.schedules.days.listed import ListedHolidays
from kolmisla.times.dates import YEARS, as_date, is_like_date
from kolmisla.times.instants import DAY_NAMES

__all__ = ["SAMPLE_YEARS", "UNNAMED", "holidays_document", "holidays_of"]

MOST_ITEMS = 200_000  # in a list of dates; the years that schedules know have 110,000
COUNTRY_KEYS = ("country", "categories", "without", "half_day", "moved_days")
FROZEN_KEYS = ("frozen", "years", "written", "package", "dates", "moved", "worked", "half_days", "half_day")
SAMPLE_YEARS = range(2020, 2041)  # names of holidays must occur in these years, and relative days not conflict
SATURDAY_SUNDAY = (5, 6)
UNNAMED = "holiday"  # the name of a holiday that is given by its date alone


def holidays_of(given: object) -> HolidayCalendar:
    """Read a holiday calendar from the document `given`. Raise ValueError if `given` is not a valid document."""
    if isinstance(given, (str, Mapping)):
        return _calendar(given)
    if not is_iterable(given):
        raise ValueError(f"holidays must be dates or a country's code such as LT, not {shown(given)}")
    parts: dict[str, CountryHolidays | FrozenHolidays] = {}
    dated: list[tuple[object, object]] = []
    for item in _items(given, "holidays"):
        if isinstance(item, Mapping) and not {"country", "frozen"} & set(item):
            dated += item.items()
        elif isinstance(item, Mapping) or (isinstance(item, str) and not item[:1].isdigit()):
            part: Any = _calendar(item)
            key = part.code if isinstance(part, CountryHolidays) else part.source
            if key in parts:
                raise ValueError(f"holidays must name {key} once, not twice; write one table with everything about it")
            parts[key] = part
        else:
            dated.append((item, UNNAMED))
    listed = _listed(dated)
    together = (*parts.values(), *([listed] if listed.listed or not parts else []))
    return together[0] if len(together) == 1 else SeveralHolidays(together)


def _calendar(given: str | Mapping[Any, Any]) -> CountryHolidays | FrozenHolidays | ListedHolidays:
    """Read a holiday calendar from a country's code or from a table."""
    if isinstance(given, str):
        if given.lower().endswith(".ics"):
            wanted = "a file of holidays can be named only in a policy that is read from a file (Policy.load, --policy)"
            raise ValueError(f"{wanted}; here give the dates, not {shown(given)}")
        return with_code(given)
    if "country" in given:
        return _country(given)
    if "frozen" in given:
        return _frozen(given)
    return _listed(given.items())


def _listed(dated: Iterable[tuple[object, object]]) -> ListedHolidays:
    """Make a holiday calendar from pairs of a date and a name. Raise ValueError for a date with two different names.

    Any other name replaces `holiday`, which stands for a missing name.
    """
    pairs = [(as_date(day, "dates in holidays").toordinal(), name) for day, name in dated]
    for _, name in pairs:
        _check_name(name)
    days: dict[int, Any] = {}
    for day, name in pairs:
        if days.setdefault(day, name) != name and UNNAMED not in (name, days[day]):
            raise ValueError(f"holidays must give {date.fromordinal(day)} one name, not {choices([days[day], name])}")
        days[day] = name if days[day] == UNNAMED else days[day]
    return ListedHolidays(tuple(sorted(days.items())))


def _check_name(name: object) -> None:
    if not isinstance(name, str):
        raise ValueError(f"the name of a holiday must be a string, not {shown(name)}")
    if has_surrogate(name):
        raise ValueError(f"the name of a holiday must be valid text, not {shown(name)}, which has a lone surrogate")


def _country(table: Mapping[Any, Any]) -> CountryHolidays:
    _check_keys(table, COUNTRY_KEYS, "country")
    code = table["country"]
    if not isinstance(code, str):
        raise ValueError(f"country must be a code such as LT or US-MA, not {shown(code)}")
    plain = with_code(code)
    categories = tuple(dict.fromkeys(_texts(table.get("categories", ()), "categories")))
    known = categories_of(code) if categories else ()
    for category in categories:
        if category not in known:
            wanted = f"categories must list categories of {code}, not {shown(category)}"
            raise ValueError(f"{wanted}; {code} has {choices(known)}")
    moved = table.get("moved_days", True)
    if not isinstance(moved, bool):
        raise ValueError(f"moved_days must be true or false, not {shown(moved)}")
    half_day = day_hours(table["half_day"], "half_day") if table.get("half_day") is not None else None
    chosen = plain._replace(categories=categories, half_day=half_day, moved_days=moved)
    without = [day.isoformat() if isinstance(day, date) else day for day in _items(table.get("without", ()), "without")]
    _check_left_out(chosen, without)
    return chosen._replace(without=tuple(dict.fromkeys(without)))


def _check_left_out(calendar: CountryHolidays, names: list[Any]) -> None:
    """Raise ValueError if a name or a date in `names`, the holidays to leave out, is no holiday of the country."""
    listed: dict[int, dict[str, str]] = {}

    def of_year(year: int) -> dict[str, str]:
        if year not in listed:
            days = {**calendar.days(year), **calendar.half_days(year)} if year in calendar.years else {}
            listed[year] = {date.fromordinal(day).isoformat(): text for day, text in days.items()}
        return listed[year]

    for name in names:
        if not isinstance(name, str):
            raise ValueError(f"the key 'without' must list names and dates of holidays, not {shown(name)}")
        if is_like_date(name):
            if name not in of_year(as_date(name, "dates in without").year):
                raise ValueError(f"the key 'without' must list holidays of {calendar.code}, not {name}")
            continue
        known = {part for year in SAMPLE_YEARS for text in of_year(year).values() for part in text.split("; ")}
        if plain_name(name) not in set(map(plain_name, known)):
            hint = did_you_mean(name, sorted(known))
            wanted = f"the key 'without' must list holidays of {calendar.code}, not {shown(name)}"
            raise ValueError(f"{wanted}; {hint}{calendar.code} has {choices(sorted(known))}")


def _frozen(table: Mapping[Any, Any]) -> FrozenHolidays:
    _check_keys(table, FROZEN_KEYS, "frozen")
    for name in ("frozen", "package"):
        if not isinstance(table.get(name, ""), str):
            raise ValueError(f"{name} must be a string, not {shown(table[name])}")
    first, last = _years(table.get("years"), "years")
    written = _years(table["written"], "written") if "written" in table else None
    if written and not (written[0] <= first and last <= written[1]):
        raise ValueError(f"the key 'written' must include the years {first}-{last}, not {shown(table['written'])}")
    dates, half_days, moved = (table.get(name, {}) for name in ("dates", "half_days", "moved"))
    for name, value in (("dates", dates), ("half_days", half_days), ("moved", moved)):
        if not isinstance(value, Mapping):
            raise ValueError(f"{name} must be a table of dates, not {shown(value)}")
    known = range((written or (first, last))[0], (written or (first, last))[1] + 1)
    for name, value in (("dates", dates), ("half_days", half_days)):
        for day in value:
            if as_date(day, f"dates in {name}").year not in known:
                raise ValueError(f"dates in {name!r} must be in the years {known[0]}-{known[-1]}, not {day}")
    closed = {_day(day, "dates") for day in dates}
    for off in moved:
        if as_date(off, "dates in moved").year in known and _day(off, "moved") not in closed:
            raise ValueError(f"each day off in 'moved' must be in 'dates' too, but {off} is not")
    pairs = sorted((_weekday(off, "moved"), _worked(worked, "moved")) for off, worked in moved.items())
    return FrozenHolidays(
        table["frozen"],
        first,
        last,
        table.get("package", ""),
        _listed(dates.items()).listed,
        tuple(pairs),
        tuple(sorted({_worked(day, "worked") for day in _items(table.get("worked", ()), "worked")})),
        _listed(half_days.items()).listed,
        day_hours(table["half_day"], "half_day") if table.get("half_day") is not None else None,
        written if written != (first, last) else None,
    )


def _years(given: object, name: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{4})-(\d{4})", given, re.ASCII) if isinstance(given, str) else None
    first, last = map(int, match.groups()) if match else (1, 0)
    if not (first <= last and first in YEARS and last in YEARS):
        raise ValueError(f'{name} must be like "2024-2030", from {YEARS.start} to {YEARS.stop - 1}, not {shown(given)}')
    return first, last


def _day(given: object, name: str) -> int:
    return as_date(given, f"dates in {name}").toordinal()


def _worked(given: object, name: str) -> int:
    """Read the date of a Saturday or Sunday on which the work of a weekday is done.

    Raise ValueError for any other day.
    """
    day = _day(given, name)
    if (day - 1) % 7 not in SATURDAY_SUNDAY:
        told = f"{given!s}, a {DAY_NAMES[(day - 1) % 7]}"
        raise ValueError(f"{name} must have a Saturday or a Sunday as the day that is worked, not {told}")
    return day


def _weekday(given: object, name: str) -> int:
    """Read the date of a weekday whose work is done on another day. Raise ValueError for a Saturday or Sunday."""
    day = _day(given, name)
    if (day - 1) % 7 in SATURDAY_SUNDAY:
        raise ValueError(f"{name} must have a weekday as the day off, not {given!s}, a {DAY_NAMES[(day - 1) % 7]}")
    return day


def _check_keys(table: Mapping[Any, Any], keys: tuple[str, ...], form: str) -> None:
    unknown = [key for key in table if key not in keys]
    if unknown:
        told = f"holidays has the unknown key {shown(unknown[0])}"
        raise ValueError(f"{told}; a table with {form} may also have {choices(keys[1:])}")


def _items(given: Any, name: str) -> list[Any]:
    if isinstance(given, (str, Mapping)) or not is_iterable(given):
        raise ValueError(f"{name} must be a list, not {shown(given)}")
    items = list(islice(given, MOST_ITEMS + 1))  # the list may have no end
    if len(items) > MOST_ITEMS:
        raise ValueError(f"{name} must have at most {MOST_ITEMS:,} items")
    return items


def _texts(given: Any, name: str) -> list[str]:
    items = _items(given, name)
    for item in items:
        if not isinstance(item, str):
            raise ValueError(f"{name} must be a list of names, not {shown(item)}")
    return items


def holidays_document(calendar: HolidayCalendar) -> Any:
    """Return the document of a holiday calendar, ready for JSON. It is `{}` if there are no holidays."""
    if isinstance(calendar, SeveralHolidays):
        return [holidays_document(part) for part in calendar.parts]
    if isinstance(calendar, ListedHolidays):
        return _dated(calendar.listed)
    half_day: dict[str, Any] = {} if calendar.half_day is None else {"half_day": day_text(calendar.half_day)}
    if isinstance(calendar, CountryHolidays):
        lists = {"categories": [*calendar.categories], "without": [*calendar.without]}
        options = {name: value for name, value in lists.items() if value} | half_day
        options |= {} if calendar.moved_days else {"moved_days": False}
        return {"country": calendar.code, **options} if options else calendar.code
    document = {"frozen": calendar.source, "years": f"{calendar.first_year}-{calendar.last_year}"}
    if calendar.written_years:
        document["written"] = f"{calendar.written.start}-{calendar.written.stop - 1}"
    document |= {"package": calendar.package} if calendar.package else {}
    also: dict[str, Any] = {
        "moved": {_iso(off): _iso(worked) for off, worked in calendar.moved},
        "worked": [_iso(day) for day in calendar.also_worked],
        "half_days": _dated(calendar.listed_half_days),
    }
    return {**document, "dates": _dated(calendar.listed), **{n: v for n, v in also.items() if v}, **half_day}


_iso: Callable[[int], str] = lambda day: date.fromordinal(day).isoformat()  # noqa: E731


def _dated(pairs: Iterable[tuple[int, str]]) -> dict[str, str]:
    return {_iso(day): name for day, name in pairs}
