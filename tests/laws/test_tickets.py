"""Laws 6 and 12 to 14: what a deadline is, when it is met, and which tickets have no promise."""

from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kolmisla import (
    ALWAYS,
    KOLMISOFT,
    Deadline,
    Event,
    EventKind,
    HorizonError,
    NotCoveredError,
    Plan,
    Policy,
    Priority,
    Schedule,
    Target,
    Ticket,
    TicketError,
    deadline,
    queue,
)
from kolmisla.policies.terms.metrics import EVENT_KINDS
from tests import oracle
from tests.laws.test_arguments import NAType
from tests.strategies import US, Case, cases, utc

HOUR = timedelta(hours=1)
HOURS = st.datetimes(datetime(2012, 1, 1), datetime(2040, 12, 31), timezones=st.just(UTC))


def desk(schedule: Schedule, within: timedelta) -> Policy:
    """A policy with one plan and one priority."""
    return Policy(
        name="desk",
        timezone="Europe/Vilnius",
        schedules={"hours": schedule},
        priorities=[Priority(name="ONE", rank=1, meaning="any", schedule="hours")],
        plans=[Plan(name="PLAN", rank=1, targets={"first-response": Target(within=within)})],
        channels=["support-system"],
    )


@st.composite
def promised(draw: st.DrawFn) -> tuple[Case, Deadline]:
    """A deadline on a random schedule whose hours come again."""
    case = draw(cases())
    assume(not case.schedule.never_opens)  # a policy refuses it
    opened_at, within = draw(case.instants()), draw(case.durations())
    due = oracle.due(case.desk, opened_at, within)
    assume(within > timedelta() and due is not None and oracle.next_open(case.desk, due))
    ticket = Ticket(plan="plan", priority="one", opened_at=opened_at)
    return case, deadline(ticket, policy=desk(case.schedule, within))


@given(promised())
def test_the_two_instants_are_the_earliest_and_the_latest(drawn: tuple[Case, Deadline]) -> None:
    case, found = drawn
    due, last, opened = utc(found.due_at), utc(found.breaches_after), found.ticket.opened_at
    assert due == oracle.due(case.desk, opened, found.target)
    assert last == oracle.next_open(case.desk, due)
    elapsed = case.schedule.elapsed
    assert elapsed(opened, due) == elapsed(opened, last) == found.target
    assert elapsed(opened, due - US) < found.target < elapsed(opened, last + US)


@given(st.data(), promised())
def test_met_is_answered_by_the_latest_instant(data: st.DataObject, drawn: tuple[Case, Deadline]) -> None:
    case, found = drawn
    ends = st.sampled_from([utc(found.due_at), utc(found.breaches_after)])
    edges = st.builds(lambda at, us: at + us * US, ends, st.integers(-1, 1))
    answered_at = data.draw(edges | case.instants())
    assume(answered_at >= found.ticket.opened_at)
    met = answered_at <= utc(found.breaches_after)
    now = data.draw(st.sampled_from([answered_at, answered_at + US, answered_at + timedelta(days=9)]))
    answered = deadline(
        Ticket(plan="plan", priority="one", opened_at=found.ticket.opened_at, answered_at=answered_at),
        policy=found.policy,
    ).status(now)
    assert answered.state == ("met" if met else "breached")
    assert answered.elapsed == case.schedule.elapsed(found.ticket.opened_at, answered_at)
    assert answered.remaining == found.target - answered.elapsed
    waiting = found.status(answered_at)
    assert waiting.state == ("running" if met else "breached")
    assert waiting.elapsed == answered.elapsed


@given(promised(), st.integers(1, 130), st.integers(0, 40))
def test_a_share_is_used_up_then_and_not_a_microsecond_before(
    drawn: tuple[Case, Deadline], percent: int, more: int
) -> None:
    case, found = drawn
    assume(oracle.due(case.desk, found.ticket.opened_at, found.target * 2))
    used, opened, elapsed = utc(found.used_at(percent)), found.ticket.opened_at, case.schedule.elapsed
    assert elapsed(opened, used) * 100 >= found.target * percent > (elapsed(opened, used) - US) * 100
    assert elapsed(opened, used - US) < elapsed(opened, used)
    assert used <= utc(found.used_at(percent + more))
    assert utc(found.used_at(100)) == utc(found.due_at)


@pytest.mark.parametrize("percent", [0, -1, 75.0, "75", True, None])
def test_a_share_is_a_whole_number(percent: Any) -> None:
    with pytest.raises(ValueError, match="percent must be a whole number of 1 or more, not"):
        deadline(Ticket(plan="premium", priority="high", opened_at=OPENED)).used_at(percent)


@given(HOURS, st.sampled_from(["high", "medium", "low"]), st.sampled_from(["enterprise", "premium"]))
def test_working_hours_priorities_and_plans_share_one_target(opened_at: datetime, priority: str, plan: str) -> None:
    found = deadline(Ticket(plan=plan, priority=priority, opened_at=opened_at))
    same = deadline(Ticket(plan="PREMIUM", priority="HIGH", opened_at=opened_at))
    assert utc(found.due_at) == utc(same.due_at)
    assert utc(found.breaches_after) == utc(same.breaches_after)
    assert found.target == timedelta(hours=2)


@given(HOURS, st.sampled_from(["enterprise", "premium"]))
def test_blocker_runs_round_the_clock(opened_at: datetime, plan: str) -> None:
    found = deadline(Ticket(plan=plan, priority="blocker", opened_at=opened_at))
    assert utc(found.due_at) == utc(found.breaches_after) == opened_at + timedelta(hours=2)
    assert found.due_at is not None
    assert str(found.due_at.tzinfo) == "Europe/Vilnius"


@given(HOURS, st.integers(0, 10**9), st.integers(0, 10**9))
def test_what_happens_after_the_instant_does_not_count(opened_at: datetime, until_now: int, until_answer: int) -> None:
    now, answered_at = opened_at + until_now * US, opened_at + until_answer * US
    facts = {"plan": "premium", "priority": "blocker", "opened_at": opened_at}
    asked = deadline(Ticket(**facts, answered_at=answered_at)).status(now)  # type: ignore[arg-type]
    if answered_at > now:
        assert asked == deadline(Ticket(**facts)).status(now)  # type: ignore[arg-type]
    else:
        assert asked.elapsed == answered_at - opened_at


OPENED = datetime(2026, 7, 3, 12, tzinfo=UTC)


def test_hours_that_never_come_again_have_no_deadline() -> None:
    over = Schedule(timezone="UTC", hours={}, exceptions={"1999-01-04": ["08:00-10:00"]})
    found = deadline(Ticket(plan="plan", priority="one", opened_at=OPENED), policy=desk(over, timedelta(hours=2)))
    assert (found.due_at, found.breaches_after) == (None, None)
    assert found.status(OPENED + timedelta(days=900)).state == "running"
    assert found.to_dict()["due_at"] is None
    assert found.used_at(1) is None
    once = Schedule(timezone="UTC", hours={}, exceptions={"2026-07-04": ["08:00-10:00"]})
    last = deadline(Ticket(plan="plan", priority="one", opened_at=OPENED), policy=desk(once, timedelta(hours=2)))
    assert last.due_at == datetime(2026, 7, 4, 10, tzinfo=UTC)
    assert last.breaches_after is None
    assert last.status(OPENED + timedelta(days=900)).state == "running"


def test_a_ticket_beyond_the_horizon_is_refused() -> None:
    for opened_at in ("2010-12-31T12:00Z", "2101-01-01T12:00Z", "9999-01-01T00:00Z", "0001-01-01T00:00Z"):
        with pytest.raises(HorizonError, match="2011 to 2100"):
            deadline(Ticket(plan="premium", priority="high", opened_at=opened_at))
    found = deadline(Ticket(plan="premium", priority="high", opened_at="2026-07-03T12:00Z"))
    with pytest.raises(HorizonError):
        found.status(datetime(2101, 1, 2, tzinfo=UTC))
    with pytest.raises(TicketError, match="before the ticket was opened"):
        found.status(OPENED - US)


RELEASES = KOLMISOFT.replace(releases=["X16", "X17", "X18"])


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"plan": None}, "no support plan"),
        ({"channel": "phone"}, "nothing is promised for channel 'phone', only for support-system"),
        ({"channel": "e-mail", "priority": "blocker"}, "nothing is promised for channel 'e-mail'"),
        ({"version": "X16"}, "version X16 is not supported, only X17 and X18"),
    ],
)
def test_no_promise_no_deadline(facts: dict[str, str], reason: str) -> None:
    ticket = Ticket(**{"plan": "premium", "priority": "high", "opened_at": OPENED, **facts})  # type: ignore[arg-type]
    with pytest.raises(NotCoveredError, match=reason):
        deadline(ticket, policy=RELEASES)


@pytest.mark.parametrize(
    "facts",
    [
        {"channel": "Support System"},
        {"channel": None, "plan": "Premium", "priority": " HIGH "},
        {"version": "x17"},
        {"version": "X18"},
        {"version": None},
    ],
)
def test_names_match_whatever_their_case(facts: dict[str, str]) -> None:
    ticket = Ticket(**{"plan": "premium", "priority": "high", "opened_at": OPENED, **facts})  # type: ignore[arg-type]
    found = deadline(ticket, policy=RELEASES).to_dict()
    assert (found["plan"], found["priority"], found["channel"]) == ("PREMIUM", "HIGH", "support-system")
    assert found["version"] in (None, "X17", "X18")


def test_a_channel_is_shown_as_the_policy_writes_it() -> None:
    policy = KOLMISOFT.replace(channels=["Web Form", "Phone"])
    ticket = Ticket(plan="premium", priority="high", opened_at=OPENED, channel="web-form")
    assert deadline(ticket, policy=policy).to_dict()["channel"] == "Web Form"


def test_a_plan_without_that_target_promises_nothing() -> None:
    bare = Plan(name="BASIC", rank=3, targets={})
    with pytest.raises(NotCoveredError, match="plan BASIC promises no first-response"):
        deadline(Ticket(plan="basic", priority="low", opened_at=OPENED), policy=KOLMISOFT.replace(plans=[bare]))


def test_a_target_may_have_its_own_schedule() -> None:
    plan = Plan(name="P", rank=1, targets={"first-response": Target(within=timedelta(hours=2), schedule="Always")})
    policy = KOLMISOFT.replace(plans=[plan])
    assert deadline(Ticket(plan="p", priority="low", opened_at=OPENED), policy=policy).promise.schedule == ALWAYS


VALUES = {"priority": "low", "plan": "premium", "owner": "Ann", "due": "2026-07-09T10:00+03:00", "extended": "PT1H"}


@given(st.lists(st.tuples(st.sampled_from(EVENT_KINDS), st.integers(-1, 3)), max_size=6), st.none() | st.integers(0, 3))
def test_an_imported_ticket_keeps_its_order_in_copies(drawn: list[tuple[EventKind, int]], answered: int | None) -> None:
    """Events that share an instant are in the order of the export, in which no `Ticket` would put them."""
    opened = datetime(2026, 7, 3, 10, tzinfo=UTC)
    reasons = {"waived": "outage"}
    events = [
        Event(kind=kind, at=opened + hours * HOUR, value=VALUES.get(kind), reason=reasons.get(kind))
        for kind, hours in drawn
    ]
    given_at = None if answered is None else opened + answered * HOUR
    try:
        ticket = Ticket.imported(plan="premium", priority="high", opened_at=opened, events=events, answered_at=given_at)
    except TicketError:
        assume(False)
    moved = ticket.replace(id=7, owner="Bo", priority="low")
    assert (moved.events, moved.answered_at, moved.id, moved.owner) == (ticket.events, ticket.answered_at, 7, "Bo")
    assert ticket.replace() == Ticket.imported(**ticket.to_dict()) == Ticket.from_dict(ticket.to_dict()) == ticket
    assert Ticket.from_dict(ticket.to_dict()).to_dict() == ticket.to_dict()
    once: dict[str, Any] = {**ticket.to_dict(), "events": map(dict, ticket.to_dict()["events"])}
    assert Ticket.from_dict(once) == ticket


def test_an_order_that_no_ticket_would_have_stays() -> None:
    facts: dict[str, Any] = {"plan": "premium", "priority": "high", "opened_at": datetime(2026, 7, 3, 10, tzinfo=UTC)}
    at = datetime(2026, 7, 3, 12, tzinfo=UTC)
    kinds: list[EventKind] = ["resolved", "reopened", "resolved"]
    ticket = Ticket.imported(**facts, events=[Event(kind=kind, at=at) for kind in kinds])
    assert [event.kind for event in ticket.replace(id=1).events] == kinds
    with pytest.raises(TicketError, match="contradict each other"):
        ticket.replace(opened_at=at - HOUR)
    assert Ticket.from_dict(ticket.to_dict()) == ticket
    by_hand = {name: value for name, value in ticket.to_dict().items() if name != "owner"}
    with pytest.raises(TicketError, match="contradict each other"):
        Ticket.from_dict(by_hand)
    once = Ticket.imported(**facts, answered_at=at, events=[Event(kind="answered", at=at)])
    assert once == Ticket(**facts, answered_at=at)


def test_a_ticket_in_a_table_is_as_it_was_written() -> None:
    """Its events have zones of their own, and events that an import would drop."""
    at = "2026-07-04T10:00:00+09:00"
    pauses = [{"kind": "paused", "at": at, "value": "x"}, {"kind": "paused", "at": at, "value": "X"}]
    for events in ([{"kind": "asked", "at": at}, {"kind": "answered", "at": at}], pauses):
        ticket = Ticket(plan="premium", priority="high", opened_at="2026-07-03T17:00+03:00", events=events)
        read = Ticket.from_dict(ticket.to_dict())
        assert (read, read.to_dict()) == (ticket, ticket.to_dict())
        assert read.events[0].at.isoformat() == at
    for wrong in (7, NAType(), "x", {"kind": "asked"}):
        with pytest.raises(TicketError, match="events: must be a list"):
            Ticket.from_dict({**ticket.to_dict(), "events": wrong})
    with pytest.raises(TicketError, match="events.1: must be a table"):
        Ticket.from_dict({**ticket.to_dict(), "events": iter([{"kind": "asked", "at": at}, 5])})


class Listed:
    """A sequence that, like an array, is neither true nor false."""

    def __init__(self, items: list[Any]) -> None:
        self.items = items

    def __iter__(self) -> Iterator[Any]:
        return iter(self.items)

    def __bool__(self) -> bool:
        raise ValueError("ambiguous")


@pytest.mark.parametrize("how", [iter, tuple, Listed, deque, lambda items: (item for item in items)])
@pytest.mark.parametrize("left_out", [(), ("owner",)])
def test_events_may_be_in_anything_that_gives_them(how: Any, left_out: tuple[str, ...]) -> None:
    facts = {"plan": "premium", "priority": "high", "opened_at": "2026-07-03T17:00+03:00"}
    events = [{"kind": "paused", "at": "2026-07-04T10:00Z"}, {"kind": "resolved", "at": "2026-07-05T10:00Z"}]
    ticket = Ticket(**facts, events=events)  # type: ignore[arg-type]
    table = {name: value for name, value in ticket.to_dict().items() if name not in left_out}
    for some in (events, []):
        expected = Ticket(**facts, events=some)  # type: ignore[arg-type]
        assert Ticket.from_dict({**table, "events": how(some)}) == expected
        assert Ticket(**facts, events=how(some)) == expected  # type: ignore[arg-type]
        assert Ticket.imported(**facts, events=how(some)) == ticket.replace(events=how(some)) == expected


@pytest.mark.parametrize(
    ("opened_at", "at"),
    [
        ("2026-07-10T16:00:00+03:00", "9999-12-31T23:59:59Z"),
        ("0001-01-01T00:00:00+05:00", "0001-01-01T00:00:00+05:00"),
        ("0001-01-01T00:00:00+05:00", "0001-01-01T00:00:00Z"),
    ],
)
def test_a_time_that_the_zone_of_the_opening_cannot_show(opened_at: str, at: str) -> None:
    ticket = Ticket(plan=None, priority="high", opened_at=opened_at, events=[{"kind": "asked", "at": at}])
    for again in (Ticket.from_dict(ticket.to_dict()), Ticket.imported(**ticket.to_dict()), ticket.replace()):
        assert again == ticket
    waits = Ticket(id=2, plan="premium", priority="high", opened_at="2026-07-10T16:00:00+03:00")
    first, *others = queue([ticket, waits], datetime(2026, 7, 10, 14, tzinfo=UTC))
    assert (first.ticket, [(each.reason, each.opened_at) for each in others]) == (
        waits,
        [("no support plan", ticket.opened_at)],
    )


class WithoutDst(tzinfo):
    """A zone that does not know whether DST is in force, as Python allows."""

    def utcoffset(self, _: datetime | None) -> timedelta:
        return timedelta(hours=3)

    def dst(self, _: datetime | None) -> None:
        return None

    def tzname(self, _: datetime | None) -> str:
        return "here"


def test_a_zone_that_does_not_know_dst() -> None:
    here, utc = (datetime(2026, 7, 3, 16, 30, tzinfo=zone) for zone in (WithoutDst(), UTC))
    facts: dict[str, Any] = {"plan": "premium", "priority": "high", "opened_at": here}
    told = Event(kind="answered", at=utc)
    ticket = Ticket.imported(**facts, events=[told])
    assert ticket == Ticket(**facts, events=[told])
    assert Ticket.imported(**facts, answered_at=here + timedelta(hours=1), events=[]).answered_at is not None
    assert deadline(ticket).due_at == deadline(Ticket(**{**facts, "opened_at": utc - timedelta(hours=3)})).due_at


def test_two_instants_of_one_wall_time_are_two() -> None:
    """Clocks in Vilnius show half past three twice on this date."""
    first, second = (datetime(2026, 10, 25, 3, 30, tzinfo=ZoneInfo("Europe/Vilnius"), fold=fold) for fold in (0, 1))
    facts: dict[str, Any] = {"plan": "premium", "priority": "high"}
    tickets = [Ticket(**facts, opened_at=at) for at in (first, second, first.astimezone(UTC))]
    assert (tickets[0] == tickets[1], tickets[0] == tickets[2], len({*tickets})) == (False, True, 2)
    events = [Event(kind="paused", at=at) for at in (first, second, second.astimezone(UTC))]
    assert (events[0] == events[1], events[1] == events[2], len({*events})) == (False, True, 2)
    assert Event(kind="due", at=first, value=first) != Event(kind="due", at=first, value=second)
