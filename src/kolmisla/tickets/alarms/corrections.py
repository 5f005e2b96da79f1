"""Corrections of crossings that were reported before all events were known.

An event may come in late. It can show that a reported crossing did not happen, or that a crossing happened and was not
reported.
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
    """Return a dict of the tickets by id.

    `what` is the name of the argument, for the message. Raise TicketError if a ticket has no id, or if several have the
    same id.
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

    `before` is the ticket as it was known at `at`, or None if it was not known then. A reported crossing that did not
    happen is `withdrawn`. A crossing that was not reported is `missed`.
    """
    if before is not None and _facts(before, at) == _facts(ticket, at):
        return
    told = [] if before is None else _up_to(before, policy, metric, at)
    true = _up_to(ticket, policy, metric, at)
    for was, now in _apart(told, true):
        paired = min(len(was), len(now))  # reported at the wrong instant, which needs no correction
        yield from (("withdrawn", item) for item in was[paired:])
        yield from (("missed", item) for item in now[paired:])


def _facts(ticket: Ticket, at: int) -> tuple[Any, ...]:
    """Return everything that decides which thresholds a ticket has crossed up to an instant."""
    return terms_of(ticket), ticket.opened, known(ticket.moments, at)


def _up_to(ticket: Ticket, policy: Policy, metric: str, at: int) -> list[Crossed]:
    return sorted(crossed(ticket, policy, metric, ticket.opened - 1, at), key=lambda item: item.at)


def _apart(told: Sequence[Crossed], true: Sequence[Crossed]) -> Iterator[tuple[list[Crossed], list[Crossed]]]:
    """Yield two lists for each threshold of a cycle: the crossings only in `told`, and the crossings only in `true`.

    `told` has the crossings that were reported, and `true` has the crossings that happened. Crossings at different
    instants differ.
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
