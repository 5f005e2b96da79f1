"""Measures a Parquet file of tickets: reads it as a stream, and writes the rows with deadlines and states."""

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray

from kolmisla.columns.frames.tickets import check_parquet_facts, read_instants
from kolmisla.columns.kernel.deadlines import NOT_COVERED, STATES, Deadlines
from kolmisla.columns.kernel.events import KIND_CODE
from kolmisla.columns.kernel.promises import TicketQuestion
from kolmisla.columns.kernel.questions import NULL, Mask
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.columns.kernel.wall_times import Wall
from kolmisla.columns.tickets import Measured, measured
from kolmisla.errors import HorizonError, brief, choices
from kolmisla.files.bulk.as_parquet import types_of
from kolmisla.files.bulk.counts import count, responses
from kolmisla.files.endings import TOLD_BY
from kolmisla.files.measure import Measuring
from kolmisla.files.summary import Summary
from kolmisla.files.tables.csv_table import rejects_writer
from kolmisla.files.tables.table import Reject, Rows
from kolmisla.policies.terms.metrics import FIRST_RESPONSE, NEXT_RESPONSE
from kolmisla.tickets.cycles.cycle_clocks import NOTHING_ASKED
from kolmisla.tickets.cycles.shapes import NOT_YET, judged_by_arrays
from kolmisla.tickets.layouts.fact_names import COLUMNS
from kolmisla.tickets.layouts.layout import Layout
from kolmisla.tickets.layouts.repeated import one_reading
from kolmisla.times.instants import DAY, EPOCH_DAY, SECOND, micros

__all__ = ["ParquetJob"]

# The days since 1970 that Python can hold as dates, in any zone, and the whole days that it can hold as durations.
DATES = range(date.min.toordinal() - EPOCH_DAY, date.max.toordinal() - EPOCH_DAY)
LASTING = range(timedelta.min.days, timedelta.max.days)
PER_DAY = {"d": 1, "ms": DAY // 1_000, "us": DAY, "ns": DAY * 1_000}
Rejection = tuple[int, str, list[Any]]  # the number of a rejected row, the reason and the cells
ROW = "kolmisla row"  # the column with a row's number in the file; the first row has number 1


class ParquetJob:
    """Measures a Parquet file of tickets with the settings in `measuring`. An invalid row is rejected.

    After each batch, `watched` gets a function for the share done (0 to 1), and the number of rows done. Raise
    ValueError for unsuitable columns or settings.
    """

    def __init__(self, source: str, measuring: Measuring, watched: Callable[[Callable[[], float], int], None]) -> None:
        self._measuring, self._watched = measuring, watched
        layout = measuring.layout
        if measuring.bounded:
            raise ValueError("precision and ambiguous='both' need rows of text, such as CSV; this file is Parquet")
        check_parquet_facts(layout)
        if odd := [name for name in measuring.measured if not judged_by_arrays(measuring.policy, name)]:
            why = "it has targets by owner, or does not run just once from the opening"
            raise ValueError(f"{choices(odd)} must be in rows of text, such as CSV, not Parquet, because {why}")
        self._wall = Wall(layout.zone, one_reading(layout.ambiguous))
        # A Parquet file has no questions. If next-response is the only metric, no ticket is covered.
        wanted = measuring.metrics or (FIRST_RESPONSE,)
        self._metrics = [metric for metric in wanted if metric != NEXT_RESPONSE] or [NEXT_RESPONSE]
        with _faults(source):
            self._scan = pl.scan_parquet(source, glob=False)
            self._schema = self._scan.collect_schema()
            self._answers(self._schema.to_frame())  # raises if a column is missing or has the wrong type
            self._total = self._scan.select(pl.len()).collect().item()
        self._added = measuring.added(list(self._schema))
        self._source = source
        self._lock, self._ended = Lock(), False
        # The number of the first row whose batch has not come yet. Of later batches: the size and the rejected rows.
        self._next, self._waiting = 1, dict[int, tuple[int, list[Rejection]]]()
        self.summary = measuring.summary()
        self._note_endings(layout)

    def _note_endings(self, layout: Layout) -> None:
        """Note which columns may tell how cycles end. `_count` finds out which of them are blank."""
        endings, there = self.summary.endings, set(self._schema)
        for name, kind in TOLD_BY.items():
            column = layout.column(name)
            if not column or not layout.constants.get(name, name).strip():
                endings.none.add(kind)
            elif column in there or name in layout.constants:
                endings.told.add(kind)
                if column in there:
                    endings.blank.add(name)
        taken = {layout.column(name) for name in COLUMNS}
        endings.columns = tuple(name for name in self._schema if name not in taken)

    def run(self, out: Path, rejects: Rows | Reject) -> Summary:
        """Measure the file: write every row to `out` or to `rejects`.

        Raise OSError or ValueError if a file cannot be read or written.
        """
        schema = {**self._schema, **types_of(self._measuring, self._added)}
        if callable(rejects):
            reject = rejects
        else:
            write = rejects_writer(rejects, ["row", "reason", *self._schema])
            reject = lambda number, reason, row: write([number, reason, *row])  # noqa: E731

        numbered = self._scan.with_row_index(ROW, offset=1)
        answered = numbered.map_batches(partial(self.batch, reject=reject), streamable=True, schema=schema)
        with _faults(self._source), ThreadPoolExecutor(1) as worker:
            done = worker.submit(answered.sink_parquet, out)
            try:
                done.result()  # a signal interrupts this wait, but could not interrupt Polars
            except BaseException:  # also for interrupts, because the remaining batches must stop
                self._ended = True
                raise
        assert not self._waiting  # every batch has come
        return self.summary

    def _answers(self, rows: pl.DataFrame) -> list[tuple[str, Measured]]:
        """Return, for each metric, the tickets in `rows` with what is promised to them and their deadlines."""
        measuring, frame = self._measuring, nw.from_native(rows, eager_only=True)
        policy, now = measuring.policy, micros(measuring.at)
        answers = [
            (metric, measured(frame, None, TicketQuestion(policy, metric, now), measuring.layout, self._wall))
            for metric in self._metrics
        ]
        return [(metric, _nothing_asked(each) if metric == NEXT_RESPONSE else each) for metric, each in answers]

    def batch(self, rows: pl.DataFrame, reject: Reject) -> pl.DataFrame:
        """Judge and count some rows. Return the valid ones with columns added, and pass the invalid ones to `reject`.

        With a list of metrics, each ticket has one row for each metric. Raise InterruptedError if the job has been
        stopped.
        """
        if self._ended:
            raise InterruptedError
        originals = rows.drop(ROW)
        answers = self._answers(originals)
        faults = [tickets.deadlines.faulty for _, tickets in answers]
        faulty = np.logical_or.reduce(faults)
        with self._lock:  # batches come from several threads
            self._count(originals, answers, ~faulty)
            rejected: list[Rejection] = []
            for number, place in zip(rows[ROW].filter(faulty), np.flatnonzero(faulty).tolist(), strict=True):
                first = next(i for i, fault in enumerate(faults) if fault[place])
                deadlines = answers[first][1].deadlines
                text = list(deadlines.reasons)[deadlines.reason[place]].text or ""
                rejected.append((number, text, _cells(originals, place)))
            if len(rows):
                self._waiting[rows[ROW][0]] = len(rows), rejected
            self._reject_in_order(reject)
        added = [originals.with_columns(self._columns(*answer)) for answer in answers]
        added = [each.filter(~faulty) for each in added] if faulty.any() else added
        if len(added) == 1:
            return added[0]
        in_turn = np.arange(sum(map(len, added))).reshape(len(added), -1).T.ravel()
        return pl.concat(added)[pl.Series(in_turn)]

    def _reject_in_order(self, reject: Reject) -> None:
        """Pass invalid rows to `reject` in the order of the file. A row waits until all rows before it are judged."""
        while self._next in self._waiting:
            size, rejected = self._waiting.pop(self._next)
            self._next += size
            for number, text, cells in rejected:
                self.summary.reject(text)
                reject(number, text, cells)

    def _columns(self, metric: str, tickets: Measured) -> list[pl.Series]:
        """Return the columns that are added to the rows of `tickets`, for one metric."""
        deadlines, types = tickets.deadlines, types_of(self._measuring, self._added)

        def instants(values: Ints) -> pl.Series:
            return _without_null(values, pl.Series(values).cast(pl.Datetime("us", self._measuring.policy.timezone)))

        def seconds(values: Ints) -> pl.Series:
            return _without_null(values, pl.Series(values / SECOND))

        ended = instants(deadlines.ended)
        values = [
            instants(deadlines.due),
            instants(deadlines.breach),
            seconds(deadlines.elapsed),
            seconds(deadlines.target),
            _texts(STATES, deadlines.state),
            _texts([reason.text for reason in deadlines.reasons], deadlines.reason),
        ]
        if self._measuring.metrics is None:
            values += [ended, seconds(deadlines.response)]
        else:
            started = tickets.facts.opened
            number = _without_null(started, pl.Series([1], dtype=pl.Int64).new_from_index(0, len(started)))
            name = pl.Series([metric]).new_from_index(0, len(started))
            values = [name, number, instants(started), ended, *values, seconds(deadlines.response)]
        return [column.alias(name) for column, name in zip(values, types, strict=True)]

    def _count(self, rows: pl.DataFrame, answers: Sequence[tuple[str, Measured]], selected: Mask) -> None:
        """Add the rows of a batch, and the answers for the selected ones, to the summary. Report the progress."""
        summary = self.summary
        blank, layout = summary.endings.blank, self._measuring.layout
        blank -= {name for name in blank if rows[layout.column(name)].null_count() < len(rows)}
        for metric, tickets in answers:
            given = responses(tickets, selected) if metric == FIRST_RESPONSE else ()
            count(summary, tickets, selected, metric, given)
        summary.first_resolutions_missing += self._first_resolutions_missing(rows, answers[0][1], selected)
        summary.rows += len(rows)
        self._watched(lambda: summary.rows / self._total, summary.rows)

    def _first_resolutions_missing(self, rows: pl.DataFrame, tickets: Measured, selected: Mask) -> int:
        """Return how many of the selected tickets were reopened although the file has no earlier resolution of them."""
        happened = tickets.happened
        if happened is None:
            return 0
        frame = nw.from_native(rows, eager_only=True)
        reopened = read_instants(frame, self._measuring.layout, "reopened_at", self._wall).values != NULL
        reopened[happened.row[happened.kind == KIND_CODE["reopened"]]] = False
        return int((reopened & selected).sum())


def _nothing_asked(tickets: Measured) -> Measured:
    """Return the tickets as not covered for the metric next-response, because a Parquet file has no questions.

    Invalid tickets keep their faults.
    """
    before = tickets.deadlines
    out = Deadlines.of(len(before.state))
    out.state[:] = NOT_COVERED
    out.give_reason(before.state == before.state, NOTHING_ASKED)
    for place, reason in enumerate(before.reasons):
        if reason.error not in (None, HorizonError) and reason.text != NOT_YET:
            out.give_reason(before.reason == place, reason.text or "", reason.error)
    return tickets._replace(facts=tickets.facts._replace(opened=out.due), deadlines=out)


def _cells(rows: pl.DataFrame, place: int) -> list[Any]:
    """Return the cells of a row, for a file of rejects. Lists and structs become JSON."""
    # for a date or a time that Python cannot hold, Polars itself would panic or raise OverflowError
    cells = [_values(column[place : place + 1])[0] for column in rows]
    return [
        json.dumps(cell, default=str, ensure_ascii=False) if isinstance(cell, (list, dict)) else cell for cell in cells
    ]


def _values(column: pl.Series) -> list[Any]:
    """Return the values of a column. A date or time that Python cannot hold becomes a text: a number and its unit."""
    kind = column.dtype
    if isinstance(kind, (pl.List, pl.Array)):
        return [None if part is None else _values(part) for part in column]
    if isinstance(kind, pl.Struct):
        fields = {field.name: _values(column.struct.field(field.name)) for field in kind.fields}
        rows = zip(column.is_null(), *fields.values(), strict=True)
        return [None if is_null else dict(zip(fields, values, strict=True)) for is_null, *values in rows]
    if not isinstance(kind, (pl.Date, pl.Datetime, pl.Duration)):
        return column.to_list()
    unit = "d" if isinstance(kind, pl.Date) else kind.time_unit
    known, since = (LASTING, "") if isinstance(kind, pl.Duration) else (DATES, " since 1970")
    try:
        return [
            column[place] if number is None or number // PER_DAY[unit] in known else f"{number} {unit}{since}"
            for place, number in enumerate(column.to_physical())
        ]
    except RuntimeError:  # Polars does not know the time zone
        return _values(column.cast(pl.Datetime(time_zone="UTC")))


@contextmanager
def _faults(source: str) -> Iterator[None]:
    """Convert errors of Polars and errors about columns to ValueError with the file's name.

    Polars panics at some files that are damaged, and has a RuntimeError for unknown time zones.
    """
    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, RuntimeError, TypeError, ValueError) as fault:
        raise ValueError(f"{source}: {brief(str(fault).splitlines()[0])}") from fault


def _without_null(values: Ints, column: pl.Series) -> pl.Series:
    """Return `column`, with a null in every row where `values` has NULL."""
    if not len(values) or values.min() != NULL:
        return column
    present = pl.Series(values != NULL)
    return column.to_frame().select(pl.when(present).then(pl.first())).to_series()


def _texts(texts: Sequence[str | None], places: NDArray[Any]) -> pl.Series:
    """Return a column of texts. `places` has, for each row, the index of its text in `texts`."""
    few = pl.Series(texts, dtype=pl.String)
    return few.gather(pl.Series(places.astype(np.uint32))) if places.any() else few.new_from_index(0, len(places))
