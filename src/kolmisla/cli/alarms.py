"""The commands that answer for all metrics of a ticket: `kolmisla alarms` and `kolmisla status --metric all`."""

import argparse
import json
from collections.abc import Iterator, Sequence
from typing import Any

from kolmisla.cli.files import judge_rows, ticket_from
from kolmisla.cli.inputs import log_read, table_read, tell_strays, text_format_read
from kolmisla.cli.layouts import fill_form, layout_of
from kolmisla.cli.options import at_of, fill_terms, identified, identity, policy_of, sources_of, ticket_of, time_of
from kolmisla.cli.questions import run_status
from kolmisla.cli.terminal import (
    EXIT_DONE,
    EXIT_NO_DUE_TIME,
    EXIT_REJECTED,
    refuse_overwriting,
    say,
    tell,
)
from kolmisla.errors import NotCoveredError, clean, named, number_of
from kolmisla.files.facts import TicketFacts
from kolmisla.files.measure import check_one_metric
from kolmisla.files.tickets import intake
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import metrics_of, promised_metrics
from kolmisla.policies.terms.warnings import threshold_text
from kolmisla.tickets.alarms.crossings import Crossing, Timed, check_window, crossings_of, in_order_of_time
from kolmisla.tickets.answers.deadlines import deadlines
from kolmisla.tickets.cycles.cycle_clocks import ticket_clocks
from kolmisla.tickets.layouts.fact_names import OWN_TARGET
from kolmisla.tickets.ticket import Ticket
from kolmisla.times.instants import instants_in

__all__ = ["run_alarms", "run_status_of_all"]

HEADINGS_OF_ALARMS = ("at", "id", "priority", "plan", "metric", "threshold")


def run_alarms(options: argparse.Namespace, policy: Policy) -> int:
    """Print the alarms of a file of tickets: each threshold that a ticket crosses, in order of time.

    Print only alarms after the instant `--after`, up to and including the instant `--until`.
    """
    after, until = (time_of(options, policy, text) for text in (options.after, options.until))
    window = check_window(after, until)
    refuse_overwriting({"tickets": options.tickets, "events": options.events, **sources_of(options)})
    fill_form(options)
    kind = text_format_read(options)
    layout, found = layout_of(options, policy), list[Timed]()
    if layout.columns.get(OWN_TARGET):
        raise ValueError(
            f"leave out {OWN_TARGET}, which only kolmisla measure reads; the targets of alarms come from the policy"
        )
    check_one_metric(layout, promised_metrics(policy), remedy="leave it out, because there are alarms of")
    log = log_read(options, layout)

    def judge(_: Any, facts: TicketFacts) -> None:
        found.extend(crossings_of(ticket_from(facts, layout, policy), *window, policy))

    with table_read(options, kind) as (table, watched):
        rejected = judge_rows(intake(table, layout, log=log, watched=watched), judge)
    strays = list(log.strays()) if log else []
    crossings, by = in_order_of_time(found), identity(policy)
    for line in (json.dumps({**each.to_dict(), **by}) for each in crossings) if options.json else _table(crossings):
        say(line)
    tell_strays(strays)
    told = [instants_in(layout.zone)(at).isoformat() for at in window]
    tell(
        f"{number_of(len(crossings), 'alarm')} after {told[0]} until {told[1]}, {rejected:,} rejected;"
        f" times without an offset are read in {layout.timezone}; policy {identified(policy)}"
    )
    return EXIT_REJECTED if rejected or strays else EXIT_DONE


def _table(crossings: Sequence[Crossing]) -> Iterator[str]:
    """Yield the lines of a table of `crossings` for people. If there are no crossings, yield nothing."""
    rows = [HEADINGS_OF_ALARMS]
    for each in crossings:
        ticket = "-" if each.ticket.id is None else named(str(each.ticket.id))
        plan, priority = named(each.promise.plan.name), named(each.promise.priority.name)
        metric = f"{each.metric} {each.cycle}" if each.cycle > 1 else each.metric
        rows.append((each.at.isoformat(), ticket, priority, plan, metric, threshold_text(each.threshold)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows if crossings else []:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def run_status_of_all(options: argparse.Namespace) -> int:
    """Print the state of a ticket at an instant, for each metric that has a promise.

    The metric with the nearest breach comes first, and ended ones last. Without a promise, print the first metric of
    the policy.
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
            print(f"{'metric':15} {clean(metric)}")
        statuses.add(run_status(options))
    return EXIT_DONE if EXIT_DONE in statuses else EXIT_NO_DUE_TIME


def _ended(ticket: Ticket, policy: Policy) -> list[str]:
    """Return the names of the metrics whose last cycle has a promise and has ended."""
    ended = []
    for metric in metrics_of(policy.nearest(ticket.opened)):
        try:
            last = ticket_clocks(ticket, policy, metric)[-1:]
        except NotCoveredError:
            continue
        ended += [metric for clock in last if clock.ended is not None and clock.promise.within is not None]
    return ended
