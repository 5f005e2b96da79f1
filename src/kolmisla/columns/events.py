"""Events of many tickets brought to bear on how they stand."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from kolmisla.columns.counting import NULL
from kolmisla.columns.entries import Entries, contradictory, in_order
from kolmisla.columns.happenings import KIND, Happenings
from kolmisla.columns.lives import NOTHING_WRONG, RELEVANT, Lives, Tickets, lived
from kolmisla.columns.lookup import Ints
from kolmisla.columns.promises import Promises
from kolmisla.columns.standings import (
    BREACHED,
    MET,
    NO_DUE_TIME,
    NOT_COVERED,
    PAUSED,
    RUNNING,
    STATES,
    Facts,
    Promised,
    Reason,
    Standings,
)
from kolmisla.errors import KolmislaError, TicketError
from kolmisla.event import TOGETHER, Moment, as_states
from kolmisla.plan import FIRST_RESPONSE, Metric
from kolmisla.policy import Policy
from kolmisla.promise import Promise
from kolmisla.reckoning import reckonings

__all__ = ["bring_to_bear"]

CONTRADICTORY = "events of one instant contradict each other"
BEFORE = "an event is before opened_at"


def bring_to_bear(
    out: Standings, facts: Facts, promised: Promised, happened: Happenings, policy: Policy, metric: Metric, now: int
) -> None:
    """Fill in the tickets that something happened to, by `now`, that matters for the metric.

    A priority from before the opening is the one at opening; any other event from before it is a fault.
    """
    opened, answered = facts.opened, facts.answered
    strange = np.zeros(len(opened), np.bool_)
    early = np.flatnonzero(happened.at < opened[happened.row])
    strange[happened.row[early[happened.kind[early] != KIND["priority"]]]] = True
    out.because(strange, BEFORE, TicketError)
    sound = (opened != NULL) & (opened <= now) & ~strange & ~((answered != NULL) & (answered < opened))
    matters = np.array([_relevant(each.promise, metric) for each in promised.verdicts], np.bool_)
    matters = matters.reshape(-1, len(KIND) + 1)
    place = np.where(sound, promised.places * matters.shape[1], -1).take(happened.row)
    happened = happened.where(
        (place >= 0) & matters.ravel().take(place + happened.kind, mode="clip") & (happened.at <= now)
    )
    touched = np.zeros(len(opened), np.bool_)
    touched[happened.row] = True
    if not touched.any():
        return
    if metric == FIRST_RESPONSE:
        too = np.flatnonzero(touched & (answered != NULL) & (answered <= now))
        happened = happened.answered(too, answered[too]) if len(too) else happened
    promises = Promises(promised, policy, metric, out)
    far = touched & (opened < promises.start) if now <= promises.end else touched
    if far.any():
        few = happened.where(far.take(happened.row))
        _one_by_one(out, np.flatnonzero(far), opened, promised, few, policy, metric, now)
        entries = _entries(few, few.row, few.at, promises).in_turn()
        out.because(entries.ticket[contradictory(entries)], CONTRADICTORY, TicketError)
        touched = touched & ~far
        happened = happened.where(touched.take(happened.row))
    if touched.any():
        _all_at_once(out, np.flatnonzero(touched), opened, promised.places, happened, promises, metric, now)


def _relevant(promise: Promise | None, metric: Metric) -> list[bool]:
    """Which kinds of events matter to a ticket that is promised so; OPENED and, without a promise, all do not."""
    if promise is None:
        return [False] * (len(KIND) + 1)
    kinds = RELEVANT[metric][metric in promise.plan.pausing]
    return [False, *(kind in kinds for kind in KIND)]


def _all_at_once(
    out: Standings,
    rows: Ints,
    opened: Ints,
    places: Ints,
    happened: Happenings,
    promises: Promises,
    metric: Metric,
    now: int,
) -> None:
    """Fill in the tickets of these rows; `happened` is of them alone."""
    tickets = Tickets(opened[rows], places[rows])
    number = np.zeros(len(opened), np.int64)
    number[rows] = np.arange(len(rows))
    entries = _entries(happened, number[happened.row], happened.at - opened[happened.row], promises)
    entries, first, contradicted = _from_opening(entries, promises.first[tickets.terms])
    out.because(rows[contradicted], CONTRADICTORY, TicketError)
    compiled = promises.compiled(int(tickets.opened.min()), now)
    spoiled = [rows[contradicted]]

    def block(some: tuple[int, Callable[[], Entries]]) -> None:
        lowest, own = some[0], some[1]()
        mine = slice(lowest, lowest + int(own.ticket[-1]) + 1)
        lives = lived(own, Tickets(tickets.opened[mine], tickets.terms[mine]), promises, compiled, metric, now)
        _fill_in(out, rows[mine], lives, promises)
        spoiled.append(rows[mine][own.ticket[contradictory(own)]])

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(block, in_order(entries, first, promises.width)))
    out.because(np.concatenate(spoiled), CONTRADICTORY, TicketError)


def _entries(happened: Happenings, ticket: Ints, since: Ints, promises: Promises) -> Entries:
    priority = promises.places(happened.value.values).take(happened.value.codes)
    return Entries(ticket, since, happened.kind, priority)


def _from_opening(entries: Entries, first: Ints) -> tuple[Entries, Ints, Ints]:
    """The entries from opening on, each ticket's priority then, and the tickets whose earlier ones contradict."""
    early = entries.since < 0
    if not early.any():
        return entries, first, np.zeros(0, np.int64)
    ticket, since, _, priority = entries.where(early).in_turn()
    same = ticket[1:] == ticket[:-1]
    latest = np.append(~same, True)
    first = first.copy()
    first[ticket[latest]] = priority[latest]
    twice = same & (since[1:] == since[:-1]) & (priority[1:] != priority[:-1])
    return entries.where(~early), first, ticket[1:][twice]


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
    wrong = lives.wrong != NOTHING_WRONG
    out.spoil(rows[wrong], promises.reason[lives.wrong[wrong]])


def _one_by_one(
    out: Standings,
    rows: Ints,
    opened: Ints,
    promised: Promised,
    happened: Happenings,
    policy: Policy,
    metric: Metric,
    now: int,
) -> None:
    """Fill in tickets that reach outside what some schedule knows, of which there are few, as single ones are."""
    happened = happened.where(np.lexsort((happened.kind, happened.at, happened.row)))
    starts, ends = (np.searchsorted(happened.row, rows, side).tolist() for side in ("left", "right"))
    for row, start, end in zip(rows.tolist(), starts, ends, strict=True):
        own = happened.where(np.arange(start, end))
        values = [own.value.values[code] for code in own.value.codes.tolist()]
        told = zip(own.at.tolist(), own.kind.tolist(), values, strict=True)
        moments = as_states(Moment(at, TOGETHER[kind - 1], value) for at, kind, value in told)
        plan, priority, channel, version = promised.terms[promised.places[row]]
        try:
            terms = (plan, priority or "", channel, version)
            found = reckonings(policy, terms, int(opened[row]), moments, metric)[-1]
            state, elapsed = found.standing(now)
            within, (due, breach) = found.promise.within, found.instants()
        except KolmislaError as fault:
            out.because(np.array([row]), str(fault), type(fault))
            continue
        out.due[row], out.breach[row] = (NULL if each is None else each for each in (due, breach))
        out.elapsed[row], out.target[row] = elapsed, NULL if within is None else within
        out.state[row] = NOT_COVERED if within is None else STATES.index(state)
        paused = "paused" if found.paused_since is not None else found.promise.schedule.timeline.known
        unknown = None if due is not None else f"{NO_DUE_TIME}: {paused}"
        out.reason[row] = out.place(Reason(found.promise.missing if within is None else unknown))
