"""Tickets that something happened to besides an answer: raised, paused, resolved and reopened, all at once.

The steps are those of one ticket: events -> states and priorities -> pieces of a clock -> what was counted, and when
a target is reached. Here each step is a column, and a row is an event with the stretch of time until the next one.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.kernel.events import KIND_CODE, OPENING, BlockEvents
from kolmisla.columns.kernel.priorities import CARRY, RESTART, RETROACTIVE, PromisesByPriority
from kolmisla.columns.kernel.promises import TicketQuestion
from kolmisla.columns.kernel.questions import NULL, Mask
from kolmisla.columns.kernel.timeline import LAST, Compiled, Ints
from kolmisla.policies.plan import FIRST_RESPONSE, RESOLUTION, MetricName
from kolmisla.tickets import event
from kolmisla.tickets.cycles import PAUSED_WHILE_RESOLVED, RESPONSES
from kolmisla.tickets.event import TICKET_STATES

__all__ = ["NOTHING_WRONG", "RELEVANT", "Cycles", "Tickets", "cycles_at"]

PRIORITY = KIND_CODE["priority"]
TICKET_RUNNING, TICKET_PAUSED, TICKET_RESOLVED = map(TICKET_STATES.index, ("running", "paused", "resolved"))
TICKET_AS_BEFORE = len(TICKET_STATES)
LEADS_TO = np.full(max(KIND_CODE.values()) + 1, TICKET_AS_BEFORE, np.int8)
LEADS_TO[OPENING] = TICKET_RUNNING
for _kind, _state in event.LEADS_TO.items():
    LEADS_TO[KIND_CODE[_kind]] = TICKET_STATES.index(_state)
IS_RESPONSE = np.isin(np.arange(len(LEADS_TO)), [KIND_CODE[kind] for kind in RESPONSES])

STATE_KINDS = tuple(kind for kind, place in KIND_CODE.items() if LEADS_TO[place] != TICKET_AS_BEFORE)
# What matters for a metric when the clock goes on while a ticket is paused, and when it does not.
RELEVANT = {
    FIRST_RESPONSE: ((*RESPONSES, "priority"), (*RESPONSES, "priority", *STATE_KINDS)),
    RESOLUTION: (("priority", *STATE_KINDS), ("priority", *STATE_KINDS)),
}

NOTHING_WRONG = -1


class Tickets(NamedTuple):
    """A block of tickets: when each was opened, and the place of its terms."""

    opened: Ints
    terms: Ints


class Cycles(NamedTuple):
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
    paused: Mask
    first: Ints  # of each ticket
    last: Ints


class _Counted(NamedTuple):
    """By piece: what its schedule has counted before it, the clock before and after it, and the schedule's place."""

    before: Ints
    earlier: Ints
    total: Ints
    schedule: Ints


def cycles_at(
    events: BlockEvents,
    tickets: Tickets,
    promises: PromisesByPriority,
    compiled: list[Compiled],
    question: TicketQuestion,
) -> Cycles:
    """How tickets stand, by their events until now, in order; `compiled` are the promises' schedules."""
    metric = question.metric
    led = LEADS_TO.take(events.kind)
    state = led.take(_latest(led != TICKET_AS_BEFORE))
    ends = _ends(events, state, len(tickets.opened), metric)
    ended = ends < len(state)
    in_cycle = np.flatnonzero(np.arange(len(state)) <= ends.take(events.ticket))
    if len(in_cycle) < len(state):
        events, state = events.pick(in_cycle), state.take(in_cycle)
    ticket, rows = events.ticket, np.arange(len(state))
    first = np.flatnonzero(events.kind == OPENING)
    last = np.append(first[1:], len(ticket)) - 1
    on_pause = (state == TICKET_PAUSED) & promises.pausing.take(tickets.terms).take(ticket)
    if metric in PAUSED_WHILE_RESOLVED:
        on_pause |= state == TICKET_RESOLVED
    on_pause[last[ended]] = False
    paused = on_pause[last]
    priority = events.priority.take(_latest((events.kind == OPENING) | (events.kind == PRIORITY)))
    terms = (tickets.terms * promises.width).take(ticket)
    wrong = _first_wrong(events, terms + priority, len(first), promises)
    changed = np.append(False, priority[1:] != priority[:-1])
    changed[first] = False
    several = np.zeros(len(first), np.bool_)
    several[ticket.take(np.flatnonzero(changed))] = True
    priority_change = np.where(several, promises.priority_change.take(tickets.terms), CARRY)
    if (priority_change == RETROACTIVE).any():
        priority = np.where((priority_change == RETROACTIVE)[ticket], priority[last][ticket], priority)
    if (priority_change == RESTART).any():
        since = np.maximum.reduceat(rows * changed, first)
        on_pause |= (priority_change == RESTART)[ticket] & (rows < since[ticket])
    changed[first] = True
    pieces = _Pieces(ticket, tickets.opened.take(ticket) + events.since, terms + priority, on_pause, first, last)
    steps = np.flatnonzero(changed & (several & (priority_change == CARRY)).take(ticket))
    due, breach, elapsed = _counted(pieces, ended, steps, promises, compiled, question.now)
    return Cycles(due, breach, elapsed, pieces.promise.take(last), ended, paused, wrong)


def _first_wrong(events: BlockEvents, promise: Ints, tickets: int, promises: PromisesByPriority) -> Ints:
    """The place of each ticket's first promise that is none, and that is in force for a time."""
    ticket, since = events.ticket, events.since
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


def _ends(events: BlockEvents, state: NDArray[np.int8], tickets: int, metric: MetricName) -> Ints:
    """The place of the event that ends each ticket's cycle; behind all for none."""
    if metric == FIRST_RESPONSE:
        response = np.flatnonzero(IS_RESPONSE.take(events.kind))
        return _first_of(response, events.ticket, tickets)
    turned = np.append(True, state[1:] != state[:-1]) | (events.kind == OPENING)
    into = np.flatnonzero(turned)
    found = np.empty(tickets, np.int64)
    found[events.ticket.take(into)] = into  # the last turn stays
    return np.where(state.take(found) == TICKET_RESOLVED, found, len(state))


def _counted(
    pieces: _Pieces, ended: Mask, steps: Ints, promises: PromisesByPriority, compiled: list[Compiled], now: int
) -> tuple[Ints, Ints, Ints]:
    """When the targets are reached, the latest instants that keep them, and the time counted."""
    ticket, start, promise, paused, first, last = pieces
    schedule = promises.schedule.take(promise)
    end = np.append(start[1:], now)
    end[last] = np.where(ended, start[last], now)
    before, took = np.zeros(len(ticket), np.int64), np.zeros(len(ticket), np.int64)
    for place, each in enumerate(compiled):
        rows = np.flatnonzero((schedule == place) & ~paused)
        before[rows] = counted = each.counted(start.take(rows))
        took[rows] = each.counted(end.take(rows)) - counted
    total = np.cumsum(took)
    earlier = total - took
    base = earlier.take(first).take(ticket)
    total -= base
    earlier -= base
    elapsed = total.take(last)
    total[last] = np.where(paused[last], earlier[last], LAST)  # as nobody knows of anything after it
    counts = _Counted(before, earlier, total, schedule)
    instants = []
    for used_up, reach in ((np.greater_equal, Compiled.reached), (np.greater, Compiled.left)):
        target, at_once = _decided(pieces, steps, promises, earlier, used_up)
        found = _reached(pieces, counts, target, compiled, used_up, reach)
        instants.append(np.where(at_once == NULL, found, at_once))
    due, breach = instants
    return due, breach, elapsed


def _decided(
    pieces: _Pieces, steps: Ints, promises: PromisesByPriority, earlier: Ints, used_up: np.ufunc
) -> tuple[Ints, Ints]:
    """The target of each ticket, NULL for none; or the change that used it up at once, NULL for none.

    When a change comes, the new target may be used up already. Then the change made it so, unless the target before
    was used up as well: then that one decides, and so on.
    """
    target = promises.within[pieces.promise[pieces.last]]
    at_once = np.full(len(target), NULL)
    if not len(steps):
        return target, at_once
    ticket, within, spent_by = pieces.ticket[steps], promises.within[pieces.promise[steps]], earlier[steps]
    spent = (steps != pieces.first[ticket]) & (within != NULL) & used_up(spent_by, within)
    before = np.append(NULL, within[:-1])
    spent_before = (before != NULL) & used_up(spent_by, before)
    decides = ~(spent & spent_before)
    # of several that might, the last one is put last, and stays
    target[ticket[decides]] = within[decides]
    at_once[ticket[decides]] = np.where(spent, pieces.start[steps], NULL)[decides]
    return target, at_once


def _reached(
    pieces: _Pieces,
    counted: _Counted,
    target: Ints,
    compiled: list[Compiled],
    used_up: np.ufunc,
    reach: Callable[[Compiled, Ints], Ints],
) -> Ints:
    """When each ticket's clock has counted its target; NULL when that is never, or not known."""
    kept = np.flatnonzero(used_up(counted.total, target.take(pieces.ticket)))
    place = _first_of(kept, pieces.ticket, len(target))
    tickets = np.flatnonzero((place < len(pieces.ticket)) & (target != NULL))
    place = place[tickets]
    wanted = counted.before[place] + target[tickets] - counted.earlier[place]
    found = np.full(len(target), NULL)
    for number, each in enumerate(compiled):
        known = (counted.schedule[place] == number) & used_up(each.total, wanted)
        found[tickets[known]] = reach(each, wanted[known])
    return found
