"""Cases that people reported of files of other systems, each told by its short name: how they are read."""

import pytest

from tests.answers.test_reports import KOLMISOFT, Desk
from tests.answers.test_reports import desk as desk
from tests.commands.test_answers import Run
from tests.commands.test_answers import run as run

LOG = [
    "INC1,Active,2026-07-07T10:30,2026-07-07T09:00,P3",
    "INC1,Active,2026-07-07T11:00,2026-07-07T09:00,P1",
    "INC1,Resolved,2026-07-07T11:30,2026-07-07T09:00,P1",
]
HEAD = "id,plan,priority,opened_at,answered_at\n"


@pytest.mark.parametrize("rows", [LOG, LOG[::-1], [LOG[1], LOG[2], LOG[0]]])
def test_w2_a_log_listed_newest_first(run: Run, desk: Desk, rows: list[str]) -> None:
    log = desk.write("log.csv", "\n".join(["number,status,at,opened_at,priority", *rows]) + "\n")
    words = ["--event-kind", "Active=answered,resumed", "--event-kind", "Resolved=resolved"]
    named = ["--map", "id=number", "--map", "kind=status", "--set", "plan=gold", *words]
    status, out, _ = run("measure", log, "--events", log, "--policy", desk.policy, *named, "--at", "2026-07-10T12:00")
    assert (status, out.splitlines()[1].split(",")[-5:-2]) == (0, ["28800", "met", ""])


def test_a7_two_clocks_that_disagree(desk: Desk) -> None:
    row = f"{HEAD}1,gold,P1,2026-07-07T09:00:02,2026-07-07T09:00:00\n"
    assert desk(row, status=1) == []
    assert "is before opened_at" in desk.err
    (judged,) = desk(row, "--tolerance", "PT1M")
    assert (judged["state"], judged["elapsed_s"]) == ("met", "0")
    assert "1 event shortly before the opening counts as an event at the opening" in desk.err


@pytest.mark.parametrize("first", ["", "sep=;\n"])
def test_a9_csv_of_a_european_spreadsheet(run: Run, desk: Desk, first: str) -> None:
    text = f"{first}{HEAD}1,gold,P1,2026-07-07T09:00,2026-07-07T09:30\n".replace(",", ";")
    path, at = desk.write("t.csv", f"\ufeff{text}"), ["--policy", desk.policy, "--at", "2026-07-10T12:00"]
    status, out, err = run("measure", path, *at)
    if first:
        assert (status, ";met;" in out) == (0, True)
    else:
        assert (status, "--delimiter ';'" in err) == (2, True)
        assert ";met;" in run("measure", path, *at, "--delimiter", ";")[1]
    (desk.folder / "t.csv").write_bytes(text.encode("utf-16"))
    status, _, err = run("measure", path, *at)
    assert (status, "--encoding utf-16" in err) == (2, True)


@pytest.mark.parametrize(
    ("opened", "told"),
    [
        ("2026-07-06T24:00", "2026-07-07T09:00:00+03:00"),
        ("20260707T050000Z", "2026-07-07T09:00:00+03:00"),
        ("2026-07-07T08:00:00 +0300", "2026-07-07T09:00:00+03:00"),
        ("2026-07-07T08:00:00+03:00[Europe/Vilnius]", "2026-07-07T09:00:00+03:00"),
        ("2026-07-07T08:00:60", "has a second of 60; write second 59, or the next minute"),
    ],
)
def test_a10_other_forms_of_iso_8601(desk: Desk, opened: str, told: str) -> None:
    rows = desk(f"{HEAD}1,gold,P1,{opened},\n", status=int("60" in opened[-2:]))
    assert told in (rows[0]["due_at"] if rows else desk.err)


@pytest.mark.parametrize("word", ["0000-00-00 00:00:00", "Not set", "NULL", "N/A", "-"])
def test_x19_no_time_in_words(desk: Desk, word: str) -> None:
    (row,) = desk(f"{HEAD}1,gold,P1,2026-07-10T11:30,{word}\n2,gold,P1,2026-07-10T11:30,2026-07-10T11:40\n")[:1]
    assert (row["state"], row["elapsed_s"]) == ("running", "1800")


def test_x19_a_word_of_ones_own(desk: Desk) -> None:
    rows = f"{HEAD}1,gold,P1,2026-07-10T11:30,?\n2,gold,P1,2026-07-10T11:30,2026-07-10T11:40\n"
    assert len(desk(rows, status=1)) == 1
    assert [row["state"] for row in desk(rows, "--none", "?")] == ["running", "met"]


def test_x20_numbers_as_times(desk: Desk) -> None:
    row = f"{HEAD}1,premium,high,1783085400000,1783402200000\n"
    assert desk(row, *KOLMISOFT, status=1) == []
    assert "the time format must say what it counts: epoch" in desk.err
    for form in ("epoch", "epoch-ms"):
        (judged,) = desk(row, *KOLMISOFT, "--time-format", form)
        assert (judged["due_at"], judged["state"]) == ("2026-07-07T08:30:00+03:00", "met")


def test_x22_months_in_another_language(desk: Desk) -> None:
    pytest.importorskip("babel", reason="the extra languages is not installed")
    row = f"{HEAD}1,gold,P1,04/Mai/26 4:30 PM,\n2,gold,P1,04/Mai/26 4:30 PM,04/Mai/26 4:45 PM\n"
    form = ["--time-format", "%d/%b/%y %I:%M %p"]
    assert desk(row, *form, status=1) == []
    first, second = desk(row, *form, "--time-language", "de")
    assert (first["state"], second["state"], second["elapsed_s"]) == ("breached", "met", "900")
