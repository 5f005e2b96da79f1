"""`kolmisla policy check`: list the faults of a policy, the examples with other answers than expected, and notes."""

import argparse
from collections.abc import Sequence
from typing import TypedDict

from kolmisla.cli.options import data_versions, loaded
from kolmisla.cli.policies.act import file_read
from kolmisla.cli.terminal import EXIT_DONE, EXIT_UNUSABLE, print_json, say, tell
from kolmisla.errors import Fault, PolicyError, number_of, told_once
from kolmisla.policies.kolmisoft import KOLMISOFT
from kolmisla.policies.notes.of_policy import notes_of
from kolmisla.reports.rules.examples import example_faults

__all__ = ["CheckDict", "FaultDict", "run_check"]


class FaultDict(TypedDict):
    """The JSON object for a fault or a note."""

    place: list[str | int]
    text: str


class CheckDict(TypedDict):
    """The JSON object that `kolmisla policy check --json` prints. There are notes only if there are no faults."""

    file: str  # the file, or the name of Kolmisoft's policy
    faults: list[FaultDict]
    notes: list[FaultDict]
    digest: str | None  # None for a policy with faults


def run_check(options: argparse.Namespace) -> int:
    """List the faults of a policy or, without faults, its failing examples or, without these, its notes.

    The exit status is 0 only if there are no faults and no failing examples. With `--strict`, there must also be no
    notes.
    """
    file = file_read(options)
    name = file or KOLMISOFT.name
    try:
        rules = loaded(file)
        faults = example_faults(rules)
    except PolicyError as error:
        if not error.faults:
            raise
        faults = error.faults
    if faults:
        if options.json:
            _print(name, faults, (), None)
        else:
            for text in told_once(faults):
                say(text)
        tell(f"kolmisla: {name}: {number_of(len(faults), 'fault')}")
        return EXIT_UNUSABLE
    notes = notes_of(rules)
    if options.json:
        _print(name, (), notes, rules.digest)
    else:
        for note in notes:
            say(f"note: {note}")
        counted = f", {number_of(len(notes), 'note')}" if notes else ""
        number = len(rules.examples)
        hold = f", {number_of(number, 'example')} {'hold' if number > 1 else 'holds'}" if number else ""
        say(f"{name}: no faults{counted}, digest {rules.digest}{hold}")
    if options.strict and notes:
        tell(f"kolmisla: {name}: {number_of(len(notes), 'note')}, which --strict refuses")
        return EXIT_UNUSABLE
    return EXIT_DONE


def _print(name: str, faults: Sequence[Fault], notes: Sequence[Fault], digest: str | None) -> None:
    """Print faults, notes and the digest as JSON."""
    answer: CheckDict = {"file": name, "faults": _listed(faults), "notes": _listed(notes), "digest": digest}
    print_json({**answer, **data_versions("UTC")})


def _listed(several: Sequence[Fault]) -> list[FaultDict]:
    return [{"place": [*each.place], "text": each.text} for each in several]
