"""Events of many tickets brought to bear on how they stand."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.kernel.cycles import NOTHING_WRONG, RELEVANT, Lives, Tickets, lived
from kolmisla.columns.kernel.deadlines import BREACHED, MET, NOT_COVERED, PAUSED, RUNNING, STATES, Standings
from kolmisla.columns.kernel.events import BLOCK, KIND, Entries, Happenings, contradictory, in_blocks
from kolmisla.columns.kernel.priorities import Promises
from kolmisla.columns.kernel.promises import NO_DUE_TIME, Facts, Promised, Reason
from kolmisla.columns.kernel.questions import NULL
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.errors import KolmislaError, TicketError
from kolmisla.policies.plan import FIRST_RESPONSE, MetricName, Promise
from kolmisla.policies.policy import Policy
from kolmisla.tickets.event import TOGETHER, Moment, as_states
from kolmisla.tickets.reckonings import reckonings

__all__ = ["bring_to_bear"]

CONTRADICTORY = Reason("events of one instant contradict each other", TicketError)
BEFORE = Reason("an event is before opened_at", TicketError)
LONG_AGO = -(2**58)  # nine thousand years, so that no time since then is too long for an entry's key


def bring_to_bear(
    out: Standings, facts: Facts, promised: Promised, happened: Happenings, policy: Policy, metric: MetricName, now: int
) -> None:
    """Fill in the tickets that something happened to, by `now`, that matters for the metric.

    A priority from before the opening is the one at opening; any other event from before it is a fault.
    """
    if not (len(out.due) and len(happened.row)):
        return
    judge, tickets, threads = _Judge(out, facts, promised, happened, policy, metric, now), len(out.due), os.cpu_count()
    with ThreadPoolExecutor(threads) as pool:
        blocks = in_blocks(happened.row, tickets, pool, threads or 1)
        far = np.concatenate(list(pool.map(judge.block, range(0, tickets, BLOCK), blocks)))
    if len(far):
        judge.one_by_one(far)


class _Judge:
    """Judges blocks of tickets by what happened to them; several threads may do so at once."""

    def __init__(
        self,
        out: Standings,
        facts: Facts,
        promised: Promised,
        happened: Happenings,
        policy: Policy,
        metric: MetricName,
        now: int,
    ) -> None:
        self._out, self._facts, self._promised, self._happened = out, facts, promised, happened
        self._policy, self._metric, self._now = policy, metric, now
        self._promises = promises = Promises(promised, policy, metric, out, happened.value.values)
        self._contradiction, self._before = out.place(CONTRADICTORY), out.place(BEFORE)
        self._priority = promises.places(happened.value)
        opened, answered = facts.opened, facts.answered
        covered = promises.covered.take(promised.places)
        told = (opened != NULL) & ((answered == NULL) | (answered >= opened))
        self._sound = told & ((opened <= now) | ~covered)
        known = covered & self._sound & (opened >= promises.start) & (now <= promises.end)
        first = int(np.min(opened, initial=now, where=known))
        self._compiled = promises.compiled(first, now) if known.any() else []
        self._known = known | ~covered  # no schedule is asked about those
        # by a verdict's place and a kind of event; nothing matters to the last
        matters = [
            _relevant(each.promise, metric, checked=checked)
            for each, checked in zip(promised.verdicts, promises.checked.tolist(), strict=True)
        ]
        self._matters = np.array([*matters, _relevant(None, metric, checked=False)])

    def block(self, lowest: int, which: Ints) -> Ints:
        """Fill in a block of tickets, by the number of its first and the places of its events.

        What it gives are the places of events that matter to tickets outside what some schedule knows.
        """
        if not len(which):
            return which
        rows = slice(lowest, lowest + BLOCK)
        opened, terms, sound = self._facts.opened[rows], self._promised.places[rows], self._sound[rows].copy()
        ticket = self._happened.row.take(which) - lowest
        at, kind, start = self._happened.at.take(which), self._happened.kind.take(which), opened.take(ticket)
        early = ticket[(at < start) & (kind != KIND["priority"])]
        sound[early] = False
        self._out.spoil(lowest + early, self._before)
        matters = self._matters
        place = np.where(sound, terms, len(matters) - 1) * matters.shape[1]
        keep = np.flatnonzero(matters.ravel().take(place.take(ticket) + kind) & (at <= self._now))
        far = np.flatnonzero(~self._known[rows].take(ticket.take(keep)))
        outside = which.take(keep.take(far))
        if len(far):
            keep = np.delete(keep, far)
        if not len(keep):
            return outside
        since = np.maximum(at, LONG_AGO) - start
        entries = Entries(ticket, since, kind, self._priority.take(which)).pick(keep)
        touched = np.zeros(len(opened), np.bool_)
        touched[entries.ticket] = True
        tickets = np.flatnonzero(touched)
        number = np.cumsum(touched) - 1
        entries = entries._replace(ticket=number.take(entries.ticket))
        self._judge(lowest + tickets, entries, Tickets(opened.take(tickets), terms.take(tickets)))
        return outside

    def _answered(self, rows: Ints) -> Ints:
        """The tickets among some that have an answer on their own row that counts, as an event would."""
        answered = self._facts.answered.take(rows)
        counts = (answered != NULL) & (answered <= self._now)
        return rows[counts] if self._metric == FIRST_RESPONSE else rows[:0]

    def _judge(self, rows: Ints, entries: Entries, tickets: Tickets) -> None:
        """Fill in the tickets of some rows; the entries are of their numbers."""
        out, promises = self._out, self._promises
        too = self._answered(rows)
        if len(too):
            number = np.searchsorted(rows, too)
            entries = entries.with_answers(number, self._facts.answered.take(too) - tickets.opened.take(number))
        entries, first, contradicted = _from_opening(entries, promises.first[tickets.terms])
        entries = entries.with_openings(first).in_turn()
        lives = lived(entries, tickets, promises, self._compiled, self._metric, self._now)
        contradicted = np.append(contradicted, entries.ticket[contradictory(entries)])
        covered = promises.covered.take(tickets.terms)
        if covered.all():
            _fill_in(out, rows, lives, promises)
        else:  # the others stand as they do, but for names that are no priorities
            _fill_in(out, rows[covered], Lives(*(each[covered] for each in lives)), promises)
            contradicted = contradicted[covered.take(contradicted)]
        wrong = lives.wrong != NOTHING_WRONG
        out.spoil(rows[wrong], promises.reason[lives.wrong[wrong]])
        out.spoil(rows[contradicted], self._contradiction)

    def one_by_one(self, which: Ints) -> None:
        """Fill in tickets that reach outside what some schedule knows, of which there are few, as single ones are.

        By the places of their events.
        """
        out, few = self._out, self._happened.pick(which)
        rows = np.unique(few.row)
        too = self._answered(rows)
        few = few.with_answers(too, self._facts.answered[too]).in_turn()
        starts, ends = (np.searchsorted(few.row, rows, side).tolist() for side in ("left", "right"))
        for row, start, end in zip(rows.tolist(), starts, ends, strict=True):
            self._one(row, few.pick(np.arange(start, end)))
        # which are of one instant, those tell as well as the time since opening does
        entries = Entries(few.row, few.at, few.kind, self._promises.places(few.value))
        out.spoil(entries.ticket[contradictory(entries)], self._contradiction)

    def _one(self, row: int, own: Happenings) -> None:
        """Fill in the ticket of a row, by its own events in their order."""
        out = self._out
        values = [own.value.values[code] for code in own.value.codes.tolist()]
        told = zip(own.at.tolist(), own.kind.tolist(), values, strict=True)
        moments = as_states(Moment(at, TOGETHER[kind - 1], value) for at, kind, value in told)
        plan, priority, channel, version = self._promised.terms[self._promised.places[row]]
        terms = (plan, priority or "", channel, version)
        try:
            found = reckonings(self._policy, terms, int(self._facts.opened[row]), moments, self._metric)[-1]
            state, elapsed = found.standing(self._now)
            within, (due, breach) = found.promise.within, found.instants()
        except KolmislaError as fault:
            out.because(np.array([row]), str(fault), type(fault))
            return
        out.due[row], out.breach[row] = (NULL if each is None else each for each in (due, breach))
        out.elapsed[row], out.target[row] = elapsed, NULL if within is None else within
        out.state[row] = NOT_COVERED if within is None else STATES.index(state)
        paused = "paused" if found.paused_since is not None else found.promise.schedule.timeline.known
        unknown = None if due is not None else f"{NO_DUE_TIME}: {paused}"
        out.reason[row] = out.place(Reason(found.promise.missing if within is None else unknown))


def _relevant(promise: Promise | None, metric: MetricName, *, checked: bool) -> list[bool]:
    """Which kinds of events matter to a ticket that is promised so; OPENED does not.

    Without a promise none does, unless its names of priorities are `checked` in its cycle.
    """
    if promise is None and not checked:
        return [False] * (len(KIND) + 1)
    kinds = RELEVANT[metric][promise is not None and metric in promise.plan.pausing]
    return [False, *(kind in kinds for kind in KIND)]


def _from_opening(entries: Entries, first: NDArray[np.int16]) -> tuple[Entries, NDArray[np.int16], Ints]:
    """The entries from opening on, each ticket's priority then, and the tickets whose earlier ones contradict."""
    early = entries.since < 0
    if not early.any():
        return entries, first, np.zeros(0, np.int64)
    ticket, since, _, priority = entries.pick(np.flatnonzero(early)).in_turn()
    same = ticket[1:] == ticket[:-1]
    latest = np.append(~same, True)
    first = first.copy()
    first[ticket[latest]] = priority[latest]
    twice = same & (since[1:] == since[:-1]) & (priority[1:] != priority[:-1])
    return entries.pick(np.flatnonzero(~early)), first, ticket[1:][twice]


def _fill_in(out: Standings, rows: Ints, lives: Lives, promises: Promises) -> None:
    """How the tickets of these rows stand."""
    within = promises.within[lives.promise]
    promised = within != NULL
    state = np.where(lives.ended, np.int8(MET), np.where(lives.paused, np.int8(PAUSED), np.int8(RUNNING)))
    state[lives.elapsed > within] = BREACHED
    state[~promised] = NOT_COVERED
    out.elapsed[rows], out.target[rows], out.state[rows] = lives.elapsed, within, state
    out.due[rows], out.breach[rows] = (np.where(promised, each, NULL) for each in (lives.due, lives.breach))
    never = np.where(lives.paused, promises.paused, promises.never[promises.schedule[lives.promise]])
    out.reason[rows] = np.where(promised & (lives.due == NULL), never, promises.reason[lives.promise])
