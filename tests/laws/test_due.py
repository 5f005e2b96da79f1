"""Law 4: due is the earliest instant at which a duration has been counted; backwards, it is the latest one."""

from datetime import timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from tests import oracle
from tests.strategies import US, Case, cases, utc


@given(st.data(), cases(), st.sampled_from([1, -1]))
def test_due_is_what_the_oracle_finds(data: st.DataObject, case: Case, sign: int) -> None:
    start, within = data.draw(case.instants()), sign * data.draw(case.durations())
    expected = oracle.due(case.desk, start, within)
    assume(expected is not None)
    assert utc(case.schedule.due(start, within)) == expected


@given(st.data(), cases())
def test_due_and_elapsed_are_adjoint(data: st.DataObject, case: Case) -> None:
    start, within = data.draw(case.instants()), data.draw(case.durations())
    at = data.draw(case.instants())
    assume(within > timedelta() and at >= start and oracle.due(case.desk, start, within))
    assert (case.schedule.due(start, within) <= at) == (within <= case.schedule.elapsed(start, at))


@given(st.data(), cases())
def test_due_is_reached_then_and_not_a_microsecond_before(data: st.DataObject, case: Case) -> None:
    start, within = data.draw(case.instants()), data.draw(case.durations())
    assume(within > timedelta() and oracle.due(case.desk, start, within))
    due = utc(case.schedule.due(start, within))
    assert case.schedule.elapsed(start, due) == within
    assert case.schedule.elapsed(start, due - US) == within - US


@given(st.data(), cases())
def test_backwards_it_is_the_latest(data: st.DataObject, case: Case) -> None:
    start, within = data.draw(case.instants()), data.draw(case.durations())
    assume(within > timedelta() and oracle.due(case.desk, start, -within))
    due = utc(case.schedule.due(start, -within))
    assert due <= start
    assert case.schedule.elapsed(due, start) == within
    assert case.schedule.elapsed(due + US, start) == within - US


@given(st.data(), cases())
def test_nothing_is_due_at_once(data: st.DataObject, case: Case) -> None:
    start = data.draw(case.instants())
    assert utc(case.schedule.due(start, timedelta())) == start


@given(st.data(), cases())
def test_two_steps_are_one(data: st.DataObject, case: Case) -> None:
    start, first, second = data.draw(case.instants()), data.draw(case.durations()), data.draw(case.durations())
    assume(first and second and oracle.due(case.desk, start, first + second))
    once = case.schedule.due(start, first + second)
    assert utc(case.schedule.due(case.schedule.due(start, first), second)) == utc(once)
