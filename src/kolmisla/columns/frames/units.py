"""Converts instants and durations that are integers in some unit to microseconds, and back."""

from typing import Any, Literal

import narwhals as nw
import numpy as np

from kolmisla.columns.kernel.questions import FAR, NULL, Mask
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.errors import shown
from kolmisla.names import LOADING

__all__ = [
    "PER_UNIT",
    "THOUSAND",
    "Unit",
    "are_integers",
    "are_nulls",
    "check_instants",
    "check_unit",
    "from_micros",
    "to_micros",
    "in_narwhals",
]

Unit = Literal["s", "ms", "us", "ns"]
PER_UNIT = {"s": 1_000_000, "ms": 1_000, "us": 1}  # microseconds
THOUSAND = 1_000  # nanoseconds in a microsecond
UNITS = ("s", "ms", "us", "ns")

# Seconds since 1970. A unit is likely for an integer if the integer in this unit is between these two instants.
SINCE, UNTIL = (int(np.datetime64(day, "s").astype(np.int64)) for day in ("1990-01-01", "2201-01-01"))
PER_SECOND = {"s": 1, "ms": 1_000, "ns": 1_000_000_000}


def in_narwhals(native: Any, **kind: Literal[True]) -> Any:
    """Wrap a data frame or a column in narwhals. `kind` says which kind it must be, as in `narwhals.from_native`."""
    with LOADING:  # narwhals may load modules here, and a fork of the process must wait until they are loaded
        return nw.from_native(native, **kind)


def are_integers(values: Any) -> bool:
    """Tell whether an array or a column holds integers."""
    if isinstance(values, np.ndarray):
        return values.dtype.kind in "iu"
    try:
        column: nw.Series[Any] = in_narwhals(values, series_only=True)
    except TypeError:
        return False
    return column.dtype.is_integer()


def are_nulls(column: "nw.Series[Any]") -> bool:
    """Tell whether a column has no value but nulls. Raise TypeError if it has an object that cannot be compared."""
    try:
        return column.null_count() == len(column)
    except ArithmeticError:  # from pandas
        raise TypeError(f"{shown(column.name)} has a value that cannot be compared, such as Decimal('sNaN')") from None


def check_unit(unit: object, *columns: Any) -> None:
    """Raise ValueError for an unknown unit, or for a unit that is given although no column holds integers."""
    if unit is None:
        return
    if not (isinstance(unit, str) and unit in UNITS):
        raise ValueError(f"unit must be {', '.join(map(repr, UNITS[:-1]))} or {UNITS[-1]!r}, not {shown(unit)}")
    if not any(map(are_integers, columns)):
        raise ValueError(f"unit is only for integers, but no column holds integers; leave out unit={unit!r}")


def check_instants(values: Ints) -> None:
    """Raise ValueError if an integer without a unit is unlikely to be an instant in microseconds since 1970.

    Instants before 1990 are unlikely, and so are integers large enough for nanoseconds since 1970.
    """
    odd = ((values < SINCE * PER_UNIT["s"]) | (values >= SINCE * PER_SECOND["ns"])) & (values != NULL)
    if not odd.any():
        return
    row = int(odd.argmax())
    value = int(values[row])
    likely = next((unit for unit, number in PER_SECOND.items() if SINCE <= value // number < UNTIL), None)
    advice = f"unit={likely!r}, which is most likely" if likely else "unit='s', 'ms', 'us' or 'ns'"
    must_be = "an integer instant without a unit must be microseconds since 1970 (1990 or later, not nanoseconds)"
    raise ValueError(f"row {row}: {must_be}, not {value}; give {advice}")


def to_micros(values: Ints, unit: Unit | None) -> Ints:
    """Convert integers in the unit `unit` to microseconds. Nanoseconds are rounded down. If `unit` is None, do nothing.

    An integer that would overflow becomes FAR or -FAR.
    """
    if unit in (None, "us"):
        return values
    if unit == "ns":
        return np.where(values == NULL, NULL, values // THOUSAND)
    factor = PER_UNIT[str(unit)]
    most = FAR // factor
    micros = np.clip(values, -most, most) * factor
    micros[values > most], micros[values < -most] = FAR, -FAR
    micros[values == NULL] = NULL
    return micros


def from_micros(values: Ints, unit: Unit | None) -> tuple[Ints, Mask | None]:
    """Convert microseconds to integers in the unit `unit`, and return a mask of the rows that do not fit into 64 bits.

    A row that does not fit becomes NULL. If all rows fit, the mask is None. Raise ValueError for a row that is not
    whole in the unit.
    """
    if unit in (None, "us"):
        return values, None
    not_null = values != NULL
    if unit == "ns":
        most = np.iinfo(np.int64).max // THOUSAND
        fits = not_null & (values <= most) & (values >= -most)
        beyond = not_null & ~fits
        return np.where(fits, np.where(fits, values, 0) * THOUSAND, NULL), beyond if beyond.any() else None
    whole, rest = np.divmod(values, PER_UNIT[str(unit)])
    broken = not_null & (rest != 0)
    if broken.any():
        row = int(broken.argmax())
        must_be = f"an answer in unit={unit!r} must be whole"
        raise ValueError(f"row {row}: {must_be}, but it is {values[row]} microseconds; give integers in unit='us'")
    return np.where(not_null, whole, NULL), None
