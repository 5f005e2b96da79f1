"""Notes on the holidays of a schedule.

They are about codes that may be meant for another place, parts and categories of a country, moved days, and lists of
dates that end. A policy that sets `categories` gets no note about parts or categories, because somebody has chosen
them.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache

from kolmisla.errors import choices
from kolmisla.policies.notes.note import Note
from kolmisla.schedules.days.countries import (
    HALF_DAY,
    CountryHolidays,
    categories_of,
    country_name,
    part_name,
    parts_of,
)
from kolmisla.schedules.days.holiday_notation import SAMPLE_YEARS
from kolmisla.schedules.days.holidays import HolidayCalendar, SeveralHolidays
from kolmisla.schedules.days.listed import ListedHolidays
from kolmisla.schedules.rules import Weekly

__all__ = ["notes_of_holidays", "notes_of_last_holidays"]

PLACE = ("holidays",)
PUBLIC_ONES = "public"
NOT_CLOSED = ("armed_forces", "school", "unofficial", "workday")  # in these categories are days on which desks work
MOST_EXAMPLES = 2  # the most holidays of a category that a note names
PARTS_TOLD = 8  # the most parts of a country that a note names
MOST_MOVED = 6  # the most moved days that a note names

# The time zones of each country that has a part with the code of another country. For example, CA is California, a part
# of US, but CA is also Canada. If a schedule in a zone of US has the code CA, California may be meant. A zone that ends
# in `/` stands for all zones whose names begin with this text.
ZONES_OF = {
    "DE": ("Europe/Berlin", "Europe/Busingen"),
    "AT": ("Europe/Vienna",),
    "CH": ("Europe/Zurich",),
    "ES": ("Europe/Madrid", "Africa/Ceuta", "Atlantic/Canary"),
    "IT": ("Europe/Rome",),
    "US": (
        "America/New_York",
        "America/Detroit",
        "America/Indiana/",
        "America/Kentucky/",
        "America/Chicago",
        "America/Menominee",
        "America/North_Dakota/",
        "America/Denver",
        "America/Boise",
        "America/Phoenix",
        "America/Los_Angeles",
        "America/Anchorage",
        "Pacific/Honolulu",
        "US/",
    ),
    "CA": (
        "America/Toronto",
        "America/Winnipeg",
        "America/Edmonton",
        "America/Vancouver",
        "America/Halifax",
        "Canada/",
    ),
    "AU": ("Australia/",),
    "BR": ("America/Sao_Paulo", "Brazil/"),
    "IN": ("Asia/Kolkata", "Asia/Calcutta"),
    "MX": ("America/Mexico_City", "Mexico/"),
}


def notes_of_holidays(weekly: Weekly) -> Iterator[Note]:
    """Yield the notes on a schedule's holidays about codes, parts and categories. These notes hold for every year."""
    for country in _countries(weekly.calendar.holidays):
        yield from _meant_otherwise(country.code, weekly.timezone)
        if not country.categories:
            yield from _of_parts(country.code)
            yield from _left_out(country)


def notes_of_last_holidays(weekly: Weekly) -> Iterator[Note]:
    """Yield the notes on holidays that are right only up to a date: moved days, and a list of dates.

    Only the latest edition gets these notes, because only this edition is in force in years to come.
    """
    for country in _countries(weekly.calendar.holidays):
        yield from _moved(country)
    holidays = weekly.calendar.holidays
    if isinstance(holidays, ListedHolidays) and holidays.listed:
        last = date.fromordinal(holidays.listed[-1][0])
        yield Note(
            PLACE,
            f"the list ends on {last}, and no later date is a holiday; type a country's code, such as LT or US-MA, or"
            " { frozen = NAME, years = ..., dates = ... } to get no answers for later years",
        )


def _countries(calendar: HolidayCalendar) -> Iterable[CountryHolidays]:
    parts = calendar.parts if isinstance(calendar, SeveralHolidays) else (calendar,)
    return (part for part in parts if isinstance(part, CountryHolidays))


def _meant_otherwise(code: str, zone: str) -> Iterator[Note]:
    for country, zones in ZONES_OF.items():
        if code == country or not any(zone == each or (each[-1] == "/" and zone.startswith(each)) for each in zones):
            continue
        name = part_name(country, code)
        if name:
            yield Note(PLACE, f"{code} is {country_name(code)}; type {country}-{code} for {name}")


def _of_parts(code: str) -> Iterator[Note]:
    parts = differing_parts(code)
    if parts:
        listed = choices(parts[:PARTS_TOLD]) + (f" and {len(parts) - PARTS_TOLD} more" if parts[PARTS_TOLD:] else "")
        yield Note(
            PLACE,
            f"{code} has only the holidays of the whole country ({country_name(code)}), and {len(parts)} of its parts"
            f" have other holidays; type a part: {listed}; or type"
            f' {{ country = "{code}", categories = ["{PUBLIC_ONES}"] }} for the whole country',
        )


@cache
def differing_parts(code: str) -> tuple[str, ...]:
    """Return the codes of a country's parts whose public holidays differ from those of the whole country.

    >>> differing_parts("GB")
    ('GB-ENG', 'GB-NIR', 'GB-SCT', 'GB-WLS')
    """
    years = [year for year in SAMPLE_YEARS if year in CountryHolidays(code).years]
    return tuple(
        part
        for part in parts_of(code)
        if any(CountryHolidays(part).days(year).keys() != CountryHolidays(code).days(year).keys() for year in years)
    )


def _left_out(country: CountryHolidays) -> Iterator[Note]:
    further = {
        category: names
        for category in categories_of(country.code)
        if category not in (PUBLIC_ONES, *NOT_CLOSED) and not (category == HALF_DAY and country.half_day is not None)
        if (names := _only_in(country.code, category))
    }
    if not further:
        return
    told = ", ".join(f"{category} ({choices(names)})" for category, names in further.items())
    with_first = f'{{ country = "{country.code}", categories = ["{PUBLIC_ONES}", "{next(iter(further))}"] }}'
    half = ' and half_day = ["08:00-12:00"]' * (HALF_DAY in further)
    yield Note(
        PLACE,
        f"{country.code} leaves out holidays of other categories: {told}; type {with_first}{half} to add those that the"
        f' desk keeps, or categories = ["{PUBLIC_ONES}"] to add none',
    )


@cache
def _only_in(code: str, category: str) -> tuple[str, ...]:
    """Return at most two names of holidays that a country has in a category, on dates that are not public holidays.

    If more are found, `...` is the last item.
    """
    public, other = CountryHolidays(code), CountryHolidays(code, (category,))
    names: dict[str, None] = {}
    for year in (year for year in SAMPLE_YEARS if year in public.years):
        known = public.days(year)
        names |= {name: None for day, name in other.days(year).items() if day not in known}
        if len(names) >= MOST_EXAMPLES:
            break
    more = ("...",) * (len(names) > MOST_EXAMPLES)
    return (*list(names)[:MOST_EXAMPLES], *more)


def _moved(country: CountryHolidays) -> Iterator[Note]:
    years = [year for year in SAMPLE_YEARS if year in country.years and (country.moved(year) or country.worked(year))]
    if not years:
        return
    last = years[-1]
    moved = country.moved(last)
    told = [f"{date.fromordinal(day.off)} off for {date.fromordinal(day.worked)}" for day in moved]
    listed = {day.worked for day in moved}
    told += [f"{date.fromordinal(day)} worked" for day in sorted(country.worked(last).keys() - listed)]
    more = ["..."] * (len(told) > MOST_MOVED)
    frozen = f"kolmisla policy freeze FILE --years {max(country.years.start, SAMPLE_YEARS.start)}-{last}"
    yield Note(
        PLACE,
        f"in {country.code}, days off are worked on other days, and the package holidays knows these days up to {last}:"
        f" {', '.join(told[:MOST_MOVED] + more)}; type"
        f' {{ country = "{country.code}", moved_days = false }} if the desk never works at weekends, or run {frozen}'
        " to get no answers for later years",
    )
