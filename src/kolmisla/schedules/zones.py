"""Time zones by name, and wall times read in one: the only home of the hours DST skips and repeats."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache, partial
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from kolmisla import LOADING
from kolmisla.errors import NaiveTimeError, ScheduleError, WallTimeError, named, shown
from kolmisla.instants import DAY, EPOCH, EPOCH_DAY, SECOND, duration, length

__all__ = [
    "Ambiguous",
    "check_ambiguous",
    "check_pattern",
    "clock_between",
    "midnight",
    "midnight_after",
    "offset",
    "placed",
    "read",
    "utc_offsets",
    "wall_offsets",
    "zone_named",
    "zone_or_utc",
]

Ambiguous = Literal["earlier", "later"]

HERE = ("localtime", "posixrules")  # what a machine is set to, not a zone of any name
EPOCH_FACE = datetime(1970, 1, 1)  # noqa: DTZ001  # what a clock shows
LAST_DAY = date.max.toordinal()
SIX_HOURS = DAY // 4
THREE_DAYS = 3  # no zone has changed its offset and taken that back sooner: Africa/Freetown did after four, in 1939

DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
ISO_8601 = re.compile(rf"{DATE.pattern}[Tt ]\d\d:\d\d(:\d\d([.,]\d+)?)?(Z|[+-]\d\d(:?[0-5]\d(:?[0-5]\d)?)?)?", re.ASCII)


def zone_named(name: str | ZoneInfo) -> ZoneInfo:
    """The IANA time zone of that name; ScheduleError, with the nearest names, when there is none."""
    key = name.key if isinstance(name, ZoneInfo) else name
    try:
        if key in HERE:
            raise LookupError
        return ZoneInfo(key)
    except (LookupError, ValueError, OSError, TypeError, AttributeError):  # unknown, unsafe, a folder, not a text
        raise ScheduleError(f"{shown(key)} is not a known IANA time zone; {_hint(str(key))}") from None


def zone_or_utc(name: str | None) -> tzinfo:
    """The time zone of that name, UTC for none."""
    return zone_named(name) if name else UTC


def _hint(key: str) -> str:
    """Say what to write instead of a name that is no zone's."""
    if key.lower() in HERE:
        return "it is what this machine is set to; write the zone's own name, such as Europe/Vilnius or UTC"
    names = {name.lower(): name for name in available_timezones() if name not in HERE}
    if not names:
        return "none is installed here, the package tzdata has them all"
    with LOADING:
        from difflib import get_close_matches

    near = get_close_matches(key.lower(), names, n=1)
    return f"did you mean {names[near[0]]}?" if near else "it takes one such as Europe/Vilnius or UTC"


def midnight(zone: tzinfo, day: int, fold: int = 0) -> int:
    """The instant at which a date (an ordinal) begins in `zone`; with `fold` 1, begins again."""
    return (day - EPOCH_DAY) * DAY - offset(zone, datetime.fromordinal(day).replace(fold=fold))


def midnight_after(zone: tzinfo, at: int) -> int:
    """The beginning of the next date in `zone` after an instant; the second one where DST has it come again."""
    day = (EPOCH + duration(at)).astimezone(zone).toordinal() + 1
    first, again = midnight(zone, day), midnight(zone, day, fold=1)
    return first if first > at else again


def clock_between(zone: ZoneInfo, first: int, last: int) -> tuple[tuple[int, int], ...]:
    """What clocks in `zone` are ahead of UTC from one date to another (ordinals), and where that changes.

    The same for all stretches of dates that begin with one offset and in which the clocks are changed alike: wall
    times are counted from the first date's midnight, and an hour that comes twice is the first of the two.

    >>> [ahead // 3_600_000_000 for _, ahead in clock_between(ZoneInfo("Europe/Vilnius"), 739_548, 739_555)]
    [3, 2]
    """

    def ahead_at(wall: int) -> int:
        return offset(zone, EPOCH_FACE + duration(wall))

    midnights = [(day - EPOCH_DAY) * DAY for day in (*range(first, last, THREE_DAYS), last)]
    told = [(0, held := ahead_at(begin := midnights[0]))]
    for start, end in pairwise(midnights):
        ahead = ahead_at(end)
        if ahead != held:
            told.append((_change(ahead_at, start, end) - begin, ahead))
        held = ahead
    return tuple(told)


def _change(ahead_at: Callable[[int], int], before: int, after: int) -> int:
    """Find the one change of the offset between two times, both of whole seconds as it is itself."""
    held, earlier, later = ahead_at(before), before // SECOND, after // SECOND
    while later - earlier > 1:
        middle = (earlier + later) // 2
        earlier, later = (middle, later) if ahead_at(middle * SECOND) == held else (earlier, middle)
    return later * SECOND


def offset(zone: tzinfo, wall: datetime) -> int:
    """What clocks in `zone` are ahead of UTC when they show this wall time."""
    return length(zone.utcoffset(wall))  # type: ignore[arg-type]  # a zone by name always has one, and so has UTC


def read(
    text: str, *, zone: ZoneInfo | None = None, ambiguous: Ambiguous | None = None, pattern: str | None = None
) -> datetime:
    """A time written as text: ISO 8601, or as the strptime `pattern` says.

    One without an offset is a wall time in `zone`: NaiveTimeError without a zone, WallTimeError where DST
    skips or repeats it and `ambiguous` makes no choice. ValueError for what cannot be read at all.

    >>> read("2026-10-25T03:30", zone=ZoneInfo("Europe/Vilnius"), ambiguous="later").isoformat()
    '2026-10-25T03:30:00+02:00'
    """
    try:
        if pattern:
            at = datetime.strptime(text, pattern)  # noqa: DTZ007  # placed below
        elif ISO_8601.fullmatch(text):  # the standard library reads more than that: any letter for T, +03:00:99
            at = datetime.fromisoformat(text)
        else:
            raise ValueError
    except ValueError:
        raise ValueError(_unreadable(text, pattern)) from None
    if at.tzinfo is not None:
        return at
    if zone is None:
        raise NaiveTimeError(f"{shown(text)} has no offset; write one such as 2026-07-03T16:30:00+03:00")
    return placed(at, zone, ambiguous)


def check_ambiguous(ambiguous: object) -> None:
    """ValueError for what is no choice between two readings of a wall time."""
    if ambiguous not in (None, "earlier", "later"):
        raise ValueError(f"{shown(ambiguous)} is no reading of a wall time; choose earlier or later")


def check_pattern(pattern: str) -> None:
    """ValueError for a strptime pattern that cannot read what it writes, or leaves year, month, day or hour out.

    What it left out would be taken for January, the first, or midnight.
    """
    if "%Z" in pattern:
        raise ValueError(f"the time format {shown(pattern)} has %Z, a name that is no offset; use %z, or a timezone")
    some = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
    written = some.strftime(pattern)
    others = {"year": some.replace(year=2002), "month": some.replace(month=3), "day": some.replace(day=4)}
    missing = [
        unit for unit, other in {**others, "hour": some.replace(hour=16)}.items() if other.strftime(pattern) == written
    ]
    if missing:
        raise ValueError(f"the time format {shown(pattern)} leaves out the {' and the '.join(missing)}")
    try:
        datetime.strptime(written, pattern)  # noqa: DTZ007
    except (ValueError, re.error) as fault:  # the latter for a directive that is there twice
        raise ValueError(f"the time format {shown(pattern)} cannot be read: {fault}") from None


def _unreadable(text: str, pattern: str | None) -> str:
    if pattern:
        return f"{shown(text)} is not a time written as {named(pattern)}"
    if DATE.fullmatch(text):
        return f"{shown(text)} is a date without a time of day; write one such as {text}T08:00"
    return f"{shown(text)} is not a time in ISO 8601, such as 2026-07-03T16:30:00+03:00"


def placed(wall: datetime, zone: ZoneInfo, ambiguous: Ambiguous | None) -> datetime:
    """The instant at which clocks in `zone` show this wall time; WallTimeError as for `read`."""
    # replace() would do for both, and takes three times as long
    first = datetime.combine(wall, wall.time(), zone)
    if _is_plain(zone, wall.toordinal()):
        return first
    hour, minute, second, us = wall.hour, wall.minute, wall.second, wall.microsecond
    again = datetime(wall.year, wall.month, wall.day, hour, minute, second, us, zone, fold=1)
    if zone.utcoffset(first) == zone.utcoffset(again):  # PEP 495: they differ just where DST skips or repeats
        return first
    check_ambiguous(ambiguous)
    with LOADING:
        from dateutil.tz import datetime_exists

    early, late = sorted((first.astimezone(UTC), again.astimezone(UTC)))
    if ambiguous is None:
        what = "repeats" if datetime_exists(first) else "skips"
        readings = " or ".join(
            f"{each.astimezone(zone).isoformat()} ({name})" for name, each in (("earlier", early), ("later", late))
        )
        raise WallTimeError(f"{wall.isoformat()} is a wall time that {zone.key} {what}: choose {readings}")
    return (early if ambiguous == "earlier" else late).astimezone(zone)


@lru_cache(maxsize=1 << 16)
def _is_plain(zone: ZoneInfo, day: int) -> bool:
    """Whether DST skips or repeats no wall time of a date (an ordinal); False where a calendar begins and ends."""
    return 1 < day < LAST_DAY and all(earlier == later for _, earlier, later in wall_offsets(zone, day, day + 1))


def wall_offsets(zone: ZoneInfo, first: int, last: int) -> list[tuple[int, int, int]]:
    """What clocks in `zone` are ahead of UTC when they show a wall time, from the date `first` to `last` (ordinals).

    Each is in force from a wall time (microseconds since 1970 on such a clock) until the next one's: the offset
    of the earlier reading, and of the later; they differ just where DST skips or repeats the wall time.

    >>> [(wall // 3_600_000_000 % 24, later // 3_600_000_000)
    ...  for wall, _, later in wall_offsets(ZoneInfo("Europe/Vilnius"), 739_550, 739_551)]  # 2025-10-26
    [(0, 3), (3, 2), (4, 2)]
    """
    start, end = (first - EPOCH_DAY) * DAY, (last - EPOCH_DAY) * DAY
    at, held = start, _readings(zone, start)
    found = [(at, *held)]
    while at < end:
        until = min(at + SIX_HOURS, end)
        found += _changes(zone, at, until)
        at = until
    return found


def _changes(zone: ZoneInfo, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Where the readings change after start, up to end; none that are undone within that time."""
    held = _readings(zone, end)
    if held == _readings(zone, start):
        return
    if end - start == 1:
        yield end, *held
        return
    middle = (start + end) // 2
    yield from _changes(zone, start, middle)
    yield from _changes(zone, middle, end)


def _readings(zone: ZoneInfo, wall: int) -> tuple[int, int]:
    """The offsets of the earlier and the later reading of a wall time."""
    shown = EPOCH_FACE + duration(wall)
    first, again = offset(zone, shown), offset(zone, shown.replace(fold=1))
    return max(first, again), min(first, again)


def utc_offsets(zone: ZoneInfo, start: int, end: int) -> list[tuple[int, int]]:
    """List what clocks in `zone` are ahead of UTC, each offset with the instant from which it is in force.

    `start` and `end` are of whole seconds.

    >>> [(at // 3_600_000_000 % 24, offset // 3_600_000_000)
    ...  for at, offset in utc_offsets(ZoneInfo("Europe/Vilnius"), 1_761_436_800_000_000, 1_761_523_200_000_000)]
    [(0, 3), (1, 2)]
    """
    found = [(start, _ahead(zone, start))]
    while start < end:
        until = min(start + SIX_HOURS, end)
        ahead = _ahead(zone, until)
        if ahead != found[-1][1]:
            found.append((_change(partial(_ahead, zone), start, until), ahead))
        start = until
    return found


def _ahead(zone: ZoneInfo, at: int) -> int:
    return length((EPOCH + duration(at)).astimezone(zone).utcoffset())  # type: ignore[arg-type]  # as for `offset`
