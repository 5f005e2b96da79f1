"""Tickets that something happened to besides an answer: raised, paused, resolved and reopened, all at once.

The steps are those of one ticket: events -> states and priorities -> pieces of a clock -> what was counted, and when
a target is reached. Here each step is a column, and a row is an event with the stretch of time until the next one.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from kolmisla.columns.compiled import Compiled
from kolmisla.columns.counting import NULL, Mask
from kolmisla.columns.entries import Entries
from kolmisla.columns.happenings import KIND, OPENED
from kolmisla.columns.lookup import Ints
from kolmisla.columns.promises import CARRY, RESTART, RETROACTIVE, Promises
from kolmisla.plan import FIRST_RESPONSE, RESOLUTION, Metric

__all__ = ["NOTHING_WRONG", "RELEVANT", "Lives", "Tickets", "lived"]

ANSWERED, PRIORITY, RESOLVED = KIND["answered"], KIND["priority"], KIND["resolved"]
RUNNING_ON, PAUSED_THEN, RESOLVED_THEN, NO_STATE = range(4)
LEADS_TO = np.full(max(KIND.values()) + 1, NO_STATE)
LEADS_TO[[OPENED, KIND["resumed"], KIND["reopened"]]] = RUNNING_ON
LEADS_TO[KIND["paused"]], LEADS_TO[RESOLVED] = PAUSED_THEN, RESOLVED_THEN

STATES = tuple(kind for kind, place in KIND.items() if LEADS_TO[place] != NO_STATE)
# What matters for a metric when the clock goes on while a ticket is paused, and when it does not.
RELEVANT = {
    FIRST_RESPONSE: (("answered", "priority", "resolved"), ("answered", "priority", *STATES)),
    RESOLUTION: (("priority", *STATES), ("priority", *STATES)),
}

NOTHING_WRONG = -1
FOREVER = np.iinfo(np.int64).max


class Tickets(NamedTuple):
    """A block of tickets: when each was opened, and the place of its terms."""

    opened: Ints
    terms: Ints


class Lives(NamedTuple):
    """How each ticket of a block stands: instants and amounts NULL for none, the place of the promise to be kept."""

    due: Ints
    breach: Ints
    elapsed: Ints
    promise: Ints
    ended: Mask
    paused: Mask
    wrong: Ints  # the place of the first that is no promise, NOTHING_WRONG for none


class _Pieces(NamedTuple):
    """Stretches of a ticket's clock, each until the next one's start; the last one of each ticket goes on."""

    ticket: Ints
    start: Ints
    promise: Ints
    stopped: Mask
    first: Ints  # of each ticket
    last: Ints


class _Counted(NamedTuple):
    """By piece: what its schedule has counted before it, the clock before and after it, and the schedule's place."""

    before: Ints
    earlier: Ints
    total: Ints
    schedule: Ints


def lived(
    entries: Entries, tickets: Tickets, promises: Promises, compiled: list[Compiled], metric: Metric, now: int
) -> Lives:
    """How tickets stand at `now`, by their entries until then, in order; `compiled` are the promises' schedules."""
    state = LEADS_TO[entries.kind[_latest(LEADS_TO[entries.kind] != NO_STATE)]]
    ends = _ends(entries, state, metric)
    ended = ends < len(entries.ticket)
    within = np.arange(len(entries.ticket)) <= ends[entries.ticket]
    if not within.all():
        entries, state = entries.where(within), state[within]
    ticket = entries.ticket
    first = np.flatnonzero(entries.kind == OPENED)
    last = np.append(first[1:], len(ticket)) - 1
    stopped = (state == PAUSED_THEN) & promises.pausing[tickets.terms][ticket]
    if metric == RESOLUTION:
        stopped |= state == RESOLVED_THEN
    stopped[last[ended]] = False
    paused = stopped[last]
    priority = entries.priority[_latest((entries.kind == OPENED) | (entries.kind == PRIORITY))]
    wrong = _first_wrong(tickets.terms[ticket] * promises.width + priority, first, promises)
    changed = np.append(True, priority[1:] != priority[:-1])
    changed[first] = True
    several = np.add.reduceat(changed, first) > 1
    reading = np.where(several, promises.reading[tickets.terms], CARRY)
    if (reading == RETROACTIVE).any():
        priority = np.where((reading == RETROACTIVE)[ticket], priority[last][ticket], priority)
    if (reading == RESTART).any():
        since = np.maximum.reduceat(np.where(changed, np.arange(len(ticket)), 0), first)
        stopped |= (reading == RESTART)[ticket] & (np.arange(len(ticket)) < since[ticket])
    promise = tickets.terms[ticket] * promises.width + priority
    start = tickets.opened[ticket] + entries.since
    pieces = _Pieces(ticket, start, promise, stopped, first, last)
    steps = changed & (several & (reading == CARRY))[ticket]
    due, breach, elapsed = _counted(pieces, ended, steps, promises, compiled, now)
    return Lives(due, breach, elapsed, promise[last], ended, paused, wrong)


def _first_wrong(promise: Ints, first: Ints, promises: Promises) -> Ints:
    """The place of each ticket's first promise that is none."""
    wrong = promises.wrong[promise]
    if not wrong.any():
        return np.full(len(first), NOTHING_WRONG)
    place = np.minimum.reduceat(np.where(wrong, np.arange(len(promise)), len(promise)), first)
    return np.append(promise, NOTHING_WRONG)[place]


def _latest(some: Mask) -> Ints:
    """The place of the latest of some rows, at each row; the first is one of them."""
    return np.maximum.accumulate(np.where(some, np.arange(len(some)), 0))


def _ends(entries: Entries, state: Ints, metric: Metric) -> Ints:
    """The place of the entry that ends each ticket's cycle; behind all for none."""
    rows, first = np.arange(len(state)), np.flatnonzero(entries.kind == OPENED)
    if metric == FIRST_RESPONSE:
        response = (entries.kind == ANSWERED) | (entries.kind == RESOLVED)
        return np.minimum.reduceat(np.where(response, rows, len(rows)), first)
    last = np.append(first[1:], len(rows)) - 1
    turned = np.append(True, state[1:] != state[:-1])
    turned[first] = True
    return np.where(state[last] == RESOLVED_THEN, _latest(turned)[last], len(rows))


def _counted(
    pieces: _Pieces, ended: Mask, steps: Mask, promises: Promises, compiled: list[Compiled], now: int
) -> tuple[Ints, Ints, Ints]:
    """When the targets are reached, the latest instants that keep them, and the time counted."""
    ticket, start, promise, stopped, first, last = pieces
    schedule = promises.schedule[promise]
    end = np.append(start[1:], now)
    end[last] = np.where(ended, start[last], now)
    before = np.empty(len(ticket), np.int64)
    took = np.empty(len(ticket), np.int64)
    for place, each in enumerate(compiled):
        rows = np.flatnonzero(schedule == place)
        before[rows] = counted = each.counted(start[rows])
        took[rows] = each.counted(end[rows]) - counted
    took[stopped] = 0
    total = np.cumsum(took)
    total -= (total - took)[first][ticket]
    elapsed = total[last]
    earlier = total - took
    total[last] = np.where(stopped[last], earlier[last], FOREVER)  # as nobody knows of anything after it
    course = _Counted(before, earlier, total, schedule)
    instants = []
    for over, reach in ((np.greater_equal, Compiled.reached), (np.greater, Compiled.left)):
        amount, at_once = _decided(pieces, steps, promises, earlier, over)
        found = _reached(pieces, course, amount, compiled, over, reach)
        instants.append(np.where(at_once == NULL, found, at_once))
    due, breach = instants
    return due, breach, elapsed


def _decided(pieces: _Pieces, steps: Mask, promises: Promises, earlier: Ints, over: np.ufunc) -> tuple[Ints, Ints]:
    """The amount that each ticket's target is, NULL for none; or the change that made it over at once, NULL for none.

    When a change comes, the new target may be over already. Then the change made it so, unless the target before
    was over as well: then that one decides, and so on.
    """
    amount = promises.within[pieces.promise[pieces.last]]
    at_once = np.full(len(amount), NULL)
    rows = np.flatnonzero(steps)
    if not len(rows):
        return amount, at_once
    ticket, within = pieces.ticket[rows], promises.within[pieces.promise[rows]]
    began = rows == pieces.first[ticket]
    spent = ~began & (within != NULL) & over(earlier[rows], within)
    before = np.append(NULL, within[:-1])
    spent_before = (before != NULL) & over(earlier[rows], before)
    decides = ~(spent & spent_before)
    # of several that might, the last one is put last, and stays
    amount[ticket[decides]] = within[decides]
    at_once[ticket[decides]] = np.where(spent, pieces.start[rows], NULL)[decides]
    return amount, at_once


def _reached(
    pieces: _Pieces,
    counted: _Counted,
    amount: Ints,
    compiled: list[Compiled],
    over: np.ufunc,
    reach: Callable[[Compiled, Ints], Ints],
) -> Ints:
    """When each ticket's clock has counted an amount; NULL when that is never, or not known."""
    rows = len(pieces.ticket)
    within = np.where(over(counted.total, amount[pieces.ticket]), np.arange(rows), rows)
    place = np.minimum.reduceat(within, pieces.first)
    tickets = np.flatnonzero((place < rows) & (amount != NULL))
    place = place[tickets]
    wanted = counted.before[place] + amount[tickets] - counted.earlier[place]
    found = np.full(len(amount), NULL)
    for number, each in enumerate(compiled):
        known = (counted.schedule[place] == number) & over(each.total, wanted)
        found[tickets[known]] = reach(each, wanted[known])
    return found
