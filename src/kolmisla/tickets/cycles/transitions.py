"""The table of transitions: what every event of a ticket does to the cycles of a metric.

A metric is in one of a few states. An event of a ticket has one of a few roles for a metric. For each state and each
role, the table has the state after the event and what the event does to the cycle. One ticket steps through the table
event by event; arrays do so for many tickets at once.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal, NamedTuple, get_args

from kolmisla.policies.terms.metrics import Reopened

__all__ = ["STATES_OF_METRIC", "Act", "MetricState", "Passage", "Role", "Turning", "first_state", "step"]

Phase = Literal["open", "resolved", "withdrawn"]

# The state of a metric in the life of a ticket, beside the phase of the ticket.
Progress = Literal[
    "not yet",  # what must come before the first cycle has not come
    "ready",  # a start would begin the first cycle
    "idle",  # a start would begin a cycle that is not the first
    "asked",  # like ready, and the customer has asked since the resolution
    "asked again",  # like idle, and the customer has asked since the resolution
    "running",  # a cycle runs
    "stopped",  # the resolution or the withdrawal ended the cycle; a reopening may let it go on
    "over",  # the only cycle has ended
]


class MetricState(NamedTuple):
    """The phase of a ticket, and how far a metric is."""

    phase: Phase
    progress: Progress


STATES_OF_METRIC = tuple(MetricState(phase, part) for phase in get_args(Phase) for part in get_args(Progress))

Start = Literal["no", "yes", "question", "goodbye"]
Turning = Literal["no", "resolved", "withdrawn", "continue", "new-cycle", "ignore"]


class Role(NamedTuple):
    """What an event does to the cycles of a metric.

    `start` says whether the event starts a cycle: `yes` if the ticket is open, `question` even if it is resolved. A
    `goodbye` starts a cycle if the ticket is open; if it is resolved, a reopening starts the cycle.
    `ends`, `cancels` and `comes_before` say whether the event ends a cycle, ends a cycle without a verdict, or must
    come before the first cycle. `turning` is what the event does to the whole ticket or, for a reopening, to the cycle.
    """

    start: Start = "no"
    ends: bool = False
    cancels: bool = False
    comes_before: bool = False
    turning: Turning = "no"


# What an event does to the cycle of a metric. `start as asked` starts a cycle at the remembered question.
Act = Literal[
    "nothing", "start", "start as asked", "remember", "end", "end and start", "end and remember", "cancel", "go on"
]


class Passage(NamedTuple):
    """The state after an event, and what the event does to the cycle."""

    state: MetricState
    act: Act


def first_state(*, comes_before: bool) -> MetricState:
    """Return the state before the opening. With `comes_before`, some event must come before the first cycle."""
    return MetricState("open", "not yet" if comes_before else "ready")


STARTING: tuple[Progress, ...] = ("ready", "idle")  # a start begins a cycle
UNASKED: Mapping[Progress, Progress] = {"asked": "ready", "asked again": "idle"}  # the progress after an answer


@lru_cache(maxsize=4096)
def step(state: MetricState, role: Role, *, repeats: bool) -> Passage:
    """Return what an event does to a metric in a state. `repeats` says whether the metric may have several cycles.

    >>> step(MetricState("open", "running"), Role(ends=True, turning="resolved"), repeats=False)
    Passage(state=MetricState(phase='resolved', progress='stopped'), act='end')
    """
    phase, progress = state
    rest: Progress = "idle" if repeats else "over"
    reopened: Reopened | None = None
    if role.turning in ("continue", "new-cycle", "ignore") and phase != "open":
        reopened = role.turning
    if reopened:
        return _reopened(progress, reopened, role, rest)
    if phase == "withdrawn":  # nothing but a reopening changes anything
        return Passage(state, "nothing")
    if role.turning == "withdrawn":
        if progress == "running":
            return Passage(MetricState("withdrawn", "stopped"), "cancel")
        return Passage(MetricState("withdrawn", UNASKED.get(progress, progress)), "nothing")
    act: Act = "nothing"
    after: Phase = "resolved" if role.turning == "resolved" else phase
    if progress == "running" and (role.ends or role.cancels):
        progress, act = rest, "end" if role.ends else "cancel"
        if role.ends and role.turning == "resolved":
            progress = "stopped"
    elif role.ends:  # a question that was remembered is answered
        progress = UNASKED.get(progress, progress)
    if role.start != "no" and act != "cancel" and (progress in STARTING or (progress == "stopped" and repeats)):
        if after == "open" or role.start == "question":
            progress, act = "running", "end and start" if act == "end" else "start"
        elif role.start == "goodbye":
            remembered: Act = "end and remember" if act == "end" else "remember"
            progress, act = "asked" if progress == "ready" else "asked again", remembered
    if role.comes_before and progress == "not yet":
        progress = "ready"
    return Passage(MetricState(after, progress), act)


def _reopened(progress: Progress, reopened: Reopened, role: Role, rest: Progress) -> Passage:
    """Return what the reopening of a ticket does. The reopening itself may be a start or an end of a cycle."""
    act: Act = "nothing"
    if progress == "running" and (role.ends or role.cancels):
        progress, act = rest, "end" if role.ends else "cancel"
    elif progress in UNASKED:
        progress, act = "running", "start as asked"
    elif progress == "stopped" and reopened == "continue":
        progress, act = "running", "go on"
    elif progress in ("stopped", "over", "idle") and reopened == "new-cycle":
        progress, act = "running", "start"
    elif progress == "stopped":
        progress = rest
    if role.start == "yes" and progress in STARTING and act != "cancel":
        progress, act = "running", "end and start" if act == "end" else "start"
    if role.comes_before and progress == "not yet":
        progress = "ready"
    return Passage(MetricState("open", progress), act)
