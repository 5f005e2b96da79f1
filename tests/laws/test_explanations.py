"""The proof of an answer adds up to it."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolmisla import NotCoveredError, TicketError, explain
from kolmisla.explanation import Explanation
from tests.laws.test_lives import instants, measured
from tests.strategies import LifeCase, lives, utc


def check(proof: Explanation, start: datetime) -> None:
    """The stretches follow one another from the start, and their counts are running totals."""
    total, at = timedelta(), start
    for step in proof.steps:
        assert utc(step.start) == at
        total += step.counted
        assert step.total == total
        if step.end is None:
            assert step is proof.steps[-1]
            assert not step.counted
        else:
            at = utc(step.end)
            assert utc(step.start) < at
            assert step.counted in (timedelta(), at - utc(step.start))
            assert bool(step.counted) != step.why.startswith(("closed: ", "paused", "resolved", "not counted: "))
    assert proof.elapsed == total


@given(st.data(), lives())
def test_what_was_counted_adds_up_to_what_elapsed(data: st.DataObject, case: LifeCase) -> None:
    at = data.draw(instants(case))
    known = measured(case, case.ticket.until(at))
    if not known or at < utc(known[-1].started_at):
        with pytest.raises((NotCoveredError, TicketError)):
            explain(case.ticket, case.policy, case.metric, at)
        return
    proof = explain(case.ticket, case.policy, case.metric, at)
    check(proof, utc(known[-1].started_at))
    assert proof.elapsed == known[-1].elapsed(at)
    due = known[-1].deadline and known[-1].deadline.due_at
    assert proof.due_at == due
    if due and utc(known[-1].started_at) < utc(due) <= at and known[-1].ended_at is None:
        assert utc(due) in [utc(step.end) for step in proof.steps if step.end]


@given(lives())
def test_a_deadline_is_where_the_total_reaches_the_target(case: LifeCase) -> None:
    cycles = measured(case)
    if not cycles or not cycles[-1].deadline:
        with pytest.raises(NotCoveredError):
            explain(case.ticket, case.policy, case.metric)
        return
    proof, promised = explain(case.ticket, case.policy, case.metric), cycles[-1].deadline
    check(proof, utc(cycles[-1].started_at))
    assert (proof.due_at, proof.breaches_after) == (promised.due_at, promised.breaches_after)
    if promised.due_at is None:
        assert proof.steps[-1].end is None
    else:
        last = promised.breaches_after or promised.due_at
        assert not proof.steps or proof.steps[-1].end == last
        if case.life.reading != "carry":  # which may have counted more than the new target when a change comes
            assert proof.elapsed == promised.target
    assert str(proof).count("\n") <= len(proof.steps) + 2
