"""Output files appear complete and together, or not at all, whatever ends the run; no input file is overwritten."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from errno import EINVAL, EIO, ENOSPC
from pathlib import Path
from typing import Any

import pytest

from kolmisla.cli.signals import clear_up_when_ended, ignore_as_before
from kolmisla.cli.terminal import refuse_overwriting
from kolmisla.files import Layout, Log
from kolmisla.files.outputs import drafts as module
from kolmisla.files.outputs.drafts import Drafts, drafts
from kolmisla.files.outputs.streams import descriptor_of, is_ordinary, is_replaced
from kolmisla.files.tables import CsvTable, JsonTable
from tests.commands.test_answers import Run
from tests.commands.test_answers import run as run
from tests.commands.test_measure import AT, TICKETS
from tests.commands.test_measure import tickets as tickets

OUT, REJECTS = "out.csv", "out.csv.rejects.csv"
BAD = TICKETS + "9,gold,low,2026-07-03T16:30Z,,,,\n"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def write(folder: Path, out: str = OUT, rejects: str = REJECTS, meanwhile: Callable[[Drafts], Any] = id) -> None:
    with drafts() as new:
        new.stream(str(folder / out)).write("new")
        new.stream(str(folder / rejects)).write("new")
        meanwhile(new)


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


@pytest.fixture
def before(tmp_path: Path) -> dict[str, str]:
    """A folder with the files of an earlier run."""
    for name in (OUT, REJECTS):
        (tmp_path / name).write_text("old", encoding="utf-8")
    return contents(tmp_path)


def failing(call: Callable[..., Any], at: int, error: BaseException, *, after: bool = False) -> Callable[..., Any]:
    """The call, but the one of that number fails, before or after it has done its work."""
    calls = iter(range(1000))

    def called(*given: Any, **named: Any) -> Any:
        if next(calls) != at:
            return call(*given, **named)
        with suppress(OSError):
            if after:
                call(*given, **named)
        raise error

    return called


@pytest.mark.parametrize("error", [OSError(ENOSPC, "No space left on device"), KeyboardInterrupt()], ids=repr)
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", ["replace 0", "replace 1", "replace 2", "fsync 0", "fsync 1", "fsync 2", "fsync 3"])
@pytest.mark.parametrize("earlier", [True, False])
def test_output_and_rejects_are_of_one_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, after: bool, error: BaseException, earlier: bool
) -> None:
    """Whatever step fails, or is the last before a signal, both are new or both are what they were."""
    if earlier:
        for name in (OUT, REJECTS):
            (tmp_path / name).write_text("old", encoding="utf-8")
    was = contents(tmp_path)
    name, number = step.split()
    home: Any = Path if name == "replace" else os
    with monkeypatch.context() as patched:
        patched.setattr(home, name, failing(getattr(home, name), int(number), error, after=after))
        with pytest.raises(type(error)) as told:
            write(tmp_path)
    done = step == "fsync 3" or (step == "replace 2" and after)  # the output was in its place
    assert contents(tmp_path) == ({OUT: "new", REJECTS: "new"} if done else was)
    if isinstance(told.value, OSError):
        assert told.value.filename in map(str, (tmp_path / OUT, tmp_path / REJECTS))


def test_what_cannot_be_put_back_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: dict[str, str]
) -> None:
    replace, calls = Path.replace, iter(range(9))

    def refused(path: Path, target: Path) -> Path:
        if next(calls) < 2:
            return replace(path, target)
        raise OSError(EIO, "Input/output error")

    monkeypatch.setattr(Path, "replace", refused)
    with pytest.raises(OSError, match=r"Input/output error; the previous file is now .*\.before") as told:
        write(tmp_path)
    kept = Path(str(told.value.strerror).rpartition(" is now ")[2])
    assert contents(tmp_path) == {OUT: "old", REJECTS: "new", kept.name: "old"}
    assert list(before) == names(tmp_path)[1:]


def test_what_was_not_there_is_not_said_to_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace, unlink = Path.replace, Path.unlink

    def refused(path: Path, target: Path) -> Path:
        if target.name == OUT:
            raise OSError(EIO, "Input/output error")
        return replace(path, target)

    def kept(path: Path, missing_ok: bool = False) -> None:
        if path.name == REJECTS:
            raise OSError(EIO, "Input/output error")
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "replace", refused)
    monkeypatch.setattr(Path, "unlink", kept)
    with pytest.raises(OSError, match=r"^\[Errno 5\] Input/output error: ") as told:
        write(tmp_path)
    assert (told.value.strerror, told.value.filename) == ("Input/output error", str(tmp_path / REJECTS))


def test_a_file_system_that_cannot_flush(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fsync(_: int) -> None:
        raise OSError(EINVAL, "Invalid argument")

    monkeypatch.setattr(os, "fsync", fsync)
    write(tmp_path)
    assert contents(tmp_path) == {OUT: "new", REJECTS: "new"}


def test_a_full_disk_keeps_what_was_there(tmp_path: Path, before: dict[str, str]) -> None:
    new = Drafts()
    out = new.stream(str(tmp_path / OUT))
    new.stream(str(tmp_path / REJECTS)).write("new")
    with out:
        close = failing(out.close, 0, OSError(ENOSPC, "No space left on device"))
        new._files[0]._close = close
        with pytest.raises(OSError, match="No space left on device"):
            new.publish()
        new.clear()
    assert contents(tmp_path) == before


def test_nothing_is_named_differently_meanwhile(tmp_path: Path, before: dict[str, str]) -> None:
    """Somebody removes the old output, or the draft of the new one, while it is written."""
    with drafts() as new:
        new.stream(str(tmp_path / OUT))
        (tmp_path / OUT).unlink()
    assert contents(tmp_path) == {**before, OUT: ""}
    (tmp_path / OUT).write_text("old", encoding="utf-8")
    with pytest.raises(FileNotFoundError):
        write(tmp_path, meanwhile=lambda new: new._files[0].part.unlink())
    assert contents(tmp_path) == before

    def late(new: Drafts) -> None:
        new._files[1].set_aside = lambda: new._files[0].part.unlink()  # type: ignore[method-assign]

    (tmp_path / REJECTS).unlink()
    with pytest.raises(FileNotFoundError):
        write(tmp_path, meanwhile=late)
    assert contents(tmp_path) == {OUT: "old"}


def test_rejects_beside_a_pipe(tmp_path: Path) -> None:
    """What is no file is copied last; rejects that are none are copied before the output takes its place."""
    reader, writer = os.pipe()
    with drafts() as new:
        new.stream(f"/dev/fd/{writer}").write("rows")
        new.stream(str(tmp_path / REJECTS)).write("new")
    assert os.read(reader, 99) == b"rows"
    assert contents(tmp_path) == {REJECTS: "new"}
    with pytest.raises(OSError, match="No space left on device"):
        write(tmp_path, rejects="/dev/full")
    assert names(tmp_path) == [REJECTS]
    with pytest.raises(OSError, match="No space left on device"):
        write(tmp_path, out="/dev/full", rejects=OUT)  # there is no old output that these rejects could stand beside
    assert names(tmp_path) == [OUT, REJECTS]
    os.close(reader)
    os.close(writer)


def dead() -> int:
    """The id of a process that is no more."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    return process.pid


def left(folder: Path, name: str, process: int, *, rejects: str | None = None) -> Path:
    """A draft as a killed run leaves it: of its output, or of the rejects beside it."""
    with drafts() as new:
        own = new.file(str(folder / name)).name
        if rejects is not None:
            own = new.file(str(folder / rejects)).name
    kept = folder / own.replace(f".{os.getpid()}.", f".{process}.")
    kept.touch()
    return kept


def test_drafts_of_dead_runs_are_cleared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone, alive = dead(), os.getppid()
    ours = [left(tmp_path, OUT, gone, rejects=rejects) for rejects in (None, REJECTS, "had another name then")]
    kept = [left(tmp_path, OUT, alive), left(tmp_path, OUT, 10**30), left(tmp_path, "other.csv", gone)]
    with monkeypatch.context() as patched:
        patched.setattr(module, "_host", lambda: b"another \xff/ host")
        kept.append(left(tmp_path, OUT, gone))
    folder = Path(str(ours[0]).replace(".part", "x.part"))  # of no draft's name
    folder.mkdir()
    write(tmp_path)
    assert not any(path.exists() for path in ours)
    assert all(path.exists() for path in [*kept, folder])


@pytest.mark.parametrize("fault", [PermissionError, OverflowError])
def test_who_may_be_alive_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Any) -> None:
    draft = left(tmp_path, OUT, dead())

    def kill(*_: int) -> None:
        raise fault

    with monkeypatch.context() as patched:
        patched.setattr(os, "kill", kill)
        write(tmp_path)
        assert draft.exists()
    with monkeypatch.context() as patched:
        patched.setattr(module, "CAN_ASK", False)  # there it would end the process
        patched.setattr(os, "kill", None)
        write(tmp_path)
        assert draft.exists()
    with monkeypatch.context() as patched:
        patched.setattr(os, "unlink", failing(os.unlink, 0, FileNotFoundError()))  # another run was quicker
        write(tmp_path)
    write(tmp_path)
    assert not draft.exists()


@pytest.mark.skipif(os.name != "posix", reason="this platform has no permissions of files")
@pytest.mark.parametrize(("before", "meanwhile"), [(0o600, 0o600), (0o440, 0o640), (0o666, 0o644), (None, 0o644)])
def test_a_draft_is_as_private_as_the_file_that_it_replaces(tmp_path: Path, before: int | None, meanwhile: int) -> None:
    path, mask = tmp_path / "o.csv", os.umask(0o022)
    if before is not None:
        path.touch()
        path.chmod(before)
    try:
        with drafts() as new:
            new.stream(str(path)).write("rows")
            (draft,) = tmp_path.glob(".*.part")
            assert draft.stat().st_mode & 0o777 == meanwhile
    finally:
        os.umask(mask)
    assert path.stat().st_mode & 0o777 == (before or 0o644)


@pytest.mark.parametrize("name", ["x" * 251 + ".csv", "ž" * 125 + ".csv", "🦊" * 60 + ".csv", "a\nb.csv", "\udcff.csv"])
def test_any_name_has_a_draft(tmp_path: Path, name: str) -> None:
    draft = left(tmp_path, name, dead())
    with drafts() as new:
        new.stream(str(tmp_path / name)).write("new")
        assert not draft.exists()
    assert contents(tmp_path) == {name: "new"}


def test_a_folder_that_cannot_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def scandir(_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "scandir", scandir)
    write(tmp_path)
    monkeypatch.undo()
    assert contents(tmp_path) == {OUT: "new", REJECTS: "new"}


def handlers(monkeypatch: pytest.MonkeyPatch, ignored: int | None = None) -> dict[int, Any]:
    """What answers each signal, once a command that writes files has begun."""
    found: dict[int, Any] = {} if ignored is None else {ignored: signal.SIG_IGN}
    monkeypatch.setattr("signal.signal", found.__setitem__)
    monkeypatch.setattr("signal.getsignal", found.get)
    clear_up_when_ended()
    return found


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_does_not_break_into_the_clearing(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    found = handlers(monkeypatch)
    with pytest.raises((SystemExit, KeyboardInterrupt)) as ended:
        found[number](number, None)
    if isinstance(ended.value, SystemExit):
        assert ended.value.code == 128 + number
    assert isinstance(ended.value, KeyboardInterrupt) == (number == signal.SIGINT)
    for each in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
        assert found[each](each, None) is None


def test_signals_that_are_ignored_or_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(signal, "SIGTERM")
    found = handlers(monkeypatch, signal.SIGHUP)
    assert found[signal.SIGHUP] is signal.SIG_IGN
    assert sorted(found) == [signal.SIGHUP, signal.SIGINT]


def test_a_signal_in_the_clearing_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It breaks into the first attempt, and the second is made in its stead."""
    monkeypatch.setattr(Path, "unlink", failing(Path.unlink, 0, KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, meanwhile=lambda _: 1 / 0)
    assert names(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_what_ends_the_job_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    """Nor does SIGKILL, once there is another run."""
    job = [sys.executable, "-m", "kolmisla", "measure", "-", "-o", str(tmp_path / OUT), *AT]

    def heed() -> None:
        signal.signal(number, signal.SIG_DFL)  # a shell has what runs behind it ignore an interrupt

    heeding = None if number == signal.SIGKILL else heed
    with subprocess.Popen(job, stdin=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=heeding) as process:
        assert process.stdin is not None
        process.stdin.write(TICKETS.encode())
        process.stdin.flush()
        while len(names(tmp_path)) < 2:  # until it is at work
            assert process.poll() is None
        process.send_signal(number)
        process.communicate()
    killed = number == signal.SIGKILL
    assert process.returncode == (-number if killed else 128 + number)
    assert len(names(tmp_path)) == 2 * killed
    write(tmp_path)
    assert names(tmp_path) == [OUT, REJECTS]


@pytest.mark.parametrize("name", ["SIGHUP", "SIGINT"])
def test_nohup_keeps_a_job_alive(tmp_path: Path, name: str) -> None:
    number = signal.Signals[name]
    job = [sys.executable, "-m", "kolmisla", "measure", "-", "-o", str(tmp_path / OUT), *AT]

    def ignore() -> None:
        signal.signal(number, signal.SIG_IGN)

    with subprocess.Popen(job, stdin=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=ignore) as process:
        assert process.stdin is not None
        process.stdin.write(TICKETS.encode())
        process.stdin.flush()
        while not names(tmp_path):
            assert process.poll() is None
        process.send_signal(number)
        process.communicate()
    assert process.returncode == 0
    assert names(tmp_path) == [OUT, REJECTS]


def _refused(*_: Any) -> None:
    raise ValueError("signal only works in main thread of the main interpreter")


@pytest.mark.parametrize("before", [signal.SIG_IGN, signal.SIG_DFL])
def test_an_interrupt_is_ignored_again_if_it_was_ignored(monkeypatch: pytest.MonkeyPatch, before: Any) -> None:
    done: list[Any] = []
    monkeypatch.setattr(signal, "getsignal", lambda _: before)
    monkeypatch.setattr(signal, "signal", lambda *given: done.append(given))
    ignore_as_before()
    monkeypatch.setattr(signal, "signal", _refused)
    ignore_as_before()  # in another thread than the main one
    assert done == ([(signal.SIGINT, before)] if before is signal.SIG_IGN else [])


@pytest.mark.polars
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells which signals are ignored")
def test_an_interrupt_that_is_ignored_stays_ignored_with_polars() -> None:
    """Polars has a handler of its own from its import on, whatever was set before."""
    pytest.importorskip("polars", reason="the extra polars is not installed")
    code = """
import signal
def is_ignored():
    (bits,) = [line.split()[1] for line in open("/proc/self/status") if line.startswith("SigIgn")]
    return bool(int(bits, 16) >> (signal.SIGINT - 1) & 1)
signal.signal(signal.SIGINT, signal.SIG_IGN)
import polars
before = is_ignored()
from kolmisla.cli.files import _engine
_engine()
print(before, is_ignored())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False True\n"  # Polars took the signal over, and it was given back


READ = {
    "tickets": ([], TICKETS),
    "events": (["--events", "read.csv"], "id,at,kind\n"),
    "policy": (["--policy", "read.toml"], ""),
    "releases": (["--releases", "read.json"], '["X1"]'),
}


@pytest.mark.parametrize("what", READ)
@pytest.mark.parametrize("by", ["itself", "link", "hard link", "folder"])
@pytest.mark.parametrize("option", ["-o", "--rejects"])
def test_what_is_read_is_not_written_over(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, by: str, option: str
) -> None:
    monkeypatch.chdir(tmp_path)
    options, text = READ[what]
    name = options[1] if options else "tickets.csv"
    Path("tickets.csv").write_text(TICKETS, encoding="utf-8")
    if what == "policy":
        assert run("policy", "show")[0] == 0
        text = (Path(module.__file__).parents[2] / "policies" / "kolmisoft.toml").read_text(encoding="utf-8")
    Path(name).write_text(text if what != "releases" else '{"releases": ["X1"]}', encoding="utf-8")
    kept = Path(name).read_bytes()
    other = {"itself": name, "link": "link.csv", "hard link": "hard.csv", "folder": f"../{tmp_path.name}/{name}"}[by]
    if by == "link":
        Path(other).symlink_to(name)
    elif by == "hard link":
        Path(other).hardlink_to(name)
    written = ["-o", other, "--format", "csv"] if option == "-o" else ["-o", "o.csv", "--rejects", other]
    if option == "-o" and what in ("policy", "releases"):
        written = ["-o", other]
    status, _, told = run("measure", "tickets.csv", *options, *written, *AT)
    role = "output" if option == "-o" else "rejects"
    assert (status, told) == (2, f"kolmisla: the {what} and the {role} are the same file: {other}\n")
    assert Path(name).read_bytes() == kept
    assert not Path("o.csv").exists()


def test_standard_input_is_not_written_over(tmp_path: Path, tickets: Path) -> None:
    job = [sys.executable, "-m", "kolmisla", "measure", "-", "-o", str(tickets), *AT]
    with tickets.open("rb") as stream:
        done = subprocess.run(job, stdin=stream, capture_output=True, text=True, check=False)
        told = f"kolmisla: the tickets and the output are the same file: {tickets}\n"
        assert (done.returncode, done.stderr) == (2, told)
        stream.seek(0)
        job[6] = str(tmp_path / OUT)
        assert subprocess.run(job, stdin=stream, capture_output=True, check=False).returncode == 0
        stream.seek(0)
        assert subprocess.run(job, stdin=stream, capture_output=True, check=False).returncode == 0  # over its own
    assert tickets.read_text(encoding="utf-8") == TICKETS


def test_a_standard_stream_is_not_written_into_what_is_read(tmp_path: Path, tickets: Path) -> None:
    job = [sys.executable, "-m", "kolmisla", "measure", str(tickets), *AT]
    with tickets.open("ab") as appended, (tmp_path / "log").open("wb") as log:
        done = subprocess.run(job, stdout=appended, stderr=subprocess.PIPE, text=True, check=False)
        told = f"kolmisla: the tickets and the output are the same file: {tickets}\n"
        assert (done.returncode, done.stderr) == (2, told)
        assert subprocess.run(job, stdout=log, stderr=log, check=False).returncode == 0  # both in one log
        assert subprocess.run(job, stdout=subprocess.PIPE, stderr=appended, check=False).returncode == 2
    assert tickets.read_text(encoding="utf-8").startswith(TICKETS)


@pytest.mark.parametrize("path", ["missing/../tickets.csv", "tickets.csv/x/..", "./tickets.csv"])
@pytest.mark.parametrize("option", ["-o", "--rejects"])
def test_a_path_is_resolved_as_it_is_written(
    run: Run, tickets: Path, monkeypatch: pytest.MonkeyPatch, path: str, option: str
) -> None:
    monkeypatch.chdir(tickets.parent)
    out = [] if option == "-o" else ["-o", "o.csv"]
    assert run("measure", "tickets.csv", *AT, *out, option, path)[0] == 2
    assert run("measure", "tickets.csv", *AT, "-o", "o.csv", "--rejects", "o.csv/x/..")[0] == 2
    assert tickets.read_text(encoding="utf-8") == TICKETS


@pytest.mark.parametrize("command", [["queue", "tickets.csv"], ["due", "-", "--plan", "premium", "--priority", "low"]])
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_no_command_reads_what_it_writes(tickets: Path, command: list[str], stream: str) -> None:
    with tickets.open("rb") as given, tickets.open("ab") as appended:
        streams: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, stream: appended}
        job = [sys.executable, "-m", "kolmisla", *command]
        done = subprocess.run(job, stdin=given, cwd=tickets.parent, timeout=60, check=False, **streams)
    assert done.returncode == 2
    assert tickets.stat().st_size < len(TICKETS) + 200  # the message alone


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="this platform has no /dev/stdout")
def test_standard_streams_by_their_names(tmp_path: Path, tickets: Path) -> None:
    tickets.write_text(BAD, encoding="utf-8")
    job = [sys.executable, "-m", "kolmisla", "measure", str(tickets), *AT]
    plain = subprocess.run(job, capture_output=True, text=True, check=False)
    with (tmp_path / "out").open("w+") as out, (tmp_path / "err").open("w+") as err:
        job += ["-o", "/dev/stdout", "--rejects", "/dev/stderr"]
        assert subprocess.run(job, stdout=out, stderr=err, check=False).returncode == plain.returncode == 1
        assert (out.seek(0) or out.read(), err.seek(0) or err.read()) == (plain.stdout, plain.stderr)
    assert names(tmp_path) == ["err", "out", "tickets.csv"]


def test_two_streams_may_lead_to_one_log_and_a_file_may_not(tmp_path: Path, tickets: Path) -> None:
    tickets.write_text(BAD, encoding="utf-8")
    job = [sys.executable, "-m", "kolmisla", "report", "tickets.csv", *AT]
    log = tmp_path / "log"
    for options, status in ((["--rejects", "/dev/stderr"], 1), (["--rejects", "log"], 2), (["--rejects", "-"], 2)):
        with log.open("w") as stream:
            done = subprocess.run([*job, *options], stdout=stream, stderr=stream, cwd=tmp_path, check=False)
        assert (done.returncode, "are the same file" in log.read_text(encoding="utf-8")) == (status, status == 2)
    with tickets.open("a") as stream:  # rejects on standard output, which leads to what is read
        job = [sys.executable, "-m", "kolmisla", "measure", "tickets.csv", *AT, "-o", "o.csv", "--rejects", "-"]
        assert subprocess.run(job, stdout=stream, stderr=subprocess.DEVNULL, cwd=tmp_path, check=False).returncode == 2


def test_what_is_read_may_be_an_open_stream(tickets: Path) -> None:
    job = [sys.executable, "-m", "kolmisla", "measure", str(tickets), "--format", "csv", *AT]
    plain = subprocess.run(job, capture_output=True, text=True, check=True).stdout
    with tickets.open("rb") as stream:
        job[4] = "/dev/stdin"
        assert subprocess.run(job, stdin=stream, capture_output=True, text=True, check=True).stdout == plain
    with tickets.open("rb") as stream:
        assert is_ordinary(f"/dev/fd/{stream.fileno()}")
        assert not is_replaced(f"/dev/fd/{stream.fileno()}")
        assert not is_replaced(f"/proc/thread-self/fd/{stream.fileno()}")


NOT_OPEN = """
import contextlib, io, sys
from kolmisla.cli import main
for number in range(3, 9):
    for command in {commands}:
        argv = [part.format(number) for part in command]
        with contextlib.redirect_stderr(io.StringIO()) as told:
            status = main(argv)
        if (status, told.getvalue()) != (2, f"kolmisla: /dev/fd/{number}: Bad file descriptor\\n"):
            print(argv, status, told.getvalue())
"""


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="this platform has no /dev/fd")
def test_a_stream_that_is_not_open_is_refused(tmp_path: Path, tickets: Path) -> None:
    """The program's own files get the lowest free numbers, and text that is written to them is lost."""
    tickets.write_text(BAD, encoding="utf-8")
    commands = [
        ["measure", "tickets.csv", *AT, "-o", "/dev/fd/{}"],
        ["measure", "tickets.csv", *AT, "-o", "out.csv", "--rejects", "/dev/fd/{}"],
        ["measure", "tickets.csv", *AT, "--events", "/dev/fd/{}"],
        ["report", "tickets.csv", *AT, "--rejects", "/dev/fd/{}"],
        ["queue", "tickets.csv", *AT, "--events", "/dev/fd/{}"],
        [
            "alarms",
            "tickets.csv",
            "--after",
            "2026-07-03T16:00",
            "--until",
            "2026-07-03T17:00",
            "--events",
            "/dev/fd/{}",
        ],
        ["sql", "--dialect", "sqlite", "-o", "/dev/fd/{}"],
    ]
    run = [sys.executable, "-c", NOT_OPEN.replace("{commands}", repr(commands))]
    done = subprocess.run(run, capture_output=True, text=True, cwd=tmp_path, check=True, stdin=subprocess.DEVNULL)
    assert (done.stdout, done.stderr) == ("", "")
    assert names(tmp_path) == ["tickets.csv"]
    refuse_overwriting({"tickets": str(tickets)}, "/dev/fd/1", "/dev/fd/2")
    with pytest.raises(OSError, match="Bad file descriptor: '/dev/fd/99999'"):
        refuse_overwriting({"tickets": str(tickets), "events": None}, "-", "/dev/fd/99999")


def test_links_that_lead_to_one_another_are_no_stream(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.symlink_to(other)
    other.symlink_to(one)
    assert descriptor_of(str(one)) is None


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="this platform has no /dev/fd")
@pytest.mark.parametrize("target", ["/dev/stderr", "/dev/fd/2", "/proc/self/fd/2", "link", "/dev/fd/{}"])
def test_a_stream_that_is_open_is_written_to_and_never_replaced(tmp_path: Path, tickets: Path, target: str) -> None:
    """A shell may have redirected it to a log."""
    tickets.write_text(BAD, encoding="utf-8")
    (tmp_path / "link").symlink_to("/dev/stderr")
    log = tmp_path / "log"
    every = [
        ["measure", "tickets.csv", *AT, "-o", "o.csv", "--rejects", "TARGET"],
        ["sql", "--dialect", "sqlite", "--years", "2026", "-o", "TARGET"],
        ["measure", "tickets.csv", *AT, "-o", "TARGET"],
        ["report", "tickets.csv", *AT, "--rejects", "TARGET"],
    ]
    for command in every if target == "link" else every[:1]:
        log.write_text("precious\n", encoding="utf-8")
        with log.open("a") as stream:
            path = target.format(stream.fileno())
            job = [sys.executable, "-m", "kolmisla", *(path if each == "TARGET" else each for each in command)]
            is_log = {"pass_fds": [stream.fileno()]} if path != target else {"stderr": stream}
            given: Any = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **is_log}
            subprocess.run(job, cwd=tmp_path, timeout=60, check=False, **given)
        first, *rest = log.read_text(encoding="utf-8").splitlines()
        assert (first, bool(rest)) == ("precious", True)
        assert path != target or "policy Kolmisoft" in rest[-1]  # the summary, which comes last or after the rows
        if command[0] == "measure" and "--rejects" in command:  # on standard error, rejects are sentences
            assert rest[0].startswith("line " if path == target else "line,reason,"), rest[0]
    assert set(names(tmp_path)) <= {"link", "log", "tickets.csv", "o.csv"}


def test_a_key_twice_is_no_ticket(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "t.jsonl"
    good = '{"plan": "premium", "priority": "high", "opened_at": "2026-07-03T16:30Z"'
    lines = [
        good + "}",
        good + ', "priority": "low"}',
        good + ', "events": [{"at": "2026-07-03T16:40Z", "kind": "asked", "kind": "answered"}]}',
        good + ', "note": ' + "[" * 100_000 + "]" * 100_000 + "}",
    ]
    source.write_text("\n".join(lines), encoding="utf-8")
    assert run("measure", str(source), "-o", str(tmp_path / "o.jsonl"), *AT)[0] == 1
    assert (tmp_path / "o.jsonl").read_text(encoding="utf-8").count("\n") == 1
    rejected = list(csv.reader((tmp_path / "o.jsonl.rejects.csv").read_text(encoding="utf-8").splitlines()))
    assert [(row[0], row[1]) for row in rejected[1:]] == [
        ("2", "the key 'priority' is given twice"),
        ("3", "the key 'kind' is given twice"),
        ("4", "nested too deeply to be read"),
    ]
    log = Log.read(JsonTable(io.StringIO('{"id": 1, "id": 2}')), Layout())
    assert list(log.strays()) == ["line 1: the key 'id' is given twice"]
    assert json.loads(good + "}") == next(JsonTable(io.StringIO(good + "}")).rows())[1][1]
    assert list(CsvTable(io.StringIO("a\n1\n")).columns) == ["a"]
