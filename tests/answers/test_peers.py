"""What the tests and documentation of other projects expect: their questions, our answers.

Input and expected value only, from the projects named beside each case.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kolmisla import ALWAYS, Clock, Schedule

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


def test_every_kind_of_question_is_there() -> None:
    assert {case["op"] for case in TABLE["cases"]} == {"due", "elapsed", "is_open", "next_open", "next_close"}
    assert len(TABLE["cases"]) == 218
    assert sum("pauses" in case for case in TABLE["cases"]) == 8
