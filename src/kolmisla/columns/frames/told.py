"""Reads the words of a frame of events: the kinds of event, the new priorities and the reasons of pauses."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.frames.tickets import Frame, read_names
from kolmisla.columns.kernel.events import KIND_CODE, OPENING, TURNS
from kolmisla.columns.kernel.lifecycle import EVERY_KIND
from kolmisla.columns.kernel.promises import OTHER, UNREAD, Coded, Codes, NameOrNone, SpecialEvents, our_name
from kolmisla.columns.kernel.questions import Mask
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.errors import KolmislaError, TicketError
from kolmisla.tickets.cycles.shapes import ONE_BY_ONE
from kolmisla.tickets.event import INSTANT, Moment
from kolmisla.tickets.layouts.fact_names import TERMS_OF_EVENTS
from kolmisla.tickets.layouts.kinds import Meaning, ToldEvent
from kolmisla.tickets.layouts.layout import Layout
from kolmisla.tickets.layouts.words import Words
from kolmisla.tickets.said import Said, moments_at

__all__ = ["Told", "told_by"]


Faulty = tuple[Mask, str, type[KolmislaError]]  # a mask of the faulty rows, the message and the error class


class Told(NamedTuple):
    """What the rows of a frame of events say, as columns with an entry for each event.

    A row may tell of several events, numbered from 0, or of none.
    """

    kind: NDArray[np.int8]  # a KIND_CODE
    place: Ints | None  # the event's `row * TURNS + number`; None if each row is one event
    value: Coded  # the new priority, if the event changes the priority
    reason: Coded  # the reason of a pause, or of its end
    is_state: Mask | None  # True for a pause that ends all earlier pauses; None if no pause does
    by_reason: bool  # whether the pauses of one reason may end while those of another reason go on
    unsaid: Ints  # the indexes of the changes of priority that do not say the new priority
    means: Mask  # True for each row that tells of an event
    faults: list[Faulty]
    special: SpecialEvents | None  # the events that are judged one by one


def told_by(events: Frame, layout: Layout, *, is_naive: bool = False) -> Told:
    """Return what the rows of a frame of events say.

    An unknown word is a fault, and tells of no event. If `is_naive` is True, no zone is known, so a due time must have
    an offset from UTC.
    """
    words, meanings = _meanings(events, layout)
    kind, place = _told(words.codes, meanings)
    source = np.arange(len(kind)) if place is None else place // TURNS
    word = words.codes if place is None else words.codes.take(source)
    changes = np.flatnonzero(kind == KIND_CODE["priority"])
    own, ours = _OwnValues(meanings, word, place), layout.words("priority")
    names = own.over(_values(events, layout, source[changes], ours), changes, ours)
    blank = np.array([value is None for value in names.values]).take(names.codes)
    codes = np.zeros(len(kind), np.int32)
    codes[changes] = names.codes
    reason, is_state, by_reason = _reasons(events, layout, meanings, kind, source, word, own)
    means = np.array([len(_steps(meaning)) > 0 for meaning in meanings]).take(words.codes)
    value = Coded(names.values, codes)
    special, faults = _special(events, layout, meanings, words, kind, place, is_naive)
    faults = [*_meaningless(words, meanings), *faults]
    return Told(kind, place, value, reason, is_state, by_reason, changes[blank], means, faults, special)


def _special(
    events: Frame,
    layout: Layout,
    meanings: Sequence[Meaning | str],
    words: Coded,
    kind: NDArray[np.int8],
    place: Ints | None,
    is_naive: bool,
) -> tuple[SpecialEvents | None, list[Faulty]]:
    """Return the events that arrays cannot judge, and a fault for each of these events that cannot be read.

    Without such events, the first result is None. `kind` and `place` are as in `Told`. If `is_naive` is True, a due
    time must have an offset from UTC.
    """
    few = np.flatnonzero(np.isin(EVERY_KIND, [KIND_CODE[name] for name in ONE_BY_ONE]).take(kind))
    if not len(few):
        return None, []
    source, turn = (few, np.zeros(len(few), np.int64)) if place is None else divmod(place.take(few), TURNS)
    cells = [_cells(events, layout, source, name) for name in ("value", *TERMS_OF_EVENTS)]
    codes, known = np.full(len(kind), OTHER), dict[tuple[Any, ...], int]()
    moments, faults = list[Moment](), list[Faulty]()
    for event, row, step, *said in zip(few.tolist(), source.tolist(), turn.tolist(), *cells, strict=True):
        key = (int(words.codes[row]), step, *said)
        if key not in known:
            try:
                moments.append(_moment(layout, meanings[key[0]], step, Said(said[0], None, *said[1:]), is_naive))
                known[key] = len(moments) - 1
            except (KolmislaError, ValueError) as fault:
                error = type(fault) if isinstance(fault, KolmislaError) else TicketError
                faults.append((np.arange(len(events)) == row, str(fault), error))
                codes[event] = UNREAD
                continue
        codes[event] = known[key]
    return SpecialEvents(moments, codes), faults


def _cells(events: Frame, layout: Layout, rows: Ints, name: str) -> list[NameOrNone]:
    """Return the untranslated text of a fact, such as `value`, in each of some rows of the events.

    The text is None for an empty cell, or if the frame has no column for the fact.
    """
    column = layout.column(name)
    if column not in events.columns:
        return [None] * len(rows)
    read = read_names(events[[column]][rows], layout, name)
    return [read.values[code] for code in read.codes.tolist()]


def _moment(layout: Layout, meaning: Meaning | str, step: int, said: Said, is_naive: bool) -> Moment:
    """Return the event `meaning.events[step]` of a row, with the instant 0.

    `said` is what else the row says. If `is_naive` is True, a due time must have an offset from UTC. Raise ValueError
    or TicketError for a value that cannot be read.
    """
    assert isinstance(meaning, Meaning)  # a word without a meaning tells no event
    event = meaning.events[step]
    agreed = said.value if event.value is None else event.value
    if event.kind == "due" and is_naive and agreed is not None:
        INSTANT.read(agreed)  # raises for a time without an offset
    (moment,) = moments_at(0, layout, meaning._replace(events=(event,)), said)
    return moment


def _meanings(events: Frame, layout: Layout) -> tuple[Coded, list[Meaning | str]]:
    """Return a frame's words for kinds of event, and for each word its meaning, or a message if it is unknown.

    In a history of changed fields, each pair of a field and its new value counts as one word.
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
    """Return the values of some rows of the events, as names. If `ours` is given, translate the names by `ours`.

    If the frame has no column of values, all values are None.
    """
    column = layout.column("value")
    if column not in events.columns:
        return Coded.of(None, len(rows))
    return read_names(events[[column]][rows], layout, "value", ours)


class _OwnValues:
    """The values that events get from the meanings of their words, such as `customer` from `paused:customer`.

    `word` has the index of each event's word in `meanings`. `place` is as in `Told`.
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
        """Return, for each of `events`, the value that it gets from the meaning of its word.

        The value is an index into `self._names`. It is -1 if the meaning has no value for the event.
        """
        turn = np.zeros(len(events), np.int64) if self._place is None else self._place.take(events) % TURNS
        return self._table[self._word.take(events), turn]

    def over(self, values: Coded, events: Ints, ours: Words | None = None) -> Coded:
        """Return the value of each of some events: from the meaning of its word, else from its row, else None.

        `values` has, for each event, the value of its row. It counts only if the meaning allows one (`takes_value`).
        Values from meanings are translated by `ours`.
        """
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
    """Return the fields `reason`, `is_state` and `by_reason` of `Told`.

    A pause whose word the layout translates, such as `Pending`, replaces all earlier pauses. Its reason is the one in
    the layout, else the row's value, else the word. `source` has each event's row, and `word` its word's index in
    `meanings`.
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


def _meaning(word: str | None, value: str | None, layout: Layout) -> Meaning | str:
    """Return the meaning of a row's word and value. If the word is not known, return the message that says so."""
    if word is None:
        return "an event has no kind"
    try:
        return layout.kinds.meaning(word, value)
    except TicketError as fault:
        return str(fault)


def _steps(meaning: Meaning | str) -> tuple[ToldEvent, ...]:
    return () if isinstance(meaning, str) else meaning.events


def _meaningless(words: Coded, meanings: Sequence[Meaning | str]) -> list[tuple[Mask, str, type[KolmislaError]]]:
    """Return a fault for each unknown word: a mask of the rows with the word, the message and the error class."""
    faults = [(code, meaning) for code, meaning in enumerate(meanings) if isinstance(meaning, str)]
    return [(words.codes == code, meaning, TicketError) for code, meaning in faults]


def _told(words: Codes, meanings: Sequence[Meaning | str]) -> tuple[NDArray[np.int8], Ints | None]:
    """Return the kind and the place of each event that the rows of a frame tell of, as in `Told`.

    `words` has the index of each row's word in `meanings`.
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
