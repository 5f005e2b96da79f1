"""Deadlines, statuses and cycles of a ticket: its facts and a policy make the clocks from which all of them come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kolmisla.documents.for_pydantic import Answer
from kolmisla.errors import NotCoveredError, expect, shown
from kolmisla.instants import duration, instants_in, length, micros, seconds
from kolmisla.policies.kolmisoft import KOLMISOFT, check_policy
from kolmisla.policies.plan import FIRST_RESPONSE, METRICS, MetricName, Promise, metric_named
from kolmisla.policies.policy import Policy
from kolmisla.tickets.cycle_clock import CycleClock, DeadlineState
from kolmisla.tickets.cycle_clocks import Terms, cycle_clock_of, cycle_clocks
from kolmisla.tickets.cycles import known
from kolmisla.tickets.ticket import Ticket

__all__ = ["NOTHING_ASKED", "Cycle", "Deadline", "Status", "check_arguments", "cycles", "deadline", "ticket_clocks"]

_AS_WRITTEN: dict[object, MetricName] = {metric: metric for metric in METRICS}
NOTHING_ASKED = "no question was asked after a response, so no next-response is due"


@dataclass(frozen=True, slots=True)
class Status(Answer):
    """The state of a ticket's cycle at an instant, with the open time counted and left.

    The `state` is one of:

    - `running`: the cycle has not ended, and has counted no more than the target.
    - `paused`: as `running`, but the clock stands still with no known end.
    - `met`: the cycle ended, and counted no more than the target.
    - `breached`: the cycle counted more than the target, whether it has ended, is paused, or neither.
    """

    state: DeadlineState
    """The state: running, paused, met or breached."""
    elapsed: timedelta
    """The open time counted since the cycle began, up to its end."""
    remaining: timedelta
    """The open time left of the target; negative when it is exceeded."""

    def to_dict(self) -> dict[str, Any]:
        """Return a dict ready for JSON, with durations in seconds: state, elapsed_s, remaining_s."""
        elapsed, remaining = seconds(length(self.elapsed)), seconds(length(self.remaining))
        return {"state": self.state, "elapsed_s": elapsed, "remaining_s": remaining}


@dataclass(frozen=True, slots=True)
class Deadline(Answer):
    """The deadline of one cycle of a ticket: when it must be answered or resolved, in the policy's zone.

    `target` is the open time promised. `due_at` is the earliest instant at which it is used up, `breaches_after` the
    latest that still keeps it. They differ when the target ends at closing time or as a pause begins, because no time
    counts until the clock runs again. Either is None when no such instant is known: the ticket is paused with no known
    end, the schedule never opens again, or the instant lies beyond the years known.

    `deadline` and `cycles` make deadlines, from all that the ticket says.
    """

    ticket: Ticket
    """The ticket that must be answered or resolved."""
    policy: Policy
    """The policy that promises it, with all its editions."""
    cycle: int
    """The number of the cycle, from 1."""
    promise: Promise
    """What the policy promises: plan, priority, metric, target and schedule."""
    due_at: datetime | None
    """The earliest instant at which the target is used up, in the policy's zone.

    None when the ticket is paused with no known end, the schedule never opens again, or the instant lies beyond the
    years known.
    """
    breaches_after: datetime | None
    """The latest instant that still keeps the target, in the policy's zone; None when no such instant is known.

    It is later than `due_at` only when the target ends at closing time or as a pause begins.
    """

    def __repr__(self) -> str:
        due_at = self.due_at and self.due_at.isoformat()
        return f"Deadline({self.promise}, {due_at=})"

    @property
    def target(self) -> timedelta:
        """The open time promised."""
        return duration(self._within)

    @property
    def _within(self) -> int:
        within = self.promise.within
        assert within is not None  # else there is no deadline
        return within

    def status(self, at: datetime) -> Status:
        """Return the status of the cycle at an instant; events after the instant do not count.

        TicketError for an instant before the cycle began; NotCoveredError when nothing was promised for the priority
        in force at the instant.

        >>> ticket = Ticket(plan="premium", priority="high", opened_at="2026-07-03T16:30:00+03:00")
        >>> deadline(ticket).status(datetime.fromisoformat("2026-07-07T08:10+03:00"))
        Status(state='running', elapsed=datetime.timedelta(seconds=6000), remaining=datetime.timedelta(seconds=1200))
        """
        return _status(self.ticket, self.policy, self.promise.metric, self.cycle, micros(at))

    def used_at(self, percent: int) -> datetime | None:
        """Return the earliest instant at which `percent` of the target is used up; None when none is known.

        The instant is in the policy's zone. This is for alarms: a tool sets one for 75, need not poll, and asks again
        after each event. 100 is `due_at`; at 150 the ticket is late by half the target. ValueError for a percent that
        is not a whole number from 1.

        >>> ticket = Ticket(plan="premium", priority="high", opened_at="2026-07-03T16:30:00+03:00")
        >>> deadline(ticket).used_at(75).isoformat(), deadline(ticket).used_at(80).isoformat()
        ('2026-07-03T18:00:00+03:00', '2026-07-07T08:06:00+03:00')
        """
        if type(percent) is not int or percent < 1:
            raise ValueError(f"percent must be a whole number from 1, not {shown(percent)}")
        used = _as_known(self.ticket, self.policy, self.promise.metric, self.cycle, None).used(percent)
        return None if used is None else instants_in(self.promise.zone)(used)

    def to_dict(self) -> dict[str, Any]:
        """Return a dict ready for JSON.

        Keys: due_at, breaches_after, target_s, schedule, plan, priority, channel, version, timezone.
        """
        promise = self.promise
        return {
            "due_at": self.due_at and self.due_at.isoformat(),
            "breaches_after": self.breaches_after and self.breaches_after.isoformat(),
            "target_s": seconds(self._within),
            "schedule": promise.schedule_name,
            "plan": promise.plan.name,
            "priority": promise.priority.name,
            "channel": promise.channel,
            "version": promise.version,
            "timezone": promise.zone.key,
        }


@dataclass(frozen=True, slots=True)
class Cycle(Answer):
    """One stretch of a ticket's life that a metric measures; instants are in the policy's zone.

    `number` counts from 1. `ended_at` is None while the cycle runs. `deadline` is None when nothing is promised for the
    cycle; its time is measured all the same.
    """

    ticket: Ticket
    """The ticket whose cycle this is."""
    policy: Policy
    """The policy by which the cycle is measured, with all its editions."""
    metric: MetricName
    """The metric that measures the cycle."""
    number: int
    """The number among the cycles of the metric, from 1."""
    started_at: datetime
    """The instant at which the cycle began, in the policy's zone."""
    ended_at: datetime | None
    """The instant at which the cycle ended, in the policy's zone; None while it runs."""
    deadline: Deadline | None
    """The deadline; None when nothing is promised for the cycle."""

    def __repr__(self) -> str:
        started_at, ended_at = self.started_at.isoformat(), self.ended_at and self.ended_at.isoformat()
        return f"Cycle({self.metric} {self.number}, {started_at=}, {ended_at=})"

    def elapsed(self, at: datetime) -> timedelta:
        """Return the open time counted at an instant; events after the instant do not count.

        After the end of the cycle it is the time counted at the end. TicketError for an instant before the cycle began.
        """
        now = micros(at)
        return duration(_as_known(self.ticket, self.policy, self.metric, self.number, now).elapsed(now))

    def status(self, at: datetime) -> Status:
        """Return the status of the cycle at an instant; events after the instant do not count.

        NotCoveredError, with the reason, when nothing was promised then; TicketError for an instant before the
        cycle began.
        """
        return _status(self.ticket, self.policy, self.metric, self.number, micros(at))

    def to_dict(self) -> dict[str, Any]:
        """Return a dict ready for JSON.

        Keys: metric, cycle, started_at, ended_at, and those of the deadline; without one, of these only a null due_at.
        """
        facts = {"metric": self.metric, "cycle": self.number, "started_at": self.started_at.isoformat()}
        ended_at = {"ended_at": self.ended_at and self.ended_at.isoformat()}
        return {**facts, **ended_at, **(self.deadline.to_dict() if self.deadline else {"due_at": None})}


def deadline(ticket: Ticket, *, policy: Policy = KOLMISOFT, metric: MetricName = FIRST_RESPONSE) -> Deadline:
    """Return the deadline for the first answer to a ticket or, by another `metric`, its next answer or resolution.

    When the metric has several cycles, it is the deadline of the last one. NotCoveredError, with the reason, when
    nothing is promised, or no question was asked (`next-response`); TicketError for a name that the policy does not
    have; PolicyError for an unknown metric, or for a version when the policy has no releases; HorizonError for a ticket
    opened outside the years that the schedule knows.

    >>> ticket = Ticket(plan="premium", priority="high", opened_at="2026-07-10T16:00:00+03:00")
    >>> deadline(ticket).due_at.isoformat(), deadline(ticket).breaches_after.isoformat()
    ('2026-07-10T18:00:00+03:00', '2026-07-13T08:00:00+03:00')
    """
    asked: object = metric
    metric_name = (_AS_WRITTEN.get(asked) if type(asked) is str else None) or metric_named(asked)
    try:
        clocks = cycle_clocks(policy, _terms(ticket), micros(ticket.opened_at), ticket.moments, metric_name)
    except AttributeError:
        check_arguments(ticket, policy)
        raise
    if not clocks:
        raise NotCoveredError(NOTHING_ASKED)
    last = clocks[-1]
    if last.promise.within is None:
        raise NotCoveredError(last.promise.missing)
    return _deadline(ticket, policy, len(clocks), last)


def cycles(ticket: Ticket, *, policy: Policy = KOLMISOFT, metric: MetricName = FIRST_RESPONSE) -> tuple[Cycle, ...]:
    """Return every cycle of a metric in the ticket's life, in order, each with its deadline.

    `first-response` has one cycle, and so has `resolution`, whose cycle goes on after a reopening. `next-response` has
    one from each first question after a response to the next response, so it has no cycle when no question was asked.
    Errors are those of `deadline`, with one exception: when nothing is promised by the metric, its cycles have no
    deadline.

    >>> from kolmisla import Event
    >>> asked = Event(kind="asked", at="2026-07-03T16:45:00+03:00")
    >>> facts = {"plan": "premium", "priority": "high", "opened_at": "2026-07-03T16:30:00+03:00"}
    >>> ticket = Ticket(**facts, answered_at="2026-07-03T16:40:00+03:00", events=[asked])
    >>> cycles(ticket, metric="next-response")
    (Cycle(next-response 1, started_at='2026-07-03T16:45:00+03:00', ended_at=None),)
    """
    check_arguments(ticket, policy)
    clocks = ticket_clocks(ticket, policy, metric_named(metric))
    return tuple(_cycle(ticket, policy, number, cycle_clock) for number, cycle_clock in enumerate(clocks, 1))


def check_arguments(ticket: object, policy: object) -> None:
    """Raise TypeError unless the arguments are a Ticket and a Policy."""
    expect("ticket", ticket, Ticket)
    check_policy(policy)


def ticket_clocks(ticket: Ticket, policy: Policy, metric: MetricName, now: int | None = None) -> Sequence[CycleClock]:
    """Return the clocks of a metric's cycles, by all that the ticket says or, with `now`, by what was known then."""
    moments = ticket.moments if now is None else known(ticket.moments, now)
    return cycle_clocks(policy, _terms(ticket), micros(ticket.opened_at), moments, metric)


def _terms(ticket: Ticket) -> Terms:
    return ticket.plan, ticket.priority, ticket.channel, ticket.version


def _as_known(ticket: Ticket, policy: Policy, metric: MetricName, cycle: int, now: int | None) -> CycleClock:
    """Return the clock of one cycle by what was known at an instant.

    Without an instant, or for a cycle that had not begun then, it is the clock by all that the ticket says.
    """
    if not ticket.moments:
        return ticket_clocks(ticket, policy, metric)[cycle - 1]
    terms, opened = _terms(ticket), micros(ticket.opened_at)
    moments = ticket.moments if now is None else known(ticket.moments, now)
    cycle_clock = cycle_clock_of(policy, terms, opened, moments, metric, cycle)
    return cycle_clock or cycle_clocks(policy, terms, opened, ticket.moments, metric)[cycle - 1]


def _status(ticket: Ticket, policy: Policy, metric: MetricName, cycle: int, now: int) -> Status:
    cycle_clock = _as_known(ticket, policy, metric, cycle, now)
    (state, elapsed), within = cycle_clock.state_at(now), cycle_clock.promise.within
    if within is None:
        raise NotCoveredError(cycle_clock.promise.missing)
    return Status(state, duration(elapsed), duration(within - elapsed))


def _deadline(ticket: Ticket, policy: Policy, number: int, cycle_clock: CycleClock) -> Deadline:
    promise = cycle_clock.promise
    instant = instants_in(promise.zone)
    due, last = cycle_clock.instants()
    due_at = None if due is None else instant(due)
    breaches_after = due_at if last == due else None if last is None else instant(last)
    return Deadline(ticket, policy, number, promise, due_at, breaches_after)


def _cycle(ticket: Ticket, policy: Policy, number: int, cycle_clock: CycleClock) -> Cycle:
    instant, ended = instants_in(cycle_clock.promise.zone), cycle_clock.ended
    return Cycle(
        ticket=ticket,
        policy=policy,
        metric=cycle_clock.promise.metric,
        number=number,
        started_at=instant(cycle_clock.started),
        ended_at=None if ended is None else instant(ended),
        deadline=None if cycle_clock.promise.within is None else _deadline(ticket, policy, number, cycle_clock),
    )
