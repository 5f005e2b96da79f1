"""Questions from the tests and documentation of other projects, with the answers that they expect.

Input and expected value only, from the projects named beside each case.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kolmisla import ALWAYS, Clock, Plan, Policy, Priority, Schedule, Target, Ticket, deadline

TABLE = json.loads((Path(__file__).parent / "peers.json").read_text(encoding="utf-8"))
SCHEDULES = {name: Schedule(**document) for name, document in TABLE["schedules"].items()} | {"24x7": ALWAYS}


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: case["id"])
def test_a_peer_agrees(case: dict[str, Any]) -> None:
    schedule: Schedule | Clock = SCHEDULES[case["schedule"]]
    start = datetime.fromisoformat(case["start"])
    if "pauses" in case:
        pauses = [(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in case["pauses"]]
        schedule = Clock.paused(SCHEDULES[case["schedule"]], pauses)
    if case["op"] == "due":
        due = schedule.due(start, timedelta(seconds=case["within_s"]))
        assert due.astimezone(UTC) == datetime.fromisoformat(case["expected"])
    elif case["op"] == "elapsed":
        took = schedule.elapsed(start, datetime.fromisoformat(case["end"]))
        assert took == timedelta(seconds=case["expected"])
    elif case["op"] == "is_open":
        assert schedule.is_open(start) is case["expected"]
    else:
        assert getattr(schedule, case["op"])(start).astimezone(UTC) == datetime.fromisoformat(case["expected"])


PAUSED = [case for case in TABLE["cases"] if "pauses" in case]


@pytest.mark.parametrize("case", PAUSED, ids=lambda case: case["id"])
def test_a_ticket_with_these_pauses_agrees_too(case: dict[str, Any]) -> None:
    """The pauses as events of a ticket, on a desk that promises what the case asks for."""
    within = timedelta(seconds=case.get("within_s", 1))
    policy = Policy(
        name="desk",
        timezone="UTC",
        schedules={"hours": SCHEDULES[case["schedule"]]},
        priorities=[Priority(name="ONE", rank=1, meaning="", schedule="hours")],
        plans=[Plan(name="PLAN", rank=1, targets={"resolution": Target(within=within)})],
        channels=["support-system"],
    )
    events = [
        {"kind": kind, "at": at}
        for pause in case["pauses"]
        for kind, at in zip(("paused", "resumed"), pause, strict=True)
    ]
    found = deadline(
        Ticket(plan="plan", priority="one", opened_at=case["start"], events=events), policy=policy, metric="resolution"
    )
    expected = case["expected"]
    if case["op"] == "due":
        assert found.due_at == datetime.fromisoformat(expected)
    else:
        assert found.status(datetime.fromisoformat(case["end"])).elapsed == timedelta(seconds=expected)


def test_every_kind_of_question_is_there() -> None:
    assert {case["op"] for case in TABLE["cases"]} == {"due", "elapsed", "is_open", "next_open", "next_close"}
    assert len(TABLE["cases"]) == 218
    assert sum("pauses" in case for case in TABLE["cases"]) == 8
