"""The commands about coverage and prices: `kolmisla covers` and `quote`."""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime

from kolmisla.cli.options import identity, time_of
from kolmisla.cli.terminal import EXIT_DONE, EXIT_NOT_COVERED, EXIT_UNUSABLE, print_json, say, tell, wrapped
from kolmisla.errors import PolicyError, brief, choices, named, shown
from kolmisla.policies.policy import Policy
from kolmisla.policies.services.coverage import Coverage, CoveredTask, coverage, covered_tasks
from kolmisla.policies.services.quotes import Item, quote
from kolmisla.times.durations import read_duration
from kolmisla.times.instants import Span, instants_in, length, micros

__all__ = ["run_covers", "run_quote"]


def run_covers(options: argparse.Namespace, rules: Policy, now: datetime) -> int:
    """Print whether a plan covers a task, by the edition in force now. Without `--plan`, ask all plans.

    The exit status is 0 only if every asked plan includes the task. With `--list`, print all tasks; the status is then
    0.
    """
    policy = rules.at(now)
    plans = [*policy.plans] if options.plan is None else [options.plan]
    if not plans:
        raise PolicyError(f"policy {named(policy.name)} has no plans")
    if options.list == (options.task is not None):
        raise ValueError("give a task, or --list for all tasks" if not options.list else "--list takes no task")
    if options.list:
        return _list_tasks(options, policy, plans, identity(rules))
    answers = [coverage(options.task, plan, policy=policy) for plan in plans]
    if options.json:
        for answer in answers:
            print_json({**answer.to_dict(), **identity(rules)})
    else:
        _say_answers(answers)
    if unknown := [answer for answer in answers if not answer.tasks]:
        near = any(answer.closest for answer in unknown)
        hint = "did you mean one of these?" if near else "kolmisla covers --list names all tasks"
        tell(f"kolmisla: task {shown(options.task)} is not known; {hint}")
        if not options.json:
            _tell_nearest(unknown, [answer.plan for answer in answers])
        return EXIT_UNUSABLE
    return EXIT_DONE if all(answer.verdict == "included" for answer in answers) else EXIT_NOT_COVERED


def _say_answers(answers: Sequence[Coverage]) -> None:
    """Print each verdict with its price, and the lines of the policy's source about the task.

    Without such a line, the name of the task is printed. Equal answers of several plans are printed once.
    """
    alike: dict[tuple[CoveredTask, ...], list[Coverage]] = {}
    for answer in answers:
        alike.setdefault(answer.tasks, []).append(answer)
    for tasks, same in alike.items():
        plans = "" if len(answers) == 1 else f"{choices(answer.plan for answer in same)}: "
        say(f"{plans}{same[0].verdict.replace('-', ' ')}{f': {same[0].price}' if same[0].price else ''}")
        lines = [task.line or task.task for task in tasks] + [task.rate_line or "" for task in tasks]
        for line in dict.fromkeys(filter(None, lines)):
            say(line)


def _tell_nearest(unknown: Sequence[Coverage], plans: Sequence[str]) -> None:
    """Print on standard error which tasks an unknown text may mean.

    Equal suggestions for several plans are printed once.
    """
    alike: dict[CoveredTask, list[str]] = {}
    for answer in unknown:
        for task in answer.closest:
            alike.setdefault(task, []).append(answer.plan)
    for task, of_plans in alike.items():
        tell(f"  {brief(task)}{f' in {choices(of_plans)}' if len(of_plans) < len(plans) else ''}")


def _list_tasks(options: argparse.Namespace, policy: Policy, plans: Sequence[str], by: dict[str, str]) -> int:
    """Print all tasks and rates, grouped by their verdicts in the plans.

    With `--json`, print a line for each plan and each task or rate instead. `by` has the keys to add to each line.
    """
    listed = [covered_tasks(plan, policy=policy) for plan in plans]
    groups: dict[str, list[CoveredTask]] = {}
    for plan, found in zip(plans, listed, strict=True) if options.json else ():
        for task in found:
            print_json({**task.to_dict(), "plan": policy.plans[plan].name, **by})
    for entry in zip(*listed, strict=True) if not options.json else ():
        verdicts = [task.verdict.replace("-", " ") for task in entry]
        names = (policy.plans[plan].name for plan in plans)
        told = [f"{name}: {verdict}" for name, verdict in zip(names, verdicts, strict=True)]
        heading = verdicts[0] if len(set(verdicts)) == 1 else "; ".join(told)
        priced = next((task for task in entry if task.price), entry[0])
        groups.setdefault(heading, []).append(priced)
    for heading, tasks in groups.items():
        say(heading)
        for task in tasks:
            for line in wrapped(f"{task.task}{f': {task.price}' if task.price else ''}", "  ", "    "):
                say(line)
    return EXIT_DONE


def run_quote(options: argparse.Namespace, rules: Policy, now: datetime) -> int:
    """Print the prices of work and of tasks. The prices of tasks come from the edition in force now."""
    items: list[Item] = [*(_stretch(options, rules, text) for text in options.work), *options.task]
    if not items:
        raise ValueError("there is nothing to quote; give --work START/END or --task TASK[=N]")
    answer = quote(items, policy=rules, at=now, plan=options.plan or None, priority=options.priority)
    print_json({**answer.to_dict(), **identity(rules)}) if options.json else print(answer)
    return EXIT_DONE


def _stretch(options: argparse.Namespace, rules: Policy, text: str) -> Span:
    """Read a stretch of work from an ISO 8601 interval: two instants, or an instant and a duration."""
    start, slash, end = text.partition("/")
    if not slash:
        raise ValueError(f"{shown(text)} is not START/END, such as 2026-11-20T17:50/2026-11-20T18:10")
    began = time_of(options, rules, start)
    if end.startswith("P"):
        return Span(began, instants_in(UTC)(micros(began) + length(read_duration(end))))
    return Span(began, time_of(options, rules, end))
