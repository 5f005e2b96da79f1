"""Wall times as instants, the same in every engine: whose, and which reading of one that DST skips or repeats."""

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

WALL_YEARS = 1899, 2202  # those of all schedules, and one more at each end
WALL_DAYS = tuple(date(year, 1, 1).toordinal() for year in WALL_YEARS)

TAKES = "give timezone=, whose wall times they are, and ambiguous=: 'earlier', 'later' or 'refuse'"


@dataclass(frozen=True, slots=True)
class Wall:
    """How naive times are read. `refuse` leaves out those that DST skips or repeats, as what cannot be known."""

    zone: ZoneInfo
    ambiguous: WallReading

    def instants(self, walls: Ints) -> Answers:
        """Wall times as instants; integers, NULL stays NULL."""
        given = walls != NULL
        if not given.any():
            return Answers(walls)
        every = bool(given.all())
        known = walls if every else np.where(given, walls, walls[given.argmax()])
        days = (min(max(each // DAY + EPOCH_DAY, WALL_DAYS[0]), WALL_DAYS[1]) for each in extent(known))
        starts, earlier, later = offsets(self.zone, *(date.fromordinal(day).year for day in days))
        at = Lookup(starts).right(np.maximum(known, starts[0])) - 1
        instants = known - (later if self.ambiguous == "later" else earlier).take(at)
        unknown = None
        if self.ambiguous == "refuse":
            odd = (earlier != later).take(at) & given
            unknown = odd if odd.any() else None
            instants[odd] = NULL
        if not every:
            instants[~given] = NULL
        return Answers(instants, unknown)

    def fault(self, wall: int) -> str:
        """Why a wall time cannot be read."""
        at = instants_in(UTC)(wall).replace(tzinfo=None)
        try:
            placed(at, self.zone, None)
        except ValueError as error:
            return str(error)
        raise AssertionError(f"{at} can be read")  # pragma: no cover  # asked for what was refused


@lru_cache(maxsize=64)
def offsets(zone: ZoneInfo, first: int, last: int) -> tuple[Ints, Ints, Ints]:
    """From which wall time on which offsets hold, in whole years: the earlier reading's and the later's."""
    days = date(first, 1, 1).toordinal(), date(last + 1, 1, 1).toordinal()
    starts, earlier, later = np.array(wall_offsets(zone, *days), np.int64).T.copy()
    return starts, earlier, later


def ahead(zone: ZoneInfo, instants: Ints) -> Ints:
    """What clocks in `zone` are ahead of UTC at each instant; some number for NULL."""
    given = instants[instants != NULL]
    if not len(given):
        return np.zeros(len(instants), np.int64)
    starts, shifts = _shifts(zone, *(instants_in(UTC)(each).year for each in (int(given.min()), int(given.max()))))
    return shifts.take(np.maximum(np.searchsorted(starts, instants, "right") - 1, 0))


@lru_cache(maxsize=64)
def _shifts(zone: ZoneInfo, first: int, last: int) -> tuple[Ints, Ints]:
    """From which instant on which offsets hold, in whole years."""
    start, end = (micros(datetime(year, 1, 1, tzinfo=UTC)) for year in (first, last + 1))
    starts, shifts = np.array(utc_offsets(zone, start, end), np.int64).T.copy()
    return starts, shifts


def wall_of(timezone: str | None, ambiguous: WallReading | None) -> Wall | None:
    """How naive times are read, if they may be; NaiveTimeError when only half of that is said."""
    if timezone is None and ambiguous is None:
        return None
    if timezone is None or ambiguous is None:
        raise NaiveTimeError(f"only one of timezone and ambiguous is given; {TAKES}")
    if ambiguous not in WALL_READINGS:
        raise ValueError(f"{shown(ambiguous)} is no reading of a wall time; choose one of {', '.join(WALL_READINGS)}")
    return Wall(zone_named(timezone), ambiguous)


def unreadable(wall: Wall) -> str:
    """What is wrong with a wall time that has two readings, or none."""
    return f"is a wall time that {wall.zone.key} skips or repeats: choose earlier or later"
