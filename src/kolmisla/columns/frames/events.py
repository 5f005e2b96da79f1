"""What happened to many tickets, out of a frame of events; and which ticket each event is of."""

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

SPARSE = 8  # a table of so many places an id is still quicker than a search

Ids = nw.Series[Any]


def rows_of(wanted: Ids, among: Ids) -> tuple[Ints, Mask]:
    """The row of each wanted id among others, NO_TICKET for none; and which rows have one that was on a row before.

    TypeError when one column has numbers and the other has names, or either has neither. A null is no id.
    """
    for column, whose in ((wanted, "events"), (among, "tickets")):
        if not (column.dtype.is_integer() or column.dtype == nw.String):
            told = f"{shown(column.name)} of the {whose} is a column of {column.dtype}; ids are whole numbers or names"
            floats = "; pandas makes floats of numbers with nulls, .astype('Int64') makes them whole again"
            raise TypeError(told + floats * column.dtype.is_float())
    if wanted.dtype.is_integer() != among.dtype.is_integer():
        raise TypeError(f"the ids of tickets are {among.dtype}, those of their events {wanted.dtype}; make them alike")
    if not len(among):
        return np.full(len(wanted), NO_TICKET), np.zeros(0, np.bool_)
    found, first = (_numbers if wanted.dtype.is_integer() else _names)(wanted, among)
    if first is None:
        return found, np.zeros(len(among), np.bool_)
    asked = np.zeros(len(among) + 1, np.bool_)
    asked[found] = True
    return found, asked[first] & (first != np.arange(len(among))) & ~among.is_null().to_numpy()


def _numbers(wanted: Ids, among: Ids) -> tuple[Ints, Ints | None]:
    """The row of each wanted id, and for each row the first one that has its id; None when no wanted id has two."""
    ids, sought = (
        (each.fill_null(0) if each.null_count() else each).to_numpy().astype(np.int64, copy=False)
        for each in (among, wanted)
    )
    rows = np.flatnonzero(~among.is_null().to_numpy())
    least, most = extent(ids)
    first: Ints | None = None
    if most - least < SPARSE * len(ids):
        table = np.full(most - least + 2, NO_TICKET)
        table[ids[rows][::-1] - least] = rows[::-1]  # so that the first of equal ids is the last one put
        if np.count_nonzero(table != NO_TICKET) < len(rows):
            first = table.take(ids - least)
        places, there = sought - least, (sought >= least) & (sought <= most)
        if not there.all():
            places[~there] = most - least + 1
        found = table.take(places)
    else:
        rows = rows[np.argsort(ids[rows], kind="stable")]
        first, found = (_searched(ids[rows], rows, each) for each in (ids, sought))
    if wanted.null_count():
        found[wanted.is_null().to_numpy()] = NO_TICKET
    return found, first


def _searched(ordered: Ints, rows: Ints, sought: Ints) -> Ints:
    places = np.searchsorted(ordered, sought)
    there = places < len(ordered)
    there[there] = ordered[places[there]] == sought[there]
    found = np.full(len(sought), NO_TICKET)
    found[there] = rows[places[there]]
    return found


def _names(wanted: Ids, among: Ids) -> tuple[Ints, Ints | None]:
    """The same of names."""
    if among.implementation.is_polars():
        return _joined(wanted.to_native(), among.to_native())
    if among.implementation.is_pyarrow():
        return _looked_up(wanted.to_native(), among.to_native().combine_chunks())
    both = nw.concat([among.to_frame(), wanted.alias(among.name).to_frame()])[among.name]
    codes, _ = both.to_native().factorize()  # -1 for nulls: the table's last
    rows = np.flatnonzero(~among.is_null().to_numpy())
    table = np.full(codes.max() + 2, NO_TICKET)
    table[codes[rows[::-1]]] = rows[::-1]
    return table.take(codes[len(among) :]), table.take(codes[: len(among)])


def _joined(wanted: Any, among: Any) -> tuple[Ints, Ints | None]:
    import polars as pl

    named = among.to_frame("id").lazy().with_row_index("row").drop_nulls()
    sought = wanted.to_frame("id").lazy().with_row_index("place").join(named, on="id", how="left")
    place, row = sought.select("place", pl.col("row").cast(pl.Int64).fill_null(len(among))).collect(engine="streaming")
    found = np.full(len(wanted), len(among))
    if len(row) == len(wanted):  # no wanted id is there twice
        found[place.to_numpy()] = row.to_numpy()
        first = None
    else:
        np.minimum.at(found, place.to_numpy(), row.to_numpy())
        first = _first(among.to_list())
    found[found == len(among)] = NO_TICKET
    return found, first


def _looked_up(wanted: Any, among: Any) -> tuple[Ints, Ints | None]:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_string_view(wanted.type):
        wanted = wanted.cast(pa.large_string())
    if pa.types.is_string_view(among.type):
        among = among.cast(pa.large_string())
    # a thread makes a table of all the ids, which pays when it then looks up as many
    number = max(min(os.cpu_count() or 1, len(wanted) // len(among)), 1)
    size = -(-len(wanted) // number)

    def index(column: Any) -> Ints:
        places = pc.index_in(column, among, skip_nulls=True)  # nulls would be found among nulls
        rows: Ints = (pc.fill_null(places, NO_TICKET) if places.null_count else places).to_numpy().astype(np.int64)
        return rows

    with ThreadPoolExecutor(number) as pool:
        parts = list(pool.map(index, [wanted.slice(part * size, size) for part in range(number)]))
    found, first = np.concatenate(parts), np.arange(len(among))
    asked = np.zeros(len(among) + 1, np.bool_)
    asked[found] = True
    others = np.flatnonzero(~asked[:-1])  # a row that was found has no earlier one
    if not len(others):
        return found, None
    first[others] = index(among.take(others))
    return found, first


def _first(ids: list[Any]) -> Ints:
    """For each id the first place where it stands."""
    places: dict[Any, int] = {}
    return np.array([places.setdefault(id, place) for place, id in enumerate(ids)])


REQUIRED_OF_EVENTS = ("event_id", "at", "kind")
MOST_IDS_NAMED = 3  # ids of no ticket that a message names


def read_events(
    events: Frame, tickets: Frame, layout: Layout, wall: Wall | None
) -> tuple[Events, list[RowsFault], str]:
    """The events of a frame, the faults of their tickets, and what to say of events of no ticket or no id, if any.

    ValueError and TypeError for columns that are missing, or have no ids, times or names.
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
    faults = [RowsFault(repeated, "its id was on a row before, and its events with it")]
    for some, text, error in (*_unread(read, wall), *_meaningless(words, meanings)):
        if some.any():
            faults.append(RowsFault(_tickets(rows[some], len(tickets)), text, error))
    stray = rows == NO_TICKET
    strays: Iterable[Any] = ids[np.flatnonzero(stray)].drop_nulls() if stray.any() else []
    row, at, kind, source = _told(rows, read.values, words.codes, meanings)
    changes = np.flatnonzero(kind == KIND_CODE["priority"])
    value = layout.column("value") if layout.column("value") in events.columns else ids.name  # none has a value
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
    missing = read.values == NULL
    if read.unknown is None or wall is None:
        return [(missing, "an event has no time", TicketError)]
    return [
        (missing & ~read.unknown, "an event has no time", TicketError),
        (read.unknown, f"at of an event {unreadable(wall)}", WallTimeError),
    ]


def _meaning(word: str | None, layout: Layout) -> tuple[EventKind, ...] | str:
    """The events that a word stands for, or what is wrong with it."""
    if word is None:
        return "an event has no kind"
    try:
        return layout.kinds_of(word)
    except TicketError as fault:
        return str(fault)


def _meaningless(
    words: Coded, meanings: Sequence[tuple[EventKind, ...] | str]
) -> list[tuple[Mask, str, type[KolmislaError]]]:
    faults = [(code, meaning) for code, meaning in enumerate(meanings) if isinstance(meaning, str)]
    return [(words.codes == code, meaning, TicketError) for code, meaning in faults]


def _told(
    rows: Ints, at: Ints, words: Codes, meanings: Sequence[tuple[EventKind, ...] | str]
) -> tuple[Ints, Ints, NDArray[np.int8], Ints]:
    """Events by what their words stand for, one, several, or none: rows, times and kinds, and the events' places."""
    kinds = [() if isinstance(each, str) else tuple(KIND_CODE[kind] for kind in each) for each in meanings]
    most = max(1, *map(len, kinds))
    table = np.array([[*each, *[OPENING] * (most - len(each))] for each in kinds], np.int8).T
    odd = [word for word, each in enumerate(kinds) if len(each) != 1]
    if not any((words == word).any() for word in odd):
        return rows, at, table[0].take(words), np.arange(len(rows))
    number = np.array(list(map(len, kinds))).take(words)
    parts = [np.flatnonzero(number > turn) for turn in range(most)]
    source = np.concatenate(parts)
    kind = np.concatenate([of.take(words[some]) for of, some in zip(table, parts, strict=True)])
    return rows[source], at[source], kind, source


def _tickets(rows: Ints, tickets: int) -> Mask:
    """Which tickets have any of these rows."""
    there = np.zeros(tickets + 1, np.bool_)
    there[rows] = True  # NO_TICKET is the last
    return there[:-1]


def _of_no_ticket(ids: Sequence[Any], nulls: int) -> str:
    if nulls:
        return f"there are events without an id ({nulls:,})"
    if not ids:
        return ""
    more = f" and {len(ids) - MOST_IDS_NAMED:,} more" if len(ids) > MOST_IDS_NAMED else ""
    return (
        f"events refer to ticket id {', '.join(map(shown, ids[:MOST_IDS_NAMED]))}{more}, which is not among the tickets"
    )
