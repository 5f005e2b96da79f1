"""Formats of times for a file or a fact, words for no time, and two clocks that disagree."""

import io
import json
from datetime import timedelta
from typing import Any

import pytest

from kolmisla.files import Layout, Log
from kolmisla.files.tables import CsvTable
from tests.answers.test_reports import Desk
from tests.answers.test_reports import desk as desk
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
    assert "1 events from just before the opening are taken to be at the opening (tolerance)" in desk.err
    assert not desk(early, "--tolerance", "PT1S", status=1)
    events = "id,at,kind\n1,2026-07-09T08:59:30,asked\n1,2026-07-09T08:59:59,answered\n1,2026-07-09T08:00,paused\n"
    (row,) = desk(early.replace("2026-07-09T08:59:58", ""), "--tolerance", "PT1M", events=events)
    assert (row["state"], row["elapsed_s"]) == ("met", "0")
    assert "2 events from just before" in desk.err
    assert "is not a duration" in desk._run("measure", "t.csv", "--tolerance", "1 minute")[2]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"tolerance": 5}, "tolerance must be a timedelta, not 5"),
        ({"formats": {"opened": ["%c"]}}, "unknown fact: opened"),
        ({"pattern": 7}, "pattern must be a Sequence, not 7"),
        ({"pattern": [7]}, "pattern must be a str, not 7"),
        ({"none": [7]}, "a word in none must be a str, not 7"),
    ],
)
def test_layouts_that_are_none(given: dict[str, Any], told: str) -> None:
    with pytest.raises((TypeError, ValueError), match=told):
        Layout(**given)


def test_a_tolerance_is_not_negative() -> None:
    with pytest.raises(ValueError, match="tolerance must not be negative"):
        Layout(tolerance=timedelta(-1))
    with pytest.raises(ValueError, match="order is for frames of events"):
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
