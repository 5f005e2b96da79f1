"""The alarms of a deadline, against an oracle that walks from edge to edge."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolmisla import Alarm, Deadline, Policy, cycles
from kolmisla.documents.for_pydantic import Answer
from kolmisla.times.instants import length
from tests import oracle
from tests.answers.test_rules import HOUR, MINUTE, desk, hours, ticket
from tests.strategies import US, LifeCase, lives, utc, warnings

Needed = Callable[[timedelta], timedelta]


def needed(threshold: int | str) -> Needed:
    """How much of a target is counted at a threshold, read in another way than the package reads it."""
    if isinstance(threshold, int):
        return lambda within: -(-length(within) * threshold // 100) * US
    if threshold == "breached":
        return lambda within: within + US
    number, unit, word = int(threshold[2:].split()[0][:-1]), threshold.split()[0][-1], threshold.split()[1]
    amount = timedelta(**{{"H": "hours", "M": "minutes", "S": "seconds"}[unit]: number})
    return (lambda within: within - amount) if word == "left" else (lambda within: within + amount)


def same(case: LifeCase, deadline: Deadline, ours: datetime | None, theirs: datetime | None) -> bool:
    """Whether two instants are the same. The oracle looks no further than some weeks."""
    if theirs is None:
        start = cycles(case.ticket, policy=case.policy, metric=case.metric)[deadline.cycle - 1].started_at
        return ours is None or utc(ours) >= utc(start) + oracle.FAR
    return ours is not None and utc(ours) == theirs


@given(lives(), warnings)
def test_each_alarm_is_where_the_oracle_has_counted_its_amount(case: LifeCase, listed: list[int | str]) -> None:
    case = case.warned(listed)
    for cycle in cycles(case.ticket, policy=case.policy, metric=case.metric):
        if cycle.deadline is None:
            continue
        alarms = cycle.deadline.alarms()
        assert sorted(map(str, (alarm.threshold for alarm in alarms))) == sorted(map(str, case.listed(listed)))
        walk = oracle.Walk(case.life, cycle.number)
        for alarm in alarms:
            assert same(case, cycle.deadline, alarm.at, walk.counted(needed(alarm.threshold)))
        known = [utc(alarm.at) for alarm in alarms if alarm.at]
        assert known == sorted(known)
        assert [alarm.at is None for alarm in alarms] == sorted(alarm.at is None for alarm in alarms)


@given(lives(), st.integers(1, 300), st.integers(-(10**11), 10**11))
def test_alarms_are_what_used_at_and_left_at_say(case: LifeCase, percent: int, left: int) -> None:
    case = case.warned([percent, "PT20M left", "PT20M over"])
    for cycle in cycles(case.ticket, policy=case.policy, metric=case.metric):
        due = cycle.deadline
        if due is None:
            continue
        at = {alarm.threshold: alarm.at for alarm in due.alarms()}
        assert at[percent] == due.used_at(percent)
        assert at["PT20M left"] == due.left_at(timedelta(minutes=20))
        assert at["PT20M over"] == due.left_at(timedelta(minutes=-20))
        assert due.left_at(timedelta()) == due.used_at(100) == due.due_at
        walk = oracle.Walk(case.life, cycle.number)
        assert same(case, due, due.left_at(left * US), walk.counted(lambda within: within - left * US))


def test_time_left_by_hand() -> None:
    """Thirty minutes before a target of eight hours ends are 93.75 percent of it."""

    policy = desk(hours({"mon-fri": ["08:00-16:00"]}), timedelta(hours=8))
    due = cycles(ticket("2026-07-01T14:00"), policy=policy)[0].deadline
    assert due is not None
    at = due.left_at(30 * MINUTE)
    assert at is not None
    assert at.isoformat() == "2026-07-02T13:30:00+00:00"
    assert due.left_at(timedelta(hours=8)) == due.left_at(timedelta(hours=9)) == due.ticket.opened_at
    assert due.alarms() == (Alarm(100, due.due_at),)
    assert isinstance(due.alarms()[0], Answer)
    assert due.alarms()[0].to_dict() == {"threshold": 100, "at": "2026-07-02T14:00:00+00:00"}
    with pytest.raises(TypeError, match="a duration must be a timedelta, not 30"):
        due.left_at(30)  # type: ignore[arg-type]


def test_nothing_is_left_before_a_restart() -> None:

    policy = desk(hours({"mon-fri": ["08:00-16:00"]}), timedelta(hours=1), priority_change="restart")
    policy = policy.replace(warnings=["PT2H left", 100])
    raised = ticket("2026-07-01T10:00", "2026-07-01T10:30 priority P1")
    (cycle,) = cycles(raised, policy=policy)
    assert cycle.deadline is not None
    times = {alarm.threshold: alarm.at and alarm.at.isoformat()[11:16] for alarm in cycle.deadline.alarms()}
    assert times == {"PT2H left": "10:30", 100: "11:30"}


def test_an_alarm_in_a_pause_is_unknown() -> None:

    policy = desk(hours({"mon-fri": ["08:00-16:00"]}), 2 * HOUR, warnings=[100, 25, "PT1H left"])
    paused = ticket("2026-07-01T10:00", "2026-07-01T10:45 paused")
    due = cycles(paused, policy=policy, metric="resolution")[0].deadline
    assert due is not None
    alarms = [alarm.to_dict() for alarm in due.alarms()]
    assert alarms == [
        {"threshold": 25, "at": "2026-07-01T10:30:00+00:00"},
        {"threshold": "PT1H left", "at": None},
        {"threshold": 100, "at": None},
    ]


def test_alarms_are_in_order_of_time_even_if_another_target_decided_them() -> None:
    """Both were crossed under the target of eight hours, in the order of that target, and not of two hours."""
    document = desk(hours({"mon-fri": ["08:00-16:00"]}), 8 * HOUR, warnings=["PT90M left", 50]).to_dict()
    targets = {"resolution": {"P2": {"within": "PT8H"}, "P1": {"within": "PT2H"}}}
    document["plans"]["PLAN"]["targets"] = targets
    raised = ticket("2026-07-01T08:00", "2026-07-01T15:00 priority P1")
    (cycle,) = cycles(raised, policy=Policy.from_dict(document), metric="resolution")
    assert cycle.deadline is not None
    assert [(alarm.threshold, alarm.at and f"{alarm.at:%H:%M}") for alarm in cycle.deadline.alarms()] == [
        (50, "12:00"),
        ("PT1H30M left", "14:30"),
    ]
