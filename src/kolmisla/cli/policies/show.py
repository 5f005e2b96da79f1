"""`kolmisla policy show`: print a policy as text, or the days of a year that have unusual hours."""

import argparse

from kolmisla.cli.policies.act import policy_in
from kolmisla.cli.terminal import EXIT_DONE, say
from kolmisla.policies.description import described

__all__ = ["run_show"]


def run_show(options: argparse.Namespace) -> int:
    """Print a policy as text. With `--year`, list the days of that year whose hours are not the usual ones."""
    policy = policy_in(options)
    if options.year is None:
        lines = described(policy)
    else:
        from kolmisla.reports.calendars.year import listed_year

        lines = listed_year(policy, options.year)
    for line in lines:
        say(line)
    return EXIT_DONE
