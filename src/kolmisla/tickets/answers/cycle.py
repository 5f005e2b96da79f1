"""The cycles of a ticket.

A cycle is one stretch of time that a metric measures, such as from a question to its answer.
"""

from datetime import datetime, timedelta

from kolmisla.documents.for_pydantic import Answer
from kolmisla.policies.kolmisoft import KOLMISOFT
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import metric_in
from kolmisla.policies.terms.metrics import FIRST_RESPONSE, Metric, MetricName
from kolmisla.tickets.answers.deadline import Deadline, deadline_of, status_as_known
from kolmisla.tickets.answers.json_forms import CycleDict, iso_text
from kolmisla.tickets.answers.status import Status
from kolmisla.tickets.cycles.cycle_clock import CycleClock
from kolmisla.tickets.cycles.cycle_clocks import check_arguments, clock_as_known, ticket_clocks
from kolmisla.tickets.ticket import Ticket
from kolmisla.times.instants import duration, instants_in, micros

__all__ = ["Cycle", "cycles"]


class Cycle(Answer):
    """One stretch of time that a metric measures, such as from the opening of a ticket to its first answer.

    Instants are in the policy's zone. `ended_at` is None while the cycle runs. `deadline` is None when nothing is
    promised for the cycle. `elapsed` returns the time counted, even for a cycle without a deadline.
    """

    __slots__ = ("ticket", "policy", "metric", "number", "started_at", "ended_at", "deadline")  # noqa: RUF023  # in the order of the constructor

    ticket: Ticket
    """The ticket to which the cycle belongs."""
    policy: Policy
    """The policy under which the cycle is measured. It includes all editions."""
    metric: str
    """The metric that measures the cycle."""
    number: int
    """The number of the cycle among all cycles of the metric. The first cycle has the number 1."""
    started_at: datetime
    """The instant at which the cycle began, in the policy's zone."""
    ended_at: datetime | None
    """The instant at which the cycle ended, in the policy's zone, or None while the cycle runs."""
    deadline: Deadline | None
    """The deadline, or None when nothing is promised for the cycle."""

    def __repr__(self) -> str:
        started_at, ended_at = self.started_at.isoformat(), self.ended_at and self.ended_at.isoformat()
        return f"Cycle({self.metric} {self.number}, {started_at=}, {ended_at=})"

    @property
    def waived(self) -> str | None:
        """The reason why the verdict (met or breached) does not count, or None if it counts."""
        if not any(moment.kind == "waived" for moment in self.ticket.moments):
            return None
        return clock_as_known(self.ticket, self.policy, self.metric, self.number, None).waived

    def elapsed(self, at: datetime) -> timedelta:
        """Return the open time counted up to an instant, or up to the end of the cycle if that is earlier.

        Events after the instant do not count. Raise TicketError for an instant before the cycle began.
        """
        now = micros(at)
        return duration(clock_as_known(self.ticket, self.policy, self.metric, self.number, now).elapsed(now))

    def status(self, at: datetime) -> Status:
        """Return the status of the cycle at an instant; events after the instant do not count.

        Raise TicketError for an instant before the cycle began. Raise NotCoveredError when nothing was promised for the
        priority in force at the instant.
        """
        return status_as_known(self.ticket, self.policy, self.metric, self.number, micros(at))

    def to_dict(self) -> CycleDict:
        """Return a dict ready for JSON: metric, cycle, started_at, ended_at, and the keys of `Deadline.to_dict`.

        If the cycle has no deadline, `due_at` is None. The other keys of a deadline are then missing, except perhaps
        `waived`.
        """
        started_at, ended_at = self.started_at.isoformat(), iso_text(self.ended_at)
        facts = CycleDict(metric=self.metric, cycle=self.number, started_at=started_at, ended_at=ended_at, due_at=None)
        if self.waived is not None:
            facts["waived"] = self.waived
        return {**facts, **self.deadline.to_dict()} if self.deadline else facts


def cycles(
    ticket: Ticket, *, policy: Policy = KOLMISOFT, metric: MetricName | Metric = FIRST_RESPONSE
) -> tuple[Cycle, ...]:
    """Return all cycles of a ticket for one metric, in order of time. Each cycle has its deadline.

    `first-response` has one cycle. `resolution` has one cycle too, which goes on after a reopening. Each cycle of
    `next-response` lasts from the first question after a response until the next response. If nothing was asked after a
    response, `next-response` has no cycle. A cycle for which nothing is promised raises no error: its deadline is None.
    Other errors are the same as for `deadline`.

    >>> from kolmisla import Event
    >>> asked = Event(kind="asked", at="2026-07-03T16:45:00+03:00")
    >>> facts = {"plan": "premium", "priority": "high", "opened_at": "2026-07-03T16:30:00+03:00"}
    >>> ticket = Ticket(**facts, answered_at="2026-07-03T16:40:00+03:00", events=[asked])
    >>> cycles(ticket, metric="next-response")
    (Cycle(next-response 1, started_at='2026-07-03T16:45:00+03:00', ended_at=None),)
    """
    check_arguments(ticket, policy)
    clocks = ticket_clocks(ticket, policy, metric_in(policy, metric))
    return tuple(_cycle(ticket, policy, number, cycle_clock) for number, cycle_clock in enumerate(clocks, 1))


def _cycle(ticket: Ticket, policy: Policy, number: int, cycle_clock: CycleClock) -> Cycle:
    instant, ended = instants_in(cycle_clock.promise.zone), cycle_clock.ended
    ended_at = None if ended is None else instant(ended)
    due = None if cycle_clock.promise.within is None else deadline_of(ticket, policy, number, cycle_clock)
    return Cycle(ticket, policy, cycle_clock.promise.metric, number, instant(cycle_clock.started), ended_at, due)
