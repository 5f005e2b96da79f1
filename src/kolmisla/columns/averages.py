"""The first responses to the tickets of each plan, as sums from which means are made."""

from typing import NamedTuple

import numpy as np

from kolmisla.columns.kernel.questions import NULL, Mask, elapsed
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.columns.tickets import Measured

__all__ = ["MeanResponse", "exact_sum", "mean_responses"]

HALF = 32  # bits; both halves of 64 bits are summed separately, because a sum of microseconds may exceed 64 bits


class MeanResponse(NamedTuple):
    """First responses to the tickets of a plan: how many, and how long they took together.

    Apart are the tickets that were answered at their opening, or in years whose working hours are unknown.
    """

    plan: str
    answered: int
    took: int  # microseconds of working time
    at_opening: int
    beyond: int


def exact_sum(amounts: Ints) -> int:
    """Return the sum of 64-bit integers, which may exceed 64 bits.

    >>> exact_sum(np.array([2**62, 2**62, 2**62, -1])) == 3 * 2**62 - 1
    True
    """
    return (int((amounts >> HALF).sum()) << HALF) + int((amounts & (1 << HALF) - 1).sum())


def mean_responses(tickets: Measured, selected: Mask, now: int) -> list[MeanResponse]:
    """Return the first responses to selected tickets that were given by `now`, in groups.

    A group has the responses of one plan whose times are counted on the same schedule. The tickets have no events, so
    no ticket was resolved without an answer.
    """
    facts, places = tickets.facts, tickets.promised.places
    answered = selected & (facts.answered != NULL) & (facts.answered <= now)
    promises = [entitlement.promise for entitlement in tickets.promised.entitlements]
    groups = [
        (promise.plan.name, promise.average_on, promise.average_on == promise.schedule)
        if promise and promise.average_on
        else None
        for promise in promises
    ]
    counted = []
    distinct = list(dict.fromkeys(group for group in groups if group))
    numbers = np.array([distinct.index(group) if group else len(distinct) for group in groups], np.int16).take(places)
    for number, (plan, average_on, same) in enumerate(distinct):
        rows = np.flatnonzero((numbers == number) & answered)
        at_opening = facts.answered[rows] == facts.opened[rows]
        rows = rows[~at_opening]
        took = tickets.deadlines.elapsed[rows]
        if not same:
            took = elapsed(facts.opened[rows], facts.answered[rows], average_on).values
            took = took[took != NULL]
        beyond = len(rows) - len(took)
        counted.append(MeanResponse(plan, len(took), exact_sum(took), int(at_opening.sum()), beyond))
    return counted
