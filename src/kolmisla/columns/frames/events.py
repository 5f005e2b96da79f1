"""Reads what happened to tickets from a frame of events, and finds the row of each event's ticket."""

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.frames.tickets import Frame, read_instants, read_names
from kolmisla.columns.kernel.events import KIND_CODE, NO_TICKET, OPENING, Events, RowsFault
from kolmisla.columns.kernel.promises import Coded, Codes
from kolmisla.columns.kernel.questions import NULL, Answers, Mask, extent
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.columns.kernel.wall_times import Wall, unreadable
from kolmisla.errors import KolmislaError, TicketError, WallTimeError, shown
from kolmisla.tickets.event import EventKind
from kolmisla.tickets.layout import EVENT_COLUMNS, Layout, check_columns

__all__ = ["read_events", "rows_of"]

SPARSE = 8  # a table has at most this many entries per id; for a larger table, a search is faster

Ids = nw.Series[Any]


def rows_of(wanted: Ids, among: Ids) -> tuple[Ints, Mask]:
    """Return, for each wanted id, the row of the first ticket with the id. Also return a mask of the tickets.

    `among` has the ids of all tickets. A missing id, or an id that no ticket has, gives the row NO_TICKET. The mask
    marks the tickets that repeat a wanted id of an earlier ticket. Raise TypeError for a column that holds neither
    whole numbers nor names, and when only one column holds numbers.
    """
    for column, whose in ((wanted, "events"), (among, "tickets")):
        if not (column.dtype.is_integer() or column.dtype == nw.String):
            takes = f"{shown(column.name)} of the {whose} must be a column of whole numbers or names"
            floats = "; pandas turns numbers with nulls into floats, and .astype('Int64') turns them back"
            raise TypeError(f"{takes}, not of {column.dtype}{floats * column.dtype.is_float()}")
    if wanted.dtype.is_integer() != among.dtype.is_integer():
        raise TypeError(
            "the ids of tickets and of events must both be numbers or both be names;"
            f" ids of the tickets are {among.dtype}, ids of the events are {wanted.dtype}"
        )
    if not len(among):
        return np.full(len(wanted), NO_TICKET), np.zeros(0, np.bool_)
    if _beyond_signed(wanted) != _beyond_signed(among):  # as 64 signed bits, 2**64 - 1 would be -1
        wanted, among = wanted.cast(nw.String()), among.cast(nw.String())
    rows, first = (_numbers if wanted.dtype.is_integer() else _names)(wanted, among)
    if first is None:
        return rows, np.zeros(len(among), np.bool_)
    asked = np.zeros(len(among) + 1, np.bool_)
    asked[rows] = True
    return rows, asked[first] & (first != np.arange(len(among))) & ~among.is_null().to_numpy()


def _beyond_signed(ids: Ids) -> bool:
    """Return whether at least one id is a whole number that does not fit into 64 signed bits."""
    return ids.dtype == nw.UInt64 and int(ids.max() or 0) > np.iinfo(np.int64).max


def _numbers(wanted: Ids, among: Ids) -> tuple[Ints, Ints | None]:
    """Return two arrays of rows, for ids that are numbers.

    The first array has, for each wanted id, the row of the first ticket with the id, or NO_TICKET. The second array
    has, for each ticket, the first row with the same id. This array may be None if no two tickets share a wanted id.
    """
    ids, sought = (
        (column.fill_null(0) if column.null_count() else column).to_numpy().astype(np.int64, copy=False)
        for column in (among, wanted)
    )
    rows = np.flatnonzero(~among.is_null().to_numpy())
    least, most = extent(ids)
    first: Ints | None = None
    if most - least < SPARSE * len(ids):
        table = np.full(most - least + 2, NO_TICKET)
        table[ids[rows][::-1] - least] = rows[::-1]  # in reverse, so that the first row of an id is stored last
        if np.count_nonzero(table != NO_TICKET) < len(rows):
            first = table.take(ids - least)
        index, in_table = sought - least, (sought >= least) & (sought <= most)
        if not in_table.all():
            index[~in_table] = most - least + 1
        found = table.take(index)
    else:
        rows = rows[np.argsort(ids[rows], kind="stable")]
        first, found = (_searched(ids[rows], rows, values) for values in (ids, sought))
    if wanted.null_count():
        found[wanted.is_null().to_numpy()] = NO_TICKET
    return found, first


def _searched(ordered: Ints, rows: Ints, sought: Ints) -> Ints:
    """Return the row of each id in `sought`, or NO_TICKET. `ordered` has the sorted ids, and `rows` has their rows."""
    index = np.searchsorted(ordered, sought)
    matches = index < len(ordered)
    matches[matches] = ordered[index[matches]] == sought[matches]
    found = np.full(len(sought), NO_TICKET)
    found[matches] = rows[index[matches]]
    return found


def _names(wanted: Ids, among: Ids) -> tuple[Ints, Ints | None]:
    """Do the same as `_numbers` for ids that are names."""
    if among.implementation.is_polars():
        return _joined(wanted.to_native(), among.to_native())
    if among.implementation.is_pyarrow():
        return _looked_up(wanted.to_native(), among.to_native().combine_chunks())
    both = nw.concat([among.to_frame(), wanted.alias(among.name).to_frame()])[among.name]
    codes, _ = both.to_native().factorize()  # a null has the code -1: the last entry of the table
    rows = np.flatnonzero(~among.is_null().to_numpy())
    table = np.full(codes.max() + 2, NO_TICKET)
    table[codes[rows[::-1]]] = rows[::-1]
    return table.take(codes[len(among) :]), table.take(codes[: len(among)])


def _joined(wanted: Any, among: Any) -> tuple[Ints, Ints | None]:
    """Do the same as `_names` by a join of Polars."""
    import polars as pl

    named = among.to_frame("id").lazy().with_row_index("row").drop_nulls()
    sought = wanted.to_frame("id").lazy().with_row_index("place").join(named, on="id", how="left")
    index, row = sought.select("place", pl.col("row").cast(pl.Int64).fill_null(len(among))).collect(engine="streaming")
    found = np.full(len(wanted), len(among))
    if len(row) == len(wanted):  # no wanted id is on two rows
        found[index.to_numpy()] = row.to_numpy()
        first = None
    else:
        np.minimum.at(found, index.to_numpy(), row.to_numpy())
        first = _first(among.to_list())
    found[found == len(among)] = NO_TICKET
    return found, first


def _looked_up(wanted: Any, among: Any) -> tuple[Ints, Ints | None]:
    """Do the same as `_names` by Arrow's index_in."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_string_view(wanted.type):
        wanted = wanted.cast(pa.large_string())
    if pa.types.is_string_view(among.type):
        among = among.cast(pa.large_string())
    # Each thread builds a table of all tickets' ids. This pays only if the thread then looks up at least as many ids.
    number = max(min(os.cpu_count() or 1, len(wanted) // len(among)), 1)
    size = -(-len(wanted) // number)

    def index(column: Any) -> Ints:
        matches = pc.index_in(column, among, skip_nulls=True)  # otherwise a null would match a null
        rows: Ints = (pc.fill_null(matches, NO_TICKET) if matches.null_count else matches).to_numpy().astype(np.int64)
        return rows

    with ThreadPoolExecutor(number) as pool:
        parts = list(pool.map(index, [wanted.slice(part * size, size) for part in range(number)]))
    found, first = np.concatenate(parts), np.arange(len(among))
    asked = np.zeros(len(among) + 1, np.bool_)
    asked[found] = True
    others = np.flatnonzero(~asked[:-1])  # index_in finds the first row of an id, so only other rows may repeat an id
    if not len(others):
        return found, None
    first[others] = index(among.take(others))
    return found, first


def _first(ids: list[Any]) -> Ints:
    """Return, for each id, the index of its first occurrence."""
    firsts: dict[Any, int] = {}
    return np.array([firsts.setdefault(id, index) for index, id in enumerate(ids)])


REQUIRED_OF_EVENTS = ("event_id", "at", "kind")
MOST_IDS_NAMED = 3  # how many unknown ids a message names


def read_events(
    events: Frame, tickets: Frame, layout: Layout, wall: Wall | None
) -> tuple[Events, list[RowsFault], str]:
    """Return the events of a frame, the tickets' faults, and a message about events that belong to no ticket.

    A fault of an event is a fault of the event's ticket. The message is empty when every event has the id of a ticket.
    Raise ValueError for missing columns, and TypeError for columns that must hold ids, times or names and do not.
    """
    check_columns(events.columns, layout, EVENT_COLUMNS, REQUIRED_OF_EVENTS)
    check_columns(tickets.columns, layout, ("id",), ("id",))
    if not len(events):
        nothing = np.zeros(0, np.int64)
        return Events(nothing, nothing, nothing.astype(np.int8), Coded([None], nothing)), [], ""
    ids = events[layout.column("event_id")]
    rows, repeated = rows_of(ids, tickets[layout.column("id")])
    read, words = read_instants(events, layout, "at", wall), read_names(events, layout, "kind", {})
    meanings = [_meaning(word, layout) for word in words.values]
    faults = [RowsFault(repeated, "an earlier row has the same id and gets the events")]
    for faulty, text, error in (*_unread(read, wall), *_meaningless(words, meanings)):
        if faulty.any():
            faults.append(RowsFault(_tickets(rows[faulty], len(tickets)), text, error))
    stray = rows == NO_TICKET
    strays: Iterable[Any] = ids[np.flatnonzero(stray)].drop_nulls() if stray.any() else []
    row, at, kind, source = _told(rows, read.values, words.codes, meanings)
    changes = np.flatnonzero(kind == KIND_CODE["priority"])
    # Without a column of values, no event has a value. Then the column of ids only provides the number of rows.
    value = layout.column("value") if layout.column("value") in events.columns else ids.name
    names = read_names(events.select(value)[source[changes]], layout, "value", layout.words("priority"))
    blank = np.array([value is None for value in names.values]).take(names.codes)
    unsaid = changes[blank & (at[changes] != NULL)]
    faults.append(RowsFault(_tickets(row[unsaid], len(tickets)), "a change of priority has no value"))
    row[at == NULL] = NO_TICKET
    codes = np.zeros(len(row), np.int32)
    codes[changes] = names.codes
    return (
        Events(row, at, kind, Coded(names.values, codes)),
        faults,
        _of_no_ticket(list(dict.fromkeys(strays)), ids.null_count()),
    )


def _unread(read: Answers, wall: Wall | None) -> list[tuple[Mask, str, type[KolmislaError]]]:
    """Return the faults in the times of events. A fault has a mask of the faulty events, a text and an error class."""
    missing = read.values == NULL
    if read.unknown is None or wall is None:
        return [(missing, "an event has no time", TicketError)]
    return [
        (missing & ~read.unknown, "an event has no time", TicketError),
        (read.unknown, f"at of an event {unreadable(wall)}", WallTimeError),
    ]


def _meaning(word: str | None, layout: Layout) -> tuple[EventKind, ...] | str:
    """Return the kinds of event that a word means. For a word without a meaning, return the fault as a text."""
    if word is None:
        return "an event has no kind"
    try:
        return layout.kinds_of(word)
    except TicketError as fault:
        return str(fault)


def _meaningless(
    words: Coded, meanings: Sequence[tuple[EventKind, ...] | str]
) -> list[tuple[Mask, str, type[KolmislaError]]]:
    """Return the faults in the kinds of events, in the same form as `_unread`."""
    faults = [(code, meaning) for code, meaning in enumerate(meanings) if isinstance(meaning, str)]
    return [(words.codes == code, meaning, TicketError) for code, meaning in faults]


def _told(
    rows: Ints, at: Ints, words: Codes, meanings: Sequence[tuple[EventKind, ...] | str]
) -> tuple[Ints, Ints, NDArray[np.int8], Ints]:
    """Return four values for each event: its ticket's row, its time, its kind, and the index of its own row.

    `words` has, for each row of the frame, the index of its word in `meanings`. A word may mean one kind of event,
    several kinds or none. A row becomes one event for each kind.
    """
    kinds = [() if isinstance(meaning, str) else tuple(KIND_CODE[kind] for kind in meaning) for meaning in meanings]
    most = max(1, *map(len, kinds))
    table = np.array([[*codes, *[OPENING] * (most - len(codes))] for codes in kinds], np.int8).T
    odd = [word for word, codes in enumerate(kinds) if len(codes) != 1]
    if not any((words == word).any() for word in odd):
        return rows, at, table[0].take(words), np.arange(len(rows))
    number = np.array(list(map(len, kinds))).take(words)
    parts = [np.flatnonzero(number > turn) for turn in range(most)]
    source = np.concatenate(parts)
    kind = np.concatenate([codes.take(words[part]) for codes, part in zip(table, parts, strict=True)])
    return rows[source], at[source], kind, source


def _tickets(rows: Ints, tickets: int) -> Mask:
    """Return a mask of all tickets. It marks the tickets in `rows`. `tickets` is the number of all tickets."""
    among = np.zeros(tickets + 1, np.bool_)
    among[rows] = True  # NO_TICKET is the last entry
    return among[:-1]


def _of_no_ticket(ids: Sequence[Any], nulls: int) -> str:
    """Return the message about events without an id, or with an id that no ticket has.

    The message is empty if every event has the id of a ticket.
    """
    if nulls:
        return f"an event must have the id of a ticket; events without an id: {nulls:,}"
    if not ids:
        return ""
    more = f" and {len(ids) - MOST_IDS_NAMED:,} more" if len(ids) > MOST_IDS_NAMED else ""
    return f"events refer to ids that no ticket has: {', '.join(map(shown, ids[:MOST_IDS_NAMED]))}{more}"
