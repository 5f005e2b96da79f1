"""`kolmisla sql`: the view in SQLite has the scalar engine's answer for every ticket."""

import csv
import json
import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, StrictUndefined

from kolmisla import ALWAYS, KOLMISOFT, HorizonError, Plan, Policy, PolicyError, Priority, Target
from kolmisla.tickets.sql.buckets import Buckets, CountedPiece, clipped_rows, counted_rows, reached_rows
from kolmisla.tickets.sql.databases import DATABASES, DIALECTS, DialectName
from kolmisla.tickets.sql.query import _small_forms
from kolmisla.tickets.sql.terms import policy_tables, usual_years
from kolmisla.times.instants import DAY, micros
from tests.commands.test_answers import Run
from tests.commands.test_answers import run as run
from tests.engines.tickets import HOUR, POLICIES, Row, Tickets
from tests.in_sql import ANSWERS, DESKS, FACTS, PLAIN, agree, at_edges, desk_with, script, tables, view

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
        times = (
            (row[name] and form.format(row[name])) or blank for name in ("opened_at", "answered_at", "resolved_at")
        )
        rows.append((row["id"], row["plan"], row["priority"], row["owner"], *times))
    return rows


FILLED: dict[str, sqlite3.Connection] = {}  # a connection with the tables of each policy


@given(tables())
def test_each_row_is_the_scalar_answer(case: Tickets) -> None:
    agree(case, in_sqlite(case))


@pytest.mark.parametrize(
    "desk", [*sorted({*DESKS} - {"by owner"}), pytest.param("by owner", marks=pytest.mark.unmeasured)]
)
def test_each_row_at_the_edges(desk: str) -> None:
    case = at_edges(desk)
    agree(case, in_sqlite(case))


def in_sqlite(case: Tickets) -> list[Row]:
    """What the view says of the tickets of a case."""
    if case.desk not in FILLED:
        FILLED[case.desk] = sqlite3.connect(":memory:")
        FILLED[case.desk].executescript(script(case.desk, "sqlite", None))
        FILLED[case.desk].execute(f"CREATE TABLE tickets (id, {', '.join(FACTS)})")
    connection = FILLED[case.desk]
    connection.execute("DELETE FROM tickets")
    connection.executemany("INSERT INTO tickets VALUES (?, ?, ?, ?, ?, ?, ?)", as_rows(case))
    return answers(connection, view(case.desk, "sqlite", case.at))


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


PARTS = st.lists(
    st.tuples(st.integers(1, 30), st.sampled_from(["flat", "grows", "unknown"]), st.sampled_from([0, 0, 0, 5]))
)


@given(PARTS, st.sampled_from([1, DAY // 24, DAY]), st.integers(-5 * DAY, 5 * DAY), st.data())
def test_buckets_find_pieces(parts: list[tuple[int, str, int]], scale: int, start: int, data: st.DataObject) -> None:
    """Pieces that are constant, that grow or that are unknown, with jumps between them, each looked up in its row."""
    pieces, ends, at, total = [], [], start, 0
    for length, kind, jump in parts:
        total += jump
        pieces.append(CountedPiece(at, None if kind == "unknown" else total, grows=kind == "grows"))
        at, total = at + length * scale, total + (length * scale if kind == "grows" else 0)
        ends.append(at)
    end = at - 1 if pieces else start
    rows = clipped_rows(pieces, start, end)
    instants = [near for at in (start, *ends) for near in (at - 1, at, at + 1) if start <= near <= end]
    for at in data.draw(st.lists(st.sampled_from(instants) | st.integers(start, end), min_size=3)):
        holding = [piece for piece in pieces if piece.since <= at]
        since, value, grows = holding[-1] if holding else CountedPiece(at, None, grows=False)
        if value is None:
            assert not [row for row in rows.rows if row[1] <= at < row[2]]  # type: ignore[operator]
        else:
            _, _, _, opens, closes, shift = row_of(rows, at, start)
            assert min(max(at, opens), closes) - shift == value + (at - since if grows else 0)
    assert len(rows.rows) <= 3 * len(pieces) + 1


def running(spans: list[tuple[int, int]]) -> Iterator[tuple[int, tuple[int, int]]]:
    """Each span with the open time before it."""
    before = 0
    for span in spans:
        yield before, span
        before += span[1] - span[0]


def test_the_usual_desk_has_a_row_for_each_day() -> None:
    rows = {name: len(table.rows) for name, table in policy_tables(KOLMISOFT, (2020, 2035)).tables.items()}
    assert rows == {"terms": 12, "counted": 5846, "reached": 4023}  # 5,844 days, and 24x7


@pytest.mark.unmeasured
@pytest.mark.parametrize(
    ("opened", "reads"),
    [
        ("2026-07-03T13:30:00Z", True),
        ("2026-07-03 13:30:00", True),
        ("2026-07-03T13:30:00.123456+00:00", True),
        ("2026-07-03 13:30:00.5", True),
        ("2026-07-03T13:30:00", True),
        ("2026-07-03T13:30:00ZZ", False),
        ("2026-07-03T13:30:00+00:00Z", False),
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
    assert DATABASES["duckdb"].literal(text) == "'it''s C:\\new'"
    assert DATABASES["postgres"].literal(text) == "E'it''s C:\\\\new'"
    assert DATABASES["bigquery"].literal(text) == "'it\\'s C:\\\\new'"
    assert DATABASES["postgres"].literal("it's") == "'it''s'"
    assert DATABASES["snowflake"].literal("R&&D's <% x %>") == "('R&' || '&' || 'D\\'s <' || '% x %>')"
    assert DATABASES["snowflake"].literal("it's") == "'it\\'s'"
    assert DATABASES["spark"].literal("it is ${x}") == "CAST(X'697420697320247b787d' AS STRING)"


@pytest.mark.parametrize(("dialect", "signs"), [("snowflake", "&<{"), ("spark", "$")])
def test_a_comment_has_no_variable(run: Run, tmp_path: Path, dialect: DialectName, signs: str) -> None:
    """Programs replace variables in comments too, by texts that may end the comment."""
    KOLMISOFT.replace(name="R&D <% x %> {{ y }} ${z}").dump(tmp_path / "desk.json")
    _, text, _ = run("sql", "--dialect", dialect, "--years", "2026", "--policy", str(tmp_path / "desk.json"))
    comments = [line for line in text.splitlines() if line.startswith("--")]
    assert "R" in comments[0]
    assert not set(signs) & set("".join(comments))


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
            ["--prefix", "x" * 247],
            "the prefix must be shorter: a name in SQLite 3.35 or later has at most 255 bytes, and 'xxxxxx",
        ),
        (
            ["--tickets", "desk." + "x" * 120_000],
            "the table of tickets must be shorter: a name in SQLite 3.35 or later",
        ),
        (
            ["--dbt", "x", "--tickets", "desk.tickets"],
            "for dbt, the model of tickets must be a name of letters, digits and _, not 'desk.tickets'",
        ),
        (
            ["--tickets", "KOLMISLA_counted"],
            "the table of tickets must not be named 'KOLMISLA_counted', because the SQL creates 'kolmisla_counted'; "
            "give another --prefix for the names that the SQL creates",
        ),
        (["--tickets", "desk.x_Terms", "--prefix", "x_"], "the table of tickets must not be named 'desk.x_Terms'"),
        (["--tickets", "x_deadlines", "--prefix", "desk.x_"], "because the SQL creates 'desk.x_deadlines'"),
        (["--dbt", "x", "--tickets", "kolmisla_reached"], "the table of tickets must not be named 'kolmisla_reached'"),
        (["--at", "2026-10-25T03:30"], "2026-10-25T03:30:00 is a wall time that Europe/Vilnius repeats"),
    ],
)
def test_what_is_refused(run: Run, options: list[str], told: str) -> None:
    status, out, error = run("sql", "--dialect", "sqlite", "--years", "2026", *options)
    assert (status, out) == (2, "")
    assert told in error


@pytest.mark.parametrize(("dialect", "most"), [("postgres", 63), ("bigquery", 1024), ("snowflake", 255)])
def test_the_longest_name_is_one_that_a_database_keeps(run: Run, dialect: DialectName, most: int) -> None:
    """PostgreSQL cuts off what is longer, and then two tables may have one name."""
    longest = most - len("deadlines")
    for length, taken in ((longest, True), (longest + 1, False)):
        prefix = f"{'s' * most}.{'x' * length}"
        status, text, error = run("sql", "--dialect", dialect, "--years", "2026", "--prefix", prefix)
        made = re.findall(r"^CREATE (?:TABLE|VIEW) ([^ ]*)", text, re.MULTILINE)
        assert (status == 0, f"has at most {most:,} bytes" in error, len(made)) == (taken, not taken, 4 * taken)
        assert all(len(part) <= most for name in made for part in name.split("."))


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


# The text for a policy with durations for all owners, without the rows of its tables and the words of its messages. A
# change of it is a change for everyone who has such a view.
TEXTS = {
    "desk": {
        "postgres": "fc47ba1c562200dd",
        "duckdb": "6691214c7cc5b3ca",
        "sqlite": "ed0433c7bd23e7ea",
        "bigquery": "4c938af44cf52516",
        "snowflake": "61ba5d5b1d037356",
        "spark": "5f50b8e65ced7753",
    },
    "editions": {
        "postgres": "ef70876cd5a32b2f",
        "duckdb": "96fc082d2de309ee",
        "sqlite": "6ee5758f1f73b6a4",
        "bigquery": "71e3562d676a8719",
        "snowflake": "e82339976ba03958",
        "spark": "d33817aee666fbb4",
    },
    "kolmisoft": {
        "postgres": "b75aa0787f087759",
        "duckdb": "b37a758f0f639a5f",
        "sqlite": "0e6fc4abe64e19d0",
        "bigquery": "a1669acba8931795",
        "snowflake": "164cdd41205de6db",
        "spark": "7745cba9b6d0bf46",
    },
}
LITERAL = re.compile(r"'(?:[^'\\]|''|\\.)*'")


@pytest.mark.unmeasured
@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("desk", PLAIN)
def test_the_text_for_durations_stays(desk: str, dialect: DialectName) -> None:
    lines = [line for line in script(desk, dialect, None, (2024, 2027)).splitlines() if line[:1] != "("]
    assert sha256(LITERAL.sub("", "\n".join(lines)).encode()).hexdigest()[:16] == TEXTS[desk][dialect]


def own(metric: dict[str, Any], name: str = "fix", **changes: Any) -> Policy:
    """The built-in policy with a metric of its own, which the plan PREMIUM promises within an hour."""
    document = {**KOLMISOFT.to_dict(), "metrics": {name: metric}, **changes}
    document["plans"]["PREMIUM"]["targets"][name] = {"within": "PT1H"}
    return Policy.from_dict(document)


PLAIN_METRIC: dict[str, Any] = {"starts": ["opened"], "ends": ["resolved"], "reopened": "ignore"}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"starts": ["owner=L2"]}, "a cycle must start when a ticket is opened, and at no other time"),
        ({"starts": {"requester": ["opened"], "staff": []}}, "a cycle must start when a ticket is opened"),
        (
            {"ends": ["resolved", "owner=L2"]},
            "it must end with answered, resolved, or either of them, not with resolved, o",
        ),
        ({"ends": ["paused"]}, "it must end with answered, resolved, or either of them, not with paused"),
        ({"after": ["asked"]}, "it must not have after"),
        ({"repeats": True, "cancels": ["paused"]}, "it must not have repeats, cancels"),
        ({"reopened": "continue", "reopened_within": "30 days"}, "it must not have reopened_within"),
        ({"reopened": "continue"}, 'a reopening changes it; reopened = "continue" must be "ignore"'),
        ({"ends": ["answered"], "reopened": "new-cycle"}, 'reopened = "new-cycle" must be "ignore"'),
        ({"pauses": ["vendor"]}, "pauses stop it for the plan ENTERPRISE, PREMIUM"),
    ],
)
def test_a_metric_that_needs_events_is_refused(changes: dict[str, Any], told: str) -> None:
    policy = own({**PLAIN_METRIC, **changes})
    with pytest.raises(PolicyError, match=re.escape(told)) as refused:
        policy_tables(policy, (2026, 2026), metric="fix")
    assert str(refused.value).startswith("a table of tickets does not suffice for fix of the policy Kolmisoft: ")
    assert str(refused.value).endswith("; measure a log of events with kolmisla measure, or choose another metric")


def test_a_metric_is_the_same_in_all_editions() -> None:
    by_resolution = own(PLAIN_METRIC, effective_from="2026-07-01")
    without = KOLMISOFT.replace(effective_from="2026-01-01")
    with pytest.raises(PolicyError, match="the edition effective from 2026-01-01 does not have it"):
        policy_tables(by_resolution.replace(earlier=[without]), (2026, 2026), metric="fix")
    with pytest.raises(PolicyError, match="the edition effective from the start does not have it"):
        policy_tables(by_resolution.replace(earlier=[KOLMISOFT]), (2026, 2026), metric="fix")
    by_answer = own({**PLAIN_METRIC, "ends": ["answered"]}, effective_from="2026-01-01")
    with pytest.raises(PolicyError, match="fix of the policy Kolmisoft must end in the same way in all editions"):
        policy_tables(by_resolution.replace(earlier=[by_answer]), (2026, 2026), metric="fix")


def test_a_metric_of_another_name(run: Run, tmp_path: Path) -> None:
    own(PLAIN_METRIC, "Time to fix").dump(tmp_path / "desk.json")
    options = ["--policy", str(tmp_path / "desk.json"), "--years", "2026", "--at", "2026-07-10T12:00"]
    _, text, told = run("sql", "--dialect", "sqlite", *options, "--metric", "time_to_fix")
    assert text.startswith("-- Deadlines of Time to fix by the policy ")
    assert "tickets must have id, plan, priority, opened_at and resolved_at. Times are" in text
    assert "note" not in told
    rows = [
        (1, "premium", "high", "2026-07-03T13:30:00Z", "2026-07-03T14:30:00Z"),
        (2, "premium", "high", "2026-07-03T13:30:00Z", "2026-07-03T14:30:00.000001Z"),
        (3, "premium", "high", "2026-07-03T13:30:00Z", "2026-07-03T13:00:00Z"),
        (4, "premium", "high", "2026-07-03T13:30:00Z", "soon"),
        (5, "enterprise", "high", "2026-07-03T13:30:00Z", None),
    ]
    with database([]) as connection:
        connection.execute("ALTER TABLE tickets RENAME answered_at TO resolved_at")
        connection.executemany("INSERT INTO tickets VALUES (?, ?, ?, ?, ?)", rows)
        connection.executescript(text)
        assert [(row["state"], row["reason"]) for row in answers(connection)] == [
            ("met", None),
            ("breached", None),
            (None, "resolved_at is before opened_at"),
            (None, "resolved_at is not text such as 2026-07-03T13:30:00Z, in UTC"),
            ("not-covered", "plan ENTERPRISE promises no Time to fix for HIGH"),
        ]


def test_pauses_of_a_first_response_are_told(run: Run, tmp_path: Path) -> None:
    POLICIES["desk"].dump(tmp_path / "desk.json")
    told = run("sql", "--dialect", "sqlite", "--years", "2026", "--policy", str(tmp_path / "desk.json"))[2]
    assert told.endswith(
        "\nnote: pauses stop first-response for the plan BASIC, and a table of tickets has no pauses; tickets are"
        " judged as if there were none\n"
    )


def test_names_and_priorities_as_the_policy_has_them(run: Run, tmp_path: Path) -> None:
    """A no-break space in a name, and a priority that only a later edition has, for a ticket before the first one."""
    kind = {"rank": 1, "schedule": "always"}
    plan = {"rank": 1, "targets": {"first-response": {"within": "PT2H"}}}
    desk = {
        "name": "Desk",
        "timezone": "UTC",
        "effective_from": "2026-01-01",
        "schedules": {"always": {"open": "always"}},
        "priorities": {"P1": kind},
        "plans": {"Gold\u00a0 Plus\u2003 X": plan},
        "editions": [{"effective_from": "2027-01-01", "priorities": {"P4": {**kind, "rank": 4}}}],
    }
    (tmp_path / "desk.json").write_text(json.dumps(desk), encoding="utf-8")
    chosen = ["--policy", str(tmp_path / "desk.json"), "--years", "2025-2027", "--at", "2027-06-01T00:00"]
    _, text, _ = run("sql", "--dialect", "sqlite", *chosen)
    early, later = "2025-06-01T10:00:00Z", "2026-07-03T13:30:00Z"
    names = ["Gold\u00a0 Plus\u2003 X", "GOLD PLUS X", "gold-plus_x", "gold\u00a0plus x"]
    rows = [(number, name, "p1", later, None) for number, name in enumerate(names)]
    asked = [("p1", early), ("P4", early), ("P4", later), ("P4", "2027-05-01T10:00:00Z"), ("P5", early)]
    rows += [(10 + number, "gold plus x", *each, None) for number, each in enumerate(asked)]
    rows += [(20, "unknown", "p1", early, None), (21, "unknown", "p4", early, None)]
    with database(rows) as connection:
        connection.executescript(text)
        told = [(row["state"], row["reason"]) for row in answers(connection)]
    for dialect in DIALECTS:  # Spark's chr knows 256 characters
        text = run("sql", "--dialect", dialect, *chosen)[1]
        assert ("(8195)" in text, "'\u2003', ' ')" in text) == (False, True), dialect
    before = "opened before the first edition of the policy, effective from 2026-01-01"
    assert told[:4] == [("breached", None)] * 4
    assert told[4:] == [
        ("not-covered", before),
        (None, "priority is not one of P1"),
        (None, "priority 'P4' is not one of P1"),
        ("breached", None),
        (None, "priority is not one of P1, P4"),
        ("not-covered", before),
        (None, "priority is not one of P1"),
    ]


def test_all_characters_that_casefolding_changes_are_known() -> None:
    changed = {chr(code) for code in range(128, sys.maxunicode + 1) if chr(code).casefold() != chr(code)}
    assert dict(_small_forms.__wrapped__()) == {sign: sign.casefold() for sign in changed}


def test_the_current_time_has_milliseconds(run: Run) -> None:
    """An answer of half a second ago is not in the future."""
    _, text, _ = run("sql", "--dialect", "sqlite", "--years", f"{datetime.now(UTC).year}")
    with database([]) as connection:
        connection.executescript(text)
        (now,) = connection.execute(f"SELECT {DATABASES['sqlite'].now}").fetchone()
        assert 0 <= micros(datetime.now(UTC)) - now < 60 * 10**6
        found = {connection.execute(f"SELECT {DATABASES['sqlite'].now}").fetchone()[0] for _ in range(20_000)}
    assert len(found) > 1
    assert all(now % 1_000 == 0 for now in found)


def of_owners(**changes: Any) -> Policy:
    """The built-in policy with hours of a night shift and of a day shift, and a target of the line 2."""
    document = KOLMISOFT.to_dict()
    document["schedules"]["night"] = {"hours": {"mon-sun": ["22:00-06:00"]}, "timezone": "Europe/Vilnius"}
    document["owners"] = {"DAY": {"schedule": "working-hours"}, "NIGHT": {"schedule": "night"}}
    document["plans"]["PREMIUM"]["targets"]["first-response"] = {
        "owners": {
            "Line 2": {"within": "1 working day", "by": "close", "schedule": "working-hours"},
            "Line 3": {"within": "1 day", "schedule": "working-hours"},
        },
        "high": {"within": "PT2H"},
    }
    return Policy.from_dict({**document, **changes})


def test_owners_have_targets_and_hours_of_their_own(run: Run, tmp_path: Path) -> None:
    of_owners().dump(tmp_path / "desk.json")
    options = ["--policy", str(tmp_path / "desk.json"), "--years", "2026", "--at", "2026-07-06T12:00"]
    _, text, _ = run("sql", "--dialect", "sqlite", *options)
    assert "tickets must have id, plan, priority, owner, opened_at and answered_at. Times are" in text
    owners = ["line_2", " Night ", "DAY", "nobody", "", None]
    with database([]) as connection:
        connection.execute("ALTER TABLE tickets ADD COLUMN owner")
        rows = [(number, "premium", "high", "2026-07-03T13:30:00Z", None, owner) for number, owner in enumerate(owners)]
        connection.executemany("INSERT INTO tickets VALUES (?, ?, ?, ?, ?, ?)", rows)
        connection.executescript(text)
        due = [row["due_at"].isoformat() for row in answers(connection)]
    two_hours = "2026-07-07T05:30:00+00:00"  # after Statehood Day, which is a Monday
    assert due == ["2026-07-07T15:00:00+00:00", "2026-07-03T21:00:00+00:00", *[two_hours] * 4]


def test_owners_that_change_no_promise_need_no_column() -> None:
    owners = {"DAY": {"schedule": "working-hours"}}
    tables = policy_tables(Policy.from_dict({**KOLMISOFT.to_dict(), "owners": owners}), (2026, 2026))
    assert "owner" not in tables.tables["terms"].columns
    assert tables == policy_tables(KOLMISOFT, (2026, 2026))
    assert policy_tables(of_owners(), (2026, 2026)).names["owner"] == ["NIGHT", "Line 2", "Line 3"]


@pytest.mark.unmeasured
def test_an_instant_in_years_that_the_schedule_does_not_know_is_a_reason(run: Run, tmp_path: Path) -> None:
    """An instant that only the tables do not know is a due time that is not known."""
    of_owners().dump(tmp_path / "desk.json")
    frozen = str(tmp_path / "frozen.json")
    assert run("policy", "freeze", str(tmp_path / "desk.json"), "--years", "2026-2027", "-o", frozen)[0] == 0
    told = []
    for years, owner, opened in (
        ("2026-2027", "Line 2", "2027-12-30T10:00:00Z"),
        ("2026-2027", "Line 2", "2027-12-31T10:00:00Z"),
        ("2026-2027", "Line 3", "2027-12-30T22:00:00Z"),
        ("2026-2027", "Line 3", "2027-12-30T22:00:00.000001Z"),
        ("2026", "Line 2", "2026-12-31T10:00:00Z"),
    ):
        at = f"{opened[:11]}{'23' if 'T22' in opened else '12'}:00:00Z"
        options = ["--policy", frozen, "--years", years, "--at", at]
        _, text, _ = run("sql", "--dialect", "sqlite", *options)
        with database([]) as connection:
            connection.execute("ALTER TABLE tickets ADD COLUMN owner")
            ticket = (1, "premium", "high", opened, None, owner)
            connection.execute("INSERT INTO tickets VALUES (?, ?, ?, ?, ?, ?)", ticket)
            connection.executescript(text)
            (row,) = answers(connection)
            told.append((row["state"], row["due_at"] and row["due_at"].isoformat(), row["reason"]))
    unknown = "the target names an instant outside the years that the schedule knows"
    later = "breaches_after is not known: it is not within 2026 to 2027, the years of the tables"
    assert told == [
        ("running", "2027-12-31T16:00:00+00:00", later),
        (None, None, unknown),
        ("running", "2027-12-31T16:00:00+00:00", later),
        (None, None, unknown),
        ("running", None, "no due time is known: it is not within 2026 to 2026, the years of the tables"),
    ]


def test_tables_of_targets_end_with_what_the_schedule_knows() -> None:
    later_than_known = Target(within="36525 days", schedule="working-hours")
    century = of_owners().replace(plans=[Plan(name="CENTURY", rank=1, targets={"first-response": later_than_known})])
    assert policy_tables(century, (2026, 2026)).tables["named"].rows == []
    a_day = Plan(name="A DAY", rank=1, targets={"first-response": Target(within="1 day")})
    kolkata = braces().replace(plans=[a_day], timezone="Asia/Kolkata")  # where the last known day ends at 05:30
    ((_, _, _, until, *_),) = policy_tables(kolkata, (2200, 2200)).tables["named"].rows
    assert until == ALWAYS.timeline.end - DAY + 1


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
    (6, " _", "n'1", "2026-07-03T13:30:00Z", None),  # a name, if a strange one, and no plan is missing
    (7, None, "__", "2026-07-03T13:30:00Z", None),
    (8, "\t", "n'1", "2026-07-03T13:30:00Z", None),
    (9, None, "", "2026-07-03T13:30:00Z", None),
]
JUDGED = [
    ("met", None),
    ("breached", None),
    ("not-covered", "plan NONE promises no first-response for N'1"),
    (None, f"plan is not one of {BRACES}, NONE"),
    ("not-covered", "no support plan"),
    (None, f"plan is not one of {BRACES}, NONE"),
    (None, "priority is not one of STRASSE ĄČ, N'1"),
    ("not-covered", "no support plan"),
    (None, "priority is missing"),
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


@pytest.mark.parametrize(
    "names",
    [
        ["Критичний", "Високий", "Середній", "Низький"],
        ["Κρίσιμη", "Υψηλή", "Μεσαία", "Χαμηλή"],
        ["A" + "".join(sign for sign, low in _small_forms() if len(low) == 1)[first:300:20] for first in range(20)],
    ],
    ids=["Ukrainian", "Greek", "300 letters"],
)
def test_names_in_any_letters_can_be_parsed(run: Run, tmp_path: Path, names: list[str]) -> None:
    """SQLite's parser had a stack of 100 until 3.46, which nested queries use up."""
    desk_with(names, [name + "-1 x" for name in names]).dump(tmp_path / "desk.json")
    options = ["--policy", str(tmp_path / "desk.json"), "--years", "2026", "--at", "2026-07-05T00:00"]
    _, text, _ = run("sql", "--dialect", "sqlite", *options)
    opened = "2026-07-04T10:00:00Z"
    rows = [(number, (name + "-1 x").lower(), name, opened, None) for number, name in enumerate(names)]
    with database(rows) as connection:
        connection.executescript(text)
        assert [(row["state"], row["reason"]) for row in answers(connection)] == [("breached", None)] * len(names)


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


@pytest.mark.unmeasured
def test_a_dbt_project_with_targets_in_days(run: Run, tmp_path: Path) -> None:
    of_owners().dump(tmp_path / "desk.json")
    chosen = ["--policy", str(tmp_path / "desk.json"), "--years", "2026", "--at", "2026-07-05T00:00"]
    assert run("sql", "--dialect", "sqlite", *chosen, "--dbt", str(tmp_path))[0] == 0
    rows = [
        (number, "premium", priority, "2026-07-03T13:30:00Z", None, owner)
        for number, (priority, owner) in enumerate(product(["high", "low"], ["line 2", "night", None]))
    ]
    with database([]) as connection:
        connection.execute("ALTER TABLE tickets ADD COLUMN owner")
        connection.executemany("INSERT INTO tickets VALUES (?, ?, ?, ?, ?, ?)", rows)
        made = answers(connection, built(tmp_path, "kolmisla_", connection))
        connection.executescript(run("sql", "--dialect", "sqlite", *chosen)[1])
        assert made == answers(connection)
    assert {row["state"] for row in made} == {"running", "breached", "not-covered"}
    assert (tmp_path / "seeds" / "kolmisla_named.csv").read_text(encoding="utf-8").startswith("named,bucket,since,")


def built(folder: Path, prefix: str, connection: sqlite3.Connection) -> str:
    """Load the seeds of a dbt project into tables, and return the query of its model.

    dbt reads empty cells as null, and replaces each reference by the name of a relation.
    """
    seeds = json.loads((folder / "seeds" / f"{prefix}seeds.yml").read_text(encoding="utf-8"))["seeds"]
    for seed in seeds:
        name, kinds = seed["name"], seed["config"]["column_types"]
        with open(folder / "seeds" / f"{name}.csv", encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        assert header == [*kinds]
        columns = ", ".join(f"{column} {kind}" for column, kind in kinds.items())
        connection.execute(f"CREATE TABLE main_{name} ({columns})")
        marks = ", ".join("?" * len(kinds))
        connection.executemany(
            f"INSERT INTO main_{name} VALUES ({marks})", ([each or None for each in row] for row in rows)
        )
    model = (folder / "models" / f"{prefix}deadlines.sql").read_text(encoding="utf-8")
    relations = {name: f"main_{name}" for name in ("cases", *(seed["name"] for seed in seeds))}
    return Environment(undefined=StrictUndefined).from_string(model).render(ref=lambda name: relations.get(name, name))


def test_a_dbt_project_gives_the_same_answers(run: Run, tmp_path: Path) -> None:
    braces().dump(tmp_path / "desk.json")
    chosen = ["--years", "2026", "--at", "2026-07-05T00:00", "--prefix", "desk_"]
    options = ["--policy", str(tmp_path / "desk.json"), *chosen]
    status, out, told = run("sql", "--dialect", "sqlite", *options, "--tickets", "cases", "--dbt", str(tmp_path))
    assert (status, out, told.partition(" ")[0]) == (0, "", "6")
    described = json.loads((tmp_path / "models" / "desk_deadlines.yml").read_text(encoding="utf-8"))["models"]
    assert [column["name"] for column in described[0]["columns"]] == ["id", *ANSWERS]
    assert "policy Desk (% raw " in described[0]["description"]  # dbt renders Jinja in descriptions too
    with database(NAMES, "main_cases") as connection:
        query = built(tmp_path, "desk_", connection)
        assert [(row["state"], row["reason"]) for row in answers(connection, query)] == JUDGED
