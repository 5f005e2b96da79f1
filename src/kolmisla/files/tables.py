"""Reading rows of CSV and JSON Lines, and writing them back with columns added."""

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BufferedIOBase, RawIOBase
from itertools import chain
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal, Protocol, TextIO

from kolmisla.errors import TicketError, brief, choices, shown
from kolmisla.files.facts import Columns

__all__ = [
    "CsvTable",
    "Format",
    "JsonTable",
    "Rows",
    "Table",
    "expect_stream",
    "expect_table",
    "format_of",
    "row_writer",
]

Format = Literal["csv", "jsonl", "parquet"]
ENDINGS: dict[str, Format] = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
PACKED = (".gz", ".zst")
SEPARATORS = ";\t|"  # characters between cells, besides the comma
SEP_LINE = re.compile(r"sep=(.)\s*", re.IGNORECASE)  # the first line that Excel understands, such as sep=;
JSON = re.compile(r"\s*[\[{]\s*([\[{\"}\]]|\Z)")  # how JSON begins; a header from SQL Server may begin with [name]
LINE_END = re.compile(r"\r\n|\r|\n")  # the line ends that Python recognizes in text files
BLANK = 100  # the most blank lines allowed before the header


def format_of(path: str, *, packed: bool = False) -> Format | None:
    """Return the format that belongs to the ending of a file's name. Return None for an unknown ending.

    With `packed`, an ending of a compressed file is left out first: `tickets.csv.gz` is CSV.
    """
    name = Path(path)
    if packed and name.suffix.lower() in PACKED:
        name = name.with_suffix("")
    return ENDINGS.get(name.suffix.lower())


class Rows(Protocol):
    """A stream, or any other object, to which rows of text are written one at a time."""

    def write(self, row: str, /) -> object:
        """Write one row, which ends in a line feed."""


Reject = Callable[[int, str, Any], object]  # a function that takes the line of a rejected row, the reason and the row


class Table(Columns, Protocol):
    """Rows read from one stream. Each row can be written back unchanged, with values added."""

    def rows(self) -> Iterator[tuple[int, Any, str | None]]:
        """Yield, for each row: the line on which it begins, the row, and None, or a fault if its form is wrong."""

    def writer(self, stream: Rows, added: Sequence[str]) -> Callable[[Any, Sequence[Any]], None]:
        """Return a function that writes a row with the values of the added columns."""

    def rejects(self, stream: Rows) -> Reject:
        """Return a function that writes a rejected row as CSV: its line, the reason and the row."""


def expect_table(given: object) -> None:
    """Raise TypeError unless `given` has the methods of a Table."""
    if not all(hasattr(given, name) for name in ("columns", "rows", "picker", "writer", "rejects")):
        raise TypeError(f"table must be a CsvTable or a JsonTable, not {shown(given)}")


def expect_stream(what: str, given: object, method: str) -> None:
    """Raise TypeError unless `given` has a method of an open text file. The message begins with `what`."""
    if not callable(getattr(given, method, None)) or isinstance(given, (RawIOBase, BufferedIOBase)):
        raise TypeError(f"{what} must be an open text file, not {shown(given)}")


class CsvTable:
    """CSV with a header line. A row may span several lines. A blank line is not a row.

    ValueError is raised for a file that has no header, has quotes that do not match, looks like JSON, or is not text
    in the encoding of its stream.
    """

    def __init__(self, stream: TextIO, delimiter: str = ",") -> None:
        expect_stream("stream", stream, "readline")
        first: list[str] = []
        self._stream, self._delimiter, self._before = stream, delimiter, 0
        with _faults_from(stream, lambda: 1, lambda: len(first)):
            while (not first or not first[-1].strip()) and len(first) < BLANK and (line := stream.readline()):
                first.append(line)
                if (match := SEP_LINE.fullmatch(line)) and not self._before:  # not a row, but it counts as a line
                    self._delimiter, self._before, first = match[1], len(first), []
        if JSON.match("".join(first)):
            remedy = "read JSON Lines (one object per line) with --format jsonl"
            raise ValueError(f"the file looks like JSON, not CSV; {remedy}")
        self.hint = _hint("".join(first[-1:]), self._delimiter)
        self._reader = csv.reader(chain(first, stream), delimiter=self._delimiter, strict=True)
        with _faults_from(stream, lambda: 1, lambda: max(self._line, len(first)), self.hint):
            self.columns: Sequence[str] = next(self._reader, [])
        if not self.columns:
            raise ValueError("the header line is missing")

    @property
    def _line(self) -> int:
        """The number of lines read so far, with those before the header."""
        return self._reader.line_num + self._before

    def rows(self) -> Iterator[tuple[int, list[str], str | None]]:
        """Yield rows as `Table.rows` says. A row with more or fewer cells than the header has a fault."""
        line, width = self._line + 1, len(self.columns)
        with _faults_from(self._stream, lambda: line, lambda: self._line, self.hint):
            for row in self._reader:
                if row:
                    cells = len(row)
                    fault = None if cells == width else f"the row must have {width} cells, like the header, not {cells}"
                    yield line, row, fault
                line = self._line + 1

    def picker(self, columns: Sequence[str | None]) -> Callable[[list[str]], list[str | None]]:
        """Return a function that picks the cells of some columns, and strips spaces from their ends.

        An empty cell gives None. A column that is None, or not in the header, gives None too. Raise ValueError for a
        column that the header repeats.
        """
        repeated = [column for column in columns if column is not None and self.columns.count(column) > 1]
        if repeated:
            raise ValueError(f"the header repeats {choices(repeated, ' and ')}")
        places = {column: i for i, column in enumerate(self.columns)}
        picked = [-1 if column is None else places.get(column, -1) for column in columns]
        return lambda row: [row[i].strip() or None if i >= 0 else None for i in picked]

    def writer(self, stream: Rows, added: Sequence[str]) -> Callable[[list[str], Sequence[Any]], None]:
        """Write the header, and return a function that writes a row with added values. None gives an empty cell."""
        write = row_writer(stream, self._delimiter)
        write([*self.columns, *added])
        return lambda row, values: write([*row, *values])

    def rejects(self, stream: Rows) -> Callable[[int, str, list[str]], None]:
        """Write a header, and return a function that writes a rejected row: its line, the reason and its cells."""
        write = row_writer(stream, self._delimiter)
        write(["line", "reason", *self.columns])
        return lambda line, reason, row: write([line, reason, *row])


def _hint(header: str, delimiter: str) -> str:
    """Return what to type if the cells of a header seem to be separated by another character."""
    for character in SEPARATORS:
        if header.count(character) > header.count(delimiter):
            typed = "'\\t'" if character == "\t" else f"'{character}'"
            return f"; the cells may be separated by {typed}: --delimiter {typed}"
    return ""


class JsonTable:
    """JSON Lines: one object per line. A blank line is not a row. Objects are written back exactly as read."""

    columns = None
    hint = ""

    def __init__(self, stream: TextIO) -> None:
        expect_stream("stream", stream, "readline")
        self._stream = stream

    def rows(self) -> Iterator[tuple[int, tuple[str, dict[str, Any]], str | None]]:
        """Yield rows as `Table.rows` says. A row is a text and its object. If there is a fault, the object is empty."""
        line = 0
        with _faults_from(self._stream, lambda: line + 1, lambda: line):
            for line, text in enumerate(map(str.strip, self._stream), 1):
                if text:
                    row, fault = _parsed(text)
                    yield line, (text, row), fault

    def picker(self, columns: Sequence[str | None]) -> Callable[[tuple[str, dict[str, Any]]], list[Any]]:
        """Return a function that picks the values of some keys. Texts are stripped, and an empty text gives None."""

        def values(row: tuple[str, dict[str, Any]]) -> list[Any]:
            picked = (None if column is None else row[1].get(column) for column in columns)
            return [value.strip() or None if isinstance(value, str) else value for value in picked]

        return values

    def writer(self, stream: Rows, added: Sequence[str]) -> Callable[[tuple[str, dict[str, Any]], Sequence[Any]], None]:
        """Return a function that writes an object with added values. None becomes null in JSON.

        The function raises ValueError for an object that already has one of the added keys.
        """

        def write(row: tuple[str, dict[str, Any]], values: Sequence[Any]) -> None:
            text, fields = row
            clash = [name for name in added if name in fields]
            if clash:
                raise ValueError(f"the row has {choices(clash)} already")
            answer = json.dumps(dict(zip(added, values, strict=True)), ensure_ascii=False)
            stream.write(f"{text[:-1].rstrip()}{', ' if fields else ''}{answer[1:]}\n")

        return write

    def rejects(self, stream: Rows) -> Callable[[int, str, tuple[str, dict[str, Any]]], None]:
        """Write a header, and return a function that writes a rejected row: its line, the reason and its text."""
        write = row_writer(stream)
        write(["line", "reason", "row"])
        return lambda line, reason, row: write([line, reason, row[0]])


def row_writer(stream: Rows, delimiter: str = ",") -> Callable[[Sequence[Any]], Any]:
    """Return a function that writes a CSV row, which ends in a line feed."""
    # csv quotes a cell that contains a character of `lineterminator`. So a lone carriage return is quoted too.
    lines = SimpleNamespace(write=lambda text: stream.write(f"{text[:-2]}\n"))
    return csv.writer(lines, delimiter=delimiter, lineterminator="\r\n").writerow


def _parsed(text: str) -> tuple[dict[str, Any], str | None]:
    """Return the object in a line of JSON, and None. If there is no object, return an empty object and the fault."""
    try:
        row = DECODER.decode(text)
    except TicketError as error:
        return {}, str(error)
    except RecursionError:
        return {}, "nested too deeply to be read"
    except ValueError as error:
        return {}, f"not JSON: {error}"
    return (row, None) if isinstance(row, dict) else ({}, "not a JSON object")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of keys and values. Raise TicketError for a repeated key, because either value may be meant."""
    row = dict(pairs)
    if len(row) < len(pairs):
        repeated = next(name for name, number in Counter(name for name, _ in pairs).items() if number > 1)
        raise TicketError(f"the key {shown(repeated)} is given twice")
    return row


DECODER = json.JSONDecoder(object_pairs_hook=_once)


@contextmanager
def _faults_from(stream: TextIO, begun: Callable[[], int], read: Callable[[], int], hint: str = "") -> Iterator[None]:
    """Turn a reading error into ValueError with the line on which the row begins, or on which a byte is invalid.

    `begun` returns the line on which the row begins. `read` returns the number of lines read completely. Python
    decodes a file some thousand bytes ahead of `read`. Therefore the line ends between the last line read and the
    invalid byte are added to the number of lines.
    """
    try:
        yield
    except csv.Error as fault:
        raise ValueError(f"the row that begins on line {begun()} is not CSV: {brief(fault)}{hint}") from fault
    except UnicodeDecodeError as fault:
        # Python calls many 8-bit encodings charmap
        encoding = stream.encoding if fault.encoding == "charmap" else fault.encoding
        valid = fault.object[: fault.start].decode(encoding, "ignore")
        # a lone carriage return where the decoder paused may not be counted, so the byte is on this line or later
        line = read() + len(LINE_END.findall(valid)) + 1
        byte = f"byte 0x{fault.object[fault.start]:02x}, at or after line {line}"
        raise ValueError(f"not valid {encoding.upper()}: {byte}") from fault
