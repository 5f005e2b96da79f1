"""The command that makes a report of a file of tickets: `kolmisla report`."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from importlib import import_module
from itertools import takewhile
from os import environ, get_terminal_size
from pathlib import Path
from typing import Any

from kolmisla.cli import files
from kolmisla.cli.options import identified, loaded, sources_of
from kolmisla.cli.terminal import EXIT_DONE, EXIT_REJECTED, print_json, refuse_overwriting, tell
from kolmisla.errors import KolmislaError, TicketError, choices, shown
from kolmisla.files.atomic import STANDARD_STREAM, Drafts, drafts, is_ordinary
from kolmisla.files.facts import TicketFacts
from kolmisla.files.log import Log
from kolmisla.files.reader import intake
from kolmisla.files.summary import ENDED_BY, Summary
from kolmisla.files.tables import Table
from kolmisla.instants import instants_in, length, micros
from kolmisla.policies.policy import Policy
from kolmisla.reports.judging.standings import Question
from kolmisla.reports.judging.tallying import Scope, Tallying
from kolmisla.reports.judging.tickets import check_scope, check_what_if, with_calendars
from kolmisla.reports.views.texts import Line, lines_of_report
from kolmisla.reports.whole import Report
from kolmisla.tickets.cycles import asks_while_paused
from kolmisla.tickets.layout import Layout, header_of
from kolmisla.times.zones import zone_named

__all__ = ["run_report"]

WIDTH_OF_PIPES = 100  # columns, unless the variable COLUMNS says more or less
UNWRAPPED = 10**6
LONG_BEFORE = timedelta(days=7)
FORMS: dict[str, Callable[[Report], str]] = {
    ".html": Report.to_html,
    ".json": lambda report: f"{json.dumps(report.to_dict())}\n",
    ".csv": Report.to_csv,
    ".md": Report.to_markdown,
}
STYLES = {"answer": "bold", "heading": "bold", "head": "dim", "warning": "yellow", "plain": ""}
SHADE_COLOURS = {"█+": "blue", "▓+": "dark_orange3", "▒+": "red", "░+": "bright_black"}

Split = Callable[[Any], str | None]


def run_report(options: argparse.Namespace, policy: Policy, at: datetime) -> int:
    """Make a report of a file of tickets. Print it, or write it to a file in the form that the file's name says."""
    write = _form_of(options.out)
    what_if = None if options.what_if is None else loaded(options.what_if)
    check_what_if(what_if, policy)
    scope = check_scope(Scope(options.by, options.split, options.since, options.until))
    read = {"tickets": options.tickets, "events": options.events, "other policy": options.what_if}
    refuse_overwriting({**read, **sources_of(options)}, options.out, options.rejects or STANDARD_STREAM)
    if options.rejects is not None and options.rejects == options.out:
        raise ValueError(f"the output and the rejects are the same file: {options.rejects}")
    job = _Job(options, policy, Tallying(Question(policy, options.metric, micros(at)), scope, what_if))
    with drafts() as new:
        out = None if options.out == STANDARD_STREAM else new.stream(options.out)
        job.run(new)
        report = job.report()
        if out is not None:
            out.write(write(report))
    if options.out == STANDARD_STREAM:
        print_json(report.to_dict()) if options.json else _show(lines_of_report(report, _width()))
    else:
        for line in takewhile(lambda line: line.text, lines_of_report(report, UNWRAPPED)):  # the first screen
            tell(line.text)
        if options.json:
            print_json(report.to_dict())
    zone = files._layout(options, policy).timezone
    tell(f"times without an offset are read in {zone}; policy {identified(policy)}")
    return EXIT_REJECTED if report.rejected_rows or job.failed else EXIT_DONE


def _form_of(out: str) -> Callable[[Report], str]:
    """Return the function that writes a report in the form of a file's name."""
    if out == STANDARD_STREAM:
        return str
    ending = Path(out).suffix.lower()
    if ending not in FORMS:
        raise ValueError(f"the output must end in one of {choices(FORMS)}, not {shown(out)}")
    return FORMS[ending]


class _Job:
    """Reads the tickets of a file into a tallying, and takes notes of what a reader of the report must know."""

    def __init__(self, options: argparse.Namespace, policy: Policy, tallying: Tallying) -> None:
        self._options, self._policy, self._tallying = options, policy, tallying
        metric = tallying.question.metric
        self._summary = Summary(states={metric: {"met": 0, "breached": 0, "running": 0, "paused": 0, "not-covered": 0}})
        self._asks = not any(edition.waits_for_customer for edition in policy.editions)
        self._last: int | None = None  # the last thing that happened in the file
        self._of_parquet: Report | None = None

    def run(self, new: Drafts) -> None:
        """Read the file. Rejected rows go to the file of `--rejects`."""
        options, kind = self._options, files._format(self._options)
        layout = files._layout(options, self._policy)
        if kind == "parquet":
            self._of_parquet = _report_of_parquet(options, self._tallying, layout)
            return
        log = files._log(options, layout)
        with files._table(options, options.tickets, kind) as (table, watched):
            reject: Callable[[int, str, Any], object] = lambda *_: None  # noqa: E731
            if options.rejects is not None:
                reject = table.rejects(new.stream(options.rejects))
            split = _split_of_rows(table, options.split)
            endings = self._summary.endings
            for line, row, facts, fault in intake(table, layout, log=log, watched=watched, endings=endings):
                try:
                    if facts is None:
                        raise TicketError(str(fault))
                    self._tallying.take(facts, split(row))
                    self._note(facts)
                except (KolmislaError, ValueError) as error:
                    self._tallying.reject(str(error))
                    reject(line, str(error), row)
        self._note_log(log)

    def _note(self, facts: TicketFacts) -> None:
        """Take notes of a ticket that was judged."""
        summary, moments, metric = self._summary, facts.moments, self._tallying.question.metric
        summary.rows += 1
        summary.unmatched += facts.unmatched
        summary.moved += facts.moved
        summary.first_resolutions_missing += facts.first_resolution_missing
        if moments and self._asks and asks_while_paused(moments):
            summary.asked_while_paused += 1
        ended = summary.endings.ended
        if metric not in ended and any(moment.kind in ENDED_BY[metric] for moment in moments):
            ended[metric] = 1
        last = moments[-1].at if moments else facts.opened
        self._last = last if self._last is None else max(self._last, last)

    def _note_log(self, log: Log | None) -> None:
        self._summary.strays = tuple(log.strays()) if log else ()

    @property
    def failed(self) -> bool:
        """Whether nothing in the file could tell an end, or some events belong to no ticket."""
        if self._of_parquet is not None:
            return bool(self._of_parquet.notes)
        return bool(self._summary.strays) or self._summary.failed(self._policy)

    def report(self) -> Report:
        """Return the report with its notes."""
        if self._of_parquet is not None:
            return with_calendars(self._of_parquet)
        notes = [*self._summary.lines(self._policy)][1:]  # the first line has the counts, which the report has itself
        now, last = self._tallying.question.now, self._last
        if self._options.at is None and last is not None and last + length(LONG_BEFORE) < now:
            told = instants_in(zone_named(self._policy.timezone))(last).isoformat(timespec="seconds")
            notes.append(f"the last thing in the file happened at {told}; --at {told} judges the tickets as of then")
        return with_calendars(replace(self._tallying.report(), notes=tuple(notes)))


def _report_of_parquet(options: argparse.Namespace, tallying: Tallying, layout: Layout) -> Report:
    """Return the report of a Parquet file. Raise ValueError for options that are for other files."""
    unused = {"--events": options.events, "--rejects": options.rejects, "--time-format": options.time_format or None}
    unused |= {"--none": options.none or None, "--tolerance": options.tolerance}
    unused |= {"--delimiter": None if options.delimiter == "," else options.delimiter}
    unused |= {"--encoding": None if options.encoding.lower().startswith("utf-8") else options.encoding}
    idle = [option for option, value in unused.items() if value is not None]
    if idle:
        raise ValueError(f"give {', '.join(idle)} only for CSV and JSON Lines, not for Parquet")
    if not is_ordinary(options.tickets):
        raise ValueError(f"Parquet must be read from a file, not from {options.tickets}")
    open(options.tickets, "rb").close()  # raises OSError if TICKETS is unreadable; an engine would raise another error
    asked = tallying.question, tallying.scope, tallying.what_if, layout
    try:
        import_module("polars")
        return import_module("kolmisla.reports.judging.frames").report_of_parquet(options.tickets, *asked)  # type: ignore[no-any-return]
    except ImportError as error:
        if error.name is None:  # the engine is installed, but cannot be loaded
            raise
        raise ValueError(f"Parquet needs {error.name}: pip install 'kolmisla[polars]'") from error


def _split_of_rows(table: Table, column: str | None) -> Split:
    """Return the function that takes a row and returns its value in the column of `--split`."""
    if column is None:
        return lambda _: None
    there = table.columns
    header = column if there is None else header_of(column, there)
    if header is None:
        raise ValueError(f"there is no column {shown(column)} to split by; the file has {choices(there or ())}")
    pick = table.picker([header])

    def value(row: Any) -> str | None:
        picked = pick(row)[0]
        return None if picked is None else str(picked)

    return value


def _width() -> int:
    columns = environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns):
        return int(columns)
    try:
        return get_terminal_size(sys.stdout.fileno()).columns or WIDTH_OF_PIPES
    except (OSError, ValueError):  # no terminal
        return WIDTH_OF_PIPES


def _show(lines: Iterable[Line]) -> None:
    """Print lines: in colour on a terminal if `rich` is installed, else as plain text."""
    if sys.stdout.isatty():
        try:
            from rich.console import Console
            from rich.text import Text
        except ImportError:
            pass
        else:
            console = Console(highlight=False, soft_wrap=True, width=_width())
            for line in lines:
                text = Text(line.text, style=STYLES[line.style])
                for shade, colour in SHADE_COLOURS.items():
                    text.highlight_regex(shade, colour)
                console.print(text)
            return
    for line in lines:
        print(line.text)
