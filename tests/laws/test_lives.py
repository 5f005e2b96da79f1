"""Laws 7 and 8 for tickets with events: for any events in any order, the oracle agrees."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kolmisla import Cycle, Deadline, NotCoveredError, Ticket, TicketError, cycles
from kolmisla.tickets.exports import as_states
from tests import oracle
from tests.strategies import PRIORITIES, US, LifeCase, lives, told, utc


def measured(case: LifeCase, ticket: Ticket | None = None) -> tuple[Cycle, ...]:
    return cycles(ticket or case.ticket, metric=case.metric, policy=case.policy)


def known(case: LifeCase, at: datetime) -> oracle.Life:
    """The life as it was known at an instant."""
    return replace_life(case.life, [each for each in case.life.happenings if each[0] <= at])


def replace_life(life: oracle.Life, happenings: list[oracle.Happening]) -> oracle.Life:
    return replace(life, happenings=happenings)


def instants(case: LifeCase) -> st.SearchStrategy[datetime]:
    """Instants at which something happens, one microsecond beside, and any others about the day."""
    edges = [case.life.opened, *(at for at, _, _ in case.life.happenings)]
    beside = st.builds(lambda at, us: at + us * US, st.sampled_from(edges), st.sampled_from([0, 0, -1, 1]))
    return beside | case.instants()


@given(lives())
def test_the_cycles_are_the_oracles(case: LifeCase) -> None:
    ours = [(utc(cycle.started_at), cycle.ended_at and utc(cycle.ended_at)) for cycle in measured(case)]
    assert ours == [(start, end) for start, end, _ in case.life.cycles()]
    assert [cycle.number for cycle in measured(case)] == list(range(1, len(ours) + 1))


@given(st.data(), lives())
def test_how_it_stands_is_the_oracles(data: st.DataObject, case: LifeCase) -> None:
    at = data.draw(instants(case))
    life = known(case, at)
    for cycle in measured(case):
        if at < utc(cycle.started_at):
            with pytest.raises(TicketError, match="before the"):
                cycle.elapsed(at)
            continue
        walk = oracle.Walk(life, cycle.number)
        elapsed, ended = walk.elapsed(at), walk.cycle[1]
        assert cycle.elapsed(at) == elapsed
        within, _ = walk.target(at if ended is None else datetime.max.replace(tzinfo=at.tzinfo))
        if within is None:
            with pytest.raises(NotCoveredError, match=f"plan PLAN promises no {case.metric} for P"):
                cycle.status(at)
        else:
            status = cycle.status(at)
            assert cycle.deadline is None or cycle.deadline.status(at) == status
            assert (status.elapsed, status.remaining) == (elapsed, within - elapsed)
            stopped = case.life.pausing and walk.stopped(at)
            waiting = "paused" if stopped else "running"
            assert status.state == ("breached" if elapsed > within else waiting if ended is None else "met")


@given(lives())
def test_the_two_instants_are_the_oracles(case: LifeCase) -> None:
    for cycle in measured(case):
        due, over = oracle.Walk(case.life, cycle.number).reached()
        if cycle.deadline is None:
            assert due is None
            continue
        far = utc(cycle.started_at) + oracle.FAR
        for ours, theirs in ((cycle.deadline.due_at, due), (cycle.deadline.breaches_after, over)):
            if theirs is None:
                assert ours is None or utc(ours) >= far
            else:
                assert utc(ours) == theirs


@given(st.data(), lives())
def test_met_is_ended_by_the_latest_instant(data: st.DataObject, case: LifeCase) -> None:
    at = data.draw(instants(case))
    for cycle in measured(case):
        if cycle.deadline is None or cycle.ended_at is None or cycle.deadline.due_at is None:
            continue
        last = cycle.deadline.breaches_after
        met = last is None or utc(cycle.ended_at) <= utc(last)
        if at >= utc(cycle.ended_at) and cycle.metric != "resolution":  # which may be reopened after
            assert cycle.status(at).state == ("met" if met else "breached")


@given(st.data(), lives())
def test_what_happens_later_does_not_count(data: st.DataObject, case: LifeCase) -> None:
    at = data.draw(instants(case))
    earlier = case.ticket.until(at)
    assert [event.at for event in earlier.events] == [when for when, _, _ in case.life.happenings if when <= at]
    for cycle in measured(case, earlier):
        whole = measured(case)[cycle.number - 1]
        if at >= utc(cycle.started_at):
            assert cycle.elapsed(at) == whole.elapsed(at)
            if cycle.deadline and whole.deadline:
                assert cycle.status(at) == whole.status(at)


@given(st.data(), lives())
def test_the_order_of_telling_does_not_matter(data: st.DataObject, case: LifeCase) -> None:
    shuffled = data.draw(st.permutations(case.ticket.events))
    priority, opened_at = case.ticket.priority, case.ticket.opened_at
    assert Ticket(plan="plan", priority=priority, opened_at=opened_at, events=shuffled) == case.ticket
    imported = Ticket.imported(plan="plan", priority=priority, opened_at=opened_at, events=shuffled)
    assert imported.moments == tuple(as_states(case.ticket.moments))  # a pause told again changes nothing


def later(one: Deadline | None, other: Deadline | None) -> bool:
    """Whether neither instant of the other is earlier; None is after all."""
    assert one
    assert other
    return all(
        after is None or (before is not None and utc(before) <= utc(after))
        for before, after in ((one.due_at, other.due_at), (one.breaches_after, other.breaches_after))
    )


@given(st.data(), lives())
def test_a_pause_more_makes_no_deadline_earlier(data: st.DataObject, case: LifeCase) -> None:
    """Between any two events while it runs, or after the last one, without an end."""
    edges = [(case.life.opened, "opened"), *((at, kind) for at, kind, _ in case.life.happenings)]
    gaps = []
    for number, ((at, _), (until, _)) in enumerate(
        zip(edges, [*edges[1:], (edges[-1][0] + timedelta(days=3), "")], strict=True)
    ):
        runs = not case.life.is_resolved(number) and not replace(case.life, waits=()).waiting(at)
        if runs and until - at > 3 * US:
            gaps.append((at, until, until > edges[-1][0]))
    assume(gaps)
    start, end, last = data.draw(st.sampled_from(gaps))
    inside = st.integers(1, (end - start) // US - 2)
    begin, length = data.draw(inside), data.draw(inside)
    paused = [(start + begin * US, "paused", None)]
    if not last or data.draw(st.booleans()):
        paused.append((min(start + (begin + length) * US, end - US), "resumed", None))
    events = [*case.life.happenings, *paused]
    more = Ticket(plan="plan", priority=case.ticket.priority, opened_at=case.ticket.opened_at, events=told(events))
    for before, after in zip(measured(case), measured(case, more), strict=True):
        if before.deadline:
            assert later(before.deadline, after.deadline)


@given(st.data(), lives())
def test_the_same_priority_again_is_no_change(data: st.DataObject, case: LifeCase) -> None:
    at = data.draw(case.instants())
    assume(at >= case.life.opened and at not in [when for when, _, _ in case.life.happenings])
    current = case.life.priority
    for when, kind, value in case.life.happenings:
        current = value if kind == "priority" and when < at and value else current
    events = [*case.life.happenings, (at, "priority", current.lower())]
    again = Ticket(plan="plan", priority=case.ticket.priority, opened_at=case.ticket.opened_at, events=told(events))
    for before, after in zip(measured(case), measured(case, again), strict=True):
        assert (before.started_at, before.ended_at) == (after.started_at, after.ended_at)
        assert instants_of(before) == instants_of(after)


def instants_of(cycle: Cycle) -> tuple[datetime | None, datetime | None] | None:
    """By when it is due and until when that is kept; None when nothing is promised."""
    return (cycle.deadline.due_at, cycle.deadline.breaches_after) if cycle.deadline else None


def changed(case: LifeCase) -> tuple[datetime, str]:
    """The last change of priority of a life."""
    changes = [(at, value) for at, kind, value in case.life.happenings if kind == "priority" and value]
    assume(changes)
    return changes[-1]


@given(lives(metrics=("first-response", "resolution"), readings=("retroactive",)))
def test_retroactive_is_as_if_the_last_priority_had_held_from_opening(case: LifeCase) -> None:
    (whole,) = measured(case)
    before = case.life.happenings[: case.life.cycles()[0][2]]
    last = [case.life.priority, *(value for _, kind, value in before if kind == "priority" and value)][-1]
    events = [each for each in case.life.happenings if each[1] != "priority"]
    same = Ticket(plan="plan", priority=last, opened_at=case.ticket.opened_at, events=told(events))
    (held,) = measured(case, same)
    assert instants_of(held) == instants_of(whole)


@given(st.data(), lives(metrics=("first-response", "resolution"), readings=("restart",)))
def test_restart_forgets_what_was_counted_before_the_change(data: st.DataObject, case: LifeCase) -> None:
    """But a pause that still runs stops the clock."""
    walk = oracle.Walk(case.life, 1)
    changes = walk.changes()
    if not changes:
        return
    at = changes[-1]
    other = data.draw(st.sampled_from([name for name in PRIORITIES if name != walk.priority(at)]))
    opened = at - timedelta(hours=data.draw(st.integers(1, 99)))
    events = [each for each in case.life.happenings if each[0] >= at]
    before = len(case.life.happenings) - len(events)
    if case.life.is_resolved(before):
        events.insert(0, (at - US, "resolved", None))
    events[:0] = [(at - US, "paused", reason) for reason in case.life.waiting(at - US)]
    anew = Ticket(plan="plan", priority=other, opened_at=opened, events=told(events))
    assert [instants_of(cycle) for cycle in measured(case)] == [instants_of(cycle) for cycle in measured(case, anew)]


@given(lives(readings=("carry",), one_target=True))
def test_carry_with_one_target_never_breaches_at_the_change(case: LifeCase) -> None:
    at, _ = changed(case)
    life = replace_life(case.life, [each for each in case.life.happenings if each[0] < at])
    for cycle in measured(case):
        if cycle.deadline and utc(cycle.started_at) < at and (cycle.ended_at is None or at < utc(cycle.ended_at)):
            elapsed = oracle.Walk(life, cycle.number).elapsed(at)
            assert (cycle.status(at).state == "breached") == (elapsed > cycle.deadline.target)


@given(lives(readings=("carry",)))
def test_due_is_not_before_the_change_that_caused_it(case: LifeCase) -> None:
    """It is at or after the change, or it was due then without it."""
    at, _ = changed(case)
    without = [each for each in case.life.happenings if each[:2] != (at, "priority")]
    for cycle in measured(case):
        if cycle.deadline and cycle.deadline.due_at and utc(cycle.deadline.due_at) < at:
            walk = oracle.Walk(replace_life(case.life, without), cycle.number)
            assert walk.reached()[0] == utc(cycle.deadline.due_at)
