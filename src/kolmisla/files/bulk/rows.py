"""Reads the rows of a text file in batches: their texts and their facts."""

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
from kolmisla.errors import TicketError, has_surrogate
from kolmisla.files.bulk.quoted import are_whole_rows, sizes, written_again
from kolmisla.files.bulk.written import joined
from kolmisla.files.tables.csv_table import ODD, CsvTable, row_of, width_fault
from kolmisla.files.tables.json_table import JsonRow, JsonTable, object_of
from kolmisla.files.tables.paths import is_path
from kolmisla.tickets.layouts.fact_names import EVENTS
from kolmisla.tickets.layouts.headers import header_of
from kolmisla.tickets.layouts.layout import Layout

__all__ = ["Batch", "batches", "rows_again", "rows_in"]

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
    """Some rows of a file, to be judged at once."""

    texts: pl.Series  # the text of each row; an object lacks its closing brace, because added values follow
    lines: Ints  # the line on which each row begins
    cells: Mapping[str, pl.Series]  # a column of texts for each fact
    row: Callable[[int], tuple[int, Any, str | None]]  # from a position to the line, the row and its fault or None
    odd: Mask  # the rows that must be read and judged one by one
    is_translated: bool  # whether `cells` has the policy's words, not those of the file


def batches(
    table: CsvTable | JsonTable, read: Picked, layout: Layout, added: Sequence[str], *, share: int = 1
) -> Iterator[Batch]:
    """Yield the rows of a table in batches of about SIZE characters, divided by `share`.

    `added` has the names of the columns to add. A row of JSON that already has one of them is marked in `odd`.
    """
    if isinstance(table, CsvTable):
        facts = _Places(table.columns, read.names, layout)
        for piece in table.pieces(max(SIZE // share, 1), are_whole_rows):
            if isinstance(piece, list):
                yield _of_cells(piece, table, facts)
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


def rows_in(batch: Batch) -> int:
    """Return the number of rows in a batch."""
    return len(batch.texts)


class _Places:
    """Where the facts of a CSV row come from, by the name of the fact.

    `columns` has the index of a fact's column, and `values` the value of a fact that is the same in all rows.
    """

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

    def constants(self, size: int) -> dict[str, pl.Series]:
        """Return a column of `size` equal texts for each fact that has one value for all rows."""
        return {name: pl.Series([text], dtype=pl.String).new_from_index(0, size) for name, text in self.values.items()}


def _of_lines(line: int, texts: list[str], table: CsvTable, facts: _Places) -> Batch:
    """Return a batch of lines of CSV, each of which is a row. `line` is the number of the first line."""
    lines, width, between = pl.Series(texts, dtype=pl.String), len(table.columns), table.delimiter
    has_quotes = bool(lines.str.contains('"', literal=True).any())
    odd = sizes(lines, between, has_quotes=has_quotes) != width

    def row(place: int) -> tuple[int, list[str], str | None]:
        cells = row_of(texts[place], between) if has_quotes else texts[place].split(between)
        return line + place, cells, width_fault(cells, width)

    wanted = sorted(set(facts.columns.values()))
    if width == 1 and not has_quotes:
        read = {0: lines}
    else:
        first = between * (width - 1)  # Polars takes the number of cells from the first line
        frame = pl.read_csv(
            io.BytesIO("\n".join([first, *texts]).encode()),
            has_header=False,
            separator=between,
            quote_char='"' if has_quotes else None,
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
    cells |= facts.constants(len(texts))
    written = written_again(lines, between) if has_quotes else lines
    return Batch(written, np.arange(line, line + len(texts)), cells, row, odd, is_translated=False)


def _of_cells(rows: list[tuple[int, list[str], str | None]], table: CsvTable, facts: _Places) -> Batch:
    """Return a batch of CSV rows that have been split into cells."""
    odd = np.array([fault is not None for _, _, fault in rows])
    width = [""] * len(table.columns)  # in place of a row that has more or fewer cells than the header
    cells = {}
    for name, place in facts.columns.items():
        values = [(row if fault is None else width)[place].strip() or None for _, row, fault in rows]
        cells[name] = pl.Series(values, dtype=pl.String)
    cells |= facts.constants(len(rows))
    texts = pl.Series(joined([row for _, row, _ in rows], table.delimiter), dtype=pl.String)
    return Batch(texts, np.array([line for line, _, _ in rows]), cells, rows.__getitem__, odd, is_translated=False)


def _objects(line: int, texts: list[str]) -> list[tuple[int, JsonRow, str | None]]:
    return [(number, (text, row), fault) for number, text in enumerate(texts, line) for row, fault in [object_of(text)]]


def _of_objects(line: int, texts: list[str], read: Picked, layout: Layout, added: Sequence[str]) -> Batch | None:
    """Return a batch of lines of JSON, which are read at once. Return None if all of them must be read one by one.

    Lines that `_flat` cannot read are marked in `odd`.
    """
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
    if _picked(read, ("", fields)) is None:  # this also notes which facts may end a cycle
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
    """Return a column for each wanted key of `fields`: the JSON text of the key's value in each of the lines.

    A line with other keys than `fields`, in another order, or with values that are not simple (see WANTED), has nulls.
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
    """Convert values to texts without outer spaces. Also return a mask of the values that a column cannot hold.

    These are values other than texts and integers, and texts with a lone surrogate.
    """
    kinds = {*map(type, values)}
    if int in kinds:  # names and times of JSON may be whole numbers
        values = [str(value) if type(value) is int else value for value in values]
    strange = np.zeros(len(values), bool)
    if not kinds <= {str, int, type(None)}:
        strange = np.array([value is not None and type(value) is not str for value in values])
        values = _without(values, strange)
    try:
        return _stripped(pl.Series(values, dtype=pl.String)), strange
    except UnicodeEncodeError:
        strange |= np.array([value is not None and has_surrogate(value) for value in values])
        return _stripped(pl.Series(_without(values, strange), dtype=pl.String)), strange


def _without(values: Sequence[Any], strange: Mask) -> list[Any]:
    return [None if is_strange else value for value, is_strange in zip(values, strange, strict=True)]


def _of_rows(rows: Sequence[Any], read: Picked, texts: list[str], added: Sequence[str]) -> Batch:
    """Return a batch of JSON objects that have been parsed. An object with a key in `added` is marked in `odd`.

    `texts` has the text of each object without its closing brace.
    """
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


def rows_again(texts: pl.Series, lines: Ints, table: CsvTable, read: Picked, layout: Layout) -> Batch:
    """Return a batch of rows of CSV, made from their texts and the lines on which they begin."""
    listed, facts = texts.to_list(), _Places(table.columns, read.names, layout)
    if texts.str.contains_any([*ODD]).any():
        width = len(table.columns)
        rows = [
            (line, row, width_fault(row, width))
            for line, row in zip(lines.tolist(), (row_of(text, table.delimiter) for text in listed), strict=True)
        ]
        return _of_cells(rows, table, facts)
    return replace(_of_lines(0, listed, table, facts), lines=lines)
