"""Lazy frames of Polars: their rows stream through a plan in batches, and each batch is handled as a frame."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import polars as pl

from kolmisla.errors import KolmislaError

__all__ = ["batch", "streamed"]

# By the kind of a column: its type in Polars, given the zone of its times.
DTYPES: Mapping[str, Callable[[str], pl.DataType]] = {
    "instant": lambda zone: pl.Datetime("us", zone),
    "seconds": lambda _: pl.Float64(),
    "duration": lambda _: pl.Duration("us"),
    "text": lambda _: pl.String(),
}


def batch(change: Callable[[Any], Any], rows: Any) -> Any:
    """Return a batch of rows, changed; an error about a row says that its number counts within the batch."""
    try:
        return change(rows)
    except KolmislaError as fault:
        if str(fault).startswith("row "):
            raise type(fault)(f"in a batch of the frame, {fault}") from None
        raise


def streamed(frame: Any, change: Callable[[Any], Any], added: Mapping[str, str], zone: str) -> Any:
    """Return the lazy frame changed batch by batch; `added` are the kinds of its new columns, by name."""
    schema = {**frame.collect_schema(), **{name: DTYPES[kind](zone) for name, kind in added.items()}}
    # No pushdown: a later step may drop columns that `change` reads, or filter by columns that it adds.
    optimizations: dict[str, Any] = {"projection_pushdown": False, "predicate_pushdown": False}
    return frame.map_batches(partial(batch, change), streamable=True, schema=schema, **optimizations)
