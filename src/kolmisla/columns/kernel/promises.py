"""What a policy promises to tickets, for each combination of plan, priority, channel and version that occurs."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.kernel.questions import NULL
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.errors import KolmislaError, NotCoveredError, TicketError
from kolmisla.policies.plan import Promise
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import metric_of
from kolmisla.schedules.schedule import Schedule
from kolmisla.tickets.cycles.shapes import CYCLE, Shape, before_the_first, shape_of
from kolmisla.tickets.event import Moment
from kolmisla.tickets.layouts.words import Words

__all__ = [
    "OTHER",
    "UNREAD",
    "SpecialEvents",
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
OTHER, UNREAD = -1, -2  # the codes of events that are not special, and of special events that cannot be read
DENSE = 1 << 20  # the greatest size of a table that has an entry for every possible combination


class Terms(NamedTuple):
    """What the promise to a ticket depends on. Names have no spaces at their ends."""

    plan: NameOrNone
    priority: NameOrNone
    channel: NameOrNone
    version: NameOrNone
    owner: NameOrNone = None
    schedule: NameOrNone = None
    opened_by: NameOrNone = None  # None for a requester


@dataclass(frozen=True, slots=True)
class TicketQuestion:
    """What to compute for every ticket: the state of the cycle for this policy, metric and instant.

    If `by_cycle` is True, each row is one cycle, of any metric. The row is computed like a ticket that was opened when
    the cycle began. In such a row, an event `answered` is the end of the cycle, and the clock stands still while the
    state is resolved.
    """

    policy: Policy  # the policy whose promises are measured
    metric: str  # the metric to measure
    now: int  # the instant at which states are computed; later events are ignored
    by_cycle: bool = False

    @property
    def shape(self) -> Shape:
        """The shape of the metric. The metric must be one that can be judged in arrays."""
        shape = CYCLE if self.by_cycle else shape_of(metric_of(self.policy.editions[0], self.metric))
        assert shape is not None  # callers check it
        return shape

    @property
    def ends_with_answer(self) -> bool:
        """Whether the first answer to a ticket ends the cycle. If `by_cycle` is True, only an event ends the cycle."""
        return "answered" in self.shape.ends and not self.by_cycle


class Entitlement(NamedTuple):
    """A promise, the reason why there is no promise, or the fault of an invalid ticket.

    A fault has its text in `reason` and its class in `error`. A promise without a target also has a reason.
    """

    promise: Promise | None
    reason: str | None = None
    error: type[KolmislaError] | None = None


def our_name(text: str | None, words: Words | None) -> str | None:
    """Return a name of a frame, without the spaces around it and translated by `words`. An empty name gives None."""
    name = (text and text.strip()) or None
    return words.ours(name) if words else name


class Coded(NamedTuple):
    """A column with few distinct values. `codes` has the index of each row's value in `values`."""

    values: Sequence[NameOrNone]
    codes: Codes

    def pick(self, rows: NDArray[Any]) -> "Coded":
        """Return the column with only these rows."""
        return Coded(self.values, self.codes[rows])

    @classmethod
    def of(cls, value: NameOrNone, rows: int) -> "Coded":
        """Return a column with one value in every row."""
        return cls([value], np.broadcast_to(np.int64(0), rows))


class SpecialEvents(NamedTuple):
    """Special events: events that are judged one by one, with all that their rows say about them.

    `codes` has, for each event, an index into `moments`, or OTHER for an event that is not special, or UNREAD for a
    special event that cannot be read. The instants in `moments` mean nothing.
    """

    moments: Sequence[Moment]
    codes: Ints

    def of(self, event: int, at: int) -> list[Moment]:
        """Return a list with the special event at the instant `at`, or an empty list if the event cannot be read."""
        code = int(self.codes[event])
        return [self.moments[code]._replace(at=at)] if code >= 0 else []


def eras(policy: Policy) -> list[int]:
    """Return one instant of each era, in order. An era is a time in which the rules of the policy do not change."""
    return [policy.turns[0] - 1, *policy.turns] if policy.turns else [0]


def entitlement(policy: Policy, terms: Terms, at: int, metric: str) -> Entitlement:
    """Return what is promised to a ticket that has these terms and was opened at the instant `at`.

    `deadline` applies the same promise to a single ticket.
    """
    plan, priority, channel, version, owner, schedule, _ = terms
    if priority is None:
        return Entitlement(None, "priority is missing", TicketError)
    edition, early = policy.nearest(at), before_the_first(policy, at)
    try:
        if early is not None:
            edition.priority(priority)  # raises an error for an unknown priority
            return Entitlement(None, early)
        promise = edition.promise(plan, priority, channel, version, metric, owner=owner, schedule=schedule)
    except NotCoveredError as reason:
        return Entitlement(None, str(reason))
    except KolmislaError as fault:
        return Entitlement(None, str(fault), type(fault))
    return Entitlement(promise, promise.missing if promise.target is None else None)


def combined(columns: Sequence[Coded]) -> tuple[list[tuple[int, ...]], Ints]:
    """Return the distinct combinations of codes in the rows, and the index of each row's combination.

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
    """The reason why a ticket has no due time or, if `error` is set, why the ticket is invalid.

    If `text` is None, there is nothing to explain.
    """

    text: str | None
    error: type[KolmislaError] | None = None


class TicketColumns(NamedTuple):
    """The facts of tickets, with one row for each ticket.

    `opened` and `answered` are in UTC microseconds. The constant NULL stands for a missing value. `own` has the owner
    and the schedule at opening, and who opened the ticket. It is empty if the tickets do not tell these.
    """

    plan: Coded
    priority: Coded
    channel: Coded
    version: Coded
    opened: Ints
    answered: Ints
    own: tuple[Coded, ...] = ()


class Promised(NamedTuple):
    """A list of entitlements, one for each combination of terms and era, and the entitlement of each ticket."""

    entitlements: list[Entitlement]
    places: Ints  # for each ticket: the index of the ticket's entitlement
    terms: list[Terms]  # for each entitlement
    eras: list[int]  # for each entitlement: an instant in the era

    @property
    def within(self) -> Ints:
        """The target of each entitlement. It is NULL if there is no target, or if the target is in days."""
        return np.array([promised_within(entry) for entry in self.entitlements], np.int64)

    @property
    def on(self) -> tuple[list[Schedule], NDArray[np.int16]]:
        """The distinct schedules, and the index of each entitlement's schedule.

        An entitlement without a promise has the number of schedules as index.
        """
        on = [None if entry.promise is None else entry.promise.schedule for entry in self.entitlements]
        schedules = list(dict.fromkeys(own for own in on if own is not None))
        return schedules, np.array([len(schedules) if own is None else schedules.index(own) for own in on], np.int16)


def promised_within(entry: Entitlement) -> int:
    """Return the target of an entitlement. Return NULL if there is no target, or if the target is in days."""
    promise = entry.promise
    return NULL if promise is None or promise.within is None else promise.within


def promised(facts: TicketColumns, policy: Policy, metric: str) -> Promised:
    """Return the entitlement of each ticket. The edition in force at the ticket's opening decides."""
    turns = np.array(policy.turns, np.int64)
    era_of = Coded.of(None, len(facts.opened))
    if len(turns):
        era_of = Coded([None] * (len(turns) + 1), np.searchsorted(turns, facts.opened, "right"))
    era_instants = eras(policy)
    named = (facts.plan, facts.priority, facts.channel, facts.version, *facts.own)
    combinations, places = combined([*named, era_of])
    terms, instants = [], []
    for *codes, era in combinations:
        terms.append(Terms(*(column.values[code] for column, code in zip(named, codes, strict=True))))
        instants.append(era_instants[era])
    entitlements = [entitlement(policy, own, at, metric) for own, at in zip(terms, instants, strict=True)]
    return Promised(entitlements, places, terms, instants)
