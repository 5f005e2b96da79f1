"""The clocks of a ticket's cycles, with what a policy promises for each cycle."""

from collections.abc import Sequence

from kolmisla.errors import NotCoveredError
from kolmisla.policies.plan import FIRST_RESPONSE, MetricName
from kolmisla.policies.policy import Policy
from kolmisla.tickets.cycle_clock import CycleClock
from kolmisla.tickets.cycles import CycleFacts, cycle_facts
from kolmisla.tickets.event import Moment

__all__ = ["Terms", "cycle_clock_of", "cycle_clocks"]

Terms = tuple[str | None, str, str | None, str | None]  # a ticket's plan, priority at opening, channel and version


def cycle_clocks(
    policy: Policy, terms: Terms, opened: int, moments: Sequence[Moment], metric: MetricName
) -> Sequence[CycleClock]:
    """Return the clocks of a metric's cycles, in order.

    The promises are those of the edition in force when the ticket was opened. `opened` is in UTC microseconds.
    `moments` must be in order. Errors are the same as for `Policy.promise`. A priority that the policy does not have
    raises TicketError even when nothing is promised.
    """
    plan, priority, channel, version = terms
    edition = policy
    try:
        if policy.turns:
            edition = policy.in_force(opened)
        # events after the first answer cannot change the first response
        if metric == FIRST_RESPONSE and (not moments or moments[0].kind == "answered"):
            promise = edition.promise(plan, priority, channel, version, metric)
            ended = moments[0].at if moments else None
            return (CycleClock(opened, ended, ((opened, promise),), (), promise.schedule.timeline),)
        facts = _cycle_facts(edition, terms, opened, moments, metric)
        return [_cycle_clock(edition, terms, metric, cycle) for cycle in facts]
    except NotCoveredError:
        for cycle in cycle_facts(opened, priority, moments, metric, pausing=False):
            for _, name in cycle.priorities:
                policy.nearest(opened).priority(name)  # raises TicketError for an unknown priority
        raise


def cycle_clock_of(
    policy: Policy, terms: Terms, opened: int, moments: Sequence[Moment], metric: MetricName, cycle: int
) -> CycleClock | None:
    """Return the clock of the cycle with this number, counted from 1, or None when there are fewer cycles."""
    policy = policy.in_force(opened)
    facts = _cycle_facts(policy, terms, opened, moments, metric)
    return _cycle_clock(policy, terms, metric, facts[cycle - 1]) if len(facts) >= cycle else None


def _cycle_facts(
    policy: Policy, terms: Terms, opened: int, moments: Sequence[Moment], metric: MetricName
) -> list[CycleFacts]:
    plan, priority, channel, version = terms
    promise = policy.promise(plan, priority, channel, version, metric)
    return cycle_facts(opened, priority, moments, metric, pausing=metric in promise.plan.pausing)


def _cycle_clock(policy: Policy, terms: Terms, metric: MetricName, cycle: CycleFacts) -> CycleClock:
    plan, _, channel, version = terms
    steps = tuple([(at, policy.promise(plan, name, channel, version, metric)) for at, name in cycle.priorities])
    return CycleClock.of(cycle, steps, policy.priority_change)
