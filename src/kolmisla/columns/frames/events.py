"""Reads what happened to tickets from a frame of events."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from kolmisla.columns.frames.cases import check_case
from kolmisla.columns.frames.ids import rows_of
from kolmisla.columns.frames.tickets import Frame, read_instants
from kolmisla.columns.frames.told import told_by
from kolmisla.columns.kernel.events import NO_TICKET, TURNS, Events, LogRows, RowsFault
from kolmisla.columns.kernel.promises import Coded
from kolmisla.columns.kernel.questions import NULL, Answers, Mask
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.columns.kernel.wall_times import Wall, unreadable
from kolmisla.errors import KolmislaError, TicketError, WallTimeError, number_of, shown
from kolmisla.tickets.layouts.fact_names import EVENT_COLUMNS, ROW_ORDER, TERMS_OF_EVENTS
from kolmisla.tickets.layouts.layout import Layout, check_columns

__all__ = ["read_events"]

REQUIRED_OF_EVENTS = ("event_id", "at", "kind")
MOST_IDS_NAMED = 3  # how many unknown ids a message names


def read_events(
    events: Frame, tickets: Frame, layout: Layout, wall: Wall | None
) -> tuple[Events, list[RowsFault], str]:
    """Return the events of a frame, the faults, and a message about events that belong to no ticket.

    The message is empty if every event has the id of a ticket. Raise ValueError for a missing column, and TypeError for
    a column of the wrong type.
    """
    check_columns(events.columns, layout, (*EVENT_COLUMNS, *TERMS_OF_EVENTS, ROW_ORDER), REQUIRED_OF_EVENTS)
    check_case(layout, (*EVENT_COLUMNS, *TERMS_OF_EVENTS), events.columns)
    check_columns(tickets.columns, layout, ("id",), ("id",))
    if not len(events):
        nothing = np.zeros(0, np.int64)
        none = Coded([None], nothing)
        return Events(nothing, nothing, nothing.astype(np.int8), none, none, nothing, None, False, None), [], ""
    ids = events[layout.column("event_id")]
    rows, repeated = rows_of(ids, tickets[layout.column("id")])
    read = read_instants(events, layout, "at", wall)
    told = told_by(events, layout, is_naive=wall is None)
    faults = [RowsFault(repeated, "an earlier row has the same id, and the events count for that row")]
    for faulty, text, error in (*_unread(read, wall, told.means), *told.faults):
        if faulty.any():
            faults.append(RowsFault(_tickets(rows[faulty], len(tickets)), text, error))
    stray = rows == NO_TICKET
    strays: Iterable[Any] = ids[np.flatnonzero(stray)].drop_nulls() if stray.any() else []
    row, at, place = rows, read.values, told.place
    if place is not None:
        source = place // TURNS
        row, at = row.take(source), at.take(source)
    unsaid = told.unsaid[at[told.unsaid] != NULL]
    faults.append(RowsFault(_tickets(row[unsaid], len(tickets)), "a change of priority has no value"))
    if (unread := at == NULL).any():
        row = np.where(unread, NO_TICKET, row)
    log: LogRows | None = LogRows(rows, read.values)
    if layout.columns.get(ROW_ORDER):
        order = _by_order(events, layout) * TURNS
        log, place = None, order if place is None else order.take(place // TURNS) + place % TURNS
    happened = Events(row, at, told.kind, told.value, told.reason, place, told.is_state, told.by_reason, log)
    happened = happened._replace(special=told.special)
    return happened, faults, _of_no_ticket(list(dict.fromkeys(strays)), ids.null_count())


def _by_order(events: Frame, layout: Layout) -> Ints:
    """Return, for each row, the rank of its number in the column `order`, from 0. Equal numbers have equal ranks.

    Raise TypeError unless the column holds whole numbers without nulls.
    """
    column = events[layout.column(ROW_ORDER)]
    if not column.dtype.is_integer() or column.null_count():
        nulls = f" with {number_of(column.null_count(), 'null')}" * column.dtype.is_integer()
        must_be = f"{shown(column.name)} must be a column of whole numbers without nulls"
        raise TypeError(f"{must_be}, not of {column.dtype}{nulls}")
    _, ranks = np.unique(column.to_numpy(), return_inverse=True)
    return ranks.astype(np.int64)


def _unread(read: Answers, wall: Wall | None, means: Mask) -> list[tuple[Mask, str, type[KolmislaError]]]:
    """Return the faults in the times of events: a missing time, and a wall time that `wall` refuses.

    `read` has the instants of the rows, and `read.unknown` marks refused times. A row needs a time only if `means` is
    True for it.
    """
    missing = means & (read.values == NULL)
    if read.unknown is None or wall is None:
        return [(missing, "an event has no time", TicketError)]
    return [
        (missing & ~read.unknown, "an event has no time", TicketError),
        (means & read.unknown, f"the time of an event {unreadable(wall)}", WallTimeError),
    ]


def _tickets(rows: Ints, tickets: int) -> Mask:
    """Return a mask with an entry for each of `tickets` tickets, which is True for the tickets in `rows`."""
    among = np.zeros(tickets + 1, np.bool_)
    among[rows] = True  # NO_TICKET is the last entry
    return among[:-1]


def _of_no_ticket(ids: Sequence[Any], nulls: int) -> str:
    """Return the message about events that belong to no ticket, or an empty text if there are none.

    `nulls` is the number of events without an id. `ids` has the ids in events that no ticket has.
    """
    if nulls:
        return f"an event must have the id of a ticket; events without an id: {nulls:,}"
    if not ids:
        return ""
    more = f" and {len(ids) - MOST_IDS_NAMED:,} more" if len(ids) > MOST_IDS_NAMED else ""
    return f"events refer to ids that no ticket has: {', '.join(map(shown, ids[:MOST_IDS_NAMED]))}{more}"
