"""Records that a report's answers consist of, such as the mean response of a plan."""

from datetime import timedelta
from typing import NamedTuple

from kolmisla.files.responses import PlanAim, Responses
from kolmisla.times.instants import duration

__all__ = ["Average", "ClosedHour", "Opened", "Rejected"]


class Average(NamedTuple):
    """The mean response to the tickets of a plan, in working time, and the plan's aim.

    The mean is over `n` tickets. `apart` says how many other tickets are left out, and why. If `n` is 0, `mean` and
    `met` are None.
    """

    plan: str
    mean: timedelta | None
    aim: timedelta
    met: bool | None
    n: int
    apart: tuple[str, ...]

    @classmethod
    def of(cls, plan_aim: PlanAim, told: Responses) -> "Average":
        """Return the mean response of a plan beside its aim. `told` has the responses and their whole time."""
        plan, aim = plan_aim
        mean = None if told.mean is None else duration(told.mean)
        return cls(plan, mean, duration(aim), told.met(aim), told.answered, tuple(told.apart()))


class Opened(NamedTuple):
    """How many cycles with a promise began at one kind of time, such as on holidays.

    `met` and `breached` say how many of these cycles are met and breached.
    """

    tickets: int
    met: int
    breached: int


class Rejected(NamedTuple):
    """How many rows were rejected for one kind of reason, and one of the reasons."""

    rows: int
    such_as: str


class ClosedHour(NamedTuple):
    """How many breached cycles began in one hour of the week while the schedule was closed.

    `weekday` is 0 for Monday. `hour` is the local hour. `wait` is the sum of the calendar times until the schedule
    opened.
    """

    weekday: int
    hour: int
    breached: int
    wait: timedelta
