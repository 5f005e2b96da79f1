"""Tickets from the rows of a file, and events from a separate file or from an audit log."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from kolmisla.errors import KolmislaError, TicketError, expect, shown
from kolmisla.files.facts import TicketFacts, facts_of, moments_of, picker
from kolmisla.files.tables import Table
from kolmisla.instants import micros
from kolmisla.tickets.event import Moment
from kolmisla.tickets.layout import COLUMNS, EVENT_COLUMNS, EVENTS, FACTS, REQUIRED, ROW_ORDER, Layout, name_of

__all__ = ["Log", "Taken", "intake"]


@dataclass(slots=True, kw_only=True)
class Log:
    r"""The events of each ticket, by id. The memory used grows with the events alone.

    The log remembers which ids were asked for, so that two rows with the same id do not share events. When `audit` is
    set, the file is an audit log, which has the tickets too. Each row of an audit log has the ticket's priority at the
    row's time. The first row of an id has the facts of the ticket.

    >>> from io import StringIO
    >>> from kolmisla.files.tables import CsvTable
    >>> log = Log.read(CsvTable(StringIO("id,at,kind\n7,2026-07-03T10:00Z,paused\n")), Layout())
    >>> log.of("7")[0][0].kind
    'paused'
    """

    audit: bool = False
    _events: dict[str, list[Moment]] = field(init=False, default_factory=dict)
    _priorities: dict[str, list[Moment]] = field(init=False, default_factory=dict)
    _faults: dict[str, str] = field(init=False, default_factory=dict)  # by id: why the events of the id are unreadable
    _strays: list[tuple[int, str]] = field(
        init=False, default_factory=list
    )  # rows without a readable id: line and fault
    _lines: dict[str, int] = field(init=False, default_factory=dict)  # by id not asked for yet: the id's first line

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

        Raise ValueError when the table lacks a column. Errors in reading the table pass through. `watched` receives
        the rows and returns them, so that it can report progress.
        """
        expect("layout", layout, Layout)
        if ROW_ORDER in layout.columns:
            raise ValueError(f"{ROW_ORDER} is for frames of events; the rows of a file are in the order of the file")
        log = cls(audit=audit)
        facts = (*EVENT_COLUMNS, "priority") if audit else EVENT_COLUMNS
        pick, pick_id = picker(layout, table, facts, ("event_id", "at", "kind")), picker(layout, table, facts[:1], ())
        for line, row, fault in watched(table.rows()):
            if fault is None:
                log._add(layout, line, pick(row))
            else:
                log._misread(line, _first(pick_id, row), fault)
        return log

    def was_asked(self, id: str) -> bool:
        """Return whether the events of an id were asked for before."""
        return id in self._events and id not in self._lines

    def of(self, id: str) -> tuple[list[Moment], list[Moment]]:
        """Return a ticket's events. Also return the priority in each of its rows, which only an audit log has.

        Raise TicketError for an unreadable event.
        """
        self._lines.pop(id, None)
        if id in self._faults:
            raise TicketError(self._faults[id])
        return self._events.get(id, []), self._priorities.get(id, [])

    def strays(self) -> Iterator[str]:
        """Yield a line of text for each id that was never asked for, and for each row without a readable id."""
        unasked = [(line, f"no ticket has the id {shown(ticket_id)}") for ticket_id, line in self._lines.items()]
        yield from (f"line {line}: {fault}" for line, fault in sorted([*self._strays, *unasked]))

    def _add(self, layout: Layout, line: int, picked: Sequence[Any]) -> None:
        """Add the event of a row. `picked` has the values of the row."""
        written_id, at, kind, value, *own = picked
        priority = own[0] if own else None  # only an audit log has this column
        try:
            ticket_id = name_of("id", written_id)
            events = moments_of(layout, at, kind, value)
            priorities = []
            if priority is not None:
                priorities = [Moment(micros(layout.time("at", at)), "priority", name_of("priority", priority))]
        except TicketError as error:
            self._misread(line, written_id, str(error))
            return
        if ticket_id is None:
            self._strays.append((line, "id is missing"))
            return
        self._meet(ticket_id, line).extend(events)
        self._priorities.setdefault(ticket_id, []).extend(priorities)

    def _misread(self, line: int, written_id: Any, fault: str) -> None:
        """Record an unreadable row as a fault of its ticket. A row without a usable id becomes a stray."""
        if isinstance(written_id, (str, int)) and not isinstance(written_id, bool):
            self._meet(str(written_id), line)
            self._faults.setdefault(str(written_id), f"the ticket's event on line {line}: {fault}")
        elif not self.audit:  # in an audit log the row is also read as a ticket, and rejected there
            self._strays.append((line, fault))

    def _meet(self, ticket_id: str, line: int) -> list[Moment]:
        """Return the list of an id's events so far. Remember the first line of the id until the id is asked for."""
        if ticket_id not in self._events:
            self._events[ticket_id], self._lines[ticket_id] = [], line
        return self._events[ticket_id]


def _first(pick: Callable[[Any], list[Any]], row: Any) -> Any:
    """Return the id in a row of the wrong form, or None when the row is too short to have an id."""
    try:
        return pick(row)[0]
    except IndexError:
        return None


ONE_FILE = "to read an audit log, give the same file as the tickets and as the events"


# The line on which a row begins, the row, the facts of the row's ticket, and the fault of an invalid row.
Taken = tuple[int, Any, TicketFacts | None, str | None]


def intake(
    table: Table,
    layout: Layout,
    *,
    log: Log | None = None,
    watched: Callable[[Iterable[Any]], Iterable[Any]] = iter,
) -> Iterator[Taken]:
    r"""Yield the tickets of a table in order, without judging them.

    Each item is the line on which the row begins, the row, the facts of the row's ticket, and None. For a row that is
    not a valid ticket, the facts are None and the last value is the fault. `log` has the tickets' events. In an audit
    log the first row of an id is the ticket, and the other rows of the id are skipped. `watched` receives the rows and
    returns them, so that it can report progress. Raise ValueError when the table lacks a column. Errors in reading the
    table pass through.

    >>> from io import StringIO
    >>> from kolmisla.files.tables import CsvTable
    >>> rows = CsvTable(StringIO("plan,priority,opened_at\npremium,high,1970-01-01T02:00+02:00\n"))
    >>> next(intake(rows, Layout()))[2].opened
    0
    """
    expect("layout", layout, Layout)
    if table.columns is not None and EVENTS in layout.columns:
        raise ValueError("the events of CSV tickets must be in a separate file; only JSON tickets can contain events")
    fact_columns = COLUMNS if table.columns is not None else FACTS
    pick = picker(layout, table, fact_columns, REQUIRED if log is None else ("id", *REQUIRED))
    for line, row, fault in watched(table.rows()):
        facts = None
        try:
            if fault is not None:
                raise TicketError(fault)
            values = pick(row)
            if log is None:
                facts = facts_of(layout, values)
            else:
                ticket_id = name_of("id", values[0])
                if ticket_id is None:
                    raise TicketError("id is missing")
                if log.was_asked(ticket_id):
                    if log.audit:
                        continue
                    raise TicketError(f"an earlier row has the events of id {shown(ticket_id)}; {ONE_FILE}")
                logged, priorities = log.of(ticket_id)
                facts = facts_of(layout, values, logged=logged, priorities=priorities)
        except KolmislaError as error:
            fault = str(error)
        yield line, row, facts, fault
