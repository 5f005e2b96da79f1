"""`kolmisla measure` on Parquet: the same answers as on text, and files that appear complete or not at all."""

import csv
import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

pl = pytest.importorskip("polars", reason="the extra polars is not installed")
pytest.importorskip("narwhals", reason="the extra polars is not installed")

from kolmisla import KOLMISOFT, columns, report
from kolmisla.cli import main
from kolmisla.files import Measuring
from kolmisla.files.bulk.parquet import ROW, ParquetJob, _values
from kolmisla.files.responses import Responses

pytestmark = pytest.mark.polars

AT = ["--at", "2026-07-14T11:00+03:00"]
SECONDS = ("elapsed_s", "target_s", "response_s")
NAMES = {"due_at", "breaches_after", "ended_at"}


def tickets(rows: int = 300) -> Any:
    """Tickets of every kind, some of them none."""
    opened = datetime(2026, 7, 1, tzinfo=UTC)
    plans, priorities = ["premium", "Enterprise", None, "gold"], ["high", "BLOCKER", "low", "medium", "nonsense"]
    given = [
        {
            "id": number,
            "plan": plans[number % 7 if number % 7 < 4 else 0],
            "severity": priorities[number % 11 if number % 11 < 5 else 0],
            "opened_at": None if number % 97 == 5 else opened + timedelta(minutes=61 * number),
            "answered_at": None if number % 3 else opened + timedelta(minutes=60 * number + 240),
            "channel": "phone" if number % 13 == 0 else None,
        }
        for number in range(rows)
    ]
    time = pl.Datetime("us", "UTC")
    return pl.DataFrame(given, schema_overrides={"opened_at": time, "answered_at": time, "channel": pl.String})


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row of either file, as numbers, instants and texts."""
    found = {name: value or None for name, value in row.items() if name not in ("opened_at", "answered_at")}
    for name in NAMES & row.keys():
        at = row[name]
        found[name] = datetime.fromisoformat(at) if at and isinstance(at, str) else at or None
    return {
        **found,
        **{name: None if row[name] in (None, "") else float(row[name]) for name in SECONDS},
    }


def alike(summary: str) -> list[str]:
    """A summary without examples of rejects, which name the values of a row in a text file."""
    return [re.sub(r"(answered_at) \S+ (is before opened_at).*", r"\1 \2", line) for line in summary.splitlines()]


def test_the_answers_are_those_for_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.chdir(tmp_path)
    frame = tickets()
    frame.write_parquet("tickets.parquet", row_group_size=64)
    text = frame.with_columns(pl.col("opened_at", "answered_at").dt.to_string("iso:strict"))
    text.write_csv("tickets.csv")
    options = ["--map", "priority=severity", "--value", "plan:gold=premium", *AT]
    assert main(["measure", "tickets.csv", "-o", "out.csv", *options]) == 1
    told = capsys.readouterr().err
    assert main(["measure", "tickets.parquet", "-o", "out.parquet", *options]) == 1
    assert alike(capsys.readouterr().err) == alike(told.replace("out.csv.rejects", "out.parquet.rejects"))
    with open("out.csv", encoding="utf-8", newline="") as stream:
        wanted = [plain(row) for row in csv.DictReader(stream)]
    found = pl.read_parquet("out.parquet")
    assert [plain({**row, "id": str(row["id"])}) for row in found.to_dicts()] == wanted
    assert found.schema["due_at"] == pl.Datetime("us", "Europe/Vilnius")
    assert found.columns[:6] == frame.columns
    with open("out.parquet.rejects.csv", encoding="utf-8", newline="") as stream:
        rejected = list(csv.DictReader(stream))
    with open("out.csv.rejects.csv", encoding="utf-8", newline="") as stream:
        lines = [int(row["line"]) for row in csv.DictReader(stream)]
    assert sorted(int(row["row"]) + 1 for row in rejected) == lines  # the header is a line
    reasons = {row["reason"] for row in rejected}
    assert "opened_at is missing" in reasons
    assert "priority 'nonsense' is not one of BLOCKER, HIGH, MEDIUM, LOW" in reasons


def test_wall_times_are_the_zones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.chdir(tmp_path)
    walls = [datetime(2026, 10, 25, 3, 30), datetime(2026, 7, 3, 16, 30)]
    frame = pl.DataFrame({"plan": ["premium"] * 2, "priority": ["high"] * 2, "opened_at": walls})
    frame.write_parquet("tickets.parquet")
    at = ["--at", "2026-11-01T00:00Z", "--map", "answered_at="]
    assert main(["measure", "tickets.parquet", "-o", "out.parquet", *at]) == 1
    assert "1 rejected" in capsys.readouterr().err
    assert (
        main(["measure", "tickets.parquet", "-o", "out.parquet", "--ambiguous", "later", "--prefix", "sla_", *at]) == 0
    )
    due = pl.read_parquet("out.parquet")["sla_due_at"].to_list()
    assert [each.isoformat() for each in due] == ["2026-10-26T10:00:00+02:00", "2026-07-07T08:30:00+03:00"]


def test_no_rows_are_no_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    tickets()[:0].write_parquet("tickets.parquet")
    assert main(["measure", "tickets.parquet", "-o", "out.parquet", "--set", "priority=high", *AT]) == 0
    assert pl.read_parquet("out.parquet").columns[-1] == "response_s"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            ["-o", "out.parquet", "--events", "tickets.parquet"],
            "leave out --events, because",
        ),
        (["-o", "out.parquet", "--encoding", "cp1257"], "leave out --encoding, because"),
        (
            ["-o", "out.parquet", "--set", "priority=high", "--map", "opened_at=plan"],
            "'plan' must be a column of datetimes, not of String",
        ),
        (["-o", "out.csv"], "out.csv must end in .parquet"),
        ([], "Parquet must go to a file, not to standard output or a pipe; name the file with -o"),
        (["-o", "out.parquet", "--map", "priority=rank"], "there is no column 'rank' for priority; the frame has"),
        (["-o", "out.parquet", "--map", "priority=severity", "--map", "plan=opened_at"], "not of Datetime"),
        (["-o", "nowhere/out.parquet", "--set", "priority=high"], "nowhere/out.parquet: No such file or directory"),
    ],
)
def test_what_cannot_be_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, options: list[str], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    tickets().write_parquet("tickets.parquet")
    assert main(["measure", "tickets.parquet", *options, *AT]) == 2
    assert told in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tickets.parquet"]


def test_a_file_that_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["measure", "missing.parquet", "-o", "out.parquet", *AT]) == 2
    assert capsys.readouterr().err == "kolmisla: missing.parquet: No such file or directory\n"
    Path("tickets.parquet").write_text("id,plan\n", encoding="utf-8")
    assert main(["measure", "tickets.parquet", "-o", "out.parquet", *AT]) == 2
    assert capsys.readouterr().err.startswith("kolmisla: tickets.parquet: ")
    frame = tickets().with_columns(due_at=1)
    frame.write_parquet("tickets.parquet")
    assert main(["measure", "tickets.parquet", "-o", "out.parquet", "--map", "priority=severity", *AT]) == 2
    assert "the file has due_at already; choose a prefix" in capsys.readouterr().err
    assert not Path("out.parquet").exists()


def test_a_bar_on_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("kolmisla.cli.terminal.PATIENCE", -1.0)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    tickets().write_parquet("tickets.parquet")
    assert main(["measure", "tickets.parquet", "-o", "out.parquet", "--map", "priority=severity", *AT]) == 1
    shown = capsys.readouterr().err
    assert "100% 300 rows" in shown
    assert "\r\x1b[K" in shown


def test_a_batch_is_what_the_file_becomes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.chdir(tmp_path)
    frame = tickets(40).rename({"severity": "priority"})
    frame.write_parquet("tickets.parquet")
    assert main(["measure", "tickets.parquet", "-o", "out.parquet", *AT]) == 1
    told = capsys.readouterr().err
    measuring = Measuring(at=datetime.fromisoformat("2026-07-14T11:00+03:00"))
    shown: list[int] = []
    rejected: list[int] = []

    def reject(number: int, *_: Any) -> None:
        rejected.append(number)

    job = ParquetJob("tickets.parquet", measuring, lambda _, rows: shown.append(rows))
    halves = [job.batch(half, reject) for half in (numbered(frame)[:20], numbered(frame)[20:])]
    assert pl.concat(halves).equals(pl.read_parquet("out.parquet"))
    assert shown == [20, 40]
    assert list(job.summary.lines(measuring.policy, "out.parquet.rejects.csv")) == told.splitlines()[:-1]
    with open("out.parquet.rejects.csv", encoding="utf-8", newline="") as stream:
        assert len(list(csv.reader(stream))) == len(rejected) + 1
    unanswered = job.batch(numbered(frame.with_columns(answered_at=None).cast(frame.schema)), lambda *_: None)
    assert not {"met"} & set(unanswered["state"])
    job._ended = True  # the main thread has heard a signal: no batch more is measured
    with pytest.raises(InterruptedError):
        job.batch(numbered(frame), reject)


def test_responses_in_years_that_are_not_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    at = [datetime(1999, 7, 3, tzinfo=UTC)]
    frame = pl.DataFrame({"plan": ["premium"], "priority": ["blocker"], "opened_at": at, "answered_at": at})
    frame = pl.concat([frame, frame.with_columns(pl.col("answered_at") + timedelta(hours=1))])
    frame.write_parquet("tickets.parquet")
    job = ParquetJob("tickets.parquet", Measuring(at=datetime(2026, 1, 1, tzinfo=UTC)), lambda *_: None)
    assert job.batch(numbered(frame), lambda *_: None)["state"].to_list() == ["met", "met"]
    assert job.summary.responses == {("PREMIUM", 1_500_000_000): Responses(at_opening=1, beyond=1)}


def numbered(frame: Any) -> Any:
    return frame.with_row_index(ROW, offset=1)


def test_a_lone_carriage_return_is_no_end_of_a_reject(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    tickets(3).with_columns(severity=pl.lit("urgent"), note=pl.lit("a\rb")).write_parquet("t.parquet")
    assert main(["measure", "t.parquet", "-o", "o.parquet", "--map", "priority=severity", *AT]) == 1
    with open("o.parquet.rejects.csv", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["note"] for row in rows] == ["a\rb"] * 3


def test_a_fact_of_every_row_is_in_the_files_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    frame = tickets(20).drop("severity")
    frame.write_parquet("t.parquet")
    frame.with_columns(pl.col("opened_at", "answered_at").dt.to_string("iso:strict")).write_csv("t.csv")
    options = ["--set", "priority=P1", "--value", "priority:P1=high", "--value", "plan:gold=premium", *AT]
    told = []
    for kind in ("csv", "parquet"):
        assert main(["measure", f"t.{kind}", "-o", f"o.{kind}", *options]) == 1
        told.append(capsys.readouterr().err.replace(f"o.{kind}.rejects", "rejects"))
    assert told[0] == told[1]
    assert ", 1 rejected" in told[0]  # the one without a time


def test_a_time_of_every_row_is_the_same_as_in_a_text_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    frame = tickets(20)
    frame.write_parquet("t.parquet")
    frame.with_columns(pl.col("opened_at", "answered_at").dt.to_string("iso:strict")).write_csv("t.csv")
    for constant in ("opened_at=2026-07-01T09:00", "answered_at=2026-07-06T09:00+03:00", "answered_at=", "opened_at= "):
        told, answers = [], []
        for kind in ("csv", "parquet"):
            options = ["--map", "priority=severity", "--value", "plan:gold=premium", "--set", constant, *AT]
            main(["measure", f"t.{kind}", "-o", f"o.{kind}", *options])
            told.append(capsys.readouterr().err.replace(f"o.{kind}.rejects", "rejects"))
            answers.append((pl.read_csv if kind == "csv" else pl.read_parquet)(f"o.{kind}")["state"].to_list())
        assert alike(told[0]) == alike(told[1])
        assert answers[0] == answers[1]
    options = ["--map", "priority=severity", "--set", "opened_at=soon", *AT]
    for kind in ("csv", "parquet"):
        assert main(["measure", f"t.{kind}", "-o", f"o.{kind}", *options]) == 2
        assert capsys.readouterr().err.startswith("kolmisla: opened_at: 'soon' is not a time")


def test_a_rejected_row_with_times_that_python_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    at = [datetime(2026, 7, 3, tzinfo=UTC)] * 3
    frame = pl.DataFrame({"plan": ["premium", "gold", "gold"], "priority": ["high"] * 3, "opened_at": at})
    frame = frame.with_columns(
        far=pl.Series([0, 10**18, None]).cast(pl.Datetime("us")),
        early=pl.Series([0, -(10**18), 0]).cast(pl.Datetime("ms", "UTC")),
        day=pl.Series([0, 10**8, 0]).cast(pl.Int32).cast(pl.Date),
    )
    frame.write_parquet("tickets.parquet")
    assert main(["measure", "tickets.parquet", "-o", "out.parquet", *AT]) == 1
    with open("out.parquet.rejects.csv", encoding="utf-8", newline="") as stream:
        _, first, second = (row[-3:] for row in csv.reader(stream))
    assert first == [
        "1000000000000000000 us since 1970",
        "-1000000000000000000 ms since 1970",
        "100000000 d since 1970",
    ]
    assert second == ["", "1970-01-01 00:00:00+00:00", "1970-01-01"]
    rejected: list[Any] = []
    job = ParquetJob("tickets.parquet", Measuring(at=datetime(2026, 7, 8, tzinfo=UTC)), lambda *_: None)
    job.batch(numbered(frame), lambda number, _, row: rejected.append((number, row[-1])))
    assert rejected == [(2, first[-1]), (3, datetime(1970, 1, 1).date())]
    job = ParquetJob("tickets.parquet", Measuring(at=datetime(2026, 7, 8, tzinfo=UTC)), lambda *_: None)
    job.run(Path("again.parquet"), lambda number, *_: rejected.append(number))
    assert rejected[2:] == [2, 3]


def test_rejects_are_in_the_order_of_the_file(tmp_path: Path) -> None:
    """Whichever batch comes first; a batch may be empty."""
    frame = frame_of_plans(tmp_path, ["premium", "gold", "silver", "premium", "bronze", "iron", "premium"])
    job = ParquetJob(str(tmp_path / "t.parquet"), Measuring(at=datetime(2026, 7, 8, tzinfo=UTC)), lambda *_: None)
    rejected: list[Any] = []
    rows = numbered(frame)

    def reject(number: int, text: str, _: Any) -> None:
        rejected.append((number, text.split("'")[1]))

    for first, size in ((5, 2), (2, 3), (0, 0), (0, 2)):
        assert rejected == []
        job.batch(rows[first : first + size], reject)
    assert rejected == [(2, "gold"), (3, "silver"), (5, "bronze"), (6, "iron")]


def frame_of_plans(folder: Path, plans: list[str]) -> Any:
    opened = datetime(2026, 7, 3, 13, 30, tzinfo=UTC)
    frame = pl.DataFrame({"plan": plans, "priority": "high", "opened_at": [opened] * len(plans)})
    frame.write_parquet(folder / "t.parquet")
    return frame


def test_lists_and_structs_of_a_rejected_row_are_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    time, huge = pl.Datetime("us", "UTC"), pl.Series([[2**62, 0], None, [None]], dtype=pl.List(pl.Int64))
    frame = pl.DataFrame({"plan": ["gold"] * 3, "priority": ["high"] * 3, "opened_at": [datetime(2026, 7, 3)] * 3})
    frame = frame.with_columns(
        texts=pl.Series([["ž", None], [], None]),
        whens=huge.cast(pl.List(time)),
        when=pl.DataFrame({"a": pl.Series([2**62, 0, None]).cast(time)}).to_struct(),
        days=pl.Series([[1, 2], [3, 4], None], dtype=pl.Array(pl.Int32, 2)).cast(pl.Array(pl.Date, 2)),
        lasts=pl.Series([2**62, 1, None]).cast(pl.Duration("ms")),
        hour=pl.Series([1, None, 0]).cast(pl.Time),
        bytes=pl.Series([[b"x"], None, [None]]),
        parts=pl.Series([[{"a": 1.5}], [None], []]),
    )
    frame = pl.concat([frame, frame.clear(1).with_columns(plan=pl.lit("gold"))])
    frame.write_parquet("tickets.parquet")
    assert main(["measure", "tickets.parquet", "-o", "out.parquet", *AT]) == 1
    with open("out.parquet.rejects.csv", encoding="utf-8", newline="") as stream:
        _, *rows = csv.reader(stream)
    rows.sort()
    epoch = "1970-01-01 00:00:00+00:00"
    far = "4611686018427387904"
    assert [row[5:] for row in rows] == [
        [
            *('["ž", null]', f'["{far} us since 1970", "{epoch}"]', f'{{"a": "{far} us since 1970"}}'),
            *('["1970-01-02", "1970-01-03"]', f"{far} ms", "00:00:00", "[\"b'x'\"]", '[{"a": 1.5}]'),
        ],
        ["[]", "", f'{{"a": "{epoch}"}}', '["1970-01-04", "1970-01-05"]', "0:00:00.001000", "", "", "[null]"],
        ["", "[null]", '{"a": null}', "", "", "00:00:00", "[null]", "[]"],
        [""] * 8,
    ]
    told: list[Any] = []
    job = ParquetJob("tickets.parquet", Measuring(at=datetime(2026, 7, 8, tzinfo=UTC)), lambda *_: None)
    job.batch(numbered(frame), lambda _, __, row: told.append(["" if cell is None else str(cell) for cell in row[3:]]))
    assert told == [row[5:] for row in rows]


def test_a_time_in_an_unknown_zone_that_is_out_of_range_is_rejected(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arrow = pytest.importorskip("pyarrow", reason="the extra arrow is not installed")
    parquet = pytest.importorskip("pyarrow.parquet", reason="the extra arrow is not installed")
    opened = arrow.array([1_783_085_400], arrow.timestamp("us", "Mars/Base"))
    names = {"plan": ["premium"], "priority": ["high"]}
    parquet.write_table(arrow.table({**names, "opened_at": opened}), tmp_path / "t.parquet")
    assert main(["measure", str(tmp_path / "t.parquet"), "-o", str(tmp_path / "out.parquet"), *AT]) == 1
    assert "most rows were rejected: 1 row: a time is outside" in capsys.readouterr().err
    assert main(["report", str(tmp_path / "t.parquet"), *AT]) == 1  # the instants are in UTC, whatever the zone
    assert "1 rejected: a time is outside" in capsys.readouterr().out
    assert "1970-01-01 00:29:43.085400+00:00" in (tmp_path / "out.parquet.rejects.csv").read_text(encoding="utf-8")
    column = pl.read_parquet(tmp_path / "t.parquet")["opened_at"]
    assert _values(column) == [datetime.fromtimestamp(1783.0854, UTC)]


@pytest.mark.parametrize(
    ("zone", "rejected"),
    [("+05:30", "2026-07-03 19:00:00+05:30"), ("Mars/Phobos", "2026-07-03 13:30:00+00:00")],
    ids=["an offset", "unknown"],
)
def test_times_in_a_zone_that_is_no_place_on_earth(tmp_path: Path, zone: str, rejected: str) -> None:
    arrow = pytest.importorskip("pyarrow", reason="the extra arrow is not installed")
    parquet = pytest.importorskip("pyarrow.parquet", reason="the extra arrow is not installed")
    opened = arrow.array([datetime(2026, 7, 3, 13, 30, tzinfo=UTC)] * 2, arrow.timestamp("us", zone))
    table = arrow.table({"plan": ["premium"] * 2, "priority": ["high", "none"], "opened_at": opened})
    parquet.write_table(table, source := tmp_path / "t.parquet")
    command: list[Any] = [sys.executable, "-m", "kolmisla"]  # a process of its own: Polars has read no zone yet
    measured = [*command, "measure", source, "-o", tmp_path / "o.parquet", *AT]
    told = subprocess.run(measured, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr[:36]) == (1, "2 rows: 0 met, 1 breached, 0 running")
    written = parquet.read_table(tmp_path / "o.parquet")
    assert written["due_at"].to_pylist() == [datetime(2026, 7, 7, 5, 30, tzinfo=UTC)]
    assert written["opened_at"].type.tz == zone
    assert written["opened_at"].cast(arrow.int64()).to_pylist() == [1_783_085_400_000_000]
    assert rejected in (tmp_path / "o.parquet.rejects.csv").read_text(encoding="utf-8")
    reported = [*command, "report", source, "--json", *AT]
    made = subprocess.run(reported, capture_output=True, text=True, check=False)
    assert (made.returncode, json.loads(made.stdout)["total"]["breached"]) == (1, 1)
    (of_frame,) = report(table, at=datetime.fromisoformat(AT[1]), errors="null").rejected
    assert of_frame.such_as.startswith("priority 'none' is not one of ")


def test_a_column_of_a_wrong_type_is_told_by_the_report_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame = pl.DataFrame({"plan": ["premium"], "priority": ["high"], "opened_at": ["2026-07-03T16:30"]})
    frame.write_parquet(source := tmp_path / "t.parquet")
    for command in (["measure", "-o", str(tmp_path / "o.parquet")], ["report"]):
        assert main([command[0], str(source), *command[1:], *AT]) == 2
        assert f"kolmisla: {source}: 'opened_at' must be a column of datetimes, not of" in capsys.readouterr().err


def test_a_fact_that_is_told_to_have_no_column(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one_plan = KOLMISOFT.replace(plans=[KOLMISOFT.plans["PREMIUM"]])
    one_plan.dump(policy := tmp_path / "policy.toml")
    frame = tickets(1).select(pl.lit("other").alias("plan"), pl.lit("high").alias("priority"), "opened_at")
    frame.write_parquet(path := tmp_path / "tickets.parquet")
    out = tmp_path / "out.parquet"
    options = ["-o", str(out), *AT, "--format", "parquet", "--map", "plan=", "--map", "answered_at="]
    assert main(["measure", str(path), "--policy", str(policy), *options]) == 0
    assert pl.read_parquet(out)["state"].to_list() == ["breached"]
    at = datetime.fromisoformat(AT[1])
    assert columns.measure(frame, policy=one_plan, columns={"plan": ""}, at=at)["state"].to_list() == ["breached"]
    assert main(["measure", str(path), *options]) == 2
    assert "there must be a column for plan" in capsys.readouterr().err
