"""Amounts of time, sorted and counted. Each percentile is one of the amounts."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from itertools import accumulate
from operator import itemgetter
from typing import NamedTuple

from kolmisla.errors import shown

__all__ = ["Amounts", "Sorted"]


class Sorted(NamedTuple):
    """Some amounts, sorted and counted. `values` has each different amount once, the least first.

    `ranks` has a number for each of `values`: how many of the amounts are equal to the value or less.
    """

    values: Sequence[int]  # an array of 64-bit integers
    ranks: Sequence[int]

    @classmethod
    def of(cls, values: Iterable[int]) -> "Sorted":
        """Make a Sorted from amounts in any order. Equal amounts are counted."""
        ordered, different, ranks = sorted(values), array("q"), array("q")
        for rank, value in enumerate(ordered, 1):
            if different and different[-1] == value:
                ranks[-1] = rank
            else:
                different.append(value)
                ranks.append(rank)
        return cls(different, ranks)

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Yield each different amount, and how often it occurs."""
        before = 0
        for value, rank in zip(self.values, self.ranks, strict=True):
            yield value, rank - before
            before = rank


class Amounts:
    """Amounts of time in microseconds, and how often each occurs.

    A sum keeps the sorted parts of both objects, without merging them.

    >>> (Amounts.of([3, 1]) + Amounts.of([2, 2])).percentile(50), Amounts.of([3, 1]).total, Amounts.of([]).percentile(1)
    (2, 4, None)
    """

    __slots__ = ("parts", "total")

    def __init__(self, parts: Iterable[Sorted] = (), total: int = 0) -> None:
        self.parts, self.total = tuple(part for part in parts if part.ranks), total

    def __reduce__(self) -> tuple[type["Amounts"], tuple[tuple[Sorted, ...], int]]:
        """Return the class and the arguments with which pickle makes an equal object.

        Without this method, the oldest pickle protocols could not copy the object, because it has `__slots__`.
        """
        return Amounts, (self.parts, self.total)

    @classmethod
    def of(cls, values: Sequence[int]) -> "Amounts":
        """Make an object from amounts. They may be in any order, and several may be equal."""
        return cls([Sorted.of(values)], sum(values))

    @classmethod
    def counted(cls, pairs: Iterable[tuple[int, int]]) -> "Amounts":
        """Make an object from pairs: an amount, and how often it occurs. The pairs must be sorted by amount."""
        different = [(value, count) for value, count in pairs if count]
        ranks = array("q", accumulate(count for _, count in different))
        total = sum(value * count for value, count in different)
        return cls([Sorted(array("q", [value for value, _ in different]), ranks)], total)

    @property
    def n(self) -> int:
        """How many amounts there are."""
        return sum(part.ranks[-1] for part in self.parts)

    @property
    def mean(self) -> int | None:
        """The mean of the amounts, rounded down. It is None if there are no amounts."""
        return self.total // self.n if self.parts else None

    def percentile(self, q: int) -> int | None:
        """Return the least amount `a` such that at least `q` percent of all amounts are equal to `a` or less.

        Return None without amounts. Raise ValueError unless `q` is a whole number from 1 to 100.
        """
        if type(q) is not int or not 1 <= q <= 100:
            raise ValueError(f"a percentile must be a whole number from 1 to 100, not {shown(q)}")
        if not self.parts:
            return None
        rank = -(-q * self.n // 100)
        low, high = min(part.values[0] for part in self.parts), max(part.values[-1] for part in self.parts)
        while low < high:
            middle = (low + high) // 2
            if self._up_to(middle) >= rank:
                high = middle
            else:
                low = middle + 1
        return low

    def _up_to(self, amount: int) -> int:
        places = (bisect_right(part.values, amount) for part in self.parts)
        return sum(part.ranks[place - 1] for part, place in zip(self.parts, places, strict=True) if place)

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Yield each different amount, and how often it occurs. The least amount comes first."""
        last, number = None, 0
        for value, count in merge(*(part.pairs() for part in self.parts), key=itemgetter(0)):
            if value != last and last is not None:
                yield last, number
                number = 0
            last, number = value, number + count
        if last is not None:
            yield last, number

    def merged(self) -> "Amounts":
        """Return an equal object that has all its amounts in one sorted part."""
        return self if len(self.parts) < 2 else Amounts.counted(self.pairs())

    def __add__(self, other: "Amounts") -> "Amounts":
        return Amounts((*self.parts, *other.parts), self.total + other.total)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Amounts):
            return NotImplemented
        return self.total == other.total and self.n == other.n and [*self.pairs()] == [*other.pairs()]

    def __hash__(self) -> int:
        return hash((self.total, self.n))

    def __repr__(self) -> str:
        return f"<Amounts, {self.n:,} of them>"
