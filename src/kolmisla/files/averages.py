"""Adds up the times to first response of many tickets, for the mean of each plan."""

from collections.abc import Iterable

import numpy as np

from kolmisla.columns.kernel.deadlines import STATES
from kolmisla.columns.kernel.questions import NULL, Mask, elapsed
from kolmisla.columns.tickets import Measured
from kolmisla.files.summary import Responses, Summary
from kolmisla.policies.plan import FIRST_RESPONSE

__all__ = ["Response", "count", "responses"]

HALF = 32  # bits; both halves of 64 bits are summed separately, because a sum of microseconds may exceed 64 bits


Response = tuple[str, Responses]  # the name of a plan, and first responses to tickets of the plan


def count(summary: Summary, tickets: Measured, selected: Mask, answered: Iterable[Response]) -> None:
    """Count the selected tickets in a summary of first responses, by state. Also add `answered` to the summary."""
    states = np.bincount(tickets.deadlines.state[selected], minlength=len(STATES))
    for state, number in zip(STATES, states.tolist(), strict=True):
        if state is not None:
            summary.states[FIRST_RESPONSE][state] += number
    summary.rows += int(selected.sum())
    ended = summary.endings.ended
    ended[FIRST_RESPONSE] = ended.get(FIRST_RESPONSE, 0) + int((selected & (tickets.facts.answered != NULL)).sum())
    for plan, given in answered:
        summary.respond(plan, given)


def responses(tickets: Measured, selected: Mask, now: int) -> list[Response]:
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
        total = (int((took >> HALF).sum()) << HALF) + int((took & (1 << HALF) - 1).sum())
        beyond = len(rows) - len(took)
        counted.append((plan, Responses(len(took), total, at_opening=int(at_opening.sum()), beyond=beyond)))
    return counted
