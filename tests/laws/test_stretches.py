"""The stretches of a countdown: they tile the time until the due time, and each counts as the oracle says."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kolmisla import KOLMISOFT, Event, Ticket, TicketError, cycles, deadline
from tests import oracle
from tests.laws.test_lives import instants, measured
from tests.strategies import US, LifeCase, lives, utc

FRIDAY = "2026-07-03T16:30:00+03:00"
TICKET = Ticket(plan="premium", priority="high", opened_at=FRIDAY)


@given(st.data(), lives())
def test_each_stretch_counts_as_the_oracle_says(data: st.DataObject, case: LifeCase) -> None:
    at = data.draw(instants(case))
    for cycle in measured(case):
        if cycle.deadline is None:
            continue
        if at < utc(cycle.started_at):
            with pytest.raises(TicketError, match="before the"):
                cycle.deadline.stretches(at)
            continue
        stretches, walk = cycle.deadline.stretches(at), oracle.Walk(case.life, cycle.number)
        ends = [utc(end) for end in (cycle.deadline.due_at, cycle.ended_at) if end]
        if ends and min(ends) <= at:
            assert stretches == ()
            continue
        if not stretches:
            assert not ends  # it is due after the known years
            continue
        assert utc(stretches[0].start) == at
        assert (utc(stretches[-1].end) if stretches[-1].end else None) == (min(ends) if ends else None)
        for stretch, following in pairwise(stretches):
            assert stretch.end == following.start
            assert stretch.counts != following.counts
        for stretch in stretches:
            start, end = utc(stretch.start), utc(stretch.end) if stretch.end else utc(stretch.start) + timedelta(days=9)
            assert start < end
            inside = data.draw(st.integers(0, (end - start) // US - 1), "an instant in the stretch")
            for instant in (start, end - US, start + inside * US):
                assert walk.counts(instant) == stretch.counts


@given(st.data(), lives())
def test_the_stretches_add_up_to_what_elapses(data: st.DataObject, case: LifeCase) -> None:
    at = data.draw(instants(case))
    for cycle in measured(case):
        if cycle.deadline is None or at < utc(cycle.started_at):
            continue
        stretches = [stretch for stretch in cycle.deadline.stretches(at) if stretch.end]
        assume(stretches)
        counted = sum((utc(s.end) - utc(s.start) for s in stretches if s.counts), timedelta())
        walk, last = oracle.Walk(case.life, cycle.number), utc(stretches[-1].end)
        assert counted == walk.elapsed(last) - walk.elapsed(at)


def spans(ticket: Ticket, at: str, **asked: str) -> list[tuple[str, str | None, bool]]:
    found = deadline(ticket, **asked).stretches(datetime.fromisoformat(at))  # type: ignore[arg-type]
    return [(f"{s.start:%d %H:%M}", f"{s.end:%d %H:%M}" if s.end else None, s.counts) for s in found]


def test_a_weekend_and_a_holiday_are_one_stretch() -> None:
    assert spans(TICKET, FRIDAY) == [
        ("03 16:30", "03 18:00", True),
        ("03 18:00", "07 08:00", False),
        ("07 08:00", "07 08:30", True),
    ]
    assert spans(TICKET, "2026-07-05T12:00+03:00")[0] == ("05 12:00", "07 08:00", False)
    assert spans(TICKET, "2026-07-07T08:30+03:00") == []


def test_round_the_clock_midnight_is_no_edge() -> None:
    night = Ticket(plan="premium", priority="blocker", opened_at="2026-07-03T23:00:00+03:00")
    assert spans(night, "2026-07-03T23:30+03:00") == [("03 23:30", "04 01:00", True)]


def test_a_pause_without_an_end_has_none() -> None:
    pausing = KOLMISOFT.replace(plans=[plan.replace(pausing=["first-response"]) for plan in KOLMISOFT.plans.values()])
    paused = Event(kind="paused", at="2026-07-03T17:00:00+03:00")
    ticket = Ticket(plan="premium", priority="high", opened_at=FRIDAY, events=[paused])
    found = deadline(ticket, policy=pausing).stretches(datetime.fromisoformat("2026-07-03T16:45+03:00"))
    assert [(s.end, s.counts) for s in found] == [(found[1].start, True), (None, False)]
    later = deadline(ticket, policy=pausing).stretches(datetime.fromisoformat("2026-07-03T19:45+03:00"))
    assert [(s.end, s.counts) for s in later] == [(None, False)]


def test_an_answer_ends_the_countdown() -> None:
    answered = Ticket(plan="premium", priority="high", opened_at=FRIDAY, answered_at="2026-07-03T16:50:00+03:00")
    (cycle,) = cycles(answered)
    assert cycle.deadline
    (stretch,) = cycle.deadline.stretches(datetime.fromisoformat("2026-07-03T16:40+03:00"))
    assert (stretch.end, stretch.counts) == (cycle.ended_at, True)
    assert cycle.deadline.stretches(datetime.fromisoformat("2026-07-03T17:00+03:00")) == ()


def test_an_agreed_time_while_nothing_counts_ends_a_stretch_that_does_not_count() -> None:
    agreed = TICKET.replace(events=[Event(kind="due", at=FRIDAY, value="2026-07-04T12:00:00+03:00")])
    found = deadline(agreed).stretches(agreed.opened_at)
    assert [stretch.counts for stretch in found] == [True, False]
    assert found[-1].end == datetime.fromisoformat("2026-07-04T12:00:00+03:00")


def test_a_due_time_after_the_known_years_has_no_stretches() -> None:
    last = Ticket(plan="premium", priority="high", opened_at=datetime(2100, 12, 31, 15, tzinfo=UTC))
    assert deadline(last).due_at is None
    assert deadline(last).stretches(datetime(2100, 12, 31, 15, 30, tzinfo=UTC)) == ()
