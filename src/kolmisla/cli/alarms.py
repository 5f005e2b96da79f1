"""The commands that look at every metric of a ticket: `kolmisla status --metric all`."""

import argparse

from kolmisla.cli.options import at_of, fill_terms, policy_of, ticket_of
from kolmisla.cli.questions import run_status
from kolmisla.cli.terminal import EXIT_DONE, EXIT_NO_DUE_TIME
from kolmisla.errors import NotCoveredError
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import metrics_of
from kolmisla.tickets.answers.deadlines import deadlines
from kolmisla.tickets.cycles.cycle_clocks import ticket_clocks
from kolmisla.tickets.ticket import Ticket

__all__ = ["run_status_of_all"]


def run_status_of_all(options: argparse.Namespace) -> int:
    """Print the state of a ticket at an instant for each metric that is promised, the nearest breach first.

    Cycles that have ended come last. If nothing is promised, the answer is that for the first metric.
    """
    policy = policy_of(options)
    fill_terms(options, policy)
    at = at_of(options, policy)
    ticket = ticket_of(options, policy, options.opened_at)
    options.opened_at, options.at = ticket.opened_at.isoformat(), at.isoformat()  # the current time is read only once
    known = ticket.until(at)
    nearest = [due.promise.metric for due in deadlines(known, policy=policy, at=at)]
    metrics = list(dict.fromkeys([*nearest, *_ended(known, policy)]))
    if not metrics:
        options.metric = metrics_of(policy)[0]
        return run_status(options)
    statuses = set()
    for number, metric in enumerate(metrics):
        options.metric = metric
        if not options.json:
            print("\n" * bool(number), end="")
            print(f"{'metric':15} {metric}")
        statuses.add(run_status(options))
    return EXIT_DONE if EXIT_DONE in statuses else EXIT_NO_DUE_TIME


def _ended(ticket: Ticket, policy: Policy) -> list[str]:
    """Return the metrics of which the last cycle has ended, and was promised something."""
    ended = []
    for metric in metrics_of(policy.nearest(ticket.opened)):
        try:
            last = ticket_clocks(ticket, policy, metric)[-1:]
        except NotCoveredError:
            continue
        ended += [metric for clock in last if clock.ended is not None and clock.promise.within is not None]
    return ended
