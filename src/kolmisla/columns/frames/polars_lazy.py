"""Polars' lazy frames: batches of rows, as they stream through a plan, each measured as a frame."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import polars as pl

from kolmisla.errors import KolmislaError

__all__ = ["batch", "streamed"]

DTYPES: Mapping[str, Callable[[str], pl.DataType]] = {
    "instant": lambda zone: pl.Datetime("us", zone),
    "seconds": lambda _: pl.Float64(),
    "duration": lambda _: pl.Duration("us"),
    "text": lambda _: pl.String(),
}


def batch(change: Callable[[Any], Any], rows: Any) -> Any:
    """Some rows, changed; an error about one of them says that its number is that in the batch."""
    try:
        return change(rows)
    except KolmislaError as fault:
        if str(fault).startswith("row "):
            raise type(fault)(f"in a batch of the frame, {fault}") from None
        raise


def streamed(frame: Any, change: Callable[[Any], Any], added: Mapping[str, str], zone: str) -> Any:
    """The lazy frame changed batch by batch; `added` are the columns that come on, by kind, with times in a zone."""
    schema = {**frame.collect_schema(), **{name: DTYPES[kind](zone) for name, kind in added.items()}}
    # what a later step selects or filters may need columns that this one reads or makes
    kept: dict[str, Any] = {"projection_pushdown": False, "predicate_pushdown": False}
    return frame.map_batches(partial(batch, change), streamable=True, schema=schema, **kept)
