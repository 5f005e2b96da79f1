"""A run in which nothing could tell an end of the metric says so, and is no success."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.answers.test_reports import DESK, Desk
from tests.answers.test_reports import desk as desk
from tests.commands.test_answers import run as run

OPENED = "2026-07-07T09:00"
HEAD = f"id,plan,priority,opened_at,closed_on,Replied\n1,gold,P2,{OPENED},2026-07-07T10:00,\n"
RESOLUTION = ["--metric", "resolution"]
NOTHING = "id,at,kind\n1,2026-07-07T09:30,asked\n"


@pytest.mark.parametrize(
    ("metric", "told"),
    [
        (RESOLUTION, "no ticket has a resolution; is it in closed_on? --map resolved_at=closed_on; if there is none,"),
        ([], "no ticket has an answer; is it in Replied? --map answered_at=Replied; if there is none,"),
        (["--metric", "next-response"], "no ticket has an answer to a question; give the events with --events"),
    ],
)
def test_without_a_column_of_ends_it_says_what_to_type(desk: Desk, metric: list[str], told: str) -> None:
    (row,) = desk(HEAD, *metric, status=1)
    assert row["id"] == "1"  # written all the same
    assert any(line.startswith(told) for line in desk.err.splitlines())


def test_what_it_says_to_type_helps(desk: Desk) -> None:
    assert desk(HEAD, *RESOLUTION, "--map", "resolved_at=closed_on")[0]["state"] == "met"
    assert "no ticket has" not in desk.err
    desk(HEAD, *RESOLUTION, "--map", "resolved_at=")
    assert "no ticket has a resolution: the file has none, according to its layout" in desk.err
    desk(HEAD, "--map", "answered_at=")
    assert "no ticket has an answer: the file has none" in desk.err
    desk(HEAD, "--set", "answered_at=")
    assert "no ticket has an answer: the file has none" in desk.err
    desk(HEAD, "--map", "answered_at=Replied")
    assert "no ticket has an answer: answered_at is blank in every row" in desk.err


@pytest.mark.parametrize(
    ("header", "asks"),
    [
        ("First Response", True),
        ("Primeira Resposta", True),
        ("erste antwort am", True),
        ("Responsible", False),
        ("Time to first response", False),
        ("First response in minutes", False),
        ("Last response", False),
    ],
)
def test_a_column_that_seems_to_have_the_first_answers_is_named(desk: Desk, header: str, asks: bool) -> None:
    """Without it, the resolution ends the first response, and nobody would see that the answers are not read."""
    text = f"id,plan,priority,opened_at,resolved_at,{header}\n1,gold,P2,{OPENED},2026-07-07T12:00,2026-07-07T09:10\n"
    (row,) = desk(text)
    told = "no column is read as answers, so only a resolution ends first-response; is it in "
    option = f"--map 'answered_at={header}'" + "; if there is none, --map answered_at="
    assert (row["response_s"], f"{told}{header}? {option}" in desk.err) == ("", asks)
    ends = '[metrics.either]\nstarts = ["opened"]\nends = ["resolved", "answered"]\n'
    ours = desk.write("desk.toml", f'{DESK}[plans.GOLD.targets.either]\nP2 = {{ within = "PT4H" }}\n{ends}')
    assert desk(text, "--policy", ours, "--metric", "either")  # the same column, whichever end is written first
    assert (f"so only a resolution ends either; is it in {header}? {option}" in desk.err) == asks
    for more in (["--map", f"answered_at={header}"], ["--map", "answered_at="], RESOLUTION):
        desk(text, *more)
        assert told not in desk.err


@pytest.mark.parametrize(
    ("columns", "near"),
    [
        ("Resolution time,x", "--map 'resolved_at=Resolution time'"),
        ("Fechado em,x", "--map 'resolved_at=Fechado em'"),
        ("solved,closed,completed,done_at", "is it in solved or closed or completed? --map resolved_at=solved"),
        ("x,y", "name its column with --map resolved_at=COLUMN, or give --events"),
    ],
)
def test_columns_that_look_like_an_end_are_named(desk: Desk, columns: str, near: str) -> None:
    head = f"plan,priority,opened_at,{columns}\ngold,P2,{OPENED}{',' * (columns.count(',') + 1)}\n"
    desk(head, *RESOLUTION, status=1)
    assert near in desk.err


def test_all_metrics_fail_only_if_no_promised_one_could_be_told(desk: Desk) -> None:
    answered = HEAD.replace("Replied", "answered_at")
    every = ["--metric", "all"]
    desk(answered, *every)
    assert "no ticket has a resolution; is it in closed_on?" in desk.err
    desk(HEAD, *every, status=1)
    desk.write(
        "desk.toml",
        DESK.partition("[plans.GOLD.targets.first-response]")[0]
        + "[plans.GOLD.targets]\nresolution = { within = 'PT8H' }\n",
    )
    desk(answered, *every, status=1)  # only resolutions are promised


def test_events_could_tell_what_their_words_could(desk: Desk) -> None:
    desk(HEAD, *RESOLUTION, events=NOTHING)
    assert "no ticket has a resolution" in desk.err.splitlines()
    words = ["--event-kind", "asked=asked"]
    desk(HEAD, *RESOLUTION, *words, events=NOTHING, status=1)
    assert "no ticket has a resolution; translate a word for it with --event-kind WORD=resolved" in desk.err
    desk(HEAD, *RESOLUTION, *words, "--event-kind", "Done=resolved", events=NOTHING)
    assert "no ticket has a resolution" in desk.err.splitlines()


def test_a_file_of_no_tickets_or_of_rejects_alone_has_nothing_to_tell(desk: Desk) -> None:
    assert desk("plan,priority,opened_at\n") == []
    assert desk(f"plan,priority,opened_at\ngold,P9,{OPENED}\n", status=1) == []
    assert "no ticket has" not in desk.err


def test_json_rows_tell_by_their_keys(desk: Desk) -> None:
    def measured(*rows: dict[str, Any], status: int, options: tuple[str, ...] = ()) -> str:
        facts = {"plan": "gold", "priority": "P2", "opened_at": OPENED}
        path = desk.write("t.jsonl", "".join(json.dumps({**facts, **row}) + "\n" for row in rows))
        ended, _, err = desk._run("measure", path, "--policy", str(desk.folder / "desk.toml"), *options)
        assert ended == status, err
        return err

    assert "is it in replyTime? --map answered_at=replyTime" in measured({}, {"replyTime": 1}, status=1)
    assert "answered_at is blank in every row" in measured({}, {"answered_at": None}, status=0)
    measured({}, {"answered_at": "2026-07-07T10:00"}, status=0)
    measured({}, {"events": [{"kind": "resolved", "at": "2026-07-07T10:00"}]}, status=0)
    measured({}, {"events": []}, status=1)
    measured({}, status=0, options=("--map", "answered_at="))


def test_large_files_and_parquet_say_the_same(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    pl = pytest.importorskip("polars", reason="the extra polars is not installed")
    small = desk(HEAD, status=1), desk.err
    blank = desk(HEAD, "--map", "answered_at=Replied"), desk.err
    monkeypatch.setattr("kolmisla.cli.files.LARGE", 0)
    assert (desk(HEAD, status=1), desk.err) == small
    assert (desk(HEAD, "--map", "answered_at=Replied"), desk.err) == blank
    opened = pl.col("opened_at").str.to_datetime("%Y-%m-%dT%H:%M")
    frame = pl.read_csv(desk.folder / "tickets.csv", schema_overrides={"Replied": pl.String}).with_columns(opened)
    source, out = desk.folder / "t.parquet", desk.folder / "o.parquet"
    frame.with_columns(pl.col("Replied").str.to_datetime("%Y")).write_parquet(source)
    argv = [
        "measure",
        str(source),
        "-o",
        str(out),
        "--at",
        "2026-07-10T12:00",
        "--policy",
        str(Path(desk.folder) / "desk.toml"),
    ]
    assert desk._run(*argv) == (1, "", small[1])
    assert desk._run(*argv, "--map", "answered_at=Replied") == (0, "", blank[1])
    assert "the file has none" in desk._run(*argv, "--map", "answered_at=")[2]


@pytest.mark.parametrize("answered", ["", " ", "\t"])
def test_a_cell_of_blanks_is_blank_in_plain_rows_too(desk: Desk, answered: str) -> None:
    desk(f"plan,priority,opened_at,answered_at\ngold,P2,{OPENED},{answered}\n")
    assert "no ticket has an answer: answered_at is blank in every row" in desk.err
