"""Converts the wall times of a zone to instants, in the same way for every engine, such as Polars or DuckDB."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Literal, get_args
from zoneinfo import ZoneInfo

import numpy as np

from kolmisla.columns.kernel.questions import NULL, Answers, extent
from kolmisla.columns.kernel.timeline import Ints, Lookup
from kolmisla.errors import NaiveTimeError, shown
from kolmisla.times.instants import DAY, EPOCH_DAY, SHOWN, instants_in, length, micros
from kolmisla.times.zones import placed, utc_offsets, wall_offsets, zone_named

__all__ = ["WALL_DAYS", "TAKES", "Wall", "WallReading", "WALL_YEARS", "ahead", "offsets", "unreadable", "wall_of"]

WallReading = Literal["earlier", "later", "refuse"]
WALL_READINGS: tuple[WallReading, ...] = get_args(WallReading)

WALL_YEARS = 1899, 2202  # one year more, at each end, than any schedule has
WALL_SPAN = tuple(micros(datetime(year, 1, 1, tzinfo=UTC)) for year in WALL_YEARS)
WALL_DAYS = tuple(date(year, 1, 1).toordinal() for year in WALL_YEARS)

TAKES = "give timezone=, the zone of the wall times, and ambiguous=: 'earlier', 'later' or 'refuse'"


@dataclass(frozen=True, slots=True)
class Wall:
    """How to convert the wall times of one zone to instants.

    `ambiguous` says which instant to choose for a wall time that DST skips or repeats: the `earlier` or the `later`
    one, or, with `refuse`, none.
    """

    zone: ZoneInfo
    ambiguous: WallReading

    def instants(self, walls: Ints) -> Answers:
        """Return the instant of each wall time, in UTC microseconds. For NULL, return NULL.

        Wall times are in microseconds since the wall time 1970-01-01T00:00, as if each day had 24 hours. A wall time
        that is refused has NULL, and `unknown` is True for it.
        """
        not_null = walls != NULL
        if not not_null.any():
            return Answers(walls)
        every = bool(not_null.all())
        known = walls if every else np.where(not_null, walls, walls[not_null.argmax()])
        days = (min(max(wall // DAY + EPOCH_DAY, WALL_DAYS[0]), WALL_DAYS[1]) for wall in extent(known))
        starts, earlier, later = offsets(self.zone, *(date.fromordinal(day).year for day in days))
        period = Lookup(starts).right(np.maximum(known, starts[0])) - 1
        instants = known - (later if self.ambiguous == "later" else earlier).take(period)
        unknown = None
        if self.ambiguous == "refuse":
            odd = (earlier != later).take(period) & not_null
            unknown = odd if odd.any() else None
            instants[odd] = NULL
        if not every:
            instants[~not_null] = NULL
        return Answers(instants, unknown)

    def fault(self, wall: int) -> str:
        """Return the message that says why a wall time has no instant. The wall time must be one that was refused."""
        at = instants_in(UTC)(wall).replace(tzinfo=None)
        try:
            placed(at, self.zone, None)
        except ValueError as error:
            return str(error)
        raise AssertionError(f"{at} has one instant")  # pragma: no cover  # `wall` must be one that was refused


@lru_cache(maxsize=64)
def offsets(zone: ZoneInfo, first: int, last: int) -> tuple[Ints, Ints, Ints]:
    """Return the periods of wall times in which a zone's UTC offset is constant, in the years `first` to `last`.

    The result has, in microseconds, each period's start, and the offsets that give the earlier and the later instant.
    These differ where DST skips or repeats wall times.
    """
    days = date(first, 1, 1).toordinal(), date(last + 1, 1, 1).toordinal()
    starts, earlier, later = np.array(wall_offsets(zone, *days), np.int64).T.copy()
    return starts, earlier, later


def ahead(zone: ZoneInfo, instants: Ints) -> Ints:
    """Return the UTC offset of `zone` at each instant, in microseconds. For NULL, return a meaningless number.

    For an instant that no datetime can hold, return 0.
    """
    first, last = WALL_SPAN
    near = (instants >= first) & (instants < last)
    known = instants[near]
    if len(known) < len(instants):  # far instants are looked up one by one: up to them, a zone changes too often
        shifts = np.zeros(len(instants), np.int64)
        shifts[near] = ahead(zone, known)
        far, places = np.unique(instants[~near], return_inverse=True)
        shifts[~near] = np.array([_offset(zone, at) for at in far.tolist()], np.int64).take(places)
        return shifts
    if not len(known):
        return np.zeros(0, np.int64)
    starts, shifts = _shifts(zone, *(instants_in(UTC)(at).year for at in (int(known.min()), int(known.max()))))
    return shifts.take(np.maximum(np.searchsorted(starts, instants, "right") - 1, 0))


def _offset(zone: ZoneInfo, at: int) -> int:
    if not SHOWN[0] <= at <= SHOWN[1]:
        return 0
    return length(instants_in(zone)(at).utcoffset())  # type: ignore[arg-type]  # never None for a zone by name


@lru_cache(maxsize=64)
def _shifts(zone: ZoneInfo, first: int, last: int) -> tuple[Ints, Ints]:
    """Return the instants at which a zone's UTC offset changes in the years `first` to `last`, and the new offsets.

    The first instant is the start of the year `first`, even if no offset changes there.
    """
    start, end = (micros(datetime(year, 1, 1, tzinfo=UTC)) for year in (first, last + 1))
    starts, shifts = np.array(utc_offsets(zone, start, end), np.int64).T.copy()
    return starts, shifts


def wall_of(timezone: str | None, ambiguous: WallReading | None) -> Wall | None:
    """Return how to convert wall times to instants, or None if both arguments are None.

    With None, callers refuse wall times. Raise NaiveTimeError if exactly one argument is None. Raise ValueError for an
    unknown zone or an unknown value of `ambiguous`.
    """
    if timezone is None and ambiguous is None:
        return None
    if timezone is None or ambiguous is None:
        raise NaiveTimeError(f"the options 'timezone' and 'ambiguous' must be given together; {TAKES}")
    asked: object = ambiguous
    if not isinstance(asked, str) or asked not in WALL_READINGS:  # pandas.NA cannot be compared
        *first, last = map(repr, WALL_READINGS)
        raise ValueError(f"ambiguous must be {', '.join(first)} or {last}, not {shown(ambiguous)}")
    return Wall(zone_named(timezone), ambiguous)


def unreadable(wall: Wall) -> str:
    """Return the end of the message about a wall time that DST skips or repeats.

    The message begins with the name of the time, such as `opened_at`.
    """
    return f"is a wall time that {wall.zone.key} skips or repeats: choose earlier or later"
