"""Judges one ticket for a report: the state of each of its cycles at an instant, and all else that is counted."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from kolmisla.errors import HorizonError, NotCoveredError
from kolmisla.files.facts import TicketFacts
from kolmisla.files.responses import PlanAim, Responses, aim_of
from kolmisla.files.summary import SUMMARY_STATES
from kolmisla.policies.policy import Policy
from kolmisla.reports.figures.spent import SpentBy, SpentKey, count_parts
from kolmisla.reports.figures.tallies import BREACHED, IS_WAIVED, NOT_MEASURED, WITHOUT_VERDICT
from kolmisla.tickets.answers.breakdown import PartsAsked, cycle_parts
from kolmisla.tickets.cycles.cycle_clock import CycleClock
from kolmisla.tickets.cycles.cycle_clocks import (
    cycle_clocks,
    cycle_facts_of,
    no_cycle,
    reading_of,
    terms_of,
    uncovered_cycles,
)
from kolmisla.tickets.cycles.cycles import heard, known
from kolmisla.tickets.cycles.responses import counts_for_mean, first_answer, response_time
from kolmisla.tickets.event import Moment, event_of
from kolmisla.tickets.ticket import Ticket
from kolmisla.times.instants import nearest_in
from kolmisla.times.zones import zone_named

__all__ = ["Question", "Standing", "count_spent", "facts_of", "standings", "ticket_of_facts"]

STATE_INDEX = {state: index for index, state in enumerate(SUMMARY_STATES)}


PARTING = ("owner", "paused")  # events of these kinds cut the time of a ticket into parts


class Question(NamedTuple):
    """What a report asks about each ticket: its state at the instant `now`, for a metric of a policy."""

    policy: Policy
    metric: str
    now: int


class Standing(NamedTuple):
    """The state of one cycle at the instant of a report. Amounts and instants are in microseconds.

    `state` is an index into SUMMARY_STATES. `reason` says why nothing is promised (then `clock` is None), or why the
    cycle was waived. `response` counts its first response, if a plan's mean needs it.
    """

    started: int
    ended: int | None
    state: int
    elapsed: int
    plan: str | None
    priority: str | None
    clock: CycleClock | None = None
    reason: str = ""
    response: tuple[PlanAim, Responses] | None = None

    def has_begun(self, metric: str) -> bool:
        """Return whether there is a cycle. A ticket in which nothing was asked, for example, has none."""
        return self.clock is not None or self.reason != no_cycle(metric)

    @property
    def within(self) -> int:
        """The target of the cycle in microseconds. The cycle must have a target."""
        within = None if self.clock is None else self.clock.promise.within
        assert within is not None  # this property is read only for a cycle with a target
        return within


def facts_of(ticket: Ticket) -> TicketFacts:
    """Return the facts of a ticket as TicketFacts, the form of a ticket that is read from a file."""
    plan, priority, channel, version, owner, schedule, opened_by, _ = terms_of(ticket)
    facts = TicketFacts(ticket.id, plan, priority, channel, version, ticket.opened, ticket.moments)
    return facts._replace(owner=owner, schedule=schedule, opened_by=opened_by)


def standings(facts: TicketFacts, question: Question) -> list[Standing]:
    """Judge a ticket: return the state of each of its cycles, in order.

    A ticket without a cycle of the metric gets one that is not covered, so that no ticket is lost. Raise the errors of
    `deadline`, except NotCoveredError.
    """
    policy, metric, now = question
    moments = known(facts.moments, now)
    try:
        clocks = cycle_clocks(policy, facts.terms, facts.opened, moments, metric)
    except NotCoveredError as reason:
        return _not_covered(facts, question, str(reason))
    judged = []
    for clock in clocks:
        promise, (state, elapsed) = clock.promise, clock.state_at(now)
        response = None
        if counts_for_mean(clock) and (aim := aim_of(promise.plan)) is not None:
            response = aim, _first_response(clock, elapsed, moments)
        names = promise.plan.name, promise.priority.name
        if promise.within is None:
            standing = Standing(
                clock.started, clock.ended, NOT_MEASURED, elapsed, *names, None, promise.missing, response
            )
        else:
            place = STATE_INDEX[state] if clock.waived is None else IS_WAIVED
            standing = Standing(clock.started, clock.ended, place, elapsed, *names, clock, clock.waived or "", response)
        judged.append(standing)
    return judged or [_asked_nothing(facts, question)]


def _first_response(clock: CycleClock, elapsed: int, moments: Sequence[Moment]) -> Responses:
    """Return what the first response of a cycle adds to the counts for the mean of a plan."""
    answered = first_answer(clock, moments)
    took = None if answered is None else response_time(clock, answered, elapsed)
    return Responses.of(answered, took, clock.started)


def _asked_nothing(facts: TicketFacts, question: Question) -> Standing:
    edition = question.policy.nearest(facts.opened)
    priority = edition.priority(facts.priority)
    return Standing(
        facts.opened, None, NOT_MEASURED, 0, _plan(facts.plan, edition), priority.name, None, no_cycle(question.metric)
    )


def _plan(name: str | None, edition: Policy) -> str | None:
    """Return the name of a plan as the policy spells it. If the policy has no such plan, return None."""
    plan = edition.plans.get(name or "")
    return None if plan is None else plan.name


def _not_covered(facts: TicketFacts, question: Question, reason: str) -> list[Standing]:
    policy, metric, now = question
    edition, moments = policy.nearest(facts.opened), known(facts.moments, now)
    judged = []
    for cycle in uncovered_cycles(policy, facts.terms, facts.opened, moments, metric):
        standing = cycle.in_force[-1][1]
        priority, plan = edition.priority(standing.priority), _plan(standing.plan, edition)
        judged.append(Standing(cycle.started, cycle.ended, NOT_MEASURED, 0, plan, priority.name, None, reason))
    return judged or [_asked_nothing(facts, question)]


def count_spent(
    counts: Counter[SpentKey], facts: TicketFacts, question: Question, numbered: Sequence[tuple[int, Standing]]
) -> None:
    """Split the time of some cycles of a ticket by owner and by reason of pause, and add the parts to `counts`.

    `numbered` has the cycles with their numbers, from 1. States in WITHOUT_VERDICT are left out, and cycles whose times
    are not known. Without an owner or a reason, the ticket's time is not split by it.
    """
    if facts.owner is None and not any(moment.kind in PARTING for moment in facts.moments):
        return
    moments = known(facts.moments, question.now)
    parting = [(moment.kind, moment.value) for moment in moments if moment.kind in PARTING]
    owned = facts.owner is not None or any(kind == "owner" and value for kind, value in parting)
    has_reasons = any(kind == "paused" and value for kind, value in parting)
    wanted: dict[SpentBy, bool] = {"owner": owned, "reason": has_reasons}
    told = [by for by, is_wanted in wanted.items() if is_wanted]
    judged = [(number, standing) for number, standing in numbered if standing.state not in WITHOUT_VERDICT]
    if told and not parting:
        for standing in (each for _, each in judged if each.ended is None or each.ended > each.started):
            over = max(standing.elapsed - standing.within, 0)
            whole = 1, int(standing.state == BREACHED), standing.elapsed, over, 0
            count_parts(counts, "owner", [(facts.owner, whole)])
    elif told and judged:
        policy, metric, now = question
        cycles, effective = cycle_facts_of(policy, facts.terms, facts.opened, moments, metric), heard(moments)
        for number, standing in judged:
            clock = standing.clock
            assert clock is not None  # `judged` has no cycle without a promise
            waits = reading_of(policy.in_force(facts.opened), clock.promise.plan, metric).waits
            end = now if standing.ended is None else standing.ended
            asked = PartsAsked(cycles[number - 1], effective, waits, end)
            late = standing.state == BREACHED
            try:
                by_name = list(zip(told, cycle_parts(clock, asked, *told), strict=True))
            except HorizonError:  # a pause goes on beyond the years that its schedule knows
                continue
            for by, (parts, ran_out) in by_name:
                numbers = [(part.name, (1, int(late and part.name == ran_out), *part[1:])) for part in parts]
                count_parts(counts, by, numbers)


def ticket_of_facts(facts: TicketFacts, policy: Policy) -> Ticket:
    """Make a ticket with the facts. If they have no channel, the ticket gets the main channel of the policy."""
    # moves an instant late in the year 9999 to the last one that every zone can show
    instant = nearest_in(zone_named(policy.timezone))
    events = [event_of(moment.kind, instant(moment.at), *moment[2:]) for moment in facts.moments]
    return (Ticket.imported if events else Ticket)(
        id=facts.id,
        plan=facts.plan,
        priority=facts.priority,
        channel=facts.channel or policy.nearest(facts.opened).main_channel,
        version=facts.version,
        opened_at=instant(facts.opened),
        events=tuple(events),
        owner=facts.owner,
        schedule=facts.schedule,
        opened_by=facts.opened_by,
    )
