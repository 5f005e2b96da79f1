"""Tickets out of the rows of a file, each with its events; and the events of a file of their own."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from kolmisla.errors import KolmislaError, TicketError, expect, shown
from kolmisla.files.tables import Table
from kolmisla.instants import micros
from kolmisla.tickets.event import Moment
from kolmisla.tickets.layout import COLUMNS, EVENT_COLUMNS, EVENTS, FACTS, REQUIRED, Layout, TicketFacts, name_of

__all__ = ["Log", "Taken", "intake"]


@dataclass(slots=True, kw_only=True)
class Log:
    r"""The events of each ticket, by its id; memory grows with them, and with nothing else.

    It remembers who was asked for, so that two rows with one id do not share their events. When `audit` is
    set, the file is that of the tickets too: each row says what a ticket was from then on, its priority among
    it, and the first row of an id has the facts of the ticket.

    >>> from io import StringIO
    >>> from kolmisla.files.tables import CsvTable
    >>> log = Log.read(CsvTable(StringIO("id,at,kind\n7,2026-07-03T10:00Z,paused\n")), Layout())
    >>> log.of("7")[0][0].kind
    'paused'
    """

    audit: bool = False
    _events: dict[str, list[Moment]] = field(init=False, default_factory=dict)
    _priorities: dict[str, list[Moment]] = field(init=False, default_factory=dict)
    _faults: dict[str, str] = field(init=False, default_factory=dict)  # by id: why its events cannot be read
    _strays: list[tuple[int, str]] = field(init=False, default_factory=list)  # rows that name no ticket: line and fault
    _lines: dict[str, int] = field(init=False, default_factory=dict)  # of ids not asked for yet: their first line

    @classmethod
    def read(
        cls,
        table: Table,
        layout: Layout,
        *,
        audit: bool = False,
        watched: Callable[[Iterable[Any]], Iterable[Any]] = iter,
    ) -> Self:
        """The log in a table; ValueError when it lacks a column. `watched` is handed the rows and may look on."""
        expect("layout", layout, Layout)
        log = cls(audit=audit)
        facts = (*EVENT_COLUMNS, "priority") if audit else EVENT_COLUMNS
        pick, pick_id = layout.picker(table, facts, ("event_id", "at", "kind")), layout.picker(table, facts[:1], ())
        for line, row, fault in watched(table.rows()):
            if fault is None:
                log._add(layout, line, pick(row))
            else:
                log._misread(line, _first(pick_id, row), fault)
        return log

    def was_asked(self, id: str) -> bool:
        """Whether somebody has asked for the events of a ticket before."""
        return id in self._events and id not in self._lines

    def of(self, id: str) -> tuple[list[Moment], list[Moment]]:
        """The events of a ticket, and the priorities its audit log tells; TicketError when one cannot be read."""
        self._lines.pop(id, None)
        if id in self._faults:
            raise TicketError(self._faults[id])
        return self._events.get(id, []), self._priorities.get(id, [])

    def strays(self) -> Iterator[str]:
        """The events of no ticket that was asked for, by line, each id once."""
        unasked = [(line, f"{shown(id)} is no ticket's id") for id, line in self._lines.items()]
        yield from (f"line {line}: {fault}" for line, fault in sorted([*self._strays, *unasked]))

    def _add(self, layout: Layout, line: int, picked: Sequence[Any]) -> None:
        id, at, kind, value, *own = picked
        priority = own[0] if own else None  # the column that only an audit log has
        try:
            name = name_of("id", id)
            events = layout.moments(at, kind, value)
            then = []
            if priority is not None:
                then = [Moment(micros(layout.time("at", at)), "priority", name_of("priority", priority))]
        except TicketError as error:
            self._misread(line, id, str(error))
            return
        if name is None:
            self._strays.append((line, "it names no ticket"))
            return
        self._meet(name, line).extend(events)
        self._priorities.setdefault(name, []).extend(then)

    def _misread(self, line: int, id: Any, fault: str) -> None:
        """A row that cannot be read: its ticket's events cannot, or it is nobody's."""
        if isinstance(id, (str, int)) and not isinstance(id, bool):
            self._meet(str(id), line)
            self._faults.setdefault(str(id), f"its event on line {line}: {fault}")
        elif not self.audit:  # there the row is a ticket's, and rejected as that
            self._strays.append((line, fault))

    def _meet(self, id: str, line: int) -> list[Moment]:
        """The events of an id so far; its first line is kept until somebody asks for it."""
        if id not in self._events:
            self._events[id], self._lines[id] = [], line
        return self._events[id]


def _first(pick: Callable[[Any], list[Any]], row: Any) -> Any:
    """The id in a row whose form is not the header's; None when it is too short to have one."""
    try:
        return pick(row)[0]
    except IndexError:
        return None


ONE_FILE = "an audit log is one file, given as the tickets and as their events"


# The line a row begins on, the row, and the ticket in it or the fault for which it is none.
Taken = tuple[int, Any, TicketFacts | None, str | None]


def intake(
    table: Table,
    layout: Layout,
    *,
    log: Log | None = None,
    watched: Callable[[Iterable[Any]], Iterable[Any]] = iter,
) -> Iterator[Taken]:
    r"""The tickets of a table, in order, read but not judged; one that cannot be read has the fault instead.

    `log` has the tickets' events; of an audit log, an id's first row is its ticket, and the others are passed
    over. ValueError when the table lacks a column; what reading it raises passes through. `watched` is handed
    the rows and may look on.

    >>> from io import StringIO
    >>> from kolmisla.files.tables import CsvTable
    >>> rows = CsvTable(StringIO("plan,priority,opened_at\npremium,high,1970-01-01T02:00+02:00\n"))
    >>> next(intake(rows, Layout()))[2].opened
    0
    """
    expect("layout", layout, Layout)
    if table.columns is not None and EVENTS in layout.columns:
        raise ValueError("only a JSON ticket has its events in itself; those of CSV tickets are a file of their own")
    facts_there = COLUMNS if table.columns is not None else FACTS
    pick = layout.picker(table, facts_there, REQUIRED if log is None else ("id", *REQUIRED))
    for line, row, fault in watched(table.rows()):
        facts = None
        try:
            if fault is not None:
                raise TicketError(fault)
            values = pick(row)
            if log is None:
                facts = layout.facts(*values)
            else:
                id = name_of("id", values[0])
                if id is None:
                    raise TicketError("id is missing")
                if log.was_asked(id):
                    if log.audit:
                        continue
                    raise TicketError(f"id {shown(id)} was on a row before, and its events with it; {ONE_FILE}")
                logged, priorities = log.of(id)
                facts = layout.facts(*values, logged=logged, priorities=priorities)
        except KolmislaError as error:
            fault = str(error)
        yield line, row, facts, fault
