"""Reads a log of events in columns: the meaning of each row, and the rows of each ticket.

If `Log` might give another result, all rows of a ticket are read one by one.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Self

import narwhals as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray

from kolmisla.columns.frames.ids import rows_of
from kolmisla.columns.kernel.events import Events
from kolmisla.columns.kernel.promises import Coded
from kolmisla.columns.kernel.questions import NULL, Mask
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.errors import has_surrogate, shown
from kolmisla.files.bulk.logs.order import NO_ID, TicketRows, directions, rows_by_ticket, spread
from kolmisla.files.bulk.logs.words import Priorities, RowWords, ToldRows, with_priorities
from kolmisla.files.bulk.rows import Batch, batches, rows_in
from kolmisla.files.bulk.times import instants_of
from kolmisla.files.endings import OTHER_FIELDS
from kolmisla.files.logs.events import MOST_FIELDS
from kolmisla.files.logs.lives import Stated
from kolmisla.files.logs.log import Log
from kolmisla.files.logs.rows import EventRows, in_rows
from kolmisla.files.tables.csv_table import CsvTable
from kolmisla.files.tables.json_table import JsonTable
from kolmisla.files.tables.table import Table, Watched, unwatched
from kolmisla.policies.terms.metrics import EventKind
from kolmisla.tickets.event import Moment
from kolmisla.tickets.layouts.fact_names import OLD_VALUE
from kolmisla.tickets.layouts.layout import Layout

__all__ = ["ColumnLog"]

MOST_ALONE = 10_000  # so many rows may be read one by one, and a tenth of all rows too
NOT_READ = -1
BATCHES_AT_ONCE = 8  # the number of batches whose ids are looked up at once


class ColumnLog:
    """The events of each ticket in a log, read in columns, many rows at once. A row needs about twenty bytes."""

    def __init__(self, rows: EventRows, *, audit: bool) -> None:
        self.audit, self._rows = audit, rows
        self.told: set[EventKind] = set(rows.layout.kinds.told)  # the kinds of event that the log could tell
        self.unnamed: Counter[str] = Counter()  # for each field that the layout does not name, how many events it has
        self.partial = ""
        self._words = RowWords(rows.layout)
        self.ids = pl.Series([], dtype=pl.String)  # the ids of the tickets; a ticket's number is its place
        self._near: dict[str, int] = {}  # the ids for which `of` may be called, and the ticket number of each
        self._named = Priorities(rows.layout.words("priority"))  # the priorities in the rows of an audit log
        self._parts: list[tuple[NDArray[Any], ...]] = []
        self._written: list[pl.Series] = []  # the ids in the rows of each batch
        self._size = 0
        self.odd: dict[int, tuple[int, Any, str | None]] = {}  # the rows that are read one by one

    @classmethod
    def read(cls, table: Table, layout: Layout, *, audit: bool = False, watched: Watched = unwatched) -> Self | None:
        """Read the log in a table, many rows at once. Return None if the log must be read row by row.

        This is so, for example, if its rows have lists of events, or a time may mean two instants.
        """
        rows = EventRows(layout, table, audit=audit)
        two = layout.ambiguous == "both" or layout.asks_who or (audit and len(in_rows(layout)) > 1)
        if not isinstance(table, (CsvTable, JsonTable)) or two or rows.inside or (audit and table.columns is None):
            return None
        log = cls(rows, audit=audit)
        for batch in watched(batches(table, rows, rows.layout, ()), rows_in):
            if not log._take(batch) or len(log.odd) > MOST_ALONE + log._size // 10:
                return None
        log._close(table)
        return log

    def _take(self, batch: Batch) -> bool:
        """Read a batch of rows. Return False if an id has a lone surrogate, because a column cannot hold such an id."""
        rows, cells, size = self._rows, batch.cells, len(batch.texts)
        none = pl.Series([None], dtype=pl.String).new_from_index(0, size)
        word = self._words.numbers(cells["kind"], cells["value"], cells.get(OLD_VALUE, none))
        at, _ = instants_of(cells["at"], rows.layout, "at")
        certain = ~batch.odd & cells["event_id"].is_not_null().to_numpy() & self._words.is_known.take(word)
        certain &= (at != NULL) | (cells["at"].is_null().to_numpy() & ~(self._words.tells.take(word) | self.audit))
        named = np.zeros(0, np.int32)
        if self.audit:
            named, wrong = self._named.numbers(cells["priority"])
            certain &= ~wrong
        ids = cells["event_id"]
        for place in np.flatnonzero(~certain).tolist():
            self.odd[self._size + place] = _, row, _ = batch.row(place)
            written = rows.id_of(row)
            is_id = isinstance(written, (str, int)) and not isinstance(written, bool)
            if is_id and has_surrogate(str(written)):
                return False
            ids = ids.scatter(place, str(written) if is_id else None)
        word[~certain] = NOT_READ
        self._written.append(ids)
        self._parts.append((at, word, named, batch.lines.astype(np.uint32)))
        self._size += size
        return True

    def _close(self, table: Table) -> None:
        """Sort the rows by ticket. If a ticket cannot be read in columns, read the rows of the ticket one by one."""
        columns = [np.concatenate(column) for column in zip(*self._parts, strict=True)] if self._parts else []
        nothing = np.zeros(0, np.int64)
        self._at, self._word, self._priority, self._line = columns or [nothing] * 4
        few = [ids.drop_nulls().unique(maintain_order=True) for ids in self._written]
        self.ids = pl.concat([self.ids, *few]).unique(maintain_order=True)
        found = [nothing.astype(np.int32)]
        while self._written:  # a part at a time, because a look-up needs much more memory than the rows
            part, self._written = pl.concat(self._written[:BATCHES_AT_ONCE]), self._written[BATCHES_AT_ONCE:]
            found.append(self._among(part).astype(np.int32))
        self._ticket = np.concatenate(found)
        self._parts, tickets = [], len(self.ids)
        self._steps, self._asked = self._words.steps(), np.zeros(tickets, np.bool_)
        self._odd = np.zeros(tickets, np.bool_)  # the tickets with a row that is not read here
        odd = self._ticket[list(self.odd)] if self.odd else nothing
        self._odd[odd[odd != NO_ID]] = True
        self._alone = self._odd.copy()  # the tickets that are not judged in columns
        self._alone[self._of_words(self._words.alone)] = True
        is_read = self._word != NOT_READ
        happened = [word for word, number in enumerate(np.bincount(self._word[is_read]).tolist()) if number]
        self.told |= {moment.kind for word in happened for moment in self._words.told[word] or ()}
        first = self._note_unnamed(is_read)
        self._rest = self._read_alone(table, first)
        self.told |= self._rest.told
        for number, name in enumerate(sorted(first, key=lambda name: first[name][0])):
            self.unnamed[name if number < MOST_FIELDS else OTHER_FIELDS] += first[name][1]
        self._falls = self._directions(is_read & (self._at != NULL))
        self._of: TicketRows = rows_by_ticket(self._ticket, self._at, self._falls)

    def _among(self, ids: pl.Series) -> Ints:
        """Return, for each id, the number of the ticket with this id. For an id not in the log, return NO_ID."""
        found, _ = rows_of(nw.from_native(ids, series_only=True), nw.from_native(self.ids, series_only=True))
        return found

    def _of_words(self, words: Mask) -> Ints:
        """Return the ticket number of each row whose word (see `RowWords`) is one of those that `words` marks."""
        has = np.append(words, False).take(self._word)  # the last entry is for rows that are not read
        tickets: Ints = self._ticket[has]
        return tickets

    def _note_unnamed(self, is_read: Mask) -> dict[str, tuple[int, int]]:
        """Return the fields, such as a status, that rows change although the layout has no name for them.

        Each has the index of the first row that changes it, and the number of such rows. Only rows in `is_read` count.
        """
        unnamed = [number for number, field in enumerate(self._words.fields) if field is not None]
        first: dict[str, tuple[int, int]] = {}
        for number in unnamed:
            rows = np.flatnonzero((self._word == number) & is_read)
            if len(rows):
                _note(first, str(self._words.fields[number]), int(rows[0]), len(rows))
        return first

    def _read_alone(self, table: Table, first: dict[str, tuple[int, int]]) -> Log:
        """Return a `Log` of the tickets that are read row by row.

        Add to `first` the fields that rows in `self.odd` change although the layout has no name for them.
        """
        log = Log(audit=self.audit)
        among = np.append(self._odd, True).take(self._ticket)  # the last entry is for rows without an id
        for index in map(int, np.flatnonzero(among)):
            if index in self.odd:
                line, row, fault = self.odd[index]
                log.unnamed = Counter()
                log.take(self._rows, line, row, fault, index)  # the log keeps the index in place of the row
                for field, number in log.unnamed.items():
                    _note(first, field, index, number)
                continue
            us = None if self._at[index] == NULL else int(self._at[index])
            named: dict[EventKind, str | None] = {}
            if self.audit and (name := int(self._priority[index])) != self._named.blank:
                named = {"priority": self._named.ours[name]}
            id = self.ids[int(self._ticket[index])]
            log.add(id, int(self._line[index]), index, us, self._moments(index), named)
        log.close(table)
        return log

    def _moments(self, row: int) -> list[Moment]:
        at = int(self._at[row])
        return [moment._replace(at=at) for moment in self._words.told[self._word[row]] or ()]

    def _directions(self, counts: Mask) -> Mask:
        """Return a mask of the tickets whose rows have the latest first in the log. Compare only rows in `counts`."""
        fell, rose = directions(self._ticket, self._at, counts, len(self.ids))
        numbers = {self.ids[number]: number for number in np.flatnonzero(self._odd).tolist()}
        for id, life in self._rest.lives():
            fell[numbers[id]], rose[numbers[id]] = life.fell, life.rose
        mostly = int(fell.sum()) > int(rose.sum())
        self._rest.fall(mostly)
        falls: Mask = np.where(fell | rose, ~rose, mostly)
        return falls

    def was_asked(self, id: str) -> bool:
        """Tell whether the events of this id were already asked for. `near` must have been called for the id."""
        number = self._near.get(id, NO_ID)
        return number != NO_ID and bool(self._asked[number])

    def of(self, id: str, requester: str | None = None) -> list[Moment]:
        """Return the events of a ticket. In an audit log, the priority that a row names comes after the row's events.

        `near` must have been called for the id.
        """
        number = self._near.get(id, NO_ID)
        if number == NO_ID:
            return []
        self._asked[number] = True
        if self._odd[number]:
            return self._rest.of(id, requester)
        begin = int(self._of.start[number])
        rows = self._of.rows[begin : begin + int(self._of.number[number])].tolist()
        rows.sort(reverse=bool(self._falls[number]))
        return [moment for row in rows for moment in (*self._moments(row), *self._stated(row))]

    def _stated(self, row: int) -> list[Stated]:
        """Return the priority that a row of an audit log names, as a list of one event. If it names none, return []."""
        if not self.audit or (name := int(self._priority[row])) == self._named.blank:
            return []
        return [Stated(int(self._at[row]), "priority", self._named.ours[name])]

    def numbers_of(self, ids: pl.Series) -> Ints:
        """Return, for each id, the number of the ticket with this id. For an id that is not in the log, return -1."""
        return self._among(ids)

    def near(self, ids: pl.Series, numbers: Ints) -> None:
        """Let `of` find the events of the tickets `ids`, and of no others. `numbers` has their numbers in this log."""
        self._near = dict(zip(ids.to_list(), numbers.tolist(), strict=True))

    def alone(self, numbers: Ints) -> Mask:
        """Return a mask of the tickets that must be judged one by one, such as tickets that share an id."""
        has = numbers != NO_ID
        twice = np.bincount(numbers[has], minlength=len(self.ids)) > 1
        lone: Mask = np.append(self._alone | self._asked | twice, False).take(numbers)
        return lone

    def ask(self, numbers: Ints) -> None:
        """Remember that the events of these tickets were asked for. `numbers` has the tickets' numbers."""
        self._asked[numbers[numbers != NO_ID]] = True

    def events(self, numbers: Ints) -> Events:
        """Return the events of the tickets with these numbers. The `row` of each event is an index into `numbers`."""
        has = np.flatnonzero(numbers != NO_ID)
        ticket = numbers[has]
        index, run = spread(self._of.start[ticket], self._of.number[ticket])
        rows = self._of.rows[index].astype(np.int64)
        read = self._word[rows] != NOT_READ
        rows, run = rows[read], run[read]
        turn = np.where(self._falls[ticket][run], self._size - 1 - rows, rows)
        told = ToldRows(has[run], self._at[rows], turn)
        logged = self._steps.events(told, self._word[rows])
        if not self.audit:
            return logged
        return with_priorities(logged, told, Coded(self._named.ours, self._priority[rows]), self._named.blank)

    def strays(self) -> Iterator[str]:
        """Yield a message for each id that no ticket has, and for each row without a readable id."""
        unasked = np.flatnonzero(~self._asked)
        lines = self._line[self._of.first[unasked]].tolist()
        missing = [
            (line, f"no ticket has the id {shown(self.ids[number])}")
            for line, number in zip(lines, unasked.tolist(), strict=True)
        ]
        yield from (f"line {line}: {fault}" for line, fault in sorted([*self._rest.loose, *missing]))

    def tickets(self) -> tuple[Ints, Ints, dict[int, str | None]]:
        """Return the earliest row of each ticket in an audit log, the ticket's number, and faults of rows, by index.

        Rows that belong to no ticket have the number -1, and the faults. The order is that of the file.
        """
        chosen, known = self._of.rows[self._of.start].astype(np.int64), ~self._odd
        faults: dict[int, str | None] = {}
        numbers = {self.ids[number]: number for number in np.flatnonzero(self._odd).tolist()}
        for _, row, id, fault in self._rest.tickets():
            if id is None:
                faults[row] = fault
            else:
                known[numbers[id]], chosen[numbers[id]] = True, row
        number = np.flatnonzero(known)
        begun = np.append(np.fromiter(faults, np.int64, len(faults)), self._of.first[number])
        order = np.argsort(begun, kind="stable")  # a row of a wrong form may begin a ticket too
        rows = np.append(begun[: len(faults)], chosen[number])[order]
        return rows, np.append(np.full(len(faults), NO_ID), number)[order], faults

    def id_of(self, number: int) -> str | None:
        """Return the id of the ticket with this number, or None for the number -1."""
        return None if number == NO_ID else str(self.ids[number])


def _note(first: dict[str, tuple[int, int]], name: str, row: int, number: int) -> None:
    """Add `number` rows to the count of the field `name` in `first`. Note `row` if it is the field's earliest row."""
    earliest, before = first.get(name, (row, 0))
    first[name] = min(earliest, row), before + number
