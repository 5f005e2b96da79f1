"""Lazy frames of Polars: the rows stream through a query in batches, and each batch is handled as a frame."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import polars as pl

from kolmisla.errors import KolmislaError

__all__ = ["batch", "streamed"]

# For each kind of column: a function from the zone of the column's times to the column's type in Polars.
DTYPES: Mapping[str, Callable[[str], pl.DataType]] = {
    "instant": lambda zone: pl.Datetime("us", zone),
    "seconds": lambda _: pl.Float64(),
    "duration": lambda _: pl.Duration("us"),
    "text": lambda _: pl.String(),
}


def batch(change: Callable[[Any], Any], rows: Any) -> Any:
    """Return a batch of rows with the change applied.

    The message of an error about a row says that the row number counts within the batch.
    """
    try:
        return change(rows)
    except KolmislaError as fault:
        if str(fault).startswith("row "):
            raise type(fault)(f"in a batch of the frame, {fault}") from None
        raise


def streamed(frame: Any, change: Callable[[Any], Any], added: Mapping[str, str], zone: str) -> Any:
    """Return a lazy frame that applies the change batch by batch.

    `added` maps the name of each new column to its kind. `zone` is the zone of new columns of instants.
    """
    schema = {**frame.collect_schema(), **{name: DTYPES[kind](zone) for name, kind in added.items()}}
    # No pushdown: a later step may drop columns that `change` reads, or filter by columns that `change` adds.
    optimizations: dict[str, Any] = {"projection_pushdown": False, "predicate_pushdown": False}
    return frame.map_batches(partial(batch, change), streamable=True, schema=schema, **optimizations)
