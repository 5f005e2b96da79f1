"""A schedule is a frozen value: equal if written alike, hashable, picklable; its repr evaluates to an equal one."""

import pickle
from copy import copy, deepcopy
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kolmisla
from kolmisla import ALWAYS, NEVER, Schedule, ScheduleError, Status, Ticket, deadline
from tests.strategies import Case, cases, documents, pairs

NAMES = {name: getattr(kolmisla, name) for name in ("Schedule", "ALWAYS", "NEVER")}


def again(schedule: Schedule) -> Schedule:
    return eval(repr(schedule), NAMES)  # type: ignore[no-any-return]


@given(documents())
def test_written_alike_is_equal(drawn: tuple[dict[str, object], date]) -> None:
    document, _ = drawn
    one, other = Schedule(**document), Schedule(**document)  # type: ignore[arg-type]
    assert one == other
    assert hash(one) == hash(other)
    assert Schedule(**one.to_dict()) == one


@given(st.data(), pairs())
def test_copies_pickles_and_reprs_answer_the_same(data: st.DataObject, pair: tuple[Case, Case]) -> None:
    left, right = pair[0].schedule, pair[1].schedule
    start, end = data.draw(pair[0].instants()), data.draw(pair[1].instants())
    for schedule in (left, left & right, (left | right) - ALWAYS, NEVER):
        for same in (pickle.loads(pickle.dumps(schedule)), copy(schedule), deepcopy(schedule), again(schedule)):
            assert same == schedule
            assert hash(same) == hash(schedule)
            assert same.elapsed(start, end) == schedule.elapsed(start, end)


@given(cases())
def test_days_one_by_one_or_as_a_range(case: Case) -> None:
    hours = {"mon": ["8:00-18:00"], "Tuesday": ["08:00-12:00", "12:00-18:00"], "wed": ["08:00:00-18:00:00"]}
    ranged = Schedule(timezone="UTC", hours={"mon-wed": ["08:00-18:00"]})
    assert Schedule(timezone="UTC", hours=hours) == ranged
    assert case.schedule == Schedule(**case.schedule.to_dict())


def test_the_week_goes_round() -> None:
    round_the_end = Schedule(timezone="UTC", hours={"sat-mon": ["08:00-18:00"]})
    assert round_the_end.to_dict()["hours"] == {"mon": ["08:00-18:00"], "sat-sun": ["08:00-18:00"]}


def test_more_than_a_day_at_a_stretch_can_be_written() -> None:
    long = Schedule(timezone="UTC", hours={"mon": ["08:00-24:00", "22:00-21:00"]})
    assert long.to_dict()["hours"] == {"mon": ["08:00-24:00", "21:00-21:00"]}
    assert Schedule(**long.to_dict()) == long


def test_named_holidays_are_kept() -> None:
    document = {"timezone": "UTC", "hours": {"mon-fri": ["08:00-18:00"]}, "holidays": {"2026-12-31": "Stocktaking"}}
    schedule = Schedule(**document)  # type: ignore[arg-type]
    assert schedule.to_dict() == document
    assert schedule.holiday_name(date(2026, 12, 31)) == "Stocktaking"
    assert (NEVER | schedule).holiday_name(date(2026, 12, 31)) == "Stocktaking"
    assert (ALWAYS - schedule).holiday_name(date(2026, 12, 31)) is None  # what is taken away has no say
    assert NEVER.holiday_name(date(2026, 12, 31)) is None
    listed = Schedule(timezone="UTC", hours={}, holidays=[date(2026, 12, 31)])
    assert listed.holiday_name(date(2026, 12, 31)) == "holiday"
    assert listed.holiday_name(date(2026, 12, 30)) is None


def test_frozen() -> None:
    with pytest.raises(AttributeError, match="frozen"):
        ALWAYS.timezone = "UTC"  # type: ignore[misc]
    with pytest.raises(AttributeError, match="frozen"):
        del ALWAYS.timeline


def test_replace_leaves_the_rest() -> None:
    office = Schedule(timezone="Europe/Vilnius", hours={"mon-fri": ["08:00-18:00"]}, holidays="LT")
    there = office.replace(timezone="Asia/Tokyo")
    assert there.to_dict() == {**office.to_dict(), "timezone": "Asia/Tokyo"}
    with pytest.raises(ScheduleError, match="replace\\(\\) needs a schedule of weekly hours, not ALWAYS"):
        ALWAYS.replace(timezone="UTC")


def test_other_things_do_not_combine() -> None:
    assert ALWAYS != "ALWAYS"
    with pytest.raises(TypeError):
        ALWAYS & timedelta()  # type: ignore[operator]


def test_what_is_named_must_be_schedules_by_name() -> None:
    for wrong in (3, "ab", ["a"]):
        with pytest.raises(TypeError, match="named must be a Mapping"):
            Schedule.from_dict({"union": ["a", "b"]}, named=wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="the schedule 'a' must be a Schedule, not 3"):
        (ALWAYS | NEVER).to_dict(named={"a": 3})  # type: ignore[dict-item]


def test_an_answer_is_frozen() -> None:
    ticket = Ticket(plan="premium", priority="high", opened_at="2026-07-03T16:30:00+03:00")
    answer = deadline(ticket)
    status = answer.status(ticket.opened_at)
    assert len({answer, deadline(ticket), status}) == 2
    for each in (answer, status):
        name = each.__slots__[0]
        with pytest.raises(AttributeError, match=f"a {type(each).__name__} is frozen; {name} cannot be set"):
            setattr(each, name, None)
        with pytest.raises(AttributeError, match=f"a {type(each).__name__} is frozen; {name} cannot be deleted"):
            delattr(each, name)


def test_an_answer_is_made_by_place_and_by_name() -> None:
    hour = timedelta(hours=1)
    status = Status("running", elapsed=hour, remaining=-hour)
    assert status == Status("running", hour, -hour)
    match status:
        case Status(state, elapsed):
            assert (state, elapsed) == ("running", hour)
    wrong: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
        (("running", hour), {}),
        (("running", hour, hour), {"remaining": hour}),
        (("running", hour), {"left": hour}),
        (("running", hour, hour, hour), {}),
    ]
    for values, named in wrong:
        with pytest.raises(
            TypeError, match="a Status must have exactly one value for each of state, elapsed, remaining"
        ):
            Status(*values, **named)
