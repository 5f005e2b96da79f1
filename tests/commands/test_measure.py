"""`kolmisla measure`: every row comes out or is rejected with a reason; files appear complete or not at all."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import tracemalloc
import types
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolmisla import KOLMISOFT, KolmislaError, NotCoveredError, Ticket, deadline
from kolmisla.cli import main
from kolmisla.cli.files import _is_large
from kolmisla.cli.terminal import with_bar
from kolmisla.files import Layout, Log, Measuring
from kolmisla.files.endings import Endings
from kolmisla.files.summary import SUMMARY_STATES, Summary
from kolmisla.files.tables import CsvTable, JsonTable
from kolmisla.policies.terms.metrics import FIRST_RESPONSE
from kolmisla.schedules import read
from tests.commands.test_answers import Run
from tests.commands.test_answers import run as run

NOW = "2026-07-08T12:00:00+03:00"
AT = ["--at", NOW]
NO_ANSWERS = ["--map", "answered_at="]  # the file has none

TICKETS = """\
id,plan,priority,opened_at,answered_at,channel,version,note
1,premium,high,2026-07-03T16:30:00+03:00,2026-07-03T16:40:00+03:00,,,"quick, and right"
2,premium,high,2026-07-03T16:30:00+03:00,2026-07-07T09:00:00+03:00,,,late
3,premium,high,2026-07-08T11:00:00+03:00,,,,open
4,premium,high,2026-07-03T16:30:00+03:00,,,,forgotten
5,ENTERPRISE,Blocker,2026-07-04T16:30:00+03:00,2026-07-04T18:30:00+03:00,Support System,,to the second
6,,low,2026-07-03T16:30:00+03:00,,,,no plan
7,premium,low,2026-07-03T16:30:00+03:00,,phone,,no promise
8,premium,low,2026-07-08T11:00:00+03:00,2026-07-09T11:00:00+03:00,,,answered later than now
"""

BAD = """\
id,plan,priority,opened_at,answered_at,version
1,gold,high,2026-07-03T16:30:00+03:00,,
2,premium,p1,2026-07-03T16:30:00+03:00,,
3,premium,,2026-07-03T16:30:00+03:00,,
4,premium,high,,,
5,premium,high,yesterday,,
6,premium,high,2026-07-03,,
7,premium,high,2026-10-25T03:30,,
8,premium,high,2026-03-29T03:30,,
9,premium,high,2026-07-03T16:30:00+03:00,2026-07-03T16:29:59+03:00,
10,premium,high,2026-07-03T16:30:00+03:00,soon,
11,premium,high,2026-07-09T16:30:00+03:00,,
12,premium,high,1999-07-03T16:30:00+03:00,,
13,premium,high,2026-07-03T16:30:00+03:00,,X1
14,premium,high,2026-07-03T16:30:00+03:00,,,one cell too many

15,premium,high,2026-07-03T16:30:00+03:00
16,"premium","high","2026-07-03T16:30:00+03:00","
",
"""
REASONS = [
    (2, "plan 'gold' is not one of ENTERPRISE, PREMIUM"),
    (3, "priority 'p1' is not one of BLOCKER, HIGH, MEDIUM, LOW"),
    (4, "priority is missing"),
    (5, "opened_at is missing"),
    (6, "opened_at: 'yesterday' is not a time in ISO 8601"),
    (7, "opened_at: '2026-07-03' is a date without a time of day"),
    (8, "opened_at: 2026-10-25T03:30:00 is a wall time that Europe/Vilnius repeats"),
    (9, "opened_at: 2026-03-29T03:30:00 is a wall time that Europe/Vilnius skips"),
    (10, "answered_at 2026-07-03T16:29:59+03:00 is before opened_at 2026-07-03T16:30:00+03:00"),
    (11, "answered_at: 'soon' is not a time in ISO 8601"),
    (12, "before the ticket was opened"),
    (13, "is outside what the schedule knows"),
    (14, "version 'X1' cannot be checked: the policy has no releases"),
    (15, "the row must have 6 cells, like the header, not 7"),
    (17, "the row must have 6 cells, like the header, not 4"),
]


def cells(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines(keepends=True)))


@pytest.fixture
def tickets(tmp_path: Path) -> Path:
    path = tmp_path / "tickets.csv"
    path.write_text(TICKETS, encoding="utf-8")
    return path


def test_measure(run: Run, tickets: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    status, printed, told = run("measure", str(tickets), "-o", str(out), *AT)
    assert (status, printed) == (0, "")
    rows, given = cells(out), cells(tickets)
    assert [{key: row[key] for key in given[0]} for row in rows] == given
    assert [row["state"] for row in rows] == [
        "met",
        "breached",
        "running",
        "breached",
        "met",
        *["not-covered"] * 2,
        "running",
    ]
    assert rows[0]["due_at"] == rows[0]["breaches_after"] == "2026-07-07T08:30:00+03:00"
    assert [row["elapsed_s"] for row in rows] == ["600", "9000", "3600", "55800", "7200", "", "", "3600"]
    assert [row["target_s"] for row in rows] == [*["7200"] * 5, "", "", "7200"]
    assert [row["reason"] for row in rows[:6]] == [*[""] * 5, "no support plan"]
    assert "channel 'phone'" in rows[6]["reason"]
    assert (
        told.splitlines()
        == [
            "8 rows: 2 met, 2 breached, 2 running, 2 not-covered, 0 rejected",
            "met: 50.0 % of 4",
            "  ENTERPRISE BLOCKER: 100.0 % of 1",
            "  PREMIUM HIGH: 33.3 % of 3",
            "ENTERPRISE: mean response 0:00:00 over 1 answered, aim 0:15:00, met",  # on a Saturday: no working time
            "PREMIUM: mean response 1:20:00 over 2 answered, aim 0:25:00, missed",
            f"times without an offset are read in Europe/Vilnius; unanswered tickets are judged at {NOW};"
            f" policy Kolmisoft {KOLMISOFT.digest[:8]}",
        ]
    )
    assert (tmp_path / "out.csv.rejects.csv").read_text(encoding="utf-8") == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "out.csv.rejects.csv", "tickets.csv"]


def test_every_kind_of_bad_row_is_rejected_with_its_line_and_reason(run: Run, tmp_path: Path) -> None:
    bad, out = tmp_path / "bad.csv", tmp_path / "out.csv"
    bad.write_text(BAD, encoding="utf-8")
    status, _, told = run("measure", str(bad), "-o", str(out), *AT)
    assert status == 1
    rejected = list(csv.reader((tmp_path / "out.csv.rejects.csv").read_text(encoding="utf-8").splitlines()))
    assert rejected[0][:3] == ["line", "reason", "id"]
    assert len(rejected) - 1 == len(REASONS)
    for (line, reason), row in zip(REASONS, rejected[1:], strict=True):
        assert row[0] == str(line)
        assert reason in row[1]
    assert [row["id"] for row in cells(out)] == ["16"]
    assert "16 rows: 0 met, 1 breached, 0 running, 0 not-covered, 15 rejected" in told
    assert str(tmp_path / "out.csv.rejects.csv") in told


def test_other_names_constants_zones_and_patterns(run: Run, tmp_path: Path) -> None:
    export, out = tmp_path / "export.csv", tmp_path / "out.csv"
    export.write_text("nr;opened;closed;state\n1;25-10-2026 01:30;25-10-2026 02:10;x\n", encoding="utf-8-sig")
    options = ["--map", "opened_at=opened", "--map", "answered_at=closed", "--map", "id=nr"]
    options += ["--set", "plan=premium", "--set", "priority=blocker", "--timezone", "Europe/Berlin", "--delimiter", ";"]
    options += [
        "--time-format",
        "%d-%m-%Y %H:%M",
        "--ambiguous",
        "later",
        "--prefix",
        "sla_",
        "--at",
        "2026-11-01T00:00",
    ]
    assert run("measure", str(export), "-o", str(out), *options, "--at", "2026-11-01T00:00Z")[0] == 0
    assert out.read_text(encoding="utf-8").splitlines() == [
        "nr;opened;closed;state;sla_due_at;sla_breaches_after;sla_elapsed_s;sla_target_s;sla_state;sla_reason;sla_ended_at;sla_response_s",
        "1;25-10-2026 01:30;25-10-2026 02:10;x;2026-10-25T03:30:00+02:00;2026-10-25T03:30:00+02:00;6000;7200;met;;"
        "2026-10-25T03:10:00+02:00;0",
    ]


def test_a_time_not_written_as_the_pattern_says_is_rejected(run: Run, tmp_path: Path) -> None:
    tickets = tmp_path / "t.csv"
    tickets.write_text("plan,priority,opened_at\npremium,low,7/8/2026 12:00\n", encoding="utf-8")
    argv = ["measure", str(tickets), "-o", str(tmp_path / "o.csv"), *AT, "--time-format", "%d.%m.%Y %H:%M"]
    assert run(*argv)[0] == 1
    rejected = (tmp_path / "o.csv.rejects.csv").read_text(encoding="utf-8")
    assert "opened_at: '7/8/2026 12:00' is not a time written as %d.%m.%Y %H:%M; --time-format says how" in rejected


def test_json_lines_come_back_to_the_letter(run: Run, tmp_path: Path) -> None:
    tickets, out = tmp_path / "tickets.jsonl", tmp_path / "out.jsonl"
    lines = [
        '{"id": 1, "plan": "premium", "priority": "high", "opened_at": "2026-07-03T16:30:00+03:00", "x": 1.10 }',
        '{"plan":null,"priority":"high","opened_at":"2026-07-03T16:30:00+03:00","note":"\\u00e9, ė"}',
        "",
        '{"plan": "premium", "priority": "high", "opened_at": "2026-07-03T16:30:00+03:00", "version": 17}',
    ]
    rejects = [
        '["premium"]',
        "{}",
        '{"plan": "premium"',
        '{"plan": "premium", "priority": "high", "opened_at": 1783000000}',
        '{"plan": ["premium"], "priority": "high", "opened_at": "2026-07-03T16:30:00+03:00"}',
        '{"plan": "premium", "priority": true, "opened_at": "2026-07-03T16:30:00+03:00"}',
        "[" * 100_000,
    ]
    tickets.write_text("\n".join([*lines, *rejects]), encoding="utf-8")
    status, _, told = run("measure", str(tickets), "-o", str(out), *AT, "--releases", "17")
    assert status == 1
    written = out.read_text(encoding="utf-8").splitlines()
    assert written[0].startswith(lines[0][:-2] + ', "due_at": "2026-07-07T08:30:00+03:00"')
    assert written[1].startswith(lines[1][:-1])
    assert [json.loads(line)["state"] for line in written] == ["breached", "not-covered", "breached"]
    assert json.loads(written[0])["elapsed_s"] == 55800
    assert json.loads(written[1])["due_at"] is None
    bad = list(csv.reader((tmp_path / "out.jsonl.rejects.csv").read_text(encoding="utf-8").splitlines()))
    assert [row[0] for row in bad[1:]] == ["5", "6", "7", "8", "9", "10", "11"]
    assert [row[2] for row in bad[1:]] == rejects
    expected = [
        "not a JSON object",
        "opened_at is missing",
        "not JSON",
        "opened_at: '1783000000' is a number; the time format must say",
    ]
    expected += [
        "plan: must be text or a whole number, not ['premium']",
        "priority: must be text or a whole number, not True",
        "nested too deeply to be read",
    ]
    assert all(reason in row[1] for reason, row in zip(expected, bad[1:], strict=True))
    assert "10 rows" in told


def test_standard_streams(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO((TICKETS + "9,gold,low,x,,,,\n").encode())))
    status, out, told = run("measure", "-", *AT)
    assert status == 1
    assert len(out.splitlines()) == 9
    assert "opened_at: 'x' is not a time" in told  # no file to put it in: it stands on standard error
    assert "9 rows" in told
    assert "1 rejected\n" in told
    monkeypatch.setattr(
        sys,
        "stdin",
        io.TextIOWrapper(io.BytesIO(b'{"plan": null, "priority": "low", "opened_at": "2026-07-03T16:30Z"}')),
    )
    assert json.loads(run("measure", "-", "--format", "jsonl", *AT)[1])["state"] == "not-covered"


def test_a_closed_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert run("measure", "-", *AT) == (2, "", "kolmisla: -: standard input is closed\n")


def test_what_is_no_file_is_written_not_replaced(tmp_path: Path, tickets: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    job = [sys.executable, "-m", "kolmisla", "measure", str(tickets), "-o", str(pipe), *AT]
    with subprocess.Popen(job, stderr=subprocess.PIPE) as process:
        assert pipe.read_text(encoding="utf-8").count("\n") == 9
        process.communicate()
    assert process.returncode == 0
    assert pipe.is_fifo()


def test_the_output_appears_whole_or_not_at_all(run: Run, tmp_path: Path) -> None:
    broken, out = tmp_path / "broken.csv", tmp_path / "out.csv"
    out.write_text("before", encoding="utf-8")
    broken.write_bytes(TICKETS.encode() + b'9,"premium,low,2026-07-03T16:30Z,,,,\n')
    status, _, told = run("measure", str(broken), "-o", str(out), *AT)
    assert status == 2
    assert f"{broken}: the row that begins on line 10 is not CSV" in told
    assert out.read_text(encoding="utf-8") == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken.csv", "out.csv"]


def test_what_stops_the_job_leaves_no_halves(tmp_path: Path) -> None:
    waiting = [sys.executable, "-m", "kolmisla", "measure", "-", "-o", str(tmp_path / "out.csv"), *AT]
    with subprocess.Popen(waiting, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(TICKETS.encode())
        process.stdin.flush()
        while not list(tmp_path.iterdir()):  # until it is at work
            assert process.poll() is None
        process.terminate()
        process.wait()
    assert process.returncode == 128 + 15
    assert list(tmp_path.iterdir()) == []


def test_blank_constants_and_empty_spare_columns(run: Run, tmp_path: Path) -> None:
    tickets, out = tmp_path / "t.csv", tmp_path / "o.csv"
    tickets.write_text(f"priority,opened_at,version,,\nlow,{NOW},X1,,\n", encoding="utf-8")
    assert run("measure", str(tickets), "-o", str(out), "--set", "plan=", "--set", "version=", *AT, *NO_ANSWERS)[0] == 0
    assert out.read_text(encoding="utf-8").splitlines()[1] == f"low,{NOW},X1,,,,,,,not-covered,no support plan,,"


def test_the_output_keeps_its_mode_and_its_link(run: Run, tickets: Path, tmp_path: Path) -> None:
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.touch(0o640)
    real.chmod(0o640)
    link.symlink_to(real)
    assert run("measure", str(tickets), "-o", str(link), *AT)[0] == 0
    assert link.is_symlink()
    assert real.read_text(encoding="utf-8").count("\n") == 9
    assert real.stat().st_mode & 0o777 == 0o640


def test_the_tickets_are_not_overwritten(run: Run, tickets: Path, tmp_path: Path) -> None:
    link, other = tmp_path / "link.csv", str(tmp_path / "o.csv")
    link.symlink_to(tickets)
    for out, rejects in ((str(tickets), other), (str(link), other), (other, str(link)), (other, other)):
        status, _, told = run("measure", str(tickets), "-o", out, "--rejects", rejects, *AT)
        assert (status, "are the same file" in told) == (2, True)
    assert tickets.read_text(encoding="utf-8") == TICKETS


def test_the_report_and_its_rejects_are_two_files(run: Run, tickets: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.json"
    (tmp_path / "link").symlink_to(out)
    for rejects in (out, tmp_path / "x" / ".." / "r.json", tmp_path / "link"):
        job = ("report", str(tickets), *AT, "-o", str(out), "--rejects", str(rejects))
        told = f"kolmisla: the output and the rejects are the same file: {rejects}\n"
        assert (run(*job)[::2], out.exists()) == ((2, told), False)


def test_odd_encodings_and_long_cells(run: Run, tmp_path: Path) -> None:
    tickets, out = tmp_path / "tickets.csv", tmp_path / "out.csv"
    text = f"plan,priority,opened_at,note\npremium,low,2026-07-03T16:30Z,{'ž' * 200_000}\n"
    tickets.write_bytes(text.encode("cp1257"))
    assert run("measure", str(tickets), "-o", str(out), "--encoding", "cp1257", *AT, *NO_ANSWERS)[0] == 0
    assert "ž" * 200_000 in out.read_text(encoding="utf-8")
    status, _, told = run("measure", str(tickets), "-o", str(out), *AT)
    assert status == 2
    assert f"{tickets}: not valid UTF-8: byte 0xfe, at or after line 2" in told
    tickets.write_text(f"\ufeff{text}", encoding="utf-8")
    assert run("measure", str(tickets), "-o", str(out), "--encoding", "UTF-8", *AT, *NO_ANSWERS)[0] == 0


HEAD = "plan,priority,opened_at,note"
ROW = 'premium,low,2026-07-03T16:30Z,"on two\nlines"'


@pytest.mark.parametrize(
    ("encoding", "bad", "told"),
    [
        ("utf-8", b"\xff", "UTF-8: byte 0xff"),
        ("utf-8", b"\xc5", "UTF-8: byte 0xc5"),
        ("utf-16", b"\x00\xdc", "UTF-16-LE: byte 0x00"),
        ("utf-16-be", b"\xdc\x00", "UTF-16-BE: byte 0xdc"),
        ("cp1257", b"\x81", "CP1257: byte 0x81"),
        ("cp424", b"\x70", "CP424: byte 0x70"),  # whose line feed is another byte
        ("shift_jis", b"\xff", "SHIFT_JIS: byte 0xff"),
        ("ascii", b"\x80", "ASCII: byte 0x80"),
    ],
)
@pytest.mark.parametrize("rows", [0, 1, 3, 5_000])  # the latter are read in several parts
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_an_invalid_byte_is_told_with_its_line(
    run: Run, tmp_path: Path, encoding: str, bad: bytes, told: str, rows: int, end: str
) -> None:
    tickets, out = tmp_path / "tickets.csv", str(tmp_path / "out.csv")
    text = "".join(f"{line}{end}" for line in (HEAD, *[ROW] * rows))
    tickets.write_bytes(text.encode(encoding) + bad)
    status, _, message = run("measure", str(tickets), "-o", out, "--encoding", encoding, *AT)
    assert status == 2
    assert f"{tickets}: not valid {told}, at or after line {2 * rows + 2}\n" in message


def test_an_invalid_byte_of_json_is_told_with_its_line(run: Run, tmp_path: Path) -> None:
    tickets = tmp_path / "tickets.jsonl"
    row = b'{"plan": "premium", "priority": "low", "opened_at": "2026-07-03T16:30Z"}\n'
    for rows in (0, 1, 2_000):
        tickets.write_bytes(row * rows + b"\xff\n")
        told = run("measure", str(tickets), "-o", str(tmp_path / "out.jsonl"), *AT)[2]
        assert f"not valid UTF-8: byte 0xff, at or after line {rows + 1}\n" in told


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("", [], "the header line is missing"),
        ('"a,plan\n', [], "the row that begins on line 1 is not CSV"),
        ("," * (1 << 22), [], "the header line must have fewer than 4,194,304 characters"),
        ("," * 50_000, [], "the header must have at most 50,000 columns, not 50,001"),
        ("plan,plan,priority,opened_at\n", [], "the header repeats plan"),
        ("plan,priority,opened_at\n", ["--time-format", "%d/%m/%y"], "'%d/%m/%y' leaves out the hour"),
        ("plan,priority,opened_at\n", ["--time-format", "%H:%M"], "leaves out the year and the month and the day"),
        ("plan,priority,opened_at\n", ["--time-format", "%d/%m/%Y %I"], "leaves out the hour"),
        ("plan,priority,opened_at\n", ["--time-format", "%c %Q"], "is invalid"),
        ("plan,priority,opened_at\n", ["--time-format", "%Y-%m-%d %H:%M %Y"], "is invalid"),
        ("plan,priority,opened_at\n", ["--time-format", "%c %Z"], "must not have %Z, which has no offset"),
        ("plan,priority,opened_at\n", ["--time-format", ""], "leaves out the year"),
        ("plan,priority,opened_at\n", ["-o", "-", "--rejects", "-"], "the output and the rejects are the same file: -"),
        ("plan,priority,opened_at\n", ["--encoding", "rot13"], "is not an encoding"),
        ("plan,priority\n", [], "there is no column 'opened_at' for opened_at; the file has plan, priority"),
        ("plan,priority,opened_at\n", ["--map", "version=v"], "there is no column 'v' for version"),
        ("plan,priority,opened_at,state\n", [], "the file has state already; choose a prefix"),
        ("plan,priority,opened_at\n", ["--map", "state=s"], "unknown fact: state; the facts of a ticket are id, plan"),
        ("plan,priority,opened_at\n", ["--set", "plan=a", "--map", "plan=b"], "plan has both a column and a constant"),
        ("plan,priority,opened_at\n", ["--set", "plan=a", "--set", "plan=b"], "--set is given twice for plan"),
        ("plan,priority,opened_at\n", ["--map", "plan"], "'plan' is not NAME=VALUE"),
        ("plan,priority,opened_at\n", ["--delimiter", ";;"], "a delimiter must be one character other than"),
        ("plan,priority,opened_at\n", ["--encoding", "latin-0"], "is not an encoding"),
        ("plan,priority,opened_at\n", ["--timezone", "Mars"], "is not a known IANA time zone"),
        ("plan,priority,opened_at\n", ["--at", "today"], "'today' is not a time in ISO 8601"),
        ("plan,priority,opened_at\n", ["-o", "out.jsonl"], "must end in .csv"),
        (
            "plan,priority,opened_at\n",
            ["-o", "o.csv", "--rejects", "o.csv"],
            "the output and the rejects are the same file: o.csv",
        ),
        ("plan,priority,opened_at\n", ["-o", "no/such/folder/o.csv"], "no/such/folder/o.csv: No such file or"),
        ("plan,priority,opened_at\n", ["-o", "tickets.csv/o.csv"], "tickets.csv/o.csv: Not a directory"),
    ],
    ids=str,
)
def test_unusable_input(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, options: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("tickets.csv").write_text(text, encoding="utf-8")
    status, out, told = run("measure", "tickets.csv", "-o", "out.csv", *AT, *options)
    assert (status, out) == (2, "")
    assert message in told
    assert [path.name for path in tmp_path.iterdir()] == ["tickets.csv"]


def test_unreadable_files(run: Run, tmp_path: Path) -> None:
    assert "No such file or directory" in run("measure", str(tmp_path / "none.csv"), "-o", str(tmp_path / "o.csv"))[2]
    assert "Is a directory" in run("measure", str(tmp_path), "-o", str(tmp_path / "o.csv"))[2]
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "t.csv").write_text(TICKETS, encoding="utf-8")
    assert "Is a directory" in run("measure", str(tmp_path / "t.csv"), "-o", str(tmp_path), *AT)[2]
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]
    rows = tmp_path / "t.jsonl"
    row = '{"plan": null, "priority": "low", "opened_at": "2026-07-03T16:30Z", "state": 1}'
    rows.write_text(row, encoding="utf-8")
    status, _, told = run("measure", str(rows), "-o", str(tmp_path / "o.jsonl"), *AT)
    assert (status, "line 1: the row has state already; choose a prefix" in told) == (2, True)
    assert f"{tmp_path}/no/o.jsonl: No such" in run("measure", str(rows), "-o", str(tmp_path / "no" / "o.jsonl"))[2]


def test_hours_that_never_come_again_are_said(run: Run, tmp_path: Path) -> None:
    tickets, out = tmp_path / "t.csv", tmp_path / "o.csv"
    tickets.write_text(
        "plan,priority,opened_at\npremium,low,2100-12-31T17:00\npremium,low,2100-12-31T16:00\n", encoding="utf-8"
    )
    assert run("measure", str(tickets), "-o", str(out), "--at", "2100-12-31T17:30", *NO_ANSWERS)[0] == 0
    never, once = cells(out)
    assert (never["due_at"], never["state"], never["elapsed_s"]) == ("", "running", "1800")
    assert never["reason"] == "no due time is known: holidays of LT are known for 2011 to 2100"
    assert (once["due_at"], once["breaches_after"], once["reason"]) == ("2100-12-31T18:00:00+02:00", "", "")


names = st.sampled_from(["premium", "ENTERPRISE", "gold", "", " Premium ", "high", "Blocker", "low", "x"]) | st.text(
    max_size=5
)
moments = st.builds(
    "{}T{:02}:{:02}:00{}".format,
    st.sampled_from(["2026-07-03", "2026-07-06", "2026-10-25", "2026-03-29", "2101-01-02", "2009-05-05"]),
    st.integers(0, 25),
    st.integers(0, 59),
    st.sampled_from(["", "+03:00", "Z", "?"]),
) | st.sampled_from(["", "soon"])
rows = st.fixed_dictionaries(
    {"plan": names, "priority": names, "opened_at": moments},
    optional={
        "answered_at": moments,
        "channel": names | st.just("support-system"),
        "version": st.sampled_from(["", "1", "2", "3", "4"]),
    },
)


@given(st.lists(rows, max_size=6), st.sampled_from([None, "earlier", "later"]))
def test_a_file_says_what_a_ticket_says(tickets: list[dict[str, str]], ambiguous: Any) -> None:
    """Row for row the same as a Ticket and its deadline; rows in are rows out and rows rejected."""
    policy, now = KOLMISOFT.replace(releases=["1", "2", "3"]), read("2026-11-01T00:00:00Z")
    measuring = Measuring(at=now, policy=policy, layout=Layout(ambiguous=ambiguous))
    lines = io.StringIO("".join(json.dumps(row) + "\n" for row in tickets))
    out, rejects = io.StringIO(), io.StringIO()
    summary = measuring.run(JsonTable(lines), out, rejects)
    written = [json.loads(line) for line in out.getvalue().splitlines()]
    assert summary.rows == len(tickets) == len(written) + summary.rejected
    assert sum(summary.states["first-response"].values()) == len(written)
    remaining = iter(written)
    for facts in tickets:
        given = {name: text.strip() for name, text in facts.items() if text.strip()}
        try:
            for name in {"opened_at", "answered_at"} & given.keys():
                given[name] = read(given[name], zone=measuring.layout.zone, ambiguous=ambiguous).isoformat()
            ticket = Ticket(**{"plan": None, **given})  # type: ignore[arg-type]
            found = deadline(ticket, policy=policy)
            status = found.status(now)
        except NotCoveredError as reason:
            assert next(remaining)["reason"] == str(reason)
        except (KolmislaError, TypeError, ValueError):
            continue  # rejected
        else:
            row = next(remaining)
            assert {name: row[name] for name in ("due_at", "breaches_after", "target_s")} == {
                name: found.to_dict()[name] for name in ("due_at", "breaches_after", "target_s")
            }
            assert (row["state"], row["elapsed_s"]) == (status.state, status.to_dict()["elapsed_s"])
    assert list(remaining) == []


def test_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(100))
    monkeypatch.setattr("kolmisla.cli.terminal.monotonic", lambda: next(clock))
    screen = io.StringIO()
    assert list(with_bar(range(6000), done=lambda: 0.5, stream=screen)) == list(range(6000))
    assert f"\r[{'#' * 20}{' ' * 20}]  50% 6,000 rows" in screen.getvalue()
    assert screen.getvalue().endswith("\r\x1b[K")  # wiped
    screen.truncate(0)
    assert list(with_bar(["abc", "de"], len, done=lambda: 0.25, stream=screen)) == ["abc", "de"]  # batches of rows
    assert " 25% 5 rows" in screen.getvalue()
    quick = io.StringIO()
    assert list(with_bar(range(10), done=lambda: 0.5, stream=quick)) == list(range(10))
    assert quick.getvalue() == ""


def test_the_bar_follows_the_file(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[float] = []

    def watched(rows: Any, done: Any, stream: object) -> Any:  # noqa: ARG001
        for row in rows:
            seen.append(done())
            yield row

    tickets = tmp_path / "t.csv"
    tickets.write_text("plan,priority,opened_at\n" + "premium,low,2026-07-03T16:30Z\n" * 3000, encoding="utf-8")
    monkeypatch.setattr("kolmisla.cli.inputs.with_bar", watched)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert run("measure", str(tickets), "-o", str(tmp_path / "o.csv"), *AT, *NO_ANSWERS)[0] == 0
    assert len(seen) == 3000
    assert seen == sorted(seen)
    assert seen[0] < 1
    assert seen[-1] == 1


@pytest.mark.unmeasured
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """Eight times the rows take no more memory at the peak, but for a little noise."""
    peaks = []
    for count in (1_000, 8_000):
        tickets = tmp_path / f"{count}.csv"
        body = "".join(f"premium,low,2026-07-03T16:30Z,{number:0100}\n" for number in range(count))
        tickets.write_text(f"plan,priority,opened_at,note\n{body}", encoding="utf-8")
        tracemalloc.start()
        assert main(["measure", str(tickets), "-o", str(tmp_path / "o.csv"), *AT, *NO_ANSWERS]) == 0
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 250_000  # the larger file has 1,070,000 bytes


def test_the_program_ends_with_the_exit_status(monkeypatch: pytest.MonkeyPatch) -> None:
    from kolmisla.__main__ import run as program

    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)  # it is set again at the end
    monkeypatch.setattr("gc.freeze", lambda: None)
    monkeypatch.setattr("gc.set_threshold", lambda _: None)
    handlers: dict[int, Any] = {}
    monkeypatch.setattr("signal.signal", handlers.__setitem__)
    monkeypatch.setattr(sys, "stderr", None)
    monkeypatch.setattr(sys, "argv", ["kolmisla", "open", "2026-07-06T12:00", "-q"])
    with pytest.raises(SystemExit) as ended:
        program()
    assert ended.value.code == 4
    assert sys.stderr.name == os.devnull  # it was closed
    assert not handlers  # only what writes files clears away
    monkeypatch.setattr(sys, "argv", ["kolmisla", "measure", "nothing.csv"])
    with pytest.raises(SystemExit):
        program()
    sys.stderr.close()
    with pytest.raises(SystemExit) as stopped:
        handlers[signal.SIGTERM](signal.SIGTERM, None)
    assert stopped.value.code == 128 + 15


def test_a_plan_without_an_aim_has_no_mean() -> None:
    plan = KOLMISOFT.plans["PREMIUM"].replace(average=None)
    lines = f"plan,priority,opened_at,answered_at\npremium,low,{NOW},{NOW}\n"
    measuring = Measuring(at=read(NOW), policy=KOLMISOFT.replace(plans=[plan]))
    summary = measuring.run(CsvTable(io.StringIO(lines)), io.StringIO(), io.StringIO())
    assert not summary.responses
    with pytest.raises(ValueError, match="must be 'earlier' or 'later', or for files also 'both', not 'soon'"):
        Layout(ambiguous="soon")  # type: ignore[arg-type]
    assert list(summary.lines(measuring.policy)) == [
        "1 row: 1 met, 0 breached, 0 running, 0 not-covered, 0 rejected",
        "met: 100.0 % of 1",
    ]


def test_a_blocker_of_years_without_known_working_hours_is_in_no_mean() -> None:
    lines = "plan,priority,opened_at,answered_at\npremium,blocker,2005-07-02T12:00Z,2005-07-02T13:00Z\n"
    out = io.StringIO()
    summary = Measuring(at=read(NOW)).run(CsvTable(io.StringIO(lines)), out, io.StringIO())
    assert out.getvalue().splitlines()[1].endswith(",3600,7200,met,,2005-07-02T16:00:00+03:00,")
    assert list(summary.lines(KOLMISOFT)) == [
        "1 row: 1 met, 0 breached, 0 running, 0 not-covered, 0 rejected",
        "met: 100.0 % of 1",
        "PREMIUM: no mean response, aim 0:25:00; 1 answered in years whose working hours are unknown",
    ]


def test_a_mean_response_is_of_answers_alone() -> None:
    """Law 13: neither a resolution nor an answer at the very opening is a response of a person."""
    opened = "2026-07-07T09:00"
    tickets = "id,plan,priority,opened_at\n" + "".join(f"{id},premium,high,{opened}\n" for id in range(1, 8))
    tickets += "8,enterprise,high,2026-07-04T01:00\n9,enterprise,low,2026-07-07T09:00\n"
    events = """id,at,kind
1,2026-07-07T09:10,answered
2,2026-07-07T17:00,resolved
3,2026-07-07T09:00,answered
4,2026-07-07T09:30,resolved
4,2026-07-07T10:00,answered
5,2026-07-07T08:00,priority
6,2026-07-09T17:00,answered
8,2026-07-04T02:00,answered
9,2026-07-07T09:05,asked
""".replace("08:00,priority", "09:05,asked")
    log = Log.read(CsvTable(io.StringIO(events)), Layout())
    measuring = Measuring(at=read("2026-07-08T12:00:00+03:00"), metrics=["first-response", "resolution"])
    summary = measuring.run(CsvTable(io.StringIO(tickets)), io.StringIO(), io.StringIO(), log=log)
    assert list(summary.lines(KOLMISOFT))[-2:] == [
        "ENTERPRISE: mean response 0:00:00 over 1 answered, aim 0:15:00, met",  # at night: no working time
        "PREMIUM: mean response 0:35:00 over 2 answered, aim 0:25:00, missed;"
        " 1 resolved without an answer; 1 answered at opening",
    ]


def test_a_csv_table_hands_rows_back_unchanged() -> None:
    out = io.StringIO()
    table = CsvTable(io.StringIO('a,b\n"x, y","line one\nline two"\nx,"one\rtwo"\n', newline=""))
    assert (table.delimiter, CsvTable(io.StringIO("sep=;\na;b\n")).delimiter) == (",", ";")
    write = table.writer(out, ["c"])
    for _, row, fault in table.rows():
        assert fault is None
        write(row, ["z"])
    assert out.getvalue() == 'a,b,c\n"x, y","line one\nline two",z\nx,"one\rtwo",z\n'


def test_events_are_no_parquet(tmp_path: Path, tickets: Path, run: Run) -> None:
    events = tmp_path / "events.parquet"
    events.write_bytes(b"PAR1")
    status, _, err = run("measure", str(tickets), "--events", str(events), *AT)
    assert (status, err) == (2, f"kolmisla: the events must be CSV, JSON or XES; {events} is Parquet\n")


def test_words_are_texts() -> None:
    words: list[Any] = [{"Done": ["answered"]}, {"New": None}, {1: "asked"}]
    for each in words:
        with pytest.raises(ValueError, match=r"values\['kind'\] must map text to text; .* is not text"):
            Layout(values={"kind": each})


def test_parquet_needs_an_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    monkeypatch.setitem(sys.modules, "kolmisla.files.bulk.parquet", None)
    (tmp_path / "tickets.parquet").write_bytes(b"PAR1")
    status, _, err = run("measure", str(tmp_path / "tickets.parquet"), "-o", str(tmp_path / "out.parquet"), *AT)
    assert status == 2
    assert "Parquet needs kolmisla.files.bulk.parquet: pip install 'kolmisla[polars]'" in err


def test_an_engine_that_cannot_be_loaded_is_not_said_to_be_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    class Broken:
        def __getattr__(self, name: str) -> Any:
            raise ImportError("cannot allocate memory")

    monkeypatch.setitem(sys.modules, "kolmisla.files.bulk.parquet", Broken())
    (tmp_path / "tickets.parquet").write_bytes(b"PAR1")
    with pytest.raises(ImportError, match="cannot allocate"):  # which is unexpected: status 70
        run("measure", str(tmp_path / "tickets.parquet"), "-o", str(tmp_path / "out.parquet"), *AT)


def test_a_parquet_file_has_a_name_that_engines_read(run: Run) -> None:
    status, _, err = run("measure", "tickets\udcff.parquet", "-o", "out.parquet", *AT)
    assert status == 2
    assert "the name of a Parquet file must be valid UTF-8, not 'tickets\\udcff.parquet'" in err


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--events", "events.csv"], "leave out --events, because"),
        (["--none", "x", "--time-format", "%Y-%m-%dT%H"], "leave out --time-format, --none, because"),
        (["-o", "-"], "Parquet must go to a file, not to standard output or a pipe; name the file with -o"),
        (["--delimiter", ";"], "leave out --delimiter, because"),
    ],
)
def test_parquet_has_not_all_options(tmp_path: Path, run: Run, options: list[str], told: str) -> None:
    status, _, err = run(
        "measure", str(tmp_path / "tickets.parquet"), "-o", str(tmp_path / "out.parquet"), *options, *AT
    )
    assert status == 2
    assert told in err


@pytest.mark.parametrize("terminal", [True, False])
def test_a_parquet_job_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run, terminal: bool) -> None:
    """The job itself needs an engine; what is about it does not."""

    class Job:
        def __init__(self, source: str, measuring: Measuring, watched: Any) -> None:
            assert (source[-15:], measuring.prefix) == ("tickets.parquet", "")
            watched(lambda: 0.5, 7)

        def run(self, out: Path, rejects: Any) -> Summary:
            out.write_bytes(b"answers")
            rejects.write("row,reason\n")
            endings = Endings(told={"answered"})
            return Summary(rows=7, states={FIRST_RESPONSE: dict.fromkeys(SUMMARY_STATES, 0)}, endings=endings)

    monkeypatch.setitem(sys.modules, "kolmisla.files.bulk.parquet", SimpleNamespace(ParquetJob=Job))
    monkeypatch.setattr("kolmisla.cli.terminal.PATIENCE", -1.0)
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal)
    (tmp_path / "tickets.parquet").write_bytes(b"PAR1")
    out = tmp_path / "out.parquet"
    status, _, err = run("measure", str(tmp_path / "tickets.parquet"), "-o", str(out), *AT)
    assert (status, out.read_bytes()) == (0, b"answers")
    assert (tmp_path / "out.parquet.rejects.csv").read_text(encoding="utf-8") == "row,reason\n"
    assert "7 rows: 0 met" in err


@pytest.mark.parametrize("large", [True, False])
def test_text_goes_out_as_parquet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run, large: bool) -> None:
    """The writer itself needs an engine; what is about it does not."""

    class Writer:
        def __init__(self, measuring: Measuring, table: Any) -> None:
            assert (measuring.prefix, table.columns[0]) == ("sla_", "id")

        def write(self, held: Any, out: Path) -> None:
            held.seek(0)
            out.write_text(held.read(), encoding="utf-8")

    def texts(measuring: Measuring, *files: Any, **_: object) -> Summary:
        *three, watched = files
        return measuring.run(*three, watched=watched)

    monkeypatch.setitem(sys.modules, "kolmisla.files.bulk.as_parquet", SimpleNamespace(AsParquet=Writer))
    monkeypatch.setitem(sys.modules, "kolmisla.files.bulk.text", SimpleNamespace(measure_text=texts))
    monkeypatch.setattr("kolmisla.cli.files.LARGE", 1 if large else 2**24)
    (tmp_path / "t.csv").write_text(TICKETS, encoding="utf-8")
    more = ["--rejects", "/dev/stderr", "--prefix", "sla_", *AT]
    answers = [
        run("measure", str(tmp_path / "t.csv"), "-o", str(tmp_path / name), *more) for name in ("o.csv", "o.parquet")
    ]
    assert answers[0] == answers[1]
    assert (tmp_path / "o.csv").read_bytes() == (tmp_path / "o.parquet").read_bytes()
    monkeypatch.setitem(sys.modules, "kolmisla.files.bulk.as_parquet", None)
    status, _, err = run("measure", str(tmp_path / "t.csv"), "-o", str(tmp_path / "p.parquet"), *AT)
    assert status == 2
    assert "Parquet needs kolmisla.files.bulk.as_parquet: pip install 'kolmisla[polars]'" in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["o.csv", "o.parquet", "t.csv"]


@pytest.mark.parametrize("missing", [True, False])
def test_a_large_file_is_measured_in_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run, missing: bool
) -> None:
    """Where the extra is there; else row by row. The job itself needs an engine."""
    asked: list[Measuring] = []

    def texts(measuring: Measuring, *files: Any, **_: object) -> Summary:
        asked.append(measuring)
        *three, watched = files
        return measuring.run(*three, watched=watched)

    module = None if missing else SimpleNamespace(measure_text=texts)
    monkeypatch.setitem(sys.modules, "kolmisla.files.bulk.text", module)
    monkeypatch.setattr("kolmisla.cli.files.LARGE", len(TICKETS))
    source, out = tmp_path / "tickets.csv", str(tmp_path / "out.csv")
    source.write_text(TICKETS, encoding="utf-8")
    assert run("measure", str(source), "-o", out, *AT)[0] == 0
    assert len(asked) == (not missing)
    assert run("measure", str(source), "-o", out, "--metric", "resolution", *AT)[0] == 1
    assert len(asked) == 2 * (not missing)
    source.write_text(TICKETS.replace("quick, and right", "quick"), encoding="utf-8")  # too small
    assert run("measure", str(source), "-o", out, *AT)[0] == 0
    assert len(asked) == 2 * (not missing)


def test_parquet_from_standard_input_and_in_a_queue(tmp_path: Path, run: Run) -> None:
    status, _, err = run("measure", "-", "--format", "parquet", "-o", str(tmp_path / "out.parquet"), *AT)
    assert (status, err) == (2, "kolmisla: Parquet must be read from a file, not from -\n")
    status, _, err = run("queue", "tickets.parquet", *AT)
    assert (status, err) == (2, "kolmisla: the tickets must be CSV, JSON or XES; tickets.parquet is Parquet\n")


@pytest.mark.parametrize("name", ["utf8", "U8", "utf", "UTF_8", "cp65001", "utf-8-sig"])
def test_a_mark_before_the_first_column_is_none_of_its_name_however_utf_8_is_called(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = "plan,priority,opened_at\npremium,high,2026-07-03T16:30\n"
    Path("t.csv").write_text(text, encoding="utf-8-sig")
    assert main(["measure", "t.csv", "-o", "o.csv", "--at", "2026-07-07T08:10", "--encoding", name, *NO_ANSWERS]) == 0


def test_an_import_that_fails_in_the_middle_of_a_file_is_no_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ImportError("late")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("kolmisla.cli.files.LARGE", 0)
    large = types.ModuleType("kolmisla.files.bulk.text")
    large.measure_text = fails  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "kolmisla.files.bulk.text", large)
    Path("t.csv").write_text("plan,priority,opened_at\npremium,high,2026-07-03T16:30\n", encoding="utf-8")
    with pytest.raises(ImportError, match="late"):
        main(["measure", "t.csv", "-o", "o.csv", "--at", "2026-07-07T08:10"])
    assert not Path("o.csv").exists()


@pytest.mark.parametrize("option", ["--set", "--map", "--value", "--event-kind"])
def test_bytes_that_are_no_text_are_refused_in_options(run: Run, tickets: Path, option: str) -> None:
    values = {"--set": "version=\udcff", "--map": "id=\udcff", "--value": "plan:\udcff=premium"}
    status, _, err = run("measure", str(tickets), *AT, option, values.get(option, "\udcff=asked"))
    assert (status, "is not valid UTF-8" in err) == (2, True)


def test_a_time_for_all_rows_is_a_time(run: Run, tmp_path: Path) -> None:
    tickets, out = tmp_path / "t.csv", tmp_path / "o.csv"
    tickets.write_text(f"plan,priority,opened_at\npremium,low,{NOW}\n", encoding="utf-8")
    for fact in ("answered_at", "at"):
        status, _, told = run("measure", str(tickets), "-o", str(out), "--set", f"{fact}=soon", *AT)
        assert (status, told.startswith(f"kolmisla: {fact}: 'soon' is not a time")) == (2, True)
    assert run("measure", str(tickets), "-o", str(out), "--set", f"answered_at={NOW}", *AT)[0] == 0
    assert out.read_text(encoding="utf-8").splitlines()[1].split(",")[-4] == "met"


USUAL_LINE = 'premium,high,2026-07-03T16:30,"a, b"\n'
QUOTED_LINE = '"premium","high","2026-07-03T16:30","a ""b"""\n'


@pytest.mark.parametrize(
    ("text", "is_large"),
    [
        (USUAL_LINE * 20, True),
        (USUAL_LINE * 19 + 'premium,high,2026-07-03T16:30,"on two\nlines"\n', False),
        (USUAL_LINE * 19 + QUOTED_LINE, True),
        (USUAL_LINE * 9 + QUOTED_LINE * 9, False),
        ('{"note": "half of a \\" quote"}\n' * 20, True),
        ('[{"note": "half of a \\" quote"}]\n' * 20, True),
    ],
)
def test_which_files_are_measured_in_columns(
    text: str, is_large: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that Python must read or write by itself take as long in columns, and the import of polars on top."""
    path = tmp_path / "tickets.csv"
    path.write_text(text, encoding="utf-8", newline="")
    for size, answer in ((len(text), is_large), (len(text) // 3, True), (len(text) + 1, False)):
        monkeypatch.setattr("kolmisla.cli.files.LARGE", size)
        assert _is_large(str(path)) == answer
    assert not _is_large("/dev/null")
