"""What each event of a ticket does to the cycles of a metric: its role in the table of transitions."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from kolmisla.policies.terms.metrics import CHANGES, THE_OPENING, Metric, Opener, Pausing, Trigger, trigger_of
from kolmisla.tickets.cycles.transitions import Role, Turning
from kolmisla.tickets.states import reason_key
from kolmisla.times.instants import length

__all__ = ["ENDLESS", "Reading"]

ENDLESS: Mapping[str, Turning] = {"resolved": "resolved", "withdrawn": "withdrawn"}  # only a reopening ends these
MOST_ROLES = 1_000  # the most roles that are remembered
NO_REASONS: frozenset[str | None] = frozenset()


class Reading(NamedTuple):
    """The rules of one metric, one plan and its policy: what the events of a ticket do to cycles."""

    metric: Metric
    starts: tuple[Trigger, ...]
    ends: tuple[Trigger, ...]
    cancels: tuple[Trigger, ...]
    before: tuple[Trigger, ...]  # if there are any, one of these events must come before the first cycle
    pauses: frozenset[str | None] | None = NO_REASONS  # reasons for pauses that stop the clock; None means all pauses
    waits: frozenset[str] = frozenset()  # reasons for pauses that end when the customer asks
    question: bool = False  # whether a question to a resolved ticket starts a cycle at once
    watches: bool = False  # whether an owner, a priority or a plan can start or end a cycle, or must come before
    roles: dict[tuple[str, str], Role] = {}  # noqa: RUF012  # the roles found so far; each reading has its own dict

    @classmethod
    def of(
        cls,
        metric: Metric,
        *,
        opener: Opener = "requester",
        pauses: Pausing = "none",
        waits: Iterable[str] = (),
        question: bool = False,
    ) -> "Reading":
        """Return the rules for a metric.

        `pauses` says which pauses stop the clock: `all`, `none`, or the reasons for these pauses. `waits` has the
        reasons for pauses that end when the customer asks.
        """
        starts, ends, cancels, before = (
            tuple(map(trigger_of, texts))
            for texts in (metric.starts_for(opener), metric.ends, metric.cancels, metric.after)
        )
        listed = frozenset(map(reason_key, pauses)) if isinstance(pauses, tuple) else NO_REASONS
        return cls(
            metric,
            starts,
            ends,
            cancels,
            before,
            None if pauses == "all" else listed,
            frozenset(key for key in map(reason_key, waits) if key),
            question,
            any(trigger.kind in CHANGES for trigger in (*starts, *ends, *cancels, *before)),
            {},
        )

    def role(self, kind: str, value: str) -> Role:
        """Return what an event does to cycles. `value` must be in small letters.

        For what a reopening does to a cycle that has ended, see the method `after`.
        """
        role = self.roles.get((kind, value))
        if role is None:
            if len(self.roles) >= MOST_ROLES:
                self.roles.clear()
            role = self.roles[kind, value] = self._role(kind, value)
        return role

    def _role(self, kind: str, value: str) -> Role:
        start, ends, cancels, before = (
            _has(triggers, kind, value) for triggers in (self.starts, self.ends, self.cancels, self.before)
        )
        if not start or (kind == "owner" and not value):  # nobody owns the ticket
            return Role("no", ends, cancels, before, ENDLESS.get(kind, "no"))
        if kind == "asked":
            return Role("question" if self.question else "goodbye", ends, cancels, before)
        return Role("yes", ends, cancels, before, ENDLESS.get(kind, "no"))

    def opening(self, in_force: Mapping[str, str]) -> Role:
        """Return what the opening of a ticket does to cycles.

        `in_force` has the priority, plan and owner at the opening. They count as events of the opening.
        """
        if not in_force and (role := self.roles.get((THE_OPENING, ""))):
            return role
        events = [(THE_OPENING, ""), *((kind, value) for kind, value in in_force.items() if value)]
        start, before = (
            any(_has(triggers, kind, value) for kind, value in events) for triggers in (self.starts, self.before)
        )
        role = Role("yes" if start else "no", comes_before=before)
        if not in_force:
            self.roles[THE_OPENING, ""] = role
        return role

    def after(self, closed: int, in_force: Mapping[str, str]) -> tuple[Turning, bool]:
        """Return what a reopening does to an ended cycle, and whether it starts a cycle even if no cycle has ended.

        The ticket was closed for `closed` microseconds. `in_force` has the priority, plan and owner in force.
        """
        now = [(kind, value) for kind, value in in_force.items() if value]
        holds = any(_has(self.starts, *event) for event in now)
        # such as a metric of the owner `network` only, while somebody else owns the ticket
        if self.watches and not holds and all(trigger.kind in CHANGES for trigger in self.starts):
            return "ignore", False
        within = self.metric.reopened_within
        does: Turning = "new-cycle" if within is not None and closed > length(within) else self.metric.reopened
        return does, holds and does == "new-cycle"


def _has(triggers: Iterable[Trigger], kind: str, value: str) -> bool:
    return any(trigger.kind == kind and trigger.value in (None, value) for trigger in triggers)
