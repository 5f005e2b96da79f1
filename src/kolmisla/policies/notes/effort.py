"""How much computing it takes to answer questions about targets. Some answers need the hours of many years."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from kolmisla.policies.notes.waits import open_week
from kolmisla.policies.policy import Policy
from kolmisla.policies.terms.named_targets import named_by
from kolmisla.policies.terms.targets import Target
from kolmisla.schedules.schedule import Schedule, rule_behind
from kolmisla.schedules.weeks import effort
from kolmisla.times.dates import YEARS
from kolmisla.times.instants import DAY, length

__all__ = ["MOST_EFFORT", "effort_until", "targets_in", "years_until"]

MOST_EFFORT = 5_000  # of all comparisons of targets, or of all examples (see `effort_until`); takes up to two seconds
WEEKS_OF_YEAR = 52
WORKING_DAYS_OF_YEAR = 100  # the working days of a schedule that opens on two days a week


def years_until(schedule: Schedule, target: Target) -> int:
    """Return roughly how many years pass on a schedule until a target is used up, at most 301."""
    within = target.duration
    if within is None:
        years = 1 + named_by(target).days // WORKING_DAYS_OF_YEAR
    elif within <= timedelta(days=1):  # no need to compute how long a week is open
        years = 1
    else:
        week = open_week(schedule)
        week = 7 * DAY if week is None else week
        years = 1 + length(within) // (week * WEEKS_OF_YEAR) if week else len(YEARS)
    return min(years, len(YEARS))


def effort_until(schedule: Schedule, targets: Iterable[Target], years: int = 0) -> int:
    """Return the cost of computing a schedule for `years` years, and then until the longest of the targets is used up.

    The unit is the cost of computing one year of a simple schedule.
    """
    return effort(rule_behind(schedule)) * (years + max((years_until(schedule, each) for each in targets), default=0))


def targets_in(policy: Policy) -> Mapping[str | None, list[Target]]:
    """Return the longest targets of an edition (`policy`), by the name of the schedule that they name, or None.

    For each schedule there are at most two: the longest duration, and the target with the most days.
    """
    longest: dict[tuple[str | None, bool], Target] = {}
    for target in _targets(policy):
        key = target.schedule, target.duration is None
        longest[key] = max(longest.get(key, target), target, key=_size)
    found: dict[str | None, list[Target]] = {}
    for (name, _), target in longest.items():
        found.setdefault(name, []).append(target)
    return found


def _size(target: Target) -> int:
    within = target.duration
    return named_by(target).days if within is None else length(within)


def _targets(policy: Policy) -> Iterator[Target]:
    for plan in policy.plans.values():
        for promised in plan.targets.values():
            several = {"": promised} if isinstance(promised, Target) else promised
            for target in several.values():
                yield from [target] if isinstance(target, Target) else target.values()
