"""Frames in memory, of whatever kind: the facts of tickets out of one, and columns added to it."""

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.frames.series import (
    duration_column,
    instant_column,
    instants,
    label_column,
    seconds_column,
)
from kolmisla.columns.kernel.deadlines import STATES, AddedColumns, Deadlines
from kolmisla.columns.kernel.promises import Coded, Codes, TicketColumns
from kolmisla.columns.kernel.questions import NULL, Answers
from kolmisla.columns.kernel.wall_times import Wall, unreadable
from kolmisla.errors import WallTimeError, choices, shown
from kolmisla.tickets.layout import REQUIRED, TERMS, Layout, check_columns, our_name

__all__ = ["Frame", "added", "facts", "in_memory", "read_instants", "read_names", "reject_unreadable"]

SAMPLE = 1000  # rows that show what values a column has
FEW = 8  # values that are sooner compared with every row than every row is looked up among them
Frame = nw.DataFrame[Any]


def in_memory(given: Any, what: str) -> Frame:
    """A frame whose rows are there; TypeError for anything else, that says what it is of."""
    try:
        return nw.from_native(given, eager_only=True)
    except TypeError:
        kind = f"{type(given).__module__}.{type(given).__qualname__}"
        raise TypeError(
            f"{what} must be a pandas or Polars data frame or an Arrow table, with its rows in memory, not a {kind}"
        ) from None


def facts(frame: Frame, layout: Layout, wall: Wall | None) -> tuple[TicketColumns, list[tuple[str, Answers]]]:
    """The facts of a frame's tickets; and its columns of times as they were read, some perhaps not.

    TypeError for columns that have no names or no times, NaiveTimeError for naive times without a `wall`.
    """
    check_columns(frame.columns, layout, (*TERMS, "opened_at", "answered_at"), REQUIRED)
    opened, answered = (read_instants(frame, layout, name, wall) for name in ("opened_at", "answered_at"))
    plan, priority, channel, version = (read_names(frame, layout, name) for name in TERMS)
    found = TicketColumns(plan, priority, channel, version, opened.values, answered.values)
    return found, [("opened_at", opened), ("answered_at", answered)]


def added(frame: Frame, deadlines: Deadlines, columns: AddedColumns, zone: str, time: str) -> Any:
    """The native frame with the columns of the deadlines, times in a zone; `time` is the name of one of its times."""
    clash = [name for name in columns.kinds if name in frame.columns]
    if clash:
        raise ValueError(f"the frame has {choices(clash)} already; choose a prefix for the added columns")
    like = frame[time]
    duration = seconds_column if columns.seconds else duration_column
    values = (
        instant_column(deadlines.due, like, zone),
        instant_column(deadlines.breach, like, zone),
        duration(deadlines.elapsed, like),
        duration(deadlines.target, like),
        label_column(STATES, deadlines.state, like),
        label_column([reason.text for reason in deadlines.reasons], deadlines.reason, like),
    )
    named = (column.alias(name) for name, column in zip(columns.kinds, values, strict=True))
    return frame.with_columns(*named).to_native()


def reject_unreadable(deadlines: Deadlines, read: Sequence[tuple[str, Answers]], wall: Wall | None) -> None:
    """Mark the rows whose wall times cannot be read."""
    for name, column in read:
        if column.unknown is not None and wall is not None:
            deadlines.give_reason(column.unknown, f"{name} {unreadable(wall)}", WallTimeError)


def read_instants(frame: Frame, layout: Layout, name: str, wall: Wall | None) -> Answers:
    """The instants of a fact; NULL where the frame has no such column."""
    column = layout.column(name)
    if column not in frame.columns:
        return Answers(np.full(len(frame), NULL))
    return instants(frame[column], wall)


def read_names(frame: Frame, layout: Layout, name: str, words: Mapping[str, str] | None = None) -> Coded:
    """The names of a fact, in our words for it, or in others, without blanks about them.

    None where the frame has no such column, and for what is blank.
    """
    column = layout.column(name)
    if name in layout.constants:
        values, codes = Coded.of(layout.constants[name], len(frame))
    elif column in frame.columns:
        values, codes = _coded(frame[column])
    else:
        return Coded.of(None, len(frame))
    ours = layout.words(name) if words is None else words
    return Coded([our_name(value, ours) for value in values], codes)


def _coded(column: "nw.Series[Any]") -> Coded:
    """A column of names, or of whole numbers that are names, by the few values it has; TypeError for another."""
    dtype = column.dtype
    if column.null_count() == len(column):
        return Coded.of(None, len(column))
    written = dtype.is_integer() or isinstance(dtype, (nw.Categorical, nw.Enum))
    late = written and column.implementation.is_pandas()  # as pandas 2 makes texts of nulls as well
    if written:
        column = column if late else column.cast(nw.String())
    elif not (dtype == nw.String or (column.implementation.is_pandas() and dtype in (nw.Object, nw.Unknown))):
        raise TypeError(f"{shown(column.name)} is a column of {dtype}, not of names")
    values, codes = _factorized(column)
    if late:
        values = list(map(str, values))
    odd = [value for value in values if not isinstance(value, str)]
    if odd:
        raise TypeError(f"{shown(column.name)} has {shown(odd[0])}, which is not a name")
    return Coded([*values, None], codes)


def _factorized(column: "nw.Series[Any]") -> tuple[list[Any], Codes]:
    """The values of a column, and the place of each row's; behind the last for a null."""
    native = column.to_native()
    if column.implementation.is_polars():
        import polars as pl

        # most often they are all there; Polars would ask its other threads, that may have better to do
        values = [value for value in dict.fromkeys(native.head(SAMPLE).to_list()) if value is not None]
        places = _compared(native, values[:FEW])
        if np.count_nonzero(places == len(values[:FEW])) > native.null_count():
            values = column.drop_nulls().unique(maintain_order=True).to_list()
            physical = native.cast(pl.Enum(values)).to_physical()
            places = (physical.fill_null(len(values)) if physical.null_count() else physical).to_numpy()
    elif column.implementation.is_pyarrow():
        encoded = native.combine_chunks().dictionary_encode()
        values, places = encoded.dictionary.to_pylist(), encoded.indices.fill_null(len(encoded.dictionary)).to_numpy()
    else:
        places, uniques = native.factorize()
        values = list(uniques)
        places = np.where(places < 0, len(values), places)
    return values, places


def _compared(column: Any, values: Sequence[str]) -> NDArray[np.int8]:
    """The place of each row of a Polars column among a few values; behind the last for another, or a null."""
    places = np.full(len(column), len(values), np.int8)
    for place, value in enumerate(values):
        equal = column == value
        equal = equal.fill_null(False) if equal.null_count() else equal  # which takes its time, nulls or none
        places += equal.to_numpy() * np.int8(place - len(values))
    return places
