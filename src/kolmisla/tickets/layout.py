"""The layout of a file: how to read its columns, words and times, and how its rows become the facts of tickets."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from kolmisla.documents.names import folded
from kolmisla.documents.remembered import remembered
from kolmisla.errors import TicketError, choices, expect, shown
from kolmisla.instants import micros, told
from kolmisla.policies.kolmisoft import KOLMISOFT
from kolmisla.policies.plan import SUPPORT_SYSTEM
from kolmisla.schedules.zones import Ambiguous, check_ambiguous, check_pattern, read, zone_named
from kolmisla.tickets.event import EVENT_KINDS, WITH_VALUE, EventKind, Moment, as_states, before_opening

__all__ = [
    "COLUMNS",
    "EVENTS",
    "EVENT_COLUMNS",
    "FACTS",
    "REQUIRED",
    "TERMS",
    "Columns",
    "Layout",
    "TicketFacts",
    "check_columns",
    "name_of",
]

COLUMNS = ("id", "plan", "priority", "opened_at", "answered_at", "channel", "version")
REQUIRED = ("plan", "priority", "opened_at")
EVENT_COLUMNS = ("event_id", "at", "kind", "value")
NAMES = ("plan", "priority", "channel", "version", "kind")  # the facts whose words may be translated
EVENTS = "events"  # the key of a JSON ticket's events
FACTS = (*COLUMNS, EVENTS)
TERMS = ("plan", "priority", "channel", "version")


class TicketFacts(NamedTuple):
    """The facts of one ticket from a file. Names are in our words. Instants are in UTC microseconds."""

    id: Any  # the id as the file writes it; only a log and a queue use it
    plan: str | None
    priority: str
    channel: str | None
    version: str | None
    opened: int
    moments: tuple[Moment, ...]  # in order of time


class Columns(Protocol):
    """A table. A layout picks the values of certain columns from each row."""

    @property
    def columns(self) -> Sequence[str] | None:
        """The columns of every row, or None when each row has its own columns."""

    def picker(self, columns: Sequence[str | None]) -> Callable[[Any], list[Any]]:
        """Return a function that takes a row and returns its value in each column, or None if it has no value."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The columns, words and times of a file.

    `columns` maps our names of columns to the file's names. `constants` maps a fact to its value in all rows. `values`
    maps a fact to its words: each word of the file to our word (`{"priority": {"P1": "blocker"}}`). A word for a `kind`
    may map to several of our words, separated by commas, or to empty text, which means no event. Times without an
    offset are wall times in `timezone`. `ambiguous` says how to read a wall time that DST skips or repeats. `pattern`
    is the format of times for strptime.

    Raise ValueError for an unknown fact, kind, zone or `ambiguous`, for a fact with both a column and a constant, for a
    constant that is not a time, and for a pattern that lacks a part of the time.

    >>> Layout(columns={"opened_at": "created"}).column("opened_at")
    'created'
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    timezone: str = KOLMISOFT.timezone
    channel: str | None = SUPPORT_SYSTEM  # for tickets without a channel; None means the policy's first channel
    ambiguous: Ambiguous | None = None
    pattern: str | None = None

    def __post_init__(self) -> None:
        for what, names in (("columns", self.columns), ("constants", self.constants), ("values", self.values)):
            expect(what, names, Mapping)
            for name, value in names.items():
                expect(f"a name in {what}", name, str)
                expect(f"{what}[{shown(name)}]", value, Mapping if what == "values" else str)
        for what, text in (("pattern", self.pattern), ("channel", self.channel)):
            expect(what, "" if text is None else text, str)
        known = (*FACTS, *EVENT_COLUMNS)
        if unknown := [name for name in (*self.columns, *self.constants) if name not in known]:
            facts = f"the facts of a ticket are {', '.join(FACTS)}; facts of an event are {', '.join(EVENT_COLUMNS)}"
            raise ValueError(f"unknown fact: {choices(unknown)}; {facts}")
        if doubled := [name for name in self.columns if name in self.constants]:
            raise ValueError(f"{choices(doubled)} has both a column and a constant; choose one")
        if others := [name for name in self.values if name not in NAMES]:
            raise ValueError(f"the words of {choices(others)} cannot be translated, only those of {', '.join(NAMES)}")
        values: Mapping[str, Mapping[Any, Any]] = self.values
        for name, words in values.items():
            not_text = [word for pair in words.items() for word in pair if not isinstance(word, str)]
            if not_text:
                raise ValueError(f"values[{shown(name)}] must map text to text; {shown(not_text[0])} is not text")
        _ = self.zone, self.kinds  # raises for an unknown zone or kind
        if self.pattern is not None:
            check_pattern(self.pattern)
        check_ambiguous(self.ambiguous)
        for name in ("opened_at", "answered_at", "at"):
            if text := self.constants.get(name, "").strip():
                self.time(name, text)

    @remembered
    def zone(self) -> ZoneInfo:
        """Return the zone of the times that have no offset."""
        return zone_named(self.timezone)

    @remembered
    def kinds(self) -> Mapping[str, tuple[EventKind, ...]]:
        """Return a mapping from each of the file's words for a kind to our kinds of event."""
        return {word: tuple(map(_kind, filter(None, ours.split(",")))) for word, ours in self.words("kind").items()}

    def column(self, name: str) -> str:
        """Return the name of the column in which the file has a fact."""
        if name == "event_id" and name not in self.columns:
            name = "id"
        return self.columns.get(name, name)

    def picker(self, table: Columns, facts: Sequence[str], required: Sequence[str]) -> Callable[[Any], list[Any]]:
        """Return a function that takes a row and returns the value of each of `facts`, in our words.

        Raise ValueError if the table lacks a column that is required or that the layout names.
        """
        columns: list[str | None] = [self.column(name) for name in facts]
        for i, name in enumerate(facts):
            column, in_file = columns[i], table.columns
            if in_file is None or column in in_file or name in self.constants:
                continue
            if name in required or name in self.columns:
                raise ValueError(f"there is no column {shown(column)} for {name}; the file has {choices(in_file)}")
            columns[i] = None
        constants = {facts.index(name): text.strip() or None for name, text in self.constants.items() if name in facts}
        words = [(i, self.words(name)) for i, name in enumerate(facts) if self.words(name) and name != "kind"]
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

    def facts(
        self,
        id: Any,
        plan: Any,
        priority: Any,
        opened: Any,
        answered: Any,
        channel: Any,
        version: Any,
        own: Any = None,
        *,
        logged: Sequence[Moment] = (),
        priorities: Sequence[Moment] = (),
    ) -> TicketFacts:
        """Return the facts of a ticket from the values of a row and the events of a log.

        Events are read by `as_states`, because the file is an export. A priority set before the ticket was opened is
        the ticket's first priority. `own` is the list of events in a JSON ticket. `priorities` are the priorities
        in the rows of an audit log. They come after other events of the same instant. Raise TicketError for an
        unreadable value, and for an event before the ticket was opened that does not set the priority.
        """
        opened_at = self.time("opened_at", opened)
        opened_us = micros(opened_at)
        moments: tuple[Moment, ...] = ()
        if answered is not None:
            answered_at = self.time("answered_at", answered)
            moments = (Moment(micros(answered_at), "answered"),)
            if moments[0].at < opened_us:
                raise TicketError(before_opening(opened_at, f"answered_at {answered_at.isoformat()}"))
        if own is not None or logged or priorities:
            events = [*moments, *self._own(own), *logged]
            self._check_order(opened_at, events)
            moments = tuple(as_states([*events, *priorities]))
        if priority is None:
            raise TicketError("priority is missing")
        return TicketFacts(
            id,
            name_of("plan", plan),
            name_of("priority", priority),
            self.channel if channel is None else name_of("channel", channel),
            name_of("version", version),
            opened_us,
            moments,
        )

    def moments(self, at: Any, kind: Any, value: Any) -> list[Moment]:
        """Return the events of one row. Raise TicketError for a value that cannot be read."""
        if kind is None:
            raise TicketError("kind is missing")
        word = name_of("kind", kind)
        kinds = self.kinds_of(word)
        if not kinds:
            return []
        us, name = micros(self.time("at", at)), name_of("value", value)
        if "priority" in kinds:
            if name is None:
                raise TicketError("a change of priority has no value")
            name = self.words("priority").get(name, name)
        return [Moment(us, kind, name if kind in WITH_VALUE else None) for kind in kinds]

    def kinds_of(self, word: str) -> tuple[EventKind, ...]:
        """Return our kinds of event for a word. Raise TicketError for an unknown word."""
        return self.kinds[word] if word in self.kinds else (_kind(word),)

    def time(self, name: str, text: object) -> datetime:
        """Return the instant of a text. For a text that cannot be read, raise TicketError with the name of the fact."""
        if not isinstance(text, str):
            raise TicketError(f"{name} is missing" if text is None else f"{name}: must be text, not {shown(text)}")
        try:
            return read(text, zone=self.zone, ambiguous=self.ambiguous, pattern=self.pattern)
        except ValueError as fault:
            raise TicketError(f"{name}: {fault}") from fault

    def _own(self, events: Any) -> list[Moment]:
        """Return the events listed in a JSON ticket."""
        if events is None:
            return []
        if not isinstance(events, list):
            raise TicketError(f"events: {shown(events)} is not a list")
        moments = []
        for number, event in enumerate(events):
            if not isinstance(event, dict):
                raise TicketError(f"events[{number}]: {shown(event)} is not an object")
            try:
                row = (self.constants.get(name, event.get(self.columns.get(name, name))) for name in EVENT_COLUMNS[1:])
                moments += self.moments(*(cell.strip() or None if isinstance(cell, str) else cell for cell in row))
            except TicketError as fault:
                raise TicketError(f"events[{number}]: {fault}") from fault
        return moments

    def _check_order(self, opened_at: datetime, moments: Sequence[Moment]) -> None:
        """Raise TicketError if an event that does not set the priority is earlier than the opening of the ticket."""
        opened = micros(opened_at)
        early = [
            f"{moment.kind} at {told(moment.at, self.zone)}"
            for moment in moments
            if moment.at < opened and moment.kind != "priority"  # an earlier priority is the ticket's first priority
        ]
        if early:
            raise TicketError(before_opening(opened_at, choices(early)))

    def words(self, name: str) -> Mapping[str, str]:
        """Return the mapping for one fact, from the file's words to our words."""
        return self.values.get(name, {})


def _kind(text: str) -> EventKind:
    for kind in EVENT_KINDS:
        if kind == folded(text):
            return kind
    raise TicketError(f"kind {shown(text)} is not one of {', '.join(EVENT_KINDS)}")


def name_of(what: str, value: Any) -> Any:
    """Return a name as text. Return None for None. In JSON, a name such as a version may be a whole number."""
    if value is None or type(value) is str:
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise TicketError(f"{what}: {shown(value)} is not a name")


def check_columns(there: Sequence[str], layout: Layout, facts: Sequence[str], required: Sequence[str]) -> None:
    """Raise ValueError when a frame lacks a column that is required or that the layout names."""
    missing = [
        f"{shown(layout.column(name))} for {name}"
        for name in facts
        if layout.column(name) not in there
        and name not in layout.constants
        and (name in required or name in layout.columns)
    ]
    if missing:
        raise ValueError(f"there is no column {' and no '.join(missing)}; the frame has {choices(there)}")
