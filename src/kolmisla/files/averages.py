"""Adds up the times to first response of many tickets, for the mean of each plan."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from kolmisla.columns.kernel.deadlines import STATES
from kolmisla.columns.kernel.questions import NULL, Mask, elapsed
from kolmisla.columns.tickets import Measured
from kolmisla.files.measure import Summary
from kolmisla.policies.plan import FIRST_RESPONSE

__all__ = ["Responses", "count", "responses"]

HALF = 32  # bits; both halves of 64 bits are summed separately, because a sum of microseconds may exceed 64 bits


class Responses(NamedTuple):
    """First responses for one plan: their number and total working time. The mean leaves out `beyond` others."""

    plan: str
    number: int
    took: int  # microseconds
    beyond: int  # responses in years whose working hours are unknown

    def add_to(self, summary: Summary) -> None:
        """Add these responses to a summary."""
        before, total = summary.responses.get(self.plan, (0, 0))
        if self.number:
            summary.responses[self.plan] = before + self.number, total + self.took
        summary.beyond += self.beyond


def count(summary: Summary, tickets: Measured, selected: Mask, answered: Iterable[Responses]) -> None:
    """Count the selected tickets in a summary of first responses, by state. Also add `answered` to the summary."""
    states = np.bincount(tickets.deadlines.state[selected], minlength=len(STATES))
    for state, number in zip(STATES, states.tolist(), strict=True):
        if state is not None:
            summary.states[FIRST_RESPONSE][state] += number
    summary.rows += int(selected.sum())
    for group in answered:
        group.add_to(summary)


def responses(tickets: Measured, selected: Mask, now: int) -> list[Responses]:
    """Return the first responses to selected tickets that were given by `now`, in groups.

    A group has the responses of one plan whose times are counted on the same schedule.
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
        took = tickets.deadlines.elapsed[rows]
        if not same:
            took = elapsed(facts.opened[rows], facts.answered[rows], average_on).values
            took = took[took != NULL]
        total = (int((took >> HALF).sum()) << HALF) + int((took & (1 << HALF) - 1).sum())
        counted.append(Responses(plan, len(took), total, len(rows) - len(took)))
    return counted
