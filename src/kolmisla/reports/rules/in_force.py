"""Finds the promises of a policy, and from when until when each is in force."""

from collections.abc import Iterator

from kolmisla.documents.names import folded
from kolmisla.policies.plan import Plan, Promise
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import metrics_of
from kolmisla.times.instants import micros

__all__ = ["Force", "promises_in_force"]

Force = tuple[int | None, int | None]  # from when until when a promise is in force; None sets no limit


def promises_in_force(policy: Policy) -> Iterator[tuple[Promise, Force]]:
    """Yield each promise that has a target, and the instants from which and until which the promise is in force.

    If editions that follow each other have equal promises, these promises count as one.
    """
    begins = [None if edition.begins_at is None else micros(edition.begins_at) for edition in policy.editions]
    running: dict[tuple[object, ...], tuple[Promise, int | None]] = {}
    for edition, begin in zip(policy.editions, begins, strict=True):
        here = {_key(promise): promise for promise in _of_edition(edition)}
        for key in [key for key in running if key not in here]:
            promise, since = running.pop(key)
            yield promise, (since, begin)
        for key, promise in here.items():
            running.setdefault(key, (promise, begin))
    yield from ((promise, (since, None)) for promise, since in running.values())


def _key(promise: Promise) -> tuple[object, ...]:
    names = promise.plan.name, promise.priority.name, promise.owner, promise.metric, promise.schedule_name
    return *names, promise.schedule, str(promise.target)


def _of_edition(edition: Policy) -> Iterator[Promise]:
    """Yield those promises of one edition that have a target, by plan, metric and priority.

    First comes the promise without an owner, then one for each owner with another target or schedule.
    """
    priorities = sorted(edition.priorities.values(), key=lambda priority: priority.rank)
    for plan in sorted(edition.plans.values(), key=lambda plan: plan.rank):
        for metric in metrics_of(edition):
            owners = _owners(edition, plan, metric)
            for priority in priorities:
                facts = plan.name, priority.name, None, None, metric
                promise = edition.promise(*facts)
                own = (edition.promise_by((*facts, owner, None)) for owner in owners)
                others = (other for other in own if _counts(other) != _counts(promise))
                yield from (found for found in (promise, *others) if found.target)


def _owners(edition: Policy, plan: Plan, metric: str) -> list[str]:
    """Return the owners whose tickets may have promises of their own: all owners that the policy or a target names."""
    names = [*edition.owners, *plan.owner_targets(metric)]
    return list({folded(name): name for name in reversed(names)}.values())[::-1]


def _counts(promise: Promise) -> tuple[object, ...]:
    """Return what decides how long tickets with a promise may wait: its target and its schedule."""
    return str(promise.target), promise.schedule
