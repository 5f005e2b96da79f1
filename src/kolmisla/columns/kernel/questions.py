"""The questions of a timeline, asked for many rows at once: null-safe, checked against the horizon, in chunks."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.kernel.timeline import Compiled, Ints, sheet
from kolmisla.schedules.schedule import Schedule
from kolmisla.schedules.timeline import Timeline

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
    (low, high), (least, most) = asked.extents
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
    (first, last), (early, late) = asked.extents
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
    ((low, high),) = asked.extents
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
    """Columns of a question; where one has a null, or is outside the horizon, a row that is fine stands in.

    `extents` are the least and the greatest of each column that may be asked.
    """

    __slots__ = ("_columns", "_odd", "_stand_in", "extents", "nothing")

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
        in_horizon = np.ones(len(instants[0]), np.bool_)
        for each in instants:
            in_horizon &= each >= timeline.start  # a null is not
            in_horizon &= each <= timeline.end
        for each in amounts or ():
            in_horizon &= each != NULL
        row = in_horizon.argmax()
        self._odd, self.nothing = np.flatnonzero(~in_horizon), not in_horizon[row]
        self._stand_in = [each[row] for each in self._columns]
        if outside:
            self.extents, _ = self._found()

    def rows(self, some: slice) -> list[Ints]:
        """Some rows of the columns, as they are asked."""
        parts = [each[some] for each in self._columns]
        if len(self._odd):
            first, last = self._odd.searchsorted([some.start, some.stop]).tolist()
            odd = self._odd[first:last] - some.start
            parts = [each.copy() for each in parts]
            for each, other in zip(parts, self._stand_in, strict=True):
                each[odd] = other
        return parts

    def _found(self) -> tuple[list[tuple[int, int]], bool]:
        """The least and the greatest of each column, nulls apart; and whether there are any."""
        found, nulls = [(-NULL, NULL)] * len(self._columns), False
        for some in chunks(len(self._columns[0])):
            for place, each in enumerate(self.rows(some)):
                low, high = extent(each)
                if low == NULL:
                    low, nulls = int((each - 1).min()) + 1, True  # one less than a null is the greatest there is
                found[place] = min(found[place][0], low), max(found[place][1], high)
        return found, nulls

    def told(self, answers: Ints | None, known: Mask | None) -> Answers:
        """The answers to all rows; without any, nothing is known."""
        if answers is None:
            answers, lost = np.full(len(self._columns[0]), NULL), np.arange(len(self._columns[0]))
        elif known is None:
            lost = self._odd
        else:
            known[self._odd] = False
            lost = np.flatnonzero(~known)
        answers[lost] = NULL
        for each in self._columns:
            lost = lost[each[lost] != NULL]
        if not len(lost):  # what is known was given
            return Answers(answers)
        unknown = np.zeros(len(answers), np.bool_)
        unknown[lost] = True
        return Answers(answers, unknown)


def _due_either_way(compiled: Compiled, start: Ints, amount: Ints) -> tuple[Ints, Mask]:
    """The same for amounts of any sign, that may be out of reach; and which are not."""
    total = compiled.counted(start) + amount
    forward, back = (amount > 0) & (total <= compiled.total), (amount < 0) & (total >= 0)
    answers = start.copy()
    answers[forward] = compiled.reached(total[forward])
    answers[back] = compiled.left(total[back])
    return answers, forward | back | (amount == 0)
