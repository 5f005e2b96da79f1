"""The metrics for which a table of tickets is enough to find deadlines, and the column with the end of a cycle.

Such a table has the times of opening, answer and resolution of each ticket, but no other events.
"""

from typing import Literal

from kolmisla.errors import PolicyError, choices, named
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import has_metric, metric_of
from kolmisla.policies.terms.metrics import BUILT_IN_METRICS, THE_OPENING, Metric

__all__ = ["EndColumn", "end_column", "paused_plans"]

EndColumn = Literal["answered_at", "resolved_at"]
END_COLUMNS: dict[tuple[str, ...], EndColumn] = {
    ("answered",): "answered_at",
    ("answered", "resolved"): "answered_at",
    ("resolved",): "resolved_at",
}


def end_column(policy: Policy, metric: str) -> EndColumn:
    """Return the column of a table of tickets that has the end of a metric's cycle.

    Raise PolicyError if deadlines need more than the opening and the end of a ticket, or if editions need different
    columns.

    >>> from kolmisla import KOLMISOFT
    >>> end_column(KOLMISOFT, "first-response")
    'answered_at'
    """
    columns = set()
    for edition in policy.editions:
        lacks = f"the edition effective from {edition.effective_from or 'the start'} does not have it"
        fault = lacks if not has_metric(edition, metric) else _fault(edition, metric)
        if fault is not None:
            raise PolicyError(
                f"a table of tickets does not suffice for {metric} of the policy {named(policy.name)}: {fault};"
                " measure a log of events with kolmisla measure, or choose another metric"
            )
        columns.add(END_COLUMNS[_ends(metric_of(edition, metric))])
    if len(columns) > 1:
        raise PolicyError(
            f"{metric} of the policy {named(policy.name)} must end in the same way in all editions, but it ends"
            " with the answer in one and with the resolution in another; measure a log of events with kolmisla measure,"
            " or choose another metric"
        )
    return columns.pop()


def paused_plans(policy: Policy, metric: str) -> list[str]:
    """Return the names of the plans for which pauses stop the clock of a metric, in at least one edition of a policy.

    >>> from kolmisla import KOLMISOFT
    >>> paused_plans(KOLMISOFT, "resolution")
    ['ENTERPRISE', 'PREMIUM']
    """
    paused = (
        plan.name
        for edition in policy.editions
        for plan in edition.plans.values()
        if plan.paused_by(metric_of(edition, metric), own=metric in edition.metrics) != "none"
    )
    return [*dict.fromkeys(paused)]


def _ends(metric: Metric) -> tuple[str, ...]:
    return tuple(sorted(metric.ends))


def _fault(edition: Policy, name: str) -> str | None:
    """Return why deadlines of a metric need more than the opening and the end of a ticket, or None if they do not."""
    metric = metric_of(edition, name)
    if metric.starts != (THE_OPENING,):
        return "a cycle must start when a ticket is opened, and at no other time"
    if _ends(metric) not in END_COLUMNS:
        return f"it must end with answered, resolved, or either of them, not with {choices(metric.ends)}"
    extra = [part for part in ("after", "repeats", "cancels", "reopened_within") if getattr(metric, part)]
    if extra:
        return f"it must not have {choices(extra)}"
    if metric.reopened == "new-cycle" or (metric.reopened == "continue" and "resolved" in metric.ends):
        return f'a reopening changes it; reopened = "{metric.reopened}" must be "ignore"'
    paused = [] if metric == BUILT_IN_METRICS.get(name) else paused_plans(edition, name)
    return f"pauses stop it for the plan {choices(paused)}" if paused else None
