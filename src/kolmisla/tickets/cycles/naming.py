"""Targets in days, such as the next working day by 16:00, as amounts of time.

Such a target names an instant. The instant is found once, on the schedule of the target, from the instant at which the
cycle begins to count. The amount is the time that the clock of the cycle would count up to the named instant if it had
no pauses. From then on, the amount is a target like any other.
"""

from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kolmisla import LOADING
from kolmisla.policies.plan import Promise
from kolmisla.policies.terms.targets import Target
from kolmisla.schedules.clock import Pieces
from kolmisla.schedules.schedule import Schedule

if TYPE_CHECKING:
    from kolmisla.schedules.naming.named_instant import InstantNaming

__all__ = ["PromiseFrom", "amount_from", "as_amounts", "turns_of"]

PromiseFrom = tuple[int, Promise]  # the instant from which a promise is in force, and that promise


def as_amounts(steps: tuple[PromiseFrom, ...]) -> tuple[PromiseFrom, ...]:
    """Return the steps of a cycle, in which targets in days have become amounts of time.

    The cycle counts from the first step. The amount of a step depends on this step and on earlier steps, but not on
    later ones. Raise HorizonError if a named instant lies in years that a schedule does not know.
    """
    start, _ = steps[0]
    return tuple(
        (at, promise._replace(within=amount_from(start, steps[: number + 1]), named_from=start))
        if promise.is_unnamed
        else (at, promise)
        for number, (at, promise) in enumerate(steps)
    )


def amount_from(start: int, steps: tuple[PromiseFrom, ...]) -> int:
    """Return the amount that the target of the last step becomes in a clock that counts from `start`."""
    instant = _naming(steps[-1][1]).instant(start)
    timelines = [step.schedule.timeline for _, step in steps]
    clock = timelines[0] if len(steps) == 1 else Pieces([at for at, _ in steps], timelines)
    return clock.elapsed(start, instant)


def turns_of(promise: Promise, first: int, last: int) -> list[int]:
    """Return the starts from `first` to `last` at which the amount of a target in days may be least or greatest."""
    turns = [course.since for course in _naming(promise).courses(first, last)]
    return sorted({first, last, *turns, *(at - 1 for at in turns if at > first)})


def _naming(promise: Promise) -> "InstantNaming":
    return _naming_by(promise.target, promise.schedule, promise.zone)


@lru_cache(maxsize=256)
def _naming_by(target: Target | None, schedule: Schedule, zone: ZoneInfo) -> "InstantNaming":
    with LOADING:  # most policies name no instants
        from kolmisla.policies.terms.named_targets import named_by
        from kolmisla.schedules.naming.named_instant import naming_of
    return naming_of(named_by(target), schedule, zone)
