"""Time zones by name, and wall times: what clocks in a zone show. DST skips some wall times and repeats others."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import cache, lru_cache, partial
from importlib import import_module
from itertools import chain, pairwise
from typing import Literal
from zoneinfo import TZPATH, ZoneInfo, available_timezones

from kolmisla.errors import LONGEST_NAME, ScheduleError, WallTimeError, expect, named, shown
from kolmisla.names import LOADING
from kolmisla.times.instants import DAY, EPOCH, EPOCH_DAY, SECOND, duration, length

__all__ = [
    "EPOCH_FACE",
    "Ambiguous",
    "check_ambiguous",
    "clock_between",
    "midnight",
    "midnight_after",
    "offset",
    "placed",
    "plain_offset",
    "utc_offsets",
    "wall_offsets",
    "zone_data_version",
    "zone_named",
    "zone_or_utc",
]

Ambiguous = Literal["earlier", "later"]

VERSION_LINE = r"# version (\S+)"  # how the list of all zones, tzdata.zi, begins
MOST_ALIKE = 3  # the most names of zones that are compared closely with an unknown name
# Folders with the same zones in other forms. Python can read their files, but those in `right` are off by leap seconds.
OTHER_FORMS = ("posix/", "right/")
HERE = ("localtime", "posixrules")  # files that hold a machine's setting; these are not names of zones
EPOCH_FACE = datetime(1970, 1, 1)  # noqa: DTZ001  # a wall time
LAST_DAY = date.max.toordinal()
THREE_DAYS = 3  # no zone has taken back a change of its offset within three days; Africa/Freetown took four, in 1939


def zone_named(name: str | ZoneInfo) -> ZoneInfo:
    """Return the IANA time zone with a name. Raise ScheduleError for an unknown name, with a hint what to write."""
    key: object = name.key if isinstance(name, ZoneInfo) else name
    try:
        if not isinstance(key, str) or key in HERE or key.lower().startswith(OTHER_FORMS):
            raise LookupError
        with LOADING:  # if the system has no zones, ZoneInfo imports the package tzdata
            return ZoneInfo(key)
    except (LookupError, ValueError, OSError):  # an unknown name, an unsafe path, a folder
        short = key if isinstance(key, str) and len(key) <= LONGEST_NAME else ""
        raise ScheduleError(f"{shown(key)} is not a known IANA time zone; {_hint(short)}") from None


def zone_or_utc(name: str | None) -> tzinfo:
    """Return the IANA time zone with a name, or UTC if `name` is None."""
    return zone_named(name) if name else UTC


def zone_data_version(name: str) -> str:
    """Return the version of the data from which Python reads a time zone, such as `2026a`.

    Return `of the system, version not known` if the system does not tell the version of its data.
    """
    with LOADING:
        from pathlib import Path
    for folder in map(Path, TZPATH):
        if (folder / name).is_file():
            try:
                with (folder / "tzdata.zi").open(encoding="utf-8") as lines:
                    told = re.match(VERSION_LINE, next(lines, ""))
            except (OSError, ValueError):
                told = None
            return told[1] if told else "of the system, version not known"
    with LOADING:
        return str(import_module("tzdata").IANA_VERSION)


@lru_cache(maxsize=1 << 13)  # a policy is checked twice, so the same unknown name comes again
def _hint(key: str) -> str:
    """Return a hint for a name that no zone has. The hint says what to write instead."""
    if key.lower().startswith(OTHER_FORMS):
        return f"write it without {named(key[: key.index('/') + 1])}"
    if key.lower() in HERE:
        return "it is the setting of this machine; use the name of a zone, such as Europe/Vilnius or UTC"
    having = _names_by_pair()
    if not having:
        return "no time zones are installed here; install the package tzdata"
    with LOADING:
        from difflib import get_close_matches

    # a document may have thousands of unknown names, so the slow comparison gets only a few zones
    shared = Counter(chain.from_iterable(having.get(letters, ()) for letters in _pairs(key.lower())))
    most = max(shared.values(), default=0)
    first = sorted((most - number, name) for name, number in shared.items() if number >= most - 1)[:MOST_ALIKE]
    alike = {name.lower(): name for _, name in first}
    near = get_close_matches(key.lower(), alike, n=1)
    return f"did you mean {alike[near[0]]}?" if near else "use a name such as Europe/Vilnius or UTC"


@cache
def _names_by_pair() -> Mapping[str, Sequence[str]]:
    """Return, for each pair of neighbouring letters (in small letters), the names of zones that have this pair.

    The names are remembered, because Python searches the disk to list all zones.
    """
    with LOADING:
        names = sorted(name for name in available_timezones() if name not in HERE)
    having: dict[str, list[str]] = {}
    for name in names:
        for letters in _pairs(name.lower()):
            having.setdefault(letters, []).append(name)
    return having


def _pairs(text: str) -> set[str]:
    return set(map("".join, pairwise(text)))


def midnight(zone: tzinfo, day: int, fold: int = 0) -> int:
    """Return the instant at which the date with the ordinal `day` begins in `zone`.

    If DST repeats 00:00, `fold` 0 gives the first beginning, `fold` 1 the second. If DST skips 00:00, `fold` 0 uses the
    offset before the change, `fold` 1 the offset after it.
    """
    return (day - EPOCH_DAY) * DAY - offset(zone, datetime.fromordinal(day).replace(fold=fold))


def midnight_after(zone: tzinfo, at: int) -> int:
    """Return the instant when the next date begins in `zone`. If it begins twice (DST), return the first after `at`."""
    day = (EPOCH + duration(at)).astimezone(zone).toordinal() + 1
    first, again = midnight(zone, day), midnight(zone, day, fold=1)
    return first if first > at else again


def clock_between(zone: ZoneInfo, first: int, last: int) -> tuple[tuple[int, int], ...]:
    """Return the UTC offsets of clocks in `zone` on the dates (ordinals) from `first` to `last` - 1.

    Each pair has the wall time at which an offset begins, counted from the first midnight, and the offset, in
    microseconds.

    >>> [ahead // 3_600_000_000 for _, ahead in clock_between(ZoneInfo("Europe/Vilnius"), 739_548, 739_555)]
    [3, 2]
    """

    def ahead_at(wall: int) -> int:
        return offset(zone, EPOCH_FACE + duration(wall))

    midnights = [(day - EPOCH_DAY) * DAY for day in (*range(first, last, THREE_DAYS), last)]
    offsets = [(0, held := ahead_at(begin := midnights[0]))]
    for start, end in pairwise(midnights):
        ahead = ahead_at(end)
        if ahead != held:
            offsets.append((_change(ahead_at, start, end) - begin, ahead))
        held = ahead
    return tuple(offsets)


def _change(ahead_at: Callable[[int], int], before: int, after: int) -> int:
    """Return the time between `before` and `after` at which the offset changes. It must change exactly once in between.

    `ahead_at` returns the offset at a time. Times are in microseconds, and are whole seconds.
    """
    held, earlier, later = ahead_at(before), before // SECOND, after // SECOND
    while later - earlier > 1:
        middle = (earlier + later) // 2
        earlier, later = (middle, later) if ahead_at(middle * SECOND) == held else (earlier, middle)
    return later * SECOND


def offset(zone: tzinfo, wall: datetime) -> int:
    """Return how far clocks in `zone` are ahead of UTC when they show the time `wall`, in microseconds."""
    return length(zone.utcoffset(wall))  # type: ignore[arg-type]  # never None for a zone by name or UTC


def check_ambiguous(ambiguous: object) -> None:
    """Raise ValueError unless `ambiguous` is "earlier", "later" or None."""
    if not (ambiguous is None or (isinstance(ambiguous, str) and ambiguous in ("earlier", "later"))):
        raise ValueError(f"ambiguous must be 'earlier' or 'later', not {shown(ambiguous)}")


def placed(wall: datetime, zone: tzinfo, ambiguous: Ambiguous | None) -> datetime:
    """Return the aware datetime at which clocks in `zone` show a wall time.

    If DST skips or repeats `wall`, `ambiguous` chooses the earlier or the later instant; if it is None, raise
    WallTimeError.
    """
    expect("zone", zone, tzinfo)
    # replace() could make `first` and `again`, but takes three times as long
    first = datetime.combine(wall, wall.time(), zone)
    if plain_offset(zone, wall.toordinal()) is not None:
        return first
    hour, minute, second, us = wall.hour, wall.minute, wall.second, wall.microsecond
    again = datetime(wall.year, wall.month, wall.day, hour, minute, second, us, zone, fold=1)
    if zone.utcoffset(first) == zone.utcoffset(again):  # PEP 495: offsets differ only if DST skips or repeats
        return first
    check_ambiguous(ambiguous)
    with LOADING:
        from dateutil.tz import datetime_exists

    early, late = sorted((first.astimezone(UTC), again.astimezone(UTC)))
    if ambiguous is None:
        fate = "repeats" if datetime_exists(first) else "skips"
        readings = " or ".join(
            f"{at.astimezone(zone).isoformat()} ({name})" for name, at in (("earlier", early), ("later", late))
        )
        raise WallTimeError(f"{wall.isoformat()} is a wall time that {zone} {fate}: choose {readings}")
    return (early if ambiguous == "earlier" else late).astimezone(zone)


@lru_cache(maxsize=1 << 16)
def plain_offset(zone: tzinfo, day: int) -> int | None:
    """Return the UTC offset that clocks in `zone` have on the date with the ordinal `day`, in microseconds.

    Return None if DST skips or repeats a wall time of the date, or the midnight at its end.
    """
    if not 1 < day < LAST_DAY:  # `date.min` or `date.max`
        return None
    offsets = {reading for _, *readings in wall_offsets(zone, day, day + 1) for reading in readings}
    return offsets.pop() if len(offsets) == 1 else None


def wall_offsets(zone: tzinfo, first: int, last: int) -> list[tuple[int, int, int]]:
    """Return the UTC offsets of wall times in `zone` on the dates (ordinals) from `first` to `last` - 1.

    Each row has a wall time (microseconds since 1970), and its offsets at the earlier and the later instant that it may
    mean. A row holds until the next.

    >>> [(wall // 3_600_000_000 % 24, later // 3_600_000_000)
    ...  for wall, _, later in wall_offsets(ZoneInfo("Europe/Vilnius"), 739_550, 739_551)]  # 2025-10-26
    [(0, 3), (3, 2), (4, 2)]
    """
    midnights = [(day - EPOCH_DAY) * DAY for day in (*range(first, last, THREE_DAYS), last)]
    held = _readings(zone, midnights[0])
    rows = [(midnights[0], *held)]
    for start, end in pairwise(midnights):
        before, held = held, _readings(zone, end)
        if held != before:
            rows += _changes(zone, start, end)
    return rows


def _changes(zone: tzinfo, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield a row, as in `wall_offsets`, for each change of offsets after `start`, up to and including `end`.

    If the offset changes and changes back within this range, the two changes may be missed.
    """
    held = _readings(zone, end)
    if held == _readings(zone, start):
        return
    if end - start == 1:
        yield end, *held
        return
    middle = (start + end) // 2
    yield from _changes(zone, start, middle)
    yield from _changes(zone, middle, end)


def _readings(zone: tzinfo, wall: int) -> tuple[int, int]:
    """Return the UTC offsets, in microseconds, at the earlier and at the later instant that a wall time may mean."""
    face = EPOCH_FACE + duration(wall)
    first, again = offset(zone, face), offset(zone, face.replace(fold=1))
    return max(first, again), min(first, again)


def utc_offsets(zone: ZoneInfo, start: int, end: int) -> list[tuple[int, int]]:
    """Return pairs of an instant and the UTC offset of `zone` from this instant on, in microseconds.

    The first instant is `start`, the others are changes up to and including `end`. Both must be whole seconds.

    >>> [(at // 3_600_000_000 % 24, offset // 3_600_000_000)
    ...  for at, offset in utc_offsets(ZoneInfo("Europe/Vilnius"), 1_761_436_800_000_000, 1_761_523_200_000_000)]
    [(0, 3), (1, 2)]
    """
    offsets = [(start, _ahead(zone, start))]
    while start < end:
        until = min(start + THREE_DAYS * DAY, end)
        ahead = _ahead(zone, until)
        if ahead != offsets[-1][1]:
            offsets.append((_change(partial(_ahead, zone), start, until), ahead))
        start = until
    return offsets


def _ahead(zone: ZoneInfo, at: int) -> int:
    return length((EPOCH + duration(at)).astimezone(zone).utcoffset())  # type: ignore[arg-type]  # as in `offset`
