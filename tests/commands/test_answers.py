"""The commands that answer about one ticket or one schedule."""

import io
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import kolmisla
from kolmisla import KOLMISOFT, NEVER, Schedule, Ticket
from kolmisla.cli import main
from kolmisla.cli.options import data_versions
from kolmisla.schedules import reason_closed

PREMIUM = ["--plan", "premium", "--priority", "high"]
FRIDAY = "2026-07-03T16:30:00+03:00"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> "Run":
    return Run(capsys)


def piped(text: str) -> io.TextIOWrapper:
    """A standard input that gives this text."""
    return io.TextIOWrapper(io.BytesIO(text.encode()))


class Run:
    """Run a command; returns its exit status, standard output and standard error."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *argv: str) -> tuple[int, str, str]:
        try:
            status = main(argv)
        except SystemExit as exit:
            status = exit.code if isinstance(exit.code, int) else 1
        captured = self._capsys.readouterr()
        return status, captured.out, captured.err


def test_due_prints_the_due_time_and_nothing_else(run: Run) -> None:
    assert run("due", FRIDAY, *PREMIUM) == (0, "2026-07-07T08:30:00+03:00\n", "")
    assert run("due", FRIDAY, "--plan", "ENTERPRISE", "--priority", "Blocker") == (0, "2026-07-03T18:30:00+03:00\n", "")


@pytest.mark.parametrize(
    ("opened_at", "options", "due"),
    [
        ("2026-07-03T16:30", [], "2026-07-07T08:30:00+03:00"),  # the policy's zone
        ("2026-07-03T09:30", ["--timezone", "America/New_York"], "2026-07-07T08:30:00+03:00"),
        ("2026-07-03 13:30Z", ["--timezone", "America/New_York"], "2026-07-07T08:30:00+03:00"),  # an offset wins
        ("2026-07-03T16:30", ["--closed", "2026-07-07"], "2026-07-08T08:30:00+03:00"),
        ("2026-07-03T16:30", ["--closed", "2026-07-07", "--closed", "2026-07-08"], "2026-07-09T08:30:00+03:00"),
        ("2026-07-03T16:30", ["--version", "X18", "--releases", "X16,X17,X18"], "2026-07-07T08:30:00+03:00"),
        ("2026-07-03T16:30", ["--channel", "Support System"], "2026-07-07T08:30:00+03:00"),
        ("2026-10-25T03:30", ["--ambiguous", "earlier", "--priority", "blocker"], "2026-10-25T04:30:00+02:00"),
        ("2026-10-25T03:30", ["--ambiguous", "later", "--priority", "blocker"], "2026-10-25T05:30:00+02:00"),
        ("2026-03-29T03:30", ["--ambiguous", "earlier", "--priority", "blocker"], "2026-03-29T05:30:00+03:00"),
        ("2026-03-29T03:30", ["--ambiguous", "later", "--priority", "blocker"], "2026-03-29T06:30:00+03:00"),
    ],
)
def test_due_options(run: Run, opened_at: str, options: list[str], due: str) -> None:
    assert run("due", opened_at, *PREMIUM, *options) == (0, f"{due}\n", "")


@pytest.mark.parametrize("option", ["--channel", "--version"])
def test_what_is_blank_is_not_given(run: Run, option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = tmp_path / "desk.json"
    KOLMISOFT.replace(channels=["portal", "phone"]).dump(desk)
    for opened_at in (FRIDAY, "-"):
        monkeypatch.setattr(sys, "stdin", piped(f"{FRIDAY}\n"))
        argv = ["due", opened_at, *PREMIUM, "--policy", str(desk)]
        given = run(*argv)
        for blank in ("", " "):
            monkeypatch.setattr(sys, "stdin", piped(f"{FRIDAY}\n"))
            assert run(*argv, option, blank) == given
        assert given[0] == 0


def test_closing_days_leave_24x7_alone(run: Run) -> None:
    blocker = ["--plan", "premium", "--priority", "blocker", "--closed", "2026-07-03"]
    assert run("due", FRIDAY, *blocker)[1] == "2026-07-03T18:30:00+03:00\n"


def test_due_as_json(run: Run) -> None:
    status, out, _ = run("due", "2026-07-10T09:00", *PREMIUM, "--timezone", "America/New_York", "--json")
    assert status == 0
    assert json.loads(out) == {
        "due_at": "2026-07-10T18:00:00+03:00",
        "breaches_after": "2026-07-13T08:00:00+03:00",
        "target_s": 7200,
        "schedule": "working-hours",
        "plan": "PREMIUM",
        "priority": "HIGH",
        "channel": "support-system",
        "version": None,
        "timezone": "America/New_York",
        "policy": "Kolmisoft",
        "digest": KOLMISOFT.digest[:8],
        **data_versions("Europe/Vilnius"),
    }


def test_due_of_many_in_one_process(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", piped(f"\ufeff{FRIDAY}\n\nyesterday\n2026-07-03T10:00\n"))
    status, out, err = run("due", "-", *PREMIUM)
    assert status == 1
    assert out == "2026-07-07T08:30:00+03:00\n\n\n2026-07-03T12:00:00+03:00\n"  # a line in, a line out
    assert err.startswith("kolmisla: line 3: ")
    monkeypatch.setattr(sys, "stdin", piped(f"{FRIDAY}\n2101-06-01T10:00\n"))
    status, out, _ = run("due", "-", *PREMIUM, "--json")
    assert status == 1
    due, beyond = map(json.loads, out.splitlines())
    assert due["due_at"] == "2026-07-07T08:30:00+03:00"
    assert "2011 to 2100" in beyond["error"]
    monkeypatch.setattr(sys, "stdin", piped(f"{FRIDAY}\n"))
    assert run("due", "-", *PREMIUM, "--channel", "phone")[0] == 3
    assert run("due", "-", "--plan", "gold", "--priority", "high")[0] == 2  # the option is wrong, not the line


@pytest.mark.parametrize(
    ("argv", "status", "message"),
    [
        (["due", FRIDAY, "--plan", "gold", "--priority", "high"], 2, "plan 'gold' is not one of ENTERPRISE, PREMIUM"),
        (["due", FRIDAY, "--plan", "premium", "--priority", "p1"], 2, "is not one of BLOCKER, HIGH, MEDIUM, LOW"),
        (["due", FRIDAY, *PREMIUM, "--channel", "phone"], 3, "not covered: nothing is promised for channel 'phone'"),
        (["due", FRIDAY, "--plan", "", "--priority", "high"], 3, "not covered: no support plan"),
        (["due", FRIDAY, *PREMIUM, "--version", "1", "--releases", "1,2,3"], 3, "only 2 and 3"),
        (["due", FRIDAY, *PREMIUM, "--version", "1"], 2, "the policy has no releases"),
        (["due", FRIDAY, *PREMIUM, "--version", "9", "--releases", "1,2"], 2, "not one of the releases 1, 2"),
        (["due", FRIDAY, "--plan", "premium"], 2, "required: --priority"),
        (["due", "yesterday", *PREMIUM], 2, "'yesterday' is not a time in ISO 8601"),
        (["due", "2026-07-03", *PREMIUM], 2, "a date without a time of day"),
        (["due", "2026-03-29T03:30", *PREMIUM], 2, "Europe/Vilnius skips: choose 2026-03-29T02:30:00+02:00 (ear"),
        (["due", "2026-10-25T03:30", *PREMIUM], 2, "Europe/Vilnius repeats: choose 2026-10-25T03:30:00+03:00 (ea"),
        (["due", "0001-01-01T00:00", *PREMIUM], 2, "is outside what the schedule knows"),
        (["due", "9999-12-31T23:59", *PREMIUM], 2, "is outside what the schedule knows"),
        (["due", "2100-12-31T17:00", *PREMIUM], 5, "no due time is known: holidays of LT are known for 2011 to 2100"),
        (["due", "2026-07-03x16:30", *PREMIUM], 2, "is not a time in ISO 8601"),
        (["due", "2026-07-03T16:30+03:00:99", *PREMIUM], 2, "is not a time in ISO 8601"),
        (["due", "x" * 10_000, *PREMIUM], 2, "... (10,000 characters) is not a time in ISO 8601"),
        (
            ["due", FRIDAY, "--plan", "gold", "--priority", "p1"],
            2,
            "plan 'gold' is not one of ENTERPRISE, PREMIUM; priority",
        ),
        (["due", "0001-01-01T00:00+14:00", *PREMIUM], 2, "a time before year 1 is outside"),
        (["due", "9999-12-31T23:00-14:00", *PREMIUM], 2, "a time after year 9999 is outside"),
        (["due", FRIDAY, *PREMIUM, "--timezone", "Vilnius"], 2, "'Vilnius' is not a known IANA time zone"),
        (["due", FRIDAY, *PREMIUM, "--closed", "31.12.2026"], 2, "'31.12.2026' is not a date such as 2026-12-31"),
        (["due", FRIDAY, *PREMIUM, "--closed", "9999-12-31"], 2, "must be from 1900 to 2200"),
        (["status", FRIDAY, *PREMIUM, "--at", "2026-07-01T00:00"], 2, "before the ticket was opened"),
        (["status", FRIDAY, *PREMIUM, "--answered-at", "2026-07-01T00:00"], 2, "is before opened_at"),
        (["elapsed", FRIDAY, "later"], 2, "'later' is not a time in ISO 8601"),
        (["elapsed", FRIDAY, FRIDAY, "--schedule", "nights"], 2, "is not one of the schedules: working-hours, always"),
        (["open", "2101-06-01T00:00"], 2, "2011 to 2100"),
        (["solve"], 2, "there is no command 'solve'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_is_one_line_and_a_status(run: Run, argv: list[str], status: int, message: str) -> None:
    found, out, err = run(*argv)
    assert (found, out) == (status, "")
    assert message in err
    assert "Traceback" not in err
    assert err.splitlines()[-1].startswith("kolmisla")


def test_status(run: Run) -> None:
    status, out, _ = run("status", FRIDAY, *PREMIUM, "--at", "2026-07-07T08:10")
    assert status == 0
    assert [line.split() for line in out.splitlines()] == [
        ["state", "running"],
        ["elapsed", "1:40:00"],
        ["remaining", "0:20:00"],
        ["due_at", "2026-07-07T08:30:00+03:00"],
        ["breaches_after", "2026-07-07T08:30:00+03:00"],
        ["timezone", "Europe/Vilnius"],
        ["policy", "Kolmisoft", KOLMISOFT.digest[:8]],
    ]
    over = run("status", FRIDAY, *PREMIUM, "--at", "2026-07-09T12:00:00.5", "--json")[1]
    assert {key: json.loads(over)[key] for key in ("state", "elapsed_s", "remaining_s")} == {
        "state": "breached",
        "elapsed_s": 91_800.5,
        "remaining_s": -84_600.5,
    }
    late = run("status", FRIDAY, *PREMIUM, "--answered-at", "2026-07-07T08:30:00.000001", "--at", "2026-07-09T12:00")[1]
    assert "breached" in late
    assert "2:00:00.000001" in late
    assert "-0:00:00.000001" in late
    assert "met" in run("status", FRIDAY, *PREMIUM, "--answered-at", "2026-07-07T08:30", "--at", "2026-07-09T12:00")[1]


def test_status_without_a_due_time_says_so(run: Run) -> None:
    out = run("status", "2100-12-31T17:00", *PREMIUM, "--at", "2100-12-31T17:30")[1]
    assert out.count("not known") == 2


def test_now_is_the_current_time(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    class Frozen(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]  # noqa: ARG003
            return datetime(2026, 7, 6, 9, tzinfo=UTC)

    monkeypatch.setattr("kolmisla.cli.options.datetime", Frozen)
    assert run("open") == (4, "closed: working-hours, Statehood Day, opens 2026-07-07T08:00:00+03:00\n", "")
    assert "1:30:00" in run("status", FRIDAY, *PREMIUM)[1]


def test_elapsed(run: Run) -> None:
    assert run("elapsed", FRIDAY, "2026-07-07T10:00") == (0, "3:30:00\n", "counted on working-hours\n")
    assert run("elapsed", FRIDAY, "2026-07-17T16:30")[1] == "90:00:00\n"  # nine working days, not wrapped into days
    assert run("elapsed", "2026-07-07T10:00", FRIDAY)[1] == "-3:30:00\n"
    assert run("elapsed", FRIDAY, "2026-07-04T16:30", "--schedule", "always")[1] == "24:00:00\n"
    assert json.loads(run("elapsed", FRIDAY, "2026-07-07T10:00", "--json")[1]) == {
        "elapsed_s": 12600,
        "schedule": "working-hours",
        "timezone": "Europe/Vilnius",
        "policy": "Kolmisoft",
        "digest": KOLMISOFT.digest[:8],
        **data_versions("Europe/Vilnius"),
    }


@pytest.mark.parametrize(
    ("argv", "status", "line"),
    [
        (["2026-07-03T12:00"], 0, "open: working-hours, closes 2026-07-03T18:00:00+03:00"),
        (["2026-07-03T18:00"], 4, "closed: working-hours, outside the day's hours, opens 2026-07-07T08:00:00+03:00"),
        (["2026-07-04T12:00"], 4, "closed: working-hours, weekend, opens 2026-07-07T08:00:00+03:00"),
        (["2026-07-06T12:00"], 4, "closed: working-hours, Statehood Day, opens 2026-07-07T08:00:00+03:00"),
        (
            ["2026-07-08T12:00", "--closed", "2026-07-08"],
            4,
            "closed: working-hours, no hours on Wednesday 2026-07-08, opens 2026-07-09T08:00:00+03:00",
        ),
        (["2026-07-04T12:00", "--schedule", "always"], 0, "open: always, no closing known"),
        (["2100-12-31T19:00"], 4, "closed: working-hours, outside the day's hours, no opening known"),
    ],
)
def test_open_says_why_and_until_when(run: Run, argv: list[str], status: int, line: str) -> None:
    assert run("open", *argv) == (status, f"{line}\n", "")
    assert run("open", *argv, "-q") == (status, "", "")


def test_a_closed_date_has_no_night_but_ends_that_of_the_day_before(run: Run, tmp_path: Path) -> None:
    nights = {"timezone": "UTC", "hours": {"mon-sun": ["22:00-06:00"]}}
    desk: dict[str, Any] = {"name": "Desk", "timezone": "UTC", "priorities": {"P1": {"rank": 1, "schedule": "night"}}}
    desk["plans"] = {"GOLD": {"rank": 1, "targets": {"first-response": {"within": "PT1H"}}}}
    asked = ["--policy", str(tmp_path / "desk.json")]
    for exceptions, closed in (({}, ["--closed", "2026-07-07"]), ({"2026-07-07": []}, [])):
        schedules = {"night": {**nights, "exceptions": exceptions}}
        (tmp_path / "desk.json").write_text(json.dumps({**desk, "schedules": schedules}), encoding="utf-8")
        for opened, due in (("2026-07-06T23:30", "2026-07-07T00:30"), ("2026-07-07T23:00", "2026-07-08T23:00")):
            assert run("due", opened, *asked, *closed) == (0, f"{due}:00+00:00\n", "")
        assert run("open", "2026-07-07T03:00", *asked, *closed)[1] == "open: night, closes 2026-07-07T06:00:00+00:00\n"


@pytest.mark.parametrize(
    ("later", "at", "told"),
    [
        ("2028-01-01", "2026-12-31T20:00", "no opening known"),  # 2027 is in no edition's list of holidays
        ("2027-01-01", "2026-12-31T20:00", "opens 2027-01-01T08:00:00+00:00"),
        ("2028-01-01", "2026-12-30T20:00", "opens 2026-12-31T08:00:00+00:00"),
    ],
)
def test_an_opening_beyond_unknown_years_is_not_the_next(
    run: Run, tmp_path: Path, later: str, at: str, told: str
) -> None:
    frozen = {"frozen": "XX", "years": "2026-2026", "dates": {"2026-01-01": "New Year"}}
    desk: dict[str, Any] = {"name": "Desk", "timezone": "UTC", "priorities": {"P1": {"rank": 1, "schedule": "day"}}}
    desk["schedules"] = {"day": {"hours": {"mon-fri": ["08:00-17:00"]}, "holidays": frozen}}
    desk["plans"] = {"GOLD": {"rank": 1, "targets": {"first-response": {"within": "PT1H"}}}}
    desk["editions"] = [{"effective_from": later, "schedules": {"day": {"holidays": False}}}]
    (tmp_path / "desk.json").write_text(json.dumps(desk), encoding="utf-8")
    status, out, _ = run("open", at, "--policy", str(tmp_path / "desk.json"))
    assert (status, out) == (4, f"closed: day, outside the day's hours, {told}\n")
    within = ["--within", "PT1H", "--json", "--policy", str(tmp_path / "desk.json")]
    answer = json.loads(run("due", "2026-12-01T16:00", *within)[1])
    assert answer["breaches_after"] == "2026-12-02T08:00:00+00:00"


RENAMED = """
name = "Desk"
timezone = "UTC"
[[editions]]
effective_from = 2026-01-01
schedules.office.hours.mon-fri = ["08:00-17:00"]
priorities.P2 = { rank = 2, schedule = "office" }
plans.GOLD = { rank = 1, targets.first-response.within = "PT4H" }
[[editions]]
effective_from = 2026-07-01
schedules.desk.hours.mon-fri = ["09:00-18:00"]
priorities.P3 = { rank = 2, schedule = "desk" }
plans.GOLD = { rank = 1, targets.first-response.within = "PT4H" }
"""


@pytest.mark.parametrize(
    ("argv", "status", "told"),
    [
        (["open", "2026-03-02T09:00"], 0, "open: office, closes 2026-03-02T17:00:00+00:00"),
        (["open", "2026-03-02"], 0, "open: office, Monday 2026-03-02 08:00-17:00"),
        (["open", "2026-06-30T20:00"], 4, "closed: office, outside the day's hours, opens 2026-07-01T09:00:00+00:00"),
        (["open", "2026-06-30T20:00", "--schedule", "office"], 4, "no opening known"),
        (["open", "2026-03-02T09:00", "--priority", "p2"], 0, "open: office, closes"),
        (["elapsed", "2026-03-02T09:00", "2026-03-02T12:00"], 0, "3:00:00\ncounted on office\n"),
        (["elapsed", "2026-06-30T16:00", "2026-07-01T10:00"], 0, "2:00:00\ncounted on office and desk\n"),
        (["elapsed", "2026-06-30T16:00", "2026-07-01T10:00", "--priority", "P2"], 2, "priority 'P2' is not one of P3"),
        (["elapsed", "2026-06-30T16:00", "2026-07-01T00:00", "--priority", "P2"], 0, "1:00:00\ncounted on office\n"),
        (["due", "2026-06-30T16:00", "--within", "PT1H"], 0, "2026-06-30T17:00:00+00:00\ncounted on office\n"),
        (["due", "2026-06-30T16:00", "--within", "PT2H"], 0, "2026-07-01T10:00:00+00:00\ncounted on office and desk\n"),
        (["due", "2026-06-30T16:00", "--within", "PT2H", "--schedule", "office"], 2, "'office' is not one of the sch"),
        (
            ["due", "2026-06-30T16:00", "--within", "PT1H", "--schedule", "office", "--json"],
            0,
            '"breaches_after": null',
        ),
        (["calendar", "2026-03"], 0, "Mon-Fri 08:00-17:00"),
        (["calendar", "2026-07", "--schedule", "desk"], 0, "Mon-Fri 09:00-18:00"),
        (["calendar", "2026", "--schedule", "office"], 2, "'office' is not one of the schedules: desk"),
        (["calendar", "2026-07", "--schedule", "office"], 2, "'office' is not one of the schedules: desk"),
    ],
)
def test_each_edition_answers_for_its_own_time(
    run: Run, tmp_path: Path, argv: list[str], status: int, told: str
) -> None:
    """From July on, the schedule has another name, and so has the priority."""
    (tmp_path / "desk.toml").write_text(RENAMED, encoding="utf-8")
    ended, out, err = run(*argv, "--policy", str(tmp_path / "desk.toml"))
    assert (ended, told in out + err) == (status, True), out + err


def test_a_night_that_ends_on_a_holiday_does_not_make_it_a_working_day() -> None:
    nights = Schedule(timezone="Europe/Vilnius", hours={"mon-fri": ["22:00-06:00"]}, holidays="LT")
    noon = datetime.fromisoformat("2026-06-24T12:00+03:00")  # Saint John's, after Tuesday's night
    assert reason_closed(nights, noon) == "Day of Dew and Saint John"
    assert reason_closed(nights, noon.replace(day=23)) == "outside the day's hours"
    assert reason_closed(NEVER, noon) == "no hours on Wednesday 2026-06-24"
    first = datetime.fromisoformat("2011-01-01T12:00+02:00")
    assert reason_closed(KOLMISOFT.schedules["working-hours"], first) == "New Year's Day"


def test_version_and_help(run: Run) -> None:
    assert run("--version") == (0, f"kolmisla {kolmisla.__version__}\n", "")
    for command in ((), ("due",), ("status",), ("elapsed",), ("open",), ("measure",)):
        status, out, _ = run(*command, "--help")
        assert status == 0
        assert "usage: kolmisla" in out


def shell(*argv: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "kolmisla", *argv], capture_output=True, text=True, **options)  # type: ignore[call-overload,no-any-return]


def test_as_a_module() -> None:
    done = shell("due", FRIDAY, *PREMIUM)
    assert (done.returncode, done.stdout, done.stderr) == (0, "2026-07-07T08:30:00+03:00\n", "")
    assert shell("open", "2026-07-06T12:00", "-q").returncode == 4


@pytest.mark.parametrize(
    ("closing", "status", "said"),
    [("<&-", 2, "kolmisla: standard input is closed\n"), (">&-", 0, ""), ("2>&-", 0, ""), (">&- 2>&-", 0, "")],
)
def test_closed_streams(closing: str, status: int, said: str) -> None:
    opened_at = "-" if "<" in closing else FRIDAY
    command = f"{sys.executable} -m kolmisla due {opened_at} {' '.join(PREMIUM)} {closing}"
    done = subprocess.run(command, shell=True, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (status, said)


def test_a_full_standard_error_leaves_the_exit_status() -> None:
    command = f"{sys.executable} -m kolmisla due yesterday {' '.join(PREMIUM)} 2>/dev/full"
    assert subprocess.run(command, shell=True, check=False).returncode == 2


def test_a_reader_that_has_had_enough() -> None:
    """Standard output closed early, as by `| head -1`, ends the command without a word, as SIGPIPE would."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "kolmisla", "due", "-", *PREMIUM],
        input=f"{FRIDAY}\n" * 10,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.skipif(os.name != "posix", reason="pipes as files are of POSIX")
def test_a_reader_of_anything_else_that_has_had_enough(tmp_path: Path) -> None:
    """Rejects that nobody reads are a fault of their file; messages that nobody reads leave the exit status."""
    tickets = tmp_path / "t.csv"
    more_than_a_pipe_holds = f"gold,low,{FRIDAY}\n" * 5_000
    tickets.write_text(f"plan,priority,opened_at\npremium,high,{FRIDAY}\n{more_than_a_pipe_holds}", encoding="utf-8")
    command = [sys.executable, "-m", "kolmisla", "measure", str(tickets), "--at", "2026-07-14T11:00"]
    pipe, out = tmp_path / "pipe", tmp_path / "out.csv"
    os.mkfifo(pipe)
    running = subprocess.Popen([*command, "-o", str(out), "--rejects", str(pipe)], stderr=subprocess.PIPE, text=True)
    os.close(os.open(pipe, os.O_RDONLY))  # waits for the writer
    assert (running.communicate()[1], running.returncode) == (f"kolmisla: {pipe}: Broken pipe\n", 2)
    assert not out.exists()

    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=writing, text=True, check=False)
    os.close(writing)
    assert (done.returncode, len(done.stdout.splitlines())) == (1, 2)


def test_it_leaves_nothing_for_the_interpreter_to_flush(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def gone(*_: object) -> None:
        raise BrokenPipeError

    moved: list[int] = []
    monkeypatch.setattr("kolmisla.cli.questions._print_due", gone)
    monkeypatch.setattr("kolmisla.cli.os.dup2", lambda _, target: moved.append(target))
    assert main(["due", FRIDAY, *PREMIUM]) == 141
    assert moved == [sys.stdout.fileno()]
    assert capfd.readouterr().out == ""


def test_an_interruption_is_not_a_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupting(io.BytesIO):
        def read1(self, size: int | None = -1, /) -> bytes:  # noqa: ARG002
            raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Interrupting()))
    assert run("due", "-", *PREMIUM) == (130, "", "kolmisla: interrupted\n")


SPLIT = """\
name = "Split"
timezone = "Europe/Vilnius"
[schedules.round]
timezone = "Europe/Vilnius"
hours = { mon-sun = ["00:00-24:00"] }
[schedules.day]
timezone = "Europe/Vilnius"
hours = { mon-fri = ["08:00-18:00"] }
[schedules.late]
timezone = "Europe/Vilnius"
hours = { mon-fri = ["12:00-22:00"] }
[schedules.shut]
open = "never"
[priorities]
P1 = { rank = 1, schedule = "round" }
P2 = { rank = 2, schedule = "day" }
[plans.GOLD]
rank = 1
targets = { first-response = { P2 = { within = "PT1H", schedule = "late" } } }
[plans.SILVER]
rank = 2
targets = { first-response = { within = "PT4H" } }
"""


@pytest.fixture
def split(tmp_path: Path) -> str:
    path = tmp_path / "split.toml"
    path.write_text(SPLIT, encoding="utf-8")
    return str(path)


def test_the_schedule_is_asked_for_where_there_are_several(run: Run, split: str) -> None:
    policy = ["--policy", split]
    for command in (["open", "2026-07-07T11:00"], ["elapsed", "2026-07-07T11:00", "2026-07-07T13:00"]):
        status, out, err = run(*command, *policy)
        assert (status, out) == (2, "")
        assert "policy Split has the schedules round, day, late, shut; choose one with --schedule" in err
        assert run(*command, *policy, "--schedule", "day", "--priority", "P1")[0] == 2
        assert "--plan needs --priority" in run(*command, *policy, "--plan", "gold")[2]
        assert "(late for GOLD and day for SILVER); add --plan" in run(*command, *policy, "--priority", "p2")[2]
        assert "'p9' is not one of P1, P2" in run(*command, *policy, "--priority", "p9")[2]
    took = ["elapsed", "2026-07-07T11:00", "2026-07-07T13:00", *policy, "--priority"]
    assert run(*took, "p2", "--plan", "gold") == (0, "1:00:00\n", "counted on late\n")
    assert run(*took, "p2", "--plan", "silver") == (0, "2:00:00\n", "counted on day\n")
    assert run(*took, "p1") == (0, "2:00:00\n", "counted on round\n")
    opens = run("open", "2026-07-07T11:00", *policy, "--priority", "p2", "--plan", "gold")
    assert opens == (4, "closed: late, outside the day's hours, opens 2026-07-07T12:00:00+03:00\n", "")


def test_schedules_that_are_always_or_never_open_do_not_count(run: Run, split: str) -> None:
    one = SPLIT.replace("[schedules.late]", "[schedules.day2]").replace("late", "day")
    lines = one.splitlines()
    start = lines.index("[schedules.day2]")
    Path(split).write_text("\n".join(lines[:start] + lines[start + 3 :]), encoding="utf-8")
    assert run("open", "2026-07-07T11:00", "--policy", split)[1].startswith("open: day, closes 2026-07-07T18:00")
    only = 'name = "Only"\ntimezone = "UTC"\nplans = {}\n[priorities]\nP = {rank = 1, schedule = "x"}\n'
    only += '[schedules.x]\nopen = "always"\n'
    Path(split).write_text(only, encoding="utf-8")
    assert run("open", "2026-07-07T11:00", "--policy", split)[:2] == (0, "open: x, no closing known\n")
    assert "has no plans; choose a schedule" in run("open", "--policy", split, "--priority", "p")[2]
    Path(split).write_text(f'{only}[schedules.y]\nopen = "never"\n', encoding="utf-8")
    assert "has the schedules x, y; choose one" in run("open", "2026-07-07T11:00", "--policy", split)[2]


def test_the_policy_of_the_environment(run: Run, split: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    due = ["due", "2026-07-07T09:00", "--plan", "silver", "--priority", "p2"]
    answer = (0, "2026-07-07T13:00:00+03:00\n", "")
    assert run(*due, "--policy", split) == run("--policy", split, *due) == run(f"--policy={split}", *due) == answer
    monkeypatch.setenv("KOLMISLA_POLICY", split)
    assert run(*due) == answer
    assert json.loads(run(*due, "--json")[1])["policy"] == "Split"
    assert run("policy", "show")[1].startswith("Split, times of Europe/Vilnius")
    assert run("policy", "check")[1].startswith(f"{split}: no faults, digest ")
    other = tmp_path / "other.toml"
    other.write_text(SPLIT.replace("PT4H", "PT1H"), encoding="utf-8")
    for argv in ((*due, "--policy", str(other)), ("--policy", str(other), *due)):
        assert run(*argv)[1] == "2026-07-07T10:00:00+03:00\n"
    assert kolmisla.deadline(Ticket(opened_at=FRIDAY, plan="premium", priority="high")).policy is KOLMISOFT
    monkeypatch.setenv("KOLMISLA_POLICY", "")
    assert run("due", FRIDAY, *PREMIUM)[1] == "2026-07-07T08:30:00+03:00\n"
    missing = str(tmp_path / "missing.toml")
    monkeypatch.setenv("KOLMISLA_POLICY", missing)
    for argv in ((*due,), ("policy", "show"), ("policy", "check"), ("open",)):
        assert run(*argv) == (2, "", f"kolmisla: KOLMISLA_POLICY={missing}: No such file or directory\n")
    broken = tmp_path / "broken.toml"
    broken.write_text(SPLIT.replace("PT4H", "4 h"), encoding="utf-8")
    monkeypatch.setenv("KOLMISLA_POLICY", str(broken))
    status, out, err = run(*due)
    assert (status, out) == (2, "")
    assert err.startswith(f"kolmisla: KOLMISLA_POLICY={broken}: policy with 1 fault: plans.SILVER")
    assert run("policy", "check")[:2] == (2, run("policy", "check", str(broken))[1])
    assert "give the policy once" in run("--policy", split, "policy", "show", split)[2]


def test_the_policy_before_the_command_loads_the_right_parser(
    run: Run, split: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(split).parent)
    Path("due").write_text("", encoding="utf-8")
    status, _, err = run("--policy", "due", "open", "2026-07-07T11:00")  # a file that is named as a command
    assert (status, err) == (
        2,
        "kolmisla: due: a document must be TOML (.toml) or JSON (.json), not a file without an ending\n",
    )
    assert "expected one argument" in run("--policy")[2]
    assert "there is no option --pol; did you mean --policy?" in run("due", FRIDAY, *PREMIUM, "--pol", split)[2]


def test_the_kind_of_an_event_is_compared_as_names_are(run: Run) -> None:
    plain, *others = (
        run("due", FRIDAY, *PREMIUM, "--event", f"2026-07-04T10:00 {kind} blocker")
        for kind in ("priority", "Priority", "PRIORITY", "priorit\u0131")
    )
    assert others[:2] == [plain] * 2
    assert plain[0] == 0
    assert others[2][0] == 2  # a dotless i is another letter


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("timezone", "'--' is not a known IANA time zone"),
        ("closed", "'--' is not a date"),
        ("ambiguous", "invalid choice: '--'; choose from earlier, later"),
        ("policy", "a document must be TOML (.toml) or JSON (.json)"),
    ],
)
def test_a_value_of_two_hyphens_is_a_value(run: Run, option: str, told: str) -> None:
    status, out, err = run("due", "2026-07-03T16:30", "--plan", "premium", "--priority", "high", f"--{option}=--")
    assert (status, out, told in err) == (2, "", True), err
