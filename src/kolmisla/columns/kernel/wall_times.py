"""Reads wall times of a zone as instants, in the same way in every engine.

The option `ambiguous` says how to read a wall time that DST skips or repeats.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Literal, get_args
from zoneinfo import ZoneInfo

import numpy as np

from kolmisla.columns.kernel.questions import NULL, Answers, extent
from kolmisla.columns.kernel.timeline import Ints, Lookup
from kolmisla.errors import NaiveTimeError, shown
from kolmisla.instants import DAY, EPOCH_DAY, instants_in, micros
from kolmisla.schedules.zones import placed, utc_offsets, wall_offsets, zone_named

__all__ = ["WALL_DAYS", "TAKES", "Wall", "WallReading", "WALL_YEARS", "ahead", "offsets", "unreadable", "wall_of"]

WallReading = Literal["earlier", "later", "refuse"]
WALL_READINGS: tuple[WallReading, ...] = get_args(WallReading)

WALL_YEARS = 1899, 2202  # the years of all schedules, and one more year at each end
WALL_DAYS = tuple(date(year, 1, 1).toordinal() for year in WALL_YEARS)

TAKES = "give timezone=, the zone of the wall times, and ambiguous=: 'earlier', 'later' or 'refuse'"


@dataclass(frozen=True, slots=True)
class Wall:
    """How naive times become instants: they are read as wall times in a zone.

    If `ambiguous` is `refuse`, a wall time that DST skips or repeats has no instant.
    """

    zone: ZoneInfo
    ambiguous: WallReading

    def instants(self, walls: Ints) -> Answers:
        """Return the instants of wall times, in microseconds since 1970-01-01T00:00 on the clock. NULL stays NULL."""
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
        """Return why a wall time cannot be read."""
        at = instants_in(UTC)(wall).replace(tzinfo=None)
        try:
            placed(at, self.zone, None)
        except ValueError as error:
            return str(error)
        raise AssertionError(f"{at} can be read")  # pragma: no cover  # only called for a refused wall time


@lru_cache(maxsize=64)
def offsets(zone: ZoneInfo, first: int, last: int) -> tuple[Ints, Ints, Ints]:
    """Return the offsets of a zone for wall times in whole years.

    The three arrays are the wall times from which offsets hold, the offsets of the earlier reading, and the offsets of
    the later reading. All are in microseconds. The two readings differ where DST skips or repeats the wall time.
    """
    days = date(first, 1, 1).toordinal(), date(last + 1, 1, 1).toordinal()
    starts, earlier, later = np.array(wall_offsets(zone, *days), np.int64).T.copy()
    return starts, earlier, later


def ahead(zone: ZoneInfo, instants: Ints) -> Ints:
    """Return how far clocks in `zone` are ahead of UTC at each instant, in microseconds. NULL may give any number."""
    known = instants[instants != NULL]
    if not len(known):
        return np.zeros(len(instants), np.int64)
    starts, shifts = _shifts(zone, *(instants_in(UTC)(at).year for at in (int(known.min()), int(known.max()))))
    return shifts.take(np.maximum(np.searchsorted(starts, instants, "right") - 1, 0))


@lru_cache(maxsize=64)
def _shifts(zone: ZoneInfo, first: int, last: int) -> tuple[Ints, Ints]:
    """Return two arrays: the instants from which a zone's offsets hold, and these offsets. Whole years are covered."""
    start, end = (micros(datetime(year, 1, 1, tzinfo=UTC)) for year in (first, last + 1))
    starts, shifts = np.array(utc_offsets(zone, start, end), np.int64).T.copy()
    return starts, shifts


def wall_of(timezone: str | None, ambiguous: WallReading | None) -> Wall | None:
    """Return how naive times are read. If neither argument is given, naive times are refused: return None.

    NaiveTimeError when only one of the two arguments is given. ValueError for an unknown zone or reading.
    """
    if timezone is None and ambiguous is None:
        return None
    if timezone is None or ambiguous is None:
        raise NaiveTimeError(f"only one of timezone and ambiguous is given; {TAKES}")
    if shown(ambiguous) not in map(shown, WALL_READINGS):  # as text, because pandas.NA cannot be compared
        raise ValueError(
            f"ambiguous must be {', '.join(WALL_READINGS[:-1])} or {WALL_READINGS[-1]}, not {shown(ambiguous)}"
        )
    return Wall(zone_named(timezone), ambiguous)


def unreadable(wall: Wall) -> str:
    """Return the fault of a wall time that DST skips or repeats."""
    return f"is a wall time that {wall.zone.key} skips or repeats: choose earlier or later"
