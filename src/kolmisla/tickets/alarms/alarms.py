"""The alarms of one cycle.

An alarm is a part of the target, such as 75 percent, and the instant at which that part is used up.
"""

from datetime import datetime
from functools import partial
from typing import TypedDict

from kolmisla.documents.for_pydantic import Answer
from kolmisla.policies.terms.warnings import Threshold, amount_at, levels
from kolmisla.tickets.cycles.cycle_clock import CycleClock
from kolmisla.times.instants import instants_in

__all__ = ["Alarm", "AlarmDict", "alarms_of"]


class AlarmDict(TypedDict):
    """The dict that `Alarm.to_dict` returns."""

    threshold: Threshold
    at: str | None  # None for an unknown instant


class Alarm(Answer):
    """A threshold, such as 75 percent of a target, and the instant at which the ticket crosses it.

    A later event of the ticket may change the instant.
    """

    __slots__ = ("threshold", "at")  # noqa: RUF023  # in the order of the constructor

    threshold: Threshold
    """The warning of the policy: a percentage such as 75, or text such as `PT30M left` or `PT1H over`."""
    at: datetime | None
    """The instant at which the threshold is crossed, in the policy's zone, or None for an unknown instant."""

    def to_dict(self) -> AlarmDict:
        """Return a dict ready for JSON, with the keys threshold and at."""
        return {"threshold": self.threshold, "at": None if self.at is None else self.at.isoformat()}


def alarms_of(cycle_clock: CycleClock) -> tuple[Alarm, ...]:
    """Return the alarms of a cycle that has a target, in order of time. Alarms at unknown instants come last."""
    promise = cycle_clock.promise
    assert promise.within is not None
    listed = [warning for _, warning in levels(promise.warnings, promise.within)]
    reached = [(cycle_clock.reached(partial(amount_at, warning)), warning) for warning in listed]
    known = sorted([(at, warning) for at, warning in reached if at is not None], key=lambda pair: pair[0])
    instant = instants_in(promise.zone)
    return (
        *(Alarm(warning, instant(at)) for at, warning in known),
        *(Alarm(warning, None) for at, warning in reached if at is None),
    )
