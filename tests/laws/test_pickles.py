"""Every public value is equal to itself after it has been pickled, in each protocol."""

import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import kolmisla
from kolmisla import (
    ALWAYS,
    KOLMISOFT,
    NEVER,
    Clock,
    Event,
    Metric,
    Schedule,
    Span,
    Ticket,
    breakdown,
    coverage,
    crossings,
    cycles,
    deadline,
    explain,
    queue,
    quote,
    report,
    worst_wait,
)

AT = datetime(2026, 7, 3, 17, tzinfo=UTC)
TICKET = Ticket(id=1, plan="premium", priority="high", opened_at="2026-07-03T16:30:00+03:00")
VALUES: dict[str, Callable[[], Any]] = {
    "ALWAYS": lambda: ALWAYS,
    "KOLMISOFT": lambda: KOLMISOFT,
    "NEVER": lambda: NEVER,
    "Alarm": lambda: deadline(TICKET).alarms(),
    "Breakdown": lambda: breakdown(TICKET, by="priority", at=AT),
    "Clock": lambda: Clock.switching([(AT, ALWAYS), (AT + timedelta(1), NEVER)]),
    "Coverage": lambda: coverage("Server migration", "premium"),
    "Crossing": lambda: crossings([TICKET], AT - timedelta(1), AT + timedelta(5)),
    "Cycle": lambda: cycles(TICKET),
    "Deadline": lambda: deadline(TICKET),
    "Event": lambda: Event(kind="paused", at=AT),
    "Explanation": lambda: explain(TICKET, at=AT),
    "Metric": lambda: Metric(name="handling", starts=("opened",), ends=("resolved",)),
    "Plan": lambda: KOLMISOFT.plans["PREMIUM"],
    "Policy": lambda: KOLMISOFT.replace(name="Other"),
    "Priority": lambda: KOLMISOFT.priorities["HIGH"],
    "QueueEntry": lambda: queue([TICKET], at=AT),
    "Quote": lambda: quote([Span(AT, AT + timedelta(hours=1))]),
    "Report": lambda: report([TICKET], at=AT),
    "Schedule": lambda: Schedule("UTC", {"mon": ["08:00-09:00"]}),
    "Span": lambda: Span(AT, AT + timedelta(hours=1)),
    "Status": lambda: deadline(TICKET).status(AT),
    "Step": lambda: explain(TICKET, at=AT).steps,
    "Target": lambda: deadline(TICKET).promise.target,
    "Ticket": lambda: TICKET,
    "WorstWait": lambda: worst_wait(KOLMISOFT, 2026, plan="premium"),
}


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("name", VALUES)
def test_a_value_is_equal_to_itself_from_a_pickle(name: str, protocol: int) -> None:
    value = VALUES[name]()
    assert value
    again = pickle.loads(pickle.dumps(value, protocol))
    assert (again, type(again)) == (value, type(value))


def test_every_public_value_is_pickled() -> None:
    public = {name: getattr(kolmisla, name) for name in kolmisla.__all__}
    values = {
        name
        for name, value in public.items()
        if not callable(value) or (isinstance(value, type) and not issubclass(value, Exception))
    }
    assert values - {"DeadlineState", "EventKind", "MetricName"} == set(VALUES)
