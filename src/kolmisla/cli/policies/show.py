"""`kolmisla policy show`: print a policy as text."""

import argparse

from kolmisla.cli.policies.act import policy_in
from kolmisla.cli.terminal import EXIT_DONE, say
from kolmisla.policies.description import described

__all__ = ["run_show"]


def run_show(options: argparse.Namespace) -> int:
    """Print a policy as text."""
    for line in described(policy_in(options)):
        say(line)
    return EXIT_DONE
