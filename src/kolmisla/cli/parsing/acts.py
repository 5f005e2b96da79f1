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


POLICY_ACTS: dict[str, tuple[str, tuple[Callable[[Adds], None], ...]]] = {
    "show": ("print a policy as text", (_file,)),
    "check": ("list the faults of a policy", (_file,)),
    "worst": ("print the longest wait that each promise can mean", (_file, _worst)),
    "schema": ("print the JSON Schema of policies", ()),
}
