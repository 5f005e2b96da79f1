"""Events of tickets as arrays of integers, one row for each event.

Events are handled in blocks of tickets. A block is so small that its columns stay in a processor's nearest cache.
Within a block, events are sorted by ticket, then by time. Events of one instant are in the same order as in `Ticket`.
"""

from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.kernel.promises import Coded
from kolmisla.columns.kernel.questions import Mask, extent
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.errors import KolmislaError, TicketError
from kolmisla.tickets import event
from kolmisla.tickets.event import TOGETHER

__all__ = [
    "BLOCK_TICKETS",
    "KIND_CODE",
    "NO_TICKET",
    "OPENING",
    "BlockEvents",
    "Events",
    "RowsFault",
    "contradictory",
    "in_blocks",
]

NO_TICKET = -1
BLOCK_BITS = 14
BLOCK_TICKETS = 1 << BLOCK_BITS  # tickets


def in_blocks(row: Ints, rows: int, pool: Executor, threads: int) -> list[Ints]:
    """Return, for each block of tickets, the indexes of the block's events.

    `row` has the ticket of each event. `rows` is the number of tickets. An event with NO_TICKET is in no block.
    """
    blocks = -(-rows // BLOCK_TICKETS) - NO_TICKET
    size = max(-(-len(row) // threads), 1)

    def share(start: int) -> tuple[NDArray[np.intp], list[int]]:
        """Return the indexes of one thread's events, sorted by block, and the position at which each block ends."""
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
    """A fault that one or more tickets have."""

    rows: Mask  # marks the tickets with the fault
    text: str
    error: type[KolmislaError] = TicketError


class Events(NamedTuple):
    """Events in any order."""

    row: Ints  # the ticket of each event; NO_TICKET for an event to ignore
    at: Ints  # UTC microseconds
    kind: NDArray[np.int8]  # a KIND_CODE
    value: Coded  # the new priority, if the event changes the priority

    def pick(self, indexes: Ints) -> "Events":
        """Return the events with these indexes."""
        return Events(self.row[indexes], self.at[indexes], self.kind[indexes], self.value.pick(indexes))

    def with_answers(self, rows: Ints, at: Ints) -> "Events":
        """Return the events with added answers. `rows` has the ticket of each answer, and `at` has the instant."""
        kind = np.append(self.kind, np.full(len(rows), KIND_CODE["answered"], np.int8))
        value = Coded(self.value.values, np.append(self.value.codes, np.zeros(len(rows), np.int32)))
        return Events(np.append(self.row, rows), np.append(self.at, at), kind, value)

    def in_turn(self) -> "Events":
        """Return the events sorted by ticket, time and kind."""
        return self.pick(np.lexsort((self.kind, self.at, self.row)))


KIND_BITS = len(KIND_CODE).bit_length()  # the opening has code 0
# A sort key consists of the ticket (highest bits), the microseconds (up to two years) and the kind (lowest bits).
TICKET_SHIFT = 63 - BLOCK_BITS

BIT = 1 << np.arange(1 << KIND_BITS)  # the bit of each KIND_CODE; a set of kinds is the sum of its bits
CONFLICTS = [sum(1 << KIND_CODE[kind] for kind in kinds) for kinds in event.CONFLICTS]


class BlockEvents(NamedTuple):
    """Events of the tickets of one block."""

    ticket: Ints  # the number of the ticket in the block
    since: Ints  # microseconds since the opening of the ticket
    kind: NDArray[np.int8]  # a KIND_CODE, or OPENING
    priority: NDArray[np.int16]  # of an opening or a change of priority: the priority's column in PromisesByPriority

    def pick(self, indexes: NDArray[np.intp]) -> "BlockEvents":
        """Return the events with these indexes, in the order of the indexes."""
        ticket, since, kind, priority = self
        return BlockEvents(ticket.take(indexes), since.take(indexes), kind.take(indexes), priority.take(indexes))

    def with_openings(self, first: NDArray[np.int16]) -> "BlockEvents":
        """Return the events with an opening added for each ticket. `first` has each ticket's priority at opening."""
        return self._and(np.arange(len(first)), np.zeros(len(first), np.int64), OPENING, first)

    def with_answers(self, tickets: Ints, since: Ints) -> "BlockEvents":
        """Return the events with added answers. `since` has the time of each answer since the ticket's opening."""
        return self._and(tickets, since, KIND_CODE["answered"], np.zeros(len(tickets), np.int16))

    def _and(self, ticket: Ints, since: Ints, kind: int, priority: NDArray[np.int16]) -> "BlockEvents":
        """Return the events with added events, which all have the kind `kind`."""
        kinds = np.append(self.kind, np.full(len(ticket), kind, np.int8))
        return BlockEvents(
            np.append(self.ticket, ticket), np.append(self.since, since), kinds, np.append(self.priority, priority)
        )

    def in_turn(self) -> "BlockEvents":
        """Return the events sorted by ticket, time and kind.

        The ticket, time and kind of an event are packed into one integer, which is the sort key. If a time since an
        opening is negative or too long for the key, events are sorted by time and kind first, and then by ticket.
        """
        key = self.since << KIND_BITS
        key |= self.kind
        least, most = extent(self.since)
        if least < 0 or most >> TICKET_SHIFT - KIND_BITS:
            order = np.argsort(key)
            tickets = self.ticket.take(order).astype(np.uint16)
            return self.pick(order.take(np.argsort(tickets, kind="stable")))
        key |= self.ticket << TICKET_SHIFT
        return self.pick(np.argsort(key))


def contradictory(events: BlockEvents) -> Mask:
    """Mark at least one event of each contradiction. The events must be in order.

    Two events of a ticket at one instant contradict each other if they lead to opposite states or set different
    priorities.
    """
    ticket, since, kind, priority = events
    apart = np.append(True, (ticket[1:] != ticket[:-1]) | (since[1:] != since[:-1]))
    contradicts = np.zeros(len(ticket), np.bool_)
    if apart.all():
        return contradicts
    twice = ~apart[1:] & (kind[1:] == KIND_CODE["priority"]) & (kind[:-1] == kind[1:]) & (priority[1:] != priority[:-1])
    contradicts[1:] = twice
    starts = np.flatnonzero(apart)
    kinds = np.bitwise_or.reduceat(BIT.take(kind), starts)
    for both in CONFLICTS:
        contradicts[starts] |= (kinds & both) == both
    return contradicts
