"""Documents as files: TOML or JSON in, tables of plain values out, and back. Nothing in one is ever run.

What a file may hold is bounded, so that none takes long to refuse. The modules for either form are imported
where it is read or written: a process pays for the one it has.
"""

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from kolmisla import LOADING
from kolmisla.errors import Fault, PolicyError, brief, shown

__all__ = ["check_plain", "digest", "read_document", "values_in", "write_document"]

LARGEST = 262_144  # bytes
DEEPEST = 32  # tables and lists within one another
DOTS = 200  # in one key: reading it takes their square

# The parts of a TOML key, blanks and dots between them; anything else ends one. A quote that is not closed is a part.
TOKENS = re.compile(r"""(?P<key>"(?:[^"\\\n]|\\.)*+"?|'[^'\n]*+'?|[A-Za-z0-9_-]++|[. \t])|(?P<other>.)""", re.DOTALL)

FORMATS = "a document is TOML (.toml) or JSON (.json)"


def read_document(path: str | Path) -> dict[str, Any]:
    """The table in a TOML or JSON file, by its ending; PolicyError names the file and what is wrong with it."""
    path = Path(path)
    read = {".toml": _toml, ".json": _json}.get(path.suffix.lower())
    if read is None:
        raise PolicyError(f"{path}: {FORMATS}, not {path.suffix or 'a file without an ending'}")
    with path.open("rb") as stream:
        raw = stream.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise PolicyError(f"{path}: is larger than {LARGEST:,} bytes, the most that a document may have")
    try:
        document = read(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as fault:
        raise PolicyError(f"{path}: is not UTF-8: byte {fault.object[fault.start]:#04x} at {fault.start:,}") from fault
    except RecursionError as fault:
        raise PolicyError(f"{path}: {_too_deep()}") from fault
    except ValueError as fault:
        raise PolicyError(f"{path}: {fault}") from fault
    if not isinstance(document, dict):
        raise PolicyError(f"{path}: a document is a table, not a {type(document).__name__}")
    return document


def write_document(document: Mapping[str, Any], path: str | Path) -> None:
    """A table of plain values as a file, TOML or JSON by its ending."""
    path = Path(path)
    if path.suffix.lower() == ".json":
        with LOADING:
            import json

        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    elif path.suffix.lower() == ".toml":
        try:
            with LOADING:
                import tomli_w  # the extra `toml`: the standard library reads TOML and does not write it
        except ImportError as error:
            raise ImportError(f"writing TOML needs {error.name}: pip install 'kolmisla[toml]'") from error

        text = tomli_w.dumps(document)
    else:
        raise PolicyError(f"{path}: {FORMATS}, not {path.suffix or 'a file without an ending'}")
    raw = text.encode()
    if len(raw) > LARGEST:
        raise PolicyError(f"{path}: would be larger than {LARGEST:,} bytes, the most that a document may have")
    path.write_bytes(raw)


def digest(document: Mapping[str, Any]) -> str:
    """A text that is the same for the same document alone.

    >>> digest({"a": 1}) == digest({"a": 2})
    False
    """
    with LOADING:
        import json

    return sha256(json.dumps(document, ensure_ascii=False).encode()).hexdigest()


def check_plain(document: object) -> None:
    """PolicyError for what no document has: tables and lists too deep within one another, odd names, broken text."""
    level: list[object] = [document]
    for _ in range(DEEPEST):
        for text in level:
            if isinstance(text, str) and not text.isascii() and any("\ud800" <= each <= "\udfff" for each in text):
                raise PolicyError.listing([Fault((), f"{shown(text)} is not a text: it has half a character")])
        level = [part for whole in level for part in _parts(whole)]
        if not level:
            return
    raise PolicyError.listing([Fault((), _too_deep())])


def values_in(document: object) -> int:
    """How many names and values a document has, within one another."""
    number, level = 0, [document]
    while level:
        level = [part for whole in level for part in _parts(whole)]
        number += len(level)
    return number


def _parts(whole: object) -> Iterator[object]:
    if isinstance(whole, Mapping):
        strange = [name for name in whole if not isinstance(name, str)]
        if strange:
            raise PolicyError.listing([Fault((), f"{shown(strange[0])} is not a name")])
        yield from (*whole, *whole.values())
    elif isinstance(whole, (list, tuple)):
        yield from whole


def _too_deep() -> str:
    return f"has tables or lists more than {DEEPEST} deep within one another"


def _toml(text: str) -> dict[str, Any]:
    with LOADING:
        import tomllib

    dots = 0  # of the key, or what may be one, so far
    for token in TOKENS.finditer(text):
        if token[0] == ".":
            dots += 1
            if dots > DOTS:
                raise PolicyError(_too_deep())
        elif token.lastgroup == "other":
            dots = 0
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise PolicyError(f"is not TOML: {brief(fault)}") from fault


def _json(text: str) -> Any:
    with LOADING:
        import json

    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except json.JSONDecodeError as fault:
        raise PolicyError(f"is not JSON: {fault}") from fault


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A table of pairs; the same key again would silently replace the first."""
    table: dict[str, Any] = {}
    for name, value in pairs:
        if name in table:
            raise PolicyError(f"is not a document: {shown(name)} is there twice")
        table[name] = value
    return table


def _no_number(text: str) -> None:
    raise PolicyError(f"is not JSON: {text} is no number")
