"""`kolmisla policy worst`: print the longest wait that each promise of a policy allows."""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import TypedDict

from kolmisla.cli.options import identified, identity, years_of
from kolmisla.cli.policies.act import policy_in
from kolmisla.cli.terminal import EXIT_DONE, print_json, say, tell, width_of_output
from kolmisla.errors import named, number_of
from kolmisla.reports.figures.periods import month_name
from kolmisla.reports.json_forms import WorstWaitDict
from kolmisla.reports.rules.worst import WorstWait, worst_wait
from kolmisla.times.instants import DAY, DAY_NAMES, clock, length, seconds, time_of_day

__all__ = ["WorstDict", "run_worst"]

INDENT = "  "
SHARED_BY_LINES = ("plan", "priority", "owner")  # promises that differ only in these share a line


class WorstDict(TypedDict):
    """The JSON object for the longest waits that the promises of a policy allow."""

    years: list[int]  # the first year and the last
    timezone: str
    longer_than_s: int | float | None
    promises: list[WorstWaitDict]


def run_worst(options: argparse.Namespace) -> int:
    """Print the longest wait that each promise allows. Promises with equal results share a paragraph."""
    policy = policy_in(options)
    years, longer_than = years_of(options, policy), options.longer_than
    asked = {"metric": options.metric, "plan": options.plan, "priority": options.priority}
    results = worst_wait(policy, years, longer_than=longer_than, **asked)
    if options.json:
        least = None if longer_than is None else seconds(length(longer_than))
        answer: WorstDict = {
            "years": [years[0], years[-1]],
            "timezone": policy.timezone,
            "longer_than_s": least,
            "promises": [worst.to_dict() for worst in results],
        }
        print_json({**answer, **identity(policy)})
        return EXIT_DONE
    for alike in _alike(results):
        for parts in _paragraph(alike, years):
            for line in _lines(parts, width_of_output()):
                say(line)
    asked_years = f"in {years[0]}" if len(years) == 1 else f"from {years[0]} to {years[-1]}"
    tell(f"openings {asked_years}, times of {policy.timezone}; policy {identified(policy)}")
    return EXIT_DONE


def _alike(results: Iterable[WorstWait]) -> Iterator[list[WorstWait]]:
    """Yield groups of results. The results of a group differ only in plan, priority and owner.

    The groups come in the order of their first results.
    """
    groups: dict[tuple[object, ...], list[WorstWait]] = {}
    for worst in results:
        key = tuple(value for name, value in worst.to_dict().items() if name not in SHARED_BY_LINES)
        groups.setdefault(key, []).append(worst)
    yield from groups.values()


def _paragraph(alike: Sequence[WorstWait], years: range) -> Iterator[list[str]]:
    """Yield the lines about promises with equal results. A line is a list of parts, and may break between them."""
    worst = alike[0]
    line = [*_names(alike), f"{worst.metric} {worst.promised} on {named(worst.schedule)}"]
    if (worst.first, worst.last) != (date(years[0], 1, 1), date(years[-1], 12, 31)):
        line[-1] += ","
        line.append(f"in force {worst.first} to {worst.last}")
    yield line
    if worst.wait is None or worst.opened_at is None or worst.breaches_after is None:
        yield [f"{INDENT}no wait is known"]
    else:
        asked, kept = _told(worst.opened_at), _told(worst.breaches_after)
        yield [f"{INDENT}{_days(worst.wait)},", f"asked {asked},", f"kept until {kept}"]
    if worst.longer_than is not None:
        longer = f"longer than {_days(worst.longer_than)}"
        yield [f"{INDENT}{longer}", f"on {worst.longer_days:,} of {number_of(worst.working_days, 'working day')}"]
    if worst.unknown_days:
        yield [f"{INDENT}without {number_of(worst.unknown_days, 'day')}", "whose waits are not known:", worst.known]


def _names(alike: Iterable[WorstWait]) -> Iterator[str]:
    """Yield the words of a paragraph's heading: priorities, then the plans that have them, and owners if any."""
    priorities: dict[tuple[str, str | None], list[str]] = {}
    for worst in alike:
        priorities.setdefault((worst.plan, worst.owner), []).append(named(worst.priority))
    plans: dict[tuple[str, ...], list[str]] = {}
    for (plan, owner), names in priorities.items():
        text = named(plan) if owner is None else f"{named(plan)} with the owner {named(owner)}"
        plans.setdefault(tuple(names), []).append(text)
    for number, (together, of_plans) in enumerate(plans.items(), 1):
        *first, last = together
        yield from (f"{name}," for name in first)
        *first, last_plan = f"{last} of {of_plans[0]}", *of_plans[1:]
        yield from (f"{name}," for name in first)
        yield last_plan + (":" if number == len(plans) else ";")


def _days(us: timedelta) -> str:
    """Return an amount of real time as text, such as `5 days 16:00:00` or `2 days`. A day is 24 hours."""
    days, rest = divmod(length(us), DAY)
    texts = [number_of(days, "day")] * bool(days) + [clock(rest)] * bool(rest or not days)
    return " ".join(texts)


def _told(at: datetime) -> str:
    """Return an instant as text for people, such as `Fri 21 Dec 2029 16:00`."""
    return f"{DAY_NAMES[at.weekday()][:3]} {at.day} {month_name(at)[:3]} {at.year} {time_of_day(at)}"


def _lines(parts: Sequence[str], width: int) -> Iterator[str]:
    """Yield the parts with blanks between them, as one line or, if it would be wider than `width`, as several."""
    line = parts[0]
    for part in parts[1:]:
        if len(line) + 1 + len(part) > width:
            yield line
            line = f"{INDENT * 2}{part}"
        else:
            line += f" {part}"
    yield line
