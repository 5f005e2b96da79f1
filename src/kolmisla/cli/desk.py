"""The commands about coverage and prices: `kolmisla covers` and `quote`."""

import argparse
from datetime import UTC, datetime

from kolmisla.cli.options import identity, time_of
from kolmisla.cli.terminal import EXIT_DONE, EXIT_NOT_COVERED, EXIT_UNUSABLE, print_json, say, tell
from kolmisla.errors import shown
from kolmisla.instants import Span, instants_in, length, micros
from kolmisla.policies.policy import Policy
from kolmisla.services.coverage import coverage
from kolmisla.services.quotes import Item, quote
from kolmisla.times.durations import read_duration

__all__ = ["run_covers", "run_quote"]


def run_covers(options: argparse.Namespace, rules: Policy, now: datetime) -> int:
    """Print whether a plan covers a task in the edition in force now.

    The exit status is 0 only if the task is included.
    """
    answer = coverage(options.task, options.plan, policy=rules.at(now))
    if options.json:
        print_json({**answer.to_dict(), **identity(rules)})
    else:
        say(answer.verdict.replace("-", " ") + (f": {answer.price}" if answer.price else ""))
        if answer.line:
            say(answer.line)
    if answer.verdict == "unknown":
        near = " or ".join(map(shown, answer.closest))
        tell(f"kolmisla: task {shown(options.task)} is not known{f'; did you mean {near}?' if near else ''}")
        return EXIT_UNUSABLE
    return EXIT_DONE if answer.verdict == "included" else EXIT_NOT_COVERED


def run_quote(options: argparse.Namespace, rules: Policy, now: datetime) -> int:
    """Print the prices of work and of tasks. The prices of tasks come from the edition in force now."""
    items: list[Item] = [*(_stretch(options, rules, text) for text in options.work), *options.task]
    if not items:
        raise ValueError("there is nothing to quote; give --work START/END or --task TASK[=N]")
    answer = quote(items, policy=rules, at=now, plan=options.plan or None, priority=options.priority)
    print_json({**answer.to_dict(), **identity(rules)}) if options.json else print(answer)
    return EXIT_DONE


def _stretch(options: argparse.Namespace, rules: Policy, text: str) -> Span:
    """Return a stretch of work from an ISO 8601 interval: two instants, or an instant and a duration."""
    start, slash, end = text.partition("/")
    if not slash:
        raise ValueError(f"{shown(text)} is not START/END, such as 2026-11-20T17:50/2026-11-20T18:10")
    began = time_of(options, rules, start)
    if end.startswith("P"):
        return Span(began, instants_in(UTC)(micros(began) + length(read_duration(end))))
    return Span(began, time_of(options, rules, end))
