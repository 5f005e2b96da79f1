"""TOML and JSON files: how they are read into mappings of plain values, and written from such mappings.

The size and nesting of a file are limited, so that a bad file is refused quickly.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib import import_module
from os import PathLike
from typing import Any

from kolmisla.errors import Fault, PolicyError, brief, expect_path, has_surrogate, shown
from kolmisla.names import LOADING

__all__ = [
    "check_plain",
    "digest",
    "document_in",
    "hexadecimal",
    "read_document",
    "toml_text",
    "values_in",
    "without_repeats",
    "write_document",
]

LARGEST = 262_144  # bytes
DEEPEST = 32  # levels of nested tables and lists
DOTS = 200  # most dots in one key; the time to read a key grows with the square of the number of dots

# The parts of a TOML key, with spaces, tabs and dots between the parts. Anything else ends the key. An unclosed quote
# counts as a part.
TOKENS = r"""(?P<key>"(?:[^"\\\n]|\\.)*+"?|'[^'\n]*+'?|[A-Za-z0-9_-]++|[. \t])|(?P<other>.)"""

FORMATS = "a document must be TOML (.toml) or JSON (.json)"


def read_document(path: str | PathLike[str]) -> dict[str, Any]:
    """Read the table in a TOML or JSON file. The file's name must end in `.toml` or `.json`.

    Raise PolicyError for another ending or a bad file, OSError for a file that cannot be opened, and ValueError for a
    path that no file can have.
    """
    file = _path(path)
    if file.suffix.lower() not in (".toml", ".json"):
        raise PolicyError(f"{path}: {FORMATS}, not {file.suffix or 'a file without an ending'}")
    with file.open("rb") as stream:
        raw = stream.read(LARGEST + 1)
    return document_in(raw, path)


def document_in(raw: bytes, path: str | PathLike[str]) -> dict[str, Any]:
    """Return the table in `raw`, the content of a file. The content is TOML if `path` ends in `.toml`, else JSON.

    Raise PolicyError, which names the file and the fault, for bad content.
    """
    read = _toml if _path(path).suffix.lower() == ".toml" else _json
    if len(raw) > LARGEST:
        raise PolicyError(f"{path}: is larger than {LARGEST:,} bytes, the limit for a document")
    try:
        document = read(raw.removeprefix(BOM_UTF8).decode())  # a codec for both would be loaded at its first use
    except UnicodeDecodeError as fault:
        byte, offset = fault.object[fault.start], fault.start
        raise PolicyError(f"{path}: is not valid UTF-8: byte {byte:#04x} at offset {offset:,}") from fault
    except RecursionError as fault:
        raise PolicyError(f"{path}: {_too_deep()}") from fault
    except ValueError as fault:
        raise PolicyError(f"{path}: {fault}") from fault
    if not isinstance(document, dict):
        raise PolicyError(f"{path}: a document must be a table (an object in JSON), not a {type(document).__name__}")
    return document


def write_document(document: Mapping[str, Any], path: str | PathLike[str]) -> None:
    """Write a mapping of plain values to a TOML or JSON file. The file's name must end in `.toml` or `.json`.

    Raise PolicyError for another ending or a too large document, and ImportError for TOML without the extra `toml`.
    """
    file = _path(path)
    if file.suffix.lower() == ".json":
        with LOADING:
            import json

        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    elif file.suffix.lower() == ".toml":
        try:
            with LOADING:
                import tomli_w  # the extra `toml`: the standard library reads TOML but cannot write it
        except ImportError as error:
            raise ImportError(f"writing TOML needs {error.name}: pip install 'kolmisla[toml]'") from error

        text = tomli_w.dumps(document)
    else:
        raise PolicyError(f"{path}: {FORMATS}, not {file.suffix or 'a file without an ending'}")
    raw = text.encode()
    if len(raw) > LARGEST:
        raise PolicyError(f"{path}: would be larger than {LARGEST:,} bytes, the limit for a document")
    file.write_bytes(raw)


def toml_text(text: str) -> str:
    r"""Return a text as TOML writes it: in quotes, with escapes for quotes, backslashes and unprintable characters.

    A lone surrogate becomes U+FFFD, because TOML cannot write it.

    >>> print(toml_text('a "b"\n\x7f'))
    "a \"b\"\n\u007f"
    """
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return f'"{"".join(escapes.get(char) or _escaped(char) for char in text)}"'


def toml_key(written: str) -> str:
    """Return the name that a part of a TOML key means, without its quotes and escapes.

    >>> toml_key(r'"\u00e9"')
    'é'
    """
    with LOADING:
        import tomllib

    return next(iter(tomllib.loads(f"{written} = 0")))


def _escaped(char: str) -> str:
    if char.isprintable():
        return char
    code = 0xFFFD if has_surrogate(char) else ord(char)  # TOML has no lone surrogates
    return f"\\U{code:08x}" if code > 0xFFFF else f"\\u{code:04x}"


def _path(path: str | PathLike[str]) -> Any:
    expect_path("path", path)
    with LOADING:
        from pathlib import Path

    return Path(path)


def digest(document: Mapping[str, Any]) -> str:
    """Return the SHA-256 hash of a document's JSON, in hexadecimal. Another order of the keys gives another hash.

    >>> digest({"a": 1}) == digest({"a": 2})
    False
    """
    with LOADING:
        import json

    return hexadecimal(json.dumps(document, ensure_ascii=False).encode())


def hexadecimal(raw: bytes) -> str:
    """Return the SHA-256 hash of bytes, in hexadecimal.

    >>> hexadecimal(b"")[:8]
    'e3b0c442'
    """
    # `_sha2` (from Python 3.12 on) and `_sha256` (before) are small. `hashlib` loads OpenSSL, which needs megabytes,
    # and prints errors if memory is short.
    for module in ("_sha2", "_sha256", "hashlib"):
        with suppress(ModuleNotFoundError), LOADING:
            return str(import_module(module).sha256(raw).hexdigest())
    raise AssertionError  # pragma: no cover  # every Python has hashlib


def check_plain(document: object) -> None:
    """Raise PolicyError if a document is nested over 32 deep, or if it has a value that TOML and JSON do not have.

    Such values are text with a lone surrogate, a name that is not text, and an iterator.
    """
    level: list[object] = [document]
    for _ in range(DEEPEST):
        for part in level:
            if isinstance(part, str) and has_surrogate(part):
                raise PolicyError.listing([Fault((), f"{shown(part)} is not valid text: it has a lone surrogate")])
            if isinstance(part, Iterator):
                raise PolicyError.listing([Fault((), f"must have lists, not {shown(part)}; type list(...)")])
        level = [part for whole in level for part in _parts(whole)]
        if not level:
            return
    raise PolicyError.listing([Fault((), _too_deep())])


def values_in(document: object) -> int:
    """Return the number of all names and values in a document. Those inside tables and lists count as well."""
    number, level = 0, [document]
    while level:
        level = [part for whole in level for part in _parts(whole)]
        number += len(level)
    return number


def _parts(whole: object) -> Iterator[object]:
    if isinstance(whole, Mapping):
        strange = [name for name in whole if not isinstance(name, str)]
        if strange:
            raise PolicyError.listing([Fault((), f"a name must be a string, not {shown(strange[0])}")])
        yield from (*whole, *whole.values())
    elif isinstance(whole, (list, tuple)):
        yield from whole


def _too_deep() -> str:
    return f"has tables or lists nested more than {DEEPEST} deep"


def _toml(text: str) -> dict[str, Any]:
    with LOADING:
        import tomllib

    dots = 0  # dots so far in the key, or in text that may be a key
    for token in re.finditer(TOKENS, text, re.DOTALL):
        if token[0] == ".":
            dots += 1
            if dots > DOTS:
                raise PolicyError(_too_deep())
        elif token.lastgroup == "other":
            dots = 0
    try:
        return tomllib.loads(text)
    except ValueError as fault:
        raise PolicyError(f"is not TOML: {brief(fault)}") from fault


def _json(text: str) -> Any:
    with LOADING:
        import json

    try:
        return json.loads(text, object_pairs_hook=without_repeats, parse_constant=_no_number)
    except ValueError as fault:
        raise PolicyError(f"is not JSON: {brief(fault)}") from fault


def without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the pairs of keys and values of a JSON object as a mapping. Raise PolicyError for a repeated key."""
    table: dict[str, Any] = {}
    for name, value in pairs:
        if name in table:  # the json module would keep only the last value
            raise PolicyError(f"has the key {shown(name)} twice in one object, but must have it once")
        table[name] = value
    return table


def _no_number(text: str) -> None:
    raise PolicyError(f"is not JSON: the number {text} does not exist in JSON")
