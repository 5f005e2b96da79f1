"""Spark: data frames in, data frames out; what is joined is broadcast, and no Python runs on the workers."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from kolmisla.columns.query import Dialect, Kind, Tables, arrow

__all__ = ["Relation"]

KINDS: Mapping[str, Kind] = {
    "timestamp": "instant",
    "timestamp_ntz": "wall",
    "string": "name",
    "void": "nothing",
    **dict.fromkeys(("bigint", "int", "smallint", "tinyint"), "integer"),
}


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _wall_micros(at: str) -> str:
    """From its parts: any cast would go through the session's time zone."""
    minutes = f"CAST(unix_date(CAST({at} AS DATE)) AS BIGINT) * 1440 + hour({at}) * 60 + minute({at})"
    return f"(({minutes}) * 60000000 + CAST(extract(SECOND FROM {at}) * 1000000 AS BIGINT))"


DIALECT = Dialect(
    quoted=_quoted,
    micros=lambda at: f"unix_micros({at})",
    wall_micros=_wall_micros,
    instant=lambda us: f"timestamp_micros({us})",
    duration=lambda us: f"make_dt_interval(0, 0, 0, CAST(({us}) / CAST(1000000 AS DECIMAL(7, 0)) AS DECIMAL(18, 6)))",
    text=lambda value: "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'",
    error=lambda text: f"raise_error({text})",
    same=lambda one, other: f"{one} <=> {other}",
    quotient=lambda number, by: f"({number}) DIV {by}",
    hint=lambda aliases: f"/*+ BROADCAST({', '.join(aliases)}) */ ",
)


class Relation:
    """A Spark data frame; it and what queries join are temporary views, dropped once a query is made."""

    dialect = DIALECT

    def __init__(self, frame: Any) -> None:
        self._frame = frame
        self.name = f"kolmisla_frame_{uuid4().hex}"
        self.kinds: Mapping[str, Kind] = {name: KINDS.get(kind, "other") for name, kind in frame.dtypes}

    def run(self, query: str, tables: Tables) -> Any:
        """See Relation."""
        session = self._frame.sparkSession
        self._frame.createOrReplaceTempView(self.name)
        for name, columns in tables.items():
            session.createDataFrame(arrow(columns)).createOrReplaceTempView(name)
        found = session.sql(query)
        for name in (self.name, *tables):
            session.catalog.dropTempView(name)
        return found

    def distinct(self, columns: Sequence[str], most: int) -> list[tuple[Any, ...]]:
        """See Relation."""
        texts = [self._frame[_quoted(name)].cast("string") for name in columns]
        return [tuple(row) for row in self._frame.select(*texts).distinct().limit(most).collect()]
