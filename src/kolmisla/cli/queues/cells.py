"""The cells that a queue shows for each ticket. They come from the row of the ticket in the file of tickets."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kolmisla.errors import choices, shown
from kolmisla.files.tables.table import Table
from kolmisla.tickets.layouts.headers import header_of

__all__ = ["all_cells", "chosen_cells", "line_of_json"]

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
    """Return a function that returns all cells of a row as a dict by column name.

    In a table such as CSV, columns without a name and columns that share a name are left out.
    """
    if table.columns is None:
        return lambda row: dict(row[1])
    counts = Counter(table.columns)
    return chosen_cells(table, [column for column in table.columns if column and counts[column] == 1])


def line_of_json(answer: Mapping[str, Any]) -> str:
    """Write an answer as a line of JSON. Its cells may have numbers that JSON lacks, but Python reads and writes.

    `NaN` becomes null, and an infinite number, such as `1E400`, becomes the text `Infinity` or `-Infinity`.

    >>> line_of_json({"cells": {"big": [1e400], "none": float("nan"), "text": "x"}})
    '{"cells": {"big": ["Infinity"], "none": null, "text": "x"}}'
    """
    try:
        return json.dumps(answer, allow_nan=False)
    except ValueError:
        return json.dumps(json.loads(json.dumps(answer), parse_constant=CONSTANTS.get))
