"""Counts the tickets of frames in groups. Equal times are kept once, so memory does not grow with each ticket."""

from array import array
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from kolmisla.columns.kernel.promises import Codes
from kolmisla.columns.kernel.questions import Mask
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.reports.figures.amounts import Amounts, Sorted
from kolmisla.reports.figures.tallies import BREACHED, NOT_MEASURED, Key, Of, Tally
from kolmisla.reports.judging.arrays import HALF_OF_64, NUMBER_OF_STATES, CodedKeys, JudgedRows

__all__ = ["Cells", "exact_sum"]

MOST_PENDING = 1 << 22  # the most times that are kept one by one, before equal times are counted together

# A run: different amounts, sorted, and how often each occurs. None in place of the numbers says that each occurs once.
Run = tuple[Ints, Ints | None]


class Cells:
    """Counts of rows in groups, such as the rows of one period, plan and priority. Each group has a key.

    The counts of another `Cells` can be added too.
    """

    def __init__(self) -> None:
        self._place: dict[Key, int] = {}
        self._counts = np.zeros((0, NUMBER_OF_STATES), np.int64)
        self._waiting = np.zeros(0, np.int64)
        self._pending: list[tuple[Codes, Ints]] = []  # the indexes of groups, and the amounts of rows
        self._runs: list[list[Run]] = []  # the runs of each group
        self._totals: list[int] = []  # for each group, the sum of the amounts in its runs
        self._pending_rows = self._pending_runs = self._kept = 0

    def add(self, these: JudgedRows, keys: CodedKeys) -> None:
        """Count the rows in `these`, each in the group that `keys` gives for the row."""
        size, codes = keys.size, keys.code * NUMBER_OF_STATES + these.state
        numbers = np.bincount(codes, minlength=size * NUMBER_OF_STATES).reshape(size, NUMBER_OF_STATES)
        present = np.flatnonzero(numbers.any(axis=1))
        place = np.full(size, -1, np.int64)
        place[present] = [self._place_of(keys.key(code)) for code in present.tolist()]
        self._counts[place[present]] += numbers[present]
        waiting = np.bincount(keys.code[(these.state == BREACHED) & ~these.ended], minlength=size)
        self._waiting[place[present]] += waiting[present]
        measured: Mask = these.ended & (these.state != NOT_MEASURED)
        small: Codes = place.astype(np.int16 if len(self._place) < 2**15 else np.int32)
        self._pending.append((small.take(keys.code[measured]), these.elapsed[measured]))
        self._pending_rows += len(self._pending[-1][0])
        self._settle_if_many()

    def absorb(self, other: "Cells") -> None:
        """Add the counts of `other`, whose `settle` must have been called."""
        for key, there in other._place.items():
            here = self._place_of(key)
            self._counts[here] += other._counts[there]
            self._waiting[here] += other._waiting[there]
            self._runs[here] += other._runs[there]
            self._totals[here] += other._totals[there]
        self._pending_runs += other._kept
        self._settle_if_many()

    def settle(self) -> None:
        """Join equal amounts. Each group then stores each different amount once, and how often it occurs."""
        if self._pending:
            code, amounts = (np.concatenate(column) for column in zip(*self._pending, strict=True))
            self._pending.clear()
            amounts = amounts.take(np.argsort(code, kind="stable"))
            ends = np.cumsum(np.bincount(code, minlength=len(self._place))).tolist()
            for place, (start, end) in enumerate(zip([0, *ends], ends, strict=False)):
                if start < end:
                    own = amounts[start:end]
                    self._totals[place] += exact_sum(own)
                    own.sort()
                    self._runs[place].append(_each_once(own))
        for runs in self._runs:
            if len(runs) > 1:
                runs[:] = [_merged(runs)]
        self._kept = sum(len(values) for runs in self._runs for values, _ in runs)
        self._pending_rows = self._pending_runs = 0

    def tallies(self, of: Of) -> tuple[Tally, ...]:
        """Return the counts of each group as a `Tally`, sorted by key. No rows can be added afterwards."""
        self.settle()
        made = []
        for key, place in self._place.items():
            counts, waiting = tuple(self._counts[place].tolist()), int(self._waiting[place])
            amounts = Amounts(map(_sorted, self._taken(place)), self._totals[place])
            made.append(replace(Tally(of, *key), counts=counts, waiting=waiting, amounts=amounts))
        return tuple(sorted(made, key=lambda tally: tally.place))

    def _taken(self, place: int) -> Iterator[Run]:
        """Yield the runs (see `Run`) of the group with the index `place`. Remove each run from the group.

        Because they are removed, memory never holds all runs together with what the caller makes of them.
        """
        while self._runs[place]:
            yield self._runs[place].pop()

    @property
    def rows(self) -> int:
        """How many amounts are kept. Equal amounts that were not joined yet (see `settle`) count several times."""
        return self._kept + self._pending_rows + self._pending_runs

    def _settle_if_many(self) -> None:
        if self._pending_rows + self._pending_runs >= max(MOST_PENDING, self._kept):
            self.settle()

    def _place_of(self, key: Key) -> int:
        """Return the index of the group with a key. For a new key, make an empty group."""
        place = self._place.setdefault(key, len(self._place))
        if place == len(self._runs):
            self._runs.append([])
            self._totals.append(0)
            if place == len(self._counts):  # make room for twice as many
                self._counts = np.concatenate([self._counts, np.zeros((place + 1, NUMBER_OF_STATES), np.int64)])
                self._waiting = np.append(self._waiting, np.zeros(place + 1, np.int64))
        return place


def _merged(runs: list[Run]) -> Run:
    """Join several runs (see `Run`) into one."""
    values = np.concatenate([values for values, _ in runs])
    counts = np.concatenate([_counts(run) for run in runs])
    order = np.argsort(values, kind="stable")  # a stable sort merges runs that are sorted
    return _each_once(values.take(order), counts.take(order))


def _counts(run: Run) -> Ints:
    values, counts = run
    return np.ones(len(values), np.int64) if counts is None else counts


def _each_once(values: Ints, counts: Ints | None = None) -> Run:
    """Return a run (see `Run`) of amounts: each different amount once, and how often it occurs.

    `values` are the sorted amounts. `counts` says how often each of them occurs. None says that each occurs once.
    """
    first = np.append(True, values[1:] != values[:-1])
    if not first.all():
        starts = np.flatnonzero(first)
        if counts is None:
            return values[starts], np.diff(np.append(starts, len(values)))
        return values[starts], np.add.reduceat(counts, starts)
    return values.copy(), None if counts is None or bool((counts == 1).all()) else counts


def _sorted(run: Run) -> Sorted:
    """Convert a run (see `Run`) to a `Sorted`. Its ranks say how many of the amounts do not exceed each value."""
    values, counts = run
    return Sorted(_plain(values), range(1, len(values) + 1) if counts is None else _plain(np.cumsum(counts)))


def _plain(values: Ints) -> Any:
    plain = array("q")
    plain.frombytes(values.data.cast("B"))
    return plain


def exact_sum(amounts: Ints) -> int:
    """Return the exact sum of amounts, even if it does not fit into 64 bits."""
    return (int((amounts >> HALF_OF_64).sum()) << HALF_OF_64) + int((amounts & (1 << HALF_OF_64) - 1).sum())
