"""`kolmisla measure` on Parquet with any metric: the rows, the counts and the rejects are those of text."""

import csv
import re
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

pl = pytest.importorskip("polars", reason="the extra polars is not installed")
pytest.importorskip("narwhals", reason="the extra polars is not installed")

from hypothesis import given
from hypothesis import strategies as st

from kolmisla import KOLMISOFT
from kolmisla.cli import main
from kolmisla.files import Layout, Measuring
from kolmisla.files.bulk.parquet import ROW, ParquetJob
from kolmisla.files.tables import CsvTable
from kolmisla.policies.terms.metrics import METRICS
from kolmisla.tickets.cycles.cycle_clocks import NOTHING_ASKED
from tests.engines.tickets import POLICIES

pytestmark = pytest.mark.polars

AT = datetime.fromisoformat("2026-07-14T11:00+03:00")
FACTS = ("opened_at", "answered_at", "resolved_at", "reopened_at", "closed_at")
INSTANTS = {"due_at", "breaches_after", "started_at", "ended_at", *FACTS}
TIME = pl.Datetime("us", "UTC")
OPENED = datetime(2026, 7, 3, 13, 30, tzinfo=UTC)
DESKS = {"kolmisoft": KOLMISOFT, **POLICIES}
MEASURED = [None, ["first-response"], ["resolution"], ["next-response"], ["resolution", "next-response"], list(METRICS)]

times = st.builds(lambda minutes: OPENED + timedelta(minutes=minutes), st.integers(0, 20_000))
TIMES = times | st.sampled_from(
    [None, OPENED, datetime(1999, 7, 3, tzinfo=UTC), datetime(2026, 7, 14, 8, tzinfo=UTC), AT + timedelta(hours=9)]
)
ROWS = st.builds(
    lambda plan, priority, channel, *at: (
        {"plan": plan, "priority": priority, "channel": channel} | dict(zip(FACTS, at, strict=True))
    ),
    st.sampled_from(["premium", "gold", "BASIC", None, "nonsense"]),
    st.sampled_from(["high", "urgent", "NORMAL", "blocker", None, "nonsense"]),
    st.sampled_from([None, None, "mail", "phone"]),
    TIMES,
    *[st.none() | TIMES] * 4,
)


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row of either file, as numbers, instants and texts."""

    def value(name: str, cell: Any) -> Any:
        if cell in ("", None):
            return None
        if name == "reason":  # a column does not repeat the times of the row
            return re.sub(r"^\S+ is before the first", "opened before the first", cell)
        if name in INSTANTS:
            return datetime.fromisoformat(cell) if isinstance(cell, str) else cell
        return float(cell) if name.endswith("_s") or name == "cycle" else cell

    return {name: value(name, cell) for name, cell in row.items()}


def as_text(frame: Any, measuring: Measuring) -> tuple[list[dict[str, Any]], list[int], dict[str, Any]]:
    """What the row engine writes, rejects and counts for the same tickets as text."""
    stream, rejected = StringIO(), []
    stream.write(frame.with_columns(pl.col(*FACTS).dt.to_string("iso:strict")).write_csv())
    stream.seek(0)
    out = StringIO()
    summary = measuring.run(CsvTable(stream), out, lambda line, *_: rejected.append(line - 1))
    out.seek(0)
    counted: dict[str, Any] = {**summary.to_dict(measuring.policy)}
    counted.pop("reasons")  # a row of text may tell the time that a column does not tell
    return [plain(row) for row in csv.DictReader(out)], rejected, counted


@given(
    st.lists(ROWS, max_size=8),
    st.sampled_from(sorted(DESKS)),
    st.sampled_from(MEASURED),
    st.sets(st.sampled_from(FACTS[2:])),
)
def test_every_metric_gives_the_rows_of_text(rows: list[Any], desk: str, metrics: Any, without: set[str]) -> None:
    schema = {"plan": pl.String, "priority": pl.String, "channel": pl.String, **dict.fromkeys(FACTS, TIME)}
    frame = pl.DataFrame(rows, schema=schema)
    layout = Layout(columns=dict.fromkeys(without, ""), channel=None)
    measuring = Measuring(at=AT, policy=DESKS[desk], layout=layout, metrics=metrics)
    wanted, bad, counted = as_text(frame, measuring)
    rejected: list[Any] = []
    with TemporaryDirectory() as folder:
        source = Path(folder) / "tickets.parquet"
        frame.write_parquet(source)
        job = ParquetJob(str(source), measuring, lambda *_: None)
    found = job.batch(frame.with_row_index(ROW, offset=1), lambda row, *_: rejected.append(row))
    assert [plain(row) for row in found.to_dicts()] == wanted
    assert rejected == bad
    assert {**job.summary.to_dict(measuring.policy), **counted} == job.summary.to_dict(measuring.policy)


def test_each_ticket_has_a_row_for_each_metric() -> None:
    nothing = dict.fromkeys(FACTS)
    given = {"plan": "premium", "priority": "high", "channel": None, **nothing, "opened_at": OPENED}
    rows = [given, {**given, "priority": "nonsense"}, {**given, "answered_at": OPENED + timedelta(minutes=9)}]
    law: Any = test_every_metric_gives_the_rows_of_text
    law.hypothesis.inner_test(rows, "kolmisoft", ["first-response", "resolution"], set())


@pytest.mark.parametrize("desk", sorted(DESKS))
@pytest.mark.parametrize("end", FACTS[1:])
@pytest.mark.parametrize("priority", ["high", "NORMAL"])
def test_no_question_in_years_that_no_schedule_knows(desk: str, end: str, priority: str) -> None:
    """A ticket without a cycle; a priority that the policy lacks is a fault all the same."""
    opened = datetime(1999, 7, 3, tzinfo=UTC)
    given = {"plan": "premium", "priority": priority, "channel": None, **dict.fromkeys(FACTS), "opened_at": opened}
    law: Any = test_every_metric_gives_the_rows_of_text
    law.hypothesis.inner_test([{**given, end: opened + timedelta(days=2)}], desk, ["next-response"], set())


@pytest.mark.parametrize("metric", [*METRICS, "all"])
def test_the_command_gives_the_rows_of_text(
    metric: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    answered = [OPENED + timedelta(minutes=minutes) for minutes in (30, 60, 90, 9000, -5)]
    frame = pl.DataFrame({"plan": "premium", "priority": "high", "opened_at": [OPENED] * 5, "answered_at": answered})
    frame = frame.with_columns(resolved_at=pl.col("answered_at") + timedelta(days=4))
    frame.write_parquet("t.parquet", row_group_size=2)
    frame.with_columns(pl.col("opened_at", "answered_at", "resolved_at").dt.to_string("iso:strict")).write_csv("t.csv")
    options = ["--metric", metric, "--prefix", "sla_", "--at", AT.isoformat()]
    told = []
    for kind in ("csv", "parquet"):
        main(["measure", f"t.{kind}", "-o", f"o.{kind}", *options])
        told.append([line for line in capsys.readouterr().err.splitlines() if not line.startswith("rejected: ")])
    assert told[0] == [line.replace("o.parquet", "o.csv") for line in told[1]]
    found = pl.read_parquet("o.parquet")
    with open("o.csv", encoding="utf-8", newline="") as stream:
        wanted = list(csv.DictReader(stream))
    assert found.columns == list(wanted[0])
    for name in ("state", "reason", "metric"):
        assert [text or "" for text in found[f"sla_{name}"]] == [row[f"sla_{name}"] for row in wanted]
    assert len(found) == (8 if metric == "all" else 4)
    assert found.schema["sla_cycle"] == pl.Int64
    assert found.schema["sla_started_at"] == pl.Datetime("us", "Europe/Vilnius")
    with open("o.parquet.rejects.csv", encoding="utf-8", newline="") as stream:
        assert [row["row"] for row in csv.DictReader(stream)] == ["5"]  # one row of rejects for all metrics


def test_a_ticket_without_a_question_has_a_row() -> None:
    frame = pl.DataFrame({"plan": ["premium"] * 2, "priority": ["high"] * 2, "opened_at": [AT, AT + timedelta(days=1)]})
    rejected: list[int] = []
    with TemporaryDirectory() as folder:
        frame.write_parquet(f"{folder}/t.parquet")
        measuring = Measuring(at=AT, metrics=["next-response"])
        job = ParquetJob(f"{folder}/t.parquet", measuring, lambda *_: None)
        found = job.batch(frame.with_row_index(ROW, offset=1), lambda row, *_: rejected.append(row))
    assert found["reason"].to_list() == [NOTHING_ASKED] * 2  # the later ticket too, because no time is counted
    assert found["started_at"].null_count() == found["cycle"].null_count() == 2
    assert rejected == []


def test_a_reopening_without_a_first_resolution_is_counted() -> None:
    later = [OPENED + timedelta(hours=hours) for hours in (1, 2, 3)]
    frame = pl.DataFrame({"plan": "premium", "priority": "high", "opened_at": [OPENED] * 4})
    frame = frame.with_columns(
        reopened_at=pl.Series([later[0], later[1], None, later[1]], dtype=TIME),
        resolved_at=pl.Series([later[1], later[0], later[0], None], dtype=TIME),
    )
    with TemporaryDirectory() as folder:
        frame.write_parquet(f"{folder}/t.parquet")
        job = ParquetJob(f"{folder}/t.parquet", Measuring(at=AT, metrics=["resolution"]), lambda *_: None)
        job.batch(frame.with_row_index(ROW, offset=1), lambda *_: None)
    assert job.summary.first_resolutions_missing == 2  # the first ticket and the last
