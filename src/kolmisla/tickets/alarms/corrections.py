"""Corrections of crossings that were reported before all events were known.

A ticket crosses a threshold, such as 75 percent, when that much of its target is counted.

An event may come in late: crossings that happened after the event have already been reported. Such an event can show
that a reported crossing did not happen. The event can also show that a crossing happened and was not reported.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from kolmisla.errors import TicketError, choices, shown
from kolmisla.policies.policy import Policy
from kolmisla.policies.terms.warnings import Threshold
from kolmisla.tickets.alarms.crossed import Crossed, crossed
from kolmisla.tickets.cycles.cycle_clocks import terms_of
from kolmisla.tickets.cycles.cycles import known
from kolmisla.tickets.ticket import Ticket

__all__ = ["Correction", "by_id", "check_all_known", "corrected"]

Correction = Literal["withdrawn", "missed"]


def by_id(what: str, tickets: Iterable[Ticket]) -> dict[str | int, Ticket]:
    """Return a dict of the tickets by id. Raise TicketError if a ticket has no id, or if several have the same id.

    `what` is the name of the argument with the tickets, for the message.
    """
    found: dict[str | int, Ticket] = {}
    for ticket in tickets:
        if ticket.id is None:
            raise TicketError(
                f"each ticket must have an id if the argument `before` is given, but one in `{what}` has none"
            )
        if ticket.id in found:
            raise TicketError(f"two tickets in `{what}` have the id {shown(ticket.id)}; ids must be unique")
        found[ticket.id] = ticket
    return found


def check_all_known(tickets: Mapping[str | int, Ticket], before: Mapping[str | int, Ticket]) -> None:
    """Raise TicketError if `tickets` lacks an id that `before` has."""
    missing = [str(id) for id in before if id not in tickets]
    if missing:
        raise TicketError(f"`tickets` must include every ticket in `before`, but these are missing: {choices(missing)}")


def corrected(
    ticket: Ticket, before: Ticket | None, policy: Policy, metric: str, at: int
) -> Iterator[tuple[Correction, Crossed]]:
    """Yield the corrections for one metric of a ticket up to the instant `at`.

    `ticket` is the ticket as it is known now. `before` is the ticket as it was known at the instant `at`, or None if
    the ticket was not known then.

    A ticket crosses a threshold, such as 75 percent, when that much of its target is counted. The correction
    `withdrawn` means that a crossing was reported and did not happen. The correction `missed` means that a crossing
    happened and was not reported. A crossing that was reported at the wrong instant needs no correction.
    """
    if before is not None and _facts(before, at) == _facts(ticket, at):
        return
    told = [] if before is None else _up_to(before, policy, metric, at)
    true = _up_to(ticket, policy, metric, at)
    for was, now in _apart(told, true):
        paired = min(len(was), len(now))
        yield from (("withdrawn", item) for item in was[paired:])
        yield from (("missed", item) for item in now[paired:])


def _facts(ticket: Ticket, at: int) -> tuple[Any, ...]:
    """Return everything that decides which thresholds a ticket has crossed up to an instant.

    The answer has three parts: the facts that choose the ticket's promise, the instant at which the ticket was
    opened, and the events of the ticket up to the given instant.
    """
    return terms_of(ticket), ticket.opened, known(ticket.moments, at)


def _up_to(ticket: Ticket, policy: Policy, metric: str, at: int) -> list[Crossed]:
    return sorted(crossed(ticket, policy, metric, ticket.opened - 1, at), key=lambda item: item.at)


def _apart(told: Sequence[Crossed], true: Sequence[Crossed]) -> Iterator[tuple[list[Crossed], list[Crossed]]]:
    """Yield two lists for each threshold of a cycle: the crossings only in `told`, and the crossings only in `true`.

    `told` has the crossings that were reported, and `true` has the crossings that happened. Crossings at different
    instants are different crossings. A threshold for which both lists would be empty is left out.
    """
    both = {_name(item) for item in told} & {_name(item) for item in true}
    apart: dict[tuple[int, Threshold], tuple[list[Crossed], list[Crossed]]] = {}
    for index, items in enumerate((told, true)):
        for item in items:
            if _name(item) not in both:
                apart.setdefault((item.cycle, item.threshold), ([], []))[index].append(item)
    yield from apart.values()


def _name(item: Crossed) -> tuple[int, int, Threshold]:
    return item.at, item.cycle, item.threshold
