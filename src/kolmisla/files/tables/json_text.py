"""Reads the values of a JSON text one at a time from a stream. Memory holds a part of the text and one value."""

import json
import re
from collections.abc import Iterator
from typing import Any, TextIO

from kolmisla.errors import brief
from kolmisla.files.tables.json_table import DECODER, JsonRow, object_of
from kolmisla.files.tables.table import expect_stream

__all__ = ["JsonText", "NotJsonError"]

PIECE = 2**13  # characters read at once
LEAST = 2**16  # the fewest characters to add to the text in memory
STEPPED_OVER = 2**20  # the most characters of a value that is skipped at once; a larger one is skipped in pieces
NEAR = 16  # how far from the end of a cut text its syntax error can be

BLANKS = re.compile(r"[ \t\r\n]*")
BREAKS = re.compile(r"[\r\n]+")
# What tells where a value ends: brackets and strings. The group is empty if a string has no end.
BOUNDS = re.compile(r'[\[\]{}]|"(?:[^"\\\x00-\x1f]++|\\.)*+("?)')
CLOSES = {"[": "]", "{": "}"}
BARE = json.JSONDecoder(parse_int=str, parse_float=str)  # accepts numbers of any size


class JsonText:
    r"""A JSON text, and a position in it. Methods read what comes after the position, and move it.

    Raise ValueError, with the line, where the text is not JSON.

    >>> from io import StringIO
    >>> text = JsonText(StringIO('\n{"id": 7,\n "plan": "premium"} {"id": 8}'))
    >>> text.peek(), text.line, text.row()
    ('{', 2, (('{"id": 7,"plan": "premium"}', {'id': 7, 'plan': 'premium'}), None))
    """

    def __init__(self, stream: TextIO) -> None:
        expect_stream("stream", stream, "read")
        self._stream = stream
        # the text in memory, the position in it, and the position up to which lines are counted
        self._text, self._at, self._counted = "", 0, 0
        self._line, self._after_return = 1, False  # the line of `_counted`, and whether a carriage return is before it
        self._new: list[str] = []  # what has been read, but is not yet part of the text
        self._has_begun = self._ended = False

    @property
    def line(self) -> int:
        """The number of the line on which the position is."""
        passed = self._text[self._counted : self._at]
        if passed:
            self._line += _breaks(passed) - (self._after_return and passed[0] == "\n")
            self._counted, self._after_return = self._at, passed[-1] == "\r"
        return self._line

    @property
    def lines_read(self) -> int:
        """How many lines have been read completely."""
        return self._line - 1 + sum(map(_breaks, [self._text[self._counted :], *self._new]))

    def peek(self) -> str:
        """Move past blanks, and return the next character without taking it. At the end, return an empty text."""
        while True:
            match = BLANKS.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._grow():
                return ""

    def take(self, characters: str) -> str:
        """Move past blanks, take the next character and return it. Raise ValueError for one not in `characters`."""
        character = self.peek()
        if not character or character not in characters:
            wanted = " or ".join(map(repr, characters))
            raise self._fault(f"there must be {wanted}{'' if character else ', but the text ends'}")
        self._at += 1
        return character

    def items(self) -> Iterator[None]:
        """Take the brackets and commas of a list. Yield None before each item. The caller must then take the item."""
        self.take("[")
        if self.peek() == "]":
            self.take("]")
            return
        while True:
            yield
            if self.take(",]") == "]":
                return

    def names(self) -> Iterator[str]:
        """Take the braces, commas and keys of an object. Yield each key. The caller must then take the key's value."""
        self.take("{")
        if self.peek() == "}":
            self.take("}")
            return
        while True:
            if self.peek() != '"':
                raise self._fault("there must be a key in double quotes")
            key, self._at = self._decoded(BARE)
            self.take(":")
            yield key
            if self.take(",}") == "}":
                return

    def row(self) -> tuple[JsonRow, str | None]:
        """Take the next value. Return it as a row, and None or its fault. Raise ValueError if it is not JSON.

        A row is a pair: the text on one line, and the object. With a fault, the object is empty.
        """
        self.peek()
        value: Any
        try:
            value, end = self._decoded(DECODER)
        except (ValueError, RecursionError) as error:
            if isinstance(error, (NotJsonError, UnicodeError)):
                raise
            value, end = None, self._end()
        text = self._text[self._at : end]
        self._at = end
        if "\n" in text or "\r" in text:
            text = "".join(line.strip(" \t") for line in BREAKS.split(text))
        if isinstance(value, dict):
            return (text, value), None
        return (text, {}), object_of(text)[1]

    def skip(self) -> Any:
        """Take and return the next value, with numbers as texts. If the value is too large or too deep, return None."""
        self.peek()
        try:
            value, end = self._decoded(BARE, most=STEPPED_OVER)
        except RecursionError:
            value, end = None, None
        if end is None:
            self._pass(keep=False)
        else:
            self._at = end
        return value

    def _decoded(self, decoder: json.JSONDecoder, *, most: int | None = None) -> tuple[Any, Any]:
        """Return the value that begins at the position, and where it ends.

        Return None and None for a list or an object of which `most` characters are in memory, but not the end.
        """
        while True:
            try:
                value, end = decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                # A text that is cut has its fault at the end, or in a string that has no end.
                cut = len(self._text) - error.pos <= NEAR or error.msg.startswith("Unterminated string")
                large = most is not None and len(self._text) - self._at >= most and self._text[self._at] in CLOSES
                if cut and large and not self._ended:
                    return None, None
                if cut and self._grow():
                    continue
                raise self._fault(brief(error.msg), error.pos) from error
            if len(self._text) - end <= NEAR and self._text[self._at] not in '[{"' and self._grow():
                continue  # the rest of a number may come
            return value, end

    def _end(self) -> int:
        """Return where the value ends that begins at the position.

        Call this for a value that is JSON but that DECODER refuses, such as an object with a repeated key.
        """
        try:
            end: int = self._decoded(BARE)[1]
        except RecursionError:
            end = self._pass(keep=True)
        return end

    def _pass(self, *, keep: bool) -> int:
        """Return where a list or an object ends. Only its brackets and strings are looked at.

        The position moves to the end or, if `keep` is True, stays where it is.
        """
        closing: list[str] = []  # the brackets that must come, the outermost first
        done = 0  # how many characters after the position have been passed
        while True:
            match = BOUNDS.search(self._text, self._at + done)
            is_cut = match is not None and match[0][0] == '"' and not match[1]
            if match is None or is_cut:
                done = (match.start() if match else len(self._text)) - self._at
                if match and match.end() < len(self._text) and self._text[match.end()] != "\\":
                    raise self._fault("a string has a control character", match.end())
            else:
                if match[0] in CLOSES:
                    closing.append(CLOSES[match[0]])
                elif match[0] in "]}" and closing.pop() != match[0]:
                    raise self._fault(f"the bracket {match[0]!r} does not fit the one that is open", match.start())
                done = match.end() - self._at
            if not keep:
                self._at, done = self._at + done, 0
            if not closing:
                return self._at + done
            if (match is None or is_cut) and not self._grow():
                raise self._fault("the text ends before its last bracket", len(self._text))

    def _grow(self) -> bool:
        """Read more characters from the stream into memory. Return False if there are no more.

        The number to read is at least LEAST, and at least the number of characters in memory after the position.
        """
        if self._ended:
            return False
        wanted, size = max(LEAST, len(self._text) - self._at), 0
        while size < wanted and (piece := self._stream.read(PIECE)):
            self._new.append(piece)
            size += len(piece)
        self._ended = size < wanted
        if not self._new:
            return False
        _ = self.line  # counts the lines that are dropped
        new, self._new = "".join(self._new), []
        new = new if self._has_begun else new.removeprefix("\ufeff")
        self._text, self._at, self._counted = self._text[self._at :] + new, 0, 0
        self._has_begun = True
        return True

    def _fault(self, what: str, at: int | None = None) -> ValueError:
        line = self.line + (_breaks(self._text[self._at : at]) if at is not None else 0)
        return NotJsonError(f"line {line} is not JSON: {what}")


class NotJsonError(ValueError):
    """A fault after which the rest of the text cannot be read."""


def _breaks(text: str) -> int:
    """Return the number of line breaks in a text."""
    return text.count("\n") + text.count("\r") - text.count("\r\n")
