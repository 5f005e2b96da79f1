"""Spark: every row of a data frame has the answer of the scalar engine, in the JVM and in a worker."""

import os
import runpy
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

pyspark = pytest.importorskip("pyspark", reason="the extra spark is not installed")
pa = pytest.importorskip("pyarrow", reason="the extra spark is not installed")
pytest.importorskip("narwhals", reason="the extra spark is not installed")
if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
    pytest.skip("there is no Java", allow_module_level=True)

import pyarrow.parquet as parquet
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from pyspark.sql import functions as sql
from pyspark.sql.types import LongType

from kolmisla import ALWAYS, NEVER, NaiveTimeError, Schedule, Ticket, TicketError, columns, report
from kolmisla.columns.sql.spark import _gathered
from kolmisla.tickets.sql.databases import DATABASES
from kolmisla.tickets.sql.scripts import SqlSettings, sql_script
from kolmisla.tickets.sql.terms import TEXT_COLUMNS, policy_tables
from kolmisla.times.instants import micros
from tests import in_sql
from tests.engines import boston, queries
from tests.engines.each_of_many import each_of_many
from tests.engines.tickets import FACTS, POLICIES, Row, Tickets, agree, in_days_of_few_years, tickets
from tests.laws.test_reports import AT, DESK
from tests.laws.test_reports import tickets as report_tickets

pytestmark = [
    pytest.mark.spark,
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST = 1 << 57  # microseconds; Python has datetimes of this distance from 1970
INSTANTS = ("opened_at", "answered_at", "due_at", "breaches_after", "ended_at")
TIMES = pa.timestamp("us", "UTC")


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    """A session in another zone than any schedule, whose workers run the Python of these tests."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    options = {
        "spark.ui.enabled": "false",
        "spark.sql.session.timeZone": "America/St_Johns",
        "spark.sql.shuffle.partitions": "2",
        # tables of a few rows gain nothing by plans that change while they run, nor by plans that are written in full
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.maxPlanStringLength": "1000",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        # what runs for a minute gains nothing by the second compiler of Java and by collecting garbage beside
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    }
    builder = SparkSession.builder.master("local[2]")
    for name, value in options.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


def micros_of(frame: Any, columns_of_time: tuple[str, ...]) -> Any:
    """Instants as integers: what Spark collects is in a zone of its own."""
    there = [name for name in columns_of_time if name in frame.columns]
    return frame.withColumns({name: sql.unix_micros(name) for name in there})


def sorted_by(name: str, found: Any) -> list[Any]:
    """The rows, sorted here: to sort them, Spark would run the query twice."""
    return sorted(found.collect(), key=lambda row: row[name])


def rows_of(found: Any) -> list[Row]:
    rows = [row.asDict() for row in sorted_by("id", micros_of(found, INSTANTS))]
    for row in rows:
        for name in set(INSTANTS) & row.keys():
            if row[name] is not None and abs(row[name]) < MOST:
                row[name] = EPOCH + timedelta(microseconds=row[name])
    return rows


# Each example takes seconds. Where every run draws the same, there is instead one table with all that a row can have.
PHASES = [Phase.explicit] if settings().derandomize else [Phase.explicit, Phase.generate]


@settings(max_examples=2, phases=PHASES)
@given(tickets(most=40))
@example(each_of_many())
def test_each_row_is_the_scalar_answer(spark: SparkSession, case: Tickets) -> None:
    agree(case, measured(spark, case))


def measured(spark: SparkSession, case: Tickets) -> list[Row]:
    time, text = pa.timestamp("us", "UTC"), pa.string()
    types = {"id": pa.int64(), "opened_at": time, "answered_at": time}
    table = pa.Table.from_pylist(case.rows, pa.schema({name: types.get(name, text) for name in FACTS}))
    frame = with_farthest(spark, spark.createDataFrame(table), case.rows[0])
    found = rows_of(columns.measure(frame, policy=case.policy, at=case.at, metric=case.metric, errors="null"))
    return without_farthest(found)


def with_farthest(spark: SparkSession, frame: Any, row: Row) -> Any:
    """The frame with tickets that are opened or answered at the first and the last microsecond of Spark."""
    usual = micros(row["opened_at"] or datetime(2026, 7, 3, 13, 30, tzinfo=UTC))
    first, last = -(1 << 63), (1 << 63) - 1
    times = [(first, first), (last, last), (first, last), (last, first), (usual, first)]
    rows = [(-1 - number, *each) for number, each in enumerate(times)]
    table = pa.table(dict(zip(("id", "opened", "answered"), map(list, zip(*rows, strict=True)), strict=True)))
    facts = {name: sql.lit(value).cast("string").alias(name) for name, value in row.items() if name in frame.columns}
    own = {
        "id": sql.col("id"),
        "opened_at": sql.expr("timestamp_micros(opened)"),
        "answered_at": sql.expr("timestamp_micros(answered)"),
    }
    farthest = spark.createDataFrame(table).select(
        *({**facts, **{name: each.alias(name) for name, each in own.items()}}[name] for name in frame.columns)
    )
    return frame.union(farthest)


def without_farthest(rows: list[Row]) -> list[Row]:
    """The rows without those of `with_farthest`, which have a reason, and no state or nothing that is promised."""
    farthest = [row for row in rows if row["id"] < 0]
    assert len(farthest) == 5
    for row in farthest:
        assert (row["state"] in (None, "not-covered"), bool(row["reason"]), row["due_at"]) == (True, True, None), row
    return [row for row in rows if row["id"] >= 0]


def test_targets_in_days(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(POLICIES, "few years", in_days_of_few_years())
    opened = [datetime(2026, 3, 20, tzinfo=UTC) + timedelta(hours=7 * number) for number in range(60)]
    rows: list[Row] = [
        {
            "id": number,
            "plan": ("gold", "basic")[number % 2],
            "priority": ("urgent", "normal", "minor")[number % 3],
            "opened_at": at,
            "answered_at": at + timedelta(days=number % 9) if number % 4 else None,
            "channel": None,
            "version": None,
        }
        for number, at in enumerate(opened)
    ]
    case = Tickets("few years", "resolution", datetime(2026, 12, 1, tzinfo=UTC), rows)
    agree(case, measured(spark, case))


@settings(max_examples=3, phases=PHASES)
@given(case=in_sql.tables(most=60))
@example(case=in_sql.at_edges("by owner"))
def test_the_query_for_other_programs_gives_the_scalar_answer(spark: SparkSession, case: Tickets) -> None:
    time, text, number = pa.timestamp("us", "UTC"), pa.string(), pa.int64()
    types = {"id": number, **{name: time if name.endswith("_at") else text for name in in_sql.FACTS}}
    frame = spark.createDataFrame(pa.Table.from_pylist(case.rows, pa.schema(types)))
    with_farthest(spark, frame, case.rows[0]).createOrReplaceTempView("tickets")
    for name, table in in_sql.tables_of(case.desk).tables.items():
        kinds = {column: text if column in TEXT_COLUMNS else number for column in table.columns}
        rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
        spark.createDataFrame(pa.Table.from_pylist(rows, pa.schema(kinds))).createOrReplaceTempView(f"kolmisla_{name}")
    try:
        found = rows_of(spark.sql(in_sql.view(case.desk, "spark", case.at)))
        in_sql.agree(case, without_farthest(found))
    finally:
        for view in spark.catalog.listTables():
            spark.catalog.dropTempView(view.name)


def test_questions_are_the_kernels(spark: SparkSession) -> None:
    """All questions about a schedule are asked in one query, because each query takes a second."""

    answers: dict[Schedule, dict[str, list[int | None]]] = {}

    def instants(values: Any) -> Any:
        return pa.array(values, TIMES, mask=values == queries.NULL)

    def asked(question: str, schedule: Schedule, starts: Any, amounts: Any, ends: Any) -> list[int | None]:
        if schedule not in answers:
            amount = pa.array(amounts, mask=amounts == queries.NULL)
            given = {"n": range(len(starts)), "opened_at": instants(starts), "answered_at": instants(ends)}
            frame = spark.createDataFrame(pa.table({**given, "within": amount}))
            frame = columns.with_due(frame, schedule, "within", name="due", errors="null")
            frame = columns.with_elapsed(frame, schedule, name="elapsed", errors="null")
            frame = columns.with_next_open(frame, schedule, at="opened_at", name="next_open", errors="null")
            rows = sorted_by("n", micros_of(frame, ("due", "next_open")))
            took = [None if row.elapsed is None else row.elapsed // timedelta(microseconds=1) for row in rows]
            found = {name: [row[name] for row in rows] for name in ("due", "next_open")}
            answers[schedule] = {**found, "elapsed": took}
        return answers[schedule][question]

    queries.agree(asked, [queries.OFFICE, queries.LUNCH, NEVER])


def test_wall_times_are_the_kernels(spark: SparkSession) -> None:
    def frame(walls: Any) -> Any:
        texts = [None if wall is None else wall.isoformat(" ") for wall in walls]
        frame = spark.createDataFrame(pa.table({"n": range(len(walls)), "wall": pa.array(texts)}))
        return frame.withColumn("wall", sql.col("wall").cast("timestamp_ntz"))

    def ask(walls: Any, given: Any) -> list[int | None]:
        found = columns.with_next_open(frame(walls), ALWAYS, at="wall", **given)
        return [row.next_open for row in sorted_by("n", micros_of(found, ("next_open",)))]

    queries.walls_agree(ask)
    with pytest.raises(NaiveTimeError, match="the times of 'wall' have no time zone; give timezone="):
        columns.with_next_open(frame(queries.WALLS), ALWAYS, at="wall")


def test_a_row_without_an_answer_raises_when_it_is_read(spark: SparkSession) -> None:
    opened = pa.array([datetime(1990, 1, 1, tzinfo=UTC)], pa.timestamp("us", "UTC"))
    frame = spark.createDataFrame(pa.table({"opened_at": opened, "plan": ["premium"], "priority": ["what's \\ this"]}))
    with pytest.raises(pyspark.errors.PySparkException, match="outside what the schedule knows"):
        columns.with_due(frame, queries.OFFICE, queries.HOURS).collect()
    measured = columns.measure(frame, at=datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(pyspark.errors.PySparkException, match="is not one of BLOCKER, HIGH, MEDIUM, LOW"):
        measured.select("due_at").collect()


def test_columns_of_nulls_of_no_kind(spark: SparkSession) -> None:
    given = "'premium' AS plan, 'high' AS priority, timestamp_micros(1783072800000000) AS opened_at"
    frame = spark.sql(f"SELECT {given}, NULL AS answered_at, NULL AS channel")
    found = columns.measure(frame, at=datetime(2026, 7, 3, 11, tzinfo=UTC)).select("state", "elapsed").collect()
    assert [tuple(row) for row in found] == [("running", timedelta(hours=1))]


def test_integers_of_any_unit_are_durations(spark: SparkSession) -> None:
    for unit, hours in (("s", 7_200), ("ms", 7_200_000), ("ns", 7_200_000_000_999)):
        opened = "timestamp_micros(1783085400000000) AS opened_at"
        frame = spark.sql(f"SELECT {opened}, explode(array({hours}L, 0L, -{hours}L, 9223372036854775807L, NULL)) AS w")
        given: dict[str, Any] = {"unit": unit, "errors": "null"}
        found = micros_of(columns.with_due(frame, queries.OFFICE, "w", **given), ("due_at",)).collect()
        assert sorted((row.due_at for row in found), key=str) == [1783402200000000, *[None] * 4]


def test_durations_as_seconds(spark: SparkSession) -> None:
    given = "'premium' AS plan, 'high' AS priority, timestamp_micros(1783072800000001) AS opened_at"
    frame = spark.sql(f"SELECT {given}, timestamp_micros(1783076400000000) AS answered_at")
    at = datetime(2026, 7, 3, 11, tzinfo=UTC)
    found = columns.measure(frame, at=at, durations="seconds").select("elapsed_s", "target_s").collect()
    assert [tuple(row) for row in found] == [(Decimal("3599.999999"), Decimal(7200))]
    spans = columns.with_elapsed(frame, ALWAYS, durations="seconds").select("elapsed_s")
    assert spans.dtypes == [("elapsed_s", "decimal(18,6)")]
    assert [tuple(row) for row in spans.collect()] == [(Decimal("3599.999999"),)]


@pytest.mark.parametrize("setting", ["quotedRegexColumnNames", "escapedStringLiterals"])
def test_names_and_values_are_never_read_as_spark_s_own(spark: SparkSession, setting: str) -> None:
    opened = pa.array([datetime(2026, 7, 4, 13, 30, tzinfo=UTC)] * 2, pa.timestamp("us", "UTC"))
    plan, priority, at = "${env:HOME}", "a.b`c", "opened ${system:user.name}"
    given = {plan: ["premium"] * 2, priority: ["low", "${env:HOME}"], at: opened, "(a|b)+?": [1, 1]}
    frame = spark.createDataFrame(pa.table(given))
    named = {"plan": plan, "priority": priority, "opened_at": at}
    spark.conf.set(f"spark.sql.parser.{setting}", "true")
    try:
        found = columns.measure(
            frame, at=datetime(2026, 7, 5, tzinfo=UTC), columns=named, prefix="${env:HOME} ", errors="null"
        )
        chained = columns.with_due(found, ALWAYS, queries.HOURS, start=at, name="`${env:HOME}`")
        assert chained.columns == [*frame.columns, *found.columns[4:], "`${env:HOME}`"]
        rows = [tuple(row)[8:10] for row in chained.collect()]
        beyond = columns.with_due(frame, NEVER, queries.HOURS, start=at)
        with pytest.raises(pyspark.errors.PySparkException, match="a time, or the answer to it, is outside what"):
            beyond.collect()
    finally:
        spark.conf.unset(f"spark.sql.parser.{setting}")
    told = "priority '${env:HOME}' is not one of BLOCKER, HIGH, MEDIUM, LOW"
    assert sorted(rows, key=str) == [("running", None), (None, told)]
    assert spark.catalog.listTables() == []


@pytest.mark.parametrize("escaped", ["true", "false"])
def test_names_in_a_script_are_never_read_as_spark_s_own(spark: SparkSession, escaped: str) -> None:
    """Spark replaces `${...}` in literals too, and a setting says whether a backslash begins an escape sequence."""
    names = ["${x}", "${env:HOME}", "o'Neil", "C:\\new", "$"]
    at = datetime(2026, 7, 5, tzinfo=UTC)
    tables = policy_tables(in_sql.desk_with(names), (2026, 2026))
    *made, view = sql_script(tables, SqlSettings(DATABASES["spark"], [], at=micros(at)))
    opened = pa.array([at - timedelta(days=1)] * 6, pa.timestamp("us", "UTC"))
    given = {"id": [*range(6)], "plan": ["gold"] * 6, "priority": [*names, ""], "opened_at": opened}
    frame = spark.createDataFrame(pa.table({**given, "answered_at": pa.nulls(6, pa.timestamp("us", "UTC"))}))
    spark.conf.set("spark.sql.parser.escapedStringLiterals", escaped)
    try:
        frame.createOrReplaceTempView("tickets")
        for statement in made:
            if statement.startswith("INSERT INTO "):
                name, rows = statement.removeprefix("INSERT INTO ").removesuffix(";").split(" VALUES\n", 1)
                columns_of = ", ".join(tables.tables[name.removeprefix("kolmisla_")].columns)
                spark.sql(f"CREATE TEMP VIEW {name} AS SELECT * FROM VALUES {rows} AS t({columns_of})")
        query = view.removeprefix("CREATE VIEW kolmisla_deadlines AS\n").removesuffix(";")
        found = {row["id"]: (row["state"], row["reason"]) for row in spark.sql(query).collect()}
    finally:
        spark.conf.unset("spark.sql.parser.escapedStringLiterals")
        for each in spark.catalog.listTables():
            spark.catalog.dropTempView(each.name)
    assert found == {**dict.fromkeys(range(5), ("breached", None)), 5: (None, "priority is missing")}


def test_in_a_worker(spark: SparkSession) -> None:
    """The plain form: the kernel as a function of Arrow arrays, on integers, which no zone can bend."""

    if not hasattr(sql, "arrow_udf"):
        pytest.skip("Spark has functions of Arrow arrays since 4.1")
    from pyspark.sql.functions import arrow_udf  # type: ignore[attr-defined]

    @arrow_udf(LongType())  # type: ignore[untyped-decorator]
    def due(opened: pa.Array) -> pa.Array:  # type: ignore[name-defined]
        found = columns.due(opened.to_numpy(), queries.HOURS, queries.OFFICE, unit="us")
        return pa.array(found)

    starts = queries.rows(queries.OFFICE)[0][:400]
    opened = pa.array(starts, pa.timestamp("us", "UTC"))
    frame = spark.createDataFrame(pa.table({"n": range(len(starts)), "opened_at": opened}))
    found = sorted_by("n", frame.withColumn("due", due(sql.unix_micros("opened_at"))))
    assert [row.due for row in found] == columns.due(starts, queries.HOURS, queries.OFFICE, unit="us").tolist()


def test_the_city_of_boston(spark: SparkSession) -> None:
    table = pa.Table.from_pylist(list(boston.requests()))
    walls = ("opened_local", "closed_local")
    texts = {
        name: [None if row[name] is None else row[name].isoformat(" ") for row in boston.requests()] for name in walls
    }
    for name in walls:
        table = table.set_column(table.column_names.index(name), name, pa.array(texts[name]))
    frame = spark.createDataFrame(table)
    frame = frame.withColumns({name: sql.col(name).cast("timestamp_ntz") for name in walls})
    spark.conf.set("spark.sql.adaptive.enabled", "true")  # as it is unless somebody changes it
    try:
        found = columns.measure(frame, **boston.OPTIONS)
        assert boston.answers(rows_of(found.withColumn("id", sql.col("case_id")))) == boston.wanted()
    finally:
        spark.conf.set("spark.sql.adaptive.enabled", "false")


def test_the_job_of_the_documents(spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten lines that another desk can copy."""
    opened = pa.array([datetime(2026, 7, 3, 13, 30, tzinfo=UTC)], pa.timestamp("us", "UTC"))
    parquet.write_table(
        pa.table({"plan": ["premium"], "priority": ["high"], "opened_at": opened}), tmp_path / "in.parquet"
    )
    run_job(monkeypatch, "spark_job.py", tmp_path / "in.parquet", tmp_path / "out.parquet")
    (row,) = spark.read.parquet(str(tmp_path / "out.parquet")).select(sql.unix_micros("due_at"), "state").collect()
    assert tuple(row) == (1783402200000000, "running")
    run_job(monkeypatch, "spark_report.py", tmp_path / "in.parquet", tmp_path / "report.html")
    assert "0.0 % of promises kept" in (tmp_path / "report.html").read_text(encoding="utf-8")


def run_job(monkeypatch: pytest.MonkeyPatch, name: str, *arguments: Path) -> None:
    """Run a job as spark-submit does, but in the session of these tests."""
    job = Path(__file__).parents[2] / "docs" / name
    assert len([line for line in job.read_text(encoding="utf-8").splitlines() if line]) <= 10
    monkeypatch.setattr(sys, "argv", [str(job), *map(str, arguments)])
    runpy.run_path(str(job), run_name="__main__")


def test_a_report_is_that_of_the_same_rows_in_memory(spark: SparkSession, tmp_path: Path) -> None:
    opened = [datetime(2026, 7, 7, 7, minute, tzinfo=UTC) for minute in range(40)]
    answered = [at + timedelta(minutes=9 * number) if number % 3 else None for number, at in enumerate(opened)]
    facts = {"plan": ["premium"] * 40, "priority": ["high", "blocker"] * 20, "team": ["one", "two", None, "four"] * 10}
    times = {"opened_at": pa.array(opened, TIMES), "answered_at": pa.array(answered, TIMES)}
    table = pa.table({"id": range(40), **facts, **times})
    parquet.write_table(table, tmp_path / "tickets.parquet")
    options: dict[str, Any] = {"at": datetime(2026, 8, 1, tzinfo=UTC), "split": "team"}
    assert report(spark.read.parquet(str(tmp_path / "tickets.parquet")), **options) == report(table, **options)


@settings(max_examples=2, phases=[Phase.generate])  # each takes seconds
@given(st.lists(report_tickets(), min_size=30, max_size=60), st.sampled_from(["first-response", "next-response"]))
def test_a_report_of_parts_is_that_of_all_rows(spark: SparkSession, drawn: list[Ticket], metric: Any) -> None:
    rows = [
        {"id": each.id, "plan": each.plan, "priority": each.priority, "channel": each.channel, "team": str(each.id)}
        | {"opened_at": each.opened_at, "answered_at": each.answered_at, "resolved_at": None}
        for each in drawn
    ]
    kinds = dict.fromkeys(("opened_at", "answered_at", "resolved_at"), TIMES)
    schema = pa.schema({name: kinds.get(name, pa.int64() if name == "id" else pa.string()) for name in rows[0]})
    table = pa.Table.from_pylist(rows, schema)
    frame = spark.createDataFrame(table.rename_columns([name.upper() for name in table.column_names])).repartition(3)
    options: dict[str, Any] = {"policy": DESK, "at": AT, "metric": metric, "split": "team", "errors": "null"}
    options["what_if"] = DESK.replace(schedules={**DESK.schedules, "working-hours": queries.LUNCH})
    assert report(frame, **options) == report(table, **options)


def test_a_report_raises_the_error_of_a_worker(spark: SparkSession) -> None:
    given = "'premium' AS plan, 'odd' AS priority, timestamp_micros(1783072800000000) AS opened_at"
    frame = spark.sql(f"SELECT {given}")
    with pytest.raises(TicketError, match="in a batch of the frame, row 0: priority 'odd' is not one of"):
        report(frame, at=AT)
    with pytest.raises(TypeError, match="'priority' must be a column of datetimes"):
        report(frame, at=AT, columns={"answered_at": "priority"})
    with pytest.raises(ValueError, match="there is no column 'team' to split by; the frame has plan, priority"):
        report(frame, at=AT, split="team")


def test_small_batches_are_gathered() -> None:
    sizes = [table.num_rows for table in _gathered(pa.record_batch({"n": range(10_000)}) for _ in range(15))]
    assert sizes == [140_000, 10_000]
    assert [*_gathered(iter([]))] == []
