"""Columns against one bare np.searchsorted of the same rows, against peers, and engines against their own floors.

    python -m tests.bench.columns            one million rows, in memory
    python -m tests.bench.columns engines    ten million rows of Parquet: Polars, DuckDB, Spark, and the file job

Ratios of one run, medians after a warm-up. Every answer is checked before it is timed.
"""

import io
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np

from kolmisla import KOLMISOFT, columns
from kolmisla.instants import micros

ROWS = 1_000_000
OFFICE = KOLMISOFT.schedules["working-hours"]
LOW, HIGH = (micros(datetime(year, 1, 1, tzinfo=UTC)) for year in (2015, 2035))
NOW = datetime(2036, 1, 1, tzinfo=UTC)
SECONDS = np.array([15 * 60, 25 * 60, 2 * 3600, 4 * 3600, 16 * 3600, 40 * 3600]) * 1_000_000
NULL = np.iinfo(np.int64).min


def took(call: Callable[[], Any], runs: int = 7) -> float:
    """The median time of a call, after one that does not count."""
    times = []
    for _ in range(runs + 1):
        start = perf_counter()
        call()
        times.append(perf_counter() - start)
    return median(times[1:])


def report(name: str, ratio: float, limit: str) -> None:
    print(f"{name:58} {ratio:8.2f}   ({limit})")


def drawn(rows: int) -> tuple[Any, Any]:
    random = np.random.default_rng(7)
    return random.integers(LOW, HIGH, rows), random.choice(SECONDS, rows)


def kernel() -> None:
    starts, amounts = drawn(ROWS)
    starts[::50] = NULL
    ends = np.where(starts == NULL, NULL, starts + 3 * amounts)
    opens = np.array(OFFICE.timeline.table(LOW, HIGH)[2])
    floor = took(lambda: np.searchsorted(opens, starts, "right"))
    due = columns.due(starts, amounts, OFFICE)
    for row in range(1, 2000, 7):
        if starts[row] != NULL:
            assert due[row] == OFFICE.timeline.due(int(starts[row]), int(amounts[row]))
    ours = took(lambda: columns.due(starts, amounts, OFFICE))
    report("columns.due, one row in fifty null, x searchsorted", ours / floor, "<= 0.3")
    report("columns.elapsed", took(lambda: columns.elapsed(starts, ends, OFFICE)) / floor, "<= 0.3")
    report("columns.next_open", took(lambda: columns.next_open(starts, OFFICE)) / floor, "")
    peers(ours / ROWS)


def peers(ours: float) -> None:
    """Rows a second of others, on fewer rows."""
    import pandas as pd
    from workclock import Holidays, Schedule, WorkDay

    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    closed = [day for day in days if OFFICE.holiday_name(day)]
    some = pd.date_range("2026-01-05", periods=2000, freq="37min")
    hours = pd.offsets.CustomBusinessHour(2, start="08:00", end="18:00", holidays=[pd.Timestamp(day) for day in closed])
    theirs = took(lambda: [at + hours for at in some], 2) / len(some)
    report("pandas CustomBusinessHour, time a row x columns.due", theirs / ours, ">= 1,000")
    peer = Schedule([WorkDay(time(8), time(18)), Holidays(closed)], time_zone=OFFICE.timezone)
    stamps = np.repeat(some.to_numpy().astype("M8[us]"), 50)
    np.random.default_rng(7).shuffle(stamps)
    two_hours = np.timedelta64(2, "h").astype("m8[us]")
    assert (peer.add_many(stamps, two_hours) == columns.due(stamps, timedelta(hours=2), OFFICE)).all()
    theirs = took(lambda: peer.add_many(stamps, two_hours), 3) / len(stamps)
    report("workclock's numpy batch, time a row x columns.due", theirs / ours, ">= 30")


def tickets(rows: int = ROWS) -> Any:
    import polars as pl

    random = np.random.default_rng(7)
    opened = random.integers(LOW, HIGH, rows)
    given = {
        "id": random.permutation(rows),
        "plan": np.array(["premium", "enterprise"])[random.integers(0, 2, rows)],
        "priority": np.array(["blocker", "high", "medium", "low"])[random.integers(0, 4, rows)],
        "opened_at": opened,
        "answered_at": opened + random.integers(0, 3 * 86_400 * 1_000_000, rows),
    }
    return pl.DataFrame(given).with_columns(pl.col("opened_at", "answered_at").cast(pl.Datetime("us", "UTC")))


def events(frame: Any) -> Any:
    """Five events a ticket, shuffled."""
    import polars as pl

    rows = len(frame)
    random = np.random.default_rng(8)
    place = np.repeat(np.arange(rows), 5)
    kind = np.tile(np.array(["priority", "paused", "resumed", "answered", "resolved"]), rows)
    value = np.array(["blocker", "high", "medium", "low"])[random.integers(0, 4, 5 * rows)]
    at = frame["opened_at"].to_physical().to_numpy()[place] + random.integers(0, 20 * 86_400 * 1_000_000, 5 * rows)
    given = {"id": frame["id"].to_numpy()[place], "at": at, "kind": kind, "value": value}
    log = pl.DataFrame(given).with_columns(
        pl.col("at").cast(pl.Datetime("us", "UTC")), pl.when(pl.col("kind") == "priority").then("value").alias("value")
    )
    return log.sample(fraction=1, shuffle=True, seed=1)


def whole_tickets() -> None:
    import polars as pl

    frame = tickets()
    opens = np.array(OFFICE.timeline.table(LOW, HIGH)[2])
    starts = frame["opened_at"].to_physical().to_numpy()
    floor = took(lambda: np.searchsorted(opens, starts, "right"))
    arrow = frame.to_arrow()
    report("columns.measure, Polars, x searchsorted", took(lambda: columns.measure(frame, at=NOW)) / floor, "<= 2.5")
    report("columns.measure, Arrow", took(lambda: columns.measure(arrow, at=NOW)) / floor, "<= 3")
    whole, log = frame.drop("answered_at"), events(frame)
    texts = [each.with_columns(pl.format("T-{}", "id").alias("id")) for each in (whole, log)]
    for name, some, limit in (("integer", [whole, log], "<= 20"), ("text", texts, "<= 30")):
        for kind, (given, happened) in (("Polars", some), ("Arrow", [each.to_arrow() for each in some])):

            def call(given: Any = given, happened: Any = happened) -> Any:
                return columns.measure(given, at=NOW, events=happened, metric="resolution", errors="null")

            report(f"the same with 5 events a ticket, {name} ids, {kind}", took(call, 3) / floor, limit)


def engines() -> None:
    """Each engine against itself, on one file."""
    import duckdb
    import polars as pl

    from kolmisla.files import Measuring
    from kolmisla.files.parquet import ParquetJob

    with TemporaryDirectory() as folder:
        path = Path(folder) / "starts.parquet"
        starts, amounts = drawn(10 * ROWS)
        given = pl.DataFrame({"opened_at": starts, "within": amounts})
        given.with_columns(pl.col("opened_at").cast(pl.Datetime("us", "UTC"))).write_parquet(path)
        wanted = columns.due(starts, amounts, OFFICE)
        total = int((wanted % 1_000_003).sum())

        plan = pl.scan_parquet(path)
        answers = columns.with_due(plan, OFFICE, "within").select(pl.col("due_at").to_physical() % 1_000_003)
        assert int(answers.collect(engine="streaming").sum().item()) == total
        sums = plan.select((pl.col("opened_at").to_physical() + pl.col("within")).sum())
        due = columns.with_due(plan, OFFICE, "within").select(pl.col("due_at").to_physical().sum())
        floor = took(lambda: sums.collect(engine="streaming"), 5)
        ours = took(lambda: due.collect(engine="streaming"), 5)
        report("Polars lazy, x the speed of its scan and sum", floor / ours, ">= 0.2")

        relation = duckdb.read_parquet(str(path))
        found = columns.with_due(relation, OFFICE, "within")
        assert found.aggregate("sum(epoch_us(due_at) % 1000003)").fetchall() == [(total,)]
        floor = took(lambda: relation.aggregate("sum(epoch_us(opened_at) + within)").fetchall(), 5)
        ours = took(lambda: found.aggregate("sum(epoch_us(due_at))").fetchall(), 5)
        report("DuckDB, x the speed of a plain sum", floor / ours, ">= 0.3")

        source, out, copy = (Path(folder) / name for name in ("tickets.parquet", "out.parquet", "copy.parquet"))
        tickets(10 * ROWS).drop("id").write_parquet(source)
        measuring = Measuring(at=NOW)
        ours = took(lambda: ParquetJob(str(source), measuring, lambda *_: None).run(out, io.StringIO()), 3)
        floor = took(lambda: pl.scan_parquet(out).sink_parquet(copy), 3)
        report("Parquet to Parquet, x Polars copying the output", ours / floor, "<= 1.5")

        spark(path, total)  # the last one: its machine stays about


def spark(path: Path, total: int) -> None:
    from pyspark.sql import SparkSession
    from pyspark.sql import functions as sql

    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = builder.config("spark.driver.memory", "4g").getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    frame = session.read.parquet(str(path))
    due = columns.with_due(frame, OFFICE, "within").agg(sql.expr("sum(unix_micros(due_at) % 1000003)"))
    plain = frame.agg(sql.expr("sum((unix_micros(opened_at) + within) % 1000003)"))
    assert due.collect()[0][0] == total
    floor, ours = (took(each.collect, 4) for each in (plain, due))
    report("Spark, x the speed of its sum in the JVM", floor / ours, ">= 0.3")
    session.stop()


if __name__ == "__main__":
    if "engines" in sys.argv[1:]:
        engines()
    else:
        kernel()
        whole_tickets()
