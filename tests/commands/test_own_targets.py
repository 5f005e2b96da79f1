"""A target of the row's own: `--map target_s=COLUMN[:UNIT]` replaces the target of the one metric of the run."""

import csv
from pathlib import Path
from typing import Any

import pytest

from tests.commands.test_answers import Run
from tests.commands.test_answers import run as run

AT = ["--at", "2026-07-20T12:00+03:00"]
WITH_PREFIX = ["--prefix", "sla_"]


@pytest.fixture
def measured(run: Run, tmp_path: Path) -> Any:
    def measure(text: str, *options: str, name: str = "t.csv") -> tuple[int, list[dict[str, str]], str]:
        (tmp_path / name).write_text(text, encoding="utf-8")
        out = tmp_path / f"out.{name.rpartition('.')[2]}"
        status, _, told = run("measure", str(tmp_path / name), "-o", str(out), *AT, *options)
        rows = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines())) if status < 2 else []
        return status, rows, told

    return measure


ROW = "premium,high,2026-07-03T09:00,2026-07-03T10:30"
HEADER = "plan,priority,opened_at,answered_at,minutes"


def test_it_replaces_the_target_of_the_plan_and_blank_keeps_it(measured: Any) -> None:
    text = f"{HEADER}\n{ROW},60\n{ROW},90\n{ROW},90.5\n{ROW},\n{ROW},89\n"
    status, rows, told = measured(text, "--map", "target_s=minutes:min")
    assert status == 0
    assert [(row["target_s"], row["state"], row["due_at"][11:16]) for row in rows] == [
        ("3600", "breached", "10:00"),
        ("5400", "met", "10:30"),
        ("5430", "met", "10:30"),
        ("7200", "met", "11:00"),
        ("5340", "breached", "10:29"),
    ]
    assert "met: 60.0 % of 5" in told


@pytest.mark.parametrize("given", ["0", "0.0", "-5", "soon", "1e3", "0.000000001"])
def test_what_is_no_target_is_a_reject(measured: Any, given: str, tmp_path: Path) -> None:
    status, rows, _ = measured(f"{HEADER}\n{ROW},{given}\n{ROW},5\n", "--map", "target_s=minutes")
    assert (status, len(rows)) == (1, 1)
    (reject,) = csv.DictReader((tmp_path / "out.csv.rejects.csv").read_text(encoding="utf-8").splitlines())
    number = "must be more than 0" if given[:1] == "0" else "a duration in s must be a number of 0 or more"
    wanted = f"target_s: {number}, "
    assert reject["reason"].startswith(wanted)


def test_it_gives_a_promise_where_the_plan_has_none(measured: Any) -> None:
    """On the schedule on which the priority counts; but not without a plan, or through another channel."""
    header = "plan,priority,opened_at,resolved_at,channel,hours"
    rows = ["premium,high,2026-07-03T17:00,2026-07-07T09:00,", "premium,blocker,2026-07-03T17:00,2026-07-07T09:00,"]
    rows += [",high,2026-07-03T17:00,2026-07-07T09:00,", "premium,high,2026-07-03T17:00,2026-07-07T09:00,phone"]
    text = "\n".join([header, *(f"{row},2" for row in rows), f"{rows[0]},", ""])
    _, found, _ = measured(text, "--map", "target_s=hours:h", "--metric", "resolution")
    assert [(row["due_at"], row["elapsed_s"], row["state"]) for row in found] == [
        ("2026-07-07T09:00:00+03:00", "7200", "met"),
        ("2026-07-03T19:00:00+03:00", "316800", "breached"),
        ("", "", "not-covered"),
        ("", "", "not-covered"),
        ("", "7200", "not-covered"),
    ]
    assert [row["reason"] for row in found[2:]] == [
        "no support plan",
        "nothing is promised for channel 'phone', only for support-system",
        "plan PREMIUM promises no resolution for HIGH",
    ]


def test_it_holds_under_every_priority(measured: Any, tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text("id,at,kind,value\n1,2026-07-03T17:30,priority,blocker\n", encoding="utf-8")
    text = "id,plan,priority,opened_at,own\n1,premium,high,2026-07-03T17:00,5400\n"
    options = ["--map", "target_s=own", "--events", str(tmp_path / "e.csv"), "--map", "answered_at="]
    _, ((row,)), _ = measured(text, *options)
    assert (row["due_at"], row["target_s"]) == ("2026-07-03T18:30:00+03:00", "5400")


@pytest.mark.parametrize("columns", ["target_s", "due_at", "Target_S"])
def test_a_column_of_that_name_is_no_promise_unasked(measured: Any, columns: str) -> None:
    text = f"plan,priority,opened_at,answered_at,{columns}\n{ROW},60\n"
    status, _, told = measured(text)
    assert (status, f"the file has {columns} already; choose a prefix" in told) == (2, True)
    status, (row,), _ = measured(text, *WITH_PREFIX)
    assert (status, row["sla_target_s"], row["sla_state"]) == (0, "7200", "met")
    if columns != "due_at":
        status, (row,), _ = measured(text, *WITH_PREFIX, "--map", f"target_s={columns}")
        assert (status, row["sla_target_s"], row["sla_state"]) == (0, "60", "breached")


def test_a_column_whose_whole_name_that_is_wins(measured: Any) -> None:
    text = f"plan,priority,opened_at,answered_at,own:min,own\n{ROW},60,60\n"
    _, (row,), _ = measured(text, "--map", "target_s=own:min")
    assert row["target_s"] == "60"
    _, (row,), _ = measured(text.replace("own:min", "other"), "--map", "target_s=own:min")
    assert row["target_s"] == "3600"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            ["--map", "target_s=minutes", "--metric", "all"],
            "target_s is the target of one metric; choose one metric of first-response, next-response, resolution",
        ),
        (
            ["--set", "target_s=60"],
            "target_s must be a column of durations; a target for all rows belongs in the policy",
        ),
        (["--map", "target_s=hours:h"], "there is no column 'hours' for target_s; the file has"),
    ],
)
def test_what_is_refused(measured: Any, options: list[str], told: str) -> None:
    status, _, line = measured(f"{HEADER}\n{ROW},60\n", *options)
    assert (status, told in line) == (2, True)


def test_json_has_it_too(run: Run, tmp_path: Path) -> None:
    fields = '"plan": "premium", "priority": "high", "opened_at": "2026-07-03T09:00", "answered_at": "2026-07-03T10:30"'
    (tmp_path / "t.jsonl").write_text(f'{{{fields}, "own": 1.5}}\n{{{fields}, "own": true}}\n', encoding="utf-8")
    out = tmp_path / "o.jsonl"
    run("measure", str(tmp_path / "t.jsonl"), "-o", str(out), *AT, "--map", "target_s=own:h")
    (line,) = out.read_text(encoding="utf-8").splitlines()
    assert '"target_s": 5400' in line


def test_a_queue_does_not_leave_it_out_silently(run: Run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(f"{HEADER}\n{ROW},60\n", encoding="utf-8")
    status, _, told = run("queue", str(tmp_path / "t.csv"), *AT, "--map", "target_s=minutes")
    assert (status, "leave out target_s" in told) == (2, True)
