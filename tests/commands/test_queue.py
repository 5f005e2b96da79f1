"""`kolmisla queue` for people and programs: short times, columns of the file, reasons, and a list that redraws."""

import fcntl
import json
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import time
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolmisla.cli.queues.table import short_times
from kolmisla.cli.terminal import width_of_output
from tests.commands.test_answers import Run

DOCS = Path(__file__).parents[2] / "docs"
TICKETS = str(DOCS / "tickets.csv")
AT = ["--at", "2026-07-14T11:00"]
SUMMARY = "times without an offset are read in Europe/Vilnius; tickets are judged at 2026-07-14T11:00:00+03:00; policy"
VILNIUS = ZoneInfo("Europe/Vilnius")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    def runs(*argv: str, width: int = 100) -> tuple[int, str, str]:
        monkeypatch.setenv("COLUMNS", str(width))
        return Run(capsys)(*argv)

    return runs


@pytest.mark.unmeasured
def test_a_row_of_many_columns_is_shown_soon(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    names = [f"c{number}" for number in range(40_000)]
    path.write_text(f"{','.join(names)},plan,priority,opened_at\n{',' * 40_000}premium,high,2026-07-14T10:00\n")
    began = time.perf_counter()
    (line,) = run("queue", str(path), *AT, "--json")[1].splitlines()
    assert run("layout", "guess", str(path))[0] == 0
    assert time.perf_counter() - began < 20  # it took two minutes when each name was looked up in a list
    assert [*json.loads(line)["cells"]] == [*names, "plan", "priority", "opened_at"]


def test_the_list_for_people(run: Any) -> None:
    status, out, err = run("queue", TICKETS, *AT, width=140)
    assert (status, err.startswith(f"3 waiting, 0 rejected; {SUMMARY}")) == (0, True)
    assert out == (
        "   id   priority  plan     state        breaches_after  remaining  why\n"
        "1  106  MEDIUM    PREMIUM  running      Tue 11:15       0:15:00\n"
        "2  107  HIGH      PREMIUM  not-covered  -               -          nothing is promised for channel 'phone',"
        " only for support-system\n"
        "3  108  LOW       -        not-covered  -               -          no support plan\n"
    )


def test_a_reason_goes_on_below_itself(run: Any) -> None:
    lines = run("queue", TICKETS, *AT, width=100)[1].splitlines()
    assert max(map(len, lines)) <= 100
    assert lines[2].endswith("  nothing is promised for channel")
    assert lines[3].strip() == "'phone', only for support-system"
    assert lines[3].index("'phone'") == lines[2].index("nothing")


def test_in_eighty_columns_a_reason_stands_below_its_ticket(run: Any) -> None:
    lines = run(
        "queue",
        TICKETS,
        *AT,
        width=80,
    )[1].splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].endswith("remaining")
    assert lines[3] == "   nothing is promised for channel 'phone', only for support-system"


@pytest.mark.parametrize("width", [1, 2, 3, 4, 20])
def test_a_reason_is_told_in_the_narrowest_terminal(run: Any, width: int) -> None:
    status, out, _ = run("queue", TICKETS, *AT, width=width)
    assert status == 0
    assert "nothingispromisedforchannel'phone',onlyforsupport-system" in "".join(out.split())


def test_without_a_reason_there_is_no_column_for_it(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("plan,priority,opened_at\npremium,high,2026-07-14T10:00\n", encoding="utf-8")
    assert run("queue", str(path), *AT)[1].splitlines() == [
        "   id  priority  plan     state    breaches_after  remaining",
        "1  -   HIGH      PREMIUM  running  Tue 12:00       1:00:00",
    ]
    path.write_text("plan,priority,opened_at,answered_at\npremium,high,2026-07-14T10:00,2026-07-14T10:30\n", "utf-8")
    assert run("queue", str(path), *AT)[1] == "  id  priority  plan  state  breaches_after  remaining\n"


def test_columns_of_the_file_are_shown(run: Any, tmp_path: Path) -> None:
    out = run("queue", TICKETS, *AT, "--show", "SUBJECT,channel")[1].splitlines()
    assert out[0].startswith("   id   SUBJECT                  channel  priority")
    assert out[1].startswith("1  106  Invoice shows no taxes            MEDIUM")
    long, steering = "x" * 40, "a\x1b[2Jb"
    rows = [{"plan": "premium", "priority": "high", "opened_at": "2026-07-14T10:00", "a": {"b": long}, "c": steering}]
    path = tmp_path / "t.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (line,) = run("queue", str(path), *AT, "--show", "a.b,c,none", width=140)[1].splitlines()[1:]
    assert line.startswith(f"1  -   {'x' * 27}...  a\\x1b[2Jb        HIGH")


def test_columns_of_the_file_are_cut_to_the_width(run: Any) -> None:
    lines = run("queue", TICKETS, *AT, "--show", "subject", width=80)[1].splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[1].startswith("1  106  Invoice sh...  MEDIUM")
    assert lines[1].endswith("0:15:00")
    wide = run("queue", TICKETS, *AT, "--show", "subject,opened_at", width=20)[1].splitlines()
    assert "Invoice..." in wide[1]  # ten characters of each cell are left


def test_times_of_a_repeated_hour_are_told_apart(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    opened = ["2026-10-25T01:30+03:00", "2026-10-25T01:30+02:00"]  # an hour apart, and due at 03:30 and 03:30
    rows = "".join(f"premium,blocker,{at}\n" for at in opened)
    path.write_text(f"plan,priority,opened_at\n{rows}", encoding="utf-8")
    out = run("queue", str(path), "--at", "2026-10-25T01:45+02:00")[1]
    assert [line.split()[5:8] for line in out.splitlines()[1:]] == [
        ["Sun", "03:30", "+0300"],
        ["Sun", "03:30", "+0200"],
    ]


def test_an_unknown_column_is_refused(run: Any) -> None:
    status, out, err = run("queue", TICKETS, "--show", "subjekt")
    assert (status, out) == (2, "")
    assert "there is no column 'subjekt' to show; the file has id, plan, priority" in err
    assert "must be different names with commas between them" in run("queue", TICKETS, "--show", "id,,")[2]
    assert "must be different names" in run("queue", TICKETS, "--show", "id,id")[2]


def test_the_first_tickets_alone(run: Any) -> None:
    status, out, err = run("queue", TICKETS, *AT, "--limit", "1")
    assert (status, len(out.splitlines())) == (0, 2)
    assert err.startswith("3 waiting, the first 1 listed, 0 rejected; ")
    assert run("queue", TICKETS, *AT, "--limit", "9")[1] == run("queue", TICKETS, *AT)[1]
    for wrong in ("0", "-1", "x", "1000001", "1.5"):
        assert "must be a whole number from 1 to 1,000,000" in run("queue", TICKETS, f"--limit={wrong}")[2]


def test_json_has_only_numbers_that_every_reader_of_json_can_read(run: Any, tmp_path: Path) -> None:
    facts = '"plan":"premium","priority":"high","opened_at":"2026-07-13T10:00+03:00"'
    deep = f"{'[' * 600}{']' * 600}"
    row = f'{{"id":1,{facts},"x":[1E400,{{"y":-1E400}}],"n":NaN,"deep":{deep}}}'
    (tmp_path / "t.jsonl").write_text(row, encoding="utf-8")
    _, out, _ = run("queue", str(tmp_path / "t.jsonl"), "--json", "--at", "2026-07-13T11:00", "--map", "answered_at=")

    def refuse(name: str) -> None:
        raise AssertionError(name)

    cells = json.loads(out, parse_constant=refuse)["cells"]
    assert (cells["x"], cells["n"]) == (["Infinity", {"y": "-Infinity"}], None)
    assert json.dumps(cells["deep"]) == deep


def test_cells_of_json_are_shown_as_json(run: Any, tmp_path: Path) -> None:
    """As `measure -o x.parquet` writes them, and as a CSV file would have them."""
    row = {"plan": "premium", "priority": "high", "opened_at": "2026-07-13T10:00", "f": True, "l": ["a", "\u010d"]}
    (tmp_path / "t.jsonl").write_text(json.dumps(row), encoding="utf-8")
    argv = [str(tmp_path / "t.jsonl"), "--at", "2026-07-13T11:00", "--map", "answered_at="]
    assert 'true  ["a", "\u010d"]' in run("queue", *argv, "--show", "f,l")[1]
    for column, told in (("f", "true"), ("l", '["a", "\u010d"]')):
        (split,) = json.loads(run("report", *argv, "--split", column, "--json")[1])["splits"]
        assert split["split"] == told


def test_json_has_the_cells_and_the_target(run: Any, tmp_path: Path) -> None:
    first, second, _ = (json.loads(line) for line in run("queue", TICKETS, *AT, "--json")[1].splitlines())
    assert first["cells"]["subject"] == "Invoice shows no taxes"
    assert list(first["cells"]) == ["id", "plan", "priority", "opened_at", "answered_at", "channel", "subject"]
    assert first["target_s"] == first["elapsed_s"] + first["remaining_s"] == 7200
    assert (second["target_s"], second["cells"]["channel"]) == (None, "phone")
    (shown,) = run("queue", TICKETS, *AT, "--json", "--show", "Subject", "--limit", "1")[1].splitlines()
    assert json.loads(shown)["cells"] == {"Subject": "Invoice shows no taxes"}
    row = {"plan": "premium", "priority": "high", "opened_at": "2026-07-14T10:00", "tags": ["a", {"b": 1}]}
    path = tmp_path / "t.json"
    path.write_text(json.dumps([row]), encoding="utf-8")
    assert json.loads(run("queue", str(path), *AT, "--json")[1])["cells"] == row
    repeated = tmp_path / "t.csv"
    repeated.write_text("plan,priority,opened_at,x,x\npremium,high,2026-07-14T10:00,1,2\n", encoding="utf-8")
    assert list(json.loads(run("queue", str(repeated), *AT, "--json")[1])["cells"]) == ["plan", "priority", "opened_at"]


def test_what_a_calendar_does_not_show_is_refused(run: Any, tmp_path: Path) -> None:
    out = str(tmp_path / "due.ics")
    assert "--limit is for the list" in run("queue", TICKETS, "-o", out, "--limit", "2")[2]
    assert "--show is for the list" in run("queue", TICKETS, "-o", out, "--show", "id")[2]


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        ([TICKETS], "--watch needs a terminal"),
        ([TICKETS, *AT], "--watch prints the queue at the current time; leave out --at"),
        ([TICKETS, "--json", "-o", "x.ics"], "leave out --json, -o"),
        (["-"], "must be a file, not standard input"),
    ],
)
def test_what_cannot_be_watched(run: Any, argv: list[str], told: str) -> None:
    status, out, err = run("queue", *argv, "--watch", "5")
    assert (status, out) == (2, "")
    assert told in err


def test_the_list_is_drawn_again_until_it_is_interrupted(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    rows = "".join(f"{number},premium,high,2026-07-14T10:00\n" for number in range(1, 31))
    path.write_text(f"id,plan,priority,opened_at\n{rows}", encoding="utf-8")
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    argv = [sys.executable, "-m", "kolmisla", "queue", str(path), "--watch", "1"]
    env = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    watched = subprocess.Popen(argv, stdout=theirs, stderr=subprocess.PIPE, env=env)
    os.close(theirs)
    seen, until = b"", time.monotonic() + 60
    while seen.count(b"\x1b[H\x1b[2J") < 3 and time.monotonic() < until:
        seen += os.read(ours, 10_000)
    watched.send_signal(signal.SIGINT)
    _, err = watched.communicate(timeout=30)
    os.close(ours)
    assert watched.returncode == 130
    assert err.decode().splitlines()[-1] == "kolmisla: interrupted"
    drawn = seen.split(b"\x1b[H\x1b[2J")[1].decode().split("\r\n")
    assert drawn[0].split()[:2] == ["id", "priority"]
    assert drawn[1].split()[:2] == ["1", "1"]
    assert "30 waiting, the first 19 listed" in err.decode()
    assert len(drawn) <= 24


@pytest.mark.parametrize(
    ("lines", "columns", "listed"), [(24, 80, 19), (12, 60, 3), (12, 200, 9), (3, 20, 1), (1, 80, 1), (0, 80, 1)]
)
def test_a_watched_list_fits_on_the_terminal(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: int, columns: int, listed: int
) -> None:
    """As many tickets are listed as fit together with the headings and the summary."""
    path = tmp_path / "t.csv"
    rows = "".join(f"{number},premium,high,2026-07-14T10:00\n" for number in range(1, 31))
    path.write_text(f"id,plan,priority,opened_at\n{rows}", encoding="utf-8")
    out, told = watched(run, monkeypatch, str(path), lines=lines, width=columns)
    assert f"30 waiting, the first {listed} listed" in told
    table, (summary, *_) = out.splitlines(), told.splitlines()
    assert len(table) == 1 + listed
    assert sum(-(-len(line) // columns) for line in [*table, summary]) < lines or listed == 1


def watched(run: Any, monkeypatch: pytest.MonkeyPatch, *argv: str, lines: int, width: int) -> tuple[str, str]:
    """What a watched queue prints on a terminal until it is interrupted, after the first list."""

    def ended(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("kolmisla.cli.queues.command.wait", ended)
    monkeypatch.setattr("kolmisla.cli.queues.command.height_of_terminal", lambda: lines)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    status, out, told = run("queue", *argv, "--watch", "1", width=width)
    assert (status, out[:7]) == (130, "\x1b[H\x1b[2J")
    return out[7:], told


def test_a_watched_list_keeps_to_its_limit(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    out, told = watched(run, monkeypatch, TICKETS, "--limit", "1", lines=24, width=200)
    assert "3 waiting, the first 1 listed" in told
    assert [line.split()[0] for line in out.splitlines()] == ["id", "1"]


@given(st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)), st.integers(-400 * 24 * 60, 400 * 24 * 60))
def test_a_short_time_is_the_time(wall: datetime, minutes: int) -> None:
    at = wall.replace(tzinfo=UTC).astimezone(VILNIUS)
    now = at.astimezone(UTC) - timedelta(minutes=minutes)
    weekday, *date, clock = short_times(now)(at).replace(f" {at:%z}", "").split()
    assert clock.startswith(f"{at:%H:%M}")
    assert weekday == f"{at:%a}"
    today = now.astimezone(VILNIUS).date()
    assert bool(date) == (at.date() not in [today + timedelta(days=days) for days in range(7)])
    if date:
        assert date[:2] == [str(at.day), f"{at:%b}"]
        assert date[2:] == ([] if at.year == today.year else [str(at.year)])


def test_a_repeated_hour_tells_its_offset() -> None:
    now = datetime(2026, 10, 24, 12, tzinfo=UTC)
    first, second = (datetime(2026, 10, 25, 3, 30, tzinfo=VILNIUS, fold=fold) for fold in (0, 1))
    assert [short_times(now)(at) for at in (first, second)] == ["Sun 03:30 +0300", "Sun 03:30 +0200"]
    assert short_times(now)(datetime(2026, 10, 25, 5, 30, tzinfo=VILNIUS)) == "Sun 05:30"


class Screen(StringIO):
    """Standard output that is a terminal of eight lines."""

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return 1


def test_a_list_that_is_watched_fits_the_terminal(run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    header = "id,plan,priority,opened_at\n"
    rows = "".join(f"{number},premium,high,2026-07-14T10:00\n" for number in range(1, 31))
    path.write_text(header + rows, encoding="utf-8")
    slept: list[int] = []

    def sleep(seconds: int) -> None:
        slept.append(seconds)
        path.write_text(header + rows.splitlines()[0], encoding="utf-8")  # all others are solved meanwhile
        if len(slept) == 2:
            raise KeyboardInterrupt

    screen = Screen()
    monkeypatch.setattr("kolmisla.cli.terminal.sleep", sleep)
    monkeypatch.setattr("os.get_terminal_size", lambda _: os.terminal_size((80, 8)))
    monkeypatch.setattr(sys, "stdout", screen)
    status, _, err = run("queue", str(path), "--watch", "7", "--limit", "9")
    first, second = (drawn.splitlines() for drawn in screen.getvalue().split("\x1b[H\x1b[2J")[1:])
    assert (status, slept) == (130, [7, 7])
    assert [line.split()[:2] for line in first[1:]] == [["1", "1"], ["2", "2"], ["3", "3"], ["4", "4"]]
    assert [line.split()[:2] for line in second[1:]] == [["1", "1"]]
    summaries = [line.partition(";")[0] for line in err.splitlines()]
    assert summaries == ["30 waiting, the first 4 listed, 0 rejected", "1 waiting, 0 rejected", "kolmisla: interrupted"]


def test_the_width_is_that_of_the_terminal_and_a_hundred_columns_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr(sys, "stdout", StringIO())
    assert width_of_output() == 100
    monkeypatch.setattr(sys, "stdout", Screen())
    monkeypatch.setattr("os.get_terminal_size", lambda _: os.terminal_size((120, 8)))
    assert width_of_output() == 120
    for columns, width in (("80", 80), ("0", 120), ("-5", 120), ("x", 120), ("9" * 5_000, 120)):
        monkeypatch.setenv("COLUMNS", columns)
        assert width_of_output() == width
