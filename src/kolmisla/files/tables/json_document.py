"""Reads rows from JSON that is not one object per line: a list, a document with a list inside, or several objects."""

from collections.abc import Iterator, Sequence
from typing import Any, TextIO

from kolmisla.errors import choices, named, number_of, shown
from kolmisla.files.tables.json_table import JsonRow, JsonRows
from kolmisla.files.tables.json_text import JsonText, NotJsonError
from kolmisla.files.tables.paths import ANY, EACH, REST, lists_in, row_steps
from kolmisla.files.tables.table import decoding
from kolmisla.names import LOADING

__all__ = ["JsonDocument"]

# Keys by which one page of a server's answer says that there are more pages, in lower case and without underscores.
TOTALS = ("total", "totalcount", "totalresults", "count", "totalelements")
NEXT = ("next", "nextpage", "nextpagetoken", "nextpageurl", "nexturl")
MORE = {"hasmore": True, "islast": False, "last": False, "endofstream": False}
ONE_PAGE = "is it one page of several?"

Row = tuple[int, JsonRow, str | None]


class JsonDocument(JsonRows):
    r"""A table in JSON of any form, read one row at a time.

    `path` leads to the rows, such as `result.data`. Without it, the rows are at the top. Messages name `option`. Raise
    ValueError if the file is not JSON, or the path leads nowhere.

    >>> from io import StringIO
    >>> table = JsonDocument(StringIO('{"total": 1, "issues": [\n {"id": 7,\n  "plan": null}]}'), "issues")
    >>> list(table.rows())
    [(2, ('{"id": 7,"plan": null}', {'id': 7, 'plan': None}), None)]
    """

    def __init__(self, stream: TextIO, path: str | None = None, *, option: str = "--rows") -> None:
        self._steps, self._option, self._path = row_steps(path), option, path
        self._stream, self._text = stream, JsonText(stream)
        self._is_found = False
        self._missing: str | None = None  # a message: where, inside a list or a `*`, the path first led nowhere
        self.read = 0  # rows so far
        self._beside: dict[str, Any] = {}  # what is beside the rows, such as their number in all pages

    def rows(self) -> Iterator[Row]:
        """Yield the line on which each row begins, the row, and None or its fault.

        A row is a pair: the text of an object, and the object. With a fault, the object is empty.
        """
        with decoding(self._stream, lambda: self._text.lines_read):
            if not self._text.peek():
                raise ValueError("the file must have at least one value of JSON, but it is empty")
            is_first, inside = self._path is None, f"{EACH}." if self._text.peek() == "[" else ""
            values = 0
            while self._text.peek():
                values += 1
                try:
                    for line, row, fault in self._rows(self._steps, inside=False):
                        self.hint = self._hinted(row[1], inside) if is_first else ""
                        is_first = False
                        self.read += 1
                        yield line, row, fault
                except NotJsonError as fault:
                    lines = "; if it has one object per line, read it with --format jsonl" if values > 1 else ""
                    raise ValueError(f"{fault}{lines}") from fault
            if self._missing and not self._is_found:
                raise ValueError(self._missing)

    @property
    def partial(self) -> str:
        """A sentence about rows that seem to be on other pages, or an empty text. The rows must have been read."""
        for key, value in self._beside.items():
            name = key.lower().replace("_", "")
            if name in TOTALS and str(value).isdecimal() and int(value) > self.read:
                rows = number_of(self.read, "row")
                return f"the document says {named(key)} {named(str(value))}, but has {rows}: {ONE_PAGE}"
            if (name in NEXT and isinstance(value, str) and value) or (name in MORE and value is MORE[name]):
                return f"the document says {named(key)} {shown(value)}: {ONE_PAGE}"
        return ""

    def _rows(self, steps: Sequence[str], *, inside: bool) -> Iterator[Row]:
        """Yield the rows to which `steps` lead from the next value in the text.

        `inside` is True if a `[]` or a `*` of the path has led to this value.
        """
        text = self._text
        begin = text.peek()
        step, rest = (steps[0], steps[1:]) if steps else (REST, ())
        self._is_found = self._is_found or not rest
        if step == REST and begin == "n" and self._path is not None:  # null has no rows
            text.skip()
        elif not steps or (step == REST and begin != "["):
            yield text.line, *text.row()
        elif step in (EACH, REST, ANY):
            opens, what = ("{", "an object") if step == ANY else ("[", "a list")
            if begin == opens:
                for _ in text.names() if step == ANY else text.items():
                    yield from self._rows(rest, inside=True)
            elif begin != "n" or text.skip() is not None:
                raise ValueError(f"line {text.line}: there must be {what} here, because {self._told} has {step} for it")
        elif begin == "[":
            passed = len(self._steps) - len(steps)
            typed = named(_written((*self._steps[:passed], EACH, *self._steps[passed:])))
            raise ValueError(f"line {text.line}: {named(step)} is inside a list; did you mean {self._option} {typed}?")
        else:
            yield from self._named_rows(steps, inside=inside)

    def _named_rows(self, steps: Sequence[str], *, inside: bool) -> Iterator[Row]:
        """Yield the rows under a key of the next value in the text. The key is usually the first of `steps`.

        If the value has no such key, raise ValueError, unless `inside` is True: a `[]` or a `*` has led to the value.
        """
        text, line, is_found = self._text, self._text.line, False
        there: list[str] = []
        lists: dict[str, Any] = {}
        if text.peek() != "{":
            text.skip()
        else:
            names = steps[: next(i for i, step in enumerate(steps) if step in (EACH, ANY, REST))]
            # a key may itself have dots, such as `a.b`
            wanted = {names[0]: steps[1:], ".".join(names): steps[len(names) :]}
            for key in text.names():
                if key not in wanted:
                    begin, value = text.peek(), text.skip()
                    there.append(key)
                    if not inside and isinstance(value, (str, int)):
                        self._beside[key] = value
                    lists[key] = [{}] if begin == "[" and value is None else value
                    continue
                if is_found:
                    raise ValueError(f"line {text.line}: {named(key)} is there twice, so {self._told} has two meanings")
                is_found = True
                yield from self._rows(wanted[key], inside=inside)
        if not is_found:
            keys = f"the keys there are {choices(there)}" if there else "there are no keys"
            guess = _nearest(steps[0], lists_in(lists))
            meant = f"; did you mean {self._option} {named(guess)}?" if guess else ""
            missing = f"line {line}: there is no {named(steps[0])} for {self._told}; {keys}{meant}"
            if not inside:
                raise ValueError(missing)
            self._missing = self._missing or missing

    @property
    def _told(self) -> str:
        return f"{self._option} {shown(self._path)}"

    def _hinted(self, fields: dict[str, Any], inside: str) -> str:
        """Return what to type if the rows seem to be inside the first object (`fields`). Else return an empty text."""
        paths = [f"{inside}{path}" for path in lists_in(fields)]
        return f"; if the rows are in {choices(paths[:3])}: {self._option} {choices(paths[:1])}" if paths else ""


def _written(steps: Sequence[str]) -> str:
    """Return a path from its steps, in the form in which a user types the path."""
    return ".".join(step for step in steps if step != REST).replace(f".{EACH}", EACH)


def _nearest(name: str, paths: Sequence[str]) -> str | None:
    """Return the path that is most similar to `name`.

    If no path is similar to it, return the first path. If `paths` is empty, return None.
    """
    with LOADING:
        from difflib import get_close_matches  # only for a message
    return next(iter([*get_close_matches(name, paths, 1), *paths]), None)
