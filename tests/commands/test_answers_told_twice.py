"""An answer that `answered_at` and an event tell has one place among the events of its instant: that of the event."""

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from kolmisla import Ticket, deadline
from kolmisla.cli import main

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


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_files_judge_it_as_an_import_does(order: tuple[str, ...], tmp_path: Path) -> None:
    ticket = Ticket.imported(**FACTS, id="1", answered_at=ANSWERED, events=events_of(order))
    lines = [ticket.to_dict(), {"id": "1", **FACTS, "answered_at": ANSWERED, "events": events_of(order)}]
    (tmp_path / "t.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    out = tmp_path / "out.jsonl"
    assert main(["measure", str(tmp_path / "t.jsonl"), "-o", str(out), "--at", NOW]) == 0
    for line in out.read_text(encoding="utf-8").splitlines():
        due_at = deadline(ticket).due_at
        assert json.loads(line)["due_at"] == (due_at and due_at.isoformat())
