"""Events: what happens to a ticket after it is opened, and the order they stand in."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NamedTuple, Self, get_args

from pydantic import BeforeValidator, ValidationError, model_validator

from kolmisla.documents.model import Model, Name, is_nothing
from kolmisla.documents.names import folded
from kolmisla.errors import Fault, KolmislaError, NaiveTicketError, NaiveTimeError, TicketError, choices, named, shown
from kolmisla.instants import micros
from kolmisla.schedules.zones import read

__all__ = [
    "EVENT_KINDS",
    "CONFLICTS",
    "LEADS_TO",
    "TICKET_STATES",
    "TOGETHER",
    "WITH_VALUE",
    "Event",
    "Fact",
    "Instant",
    "EventKind",
    "Moment",
    "as_states",
    "before_opening",
    "in_order",
    "said",
]

EventKind = Literal["answered", "asked", "paused", "resumed", "priority", "resolved", "reopened"]
EVENT_KINDS: tuple[EventKind, ...] = get_args(EventKind)
WITH_VALUE: tuple[EventKind, ...] = ("priority", "paused")  # the new priority; why


def said(given: Any) -> Any:
    """Return what a fact says; None for what says nothing: a blank text, as of systems without nulls, or NaT."""
    return None if is_nothing(given) or (isinstance(given, str) and not given.strip()) else given


def _instant(given: object) -> datetime:
    """An aware datetime, or ISO 8601 text with an offset."""
    if isinstance(given, str):
        return read(given)
    if is_nothing(given):
        raise ValueError("is missing")
    if not isinstance(given, datetime):
        raise ValueError(
            f"{shown(given)} is not a time; give an aware datetime, or text such as 2026-07-03T16:30:00+03:00"
        )
    micros(given)  # refuses one without an offset
    return given


Instant = Annotated[datetime, BeforeValidator(_instant)]


class Fact(Model):
    """Something that happened; what cannot have happened raises TicketError, which lists every fault."""

    error: ClassVar[type[KolmislaError]] = TicketError

    if TYPE_CHECKING:  # else checkers would have it take no facts

        def __init__(self, **data: Any) -> None: ...

    @classmethod
    def _refusal(cls, faults: Iterable[Fault], cause: ValidationError | None) -> KolmislaError:
        refusal = super()._refusal(faults, cause)
        errors = [] if cause is None else [each.get("ctx", {}).get("error") for each in cause.errors()]
        if not any(isinstance(error, NaiveTimeError) for error in errors):
            return refusal
        naive = NaiveTicketError(str(refusal))
        naive.faults = refusal.faults
        return naive


class Event(Fact):
    """One thing that happened to a ticket; bad data raises TicketError, which lists every fault.

    `kind`: `answered`, a reply of the staff; `asked`, one of the customer; `paused` and `resumed`, waiting
    for somebody else, with the reason for a pause as its `value` if there is one; `priority`, changed to
    `value`; `resolved` and `reopened`. `at` is an aware datetime or ISO 8601 text with an offset.

    >>> Event(kind="priority", at="2026-07-04T10:00:00+03:00", value="blocker").value
    'blocker'
    """

    kind: Annotated[EventKind, BeforeValidator(lambda kind: folded(kind) if isinstance(kind, str) else kind)]
    at: Instant
    value: Annotated[Name | None, BeforeValidator(said)] = None

    if TYPE_CHECKING:  # else a fault among the names of the facts would be a TypeError

        def __init__(self, *, kind: EventKind, at: datetime | str, value: str | None = None) -> None: ...

    @model_validator(mode="after")
    def _has_its_value(self) -> Self:
        if self.kind == "priority" and self.value is None:
            raise ValueError("a change of priority has the new priority as its value")
        if self.value is not None and self.kind not in WITH_VALUE:
            raise ValueError(
                f"{self.kind} has no value, only {choices(WITH_VALUE, ' and ')} have; not {shown(self.value)}"
            )
        return self

    def __str__(self) -> str:
        return f"{self.kind}{f' {named(self.value)}' if self.value else ''} at {self.at.isoformat()}"


class Moment(NamedTuple):
    """An event in integers, for the modules above this one."""

    at: int
    kind: EventKind
    value: str | None = None


# What the events of one instant are taken for: a question before its answer, an answer before the change of
# priority that came with it.
TOGETHER: tuple[EventKind, ...] = ("reopened", "resumed", "asked", "answered", "paused", "resolved", "priority")
CONFLICTS: tuple[set[EventKind], ...] = ({"paused", "resumed"}, {"resolved", "reopened"})

TicketState = Literal["running", "paused", "resolved"]
TICKET_STATES: tuple[TicketState, ...] = get_args(TicketState)

LEADS_TO: dict[EventKind, TicketState] = {
    "paused": "paused",
    "resumed": "running",
    "resolved": "resolved",
    "reopened": "running",
}
BETWEEN: dict[tuple[TicketState, TicketState], tuple[EventKind, ...]] = {
    ("running", "paused"): ("paused",),
    ("running", "resolved"): ("resolved",),
    ("paused", "running"): ("resumed",),
    ("paused", "resolved"): ("resolved",),
    ("resolved", "running"): ("reopened",),
    ("resolved", "paused"): ("reopened", "paused"),
}
COMES_FROM: dict[EventKind, tuple[TicketState, ...]] = {
    kind: tuple(state for (state, _), path in BETWEEN.items() if path == (kind,)) for kind in LEADS_TO
}


def before_opening(opened_at: datetime, what: str) -> str:
    """What is wrong with something that happened before the ticket was opened."""
    return f"{what} is before opened_at {opened_at.isoformat()}"


def in_order(opened_at: datetime, events: Iterable[Event]) -> tuple[tuple[Event, ...], list[str]]:
    """The events in order, and what is wrong with them, each fault with the event's name.

    Wrong are an event before opening, two of one instant that contradict each other, a change to a state
    the ticket is in, and one from a state that it is not in.
    """
    ordered = sorted(events, key=lambda event: (micros(event.at), TOGETHER.index(event.kind)))
    opened, state, faults = micros(opened_at), "running", []
    for event in ordered:
        if micros(event.at) < opened:
            faults.append(before_opening(opened_at, str(event)))
        if event.kind in LEADS_TO:
            if state not in COMES_FROM[event.kind]:
                faults.append(f"{event}, when the ticket was {state}, not {' or '.join(COMES_FROM[event.kind])}")
            state = LEADS_TO[event.kind]
    for _, group in groupby(ordered, key=lambda event: micros(event.at)):
        together = list(group)
        kinds = {event.kind for event in together}
        priorities = {folded(event.value or "") for event in together if event.kind == "priority"}
        if len(priorities) > 1 or any(pair <= kinds for pair in CONFLICTS):
            faults.append(f"{choices(map(str, together), ' and ')} contradict each other")
    return tuple(ordered), faults


def as_states(moments: Iterable[Moment]) -> list[Moment]:
    """The events of an export, which says in what state a ticket was rather than what happened.

    They are put in order of time, those of one instant in the order given. Paused, resumed, resolved and
    reopened are taken for the states they lead to: what repeats the state is no event, and what goes from
    resolved to any other is a reopening.
    """
    state: TicketState = "running"
    taken: list[Moment] = []
    for moment in sorted(moments, key=lambda moment: moment.at):
        to = LEADS_TO.get(moment.kind)
        if to is None:
            taken.append(moment)
        elif to != state:
            taken += [
                Moment(moment.at, kind, moment.value if kind == "paused" else None) for kind in BETWEEN[state, to]
            ]
            state = to
    return taken
