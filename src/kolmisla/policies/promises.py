"""What a policy promises to a ticket for one metric.

The promise depends on the ticket's plan, priority, channel, version, owner and schedule.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from kolmisla.documents.names import folded
from kolmisla.errors import Fault, NotCoveredError, PolicyError, TicketError, choices, expect, shown
from kolmisla.policies.plan import Priority, Promise
from kolmisla.policies.terms.metrics import BUILT_IN_METRICS, METRICS, THE_OPENING, Metric, metric_named
from kolmisla.policies.terms.targets import Target
from kolmisla.policies.terms.warnings import WITHOUT_WARNINGS, Threshold
from kolmisla.schedules.schedule import ALWAYS
from kolmisla.times.instants import length
from kolmisla.times.zones import zone_named

__all__ = [
    "begins_with_ticket",
    "has_metric",
    "known_names",
    "metric_in",
    "metric_of",
    "metrics_of",
    "promise_of",
    "promised_metrics",
    "sole_names",
    "starts_with_ticket",
]


def promise_of(policy: Any, to_come: Mapping[str, date], facts: tuple[Any, ...]) -> Promise:
    """Return the promise of a policy to a ticket. Raise the same errors as `Policy.promise`.

    `facts` has plan, priority, channel, version and metric, and perhaps owner and schedule. `to_come` has the releases
    after the ticket's opening, with their dates.
    """
    expect("facts", facts, tuple)
    if len(facts) not in (5, 7):
        raise TypeError(f"facts must be a tuple of 5 or 7 values, not {shown(facts)}")
    plan_name, priority_name, channel, version, metric, *own = facts
    owner, own_schedule = own or (None, None)
    priority = policy.priorities.get(priority_name)
    plan = None if plan_name is None else policy.plans.get(plan_name)
    unknown = {"plan": plan_name} if plan is None and plan_name is not None else {}
    if priority is None:
        raise _unknown(policy, {**unknown, "priority": priority_name})
    if not unknown and own_schedule is not None and own_schedule not in policy.schedules:
        unknown["schedule"] = own_schedule
    if unknown:
        raise _unknown(policy, unknown)
    metric_name = metric_named(metric, policy.metrics)
    if plan is None:
        raise NotCoveredError("no support plan")
    if channel is None:
        channel = policy.main_channel
    if policy.channels and channel not in policy.channels:
        others = choices(policy.channels, " and ")
        raise NotCoveredError(f"nothing is promised for channel {shown(channel)}, only for {others}")
    if version is not None and policy.versions is not None:
        version = policy.versions.release_of(version, policy.releases, to_come)
    target = plan.target(metric_name, priority.name, owner)
    name = _schedule_of(policy, target, priority, owner, own_schedule)
    return Promise(
        metric=metric_name,
        plan=plan,
        priority=priority,
        channel=policy.channels[channel].name if policy.channels else channel,
        version=version,
        owner=owner,
        target=target,
        within=None if target is None or target.duration is None else length(target.duration),
        schedule_name=name,
        schedule=policy.schedules[name],
        average_on=policy.schedules[plan.average.schedule or priority.schedule] if plan.average else None,
        zone=zone_named(policy.timezone),
        warnings=_warnings(policy, priority, metric_of(policy, metric_name)),
    )


def _unknown(policy: Any, names: Mapping[str, Any]) -> TicketError:
    """Return the error for a ticket with names that its policy does not have.

    `names` maps a field of the ticket, such as `plan`, to the unknown name in this field.
    """
    known = {"plan": policy.plans, "priority": policy.priorities, "schedule": policy.schedules}
    faults = [Fault((field,), f"{shown(name)} is not one of {choices(known[field])}") for field, name in names.items()]
    error = TicketError("; ".join(f"{fault.place[0]} {fault.text}" for fault in faults))
    error.faults = tuple(faults)
    return error


def _warnings(policy: Any, priority: Priority, metric: Metric) -> tuple[Threshold, ...]:
    """Return the warnings of the priority, else of the metric, else of the policy, else only 100 percent."""
    listed = (priority.warnings, metric.warnings, policy.warnings)
    return next((warnings for warnings in listed if warnings is not None), WITHOUT_WARNINGS)


def _schedule_of(
    policy: Any, target: Target | None, priority: Priority, owner: str | None, own_schedule: str | None
) -> str:
    """Return the name of the schedule on which time counts.

    It is the first that is given: by the target, by the ticket (`own_schedule`), by its owner, by the priority. But an
    always open schedule of the priority counts before those of the ticket and its owner.
    """
    name: str = priority.schedule
    if target is not None and target.schedule is not None:
        name = target.schedule
    elif policy.schedules[name] == ALWAYS:  # a team's hours never weaken a round-the-clock promise
        pass
    elif own_schedule is not None:
        name = own_schedule
    elif owner is not None and owner in policy.owners:
        name = policy.owners[owner].schedule
    return name


def metric_of(policy: Any, name: str) -> Metric:
    """Return the definition of a metric: the policy's own, else the built-in one.

    >>> from kolmisla import KOLMISOFT
    >>> metric_of(KOLMISOFT, "resolution").ends
    ('resolved',)
    """
    metric: Metric = policy.metrics[name] if name in policy.metrics else BUILT_IN_METRICS[name]
    return metric


def metric_in(policy: Any, given: object) -> str:
    """Return the policy's spelling of the name of a metric. Raise PolicyError for a metric that no edition has.

    `given` is a name, or a Metric that equals a metric of an edition.

    >>> from kolmisla import KOLMISOFT
    >>> metric_in(KOLMISOFT, "First response")
    'first-response'
    """
    name = metric_named(given, *(edition.metrics for edition in policy.editions))
    if isinstance(given, Metric) and not any(
        metric_of(edition, name) == given for edition in policy.editions if name in METRICS or name in edition.metrics
    ):
        raise PolicyError(
            f"the given metric {name} differs from the policy's metric {name}; give only the name, or change the policy"
            " with policy.replace(metrics=[...])"
        )
    return name


def has_metric(policy: Any, name: str) -> bool:
    """Tell whether a metric is built in, or an edition of the policy defines it. `name` may be in any letter case.

    >>> from kolmisla import KOLMISOFT
    >>> has_metric(KOLMISOFT, "resolution"), has_metric(KOLMISOFT, "repair")
    (True, False)
    """
    return name in METRICS or any(edition.metrics.find(name) for edition in policy.editions)


def metrics_of(policy: Any) -> tuple[str, ...]:
    """Return the names of the built-in metrics, and then the names of all other metrics of the policy's editions.

    >>> from kolmisla import KOLMISOFT
    >>> metrics_of(KOLMISOFT)
    ('first-response', 'next-response', 'resolution')
    """
    own = {folded(name): name for edition in policy.editions for name in edition.metrics}
    return (*METRICS, *(name for key, name in own.items() if key not in METRICS))


def promised_metrics(policy: Any) -> list[str]:
    """Return the names of the metrics for which at least one plan of an edition has a target.

    >>> from kolmisla import KOLMISOFT
    >>> promised_metrics(KOLMISOFT)
    ['first-response']
    """
    plans = [plan for edition in policy.editions for plan in edition.plans.values()]
    return [metric for metric in metrics_of(policy) if any(plan.targets.get(metric) for plan in plans)]


def sole_names(policy: Any) -> dict[str, str]:
    """Return a policy's only plan under the key `plan`, and its only priority under the key `priority`, both as names.

    A key is missing unless all editions together have exactly one such entry.

    >>> from kolmisla import KOLMISOFT
    >>> sole_names(KOLMISOFT)
    {}
    """
    names = known_names(policy)
    return {name: names[name][0] for name in ("plan", "priority") if len(names[name]) == 1}


def known_names(policy: Any) -> dict[str, list[str]]:
    """Return the names of the plans, priorities and channels of all editions, by `plan`, `priority` and `channel`.

    The key `event_metric` has the metrics that an event may name.

    >>> from kolmisla import KOLMISOFT
    >>> known_names(KOLMISOFT)["plan"]
    ['ENTERPRISE', 'PREMIUM']
    """
    parts = (("plan", "plans"), ("priority", "priorities"), ("channel", "channels"))
    names = {
        name: list({thing.name: None for edition in policy.editions for thing in getattr(edition, part).values()})
        for name, part in parts
    }
    return {**names, "event_metric": list(metrics_of(policy))}


def starts_with_ticket(policy: Any, metric: str) -> bool:
    """Tell whether every cycle of a metric begins when its ticket is opened, in all editions."""
    return all(begins_with_ticket(metric_of(each, metric)) for each in policy.editions if has_metric(each, metric))


def begins_with_ticket(metric: Metric) -> bool:
    """Tell whether a ticket has one cycle of a metric, which begins when the ticket is opened."""
    several = metric.repeats or metric.after or metric.reopened_within or metric.reopened == "new-cycle"
    return metric.starts == (THE_OPENING,) and not several
