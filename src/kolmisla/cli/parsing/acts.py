"""The acts of `kolmisla policy`, such as check and diff, and their options."""

from collections.abc import Callable

from kolmisla.cli.parsing import texts
from kolmisla.cli.parsing.ticket_files import Adds, ticket_options
from kolmisla.policies.terms.metrics import FIRST_RESPONSE, METRICS

__all__ = ["POLICY_ACTS"]


def _file(add: Adds) -> None:
    text = "policy, a TOML or JSON file (default: $KOLMISLA_POLICY, or Kolmisoft's)"
    add("file", nargs="?", metavar="FILE", help=text)


def _worst(add: Adds) -> None:
    add(
        "--years",
        type=texts.years,
        metavar="YEARS",
        help="years of opening, such as 2026 or 2026-2030 (default: five, from now)",
    )
    text = "count the working days on which a ticket may wait longer than this real time, such as P2D or PT4H30M"
    add("--longer-than", type=texts.real_time, metavar="DURATION", help=text)
    text = f"metric, one of {', '.join(METRICS)} or of the policy's own (default: all that are promised)"
    add("--metric", metavar="METRIC", help=text)
    add("--plan", help="plan (default: all)")
    add("--priority", help="priority (default: all)")
    add("--json", action="store_true", help="print JSON")


def _show(add: Adds) -> None:
    text = "list the days of this year whose hours differ: holidays, half days, eves, exceptions, seasons"
    add("--year", type=texts.year, metavar="YEAR", help=text)


def _check(add: Adds) -> None:
    add("--strict", action="store_true", help="let notes count as faults: exit status 2")
    add("--json", action="store_true", help="print JSON: the faults, the notes and the digest")


def _freeze(add: Adds) -> None:
    out = "file for the frozen policy, of the same format (default: standard output)"
    add("-o", "--out", default="-", metavar="FROZEN", type=texts.output, help=out)
    text = "years whose dates are written, such as 2020-2035 (default: the known years of 2020 to 2040)"
    add("--years", type=texts.years, metavar="YEARS", help=text)


def _diff(add: Adds) -> None:
    add("old", metavar="OLD", help="the old policy: a TOML or JSON file, or a fingerprint")
    add("new", metavar="NEW", help="the new policy: a TOML or JSON file")
    text = "years in which dates and answers are compared, such as 2020-2035 (default: 2020-2040)"
    add("--years", type=texts.years, default=range(2020, 2041), metavar="YEARS", help=text)
    ticket_options(add, optional=True)
    add("--metric", metavar="METRIC", default=FIRST_RESPONSE, help="metric of the deadlines (default: %(default)s)")
    add("--timezone", type=texts.zone, metavar="ZONE", help="zone of times without an offset (default: the policy's)")
    text = "how to read a time that DST skips or repeats (default: an error)"
    add("--ambiguous", choices=("earlier", "later"), help=text)
    add("--at", metavar="NOW", help="instant at which tickets are judged, ISO 8601 (default: the current time)")
    add("--json", action="store_true", help="print JSON, with everything that differs")


POLICY_ACTS: dict[str, tuple[str, tuple[Callable[[Adds], None], ...]]] = {
    "show": ("print a policy as text", (_file, _show)),
    "check": ("list the faults of a policy, and notes on rules that may be unintended", (_file, _check)),
    "worst": ("print the longest wait that each promise allows", (_file, _worst)),
    "freeze": ("replace a country's holidays in a policy with their dates", (_file, _freeze)),
    "diff": ("list what differs between two policies: rules, dates, and the deadlines of tickets", (_diff,)),
    "schema": ("print the JSON Schema of policies", ()),
}
