"""Finds the tickets of an audit log: the earliest row of each ticket, in the order of the file."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from kolmisla.columns.kernel.timeline import Ints
from kolmisla.files.bulk import rows as pieces
from kolmisla.files.bulk.logs.log import ColumnLog
from kolmisla.files.bulk.logs.order import NO_ID
from kolmisla.files.bulk.rows import Batch, rows_again
from kolmisla.files.bulk.written import joined
from kolmisla.files.reader import RowFacts
from kolmisla.files.tables.csv_table import CsvTable
from kolmisla.files.tables.table import Table, Watched

__all__ = ["NumberedRow", "earliest"]

NumberedRow = tuple[int, Any, str | None]  # the line, the row, and the fault if its form is wrong
TICKETS_AT_ONCE = 2**15


def earliest(
    table: Table, read: RowFacts, log: ColumnLog, in_columns: bool, watched: Watched
) -> Iterator[tuple[Batch, Ints]]:
    """Yield the tickets of an audit log in batches, each ticket as its earliest row. Also yield their numbers in `log`.

    A row without a ticket has the number -1. If `in_columns` is False, all rows must be judged one by one.
    """
    assert isinstance(table, CsvTable)  # ColumnLog reads audit logs only from CSV
    rows, numbers, faults = log.tickets()
    wanted, place = np.unique(rows, return_inverse=True)
    texts, lines = _chosen(table, wanted, watched)
    for first in range(0, len(rows), TICKETS_AT_ONCE):
        few = place[first : first + TICKETS_AT_ONCE]
        own, index = numbers[first : first + TICKETS_AT_ONCE], rows[first : first + TICKETS_AT_ONCE]
        batch = rows_again(texts.gather(pl.Series(few)), lines[few], table, read, read.layout)

        def row(number: int, batch: Batch = batch, index: Ints = index) -> NumberedRow:
            _, cells, _ = batch.row(number)
            return int(batch.lines[number]), cells, faults.get(int(index[number]))

        yield replace(batch, row=row, odd=batch.odd | (own == NO_ID) | (not in_columns)), own


def _chosen(table: CsvTable, wanted: Ints, watched: Watched) -> tuple[pl.Series, Ints]:
    """Return the texts of some rows, and the line on which each begins.

    `wanted` has the indexes of the rows in the file, in ascending order.
    """
    texts, lines, begun = [pl.Series([], dtype=pl.String)], [np.zeros(0, np.int64)], 0
    for piece in watched(table.pieces(pieces.SIZE), _rows_in):
        size = _rows_in(piece)
        own = wanted[slice(*np.searchsorted(wanted, [begun, begun + size]))] - begun
        if isinstance(piece, list):
            rows = [piece[place] for place in own.tolist()]
            texts.append(pl.Series(joined([row for _, row, _ in rows], table.delimiter), dtype=pl.String))
            lines.append(np.array([line for line, _, _ in rows], np.int64))
        else:
            texts.append(pl.Series([piece[1][place] for place in own.tolist()], dtype=pl.String))
            lines.append(piece[0] + own)
        begun += size
    return pl.concat(texts, rechunk=False), np.concatenate(lines)


def _rows_in(piece: Any) -> int:
    return len(piece if isinstance(piece, list) else piece[1])
