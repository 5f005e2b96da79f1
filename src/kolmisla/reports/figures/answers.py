"""The answers of a report that are more than a number."""

from datetime import timedelta
from typing import NamedTuple

__all__ = ["Average", "ClosedHour", "Opened", "Rejected"]


class Average(NamedTuple):
    """The mean response to the tickets of a plan, in working time, and the plan's aim.

    The mean is of the `n` tickets that were answered. It is None without them, and so is `met`.
    """

    plan: str
    mean: timedelta | None
    aim: timedelta
    met: bool | None
    n: int
    apart: tuple[str, ...]  # what is not in the mean, each with its number


class Opened(NamedTuple):
    """How many cycles with a promise began at such a time, and how many of them were met or breached."""

    tickets: int
    met: int
    breached: int


class Rejected(NamedTuple):
    """How many rows were rejected for one kind of reason, and one of the reasons."""

    rows: int
    such_as: str


class ClosedHour(NamedTuple):
    """An hour of the week, and the breached cycles that began in its closed time.

    `weekday` is 0 for Monday. `hour` is local. `wait` is how long the cycles waited for the next opening together, in
    calendar time.
    """

    weekday: int
    hour: int
    breached: int
    wait: timedelta
