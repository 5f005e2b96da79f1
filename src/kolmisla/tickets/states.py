"""The states of a ticket: which events lead from state to state, and in which order events of one instant count."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Literal, get_args

from kolmisla.documents.names import folded
from kolmisla.errors import choices, shown
from kolmisla.policies.terms.metrics import CHANGES, EventKind
from kolmisla.tickets.event import Event
from kolmisla.times.instants import micros

__all__ = [
    "AT_OPENING",
    "BETWEEN",
    "CONFLICTS",
    "LEADS_TO",
    "TICKET_STATES",
    "TOGETHER",
    "States",
    "before_opening",
    "in_order",
    "reason_key",
]

# The order of events that share an instant. For example, a question comes before an answer, and an answer comes before
# a change of priority. A withdrawal comes before a resolution, because systems that merge a ticket also close it.
TOGETHER: tuple[EventKind, ...] = (
    "reopened",
    "resumed",
    "asked",
    "due",
    "extended",
    "answered",
    "paused",
    "withdrawn",
    "resolved",
    "priority",
    "plan",
    "owner",
    "waived",
)
# Two events that share an instant contradict each other if one of the CONFLICTS has both of their kinds. But the end of
# a pause and the beginning of a pause for another reason do not contradict each other: see `_contradict`.
PAUSES: tuple[EventKind, EventKind] = ("resumed", "paused")
CONFLICTS: tuple[set[EventKind], ...] = (set(PAUSES), {"resolved", "reopened"}, {"withdrawn", "reopened"})
# Two events of one kind in this list contradict each other if they share an instant and have different values.
SAY_ONE_VALUE: tuple[EventKind, ...] = (*CHANGES, "due")
# In an export, a ticket may have events of these kinds before its opening. They tell its state at the opening.
AT_OPENING: tuple[EventKind, ...] = (*CHANGES, "paused", "resumed")

TicketState = Literal["running", "paused", "resolved", "withdrawn"]
TICKET_STATES: tuple[TicketState, ...] = get_args(TicketState)

# The state of a ticket after an event of each kind. Kinds that do not change the state are left out.
LEADS_TO: dict[EventKind, TicketState] = {
    "paused": "paused",
    "resumed": "running",
    "resolved": "resolved",
    "reopened": "running",
    "withdrawn": "withdrawn",
}
# The events that lead from one state to another.
BETWEEN: dict[tuple[TicketState, TicketState], tuple[EventKind, ...]] = {
    ("running", "paused"): ("paused",),
    ("running", "resolved"): ("resolved",),
    ("running", "withdrawn"): ("withdrawn",),
    ("paused", "running"): ("resumed",),
    ("paused", "resolved"): ("resolved",),
    ("paused", "withdrawn"): ("withdrawn",),
    ("resolved", "running"): ("reopened",),
    ("resolved", "paused"): ("reopened", "paused"),
    ("resolved", "withdrawn"): ("withdrawn",),
    ("withdrawn", "running"): ("reopened",),
}
# The states in which a ticket may be before an event of each kind.
COMES_FROM: dict[EventKind, tuple[TicketState, ...]] = {
    kind: tuple(state for (state, _), path in BETWEEN.items() if path == (kind,)) for kind in LEADS_TO
}


def before_opening(opened_at: datetime, what: str) -> str:
    """Return the message for a fault: `what` happened before the ticket was opened."""
    return f"{what} is before opened_at {opened_at.isoformat()}"


class States:
    """The state of one ticket, while its events are read in order: running, paused, resolved or withdrawn.

    A ticket may be paused for several reasons at once. All pauses end when the ticket is resolved, withdrawn or
    reopened. After a withdrawal, only a reopening changes the state.
    """

    __slots__ = ("final", "reasons")

    def __init__(self) -> None:
        self.reasons: dict[str | None, str | None] = {}  # reasons by their keys: see `reason_key`
        self.final: TicketState | None = None  # resolved or withdrawn, else None

    @property
    def state(self) -> TicketState:
        """The state of the ticket after the events read so far."""
        return self.final or ("paused" if self.reasons else "running")

    def take(self, kind: EventKind, value: str | None) -> bool:
        """Read an event. Return whether the event changed the ticket's state or the reasons for the ticket's pauses.

        `value` is the reason if a pause begins or ends.
        """
        after = LEADS_TO.get(kind)
        if after is None or (self.final == "withdrawn" and kind != "reopened"):
            return False
        key, before = reason_key(value), self.state
        if after == "paused":
            new = key not in self.reasons
            self.reasons[key] = value
            self.final = None
            return new
        if kind == "resumed" and key is not None:
            known = key in self.reasons
            self.reasons.pop(key, None)
            return known
        self.reasons.clear()
        self.final = after if after in FINAL else None
        return after != before

    def hear(self, kind: EventKind, value: str | None, waits: Collection[str]) -> None:
        """Read an event, and change the state and the reasons for pauses.

        `value` is the reason for a pause. A question (`asked`) ends the pauses for the reasons (see `reason_key`) in
        `waits`.
        """
        self.take(kind, value)
        if kind == "asked":
            for key in waits:
                self.reasons.pop(key, None)


FINAL: tuple[TicketState, ...] = ("resolved", "withdrawn")


def reason_key(reason: str | None) -> str | None:
    """Return the form in which reasons for pauses are compared, or None for a pause without a reason."""
    return None if reason is None else folded(reason)


def in_order(opened_at: datetime, events: Iterable[Event]) -> tuple[tuple[Event, ...], list[str]]:
    """Return the events in order of time, and a list with a message for each fault.

    A fault is a wrong kind of event before the opening, an event that the state of the ticket does not allow, or a
    contradiction between events that share an instant.
    """
    ordered = sorted(events, key=lambda event: (micros(event.at), TOGETHER.index(event.kind)))
    opened, states, faults = micros(opened_at), States(), []
    for event in ordered:
        if micros(event.at) < opened and event.kind not in CHANGES:
            faults.append(before_opening(opened_at, str(event)))
        if event.kind in LEADS_TO:
            faults += [f"{event}: the ticket must be {wanted}" for wanted in _ruled_out(event, states)]
            states.take(event.kind, event.value)
    for _, group in groupby(ordered, key=lambda event: micros(event.at)):
        together = list(group)
        if len(together) > 1 and _contradict(together):
            faults.append(f"{choices(map(str, together), ' and ')} contradict each other")
    return tuple(ordered), faults


def _ruled_out(event: Event, states: States) -> Iterator[str]:
    """Yield a message if an event is impossible in the ticket's state.

    The message says what the state must be, and what the state was. After a withdrawal, only a second withdrawal is
    impossible.
    """
    key, state = reason_key(event.value), states.state
    another = event.kind == "paused" and state == "paused" and (key is not None or None not in states.reasons)
    if state == "withdrawn" and event.kind not in ("withdrawn", "reopened"):
        return  # events after a withdrawal change nothing
    if state not in COMES_FROM[event.kind] and not another:
        yield f"{' or '.join(COMES_FROM[event.kind])} then, but was {state}"
    elif event.kind == "resumed" and key is not None and key not in states.reasons:
        reasons = choices((shown(reason) if reason else "no reason" for reason in states.reasons.values()), " and ")
        yield f"paused for {shown(event.value)} then, but was paused for {reasons}"


def _contradict(together: Sequence[Event]) -> bool:
    """Tell whether some of the events `together`, which share an instant, contradict each other.

    Two kinds may do so, such as `resolved` and `reopened`, or two values, such as two priorities.
    """
    kinds = {event.kind for event in together}
    for kind in SAY_ONE_VALUE:
        if len({folded(event.value or "") for event in together if event.kind == kind}) > 1:
            return True
    ended, begun = ({reason_key(event.value) for event in together if event.kind == kind} for kind in PAUSES)
    apart = None not in ended | begun and not ended & begun  # one pause ends, and a pause for another reason begins
    return any(pair <= kinds for pair in CONFLICTS if pair != set(PAUSES) or not apart)
