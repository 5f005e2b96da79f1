"""Faults of metrics, owners and new events that a tester found, each with its answer by hand."""

import tomllib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kolmisla import Event, Metric, NotCoveredError, Policy, PolicyError, Ticket, TicketError, cycles, deadline, explain
from kolmisla.reports import example_faults

DESK = """
name = "desk"
timezone = "Europe/Vilnius"
schedules.day.open = "always"
schedules.never.open = "never"
priorities.P = { rank = 1, schedule = "day" }
plans.G = { rank = 1, targets.resolution = { within = "PT8H" } }
"""


def policy_of(text: str = "", base: str = DESK) -> Policy:
    return Policy.from_dict(tomllib.loads(base + text))


def at(hour: int, minute: int = 0, *, day: int = 7) -> datetime:
    return datetime(2026, 7, day, hour, minute, tzinfo=UTC)


def ticket(*events: tuple[datetime, str, str | None], **facts: Any) -> Ticket:
    told = [Event(kind=kind, at=when, value=value) for when, kind, value in events]  # type: ignore[arg-type]
    return Ticket(**{"plan": "g", "priority": "p", "opened_at": at(10), **facts}, events=told)


def test_an_edition_removes_a_metric() -> None:
    text = """
    metrics.m = { starts = ["opened"], ends = ["resolved"] }
    plans.G.targets.m = { within = "PT1H" }
    [[editions]]
    effective_from = 2026-07-01
    metrics.m = false
    plans.G.targets.m = false
    """
    policy = policy_of(
        text,
        DESK.replace(
            'plans.G = { rank = 1, targets.resolution = { within = "PT8H" } }',
            'plans.G.rank = 1\nplans.G.targets.resolution = { within = "PT8H" }',
        ),
    )
    june = Ticket(plan="g", priority="p", opened_at=datetime(2026, 6, 2, 10, tzinfo=UTC))
    metric: Any = "m"
    assert deadline(june, policy=policy, metric=metric).due_at == datetime(2026, 6, 2, 11, tzinfo=UTC)
    assert deadline(ticket(), policy=policy, metric="resolution").due_at == at(18)
    with pytest.raises(NotCoveredError, match="^no cycle of m has begun$"):
        deadline(ticket(), policy=policy, metric=metric)
    assert cycles(ticket(), policy=policy, metric=metric) == ()
    with pytest.raises(TicketError, match="priority 'q'"):
        cycles(ticket(priority="q"), policy=policy, metric=metric)


def test_without_a_cycle_nothing_is_due_whatever_is_promised() -> None:
    unpromised = ticket(plan=None)
    with pytest.raises(NotCoveredError, match="no question was asked after a response"):
        deadline(unpromised, policy=policy_of(), metric="next-response")
    assert cycles(unpromised, policy=policy_of(), metric="next-response") == ()
    with pytest.raises(NotCoveredError, match="no support plan"):
        cycles(unpromised, policy=policy_of(), metric="resolution")


def test_an_event_about_an_unknown_metric() -> None:
    wrong = Event(kind="due", at=at(11), value=at(12), metric="resoluton")
    told = Ticket(plan="g", priority="p", opened_at=at(10), events=[wrong])
    with pytest.raises(TicketError, match="event of the kind due: metric 'resoluton' is not one of first-response"):
        deadline(told, policy=policy_of(), metric="resolution")
    answered = Ticket(plan="g", priority="p", opened_at=at(10), answered_at=at(10, 30), events=[wrong])
    with pytest.raises(TicketError, match="resoluton"):
        cycles(answered, policy=policy_of())


@pytest.mark.parametrize("repeats", [True, False])
def test_a_reopening_starts_a_new_cycle_whatever_ended_the_last(*, repeats: bool) -> None:
    metric = Metric(name="m", starts=("opened",), ends=("answered", "resolved"), repeats=repeats, reopened="new-cycle")
    policy = policy_of().replace(metrics=[metric])
    told = ticket((at(11), "answered", None), (at(12), "resolved", None), (at(14), "reopened", None))
    assert [cycle.started_at for cycle in cycles(told, policy=policy, metric=metric)] == [at(10), at(14)]
    late = metric.replace(reopened="ignore", reopened_within=timedelta(hours=1))
    policy = policy_of().replace(metrics=[late])
    assert [cycle.started_at for cycle in cycles(told, policy=policy, metric=late)] == [at(10), at(14)]


def test_a_reopened_ticket_in_new_hands() -> None:
    metric = Metric(name="m", starts=("owner=A",), ends=("owner", "resolved"), repeats=True, reopened="new-cycle")
    policy = policy_of().replace(metrics=[metric])
    told = ticket((at(12), "resolved", None), (at(13), "owner", "a"), (at(14), "reopened", None), owner="B")
    assert [cycle.started_at for cycle in cycles(told, policy=policy, metric=metric)] == [at(14)]


def test_examples_know_the_policys_own_metrics_and_facts() -> None:
    text = """
    metrics.m = { starts = { requester = ["opened"], staff = ["asked"] }, ends = ["resolved"] }
    owners.A.schedule = "day"
    [[examples]]
    opened_at = "2026-07-07T10:00"
    metric = "M"
    opened_by = "staff"
    owner = "A"
    schedule = "day"
    events = [
        { kind = "asked", at = "2026-07-07T11:00" },
        { kind = "due", at = "2026-07-07T12:00", value = "2026-07-08T12:00", metric = "m" },
        { kind = "waived", at = "2026-07-07T13:00", reason = "outage" },
    ]
    due_at = "2026-07-08T12:00"
    """
    assert [*example_faults(policy_of(text))] == []


def test_the_built_in_metrics_in_the_words_of_the_docs() -> None:
    """Written out, they change nothing, whatever pauses."""
    words = {
        "first-response": Metric(
            name="first-response", starts=("opened",), ends=("answered", "resolved"), reopened="ignore"
        ),
        "next-response": Metric(
            name="next-response",
            starts=("asked",),
            after=("answered", "resolved"),
            ends=("answered", "resolved"),
            repeats=True,
            reopened="ignore",
        ),
        "resolution": Metric(name="resolution", starts=("opened",), ends=("resolved",), reopened="continue"),
    }
    told = ticket(
        (at(11), "paused", None), (at(13), "resumed", None), (at(16), "paused", None), (at(17), "resumed", None)
    )
    for pausing in (None, [], ["first-response"], ["resolution"]):
        policy = policy_of()
        policy = policy.replace(plans=[plan.replace(pausing=pausing) for plan in policy.plans.values()])
        due = deadline(told, policy=policy, metric="resolution").due_at
        assert deadline(told, policy=policy.replace(metrics=words), metric="resolution").due_at == due
        assert due == (at(18) if pausing in ([], ["first-response"]) else at(21))


def test_what_is_refused_on_loading() -> None:
    for text, fault in (
        ('owners.N.schedule = "never"', "owners.N: N is counted on 'never', which"),
        ('metrics.all = { starts = ["opened"], ends = ["resolved"] }', "metrics.all.name: must not be 'all'"),
        (
            'metrics.m = { starts = ["opened"], ends = ["owner"], cancels = ["owner=A"] }',
            "metrics.m.cancels: must not have 'owner=A': the key `ends` has 'owner', which includes it",
        ),
        (
            'metrics.m = { starts = ["opened"], ends = ["answered", "owner=A"], cancels = ["owner=A"] }',
            "metrics.m.cancels: must not have 'owner=A': the key `ends` has it already",
        ),
        ('metrics.m = { starts = ["resolved"], ends = ["owner"] }', "metrics.m.starts: must not have 'resolved'"),
        ('metrics.m = { starts = [], ends = ["owner"] }', "metrics.m.starts: must have a kind of event"),
        ('metrics.m = { starts = ["opened"], ends = [] }', "metrics.m.ends: must have a kind of event"),
        ('metrics.m = { starts = ["opend"], ends = ["owner"] }', "metrics.m.starts.0: 'opend' is not one of"),
        ('metrics.m = { starts = ["opened=x"], ends = ["owner"] }', "metrics.m.starts.0: 'opened=x' must be a kind"),
        ('metrics.m = { starts = ["opened"], ends = ["waived"] }', "metrics.m.ends.0: 'waived' is not one of"),
        (
            'metrics.m = { starts = { requester = ["opened"] }, ends = ["owner"] }',
            "metrics.m.starts: must have a list for requester and for staff, but has none for staff; type the events",
        ),
        ('metrics.m = { starts = { boss = [] }, ends = ["owner"] }', "metrics.m.starts: 'boss' is not one of"),
        (
            'metrics.m = { starts = { requester = ["x"], staff = [] }, ends = ["owner"] }',
            "metrics.m.starts.requester.0: 'x' is not one of",
        ),
        ('metrics.m = { starts = ["opened"], ends = ["owner"], pauses = "pending" }', "type ['pending']"),
        (
            'metrics.m = { starts = ["opened"], ends = ["owner"], pauses = ["a", "A"] }',
            "must have each reason once, but one of a, A is there twice",
        ),
        ('metrics.m = { starts = ["opened"], ends = ["owner"], repeats = 1 }', "must be true or false, not 1"),
        (
            'metrics.m = { starts = ["opened"], ends = ["owner"], reopened = "new-cycle", reopened_within = "3 days" }',
            "metrics.m.reopened_within: must be left out",
        ),
        (
            'metrics.m = { starts = ["opened"], ends = ["owner"], reopened_within = "30 weeks" }',
            'days are written "30 days"',
        ),
    ):
        with pytest.raises(PolicyError) as told:
            policy_of(text)
        assert fault in str(told.value)


def test_a_metric_that_the_policy_defines_otherwise() -> None:
    other = Metric(name="resolution", starts=("opened",), ends=("answered",))
    with pytest.raises(PolicyError, match="the given metric resolution differs from the policy's metric resolution"):
        cycles(ticket(), policy=policy_of(), metric=other)


def test_extensions_without_end() -> None:
    many = [Event(kind="extended", at=at(11), value="PT876000H")] * 1_100
    told = Ticket(plan="g", priority="p", opened_at=at(10), events=many)
    with pytest.raises(TicketError, match="the extensions of a ticket must add up to at most a thousand centuries"):
        deadline(told, policy=policy_of(), metric="resolution")


def test_a_plan_that_comes_later_is_explained() -> None:
    told = ticket((at(12), "plan", "g"), plan=None)
    assert "not counted: no support plan\n" in str(explain(told, policy=policy_of(), metric="resolution"))


def test_a_waiver_is_told_beside_the_verdict() -> None:
    waived = Event(kind="waived", at=at(11), reason="outage")
    told = Ticket(plan="g", priority="p", opened_at=at(10), events=[waived])
    found = deadline(told, policy=policy_of(), metric="resolution")
    assert (found.waived, found.to_dict()["waived"]) == ("outage", "outage")
    assert deadline(ticket(), policy=policy_of(), metric="resolution").waived is None


def test_a_question_after_the_resolution_that_ends_a_cycle_ends_it_and_begins_the_next_when_reopened() -> None:
    """Each question ends a cycle and begins one. While the ticket is resolved no cycle runs, and no time counts."""
    metric = Metric(name="m", starts=("opened", "asked"), ends=("asked",), repeats=True)
    policy = policy_of().replace(metrics=[metric])
    resolved, asked = (at(11), "resolved", None), (at(12), "asked", None)
    for events, told in (
        ((resolved, asked), [(at(10), at(12), 1)]),
        ((resolved, asked, (at(14), "reopened", None)), [(at(10), at(12), 1), (at(12), None, 2)]),
        (
            (resolved, asked, (at(14), "reopened", None), (at(15), "asked", None)),
            [(at(10), at(12), 1), (at(12), at(15), 1), (at(15), None, 1)],
        ),
    ):
        found = cycles(ticket(*events), policy=policy, metric=metric)
        hours = [cycle.elapsed(at(16)) // timedelta(hours=1) for cycle in found]
        assert [(cycle.started_at, cycle.ended_at, n) for cycle, n in zip(found, hours, strict=True)] == told
