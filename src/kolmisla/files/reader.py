"""Reads the facts of tickets from the rows of a table."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any

from kolmisla.documents.names import folded
from kolmisla.errors import TicketError, choices, clean, shown
from kolmisla.files.endings import TOLD_BY, Endings
from kolmisla.files.facts import TicketFacts, check_order, duration_in, either_way, picker, resolutions, with_unit
from kolmisla.files.logs.events import at_opening_of, own_moments
from kolmisla.files.logs.lives import Stated, with_stated
from kolmisla.files.tables.paths import NOWHERE, value_at, value_names
from kolmisla.files.tables.table import Columns
from kolmisla.policies.terms.metrics import OPENERS, Opener
from kolmisla.tickets.event import Moment
from kolmisla.tickets.exports import as_states, at_opening
from kolmisla.tickets.layouts.fact_names import (
    COLUMNS,
    DUE_AT,
    ENDS,
    EVENTS,
    ONLY_IF_NAMED,
    OPENED_BY,
    OWN_TARGET,
    OWNER,
    REQUESTER,
    REQUIRED,
    SCHEDULE,
    SINCE_OPENING,
    STATUS,
)
from kolmisla.tickets.layouts.headers import header_of
from kolmisla.tickets.layouts.layout import Layout
from kolmisla.tickets.layouts.repeated import instant_of, not_before
from kolmisla.tickets.layouts.words import as_word, name_of
from kolmisla.tickets.said import due_text
from kolmisla.tickets.states import AT_OPENING, before_opening
from kolmisla.times.amounts import AmountUnit
from kolmisla.times.instants import length

__all__ = ["RowFacts"]

OPENED = COLUMNS.index("opened_at")
CLOSED_STATUS, CLOSED_AT = "closed", ENDS[-1]
ENDS_OR_NOT = ("resolved", "reopened", "withdrawn")  # events that say whether a ticket has ended
MOST_KEYS = 200  # the most keys of JSON tickets that are remembered, to suggest one


class RowFacts:
    """Reads the facts of tickets from the rows of one table.

    `events` says that the run has a log of events, `audit` that the table is an audit log. `endings` notes what the
    table tells about the ends of cycles. Raise ValueError if a column is missing.
    """

    def __init__(
        self,
        layout: Layout,
        table: Columns,
        *,
        events: bool = False,
        audit: bool = False,
        endings: Endings | None = None,
    ) -> None:
        self._units: dict[str, AmountUnit] = {}
        layout = layout.settled(table.columns)
        columns = dict(layout.columns)
        for name in (*SINCE_OPENING, OWN_TARGET):
            if columns.get(name):
                columns[name], self._units[name] = with_unit(name, columns[name], table.columns)
        layout = replace(layout, columns=columns)
        there = table.columns
        no_opening = there is not None and header_of(layout.column("opened_at"), there) is None
        if audit and no_opening and "opened_at" not in layout.constants:
            layout = replace(layout, columns={**columns, "opened_at": layout.column("at")})
        self._layout, self._tolerance = layout, length(layout.tolerance)
        self._named = {name for name in (*ENDS, *SINCE_OPENING) if name in columns or name in layout.constants}
        found = [name for name in ENDS if not events and (there is None or header_of(name, there))]
        extra = [name for name in (*ENDS, *SINCE_OPENING) if name in self._named or name in found]
        extra += [REQUESTER] * layout.asks_who + [name for name in ONLY_IF_NAMED if layout.names(name)]
        self.names = (*COLUMNS, *([EVENTS] if there is None else []), *extra)
        for name in SINCE_OPENING:
            at = name.replace("_after", "_at")
            if name in self._named and header_of(layout.column(at), there or ()) and at not in layout.columns:
                raise ValueError(f"{at} and {name} give the same time twice; to leave out {at}, type --map {at}=")
        required = ("id", *REQUIRED) if events or audit else REQUIRED
        self.pick = picker(layout, table, self.names, required)
        self._at = picker(layout, table, ("at",), ()) if audit else None
        self._endings = endings = Endings() if endings is None else endings
        self._unseen = {name for name in TOLD_BY if name in self.names and layout.columns.get(name) != ""}
        for name in TOLD_BY:
            if layout.columns.get(name) == "" or not layout.constants.get(name, name).strip():
                self._unseen.discard(name)
                endings.none.add(TOLD_BY[name])
        for name in [*self._unseen]:
            if name in layout.constants or (there is not None and header_of(layout.column(name), there)):
                self._see(name)
        if there is not None:
            taken = {layout.column(name) for name in self.names} - {layout.column(name) for name in TOLD_BY}
            folded = {column.casefold() for column in taken}
            endings.columns = tuple(column for column in there if column.casefold() not in folded)

    @property
    def layout(self) -> Layout:
        """The layout with which the rows are read, adapted to the columns of this table."""
        return self._layout

    @property
    def endings(self) -> Endings:
        """What the run has found out so far about the ends of cycles."""
        return self._endings

    def _see(self, name: str) -> None:
        """Remember that the file has the fact `name`, such as `resolved_at`. Such a fact may end a cycle."""
        self._unseen.discard(name)
        self._endings.told.add(TOLD_BY[name])
        self._endings.blank.add(name)

    def _look(self, row: Any, values: Sequence[Any]) -> None:
        """Look for facts in a row that may end a cycle, such as `resolved_at`, and note them.

        In JSON, this is done for every row, because each row has its own keys.
        """
        if self._unseen and EVENTS in self.names:
            fields: Mapping[str, Any] = row[1]
            for name in self._unseen.copy():
                columns = (self._layout.column(name), *self._layout.others.get(name, ()))
                if any(value_at(fields, column) is not NOWHERE for column in columns):
                    self._see(name)
            if len(self._endings.columns) < MOST_KEYS:
                self._endings.columns = tuple(dict.fromkeys((*self._endings.columns, *value_names(fields))))
        for name in [name for name in self._endings.blank if values[self.names.index(name)] is not None]:
            self._endings.blank.discard(name)

    def picked(self, row: Any) -> list[Any]:
        """Return the values of a row in the order of `names`. Note facts that may end a cycle."""
        values = self.pick(row)
        if self._unseen or self._endings.blank:
            self._look(row, values)
        return values

    def requester(self, values: Sequence[Any]) -> str | None:
        """Return who asks for help in a ticket, from the values of its row.

        If the row does not name this person, or if the layout does not need the name, return None.
        """
        if REQUESTER not in self.names:
            return None
        name: str | None = name_of(REQUESTER, values[self.names.index(REQUESTER)])
        return name

    def of_row(self, row: Any, *, logged: Sequence[Moment] = ()) -> TicketFacts:
        """Return the facts of the ticket in a row. `logged` is what a log has told of the ticket.

        Raise TicketError for a value that cannot be read, and for an event before the opening.
        """
        values = self.picked(row)
        if self._at is not None and values[OPENED] is None and EVENTS in self.names:
            values[OPENED] = self._at(row)[0]
        return self.of(values, logged=logged)

    def of(self, values: Sequence[Any], *, logged: Sequence[Moment] = ()) -> TicketFacts:
        """Return the facts of a ticket. `values` are the values of its row, in the order of `names`.

        `logged` has what a log tells of the ticket. Raise TicketError for an unreadable value, or an event before the
        opening, unless that may tell how the ticket was opened.
        """
        layout = self._layout
        id, plan, priority, opened, answered, channel, version, *rest = values
        name_of("id", id)  # raises for a value that is neither text nor a whole number
        opened_at = layout.time("opened_at", opened)
        opened_us = instant_of(opened_at, layout.ambiguous)
        moments: tuple[Moment, ...] = ()
        dropped: list[Moment] = []
        missing, moved, owner, named = False, 0, None, dict[str, Any]()
        answered_at = None if answered is None else layout.time_or_none("answered_at", answered)
        if answered_at is not None:
            answer = not_before(instant_of(answered_at, layout.ambiguous), opened_us - self._tolerance)
            moments = (Moment(answer, "answered"),)
            if moments[0].at < opened_us - self._tolerance:
                raise TicketError(before_opening(opened_at, f"answered_at {answered_at.isoformat()}"))
        if logged or (rest and any(value is not None for value in rest)):
            more = dict(zip(self.names[len(COLUMNS) :], rest, strict=True))
            own, requester = more.pop(EVENTS, None), more.pop(REQUESTER, None)
            named = {name: more.pop(name) for name in ONLY_IF_NAMED if name in more}
            owner, is_closed = name_of(OWNER, named.get(OWNER)), _is_closed(named.get(STATUS))
            if own is not None:
                more = {name: value for name, value in more.items() if name in self._named}
            if STATUS in named and not is_closed:
                more.pop(CLOSED_AT, None)
            ends, missing = self._ends(opened_us, more)
            owned = own_moments(layout, own, self._endings.unnamed, requester)
            self._endings.told.update(layout.kinds.told if own else (), (moment.kind for moment in owned))
            told = logged if self._at is None else [moment for moment in logged if type(moment) is not Stated]
            if moments and any(moment[:2] == moments[0][:2] for moment in (*owned, *told)):
                moments = ()  # an event tells this answer too, and its place among events of one instant
            opened_us, every = either_way(layout, opened_us, [*moments, *ends, *owned, *told])
            events, moved = self._from_opening(opened_us, [*self._due(opened_us, named.get(DUE_AT)), *every])
            at_first = at_opening_of(opened_us, {"priority": priority, "plan": plan, OWNER: owner}, events)
            priority, plan, owner = at_first["priority"], at_first["plan"], at_first[OWNER]
            check_order(layout, opened_at, events)
            if is_closed:
                _check_end(events)
            whole = events if self._at is None else with_stated(events, logged)
            moments = tuple(at_opening(opened_us, as_states(whole, dropped=dropped)))
        elif self._tolerance or layout.ambiguous == "both":
            opened_us, told = either_way(layout, opened_us, [*moments])
            told, moved = self._from_opening(opened_us, told)
            moments = tuple(told)
        if priority is None:
            raise TicketError("priority is missing")
        target = named.get(OWN_TARGET)
        return TicketFacts(
            id,
            name_of("plan", plan),
            name_of("priority", priority),
            layout.channel if channel is None else name_of("channel", channel),
            name_of("version", version),
            opened_us,
            moments,
            len(dropped),
            missing,
            moved,
            None if target is None else duration_in(OWN_TARGET, target, self._units[OWN_TARGET]),
            owner,
            name_of(SCHEDULE, named.get(SCHEDULE)),
            _opener(named.get(OPENED_BY)),
        )

    def _due(self, opened: int, given: Any) -> list[Moment]:
        """Return a list with one event at the instant `opened`. This event sets the ticket's due time.

        `given` is the due time as the file writes it. If `given` is blank, return an empty list.
        """
        if given is None or self._layout.time_or_none(DUE_AT, given) is None:
            return []
        return [Moment(opened, "due", due_text(self._layout, DUE_AT, given))]

    def _from_opening(self, opened: int, moments: Sequence[Moment]) -> tuple[list[Moment], int]:
        """Move events from shortly before the opening to the opening. Return all events, and how many were moved.

        "Shortly" is the tolerance of the layout. Events that may tell how the ticket was opened are not moved.
        """
        earliest = opened - self._tolerance
        early = [earliest <= moment.at < opened and moment.kind not in AT_OPENING for moment in moments]
        moved = [
            moment._replace(at=opened) if is_early else moment for moment, is_early in zip(moments, early, strict=True)
        ]
        return moved, sum(early)

    def _ends(self, opened: int, values: Mapping[str, Any]) -> tuple[list[Moment], bool]:
        """Return the events that columns such as `resolved_at` tell of. `values` has the values of these columns.

        Also tell whether the ticket was reopened without an earlier resolution in these columns.
        """
        told = {name: value for name, value in values.items() if value is not None}
        read = {name: self._layout.time_or_none(name, told[name]) for name in ENDS if name in told}
        times = {name: instant_of(at, self._layout.ambiguous) for name, at in read.items() if at is not None}
        for name in SINCE_OPENING:
            if name in told:
                times[name] = opened + duration_in(name, told[name], self._units[name])
        answered = [Moment(times["answered_after"], "answered")] if "answered_after" in times else []
        resolved = times.get("resolved_at", times.get("resolved_after"))
        turns, missing = resolutions(resolved, times.get("reopened_at"), times.get("closed_at"))
        return [*answered, *turns], missing


def _is_closed(status: Any) -> bool:
    """Return whether the status of a ticket is `closed`. Any other word, and a blank cell, mean that it is not."""
    return folded(name_of(STATUS, status) or "") == CLOSED_STATUS


def _check_end(events: Sequence[Moment]) -> None:
    """Raise TicketError if a closed ticket has no event that ends it, or was reopened after the last such event."""
    turns = [event for event in events if event.kind in ENDS_OR_NOT]
    if not turns or max(turns, key=attrgetter("at")).kind == "reopened":
        raise TicketError(
            f"{STATUS}: the ticket is {CLOSED_STATUS}, but nothing says when it ended; name the column with"
            f" --map {CLOSED_AT}=COLUMN, or read no status with --map {STATUS}="
        )


def _opener(given: Any) -> Opener:
    """Return who opened a ticket: the requester if `given` is blank. Raise TicketError for an unknown word."""
    word = name_of(OPENED_BY, given)
    if word is None:
        return "requester"
    opener = next((known for known in OPENERS if known == folded(word)), None)
    if opener is None:
        what = f"{OPENED_BY}: {shown(word)} must be {choices(OPENERS, ' or ')}"
        raise TicketError(f"{what}; translate it with --value '{OPENED_BY}:{clean(as_word(word))}=staff'")
    return opener
