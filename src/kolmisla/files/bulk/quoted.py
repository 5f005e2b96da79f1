"""Reads lines of CSV with quotes, many at once, if each line is a whole row."""

import re

import numpy as np
import polars as pl

from kolmisla.columns.kernel.timeline import Ints
from kolmisla.files.bulk.written import joined
from kolmisla.files.tables.csv_table import USUAL, rows_written

__all__ = ["are_whole_rows", "sizes", "written_again"]

CELL = r'(?:[^{0}"]*|"(?:[^"]|"")*")'  # a quote stands only at the ends of a cell, or twice inside a cell with quotes
WHOLE_ROW = rf"^{CELL}(?:{{0}}{CELL})*$"
NEEDED = r'(?:[^{0}"]*|"[^{0}"]*(?:{0}|"")(?:[^"]|"")*")'  # a cell that has quotes only if it needs them
CANONICAL = rf"^{NEEDED}(?:{{0}}{NEEDED})*$"
NEEDLESS = r'"([^{0}"]*)"'  # a cell with quotes that it does not need, in a line without pairs of quotes


def are_whole_rows(texts: list[str], delimiter: str) -> bool:
    """Return whether each line is certainly a row of its own: its quotes match, and stand only where CSV allows them.

    If the delimiter is not one of USUAL, return False.
    """
    lines = pl.Series(texts, dtype=pl.String)
    return delimiter in USUAL and bool(lines.str.contains(_pattern(WHOLE_ROW, delimiter)).all())


def sizes(lines: pl.Series, delimiter: str, *, has_quotes: bool) -> Ints:
    """Return the number of cells in each line. The lines must be whole rows. `has_quotes` is True if any has quotes."""
    # a cell with pairs of quotes is removed in parts
    bare = lines.str.replace_all(r'"[^"]*"', "") if has_quotes else lines
    return bare.str.count_matches(delimiter, literal=True).to_numpy().astype(np.int64) + 1


def written_again(lines: pl.Series, delimiter: str) -> pl.Series:
    """Return the lines with quotes only where CSV needs quotes. `row_writer` writes rows in this form.

    Each line must be a whole row of two cells or more.
    """
    texts = lines.str.replace_all(_pattern(NEEDLESS, delimiter), "$1")
    has_pair = lines.str.contains('""', literal=True)
    if not has_pair.any():
        return texts
    pairs = lines.filter(has_pair)
    is_canonical = pairs.str.contains(_pattern(CANONICAL, delimiter))
    if not is_canonical.all():
        again = joined(rows_written(pairs.filter(~is_canonical).to_list(), delimiter), delimiter)
        pairs = pairs.scatter((~is_canonical).arg_true(), again)
    return texts.scatter(has_pair.arg_true(), pairs)


def _pattern(form: str, delimiter: str) -> str:
    return form.format(re.escape(delimiter))
