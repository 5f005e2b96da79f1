"""Finds the role of each event: what it does to the cycles of a metric, such as to begin or to end a cycle."""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.kernel.events import KIND_CODE, Events
from kolmisla.columns.kernel.promises import Promised
from kolmisla.columns.kernel.questions import Mask
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.columns.lives.in_order import REOPENED_KIND, RESOLVED_KIND, WITHDRAWN_KIND, InOrder
from kolmisla.documents.names import folded
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import has_metric, metric_of
from kolmisla.policies.terms.metrics import CHANGES, EventKind, Opener
from kolmisla.tickets.cycles.cycle_clocks import reading_of
from kolmisla.tickets.cycles.readings import Reading
from kolmisla.tickets.cycles.transitions import Role
from kolmisla.tickets.states import TOGETHER
from kolmisla.times.instants import length

__all__ = ["NO_READING", "Roles", "readings_of", "roles_of"]

NO_READING = -1
_NO_ROLE = Role()


def readings_of(promised: Promised, policy: Policy, metric: str) -> list[Reading | None]:
    """Return, for each of `promised.entitlements`, what events mean for the metric.

    The entry is None for a fault, such as an unknown plan, and if the edition in force does not have the metric. Then
    tickets have no cycles.
    """
    readings: list[Reading | None] = []
    for entry, terms, at in zip(promised.entitlements, promised.terms, promised.eras, strict=True):
        edition = policy.nearest(at)
        opener: Opener = "requester" if terms.opened_by is None else cast("Opener", terms.opened_by)
        if entry.error is not None or not has_metric(edition, metric):
            readings.append(None)
        elif entry.promise is None:
            readings.append(Reading.of(metric_of(edition, metric), opener=opener))
        else:
            readings.append(reading_of(edition, entry.promise.plan, metric, opener))
    return readings


class Roles:
    """The roles of events and of openings, as numbers: what they do to the cycles of a metric.

    The number 0 is for no role. `pairs` has the number of each pair: a role, and whether the cycles of the metric
    repeat.
    """

    def __init__(self, openings: int, events: int) -> None:
        self.pairs: dict[tuple[Role, bool], int] = {(_NO_ROLE, False): 0}
        self.opening = np.zeros(openings, np.int32)
        self.event = np.zeros(events, np.int32)

    def number(self, role: Role, reading: Reading) -> int:
        """Return the number of a role for the metric of `reading`. A role that has no number yet gets a new one."""
        if role == _NO_ROLE:
            return 0
        return self.pairs.setdefault((role, reading.metric.repeats), len(self.pairs))


def roles_of(
    told: InOrder, opened: Ints, promised: Promised, readings: Sequence[Reading | None], of_ticket: Ints
) -> Roles:
    """Return the roles of all events and of all openings: what each does to the cycles of a metric.

    `readings` says what events mean, for each entitlement. `of_ticket` has, for each ticket, an index into `readings`,
    or NO_READING.
    """
    events = told.events
    roles = Roles(len(opened), len(events.row))
    of_event = of_ticket.take(events.row)
    watching = any(reading is not None and reading.watches for reading in readings)
    terms = _InForce(told, promised) if watching else None
    table = np.zeros((len(readings) + 1, len(TOGETHER) + 1), np.int32)  # the last row is for NO_READING
    for number, reading in enumerate(readings):
        for kind, code in KIND_CODE.items():
            if reading is not None and kind not in CHANGES and kind != "reopened":
                table[number, code] = roles.number(reading.role(kind, ""), reading)
    roles.event = table.ravel().take(of_event * table.shape[1] + events.kind)
    few = np.flatnonzero((events.kind == REOPENED_KIND) & (of_event != NO_READING))
    ends = np.flatnonzero((events.kind == RESOLVED_KIND) | (events.kind == WITHDRAWN_KIND))
    closed = told.before(ends, few)
    since = np.where(closed < 0, opened.take(events.row[few]), np.append(events.at, 0).take(closed))
    shut = events.at.take(few) - since  # how long the ticket was closed
    for number, reading in enumerate(readings):
        if reading is None:
            continue
        own = of_event[few] == number
        within = reading.metric.reopened_within
        late = np.zeros(len(few), np.bool_) if within is None else shut > length(within)
        in_force = terms.before(told, few) if terms and reading.watches else np.zeros((0, len(few)), np.int64)
        for rows, example in _alike(np.flatnonzero(own), late, *in_force):
            now = terms.named(in_force[:, example]) if terms and reading.watches else {}
            turning, starts = reading.after(int(shut[example]), now)
            role = reading.role("reopened", "")
            role = role._replace(start="yes" if starts else role.start, turning=turning)
            roles.event[few[rows]] = roles.number(role, reading)
        own = of_ticket == number
        in_force = terms.opening if terms and reading.watches else np.zeros((0, len(opened)), np.int64)
        for rows, example in _alike(np.flatnonzero(own), *in_force):
            now = terms.named(in_force[:, example]) if terms and reading.watches else {}
            roles.opening[rows] = roles.number(reading.opening(now), reading)
        if terms and reading.watches:
            changes = np.flatnonzero(terms.changes & (of_event == number))
            for rows, example in _alike(changes, events.kind, terms.value):
                kind, name = TOGETHER[events.kind[example] - 1], terms.names[terms.value[example]]
                roles.event[rows] = roles.number(reading.role(kind, name), reading)
    return roles


class _InForce:
    """The priority, the plan and the owner in force at each event, as numbers. The number 0 stands for no name."""

    def __init__(self, told: InOrder, promised: Promised) -> None:
        events = told.events
        self._codes: dict[str, int] = {"": 0}  # the number of each folded name
        self.value = self._values(events)  # for a change: the number of the new name
        at_first: dict[EventKind, Ints] = {
            name: np.array([self._code(getattr(terms, name)) for terms in promised.terms], np.int64).take(
                promised.places
            )
            for name in CHANGES
        }
        self._first, self._told = at_first, {name: np.flatnonzero(events.kind == KIND_CODE[name]) for name in CHANGES}
        # `changes` is True for an event that replaces the name in force by a different name.
        self.changes, openings = np.zeros(len(events.row), np.bool_), []
        early = np.zeros(len(events.row), np.bool_)
        early[told.early] = True
        for name, changes in self._told.items():
            self.changes[changes] = ~early[changes] & (self.value[changes] != self._of(name, told, changes))
            opening, first = at_first[name].copy(), changes[early[changes]]
            opening[events.row[first]] = self.value[first]  # the last change of a ticket is stored last
            openings.append(opening)
        self.opening = np.array(openings)  # the names in force at each opening
        self.names = list(self._codes)

    def before(self, told: InOrder, rows: Ints) -> NDArray[np.int64]:
        """Return which names were in force just before each of the events `rows`, as numbers.

        The result has a row for each of priority, plan and owner (CHANGES), and a column for each event.
        """
        return np.array([self._of(name, told, rows) for name in CHANGES])

    def _of(self, name: EventKind, told: InOrder, rows: Ints) -> Ints:
        """Return which name was in force just before each of some events. A number stands for each name.

        `name` is the kind of name, such as `owner`. `rows` has the indexes of the events.
        """
        latest = told.before(self._told[name], rows)
        return np.where(
            latest < 0, self._first[name].take(told.events.row[rows]), np.append(self.value, 0).take(latest)
        )

    def named(self, codes: Ints) -> Mapping[str, str]:
        """Return the names that have the numbers `codes`, by kind: a priority, a plan and an owner."""
        return {kind: self.names[code] for kind, code in zip(CHANGES, codes.tolist(), strict=True)}

    def _values(self, events: Events) -> Ints:
        named = np.array([self._code(name) for name in events.value.values], np.int64).take(events.value.codes)
        values = np.where(events.kind == KIND_CODE["priority"], named, 0)
        if events.special is not None:
            special = np.array([*(self._code(moment.value) for moment in events.special.moments), 0, 0], np.int64)
            values = np.where(events.special.codes >= 0, special.take(events.special.codes), values)
        return values

    def _code(self, name: str | None) -> int:
        return self._codes.setdefault(folded(name) if name else "", len(self._codes))


def _alike(rows: Ints, *columns: NDArray[np.integer] | Mask) -> Iterator[tuple[Ints, int]]:
    """Group the rows `rows` by their values in `columns`. Yield, for each group, its rows and the first of its rows."""
    if not len(rows):
        return
    key = np.zeros(len(rows), np.int64)
    for column in columns:
        _, codes = np.unique(column[rows], return_inverse=True)
        _, key = np.unique(key * (int(codes.max()) + 1) + codes, return_inverse=True)
    order = np.argsort(key, kind="stable")
    for group in np.split(rows[order], np.cumsum(np.bincount(key))[:-1]):
        yield group, int(group[0])
