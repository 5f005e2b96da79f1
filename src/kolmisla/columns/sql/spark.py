"""Runs queries on Spark's data frames, and returns data frames. Python runs on the workers only for `parts`.

No expression may contain a user's name or a plain text, because Spark replaces `${...}` in it, and settings change what
quotes mean. Texts are written in hexadecimal digits.
"""

import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import pyarrow as pa
from pyspark.sql.functions import expr

from kolmisla.columns.frames.tickets import ROWS_AT_ONCE
from kolmisla.columns.kernel.questions import NULL
from kolmisla.columns.sql.lookups import (
    ColumnKind,
    Dialect,
    LookupTable,
    LookupTables,
    QueryStep,
    own_names,
)
from kolmisla.tickets.sql.databases import within_far

__all__ = ["Relation"]

SPARK_KINDS: Mapping[str, ColumnKind] = {
    "timestamp": "instant",
    "timestamp_ntz": "wall",
    "string": "name",
    "void": "nothing",
    **dict.fromkeys(("bigint", "int", "smallint", "tinyint"), "integer"),
}


def _wall_micros(at: str) -> str:
    """Return SQL that computes the microseconds of a wall time from its year, month, day and time of day.

    A cast would convert the wall time by the time zone of the session.
    """
    minutes = f"CAST(unix_date(CAST({at} AS DATE)) AS BIGINT) * 1440 + hour({at}) * 60 + minute({at})"
    return f"(({minutes}) * 60000000 + CAST(extract(SECOND FROM {at}) * 1000000 AS BIGINT))"


def _seconds(us: str) -> str:
    """Return SQL that converts microseconds to seconds."""
    return f"CAST(({us}) / CAST(1000000 AS DECIMAL(7, 0)) AS DECIMAL(18, 6))"


DIALECT = Dialect(
    micros=lambda at: within_far(f"unix_micros({at})"),
    wall_micros=_wall_micros,
    instant=lambda us: f"timestamp_micros({us})",
    duration=lambda us: f"make_dt_interval(0, 0, 0, {_seconds(us)})",
    seconds=_seconds,
    in_seconds=False,
    text=lambda value: f"CAST(X'{value.encode().hex()}' AS STRING)",
    error=lambda text: f"raise_error({text})",
    same=lambda one, other: f"{one} <=> {other}",
    quotient=lambda number, by: f"({number}) DIV {by}",
)


class Relation:
    """A data frame of Spark, and the queries about its rows."""

    dialect = DIALECT

    def __init__(self, frame: Any) -> None:
        self.kinds: Mapping[str, ColumnKind] = {name: SPARK_KINDS.get(kind, "other") for name, kind in frame.dtypes}
        self.names: Mapping[str, str] = own_names(self.kinds)
        self._frame = frame.toDF(*self.names.values())

    def time(self, column: str) -> str:
        """Return SQL that reads a column of times from `f`, the alias of the frame in the first step of a query."""
        return f"f.{self.names[column]}"

    def run(self, steps: Sequence[QueryStep], tables: LookupTables, columns: Sequence[str]) -> Any:
        """Return the result of a query as a data frame of Spark. `columns` names the columns of the result.

        A query consists of `steps`, which look up answers in `tables`.
        """
        return self._rows(steps, tables).toDF(*columns)

    def numbers(self, steps: Sequence[QueryStep], tables: LookupTables, column: str) -> list[int]:
        """Return the different integers in a column of a query's result, without null.

        A query consists of `steps`, which look up answers in `tables`.
        """
        found = self._rows(steps, tables).select(column).distinct().collect()
        return [number for (number,) in found if number is not None]

    def _rows(self, steps: Sequence[QueryStep], tables: LookupTables) -> Any:
        """Return the result of the last of `steps`, which look up answers in `tables`, as a data frame of Spark."""
        session = self._frame.sparkSession
        lookups = {name: session.createDataFrame(_arrow(table)).hint("broadcast") for name, table in tables.items()}
        rows = self._frame
        for step in steps:
            rows = rows.alias(step.alias)
            for join in step.joins:
                rows = rows.join(lookups[join.table].alias(join.alias), expr(join.on), join.how)
            rows = rows.selectExpr(*step.selected)
        return rows

    def distinct(self, columns: Sequence[str], most: int) -> list[tuple[Any, ...]]:
        """Return the different combinations of values in `columns`, at most `most`. Each value is a text or None."""
        texts = [self._frame[self.names[name]].cast("string") for name in columns]
        return [tuple(row) for row in self._frame.select(*texts).distinct().limit(most).collect()]

    def parts(self, columns: Mapping[str, str], made: Callable[[Iterator[Any]], Iterator[Any]]) -> Iterator[Any]:
        """Pass the rows to `made` as tables of Arrow, on Spark's workers, and yield what `made` yields.

        `columns` has the frame's column for each column of these tables. First, `made` gets an empty table in the
        caller's process. kolmisla must be installed on the workers.
        """
        chosen = self._frame.select(*(self._frame[self.names[column]] for column in columns.values()))
        chosen = chosen.toDF(*columns)
        yield from made(iter([chosen.limit(0).toArrow()]))
        for row in chosen.mapInArrow(partial(_pickled, made), "part binary").collect():
            yield pickle.loads(row.part)  # noqa: S301 -- what the workers of this session have made


def _pickled(made: Callable[[Iterator[Any]], Iterator[Any]], batches: Iterator[Any]) -> Iterator[Any]:
    """Pass batches of rows to `made`. Pickle each value that `made` yields, and yield it in a batch of Arrow."""
    for part in made(_gathered(batches)):  # pragma: no cover  # in the workers
        yield pa.RecordBatch.from_pydict({"part": [pickle.dumps(part)]})


def _gathered(batches: Iterator[Any]) -> Iterator[Any]:
    """Join small batches of rows into larger tables, to save time, and yield the tables."""
    waiting: list[Any] = []
    for batch in batches:
        waiting.append(batch)
        if sum(map(len, waiting)) >= ROWS_AT_ONCE:
            yield pa.Table.from_batches(waiting)
            waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting)


def _arrow(table: LookupTable) -> Any:
    """Convert a lookup table to a table of Arrow."""
    return pa.table(
        {
            name: pa.array(values, pa.string()) if isinstance(values, list) else pa.array(values, mask=values == NULL)
            for name, values in table.items()
        }
    )
