"""Durations in files: numbers with a unit, text such as 1:30:00, or ISO 8601."""

import re
from decimal import Context, Decimal
from typing import Literal, get_args

from kolmisla.errors import shown
from kolmisla.times.durations import read_duration
from kolmisla.times.instants import DAY, SECOND, length

__all__ = ["AMOUNT_UNITS", "EXACT", "AmountUnit", "read_amount"]

# Arithmetic in decimals does not depend on the caller's context. With the usual 28 digits, a long fraction would be
# rounded up to the next microsecond.
EXACT = Context(prec=100)

AmountUnit = Literal["s", "min", "h", "d", "hms", "iso"]
AMOUNT_UNITS: tuple[AmountUnit, ...] = get_args(AmountUnit)

MICROSECONDS: dict[str, int] = {"s": SECOND, "min": 60 * SECOND, "h": 3600 * SECOND, "d": DAY}
CLOCK = re.compile(r"(\d{1,7}):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,9}))?)?", re.ASCII)
NUMBER = re.compile(r"\d{1,15}(\.\d{1,15})?", re.ASCII)


def read_amount(given: object, unit: AmountUnit) -> int:
    """Return a duration of real time, in microseconds.

    With the units s, min, h and d (24 hours), `given` is a number, or a number as text. With hms, it is text such as
    1:30:00; with iso, text such as PT1H30M, or a timedelta. Raise ValueError for anything else.

    >>> read_amount("1.5", "h"), read_amount("1:30:00", "hms"), read_amount("PT1H30M", "iso")
    (5400000000, 5400000000, 5400000000)
    """
    if unit == "iso":
        return length(read_duration(given))
    text = given.strip() if isinstance(given, str) else repr(given) if type(given) in (int, float) else ""
    if unit == "hms":
        match = CLOCK.fullmatch(text)
        if match is None:
            raise ValueError(f"{shown(given)} is not a duration such as 1:30:00 or 1:30 (hours and minutes)")
        hours, minutes, seconds, fraction = match.groups()
        whole = (int(hours) * 60 + int(minutes)) * 60 + int(seconds or 0)
        return whole * SECOND + int((fraction or "0").ljust(6, "0")[:6])
    if NUMBER.fullmatch(text) is None:
        raise ValueError(f"a duration in {unit} must be a number of 0 or more, such as 90 or 1.5, not {shown(given)}")
    return int(EXACT.multiply(Decimal(text), MICROSECONDS[unit]))
