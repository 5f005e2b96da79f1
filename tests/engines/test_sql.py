"""The SQL of `kolmisla sql` in PostgreSQL and DuckDB: every row of the view has the scalar engine's answer.

BigQuery and Snowflake cannot run here: a parser of their dialects reads their SQL and translates it into DuckDB's,
where it must give the same answers.
"""

import csv
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any, NamedTuple

import pytest

pytest.importorskip("narwhals", reason="the extra columns is not installed")
duckdb = pytest.importorskip("duckdb", reason="the extra duckdb is not installed")
pa = pytest.importorskip("pyarrow", reason="the extra arrow is not installed")

import numpy as np
import pyarrow.csv
from hypothesis import Phase, given, settings

from kolmisla import columns
from kolmisla.tickets.sql.databases import DATABASES
from kolmisla.tickets.sql.scripts import SqlSettings, sql_script
from kolmisla.tickets.sql.terms import policy_tables
from kolmisla.times.instants import micros
from tests.engines.postgres import Postgres
from tests.engines.tickets import Row, Tickets, in_utc
from tests.in_sql import DEEP, DESKS, FACTS, YEARS, SqlTickets, agree, desk_with, script, tables, view, wanted

PHASES = [Phase.generate]
EXAMPLES = max(settings().max_examples // 5, 5)
TIME = pa.timestamp("us", "UTC")
TIMES = [name for name in FACTS if name.endswith("_at")]
NAMES = [name for name in FACTS if name not in TIMES]
SCHEMA = pa.schema([("id", pa.int64()), *((name, TIME if name in TIMES else pa.string()) for name in FACTS)])
KINDS = {name: "timestamptz" if name in TIMES else "text" for name in FACTS}
CREATED = f"CREATE TABLE tickets (id bigint, {', '.join(f'{name} {kind}' for name, kind in KINDS.items())});"


def prefix_of(case: Tickets) -> str:
    """The begin of the names of a desk's tables."""
    return f"{case.desk.replace(' ', '_')}_"


def copied(rows: list[Row]) -> str:
    """Statements that fill the table of tickets."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in rows:
        times = (row[name].isoformat() if row[name] else "\\N" for name in TIMES)
        names = ("\\N" if row[name] is None else row[name] for name in NAMES)
        writer.writerow([row["id"], *names, *times])
    return f"TRUNCATE tickets;\nCOPY tickets FROM STDIN WITH (FORMAT csv, NULL '\\N');\n{text.getvalue()}\\.\n"


def read(row: dict[str, str]) -> Row:
    """A row that psql printed."""
    told = {name: None if text == "\\N" else text for name, text in row.items()}
    times = {name: at and datetime.fromisoformat(at) for name in ("due_at", "breaches_after") for at in [told[name]]}
    return {**told, **times, "id": int(row["id"]), "elapsed_s": told["elapsed_s"] and Decimal(told["elapsed_s"])}


class InPostgres:
    """A server with the tables of the policies that are asked about."""

    def __init__(self, server: Postgres) -> None:
        self._server, self._made = server, set[str]()
        server.ask(f"DROP TABLE IF EXISTS tickets CASCADE;\n{CREATED}")

    def ask(self, case: Tickets) -> list[dict[str, str]]:
        if case.desk not in self._made:
            self._server.ask(script(case.desk, "postgres", None, prefix=prefix_of(case)))
            self._made.add(case.desk)
        query = view(case.desk, "postgres", case.at, prefix_of(case))
        return self._server.ask(f"SET timezone = 'Asia/Kolkata';\n{copied(case.rows)}{query};")


@pytest.fixture(scope="module")
def in_postgres(postgres: Postgres) -> InPostgres:
    return InPostgres(postgres)


@settings(max_examples=EXAMPLES, phases=PHASES)
@given(case=tables())
def test_each_row_in_postgres(in_postgres: InPostgres, case: Tickets) -> None:
    """The zone of the session changes nothing, nor does the case of letters that a locale knows."""
    agree(case, map(read, in_postgres.ask(case)))


@pytest.mark.parametrize("conforming", ["on", "off"])
def test_a_backslash_in_a_name_is_one_under_both_settings(postgres: Postgres, conforming: str) -> None:
    names = ["C:\\new", "o'Neil", "\\'x"]
    at, database = micros(datetime(2026, 7, 5, tzinfo=UTC)), DATABASES["postgres"]
    chosen = SqlSettings(database, [], tickets="slashed", prefix="slash_", at=at)
    made = "\n".join(sql_script(policy_tables(desk_with(names), (2026, 2026)), chosen))
    times = "timestamptz '2026-07-04 10:00:00+00', NULL::timestamptz"
    values = ", ".join(f"({number}, 'gold', {database.literal(name)}, {times})" for number, name in enumerate(names))
    columns_of = "id, plan, priority, opened_at, answered_at"
    postgres.ask(f"CREATE OR REPLACE VIEW slashed AS SELECT * FROM (VALUES {values}) AS t ({columns_of});")
    postgres.ask(f"SET standard_conforming_strings = {conforming};\nSET backslash_quote = off;\n{made}")
    assert [row["state"] for row in postgres.ask("SELECT state FROM slash_deadlines ORDER BY id;")] == ["breached"] * 3


class InDuckDB:
    """A connection with the tables of all policies, and the rows that a query gives."""

    def __init__(self) -> None:
        self._connection = duckdb.connect()
        self._made: set[str] = set()

    def ask(self, case: Tickets, query: str) -> list[Row]:
        self._connection.register("tickets", pa.Table.from_pylist(case.rows, SCHEMA))
        if case.desk not in self._made:
            self._connection.execute(script(case.desk, "duckdb", None, prefix=prefix_of(case)))
            self._made.add(case.desk)
        return [as_told(row) for row in self._connection.sql(query).to_arrow_table().to_pylist()]


def as_told(row: Row) -> Row:
    """A row of Arrow. In a translated query, instants have no zone, and seconds are floating-point numbers."""
    told = {
        name: each.replace(tzinfo=each.tzinfo or UTC) if isinstance(each, datetime) else each
        for name, each in row.items()
    }
    exact = {name: Decimal(round(each * 1_000_000)).scaleb(-6) for name, each in row.items() if isinstance(each, float)}
    return in_utc({**told, **exact})


@pytest.fixture(scope="module")
def in_duckdb() -> InDuckDB:
    return InDuckDB()


@settings(max_examples=EXAMPLES, phases=PHASES)
@given(case=tables())
def test_each_row_in_duckdb(in_duckdb: InDuckDB, case: Tickets) -> None:
    agree(case, in_duckdb.ask(case, view(case.desk, "duckdb", case.at, prefix_of(case))))


@pytest.mark.parametrize("dialect", ["bigquery", "snowflake"])
@settings(max_examples=max(EXAMPLES // 3, 3), phases=PHASES)
@given(case=tables(most=40))
def test_each_row_of_a_query_in_translation(in_duckdb: InDuckDB, dialect: Any, case: Tickets) -> None:
    sqlglot = pytest.importorskip("sqlglot", reason="the package sqlglot is not installed")
    query = view(case.desk, dialect, case.at, prefix_of(case))
    (translated,) = sqlglot.transpile(query, read=dialect, write="duckdb", unsupported_level=sqlglot.ErrorLevel.RAISE)
    agree(case, in_duckdb.ask(case, translated))


@pytest.mark.parametrize("desk", ["kolmisoft", "by owner", "fixes"])
@pytest.mark.parametrize("dialect", ["bigquery", "snowflake", "spark"])
def test_a_parser_of_the_dialect_reads_the_script(dialect: Any, desk: str) -> None:
    """Each statement is read in full, and each function is one that the dialect has, by the parser's knowledge."""
    sqlglot = pytest.importorskip("sqlglot", reason="the package sqlglot is not installed")
    whole = script(desk, dialect, None)
    starts = [
        line for line in whole.splitlines() if line.split(" ")[0] in ("BEGIN;", "COMMIT;", "DROP", "CREATE", "INSERT")
    ]
    # the rows of an INSERT are alike: one in a hundred is enough
    text = "\n".join(
        line
        for number, line in enumerate(whole.splitlines())
        if line[:1] != "(" or line[-1:] == ";" or number % 100 == 0
    )
    statements = sqlglot.parse(text, read=dialect, error_level=sqlglot.ErrorLevel.RAISE)
    assert len(statements) == len(starts)
    kinds = {type(statement).__name__ for statement in statements}
    assert kinds - {"Transaction", "Commit"} == {"Drop", "Create", "Insert"}
    unknown = {each.name.lower() for statement in statements for each in statement.find_all(sqlglot.exp.Anonymous)}
    assert unknown <= {"timestamp_micros", "btrim"}  # of Spark


MANY = 100_000 if DEEP else 10_000  # one for each hour of the years
FEW = MANY if DEEP else 2_000  # tickets that are judged one by one
AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
TOLD = ("due_at", "breaches_after", "elapsed_s", "state")
Judged = tuple[int | None, int | None, int | None, str | None]  # instants and amounts in microseconds


def at_random(number: int, names: dict[str, list[str | None]]) -> Any:
    """Tickets at random; some are opened or answered on the hour, some answered before they are opened."""
    random = np.random.default_rng(20261126)
    first, last = (int(datetime(year, month, 1, tzinfo=UTC).timestamp()) for year, month in ((YEARS[0], 2), (2026, 12)))
    opened = random.integers(first * 10**6, last * 10**6, number)
    took = (random.exponential(30, number) * 3600e6).astype(np.int64)
    answered = np.where(random.random(number) < 0.01, opened - took, opened + took)
    for times, share in ((opened, 0.3), (answered, 0.2)):
        on_the_hour = random.random(number) < share
        times[on_the_hour] -= times[on_the_hour] % (3600 * 10**6)
    given = {name: pa.array(each).take(pa.array(random.integers(0, len(each), number))) for name, each in names.items()}
    given |= {"opened_at": pa.array(opened, TIME)}
    given |= {"answered_at": pa.array(answered, TIME, mask=random.random(number) < 0.1)}
    nothing = (pa.nulls(number, SCHEMA.field(name).type) for name in FACTS)
    facts = {**dict(zip(FACTS, nothing, strict=True)), **given}
    return pa.table([pa.array(range(number)), *facts.values()], schema=SCHEMA)


NAMED: dict[str, dict[str, list[str | None]]] = {
    "kolmisoft": {
        "plan": ["premium", "PREMIUM", "Enterprise", None],
        "priority": ["high", "LOW", "Medium", "blocker", "?"],
    },
    "in days by turns": {"plan": ["gold", "Basic", None], "priority": ["urgent", "Normal", "MINOR", "?"]},
    "by owner": {
        "plan": ["gold", "BASIC", "basic", None],
        "priority": ["urgent", "normal", "MINOR"],
        "owner": [None, "Night", "it's", "line 2 äk", "Line_2  ÄK", "day", "calendar", "nobody"],
    },
}


class Many(NamedTuple):
    """A desk, its tickets, and what kolmisla says of them."""

    desk: str
    tickets: Any
    judged: list[Judged]


@pytest.fixture(scope="module", params=NAMED)
def many(request: pytest.FixtureRequest) -> Many:
    """Tickets at random. Columns judge them, or the scalar engine where targets are by owner."""
    desk: str = request.param
    rows = at_random(FEW if desk == "by owner" else MANY, NAMED[desk])
    if desk == "by owner":
        judged = one_by_one(desk, rows)
    else:
        found = columns.measure(rows, policy=DESKS[desk].policy, at=AT, errors="null")
        instants = [found[name].cast(pa.int64()).to_pylist() for name in ("due_at", "breaches_after", "elapsed")]
        judged = list(zip(*instants, found["state"].to_pylist(), strict=True))
    assert {state for *_, state in judged} == {"met", "breached", "running", "not-covered", None}
    assert len({due for due, *_ in judged}) > len(judged) / 20
    return Many(desk, rows, judged)


def one_by_one(desk: str, rows: Any) -> list[Judged]:
    """What the scalar engine says of tickets."""
    case = SqlTickets(desk, "first-response", AT, rows.to_pylist())
    judged: list[Judged] = []
    for row in case.rows:
        told = wanted(case, {**row, "channel": None, "version": None})
        due, kept = (told[name] and micros(told[name]) for name in TOLD[:2])
        took = None if told["elapsed_s"] is None else int(told["elapsed_s"] * 10**6)
        judged.append((due, kept, took, told["state"]))
    return judged


def test_many_in_duckdb(many: Many) -> None:
    with duckdb.connect() as connection:
        connection.register("tickets", many.tickets)
        connection.execute(script(many.desk, "duckdb", AT))
        elapsed = "CAST(CAST(elapsed_s AS DECIMAL(38, 6)) * 1000000 AS BIGINT)"
        exact = f"epoch_us(due_at), epoch_us(breaches_after), {elapsed}, state"
        assert connection.sql(f"SELECT {exact} FROM kolmisla_deadlines ORDER BY id").fetchall() == many.judged


def test_many_in_sqlite(many: Many) -> None:
    times = [[at and at.isoformat() for at in many.tickets[name].to_pylist()] for name in TIMES]
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE TABLE tickets (id, {', '.join(FACTS)})")
        rows = zip(*(many.tickets[name].to_pylist() for name in ("id", *NAMES)), *times, strict=True)
        connection.executemany("INSERT INTO tickets VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        connection.executescript(script(many.desk, "sqlite", AT))
        found = connection.execute(f"SELECT {', '.join(TOLD)} FROM kolmisla_deadlines ORDER BY id").fetchall()
    told = []
    for due, kept, took, state in found:
        instants = [at and micros(datetime.fromisoformat(at)) for at in (due, kept)]
        told.append((*instants, None if took is None else round(took * 10**6), state))
    assert told == many.judged


def test_many_in_postgres(postgres: Postgres, many: Many) -> None:
    text = BytesIO()
    pyarrow.csv.write_csv(many.tickets, text, pyarrow.csv.WriteOptions(include_header=False, quoting_style="needed"))
    exact = [f"CAST(extract(epoch FROM {name}) * 1000000 AS bigint) AS {name}" for name in TOLD[:2]]
    found = postgres.ask(
        f"DROP TABLE IF EXISTS tickets CASCADE;\n{CREATED}\nCOPY tickets FROM STDIN WITH (FORMAT csv);\n"
        f"{text.getvalue().decode()}\\.\n{script(many.desk, 'postgres', AT)}\n"
        f"SELECT {', '.join(exact)}, CAST(elapsed_s * 1000000 AS bigint) AS elapsed_s, state FROM kolmisla_deadlines"
        " ORDER BY id;"
    )
    written = [["\\N" if each is None else str(each) for each in row] for row in many.judged]
    assert [[*row.values()] for row in found] == written


FARTHEST = {  # times before the years of the tables, and after them, to the first and the last of each database
    "duckdb": (
        ("'-infinity'", "make_timestamptz(-9223372022400000000)"),
        ("'infinity'", "make_timestamptz(9223372036854775000)"),
    ),
    "postgres": (
        ("'-infinity'", "'4713-01-01 00:00:00Z BC'"),
        ("'infinity'", "'294276-12-31 23:59:59.999999Z'", "'75000-01-01Z'"),
    ),
}


@pytest.mark.parametrize("desk", ["kolmisoft", "in days"])
@pytest.mark.parametrize("dialect", FARTHEST)
def test_a_time_that_no_calendar_has_concerns_its_row_alone(
    request: pytest.FixtureRequest, dialect: Any, desk: str
) -> None:
    plan, priority = ("premium", "high") if desk == "kolmisoft" else ("gold", "urgent")
    usual = "'2026-07-03 13:30:00Z'"
    early, late = FARTHEST[dialect]
    pairs = [(opened, answered) for opened in (*early, *late) for answered in ("NULL", usual, *early, *late)]
    pairs += [(usual, answered) for answered in early]
    kept = [(usual, answered) for answered in ("NULL", usual, *late)]
    values = ", ".join(
        f"({number}, '{plan}', '{priority}', CAST({opened} AS timestamptz), CAST({answered} AS timestamptz))"
        for number, (opened, answered) in enumerate([*kept, *pairs])
    )
    statements = (
        f"{CREATED}\nINSERT INTO tickets (id, plan, priority, opened_at, answered_at) VALUES {values};\n"
        f"{script(desk, dialect, AT)}"
    )
    query = "SELECT state, reason, due_at, breaches_after, elapsed_s FROM kolmisla_deadlines ORDER BY id"
    if dialect == "duckdb":
        with duckdb.connect() as connection:
            connection.execute(statements)
            found = connection.sql(query).fetchall()
    else:
        server: Postgres = request.getfixturevalue("postgres")
        rows = server.ask(f"DROP TABLE IF EXISTS tickets CASCADE;\n{statements}\n{query};")
        found = [tuple(None if text == "\\N" else text for text in row.values()) for row in rows]
    states = [state for state, *_ in found]
    assert states[: len(kept)] == ["breached", "met", *["breached"] * len(late)]
    for pair, (state, reason, *answers) in zip(pairs, found[len(kept) :], strict=True):
        assert (state, answers, bool(reason)) == (None, [None] * 3, True), (pair, state, reason, answers)


@pytest.mark.parametrize("dialect", ["duckdb", "sqlite"])
def test_a_capital_i_with_a_dot_is_no_plain_i(dialect: Any) -> None:
    """DuckDB makes a plain i of it, so `PREM\u0130UM` would be a plan that Python does not know."""
    plans = ["premium", "PREMIUM", "PREM\u0130UM", "prem\u0131um"]
    opened = "2026-07-03T13:30:00Z" if dialect == "sqlite" else datetime(2026, 7, 3, 13, 30, tzinfo=UTC)
    with closing(sqlite3.connect(":memory:") if dialect == "sqlite" else duckdb.connect()) as connection:
        connection.execute(CREATED.replace("timestamptz", "text") if dialect == "sqlite" else CREATED)
        connection.executemany(
            "INSERT INTO tickets (id, plan, priority, opened_at) VALUES (?, ?, 'high', ?)",
            [(number, plan, opened) for number, plan in enumerate(plans)],
        )
        text = script("kolmisoft", dialect, AT)
        connection.executescript(text) if dialect == "sqlite" else connection.execute(text)
        found = connection.execute("SELECT state FROM kolmisla_deadlines ORDER BY id").fetchall()
    assert found == [("breached",), ("breached",), (None,), (None,)]


@pytest.mark.parametrize("where", ["connection", "column"])
def test_a_collation_of_duckdb_makes_no_name_of_another(where: str) -> None:
    names = [("premium", "low"), ("premium", "l\u00f3w"), ("pr\u00e9mium", "LOW"), ("PREMIUM", "LOW")]
    with duckdb.connect() as connection:
        if where == "connection":
            connection.execute("SET default_collation = 'NOACCENT'")
        connection.execute(CREATED.replace(" text", " text COLLATE NOACCENT" if where == "column" else " text"))
        for number, (plan, priority) in enumerate(names):
            opened = datetime(2026, 7, 3, 13, 30, tzinfo=UTC)
            connection.execute(
                "INSERT INTO tickets (id, plan, priority, opened_at) VALUES (?, ?, ?, ?)",
                [number, plan, priority, opened],
            )
        connection.execute(script("kolmisoft", "duckdb", AT))
        found = connection.execute("SELECT state FROM kolmisla_deadlines ORDER BY id").fetchall()
    assert found == [("breached",), (None,), (None,), ("breached",)]
