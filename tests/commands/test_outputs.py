"""What a command writes: no input is overwritten, no text of a policy is executed, and no list is endless."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.commands.test_answers import Run
from tests.commands.test_answers import run as run

HOSTILE = "mail\nDROP TABLE payroll; --\x1b[31m"
POLICY: dict[str, Any] = {
    "name": "Desk",
    "timezone": "UTC",
    "schedules": {"office": {"hours": {"mon-fri": ["08:00-17:00"]}, "holidays": ["LT", "closing-days.ics"]}},
    "priorities": {"P1": {"rank": 1, "schedule": "office"}},
    "plans": {"GOLD": {"rank": 1, "targets": {"first-response": {"within": "PT4H"}}}},
}
CALENDAR = "\r\n".join(
    [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//desk//EN",
        "BEGIN:VEVENT",
        "UID:1",
        "DTSTAMP:20260101T000000Z",
        "DTSTART;VALUE=DATE:20260717",
        "SUMMARY:Closed",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
)
TICKETS = "id,plan,priority,opened_at,answered_at\n1,GOLD,P1,2026-07-16T15:00,\n"
AT = ["--at", "2026-07-16T16:00"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("d.json").write_text(json.dumps(POLICY), encoding="utf-8")
    Path("closing-days.ics").write_text(CALENDAR, encoding="utf-8")
    Path("t.csv").write_text(TICKETS, encoding="utf-8")
    Path("l.json").write_text(json.dumps({"name": "mine"}), encoding="utf-8")
    return tmp_path


@pytest.mark.unmeasured
@pytest.mark.parametrize("dialect", ["postgres", "duckdb", "sqlite", "bigquery", "snowflake", "spark"])
def test_a_name_of_a_policy_stays_in_its_comment(run: Run, dialect: str, folder: Path) -> None:
    schedules = {"office": {"open": "always"}}
    Path("d.json").write_text(json.dumps({**POLICY, "schedules": schedules, "channels": [HOSTILE]}), encoding="utf-8")
    asked = ["sql", "--dialect", dialect, "--policy", "d.json", "--years", "2026-2026"]
    status, script, _ = run(*asked)
    assert (status, "\x1b" in script) == (0, False)
    assert all(line.startswith("-- ") for line in script.splitlines() if "DROP TABLE payroll" in line)
    if dialect == "sqlite":
        with closing(sqlite3.connect(":memory:")) as database:
            database.execute("CREATE TABLE payroll (id)")
            database.executescript(script)
            assert database.execute("SELECT count(*) FROM payroll").fetchone() == (0,)
    assert run(*asked, "--dbt", "dbt")[0] == 0
    for path in (folder / "dbt").rglob("*.sql"):
        text = path.read_text(encoding="utf-8")
        assert all(line.startswith("-- ") for line in text.splitlines() if "DROP TABLE payroll" in line)


@pytest.mark.parametrize(
    ("command", "out", "what"),
    [
        (["calendar", "2026-07"], "closing-days.ics", "the calendar file 1 of the policy"),
        (["measure", "t.csv", *AT], "closing-days.ics", "the calendar file 1 of the policy"),
        (["report", "t.csv", *AT, "--layout", "l.json"], "l.json", "the layout"),
        (["measure", "t.csv", *AT, "--layout", "l.json"], "l.json", "the layout"),
    ],
)
def test_no_file_that_is_read_is_overwritten(run: Run, command: list[str], out: str, what: str) -> None:
    before = Path(out).read_bytes()
    status, _, told = run(*command, "--policy", "d.json", "-o", out)
    assert (status, f"{what} and the output are the same file" in told) == (2, True)
    assert Path(out).read_bytes() == before


def test_no_calendar_file_of_the_other_policy_is_overwritten(run: Run, folder: Path) -> None:
    (folder / "other").mkdir()
    for name in ("d.json", "closing-days.ics"):
        (folder / "other" / name).write_bytes(Path(name).read_bytes())
    asked = ["--policy", "d.json", "--what-if", "other/d.json", "-o", "r.html", "--rejects", "other/closing-days.ics"]
    status, _, told = run("report", "t.csv", *AT, *asked)
    assert (status, "the calendar file 1 of the other policy and the rejects are the same file" in told) == (2, True)
    assert Path("other/closing-days.ics").read_bytes() == Path("closing-days.ics").read_bytes()


@pytest.mark.parametrize("command", ["queue", "alarms"])
def test_events_without_a_ticket_are_told_in_a_few_lines(run: Run, command: str) -> None:
    rows = "".join(f"{'n' * 80}{number},2026-07-16T15:30,paused\n" for number in range(2_000))
    Path("e.csv").write_text(f"id,at,kind\n{rows}", encoding="utf-8")
    window = ["--after", "2026-07-16T15:00", "--until", "2026-07-16T16:00"] if command == "alarms" else AT
    status, _, told = run(command, "t.csv", "--events", "e.csv", "--policy", "d.json", *window)
    assert (status, len(told.splitlines())) == (1, 22)
    assert "1,980 more ids or rows of events without a ticket" in told


def test_the_name_of_a_metric_is_one_line_of_text(run: Run) -> None:
    name = "met\x1b[31m\nric"
    own = {"metrics": {name: {"starts": ["opened"], "ends": ["resolved"]}}, "schedules": {"office": {"open": "always"}}}
    plans = {"GOLD": {"rank": 1, "targets": {name: {"within": "PT1H"}}}}
    Path("d.json").write_text(json.dumps({**POLICY, **own, "plans": plans}), encoding="utf-8")
    asked = ["--policy", "d.json", "--plan", "GOLD", "--priority", "P1", "--metric", "all", *AT]
    status, out, _ = run("status", "2026-07-16T15:00", *asked)
    assert (status, "\x1b" in out) == (0, False)
    assert "metric          met\\x1b[31m\\nric\n" in out


def test_half_a_character_in_a_reason_spoils_no_file(run: Run) -> None:
    facts = '"plan": "GOLD", "priority": "P1", "opened_at": "2026-07-16T15:00Z"'
    answered = '"answered_at": "2026-07-16T15:10Z"'
    event = r'{"at": "2026-07-16T15:30Z", "kind": "waived", "reason": "\ud83d"}'
    Path("t.jsonl").write_text(
        f'{{"id": 1, {facts}, {answered}}}\n{{"id": 2, {facts}, "events": [{event}]}}\n', encoding="utf-8"
    )
    assert run("measure", "t.jsonl", "--policy", "d.json", "-o", "o.jsonl", *AT)[0] == 0
    rows = [json.loads(line) for line in Path("o.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["reason"] for row in rows] == [None, "waived: \\ud83d"]


INTERRUPTED = """
import os, sys
from kolmisla.__main__ import run

class Part:
    def __set_name__(self, owner, name):
        os.kill(os.getpid(), {number})

import kolmisla.cli
def main():
    class Whole:
        part = Part()
kolmisla.cli.main = main
sys.argv = ["kolmisla", "--policy", "d.json", *{command}]
run()
"""


WRITING = (["measure"], ["report"], ["queue"], ["calendar"], ["sql"], ["policy", "freeze"])
STATUSES = {"SIGINT": 130, "SIGTERM": 143, "SIGHUP": 129}


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="there are no such signals")
@pytest.mark.parametrize(
    ("command", "name"),
    [*((command, "SIGTERM") for command in WRITING), (["measure"], "SIGINT"), (["measure"], "SIGHUP")],
)
def test_a_signal_while_a_class_is_made_ends_as_any_other(command: list[str], name: str) -> None:
    """Python 3.11 wraps the error of the signal in another one. Files are cleaned up with `--policy` in front too."""
    program = INTERRUPTED.format(number=int(getattr(signal, name)), command=command)
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=os.environ, check=False)
    assert ended.returncode == STATUSES[name], ended.stderr
    assert "unexpected" not in ended.stderr
