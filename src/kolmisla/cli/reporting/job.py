"""How the tickets of a file are added up to a report, with notes for its readers."""

import argparse
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from typing import Any

from kolmisla.cli.inputs import format_read, log_read, table_read
from kolmisla.cli.layouts import layout_of
from kolmisla.cli.parquet import parquet_engine
from kolmisla.cli.signals import ignore_as_before
from kolmisla.cli.terminal import Bar
from kolmisla.errors import KolmislaError, TicketError, choices, shown
from kolmisla.files.endings import TOLD_BY, Endings, ends_of
from kolmisla.files.facts import TicketFacts
from kolmisla.files.logs.log import Log
from kolmisla.files.outputs.drafts import Drafts
from kolmisla.files.outputs.streams import is_ordinary
from kolmisla.files.summary import COUNTED_STATES, Summary
from kolmisla.files.tables.json_table import text_of_cell
from kolmisla.files.tables.opening import UTF_8
from kolmisla.files.tables.table import Table
from kolmisla.files.tickets import intake
from kolmisla.policies.policy import Policy
from kolmisla.reports.judging.tallying import Tallying
from kolmisla.reports.judging.tickets import with_calendars
from kolmisla.reports.whole import Report
from kolmisla.tickets.exports import asks_while_paused
from kolmisla.tickets.layouts.fact_names import OWN_TARGET
from kolmisla.tickets.layouts.headers import header_of
from kolmisla.tickets.layouts.layout import Layout
from kolmisla.times.instants import instants_in, length
from kolmisla.times.zones import zone_named

__all__ = ["ReportJob"]

LONG_BEFORE = timedelta(days=7)

Split = Callable[[Any], str | None]


class ReportJob:
    """A job that makes a report of a file of tickets.

    It adds each ticket to the sums in `tallying`. It also keeps the numbers from which the report's notes (remarks for
    its readers) are made.
    """

    def __init__(self, options: argparse.Namespace, policy: Policy, tallying: Tallying) -> None:
        self._options, self._policy, self._tallying = options, policy, tallying
        metric = tallying.question.metric
        states = {metric: dict.fromkeys(COUNTED_STATES, 0)}
        self._summary = Summary(states=states, endings=Endings(ends=ends_of(policy, [metric])))
        self._asks = not any(edition.waits_for_customer for edition in policy.editions)
        self._last: int | None = None  # the instant of the last opening or event in the file
        self._of_parquet: Report | None = None

    def run(self, new: Drafts) -> None:
        """Read the file and add up its tickets. Write rejected rows to the file of `--rejects`."""
        options, kind = self._options, format_read(self._options)
        layout = layout_of(options, self._policy)
        if layout.columns.get(OWN_TARGET):
            raise ValueError(
                f"leave out {OWN_TARGET}, which only kolmisla measure reads; a report's targets come from the policy"
            )
        if kind == "parquet":
            self._of_parquet, self._last, blank = _report_of_parquet(options, self._tallying, layout)
            self._note_ends(self._of_parquet, blank)
            return
        log = log_read(options, layout)
        with table_read(options, kind) as (table, watched):
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
        """Add a judged ticket to the numbers from which the notes of the report are made."""
        summary, moments, metric = self._summary, facts.moments, self._tallying.question.metric
        summary.rows += 1
        summary.unmatched += facts.unmatched
        summary.moved += facts.moved
        summary.first_resolutions_missing += facts.first_resolution_missing
        if moments and self._asks and asks_while_paused(moments):
            summary.asked_while_paused += 1
        ended = summary.endings.ended
        if metric not in ended and any(moment.kind in summary.endings.ends[metric].kinds for moment in moments):
            ended[metric] = 1
        last = moments[-1].at if moments else facts.opened
        self._last = last if self._last is None else max(self._last, last)

    def _note_ends(self, made: Report, blank: Mapping[str, bool]) -> None:
        """Record whether a Parquet file tells when cycles end. If it does not, the report gets a note.

        `blank` says, for each column that may tell an end, such as `answered_at`, whether it is blank in every row. A
        report with a note already gets no second one.
        """
        endings, metric = self._summary.endings, self._tallying.question.metric
        kinds = endings.ends[metric].kinds
        telling = {name: is_blank for name, is_blank in blank.items() if TOLD_BY[name] in kinds}
        self._summary.rows = int(self._last is not None)  # whether a row could be judged; the report has the numbers
        endings.told.update(TOLD_BY[name] for name in telling)
        endings.blank.update(telling)
        if made.notes or not all(telling.values()):
            endings.ended[metric] = 1
        elif not telling:
            endings.none.update(TOLD_BY[name] for name in TOLD_BY if TOLD_BY[name] in kinds)

    def _note_log(self, log: Log | None) -> None:
        self._summary.strays = tuple(log.strays()) if log else ()

    @property
    def failed(self) -> bool:
        """Whether the file lacks what ends a cycle, such as answers, or has events that belong to no ticket.

        For a Parquet file: whether its report has a note, because such a note says what the file lacks.
        """
        if self._of_parquet is not None:
            return bool(self._of_parquet.notes)
        return bool(self._summary.strays) or self._summary.failed(self._policy)

    def report(self) -> Report:
        """Return the report with its notes."""
        made = self._of_parquet
        notes = [*(made.notes if made is not None else ()), *[*self._summary.lines(self._policy)][1:]]  # first: counts
        now, last = self._tallying.question.now, self._last
        if self._options.at is None and last is not None and last + length(LONG_BEFORE) < now:
            told = instants_in(zone_named(self._policy.timezone))(last).isoformat()  # with all its decimals
            notes.append(f"nothing in the file is later than {told}; --at {told} judges the tickets as they were then")
        return with_calendars(replace(made or self._tallying.report(), notes=tuple(notes)))


def _report_of_parquet(
    options: argparse.Namespace, tallying: Tallying, layout: Layout
) -> tuple[Report, int | None, dict[str, bool]]:
    """Return the report of a Parquet file, the instant of the last event in it, and a dict.

    The dict says, for each column that may tell an end, such as `answered_at`, whether it is blank in every row. Raise
    ValueError for options that are only for other formats.
    """
    unused = {"--events": options.events, "--rejects": options.rejects, "--time-format": options.time_format or None}
    unused |= {"--none": options.none or None, "--tolerance": options.tolerance}
    unused |= {"--time-language": options.time_language, "--delimiter": options.delimiter}
    unused |= {"--encoding": None if options.encoding in (None, UTF_8) else options.encoding}
    idle = [option for option, value in unused.items() if value is not None]
    if idle:
        raise ValueError(f"leave out {', '.join(idle)}, because {options.tickets} is Parquet")
    if not is_ordinary(options.tickets):
        raise ValueError(f"Parquet must be read from a file, not from {options.tickets}")
    bar = Bar(sys.stderr) if sys.stderr.isatty() else None
    asked = tallying.question, tallying.scope, tallying.what_if, layout, bar.draw if bar else lambda *_: None
    try:
        with parquet_engine():
            import_module("polars")
            ignore_as_before()
            return import_module("kolmisla.reports.judging.frames").report_of_parquet(options.tickets, *asked)  # type: ignore[no-any-return]
    except TypeError as error:  # pragma: no cover  # tests/engines: a column of a wrong type
        raise ValueError(f"{options.tickets}: {error}") from error
    finally:
        if bar:  # pragma: no cover  # a terminal, and Polars
            bar.wipe()


def _split_of_rows(table: Table, column: str | None) -> Split:
    """Return a function that takes a row and returns the value of the row in `column`.

    If `column` is None, the function returns None. Raise ValueError if the table has no such column.
    """
    if column is None:
        return lambda _: None
    there = table.columns
    header = column if there is None else header_of(column, there)
    if header is None:
        raise ValueError(f"there is no column {shown(column)} to split by; the file has {choices(there or ())}")
    pick = table.picker([header])

    def value(row: Any) -> str | None:
        picked = pick(row)[0]
        return None if picked is None else text_of_cell(picked)

    return value
