"""How single values are read: strings, names, ranks, durations and dates, and lists or tables of values.

A Kind is a reader for one kind of value. Its `read` takes what people write, and returns the value or raises
ValueError. A Kind also has a JSON Schema, for editors and for pydantic.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Generic, NamedTuple, TypeVar, get_args

from kolmisla.documents.names import Catalogue, by_name
from kolmisla.documents.remembered import late_reader, late_schema
from kolmisla.errors import MOST_FAULTS, Fault, KolmislaError, as_text, has_surrogate, is_iterable, shown
from kolmisla.times.dates import as_date
from kolmisla.times.durations import DURATION_PATTERN, duration_text, read_duration
from kolmisla.times.zones import zone_named

__all__ = [
    "CALENDAR_DATE",
    "CURRENCY",
    "DURATION",
    "NAME",
    "RANK",
    "SAID_NAME",
    "TEXT",
    "ZONE",
    "InvalidError",
    "Kind",
    "add_faults",
    "by_names",
    "is_nothing",
    "late_kind",
    "list_of",
    "names_pattern",
    "number",
    "one_of",
    "optional",
    "read_parts",
    "resolved",
    "table_of",
]

T = TypeVar("T")

CENTURY = timedelta(days=36_525)
CURRENCY_PATTERN = "[A-Z]{3}"  # ISO 4217


class Kind(NamedTuple, Generic[T]):
    """A reader for one kind of value. `read` returns a valid value or raises ValueError. `schema` is the JSON Schema.

    `schema` may also be the class of a record, or a function that returns the JSON Schema.
    """

    read: Callable[[Any], T]
    schema: dict[str, Any] | type | Callable[[], Any]


def late_kind(module: str, kind: str, *, empty: Any = None) -> Kind[Any]:
    """Return a reader that reads values with a Kind of another module. `kind` is the name of this Kind.

    The module is loaded at the first use. If `empty` is not None, an empty tuple is read as `empty`, without the
    module.

    >>> late_kind("kolmisla.documents.decimals", "PERCENT").read("95 %")
    Decimal('0.95')
    """
    return Kind(late_reader(module, kind, empty=empty), late_schema(module, kind))


class InvalidError(ValueError):
    """The error for an invalid value that has parts, such as a list.

    `faults` has each fault with its place. `causes` has the exceptions that reported the faults.
    """

    def __init__(self, faults: list[Fault], causes: list[Exception]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults, self.causes = faults, causes


def read_parts(parts: Iterable[tuple[str | int, Any]], read: Callable[[Any], T]) -> Iterator[T]:
    """Yield what `read` returns for each part of a value. `parts` has pairs of a key or index and the part.

    A part for which `read` raises ValueError is left out. At the end, raise InvalidError with all faults, if there are
    any.
    """
    faults: list[Fault] = []
    causes: list[Exception] = []
    for place, part in parts:
        try:
            yield read(part)
        except ValueError as error:
            add_faults(faults, causes, place, error)
            if len(faults) >= MOST_FAULTS:
                break
    if faults:
        raise InvalidError(faults, causes)


def add_faults(faults: list[Fault], causes: list[Exception], place: str | int | None, error: ValueError) -> None:
    """Add the faults in `error` to `faults`, and the exceptions that reported them to `causes`.

    `place` is the key or index of the invalid part, or None for the whole value.
    """
    known = error.faults if isinstance(error, (InvalidError, KolmislaError)) else ()
    outer = () if place is None else (place,)
    faults += (fault.within(*outer) for fault in known or (Fault((), str(error)),))
    causes += error.causes if isinstance(error, InvalidError) else (error,)


def is_nothing(given: object) -> bool:
    """Return whether a value means "missing" in Python or in a library for data: None, nan, NaT or NA.

    >>> [is_nothing(value) for value in (None, float("nan"), 0, "")]
    [True, True, False, False]
    """
    if given is None:
        return True
    try:
        return bool(given != given)  # nan and NaT do not equal themselves
    except Exception:  # NA, arrays and columns have no truth value; sNaN cannot be compared
        return type(given).__name__ == "NAType"


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"must be a string, not {shown(value)}")
    return value


def _text(value: Any) -> str:
    text = _string(value)
    if has_surrogate(text):  # it could neither be written to a file nor be hashed
        raise ValueError(f"{shown(text)} is not valid text: it has a lone surrogate")
    return text


def _said_name(value: Any) -> str:
    name = _string(value).strip()
    if not name:
        raise ValueError("is empty")
    return name


def _name(value: Any) -> str:
    return _text(_said_name(value))


def _duration(value: Any) -> timedelta:
    within = read_duration(value)
    if not timedelta(0) < within <= CENTURY:
        text = duration_text(within) if within >= timedelta(0) else f"minus {duration_text(-within)}"
        raise ValueError(f"a duration must be positive and at most a century, not {text}")
    return within


def _currency(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(CURRENCY_PATTERN, value):
        raise ValueError(f"must be three capital letters such as EUR (ISO 4217), not {shown(value)}")
    return value


def _zone(value: Any) -> str:
    return zone_named(value).key


def number(least: int, most: int) -> Kind[int]:
    """Return a reader for whole numbers from `least` to `most`."""

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError(f"must be a whole number from {least:,} to {most:,}, not {shown(value)}")
        return value

    return Kind(read, {"type": "integer", "minimum": least, "maximum": most})


def one_of(literal: Any) -> Kind[Any]:
    """Return a reader for the texts in a Literal."""
    texts = get_args(literal)

    def read(value: Any) -> Any:
        if not isinstance(value, str) or value not in texts:
            *others, last = map(repr, texts)
            raise ValueError(f"must be {', '.join(others)} or {last}, not {shown(value)}")
        return value

    return Kind(read, {"enum": list(texts), "type": "string"})


def names_pattern(names: Iterable[str]) -> str:
    """Return a pattern for JSON Schema that matches the names in any letter case.

    Blanks and underscores may replace a hyphen, and may stand around the name.

    >>> [bool(re.fullmatch(names_pattern(["next-one"]), text)) for text in ("Next One", " next_ONE", "nextone")]
    [True, True, False]
    """
    blank = r"[_\s]"
    letters = [
        "".join(f"[{char}{char.upper()}]" if char.isalpha() else rf"(-|{blank}+)" for char in name) for name in names
    ]
    return f"{blank}*({'|'.join(letters)}){blank}*"


def optional(kind: Kind[T]) -> Kind[T | None]:
    """Return a reader that accepts None, and reads all other values with `kind`."""
    schema = {"anyOf": [kind.schema, {"type": "null"}]}
    return Kind(lambda value: None if value is None else kind.read(value), schema)


def list_of(kind: Kind[T]) -> Kind[tuple[T, ...]]:
    """Return a reader for lists. The reader reads each item with `kind`, and returns a tuple."""

    def read(value: Any) -> tuple[T, ...]:
        if isinstance(value, (str, bytes, Mapping)) or not is_iterable(value):
            raise ValueError(f"must be a list, not {shown(value)}")
        return tuple(read_parts(enumerate(value), kind.read))

    return Kind(read, {"type": "array", "items": kind.schema})


def table_of(kind: Kind[T]) -> Kind[Mapping[str, T]]:
    """Return a reader for tables. The reader reads each value with `kind`, and returns a Catalogue.

    A Catalogue is a mapping that finds names in any letter case.
    """

    def read(value: Any) -> Mapping[str, T]:
        if not isinstance(value, Mapping):
            raise ValueError(f"must be a table (a mapping), not {shown(value)}")
        names = list(read_parts(((as_text(name), name) for name in value), _text))
        return Catalogue(dict(zip(names, read_parts(value.items(), kind.read), strict=True)))

    return Kind(read, {"type": "object", "additionalProperties": kind.schema})


def by_names(kind: Kind[T]) -> Kind[Mapping[str, T]]:
    """Return a reader for tables from names to entries, such as plans. The reader reads each entry with `kind`.

    The reader also accepts a list of entries that have names.
    """
    table = table_of(kind)
    return Kind(lambda value: table.read(by_name(value)), table.schema)


def resolved(schema: Any, schema_of: Callable[[type], dict[str, Any]]) -> Any:
    """Return a copy of a JSON Schema, with schemas in place of the Python classes and functions in it.

    `schema_of` returns the schema of a class. A function is called without arguments, and returns a schema.
    """
    if isinstance(schema, dict):
        return {key: resolved(part, schema_of) for key, part in schema.items()}
    if isinstance(schema, list):
        return [resolved(part, schema_of) for part in schema]
    if isinstance(schema, type):
        return schema_of(schema)
    return resolved(schema(), schema_of) if callable(schema) else schema


TEXT = Kind(_text, {"type": "string"})
NAME = Kind(_name, {"type": "string", "pattern": r"\S"})
SAID_NAME = Kind(_said_name, NAME.schema)  # a name in a ticket; unlike NAME, it may have a lone surrogate
ZONE = Kind(_zone, {"type": "string"})
RANK = number(1, 1_000_000)
DURATION = Kind(_duration, {"type": "string", "pattern": f"^{DURATION_PATTERN}$", "examples": ["PT2H", "PT15M"]})
CALENDAR_DATE = Kind(
    lambda value: as_date(value, "the date"), {"type": "string", "format": "date", "examples": ["2026-12-31"]}
)
CURRENCY = Kind(_currency, {"type": "string", "pattern": f"^{CURRENCY_PATTERN}$", "examples": ["EUR"]})
