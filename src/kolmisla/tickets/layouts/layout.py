"""The layout of a file or a data frame: its columns, words and times."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from kolmisla.documents.remembered import remembered
from kolmisla.errors import TicketError, WallTimeError, choices, expect, expect_text, expect_texts, shown
from kolmisla.policies.kolmisoft import KOLMISOFT
from kolmisla.policies.terms.conditions import SUPPORT_SYSTEM
from kolmisla.tickets.layouts.fact_names import (
    DUE_AT,
    ENDS,
    EVENT_COLUMNS,
    FACTS,
    NAMES,
    OLD_VALUE,
    OWN_TARGET,
    ROW_ORDER,
    SINCE_OPENING,
    TERMS,
    TERMS_OF_EVENTS,
    TRANSLATED,
    WHO,
    WITHOUT_PREFIX,
)
from kolmisla.tickets.layouts.headers import header_of
from kolmisla.tickets.layouts.kinds import Kinds
from kolmisla.tickets.layouts.repeated import WallReadings, check_readings, read_time
from kolmisla.tickets.layouts.words import Words
from kolmisla.times.forms.formats import time_format
from kolmisla.times.forms.languages import has_names
from kolmisla.times.instants import micros
from kolmisla.times.zones import zone_named

__all__ = ["Layout", "check_columns"]

# How systems write that there is no time, regardless of case.
NO_TIME = frozenset(
    [
        *("null", "\\n", "n/a", "not set", "-", "none", "nan", "nat", "<na>"),
        *("0000-00-00", "0000-00-00 00:00", "0000-00-00 00:00:00", "0000-00-00t00:00:00", "0000-00-00t00:00:00z"),
    ]
)
MAPPED = ("columns", "constants", "values", "formats", "defaults", "sole", "known", "others")  # fields with a mapping
LIKE_A_DATE = re.compile(r"\d{1,4}[/.]\d|\d[/-][^\W\d]{3,}")


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The columns, words and times of a file.

    `columns` maps our name of a fact, such as `opened_at`, to the file's column. `constants` maps a fact to its value
    in all rows. `others` has further columns of a fact, which are read where its column is missing or has no value.

    `values` maps a fact to its words, and each word of the file to our word: `{"priority": {"P1": "blocker"}}`. A word
    may be a pattern, in which `*` stands for any text: see `Words`. A word for a `kind` may map to several of our
    words, separated by commas, or to empty text, which means no event. If the fact `value` has a column, a word may be
    a field and its new value, such as `status:solved`: see `Kinds`. `known` has the names that the policy knows.
    `defaults` has the name for rows that give no name or an unknown name. `sole` has the name for all rows of a file
    without a column for the fact. If `columns` has empty text for a fact, the fact has no column.

    Times without an offset are wall times in `timezone`. `ambiguous` says how to read a wall time that DST skips or
    repeats. `pattern` is a format of times for strptime, a number format such as `epoch-ms`, or a list of formats.
    `formats` has other formats for single facts. ISO 8601 is always read too. A time is invalid if two formats read it
    as different instants. `none` has words that mean no time, besides NULL, N/A and the like. If an event is before the
    opening by at most `tolerance`, it counts as an event at the opening.

    Raise ValueError for an unknown fact, kind, zone or `ambiguous`, for a fact with both a column and a constant, for a
    constant of a time, such as `opened_at`, that cannot be read, and for a pattern that lacks a part of the time.

    >>> Layout(columns={"opened_at": "created"}).column("opened_at")
    'created'
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    timezone: str = KOLMISOFT.timezone
    channel: str | None = SUPPORT_SYSTEM  # for tickets without a channel; None means the policy's first channel
    ambiguous: WallReadings | None = None
    pattern: str | Sequence[str] | None = None
    formats: Mapping[str, Sequence[str]] = field(default_factory=dict)
    none: Sequence[str] = ()
    defaults: Mapping[str, str] = field(default_factory=dict)
    sole: Mapping[str, str] = field(default_factory=dict)
    known: Mapping[str, Collection[str]] = field(default_factory=dict)
    others: Mapping[str, Sequence[str]] = field(default_factory=dict)
    tolerance: timedelta = timedelta()
    language: str | None = None  # the language of the names of months and days in times; None means English

    def __post_init__(self) -> None:
        for what in MAPPED:
            names = getattr(self, what)
            expect(what, names, Mapping)
            for name, value in names.items():
                expect(f"each key of {what}", name, str)
                if what in ("others", "known") or (what == "formats" and not isinstance(value, str)):
                    expect_texts(f"{what}[{shown(name)}]", value)
                else:
                    expect(f"{what}[{shown(name)}]", value, Mapping if what == "values" else str)
        expect("channel", "" if self.channel is None else self.channel, str)
        expect("tolerance", self.tolerance, timedelta)
        if self.tolerance < timedelta():
            raise ValueError(f"tolerance must not be negative, but is {self.tolerance}")
        known = (*FACTS, *EVENT_COLUMNS, *TERMS_OF_EVENTS, *WHO, OLD_VALUE, ROW_ORDER)
        names = (*self.columns, *self.constants, *self.formats, *self.others)
        if unknown := [name for name in names if name not in known]:
            facts = f"the facts of a ticket are {', '.join(FACTS)}"
            of_events = f"facts of an event are {', '.join((*EVENT_COLUMNS, *TERMS_OF_EVENTS, *WHO, OLD_VALUE))}"
            raise ValueError(f"unknown fact: {choices(unknown)}; {facts}; {of_events}")
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
            expect_texts("pattern", self.pattern)
        expect("language", "" if self.language is None else self.language, str)
        patterns = [pattern for name in ("", *self.formats) for pattern in self.formats_of(name)]
        for pattern in patterns:
            time_format(pattern, self.language)
        if self.language is not None and not any(map(has_names, patterns)):
            raise ValueError(
                "a language must come with a time format that has names of months or days, such as %d/%b/%y %H:%M"
            )
        expect_texts("none", self.none)
        check_readings(self.ambiguous)
        for name in SINCE_OPENING:
            at = name.replace("_after", "_at")
            if name in self.constants or (self.columns.get(name) and (self.columns.get(at) or at in self.constants)):
                raise ValueError(f"{name} must be a column of durations; if it is given, {at} must be left out")
        if OWN_TARGET in self.constants:
            raise ValueError(f"{OWN_TARGET} must be a column of durations; a target for all rows belongs in the policy")
        for name in ("opened_at", "answered_at", *ENDS, DUE_AT, "at"):
            if text := self.constants.get(name, "").strip():
                self.time(name, text)

    @remembered
    def zone(self) -> ZoneInfo:
        """Return the zone of the times that have no offset."""
        return zone_named(self.timezone)

    @remembered
    def kinds(self) -> Kinds:
        """Return the words for kinds of event. If the fact `value` has a column, rows may tell changes of fields."""
        return Kinds(self.values.get("kind", {}), is_history=bool(self.columns.get("value")))

    def column(self, name: str) -> str:
        """Return the name of the file's column for a fact."""
        if name == "event_id" and name not in self.columns:
            name = "id"
        return self.columns.get(name, WITHOUT_PREFIX.get(name, name))

    def names(self, fact: str) -> bool:
        """Tell whether the layout names a column for a fact, or gives its value for all rows."""
        return fact in self.constants or bool(self.columns.get(fact))

    def settled(self, there: Sequence[str] | None) -> "Layout":
        """Return the layout for a file with the columns `there`.

        A fact with several columns keeps those that the file has. If the file has none of them, the new layout names no
        column for the fact. If `there` is None, columns may differ from row to row, and the layout does not change.
        """
        if there is None or not self.others:
            return self
        columns, more = dict(self.columns), dict[str, Sequence[str]]()
        for name, others in self.others.items():
            found = [header for column in (self.columns.get(name), *others) if (header := header_of(column, there))]
            columns.pop(name, None)
            columns |= {name: found[0]} if found else {}
            more |= {name: found[1:]} if found[1:] else {}
        return replace(self, columns=columns, others=more)

    def time(self, name: str, text: object) -> datetime:
        """Return the time that a text means. `name` is the fact. Raise TicketError for a missing or unreadable time."""
        at = self.time_or_none(name, text)
        if at is None:
            raise TicketError(f"{name} is missing")
        return at

    def time_or_none(self, name: str, text: object) -> datetime | None:
        """Return the time that a text means, or None for a word that means no time.

        Raise TicketError for a text that cannot be read.
        """
        if type(text) in (int, float):  # JSON may write a time as a number
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
        """Read a time by one of `patterns`, else in ISO 8601. Raise ValueError if two patterns give different times."""
        found: dict[int, tuple[datetime, str]] = {}
        unreadable: ValueError | None = None
        for pattern in patterns:
            try:
                at = read_time(text, pattern=pattern, language=self.language, zone=self.zone, ambiguous=self.ambiguous)
            except WallTimeError:
                raise
            except ValueError as fault:
                unreadable = unreadable or fault
            else:
                found.setdefault(micros(at), (at, pattern))
        if len(found) > 1:
            (one, by), (other, by_another), *_ = found.values()
            readings = f"{one.isoformat()} ({by}) or {other.isoformat()} ({by_another})"
            raise ValueError(f"{shown(text)} can be read as {readings}; leave out the time format that is wrong")
        if found:
            return next(iter(found.values()))[0]
        try:
            return read_time(text, zone=self.zone, ambiguous=self.ambiguous)
        except WallTimeError:
            raise
        except ValueError as fault:
            raise unreadable or fault from None

    def formats_of(self, name: str) -> Sequence[str]:
        """Return the time formats of a fact, besides ISO 8601."""
        pattern = self.formats.get(name, self.pattern)
        return () if pattern is None else (pattern,) if isinstance(pattern, str) else pattern

    @remembered
    def _none_words(self) -> frozenset[str]:
        return frozenset(word.casefold() for word in self.none)

    @property
    def has_old_value(self) -> bool:
        """Whether the layout names a column that has the value before a change."""
        return bool(self.columns.get(OLD_VALUE))

    @property
    def more_of_events(self) -> list[str]:
        """Further facts that decide what an event means: the value before the change, and who acted."""
        return [*([OLD_VALUE] if self.has_old_value else []), *(WHO if self.asks_who else ())]

    @property
    def asks_who(self) -> bool:
        """Whether the meaning of a word depends on who acted in the event, or on who could see the event."""
        return self.kinds.ask_who

    def words(self, name: str) -> Words:
        """Return the file's words for one fact, such as its priorities, and our word for each."""
        expect_text("name", name)
        if name not in TRANSLATED:
            raise ValueError(f"name must be one of {choices(TRANSLATED)}, not {shown(name)}")
        return self._words[name]

    @remembered
    def _words(self) -> Mapping[str, Words]:
        return {
            name: Words(self.values.get(name, {}), known=self.known.get(name, ()), default=self.defaults.get(name))
            for name in TRANSLATED
        }


def _hint(text: str) -> str:
    """Return the end of a message: for a text that looks like a date, how to give its format; else nothing."""
    return "; --time-format says how times are written" if LIKE_A_DATE.search(text) else ""


def check_columns(there: Sequence[str], layout: Layout, facts: Sequence[str], required: Sequence[str]) -> None:
    """Raise ValueError if the columns `there` of a data frame lack a column that the layout names.

    A fact in `required` needs a column too, unless the layout has a constant for it.
    """
    missing = [
        name
        for name in facts
        if not (layout.column(name) and layout.column(name) in there)
        and name not in layout.constants
        and not (name in layout.sole and not layout.columns.get(name))
        and (name in required or layout.columns.get(name))
    ]
    if untold := [name for name in missing if not layout.column(name)]:
        raise ValueError(f"there must be a column for {choices(untold)}; the frame has {choices(there)}")
    if missing:
        told = " and no ".join(f"{shown(layout.column(name))} for {name}" for name in missing)
        raise ValueError(f"there is no column {told}; the frame has {choices(there)}")
