"""Targets in days, such as the next working day by 16:00, as amounts of time.

The amount is the time that the clock would count, without pauses, from its start to the instant that the target names.
"""

from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kolmisla.names import LOADING
from kolmisla.policies.plan import Promise
from kolmisla.policies.policy import Policy
from kolmisla.policies.terms.targets import Target
from kolmisla.schedules.clock import Pieces
from kolmisla.schedules.schedule import Schedule

if TYPE_CHECKING:
    from kolmisla.schedules.naming.named_amounts import NamedAmounts

__all__ = ["PromiseFrom", "amount_from", "as_amounts", "sole_amount", "turns_of"]

PromiseFrom = tuple[int, Promise]  # the instant from which a promise is in force, and that promise

WITHIN_AT = Promise._fields.index("within")  # `within` and `named_from` are the last two fields
MOST_PROMISES = 256  # the most promises whose amounts a policy remembers


def as_amounts(steps: tuple[PromiseFrom, ...]) -> tuple[PromiseFrom, ...]:
    """Return the steps of a cycle, with targets in days turned into amounts of time.

    The amount for a step does not depend on later steps. Raise HorizonError if a schedule does not know a named
    instant.
    """
    start, _ = steps[0]
    return tuple(
        (at, _with_amount(promise, amount_from(start, steps[: number + 1]), start))
        if promise.is_unnamed
        else (at, promise)
        for number, (at, promise) in enumerate(steps)
    )


def amount_from(start: int, steps: tuple[PromiseFrom, ...]) -> int:
    """Return a target in days as an amount: the time that counts from `start` to the instant that the target names.

    The target is that of the last of the `steps`. The schedules of all steps say which time counts.
    """
    instant = _amounts(steps[-1][1]).naming.instant(start)
    timelines = [step.schedule.timeline for _, step in steps]
    clock = timelines[0] if len(steps) == 1 else Pieces([at for at, _ in steps], timelines)
    return clock.elapsed(start, instant)


def sole_amount(policy: Policy, promise: Promise, start: int) -> tuple[Promise, int, int]:
    """Return a promise with its target as an amount, and the earliest and latest instant at which it is counted.

    The target must be in days. The cycle begins at `start`, and has no pauses. Raise HorizonError if an instant is not
    known.
    """
    kept = policy.__dict__.get("_amounts", {}).get(id(promise))
    amounts = _amounts_in(policy, promise) if kept is None else kept[1]
    amount, due, last = amounts.of(start)
    return _with_amount(promise, amount, start), due, last


def turns_of(promise: Promise, first: int, last: int) -> list[int]:
    """Return those possible starts of a cycle for which a target in days may become the least or greatest amount.

    The start may be any instant from `first` to `last`. The answer always has `first` and `last`.
    """
    turns = _amounts(promise).naming.turns(first, last)
    return sorted({first, last, *turns, *(at - 1 for at in turns if at > first)})


def _with_amount(promise: Promise, amount: int, start: int) -> Promise:
    """Return a promise with `amount` in place of its target in days. The amount is counted from `start`."""
    return tuple.__new__(Promise, (*promise[:WITHIN_AT], amount, start))  # `_replace` takes five times as long


def _amounts_in(policy: Policy, promise: Promise) -> "NamedAmounts":
    """Return an object that tells which amount of time a target in days becomes, for any start of a cycle."""
    memo: dict[int, tuple[Promise, NamedAmounts]] = policy.__dict__.setdefault("_amounts", {})
    if len(memo) >= MOST_PROMISES:
        memo.clear()
    amounts = _amounts(promise)
    memo[id(promise)] = promise, amounts  # while the promise is kept, no other promise gets its id
    return amounts


def _amounts(promise: Promise) -> "NamedAmounts":
    return _amounts_by(promise.target, promise.schedule, promise.zone)


@lru_cache(maxsize=256)
def _amounts_by(target: Target | None, schedule: Schedule, zone: ZoneInfo) -> "NamedAmounts":
    with LOADING:  # most policies name no instants
        from kolmisla.policies.terms.named_targets import named_by
        from kolmisla.schedules.naming.named_amounts import NamedAmounts
        from kolmisla.schedules.naming.named_instant import naming_of
    return NamedAmounts(naming_of(named_by(target), schedule, zone), schedule.timeline)
