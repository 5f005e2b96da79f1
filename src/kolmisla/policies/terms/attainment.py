"""Promised shares: how many of a plan's tickets must be met in each period, and the credit if fewer are met.

This file does not count tickets; reports do.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any, Literal

from kolmisla.documents.decimals import PERCENT, Percent, percent_text
from kolmisla.documents.model import Model, field, record
from kolmisla.documents.names import folded
from kolmisla.documents.values import NAME, InvalidError, Kind, list_of, one_of, optional
from kolmisla.errors import Fault, choices, shown

__all__ = ["ATTAINMENTS", "CREDITS", "Attainment", "Credit", "Per", "attainment_faults"]

Per = Literal["day", "week", "month", "quarter", "year", "all"]


def _share(value: Any) -> Percent:
    share = PERCENT.read(value)
    if not share:
        raise ValueError("must be more than 0 %")
    return share


_SHARE: Kind[Percent] = Kind(_share, PERCENT.schema)


class Credit(Model):
    """One step of the credits for a missed share: which part of the price is given back.

    The step applies if the share of tickets met is less than `below`. Both `credit` and `below` are text such as
    `95 %`, or a Decimal such as 0.95.

    >>> Credit(below="95 %", credit="5 %").credit
    Decimal('0.05')
    """

    below: Decimal = field(_SHARE)
    credit: Decimal = field(_SHARE)


_STEPS = list_of(record(Credit))


def _credits(value: Any) -> tuple[Credit, ...]:
    """Read the steps of credits. Return them sorted by `below`, the highest first.

    Raise InvalidError if two steps have the same `below`, or if a step with a lower `below` does not give more credit.
    """
    steps = _STEPS.read(value)
    ordered = sorted(enumerate(steps), key=lambda numbered: numbered[1].below, reverse=True)
    faults = []
    for (_, higher), (place, lower) in pairwise(ordered):
        if lower.below == higher.below:
            faults.append(
                Fault((place, "below"), f"must differ in each step, but {percent_text(lower.below)} is given twice")
            )
        elif lower.credit <= higher.credit:
            least = f"the {percent_text(higher.credit)} below {percent_text(higher.below)}"
            faults.append(Fault((place, "credit"), f"must be more than {least}, not {percent_text(lower.credit)}"))
    if faults:
        raise InvalidError(faults, [])
    return tuple(step for _, step in ordered)


CREDITS: Kind[tuple[Credit, ...]] = Kind(_credits, _STEPS.schema)


class Attainment(Model):
    """A promised share: in each period, at least `share` of a plan's judged tickets must be met.

    `of` is the metric. `per` is the period: a day, week, month, quarter or year in the policy's zone, or `all` for the
    whole time. `credits` are the steps by which a part of the price is given back if the share is missed. A step
    applies if the share of tickets met is less than its `below`. If several steps apply, the step with the greatest
    credit counts. `cap` is the highest credit for one period. If `credits` or `cap` is left out, the plan's `credits`
    or `cap` holds.

    >>> steps = [{"below": "95 %", "credit": "5 %"}, {"below": "90 %", "credit": "20 %"}]
    >>> promise = Attainment(share="95 %", of="First response", credits=steps, cap="15 %")
    >>> promise.of, promise.per, promise.share
    ('first-response', 'month', Decimal('0.95'))
    >>> [str(promise.credit_for(met, 10_000)) for met in (9_500, 9_499, 8_999)]
    ['0', '0.05', '0.15']
    """

    share: Decimal = field(_SHARE)
    of: str = field(Kind(lambda value: folded(NAME.read(value)), NAME.schema))
    per: Per = field(one_of(Per), default="month")
    credits: tuple[Credit, ...] = field(CREDITS, default=())
    cap: Decimal | None = field(optional(PERCENT), default=None)

    def is_kept(self, met: int, judged: int) -> bool:
        """Return whether `met` tickets are at least the promised share of all `judged` tickets.

        The comparison is exact.
        """
        return not _is_below(met, judged, self.share)

    def step(self, met: int, judged: int) -> Credit | None:
        """Return the step of credits that applies if `met` of `judged` tickets are met.

        If several steps apply, return the step with the greatest credit. Return None if no step applies.
        """
        return next((step for step in reversed(self.credits) if _is_below(met, judged, step.below)), None)

    def credit_for(self, met: int, judged: int) -> Decimal:
        """Return the part of the price to give back if `met` of `judged` tickets are met.

        Return 0 if no step of credits applies. If there is a cap, the part is never more than the cap.
        """
        step = self.step(met, judged)
        if step is None:
            return Decimal(0)
        return step.credit if self.cap is None else min(step.credit, self.cap)

    def completed(self, steps: tuple[Credit, ...], cap: Decimal | None) -> "Attainment":
        """Return a copy with the plan's `steps` if this share has no credits, and the plan's `cap` if it has no cap."""
        own_cap = cap if self.cap is None else self.cap
        return self.replace(credits=self.credits or steps, cap=own_cap)

    def _check(self) -> None:
        if faults := _beyond(self.credits, self.share, ("credits",)):
            raise InvalidError(faults, [])

    def __str__(self) -> str:
        per = "over the whole time" if self.per == "all" else f"per {self.per}"
        terms = [f"{percent_text(step.credit)} credit below {percent_text(step.below)}" for step in self.credits]
        if terms and self.cap is not None:
            terms.append(f"at most {percent_text(self.cap)}")
        return "; ".join([f"{percent_text(self.share)} of {self.of} {per}", *[", ".join(terms)] * bool(terms)])


def _is_below(met: int, judged: int, share: Decimal) -> bool:
    part, whole = share.as_integer_ratio()
    return met * whole < part * judged


def _beyond(steps: Sequence[Credit], share: Decimal, place: tuple[str | int, ...]) -> list[Fault]:
    """Return a list with a fault if a step of credits would apply although the promised share is kept, else []."""
    if not steps or steps[0].below <= share:
        return []
    below, kept = percent_text(steps[0].below), percent_text(share)
    return [Fault(place, f"must have no step with below = {below}, which is more than the promised share of {kept}")]


_ONE = record(Attainment)
_MANY = list_of(_ONE)


def _attainments(value: Any) -> tuple[Attainment, ...]:
    if isinstance(value, (Attainment, Mapping)):
        return (_ONE.read(value),)
    if isinstance(value, (list, tuple)):
        return _MANY.read(value)
    form = 'a table such as { share = "95 %", of = "resolution" }, or a list of them'
    raise ValueError(f"must be {form}, not {shown(value)}")


ATTAINMENTS: Kind[tuple[Attainment, ...]] = Kind(_attainments, {"anyOf": [_ONE.schema, _MANY.schema]})


def attainment_faults(
    promised: Sequence[Attainment], steps: tuple[Credit, ...], cap: Decimal | None, metrics: Iterable[str]
) -> list[Fault]:
    """Return the faults of a plan's promised shares.

    `steps` and `cap` are the plan's own credits and cap. `metrics` are the metrics for which the plan has targets.
    """
    known, faults, first = [*metrics], [], set()
    for number, promise in enumerate(promised):
        place = ("attain", number) if len(promised) > 1 else ("attain",)
        if promise.of not in known:
            valid = f": {choices(known)}"
            faults.append(Fault((*place, "of"), f"{shown(promise.of)} is not a metric with a target{valid}", valid))
        if (promise.of, promise.per) in first:
            faults.append(Fault(place, f"must promise one share of {promise.of} per {promise.per}, not two"))
        first.add((promise.of, promise.per))
        if not promise.credits:
            faults += _beyond(steps, promise.share, ("credits",))
            if promise.cap is not None and not steps:
                faults.append(Fault((*place, "cap"), "must be left out, because there are no credits to limit"))
    for name, given, unused in (
        ("credits", steps, all(promise.credits for promise in promised)),
        ("cap", cap is not None, all(promise.cap is not None for promise in promised)),
    ):
        if given and not promised:
            faults.append(Fault((name,), 'needs a promised share: attain = { share = "95 %", of = "resolution" }'))
        elif given and unused:
            faults.append(Fault((name,), f"must be left out, because each promised share has its own {name}"))
    if promised and cap is not None and not steps and not any(promise.credits for promise in promised):
        faults.append(Fault(("cap",), "must be left out, because there are no credits to limit"))
    return faults
