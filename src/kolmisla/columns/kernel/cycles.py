"""The cycles of tickets with events, for all tickets of a block (a part of all tickets) at once.

The steps are those for one ticket, in columns: events -> state and priority after each event -> pieces of time -> the
time counted and the deadlines.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.kernel.events import KIND_CODE, OPENING, BlockEvents
from kolmisla.columns.kernel.priorities import CARRY, RESTART, RETROACTIVE, PieceTargets, PromisesByPriority
from kolmisla.columns.kernel.promises import Codes, TicketQuestion
from kolmisla.columns.kernel.questions import NULL, Mask
from kolmisla.columns.kernel.reasons import (
    LEADS_TO,
    STATE_KINDS,
    TICKET_AS_BEFORE,
    TICKET_PAUSED,
    TICKET_RESOLVED,
    latest_of,
    led_by_reason,
)
from kolmisla.columns.kernel.timeline import LAST, Compiled, Ints
from kolmisla.schedules.schedule import Schedule
from kolmisla.tickets.cycles.shapes import Shape

__all__ = [
    "NOTHING_WRONG",
    "Cycles",
    "KeptPieces",
    "PauseReading",
    "BlockPieces",
    "Tickets",
    "cycles_at",
    "relevant_kinds",
]

PRIORITY = KIND_CODE["priority"]


def relevant_kinds(shape: Shape, *, pausing: bool) -> tuple[str, ...]:
    """Return the kinds of event that matter to a cycle of this shape. `pausing` says whether pauses stop the clock."""
    if shape.goes_on:
        return ("priority", *STATE_KINDS)
    return (*shape.ends, "priority", *(STATE_KINDS if pausing else ("resolved", "reopened") if shape.stands else ()))


NOTHING_WRONG = -1


class Tickets(NamedTuple):
    """The facts of the tickets in one block. A block is a part of all tickets that is judged at once."""

    opened: Ints  # UTC microseconds
    terms: Ints  # each ticket's plan, priority, channel and so on, as an index into `Promised.terms`


class PauseReading(NamedTuple):
    """How pauses are read: whether pauses for several reasons may run at once, and whether pauses stop the clock."""

    by_reason: bool  # whether the pauses of one reason may end while those of another reason go on
    stopping: Mask  # for each combination of plan, priority, channel and so on: whether pauses stop the clock


class Cycles(NamedTuple):
    """The deadlines and states of the tickets in one block, with an entry for each ticket.

    Instants and amounts are in microseconds. The constant NULL stands for a missing value.
    """

    due: Ints
    breach: Ints
    elapsed: Ints
    target: Ints
    unknown: Mask  # whether a target in days names an instant beyond the years that the schedule knows
    promise: Ints  # the index, in PromisesByPriority, of the promise in force
    end: Ints  # the instant at which the cycle has ended, or NULL
    ended: Mask
    paused: Mask
    wrong: Ints  # the index, in PromisesByPriority, of the entry that makes the ticket invalid, or NOTHING_WRONG


class BlockPieces(NamedTuple):
    """The time of tickets in pieces, each from one event of a ticket to its next.

    A ticket's last piece has no end.
    """

    ticket: Ints
    start: Ints
    promise: Ints  # the index, in PromisesByPriority, of the promise in force
    paused: Mask  # whether the clock stands still, whatever the cause
    waits: Mask  # whether the clock stands still because the ticket is paused
    first: Ints  # for each ticket: the index of the ticket's first piece
    last: Ints  # for each ticket: the index of the ticket's last piece


class KeptPieces:
    """The time of all rows of `Deadlines`, in pieces from one event to the next.

    Each row is a cycle. Threads may share this object.
    """

    def __init__(self) -> None:
        # For each block: its rows, and their pieces. The `ticket` of a piece is an index into these rows.
        self.parts: list[tuple[Ints, BlockPieces]] = []
        self.schedules: list[Schedule] = []
        # `schedule` has, for each promise of a piece, an index into `schedules`. `ticket` has the ticket of each row.
        self.schedule = self.ticket = np.zeros(0, np.int64)


class _Counted(NamedTuple):
    """The time counted before and in each piece, in microseconds. A piece is the time between two events."""

    before: Ints  # counted on the piece's schedule up to the start of the piece
    earlier: Ints  # counted by the ticket's clock up to the start of the piece
    total: Ints  # counted by the ticket's clock up to the end of the piece
    schedule: Ints  # the index of the piece's schedule


def cycles_at(
    events: BlockEvents,
    tickets: Tickets,
    promises: PromisesByPriority,
    compiled: list[Compiled],
    question: TicketQuestion,
    pauses: PauseReading,
) -> tuple[Cycles, BlockPieces]:
    """Return the deadlines and states of tickets at `question.now`, and their time in pieces from event to event.

    The events must be sorted, and not be after `question.now`. `compiled` has the open time of `promises.schedules`.
    """
    shape = question.shape
    led = led_by_reason(events) if pauses.by_reason else LEADS_TO.take(events.kind)
    state = led.take(latest_of(led != TICKET_AS_BEFORE))
    ends = _ends(events, state, len(tickets.opened), shape)
    ended = ends < len(state)
    in_cycle = np.flatnonzero(np.arange(len(state)) <= ends.take(events.ticket))
    if len(in_cycle) < len(state):
        events, state = events.pick(in_cycle), state.take(in_cycle)
    ticket, rows = events.ticket, np.arange(len(state))
    first = np.flatnonzero(events.kind == OPENING)
    last = np.append(first[1:], len(ticket)) - 1
    waits = (state == TICKET_PAUSED) & pauses.stopping.take(tickets.terms).take(ticket)
    on_pause = waits | (state == TICKET_RESOLVED) if shape.stands else waits.copy()
    on_pause[last[ended]] = False
    paused = on_pause[last]
    priority = _settled(events, events.value.take(latest_of((events.kind == OPENING) | (events.kind == PRIORITY))))
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
        dropped = (priority_change == RESTART)[ticket] & (rows < since[ticket])
        on_pause |= dropped
        waits &= ~dropped
    changed[first] = True
    pieces = BlockPieces(
        ticket, tickets.opened.take(ticket) + events.since, terms + priority, on_pause, waits, first, last
    )
    targets = promises.targets_of(pieces, changed, priority_change, several, compiled)
    schedule = promises.schedule.take(pieces.promise)
    due, breach, elapsed = _counted(pieces, ended, targets, schedule, compiled, question.now)
    end, target = np.where(ended, pieces.start.take(last), NULL), targets.within.take(last)
    cycles = Cycles(due, breach, elapsed, target, targets.unknown, pieces.promise.take(last), end, ended, paused, wrong)
    return cycles, pieces


def _first_wrong(events: BlockEvents, promise: Ints, tickets: int, promises: PromisesByPriority) -> Ints:
    """Return, for each of `tickets` tickets, the index of its first invalid (`wrong`) entitlement, or NOTHING_WRONG.

    `promise` has the index of the entitlement after each event. An entitlement replaced at the same instant is ignored.
    """
    ticket, since = events.ticket, events.since
    wrong = np.flatnonzero(promises.wrong.take(promise))
    after = np.minimum(wrong + 1, len(ticket) - 1)  # nothing replaces the very last entitlement
    at_once = (after > wrong) & (ticket.take(after) == ticket.take(wrong)) & (since.take(after) == since.take(wrong))
    return np.append(promise, NOTHING_WRONG).take(_first_of(wrong[~at_once], ticket, tickets))


def _settled(events: BlockEvents, priority: Codes) -> Codes:
    """Return, for each event, the `priority` after the last event of the same ticket and instant.

    So a change that is undone at once has no effect. The twin is in `kolmisla.tickets.cycles.cycles`.
    """
    same = (events.ticket[1:] == events.ticket[:-1]) & (events.since[1:] == events.since[:-1])
    if not (same & (events.kind[1:] == PRIORITY)).any():
        return priority
    is_last = np.append(~same, True)
    settled: Codes = priority[np.flatnonzero(is_last)[np.cumsum(is_last) - is_last]]
    return settled


def _first_of(rows: Ints, ticket: Ints, tickets: int) -> Ints:
    """Return, for each of `tickets` tickets, the first row in `rows` that belongs to the ticket.

    `ticket` has the ticket of every row. For a ticket without a row in `rows`, return `len(ticket)`.
    """
    first = np.full(tickets, len(ticket))
    first[ticket.take(rows)[::-1]] = rows[::-1]  # in reverse, so that the first row of a ticket is stored last
    return first


def _ends(events: BlockEvents, state: NDArray[np.int8], tickets: int, shape: Shape) -> Ints:
    """Return, for each ticket, the index of the event that ends its cycle.

    For a cycle that no event ends, return the number of all events. `state` has the state after each event.
    """
    if not shape.goes_on:
        response = np.flatnonzero(np.isin(events.kind, [KIND_CODE[kind] for kind in shape.ends]))
        return _first_of(response, events.ticket, tickets)
    turned = np.append(True, state[1:] != state[:-1]) | (events.kind == OPENING)
    turns = np.flatnonzero(turned)
    last = np.empty(tickets, np.int64)
    last[events.ticket.take(turns)] = turns  # a ticket's last change of state is stored last
    return np.where(state.take(last) == TICKET_RESOLVED, last, len(state))


def _counted(
    pieces: BlockPieces, ended: Mask, targets: PieceTargets, schedule: Ints, compiled: list[Compiled], now: int
) -> tuple[Ints, Ints, Ints]:
    """Return each ticket's due instant, the latest instant that still keeps its target, and the time counted."""
    ticket, start, paused, first, last = pieces.ticket, pieces.start, pieces.paused, pieces.first, pieces.last
    end = np.append(start[1:], now)
    end[last] = np.where(ended, start[last], now)
    before, took = np.zeros(len(ticket), np.int64), np.zeros(len(ticket), np.int64)
    for number, spans in enumerate(compiled):
        rows = np.flatnonzero((schedule == number) & ~paused)
        before[rows] = counted = spans.counted(start.take(rows))
        took[rows] = spans.counted(end.take(rows)) - counted
    total = np.cumsum(took)
    earlier = total - took
    base = earlier.take(first).take(ticket)
    total -= base
    earlier -= base
    elapsed = total.take(last)
    total[last] = np.where(paused[last], earlier[last], LAST)  # an unpaused last piece goes on for ever
    counts = _Counted(before, earlier, total, schedule)
    instants = []
    for used_up, reach in ((np.greater_equal, Compiled.reached), (np.greater, Compiled.left)):
        target, at_once = _decided(pieces, targets, earlier, used_up)
        reached = _reached(pieces, counts, target, compiled, used_up, reach)
        if used_up is np.greater_equal:  # a target of zero is used up at once
            reached = np.where(target == 0, start.take(targets.base), reached)
        instants.append(np.where(at_once == NULL, reached, at_once))
    due, breach = instants
    return due, breach, elapsed


def _decided(pieces: BlockPieces, targets: PieceTargets, earlier: Ints, used_up: np.ufunc) -> tuple[Ints, Ints]:
    """Return each ticket's deciding target, and its deadline if that is the instant of a change, else NULL.

    The last change of priority decides. A change does not count if the time counted before it (`earlier`) uses up both
    the old and the new target.
    """
    steps, target = targets.steps, targets.within[pieces.last]
    at_once = np.full(len(target), NULL)
    if not len(steps):
        return target, at_once
    ticket, within, spent_by = pieces.ticket[steps], targets.within[steps], earlier[steps]
    spent = (steps != pieces.first[ticket]) & (within != NULL) & used_up(spent_by, within)
    before = np.append(NULL, within[:-1])
    spent_before = (before != NULL) & used_up(spent_by, before)
    decides = ~(spent & spent_before)
    # If a ticket has several deciding steps, the last of these steps is stored last, and replaces the others.
    target[ticket[decides]] = within[decides]
    at_once[ticket[decides]] = np.where(spent, pieces.start[steps], NULL)[decides]
    return target, at_once


def _reached(
    pieces: BlockPieces,
    counted: _Counted,
    target: Ints,
    compiled: list[Compiled],
    used_up: np.ufunc,
    reach: Callable[[Compiled, Ints], Ints],
) -> Ints:
    """Return, for each ticket, the instant when `target` is used up, or NULL. `reach` converts amounts to instants."""
    enough = np.flatnonzero(used_up(counted.total, target.take(pieces.ticket)))
    piece = _first_of(enough, pieces.ticket, len(target))
    tickets = np.flatnonzero((piece < len(pieces.ticket)) & (target != NULL))
    piece = piece[tickets]
    wanted = counted.before[piece] + target[tickets] - counted.earlier[piece]
    instants = np.full(len(target), NULL)
    for number, spans in enumerate(compiled):
        known = (counted.schedule[piece] == number) & used_up(spans.total, wanted)
        instants[tickets[known]] = reach(spans, wanted[known])
    return instants
