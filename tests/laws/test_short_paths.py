"""The short paths of plain tickets give what the general way gives."""

from datetime import timedelta
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
from kolmisla.instants import micros
from kolmisla.policies.plan import METRICS
from kolmisla.tickets import deadline as short
from kolmisla.tickets.cycle_clocks import NOTHING_ASKED, cycle_clocks, terms_of
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


def told(make: Any) -> Any:
    try:
        ticket = make()
    except TicketError as error:
        return str(error)
    return ticket, ticket.moments


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


@given(cases(), st.sampled_from(METRICS), st.booleans(), st.booleans(), st.sampled_from(LATER))
def test_a_deadline_by_the_short_path_is_the_deadline(
    case: Any, metric: Any, answered: bool, at_closing: bool, later: list[dict[str, str]]
) -> None:
    within = timedelta(hours=2)
    if at_closing:
        try:
            within = case.schedule.elapsed(case.start, case.schedule.next_close(case.start)) or within
        except KolmislaError:  # beyond what the schedule knows
            return
    schedules = {"always": KOLMISOFT.schedules["always"], "working-hours": case.schedule}
    targets = {promised: Target(within=min(within, timedelta(days=36_000))) for promised in METRICS}
    plans = {name: plan.replace(targets=targets, pausing=["resolution"]) for name, plan in KOLMISOFT.plans.items()}
    try:
        policy = KOLMISOFT.replace(schedules=schedules, plans=plans)
    except KolmislaError:  # the schedule never opens
        return
    facts: dict[str, Any] = {"plan": "premium", "priority": "high", "opened_at": case.start}
    events = [{**event, "at": case.start + timedelta(minutes=minute)} for minute, event in enumerate(later, 1)]
    ticket = Ticket(**facts, answered_at=case.start if answered else None, events=events)

    def general() -> Deadline:
        clocks = cycle_clocks(policy, terms_of(ticket), micros(ticket.opened_at), ticket.moments, metric)
        if not clocks:
            raise NotCoveredError(NOTHING_ASKED)
        return short._deadline(ticket, policy, len(clocks), clocks[-1])

    def outcome(ask: Any) -> Any:
        try:
            return ask()
        except KolmislaError as error:
            return type(error), str(error)

    assert outcome(lambda: deadline(ticket, policy=policy, metric=metric)) == outcome(general)


def test_an_edition_or_a_question_takes_the_general_way() -> None:
    dated: Policy = KOLMISOFT.replace(effective_from="2020-01-01")
    ticket = Ticket(plan="premium", priority="high", opened_at=AT)
    assert short._plain_deadline(ticket, dated, "first-response") is None
    assert short._plain_deadline(ticket, KOLMISOFT, "next-response") is None
    assert short._plain_deadline(ticket, KOLMISOFT, "first-response") is not None
    asked = Ticket(plan="premium", priority="high", opened_at=AT, events=[Event(kind="asked", at=AT)])
    assert short._plain_deadline(asked, KOLMISOFT, "first-response") is None
