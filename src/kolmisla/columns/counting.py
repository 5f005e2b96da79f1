"""The questions of a timeline, asked for many rows at once: null-safe, checked against the horizon, in chunks."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.compiled import Compiled, sheet
from kolmisla.columns.lookup import Ints
from kolmisla.schedule import Schedule
from kolmisla.timeline import Timeline

__all__ = ["CHUNK", "NULL", "Answers", "Mask", "chunks", "due", "elapsed", "extent", "next_open"]

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
    start, amount = asked.columns
    (low, high), (least, most) = extent(start), extent(amount)
    compiled = sheet(schedule).covering(low, high, ahead=min(max(most, 0), FAR), behind=min(max(-least, 0), FAR))
    answers = np.empty(len(start), np.int64)
    if least > 0 and int(compiled.counted(np.array([high]))[0]) + most <= compiled.total:
        for rows in chunks(len(start)):
            total = compiled.counted(start[rows])
            total += amount[rows]
            answers[rows] = compiled.reached(total)
        return asked.told(answers, None)
    known = np.empty(len(start), np.bool_)
    for rows in chunks(len(start)):
        answers[rows], known[rows] = _due_either_way(compiled, start[rows], np.clip(amount[rows], -FAR, FAR))
    return asked.told(answers, known)


def elapsed(start: Ints, end: Ints, schedule: Schedule) -> Answers:
    """Open time from start to end; negative when end is before start."""
    asked = _Asked(schedule.timeline, [start, end])
    if asked.nothing:
        return asked.told(None, None)
    start, end = asked.columns
    (first, last), (early, late) = extent(start), extent(end)
    compiled = sheet(schedule).covering(min(first, early), max(last, late))
    answers = np.empty(len(start), np.int64)
    for rows in chunks(len(start)):
        counted = compiled.counted(end[rows])
        counted -= compiled.counted(start[rows])
        answers[rows] = counted
    return asked.told(answers, None)


def next_open(at: Ints, schedule: Schedule) -> Answers:
    """Each instant itself when open, else the next opening."""
    asked = _Asked(schedule.timeline, [at])
    if asked.nothing:
        return asked.told(None, None)
    (at,) = asked.columns
    low, high = extent(at)
    compiled = sheet(schedule).covering(low, high, ahead=0)
    known = at < compiled.closes[-1]  # behind the last span nothing is known to open
    if not known.any():
        return asked.told(np.full(len(at), NULL), known)
    at = np.where(known, at, at[known.argmax()])
    answers = np.empty(len(at), np.int64)
    for rows in chunks(len(at)):
        answers[rows] = compiled.next_open(at[rows])
    return asked.told(answers, known)


def extent(values: Ints) -> tuple[int, int]:
    """The least and the greatest; there is one."""
    return int(values.min()), int(values.max())


def chunks(rows: int) -> Iterator[slice]:
    """The rows, some at a time."""
    return (slice(start, start + CHUNK) for start in range(0, rows, CHUNK))


class _Asked:
    """Columns of a question; where one has a null, or is outside the horizon, a row that is fine stands in."""

    __slots__ = ("_given", "_within", "columns", "nothing")

    def __init__(self, timeline: Timeline, instants: list[Ints], amounts: list[Ints] | None = None) -> None:
        self.columns = [*instants, *(amounts or ())]
        self._given: Mask | None = None
        self._within: Mask | None = None
        self.nothing = not len(instants[0])
        if self.nothing or (
            all(_is_within(timeline, *extent(each)) for each in instants)
            and all(each.min() != NULL for each in amounts or ())
        ):
            return
        self._given = np.logical_and.reduce([each != NULL for each in self.columns])
        known = [(each >= timeline.start) & (each <= timeline.end) for each in instants]
        self._within = np.logical_and.reduce([self._given, *known])
        self.nothing = not self._within.any()
        row = self._within.argmax()
        self.columns = [np.where(self._within, each, each[row]) for each in self.columns]

    def told(self, answers: Ints | None, known: Mask | None) -> Answers:
        """The answers to all rows, from those to the columns; without any, nothing is known."""
        if answers is None:
            answers = np.full(len(self.columns[0]), NULL)
        if known is not None and known.all():
            known = None
        if self._given is None or self._within is None:
            if known is None:
                return Answers(answers)
            answers[~known] = NULL
            return Answers(answers, ~known)
        known = self._within if known is None else self._within & known
        answers[~known] = NULL
        unknown = self._given & ~known
        return Answers(answers, unknown if unknown.any() else None)


def _is_within(timeline: Timeline, low: int, high: int) -> bool:
    return timeline.start <= low and high <= timeline.end


def _due_either_way(compiled: Compiled, start: Ints, amount: Ints) -> tuple[Ints, Mask]:
    """The same for amounts of any sign, that may be out of reach; and which are not."""
    total = compiled.counted(start) + amount
    forward, back = (amount > 0) & (total <= compiled.total), (amount < 0) & (total >= 0)
    answers = start.copy()
    answers[forward] = compiled.reached(total[forward])
    answers[back] = compiled.left(total[back])
    return answers, forward | back | (amount == 0)
