"""How a ticket's events and a policy make the clocks of the ticket's cycles."""

from collections.abc import Sequence

from kolmisla.documents.names import folded
from kolmisla.errors import HorizonError, KolmislaError, NotCoveredError, expect
from kolmisla.policies.kolmisoft import check_policy
from kolmisla.policies.plan import Plan, Promise
from kolmisla.policies.policy import Policy
from kolmisla.policies.terms.metrics import FIRST_RESPONSE, NEXT_RESPONSE, MetricName
from kolmisla.tickets.cycles.cycle_clock import CycleClock
from kolmisla.tickets.cycles.cycles import CycleFacts, Reading, cycle_facts, known
from kolmisla.tickets.event import Moment
from kolmisla.tickets.ticket import Ticket

__all__ = [
    "NOTHING_ASKED",
    "Terms",
    "check_arguments",
    "clock_as_known",
    "cycle_clock_of",
    "cycle_clocks",
    "first_answer",
    "plain_promise",
    "reading_of",
    "response_time",
    "terms_of",
    "ticket_clocks",
]

NOTHING_ASKED = "no question was asked after a response, so no next-response is due"

NO_REASONS: frozenset[str] = frozenset()

Terms = tuple[str | None, str, str | None, str | None]  # a ticket's plan, priority at opening, channel and version


def cycle_clocks(
    policy: Policy, terms: Terms, opened: int, moments: Sequence[Moment], metric: MetricName
) -> Sequence[CycleClock]:
    """Return the clocks of a metric's cycles, in order.

    The promises come from the edition in force when the ticket was opened. `opened` is in UTC microseconds. `moments`
    must be in order. Errors are the same as for `Policy.promise`. A priority that the policy does not have raises
    TicketError even when nothing is promised.
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
        for cycle in cycle_facts(opened, priority, moments, metric):
            for _, name in cycle.priorities:
                policy.nearest(opened).priority(name)  # raises TicketError for an unknown priority
        raise


def cycle_clock_of(
    policy: Policy, terms: Terms, opened: int, moments: Sequence[Moment], metric: MetricName, cycle: int
) -> CycleClock | None:
    """Return the clock of the cycle with the number `cycle`, or None if there is none. Numbers begin at 1."""
    policy = policy.in_force(opened)
    facts = _cycle_facts(policy, terms, opened, moments, metric)
    return _cycle_clock(policy, terms, metric, facts[cycle - 1]) if len(facts) >= cycle else None


def _cycle_facts(
    policy: Policy, terms: Terms, opened: int, moments: Sequence[Moment], metric: MetricName
) -> list[CycleFacts]:
    plan, priority, channel, version = terms
    promise = policy.promise(plan, priority, channel, version, metric)
    return cycle_facts(opened, priority, moments, metric, reading_of(policy, promise.plan, metric))


def reading_of(policy: Policy, plan: Plan, metric: MetricName) -> Reading:
    """Return how an edition of a policy and one of its plans read the events of a ticket."""
    waits = frozenset(map(folded, policy.waits_for_customer)) if policy.waits_for_customer else NO_REASONS
    return Reading(metric in plan.pausing, waits, plan.after_resolution == "question")


def _cycle_clock(policy: Policy, terms: Terms, metric: MetricName, cycle: CycleFacts) -> CycleClock:
    plan, _, channel, version = terms
    steps = tuple([(at, policy.promise(plan, name, channel, version, metric)) for at, name in cycle.priorities])
    return CycleClock.of(cycle, steps, policy.priority_change)


def first_answer(cycle_clock: CycleClock, moments: Sequence[Moment]) -> int | None:
    """Return the instant of the first answer to a ticket, or None without one. A resolution is no answer.

    For next-response, return the answer to the question of the cycle. `moments` must be in order.
    """
    if len(moments) == 1:  # a ticket with one event asks no next question
        return moments[0].at if moments[0].kind == "answered" else None
    if cycle_clock.promise.metric == NEXT_RESPONSE:
        ended = cycle_clock.ended
        return ended if any(moment.at == ended and moment.kind == "answered" for moment in moments) else None
    return next((moment.at for moment in moments if moment.kind == "answered"), None)


def response_time(cycle_clock: CycleClock, answered: int, elapsed: int) -> int | None:
    """Return the working time from the start of a cycle to an answer, on the schedule by which responses count.

    `elapsed` is the time counted in the whole cycle. Return None if the schedule does not know one of the years.
    """
    timeline = cycle_clock.promise.response_on.timeline
    if answered == cycle_clock.ended and cycle_clock.clock is timeline:  # not so after a pause, for example
        return elapsed
    try:
        return timeline.elapsed(cycle_clock.started, answered)
    except HorizonError:  # the ticket's own clock may cover more years, as 24x7 does
        return None


def check_arguments(ticket: object, policy: object) -> None:
    """Raise TypeError unless the arguments are a Ticket and a Policy."""
    expect("ticket", ticket, Ticket)
    check_policy(policy)


def ticket_clocks(ticket: Ticket, policy: Policy, metric: MetricName, now: int | None = None) -> Sequence[CycleClock]:
    """Return the clocks of a metric's cycles. Events after `now` are left out, unless `now` is None."""
    moments = ticket.moments if now is None else known(ticket.moments, now)
    return cycle_clocks(policy, terms_of(ticket), ticket.opened, moments, metric)


def plain_promise(ticket: Ticket, policy: Policy, metric: MetricName, moments: Sequence[Moment]) -> Promise | None:
    """Return the promise to a plain ticket: it has one cycle, in which one promise is in force and no pause begins.

    Return None for a ticket that may have more, and for a ticket to which nothing is promised.
    """
    if policy.turns or metric == NEXT_RESPONSE:
        return None
    if moments and (metric != FIRST_RESPONSE or moments[0].kind != "answered"):
        return None
    try:
        return policy.promise(ticket.plan, ticket.priority, ticket.channel, ticket.version, metric)
    except KolmislaError:  # `cycle_clocks` raises the error
        return None


def terms_of(ticket: Ticket) -> Terms:
    """Return the plan, priority, channel and version of a ticket."""
    return ticket.plan, ticket.priority, ticket.channel, ticket.version


def clock_as_known(ticket: Ticket, policy: Policy, metric: MetricName, cycle: int, now: int | None) -> CycleClock:
    """Return the clock of one cycle, made from the events up to `now`.

    The clock is made from all events of the ticket if `now` is None, or if the cycle had not begun at `now`.
    """
    terms, opened, moments = terms_of(ticket), ticket.opened, ticket.moments
    if not moments or (metric == FIRST_RESPONSE and moments[0].kind == "answered"):  # one cycle, found quickly
        if moments and now is not None and moments[0].at > now:
            moments = ()
        return cycle_clocks(policy, terms, opened, moments, metric)[cycle - 1]
    moments = moments if now is None else known(moments, now)
    cycle_clock = cycle_clock_of(policy, terms, opened, moments, metric, cycle)
    return cycle_clock or cycle_clocks(policy, terms, opened, ticket.moments, metric)[cycle - 1]
