"""The SQL of a policy as a whole: a script that a database runs, or the files of a dbt project."""

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO

from kolmisla.errors import clean, shown
from kolmisla.tickets.sql.databases import Database
from kolmisla.tickets.sql.query import ANSWERS, QuerySources, deadlines_query
from kolmisla.tickets.sql.terms import TEXT_COLUMNS, PolicyTables, SqlTable

__all__ = ["SqlSettings", "dbt_files", "sql_script"]

INSERTED_AT_ONCE = 500  # how many rows one INSERT has at most
VIEW = "deadlines"  # the name of the view after the prefix; no table has a longer name
SIMPLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


@dataclass(frozen=True)
class SqlSettings:
    """What a user chooses for the SQL. A name that is too long, or that SQL must quote, raises ValueError."""

    database: Database
    heading: Sequence[str]  # comments that say what wrote the SQL, and for which policy
    tickets: str = "tickets"  # the table of tickets
    prefix: str = "kolmisla_"  # the names of the tables and of the view begin with it
    at: int | None = None  # the instant at which tickets are judged; None means the current time of the database

    def __post_init__(self) -> None:
        # a line feed in a policy's name must not end a comment, and nothing may be replaced in it
        begins = dict.fromkeys(map(ord, self.database.templates), " ")
        object.__setattr__(self, "heading", tuple(clean(line).translate(begins) for line in self.heading))
        signs = self.database.in_names
        part = f"[A-Za-z_][A-Za-z0-9_{re.escape(signs)}]*"
        for what, name in (("the table of tickets", self.tickets), ("the prefix", self.prefix)):
            if not re.fullmatch(rf"{part}(\.{part})*", name, re.ASCII):
                *several, last = "letters", "digits", "_", *signs
                told = f"{', '.join(several)} and {last}, with dots between its parts, such as desk.tickets"
                raise ValueError(f"for {self.database.title}, {what} must be a name of {told}, not {shown(name)}")
        most = self.database.longest_name
        for what, name in (("the table of tickets", self.tickets), ("the prefix", self.prefix + VIEW)):
            part = max(name.split("."), key=len)
            if len(part) > most:
                raise ValueError(
                    f"{what} must be shorter: a name in {self.database.title} has at most {most:,} bytes, and"
                    f" {shown(part)} is longer"
                )

    def names(self, policy: PolicyTables) -> dict[str, str]:
        """Return the name of each table of a policy, by its name without the prefix.

        Raise ValueError if the table of tickets has the name of a table or view that the SQL drops and makes again.
        """
        names = {name: f"{self.prefix}{name}" for name in policy.tables}
        for made in (*names.values(), self.prefix + VIEW):
            # a name without a schema may mean any schema, and many databases ignore the case of names
            parts = zip(made.casefold().split(".")[::-1], self.tickets.casefold().split(".")[::-1], strict=False)
            if all(one == other for one, other in parts):
                raise ValueError(
                    f"the table of tickets must not be named {shown(self.tickets)}, because the SQL creates"
                    f" {shown(made)}; give another --prefix for the names that the SQL creates"
                )
        return names


def sql_script(policy: PolicyTables, settings: SqlSettings) -> Iterator[str]:
    """Yield the SQL statements that create the tables of a policy and the view of deadlines.

    Raise ValueError if they would replace the table of tickets.
    """
    database, prefix = settings.database, settings.prefix
    names = settings.names(policy)
    yield from (f"-- {line}" for line in settings.heading)
    yield from [database.begin] if database.begin else []
    yield f"DROP VIEW IF EXISTS {prefix}{VIEW};"
    for name, table in policy.tables.items():
        yield f"DROP TABLE IF EXISTS {names[name]};"
        yield from _created(names[name], table, database)
    query = deadlines_query(policy, QuerySources(settings.tickets, names, settings.at), database)
    yield f"CREATE VIEW {prefix}{VIEW} AS\n{query};"
    yield from [database.commit] if database.commit else []


def dbt_files(policy: PolicyTables, settings: SqlSettings) -> Mapping[str, str]:
    """Return the text of each file of a dbt project, by its path in the project.

    Raise ValueError for names that dbt would need to quote, or if the model of tickets has the name of a seed or of the
    model of deadlines.
    """
    for what, name in (("the model of tickets", settings.tickets), ("the prefix", settings.prefix)):
        if not SIMPLE_NAME.fullmatch(name):
            raise ValueError(f"for dbt, {what} must be a name of letters, digits and _, not {shown(name)}")
    names = settings.names(policy)
    sources = QuerySources(_mark("tickets"), {name: _mark(name) for name in names}, settings.at)
    # a brace in a name would begin a Jinja expression
    text = deadlines_query(policy, sources, settings.database).replace("{", "{{ '{' }}")
    for name, model in {**names, "tickets": settings.tickets}.items():
        text = text.replace(_mark(name), f"{{{{ ref('{model}') }}}}")
    heading = [line.replace("{", "(") for line in settings.heading]  # dbt renders Jinja in comments and descriptions
    comments = "".join(f"-- {line}\n" for line in heading)
    seeds = [{"name": names[name], "config": _types(table, settings.database)} for name, table in policy.tables.items()]
    model = f"{settings.prefix}{VIEW}"
    described = {"name": model, "description": heading[0], "columns": [{"name": name} for name in ANSWERS]}
    return {
        **{f"seeds/{names[name]}.csv": _csv(table) for name, table in policy.tables.items()},
        f"seeds/{settings.prefix}seeds.yml": _yaml({"version": 2, "seeds": seeds}),
        f"models/{model}.sql": f"{comments}{text}\n",
        f"models/{model}.yml": _yaml({"version": 2, "models": [described]}),
    }


def _created(name: str, table: SqlTable, database: Database) -> Iterator[str]:
    """Yield the SQL statements that create a table and insert its rows."""
    columns = ", ".join(f"{column} {kind}" for column, kind in _kinds(table, database).items())
    yield f"CREATE TABLE {name} ({columns}{database.key.format(', '.join(table.key))};"
    for first in range(0, len(table.rows), INSERTED_AT_ONCE):
        rows = table.rows[first : first + INSERTED_AT_ONCE]
        values = ",\n".join(f"({', '.join(_value(value, database) for value in row)})" for row in rows)
        yield f"INSERT INTO {name} VALUES\n{values};"


def _kinds(table: SqlTable, database: Database) -> dict[str, str]:
    """Return the SQL type of each column of a table."""
    return {column: database.text if column in TEXT_COLUMNS else database.integer for column in table.columns}


def _value(value: int | str | None, database: Database) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else database.literal(value)


def _mark(name: str) -> str:
    """Return a placeholder for the name of a table, which `dbt_files` replaces later.

    No name in a policy can contain the placeholder.
    """
    return f"\0{name}\0"


def _types(table: SqlTable, database: Database) -> dict[str, object]:
    return {"column_types": _kinds(table, database), "quote_columns": False}


def _yaml(document: object) -> str:
    """Return a document as YAML. JSON is valid YAML, so the text is JSON."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _csv(table: SqlTable) -> str:
    """Return a table as CSV text. An empty cell means null."""
    file = StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows(table.rows)
    return file.getvalue()
