"""Schedules are sets of instants: &, | and - decide instant by instant, and follow the laws of sets."""

from hypothesis import assume, given
from hypothesis import strategies as st

from kolmisla import ALWAYS, NEVER
from tests import oracle
from tests.strategies import Case, pairs, utc

SIGNS = {"&": lambda a, b: a & b, "|": lambda a, b: a | b, "-": lambda a, b: a - b}


@given(st.data(), pairs(), st.sampled_from(sorted(SIGNS)))
def test_combined_is_decided_instant_by_instant(data: st.DataObject, pair: tuple[Case, Case], sign: str) -> None:
    left, right = pair
    combined = Case(oracle.Both(left.desk, sign, right.desk), left.day, SIGNS[sign](left.schedule, right.schedule))
    start, end, within = data.draw(combined.instants()), data.draw(combined.instants()), data.draw(combined.durations())
    assert combined.schedule.is_open(start) == combined.desk.is_open(start)
    assert combined.schedule.elapsed(start, end) == oracle.elapsed(combined.desk, start, end)
    expected = oracle.due(combined.desk, start, within)
    assume(expected is not None)
    assert utc(combined.schedule.due(start, within)) == expected


@given(st.data(), pairs())
def test_what_either_counts_and_both_count_is_what_each_counts(data: st.DataObject, pair: tuple[Case, Case]) -> None:
    a, b = pair[0].schedule, pair[1].schedule
    start, end = data.draw(pair[0].instants()), data.draw(pair[1].instants())
    assert (a | b).elapsed(start, end) + (a & b).elapsed(start, end) == a.elapsed(start, end) + b.elapsed(start, end)
    assert (a - b).elapsed(start, end) + (a & b).elapsed(start, end) == a.elapsed(start, end)


@given(st.data(), pairs())
def test_always_and_never_are_all_and_nothing(data: st.DataObject, pair: tuple[Case, Case]) -> None:
    a = pair[0].schedule
    start, end = data.draw(pair[0].instants()), data.draw(pair[0].instants())
    for same in (a & ALWAYS, ALWAYS & a, a | NEVER, NEVER | a, a - NEVER, ALWAYS - (ALWAYS - a)):
        assert same.elapsed(start, end) == a.elapsed(start, end)
        assert same.timezone == a.timezone
    for empty in (a & NEVER, NEVER - a, a - ALWAYS, a - a):
        assert not empty.elapsed(start, end)
    assert (a | ALWAYS).elapsed(start, end) == end - start


@given(pairs())
def test_the_zone_is_the_left_one(pair: tuple[Case, Case]) -> None:
    a, b = pair[0].schedule, pair[1].schedule
    assert (a & b).timezone == (a - b).timezone == a.timezone
    assert (b | a).timezone == b.timezone
    assert (ALWAYS - NEVER).timezone is None
