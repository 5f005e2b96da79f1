"""Says what a table must be able to do, and which format a file has."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import BufferedIOBase, RawIOBase
from pathlib import Path
from typing import Any, Literal, Protocol, TextIO

from kolmisla.errors import shown

__all__ = [
    "JSON_LINES",
    "LINE_END",
    "PACKED",
    "Columns",
    "Format",
    "Reject",
    "Rows",
    "Table",
    "Watched",
    "expect_watched",
    "decoding",
    "expect_stream",
    "expect_table",
    "format_of",
    "unwatched",
    "written",
]

Format = Literal["csv", "jsonl", "json", "xes", "parquet"]
ENDINGS: dict[str, Format] = {
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".xes": "xes",
    ".parquet": "parquet",
}
JSON_LINES: tuple[Format, ...] = ("jsonl", "json", "xes")  # the formats whose rows are written as JSON Lines
PACKED = (".gz", ".zst")
LINE_END = re.compile(r"\r\n|\r|\n")  # the line breaks that Python recognizes in text files


def format_of(path: str, *, packed: bool = False) -> Format | None:
    """Return the format that the ending of a file's name stands for. For an unknown ending, return None.

    If `packed` is True, an ending of compressed files is removed first: `tickets.csv.gz` is CSV.

    >>> format_of("issues.json"), format_of("log.xes.gz"), format_of("log.xes.gz", packed=True)
    ('json', None, 'xes')
    """
    name = Path(path)
    if packed and name.suffix.lower() in PACKED:
        name = name.with_suffix("")
    return ENDINGS.get(name.suffix.lower())


class Watched(Protocol):
    """A function that passes rows on, and may show a progress bar meanwhile."""

    def __call__(self, items: Iterable[Any], size: Callable[[Any], int] | None = None, /) -> Iterable[Any]:
        """Yield the items. An item is a row, or a batch whose number of rows `size` returns."""


def expect_watched(watched: object) -> None:
    """Raise TypeError unless the argument `watched` can be called."""
    if not callable(watched):
        raise TypeError(f"watched must be a function that gets the rows and returns them, not {shown(watched)}")


def unwatched(items: Iterable[Any], size: Callable[[Any], int] | None = None, /) -> Iterable[Any]:  # noqa: ARG001
    """Return the items unchanged, without a progress bar."""
    return items


class Columns(Protocol):
    """A table from whose rows a layout can pick the values of certain columns."""

    @property
    def hint(self) -> str:
        """What to type if the options for reading the table seem wrong. The text is empty if they seem right."""

    @property
    def columns(self) -> Sequence[str] | None:
        """The columns that all rows have. It is None if each row has its own columns."""

    def picker(self, columns: Sequence[str | None]) -> Callable[[Any], list[Any]]:
        """Return a function that takes a row and returns its values in some columns. A missing value is None."""


class Rows(Protocol):
    """An object that takes rows as text, such as a stream."""

    def write(self, row: str, /) -> object:
        """Write one row, or several. Each ends in a line feed."""


Reject = Callable[[int, str, Any], object]  # a function that takes the line of a rejected row, the reason and the row


class Table(Columns, Protocol):
    """A table whose rows are read from one stream. Each row can be written back as it is, with values added."""

    def rows(self) -> Iterator[tuple[int, Any, str | None]]:
        """Yield, for each row, the line on which it begins, the row, and None or what is wrong with its form."""

    def writer(self, stream: Rows, added: Sequence[str]) -> Callable[[Any, Sequence[Any]], None]:
        """Return a function that writes a row of this table, with values added. `added` names the added columns."""

    def rejects(self, stream: Rows) -> Reject:
        """Return a function that writes a rejected row as CSV: its line, the reason and the row."""


def written(write: Callable[[Any, Sequence[Any]], None], line: int, row: Any, values: Sequence[Any]) -> None:
    """Write a row with added values. Raise ValueError, with the line, for a JSON row that already has an added key."""
    try:
        write(row, values)
    except ValueError as error:
        raise ValueError(f"line {line}: {error}; choose a prefix for the added names") from error


def expect_table(given: object) -> None:
    """Raise TypeError unless `given` has the methods of a Table."""
    if not all(hasattr(given, name) for name in ("columns", "rows", "picker", "writer", "rejects")):
        raise TypeError(f"table must be a CsvTable or a JsonTable, not {shown(given)}")


def expect_stream(what: str, given: object, method: str) -> None:
    """Raise TypeError unless `given` is like an open text file: it has the method `method`, and it is not binary.

    The message begins with `what`.
    """
    if not callable(getattr(given, method, None)) or isinstance(given, (RawIOBase, BufferedIOBase)):
        raise TypeError(f"{what} must be an open text file, not {shown(given)}")


@contextmanager
def decoding(stream: TextIO, read: Callable[[], int]) -> Iterator[None]:
    """Raise ValueError, with the line, if the body of the `with` statement reads a byte that is not text.

    `read` returns how many lines have been read completely.
    """
    try:
        yield
    except UnicodeDecodeError as fault:
        # Python calls many 8-bit encodings charmap
        encoding = stream.encoding if fault.encoding == "charmap" else fault.encoding
        valid = fault.object[: fault.start].decode(encoding, "ignore")
        # Python decodes some thousand bytes ahead, so the byte may be several lines after those that have been read;
        # a lone carriage return where the decoder paused may not be counted, so the byte is on this line or later
        line = read() + len(LINE_END.findall(valid)) + 1
        byte = f"byte 0x{fault.object[fault.start]:02x}, at or after line {line}"
        raise ValueError(f"not valid {encoding.upper()}: {byte}") from fault
