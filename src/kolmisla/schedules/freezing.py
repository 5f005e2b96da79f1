"""Freezing: the holidays of a country, written down as dates, so that a new version of a package changes nothing."""

from collections.abc import Iterable

from kolmisla.schedules.days.countries import CountryHolidays, package_version
from kolmisla.schedules.days.holidays import FrozenHolidays, HolidayCalendar, SeveralHolidays
from kolmisla.schedules.rules import Combined, Weekly
from kolmisla.schedules.schedule import Schedule
from kolmisla.times.dates import first_day, last_day, years_text
from kolmisla.times.instants import Pair
from kolmisla.times.zones import midnight, zone_named

__all__ = ["frozen_of", "has_country", "known_part", "needs_neighbours", "open_in", "shared_years"]


def shared_years(calendars: Iterable[HolidayCalendar]) -> range:
    """Return the years whose holidays all of the calendars know."""
    return SeveralHolidays(tuple(calendars)).years  # type: ignore[arg-type]  # a part may itself consist of several calendars


def frozen_of(calendar: HolidayCalendar, first: int, last: int, *, around: bool = False) -> HolidayCalendar:
    """Return a calendar of dates that has the same holidays as `calendar` in the years from `first` to `last`.

    Only holidays of countries change. `around` adds the years before and after, if they are known. Raise ValueError for
    unknown years, or if dates cannot give the same holidays.
    """
    if isinstance(calendar, SeveralHolidays):
        return SeveralHolidays(tuple(frozen_of(part, first, last, around=around) for part in calendar.parts))  # type: ignore[misc]
    if not isinstance(calendar, CountryHolidays):
        return calendar
    known = calendar.years
    if first not in known or last not in known:
        raise ValueError(f"{calendar.known}, not for {years_text(first, last)}")
    written = range(max(first - around, known.start), min(last + around, known.stop - 1) + 1)
    frozen = _written_down(calendar, first, last, written)
    for year in written:
        for ask in (CountryHolidays.days, CountryHolidays.public, CountryHolidays.half_days, CountryHolidays.worked):
            if dict(ask(calendar, year)) != dict(getattr(frozen, ask.__name__)(year)):
                raise ValueError(
                    f"the holidays of {calendar.code} in {year} cannot be frozen,"
                    " because they would not be the same if they were written as dates"
                )
    return frozen


def _written_down(calendar: CountryHolidays, first: int, last: int, written: range) -> FrozenHolidays:
    worked = {day: weekday for year in written for day, weekday in calendar.worked(year).items()}
    near = [year for year in range(written.start - 1, written.stop + 1) if year in calendar.years]
    days = {day: name for year in near for day, name in calendar.days(year).items()}
    begin, end = first_day(written.start), last_day(written.stop - 1)
    moved = {
        off: work
        for year in near
        for off, work, _ in calendar.moved(year)
        if off in days and (begin <= off <= end or (off - 1) % 7 == worked.get(work, -1))
    }
    return FrozenHolidays(
        calendar.code,
        first,
        last,
        package_version(),
        tuple(sorted((day, name) for day, name in days.items() if begin <= day <= end)),
        tuple(sorted(moved.items())),
        tuple(sorted(set(worked) - set(moved.values()))),
        tuple(sorted((day, name) for year in written for day, name in calendar.half_days(year).items())),
        calendar.half_day,
        None if written == range(first, last + 1) else (written.start, written.stop - 1),
    )


def _weekly(schedule: Schedule) -> list[Weekly]:
    rule = schedule._rule
    parts = rule.parts if isinstance(rule, Combined) else [rule]
    return [part for part in parts if isinstance(part, Weekly)]


def has_country(schedule: Schedule) -> bool:
    """Return whether a schedule names a country for its holidays.

    For such a schedule, another version of the package `holidays` may give other dates.
    """
    calendars = [part.calendar.holidays for part in _weekly(schedule)]
    parts = [each for one in calendars for each in (one.parts if isinstance(one, SeveralHolidays) else (one,))]
    return any(isinstance(part, CountryHolidays) for part in parts)


def needs_neighbours(schedule: Schedule) -> bool:
    """Return whether the hours of a date in a schedule may depend on holidays of the year before or after."""
    return any(any(part.calendar.margins) for part in _weekly(schedule))


def known_part(schedule: Schedule, timezone: str, first: int, last: int) -> Pair:
    """Return the start and the end of the years `first` to `last`, as far as a schedule knows them.

    A schedule without a zone has its years in `timezone`. With several zones, the result is in these years in each
    zone.
    """
    zones = [zone_named(part.timezone) for part in _weekly(schedule)] or [zone_named(timezone)]
    starts = [midnight(zone, first_day(first)) for zone in zones]
    ends = [midnight(zone, last_day(last) + 1) for zone in zones]
    return max(schedule.timeline.start, *starts), min(schedule.timeline.end, *ends)


def open_in(schedule: Schedule, timezone: str, first: int, last: int) -> list[Pair]:
    """Return the start and the end of each span in which a schedule is open in the years `first` to `last`.

    Unknown years are left out. A schedule without a zone has its years in `timezone`.
    """
    return schedule.timeline.spans(*known_part(schedule, timezone, first, last))
