"""The questions of a timeline, asked for many rows at once: null-safe, checked against the horizon, in chunks."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.compiled import Compiled, sheet
from kolmisla.columns.lookup import Ints
from kolmisla.schedule import Schedule
from kolmisla.timeline import Timeline

__all__ = ["CHUNK", "FAR", "NULL", "Answers", "Mask", "chunks", "due", "elapsed", "extent", "next_open"]

Mask = NDArray[np.bool_]

NULL = np.iinfo(np.int64).min  # what numpy has for a time that is none
FAR = 2**60  # microseconds: longer than any horizon, and adding two such does not overflow
CHUNK = 1 << 15  # rows whose arrays stay in a processor's nearest memory


class Answers(NamedTuple):
    """Integer microseconds, NULL where nothing was asked or nothing is known; `unknown` marks the latter, if any."""

    values: Ints
    unknown: Mask | None = None


def due(start: Ints, amount: Ints, schedule: Schedule) -> Answers:
    """The earliest instant at which an amount has been counted since start; backwards, the latest, when negative."""
    asked = _Asked(schedule.timeline, [start], [amount])
    if asked.nothing:
        return asked.told(None, None)
    (low, high), (least, most) = asked.extents()
    compiled = sheet(schedule).covering(low, high, ahead=min(max(most, 0), FAR), behind=min(max(-least, 0), FAR))
    answers = np.empty(len(start), np.int64)
    if least > 0 and int(compiled.counted(np.array([high]))[0]) + most <= compiled.total:
        for rows in chunks(len(start)):
            at, more = asked.rows(rows)
            total = compiled.counted(at)
            total += more
            answers[rows] = compiled.reached(total)
        return asked.told(answers, None)
    known = np.empty(len(start), np.bool_)
    for rows in chunks(len(start)):
        at, more = asked.rows(rows)
        answers[rows], known[rows] = _due_either_way(compiled, at, np.clip(more, -FAR, FAR))
    return asked.told(answers, known)


def elapsed(start: Ints, end: Ints, schedule: Schedule) -> Answers:
    """Open time from start to end; negative when end is before start."""
    asked = _Asked(schedule.timeline, [start, end])
    if asked.nothing:
        return asked.told(None, None)
    (first, last), (early, late) = asked.extents()
    compiled = sheet(schedule).covering(min(first, early), max(last, late))
    answers = np.empty(len(start), np.int64)
    for rows in chunks(len(start)):
        since, until = asked.rows(rows)
        counted = compiled.counted(until)
        counted -= compiled.counted(since)
        answers[rows] = counted
    return asked.told(answers, None)


def next_open(at: Ints, schedule: Schedule) -> Answers:
    """Each instant itself when open, else the next opening."""
    asked = _Asked(schedule.timeline, [at])
    if asked.nothing:
        return asked.told(None, None)
    ((low, high),) = asked.extents()
    compiled = sheet(schedule).covering(low, high, ahead=0)
    last = int(compiled.closes[-1])  # behind it nothing is known to open
    answers, known = np.full(len(at), NULL), np.zeros(len(at), np.bool_)
    for rows in chunks(len(at)) if low < last else ():
        (some,) = asked.rows(rows)
        known[rows] = some < last
        answers[rows] = compiled.next_open(np.minimum(some, last - 1))
    return asked.told(answers, known)


def extent(values: Ints) -> tuple[int, int]:
    """The least and the greatest; there is one."""
    return int(values.min()), int(values.max())


def chunks(rows: int) -> Iterator[slice]:
    """The rows, some at a time."""
    return (slice(start, start + CHUNK) for start in range(0, rows, CHUNK))


class _Asked:
    """Columns of a question; where one has a null, or is outside the horizon, a row that is fine stands in."""

    __slots__ = ("_columns", "_extents", "_stand_in", "_within", "nothing")

    def __init__(self, timeline: Timeline, instants: list[Ints], amounts: list[Ints] | None = None) -> None:
        self._columns = [*instants, *(amounts or ())]
        self._within: Mask | None = None
        self.nothing = not len(instants[0])
        if self.nothing:
            return
        self._extents = [extent(each) for each in self._columns]
        known = len(instants)
        if all(timeline.start <= low and high <= timeline.end for low, high in self._extents[:known]) and all(
            low != NULL for low, _ in self._extents[known:]
        ):
            return
        within = np.ones(len(instants[0]), np.bool_)
        for each in instants:
            within &= each >= timeline.start  # a null is not
            within &= each <= timeline.end
        for each in amounts or ():
            within &= each != NULL
        row = within.argmax()
        self._within, self.nothing = within, not within[row]
        self._stand_in = [each[row] for each in self._columns]

    def rows(self, some: slice) -> list[Ints]:
        """Some rows of the columns, as they are asked."""
        if self._within is None:
            return [each[some] for each in self._columns]
        within = self._within[some]
        return [np.where(within, each[some], other) for each, other in zip(self._columns, self._stand_in, strict=True)]

    def extents(self) -> list[tuple[int, int]]:
        """The least and the greatest of each column, as they are asked."""
        if self._within is None:
            return self._extents
        parts = [[extent(each) for each in self.rows(some)] for some in chunks(len(self._within))]
        return [(min(low for low, _ in each), max(high for _, high in each)) for each in zip(*parts, strict=True)]

    def told(self, answers: Ints | None, known: Mask | None) -> Answers:
        """The answers to all rows; without any, nothing is known."""
        if answers is None:
            answers = np.full(len(self._columns[0]), NULL)
        if self._within is not None:
            known = self._within if known is None else self._within & known
        if known is None or known.all():
            return Answers(answers)
        np.copyto(answers, NULL, where=~known)
        given = np.ones(len(answers), np.bool_)
        for each in self._columns:
            given &= each != NULL
        if np.count_nonzero(given) == np.count_nonzero(known):  # what is known was given
            return Answers(answers)
        return Answers(answers, given & ~known)


def _due_either_way(compiled: Compiled, start: Ints, amount: Ints) -> tuple[Ints, Mask]:
    """The same for amounts of any sign, that may be out of reach; and which are not."""
    total = compiled.counted(start) + amount
    forward, back = (amount > 0) & (total <= compiled.total), (amount < 0) & (total >= 0)
    answers = start.copy()
    answers[forward] = compiled.reached(total[forward])
    answers[back] = compiled.left(total[back])
    return answers, forward | back | (amount == 0)
