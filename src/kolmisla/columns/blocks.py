"""Rows that refer to tickets, by blocks of tickets: the columns of a block stay in a processor's nearest memory."""

from concurrent.futures import Executor

import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.ids import NOWHERE
from kolmisla.columns.lookup import Ints

__all__ = ["BLOCK", "in_blocks"]

BLOCK_BITS = 14
BLOCK = 1 << BLOCK_BITS  # tickets


def in_blocks(row: Ints, rows: int, pool: Executor, threads: int) -> list[Ints]:
    """For each block of so many tickets' rows, the places that refer to it; those of NOWHERE are in none."""
    blocks = -(-rows // BLOCK) - NOWHERE
    size = max(-(-len(row) // threads), 1)

    def share(start: int) -> tuple[NDArray[np.intp], list[int]]:
        block = (row[start : start + size] >> BLOCK_BITS) - NOWHERE
        ends = np.cumsum(np.bincount(block, minlength=blocks))
        # numpy sorts 16 bits by counting them
        order = np.argsort(block.astype(np.uint16) if blocks <= 1 << 16 else block, kind="stable")
        order += start
        return order, ends.tolist()

    shares = list(pool.map(share, range(0, len(row), size)))
    return [
        np.concatenate([order[ends[block - 1] : ends[block]] for order, ends in shares]) for block in range(1, blocks)
    ]
