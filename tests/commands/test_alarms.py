"""`kolmisla alarms`: the thresholds that the tickets of a file cross between two instants."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kolmisla import KOLMISOFT, Ticket, crossings
from kolmisla.cli import main

TICKETS = (
    "id,plan,priority,opened_at,answered_at\n"
    "7,premium,high,2026-07-03T16:30,\n"
    "8,premium,blocker,2026-07-03T16:00,2026-07-03T17:30\n"
    "9,,low,2026-07-03T16:00,\n"
)
EVENTS = "id,at,kind,value\n7,2026-07-03T17:45,priority,blocker\n"
WINDOW = ["--after", "2026-07-03T16:00", "--until", "2026-07-03T18:30"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("tickets.csv").write_text(TICKETS, encoding="utf-8")
    Path("events.csv").write_text(EVENTS, encoding="utf-8")
    KOLMISOFT.replace(warnings=[50, "PT15M left", 100]).dump("desk.json")
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, list[str], str]:
    status = main(["alarms", "tickets.csv", "--policy", "desk.json", *argv])
    printed = capsys.readouterr()
    return status, printed.out.splitlines(), printed.err


@pytest.mark.usefixtures("folder")
def test_a_table_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    status, lines, err = said(capsys, *WINDOW)
    assert lines == [
        "at                         id  priority  plan     metric          threshold",
        "2026-07-03T17:00:00+03:00  8   BLOCKER   PREMIUM  first-response  50 %",
        "2026-07-03T17:30:00+03:00  7   HIGH      PREMIUM  first-response  50 %",
    ]
    assert all(len(line) <= 80 for line in lines)
    assert (status, err) == (
        0,
        "2 alarms after 2026-07-03T16:00:00+03:00 until 2026-07-03T18:30:00+03:00, 0 rejected;"
        f" times without an offset are read in Europe/Vilnius; policy Kolmisoft {digest_shown()}\n",
    )


def digest_shown() -> str:
    return KOLMISOFT.replace(warnings=[50, "PT15M left", 100]).digest[:8]


@pytest.mark.usefixtures("folder")
def test_events_count_and_each_line_is_what_the_library_says(capsys: pytest.CaptureFixture[str]) -> None:
    status, lines, _ = said(capsys, *WINDOW, "--events", "events.csv", "--json")
    found = [json.loads(line) for line in lines]
    policy = KOLMISOFT.replace(warnings=[50, "PT15M left", 100])
    raised = {"kind": "priority", "at": "2026-07-03T17:45+03:00", "value": "blocker"}
    tickets = [
        Ticket(id="7", plan="premium", priority="high", opened_at="2026-07-03T16:30+03:00", events=[raised]),
        Ticket(
            id="8",
            plan="premium",
            priority="blocker",
            opened_at="2026-07-03T16:00+03:00",
            answered_at="2026-07-03T17:30+03:00",
        ),
    ]
    window = datetime(2026, 7, 3, 13, tzinfo=UTC), datetime(2026, 7, 3, 15, 30, tzinfo=UTC)
    assert [{key: answer[key] for key in list(answer)[:8]} for answer in found] == [
        dict(each.to_dict()) for each in crossings(tickets, *window, policy=policy)
    ]
    assert [(answer["id"], answer["threshold"]) for answer in found] == [
        ("8", 50),
        ("7", 50),
        ("7", "PT15M left"),
        ("7", 100),
    ]
    assert [*found[0]][8:] == ["policy", "digest", "holidays", "tzdata"]
    assert status == 0


@pytest.mark.usefixtures("folder")
def test_two_runs_tell_what_one_run_tells(capsys: pytest.CaptureFixture[str]) -> None:
    whole = said(capsys, *WINDOW, "--events", "events.csv", "--json")[1]
    middle = "2026-07-03T17:30"
    apart = [
        *said(capsys, "--after", WINDOW[1], "--until", middle, "--events", "events.csv", "--json")[1],
        *said(capsys, "--after", middle, "--until", WINDOW[3], "--events", "events.csv", "--json")[1],
    ]
    assert apart == whole


@pytest.mark.usefixtures("folder")
def test_nothing_is_due(capsys: pytest.CaptureFixture[str]) -> None:
    status, lines, err = said(capsys, "--after", "2026-07-03T16:00", "--until", "2026-07-03T16:00")
    assert (status, lines) == (0, [])
    assert err.startswith("0 alarms after")


@pytest.mark.usefixtures("folder")
def test_a_second_cycle_is_numbered_and_a_ticket_may_have_no_id(capsys: pytest.CaptureFixture[str]) -> None:
    plan = {"rank": 1, "targets": {"next-response": {"within": "PT1H"}}}
    KOLMISOFT.replace(plans={"PREMIUM": plan}).dump("desk.json")
    events = [(f"2026-07-03T{at}+03:00", kind) for at, kind in (
        ("09:00", "answered"), ("09:10", "asked"), ("09:20", "answered"), ("09:30", "asked"),
    )]  # fmt: skip
    ticket: dict[str, Any] = {"plan": "premium", "priority": "high", "opened_at": "2026-07-03T08:30+03:00"}
    ticket["events"] = [{"at": at, "kind": kind} for at, kind in events]
    Path("tickets.jsonl").write_text(json.dumps(ticket) + "\n", encoding="utf-8")
    argv = ["alarms", "tickets.jsonl", "--policy", "desk.json", "--after", "2026-07-03T08:00"]
    assert main([*argv, "--until", "2026-07-03T10:30"]) == 0
    assert capsys.readouterr().out.splitlines()[1].split() == [
        "2026-07-03T10:30:00+03:00",
        "-",
        "HIGH",
        "PREMIUM",
        "next-response",
        "2",
        "100",
        "%",
    ]


@pytest.mark.usefixtures("folder")
def test_what_cannot_be_judged_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    Path("tickets.csv").write_text(TICKETS + "10,gold,high,2026-07-03T16:30,\n11,premium,high,,\n", encoding="utf-8")
    Path("events.csv").write_text(EVENTS + "99,2026-07-03T17:45,answered,\n", encoding="utf-8")
    status, lines, err = said(capsys, *WINDOW, "--events", "events.csv")
    assert (status, len(lines)) == (1, 5)
    assert "line 5: plan 'gold' is not one of ENTERPRISE, PREMIUM\n" in err
    assert "line 6: opened_at is missing" in err
    assert "an event without a ticket, " in err
    assert "2 rejected" in err
    Path("tickets.csv").write_text(TICKETS, encoding="utf-8")
    assert said(capsys, *WINDOW, "--events", "events.csv")[0] == 1
    assert said(capsys, "--after", "2026-07-03T18:00", "--until", "2026-07-03T17:00")[0] == 2
    with pytest.raises(SystemExit) as ended:
        said(capsys)
    assert ended.value.code == 2
    assert "the following arguments are required: --after" in capsys.readouterr().err
    status, _, err = said(capsys, *WINDOW, "--map", "target_s=minutes:min")
    assert (status, err) == (
        2,
        "kolmisla: leave out target_s, which only kolmisla measure reads; the targets of alarms come from the policy\n",
    )
    status, _, err = said(capsys, *WINDOW, "--format", "parquet")
    assert (status, err) == (2, "kolmisla: the tickets must be CSV, JSON or XES; tickets.csv is Parquet\n")


def test_until_is_now_without_that_option(folder: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "kolmisla", "alarms", "tickets.csv", "--after", "now"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    after, until = done.stderr.split()[3:6:2]
    assert after == until.rstrip(",")


@pytest.mark.usefixtures("folder")
def test_a_due_time_in_a_column_is_of_one_metric(capsys: pytest.CaptureFixture[str]) -> None:
    """Alarms and a queue of all metrics would move every promise to it."""
    plans = {
        name: plan.replace(targets={**plan.targets, "resolution": {"within": "PT8H"}})
        for name, plan in KOLMISOFT.plans.items()
    }
    KOLMISOFT.replace(plans=plans).dump("two.json")
    told = "kolmisla: due_at is the due time of one metric; "
    for policy, refused in (("two.json", True), ("desk.json", False)):
        given = ["tickets.csv", "--policy", policy, "--map", "due_at=answered_at"]
        assert main(["alarms", *given, *WINDOW]) == (2 if refused else 0)
        err = capsys.readouterr().err
        assert (f"{told}leave it out, because there are alarms of first-response, resolution" in err) == refused
        assert main(["queue", *given, "--metric", "all", "--at", "2026-07-03T17:00"]) == (2 if refused else 0)
        assert (f"{told}choose one metric of first-response, resolution" in capsys.readouterr().err) == refused
