"""What the events of a ticket do to the cycles of a metric. Each event has a role in the table of transitions."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from kolmisla.instants import length
from kolmisla.policies.terms.metrics import CHANGES, THE_OPENING, Metric, Opener, Pausing, Trigger, trigger_of
from kolmisla.tickets.cycles.transitions import Role, Turning
from kolmisla.tickets.states import reason_key

__all__ = ["ENDLESS", "Reading"]

ENDLESS: Mapping[str, Turning] = {"resolved": "resolved", "withdrawn": "withdrawn"}  # only a reopening ends these
MOST_ROLES = 1_000  # the most roles that are remembered
NO_REASONS: frozenset[str | None] = frozenset()


class Reading(NamedTuple):
    """What the events of a ticket do to the cycles of one metric, by a plan and its policy.

    `starts` has what starts a cycle, which depends on who opened the ticket. `before` has what must come before the
    first cycle. `pauses` has the keys of the reasons for pauses that stop the clock; None means that all pauses do.
    `waits` has the keys of the reasons for pauses that end when the customer asks. `question` says whether a question
    to a resolved ticket starts a cycle at once.
    """

    metric: Metric
    starts: tuple[Trigger, ...]
    ends: tuple[Trigger, ...]
    cancels: tuple[Trigger, ...]
    before: tuple[Trigger, ...]
    pauses: frozenset[str | None] | None = NO_REASONS
    waits: frozenset[str] = frozenset()
    question: bool = False
    watches: bool = False  # whether an owner, a priority or a plan starts or ends a cycle, or must come before
    roles: dict[tuple[str, str], Role] = {}  # noqa: RUF012  # of the events that have been read; each reading has its own

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
        """Return the reading for a metric. `pauses` and `waits` have reasons for pauses as people write them."""
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
        """Return the role of an event: what it does to cycles. `value` must be folded. For a reopening, see `after`."""
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
        """Return what the opening of a ticket does. A priority, plan or owner in force then counts as an event too."""
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
        """Return two things: what a reopening does to a cycle, and whether the reopening itself starts a cycle.

        `closed` is for how many microseconds the ticket was closed. If only owners, priorities or plans start cycles of
        the metric, a reopening does nothing unless such an owner, priority or plan is in force. If one is in force and
        a new cycle begins, the reopening starts the cycle.
        """
        now = [(kind, value) for kind, value in in_force.items() if value]
        holds = any(_has(self.starts, *event) for event in now)
        if self.watches and not holds and all(trigger.kind in CHANGES for trigger in self.starts):
            return "ignore", False
        within = self.metric.reopened_within
        does: Turning = "new-cycle" if within is not None and closed > length(within) else self.metric.reopened
        return does, holds and does == "new-cycle"


def _has(triggers: Iterable[Trigger], kind: str, value: str) -> bool:
    return any(trigger.kind == kind and trigger.value in (None, value) for trigger in triggers)
