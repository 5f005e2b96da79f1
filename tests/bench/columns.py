"""Columns against one bare np.searchsorted of the same rows, against peers, and engines against their own floors.

    python -m tests.bench.columns            one million rows, in memory
    python -m tests.bench.columns engines    ten million rows of Parquet: Polars, DuckDB, Spark, and the file job

Ratios of CPU in one run, medians after a warm-up; engines by the clock, as they use all processors. Every answer is
checked before it is timed.
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

from kolmisla import KOLMISOFT, Plan, Policy, Priority, Schedule, Target, columns
from kolmisla.times.instants import micros
from tests.bench.table import ratio, ratios, report

ROWS = 1_000_000
OFFICE = KOLMISOFT.schedules["working-hours"]
LOW, HIGH = (micros(datetime(year, 1, 1, tzinfo=UTC)) for year in (2015, 2035))
NOW = datetime(2036, 1, 1, tzinfo=UTC)
SECONDS = np.array([15 * 60, 25 * 60, 2 * 3600, 4 * 3600, 16 * 3600, 40 * 3600]) * 1_000_000
NULL = np.iinfo(np.int64).min


def took(call: Callable[[], Any], runs: int = 7) -> float:
    """The median time of a call by the clock, after one that does not count."""
    times = []
    for _ in range(runs + 1):
        start = perf_counter()
        call()
        times.append(perf_counter() - start)
    return median(times[1:])


def drawn(rows: int) -> tuple[Any, Any]:
    random = np.random.default_rng(7)
    return random.integers(LOW, HIGH, rows), random.choice(SECONDS, rows)


def kernel() -> None:
    starts, amounts = drawn(ROWS)
    starts[::50] = NULL
    ends = np.where(starts == NULL, NULL, starts + 3 * amounts)
    opens = np.array(OFFICE.timeline.table(LOW, HIGH)[2])
    due = columns.due(starts, amounts, OFFICE)
    for row in range(1, 2000, 7):
        if starts[row] != NULL:
            assert due[row] == OFFICE.timeline.due(int(starts[row]), int(amounts[row]))
    calls = {
        "floor": lambda: np.searchsorted(opens, starts, "right"),
        "due, one row in fifty null": lambda: columns.due(starts, amounts, OFFICE, unit="us"),
        "elapsed": lambda: columns.elapsed(starts, ends, OFFICE, unit="us"),
        "next_open": lambda: columns.next_open(starts, OFFICE, unit="us"),
    }
    for name, found in list(ratios(calls, "floor", runs=7).items())[1:]:
        report(f"columns.{name}, x searchsorted", found, "<= 0.2")
    peers(took(calls["due, one row in fifty null"]) / ROWS)


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

    def floor() -> Any:
        return np.searchsorted(opens, starts, "right")

    arrow = frame.to_arrow()
    report("columns.measure, Polars, x searchsorted", ratio(lambda: columns.measure(frame, at=NOW), floor), "<= 1.3")
    report("columns.measure, Arrow, x searchsorted", ratio(lambda: columns.measure(arrow, at=NOW), floor), "")
    for count, limit in ((10, "<= 2"), (100, "<= 3.5")):
        policy, many = schedules(count, frame)
        found = ratio(lambda: columns.measure(many, at=NOW, policy=policy), floor)  # noqa: B023
        report(f"columns.measure, {count} schedules, x searchsorted", found, limit)
    categories(frame)
    whole, log = frame.drop("answered_at"), events(frame)
    texts = [each.with_columns(pl.format("T-{}", "id").alias("id")) for each in (whole, log)]
    for name, some, limit in (("integer", [whole, log], "<= 18"), ("text", texts, "<= 27")):
        for kind, (given, happened) in (("Polars", some), ("Arrow", [each.to_arrow() for each in some])):

            def call(given: Any = given, happened: Any = happened) -> Any:
                return columns.measure(given, at=NOW, events=happened, metric="resolution", errors="null")

            report(f"columns.measure, 5 events a ticket, {name} ids, {kind}", ratio(call, floor, runs=3), limit)


def schedules(count: int, frame: Any) -> tuple[Policy, Any]:
    """A policy of one priority a schedule, and the frame with these priorities."""
    import polars as pl

    hours = [f"{number % 12:02}:{number % 60:02}-{12 + number % 11:02}:00" for number in range(count)]
    desks = {f"S{n}": Schedule(timezone="Europe/Vilnius", hours={"mon-fri": [each]}) for n, each in enumerate(hours)}
    priorities = [Priority(name=f"P{n}", rank=n + 1, schedule=f"S{n}") for n in range(count)]
    plans = [Plan(name="GOLD", rank=1, targets={"first-response": Target(within=timedelta(hours=4))})]
    policy = Policy(
        name="many",
        timezone="Europe/Vilnius",
        schedules=desks,
        plans=plans,
        priorities=priorities,
        channels=KOLMISOFT.channels,
    )
    number = np.random.default_rng(9).integers(0, count, len(frame))
    names = pl.Series([f"P{n}" for n in range(count)])
    return policy, frame.with_columns(pl.lit("GOLD").alias("plan"), names.gather(number).alias("priority"))


def categories(frame: Any) -> None:
    """Categories against the same frame with text."""
    import polars as pl

    enums = frame.with_columns(pl.col(name).cast(pl.Enum(frame[name].unique())) for name in ("plan", "priority"))
    pandas = frame.to_pandas().astype({"plan": "object", "priority": "object"})
    kinds = pandas.astype({"plan": "category", "priority": "category"})
    for name, coded, text in (("Polars Enum", enums, frame), ("pandas category", kinds, pandas)):
        calls = [lambda each=each: columns.measure(each, at=NOW) for each in (coded, text)]
        report(f"columns.measure, {name}, x the same as text", ratio(*calls), "<= 1")


def engines() -> None:
    """Each engine against itself, on one file."""
    import duckdb
    import polars as pl

    from kolmisla.files import Measuring
    from kolmisla.files.bulk.parquet import ParquetJob

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

    def due(more: int) -> Any:  # a frame made anew: Spark keeps what it has shuffled for one
        return columns.with_due(frame, OFFICE, "within").agg(sql.expr(f"sum(unix_micros(due_at) % 1000003) + {more}"))

    def plain(more: int) -> Any:
        return frame.agg(sql.expr(f"sum((unix_micros(opened_at) + within) % 1000003) + {more}"))

    assert due(0).collect()[0][0] == total
    turn = iter(range(100))
    floor, ours = (took(lambda: each(next(turn)).collect(), 4) for each in (plain, due))  # noqa: B023
    report("Spark, x the speed of its sum in the JVM", floor / ours, ">= 0.3")
    session.stop()


def main() -> None:
    kernel()
    whole_tickets()


if __name__ == "__main__":
    if "engines" in sys.argv[1:]:
        engines()
    else:
        main()
