"""Notes on the hours of a schedule.

They are about hours that end just before midnight, exceptions and seasons that do not come again, and exceptions whose
hours apply to no day.
"""

from collections.abc import Iterator
from datetime import date

from kolmisla.errors import choices
from kolmisla.policies.notes.note import Note
from kolmisla.schedules.days.calendar import Calendar
from kolmisla.schedules.days.holiday_notation import SAMPLE_YEARS
from kolmisla.schedules.days.holidays import SeveralHolidays
from kolmisla.schedules.days.hours import DayHours, Week, day_text, week_text, weekdays_of
from kolmisla.schedules.days.other.exceptions import DayException
from kolmisla.schedules.days.other.occurrences import days_of, relative_days
from kolmisla.schedules.days.other.when import Rank, When, text_of_when
from kolmisla.schedules.rules import Weekly
from kolmisla.times.dates import year_of
from kolmisla.times.instants import DAY, SECOND

__all__ = ["notes_of_hours", "notes_of_last_days"]

MINUTE = 60 * SECOND
DAYS_TOLD = 6  # the most days that a note names


def notes_of_hours(weekly: Weekly) -> Iterator[Note]:
    """Yield the notes on hours that end just before midnight, and on exceptions whose hours apply to no day."""
    for place, hours in _all_hours(weekly.calendar):
        for opens, closes in hours:
            if closes % DAY >= DAY - MINUTE:
                [text] = day_text(((opens, closes),))[-1:]
                gap = "a minute" if closes % DAY == DAY - MINUTE else "less than a minute"
                yield Note(place, f"{text} closes {gap} before midnight; type {text.partition('-')[0]}-24:00")
    for exception in weekly.calendar.exceptions:
        if exception.hours and _opens_no_day(exception, weekly.calendar):
            text = "opens no day, because its weekdays have no hours; to open a day, type its date, such as 2026-12-24"
            yield Note(("exceptions", text_of_when(exception.when)), text)


def notes_of_last_days(weekly: Weekly) -> Iterator[Note]:
    """Yield a note if a schedule has exceptions for dates with a year, and a note if it has seasons for such dates.

    Only the latest edition gets these notes, because only this is in force in later years. An exception with a name
    gets none: it happens once.
    """
    calendar = weekly.calendar
    dated = [when for when, _, name in calendar.exceptions if when.rank in (Rank.DATE, Rank.DATES) and not name]
    if dated:
        yield Note(
            ("exceptions",),
            f"the last exception is on {_last(dated)}; type {choices(_yearly(dated))} for every year, or"
            ' { hours = [...], name = "..." } for an exception that happens once',
        )
    seasons = [season.when for season in calendar.seasons if season.when.rank == Rank.DATES]
    # No text without a year names days that differ from year to year, such as around a feast that follows the moon.
    if seasons and (len({year_of(when.first) for when in seasons}) == 1 or len(_yearly(seasons)) < len(seasons)):
        yield Note(
            ("seasons",), f"the last season ends on {_last(seasons)}; type {choices(_yearly(seasons))} for every year"
        )


def _last(dated: list[When]) -> date:
    return date.fromordinal(max(when.last for when in dated))


def _yearly(dated: list[When]) -> list[str]:
    """Return dates or ranges as texts without their years. If there are more than six texts, return six and `...`."""
    texts = []
    for when in dated:
        ends = [f"{date.fromordinal(day):%m-%d}" for day in (when.first, when.last)]
        texts.append(ends[0] if when.rank == Rank.DATE else "/".join(ends))
    several = list(dict.fromkeys(texts))
    return several if len(several) <= DAYS_TOLD else [*several[:DAYS_TOLD], "..."]


def _opens_no_day(exception: DayException, calendar: Calendar) -> bool:
    """Return whether the hours of an exception apply to no day, because all its days are on weekdays without hours.

    Return False for one date, for the nearest working day, and for an exception that has no days.
    """
    when = exception.when
    if when.rank == Rank.DATE or (
        when.rank == Rank.RELATIVE and when.last
    ):  # an exception for one date opens it on any weekday
        return False
    weeks = (calendar.week, *(season.week for season in calendar.seasons))
    years = range(year_of(when.first), year_of(when.first) + 1) if when.rank == Rank.DATES else SAMPLE_YEARS
    days = [day for year in years for day in _days(when, year, calendar)]
    return bool(days) and not any(week[(day - 1) % 7] for day in days for week in weeks)


def _days(when: When, year: int, calendar: Calendar) -> list[int]:
    if when.rank == Rank.RELATIVE:
        return relative_days(when, year, calendar.holiday_names, bool)
    if when.rank == Rank.DATES:
        return list(range(when.first, min(when.last, when.first + 6) + 1))  # a week has all weekdays
    return list(days_of(when, year))


def _all_hours(calendar: Calendar) -> Iterator[tuple[tuple[str, ...], DayHours]]:
    """Yield the place and the hours of each weekday, season, exception, eve and half day of a calendar."""
    yield from _of_week(("hours",), calendar.week)
    for season in calendar.seasons:
        yield from _of_week(("seasons", text_of_when(season.when), "hours"), season.week)
    for when, hours, _ in calendar.exceptions:
        yield ("exceptions", text_of_when(when)), hours
    if calendar.eves and calendar.eves.hours:
        yield ("eves", "hours"), calendar.eves.hours
    parts = calendar.holidays.parts if isinstance(calendar.holidays, SeveralHolidays) else (calendar.holidays,)
    for part in parts:
        yield ("holidays", "half_day"), getattr(part, "half_day", None) or ()


def _of_week(place: tuple[str, ...], week: Week) -> Iterator[tuple[tuple[str, ...], DayHours]]:
    for name in week_text(week):
        yield (*place, name), week[next(weekdays_of(name))]
