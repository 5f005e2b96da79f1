"""A failing command prints one clean line of limited length, and its exit status never means success."""

import hashlib
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, time
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from kolmisla import KOLMISOFT, Metric, Policy, Schedule, Ticket, deadline
from kolmisla.cli import main
from kolmisla.cli.parsing.parser import Parser, _width
from kolmisla.cli.terminal import ForPeople
from kolmisla.documents.toml_json import read_document
from kolmisla.errors import LONGEST_NAME, MOST_LISTED, Fault, KolmislaError, PolicyError, choices, clean, named, shown
from kolmisla.files.outputs.drafts import drafts
from kolmisla.files.outputs.streams import is_terminal
from kolmisla.files.tables import CsvTable
from tests.in_process import ended

EVIL = "a\x1b[2J\x07\n\r\u202eb\u2028\u0085\u200f\ud7ff"
PLAIN = Ticket(plan="premium", priority="high", opened_at="2026-07-03T16:30Z")
OFFICE = KOLMISOFT.schedules["working-hours"]
MANY: dict[str, list[str]] = {f"2026-07-{day:02}": [] for day in range(1, 32)}
STEERING = {each for each in map(chr, range(0x2070)) if not each.isprintable() and each != "\n"}

POLICY_TOML = """name = 'x'
timezone = 'UTC'
[schedules.day]
hours = {mon = ['08:00-18:00']}
holidays = 'LT'
[priorities.high]
rank = 1
schedule = 'day'
[plans.gold]
rank = 1
targets = {first-response = {within = 'PT1H'}}
"""
DESK: dict[str, Any] = {
    "name": f"Desk {EVIL}",
    "source": EVIL,
    "timezone": "Europe/Vilnius",
    "schedules": {
        f"hours {EVIL}": {
            "timezone": "Europe/Vilnius",
            "hours": {"mon-fri": ["08:00-18:00"]},
            "holidays": {"2026-07-06": f"holiday {EVIL}"},
        }
    },
    "priorities": {f"P {EVIL}": {"rank": 1, "meaning": EVIL, "schedule": f"hours {EVIL}"}},
    "plans": {f"GOLD {EVIL}": {"rank": 1, "label": EVIL, "targets": {"first-response": {"within": "PT2H"}}}},
    "channels": {f"web {EVIL}": {}},
    "currency": "EUR",
    "rates": {f"rate {EVIL}": {"price": "10", "unit": EVIL, "line": f"- {EVIL}"}},
    "coverage": {f"task {EVIL}": {"verdict": "extra", "rate": f"rate {EVIL}", "line": f"- line {EVIL}"}},
}
TICKET = ["2026-07-03T16:30", "--plan", f"GOLD {EVIL}", "--priority", f"P {EVIL}"]


def kolmisla(
    *argv: str, env: dict[str, str] | None = None, code: str | None = None
) -> subprocess.CompletedProcess[str]:
    start = ["-m", "kolmisla"] if code is None else ["-c", f"{code}\nfrom kolmisla.__main__ import run\nrun()"]
    given = {**os.environ, "PYTHONIOENCODING": "utf-8:surrogatepass", **(env or {})}
    return subprocess.run([sys.executable, *start, *argv], capture_output=True, encoding="utf-8", env=given)


@pytest.fixture
def desk(tmp_path: Path) -> str:
    path = tmp_path / "desk.json"
    path.write_text(json.dumps(DESK))
    return str(path)


@pytest.mark.parametrize(
    "command",
    [
        ["policy", "show", "POLICY"],
        ["policy", "check", "POLICY"],
        [
            "due",
            *TICKET,
            "--explain",
            "--event",
            f"2026-07-03T17:00 paused {EVIL}",
            "--event",
            "2026-07-03T17:10 resumed",
        ],
        ["due", *TICKET, "--channel", EVIL],
        ["due", *TICKET, "--version", EVIL],
        ["due", "2026-07-03T16:30", "--plan", EVIL, "--priority", EVIL],
        ["due", EVIL, "--plan", "x", "--priority", "y"],
        ["due", *TICKET, "--event", EVIL],
        ["due", *TICKET, EVIL],
        ["due", *TICKET, "--timezone", EVIL],
        ["status", *TICKET, "--explain", "--at", "2026-07-07T08:10", "--metric", "resolution"],
        ["open", "2026-07-06T12:00"],
        ["open", "2026-07-06T12:00", "--schedule", EVIL],
        ["covers", f"task {EVIL}", "--plan", f"GOLD {EVIL}"],
        ["covers", f"tusk {EVIL}", "--plan", f"GOLD {EVIL}"],
        ["quote", "--task", f"rate {EVIL}"],
        ["quote", "--task", f"rote {EVIL}"],
        ["quote", "--work", EVIL],
        ["queue", "TICKETS", "--at", "2026-07-07T08:10"],
        ["measure", "TICKETS", "-o", "OUT", "--at", "2026-07-07T08:10"],
        ["measure", "TICKETS", "-o", "OUT", "--events", "EVENTS", "--at", "2026-07-07T08:10"],
        ["measure", "TICKETS", "-o", "OUT", "--map", f"id={EVIL}", "--events", "EVENTS"],
    ],
    ids=lambda command: " ".join(command[:2]).partition("\n")[0][:20],
)
def test_nothing_that_is_read_steers_a_terminal(command: list[str], desk: str, tmp_path: Path) -> None:
    files = {
        "POLICY": desk,
        "TICKETS": str(tmp_path / "t.csv"),
        "EVENTS": str(tmp_path / "e.csv"),
        "OUT": str(tmp_path / "o.csv"),
    }
    quoted = f'"GOLD {EVIL}","P {EVIL}"'
    rows = [
        f'1,{quoted},2026-07-03T16:30,"{EVIL}"',
        f'"{EVIL}","{EVIL}","{EVIL}","{EVIL}",',
        f"2,,{quoted[8:]},2026-07-03,",
    ]
    Path(files["TICKETS"]).write_text(
        f'id,plan,priority,opened_at,"{EVIL}"\n' + "\n".join(rows), newline="", encoding="utf-8", errors="surrogatepass"
    )
    Path(files["EVENTS"]).write_text(
        f'id,at,kind,value\n"{EVIL}",2026-07-03T17:00,paused,x\n1,2026-07-03T17:00,"{EVIL}",\n', newline=""
    )
    argv = [files.get(each, each) for each in command]
    rules = [] if command[0] == "policy" else ["--policy", desk]
    done = ended(*argv, *rules)
    for text in (done.stdout, done.stderr):
        assert not [each for each in text if each in STEERING]
        assert "Traceback" not in text
    assert done.returncode in range(5)
    assert done.stdout or done.stderr


def test_names_and_values_are_cut_and_clean() -> None:
    assert clean("a\n\x1b\u202eb ą") == "a\\n\\x1b\\u202eb ą"
    assert len(named("x" * 10_000)) == LONGEST_NAME + 3
    assert len(shown("x" * 10_000)) < LONGEST_NAME + 30
    assert [shown(each) for each in (date(2026, 12, 31), time(8), datetime(2026, 7, 3, tzinfo=UTC))] == [
        "2026-12-31",
        "08:00:00",
        "2026-07-03T00:00:00+00:00",
    ]
    assert len(shown({"x" * 100: [1] * 10_000})) < LONGEST_NAME + 30
    assert shown(b"x" * 100).endswith("(100 bytes)")
    assert shown(10**10_000) == "a number of very many digits"
    assert choices(map(str, range(100))).count(",") == MOST_LISTED - 1
    assert choices(["y" * 100] * 100).count("y") == MOST_LISTED * LONGEST_NAME
    assert choices([]) == "there are none"
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert shown(deep) == "a list that is nested too deeply to show"
    while deep:  # or Python itself would take it apart from the outside in
        deep = deep.pop()
    faults = [Fault(("z" * 100, number), "is wrong") for number in range(100)]
    error = PolicyError.listing(faults)
    assert len(error.faults) == 100
    assert str(error).count("z" * LONGEST_NAME) == MOST_LISTED
    assert str(error).endswith("; and 60 more")


def test_valid_names_are_listed_once(tmp_path: Path) -> None:
    """Else fifty faults would list forty names each."""
    hours = {f"hours {n} {'x' * 40}": {"open": "always"} for n in range(50)}
    several = {f"part {n}": {"union": [f"none {n}", "always"]} for n in range(50)}
    priorities = {f"P{n}": {"rank": 1, "schedule": f"night {n}"} for n in range(50)}
    tasks = {f"task {n}": {"verdict": "extra"} for n in range(50)}
    rates = {f"rate {n} {'x' * 40}": {"price": "10", "unit": "hour"} for n in range(50)}
    for schedules in (hours, {**hours, **several}):
        given = {**DESK, "schedules": schedules, "priorities": priorities, "coverage": tasks, "rates": rates}
        with pytest.raises(PolicyError, match="night 0|none 0") as refusal:
            Policy.from_dict(given)
        assert len(str(refusal.value)) < 3 * MOST_LISTED * (LONGEST_NAME + 60)
        assert str(refusal.value).count("hours 7 ") == 1
        assert all("hours 7 " in str(fault) for fault in refusal.value.faults if "schedules: " in str(fault))
        desk = tmp_path / "desk.json"
        desk.write_text(json.dumps(given))
        checked = ended("policy", "check", str(desk))
        assert len(refusal.value.faults) == len(checked.stdout.splitlines()) > 99
        assert checked.stdout.count("hours 7 ") == checked.stdout.count("rate 7 ") == 1


@pytest.mark.parametrize(
    "refused",
    [
        lambda: Metric.from_dict({"pauses": "x" * 5_000}),
        lambda: Ticket(plan="premium", priority="high", opened_at=f"2026-07-03T16:30:00.{'1' * 5_000}+24:00"),
        lambda: deadline(PLAIN, policy=f"resolution{' ' * 5_000}"),  # type: ignore[arg-type]
        lambda: (OFFICE | Schedule("UTC", {"sat": ["08:00-12:00"]}, exceptions=MANY)).replace(timezone="UTC"),
    ],
)
def test_a_long_value_is_cut_wherever_a_message_shows_it(refused: Callable[[], object]) -> None:
    with pytest.raises((KolmislaError, TypeError, ValueError)) as refusal:
        refused()
    assert len(str(refusal.value)) < 300


def test_no_message_prints_a_files_content(tmp_path: Path) -> None:
    wide = tmp_path / "t.csv"
    wide.write_text(",".join(f"column number {n} {'x' * 90}" for n in range(3_000)) + "\n1\n")
    many = {f"priority {n} {'x' * 90}": {"rank": "first", "schedule": f"s{n}"} for n in range(900)}
    policy = tmp_path / "p.json"
    policy.write_text(json.dumps({**DESK, "priorities": many}))
    long_names = tmp_path / "q.json"
    good = {f"priority {n} {'x' * 90}": {"rank": 1, "schedule": f"hours {EVIL}"} for n in range(900)}
    long_names.write_text(json.dumps({**DESK, "priorities": good}))
    for argv in (
        ["measure", str(wide), "-o", str(tmp_path / "o.csv")],
        ["queue", str(wide)],
        ["due", "2026-07-03T16:30", "--plan", "gold", "--priority", "P1", "--policy", str(policy)],
        ["due", "2026-07-03T16:30", "--plan", f"GOLD {EVIL}", "--priority", "P1", "--policy", str(long_names)],
    ):
        done = ended(*argv)
        assert done.returncode == 2
        assert len(done.stderr) < 2 * MOST_LISTED * (LONGEST_NAME + 60)
        assert "x" * (LONGEST_NAME + 1) not in done.stderr


def test_what_the_encoding_lacks_is_escaped(tmp_path: Path) -> None:
    policy = {**KOLMISOFT.replace(examples=()).to_dict(), "name": "Žalias ✓"}
    path = tmp_path / "desk.json"
    path.write_text(json.dumps(policy))
    done = kolmisla("policy", "show", str(path), env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert done.stdout.startswith("\\u017dalias \\u2713, times of Europe/Vilnius")


WHILE_IT_STARTS = """
import builtins
real = __import__
def interrupted(name, *more):
    if name == 'kolmisla.policies.policy':
        raise KeyboardInterrupt
    return real(name, *more)
builtins.__import__ = interrupted
"""
LATER = "import kolmisla.cli\ndef main():\n    {}\nkolmisla.cli.main = main"


@pytest.mark.parametrize(
    ("code", "status", "told"),
    [
        (LATER.format("1 / 0"), 70, "ZeroDivisionError: division by zero"),
        (LATER.format("raise MemoryError"), 70, "MemoryError"),
        (LATER.format("raise RecursionError('too\\x1b[2J\\ndeep')"), 70, "RecursionError: too?[2J deep"),
        (LATER.format("raise type('Panic', (BaseException,), {})('of an engine')"), 70, "Panic: of an engine"),
        (LATER.format("raise KeyboardInterrupt"), 130, "interrupted"),
        (WHILE_IT_STARTS, 130, "interrupted"),
        ("import sys\nsys.modules['kolmisla.schedules.clock'] = None", 70, "ModuleNotFoundError"),
    ],
    ids=["an error", "memory", "recursion", "panic", "interrupt", "interrupt while it starts", "a broken installation"],
)  # fmt: skip
def test_what_nobody_expects_has_a_status_of_its_own(code: str, status: int, told: str) -> None:
    done = kolmisla("due", *TICKET[:1], "--plan", "premium", "--priority", "high", code=code)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (status, "", 1)
    assert told in done.stderr
    assert done.stderr.startswith("kolmisla: ")


@pytest.mark.parametrize("traceback", ["", "1"])
def test_an_error_is_told_within_the_process_too(
    traceback: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from kolmisla.__main__ import run

    def fails(error: BaseException) -> None:
        raise error

    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)  # it is set again at the end
    monkeypatch.setenv("KOLMISLA_TRACEBACK", traceback)
    monkeypatch.setattr("gc.freeze", lambda: None)
    monkeypatch.setattr("gc.set_threshold", lambda _: None)
    for error, status in ((KeyboardInterrupt(), 130), (MemoryError(), 70), (ZeroDivisionError("x"), 70)):
        monkeypatch.setattr("kolmisla.cli.main", lambda error=error: fails(error))
        with pytest.raises(SystemExit) as ended:
            run()
        assert ended.value.code == status
        told = capsys.readouterr().err
        assert ("Traceback" in told) == (traceback == "1" and status == 70)
        assert told.splitlines()[-1].startswith("kolmisla: ")
    monkeypatch.setattr("kolmisla.cli.main", lambda: sys.exit(2))  # as argparse does, who has told why
    with pytest.raises(SystemExit) as ended:
        run()
    assert (ended.value.code, capsys.readouterr().err) == (2, "")
    monkeypatch.setattr(sys, "stderr", StringIO())  # no stream of the system's, as in a notebook
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(BytesIO(), encoding="ascii"))
    monkeypatch.setattr("kolmisla.cli.main", lambda: sys.stdout.write("\u017d") and 0)
    with pytest.raises(SystemExit) as ended:
        run()
    sys.stdout.seek(0)
    assert sys.stdout.read() == "\\u017d"


def test_a_traceback_is_shown_when_asked_for() -> None:
    done = kolmisla("due", code=LATER.format("1 / 0"), env={"KOLMISLA_TRACEBACK": "1"})
    assert done.returncode == 70
    assert "Traceback" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("kolmisla: an unexpected error")


@pytest.mark.skipif(sys.platform != "linux", reason="other platforms may not limit the memory of a process")
def test_memory_that_runs_out_is_no_success(tmp_path: Path) -> None:
    tickets = tmp_path / "tickets.csv"
    with tickets.open("wb") as file:
        file.write(b"plan,priority,opened_at\n")
        file.truncate(2_000_000_000)  # a row of zeros, which take no place on the disk
    code = "import resource\nresource.setrlimit(resource.RLIMIT_AS, (600_000_000, 600_000_000))"
    done = kolmisla("measure", str(tickets), "-o", str(tmp_path / "o.csv"), code=code)
    assert done.returncode == 70
    assert "MemoryError" in done.stderr
    assert list(tmp_path.iterdir()) == [tickets]


@pytest.mark.parametrize("told", [True, False])
def test_memory_that_is_lacking_even_for_the_message(told: bool, monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    from kolmisla.__main__ import run

    def lacking(*_: object) -> int:
        raise MemoryError

    def ended(status: int) -> None:
        raise SystemExit(status)

    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)  # it is set again at the end
    monkeypatch.setattr("gc.freeze", lambda: None)
    monkeypatch.setattr("gc.set_threshold", lambda _: None)
    monkeypatch.setattr("kolmisla.cli.main", lacking)
    monkeypatch.setattr("kolmisla.__main__._unexpected", lacking)
    monkeypatch.setattr("os._exit", ended)
    if not told:
        monkeypatch.setattr("os.write", lambda *_: os.close(-1))
    with pytest.raises(SystemExit) as last:
        run()
    assert last.value.code == 70
    error = capfd.readouterr().err
    assert (error.count("\n"), "MemoryError" in error) == (told, told)


class Late:
    """What fails where nobody waits for it."""

    def __init__(self, error: type[BaseException] | BaseException) -> None:
        self.error = error

    def __del__(self) -> None:
        raise self.error


ENDED_IN_VAIN = """
import signal, sys, time
import kolmisla.__main__ as program
class Late:
    def __del__(self):
        {}
def main():
    late = Late()
    del late
    time.sleep(20)
program._run = main
sys.argv = ["kolmisla"]
program.run()
"""


@pytest.mark.parametrize(
    ("ends", "status", "told"),
    [("raise KeyboardInterrupt", 130, "kolmisla: interrupted\n"), ("sys.exit(128 + signal.SIGTERM)", 143, "")],
)
def test_a_signal_that_comes_where_nothing_can_be_raised_is_not_lost(ends: str, status: int, told: str) -> None:
    """Python tells of an error in `__del__`, or in a callback of its imports, and goes on."""
    done = subprocess.run(
        [sys.executable, "-c", ENDED_IN_VAIN.format(ends)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (status, "", told)


@pytest.mark.parametrize("has_threads", [True, False])
def test_a_lost_signal_is_sent_again(monkeypatch: pytest.MonkeyPatch, has_threads: bool) -> None:
    import signal

    from kolmisla.__main__ import _ignored

    handlers: dict[int, Any] = {}
    sent: list[tuple[int, ...]] = []
    monkeypatch.setattr(sys, "unraisablehook", _ignored)
    monkeypatch.setattr("_thread.start_new_thread", lambda send, _: send())
    monkeypatch.setattr("_thread.get_ident", lambda: 7)
    monkeypatch.setattr("signal.signal", handlers.__setitem__)
    monkeypatch.setattr("signal.raise_signal", lambda number: sent.append((number,)))
    monkeypatch.setattr("signal.pthread_kill", lambda *each: sent.append(each), raising=False)
    if not has_threads:
        monkeypatch.delattr("signal.pthread_kill")
    for error, number in ((KeyboardInterrupt(), signal.SIGINT), (SystemExit(143), 15), (SystemExit(), signal.SIGINT)):
        Late(error)
        assert sent.pop() == ((7, number) if has_threads else (number,))
        with pytest.raises(type(error)):
            handlers[number](number, None)
        handlers[number](number, None)  # the second changes nothing


def test_memory_that_is_lacking_in_what_nobody_waits_for(monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    from kolmisla.__main__ import _ignored

    monkeypatch.setattr(sys, "unraisablehook", _ignored)
    for error in (MemoryError, KeyError):
        Late(error)
        assert ("Traceback" in capfd.readouterr().err) == (error is KeyError)


def test_no_openssl_is_loaded_for_a_digest() -> None:
    """It takes megabytes, and where they are lacking `hashlib` prints a traceback for each of its hashes."""
    code = "import sys\nfrom kolmisla import KOLMISOFT\nprint(KOLMISOFT.digest, 'hashlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    plain = json.dumps(KOLMISOFT.replace(examples=()).to_dict(), ensure_ascii=False)
    assert done.stdout.split() == [hashlib.sha256(plain.encode()).hexdigest(), "False"]


def test_an_event_is_read_at_once() -> None:
    done = kolmisla("due", *TICKET[:1], "--plan", "premium", "--priority", "low", "--event", f"a{' ' * 100_000}b")
    assert done.returncode == 2
    done = kolmisla(
        *("status", *TICKET[:1], "--plan", "premium", "--priority", "high", "--explain", "--metric", "resolution"),
        *("--at", "2026-07-07T08:10", "--event", "  2026-07-03 17:00   PAUSED   paused for lunch "),
    )
    assert "paused: paused for lunch" in done.stdout


def test_schedules_need_no_zones(tmp_path: Path) -> None:
    """Without a time zone database the package is imported all the same, and a zone is an error of kolmisla's."""
    code = (
        "from kolmisla import ALWAYS, KolmislaError, Schedule\nprint(ALWAYS)\n"
        "try:\n    Schedule(timezone='Europe/Vilnius', hours={})\nexcept KolmislaError as error:\n    print(error)"
    )
    block = "import sys\nsys.modules['tzdata'] = None\n"
    env = {**os.environ, "PYTHONTZPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", block + code], capture_output=True, text=True, env=env, check=True)
    assert done.stdout.splitlines()[0] == "ALWAYS"
    assert "no time zones are installed here; install the package tzdata" in done.stdout


@pytest.mark.parametrize(
    "argv",
    [["--version"], ["due", "2026-07-03T16:30", "--plan", "premium", "--priority", "low"], ["measure", "tickets.csv"]],
)
def test_a_machine_without_zones_is_told_what_to_install(argv: list[str]) -> None:
    command = [
        sys.executable,
        "-c",
        "import sys; sys.modules['tzdata'] = None; from kolmisla.__main__ import run; run()",
    ]
    environment = {**os.environ, "PYTHONTZPATH": ""}
    done = subprocess.run([*command, *argv], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith("kolmisla: policy with 2 faults: ")
    assert "no time zones are installed here; install the package tzdata" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="this platform has no pseudo terminals")
def test_rows_that_go_to_a_terminal_are_clean(tmp_path: Path) -> None:
    """In a pipe they are what was read, to the byte."""
    import pty

    rows = f'id,plan,priority,opened_at,note\n1,premium,high,2026-07-03T16:30+03:00,"{EVIL}"\n'
    (tmp_path / "t.csv").write_text(rows, newline="", encoding="utf-8")
    argv = [sys.executable, "-m", "kolmisla", "measure", str(tmp_path / "t.csv"), "--at", "2026-07-14T11:00"]
    argv += ["--map", "answered_at="]
    ours, theirs = pty.openpty()
    piped = subprocess.run(argv, capture_output=True, check=True).stdout
    subprocess.run(argv, stdout=theirs, stderr=subprocess.DEVNULL, check=True)
    os.close(theirs)
    with open(ours, "rb") as terminal:
        shown = terminal.read1(100_000).decode()
    assert f'"{EVIL}"'.encode() in piped
    assert not [each for each in shown if each in STEERING and each != "\r"]
    assert clean(EVIL) in shown


@pytest.mark.skipif(sys.platform == "win32", reason="this platform has no pseudo terminals")
@pytest.mark.parametrize(
    "argv",
    [
        ["sql", "--dialect", "sqlite", "--policy", "desk.json"],
        ["policy", "freeze", "desk.json", "--years", "2026"],
        ["policy", "freeze", "desk.toml", "--years", "2026"],
        ["sql", "--dialect", "duckdb", "--policy", "desk.json", "-o", "/dev/tty"],
    ],
    ids=" ".join,
)
def test_files_that_go_to_a_terminal_are_clean(tmp_path: Path, argv: list[str]) -> None:
    """The name of a priority, in SQL and in JSON, and a comment in TOML."""
    import pty

    (tmp_path / "desk.json").write_text(json.dumps(DESK, ensure_ascii=False), encoding="utf-8")
    comment = f"# \t{EVIL[8:]}\r\n"
    toml = POLICY_TOML.replace("\n", comment, 1)
    (tmp_path / "desk.toml").write_text(toml, newline="", encoding="utf-8")
    command = shlex.join([sys.executable, "-m", "kolmisla", *argv])
    process, ours = pty.fork()
    if not process:  # pragma: no cover  # the child, for which the terminal is /dev/tty
        os.chdir(tmp_path)
        os.execl("/bin/sh", "sh", "-c", f"{command} 2>errors")
    shown = b""
    with suppress(OSError):  # the terminal is closed
        while more := os.read(ours, 65536):
            shown += more
    assert os.waitpid(process, 0)[1] == 0, (tmp_path / "errors").read_text(encoding="utf-8")
    os.close(ours)
    assert "\\u202e" in shown.decode()
    assert not [each for each in shown.decode() if each in STEERING and each not in "\r\n\t"]


def test_lines_on_a_terminal_keep_their_tabs_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = TextIOWrapper(BytesIO(), encoding="utf-8", newline="")
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdout", terminal)
    with drafts() as new:
        new.stream("-").write("a\tb\r\n\x1bc\rd\n\ne\u2028")
    assert terminal.buffer.getvalue() == b"a\tb\n\\x1bc\\rd\n\ne\\u2028"


@pytest.mark.skipif(sys.platform == "win32", reason="this platform has no pseudo terminals")
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_rows_that_go_to_a_terminal_are_in_its_encoding(tmp_path: Path, encoding: str) -> None:
    import pty

    rows = "id,plan,priority,opened_at,note\n1,premium,high,2026-07-03T16:30+03:00,š\u15db\n"
    (tmp_path / "t.csv").write_text(rows, encoding="utf-8")
    argv = [sys.executable, "-m", "kolmisla", "measure", str(tmp_path / "t.csv"), "--at", "2026-07-14T11:00"]
    argv += ["--map", "answered_at="]
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    subprocess.run(argv, stdout=theirs, stderr=subprocess.DEVNULL, env=environment, check=True)
    os.close(theirs)
    with open(ours, "rb") as terminal:
        shown = terminal.read1(100_000)
    assert "š\u15db".encode(encoding, "backslashreplace") in shown
    ours, theirs = pty.openpty()
    subprocess.run([*argv, "-o", os.ttyname(theirs)], stderr=subprocess.DEVNULL, env=environment, check=True)
    os.close(theirs)
    with open(ours, "rb") as terminal:
        assert terminal.read1(100_000) == shown


@pytest.mark.parametrize("encoding", ["idna", "punycode", "utf-7"])
def test_an_encoding_without_a_way_out_loses_no_message(encoding: str) -> None:
    """Of such a stream no character could be escaped."""
    argv = [sys.executable, "-m", "kolmisla", "due", "š" * 80, "--plan", "premium", "--priority", "high"]
    done = subprocess.run(argv, env={**os.environ, "PYTHONIOENCODING": encoding}, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"is not a time" in done.stderr


def test_rejects_on_standard_error_are_lines_of_messages(tmp_path: Path) -> None:
    header = f"plan,priority,opened_at,{'n' * 5_000}"
    (tmp_path / "t.csv").write_text(
        f"{header}\npremium,high,2026-07-03T16:30+03:00,\ngold,low,2026-07-03T16:30Z,{EVIL}"
    )
    done = ended("measure", str(tmp_path / "t.csv"), "--at", "2026-07-14T11:00")
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == "line 3: plan 'gold' is not one of ENTERPRISE, PREMIUM"
    assert len(done.stderr) < 800


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('[{"id": 1}]\n', "json"),
        ('{"a":"b","c":"d"}\n', "jsonl"),
        ('\n\n["a", "b"]\n', "json"),
        ('{"plan": "premium", "note": "\x1b[2J"}\n{"plan": "x"}\n', "jsonl"),
        (' {\n"a": 1}\n', "json"),
    ],
)
def test_json_taken_for_csv_is_told_in_one_line(text: str, kind: str, tmp_path: Path) -> None:
    (tmp_path / "tickets.txt").write_text(text)
    done = ended("measure", str(tmp_path / "tickets.txt"), "-o", str(tmp_path / "o.csv"))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    what = "JSON Lines (one object per line)" if kind == "jsonl" else "a JSON document"
    assert done.stderr.endswith(f": the file looks like JSON, not CSV; read {what} with --format {kind}\n")
    with pytest.raises(ValueError, match="looks like JSON"):
        CsvTable(StringIO(text))


def test_brackets_about_a_column_are_no_json() -> None:
    assert list(CsvTable(StringIO("[id],{note}\n1,2\n")).columns) == ["[id]", "{note}"]


def test_a_key_of_a_document_is_cut_too(tmp_path: Path) -> None:
    long = "a" * 100_000
    texts = {
        "t.toml": f"[{long}]\n[{long}]",
        "u.toml": f"x = {{{long}=1,{long}=2}}",
        "j.json": f'{{"{long}":1,"{long}":2}}',
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
        with pytest.raises(PolicyError) as refusal:
            read_document(tmp_path / name)
        assert "a" * (LONGEST_NAME + 1) not in str(refusal.value)


@pytest.mark.parametrize("part", ['"="', "'='", '"\\""', "b"])
@pytest.mark.parametrize("end", ["=1", "]", "\u2028=1"])
def test_dots_are_counted_however_a_key_is_written(part: str, end: str, tmp_path: Path) -> None:
    (tmp_path / "dots.toml").write_text("[" * (end == "]") + ".".join(["a", part] * 5_000) + end, encoding="utf-8")
    with pytest.raises(PolicyError, match="more than 32 deep"):
        read_document(tmp_path / "dots.toml")


def test_dots_in_texts_are_none_of_a_key(tmp_path: Path) -> None:
    prose = 'name = "' + "a. " * 5_000 + "\"\nline = '''\n" + "so it is. " * 5_000 + "\n'''\n"
    (tmp_path / "prose.toml").write_text(prose.replace("so it is. " * 5_000, "so it is.\n" * 5_000))
    assert len(read_document(tmp_path / "prose.toml")["name"]) == 15_000


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this platform has no /dev/full")
@pytest.mark.parametrize("argv", [["--version"], ["due", "--help"]])
def test_help_that_cannot_be_printed_is_no_success(argv: list[str]) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run([sys.executable, "-m", "kolmisla", *argv], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_help_for_who_has_read_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed(StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Closed())
    monkeypatch.setattr(sys, "stderr", Closed())
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 141
    full = StringIO()
    monkeypatch.setattr(full, "write", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    monkeypatch.setattr(sys, "stdout", full)
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 2


def test_where_rows_are_for_people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_terminal(str(tmp_path / "o.csv"))
    assert not is_terminal(os.devnull)
    assert not is_terminal(str(tmp_path))
    if hasattr(os, "openpty"):
        _, theirs = os.openpty()
        assert is_terminal(os.ttyname(theirs))

        def refused(*_: object, **__: object) -> None:
            raise PermissionError

        monkeypatch.setattr("builtins.open", refused)
        assert not is_terminal(os.ttyname(theirs))


def test_streams_within_the_process_are_clean_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same as above for a process that is measured, as the others are not."""
    from kolmisla.__main__ import run

    stream = StringIO()
    assert ForPeople(stream).write(f"{EVIL}\n") == len(clean(EVIL)) + 1
    assert stream.getvalue() == f"{clean(EVIL)}\n"
    bytes_written = BytesIO()
    monkeypatch.setattr(sys, "stderr", TextIOWrapper(bytes_written, "idna", write_through=True))
    monkeypatch.setattr(sys, "argv", ["kolmisla", "due", "š" * 80])
    monkeypatch.setitem(sys.modules, "kolmisla.cli", NoZones("kolmisla.cli"))
    with pytest.raises(SystemExit) as ended:
        run()
    assert (ended.value.code, bytes_written.getvalue()) == (2, b"kolmisla: no time zones: \\u0161\n")


class NoZones(ModuleType):
    """A module that cannot be imported for want of time zones."""

    def __getattr__(self, name: str) -> None:
        raise KolmislaError("no time zones: š")


@pytest.mark.skipif(sys.platform == "win32", reason="this platform has no pseudo terminals")
def test_a_draft_for_a_terminal_is_written_in_the_encoding_of_standard_output(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = os.openpty()
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(BytesIO(), "ascii"))
    with drafts() as new:
        new.stream(os.ttyname(theirs)).write("š\n")
    os.close(theirs)
    with open(ours, "rb") as terminal:
        assert terminal.read1(100).rstrip() == b"\\u0161"


def test_a_usage_error_that_nobody_can_read_is_no_other_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(StringIO):
        def write(self, _: str, /) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stderr", Full())
    for argv in (["due", "--unknown"], []):
        with pytest.raises(SystemExit) as ended:
            main(argv)
        assert ended.value.code == 2


def test_the_width_of_help(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    assert Parser().format_help()
    assert _width() == 98
    monkeypatch.delenv("COLUMNS")
    monkeypatch.setattr(sys, "__stdout__", None)
    assert _width() == 78
    monkeypatch.setattr("os.get_terminal_size", lambda _: os.terminal_size((120, 30)))
    with open(os.devnull, encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "__stdout__", stream)
        assert _width() == 118


@pytest.mark.parametrize(("cause", "status"), [(SystemExit(143), 143), (KeyboardInterrupt(), 130), (KeyError(), 70)])
def test_an_error_that_wraps_the_end_of_the_program(
    cause: BaseException, status: int, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    """Python 3.11 wraps what a signal raises while a class is made."""
    from kolmisla.__main__ import run

    def wrapping(*_: object) -> int:
        raise RuntimeError("Error calling __set_name__") from cause

    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)  # it is set again at the end
    monkeypatch.setattr("gc.freeze", lambda: None)
    monkeypatch.setattr("gc.set_threshold", lambda _: None)
    monkeypatch.setattr("kolmisla.cli.main", wrapping)
    with pytest.raises(SystemExit) as last:
        run()
    assert last.value.code == status
    assert ("unexpected" in capfd.readouterr().err) == (status == 70)
