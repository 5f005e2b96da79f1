"""Finds the instant that a target in days names, such as 16:00 on the next working day, for the starts of many cycles.

A look-up finds the course of each start, and a sum gives the instant. The code for a single ticket computes the
courses.
"""

from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from kolmisla.columns.kernel.naming.courses import Courses, open_time_in
from kolmisla.columns.kernel.questions import CHUNK, NULL, chunks, extent
from kolmisla.columns.kernel.timeline import Ints, Lookup, Scratch, Sheet
from kolmisla.policies.plan import Promise
from kolmisla.policies.terms.named_targets import named_by
from kolmisla.schedules.naming.named_instant import InstantNaming, naming_of
from kolmisla.schedules.timeline import Timeline
from kolmisla.times.instants import DAY

__all__ = ["STARTS_AT_ONCE", "NamedInstants", "blocks_of", "named_instants"]

STARTS_AT_ONCE = 366 * DAY  # the length of a block: the courses of the starts in one block are computed at once
FEW_BLOCKS = 4  # if all starts lie in so few blocks in a row, all these blocks are computed, even those without starts


NO_BLOCK = NULL // STARTS_AT_ONCE  # the block of a missing start


def _different(blocks: Ints) -> list[int]:
    """Return the different numbers in `blocks`, from the least to the greatest."""
    least = int(blocks.min())
    if int(blocks.max()) - least < len(blocks):
        return [int(number) + least for number in np.flatnonzero(np.bincount(blocks - least))]
    return [int(number) for number in np.unique(blocks)]


def blocks_of(starts: Ints) -> frozenset[int]:
    """Return the blocks of time in which there are starts, by number. Each block is STARTS_AT_ONCE microseconds long.

    A start that is NULL is in no block.
    """
    parts = (_different(starts[rows] // STARTS_AT_ONCE) for rows in chunks(len(starts)))
    return frozenset(block for part in parts for block in part if block != NO_BLOCK)


class NamedInstants:
    """The instants that one target in days names. They are computed when they are needed, and then stored.

    Threads may share this object.
    """

    __slots__ = ("_blocks", "_naming", "_sheet", "_table", "_timeline", "_times", "_timetable")

    def __init__(self, naming: InstantNaming, timeline: Timeline) -> None:
        self._naming, self._timeline, self._sheet = naming, timeline, Sheet(timeline)
        self._blocks: dict[int, Courses] = {}
        self._table: tuple[frozenset[int], Courses, Lookup] | None = None
        self._times: dict[int, Courses] = {}  # like `_blocks`, but the courses give the open time up to the instant
        self._timetable: tuple[frozenset[int], Courses, Lookup] | None = None

    def longest(self, blocks: Iterable[int]) -> int:
        """Return the longest time from a start in `blocks` to its named instant. There must be at least one block."""
        courses = self.courses(blocks)
        waits = np.where(courses.base == NULL, 0, courses.base + (courses.grows - 1) * courses.since)
        return int(waits.max())

    def courses(self, blocks: Iterable[int]) -> Courses:
        """Return the courses that cover some blocks of time.

        A course is a range of starts for which one formula gives the named instant. For a start outside these blocks,
        the named instant is unknown.
        """
        parts = []
        for block in sorted(blocks):
            if block not in self._blocks:
                self._blocks[block] = self._of_block(block)
            parts.append(self._blocks[block])
        return Courses.joined(parts)

    def of(self, starts: Ints) -> Ints:
        """Return the instant that the target names for each start, or NULL if it is unknown. A start may be NULL."""
        blocks = blocks_of(starts)
        if not blocks:
            return np.full(len(starts), NULL)
        instants = np.empty(len(starts), np.int64)
        courses, turns = self._covering(blocks)
        least = int(courses.since[0])
        for rows in chunks(len(starts)):
            at = starts[rows]
            course = turns.right(np.maximum(at, least)) - 1
            base, named = courses.base.take(course), instants[rows]
            np.multiply(at, courses.grows.take(course), out=named)
            named += base
            odd = (at == NULL) | (base == NULL) | (named > self._timeline.end)
            if odd.any():
                named[odd] = NULL
        return instants

    def amounts(self, starts: Ints) -> Ints:
        """Return the open time from each start to its named instant, or NULL if it is unknown. A start may be NULL.

        The open time is that of the target's schedule.
        """
        blocks = _blocks_about(starts)
        if not blocks:
            return np.full(len(starts), NULL)
        amounts = np.empty(len(starts), np.int64)
        (since, base, grows), turns = self._counting(blocks)
        unknown = np.append(0, np.cumsum(base == NULL))  # how many courses before each one have no amount
        scratch = Scratch(min(len(starts), CHUNK))
        for rows in chunks(len(starts)):
            at, told = starts[rows], amounts[rows]
            first, behind = np.searchsorted(since, extent(at), "right").tolist()
            course = turns.right(at if first else np.maximum(at, since[0]), scratch)
            course -= 1
            work = scratch.values[: len(at)]
            np.multiply(at, grows.take(course, out=work, mode="clip"), out=told)
            told += base.take(course, out=work, mode="clip")
            if not first or unknown[first - 1] < unknown[behind]:
                told[(at == NULL) | (work == NULL)] = NULL
        return amounts

    def _counting(self, blocks: frozenset[int]) -> tuple[Courses, Lookup]:
        table = self._timetable
        if table is None or not blocks <= table[0]:
            blocks |= table[0] if table else frozenset()
            for block in blocks - self._times.keys():
                last = (block + 1) * STARTS_AT_ONCE - 1
                self._times[block] = open_time_in(self.courses([block]), last, self._sheet)
            courses = Courses.joined(self._times[block] for block in sorted(blocks))
            table = self._timetable = blocks, courses, Lookup(courses.since)
        return table[1], table[2]

    def _covering(self, blocks: frozenset[int]) -> tuple[Courses, Lookup]:
        table = self._table
        if table is None or not blocks <= table[0]:
            blocks |= table[0] if table else frozenset()
            courses = self.courses(blocks)
            table = self._table = blocks, courses, Lookup(courses.since)
        return table[1], table[2]

    def _of_block(self, block: int) -> Courses:
        """Return the courses for a block of time.

        The named instant is unknown for a start after the block, and for a start that the schedule does not know.
        """
        first, last = block * STARTS_AT_ONCE, (block + 1) * STARTS_AT_ONCE - 1
        rows = [(first, NULL, 0)]
        for since, instant, grows in self._naming.courses(first, last):
            rows.append((since, NULL, 0) if instant is None else (since, instant - grows * since, int(grows)))
        behind = min(last, max(self._timeline.end, first)) + 1
        since, base, grew = np.array([*rows, (behind, NULL, 0)], np.int64).T
        last_of = np.append(since[1:] != since[:-1], True)  # if several rows begin at one instant, the last counts
        return Courses(since[last_of], base[last_of], grew[last_of])


def _blocks_about(starts: Ints) -> frozenset[int]:
    """Return the blocks of time in which there are starts, by number. A few blocks without starts may be among them."""
    first, last = (at // STARTS_AT_ONCE for at in extent(starts)) if len(starts) else (0, FEW_BLOCKS)
    return frozenset(range(first, last + 1)) if last - first < FEW_BLOCKS and first != NO_BLOCK else blocks_of(starts)


@lru_cache(maxsize=128)
def _of(naming: InstantNaming, timeline: Timeline) -> NamedInstants:
    return NamedInstants(naming, timeline)


def named_instants(promise: Promise) -> NamedInstants:
    """Return the object that finds the instants for the target of a promise.

    Equal targets on one schedule share one object.
    """
    return _of(naming_of(named_by(promise.target), promise.schedule, promise.zone), promise.schedule.timeline)
