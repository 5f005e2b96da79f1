"""The one path of a ticket: its facts and a policy make a promise, a promise and a clock a deadline."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from kolmisla.errors import HorizonError, TicketError, shown
from kolmisla.kolmisoft import KOLMISOFT
from kolmisla.policy import Policy, Promise
from kolmisla.spans import duration, instants_in, iso, length, micros, seconds
from kolmisla.ticket import Ticket

__all__ = ["Deadline", "State", "Status", "deadline", "instants", "no_due_time", "reached", "standing"]

State = Literal["running", "met", "breached"]


@dataclass(frozen=True, slots=True)
class Status:
    """How a ticket stands at an instant, in open time of its schedule.

    `remaining` is negative when the target is over. `state`: `running` while unanswered and within the
    target, `met` once answered within it, `breached` when more than the target was counted, answered or not.
    """

    state: State
    elapsed: timedelta
    remaining: timedelta

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON, durations in seconds: state, elapsed_s, remaining_s."""
        elapsed, remaining = seconds(length(self.elapsed)), seconds(length(self.remaining))
        return {"state": self.state, "elapsed_s": elapsed, "remaining_s": remaining}


@dataclass(frozen=True, slots=True)
class Deadline:
    """By when a ticket is to be answered; instants are in the policy's zone.

    `due_at` is the earliest instant at which the target is used up, `breaches_after` the latest that still
    keeps it; they differ when the target ends at closing time, as no time counts until the next opening.
    Either is None when no such instant is known: hours that never come again, or not in the years known.
    """

    promise: Promise
    opened_at: datetime
    answered_at: datetime | None
    due_at: datetime | None
    breaches_after: datetime | None

    @property
    def target(self) -> timedelta:
        """The open time promised."""
        return self.promise.target.within

    def status(self, at: datetime) -> Status:
        """How the ticket stands at an instant; what happens after it does not count.

        TicketError for an instant before the ticket was opened.

        >>> ticket = Ticket(plan="premium", priority="high", opened_at="2026-07-03T16:30:00+03:00")
        >>> deadline(ticket).status(datetime.fromisoformat("2026-07-07T08:10+03:00"))
        Status(state='running', elapsed=datetime.timedelta(seconds=6000), remaining=datetime.timedelta(seconds=1200))
        """
        opened, answered = micros(self.opened_at), None if self.answered_at is None else micros(self.answered_at)
        state, elapsed = standing(self.promise, opened, answered, micros(at))
        return Status(state, duration(elapsed), duration(self.promise.within - elapsed))

    def used_at(self, percent: int) -> datetime | None:
        """The earliest instant at which that share of the target is used up; None when none is known.

        For alarms: a tool sets one for 75 and need not poll. 100 is `due_at`, 150 is half the target late.
        ValueError for what is not a whole number from 1.

        >>> ticket = Ticket(plan="premium", priority="high", opened_at="2026-07-03T16:30:00+03:00")
        >>> deadline(ticket).used_at(75).isoformat(), deadline(ticket).used_at(80).isoformat()
        ('2026-07-03T18:00:00+03:00', '2026-07-07T08:06:00+03:00')
        """
        if type(percent) is not int or percent < 1:
            raise ValueError(f"a share is a whole number of percent from 1, not {shown(percent)}")
        share = -(-self.promise.within * percent // 100)  # the first microsecond at which it is reached
        used = reached(self.promise, micros(self.opened_at), share)
        return None if used is None else instants_in(self.promise.zone)(used)

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON: due_at, breaches_after, target_s, schedule, plan, priority, channel, version, timezone."""
        promise = self.promise
        return {
            "due_at": self.due_at and self.due_at.isoformat(),
            "breaches_after": self.breaches_after and self.breaches_after.isoformat(),
            "target_s": seconds(promise.within),
            "schedule": promise.schedule_name,
            "plan": promise.plan.name,
            "priority": promise.priority.name,
            "channel": promise.channel,
            "version": promise.version,
            "timezone": promise.zone.key,
        }


def deadline(ticket: Ticket, policy: Policy = KOLMISOFT) -> Deadline:
    """By when the ticket is to be answered.

    NotCoveredError, with the reason, when nothing is promised; TicketError for a name that the policy does
    not have; PolicyError for a version when the policy has no releases; HorizonError for a ticket opened
    outside the years the schedule knows.

    >>> ticket = Ticket(plan="premium", priority="high", opened_at="2026-07-10T16:00:00+03:00")
    >>> deadline(ticket).due_at.isoformat(), deadline(ticket).breaches_after.isoformat()
    ('2026-07-10T18:00:00+03:00', '2026-07-13T08:00:00+03:00')
    """
    promise = policy.promise(ticket.plan, ticket.priority, ticket.channel, ticket.version)
    instant = instants_in(promise.zone)
    due, breach = instants(promise, micros(ticket.opened_at))
    due_at = None if due is None else instant(due)
    breaches_after = due_at if breach == due else None if breach is None else instant(breach)
    return Deadline(promise, ticket.opened_at, ticket.answered_at, due_at, breaches_after)


def no_due_time(promise: Promise) -> str:
    """Why a deadline may have no due time."""
    return f"no due time is known: {promise.schedule.timeline.known}"


def instants(promise: Promise, opened: int) -> tuple[int | None, int | None]:
    """The earliest instant at which the target is used up, and the latest that still keeps it, in integers."""
    due = reached(promise, opened, promise.within)
    if due is None:
        return None, None
    try:
        return due, promise.schedule.timeline.next_open(due)
    except HorizonError:
        return due, None


def reached(promise: Promise, opened: int, amount: int) -> int | None:
    """When that much has been counted since opening; None when that is never, or not known."""
    timeline = promise.schedule.timeline
    try:
        return timeline.due(opened, amount)
    except HorizonError:
        if not timeline.start <= opened <= timeline.end:
            raise
        return None


def standing(promise: Promise, opened: int, answered: int | None, now: int) -> tuple[State, int]:
    """How a ticket stands now and what has been counted, in integers; an answer after now does not count."""
    if now < opened:
        raise TicketError(f"asked for {iso(now)}, before the ticket was opened at {iso(opened)}")
    if answered is not None and answered > now:
        answered = None
    elapsed = promise.schedule.timeline.elapsed(opened, now if answered is None else answered)
    return "breached" if elapsed > promise.within else "running" if answered is None else "met", elapsed
