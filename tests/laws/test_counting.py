"""Law 3: elapsed is open time; it is exact, signed and additive, and it is real time across DST."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from tests import oracle
from tests.strategies import Case, cases, utc


@given(st.data(), cases())
def test_elapsed_is_what_the_oracle_counts(data: st.DataObject, case: Case) -> None:
    start, end = data.draw(case.instants()), data.draw(case.instants())
    assert case.schedule.elapsed(start, end) == oracle.elapsed(case.desk, start, end)


@given(st.data(), cases())
def test_elapsed_backwards_is_negative(data: st.DataObject, case: Case) -> None:
    start, end = data.draw(case.instants()), data.draw(case.instants())
    assert case.schedule.elapsed(end, start) == -case.schedule.elapsed(start, end)


@given(st.data(), cases())
def test_elapsed_adds_up(data: st.DataObject, case: Case) -> None:
    a, b, c = (data.draw(case.instants()) for _ in range(3))
    elapsed = case.schedule.elapsed
    assert elapsed(a, b) + elapsed(b, c) == elapsed(a, c)


@given(st.data(), cases())
def test_elapsed_is_at_most_the_time_that_passed(data: st.DataObject, case: Case) -> None:
    start, end = sorted((data.draw(case.instants()), data.draw(case.instants())))
    assert timedelta() <= case.schedule.elapsed(start, end) <= end - start


@given(st.data(), cases())
def test_the_spans_are_the_elapsed_time(data: st.DataObject, case: Case) -> None:
    start, end = sorted((data.draw(case.instants()), data.draw(case.instants())))
    spans = list(case.schedule.spans(start, end))
    assert sum((span.duration for span in spans), timedelta()) == case.schedule.elapsed(start, end)
    assert all(case.schedule.is_open(span.start) for span in spans)
    assert not any(case.schedule.is_open(span.end) for span in spans if utc(span.end) < end)
    assert list(case.schedule.spans(end, start)) == []


@given(st.data(), cases())
def test_the_zone_of_the_question_does_not_matter(data: st.DataObject, case: Case) -> None:
    start, end = data.draw(case.instants()), data.draw(case.instants())
    there = ZoneInfo("America/St_Johns")
    assert case.schedule.elapsed(start.astimezone(there), end.astimezone(there)) == case.schedule.elapsed(start, end)
