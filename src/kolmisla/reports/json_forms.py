"""The keys of two dicts for JSON: a day of a calendar, and the longest wait of a promise.

Type checkers use them. The value of a key that ends in `_s` is in seconds: an int if whole, else a float.
"""

from typing import TypedDict

__all__ = ["CalendarDayDict", "OpenSpanDict", "WorstWaitDict"]


class OpenSpanDict(TypedDict):
    """A span of time in which a schedule is open."""

    opens_at: str
    closes_at: str


class CalendarDayDict(TypedDict):
    """The dict that `CalendarDay.to_dict` returns: a date with its open hours and its usual hours."""

    date: str
    hours: list[OpenSpanDict]
    open_s: int | float | None  # None for a date that the schedule does not know
    usual: str
    differs: bool
    reason: str | None
    known: bool


class WorstWaitDict(TypedDict):
    """The dict that `WorstWait.to_dict` returns: the longest wait that one promise of a policy allows."""

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
