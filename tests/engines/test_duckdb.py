"""DuckDB: every row of a relation has the answer of the scalar engine, and of the kernel."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

duckdb = pytest.importorskip("duckdb", reason="the extra duckdb is not installed")
pa = pytest.importorskip("pyarrow", reason="the extra arrow is not installed")
pytest.importorskip("narwhals", reason="the extra duckdb is not installed")

import pyarrow.parquet as parquet
from hypothesis import given, settings

from kolmisla import ALWAYS, KOLMISOFT, NaiveTimeError, Schedule, TicketError, columns
from kolmisla.columns.sql import tickets as judging
from tests.engines import boston, queries
from tests.engines.tickets import POLICIES, Row, Tickets, agree, in_days_of_few_years, in_utc, tickets

pytestmark = pytest.mark.duckdb

TIME = pa.timestamp("us", "UTC")
SCHEMA = pa.schema({"id": pa.int64(), "plan": pa.string(), "priority": pa.string(), "opened_at": TIME})
for name, kind in (("channel", pa.string()), ("version", pa.string()), ("answered_at", TIME)):
    SCHEMA = SCHEMA.append(pa.field(name, kind))
CONNECTION = duckdb.connect()  # which makes the tables of each schedule once for many questions


def rows_of(found: Any) -> list[Row]:
    table = found.order("id").to_arrow_table()
    whole = [name for name, kind in zip(found.columns, found.types, strict=True) if str(kind) == "INTERVAL"]
    rows = table.drop_columns(whole).to_pylist()
    for name in whole:  # Arrow has no timedelta for them
        us = found.order("id").project(f"epoch_us({name})").fetchall()
        for row, (value,) in zip(rows, us, strict=True):
            row[name] = None if value is None else timedelta(microseconds=value)
    return [in_utc(row) for row in rows]


@settings(max_examples=max(settings().max_examples // 10, 2))
@given(tickets())
def test_each_row_is_the_scalar_answer(case: Tickets) -> None:
    relation = CONNECTION.from_arrow(pa.Table.from_pylist(case.rows, SCHEMA))
    found = columns.measure(
        relation, policy=case.policy, at=case.at, metric=case.metric, durations="native", errors="null"
    )
    agree(case, rows_of(found))


def table(**columns_given: Any) -> Any:
    return CONNECTION.from_arrow(pa.table(columns_given))


def instants(values: Any) -> Any:
    return pa.array(values, TIME, mask=values == queries.NULL)


def asked(question: str, schedule: Schedule, starts: Any, amounts: Any, ends: Any) -> list[int | None]:
    amount = pa.array(amounts, mask=amounts == queries.NULL)
    relation = table(n=range(len(starts)), opened_at=instants(starts), answered_at=instants(ends), within=amount)
    given: dict[str, Any] = {"name": "found", "errors": "null"}
    if question == "due":
        found = columns.with_due(relation, schedule, "within", **given)
    elif question == "elapsed":
        found = columns.with_elapsed(relation, schedule, durations="native", **given)
    else:
        found = columns.with_next_open(relation, schedule, at="opened_at", **given)
    return [value for (value,) in found.order("n").project("epoch_us(found)").fetchall()]


def test_questions_are_the_kernels() -> None:
    queries.agree(asked)


def test_wall_times_are_the_kernels() -> None:
    def ask(walls: Any, given: Any) -> list[int | None]:
        relation = table(n=range(len(walls)), wall=pa.array(walls, pa.timestamp("us")))
        found = columns.with_next_open(relation, ALWAYS, at="wall", **given).order("n")
        return [value for (value,) in found.project("epoch_us(next_open)").fetchall()]

    queries.walls_agree(ask)
    with pytest.raises(NaiveTimeError, match="the times of 'wall' have no time zone; give timezone="):
        columns.with_next_open(table(wall=pa.array(queries.WALLS, pa.timestamp("us"))), ALWAYS, at="wall")


def test_a_row_without_an_answer_raises_when_it_is_read() -> None:
    relation = table(opened_at=pa.array([datetime(1990, 1, 1, tzinfo=UTC)], TIME), wall=pa.array([queries.WALLS[1]]))
    found = columns.with_due(relation, queries.OFFICE, queries.HOURS)
    with pytest.raises(duckdb.Error, match=r"outside what the schedule knows: 2010-12-31T22:00:00\+00:00 to 2100"):
        found.fetchall()
    refusing: dict[str, Any] = {"timezone": "Europe/Vilnius", "ambiguous": "refuse"}
    with pytest.raises(duckdb.Error, match="a wall time is skipped or repeated"):
        columns.with_next_open(relation, ALWAYS, at="wall", **refusing).fetchall()
    tickets = relation.project("*, 'premium' as plan, 'what''s this' as priority")
    measured = columns.measure(tickets, at=datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(duckdb.Error, match='priority "what\'s this" is not one of BLOCKER, HIGH, MEDIUM, LOW'):
        measured.project("due_at").fetchall()
    named = {"opened_at": "wall"}
    walls = columns.measure(tickets, at=datetime(2026, 1, 1, tzinfo=UTC), columns=named, errors="null", **refusing)
    told = "opened_at is a wall time that Europe/Vilnius skips or repeats: choose earlier or later"
    assert walls.project("reason").fetchall() == [(told,)]


def test_what_a_relation_lacks_is_told() -> None:
    relation = table(opened_at=pa.array([datetime(2026, 1, 1, tzinfo=UTC)], TIME), plan=["premium"], priority=["high"])
    at = datetime(2026, 1, 1, tzinfo=UTC)
    for ask, error, told in (
        (lambda: columns.with_due(relation, ALWAYS, "opened_at"), TypeError, "the name of a column of integers"),
        (
            lambda: columns.with_due(relation, ALWAYS, timedelta()),
            ValueError,
            "within must be positive for DuckDB and Spark tables, not 0:00:00",
        ),
        (
            lambda: columns.with_due(relation, ALWAYS, "within"),
            ValueError,
            "there is no column 'within'; the frame has",
        ),
        (
            lambda: columns.with_elapsed(relation, ALWAYS, end="plan"),
            TypeError,
            "'plan' must be a column of timestamps",
        ),
        (lambda: columns.with_next_open(relation, ALWAYS, at="opened_at", name="plan"), ValueError, "'plan' already"),
        (
            lambda: columns.with_next_open(relation.project("'x' AS at"), ALWAYS, at="at"),
            TypeError,
            "must be a column of timestamps in microseconds; cast it to such",
        ),
        (lambda: columns.measure(CONNECTION, at=at), TypeError, "not a .*DuckDBPyConnection"),
        (
            lambda: columns.measure(relation, at=at, events=relation),
            TypeError,
            "with events, the tickets must be in memory",
        ),
        (lambda: columns.measure(relation.project("*, 1 AS state"), at=at), ValueError, "the table has state already"),
        (
            lambda: columns.measure(relation, at=at, columns={"plan": "opened_at"}),
            TypeError,
            "must be a column of names",
        ),
    ):
        with pytest.raises(error, match=told):
            ask()  # type: ignore[no-untyped-call]


@pytest.mark.skipif(str(duckdb.sql("SELECT NULL").types[0]) != '"NULL"', reason="nulls are integers until DuckDB 2")
def test_columns_of_nulls_of_no_kind() -> None:
    relation = table(opened_at=pa.array([datetime(2026, 7, 3, 10, tzinfo=UTC)], TIME), plan=["premium"]).project(
        "*, 'high' AS priority, NULL AS answered_at, NULL AS channel"
    )
    found = columns.measure(relation, at=datetime(2026, 7, 3, 11, tzinfo=UTC))
    assert found.project("state, elapsed_s").fetchall() == [("running", Decimal("3600.000000"))]
    assert columns.with_next_open(relation, ALWAYS, at="answered_at").project("next_open").fetchall() == [(None,)]


def test_durations_are_seconds_that_every_reader_of_parquet_knows(tmp_path: Path) -> None:
    """Exact to the microsecond for all that a schedule knows, and no INTERVAL."""
    start, end = "TIMESTAMPTZ '1900-01-02 00:00:00+00'", "TIMESTAMPTZ '2199-12-31 00:00:00.000001+00'"
    relation = duckdb.sql(f"SELECT {start} AS opened_at, {end} AS answered_at, 'premium' AS plan, 'high' AS priority")
    backwards = columns.with_elapsed(relation, ALWAYS, start="answered_at", end="opened_at", name="back")
    columns.with_elapsed(backwards, ALWAYS).write_parquet(str(tmp_path / "elapsed.parquet"))
    (row,) = parquet.read_table(tmp_path / "elapsed.parquet").select(["elapsed_s", "back"]).to_pylist()
    assert row == {"elapsed_s": Decimal("9466934400.000001"), "back": Decimal("-9466934400.000001")}
    opened = relation.project("opened_at + INTERVAL 45000 DAY AS opened_at, plan, priority")
    found = columns.measure(opened, at=datetime(2023, 3, 20, tzinfo=UTC))
    assert dict(zip(found.columns, map(str, found.types), strict=True))["target_s"] == "DECIMAL(18,6)"
    judged = ["due_at", "breaches_after", "elapsed_s", "target_s", "state", "reason"]
    assert found.columns[3:] == [*judged, "ended_at", "response_s"]
    with pytest.raises(ValueError, match="durations must be 'native' or 'seconds', not 'hours'"):
        columns.measure(relation, at=AT, durations="hours")  # type: ignore[arg-type]


def test_too_many_terms_are_no_terms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "MOST_COMBINATIONS", 2)
    relation = duckdb.sql(
        "SELECT 'p' || range AS plan, 'high' AS priority, TIMESTAMPTZ '2026-01-01' AS opened_at FROM range(3)"
    )
    with pytest.raises(TicketError, match="'plan', 'priority' must have at most 2 different combinations"):
        columns.measure(relation, at=datetime(2026, 1, 1, tzinfo=UTC))


def test_no_name_of_a_column_is_ours() -> None:
    own = ("target", "reason", "promised", "never", "wrong", "unknown", "era", "bucket", "shift", "known_from", "total")
    values = ", ".join(f"{number} AS {name}" for number, name in enumerate(own))
    facts = "'premium' AS plan, 'high' AS priority, TIMESTAMPTZ '2026-07-03' AS opened_at"
    relation = duckdb.sql(f"SELECT {facts}, {values}")
    at = datetime(2026, 7, 3, tzinfo=UTC)
    chained = columns.with_next_open(columns.with_due(relation, ALWAYS, queries.HOURS), ALWAYS, at="due_at")
    found = columns.measure(chained, at=at, prefix="sla_")
    (row,) = found.project(f"{', '.join(own)}, sla_state").fetchall()
    assert row == (*range(len(own)), "running")


def test_words_and_other_types() -> None:
    names = "'premium'::ENUM('premium') AS plan, 1 AS severity, 18 AS version"
    relation = duckdb.sql(f"SELECT {names}, TIMESTAMP '2026-07-03 16:30' AS opened")
    policy = KOLMISOFT.replace(releases=["17", "18"])
    found = columns.measure(
        relation,
        policy=policy,
        at=datetime(2026, 7, 7, 5, 10, tzinfo=UTC),
        columns={"priority": "severity", "opened_at": "opened"},
        values={"priority": {"1": "high"}},
        timezone="Europe/Vilnius",
        ambiguous="refuse",
        prefix="sla_",
    )
    row = found.project("epoch_us(sla_due_at), sla_elapsed_s, sla_state, sla_reason").fetchall()
    assert row == [(1783402200000000, Decimal(6_000), "running", None)]


def test_the_city_of_boston() -> None:
    requests = CONNECTION.from_arrow(pa.Table.from_pylist(list(boston.requests())))
    found = columns.measure(requests, durations="native", **boston.OPTIONS)
    rows = rows_of(found.project("*, case_id AS id"))
    assert boston.answers(rows) == boston.wanted()


def test_wall_times_outside_all_years_and_zones_that_never_change() -> None:
    relation = duckdb.sql("SELECT TIMESTAMP '0001-01-01' AS answered_at, TIMESTAMP '2026-07-03 16:30' AS opened_at")
    tickets = relation.project("*, 'premium' AS plan, 'high' AS priority")
    for zone in ("Europe/Vilnius", "UTC"):
        given: dict[str, Any] = {"timezone": zone, "ambiguous": "earlier", "errors": "null"}
        found = columns.measure(tickets, at=datetime(2026, 7, 7, tzinfo=UTC), **given)
        assert found.project("reason").fetchall() == [("answered_at is before opened_at",)]


def test_amounts_that_are_none_have_no_answer() -> None:
    amounts = "unnest([0, -1, 9223372036854775807]) AS w"
    relation = duckdb.sql(f"SELECT TIMESTAMPTZ '2026-07-04 12:00:00+00' AS opened_at, {amounts}")
    found = columns.with_due(relation, queries.OFFICE, "w", errors="null")
    assert found.project("due_at").fetchall() == [(None,)] * 3
    with pytest.raises(duckdb.Error, match="outside what the schedule knows"):
        columns.with_due(relation, queries.OFFICE, timedelta.max).fetchall()


@pytest.mark.parametrize(("unit", "hours"), [("s", 7_200), ("ms", 7_200_000), ("ns", 7_200_000_000_999)])
def test_integers_of_any_unit_are_durations(unit: Any, hours: int) -> None:
    amounts = f"unnest([{hours}, 0, -{hours}, 9223372036854775807, NULL]) AS w"
    relation = duckdb.sql(f"SELECT TIMESTAMPTZ '2026-07-03 13:30:00+00' AS opened_at, {amounts}")
    found = columns.with_due(relation, queries.OFFICE, "w", unit=unit, errors="null").project("epoch_us(due_at)")
    due, *others = sorted(found.fetchall(), key=str)
    assert due == (1783402200000000,)
    assert others == [(None,)] * 4
    with pytest.raises(ValueError, match="unit is only for integers, but no column holds integers; leave out unit="):
        columns.with_due(relation, queries.OFFICE, queries.HOURS, unit=unit)


def test_case_is_nothing_to_a_name() -> None:
    facts = "'premium' AS Plan, 'high' AS priority, TIMESTAMPTZ '2026-07-03 13:30:00+00' AS Opened_At"
    relation = duckdb.sql(f"SELECT {facts}, TIMESTAMPTZ '2026-07-03 13:40:00+00' AS Answered_At")
    at = datetime(2026, 7, 7, tzinfo=UTC)
    assert columns.measure(relation, at=at).project("state").fetchall() == [("met",)]
    with pytest.raises(ValueError, match="the table has State already; choose a prefix"):
        columns.measure(relation.project("*, 'LT' AS State"), at=at)
    with pytest.raises(ValueError, match="the frame has a column 'due_at' already"):
        columns.with_due(relation.project('*, 1 AS Due_At, opened_at AS "at"'), ALWAYS, queries.HOURS, start="at")


def test_columns_that_cannot_be_told_apart() -> None:
    relation = duckdb.sql("SELECT TIMESTAMPTZ '2026-07-03 13:30:00+00' AS opened_at, 1 AS x, 2 AS X")
    with pytest.raises(ValueError, match="must differ by more than case; more than one column is called x"):
        columns.with_due(relation, ALWAYS, queries.HOURS)


TICKET = "'premium' AS plan, 'low' AS priority, TIMESTAMPTZ '2026-07-04 16:30:00+03' AS opened_at"
AT = datetime(2026, 7, 5, tzinfo=UTC)
HARDENED = ("enable_external_access=false", "python_enable_replacements=false", "lock_configuration=true")


def all_answers(relation: Any) -> list[Any]:
    """What each question that a relation can be asked makes of it."""
    named = {"timezone": "Europe/Vilnius", "ambiguous": "earlier"}
    wall = relation.project("*, TIMESTAMP '2026-07-04 16:30' AS wall")
    return [
        columns.measure(relation, at=AT).project("state, reason, epoch_us(due_at)"),
        columns.with_due(relation, queries.OFFICE, queries.HOURS).project("epoch_us(due_at)"),
        columns.with_elapsed(wall, queries.OFFICE, end="wall", **named).project("elapsed_s"),  # type: ignore[arg-type]
        columns.with_next_open(wall, queries.OFFICE, at="wall", **named).project("epoch_us(next_open)"),  # type: ignore[arg-type]
    ]


WANTED = [[("running", None, 1783407600000000)], [(1783407600000000,)], [(0,)], [(1783400400000000,)]]


def test_a_hardened_connection() -> None:
    with duckdb.connect() as connection:
        for setting in HARDENED:
            connection.execute(f"SET {setting}")
        connection.execute("CREATE TABLE kolmisla_table AS SELECT 1 AS own")
        assert [found.fetchall() for found in all_answers(connection.sql(f"SELECT {TICKET}"))] == WANTED


def test_a_rollback_takes_nothing_from_an_answer() -> None:
    with duckdb.connect() as connection:
        relation = connection.sql(f"SELECT {TICKET}")
        for end in (connection.rollback, connection.commit):
            connection.begin()
            found = all_answers(relation)
            end()
            assert [each.fetchall() for each in found] == WANTED
        assert connection.execute("SELECT count(*) FROM duckdb_tables()").fetchall() == [(0,)]


def test_answers_of_two_relations_are_apart_and_leave_no_view() -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE VIEW kolmisla_frame AS SELECT 'own' AS own")
        one, other = (connection.sql(f"SELECT {n} AS n, {TICKET}") for n in (1, 2))
        found = [columns.measure(each, at=AT) for each in (one, other)]
        assert [each.project("n").fetchall() for each in found] == [[(1,)], [(2,)]]
        views = connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
        assert views == [("kolmisla_frame",)]


def test_a_database_that_is_only_read(tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "tickets.db") as connection:
        connection.execute(f"CREATE TABLE tickets AS SELECT {TICKET}")
    with duckdb.connect(tmp_path / "tickets.db", read_only=True) as connection:
        assert [found.fetchall() for found in all_answers(connection.table("tickets"))] == WANTED


def test_names_and_values_of_any_kind() -> None:
    plan, priority, opened = "kolmisla_own_1 'p'", "a.b", "; --"
    named = {"plan": plan, "priority": priority, "opened_at": opened}
    values = r"unnest(['low', 'a''b\' || chr(0) || ',é', '', NULL])"
    with duckdb.connect() as connection:
        relation = connection.sql(
            f'SELECT \'premium\' AS "{plan}", {values} AS "{priority}",'
            f" TIMESTAMPTZ '2026-07-04 16:30:00+03' AS \"{opened}\", 1 AS kolmisla_total"
        )
        found = columns.measure(relation, at=AT, columns=named, prefix="$1 ", errors="null")
        assert found.columns[:4] == relation.columns
        told = found.project('"a.b", "$1 state", "$1 reason", kolmisla_total').fetchall()
    odd = "a'b\\\0,é"
    known, missing = "BLOCKER, HIGH, MEDIUM, LOW", "priority is missing"
    wanted = [
        (odd, None, f"priority {odd!r} is not one of {known}", 1),
        ("low", "running", None, 1),
        ("", None, missing, 1),
        (None, None, missing, 1),
    ]
    assert set(told) == set(wanted)


def test_a_word_that_means_nothing_is_nothing_in_a_table_as_in_a_frame() -> None:
    opened = pa.array([datetime(2026, 7, 3, 13, 30, tzinfo=UTC)], TIME)
    frame = pa.table({"plan": ["premium"], "priority": ["P1"], "opened_at": opened})
    asked: dict[str, Any] = {
        "at": datetime(2026, 7, 7, tzinfo=UTC),
        "values": {"priority": {"P1": "  "}},
        "errors": "null",
    }
    reasons = columns.measure(frame, **asked)["reason"].to_pylist()
    assert columns.measure(duckdb.from_arrow(frame), **asked).project("reason").fetchall() == [(*reasons,)]
    assert reasons == ["priority is missing"]


def told(connection: Any, rows: str, **given: Any) -> list[tuple[Any, ...]]:
    relation = connection.sql(f"SELECT * FROM {rows}")
    found = columns.measure(relation, at=datetime(2026, 7, 5, tzinfo=UTC), errors="null", **given)
    return [tuple(row) for row in found.order("n").project("state, reason").fetchall()]


@pytest.mark.parametrize("by", ["a column", "the connection"])
def test_texts_that_a_collation_takes_for_one_are_two(by: str) -> None:
    at = "TIMESTAMPTZ '2026-07-03 16:30:00+03'"
    unknown = "plan 'prémium' is not one of ENTERPRISE, PREMIUM"
    with duckdb.connect() as connection:
        kind = "VARCHAR COLLATE NOACCENT" if by == "a column" else "VARCHAR"
        if by == "the connection":
            connection.execute("SET default_collation = 'NOACCENT'")
        connection.execute(f"CREATE TABLE t (n INT, plan {kind}, priority VARCHAR, opened_at TIMESTAMPTZ)")
        for names in (("premium", "prémium"), ("prémium", "premium")):
            connection.execute("DELETE FROM t")
            for number, name in enumerate(names):
                connection.execute(f"INSERT INTO t VALUES (?, ?, 'low', {at})", [number, name])
            wanted = [("running", None) if name == "premium" else (None, unknown) for name in names]
            assert told(connection, "t") == wanted


def test_infinite_times_are_outside_every_year() -> None:
    row = "(SELECT 1 AS n, 'premium' AS plan, 'low' AS priority, {} AS opened_at, {} AS answered_at)"
    opened = "TIMESTAMPTZ '2026-07-03 16:30:00+03'"
    with duckdb.connect() as connection:
        for kind, given in (("TIMESTAMPTZ", {}), ("TIMESTAMP", {"timezone": "Europe/Vilnius", "ambiguous": "refuse"})):
            at = opened.replace("TIMESTAMPTZ", kind)
            early, late = f"{kind} '-infinity'", f"{kind} 'infinity'"
            assert told(connection, row.format(at, late), **given) == [("running", None)]
            assert told(connection, row.format(at, early), **given) == [(None, "answered_at is before opened_at")]
            for never in (early, late):
                ((state, reason),) = told(connection, row.format(never, "NULL::" + kind), **given)
                assert (state, "missing" in reason) == (None, False)


def test_the_farthest_times_have_a_reason_and_no_state() -> None:
    """Also where targets are in days: no sum of instants is too large for an integer."""
    first, last = "make_timestamptz(-9223372022400000000)", "make_timestamptz(9223372036854775000)"
    usual = "TIMESTAMPTZ '2026-07-03 13:30:00Z'"
    given = [(opened, answered) for opened in (first, last) for answered in ("NULL", usual, first, last)]
    rows = " UNION ALL ".join(
        f"SELECT {number} AS n, 'gold' AS plan, 'urgent' AS priority, {opened} AS opened_at, {answered} AS answered_at"
        for number, (opened, answered) in enumerate([*given, (usual, first), (usual, last)])
    )
    with duckdb.connect() as connection:
        for policy in (POLICIES["in days"], POLICIES["desk"]):
            found = told(connection, f"({rows})", policy=policy)
            *never, (usual_state, _) = found
            assert [(state, bool(reason)) for state, reason in never] == [(None, True)] * 9
            assert usual_state in ("running", "breached")


@pytest.mark.parametrize("kind", ["TIMESTAMP_S", "TIMESTAMP_MS"])
def test_coarse_times_beyond_nanoseconds(kind: str) -> None:
    row = f"(SELECT 1 AS n, 'premium' AS plan, 'low' AS priority, {kind} '{{}}' AS opened_at)"
    zone: dict[str, Any] = {"timezone": "Europe/Vilnius", "ambiguous": "refuse"}
    with duckdb.connect() as connection:
        assert told(connection, row.format("2026-07-03 16:30:00"), **zone) == [("running", None)]
        for far in ("9999-12-31 00:00:00", "1500-01-01 00:00:00"):
            ((state, reason),) = told(connection, row.format(far), **zone)
            assert (state, bool(reason)) == (None, True)


def test_a_duration_of_many_digits_is_none() -> None:
    wrong: Any = 10**5_000
    rows = duckdb.sql("SELECT TIMESTAMPTZ '2026-07-03 13:30:00Z' AS opened_at")
    with pytest.raises(TypeError, match="within must be a timedelta or .*, not a number of very many digits"):
        columns.with_due(rows, ALWAYS, wrong)


@pytest.mark.parametrize("metric", ["first-response", "resolution"])
def test_targets_in_days(metric: Any) -> None:
    """Each plan and priority, opened at many instants around DST and holidays: as in memory, to the microsecond."""
    policy, first = in_days_of_few_years(), datetime(2026, 3, 20, tzinfo=UTC)
    rows: list[Row] = [
        {
            "id": number,
            "plan": ("gold", "basic")[number % 2],
            "priority": ("urgent", "normal", "minor")[number % 3],
            "opened_at": first + timedelta(minutes=97 * number, microseconds=number % 5),
            "answered_at": first + timedelta(minutes=180 * number, days=3) if number % 4 else None,
        }
        for number in range(3_000)
    ]
    frame = pa.Table.from_pylist(rows, SCHEMA)
    given: dict[str, Any] = {"policy": policy, "at": datetime(2026, 12, 1, tzinfo=UTC), "metric": metric}
    expected = columns.measure(frame, durations="seconds", errors="null", **given).to_pylist()
    found = columns.measure(CONNECTION.from_arrow(frame), durations="seconds", errors="null", **given)
    told = [dict(zip(found.columns, row, strict=True)) for row in found.order("id").fetchall()]
    assert len({row["target_s"] for row in expected}) > 100
    for one, other in zip(told, expected, strict=True):
        for name in ("due_at", "breaches_after", "target_s", "elapsed_s", "state", "reason"):
            assert same(one[name], other[name]), (name, one, other)


def same(one: Any, other: Any) -> bool:
    if isinstance(one, datetime):
        return bool(one.astimezone(UTC) == other.astimezone(UTC))
    return one is other or bool(Decimal(str(one)) == Decimal(str(other)) if isinstance(one, Decimal) else one == other)


def test_a_relation_without_rows_has_targets_in_days() -> None:
    frame = pa.Table.from_pylist([], SCHEMA)
    with duckdb.connect() as connection:
        found = columns.measure(
            connection.from_arrow(frame), policy=POLICIES["in days"], at=datetime(2026, 12, 1, tzinfo=UTC)
        )
        assert found.fetchall() == []
