"""The options that all commands with a file of tickets have."""

from collections.abc import Callable
from typing import Any

from kolmisla.cli.parsing import texts

__all__ = ["Adds", "form_options", "ticket_options"]

Adds = Callable[..., Any]  # the type of add_argument

KIND_HELP = "read the file's word THEIRS as KINDS: kinds of event, separated by commas, or empty for none; repeatable"
WORD_HELP = "read the file's word THEIRS as our word OURS, such as priority:P1=blocker; repeatable"
FORMAT_HELP = (
    "format of times, or only of the fact NAME: as for strptime, epoch, epoch-ms or excel (default: ISO 8601);"
    " repeatable"
)
TOLERANCE_HELP = "move events that are before the opening by at most DURATION, such as PT1M, to the opening"
LAYOUT_HELP = "layout of the files: a name such as jira, or a TOML file (kolmisla layout show lists the names)"


def ticket_options(add: Adds, *, optional: bool = False) -> None:
    """Add the argument for a file of tickets, and the options that say how the file is read.

    With `optional`, the user may leave out the file.
    """
    add(
        "tickets",
        metavar="TICKETS",
        nargs="?" if optional else None,
        help="CSV, JSON Lines (.jsonl), JSON (.json), XES (.xes) or, for measure and report, .parquet;"
        " - is standard input",
    )
    add("--layout", type=texts.layout, metavar="NAME", help=LAYOUT_HELP)
    add(
        "--events",
        metavar="EVENTS",
        help="file of events (id, at, kind, value); for an audit log, the same file as TICKETS",
    )
    add(
        "--map",
        type=texts.assignment,
        action="append",
        default=[],
        metavar="NAME=COLUMN",
        help="column of the file for the fact NAME",
    )
    add(
        "--set",
        type=texts.assignment,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="value of the fact NAME in every row",
    )
    text = "plan, priority, channel or version of rows that do not name one; repeatable"
    add("--default", type=texts.assignment, action="append", default=[], metavar="NAME=VALUE", help=text)
    add("--value", type=texts.word, action="append", default=[], metavar="NAME:THEIRS=OURS", help=WORD_HELP)
    add("--event-kind", type=texts.kinds, action="append", default=[], metavar="THEIRS=KINDS", help=KIND_HELP)
    add("--time-format", metavar="[NAME=]FORMAT", action="append", default=[], help=FORMAT_HELP)
    text = "language of the names of months and days in --time-format, such as de or pt-BR (default: English)"
    add("--time-language", metavar="LANGUAGE", help=text)
    add("--none", metavar="WORD", action="append", default=[], help="a word that means no time; repeatable")
    add("--tolerance", type=texts.amount, metavar="DURATION", help=TOLERANCE_HELP)
    add("--event-rows", metavar="PATH", help="where the rows of EVENTS are, if EVENTS is a JSON document")
    form_options(add)


def form_options(add: Adds) -> None:
    """Add the options for the form of a file, such as its delimiter and its encoding."""
    add("--rows", metavar="PATH", help="where the rows are in a JSON document, such as issues or result.data")
    formats = ("csv", "jsonl", "json", "xes", "parquet")
    add("--format", choices=formats, help="format of TICKETS (default: by ending, else csv)")
    add("--delimiter", type=texts.delimiter, help="character between CSV cells (default: a comma)")
    add("--encoding", type=texts.encoding, help="encoding of TICKETS and EVENTS (default: UTF-8)")
