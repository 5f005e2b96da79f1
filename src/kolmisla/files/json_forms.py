"""The forms in JSON of what measuring a file gives: the counts, and the values that are added to each row.

A key that ends in `_s` has seconds: an int for whole seconds, else a float.
"""

from typing import Any, Literal, NotRequired, TypedDict

from kolmisla.tickets.cycles.cycle_clock import DeadlineState

__all__ = ["CyclesDict", "MeasuredDict", "ReasonDict", "ResponsesDict", "SummaryDict", "VerdictsDict"]


class ReasonDict(TypedDict):
    """How many rows were rejected for one kind of reason, and the first of these reasons."""

    number: int
    first: str  # the reason of the first of these rows


class VerdictsDict(TypedDict):
    """How many cycles with one plan and one priority met their target, and how many breached it."""

    plan: str
    priority: str
    met: int
    breached: int


class CyclesDict(TypedDict):
    """How many cycles of a metric have ended, were waived, and met or breached their target."""

    ended: int
    untold: bool  # whether the file has nothing that may end a cycle
    waivers: NotRequired[dict[str, int]]  # the waived cycles by their reason, only if there are any
    verdicts: list[VerdictsDict]


class ResponsesDict(TypedDict):
    """The counts of the first responses that count for one aim of a plan, and their mean time."""

    plan: str
    answered: int  # only these are in the mean
    unanswered: int  # resolved without an answer
    at_opening: int  # answered at the very instant of the opening
    beyond: int  # answered in years whose working hours are unknown
    mean_s: int | float | None
    aim_s: int | float


class SummaryDict(TypedDict):
    """All counts of a run, as `Summary.to_dict` returns them."""

    rows: int
    rejected: int
    reasons: list[ReasonDict]
    metrics: dict[
        str, dict[str, Any]
    ]  # for each metric, the keys of CyclesDict, and the number of cycles in each state
    responses: list[ResponsesDict]  # for each plan with an aim; several if editions change the aim
    sentences: list[str]  # for each metric of which no cycle has ended: why
    partial: list[str]  # sentences about files that seem to be one page of several
    unmatched: int  # ends of pauses that changed nothing
    unnamed_fields: dict[str, int]  # the empty name stands for all fields after the first 1,000
    moved: int  # events shortly before the opening, which count as events at the opening
    first_resolutions_missing: int  # tickets that were reopened after a resolution that the file does not have
    asked_while_paused: int  # tickets with a question in a pause that went on
    strays: list[str]  # sentences about events without a ticket


class MeasuredDict(TypedDict):
    """The values that are added to a row of JSON. In the row, each name begins with the prefix that the user chose."""

    metric: NotRequired[str]  # the metric, cycle and started_at only with a list of metrics
    cycle: NotRequired[int | None]
    started_at: NotRequired[str | None]
    due_at: str | None
    breaches_after: str | None
    elapsed_s: int | float | None
    target_s: int | float | None
    state: DeadlineState | Literal["not-covered", "undecided"]
    reason: str | None
    ended_at: str | None
    response_s: int | float | None
    elapsed_least_s: NotRequired[int | float | None]  # these two only if times are not known exactly
    elapsed_most_s: NotRequired[int | float | None]
