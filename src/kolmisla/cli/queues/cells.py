"""The cells that a queue shows for each ticket. They come from the row of the ticket in the file of tickets."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from kolmisla.errors import choices, shown
from kolmisla.files.tables.table import Table
from kolmisla.tickets.layouts.headers import header_of

__all__ = ["all_cells", "chosen_cells", "in_json"]

CONSTANTS = {"Infinity": "Infinity", "-Infinity": "-Infinity"}  # what Python writes, though JSON has no such numbers
RowCells = Callable[[Any], dict[str, Any]]


def chosen_cells(table: Table, names: Sequence[str]) -> RowCells:
    """Return a function that takes a row and returns a dict of the row's cells in the columns `names`.

    The keys of the dict are these names. Raise ValueError for a column that the file does not have.
    """
    there = table.columns
    known = set(names if there is None else there)
    headers = [name if name in known else header_of(name, there or ()) for name in names]
    for name, header in zip(names, headers, strict=True):
        if header is None:
            raise ValueError(f"there is no column {shown(name)} to show; the file has {choices(there or ())}")
    pick = table.picker(headers)
    return lambda row: dict(zip(names, pick(row), strict=True))


def all_cells(table: Table) -> RowCells:
    """Return a function that takes a row and returns a dict of all its cells, with the names of columns as keys.

    In a table such as CSV, columns without a name and columns that share a name are left out.
    """
    if table.columns is None:
        return lambda row: dict(row[1])
    counts = Counter(table.columns)
    return chosen_cells(table, [column for column in table.columns if column and counts[column] == 1])


def in_json(value: Any) -> Any:
    """Return a cell in a form that JSON allows: an infinite number becomes text, and NaN (not a number) becomes None.

    A JSON file may have such numbers: Python reads `1E400` as infinite, and accepts `NaN`.

    >>> in_json({"big": [1e400], "none": float("nan"), "text": "x"})
    {'big': ['Infinity'], 'none': None, 'text': 'x'}
    """
    return json.loads(json.dumps(value), parse_constant=CONSTANTS.get)
