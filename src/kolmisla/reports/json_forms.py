"""The forms in JSON of the days of a calendar and of the longest waits, for type checkers.

Instants and dates are text in ISO 8601. The value of a key that ends in `_s` is a duration in seconds: an int for whole
seconds, else a float.
"""

from typing import TypedDict

__all__ = ["CalendarDayDict", "OpenSpanDict", "WorstWaitDict"]


class OpenSpanDict(TypedDict):
    """A span of time in which a schedule is open."""

    opens_at: str
    closes_at: str


class CalendarDayDict(TypedDict):
    """A CalendarDay, as its `to_dict` returns it."""

    date: str
    hours: list[OpenSpanDict]
    open_s: int | float | None  # None for a date that is not known
    usual: str
    differs: bool
    reason: str | None
    known: bool


class WorstWaitDict(TypedDict):
    """A WorstWait, as its `to_dict` returns it."""

    plan: str
    priority: str
    owner: str | None  # None for tickets without an owner, and for owners that have no separate result
    metric: str
    schedule: str
    target_s: int | float | None  # None for a target in days
    promised: str
    first: str
    last: str
    wait_s: int | float | None  # None if no wait is known
    opened_at: str | None
    breaches_after: str | None
    working_days: int
    longer_than_s: int | float | None
    longer_days: int | None
    unknown_days: int
    known: str
