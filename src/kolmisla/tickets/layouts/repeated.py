"""Wall times that DST repeats, read both ways."""

from datetime import datetime, tzinfo
from typing import Literal

from kolmisla.errors import WallTimeError, shown
from kolmisla.instants import micros
from kolmisla.times.reading import read
from kolmisla.times.zones import Ambiguous

__all__ = [
    "Repeated",
    "WallReadings",
    "check_readings",
    "instant_of",
    "later_reading",
    "not_before",
    "one_reading",
    "read_time",
]

WallReadings = Ambiguous | Literal["both"]


class Repeated(int):
    """An instant in UTC microseconds, of a wall time that DST repeats: the earlier reading, which has the later one."""

    later: int

    @classmethod
    def of(cls, earlier: int, later: int) -> "Repeated":
        """Return the instant with its two readings."""
        instant = cls(earlier)
        instant.later = later
        return instant


def check_readings(ambiguous: object) -> None:
    """Raise ValueError unless `ambiguous` is "earlier", "later", "both" or None."""
    if not (ambiguous is None or (isinstance(ambiguous, str) and ambiguous in ("earlier", "later", "both"))):
        raise ValueError(f"ambiguous must be earlier or later, or both in files, not {shown(ambiguous)}")


def one_reading(ambiguous: WallReadings | None) -> Ambiguous | Literal["refuse"]:
    """Return how columns read a wall time that DST skips or repeats: they have no two readings."""
    return "refuse" if ambiguous is None or ambiguous == "both" else ambiguous


def read_time(
    text: str,
    *,
    zone: tzinfo,
    ambiguous: WallReadings | None,
    pattern: str | None = None,
    language: str | None = None,
) -> datetime:
    """Read a time as `read` does. With "both", return the earlier reading of a wall time that DST repeats.

    Raise WallTimeError for a wall time that DST skips, as without a choice.
    """
    if ambiguous != "both":
        return read(text, zone=zone, ambiguous=ambiguous, pattern=pattern, language=language)
    try:
        return read(text, zone=zone, pattern=pattern, language=language)
    except WallTimeError:
        early = read(text, zone=zone, ambiguous="earlier", pattern=pattern, language=language)
        if micros(early.replace(fold=1)) <= micros(early):  # it was skipped
            raise
        return early


def instant_of(at: datetime, ambiguous: WallReadings | None) -> int:
    """Return the instant in UTC microseconds. With "both", the instant of a repeated wall time has its later reading.

    >>> from zoneinfo import ZoneInfo
    >>> at = read_time("2026-10-25T03:30", zone=ZoneInfo("Europe/Vilnius"), ambiguous="both")
    >>> (later_reading(instant_of(at, "both")) - instant_of(at, None)) // 1_000_000
    3600
    """
    us = micros(at)
    if ambiguous != "both":
        return us
    later = micros(at.replace(fold=1))
    return Repeated.of(us, later) if later > us else us


def later_reading(at: int) -> int:
    """Return the later reading of an instant, or the instant itself if it has one reading."""
    return at.later if isinstance(at, Repeated) else at


def not_before(at: int, opened: int) -> int:
    """Return an instant, or its later reading if only this is not before the opening of the ticket."""
    return later_reading(at) if at < opened <= later_reading(at) else at
