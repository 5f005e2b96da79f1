"""The deadline of a cycle. It follows from the clock of the cycle."""

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, cast

from kolmisla.documents.for_pydantic import Answer
from kolmisla.documents.model import draft_of
from kolmisla.errors import HorizonError, NotCoveredError, shown
from kolmisla.names import LOADING
from kolmisla.policies.kolmisoft import KOLMISOFT
from kolmisla.policies.plan import Promise
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import metric_in
from kolmisla.policies.terms.metrics import FIRST_RESPONSE, METRICS, Metric, MetricName
from kolmisla.policies.terms.warnings import amount_at
from kolmisla.tickets.answers.json_forms import DeadlineDict, iso_text
from kolmisla.tickets.answers.status import Status, status_at
from kolmisla.tickets.cycles.cycle_clock import CycleClock
from kolmisla.tickets.cycles.cycle_clocks import (
    check_arguments,
    clock_as_known,
    cycle_clock_of,
    cycle_clocks,
    no_cycle,
    plain_promise,
    terms_of,
)
from kolmisla.tickets.cycles.naming import sole_amount
from kolmisla.tickets.ticket import Ticket
from kolmisla.times.instants import duration, instants_in, length, micros, seconds

if TYPE_CHECKING:
    from kolmisla.tickets.alarms.alarms import Alarm
    from kolmisla.tickets.answers.stretches import ClockStretch

__all__ = ["Deadline", "deadline", "deadline_of", "status_as_known"]

AGREED = ("due", "extended")  # kinds of event that change a deadline

_AS_WRITTEN: dict[object, str] = {metric: metric for metric in METRICS}


class Deadline(Answer):
    """The deadline of one cycle: the time by which a ticket must be answered or resolved.

    `target` is the open time promised. `due_at` is the earliest instant at which the target is used up.
    `breaches_after` is the latest instant that still keeps the target. The two instants differ when the target is used
    up at closing time or at the start of a pause, because no time counts until the clock runs again. An unknown instant
    is None; see `due_at` below for the cases. Instants are in the policy's zone.
    """

    __slots__ = ("ticket", "policy", "cycle", "promise", "due_at", "breaches_after")  # noqa: RUF023  # in the order of the constructor

    ticket: Ticket
    """The ticket that must be answered or resolved."""
    policy: Policy
    """The policy that makes the promise. It includes all editions."""
    cycle: int
    """The number of the cycle. The first cycle has the number 1."""
    promise: Promise
    """The promise of the policy: plan, priority, metric, target and schedule."""
    due_at: datetime | None
    """The earliest instant at which the target is used up, in the policy's zone.

    It is None when the ticket is in a pause with no known end, or when the schedule does not open again in the years
    that it knows.
    """
    breaches_after: datetime | None
    """The latest instant that still keeps the target, in the policy's zone, or None for an unknown instant.

    The instant is later than `due_at` only when the target is used up at closing time or at the start of a pause.
    """

    def __repr__(self) -> str:
        due_at = self.due_at and self.due_at.isoformat()
        return f"Deadline({self.promise}, {due_at=})"

    @property
    def target(self) -> timedelta:
        """The open time promised."""
        assert self.promise.within is not None  # a Deadline always has a target
        return duration(self.promise.within)

    @property
    def original_due_at(self) -> datetime | None:
        """The due time that the cycle would have without the events `due` and `extended`, in the policy's zone.

        It is None if this time is unknown, or if the cycle would have no deadline.
        """
        if not self.is_agreed:
            return self.due_at
        ticket, policy = self.ticket, self.policy
        moments = [moment for moment in ticket.moments if moment.kind not in AGREED]
        clock = cycle_clock_of(policy, terms_of(ticket), ticket.opened, moments, self.promise.metric, self.cycle)
        due = None if clock is None or clock.promise.within is None else clock.instants()[0]
        return None if due is None else instants_in(self.promise.zone)(due)

    @property
    def waived(self) -> str | None:
        """The reason why the verdict (met or breached) does not count, or None if it counts."""
        if not any(moment.kind == "waived" for moment in self.ticket.moments):
            return None
        return clock_as_known(self.ticket, self.policy, self.promise.metric, self.cycle, None).waived

    @property
    def is_agreed(self) -> bool:
        """Whether the ticket has an event `due` or `extended`, which may have changed the deadline."""
        return any(moment.kind in AGREED for moment in self.ticket.moments)

    def status(self, at: datetime) -> Status:
        """Return the status of the cycle at an instant; events after the instant do not count.

        Raise TicketError for an instant before the cycle began. Raise NotCoveredError when nothing was promised for the
        priority in force at the instant.

        >>> ticket = Ticket(plan="premium", priority="high", opened_at="2026-07-03T16:30:00+03:00")
        >>> deadline(ticket).status(datetime.fromisoformat("2026-07-07T08:10+03:00"))
        Status(state='running', elapsed=datetime.timedelta(seconds=6000), remaining=datetime.timedelta(seconds=1200))
        """
        return status_as_known(self.ticket, self.policy, self.promise.metric, self.cycle, micros(at))

    def used_at(self, percent: int) -> datetime | None:
        """Return the earliest instant at which `percent` of the target is used up, or None if the instant is unknown.

        The instant is in the policy's zone. For 100 percent it is `due_at`. A tool that sets an alarm for the instant
        must ask again after each event. Raise ValueError unless `percent` is a whole number and at least 1.

        >>> ticket = Ticket(plan="premium", priority="high", opened_at="2026-07-03T16:30:00+03:00")
        >>> deadline(ticket).used_at(75).isoformat(), deadline(ticket).used_at(80).isoformat()
        ('2026-07-03T18:00:00+03:00', '2026-07-07T08:06:00+03:00')
        """
        if type(percent) is not int or percent < 1:
            raise ValueError(f"percent must be a whole number of 1 or more, not {shown(percent)}")
        used = self._clock().reached(partial(amount_at, percent))
        return None if used is None else instants_in(self.promise.zone)(used)

    def stretches(self, at: datetime) -> "tuple[ClockStretch, ...]":
        """Return the stretches from `at` to `due_at`, each with `start`, `end` and whether the clock `counts`.

        In a stretch, the clock counts all the time or stands still all the time. The stretches leave no gaps, and none
        is empty. A page can show a countdown with them, and must ask again after each event. If the cycle ended before
        `due_at`, the last stretch ends where the cycle ended. In a pause with no known end, the `end` of the last
        stretch is None. The answer is empty if `due_at` is not later than `at`, or if the cycle ended by then. It is
        also empty if the cycle is running and `due_at` is after the years that the schedule knows. Instants are in the
        policy's zone. Raise TicketError for an instant before the cycle began.

        >>> ticket = Ticket(plan="premium", priority="high", opened_at="2026-07-03T16:30:00+03:00")
        >>> for start, end, counts in deadline(ticket).stretches(datetime.fromisoformat("2026-07-03T17:00+03:00")):
        ...     print(start.isoformat(), end.isoformat(), counts)
        2026-07-03T17:00:00+03:00 2026-07-03T18:00:00+03:00 True
        2026-07-03T18:00:00+03:00 2026-07-07T08:00:00+03:00 False
        2026-07-07T08:00:00+03:00 2026-07-07T08:30:00+03:00 True
        """
        with LOADING:  # few programs need it
            from kolmisla.tickets.answers.stretches import stretches_of
        return tuple(stretches_of(self._clock(), micros(at)))

    def left_at(self, left: timedelta) -> datetime | None:
        """Return the earliest instant at which only `left` remains of the target, or None if the instant is unknown.

        The instant is in the policy's zone. If `left` is zero, the answer is `due_at`. If `left` is negative, the
        target is exceeded by that much, as in `Status.remaining`. If `left` is the whole target or more, the answer is
        the instant at which the target came into force.

        >>> ticket = Ticket(plan="premium", priority="high", opened_at="2026-07-03T16:30:00+03:00")
        >>> deadline(ticket).left_at(timedelta(minutes=45)).isoformat()
        '2026-07-03T17:45:00+03:00'
        """
        given = length(left)
        reached = self._clock().reached(lambda within: within - given)
        return None if reached is None else instants_in(self.promise.zone)(reached)

    def alarms(self) -> "tuple[Alarm, ...]":
        """Return the policy's warnings in order of time, each with the instant at which it is crossed.

        An unknown instant is None. If the policy has no warnings, the answer has only 100 percent. The next event may
        change the instants. To learn which warnings have been crossed, call the function `crossings`.

        >>> policy = KOLMISOFT.replace(warnings=[100, "PT45M left"])
        >>> ticket = Ticket(plan="premium", priority="high", opened_at="2026-07-03T16:30:00+03:00")
        >>> for alarm in deadline(ticket, policy=policy).alarms():
        ...     print(alarm.threshold, alarm.at.isoformat())
        PT45M left 2026-07-03T17:45:00+03:00
        100 2026-07-07T08:30:00+03:00
        """
        with LOADING:  # few programs need it
            from kolmisla.tickets.alarms.alarms import alarms_of
        return alarms_of(self._clock())

    def _clock(self) -> CycleClock:
        return clock_as_known(self.ticket, self.policy, self.promise.metric, self.cycle, None)

    def to_dict(self) -> DeadlineDict:
        """Return a dict ready for JSON.

        Keys: due_at, breaches_after, target_s, schedule, plan, priority, channel, version, timezone. If the deadline
        was agreed or extended, the dict also has original_due_at. If the state (met or breached) does not count, the
        dict also has waived.
        """
        promise = self.promise
        made: DeadlineDict = {
            "due_at": iso_text(self.due_at),
            "breaches_after": iso_text(self.breaches_after),
            "target_s": seconds(length(self.target)),
            "schedule": promise.schedule_name,
            "plan": promise.plan.name,
            "priority": promise.priority.name,
            "channel": promise.channel,
            "version": promise.version,
            "timezone": promise.zone.key,
        }
        if self.is_agreed:
            made["original_due_at"] = iso_text(self.original_due_at)
        if self.waived is not None:
            made["waived"] = self.waived
        return made


def deadline(ticket: Ticket, *, policy: Policy = KOLMISOFT, metric: MetricName | Metric = FIRST_RESPONSE) -> Deadline:
    """Return a ticket's deadline for a metric: by default, the deadline for the first response.

    If the metric has several cycles, return the deadline of the last cycle. Raise NotCoveredError when nothing is
    promised, or when the metric has no cycle. Raise TicketError for a name that the policy does not have. Raise
    PolicyError for an unknown metric. Raise it also if the ticket has a version and the policy has no releases. Raise
    HorizonError for a ticket opened outside the years that the schedule knows.

    >>> ticket = Ticket(plan="premium", priority="high", opened_at="2026-07-10T16:00:00+03:00")
    >>> deadline(ticket).due_at.isoformat(), deadline(ticket).breaches_after.isoformat()
    ('2026-07-10T18:00:00+03:00', '2026-07-13T08:00:00+03:00')
    """
    asked: object = metric
    try:
        metric_name = (_AS_WRITTEN.get(asked) if type(asked) is str else None) or metric_in(policy, asked)
        plain = _plain_deadline(ticket, policy, metric_name)
        if plain is not None:
            return plain
        clocks = cycle_clocks(policy, terms_of(ticket), ticket.opened, ticket.moments, metric_name)
    except (AttributeError, TypeError):
        check_arguments(ticket, policy)
        raise
    if not clocks:
        raise NotCoveredError(no_cycle(metric_name))
    last = clocks[-1]
    if last.promise.within is None:
        raise NotCoveredError(last.promise.missing)
    return deadline_of(ticket, policy, len(clocks), last)


def status_as_known(ticket: Ticket, policy: Policy, metric: str, cycle: int, now: int) -> Status:
    """Return the status of the cycle with the number `cycle` at `now`, made from the events up to `now`.

    Raise TicketError if the cycle begins after `now`. Raise NotCoveredError if nothing is promised at `now`.
    """
    cycle_clock = clock_as_known(ticket, policy, metric, cycle, now)
    if status := status_at(now, cycle_clock):
        return status
    raise NotCoveredError(cycle_clock.promise.missing)


def deadline_of(ticket: Ticket, policy: Policy, number: int, cycle_clock: CycleClock) -> Deadline:
    """Return the deadline of the cycle with the number `number`. Its clock `cycle_clock` must have a target."""
    promise, (due, last) = cycle_clock.promise, cycle_clock.instants()
    instant = instants_in(promise.zone)
    due_at, breaches_after = (None if at is None else instant(at) for at in (due, last))
    return Deadline(ticket, policy, number, promise, due_at, breaches_after)


_Draft = draft_of(Deadline)


def _plain_deadline(ticket: Ticket, policy: Policy, metric: str) -> Deadline | None:
    """Return the deadline of a plain ticket, which is quick to compute, or None if the caller must take the long way.

    A plain ticket has one cycle, one promise and no pause (see `plain_promise`).
    """
    promise = plain_promise(ticket, policy, metric, ticket.moments)
    if promise is None:
        return None
    try:
        if promise.within is not None:
            due, last = promise.schedule.timeline.kept(ticket.opened, promise.within)
        elif promise.target is None:
            return None
        else:
            promise, due, last = sole_amount(policy, promise, ticket.opened)
    except HorizonError:  # `deadline` then takes all steps, and raises this error
        return None
    draft, instant = _Draft(), instants_in(promise.zone)
    draft.ticket, draft.policy, draft.cycle, draft.promise = ticket, policy, 1, promise
    draft.due_at = due_at = instant(due)
    draft.breaches_after = due_at if last == due else instant(last)
    draft.__class__ = Deadline
    return cast("Deadline", draft)
