"""What happened to tickets in order: by ticket, by time, and within one instant as a ticket has it."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.counting import Mask
from kolmisla.columns.happenings import KIND, OPENED
from kolmisla.columns.lookup import Ints

__all__ = ["Entries", "contradictory", "in_order"]

BLOCK_BITS = 13
BLOCK = 1 << BLOCK_BITS  # tickets in a block, so that their events stay in a processor's nearest memory
KIND_BITS = 3
KEY_BITS = 63
TICKET_SHIFT = KEY_BITS - BLOCK_BITS

CONFLICTS = [1 << KIND[one] | 1 << KIND[other] for one, other in (("paused", "resumed"), ("resolved", "reopened"))]


class Entries(NamedTuple):
    """Entries of tickets: `ticket` by number, microseconds `since` its opening, the KIND of event or OPENED.

    `priority` is what an opening or a change of priority puts in force.
    """

    ticket: Ints
    since: Ints
    kind: Ints
    priority: Ints

    def where(self, some: NDArray[Any]) -> "Entries":
        """Some of them, or all in another order."""
        return Entries(self.ticket[some], self.since[some], self.kind[some], self.priority[some])

    def keys(self, small: int, bits: int) -> Ints:
        """Each entry as one number, that sorts as the entry does; `small` bits for kind and priority, `bits` for that.

        The ticket is the number in its block.
        """
        key = (self.ticket & BLOCK - 1) << TICKET_SHIFT
        key |= self.since << small
        key |= self.kind << bits
        key |= self.priority
        return key

    def in_turn(self) -> "Entries":
        """The same in order: by ticket, time, kind and priority."""
        return self.where(np.lexsort((self.priority, self.kind, self.since, self.ticket)))


def in_order(entries: Entries, first: Ints, width: int) -> Iterator[tuple[int, Callable[[], Entries]]]:
    """Blocks of tickets: the number of each one's first, and what puts the entries of all in order.

    Those are numbered from that. `entries` come in any order, without openings; `first` is each ticket's priority
    at opening, one of `width`. What is sorted is one number an entry, with its ticket, time, kind and priority side
    by side; in a block with a ticket that took too long for that, the columns are, one after the other.
    """
    bits, blocks = (width - 1).bit_length(), -(-len(first) // BLOCK)
    small = KIND_BITS + bits
    block = entries.ticket >> BLOCK_BITS
    order = np.argsort(block.astype(np.uint16) if blocks < 1 << 16 else block, kind="stable")
    cuts = [0, *np.cumsum(np.bincount(block, minlength=blocks)).tolist()]
    keys = entries.keys(small, bits).take(order)
    too_long = set(block[entries.since >> (TICKET_SHIFT - small) != 0].tolist())

    def some(number: int) -> Entries:
        lowest, mine = number * BLOCK, slice(cuts[number], cuts[number + 1])
        priorities = first[lowest : lowest + BLOCK]
        nothing = np.zeros(len(priorities), np.int64)
        openings = Entries(np.arange(len(priorities)), nothing, nothing + OPENED, priorities)
        if number in too_long:
            own = entries.where(order[mine])
            own = own._replace(ticket=own.ticket & BLOCK - 1)
            return Entries(*map(np.concatenate, zip(openings, own, strict=True))).in_turn()
        key = np.concatenate([openings.keys(small, bits), keys[mine]])
        key.sort()
        since = (key & (1 << TICKET_SHIFT) - 1) >> small
        return Entries(key >> TICKET_SHIFT, since, key >> bits & (1 << KIND_BITS) - 1, key & (1 << bits) - 1)

    return ((number * BLOCK, partial(some, number)) for number in range(blocks))


def contradictory(entries: Entries) -> Mask:
    """Which entries, in order, contradict another of their instant: a state and its opposite, or two priorities."""
    ticket, since, kind, priority = entries
    apart = np.append(True, (ticket[1:] != ticket[:-1]) | (since[1:] != since[:-1]))
    found = np.zeros(len(ticket), np.bool_)
    if apart.all():
        return found
    twice = ~apart[1:] & (kind[1:] == KIND["priority"]) & (kind[:-1] == kind[1:]) & (priority[1:] != priority[:-1])
    found[1:] = twice
    starts = np.flatnonzero(apart)
    kinds = np.bitwise_or.reduceat(np.left_shift(1, kind), starts)
    for both in CONFLICTS:
        found[starts] |= (kinds & both) == both
    return found
