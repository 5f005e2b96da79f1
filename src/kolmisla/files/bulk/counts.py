"""Adds answers that are in columns to the counts of a summary: the states and first responses of many tickets."""

from collections.abc import Iterable

import numpy as np

from kolmisla.columns.kernel.deadlines import AS_OPENED, STATES
from kolmisla.columns.kernel.questions import NULL, Mask
from kolmisla.columns.tickets import Measured
from kolmisla.files.responses import PlanAim, Responses, aim_of
from kolmisla.files.summary import Summary

__all__ = ["Response", "count", "responses"]

HALF = 32  # bits; both halves of 64 bits are summed separately, because a sum of microseconds may exceed 64 bits
Response = tuple[PlanAim, Responses]  # an aim of a plan, and first responses that count for it


def count(summary: Summary, tickets: Measured, selected: Mask, metric: str, answered: Iterable[Response] = ()) -> None:
    """Add cycles of a metric to the counts of a summary: how many are in each state, and how many have ended.

    Only cycles in the mask `selected` count. `answered` has first responses to add.
    """
    states = np.bincount(tickets.deadlines.state[selected], minlength=len(STATES))
    for state, number in zip(STATES, states.tolist(), strict=True):
        if state is not None and number:
            summary.count(metric, state, number)
    met, breached = STATES.index("met"), STATES.index("breached")
    of_state, deadlines = tickets.deadlines.state[selected], tickets.deadlines
    own = deadlines.names_of(entry.promise for entry in tickets.promised.entitlements)
    named = deadlines.named[selected]
    named = np.where(named == AS_OPENED, own.take(tickets.promised.places[selected]), named)
    by_name = [np.bincount(named[of_state == state], minlength=len(deadlines.names)) for state in (met, breached)]
    for names, *numbers in zip(deadlines.names, *(counted.tolist() for counted in by_name), strict=True):
        if names is not None:
            summary.judge(metric, *names, *numbers)
    ended = summary.endings.ended
    ended[metric] = ended.get(metric, 0) + int((selected & has_ended(tickets)).sum())
    for aim, given in answered:
        summary.respond(aim, given)


def responses(tickets: Measured, selected: Mask) -> list[Response]:
    """Return the counts of first responses by plan and aim, for the plans that have an aim for the mean response.

    `selected` is a mask of cycles. Only selected cycles that have ended are counted.
    """
    facts, answered, response = tickets.facts, tickets.answered, tickets.deadlines.response
    promises = [entitlement.promise for entitlement in tickets.promised.entitlements]
    aims = [aim_of(promise.plan) if promise else None for promise in promises]
    distinct = list(dict.fromkeys(aim for aim in aims if aim is not None))
    numbers = np.array([len(distinct) if aim is None else distinct.index(aim) for aim in aims], np.int16)
    number = numbers.take(tickets.promised.places)
    number[~selected | ~has_ended(tickets)] = len(distinct)
    counted = []
    for place, aim in enumerate(distinct):
        rows = np.flatnonzero(number == place)
        given = rows[answered[rows] != NULL]
        late = given[answered[given] != facts.opened[given]]  # responses at the opening are counted apart
        took = response[late]
        took = took[took != NULL]
        total = (int((took >> HALF).sum()) << HALF) + int((took & (1 << HALF) - 1).sum())
        told = Responses(len(took), total, len(rows) - len(given), len(given) - len(late), len(late) - len(took))
        counted.append((aim, told))
    return counted


def has_ended(tickets: Measured) -> Mask:
    """Return a mask of the cycles that have ended with a verdict. A withdrawn cycle has no verdict."""
    mask: Mask = tickets.deadlines.ended != NULL
    return mask if tickets.withdrawn is None else mask & ~tickets.withdrawn
