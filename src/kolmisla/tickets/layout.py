"""The layout of a file or a frame: its columns, words and times."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from kolmisla.documents.names import folded
from kolmisla.documents.remembered import remembered
from kolmisla.errors import TicketError, WallTimeError, choices, expect, shown
from kolmisla.instants import micros
from kolmisla.policies.kolmisoft import KOLMISOFT
from kolmisla.policies.plan import SUPPORT_SYSTEM
from kolmisla.tickets.event import EVENT_KINDS, EventKind
from kolmisla.times.formats import time_format
from kolmisla.times.reading import read
from kolmisla.times.zones import Ambiguous, check_ambiguous, zone_named

__all__ = [
    "SINCE_OPENING",
    "COLUMNS",
    "ENDS",
    "EVENTS",
    "EVENT_COLUMNS",
    "FACTS",
    "ROW_ORDER",
    "REQUIRED",
    "TERMS",
    "Layout",
    "check_columns",
    "header_of",
    "name_of",
]

COLUMNS = ("id", "plan", "priority", "opened_at", "answered_at", "channel", "version")
REQUIRED = ("plan", "priority", "opened_at")
EVENT_COLUMNS = ("event_id", "at", "kind", "value")
ROW_ORDER = "order"  # the column of a frame of events that tells the order of events of one instant
NAMES = ("plan", "priority", "channel", "version", "kind")  # the facts whose words may be translated
EVENTS = "events"  # the key of a JSON ticket's events
ENDS = ("resolved_at", "reopened_at", "closed_at")  # short forms of events
SINCE_OPENING = ("answered_after", "resolved_after")  # durations since the opening, short forms of events too
FACTS = (*COLUMNS, *ENDS, *SINCE_OPENING, EVENTS)
TERMS = ("plan", "priority", "channel", "version")

# How systems write that there is no time, regardless of case.
NO_TIME = frozenset(
    [
        *("null", "\\n", "n/a", "not set", "-", "none", "nan", "nat", "<na>"),
        *("0000-00-00", "0000-00-00 00:00", "0000-00-00 00:00:00", "0000-00-00t00:00:00", "0000-00-00t00:00:00z"),
    ]
)
LIKE_A_DATE = re.compile(r"\d{1,4}[/.]\d|\d[/-][^\W\d]{3,}")


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The columns, words and times of a file.

    `columns` maps our names of columns to the file's names. `constants` maps a fact to its value in all rows. `values`
    maps a fact to its words: each word of the file to our word (`{"priority": {"P1": "blocker"}}`). A word for a `kind`
    may map to several of our words, separated by commas, or to empty text, which means no event. Times without an
    offset are wall times in `timezone`. `ambiguous` says how to read a wall time that DST skips or repeats. `pattern`
    is the format of times for strptime, a name of a number format such as `epoch-ms`, or a list of these. `formats`
    has other formats for single facts. ISO 8601 is read too. A time that two formats read as different instants is
    invalid. `defaults` has the names of terms for rows that name none, and `sole` those for a file without the column.
    `none` has words that mean no time, in addition to NULL, N/A and others. Events that are earlier than the
    opening by at most `tolerance` are taken to be at the opening.

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
    pattern: str | Sequence[str] | None = None
    formats: Mapping[str, Sequence[str]] = field(default_factory=dict)
    none: Sequence[str] = ()
    defaults: Mapping[str, str] = field(default_factory=dict)
    sole: Mapping[str, str] = field(default_factory=dict)
    tolerance: timedelta = timedelta()

    def __post_init__(self) -> None:
        for what in ("columns", "constants", "values", "defaults", "sole"):
            names = getattr(self, what)
            expect(what, names, Mapping)
            for name, value in names.items():
                expect(f"a name in {what}", name, str)
                expect(f"{what}[{shown(name)}]", value, Mapping if what == "values" else str)
        expect("channel", "" if self.channel is None else self.channel, str)
        expect("formats", self.formats, Mapping)
        expect("tolerance", self.tolerance, timedelta)
        if self.tolerance < timedelta():
            raise ValueError(f"tolerance must not be negative, but is {self.tolerance}")
        known = (*FACTS, *EVENT_COLUMNS, ROW_ORDER)
        if unknown := [name for name in (*self.columns, *self.constants, *self.formats) if name not in known]:
            facts = f"the facts of a ticket are {', '.join(FACTS)}; facts of an event are {', '.join(EVENT_COLUMNS)}"
            raise ValueError(f"unknown fact: {choices(unknown)}; {facts}")
        if doubled := [name for name in self.columns if name in self.constants]:
            raise ValueError(f"{choices(doubled)} has both a column and a constant; choose one")
        if others := [name for name in (*self.defaults, *self.sole) if name not in TERMS]:
            raise ValueError(f"{choices(others)} cannot have a default, only {', '.join(TERMS)}")
        if others := [name for name in self.values if name not in NAMES]:
            raise ValueError(f"the words of {choices(others)} cannot be translated, only those of {', '.join(NAMES)}")
        values: Mapping[str, Mapping[Any, Any]] = self.values
        for name, words in values.items():
            not_text = [word for pair in words.items() for word in pair if not isinstance(word, str)]
            if not_text:
                raise ValueError(f"values[{shown(name)}] must map text to text; {shown(not_text[0])} is not text")
        _ = self.zone, self.kinds  # raises for an unknown zone or kind
        if self.pattern is not None and not isinstance(self.pattern, str):
            expect("pattern", self.pattern, Sequence)
        for pattern in [pattern for name in ("", *self.formats) for pattern in self.formats_of(name)]:
            expect("pattern", pattern, str)
            time_format(pattern)
        for word in self.none:
            expect("a word in none", word, str)
        check_ambiguous(self.ambiguous)
        for name in SINCE_OPENING:
            at = name.replace("_after", "_at")
            if name in self.constants or (self.columns.get(name) and (self.columns.get(at) or at in self.constants)):
                raise ValueError(f"{name} must be a column of durations, in place of {at}; choose one of the two")
        for name in ("opened_at", "answered_at", *ENDS, "at"):
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

    def kinds_of(self, word: str) -> tuple[EventKind, ...]:
        """Return our kinds of event for a word. Raise TicketError for an unknown word."""
        return self.kinds[word] if word in self.kinds else (_kind(word),)

    def time(self, name: str, text: object) -> datetime:
        """Return the instant of a text. For a text that cannot be read, raise TicketError with the name of the fact."""
        at = self.time_or_none(name, text)
        if at is None:
            raise TicketError(f"{name} is missing")
        return at

    def time_or_none(self, name: str, text: object) -> datetime | None:
        """Return the instant of a text, or None for a word that means no time. Raise TicketError as `time` does."""
        if type(text) in (int, float):  # a number of a JSON file
            text = f"{Decimal(repr(text)):f}"
        if not isinstance(text, str):
            if text is None:
                return None
            raise TicketError(f"{name}: must be text, not {shown(text)}")
        if self.none and text.casefold() in self._none_words:
            return None
        try:
            return self._read(self.formats_of(name), text)
        except ValueError as fault:
            if text.casefold() in NO_TIME:
                return None
            raise TicketError(f"{name}: {fault}{_hint(text)}") from fault

    def _read(self, patterns: Sequence[str], text: str) -> datetime:
        """Read a time by the formats that fit, else in ISO 8601. Raise ValueError if two formats disagree."""
        found: dict[int, tuple[datetime, str]] = {}
        unreadable: ValueError | None = None
        for pattern in patterns:
            try:
                at = read(text, zone=self.zone, ambiguous=self.ambiguous, pattern=pattern)
            except WallTimeError:
                raise
            except ValueError as fault:
                unreadable = unreadable or fault
            else:
                found.setdefault(micros(at), (at, pattern))
        if len(found) > 1:
            (one, by), (other, by_another), *_ = found.values()
            readings = f"{one.isoformat()} ({by}) or {other.isoformat()} ({by_another})"
            raise ValueError(f"{shown(text)} can be read as {readings}")
        if found:
            return next(iter(found.values()))[0]
        try:
            return read(text, zone=self.zone, ambiguous=self.ambiguous)
        except WallTimeError:
            raise
        except ValueError as fault:
            raise unreadable or fault from None

    def formats_of(self, name: str) -> Sequence[str]:
        """Return the formats in which a fact may be written, besides ISO 8601."""
        pattern = self.formats.get(name, self.pattern)
        return () if pattern is None else (pattern,) if isinstance(pattern, str) else pattern

    @remembered
    def _none_words(self) -> frozenset[str]:
        return frozenset(word.casefold() for word in self.none)

    def words(self, name: str) -> Mapping[str, str]:
        """Return the mapping for one fact, from the file's words to our words."""
        return self.values.get(name, {})


def _hint(text: str) -> str:
    """Return a hint for a text that may be a time in another form."""
    return "; --time-format says how times are written" if LIKE_A_DATE.search(text) else ""


def _kind(text: str) -> EventKind:
    for kind in EVENT_KINDS:
        if kind == folded(text):
            return kind
    raise TicketError(f"kind {shown(text)} is not one of {', '.join(EVENT_KINDS)}")


def header_of(column: str, columns: Sequence[str]) -> str | None:
    """Return the header that is meant by the name of a column: the same one, else the one in another case.

    Return None if there is none. Raise ValueError for headers that differ only in case.
    """
    if column in columns:
        return column
    near = [header for header in columns if header.casefold() == column.casefold()]
    if len(near) > 1:
        raise ValueError(f"{choices(near, ' and ')} differ only in case; name one with --map")
    return near[0] if near else None


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
        and not (name in layout.sole and name not in layout.columns)
        and (name in required or layout.columns.get(name))
    ]
    if missing:
        raise ValueError(f"there is no column {' and no '.join(missing)}; the frame has {choices(there)}")
