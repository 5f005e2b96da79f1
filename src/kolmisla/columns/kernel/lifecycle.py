"""Stores the deadlines and states of tickets with events in `Deadlines`, block by block."""

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import numpy as np

from kolmisla.columns.kernel.alone.answers import fill_in_clock, fill_in_uncovered
from kolmisla.columns.kernel.alone.events import OneByOne
from kolmisla.columns.kernel.cycles import (
    NOTHING_WRONG,
    Cycles,
    KeptPieces,
    PauseReading,
    Tickets,
    cycles_at,
    relevant_kinds,
)
from kolmisla.columns.kernel.deadlines import NOT_COVERED, STATE_BY_BITS, Deadlines
from kolmisla.columns.kernel.events import (
    BEFORE_ALL,
    BLOCK_TICKETS,
    KIND_CODE,
    NO_REASON,
    OPENING,
    BlockEvents,
    Events,
    from_opening,
    in_blocks,
    turned,
)
from kolmisla.columns.kernel.priorities import PromisesByPriority
from kolmisla.columns.kernel.promises import Promised, Reason, TicketColumns, TicketQuestion
from kolmisla.columns.kernel.questions import NULL, Mask
from kolmisla.columns.kernel.reasons import Reasons
from kolmisla.columns.kernel.timeline import LAST, Ints
from kolmisla.errors import HorizonError, KolmislaError, NotCoveredError, TicketError
from kolmisla.policies.plan import Promise
from kolmisla.tickets.cycles.cycle_clocks import cycle_clocks, uncovered_cycles
from kolmisla.tickets.cycles.shapes import Shape, rare_kinds
from kolmisla.tickets.states import AT_OPENING

__all__ = ["ANSWERED_AT", "EVENT_BEFORE_OPENING", "EVERY_KIND", "TELLS_OPENING", "fill_in_events"]

EVENT_BEFORE_OPENING = Reason("an event is before opened_at", TicketError)
# Nine thousand years before 1970. An earlier event is moved to this instant, so that the time since the opening fits
# into a sort key.
LONG_AGO = -(2**58)
# Events of one instant are in this order: the opening, the events before the opening, `answered_at`, other columns of
# the tickets (BEFORE_LOG), and the rows of the log.
ANSWERED_AT = BEFORE_ALL // 4
EVERY_KIND = np.arange(max(KIND_CODE.values()) + 1, dtype=np.int8)
TELLS_OPENING = np.isin(EVERY_KIND, [KIND_CODE[kind] for kind in AT_OPENING])


def fill_in_events(
    out: Deadlines,
    facts: TicketColumns,
    promised: Promised,
    happened: Events,
    question: TicketQuestion,
    kept: KeptPieces | None = None,
) -> None:
    """Store the deadlines and states of tickets with events in `out`.

    Events after `question.now` are left out. Before the opening, only events of the kinds in AT_OPENING are valid. If
    `kept` is given, add to it the time of each ticket, in pieces.
    """
    if not (len(out.due) and len(happened.row)):
        return
    judge, tickets, threads = _Judge(out, facts, promised, happened, question, kept), len(out.due), os.cpu_count()
    with ThreadPoolExecutor(threads) as pool:
        blocks = in_blocks(happened.row, tickets, pool, threads or 1)
        far = np.concatenate(list(pool.map(judge.block, range(0, tickets, BLOCK_TICKETS), blocks)))
    if len(far):
        judge.one_by_one(far)


class _Judge:
    """A judge of tickets, which stores their deadlines and states. Several threads may call `block` at once."""

    def __init__(
        self,
        out: Deadlines,
        facts: TicketColumns,
        promised: Promised,
        happened: Events,
        question: TicketQuestion,
        kept: KeptPieces | None,
    ) -> None:
        self._out, self._facts, self._promised, self._happened = out, facts, promised, happened
        self._question, metric, now = question, question.metric, question.now
        self._special = np.isin(EVERY_KIND, [KIND_CODE[kind] for kind in rare_kinds(question.policy, metric)])
        self._promises = promises = PromisesByPriority(promised, question.policy, metric, out, happened.value.values)
        self._kept = kept
        if kept is not None:
            kept.schedules, kept.schedule = promises.schedules, promises.schedule
        self._before = out.place(EVENT_BEFORE_OPENING)
        self._reasons = reasons = Reasons(promised, question.policy, metric, happened.reason.values)
        self._value = promises.places(happened.value)
        self._by_reason = happened.by_reason or bool(reasons.ends) or reasons.stops is not None
        if self._by_reason:
            self._value = np.where(happened.kind == KIND_CODE["priority"], self._value, reasons.of(happened.reason))
        self._reading = PauseReading(self._by_reason, np.array(reasons.pausing))
        self._turning = Lock()
        self._backwards: Mask | None = None
        opened, answered = facts.opened, facts.answered
        covered = promises.covered.take(promised.places)
        valid = (opened != NULL) & ((answered == NULL) | (answered >= opened))
        self._sound = valid & ((opened <= now) | ~covered)
        known = covered & self._sound & (opened >= promises.start) & (now <= promises.end)
        first = int(np.min(opened, initial=now, where=known))
        changed = happened.at[happened.kind == KIND_CODE["priority"]]
        self._compiled = promises.compiled(first, now, (opened, changed)) if known.any() else []
        self._known = known | ~covered  # tickets that are not covered need no schedule
        # A table that says whether an event matters. It has a row for each entitlement and a column for each kind of
        # event. The last row is for invalid tickets, for which no kind matters.
        matters = [
            _relevant(entry.promise, question.shape, checked=checked, asked=asked, pausing=pausing)
            for entry, checked, asked, pausing in zip(
                promised.entitlements,
                promises.checked.tolist(),
                reasons.asked,
                reasons.pausing,
                strict=True,
            )
        ]
        self._matters = np.array([*matters, [False] * len(matters[0])])

    def block(self, lowest: int, indexes: Ints) -> Ints:
        """Store the deadlines and states of the tickets in one block, except those that arrays cannot judge.

        Return the indexes of the events of the tickets that are left out. The block begins at the row `lowest` and has
        the events `indexes`.
        """
        if not len(indexes):
            return indexes
        rows = slice(lowest, lowest + BLOCK_TICKETS)
        opened, terms, sound = self._facts.opened[rows], self._promised.places[rows], self._sound[rows].copy()
        ticket = self._happened.row.take(indexes) - lowest
        at, kind, start = self._happened.at.take(indexes), self._happened.kind.take(indexes), opened.take(ticket)
        if not self._question.by_cycle:  # in a row that is a cycle, events before its beginning are no fault
            early = ticket[(at < start) & ~TELLS_OPENING.take(kind)]
            sound[early] = False
            self._out.reject(lowest + early, self._before)
        matters = self._matters
        matters_row = np.where(sound, terms, len(matters) - 1) * matters.shape[1]
        keep = np.flatnonzero(matters.ravel().take(matters_row.take(ticket) + kind) & (at <= self._question.now))
        value, idle = self._value.take(indexes), None
        special = np.zeros(len(opened), np.bool_)
        special[ticket.take(np.flatnonzero(self._special.take(kind) & (at <= self._question.now)))] = True
        if self._reasons.stops is not None:  # some pauses do not stop the clock
            idle = kind == KIND_CODE["paused"]
            idle &= ~self._reasons.stops[terms.take(ticket), np.where(idle, value, NO_REASON)]
            if self._question.shape.goes_on:  # such a pause reopens a ticket that is resolved
                resolved, resolved_at = kind == KIND_CODE["resolved"], np.full(len(opened), LAST)
                np.minimum.at(resolved_at, ticket[resolved], at[resolved])
                special[ticket[idle & (at >= resolved_at.take(ticket))]] = True
        special &= sound
        away = np.flatnonzero((special | ~self._known[rows]).take(ticket.take(keep)))
        outside = indexes.take(keep.take(away))
        if special.any():
            outside = np.union1d(outside, indexes[special.take(ticket) & (at <= self._question.now)])
        if len(away):
            keep = np.delete(keep, away)
        if not len(keep):
            return outside
        since = np.maximum(at, LONG_AGO) - start
        state = None if self._happened.is_state is None else self._happened.is_state.take(indexes)
        place = self._happened.place(indexes)
        if idle is not None:
            if state is not None:  # a state ends the pauses before it, whether it stops the clock or not
                ends = idle & state
                kind, value = np.where(ends, KIND_CODE["resumed"], kind), np.where(ends, NO_REASON, value)
                state, idle = state & ~ends, idle & ~ends
            keep = keep[~idle.take(keep)]
            if not len(keep):
                return outside
        events = BlockEvents(ticket, since, kind, value, place, state).pick(keep)
        touched = np.zeros(len(opened), np.bool_)
        touched[events.ticket] = True
        tickets = np.flatnonzero(touched)
        number = np.cumsum(touched) - 1
        events = events._replace(ticket=number.take(events.ticket))
        self._judge(lowest + tickets, events, Tickets(opened.take(tickets), terms.take(tickets)))
        return outside

    def _answered(self, rows: Ints) -> Ints:
        """Return those of `rows` in which the time `answered_at` counts as an event `answered`."""
        answered = self._facts.answered.take(rows)
        counts = (answered != NULL) & (answered <= self._question.now)
        return rows[counts] if self._question.ends_with_answer else rows[:0]

    def _judge(self, rows: Ints, events: BlockEvents, tickets: Tickets) -> None:
        """Store the deadlines and states of the tickets in `rows`. The `ticket` of an event is an index into `rows`."""
        out, promises = self._out, self._promises
        answered = self._answered(rows)
        if len(answered):
            number = np.searchsorted(rows, answered)
            since = self._facts.answered.take(answered) - tickets.opened.take(number)
            place = np.full(len(number), ANSWERED_AT)
            events = events.and_also(number, since, KIND_CODE["answered"], place.astype(np.int16), place)
        if self._reasons.ends:
            events = self._with_ends(events, tickets)
        if (events.since < 0).any():
            events = from_opening(events._replace(place=self._places(events, rows)))
        number = np.arange(len(rows))
        first, place = promises.first[tickets.terms], np.full(len(rows), BEFORE_ALL)
        events, ties = events.and_also(number, np.zeros(len(rows), np.int64), OPENING, first, place).in_turn()
        if ties.any():
            told = events.place >= 0
            same = (told[1:] & told[:-1] & ties[1:]).any()
            events = events.ordered(ties, self._places(events, rows) if same else events.place)
        cycles, pieces = cycles_at(events, tickets, promises, self._compiled, self._question, self._reading)
        if self._kept is not None:
            self._kept.parts.append((rows, pieces))
        covered = promises.covered.take(tickets.terms)
        out.ended[rows] = cycles.end
        if covered.all():
            _fill_in(out, rows, cycles, promises)
        else:  # a ticket that is not covered keeps its other answers, unless an event names an unknown priority
            _fill_in(out, rows[covered], Cycles(*(column[covered] for column in cycles)), promises)
        for row in np.flatnonzero(cycles.unknown & covered).tolist():
            beyond = promises.beyond[promises.schedule[cycles.promise[row]]]
            out.give_reason(rows[row : row + 1], beyond, HorizonError)
        wrong = cycles.wrong != NOTHING_WRONG
        out.reject(rows[wrong], promises.reason[cycles.wrong[wrong]])

    def _with_ends(self, events: BlockEvents, tickets: Tickets) -> BlockEvents:
        """Return the events, followed by the ends of the pauses that end when a customer asks a question."""
        asked = np.flatnonzero(events.kind == KIND_CODE["asked"])
        terms = tickets.terms.take(events.ticket.take(asked))
        for reason, ends in self._reasons.ends.items():
            rows = asked[ends.take(terms)]
            value = np.full(len(rows), reason, events.value.dtype)
            ticket, since, place = (column.take(rows) for column in (events.ticket, events.since, events.place))
            events = events.and_also(ticket, since, KIND_CODE["resumed"], value, place)
        return events

    def _places(self, events: BlockEvents, rows: Ints) -> Ints:
        """Return the numbers that sort events of one instant. Reverse them for a ticket whose rows run back in time."""
        log, place = self._happened.log, events.place
        if log is None:
            return place
        with self._turning:
            if self._backwards is None:
                self._backwards = log.backwards(len(self._out.due))
        return np.where(self._backwards.take(rows).take(events.ticket), turned(place), place)

    def one_by_one(self, indexes: Ints) -> None:
        """Judge, one by one, the few tickets that `block` has left out.

        `indexes` has their events. If rows are cycles (`by_cycle`), only mark them as invalid: the caller judges them.
        """
        few, question, out = self._happened.pick(indexes), self._question, self._out
        rows = np.unique(few.row)
        if question.by_cycle:  # the events before a cycle are not known
            out.give_reason(rows, "a time is outside what a schedule knows", HorizonError)
            return
        alone = OneByOne(self._facts, self._promised, few, question.now)
        for row in rows.tolist():
            terms, opened, moments = alone.terms(row), alone.opened(row), alone.moments(row)
            try:
                for clock in cycle_clocks(question.policy, terms, opened, moments, question.metric)[-1:]:
                    fill_in_clock(out, row, clock, moments, question.now)
            except NotCoveredError as reason:
                for cycle in uncovered_cycles(question.policy, terms, opened, moments, question.metric)[-1:]:
                    fill_in_uncovered(out, row, cycle, str(reason))
            except KolmislaError as fault:
                out.give_reason(np.array([row]), str(fault), type(fault))


def _relevant(promise: Promise | None, shape: Shape, *, checked: bool, asked: bool, pausing: bool) -> list[bool]:
    """Return, for each KIND_CODE, whether this kind of event matters to a ticket with this promise.

    `checked` says that the names of priorities are checked even if nothing is promised. `asked` says that a question
    may end a pause, and `pausing` that pauses stop the clock.
    """
    kinds = {*relevant_kinds(shape, pausing=pausing), *(["asked"] if asked and pausing else [])}
    if promise is None and not checked:
        kinds.discard("priority")
    return [False, *(kind in kinds for kind in KIND_CODE)]


def _fill_in(out: Deadlines, rows: Ints, cycles: Cycles, promises: PromisesByPriority) -> None:
    """Store in the rows `rows` of `out` the deadlines and states that `cycles` has."""
    within = cycles.target
    promised = within != NULL
    exceeded = cycles.elapsed > within
    bits = cycles.ended.view(np.int8) + 2 * cycles.paused.view(np.int8) + 4 * exceeded.view(np.int8)
    state = STATE_BY_BITS.take(bits)
    state[~promised] = NOT_COVERED
    out.elapsed[rows], out.target[rows], out.state[rows] = cycles.elapsed, within, state
    out.response_on[rows] = promises.response_on.take(cycles.promise)
    out.named[rows] = promises.named.take(cycles.promise)
    out.due[rows], out.breach[rows] = (np.where(promised, instants, NULL) for instants in (cycles.due, cycles.breach))
    never = np.where(cycles.paused, promises.paused, promises.never[promises.schedule[cycles.promise]])
    out.reason[rows] = np.where(promised & (cycles.due == NULL), never, promises.reason[cycles.promise])
