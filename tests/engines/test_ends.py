"""Resolutions, reopenings and closings in columns of a frame are read as in files."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kolmisla import KOLMISOFT, Policy, report
from kolmisla.files import Layout, Log, Measuring
from kolmisla.files.tables import CsvTable
from kolmisla.policies.terms.metrics import MetricName

pl = pytest.importorskip("polars", reason="the extra polars is not installed")
from kolmisla import columns  # needs an engine

pytestmark = pytest.mark.polars

OPENED = datetime(2026, 7, 7, 6, tzinfo=UTC)
AT = OPENED + timedelta(days=3)
HOUR = timedelta(hours=1)
TIES = [(None, OPENED + HOUR, OPENED + 2 * HOUR, OPENED + 2 * HOUR), (None, OPENED + HOUR, OPENED + HOUR, None)]
ENDS = ("resolved_at", "reopened_at", "closed_at")
TYPE = pl.Datetime("us", "UTC")
times = st.none() | st.integers(-1, 8).map(lambda hours: OPENED + timedelta(hours=hours))
rows = st.lists(st.tuples(times, times, times, times), min_size=1, max_size=8)
POLICY = KOLMISOFT.replace(
    plans=[
        plan.replace(targets={"first-response": plan.targets["first-response"], "resolution": {"within": "PT6H"}})
        for plan in KOLMISOFT.plans.values()
    ]
)


def frame_of(told: Any) -> Any:
    names = ("answered_at", *ENDS)
    facts = {"plan": "premium", "priority": "high", "opened_at": OPENED}
    ticketed = [{"id": n, **facts, **dict(zip(names, row, strict=True))} for n, row in enumerate(told)]
    return pl.DataFrame(ticketed, schema_overrides=dict.fromkeys(("opened_at", *names), TYPE))


def of_file(
    frame: Any, metric: MetricName, events: Any = None, layout: Layout | None = None, policy: Policy = POLICY
) -> list[Any]:
    """The states and times of a file with the same rows; None for a reject."""
    out = io.StringIO()
    measuring = Measuring(at=AT, policy=policy, metrics=[metric], layout=layout or Layout())
    log = None if events is None else Log.read(table(events), measuring.layout)
    measuring.run(table(frame), out, io.StringIO(), log=log)
    found = pl.read_csv(io.StringIO(out.getvalue()), infer_schema=False)
    answers = {
        row["id"]: (
            row["state"],
            float(row["elapsed_s"] or -1),
            row["ended_at"] and datetime.fromisoformat(row["ended_at"]),
            None if row["response_s"] is None else float(row["response_s"]),
        )
        for row in found.to_dicts()
    }
    return [answers.get(str(id)) for id in frame["id"]]


def table(frame: Any) -> CsvTable:
    stamps = [name for name, kind in frame.schema.items() if kind == TYPE]
    text = frame.with_columns(pl.col(name).dt.strftime("%Y-%m-%dT%H:%M:%SZ") for name in stamps)
    return CsvTable(io.StringIO(text.write_csv()))


def of_frame(frame: Any, metric: MetricName, **options: Any) -> list[Any]:
    return answers_of(columns.measure(frame, policy=POLICY, metric=metric, at=AT, errors="null", **options))


def answers_of(found: Any) -> list[Any]:
    found = found.collect() if isinstance(found, pl.LazyFrame) else found
    elapsed = pl.col("elapsed").dt.total_microseconds().fill_null(-1_000_000) / 1e6
    response = pl.col("response").dt.total_microseconds() / 1e6
    rows = found.with_columns(elapsed, response).to_dicts()
    names = ("state", "elapsed", "ended_at", "response")
    return [None if row["state"] is None else tuple(row[name] for name in names) for row in rows]


@pytest.mark.parametrize("metric", ["first-response", "resolution"])
@given(told=rows)
@example(told=TIES)
def test_a_frame_is_read_as_a_file(metric: MetricName, told: Any) -> None:
    frame = frame_of(told)
    wanted = of_file(frame, metric)
    assert of_frame(frame, metric) == wanted
    assert of_frame(frame.lazy(), metric) == wanted


@given(told=rows, named=st.booleans())
def test_with_events_they_are_facts_only_if_they_are_named(told: Any, named: bool) -> None:
    frame = frame_of(told)
    at = [OPENED + timedelta(hours=n % 7) for n in range(len(told))]
    kinds = [("paused", "resolved", "reopened", "resumed")[n % 4] for n in range(len(told))]
    events = pl.DataFrame({"id": range(len(told)), "at": at, "kind": kinds}, schema_overrides={"at": TYPE})
    names = {name: name for name in ENDS} if named else {}
    wanted = of_file(frame, "resolution", events, Layout(columns=names))
    assert of_frame(frame, "resolution", events=events, columns=names) == wanted


def test_a_database_does_not_leave_them_out_silently() -> None:
    duckdb = pytest.importorskip("duckdb", reason="the extra duckdb is not installed")
    frame = frame_of([(None, OPENED, None, None)])
    relation = duckdb.from_arrow(frame.to_arrow())
    with pytest.raises(ValueError, match=r"can be measured in a frame in memory .* columns=\{'resolved_at': ''\}"):
        columns.measure(relation, at=AT)
    left_out = columns.measure(relation, at=AT, columns=dict.fromkeys(ENDS, ""))
    assert left_out.fetchall()[0][-4] == "breached"
    with pytest.raises(ValueError, match="answered_after can only be read from a file"):
        columns.measure(frame, at=AT, columns={"answered_after": "x:min"})
    with pytest.raises(ValueError, match="old_value can only be read from a file; in a frame, give the kinds"):
        columns.measure(frame, at=AT, columns={"old_value": "was"})
    for ask in (columns.measure, columns.cycles, report):
        for name in ("events", "requester", "actor", "public", "old_value"):
            with pytest.raises(ValueError, match=f"{name} can only be read from a file; in a frame, give the kinds"):
                ask(frame, at=AT, columns={name: "x"})
    with pytest.raises(ValueError, match="target_s can only be read from a file, not from a frame"):
        columns.measure(frame, at=AT, columns={"target_s": "x:min"})


@pytest.mark.parametrize("name", ["answered_after", "target_s", "events"])
def test_parquet_leaves_nothing_out_silently(name: str, tmp_path: Any) -> None:
    from kolmisla.files.bulk.parquet import ParquetJob

    frame_of([(None, None, None, None)]).write_parquet(tmp_path / "t.parquet")
    layout = Layout(columns={name: "x:min"})
    with pytest.raises(ValueError, match=f"{name} must be in rows of text, such as CSV; from Parquet, only names"):
        ParquetJob(str(tmp_path / "t.parquet"), Measuring(at=AT, layout=layout), lambda *_: None)


KIND_WORDS = {"Waiting": "paused", "Vendor": "paused", "Active": "resumed", "Viewed": "", "Done": "answered,resolved"}
told_kinds = st.sampled_from([*KIND_WORDS, "paused", "resumed", "asked", "reopened", "priority"])
reasons = st.sampled_from([None, "vendor", "Vendor", "customer"])
happened = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9), told_kinds, reasons), min_size=1, max_size=14)
WAITING = POLICY.replace(
    waits_for_customer=["Customer"],
    plans=[plan.replace(pausing=["first-response", "resolution"]) for plan in POLICY.plans.values()],
)


@pytest.mark.parametrize("policy", [POLICY, WAITING], ids=["as-it-is", "waits"])
@pytest.mark.parametrize("metric", ["first-response", "resolution"])
@given(happened)
def test_words_and_reasons_are_read_as_in_a_file(metric: MetricName, policy: Policy, happened: Any) -> None:
    """States of a file's own words end what ran before, plain words do not; the rows may be in any order."""
    frame = frame_of([(None, None, None, None)] * 3)
    events = pl.DataFrame(
        [
            {
                "id": id,
                "at": OPENED + timedelta(hours=hour),
                "kind": kind,
                "value": "low" if kind == "priority" else value,
            }
            for id, hour, kind, value in happened
        ],
        schema_overrides={"at": TYPE, "value": pl.String},
    )
    words = {"kind": KIND_WORDS}
    wanted = of_file(frame, metric, events, Layout(values=words), policy)
    found = columns.measure(frame, policy=policy, metric=metric, at=AT, errors="null", events=events, values=words)
    assert answers_of(found) == wanted


def test_a_large_file_with_short_forms_is_read_row_by_row() -> None:
    from kolmisla.files.bulk.text import measure_text

    frame = frame_of([(None, OPENED + HOUR, None, None), (None, None, None, OPENED + 2 * HOUR)])
    measuring = Measuring(at=AT, policy=POLICY)
    large, small = io.StringIO(), io.StringIO()
    summary = measure_text(measuring, table(frame), large, io.StringIO())
    assert summary.states == measuring.run(table(frame), small, io.StringIO()).states
    assert large.getvalue() == small.getvalue()


def test_parquet_counts_the_same_as_text(tmp_path: Any) -> None:
    """Tickets that were resolved without an answer, answered at their opening, or not at all."""
    from kolmisla.files.bulk.parquet import ParquetJob

    told = [(None, OPENED + HOUR, None, None), (OPENED, None, None, None), (OPENED + HOUR, OPENED, None, None)]
    frame = frame_of([*told, (None, None, None, None), (OPENED + 80 * HOUR, None, None, None)])
    frame.write_parquet(tmp_path / "t.parquet")
    measuring = Measuring(at=AT, policy=POLICY)
    wanted = measuring.run(table(frame), io.StringIO(), io.StringIO())
    job = ParquetJob(str(tmp_path / "t.parquet"), measuring, lambda *_: None)
    assert job.run(tmp_path / "o.parquet", lambda *_: None).responses == wanted.responses
    assert wanted.responses["PREMIUM", 1_500_000_000][2:4] == (1, 1)
    assert job.summary.endings.ended == wanted.endings.ended


@pytest.mark.parametrize(
    "given", [{"precision": timedelta(minutes=1)}, {"layout": Layout(ambiguous="both")}], ids=["precision", "both"]
)
def test_times_that_are_not_exact_are_judged_row_by_row(given: Any, tmp_path: Any) -> None:
    """Parquet is refused, and a large file of text takes the slow path."""
    from kolmisla.files.bulk.parquet import ParquetJob
    from kolmisla.files.bulk.text import measure_text

    frame = frame_of([(OPENED + 2 * HOUR, None, None, None)])
    frame.write_parquet(tmp_path / "t.parquet")
    measuring = Measuring(at=AT, policy=POLICY, **given)
    with pytest.raises(ValueError, match="precision and ambiguous='both' need rows of text"):
        ParquetJob(str(tmp_path / "t.parquet"), measuring, lambda *_: None)
    large, small = io.StringIO(), io.StringIO()
    text = "plan,priority,opened_at,answered_at\npremium,high,2026-10-23T10:00,2026-10-23T12:00\n"
    for run, out in ((measuring.run, small), (lambda *files: measure_text(measuring, *files), large)):
        run(CsvTable(io.StringIO(text)), out, io.StringIO())
    assert large.getvalue() == small.getvalue()
    assert large.getvalue().splitlines()[0].endswith("elapsed_least_s,elapsed_most_s")


def test_a_constant_may_tell_the_answers_of_parquet(tmp_path: Any) -> None:
    from kolmisla.files.bulk.parquet import ParquetJob

    frame_of([(None, None, None, None)]).drop("answered_at", *ENDS).write_parquet(tmp_path / "t.parquet")
    layout = Layout(constants={"answered_at": "2026-07-07T10:00"})
    job = ParquetJob(str(tmp_path / "t.parquet"), Measuring(at=AT, policy=POLICY, layout=layout), lambda *_: None)
    assert (job.summary.endings.told, job.summary.endings.blank) == ({"answered"}, set())
