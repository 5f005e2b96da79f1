"""Times in all forms of ISO 8601 that systems write, and in the form of Java and Temporal, with a zone in brackets."""

import re
from datetime import datetime, timedelta, timezone, tzinfo

from kolmisla.errors import ScheduleError, shown
from kolmisla.times.instants import micros, nearest_in
from kolmisla.times.zones import zone_named

__all__ = ["iso_time"]

SECONDS = r"(?:{colon}(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?"
OFFSET = r"(?P<offset>[Zz]|(?P<sign>[+-])(?P<ahead_h>\d\d)(?::?(?P<ahead_m>[0-5]\d)(?::?(?P<ahead_s>[0-5]\d))?)?)?"
GAP = r"[ \t\u00a0\u2009\u202f]"  # also the narrow blanks that some systems write
END = rf"{GAP}*{OFFSET}(?:\[(?P<zone>[^\[\]]+)\])?"
EXTENDED = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d?)-(?P<day>\d\d?)(?:[Tt]|"
    + GAP
    + r"+)(?P<hour>\d\d?):(?P<minute>\d\d)"
    + SECONDS.format(colon=":")
    + END,
    re.ASCII,
)
BASIC = re.compile(
    r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)[Tt](?P<hour>\d\d)(?P<minute>\d\d)" + SECONDS.format(colon="") + END,
    re.ASCII,
)


def iso_time(text: str) -> tuple[datetime, tzinfo | None] | None:
    """Read a time in ISO 8601. Return a datetime and a zone, or None for text in another form.

    Without an offset, the datetime is naive, and the zone is the one in brackets, or None. Raise ValueError for a wrong
    time, offset or zone.

    >>> iso_time("20260707T240000Z")[0].isoformat(), iso_time("2026-7-7 9:05 +0300")[0].isoformat()
    ('2026-07-08T00:00:00+00:00', '2026-07-07T09:05:00+03:00')
    """
    match = EXTENDED.fullmatch(text) or BASIC.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (
        int(match[name] or 0) for name in ("year", "month", "day", "hour", "minute", "second")
    )
    if second == 60:
        raise ValueError(f"{shown(text)} has a second of 60; write second 59, or the next minute")
    us = int((match["fraction"] or "0")[:6].ljust(6, "0"))
    midnight = hour == 24 and not (minute or second or us)
    try:
        wall = datetime(year, month, day, 0 if midnight else hour, minute, second, us)  # noqa: DTZ001
        wall += timedelta(days=midnight)
    except (ValueError, OverflowError):
        raise ValueError(f"{shown(text)} is a date or a time of day that does not exist") from None
    try:
        zone = None if match["zone"] is None else zone_named(match["zone"])
    except ScheduleError as fault:
        raise ValueError(f"{shown(text)}: {fault}") from None
    offset = _offset(match)
    if offset is None:
        return wall, zone
    at = wall.replace(tzinfo=offset)
    # Z has no sign, and fits every zone
    if zone is not None and match["sign"] and nearest_in(zone)(micros(at)).utcoffset() != at.utcoffset():
        raise ValueError(f"{shown(text)} has an offset that {zone} does not have at that time")
    return at, None


def _offset(match: re.Match[str]) -> timezone | None:
    if not match["offset"]:
        return None
    hours, minutes, seconds = (int(match[name] or 0) for name in ("ahead_h", "ahead_m", "ahead_s"))
    ahead = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if ahead >= timedelta(days=1):
        raise ValueError(f"{shown(match[0])} has an offset of a day or more, which no zone has")
    return timezone(-ahead if match["sign"] == "-" else ahead)
