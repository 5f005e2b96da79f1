"""Rows from CSV and JSON Lines, written back with columns added."""

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal, Protocol, TextIO

from kolmisla.errors import TicketError, brief, choices, shown
from kolmisla.tickets.layout import Columns

__all__ = ["CsvTable", "Format", "JsonTable", "Rows", "Table", "format_of", "row_writer"]

Format = Literal["csv", "jsonl", "parquet"]
ENDINGS: dict[str, Format] = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
JSON = re.compile(r"\s*[\[{]\s*([\[{\"}\]]|\Z)")  # how it begins; a column of SQL Server's is [called] so
LINE_END = re.compile(r"\r\n|\r|\n")  # as Python's files have it
BLANK = 100  # lines before the first that says something


def format_of(path: str) -> Format | None:
    """What a file is by its name's ending; None when that does not tell."""
    return ENDINGS.get(Path(path).suffix.lower())


class Rows(Protocol):
    """Where rows of text go, one at a time."""

    def write(self, row: str, /) -> object:
        """Take a row, with its line feed."""


class Table(Columns, Protocol):
    """Rows read from one stream; each is handed back to be written, unchanged, with values added."""

    def rows(self) -> Iterator[tuple[int, Any, str | None]]:
        """The line each row begins on, the row, and what is wrong with its form."""

    def writer(self, stream: Rows, added: Sequence[str]) -> Callable[[Any, Sequence[Any]], None]:
        """A function that writes a row with the added columns' values."""

    def rejects(self, stream: Rows) -> Callable[[int, str, Any], None]:
        """A function that writes the line, the reason and the row of a rejected one, as CSV."""


class CsvTable:
    """CSV with a header line; a row may span lines, a blank line is no row.

    ValueError for a file without a header, with quotes that do not match, or that is not text.
    """

    def __init__(self, stream: TextIO, delimiter: str = ",") -> None:
        first: list[str] = []
        self._stream, self._delimiter = stream, delimiter
        self._reader = csv.reader(chain(first, stream), delimiter=delimiter, strict=True)
        with _faults_from(stream, lambda: 1, lambda: max(self._reader.line_num, len(first))):
            while (not first or not first[-1].strip()) and len(first) < BLANK and (line := stream.readline()):
                first.append(line)
            if JSON.match("".join(first)):
                takes = "JSON Lines, an object a line, is read with --format jsonl"
                raise ValueError(f"this looks like JSON, not CSV; {takes}")
            self.columns: Sequence[str] = next(self._reader, [])
        if not self.columns:
            raise ValueError("there is no header line")

    def rows(self) -> Iterator[tuple[int, list[str], str | None]]:
        """See Table."""
        line, width = self._reader.line_num + 1, len(self.columns)
        with _faults_from(self._stream, lambda: line, lambda: self._reader.line_num):
            for row in self._reader:
                if row:
                    yield line, row, None if len(row) == width else f"{len(row)} cells under a header of {width}"
                line = self._reader.line_num + 1

    def picker(self, columns: Sequence[str | None]) -> Callable[[list[str]], list[str | None]]:
        """See Table; cells are stripped, an empty one is none. ValueError for a column that is there twice."""
        twice = [column for column in columns if column is not None and self.columns.count(column) > 1]
        if twice:
            raise ValueError(f"the header names {choices(twice, ' and ')} twice")
        at = {column: i for i, column in enumerate(self.columns)}
        places = [-1 if column is None else at.get(column, -1) for column in columns]
        return lambda row: [row[i].strip() or None if i >= 0 else None for i in places]

    def writer(self, stream: Rows, added: Sequence[str]) -> Callable[[list[str], Sequence[Any]], None]:
        """See Table; nothing is an empty cell."""
        write = row_writer(stream, self._delimiter)
        write([*self.columns, *added])
        return lambda row, values: write([*row, *values])

    def rejects(self, stream: Rows) -> Callable[[int, str, list[str]], None]:
        """See Table."""
        write = row_writer(stream, self._delimiter)
        write(["line", "reason", *self.columns])
        return lambda line, reason, row: write([line, reason, *row])


class JsonTable:
    """JSON Lines, an object a line; a blank line is no row. What is read is written back to the letter."""

    columns = None

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def rows(self) -> Iterator[tuple[int, tuple[str, dict[str, Any]], str | None]]:
        """See Table."""
        line = 0
        with _faults_from(self._stream, lambda: line + 1, lambda: line):
            for line, text in enumerate(map(str.strip, self._stream), 1):
                if text:
                    row, fault = _parsed(text)
                    yield line, (text, row), fault

    def picker(self, columns: Sequence[str | None]) -> Callable[[tuple[str, dict[str, Any]]], list[Any]]:
        """See Table; texts are stripped, an empty one is none."""

        def values(row: tuple[str, dict[str, Any]]) -> list[Any]:
            found = (None if column is None else row[1].get(column) for column in columns)
            return [each.strip() or None if isinstance(each, str) else each for each in found]

        return values

    def writer(self, stream: Rows, added: Sequence[str]) -> Callable[[tuple[str, dict[str, Any]], Sequence[Any]], None]:
        """See Table; nothing is null. ValueError for a row that has one of the added columns."""

        def write(row: tuple[str, dict[str, Any]], values: Sequence[Any]) -> None:
            text, taken = row
            clash = [name for name in added if name in taken]
            if clash:
                raise ValueError(f"a row has {choices(clash)} already")
            answer = json.dumps(dict(zip(added, values, strict=True)), ensure_ascii=False)
            stream.write(f"{text[:-1].rstrip()}{', ' if taken else ''}{answer[1:]}\n")

        return write

    def rejects(self, stream: Rows) -> Callable[[int, str, tuple[str, dict[str, Any]]], None]:
        """See Table; the row is one cell."""
        write = row_writer(stream)
        write(["line", "reason", "row"])
        return lambda line, reason, row: write([line, reason, row[0]])


def row_writer(stream: Rows, delimiter: str = ",") -> Callable[[Sequence[Any]], Any]:
    """A function that writes a CSV row, ended by a line feed."""
    # A cell is quoted for the characters of the line's end: with both, a lone carriage return is as well.
    lines = SimpleNamespace(write=lambda text: stream.write(f"{text[:-2]}\n"))
    return csv.writer(lines, delimiter=delimiter, lineterminator="\r\n").writerow


def _parsed(text: str) -> tuple[dict[str, Any], str | None]:
    """A line of JSON as an object, or what is wrong with it."""
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
    """Make an object of its keys and values; TicketError for a key that is there twice: which value holds?"""
    row = dict(pairs)
    if len(row) < len(pairs):
        twice = next(name for name, number in Counter(name for name, _ in pairs).items() if number > 1)
        raise TicketError(f"the key {shown(twice)} is there twice")
    return row


DECODER = json.JSONDecoder(object_pairs_hook=_once)


@contextmanager
def _faults_from(stream: TextIO, begun: Callable[[], int], read: Callable[[], int]) -> Iterator[None]:
    """Raise what reading raises as ValueError: with the line where the row has `begun`, or where a byte is invalid.

    So many lines have been `read` whole. A file is decoded some thousand bytes ahead: the line ends among those that
    are valid are behind these lines.
    """
    try:
        yield
    except csv.Error as fault:
        raise ValueError(f"the row that begins on line {begun()} is not CSV: {brief(fault)}") from fault
    except UnicodeDecodeError as fault:
        encoding = stream.encoding if fault.encoding == "charmap" else fault.encoding  # that of all tables of 256
        valid = fault.object[: fault.start].decode(encoding, "ignore")
        # one lone carriage return where the decoder paused may be missing, so the line is the earliest
        line = read() + len(LINE_END.findall(valid)) + 1
        byte = f"byte 0x{fault.object[fault.start]:02x}, at or after line {line}"
        raise ValueError(f"not valid {encoding.upper()}: {byte}") from fault
