"""Notes on targets that may be mistakes.

A target may be longer than a week of its schedule, or longer than a less urgent target. A resolution may be due before
the first response.
"""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import groupby, pairwise, product
from typing import NamedTuple

from kolmisla.errors import named
from kolmisla.policies.notes.effort import MOST_EFFORT, effort_until
from kolmisla.policies.notes.note import Note
from kolmisla.policies.notes.waits import CountedTarget, later_at, open_week
from kolmisla.policies.plan import Plan, Priority
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import metrics_of
from kolmisla.policies.terms.metrics import FIRST_RESPONSE, RESOLUTION
from kolmisla.policies.terms.named_targets import named_by
from kolmisla.policies.terms.targets import Target
from kolmisla.times.durations import duration_text
from kolmisla.times.instants import Pair, duration, instants_in, length
from kolmisla.times.zones import zone_named

__all__ = ["EXAMPLE_BEGINS", "Compared", "notes_of_targets"]

EXAMPLE_BEGINS = ", for example when opened at "

EFFORT_IN_DAYS, EFFORT_OF_A_DAY = 80, 2  # of a target in days, and of each of its days
MOST_TARGETS = 20_000  # the most targets of an edition that are looked at
MOST_PAIRS = 50  # the most pairs of targets on different schedules or in days


class Compared:
    """The pairs of targets that can be compared only with much computing: on different schedules, or in days.

    `pairs` says for each pair whether it is compared. At most fifty are compared, and only within a limit of computing.
    The limit is one for all editions: `before` has the pairs of the edition before.
    """

    def __init__(self, before: "Compared | None" = None) -> None:
        self.pairs: dict[tuple[CountedTarget, CountedTarget], bool] = {}
        self._left: int = MOST_EFFORT if before is None else before._left

    def take(self, first: CountedTarget, second: CountedTarget, effort: Callable[[], int]) -> bool:
        """Return whether to compare two targets. Store the answer for this pair.

        `effort` returns how much computing the comparison takes.
        """
        pair = first, second
        if pair not in self.pairs:
            taken = len(self.pairs) < MOST_PAIRS and self._left >= (needed := effort())
            self._left -= needed if taken else 0
            self.pairs[pair] = taken
        return self.pairs[pair]


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
        """The place of the target in the policy: the keys that lead to it."""
        every = isinstance(self.plan.targets[self.metric], Target)
        return ("plans", self.plan.name, "targets", self.metric, *(() if every else (self.priority.name,)))

    def __str__(self) -> str:
        within = self.target.duration
        return f"{self.target if within is None else duration_text(within)} on {named(self.schedule)}"


def notes_of_targets(policy: Policy, in_force: Pair, compared: Compared) -> Iterator[Note]:
    """Yield the notes on the targets of one edition. Examples of tickets are opened while it is `in_force`.

    Add the pairs of targets to `compared`.
    """
    plans = [*policy.plans.values()]
    most = max(1, MOST_TARGETS // len(metrics_of(policy)) // max(1, len(policy.priorities)))
    for plan in plans[:most]:
        promised = {metric: list(_promised(policy, plan, metric)) for metric in metrics_of(policy)}
        for each in (each for targets in promised.values() for each in targets):
            yield from _longer_than_a_week(policy, each)
        for high, low in (pair for targets in promised.values() for pair in _neighbours(targets)):
            at = _later(policy, high, low, compared, in_force)
            if at is not None:
                urgent, other = named(high.priority.name), named(low.priority.name)
                yield Note(
                    high.place,
                    f"{urgent} ({high}) may wait longer than the less urgent {other} ({low}){at}; type a shorter target"
                    f" for {urgent}, or a longer one for {other}",
                )
        responses = {each.priority.name: each for each in promised[FIRST_RESPONSE]}
        for resolution in promised[RESOLUTION]:
            response = responses.get(resolution.priority.name)
            at = _later(policy, response, resolution, compared, in_force) if response else None
            if at is not None:
                yield Note(
                    resolution.place,
                    f"{named(resolution.priority.name)} may be due for its resolution ({resolution}) before its first"
                    f" response ({response}){at}; type a longer target here, or a shorter one for the response",
                )
    if (number := sum(compared.pairs.values())) < len(compared.pairs):
        yield Note(
            ("plans",),
            f"only {number} of {len(compared.pairs):,} pairs of targets on different schedules or in days were"
            " compared; type durations on one schedule for more of the priorities",
        )
    if len(plans) > most:
        yield Note(
            ("plans",),
            f"only the targets of the first {most:,} of {len(plans):,} plans were looked at; type fewer plans, or fewer"
            " priorities",
        )


def _promised(policy: Policy, plan: Plan, metric: str) -> Iterator[PlanTarget]:
    """Yield the targets of a plan for a metric. The target for the most urgent priority comes first."""
    for priority in sorted(policy.priorities.values(), key=lambda priority: priority.rank):
        target = plan.target(metric, priority.name)
        if target is not None:
            yield PlanTarget(plan, metric, priority, target)


def _neighbours(targets: list[PlanTarget]) -> Iterator[tuple[PlanTarget, PlanTarget]]:
    """Yield pairs of targets whose priorities are next to each other in rank, the more urgent target first.

    `targets` are sorted by rank. Each target of a rank is paired with each target of the next rank.
    """
    ranks = [list(equal) for _, equal in groupby(targets, key=lambda each: each.priority.rank)]
    for high, low in pairwise(ranks):
        yield from product(high, low)


def _longer_than_a_week(policy: Policy, promised: PlanTarget) -> Iterator[Note]:
    """Yield a note if no week of the priority's schedule has as much open time as the target.

    A target in days or with a schedule of its own gets no note, and also a target on a schedule that is open all week.
    """
    within = promised.target.duration
    week = None if promised.target.schedule or not within else open_week(policy.schedules[promised.schedule])
    if within and week is not None and length(within) > week:
        name, open_text = named(promised.schedule), duration_text(duration(week))
        yield Note(
            promised.place,
            f"{duration_text(within)} is longer than a week of {name}, which is {open_text} open; type"
            f' schedule = "{name}" beside it to keep it, or the name of a schedule with open = "always"',
        )


def _later(policy: Policy, one: PlanTarget, other: PlanTarget, compared: Compared, in_force: Pair) -> str | None:
    """Return text that names an instant: a ticket opened then is due later by the target `one` than by `other`.

    The text is empty if `one` is simply the longer duration on one schedule. Return None if no such instant is found,
    or if the two are not compared.
    """
    zone = zone_named(policy.timezone)
    first, second = (CountedTarget.of(policy.schedules[each.schedule], each.target, zone) for each in (one, other))
    alike = first.schedule == second.schedule and first.named is second.named is None
    if not alike and not compared.take(first, second, partial(_effort, policy, one, other)):
        return None
    at = later_at(first, second, in_force)
    if at is None or alike:
        return None if at is None else ""
    opened = instants_in(zone)(at)
    is_whole = opened.second == opened.microsecond == 0  # without its seconds, the instant would be another one
    return f"{EXAMPLE_BEGINS}{opened.isoformat(timespec='minutes' if is_whole else 'auto')}"


def _effort(policy: Policy, *targets: PlanTarget) -> int:
    """Return how much computing a comparison of targets takes.

    The comparison searches each schedule forwards and backwards. For targets in days, it counts the days from thousands
    of instants.
    """
    days = [named_by(each.target).days for each in targets if each.target.duration is None]
    in_days = len(days) * EFFORT_IN_DAYS + sum(days) * EFFORT_OF_A_DAY
    return in_days + sum(2 * effort_until(policy.schedules[each.schedule], [each.target]) for each in targets)
