"""The command line. It parses options, calls the library and prints answers.

Only this folder reads the current time.

Exit status: 0 done; 1 at least one row was rejected; 2 wrong usage, unreadable input, or an answer in years that the
schedule does not know; 3 not covered; 4 closed (`kolmisla open`); 5 no due time is known; 6 two policies differ
(`kolmisla policy diff`); 70 an unexpected error, reported by `__main__`; 130 interrupted; 141 standard output was
closed by its reader.

Read the files in this order. Each file imports only from the files above it, and from folders above this one:

    terminal     what a command prints: answers, errors, a progress bar
    parsing      the parser of the command line
    options      the policy, schedule, ticket and times that the options choose
    signals      how half-written files are removed when a signal ends a command
    inputs       the files that a command reads, and which output file goes with them
    parquet      what must be true before Parquet can be read or written
    layouts      the layout that the options choose
    schedules    the commands that ask about a schedule
    questions    the commands that ask about a ticket
    files        the command that measures a file of tickets
    queues       the command that prints which tickets of a file wait
    alarms       the commands that answer for all metrics of a ticket
    reporting    the commands that make a report of a file of tickets, or a calendar of a schedule
    desk         the commands about coverage and prices
    policies     the acts of `kolmisla policy`, such as check and diff
    ports        the commands that write for other programs: SQL, test vectors, JSON Schemas
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from kolmisla.cli.options import at_of, data_versions, identified, now_of, policy_of
from kolmisla.cli.parsing.arguments import parser
from kolmisla.cli.questions import NoDueTimeError, run_due, run_status
from kolmisla.cli.terminal import (
    EXIT_BROKEN_PIPE,
    EXIT_DONE,
    EXIT_INTERRUPTED,
    EXIT_NO_DUE_TIME,
    EXIT_NOT_COVERED,
    EXIT_UNUSABLE,
    failed,
    say,
)
from kolmisla.errors import KolmislaError, NotCoveredError
from kolmisla.names import __version__
from kolmisla.policies.terms.metrics import ALL_METRICS

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status. An error is printed as one line on standard error.

    `argv` has the words of the command line after the program's name. None means those of this process.
    """
    argv = list(sys.argv[1:] if argv is None else argv)
    if argv[:1] == ["help"]:
        argv = [*argv[1:], "--help"]
    options = _for_versions(argv) or parser(_command(argv)).parse_args(argv)
    try:
        ended = (RUN.get(options.command) or _run_versions)(options)
        sys.stdout.flush()
    except NotCoveredError as reason:
        return failed(f"not covered: {reason}", EXIT_NOT_COVERED)
    except NoDueTimeError as reason:
        return failed(str(reason), EXIT_NO_DUE_TIME)
    except KeyboardInterrupt:
        return failed("interrupted", EXIT_INTERRUPTED)
    except OSError as fault:
        if isinstance(fault, BrokenPipeError) and not fault.filename:  # standard output was closed by its reader
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the flush at exit cannot fail
            return EXIT_BROKEN_PIPE
        return failed(f"{fault.filename}: {fault.strerror}" if fault.filename else str(fault), EXIT_UNUSABLE)
    except (KolmislaError, ValueError) as fault:
        return failed(str(fault) or type(fault).__name__, EXIT_UNUSABLE)
    return ended


def _for_versions(argv: Sequence[str]) -> argparse.Namespace | None:
    """Parse a command line of `--version --verbose`, perhaps with `--policy`.

    Return None for any other command line.
    """
    if "--verbose" not in argv or not {"-V", "--version"} & {*argv}:
        return None
    words = [word for word in argv if word not in ("-V", "--version", "--verbose")]
    name, _, file = "=".join(words).partition("=")
    if words and (name != "--policy" or not file):
        return None
    return argparse.Namespace(command="versions", policy=file or None)


def _command(argv: Sequence[str]) -> str | None:
    """Return the command in a command line: its first word that is not an option.

    Return None if there is no such word, or if an option other than `--policy` comes before the word.
    """
    words = iter(argv)
    for word in words:
        if word == "--policy":
            next(words, None)
        elif not word.startswith("--policy="):
            return None if word.startswith("-") else word
    return None


def _run_versions(options: argparse.Namespace) -> int:
    """Print the versions of kolmisla, of Python, of the policy, and of the data for holidays and time zones."""
    policy = policy_of(options)
    versions = {"kolmisla": __version__, **data_versions(policy.timezone), "python": sys.version.split()[0]}
    for name, text in {**versions, "policy": identified(policy)}.items():
        say(f"{name:10}{text}")
    return EXIT_DONE


def _run_status(options: argparse.Namespace) -> int:
    """Print the state of a ticket for one metric or for all metrics."""
    if options.metric != ALL_METRICS:
        return run_status(options)
    from kolmisla.cli.alarms import run_status_of_all

    return run_status_of_all(options)


def _run_elapsed(options: argparse.Namespace) -> int:
    """Print the open time between two instants."""
    from kolmisla.cli.schedules.questions import run_elapsed

    return run_elapsed(options)


def _run_open(options: argparse.Namespace) -> int:
    """Print whether a schedule is open."""
    from kolmisla.cli.schedules.questions import run_open

    return run_open(options)


def _run_measure(options: argparse.Namespace) -> int:
    """Measure a file of tickets."""
    from kolmisla.cli import files

    policy = policy_of(options)
    return files.run_measure(options, policy, at_of(options, policy))


def _run_queue(options: argparse.Namespace) -> int:
    """Print the waiting tickets of a file in the order in which to solve them."""
    from kolmisla.cli.queues.command import run_queue

    return run_queue(options, policy_of(options))


def _run_alarms(options: argparse.Namespace) -> int:
    """Print the alarms that are due between two instants for a file of tickets."""
    from kolmisla.cli.alarms import run_alarms

    return run_alarms(options, policy_of(options))


def _run_report(options: argparse.Namespace) -> int:
    """Make a report of a file of tickets."""
    from kolmisla.cli.reporting.command import run_report

    policy = policy_of(options)
    return run_report(options, policy, at_of(options, policy))


def _run_calendar(options: argparse.Namespace) -> int:
    """Draw the hours of a schedule, or write them to a calendar file."""
    from kolmisla.cli.reporting.calendar import run_calendar

    policy = policy_of(options)
    return run_calendar(options, policy, at_of(options, policy))


def _run_sql(options: argparse.Namespace) -> int:
    """Write SQL for a database."""
    from kolmisla.cli.ports.sql import run_sql

    return run_sql(options, policy_of(options))


def _run_vectors(options: argparse.Namespace) -> int:
    """Test a program with test vectors, or answer the questions in them."""
    from kolmisla.cli.ports.vectors import run_vectors

    return run_vectors(options)


def _run_schema(options: argparse.Namespace) -> int:
    """Print a JSON Schema."""
    from kolmisla.cli.ports.schema import run_json_schema

    return run_json_schema(options)


def _run_covers(options: argparse.Namespace) -> int:
    """Print whether a plan covers a task."""
    from kolmisla.cli import desk

    return desk.run_covers(options, policy_of(options), now_of(options))


def _run_quote(options: argparse.Namespace) -> int:
    """Print the prices of work and of tasks."""
    from kolmisla.cli import desk

    policy = policy_of(options)
    return desk.run_quote(options, policy, now_of(options))


def _run_layout(options: argparse.Namespace) -> int:
    """Print a layout, list its faults, or propose a layout for a file."""
    from kolmisla.cli import layouts

    return layouts.run_layout(options, lambda: policy_of(options))


def _run_completion(options: argparse.Namespace) -> int:
    """Print a script with which a shell completes commands and options."""
    from kolmisla.cli.parsing.completion import completion

    print(completion(options.shell))
    return EXIT_DONE


def _run_policy(options: argparse.Namespace) -> int:
    """Run the chosen act of `kolmisla policy`, such as check or diff."""
    from kolmisla.cli.policies.act import run_policy

    return run_policy(options)


RUN: dict[str, Callable[[argparse.Namespace], int]] = {
    "due": run_due,
    "status": _run_status,
    "elapsed": _run_elapsed,
    "open": _run_open,
    "calendar": _run_calendar,
    "measure": _run_measure,
    "queue": _run_queue,
    "alarms": _run_alarms,
    "report": _run_report,
    "sql": _run_sql,
    "vectors": _run_vectors,
    "schema": _run_schema,
    "covers": _run_covers,
    "quote": _run_quote,
    "layout": _run_layout,
    "policy": _run_policy,
    "completion": _run_completion,
}
