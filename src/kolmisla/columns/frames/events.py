"""Reads what happened to tickets from a frame of events."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.frames.ids import rows_of
from kolmisla.columns.frames.tickets import Frame, read_instants, read_names
from kolmisla.columns.kernel.events import KIND_CODE, NO_TICKET, OPENING, TURNS, Events, LogRows, RowsFault
from kolmisla.columns.kernel.promises import Coded, Codes, our_name
from kolmisla.columns.kernel.questions import NULL, Answers, Mask
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.columns.kernel.wall_times import Wall, unreadable
from kolmisla.errors import KolmislaError, TicketError, WallTimeError, shown
from kolmisla.tickets.layouts.kinds import Meaning, ToldEvent
from kolmisla.tickets.layouts.layout import EVENT_COLUMNS, Layout, check_columns
from kolmisla.tickets.layouts.words import Words

__all__ = ["read_events"]

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
        none = Coded([None], nothing)
        return Events(nothing, nothing, nothing.astype(np.int8), none, none, nothing, None, False, None), [], ""
    ids = events[layout.column("event_id")]
    rows, repeated = rows_of(ids, tickets[layout.column("id")])
    read = read_instants(events, layout, "at", wall)
    words, meanings = _meanings(events, layout)
    faults = [RowsFault(repeated, "an earlier row has the same id and gets the events")]
    for faulty, text, error in (*_unread(read, wall), *_meaningless(words, meanings)):
        if faulty.any():
            faults.append(RowsFault(_tickets(rows[faulty], len(tickets)), text, error))
    stray = rows == NO_TICKET
    strays: Iterable[Any] = ids[np.flatnonzero(stray)].drop_nulls() if stray.any() else []
    kind, place = _told(words.codes, meanings)
    source = np.arange(len(kind)) if place is None else place // TURNS
    row, at, word = rows, read.values, words.codes
    if place is not None:
        row, at, word = row.take(source), at.take(source), word.take(source)
    changes = np.flatnonzero(kind == KIND_CODE["priority"])
    own, ours = _OwnValues(meanings, word, place), layout.words("priority")
    names = own.over(_values(events, layout, source[changes], ours), changes, ours)
    blank = np.array([value is None for value in names.values]).take(names.codes)
    unsaid = changes[blank & (at[changes] != NULL)]
    faults.append(RowsFault(_tickets(row[unsaid], len(tickets)), "a change of priority has no value"))
    if (unread := at == NULL).any():
        row = np.where(unread, NO_TICKET, row)
    codes = np.zeros(len(row), np.int32)
    codes[changes] = names.codes
    reason, is_state, by_reason = _reasons(events, layout, meanings, kind, source, word, own)
    means = np.array([len(_steps(meaning)) > 0 for meaning in meanings])
    told = rows if means.all() else np.where(means.take(words.codes), rows, NO_TICKET)
    log: LogRows | None = LogRows(told, read.values)
    if "order" in layout.columns:
        turn = 0 if place is None else place % TURNS
        log, place = None, _by_order(events, layout).take(source) * TURNS + turn
    happened = Events(row, at, kind, Coded(names.values, codes), reason, place, is_state, by_reason, log)
    return happened, faults, _of_no_ticket(list(dict.fromkeys(strays)), ids.null_count())


def _meanings(events: Frame, layout: Layout) -> tuple[Coded, list[Meaning | str]]:
    """Return the words for the kinds of event, and what each means. A word without a meaning gives the fault as a text.

    In a history of fields, a word with each of its values counts as a word of its own.
    """
    words = read_names(events, layout, "kind")
    if not layout.kinds.is_history:
        return words, [_meaning(word, None, layout) for word in words.values]
    values = _values(events, layout, np.arange(len(events)))
    pairs, codes = np.unique(words.codes * np.int64(len(values.values)) + values.codes, return_inverse=True)
    told = [divmod(pair, len(values.values)) for pair in pairs.tolist()]
    both = [(words.values[word], values.values[value]) for word, value in told]
    return Coded([word for word, _ in both], codes), [_meaning(word, value, layout) for word, value in both]


def _values(events: Frame, layout: Layout, rows: Ints, ours: Words | None = None) -> Coded:
    """Return the names in the column of values, for some rows of the events. Without such a column, all are None."""
    column = layout.column("value")
    if column not in events.columns:
        return Coded.of(None, len(rows))
    return read_names(events.select(column)[rows], layout, "value", ours)


class _OwnValues:
    """The values that words give to their events: `paused:customer` gives the reason.

    `word` has the word of each event, and `place` the place that `_told` returns.
    """

    def __init__(self, meanings: Sequence[Meaning | str], word: Codes, place: Ints | None) -> None:
        given = [{turn: step.value for turn, step in enumerate(_steps(meaning))} for meaning in meanings]
        self._names = list(dict.fromkeys(name for values in given for name in values.values() if name is not None))
        places = [{turn: self._names.index(name) for turn, name in values.items() if name} for values in given]
        table = np.array([[place.get(turn, -1) for turn in range(TURNS)] for place in places], np.int32)
        self.takes = np.array([isinstance(meaning, str) or meaning.takes_value for meaning in meanings])
        self._is_plain = not self._names and bool(self.takes.all())
        self._word, self._place, self._table = word, place, table

    def of(self, events: Ints) -> NDArray[np.int32]:
        """Return the number of each event's own value, or -1."""
        turn = np.zeros(len(events), np.int64) if self._place is None else self._place.take(events) % TURNS
        return self._table[self._word.take(events), turn]

    def over(self, values: Coded, events: Ints, ours: Words | None = None) -> Coded:
        """Return the values of the events: their own ones, else those of their rows, if the rows' values are theirs."""
        if self._is_plain:
            return values
        own, rest = self.of(events), len(values.values)
        theirs = np.where(self.takes.take(self._word.take(events)), values.codes, rest + len(self._names))
        names = [our_name(name, ours) for name in self._names]
        return Coded([*values.values, *names, None], np.where(own >= 0, rest + own, theirs))


def _reasons(
    events: Frame,
    layout: Layout,
    meanings: Sequence[Meaning | str],
    kind: NDArray[np.int8],
    source: Ints,
    word: Codes,
    own: _OwnValues,
) -> tuple[Coded, Mask | None, bool]:
    """Return the reason of each event, the pauses that end all other pauses, and whether a pause may end alone.

    A word of the frame that the layout translates is a state: it ends the pauses before it. If it is a pause, its
    reason is the one that the layout gives, else the value of its row, else the word. The plain words `paused` and
    `resumed` are events.
    """
    translated = np.array([isinstance(meaning, Meaning) and meaning.is_state for meaning in meanings])
    is_state = translated.take(word) & (kind == KIND_CODE["paused"]) if translated.any() else None
    few = np.flatnonzero((kind == KIND_CODE["paused"]) | (kind == KIND_CODE["resumed"]))
    if is_state is not None:
        few = few[~translated.take(word.take(few)) | is_state.take(few) | (own.of(few) >= 0)]
    named = own.over(_values(events, layout, source[few]), few)
    by_reason = np.array([value is not None for value in named.values]).take(named.codes)
    resumed = kind.take(few) == KIND_CODE["resumed"]
    values, codes = list(named.values), named.codes
    if is_state is not None:
        codes = np.where(is_state.take(few) & ~by_reason, len(values) + word.take(few), codes)
        values += [meaning.reason if isinstance(meaning, Meaning) else None for meaning in meanings]
    every = np.full(len(kind), len(values), np.int32)
    every[few] = codes
    return Coded([*values, None], every), is_state, bool((resumed & by_reason).any())


def _by_order(events: Frame, layout: Layout) -> Ints:
    """Return the rank of each row in the column `order`. Raise TypeError for a column of another type or with nulls."""
    column = events[layout.column("order")]
    if not column.dtype.is_integer() or column.null_count():
        raise TypeError(f"{shown(column.name)} must be a column of whole numbers without nulls, not of {column.dtype}")
    _, ranks = np.unique(column.to_numpy(), return_inverse=True)
    return ranks.astype(np.int64)


def _unread(read: Answers, wall: Wall | None) -> list[tuple[Mask, str, type[KolmislaError]]]:
    """Return the faults in the times of events. A fault has a mask of the faulty events, a text and an error class."""
    missing = read.values == NULL
    if read.unknown is None or wall is None:
        return [(missing, "an event has no time", TicketError)]
    return [
        (missing & ~read.unknown, "an event has no time", TicketError),
        (read.unknown, f"at of an event {unreadable(wall)}", WallTimeError),
    ]


def _meaning(word: str | None, value: str | None, layout: Layout) -> Meaning | str:
    """Return what a word means in a row with this value. For a word without a meaning, return the fault as a text."""
    if word is None:
        return "an event has no kind"
    try:
        return layout.kinds.meaning(word, value)
    except TicketError as fault:
        return str(fault)


def _steps(meaning: Meaning | str) -> tuple[ToldEvent, ...]:
    return () if isinstance(meaning, str) else meaning.events


def _meaningless(words: Coded, meanings: Sequence[Meaning | str]) -> list[tuple[Mask, str, type[KolmislaError]]]:
    """Return the faults in the kinds of events, in the same form as `_unread`."""
    faults = [(code, meaning) for code, meaning in enumerate(meanings) if isinstance(meaning, str)]
    return [(words.codes == code, meaning, TicketError) for code, meaning in faults]


def _told(words: Codes, meanings: Sequence[Meaning | str]) -> tuple[NDArray[np.int8], Ints | None]:
    """Return two values for each event: its kind, and its place (the index of its row, times TURNS, plus its turn).

    `words` has, for each row of the frame, the index of its word in `meanings`. A word may mean one kind of event,
    several kinds or none. A row becomes one event for each kind. The places are None if each row becomes one event.
    """
    kinds = [tuple(KIND_CODE[step.kind] for step in _steps(meaning)) for meaning in meanings]
    most = max(1, *map(len, kinds))
    table = np.array([[*codes, *[OPENING] * (most - len(codes))] for codes in kinds], np.int8).T
    odd = [word for word, codes in enumerate(kinds) if len(codes) != 1]
    if not any((words == word).any() for word in odd):
        return table[0].take(words), None
    number = np.array(list(map(len, kinds))).take(words)
    parts = [np.flatnonzero(number > turn) for turn in range(most)]
    place = np.concatenate([part * TURNS + turn for turn, part in enumerate(parts)])
    kind = np.concatenate([codes.take(words[part]) for codes, part in zip(table, parts, strict=True)])
    return kind, place


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
