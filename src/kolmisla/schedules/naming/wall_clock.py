"""The date and the time of day at an instant, and back. A date is an ordinal, a time of day is in microseconds."""

from datetime import datetime, tzinfo

from kolmisla.instants import DAY, EPOCH_DAY, SECOND, duration, instants_in
from kolmisla.times.zones import offset

__all__ = ["at_wall", "on_wall"]


def on_wall(zone: tzinfo, at: int) -> tuple[int, int]:
    """Return the date and the time of day that clocks in `zone` show at an instant."""
    face = instants_in(zone)(at)
    return face.toordinal(), ((face.hour * 60 + face.minute) * 60 + face.second) * SECOND + face.microsecond


def at_wall(zone: tzinfo, day: int, time: int, *, fold: int = 0) -> int:
    """Return the instant at which clocks in `zone` show a time of day on a date. The time may be 24:00 or later.

    A time that DST skips moves forward by the gap. If DST repeats a time, its first occurrence counts.
    `fold` is as in `zones.midnight`.
    """
    wall = datetime.fromordinal(day) + duration(time)
    return (day - EPOCH_DAY) * DAY + time - offset(zone, wall.replace(fold=fold) if fold else wall)
