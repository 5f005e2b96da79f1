"""The summary of a file for an analyst: shares, rejects by reason, and all of it as JSON."""

import json
from pathlib import Path
from typing import Any

import pytest

from kolmisla.files.summary import MOST_REASONS, Summary
from tests.answers.test_reports import Desk
from tests.answers.test_reports import desk as desk
from tests.commands.test_answers import run as run

HEAD = "id,plan,priority,opened_at,answered_at\n"
DAY = "2026-07-07T"
ROWS = [
    f"1,gold,P1,{DAY}09:00,{DAY}09:30",
    f"2,gold,P1,{DAY}09:00,{DAY}10:30",
    f"3,gold,P1,{DAY}09:00,{DAY}09:40",
    f"4,gold,P2,{DAY}09:00,{DAY}17:30",
    "5,gold,P3,2026-07-10T11:00,",
]
BAD = [f"{n},gold,{word},{DAY}09:00," for n, word in enumerate(["P8", "P9", "P8"], 6)]
BAD += [f"{n},gold,P1,07/0{n}/2026 10:00," for n in range(7, 9)]


def table(*rows: str) -> str:
    return HEAD + "".join(f"{row}\n" for row in rows)


def test_shares_by_plan_and_priority(desk: Desk) -> None:
    desk(table(*ROWS))
    assert desk.err.splitlines()[:4] == [
        "5 rows: 2 met, 2 breached, 1 running, 0 not-covered, 0 rejected",
        "met: 50.0 % of 4",
        "  GOLD P1: 66.7 % of 3",
        "  GOLD P2: 0.0 % of 1",
    ]
    desk(table(*ROWS), "--metric", "all", "--map", "resolved_at=")
    assert "first-response met: 50.0 % of 4" in desk.err


def test_rejects_by_reason_the_most_frequent_first(desk: Desk) -> None:
    desk(table(*ROWS, *BAD, "9,gold"), status=1)
    told = [line for line in desk.err.splitlines() if line.startswith("rejected: ")]
    assert [line[: len("rejected: 2 rows, such as: priority 'P8'")] for line in told] == [
        "rejected: 2 rows, such as: priority 'P8'",
        "rejected: 2 rows, such as: opened_at: '0",
        "rejected: 1 row: priority 'P9' is not on",
        "rejected: 1 row: the row must have 5 cel",
    ]


def test_a_reason_of_most_rows_comes_first(desk: Desk) -> None:
    desk(table(ROWS[0], *BAD[-2:]), status=1)
    lines = [line for line in desk.err.splitlines() if not line.startswith("line ")]
    assert lines[0].startswith("most rows were rejected: 2 rows, such as: opened_at: '07/07/2026 10:00' is not a time")
    assert lines[1].startswith("3 rows: 1 met")
    desk(table(*ROWS, *BAD[-2:]), status=1)
    assert "most rows were rejected" not in desk.err


def test_everything_as_json(desk: Desk, tmp_path: Path) -> None:
    argv: list[Any] = ["measure", desk.write("t.csv", table(*ROWS, *BAD)), "--policy", desk.policy, "--json"]
    argv += ["--at", "2026-07-10T12:00"]
    status, out, err = desk._run(*argv, "-o", str(tmp_path / "o.csv"))
    answer = json.loads(out)
    assert status == 1
    assert (answer["rows"], answer["rejected"], answer["policy"], answer["timezone"]) == (
        *(10, 5, "Case desk", "Europe/Vilnius"),
    )
    first = answer["metrics"]["first-response"]
    assert (first["met"], first["breached"], first["running"], first["ended"], first["untold"]) == (2, 2, 1, 4, False)
    assert first["verdicts"][0] == {"plan": "GOLD", "priority": "P1", "met": 2, "breached": 1}
    assert [reason["number"] for reason in answer["reasons"]] == [2, 2, 1]
    status, out, err = desk._run(*argv)
    assert json.loads(err.splitlines()[-1])["rows"] == 10
    assert len(out.splitlines()) == 6
    built_in = ["measure", "docs/tickets.csv", "--json", "-o", str(tmp_path / "o.csv"), "--at", "2026-07-14T11:00"]
    responses = json.loads(desk._run(*built_in)[1])["responses"]
    assert responses[1] == {
        "plan": "PREMIUM",
        "answered": 3,
        "unanswered": 0,
        "at_opening": 0,
        "beyond": 0,
        "mean_s": 5240,
        "aim_s": 1500,
    }


def test_kinds_of_reasons_are_bounded() -> None:
    summary = Summary()
    for number in range(MOST_REASONS + 5):
        summary.reject(f"word {'x' * number} is odd")
    assert len(summary.reasons) == MOST_REASONS + 1
    assert summary.reasons["other reasons"] == (5, "other reasons")


@pytest.mark.parametrize("command", ["due", "status"])
def test_no_due_time_has_a_status_of_its_own(desk: Desk, command: str) -> None:
    argv = [command, f"{DAY}09:00", "--plan", "gold", "--priority", "P2", "--metric", "resolution"]
    paused = [*argv, "--event", f"{DAY}10:00 paused", "--policy", desk.policy]
    more = ["--at", f"{DAY}11:00"] if command == "status" else []
    for options in ([], ["--json"], ["--explain"]):
        assert desk._run(*paused, *more, *options)[0] == 5
    assert desk._run(*argv, "--policy", desk.policy, *more)[0] == 0


def test_a_policy_that_promises_another_metric(desk: Desk) -> None:
    rules = (desk.folder / "desk.toml").read_text(encoding="utf-8")
    begin, end = rules.index("[plans.GOLD.targets.first-response]"), rules.index("[plans.GOLD.targets.next-response]")
    path = desk.write("resolutions.toml", rules[:begin] + rules[end:])
    tickets = "id,plan,priority,opened_at,answered_at\n1,gold,P2,2026-07-07T09:00,2026-07-07T10:00\n"
    (row,) = desk(tickets, "--policy", path)
    assert row["state"] == "not-covered"
    promised = "but plans promise other metrics: --metric next-response or resolution"
    assert f"no plan promises a first-response, {promised}" in desk.err
    desk(tickets, "--policy", path, "--metric", "all")
    assert "no plan promises" not in desk.err
