"""The thresholds that tickets cross between two instants. A threshold is a part of a target, such as 75 percent."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from operator import itemgetter
from typing import TypedDict

from kolmisla.documents.for_pydantic import Answer
from kolmisla.errors import expect, expect_iterable, shown
from kolmisla.policies.kolmisoft import KOLMISOFT, check_policy
from kolmisla.policies.plan import Promise
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import metrics_of
from kolmisla.policies.terms.warnings import Threshold, threshold_text
from kolmisla.tickets.alarms.corrections import Correction, by_id, check_all_known, corrected
from kolmisla.tickets.alarms.crossed import Crossed, crossed
from kolmisla.tickets.ticket import Ticket
from kolmisla.times.instants import instants_in, micros

__all__ = ["Crossing", "CrossingDict", "Timed", "check_window", "crossings", "crossings_of", "in_order_of_time"]


class CrossingDict(TypedDict):
    """The dict that `Crossing.to_dict` returns."""

    id: str | int | None
    plan: str  # plan and priority are spelled as in the policy
    priority: str
    metric: str
    cycle: int  # the number of the cycle; the first is 1
    threshold: Threshold
    at: str
    correction: Correction | None  # None for a threshold that is crossed in the window


class Crossing(Answer):
    """A threshold, such as 75 percent of a target, that a ticket crosses at an instant.

    Events that are later than the instant do not matter for the crossing.
    """

    __slots__ = ("ticket", "promise", "cycle", "threshold", "at", "correction")  # noqa: RUF023  # in the order of the constructor

    ticket: Ticket
    """The ticket that crosses the threshold."""
    promise: Promise
    """The promise in force at the instant: plan, priority, metric, target and schedule."""
    cycle: int
    """The number of the metric's cycle. The first cycle has the number 1."""
    threshold: Threshold
    """The warning of the policy, such as 75, `PT30M left` or `PT1H over`; or `breached`."""
    at: datetime
    """The instant at which the threshold is crossed, in the policy's zone."""
    correction: Correction | None
    """None for a crossing in the window of time that was asked for. Otherwise the crossing corrects an earlier answer.

    `withdrawn` means that the crossing was reported and did not happen. `missed` means that it happened and was not
    reported.
    """

    @property
    def metric(self) -> str:
        """The name of the metric whose threshold is crossed."""
        return self.promise.metric

    def __repr__(self) -> str:
        correction = f", {self.correction}" if self.correction else ""
        what = f"{threshold_text(self.threshold)} at {self.at.isoformat()}{correction}"
        return f"Crossing({shown(self.ticket.id)} {self.promise}, {what})"

    def to_dict(self) -> CrossingDict:
        """Return a dict ready for JSON. Keys: id, plan, priority, metric, cycle, threshold, at, correction."""
        return {
            "id": self.ticket.id,
            "plan": self.promise.plan.name,
            "priority": self.promise.priority.name,
            "metric": self.metric,
            "cycle": self.cycle,
            "threshold": self.threshold,
            "at": self.at.isoformat(),
            "correction": self.correction,
        }


Timed = tuple[int, Crossing]  # the instant in UTC microseconds, by which crossings are sorted


def crossings(
    tickets: Iterable[Ticket],
    after: datetime,
    until: datetime,
    *,
    policy: Policy = KOLMISOFT,
    before: Iterable[Ticket] | None = None,
) -> list[Crossing]:
    """Return each threshold that tickets cross later than `after` and not later than `until`, in order of time.

    The answer covers all metrics. The thresholds are `breached` and the policy's warnings, or `breached` and 100
    percent if the policy has no warnings. A running cycle crosses a threshold at the first instant at which that much
    of its target is counted. It becomes breached at the first instant at which more than the target is counted. An
    event does not matter for crossings that are earlier than the event. A change of priority can make a cycle cross
    several thresholds at once, or cross a threshold again. The window is the time from `after` to `until`. If one
    window begins where another ends, the two windows together have the same crossings as one window over both.

    An event may come in late: the caller has already asked for the window in which it happened. To correct the earlier
    answers, pass as `before` the tickets as they were known at `after`. Tickets are matched by id. The answer then has
    corrections as well, at instants up to `after`. The correction `withdrawn` means that a crossing was reported and
    did not happen. The correction `missed` means that a crossing happened and was not reported.

    Instants are in the policy's zone. A ticket that is not covered crosses nothing. Raise NaiveTimeError for an instant
    without an offset. Raise ValueError if `after` is later than `until`. Raise TicketError if tickets cannot be matched
    by id. Other errors are the same as for `deadline`.

    >>> ticket = Ticket(id=7, plan="premium", priority="high", opened_at="2026-07-03T16:30:00+03:00")
    >>> friday, tuesday = map(datetime.fromisoformat, ("2026-07-03T17:45+03:00", "2026-07-07T12:00+03:00"))
    >>> policy = KOLMISOFT.replace(warnings=[50, 75, 100])
    >>> for crossing in crossings([ticket], friday, tuesday, policy=policy):
    ...     print(crossing.ticket.id, crossing.metric, crossing.threshold, crossing.at.isoformat())
    7 first-response 75 2026-07-03T18:00:00+03:00
    7 first-response 100 2026-07-07T08:30:00+03:00
    7 first-response breached 2026-07-07T08:30:00.000001+03:00
    """
    window = check_window(after, until)
    check_policy(policy)
    for what, given in (("tickets", tickets), ("before", () if before is None else before)):
        expect_iterable(what, given)
    if before is None:
        found = (item for ticket in _checked(tickets) for item in crossings_of(ticket, *window, policy))
        return in_order_of_time(found)
    now, then = by_id("tickets", _checked(tickets)), by_id("before", _checked(before))
    check_all_known(now, then)
    corrections = (item for id, ticket in now.items() for item in _corrections(ticket, then.get(id), policy, window[0]))
    crossed = (item for ticket in now.values() for item in crossings_of(ticket, *window, policy))
    return in_order_of_time([*corrections, *crossed])


def check_window(after: datetime, until: datetime) -> tuple[int, int]:
    """Return both instants in UTC microseconds. Raise ValueError if `until` is earlier than `after`."""
    window = micros(after), micros(until)
    if window[0] > window[1]:
        raise ValueError(f"until={until.isoformat()} must not be earlier than after={after.isoformat()}")
    return window


def _checked(tickets: Iterable[Ticket]) -> Iterator[Ticket]:
    for ticket in tickets:
        if not isinstance(ticket, Ticket):
            expect("ticket", ticket, Ticket)
        yield ticket


def crossings_of(ticket: Ticket, after: int, until: int, policy: Policy) -> Iterator[Timed]:
    """Yield the thresholds that one ticket crosses later than `after` and not later than `until`, for all metrics."""
    if ticket.opened > until:
        return
    for metric in metrics_of(policy.nearest(ticket.opened)):
        for item in crossed(ticket, policy, metric, after, until):
            yield _crossing(ticket, item, None)


def _corrections(ticket: Ticket, before: Ticket | None, policy: Policy, at: int) -> Iterator[Timed]:
    openings = [each.opened for each in (ticket, before) if each is not None]  # each may have an edition of its own
    for metric in dict.fromkeys(metric for opened in openings for metric in metrics_of(policy.nearest(opened))):
        for correction, item in corrected(ticket, before, policy, metric, at):
            yield _crossing(ticket, item, correction)


def _crossing(ticket: Ticket, item: Crossed, correction: Correction | None) -> Timed:
    at = instants_in(item.promise.zone)(item.at)
    return item.at, Crossing(ticket, item.promise, item.cycle, item.threshold, at, correction)


def in_order_of_time(found: Iterable[Timed]) -> list[Crossing]:
    """Return crossings in order of time. Crossings at the same instant keep their order."""
    return [crossing for _, crossing in sorted(found, key=itemgetter(0))]
