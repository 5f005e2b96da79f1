"""Kolmisoft's published support page as a policy: `kolmisoft.toml`, beside this file.

docs/decisions.md lists the questions that the page leaves open. This policy is the default of every `policy` parameter.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from kolmisla.documents.names import folded
from kolmisla.documents.remembered import late_field
from kolmisla.errors import Fault, shown
from kolmisla.generated.kolmisoft import DOCUMENT
from kolmisla.names import LOADING
from kolmisla.policies.policy import Policy
from kolmisla.policies.terms.metrics import METRICS
from kolmisla.policies.terms.named_schedules import with_lines_apart

__all__ = ["KOLMISOFT", "check_policy"]


class _Consistent(Policy):
    """A policy whose parts are not checked against each other. This makes the command `kolmisla due` a tenth faster.

    A test reads the document with all checks.
    """

    @classmethod
    def _contradictions(cls, data: Mapping[str, Any]) -> Iterable[Fault]:  # noqa: ARG003
        return ()


_Consistent.__name__ = Policy.__name__  # which messages show
LATE = ("coverage", "rates", "work", "examples")  # fields that are read when they are first used, not at every start

KOLMISOFT: Policy = _Consistent(**with_lines_apart({name: part for name, part in DOCUMENT.items() if name not in LATE}))
"""Kolmisoft's policy, with the plans ENTERPRISE and PREMIUM.

Time counts in Lithuanian working hours. For the priority BLOCKER, time counts round the clock.
"""

object.__setattr__(KOLMISOFT, "__class__", Policy)


def _read(name: str) -> Any:
    if name in DOCUMENT:
        return Policy.fields[name].kind.read(DOCUMENT[name])
    with LOADING:
        from kolmisla.generated.kolmisoft_examples import KOLMISOFT_EXAMPLES
    return Policy.fields[name].kind.read(KOLMISOFT_EXAMPLES)


for _name in LATE:
    setattr(Policy, _name, late_field(getattr(Policy, _name)))
    object.__setattr__(KOLMISOFT, _name, partial(_read, _name))


def check_policy(given: object) -> None:
    """Raise TypeError unless the value is a Policy. For text, the message suggests what to type."""
    if isinstance(given, Policy):
        return
    hint = "; a Policy comes from Policy.load(path) or Policy.from_dict(table)"
    if isinstance(given, str):
        metric = folded(given)
        hint = (
            f"; did you mean metric={metric!r}?"
            if metric in METRICS
            else f"; did you mean Policy.load({shown(given)})?"
        )
    raise TypeError(f"policy must be a Policy, not {shown(given)}{hint}")
