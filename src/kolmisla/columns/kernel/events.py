"""Events of tickets as arrays of integers, one row for each event.

Events are handled in blocks of tickets. The columns of a block stay in a processor's nearest cache. Within a block,
events are in order: by ticket, then by time, then in the order that `Ticket` gives to events of one instant.
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

    `row` is the ticket of each event, and `rows` is the number of tickets. Events of NO_TICKET are in no block.
    """
    blocks = -(-rows // BLOCK_TICKETS) - NO_TICKET
    size = max(-(-len(row) // threads), 1)

    def share(start: int) -> tuple[NDArray[np.intp], list[int]]:
        """Return the indexes of one thread's events, sorted by block, and the position at which each block ends."""
        block = (row[start : start + size] >> BLOCK_BITS) - NO_TICKET
        ends = np.cumsum(np.bincount(block, minlength=blocks))
        # numpy sorts integers of 16 bits in linear time
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
    """A fault of some tickets."""

    rows: Mask  # the rows of the tickets
    text: str
    error: type[KolmislaError] = TicketError


class Events(NamedTuple):
    """Events in any order."""

    row: Ints  # the ticket of each event; NO_TICKET for an event to ignore
    at: Ints  # UTC microseconds
    kind: NDArray[np.int8]  # a KIND_CODE
    value: Coded  # the new priority, for a change of priority

    def pick(self, indexes: Ints) -> "Events":
        """Return some of the events."""
        return Events(self.row[indexes], self.at[indexes], self.kind[indexes], self.value.pick(indexes))

    def with_answers(self, rows: Ints, at: Ints) -> "Events":
        """Return the events and an answer to each of some tickets, which are given by their rows."""
        kind = np.append(self.kind, np.full(len(rows), KIND_CODE["answered"], np.int8))
        value = Coded(self.value.values, np.append(self.value.codes, np.zeros(len(rows), np.int32)))
        return Events(np.append(self.row, rows), np.append(self.at, at), kind, value)

    def in_turn(self) -> "Events":
        """Return the events sorted by ticket, time and kind."""
        return self.pick(np.lexsort((self.kind, self.at, self.row)))


KIND_BITS = len(KIND_CODE).bit_length()  # the opening has code 0
# A sort key has, from the highest bits to the lowest: the ticket, the microseconds (up to two years), and the kind.
TICKET_SHIFT = 63 - BLOCK_BITS

BIT = 1 << np.arange(1 << KIND_BITS)  # by KIND_CODE; a set of kinds is the sum of their bits
CONFLICTS = [sum(1 << KIND_CODE[kind] for kind in kinds) for kinds in event.CONFLICTS]


class BlockEvents(NamedTuple):
    """Events of the tickets of one block."""

    ticket: Ints  # the number of the ticket in the block
    since: Ints  # microseconds since the opening of the ticket
    kind: NDArray[np.int8]  # a KIND_CODE, or OPENING
    priority: NDArray[np.int16]  # the column of PromisesByPriority that an opening or a change of priority selects

    def pick(self, indexes: NDArray[np.intp]) -> "BlockEvents":
        """Return some of the events, or all events in another order."""
        ticket, since, kind, priority = self
        return BlockEvents(ticket.take(indexes), since.take(indexes), kind.take(indexes), priority.take(indexes))

    def with_openings(self, first: NDArray[np.int16]) -> "BlockEvents":
        """Return the events with an opening added for each ticket. `first` has the priorities at opening."""
        return self._and(np.arange(len(first)), np.zeros(len(first), np.int64), OPENING, first)

    def with_answers(self, tickets: Ints, since: Ints) -> "BlockEvents":
        """Return the events and an answer to each of some tickets."""
        return self._and(tickets, since, KIND_CODE["answered"], np.zeros(len(tickets), np.int16))

    def _and(self, ticket: Ints, since: Ints, kind: int, priority: NDArray[np.int16]) -> "BlockEvents":
        """Return the events with other events of one kind added."""
        kinds = np.append(self.kind, np.full(len(ticket), kind, np.int8))
        return BlockEvents(
            np.append(self.ticket, ticket), np.append(self.since, since), kinds, np.append(self.priority, priority)
        )

    def in_turn(self) -> "BlockEvents":
        """Return the events sorted by ticket, time and kind.

        Ticket, time and kind are packed into one integer for each event, and these integers are sorted. If some time
        since the opening is negative, or too long to fit, events are sorted by time and kind first, and then by ticket.
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
    """Return which events contradict another event of the same ticket and instant. The events must be in order.

    A state contradicts the opposite state, and a priority contradicts a different priority.
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
