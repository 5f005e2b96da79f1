"""`kolmisla policy diff`: list the rules, the dates and the deadlines that differ between two policies."""

import argparse
import json
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NotRequired, TypedDict, TypeVar

from kolmisla.cli.options import at_of, data_versions, loaded
from kolmisla.cli.policies.moved import Move, MoveDict, Moves, moves_of
from kolmisla.cli.terminal import EXIT_DIFFERENT, EXIT_DONE, EXIT_REJECTED, print_json, say, tell
from kolmisla.errors import named, number_of, shown
from kolmisla.policies.comparing.differences import DateChange, RuleChange, dates_between, rules_between
from kolmisla.policies.comparing.fingerprint import checked_years
from kolmisla.policies.policy import Policy
from kolmisla.times.dates import years_text
from kolmisla.times.instants import clock, micros

__all__ = ["DiffDict", "FingerprintDict", "run_diff"]

T = TypeVar("T")

FINGERPRINT = re.compile(r"[0-9a-f]{8,64}")
MOST_LINES = 20  # how many differences of one kind are listed as text; the others are counted
LONGEST_VALUE = 60  # how many characters of a value are shown


class SideDict(TypedDict):
    """The JSON object for one of the two policies that are compared."""

    policy: str
    digest: str
    fingerprint: str


class FingerprintDict(TypedDict):
    """The JSON object that says whether a new policy gives the same answers as an old one.

    Of the old policy, only the fingerprint is known.
    """

    years: list[int]  # the first year and the last
    alike: bool
    new: SideDict


class RuleDict(TypedDict):
    """The JSON object for a rule that differs between two policies."""

    place: str
    old: Any
    new: Any


class DateDict(TypedDict):
    """The JSON object for dates on which the hours of a schedule differ."""

    schedule: str
    first: str
    last: str
    number: int
    old: str
    new: str


# How many cycles change from one state to another.
StatesDict = TypedDict("StatesDict", {"from": str, "to": str, "number": int})


class MovesDict(TypedDict):
    """The JSON object for the deadlines that differ between two policies."""

    judged: int
    rejected: int
    ways: dict[str, int]  # how many deadlines move earlier, later and so on: see `Move.way`
    states: list[StatesDict]
    moves: list[MoveDict]


class DiffDict(FingerprintDict):
    """The JSON object for everything that differs between two policies."""

    old: SideDict
    rules: list[RuleDict]
    dates: list[DateDict]
    tickets: NotRequired[MovesDict]  # only with a file of tickets


def run_diff(options: argparse.Namespace) -> int:
    """Print what differs between two policies. With a file of tickets, also print what differs for the tickets.

    The exit status is 1 if tickets of the file were rejected, else 6 if something differs, else 0.
    """
    if options.policy is not None:
        raise ValueError("give the policies as OLD and NEW, not with --policy")
    new = loaded(options.new)
    if FINGERPRINT.fullmatch(options.old) and not Path(options.old).exists():
        return _diff_of_fingerprint(options, new)
    old = loaded(options.old)
    first, last = checked_years(options.years)
    rules, dates = rules_between(old, new), dates_between(old, new, first, last)
    prints = [policy.fingerprint(options.years) for policy in (old, new)]
    moves = None if options.tickets is None else moves_of(options, old, new, at_of(options, old))
    if options.json:
        print_json(_document(options, (old, new), prints, rules, dates, moves))
    else:
        for line in _lines(options, prints, rules, dates, moves):
            say(line)
    rejected = moves.rejected if moves else []
    for number, reason in rejected[:MOST_LINES]:
        tell(f"line {number}: {reason}" if number else reason)
    if len(rejected) > MOST_LINES:
        tell(f"and {len(rejected) - MOST_LINES:,} more that are rejected")
    if rejected:
        return EXIT_REJECTED
    return EXIT_DIFFERENT if rules or dates or prints[0] != prints[1] or (moves and moves.moved) else EXIT_DONE


def _diff_of_fingerprint(options: argparse.Namespace, new: Policy) -> int:
    """Print whether a policy gives the same answers as an old policy, of which only the fingerprint is known."""
    if options.tickets is not None:
        raise ValueError(f"to compare deadlines, OLD must be a policy file, not the fingerprint {shown(options.old)}")
    first, last = checked_years(options.years)
    found = new.fingerprint(options.years)
    alike = found.startswith(options.old)
    if options.json:
        answer: FingerprintDict = {"years": [first, last], "alike": alike, "new": _side(new, found)}
        print_json({**answer, **data_versions(new.timezone)})
    else:
        answers = f"{'the same' if alike else 'other'} answers in {years_text(first, last)}"
        say(f"{options.new}: {answers} {'as' if alike else 'than'} {options.old}")
        if not alike:
            say(f"its fingerprint is {found}")
    return EXIT_DONE if alike else EXIT_DIFFERENT


def _lines(
    options: argparse.Namespace,
    prints: list[str],
    rules: list[RuleChange],
    dates: list[DateChange],
    moves: Moves | None,
) -> Iterator[str]:
    first, last = checked_years(options.years)
    yield f"rules: {len(rules):,} differ"
    yield from _listed(rules, lambda rule: f"{_place(rule)}: {_value(rule.old)} -> {_value(rule.new)}")
    total = sum(change.number for change in dates)
    yield f"dates {'from' if first < last else 'in'} {years_text(first, last)}: {total:,} differ"
    yield from _listed(dates, _date, lambda change: change.number)
    if moves:
        yield from _lines_of_moves(moves)
    alike = prints[0] == prints[1]
    yield f"fingerprint: {prints[0]}" if alike else f"fingerprint: {prints[0][:16]} -> {prints[1][:16]}"


def _listed(items: Sequence[T], text: Callable[[T], str], count: Callable[[T], int] = lambda _: 1) -> Iterator[str]:
    """Yield a line for each of the first twenty items. If there are more, a last line says how many.

    `text` returns the text of an item. `count` returns how many differences an item stands for.
    """
    yield from (f"  {text(item)}" for item in items[:MOST_LINES])
    if len(items) > MOST_LINES:
        yield f"  and {sum(map(count, items[MOST_LINES:])):,} more"


def _place(rule: RuleChange) -> str:
    return ".".join(map(named, rule.place.split(".")))


def _date(change: DateChange) -> str:
    until = "" if change.first == change.last else f" to {change.last}, {number_of(change.number, 'date')}"
    return f"{named(change.schedule)} {change.first}{until}: {change.old} -> {change.new}"


def _lines_of_moves(moves: Moves) -> Iterator[str]:
    ways = [f"{number:,} {way}" for way, number in sorted(moves.ways.items()) if way != "same"]
    states = [f"{number:,} from {old} to {new}" for (old, new), number in sorted(moves.states.items())]
    told = "; ".join(filter(None, (", ".join(ways), ", ".join(states))))
    count = f"deadlines of {number_of(moves.judged, 'ticket')}: {len(moves.moved):,} move"
    yield f"{count}: {told}" if told else count
    yield from _listed(moves.moved, _move)


def _move(move: Move) -> str:
    name = "a ticket without an id" if move.id is None else named(move.id)
    cycle = f" cycle {move.cycle}" if move.cycle > 1 else ""
    by = f", {clock(abs(move.by))} {move.way}" if move.by else ""
    state = f", {move.old.state} -> {move.new.state}" if move.old.state != move.new.state else ""
    old, new = move.old, move.new
    if move.by and old.due_at and new.due_at and micros(old.due_at) == micros(new.due_at):
        what = f"due {_at(old.due_at)}, breaches_after {_at(old.breaches_after)} -> {_at(new.breaches_after)}"
    else:
        what = f"{_at(old.due_at)} -> {_at(new.due_at)}"
    return f"{name}{cycle}: {what}{by}{state}"


def _at(instant: datetime | None) -> str:
    return "no due time" if instant is None else instant.isoformat()


def _value(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."


def _side(policy: Policy, fingerprint: str) -> SideDict:
    return {"policy": policy.name, "digest": policy.digest, "fingerprint": fingerprint}


def _document(
    options: argparse.Namespace,
    policies: tuple[Policy, Policy],
    prints: list[str],
    rules: list[RuleChange],
    dates: list[DateChange],
    moves: Moves | None,
) -> dict[str, Any]:
    """Return everything that differs between two policies, as a dict for JSON."""
    old, new = map(_side, policies, prints)
    answer: DiffDict = {
        "years": [*checked_years(options.years)],
        "alike": prints[0] == prints[1],
        "old": old,
        "new": new,
        "rules": [{"place": change.place, "old": change.old, "new": change.new} for change in rules],
        "dates": [
            {
                "schedule": change.schedule,
                "first": change.first.isoformat(),
                "last": change.last.isoformat(),
                "number": change.number,
                "old": change.old,
                "new": change.new,
            }
            for change in dates
        ],
    }
    if moves:
        answer["tickets"] = {
            "judged": moves.judged,
            "rejected": len(moves.rejected),
            "ways": dict(moves.ways),
            "states": [
                {"from": before, "to": after, "number": number}
                for (before, after), number in sorted(moves.states.items())
            ],
            "moves": [move.to_dict() for move in moves.moved],
        }
    return {**answer, **data_versions(policies[1].timezone)}
