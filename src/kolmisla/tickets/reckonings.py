"""The cycles of a ticket with what a policy promises for each, ready to be counted."""

from collections.abc import Sequence

from kolmisla.errors import NotCoveredError
from kolmisla.policies.plan import FIRST_RESPONSE, MetricName
from kolmisla.policies.policy import Policy
from kolmisla.tickets.cycle_clock import Reckoning
from kolmisla.tickets.cycles import Course, courses
from kolmisla.tickets.event import Moment

__all__ = ["Terms", "reckoning_of", "reckonings"]

Terms = tuple[str | None, str, str | None, str | None]  # a ticket's plan, priority at opening, channel and version


def reckonings(
    policy: Policy, terms: Terms, opened: int, moments: Sequence[Moment], metric: MetricName
) -> Sequence[Reckoning]:
    """The reckonings of a metric's cycles, in order, by the edition in force at opening; `moments` are in order too.

    Errors are those of a promise; a priority that the policy lacks is one whether or not anything is promised.
    """
    plan, priority, channel, version = terms
    edition = policy
    try:
        if policy.turns:
            edition = policy.in_force(opened)
        if metric == FIRST_RESPONSE and (not moments or moments[0].kind == "answered"):  # the rest does not touch it
            promise = edition.promise(plan, priority, channel, version, metric)
            ended = moments[0].at if moments else None
            return (Reckoning(opened, ended, ((opened, promise),), (), promise.schedule.timeline),)
        found = _courses(edition, terms, opened, moments, metric)
        return [_reckoning(edition, terms, metric, course) for course in found]
    except NotCoveredError:
        for course in courses(opened, priority, moments, metric, pausing=False):
            for _, name in course.priorities:
                policy.nearest(opened).priority(name)  # refuses one that the policy lacks
        raise


def reckoning_of(
    policy: Policy, terms: Terms, opened: int, moments: Sequence[Moment], metric: MetricName, cycle: int
) -> Reckoning | None:
    """The reckoning of one cycle, by number, from 1; None when there are fewer."""
    policy = policy.in_force(opened)
    found = _courses(policy, terms, opened, moments, metric)
    return _reckoning(policy, terms, metric, found[cycle - 1]) if len(found) >= cycle else None


def _courses(policy: Policy, terms: Terms, opened: int, moments: Sequence[Moment], metric: MetricName) -> list[Course]:
    plan, priority, channel, version = terms
    promise = policy.promise(plan, priority, channel, version, metric)
    return courses(opened, priority, moments, metric, pausing=metric in promise.plan.pausing)


def _reckoning(policy: Policy, terms: Terms, metric: MetricName, course: Course) -> Reckoning:
    plan, _, channel, version = terms
    steps = tuple([(at, policy.promise(plan, name, channel, version, metric)) for at, name in course.priorities])
    return Reckoning.of(course, steps, policy.priority_change)
