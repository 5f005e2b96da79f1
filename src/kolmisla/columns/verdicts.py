"""What a policy promises to each combination of a plan, a priority, a channel and a version that tickets have."""

from collections.abc import Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.lookup import Ints
from kolmisla.errors import KolmislaError, NotCoveredError, TicketError
from kolmisla.plan import Metric
from kolmisla.policy import Policy
from kolmisla.promise import Promise
from kolmisla.spans import micros

__all__ = ["Coded", "Codes", "Name", "Terms", "Verdict", "combined", "eras", "verdict"]

Name = str | None
Codes = NDArray[np.integer[Any]]
Terms = tuple[Name, Name, Name, Name]  # a ticket's plan, priority, channel and version, without blanks about them

DENSE = 1 << 20  # combinations that a table may have one entry each


class Verdict(NamedTuple):
    """What is promised; or why nothing is; or what is wrong, with the kind of error it is."""

    promise: Promise | None
    reason: str | None = None
    error: type[KolmislaError] | None = None


class Coded(NamedTuple):
    """A column of few values: each row has the place of its own among them."""

    values: Sequence[Name]
    codes: Codes

    def pick(self, rows: NDArray[Any]) -> "Coded":
        """Some rows of it."""
        return Coded(self.values, self.codes[rows])

    @classmethod
    def of(cls, value: Name, rows: int) -> "Coded":
        """The same in every row."""
        return cls([value], np.broadcast_to(np.int64(0), rows))


def eras(policy: Policy) -> list[int]:
    """An instant of each stretch of time in which the same rules hold, in order."""
    return [policy.turns[0] - 1, *policy.turns] if policy.turns else [0]


def verdict(policy: Policy, terms: Terms, at: int, metric: Metric) -> Verdict:
    """What a ticket with these terms, opened at an instant, is promised: the same answer as its deadline gives."""
    plan, priority, channel, version = terms
    if priority is None:
        return Verdict(None, "priority is missing", TicketError)
    edition, early = policy.nearest(at), _before_the_first(policy, at)
    try:
        if early is not None:
            edition.priority(priority)  # refuses one that is none
            return Verdict(None, early)
        promise = edition.promise(plan, priority, channel, version, metric)
    except NotCoveredError as reason:
        return Verdict(None, str(reason))
    except KolmislaError as fault:
        return Verdict(None, str(fault), type(fault))
    return Verdict(promise, promise.missing if promise.within is None else None)


def _before_the_first(policy: Policy, at: int) -> str | None:
    """Why nothing is promised to a ticket from before the first edition; None for one that is not."""
    since, begins = policy.editions[0].effective_from, policy.editions[0].begins_at
    if begins is None or at >= micros(begins):
        return None
    return f"opened before the first edition of the policy, effective from {since}"


def combined(columns: Sequence[Coded]) -> tuple[list[tuple[int, ...]], Ints]:
    """The combinations that there are of several columns' codes, and each row's place among them.

    >>> one, other = Coded(["a", "b"], np.array([0, 1, 1])), Coded(["x", "y"], np.array([1, 0, 0]))
    >>> combined([one, other])
    ([(0, 1), (1, 0)], array([0, 1, 1]))
    """
    sizes = [max(len(column.values), 1) for column in columns]
    codes = columns[0].codes.astype(np.int64)
    for column, size in zip(columns[1:], sizes[1:], strict=True):
        if size > 1:
            codes *= size
            codes += column.codes
    if prod(sizes) > DENSE:
        present, places = np.unique(codes, return_inverse=True)
    else:
        present = np.flatnonzero(np.bincount(codes, minlength=1))
        table = np.zeros(prod(sizes), np.int64)
        table[present] = np.arange(len(present))
        places = table.take(codes)
    parts = np.unravel_index(present, sizes)
    return list(zip(*(part.tolist() for part in parts), strict=True)), places
