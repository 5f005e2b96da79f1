"""Laws 2 and 5: open periods are half-open; the next and the previous opening and closing."""

from hypothesis import assume, given
from hypothesis import strategies as st

from tests import oracle
from tests.strategies import US, Case, cases, utc


@given(st.data(), cases())
def test_open_is_what_the_oracle_sees(data: st.DataObject, case: Case) -> None:
    at = data.draw(case.instants())
    assert case.schedule.is_open(at) == case.desk.is_open(at)


@given(st.data(), cases(), st.sampled_from(["next_open", "next_close", "previous_open", "previous_close"]))
def test_the_neighbours_are_what_the_oracle_finds(data: st.DataObject, case: Case, question: str) -> None:
    at = data.draw(case.instants())
    expected = getattr(oracle, question)(case.desk, at)
    assume(expected is not None)
    assert utc(getattr(case.schedule, question)(at)) == expected


@given(st.data(), cases())
def test_open_at_the_opening_closed_at_the_closing(data: st.DataObject, case: Case) -> None:
    at = data.draw(case.instants())
    assume(oracle.next_close(case.desk, at) and oracle.previous_open(case.desk, at))
    closing = utc(case.schedule.next_close(at))
    opening = utc(case.schedule.previous_open(at))
    assert not case.schedule.is_open(closing)
    assert case.schedule.is_open(closing - US)
    assert case.schedule.is_open(opening)
    assert not case.schedule.is_open(opening - US)
    assert opening < at < closing


@given(st.data(), cases())
def test_nothing_counts_before_the_next_opening(data: st.DataObject, case: Case) -> None:
    at = data.draw(case.instants())
    assume(oracle.next_open(case.desk, at))
    opening = utc(case.schedule.next_open(at))
    assert not case.schedule.elapsed(at, opening)
    assert utc(case.schedule.next_open(opening)) == opening
    assert (opening == at) == case.schedule.is_open(at)


@given(st.data(), cases())
def test_nothing_counts_after_the_previous_closing(data: st.DataObject, case: Case) -> None:
    at = data.draw(case.instants())
    assume(oracle.previous_close(case.desk, at))
    closing = utc(case.schedule.previous_close(at))
    assert not case.schedule.elapsed(closing, at)
    assert utc(case.schedule.previous_close(closing)) == closing
    assert (closing == at) == case.schedule.is_open(at - US)
