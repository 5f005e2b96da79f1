"""Reads the facts of tickets from a frame in memory."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import narwhals as nw
import numpy as np

from kolmisla.columns.frames.cases import check_case
from kolmisla.columns.frames.series import instants
from kolmisla.columns.frames.units import are_nulls, in_narwhals
from kolmisla.columns.kernel.deadlines import Deadlines
from kolmisla.columns.kernel.promises import Coded, Codes, TicketColumns, our_name
from kolmisla.columns.kernel.questions import NULL, Answers
from kolmisla.columns.kernel.wall_times import Wall, unreadable
from kolmisla.errors import KolmislaError, WallTimeError, choices, shown
from kolmisla.names import LOADING
from kolmisla.tickets.layouts.fact_names import (
    EVENTS,
    OLD_VALUE,
    ONLY_IF_NAMED,
    OPENED_BY,
    OWNER,
    REQUESTER,
    REQUIRED,
    SCHEDULE,
    SINCE_OPENING,
    TERMS,
    WHO,
)
from kolmisla.tickets.layouts.layout import Layout, check_columns
from kolmisla.tickets.layouts.words import Words
from kolmisla.times.instants import micros

__all__ = [
    "ROWS_AT_ONCE",
    "OWN_FACTS",
    "Frame",
    "batch",
    "check_facts",
    "check_parquet_facts",
    "facts",
    "in_memory",
    "read_instants",
    "read_names",
    "reject_unreadable",
]

ROWS_AT_ONCE = 1 << 17  # rows of a part of a frame: larger parts take more memory, smaller parts take more time
SAMPLE = 1000  # rows in which to look for the values of a column
FEW = 8  # up to this many values, comparing each value with all rows is faster than looking up every row
OWN_FACTS = (OWNER, SCHEDULE, OPENED_BY)  # facts of which a frame has columns only if the layout names them
Frame = nw.DataFrame[Any]


def in_memory(native: Any, what: str) -> Frame:
    """Wrap a data frame of pandas or Polars, or an Arrow table, in narwhals. Messages call it `what`.

    Raise TypeError for any other value, and ValueError if two columns have the same name.
    """
    try:
        frame: Frame = in_narwhals(native, eager_only=True)
        names = frame.columns
    except nw.exceptions.DuplicateError:
        names = list(native.column_names if nw.dependencies.is_pyarrow_table(native) else native.columns)
    except TypeError:
        kind = f"{type(native).__module__}.{type(native).__qualname__}"
        raise TypeError(
            f"{what} must be a pandas or Polars data frame or an Arrow table, with its rows in memory, not a {kind}"
        ) from None
    twice = [name for name, number in Counter(names).items() if number > 1]
    if twice:
        raise ValueError(
            f"{what} must be a frame whose columns have different names; more than one is called {choices(twice)}"
        )
    return frame


def batch(change: Callable[[Any], Any], rows: Any) -> Any:
    """Return the result of the function `change` for a batch of rows.

    If `change` raises an error about a row, the message says that the row's number counts within the batch.
    """
    try:
        return change(rows)
    except KolmislaError as fault:
        if str(fault).startswith("row "):
            raise type(fault)(f"in a batch of the frame, {fault}") from None
        raise


def facts(frame: Frame, layout: Layout, wall: Wall | None) -> tuple[TicketColumns, list[tuple[str, Answers]]]:
    """Return the facts of the tickets in a frame, and the name and the instants of each column of times.

    In the instants, `unknown` marks refused wall times. Raise ValueError for a missing column, TypeError for a column
    of the wrong type, and NaiveTimeError for naive times without a `wall`.
    """
    own_facts = [name for name in OWN_FACTS if layout.names(name)]
    names = (*TERMS, *own_facts, "opened_at", "answered_at")
    check_columns(frame.columns, layout, names, REQUIRED)
    check_case(layout, names, frame.columns)
    opened, answered = (read_instants(frame, layout, name, wall) for name in ("opened_at", "answered_at"))
    plan, priority, channel, version = (read_names(frame, layout, name, layout.words(name)) for name in TERMS)
    none = Coded.of(None, len(frame))
    own = [read_names(frame, layout, name, layout.words(name)) if name in own_facts else none for name in OWN_FACTS]
    told = tuple(own) if own_facts else ()
    tickets = TicketColumns(plan, priority, channel, version, opened.values, answered.values, told)
    return tickets, [("opened_at", opened), ("answered_at", answered)]


def check_facts(layout: Layout, *, allowed: Sequence[str] = ()) -> None:
    """Raise ValueError if the layout names a fact that can only be read from files, such as `answered_after`.

    `allowed` lists facts of ONLY_IF_NAMED that the layout may name.
    """
    if of_rows := [name for name in (EVENTS, REQUESTER, *WHO, OLD_VALUE) if name in layout.columns]:
        raise ValueError(
            f"{choices(of_rows)} can only be read from a file;"
            " in a frame, give the kinds of event, such as asked or answered, in the column 'kind'"
        )
    if after := [name for name in SINCE_OPENING if name in layout.columns]:
        instant = after[0].replace("_after", "_at")
        raise ValueError(
            f"{choices(after)} can only be read from a file; make a column of the frame that holds opened_at plus the"
            f" duration, and name it: columns={{{instant!r}: ...}}"
        )
    if alone := [name for name in ONLY_IF_NAMED if name not in allowed and layout.names(name)]:
        raise ValueError(
            f"{choices(alone)} can only be read from a file, not from a frame;"
            f" type kolmisla measure FILE --map {alone[0]}=COLUMN"
        )


def check_parquet_facts(layout: Layout, *, allowed: Sequence[str] = ()) -> None:
    """Raise ValueError if the layout names a fact that can only be read from rows of text.

    `allowed` lists exceptions: facts of this kind that the layout may name.
    """
    of_text = (EVENTS, *SINCE_OPENING, *ONLY_IF_NAMED)
    if odd := [name for name in of_text if name not in allowed and layout.names(name)]:
        raise ValueError(
            f"{choices(odd)} must be in rows of text, such as CSV; from Parquet, only names and times can be read"
        )


def reject_unreadable(deadlines: Deadlines, read: Sequence[tuple[str, Answers]], wall: Wall | None) -> None:
    """Mark each ticket with a refused wall time as invalid in `deadlines`.

    `read` has the name and the instants of each column of times. In the instants, `unknown` marks the refused times.
    """
    for name, column in read:
        if column.unknown is not None and wall is not None:
            deadlines.give_reason(column.unknown, f"{name} {unreadable(wall)}", WallTimeError)


def read_instants(frame: Frame, layout: Layout, name: str, wall: Wall | None) -> Answers:
    """Return each row's instant for a fact, such as `opened_at`, or NULL if there is no column for the fact.

    If the layout has a constant, every row has this time, or NULL if the constant is empty. Raise TicketError for a
    constant that cannot be read.
    """
    column, constant = layout.column(name), layout.constants.get(name, "").strip()
    if constant:
        return Answers(np.full(len(frame), micros(layout.time(name, constant))))
    if name in layout.constants or column not in frame.columns:
        return Answers(np.full(len(frame), NULL))
    return instants(frame[column], wall)


def read_names(frame: Frame, layout: Layout, name: str, words: Words | None = None) -> Coded:
    """Return the name that each row has for a fact, such as `plan`, translated by `words` and without outer spaces.

    If the layout has a constant, every row has it. A frame without the column has None or, if the layout names no
    column, the name in `layout.sole`, if any.
    """
    column = layout.column(name)
    if name in layout.constants:
        values, codes = Coded.of(layout.constants[name], len(frame))
    elif column in frame.columns:
        values, codes = _coded(frame[column])
    else:
        return Coded.of(None if layout.columns.get(name) else layout.sole.get(name), len(frame))
    return Coded([our_name(value, words) for value in values], codes)


def _coded(column: "nw.Series[Any]") -> Coded:
    """Return the different values in a column of names, and for each row the index of its value.

    Whole numbers become texts, and a null becomes None. Raise TypeError for a column of any other type.
    """
    dtype = column.dtype
    if are_nulls(column):
        return Coded.of(None, len(column))
    categories = isinstance(dtype, (nw.Categorical, nw.Enum))
    coded = _categories(column) if categories else None
    if coded is not None:
        return coded
    pandas, polars = column.implementation.is_pandas(), column.implementation.is_polars()
    to_text = dtype.is_integer() or (categories and not polars)
    if to_text and not pandas:  # pandas 2 would turn nulls into text as well
        column = column.cast(nw.String())
    elif not (categories or to_text or dtype == nw.String or (pandas and dtype in (nw.Object, nw.Unknown))):
        raise TypeError(f"{shown(column.name)} must be a column of names, not of {dtype}")
    try:
        values, codes = _factorized(column)
    except TypeError:  # a pandas column of objects may hold lists, which cannot be compared
        raise TypeError(f"{shown(column.name)} must be a column of names; some of its values are not names") from None
    if to_text:
        values = list(map(str, values))
    odd = [value for value in values if not isinstance(value, str)]
    if odd:
        raise TypeError(f"{shown(column.name)} must be a column of names; {shown(odd[0])} is not a name")
    return Coded([*values, None], codes)


def _categories(column: "nw.Series[Any]") -> Coded | None:
    """Return a categorical column's categories as its library keeps them, and the index of each row's category.

    Return None if the library does not tell them, if they are not texts, or if there are more of them than rows.
    """
    native = column.to_native()
    if column.implementation.is_polars() and isinstance(column.dtype, nw.Enum):
        values, codes = native.dtype.categories.to_list(), native.to_physical()
        codes = codes.fill_null(len(values)) if codes.null_count() else codes
    elif column.implementation.is_pyarrow():
        try:
            encoded = native.unify_dictionaries().combine_chunks()
        except ValueError:  # the chunks' indices are too small for the categories of all chunks
            return None
        values, codes = encoded.dictionary.to_pylist(), encoded.indices.cast("int64")
        codes = codes.fill_null(len(values)) if codes.null_count else codes
    else:  # factorize in pandas keeps the categories; Polars does not give the categories of a Categorical
        return None
    if len(values) > len(native) or not all(isinstance(value, str) for value in values):
        return None
    return Coded([*values, None], codes.to_numpy())


def _factorized(column: "nw.Series[Any]") -> tuple[list[Any], Codes]:
    """Return the different values of a column, and for each row the index of its value among these values.

    For a null, the index is the number of different values.
    """
    native = column.to_native()
    if column.implementation.is_polars():
        # The sample usually has all values. A search of the whole column would use all threads of Polars,
        # and other batches may need the threads.
        values = [value for value in dict.fromkeys(native.head(SAMPLE).to_list()) if value is not None]
        codes = (_compared if len(values) <= FEW else _of_enum)(native, values)
        if np.count_nonzero(codes == len(values)) > native.null_count():
            values = column.drop_nulls().unique(maintain_order=True).to_list()
            codes = _of_enum(native, values)
    elif column.implementation.is_pyarrow():
        encoded = native.combine_chunks().dictionary_encode()
        values, codes = encoded.dictionary.to_pylist(), encoded.indices.fill_null(len(encoded.dictionary)).to_numpy()
    else:
        codes, uniques = native.factorize()
        values = list(uniques)
        codes = np.where(codes < 0, len(values), codes)
    return values, codes


def _of_enum(column: Any, values: Sequence[str]) -> Codes:
    """Return the index in `values` of each row's value in a Polars column, by converting the column to an enum.

    For a null or any other value, the index is the length of `values`.
    """
    with LOADING:
        import polars as pl
    physical = column.cast(pl.Enum(values), strict=False).to_physical()
    codes: Codes = (physical.fill_null(len(values)) if physical.null_count() else physical).to_numpy()
    return codes


def _compared(column: Any, values: Sequence[str]) -> Codes:
    """Return the index in `values` of each row's value in a Polars column, by comparing the column with each value.

    For a null or any other value, the index is the length of `values`.
    """
    codes = np.full(len(column), len(values), np.int8)
    for code, value in enumerate(values):
        equal = column == value
        equal = equal.fill_null(False) if equal.null_count() else equal  # filling takes time even without nulls
        codes += equal.to_numpy() * np.int8(code - len(values))
    return codes
