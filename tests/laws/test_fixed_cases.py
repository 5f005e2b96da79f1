"""One fixed case for each line that otherwise only laws reach. Coverage is not measured while a law runs."""

import io
import tomllib
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kolmisla import (
    KOLMISOFT,
    Clock,
    Cycle,
    NotCoveredError,
    Plan,
    Policy,
    Priority,
    Schedule,
    ScheduleError,
    Target,
    Ticket,
    TicketError,
    breakdown,
    crossings,
    cycles,
    deadline,
    deadlines,
    explain,
    queue,
    report,
)
from kolmisla.files.tables import CsvTable, JsonTable
from kolmisla.names import late_names
from kolmisla.policies.kolmisoft import _read
from kolmisla.reports.figures.periods import short_label
from kolmisla.tickets.alarms.lives import life_of
from kolmisla.tickets.cycles import cycles as made
from kolmisla.tickets.cycles.cycle_clocks import _cycles
from kolmisla.tickets.event import Moment
from kolmisla.tickets.exports import as_states
from kolmisla.tickets.said import Changed
from kolmisla.times.instants import micros
from kolmisla.times.texts import text_again_in, text_in

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
OFFICE = Schedule(timezone="Europe/Vilnius", hours={"mon-fri": ["08:00-18:00"]})


def at(text: str) -> datetime:
    """An instant of July 2026 in Vilnius. The 3rd is a Friday."""
    return datetime.fromisoformat(f"2026-07-{text}:00+03:00")


def ticket(*events: tuple[str | None, ...], **facts: Any) -> Ticket:
    happened = [
        {"kind": kind, "at": at(str(when)), "value": value, "reason": reason}
        for when, kind, value, reason in [(*event, None)[:4] for event in events]
    ]
    return Ticket(**{"plan": "gold", "priority": "high", "opened_at": at("03T16:30"), "events": happened, **facts})


def desk(target: str, *, top: str = "", plan: str = "", hours: str = 'mon-fri = ["08:00-18:00"]') -> Policy:
    return Policy.from_dict(
        tomllib.loads(f"""
name = "desk"
timezone = "Europe/Vilnius"
{top}
[schedules.office]
hours = {{ {hours} }}
[priorities.high]
rank = 1
schedule = "office"
[plans.GOLD]
rank = 1
targets.resolution = {{ {target} }}
{plan}
""")
    )


HOURS = desk('within = "PT4H"')


def test_open_time_backwards_is_negative() -> None:
    clock = Clock([(at("03T08:00"), OFFICE), (at("07T08:00"), OFFICE)])
    assert clock.elapsed(at("07T09:00"), at("03T17:00")) == -12 * HOUR


def test_nothing_is_open_before_the_first_schedule_of_a_clock() -> None:
    clock = Clock([(at("03T08:00"), OFFICE), (at("07T08:00"), OFFICE)])
    assert clock.elapsed(at("02T08:00"), at("02T18:00")) == timedelta()
    assert clock.elapsed(at("02T08:00"), at("03T09:00")) == HOUR


def test_a_day_of_digits_only_is_no_day() -> None:
    with pytest.raises(ScheduleError, match="days must be like"):
        Schedule(timezone="UTC", hours={"mon-fri": ["08:00-18:00"]}, exceptions={"workday before 12": "closed"})


def test_a_time_of_day_that_is_over_is_that_of_the_next_date() -> None:
    late = ticket(opened_at=at("06T17:30"))
    assert deadline(late, policy=desk('within = "0 days", by = "17:00"'), metric="resolution").due_at == at("07T17:00")


def test_hours_that_end_on_the_next_working_day() -> None:
    """At 03:00 on Tuesday the hours of Monday still run, so that Monday is the day from which days are counted."""
    policy = desk('within = "1 working days", by = "10:00"', hours='mon-fri = ["08:00-04:00"]')
    night = ticket(opened_at=at("07T03:00"))
    assert deadline(night, policy=policy, metric="resolution").due_at == at("07T10:00")


def test_hours_that_overlap_those_of_the_next_working_day() -> None:
    """From 06:00 on Tuesday the hours of Monday and of Tuesday both run, and time belongs to those that began last."""
    hours = 'mon = ["08:00-07:00"], tue-fri = ["06:00-18:00"]'
    policy = desk('within = "1 working days", by = "10:00"', hours=hours)
    due = [
        deadline(ticket(opened_at=at(f"07T{time}")), policy=policy, metric="resolution").due_at
        for time in ("05:30", "06:30", "07:30")
    ]
    assert due == [at("07T10:00"), at("08T10:00"), at("08T10:00")]


def test_hours_within_those_of_the_day_before() -> None:
    """From 06:00 on Tuesday only the hours of Monday run again, so that Tuesday at 10:00 is one working day later."""
    hours = 'mon = ["08:00-07:00"], tue = ["05:00-06:00"], wed-fri = ["06:00-18:00"]'
    policy = desk('within = "1 working days", by = "10:00"', hours=hours)
    due = [
        deadline(ticket(opened_at=at(f"07T{time}")), policy=policy, metric="resolution").due_at
        for time in ("05:30", "06:30")
    ]
    assert due == [at("08T10:00"), at("07T07:00")]


def test_a_status_before_the_question() -> None:
    policy = desk('within = "PT4H"', plan='targets.next-response = { within = "PT1H" }')
    asked = ticket(("06T09:00", "answered", None), ("06T10:00", "asked", None))
    [cycle] = cycles(asked, policy=policy, metric="next-response")
    with pytest.raises(
        TicketError, match=r"2026-07-06T09:30:00\+03:00 is before the question was asked at 2026-07-06T10:00"
    ):
        cycle.status(at("06T09:30"))


def test_texts_of_a_date_that_was_met_before() -> None:
    zone = ZoneInfo("Europe/Vilnius")
    again = text_again_in(zone, text_in(zone), is_own=True)
    us = micros(at("03T16:30"))
    told = ["2026-07-03T13:30:00Z", "2026-07-03T16:30:00", "2026-07-03T16:30:00+03:00"]
    assert {again(text, us) for text in [*told, *told]} == {"2026-07-03T16:30:00+03:00"}


def test_running_deadlines_as_they_were_known() -> None:
    answered = ticket(("03T17:00", "resolved", None))
    [then] = deadlines(answered, at=at("03T16:59"), policy=HOURS)
    assert (then.due_at, deadlines(answered, policy=HOURS)) == (at("06T10:30"), ())
    with pytest.raises(
        TicketError, match=r"2026-07-03T16:00:00\+03:00 is before the ticket was opened at 2026-07-03T16:30"
    ):
        deadlines(answered, at=at("03T16:00"), policy=HOURS)


def test_a_cycle_says_what_it_is_and_why_its_verdict_is_waived() -> None:
    [cycle] = cycles(
        ticket(("03T17:00", "waived", None, "outage"), ("03T17:30", "resolved", None)),
        policy=HOURS,
        metric="resolution",
    )
    assert isinstance(cycle, Cycle)
    assert repr(cycle).startswith(
        "Cycle(resolution 1, started_at='2026-07-03T16:30:00+03:00', ended_at='2026-07-03T17:30"
    )
    assert (cycle.waived, cycle.to_dict().get("waived")) == ("outage", "outage")


def test_an_explanation_needs_a_promise() -> None:
    with pytest.raises(NotCoveredError, match="plan GOLD promises no first-response"):
        explain(ticket(), policy=HOURS, metric="first-response")


def test_an_agreed_due_time_that_a_later_pause_moves() -> None:
    """Agreed on Friday at 17:00 for Monday at 10:00: three open hours were left. A pause on Monday took one."""
    agreed = ("03T17:00", "due", "2026-07-06T10:00:00+03:00")
    pause = [("06T08:00", "paused", "customer"), ("06T09:00", "resumed", "customer")]
    policy = desk('within = "PT40H"', top='due_dates = "pause"', plan='pauses.resolution = "all"')
    moved = deadline(ticket(agreed, *pause), policy=policy, metric="resolution")
    assert (moved.due_at, moved.original_due_at) == (at("06T11:00"), at("09T17:30"))


def test_a_question_ends_the_wait_for_the_customer_in_a_breakdown() -> None:
    policy = desk('within = "PT9H"', top='waits_for_customer = ["customer"]', plan='pauses.resolution = "all"')
    asked = ticket(("06T08:00", "paused", "customer"), ("06T10:00", "asked", None))
    parts = breakdown(asked, policy=policy, metric="resolution", by="reason", at=at("06T12:00"))
    shares = [(each.name, each.elapsed, each.paused) for each in parts.shares]
    assert shares == [(None, 3 * HOUR + 30 * MINUTE, timedelta()), ("customer", timedelta(), 2 * HOUR)]


def test_an_entry_of_the_queue_has_no_other_attributes() -> None:
    [entry] = queue([ticket(id=1)], at=at("03T17:00"), policy=HOURS, metric="resolution")
    with pytest.raises(AttributeError, match="has no attribute 'dueat'"):
        entry.dueat  # type: ignore[attr-defined]  # noqa: B018


def test_a_queue_of_targets_in_days() -> None:
    [entry] = queue(
        [ticket(id=1)], at=at("03T17:00"), policy=desk('within = "1 working days", by = "16:00"'), metric="resolution"
    )
    assert entry.due_at == at("06T16:00")


def test_nothing_is_corrected_that_was_known_alike() -> None:
    known = ticket(id=1)
    found = crossings([known], at("03T17:00"), at("06T17:00"), before=[known], policy=HOURS)
    assert [(each.threshold, each.correction) for each in found] == [(100, None), ("breached", None)]


def test_events_of_an_export_in_descending_order() -> None:
    events = [{"kind": kind, "at": at(when)} for when, kind in (("06T10:00", "resumed"), ("06T09:00", "paused"))]
    made = Ticket.imported(plan="gold", priority="high", opened_at=at("03T16:30"), events=events)
    assert [(each.kind, each.at) for each in made.events] == [("paused", at("06T09:00")), ("resumed", at("06T10:00"))]


def test_a_pause_that_an_export_tells_twice_goes_on() -> None:
    told = [Moment(1, "paused", "a"), Moment(2, "resumed"), Moment(2, "paused", "a"), Moment(3, "resumed")]
    assert as_states(told) == [told[0], told[3]]


def test_a_paused_ticket_has_no_wait_to_compare_with_another_policy() -> None:
    policy = desk('within = "PT9H"', plan='pauses.resolution = "all"')
    waiting, running = ticket(("06T09:00", "paused", None), id=1), ticket(id=2)
    made = report([waiting, running], at=at("06T17:00"), policy=policy, metric="resolution", what_if=policy)
    assert made.what_if is not None
    assert made.what_if.waits[0] == 1


def test_cycles_that_begin_together_are_compared_with_their_own_kind() -> None:
    update = '{ starts = ["opened", "answered"], ends = ["answered", "resolved"], repeats = true }'
    policy = desk('within = "PT9H"', plan='targets.update = { within = "PT4H" }', top=f"metrics.update = {update}")
    at_once = ticket(("03T16:30", "answered", None))  # the first cycle has no length, and the second never ends
    made = report([at_once], at=at("09T17:00"), policy=policy, metric=policy.metrics["update"], what_if=policy)
    assert made.what_if is not None
    assert made.what_if.flow == ((("breached", "breached"), 1), (("met", "met"), 1))
    assert made.what_if.waits[1] == made.what_if.waits[2]


def test_an_event_that_changes_nothing_is_left_out_of_an_export() -> None:
    paused = Moment(1, "paused", "a")
    assert as_states([paused, Moment(2, "resumed", "b")]) == [paused]
    dropped: list[Moment] = []
    assert as_states([paused, Moment(2, "resumed", "b")], dropped=dropped) == [paused]
    assert dropped == [Moment(2, "resumed", "b")]


def test_reports_add_up() -> None:
    one, other = (report([ticket(id=id)], at=at("06T17:00"), policy=HOURS, metric="resolution") for id in (1, 2))
    assert sum([one, other]) == one + other


@pytest.mark.parametrize(
    ("day", "by", "label"),
    [
        (date(2026, 1, 1), "year", ("2026", "")),
        (date(2026, 1, 1), "month", ("Jan", "2026")),
        (date(2026, 2, 1), "month", ("Feb", "")),
        (date(2026, 2, 1), "day", ("1", "Feb")),
        (date(2026, 2, 2), "day", ("2", "")),
        (date(2026, 4, 1), "quarter", ("Q2", "")),
        (date(2026, 1, 1), "quarter", ("Q1", "2026")),
    ],
)
def test_the_short_names_of_periods(day: date, by: Any, label: tuple[str, str]) -> None:
    assert short_label(day, by) == label


def test_the_rows_of_a_piece_with_a_blank_line() -> None:
    table = CsvTable(io.StringIO("id,a\n1,2\n\n3,4\n"))
    assert [*table.pieces(100)] == [[(2, ["1", "2"], None), (4, ["3", "4"], None)]]
    assert [*CsvTable(io.StringIO("id,a\n\n\n")).pieces(100)] == []
    lines = JsonTable(io.StringIO('{"id": 1}\n\n{"id": 3}\n'))
    assert [*lines.pieces(100)] == [[(1, ('{"id": 1}', {"id": 1}), None), (3, ('{"id": 3}', {"id": 3}), None)]]


def test_a_life_is_read_once_between_two_events() -> None:
    reopened = ticket(("03T17:00", "resolved", None), ("06T09:00", "reopened", None), id=1)
    life = life_of(reopened, HOURS, "resolution", reopened.moments)
    early, late = (micros(at(text)) for text in ("06T10:00", "06T11:00"))
    first, again = life.clock(1, early), life.clock(1, late)
    assert first is again
    assert first is not None
    assert life.clock(1, micros(at("03T16:00"))) is None


def test_a_cycle_had_ended_until_it_was_reopened() -> None:
    reopened = ticket(("03T17:00", "resolved", None), ("06T09:00", "reopened", None), id=1)
    life = life_of(reopened, HOURS, "resolution", reopened.moments)
    ended = [clock and clock.ended for clock in (life.clock(1, micros(at(t))) for t in ("03T18:00", "06T10:00"))]
    assert ended == [micros(at("03T17:00")), None]


def test_what_is_loaded_at_first_use() -> None:
    """Other tests find it loaded."""
    load, names = late_names("kolmisla", {"tickets.ticket": ["Ticket"]})
    assert load("Ticket") is Ticket
    assert "Ticket" in names()
    with pytest.raises(AttributeError, match="module 'kolmisla' has no attribute 'none'"):
        load("none")
    assert (_read("name"), _read("examples")) == (KOLMISOFT.name, KOLMISOFT.examples)
    assert _cycles.__wrapped__() is made


def test_working_days_of_a_schedule_that_is_made_of_two() -> None:
    both = OFFICE | Schedule(timezone="Europe/Vilnius", hours={"sat": ["10:00-14:00"]})
    target = Target(within="1 working day", by="close")
    desk = Policy(
        name="desk",
        timezone="Europe/Vilnius",
        schedules={"both": both},
        priorities=[Priority(name="low", rank=1, schedule="both")],
        plans=[Plan(name="gold", rank=1, targets={"first-response": target})],
    )
    friday = Ticket(plan="gold", priority="low", opened_at="2026-07-03T09:00:00+03:00")
    assert deadline(friday, policy=desk).due_at == datetime.fromisoformat("2026-07-04T14:00:00+03:00")


def test_a_changed_copy_of_a_change_keeps_its_old_value() -> None:
    change = Changed.of(5, "owner", "L2", "L1")
    moved = change._replace(at=9)
    assert (moved.at, moved.value, moved.old) == (9, "L2", "L1")


@pytest.mark.parametrize("asked", ["12:00", "13:00"])
@pytest.mark.parametrize("again", [["paused"], ["resumed", "paused"]])
def test_a_state_that_is_told_again_after_a_question_is_a_new_pause(asked: str, again: list[str]) -> None:
    policy = desk('within = "PT9H"', top='waits_for_customer = ["customer"]', plan='pauses.resolution = "all"')
    told = [("10:00", "paused"), (asked, "asked"), *(("13:00", kind) for kind in again), ("14:00", "resumed")]
    events = [
        {"at": f"2026-07-06T{at}Z", "kind": kind, "value": "customer" if kind == "paused" else None}
        for at, kind in told
    ]
    ticket = Ticket.imported(plan="gold", priority="high", opened_at="2026-07-06T09:00Z", events=events)
    judged = deadline(ticket, policy=policy, metric="resolution")
    elapsed = judged.status(datetime.fromisoformat("2026-07-06T15:00Z")).elapsed
    assert elapsed == timedelta(hours=2 + (asked == "12:00"))


@pytest.mark.parametrize("nothing", [("resumed", None), ("reopened", None), ("resumed", "supplier")])
def test_a_row_that_changes_nothing_does_not_part_a_pause_that_goes_on(nothing: tuple[str, str | None]) -> None:
    told = [("10:00", "paused", "part"), ("12:00", "resumed", None), ("12:00", *nothing), ("12:00", "paused", "part")]
    facts: dict[str, Any] = {"plan": "gold", "priority": "high", "opened_at": "2026-07-06T09:00Z"}
    events = [{"at": f"2026-07-06T{at}Z", "kind": kind, "value": value} for at, kind, value in told]
    with_row, without = (Ticket.imported(**facts, events=rows) for rows in (events, [*events[:2], events[3]]))
    assert with_row == without
    assert len(with_row.events) == 1
    assert Ticket.imported(**with_row.to_dict()) == Ticket.from_dict(with_row.to_dict()) == with_row


def test_a_pause_after_a_withdrawal_changes_nothing_although_a_question_came_before_it() -> None:
    told = [("10:00", "paused", "customer"), ("11:00", "asked", None), ("12:00", "withdrawn", None)]
    facts: dict[str, Any] = {"plan": "gold", "priority": "high", "opened_at": "2026-07-06T09:00Z"}
    events = [{"at": f"2026-07-06T{at}Z", "kind": kind, "value": value} for at, kind, value in told]
    again = {"at": "2026-07-06T13:00Z", "kind": "paused", "value": "customer"}
    assert Ticket.imported(**facts, events=[*events, again]) == Ticket.imported(**facts, events=events)
