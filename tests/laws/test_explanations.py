"""The steps of an explanation add up to the answer."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolmisla import (
    KOLMISOFT,
    HorizonError,
    NotCoveredError,
    Plan,
    Policy,
    Priority,
    Schedule,
    Target,
    Ticket,
    TicketError,
    cycles,
    explain,
)
from kolmisla.policies.plan import PriorityChange
from kolmisla.schedules import reason_closed
from kolmisla.tickets.answers.explanation import MOST_STRETCHES, Explanation
from kolmisla.tickets.answers.steps import FOLD
from tests.laws.test_lives import instants, measured
from tests.strategies import LifeCase, lives, utc

STANDS = ("closed: ", "paused", "resolved", "withdrawn", "not counted: ")  # how the reasons of closed steps begin


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
            told = step.why.startswith(("waived", "due time agreed", "extended", "at ")) or "no verdict" in step.why
            assert (at == utc(step.end)) == told  # no other step is empty
            at = utc(step.end)
            if told:
                assert not step.counted
                continue
            if step.why.startswith("not listed"):  # many stretches, of which some count
                continue
            assert step.counted in (timedelta(), at - utc(step.start))
            assert bool(step.counted) != step.why.startswith(
                ("closed: ", "paused", "resolved", "withdrawn", "not counted: ")
            )
    assert proof.elapsed == total


@given(st.data(), lives())
def test_what_was_counted_adds_up_to_what_elapsed(data: st.DataObject, case: LifeCase) -> None:
    at = data.draw(instants(case))
    known = measured(case, case.ticket.until(at))
    if not known or at < utc(known[-1].started_at):
        with pytest.raises((NotCoveredError, TicketError)):
            explain(case.ticket, policy=case.policy, metric=case.metric, at=at)
        return
    proof = explain(case.ticket, policy=case.policy, metric=case.metric, at=at)
    check(proof, utc(known[-1].started_at))
    assert proof.elapsed == known[-1].elapsed(at)
    due = known[-1].deadline and known[-1].deadline.due_at
    assert proof.due_at == due
    if proof.promise.within is None and due is None:  # not because of a pause, nor of years that are not known
        assert proof.unknown == proof.promise.missing
    if due and utc(known[-1].started_at) < utc(due) <= at and known[-1].ended_at is None:
        assert utc(due) in [utc(step.end) for step in proof.steps if step.end]


@given(lives())
def test_a_deadline_is_where_the_total_reaches_the_target(case: LifeCase) -> None:
    cycles = measured(case)
    if not cycles or not cycles[-1].deadline:
        with pytest.raises(NotCoveredError):
            explain(case.ticket, policy=case.policy, metric=case.metric)
        return
    proof, promised = explain(case.ticket, policy=case.policy, metric=case.metric), cycles[-1].deadline
    check(proof, utc(cycles[-1].started_at))
    assert (proof.due_at, proof.breaches_after) == (promised.due_at, promised.breaches_after)
    if promised.due_at is None:
        assert proof.steps[-1].end is None
    else:
        last = promised.breaches_after or promised.due_at
        assert not proof.steps or proof.steps[-1].end == last
        if case.life.reading != "carry":  # which may have counted more than the new target when a change comes
            assert proof.elapsed == promised.target
    assert str(proof).count("\n") <= len(proof.steps) + 3


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
    proof = explain(opened("2026-07-07T08:00Z"), policy=working)
    assert len(proof.steps) > 200
    whys = "hours, {} times; closed at nights and weekends"
    assert str(proof).splitlines()[2:] == [
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


@pytest.mark.parametrize("hours", [2, 60_000, pytest.param(800_000, marks=pytest.mark.unmeasured)])
def test_what_is_too_much_to_list_is_counted_all_the_same(hours: int) -> None:
    policy = desk(Schedule(timezone="UTC", hours={"mon-sun": ["08:00-12:00", "13:00-17:00"]}), hours)
    late = datetime.fromisoformat("2198-07-08T09:30Z")
    for at in (None, late):
        proof = explain(opened("1990-07-08T09:00Z"), policy=policy, at=at)
        ends = [step.end for step in proof.steps]
        assert [step.start for step in proof.steps[1:]] == ends[:-1]
        assert proof.elapsed == sum((step.counted for step in proof.steps), timedelta())
        assert len(proof.steps) <= MOST_STRETCHES + 3
        (cycle,) = measured_by(policy)
        assert proof.elapsed == cycle.elapsed(at or proof.steps[-1].end or proof.steps[-1].start)
        if proof.due_at and ends[-1] and proof.due_at <= ends[-1]:
            assert proof.due_at in ends
            assert proof.steps[ends.index(proof.due_at)].total == timedelta(hours=hours)
        assert ("not listed: an explanation has at most 2,000 stretches" in str(proof)) == (hours > 2 or at == late)
        assert str(proof).count("\n") < 50


def measured_by(policy: Policy) -> Any:
    return cycles(opened("1990-07-08T09:00Z"), policy=policy)


def test_a_short_row_is_not_folded() -> None:
    """Six stretches before the one that is due are shown, eight are three."""
    office = Schedule(timezone="UTC", hours={"mon-fri": ["08:00-18:00"]})
    assert FOLD == 7
    for hours, lines in ((40, 2 + 6 + 2 + 2), (50, 2 + 3 + 4 + 2)):  # headings, row, due and closed after it, instants
        proof = explain(opened("2026-07-06T08:00Z"), policy=desk(office, hours))
        assert len(str(proof).splitlines()) == lines, str(proof)


OVER = Schedule(timezone="UTC", hours={}, exceptions={"1999-01-04": ["08:00-10:00"]})  # never again
ONCE = Schedule(timezone="UTC", hours={}, exceptions={"2026-07-08": ["08:00-10:00"], "2028-07-08": ["08:00-09:00"]})


def test_a_long_closed_stretch_is_one() -> None:
    proof = explain(opened("2026-07-08T09:00Z"), policy=desk(ONCE))
    assert [(str(step.counted), step.why) for step in proof.steps] == [
        ("1:00:00", "hours"),
        ("0:00:00", "closed: no hours"),
        ("1:00:00", "hours"),
    ]
    assert str(proof).endswith(
        "\ndue Sat 2028-07-08 09:00\nkept until an unknown time: schedules answer for 1900 to 2200"
    )


def test_nobody_knows_until_when() -> None:
    proof = explain(opened("2026-07-08T09:00Z"), policy=desk(OVER))
    assert proof.steps[-1].end is None
    assert proof.to_dict()["steps"][-1]["end"] is None
    assert str(proof).splitlines()[2:] == [
        "Wed 2026-07-08 09:00 - no end known                 -   0:00:00  no due time is known: schedules answer for "
        "1900 to 2200"
    ]
    paused = [{"kind": "paused", "at": "2026-07-08T09:30Z", "value": "a spare part"}]
    plan = Plan(name="PLAN", rank=1, targets={"resolution": Target(within=timedelta(hours=2))})
    waiting = explain(
        opened("2026-07-08T08:00Z", events=paused), policy=desk(ONCE).replace(plans=[plan]), metric="resolution"
    )
    assert [step.why for step in waiting.steps] == ["hours", "paused: a spare part"]
    assert waiting.to_dict()["due_at"] is None
    assert waiting.unknown == "paused since 2026-07-08T09:30:00+00:00"
    with pytest.raises(NotCoveredError, match="no question was asked"):
        explain(opened("2026-07-08T09:00Z"), policy=desk(OVER), metric="next-response")
    with pytest.raises(HorizonError):
        explain(opened("1800-07-08T09:00Z"), policy=desk(OVER))
    with pytest.raises(TicketError, match="before the ticket was opened"):
        explain(opened("2026-07-08T09:00Z"), policy=desk(OVER), at=datetime.fromisoformat("2026-07-08T08:00Z"))


def test_a_date_that_the_zone_skips_is_no_day() -> None:
    apia = Schedule(timezone="Pacific/Apia", hours={"mon-fri": ["08:00-17:00"]})
    proof = explain(opened("2011-12-29T16:00-10:00"), policy=desk(apia).replace(timezone="Pacific/Apia"))
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
    proof = explain(opened("2010-11-06T23:30-03:30"), policy=desk(johns).replace(timezone="America/St_Johns"))
    assert [(step.start.isoformat(), step.why) for step in proof.steps] == [
        ("2010-11-06T23:30:00-03:30", "closed: holiday"),
        ("2010-11-07T00:00:00-03:30", "closed: weekend"),
        ("2010-11-08T00:00:00-03:30", "closed: outside the day's hours"),
        ("2010-11-08T08:00:00-03:30", "hours"),
    ]


def test_a_proof_tells_seconds_where_there_are_some() -> None:
    always = desk(Schedule(timezone="UTC", hours={"mon-sun": ["00:00-24:00"]}))
    assert str(explain(opened("2026-07-08T09:00:30.000001Z"), policy=always)).endswith(
        "due Wed 2026-07-08 11:00:30.000001"
    )


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
    anew = explain(Ticket(**facts, events=again), policy=KOLMISOFT.replace(priority_change="restart"))
    assert [step.why for step in anew.steps] == [
        "not counted: restarted by the change to BLOCKER",
        "24x7 since 09:00: restarted by the change to BLOCKER",
    ]
    same_rank = KOLMISOFT.replace(
        priorities=[
            Priority(name="HIGH", rank=1, meaning="", schedule="working-hours"),
            Priority(name="LOW", rank=1, meaning="", schedule="working-hours"),
        ]
    )
    changed = explain(Ticket(**facts, events=lowered), policy=same_rank)
    assert changed.steps[1].why == "working hours since 17:00: changed to LOW"


def whys(plan: str | None, change: PriorityChange, *events: tuple[str, str, str]) -> list[str]:
    told = [{"at": f"2026-07-07T{at}+03:00", "kind": kind, "value": value} for at, kind, value in events]
    ticket = Ticket(plan=plan, priority="high", opened_at="2026-07-07T09:00:00+03:00", events=told)
    return [step.why for step in explain(ticket, policy=KOLMISOFT.replace(priority_change=change)).steps]


def test_why_time_counts_from_later_than_the_opening() -> None:
    covered, lowered, moved = (
        ("10:00", "plan", "premium"),
        ("11:00", "priority", "low"),
        ("11:00", "plan", "enterprise"),
    )
    none, begins = "not counted: no support plan", "working hours since 10:00: plan PREMIUM begins"
    assert whys(None, "carry", covered, lowered)[:3] == [none, begins, "working hours since 11:00: lowered to LOW"]
    assert whys(None, "retroactive", covered, lowered)[:2] == [none, f"{begins}, as if LOW from the start"]
    assert whys(None, "restart", covered)[:2] == [none, begins]
    for events, told in (
        ([lowered], "restarted by the change to LOW"),
        ([moved], "restarted by the change to plan ENTERPRISE"),
        ([lowered, moved], "restarted by the change to LOW and plan ENTERPRISE"),
    ):
        counts = [f"not counted: {told}", f"working hours since 11:00: {told}"]
        assert whys("premium", "restart", *events)[:2] == counts
        assert whys(None, "restart", covered, *events)[:3] == [none, *counts]


def test_a_change_that_makes_a_ticket_late_is_the_cause() -> None:
    facts: dict[str, Any] = {"plan": "premium", "priority": "low", "opened_at": "2026-07-02T08:00:00+03:00"}
    raised = [{"kind": "priority", "at": "2026-07-03T12:00:00+03:00", "value": "blocker"}]
    by_priority = {"LOW": Target(within=timedelta(hours=40)), "BLOCKER": Target(within=timedelta(hours=4))}
    policy = KOLMISOFT.replace(plans=[Plan(name="PREMIUM", rank=1, targets={"first-response": by_priority})])
    proof = explain(Ticket(**facts, events=raised), policy=policy)
    assert proof.elapsed == timedelta(hours=14)
    assert str(proof).endswith("\ndue Fri 2026-07-03 12:00, when raised to BLOCKER, within 4:00:00")
    later = explain(
        Ticket(**facts, events=raised), policy=policy, at=datetime.fromisoformat("2026-07-03T13:00:00+03:00")
    )
    check(later, datetime.fromisoformat("2026-07-02T05:00:00Z"))
    assert later.steps[-1].why == "24x7 since 12:00: raised to BLOCKER, within 4:00:00"
    assert later.to_dict()["cause"] == "raised to BLOCKER, within 4:00:00"
    gone = {"HIGH": Target(within=timedelta(hours=4)), "LOW": Target(within=timedelta(hours=40))}
    without = policy.replace(plans=[Plan(name="PREMIUM", rank=1, targets={"first-response": gone})])
    at = datetime.fromisoformat("2026-07-03T13:00:00+03:00")
    assert (
        explain(Ticket(**facts, events=raised), policy=without, at=at)
        .steps[-1]
        .why.endswith("raised to BLOCKER, no target")
    )


def test_retroactive_is_told() -> None:
    facts: dict[str, Any] = {"plan": "premium", "priority": "high", "opened_at": "2026-07-03T17:00:00+03:00"}
    raised = [{"kind": "priority", "at": "2026-07-04T10:00:00+03:00", "value": "blocker"}]
    (step,) = explain(Ticket(**facts, events=raised), policy=KOLMISOFT.replace(priority_change="retroactive")).steps
    assert step.why == "24x7, as if BLOCKER from the start"


@pytest.mark.parametrize(("changes", "told"), [(["08:20 high"], ""), (["08:20 low", "09:20 high"], "HIGH")])
def test_retroactive_is_told_of_what_was_in_force_as_the_cycle_began(changes: list[str], told: str) -> None:
    targets = {metric: Target(within=timedelta(hours=4)) for metric in ("first-response", "next-response")}
    plan = Plan(name="PREMIUM", rank=1, targets=targets)
    policy = KOLMISOFT.replace(plans=[plan], priority_change="retroactive")
    events = [
        {"kind": "answered", "at": "2026-07-03T08:10:00+03:00"},
        {"kind": "asked", "at": "2026-07-03T09:00:00+03:00"},
        *(
            {"kind": "priority", "at": f"2026-07-03T{at}:00+03:00", "value": name}
            for at, name in (change.split() for change in changes)
        ),
    ]
    opened = "high" if told else "low"
    ticket = Ticket(plan="premium", priority=opened, opened_at="2026-07-03T08:00:00+03:00", events=events)
    step, *_ = explain(ticket, policy=policy, metric="next-response").steps
    assert step.why == "working hours" + (f", as if {told} from the start" if told else "")


def test_many_changes_while_closed_are_one_stretch_for_each_reason() -> None:
    changes = [
        {"kind": "priority", "at": f"2026-07-04T{8 + n:02}:00:00+03:00", "value": ("low", "high")[n % 2]}
        for n in range(9)
    ]
    proof = explain(Ticket(plan="premium", priority="high", opened_at="2026-07-04T07:00:00+03:00", events=changes))
    assert [step.why for step in proof.steps[:2]] == ["closed: weekend", "closed: Statehood Day"]
    week = {day: ["10:00-11:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    odd = desk(Schedule(timezone="UTC", hours=week)).replace(
        schedules={
            "hours": Schedule(timezone="UTC", hours=week),
            "sat": Schedule(timezone="UTC", hours={"sat": ["20:00-21:00"]}),
        },
        priorities=[
            Priority(name="ONE", rank=1, meaning="", schedule="hours"),
            Priority(name="TWO", rank=2, meaning="", schedule="sat"),
        ],
    )
    events = [{**change, "value": ("two", "one")[n % 2]} for n, change in enumerate(changes)]
    noon = datetime.fromisoformat("2026-07-04T15:00Z")
    text = str(explain(opened("2026-07-04T04:00Z", events=events), policy=odd, at=noon))
    assert "closed: nights and weekends" in text


def test_paused_after_the_target_is_used_up() -> None:
    plan = Plan(name="PLAN", rank=1, targets={"resolution": Target(within=timedelta(hours=2))})
    policy = desk(Schedule(timezone="UTC", hours={"mon-fri": ["08:00-18:00"]})).replace(plans=[plan])
    paused = [{"kind": "paused", "at": "2026-07-08T10:00Z"}]
    proof = explain(opened("2026-07-08T08:00Z", events=paused), policy=policy, metric="resolution")
    assert str(proof).endswith(
        "\ndue Wed 2026-07-08 10:00\nkept until an unknown time: paused since 2026-07-08T10:00:00+00:00"
    )


def test_with_no_due_time_what_counts_is_told_to_the_last() -> None:
    once = Schedule(timezone="UTC", hours={}, exceptions={"2026-07-08": ["08:00-11:00"]})
    proof = explain(opened("2026-07-08T07:00Z"), policy=desk(once, 4))
    assert [(str(step.counted), step.why) for step in proof.steps] == [
        ("0:00:00", "closed: outside the day's hours"),
        ("3:00:00", "hours"),
        ("0:00:00", "no due time is known: schedules answer for 1900 to 2200"),
    ]
    assert proof.elapsed == timedelta(hours=3)


def test_a_holiday_of_a_year_that_one_zone_knows_has_no_name() -> None:
    york = Schedule(timezone="America/New_York", hours={"mon-fri": ["22:00-23:00"]})
    both = york | Schedule(timezone="Europe/Vilnius", hours={}, holidays="LT")
    proof = explain(opened("2011-01-01T00:00+02:00"), policy=desk(both, 1))
    assert proof.steps[0].why == "closed: outside the day's hours"
    assert reason_closed(both, proof.steps[0].start) == "outside the day's hours"
    quiet = Schedule(timezone="America/New_York", hours={"mon": ["22:00-23:00"]}) | Schedule(
        timezone="Europe/Vilnius", hours={}, holidays="LT"
    )
    assert reason_closed(quiet, proof.steps[0].start) == "no hours on Friday 2010-12-31"


def test_what_counts_for_two_reasons_is_not_folded_into_one() -> None:
    policy = KOLMISOFT.replace(
        plans=[Plan(name="PREMIUM", rank=1, targets={"first-response": Target(within=timedelta(hours=160))})]
    )
    lowered = [{"kind": "priority", "at": "2026-07-16T12:00:00+03:00", "value": "low"}]
    ticket = Ticket(plan="premium", priority="high", opened_at="2026-07-07T08:00:00+03:00", events=lowered)
    folded = [line for line in str(explain(ticket, policy=policy)).splitlines() if "times" in line and "closed" in line]
    assert [line.split("  ")[-1] for line in folded] == [
        "working hours, 6 times; closed at nights and weekends",
        "working hours since 2026-07-16 12:00: lowered to LOW, 6 times; closed at nights and weekends",
    ]


def test_a_step_ends_where_a_change_makes_it_due_also_while_closed() -> None:
    by_priority = {"high": Target(within=timedelta(hours=4)), "low": Target(within=timedelta(hours=1))}
    policy = KOLMISOFT.replace(plans=[Plan(name="PREMIUM", rank=1, targets={"first-response": by_priority})])
    lowered = [{"kind": "priority", "at": "2026-07-11T12:00:00+03:00", "value": "low"}]
    ticket = Ticket(plan="premium", priority="high", opened_at="2026-07-10T15:00:00+03:00", events=lowered)
    proof = explain(ticket, policy=policy, at=datetime.fromisoformat("2026-07-13T09:00:00+03:00"))
    assert proof.due_at == datetime.fromisoformat("2026-07-11T12:00:00+03:00")
    assert proof.due_at in [step.end for step in proof.steps]
    assert proof.cause == "lowered to LOW, within 1:00:00"


def test_what_was_late_before_a_change_says_by_which_target() -> None:
    by_priority = {"high": Target(within=timedelta(hours=2)), "low": Target(within=timedelta(hours=1))}
    policy = KOLMISOFT.replace(plans=[Plan(name="PREMIUM", rank=1, targets={"first-response": by_priority})])
    lowered = [{"kind": "priority", "at": "2026-07-07T12:00:00+03:00", "value": "low"}]
    ticket = Ticket(plan="premium", priority="high", opened_at="2026-07-07T08:00:00+03:00", events=lowered)
    proof = explain(ticket, policy=policy)
    assert str(proof).startswith("PREMIUM LOW, first-response within 1:00:00")
    assert str(proof).endswith("due Tue 2026-07-07 10:00, when HIGH was in force, within 2:00:00")


def test_without_a_promise_a_pause_is_not_why_the_due_time_is_unknown() -> None:
    events = [{"kind": "paused", "at": "2026-07-03T14:30Z"}]
    ticket = Ticket(plan="premium", priority="high", opened_at="2026-07-03T14:00Z", events=events)
    proof = explain(ticket, metric="resolution", at=datetime.fromisoformat("2026-07-04T07:00Z"))
    assert proof.unknown == "plan PREMIUM promises no resolution for HIGH"
