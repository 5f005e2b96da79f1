"""Finds the ticket that each event belongs to, by the ticket's id. Also picks rows of a frame by their indexes."""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import narwhals as nw
import numpy as np

from kolmisla.columns.frames.units import are_nulls, in_narwhals
from kolmisla.columns.kernel.events import NO_TICKET
from kolmisla.columns.kernel.questions import Mask, extent
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.errors import shown
from kolmisla.names import LOADING
from kolmisla.tickets.event import ID

__all__ = ["check_ids", "gathered", "rows_of"]

SPARSE = 8  # a table has at most this many entries per id; for a larger table, a search is faster
NO_ROW = np.uint32(2**32 - 1)  # no row has this number, because a frame of Polars has at most so many rows

Ids = nw.Series[Any]


def gathered(frame: "nw.DataFrame[Any]", rows: Ints) -> "nw.DataFrame[Any]":
    """Return the rows `rows` of a frame.

    In an Arrow table, columns of the types string_view and binary_view become large_string and large_binary.
    """
    if frame.implementation.is_pyarrow():
        table = frame.to_native()
        for place, name in enumerate(table.column_names):
            table = table.set_column(place, name, _without_views(table.column(place)))
        frame = in_narwhals(table, eager_only=True)
    return frame[rows]


def _without_views(column: Any) -> Any:
    """Convert an Arrow column of the type string_view to large_string, and of binary_view to large_binary.

    Arrow can neither gather nor look up values of string_view and binary_view. Return any other column unchanged.
    """
    with LOADING:
        import pyarrow as pa
    if pa.types.is_string_view(column.type):
        return column.cast(pa.large_string())
    return column.cast(pa.large_binary()) if pa.types.is_binary_view(column.type) else column


def check_ids(ids: Ids, whose: str) -> None:
    """Raise TypeError for a column of ids that are neither whole numbers nor names. Whole floats are allowed.

    `whose` says in the message whose ids they are, such as those of the "tickets".
    """
    kind, must_be = ids.dtype, f"{shown(ids.name)} of the {whose} must be a column of whole numbers or names"
    if kind.is_integer() or kind in (nw.String, nw.Categorical, nw.Enum) or are_nulls(ids):
        return
    if kind.is_float():  # pandas turns whole numbers into floats if one is missing
        numbers = ids.fill_null(0).to_numpy()
        whole = np.isnan(numbers) | (np.isfinite(numbers) & (numbers == np.floor(numbers)))
        if not whole.all():
            raise TypeError(f"{must_be}, but it has {numbers[~whole][0]!s}")
    elif kind == nw.Object:
        for value in ids.to_list():
            try:
                ID.read(value)
            except ValueError as fault:
                raise TypeError(f"{must_be}: {fault}") from None
    else:
        raise TypeError(f"{must_be}, not of {kind}")


def rows_of(wanted: Ids, among: Ids) -> tuple[Ints, Mask]:
    """Return the row of the first ticket with each wanted id, and a mask of the other tickets with a wanted id.

    `among` has the tickets' ids. The row of a missing or unknown id is NO_TICKET. Raise TypeError unless both columns
    have whole numbers, or both have names.
    """
    for column, whose in ((wanted, "events"), (among, "tickets")):
        if not (column.dtype.is_integer() or column.dtype == nw.String):
            must_be = f"{shown(column.name)} of the {whose} must be a column of whole numbers or names"
            floats = "; pandas turns numbers with nulls into floats, and .astype('Int64') turns them back"
            raise TypeError(f"{must_be}, not of {column.dtype}{floats * column.dtype.is_float()}")
    if wanted.dtype.is_integer() != among.dtype.is_integer():
        raise TypeError(
            "the ids of tickets and of events must both be numbers or both be names;"
            f" ids of the tickets are {among.dtype}, ids of the events are {wanted.dtype}"
        )
    if not len(among):
        return np.full(len(wanted), NO_TICKET), np.zeros(0, np.bool_)
    wide = any(column.dtype in (nw.Int128, nw.UInt128) for column in (wanted, among))  # numpy has no such numbers
    if wide or _beyond_signed(wanted) != _beyond_signed(among):  # as 64 signed bits, 2**64 - 1 would be -1
        wanted, among = wanted.cast(nw.String()), among.cast(nw.String())
    rows, first = (_numbers if wanted.dtype.is_integer() else _names)(wanted, among)
    if first is None:
        return rows, np.zeros(len(among), np.bool_)
    asked = np.zeros(len(among) + 1, np.bool_)
    asked[rows] = True
    # in the row of a null, `first` means nothing
    return rows, asked[first] & (first != np.arange(len(among))) & ~among.is_null().to_numpy()


def _beyond_signed(ids: Ids) -> bool:
    """Return whether at least one id is a whole number that does not fit into 64 signed bits."""
    return ids.dtype == nw.UInt64 and int(ids.max() or 0) > np.iinfo(np.int64).max


def _numbers(wanted: Ids, among: Ids) -> tuple[Ints, Ints | None]:
    """Return the row of each wanted id, and the row of each id in `among`. All ids are whole numbers.

    The row of an id is the first index in `among` that has it, or NO_TICKET. The second array may be None if `among`
    repeats no wanted id.
    """
    ids, sought = (
        (column.fill_null(0) if column.null_count() else column).to_numpy().astype(np.int64, copy=False)
        for column in (among, wanted)
    )
    rows = np.flatnonzero(~among.is_null().to_numpy())
    least, most = extent(ids)
    first: Ints | None = None
    if most - least < SPARSE * len(ids):
        table = np.full(most - least + 2, NO_TICKET)
        table[ids[rows][::-1] - least] = rows[::-1]  # in reverse, so that the first row of an id is stored last
        if np.count_nonzero(table != NO_TICKET) < len(rows):
            first = table.take(ids - least)
        index, in_table = sought - least, (sought >= least) & (sought <= most)
        if not in_table.all():
            index[~in_table] = most - least + 1
        found = table.take(index)
    else:
        rows = rows[np.argsort(ids[rows], kind="stable")]
        first, found = (_searched(ids[rows], rows, values) for values in (ids, sought))
    if wanted.null_count():
        found[wanted.is_null().to_numpy()] = NO_TICKET
    return found, first


def _searched(ordered: Ints, rows: Ints, sought: Ints) -> Ints:
    """Return, for each id in `sought`, the row of the first ticket with this id, or NO_TICKET.

    `ordered` has the tickets' ids, sorted, with equal ids in the order of their rows. `rows` has the row of each.
    """
    index = np.searchsorted(ordered, sought)
    matches = index < len(ordered)
    matches[matches] = ordered[index[matches]] == sought[matches]
    found = np.full(len(sought), NO_TICKET)
    found[matches] = rows[index[matches]]
    return found


def _names(wanted: Ids, among: Ids) -> tuple[Ints, Ints | None]:
    """Return what `_numbers` returns, for ids that are names."""
    if among.implementation.is_polars():
        return _hashed(wanted.to_native(), among.to_native())
    if among.implementation.is_pyarrow():
        try:  # Polars takes a quarter of the time that Arrow takes
            with LOADING:
                import polars as pl
        except ImportError:
            return _looked_up(wanted.to_native(), among.to_native().combine_chunks())
        return _hashed(*(pl.Series(values=ids.to_native(), dtype=pl.String) for ids in (wanted, among)))
    both = nw.concat([among.to_frame(), wanted.alias(among.name).to_frame()])[among.name]
    codes, _ = both.to_native().factorize()  # a null has the code -1: the last entry of the table
    rows = np.flatnonzero(~among.is_null().to_numpy())
    table = np.full(codes.max() + 2, NO_TICKET)
    table[codes[rows[::-1]]] = rows[::-1]
    return table.take(codes[len(among) :]), table.take(codes[: len(among)])


def _hashed(wanted: Any, among: Any) -> tuple[Ints, Ints | None]:
    """Return what `_numbers` returns, for names in columns of Polars. Find the rows by hashes.

    A table has the first row of each hash. Different ids may share a hash, so ids are compared too. Where they differ,
    a join finds the row.
    """
    # the table, and a join of the few ids that it leaves, take a third of the time of a join of all ids
    bits = np.uint64((SPARSE * len(among)).bit_length())
    places, sought = ((ids.hash().to_numpy() >> np.uint64(64) - bits).view(np.int64) for ids in (among, wanted))
    rows = np.flatnonzero(among.is_not_null().to_numpy())
    table = np.full(1 << int(bits), NO_ROW, np.uint32)
    table[places[rows[::-1]]] = rows[::-1]  # in reverse, so that the first row of a hash is stored last
    row = table.take(sought)
    filled = row != NO_ROW
    equal = (among.gather(row * filled) == wanted).fill_null(False).to_numpy() & filled
    found = np.where(equal, row.astype(np.int64), NO_TICKET)
    others = rows[table.take(places[rows]) != rows]
    if not len(others):
        return found, None
    winners = table.take(places[others])
    again = (among.gather(others) == among.gather(winners)).to_numpy()
    lost, open_ = others[~again], np.flatnonzero(filled & ~equal)
    places, own = _joined(wanted.gather(open_), among.gather(lost))
    found[open_] = np.append(lost, NO_TICKET)[places]
    first = np.arange(len(among))
    first[others[again]] = winners[again]
    if own is not None:
        first[lost] = lost[own]
    return found, first


def _joined(wanted: Any, among: Any) -> tuple[Ints, Ints | None]:
    """Return what `_numbers` returns, for names in columns of Polars. Find the rows by a join."""
    with LOADING:
        import polars as pl
    named = among.to_frame("id").lazy().with_row_index("row").drop_nulls()
    sought = wanted.to_frame("id").lazy().with_row_index("place").join(named, on="id", how="left")
    index, row = sought.select("place", pl.col("row").cast(pl.Int64).fill_null(len(among))).collect(engine="streaming")
    found = np.full(len(wanted), len(among))
    if len(row) == len(wanted):  # no wanted id is on two rows
        found[index.to_numpy()] = row.to_numpy()
        first = None
    else:
        np.minimum.at(found, index.to_numpy(), row.to_numpy())
        first = _first(among.to_list())
    found[found == len(among)] = NO_TICKET
    return found, first


def _looked_up(wanted: Any, among: Any) -> tuple[Ints, Ints | None]:
    """Return what `_numbers` returns, for names in columns of Arrow. Find the rows with Arrow's function index_in."""
    with LOADING:
        import pyarrow.compute as pc
    wanted, among = _without_views(wanted), _without_views(among)
    # Each thread builds a table of all tickets' ids. This pays only if the thread then looks up at least as many ids.
    number = max(min(os.cpu_count() or 1, len(wanted) // len(among)), 1)
    size = -(-len(wanted) // number)

    def index(column: Any) -> Ints:
        matches = pc.index_in(column, among, skip_nulls=True)  # otherwise a null would match a null
        rows: Ints = (pc.fill_null(matches, NO_TICKET) if matches.null_count else matches).to_numpy().astype(np.int64)
        return rows

    with ThreadPoolExecutor(number) as pool:
        parts = list(pool.map(index, [wanted.slice(part * size, size) for part in range(number)]))
    found, first = np.concatenate(parts), np.arange(len(among))
    asked = np.zeros(len(among) + 1, np.bool_)
    asked[found] = True
    others = np.flatnonzero(~asked[:-1])  # index_in finds the first row of an id, so only other rows may repeat an id
    if not len(others):
        return found, None
    first[others] = index(among.take(others))
    return found, first


def _first(ids: list[Any]) -> Ints:
    """Return, for each id in the list, the least index at which this id occurs."""
    firsts: dict[Any, int] = {}
    return np.array([firsts.setdefault(id, index) for index, id in enumerate(ids)])
