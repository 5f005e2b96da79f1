"""Durations in hours, minutes and seconds: read from ISO 8601 text, and written as such text."""

import re
from datetime import timedelta

from kolmisla.errors import shown
from kolmisla.times.instants import SECOND, duration, length

__all__ = ["DURATION_PATTERN", "duration_text", "read_duration"]

DURATION_PATTERN = r"PT(?=[0-9])(?:([0-9]{1,6})H)?(?:([0-9]{1,8})M)?(?:([0-9]{1,10})(?:\.([0-9]{1,6}))?S)?"


def read_duration(given: object) -> timedelta:
    """Return the duration that ISO 8601 text such as PT8H30M gives. Return a timedelta unchanged.

    Raise ValueError for any other value, also for days: a day could mean 24 hours or one working day.

    >>> read_duration("PT8H30M")
    datetime.timedelta(seconds=30600)
    """
    if isinstance(given, timedelta):
        return given
    match = re.fullmatch(DURATION_PATTERN, given) if isinstance(given, str) else None
    if match is None:
        raise ValueError(f"{shown(given)} is not a duration such as PT2H, PT15M or PT8H30M (hours, minutes, seconds)")
    hours, minutes, seconds, fraction = match.groups()
    whole = (int(hours or 0) * 60 + int(minutes or 0)) * 60 + int(seconds or 0)
    return duration(whole * SECOND + int((fraction or "0").ljust(6, "0")))


def duration_text(within: timedelta) -> str:
    """Return the ISO 8601 text of a duration that is not negative.

    >>> duration_text(timedelta(hours=30, seconds=1.5))
    'PT30H1.5S'
    """
    minutes, rest = divmod(length(within), 60 * SECOND)
    second, fraction = divmod(rest, SECOND)
    parts = [(minutes // 60, "H"), (minutes % 60, "M")]
    text = "".join(f"{number}{unit}" for number, unit in parts if number)
    if rest or not text:
        text += f"{second}" + f".{fraction:06}".rstrip("0") * bool(fraction) + "S"
    return f"PT{text}"
