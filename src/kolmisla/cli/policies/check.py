"""`kolmisla policy check`: list the faults of a policy, and the examples that do not hold."""

import argparse

from kolmisla.cli.options import loaded
from kolmisla.cli.policies.act import file_read
from kolmisla.cli.terminal import EXIT_DONE, EXIT_UNUSABLE, number_of, say, tell
from kolmisla.errors import PolicyError, told_once
from kolmisla.policies.kolmisoft import KOLMISOFT
from kolmisla.reports.rules.examples import example_faults

__all__ = ["run_check"]


def run_check(options: argparse.Namespace) -> int:
    """List the faults of a policy. If it has none, list the examples that do not hold.

    The exit status is 0 only if there is nothing to list.
    """
    file = file_read(options)
    try:
        rules = loaded(file)
        faults = example_faults(rules)
    except PolicyError as error:
        if not error.faults:
            raise
        faults = error.faults
    if faults:
        for text in told_once(faults):
            say(text)
        tell(f"kolmisla: {file or KOLMISOFT.name}: {number_of(len(faults), 'fault')}")
        return EXIT_UNUSABLE
    number = len(rules.examples)
    hold = f", {number_of(number, 'example')} {'hold' if number > 1 else 'holds'}" if number else ""
    say(f"{file or rules.name}: no faults, digest {rules.digest}{hold}")
    return EXIT_DONE
