"""All promises of a ticket at once: its deadlines, which one is the nearest, and where it stands in a queue."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolmisla import (
    KOLMISOFT,
    Deadline,
    HorizonError,
    KolmislaError,
    NotCoveredError,
    PolicyError,
    Target,
    Ticket,
    TicketError,
    cycles,
    deadline,
    deadlines,
    queue,
)
from kolmisla.policies.terms.metrics import METRICS
from tests.laws.test_queues import NOON, openings, tickets
from tests.strategies import utc

HOUR = timedelta(hours=1)
EACH = {
    "first-response": Target(within=2 * HOUR),
    "next-response": {"BLOCKER": Target(within=HOUR), "LOW": Target(within=3 * HOUR)},
    "resolution": {"BLOCKER": Target(within=4 * HOUR), "HIGH": Target(within=2 * HOUR)},
}
ALL = KOLMISOFT.replace(
    plans=[plan.replace(targets=EACH, pausing=METRICS) for plan in KOLMISOFT.plans.values()],
)
policies = st.sampled_from([ALL, KOLMISOFT])


def breach(found: Deadline) -> tuple[bool, datetime]:
    return found.breaches_after is None, found.breaches_after or found.ticket.opened_at


@given(tickets(), policies, st.none() | openings)
def test_the_deadlines_are_those_of_the_cycles_that_run(ticket: Ticket, policy: Any, at: datetime | None) -> None:
    if at is not None and at < ticket.opened_at:
        with pytest.raises(TicketError, match="is before the ticket was opened at"):
            deadlines(ticket, policy=policy, at=at)
        return
    found = deadlines(ticket, policy=policy, at=at)
    known = ticket if at is None else ticket.until(at)
    running = []
    for metric in METRICS:
        try:
            every = cycles(known, policy=policy, metric=metric)
        except NotCoveredError:
            continue
        running += [cycle.deadline for cycle in every if cycle.ended_at is None and cycle.deadline]
    assert {(each.promise.metric, each.cycle) for each in found} == {
        (each.promise.metric, each.cycle) for each in running
    }
    assert all(each in running for each in found)
    for one, other in pairwise(found):
        assert breach(one) <= breach(other)
    if at is not None:
        breached = [each.status(at).state == "breached" for each in found]
        assert breached == sorted(breached, reverse=True)  # what is breached comes first


@given(st.lists(tickets(), max_size=8), policies, openings)
def test_a_queue_of_all_metrics_has_the_nearest_promise_of_each_ticket(
    drawn: list[Ticket], policy: Any, at: datetime
) -> None:
    by_metric = {metric: queue(drawn, at, policy=policy, metric=metric) for metric in METRICS}
    whole = queue(drawn, at, policy=policy, metric="all")
    assert [entry.rank for entry in whole] == sorted(entry.rank for entry in whole)
    for ticket in drawn:
        own = [entry for entry in whole if entry.ticket is ticket]
        promised = [
            entry for metric in METRICS for entry in by_metric[metric] if entry.ticket is ticket and entry.status
        ]
        if not promised:
            assert own == [entry for entry in by_metric["first-response"] if entry.ticket is ticket]
            continue
        (entry,) = own
        first = deadlines(ticket, policy=policy, at=at)[0]
        assert (entry.metric, entry.cycle) == (first.promise.metric, first.cycle)
        assert (entry.due_at, entry.breaches_after) == (first.due_at, first.breaches_after)
        assert entry == next(each for each in promised if each.metric == entry.metric)


def happened(*kinds: str) -> list[dict[str, Any]]:
    return [{"kind": kind, "at": NOON + number * HOUR} for number, kind in enumerate(kinds, 1)]


def test_all_promises_by_hand() -> None:
    """NOON is 15:00 on a Friday in Vilnius; the desk closes at 18:00, and Monday is a holiday."""
    ticket = Ticket(id=1, plan="premium", priority="blocker", opened_at=NOON, events=happened("answered", "asked"))
    found = [(each.promise.metric, utc(each.breaches_after).hour) for each in deadlines(ticket, policy=ALL)]
    assert found == [("next-response", 15), ("resolution", 16)]
    opened = deadlines(ticket, policy=ALL, at=NOON)
    assert [each.promise.metric for each in opened] == ["first-response", "resolution"]
    assert opened[0].ticket.events == ()
    ended = ticket.replace(events=happened("resolved"))
    assert deadlines(ended, policy=ALL) == ()
    assert deadlines(ticket.replace(plan=None), policy=ALL) == ()
    assert deadlines(ticket.replace(channel="phone"), policy=ALL) == ()
    paused = ticket.replace(events=[*ticket.events, {"kind": "paused", "at": NOON + 3 * HOUR - HOUR / 2}])
    assert [(each.promise.metric, each.due_at) for each in deadlines(paused, policy=ALL)] == [
        ("next-response", None),
        ("resolution", None),
    ]


def test_the_nearest_breach_is_first_whatever_its_metric() -> None:
    targets = {"first-response": Target(within=2 * HOUR), "resolution": Target(within=HOUR)}
    policy = ALL.replace(plans=[plan.replace(targets=targets) for plan in ALL.plans.values()])
    ticket = Ticket(plan="premium", priority="blocker", opened_at=NOON)
    assert [each.promise.metric for each in deadlines(ticket, policy=policy)] == ["resolution", "first-response"]


def test_a_pause_at_the_very_end_of_a_target_is_nearer_than_one_before() -> None:
    """Its due time is known, although nobody knows until when the promise is kept."""
    policy = ALL.replace(priority_change="carry")
    events = [{"kind": "paused", "at": NOON + 2 * HOUR}]
    ticket = Ticket(plan="premium", priority="blocker", opened_at=NOON, events=events)
    found = deadlines(ticket, policy=policy)
    assert [(each.promise.metric, each.due_at is None, each.breaches_after) for each in found] == [
        ("first-response", False, None),
        ("resolution", True, None),
    ]


def test_wrong_names_are_told() -> None:
    ticket = Ticket(plan="gold", priority="high", opened_at=NOON)
    with pytest.raises(KolmislaError, match="plan 'gold' is not one of"):
        deadlines(ticket)
    with pytest.raises(TypeError, match="policy must be a Policy"):
        deadlines(ticket, policy="resolution")  # type: ignore[arg-type]
    with pytest.raises(PolicyError, match="metric 'any' is not one of first-response, next-response, resolution, all"):
        queue([], NOON, metric="any")  # type: ignore[arg-type]
    early = Ticket(plan="premium", priority="high", opened_at="1800-01-01T00:00Z")
    with pytest.raises(HorizonError):
        deadlines(early)


def test_a_queue_of_all_metrics_by_hand() -> None:
    """Ticket 2 was answered; its resolution is nearer than the first response to ticket 1, which came later."""
    facts: dict[str, Any] = {"plan": "premium", "priority": "high"}
    waiting = [
        Ticket(id=1, opened_at=NOON + HOUR / 2, **facts),
        Ticket(id=2, opened_at=NOON, events=happened("answered"), **facts),
        Ticket(id=3, opened_at=NOON, events=happened("resolved"), **facts),
        Ticket(id=4, opened_at=NOON, plan=None, priority="low"),
        Ticket(id=5, opened_at=NOON, plan=None, priority="low", events=happened("answered")),
        Ticket(id=6, opened_at=NOON, plan="premium", priority="low", events=happened("answered")),
    ]
    entries = queue(waiting, NOON + HOUR, policy=ALL, metric="All")  # type: ignore[arg-type]
    assert [(entry.ticket.id, entry.metric, entry.reason) for entry in entries] == [
        (2, "resolution", None),
        (1, "first-response", None),
        (4, "first-response", "no support plan"),
    ]
    assert entries[0].to_dict()["metric"] == "resolution"
    assert deadline(waiting[1], policy=ALL, metric="resolution").due_at == entries[0].due_at
    assert entries[0].breaches_after == datetime(2026, 7, 3, 14, tzinfo=UTC)
