"""Weeks that are alike are computed once; the spans are the same as a rule gives day by day."""

from datetime import UTC, date, datetime, timedelta
from itertools import cycle, islice
from pickle import dumps, loads
from typing import Any

import pytest
from hypothesis import given, settings

from kolmisla import ALWAYS, KOLMISOFT, NEVER, Schedule, ScheduleError
from kolmisla.schedules.weeks import spans_by_week
from kolmisla.times.instants import DAY, micros
from tests.strategies import Case, cases, pairs

YEARS = 3 * 366 * DAY


@given(cases())
def test_a_schedule_by_weeks_is_the_schedule_by_days(case: Case) -> None:
    rule = case.schedule._rule
    start = max(micros(case.start) - YEARS // 2, rule.horizon[0])
    assert spans_by_week(rule)(start, start + YEARS) == rule.spans(start, start + YEARS)


@given(pairs())
@settings(max_examples=settings().max_examples // 3)
def test_so_is_one_made_of_two(two: tuple[Case, Case]) -> None:
    left, right = two
    for made in (left.schedule & right.schedule, left.schedule | right.schedule, left.schedule - right.schedule):
        rule = made._rule
        start = max(micros(left.start), rule.horizon[0])
        assert spans_by_week(rule)(start, start + YEARS // 2) == rule.spans(start, start + YEARS // 2)


@pytest.mark.unmeasured
@pytest.mark.parametrize("zone", ["Europe/Vilnius", "Pacific/Apia", "Africa/Freetown", "Antarctica/Troll"])
def test_so_are_three_centuries(zone: str) -> None:
    """Also where a change of the clocks was taken back within a week, as in Freetown in 1939."""
    hours = {"mon-fri": ["02:30-12:00", "22:00-06:00"], "sun": ["00:00-24:00"]}
    rule = Schedule(timezone=zone, hours=hours, exceptions={date(1999, 12, 31): ["00:00-23:00"]})._rule
    assert spans_by_week(rule)(*rule.horizon[:2]) == rule.spans(*rule.horizon[:2])


@pytest.mark.unmeasured
def test_five_hundred_operations_in_a_row() -> None:
    office = Schedule(timezone="Europe/Vilnius", hours={"mon-fri": ["08:00-18:00"]})
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(500)]
    closings = [Schedule(timezone="Europe/Vilnius", hours={}, exceptions={day: ["00:00-24:00"]}) for day in days]
    less = office
    for closing in closings:
        less = less - closing
    at = datetime(2026, 1, 1, 9, tzinfo=UTC)
    assert less.next_open(at) == datetime(2027, 5, 17, 5, tzinfo=UTC)
    again = loads(dumps(less))
    assert (again, hash(again)) == (less, hash(less))
    assert eval(repr(less)) == less
    assert Schedule.from_dict(less.to_dict()) == less

    mixed = nested = office
    for closing, sign in islice(zip(closings, cycle("-|&"), strict=False), 500):
        mixed = mixed - closing if sign == "-" else mixed | closing if sign == "|" else mixed & (closing | ALWAYS)
        nested = ALWAYS - nested
    assert mixed.holiday_name(days[0]) is None
    assert mixed.is_open(at) == (closings[0].is_open(at) is False and office.is_open(at))
    assert nested.is_open(at) == office.is_open(at)
    assert loads(dumps(mixed)) == mixed
    assert "postfix" not in repr(mixed)
    assert (NEVER - nested).never_opens


def test_the_form_of_a_schedule_made_of_others() -> None:
    a, b, c = (Schedule(timezone="UTC", hours={day: ["08:00-18:00"]}) for day in ("mon", "tue", "wed"))
    assert ((a | b) | c).to_dict(named={"a": a, "b": b, "c": c}) == {"union": ["a", "b", "c"]}
    assert (a | (b | c)).to_dict(named={"a": a, "bc": b | c}) == {"union": ["a", "bc"]}
    assert ((a | b) - c).to_dict(named={"ab": a | b, "c": c}) == {"difference": ["ab", "c"]}
    assert ((a | b) - c - a).to_dict(named={"ab": a | b, "c": c, "a": a}) == {"difference": ["ab", "c", "a"]}
    assert (a & b) | c != a & (b | c)
    assert repr((a - b - c) | (a | b)) == f"(({a!r} - {b!r} - {c!r}) | ({a!r} | {b!r}))"
    assert eval(repr(a - (b - c) - c)) == a - (b - c) - c


def test_what_is_made_of_very_many_schedules_is_refused_at_once() -> None:
    schedule = ALWAYS
    for _ in range(9):
        schedule |= schedule
    with pytest.raises(ScheduleError, match="must be made of at most 1,000 schedules, not 1,024"):
        _ = schedule | schedule
    document: dict[str, Any] = {"open": "always"}
    for _ in range(60):
        document = {"union": [document, document]}
    for make in (Schedule.from_dict, lambda given: KOLMISOFT.replace(schedules={"a": given, **KOLMISOFT.schedules})):
        with pytest.raises(ValueError, match="must be made of at most 1,000 schedules, not 1,152,921,504,606,846,976"):
            make(document)


def test_what_is_nested_very_deeply_is_refused_at_once() -> None:
    document: dict[str, Any] = {"open": "always"}
    circle: dict[str, Any] = {"union": [{"open": "never"}]}
    circle["union"].append(circle)
    for number in range(500):
        document = {("union", "difference")[number % 2]: [document, {"open": "never"}]}
    for deep in (document, circle):
        for make in (Schedule.from_dict, lambda deep: KOLMISOFT.replace(schedules={"a": deep})):
            with pytest.raises(ValueError, match="a schedule must be nested at most 100 deep; refer to parts by name"):
                make(deep)
