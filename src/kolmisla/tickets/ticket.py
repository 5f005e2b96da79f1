"""Tickets: the facts about each ticket, and its events. A ticket does not hold what was promised to it."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Self

from kolmisla.documents.model import draft_of, field
from kolmisla.documents.values import SAID_NAME, Kind, one_of
from kolmisla.errors import TicketError, listing
from kolmisla.names import LOADING
from kolmisla.policies.terms.conditions import SUPPORT_SYSTEM
from kolmisla.policies.terms.metrics import Opener
from kolmisla.tickets.event import (
    EVENT_LIST,
    ID,
    INSTANT,
    Event,
    Fact,
    Moment,
    add_answer,
    as_moments,
    aware,
    event_of,
    said,
    said_of,
)
from kolmisla.tickets.states import AT_OPENING, before_opening, in_order
from kolmisla.times.instants import in_zone, micros
from kolmisla.times.reading import read

__all__ = ["Ticket"]

MAYBE_NAME = said_of(SAID_NAME)
OPENER = one_of(Opener)


def _channel(value: Any) -> str:
    """Return the channel of a ticket, or the Support System for a missing value."""
    return SUPPORT_SYSTEM if said(value) is None else SAID_NAME.read(value)


def _opener(value: Any) -> Opener:
    """Return who opened a ticket, `requester` or `staff`. A missing value means `requester`."""
    opener: Opener = "requester" if said(value) is None else OPENER.read(value)
    return opener


class Ticket(Fact):
    """The facts of one ticket.

    Invalid data raises TicketError, which lists every fault. Times are aware datetimes or ISO 8601 text with an offset.
    When a deadline is computed, names are compared with the policy's names, in any case of letters. A name that is
    empty or has only spaces counts as missing. Nothing is promised to a ticket without a `plan`, until an event gives
    it a plan. `priority` is the priority with which the ticket is opened. A ticket without a `channel` came through the
    Support System. For a ticket without a `version`, nobody checks whether the policy supports the release. `owner` is
    the person, team or region that has the ticket when it is opened. `schedule` names one of the policy's schedules:
    the ticket's time then counts on this schedule. `opened_by` is `requester` or `staff`; metrics may start differently
    for tickets that the staff opened.

    The argument `events` may have any order. The attribute `events` is in order of time. Events that contradict each
    other are a fault. Before `opened_at`, only changes of priority, plan or owner are allowed. The last of these early
    changes decide what is in force when the ticket is opened. Among events that share an instant, a question comes
    before an answer, and an answer before a change of priority. The argument `answered_at` adds an event `answered`.
    The attribute `answered_at` is the instant of the first answer.

    >>> Ticket(plan="premium", priority="high", opened_at="2026-07-03T16:30:00+03:00").channel
    'support-system'
    >>> raised = Event(kind="priority", value="blocker", at="2026-07-04T10:00:00+03:00")
    >>> Ticket(plan="premium", priority="high", opened_at="2026-07-03T16:30:00+03:00", events=[raised]).events[0].kind
    'priority'
    """

    __slots__ = ("moments", "opened")

    plan: str | None = field(MAYBE_NAME)
    priority: str = field(SAID_NAME)
    opened_at: datetime = field(INSTANT)
    id: str | int | None = field(ID, default=None)
    channel: str = field(Kind(_channel, MAYBE_NAME.schema), default=SUPPORT_SYSTEM)
    version: str | None = field(MAYBE_NAME, default=None)
    answered_at: datetime | None = field(said_of(INSTANT), default=None)
    events: tuple[Event, ...] = field(EVENT_LIST, default=())
    owner: str | None = field(MAYBE_NAME, default=None)
    schedule: str | None = field(MAYBE_NAME, default=None)
    opened_by: Opener = field(Kind(_opener, said_of(OPENER).schema), default="requester")

    moments: tuple[Moment, ...]  # the events in the form that the engine uses, in order
    opened: int  # `opened_at` in UTC microseconds

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
        owner: str | None = None,
        schedule: str | None = None,
        opened_by: Opener | None = None,
    ) -> None:
        if (
            type(events) is tuple
            and not events
            and owner is schedule is None
            and (opened_by is None or (type(opened_by) is str and opened_by == "requester"))
            and self._set_plain(plan, priority, opened_at, id, channel, version, answered_at)
        ):
            return
        super().__init__(
            plan=plan,
            priority=priority,
            opened_at=opened_at,
            id=id,
            channel=channel,
            version=version,
            answered_at=answered_at,
            events=events,
            owner=owner,
            schedule=schedule,
            opened_by=opened_by,
        )

    def _set_plain(self, *facts: Any) -> bool:
        """Set the facts and return True if they have their usual types and no fault, else only return False.

        This takes a third of the time of the general constructor.
        """
        plan, priority, opened_at, id, channel, version, answered_at = facts
        if priority is None or not (id is None or type(id) is int or (type(id) is str and id.strip())):
            return False
        if type(id) is int and id.bit_length() > 63:  # the id may have too many digits
            return False
        for name in (plan, priority, channel, version):
            if name is not None and (type(name) is not str or not name or name != name.strip()):
                return False
        moments: tuple[Moment, ...] = ()
        events: tuple[Event, ...] = ()
        try:
            opened_at = read(opened_at) if type(opened_at) is str else aware(opened_at)
            opened = micros(opened_at)
            if answered_at is not None:
                answered_at = read(answered_at) if type(answered_at) is str else aware(answered_at)
                answered = micros(answered_at)
                if answered < opened:
                    return False
                moments, events = (Moment(answered, "answered"),), (event_of("answered", answered_at),)
        except ValueError:
            return False
        kind = type(self)
        object.__setattr__(self, "__class__", _Draft)
        draft: Any = self
        draft.plan, draft.priority, draft.opened_at, draft.id = plan, priority, opened_at, id
        draft.channel, draft.version = SUPPORT_SYSTEM if channel is None else channel, version
        draft.answered_at, draft.events, draft.moments, draft.opened = answered_at, events, moments, opened
        draft.owner, draft.schedule, draft.opened_by = None, None, "requester"
        draft.__class__ = kind
        return True

    @classmethod
    def imported(
        cls,
        *,
        events: Iterable[Event | Mapping[str, Any]],
        answered_at: datetime | str | None = None,
        **facts: Any,
    ) -> Self:
        """Return a ticket whose events come from an export.

        The other facts are the same as for a Ticket. An event that repeats the state of the ticket is dropped, such as
        `resumed` while the ticket runs. A change from resolved to running or paused is a reopening. Events that share
        an instant keep their order. If the newest event is given first, the events are read from the last to the first.
        The priority, plan and owner that were last set before the opening are in force when the ticket is opened. If a
        pause began before the opening, and did not end before it, the ticket is paused from the opening on. An event
        before the opening that is neither a change nor a part of a pause, such as `answered`, raises TicketError.
        `Ticket.imported(**ticket.to_dict())` gives an equal ticket.

        >>> again = [{"kind": "paused", "at": f"2026-07-0{day}T10:00Z"} for day in (6, 7)]
        >>> ticket = Ticket.imported(plan="premium", priority="high", opened_at="2026-07-03T16:30Z", events=again)
        >>> [(event.kind, event.at.day) for event in ticket.events]
        [('paused', 6)]
        """
        with LOADING:  # most tickets are made from the events themselves
            from kolmisla.tickets.exports import as_states, at_opening, descends
        ticket, imported = cls(**facts), [*cls._read("events", events)]
        if descends([micros(event.at) for event in imported]):
            imported.reverse()
        if (answer := said(answered_at)) is not None:
            add_answer(imported, answer)
        early = [
            before_opening(ticket.opened_at, str(event))
            for event in imported
            if micros(event.at) < ticket.opened and event.kind not in AT_OPENING
        ]
        if early:
            raise TicketError(listing(early))
        moments = at_opening(ticket.opened, as_states(as_moments(imported)))
        zone = ticket.opened_at.tzinfo or UTC
        times = {micros(at): in_zone(at, zone) for at in (ticket.opened_at, *(event.at for event in imported))}
        ticket._take(tuple([event_of(moment.kind, times[moment.at], *moment[2:]) for moment in moments]))
        return ticket

    @classmethod
    def from_dict(cls, document: Mapping[Any, Any]) -> Self:
        """Read a ticket. Events of one instant keep their order only if `document` has all keys of `to_dict`."""
        given: object = document
        events: Any = document.get("events", ()) if isinstance(given, Mapping) else ()
        if isinstance(events, Iterator):  # it can be read once
            document = {**document, "events": (events := cls._read("events", events))}
        if (events.__class__ not in (tuple, list) or events) and document.keys() == cls.fields.keys():
            with suppress(TicketError):
                events = cls._read("events", events)
                ticket = cls.imported(**{**document, "events": events})
                if ticket.events == events:
                    ticket._take(events)  # these have their own zones
                    return ticket
        return super().from_dict(document)

    def replace(self, **changes: Any) -> Self:
        """Return a validated copy in which the facts in `changes` are replaced.

        A new `answered_at` replaces the event of the first answer. Raise TicketError if another answer would then be
        the first. If only `events` are replaced, `answered_at` is the first answer in the new events. The events of an
        imported ticket keep their order, unless `events`, `answered_at` or `opened_at` are replaced.

        >>> facts = {"plan": "premium", "priority": "high", "opened_at": "2026-07-03T16:30:00+03:00"}
        >>> answered = Ticket(**facts, answered_at="2026-07-03T17:00:00+03:00")
        >>> answered.replace(answered_at=None) == answered.replace(events=()) == Ticket(**facts)
        True
        """
        if "events" in changes:
            return super().replace(**{"answered_at": None, **changes})
        if not {"answered_at", "opened_at"} & changes.keys():  # the events stay as they are
            replaced = super().replace(**changes, events=(), answered_at=None)
            replaced._take(self.events)
            return replaced
        if "answered_at" not in changes or self.answered_at is None:
            return super().replace(**changes)
        answers = [event for event in self.events if event.kind == "answered"]
        replaced = super().replace(**changes, events=tuple(event for event in self.events if event is not answers[0]))
        first = Ticket.fields["answered_at"].kind.read(changes["answered_at"])
        if len(answers) > 1 and (first is None or micros(first) > micros(answers[1].at)):
            raise TicketError(
                f"answered_at must be the first answer, but another would come first: {answers[1]}; replace events too"
            )
        return replaced

    def until(self, at: datetime) -> Self:
        """Return a copy of the ticket without the events that are later than `at`.

        >>> facts = {"plan": "premium", "priority": "high", "opened_at": "2026-07-03T16:30:00+03:00"}
        >>> answered = Ticket(**facts, answered_at="2026-07-03T17:00:00+03:00")
        >>> answered.until(answered.opened_at) == Ticket(**facts)
        True
        """
        now, ticket = micros(at), object.__new__(type(self))
        ticket.__setstate__(self.__getstate__())
        ticket._take(tuple(event for event in self.events if micros(event.at) <= now))
        return ticket

    def _take(self, events: tuple[Event, ...]) -> None:
        """Set the events, which must be in order of time, and the attributes that depend on them.

        Only a new ticket may be changed in this way, because tickets are frozen.
        """
        first = next((event.at for event in events if event.kind == "answered"), None)
        object.__setattr__(self, "answered_at", first)
        object.__setattr__(self, "events", events)
        object.__setattr__(self, "moments", as_moments(events))

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        super().__setstate__(state)
        object.__setattr__(self, "moments", as_moments(self.events))
        object.__setattr__(self, "opened", micros(self.opened_at))

    def _check(self) -> None:
        """Put the events in order, and add an answer at `answered_at` unless the events have one at this instant.

        Raise ValueError for an answer before the opening, or if `in_order` finds a fault.
        """
        object.__setattr__(self, "opened", micros(self.opened_at))
        if self.answered_at is None and not self.events:
            object.__setattr__(self, "moments", ())
            return
        events = list(self.events)
        if self.answered_at is not None:
            if micros(self.answered_at) < self.opened:
                raise ValueError(before_opening(self.opened_at, f"answered_at {self.answered_at.isoformat()}"))
            add_answer(events, self.answered_at)
        ordered, faults = in_order(self.opened_at, events)
        if faults:
            raise ValueError(listing(faults))
        self._take(ordered)


_Draft = draft_of(Ticket)
