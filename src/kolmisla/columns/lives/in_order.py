"""Sorts the events of tickets, and brings them into the form that the code for one ticket uses.

The twins are `as_states` and `heard` in `kolmisla.tickets`. Unlike them, this file does not change a pause that begins
while another one runs, because arrays can judge it.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.kernel.events import KIND_CODE, NO_TICKET, TURNS, Events, turned, with_events
from kolmisla.columns.kernel.lifecycle import ANSWERED_AT, TELLS_OPENING
from kolmisla.columns.kernel.promises import Coded, TicketColumns
from kolmisla.columns.kernel.questions import NULL
from kolmisla.columns.kernel.reasons import LEADS_TO, TICKET_AS_BEFORE, TICKET_RESOLVED, TICKET_RUNNING
from kolmisla.columns.kernel.timeline import Ints

__all__ = ["InOrder", "InTurn", "asked_while_paused", "told_in_order", "no_events", "without_log"]

ANSWERED_KIND, ASKED_KIND, PAUSED_KIND, RESUMED_KIND, RESOLVED_KIND, REOPENED_KIND, WITHDRAWN_KIND = (
    KIND_CODE[kind] for kind in ("answered", "asked", "paused", "resumed", "resolved", "reopened", "withdrawn")
)
REPEATED = 0  # replaces the kind of an event after which its ticket is in the same state as before


class InOrder(NamedTuple):
    """The events of tickets, sorted by ticket, by time and by their order in the log.

    Events between a withdrawal and the next reopening are left out. An event has the kind `reopened` only if it reopens
    a ticket. A pause that reopens becomes two events: `reopened`, and the pause.
    """

    events: Events
    begin: Ints  # the index of each ticket's first event and, as the last entry, the number of all events
    early: Ints  # the indexes of the events before the opening of their ticket
    unheard: tuple[Ints, NDArray[np.int8]]  # the ticket and the kind of every event, also of those left out
    invalid: Ints  # the tickets with an event before the opening whose kind is not allowed there

    def before(self, marked: Ints, events: Ints) -> Ints:
        """Return, for each of `events`, the last earlier event of its ticket that is in `marked`, or -1 for none.

        Events are given by their indexes. `marked` must be sorted.
        """
        latest = np.append(marked, -1).take(np.searchsorted(marked, events) - 1)
        return np.where(latest >= self.begin.take(self.events.row.take(events)), latest, -1)


class InTurn(NamedTuple):
    """Turns, in which many tickets go through their events together. In a turn, each ticket handles its next event."""

    order: Ints  # the tickets, from the most events to the fewest
    begins: Ints  # for each ticket in this order: the index of its first event
    number: Ints  # for each ticket in this order: its number of events

    @classmethod
    def of(cls, row: Ints, tickets: int) -> "InTurn":
        """Return the turns in which `tickets` tickets go through their events.

        `row` has the ticket of each event, and must be sorted.
        """
        number = np.bincount(row, minlength=tickets)
        order = np.argsort(-number, kind="stable")
        return cls(order, (np.cumsum(number) - number).take(order), number.take(order))

    def turns(self) -> Iterator[Ints]:
        """Yield, for each turn, the indexes of its events: the next event of each ticket with events left.

        A turn with n events has the events of the first n tickets in `order`, in this order.
        """
        for turn in range(int(self.number.max(initial=0))):
            tickets = int(np.searchsorted(-self.number, -turn))  # those with more events than `turn` come first
            yield self.begins[:tickets] + turn


def no_events() -> Events:
    """Return an empty list of events, for tickets to which nothing happened."""
    return _answers(*[np.zeros(0, np.int64)] * 2)


def without_log(happened: Events, tickets: int) -> Events:
    """Return the events with their final places, and with None as their `log`.

    If the rows of a ticket run backwards in time, the places of the events from these rows are reversed.
    """
    place, log = happened.place(np.arange(len(happened.row))), happened.log
    if log is None:
        return happened
    falls = log.backwards(tickets)
    if falls.any():
        place = np.where(np.append(falls, False).take(happened.row), turned(place), place)
    return happened._replace(own_place=place, log=None)


def told_in_order(facts: TicketColumns, happened: Events, now: int) -> InOrder:
    """Return the events up to `now`, sorted and changed as `InOrder` describes.

    Each time in the column `answered_at` is an event too. `happened` must not have a log: see `without_log`.
    """
    there = happened.row != NO_TICKET
    if not there.all():
        happened = happened.pick(np.flatnonzero(there))
    # Also events after `now` count here: a ticket that is opened after `now` is invalid too.
    too_early = (happened.at < facts.opened.take(happened.row)) & ~TELLS_OPENING.take(happened.kind)
    invalid = happened.row[np.flatnonzero(too_early)]
    known = happened.at <= now
    if not known.all():
        happened = happened.pick(np.flatnonzero(known))
    answered = np.flatnonzero((facts.answered != NULL) & (facts.answered <= now))
    if len(answered):
        happened = with_events(happened, _answers(answered, facts.answered.take(answered)))
    happened = _sorted(happened)
    unheard = happened.row, happened.kind
    if (happened.kind == WITHDRAWN_KIND).any():
        happened = _heard(happened)
    happened = _with_reopenings(happened)
    begin = np.append(0, np.cumsum(np.bincount(happened.row, minlength=len(facts.opened))))
    early = np.flatnonzero(happened.at < facts.opened.take(happened.row))
    return InOrder(happened, begin, early, unheard, invalid)


def _heard(happened: Events) -> Events:
    """Return the events, but leave out those between a withdrawal and the next reopening of a ticket."""
    row, kind, rows = happened.row, happened.kind, np.arange(len(happened.row))
    turns = (kind == WITHDRAWN_KIND) | (kind == REOPENED_KIND)
    latest = np.append(-1, np.maximum.accumulate(np.where(turns, rows, -1)))[:-1]
    is_withdrawn = (
        (latest >= 0) & (row.take(latest) == row) & (kind.take(latest) == WITHDRAWN_KIND) & (kind != REOPENED_KIND)
    )
    return happened.pick(np.flatnonzero(~is_withdrawn))


def _with_reopenings(happened: Events) -> Events:
    """Return the events, changed so that those that reopen a ticket, and no others, have the kind `reopened`.

    A pause that reopens a ticket becomes two events: `reopened`, and then the pause. A second resolution of a resolved
    ticket gets the kind REPEATED.
    """
    row, kind = happened.row, happened.kind.copy()
    led = LEADS_TO.take(kind)
    if happened.by_reason:
        has_reason = np.array([reason is not None for reason in happened.reason.values]).take(happened.reason.codes)
        led[(kind == RESUMED_KIND) & has_reason] = TICKET_AS_BEFORE
    few = np.flatnonzero(led != TICKET_AS_BEFORE)
    same = row[few][1:] == row[few][:-1]
    state, own = led[few], kind[few]
    before = np.append(TICKET_RUNNING, np.where(same, state[:-1], TICKET_RUNNING))[: len(few)]
    opens = (state < TICKET_RESOLVED) & (before >= TICKET_RESOLVED)
    kind[few[(own == REOPENED_KIND) & ~opens]] = RESUMED_KIND
    kind[few[(own == RESUMED_KIND) & opens]] = REOPENED_KIND
    kind[few[(own == RESOLVED_KIND) & (before == TICKET_RESOLVED)]] = REPEATED
    split = few[(own == PAUSED_KIND) & opens]
    happened = happened._replace(kind=kind)
    if not len(split):
        return happened
    number = np.ones(len(kind), np.int64)
    number[split] = 2
    index = np.repeat(np.arange(len(kind)), number)
    happened = happened.pick(index)
    added = np.append(index[1:] == index[:-1], False)  # of two copies of an event, the first is the reopening
    kind = np.where(added, REOPENED_KIND, happened.kind).astype(np.int8)
    is_state = None if happened.is_state is None else happened.is_state & ~added
    return happened._replace(kind=kind, own_place=np.arange(len(kind)) * TURNS, is_state=is_state)


def _sorted(happened: Events) -> Events:
    """Return the events, sorted by ticket, then by time, then by their order in the log."""
    row, at, place = happened.row, happened.at, happened.place(np.arange(len(happened.row)))
    later = (at[1:] > at[:-1]) | ((at[1:] == at[:-1]) & (place[1:] > place[:-1]))
    if ((row[1:] > row[:-1]) | ((row[1:] == row[:-1]) & later)).all():
        return happened
    return happened.pick(np.lexsort((place, at, row)))


def _answers(row: Ints, at: Ints) -> Events:
    """Return an event `answered` for each ticket in `row`, at the instants `at` from the column `answered_at`."""
    none = Coded.of(None, len(row))
    kind, place = np.full(len(row), ANSWERED_KIND, np.int8), np.full(len(row), ANSWERED_AT)
    return Events(row, at, kind, none, none, place, None, False, None)


def asked_while_paused(happened: Events) -> Ints:
    """Return the tickets whose customer asks a question while a pause with a reason runs. Each ticket occurs once.

    Here, the end of one pause ends all pauses of the ticket. The twin is `kolmisla.tickets.exports.asks_while_paused`.
    """
    if not len(happened.row):
        return np.zeros(0, np.int64)
    happened = _sorted(happened)
    if (happened.kind == WITHDRAWN_KIND).any():
        happened = _heard(happened)
    reason = np.array([bool(reason) for reason in happened.reason.values]).take(happened.reason.codes)
    pauses = (happened.kind == PAUSED_KIND) & reason
    if not pauses.any() or not (happened.kind == ASKED_KIND).any():
        return np.zeros(0, np.int64)
    row, kind, rows = happened.row, happened.kind, np.arange(len(happened.row))
    ends = (LEADS_TO.take(kind) != TICKET_AS_BEFORE) & (kind != PAUSED_KIND)
    if happened.is_state is not None:
        ends |= happened.is_state
    ends[1:] |= row[1:] != row[:-1]
    ends[:1] = True
    ended, paused = (np.maximum.accumulate(np.where(mask, rows, -1)) for mask in (ends, pauses))
    return np.unique(row[(kind == ASKED_KIND) & (paused >= ended)])
