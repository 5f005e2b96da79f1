"""Runs queries on DuckDB's relations, and returns relations. A query runs only when the caller asks for rows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from itertools import chain
from typing import Any
from uuid import uuid4

from kolmisla.columns.frames.tickets import ROWS_AT_ONCE
from kolmisla.columns.kernel.questions import NULL
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.columns.sql.lookups import (
    ColumnKind,
    Dialect,
    LookupTable,
    LookupTables,
    QueryStep,
    own_names,
)
from kolmisla.names import LOADING
from kolmisla.tickets.sql.databases import FAR_AT, within_far

__all__ = ["Relation"]

DUCKDB_KINDS: Mapping[str, ColumnKind] = {
    "TIMESTAMP WITH TIME ZONE": "instant",
    "TIMESTAMP": "wall",
    "TIMESTAMP_S": "wall",
    "TIMESTAMP_MS": "wall",
    "TIMESTAMP_NS": "wall",
    "VARCHAR": "name",
    '"NULL"': "nothing",
    **dict.fromkeys(("BIGINT", "INTEGER", "SMALLINT", "TINYINT", "UINTEGER", "USMALLINT", "UTINYINT"), "integer"),
}


COARSE = ("TIMESTAMP_S", "TIMESTAMP_MS")  # epoch_us would turn these into nanoseconds, which end in 2262


def _quoted(name: str) -> str:
    """Return a name as a quoted identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def _micros(at: str) -> str:
    """Return SQL that converts a time to microseconds since 1970.

    For an infinite time, of which epoch_us gives NULL, the SQL gives FAR_AT or -FAR_AT, which no schedule knows.
    """
    infinite = f"CASE WHEN isinf({at}) THEN if({at} > 'epoch', {FAR_AT}, -{FAR_AT}) END"
    return f"coalesce({within_far(f'epoch_us({at})')}, {infinite})"


DIALECT = Dialect(
    micros=_micros,
    wall_micros=_micros,
    instant=lambda us: f"make_timestamptz({us})",
    duration=lambda us: f"to_microseconds({us})",
    seconds=lambda us: f"CAST(CAST({us} AS DECIMAL(18, 0)) * CAST('0.000001' AS DECIMAL(7, 6)) AS DECIMAL(18, 6))",
    in_seconds=True,  # few readers of Parquet know DuckDB's INTERVAL
    text=lambda value: "'" + value.replace("'", "''") + "'",
    error=lambda text: f"error({text})",
    # bytes are compared, because a collation of a column or a connection may treat different texts as equal
    same=lambda one, other: f"encode({one}) IS NOT DISTINCT FROM encode({other})",
    quotient=lambda number, by: f"({number}) // {by}",
)


# In versions before DuckDB 2, a query of a table makes a temporary view, and a read-only database allows no such view.
REFUSED = "version() < 'v2' AND (SELECT readonly FROM duckdb_databases() WHERE database_name = current_database())"
KEPT = "(SELECT list(table_name) FROM duckdb_tables() WHERE temporary AND starts_with(table_name, 'kolmisla_'))"


class Relation:
    """A relation of DuckDB, and the queries about its rows.

    Queries share lookup tables, which are temporary tables of the connection. If they cannot be made, or a transaction
    is open, the text of a query has their rows instead.
    """

    dialect = DIALECT

    def __init__(self, relation: Any) -> None:
        kinds = map(str, relation.types)
        self.kinds: Mapping[str, ColumnKind] = {
            name: "name" if kind.startswith("ENUM") else DUCKDB_KINDS.get(kind, "other")
            for name, kind in zip(relation.columns, kinds, strict=True)
        }
        self.names: Mapping[str, str] = own_names(self.kinds)
        types = dict(zip(relation.columns, map(str, relation.types), strict=True))
        self._coarse = {name for name, kind in types.items() if kind in COARSE}
        self._relation = relation.project(", ".join(f"{_quoted(name)} AS {own}" for name, own in self.names.items()))
        self._one = relation.limit(0).aggregate("count(*) AS one")

    def time(self, column: str) -> str:
        """Return SQL that reads a column of times from `f`, the alias of the relation in a query's first step.

        Times in seconds or milliseconds are converted to microseconds.
        """
        return f"CAST(f.{self.names[column]} AS TIMESTAMP)" if column in self._coarse else f"f.{self.names[column]}"

    def run(self, steps: Sequence[QueryStep], tables: LookupTables, columns: Sequence[str]) -> Any:
        """Return the result of a query as a relation of DuckDB. `columns` names the columns of the result.

        A query consists of `steps`, which look up answers in `tables`.
        """
        rows = self._rows(steps, tables)
        renamed = zip(rows.columns, columns, strict=True)
        return rows.project(", ".join(f"{own} AS {_quoted(name)}" for own, name in renamed))

    def numbers(self, steps: Sequence[QueryStep], tables: LookupTables, column: str) -> list[int]:
        """Return the different integers in a column of a query's result, without null.

        A query consists of `steps`, which look up answers in `tables`.
        """
        found = self._rows(steps, tables).project(column).distinct().fetchall()
        return [number for (number,) in found if number is not None]

    def _rows(self, steps: Sequence[QueryStep], tables: LookupTables) -> Any:
        """Return the result of the last of `steps`, which look up answers in `tables`, as a relation of DuckDB."""
        kept = self._kept()
        lookups = {name: self._table(name, table, kept) for name, table in tables.items()}
        rows = self._relation
        for step in steps:
            rows = rows.set_alias(step.alias)
            for join in step.joins:
                rows = rows.join(lookups[join.table].set_alias(join.alias), join.on, join.how)
            rows = rows.project(", ".join(step.selected))
        return rows

    def distinct(self, columns: Sequence[str], most: int) -> list[tuple[Any, ...]]:
        """Return the different combinations of values in `columns`, at most `most`. Each value is a text or None."""
        texts = ", ".join(f"encode(CAST({self.names[name]} AS VARCHAR)) AS {self.names[name]}" for name in columns)
        rows = self._relation.project(texts).distinct().limit(most).fetchall()
        return [tuple(None if value is None else value.decode() for value in row) for row in rows]

    def parts(self, columns: Mapping[str, str], made: Callable[[Iterator[Any]], Iterator[Any]]) -> Iterator[Any]:
        """Pass the rows to `made` as tables of Arrow, batch by batch, and yield what `made` yields.

        `columns` has the relation's column for each column of these tables. The first table is empty. Raise ImportError
        without pyarrow.
        """
        try:
            with LOADING:
                from pyarrow import Table

                with suppress(ImportError):
                    for name in ("pandas", "pyarrow.pandas_compat", "pyarrow.vendored.version"):
                        import_module(name)  # DuckDB and Arrow load them for the first reader, if there is pandas
        except ImportError as error:
            raise ImportError(
                "a report of a DuckDB relation needs pyarrow: pip install 'kolmisla[duckdb,arrow]'"
            ) from error
        chosen = self._relation.project(
            ", ".join(f"{self.names[column]} AS {_quoted(name)}" for name, column in columns.items())
        )
        read = chosen.to_arrow_reader if hasattr(chosen, "to_arrow_reader") else chosen.fetch_arrow_reader
        with read(ROWS_AT_ONCE) as reader:
            yield from made(chain([reader.schema.empty_table()], (Table.from_batches([batch]) for batch in reader)))

    def _kept(self) -> set[str] | None:
        """Return the names of the temporary tables that already hold lookup tables.

        Return None if no temporary table can be made, or if such a table may be lost because a transaction is open.
        """
        state = self._one.project(f"txid_current(), {REFUSED}, {KEPT}")
        ((one, refused, kept),), ((other, *_),) = (state.fetchall() for _ in range(2))
        # outside a transaction, each statement has its own transaction number
        return None if one == other or refused else set(kept or ())

    def _table(self, name: str, table: LookupTable, kept: set[str] | None) -> Any:
        """Return a lookup table as a relation that reads the temporary table `name`. Make the table if `kept` lacks it.

        If `kept` is None, the relation is a query instead, and its text has the rows of the lookup table.
        """
        if kept is None:
            return self._one.project(_written(table))
        view = f"kolmisla_{uuid4().hex}"
        if name not in kept:
            self._one.query(view, f"CREATE TEMPORARY TABLE IF NOT EXISTS {name} AS SELECT {_written(table)}")
        lookup = self._one.query(view, f"SELECT * FROM {name}")
        self._one.query(view, f"DROP VIEW IF EXISTS {view}")  # before DuckDB 2, the view is not dropped by itself
        return lookup


def _written(table: LookupTable) -> str:
    """Return the expressions of a SELECT that gives the rows of a lookup table. Their text has the table's values."""
    return ", ".join(f"{_unnested(values)} AS {column}" for column, values in table.items())


def _unnested(values: "Ints | list[str | None]") -> str:
    """Return SQL that gives the values of a column, one in each row.

    One literal holds all values, because DuckDB parses one literal quickly.
    """
    if isinstance(values, list):
        texts = ("NULL" if value is None else f"x{value.encode().hex()}" for value in values)
        return f"decode(unhex(substr(unnest('[{', '.join(texts)}]'::VARCHAR[]), 2)))"
    numbers = str(values.tolist()).replace(str(NULL), "NULL")  # no other integer of 64 bits has its digits
    return f"unnest('{numbers}'::BIGINT[])"
