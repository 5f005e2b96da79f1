"""`kolmisla policy check`: list the faults of a policy."""

import argparse

from kolmisla.cli.options import loaded
from kolmisla.cli.policies.act import file_read
from kolmisla.cli.terminal import EXIT_DONE, EXIT_UNUSABLE, say, tell
from kolmisla.errors import PolicyError, told_once

__all__ = ["run_check"]


def run_check(options: argparse.Namespace) -> int:
    """List the faults of a policy. The exit status is 0 only if there are none."""
    file = file_read(options)
    try:
        rules = loaded(file)
    except PolicyError as error:
        if not error.faults:
            raise
        for text in told_once(error.faults):
            say(text)
        tell(f"kolmisla: {file}: {len(error.faults)} fault{'s' * (len(error.faults) > 1)}")
        return EXIT_UNUSABLE
    say(f"{file or rules.name}: no faults, digest {rules.digest}")
    return EXIT_DONE
