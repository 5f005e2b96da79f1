"""Formats of times, written as for strptime. Letters after the time of day, such as Z or UTC, give the offset."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import NamedTuple

from kolmisla.errors import brief, choices, shown
from kolmisla.names import LOADING
from kolmisla.times.forms.languages import Language, has_names, language_named
from kolmisla.times.forms.numbers import NUMBER_FORMATS, NumberFormat
from kolmisla.times.zones import zone_named

__all__ = ["TimeFormat", "time_format"]

EXAMPLE = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
# The example with another year, month, day or hour. A format that gives both one text leaves out this unit.
OTHERS = {
    "year": EXAMPLE.replace(year=2002),
    "month": EXAMPLE.replace(month=3),
    "day": EXAMPLE.replace(day=4),
    "hour": EXAMPLE.replace(hour=16),
}

LONGEST_PATTERN = 200  # characters; Python takes seconds to prepare a very long pattern

DIRECTIVE = re.compile(r"%:?(.)", re.DOTALL)
TIME_OF_DAY = "HIMSfpcXTRr"  # the directives that write a part of the time of day
COUNTED_DAY = set("jUVW")  # the directives for the day of the year, and for the number of the week
DIRECTIVE_HERE = "\0"  # stands for a directive between two pieces of literal text

# Literal text by which a format names an offset or a zone. strptime ignores the case of letters.
UTC_WORD = r"(?<![A-Za-z])(?i:UTC|GMT)(?![A-Za-z])"
MARKS = re.compile(
    rf"""(?P<name>[A-Za-z_]+(?:/[A-Za-z0-9_+-]+)+)  # the IANA name of a zone, with a slash
    |(?:(?i:UTC|GMT)[ ]*(?P<sign>[+-])(?=\d)|(?P<bare>[+-])(?=\d\d))  # an offset such as +02:00, +0200, -05 or UTC+2
        (?P<hours>\d\d?)(?::?(?P<minutes>[0-5]\d))?(?!\d)
    |(?P<utc>{UTC_WORD}|(?<![A-Za-z])Z(?![A-Za-z])|(?<![A-Za-z\s])z(?![A-Za-z])|(?<=\s)z(?=\s*\Z))
    |(?<![A-Za-z])(?P<unknown>[A-Z]{{2,}})(?![A-Za-z])""",
    re.VERBOSE,
)


class TimeFormat(NamedTuple):
    """A format of times: a pattern for strptime, a zone and a language.

    `zone` is the one that the pattern names, such as `UTC`. `language` is None for English names. `years` has the
    directives for the year if the pattern counts its days or weeks.
    """

    pattern: str
    zone: tzinfo | None = None
    language: Language | None = None
    years: tuple[str, ...] = ()

    def read(self, text: str) -> datetime:
        """Read a time. Raise ValueError for text in another format.

        If the text has no offset, the result is naive, even if the format has a zone.
        """
        if self.language is not None:
            text = self.language.in_english(self.pattern, text)
        with LOADING:  # strptime holds a lock of its own, which a fork would leave locked in the child
            at = datetime.strptime(text, self.pattern)  # noqa: DTZ007  # callers place the result in a zone
        # strptime takes day 366 of 2026 as a day of another year
        if any(at.strftime(year) not in text for year in self.years):
            raise ValueError(f"{shown(text)} is a day that its year does not have")
        return at


@lru_cache(maxsize=64)
def time_format(pattern: str, language: str | None = None) -> TimeFormat | NumberFormat:
    """Return the format that `pattern` gives: a pattern for strptime, or a name such as `epoch` or `excel` for numbers.

    Raise ValueError for a pattern that is invalid, unclear or incomplete, and the errors of `language_named`.

    >>> time_format("%d.%m.%Y %H:%M UTC").zone
    datetime.timezone.utc
    """
    if pattern in NUMBER_FORMATS:
        return NumberFormat(pattern)
    if len(pattern) > LONGEST_PATTERN:
        raise ValueError(f"a time format must have at most {LONGEST_PATTERN} characters, not {len(pattern):,}")
    if "%Z" in pattern:
        raise ValueError(
            f"the time format {shown(pattern)} must not have %Z, which has no offset; use %z, or give a timezone"
        )
    try:
        written = EXAMPLE.strftime(pattern)
    except ValueError as fault:  # the pattern has a lone surrogate
        raise ValueError(f"the time format {shown(pattern)} is invalid: {brief(fault)}") from None
    # strptime would take 1900, January, the first day or midnight for what is missing
    missing = [unit for unit, other in OTHERS.items() if other.strftime(pattern) == written]
    if missing:
        raise ValueError(f"the time format {shown(pattern)} leaves out the {' and the '.join(missing)}")
    letters = {directive[1] for directive in DIRECTIVE.finditer(pattern)}
    if "j" in letters and letters & set("Bbdm"):
        raise ValueError(
            f"the time format {shown(pattern)} must have either %j (the day of the year) or a month and a day, not both"
        )
    years = [f"%{letter}" for letter in "GYy" if letter in letters and letters & COUNTED_DAY]
    found = TimeFormat(pattern, _zone(pattern), years=tuple(years))
    try:
        found.read(written)
    except (ValueError, re.error) as fault:  # re.error for a directive that occurs twice
        raise ValueError(f"the time format {shown(pattern)} is invalid: {brief(fault)}") from None
    if language is None or not has_names(pattern):
        return found
    spoken = found._replace(language=language_named(language))
    spoken.read(written)  # raises for a directive that depends on the language of the machine
    return spoken


def _zone(pattern: str) -> tzinfo | None:
    """Return the offset or the zone that is written in a pattern, such as `+02:00` or `UTC`, or None.

    With %z, return None. Raise ValueError for several zones, and for letters after the time of day, such as EDT, that
    give no offset.
    """
    literal, after, begun = "", 0, 0
    for directive in DIRECTIVE.finditer(pattern):
        letter = directive[1]
        if letter == "z":  # the text of each time has its own offset
            return None
        literal += pattern[begun : directive.start()] + ("%" if letter == "%" else DIRECTIVE_HERE)
        begun = directive.end()
        if letter in TIME_OF_DAY:
            after = len(literal)
    literal += pattern[begun:]
    zones: list[tzinfo] = [UTC for _ in re.finditer(UTC_WORD, literal[:after])]
    zones += [_zone_of(pattern, mark) for mark in MARKS.finditer(literal, after)]
    if len(set(zones)) > 1:
        raise ValueError(
            f"the time format {shown(pattern)} must name one zone, not {choices(map(str, zones), ' and ')}"
        )
    return zones[0] if zones else None


def _zone_of(pattern: str, mark: re.Match[str]) -> tzinfo:
    if mark["name"]:
        return zone_named(mark["name"])
    if mark["utc"]:
        return UTC
    if mark["unknown"]:
        letters = mark["unknown"]
        instead = (
            "use %p with %I for a time of 12 hours"
            if letters in ("AM", "PM")
            else "use %z for an offset in the file, or leave the letters out of the file and give its zone (--timezone)"
        )
        raise ValueError(
            f"the time format {shown(pattern)} must not have {shown(letters)}, which gives no offset; {instead}"
        )
    ahead = timedelta(hours=int(mark["hours"]), minutes=int(mark["minutes"] or 0))
    if ahead >= timedelta(days=1):
        raise ValueError(f"the time format {shown(pattern)} has {shown(mark[0])}, which is not an offset from UTC")
    return timezone(ahead if "+" in (mark["sign"], mark["bare"]) else -ahead)
