"""Which events a ticket may have, in which order they are put, and which are refused."""

import json
import pickle
from copy import copy, deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolmisla import (
    KOLMISOFT,
    Event,
    HorizonError,
    NaiveTimeError,
    NotCoveredError,
    Plan,
    PolicyError,
    Target,
    Ticket,
    TicketError,
    cycles,
    deadline,
    explain,
)
from kolmisla.policies.terms.metrics import CHANGES, EVENT_KINDS, EventKind
from kolmisla.tickets.event import Moment
from kolmisla.tickets.exports import as_states
from kolmisla.tickets.states import LEADS_TO, States

OPENED = "2026-07-03T17:00:00+03:00"
FACTS: dict[str, Any] = {"plan": "premium", "priority": "high", "opened_at": OPENED}
HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+03:00")


def event(text: str) -> dict[str, str | None]:
    day_and_time, kind, *value = text.split(maxsplit=2)
    return {"kind": kind, "at": f"2026-07-{day_and_time}:00+03:00", "value": value[0] if value else None}


def opened(*events: str, **more: Any) -> Ticket:
    return Ticket(**{**FACTS, **more}, events=[event(text) for text in events])


RAISED = opened("04T10:00 priority blocker")


@pytest.mark.parametrize(
    ("reading", "due", "state", "elapsed"),
    [
        ("carry", "2026-07-04T11:00", "running", HOUR),
        ("retroactive", "2026-07-03T19:00", "breached", 17 * HOUR),
        ("restart", "2026-07-04T12:00", "running", timedelta()),
    ],
)
def test_raised_to_blocker_on_saturday(reading: str, due: str, state: str, elapsed: timedelta) -> None:
    """Law 8's example: HIGH opened on Friday at 17:00 with two hours, BLOCKER from Saturday 10:00."""
    found = deadline(RAISED, policy=KOLMISOFT.replace(priority_change=reading))
    assert found.due_at == found.breaches_after == at(due)
    status = found.status(at("2026-07-04T10:00"))
    assert (status.state, status.elapsed, status.remaining) == (state, elapsed, 2 * HOUR - elapsed)
    before = found.status(at("2026-07-04T09:59"))
    assert (before.state, before.elapsed) == ("running", HOUR)


def graded(**targets: float) -> Any:
    """The published policy with targets by priority, in hours."""
    by_priority = {name: Target(within=hours * HOUR) for name, hours in targets.items()}
    plan = Plan(name="PREMIUM", rank=1, targets={"first-response": by_priority})
    return KOLMISOFT.replace(plans=[plan])


def test_a_target_that_is_over_when_the_change_comes_is_due_at_the_change() -> None:
    slow = opened("06T12:00 priority blocker", priority="low", opened_at="2026-07-02T08:00:00+03:00")
    found = deadline(slow, policy=graded(low=40, blocker=2))
    assert found.due_at == found.breaches_after == at("2026-07-06T12:00")
    assert found.status(at("2026-07-06T11:59")).state == "running"
    assert found.status(at("2026-07-06T12:00")).state == "breached"
    assert found.used_at(75) == at("2026-07-06T12:00")
    assert found.used_at(50) == at("2026-07-03T18:00")  # half of the forty hours, before the change
    assert found.used_at(1000) == at("2026-07-06T12:00")
    assert found.used_at(1001) == at("2026-07-06T12:01") + timedelta(seconds=12)


def test_what_was_late_before_the_change_stays_late_from_then() -> None:
    late = opened("03T12:00 priority blocker", opened_at="2026-07-03T08:00:00+03:00")
    found = deadline(late)
    assert found.due_at == found.breaches_after == at("2026-07-03T10:00")
    eased = opened("03T12:00 priority low", opened_at="2026-07-03T08:00:00+03:00")
    assert deadline(eased, policy=graded(high=2, low=6)).due_at == at("2026-07-03T14:00")
    assert deadline(eased, policy=graded(high=2, low=6)).status(at("2026-07-03T11:00")).state == "breached"
    assert deadline(eased, policy=graded(high=2, low=6)).status(at("2026-07-03T12:00")).state == "running"


def test_kept_until_the_change_when_it_was_used_up_just_then() -> None:
    """Due at closing on Friday, kept until Monday's opening; a shorter target from Saturday on ends that."""
    policy = graded(high=2, blocker=1)
    found = deadline(opened("04T10:00 priority blocker", opened_at="2026-07-03T16:00:00+03:00"), policy=policy)
    assert found.due_at == at("2026-07-03T18:00")
    assert found.breaches_after == at("2026-07-04T10:00")


def test_a_priority_without_a_target_promises_nothing() -> None:
    policy = graded(high=2)
    with pytest.raises(NotCoveredError, match="plan PREMIUM promises no first-response for BLOCKER"):
        deadline(RAISED, policy=policy)
    (cycle,) = cycles(RAISED, policy=policy)
    assert cycle.deadline is None
    assert cycle.elapsed(at("2026-07-04T11:00")) == 2 * HOUR
    assert cycle.to_dict() == {
        "metric": "first-response",
        "cycle": 1,
        "started_at": OPENED,
        "ended_at": None,
        "due_at": None,
    }
    with pytest.raises(NotCoveredError, match="for BLOCKER"):
        cycle.status(at("2026-07-04T11:00"))
    came = opened("04T10:00 priority high", priority="blocker")
    promised = deadline(came, policy=policy)
    assert promised.due_at == at("2026-07-04T10:00")
    with pytest.raises(NotCoveredError, match="for BLOCKER"):
        promised.status(at("2026-07-04T09:00"))


def test_an_answer_and_a_change_of_priority_in_one_save() -> None:
    """The answer is judged by the priority before; whoever asks then is told of the new one."""
    policy = graded(high=2, blocker=1)
    one = opened("03T18:30 answered", "03T18:30 priority blocker", opened_at="2026-07-03T16:30:00+03:00")
    assert deadline(one, policy=policy).status(at("2026-07-03T18:30")).state == "met"
    assert deadline(one, policy=policy).promise.priority.name == "HIGH"
    open_still = opened("03T18:30 priority blocker", opened_at="2026-07-03T16:30:00+03:00")
    assert deadline(open_still, policy=policy).status(at("2026-07-03T18:30")).state == "breached"


def test_the_kolmisoft_page_promises_a_first_response_only() -> None:
    lived = opened("06T09:00 answered", "07T09:00 asked", "07T09:30 answered", "07T10:00 resolved")
    assert [event.kind for event in lived.events] == ["answered", "asked", "answered", "resolved"]
    assert lived.answered_at == at("2026-07-06T09:00")
    for metric in ("next-response", "resolution"):
        with pytest.raises(NotCoveredError, match=f"plan PREMIUM promises no {metric} for HIGH"):
            deadline(lived, metric=metric)
    now = at("2026-07-08T12:00")
    (next_response,) = cycles(lived, metric="Next response")  # type: ignore[arg-type]
    (resolution,) = cycles(lived, metric="resolution")
    assert next_response.elapsed(now) == HOUR / 2
    assert resolution.elapsed(now) == 3 * HOUR
    assert (next_response.started_at, next_response.ended_at) == (at("2026-07-07T09:00"), at("2026-07-07T09:30"))
    with pytest.raises(NotCoveredError, match="no question was asked after a response"):
        deadline(RAISED, metric="next-response")
    with pytest.raises(PolicyError, match="metric 'speed' is not one of first-response, next-response, resolution"):
        cycles(lived, metric="speed")  # type: ignore[arg-type]


def test_a_new_cycle_for_each_question_after_a_response() -> None:
    asked = opened(
        "03T17:10 asked",  # before any response: the first one answers it too
        "03T17:20 answered",
        "03T17:30 asked",
        "03T17:35 asked",
        "03T17:40 answered",
        "03T17:50 answered",
        "07T08:00 asked",
    )
    spans = [(cycle.started_at, cycle.ended_at) for cycle in cycles(asked, metric="next-response")]
    assert spans == [(at("2026-07-03T17:30"), at("2026-07-03T17:40")), (at("2026-07-07T08:00"), None)]
    plan = Plan(name="PREMIUM", rank=1, targets={"next-response": Target(within=HOUR)})
    assert deadline(asked, policy=KOLMISOFT.replace(plans=[plan]), metric="next-response").due_at == at(
        "2026-07-07T09:00"
    )


def test_resolution_goes_on_after_a_reopening() -> None:
    plan = Plan(name="PREMIUM", rank=1, targets={"resolution": Target(within=2 * HOUR)})
    policy = KOLMISOFT.replace(plans=[plan])
    again = opened("03T17:30 resolved", "07T08:00 reopened", "07T09:00 paused", "07T12:00 resolved")
    found = deadline(again, policy=policy, metric="resolution")
    assert found.status(at("2026-07-06T12:00")).state == "met"
    assert found.status(at("2026-07-07T08:30")).elapsed == HOUR
    assert found.status(at("2026-07-07T11:00")).state == "paused"
    assert found.status(at("2026-07-07T12:00")).elapsed == 1.5 * HOUR
    assert found.due_at == at("2026-07-07T12:30")  # had it gone on after the resolution
    assert deadline(again.until(at("2026-07-07T11:00")), policy=policy, metric="resolution").due_at is None


def test_answered_at_is_short_for_one_event() -> None:
    short, long = Ticket(**FACTS, answered_at="2026-07-03T17:30:00+03:00"), opened("03T17:30 answered")
    assert short == long
    both = opened("03T17:30 answered", "03T17:50 asked", answered_at="2026-07-03T17:30:00+03:00")
    assert [each.kind for each in both.events] == ["answered", "asked"]
    assert Ticket.from_dict(json.loads(json.dumps(short.to_dict()))) == short
    for ticket in (short, RAISED):
        for same in (copy(ticket), deepcopy(ticket), pickle.loads(pickle.dumps(ticket)), ticket.replace()):
            assert same == ticket
            assert (same.moments, deadline(same)) == (ticket.moments, deadline(ticket))
    assert pickle.loads(pickle.dumps(deadline(RAISED))) == deadline(RAISED)
    assert hash(short) == hash(long)


@pytest.mark.parametrize(
    ("events", "fault"),
    [
        (["03T16:59 answered"], "answered at 2026-07-03T16:59:00+03:00 is before opened_at 2026-07-03T17:00:00+03:00"),
        (["03T18:00 resumed"], "resumed at 2026-07-03T18:00:00+03:00: the ticket must be paused then, but was running"),
        (
            ["03T18:00 paused", "03T19:00 paused"],
            "paused at .*19:00.*: the ticket must be running then, but was paused",
        ),
        (["03T18:00 reopened"], "reopened at .*: the ticket must be resolved or withdrawn then, but was running"),
        (["03T18:00 resolved", "03T19:00 resolved"], "the ticket must be running or paused then, but was resolved"),
        (["03T18:00 resolved", "03T19:00 paused"], "at .*19:00.*: the ticket must be running then, but was resolved"),
        (["03T18:00 paused", "03T18:00 resumed"], "contradict each other"),
        (["03T18:00 paused why", "03T18:00 resumed why"], "contradict each other"),
        (["03T18:00 paused", "03T18:00 resumed why"], "contradict each other"),
        (
            ["03T18:00 paused why", "03T18:30 paused", "03T19:00 resumed how"],
            "the ticket must be paused for 'how' then, but was paused for 'why' and no reason",
        ),
        (["03T18:00 resolved", "03T19:00 resolved", "03T19:00 reopened"], "contradict each other"),
        (
            ["03T18:00 priority low", "03T18:00 priority blocker"],
            "priority low at .* and priority blocker at .* contra",
        ),
        (["03T18:00 priority"], "events.0: a change of priority must have the new priority as its value"),
        (["03T18:00 answered late"], "events.0: an event of the kind answered must have no value, not 'late'"),
        (["03T18:00 escalated"], "events.0.kind: .*'answered', 'asked', 'paused', .* not 'escalated'"),
        (["03T18:00 asked", "yesterday asked"], "events.1.at: '2026-07-yesterday:00.*' is not a time"),
        (["03T16:00 resumed", "03T16:30 reopened"], "before opened_at.*; resumed at.*; reopened at.*; reopened at"),
    ],
)
def test_what_contradicts_itself_is_refused_by_name(events: list[str], fault: str) -> None:
    with pytest.raises(TicketError, match=fault.replace("+", r"\+")):
        opened(*events)


@pytest.mark.parametrize("blank", ["", "  ", "\t"])
def test_a_blank_value_is_none(blank: str) -> None:
    assert Event(kind="answered", at=OPENED, value=blank).value is None
    assert Event(kind="paused", at=OPENED, value=blank).value is None
    with pytest.raises(TicketError, match="a change of priority must have the new priority as its value"):
        Event(kind="priority", at=OPENED, value=blank)


def test_an_event_needs_an_offset() -> None:
    with pytest.raises(NaiveTimeError, match="has no offset"):
        Event(kind="asked", at="2026-07-03T18:00")
    with pytest.raises(NaiveTimeError, match="events.0.at"):
        Ticket(**FACTS, events=[{"kind": "asked", "at": datetime(2026, 7, 3, 18)}])
    assert Event(kind=" Answered", at=at("2026-07-03T18:00")).kind == "answered"  # type: ignore[arg-type]
    with pytest.raises(TicketError, match="event with 1 fault: kind"):
        Event(kind=7, at=OPENED)  # type: ignore[arg-type]


def test_within_one_instant() -> None:
    """A question before its answer, reopened before paused, paused before resolved."""
    together = opened(
        "03T18:00 answered", "03T18:00 asked", "03T17:30 answered", "03T18:00 resolved", "03T18:00 paused"
    )
    kinds = [each.kind for each in together.events]
    assert kinds == ["answered", "asked", "answered", "paused", "resolved"]
    (cycle,) = cycles(together, metric="next-response")
    assert cycle.started_at == cycle.ended_at == at("2026-07-03T18:00")


states = st.lists(
    st.builds(Moment, st.integers(0, 12), st.sampled_from(EVENT_KINDS), st.sampled_from(["low", "blocker", None])),
    max_size=20,
)


def told_last(moments: list[Moment], now: int) -> tuple[bool, set[str | None]]:
    """Whether a ticket is resolved, and the reasons for which it waits: what was told last holds."""
    known: list[Moment] = []
    for moment in sorted(moments, key=lambda moment: moment.at):
        withdrawn = [each.kind for each in known if each.kind in ("withdrawn", "reopened")][-1:] == ["withdrawn"]
        if moment.at <= now and (not withdrawn or moment.kind == "reopened"):
            known.append(moment)
    turns = [
        m.kind
        for m in known
        if m.kind in ("resolved", "reopened", "paused", "withdrawn") or (m.kind == "resumed" and not m.value)
    ]
    reasons = set()
    for reason in {moment.value for moment in known}:
        about = [
            moment.kind
            for moment in known
            if moment.kind in ("resolved", "reopened", "withdrawn")
            or (moment.kind in ("paused", "resumed") and moment.value == reason)
            or (moment.kind == "resumed" and not moment.value)
        ]
        if about[-1:] == ["paused"]:
            reasons.add(reason)
    return turns[-1:] == ["resolved"], reasons


@given(states)
def test_an_export_tells_states(moments: list[Moment]) -> None:
    """At every instant the ticket is in the state that was told last; what is not a state passes through."""
    taken = as_states(moments)
    stays = [moment for moment in sorted(moments, key=lambda moment: moment.at) if moment.kind not in LEADS_TO]
    assert [moment for moment in taken if moment.kind not in LEADS_TO] == stays
    states, asked = States(), False
    for moment in taken:
        asked = asked or moment.kind == "asked"
        if moment.kind in LEADS_TO:
            assert (moment.kind == "resumed") <= (states.state == "paused")
            if moment.kind != "withdrawn":
                assert (moment.kind == "reopened") == (states.state in ("resolved", "withdrawn"))
            assert states.take(moment.kind, moment.value) or asked
    for now in range(13):
        states = States()
        for moment in taken:
            if moment.at <= now:
                states.take(moment.kind, moment.value)
        assert (states.state == "resolved", set(states.reasons)) == told_last(moments, now)


def test_imported_events_are_taken_as_exports_tell_them() -> None:
    loose = ["03T17:10 resumed", "03T17:20 paused waiting", "03T17:20 paused again", "03T17:30 resolved"]
    loose += ["03T17:40 paused", "03T17:50 resumed", "03T17:50 paused"]
    ticket = Ticket.imported(**FACTS, events=[event(text) for text in loose], answered_at="2026-07-03T17:25:00+03:00")
    assert [(each.kind, each.at.astimezone(UTC).minute, each.value) for each in ticket.events] == [
        ("paused", 20, "waiting"),
        ("paused", 20, "again"),
        ("answered", 25, None),
        ("resolved", 30, None),
        ("reopened", 40, None),
        ("paused", 40, None),
        ("resumed", 50, None),
        ("paused", 50, None),
    ]
    assert ticket.answered_at == at("2026-07-03T17:25")
    with pytest.raises(TicketError, match="answered at 2026-07-03T16:00:00.03:00 is before opened_at"):
        Ticket.imported(**FACTS, events=[Event(kind="answered", at=at("2026-07-03T16:00"))])


def test_there_and_back_in_one_instant_is_no_change() -> None:
    there_and_back = [event("03T17:30 priority blocker"), event("03T17:30 priority high")]
    ticket = Ticket.imported(**FACTS, events=there_and_back)
    assert deadline(ticket, policy=KOLMISOFT.replace(priority_change="restart")).due_at == at("2026-07-07T09:00")
    later = Ticket.imported(**FACTS, events=[event("03T17:10 priority low"), *there_and_back])
    assert deadline(later, policy=KOLMISOFT.replace(priority_change="restart")).due_at == at("2026-07-07T09:30")


def test_a_cycle_stands_by_what_was_promised_then() -> None:
    policy = graded(blocker=4)
    lowered = opened("03T15:00 priority low", priority="blocker", opened_at="2026-07-03T10:00:00+03:00")
    (cycle,) = cycles(lowered, policy=policy)
    assert cycle.deadline is None
    assert cycle.status(at("2026-07-03T11:00")).remaining == 3 * HOUR
    with pytest.raises(NotCoveredError, match="promises no first-response for LOW"):
        cycle.status(at("2026-07-03T15:00"))


def test_a_target_used_up_just_when_a_change_closes_the_clock() -> None:
    """Two hours round the clock, used up at 20:00 sharp, when the priority becomes one on working hours."""
    eased = opened("03T20:00 priority high", priority="blocker", opened_at="2026-07-03T18:00:00+03:00")
    found = deadline(eased, policy=graded(blocker=8, high=2))
    assert found.due_at == at("2026-07-03T20:00")
    assert found.breaches_after == at("2026-07-07T08:00")


def test_a_priority_from_before_the_opening_is_the_one_at_opening() -> None:
    early = Event(kind="priority", at=at("2026-07-03T16:00"), value="blocker")
    assert deadline(Ticket.imported(**FACTS, events=[early])).due_at == at("2026-07-03T19:00")
    assert Ticket(**FACTS, events=[early]) == Ticket.imported(**FACTS, events=[early])
    values = {"due": "2026-07-06T10:00Z", "extended": "PT1H"}
    for kind in set(EVENT_KINDS) - set(CHANGES):
        told = {"kind": kind, "at": at("2026-07-03T16:00"), "value": values.get(kind), "reason": "outage"}
        with pytest.raises(TicketError, match="is before opened_at"):
            Ticket(
                **FACTS, events=[{name: value for name, value in told.items() if name != "reason" or kind == "waived"}]
            )


def test_an_imported_ticket_is_copied_with_what_was_told_before_its_opening() -> None:
    told: list[tuple[EventKind, str | None]]
    told = [("priority", "low"), ("priority", "blocker"), ("plan", "enterprise"), ("owner", "tier 2"), ("paused", None)]
    early = [
        Event(kind=kind, at=at(f"2026-07-03T16:0{minute}"), value=value) for minute, (kind, value) in enumerate(told)
    ]
    later = event("03T17:10 priority low")
    ticket = Ticket.imported(**FACTS, owner="tier 1", events=[*early, later])
    assert [each.kind for each in ticket.events] == ["priority", "priority", "plan", "owner", "paused", "priority"]
    assert Ticket.from_dict(ticket.to_dict()) == ticket == ticket.replace(id=ticket.id)


@pytest.mark.parametrize(
    "events", [[5], 5, [{"kind": "paused"}], [{"kind": "asked", "at": OPENED, "who": "me"}], [None]]
)
def test_what_is_no_event_is_a_fault_of_the_ticket(events: Any) -> None:
    with pytest.raises(TicketError, match=r"ticket with \d faults?: events"):
        Ticket(**FACTS, events=events)
    with pytest.raises(TicketError, match=r"ticket with \d faults?: events"):
        Ticket.imported(**FACTS, events=events)


def test_a_copy_is_checked_again() -> None:
    ticket = opened("03T17:30 answered")
    assert ticket.moments
    bare = ticket.replace(events=(), answered_at=None)
    assert (bare.events, bare.moments, bare.answered_at) == ((), (), None)
    assert deadline(bare).status(at("2026-07-03T17:50")).state == "running"
    with pytest.raises(TicketError, match="opened_at: 'x' is not a time"):
        ticket.replace(opened_at="x")
    assert copy(ticket) == deepcopy(ticket) == ticket.replace() == ticket
    with pytest.raises(TicketError, match="not 'bogus'"):
        ticket.events[0].replace(kind="bogus")


def test_what_is_known_is_answered_though_an_event_is_beyond() -> None:
    far = Event(kind="priority", at=datetime(2150, 1, 1, tzinfo=UTC), value="blocker")
    found = deadline(Ticket(**FACTS, events=[far]), policy=KOLMISOFT.replace(priority_change="restart"))
    assert found.due_at == datetime(2150, 1, 1, 2, tzinfo=UTC)
    carried = deadline(Ticket(**FACTS, events=[far]))
    assert carried.due_at is None  # working hours are not known to the change
    assert carried.status(at("2026-07-07T09:30")).state == "breached"
    paused = [{"kind": "paused", "at": "2150-01-01T00:00Z"}]
    plan = Plan(name="PREMIUM", rank=1, targets={"resolution": Target(within=2 * HOUR)})
    policy = KOLMISOFT.replace(plans=[plan])
    assert deadline(Ticket(**FACTS, events=paused), policy=policy, metric="resolution").due_at == at("2026-07-07T09:00")
    for facts in ({"opened_at": "2010-12-31T12:00Z"}, {"opened_at": "2010-12-31T12:00Z", "priority": "low"}):
        with pytest.raises(HorizonError):
            deadline(Ticket(**{**FACTS, **facts}, events=[event("04T10:00 priority blocker")]))


@pytest.mark.unmeasured
def test_a_life_of_ten_thousand_events_is_no_burden() -> None:
    """Linear, each of them: a quadratic one took minutes. No timing is asserted; a hang is a hang."""
    begin = at("2026-07-02T08:00")
    kinds = [
        ("priority", "low"),
        ("asked", None),
        ("paused", None),
        ("priority", "high"),
        ("resumed", None),
        ("answered", None),
    ]
    happened = [
        {"kind": kind, "value": value, "at": begin + timedelta(seconds=n)}
        for n, (kind, value) in enumerate(kinds * 1700)
    ]
    plan = Plan(
        name="PREMIUM", rank=1, targets={"resolution": Target(within=HOUR)}, pausing=("resolution", "next-response")
    )
    ticket = Ticket(**{**FACTS, "opened_at": begin}, events=happened)
    policy = KOLMISOFT.replace(plans=[plan])
    assert deadline(ticket, policy=policy, metric="resolution").due_at
    assert len(cycles(ticket, metric="next-response", policy=policy)) == 1699
    assert explain(ticket, policy=policy, metric="resolution").due_at


def test_a_pause_ends_with_the_cycle_and_goes_on_in_the_next() -> None:
    hours = {"first-response": Target(within=2 * HOUR), "next-response": Target(within=HOUR)}
    plan = Plan(name="PREMIUM", rank=1, targets=hours, pausing=("first-response", "next-response"))
    policy = KOLMISOFT.replace(plans=[plan])
    paused = opened("03T17:10 paused", "03T17:30 answered", "03T17:40 asked", "07T08:00 resumed")
    assert deadline(paused, policy=policy).due_at == at("2026-07-07T09:20")  # had it gone on after the answer
    assert deadline(paused, policy=policy, metric="next-response").due_at == at("2026-07-07T09:00")
    assert deadline(paused.until(at("2026-07-06T12:00")), policy=policy, metric="next-response").due_at is None


def test_a_cycle_begins_with_the_priority_of_its_time() -> None:
    hours = {"next-response": Target(within=HOUR)}
    policy = KOLMISOFT.replace(plans=[Plan(name="PREMIUM", rank=1, targets=hours)])
    lived = opened(
        "03T17:10 answered", "03T17:20 asked", "03T17:25 priority blocker", "03T17:30 answered", "03T17:40 asked"
    )
    assert deadline(lived, policy=policy, metric="next-response").due_at == at("2026-07-03T18:40")


def test_a_third_cycle_begins_with_the_priority_of_the_second() -> None:
    """Not with that of the first: it is raised within the second."""
    hours = {"next-response": Target(within=HOUR)}
    policy = KOLMISOFT.replace(plans=[Plan(name="PREMIUM", rank=1, targets=hours)])
    first = ("03T17:00 answered", "03T17:05 asked", "03T17:10 answered")
    second = ("03T17:20 asked", "03T17:25 priority blocker", "03T17:30 answered")
    lived = opened(*first, *second, "03T17:40 asked")
    priorities = [
        cycle.deadline and cycle.deadline.promise.priority.name
        for cycle in cycles(lived, metric="next-response", policy=policy)
    ]
    assert priorities == ["HIGH", "BLOCKER", "BLOCKER"]
    assert deadline(lived, policy=policy, metric="next-response").due_at == at("2026-07-03T18:40")


def test_a_ticket_answered_at_another_time() -> None:
    plain, at, again = Ticket(**FACTS), "2026-07-03T17:30:00+03:00", "2026-07-03T18:30:00+03:00"
    once = Ticket(**FACTS, answered_at=at)
    twice = Ticket(**FACTS, answered_at=at, events=[{"kind": "answered", "at": again}])
    assert once.replace(answered_at=again) == Ticket(**FACTS, answered_at=again)
    assert once.replace(answered_at=None) == once.replace(events=()) == plain
    assert plain.replace(answered_at=at) == twice.replace(events=once.events) == once
    assert twice.replace(answered_at=again) == Ticket(**FACTS, answered_at=again)
    assert twice.replace(id=7).answered_at == once.answered_at
    for first in (None, "2026-07-03T18:30:00.000001+03:00"):
        with pytest.raises(TicketError, match="but another would come first: answered at 2026-07-03T18:30"):
            twice.replace(answered_at=first)
    with pytest.raises(TicketError, match="answered_at: 'x' is not a time"):
        twice.replace(answered_at="x")
