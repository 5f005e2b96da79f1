"""Where many values stand among sorted edges: what np.searchsorted finds, in one table read and one compare."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["Ints", "Lookup"]

Ints = NDArray[np.int64]

MOST_STEPS = 4  # edges in one bucket before a binary search is quicker
LAST = np.iinfo(np.int64).max


class Lookup:
    """Sorted edges under a table of buckets, each 2**shift wide; frozen, so threads may share it.

    A bucket tells how many edges stand before it; as many compares as the fullest one has edges do the rest. The
    table has about two to four buckets an edge. Where edges crowd together (windows of seconds among days) it
    would take too many compares, and there is a binary search instead.

    >>> Lookup(np.array([0, 10, 20])).right(np.array([0, 9, 10, 25])).tolist()
    [1, 1, 2, 3]
    """

    __slots__ = ("_base", "_counts", "_following", "_shift", "_steps", "edges")

    def __init__(self, edges: Ints) -> None:
        self.edges = edges
        self._base = int(edges[0])
        width = int(edges[-1]) - self._base + 1
        self._shift = max((width // (2 * len(edges))).bit_length() - 1, 0)
        buckets = self._base + (np.arange((width >> self._shift) + 1) << self._shift)
        self._counts = np.searchsorted(edges, buckets, "right")
        self._following = np.append(edges, LAST)
        self._steps = int(np.diff(np.append(self._counts, len(edges))).max())

    def right(self, values: Ints) -> NDArray[np.intp]:
        """How many edges are at or before each value; no value is before the first edge, or LAST."""
        if self._steps > MOST_STEPS:
            return np.searchsorted(self.edges, values, "right")
        buckets = values - self._base
        buckets >>= self._shift
        counts = self._counts.take(buckets, mode="clip")  # behind the last edge is as good as in the last bucket
        for _ in range(self._steps):
            counts += self._following.take(counts) <= values
        return counts
