"""A policy's promise to a ticket for one metric. It depends on the ticket's plan, priority, channel and version."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from kolmisla.errors import NotCoveredError, TicketError, choices, shown
from kolmisla.instants import length
from kolmisla.policies.plan import Promise
from kolmisla.policies.terms.metrics import MetricName, metric_named
from kolmisla.times.zones import zone_named

__all__ = ["known_names", "promise_of", "sole_names"]


def promise_of(
    policy: Any,
    to_come: Mapping[str, date],
    plan_name: str | None,
    priority_name: str,
    channel: str | None,
    version: str | None,
    metric: MetricName,
) -> Promise:
    """Return the promise of a policy to a ticket. Raise the same errors as `Policy.promise`.

    `to_come` has the releases that came out after the ticket was opened, each with its date.
    """
    priority = policy.priorities.get(priority_name)
    plan = None if plan_name is None else policy.plans.get(plan_name)
    faults = []
    if plan is None and plan_name is not None:
        faults.append(f"plan {shown(plan_name)} is not one of {choices(policy.plans)}")
    if priority is None:
        faults.append(f"priority {shown(priority_name)} is not one of {choices(policy.priorities)}")
    if faults or priority is None:
        raise TicketError("; ".join(faults))
    metric = metric_named(metric)
    if plan is None:
        raise NotCoveredError("no support plan")
    if channel is None:
        channel = policy.main_channel
    if policy.channels and channel not in policy.channels:
        others = f"{choices(policy.channels, ' and ')} {'do' if len(policy.channels) > 1 else 'does'}"
        raise NotCoveredError(f"channel {shown(channel)} carries no promise, only {others}")
    if version is not None and policy.versions is not None:
        version = policy.versions.release_of(version, policy.releases, to_come)
    target = plan.target(metric, priority.name)
    name = (target and target.schedule) or priority.schedule
    return Promise(
        metric=metric,
        plan=plan,
        priority=priority,
        channel=policy.channels[channel].name if policy.channels else channel,
        version=version,
        target=target,
        within=None if target is None else length(target.within),
        schedule_name=name,
        schedule=policy.schedules[name],
        average_on=policy.schedules[plan.average.schedule or priority.schedule] if plan.average else None,
        zone=zone_named(policy.timezone),
    )


def sole_names(policy: Any) -> dict[str, str]:
    """Return the plan and the priority of a policy that has only one, under the keys `plan` and `priority`.

    >>> from kolmisla import KOLMISOFT
    >>> sole_names(KOLMISOFT)
    {}
    """
    names = known_names(policy)
    return {name: names[name][0] for name in ("plan", "priority") if len(names[name]) == 1}


def known_names(policy: Any) -> dict[str, list[str]]:
    """Return the names of the plans, priorities and channels that any edition of a policy has, without repetitions.

    >>> from kolmisla import KOLMISOFT
    >>> known_names(KOLMISOFT)["plan"]
    ['ENTERPRISE', 'PREMIUM']
    """
    parts = (("plan", "plans"), ("priority", "priorities"), ("channel", "channels"))
    return {
        name: list({thing.name: None for edition in policy.editions for thing in getattr(edition, part).values()})
        for name, part in parts
    }
