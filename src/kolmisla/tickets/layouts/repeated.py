"""Wall times that DST repeats. Such a time may mean either of two instants, which are called its two readings."""

from datetime import datetime, tzinfo
from typing import Literal

from kolmisla.errors import WallTimeError, shown
from kolmisla.times.instants import micros
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
    """The earlier of the two instants that a repeated wall time may mean, in UTC microseconds.

    `later` is the later of these two instants.
    """

    later: int

    @classmethod
    def of(cls, earlier: int, later: int) -> "Repeated":
        """Return the instant `earlier`, together with the instant `later` that the wall time may also mean."""
        instant = cls(earlier)
        instant.later = later
        return instant


def check_readings(ambiguous: object) -> None:
    """Raise ValueError unless `ambiguous` is "earlier", "later", "both" or None."""
    if not (ambiguous is None or (isinstance(ambiguous, str) and ambiguous in ("earlier", "later", "both"))):
        raise ValueError(f"ambiguous must be 'earlier' or 'later', or for files also 'both', not {shown(ambiguous)}")


def one_reading(ambiguous: WallReadings | None) -> Ambiguous | Literal["refuse"]:
    """Return which instant an array keeps for a wall time that DST repeats: "earlier", "later" or "refuse".

    An array has room for only one instant. So "both" and None become "refuse", which keeps none.
    """
    return "refuse" if ambiguous is None or ambiguous == "both" else ambiguous


def read_time(
    text: str,
    *,
    zone: tzinfo,
    ambiguous: WallReadings | None,
    pattern: str | None = None,
    language: str | None = None,
) -> datetime:
    """Read the text of a time.

    `ambiguous` says how to read a wall time that DST skips or repeats. "both" gives the earlier instant of a repeated
    time. With "both" or None, raise WallTimeError for a skipped time. With None, raise it for a repeated time too.
    """
    if ambiguous != "both":
        return read(text, zone=zone, ambiguous=ambiguous, pattern=pattern, language=language)
    try:
        return read(text, zone=zone, pattern=pattern, language=language)
    except WallTimeError:
        early = read(text, zone=zone, ambiguous="earlier", pattern=pattern, language=language)
        if micros(early.replace(fold=1)) <= micros(early):  # DST skips the wall time
            raise
        return early


def instant_of(at: datetime, ambiguous: WallReadings | None) -> int:
    """Return an instant in UTC microseconds. With "both", a wall time that DST repeats becomes a `Repeated`.

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
    """Return the later of the two instants that a repeated wall time may mean.

    If `at` is not a `Repeated`, it means only one instant. Return `at` unchanged.
    """
    return at.later if isinstance(at, Repeated) else at


def not_before(at: int, opened: int) -> int:
    """Return the later reading of `at` if the opening (`opened`) is after the earlier reading, but not after the later.

    Else, return `at` unchanged. Only a `Repeated` has two readings.
    """
    return later_reading(at) if at < opened <= later_reading(at) else at
