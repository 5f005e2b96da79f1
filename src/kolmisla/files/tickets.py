"""Yields the tickets of a table in order, each with its events from a log."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from kolmisla.errors import KolmislaError, TicketError, expect, shown
from kolmisla.files.endings import Endings
from kolmisla.files.facts import TicketFacts
from kolmisla.files.logs.log import Log
from kolmisla.files.reader import RowFacts
from kolmisla.files.tables.table import Table, expect_table, expect_watched
from kolmisla.tickets.event import Moment
from kolmisla.tickets.layouts.fact_names import EVENTS
from kolmisla.tickets.layouts.layout import Layout
from kolmisla.tickets.layouts.words import name_of

__all__ = ["Logged", "Taken", "audited", "check_separate", "intake", "reason_of", "with_log"]

MISSING_FACTS = ("id is missing", "opened_at is missing")  # faults of a row without a fact that all tickets have
ONE_FILE = "to read an audit log, give the same file as the tickets and as the events"


class Logged(Protocol):
    """A log of events, such as `Log`."""

    def was_asked(self, id: str) -> bool:
        """Tell whether `of` was already called with this id, for an earlier row. For an unknown id, return False."""

    def of(self, id: str, requester: str | None = None) -> list[Moment]:
        """Return the events of the ticket with this id. `requester` is who asks for help in the ticket.

        An audit log also gives the priorities and owners in rows, as objects of the class Stated.
        """


# The line on which a row begins, the row, the facts of the row's ticket, and the fault of an invalid row.
Taken = tuple[int, Any, TicketFacts | None, str | None]


def intake(
    table: Table,
    layout: Layout,
    *,
    log: Log | None = None,
    watched: Callable[[Iterable[Any]], Iterable[Any]] = iter,
    endings: Endings | None = None,
) -> Iterator[Taken]:
    r"""Yield the tickets of a table in order, without judging them.

    Each item is the line on which the row begins, the row, the facts of its ticket, and None. If the row is not a valid
    ticket, the facts are None, and the last value says why.

    `log` has the tickets' events. If `log` is an audit log, the tickets come from the log: the earliest row with an id
    is the ticket. `table` then gives nothing but the columns. `watched` is a function that gets the rows and returns
    them, so that it can report progress. `endings` notes what the file tells about the ends of cycles. Raise ValueError
    if the table lacks a column. Errors in reading the table pass through.

    >>> from io import StringIO
    >>> from kolmisla.files.tables import CsvTable
    >>> rows = CsvTable(StringIO("plan,priority,opened_at\npremium,high,1970-01-01T02:00+02:00\n"))
    >>> next(intake(rows, Layout()))[2].opened
    0
    """
    expect_table(table)
    expect("layout", layout, Layout)
    if log is not None:
        expect("log", log, Log)
    expect_watched(watched)
    if endings is not None:
        expect("endings", endings, Endings)
    check_separate(table, layout)
    if endings is not None and log is not None:
        endings.events, endings.told = True, endings.told | log.told
        endings.unnamed.update(log.unnamed)
        endings.note_pages(log)
    if log is not None and log.audit:
        yield from _audited(table, layout, log, endings)
        return
    read = RowFacts(layout, table, events=log is not None, endings=endings)
    for line, row, fault in watched(table.rows()):
        facts = None
        try:
            if fault is not None:
                raise TicketError(fault)
            facts = read.of_row(row) if log is None else with_log(read, row, log)
        except KolmislaError as error:
            fault = reason_of(error, table)
        yield line, row, facts, fault
    if endings is not None:
        endings.note_pages(table)


def check_separate(table: Table, layout: Layout) -> None:
    """Raise ValueError if the layout names a column of events, but the table is CSV, whose cells cannot be lists."""
    if table.columns is not None and EVENTS in layout.columns:
        raise ValueError(
            "the events of CSV tickets must be in a separate file, which --events names;"
            " only JSON tickets can contain events"
        )


def with_log(read: RowFacts, row: Any, log: Logged) -> TicketFacts:
    """Return the facts of the ticket in a row, with its events from a log.

    Raise TicketError if the row has no id, or the id of an earlier row for which the log has events.
    """
    values = read.picked(row)
    ticket_id = name_of("id", values[0])
    if ticket_id is None:
        raise TicketError("id is missing")
    if log.was_asked(ticket_id):
        raise TicketError(f"an earlier row has the same id {shown(ticket_id)}; {ONE_FILE}")
    return read.of(values, logged=log.of(ticket_id, read.requester(values)))


def reason_of(error: KolmislaError, table: Table) -> str:
    """Return why a row is rejected. If a row of JSON lacks its id or opening, add the table's hint on what to type."""
    fault = str(error)
    return fault + table.hint if fault in MISSING_FACTS and table.columns is None else fault


def _audited(table: Table, layout: Layout, log: Log, endings: Endings | None) -> Iterator[Taken]:
    """Yield the tickets of an audit log: for each, the line, its earliest row, its facts, and None or its fault."""
    read = RowFacts(layout, table, events=True, audit=True, endings=endings)
    for line, row, ticket_id, fault in log.tickets():
        yield audited(read, log, line, row, fault, ticket_id)


def audited(read: RowFacts, log: Logged, line: int, row: Any, fault: str | None, ticket_id: str | None) -> Taken:
    """Return the line, the row, the facts and the fault of a ticket in an audit log. `row` is its earliest row.

    If the row belongs to no ticket, `ticket_id` is None, and `fault` says why.
    """
    facts = None
    try:
        if ticket_id is None:
            raise TicketError(fault)
        facts = read.of_row(row, logged=log.of(ticket_id, read.requester(read.pick(row))))
    except KolmislaError as error:
        fault = str(error)
    return line, row, facts, fault
