"""What happened to tickets, as integers: a row an event, by blocks of tickets.

They are in order by ticket, by time, and within one instant as a ticket has it. The columns of a block stay in a
processor's nearest memory.
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
    """For each block of so many tickets' rows, the places that refer to it; those of NO_TICKET are in none."""
    blocks = -(-rows // BLOCK_TICKETS) - NO_TICKET
    size = max(-(-len(row) // threads), 1)

    def share(start: int) -> tuple[NDArray[np.intp], list[int]]:
        block = (row[start : start + size] >> BLOCK_BITS) - NO_TICKET
        ends = np.cumsum(np.bincount(block, minlength=blocks))
        # numpy sorts 16 bits by counting them
        order = np.argsort(block.astype(np.uint16) if blocks <= 1 << 16 else block, kind="stable")
        order += start
        return order, ends.tolist()

    shares = list(pool.map(share, range(0, len(row), size)))
    return [
        np.concatenate([order[ends[block - 1] : ends[block]] for order, ends in shares]) for block in range(1, blocks)
    ]


OPENING = 0
KIND_CODE: dict[str, int] = {kind: place for place, kind in enumerate(TOGETHER, OPENING + 1)}


class RowsFault(NamedTuple):
    """What is wrong with some tickets."""

    rows: Mask
    text: str
    error: type[KolmislaError] = TicketError


class Events(NamedTuple):
    """Events in any order: the row of each one's ticket, NO_TICKET for what tells nothing; time, kind and value."""

    row: Ints
    at: Ints
    kind: NDArray[np.int8]
    value: Coded

    def pick(self, places: Ints) -> "Events":
        """Some of them."""
        return Events(self.row[places], self.at[places], self.kind[places], self.value.pick(places))

    def with_answers(self, rows: Ints, at: Ints) -> "Events":
        """The same, and answers to the tickets of some rows."""
        kind = np.append(self.kind, np.full(len(rows), KIND_CODE["answered"], np.int8))
        value = Coded(self.value.values, np.append(self.value.codes, np.zeros(len(rows), np.int32)))
        return Events(np.append(self.row, rows), np.append(self.at, at), kind, value)

    def in_turn(self) -> "Events":
        """The same by ticket, and the events of each in their order."""
        return self.pick(np.lexsort((self.kind, self.at, self.row)))


KIND_BITS = 3
TICKET_SHIFT = 63 - BLOCK_BITS  # below the ticket in a key stand microseconds, of two years at most, and the kind

BIT = 1 << np.arange(1 << KIND_BITS)
CONFLICTS = [sum(1 << KIND_CODE[kind] for kind in kinds) for kinds in event.CONFLICTS]


class BlockEvents(NamedTuple):
    """Events of tickets: `ticket` by number, microseconds `since` its opening, the KIND_CODE of event or OPENING.

    `priority` is what an opening or a change of priority puts in force. They are the tickets of one block.
    """

    ticket: Ints
    since: Ints
    kind: NDArray[np.int8]
    priority: NDArray[np.int16]

    def pick(self, places: NDArray[np.intp]) -> "BlockEvents":
        """Some of them, or all in another order."""
        ticket, since, kind, priority = self
        return BlockEvents(ticket.take(places), since.take(places), kind.take(places), priority.take(places))

    def with_openings(self, first: NDArray[np.int16]) -> "BlockEvents":
        """With an opening of each ticket; `first` is its priority then."""
        return self._and(np.arange(len(first)), np.zeros(len(first), np.int64), OPENING, first)

    def with_answers(self, tickets: Ints, since: Ints) -> "BlockEvents":
        """With answers to some tickets."""
        return self._and(tickets, since, KIND_CODE["answered"], np.zeros(len(tickets), np.int16))

    def _and(self, ticket: Ints, since: Ints, kind: int, priority: NDArray[np.int16]) -> "BlockEvents":
        kinds = np.append(self.kind, np.full(len(ticket), kind, np.int8))
        return BlockEvents(
            np.append(self.ticket, ticket), np.append(self.since, since), kinds, np.append(self.priority, priority)
        )

    def in_turn(self) -> "BlockEvents":
        """The same in order: by ticket, time and kind.

        What is sorted is one number an event, with the three side by side; or, when one came too late for that
        or before its opening, the ticket after the others.
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
    """Which events, in order, contradict another of their instant: a state and its opposite, or two priorities."""
    ticket, since, kind, priority = events
    apart = np.append(True, (ticket[1:] != ticket[:-1]) | (since[1:] != since[:-1]))
    found = np.zeros(len(ticket), np.bool_)
    if apart.all():
        return found
    twice = ~apart[1:] & (kind[1:] == KIND_CODE["priority"]) & (kind[:-1] == kind[1:]) & (priority[1:] != priority[:-1])
    found[1:] = twice
    starts = np.flatnonzero(apart)
    kinds = np.bitwise_or.reduceat(BIT.take(kind), starts)
    for both in CONFLICTS:
        found[starts] |= (kinds & both) == both
    return found
