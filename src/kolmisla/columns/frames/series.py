"""Converts arrays and columns of instants or durations to integer microseconds, and back."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.frames.units import are_nulls, in_narwhals
from kolmisla.columns.kernel.questions import FAR, NULL, Answers
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.columns.kernel.wall_times import TAKES, Wall
from kolmisla.errors import NaiveTimeError, shown
from kolmisla.names import LOADING
from kolmisla.times.instants import SECOND, length

__all__ = [
    "as_durations",
    "as_instants",
    "as_seconds",
    "check_rows",
    "duration_column",
    "durations",
    "flag_column",
    "instant_column",
    "instants",
    "label_column",
    "number_column",
    "seconds_column",
    "times_in",
]

INSTANTS_TAKEN = (
    "instants must be an array of datetime64 (in UTC) or of integers (microseconds since 1970-01-01T00:00Z),"
    " or a pandas, Polars or Arrow column of datetimes with a time zone"
)
HOW_TO_READ = (
    "; convert text with pandas.to_datetime or Polars' str.to_datetime: text with offsets to UTC; other text to"
    " datetimes without a time zone, and then give timezone= and ambiguous="
)
DURATIONS_TAKEN = "durations must be a timedelta, or an array or a column of durations or of integers (microseconds)"


def instants(times: Any, wall: Wall | None = None) -> Answers:
    """Return the instants of an array or a column in microseconds. An array of integers is returned unchanged.

    `wall` converts naive times, and `unknown` marks those that it refuses. Without a `wall`, datetime64 is read as UTC,
    and a naive column raises NaiveTimeError. Raise TypeError for other values.
    """
    if isinstance(times, np.ndarray):
        values = _array(times, "M", INSTANTS_TAKEN)
        return wall.instants(values) if wall and times.dtype.kind == "M" else Answers(values)
    column = _in_utc(_column(times, INSTANTS_TAKEN))
    dtype = column.dtype
    if are_nulls(column):  # then any type will do
        return Answers(np.full(len(column), NULL))
    if not isinstance(dtype, nw.Datetime):
        raise TypeError(f"{shown(column.name)} must be a column of datetimes, not of {dtype}{HOW_TO_READ}")
    values = _times(column, dtype)
    if dtype.time_zone is not None:
        return Answers(values)
    if wall is None:
        raise NaiveTimeError(f"the times of {shown(column.name)} have no time zone; {TAKES}")
    return wall.instants(values)


def times_in(column: "nw.Series[Any]") -> Ints | None:
    """Return the datetimes of a column in microseconds: instants, or wall times if the column has no time zone.

    NULL stands for a null. For a column that holds no datetimes, return None.
    """
    column = _in_utc(column)
    dtype = column.dtype
    return _times(column, dtype) if isinstance(dtype, nw.Datetime) else None


def durations(lengths: Any, rows: int) -> Ints:
    """Return a duration in microseconds for each of `rows` rows.

    `lengths` is an array, a column, or one timedelta for all rows. Raise TypeError if it does not hold durations, and
    ValueError if it does not hold `rows` of them.
    """
    if isinstance(lengths, timedelta):
        return np.broadcast_to(np.int64(max(min(length(lengths), FAR), -FAR)), rows)
    if isinstance(lengths, np.ndarray):
        values = _array(lengths, "m", DURATIONS_TAKEN)
    else:
        column = _column(lengths, DURATIONS_TAKEN)
        if column.dtype.is_integer() and column.dtype != nw.UInt64:  # half of its values do not fit into 64 signed bits
            values = _integers(column)
        elif isinstance(column.dtype, nw.Duration):
            values = _micros(column.to_numpy(), "m")
        else:
            must_be = f"{shown(column.name)} must be a column of durations, or of integers (microseconds)"
            raise TypeError(f"{must_be}, not of {column.dtype}")
    check_rows(rows, values)
    return values


def check_rows(rows: int, values: Ints) -> None:
    """Raise ValueError if a column does not have as many values as there are rows."""
    if len(values) != rows:
        raise ValueError(f"the columns must be equally long; they have {rows:,} and {len(values):,} rows")


def as_instants(values: Ints, like: Any, zone: str) -> Any:
    """Convert instants in microseconds to the form of `like`: an array, or a column in the zone `zone`.

    If `like` is an array of integers, return the instants unchanged.
    """
    if isinstance(like, np.ndarray):
        return values.view("M8[us]") if like.dtype.kind == "M" else values
    return instant_column(values, _column(like, INSTANTS_TAKEN), zone).to_native()


def instant_column(values: Ints, like: "nw.Series[Any]", zone: str) -> "nw.Series[Any]":
    """Convert instants in microseconds to a column of the same library as `like`, in the zone `zone`."""
    # Make the column in UTC first. With any other zone, pandas would read the values as wall times of that zone.
    in_utc = _like(like, values.view("M8[us]"), nw.Datetime("us", "UTC"), "timestamp[us, tz=UTC]")
    return in_utc.dt.convert_time_zone(zone)


def duration_column(values: Ints, like: "nw.Series[Any]") -> "nw.Series[Any]":
    """Convert durations in microseconds to a column of durations of the same library as `like`."""
    return _like(like, values.view("m8[us]"), nw.Duration("us"), "duration[us]")


def seconds_column(values: Ints, like: "nw.Series[Any]") -> "nw.Series[Any]":
    """Convert durations in microseconds to a column of seconds as floats, of the same library as `like`.

    NULL becomes a null.
    """
    column = _like(like, np.where(values == NULL, np.nan, values / SECOND), nw.Float64(), "double")
    if like.implementation.is_pandas():  # in pandas, NaN is null
        return column
    return _with_nulls(column, values == NULL)


def number_column(values: Ints, like: "nw.Series[Any]") -> "nw.Series[Any]":
    """Return whole numbers as a column of the same library as `like`. NULL becomes a null.

    For pandas, the type of the column is `Int64`, because the type `int64` has no nulls.
    """
    none = values == NULL
    column = nw.new_series(like.name, np.where(none, 0, values), nw.Int64(), backend=like.implementation)
    if like.implementation.is_pandas():
        return _indexed(nw.from_native(column.to_native().astype("Int64").mask(none), series_only=True), like)
    return _with_nulls(column, none)


def _with_nulls(column: "nw.Series[Any]", none: NDArray[np.bool_]) -> "nw.Series[Any]":
    """Return a column of Polars or Arrow with nulls where `none` is true."""
    native = column.to_native()
    if column.implementation.is_polars():
        return nw.from_native(native.set(nw.new_series("", none, backend="polars").to_native(), None), series_only=True)
    with LOADING:
        import pyarrow.compute as pc
    return nw.from_native(pc.if_else(none, None, native), series_only=True)


def flag_column(values: NDArray[np.bool_], like: "nw.Series[Any]") -> "nw.Series[Any]":
    """Return truth values as a column of the same library as `like`."""
    return _like(like, values, nw.Boolean(), "bool")


def label_column(labels: Sequence[str | None], places: NDArray[Any], like: "nw.Series[Any]") -> "nw.Series[Any]":
    """Return texts as a column of the same library as `like`.

    `places` has, for each row, the index of its text in `labels`.
    """
    try:
        column = nw.new_series(like.name, labels, nw.String(), backend=like.implementation)
    except UnicodeEncodeError:  # an owner in pandas may be a text with half a character
        column = nw.new_series(like.name, labels, nw.Object(), backend=like.implementation)
    return _indexed(column[places], like)


def as_durations(values: Ints, like: Any) -> Any:
    """Convert durations in microseconds to the form of the instants in `like`.

    For an array of datetime64, return timedelta64. For an array of integers, return the durations unchanged. For a
    column, return a column of its library.
    """
    if isinstance(like, np.ndarray):
        return values.view("m8[us]") if like.dtype.kind == "M" else values
    return duration_column(values, _column(like, INSTANTS_TAKEN)).to_native()


def as_seconds(lengths: Any) -> Any:
    """Convert a column of durations to a column of seconds as floats, without changing the library of the column."""
    column = _column(lengths, DURATIONS_TAKEN)
    return seconds_column(durations(lengths, len(column)), column).to_native()


def _array(array: NDArray[Any], kind: str, must_be: str) -> Ints:
    """Convert a one-dimensional array of instants (`kind` is M) or durations (`kind` is m) to microseconds.

    Integers of up to 64 signed bits are returned unchanged. A masked value becomes NULL. Raise TypeError for any other
    array, with a message that begins with `must_be`.
    """
    if isinstance(array, np.ma.MaskedArray):
        values = _array(array.data.copy(), kind, must_be)
        values[np.ma.getmaskarray(array)] = NULL
        return values
    if array.ndim != 1:
        raise TypeError(f"{must_be}, not an array of {array.ndim} dimensions")
    if array.dtype.kind == kind and np.can_cast(array.dtype, f"{kind}8[us]", "same_kind"):  # no durations in months
        return _micros(array, kind)
    if array.dtype.kind == "i" or (array.dtype.kind == "u" and array.dtype.itemsize < 8):
        return array.astype(np.int64, copy=False)
    raise TypeError(f"{must_be}, not an array of {array.dtype}")


def _in_utc(column: "nw.Series[Any]") -> "nw.Series[Any]":
    """Convert a pandas column with a time zone to UTC. Return any other column unchanged."""
    native = column.to_native()
    # narwhals cannot read a pandas zone whose name has more than letters and slashes, as America/New_York has.
    # A pandas column may hold Arrow data. Then the zone belongs to the Arrow type inside the pandas type.
    kind = getattr(native.dtype, "pyarrow_dtype", native.dtype) if column.implementation.is_pandas() else None
    if getattr(kind, "tz", None) is not None:
        return nw.from_native(native.dt.tz_convert("UTC"), series_only=True)
    return column


def _integers(column: "nw.Series[Any]") -> Ints:
    """Convert a column of integers to an array of 64-bit integers. A missing value becomes the constant `NULL`."""
    numbers = column.cast(nw.Int64())
    # filling takes time even without nulls
    values: Ints = (numbers.fill_null(NULL) if column.null_count() else numbers).to_numpy()
    return values


def _times(column: "nw.Series[Any]", dtype: nw.Datetime) -> Ints:
    if column.implementation.is_polars() and dtype.time_unit == "us":
        return _integers(column)  # without a copy
    return _micros(column.to_numpy(), "M")


def _micros(times: NDArray[Any], kind: str) -> Ints:
    """Convert an array of numpy's times (`kind` is M) or durations (`kind` is m), in any unit, to microseconds.

    A value that would overflow becomes FAR or -FAR.
    """
    ours, times = np.dtype(f"{kind}8[us]"), times.astype(times.dtype.newbyteorder("="), copy=False)
    converted = times.astype(ours, copy=False)
    values = converted.view(np.int64)
    if times.dtype != ours and np.can_cast(times.dtype, ours, "safe"):  # a coarser unit: numpy overflows silently
        far = (converted.astype(times.dtype) != times) & ~np.isnat(times)
        values[far] = np.where(times.view(np.int64)[far] > 0, FAR, -FAR)
    elif times.dtype != ours:  # a finer unit: numpy rounds down, and the lowest instants overflow to high ones
        low = (values > 0) & (times.view(np.int64) < 0)  # NaT is negative on both sides
        if low.any():
            step = np.timedelta64(1, "us")
            values[low] = ((times[low] + step).astype(ours) - step).view(np.int64)
    return values


def _column(column: Any, must_be: str) -> "nw.Series[Any]":
    """Wrap a column of pandas, Polars or Arrow in narwhals. Raise TypeError for any other value.

    The message of the error begins with `must_be`, which says what the value must be.
    """
    try:
        series: nw.Series[Any] = in_narwhals(column, series_only=True)
    except TypeError:
        raise TypeError(f"{must_be}, not {shown(column)}") from None
    return series


def _like(column: "nw.Series[Any]", values: NDArray[Any], dtype: Any, arrow: str) -> "nw.Series[Any]":
    """Return values as a new column, with the library, the name and the index of `column`.

    Its type is `dtype`, or `arrow` if `column` is a pandas column with an Arrow type.
    """
    if column.implementation.is_polars() and values.dtype.kind in "mM":  # Polars takes ten times as long to see a NaT
        integers = nw.new_series(column.name, values.view(np.int64), backend=column.implementation).to_native()
        answers: nw.Series[Any] = nw.from_native(integers.set(integers == NULL, None), series_only=True)
        return answers.cast(dtype)
    new = nw.new_series(column.name, values, dtype, backend=column.implementation)
    if column.implementation.is_pandas() and str(column.to_native().dtype).endswith("[pyarrow]"):
        new = nw.from_native(new.to_native().astype(f"{arrow}[pyarrow]"), series_only=True)
    return _indexed(new, column)


def _indexed(column: "nw.Series[Any]", like: "nw.Series[Any]") -> "nw.Series[Any]":
    """Give a column of pandas the index of the column `like`. Return a column of another library unchanged."""
    if not like.implementation.is_pandas():
        return column
    native = column.to_native()
    native.index = like.to_native().index
    return nw.from_native(native, series_only=True)
