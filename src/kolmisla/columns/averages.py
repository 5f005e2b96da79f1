"""The first responses to the tickets of each plan, as sums from which means are made."""

from typing import NamedTuple

import numpy as np

from kolmisla.columns.kernel.questions import NULL, Mask
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.columns.tickets import Measured

__all__ = ["MeanResponse", "exact_sum", "mean_responses"]

HALF = 32  # bits; both halves of 64 bits are summed separately, because a sum of microseconds may exceed 64 bits


class MeanResponse(NamedTuple):
    """First responses to the tickets of a plan: how many count for its mean, and how long they took together.

    Apart are the tickets that were resolved without an answer, those that were answered at their opening, and those
    that were answered in years whose working hours are unknown.
    """

    plan: str
    answered: int
    took: int  # microseconds of working time
    unanswered: int
    at_opening: int
    beyond: int


def exact_sum(amounts: Ints) -> int:
    """Return the sum of 64-bit integers, which may exceed 64 bits.

    >>> exact_sum(np.array([2**62, 2**62, 2**62, -1])) == 3 * 2**62 - 1
    True
    """
    return (int((amounts >> HALF).sum()) << HALF) + int((amounts & (1 << HALF) - 1).sum())


def mean_responses(tickets: Measured, selected: Mask) -> list[MeanResponse]:
    """Return the first responses to selected tickets that have ended, by plan. They are those in the rows."""
    facts, answered, response = tickets.facts, tickets.answered, tickets.deadlines.response
    promises = [entitlement.promise for entitlement in tickets.promised.entitlements]
    plans = [promise.plan.name if promise and promise.average_on else None for promise in promises]
    distinct = list(dict.fromkeys(plan for plan in plans if plan is not None))
    numbers = np.array([len(distinct) if plan is None else distinct.index(plan) for plan in plans], np.int16)
    number = numbers.take(tickets.promised.places)
    number[~selected | (tickets.deadlines.ended == NULL)] = len(distinct)
    counted = []
    for place, plan in enumerate(distinct):
        rows = np.flatnonzero(number == place)
        given = rows[answered[rows] != NULL]
        late = given[answered[given] != facts.opened[given]]  # those at the opening are counted apart
        took = response[late]
        took = took[took != NULL]
        apart = len(rows) - len(given), len(given) - len(late), len(late) - len(took)
        counted.append(MeanResponse(plan, len(took), exact_sum(took), *apart))
    return counted
