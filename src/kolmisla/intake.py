"""Tickets out of the rows of a file, each with its events."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from kolmisla.errors import KolmislaError, TicketError, shown
from kolmisla.files import Table
from kolmisla.layout import COLUMNS, EVENTS, FACTS, REQUIRED, Facts, Layout, name_of
from kolmisla.log import Log

__all__ = ["Taken", "intake"]

ONE_FILE = "an audit log is one file, given as the tickets and as their events"


# The line a row begins on, the row, and the ticket in it or the fault for which it is none.
Taken = tuple[int, Any, Facts | None, str | None]


def intake(
    table: Table,
    layout: Layout,
    log: Log | None = None,
    watched: Callable[[Iterable[Any]], Iterable[Any]] = iter,
) -> Iterator[Taken]:
    r"""The tickets of a table, in order, read but not judged; one that cannot be read has the fault instead.

    `log` has the tickets' events; of an audit log, an id's first row is its ticket, and the others are passed
    over. ValueError when the table lacks a column; what reading it raises passes through. `watched` is handed
    the rows and may look on.

    >>> from io import StringIO
    >>> from kolmisla.files import CsvTable
    >>> rows = CsvTable(StringIO("plan,priority,opened_at\npremium,high,1970-01-01T02:00+02:00\n"))
    >>> next(intake(rows, Layout()))[2].opened
    0
    """
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
