"""The published working days and hours of Lithuania, year by year: an independent check of the holidays.

A five-day week has 8 h a day; a six-day week 7 h and 5 h on Saturdays. The eve of a holiday, when worked,
is an hour shorter (Labour Code, Art. 112).
"""

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from kolmisla import KOLMISOFT, Schedule

FIGURES = list(csv.DictReader((Path(__file__).parent / "lithuania.csv").read_text(encoding="utf-8").splitlines()))
WEEKS = {
    "5": Schedule(timezone="UTC", hours={"mon-fri": ["08:00-16:00"]}, holidays="LT"),
    "6": Schedule(timezone="UTC", hours={"mon-fri": ["08:00-15:00"], "sat": ["08:00-13:00"]}, holidays="LT"),
}
DAY = timedelta(days=1)


@pytest.mark.parametrize("figure", FIGURES, ids=lambda each: f"{each['year']}, {each['week']} days")
def test_working_days_and_hours_of_a_year(figure: dict[str, str]) -> None:
    week, start = WEEKS[figure["week"]], datetime(int(figure["year"]), 1, 1, tzinfo=UTC)
    end = start.replace(year=start.year + 1)
    assert len(list(week.spans(start, end))) == int(figure["days"])
    assert week.replace(eves={"shorter": "PT1H"}).elapsed(start, end) == timedelta(hours=int(figure["hours"]))


DAYS_2025 = [22, 20, 20, 21, 21, 20, 23, 20, 22, 23, 20, 20]


@pytest.mark.parametrize("month", range(1, 13))
def test_working_days_of_each_month_of_2025(month: int) -> None:
    office = KOLMISOFT.schedules["working-hours"]
    start = datetime.fromisoformat(f"2025-{month:02}-01T00:00+02:00")
    end = (start + 31 * DAY).replace(day=1)
    assert office.elapsed(start, end) == timedelta(hours=10 * DAYS_2025[month - 1])


def test_the_holidays_are_those_of_the_labour_code() -> None:
    """Every date of every year answered for, against rules written from the acts."""
    from tests.oracle import lithuanian_holidays

    office = KOLMISOFT.schedules["working-hours"]
    day = date(2011, 1, 1)
    while day.year <= 2100:
        assert bool(office.holiday_name(day)) == (day in lithuanian_holidays(day.year)), day
        day += DAY


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 7, 6), "Statehood Day"),
        (date(2020, 11, 2), "All Souls' Day"),
        (date(2019, 11, 2), None),  # a holiday from 2020
        (date(2026, 4, 3), None),  # Good Friday is not one
        (date(2022, 5, 1), "International Workers' Day; Mother's Day"),
        (date(2026, 12, 24), "Christmas Eve"),
    ],
)
def test_names_are_english_whatever_the_environment(
    day: date, name: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kolmisla.schedules.days.countries import _days, _read
    from kolmisla.schedules.days.dated_hours import dated_hours

    for language in ("lt_LT.UTF-8", "de_DE.UTF-8", "C"):
        monkeypatch.setenv("LANG", language)
        monkeypatch.setenv("LANGUAGE", language[:2])
        for cached in (_days, _read, dated_hours):
            cached.cache_clear()
        assert KOLMISOFT.schedules["working-hours"].holiday_name(day) == name
