"""The rows of a text file, many at once: their texts, the cells of facts, and how each is written back."""

import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from kolmisla.columns.kernel.questions import Mask
from kolmisla.files.reader import RowFacts
from kolmisla.files.tables.csv_table import CsvTable, row_writer
from kolmisla.files.tables.json_table import JsonRow, JsonTable, object_of
from kolmisla.files.tables.paths import is_path
from kolmisla.files.tables.table import Table
from kolmisla.tickets.layouts.headers import header_of
from kolmisla.tickets.layouts.layout import EVENTS, TERMS, Layout

__all__ = ["Batch", "batches", "cell_form", "suffixes", "names_of_rows"]

SIZE = 2**23  # characters of a piece of a file
# Values of flat JSON: those that are read here, and those that are not.
WANTED = r'("[^"\\\x00-\x1f]*"|0|[1-9][0-9]{0,30}|null)'
UNWANTED = (
    r'(?:"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?'
    r"|true|false|null)"
)
USUAL = ",;\t|"  # characters between cells that are in no added cell


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows. `texts` are the rows as they are written back, up to the added values.

    `cells` has the texts of each fact. `row` returns the line, the row and the fault of a row by its place. `odd` is a
    mask of the rows that must be read alone. `is_translated` says whether the words of the file are translated.
    """

    texts: pl.Series
    cells: Mapping[str, pl.Series]
    row: Callable[[int], tuple[int, Any, str | None]]
    odd: Mask
    is_translated: bool


def batches(table: CsvTable | JsonTable, read: RowFacts, layout: Layout, added: Sequence[str]) -> Iterator[Batch]:
    """Yield the rows of a table in batches. `added` has the names of the columns to add."""
    if isinstance(table, CsvTable):
        facts = _Places(table.columns, read.names, layout)
        for piece in table.pieces(SIZE):
            if isinstance(piece, list):
                yield _of_rows(piece, read, [_joined(row, table.delimiter) for _, row, _ in piece], ())
            else:
                yield from _of_lines(*piece, table, facts)
        return
    for found in table.pieces(SIZE):
        batch = None if isinstance(found, list) else _of_objects(*found, read, layout, added)
        if batch is None:
            rows = found if isinstance(found, list) else _objects(*found)
            begins = [f"{text[:-1].rstrip()}{', ' if fields else ''}" for _, (text, fields), _ in rows]
            batch = _of_rows(rows, read, begins, added)
        yield batch


class _Places:
    """Where each fact of a plain row is: the index of its column, or a value for every row."""

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
                self.values[name] = None if name in layout.columns else layout.sole.get(name)


def _of_lines(line: int, texts: list[str], table: CsvTable, facts: _Places) -> Iterator[Batch]:
    """Yield a batch of lines in which each cell is as it stands."""
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
    yield Batch(lines, cells, row, odd, is_translated=False)


def _objects(line: int, texts: list[str]) -> list[tuple[int, JsonRow, str | None]]:
    return [(number, (text, row), fault) for number, text in enumerate(texts, line) for row, fault in [object_of(text)]]


def _of_objects(line: int, texts: list[str], read: RowFacts, layout: Layout, added: Sequence[str]) -> Batch | None:
    """Return a batch of lines with one flat object each, or None if a value must be looked for in another way."""
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
    read.picked(("", fields))  # notes what such objects could tell about ends
    for name in set(read.names) & set(layout.constants):
        cells[name] = pl.Series([layout.constants[name].strip() or None], dtype=pl.String).new_from_index(0, len(texts))
    for name, value in layout.sole.items():
        cells[name] = cells[name].fill_null(value)
    odd |= cells[EVENTS].is_not_null().to_numpy()
    begins = lines.str.strip_suffix("}").str.strip_chars_end() + ", "

    def row(place: int) -> tuple[int, JsonRow, str | None]:
        fields, fault = object_of(texts[place])
        return line + place, (texts[place], fields), fault

    return Batch(begins, cells, row, odd, is_translated=False)


def _flat(lines: pl.Series, fields: Mapping[str, Any], wanted: set[str]) -> dict[str, pl.Series]:
    """Return the values of the wanted keys in lines that are objects with the same keys in the same order as `fields`.

    Such an object has no object or list inside, and the wanted values have no escapes and are whole numbers, texts or
    null. Every other line gives null for each key. Without a wanted key, there are no values.
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
    """Return values as texts without spaces at their ends, and a mask of values that are neither texts nor integers."""
    kinds = {*map(type, values)}
    if int in kinds:  # names and times of JSON may be whole numbers
        values = [str(value) if type(value) is int else value for value in values]
    strange = np.zeros(len(values), bool)
    if not kinds <= {str, int, type(None)}:
        strange = np.array([value is not None and type(value) is not str for value in values])
        values = [None if is_strange else value for value, is_strange in zip(values, strange, strict=True)]
    return _stripped(pl.Series(values, dtype=pl.String)), strange


def _of_rows(rows: Sequence[Any], read: RowFacts, texts: list[str], added: Sequence[str]) -> Batch:
    """Return a batch of rows that were read one by one. JSON objects may not have one of the `added` keys."""
    names, clash = read.names, frozenset(added)
    empty = [None] * len(names)
    picked = [empty if fault is not None else read.picked(row) for _, row, fault in rows]
    odd = np.array([fault is not None for _, _, fault in rows])
    if clash:
        odd |= np.array([not clash.isdisjoint(row[1]) for _, row, _ in rows])
    cells = {}
    for name, values in zip(names, zip(*picked, strict=True), strict=True):
        cells[name], strange = _column(values)
        odd |= strange
    if EVENTS in cells:
        odd |= cells[EVENTS].is_not_null().to_numpy()
    return Batch(pl.Series(texts, dtype=pl.String), cells, rows.__getitem__, odd, is_translated=True)


def _stripped(column: pl.Series) -> pl.Series:
    """Return texts without spaces at their ends. Empty texts give null."""
    texts = column.str.strip_chars()
    return texts.set(texts == "", None)


def _joined(row: Sequence[str], delimiter: str) -> str:
    """Return a row as CSV, without the line feed."""
    stream = io.StringIO()
    row_writer(stream, delimiter)(row)
    return stream.getvalue()[:-1]


def cell_form(table: CsvTable | JsonTable) -> Callable[[str], str] | None:
    """Return a function that writes an added text as a cell or as JSON. Return None if added cells may need quotes."""
    if isinstance(table, JsonTable):
        return lambda text: json.dumps(text, ensure_ascii=False)
    if table.delimiter not in USUAL:
        return None
    return lambda text: _joined(["", text], table.delimiter)[1:]


def suffixes(batch: Batch, table: Table, added: Sequence[str], values: Sequence[tuple[pl.Series, bool]]) -> pl.Series:
    """Return the rows with added values. Each column of values comes with whether JSON writes it in quotes."""
    if isinstance(table, CsvTable):
        columns = {"": batch.texts, **{name: column for name, (column, _) in zip(added, values, strict=True)}}
        frame = pl.DataFrame(columns)
        return frame.select(pl.concat_str(pl.all().fill_null(""), separator=table.delimiter)).to_series()
    parts: list[pl.Expr] = [pl.col("row")]
    columns = {"row": batch.texts}
    for number, (name, (column, quoted)) in enumerate(zip(added, values, strict=True)):
        columns[str(number)] = column
        parts.append(pl.lit(f"{', ' if number else ''}{json.dumps(name, ensure_ascii=False)}: "))
        value = pl.col(str(number))
        parts.append((pl.concat_str(pl.lit('"'), value, pl.lit('"')) if quoted else value).fill_null("null"))
    return pl.DataFrame(columns).select(pl.concat_str(*parts, pl.lit("}"))).to_series()


def names_of_rows(batch: Batch, channel: str | None) -> dict[str, pl.Series]:
    """Return the names in each row: plan, priority, channel and version."""
    terms = {name: batch.cells[name] for name in TERMS}
    if channel is not None:
        terms["channel"] = terms["channel"].fill_null(channel)
    return terms
