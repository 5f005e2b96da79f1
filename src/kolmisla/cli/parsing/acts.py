"""The acts of `kolmisla policy`, and their options."""

from collections.abc import Callable
from typing import Any

__all__ = ["POLICY_ACTS", "Adds"]

Adds = Callable[..., Any]  # the type of add_argument


def _file(add: Adds) -> None:
    text = "policy, a TOML or JSON file (default: $KOLMISLA_POLICY, or Kolmisoft's)"
    add("file", nargs="?", metavar="FILE", help=text)


POLICY_ACTS: dict[str, tuple[str, tuple[Callable[[Adds], None], ...]]] = {
    "show": ("print a policy as text", (_file,)),
    "check": ("list the faults of a policy", (_file,)),
    "schema": ("print the JSON Schema of policies", ()),
}
