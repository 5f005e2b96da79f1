"""Judges the cycles of tickets that arrays cannot judge, one after another, with the code for a single ticket."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from kolmisla.columns.kernel.alone.answers import fill_in_clock, fill_in_uncovered
from kolmisla.columns.kernel.alone.events import OneByOne
from kolmisla.columns.kernel.deadlines import Deadlines, fill_in_responses
from kolmisla.columns.kernel.promises import Promised, Reason, TicketColumns, TicketQuestion
from kolmisla.columns.kernel.questions import NULL
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.columns.lives.cycles import TicketCycles, pick_cycles
from kolmisla.errors import KolmislaError, NotCoveredError, TicketError
from kolmisla.tickets.cycles.cycle_clock import CycleClock
from kolmisla.tickets.cycles.cycle_clocks import cycle_clocks, uncovered_cycles
from kolmisla.tickets.cycles.cycles import CycleFacts
from kolmisla.tickets.cycles.shapes import NOT_YET
from kolmisla.tickets.event import Moment

__all__ = ["judged_alone"]


class _Cycle(NamedTuple):
    """A cycle of a ticket, and the events of the ticket (`moments`)."""

    ticket: int
    number: int  # within the ticket, from 1
    clock: CycleClock | CycleFacts  # only the facts, if the policy promises nothing
    reason: str  # why the policy promises nothing, or an empty text
    moments: Sequence[Moment]


def judged_alone(
    facts: TicketColumns, alone: OneByOne, rows: Ints, terms: Promised, question: TicketQuestion
) -> tuple[TicketCycles, dict[int, Reason]]:
    """Return the cycles of the tickets in `rows`, and the faults of invalid tickets, by row.

    The cycles of invalid tickets are left out. `terms` has what is promised to each ticket when it is opened.
    """
    faults: dict[int, Reason] = {}
    cycles: list[_Cycle] = []
    for row in rows.tolist():
        entry = terms.entitlements[terms.places[row]]
        if entry.error is not None:
            faults[row] = Reason(entry.reason, entry.error)
            continue
        try:
            cycles += _cycles(alone, row, question)
        except KolmislaError as fault:
            faults[row] = Reason(str(fault), type(fault))
    out = Deadlines.of(len(cycles))
    for place, cycle in enumerate(cycles):
        try:
            if isinstance(cycle.clock, CycleFacts):
                fill_in_uncovered(out, place, cycle.clock, cycle.reason)
            else:
                fill_in_clock(out, place, cycle.clock, cycle.moments, question.now)
        except KolmislaError as fault:
            faults.setdefault(cycle.ticket, Reason(str(fault), type(fault)))
    ticket = np.array([cycle.ticket for cycle in cycles], np.int64)
    began = np.array([cycle.clock.started for cycle in cycles], np.int64)
    own = terms._replace(places=terms.places.take(ticket))
    columns = [column.pick(ticket) for column in facts[:4]]
    begun = TicketColumns(columns[0], columns[1], columns[2], columns[3], began, began)
    answered = np.array([out.answered.get(place, NULL) for place in range(len(cycles))], np.int64)
    fill_in_responses(out, begun, own, answered)
    number = np.array([cycle.number for cycle in cycles], np.int64)
    withdrawn = np.array([cycle.clock.withdrawn for cycle in cycles], np.bool_)
    nobody = np.zeros(len(facts.opened), np.bool_)
    found = TicketCycles(ticket, number, begun, own, out, answered, withdrawn, nobody, terms)
    return (pick_cycles(found, ~np.isin(ticket, [*faults])) if faults else found), faults


def _cycles(alone: OneByOne, row: int, question: TicketQuestion) -> list[_Cycle]:
    """Return the cycles of the ticket in the row `row`. Raise KolmislaError if the ticket is invalid."""
    terms, opened, moments = alone.terms(row), alone.opened(row), alone.moments(row)
    try:
        clocks = cycle_clocks(question.policy, terms, opened, moments, question.metric)
    except NotCoveredError as reason:
        cycles = uncovered_cycles(question.policy, terms, opened, moments, question.metric)
        return [_Cycle(row, number, cycle, str(reason), moments) for number, cycle in enumerate(cycles, 1)]
    if clocks and opened > question.now:
        raise TicketError(NOT_YET)
    return [_Cycle(row, number, clock, "", moments) for number, clock in enumerate(clocks, 1)]
