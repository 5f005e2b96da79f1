"""The command that prints the queue of a file: `kolmisla queue`."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from operator import attrgetter
from typing import Any, NamedTuple

from kolmisla.cli.files import judge_rows, ticket_from
from kolmisla.cli.inputs import check_calendar_output, log_read, table_read, tell_strays, text_format_read
from kolmisla.cli.layouts import fill_form, layout_of
from kolmisla.cli.options import at_of, identified, identity, sources_of
from kolmisla.cli.queues.cells import all_cells, chosen_cells, line_of_json
from kolmisla.cli.queues.table import table_lines
from kolmisla.cli.queues.waiting import PlainQueue
from kolmisla.cli.terminal import (
    EXIT_DONE,
    EXIT_REJECTED,
    clear_terminal,
    height_of_terminal,
    refuse_overwriting,
    tell,
    wait,
    width_of_output,
)
from kolmisla.errors import choices, number_of
from kolmisla.files.facts import TicketFacts
from kolmisla.files.measure import check_one_metric
from kolmisla.files.outputs.drafts import drafts
from kolmisla.files.outputs.streams import STANDARD_STREAM
from kolmisla.files.tickets import intake
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import promised_metrics
from kolmisla.policies.terms.metrics import ALL_METRICS, FIRST_RESPONSE
from kolmisla.tickets.answers.queue import QueueEntry, nearest_entry
from kolmisla.tickets.layouts.fact_names import OWN_TARGET
from kolmisla.times.instants import instants_in, length, micros, seconds

__all__ = ["run_queue"]

LINES_AT_ONCE = 1_000  # how many lines are printed at once
MOST_UNDUE_REASONS = 10  # how many reasons why tickets have no due time are printed

LINE_OF_CURSOR = 1  # the last line of a watched terminal, which stays empty


class WaitingRows(NamedTuple):
    """The tickets of a file that wait, in the order in which to solve them, and what could not be judged."""

    entries: list[Any]  # each a QueueEntry; or, if only the table is wanted, a PlainEntry
    cells: list[dict[str, Any]]
    rejected: int  # how many rows were rejected
    strays: list[str]  # text about each event that belongs to no ticket


def run_queue(options: argparse.Namespace, policy: Policy) -> int:
    """Print the waiting tickets of a file in the order in which to solve them. With `--watch`, repeat this for ever."""
    fill_form(options)
    text_format_read(options)  # raises for Parquet
    check_calendar_output(options.out)
    refuse_overwriting({"tickets": options.tickets, "events": options.events, **sources_of(options)}, options.out)
    if options.out != STANDARD_STREAM and not options.json and (options.limit or options.show):
        raise ValueError(
            f"{'--limit' if options.limit else '--show'} is for the list, not for a calendar file; leave it out"
        )
    if options.watch is None:
        return _run_once(options, policy, at_of(options, policy))
    _check_watch(options)
    while True:
        clear_terminal()
        _run_once(options, policy, at_of(options, policy), height=height_of_terminal() - LINE_OF_CURSOR)
        wait(options.watch)
        options.now = None  # the current time is read again


def _check_watch(options: argparse.Namespace) -> None:
    """Raise ValueError if an option, the file or standard output does not go with `--watch`."""
    idle = [f"--{name}" for name in ("at", "json") if getattr(options, name)]
    idle += ["-o"] if options.out != STANDARD_STREAM else []
    if idle:
        raise ValueError(f"--watch prints the queue at the current time; leave out {choices(idle)}")
    if STANDARD_STREAM in (options.tickets, options.events):
        raise ValueError("--watch reads the file again and again, so it must be a file, not standard input")
    if not sys.stdout.isatty():
        raise ValueError("--watch needs a terminal; leave it out to print the list once")


def _run_once(options: argparse.Namespace, policy: Policy, at: datetime, height: int | None = None) -> int:
    """Print the queue at an instant: at most as many tickets as `--limit` says.

    `height` limits the lines of the table and the summary, but at least one ticket is shown. With `-o`, write a
    calendar file of all due times.
    """
    layout = layout_of(options, policy)
    waiting = _waiting(options, policy, micros(at))
    most = None if height is None else max(1, height)
    listed = min(limit for limit in (len(waiting.entries), options.limit, most) if limit is not None)
    told = instants_in(layout.zone)(micros(at)).isoformat(timespec="seconds")

    def summary() -> str:
        part = f", the first {listed:,} listed" if listed < len(waiting.entries) else ""
        return (
            f"{len(waiting.entries):,} waiting{part}, {waiting.rejected:,} rejected; times without an offset are read"
            f" in {layout.timezone}; tickets are judged at {told}; policy {identified(policy)}"
        )

    def table() -> Iterator[str]:
        entries, cells = waiting.entries[:listed], waiting.cells[:listed]
        return table_lines(entries, cells, at, width_of_output(), with_metric=options.metric == ALL_METRICS)

    while height is not None and listed > 1 and _lines_on_screen([*table(), summary()]) > height:
        listed -= 1
    entries, cells = waiting.entries[:listed], waiting.cells[:listed]
    if options.json:
        by = identity(policy)
        for entry, beside in zip(entries, cells, strict=True):
            print(line_of_json({**entry.to_dict(), "target_s": _target(entry), "cells": beside, **by}))
    elif options.out == STANDARD_STREAM:
        lines = table()
        while some := [*islice(lines, LINES_AT_ONCE)]:  # each print takes as long as it takes to make a line
            print("\n".join(some))
    if options.out != STANDARD_STREAM:
        _write_calendar(options, policy, waiting.entries, at)
    tell_strays(waiting.strays)
    tell(summary())
    return EXIT_REJECTED if waiting.rejected or waiting.strays else EXIT_DONE


def _lines_on_screen(lines: Sequence[str]) -> int:
    """Return how many lines of the terminal the texts in `lines` fill. A text wider than the terminal fills several."""
    width = width_of_output()
    return sum(max(1, -(-len(line) // width)) for line in lines)


def _waiting(options: argparse.Namespace, policy: Policy, now: int) -> WaitingRows:
    """Return the tickets of the file that wait at `now`. Print on standard error why rows are rejected."""
    layout, entries = layout_of(options, policy), list[Any]()
    if layout.columns.get(OWN_TARGET):
        raise ValueError(
            f"leave out {OWN_TARGET}, which only kolmisla measure reads; the targets of a queue come from the policy"
        )
    if options.metric == ALL_METRICS:
        check_one_metric(layout, promised_metrics(policy))
    log = log_read(options, layout)
    cells: dict[int, dict[str, Any]] = {}
    is_table = not options.json and not options.show and options.out == STANDARD_STREAM
    with table_read(options, text_format_read(options)) as (table, watched):
        cells_of = all_cells(table) if options.json and not options.show else chosen_cells(table, options.show)

        def judge(row: Any, facts: TicketFacts) -> None:
            entry = nearest_entry(ticket_from(facts, layout, policy), now, policy, options.metric)
            if entry is not None:
                entries.append(entry)
                cells[id(entry)] = cells_of(row)

        is_plain = is_table and log is None and options.metric == FIRST_RESPONSE
        plain = PlainQueue.of(table, layout, policy, now) if is_plain else None
        rows = plain.others(watched, entries) if plain else intake(table, layout, log=log, watched=watched)
        rejected = judge_rows(rows, judge)
    ordered = sorted(entries, key=attrgetter("rank"))
    beside = [cells.get(id(entry), {}) for entry in ordered]
    return WaitingRows(ordered, beside, rejected, list(log.strays()) if log else [])


def _target(entry: QueueEntry) -> int | float | None:
    """Return the target of a ticket in the queue in seconds, or None if nothing is promised."""
    return None if entry.status is None else seconds(length(entry.status.elapsed + entry.status.remaining))


def _write_calendar(options: argparse.Namespace, policy: Policy, entries: Sequence[QueueEntry], at: datetime) -> None:
    """Write the due times of the tickets to a calendar file.

    Print how many due times the file has, and how many tickets have none, for each reason.
    """
    from kolmisla.reports.calendars.ics import due_calendar

    file = due_calendar(entries, policy=policy, metric=options.metric, at=at)
    with drafts() as new:
        new.stream(options.out).write(file.decode())
    due = [entry for entry in entries if entry.due_at]
    tell(f"{options.out}: {number_of(len(due), 'due time')}")
    undue = Counter(
        entry.reason or (entry.status.state if entry.status else "") for entry in entries if not entry.due_at
    )
    reasons = undue.most_common()
    for reason, number in reasons[:MOST_UNDUE_REASONS]:
        tell(f"not in it: {number:,} without a due time, {reason}")
    if others := reasons[MOST_UNDUE_REASONS:]:
        number = sum(number for _, number in others)
        tell(f"not in it: {number:,} without a due time, for {len(others):,} more reasons")
    ids = Counter(str(entry.ticket.id) for entry in due if entry.ticket.id is not None)
    if shared := [id for id, number in ids.items() if number > 1]:
        tell(f"several tickets have the same id, and their events are numbered: {choices(shared)}")
    if unnamed := sum(entry.ticket.id is None for entry in due):
        names = "has no id; its event is" if unnamed == 1 else "have no id; their events are"
        tell(f"{unnamed:,} {names} named by the time of opening")
