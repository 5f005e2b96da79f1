"""Reads event logs in XES, the XML format of process mining. Each event is a row."""

import codecs
import json
from collections.abc import Iterator
from typing import Any, TextIO
from xml.parsers import expat

from kolmisla.errors import named, shown
from kolmisla.files.tables.json_table import JsonRow, JsonRows
from kolmisla.files.tables.table import decoding, expect_stream

__all__ = ["CASE", "XesTable"]

CASE = "case:"  # stands before the names of a trace's attributes
CHARACTERS = 2**13  # characters read at once
LIKE_UTF_8 = ("utf-8", "utf-8-sig", "ascii")

HOLDERS = {"trace": "log", "event": "trace or log"}  # what may have rows, and the element in which it must be
PLACES = (("log", "trace"), ("log", "trace", "event"), ("log", "event"))
DEPTH = 3  # of the deepest of PLACES
MOST_OF_TRACE = 1_000  # attributes; each event of the trace repeats them

Pairs = list[tuple[str, str]]


class XesTable(JsonRows):
    r"""An event log in XES as a table. Each event is a row: an object of texts.

    The object has the event's own attributes, and those of its trace after `case:`. Raise ValueError for a file that is
    not XES, or has a document type.

    >>> from io import StringIO
    >>> event = '<event><string key="concept:name" value="Closed"/></event>'
    >>> log = f'<log>\n<trace><string key="concept:name" value="Case1"/>\n{event}</trace></log>'
    >>> next(XesTable(StringIO(log)).rows())[::2], next(XesTable(StringIO(log)).rows())[1][1]
    ((3, None), {'case:concept:name': 'Case1', 'concept:name': 'Closed'})
    """

    def __init__(self, stream: TextIO) -> None:
        expect_stream("stream", stream, "read")
        self._stream = stream
        self._open: list[str] = []  # the elements that are open, the outermost first
        self._case: Pairs = []
        self._events: list[tuple[int, Pairs]] = []  # the line and the attributes of each event of the open trace
        self._done: list[tuple[int, JsonRow, str | None]] = []
        self._lines = 0
        self._parser = expat.ParserCreate("utf-8")
        self._parser.XmlDeclHandler = self._declare
        self._parser.StartDoctypeDeclHandler = self._refuse_type
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def rows(self) -> Iterator[tuple[int, JsonRow, str | None]]:
        """Yield the line on which each row begins, the row, and None or its fault.

        A row is a pair: the text of an object, and the object. With a fault, the object is empty.
        """
        with decoding(self._stream, lambda: self._lines):
            is_last, size, at = False, CHARACTERS, -1
            while not is_last:
                piece = self._stream.read(size)
                self._lines, is_last = self._lines + piece.count("\n"), not piece
                self._parse(piece, is_last=is_last)
                # An expat before 2.6 reads a long text or comment from its beginning again with each piece.
                before, at = at, self._parser.CurrentByteIndex
                size = 2 * size if at == before else CHARACTERS
                yield from self._done
                self._done.clear()

    def _parse(self, piece: str, *, is_last: bool) -> None:
        try:
            self._parser.Parse(piece.encode("utf-8", "surrogatepass"), is_last)
        except expat.ExpatError as fault:
            raise ValueError(f"line {fault.lineno} is not XML: {expat.ErrorString(fault.code)}") from fault

    def _declare(self, _: str, encoding: str | None, *__: Any) -> None:
        """Raise ValueError if Python does not know the encoding that the file says it has (`encoding`).

        Raise it also if the file is read as UTF-8 or ASCII, but says that it has another encoding.
        """
        try:
            declared = codecs.lookup(encoding).name if encoding else "utf-8"
        except LookupError:
            raise ValueError(f"the file says that it is in {shown(encoding)}, an encoding unknown to Python") from None
        if declared not in LIKE_UTF_8 and getattr(self._stream, "encoding", None) in LIKE_UTF_8:
            raise ValueError(f"the file says that it is in {declared}; give --encoding {declared}")

    def _refuse_type(self, *_: Any) -> None:
        raise ValueError(f"line {self._parser.CurrentLineNumber}: an event log must not have a document type (DOCTYPE)")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        """Note that an element has begun, and its attributes. Raise ValueError for a place that XES does not allow."""
        name = tag.rpartition(":")[2]
        around = self._open[-1] if self._open else None
        if around is None and name != "log":
            raise ValueError(f"the file is XML, but not XES: its first element must be log, not {named(name)}")
        if name in HOLDERS:
            if (*self._open, name) not in PLACES:
                line = self._parser.CurrentLineNumber
                raise ValueError(
                    f"line {line}: the element {name} must be inside {HOLDERS[name]}, not {named(str(around))}"
                )
            if name == "event":
                self._events.append((self._parser.CurrentLineNumber, []))
        elif len(self._open) <= DEPTH and tuple(self._open) in PLACES and "value" in attributes:
            pairs = self._events[-1][1] if around == "event" else self._case
            pairs.append((attributes.get("key", ""), attributes["value"]))
            if len(self._case) > MOST_OF_TRACE:
                line = self._parser.CurrentLineNumber
                raise ValueError(f"line {line}: a trace must have at most {MOST_OF_TRACE:,} attributes")
        self._open.append(name)

    def _end(self, _: str) -> None:
        """Note that an element has ended. At the end of a trace (the events of one case), its rows are complete."""
        name = self._open.pop()
        if len(self._open) == 1 and name in ("trace", "event"):
            self._done += _rows(self._case, self._events)
            self._case, self._events = [], []


def _rows(case: Pairs, events: list[tuple[int, Pairs]]) -> Iterator[tuple[int, JsonRow, str | None]]:
    """Yield a row for each event of a trace: the attributes of the trace (`case`), and those of the event.

    `events` has lines and attributes. A row has a fault if a key has two values.
    """
    shared = list(dict.fromkeys((f"{CASE}{name}", value) for name, value in case))
    known, fields_shared, told_shared = {*shared}, dict(shared), [*map(_told, shared)]
    for line, attributes in events:
        own = [pair for pair in dict.fromkeys(attributes) if pair not in known]
        fields, fault = {**fields_shared, **dict(own)}, None
        if len(fields) < len(shared) + len(own):
            repeated = next(name for name, value in [*shared, *own] if fields[name] != value)
            fault = f"the key {shown(repeated)} is given twice"
        text = f"{{{', '.join([*told_shared, *map(_told, own)])}}}"
        yield line, (text, {} if fault else fields), fault


def _told(pair: tuple[str, str]) -> str:
    name, value = pair
    return f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(value, ensure_ascii=False)}"
