"""Every JSON that a command writes has the form of its schema: on its streams, and in its file.

What a command writes is looked at as text, so it does not matter how the command makes its JSON.
"""

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from functools import cache, wraps
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from kolmisla.cli.ports.schemas import schema_named
from tests.measuring import unmeasured

META = "a JSON Schema"
SUMMARY = "summary"  # of the counts that measure prints, beside its rows
# By command, and by act where a command has acts: the schema of each document that it writes.
OF_COMMANDS: dict[str, str] = {
    "due": "deadline",
    "status": "status",
    "elapsed": "elapsed",
    "open": "open",
    "calendar": "calendar",
    "measure": "measured",
    "queue": "queue",
    "alarms": "alarms",
    "report": "report",
    "covers": "coverage",
    "quote": "quote",
    "schema": META,
    "vectors answer": "answer",
    "layout show": "layout",
    "policy check": "check",
    "policy diff": "diff",
    "policy worst": "worst",
    "policy freeze": "policy",
    "policy schema": META,
}


@cache
def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(Draft202012Validator.META_SCHEMA if name == META else schema_named(name))


@cache
def is_a_schema(text: str) -> None:
    """Raise an error that names what in the text of a schema is none. Several tests print the same schemas."""
    for error in validator(META).iter_errors(json.loads(text)):
        raise AssertionError(f"{META}: {error.message[:300]} at {error.json_path}")


@unmeasured
def check(answer: Any, name: str) -> None:
    """Raise an error that names what in an answer is not as its schema says."""
    text = json.JSONEncoder().encode(answer)
    if name == META:
        is_a_schema(text)
        return
    plain = json.JSONDecoder().decode(text)
    for error in validator(name).iter_errors(plain):
        raise AssertionError(f"{name}: {error.message[:300]} at {error.json_path}")


def check_document(document: dict[str, Any], command: str, prefix: str = "") -> None:
    """Raise an error for a document of a command that has no schema, or another form than its schema says."""
    name = OF_COMMANDS.get(command)
    assert name, f"kolmisla {command} writes JSON, but OF_COMMANDS has no schema for it: {str(document)[:300]}"
    if name == "measured" and "judged_at" in document:
        name = SUMMARY
    elif prefix:
        document = {key.removeprefix(prefix): value for key, value in document.items() if key.startswith(prefix)}
    check(document, name)


def documents(text: str) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects in a text: the whole, or lines of it."""
    whole = object_in(text)
    for found in [whole] if whole is not None else map(object_in, text.splitlines()):
        if found is not None:
            yield found


def object_in(text: str) -> dict[str, Any] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


class Recorded:
    """A stream that keeps what is written to it, also to the bytes below."""

    def __init__(self, stream: Any, kept: list[str]) -> None:
        self._stream, self._kept = stream, kept

    def write(self, given: Any) -> Any:
        self._kept.append(given if isinstance(given, str) else bytes(given).decode("utf-8", "replace"))
        return self._stream.write(given)

    @property
    def buffer(self) -> "Recorded":
        return Recorded(self._stream.buffer, self._kept)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def watched(command: str, run: Callable[[Namespace], int]) -> Callable[[Namespace], int]:
    """Return the function of a command, after which each JSON object that it has written is checked."""

    @wraps(run)
    def followed(options: Namespace) -> int:
        streams = sys.stdout, sys.stderr
        out, err = list[str](), list[str]()
        sys.stdout, sys.stderr = Recorded(sys.stdout, out), Recorded(sys.stderr, err)
        try:
            return run(options)
        finally:
            sys.stdout, sys.stderr = streams
            act = getattr(options, "act", None)
            for text in ("".join(out), "".join(err), written(options) if sys.exc_info()[0] is None else ""):
                for document in documents(text):
                    check_document(document, f"{command} {act}" if act else command, getattr(options, "prefix", ""))

    return followed


def written(options: Namespace) -> str:
    """What a command has written to its file, if that is JSON. A large file of another kind is not read."""
    path = Path(getattr(options, "out", None) or "-")
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return path.read_text(encoding="utf-8") if file.read(1) == b"{" else ""
