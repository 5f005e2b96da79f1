"""Instants and durations in whatever array they come in, as integer microseconds and back."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.kernel.questions import FAR, NULL, Answers
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.columns.kernel.wall_times import TAKES, Wall
from kolmisla.errors import NaiveTimeError, shown
from kolmisla.instants import SECOND, length

__all__ = [
    "as_durations",
    "as_instants",
    "as_seconds",
    "check_rows",
    "duration_column",
    "durations",
    "instant_column",
    "instants",
    "label_column",
    "seconds_column",
]

INSTANTS_TAKEN = (
    "instants are an array of datetime64 (in UTC) or of integers (microseconds since 1970-01-01T00:00Z),"
    " or a pandas, Polars or Arrow column of datetimes with a time zone"
)
HOW_TO_READ = (
    "; texts are read by pandas.to_datetime or Polars' str.to_datetime: in UTC where they have offsets, else without"
    " a time zone, and timezone= and ambiguous= say whose times they are"
)
DURATIONS_TAKEN = "durations are a timedelta, or an array or a column of durations or of integers (microseconds)"


def instants(given: Any, wall: Wall | None = None) -> Answers:
    """The instants of an array or a column; `unknown` are wall times that cannot be read.

    NaiveTimeError for a column of datetimes without a time zone when there is no `wall`; TypeError for what has
    no instants.
    """
    if isinstance(given, np.ndarray):
        values = _array(given, "M", INSTANTS_TAKEN)
        return wall.instants(values) if wall and given.dtype.kind == "M" else Answers(values)
    column = _in_utc(_column(given, INSTANTS_TAKEN))
    dtype = column.dtype
    if column.null_count() == len(column):  # of any kind: nothing is said
        return Answers(np.full(len(column), NULL))
    if not isinstance(dtype, nw.Datetime):
        raise TypeError(f"{shown(column.name)} is a column of {dtype}, not of datetimes{HOW_TO_READ}")
    if column.implementation.is_polars() and dtype.time_unit == "us":  # its own integers, without a copy
        values = _integers(column)
    else:
        values = _micros(column.to_numpy(), "M")
    if dtype.time_zone is not None:
        return Answers(values)
    if wall is None:
        raise NaiveTimeError(f"the times of {shown(column.name)} have no time zone; {TAKES}")
    return wall.instants(values)


def durations(given: Any, rows: int) -> Ints:
    """The durations of an array or a column, or one for every row; TypeError for what has none, or not so many."""
    if isinstance(given, timedelta):
        return np.broadcast_to(np.int64(max(min(length(given), FAR), -FAR)), rows)
    if isinstance(given, np.ndarray):
        values = _array(given, "m", DURATIONS_TAKEN)
    else:
        column = _column(given, DURATIONS_TAKEN)
        if column.dtype.is_integer() and column.dtype != nw.UInt64:  # of which a half is more than ours
            values = _integers(column)
        elif isinstance(column.dtype, nw.Duration):
            values = _micros(column.to_numpy(), "m")
        else:
            raise TypeError(f"{shown(column.name)} is a column of {column.dtype}, not of durations or microseconds")
    check_rows(rows, values)
    return values


def check_rows(rows: int, values: Ints) -> None:
    """ValueError when two columns are not of one length."""
    if len(values) != rows:
        raise ValueError(f"the columns have {rows:,} and {len(values):,} rows; each row has a value in both")


def as_instants(values: Ints, like: Any, zone: str) -> Any:
    """Instants in the kind of array that others came in; a column's are shown in `zone`."""
    if isinstance(like, np.ndarray):
        return values.view("M8[us]") if like.dtype.kind == "M" else values
    return instant_column(values, _column(like, INSTANTS_TAKEN), zone).to_native()


def instant_column(values: Ints, like: "nw.Series[Any]", zone: str) -> "nw.Series[Any]":
    """Instants as a column like another."""
    # in UTC first: pandas would take them for wall times of any other zone
    return _like(like, values.view("M8[us]"), nw.Datetime("us", "UTC"), "timestamp[us, tz=UTC]").dt.convert_time_zone(
        zone
    )


def duration_column(values: Ints, like: "nw.Series[Any]") -> "nw.Series[Any]":
    """Durations as a column like another."""
    return _like(like, values.view("m8[us]"), nw.Duration("us"), "duration[us]")


def seconds_column(values: Ints, like: "nw.Series[Any]") -> "nw.Series[Any]":
    """Return durations as a column of 64-bit floats like another, in seconds, null where there is none."""
    made = _like(like, np.where(values == NULL, np.nan, values / SECOND), nw.Float64(), "double")
    if like.implementation.is_pandas():  # there not a number is null
        return made
    native = made.to_native()
    if like.implementation.is_polars():
        return nw.from_native(native.fill_nan(None), series_only=True)
    import pyarrow.compute as pc

    return nw.from_native(pc.if_else(pc.is_nan(native), None, native), series_only=True)


def label_column(labels: Sequence[str | None], places: NDArray[Any], like: "nw.Series[Any]") -> "nw.Series[Any]":
    """Texts by their places among a few, as a column like another."""
    made = nw.new_series(like.name, labels, nw.String(), backend=like.implementation)
    return _indexed(made[places], like)


def as_durations(values: Ints, like: Any) -> Any:
    """Durations in the kind of array that instants came in."""
    if isinstance(like, np.ndarray):
        return values.view("m8[us]") if like.dtype.kind == "M" else values
    return duration_column(values, _column(like, INSTANTS_TAKEN)).to_native()


def as_seconds(found: Any) -> Any:
    """Turn a column of durations into one of seconds."""
    column = _column(found, DURATIONS_TAKEN)
    return seconds_column(durations(found, len(column)), column).to_native()


def _array(given: NDArray[Any], kind: str, takes: str) -> Ints:
    """A one-dimensional array of times of a kind, or of integers."""
    if given.ndim != 1:
        raise TypeError(f"{takes}; not one of {given.ndim} dimensions")
    if given.dtype.kind == kind and np.can_cast(given.dtype, f"{kind}8[us]", "same_kind"):  # no durations in months
        return _micros(given, kind)
    if given.dtype.kind == "i" or (given.dtype.kind == "u" and given.dtype.itemsize < 8):
        return given.astype(np.int64, copy=False)
    raise TypeError(f"{takes}; not an array of {given.dtype}")


def _in_utc(column: "nw.Series[Any]") -> "nw.Series[Any]":
    """The same instants; narwhals knows no zone of pandas with more than letters in its name, as America/New_York."""
    native = column.to_native()
    # a column of pandas may be one of Arrow's inside, whose zone is a level deeper
    kind = getattr(native.dtype, "pyarrow_dtype", native.dtype) if column.implementation.is_pandas() else None
    if getattr(kind, "tz", None) is not None:
        return nw.from_native(native.dt.tz_convert("UTC"), series_only=True)
    return column


def _integers(column: "nw.Series[Any]") -> Ints:
    numbers = column.cast(nw.Int64())
    if column.null_count():  # filling takes its time, nulls or none
        numbers = numbers.fill_null(NULL)
    values: Ints = numbers.to_numpy()
    return values


def _micros(times: NDArray[Any], kind: str) -> Ints:
    """Times of any unit as microseconds; too far away for those is FAR or -FAR, outside of every horizon."""
    ours, times = np.dtype(f"{kind}8[us]"), times.astype(times.dtype.newbyteorder("="), copy=False)
    found = times.astype(ours, copy=False)
    values = found.view(np.int64)
    if times.dtype != ours and np.can_cast(times.dtype, ours, "safe"):  # coarser: numpy lets too many wrap around
        far = (found.astype(times.dtype) != times) & ~np.isnat(times)
        values[far] = np.where(times.view(np.int64)[far] > 0, FAR, -FAR)
    return values


def _column(given: Any, takes: str) -> "nw.Series[Any]":
    if isinstance(given, nw.Series):
        return given
    try:
        return nw.from_native(given, series_only=True)
    except TypeError:
        raise TypeError(f"{takes}; not {shown(given)}") from None


def _like(column: "nw.Series[Any]", values: NDArray[Any], dtype: Any, arrow: str) -> "nw.Series[Any]":
    """A column of values, with the name, the index and the flavour of another."""
    made = nw.new_series(column.name, values, dtype, backend=column.implementation)
    if column.implementation.is_pandas() and str(column.to_native().dtype).endswith("[pyarrow]"):
        made = nw.from_native(made.to_native().astype(f"{arrow}[pyarrow]"), series_only=True)
    return _indexed(made, column)


def _indexed(made: "nw.Series[Any]", like: "nw.Series[Any]") -> "nw.Series[Any]":
    """The same with the index of another, where columns have one."""
    if not like.implementation.is_pandas():
        return made
    native = made.to_native()
    native.index = like.to_native().index
    return nw.from_native(native, series_only=True)
