"""The parser of the command line: the commands and the options of each."""

import argparse
from collections.abc import Callable, Sequence
from functools import partial

from kolmisla.cli.parsing import questions, texts
from kolmisla.cli.parsing.parser import Parser
from kolmisla.cli.parsing.ticket_files import Adds, form_options, ticket_options
from kolmisla.names import __version__
from kolmisla.policies.kolmisoft import KOLMISOFT
from kolmisla.policies.terms.metrics import FIRST_RESPONSE, METRICS

__all__ = ["COMMANDS", "GROUPS", "parser"]

ORDER = "a task to order, and its quantity: a number, or a duration such as PT90M for a task priced by time"
WORK = "a stretch of work, ISO 8601, such as 2026-11-20T17:50/PT20M; repeatable"
RELEASES = "the product's releases: X17,X18 (oldest first), X17=2025-02-01,... (dated), or a .toml or .json file"

POLICY_HELP = "policy to apply, a TOML or JSON file (default: $KOLMISLA_POLICY, or Kolmisoft's)"


LAYOUT_ACTS = "print a layout (without a name: the names), print its faults, or propose a layout for a file"


def parser(chosen: str | None = None) -> Parser:
    """Return the parser of all commands or, if `chosen` is a command, a parser of only this command.

    `chosen` must be None if the user may have asked for the help of the whole program.
    """
    about = "Calculate SLA deadlines by Kolmisoft's published support page or a policy of your own."
    whole = Parser(prog="kolmisla", description=about)
    text = "print the version and exit; with --verbose also the versions of the data on which answers depend"
    whole.add_argument("-V", "--version", action="version", version=f"kolmisla {__version__}", help=text)
    _policy(whole.add_argument)
    whole.set_defaults(policy=None)
    commands = whole.commands("command", "COMMAND")
    whole.groups = {} if chosen in COMMANDS else GROUPS
    for name in [chosen] if chosen in COMMANDS else COMMANDS:
        text, options = COMMANDS[name]
        command = commands.add_parser(name, help=text, description=_sentence(text))
        for add_options in options:
            add_options(command.add_argument)
        if name == "policy":
            _add_acts(command)
    if whole.groups:  # for the list and for completion; `main` turns `help due` into `due --help`
        _help(commands.add_parser("help", help="print the help of a command").add_argument)
    return whole


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _add_acts(command: Parser) -> None:
    """Add the acts of `kolmisla policy` to its parser. Each act has options and help like a command."""
    _policy(command.add_argument)
    from kolmisla.cli.parsing.acts import POLICY_ACTS  # no other command needs them

    acts = command.commands("act", "ACT")
    for name, (text, options) in POLICY_ACTS.items():
        act = acts.add_parser(name, help=text, description=_sentence(text))
        _policy(act.add_argument)
        for add_options in options:
            add_options(act.add_argument)


def _policy(add: Adds) -> None:
    # Without a default, a command does not overwrite the policy that is given before its name.
    add("--policy", metavar="FILE", default=argparse.SUPPRESS, help=POLICY_HELP)


def _times(add: Adds, *, both: bool = False) -> None:
    _policy(add)
    add("--timezone", type=texts.zone, metavar="ZONE", help="zone of times without an offset (default: the policy's)")
    add(
        "--ambiguous",
        choices=("earlier", "later", *(["both"] if both else [])),
        help=f"how to read a time that DST skips or repeats{'; both: only repeated times' * both} (default: an error)",
    )
    add(
        "--closed", type=texts.day, action="append", default=[], metavar="DATE", help="an extra closing day; repeatable"
    )


def _releases(add: Adds) -> None:
    add("--releases", type=texts.released, metavar="RELEASES", help=RELEASES)


def _json(add: Adds) -> None:
    add("--json", action="store_true", help="print JSON, one object per line")


def _at(add: Adds) -> None:
    add("--at", metavar="NOW", help="instant for which to answer, ISO 8601 (default: now, the current time)")


def _measure(add: Adds) -> None:
    out = "file for the measured rows (default: standard output)"
    add("-o", "--out", default="-", metavar="OUT", type=texts.output, help=out)
    rejects = "file for rejected rows (default: OUT.rejects.csv, or reasons on standard error)"
    add("--rejects", metavar="FILE", type=texts.output, help=rejects)
    text = "how exact times are: with PT1M, 14:10 means any instant of that minute"
    add("--precision", type=texts.amount, metavar="DURATION", help=text)
    add("--prefix", default="", help="text put before the names of the added columns")
    known = f"{', '.join(METRICS)} or of the policy's own"
    text = f"metric to measure, one of {known}, or all; one row per cycle (default: first-response, one row per ticket)"
    add("--metric", metavar="METRIC", help=text)


def _queue(add: Adds) -> None:
    out = "calendar file (.ics) for the due times, in place of the list on standard output"
    add("-o", "--out", default="-", metavar="OUT", type=texts.output, help=out)
    text = "metric to order by, or all for the promise that is breached first (default: %(default)s)"
    add("--metric", metavar="METRIC", default=FIRST_RESPONSE, help=text)


def _queue_list(add: Adds) -> None:
    text = "show these columns of the file beside each ticket, such as subject,customer"
    add("--show", type=texts.names, default=(), metavar="COLUMNS", help=text)
    add("--limit", type=texts.whole_number, metavar="N", help="list only the first N tickets")
    text = "on a terminal, print the list again every so many seconds, until Ctrl-C"
    add("--watch", type=texts.whole_number, metavar="SECONDS", help=text)


def _alarms(add: Adds) -> None:
    text = "print alarms due later than this instant, ISO 8601; give the UNTIL of the run before"
    add("--after", required=True, metavar="AFTER", help=text)
    text = "print alarms due at or before this instant, ISO 8601 (default: now, the current time)"
    add("--until", default="now", metavar="UNTIL", help=text)


def _report(add: Adds) -> None:
    out = "file for the report: .html, .json, .csv or .md (default: text on standard output)"
    add("-o", "--out", default="-", metavar="OUT", type=texts.output, help=out)
    add("--rejects", metavar="FILE", type=texts.output, help="file for rejected rows (default: none; they are counted)")
    add("--metric", metavar="METRIC", default=FIRST_RESPONSE, help="metric to report (default: %(default)s)")
    by = ("day", "week", "month", "quarter", "year")
    add("--by", choices=by, default="month", help="periods by the date of opening (default: %(default)s)")
    add("--since", type=texts.day, metavar="DATE", help="report only tickets opened from this date on")
    add("--until", type=texts.day, metavar="DATE", help="report only tickets opened before this date")
    add("--split", metavar="COLUMN", help="group the tickets by a column of the file too, such as a queue")
    add("--what-if", metavar="POLICY", help="judge the same tickets by another policy too, a TOML or JSON file")


def _calendar(add: Adds) -> None:
    text = "month, year or range: 2026-12, 2026, 2026-10/2027-03 (default: the current month)"
    add("months", nargs="?", type=texts.months, metavar="MONTH", help=text)
    add("--schedule", metavar="NAME", help=questions.SCHEDULE_HELP)
    out = "calendar file (.ics) for the hours, in place of the drawing on standard output"
    add("-o", "--out", default="-", metavar="OUT", type=texts.output, help=out)


def _covers(add: Adds) -> None:
    _policy(add)
    add("task", nargs="?", metavar="TASK", help="task, in the words of the policy or in your own")
    add("--plan", help=f"support plan (default: all); Kolmisoft's are {', '.join(KOLMISOFT.plans)}")
    add("--list", action="store_true", help="list all tasks and rates with their verdicts and prices")


def _quote(add: Adds) -> None:
    add("--work", action="append", default=[], metavar="START/END", help=WORK)
    add("--task", type=texts.order, action="append", default=[], metavar="TASK[=N]", help=f"{ORDER}; repeatable")
    add("--plan", help="support plan of the ticket that the work is for (default: none)")
    add("--priority", help="priority of that ticket; the plan includes work while the ticket's schedule is open")


def _layouts(add: Adds) -> None:
    add("act", metavar="{show,check,guess}", choices=("show", "check", "guess"), help=LAYOUT_ACTS)
    add("file", nargs="?", metavar="FILE", help="name or file of a layout; for guess, a file of tickets or of events")
    _policy(add)
    form_options(add)


def _help(add: Adds) -> None:
    add("topic", nargs="*", metavar="COMMAND", help="command, or policy and one of its acts (default: all commands)")


def _completion(add: Adds) -> None:
    add("shell", choices=("bash", "zsh", "fish"), help="shell for which the script is")


def _sql(add: Adds) -> None:
    from kolmisla.cli.parsing.ports import of_sql  # no other command needs it

    of_sql(add)


def _vectors(add: Adds) -> None:
    from kolmisla.cli.parsing.ports import of_vectors

    of_vectors(add)


def _schemas(add: Adds) -> None:
    from kolmisla.cli.parsing.ports import of_schemas

    of_schemas(add)


COMMANDS: dict[str, tuple[str, tuple[Callable[[Adds], None], ...]]] = {
    "due": (
        "print when a ticket is due, or when open time has passed",
        (questions.of_due, questions.of_shares, questions.of_facts, _releases, _times, _json),
    ),
    "status": (
        "print the state of a ticket at an instant",
        (questions.of_status, partial(questions.of_facts, every=True), _releases, _times, _at, _json),
    ),
    "elapsed": (
        "print the open time between two instants",
        (questions.of_elapsed, questions.of_schedule, _times, _json),
    ),
    "open": (
        "print whether a schedule is open, or the hours of a date; exit status 0 open, 4 closed",
        (questions.of_open, questions.of_schedule, _times, _json),
    ),
    "calendar": ("draw the hours of a month and name each day that differs", (_calendar, _times, _at, _json)),
    "measure": (
        "add deadlines and states to a file of tickets",
        (_measure, ticket_options, _releases, partial(_times, both=True), _at, _json),
    ),
    "queue": (
        "print waiting tickets in the order to solve them",
        (_queue, _queue_list, ticket_options, _releases, _times, _at, _json),
    ),
    "alarms": (
        "print the alarms that are due between two instants, each once",
        (_alarms, ticket_options, _releases, _times, _json),
    ),
    "report": ("report how many promises were kept", (_report, ticket_options, _releases, _times, _at, _json)),
    "sql": ("write the tables of a policy, and the view of deadlines, for a database", (_sql, _times)),
    "covers": ("print whether a plan covers a task", (_covers, _json)),
    "quote": ("print what work and tasks cost", (_quote, _times, _json)),
    "vectors": ("test that a program in any language gives the same answers", (_vectors,)),
    "schema": ("print a JSON Schema of what kolmisla reads or writes", (_schemas,)),
    "layout": ("print or check a layout of files, or propose one for a file", (_layouts,)),
    "policy": ("print or check a policy, and what follows from it", ()),
    "completion": ("print a script with which a shell completes commands and options", (_completion,)),
}
GROUPS: dict[str, Sequence[str]] = {
    "one ticket, or the hours of a desk": ("due", "status", "elapsed", "open", "calendar"),
    "files of tickets": ("measure", "queue", "alarms", "report"),
    "coverage and prices": ("covers", "quote"),
    "other programs": ("sql", "vectors", "schema"),
    "rules of a desk, forms of files": ("policy", "layout"),
    "this program": ("help", "completion"),
}
