"""What happened to many tickets, out of a frame of events: integers, a row an event."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.counting import NULL, Answers, Mask
from kolmisla.columns.frames import Frame, check_columns, read_instants, read_names, unreadable
from kolmisla.columns.ids import NOWHERE, rows_of
from kolmisla.columns.lookup import Ints
from kolmisla.columns.verdicts import Coded, Codes
from kolmisla.columns.wall import Wall
from kolmisla.errors import KolmislaError, TicketError, WallTimeError, shown
from kolmisla.event import TOGETHER, Kind
from kolmisla.layout import EVENT_COLUMNS, Layout

__all__ = ["KIND", "OPENED", "Fault", "Happenings", "happenings"]

REQUIRED = ("event_id", "at", "kind")
OPENED = 0
KIND: dict[str, int] = {kind: place for place, kind in enumerate(TOGETHER, OPENED + 1)}
MOST = 3  # ids of no ticket that a message names


class Fault(NamedTuple):
    """What is wrong with some tickets."""

    rows: Mask
    text: str
    error: type[KolmislaError] = TicketError


class Happenings(NamedTuple):
    """Events in any order: the row of each one's ticket, NOWHERE for what tells nothing; when, its KIND, its value."""

    row: Ints
    at: Ints
    kind: NDArray[np.int8]
    value: Coded

    def pick(self, places: Ints) -> "Happenings":
        """Some of them."""
        return Happenings(self.row[places], self.at[places], self.kind[places], self.value.pick(places))

    def with_answers(self, rows: Ints, at: Ints) -> "Happenings":
        """The same, and answers to the tickets of some rows."""
        kind = np.append(self.kind, np.full(len(rows), KIND["answered"], np.int8))
        value = Coded(self.value.values, np.append(self.value.codes, np.zeros(len(rows), np.int32)))
        return Happenings(np.append(self.row, rows), np.append(self.at, at), kind, value)

    def in_turn(self) -> "Happenings":
        """The same by ticket, and the events of each in their order."""
        return self.pick(np.lexsort((self.kind, self.at, self.row)))


def happenings(events: Frame, tickets: Frame, layout: Layout, wall: Wall | None) -> tuple[Happenings, list[Fault], str]:
    """The events of a frame, the faults of their tickets, and what to say of events of no ticket or no id, if any.

    ValueError and TypeError for columns that are missing, or have no ids, times or names.
    """
    check_columns(events.columns, layout, EVENT_COLUMNS, REQUIRED)
    check_columns(tickets.columns, layout, ("id",), ("id",))
    if not len(events):
        nothing = np.zeros(0, np.int64)
        return Happenings(nothing, nothing, nothing.astype(np.int8), Coded([None], nothing)), [], ""
    ids = events[layout.column("event_id")]
    rows, repeated = rows_of(ids, tickets[layout.column("id")])
    read, words = read_instants(events, layout, "at", wall), read_names(events, layout, "kind", {})
    meanings = [_meaning(word, layout) for word in words.values]
    faults = [Fault(repeated, "its id was on a row before, and its events with it")]
    for some, text, error in (*_unread(read, wall), *_meaningless(words, meanings)):
        if some.any():
            faults.append(Fault(_tickets(rows[some], len(tickets)), text, error))
    stray = rows == NOWHERE
    strays: Iterable[Any] = ids.filter(stray.tolist()).drop_nulls() if stray.any() else []
    row, at, kind, source = _told(rows, read.values, words.codes, meanings)
    changes = np.flatnonzero(kind == KIND["priority"])
    value = layout.column("value") if layout.column("value") in events.columns else ids.name  # none has a value
    names = read_names(events.select(value)[source[changes]], layout, "value", layout.words("priority"))
    blank = np.array([value is None for value in names.values]).take(names.codes)
    unsaid = changes[blank & (at[changes] != NULL)]
    faults.append(Fault(_tickets(row[unsaid], len(tickets)), "a change of priority has no value"))
    row[at == NULL] = NOWHERE
    codes = np.zeros(len(row), np.int32)
    codes[changes] = names.codes
    return (
        Happenings(row, at, kind, Coded(names.values, codes)),
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


def _meaning(word: str | None, layout: Layout) -> tuple[Kind, ...] | str:
    """The events that a word stands for, or what is wrong with it."""
    if word is None:
        return "an event has no kind"
    try:
        return layout.kinds_of(word)
    except TicketError as fault:
        return str(fault)


def _meaningless(
    words: Coded, meanings: Sequence[tuple[Kind, ...] | str]
) -> list[tuple[Mask, str, type[KolmislaError]]]:
    faults = [(code, meaning) for code, meaning in enumerate(meanings) if isinstance(meaning, str)]
    return [(words.codes == code, meaning, TicketError) for code, meaning in faults]


def _told(
    rows: Ints, at: Ints, words: Codes, meanings: Sequence[tuple[Kind, ...] | str]
) -> tuple[Ints, Ints, NDArray[np.int8], Ints]:
    """Events by what their words stand for, one, several, or none: rows, times and kinds, and the events' places."""
    kinds = [() if isinstance(each, str) else tuple(KIND[kind] for kind in each) for each in meanings]
    most = max(1, *map(len, kinds))
    table = np.array([[*each, *[OPENED] * (most - len(each))] for each in kinds], np.int8).T
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
    there[rows] = True  # NOWHERE is the last
    return there[:-1]


def _of_no_ticket(ids: Sequence[Any], nulls: int) -> str:
    if nulls:
        return f"there are events without an id ({nulls:,})"
    if not ids:
        return ""
    more = f" and {len(ids) - MOST:,} more" if len(ids) > MOST else ""
    return f"there are events of {', '.join(map(shown, ids[:MOST]))}{more}, but no such ticket"
