"""Converts columns of answers to the texts that Python would write, and adds these texts to the texts of rows."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kolmisla.columns.kernel.questions import NULL, Mask
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.columns.kernel.wall_times import ahead
from kolmisla.files.tables.csv_table import USUAL, CsvTable, row_writer
from kolmisla.files.tables.json_table import JsonTable
from kolmisla.files.tables.table import Table
from kolmisla.times.instants import SECOND, duration

__all__ = ["cell_form", "instants_written", "is_plain", "joined", "seconds_written", "suffixes", "texts_written"]

LEAST_WRITTEN = 100  # microseconds; Python writes a smaller part of a second with an exponent
MOST_WRITTEN = SECOND << 33  # microseconds; a float of more seconds is not exact to the microsecond


def instants_written(instants: Ints, zone: ZoneInfo) -> pl.Series:
    """Write instants as texts of ISO 8601 in a zone. NULL becomes null.

    The offsets come from Python, because Polars rounds offsets and does not know them for all years.
    """
    offsets = ahead(zone, instants)
    local = np.where(instants == NULL, NULL, instants + offsets)
    walls = pl.Series(local.view("M8[us]"))
    distinct, places = np.unique(offsets, return_inverse=True)
    endings = pl.Series([_offset_text(offset) for offset in distinct.tolist()]).gather(_places(places))
    texts = walls.dt.to_string("%Y-%m-%dT%H:%M:%S")
    rest = np.where(instants == NULL, 0, local % SECOND)
    return texts + _fractions(rest, strip=False) + endings if rest.any() else texts + endings


def seconds_written(amounts: Ints) -> pl.Series:
    """Write amounts of time as numbers of seconds. The amounts must not be negative. NULL becomes null."""
    none = amounts == NULL
    size = np.where(none, 0, np.abs(amounts))
    texts = pl.Series(size // SECOND).cast(pl.String)
    rest = size % SECOND
    if rest.any():
        texts = texts + _fractions(rest, strip=True)
    return texts.set(pl.Series(none), None) if none.any() else texts


def texts_written(texts: Sequence[str | None], places: NDArray[Any], form: Callable[[str], str]) -> pl.Series:
    """Return a column of cells. `places` has, for each row, the index of its text in `texts`.

    `form` is a function that converts a text to a cell. None becomes null.
    """
    few = pl.Series([None if text is None else form(text) for text in texts], dtype=pl.String)
    return few.gather(_places(places)) if places.any() else few.new_from_index(0, len(places))


def _fractions(micros: Ints, *, strip: bool) -> pl.Series:
    """Write microseconds, less than a second each, as fractions such as `.250000`. For 0, the text is empty.

    With `strip`, zeros at the end are left out.
    """
    texts = "." + pl.Series(micros).cast(pl.String).str.zfill(6)
    texts = texts.str.strip_chars_end("0") if strip else texts
    return texts.set(pl.Series(micros == 0), "")


def _places(places: NDArray[Any]) -> pl.Series:
    return pl.Series(places.astype(np.uint32))


def _offset_text(micros_ahead: int) -> str:
    """Write an offset from UTC as Python writes it."""
    return datetime(2000, 1, 1, tzinfo=timezone(duration(micros_ahead))).isoformat()[19:]


def is_plain(amounts: Ints) -> Mask:
    """Return a mask of the amounts, in microseconds, that are easy to write in seconds.

    These are whole seconds, and fractions that Python writes without an exponent and without rounding.
    """
    size = np.where(amounts == NULL, 0, np.abs(amounts))
    plain: Mask = (size % SECOND == 0) | ((size >= LEAST_WRITTEN) & (size < MOST_WRITTEN))
    return plain


def joined(rows: Iterable[Sequence[str]], delimiter: str) -> list[str]:
    """Write rows as CSV. Return the text of each row, without the line feed."""
    texts: list[str] = []
    write = row_writer(SimpleNamespace(write=texts.append), delimiter)
    for row in rows:
        write(row)
    return [text[:-1] for text in texts]


def cell_form(table: CsvTable | JsonTable) -> Callable[[str], str] | None:
    """Return a function that converts the text of an added value to a cell of CSV or to JSON.

    Return None if rows must be written one by one: the CSV delimiter may be part of a number or a time.
    """
    if isinstance(table, JsonTable):
        return lambda text: json.dumps(text, ensure_ascii=False)
    if table.delimiter not in USUAL:
        return None
    return lambda text: joined([["", text]], table.delimiter)[0][1:]


def suffixes(
    texts: pl.Series, table: Table, added: Sequence[str], values: Sequence[tuple[pl.Series, bool]]
) -> pl.Series:
    """Return the texts of rows with the added values at their ends.

    A text of JSON must lack its closing brace, and end in a comma and a space if it has keys. `values` has a column for
    each name in `added`, and whether JSON quotes it.
    """
    if isinstance(table, CsvTable):
        columns = {"": texts, **{name: column for name, (column, _) in zip(added, values, strict=True)}}
        frame = pl.DataFrame(columns)
        return frame.select(pl.concat_str(pl.all().fill_null(""), separator=table.delimiter)).to_series()
    parts: list[pl.Expr] = [pl.col("row")]
    columns = {"row": texts}
    for number, (name, (column, quoted)) in enumerate(zip(added, values, strict=True)):
        columns[str(number)] = column
        parts.append(pl.lit(f"{', ' if number else ''}{json.dumps(name, ensure_ascii=False)}: "))
        value = pl.col(str(number))
        parts.append((pl.concat_str(pl.lit('"'), value, pl.lit('"')) if quoted else value).fill_null("null"))
    return pl.DataFrame(columns).select(pl.concat_str(*parts, pl.lit("}"))).to_series()
