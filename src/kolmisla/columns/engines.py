"""Finds the engine that a frame belongs to, and reads the options `errors` and `durations`."""

from importlib import import_module
from typing import Any, Literal

from kolmisla.columns.sql.lookups import Relation
from kolmisla.errors import choices, shown
from kolmisla.names import LOADING, repeated

__all__ = ["Durations", "Errors", "in_seconds", "is_lazy", "raises", "relation_of"]

Errors = Literal["raise", "null"]
ERRORS = ("raise", "null")

Durations = Literal["native", "seconds"]
DURATIONS = ("native", "seconds")


def raises(errors: object) -> bool:
    """Tell whether a row without an answer raises an error. Otherwise, such a row gets null.

    `errors` is the option that the caller gave: `raise` or `null`. Raise ValueError for any other value.
    """
    if not (isinstance(errors, str) and errors in ERRORS):  # the type comes first, because `in` would fail for an array
        raise ValueError(f"errors must be {' or '.join(map(repr, ERRORS))}, not {shown(errors)}")
    return errors == "raise"


def in_seconds(durations: object, relation: Relation | None) -> bool:
    """Tell whether new columns hold durations as numbers of seconds, not in a type for durations.

    If `durations` is None, the engine of the database (`relation`) decides. For a frame outside a database, the answer
    is then no. Raise ValueError for an unknown value of `durations`.
    """
    if durations is None:
        return relation is not None and relation.dialect.in_seconds
    if not (isinstance(durations, str) and durations in DURATIONS):
        raise ValueError(f"durations must be {' or '.join(map(repr, DURATIONS))}, not {shown(durations)}")
    return durations == "seconds"


# The package of a frame's class decides which file in sql/ has the adapter.
ADAPTERS = {"duckdb": "duckdb", "_duckdb": "duckdb", "pyspark": "spark"}


def relation_of(frame: Any) -> Relation | None:
    """Wrap a relation of DuckDB or a data frame of Spark in a `Relation`.

    For any other frame, return None. Raise ValueError if two of the frame's column names are equal or differ only in
    case.
    """
    engine = ADAPTERS.get(type(frame).__module__.partition(".")[0])
    if engine is None or not hasattr(frame, "columns"):  # for example a connection
        return None
    if twice := sorted(repeated(str(name).lower() for name in frame.columns)):
        raise ValueError(f"column names must differ by more than case; more than one column is called {choices(twice)}")
    with LOADING:
        module = import_module(f"kolmisla.columns.sql.{engine}")
    adapter: Relation = module.Relation(frame)
    return adapter


def is_lazy(frame: Any) -> bool:
    """Tell whether a frame is a lazy frame of Polars."""
    kind = type(frame)
    return kind.__module__.partition(".")[0] == "polars" and kind.__name__ == "LazyFrame"
