"""Events of tickets as arrays of integers, one row for each event.

Events are handled in blocks of tickets, so that columns stay in a processor's nearest cache. In a block, events are
sorted by ticket and time. Events of one instant keep the order of their frame.
"""

from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.kernel.promises import OTHER, Coded, Codes, SpecialEvents, TicketColumns
from kolmisla.columns.kernel.questions import NULL, Mask, extent
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.errors import KolmislaError, TicketError
from kolmisla.tickets.layouts.kinds import MOST_EVENTS
from kolmisla.tickets.states import TOGETHER

__all__ = [
    "BLOCK_TICKETS",
    "BEFORE_ALL",
    "BEFORE_LOG",
    "KIND_CODE",
    "NO_REASON",
    "NO_TICKET",
    "TURNS",
    "OPENING",
    "BlockEvents",
    "Events",
    "LogRows",
    "RowsFault",
    "first_answers",
    "from_opening",
    "in_blocks",
    "turned",
    "with_events",
]

NO_TICKET = -1
BLOCK_BITS = 14
BLOCK_TICKETS = 1 << BLOCK_BITS  # tickets


def in_blocks(row: Ints, rows: int, pool: Executor, threads: int) -> list[Ints]:
    """Return, for each block of tickets, the indexes of the events of these tickets.

    `row` has the ticket of each event, or NO_TICKET for an event in no block. `rows` is the number of tickets.
    """
    blocks = -(-rows // BLOCK_TICKETS) - NO_TICKET
    size = max(-(-len(row) // threads), 1)

    def share(start: int) -> tuple[NDArray[np.intp], list[int]]:
        """Return the indexes of one thread's events, from `start` on, sorted by block.

        Also return, for each block, the number of these events that are in the block or in an earlier block.
        """
        block = (row[start : start + size] >> BLOCK_BITS) - NO_TICKET
        ends = np.cumsum(np.bincount(block, minlength=blocks))
        # numpy sorts 16-bit integers in linear time
        order = np.argsort(block.astype(np.uint16) if blocks <= 1 << 16 else block, kind="stable")
        order += start
        return order, ends.tolist()

    shares = list(pool.map(share, range(0, len(row), size)))
    return [
        np.concatenate([order[ends[block - 1] : ends[block]] for order, ends in shares]) for block in range(1, blocks)
    ]


OPENING = 0
KIND_CODE: dict[str, int] = {kind: code for code, kind in enumerate(TOGETHER, OPENING + 1)}


class RowsFault(NamedTuple):
    """A fault in one or more tickets, and the message about it."""

    rows: Mask  # True for each ticket with the fault
    text: str
    error: type[KolmislaError] = TicketError


NO_REASON = -1
NEVER_ANSWERED = np.iinfo(np.int64).max
TURNS = MOST_EVENTS + 1  # an event's turn is its number in its row, from 0; the last is for the row's priority
# A place is a number by which events of one instant are sorted.
BEFORE_ALL = np.iinfo(np.int64).min  # the place of an opening
BEFORE_IT = BEFORE_ALL // 2  # the first place of events that happened before the opening
BEFORE_LOG = BEFORE_ALL // 8  # the first place of events from columns of the tickets; all places in a log are later


class LogRows(NamedTuple):
    """The ticket and the time of each row of a log (a frame of events), in the order of the rows."""

    row: Ints  # the ticket of each row; NO_TICKET for a row to ignore
    at: Ints  # UTC microseconds, or NULL

    def backwards(self, tickets: int) -> Mask:
        """Tell, for each ticket, whether its rows run backwards, from the latest to the earliest.

        They do if at least one row is earlier than the ticket's previous row, and none is later. If all rows have one
        instant, the majority of the tickets decides.
        """
        known = np.flatnonzero((self.row != NO_TICKET) & (self.at != NULL))
        row, at = self.row[known], self.at[known]
        if (row[1:] < row[:-1]).any():
            order = np.argsort(row, kind="stable")
            row, at = row[order], at[order]
        same = row[1:] == row[:-1]
        falls, rises = (np.zeros(tickets, np.bool_) for _ in range(2))
        falls[row[1:][same & (at[1:] < at[:-1])]] = True
        rises[row[1:][same & (at[1:] > at[:-1])]] = True
        mostly = np.count_nonzero(falls & ~rises) > np.count_nonzero(rises & ~falls)
        backwards: Mask = falls & ~rises if not mostly else ~rises
        return backwards


class Events(NamedTuple):
    """Events of tickets in any order, as columns with a row for each event."""

    row: Ints  # the ticket of each event; NO_TICKET for an event to ignore
    at: Ints  # UTC microseconds
    kind: NDArray[np.int8]  # a KIND_CODE
    value: Coded  # the new priority, if the event changes the priority
    reason: Coded  # the reason of a pause, or of its end
    own_place: Ints | None  # see `place`; None if the rows are those of a frame of events, in the same order
    is_state: Mask | None  # True for a pause that ends all earlier pauses; None if no pause does
    by_reason: bool  # whether the pauses of one reason may end while those of another reason go on
    log: LogRows | None  # the places of a ticket whose log runs backwards must be reversed; None if places are final
    special: SpecialEvents | None = None

    def place(self, indexes: Ints) -> Ints:
        """Return the places of some events.

        The place of an event from a frame of events is its row (or its rank by the column `order`) times TURNS, plus
        its number within the row. Events from columns of the tickets have negative places.
        """
        return indexes * TURNS if self.own_place is None else self.own_place.take(indexes)

    def pick(self, indexes: Ints) -> "Events":
        """Return the events with these indexes."""
        return self._replace(
            row=self.row[indexes],
            at=self.at[indexes],
            kind=self.kind[indexes],
            value=self.value.pick(indexes),
            reason=self.reason.pick(indexes),
            own_place=self.place(indexes),
            is_state=None if self.is_state is None else self.is_state[indexes],
            special=None if self.special is None else self.special._replace(codes=self.special.codes[indexes]),
        )


def turned(place: Ints) -> Ints:
    """Return new places of events for a log that runs backwards: from its last row to its first.

    Events of one row keep their order. A negative place belongs to an event that is not in the log, and does not
    change.
    """
    return np.where(place < 0, place, 2 * (place % TURNS) - place)


# A sort key consists of the ticket (highest bits) and the microseconds (up to 17 years).
TICKET_SHIFT = 63 - BLOCK_BITS


def with_events(one: Events, other: Events) -> Events:
    """Return the events of `one`, then those of `other`. The result has the log (see `LogRows`) of `one`.

    The events of `other` must have no value and no reason. `other.log` and `other.special` must be None.
    """
    special = one.special
    if special is not None:
        special = special._replace(codes=np.append(special.codes, np.full(len(other.row), OTHER)))
    none = len(one.reason.values)
    reason = Coded([*one.reason.values, None], np.append(one.reason.codes, np.full(len(other.row), none, np.int32)))
    value = Coded(one.value.values, np.append(one.value.codes, np.zeros(len(other.row), np.int32)))
    state = None if one.is_state is None else np.append(one.is_state, np.zeros(len(other.row), np.bool_))
    return one._replace(
        row=np.append(one.row, other.row),
        at=np.append(one.at, other.at),
        kind=np.append(one.kind, other.kind),
        value=value,
        reason=reason,
        own_place=np.append(*(part.place(np.arange(len(part.row))) for part in (one, other))),
        is_state=state,
        special=special,
    )


def first_answers(facts: TicketColumns, happened: Events | None, now: int) -> Ints:
    """Return, for each ticket, the instant of the first answer up to `now`. Without an answer, return NULL."""
    first = np.where(facts.answered <= now, facts.answered, NULL)
    if happened is None:
        return first
    answers = np.flatnonzero((happened.kind == KIND_CODE["answered"]) & (happened.row != NO_TICKET))
    answers = answers[happened.at.take(answers) <= now]
    first[first == NULL] = NEVER_ANSWERED
    np.minimum.at(first, happened.row.take(answers), happened.at.take(answers))
    first[first == NEVER_ANSWERED] = NULL
    return first


class BlockEvents(NamedTuple):
    """The events of the tickets in one block, as columns with a row for each event."""

    ticket: Ints  # the number of the ticket in the block
    since: Ints  # microseconds since the opening of the ticket
    kind: NDArray[np.int8]  # a KIND_CODE, or OPENING
    value: Codes  # the column of a priority in PromisesByPriority, or the number of a reason, or NO_REASON
    place: Ints  # a number by which events of one instant are sorted
    is_state: Mask | None  # as in `Events`

    def pick(self, indexes: NDArray[np.intp]) -> "BlockEvents":
        """Return the events with these indexes, in the order of the indexes."""
        ticket, since, kind, value, place, state = self
        return BlockEvents(
            ticket.take(indexes),
            since.take(indexes),
            kind.take(indexes),
            value.take(indexes),
            place.take(indexes),
            None if state is None else state.take(indexes),
        )

    def and_also(self, ticket: Ints, since: Ints, kind: int, value: Codes, place: Ints) -> "BlockEvents":
        """Return these events followed by new events, which are all of the kind `kind`."""
        return BlockEvents(
            np.append(self.ticket, ticket),
            np.append(self.since, since),
            np.append(self.kind, np.full(len(ticket), kind, np.int8)),
            np.append(self.value, value),
            np.append(self.place, place),
            None if self.is_state is None else np.append(self.is_state, np.zeros(len(ticket), np.bool_)),
        )

    def in_turn(self) -> tuple["BlockEvents", Mask]:
        """Return the events sorted by ticket and time, and a mask that is True for each tie.

        A tie is an event that has the ticket and the instant of the previous event. `ordered` sorts the events of one
        instant.
        """
        least, most = extent(self.since)
        # Sort by the first 16 bits of the time, then by ticket: numpy sorts 16-bit integers in linear time.
        rough = ((self.since - least) >> max((most - least).bit_length() - 16, 0)).astype(np.uint16)
        order = np.argsort(rough, kind="stable")
        order = order.take(np.argsort(self.ticket.astype(np.uint16).take(order), kind="stable"))
        ticket, since = self.ticket.take(order), self.since.take(order)
        same = ticket[1:] == ticket[:-1]
        if (same & (since[1:] < since[:-1])).any():
            rough = rough.take(order)  # the few events that agree in these bits are sorted by their whole time
            few = _runs(np.append(False, same & (rough[1:] == rough[:-1])))
            order[few] = order[few[_by_ticket_and_time(ticket.take(few), since.take(few))]]
        events = self.pick(order)
        ties = np.zeros(len(order), np.bool_)
        ties[1:] = same & (events.since[1:] == events.since[:-1])
        return events, ties

    def ordered(self, ties: Mask, place: Ints) -> "BlockEvents":
        """Return all events. Sort those that share a ticket and an instant by `place`. `ties` comes from `in_turn`."""
        rows = _runs(ties)
        instant = np.cumsum(~ties).take(rows)
        order = np.arange(len(ties))
        order[rows] = rows[np.lexsort((place.take(rows), instant))]
        return self.pick(order)


def _runs(ties: Mask) -> NDArray[np.intp]:
    """Return the indexes of the rows that are in a group of two or more rows.

    `ties` is True for a row that is in the group of the previous row.
    """
    few = ties.copy()
    few[:-1] |= ties[1:]
    return np.flatnonzero(few)


def _by_ticket_and_time(ticket: Ints, since: Ints) -> NDArray[np.intp]:
    """Return the indexes that sort events by ticket and time.

    If all events are less than 17 years after the opening, ticket and time are packed into one integer.
    """
    if int(since.max()) >> TICKET_SHIFT:
        return np.lexsort((since, ticket))
    return np.argsort(since | ticket << TICKET_SHIFT)


def from_opening(events: BlockEvents) -> BlockEvents:
    """Return all events, but move each event that is before the opening of its ticket to the instant of the opening.

    Moved events keep their order, and follow the opening directly.
    """
    early = np.flatnonzero(events.since < 0)
    order = early[np.lexsort((events.place.take(early), events.since.take(early)))]
    place, since = events.place.copy(), events.since.copy()
    place[order], since[order] = BEFORE_IT + np.arange(len(order)), 0
    return events._replace(place=place, since=since)
