"""Reads JSON Lines, and writes rows of JSON.

Rows that were read from other forms of JSON are written as JSON Lines too.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TextIO

from kolmisla.errors import TicketError, brief, choices, shown
from kolmisla.files.tables.csv_table import rejects_writer
from kolmisla.files.tables.paths import NOWHERE, is_path, lists_in, value_at
from kolmisla.files.tables.table import LINE_END, Rows, decoding, expect_stream

__all__ = ["DECODER", "TOO_DEEP", "JsonRow", "JsonRows", "JsonTable", "object_of", "text_of_cell"]

JsonRow = tuple[str, dict[str, Any]]  # the text of an object, on one line, and the object
TOO_DEEP = "nested too deeply to be read"


class JsonRows:
    """A table whose rows are JSON objects, each with its own keys. The text of a row is written back as it was read."""

    columns = None
    hint = ""

    def picker(self, columns: Sequence[str | None]) -> Callable[[JsonRow], list[Any]]:
        """Return a function that takes a row and returns its values for some keys or paths.

        Texts are without outer spaces. An empty text and a missing key give None.
        """

        def values(row: JsonRow) -> list[Any]:
            picked = [None if column is None else row[1].get(column) for column in columns]
            for i, column in paths:
                value = value_at(row[1], column)
                picked[i] = None if value is NOWHERE else value
            return [value.strip() or None if isinstance(value, str) else value for value in picked]

        paths = [(i, column) for i, column in enumerate(columns) if column is not None and is_path(column)]
        return values

    def writer(self, stream: Rows, added: Sequence[str]) -> Callable[[JsonRow, Sequence[Any]], None]:
        """Return a function that writes an object with added values. It writes None as null.

        The function raises ValueError for an object that already has one of the added keys.
        """

        def write(row: JsonRow, values: Sequence[Any]) -> None:
            text, fields = row
            clash = [name for name in added if name in fields]
            if clash:
                raise ValueError(f"the row has {choices(clash)} already")
            answer = json.dumps(dict(zip(added, values, strict=True)), ensure_ascii=False)
            stream.write(f"{text[:-1].rstrip()}{', ' if fields else ''}{answer[1:]}\n")

        return write

    def rejects(self, stream: Rows) -> Callable[[int, str, JsonRow], None]:
        """Return a function that writes a rejected row as CSV: its line, the reason and its text.

        Before the first row, the function writes a header.
        """
        write = rejects_writer(stream, ["line", "reason", "row"])
        return lambda line, reason, row: write([line, reason, row[0]])


class JsonTable(JsonRows):
    """A table in JSON Lines: one object per line. A blank line is not a row.

    Raise ValueError for a JSON document, and for bytes that are not text in the encoding of `stream`.
    """

    def __init__(self, stream: TextIO) -> None:
        expect_stream("stream", stream, "readline")
        self._stream = stream

    def rows(self) -> Iterator[tuple[int, JsonRow, str | None]]:
        """Yield the line on which each row begins, the row, and None or its fault.

        A row is a pair: the text of an object, and the object. With a fault, the object is empty.
        """
        line, is_first = 0, True
        with decoding(self._stream, lambda: line):
            for line, text in enumerate(map(str.strip, self._stream), 1):
                if text:
                    row, fault = object_of(text)
                    if is_first:
                        _refuse_document(text)
                        self.hint, is_first = _document_hint(row), False
                    yield line, (text, row), fault

    def pieces(self, size: int) -> Iterator[tuple[int, list[str]] | list[tuple[int, JsonRow, str | None]]]:
        """Yield the rest of the file in pieces of about `size` characters.

        A piece without blank lines is the number of its first line, and its lines. Any other is a list of rows, as from
        `rows`.
        """
        stream, line, is_first = self._stream, 1, True
        with decoding(stream, lambda: line - 1):
            while text := stream.read(size):
                text += stream.readline() if text[-1] != "\n" else ""
                lines = LINE_END.split(text) if "\r" in text else text.split("\n")
                texts = [*map(str.strip, lines[: -1 if not lines[-1] else None])]
                if is_first and (first := next(filter(None, texts), None)):
                    _refuse_document(first)
                    self.hint, is_first = _document_hint(object_of(first)[0]), False
                if all(texts):
                    yield line, texts
                elif any(texts):
                    numbered = [(number, each) for number, each in enumerate(texts, line) if each]
                    yield [
                        (number, (each, row), fault) for number, each in numbered for row, fault in [object_of(each)]
                    ]
                line += len(texts)


def object_of(text: str) -> tuple[dict[str, Any], str | None]:
    """Return the object in a text of JSON, and None. If the text is no object, return an empty object and the fault.

    >>> object_of('{"id": 7}'), object_of("[7]")
    (({'id': 7}, None), ({}, 'not a JSON object'))
    """
    try:
        row = DECODER.decode(text)
    except TicketError as error:
        return {}, str(error)
    except RecursionError:
        return {}, TOO_DEEP
    except ValueError as error:
        return {}, f"not JSON: {brief(error)}"
    return (row, None) if isinstance(row, dict) else ({}, "not a JSON object")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Convert the pairs of a JSON object to a dict.

    Raise TicketError for a repeated key: nobody knows which value is meant.
    """
    row = dict(pairs)
    if len(row) < len(pairs):
        repeated = next(name for name, number in Counter(name for name, _ in pairs).items() if number > 1)
        raise TicketError(f"the key {shown(repeated)} is given twice")
    return row


DECODER = json.JSONDecoder(object_pairs_hook=_once)


def _refuse_document(first: str) -> None:
    """Raise ValueError if the first line of a file shows that the file is a document or a list, not JSON Lines."""
    if first[0] in "[{" and first[-1] in "[{":
        raise ValueError("the file is JSON on several lines, not JSON Lines; read it with --format json")
    if first[0] == "[":
        try:
            rows = json.loads(first)
        except (ValueError, RecursionError):
            return
        if rows and all(isinstance(row, dict) for row in rows):
            raise ValueError("the file is a list of JSON objects, not JSON Lines; read it with --format json")


def _document_hint(row: dict[str, Any]) -> str:
    """Return what to type if the first object (`row`) seems to be a whole document with the rows inside.

    Otherwise return an empty text.
    """
    paths = lists_in(row)
    return f"; if the rows are in {choices(paths[:3])}: --format json --rows {choices(paths[:1])}" if paths else ""


def text_of_cell(value: Any) -> str:
    """Return a value of a JSON row as text: a string as it is, and any other value as its JSON.

    >>> text_of_cell("a"), text_of_cell(True), text_of_cell(["a"])
    ('a', 'true', '["a"]')
    """
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
