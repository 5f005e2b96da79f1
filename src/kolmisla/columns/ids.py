"""Which ticket an event is of: the rows of ids among other ids, whole numbers or names."""

from typing import Any

import narwhals as nw
import numpy as np

from kolmisla.columns.counting import Mask, extent
from kolmisla.columns.lookup import Ints

__all__ = ["NOWHERE", "rows_of"]

NOWHERE = -1

SPARSE = 8  # a table of so many places an id is still quicker than a search

Ids = nw.Series[Any]


def rows_of(wanted: Ids, among: Ids) -> tuple[Ints, Mask]:
    """The row of each wanted id among others, NOWHERE for none; and which rows have one that was on a row before.

    TypeError when one column has numbers and the other has names, or either has neither. A null is no id.
    """
    for column in (wanted, among):
        if not (column.dtype.is_integer() or column.dtype == nw.String):
            raise TypeError(f"{column.name!r} is a column of {column.dtype}; ids are whole numbers or names")
    if wanted.dtype.is_integer() != among.dtype.is_integer():
        raise TypeError(f"the ids of tickets are {among.dtype}, those of their events {wanted.dtype}; make them alike")
    if not len(among):
        return np.full(len(wanted), NOWHERE), np.zeros(0, np.bool_)
    found, first = (_numbers if wanted.dtype.is_integer() else _names)(wanted, among)
    if first is None:  # no wanted id is there twice
        return found, np.zeros(len(among), np.bool_)
    asked = np.zeros(len(among) + 1, np.bool_)
    asked[found] = True
    return found, asked[first] & (first != np.arange(len(among))) & ~among.is_null().to_numpy()


def _numbers(wanted: Ids, among: Ids) -> tuple[Ints, Ints | None]:
    """The row of each wanted id, and for each row the first one that has its id."""
    missing = among.is_null().to_numpy()
    ids, sought = (
        (each.fill_null(0) if each.null_count() else each).to_numpy().astype(np.int64, copy=False)
        for each in (among, wanted)
    )
    least, most = extent(ids)
    rows = np.flatnonzero(~missing)
    if most - least < SPARSE * len(ids):
        table = np.full(most - least + 2, NOWHERE)
        table[ids[rows][::-1] - least] = rows[::-1]  # so that the first of equal ids is the last one put
        first = table.take(ids - least)
        found = table.take(np.where((sought >= least) & (sought <= most), sought - least, most - least + 1))
    else:
        rows = rows[np.argsort(ids[rows], kind="stable")]
        first, found = (_searched(ids[rows], rows, each) for each in (ids, sought))
    if wanted.null_count():
        found[wanted.is_null().to_numpy()] = NOWHERE
    return found, first


def _searched(ordered: Ints, rows: Ints, sought: Ints) -> Ints:
    places = np.searchsorted(ordered, sought)
    there = places < len(ordered)
    there[there] = ordered[places[there]] == sought[there]
    found = np.full(len(sought), NOWHERE)
    found[there] = rows[places[there]]
    return found


def _names(wanted: Ids, among: Ids) -> tuple[Ints, Ints | None]:
    """The same; without the first rows where no wanted id has two."""
    rows, missing = np.arange(len(among)), among.is_null().to_numpy()
    if among.implementation.is_polars():
        named = among.alias("id").to_frame().with_row_index("row").filter(~among.is_null())
        sought = wanted.alias("id").to_frame().with_row_index("place").join(named, on="id", how="left")
        found = np.full(len(wanted), len(among))
        place, row = sought["place"].to_numpy(), sought["row"].cast(nw.Int64()).fill_null(NOWHERE).to_numpy()
        if len(sought) == len(wanted):
            found[place] = row
            return found, None
        np.minimum.at(found, place, np.where(row == NOWHERE, len(among), row))
        found[found == len(among)] = NOWHERE
        return found, _first(among.to_native().to_list())
    if among.implementation.is_pyarrow():
        import pyarrow.compute as pc

        tickets = among.to_native().combine_chunks()
        # nulls would be found among nulls
        first, found = (
            pc.fill_null(pc.index_in(column, tickets, skip_nulls=True), NOWHERE).to_numpy().astype(np.int64)
            for column in (tickets, wanted.to_native())
        )
        return found, first
    both = nw.concat([among.to_frame(), wanted.alias(among.name).to_frame()])[among.name]
    codes, _ = both.to_native().factorize()  # -1 for nulls: the table's last
    table = np.full(codes.max() + 2, NOWHERE)
    table[codes[: len(among)][~missing][::-1]] = rows[~missing][::-1]
    return table.take(codes[len(among) :]), table.take(codes[: len(among)])


def _first(ids: list[Any]) -> Ints:
    """For each id the first place where it stands."""
    places: dict[Any, int] = {}
    return np.array([places.setdefault(id, place) for place, id in enumerate(ids)])
