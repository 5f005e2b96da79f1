"""What the command line takes: the parser, and texts turned into values."""

import argparse
import re
from datetime import date

from kolmisla import __version__
from kolmisla.errors import KolmislaError
from kolmisla.event import KINDS
from kolmisla.kolmisoft import KOLMISOFT
from kolmisla.plan import FIRST_RESPONSE, METRICS
from kolmisla.ticket import SUPPORT_SYSTEM
from kolmisla.zones import zone_named

__all__ = ["parser"]

EVENT = f"what happened to it: {', '.join(KINDS)}; repeatable"
KIND = "which events the file's word for a kind stands for; several or none, set apart by commas"


def parser() -> argparse.ArgumentParser:
    """The parser of all commands; `command` is the one chosen."""
    times = argparse.ArgumentParser(add_help=False)
    add = times.add_argument
    add("--timezone", type=_zone, metavar="ZONE", help="where times without an offset are from (default: the policy's)")
    add("--ambiguous", choices=("earlier", "later"), help="reading of a time DST skips or repeats (default: an error)")
    add("--closed", type=_date, action="append", default=[], metavar="DATE", help="a further closing day; repeatable")

    facts = argparse.ArgumentParser(add_help=False)
    add = facts.add_argument
    add("--plan", required=True, help=f"support plan: {', '.join(KOLMISOFT.plans)}")
    add("--priority", required=True, help=f"priority: {', '.join(KOLMISOFT.priorities)}")
    add("--channel", help=f"how the ticket came in (default: {SUPPORT_SYSTEM})")
    add("--version", help="product version the ticket is about (default: not judged)")
    add("--event", type=_event, action="append", default=[], metavar="'T KIND [VALUE]'", help=EVENT)
    add("--metric", choices=METRICS, default=FIRST_RESPONSE, help="what is measured (default: %(default)s)")
    add("--explain", action="store_true", help="print why, stretch by stretch")

    releases = argparse.ArgumentParser(add_help=False)
    add = releases.add_argument
    add("--releases", type=_releases, default=[], metavar="X17,X18", help="the product's releases, oldest first")

    as_json = argparse.ArgumentParser(add_help=False)
    as_json.add_argument("--json", action="store_true", help="print one JSON object")

    at = argparse.ArgumentParser(add_help=False)
    at.add_argument("--at", metavar="NOW", help="the instant to judge at (default: the current time)")

    source = argparse.ArgumentParser(add_help=False)
    add = source.add_argument
    add("tickets", metavar="TICKETS", help="CSV, or JSON Lines (.jsonl, .ndjson); - is standard input")
    add("--events", metavar="EVENTS", help="the tickets' events: id, at, kind, value; TICKETS itself if an audit log")
    add("--map", type=_pair, action="append", default=[], metavar="NAME=COLUMN", help="the file's column for a fact")
    add("--set", type=_pair, action="append", default=[], metavar="NAME=VALUE", help="one value for every row")
    add("--value", type=_word, action="append", default=[], metavar="NAME:THEIRS=OURS", help="the file's word for ours")
    add("--event-kind", type=_kinds, action="append", default=[], metavar="THEIRS=KINDS", help=KIND)
    add("--time-format", metavar="FORMAT", help="how times are written, for strptime (default: ISO 8601)")
    add("--format", choices=("csv", "jsonl"), help="default: by the file's ending, else csv")
    add("--delimiter", type=_delimiter, default=",", help="between CSV cells (default: a comma)")
    add("--encoding", type=_encoding, default="utf-8", help="of TICKETS and EVENTS (default: UTF-8)")

    which = argparse.ArgumentParser(add_help=False)
    add = which.add_argument
    add("--schedule", choices=tuple(KOLMISOFT.schedules), default="working-hours", help="default: %(default)s")

    whole = argparse.ArgumentParser(prog="kolmisla", description="SLA deadlines by Kolmisoft's published support page.")
    whole.add_argument("--version", action="version", version=f"kolmisla {__version__}")
    commands = whole.add_subparsers(required=True, metavar="COMMAND", dest="command")

    command = commands.add_parser("due", parents=[facts, releases, times, as_json], help="by when a ticket is due")
    command.add_argument("opened_at", metavar="OPENED_AT", help="ISO 8601; - reads one a line from standard input")

    command = commands.add_parser("status", parents=[facts, releases, times, at, as_json], help="how a ticket stands")
    command.add_argument("opened_at", metavar="OPENED_AT", help="ISO 8601")
    command.add_argument("--answered-at", metavar="T", help="when it was answered, ISO 8601")

    command = commands.add_parser("elapsed", parents=[which, times, as_json], help="open time between two instants")
    command.add_argument("start", metavar="START", help="ISO 8601")
    command.add_argument("end", metavar="END", help="ISO 8601")
    command.set_defaults(releases=[])

    command = commands.add_parser("open", parents=[which, times], help="open now? exit status 0 open, 4 closed")
    command.add_argument("at", nargs="?", metavar="AT", help="ISO 8601 (default: the current time)")
    command.add_argument("-q", "--quiet", action="store_true", help="print nothing")
    command.set_defaults(releases=[])

    file = [source, releases, times, at]
    command = commands.add_parser("measure", parents=file, help="deadlines for a file of tickets")
    add = command.add_argument
    add("-o", "--out", default="-", metavar="OUT", help="the rows with columns added (default: standard output)")
    add("--rejects", metavar="FILE", help="bad rows (default: OUT.rejects.csv, or standard error)")
    add("--prefix", default="", help="put before the added columns' names")
    add("--metric", choices=(*METRICS, "all"), help="a row for each cycle (default: first-response, a row a ticket)")

    command = commands.add_parser("queue", parents=[*file, as_json], help="the order in which tickets are solved")
    command.add_argument("--metric", choices=METRICS, default=FIRST_RESPONSE, help="default: %(default)s")
    return whole


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def _word(text: str) -> tuple[str, tuple[str, str]]:
    name, colon, words = text.partition(":")
    if not colon or "=" not in words:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME:THEIRS=OURS, such as priority:P1=blocker")
    return name, _last(words)


def _kinds(text: str) -> tuple[str, tuple[str, str]]:
    if "=" not in text:
        raise argparse.ArgumentTypeError(f"{text!r} is not THEIRS=KINDS, such as Pending=paused")
    return "kind", _last(text)


def _last(text: str) -> tuple[str, str]:
    theirs, _, ours = text.rpartition("=")
    if not theirs.strip():
        raise argparse.ArgumentTypeError(f"{text!r} translates a blank, which is no word; --set gives one to every row")
    return theirs.strip(), ours.strip()


def _event(text: str) -> tuple[str, str, str | None]:
    parts = re.fullmatch(rf"(.+?)\s+({'|'.join(KINDS)})(?:\s+(.+))?", text.strip(), re.IGNORECASE)
    if parts is None:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a time, a kind of event and a value, such as '2026-07-04T10:00 priority blocker';"
            f" the kinds are {', '.join(KINDS)}"
        )
    return parts[1], parts[2], parts[3]


def _zone(text: str) -> str:
    try:
        return zone_named(text).key
    except KolmislaError as fault:
        raise argparse.ArgumentTypeError(str(fault)) from None


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2026-12-31") from None


def _delimiter(text: str) -> str:
    character = "\t" if text == "\\t" else text
    if len(character) != 1 or character in '\r\n"':
        raise argparse.ArgumentTypeError(f"{text!r} is not one character, such as ; or \\t for a tab")
    return character


def _encoding(text: str) -> str:
    try:
        "".encode(text)
    except LookupError:  # unknown, or not one of texts
        raise argparse.ArgumentTypeError(f"{text!r} is not an encoding such as utf-8 or cp1257") from None
    return "utf-8-sig" if text.lower().replace("_", "-") in ("utf-8", "utf8") else text  # it reads both


def _releases(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]
