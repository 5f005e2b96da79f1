"""The deadlines of a ticket over all metrics. The first deadline is the most urgent."""

from datetime import datetime

from kolmisla.errors import NotCoveredError, TicketError
from kolmisla.policies.kolmisoft import KOLMISOFT
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import metrics_of
from kolmisla.tickets.answers.deadline import Deadline, deadline_of
from kolmisla.tickets.cycles.cycle_clocks import check_arguments, ticket_clocks
from kolmisla.tickets.ticket import Ticket
from kolmisla.times.instants import micros, told
from kolmisla.times.zones import zone_named

__all__ = ["deadlines"]


def deadlines(ticket: Ticket, *, policy: Policy = KOLMISOFT, at: datetime | None = None) -> tuple[Deadline, ...]:
    """Return the deadlines of a ticket's running cycles, over all metrics, the nearest breach first.

    The answer has a deadline for each cycle that has not ended and has a target. The deadlines are sorted by
    `breaches_after`. So breached deadlines come first, beginning with the one that was breached first. Deadlines whose
    `breaches_after` is unknown come last; it is unknown in a pause, for example. With `at`, events after that instant
    do not count. Raise TicketError if the ticket was opened after `at`.

    A metric for which nothing is promised is left out. So the answer is empty if the ticket has no plan, for example,
    or if all its cycles have ended. To learn why nothing is promised, call `deadline`: it raises NotCoveredError with
    the reason. Other errors are the same as for `deadline`.

    >>> ticket = Ticket(plan="premium", priority="high", opened_at="2026-07-03T16:30:00+03:00")
    >>> deadlines(ticket)
    (Deadline(PREMIUM HIGH first-response, due_at='2026-07-07T08:30:00+03:00'),)
    >>> answered = ticket.replace(answered_at="2026-07-03T17:00:00+03:00")
    >>> deadlines(answered)
    ()
    >>> len(deadlines(answered, at=datetime.fromisoformat("2026-07-03T16:59:00+03:00")))
    1
    """
    check_arguments(ticket, policy)
    if at is not None:
        if micros(at) < ticket.opened:
            zone = zone_named(policy.timezone)
            asked, opened = told(micros(at), zone), told(ticket.opened, zone)
            raise TicketError(f"{asked} is before the ticket was opened at {opened}")
        ticket = ticket.until(at)
    running = []
    for metric in metrics_of(policy.nearest(ticket.opened)):
        try:
            clocks = ticket_clocks(ticket, policy, metric)
        except NotCoveredError:
            continue
        running += [
            deadline_of(ticket, policy, number, cycle_clock)
            for number, cycle_clock in enumerate(clocks, 1)
            if cycle_clock.ended is None and cycle_clock.promise.within is not None
        ]
    return tuple(sorted(running, key=_nearness))


def _nearness(deadline: Deadline) -> tuple[tuple[bool, int], tuple[bool, int]]:
    """Return the key that sorts deadlines by `breaches_after`, then by `due_at`. Unknown instants come last."""
    last, due = ((True, 0) if at is None else (False, micros(at)) for at in (deadline.breaches_after, deadline.due_at))
    return last, due
