"""Judges the cycles of a metric, for many tickets at once. Each cycle is judged like a ticket of its own."""

from dataclasses import fields, replace
from typing import NamedTuple

import numpy as np

from kolmisla.columns.kernel.cycles import KeptPieces
from kolmisla.columns.kernel.deadlines import NOT_COVERED, STATES, Deadlines, deadlines_at, fill_in_responses
from kolmisla.columns.kernel.events import KIND_CODE, TURNS, Events
from kolmisla.columns.kernel.lifecycle import EVERY_KIND, fill_in_events
from kolmisla.columns.kernel.promises import Entitlement, Promised, TicketColumns, TicketQuestion, promised
from kolmisla.columns.kernel.questions import NULL, Mask
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.columns.lives.in_order import (
    ANSWERED_KIND,
    REOPENED_KIND,
    RESOLVED_KIND,
    RESUMED_KIND,
    WITHDRAWN_KIND,
    InOrder,
)
from kolmisla.columns.lives.marks import FROM_OPENING, NO_END, Marks, marks_of
from kolmisla.columns.lives.roles import NO_READING, readings_of, roles_of
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import has_metric, metric_of
from kolmisla.policies.terms.metrics import NEXT_RESPONSE, OPENERS, trigger_of
from kolmisla.tickets.cycles.shapes import judged_by_arrays, rare_kinds

__all__ = ["TicketCycles", "cycles_of", "has_plain_cycles", "pick_cycles"]

MOST_CYCLES = 50  # a ticket with more cycles is judged alone, because each cycle repeats the events before it
_DROPPED = 0
# For each kind of event: the kind that replaces it when the events of a ticket become the events of a cycle. _GOING_ON
# is for cycles that go on after a reopening, and _ENDING is for other cycles.
_GOING_ON, _ENDING = EVERY_KIND.copy(), EVERY_KIND.copy()
for _kind in ("answered", "owner", "plan", "due", "extended", "waived"):
    _GOING_ON[KIND_CODE[_kind]] = _ENDING[KIND_CODE[_kind]] = _DROPPED
_GOING_ON[WITHDRAWN_KIND] = RESOLVED_KIND
_ENDING[[RESOLVED_KIND, REOPENED_KIND, WITHDRAWN_KIND]] = RESUMED_KIND  # these events end all pauses


class TicketCycles(NamedTuple):
    """The cycles of tickets and the answers about them, in the order of the tickets."""

    ticket: Ints  # the row of each cycle's ticket
    number: Ints  # the number of the cycle within its ticket, from 1
    facts: TicketColumns  # `opened` is the instant at which the cycle begins
    promised: Promised  # what is promised to the ticket of each cycle
    deadlines: Deadlines
    answered: Ints  # the instant of the first answer in the cycle, or NULL
    withdrawn: Mask  # whether the cycle ended without a verdict
    alone: Mask  # for each ticket: whether it must still be judged by itself; then it has no cycles here
    terms: Promised  # what is promised to each ticket when it is opened


def has_plain_cycles(policy: Policy, metric: str, happened: Events) -> bool:
    """Tell whether each ticket has exactly one cycle of the metric, and arrays can judge it with the events `happened`.

    If so, `columns.tickets.judged_rows` suffices.
    """
    if metric == NEXT_RESPONSE or not judged_by_arrays(policy, metric):
        return False
    rare = np.isin(EVERY_KIND, [KIND_CODE[name] for name in rare_kinds(policy, metric)])
    return happened.special is None or not bool(rare.take(happened.kind).any())


def cycles_of(
    facts: TicketColumns, told: InOrder, question: TicketQuestion, kept: KeptPieces | None = None
) -> TicketCycles:
    """Return the cycles of tickets for the metric of `question`.

    `told` has the events of the tickets. If `kept` is given, store the time of the cycles in it, in pieces. In the
    result, `alone` marks the tickets that arrays cannot judge.
    """
    policy, metric = question.policy, question.metric
    promises = _promised(facts, policy, metric)
    alone = _alone(facts, told, question)
    alone |= np.array([entry.error is not None for entry in promises.entitlements], np.bool_).take(promises.places)
    readings = readings_of(promises, policy, metric)
    place = np.array([NO_READING if one is None else number for number, one in enumerate(readings)], np.int64)
    of_ticket = place.take(promises.places)
    roles = roles_of(told, facts.opened, promises, readings, of_ticket)
    after = np.array([one is not None and bool(one.before) for one in readings], np.bool_).take(promises.places)
    marks = marks_of(told, roles, (of_ticket != NO_READING) & ~alone, after)
    often = np.bincount(marks.ticket, minlength=len(alone)) > MOST_CYCLES
    if often.any():
        alone |= often
        ticket, begin, end, withdrawn = marks
        few = ~often.take(ticket)
        marks = Marks(ticket[few], begin[few], end[few], withdrawn[few])
    continues = [one is not None and one.metric.reopened == "continue" for one in readings]
    going_on = np.array(continues, np.bool_).take(promises.places)
    found = _judged(facts, promises, told, marks, going_on, replace(question, by_cycle=True), kept)
    if kept is not None:
        kept.ticket = marks.ticket
    faulty = found.deadlines.faulty
    if faulty.any():
        alone[found.ticket[faulty]] = True
        found = pick_cycles(found, ~alone.take(found.ticket))
    return found._replace(alone=alone)


def _promised(facts: TicketColumns, policy: Policy, metric: str) -> Promised:
    """Return what is promised to each ticket. If the edition in force lacks the metric, nothing is promised."""
    promises = promised(facts, policy, metric)
    missing = [not has_metric(policy.nearest(at), metric) for at in promises.eras]
    if not any(missing):
        return promises
    return promises._replace(
        entitlements=[
            Entitlement(None, "no metric") if lacks else entry
            for entry, lacks in zip(promises.entitlements, missing, strict=True)
        ]
    )


def _alone(facts: TicketColumns, told: InOrder, question: TicketQuestion) -> Mask:
    """Return a mask of the tickets to be judged one by one: those that are invalid or have a rare kind of event."""
    opened, answered = facts.opened, facts.answered
    alone: Mask = (opened == NULL) | ((answered != NULL) & (answered < opened))
    alone[told.invalid] = True
    rare: set[str] = {name for name in rare_kinds(question.policy, question.metric) if name != "withdrawn"}
    for edition in question.policy.editions:
        if has_metric(edition, question.metric):
            metric = metric_of(edition, question.metric)
            starts = (text for opener in OPENERS for text in metric.starts_for(opener))
            texts = (*starts, *metric.ends, *metric.cancels, *metric.after)
            watched = {trigger_of(text).kind for text in texts} & {"paused", "resumed"}
            # A reopening of a paused ticket counts as a resumption, and a reopening of a running ticket as nothing.
            rare |= {*watched, "reopened"} if "resumed" in watched else watched
    row, kind = told.unheard
    codes = np.isin(EVERY_KIND, [KIND_CODE[name] for name in rare])
    if codes[np.flatnonzero(np.bincount(kind))].any():
        alone[row[codes.take(kind)]] = True
    return alone


def _judged(
    facts: TicketColumns,
    promises: Promised,
    told: InOrder,
    marks: Marks,
    going_on: Mask,
    question: TicketQuestion,
    kept: KeptPieces | None,
) -> TicketCycles:
    """Judge the cycles in `marks`. `going_on` is True for a ticket whose cycles go on after a reopening."""
    ticket = marks.ticket
    own = promises._replace(places=promises.places.take(ticket))
    plan, priority, channel, version = (column.pick(ticket) for column in facts[:4])
    begun = np.where(
        marks.begin == FROM_OPENING, facts.opened.take(ticket), np.append(told.events.at, 0).take(marks.begin)
    )
    nothing = np.full(len(ticket), NULL)
    cycles = TicketColumns(plan, priority, channel, version, begun, nothing)
    out = deadlines_at(cycles, own, nothing, question.now)
    own_events = _of_cycles(told, marks, going_on)
    fill_in_events(out, cycles, own, own_events, question, kept)
    out.state[marks.withdrawn & (out.state != NOT_COVERED) & ~out.faulty] = STATES.index("withdrawn")
    answered = _answered(told, marks, begun, facts.opened)
    fill_in_responses(out, cycles, own, answered)
    count = np.arange(len(ticket)) - np.searchsorted(ticket, ticket) + 1
    return TicketCycles(
        ticket, count, cycles, own, out, answered, marks.withdrawn, np.zeros(len(going_on), np.bool_), promises
    )


def _of_cycles(told: InOrder, marks: Marks, going_on: Mask) -> Events:
    """Return the events of each cycle in `marks`, as if the cycle were a ticket.

    They begin with the ticket's first event, because earlier events tell its state. The event that ends the cycle
    becomes `answered`. `going_on` is True for a ticket whose cycles go on after a reopening.
    """
    events = told.events
    first = told.begin.take(marks.ticket)
    ended = marks.end != NO_END
    stop = np.where(ended, marks.end + 1, told.begin.take(marks.ticket + 1))
    size = stop - first
    cycle = np.repeat(np.arange(len(marks.ticket)), size)
    index = np.arange(len(cycle)) + np.repeat(first - (np.cumsum(size) - size), size)
    kind = events.kind.take(index)
    kind = np.where(going_on.take(marks.ticket).take(cycle), _GOING_ON.take(kind), _ENDING.take(kind))
    kind[(np.cumsum(size) - 1)[ended]] = ANSWERED_KIND
    keep = np.flatnonzero(kind)
    if len(keep) < len(kind):
        index, kind, cycle = index.take(keep), kind.take(keep), cycle.take(keep)
    places = np.arange(len(index)) * TURNS
    return events.pick(index)._replace(row=cycle, kind=kind, own_place=places, log=None, special=None)


def _answered(told: InOrder, marks: Marks, begun: Ints, opened: Ints) -> Ints:
    """Return the instant of the first answer in each cycle, or NULL.

    For a cycle from the opening, return the first answer to the ticket, even after the end of the cycle. `begun` has
    the start of each cycle, and `opened` the opening of each ticket.
    """
    events, number = told.events, len(told.events.row)
    answers = np.flatnonzero(events.kind == ANSWERED_KIND)
    at_opening = begun == opened.take(marks.ticket)
    at = np.append(events.at, NULL)
    ended = np.where(marks.end == NO_END, NULL, at.take(marks.end))
    # An answer at the very start of the cycle is in the cycle only if the cycle also ends at that instant.
    begins = np.append(True, (events.row[1:] != events.row[:-1]) | (events.at[1:] != events.at[:-1]))[:number]
    instant = np.append(np.cumsum(begins), 0)
    of_instant = np.append(np.flatnonzero(begins), number)
    turn = np.where((marks.end != NO_END) & (ended == begun), 1, 0)
    since = of_instant.take(np.maximum(instant.take(marks.begin) - turn, 0))
    since = np.where(at_opening, told.begin.take(marks.ticket), since)
    found = np.append(answers, number).take(np.searchsorted(answers, since))
    answered = at.take(found)
    is_in = np.append(events.row, -1).take(found) == marks.ticket
    is_in &= at_opening | (ended == NULL) | (answered <= ended)
    return np.where(is_in, answered, NULL)


def pick_cycles(found: TicketCycles, keep: Mask) -> TicketCycles:
    """Return only the cycles for which `keep` is True."""
    ticket, number, facts, own, before, answered, withdrawn, _, _ = found
    out = Deadlines.of(int(keep.sum()))
    out.reasons, out.schedules, out.names = before.reasons, before.schedules, before.names
    for field in fields(out):
        column = getattr(before, field.name)
        if isinstance(column, np.ndarray):
            setattr(out, field.name, column[keep])
    plan, priority, channel, version = (column.pick(keep) for column in facts[:4])
    return found._replace(
        ticket=ticket[keep],
        number=number[keep],
        facts=TicketColumns(plan, priority, channel, version, facts.opened[keep], facts.answered[keep]),
        promised=own._replace(places=own.places[keep]),
        deadlines=out,
        answered=answered[keep],
        withdrawn=withdrawn[keep],
    )
