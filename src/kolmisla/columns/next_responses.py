"""The cycles from a question after a response to the next response, for many tickets at once.

A ticket may have several such cycles. Each cycle counts as a ticket of its own, which is opened at the question: the
events before the question tell its state at the opening, and its first response ends it.
"""

from typing import NamedTuple

import numpy as np

from kolmisla.columns.kernel.cycles import LEADS_TO, TICKET_AS_BEFORE, TICKET_RESOLVED
from kolmisla.columns.kernel.deadlines import Deadlines, deadlines_at, fill_in_responses
from kolmisla.columns.kernel.events import KIND_CODE, NO_TICKET, TURNS, Events, with_events
from kolmisla.columns.kernel.lifecycle import ANSWERED_AT, fill_in_events
from kolmisla.columns.kernel.promises import Coded, Promised, TicketColumns, TicketQuestion, promised
from kolmisla.columns.kernel.questions import NULL, Mask
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.policies.terms.metrics import NEXT_RESPONSE
from kolmisla.tickets.cycles.cycle_clocks import reading_of

__all__ = ["NextResponses", "asked_while_paused", "next_responses"]

ANSWERED, ASKED, RESOLVED = (KIND_CODE[kind] for kind in ("answered", "asked", "resolved"))
BEFORE_QUESTION = np.arange(max(KIND_CODE.values()) + 1, dtype=np.int8)  # as which kind an event counts there
for _kind in ("resolved", "reopened"):
    BEFORE_QUESTION[KIND_CODE[_kind]] = KIND_CODE["resumed"]  # these events end all pauses


class NextResponses(NamedTuple):
    """The cycles of tickets, in order of the tickets."""

    ticket: Ints  # the row of each cycle's ticket
    number: Ints  # the number of the cycle within its ticket, from 1
    facts: TicketColumns  # `opened` is the instant of the question
    promised: Promised
    deadlines: Deadlines
    answered: Ints  # the instant of the answer, or NULL


class _InOrder(NamedTuple):
    """The events of tickets up to now, sorted by ticket, time and place."""

    events: Events
    first: Ints  # for each event: the index of the first event of its ticket
    is_response: Mask
    was_resolved: Mask  # whether the ticket was resolved before each event
    resolved: Mask  # whether the ticket was resolved after each event


def next_responses(facts: TicketColumns, happened: Events, question: TicketQuestion) -> NextResponses:
    """Return the cycles of tickets with these events.

    `happened` must have no log: its `own_place` orders the events of one instant. If a cycle has a time that a schedule
    does not know, the row of the cycle in `deadlines` is faulty.
    """
    told = _in_order(facts, happened, question.now)
    row, kind = told.events.row, told.events.kind
    promises = promised(facts, question.policy, NEXT_RESPONSE)
    after_resolution = np.array(
        [
            entry.promise is not None
            and reading_of(question.policy.nearest(at), entry.promise.plan, NEXT_RESPONSE).question
            for entry, at in zip(promises.entitlements, promises.eras, strict=True)
        ]
    )
    # Between two responses of a ticket, at most one cycle begins: at the first question.
    responses = np.flatnonzero(told.is_response)
    passed = np.cumsum(told.is_response)
    has_passed = passed > (passed - told.is_response).take(told.first)
    asked = np.flatnonzero((kind == ASKED) & has_passed)
    stretch, places = np.unique(passed.take(asked), return_index=True)
    asked = asked.take(places)
    again = np.zeros(len(responses) + 1, np.bool_)
    reopened = told.was_resolved & ~told.resolved
    again[passed[reopened]] = True
    begins = ~told.resolved.take(responses.take(stretch - 1)) | again.take(stretch)
    begins |= after_resolution.take(promises.places).take(row.take(asked))
    asked, stretch = asked[begins], stretch[begins]
    end = np.append(responses, len(row)).take(stretch)
    end[np.append(row, NO_TICKET).take(end) != row.take(asked)] = len(row)
    return _judged(facts, promises, told, asked, end, question)


def _in_order(facts: TicketColumns, happened: Events, now: int) -> _InOrder:
    """Return the events up to `now` in order, with an event for each `answered_at`, and the states of the tickets."""
    keep = np.flatnonzero((happened.row != NO_TICKET) & (happened.at <= now))
    happened = happened.pick(keep)
    answered = np.flatnonzero((facts.answered != NULL) & (facts.answered <= now))
    if len(answered):
        happened = with_events(happened, _answers(answered, facts.answered.take(answered)))
    happened = _sorted(happened)
    row, kind = happened.row, happened.kind
    begins = np.append(True, row[1:] != row[:-1]) if len(row) else np.zeros(0, np.bool_)
    rows = np.arange(len(row))
    first = np.maximum.accumulate(rows * begins)
    led = LEADS_TO.take(kind)
    has_reason = np.array([reason is not None for reason in happened.reason.values]).take(happened.reason.codes)
    led[(kind == KIND_CODE["resumed"]) & has_reason] = TICKET_AS_BEFORE
    latest = np.maximum.accumulate(np.where(led != TICKET_AS_BEFORE, rows, 0))
    resolved = (led.take(latest) == TICKET_RESOLVED) & (latest >= first)
    was_resolved = np.append(False, resolved[:-1])[: len(row)] & ~begins
    is_response = (kind == ANSWERED) | ((kind == RESOLVED) & ~was_resolved)
    return _InOrder(happened, first, is_response, was_resolved, resolved)


def _sorted(happened: Events) -> Events:
    """Return the events, sorted by ticket, then by time, then by place."""
    row, at, place = happened.row, happened.at, happened.place(np.arange(len(happened.row)))
    later = (at[1:] > at[:-1]) | ((at[1:] == at[:-1]) & (place[1:] > place[:-1]))
    if ((row[1:] > row[:-1]) | ((row[1:] == row[:-1]) & later)).all():
        return happened
    return happened.pick(np.lexsort((place, at, row)))


def _answers(row: Ints, at: Ints) -> Events:
    """Return an event `answered` for each ticket in `row`, at the instants `at` from the column `answered_at`."""
    none = Coded.of(None, len(row))
    kind, place = np.full(len(row), ANSWERED, np.int8), np.full(len(row), ANSWERED_AT)
    return Events(row, at, kind, none, none, place, None, False, None)


def _judged(
    facts: TicketColumns, promises: Promised, told: _InOrder, begins: Ints, end: Ints, question: TicketQuestion
) -> NextResponses:
    """Return the cycles. `begins` and `end` have the index of the event at which each cycle begins and ends.

    If the index in `end` is after the last event, the cycle has not ended.
    """
    events, number = told.events, len(told.events.row)
    ticket, ended = events.row.take(begins), end < number
    own = Promised(promises.entitlements, promises.places.take(ticket), promises.terms, promises.eras)
    plan, priority, channel, version = (column.pick(ticket) for column in facts[:4])
    nothing = np.full(len(ticket), NULL)
    cycles = TicketColumns(plan, priority, channel, version, events.at.take(begins), nothing)
    out = deadlines_at(cycles, own, nothing, question.now)
    question = TicketQuestion(question.policy, NEXT_RESPONSE, question.now)
    fill_in_events(out, cycles, own, _of_cycles(told, begins, np.where(ended, end + 1, number)), question)
    # The ticket may have an answer and a solution at one instant: the answer counts.
    instant = np.cumsum(np.append(True, (events.row[1:] != events.row[:-1]) | (events.at[1:] != events.at[:-1])))[
        :number
    ]
    is_answer = np.zeros(number + 2, np.bool_)
    is_answer[instant[events.kind == ANSWERED]] = True
    is_answered = is_answer.take(np.append(instant, 0).take(end))
    answered = np.where(is_answered, np.append(events.at, NULL).take(end), NULL)
    fill_in_responses(out, cycles, own, answered)
    first = np.searchsorted(ticket, ticket)
    return NextResponses(ticket, np.arange(len(ticket)) - first + 1, cycles, own, out, answered)


def _of_cycles(told: _InOrder, begins: Ints, stop: Ints) -> Events:
    """Return the events of cycles, each of which counts as a ticket.

    `begins` has the index of each cycle's question. `stop` has the index after each cycle's last event.
    """
    events, first = told.events, told.first.take(begins)
    stop = np.minimum(stop, np.searchsorted(events.row, events.row.take(begins), "right"))
    size = stop - first
    cycle = np.repeat(np.arange(len(begins)), size)
    index = np.arange(len(cycle)) + np.repeat(first - (np.cumsum(size) - size), size)
    kind, before = events.kind.take(index), index < begins.take(cycle)
    told_again = (kind == RESOLVED) & told.was_resolved.take(index)
    keep = np.flatnonzero(~np.where(before, (kind == ANSWERED) | (kind == ASKED), told_again))
    index, kind = index.take(keep), np.where(before, BEFORE_QUESTION.take(kind), kind).take(keep)
    return events.pick(index)._replace(
        row=cycle.take(keep), kind=kind, own_place=np.arange(len(keep)) * TURNS, log=None
    )


def asked_while_paused(happened: Events) -> Ints:
    """Return the tickets whose customer asks while a pause with a reason runs. Each end of a pause ends all pauses.

    `kolmisla.tickets.exports.asks_while_paused` does the same for one ticket.
    """
    if not len(happened.row):
        return np.zeros(0, np.int64)
    happened = _sorted(happened)
    reason = np.array([bool(reason) for reason in happened.reason.values]).take(happened.reason.codes)
    pauses = (happened.kind == KIND_CODE["paused"]) & reason
    if not pauses.any() or not (happened.kind == ASKED).any():
        return np.zeros(0, np.int64)
    row, kind, rows = happened.row, happened.kind, np.arange(len(happened.row))
    ends = (LEADS_TO.take(kind) != TICKET_AS_BEFORE) & (kind != KIND_CODE["paused"])
    if happened.is_state is not None:
        ends |= happened.is_state
    ends[1:] |= row[1:] != row[:-1]
    ends[:1] = True
    ended, paused = (np.maximum.accumulate(np.where(mask, rows, -1)) for mask in (ends, pauses))
    return np.unique(row[(kind == ASKED) & (paused >= ended)])
