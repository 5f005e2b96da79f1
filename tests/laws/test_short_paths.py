"""The short paths of plain tickets give what the general way gives."""

import pickle
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kolmisla import (
    KOLMISOFT,
    Deadline,
    Event,
    KolmislaError,
    NotCoveredError,
    Policy,
    Target,
    Ticket,
    TicketError,
    deadline,
)
from kolmisla.documents.model import Model
from kolmisla.policies.terms.metrics import METRICS, MetricName
from kolmisla.tickets.answers import deadline as short
from kolmisla.tickets.answers import queue as waiting
from kolmisla.tickets.answers.queue import queue_entry
from kolmisla.tickets.cycles.cycle_clocks import NOTHING_ASKED, cycle_clocks, terms_of
from kolmisla.tickets.cycles.cycles import known
from kolmisla.times.instants import DAY, micros
from tests.strategies import cases

AT = "2026-07-03T16:30:00+03:00"
NAMES = st.sampled_from(["premium", "Premium ", "HIGH", "high", "blocker", " ", "", None, "gold", "X17", 7])
TIMES = st.sampled_from(
    [AT, "2026-07-03T18:00:00+03:00", "2026-07-03T16:30", "2026-07-03T16:29:59.999999+03:00", None, "x"]
)
FACTS = st.fixed_dictionaries(
    {"plan": NAMES, "priority": NAMES, "opened_at": TIMES},
    optional={
        "id": st.sampled_from([1, "a", " ", None, True, 1.0, 1.5]),
        "channel": NAMES,
        "version": NAMES,
        "answered_at": TIMES,
    },
)


@given(cases(), st.data())
def test_one_search_counts_what_two_count(case: Any, data: st.DataObject) -> None:
    timeline = case.schedule.timeline
    day = micros(datetime(case.day.year, case.day.month, case.day.day, tzinfo=UTC))
    near = st.integers(day - 3 * DAY, day + 3 * DAY)
    opens = [at for span in timeline.spans(day - 3 * DAY, day + 3 * DAY) for at in span]
    instants = st.sampled_from(opens) | near if opens else near
    for _ in range(3):
        start, end = data.draw(instants), data.draw(instants)
        amount = data.draw(st.integers(0, DAY) | st.just(timeline.elapsed(start, end)) | st.sampled_from([1, -DAY]))
        both = outcome(lambda: (*timeline.kept(start, amount), timeline.elapsed(start, end)))  # noqa: B023
        assert outcome(lambda: timeline.kept_and_elapsed(start, amount, end)) == both  # noqa: B023
        if isinstance(both[0], int) and amount > 0:
            assert timeline.elapsed(start, both[0]) == timeline.elapsed(start, both[1]) == amount
            assert both[:2] == (timeline.due(start, amount), timeline.next_open(both[0]))


def told(make: Any) -> Any:
    try:
        ticket = make()
    except TicketError as error:
        return str(error)
    return ticket, ticket.moments


def outcome(ask: Any) -> Any:
    try:
        return ask()
    except KolmislaError as error:
        return type(error), str(error)


# what may happen to a ticket after an answer; only an answer alone leaves its other metrics as they were
LATER: list[list[dict[str, str]]] = [
    [],
    [{"kind": "paused"}],
    [{"kind": "paused"}, {"kind": "resumed"}],
    [{"kind": "priority", "value": "blocker"}],
    [{"kind": "asked"}],
    [{"kind": "resolved"}],
]


@given(FACTS, st.booleans())
def test_a_ticket_by_the_short_path_is_the_ticket(facts: dict[str, Any], aware: bool) -> None:
    if aware and facts["opened_at"] == AT:
        facts = {**facts, "opened_at": Event(kind="asked", at=AT).at}

    def general() -> Ticket:
        made = Ticket.__new__(Ticket)
        Model.__init__(made, **facts)
        return made

    assert told(lambda: Ticket(**facts)) == told(general)


def policy_of(case: Any, at_closing: bool, metrics: Sequence[MetricName] = METRICS) -> Policy | None:
    """A policy that counts on the schedule of a case, or None if that cannot be; its target may end at closing time."""
    within = timedelta(hours=2)
    schedules = {"always": KOLMISOFT.schedules["always"], "working-hours": case.schedule}
    try:
        if at_closing:
            within = case.schedule.elapsed(case.start, case.schedule.next_close(case.start)) or within
        targets = {metric: Target(within=min(within, timedelta(days=36_000))) for metric in metrics}
        plans = {name: plan.replace(targets=targets, pausing=["resolution"]) for name, plan in KOLMISOFT.plans.items()}
        return KOLMISOFT.replace(schedules=schedules, plans=plans)
    except KolmislaError:  # beyond what the schedule knows, or the schedule never opens
        return None


def ticket_of(case: Any, later: list[dict[str, str]], answered_at: Any = None) -> Ticket:
    events = [{**event, "at": case.start + timedelta(minutes=minute)} for minute, event in enumerate(later, 1)]
    return Ticket(plan="premium", priority="high", opened_at=case.start, answered_at=answered_at, events=events)


@given(cases(), st.sampled_from(METRICS), st.booleans(), st.booleans(), st.sampled_from(LATER))
def test_a_deadline_by_the_short_path_is_the_deadline(
    case: Any, metric: Any, answered: bool, at_closing: bool, later: list[dict[str, str]]
) -> None:
    policy = policy_of(case, at_closing)
    if policy is None:
        return
    ticket = ticket_of(case, later, case.start if answered else None)

    def general() -> Deadline:
        clocks = cycle_clocks(policy, terms_of(ticket), micros(ticket.opened_at), ticket.moments, metric)
        if not clocks:
            raise NotCoveredError(NOTHING_ASKED)
        return short.deadline_of(ticket, policy, len(clocks), clocks[-1])

    assert outcome(lambda: deadline(ticket, policy=policy, metric=metric)) == outcome(general)


@given(cases(), st.sampled_from(METRICS), st.booleans(), st.booleans(), st.sampled_from(LATER))
def test_an_entry_by_the_short_path_is_the_entry(
    case: Any, metric: Any, promised: bool, at_closing: bool, later: list[dict[str, str]]
) -> None:
    policy = policy_of(case, at_closing, [other for other in METRICS if promised or other != metric])
    if policy is None:
        return
    ticket, opened = ticket_of(case, later), micros(case.start)
    terms, year = terms_of(ticket), 366 * DAY
    (clock,) = cycle_clocks(policy, terms, opened, (), "resolution")
    due = outcome(lambda: [at for at in clock.instants() if at])  # or a HorizonError
    for now in {
        opened - 1,
        opened,
        *(at + n for at in due if isinstance(at, int) for n in (0, 1)),
        opened + year,
        opened + 300 * year,
    }:

        def general(now: int = now) -> Any:
            clocks = cycle_clocks(policy, terms, opened, known(ticket.moments, now), metric) if now >= opened else ()
            return waiting._covered(ticket, now, clocks) if clocks and clocks[-1].ended is None else None

        entry = outcome(lambda now=now: queue_entry(ticket, now, policy, metric))
        copied = pickle.loads(pickle.dumps(entry))  # makes all attributes
        assert entry == copied == outcome(general)
        assert not hasattr(entry, "misspelt")


def test_an_edition_or_a_question_takes_the_general_way() -> None:
    dated: Policy = KOLMISOFT.replace(effective_from="2020-01-01")
    ticket = Ticket(plan="premium", priority="high", opened_at=AT)
    assert short._plain_deadline(ticket, dated, "first-response") is None
    assert short._plain_deadline(ticket, KOLMISOFT, "next-response") is None
    assert short._plain_deadline(ticket, KOLMISOFT, "first-response") is not None
    asked = Ticket(plan="premium", priority="high", opened_at=AT, events=[Event(kind="asked", at=AT)])
    assert short._plain_deadline(asked, KOLMISOFT, "first-response") is None
