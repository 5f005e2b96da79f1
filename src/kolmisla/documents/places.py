"""Where each value is in the text of a TOML or JSON document, so that one value can be changed and the rest stays.

The text must be valid. After a change, the caller must read it again and check the result.
"""

import json
import re
from typing import NamedTuple

from kolmisla.documents.toml_json import toml_key

__all__ = ["ValuePlace", "WrittenValue", "comments_in", "written_values"]

BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
SPACE_OR_COMMENTS = re.compile(r"(?:\s|#[^\n]*)*")
BLANK_IN_LINE = re.compile(r"[ \t]*")
STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})|\'\'\'.*?\'\'\'(?:\'{0,2})|"(?:[^"\\]|\\.)*"|\'[^\']*\'', re.DOTALL
)
STRING_OR_COMMENT = re.compile(rf"{STRING.pattern}|#[^\n]*", re.DOTALL)
BARE_VALUE = re.compile(r"[^,\]}\n#]*")  # numbers, dates, true and false

ValuePlace = tuple[str | int, ...]


class WrittenValue(NamedTuple):
    """A value in a text: the offsets at which it starts and ends, and its place in the document.

    The place has the keys and indexes that lead to the value.
    """

    place: ValuePlace
    start: int
    end: int
    key_at: int  # the offset of the key; for an item of a list, `start`
    keys: tuple[str, ...] = ()  # the parts of the key as they are written; none for an item of a list
    is_line: bool = False  # whether the value has its own line of TOML (`key = value`)


def written_values(text: str, *, toml: bool) -> list[WrittenValue]:
    """Return every value in a text of TOML, or of JSON if `toml` is False, in the order of the text.

    A list or an inline table comes after the values inside it.

    >>> [(each.place, "a.b = [1]"[each.start : each.end]) for each in written_values("a.b = [1]", toml=True)]
    [(('a', 'b', 0), '1'), (('a', 'b'), '[1]')]
    """
    scan = _Scan(text, toml)
    if toml:
        scan.statements()
    else:
        scan.value(scan.after(0), (), 0)
    return scan.found


class _Scan:
    """A reader that goes through a text, and adds each value to `found`.

    Most methods begin at the offset `at`, and return the offset at which the key or value ends.
    """

    def __init__(self, text: str, toml: bool) -> None:
        self.text, self.toml = text, toml
        self.found: list[WrittenValue] = []

    def after(self, at: int, pattern: re.Pattern[str] = SPACE_OR_COMMENTS) -> int:
        """Match `pattern` at the offset `at`, and return the offset at which the match ends, or `at` without a match.

        The default pattern matches spaces, line ends and comments.
        """
        match = pattern.match(self.text, at)
        return match.end() if match else at

    def statements(self) -> None:
        """Go through the text of a TOML document: the headers of its tables, and its lines with a key and a value."""
        text, at = self.text, self.after(0)
        table: ValuePlace = ()
        last: dict[ValuePlace, int] = {}  # the index of the last table in each list of tables
        while at < len(text):
            if text[at] == "[":
                several = text.startswith("[[", at)
                keys, at = self.key(at + 1 + several)
                at = self.after(at, BLANK_IN_LINE) + 1 + several
                table = _resolved([name for name, _ in keys], last, several)
            else:
                at = self.assignment(at, table, is_line=True)
            at = self.after(at)

    def assignment(self, at: int, table: ValuePlace, *, is_line: bool = False) -> int:
        """Go through the key at the offset `at` and through its value. Return the offset at which the value ends.

        `table` is the place of the table with this key. `is_line` says whether both have their own line of TOML.
        """
        keys, begin = self.key(at)
        begin = self.after(self.after(begin) + 1)  # skips the sign between the key and the value
        place = (*table, *(name for name, _ in keys))
        return self.value(begin, place, at, keys=tuple(raw for _, raw in keys), is_line=is_line)

    def key(self, at: int) -> tuple[list[tuple[str, str]], int]:
        """Return the parts of the key at the offset `at`, and the offset at which the key ends.

        Each part has its name, and its text as it is written, perhaps with quotes.
        """
        keys: list[tuple[str, str]] = []
        while True:
            at = self.after(at, BLANK_IN_LINE)
            match = (BARE_KEY if self.text[at] not in "\"'" else STRING).match(self.text, at)
            raw = match[0] if match else ""
            keys.append((_name(raw) if self.toml else json.loads(raw), raw))
            at = self.after(at + len(raw), BLANK_IN_LINE)
            if not (self.toml and self.text[at] == "."):
                return keys, at
            at += 1

    def value(
        self, at: int, place: ValuePlace, key_at: int, *, keys: tuple[str, ...] = (), is_line: bool = False
    ) -> int:
        """Go through the value at the offset `at`, and return the offset at which it ends.

        Add it to `found`, after the values inside it. The other parameters are fields of its WrittenValue.
        """
        sign, start = self.text[at], at
        if sign in "[{":
            at = self.after(at + 1)
            number = 0
            while self.text[at] not in "]}":
                at = self.value(at, (*place, number), at) if sign == "[" else self.assignment(at, place)
                at, number = self.after(at), number + 1
                at = self.after(at + (self.text[at] == ","))
            at += 1
        elif sign in "\"'":
            at = self.after(at, STRING)
        else:
            at += len(BARE_VALUE.match(self.text, at)[0].rstrip())  # type: ignore[index]  # it also matches an empty text
        self.found.append(WrittenValue(place, start, at, key_at, keys, is_line))
        return at


def _resolved(names: list[str], last: dict[ValuePlace, int], several: bool) -> ValuePlace:
    """Return the place of the table below a TOML header. `names` are the names in the header.

    `last` has the index of the last table in each list of tables. With `several`, the header has double brackets: begin
    a new table, and store its index in `last`.
    """
    place: ValuePlace = ()
    for name in names[:-1]:
        place = (*place, name)
        place = (*place, last[place]) if place in last else place
    place = (*place, names[-1])
    if several:
        last[place] = last.get(place, -1) + 1
        return (*place, last[place])
    return place


def _name(raw: str) -> str:
    """Return the name that a part of a TOML key means, without quotes and escapes."""
    return toml_key(raw) if raw[:1] in "\"'" else raw


def comments_in(text: str) -> list[str]:
    r"""Return the comments inside the text of a TOML value.

    >>> comments_in('[ # first\n "#", # last\n]')
    ['# first', '# last']
    """
    return [match[0].rstrip() for match in STRING_OR_COMMENT.finditer(text) if match[0].startswith("#")]
