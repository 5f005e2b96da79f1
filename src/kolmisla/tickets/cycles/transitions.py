"""The table of transitions: what every event of a ticket does to the cycles of a metric.

For each state of a metric and each role of an event, the table gives the next state and what happens to the cycle.
Arrays use the table too.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal, NamedTuple, get_args

from kolmisla.policies.terms.metrics import Reopened

__all__ = ["STATES_OF_METRIC", "Act", "MetricState", "Passage", "Role", "Turning", "first_state", "step"]

Phase = Literal["open", "resolved", "withdrawn"]

# How far a metric has come. Together with the phase of the ticket, this is the state of the metric.
Progress = Literal[
    "not yet",  # an event that must come before the first cycle has not come
    "ready",  # an event that starts cycles would start the first cycle
    "idle",  # an event that starts cycles would start a later cycle
    "asked",  # like ready, but the customer has asked since the resolution
    "asked again",  # like idle, but the customer has asked since the resolution
    "running",  # a cycle runs
    "stopped",  # a resolution or a withdrawal ended the cycle; a reopening may let it go on
    "over",  # the only cycle has ended
]


class MetricState(NamedTuple):
    """The state of a metric: the phase of the ticket, and how far the metric has come, such as `running`."""

    phase: Phase
    progress: Progress


STATES_OF_METRIC = tuple(MetricState(phase, part) for phase in get_args(Phase) for part in get_args(Progress))

# Whether an event starts a cycle.
Start = Literal[
    "no",
    "yes",  # in an open ticket
    "question",  # in an open or a resolved ticket
    "goodbye",  # in an open ticket; in a resolved ticket, the next reopening starts the cycle instead
]
# What an event does to the ticket; a reopening lets an ended cycle go on, starts a new one, or does neither.
Turning = Literal["no", "resolved", "withdrawn", "continue", "new-cycle", "ignore"]


class Role(NamedTuple):
    """What an event can do to the cycles of a metric.

    `cancels` means an end as neither met nor breached. `comes_before` is True if the first cycle needs such an event
    before it. `turning` says what the event does to the ticket or to an ended cycle.
    """

    start: Start = "no"
    ends: bool = False
    cancels: bool = False
    comes_before: bool = False
    turning: Turning = "no"


# What an event does to the cycle of a metric. `remember` notes a question, and `start as asked` starts a cycle at it.
Act = Literal[
    "nothing", "start", "start as asked", "remember", "end", "end and start", "end and remember", "cancel", "go on"
]


class Passage(NamedTuple):
    """What the table gives for an event: the state of the metric after it, and what the event does to the cycle."""

    state: MetricState
    act: Act


def first_state(*, comes_before: bool) -> MetricState:
    """Return the state of a metric before the opening.

    `comes_before` says whether an event must precede the first cycle.
    """
    return MetricState("open", "not yet" if comes_before else "ready")


STARTING: tuple[Progress, ...] = ("ready", "idle")  # an event that starts cycles starts one now
UNASKED: Mapping[Progress, Progress] = {"asked": "ready", "asked again": "idle"}  # the progress after an answer


@lru_cache(maxsize=4096)
def step(state: MetricState, role: Role, *, repeats: bool) -> Passage:
    """Return the state of a metric after an event, and what the event does to the cycle.

    `state` is the state before the event. `repeats` says whether the metric may have several cycles.

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
    if phase == "withdrawn":  # only a reopening changes something
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
    """Return the state after a reopening, and what the reopening does to the cycle.

    `reopened` says what becomes of an ended cycle. `role` says whether the reopening itself starts or ends a cycle.
    `rest` is the progress after a cycle has ended for good.
    """
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
