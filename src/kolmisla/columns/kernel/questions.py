"""Due times, open time and next openings on a schedule, for many rows at once.

A row has no answer if a value is missing or if the schedule does not know one of its times.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.kernel.timeline import Compiled, Ints, Scratch, sheet
from kolmisla.schedules.schedule import Schedule
from kolmisla.schedules.timeline import Timeline

__all__ = ["CHUNK", "FAR", "NULL", "Answers", "Mask", "chunks", "due", "elapsed", "extent", "next_open", "outside"]

Mask = NDArray[np.bool_]

NULL = np.iinfo(np.int64).min  # a missing value; numpy uses the same integer for NaT
FAR = 2**60  # microseconds: longer than any horizon, and FAR + FAR does not overflow
CHUNK = 1 << 15  # rows: the arrays of a chunk stay in a processor's nearest cache


class Answers(NamedTuple):
    """The answers to a question about many rows, in microseconds.

    An answer is NULL if it is unknown, or if the row has a missing value. `unknown` is True for unknown answers, or
    None if there are none.
    """

    values: Ints
    unknown: Mask | None = None


def due(start: Ints, amount: Ints, schedule: Schedule) -> Answers:
    """Return, for each row, the earliest instant at which the amount of open time has been counted since the start.

    A negative amount counts backwards: to the latest instant from which `-amount` is counted up to the start.
    """
    asked = _Asked(schedule.timeline, [start], [amount])
    if asked.nothing:
        return asked.told(None, None)
    (low, high), (least, most) = asked.extents
    compiled = sheet(schedule).covering(low, high, ahead=min(max(most, 0), FAR), behind=min(max(-least, 0), FAR))
    answers = np.empty(len(start), np.int64)
    if least > 0 and int(compiled.counted(np.array([high]))[0]) + most <= compiled.total:
        scratch = Scratch(min(len(start), CHUNK))
        for rows in chunks(len(start)):
            at, more = asked.as_given(rows)
            total = compiled.counted(at, scratch, answers[rows])
            total += more
            compiled.reached(total, scratch, total)
        return asked.told(answers, None)
    known = np.empty(len(start), np.bool_)
    for rows in chunks(len(start)):
        at, more = asked.rows(rows)
        answers[rows], known[rows] = _due_either_way(compiled, at, np.clip(more, -FAR, FAR))
    return asked.told(answers, known)


def elapsed(start: Ints, end: Ints, schedule: Schedule) -> Answers:
    """Return, for each row, the open time from the start to the end: negative if the end is earlier than the start."""
    asked = _Asked(schedule.timeline, [start, end])
    if asked.nothing:
        return asked.told(None, None)
    (first, last), (early, late) = asked.extents
    compiled = sheet(schedule).covering(min(first, early), max(last, late))
    answers = np.empty(len(start), np.int64)
    scratch, before = Scratch(min(len(start), CHUNK)), np.empty(min(len(start), CHUNK), np.int64)
    for rows in chunks(len(start)):
        since, until = asked.as_given(rows)
        counted = compiled.counted(until, scratch, answers[rows])
        counted -= compiled.counted(since, scratch, before[: len(since)])
    return asked.told(answers, None)


def next_open(at: Ints, schedule: Schedule) -> Answers:
    """Return, for each instant, the instant itself if the schedule is open then, else the next opening."""
    asked = _Asked(schedule.timeline, [at])
    if asked.nothing:
        return asked.told(None, None)
    ((low, high),) = asked.extents
    compiled = sheet(schedule).covering(low, high, ahead=0)
    last = int(compiled.closes[-1])  # no opening after `last` is known
    answers, known = np.full(len(at), NULL), np.zeros(len(at), np.bool_)
    for rows in chunks(len(at)) if low < last else ():
        (instants,) = asked.rows(rows)
        known[rows] = instants < last
        answers[rows] = compiled.next_open(np.minimum(instants, last - 1))
    return asked.told(answers, known)


def extent(values: Ints) -> tuple[int, int]:
    """Return the least and the greatest of the values. There must be at least one value."""
    return int(values.min()), int(values.max())


def chunks(rows: int) -> Iterator[slice]:
    """Return slices of CHUNK rows that together cover `rows` rows. The last slice may go beyond the last row."""
    return (slice(start, start + CHUNK) for start in range(0, rows, CHUNK))


class _Asked:
    """The columns that a question is about.

    A row is invalid if a value is missing or if the schedule does not know an instant. `extents` has, for each column,
    a range with all values of valid rows. `nothing` is True if no row is valid.
    """

    __slots__ = ("_columns", "_copies", "_odd", "_stand_in", "extents", "nothing")

    def __init__(self, timeline: Timeline, instants: list[Ints], amounts: list[Ints] | None = None) -> None:
        self._columns = [*instants, *(amounts or ())]
        self._odd = np.zeros(0, np.int64)
        self.nothing = not len(instants[0])
        if self.nothing:
            return
        self.extents, nulls = self._found()
        outside = any(low < timeline.start or high > timeline.end for low, high in self.extents[: len(instants)])
        if not (outside or nulls):
            return
        odd = np.zeros(len(instants[0]), np.bool_)
        width = np.uint64(timeline.end - timeline.start)
        for chunk in chunks(len(odd)):
            for column in instants:  # as unsigned numbers, instants before the start and NULL are far beyond the width
                odd[chunk] |= (column[chunk] - timeline.start).view(np.uint64) > width
            for column in amounts or ():
                odd[chunk] |= column[chunk] == NULL
        row = odd.argmin()
        self._odd, self.nothing = np.flatnonzero(odd), bool(odd[row])
        self._stand_in = [column[row] for column in self._columns]
        self._copies = np.empty((len(self._columns), min(len(odd), CHUNK)), np.int64)
        if outside:
            self.extents, _ = self._found()

    def as_given(self, chunk: slice) -> list[Ints]:
        """Return the rows `chunk` of each column, as they are. The values in an invalid row may be any numbers."""
        return [column[chunk] for column in self._columns]

    def rows(self, chunk: slice) -> list[Ints]:
        """Return the rows `chunk` of each column, with a valid row in place of each invalid row.

        The result is only good until the next call, which may overwrite it.
        """
        parts = [column[chunk] for column in self._columns]
        if len(self._odd):
            first, last = self._odd.searchsorted([chunk.start, chunk.stop]).tolist()
            odd = self._odd[first:last] - chunk.start
            for number, value in enumerate(self._stand_in):
                copy = self._copies[number, : len(parts[number])]
                copy[:] = parts[number]
                copy[odd] = value
                parts[number] = copy
        return parts

    def _found(self) -> tuple[list[tuple[int, int]], bool]:
        """Return the least and the greatest value of each column, and whether any value is missing."""
        extents, nulls = [(-NULL, NULL)] * len(self._columns), False
        for chunk in chunks(len(self._columns[0])):
            for number, values in enumerate(self.rows(chunk)):
                low, high = extent(values)
                if low == NULL:
                    low, nulls = int((values - 1).min()) + 1, True  # NULL - 1 wraps around to the greatest integer
                extents[number] = min(extents[number][0], low), max(extents[number][1], high)
        return extents, nulls

    def told(self, answers: Ints | None, known: Mask | None) -> Answers:
        """Return the answers, with NULL in rows that are invalid or for which `known` is False.

        If `known` is None, all answers of valid rows are known. If `answers` is None, no answer is known.
        """
        if answers is None:
            answers, lost = np.full(len(self._columns[0]), NULL), np.arange(len(self._columns[0]))
        elif known is None:
            lost = self._odd
        else:
            known[self._odd] = False
            lost = np.flatnonzero(~known)
        answers[lost] = NULL
        for column in self._columns:
            lost = lost[column[lost] != NULL]
        if not len(lost):  # only rows with missing values have no answer
            return Answers(answers)
        unknown = np.zeros(len(answers), np.bool_)
        unknown[lost] = True
        return Answers(answers, unknown)


def _due_either_way(compiled: Compiled, start: Ints, amount: Ints) -> tuple[Ints, Mask]:
    """Return, for each row, the due instant and whether it is known.

    A negative amount counts backwards. For an amount of 0, the due instant is the start. A due instant beyond
    `compiled` is unknown.
    """
    total = compiled.counted(start) + amount
    forward, back = (amount > 0) & (total <= compiled.total), (amount < 0) & (total >= 0)
    answers = start.copy()
    answers[forward] = compiled.reached(total[forward])
    answers[back] = compiled.left(total[back])
    return answers, forward | back | (amount == 0)


def outside(timeline: Timeline) -> str:
    """Return the message for a ticket with a time that the schedule does not know."""
    return f"a time is outside what the schedule knows: {timeline.range}"
