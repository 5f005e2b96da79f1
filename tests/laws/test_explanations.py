"""The proof of an answer adds up to it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolmisla import (
    KOLMISOFT,
    NEVER,
    HorizonError,
    NotCoveredError,
    Plan,
    Policy,
    Priority,
    Schedule,
    Target,
    Ticket,
    TicketError,
    explain,
)
from kolmisla.explanation import FOLD, Explanation
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


def desk(schedule: Schedule, hours: float = 2) -> Policy:
    plan = Plan(name="PLAN", rank=1, targets={"first-response": Target(within=timedelta(hours=hours))})
    return Policy(
        name="desk",
        timezone="UTC",
        schedules={"hours": schedule},
        priorities=[Priority(name="ONE", rank=1, meaning="", schedule="hours")],
        plans=[plan],
        channels=["support-system"],
    )


def opened(at: str, **more: Any) -> Ticket:
    return Ticket(plan="plan", priority="one", opened_at=at, **more)


def test_long_rows_of_ordinary_days_are_folded() -> None:
    working = desk(Schedule(timezone="UTC", hours={"mon-fri": ["08:00-12:00", "13:00-17:00"]}, holidays="LT"), 400)
    proof = explain(opened("2026-07-07T08:00Z"), working)
    assert len(proof.steps) > 200
    whys = "hours, {} times; closed at nights and weekends"
    assert str(proof).splitlines()[1:] == [
        "Tue 2026-07-07 08:00 - Tue 2026-07-07 12:00   4:00:00   4:00:00  hours",
        f"Tue 2026-07-07 12:00 - Fri 2026-08-14 17:00 228:00:00 232:00:00  {whys.format(57)}",
        "Fri 2026-08-14 17:00 - Sat 2026-08-15 00:00         - 232:00:00  closed: outside the day's hours",
        "Sat 2026-08-15 00:00 - Sun 2026-08-16 00:00         - 232:00:00  closed: Assumption Day",
        "Sun 2026-08-16 00:00 - Mon 2026-08-17 00:00         - 232:00:00  closed: weekend",
        f"Mon 2026-08-17 00:00 - Mon 2026-09-14 12:00 164:00:00 396:00:00  {whys.format(41)}",
        "Mon 2026-09-14 12:00 - Mon 2026-09-14 13:00         - 396:00:00  closed: outside the day's hours",
        "Mon 2026-09-14 13:00 - Mon 2026-09-14 17:00   4:00:00 400:00:00  hours",
        "Mon 2026-09-14 17:00 - Tue 2026-09-15 08:00         - 400:00:00  closed: outside the day's hours",
        "due Mon 2026-09-14 17:00",
        "kept until Tue 2026-09-15 08:00",
    ]


def test_a_short_row_is_not_folded() -> None:
    """Six stretches before the one that is due are shown, eight are three."""
    office = Schedule(timezone="UTC", hours={"mon-fri": ["08:00-18:00"]})
    assert FOLD == 7
    for hours, lines in ((40, 1 + 6 + 2 + 2), (50, 1 + 3 + 4 + 2)):  # heading, row, due and closed after it, instants
        proof = explain(opened("2026-07-06T08:00Z"), desk(office, hours))
        assert len(str(proof).splitlines()) == lines, str(proof)


ONCE = Schedule(timezone="UTC", hours={}, exceptions={"2026-07-08": ["08:00-10:00"], "2028-07-08": ["08:00-09:00"]})


def test_a_long_closed_stretch_is_one() -> None:
    proof = explain(opened("2026-07-08T09:00Z"), desk(ONCE))
    assert [(str(step.counted), step.why) for step in proof.steps] == [
        ("1:00:00", "hours"),
        ("0:00:00", "closed: no hours"),
        ("1:00:00", "hours"),
    ]
    assert str(proof).endswith("\ndue Sat 2028-07-08 09:00\nkept for good: no time counts after that")


def test_nobody_knows_until_when() -> None:
    proof = explain(opened("2026-07-08T09:00Z"), desk(NEVER))
    assert proof.steps[-1].end is None
    assert proof.to_dict()["steps"][-1]["end"] is None
    assert str(proof).splitlines()[1:] == [
        "Wed 2026-07-08 09:00 - no end known                 -   0:00:00  no due time is known: schedules answer for "
        "1900 to 2200"
    ]
    paused = [{"kind": "paused", "at": "2026-07-08T09:30Z", "value": "a spare part"}]
    plan = Plan(name="PLAN", rank=1, targets={"resolution": Target(within=timedelta(hours=2))})
    waiting = explain(opened("2026-07-08T08:00Z", events=paused), desk(ONCE).replace(plans=[plan]), "resolution")
    assert [step.why for step in waiting.steps] == ["hours", "paused: a spare part"]
    assert waiting.to_dict()["due_at"] is None
    with pytest.raises(NotCoveredError, match="no question was asked"):
        explain(opened("2026-07-08T09:00Z"), desk(NEVER), "next-response")
    with pytest.raises(HorizonError):
        explain(opened("1800-07-08T09:00Z"), desk(NEVER))
    with pytest.raises(TicketError, match="before the ticket was opened"):
        explain(opened("2026-07-08T09:00Z"), desk(NEVER), at=datetime.fromisoformat("2026-07-08T08:00Z"))


def test_a_date_that_the_zone_skips_is_no_day() -> None:
    apia = Schedule(timezone="Pacific/Apia", hours={"mon-fri": ["08:00-17:00"]})
    proof = explain(opened("2011-12-29T16:00-10:00"), desk(apia).replace(timezone="Pacific/Apia"))
    assert [(step.start.isoformat(), step.why) for step in proof.steps] == [
        ("2011-12-29T16:00:00-10:00", "hours"),
        ("2011-12-29T17:00:00-10:00", "closed: outside the day's hours"),
        ("2011-12-31T00:00:00+14:00", "closed: weekend"),
        ("2012-01-02T00:00:00+14:00", "closed: outside the day's hours"),
        ("2012-01-02T08:00:00+14:00", "hours"),
    ]
    assert "Thu 2011-12-29 16:00 -1000 - Thu 2011-12-29 17:00 -1000" in str(proof)


def test_a_midnight_that_comes_again_begins_its_day_again() -> None:
    """St. John's went from 00:01 back to 23:01 on 7 November 2010, a Sunday; the 6th was a Saturday."""
    johns = Schedule(timezone="America/St_Johns", hours={"mon-fri": ["08:00-17:00"]}, holidays=["2010-11-06"])
    proof = explain(opened("2010-11-06T23:30-03:30"), desk(johns).replace(timezone="America/St_Johns"))
    assert [(step.start.isoformat(), step.why) for step in proof.steps] == [
        ("2010-11-06T23:30:00-03:30", "closed: holiday"),
        ("2010-11-07T00:00:00-03:30", "closed: weekend"),
        ("2010-11-08T00:00:00-03:30", "closed: outside the day's hours"),
        ("2010-11-08T08:00:00-03:30", "hours"),
    ]


def test_a_proof_tells_seconds_where_there_are_some() -> None:
    always = desk(Schedule(timezone="UTC", hours={"mon-sun": ["00:00-24:00"]}))
    assert str(explain(opened("2026-07-08T09:00:30.000001Z"), always)).endswith("due Wed 2026-07-08 11:00:30.000001")


def test_a_change_of_priority_is_told_with_its_day() -> None:
    lowered = [{"kind": "priority", "at": "2026-07-02T17:00:00+03:00", "value": "low"}]
    again = [*lowered, {"kind": "priority", "at": "2026-07-03T09:00:00+03:00", "value": "BLOCKER"}]
    facts: dict[str, Any] = {"plan": "premium", "priority": "high", "opened_at": "2026-07-02T16:30:00+03:00"}
    whys = [step.why for step in explain(Ticket(**facts, events=lowered)).steps if step.counted]
    assert whys == [
        "working hours",
        "working hours since 17:00: lowered to LOW",
        "working hours since 2026-07-02 17:00: lowered to LOW",
    ]
    anew = explain(Ticket(**facts, events=again), KOLMISOFT.replace(priority_change="restart"))
    assert [step.why for step in anew.steps] == [
        "not counted: counted anew since changed to BLOCKER",
        "24x7 since 09:00: counted anew since changed to BLOCKER",
    ]
    same_rank = KOLMISOFT.replace(
        priorities=[
            Priority(name="HIGH", rank=1, meaning="", schedule="working-hours"),
            Priority(name="LOW", rank=1, meaning="", schedule="working-hours"),
        ]
    )
    changed = explain(Ticket(**facts, events=lowered), same_rank)
    assert changed.steps[1].why == "working hours since 17:00: changed to LOW"
