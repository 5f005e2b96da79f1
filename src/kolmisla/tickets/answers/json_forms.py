"""The dicts, ready for JSON, that `to_dict` returns for each answer about a ticket.

Instants are ISO 8601 text in the policy's zone. A key that ends in `_s` has a duration in seconds: an int for whole
seconds, else a float.
"""

from datetime import datetime
from typing import Literal, NotRequired, TypedDict

from kolmisla.tickets.cycles.cycle_clock import DeadlineState

__all__ = [
    "BreakdownDict",
    "CycleDict",
    "DeadlineDict",
    "ExplanationDict",
    "QueueEntryDict",
    "StatusDict",
    "StepDict",
    "iso_text",
]


def iso_text(at: datetime | None) -> str | None:
    """Return an instant as ISO 8601 text. Return None for None."""
    return None if at is None else at.isoformat()


class StatusDict(TypedDict):
    """The dict that `Status.to_dict` returns."""

    state: DeadlineState
    elapsed_s: int | float
    remaining_s: int | float  # negative when the target is exceeded


class DeadlineDict(TypedDict):
    """The dict that `Deadline.to_dict` returns."""

    due_at: str | None
    breaches_after: str | None
    target_s: int | float
    schedule: str  # the schedule's name
    plan: str  # plan and priority have the spelling of the policy
    priority: str
    channel: str
    version: str | None
    timezone: str  # the zone of the instants
    original_due_at: NotRequired[str | None]  # only if the deadline was agreed or extended
    waived: NotRequired[str]  # the reason for which the verdict does not count


class CycleDict(TypedDict):
    """The dict that `Cycle.to_dict` returns.

    When nothing is promised for the cycle, the dict has only the first five keys, and perhaps `waived`.
    """

    metric: str
    cycle: int  # the number of the cycle; the first is 1
    started_at: str
    ended_at: str | None  # None while the cycle runs
    due_at: str | None
    breaches_after: NotRequired[str | None]
    target_s: NotRequired[int | float]
    schedule: NotRequired[str]
    plan: NotRequired[str]
    priority: NotRequired[str]
    channel: NotRequired[str]
    version: NotRequired[str | None]
    timezone: NotRequired[str]
    original_due_at: NotRequired[str | None]
    waived: NotRequired[str]  # the reason for which the verdict does not count


class ShareDict(TypedDict):
    """A part of the cycle, in the dict that `Breakdown.to_dict` returns."""

    name: str | None  # None for no owner, and for no pause
    elapsed_s: int | float
    paused_s: int | float  # open time in which a pause stopped the clock


class BreakdownDict(TypedDict):
    """The dict that `Breakdown.to_dict` returns."""

    elapsed_s: int | float
    ran_out: str | None
    shares: list[ShareDict]


class StepDict(TypedDict):
    """A step, in the dict that `Explanation.to_dict` returns."""

    start: str
    end: str | None  # None when the stretch goes on with no known end
    counted_s: int | float
    total_s: int | float  # the time counted from the start of the cycle to the end of the stretch
    why: str


class ExplanationDict(TypedDict):
    """The dict that `Explanation.to_dict` returns."""

    elapsed_s: int | float
    target_s: int | float | None
    due_at: str | None
    breaches_after: str | None
    cause: str | None  # None when the promised target made the ticket due
    unknown: str | None  # None when due_at and breaches_after are known
    steps: list[StepDict]


class QueueEntryDict(TypedDict):
    """The dict that `QueueEntry.to_dict` returns.

    When nothing is promised, `reason` says why, and the durations are None.
    """

    id: str | int | None
    priority: str  # the priority in force
    plan: str | None
    metric: str
    cycle: int  # the number of the cycle that waits
    opened_at: str
    due_at: str | None
    breaches_after: str | None
    state: DeadlineState | Literal["not-covered"]
    elapsed_s: int | float | None
    remaining_s: int | float | None
    reason: str | None
