"""A table of what a policy promises: a row for each plan, channel and so on, and a column for each priority."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.kernel.deadlines import Deadlines
from kolmisla.columns.kernel.naming.amounts import NamedTargets, StepRows, amounts_of_steps
from kolmisla.columns.kernel.naming.named_instants import blocks_of
from kolmisla.columns.kernel.promises import (
    Coded,
    Entitlement,
    NameOrNone,
    Promised,
    Reason,
    Terms,
    entitlement,
    promised_within,
)
from kolmisla.columns.kernel.questions import Mask, outside
from kolmisla.columns.kernel.timeline import Compiled, Ints, sheet
from kolmisla.documents.names import folded
from kolmisla.errors import TicketError, choices
from kolmisla.policies.plan import PriorityChange
from kolmisla.policies.policy import Policy
from kolmisla.schedules.schedule import NEVER
from kolmisla.tickets.cycles.cycle_clock import NO_DUE_TIME

__all__ = ["CARRY", "RESTART", "RETROACTIVE", "PieceTargets", "PromisesByPriority"]

MOST_UNKNOWN_NAMES = 20  # reasons quote at most this many unknown names

PRIORITY_CHANGES: tuple[PriorityChange, ...] = get_args(PriorityChange)
CARRY, RETROACTIVE, RESTART = map(PRIORITY_CHANGES.index, ("carry", "retroactive", "restart"))


class ClockPieces(Protocol):
    """The time of tickets in pieces, each from one event of a ticket to its next.

    `ticket`, `start` and `promise` have an entry for each piece. `first` and `last` have, for each ticket, the indexes
    of its first and its last piece.
    """

    @property
    def ticket(self) -> Ints: ...
    @property
    def start(self) -> Ints: ...
    @property
    def promise(self) -> Ints: ...
    @property
    def first(self) -> Ints: ...
    @property
    def last(self) -> Ints: ...


class PieceTargets(NamedTuple):
    """The targets of tickets in the pieces of their time, each from one event of a ticket to its next."""

    within: Ints  # for each piece; it means nothing unless the piece is in `steps` or is the last of its ticket
    steps: Ints  # for tickets that carry the time over to a new priority: the pieces with which a priority begins
    base: Ints  # for each ticket: the piece at whose start the clock begins to count
    unknown: Mask  # for each ticket: whether a target is unknown


class PromisesByPriority:
    """A table of what a policy promises: a row for each combination of terms, a column for each priority.

    The last column is for all other names. A few unknown names have columns, because messages quote them. A cell has
    the index `terms * width + priority`.
    """

    def __init__(
        self, promised: Promised, policy: Policy, metric: str, out: Deadlines, names: Sequence[NameOrNone]
    ) -> None:
        known = {folded(name): name for edition in policy.editions for name in edition.priorities}
        others: dict[str, str] = {}
        for name in filter(None, names):
            if folded(name) not in known:
                others.setdefault(folded(name), name)
        self._names = {**known, **dict(islice(others.items(), MOST_UNKNOWN_NAMES))}
        self.width = len(self._names) + 1
        own = [entry.promise for entry in promised.entitlements]
        editions = [policy.nearest(at) for at in promised.eras]
        # False for terms to which nothing is promised, whatever the priority. Then only an unknown name can be wrong.
        self.covered = np.array(
            [entry.promise is not None or entry.error is not None for entry in promised.entitlements]
        )
        table: list[Entitlement] = []
        wrong: list[bool] = []
        for entry, terms, at, covered in zip(
            promised.entitlements, promised.terms, promised.eras, self.covered.tolist(), strict=True
        ):
            row = [entry] * self.width
            if entry.promise is not None:
                row = list(self._row(terms, policy, at, metric))
            elif not covered:
                row = list(self._names_only(entry, policy.nearest(at)))
            table += row
            wrong += [cell.promise is None and (covered or cell.error is not None) for cell in row]
        schedules = [NEVER if entry.promise is None else entry.promise.schedule for entry in table]
        self.schedules = list(dict.fromkeys(schedules))
        self.response_on = out.counted_on(entry.promise for entry in table)  # indexes into `Deadlines.schedules`
        self.named = out.names_of(entry.promise for entry in table)  # indexes into `Deadlines.names`
        self.schedule = np.array([self.schedules.index(schedule) for schedule in schedules])
        self.in_days = NamedTargets.among(table)
        self.within = np.array([promised_within(entry) for entry in table], np.int64)  # NULL for a target in days
        self.reason = np.array([out.place(Reason(entry.reason, entry.error)) for entry in table])
        self.wrong = np.array(wrong)  # whether the entitlement makes a ticket invalid
        first = [
            promise.priority.name if promise else None if covered else priority
            for promise, covered, (_, priority, *_) in zip(own, self.covered.tolist(), promised.terms, strict=True)
        ]
        self.first = self.places(Coded(first, np.arange(len(first))))  # the column of the priority at opening
        self.priority_change = np.array([PRIORITY_CHANGES.index(edition.priority_change) for edition in editions])
        # For each schedule: the index of the reason why a due time is unknown.
        self.never = np.array(
            [out.place(Reason(f"{NO_DUE_TIME}: {schedule.timeline.known}")) for schedule in self.schedules]
        )
        self.ends = np.array([schedule.timeline.end for schedule in self.schedules], np.int64)
        self.beyond = [outside(schedule.timeline) for schedule in self.schedules]
        self.paused = out.place(Reason(f"{NO_DUE_TIME}: paused"))
        unknown = {id(rules): any(name and name not in rules.priorities for name in names) for rules in editions}
        # True for terms to which nothing is promised, if an unknown name occurs in `names`.
        self.checked = ~self.covered & np.array([unknown[id(edition)] for edition in editions])

    @property
    def start(self) -> int:
        """The first instant that all schedules know."""
        return max(schedule.timeline.start for schedule in self.schedules)

    @property
    def end(self) -> int:
        """The last instant that all schedules know."""
        return min(schedule.timeline.end for schedule in self.schedules)

    def compiled(self, start: int, end: int, starts: Sequence[Ints]) -> list[Compiled]:
        """Return the open spans of each schedule, from `start` until the longest target has been counted after `end`.

        The columns `starts` must have each instant from which a clock may count.
        """
        ahead, longest = max(int(self.within.max()), 0), 0
        if self.in_days.targets:
            known = [column[(column >= start) & (column <= end)] for column in starts]
            blocks = frozenset[int]().union(*map(blocks_of, known))
            longest = max(target.longest(blocks) for target in self.in_days.targets)
        return [
            sheet(schedule).covering(start, min(end + longest, schedule.timeline.end), ahead=max(ahead, longest))
            for schedule in self.schedules
        ]

    def targets_of(
        self, pieces: ClockPieces, changed: Mask, priority_change: Ints, several: Mask, compiled: list[Compiled]
    ) -> PieceTargets:
        """Return the targets of the pieces of tickets, with targets in days as amounts of open time.

        `changed` is True for a piece with which a priority begins, and `several` for a ticket whose priority changes.
        `priority_change` says, for each ticket, what a change does to the time counted.
        """
        ticket, first, last = pieces.ticket, pieces.first, pieces.last
        within, unknown = self.within.take(pieces.promise), np.zeros(len(first), np.bool_)
        carried = priority_change == CARRY
        several_steps = np.flatnonzero(changed & (several & carried).take(ticket))
        if not self.in_days.targets:
            return PieceTargets(within, several_steps, first, unknown)
        latest = np.maximum.reduceat(np.arange(len(ticket)) * changed, first)
        base = np.where(priority_change == RESTART, latest, first)
        begins = changed & carried.take(ticket)
        begins[base] = True
        rows = np.flatnonzero(begins)
        own = np.searchsorted(rows, base)  # the first step of each ticket
        steps = StepRows(pieces.start.take(rows), pieces.promise.take(rows), own.take(ticket.take(rows)))
        amounts, missing = amounts_of_steps(steps, self.in_days, self.schedule, compiled, self.ends)
        in_days = self.in_days.number.take(steps.promise) >= 0
        within[rows[in_days]] = amounts[in_days]
        final = np.append(own[1:], len(rows)) - 1
        within[last[in_days[final]]] = amounts[final[in_days[final]]]
        unknown[ticket.take(rows[missing])] = True
        return PieceTargets(within, several_steps, base, unknown)

    def places(self, names: Coded) -> NDArray[np.int16]:
        """Return, for each row of `names`, the column of the table that belongs to the row's name, ignoring case.

        For a name without a column of its own, return the last column.
        """
        known = {name: column for column, name in enumerate(self._names)}  # the names are folded already
        columns = [known.get(folded(name or ""), self.width - 1) for name in names.values]
        return np.array(columns, np.int16).take(names.codes)

    def _row(self, terms: Terms, policy: Policy, at: int, metric: str) -> Iterator[Entitlement]:
        """Yield, for each column of the table, what is promised for `terms` with the priority of this column."""
        for name in self._names.values():
            yield entitlement(policy, terms._replace(priority=name), at, metric)
        yield self._nameless(policy.nearest(at))

    def _names_only(self, entry: Entitlement, edition: Policy) -> Iterator[Entitlement]:
        """Yield an entitlement for each name of a priority, for terms to which the policy promises nothing.

        It is `entry` for a priority of `edition`, and a fault for any other name.
        """
        for name in self._names.values():
            try:
                edition.priority(name)
            except TicketError as fault:
                yield Entitlement(None, str(fault), TicketError)
            else:
                yield entry
        yield self._nameless(edition)

    @staticmethod
    def _nameless(edition: Policy) -> Entitlement:
        """Return the entitlement for the last column, which stands for all names without a column of their own.

        The entitlement is a fault, because no such name is a priority of the policy.
        """
        known = choices(edition.priorities)
        return Entitlement(None, f"a change to a priority that is not one of {known}", TicketError)
