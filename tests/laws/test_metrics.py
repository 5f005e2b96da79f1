"""Metrics as data: any definition and any life give the cycles that an oracle finds by searching."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolmisla import ALWAYS, Metric, NotCoveredError, Plan, Policy, Priority, Target, Ticket, cycles, deadline
from kolmisla.tickets.cycles.cycle_clocks import ticket_clocks
from kolmisla.tickets.cycles.readings import Reading
from kolmisla.tickets.cycles.responses import first_answer
from kolmisla.times.instants import micros
from tests.oracle_of_metrics import Life, told

OPENED = datetime(2026, 7, 7, 8, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TARGET = timedelta(minutes=20)
REASONS = ("customer", "vendor")
VALUES = {
    "owner": ("L1", "L2", None),
    "priority": ("high", "low"),
    "plan": ("gold", "silver"),
    "paused": (*REASONS, None),
}
VALUES["resumed"] = VALUES["paused"]

triggers = st.lists(
    st.sampled_from(["answered", "asked", "asked", "reopened", "paused", "owner", "owner=l2", "plan=silver"]),
    max_size=2,
    unique=True,
)


OPEN = [
    "answered",
    "answered",
    "asked",
    "asked",
    "paused",
    "resumed",
    "resolved",
    "resolved",
    "owner",
    "priority",
    "plan",
]
CLOSED = ["reopened", "reopened", "reopened", "reopened", "asked", "asked", "answered", "owner", "withdrawn", "paused"]


@st.composite
def events(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Events that mostly fit the state of the ticket, so that few are dropped."""
    happened, minutes, closed = [], 0, False
    for _ in range(draw(st.integers(0, 10))):
        kind = draw(st.sampled_from(CLOSED if closed else [*OPEN, "withdrawn"]))
        value = draw(st.sampled_from(VALUES[kind])) if kind in VALUES else None
        minutes += draw(st.sampled_from([0, 1, 3, 5, 10]))
        closed = kind in ("resolved", "withdrawn") or (closed and kind not in ("reopened", "paused"))
        happened.append({"kind": kind, "at": OPENED + minutes * MINUTE, "value": value})
    return happened


@st.composite
def definitions(draw: st.DrawFn) -> dict[str, Any]:
    starts = draw(triggers) + draw(st.sampled_from([["opened"], ["opened"], []]))
    ends = draw(st.one_of(st.just([]), triggers)) + draw(st.sampled_from([["resolved"], ["resolved"], ["answered"]]))
    ends = list(dict.fromkeys(ends))
    reopened = draw(st.sampled_from(["continue", "new-cycle", "ignore"]))
    made: dict[str, Any] = {
        "starts": starts or ["asked"],
        "ends": ends,
        "after": draw(st.one_of(st.just([]), st.just([]), triggers)),
        "cancels": [
            each for each in draw(st.one_of(st.just([]), triggers)) if not {each, each.partition("=")[0]} & set(ends)
        ],
        "repeats": draw(st.booleans()),
        "reopened": reopened,
        "pauses": draw(st.sampled_from(["all", "none", ["customer"], ["vendor", "Customer"], None])),
    }
    if reopened != "new-cycle" and draw(st.booleans()):
        made["reopened_within"] = timedelta(minutes=draw(st.sampled_from([1, 3, 5])))
    return made


PAUSING = st.sampled_from(
    [{}, {"pausing": ["m"]}, {"pausing": []}, {"pauses": {"M": "all"}}, {"pauses": {"m": ["vendor"]}}]
)


def desk(metric: dict[str, Any], pausing: dict[str, Any], waits: list[str], after: str) -> Policy:
    target = Target(within=TARGET)
    return Policy(
        name="desk",
        timezone="UTC",
        schedules={"always": ALWAYS},
        priorities=[Priority(name=name, rank=rank, schedule="always") for rank, name in enumerate(["high", "low"], 1)],
        plans=[
            Plan(name=name, rank=1, targets={"m": target}, after_resolution=cast("Any", after), **pausing)
            for name in ("gold", "silver")
        ],
        metrics=[Metric(name="m", **metric)],
        waits_for_customer=waits,
    )


def stops_of(metric: dict[str, Any], pausing: dict[str, Any]) -> list[str] | None:
    """Which reasons stop the clock, or None for all pauses: the plan's word, else the metric's."""
    said = metric["pauses"]
    if "pauses" in pausing:
        said = next(iter(pausing["pauses"].values()))
    elif pausing.get("pausing"):
        said = "all"
    return None if said == "all" else [] if said in ("none", None) else [reason.lower() for reason in said]


@given(
    events(), definitions(), PAUSING, st.sampled_from([[], ["customer"]]), st.sampled_from(["goodbye", "question"]),
    st.sampled_from(["L1", "L2", None]), st.integers(0, 60),
)  # fmt: skip
def test_cycles_are_those_that_a_search_finds(
    happened: list[dict[str, Any]], metric: dict[str, Any], pausing: dict[str, Any], waits: list[str], after: str,
    owner: str | None, now: int,
) -> None:  # fmt: skip
    policy = desk(metric, pausing, waits, after)
    ticket = Ticket.imported(plan="gold", priority="low", opened_at=OPENED, owner=owner, events=happened)
    at = OPENED + now * MINUTE
    ticket = ticket.until(at)
    at_opening = {"priority": "low", "plan": "gold", "owner": (owner or "").lower()}
    life = Life(
        OPENED, at_opening, told(ticket.events), metric["starts"], metric["ends"], metric["after"], metric["cancels"],
        metric["repeats"], metric["reopened"], metric.get("reopened_within"), stops_of(metric, pausing),
        waits, after == "question",
    )  # fmt: skip
    found = cycles(ticket, policy=policy, metric=policy.metrics["m"])
    expected = life.cycles()
    assert [(each.started_at, each.ended_at) for each in found] == [(start, end) for start, end, _ in expected]
    for each, (start, end, became) in zip(found, expected, strict=True):
        counted = life.counted(start, end or at)
        assert each.elapsed(at) == counted
        status = each.status(at)
        due = life.due(start, end, TARGET)
        assert each.deadline is not None
        assert each.deadline.due_at == due
        if became == "withdrawn":
            assert status.state == "withdrawn"
        elif counted > TARGET:
            assert status.state == "breached"
        elif became == "ended":
            assert status.state == "met"
        else:
            assert status.state == ("paused" if life.stands(at) else "running")


@given(events())
def test_the_built_in_metrics_are_what_they_were(happened: list[dict[str, Any]]) -> None:
    """A metric of a policy with the words of a built-in one gives the same cycles."""
    built_in: dict[str, dict[str, Any]] = {
        "first-response": {"starts": ["opened"], "ends": ["answered", "resolved"], "reopened": "ignore"},
        "next-response": {
            "starts": ["asked"],
            "after": ["answered", "resolved"],
            "ends": ["answered", "resolved"],
            "repeats": True,
            "reopened": "ignore",
        },
        "resolution": {"starts": ["opened"], "ends": ["resolved"], "reopened": "continue", "pauses": "all"},
    }
    ticket = Ticket.imported(plan="gold", priority="low", opened_at=OPENED, events=happened)
    for name, words in built_in.items():
        policy = desk({"pauses": None, **words}, {}, [], "goodbye")
        policy = policy.replace(
            plans=[
                plan.replace(targets={**plan.targets, name: Target(within=TARGET)}) for plan in policy.plans.values()
            ]
        )
        one, other = (
            cycles(ticket, policy=policy, metric=cast("Metric", metric)) for metric in (name, policy.metrics["m"])
        )
        assert [(each.started_at, each.ended_at) for each in one] == [
            (each.started_at, each.ended_at) for each in other
        ]
        at = OPENED + 3 * HOUR
        assert [each.elapsed(at) for each in one] == [each.elapsed(at) for each in other]


def test_a_metric_without_a_cycle_is_not_covered() -> None:
    policy = desk({"starts": ["asked"], "ends": ["answered"], "pauses": None}, {}, [], "goodbye")
    ticket = Ticket(plan="gold", priority="low", opened_at=OPENED)
    assert cycles(ticket, policy=policy, metric=policy.metrics["m"]) == ()
    with pytest.raises(NotCoveredError, match="no cycle of m has begun"):
        deadline(ticket, policy=policy, metric=policy.metrics["m"])


@given(events(), definitions(), st.sampled_from(["L1", "L2", None]))
def test_the_response_in_a_cycle_does_not_follow_from_the_name_of_its_metric(
    happened: list[dict[str, Any]], metric: dict[str, Any], owner: str | None
) -> None:
    """It is never before the cycle, and in a cycle that began later than the ticket it is in the cycle."""
    ticket = Ticket.imported(plan="gold", priority="low", opened_at=OPENED, owner=owner, events=happened)
    answers = [micros(each.at) for each in ticket.events if each.kind == "answered"]
    found = []
    for name in ("m", "resolution", "first-response"):
        own = Metric(name=name, **{**metric, "pauses": metric["pauses"] or "none"})
        plans = [Plan(name=plan, rank=1, targets={name: Target(within=TARGET)}) for plan in ("gold", "silver")]
        policy = desk(metric, {}, [], "goodbye").replace(metrics=[own], plans=plans)
        try:
            clocks = ticket_clocks(ticket, policy, name)
        except NotCoveredError:
            clocks = []
        responses = [first_answer(clock, ticket.moments) for clock in clocks]
        for clock, at in zip(clocks, responses, strict=True):
            assert at is None or (at >= clock.started and at in answers)
            if at is not None and clock.started > ticket.opened:
                assert clock.started < at or at == clock.ended  # an answer may end the cycle that begins with it
                assert clock.ended is None or at <= clock.ended
        if clocks and clocks[0].started == ticket.opened and not any(e.kind == "withdrawn" for e in ticket.events):
            assert responses[0] == (answers[0] if answers else None)
        found.append(responses)
    assert found[0] == found[1] == found[2]


def test_only_the_role_of_an_opening_without_terms_is_remembered() -> None:
    watching = Reading.of(Metric(name="m", starts=("owner=L2",), ends=("resolved",)))
    assert watching.opening({"owner": "l2"}).start == "yes"
    assert watching.opening({}).start == watching.opening({}).start == "no"
    assert watching.opening({"owner": "l2"}).start == "yes"
    assert [*watching.roles] == [("opened", "")]
