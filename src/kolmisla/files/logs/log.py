"""Reads the events of tickets from a separate file, or from an audit log, which has the tickets too."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any, Self

from kolmisla.errors import TicketError, shown
from kolmisla.files.facts import told_in
from kolmisla.files.logs.events import cells_of, holder_of_time, items_of, moments_of, row_instant
from kolmisla.files.logs.lives import ByActor, Life, RowTold, Stated, acts_in, moments_in
from kolmisla.files.logs.rows import EventRows, in_rows, more_of_events
from kolmisla.files.tables.paths import NOWHERE, value_at
from kolmisla.files.tables.table import Table, expect_watched
from kolmisla.policies.terms.metrics import EventKind
from kolmisla.tickets.event import Moment
from kolmisla.tickets.layouts.fact_names import EVENT_COLUMNS, EVENTS
from kolmisla.tickets.layouts.layout import Layout
from kolmisla.tickets.layouts.repeated import instant_of
from kolmisla.tickets.layouts.words import name_of
from kolmisla.tickets.said import Said

__all__ = ["Log"]

LACKING = tuple(f"{name} is missing" for name in ("id", *EVENT_COLUMNS[1:3]))  # how a fault about a missing fact ends


@dataclass(slots=True, kw_only=True)
class Log:
    r"""The events of each ticket, by id. The memory used grows only with the number of events.

    The rows may be in any order of time. If the rows of a ticket have the latest first, they are read from the last to
    the first, so that events of one instant come in the order in which they happened. If all rows of a ticket have the
    same time, they are read in the same direction as the rows of most other tickets.

    The log remembers which ids were asked for, so that two tickets with the same id do not share events. If `audit` is
    True, the file is an audit log, which has the tickets too. Each of its rows says which priority the ticket had at
    the time of the row and, if the layout names owners, which owner. The earliest row of an id has the facts of the
    ticket.

    >>> from io import StringIO
    >>> from kolmisla.files.tables import CsvTable
    >>> log = Log.read(CsvTable(StringIO("id,at,kind\n7,2026-07-03T10:00Z,paused\n")), Layout())
    >>> log.of("7")[0].kind
    'paused'
    """

    audit: bool = False
    told: set[EventKind] = field(init=False, default_factory=set)  # the kinds of event that the log could tell
    partial: str = field(init=False, default="")  # a sentence about events on other pages
    unnamed: Counter[str] = field(init=False, default_factory=Counter)  # events of fields that the layout does not name
    _lives: dict[str, Life] = field(init=False, default_factory=dict)
    _asked: set[str] = field(init=False, default_factory=set)
    _strays: list[tuple[int, str]] = field(
        init=False, default_factory=list
    )  # rows without a readable id: line and fault
    # Of an audit log, in the order of the file: the id of each ticket, and each row that belongs to no ticket.
    _told: list[str | tuple[int, Any, str]] = field(init=False, default_factory=list)
    _mostly_falls: bool | None = field(init=False, default=None)  # whether most tickets have the latest row first

    @classmethod
    def read(
        cls,
        table: Table,
        layout: Layout,
        *,
        audit: bool = False,
        watched: Callable[[Iterable[Any]], Iterable[Any]] = iter,
    ) -> Self:
        """Read the log in a table.

        Raise ValueError if the table lacks a column. Errors in reading the table pass through. `watched` is a
        function that gets the rows and returns them, so that it can report progress.
        """
        expect_watched(watched)
        rows = EventRows(layout, table, audit=audit)
        log = cls(audit=audit)
        log.told.update(layout.kinds.told)
        for line, row, fault in watched(table.rows()):
            log.take(rows, line, row, fault, row)
        log.close(table)
        return log

    def take(self, rows: EventRows, line: int, row: Any, fault: str | None, kept: Any) -> None:
        """Read one row. If `fault` is not None, the row is invalid: then only note the fault.

        In an audit log, `tickets` will yield `kept` as the row. This is the row itself or, for example, its index.
        """
        if fault is not None:
            self._misread(line, kept, rows.id_of(row), fault)
        elif rows.inside and not self.audit:
            self._add_items(rows.layout, line, row, rows.picked(row)[0])
        else:
            self._add(rows.layout, line, kept, rows.picked(row))

    def close(self, table: Table) -> None:
        """Finish reading, after the last row: add hints to faults, and note whether there seem to be more pages."""
        if table.columns is None and self._strays:
            line, fault = self._strays[0]
            self._strays[0] = line, f"{fault}{table.hint}"
        if self.audit and table.columns is None and table.hint:
            self._add_hint(table.hint, is_sole=getattr(table, "read", 0) == 1)
        self.partial = getattr(table, "partial", "")

    def _add_hint(self, hint: str, *, is_sole: bool) -> None:
        """Add `hint`, which says what to type, to the faults about missing facts.

        If `is_sole` is True, the table has only one row: then add the hint to all faults.
        """

        def hinted(fault: str) -> str:
            return fault + hint if is_sole or fault.endswith(LACKING) else fault

        self._told = [told if isinstance(told, str) else (*told[:2], hinted(told[2])) for told in self._told]
        for life in self._lives.values():
            life.fault = None if life.fault is None else hinted(life.fault)

    def was_asked(self, id: str) -> bool:
        """Tell whether `of` was already called with this id. If the log does not have the id, return False."""
        return id in self._asked

    def of(self, id: str, requester: str | None = None) -> list[Moment]:
        """Return a ticket's events. Events of one instant are in the order in which they happened.

        In an audit log, the priority and the owner that a row names come after the row's events, as objects of the
        class Stated. `requester` is who asks for help in the ticket. Some events depend on whether the requester
        acted. Raise TicketError for an event that cannot be read.
        """
        life = self._lives.get(id)
        if life is None:
            return []
        self._asked.add(id)
        if life.fault is not None:
            raise TicketError(life.fault)
        rows = told_in(life.events, self._falls(life))
        return [moment for told in rows for moment in moments_in(told, requester)]

    def tickets(self) -> Iterator[tuple[int, Any, str | None, str | None]]:
        """Yield the line, the row, the id and the fault of each ticket in an audit log, in the order of the file.

        The line and the row are those of the earliest row of the ticket, and the fault is None. For a row that belongs
        to no ticket, the id is None and the fault says why.
        """
        for told in self._told:
            if isinstance(told, str):
                life = self._lives[told]
                earliest = life.last if self._falls(life) else life.first
                if earliest is not None:
                    yield earliest[1], earliest[2], told, None
            else:
                line, row, fault = told
                yield line, row, None, fault

    def strays(self) -> Iterator[str]:
        """Yield a message for each id that no ticket has, and for each row without a readable id."""
        unasked = [
            (life.line, f"no ticket has the id {shown(id)}")
            for id, life in self._lives.items()
            if id not in self._asked
        ]
        yield from (f"line {line}: {fault}" for line, fault in sorted([*self._strays, *unasked]))

    @property
    def loose(self) -> Sequence[tuple[int, str]]:  # pragma: no cover  # tests/engines
        """The rows without a readable id: the line and the fault of each."""
        return self._strays

    def lives(self) -> Iterable[tuple[str, Life]]:  # pragma: no cover  # tests/engines
        """Return pairs: each id in the log, and what the log tells about the ticket with this id."""
        return self._lives.items()

    def fall(self, mostly: bool) -> None:  # pragma: no cover  # tests/engines
        """Set whether most tickets have their latest row first in the file.

        Call this if the log has only some of the file's tickets.
        """
        self._mostly_falls = mostly

    def _falls(self, life: Life) -> bool:
        """Tell whether a ticket has its latest row first in the file. Such rows are read from the last to the first."""
        if life.rose or life.fell:
            return not life.rose
        if self._mostly_falls is None:
            ways = [other.fell - other.rose for other in self._lives.values()]
            self._mostly_falls = sum(ways) > 0
        return self._mostly_falls

    def _add_items(self, layout: Layout, line: int, row: Any, written_id: Any) -> None:
        """Add the events in the list of a JSON row. A row without a list is an event itself.

        A value that an event lacks is looked for in the objects around it, and then in the row.
        """
        paths = (layout.columns[EVENTS], *layout.others.get(EVENTS, ()))
        items = next((found for path in paths if (found := value_at(row[1], path)) is not NOWHERE), None)
        try:
            events = [(row[1],)] if items is None else [(*around, row[1]) for around in items_of(items)]
            cells = [[written_id, *cells_of(layout, around, EVENT_COLUMNS[1:])] for around in events]
            more = [cells_of(layout, around, more_of_events(layout)) for around in events]
        except TicketError as error:
            self._misread(line, row, written_id, str(error), has_form=True)
            return
        holders = [id(holder_of_time(layout, around)) for around in events]
        for _, parts in groupby(zip(holders, cells, more, strict=True), itemgetter(0)):
            life = self._lives.get(str(written_id))
            first = len(life.events) if life else 0
            for _, event, others in parts:
                self._add(layout, line, row, [*event, *others])
            if life := self._lives.get(str(written_id)):
                life.join(first)

    def _add(self, layout: Layout, line: int, row: Any, picked: Sequence[Any]) -> None:
        """Add the events that a row tells of. `picked` has the values of the row, in the order of `EventRows.names`."""
        written_id, at, kind, value, metric, reason, *more = picked
        standing = {name: more.pop() for name in reversed(in_rows(layout))} if self.audit else {}
        said = Said(value, more.pop(0) if layout.has_old_value else None, metric, reason)
        try:
            ticket_id = name_of("id", written_id)
            told = [
                moments_of(layout, unnamed, at, kind, said, acts=acts)
                for acts, unnamed in zip(acts_in(more), (self.unnamed, Counter[str]()), strict=False)
            ]
            events = next(filter(None, told), [])
            us = instant_of(layout.time("at", at), layout.ambiguous) if self.audit else row_instant(layout, at, events)
            names = {name: name_of(name, standing[name]) for name in in_rows(layout) if standing.get(name) is not None}
            named = {name: layout.words(name).ours(given) for name, given in names.items()}
        except TicketError as error:
            self._misread(line, row, written_id, str(error), has_form=True)
            return
        if ticket_id is None:
            self._no_ticket(line, row, "id is missing")
            return
        self.told.update(event.kind for events in told for event in events)
        by_actor = len(told) > 1 and told[0] != told[1]
        self.add(ticket_id, line, row, us, [ByActor(name_of("actor", more[0]), *told)] if by_actor else events, named)

    def add(
        self,
        ticket_id: str,
        line: int,
        row: Any,
        us: int | None,
        events: Sequence[RowTold],
        named: Mapping[EventKind, str | None],
    ) -> None:
        """Add what a row says: its instant `us`, its `events` and, in an audit log, priority and owner (`named`)."""
        life = self._meet(ticket_id, line)
        told = events
        if named and us is not None:
            told = [*events, *(Stated(us, kind, name) for kind, name in named.items())]
        if told:
            life.events.append(told[0] if len(told) == 1 else [*told])
        if us is not None:
            life.at(us)
            if self.audit:
                life.told_at(us, line, row)

    def _misread(self, line: int, row: Any, written_id: Any, fault: str, *, has_form: bool = False) -> None:
        """Note that a row cannot be read. `fault` says why, and `written_id` is the id in the row.

        If the id is readable, its ticket gets the fault. An audit log rejects a row with a wrong id, or without the
        right form (`has_form`).
        """
        known = isinstance(written_id, (str, int)) and not isinstance(written_id, bool)
        if self.audit and not (known and has_form):
            self._told.append((line, row, fault))
        if known:
            life = self._meet(str(written_id), line)
            life.fault = life.fault or f"the ticket's event on line {line}: {fault}"
            if self.audit and has_form and life.first is None:
                life.first = life.last = MISREAD_AT, line, row
        elif not self.audit:
            self._strays.append((line, fault))

    def _no_ticket(self, line: int, row: Any, fault: str) -> None:
        if self.audit:
            self._told.append((line, row, fault))
        else:
            self._strays.append((line, fault))

    def _meet(self, ticket_id: str, line: int) -> Life:
        """Return what the log has told so far about the ticket with this id. For a new id, store an empty `Life`.

        `line` is the line of a new ticket's first row.
        """
        life = self._lives.get(ticket_id)
        if life is None:
            life = self._lives[ticket_id] = Life(line)
            self._told.append(ticket_id)
        return life


MISREAD_AT = 2**63  # later than any instant, so that a readable row is taken for the ticket if there is one
