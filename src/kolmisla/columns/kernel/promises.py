"""What a policy promises to tickets, by the combinations of plan, priority, channel and version that they have."""

from collections.abc import Mapping, Sequence
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
    "our_name",
    "promised",
    "promised_within",
]

NameOrNone = str | None
Codes = NDArray[np.integer[Any]]
# A ticket's plan, priority, channel and version, without blanks around them.
Terms = tuple[NameOrNone, NameOrNone, NameOrNone, NameOrNone]

DENSE = 1 << 20  # entries: the largest table with one for every possible combination


@dataclass(frozen=True, slots=True)
class TicketQuestion:
    """The question that is asked about every ticket: how its cycle stands."""

    policy: Policy  # whose promises are measured
    metric: MetricName  # which of its targets is measured
    now: int  # the instant at which tickets are judged; what happens after it is unknown


class Entitlement(NamedTuple):
    """What a ticket is promised: a promise; or the reason why there is none; or a fault, with its class of error.

    A promise without a target has a reason too.
    """

    promise: Promise | None
    reason: str | None = None
    error: type[KolmislaError] | None = None


def our_name(text: str | None, words: Mapping[str, str]) -> str | None:
    """Return a frame's name, stripped and translated by `words`; None when it is missing or blank."""
    text = text and text.strip()
    return (words.get(text, text).strip() or None) if text else None


class Coded(NamedTuple):
    """A column with few distinct values: `codes` has each row's index among them."""

    values: Sequence[NameOrNone]
    codes: Codes

    def pick(self, rows: NDArray[Any]) -> "Coded":
        """Return some rows of the column."""
        return Coded(self.values, self.codes[rows])

    @classmethod
    def of(cls, value: NameOrNone, rows: int) -> "Coded":
        """Return a column with one value in every row."""
        return cls([value], np.broadcast_to(np.int64(0), rows))


def eras(policy: Policy) -> list[int]:
    """Return an instant in each era of a policy, in order; within an era the rules do not change."""
    return [policy.turns[0] - 1, *policy.turns] if policy.turns else [0]


def entitlement(policy: Policy, terms: Terms, at: int, metric: MetricName) -> Entitlement:
    """Return what a ticket with these terms, opened at an instant, is promised, as `deadline` does for one ticket."""
    plan, priority, channel, version = terms
    if priority is None:
        return Entitlement(None, "priority is missing", TicketError)
    edition, early = policy.nearest(at), _before_the_first(policy, at)
    try:
        if early is not None:
            edition.priority(priority)  # raises for an unknown one
            return Entitlement(None, early)
        promise = edition.promise(plan, priority, channel, version, metric)
    except NotCoveredError as reason:
        return Entitlement(None, str(reason))
    except KolmislaError as fault:
        return Entitlement(None, str(fault), type(fault))
    return Entitlement(promise, promise.missing if promise.within is None else None)


def _before_the_first(policy: Policy, at: int) -> str | None:
    """Return why a ticket opened before the first edition is promised nothing; None for a later one."""
    since, begins = policy.editions[0].effective_from, policy.editions[0].begins_at
    if begins is None or at >= micros(begins):
        return None
    return f"opened before the first edition of the policy, effective from {since}"


def combined(columns: Sequence[Coded]) -> tuple[list[tuple[int, ...]], Ints]:
    """Return the combinations of codes that occur in several columns, and each row's index among them.

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
        present, indexes = np.unique(codes, return_inverse=True)
    else:
        present = np.flatnonzero(np.bincount(codes, minlength=1))
        table = np.zeros(prod(sizes), np.int64)
        table[present] = np.arange(len(present))
        indexes = table.take(codes)
    parts = np.unravel_index(present, sizes)
    return list(zip(*(part.tolist() for part in parts), strict=True)), indexes


class Reason(NamedTuple):
    """Why a ticket has no due time; with a class of error, why it is invalid; without a text, neither."""

    text: str | None
    error: type[KolmislaError] | None = None


class TicketColumns(NamedTuple):
    """The facts of tickets, a row for each; `opened` and `answered` are UTC microseconds, NULL where missing."""

    plan: Coded
    priority: Coded
    channel: Coded
    version: Coded
    opened: Ints
    answered: Ints


class Promised(NamedTuple):
    """The entitlements of tickets, one for each combination of terms and era."""

    entitlements: list[Entitlement]
    places: Ints  # by ticket: the index of its entitlement
    terms: list[Terms]  # by entitlement
    eras: list[int]  # by entitlement: an instant of the era

    @property
    def within(self) -> Ints:
        """The target of each entitlement; NULL where there is none."""
        return np.array([promised_within(entry) for entry in self.entitlements], np.int64)

    @property
    def on(self) -> tuple[list[Schedule], NDArray[np.int16]]:
        """The distinct schedules, and by entitlement the index of its schedule; one past the last without a promise."""
        on = [None if entry.promise is None else entry.promise.schedule for entry in self.entitlements]
        schedules = list(dict.fromkeys(own for own in on if own is not None))
        return schedules, np.array([len(schedules) if own is None else schedules.index(own) for own in on], np.int16)


def promised_within(entry: Entitlement) -> int:
    """Return the target of an entitlement; NULL when it has none."""
    promise = entry.promise
    return NULL if promise is None or promise.within is None else promise.within


def promised(facts: TicketColumns, policy: Policy, metric: MetricName) -> Promised:
    """Return what each ticket is promised, by the edition in force when it was opened."""
    turns = np.array(policy.turns, np.int64)
    era_of = Coded.of(None, len(facts.opened))
    if len(turns):
        era_of = Coded([None] * (len(turns) + 1), np.searchsorted(turns, facts.opened, "right"))
    era_instants = eras(policy)
    named = (facts.plan, facts.priority, facts.channel, facts.version)
    combinations, places = combined([*named, era_of])
    terms, instants = [], []
    for *codes, era in combinations:
        names = (column.values[code] for column, code in zip(named, codes, strict=True))
        plan, priority, channel, version = names
        terms.append((plan, priority, channel, version))
        instants.append(era_instants[era])
    entitlements = [entitlement(policy, own, at, metric) for own, at in zip(terms, instants, strict=True)]
    return Promised(entitlements, places, terms, instants)
