"""The acts of `kolmisla policy`, and their options."""

from collections.abc import Callable
from typing import Any

from kolmisla.cli.parsing import texts
from kolmisla.policies.plan import METRICS

__all__ = ["POLICY_ACTS", "Adds"]

Adds = Callable[..., Any]  # the type of add_argument


def _file(add: Adds) -> None:
    text = "policy, a TOML or JSON file (default: $KOLMISLA_POLICY, or Kolmisoft's)"
    add("file", nargs="?", metavar="FILE", help=text)


def _worst(add: Adds) -> None:
    add(
        "--years", type=texts.years, metavar="YEARS", help="years of opening, such as 2026 or 2026-2030 (default: five)"
    )
    text = "count the working days on which a wait may be longer than this real time, such as P2D or PT4H30M"
    add("--longer-than", type=texts.real_time, metavar="DURATION", help=text)
    add("--metric", choices=METRICS, help="metric (default: all that are promised)")
    add("--plan", help="plan (default: all)")
    add("--priority", help="priority (default: all)")
    add("--json", action="store_true", help="print JSON")


def _show(add: Adds) -> None:
    text = "list the days of this year whose hours differ: holidays, half days, eves, exceptions, seasons"
    add("--year", type=texts.year, metavar="YEAR", help=text)


def _check(add: Adds) -> None:
    add("--strict", action="store_true", help="let notes count as faults: exit status 2")
    add("--json", action="store_true", help="print JSON: the faults, the notes and the digest")


POLICY_ACTS: dict[str, tuple[str, tuple[Callable[[Adds], None], ...]]] = {
    "show": ("print a policy as text", (_file, _show)),
    "check": ("list the faults of a policy, and notes on what may be meant otherwise", (_file, _check)),
    "worst": ("print the longest wait that each promise can mean", (_file, _worst)),
    "schema": ("print the JSON Schema of policies", ()),
}
