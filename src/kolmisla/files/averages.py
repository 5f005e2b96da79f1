"""First responses towards the averages of their plans, many at once."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from kolmisla.columns.kernel.deadlines import STATES
from kolmisla.columns.kernel.questions import NULL, Mask, elapsed
from kolmisla.columns.tickets import Measured
from kolmisla.files.measure import Summary
from kolmisla.policies.plan import FIRST_RESPONSE

__all__ = ["Responses", "count", "responses"]

HALF = 32  # bits summed apart: a sum of microseconds may be more than an integer holds


class Responses(NamedTuple):
    """Responses to tickets of a plan: how many, their working time together, and how many are in no mean."""

    plan: str
    number: int
    took: int
    beyond: int  # in years whose working hours are not known

    def add_to(self, summary: Summary) -> None:
        """Add them to a summary."""
        before, total = summary.responses.get(self.plan, (0, 0))
        if self.number:
            summary.responses[self.plan] = before + self.number, total + self.took
        summary.beyond += self.beyond


def count(summary: Summary, found: Measured, some: Mask, answered: Iterable[Responses]) -> None:
    """Count some tickets in a summary of first responses: their states, and the responses to them."""
    states = np.bincount(found.deadlines.state[some], minlength=len(STATES))
    for state, number in zip(STATES, states.tolist(), strict=True):
        if state is not None:
            summary.states[FIRST_RESPONSE][state] += number
    summary.rows += int(some.sum())
    for each in answered:
        each.add_to(summary)


def responses(found: Measured, some: Mask, now: int) -> list[Responses]:
    """The responses among some tickets, by plan and by what its average is measured on."""
    facts, places = found.facts, found.promised.places
    answered = some & (facts.answered != NULL) & (facts.answered <= now)
    promises = [each.promise for each in found.promised.entitlements]
    groups = [
        (promise.plan.name, promise.average_on, promise.average_on == promise.schedule)
        if promise and promise.average_on
        else None
        for promise in promises
    ]
    told = []
    apart = list(dict.fromkeys(each for each in groups if each))
    number = np.array([apart.index(each) if each else len(apart) for each in groups], np.int16).take(places)
    for place, (plan, average_on, same) in enumerate(apart):
        rows = np.flatnonzero((number == place) & answered)
        took = found.deadlines.elapsed[rows]
        if not same:
            took = elapsed(facts.opened[rows], facts.answered[rows], average_on).values
            took = took[took != NULL]
        total = (int((took >> HALF).sum()) << HALF) + int((took & (1 << HALF) - 1).sum())
        told.append(Responses(plan, len(took), total, len(rows) - len(took)))
    return told
