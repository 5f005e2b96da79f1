"""`kolmisla measure`, the command that measures a file of tickets, and how a row of a file becomes a ticket."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from kolmisla.cli.inputs import check_outputs, format_read, log_read, table_read
from kolmisla.cli.layouts import fill_form, layout_of
from kolmisla.cli.options import identified, identity
from kolmisla.cli.parquet import (
    check_parquet_name,
    check_parquet_output,
    need_little_memory,
    parquet_engine,
    parquet_written,
    text_held,
)
from kolmisla.cli.signals import ignore_as_before
from kolmisla.cli.terminal import (
    EXIT_DONE,
    EXIT_REJECTED,
    Bar,
    ForPeople,
    print_json,
    tell,
)
from kolmisla.errors import KolmislaError, TicketError
from kolmisla.files.facts import TicketFacts
from kolmisla.files.logs.log import Log
from kolmisla.files.measure import Measuring
from kolmisla.files.outputs.drafts import Drafts, drafts
from kolmisla.files.outputs.streams import descriptor_of, is_ordinary, is_replaced, is_terminal
from kolmisla.files.summary import Summary
from kolmisla.files.tables.opening import UTF_8
from kolmisla.files.tables.table import Format, Reject, Rows, format_of
from kolmisla.files.tickets import Taken
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import metrics_of
from kolmisla.tickets.event import event_of
from kolmisla.tickets.layouts.layout import Layout
from kolmisla.tickets.ticket import Ticket
from kolmisla.times.instants import instants_in, micros

__all__ = ["judge_rows", "run_measure", "ticket_from"]

LARGE = 2**24  # bytes from which a file is measured in columns
SLOWER = 3  # a file of CSV with many quotes must be larger by this factor
LOOKED_AT = 2**20  # bytes at the beginning of a file that show its quotes
STANDARD_ERROR = 2  # the descriptor


def run_measure(options: argparse.Namespace, policy: Policy, at: datetime) -> int:
    """Measure a file of tickets: write its rows with deadlines and states. Print the summary on standard error."""
    fill_form(options)
    layout, kind = layout_of(options, policy), format_read(options)
    metrics = metrics_of(policy) if options.metric == "all" else (options.metric,) if options.metric else None
    precision = options.precision or timedelta()
    if options.precision is not None and not precision:
        raise ValueError("--precision must be more than 0, such as PT1M")
    measuring = Measuring(
        at=at, policy=policy, layout=layout, metrics=metrics, prefix=options.prefix, precision=precision
    )
    rejects = f"{options.out}.rejects.csv" if is_replaced(options.out) else None
    if options.rejects is not None:
        rejects = None if descriptor_of(options.rejects) == STANDARD_ERROR else options.rejects
    check_outputs(options, kind, rejects)
    judged = instants_in(layout.zone)(micros(at)).isoformat(timespec="seconds")
    measured = _parquet if kind == "parquet" else partial(_rows, kind=kind)
    summary = measured(options, measuring, rejects)
    waiting = "cycles not yet ended" if metrics else "unanswered tickets"
    read = f"times without an offset are read in {layout.timezone}; {waiting} are judged at {judged}"
    for line in (*summary.lines(policy, rejects), f"{read}; policy {identified(policy)}"):
        tell(line)
    if options.json:
        answer = {**summary.to_dict(policy), "judged_at": judged, "timezone": layout.timezone, **identity(policy)}
        print_json(answer) if is_replaced(options.out) else tell(json.dumps(answer))
    return EXIT_REJECTED if summary.rejected or summary.strays or summary.failed(policy) else EXIT_DONE


def _rows(options: argparse.Namespace, measuring: Measuring, rejects: str | None, kind: Format) -> Summary:
    """Measure the rows of a file of text, such as CSV or JSON Lines."""
    as_parquet = parquet_written(options) if format_of(options.out) == "parquet" else None
    large = kind in ("csv", "jsonl") and not is_terminal(options.out) and any(map(_is_large, _read_by(options)))
    engine = _engine() if large else None
    log = log_read(options, measuring.layout, _log_in_columns if engine else None)
    with table_read(options, kind) as (table, watched), drafts() as new, ExitStack() as held:
        parquet = as_parquet(measuring, table) if as_parquet else None
        part = new.file(options.out) if parquet else None
        out = held.enter_context(text_held(options.out)) if parquet else _rows_to(new, options.out)
        rejected = _rejects_to(new, rejects, "line")
        if engine and not isinstance(log, Log):
            summary = engine(measuring, table, out, rejected, watched, log=log)
        else:
            summary = measuring.run(table, out, rejected, watched=watched, log=log)
        if parquet:
            parquet.write(out, part)
        return summary


def _engine() -> Callable[..., Summary] | None:
    """Return the function that measures many rows at once with polars, or None if polars is not installed."""
    need_little_memory()
    try:
        from kolmisla.files.bulk.text import measure_text
    except ImportError:
        return None
    ignore_as_before()
    return measure_text


def _log_in_columns(*table: Any, **reading: Any) -> Any:  # pragma: no cover  # tests/engines
    """Call `ColumnLog.read`, which reads many events of a log at once. Its module needs polars, and is loaded late."""
    from kolmisla.files.bulk.logs.log import ColumnLog

    ignore_as_before()
    return ColumnLog.read(*table, **reading)


def _read_by(options: argparse.Namespace) -> list[str]:
    """Return the path of the file of tickets and, if there is one, the path of the file of events."""
    return [options.tickets, *([] if options.events is None else [options.events])]


def _rows_to(new: Drafts, path: str) -> Rows:
    """Return the stream to which rows are written. On a terminal, control characters are escaped."""
    return ForPeople(new.stream(path)) if is_terminal(path) else new.stream(path)


def _rejects_to(new: Drafts, path: str | None, row: str) -> Rows | Reject:
    """Return the stream to which rejected rows are written, in the file `path`.

    If `path` is None, return a function that prints the reason on standard error. It names the row by the word `row`.
    """
    return _rows_to(new, path) if path else lambda number, reason, _: tell(f"{row} {number}: {reason}")


def _is_large(path: str) -> bool:
    """Tell whether a file is so large that measuring many rows at once with polars saves time.

    The least size is LARGE bytes. It is three times as much for CSV that costs time: with line feeds in cells, or with
    many quotes that are rewritten.
    """
    size = Path(path).stat().st_size if is_ordinary(path) else 0
    if not LARGE <= size < LARGE * SLOWER:
        return size >= LARGE
    with open(path, "rb") as stream:
        sample = stream.read(LOOKED_AT)
    if sample[:1] in (b"{", b"["):  # JSON
        return True
    lines = sample.split(b"\n")[:-1]  # the last line may be cut
    has_line_feed = any(line.count(b'"') % 2 for line in lines)
    rewritten = sum(line.startswith(b'"') and b'""' in line for line in lines)
    return not has_line_feed and rewritten * 10 <= len(lines)


def _parquet(options: argparse.Namespace, measuring: Measuring, rejects: str | None) -> Summary:
    """Measure a Parquet file. Raise ValueError for options that are only for other formats.

    Raise ValueError also if the input or the output is not an ordinary file, or if polars is not installed.
    """
    unused = {"--events": options.events, "--time-format": options.time_format or None}
    unused |= {
        "--time-language": options.time_language,
        "--none": options.none or None,
        "--tolerance": options.tolerance,
    }
    unused |= {"--delimiter": options.delimiter}
    unused |= {"--encoding": None if options.encoding in (None, UTF_8) else options.encoding}
    unused |= {"--precision": options.precision, "--ambiguous both": "" if options.ambiguous == "both" else None}
    idle = [option for option, value in unused.items() if value is not None]
    if idle:
        raise ValueError(f"leave out {', '.join(idle)}, because {options.tickets} is Parquet")
    if not is_ordinary(options.tickets):
        raise ValueError(f"Parquet must be read from a file, not from {options.tickets}")
    check_parquet_output(options.out)
    check_parquet_name(options.tickets)
    open(options.tickets, "rb").close()  # raises OSError if TICKETS is unreadable; an engine would raise another error
    need_little_memory()
    with parquet_engine():
        from kolmisla.files.bulk.parquet import ParquetJob
    ignore_as_before()
    bar = Bar(sys.stderr) if sys.stderr.isatty() else None
    try:
        with drafts() as new:
            out = new.file(options.out)
            rejected = _rejects_to(new, rejects, "row")
            return ParquetJob(options.tickets, measuring, bar.draw if bar else lambda *_: None).run(out, rejected)
    finally:
        if bar:
            bar.wipe()


def judge_rows(rows: Iterable[Taken], judge: Callable[[Any, TicketFacts], None]) -> int:
    """Call `judge` with each row and the facts of its ticket, and return how many rows are rejected.

    A row is rejected, and the reason printed, if it is no valid ticket or if `judge` raises a KolmislaError.
    """
    rejected = 0
    for line, row, facts, fault in rows:
        try:
            if facts is None:
                raise TicketError(fault)
            judge(row, facts)
        except KolmislaError as error:
            rejected += 1
            tell(f"line {line}: {error}")
    return rejected


def ticket_from(facts: TicketFacts, layout: Layout, policy: Policy) -> Ticket:
    """Return the ticket with the `facts` of a row. A ticket without a channel gets the policy's main channel."""
    id, plan, priority, channel, version, opened, moments, *_ = facts
    instant = instants_in(layout.zone)
    answered = moments[0].at if len(moments) == 1 and moments[0].kind == "answered" else None
    events = () if answered is not None else moments
    return (Ticket.imported if events else Ticket)(
        id=id,
        plan=plan,
        priority=priority,
        channel=channel or policy.nearest(opened).main_channel,
        version=version,
        opened_at=instant(opened),
        answered_at=None if answered is None else instant(answered),
        events=tuple([event_of(moment.kind, instant(moment.at), *moment[2:]) for moment in events]),
        owner=facts.owner,
        schedule=facts.schedule,
        opened_by=facts.opened_by,
    )
