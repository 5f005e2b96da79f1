"""A report against the same tallies written by hand in Polars, against measuring alone, and in memory to a page.

    python -m tests.bench.reports        ten million rows of Parquet, one million in memory

The CPU of both sides in one run. The figures by hand are compared with those of the report before they are timed.
"""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import numpy as np

from kolmisla import KOLMISOFT, Report, columns
from kolmisla import report as report_of
from kolmisla.files.summary import SUMMARY_STATES
from kolmisla.reports.figures.tallies import PERCENTILES
from kolmisla.times.instants import micros
from tests.bench.table import ratio, report

ROWS = 1_000_000
BEGIN, END = (micros(datetime(year, 1, 1, tzinfo=UTC)) for year in (2025, 2026))
AT = datetime(2026, 1, 10, tzinfo=UTC)
HOUR = 3_600_000_000


def tickets(rows: int) -> Any:
    """A year of tickets, of which one in twenty waits."""
    import polars as pl

    random = np.random.default_rng(7)
    opened = random.integers(BEGIN, END, rows)
    given = {
        "id": random.permutation(rows),
        "plan": np.array(["premium", "enterprise"])[random.integers(0, 2, rows)],
        "priority": np.array(["blocker", "high", "medium", "low"])[random.integers(0, 4, rows)],
        "opened_at": opened,
        "answered_at": opened + random.exponential(6 * HOUR, rows).astype(np.int64),
    }
    frame = pl.DataFrame(given).with_columns(pl.col("opened_at", "answered_at").cast(pl.Datetime("us", "UTC")))
    return frame.with_columns(pl.when(pl.col("id") % 20 != 0).then("answered_at").alias("answered_at"))


def by_hand(path: Path) -> list[Any]:
    """The tallies of a report, written in Polars over the columns of `columns.measure`.

    Of the ways that were tried, this is the fastest: to collect the measured columns once, with categories, and then
    group them. In one query that streams, Polars measures the rows again for each tally.
    """
    import polars as pl

    measured = columns.measure(pl.scan_parquet(path), at=AT)
    local = pl.col("opened_at").dt.convert_time_zone(KOLMISOFT.timezone)
    elapsed, target, over = pl.col("elapsed"), pl.col("target"), pl.col("elapsed") - pl.col("target")
    ended = pl.col("ended_at").is_not_null() & target.is_not_null()
    names = ("plan", "priority", "state", "reason")
    rows = measured.select(
        "id",
        pl.col(names).cast(pl.Categorical),
        pl.col("elapsed", "target", "response").dt.total_microseconds(),
        pl.col("ended_at"),
        period=local.dt.truncate("1mo").dt.date(),
        hour=(local.dt.weekday().cast(pl.Int16) - 1) * 24 + local.dt.hour(),
    ).collect(engine="streaming")
    took = elapsed.filter(ended)
    late = rows.filter(pl.col("state") == "breached")
    return [
        rows.group_by("period", "plan", "priority").agg(
            *((pl.col("state") == state).sum().alias(state) for state in SUMMARY_STATES),
            ((pl.col("state") == "breached") & ~ended).sum().alias("waiting"),
            (took.sum() // took.len()).alias("mean"),
            *(took.quantile(q / 100, "equiprobable").alias(f"p{q}") for q in PERCENTILES),
        ),
        rows.group_by("hour").len(),
        rows.filter(ended).group_by(((10 * elapsed + target - 1) // target).clip(1, 21).alias("tenth")).len(),
        late.group_by((over > HOUR) + (over > 8 * HOUR).cast(pl.Int8) + (over > 40 * HOUR), ended.alias("ended")).len(),
        rows.group_by("state", "reason").len(),
        rows.filter(pl.col("response") > 0).group_by("plan").agg(pl.col("response").mean(), pl.len()),
        *(late.filter(kind).top_k(50, by=over) for kind in (ended, ~ended)),
    ]


def check(made: Report, hand: list[Any]) -> None:
    """Compare what both have: every cell, the hours of the week, the tenths."""
    cells = {
        (row["period"], row["plan"].upper(), row["priority"].upper()): row for row in hand[0].iter_rows(named=True)
    }
    assert len(cells) == len(made.cells)
    for cell in made.cells:
        row = cells[cell.period, cell.plan, cell.priority]
        assert [row[state] for state in SUMMARY_STATES] == [*cell.counts]
        assert (row["waiting"], timedelta(microseconds=row["mean"])) == (cell.waiting, cell.mean)
        assert [timedelta(microseconds=int(row[f"p{q}"])) for q in PERCENTILES] == [*map(cell.percentile, PERCENTILES)]
    assert dict(hand[1].iter_rows()) == {24 * day + hour: number for (day, hour), number in made.came}
    assert dict(hand[2].iter_rows()) == dict(made.tenths)


def main() -> None:
    import polars as pl

    from kolmisla.files import Measuring
    from kolmisla.files.bulk.parquet import ParquetJob

    with TemporaryDirectory() as folder:
        path, out = Path(folder) / "tickets.parquet", Path(folder) / "out.parquet"
        tickets(10 * ROWS).write_parquet(path)
        check(report_of(path, at=AT), by_hand(path))
        states = columns.measure(pl.scan_parquet(path), at=AT).group_by("state").len()

        def measure() -> Any:
            return ParquetJob(str(path), Measuring(at=AT), lambda *_: None).run(out, io.StringIO())

        floors: dict[str, tuple[Callable[[], Any], str]] = {
            "the same tallies by hand": (lambda: by_hand(path), "<= 1.5"),
            "measuring it to Parquet": (measure, "<= 1.1"),
            "measuring it and counting states": (lambda: states.collect(engine="streaming"), ""),
        }
        for name, (floor, limit) in floors.items():
            report(
                f"report, 10 M rows of Parquet, x {name}", ratio(lambda: report_of(path, at=AT), floor, runs=3), limit
            )
    frame = tickets(ROWS)
    page = best(lambda: report_of(frame, at=AT).to_html())
    allowed = 3 * best(lambda: columns.measure(frame, at=AT)) + 0.4
    report("report to a page, 1 M rows, x (3 columns.measure + 0.4 s)", page / allowed, "<= 1")


def best(call: Callable[[], Any], runs: int = 7) -> float:
    """The least CPU of a call, in seconds."""
    times = []
    for _ in range(runs):
        start = process_time()
        call()
        times.append(process_time() - start)
    return min(times)


if __name__ == "__main__":
    main()
