"""Notes on targets: longer than a week, longer than a less urgent target, a resolution due before its response."""

from collections.abc import Iterator
from itertools import groupby, pairwise, product
from typing import NamedTuple

from kolmisla.errors import named
from kolmisla.instants import duration, instants_in, length
from kolmisla.policies.notes.note import Note
from kolmisla.policies.notes.waits import CountedTarget, later_at, open_week
from kolmisla.policies.plan import Plan, Priority
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import metrics_of
from kolmisla.policies.terms.metrics import FIRST_RESPONSE, RESOLUTION
from kolmisla.policies.terms.targets import Target
from kolmisla.times.durations import duration_text
from kolmisla.times.zones import zone_named

__all__ = ["notes_of_targets"]

MOST_PAIRS = 50  # the most pairs of targets on different schedules to compare; a pair takes up to 20 milliseconds

Compared = set[tuple[CountedTarget, CountedTarget]]  # pairs of targets on different schedules


class PlanTarget(NamedTuple):
    """A target of a plan for one metric and one priority."""

    plan: Plan
    metric: str
    priority: Priority
    target: Target

    @property
    def schedule(self) -> str:
        """The name of the schedule on which the target counts."""
        return self.target.schedule or self.priority.schedule

    @property
    def place(self) -> tuple[str, ...]:
        """The place of the target in the policy."""
        every = isinstance(self.plan.targets[self.metric], Target)
        return ("plans", self.plan.name, "targets", self.metric, *(() if every else (self.priority.name,)))

    def __str__(self) -> str:
        within = self.target.duration
        return f"{self.target if within is None else duration_text(within)} on {named(self.schedule)}"


def notes_of_targets(policy: Policy) -> Iterator[Note]:
    """Yield the notes on the targets of one edition."""
    compared: Compared = set()
    for plan in policy.plans.values():
        promised = {metric: list(_promised(policy, plan, metric)) for metric in metrics_of(policy)}
        for each in (each for targets in promised.values() for each in targets):
            yield from _longer_than_a_week(policy, each)
        for high, low in (pair for targets in promised.values() for pair in _neighbours(targets)):
            at = _later(policy, high, low, compared)
            if at is not None:
                urgent, other = named(high.priority.name), named(low.priority.name)
                text = f"{urgent} ({high}) may wait longer than the less urgent {other} ({low}){at}"
                yield Note(high.place, f"{text}; type a shorter target for {urgent}, or a longer one for {other}")
        responses = {each.priority.name: each for each in promised[FIRST_RESPONSE]}
        for resolution in promised[RESOLUTION]:
            response = responses.get(resolution.priority.name)
            at = _later(policy, response, resolution, compared) if response else None
            if at is not None:
                text = f"{named(resolution.priority.name)} may be due for its resolution ({resolution})"
                text = f"{text} before its first response ({response}){at}"
                yield Note(resolution.place, f"{text}; type a longer target here, or a shorter one for the response")
    if len(compared) > MOST_PAIRS:
        text = f"only {MOST_PAIRS} of {len(compared):,} pairs of targets on different schedules were compared"
        yield Note(("plans",), f"{text}; type the same schedule for more of the priorities")


def _promised(policy: Policy, plan: Plan, metric: str) -> Iterator[PlanTarget]:
    """Yield the targets of a plan for a metric, the most urgent first."""
    for priority in sorted(policy.priorities.values(), key=lambda priority: priority.rank):
        target = plan.target(metric, priority.name)
        if target is not None:
            yield PlanTarget(plan, metric, priority, target)


def _neighbours(targets: list[PlanTarget]) -> Iterator[tuple[PlanTarget, PlanTarget]]:
    """Yield pairs: each target, and each target of the next rank."""
    ranks = [list(equal) for _, equal in groupby(targets, key=lambda each: each.priority.rank)]
    for high, low in pairwise(ranks):
        yield from product(high, low)


def _longer_than_a_week(policy: Policy, promised: PlanTarget) -> Iterator[Note]:
    """Yield a note if a target is longer than the open time of a week. Targets that name a schedule get no note."""
    within = promised.target.duration
    week = None if promised.target.schedule or not within else open_week(policy.schedules[promised.schedule])
    if within and week is not None and length(within) > week:
        open_text = duration_text(duration(week))
        text = f"{duration_text(within)} is longer than a week of {named(promised.schedule)}, which is {open_text} open"
        kept = f'schedule = "{named(promised.schedule)}" beside it to keep it'
        yield Note(promised.place, f'{text}; type {kept}, or the name of a schedule with open = "always"')


def _later(policy: Policy, one: PlanTarget, other: PlanTarget, compared: Compared) -> str | None:
    """Return a text that names an instant of opening for which `one` is due later than `other`.

    The text is empty if `one` is due later for every instant. Return None if no such instant was found, or if too many
    pairs have been compared already.
    """
    zone = zone_named(policy.timezone)
    first, second = (CountedTarget.of(policy.schedules[each.schedule], each.target, zone) for each in (one, other))
    alike = first.schedule == second.schedule and first.named is second.named is None
    if not alike:
        compared.add((first, second))
        if len(compared) > MOST_PAIRS:
            return None
    at = later_at(first, second)
    if at is None or alike:
        return None if at is None else ""
    return f", for example when opened at {instants_in(zone)(at).isoformat(timespec='minutes')}"
