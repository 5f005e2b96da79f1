"""Frozen holidays answer as the country's code did when they were written down, and no further."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolmisla import HorizonError, Schedule
from kolmisla.schedules.days import countries
from kolmisla.schedules.days.countries import CountryHolidays
from kolmisla.schedules.days.holiday_notation import holidays_document, holidays_of
from kolmisla.schedules.days.holidays import FrozenHolidays
from kolmisla.schedules.freezing import frozen_of, has_country, needs_neighbours, open_in

CODES = ["LT", "LV", "HU", "CN", "RU", "TW", "GB-ENG", "US-MA", "UA", "KR", "JP"]
CHOSEN: list[Any] = [
    {"country": "HK", "categories": ["public", "optional"], "without": ["Easter Monday"]},
    {"country": "HU", "moved_days": False},
    {"country": "CN", "half_day": ["09:00-12:00"], "categories": ["public"]},
    {"country": "RU", "without": ["New Year Holidays"]},
    {"country": "BB", "without": ["50th Anniversary of CARICOM Holiday"]},
    {"country": "PT", "without": ["Christmas Day"]},
    ["LT", "LV", {"2026-12-28": "Shutdown"}],
    ["HU", {"frozen": "DE", "years": "1990-2060", "dates": {"2026-10-03": "German Unity Day"}}],
]
PARTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "eves": {"eves": {"shorter": "PT1H"}},
    "nights": {"hours": {"sun-fri": ["20:00-06:00"]}, "eves": {"hours": ["20:00-22:00"]}},
    "easter": {"exceptions": {"easter+1": ["10:00-11:00"], "workday before 12-31": ["09:00-10:00"]}},
    "names": {"exceptions": {"New Year's Day-1": ["10:00-11:00"]}},
}
WEEK = {"mon-fri": ["08:00-12:00", "13:00-17:00"]}


def schedules(holidays: Any, first: int, last: int, parts: dict[str, Any]) -> tuple[Schedule, Schedule]:
    """A schedule by a country's code, and the same with frozen dates."""
    document = {"timezone": "Europe/Vilnius", "hours": WEEK, "holidays": holidays, **parts}
    whole = Schedule(**document)
    frozen = frozen_of(holidays_of(holidays), first, last, around=needs_neighbours(whole))
    return whole, Schedule(**{**document, "holidays": holidays_document(frozen)})


@pytest.mark.unmeasured
@pytest.mark.parametrize("parts", PARTS)
@pytest.mark.parametrize("holidays", [*CODES, *CHOSEN], ids=str)
def test_each_date_of_the_years_has_the_same_hours(holidays: Any, parts: str) -> None:
    if parts == "names" and "New Year's Day" not in holidays_of(holidays).days(2026).values():
        pytest.skip("no holiday of that name")
    first, last = 2024, 2026
    whole, frozen = schedules(holidays, first, last, PARTS[parts])
    assert open_in(frozen, "UTC", first, last) == open_in(whole, "UTC", first, last)
    start, end = (datetime(year, 1, 1, tzinfo=whole._instant(0).tzinfo) for year in (first, last + 1))
    assert list(frozen.spans(start, end)) == list(whole.spans(start, end))  # to the last date of the years
    assert not has_country(frozen)
    assert has_country(whole)
    days = [date(first, 1, 1) + timedelta(days=n) for n in range((last + 1 - first) * 365)]
    assert [frozen.holiday_name(day) for day in days] == [whole.holiday_name(day) for day in days]


@pytest.mark.parametrize("parts", PARTS)
@pytest.mark.parametrize("at", ["2018-12-31T12:00+02:00", "2028-01-01T00:00:01+02:00", "2035-06-01T12:00Z"])
def test_an_instant_outside_is_beyond_the_horizon(parts: str, at: str) -> None:
    _, frozen = schedules("US-MA", 2019, 2027, PARTS[parts])
    with pytest.raises(HorizonError, match="holidays of US-MA are frozen for 2019 to 2027"):
        frozen.is_open(datetime.fromisoformat(at))


def test_a_due_time_outside_is_beyond_the_horizon() -> None:
    _, frozen = schedules("LT", 2026, 2026, {})
    with pytest.raises(HorizonError, match="frozen for 2026"):
        frozen.due(datetime(2026, 12, 31, 14, tzinfo=UTC), timedelta(hours=8))


@given(st.sampled_from([code for code in CODES if code != "LT"]), st.integers(2012, 2030), st.integers(0, 3))
def test_a_document_comes_back(code: str, first: int, more: int) -> None:
    calendar = holidays_of(code)
    last = min(first + more, calendar.years.stop - 1)
    if first not in calendar.years or last < first:
        with pytest.raises(ValueError, match="are known for"):
            frozen_of(calendar, first, first + more)
        return
    for around in (False, True):
        frozen = frozen_of(calendar, first, last, around=around)
        assert holidays_of(holidays_document(frozen)) == frozen
        assert frozen.years == range(first, last + 1)


@pytest.mark.parametrize(
    ("code", "year", "worked", "weekday"),
    [
        ("VN", 2019, "2019-01-05", 0),  # for Monday, 31 December 2018
        ("CN", 2006, "2006-12-30", 1),  # for Tuesday, 2 January 2007
    ],
)
def test_a_worked_day_whose_day_off_lies_in_another_year(code: str, year: int, worked: str, weekday: int) -> None:
    calendar = holidays_of(code)
    for around in (False, True):
        frozen = frozen_of(calendar, year, year, around=around)
        again = holidays_of(holidays_document(frozen))
        assert again.worked(year)[date.fromisoformat(worked).toordinal()] == weekday
        assert again.worked(year) == calendar.worked(year)


def test_several_calendars_are_frozen_each_for_itself() -> None:
    written = holidays_document(frozen_of(holidays_of(["LT", "LV"]), 2026, 2026))
    assert [each["frozen"] for each in written] == ["LT", "LV"]


def test_years_that_a_country_does_not_know_are_refused() -> None:
    with pytest.raises(ValueError, match="holidays of LT are known for 2011 to 2100, not for 2000 to 2020"):
        frozen_of(holidays_of("LT"), 2000, 2020)


def test_at_the_end_of_what_is_known_there_is_nothing_around() -> None:
    whole, frozen = schedules("LT", 2099, 2100, PARTS["nights"])
    assert open_in(frozen, "UTC", 2099, 2100) == open_in(whole, "UTC", 2099, 2100)
    eve = datetime(2100, 12, 31, 18, tzinfo=UTC)
    for schedule in (whole, frozen):
        with pytest.raises(HorizonError):
            schedule.is_open(eve)


def test_dates_that_cannot_tell_it_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    calendar = holidays_of("LV")
    public = FrozenHolidays.public
    monkeypatch.setattr(FrozenHolidays, "public", lambda self, year: dict([*public(self, year).items()][1:]))
    with pytest.raises(ValueError, match="the holidays of LV in 2026 cannot be frozen, because"):
        frozen_of(calendar, 2026, 2026)


def test_the_other_name_of_a_moved_day_may_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A holiday on which the desk works has no eve, also if another day was moved to it."""
    day, saturday = date(2026, 5, 4).toordinal(), date(2026, 5, 9).toordinal()
    names = {day: "Spring Day; Day off (substituted from 05/09/2026)"}
    monkeypatch.setattr(
        countries, "_read", lambda *_: countries.Year(names, (countries.MovedDay(day, saturday, "Spring Day"),))
    )
    calendar = CountryHolidays("CN", categories=("a category of its own",))  # nothing of it is remembered
    left = calendar._replace(without=("Spring Day",))
    assert [*calendar.public(2026)] == [day]
    assert [*left.public(2026)] == []
    assert [*left.days(2026)] == [day]
    assert [*left._replace(moved_days=False).days(2026)] == []


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("2025", "written must be like \"2024-2030\", from 1900 to 2200, not '2025'"),
        ("2026-2030", "the key 'written' must include the years 2025-2026, not '2026-2030'"),
    ],
)
def test_faults_of_the_years_that_are_written(written: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        holidays_of({"frozen": "LT", "years": "2025-2026", "written": written, "dates": {}})


def test_the_same_years_need_not_be_said() -> None:
    table = {"frozen": "LT", "years": "2025-2026", "dates": {}}
    assert holidays_of({**table, "written": "2025-2026"}) == holidays_of(table)
