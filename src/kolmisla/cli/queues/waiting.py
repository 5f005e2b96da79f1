"""A fast way to find tickets that wait for a first response, for plain rows of a CSV file.

A plain row is not made a ticket, which saves time. Tests check that the queue is the same as with tickets.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from kolmisla.errors import HorizonError, KolmislaError
from kolmisla.files.plain import PlainCells, PlainRows, PlainTerms
from kolmisla.files.tables.csv_table import CsvTable, width_fault
from kolmisla.files.tables.table import Table
from kolmisla.files.tickets import Taken, reason_of
from kolmisla.policies.policy import Policy
from kolmisla.tickets.answers.queue import QueueRank, rank_of_id
from kolmisla.tickets.layouts.headers import header_of
from kolmisla.tickets.layouts.layout import Layout

__all__ = ["PlainEntry", "PlainQueue"]


class PlainEntry(NamedTuple):
    """What the queue shows of a plain ticket that waits for a first response.

    A plain ticket has an opening and perhaps an answer, but no other events.
    """

    rank: QueueRank
    id: str | None
    terms: PlainTerms
    remaining: int  # the target minus the open time counted, in microseconds


class PlainQueue:
    """A search for the plain tickets of a CSV file that wait for a first response at an instant.

    A plain ticket has an opening and perhaps an answer, but no other events.
    """

    def __init__(
        self, plain: PlainRows, cells_of: Callable[[Any], PlainCells | None], table: CsvTable, id: int | None, now: int
    ) -> None:
        self._plain, self._cells_of, self._table, self._id, self._now = plain, cells_of, table, id, now

    @classmethod
    def of(cls, table: Table, layout: Layout, policy: Policy, now: int) -> "PlainQueue | None":
        """Make a PlainQueue for a table and the instant `now`. Return None if no row of the table can be plain."""
        plain = PlainRows.of(table, layout, policy, now)
        cells_of = None if plain is None or "id" in layout.constants else plain.cells_of(table)
        if plain is None or cells_of is None or not isinstance(table, CsvTable):
            return None
        header = header_of(layout.column("id") or None, table.columns)
        id = None if header is None else list(table.columns).index(header)
        return cls(plain, cells_of, table, id, now)

    def others(self, watched: Callable[[Iterable[Any]], Iterable[Any]], entries: list[Any]) -> Iterator[Taken]:
        """Append to `entries` each plain row whose ticket waits, and yield the rows that are not plain.

        For each yielded row, yield its line number, the row, the facts of its ticket, and None. For an invalid row, the
        facts are None, and the last value says what is wrong.
        """
        table, cells_of, entry_of = self._table, self._cells_of, self._entry
        id, delimiter, width = self._id, table.delimiter, len(table.columns)
        for line, row, fault in watched(table.texts()):
            if row.__class__ is str:
                row = row.split(delimiter)
                fault = None if len(row) == width else width_fault(row, width)
            cells = cells_of(row) if fault is None else None
            if cells is not None:
                try:
                    entry = entry_of(cells, None if id is None else row[id].strip() or None)
                except (TypeError, ValueError, HorizonError):  # a row that is not plain
                    pass
                else:
                    if entry is not None:
                        entries.append(entry)
                    continue
            facts = None
            try:
                facts = None if fault is not None else self._plain.read.of_row(row)
            except KolmislaError as error:
                fault = reason_of(error, table)
            yield line, row, facts, fault

    def _entry(self, cells: PlainCells, id: str | None) -> PlainEntry | None:
        """Return the entry of a ticket, or None if the ticket does not wait.

        Raise TypeError, ValueError or HorizonError for a row that is not plain.
        """
        (terms, opened, answered), now, instant = cells, self._now, self._plain.instant
        opened_at = instant(opened)
        if answered is not None:
            answered_at = instant(answered)
            if answered_at < opened_at:
                raise ValueError
            if answered_at <= now:
                return None
        if opened_at > now:
            return None
        _, breach, elapsed = terms.counted(opened_at, terms.within, now)
        rank = False, *terms.ranks, False, breach, opened_at, rank_of_id(id)
        return PlainEntry(rank, id, terms, terms.within - elapsed)
