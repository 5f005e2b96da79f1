"""Measures large files of CSV and JSON Lines, also with a log of events, many rows at once.

The output is the same, byte for byte, as if each row were judged alone. Rows for which this is uncertain are judged one
by one.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from kolmisla.columns.kernel.timeline import Ints
from kolmisla.errors import KolmislaError, TicketError, has_surrogate
from kolmisla.files.bulk.earliest import NumberedRow, earliest
from kolmisla.files.bulk.judge import Judge
from kolmisla.files.bulk.logs.log import ColumnLog
from kolmisla.files.bulk.rows import batches, rows_in
from kolmisla.files.bulk.written import cell_form
from kolmisla.files.facts import TicketFacts
from kolmisla.files.job import Job
from kolmisla.files.measure import Measuring
from kolmisla.files.reader import RowFacts
from kolmisla.files.summary import Summary
from kolmisla.files.tables.csv_table import CsvTable
from kolmisla.files.tables.json_table import JsonTable
from kolmisla.files.tables.table import Reject, Rows, Table, Watched, unwatched
from kolmisla.files.tickets import audited, check_separate, reason_of, with_log
from kolmisla.tickets.layouts.fact_names import COLUMNS, ENDS, EVENTS

__all__ = ["measure_text"]

WITH_EVENTS = 8  # a batch of tickets with events is smaller by this factor


def measure_text(
    measuring: Measuring,
    table: Table,
    out: Rows,
    rejects: Rows | Reject,
    watched: Watched = unwatched,
    *,
    log: ColumnLog | None = None,
) -> Summary:
    """Measure every row of a table. Write the row to `out` with columns added, or to `rejects` with the reason.

    The output is the same, byte for byte, as that of `Measuring.run`.
    """
    check_separate(table, measuring.layout)
    has_log, is_audit = log is not None, log is not None and log.audit
    read = RowFacts(measuring.layout, table, events=has_log, audit=is_audit)
    odd = measuring.bounded or read.layout.others or not set(read.names) <= {*COLUMNS, *ENDS, EVENTS}
    in_columns = isinstance(table, (CsvTable, JsonTable)) and cell_form(table) is not None and not odd
    if log is None and not in_columns:
        return measuring.run(table, out, rejects, watched=watched)
    job = measuring.job(table, out, rejects)
    endings = job.summary.endings
    if log is not None:
        endings.events, endings.told = True, endings.told | log.told
        endings.unnamed.update(log.unnamed)
    read = RowFacts(measuring.layout, table, events=has_log, audit=is_audit, endings=endings)
    judge = Judge(measuring, table, job, read, out, log)
    if log is not None and log.audit:
        for batch, numbers in earliest(table, read, log, in_columns, watched):
            judge.take(batch, numbers, _AuditRow(read, log, job, numbers))
    elif isinstance(table, (CsvTable, JsonTable)) and in_columns:
        alone = _Alone(read, log, job, table)
        keys = () if isinstance(table, CsvTable) else judge.added
        share = 1 if log is None else WITH_EVENTS
        for batch in watched(batches(table, read, read.layout, keys, share=share), rows_in):
            judge.take(batch, None if log is None else log.numbers_of(batch.cells["id"]), alone)
    else:
        assert log is not None  # without a log, `measuring.run` has done the job
        log.near(log.ids, np.arange(len(log.ids)))
        alone = _Alone(read, log, job, table)
        for taken in watched(table.rows()):
            alone.judge(0, *taken)
    if log is not None:
        job.summary.strays = tuple(log.strays())
    return job.summary


class _Alone:
    """Judges single rows of a file of tickets, with the same results as `Measuring.run`."""

    def __init__(self, read: RowFacts, log: ColumnLog | None, job: Job, table: Table) -> None:
        self._read, self._log, self._job, self._table = read, log, job, table

    def expect(self, places: Sequence[int], rows: Sequence[NumberedRow]) -> None:  # noqa: ARG002  # an audit log needs the places
        """Make the log ready for some rows of a batch. Call this before `judge` is called for these rows."""
        if self._log is not None:
            ids = pl.Series([None if fault else self._id(row) for _, row, fault in rows], dtype=pl.String)
            self._log.near(ids, self._log.numbers_of(ids))

    def _id(self, row: Any) -> str | None:
        """Return the id in a row, as text. Return None if it cannot be read, or has a lone surrogate."""
        try:
            id = self._read.pick(row)[0]
        except TicketError:  # the row is invalid, so its events are not needed
            return None
        # a ColumnLog has no id with a lone surrogate
        return str(id) if isinstance(id, (str, int)) and not has_surrogate(str(id)) else None

    def judge(self, place: int, line: int, row: Any, fault: str | None) -> None:  # noqa: ARG002
        """Judge one row, and write or reject it. `place` is its position in the batch."""
        read, log = self._read, self._log
        facts: TicketFacts | None = None
        try:
            if fault is None:
                facts = read.of_row(row) if log is None else with_log(read, row, log)
        except KolmislaError as error:
            fault = reason_of(error, self._table)  # `take` rejects the row with this reason
        self._job.take(line, row, facts, fault)


class _AuditRow:
    """Judges single rows of an audit log, with the same results as `Measuring.run`.

    `numbers` has the number that each ticket has in `log`.
    """

    def __init__(self, read: RowFacts, log: ColumnLog, job: Job, numbers: Ints) -> None:
        self._read, self._log, self._job, self._numbers = read, log, job, numbers

    def expect(self, places: Sequence[int], rows: Sequence[NumberedRow]) -> None:  # noqa: ARG002
        """Make the log ready for the rows at some positions of a batch. Call this before `judge` for these rows."""
        numbers = self._numbers[list(places)]
        self._log.near(pl.Series([self._log.id_of(number) for number in numbers.tolist()], dtype=pl.String), numbers)

    def judge(self, place: int, line: int, row: Any, fault: str | None) -> None:
        """Judge one row, and write or reject it. `place` is its position in the batch."""
        id = self._log.id_of(int(self._numbers[place]))
        self._job.take(*audited(self._read, self._log, line, row, fault, id))
