"""The files that a command reads: their formats and their rows, and which outputs may go with them."""

import argparse
import csv
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from kolmisla.cli.options import sources_of
from kolmisla.cli.terminal import file_of, refuse_overwriting, tell, with_bar
from kolmisla.errors import number_of, shown
from kolmisla.files.logs.log import Log
from kolmisla.files.outputs.streams import STANDARD_STREAM
from kolmisla.files.summary import MOST_STRAYS
from kolmisla.files.tables.csv_table import CsvTable
from kolmisla.files.tables.json_document import JsonDocument
from kolmisla.files.tables.json_table import JsonTable
from kolmisla.files.tables.opening import UTF_8, reading
from kolmisla.files.tables.table import JSON_LINES, PACKED, Format, Table, Watched, format_of, unwatched
from kolmisla.files.tables.xes import XesTable
from kolmisla.tickets.layouts.layout import Layout

__all__ = [
    "check_calendar_output",
    "check_outputs",
    "format_read",
    "log_read",
    "table_read",
    "tell_strays",
    "text_format_read",
]

OF_CALENDARS = "icalendar"  # the package that writes calendar files
TITLES: dict[Format, str] = {
    "csv": "CSV",
    "jsonl": "JSON Lines",
    "json": "a JSON document",
    "xes": "an event log in XES",
    "parquet": "Parquet",
}


def format_read(options: argparse.Namespace) -> Format:
    """Return the format of the file of tickets.

    It comes from `--format`, else from the ending of TICKETS, else of OUT, else it is CSV. Raise ValueError for an
    option that does not go with the format of the tickets or events.
    """
    kind, events = _format(options), _events_format(options)
    for option, path, file, given in (
        ("--rows", options.rows, options.tickets, kind),
        ("--event-rows", options.event_rows, options.events, events),
    ):
        if path is not None and given is None:
            raise ValueError(f"{option} needs a file of events; name it with --events")
        if path is not None and given is not None and given != "json":
            remedy = "give --format json" if option == "--rows" else "its name must end in .json"
            raise ValueError(f"{option} is for JSON documents, but {file} is {TITLES[given]}; for a document {remedy}")
    if options.delimiter not in (None, ",") and kind != "parquet" and "csv" not in (kind, events):
        raise ValueError(f"give --delimiter only for CSV; {options.tickets} is {TITLES[kind]}")
    return kind


def text_format_read(options: argparse.Namespace) -> Format:
    """Return the format of the file of tickets: see `format_read`.

    Raise ValueError as it does, and also for Parquet, which is not text.
    """
    kind = format_read(options)
    if kind == "parquet":
        raise ValueError(f"the tickets must be CSV, JSON or XES; {options.tickets} is Parquet")
    return kind


def _format(options: argparse.Namespace) -> Format:
    return options.format or format_of(options.tickets, packed=True) or format_of(getattr(options, "out", "")) or "csv"


def _events_format(options: argparse.Namespace) -> Format | None:
    """Return the format of the file of events, or None if there is no such file."""
    if options.events is None:
        return None
    if _are_one(options.tickets, options.events):
        return _format(options)
    return format_of(options.events, packed=True) or "csv"


def _are_one(path: str, other: str) -> bool:
    """Tell whether two paths lead to the same ordinary file. The file need not exist yet. `-` is standard input."""
    return (file := file_of(path, sys.stdin)) is not None and file == file_of(other, sys.stdin)


def check_outputs(options: argparse.Namespace, kind: Format, rejects: str | None) -> None:
    """Raise ValueError if an output has a wrong ending, or would overwrite another output or a file that is read."""
    read = {"tickets": options.tickets, "events": options.events, **sources_of(options)}
    refuse_overwriting(read, options.out, rejects)
    for path in filter(None, (options.out, rejects)):
        if (ending := Path(path).suffix).lower() in PACKED:
            raise ValueError(f"{path} must not end in {ending}, because files are written uncompressed")
    ending_of_out = format_of(options.out)
    if kind != "parquet" and ending_of_out == "parquet":
        return
    if kind in JSON_LINES and ending_of_out in ("json", "xes"):
        rows = "" if kind == "jsonl" else f", also the rows of {TITLES[kind]}"
        raise ValueError(f"{options.out} must end in .jsonl, because rows are written as JSON Lines{rows}")
    written = "jsonl" if kind in JSON_LINES else kind
    if ending_of_out not in (None, written):
        raise ValueError(f"{options.out} must end in .{written}, because the output keeps the tickets' format")


def check_calendar_output(out: str) -> None:
    """Raise ValueError if `out` is neither standard output nor a path that ends in `.ics`.

    Raise ValueError also for such a path if the package icalendar is not installed.
    """
    if out == STANDARD_STREAM:
        return
    if Path(out).suffix.lower() != ".ics":
        raise ValueError(f"the output must be a calendar file, which ends in .ics, not {shown(out)}")
    if find_spec(OF_CALENDARS) is None:  # told before a file is read
        raise ValueError(f"a calendar file needs {OF_CALENDARS}: pip install 'kolmisla[ical]'")


def log_read(options: argparse.Namespace, layout: Layout, in_columns: Callable[..., Any] | None = None) -> Any:
    """Return the events in the file that `--events` names, or None without this option.

    Events that are the same rows as the tickets are read as an audit log. `in_columns` reads many rows at once. If it
    is None or returns None, rows are read one by one.
    """
    kind = _events_format(options)
    if kind is None:
        return None
    is_one = _are_one(options.tickets, options.events)
    if options.events == STANDARD_STREAM:
        raise ValueError("the events must be in a file, not on standard input")
    if options.events == options.tickets and not is_one:
        raise ValueError(f"an audit log must be a file that can be read twice, not {options.events}")
    if kind == "parquet":
        raise ValueError(f"the events must be CSV, JSON or XES; {options.events} is Parquet")
    audit = is_one and options.event_rows in (None, options.rows)
    if in_columns is not None and kind in ("csv", "jsonl"):  # pragma: no cover  # tests/engines
        with table_read(options, kind, of_events=not audit) as (table, watched):
            if (log := in_columns(table, layout, audit=audit, watched=watched)) is not None:
                return log
    with table_read(options, kind, of_events=not audit) as (table, watched):
        return Log.read(table, layout, audit=audit, watched=watched)


@contextmanager
def table_read(
    options: argparse.Namespace, kind: Format, *, of_events: bool = False
) -> Iterator[tuple[Table, Watched]]:
    """Open the file of tickets, or with `of_events` the file of events, for a `with` block.

    Yield the rows as a table, and a function that passes rows on and, on a terminal, draws the progress. Errors name
    the file.
    """
    csv.field_size_limit(2**31 - 1)  # the largest C long on every platform
    path = options.events if of_events else options.tickets
    try:
        with reading(path, options.encoding or UTF_8) as (stream, done):
            bar = partial(with_bar, done=done, stream=sys.stderr) if done and sys.stderr.isatty() else unwatched
            table: Table
            if kind == "json" and of_events:
                table = JsonDocument(stream, options.event_rows, option="--event-rows")
            elif kind == "json":
                table = JsonDocument(stream, options.rows)
            elif kind == "csv":
                table = CsvTable(stream, options.delimiter or ",")
            else:
                table = XesTable(stream) if kind == "xes" else JsonTable(stream)
            yield table, bar
    except ValueError as fault:
        # No option gives the format of the events; only the ending of the file tells it.
        told = str(fault).replace("with --format ", "in a file that ends in .") if of_events else str(fault)
        raise ValueError(f"{path}: {told}") from fault


def tell_strays(strays: Sequence[str]) -> None:
    """Print the first few `strays` on standard error, and how many more there are.

    A stray is a text about an event that belongs to no ticket.
    """
    for stray in strays[:MOST_STRAYS]:
        tell(f"an event without a ticket, {stray}")
    if len(strays) > MOST_STRAYS:
        more = number_of(len(strays) - MOST_STRAYS, "more id or row", "more ids or rows")
        tell(f"{more} of events without a ticket")
