"""A report in pieces is the report of the whole, in every engine; and it is the report of the same rows in a file."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest

pl = pytest.importorskip("polars", reason="the extra polars is not installed")
pytest.importorskip("narwhals", reason="the extra polars is not installed")

from hypothesis import example, given
from hypothesis import strategies as st

from kolmisla import KolmislaError, Policy, Report, Ticket, TicketError, report
from kolmisla.cli import main
from kolmisla.columns.frames import polars_lazy
from kolmisla.policies.terms.metrics import METRICS, MetricName
from kolmisla.reports.judging import frame_cells, frame_sums, frames
from tests.engines.test_report_frames import OTHER, PROMISING, TIME, frame_of, same, team
from tests.laws.test_reports import AT, HIGH, INSTANTS, bys, tickets

pytestmark = pytest.mark.polars

DAY = timedelta(days=1)
KINDS = {"plan": pl.Enum(["enterprise", "premium"]), "priority": pl.Categorical, "team": pl.Categorical}
many = st.lists(tickets(), max_size=25)
one_cycle = st.sampled_from(["first-response", "resolution"])


@contextmanager
def cut(rows: int) -> Iterator[None]:
    """All that is done by many rows at once is done by a few."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frames, "ROWS_AT_ONCE", rows)
        patch.setattr(polars_lazy, "FEW_ROWS", rows)
        patch.setattr(frame_cells, "MOST_PENDING", 2 * rows)
        patch.setattr(frame_sums, "MOST_AMOUNTS", 3 * rows)
        yield


def answered(ticket: Ticket) -> Ticket:
    """The ticket with no other event than its answer."""
    facts = {name: getattr(ticket, name) for name in ("id", "plan", "priority", "opened_at", "channel", "answered_at")}
    return Ticket(**facts)


@given(many, one_cycle, bys, st.integers(1, 9), st.booleans(), st.randoms(use_true_random=False))
def test_pieces_are_the_whole(
    drawn: list[Ticket], metric: MetricName, by: Any, rows: int, limited: bool, order: Random
) -> None:
    are_the_whole(drawn, metric, by, rows, limited, order)


@pytest.mark.parametrize("limited", [False, True])
def test_pieces_of_a_few_days_are_the_whole(limited: bool) -> None:
    """Of tickets that are kept, late and open, before and after the promise of shares changes."""
    opened = datetime(2026, 10, 20, 7, tzinfo=UTC)
    given = [
        Ticket(
            id=number,
            plan=("premium", "enterprise", "premium", "enterprise", None)[number % 5],
            priority=("high", "low", "blocker")[number % 3],
            opened_at=opened + number * DAY / 2,
            answered_at=opened + number * DAY / 2 + number % 4 * DAY if number % 6 else None,
        )
        for number in range(24)
    ]
    whole = are_the_whole(given, "first-response", "day", 1, limited, Random(1))
    assert {each.breached > 0 for each in whole.attainment} == {False, True}


def are_the_whole(drawn: list[Ticket], metric: MetricName, by: Any, rows: int, limited: bool, order: Random) -> Report:
    duckdb = pytest.importorskip("duckdb", reason="the extra duckdb is not installed")
    given = [answered(ticket) for ticket in drawn]
    limits: dict[str, Any] = {"since": date(2026, 1, 1), "until": date(2026, 10, 26)} if limited else {}
    options: dict[str, Any] = {
        "policy": PROMISING,
        "metric": metric,
        "at": AT,
        "by": by,
        "what_if": OTHER,
        "errors": "null",
    }
    whole = report(given, split=team, **options, **limits)
    options |= {"split": "team", **limits}
    frame = frame_of(given)
    in_memory = report(frame, **options)
    same(whole, in_memory, "rejects", "notes")
    order.shuffle(given)
    shuffled = frame_of(given)
    doors = {
        "in memory": shuffled,
        "categories": shuffled.cast(KINDS),
        "lazy": shuffled.lazy(),
        "arrow": shuffled.to_arrow(),
        "duckdb": duckdb.from_arrow(shuffled.to_arrow()),
    }
    with cut(rows):
        for door in doors.values():
            made = report(door, **options)
            same(in_memory, made)
            assert made.to_dict() == in_memory.to_dict()
    return whole


moments = st.none() | st.builds(
    lambda at, hours, us: at + timedelta(hours=hours, microseconds=us),
    st.sampled_from(INSTANTS),
    st.integers(-3, 60),
    st.sampled_from([0, 0, 1]),
)
told = st.lists(st.tuples(moments.filter(bool), moments, moments, moments, moments), max_size=9)
ENDS = ("answered_at", "resolved_at", "reopened_at", "closed_at")
FIRST = INSTANTS[0]


@pytest.mark.parametrize("ends", [ENDS, ENDS[:1], ENDS[1:2]], ids=["all ends", "answers", "resolutions"])
@given(told, st.sampled_from(METRICS), st.integers(1, 4))
@example([(FIRST, FIRST - DAY, None, None, None), (FIRST, FIRST - DAY, FIRST - DAY, None, None)], "first-response", 2)
@example([(AT + DAY, None, None, None, None), (AT + 2 * DAY, None, AT + 3 * DAY, None, None)], "resolution", 1)
@example([(FIRST, FIRST + 2 * DAY, None, None, None)] * 3, "first-response", 1)
def test_by_file_and_by_columns(ends: tuple[str, ...], rows: Any, metric: MetricName, size: int) -> None:
    duckdb = pytest.importorskip("duckdb", reason="the extra duckdb is not installed")
    facts = [{"id": str(n), "plan": "premium", "priority": ("high", "low", "odd")[n % 3]} for n in range(len(rows))]
    times = [dict(zip(("opened_at", *ENDS), row, strict=True)) for row in rows]
    names = ("opened_at", *ends)
    schema = {**dict.fromkeys(("id", "plan", "priority"), pl.String), **dict.fromkeys(names, TIME)}
    table = [{**one, **{name: other[name] for name in names}} for one, other in zip(facts, times, strict=True)]
    frame = pl.DataFrame(table, schema=schema)
    options: dict[str, Any] = {"policy": PROMISING, "metric": metric, "at": AT, "split": "priority", "errors": "null"}
    local = pl.col(names).dt.convert_time_zone("Europe/Vilnius").dt.strftime("%Y-%m-%dT%H:%M:%S%.f%:z")
    by_file = of_file(frame.with_columns(local), metric)
    with cut(size):
        for door in (frame, frame.lazy(), duckdb.from_arrow(frame.to_arrow())):
            made = report(door, **options)
            same(by_file, made, "notes")
            assert made.to_dict()["attainment"] == by_file.to_dict()["attainment"]


def of_file(frame: Any, metric: MetricName) -> Report:
    """The report that the command makes of the rows in a CSV file."""
    with TemporaryDirectory() as folder:
        source, policy, out = (str(Path(folder) / name) for name in ("tickets.csv", "desk.json", "report.json"))
        frame.write_csv(source)
        PROMISING.dump(policy)
        options = ["--policy", policy, "--at", AT.isoformat(), "--metric", metric, "--split", "priority"]
        main(["report", source, *options, "-o", out])
        return Report.from_dict(json.loads(Path(out).read_text(encoding="utf-8")))


def test_a_wrong_row_is_told_by_every_door() -> None:
    duckdb = pytest.importorskip("duckdb", reason="the extra duckdb is not installed")
    frame = frame_of([Ticket(**HIGH), Ticket(**{**HIGH, "priority": "odd"})])
    fault = "priority 'odd' is not one of BLOCKER, HIGH, MEDIUM, LOW"
    with pytest.raises(TicketError, match=f"^row 1: {fault}"):
        report(frame, at=AT)
    with cut(1), pytest.raises(TicketError, match=f"^row 1: {fault}"):
        report(frame, at=AT)
    with pytest.raises(TicketError, match=rf"^in a batch of the frame, row \d: {fault}"):
        report(frame.lazy(), at=AT)
    with pytest.raises(TicketError, match=rf"^in a batch of the frame, row \d: {fault}"):
        report(duckdb.from_arrow(frame.to_arrow()), at=AT)
    with pytest.raises(KolmislaError, match=r"in a batch of the frame, row \d: "):
        report(frame.lazy(), at=AT, metric="next-response")


def test_a_column_that_is_not_there_is_told_with_all_that_are() -> None:
    duckdb = pytest.importorskip("duckdb", reason="the extra duckdb is not installed")
    frame = frame_of([])
    for door in (frame, frame.lazy(), duckdb.from_arrow(frame.to_arrow())):
        with pytest.raises(ValueError, match="there is no column 'colour' to split by; the frame has id, opened_at"):
            report(door, at=AT, split="colour")
        with pytest.raises(
            ValueError, match="there is no column 'P' for priority; the frame has id, opened_at, .*team"
        ):
            report(door, at=AT, columns={"priority": "P"})
        assert report(door, at=AT).total.tickets == 0
        assert report(door, at=AT, metric="next-response").total.tickets == 0


def test_a_column_of_another_type_is_told_by_every_door() -> None:
    duckdb = pytest.importorskip("duckdb", reason="the extra duckdb is not installed")
    text = frame_of([Ticket(**HIGH)]).with_columns(opened_at=pl.lit("x"))
    for door in (text, text.lazy(), duckdb.from_arrow(text.to_arrow())):
        with pytest.raises(TypeError, match="'opened_at' must be a column of datetimes, not of String"):
            report(door, at=AT)


@pytest.mark.parametrize(
    ("ids", "fault"),
    [
        ([True, False], ", not of Boolean"),
        ([1.0, 1.5], ", but it has 1.5"),
        ([float("inf"), 1.0], ", but it has inf"),
        ([b"7", b"8"], ", not of (Binary|Unknown)"),
        ([date(2026, 7, 3), None], ", not of Date"),
    ],
    ids=str,
)
def test_ids_that_are_no_ids_are_told_by_every_door(ids: list[Any], fault: str) -> None:
    frame = frame_of([Ticket(**HIGH), Ticket(**HIGH)]).with_columns(id=pl.Series(ids))
    message = f"'id' of the tickets must be a column of whole numbers or names{fault}"
    for door in (frame, frame.lazy(), frame.to_arrow()):
        for metric in ("resolution", "next-response"):  # in arrays, and row by row
            with pytest.raises(TypeError, match=message):
                report(door, at=AT, metric=metric)
    events = pl.DataFrame({"id": ids, "at": [AT] * 2, "kind": ["answered"] * 2})
    with pytest.raises(TypeError, match=message.replace("tickets", "events")):
        report(frame.with_columns(id=pl.Series([1, 2])), at=AT, events=events)


@pytest.mark.parametrize("ids", [[1, None], [1.0, float("nan")], [None, None], [2.0**53, None]], ids=str)
def test_a_missing_id_is_none_and_a_float_of_pandas_is_a_number(ids: list[Any]) -> None:
    frame = frame_of([Ticket(**HIGH), Ticket(**HIGH)]).with_columns(id=pl.Series(ids, strict=False))
    wanted = [None if given is None or given != given else int(given) for given in ids]
    for door in (frame, frame.lazy(), frame.to_arrow()):
        worst = report(door, at=AT + timedelta(days=90)).worst()
        assert sorted(map(repr, (late.ticket.id for late in worst))) == sorted(map(repr, wanted))


def test_a_database_ignores_the_case_of_names() -> None:
    duckdb = pytest.importorskip("duckdb", reason="the extra duckdb is not installed")
    frame = frame_of([Ticket(**HIGH, id=3)])
    table = frame.rename({name: name.upper() for name in frame.columns})
    same(report(frame, at=AT, split="team"), report(duckdb.from_arrow(table.to_arrow()), at=AT, split="team"))
    with pytest.raises(ValueError, match="column names must differ by more than case"):
        report(duckdb.sql("SELECT 1 AS plan, 2 AS PLAN_1").project('plan, PLAN_1 AS "PLAN"'), at=AT)


def test_a_database_with_events_is_fetched() -> None:
    duckdb = pytest.importorskip("duckdb", reason="the extra duckdb is not installed")
    frame = frame_of([Ticket(**HIGH, id=number) for number in range(3)]).drop("answered_at")
    at = datetime(2026, 7, 7, 8, tzinfo=UTC)
    events = pl.DataFrame({"id": [0, 2], "at": [at, at], "kind": "answered"}, schema_overrides={"at": TIME})
    wanted = report(frame, events=events, at=AT)
    tables = [duckdb.from_arrow(each.to_arrow()) for each in (frame, events)]
    same(wanted, report(tables[0], events=tables[1], at=AT))
    same(wanted, report(frame.lazy(), events=events.lazy(), at=AT))


def test_duckdb_without_pyarrow_says_what_to_type() -> None:
    duckdb = pytest.importorskip("duckdb", reason="the extra duckdb is not installed")
    opened = "TIMESTAMPTZ '2026-07-03 16:30+03' AS opened_at"
    relation = duckdb.sql(f"SELECT 'premium' AS plan, 'high' AS priority, {opened}")
    told = r"pip install 'kolmisla\[duckdb,arrow\]'"
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "pyarrow", None)
        with pytest.raises(ImportError, match=told):
            report(relation, at=AT)


def test_a_path_is_a_parquet_file(tmp_path: Path) -> None:
    frame = frame_of([Ticket(**HIGH, id=number) for number in range(3)])
    frame.write_parquet(path := tmp_path / "tickets [1].parquet")
    same(report(frame, at=AT, split="team"), report(path, at=AT, split="team"))
    same(report(frame, at=AT), report(str(path), at=AT))
    with pytest.raises(TypeError, match="split must be the name of a column of the frame"):
        report(path, at=AT, split=team)
    with pytest.raises(FileNotFoundError, match="nothing"):
        report(tmp_path / "nothing", at=AT)
    path.write_text("plan,priority,opened_at\n" * 9)
    with pytest.raises(ValueError, match="cannot be read as Parquet: .*; kolmisla report reads CSV, JSON and"):
        report(path, at=AT)


@pytest.mark.parametrize("path", ["\0", "\ud800.parquet"], ids=repr)
def test_a_path_that_no_file_can_have(path: str) -> None:
    with pytest.raises(ValueError, match="path must be a path that a file can have, not"):
        report(path, at=AT)


def test_facts_that_only_rows_of_text_have(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    frame_of([Ticket(**HIGH)]).drop("answered_at").with_columns(took=5).write_parquet(path := tmp_path / "t.parquet")
    assert main(["report", str(path), "--map", "answered_after=took:min"]) == 2
    assert (
        "answered_after must be in rows of text, such as CSV; from Parquet, only names and times can be read"
        in capsys.readouterr().err
    )


def test_an_old_parquet_file_says_when_it_ends(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    frame_of([answered(Ticket(**HIGH, answered_at="2026-07-09T10:00+03:00"))]).write_parquet(
        path := tmp_path / "t.parquet"
    )
    assert main(["report", str(path)]) == 0
    said = "nothing in the file is later than 2026-07-09T10:00:00+03:00; "
    assert said in capsys.readouterr().out
    frame_of([]).write_parquet(path)
    assert main(["report", str(path)]) == 0
    assert "the last thing" not in capsys.readouterr().out


def test_a_parquet_file_has_a_bar_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    frame_of([Ticket(**HIGH)]).write_parquet(path := tmp_path / "t.parquet")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setattr("kolmisla.cli.terminal.PATIENCE", -1)
    assert main(["report", str(path), "--at", AT.isoformat()]) == 0
    assert "] 100% 1 row\r\x1b[K" in capsys.readouterr().err


def test_an_error_stops_a_stream() -> None:
    frame = pl.LazyFrame({"n": range(100)})
    taken = []

    def take(rows: Any) -> None:
        taken.append(len(rows))
        raise KeyboardInterrupt

    with cut(1), pytest.raises(KeyboardInterrupt):
        polars_lazy.drained(pl.concat([frame] * 50), take)
    assert len(taken) < 50
    with pytest.raises(pl.exceptions.PolarsError):
        polars_lazy.drained(frame.with_columns(m=pl.lit("x").str.to_integer()), taken.append)


def test_small_batches_are_gathered_and_none_comes_after_an_error() -> None:
    """What `drained` does in threads of Polars, which coverage does not follow."""
    taken: list[list[int]] = []
    drain, rows = polars_lazy.Drain(lambda rows: taken.append(rows["n"].to_list())), pl.DataFrame({"n": [1, 2]})
    with cut(4):
        for _ in range(3):
            assert drain.passed(rows).shape == (0, 1)
    assert (taken, drain.taken, len(drain.waiting)) == ([[1, 2, 1, 2]], True, 1)
    broken = polars_lazy.Drain(lambda rows: rows["m"])
    for error in (pl.exceptions.ColumnNotFoundError, InterruptedError):
        with cut(1), pytest.raises(error):
            broken.passed(rows)
    assert [type(fault) for fault in broken.faults] == [pl.exceptions.ColumnNotFoundError, InterruptedError]


def test_the_worst_of_many_pieces() -> None:
    """The worst of the worst may be in any piece, and ties between pieces are told by the opening and the id."""
    late = [
        Ticket(**{**HIGH, "opened_at": f"2026-07-01T10:{n % 60:02}:00+03:00"}, id=n, answered_at=answer)
        for n in range(180)
        for answer in (None, "2026-07-09T10:00+03:00")
    ]
    whole = report(late, at=AT)
    with cut(7):
        same(whole, report(frame_of(late), at=AT))
        assert {each.ticket.id for each in report(frame_of(late).drop("id"), at=AT).late} == {None}


def test_what_if_of_rows_in_parts_counts_dates_once() -> None:
    """A metric that is judged row by row, in an engine that passes its rows in parts."""
    duckdb = pytest.importorskip("duckdb", reason="the extra duckdb is not installed")
    plan = {"rank": 1, "targets": {"fix": {"within": "PT1H"}}, "credits": [{"below": "95 %", "credit": "5 %"}]}
    desk = Policy.from_dict(
        {
            "name": "Desk",
            "timezone": "UTC",
            "schedules": {"always": {"open": "always"}},
            "priorities": {"P1": {"rank": 1, "schedule": "always"}},
            "metrics": {"fix": {"starts": ["opened"], "ends": ["resolved"], "reopened": "new-cycle"}},
            "plans": {"GOLD": {**plan, "attain": {"share": "95 %", "of": "fix", "per": "quarter"}}},
        }
    )

    def month(frame: Any, number: int) -> Report:
        since, until = date(2026, number, 1), date(2026, number + 1, 1)
        at = datetime(2026, number + 1, 1, 12, tzinfo=UTC)
        return report(frame, policy=desk, metric=desk.metrics["fix"], what_if=desk, since=since, until=until, at=at)

    def rows(number: int) -> Any:
        opened = [datetime(2026, number, day, 10, tzinfo=UTC) for day in (2, 3)]
        facts = {"id": [1, 2], "plan": ["gold"] * 2, "priority": ["p1"] * 2, "opened_at": opened}
        return pl.DataFrame({**facts, "resolved_at": [at + timedelta(hours=3) for at in opened]})

    frames = {number: rows(number) for number in (7, 8, 9)}
    whole = month(frames[7], 7) + month(frames[8], 8) + month(frames[9], 9)
    july = duckdb.from_arrow(frames[7].to_arrow())
    parts = month(july, 7) + month(frames[8].lazy(), 8) + month(frames[9], 9)
    assert parts == whole
    assert parts.what_if is not None
    assert [line.state for side in (parts, parts.what_if.report) for line in side.attainment] == ["missed", "missed"]
