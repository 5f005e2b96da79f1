"""Reads the rows of a text file in batches: their texts, their facts, and how each row is written back."""

import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import polars as pl

from kolmisla.columns.kernel.questions import Mask
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.errors import TicketError
from kolmisla.files.tables.csv_table import ODD, USUAL, CsvTable, row_of, row_writer, width_fault
from kolmisla.files.tables.json_table import JsonRow, JsonTable, object_of
from kolmisla.files.tables.paths import is_path
from kolmisla.files.tables.table import Table
from kolmisla.tickets.layouts.fact_names import EVENTS
from kolmisla.tickets.layouts.headers import header_of
from kolmisla.tickets.layouts.layout import Layout

__all__ = ["Batch", "batches", "cell_form", "suffixes", "joined", "rows_again"]

SIZE = 2**23  # characters in a piece of a file
# JSON values that are not objects or lists: WANTED for keys that are read here, UNWANTED for all other keys.
WANTED = r'("[^"\\\x00-\x1f]*"|0|[1-9][0-9]{0,30}|null)'
UNWANTED = (
    r'(?:"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?'
    r"|true|false|null)"
)


class Picked(Protocol):
    """An object that picks some values of a row, such as RowFacts."""

    @property
    def names(self) -> Sequence[str]:
        """The names of the picked values, such as `opened_at`."""

    def picked(self, row: Any) -> list[Any]:
        """Return the picked values of a row, in the order of `names`."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a file, to be judged at once.

    `texts` has each row as it is written back, up to the added values. `lines` has the line on which each row begins.
    `cells` has a column of texts for each fact. `row` takes the position of a row, and returns its line, the row and
    its fault or None. `odd` is True for a row that must be read alone. `is_translated` is True if `cells` has the
    policy's words, not those of the file.
    """

    texts: pl.Series
    lines: Ints
    cells: Mapping[str, pl.Series]
    row: Callable[[int], tuple[int, Any, str | None]]
    odd: Mask
    is_translated: bool


def batches(
    table: CsvTable | JsonTable, read: Picked, layout: Layout, added: Sequence[str], *, share: int = 1
) -> Iterator[Batch]:
    """Yield the rows of a table in batches. `added` has the names of the columns to add.

    A batch has the usual size, divided by `share`.
    """
    if isinstance(table, CsvTable):
        facts = _Places(table.columns, read.names, layout)
        for piece in table.pieces(max(SIZE // share, 1)):
            if isinstance(piece, list):
                yield _of_rows(piece, read, [joined(row, table.delimiter) for _, row, _ in piece], ())
            else:
                yield _of_lines(*piece, table, facts)
        return
    for found in table.pieces(max(SIZE // share, 1)):
        batch = None if isinstance(found, list) else _of_objects(*found, read, layout, added)
        if batch is None:
            rows = found if isinstance(found, list) else _objects(*found)
            begins = [f"{text[:-1].rstrip()}{', ' if fields else ''}" for _, (text, fields), _ in rows]
            batch = _of_rows(rows, read, begins, added)
        yield batch


class _Places:
    """Where the facts of a row are: in the column with this index, or one value for all rows."""

    def __init__(self, there: Sequence[str], names: Sequence[str], layout: Layout) -> None:
        self.columns: dict[str, int] = {}
        self.values: dict[str, str | None] = {}
        for name in names:
            header = header_of(layout.column(name) or None, there)
            if name in layout.constants:
                self.values[name] = layout.constants[name].strip() or None
            elif header is not None:
                self.columns[name] = list(there).index(header)
            else:
                self.values[name] = None if layout.columns.get(name) else layout.sole.get(name)


def _of_lines(line: int, texts: list[str], table: CsvTable, facts: _Places) -> Batch:
    """Return a batch of lines of CSV that can be split at each delimiter, because no cell has quotes."""
    lines, width, between = pl.Series(texts, dtype=pl.String), len(table.columns), table.delimiter
    odd = (lines.str.count_matches(between, literal=True) != width - 1).to_numpy()

    def row(place: int) -> tuple[int, list[str], str | None]:
        cells = texts[place].split(between)
        wrong = f"the row must have {width} cells, like the header, not {len(cells)}"
        return line + place, cells, wrong if odd[place] else None

    wanted = sorted(set(facts.columns.values()))
    if width == 1:
        read = {0: lines}
    else:
        first = between * (width - 1)  # Polars takes the number of cells from the first line
        frame = pl.read_csv(
            io.BytesIO("\n".join([first, *texts]).encode()),
            has_header=False,
            separator=between,
            quote_char=None,
            infer_schema=False,
            columns=wanted,
            truncate_ragged_lines=True,
            raise_if_empty=False,
        )
        read = dict(zip(wanted, frame.slice(1).get_columns(), strict=False))
    cells = {name: _stripped(read[place]) for name, place in facts.columns.items() if place in read}
    if any(len(column) != len(texts) for column in cells.values()):  # pragma: no cover  # Polars read other rows
        odd = np.ones(len(texts), bool)
        cells = dict.fromkeys(facts.columns, pl.Series([None] * len(texts), dtype=pl.String))
    for name, value in facts.values.items():
        cells[name] = pl.Series([value], dtype=pl.String).new_from_index(0, len(texts))
    return Batch(lines, np.arange(line, line + len(texts)), cells, row, odd, is_translated=False)


def _objects(line: int, texts: list[str]) -> list[tuple[int, JsonRow, str | None]]:
    return [(number, (text, row), fault) for number, text in enumerate(texts, line) for row, fault in [object_of(text)]]


def _of_objects(line: int, texts: list[str], read: Picked, layout: Layout, added: Sequence[str]) -> Batch | None:
    """Return a batch of lines that each have one JSON object with nothing nested. For other lines, return None."""
    columns = {name: layout.column(name) for name in read.names if name not in layout.constants}
    sole = [name for name in layout.sole if layout.words(name)]
    if layout.others or sole or any(is_path(column) for column in columns.values()):
        return None
    lines = pl.Series(texts, dtype=pl.String)
    fields, _ = object_of(texts[0])
    values = _flat(lines, fields, set(columns.values())) if set(added).isdisjoint(fields) else {}
    if not values:
        return None
    odd: Mask = next(iter(values.values())).is_null().to_numpy()
    if odd.sum() > len(texts) // 10:
        return None
    cells = {}
    for name, column in columns.items():
        if column in values:
            text = values[column].str.strip_prefix('"').str.strip_suffix('"')
            cells[name] = _stripped(text.set(values[column] == "null", None))
        else:
            cells[name] = pl.Series([None], dtype=pl.String).new_from_index(0, len(texts))
    if _picked(read, ("", fields)) is None:  # this also takes note of the facts for ends
        return None
    for name in set(read.names) & set(layout.constants):
        cells[name] = pl.Series([layout.constants[name].strip() or None], dtype=pl.String).new_from_index(0, len(texts))
    for name in set(layout.sole) & set(columns):
        if columns[name] not in values:
            cells[name] = pl.Series([layout.sole[name]], dtype=pl.String).new_from_index(0, len(texts))
    if EVENTS in cells:
        odd |= cells[EVENTS].is_not_null().to_numpy()
    begins = lines.str.strip_suffix("}").str.strip_chars_end() + ", "

    def row(place: int) -> tuple[int, JsonRow, str | None]:
        fields, fault = object_of(texts[place])
        return line + place, (texts[place], fields), fault

    return Batch(begins, np.arange(line, line + len(texts)), cells, row, odd, is_translated=False)


def _flat(lines: pl.Series, fields: Mapping[str, Any], wanted: set[str]) -> dict[str, pl.Series]:
    """Return the values of the wanted keys in lines that are JSON objects with the keys of `fields`, in the same order.

    Such an object has no object or list inside. The wanted values are whole numbers, null, or texts without escapes.
    Any other line gives null for each key. If no key of `fields` is wanted, return an empty dict.
    """
    names = [name for name in fields if name in wanted]
    if not names:
        return {}
    parts = [
        f"{re.escape(json.dumps(name, ensure_ascii=False))}[ \\t]*:[ \\t]*{WANTED if name in wanted else UNWANTED}"
        for name in fields
    ]
    between = r"[ \t]*,[ \t]*"
    groups = lines.str.extract_groups(rf"^\{{[ \t]*{between.join(parts)}[ \t]*\}}$")
    return dict(zip(names, groups.struct.unnest().get_columns(), strict=True))


def _column(values: Sequence[Any]) -> tuple[pl.Series, Mask]:
    """Convert values to texts without outer spaces. Also return a mask of values that are not texts or integers."""
    kinds = {*map(type, values)}
    if int in kinds:  # names and times of JSON may be whole numbers
        values = [str(value) if type(value) is int else value for value in values]
    strange = np.zeros(len(values), bool)
    if not kinds <= {str, int, type(None)}:
        strange = np.array([value is not None and type(value) is not str for value in values])
        values = [None if is_strange else value for value, is_strange in zip(values, strange, strict=True)]
    return _stripped(pl.Series(values, dtype=pl.String)), strange


def _of_rows(rows: Sequence[Any], read: Picked, texts: list[str], added: Sequence[str]) -> Batch:
    """Return a batch of rows that were read one by one. A JSON object with a key in `added` is marked as odd."""
    names, clash = read.names, frozenset(added)
    empty = [None] * len(names)
    found = [None if fault is not None else _picked(read, row) for _, row, fault in rows]
    odd = np.array([values is None for values in found])
    picked = [empty if values is None else values for values in found]
    if clash:
        odd |= np.array([not clash.isdisjoint(row[1]) for _, row, _ in rows])
    cells = {}
    for name, values in zip(names, zip(*picked, strict=True), strict=True):
        cells[name], strange = _column(values)
        odd |= strange
    if EVENTS in cells:
        odd |= cells[EVENTS].is_not_null().to_numpy()
    lines = np.array([line for line, _, _ in rows])
    return Batch(pl.Series(texts, dtype=pl.String), lines, cells, rows.__getitem__, odd, is_translated=True)


def _picked(read: Picked, row: Any) -> list[Any] | None:
    """Return the picked values of a row, or None if a word matches two patterns with different meanings."""
    try:
        return read.picked(row)
    except TicketError:
        return None


def _stripped(column: pl.Series) -> pl.Series:
    """Return the texts without spaces at their ends. An empty text becomes null."""
    texts = column.str.strip_chars()
    return texts.set(texts == "", None)


def joined(row: Sequence[str], delimiter: str) -> str:
    """Write a row as CSV, and return this text without the line feed."""
    stream = io.StringIO()
    row_writer(stream, delimiter)(row)
    return stream.getvalue()[:-1]


def cell_form(table: CsvTable | JsonTable) -> Callable[[str], str] | None:
    """Return a function that writes an added text as CSV or JSON. If texts in CSV may need quotes, return None."""
    if isinstance(table, JsonTable):
        return lambda text: json.dumps(text, ensure_ascii=False)
    if table.delimiter not in USUAL:
        return None
    return lambda text: joined(["", text], table.delimiter)[1:]


def suffixes(
    texts: pl.Series, table: Table, added: Sequence[str], values: Sequence[tuple[pl.Series, bool]]
) -> pl.Series:
    """Return the rows as texts with added values. `values` has each column, and whether JSON quotes its values."""
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


def rows_again(texts: pl.Series, lines: Ints, table: CsvTable, read: Picked, layout: Layout) -> Batch:
    """Return a batch of rows of CSV whose texts and lines are known."""
    listed = texts.to_list()
    if texts.str.contains_any([*ODD]).any():
        width = len(table.columns)
        rows = [
            (line, row, width_fault(row, width))
            for line, row in zip(lines.tolist(), (row_of(text, table.delimiter) for text in listed), strict=True)
        ]
        return _of_rows(rows, read, listed, ())
    return replace(_of_lines(0, listed, table, _Places(table.columns, read.names, layout)), lines=lines)
