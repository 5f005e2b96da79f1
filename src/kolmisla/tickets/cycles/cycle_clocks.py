"""The clocks of a ticket's cycles, made from the events of the ticket and from a policy."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from kolmisla.errors import KolmislaError, NotCoveredError, PolicyError, TicketError, expect
from kolmisla.names import LOADING
from kolmisla.policies.kolmisoft import check_policy
from kolmisla.policies.plan import Plan, Promise
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import has_metric, metric_of
from kolmisla.policies.terms.metrics import CHANGES, METRICS, NEXT_RESPONSE, THE_OPENING, Opener, metric_named
from kolmisla.tickets.cycles.cycle_clock import CycleClock
from kolmisla.tickets.event import OF_METRICS, Moment
from kolmisla.tickets.ticket import Ticket

if TYPE_CHECKING:  # see `_cycles`
    from kolmisla.tickets.cycles.cycles import CycleFacts, TermsInForce
    from kolmisla.tickets.cycles.readings import Reading

__all__ = [
    "NOTHING_ASKED",
    "Terms",
    "check_arguments",
    "clock_as_known",
    "clock_of_cycle",
    "cycle_clock_of",
    "cycle_clocks",
    "cycle_facts_of",
    "no_cycle",
    "plain_metrics",
    "plain_promise",
    "reading_of",
    "terms_of",
    "ticket_clocks",
    "uncovered_cycles",
]

NOTHING_ASKED = "no question was asked after a response, so no next-response is due"


@cache
def _cycles() -> Any:
    """Return the module `cycles`. It is loaded at first use, because a ticket without events does not need it."""
    with LOADING:
        from kolmisla.tickets.cycles import cycles
    return cycles


def no_cycle(metric: str) -> str:
    """Return the reason why a metric without a cycle has no deadline."""
    return NOTHING_ASKED if metric == NEXT_RESPONSE else f"no cycle of {metric} has begun"


class Terms(NamedTuple):
    """The facts of a ticket at its opening that decide what is promised to it.

    `target` is a target for this ticket alone, in microseconds. If it is not None, it replaces the plan's targets.
    """

    plan: str | None
    priority: str
    channel: str | None = None
    version: str | None = None
    owner: str | None = None
    schedule: str | None = None
    opened_by: Opener = "requester"
    target: int | None = None

    @property
    def standing(self) -> "TermsInForce":
        """The priority, plan and owner that are in force when the ticket is opened."""
        standing: TermsInForce = _cycles().TermsInForce(self.priority, self.plan, self.owner)
        return standing


def cycle_clocks(
    policy: Policy, terms: Terms, opened: int, moments: Sequence[Moment], metric: str
) -> Sequence[CycleClock]:
    """Return the clocks of a metric's cycles, in order of time.

    The edition in force at the opening gives the promises. `moments` must be in order of time. Errors are those of
    `Policy.promise`, but an unknown priority always raises TicketError.
    """
    edition = policy
    try:
        if policy.turns:
            edition = policy.in_force(opened)
        if terms.target is None and ends_at_once(edition, moments, metric):
            promise, ended = _promise(edition, terms, terms.standing, metric), moments[0].at if moments else None
            if promise.within is not None or promise.target is None:
                return (CycleClock(opened, ended, ((opened, promise),), (), promise.schedule.timeline),)
        facts = _cycle_facts(edition, terms, opened, moments, metric)
        return [clock_of_cycle(edition, terms, metric, cycle, opened) for cycle in facts]
    except NotCoveredError:
        cycles = uncovered_cycles(policy, terms, opened, moments, metric)
        for standing in (terms.standing, *(standing for cycle in cycles for _, standing in cycle.in_force)):
            policy.nearest(opened).priority(standing.priority)  # raises TicketError for an unknown priority
        if cycles:
            raise
        return ()  # whatever is promised, no time counts


def uncovered_cycles(
    policy: Policy, terms: Terms, opened: int, moments: Sequence[Moment], metric: str
) -> "list[CycleFacts]":
    """Return the cycles of a ticket that the policy does not cover. No pause stops the clocks of such cycles."""
    edition = policy.nearest(opened)
    if not has_metric(edition, metric):
        return []
    reading = _cycles().Reading.of(metric_of(edition, metric), opener=terms.opened_by)
    facts: list[CycleFacts] = _cycles().cycle_facts(opened, terms.standing, moments, reading)
    return facts


def cycle_clock_of(
    policy: Policy, terms: Terms, opened: int, moments: Sequence[Moment], metric: str, cycle: int
) -> CycleClock | None:
    """Return the clock of the cycle with the number `cycle`, or None if there is none. Numbers begin at 1."""
    policy = policy.in_force(opened)
    facts = _cycle_facts(policy, terms, opened, moments, metric)
    return clock_of_cycle(policy, terms, metric, facts[cycle - 1], opened) if len(facts) >= cycle else None


def cycle_facts_of(
    policy: Policy, terms: Terms, opened: int, moments: Sequence[Moment], metric: str
) -> "list[CycleFacts]":
    """Return the cycles of a ticket for a metric, made from the events `moments`. `opened` is in UTC microseconds."""
    return _cycle_facts(policy.in_force(opened), terms, opened, moments, metric)


def _cycle_facts(
    policy: Policy, terms: Terms, opened: int, moments: Sequence[Moment], metric: str
) -> "list[CycleFacts]":
    """Return the cycles of a ticket for a metric. The policy remembers the answer for the caller's next question."""
    asked, latest = (terms, opened, metric), policy.__dict__.get("_latest_cycles")
    if latest is not None and latest[0] is moments and latest[1] == asked:
        remembered: list[CycleFacts] = latest[2]
        return remembered
    if metric not in METRICS and metric not in policy.metrics:
        raise NotCoveredError(no_cycle(metric))  # the edition in force at the opening does not have the metric
    for moment in [moment for moment in moments if moment.metric is not None]:
        _check_metric(moment, policy)
    standing = terms.standing
    if standing.plan is None:  # the promise begins when the ticket gets a plan
        standing = standing._replace(plan=next((moment.value for moment in moments if moment.kind == "plan"), None))
    reading = reading_of(policy, _promise(policy, terms, standing, metric).plan, metric, terms.opened_by)
    facts: list[CycleFacts] = _cycles().cycle_facts(opened, terms.standing, moments, reading)
    if type(moments) is tuple:  # a list could change
        policy.__dict__["_latest_cycles"] = moments, asked, facts
    return facts


def _check_metric(moment: Moment, policy: Policy) -> None:
    """Raise TicketError if an event concerns a metric that the policy does not have."""
    try:
        metric_named(moment.metric, policy.metrics)
    except PolicyError as error:
        raise TicketError(f"an event of the kind {moment.kind}: {error}") from None


def _promise(policy: Policy, terms: Terms, standing: "TermsInForce", metric: str) -> Promise:
    """Return the promise to a ticket while the priority, plan and owner in `standing` are in force."""
    priority, plan, owner = standing
    try:
        if owner is None and terms.schedule is None:
            return policy.promise_by((plan, priority, terms.channel, terms.version, metric))
        return policy.promise_by((plan, priority, terms.channel, terms.version, metric, owner, terms.schedule))
    except TicketError as error:
        if standing != terms.standing:  # an event named the plan or the priority, so no field of the ticket is wrong
            error.faults = ()
        raise


def reading_of(policy: Policy, plan: Plan, metric: str, opener: Opener = "requester") -> "Reading":
    """Return what each event does to the cycles of a metric, under an edition of a policy and one of its plans."""
    readings: dict[tuple[str, str, Opener], Reading] = policy.__dict__.setdefault("_readings", {})
    reading = readings.get((plan.name, metric, opener))
    if reading is None:
        definition = metric_of(policy, metric)
        reading = readings[plan.name, metric, opener] = _cycles().Reading.of(
            definition,
            opener=opener,
            pauses=plan.paused_by(definition, own=metric in policy.metrics),
            waits=policy.waits_for_customer,
            question=plan.after_resolution == "question",
        )
    return reading


def ends_at_once(policy: Policy, moments: Sequence[Moment], metric: str) -> bool:
    """Return whether a metric's first cycle begins with the opening, and its clock does not change before it ends.

    If so, the first event, if there is one, ends the cycle for good, and no later event concerns the cycle.
    """
    ends = plain_metrics(policy)
    return metric in ends and (not moments or _ended_at_once(ends[metric], moments))


def _ended_at_once(ends: frozenset[str], moments: Sequence[Moment]) -> bool:
    """Return whether the first event ends a cycle for good, and no later event concerns the cycle."""
    if moments[0].kind not in ends:
        return False
    return len(moments) == 1 or not any(moment.kind in OF_METRICS for moment in moments)


def plain_metrics(policy: Policy) -> Mapping[str, frozenset[str]]:
    """Return those metrics of an edition that always begin their first cycle when the ticket is opened.

    Each metric has the set of the kinds of event that end its cycle for good. The set may be empty.
    """
    plain: Mapping[str, frozenset[str]] | None = policy.__dict__.get("_plain_metrics")
    if plain is None:
        made = {}
        for name in (*METRICS, *policy.metrics):
            metric = metric_of(policy, name)
            if metric.starts == (THE_OPENING,) and not metric.after:
                final = metric.reopened == "ignore" and metric.reopened_within is None and not metric.repeats
                made[name] = frozenset(kind for kind in metric.ends if final and kind not in CHANGES)
        plain = policy.__dict__["_plain_metrics"] = made
    return plain


def clock_of_cycle(policy: Policy, terms: Terms, metric: str, cycle: "CycleFacts", opened: int) -> CycleClock:
    """Return the clock of one cycle. `policy` must be the edition in force when the ticket was opened."""
    begun = [number for number, (_, in_force) in enumerate(cycle.in_force) if in_force.plan is not None]
    promised = cycle.in_force[begun[0] if begun else 0 :]
    counted = _cycles().in_force_by(policy.priority_change, promised)
    if counted is not promised:  # raises for unknown names, even if no time counts by them
        for _, in_force in promised:
            _promise(policy, terms, in_force, metric)
    steps = tuple([(at, _promise(policy, terms, in_force, metric)) for at, in_force in counted])
    cycle_clock = CycleClock.of(cycle, steps)
    if cycle.started != opened:
        cycle_clock = cycle_clock._replace(at_opening=False)
    if terms.target is not None:
        cycle_clock = cycle_clock.with_target(terms.target)
    if not cycle.agreed:
        return cycle_clock
    with LOADING:
        from kolmisla.tickets.cycles.agreed import with_agreed
    return with_agreed(cycle_clock, cycle.agreed, policy.due_dates)


def check_arguments(ticket: object, policy: object) -> None:
    """Raise TypeError unless the arguments are a Ticket and a Policy."""
    expect("ticket", ticket, Ticket)
    check_policy(policy)


def ticket_clocks(ticket: Ticket, policy: Policy, metric: str, now: int | None = None) -> Sequence[CycleClock]:
    """Return the clocks of a ticket's cycles for a metric. Events after `now` do not count, unless `now` is None."""
    moments = ticket.moments if now is None else _cycles().known(ticket.moments, now)
    return cycle_clocks(policy, terms_of(ticket), ticket.opened, moments, metric)


def plain_promise(ticket: Ticket, policy: Policy, metric: str, moments: Sequence[Moment]) -> Promise | None:
    """Return the promise to a plain ticket: a ticket with one cycle, one promise and no pause.

    Return None if the ticket may have more, or if nothing is promised.
    """
    try:  # saves the work for every ticket but the first
        ends = policy.__dict__["_plain_throughout"]
    except KeyError:
        ends = policy.__dict__["_plain_throughout"] = {} if policy.turns else plain_metrics(policy)
    if metric not in ends or (moments and not _ended_at_once(ends[metric], moments)):
        return None
    try:
        if ticket.owner is None and ticket.schedule is None:
            return policy.promise_by((ticket.plan, ticket.priority, ticket.channel, ticket.version, metric))
        terms = terms_of(ticket)
        return _promise(policy, terms, terms.standing, metric)
    except KolmislaError:  # `cycle_clocks` raises the error
        return None


def terms_of(ticket: Ticket) -> Terms:
    """Return the facts of a ticket that decide what is promised to it."""
    return Terms(
        ticket.plan, ticket.priority, ticket.channel, ticket.version, ticket.owner, ticket.schedule, ticket.opened_by
    )


def clock_as_known(ticket: Ticket, policy: Policy, metric: str, cycle: int, now: int | None) -> CycleClock:
    """Return the clock of one cycle as it was known at `now`: made from the events up to `now`.

    If `now` is None, or if the cycle had not begun by `now`, all events of the ticket count.
    """
    terms, opened, moments = terms_of(ticket), ticket.opened, ticket.moments
    if ends_at_once(policy.nearest(opened) if policy.turns else policy, moments, metric):  # one cycle, so the quick way
        if moments and now is not None and moments[0].at > now:
            moments = ()
        return cycle_clocks(policy, terms, opened, moments, metric)[cycle - 1]
    moments = moments if now is None else _cycles().known(moments, now)
    cycle_clock = cycle_clock_of(policy, terms, opened, moments, metric, cycle)
    return cycle_clock or cycle_clocks(policy, terms, opened, ticket.moments, metric)[cycle - 1]
