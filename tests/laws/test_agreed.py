"""Agreed due times, extensions, withdrawals, waivers and changes of plan, on any hours and pauses."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kolmisla import (
    KOLMISOFT,
    Event,
    HorizonError,
    Plan,
    Policy,
    Priority,
    Schedule,
    Target,
    Ticket,
    cycles,
    deadline,
    explain,
)

OPENED = datetime(2026, 7, 2, 6, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
DAY = Schedule(timezone="Europe/Vilnius", hours={"mon-fri": ["08:00-12:00", "13:00-18:00"]}, holidays="LT")
LATE = Schedule(timezone="Europe/Vilnius", hours={"mon-sun": ["12:00-02:00"]})
SCHEDULES = {"day": DAY, "late": LATE}
instants = st.integers(0, 8 * 24 * 60).map(lambda minutes: OPENED + minutes * MINUTE)
amounts = st.integers(1, 30 * 60).map(lambda minutes: minutes * MINUTE)


def desk(within: timedelta, **changes: Any) -> Policy:
    return Policy(
        **{
            "name": "desk",
            "timezone": "Europe/Vilnius",
            "schedules": SCHEDULES,
            "priorities": [
                Priority(name="low", rank=2, schedule="day"),
                Priority(name="high", rank=1, schedule="late"),
            ],
            "plans": [Plan(name="gold", rank=1, targets={"resolution": Target(within=within)})],
            **changes,
        }
    )


def ticket(*events: Event, **facts: Any) -> Ticket:
    return Ticket(**{"plan": "gold", "priority": "low", "opened_at": OPENED, **facts}, events=events)


@st.composite
def pauses(draw: st.DrawFn) -> list[Event]:
    at, events = OPENED, []
    for _ in range(draw(st.integers(0, 3))):
        for kind in ("paused", "resumed"):
            at += draw(st.integers(1, 2_000)) * MINUTE
            events.append(Event(kind=kind, at=at))
    return events


@given(amounts, pauses(), instants, instants)
def test_an_agreed_due_time_is_the_deadline_whatever_the_pauses(
    within: timedelta, paused: list[Event], agreed_at: datetime, due: datetime
) -> None:
    agreed = Event(kind="due", at=agreed_at, value=due, metric="resolution")
    found = deadline(ticket(*paused, agreed), policy=desk(within), metric="resolution")
    assert found.due_at == found.breaches_after == due
    before = deadline(ticket(*paused), policy=desk(within), metric="resolution")
    assert found.original_due_at == before.due_at
    for late, state in ((timedelta(), "running"), (MINUTE, "breached")):
        now = max(due, agreed_at, *(event.at for event in paused)) if paused else max(due, agreed_at)
        if now == due and now + late >= OPENED:
            assert found.status(now + late).state == state
            ended = ticket(*paused, agreed, Event(kind="resolved", at=now + late))
            state_then = deadline(ended, policy=desk(within), metric="resolution").status(now + HOUR).state
            assert state_then == ("breached" if late else "met")
    other = Event(kind="due", at=agreed_at, value=due, metric="first-response")
    assert deadline(ticket(*paused, other), policy=desk(within), metric="resolution").due_at == before.due_at


@given(amounts, pauses(), instants, instants)
def test_an_agreed_due_time_that_pauses_move(
    within: timedelta, paused: list[Event], agreed_at: datetime, due: datetime
) -> None:
    """Later pauses move it by the open time that they take; earlier ones do not."""
    policy = desk(within, due_dates="pause")
    agreed = Event(kind="due", at=agreed_at, value=due)
    found = deadline(ticket(*paused, agreed), policy=policy, metric="resolution")
    if due <= agreed_at:
        return
    left = DAY.elapsed(agreed_at, due)
    if not left:  # nothing is left to count, so the target was used up before
        assert found.due_at is None or found.due_at <= due
        return
    expected: datetime | None = None
    at = agreed_at
    running = [event.kind for event in paused if event.at <= at][-1:] != ["paused"]
    for event in [*(event for event in paused if event.at > agreed_at), None]:
        if running:
            done = DAY.due(at, left)
            if event is None or done <= event.at:
                expected = done
                break
            left -= DAY.elapsed(at, event.at)
        if event is None:
            break
        at, running = event.at, event.kind == "resumed"
    if expected is None or found.due_at is None:
        assert (found.due_at, expected) == (None, None)
    else:  # they differ if the due time is outside the hours
        assert found.due_at <= expected
        assert not DAY.elapsed(found.due_at, expected)


@given(amounts, amounts, pauses(), instants, st.booleans())
def test_an_extension_adds_open_time(
    within: timedelta, more: timedelta, paused: list[Event], at: datetime, raised: bool
) -> None:
    others = [*paused, *([Event(kind="priority", at=OPENED + HOUR, value="high")] if raised else [])]
    extended = Event(kind="extended", at=at, value=more)
    found = deadline(ticket(*others, extended), policy=desk(within), metric="resolution")
    longer = deadline(ticket(*others), policy=desk(within + more), metric="resolution")
    assert (found.due_at, found.breaches_after) == (longer.due_at, longer.breaches_after)
    twice = deadline(ticket(*others, extended, extended), policy=desk(within), metric="resolution")
    assert twice.target == within + 2 * more


@given(instants, instants, amounts)
def test_the_last_due_time_holds_and_extensions_after_it_add(one: datetime, other: datetime, more: timedelta) -> None:
    first = Event(kind="due", at=OPENED, value=one)
    extended = Event(kind="extended", at=OPENED + MINUTE, value=more)
    second = Event(kind="due", at=OPENED + 2 * MINUTE, value=other)
    policy = desk(HOUR)
    assert deadline(ticket(first, extended, second), policy=policy, metric="resolution").due_at == other
    assert deadline(ticket(first, extended), policy=policy, metric="resolution").due_at == DAY.due(one, more)


@given(st.sampled_from(["carry", "retroactive", "restart"]), amounts, amounts, pauses(), st.lists(instants, max_size=3))
def test_a_change_of_plan_is_read_like_one_of_priority(
    reading: Any, one: timedelta, other: timedelta, paused: list[Event], changed: list[datetime]
) -> None:
    """Two plans with a target each, and one plan with a target for each of two priorities on the same hours."""
    same = [Priority(name="low", rank=1, schedule="day"), Priority(name="high", rank=2, schedule="day")]
    targets = Target(within=one), Target(within=other)
    plans = [Plan(name=n, rank=1, targets={"resolution": t}) for n, t in zip(("gold", "silver"), targets, strict=True)]
    by_plan = desk(HOUR, plans=plans, priority_change=reading)
    both = dict(zip(("low", "high"), targets, strict=True))
    by_priority = desk(
        HOUR,
        plans=[Plan(name="gold", rank=1, targets={"resolution": both})],
        priorities=same,
        priority_change=reading,
    )
    names = [("silver", "high"), ("gold", "low")]
    moved, raised = list(paused), list(paused)
    for number, at in enumerate(sorted(set(changed))):
        plan, priority = names[number % 2]
        moved.append(Event(kind="plan", at=at, value=plan))
        raised.append(Event(kind="priority", at=at, value=priority))
    found = deadline(ticket(*moved), policy=by_plan, metric="resolution")
    wanted = deadline(ticket(*raised), policy=by_priority, metric="resolution")
    assert (found.due_at, found.breaches_after) == (wanted.due_at, wanted.breaches_after)
    now = max([OPENED, *(event.at for event in moved)])
    assert found.status(now) == wanted.status(now)


@given(amounts, instants, instants)
def test_a_withdrawn_cycle_has_no_verdict_and_an_ended_one_keeps_its_own(
    within: timedelta, ended: datetime, gone: datetime
) -> None:
    policy = desk(within)
    events = [Event(kind="resolved", at=ended), Event(kind="withdrawn", at=gone, reason="duplicate")]
    [cycle] = cycles(ticket(*events), policy=policy, metric="resolution")
    status = cycle.status(max(ended, gone))
    alone = cycles(ticket(events[0]), policy=policy, metric="resolution")[0].status(ended)
    if gone <= ended:  # a withdrawal comes before a resolution of the same instant
        assert (status.state, cycle.ended_at) == ("withdrawn", gone)
        assert status.elapsed == DAY.elapsed(OPENED, gone)
    else:
        assert status == alone


@given(amounts, instants, instants, st.sampled_from([None, "resolution", "first-response"]))
def test_a_waived_cycle_keeps_its_verdict(within: timedelta, ended: datetime, at: datetime, metric: str | None) -> None:
    waived = Event(kind="waived", at=at, reason="outage", metric=metric)
    policy, solved = desk(within), Event(kind="resolved", at=ended)
    [cycle] = cycles(ticket(solved, waived), policy=policy, metric="resolution")
    [alone] = cycles(ticket(solved), policy=policy, metric="resolution")
    assert cycle.status(ended) == alone.status(ended)
    assert alone.waived is None
    concerned = at > OPENED and metric != "first-response"
    assert cycle.waived == ("outage" if concerned else None)
    assert cycle.to_dict().get("waived") == ("outage" if concerned else None)


def test_a_plan_that_comes_later() -> None:
    """A ticket without a plan has a promise from the plan's first instant on."""
    bought = Event(kind="plan", at="2026-07-03T10:00:00+03:00", value="premium")
    facts: dict[str, Any] = {"plan": None, "priority": "high", "opened_at": "2026-07-02T10:00:00+03:00"}
    found = deadline(Ticket(**facts, events=[bought]), policy=KOLMISOFT)
    assert found.due_at == datetime.fromisoformat("2026-07-03T12:00:00+03:00")


def test_a_due_time_that_no_schedule_knows() -> None:
    far = Event(kind="due", at=OPENED, value="2300-01-01T10:00:00+00:00")
    try:
        deadline(ticket(far), policy=desk(HOUR), metric="resolution")
    except HorizonError as error:
        assert "2300" in str(error)
    else:
        raise AssertionError


def test_explanations_name_what_changed() -> None:
    facts: dict[str, Any] = {"plan": "premium", "priority": "high", "opened_at": "2026-07-03T16:30:00+03:00"}

    def told(*events: tuple[str, str, str]) -> str:
        happened = [Event(kind=k, at=f"2026-07-03T{at}:00+03:00", value=v) for at, k, v in events]  # type: ignore[arg-type]
        return str(explain(Ticket(**facts, events=happened)))

    assert "due Mon 2026-07-06 12:00, as agreed with the customer" in told(("17:00", "due", "2026-07-06T12:00+03:00"))
    given = told(("17:00", "owner", "Ann"), ("17:30", "plan", "enterprise"))
    assert "working hours since 17:00: given to Ann\n" in given
    assert "working hours since 17:30: plan changed to ENTERPRISE\n" in given
    both = told(("17:00", "priority", "blocker"), ("17:00", "plan", "enterprise"))
    assert "24x7 since 17:00: raised to BLOCKER, plan changed to ENTERPRISE\n" in both
    assert "first-response within 6:00:00" in told(("17:00", "extended", "PT4H"))


@given(
    pauses(),
    st.lists(st.sampled_from(["vendor", "customer", None]), min_size=3, max_size=3),
    st.lists(st.sampled_from(["vendor", "customer"]), max_size=2, unique=True),
    st.sampled_from(["vendor", "customer"]),
    amounts,
)
def test_a_reason_more_never_makes_a_deadline_earlier(
    paused: list[Event], reasons: list[str | None], listed: list[str], more: str, within: timedelta
) -> None:
    told = [event.replace(value=reasons[number // 2]) for number, event in enumerate(paused)]
    lived = ticket(*told)
    due = []
    chosen: list[Any] = [listed, [*listed, *([more] if more not in listed else [])], "all"]
    for pauses_of in chosen:
        plan = Plan(
            name="gold", rank=1, targets={"resolution": Target(within=within)}, pauses={"resolution": pauses_of}
        )
        at = deadline(lived, policy=desk(within, plans=[plan]), metric="resolution").due_at
        due.append(datetime.max.replace(tzinfo=UTC) if at is None else at.astimezone(UTC))
    assert due == sorted(due)
