"""Tickets that something happened to besides an answer: raised, paused, resolved and reopened, all at once.

The steps are those of one ticket: events -> states and priorities -> pieces of a clock -> what was counted, and when
a target is reached. Here each step is a column, and a row is an event with the stretch of time until the next one.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.kernel.events import KIND, OPENED, Entries
from kolmisla.columns.kernel.priorities import CARRY, RESTART, RETROACTIVE, Promises
from kolmisla.columns.kernel.questions import NULL, Mask
from kolmisla.columns.kernel.timeline import Compiled, Ints
from kolmisla.policies.plan import FIRST_RESPONSE, RESOLUTION, MetricName

__all__ = ["NOTHING_WRONG", "RELEVANT", "Lives", "Tickets", "lived"]

ANSWERED, PRIORITY, RESOLVED = KIND["answered"], KIND["priority"], KIND["resolved"]
RUNNING_ON, PAUSED_THEN, RESOLVED_THEN, NO_STATE = range(4)
LEADS_TO = np.full(max(KIND.values()) + 1, NO_STATE, np.int8)
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
    entries: Entries, tickets: Tickets, promises: Promises, compiled: list[Compiled], metric: MetricName, now: int
) -> Lives:
    """How tickets stand at `now`, by their entries until then, in order; `compiled` are the promises' schedules."""
    led = LEADS_TO.take(entries.kind)
    state = led.take(_latest(led != NO_STATE))
    ends = _ends(entries, state, len(tickets.opened), metric)
    ended = ends < len(state)
    within = np.flatnonzero(np.arange(len(state)) <= ends.take(entries.ticket))
    if len(within) < len(state):
        entries, state = entries.pick(within), state.take(within)
    ticket, rows = entries.ticket, np.arange(len(state))
    first = np.flatnonzero(entries.kind == OPENED)
    last = np.append(first[1:], len(ticket)) - 1
    stopped = (state == PAUSED_THEN) & promises.pausing.take(tickets.terms).take(ticket)
    if metric == RESOLUTION:
        stopped |= state == RESOLVED_THEN
    stopped[last[ended]] = False
    paused = stopped[last]
    priority = entries.priority.take(_latest((entries.kind == OPENED) | (entries.kind == PRIORITY)))
    terms = (tickets.terms * promises.width).take(ticket)
    wrong = _first_wrong(entries, terms + priority, len(first), promises)
    changed = np.append(False, priority[1:] != priority[:-1])
    changed[first] = False
    several = np.zeros(len(first), np.bool_)
    several[ticket.take(np.flatnonzero(changed))] = True
    reading = np.where(several, promises.reading.take(tickets.terms), CARRY)
    if (reading == RETROACTIVE).any():
        priority = np.where((reading == RETROACTIVE)[ticket], priority[last][ticket], priority)
    if (reading == RESTART).any():
        since = np.maximum.reduceat(rows * changed, first)
        stopped |= (reading == RESTART)[ticket] & (rows < since[ticket])
    changed[first] = True
    pieces = _Pieces(ticket, tickets.opened.take(ticket) + entries.since, terms + priority, stopped, first, last)
    steps = np.flatnonzero(changed & (several & (reading == CARRY)).take(ticket))
    due, breach, elapsed = _counted(pieces, ended, steps, promises, compiled, now)
    return Lives(due, breach, elapsed, pieces.promise.take(last), ended, paused, wrong)


def _first_wrong(entries: Entries, promise: Ints, tickets: int, promises: Promises) -> Ints:
    """The place of each ticket's first promise that is none, and that is in force for a time."""
    ticket, since = entries.ticket, entries.since
    wrong = np.flatnonzero(promises.wrong.take(promise))
    after = np.minimum(wrong + 1, len(ticket) - 1)  # the last of all is not replaced
    at_once = (after > wrong) & (ticket.take(after) == ticket.take(wrong)) & (since.take(after) == since.take(wrong))
    return np.append(promise, NOTHING_WRONG).take(_first_of(wrong[~at_once], ticket, tickets))


def _latest(some: Mask) -> Ints:
    """The place of the latest of some rows, at each row; the first is one of them."""
    return np.maximum.accumulate(np.arange(len(some)) * some)


def _first_of(some: Ints, ticket: Ints, tickets: int) -> Ints:
    """The first of some rows that each ticket has; behind all for none."""
    found = np.full(tickets, len(ticket))
    found[ticket.take(some)[::-1]] = some[::-1]  # what is put last stays
    return found


def _ends(entries: Entries, state: NDArray[np.int8], tickets: int, metric: MetricName) -> Ints:
    """The place of the entry that ends each ticket's cycle; behind all for none."""
    if metric == FIRST_RESPONSE:
        response = np.flatnonzero((entries.kind == ANSWERED) | (entries.kind == RESOLVED))
        return _first_of(response, entries.ticket, tickets)
    turned = np.append(True, state[1:] != state[:-1]) | (entries.kind == OPENED)
    into = np.flatnonzero(turned)
    found = np.empty(tickets, np.int64)
    found[entries.ticket.take(into)] = into  # the last turn stays
    return np.where(state.take(found) == RESOLVED_THEN, found, len(state))


def _counted(
    pieces: _Pieces, ended: Mask, steps: Ints, promises: Promises, compiled: list[Compiled], now: int
) -> tuple[Ints, Ints, Ints]:
    """When the targets are reached, the latest instants that keep them, and the time counted."""
    ticket, start, promise, stopped, first, last = pieces
    schedule = promises.schedule.take(promise)
    end = np.append(start[1:], now)
    end[last] = np.where(ended, start[last], now)
    before, took = np.zeros(len(ticket), np.int64), np.zeros(len(ticket), np.int64)
    for place, each in enumerate(compiled):
        rows = np.flatnonzero((schedule == place) & ~stopped)
        before[rows] = counted = each.counted(start.take(rows))
        took[rows] = each.counted(end.take(rows)) - counted
    total = np.cumsum(took)
    earlier = total - took
    base = earlier.take(first).take(ticket)
    total -= base
    earlier -= base
    elapsed = total.take(last)
    total[last] = np.where(stopped[last], earlier[last], FOREVER)  # as nobody knows of anything after it
    course = _Counted(before, earlier, total, schedule)
    instants = []
    for over, reach in ((np.greater_equal, Compiled.reached), (np.greater, Compiled.left)):
        amount, at_once = _decided(pieces, steps, promises, earlier, over)
        found = _reached(pieces, course, amount, compiled, over, reach)
        instants.append(np.where(at_once == NULL, found, at_once))
    due, breach = instants
    return due, breach, elapsed


def _decided(pieces: _Pieces, steps: Ints, promises: Promises, earlier: Ints, over: np.ufunc) -> tuple[Ints, Ints]:
    """The amount that each ticket's target is, NULL for none; or the change that made it over at once, NULL for none.

    When a change comes, the new target may be over already. Then the change made it so, unless the target before
    was over as well: then that one decides, and so on.
    """
    amount = promises.within[pieces.promise[pieces.last]]
    at_once = np.full(len(amount), NULL)
    if not len(steps):
        return amount, at_once
    ticket, within, spent_by = pieces.ticket[steps], promises.within[pieces.promise[steps]], earlier[steps]
    spent = (steps != pieces.first[ticket]) & (within != NULL) & over(spent_by, within)
    before = np.append(NULL, within[:-1])
    spent_before = (before != NULL) & over(spent_by, before)
    decides = ~(spent & spent_before)
    # of several that might, the last one is put last, and stays
    amount[ticket[decides]] = within[decides]
    at_once[ticket[decides]] = np.where(spent, pieces.start[steps], NULL)[decides]
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
    kept = np.flatnonzero(over(counted.total, amount.take(pieces.ticket)))
    place = _first_of(kept, pieces.ticket, len(amount))
    tickets = np.flatnonzero((place < len(pieces.ticket)) & (amount != NULL))
    place = place[tickets]
    wanted = counted.before[place] + amount[tickets] - counted.earlier[place]
    found = np.full(len(amount), NULL)
    for number, each in enumerate(compiled):
        known = (counted.schedule[place] == number) & over(each.total, wanted)
        found[tickets[known]] = reach(each, wanted[known])
    return found
