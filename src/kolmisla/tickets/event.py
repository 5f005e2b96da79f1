"""Events: what happens to a ticket after it is opened, and the order of events."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import MAXYEAR, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, TypeVar, cast, get_args

from kolmisla.documents.model import Model, draft_of, field
from kolmisla.documents.names import folded
from kolmisla.documents.values import SAID_NAME, Kind, is_nothing, one_of, optional
from kolmisla.errors import Fault, KolmislaError, NaiveTicketError, NaiveTimeError, TicketError, choices, named, shown
from kolmisla.instants import micros
from kolmisla.times.reading import read

__all__ = [
    "AT_OPENING",
    "CONFLICTS",
    "BETWEEN",
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
    "States",
    "before_opening",
    "event_of",
    "in_order",
    "reason_key",
    "said",
    "said_of",
]

T = TypeVar("T")

EventKind = Literal["answered", "asked", "paused", "resumed", "priority", "resolved", "reopened"]
EVENT_KINDS: tuple[EventKind, ...] = get_args(EventKind)
# `value` is the new priority, or the reason for the pause
WITH_VALUE: tuple[EventKind, ...] = ("priority", "paused", "resumed")


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
    - `resumed`: the wait for the reason in `value` ended. Without a `value`, all waits ended.
    - `priority`: the priority changed to `value`.
    - `resolved` or `reopened`: the ticket was resolved or reopened.

    >>> Event(kind="priority", at="2026-07-04T10:00:00+03:00", value="blocker").value
    'blocker'
    """

    kind: EventKind = field(Kind(_kind, KIND.schema))
    at: datetime = field(INSTANT)
    value: str | None = field(said_of(SAID_NAME), default=None)

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
PAUSES: tuple[EventKind, EventKind] = ("resumed", "paused")
CONFLICTS: tuple[set[EventKind], ...] = (set(PAUSES), {"resolved", "reopened"})
# Before its opening, a ticket of an export may have these events. They tell its state at the opening.
AT_OPENING: tuple[EventKind, ...] = ("priority", "paused", "resumed")

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


class States:
    """The state of one ticket, while its events are read in order: running, paused for some reasons, or resolved.

    Each reason for a pause is a stretch of its own, and stretches may overlap. A pause without a reason is one more
    stretch. Reasons are compared regardless of case. To resolve or to reopen a ticket ends all its pauses.
    """

    __slots__ = ("reasons", "resolved")

    def __init__(self) -> None:
        self.reasons: dict[str | None, str | None] = {}  # by the key of the reason, see `reason_key`
        self.resolved = False

    @property
    def state(self) -> TicketState:
        """The state after the events read so far."""
        return "resolved" if self.resolved else "paused" if self.reasons else "running"

    def take(self, kind: EventKind, value: str | None) -> bool:
        """Read an event. Return whether it changes the state or a reason."""
        after = LEADS_TO.get(kind)
        if after is None:
            return False
        key, before = reason_key(value), self.state
        if after == "paused":
            new = key not in self.reasons
            self.reasons[key] = value
            self.resolved = False
            return new
        if kind == "resumed" and key is not None:
            known = key in self.reasons
            self.reasons.pop(key, None)
            return known
        self.reasons.clear()
        self.resolved = after == "resolved"
        return after != before


def reason_key(reason: str | None) -> str | None:
    """Return the form in which reasons for pauses are compared, or None for a pause without a reason."""
    return None if reason is None else folded(reason)


def in_order(opened_at: datetime, events: Iterable[Event]) -> tuple[tuple[Event, ...], list[str]]:
    """Return the events in order of time. Also return a list of texts, one for each fault.

    An event is a fault if it happened before the ticket was opened, if it contradicts another event of the same
    instant, or if the state of the ticket rules it out, such as `resumed` when the ticket is not paused.
    """
    ordered = sorted(events, key=lambda event: (micros(event.at), TOGETHER.index(event.kind)))
    opened, states, faults = micros(opened_at), States(), []
    for event in ordered:
        if micros(event.at) < opened:
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
    """Yield the state in which the ticket must be, if the event does not fit the state of the ticket."""
    key, state = reason_key(event.value), states.state
    another = event.kind == "paused" and state == "paused" and (key is not None or None not in states.reasons)
    if state not in COMES_FROM[event.kind] and not another:
        yield f"{' or '.join(COMES_FROM[event.kind])} then, but was {state}"
    elif event.kind == "resumed" and key is not None and key not in states.reasons:
        reasons = choices((shown(reason) if reason else "no reason" for reason in states.reasons.values()), " and ")
        yield f"paused for {shown(event.value)} then, but was paused for {reasons}"


def _contradict(together: Sequence[Event]) -> bool:
    """Tell whether events of one instant contradict each other."""
    kinds = {event.kind for event in together}
    if len({folded(event.value or "") for event in together if event.kind == "priority"}) > 1:
        return True
    ended, begun = ({reason_key(event.value) for event in together if event.kind == kind} for kind in PAUSES)
    apart = None not in ended | begun and not ended & begun  # one wait ends when another begins
    return any(pair <= kinds for pair in CONFLICTS if pair != set(PAUSES) or not apart)
