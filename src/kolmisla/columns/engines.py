"""Which engine a frame is of, and what becomes of rows without an answer."""

from importlib import import_module
from typing import Any, Literal

from kolmisla.columns.sql.lookups import Relation
from kolmisla.errors import choices, shown

__all__ = ["Durations", "Errors", "in_seconds", "is_lazy", "raises", "relation_of"]

Errors = Literal["raise", "null"]
ERRORS = ("raise", "null")

Durations = Literal["native", "seconds"]
DURATIONS = ("native", "seconds")


def raises(errors: Errors) -> bool:
    """Tell whether a row without an answer raises its error; ValueError for what is no choice."""
    if str(errors) not in ERRORS:
        raise ValueError(f"errors is {' or '.join(map(repr, ERRORS))}, not {shown(errors)}")
    return errors == "raise"


def in_seconds(durations: Durations | None, relation: Relation | None) -> bool:
    """Tell whether durations are numbers of seconds; when nothing is said, the engine's own way decides."""
    if durations is None:
        return relation is not None and relation.dialect.in_seconds
    if str(durations) not in DURATIONS:
        raise ValueError(f"durations is {' or '.join(map(repr, DURATIONS))}, not {shown(durations)}")
    return durations == "seconds"


ADAPTERS = {"duckdb": "duckdb", "_duckdb": "duckdb", "pyspark": "spark"}


def relation_of(frame: Any) -> Relation | None:
    """The adapter of a DuckDB relation or a Spark data frame; None for any other frame.

    ValueError for a table whose columns cannot be told apart.
    """
    engine = ADAPTERS.get(type(frame).__module__.partition(".")[0])
    if engine is None or not hasattr(frame, "columns"):  # as a connection
        return None
    names = [str(name).lower() for name in frame.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"the table has {choices(twice)} twice, whatever the case; name its columns apart")
    adapter: Relation = import_module(f"kolmisla.columns.sql.{engine}").Relation(frame)
    return adapter


def is_lazy(frame: Any) -> bool:
    """Whether a frame is a lazy one of Polars."""
    kind = type(frame)
    return kind.__module__.partition(".")[0] == "polars" and kind.__name__ == "LazyFrame"
