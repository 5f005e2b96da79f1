"""Gives the names and the types of the added columns in a Parquet file."""

from collections.abc import Sequence

import polars as pl

from kolmisla.files.measure import Measuring

__all__ = ["types_of"]

TIME_COLUMNS = ("started_at", "ended_at", "due_at", "breaches_after")


def types_of(measuring: Measuring, added: Sequence[str]) -> dict[str, pl.DataType]:
    """Return the type of each added column, by name. Times are in the policy's zone. Seconds are 64-bit floats."""
    types: dict[str, pl.DataType] = dict.fromkeys(TIME_COLUMNS, pl.Datetime("us", measuring.policy.timezone))
    types["cycle"] = pl.Int64()

    def type_of(name: str) -> pl.DataType:
        return types.get(name, pl.Float64() if name.endswith("_s") else pl.String())

    return {name: type_of(name.removeprefix(measuring.prefix)) for name in added}
