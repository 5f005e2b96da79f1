"""An answer that a column and an event tell has one place among the events of its instant: that of the event."""

from typing import Any

import pytest

pl = pytest.importorskip("polars", reason="the extra polars is not installed")
pytest.importorskip("narwhals", reason="the extra columns is not installed")

from kolmisla import Event, Ticket, columns, cycles, deadline
from tests.commands.test_answers_told_twice import ANSWERED, FACTS, NOW, ORDERS, events_of

pytestmark = pytest.mark.polars


def verdicts_of(found: Any) -> list[tuple[Any, ...]]:
    names = ("state", "due_at", "ended_at", "reason")
    rows = [row for row in found.to_dicts() if row["state"]]
    return [tuple(str(row[name]) for name in names) for row in rows]


def test_columns_judge_it_as_an_import_does() -> None:
    tickets = [Ticket.imported(**FACTS, answered_at=ANSWERED, events=events_of(order)) for order in ORDERS]
    at = Event(kind="asked", at=NOW).at
    frame = pl.DataFrame([{"id": number, **FACTS, "answered_at": ANSWERED} for number in range(len(ORDERS))])
    frame = frame.with_columns(pl.col("opened_at", "answered_at").str.to_datetime(time_zone="UTC"))
    rows = [{"id": number, **event} for number, order in enumerate(ORDERS) for event in events_of(order)]
    log = pl.DataFrame(rows, infer_schema_length=None).with_columns(pl.col("at").str.to_datetime(time_zone="UTC"))
    options: dict[str, Any] = {"at": at, "events": log, "errors": "null"}
    found = columns.measure(frame, **options)
    for ticket, row in zip(tickets, found.to_dicts(), strict=True):
        promised, last = deadline(ticket), cycles(ticket)[-1]
        expected = promised.due_at, promised.status(last.ended_at or at).state
        assert (row["due_at"], row["state"]) == expected, ticket.events
    for metric in ("first-response", "resolution"):
        judged, every = (ask(frame, metric=metric, **options) for ask in (columns.measure, columns.cycles))
        assert verdicts_of(every.group_by("id", maintain_order=True).last()) == verdicts_of(judged)
