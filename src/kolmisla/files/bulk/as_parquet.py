"""Writes a Parquet file of measured rows that were first written as text, and gives the types of the added columns."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import polars as pl
from polars.io.plugins import register_io_source

from kolmisla.errors import brief, choices
from kolmisla.files.measure import Measuring
from kolmisla.files.tables.csv_table import CsvTable, rows_written
from kolmisla.files.tables.table import Table
from kolmisla.names import repeated
from kolmisla.times.instants import micros

__all__ = ["AsParquet", "types_of"]

ROWS_HELD, TEXT_HELD = 1 << 14, 1 << 24  # the most rows, and characters, of a part that is in memory
KEYS_AS_COLUMNS = 10_000  # the most keys of JSON that become columns
BLANK_TEXT = re.compile(r"[ \t\r\n]*")
TIME_COLUMNS = ("started_at", "ended_at", "due_at", "breaches_after")
AS_IT_STANDS = json.JSONDecoder(parse_int=str, parse_float=str)  # numbers of any size
Texts = Sequence[str | None]


def types_of(measuring: Measuring, added: Sequence[str]) -> dict[str, pl.DataType]:
    """Return the type of each column in `added`, by name.

    Times are in the policy's zone. Numbers of cycles are integers, and seconds are 64-bit floats. All else is text.
    """
    types: dict[str, pl.DataType] = dict.fromkeys(TIME_COLUMNS, pl.Datetime("us", measuring.policy.timezone))
    types["cycle"] = pl.Int64()

    def type_of(name: str) -> pl.DataType:
        return types.get(name, pl.Float64() if name.endswith("_s") else pl.String())

    return {name: type_of(name.removeprefix(measuring.prefix)) for name in added}


class AsParquet:
    """Converts the text output of a job to a Parquet file. Raise ValueError if two columns have the same name.

    The tickets' own columns hold texts; an empty text, a missing key or a JSON null becomes null.
    """

    def __init__(self, measuring: Measuring, table: Table) -> None:
        own = list(table.columns or ())
        _refuse_repeated(own)
        self._measuring, self._types = measuring, types_of(measuring, measuring.added(own))
        self._delimiter = table.delimiter if isinstance(table, CsvTable) else None
        self._ended = False
        self._faults: list[Exception] = []  # errors of `parts`, in whose place earlier versions of Polars raise others

    def write(self, held: TextIO, out: Path) -> None:
        """Write all rows in the stream `held` to the Parquet file `out`.

        Raise OSError or ValueError if the file cannot be written.
        """
        held.seek(0)
        cells: Iterator[Texts]
        if self._delimiter is not None:
            cells = rows_written(held, self._delimiter)
            names = [*map(str, next(cells))]
        else:
            keys = _keys(held, self._types)
            self._measuring.added(keys)  # raises: engines take a key `State` and our `state` for one column
            names = [*keys, *self._types]
            held.seek(0)
            cells = ([row.get(name) for name in names] for row in map(_cells_of_object, held))
        encodable = [_encodable(name) for name in names]
        _refuse_repeated(encodable)
        kinds = [pl.String()] * (len(names) - len(self._types)) + [*self._types.values()]
        schema = dict(zip(encodable, kinds, strict=True))

        frame = register_io_source(lambda *_: self.parts(schema, cells), schema=schema)
        with ThreadPoolExecutor(1) as worker:
            done = worker.submit(frame.sink_parquet, out)
            try:
                done.result()  # a signal interrupts this wait, but could not interrupt Polars
            except pl.exceptions.PolarsError as fault:
                raise self._faults[0] if self._faults else ValueError(brief(str(fault).splitlines()[0])) from fault
            except BaseException:  # also for interrupts, because the remaining parts must stop
                self._ended = True
                raise

    def parts(self, schema: Mapping[str, pl.DataType], rows: Iterable[Texts]) -> Iterator[pl.DataFrame]:
        """Yield data frames with the columns in `schema`, each with the next few thousand of the rows.

        Raise InterruptedError if the writing has been interrupted.
        """
        try:
            for part in _parts(rows):
                if self._ended:
                    raise InterruptedError
                columns = zip(schema.items(), zip(*part, strict=True), strict=True)
                yield pl.DataFrame({name: _column(kind, texts) for (name, kind), texts in columns})
        except Exception as fault:
            self._faults.append(fault)
            raise


def _refuse_repeated(names: Sequence[str]) -> None:
    """Raise ValueError if two columns have the same name."""
    if twice := repeated(names):
        raise ValueError(f"the columns of a Parquet file must have different names; the file repeats {choices(twice)}")


def _keys(lines: Iterable[str], added: Iterable[str]) -> list[str]:
    """Return the keys of the JSON objects in `lines`, in the order in which they first come, without those in `added`.

    Raise ValueError if the objects have more than 10,000 keys.
    """
    keys: dict[str, None] = {}
    for line in lines:
        keys |= dict.fromkeys(_cells_of_object(line))
        if len(keys) > KEYS_AS_COLUMNS:
            raise ValueError(
                f"a Parquet file can have at most {KEYS_AS_COLUMNS:,} columns, but the rows have more keys"
            )
    return [key for key in keys if key not in set(added)]


def _cells_of_object(text: str) -> dict[str, str | None]:
    """Return the values of a JSON object by key: a string as it is, null as None, and any other value as its JSON text.

    >>> _cells_of_object('{"id": 7.50, "plan": "a", "tags": ["x", 1.0], "at": null}')
    {'id': '7.50', 'plan': 'a', 'tags': '["x", 1.0]', 'at': None}
    """
    cells: dict[str, str | None] = {}
    at = _after_blanks(text, _after_blanks(text, 0) + 1)
    while text[at] != "}":
        key, at = AS_IT_STANDS.raw_decode(text, at)
        begin = _after_blanks(text, _after_blanks(text, at) + 1)  # behind the colon
        value, at = AS_IT_STANDS.raw_decode(text, begin)
        is_text = text[begin] == '"'
        cells[key] = value if is_text or value is None else text[begin:at]
        at = _after_blanks(text, at)
        at = _after_blanks(text, at + 1) if text[at] == "," else at
    return cells


def _after_blanks(text: str, at: int) -> int:
    match = BLANK_TEXT.match(text, at)
    return match.end() if match else at


def _parts(rows: Iterable[Texts]) -> Iterator[list[Texts]]:
    """Yield the rows in lists. A list ends as soon as it has 16,384 rows, or about 16 million characters."""
    part: list[Texts] = []
    size = 0
    for row in rows:
        part.append(row)
        size += sum([len(cell) for cell in row if cell])
        if len(part) >= ROWS_HELD or size >= TEXT_HELD:
            yield part
            part, size = [], 0
    if part:
        yield part


def _column(kind: pl.DataType, texts: Texts) -> pl.Series:
    """Convert texts to a column of the type `kind`. None and an empty text become null."""
    values: list[Any]
    if isinstance(kind, pl.Datetime):
        values = [micros(datetime.fromisoformat(text)) if text else None for text in texts]
        return pl.Series(values, dtype=pl.Int64).cast(kind)
    if isinstance(kind, pl.String):
        values = [_encodable(text) if text else None for text in texts]
    else:
        number = int if isinstance(kind, pl.Int64) else float
        values = [number(text) if text else None for text in texts]
    return pl.Series(values, dtype=kind)


def _encodable(text: str) -> str:
    r"""Return the text in a form that UTF-8 can hold.

    Half of a character (a lone surrogate), which a text of JSON may have, is written as an escape such as \ud83d.
    """
    return text if text.isascii() else text.encode(errors="backslashreplace").decode()
