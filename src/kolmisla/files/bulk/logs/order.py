"""Sorts the rows of a log by ticket, and the rows of each ticket by time."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.kernel.promises import Codes
from kolmisla.columns.kernel.questions import Mask
from kolmisla.columns.kernel.timeline import Ints

__all__ = ["NO_ID", "TicketRows", "directions", "rows_by_ticket", "spread"]

NO_ID = -1  # the number of the ticket for a row without an id


class TicketRows(NamedTuple):
    """The rows of each ticket, the earliest first. Ticket `t` has `number[t]` rows, which begin at `rows[start[t]]`."""

    rows: NDArray[np.uint32]
    start: Ints
    number: Ints
    first: Ints  # the first row of each ticket in the file


def directions(ticket: Codes, at: Ints, counts: Mask, tickets: int) -> tuple[Mask, Mask]:
    """Return two masks: tickets whose time falls from one of their rows to the next, and tickets whose time rises.

    `counts` is a mask of the rows to compare, and `tickets` the number of tickets.
    """
    rows = np.flatnonzero(counts & (ticket != NO_ID))
    rows = rows[np.argsort(ticket[rows], kind="stable")]
    ticket, at = ticket[rows], at[rows]
    same = ticket[1:] == ticket[:-1]
    fell, rose = (np.zeros(tickets, np.bool_) for _ in range(2))
    fell[ticket[1:][same & (at[1:] < at[:-1])]] = True
    rose[ticket[1:][same & (at[1:] > at[:-1])]] = True
    return fell, rose


def rows_by_ticket(ticket: Codes, at: Ints, falls: Mask) -> TicketRows:
    """Return the indexes of the rows of each ticket, sorted by time.

    `falls` is a mask of the tickets whose latest row comes first in the log. Their rows of one instant are reversed.
    """
    rows = np.flatnonzero(ticket != NO_ID)
    rows = rows[np.argsort(ticket[rows], kind="stable")]
    own, instant = ticket[rows], at[rows]
    number = np.bincount(own, minlength=len(falls))
    start = np.cumsum(number) - number
    first = rows[start]
    unsorted = falls.copy()
    unsorted[own[1:][(own[1:] == own[:-1]) & (instant[1:] < instant[:-1])]] = True
    places = np.flatnonzero(unsorted[own])
    few = rows[places]
    turn = np.where(falls[ticket[few]], -few, few)
    rows[places] = few[np.lexsort((turn, at[few], ticket[few]))]
    return TicketRows(rows.astype(np.uint32), start, number, first)


def spread(start: Ints, number: Ints) -> tuple[Ints, Ints]:
    """Return all indexes in some ranges, one range after the other, and for each index the number of its range.

    Range `i` begins at `start[i]`, and has `number[i]` indexes. The first range is 0.

    >>> [part.tolist() for part in spread(np.array([5, 0]), np.array([2, 1]))]
    [[5, 6, 0], [0, 0, 1]]
    """
    run = np.repeat(np.arange(len(start)), number)
    return np.arange(len(run)) + np.repeat(start - (np.cumsum(number) - number), number), run
