"""Finds where the cycles of a metric begin and end, for many tickets at once.

A table says what each event does in each state of a ticket (`kolmisla.tickets.cycles.transitions`). One operation on
arrays looks up the next event of all tickets at once.
"""

from typing import NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.kernel.questions import Mask
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.columns.lives.in_order import InOrder, InTurn
from kolmisla.columns.lives.roles import Roles
from kolmisla.tickets.cycles.transitions import STATES_OF_METRIC, Act, first_state, step

__all__ = ["FROM_OPENING", "NO_END", "Marks", "marks_of"]

FROM_OPENING = -1  # in place of the event that begins a cycle
NO_END = -1  # in place of the event that ends a cycle
_ACTS: tuple[Act, ...] = get_args(Act)
_, _START, _AS_ASKED, _REMEMBER, _END, _END_AND_START, _END_AND_REMEMBER, _CANCEL, _GO_ON = range(len(_ACTS))
_FIRST = {before: STATES_OF_METRIC.index(first_state(comes_before=before)) for before in (False, True)}


class Marks(NamedTuple):
    """Where the cycles of tickets begin and end, in columns with a row for each cycle. Rows are sorted by ticket.

    Events are given by their index in `InOrder`.
    """

    ticket: Ints
    begin: Ints  # the event that begins the cycle, or FROM_OPENING
    end: Ints  # the event that ends the cycle, or NO_END
    withdrawn: Mask  # whether the cycle has ended without a verdict


def marks_of(told: InOrder, roles: Roles, has_cycles: Mask, after: Mask) -> Marks:
    """Return where the cycles of tickets begin and end.

    `has_cycles` is True for a ticket that may have cycles. `after` is True for a ticket whose first cycle can only
    begin after an event that the metric names.
    """
    size = len(STATES_OF_METRIC)
    passages = [[step(state, role, repeats=repeats) for state in STATES_OF_METRIC] for role, repeats in roles.pairs]
    states = {state: number for number, state in enumerate(STATES_OF_METRIC)}
    turns = np.array([[states[passage.state] for passage in row] for row in passages], np.int8).ravel()
    acts = np.array([[_ACTS.index(passage.act) for passage in row] for row in passages], np.int8).ravel()
    state = np.where(after, _FIRST[True], _FIRST[False])
    opening = roles.opening * size + state
    state = turns.take(opening)
    opens = np.flatnonzero((acts.take(opening) == _START) & has_cycles)
    act = np.zeros(len(roles.event), np.int8)
    few = np.flatnonzero(roles.event)
    few = few[has_cycles.take(told.events.row.take(few))]
    in_turn = InTurn.of(told.events.row.take(few), len(state))
    role, own = roles.event.take(few) * size, state.take(in_turn.order)
    taken = np.zeros(len(few), np.int8)
    for index in in_turn.turns():
        tickets = len(index)
        place = role.take(index) + own[:tickets]
        taken[index], own[:tickets] = acts.take(place), turns.take(place)
    act[few] = taken
    return _cycles(told, act, opens)


def _cycles(told: InOrder, act: NDArray[np.int8], opens: Ints) -> Marks:
    """Return the cycles, given what each event does (`act`) and the tickets whose opening begins a cycle (`opens`)."""
    row = told.events.row
    starts = np.flatnonzero((act == _START) | (act == _END_AND_START) | (act == _AS_ASKED))
    begin, late = starts.copy(), np.flatnonzero(act.take(starts) == _AS_ASKED)
    begin[late] = told.before(np.flatnonzero((act == _REMEMBER) | (act == _END_AND_REMEMBER)), starts[late])
    ticket = np.append(opens, row.take(starts))
    order = np.argsort(ticket, kind="stable")  # the opening comes first
    ticket, begin = ticket.take(order), np.append(np.full(len(opens), FROM_OPENING), begin).take(order)
    # The cycle to which an event belongs: the last one that has begun before the event.
    ends = np.flatnonzero(np.isin(act, [_END, _END_AND_START, _END_AND_REMEMBER, _CANCEL, _GO_ON]))
    begun = np.zeros(len(told.begin), np.int64)
    begun[opens + 1] = 1
    cycle = np.searchsorted(starts, ends) + np.cumsum(begun).take(row.take(ends) + 1) - 1
    end, withdrawn = np.full(len(ticket), NO_END), np.zeros(len(ticket), np.bool_)
    end[cycle] = np.where(act.take(ends) == _GO_ON, NO_END, ends)  # the last event of a cycle is stored last
    withdrawn[cycle] = act.take(ends) == _CANCEL
    return Marks(ticket, begin, end, withdrawn)
