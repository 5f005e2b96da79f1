"""The metrics for which arrays and SQL judge many tickets at once; for others, tickets are judged one by one.

This file also has reasons why a ticket cannot be judged in any way, such as an answer before the opening.
"""

from typing import NamedTuple

from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import has_metric, metric_of
from kolmisla.policies.terms.metrics import (
    BUILT_IN_METRICS,
    NEXT_RESPONSE,
    THE_OPENING,
    VALUED,
    EventKind,
    Metric,
    Trigger,
    trigger_of,
)
from kolmisla.times.instants import micros

__all__ = [
    "BEFORE_OPENING",
    "CYCLE",
    "NOT_YET",
    "ONE_BY_ONE",
    "Shape",
    "before_the_first",
    "judged_by_arrays",
    "rare_kinds",
    "shape_of",
]

BEFORE_OPENING = "answered_at is before opened_at"  # why a row of a table is not judged
NOT_YET = "opened_at is after the instant at which tickets are judged"

# Arrays know only the end, the pauses and the priority of a ticket's only cycle. These kinds of event change something
# else, so a ticket with such an event is judged alone.
ONE_BY_ONE: tuple[EventKind, ...] = ("owner", "plan", "due", "extended", "withdrawn", "waived")


class Shape(NamedTuple):
    """What ends the only cycle of a metric, which begins when the ticket is opened.

    If `goes_on` is True, the last resolution ends the cycle. Else, the first event of a kind in `ends` does. If
    `stands` is True, no time counts while the ticket is resolved.
    """

    ends: tuple[str, ...]
    goes_on: bool
    stands: bool


CYCLE = Shape(("answered",), goes_on=False, stands=True)  # for a cycle that arrays judge like a ticket of its own


def shape_of(metric: Metric) -> Shape | None:
    """Return the `Shape` of a metric, or None if tickets must be judged one by one for the metric.

    `next-response` has a Shape too: each of its cycles is judged like a ticket of its own, opened at the question.
    """
    plain = metric.starts == (THE_OPENING,) and not (metric.after or metric.repeats)
    if metric == BUILT_IN_METRICS[NEXT_RESPONSE]:
        plain = True
    odd = metric.cancels or metric.reopened_within or any(map(_is_odd, map(trigger_of, metric.ends)))
    if not plain or odd:
        return None
    if metric.reopened == "continue":
        return Shape(metric.ends, goes_on=True, stands=True) if metric.ends == ("resolved",) else None
    return Shape(metric.ends, goes_on=False, stands=False) if metric.reopened == "ignore" else None


def _is_odd(end: Trigger) -> bool:
    """Return whether arrays cannot tell which events end a cycle, because they know only the kind of each event.

    `end` describes the events that end a cycle.
    """
    # an event `reopened` does not reopen a ticket that was never resolved
    return end.value is not None or end.kind == "reopened" or (end.kind in VALUED and end.kind not in ONE_BY_ONE)


def judged_by_arrays(policy: Policy, metric: str) -> bool:
    """Return whether arrays find the deadlines and states of many tickets at once, for a metric of a policy.

    All editions must have the same `Shape`, and no plan may have targets for owners.

    >>> from kolmisla import KOLMISOFT
    >>> judged_by_arrays(KOLMISOFT, "resolution")
    True
    """
    shapes = set()
    for edition in policy.editions:
        if not has_metric(edition, metric):
            return False
        definition = metric_of(edition, metric)
        if metric == NEXT_RESPONSE and definition != BUILT_IN_METRICS[NEXT_RESPONSE]:
            return False
        shapes.add(shape_of(definition))
        if any(plan.owner_targets(metric) for plan in edition.plans.values()):
            return False
    return len(shapes) == 1 and None not in shapes


def rare_kinds(policy: Policy, metric: str) -> frozenset[EventKind]:
    """Return the kinds of event for which a ticket must be judged alone, not in arrays with many other tickets.

    `owner` is among the kinds only if the policy has hours or targets for owners.

    >>> from kolmisla import KOLMISOFT
    >>> sorted(rare_kinds(KOLMISOFT, "resolution"))
    ['due', 'extended', 'plan', 'waived', 'withdrawn']
    """
    has_owners = any(
        edition.owners or any(plan.owner_targets(metric) for plan in edition.plans.values())
        for edition in policy.editions
    )
    return frozenset(ONE_BY_ONE) - (frozenset() if has_owners else {"owner"})


def before_the_first(policy: Policy, at: int) -> str | None:
    """Return a message if `at`, the opening of a ticket, is before the policy's first edition. Else return None."""
    since, begins = policy.editions[0].effective_from, policy.editions[0].begins_at
    if begins is None or at >= micros(begins):
        return None
    return f"opened before the first edition of the policy, effective from {since}"
