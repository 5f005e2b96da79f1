"""What the command line takes: the parser, and texts turned into values."""

import argparse
import codecs
import re
import sys
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, NamedTuple, NoReturn

from kolmisla import __version__
from kolmisla.cli.terminal import EXIT_UNUSABLE, tell
from kolmisla.documents.model import read_duration
from kolmisla.documents.toml_json import read_document
from kolmisla.errors import KolmislaError, shown
from kolmisla.policies.kolmisoft import KOLMISOFT
from kolmisla.policies.plan import FIRST_RESPONSE, METRICS
from kolmisla.schedules.zones import zone_named
from kolmisla.tickets.event import EVENT_KINDS

__all__ = ["COMMANDS", "Released", "parser"]

EVENT = f"what happened to it: {', '.join(EVENT_KINDS)}; repeatable"
ORDER = "a task to be done, and how many: a number, or for one by the hour a duration such as PT90M"
RELEASES = "the product's: X17,X18, oldest first; X17=2025-02-01,... with dates; or a .toml or .json file of these"
KIND_HELP = "which events the file's word for a kind stands for; several or none, set apart by commas"


Adds = Callable[..., argparse.Action]  # an add_argument


class Released(NamedTuple):
    """The product's releases, as a policy takes them; and the file they were read from, if any."""

    releases: Any
    file: str | None = None


class Parser(argparse.ArgumentParser):
    """A parser that says what is wrong in one clean line, also when the help cannot be printed."""

    def _print_message(self, message: str, file: Any = None) -> None:  # argparse's own passes over a full disk
        try:
            print(message, end="", file=file or sys.stderr, flush=True)
        except OSError as fault:
            if file is sys.stdout and not isinstance(fault, BrokenPipeError):
                tell(f"{self.prog}: {fault.strerror}")
                sys.exit(EXIT_UNUSABLE)

    def error(self, message: str) -> NoReturn:
        """End the program with the usage and what is wrong with it, on standard error."""
        self.print_usage(sys.stderr)
        tell(f"{self.prog}: error: {message}")
        sys.exit(EXIT_UNUSABLE)


def parser(chosen: str | None = None) -> argparse.ArgumentParser:
    """The parser of all commands; `command` is the one chosen. Told which, it knows the options of that one alone."""
    whole = Parser(prog="kolmisla", description="SLA deadlines by Kolmisoft's published support page.")
    whole.add_argument("--version", action="version", version=f"kolmisla {__version__}")
    commands = whole.add_subparsers(required=True, metavar="COMMAND", dest="command")
    for name, (told, options) in COMMANDS.items():
        command = commands.add_parser(name, help=told, description=told)
        if chosen not in COMMANDS or chosen == name:
            for each in options:
                each(command.add_argument)
    return whole


def _policy(add: Adds) -> None:
    add("--policy", metavar="FILE", help="a desk's own rules, TOML or JSON (default: Kolmisoft's)")


def _times(add: Adds) -> None:
    _policy(add)
    add("--timezone", type=_zone, metavar="ZONE", help="where times without an offset are from (default: the policy's)")
    add("--ambiguous", choices=("earlier", "later"), help="reading of a time DST skips or repeats (default: an error)")
    add("--closed", type=_date, action="append", default=[], metavar="DATE", help="a further closing day; repeatable")


def _facts(add: Adds) -> None:
    add("--plan", required=True, help=f"support plan, such as {', '.join(KOLMISOFT.plans)}")
    add("--priority", required=True, help=f"priority, such as {', '.join(KOLMISOFT.priorities)}")
    add("--channel", help="how the ticket came in (default: the policy's first channel)")
    add("--version", help="product version the ticket is about (default: not judged)")
    add("--event", type=_event, action="append", default=[], metavar="'T KIND [VALUE]'", help=EVENT)
    add("--metric", choices=METRICS, default=FIRST_RESPONSE, help="what is measured (default: %(default)s)")
    add("--explain", action="store_true", help="print why, stretch by stretch")


def _releases(add: Adds) -> None:
    add("--releases", type=_released, metavar="RELEASES", help=RELEASES)


def _json(add: Adds) -> None:
    add("--json", action="store_true", help="print one JSON object")


def _at(add: Adds) -> None:
    add("--at", metavar="NOW", help="the instant to judge at (default: the current time)")


def _tickets(add: Adds) -> None:
    add(
        "tickets",
        metavar="TICKETS",
        help="CSV, JSON Lines (.jsonl, .ndjson), or for measure .parquet; - is standard input",
    )
    add("--events", metavar="EVENTS", help="the tickets' events: id, at, kind, value; TICKETS itself if an audit log")
    add("--map", type=_pair, action="append", default=[], metavar="NAME=COLUMN", help="the file's column for a fact")
    add("--set", type=_pair, action="append", default=[], metavar="NAME=VALUE", help="one value for every row")
    add("--value", type=_word, action="append", default=[], metavar="NAME:THEIRS=OURS", help="the file's word for ours")
    add("--event-kind", type=_kinds, action="append", default=[], metavar="THEIRS=KINDS", help=KIND_HELP)
    add("--time-format", metavar="FORMAT", help="how times are written, for strptime (default: ISO 8601)")
    add("--format", choices=("csv", "jsonl", "parquet"), help="default: by the file's ending, else csv")
    add("--delimiter", type=_delimiter, default=",", help="between CSV cells (default: a comma)")
    add("--encoding", type=_encoding, default="utf-8", help="of TICKETS and EVENTS (default: UTF-8)")


def _schedule(add: Adds) -> None:
    add("--schedule", metavar="NAME", help="one of the policy's schedules (default: its first, working-hours)")


def _due(add: Adds) -> None:
    add("opened_at", metavar="OPENED_AT", help="ISO 8601; - reads one a line from standard input")


def _status(add: Adds) -> None:
    add("opened_at", metavar="OPENED_AT", help="ISO 8601")
    add("--answered-at", metavar="T", help="when it was answered, ISO 8601")


def _elapsed(add: Adds) -> None:
    add("start", metavar="START", help="ISO 8601")
    add("end", metavar="END", help="ISO 8601")


def _open(add: Adds) -> None:
    add("at", nargs="?", metavar="AT", help="ISO 8601 (default: the current time)")
    add("-q", "--quiet", action="store_true", help="print nothing")


def _measure(add: Adds) -> None:
    add("-o", "--out", default="-", metavar="OUT", help="the rows with columns added (default: standard output)")
    add("--rejects", metavar="FILE", help="bad rows (default: OUT.rejects.csv, or standard error)")
    add("--prefix", default="", help="put before the added columns' names")
    add("--metric", choices=(*METRICS, "all"), help="a row for each cycle (default: first-response, a row a ticket)")


def _queue(add: Adds) -> None:
    add("--metric", choices=METRICS, default=FIRST_RESPONSE, help="default: %(default)s")


def _covers(add: Adds) -> None:
    _policy(add)
    add("task", metavar="TASK", help="what is to be done, in the words of the policy")
    add("--plan", required=True, help=f"support plan, such as {', '.join(KOLMISOFT.plans)}")


def _quote(add: Adds) -> None:
    add("--work", action="append", default=[], metavar="START/END", help="a stretch of work, ISO 8601; repeatable")
    add("--task", type=_order, action="append", default=[], metavar="TASK[=N]", help=f"{ORDER}; repeatable")
    add("--plan", help="support plan of the ticket that the work is for (default: none)")
    add("--priority", help="its priority: work at a time that counts for it is the plan's own")


def _rules(add: Adds) -> None:
    add(
        "act",
        choices=("show", "check", "schema"),
        help="print it for people, its faults, or the JSON Schema of all",
    )
    add("file", nargs="?", metavar="FILE", help="TOML or JSON (default: the built-in policy)")


COMMANDS: dict[str, tuple[str, tuple[Callable[[Adds], None], ...]]] = {
    "due": ("by when a ticket is due", (_due, _facts, _releases, _times, _json)),
    "status": ("how a ticket stands", (_status, _facts, _releases, _times, _at, _json)),
    "elapsed": ("open time between two instants", (_elapsed, _schedule, _times, _json)),
    "open": ("open now? exit status 0 open, 4 closed", (_open, _schedule, _times)),
    "measure": ("deadlines for a file of tickets", (_measure, _tickets, _releases, _times, _at)),
    "queue": ("the order in which tickets are solved", (_queue, _tickets, _releases, _times, _at, _json)),
    "covers": ("what a plan covers", (_covers, _json)),
    "quote": ("what work and tasks cost", (_quote, _times, _json)),
    "policy": ("a policy shown, checked, or its schema", (_rules,)),
}


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{shown(text)} is not NAME=VALUE")
    return name, value


def _word(text: str) -> tuple[str, tuple[str, str]]:
    name, colon, words = text.partition(":")
    if not colon or "=" not in words:
        raise argparse.ArgumentTypeError(f"{shown(text)} is not NAME:THEIRS=OURS, such as priority:P1=blocker")
    return name, _last(words)


def _kinds(text: str) -> tuple[str, tuple[str, str]]:
    if "=" not in text:
        raise argparse.ArgumentTypeError(f"{shown(text)} is not THEIRS=KINDS, such as Pending=paused")
    return "kind", _last(text)


def _last(text: str) -> tuple[str, str]:
    theirs, _, ours = text.rpartition("=")
    if not theirs.strip():
        raise argparse.ArgumentTypeError(
            f"{shown(text)} translates a blank, which is no word; --set gives one to every row"
        )
    return theirs.strip(), ours.strip()


def _event(text: str) -> tuple[str, str, str | None]:
    words = list(re.finditer(r"\S+", text))
    kind = next((word for word in words[1:] if word[0].lower() in EVENT_KINDS), None)
    if kind is None:
        raise argparse.ArgumentTypeError(
            f"{shown(text)} is not a time, a kind of event and a value, such as '2026-07-04T10:00 priority blocker';"
            f" the kinds are {', '.join(EVENT_KINDS)}"
        )
    return text[: kind.start()].strip(), kind[0], text[kind.end() :].strip() or None


def _zone(text: str) -> str:
    try:
        return zone_named(text).key
    except KolmislaError as fault:
        raise argparse.ArgumentTypeError(str(fault)) from None


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{shown(text)} is not a date such as 2026-12-31") from None


def _delimiter(text: str) -> str:
    character = "\t" if text == "\\t" else text
    if len(character) != 1 or character in '\r\n"':
        raise argparse.ArgumentTypeError(f"{shown(text)} is not one character, such as ; or \\t for a tab")
    return character


def _encoding(text: str) -> str:
    try:
        "".encode(text)
    except LookupError:  # unknown, or not one of texts
        raise argparse.ArgumentTypeError(f"{shown(text)} is not an encoding such as utf-8 or cp1257") from None
    return "utf-8-sig" if codecs.lookup(text).name == "utf-8" else text  # it reads both


def _released(text: str) -> Released:
    """Read a list of releases, oldest first; their dates by name; or a file that has either."""
    if text.lower().endswith((".toml", ".json")):
        try:
            document = read_document(text)
        except KolmislaError as fault:
            raise argparse.ArgumentTypeError(str(fault)) from None
        except OSError as fault:
            raise argparse.ArgumentTypeError(f"{text}: {fault.strerror}") from None
        return Released(document["releases"] if set(document) == {"releases"} else document, text)
    names = [name.strip() for name in text.split(",") if name.strip()]
    pairs = [name.partition("=") for name in names]
    if not any(equals for _, equals, _ in pairs):
        return Released(names)
    dated = {name: day for name, _, day in pairs}
    if len(dated) < len(pairs):
        raise argparse.ArgumentTypeError(f"{shown(text)} has a release twice")
    return Released(dated)


def _order(text: str) -> tuple[str, int | timedelta]:
    task, equals, quantity = text.rpartition("=")
    if equals and re.fullmatch(r"[0-9]{1,9}", quantity):
        return task, int(quantity)
    try:
        return (task, read_duration(quantity)) if equals else (text, 1)
    except ValueError:
        takes = "a number, or for a task priced by time a duration such as PT90M"
        raise argparse.ArgumentTypeError(f"{shown(quantity)} is not how many of {shown(task)}: {takes}") from None
