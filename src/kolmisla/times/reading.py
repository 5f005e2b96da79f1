"""How a time is read from text: in ISO 8601, or in a format that the caller gives."""

import re
from datetime import date, datetime, tzinfo
from typing import TYPE_CHECKING

from kolmisla.errors import NaiveTimeError, expect, named, shown
from kolmisla.names import LOADING
from kolmisla.times.zones import Ambiguous, placed

if TYPE_CHECKING:  # loading this module takes a twentieth of the time of the command `kolmisla due`
    from kolmisla.times.forms.formats import TimeFormat
    from kolmisla.times.forms.numbers import NumberFormat

__all__ = ["read"]

DATE = r"\d{4}-\d\d-\d\d"
ISO_8601 = re.compile(rf"{DATE}[Tt ]\d\d:\d\d(:\d\d([.,]\d+)?)?(Z|[+-]\d\d(:?[0-5]\d(:?[0-5]\d)?)?)?", re.ASCII)


def read(
    text: str,
    *,
    zone: tzinfo | None = None,
    ambiguous: Ambiguous | None = None,
    pattern: str | None = None,
    language: str | None = None,
) -> datetime:
    """Read a time from text in ISO 8601, or in the format of the strptime `pattern`.

    All forms of ISO 8601 in `kolmisla.times.forms.iso_8601` are read. For numbers, `pattern` may be `epoch`, `epoch-s`,
    `epoch-ms`, `epoch-us`, `epoch-ns` or `excel`. A time without an offset is a wall time in `zone`. If the pattern
    itself has an offset or a zone after the time of day, such as Z, +0200 or Europe/Vilnius, this offset or zone is
    used. Names of months and days are English if `language` is None. Otherwise they are in the language with this code,
    such as `de` or `pt-BR`, which needs the extra `languages`.

    If `zone` is None, a wall time raises NaiveTimeError. If `ambiguous` is None, a wall time that DST skips or repeats
    raises WallTimeError. Text that is not a time raises ValueError. A pattern that
    `kolmisla.times.forms.formats.time_format` refuses raises ValueError too.

    >>> from zoneinfo import ZoneInfo
    >>> read("2026-10-25T03:30", zone=ZoneInfo("Europe/Vilnius"), ambiguous="later").isoformat()
    '2026-10-25T03:30:00+02:00'
    >>> read("25.10.2026 03:30 UTC", pattern="%d.%m.%Y %H:%M UTC").isoformat()
    '2026-10-25T03:30:00+00:00'
    """
    if language is not None:
        expect("language", language, str)
    try:
        if pattern:
            form = _format(pattern, language)
            at = form.read(text)
            zone = form.zone or zone
        elif ISO_8601.fullmatch(text):  # fromisoformat accepts more: any letter for T, +03:00:99
            at = datetime.fromisoformat(text)
        else:
            raise ValueError
    except ValueError:
        expect("text", text, str)
        expect("pattern", "" if pattern is None else pattern, str)  # `if pattern` raises ValueError for an array
        if pattern:
            _format(pattern, language)  # raises for an invalid pattern
        told = None if pattern else _rare(text)
        if told is None:
            raise ValueError(_unreadable(text, pattern, language)) from None
        at, zone = told[0], told[1] or zone
    except Exception:  # types are checked only after a failure, because files have millions of texts
        expect("text", text, str)
        expect("pattern", "" if pattern is None else pattern, str)
        raise  # pragma: no cover  # `text` or `pattern` is not text, so one of the two checks has raised
    if at.tzinfo is not None:
        return at
    if zone is None:
        raise NaiveTimeError(f"{shown(text)} has no offset; write one such as 2026-07-03T16:30:00+03:00")
    return placed(at, zone, ambiguous)


def _format(pattern: str, language: str | None) -> "TimeFormat | NumberFormat":
    with LOADING:
        from kolmisla.times.forms.formats import time_format
    return time_format(pattern, language)


def _rare(text: str) -> tuple[datetime, tzinfo | None] | None:
    with LOADING:
        from kolmisla.times.forms.iso_8601 import iso_time
    return iso_time(text)


def _unreadable(text: str, pattern: str | None, language: str | None) -> str:
    if pattern:
        with LOADING:
            from kolmisla.times.forms.languages import has_names

        names = f" with the names of {named(language)}" if language and has_names(pattern) else ""
        return f"{shown(text)} is not a time written as {named(pattern)}{names}"
    with LOADING:
        from kolmisla.times.forms.numbers import is_number

    if is_number(text):
        formats = "epoch (since 1970; or epoch-s, epoch-ms, epoch-us, epoch-ns), or excel"
        return f"{shown(text)} is a number; the time format must say what it counts: {formats}"
    if re.fullmatch(DATE, text, re.ASCII):
        try:
            date.fromisoformat(text)
        except ValueError:
            return f"{shown(text)} is not a date that a calendar has"
        return f"{shown(text)} is a date without a time of day; write one such as {text}T08:00"
    return f"{shown(text)} is not a time in ISO 8601, such as 2026-07-03T16:30:00+03:00"
