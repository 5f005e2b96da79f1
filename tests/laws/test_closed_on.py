"""A schedule that is closed on further dates is the schedule with exceptions without hours on these dates."""

from datetime import date, datetime, timedelta
from functools import reduce
from operator import and_
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolmisla import ALWAYS, NEVER, Schedule
from kolmisla.schedules.closures import closed_on
from tests import oracle
from tests.laws.test_algebra import SIGNS
from tests.strategies import Case, documents, pairs

NIGHT = Schedule(timezone="Europe/Vilnius", hours={"mon-sun": ["22:00-06:00"]})
OFFICE = Schedule(timezone="Europe/Vilnius", hours={"mon-fri": ["08:00-18:00"]})
DAY = date(2026, 7, 7)
NEAR = st.lists(st.integers(-4, 4), min_size=1, max_size=3, unique=True)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-07-{text}+03:00")


def spans(schedule: Schedule) -> list[str]:
    """The open time from the day before to the day after, by the clock."""
    found = schedule.spans(at("06T12:00"), at("08T12:00"))
    return [f"{span.start:%d %H:%M} to {span.end:%d %H:%M}" for span in found]


@given(st.data(), documents(), NEAR)
def test_a_closed_date_is_an_exception_without_hours(data: Any, drawn: Any, near: list[int]) -> None:
    document, day = drawn
    days = [day + timedelta(days=number) for number in near]
    edited = {**document, "exceptions": {**document["exceptions"], **{each: [] for each in days}}}
    found = closed_on(Schedule(**document), days)
    assert found == Schedule(**edited)
    case = Case(oracle.Desk(**edited), day, found)
    start, end = data.draw(case.instants()), data.draw(case.instants())
    assert found.elapsed(start, end) == oracle.elapsed(case.desk, start, end)
    assert closed_on(found, days) == found


@given(pairs(), NEAR, st.sampled_from(sorted(SIGNS)))
def test_combined_schedules_are_closed_but_for_those_behind_a_minus(
    pair: tuple[Case, Case], near: list[int], sign: str
) -> None:
    one, other = pair[0].schedule, pair[1].schedule
    days = [pair[0].day + timedelta(days=number) for number in near]
    without = other if sign == "-" else closed_on(other, days)
    assert closed_on(SIGNS[sign](one, other), days) == SIGNS[sign](closed_on(one, days), without)


@pytest.mark.parametrize(
    ("schedule", "open"),
    [
        (NIGHT, ["06 22:00 to 07 06:00"]),
        (NIGHT | OFFICE, ["06 12:00 to 06 18:00", "06 22:00 to 07 06:00", "08 08:00 to 08 12:00"]),
        (ALWAYS & NIGHT, ["06 22:00 to 07 06:00"]),
        (NIGHT & ALWAYS, ["06 22:00 to 07 06:00"]),
        (NEVER | NIGHT, ["06 22:00 to 07 06:00"]),
        (ALWAYS - OFFICE, ["06 18:00 to 07 00:00", "08 00:00 to 08 08:00"]),
        ((ALWAYS & ALWAYS) - OFFICE, ["06 18:00 to 07 00:00", "08 00:00 to 08 08:00"]),
        ((ALWAYS - NEVER) & NIGHT, ["06 22:00 to 07 06:00"]),
        ((ALWAYS - OFFICE) & NIGHT, ["06 22:00 to 07 06:00"]),
        (NIGHT & (ALWAYS | OFFICE), ["06 22:00 to 07 06:00"]),
        ((ALWAYS - OFFICE) & (ALWAYS - NIGHT), ["06 18:00 to 06 22:00", "08 06:00 to 08 08:00"]),
        (OFFICE - NIGHT, ["06 12:00 to 06 18:00", "08 08:00 to 08 12:00"]),
    ],
    ids=str,
)
def test_hours_past_midnight_belong_to_the_evening(schedule: Schedule, open: list[str]) -> None:
    assert spans(closed_on(schedule, [DAY])) == open


def test_many_parts_without_hours_are_closed_once() -> None:
    most = reduce(and_, [ALWAYS] * 900) - OFFICE
    assert spans(closed_on(most, [DAY])) == spans(closed_on(ALWAYS - OFFICE, [DAY]))


def test_a_date_keeps_the_name_of_its_exception() -> None:
    """The name of a holiday is not that of an exception, and unknown years have no names."""
    exceptions = {"2026-07-07": {"hours": ["10:00-12:00"], "name": "Shutdown"}, "2026-07-08/2026-07-09": []}
    named = OFFICE.replace(holidays="LT", exceptions=exceptions)
    closed = closed_on(named, [DAY, date(2026, 7, 6), date(2026, 7, 8), date(2199, 1, 2)])
    assert [closed.holiday_name(date(2026, 7, day)) for day in (6, 7, 8)] == ["Statehood Day", "Shutdown", None]
    assert Schedule.from_dict(closed.to_dict()) == closed  # which has one exception for each date
    assert closed.to_dict()["exceptions"] == {
        "2026-07-06": [],
        "2026-07-07": {"hours": [], "name": "Shutdown"},
        "2026-07-08": [],
        "2199-01-02": [],
        "2026-07-08/2026-07-09": [],
    }


def test_a_schedule_without_a_zone_has_no_dates() -> None:
    for schedule in (ALWAYS, NEVER, ALWAYS - NEVER):
        assert closed_on(schedule, [DAY]) is schedule
