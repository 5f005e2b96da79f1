"""DuckDB: relations in, relations out; nothing runs until the caller asks for rows."""

from collections.abc import Mapping, Sequence
from typing import Any

from kolmisla.columns.query import Dialect, Kind, Tables, arrow

__all__ = ["Relation"]

KINDS: Mapping[str, Kind] = {
    "TIMESTAMP WITH TIME ZONE": "instant",
    "TIMESTAMP": "wall",
    "TIMESTAMP_S": "wall",
    "TIMESTAMP_MS": "wall",
    "TIMESTAMP_NS": "wall",
    "VARCHAR": "name",
    '"NULL"': "nothing",
    **dict.fromkeys(("BIGINT", "INTEGER", "SMALLINT", "TINYINT", "UINTEGER", "USMALLINT", "UTINYINT"), "integer"),
}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


DIALECT = Dialect(
    quoted=_quoted,
    micros=lambda at: f"epoch_us({at})",
    wall_micros=lambda at: f"epoch_us({at})",
    instant=lambda us: f"make_timestamptz({us})",
    duration=lambda us: f"to_microseconds({us})",
    text=lambda value: "'" + value.replace("'", "''") + "'",
    error=lambda text: f"error({text})",
    same=lambda one, other: f"{one} IS NOT DISTINCT FROM {other}",
    quotient=lambda number, by: f"({number}) // {by}",
    hint=lambda _: "",
)


class Relation:
    """A DuckDB relation; what queries join becomes temporary tables of its connection, shared among them."""

    dialect = DIALECT
    name = "kolmisla_frame"

    def __init__(self, relation: Any) -> None:
        self._relation = relation
        kinds = map(str, relation.types)
        self.kinds: Mapping[str, Kind] = {
            name: "name" if kind.startswith("ENUM") else KINDS.get(kind, "other")
            for name, kind in zip(relation.columns, kinds, strict=True)
        }

    def run(self, query: str, tables: Tables) -> Any:
        """See Relation."""
        for name, columns in tables.items():
            kolmisla_table = arrow(columns)
            # DuckDB finds the table above by its name here
            self._relation.query(
                self.name, f"CREATE TEMPORARY TABLE IF NOT EXISTS {name} AS SELECT * FROM kolmisla_table"
            )
            del kolmisla_table
        return self._relation.query(self.name, query)

    def distinct(self, columns: Sequence[str], most: int) -> list[tuple[Any, ...]]:
        """See Relation."""
        texts = ", ".join(f"CAST({_quoted(name)} AS VARCHAR)" for name in columns)
        query = f"SELECT DISTINCT {texts} FROM {self.name} LIMIT {most}"
        return list(self._relation.query(self.name, query).fetchall())
