"""Tickets: what happened to each, never what should happen."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from operator import index
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, TypeAdapter, ValidationError, model_validator

from kolmisla.documents.model import Name, is_nothing
from kolmisla.documents.remembered import remembered
from kolmisla.errors import TicketError, listing, shown
from kolmisla.instants import instants_in, micros
from kolmisla.policies.plan import SUPPORT_SYSTEM
from kolmisla.tickets.event import Event, Fact, Instant, Moment, as_states, before_opening, in_order, said

__all__ = ["Ticket"]


def _id(value: Any) -> Any:
    """Return an id as text or int, None for a missing one; ValueError for anything else."""
    if is_nothing(value) or isinstance(value, str):
        return said(value) if value is not None else None
    if isinstance(value, float) and value.is_integer():  # pandas turns whole numbers beside nulls into floats
        return int(value)
    if isinstance(value, (bool, float)) or not hasattr(value, "__index__"):  # a bool has __index__, but is no number
        raise ValueError(f"an id must be text or a whole number, not {shown(value)}")
    return index(value)


class Ticket(Fact):
    """The facts of one ticket; invalid data raises TicketError, which lists every fault.

    Times are aware datetimes or ISO 8601 text with an offset. Names are compared with the policy's when a deadline is
    computed, regardless of case; a blank name counts as missing. Without a `plan` nothing is promised. `priority` is
    the one at opening. A ticket without a `channel` came through the Support System; one without a `version` is not
    judged by version.

    `events` may be given in any order and are kept in order of time; events that contradict each other are a fault.
    Within one instant a question stands before an answer, and an answer before a change of priority. `answered_at`
    stands for an event `answered` at that instant; the attribute is the instant of the first answer.

    >>> Ticket(plan="premium", priority="high", opened_at="2026-07-03T16:30:00+03:00").channel
    'support-system'
    >>> raised = Event(kind="priority", value="blocker", at="2026-07-04T10:00:00+03:00")
    >>> Ticket(plan="premium", priority="high", opened_at="2026-07-03T16:30:00+03:00", events=[raised]).events[0].kind
    'priority'
    """

    plan: Name | None
    priority: Name
    opened_at: Instant
    id: Annotated[str | int | None, BeforeValidator(_id)] = None
    channel: Name = SUPPORT_SYSTEM
    version: Name | None = None
    answered_at: Instant | None = None
    events: tuple[Event, ...] = ()

    def __init__(
        self,
        *,
        plan: str | None,
        priority: str,
        opened_at: datetime | str,
        id: str | int | None = None,
        channel: str | None = None,
        version: str | None = None,
        answered_at: datetime | str | None = None,
        events: Iterable[Event | Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(
            plan=said(plan),
            priority=priority,
            opened_at=opened_at,
            id=id,
            channel=SUPPORT_SYSTEM if said(channel) is None else channel,
            version=said(version),
            answered_at=said(answered_at),
            events=events,
        )

    @classmethod
    def imported(
        cls,
        *,
        events: Iterable[Event | Mapping[str, Any]],
        answered_at: datetime | str | None = None,
        **facts: Any,
    ) -> Self:
        """Return a ticket with events as exports write them; the other facts are as for a Ticket.

        An event that repeats the state of the ticket is dropped, as is `resumed` while it runs. A change from resolved
        to another state is a reopening. Events of one instant stand in the order given. A priority from before the
        opening is the one at opening; any other event from before it is a TicketError.

        >>> again = [{"kind": "paused", "at": f"2026-07-0{day}T10:00Z"} for day in (6, 7)]
        >>> ticket = Ticket.imported(plan="premium", priority="high", opened_at="2026-07-03T16:30Z", events=again)
        >>> [(event.kind, event.at.day) for event in ticket.events]
        [('paused', 6)]
        """
        ticket = cls(**facts)
        try:
            imported = TypeAdapter(list[Event]).validate_python(events)
        except ValidationError as error:
            raise cls._refusal((fault.within("events") for fault in cls._faults(error)), error) from error
        answered_at = said(answered_at)
        if answered_at is not None:
            imported = [Event(kind="answered", at=answered_at), *imported]
        opened = micros(ticket.opened_at)
        early = [
            before_opening(ticket.opened_at, str(event))
            for event in imported
            if micros(event.at) < opened and event.kind != "priority"
        ]
        if early:
            raise TicketError(listing(early))
        moments = as_states([Moment(micros(event.at), event.kind, event.value) for event in imported])
        instant = instants_in(ticket.opened_at.tzinfo or UTC)
        ordered = tuple(Event(kind=kind, at=instant(at), value=value) for at, kind, value in moments)
        ticket._take(ordered)
        return ticket

    def until(self, at: datetime) -> Self:
        """Return the ticket as it was known at an instant, without the events after it.

        >>> facts = {"plan": "premium", "priority": "high", "opened_at": "2026-07-03T16:30:00+03:00"}
        >>> answered = Ticket(**facts, answered_at="2026-07-03T17:00:00+03:00")
        >>> answered.until(answered.opened_at) == Ticket(**facts)
        True
        """
        now, ticket = micros(at), self.model_copy()
        ticket._take(tuple(event for event in self.events if micros(event.at) <= now))
        return ticket

    def _take(self, events: tuple[Event, ...]) -> None:
        """Set the events, in order, and what depends on them; only for a new ticket that no caller has seen yet."""
        first = next((event.at for event in events if event.kind == "answered"), None)
        self.__dict__.update(answered_at=first, events=events)
        self.__dict__.pop("moments", None)

    @remembered
    def moments(self) -> tuple[Moment, ...]:
        """Return the events as the engine counts with them, in order."""
        return tuple([Moment(micros(event.at), event.kind, event.value) for event in self.events])

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        """Put the events in order, with one for `answered_at`; ValueError when they contradict each other."""
        if self.answered_at is None and not self.events:
            return self
        answers = [event.at for event in self.events if event.kind == "answered"]
        events = list(self.events)
        if self.answered_at is not None:
            if micros(self.answered_at) < micros(self.opened_at):
                raise ValueError(before_opening(self.opened_at, f"answered_at {self.answered_at.isoformat()}"))
            if micros(self.answered_at) not in map(micros, answers):
                events.append(Event(kind="answered", at=self.answered_at))
        ordered, faults = in_order(self.opened_at, events)
        if faults:
            raise ValueError(listing(faults))
        self._take(ordered)
        return self
