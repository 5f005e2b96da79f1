"""The rows of a file as the facts of tickets and their events, by the layout of the file."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple, Protocol, TypeVar

from kolmisla.documents.amounts import AMOUNT_UNITS, AmountUnit, read_amount
from kolmisla.errors import TicketError, choices, shown
from kolmisla.instants import micros, told
from kolmisla.tickets.cycles import as_states, at_opening
from kolmisla.tickets.event import AT_OPENING, WITH_VALUE, Moment, before_opening
from kolmisla.tickets.layout import COLUMNS, ENDS, EVENT_COLUMNS, EVENTS, REQUIRED, SINCE_OPENING, Layout, name_of

__all__ = ["Columns", "RowFacts", "TicketFacts", "moments_of", "picker", "resolutions", "told_in"]

OPENED = COLUMNS.index("opened_at")


class TicketFacts(NamedTuple):
    """The facts of one ticket from a file. Names are in our words. Instants are in UTC microseconds."""

    id: Any  # the id as the file writes it; only a log and a queue use it
    plan: str | None
    priority: str
    channel: str | None
    version: str | None
    opened: int
    moments: tuple[Moment, ...]  # in order of time
    unmatched: int = 0  # ends of pauses for a reason that did not run
    first_resolution_missing: bool = False  # the ticket was reopened after a resolution that the file does not have


class Columns(Protocol):
    """A table. A layout picks the values of certain columns from each row."""

    @property
    def columns(self) -> Sequence[str] | None:
        """The columns of every row, or None when each row has its own columns."""

    def picker(self, columns: Sequence[str | None]) -> Callable[[Any], list[Any]]:
        """Return a function that takes a row and returns its value in each column, or None if it has no value."""


def picker(layout: Layout, table: Columns, facts: Sequence[str], required: Sequence[str]) -> Callable[[Any], list[Any]]:
    """Return a function that takes a row and returns the value of each of `facts`, in our words.

    Raise ValueError if the table lacks a column that is required or that the layout names. An empty name of a column
    says that the table has none.
    """
    columns: list[str | None] = [layout.column(name) or None for name in facts]
    for i, name in enumerate(facts):
        column, in_file = columns[i], table.columns
        if in_file is None or column in in_file or name in layout.constants:
            continue
        if name in required or (name in layout.columns and column is not None):
            raise ValueError(f"there is no column {shown(column)} for {name}; the file has {choices(in_file)}")
        columns[i] = None
    constants = {facts.index(name): text.strip() or None for name, text in layout.constants.items() if name in facts}
    words = [(i, layout.words(name)) for i, name in enumerate(facts) if layout.words(name) and name != "kind"]
    pick = table.picker([None if i in constants else column for i, column in enumerate(columns)])
    if not constants and not words:
        return pick

    def translated(row: Any) -> list[Any]:
        values = pick(row)
        for i, constant in constants.items():
            values[i] = constant
        for i, ours in words:
            value = values[i]
            if isinstance(value, int) and not isinstance(value, bool):  # a number of a JSON file
                value = ours.get(str(value), value)
            if isinstance(value, str):
                value = ours.get(value, value).strip() or None
            values[i] = value
        return values

    return translated


class RowFacts:
    """Reads the facts of tickets from the rows of one table.

    With `events`, the run has a log of events. Then, or if a JSON ticket has events of its own, `resolved_at`,
    `reopened_at` and `closed_at` are facts only if the layout names them. In an audit log, a ticket may have no
    `opened_at`. Raise ValueError if the table lacks a column that is required or that the layout names.
    """

    def __init__(self, layout: Layout, table: Columns, *, events: bool = False, audit: bool = False) -> None:
        self._units: dict[str, AmountUnit] = {}
        columns = dict(layout.columns)
        for name in SINCE_OPENING:
            if columns.get(name):
                columns[name], self._units[name] = _with_unit(name, columns[name], table.columns)
        layout = replace(layout, columns=columns)
        there = table.columns
        if audit and there is not None and layout.column("opened_at") not in (*there, *layout.constants):
            layout = replace(layout, columns={**columns, "opened_at": layout.column("at")})
        self._layout, self._audit = layout, audit
        self._named = {name for name in (*ENDS, *SINCE_OPENING) if name in columns or name in layout.constants}
        found = [name for name in ENDS if not events and (there is None or name in there)]
        extra = [name for name in (*ENDS, *SINCE_OPENING) if name in self._named or name in found]
        self.names = (*COLUMNS, *([EVENTS] if there is None else []), *extra)
        for name in SINCE_OPENING:
            at = name.replace("_after", "_at")
            if name in self._named and layout.column(at) in (there or ()) and at not in layout.columns:
                raise ValueError(f"the file has {at} too, beside {name}; --map {at}= leaves it out")
        required = ("id", *REQUIRED) if events or audit else REQUIRED
        self.pick = picker(layout, table, self.names, required)
        self._at = picker(layout, table, ("at",), ())

    def of_row(self, row: Any, *, logged: Sequence[Moment] = (), priorities: Sequence[Moment] = ()) -> TicketFacts:
        """Return the facts of the ticket in a row. Arguments and errors are as for `of`."""
        values = self.pick(row)
        if self._audit and values[OPENED] is None and EVENTS in self.names:
            values[OPENED] = self._at(row)[0]
        return self.of(values, logged=logged, priorities=priorities)

    def of(
        self, values: Sequence[Any], *, logged: Sequence[Moment] = (), priorities: Sequence[Moment] = ()
    ) -> TicketFacts:
        """Return the facts of a ticket from the values of a row, in the order of `names`, and the events of a log.

        Events are read by `as_states`, because the file is an export. A priority or a pause from before the opening
        tells the state at the opening. `priorities` are the priorities in the rows of an audit log. They come after
        other events of the same instant. Raise TicketError for an unreadable value, and for any other event before the
        ticket was opened.
        """
        layout = self._layout
        id, plan, priority, opened, answered, channel, version, *rest = values
        name_of("id", id)  # raises for a value that is neither text nor a whole number
        opened_at = layout.time("opened_at", opened)
        opened_us = micros(opened_at)
        moments: tuple[Moment, ...] = ()
        dropped: list[Moment] = []
        missing = False
        if answered is not None:
            answered_at = layout.time("answered_at", answered)
            moments = (Moment(micros(answered_at), "answered"),)
            if moments[0].at < opened_us:
                raise TicketError(before_opening(opened_at, f"answered_at {answered_at.isoformat()}"))
        if logged or priorities or (rest and any(value is not None for value in rest)):
            more = dict(zip(self.names[len(COLUMNS) :], rest, strict=True))
            own = more.pop(EVENTS, None)
            if own is not None:
                more = {name: value for name, value in more.items() if name in self._named}
            ends, missing = self._ends(opened_us, more)
            events = [*moments, *ends, *_own(layout, own), *logged]
            _check_order(layout, opened_at, events)
            moments = tuple(at_opening(opened_us, as_states([*events, *priorities], dropped=dropped)))
        if priority is None:
            raise TicketError("priority is missing")
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
        )

    def _ends(self, opened: int, values: Mapping[str, Any]) -> tuple[list[Moment], bool]:
        """Return the events that columns of the ticket tell in short, and whether its first resolution is missing."""
        told = {name: value for name, value in values.items() if value is not None}
        times = {name: micros(self._layout.time(name, told[name])) for name in ENDS if name in told}
        for name in SINCE_OPENING:
            if name in told:
                try:
                    times[name] = opened + read_amount(told[name], self._units[name])
                except ValueError as fault:
                    raise TicketError(f"{name}: {fault}") from fault
        answered = [Moment(times["answered_after"], "answered")] if "answered_after" in times else []
        resolved = times.get("resolved_at", times.get("resolved_after"))
        turns, missing = resolutions(resolved, times.get("reopened_at"), times.get("closed_at"))
        return [*answered, *turns], missing


def resolutions(resolved: int | None, reopened: int | None, closed: int | None) -> tuple[list[Moment], bool]:
    """Return the events that the instants of a resolution, a reopening and a closing tell in short.

    A closing is a resolution only if there is no other, or if the ticket was reopened after that. Also return whether
    the first resolution is missing, because a reopening does not follow the resolution that is there.

    >>> [moment.kind for moment in resolutions(1, 2, 3)[0]], resolutions(2, 1, None)
    (['resolved', 'reopened', 'resolved'], ([Moment(at=2, kind='resolved', value=None)], True))
    """
    first = closed if resolved is None else resolved
    turns = [] if first is None else [Moment(first, "resolved")]
    if reopened is None:
        return turns, False
    if first is None or reopened <= first:
        return turns, True
    turns.append(Moment(reopened, "reopened"))
    if closed is not None and closed > reopened:
        turns.append(Moment(closed, "resolved"))
    return turns, False


def _with_unit(name: str, text: str, columns: Sequence[str] | None) -> tuple[str, AmountUnit]:
    """Return the column and the unit of `COLUMN:UNIT`. Raise ValueError without a unit."""
    column, _, given = text.rpartition(":")
    unit = next((unit for unit in AMOUNT_UNITS if unit == given), None)
    if not column or unit is None or (columns is not None and text in columns):
        units = ", ".join(AMOUNT_UNITS)
        raise ValueError(f"{name} must name a column and its unit, such as {text}:min; the units are {units}")
    return column, unit


T = TypeVar("T")


def told_in(rows: Sequence[T], falls: bool) -> Iterable[T]:
    """Return the rows of a log in the order in which they happened: the other way round if the log `falls` in time."""
    return reversed(rows) if falls else rows


def moments_of(layout: Layout, at: Any, kind: Any, value: Any) -> list[Moment]:
    """Return the events of one row. Raise TicketError for a value that cannot be read.

    A word of the file that the layout translates is a state: it ends the pauses before it. If it is a pause, its reason
    is the value of the row, else the word. The plain words `paused` and `resumed` are events.
    """
    if kind is None:
        raise TicketError("kind is missing")
    word = name_of("kind", kind)
    kinds = layout.kinds_of(word)
    if not kinds:
        return []
    us, name = micros(layout.time("at", at)), name_of("value", value)
    if "priority" in kinds:
        if name is None:
            raise TicketError("a change of priority has no value")
        name = layout.words("priority").get(name, name)
    if word not in layout.kinds:
        return [Moment(us, kind, name if kind in WITH_VALUE else None) for kind in kinds]
    moments = []
    for kind in kinds:
        if kind == "paused":  # the state before it has ended
            moments += [Moment(us, "resumed"), Moment(us, kind, word if name is None else name)]
        else:
            moments.append(Moment(us, kind, name if kind == "priority" else None))
    return moments


def _own(layout: Layout, events: Any) -> list[Moment]:
    """Return the events listed in a JSON ticket."""
    if events is None:
        return []
    if not isinstance(events, list):
        raise TicketError(f"events: {shown(events)} is not a list")
    told: list[list[Moment]] = []
    for number, event in enumerate(events):
        if not isinstance(event, dict):
            raise TicketError(f"events[{number}]: {shown(event)} is not an object")
        try:
            row = (layout.constants.get(name, event.get(layout.columns.get(name, name))) for name in EVENT_COLUMNS[1:])
            told.append(moments_of(layout, *(cell.strip() or None if isinstance(cell, str) else cell for cell in row)))
        except TicketError as fault:
            raise TicketError(f"events[{number}]: {fault}") from fault
    times = [moments[0].at for moments in told if moments]
    falls = any(after < before for before, after in pairwise(times)) and times == sorted(times, reverse=True)
    return [moment for moments in told_in(told, falls) for moment in moments]


def _check_order(layout: Layout, opened_at: datetime, moments: Sequence[Moment]) -> None:
    """Raise TicketError if an event that does not tell the state at the opening is earlier than the opening."""
    opened = micros(opened_at)
    early = [
        f"{moment.kind} at {told(moment.at, layout.zone)}"
        for moment in moments
        if moment.at < opened and moment.kind not in AT_OPENING
    ]
    if early:
        raise TicketError(before_opening(opened_at, choices(early)))
