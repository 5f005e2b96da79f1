"""Answers of a report that have several fields."""

from datetime import timedelta
from typing import NamedTuple

__all__ = ["Average", "ClosedHour", "Opened", "Rejected"]


class Average(NamedTuple):
    """The mean response to the tickets of a plan, in working time, and the plan's aim.

    The mean is over the `n` tickets that were answered. If there are none, `mean` and `met` are None.
    """

    plan: str
    mean: timedelta | None
    aim: timedelta
    met: bool | None
    n: int
    apart: tuple[str, ...]  # texts: how many tickets are not in the mean, and why


class Opened(NamedTuple):
    """The cycles with a promise that began at one kind of time, such as a holiday: their number, and their states."""

    tickets: int
    met: int
    breached: int


class Rejected(NamedTuple):
    """How many rows were rejected for one kind of reason, and one of the reasons."""

    rows: int
    such_as: str


class ClosedHour(NamedTuple):
    """An hour of the week, and the breached cycles that began in its closed time.

    `weekday` is 0 for Monday. `hour` is local. `wait` is the sum of the calendar time in which these cycles waited for
    the next opening.
    """

    weekday: int
    hour: int
    breached: int
    wait: timedelta
