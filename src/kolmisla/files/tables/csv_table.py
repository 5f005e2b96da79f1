"""Reads and writes rows of CSV."""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from types import SimpleNamespace
from typing import Any, TextIO

from kolmisla.errors import brief, choices
from kolmisla.files.tables.table import Rows, decoding, expect_stream
from kolmisla.names import repeated

__all__ = [
    "ODD",
    "USUAL",
    "CsvTable",
    "rejects_writer",
    "row_of",
    "row_writer",
    "rows_written",
    "width_fault",
]

SEPARATORS = ";\t|"  # characters between cells, besides the comma
SEP_LINE = re.compile(r"sep=(.)\s*", re.IGNORECASE)  # the first line that Excel understands, such as sep=;
JSON = re.compile(r"\s*[\[{]\s*([\[{\"}\]]|\Z)")  # how JSON begins; a header from SQL Server may begin with [name]
LINES = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")  # lines with their ends
QUOTE = '"'
# A line with one of these cannot simply be split into its cells: quotes, a lone carriage return, controls that count as
# space in Python, and a byte order mark.
ODD = (QUOTE, "\r", "\0", "\ufeff", "\x1c", "\x1d", "\x1e", "\x1f")
TOO_LONG = 2**22  # characters; a header line must have fewer
WIDEST = 50_000
BLANK_LINES = 100  # the most that are allowed before the header
READ_AT_ONCE = 2**15  # characters that are read at once, if rows are wanted one by one
MANY_CHARACTERS = 2**20
STEP = 64  # the most lines that are read before their length is looked at
USUAL = ",;\t|"  # delimiters that no added number or time contains


class CsvTable:
    """A table in CSV, with a header line. A row may span several lines. A blank line is not a row.

    Raise ValueError for a file without a header, that is not CSV, or not text in the encoding of its stream.
    """

    def __init__(self, stream: TextIO, delimiter: str = ",") -> None:
        expect_stream("stream", stream, "readline")
        first: list[str] = []
        self._stream, self._delimiter, self._before = stream, delimiter, 0
        with _faults_from(stream, lambda: 1, lambda: len(first)):
            while (
                (not first or not first[-1].strip())
                and len(first) < BLANK_LINES
                and (line := stream.readline(TOO_LONG))
            ):
                first.append(line)
                if len(line) == TOO_LONG:
                    raise ValueError(f"the header line must have fewer than {TOO_LONG:,} characters")
                if (match := SEP_LINE.fullmatch(line)) and not self._before:  # not a row, but it counts as a line
                    self._delimiter, self._before, first = match[1], len(first), []
        _refuse_other_formats("".join(first))
        self.hint = _hint("".join(first[-1:]), self._delimiter)
        self._reader = csv.reader(chain(first, islice(stream, WIDEST)), delimiter=self._delimiter, strict=True)
        with _faults_from(stream, lambda: 1, lambda: max(self._line, len(first)), self.hint):
            self.columns: Sequence[str] = next(self._reader, [])
        if len(self.columns) > WIDEST:
            raise ValueError(f"the header must have at most {WIDEST:,} columns, not {len(self.columns):,}")
        if not self.columns:
            raise ValueError("the file must begin with the names of its columns, but the header line is missing")

    @property
    def _line(self) -> int:
        """The number of lines read so far, including the lines before the header."""
        return self._reader.line_num + self._before

    def rows(self) -> Iterator[tuple[int, list[str], str | None]]:
        """Yield the line on which each row begins, its cells, and None or its fault.

        A row with more or fewer cells than the header has a fault.
        """
        width, delimiter = len(self.columns), self._delimiter
        for piece in self.pieces(READ_AT_ONCE):
            if isinstance(piece, list):
                yield from piece
                continue
            for line, text in enumerate(piece[1], piece[0]):
                row = text.split(delimiter)
                yield line, row, None if len(row) == width else width_fault(row, width)

    def texts(self) -> Iterator[tuple[int, str | list[str], str | None]]:
        """Yield the line on which each row begins, the row, and None or its fault.

        A row is a text if it can be split at each delimiter, with an unchecked number of cells. Any other row is a list
        of cells.
        """
        for piece in self.pieces(READ_AT_ONCE):
            if isinstance(piece, list):
                yield from piece
                continue
            for line, text in enumerate(piece[1], piece[0]):
                yield line, text, None

    def pieces(
        self, size: int, are_rows: Callable[[list[str], str], bool] = lambda *_: False
    ) -> Iterator[tuple[int, list[str]] | list[tuple[int, list[str], str | None]]]:
        """Yield the rest of the file in pieces of about `size` characters.

        If each line is a row, a piece is the number of the first line, and the lines. Otherwise, it is a list of rows,
        as from `rows`. For lines with quotes, `are_rows` decides.
        """
        stream, width = self._stream, len(self.columns)
        begun = line = self._line + 1  # the line on which a row begins, and the next line to be read
        lines: list[str] = []
        reader: Any = None
        with _faults_from(
            stream,
            lambda: begun,
            lambda: line - 1 + (len(lines) if reader is None else reader.line_num),
            self.hint,
        ):
            while True:
                lines, reader = [], None
                text = _next_lines(stream, size, lines)
                if not text:
                    return
                plain = text.replace("\r\n", "\n")
                texts = plain.removesuffix("\n").split("\n")
                odd = [character for character in ODD if character in plain]
                quoted = odd == [QUOTE] and are_rows(texts, self._delimiter)
                quoted = quoted and max(map(len, texts)) <= csv.field_size_limit()  # csv refuses a longer cell
                if "" not in texts and (quoted or not odd):
                    yield line, texts
                    line += len(texts)
                    continue
                rows: list[tuple[int, list[str], str | None]] = []
                lines = lines or LINES.findall(text)
                reader = csv.reader(chain(lines, stream), delimiter=self._delimiter, strict=True)
                begun = line
                while reader.line_num < len(lines) and (row := next(reader, None)) is not None:
                    if row:
                        rows.append((begun, row, width_fault(row, width)))
                    begun = line + reader.line_num
                line += reader.line_num
                if rows:
                    yield rows

    @property
    def delimiter(self) -> str:
        """The character between the cells of a row."""
        return self._delimiter

    def picker(self, columns: Sequence[str | None]) -> Callable[[list[str]], list[str | None]]:
        """Return a function that takes a row and returns its cells in some columns, without outer spaces.

        Empty cells and missing columns give None. Raise ValueError for a column that the header repeats.
        """
        twice = set(repeated(self.columns))
        if asked := [column for column in columns if column is not None and column in twice]:
            raise ValueError(f"the header repeats {choices(asked, ' and ')}")
        places = {column: i for i, column in enumerate(self.columns)}
        picked = [-1 if column is None else places.get(column, -1) for column in columns]
        return lambda row: [row[i].strip() or None if i >= 0 else None for i in picked]

    def writer(self, stream: Rows, added: Sequence[str]) -> Callable[[list[str], Sequence[Any]], None]:
        """Write the header, and return a function that writes a row with added values.

        None is written as an empty cell.
        """
        write = row_writer(stream, self._delimiter)
        write([*self.columns, *added])
        return lambda row, values: write([*row, *values])

    def rejects(self, stream: Rows) -> Callable[[int, str, list[str]], None]:
        """Return a function that writes a rejected row: its line, the reason and its cells.

        Before the first row, the function writes a header.
        """
        write = rejects_writer(stream, ["line", "reason", *self.columns], self._delimiter)
        return lambda line, reason, row: write([line, reason, *row])


def _next_lines(stream: TextIO, size: int, lines: list[str]) -> str:
    """Return the text of the next lines of a stream, about `size` characters.

    If `size` is below MANY_CHARACTERS, each line that is read is added to `lines`, even if a later byte cannot be
    decoded.
    """
    if size >= MANY_CHARACTERS:  # takes half the time
        text = stream.read(size)
        return text + stream.readline() if text[-1:] not in ("", "\n") else text
    step, length = max(1, min(STEP, size // STEP)), 0
    while length < size:
        before = len(lines)
        lines.extend(islice(stream, step))
        if len(lines) == before:
            break
        length += sum(map(len, lines[before:]))
    return "".join(lines)


def width_fault(row: Sequence[str], width: int) -> str | None:
    """Return a message if a row does not have as many cells as the header (`width`). Otherwise return None."""
    cells = len(row)
    return None if cells == width else f"the row must have {width} cells, like the header, not {cells}"


def row_writer(stream: Rows, delimiter: str = ",") -> Callable[[Sequence[Any]], Any]:
    """Return a function that takes the cells of a row and writes them as CSV, with a line feed at the end."""
    # csv quotes a cell that contains a character of `lineterminator`. So a lone carriage return is quoted too.
    lines = SimpleNamespace(write=lambda text: stream.write(f"{text[:-2]}\n"))
    return csv.writer(lines, delimiter=delimiter, lineterminator="\r\n").writerow


def row_of(text: str, delimiter: str) -> list[str]:
    """Return the cells of one row of CSV. `text` is the text of the row, without the line feed at the end.

    >>> row_of('1,"a, b"', ",")
    ['1', 'a, b']
    """
    return next(csv.reader(LINES.findall(text), delimiter=delimiter, strict=True), [])


def rows_written(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    r"""Return the cells of each row in some lines, such as those of a stream to which `row_writer` has written.

    >>> from io import StringIO
    >>> list(rows_written(StringIO('7;"a\nb"\n'), ";"))
    [['7', 'a\nb']]
    """
    return csv.reader(lines, delimiter=delimiter, strict=True)


def rejects_writer(stream: Rows, header: Sequence[str], delimiter: str = ",") -> Callable[[Sequence[Any]], None]:
    """Return a function that writes a rejected row as CSV. Before the first row, the function writes the header.

    >>> import sys
    >>> write = rejects_writer(sys.stdout, ["line", "reason"])
    >>> write([3, "opened_at is missing"])
    line,reason
    3,opened_at is missing
    """
    write = row_writer(stream, delimiter)
    ahead = [header]  # what is not yet written

    def reject(row: Sequence[Any]) -> None:
        while ahead:
            write(ahead.pop())
        write(row)

    return reject


def _refuse_other_formats(begin: str) -> None:
    """Raise ValueError if the first lines of a file look like JSON or XML."""
    if begin.lstrip().startswith(("<?xml", "<log")):
        raise ValueError("the file looks like XML, not CSV; read an event log in XES with --format xes")
    if JSON.match(begin):
        try:
            is_line = isinstance(json.loads(begin, strict=False), dict)
        except (ValueError, RecursionError):
            is_line = False
        lines, document = "JSON Lines (one object per line) with --format jsonl", "a JSON document with --format json"
        raise ValueError(f"the file looks like JSON, not CSV; read {lines if is_line else document}")


def _hint(header: str, delimiter: str) -> str:
    """Return what to type if the header seems to use another delimiter than `delimiter`. Else return an empty text."""
    for character in SEPARATORS:
        if header.count(character) > header.count(delimiter):
            typed = "'\\t'" if character == "\t" else f"'{character}'"
            return f"; the cells may be separated by {typed}: --delimiter {typed}"
    return ""


@contextmanager
def _faults_from(stream: TextIO, begun: Callable[[], int], read: Callable[[], int], hint: str = "") -> Iterator[None]:
    """Raise ValueError, with the line, if the body of the `with` statement reads an invalid row or byte.

    `begun` returns the line on which the row begins, and `read` the number of lines that have been read.
    """
    try:
        with decoding(stream, read):
            yield
    except csv.Error as fault:
        raise ValueError(f"the row that begins on line {begun()} is not CSV: {brief(fault)}{hint}") from fault
