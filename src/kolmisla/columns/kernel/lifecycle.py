"""Fills in `Deadlines` for tickets with events, one block of tickets at a time."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.kernel.cycles import NOTHING_WRONG, RELEVANT, Cycles, Tickets, cycles_at
from kolmisla.columns.kernel.deadlines import NOT_COVERED, STATE_BY_BITS, STATES, Deadlines
from kolmisla.columns.kernel.events import BLOCK_TICKETS, KIND_CODE, BlockEvents, Events, contradictory, in_blocks
from kolmisla.columns.kernel.priorities import PromisesByPriority
from kolmisla.columns.kernel.promises import Promised, Reason, TicketColumns, TicketQuestion
from kolmisla.columns.kernel.questions import NULL
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.errors import KolmislaError, TicketError
from kolmisla.policies.plan import FIRST_RESPONSE, MetricName, Promise
from kolmisla.tickets.cycle_clock import NO_DUE_TIME
from kolmisla.tickets.cycle_clocks import cycle_clocks
from kolmisla.tickets.event import TOGETHER, Moment, as_states

__all__ = ["fill_in_events"]

CONTRADICTORY = Reason("events of one instant contradict each other", TicketError)
EVENT_BEFORE_OPENING = Reason("an event is before opened_at", TicketError)
# Nine thousand years before 1970. An earlier event is moved to this instant, so that the time since the opening fits
# into a sort key.
LONG_AGO = -(2**58)


def fill_in_events(
    out: Deadlines, facts: TicketColumns, promised: Promised, happened: Events, question: TicketQuestion
) -> None:
    """Store in `out` the results of tickets with events. Ignore events after now and events that the metric ignores.

    A change of priority before the opening sets the priority at opening. Any other event before the opening is a fault.
    """
    if not (len(out.due) and len(happened.row)):
        return
    judge, tickets, threads = _Judge(out, facts, promised, happened, question), len(out.due), os.cpu_count()
    with ThreadPoolExecutor(threads) as pool:
        blocks = in_blocks(happened.row, tickets, pool, threads or 1)
        far = np.concatenate(list(pool.map(judge.block, range(0, tickets, BLOCK_TICKETS), blocks)))
    if len(far):
        judge.one_by_one(far)


class _Judge:
    """A worker that computes the results of tickets from events. Several threads may call `block` at once."""

    def __init__(
        self, out: Deadlines, facts: TicketColumns, promised: Promised, happened: Events, question: TicketQuestion
    ) -> None:
        self._out, self._facts, self._promised, self._happened = out, facts, promised, happened
        self._question, metric, now = question, question.metric, question.now
        self._promises = promises = PromisesByPriority(promised, question.policy, metric, out, happened.value.values)
        self._contradiction, self._before = out.place(CONTRADICTORY), out.place(EVENT_BEFORE_OPENING)
        self._priority = promises.places(happened.value)
        opened, answered = facts.opened, facts.answered
        covered = promises.covered.take(promised.places)
        valid = (opened != NULL) & ((answered == NULL) | (answered >= opened))
        self._sound = valid & ((opened <= now) | ~covered)
        known = covered & self._sound & (opened >= promises.start) & (now <= promises.end)
        first = int(np.min(opened, initial=now, where=known))
        self._compiled = promises.compiled(first, now) if known.any() else []
        self._known = known | ~covered  # tickets that are not covered need no schedule
        # A table that says whether an event matters. It has a row for each entitlement and a column for each kind of
        # event. The last row is for invalid tickets, for which no kind matters.
        matters = [
            _relevant(entry.promise, metric, checked=checked)
            for entry, checked in zip(promised.entitlements, promises.checked.tolist(), strict=True)
        ]
        self._matters = np.array([*matters, _relevant(None, metric, checked=False)])

    def block(self, lowest: int, indexes: Ints) -> Ints:
        """Store the results of a block of tickets. `lowest` is the first row, and `indexes` are the block's events.

        Leave out each ticket that has a time outside at least one schedule's horizon. Return the indexes of the
        relevant events of the tickets that are left out.
        """
        if not len(indexes):
            return indexes
        rows = slice(lowest, lowest + BLOCK_TICKETS)
        opened, terms, sound = self._facts.opened[rows], self._promised.places[rows], self._sound[rows].copy()
        ticket = self._happened.row.take(indexes) - lowest
        at, kind, start = self._happened.at.take(indexes), self._happened.kind.take(indexes), opened.take(ticket)
        early = ticket[(at < start) & (kind != KIND_CODE["priority"])]
        sound[early] = False
        self._out.reject(lowest + early, self._before)
        matters = self._matters
        matters_row = np.where(sound, terms, len(matters) - 1) * matters.shape[1]
        keep = np.flatnonzero(matters.ravel().take(matters_row.take(ticket) + kind) & (at <= self._question.now))
        far = np.flatnonzero(~self._known[rows].take(ticket.take(keep)))
        outside = indexes.take(keep.take(far))
        if len(far):
            keep = np.delete(keep, far)
        if not len(keep):
            return outside
        since = np.maximum(at, LONG_AGO) - start
        events = BlockEvents(ticket, since, kind, self._priority.take(indexes)).pick(keep)
        touched = np.zeros(len(opened), np.bool_)
        touched[events.ticket] = True
        tickets = np.flatnonzero(touched)
        number = np.cumsum(touched) - 1
        events = events._replace(ticket=number.take(events.ticket))
        self._judge(lowest + tickets, events, Tickets(opened.take(tickets), terms.take(tickets)))
        return outside

    def _answered(self, rows: Ints) -> Ints:
        """Return the rows of tickets whose `answered_at` counts as an event."""
        answered = self._facts.answered.take(rows)
        counts = (answered != NULL) & (answered <= self._question.now)
        return rows[counts] if self._question.metric == FIRST_RESPONSE else rows[:0]

    def _judge(self, rows: Ints, events: BlockEvents, tickets: Tickets) -> None:
        """Store the results of the tickets in `rows`. The `ticket` of an event is an index into `rows`."""
        out, promises = self._out, self._promises
        answered = self._answered(rows)
        if len(answered):
            number = np.searchsorted(rows, answered)
            events = events.with_answers(number, self._facts.answered.take(answered) - tickets.opened.take(number))
        events, first, contradicted = _from_opening(events, promises.first[tickets.terms])
        events = events.with_openings(first).in_turn()
        cycles = cycles_at(events, tickets, promises, self._compiled, self._question)
        contradicted = np.append(contradicted, events.ticket[contradictory(events)])
        covered = promises.covered.take(tickets.terms)
        if covered.all():
            _fill_in(out, rows, cycles, promises)
        else:  # a ticket that is not covered keeps its result, unless an event names an unknown priority
            _fill_in(out, rows[covered], Cycles(*(column[covered] for column in cycles)), promises)
            contradicted = contradicted[covered.take(contradicted)]
        wrong = cycles.wrong != NOTHING_WRONG
        out.reject(rows[wrong], promises.reason[cycles.wrong[wrong]])
        out.reject(rows[contradicted], self._contradiction)

    def one_by_one(self, indexes: Ints) -> None:
        """Store, one by one, the results of the few tickets that `block` has left out.

        `indexes` are the indexes of the events of these tickets.
        """
        out, few = self._out, self._happened.pick(indexes)
        rows = np.unique(few.row)
        answered = self._answered(rows)
        few = few.with_answers(answered, self._facts.answered[answered]).in_turn()
        starts, ends = (np.searchsorted(few.row, rows, side).tolist() for side in ("left", "right"))
        for row, start, end in zip(rows.tolist(), starts, ends, strict=True):
            self._one(row, few.pick(np.arange(start, end)))
        # Here `since` holds instants instead of times since the opening. Only events of one ticket are compared.
        events = BlockEvents(few.row, few.at, few.kind, self._promises.places(few.value))
        out.reject(events.ticket[contradictory(events)], self._contradiction)

    def _one(self, row: int, own: Events) -> None:
        """Store the result of the ticket in `row`. `own` has the ticket's events, which must be in order."""
        out, question = self._out, self._question
        values = [own.value.values[code] for code in own.value.codes.tolist()]
        events = zip(own.at.tolist(), own.kind.tolist(), values, strict=True)
        moments = as_states(Moment(at, TOGETHER[kind - 1], value) for at, kind, value in events)
        plan, priority, channel, version = self._promised.terms[self._promised.places[row]]
        terms = (plan, priority or "", channel, version)
        try:
            clock = cycle_clocks(question.policy, terms, int(self._facts.opened[row]), moments, question.metric)[-1]
            state, elapsed = clock.state_at(question.now)
            within, (due, breach) = clock.promise.within, clock.instants()
        except KolmislaError as fault:
            out.give_reason(np.array([row]), str(fault), type(fault))
            return
        out.due[row], out.breach[row] = (NULL if instant is None else instant for instant in (due, breach))
        out.elapsed[row], out.target[row] = elapsed, NULL if within is None else within
        out.state[row] = NOT_COVERED if within is None else STATES.index(state)
        cause = "paused" if clock.paused_since is not None else clock.promise.schedule.timeline.known
        unknown = None if due is not None else f"{NO_DUE_TIME}: {cause}"
        out.reason[row] = out.place(Reason(clock.promise.missing if within is None else unknown))


def _relevant(promise: Promise | None, metric: MetricName, *, checked: bool) -> list[bool]:
    """Return, for each KIND_CODE, whether this kind of event matters to a ticket with this promise.

    OPENING does not matter. Without a promise, no kind matters, unless `checked` says that names must be checked.
    """
    if promise is None and not checked:
        return [False] * (len(KIND_CODE) + 1)
    kinds = RELEVANT[metric][promise is not None and metric in promise.plan.pausing]
    return [False, *(kind in kinds for kind in KIND_CODE)]


def _from_opening(events: BlockEvents, first: NDArray[np.int16]) -> tuple[BlockEvents, NDArray[np.int16], Ints]:
    """Apply the events before the openings. These events must be changes of priority.

    Return three arrays: the other events, each ticket's priority at opening, and the tickets with a contradiction.
    Changes to two different priorities at one instant contradict each other.
    """
    early = events.since < 0
    if not early.any():
        return events, first, np.zeros(0, np.int64)
    ticket, since, _, priority = events.pick(np.flatnonzero(early)).in_turn()
    same = ticket[1:] == ticket[:-1]
    latest = np.append(~same, True)
    first = first.copy()
    first[ticket[latest]] = priority[latest]
    twice = same & (since[1:] == since[:-1]) & (priority[1:] != priority[:-1])
    return events.pick(np.flatnonzero(~early)), first, ticket[1:][twice]


def _fill_in(out: Deadlines, rows: Ints, cycles: Cycles, promises: PromisesByPriority) -> None:
    """Store the results of the tickets in `rows`. `cycles` has the cycles of these tickets."""
    within = promises.within[cycles.promise]
    promised = within != NULL
    exceeded = cycles.elapsed > within
    bits = cycles.ended.view(np.int8) + 2 * cycles.paused.view(np.int8) + 4 * exceeded.view(np.int8)
    state = STATE_BY_BITS.take(bits)
    state[~promised] = NOT_COVERED
    out.elapsed[rows], out.target[rows], out.state[rows] = cycles.elapsed, within, state
    out.due[rows], out.breach[rows] = (np.where(promised, instants, NULL) for instants in (cycles.due, cycles.breach))
    never = np.where(cycles.paused, promises.paused, promises.never[promises.schedule[cycles.promise]])
    out.reason[rows] = np.where(promised & (cycles.due == NULL), never, promises.reason[cycles.promise])
