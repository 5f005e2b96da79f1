"""Integers as instants and durations: the unit they are in, and the way to microseconds and back."""

from typing import Any, Literal

import narwhals as nw
import numpy as np

from kolmisla.columns.kernel.questions import FAR, NULL, Mask
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.errors import shown

__all__ = ["PER_UNIT", "THOUSAND", "Unit", "are_integers", "check_instants", "check_unit", "from_micros", "to_micros"]

Unit = Literal["s", "ms", "us", "ns"]
PER_UNIT = {"s": 1_000_000, "ms": 1_000, "us": 1}  # microseconds
THOUSAND = 1_000  # nanoseconds in a microsecond
UNITS = ("s", "ms", "us", "ns")

SINCE, UNTIL = (int(np.datetime64(day, "s").astype(np.int64)) for day in ("1990-01-01", "2201-01-01"))
PER_SECOND = {"s": 1, "ms": 1_000, "ns": 1_000_000_000}


def are_integers(given: Any) -> bool:
    """Tell whether an array or a column has integers."""
    if isinstance(given, np.ndarray):
        return given.dtype.kind in "iu"
    try:
        column = given if isinstance(given, nw.Series) else nw.from_native(given, series_only=True)
    except TypeError:
        return False
    return column.dtype.is_integer()


def check_unit(unit: Unit | None, *given: Any) -> None:
    """Raise ValueError for an unknown unit, and for one of what has no integers."""
    if unit is None:
        return
    if str(unit) not in UNITS:
        raise ValueError(f"unit is {', '.join(map(repr, UNITS[:-1]))} or {UNITS[-1]!r}, not {shown(unit)}")
    if not any(map(are_integers, given)):
        raise ValueError(f"unit is of integers, and datetimes and durations have their own; leave out unit={unit!r}")


def check_instants(values: Ints) -> None:
    """Raise ValueError for integers of no stated unit that are hardly microseconds: too early, or far too late."""
    odd = ((values < SINCE * PER_UNIT["s"]) | (values >= SINCE * PER_SECOND["ns"])) & (values != NULL)
    if not odd.any():
        return
    row = int(odd.argmax())
    value = int(values[row])
    likely = next((unit for unit, number in PER_SECOND.items() if SINCE <= value // number < UNTIL), None)
    advice = f"unit={likely!r}, which they most likely are in" if likely else "unit='s', 'ms', 'us' or 'ns'"
    takes = "integer instants without a unit are microseconds since 1970, and not before 1990"
    raise ValueError(f"row {row}: {takes}; {value} is not such a one; give {advice}")


def to_micros(values: Ints, unit: Unit | None) -> Ints:
    """Integers of a unit as microseconds; too far away for those is FAR or -FAR, outside of every horizon."""
    if unit in (None, "us"):
        return values
    if unit == "ns":
        return np.where(values == NULL, NULL, values // THOUSAND)
    factor = PER_UNIT[str(unit)]
    most = FAR // factor
    found = np.clip(values, -most, most) * factor
    found[values > most], found[values < -most] = FAR, -FAR
    found[values == NULL] = NULL
    return found


def from_micros(values: Ints, unit: Unit | None) -> tuple[Ints, Mask | None]:
    """Microseconds as integers of a unit, and which of them are beyond 64 bits, if any; those are NULL.

    ValueError for one that is not whole in that unit.
    """
    if unit in (None, "us"):
        return values, None
    given = values != NULL
    if unit == "ns":
        most = np.iinfo(np.int64).max // THOUSAND
        fits = given & (values <= most) & (values >= -most)
        beyond = given & ~fits
        return np.where(fits, np.where(fits, values, 0) * THOUSAND, NULL), beyond if beyond.any() else None
    whole, rest = np.divmod(values, PER_UNIT[str(unit)])
    broken = given & (rest != 0)
    if broken.any():
        row = int(broken.argmax())
        takes = f"an answer in unit={unit!r} must be whole"
        raise ValueError(f"row {row}: {takes}, not {values[row]} microseconds; give integers of unit='us'")
    return np.where(given, whole, NULL), None
