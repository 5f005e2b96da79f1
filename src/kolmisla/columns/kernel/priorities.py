"""What tickets are promised as their priorities change: tables by a ticket's terms and the priority in force."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.kernel.deadlines import Deadlines
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
from kolmisla.columns.kernel.timeline import Compiled, sheet
from kolmisla.documents.names import folded
from kolmisla.errors import TicketError, choices
from kolmisla.policies.plan import MetricName, PriorityChange
from kolmisla.policies.policy import Policy
from kolmisla.schedules.schedule import NEVER
from kolmisla.tickets.cycle_clock import NO_DUE_TIME

__all__ = ["CARRY", "RESTART", "RETROACTIVE", "PromisesByPriority"]

MOST_UNKNOWN_NAMES = 20  # names that are no priorities

PRIORITY_CHANGES: tuple[PriorityChange, ...] = get_args(PriorityChange)
CARRY, RETROACTIVE, RESTART = map(PRIORITY_CHANGES.index, ("carry", "retroactive", "restart"))


class PromisesByPriority:
    """A table of entitlements, a row for each place of a ticket's terms, a column for each priority, and one for none.

    The first few of `names` that are no priorities have a column too, so that a reason can name them.

    `within`, `schedule`, `reason` and `wrong` are flat: an entitlement's place is `terms * width + priority`. By terms,
    `first` is their own priority, `priority_change` what a change of it does, and `pausing` whether the clock stands
    still while a ticket is paused. `never` and `paused` are reasons for no due time, the former by schedule.

    Where terms are not `covered`, nothing is promised whatever the priority, and only a name that is no priority is
    wrong; `checked` tells, by terms, whether a name may be.
    """

    def __init__(
        self, promised: Promised, policy: Policy, metric: MetricName, out: Deadlines, names: Sequence[NameOrNone]
    ) -> None:
        known = {folded(name): name for edition in policy.editions for name in edition.priorities}
        others: dict[str, str] = {}
        for name in filter(None, names):
            if folded(name) not in known:
                others.setdefault(folded(name), name)
        self._names = {**known, **dict(islice(others.items(), MOST_UNKNOWN_NAMES))}
        self.width = len(self._names) + 1
        own = [each.promise for each in promised.entitlements]
        editions = [policy.nearest(at) for at in promised.eras]
        self.covered = np.array([each.promise is not None or each.error is not None for each in promised.entitlements])
        table: list[Entitlement] = []
        wrong: list[bool] = []
        for given, terms, at, covered in zip(
            promised.entitlements, promised.terms, promised.eras, self.covered.tolist(), strict=True
        ):
            row = [given] * self.width
            if given.promise is not None:
                row = list(self._row(terms, policy, at, metric))
            elif not covered:
                row = list(self._names_only(given, policy.nearest(at)))
            table += row
            wrong += [each.promise is None and (covered or each.error is not None) for each in row]
        schedules = [NEVER if each.promise is None else each.promise.schedule for each in table]
        self.schedules = list(dict.fromkeys(schedules))
        self.schedule = np.array([self.schedules.index(each) for each in schedules])
        self.within = np.array([promised_within(each) for each in table], np.int64)
        self.reason = np.array([out.place(Reason(each.reason, each.error)) for each in table])
        self.wrong = np.array(wrong)
        first = [
            promise.priority.name if promise else None if covered else priority
            for promise, covered, (_, priority, *_) in zip(own, self.covered.tolist(), promised.terms, strict=True)
        ]
        self.first = self.places(Coded(first, np.arange(len(first))))
        self.priority_change = np.array([PRIORITY_CHANGES.index(edition.priority_change) for edition in editions])
        self.never = np.array([out.place(Reason(f"{NO_DUE_TIME}: {each.timeline.known}")) for each in self.schedules])
        self.paused = out.place(Reason(f"{NO_DUE_TIME}: paused"))
        unknown = {id(each): any(name and name not in each.priorities for name in names) for each in editions}
        self.checked = ~self.covered & np.array([unknown[id(each)] for each in editions])
        self.pausing = np.array([promise is not None and metric in promise.plan.pausing for promise in own])

    @property
    def start(self) -> int:
        """The first instant that all schedules know."""
        return max(schedule.timeline.start for schedule in self.schedules)

    @property
    def end(self) -> int:
        """The last instant that all schedules know."""
        return min(schedule.timeline.end for schedule in self.schedules)

    def compiled(self, start: int, end: int) -> list[Compiled]:
        """The schedules from start to end, and as far as any target reaches behind that."""
        ahead = max(int(self.within.max()), 0)
        return [sheet(schedule).covering(start, end, ahead=ahead) for schedule in self.schedules]

    def places(self, names: Coded) -> NDArray[np.int16]:
        """The column of each priority's name, whatever its case; the last one for what is none."""
        known = {name: place for place, name in enumerate(self._names)}  # by the folded name
        found = [known.get(folded(name or ""), self.width - 1) for name in names.values]
        return np.array(found, np.int16).take(names.codes)

    def _row(self, terms: Terms, policy: Policy, at: int, metric: MetricName) -> Iterator[Entitlement]:
        plan, _, channel, version = terms
        for name in self._names.values():
            yield entitlement(policy, (plan, name, channel, version), at, metric)
        yield self._nameless(policy.nearest(at))

    def _names_only(self, given: Entitlement, edition: Policy) -> Iterator[Entitlement]:
        """The entitlements of a ticket that nothing is promised to: a name may still be no priority."""
        for name in self._names.values():
            try:
                edition.priority(name)
            except TicketError as fault:
                yield Entitlement(None, str(fault), TicketError)
            else:
                yield given
        yield self._nameless(edition)

    @staticmethod
    def _nameless(edition: Policy) -> Entitlement:
        known = choices(edition.priorities)
        return Entitlement(None, f"a change to a priority that is not one of {known}", TicketError)
