"""What a policy promises to tickets, for each plan, priority, channel and version that occur together."""

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
    """What the promise to a ticket depends on: its plan, its priority and so on. Names have no spaces at their ends."""

    plan: NameOrNone
    priority: NameOrNone
    channel: NameOrNone
    version: NameOrNone
    owner: NameOrNone = None
    schedule: NameOrNone = None
    opened_by: NameOrNone = None  # None for a requester


@dataclass(frozen=True, slots=True)
class TicketQuestion:
    """What to compute for each ticket: how it stands for one metric of a policy at one instant.

    If `by_cycle` is True, each row is a cycle of any metric. It is judged like a ticket that is opened when the cycle
    begins, and ends with an event `answered`.
    """

    policy: Policy  # the policy whose promises are measured
    metric: str  # the metric to measure
    now: int  # the instant at which states are computed; later events are ignored
    by_cycle: bool = False

    @property
    def shape(self) -> Shape:
        """Which events end the metric's cycle, and what resolutions and reopenings do to the cycle.

        The metric must be one that arrays can judge.
        """
        shape = CYCLE if self.by_cycle else shape_of(metric_of(self.policy.editions[0], self.metric))
        assert shape is not None  # callers check it
        return shape

    @property
    def ends_with_answer(self) -> bool:
        """Whether a time in the column `answered_at` ends the cycle.

        If `by_cycle` is True, no such time ends the cycle, because only an event can end it.
        """
        return "answered" in self.shape.ends and not self.by_cycle


class Entitlement(NamedTuple):
    """A promise to a ticket, or the reason why there is none, or a fault that makes the ticket invalid.

    Without a promise, `reason` says why. A promise without a target has a `reason` too. For a fault, `reason` has the
    message, and `error` its class.
    """

    promise: Promise | None
    reason: str | None = None
    error: type[KolmislaError] | None = None


def our_name(text: str | None, words: Words | None) -> str | None:
    """Return a name from a frame without the spaces around it, translated by `words` to the policy's word.

    If `words` is None, do not translate the name. For an empty name, return None.
    """
    name = (text and text.strip()) or None
    return words.ours(name) if words else name


class Coded(NamedTuple):
    """A column with few different values. `values` has each value once.

    `codes` has, for each row, an index into `values`.
    """

    values: Sequence[NameOrNone]
    codes: Codes

    def pick(self, rows: NDArray[Any]) -> "Coded":
        """Return a column with only the rows `rows`."""
        return Coded(self.values, self.codes[rows])

    @classmethod
    def of(cls, value: NameOrNone, rows: int) -> "Coded":
        """Return a column with `rows` rows that all have the value `value`."""
        return cls([value], np.broadcast_to(np.int64(0), rows))


class SpecialEvents(NamedTuple):
    """Events that arrays cannot judge, with all that their rows say about them.

    `codes` has, for each event, an index into `moments`, or OTHER for an event that is not special, or UNREAD for one
    that cannot be read. The instants in `moments` mean nothing.
    """

    moments: Sequence[Moment]
    codes: Ints

    def of(self, code: int, at: int) -> list[Moment]:
        """Return a list with the event that has this code, at the instant `at`.

        For the codes OTHER and UNREAD, return an empty list.
        """
        return [self.moments[code]._replace(at=at)] if code >= 0 else []


def eras(policy: Policy) -> list[int]:
    """Return one instant in each era, from the earliest on.

    An era is a time in which the rules of the policy do not change.
    """
    return [policy.turns[0] - 1, *policy.turns] if policy.turns else [0]


def entitlement(policy: Policy, terms: Terms, at: int, metric: str) -> Entitlement:
    """Return what is promised for `metric` to a ticket with `terms` that was opened at the instant `at`.

    If nothing is promised, the result has the reason. If the terms are not valid, it has the fault.
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
    """Return the different rows of several columns, as combinations of codes, and the index of each row's combination.

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

    `opened` and `answered` are in UTC microseconds, or NULL. `own` has the owner and the schedule at the opening, and
    who opened the ticket. It is empty if none of them is known.
    """

    plan: Coded
    priority: Coded
    channel: Coded
    version: Coded
    opened: Ints
    answered: Ints
    own: tuple[Coded, ...] = ()


class Promised(NamedTuple):
    """What the policy promises to each ticket: its entitlement.

    Tickets with the same terms, opened in the same era, share an entitlement. An era is a time in which the rules of
    the policy do not change.
    """

    entitlements: list[Entitlement]
    places: Ints  # for each ticket: the index of the ticket's entitlement
    terms: list[Terms]  # for each entitlement
    eras: list[int]  # for each entitlement: an instant in the era

    @property
    def within(self) -> Ints:
        """The target of each of `entitlements` in microseconds.

        It is NULL if there is no target, or if the target is in days.
        """
        return np.array([promised_within(entry) for entry in self.entitlements], np.int64)

    @property
    def on(self) -> tuple[list[Schedule], NDArray[np.int16]]:
        """The different schedules of the promises, and for each of `entitlements` the index of its schedule.

        For an entitlement without a promise, the index is the number of schedules.
        """
        on = [None if entry.promise is None else entry.promise.schedule for entry in self.entitlements]
        schedules = list(dict.fromkeys(own for own in on if own is not None))
        return schedules, np.array([len(schedules) if own is None else schedules.index(own) for own in on], np.int16)


def promised_within(entry: Entitlement) -> int:
    """Return the target of an entitlement in microseconds. If there is no target, or if it is in days, return NULL."""
    promise = entry.promise
    return NULL if promise is None or promise.within is None else promise.within


def promised(facts: TicketColumns, policy: Policy, metric: str) -> Promised:
    """Return what `policy` promises to each ticket for `metric`, by the rules in force when the ticket was opened."""
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
