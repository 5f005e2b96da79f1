"""Formats of times for a file or a fact, words for no time, and two clocks that disagree."""

import gzip
import io
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kolmisla.files import Layout, Log
from kolmisla.files.responses import Responses
from kolmisla.files.summary import Summary
from kolmisla.files.tables import CsvTable, opening
from tests.answers.test_reports import Desk
from tests.answers.test_reports import desk as desk
from tests.commands.test_answers import Run
from tests.commands.test_answers import run as run

HEAD = "id,plan,priority,opened_at,answered_at\n"


def written(opened: str, answered: str = "") -> str:
    return f"{HEAD}1,gold,P2,{opened},{answered}\n"


def test_formats_of_all_times_and_of_one_fact(desk: Desk) -> None:
    tickets = written("09/Jul/26 1:42 PM", "2026-07-09 14:00")
    (row,) = desk(tickets, "--time-format", "%d/%b/%y %I:%M %p")
    assert row["elapsed_s"] == "1080"  # ISO 8601 is read as well
    tickets = written("09.07.2026 13:42", "7/9/2026 14:00")
    formats = ["--time-format", "%d.%m.%Y %H:%M", "--time-format", "answered_at=%m/%d/%Y %H:%M"]
    assert desk(tickets, *formats)[0]["elapsed_s"] == "1080"
    assert not desk(written("7/9/2026 13:42"), *formats, status=1)
    assert "opened_at: '7/9/2026 13:42' is not a time written as %d.%m.%Y %H:%M" in desk.err
    assert not desk(tickets, "--time-format", "answered_at=%H", status=2)


def test_a_time_that_two_formats_read_differently_is_rejected(desk: Desk) -> None:
    both = ["--time-format", "%d/%m/%Y %H:%M", "--time-format", "%m/%d/%Y %H:%M"]
    assert not desk(written("07/09/2026 13:42"), *both, status=1)
    assert (
        "'07/09/2026 13:42' can be read as 2026-09-07T13:42:00+03:00 (%d/%m/%Y %H:%M) or 2026-07-09T13:42" in desk.err
    )
    assert desk(written("09/09/2025 13:42", "09/13/2025 13:42"), *both)[0]["state"] == "breached"
    assert not desk(written("25/10/2026 03:30"), *both, status=1)
    assert "is a wall time that Europe/Vilnius repeats" in desk.err
    assert not desk(written("2026-10-25 03:30"), *both, status=1)
    assert "is a wall time that Europe/Vilnius repeats" in desk.err


@pytest.mark.parametrize("stamp", ["1783592520", "1783592520000", "1783592520000000"])
def test_epochs(desk: Desk, stamp: str) -> None:
    (row,) = desk(written(stamp, "2026-07-09T14:00"), "--time-format", "epoch")
    assert row["elapsed_s"] == "2280"
    assert not desk(written(stamp), status=1)
    assert f"'{stamp}' is a number; the time format must say what it counts: epoch" in desk.err
    facts = {"plan": "gold", "priority": "P2", "opened_at": int(stamp), "answered_at": "2026-07-09T14:00"}
    path = desk.write("t.jsonl", json.dumps(facts))
    argv = ["measure", path, "--policy", str(desk.folder / "desk.toml"), "--at", "2026-07-10T12:00"]
    assert json.loads(desk._run(*argv, "--time-format", "epoch")[1])["elapsed_s"] == 2280
    assert "is a number; the time format must say" in desk._run(*argv)[2]


@pytest.mark.parametrize(
    "word", ["0000-00-00 00:00:00", "0000-00-00", "Not set", "NULL", "\\N", "N/A", "-", "NaT", "n/a", "not SET", "nan"]
)
def test_words_for_no_time(desk: Desk, word: str) -> None:
    assert desk(written("2026-07-10T09:00", word))[0]["state"] == "running"
    assert not desk(written(word), status=1)
    assert "opened_at is missing" in desk.err


def test_a_word_of_the_file_for_no_time(desk: Desk) -> None:
    for word in ("?", "1970-01-01 00:00:00"):
        assert not desk(written("2026-07-10T09:00", word), status=1)
        assert desk(written("2026-07-10T09:00", word), "--none", word.upper())[0]["state"] == "running"
    assert not desk(written("2026-07-10T09:00", "07/03/2026 04:30 PM"), status=1)
    assert "; --time-format says how times are written" in desk.err


def test_two_clocks_that_disagree(desk: Desk) -> None:
    early = written("2026-07-09T09:00:00", "2026-07-09T08:59:58")
    assert not desk(early, status=1)
    assert "is before opened_at" in desk.err
    (row,) = desk(early, "--tolerance", "PT1M")
    assert (row["state"], row["elapsed_s"]) == ("met", "0")
    assert "1 event shortly before the opening counts as an event at the opening (tolerance)" in desk.err
    assert not desk(early, "--tolerance", "PT1S", status=1)
    events = "id,at,kind\n1,2026-07-09T08:59:30,asked\n1,2026-07-09T08:59:59,answered\n1,2026-07-09T08:00,paused\n"
    (row,) = desk(early.replace("2026-07-09T08:59:58", ""), "--tolerance", "PT1M", events=events)
    assert (row["state"], row["elapsed_s"]) == ("met", "0")
    assert "2 events shortly before" in desk.err
    assert "is not a duration" in desk._run("measure", "t.csv", "--tolerance", "1 minute")[2]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"tolerance": 5}, "tolerance must be a timedelta, not 5"),
        ({"formats": {"opened": ["%c"]}}, "unknown fact: opened"),
        ({"pattern": 7}, "pattern must be a list of texts, not 7"),
        ({"pattern": [7]}, "each text of pattern must be a str, not 7"),
        ({"none": [7]}, "each text of none must be a str, not 7"),
        ({"none": "never"}, "none must be a list of texts, not 'never'"),
        ({"others": {"id": "number"}}, r"others\['id'\] must be a list of texts, not 'number'"),
        ({"formats": {"at": 7}}, r"formats\['at'\] must be a list of texts, not 7"),
    ],
)
def test_layouts_that_are_none(given: dict[str, Any], told: str) -> None:
    with pytest.raises((TypeError, ValueError), match=told):
        Layout(**given)


def test_a_tolerance_is_not_negative() -> None:
    with pytest.raises(ValueError, match="tolerance must not be negative"):
        Layout(tolerance=timedelta(-1))
    with pytest.raises(ValueError, match="order can only be given for frames of events"):
        Log.read(CsvTable(io.StringIO("id,at,kind\n")), Layout(columns={"order": "n"}))


def test_an_audit_log_of_json_and_of_a_broken_row(desk: Desk) -> None:
    rows = [{"id": 1, "plan": "gold", "priority": "P2", "at": "2026-07-09T09:00", "kind": "paused"}]
    rows += [{**rows[0], "at": "2026-07-09T10:00", "kind": "answered"}]
    path = desk.write("log.jsonl", "".join(json.dumps(row) + "\n" for row in rows[::-1]))
    argv = ["--policy", str(desk.folder / "desk.toml"), "--at", "2026-07-10T12:00"]
    status, out, _ = desk._run("measure", path, "--events", path, *argv)
    assert (status, json.loads(out)["elapsed_s"]) == (0, 3600)
    asked = "gold,P2,2026-07-09T09:00,asked"
    text = f"id,plan,priority,at,kind\n2,gold,P2\n1,{asked}\n3,gold,P2,soon,asked\n,{asked}\n"
    path = desk.write("log.csv", text)
    status, out, err = desk._run("measure", path, "--events", path, *argv)
    assert (status, len(out.splitlines())) == (1, 2)
    assert [line.partition(":")[0] for line in err.splitlines()[:3]] == ["line 2", "line 4", "line 5"]


def test_a_file_of_european_excel(desk: Desk) -> None:
    tickets = written("2026-07-09 13:42", "2026-07-09 14:00")
    semicolons = tickets.replace(",", ";")
    (row,) = desk(f"sep=;\n{semicolons}")[:1]
    assert next(iter(row.values())).startswith("1;gold;P2;2026-07-09 13:42;2026-07-09 14:00;")  # and so is the output
    assert not desk(f"sep=;\n{semicolons.replace('P2', 'P9')}", status=1)
    assert desk.err.startswith("line 3: priority 'P9'")
    for text in (semicolons, f'"{semicolons.replace(";", chr(34) + ";", 1)}'):
        assert not desk(text, status=2)
        assert "the cells may be separated by ';': --delimiter ';'" in desk.err
    assert not desk(tickets.replace(",", "\t"), status=2)
    assert "--delimiter '\\t'" in desk.err
    assert desk._run("measure", str(desk.folder / "tickets.csv"), "--delimiter", "\\t", "--policy", desk.policy)[0] == 0


@pytest.mark.parametrize(
    ("begin", "told"),
    [
        (b"PK\x03\x04xl/", "is a workbook or an archive, not text; save the sheet as CSV"),
        (b"\xd0\xcf\x11\xe0\xa1", "is a workbook of an old Excel"),
        (b"PAR1\x00", "is Parquet; give --format parquet"),
        (b"\xff\xfei\x00d\x00", "begins like UTF-16; give --encoding utf-16"),
        (b"\x1f\x8b\x08\x00broken", "the compressed file is damaged"),
    ],
)
def test_what_is_no_text_is_told_in_one_sentence(desk: Desk, begin: bytes, told: str) -> None:
    path = desk.folder / "odd.csv"
    path.write_bytes(begin)
    status, out, err = desk._run("measure", str(path))
    assert (status, out, len(err.splitlines())) == (2, "", 1)
    assert told in err


def test_utf_16_and_compressed_text(desk: Desk) -> None:
    tickets = written("2026-07-09 13:42", "2026-07-09 14:00")
    plain = desk(tickets)
    wide, packed = desk.folder / "wide.csv", desk.folder / "packed.csv.gz"
    wide.write_bytes(tickets.encode("utf-16"))
    packed.write_bytes(gzip.compress(tickets.encode()))
    argv = ["--policy", desk.policy, "--at", "2026-07-10T12:00"]
    for path, more in ((wide, ["--encoding", "utf-16"]), (packed, [])):
        status, out, _ = desk._run("measure", str(path), *argv, *more)
        assert (status, out.splitlines()[1]) == (0, ",".join(plain[0].values()))
    lines = desk.folder / "packed.jsonl.gz"
    facts = {"plan": "gold", "priority": "P2", "opened_at": "2026-07-09 13:42", "answered_at": "2026-07-09 14:00"}
    lines.write_bytes(gzip.compress(json.dumps(facts).encode()))
    assert '"elapsed_s": 1080' in desk._run("measure", str(lines), *argv)[1]
    packed.write_bytes(gzip.compress(tickets.encode())[:-12])
    assert "the compressed file is damaged" in desk._run("measure", str(packed), *argv)[2]


def test_text_compressed_with_zstandard(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    zstd = pytest.importorskip("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
    facts = {"plan": "gold", "priority": "P2", "opened_at": "2026-07-09 13:42", "answered_at": "2026-07-09 14:00"}
    texts = {"t.csv": written("2026-07-09 13:42", "2026-07-09 14:00"), "t.jsonl": json.dumps(facts)}
    argv = ["--policy", desk.policy, "--at", "2026-07-10T12:00"]
    for name, text in texts.items():
        plain, packed = desk.folder / name, desk.folder / f"{name}.zst"
        plain.write_text(text, encoding="utf-8")
        half = len(text) // 2  # two frames, as `cat a.zst b.zst` joins them
        whole = zstd.compress(text[:half].encode()) + zstd.compress(text[half:].encode())
        packed.write_bytes(whole)
        wanted = desk._run("measure", str(plain), *argv)
        assert wanted[0] == 0
        assert desk._run("measure", str(packed), *argv) == wanted
        for magic in (b"\x50", b"\x5f"):  # a skippable frame before the others, as pzstd writes it
            packed.write_bytes(magic + b"\x2a\x4d\x18\x04\x00\x00\x00abcd" + whole)
            assert desk._run("measure", str(packed), *argv) == wanted
        for damaged in (whole[:-3], whole + b"more", whole[:4] + b"\xff" * 6 + whole[10:], whole[:5]):
            packed.write_bytes(damaged)
            status, out, err = desk._run("measure", str(packed), *argv)
            assert (status, out) == (2, "")
            assert err.startswith(f"kolmisla: {packed}: the compressed file is damaged: ")
    monkeypatch.setattr(opening, "ZSTANDARD_MODULES", ("nowhere",))
    status, out, err = desk._run("measure", str(packed), *argv)
    assert (status, out, len(err.splitlines())) == (2, "", 1)
    assert "needs backports.zstd: pip install 'kolmisla[zst]', or unpack it first: zstd -d FILE" in err


def test_other_errors_of_reading_pass_through(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    path = desk.folder / "t.csv"
    path.write_text("id\n", encoding="utf-8")
    for modules in (opening.ZSTANDARD_MODULES, ("nowhere",)):
        monkeypatch.setattr(opening, "ZSTANDARD_MODULES", modules)
        with pytest.raises(LookupError), opening.reading(str(path), "utf-8"):
            raise LookupError


def test_words_that_are_no_events_tell_nothing(desk: Desk) -> None:
    events = "id,at,kind\n1,soon,Viewed\n1,2026-07-09T14:00,answered\n"
    (row,) = desk(written("2026-07-09 13:42"), "--event-kind", "Viewed=", events=events)
    assert row["elapsed_s"] == "1080"
    summary = Summary()
    summary.respond(("GOLD", 60_000_000), Responses())
    assert not summary.responses
    assert not desk(written("[1]"), status=1)
    facts = {"plan": "gold", "priority": "P2", "opened_at": ["2026-07-09"]}
    path = desk.write("t.jsonl", json.dumps(facts))
    assert "opened_at: must be text, not ['2026-07-09']" in desk._run("measure", path, "--policy", desk.policy)[2]


def test_headers_in_another_case(desk: Desk) -> None:
    tickets = written("2026-07-09 13:42", "2026-07-09 14:00")
    wanted = [*desk(tickets)[0].values()]
    for head in (HEAD.upper(), HEAD.title(), HEAD.replace("opened_at", "Opened_At")):
        assert [*desk(tickets.replace(HEAD, head))[0].values()] == wanted
    assert not desk(tickets.replace("answered_at", "Priority"), "--map", "priority=PRIORITY", status=2)
    assert "priority and Priority differ only in case; name one with --map" in desk.err
    assert not desk(tickets.replace("answered_at", "Due_At"), status=2)
    assert "the file has Due_At already; choose a prefix" in desk.err
    closed = "ID,Plan,Priority,OPENED_AT,Resolved_At\n1,gold,P2,2026-07-09 13:42,2026-07-09 14:00\n"
    assert desk(closed, "--metric", "resolution")[0]["state"] == "met"


def test_names_for_rows_that_name_none(desk: Desk) -> None:
    rows = f"{HEAD}1,gold,,2026-07-09 13:42,\n2,,P1,2026-07-09 13:42,\n"
    assert not desk(rows, status=1)[1:]
    one, other = desk(rows, "--default", "priority=P3", "--default", "plan=gold")
    assert (one["target_s"], other["target_s"]) == ("28800", "3600")
    assert not desk(rows, "--default", "opened_at=x", status=2)
    assert "opened_at cannot have a default" in desk.err


ONE = """
name = "One"
timezone = "UTC"
schedules = { day = { open = "always" } }
priorities = { P = { rank = 1, schedule = "day" } }
plans = { ALL = { rank = 1, targets = { first-response = { within = "PT1H" } } } }
"""


def test_a_policy_with_one_plan_and_one_priority_needs_no_names(desk: Desk) -> None:
    desk.write("desk.toml", ONE)
    (row,) = desk("opened_at,answered_at\n2026-07-09 13:42,2026-07-09 14:00\n")
    assert (row["state"], row["target_s"]) == ("met", "3600")
    assert not desk("opened_at,answered_at\n2026-07-09 13:42,\n", "--map", "plan=desk", status=2)
    (row,) = desk("plan,opened_at,answered_at\n,2026-07-09 13:42,2026-07-09 14:00\n")
    assert row["state"] == "not-covered"  # the column is there, and names none
    path = desk.write("t.jsonl", json.dumps({"opened_at": "2026-07-09 13:42", "answered_at": "2026-07-09 14:00"}))
    assert '"state": "met"' in desk._run("measure", path, "--policy", desk.policy)[1]
    assert desk._run("due", "2026-07-09T13:42Z", "--policy", desk.policy)[1] == "2026-07-09T14:42:00+00:00\n"
    assert desk._run("status", "2026-07-09T13:42Z", "--at", "2026-07-09T14:00Z", "--policy", desk.policy)[0] == 0
    assert "required: --plan, --priority" in desk._run("due", "2026-07-09T13:42Z")[2]


def test_a_long_cell_of_digits_is_looked_at_once(run: Run, tmp_path: Path) -> None:
    """With the square of its length, this would take a minute."""
    (tmp_path / "t.csv").write_text(f"id,opened_at\n1,{'1' * 100_000}\n2,{'1 ' * 100_000}\n", encoding="utf-8")
    status, out, _ = run("layout", "guess", str(tmp_path / "t.csv"))
    assert (status, out.splitlines()[:2]) == (0, ["[columns]", 'id = "id"'])


def test_a_stream_is_read_only_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    text = b"id;opened_at\n1;2026-07-03T16:30Z\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))
    status, _, err = run("layout", "guess", "-")
    assert (status, err) == (2, "kolmisla: give --delimiter, because - is no ordinary file, and is read only once\n")
    status, out, _ = run("layout", "guess", "-", "--delimiter", ";")
    assert (status, 'opened_at = "opened_at"' in out.splitlines()) == (0, True)


@pytest.mark.parametrize("act", [("layout", "guess"), ("layout", "check"), ("policy", "check"), ("policy", "diff")])
def test_an_answer_is_not_appended_to_the_file_that_it_is_about(act: tuple[str, str], tmp_path: Path) -> None:
    file = tmp_path / "file.toml"
    file.write_text("name = 'x'\n", encoding="utf-8")
    with file.open("a", encoding="utf-8") as out:
        names = [str(file)] * (2 if act[1] == "diff" else 1)
        done = subprocess.run(
            [sys.executable, "-m", "kolmisla", *act, *names], stdout=out, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, b"are the same file" in done.stderr) == (2, True)
    assert file.read_text(encoding="utf-8") == "name = 'x'\n"


def test_a_layout_of_ours_is_no_file_that_is_read(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shell makes the file `jira` first. Only `guess` reads the policy."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.toml").write_text("name = [", encoding="utf-8")
    monkeypatch.setenv("KOLMISLA_POLICY", "broken.toml")
    with open("jira", "w", encoding="utf-8") as out:
        done = subprocess.run([sys.executable, "-m", "kolmisla", "layout", "show", "jira"], stdout=out, check=True)
    assert (done.returncode, run("layout", "show", "jira")[1]) == (0, (tmp_path / "jira").read_text(encoding="utf-8"))
    with open("broken.toml", "a", encoding="utf-8") as out:
        subprocess.run([sys.executable, "-m", "kolmisla", "policy", "schema"], stdout=out, check=True)
