"""Events: what happens to a ticket after it is opened, and the order of events."""

from collections.abc import Iterable
from datetime import MAXYEAR, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, TypeVar, cast, get_args

from kolmisla.documents.model import Model, draft_of, field
from kolmisla.documents.names import folded
from kolmisla.documents.values import NAME, Kind, is_nothing, one_of, optional
from kolmisla.errors import Fault, KolmislaError, NaiveTicketError, NaiveTimeError, TicketError, choices, named, shown
from kolmisla.instants import micros
from kolmisla.times.reading import read

__all__ = [
    "CONFLICTS",
    "EVENT_KINDS",
    "INSTANT",
    "LEADS_TO",
    "TICKET_STATES",
    "TOGETHER",
    "WITH_VALUE",
    "Event",
    "Fact",
    "EventKind",
    "Moment",
    "as_states",
    "before_opening",
    "event_of",
    "in_order",
    "said",
    "said_of",
]

T = TypeVar("T")

EventKind = Literal["answered", "asked", "paused", "resumed", "priority", "resolved", "reopened"]
EVENT_KINDS: tuple[EventKind, ...] = get_args(EventKind)
WITH_VALUE: tuple[EventKind, ...] = ("priority", "paused")  # `value` is the new priority, or the reason for the pause


def said(given: Any) -> Any:
    """Return the value of a fact, or None when the value is missing.

    None, NaN, NaT and NA are missing values. Text that is empty or has only spaces is a missing value too, because some
    systems can write a missing value only as text.
    """
    return None if is_nothing(given) or (isinstance(given, str) and not given.strip()) else given


def said_of(kind: Kind[T]) -> Kind[T | None]:
    """Return a Kind that turns a missing value into None, and reads any other value as `kind` does."""
    return Kind(lambda value: None if said(value) is None else kind.read(value), optional(kind).schema)


def _instant(value: object) -> datetime:
    """Return the instant of an aware datetime or of ISO 8601 text with an offset."""
    if isinstance(value, str):
        return read(value)
    if is_nothing(value):
        raise ValueError("is missing")
    if not isinstance(value, datetime):
        raise ValueError(
            f"{shown(value)} is not a time; give an aware datetime, or text such as 2026-07-03T16:30:00+03:00"
        )
    micros(value)  # raises for a datetime without an offset
    if value.year > MAXYEAR:  # pandas has such datetimes, but cannot write them as text
        raise ValueError(f"the year of a time must be at most {MAXYEAR}, not {value.year}")
    return value


INSTANT = Kind(_instant, {"type": "string", "format": "date-time"})


class Fact(Model):
    """A fact about a ticket.

    Invalid data raises TicketError, which lists every fault.
    """

    error: ClassVar[type[KolmislaError]] = TicketError

    if TYPE_CHECKING:  # without this signature, type checkers would refuse all arguments

        def __init__(self, **data: Any) -> None: ...

    @classmethod
    def _refusal(cls, faults: Iterable[Fault], causes: Iterable[Exception]) -> KolmislaError:
        """Return NaiveTicketError when an instant has no offset, else TicketError."""
        refusal = super()._refusal(faults, causes)
        if not any(isinstance(cause, NaiveTimeError) for cause in causes):
            return refusal
        naive = NaiveTicketError(str(refusal))
        naive.faults = refusal.faults
        return naive


KIND = one_of(EventKind)


def _kind(value: Any) -> EventKind:
    kind: EventKind = KIND.read(folded(value) if isinstance(value, str) else value)
    return kind


class Event(Fact):
    """One thing that happened to a ticket.

    Invalid data raises TicketError, which lists every fault. `at` is an aware datetime or ISO 8601 text with an offset.
    The `kind` is one of:

    - `answered`: the staff replied.
    - `asked`: the customer wrote.
    - `paused`: the ticket began to wait for somebody else. The `value` may be the reason.
    - `resumed`: the wait ended.
    - `priority`: the priority changed to `value`.
    - `resolved` or `reopened`: the ticket was resolved or reopened.

    >>> Event(kind="priority", at="2026-07-04T10:00:00+03:00", value="blocker").value
    'blocker'
    """

    kind: EventKind = field(Kind(_kind, KIND.schema))
    at: datetime = field(INSTANT)
    value: str | None = field(said_of(NAME), default=None)

    if TYPE_CHECKING:  # at run time, an unknown name must raise TicketError, not TypeError

        def __init__(self, *, kind: EventKind, at: datetime | str, value: str | None = None) -> None: ...

    def _check(self) -> None:
        """Raise ValueError when the event lacks a value that its kind needs, or has a value that its kind forbids."""
        if self.kind == "priority" and self.value is None:
            raise ValueError("a change of priority must have the new priority as its value")
        if self.value is not None and self.kind not in WITH_VALUE:
            raise ValueError(f"an event of the kind {self.kind} must have no value, not {shown(self.value)}")

    def __str__(self) -> str:
        return f"{self.kind}{f' {named(self.value)}' if self.value else ''} at {self.at.isoformat()}"


_Draft = draft_of(Event)


def event_of(kind: EventKind, at: datetime, value: str | None = None) -> Event:
    """Return an event. The arguments must be valid, because they are not checked again."""
    draft = _Draft()
    draft.kind, draft.at, draft.value = kind, at, value
    draft.__class__ = Event
    return cast("Event", draft)


class Moment(NamedTuple):
    """An event in the form used for calculations. `at` is in UTC microseconds."""

    at: int
    kind: EventKind
    value: str | None = None


# The order of events that share an instant. For example, a question comes before an answer, and an answer comes before
# a change of priority.
TOGETHER: tuple[EventKind, ...] = ("reopened", "resumed", "asked", "answered", "paused", "resolved", "priority")
# Events of these kinds contradict each other when they share an instant.
CONFLICTS: tuple[set[EventKind], ...] = ({"paused", "resumed"}, {"resolved", "reopened"})

TicketState = Literal["running", "paused", "resolved"]
TICKET_STATES: tuple[TicketState, ...] = get_args(TicketState)

# The state of a ticket after an event of each kind. Kinds that do not change the state are left out.
LEADS_TO: dict[EventKind, TicketState] = {
    "paused": "paused",
    "resumed": "running",
    "resolved": "resolved",
    "reopened": "running",
}
# The events that lead from one state to another.
BETWEEN: dict[tuple[TicketState, TicketState], tuple[EventKind, ...]] = {
    ("running", "paused"): ("paused",),
    ("running", "resolved"): ("resolved",),
    ("paused", "running"): ("resumed",),
    ("paused", "resolved"): ("resolved",),
    ("resolved", "running"): ("reopened",),
    ("resolved", "paused"): ("reopened", "paused"),
}
# The states in which a ticket may be before an event of each kind.
COMES_FROM: dict[EventKind, tuple[TicketState, ...]] = {
    kind: tuple(state for (state, _), path in BETWEEN.items() if path == (kind,)) for kind in LEADS_TO
}


def before_opening(opened_at: datetime, what: str) -> str:
    """Return the text of a fault: `what` happened before the ticket was opened."""
    return f"{what} is before opened_at {opened_at.isoformat()}"


def in_order(opened_at: datetime, events: Iterable[Event]) -> tuple[tuple[Event, ...], list[str]]:
    """Return the events in order of time. Also return a list of texts, one for each fault.

    An event is a fault if it happened before the ticket was opened, if it contradicts another event of the same
    instant, or if the state of the ticket rules it out, such as `paused` when the ticket is paused already.
    """
    ordered = sorted(events, key=lambda event: (micros(event.at), TOGETHER.index(event.kind)))
    opened, state, faults = micros(opened_at), "running", []
    for event in ordered:
        if micros(event.at) < opened:
            faults.append(before_opening(opened_at, str(event)))
        if event.kind in LEADS_TO:
            if state not in COMES_FROM[event.kind]:
                states = " or ".join(COMES_FROM[event.kind])
                faults.append(f"{event}: the ticket must be {states} then, but was {state}")
            state = LEADS_TO[event.kind]
    for _, group in groupby(ordered, key=lambda event: micros(event.at)):
        together = list(group)
        kinds = {event.kind for event in together}
        priorities = {folded(event.value or "") for event in together if event.kind == "priority"}
        if len(priorities) > 1 or any(pair <= kinds for pair in CONFLICTS):
            faults.append(f"{choices(map(str, together), ' and ')} contradict each other")
    return tuple(ordered), faults


def as_states(moments: Iterable[Moment]) -> list[Moment]:
    """Return the events of an export, sorted by time.

    An export often says in what state a ticket was, not what happened to the ticket. So an event that changes the state
    is read as the state after the event. An event that repeats the state is dropped. A change from resolved to any
    other state is a reopening. Events of one instant keep their order.
    """
    state: TicketState = "running"
    events: list[Moment] = []
    for moment in sorted(moments, key=lambda moment: moment.at):
        after = LEADS_TO.get(moment.kind)
        if after is None:
            events.append(moment)
        elif after != state:
            events += [
                Moment(moment.at, kind, moment.value if kind == "paused" else None) for kind in BETWEEN[state, after]
            ]
            state = after
    return events
