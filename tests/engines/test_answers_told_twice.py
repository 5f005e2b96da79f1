"""An answer that a column and an event tell has one place among the events of its instant: that of the event."""

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

pl = pytest.importorskip("polars", reason="the extra polars is not installed")
pytest.importorskip("narwhals", reason="the extra columns is not installed")

from kolmisla import KOLMISOFT, Event, Ticket, columns, cycles, deadline
from kolmisla.cli import main

pytestmark = pytest.mark.polars

OPENED, ANSWERED, NOW = "2026-07-07T09:00+03:00", "2026-07-07T12:00+03:00", "2026-07-20T09:00+03:00"
FACTS = {"plan": "premium", "priority": "high", "opened_at": OPENED}
TOLD: dict[str, dict[str, Any]] = {
    "answered": {},
    "due": {"value": "2026-07-09T09:00+03:00"},
    "priority": {"value": "blocker"},
    "asked": {},
    "paused": {"value": "x"},
    "withdrawn": {},
}
ORDERS = [order for number in (2, 3) for order in permutations(TOLD, number) if "answered" in order]


def events_of(order: tuple[str, ...]) -> list[dict[str, Any]]:
    return [{"at": ANSWERED, "kind": kind, **TOLD[kind]} for kind in order]


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


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_files_judge_it_as_an_import_does(order: tuple[str, ...], tmp_path: Path) -> None:
    ticket = Ticket.imported(**FACTS, id="1", answered_at=ANSWERED, events=events_of(order))
    lines = [ticket.to_dict(), {"id": "1", **FACTS, "answered_at": ANSWERED, "events": events_of(order)}]
    (tmp_path / "t.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    out = tmp_path / "out.jsonl"
    assert main(["measure", str(tmp_path / "t.jsonl"), "-o", str(out), "--at", NOW]) == 0
    for line in out.read_text(encoding="utf-8").splitlines():
        due_at = deadline(ticket, policy=KOLMISOFT).due_at
        assert json.loads(line)["due_at"] == (due_at and due_at.isoformat())
