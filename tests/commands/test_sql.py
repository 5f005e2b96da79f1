"""`kolmisla sql`: the view in SQLite has the scalar engine's answer for every ticket."""

import csv
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, StrictUndefined

from kolmisla import ALWAYS, KOLMISOFT, HorizonError, Plan, Policy, PolicyError, Priority, Target
from kolmisla.instants import DAY
from kolmisla.tickets.sql.buckets import Buckets, counted_rows, reached_rows
from kolmisla.tickets.sql.databases import DATABASES, DIALECTS, DialectName
from kolmisla.tickets.sql.query import text_literal
from kolmisla.tickets.sql.terms import policy_tables, usual_years
from tests.commands.test_answers import Run
from tests.commands.test_answers import run as run
from tests.engines.tickets import HOUR, POLICIES, Row, Tickets
from tests.in_sql import ANSWERS, agree, script, tables, view

FORMS = ["{:%Y-%m-%dT%H:%M:%S.%fZ}", "{:%Y-%m-%d %H:%M:%S.%f}", " {:%Y-%m-%dT%H:%M:%S.%f+00:00} "]
ROWS = [
    (1, "premium", "high", "2026-07-03T13:30:00Z", "2026-07-07T05:10:00Z"),
    (2, "premium", "high", "2026-07-10T13:00:00Z", "2026-07-13T05:00:00Z"),
]


@contextmanager
def database(rows: list[tuple[Any, ...]], table: str = "tickets") -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE TABLE {table} (id, plan, priority, opened_at, answered_at)")
        connection.executemany(f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?)", rows)
        yield connection


def answers(connection: sqlite3.Connection, query: str = "SELECT * FROM kolmisla_deadlines") -> list[Row]:
    found = connection.execute(f"{query} ORDER BY id")
    assert [name for name, *_ in found.description] == ["id", *ANSWERS]
    rows = []
    for id, due, breaches, elapsed, state, reason in found:
        times = (at and datetime.fromisoformat(at) for at in (due, breaches))
        seconds = None if elapsed is None else Decimal(round(elapsed * 1_000_000)).scaleb(-6)
        rows.append(dict(zip(("id", *ANSWERS), (id, *times, seconds, state, reason), strict=True)))
    return rows


def as_rows(case: Tickets) -> list[tuple[Any, ...]]:
    """The tickets of a case, with times as text in several forms."""
    rows = []
    for row in case.rows:
        form, blank = FORMS[row["id"] % len(FORMS)], " " if row["id"] % 2 else None
        opened, answered = (row[name] and form.format(row[name]) for name in ("opened_at", "answered_at"))
        rows.append((row["id"], row["plan"], row["priority"], opened or blank, answered or blank))
    return rows


FILLED: dict[str, sqlite3.Connection] = {}  # a connection with the tables of each policy


@given(tables())
def test_each_row_is_the_scalar_answer(case: Tickets) -> None:
    if case.desk not in FILLED:
        FILLED[case.desk] = sqlite3.connect(":memory:")
        FILLED[case.desk].executescript(script(case.desk, "sqlite", None))
        FILLED[case.desk].execute("CREATE TABLE tickets (id, plan, priority, opened_at, answered_at)")
    connection = FILLED[case.desk]
    connection.execute("DELETE FROM tickets")
    connection.executemany("INSERT INTO tickets VALUES (?, ?, ?, ?, ?)", as_rows(case))
    agree(case, answers(connection, view(case.desk, "sqlite", case.at)))


SPANS = st.lists(st.tuples(st.integers(1, 30), st.integers(1, 30)), max_size=40)
SCALES = st.sampled_from([1, DAY // 24, DAY])


def placed(lengths: list[tuple[int, int]], scale: int, start: int) -> list[tuple[int, int]]:
    """Spans from pairs of a gap and a length."""
    spans, at = [], start
    for gap, length in lengths:
        spans.append((at + gap * scale, at + (gap + length) * scale))
        at = spans[-1][1]
    return spans


def row_of(buckets: Buckets, value: int, start: int) -> tuple[Any, ...]:
    """The one row that a query finds for a value."""
    found = [row for row in buckets.rows if row[0] == (value - start) // buckets.width]
    (row,) = [row for row in found if row[1] is not None and row[2] is not None and row[1] <= value < row[2]]
    return row


@given(SPANS, SCALES, st.integers(-5 * DAY, 5 * DAY), st.integers(0, 3), st.data())
def test_buckets_find_open_time(
    lengths: list[tuple[int, int]], scale: int, start: int, rest: int, data: st.DataObject
) -> None:
    spans = placed(lengths, scale, start)
    end = (spans[-1][1] if spans else start) + rest
    edges = [start, end, *(at + near for span in spans for at in span for near in (-1, 0, 1) if at + near <= end)]
    at = data.draw(st.sampled_from(edges) | st.integers(start, end))
    counted, reached = counted_rows(spans, start, end), reached_rows(spans)
    _, _, _, opens, closes, shift = row_of(counted, at, start)
    total = sum(max(min(closes, at) - opens, 0) for opens, closes in spans)
    assert min(max(at, opens), closes) - shift == total
    if total:
        _, _, _, shift, ended, reopens = row_of(reached, total - 1, 0)
        holding = [(before, span) for before, span in running(spans) if before < total <= before + span[1] - span[0]]
        assert [total + shift] == [opens + total - before for before, (opens, _) in holding]
        assert (ended == total) == any(closes == total + shift for _, closes in spans)
        assert reopens == min((opens for opens, _ in spans if opens >= total + shift), default=None)
    assert len(reached.rows) <= 3 * len(spans) + 1


def running(spans: list[tuple[int, int]]) -> Iterator[tuple[int, tuple[int, int]]]:
    """Each span with the open time before it."""
    before = 0
    for span in spans:
        yield before, span
        before += span[1] - span[0]


def test_the_usual_desk_has_a_row_for_each_day() -> None:
    rows = {name: len(table.rows) for name, table in policy_tables(KOLMISOFT, (2020, 2035)).tables.items()}
    assert rows == {"terms": 12, "counted": 5846, "reached": 4023}  # 5,844 days, and 24x7


@pytest.mark.parametrize(
    ("opened", "reads"),
    [
        ("2026-07-03T13:30:00Z", True),
        ("2026-07-03 13:30:00", True),
        ("2026-07-03T13:30:00.123456+00:00", True),
        ("2026-07-03 13:30:00.5", True),
        ("2026-07-03T13:30:00.1234567Z", False),
        ("2026-07-03T13:30:00.", False),
        ("2026-07-03T13:30:00.12a", False),
        ("2026-07-03T16:30:00+03:00", False),
        ("2026-07-03T13:30", False),
        ("2026-07-03", False),
        ("2026-02-30T13:30:00Z", False),
        ("2026-07-03T24:00:00Z", False),
        ("2026-07-03T13:30:60Z", False),
        ("now", False),
        ("", False),
        (1783085400, False),
        (2461225.0625, False),
    ],
)
def test_a_text_that_is_no_time_in_utc_is_a_reason(run: Run, opened: object, reads: bool) -> None:
    _, text, _ = run("sql", "--dialect", "sqlite", "--years", "2026", "--at", "2026-07-07T08:10")
    rows = [(1, "premium", "high", opened, None), (2, "premium", "high", "2026-07-03T13:30:00Z", opened)]
    with database(rows) as connection:
        connection.executescript(text)
        first, second = answers(connection)
    must = "text such as 2026-07-03T13:30:00Z, in UTC"
    assert first["reason"] == (None if reads else f"opened_at is missing or not {must}")
    blank = opened == ""
    assert second["reason"] == (None if reads or blank else f"answered_at is not {must}")
    assert first["state"] == ("running" if reads else None)
    assert second["state"] == ("met" if reads else "running" if blank else None)


def test_a_script_runs_again_and_knows_the_current_time(run: Run) -> None:
    status, text, told = run("sql", "--dialect", "sqlite", "--prefix", "desk_", "--tickets", "cases")
    assert (status, told.partition(";")[0]) == (0, "1 file for SQLite 3.35 or later")
    assert "desk_terms 12, desk_counted" in told
    rows = [(*ROWS[0][:4], None), (2, "premium", "blocker", "2040-12-30T00:00:00Z", None)]
    with database(rows, "cases") as connection:
        for _ in range(2):
            connection.executescript(text)
        found = answers(connection, "SELECT * FROM desk_deadlines")
    assert [row["state"] for row in found] == ["breached", None]
    assert found[1]["reason"] == "opened_at is after the instant at which tickets are judged"


def test_the_years_are_those_that_the_schedules_know(run: Run, tmp_path: Path) -> None:
    assert run("sql", "--dialect", "sqlite", "--years", "2008-2012")[::2] == (
        2,
        "kolmisla: holidays of LT are known for 2011 to 2100, not for all of 2008 to 2012;"
        " give other years, such as --years 2020-2035\n",
    )
    frozen = tmp_path / "frozen.toml"
    assert run("policy", "freeze", "--years", "2025-2027", "-o", str(frozen))[0] == 0
    _, text, _ = run("sql", "--dialect", "duckdb", "--policy", str(frozen))
    assert "The tables know the years 2025 to 2027 in Europe/Vilnius" in text
    assert run("policy", "freeze", "--years", "2012-2013", "-o", str(frozen))[0] == 0
    with pytest.raises(HorizonError, match="no year from 2020 to 2040 is known to all schedules"):
        usual_years(Policy.load(frozen))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_writes_tables_and_a_view(run: Run, dialect: DialectName) -> None:
    status, text, _ = run("sql", "--dialect", dialect, "--years", "2026")
    lines = text.splitlines()
    assert status == 0
    title = DATABASES[dialect].title
    assert lines[0] == f"-- Deadlines of first responses by the policy Kolmisoft 15b4f226, for {title}."
    assert sum(line.startswith("CREATE TABLE kolmisla_") for line in lines) == 3
    assert "CREATE VIEW kolmisla_deadlines AS" in lines
    assert ("BEGIN;" in lines) == ("COMMIT;" in lines) == (dialect in ("postgres", "duckdb", "sqlite"))


def test_texts_are_quoted_as_each_database_reads_them() -> None:
    text = "it's C:\\new"
    assert text_literal(text, DATABASES["postgres"]) == "'it''s C:\\new'"
    assert text_literal(text, DATABASES["bigquery"]) == "'it\\'s C:\\\\new'"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--dbt", "x", "-o", "y.sql"], "give --out for a script or --dbt for a folder of dbt, not both"),
        (
            ["--tickets", "my tickets"],
            "for SQLite 3.35 or later, the table of tickets must be a name of letters, digits, _ and $, with dots "
            "between its parts, such as desk.tickets, not 'my tickets'",
        ),
        (["--prefix", "x; DROP"], "the prefix must be a name of letters"),
        (["--prefix", ""], "the prefix must be a name of letters"),
        (
            ["--dbt", "x", "--tickets", "desk.tickets"],
            "for dbt, the model of tickets must be a name of letters, digits and _, not 'desk.tickets'",
        ),
        (["--at", "2026-10-25T03:30"], "2026-10-25T03:30:00 is a wall time that Europe/Vilnius repeats"),
    ],
)
def test_what_is_refused(run: Run, options: list[str], told: str) -> None:
    status, out, error = run("sql", "--dialect", "sqlite", "--years", "2026", *options)
    assert (status, out) == (2, "")
    assert told in error


def test_the_policy_is_not_overwritten(run: Run, tmp_path: Path) -> None:
    policy = tmp_path / "desk.json"
    KOLMISOFT.dump(policy)
    before = policy.read_bytes()
    status, _, error = run("sql", "--dialect", "sqlite", "--policy", str(policy), "-o", str(policy))
    assert (status, "the policy and the output are the same file" in error) == (2, True)
    assert policy.read_bytes() == before


@pytest.mark.parametrize("dialect", DIALECTS)
def test_signs_in_names_are_those_that_a_database_reads_without_quotes(run: Run, dialect: DialectName) -> None:
    for name, taken_by in (("my-project.desk.tickets", ("bigquery",)), ("desk.v$tickets", DOLLAR)):
        status, _, error = run("sql", "--dialect", dialect, "--years", "2026", "--tickets", name)
        told = f"for {DATABASES[dialect].title}, the table of tickets must be a name of letters"
        assert (status, told in error and f"not {name!r}" in error) == ((2, True), (0, False))[dialect in taken_by]


DOLLAR = ("postgres", "duckdb", "sqlite", "snowflake")


@pytest.mark.parametrize("desk", sorted(name for name in POLICIES if "days" in name))
def test_targets_in_days_are_refused(desk: str) -> None:
    with pytest.raises(PolicyError, match="which SQL alone cannot count"):
        policy_tables(POLICIES[desk], (2026, 2026))


@pytest.mark.parametrize(
    "metric",
    [
        {"starts": ["opened"], "ends": ["resolved"], "reopened": "ignore"},
        {"starts": ["owner=L2"], "ends": ["answered"]},
    ],
)
def test_a_first_response_of_another_kind_is_refused(metric: dict[str, Any]) -> None:
    policy = Policy.from_dict({**KOLMISOFT.to_dict(), "metrics": {"first-response": metric}})
    with pytest.raises(PolicyError, match="SQL knows first responses from the opening to the first answer"):
        policy_tables(policy, (2026, 2026))


BRACES = "{{ gold }}"


def braces() -> Policy:
    """A policy whose names look like expressions of Jinja, or hold letters that fold to others."""
    target = {"first-response": Target(within=HOUR)}
    return Policy(
        name="Desk {% raw",
        timezone="Europe/Vilnius",
        schedules={"always": ALWAYS},
        priorities=[
            Priority(name="STRASSE ĄČ", rank=1, schedule="always"),
            Priority(name="N'1", rank=2, schedule="always"),
        ],
        plans=[Plan(name=BRACES, rank=1, targets=target), Plan(name="NONE", rank=2, targets={})],
    )


NAMES = [
    (1, "{{ Gold }}", "straße ąč", "2026-07-03T13:30:00Z", "2026-07-03T14:30:00Z"),
    (2, "{{_GOLD  }}\r", "Strasse_Ąč", "2026-07-03T13:30:00Z", "2026-07-03T14:30:00.000001Z"),
    (3, "none", "n'1", "2026-07-03T13:30:00Z", "2026-07-03T14:30:00Z"),
    (4, "gold", "n'1", "2026-07-03T13:30:00Z", None),
    (5, None, "\u00a0STRASSE   Ąč", "2026-07-03T13:30:00Z", None),
]
JUDGED = [
    ("met", None),
    ("breached", None),
    ("not-covered", "plan NONE promises no first-response for N'1"),
    (None, f"plan is not one of {BRACES}, NONE"),
    ("not-covered", "no support plan"),
]


def test_names_are_compared_as_everywhere(run: Run, tmp_path: Path) -> None:
    braces().dump(tmp_path / "desk.json")
    _, text, _ = run(
        "sql",
        "--dialect",
        "sqlite",
        "--years",
        "2026",
        "--policy",
        str(tmp_path / "desk.json"),
        "--at",
        "2026-07-05T00:00",
    )
    with database(NAMES) as connection:
        connection.executescript(text)
        assert [(row["state"], row["reason"]) for row in answers(connection)] == JUDGED


def test_each_edition_has_its_own_names(run: Run, tmp_path: Path) -> None:
    """A plan that only a later edition has is unknown before; nothing is promised before the first edition."""
    before = braces().replace(effective_from="2026-03-01", plans=[braces().plans["none"]])
    braces().replace(effective_from="2026-07-01", earlier=[before]).dump(tmp_path / "desk.json")
    opened = ("2026-02-28T21:59:59Z", "2026-06-30T20:59:59.999999Z", "2026-06-30T21:00:00Z")
    rows = [(number, BRACES, "n'1", at, None) for number, at in enumerate(opened)]
    rows.append((3, "none", "n'1", opened[0], None))
    options = ["--policy", str(tmp_path / "desk.json"), "--at", "2026-07-01T00:30"]
    _, text, _ = run("sql", "--dialect", "sqlite", "--years", "2026", *options)
    with database(rows) as connection:
        connection.executescript(text)
        early = "opened before the first edition of the policy, effective from 2026-03-01"
        assert [(row["state"], row["reason"]) for row in answers(connection)] == [
            ("not-covered", early),
            (None, "plan '{{ gold }}' is not one of NONE"),
            ("running", None),
            ("not-covered", early),
        ]


def test_a_dbt_project_gives_the_same_answers(run: Run, tmp_path: Path) -> None:
    """dbt reads empty cells as null, and replaces each reference by the name of a relation."""
    braces().dump(tmp_path / "desk.json")
    chosen = ["--years", "2026", "--at", "2026-07-05T00:00", "--prefix", "desk_"]
    options = ["--policy", str(tmp_path / "desk.json"), *chosen]
    status, out, told = run("sql", "--dialect", "sqlite", *options, "--tickets", "cases", "--dbt", str(tmp_path))
    assert (status, out, told.partition(" ")[0]) == (0, "", "6")
    seeds = json.loads((tmp_path / "seeds" / "desk_seeds.yml").read_text(encoding="utf-8"))["seeds"]
    model = (tmp_path / "models" / "desk_deadlines.sql").read_text(encoding="utf-8")
    described = json.loads((tmp_path / "models" / "desk_deadlines.yml").read_text(encoding="utf-8"))["models"]
    assert [column["name"] for column in described[0]["columns"]] == ["id", *ANSWERS]
    assert "policy Desk (% raw " in described[0]["description"]  # dbt renders Jinja in descriptions too
    with database(NAMES, "main_cases") as connection:
        for seed in seeds:
            name, kinds = seed["name"], seed["config"]["column_types"]
            with open(tmp_path / "seeds" / f"{name}.csv", encoding="utf-8", newline="") as file:
                header, *rows = csv.reader(file)
            assert header == [*kinds]
            columns = ", ".join(f"{column} {kind}" for column, kind in kinds.items())
            connection.execute(f"CREATE TABLE main_{name} ({columns})")
            marks = ", ".join("?" * len(kinds))
            connection.executemany(
                f"INSERT INTO main_{name} VALUES ({marks})", ([each or None for each in row] for row in rows)
            )
        query = Environment(undefined=StrictUndefined).from_string(model).render(ref=lambda name: f"main_{name}")
        assert [(row["state"], row["reason"]) for row in answers(connection, query)] == JUDGED
