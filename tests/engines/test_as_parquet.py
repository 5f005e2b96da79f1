"""Text in and Parquet out: the rows are those of the text that goes out otherwise, in columns with types."""

import csv
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import pytest

pl = pytest.importorskip("polars", reason="the extra polars is not installed")
pytest.importorskip("narwhals", reason="the extra polars is not installed")

from hypothesis import given
from hypothesis import strategies as st

from kolmisla.cli import main
from kolmisla.files import Measuring
from kolmisla.files.bulk import as_parquet
from kolmisla.files.tables import CsvTable

pytestmark = pytest.mark.polars

AT = ["--at", "2026-07-14T11:00+03:00"]
HEAD = ["id", "plan", "priority", "opened_at", "answered_at", 'note, or "so"', ""]
INSTANTS = ("due_at", "breaches_after", "started_at", "ended_at")
OPENED = datetime(2026, 7, 3, 13, 30, tzinfo=UTC)

TIMES = st.builds(lambda minutes: (OPENED + timedelta(minutes=minutes)).isoformat(), st.integers(-99, 9999)) | (
    st.sampled_from(["", " 2026-07-03 16:30", "soon", "2026-07-03T16:30:00.000001+03:00"])
)
NOTES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6) | st.sampled_from(
    ["", '"', "a\nb", "a\r\nb", "\r", "on, two;", "null", "1e3", "\ufeff"]
)
ROWS = st.tuples(
    NOTES,
    st.sampled_from(["premium", " ENTERPRISE", "", "gold"]),
    st.sampled_from(["high", "low", "blocker", "nonsense"]),
    TIMES,
    st.just("") | TIMES,
    NOTES,
    NOTES,
)
OPTIONS = st.sampled_from(
    [[], ["--metric", "all"], ["--metric", "next-response"], ["--precision", "PT1M"], ["--prefix", "sla_"]]
)


def run(argv: list[str]) -> int:
    return main(["measure", *argv, "--ambiguous", "earlier", *AT])


def as_read(name: str, cell: Any) -> Any:
    """A value that text writes, as the type of its column."""
    name = name.removeprefix("sla_")
    if cell in (None, ""):
        return None
    if name in INSTANTS:
        return datetime.fromisoformat(cell)
    if name == "cycle":
        return int(cell)
    return float(cell) if name.endswith("_s") else cell


def same(folder: Path, kind: str, options: list[str]) -> tuple[Any, list[dict[str, Any]]]:
    """Check that both ways give one status and the same rejects. Return the frame and the rows of text."""
    tickets, text, parquet = folder / f"t.{kind}", folder / f"o.{kind}", folder / "o.parquet"
    status = run([str(tickets), "-o", str(text), *options])
    assert run([str(tickets), "-o", str(parquet), *options]) == status
    rejects = [folder / f"{out.name}.rejects.csv" for out in (text, parquet)]
    assert rejects[0].read_bytes() == rejects[1].read_bytes()
    if kind == "csv":
        with text.open(encoding="utf-8", newline="") as stream:
            rows: list[dict[str, Any]] = list(csv.DictReader(stream))
    else:
        rows = [json.loads(line) for line in text.read_text(encoding="utf-8").split("\n") if line]
    return pl.read_parquet(parquet), rows


@given(st.lists(ROWS, max_size=8), OPTIONS, st.integers(1, 3))
def test_csv_gives_the_rows_of_csv(rows: list[Any], options: list[str], size: int) -> None:
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(as_parquet, "ROWS_HELD", size)
        with open(f"{name}/t.csv", "w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([HEAD, *rows])
        frame, wanted = same(Path(name), "csv", options)
    assert frame.columns[: len(HEAD)] == HEAD
    assert set(frame.dtypes[: len(HEAD)]) == {pl.String}
    assert frame.to_dicts() == [
        {key: cell or None if key in HEAD else as_read(key, cell) for key, cell in row.items()} for row in wanted
    ]


VALUES = st.none() | st.booleans() | NOTES | st.integers() | st.floats(allow_nan=False) | st.lists(NOTES, max_size=2)
OBJECTS = st.fixed_dictionaries(
    {"plan": st.sampled_from(["premium", "gold"]), "priority": st.sampled_from(["high", "urgent"]), "opened_at": TIMES},
    optional={"answered_at": TIMES, "id": VALUES, "ž": VALUES, "more": st.dictionaries(NOTES, VALUES, max_size=2)},
)


def text_of(value: Any) -> Any:
    """A value of JSON as the text of its column."""
    return value or None if isinstance(value, str | None) else json.dumps(value, ensure_ascii=False)


@given(st.lists(OBJECTS, max_size=8), OPTIONS)
def test_json_lines_give_the_rows_of_json_lines(objects: list[Any], options: list[str]) -> None:
    with TemporaryDirectory() as name:
        lines = [json.dumps(row, ensure_ascii=False, indent=None) + "\n" for row in objects]
        Path(name, "t.jsonl").write_text("".join(lines), encoding="utf-8", newline="")
        frame, wanted = same(Path(name), "jsonl", options)
    own = {key for row in objects for key in row}
    assert [{key: cell for key, cell in row.items() if cell is not None} for row in frame.to_dicts()] == [
        {key: cell for key, cell in read.items() if cell is not None}
        for row in wanted
        for read in [{key: text_of(cell) if key in own else as_read(key, cell) for key, cell in row.items()}]
    ]


def test_the_types_are_those_of_a_parquet_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    frame = pl.DataFrame({"plan": ["premium"], "priority": ["high"], "opened_at": [OPENED]})
    frame.write_parquet("t.parquet")
    frame.with_columns(pl.col("opened_at").dt.to_string("iso:strict")).write_csv("t.csv")
    for metric in ([], ["--metric", "resolution"]):
        for kind in ("csv", "parquet"):
            main(["measure", f"t.{kind}", "-o", f"{kind}.parquet", *metric, *AT])
        typed, wanted = pl.read_parquet("csv.parquet"), pl.read_parquet("parquet.parquet")
        assert typed.drop("opened_at").equals(wanted.drop("opened_at"), null_equal=True)
        assert typed.drop("opened_at").schema == wanted.drop("opened_at").schema
        assert typed["opened_at"].dtype == pl.String


def test_large_files_and_logs_go_through_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("kolmisla.cli.files.LARGE", 1)
    row = f"premium,high,{OPENED.isoformat()},"
    Path("t.csv").write_text("id,plan,priority,opened_at,note\n" + f"7,{row}ž\n" + f"8,{row}\n", encoding="utf-8")
    Path("e.csv").write_text("id,at,kind\n7,2026-07-03T16:45+03:00,answered\n", encoding="utf-8")
    assert run(["t.csv", "-o", "o.parquet", "--events", "e.csv", "--metric", "all"]) == 0
    assert run(["t.csv", "-o", "o.csv", "--events", "e.csv", "--metric", "all"]) == 0
    frame = pl.read_parquet("o.parquet")
    with open("o.csv", encoding="utf-8", newline="") as stream:
        wanted = list(csv.DictReader(stream))
    assert (
        frame["state"].to_list()
        == [row["state"] for row in wanted]
        == ["met", "not-covered", "breached", "not-covered"]
    )
    assert frame["elapsed_s"].to_list() == [as_read("elapsed_s", row["elapsed_s"]) for row in wanted]


def test_numbers_and_halves_of_characters_of_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    facts = f'"plan": "premium", "priority": "high", "opened_at": "{OPENED.isoformat()}"'
    lines = [f'{{{facts}, "n" : 1.50 ,"e":"\\ud83d"}}', f'{{ "\\ud83d": [1.0, {{"a": null}}], {facts} }}']
    Path("t.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert run(["t.jsonl", "-o", "o.parquet", "--map", "answered_at="]) == 0
    first, second = pl.read_parquet("o.parquet").to_dicts()
    assert (first["n"], first["e"], first["\\ud83d"]) == ("1.50", "\\ud83d", None)
    assert (second["n"], second["\\ud83d"]) == (None, '[1.0, {"a": null}]')
    monkeypatch.setattr(as_parquet, "KEYS_AS_COLUMNS", 4)
    assert run(["t.jsonl", "-o", "o.parquet", "--map", "answered_at="]) == 2


def test_documents_go_out_as_columns_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    facts = {"plan": "premium", "priority": "high", "opened_at": OPENED.isoformat(), "tags": ["a", "b"]}
    Path("t.json").write_text(json.dumps([facts], indent=1), encoding="utf-8")
    assert run(["t.json", "-o", "o.parquet", "--map", "answered_at="]) == 0
    frame = pl.read_parquet("o.parquet")
    assert (frame["state"][0], frame["tags"][0]) == ("breached", '["a","b"]')


@pytest.mark.parametrize(
    ("text", "out", "told"),
    [
        ("id,id\n", "o.parquet", "the columns of a Parquet file must have different names; the file repeats id"),
        ("id\n", "nowhere/o.parquet", "nowhere/o.parquet: No such file or directory"),
        ("id,due_at,plan,priority,opened_at\n", "o.parquet", "the file has due_at already"),
        ('id,plan,priority,opened_at\n"', "o.parquet", "is not CSV"),
    ],
)
def test_what_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, text: str, out: str, told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.csv").write_text(text, encoding="utf-8")
    assert run(["t.csv", "-o", out]) == 2
    err = capsys.readouterr().err
    assert told in err
    assert len(err.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


@pytest.mark.parametrize("key", ["State", "DUE_AT"])
def test_a_key_that_differs_from_an_added_column_in_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, key: str
) -> None:
    """Engines take the two for one column, and give the file's own."""
    monkeypatch.chdir(tmp_path)
    row = {"plan": "premium", "priority": "high", "opened_at": "2026-07-03T16:30", key: "x"}
    Path("t.jsonl").write_text(json.dumps(row), encoding="utf-8")
    assert run(["t.jsonl", "-o", "o.parquet"]) == 2
    assert f"the file has {key} already; choose a prefix for the added columns" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["t.jsonl"]


def test_parquet_goes_to_a_file_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.csv").write_text("id\n", encoding="utf-8")
    os.mkfifo("o.parquet")
    assert run(["t.csv", "-o", "o.parquet"]) == 2
    assert "Parquet must go to a file, not to standard output or a pipe" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "kolmisla.files.bulk.as_parquet", None)
    assert run(["t.csv", "-o", "p.parquet"]) == 2
    assert "Parquet needs kolmisla.files.bulk.as_parquet: pip install 'kolmisla[polars]'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("raised", "told"),
    [(ValueError("no"), "kolmisla: t.csv: no\n"), (pl.exceptions.ComputeError("full\nat"), "kolmisla: t.csv: full\n")],
)
def test_a_fault_leaves_no_file(
    raised: Exception, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.csv").write_text(f"plan,priority,opened_at\npremium,high,{OPENED.isoformat()}\n", encoding="utf-8")
    Path("o.parquet").write_bytes(b"before")

    def broken(*_: Any) -> Any:
        raise raised

    name = "_column" if told.endswith("no\n") else "register_io_source"
    monkeypatch.setattr(
        as_parquet, name, lambda *_, **__: SimpleNamespace(sink_parquet=broken) if name[0] == "r" else broken()
    )
    assert run(["t.csv", "-o", "o.parquet"]) == 2
    assert capsys.readouterr().err == told
    assert Path("o.parquet").read_bytes() == b"before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["o.parquet", "t.csv"]


def test_parts_are_what_the_file_becomes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Polars calls for the parts from threads of its own, of which no coverage is measured."""
    monkeypatch.setattr(as_parquet, "ROWS_HELD", 2)
    job = as_parquet.AsParquet(Measuring(at=OPENED), CsvTable(StringIO("id\n")))
    schema = {"id": pl.String(), "n": pl.Int64(), "s": pl.Float64(), "at": pl.Datetime("us", "UTC")}
    rows = [["7", "1", "1.5", "2026-07-03T16:30:00+03:00"], ["", "", "", ""], ["ž", "2", "2", ""]]
    frames = list(job.parts(schema, rows))
    assert [len(frame) for frame in frames] == [2, 1]
    assert pl.concat(frames).rows() == [("7", 1, 1.5, OPENED), (None,) * 4, ("ž", 2, 2.0, None)]
    assert len(list(job.parts(schema, rows[:2]))) == 1
    monkeypatch.setattr(as_parquet, "TEXT_HELD", 1)  # the first row is a part, and so is the last
    assert [len(frame) for frame in job.parts(schema, rows)] == [1, 2]
    job._ended = True  # the main thread has heard a signal: no part more is written
    with pytest.raises(InterruptedError):
        list(job.parts(schema, rows))
