"""The time by owner and by reason in a report is what the breakdowns of its tickets say, one by one."""

import json
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolmisla import Event, Plan, Policy, Priority, Report, Schedule, Target, Ticket, breakdown, deadline, report
from kolmisla.policies import Owner
from kolmisla.reports.judging.standings import Question, count_spent, facts_of, standings
from kolmisla.reports.views.spent import spent_sections
from tests.laws.test_arguments import NAType

ZERO, MINUTE = timedelta(), timedelta(minutes=1)
OPENED = datetime.fromisoformat("2026-07-07T08:00+03:00")  # a Tuesday
AT = OPENED + timedelta(days=3)
OFFICE = Schedule("Europe/Vilnius", {"mon-sun": ["08:00-12:00", "13:00-18:00"]})
POLICY = Policy(
    name="desk",
    timezone="Europe/Vilnius",
    schedules={"office": OFFICE},
    priorities=[Priority(name="low", rank=1, schedule="office"), Priority(name="high", rank=2, schedule="office")],
    plans=[
        Plan(
            name="gold",
            rank=1,
            targets={"resolution": Target(within="PT2H"), "first-response": {"low": Target(within="PT30M")}},
            pauses={"resolution": ("customer", "vendor")},
        )
    ],
    owners={"L1": Owner(name="L1", schedule="office"), "L2": Owner(name="L2", schedule="office")},
    waits_for_customer=["customer"],
)
NAMES = {"owner": ["L1", "l1", "L2", "Night shift", None], "paused": ["customer", "Customer", "vendor", "parts", None]}


@st.composite
def tickets(draw: st.DrawFn) -> Ticket:
    offsets = sorted(draw(st.lists(st.integers(0, 5000), max_size=6, unique=True)))
    events: list[dict[str, Any]] = []
    for minute in offsets:
        kind = draw(st.sampled_from(["owner", "owner", "paused", "paused", "resumed", "asked", "withdrawn", "waived"]))
        values = NAMES.get(kind, [None])
        reason = "storm" if kind == "waived" else None
        events.append(
            {"kind": kind, "at": OPENED + minute * MINUTE, "value": draw(st.sampled_from(values)), "reason": reason}
        )
    if draw(st.booleans()):
        events.append(
            {"kind": "resolved", "at": OPENED + (max(offsets, default=0) + draw(st.integers(0, 600))) * MINUTE}
        )
    return Ticket.imported(
        id=draw(st.integers(1, 9)),
        plan=draw(st.sampled_from(["gold", "gold", "gold", None])),
        priority=draw(st.sampled_from(["low", "high"])),
        owner=draw(st.sampled_from([None, None, "L1", "l2"])),
        opened_at=OPENED,
        events=events,
    )


def one_by_one(given: list[Ticket], by: Any, metric: Any) -> dict[str | None, list[Any]]:
    """Return, for each folded name: cycles, targets that ran out, time counted, time beyond targets, time paused."""
    sums: dict[str | None, list[Any]] = defaultdict(lambda: [0, 0, ZERO, ZERO, ZERO])
    for ticket in given:
        known = ticket.until(AT)
        told = {event.kind: event for event in known.events}
        is_told = (
            bool(ticket.owner) or "owner" in told
            if by == "owner"
            else any(event.kind == "paused" and event.value for event in known.events)
        )
        if not is_told or ticket.plan is None or (metric == "first-response" and ticket.priority == "high"):
            continue
        due = deadline(known, policy=POLICY, metric=metric)
        status = due.status(AT)
        if due.waived or status.state == "withdrawn":
            continue
        whole = breakdown(known, by=by, policy=POLICY, metric=metric, at=AT)
        before: dict[str | None, timedelta] = {}
        if status.state == "breached" and due.due_at is not None:
            within = breakdown(known, by=by, policy=POLICY, metric=metric, at=due.due_at)
            before = {share.name and share.name.lower(): share.elapsed for share in within.shares}
        for share in whole.shares:
            name = share.name and share.name.lower()
            over = share.elapsed - before.get(name, ZERO) if status.state == "breached" else ZERO
            last = status.state == "breached" and share.name == whole.ran_out
            more = (1, int(last), share.elapsed, over, share.paused)
            sums[name] = [mine + other for mine, other in zip(sums[name], more, strict=True)]
    return sums


def told_by(made: Report, by: Any) -> dict[str | None, list[Any]]:
    return {part.name and part.name.lower(): list(part[1:]) for part in made.spent_by(by)}


@given(
    st.lists(tickets(), max_size=6),
    st.sampled_from(["owner", "reason"]),
    st.sampled_from(["resolution", "first-response"]),
)
def test_time_is_that_of_the_breakdowns(given: list[Ticket], by: Any, metric: Any) -> None:
    made = report(given, policy=POLICY, metric=metric, at=AT)
    expected = one_by_one(given, by, metric)
    found = told_by(made, by)
    if found:
        assert found == expected
    elif by == "reason":
        assert set(expected) <= {None}
    names = [part.name for part in made.spent_by(by)]
    assert len({name and name.lower() for name in names}) == len(names)
    if by == "owner":
        assert {"l1", "l2"}.isdisjoint(names)  # spelled as in the policy
    times = [part.elapsed + part.paused for part in made.spent_by(by)]
    assert all(one >= other for one, other in pairwise(times))


@given(st.lists(tickets(), max_size=6), st.integers(0, 6))
def test_reports_are_added(given: list[Ticket], cut: int) -> None:
    """A report of no change of owner, added to one with changes, counts its own owners too."""
    whole = report(given, policy=POLICY, metric="resolution", at=AT)
    parts = [report(part, policy=POLICY, metric="resolution", at=AT) for part in (given[:cut], given[cut:])]
    assert sum(parts) == whole
    kept = Report.from_dict(json.loads(json.dumps(whole.to_dict())))
    assert kept == whole
    assert [kept.spent_by("owner"), kept.spent_by("reason")] == [whole.spent_by("owner"), whole.spent_by("reason")]


def lived(**facts: Any) -> Ticket:
    """A ticket that L1 had for an hour, then L2 for an hour, half of it in a pause for the customer, then L1 again."""
    told = [("owner", 60, "L2"), ("paused", 75, "customer"), ("resumed", 105, None), ("owner", 120, "L1")]
    events = [Event(kind=kind, at=OPENED + minute * MINUTE, value=value) for kind, minute, value in told]  # type: ignore[arg-type]
    return Ticket(plan="gold", priority="low", opened_at=OPENED, owner="L1", events=events, **facts)


def hours(*numbers: float) -> list[timedelta]:
    return [timedelta(hours=number) for number in numbers]


def test_in_whose_hands_and_in_which_pauses_time_was_spent() -> None:
    """Opened at eight, 1 h with L1, half an hour with L2 and as much paused: the 2 h are used up at 10:30, with L1."""
    at = OPENED.replace(hour=11)
    plain = Ticket(plan="gold", priority="low", opened_at=OPENED, owner="L1")
    nobody = Ticket(plan="gold", priority="low", opened_at=OPENED)
    made = report([lived(), plain, nobody], policy=POLICY, metric="resolution", at=at)
    one, other = made.spent_by("owner")
    assert (one[:3], list(one[3:])) == (("L1", 2, 2), hours(5, 1.5, 0))
    assert (other[:3], list(other[3:])) == (("L2", 1, 0), hours(0.5, 0, 0.5))
    outside, paused = made.spent_by("reason")
    assert (outside[:3], list(outside[3:])) == ((None, 1, 1), hours(2.5, 0.5, 0))
    assert (paused[:3], list(paused[3:])) == (("customer", 1, 0), hours(0, 0, 0.5))
    assert report([plain, nobody], policy=POLICY, metric="resolution", at=at).spent_by("owner") == ()
    texts = [section.sentence for section in spent_sections(made)]
    assert texts == [
        "5 h 30 min counted, 5 h (91 %) of it with L1. Of 2 targets that ran out, 2 did so with L1.",
        "Pauses stopped the clock for 30 min, 30 min (100 %) of it for customer.",
    ]


@pytest.mark.parametrize(
    ("metric", "hour", "texts"),
    [
        ("resolution", 10, ["1 h 30 min counted, 1 h (67 %) of it with L1. No target ran out."]),
        (
            "first-response",
            11,
            [
                "3 h counted, 2 h (67 %) of it with L1. The one target that ran out did so with L1.",
                "30 min counted in pauses that do not stop the clock, 30 min (100 %) of it for customer.",
            ],
        ),
    ],
)
def test_what_is_said(metric: Any, hour: int, texts: list[str]) -> None:
    """Pauses do not stop the clock of the first response here."""
    at = OPENED.replace(hour=hour)
    made = report([lived()], policy=POLICY, metric=metric, at=at)
    sentences = " ".join(section.sentence for section in spent_sections(made))
    assert all(text in sentences for text in texts), sentences


def test_a_pause_in_closed_time_is_said_to_be_one() -> None:
    evening = datetime.fromisoformat("2026-07-06T20:00+03:00")
    pause = [Event(kind="paused", at=evening, value="parts"), Event(kind="resumed", at=evening + MINUTE)]
    ticket = Ticket(plan="gold", priority="low", opened_at=evening, events=pause)
    made = report([ticket], policy=POLICY, metric="resolution", at=evening + timedelta(days=2))
    (section,) = spent_sections(made)
    assert section.sentence == "No time was open in the pauses."
    assert [row.name for row in section.rows] == ["parts", "not paused"]


def test_a_cycle_that_has_just_begun_is_in_no_part() -> None:
    made = report([lived(), lived().replace(opened_at=OPENED)], policy=POLICY, metric="resolution", at=OPENED)
    assert made.spent_by("owner") == ()
    assert made.total.running == 2


def test_only_time_of_tickets_with_owners_or_reasons_is_looked_at() -> None:
    """Neither a plain ticket, nor pauses without a reason, make counts."""
    pauses = [Event(kind="paused", at=OPENED + MINUTE), Event(kind="resumed", at=OPENED + 2 * MINUTE)]
    question = Question(POLICY, "resolution", 10**15 * 2)
    for events in ([], pauses):
        facts = facts_of(Ticket(plan="gold", priority="low", opened_at=OPENED, events=events))
        counts: Counter[Any] = Counter()
        count_spent(counts, facts, question, [*enumerate(standings(facts, question), 1)])
        assert not counts


def test_another_part_is_refused() -> None:
    with pytest.raises(ValueError, match="by must be one of owner, reason, not 'team'"):
        report([], policy=POLICY, at=AT).spent_by("team")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="by must be one of owner, reason, not "):
        report([], policy=POLICY, at=AT).spent_by(NAType())  # type: ignore[arg-type]


def test_an_owner_who_is_nobody_makes_no_owned_ticket() -> None:
    """The event says that nobody has the ticket, which was so before."""
    nobody = Event(kind="owner", at=OPENED + MINUTE, value=None)
    ticket = Ticket(plan="gold", priority="low", opened_at=OPENED, events=[nobody])
    made = report([ticket], policy=POLICY, metric="resolution", at=OPENED + 9 * MINUTE)
    assert made.spent_by("owner") == ()
    beside = report([ticket, lived()], policy=POLICY, metric="resolution", at=OPENED + 120 * MINUTE)
    assert sorted(part.name or "" for part in beside.spent_by("owner")) == ["L1", "L2"]
    owned = report([ticket.replace(owner="L1")], policy=POLICY, metric="resolution", at=OPENED + 9 * MINUTE)
    assert [part.name for part in owned.spent_by("owner")] == [None, "L1"]


@pytest.mark.parametrize("after", [[], [Event(kind="owner", at=OPENED + 9 * MINUTE, value="L3")]])
def test_a_cycle_without_length_is_in_no_part(after: list[Event]) -> None:
    done = Event(kind="resolved", at=OPENED)
    ticket = Ticket(plan="gold", priority="low", opened_at=OPENED, owner="L3", events=[done, *after])
    made = report([ticket, lived()], policy=POLICY, metric="resolution", at=OPENED + 120 * MINUTE)
    assert made.total.tickets == 2
    assert sorted(part.name or "" for part in made.spent_by("owner")) == ["L1", "L2"]


def test_the_order_in_which_pauses_began_makes_no_other_part() -> None:
    made = []
    for names in (["vendor", "pending"], ["Pending", "vendor"]):
        told = [("paused", 10, names[0]), ("paused", 10, names[1]), ("resumed", 50, None)]
        events = [{"kind": kind, "at": OPENED + minute * MINUTE, "value": value} for kind, minute, value in told]
        made.append(Ticket.imported(plan="gold", priority="low", opened_at=OPENED, events=events))
    at = OPENED + 60 * MINUTE
    told_by = report(made, policy=POLICY, metric="resolution", at=at).spent_by("reason")
    assert [(part.name and part.name.lower(), part.cycles) for part in told_by] == [("pending, vendor", 2), (None, 2)]
