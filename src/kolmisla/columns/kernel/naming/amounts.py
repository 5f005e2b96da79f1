"""Converts targets in days, such as "the next working day at 16:00", to amounts of open time, for many tickets.

The amount is what a clock without pauses counts up to the named instant. The twin is `kolmisla.tickets.cycles.naming`.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from kolmisla.columns.kernel.naming.named_instants import NamedInstants, named_instants
from kolmisla.columns.kernel.promises import Entitlement, Promised
from kolmisla.columns.kernel.questions import NULL, Mask
from kolmisla.columns.kernel.timeline import Compiled, Ints

__all__ = ["NamedTargets", "StepRows", "amounts_of_steps", "targets_of"]


class NamedTargets(NamedTuple):
    """The targets in days of a list of entitlements, each different target once.

    `number` has, for each entitlement, an index into `targets`, or -1 if its target is not in days.
    """

    number: Ints
    targets: list[NamedInstants]

    @classmethod
    def among(cls, entitlements: Sequence[Entitlement]) -> "NamedTargets":
        """Return the targets in days of a list of entitlements. Skip targets that are not in days."""
        targets: dict[int, NamedInstants] = {}
        number = np.full(len(entitlements), -1)
        for place, (promise, *_) in enumerate(entitlements):
            if promise is not None and promise.is_unnamed:
                instants = named_instants(promise)
                number[place] = list(targets).index(id(instants)) if id(instants) in targets else len(targets)
                targets[id(instants)] = instants
        return cls(number, list(targets.values()))


def targets_of(promised: Promised, opened: Ints) -> tuple[Ints | None, Mask | None]:
    """Return each ticket's target as an amount of open time, or NULL for none, and a mask of the unknown targets.

    Both results are None if no target is in days. The mask may be None if all targets are known.
    """
    named = NamedTargets.among(promised.entitlements)
    if not named.targets:
        return None, None
    if len(named.targets) == 1 and (named.number >= 0).all():  # all tickets have the same target
        amounts = named.targets[0].amounts(opened)
        unknown = amounts == NULL
        return amounts, unknown & (opened != NULL) if unknown.any() else None
    targets, unknown = promised.within.take(promised.places), np.zeros(len(opened), np.bool_)
    number = named.number.take(promised.places)
    for index, target in enumerate(named.targets):
        rows = np.flatnonzero(number == index)
        start = opened.take(rows)
        amounts = target.amounts(start)
        targets[rows] = amounts
        unknown[rows] = (amounts == NULL) & (start != NULL)
    return targets, unknown


class StepRows(NamedTuple):
    """The time of tickets, cut into steps. During a step, one promise is in force."""

    start: Ints  # the instant at which the step begins
    promise: Ints  # the index of the promise in force
    first: Ints  # the index of the ticket's first step, from whose start the clock counts


def amounts_of_steps(
    steps: StepRows, named: NamedTargets, schedule: Ints, compiled: list[Compiled], ends: Ints
) -> tuple[Ints, Mask]:
    """Return, for each step, its target in days as an amount of open time, and a mask of the unknown amounts.

    The amount is NULL if the target is not in days. `schedule` has, for each promise, an index into `compiled`. `ends`
    has the last instant that each schedule knows.
    """
    start, promise, first = steps
    number, on = named.number.take(promise), schedule.take(promise)
    amounts, unknown = np.full(len(start), NULL), np.zeros(len(start), np.bool_)
    rows = np.flatnonzero(number >= 0)
    if not len(rows):
        return amounts, unknown
    took = np.zeros(len(start), np.int64)
    followed = np.flatnonzero(first[1:] == first[:-1])
    took[followed] = _counted(compiled, on[followed], start[followed], start[followed + 1])
    before = np.cumsum(took) - took
    before -= before.take(first)
    base, number = start.take(first.take(rows)), number.take(rows)
    instants = np.full(len(rows), NULL)
    for index, target in enumerate(named.targets):
        instants[number == index] = target.of(base[number == index])
    missing = instants == NULL
    instants[missing] = base[missing]
    step = rows.copy()  # becomes the step in which the instant lies
    while (early := (instants < start.take(step)) & (step > first.take(rows))).any():
        step[early] -= 1
    missing |= instants > ends.take(on.take(step))
    instants[missing] = start.take(step)[missing]
    amounts[rows] = before.take(step) + _counted(compiled, on.take(step), start.take(step), instants)
    amounts[rows[missing]] = NULL
    unknown[rows] = missing
    return amounts, unknown


def _counted(compiled: list[Compiled], schedule: Ints, start: Ints, end: Ints) -> Ints:
    """Return the open time from each start to its end.

    `schedule` has, for each row, the index of a schedule in `compiled`.
    """
    counted = np.zeros(len(start), np.int64)
    for number, spans in enumerate(compiled):
        rows = np.flatnonzero(schedule == number)
        counted[rows] = spans.counted(end.take(rows)) - spans.counted(start.take(rows))
    return counted
