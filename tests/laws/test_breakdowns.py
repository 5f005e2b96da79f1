"""Breakdowns add up, and each part is what a walk through the minutes finds."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolmisla import (
    ALWAYS,
    Event,
    Metric,
    Plan,
    Policy,
    Priority,
    Schedule,
    Target,
    Ticket,
    TicketError,
    breakdown,
    cycles,
    deadline,
)
from kolmisla.policies import Owner
from tests.laws.test_metrics import MINUTE, OPENED, desk, events
from tests.oracle_of_metrics import Happened, told

ZERO = timedelta()


def named(happened: list[Happened], minute: Any, by: str, waits: list[str]) -> str | None:
    """Return the owner, the priority or the reasons of a minute."""
    now: dict[str, str] = {"owner": "", "priority": "low"}
    reasons: list[str] = []
    gone = False
    for event in happened:
        if event.at > minute:
            break
        gone = gone and event.kind != "reopened"
        if gone:
            continue
        if event.kind in now:
            now[event.kind] = event.value
        elif event.kind == "paused" and event.value not in reasons:
            reasons.append(event.value)
        elif event.kind == "resumed":
            reasons = [reason for reason in reasons if event.value and reason != event.value]
        elif event.kind in ("resolved", "reopened", "withdrawn"):
            reasons = []
        elif event.kind == "asked":
            reasons = [reason for reason in reasons if reason not in waits]
        gone = event.kind == "withdrawn"
    if by == "reason":
        return ", ".join(reason or "paused" for reason in reasons) or None
    return now[by] or None


@given(
    events(), st.sampled_from(["owner", "priority", "reason"]), st.sampled_from(["all", "none", ["customer"]]),
    st.sampled_from([[], ["customer"]]), st.integers(0, 60),
)  # fmt: skip
def test_the_parts_add_up(happened: list[dict[str, Any]], by: Any, pauses: Any, waits: list[str], now: int) -> None:
    policy = desk({"starts": ["opened"], "ends": ["resolved"], "pauses": pauses}, {}, waits, "goodbye")
    at = OPENED + now * MINUTE
    ticket = Ticket.imported(plan="gold", priority="low", opened_at=OPENED, events=happened).until(at)
    metric = policy.metrics["m"]
    cycle = cycles(ticket, policy=policy, metric=metric)[-1]
    found = breakdown(ticket, by=by, policy=policy, metric=metric, at=at)
    assert found.elapsed == cycle.elapsed(at) == sum((share.elapsed for share in found.shares), ZERO)
    counted: dict[str | None, timedelta] = defaultdict(timedelta)
    end = min(cycle.ended_at or at, at)
    minute, before = cycle.started_at, ZERO
    while minute < end:
        after = cycle.elapsed(minute + MINUTE)
        counted[named(told(ticket.events), minute, by, waits)] += after - before
        minute, before = minute + MINUTE, after
    folded = {share.name and share.name.lower(): share.elapsed for share in found.shares}
    assert {name: took for name, took in folded.items() if took} == {
        name: took for name, took in counted.items() if took
    }


TOLD = [
    Event(kind="owner", at=OPENED + 10 * MINUTE, value="L2"),
    Event(kind="paused", at=OPENED + 15 * MINUTE, value="vendor"),
    Event(kind="resumed", at=OPENED + 45 * MINUTE),
    Event(kind="owner", at=OPENED + 60 * MINUTE, value="L1"),
    Event(kind="resolved", at=OPENED + 70 * MINUTE),
]


@pytest.mark.parametrize(
    ("by", "shares", "ran_out"),
    [
        ("owner", [("L1", 20, 0), ("L2", 20, 30)], "L2"),
        ("priority", [("low", 40, 30)], "low"),
        ("reason", [(None, 40, 0), ("vendor", 0, 30)], None),
    ],
)
def test_in_whose_hands_the_target_ran_out(by: Any, shares: list[Any], ran_out: str | None) -> None:
    """20 minutes are used up at 8:50, 35 minutes after L2 took the ticket, 30 of which are a pause."""
    policy = desk({"starts": ["opened"], "ends": ["resolved"], "pauses": "all"}, {}, [], "goodbye")
    ticket = Ticket(plan="gold", priority="low", opened_at=OPENED, owner="L1", events=TOLD)
    found = breakdown(ticket, by=by, policy=policy, metric=policy.metrics["m"])
    assert [(name, took / MINUTE, stood / MINUTE) for name, took, stood in found.shares] == shares
    assert found.ran_out == ran_out
    assert found.to_dict()["shares"][0]["elapsed_s"] == shares[0][1] * 60


def test_a_target_that_was_kept_ran_out_in_no_hands() -> None:
    policy = desk({"starts": ["opened"], "ends": ["answered"], "pauses": None}, {}, [], "goodbye")
    ticket = Ticket(plan="gold", priority="low", opened_at=OPENED, owner="L1", answered_at=OPENED + 20 * MINUTE)
    assert breakdown(ticket, by="owner", policy=policy, metric=policy.metrics["m"]).ran_out is None


@pytest.mark.parametrize(("due", "ran_out"), [("2026-07-04T12:00+03:00", "L2"), ("2026-07-03T12:00+03:00", "L1")])
def test_an_agreed_time_ran_out_while_nothing_counts_or_before_the_opening(due: str, ran_out: str) -> None:
    """Saturday is closed, so no more than the target is counted by then. But the ticket is breached."""
    agreed = Event(kind="due", at="2026-07-03T16:40+03:00", value=due)
    given = Event(kind="owner", at="2026-07-03T17:00+03:00", value="L2")
    facts: dict[str, Any] = {
        "plan": "premium",
        "priority": "high",
        "owner": "L1",
        "opened_at": "2026-07-03T16:30+03:00",
    }
    ticket, saturday = Ticket(**facts, events=[agreed, given]), datetime.fromisoformat("2026-07-04T13:00+03:00")
    assert deadline(ticket).status(saturday).state == "breached"
    assert breakdown(ticket, by="owner", at=saturday).ran_out == ran_out
    friday = datetime.fromisoformat("2026-07-03T17:30+03:00")
    assert breakdown(ticket, by="owner", at=friday).ran_out == ("L1" if ran_out == "L1" else None)


def test_what_cannot_be_broken_down() -> None:
    ticket = Ticket(plan="premium", priority="high", opened_at=OPENED)
    with pytest.raises(TicketError, match="the cycle has not ended, so give `at`: the instant"):
        breakdown(ticket, by="owner")
    with pytest.raises(ValueError, match="by must be one of reason, owner, priority, not 'team'"):
        breakdown(ticket, by="team", at=OPENED)  # type: ignore[arg-type]


def test_hours_of_owners() -> None:
    """A ticket counts on the hours of its owner, unless its priority is round the clock or its target has hours."""

    def hours(text: str) -> Schedule:
        return Schedule(timezone="UTC", hours={"mon-sun": [text]})

    hour = Target(within=timedelta(hours=1))
    policy = Policy(
        name="desk",
        timezone="UTC",
        schedules={"day": hours("08:00-16:00"), "late": hours("12:00-20:00"), "always": ALWAYS},
        priorities=[Priority(name="low", rank=2, schedule="day"), Priority(name="high", rank=1, schedule="always")],
        plans=[
            Plan(name="gold", rank=1, targets={"resolution": hour}),
            Plan(name="own", rank=2, targets={"resolution": Target(within=timedelta(hours=1), schedule="day")}),
        ],
        owners=[Owner(name="BERLIN", schedule="late")],
    )
    opened = OPENED.replace(hour=9)

    def due(plan: str, priority: str, **facts: Any) -> int:
        ticket = Ticket(plan=plan, priority=priority, opened_at=opened, **facts)
        at = deadline(ticket, policy=policy, metric="resolution").due_at
        assert at
        return at.hour

    assert due("gold", "low") == 10
    assert due("gold", "low", owner="berlin") == 13
    assert due("gold", "low", owner="oslo") == 10
    assert due("gold", "low", schedule="LATE", owner="oslo") == 13
    assert due("gold", "low", schedule="day", owner="berlin") == 10
    assert due("gold", "high", owner="berlin") == due("gold", "high", schedule="late") == 10
    assert due("own", "low", owner="berlin", schedule="late") == 10
    moved = [Event(kind="owner", at=opened + 30 * MINUTE, value="Berlin")]
    assert due("gold", "low", events=moved) == 12  # half an hour by day, and half an hour of the late hours


def test_metric_is_what_people_import() -> None:
    assert Metric(name="m", starts=("opened",), ends=("resolved",)).repeats is False
