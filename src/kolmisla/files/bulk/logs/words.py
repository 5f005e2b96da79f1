"""Finds the different words in the rows of a log, and which events each word means.

A word is all that a row says except the ticket and the time, such as a change from `open` to `solved`.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import narwhals as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray

from kolmisla.columns.frames.told import Told, told_by
from kolmisla.columns.kernel.events import KIND_CODE, TURNS, Events
from kolmisla.columns.kernel.promises import OTHER, Coded
from kolmisla.columns.kernel.questions import Mask
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.errors import TicketError
from kolmisla.files.bulk.logs.order import spread
from kolmisla.tickets.event import OF_METRICS, Moment
from kolmisla.tickets.layouts.layout import Layout
from kolmisla.tickets.layouts.words import Words
from kolmisla.tickets.said import Changed, Said, moments_at

__all__ = ["Priorities", "RowWords", "Steps", "ToldRows", "coded", "with_priorities"]

Word = tuple[str | None, str | None, str | None]  # the kind of event, its value if it matters, and the value before it

CHANGE_OF_PRIORITY = KIND_CODE["priority"]
PLAIN_WORD = "answered"  # a word that is added to those of the rows, so that there is at least one


def coded(column: pl.Series, known: dict[str | None, int]) -> Ints:
    """Return a number for each text or null in a column. Equal texts have one number.

    `known` has the numbers of texts so far. New texts are added to it.
    """
    values = column.unique(maintain_order=True).drop_nulls().to_list()
    places = column.cast(pl.Enum(values)).to_physical().fill_null(len(values)).to_numpy()
    numbers = np.array([known.setdefault(value, len(known)) for value in (*values, None)])
    return numbers.take(places)


class ToldRows(NamedTuple):
    """Some rows of a log, sorted by ticket: the ticket and the instant of each."""

    ticket: Ints
    at: Ints
    turn: Ints  # the order of rows at the same instant


class Steps(NamedTuple):
    """The events that each word of a log means.

    The word with the index `w` means `number[w]` events. Their indexes in `told` are in `order`, from `order[start[w]]`
    on.
    """

    start: Ints
    number: Ints  # how many events each word means
    told: Told  # the events of all words, in columns
    order: Ints  # indexes of events in `told`

    def events(self, rows: ToldRows, word: NDArray[np.int32]) -> Events:
        """Return the events that some rows tell of. `word` has, for each row, the index of its word."""
        step, of = spread(self.start[word], self.number[word])
        place = rows.turn[of] * TURNS + step - self.start[word][of]
        step, told = self.order[step], self.told
        state = None if told.is_state is None else told.is_state[step]
        value, reason = told.value.pick(step), told.reason.pick(step)
        special = None if told.special is None else told.special._replace(codes=told.special.codes[step])
        kind, by_reason = told.kind[step], told.by_reason
        return Events(rows.ticket[of], rows.at[of], kind, value, reason, place, state, by_reason, None, special)


class RowWords:
    """The different words in a log, and an index for each.

    A word is a kind of event with its values, such as a change of the status from `open` to `solved` (see `Word`).
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._parts: list[dict[str | None, int]] = [{}, {}, {}]
        self._uses_value: dict[str, bool] = {}
        self._numbers: dict[Word, int] = {}
        # For each word, its events, with the instant 0. None: the word is faulty, or its rows are read one by one.
        self.told: list[list[Moment] | None] = []
        self.fields: list[str | None] = []  # for each word, the field that the layout does not name

    def numbers(self, kind: pl.Series, value: pl.Series, old: pl.Series) -> NDArray[np.int32]:
        """Return, for each row, the index of its word. A new word gets the next index.

        A word is a kind of event, with its value and the value before (`old`) if they matter.
        """
        kinds = kind.unique().drop_nulls().to_list()
        for word in kinds:
            if word not in self._uses_value:
                self._uses_value[word] = self._layout.kinds.uses_value(word)
        using = [word for word in kinds if self._uses_value[word]]
        codes = [coded(kind, self._parts[0])]
        for part, column in zip(self._parts[1:], (value, old), strict=True):
            matters = kind.is_in(using).fill_null(False)
            codes.append(coded(column.set(~matters, None) if not matters.all() else column, part))
        sizes = [max(len(part), 1) for part in self._parts]
        pairs, places = np.unique((codes[0] * sizes[1] + codes[1]) * sizes[2] + codes[2], return_inverse=True)
        names = [list(part) for part in self._parts]
        numbers = []
        for pair in pairs.tolist():
            rest, third = divmod(pair, sizes[2])
            first, second = divmod(rest, sizes[1])
            numbers.append(self._number((names[0][first], names[1][second], names[2][third])))
        words: NDArray[np.int32] = np.array(numbers, np.int32)[places]
        return words

    def _number(self, word: Word) -> int:
        number = self._numbers.setdefault(word, len(self._numbers))
        if number == len(self.told):
            kind, value, old = word
            told, field = None, None
            try:
                if kind is not None:
                    meaning = self._layout.kinds.meaning(kind, value)
                    field = meaning.field
                    if not any(step.kind in OF_METRICS for step in meaning.events):
                        told = moments_at(0, self._layout, meaning, Said(value, old))
            except TicketError:
                pass  # the row is read by itself, and gets the fault
            self.told.append(told)
            self.fields.append(field)
        return number

    @property
    def is_known(self) -> Mask:
        """For each word, whether it is known which events it means. Rows with other words must be read one by one."""
        return np.array([told is not None for told in self.told], np.bool_)

    @property
    def tells(self) -> Mask:
        """For each word, whether it means at least one event."""
        return np.array([bool(told) for told in self.told], np.bool_)

    @property
    def alone(self) -> Mask:
        """For each word, whether tickets with this word must be judged one by one."""
        return np.array([any(map(_is_rare, told or ())) for told in self.told], np.bool_)

    def steps(self) -> Steps:
        """Return the events that each word means. A word whose rows must be read one by one has no events here."""
        known = np.flatnonzero(self.is_known).tolist()
        words: Sequence[Word] = list(self._numbers)
        frame = pl.DataFrame(
            {
                "kind": pl.Series([*(words[place][0] for place in known), PLAIN_WORD], dtype=pl.String),
                "value": pl.Series([*(words[place][1] for place in known), None], dtype=pl.String),
            }
        )
        columns = {"kind": "kind", **({"value": "value"} if self._layout.columns.get("value") else {})}
        layout = replace(self._layout, columns=columns, constants={}, others={})
        told = told_by(nw.from_native(frame, eager_only=True), layout)
        place = np.arange(len(known) + 1) * TURNS if told.place is None else told.place
        order = np.argsort(place)
        number = np.zeros(len(words), np.int64)
        number[known] = np.bincount(place // TURNS, minlength=len(known) + 1)[: len(known)]
        start = np.cumsum(number) - number
        return Steps(start, number, told, order)


def _is_rare(moment: Moment) -> bool:
    # it tells the value before a change, or ends only pauses of one reason
    return isinstance(moment, Changed) or (moment.kind == "resumed" and moment.value is not None)


class Priorities:
    """The different priorities in the rows of an audit log, and an index for each."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._numbers: dict[str | None, int] = {}
        self._wrong: set[int] = set()  # the indexes of words that match two patterns with different meanings
        self.ours: list[str | None] = []  # for each index, the policy's word for the priority

    @property
    def blank(self) -> int:
        """The index that stands for a missing priority. It is -1 before the first rows are read."""
        return self._numbers.get(None, -1)

    def numbers(self, column: pl.Series) -> tuple[NDArray[np.int32], Mask]:
        """Return, for each row, the index of its priority in `ours`.

        Also return a mask of the rows whose word for the priority matches two patterns with different meanings.
        """
        numbers: NDArray[np.int32] = coded(column, self._numbers).astype(np.int32)
        for name, number in [*self._numbers.items()][len(self.ours) :]:
            try:
                self.ours.append(None if name is None else self._words.ours(name))
            except TicketError:
                self._wrong.add(number)
                self.ours.append(None)
        return numbers, np.isin(numbers, [*self._wrong])


def with_priorities(logged: Events, rows: ToldRows, named: Coded, blank: int) -> Events:
    """Return the events in `logged`, and an event for the priority in each row of an audit log (`rows`).

    `named` has the priorities, and `blank` stands for a missing one. Tickets whose priority never changes may get no
    events.
    """
    changing = np.zeros(int(rows.ticket.max(initial=0)) + 1, np.bool_)
    begins = np.append(True, rows.ticket[1:] != rows.ticket[:-1])[: len(rows.ticket)]
    first = np.maximum.accumulate(np.arange(len(begins)) * begins)
    changing[rows.ticket[named.codes != named.codes[first]]] = True
    if (logged.kind == CHANGE_OF_PRIORITY).any():
        changing[:] = True
    told = np.flatnonzero(changing[rows.ticket] & (named.codes != blank))
    values, none = len(logged.value.values), len(logged.reason.values)
    added = named.codes[told] + values
    reasons = np.append(logged.reason.codes, np.full(len(told), none))
    state = None if logged.is_state is None else np.append(logged.is_state, np.zeros(len(told), np.bool_))
    special = logged.special
    if special is not None:
        special = special._replace(codes=np.append(special.codes, np.full(len(told), OTHER)))
    return logged._replace(
        row=np.append(logged.row, rows.ticket[told]),
        at=np.append(logged.at, rows.at[told]),
        kind=np.append(logged.kind, np.full(len(told), CHANGE_OF_PRIORITY, np.int8)),
        value=Coded([*logged.value.values, *named.values], np.append(logged.value.codes, added)),
        reason=Coded([*logged.reason.values, None], reasons),
        # after the other events of the row, and before those of the next row
        own_place=np.append(logged.place(np.arange(len(logged.row))), (rows.turn[told] + 1) * TURNS - 1),
        is_state=state,
        special=special,
    )
