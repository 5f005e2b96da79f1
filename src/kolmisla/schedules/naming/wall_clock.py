"""The date and the time of day that clocks in a zone show at an instant, and the reverse.

A date is an ordinal (see `date.toordinal`). A time of day is in microseconds since midnight.
"""

from datetime import datetime, tzinfo
from functools import lru_cache

from kolmisla.times.instants import DAY, EPOCH_DAY, SECOND, duration, instants_in
from kolmisla.times.zones import offset, wall_offsets

__all__ = ["at_wall", "on_wall", "times_of_changes"]

DATES_AT_ONCE = 512  # changes of clocks are looked for in so many dates at once


def on_wall(zone: tzinfo, at: int) -> tuple[int, int]:
    """Return the date and the time of day that clocks in `zone` show at an instant."""
    face = instants_in(zone)(at)
    return face.toordinal(), ((face.hour * 60 + face.minute) * 60 + face.second) * SECOND + face.microsecond


def at_wall(zone: tzinfo, day: int, time: int, *, fold: int = 0) -> int:
    """Return the instant at which clocks in `zone` show the time of day `time` on the date `day`.

    `time` may be 24:00 or later. A skipped time moves forward by the gap. Of a repeated time, the first counts or, with
    `fold=1`, the second.
    """
    wall = datetime.fromordinal(day) + duration(time)
    return (day - EPOCH_DAY) * DAY + time - offset(zone, wall.replace(fold=fold) if fold else wall)


def times_of_changes(zone: tzinfo, first: int, last: int) -> set[int]:
    """Return the times of day at which clocks in `zone` change on the dates from `first` to `last`.

    The result also has the times of changes on some earlier and later dates.
    """
    blocks = range(first // DATES_AT_ONCE, last // DATES_AT_ONCE + 1)
    return set[int]().union(*(_times_of_changes(zone, block) for block in blocks))


@lru_cache(maxsize=256)
def _times_of_changes(zone: tzinfo, block: int) -> frozenset[int]:
    rows = wall_offsets(zone, max(block * DATES_AT_ONCE, 1), (block + 1) * DATES_AT_ONCE)
    return frozenset(wall % DAY for wall, _, _ in rows)
