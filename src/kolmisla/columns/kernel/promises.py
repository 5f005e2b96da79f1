"""What a policy promises to tickets, by each combination of their plan, priority, channel and version."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.kernel.questions import NULL
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.errors import KolmislaError, NotCoveredError, TicketError
from kolmisla.instants import micros
from kolmisla.policies.plan import MetricName, Promise
from kolmisla.policies.policy import Policy
from kolmisla.schedules.schedule import Schedule

__all__ = [
    "Coded",
    "Codes",
    "Entitlement",
    "NameOrNone",
    "Promised",
    "Reason",
    "Terms",
    "TicketColumns",
    "TicketQuestion",
    "entitlement",
    "eras",
    "promised",
    "promised_within",
]

NameOrNone = str | None
Codes = NDArray[np.integer[Any]]
Terms = tuple[NameOrNone, NameOrNone, NameOrNone, NameOrNone]  # a ticket's plan, priority, channel, version; no blanks

DENSE = 1 << 20  # combinations that a table may have one entry each


@dataclass(frozen=True, slots=True)
class TicketQuestion:
    """What is asked of every ticket: how its cycle stands."""

    policy: Policy  # whose promises are measured
    metric: MetricName
    now: int  # the instant at which tickets are judged; what happens after it is unknown


class Entitlement(NamedTuple):
    """What is promised; or why nothing is; or what is wrong, with the kind of error it is."""

    promise: Promise | None
    reason: str | None = None
    error: type[KolmislaError] | None = None


class Coded(NamedTuple):
    """A column of few values: each row has the place of its own among them."""

    values: Sequence[NameOrNone]
    codes: Codes

    def pick(self, rows: NDArray[Any]) -> "Coded":
        """Some rows of it."""
        return Coded(self.values, self.codes[rows])

    @classmethod
    def of(cls, value: NameOrNone, rows: int) -> "Coded":
        """The same in every row."""
        return cls([value], np.broadcast_to(np.int64(0), rows))


def eras(policy: Policy) -> list[int]:
    """An instant of each stretch of time in which the same rules hold, in order."""
    return [policy.turns[0] - 1, *policy.turns] if policy.turns else [0]


def entitlement(policy: Policy, terms: Terms, at: int, metric: MetricName) -> Entitlement:
    """What a ticket with these terms, opened at an instant, is promised: the same answer as its deadline gives."""
    plan, priority, channel, version = terms
    if priority is None:
        return Entitlement(None, "priority is missing", TicketError)
    edition, early = policy.nearest(at), _before_the_first(policy, at)
    try:
        if early is not None:
            edition.priority(priority)  # refuses one that is none
            return Entitlement(None, early)
        promise = edition.promise(plan, priority, channel, version, metric)
    except NotCoveredError as reason:
        return Entitlement(None, str(reason))
    except KolmislaError as fault:
        return Entitlement(None, str(fault), type(fault))
    return Entitlement(promise, promise.missing if promise.within is None else None)


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


class Reason(NamedTuple):
    """Why a ticket has no due time; with a kind of error, why it is none; without a text, neither."""

    text: str | None
    error: type[KolmislaError] | None = None


class TicketColumns(NamedTuple):
    """The tickets: NULL where nobody answered, or said when the ticket was opened."""

    plan: Coded
    priority: Coded
    channel: Coded
    version: Coded
    opened: Ints
    answered: Ints


class Promised(NamedTuple):
    """The entitlement of each ticket by its place; and, by the same place, the terms and an instant of their era."""

    entitlements: list[Entitlement]
    places: Ints
    terms: list[Terms]
    eras: list[int]

    @property
    def within(self) -> Ints:
        """The target of each entitlement; NULL for none."""
        return np.array([promised_within(each) for each in self.entitlements], np.int64)

    @property
    def on(self) -> tuple[list[Schedule], NDArray[np.int16]]:
        """The schedules that count for any, and for each entitlement the place of its own; behind the last for none."""
        on = [None if each.promise is None else each.promise.schedule for each in self.entitlements]
        schedules = list(dict.fromkeys(each for each in on if each is not None))
        return schedules, np.array([len(schedules) if each is None else schedules.index(each) for each in on], np.int16)


def promised_within(given: Entitlement) -> int:
    """What is promised; NULL for nothing."""
    promise = given.promise
    return NULL if promise is None or promise.within is None else promise.within


def promised(facts: TicketColumns, policy: Policy, metric: MetricName) -> Promised:
    """What each ticket is promised, by the edition in force when it was opened."""
    turns = np.array(policy.turns, np.int64)
    era_of = Coded.of(None, len(facts.opened))
    if len(turns):
        era_of = Coded([None] * (len(turns) + 1), np.searchsorted(turns, facts.opened, "right"))
    era_instants = eras(policy)
    named = (facts.plan, facts.priority, facts.channel, facts.version)
    found, places = combined([*named, era_of])
    terms, instants = [], []
    for *codes, era in found:
        names = (each.values[code] for each, code in zip(named, codes, strict=True))
        plan, priority, channel, version = names
        terms.append((plan, priority, channel, version))
        instants.append(era_instants[era])
    entitlements = [entitlement(policy, each, at, metric) for each, at in zip(terms, instants, strict=True)]
    return Promised(entitlements, places, terms, instants)
