"""The report of a frame is the report of the same tickets one by one, and of the same file."""

import dataclasses
import json
import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest

pl = pytest.importorskip("polars", reason="the extra polars is not installed")
pytest.importorskip("narwhals", reason="the extra polars is not installed")

from hypothesis import given
from hypothesis import strategies as st

from kolmisla import (
    KOLMISOFT,
    HorizonError,
    NaiveTimeError,
    Policy,
    Report,
    Schedule,
    Ticket,
    TicketError,
    columns,
    report,
)
from kolmisla.cli import main
from kolmisla.policies.terms.metrics import METRICS, MetricName
from kolmisla.reports.figures.periods import By
from kolmisla.times.instants import EPOCH
from tests.answers.test_boston import NOISE, WHOLE
from tests.engines.boston import NAMES, POLICY, source
from tests.in_sql import by_owner
from tests.laws.test_editions_in_reports import JULY, desk, ticket
from tests.laws.test_reports import AT, DESK, HIGH, bys, tickets

pytestmark = pytest.mark.polars

TIME = pl.Datetime("us", "UTC")
TYPES = {"id": pl.Int64, "opened_at": TIME, "answered_at": TIME}
TYPES |= dict.fromkeys(("plan", "priority", "channel", "team"), pl.String)
OTHER = DESK.replace(
    name="Later",
    schedules={
        **DESK.schedules,
        "working-hours": Schedule(
            "Europe/Vilnius", {"mon-fri": ["10:00-13:00", "14:00-16:00"], "sat": ["22:00-02:00"]}
        ),
    },
)


PROMISED = [
    {"share": "70 %", "of": metric, "per": per, "credits": [{"below": "60 %", "credit": "5 %"}]}
    for metric in METRICS
    for per in ("day", "month", "all")
]
PROMISING = DESK.replace(
    plans=[plan.replace(attain=PROMISED) for plan in DESK.plans.values()],
    effective_from=date(2026, 10, 25),
    earlier=[DESK.replace(plans=[plan.replace(attain=PROMISED[:6]) for plan in DESK.plans.values()])],
)


def same(one: Report, other: Report, *but: str) -> None:
    """Whether two reports have equal figures; a failure names the field."""
    for field in dataclasses.fields(one):
        if field.name not in but:
            assert getattr(one, field.name) == getattr(other, field.name), field.name


def frame_of(given: list[Ticket]) -> Any:
    rows = [
        {
            "id": ticket.id,
            "plan": ticket.plan,
            "priority": ticket.priority,
            "opened_at": ticket.opened_at,
            "answered_at": ticket.answered_at,
            "channel": ticket.channel,
            "team": None if ticket.id is None else f"team {ticket.id}",
        }
        for ticket in given
    ]
    return pl.DataFrame(rows, schema=TYPES)


def team(ticket: Ticket) -> str | None:
    return None if ticket.id is None else f"team {ticket.id}"


@given(st.lists(tickets(), max_size=25), st.sampled_from(["first-response", "resolution"]), bys, st.booleans())
def test_a_frame_is_reported_as_its_tickets(given: list[Ticket], metric: MetricName, by: By, cut: bool) -> None:
    plain = [
        Ticket(
            id=each.id,
            plan=each.plan,
            priority=each.priority,
            opened_at=each.opened_at,
            channel=each.channel,
            answered_at=each.answered_at,
        )
        for each in given
    ]
    limits: dict[str, Any] = {"since": date(2026, 1, 1), "until": date(2026, 10, 26)} if cut else {}
    options: dict[str, Any] = {"policy": PROMISING, "metric": metric, "at": AT, "by": by, "what_if": OTHER, **limits}
    one = report(plain, split=team, errors="null", **options)
    other = report(frame_of(plain), split="team", errors="null", **options)
    same(one, other, "rejects", "notes")
    assert one.attainment == other.attainment
    assert one.rejected_rows == other.rejected_rows


@given(st.lists(tickets(), max_size=12), st.sampled_from(METRICS))
def test_a_frame_with_events_is_reported_as_its_tickets(given: list[Ticket], metric: MetricName) -> None:
    numbered = [each.replace(id=number) for number, each in enumerate(given)]
    log = [
        {"id": each.id, "at": event.at, "kind": event.kind, "value": event.value}
        for each in numbered
        for event in each.events
    ]
    events = pl.DataFrame(log, schema={"id": pl.Int64, "at": TIME, "kind": pl.String, "value": pl.String})
    frame = frame_of(numbered).drop("answered_at")
    options: dict[str, Any] = {"policy": PROMISING, "metric": metric, "at": AT}
    one = report([_as_exported(each) for each in numbered], **options)
    other = report(frame, events=events, **options)
    same(one, other)


def _as_exported(ticket: Ticket) -> Ticket:
    return Ticket.imported(
        id=ticket.id,
        plan=ticket.plan,
        priority=ticket.priority,
        opened_at=ticket.opened_at,
        channel=ticket.channel,
        events=ticket.events,
    )


BOSTON_AT = datetime.fromisoformat("2016-01-12T16:00-05:00")
BOSTON: dict[str, Any] = {
    "policy": POLICY,
    "at": BOSTON_AT,
    "columns": NAMES,
    "timezone": POLICY.timezone,
    "ambiguous": "earlier",
    "errors": "null",
}


def boston() -> Any:
    frame = pl.read_csv(source(), infer_schema=False).with_columns(plan=pl.lit("CITY"))
    return frame.with_columns(pl.col("opened_local", "closed_local").str.to_datetime("%Y-%m-%dT%H:%M:%S", strict=False))


def boston_by_file(capsys: pytest.CaptureFixture[str], split: str) -> Report:
    """The report that the command makes of Boston's file."""
    maps = [part for name, column in NAMES.items() for part in ("--map", f"{name}={column}")]
    policy = str(Path(__file__).parents[2] / "docs" / "policies" / "boston-311.toml")
    options = ["--policy", policy, *maps, "--ambiguous", "earlier", "--at", "2016-01-12T16:00", "--split", split]
    main(["report", str(source()), *options, "--json"])
    return Report.from_dict(json.loads(capsys.readouterr().out))


@pytest.mark.parametrize("library", ["polars", "pandas", "arrow", "lazy", "duckdb"])
def test_boston_by_file_and_by_frames(capsys: pytest.CaptureFixture[str], library: str) -> None:
    frame, split = boston(), "business_days"
    if library == "pandas":
        frame = frame.to_pandas()
    elif library in ("arrow", "duckdb"):
        frame = frame.to_arrow()
    elif library == "lazy":
        frame = frame.lazy()
    if library == "duckdb":
        duckdb = pytest.importorskip("duckdb", reason="the extra duckdb is not installed")
        frame = duckdb.from_arrow(frame)
    same(boston_by_file(capsys, split), report(frame, split=split, **BOSTON))


def test_boston_is_judged_as_the_city_did() -> None:
    """From the published deadlines alone, in plain Polars: the city's own deadline, not that of the engine."""
    frame = boston().with_columns(pl.col("target_local").str.to_datetime("%Y-%m-%dT%H:%M:%S"))
    frame = frame.filter(~pl.col("case_id").is_in(list(NOISE)))
    frame = frame.filter(pl.col("closed_local").is_null() | (pl.col("closed_local") >= pl.col("opened_local")))
    now = datetime(2016, 1, 12, 16)
    verdict = (
        pl.when(pl.col("closed_local").is_not_null() & (pl.col("closed_local") <= now))
        .then(pl.when(pl.col("closed_local") <= pl.col("target_local") + timedelta(seconds=60)).then(0).otherwise(1))
        .otherwise(pl.when(pl.col("target_local") < now).then(2).otherwise(3))
    )
    counted = Counter(frame.select(verdict.alias("verdict"))["verdict"].to_list())
    made = report(frame, **BOSTON).total
    close = abs(made.met - counted[0])  # the published deadlines have no seconds in some rows
    assert close <= len(frame) // 1000
    assert made.tickets == len(frame)
    assert made.waiting == counted[2]
    assert made.running == counted[3]


@pytest.mark.skipif(not WHOLE.exists(), reason="the whole file (12,426 requests) is not part of the project")
def test_the_figures_of_boston() -> None:
    made = report(boston(), split="queue", **BOSTON)
    total = made.total
    assert (total.met, total.breached, total.waiting, total.running) == (7_218, 5_200, 1_996, 4)
    assert (made.rejected_rows, total.n, total.percent) == (4, 10_422, "58.1 %")
    assert total.median == timedelta(hours=8, minutes=15, seconds=50)
    assert total.percentile(90) == timedelta(hours=128, minutes=19, seconds=11)
    assert total.mean is not None
    assert total.mean // timedelta(seconds=1) == 48 * 3600 + 11 * 60 + 24
    periods = {tally.period: tally.percent for tally in made.periods}
    assert (periods[date(2015, 1, 1)], periods[date(2015, 9, 1)]) == ("49.2 %", "67.9 %")
    assert {tally.split: tally.breached for tally in made.splits}["ISD_Building (INTERNAL)"] == 2_662
    noisy = boston().filter(
        pl.col("case_id").is_in(list(NOISE)),
        pl.col("closed_local") <= BOSTON_AT.replace(tzinfo=None),
        pl.col("closed_local") >= pl.col("opened_local"),
    )
    differ = {
        row["case_id"]
        for row in noisy.iter_rows(named=True)
        for alone in [report(noisy.filter(pl.col("case_id") == row["case_id"]), **BOSTON).total]
        if bool(alone.met) != (row["on_time"] == "ONTIME")
    }
    assert differ == {"101001505272", "101001641589"}


LOG = Path(__file__).parents[2] / "docs" / "audit-log.csv"
WHOLE_LOG = WHOLE.with_name("servicenow_incident_events_sample.csv")
KINDS = {"New": "", "Active": "answered,resumed,reopened", "Resolved": "resolved", "Closed": "resolved"}
KINDS |= dict.fromkeys([f"Awaiting {what}" for what in ("User Info", "Problem", "Vendor", "Evidence")], "paused")
WORDS = {"1 - Critical": "blocker", "2 - High": "high", "3 - Moderate": "medium", "4 - Low": "low"}
COLUMNS = {"id": "number", "at": "sys_updated_at", "kind": "incident_state"}
RESOLVING: Policy = KOLMISOFT.replace(
    plans=[
        plan.replace(targets={metric: {"within": "PT40H"} for metric in METRICS}) for plan in KOLMISOFT.plans.values()
    ]
)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(
    "path",
    [
        LOG,
        pytest.param(
            WHOLE_LOG,
            marks=pytest.mark.skipif(not WHOLE_LOG.exists(), reason="the whole log is not part of the project"),
        ),
    ],
    ids=["excerpt", "whole"],
)
def test_an_audit_log_by_file_and_by_frame(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, metric: MetricName, path: Path
) -> None:
    RESOLVING.dump(policy := tmp_path / "desk.json")
    options = ["--policy", str(policy), "--at", "2017-02-05T00:00", "--ambiguous", "earlier", "--metric", metric]
    options += ["--time-format", "%d-%m-%Y %H:%M", "--set", "plan=premium", "--json", "--split", "priority"]
    options += [part for name, column in COLUMNS.items() for part in ("--map", f"{name}={column}")]
    options += ["--map", "resolved_at=", "--map", "closed_at="]
    options += [part for theirs, ours in KINDS.items() for part in ("--event-kind", f"{theirs}={ours}")]
    options += [part for theirs, ours in WORDS.items() for part in ("--value", f"priority:{theirs}={ours}")]
    main(["report", str(path), "--events", str(path), *options])
    by_file = Report.from_dict(json.loads(capsys.readouterr().out))
    times = pl.col("opened_at", "sys_updated_at").str.to_datetime("%d-%m-%Y %H:%M")
    frame = pl.read_csv(path, infer_schema=False).with_columns(times, plan=pl.lit("premium"))
    by_frame = report(
        frame,
        events=frame,
        policy=RESOLVING,
        metric=metric,
        at=datetime.fromisoformat("2017-02-05T00:00+02:00"),
        columns={**COLUMNS, "resolved_at": "", "closed_at": ""},
        values={"kind": KINDS, "priority": WORDS},
        timezone="Europe/Vilnius",
        ambiguous="earlier",
        split="priority",
        errors="null",
    )
    same(by_file, by_frame, "notes")
    if path == WHOLE_LOG and metric == "resolution":
        assert by_frame.total.tickets + by_frame.rejected_rows == 890


def test_pandas_with_missing_ids_and_ends_of_its_own() -> None:
    pd = pytest.importorskip("pandas", reason="the extra pandas is not installed")
    opened = pd.to_datetime(["2026-07-07T07:00Z", "2026-07-07T07:00Z", "2026-07-07T07:00Z"])
    resolved = pd.to_datetime(["2026-07-07T07:30Z", None, "2026-07-07T12:00Z"])
    facts = {"plan": "premium", "priority": "high", "opened_at": opened, "answered_at": resolved}
    plain = report(pd.DataFrame({**facts, "id": [1.0, None, 3.0]}), at=AT)
    assert [late.ticket.id for late in plain.late] == [None, 3]
    short = report(
        pd.DataFrame({**facts, "id": [1.0, None, 3.0]}).rename(columns={"answered_at": "resolved_at"}), at=AT
    )
    assert [late.ticket.id for late in short.late] == [None, 3]
    same(plain, short, "late", "responses")


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("Int64", [1, None]),
        ("int64[pyarrow]", [1, None]),
        ("object", [1, None]),
        ("string", ["a", None]),
        ("string[pyarrow]", ["a", None]),
        ("category", ["a", None]),
    ],
)
def test_pandas_with_missing_values_of_its_own_types(kind: str, values: list[Any]) -> None:
    """A missing value has no truth value in these types."""
    pd = pytest.importorskip("pandas", reason="the extra pandas is not installed")
    rows = [Ticket(**HIGH, id=1), Ticket(**HIGH, id=2)]
    frame = pd.DataFrame({"plan": "premium", "priority": "high", "opened_at": [row.opened_at for row in rows]})
    given = pd.Series([pd.NA if value is None and kind == "object" else value for value in values], dtype=kind)
    made = report(frame.assign(id=given), at=AT + timedelta(days=90))
    assert {late.ticket.id for late in made.worst()} == {*values}
    if kind != "object":
        assert {tally.split for tally in report(frame.assign(team=given), at=AT, split="team").splits} == {
            str(values[0]),
            "",
        }
    events = pd.DataFrame({"id": [1, 2], "at": [AT, AT], "kind": "answered"})
    for words in ({"value": given}, {"reason": given}, {"metric": given.where(given.isna())}):
        with_words = report(frame.assign(id=[1, 2]), at=AT, metric="first-response", events=events.assign(**words))
        assert with_words == report(frame.assign(id=[1, 2]), at=AT, metric="first-response", events=events)


def test_pandas_with_objects_that_are_no_ids() -> None:
    pd = pytest.importorskip("pandas", reason="the extra pandas is not installed")
    frame = pd.DataFrame({"plan": "premium", "priority": "high", "opened_at": [AT, AT]})
    for ids in ([1, 1 + 0j], ["a", 1.5], [b"7", 8], [1, True]):
        with pytest.raises(TypeError, match="'id' of the tickets must be .*: an id must be text or a whole number"):
            report(frame.assign(id=pd.Series(ids, dtype=object)), at=AT)


def test_an_order_of_events_and_strays() -> None:
    frame = frame_of([Ticket(**HIGH, id=1)])
    at = datetime(2026, 7, 7, 8, tzinfo=UTC)
    rows = [
        {"id": 1, "at": at, "kind": kind, "seq": seq}
        for kind, seq in (("reopened", 2), ("resolved", 1), ("resolved", 3))
    ]
    events = pl.DataFrame(rows, schema_overrides={"at": TIME})
    options: dict[str, Any] = {"at": AT, "columns": {"order": "seq"}, "metric": "resolution", "policy": RESOLVING}
    assert report(frame, events=events, **options).total.met == 1
    stray = pl.DataFrame([{"id": 9, "at": at, "kind": "answered", "seq": 4}], schema_overrides={"at": TIME})
    with pytest.raises(TicketError, match="1 id or row of events without a ticket: "):
        report(frame, events=pl.concat([events, stray]), **options)
    made = report(frame, events=pl.concat([events, stray]), errors="null", **options)
    assert made.notes[0].startswith("1 id or row of events without a ticket: ")


def test_a_row_that_cannot_be_judged() -> None:
    early = Ticket(**{**HIGH, "opened_at": "2026-07-07T10:00+03:00"}, answered_at="2026-07-07T11:00+03:00")
    frame = frame_of(
        [early, Ticket(**{**HIGH, "priority": "odd"}), Ticket(**{**HIGH, "opened_at": "2027-01-05T10:00Z"})]
    )
    frame = pl.concat([frame, frame.head(1).with_columns(answered_at=pl.col("opened_at") - pl.duration(hours=1))])
    with pytest.raises(TicketError, match="row 1: priority 'odd'"):
        report(frame, at=AT)
    made = report(frame, at=AT, errors="null", what_if=DESK)
    texts = sorted(rejected.such_as for rejected in made.rejected)
    assert texts[0] == "2026-11-02T11:00:00+02:00 is before the ticket was opened at 2027-01-05T12:00:00+02:00"
    assert texts[1] == "answered_at 2026-07-07T09:00:00+03:00 is before opened_at 2026-07-07T10:00:00+03:00"
    events = pl.DataFrame({"id": [], "at": [], "kind": []}, schema={"id": pl.Int64, "at": TIME, "kind": pl.String})
    numbered = frame.with_columns(id=pl.int_range(pl.len()))
    with pytest.raises(TicketError, match="row 1: priority 'odd'"):
        report(numbered, events=events, at=AT)
    rows = report(numbered, events=events, at=AT, errors="null")
    assert [(each.rows, each.such_as) for each in rows.rejected] == [
        (each.rows, each.such_as) for each in made.rejected
    ]
    priorities = [priority for priority in DESK.priorities.values() if priority.name != "HIGH"]
    fewer = report(frame.head(1), at=AT, what_if=DESK.replace(priorities=priorities))
    assert fewer.what_if is not None
    assert dict(fewer.what_if.flow) == {("met", "rejected"): 1}


def test_many_ties_are_all_among_the_worst() -> None:
    many = [
        Ticket(**{**HIGH, "opened_at": f"2026-07-07T10:00:{number % 3:02}+03:00"}, id=number) for number in range(200)
    ]
    same(report(many, at=AT), report(frame_of(many), at=AT))
    assert [late.ticket.id for late in report(frame_of(many), at=AT).worst(2)] == [0, 3]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"split": "colour"}, ValueError, "there is no column 'colour' to split by; the frame has id, opened_at"),
        ({"split": team}, TypeError, "split must be the name of a column of the frame"),
        ({"columns": {"answered_after": "x"}}, ValueError, "answered_after can only be read from a file"),
        ({"columns": {"target_s": "x"}}, ValueError, "target_s can only be read from a file"),
        ({"columns": "opened"}, TypeError, "columns must be a Mapping"),
        ({"timezone": "UTC"}, NaiveTimeError, "'timezone' and 'ambiguous' must be given together"),
    ],
)
def test_a_wrong_option_of_a_frame(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        report(frame_of([]), at=AT, **options)


def test_naive_times_are_refused_in_every_way() -> None:
    naive = frame_of([Ticket(**HIGH)]).with_columns(pl.col("opened_at").dt.replace_time_zone(None))
    for frame in (naive, naive.with_columns(resolved_at=pl.col("opened_at"))):
        with pytest.raises(NaiveTimeError):
            report(frame, at=AT)


def test_a_series_is_no_frame() -> None:
    with pytest.raises(TypeError, match="tickets must be a pandas or Polars data frame or an Arrow table"):
        report(frame_of([])["plan"], at=AT)


def test_a_frame_without_answers_says_so() -> None:
    frame = frame_of([Ticket(**HIGH)])
    said = "no ticket can have ended: there is no column for answered_at; name the column"
    assert report(frame, at=AT).notes == ()
    assert report(frame.drop("answered_at"), at=AT).notes[0].startswith(said)
    assert report(frame.drop("answered_at"), at=AT, columns={"answered_at": ""}).notes == ()
    assert "column for resolved_at" in report(frame, at=AT, metric="resolution").notes[0]
    assert report(frame.drop("answered_at").head(0), at=AT).notes == ()


def test_a_metric_that_no_column_ends(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy = KOLMISOFT.replace(
        metrics={"assigned": {"starts": ["opened"], "ends": ["owner"]}},
        plans=[plan.replace(targets={"assigned": {"within": "PT4H"}}) for plan in KOLMISOFT.plans.values()],
    )
    frame = frame_of([Ticket(**HIGH, id=1)])
    said = "no ticket can have ended: assigned ends with events, such as owner, and none are given"
    assigned = policy.metrics["assigned"]
    for each in (frame, frame.lazy(), frame.to_arrow(), frame.to_pandas()):
        made = report(each, policy=policy, at=AT, metric=assigned)
        assert (made.total.breached, made.notes) == (1, (said,))
    event = pl.DataFrame({"id": frame["id"], "at": frame["opened_at"], "kind": ["owner"], "value": ["Ann"]})
    made = report(frame, policy=policy, at=AT, metric=assigned, events=event)
    assert (made.total.met, made.notes) == (1, ())
    policy.dump(rules := tmp_path / "policy.json")
    frame.write_parquet(path := tmp_path / "t.parquet")
    assert main(["report", str(path), "--policy", str(rules), "--metric", "assigned", "--at", AT.isoformat()]) == 1
    assert said in " ".join(capsys.readouterr().out.split())


def repeated(values: Iterable[str | None]) -> list[str | None]:
    return list(islice(cycle(values), 120))


@pytest.mark.parametrize("given", [{"owner": "team"}, {"owner": "team", "schedule": "hours"}, {"opened_by": "who"}])
def test_columns_that_only_the_caller_names(given: dict[str, str], tmp_path: Path, capsys: Any) -> None:
    policy = by_owner()
    opened = [datetime(2026, 7, 1, 8, tzinfo=UTC) + timedelta(minutes=97 * number) for number in range(120)]
    frame = pl.DataFrame(
        {
            "id": [f"T{number}" for number in range(120)],
            "plan": repeated(policy.plans),
            "priority": repeated([*policy.priorities, *policy.priorities, "odd"]),
            "team": repeated([*policy.owners, None, " X y ", ""]),
            "hours": repeated([*policy.schedules, None, "nope", "", None]),
            "who": repeated(["staff", "requester", None, "??"]),
            "opened_at": opened,
            "answered_at": [
                None if number % 7 == 3 else at + timedelta(hours=number) for number, at in enumerate(opened)
            ],
        }
    )
    made = report(frame, policy=policy, at=AT, columns=given, errors="null", split="team")
    assert made.total.met
    assert made.rejected_rows
    for other in (frame.lazy(), frame.to_arrow(), frame.to_pandas()):
        same(report(other, policy=policy, at=AT, columns=given, errors="null", split="team"), made)
    policy.dump(rules := tmp_path / "policy.json")
    frame.write_csv(path := tmp_path / "t.csv", datetime_format="%Y-%m-%dT%H:%M:%S%z")
    maps = [part for name, column in given.items() for part in ("--map", f"{name}={column}")]
    options = ["--policy", str(rules), "--split", "team", "--json", "--at", AT.isoformat(), *maps]
    assert main(["report", str(path), *options]) == 1
    same(Report.from_dict(json.loads(capsys.readouterr().out)), made)
    frame.write_parquet(path := tmp_path / "t.parquet")
    assert main(["report", str(path), *options]) == 1
    same(Report.from_dict(json.loads(capsys.readouterr().out)), made)


def test_a_schedule_of_which_all_tickets_are_outside_the_dates() -> None:
    blocker = Ticket(**{**HIGH, "priority": "blocker", "opened_at": "2026-01-07T10:00:00+02:00"})
    made = report(frame_of([blocker, Ticket(**HIGH)]), at=AT, since=date(2026, 7, 1))
    assert (made.outside, made.opened_when["in-hours"].tickets) == (1, 1)


def test_parquet_by_the_command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    boston().write_parquet(path := tmp_path / "boston.parquet")
    maps = [part for name, column in NAMES.items() for part in ("--map", f"{name}={column}")]
    policy = str(Path(__file__).parents[2] / "docs" / "policies" / "boston-311.toml")
    options = ["--policy", policy, "--ambiguous", "earlier", "--at", "2016-01-12T16:00", "--json"]
    status = main(["report", str(path), *maps, *options, "--split", "business_days"])
    made = Report.from_dict(json.loads(capsys.readouterr().out))
    same(made, report(boston(), split="business_days", **BOSTON))
    assert status == (1 if made.rejected_rows else 0)
    status = main(["report", str(path), *maps[:-2], "--set", "answered_at=", *options])
    assert "no ticket can have ended" not in capsys.readouterr().out
    status = main(["report", str(path), *maps[:6], "--value", "plan:CITY=CITY", *options])
    made = Report.from_dict(json.loads(capsys.readouterr().out))
    assert (status, made.notes[0][:27]) == (1, "no ticket can have ended: t")
    path.write_text("no Parquet")
    assert main(["report", str(path)]) == 2
    assert "boston.parquet cannot be read as Parquet: " in capsys.readouterr().err


@pytest.mark.parametrize("name", ["*", "^.*$", "^team$", "^id$"])
def test_names_of_columns_are_no_patterns(name: str) -> None:
    opened = datetime(2026, 7, 3, 13, 30, tzinfo=UTC)
    facts = {"id": [1, 2], "plan": ["premium"] * 2, "priority": ["high"] * 2, "opened_at": [opened] * 2}
    frame = pl.DataFrame({**facts, name: ["voice", "billing"]})
    events = pl.DataFrame({"id": [1], "at": [opened + timedelta(hours=1)], "kind": ["priority"], name: ["low"]})
    for of in ({"events": events, "columns": {"value": name}}, {}):
        made = report(frame, at=AT, split=name, **of)
        assert [(tally.split, tally.tickets) for tally in made.splits] == [("billing", 1), ("voice", 1)]
    for lazy in (frame.lazy(), frame.rename({"priority": "p"}).lazy()):
        made = report(lazy, at=AT, split=name, columns={"priority": lazy.collect_schema().names()[2]})
        assert [(tally.split, tally.tickets) for tally in made.splits] == [("billing", 1), ("voice", 1)]
    found = columns.measure(frame, events=events, columns={"value": name}, at=AT)
    assert found["state"].to_list() == ["breached"] * 2


@pytest.mark.parametrize("header", ["Channel", "Answered_At", "Resolved_at"])
def test_a_column_in_other_letters_is_never_passed_over(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, header: str
) -> None:
    """A file reads it in any case, so the two would be judged differently."""
    opened = datetime(2026, 7, 3, 13, 30, tzinfo=UTC)
    given = opened if header.lower().endswith("_at") else "phone"
    frame = pl.DataFrame({"plan": "premium", "priority": "high", "opened_at": [opened], header: [given]})
    frame.write_parquet(tmp_path / "t.parquet")
    name = header.lower()
    told = f"the frame has no column '{name}', but it has '{header}'; name '{header}' as the column of {name} to read"
    for ask in (
        lambda **of: columns.measure(frame, at=AT, **of),
        lambda **of: columns.cycles(frame, at=AT, metric="resolution", **of),
        lambda **of: report(frame, at=AT, **of),
        lambda **of: report(frame.lazy(), at=AT, **of),
        lambda **of: report(tmp_path / "t.parquet", at=AT, **of),
    ):
        with pytest.raises(ValueError, match=re.escape(told)):
            ask()
        assert ask(columns={name: header}) is not None
        assert ask(columns={name: ""}) is not None
    for command in (["measure", "-o", str(tmp_path / "o.parquet")], ["report"]):
        assert main([*command, str(tmp_path / "t.parquet"), "--at", AT.isoformat()]) == 2
        assert told in capsys.readouterr().err


def test_what_is_not_read_may_be_in_any_letters() -> None:
    """In a run with events, `resolved_at` is read only if it is named."""
    opened = datetime(2026, 7, 3, 13, 30, tzinfo=UTC)
    frame = pl.DataFrame(
        {"id": 1, "plan": "premium", "priority": "high", "opened_at": [opened], "Resolved_at": [opened]}
    )
    events = pl.DataFrame({"id": 1, "at": [opened], "kind": "answered"})
    for ask in (columns.measure, columns.cycles, report):
        assert ask(frame, events=events, at=AT) is not None


@pytest.mark.parametrize("header", ["Value", "Metric", "REASON"])
def test_nor_is_a_column_of_events(header: str) -> None:
    opened = datetime(2026, 7, 3, 13, 30, tzinfo=UTC)
    frame = pl.DataFrame({"id": 1, "plan": "premium", "priority": "high", "opened_at": [opened]})
    events = pl.DataFrame({"id": 1, "at": [opened], "kind": "answered", header: [None]})
    for ask in (columns.measure, columns.cycles, report):
        with pytest.raises(ValueError, match=f"the frame has no column '.*', but it has '{header}'; name"):
            ask(frame, events=events, at=AT)


FAR = [9 * 10**18, -9 * 10**18, 253_402_300_800_000_000, -62_135_596_800_000_001, 253_402_297_200_000_000, -(2**63)]


@pytest.mark.parametrize("far", FAR)
@pytest.mark.parametrize("name", ["opened_at", "answered_at", "resolved_at"])
@pytest.mark.parametrize("metric", ["first-response", "resolution"])
def test_a_time_that_no_datetime_can_hold_is_of_its_row_alone(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, far: int, name: str, metric: MetricName
) -> None:
    given = dict.fromkeys(["opened_at", "answered_at", "resolved_at"], [1_700_000_000_000_000] * 3)
    given[name] = [1_700_000_000_000_000, far, 1_700_000_000_000_000]
    frame = pl.DataFrame({"id": [1, 2, 3], "plan": "ENTERPRISE", "priority": "HIGH", **given})
    frame = frame.with_columns(pl.col(*given).cast(TIME))
    path = tmp_path / "tickets.parquet"
    frame.write_parquet(path)
    options = ["--format", "parquet", "--metric", metric, "--at", AT.isoformat()]
    measured = ["measure", str(path), "-o", str(tmp_path / "measured.parquet"), "--rejects", str(tmp_path / "r.csv")]
    assert main([*measured, *options]) < 2
    rejects = len((tmp_path / "r.csv").read_text().splitlines()[1:])
    capsys.readouterr()
    assert main(["report", str(path), *options, "--json"]) == (1 if rejects else 0)
    assert sum(each["rows"] for each in json.loads(capsys.readouterr().out)["rejected"]) == rejects
    found = report(frame, metric=metric, at=AT, errors="null")
    assert found.rejected_rows == rejects
    events = pl.DataFrame({"id": [], "at": [], "kind": []}, schema={"id": pl.Int64, "at": TIME, "kind": pl.String})
    named = {name: name for name in given}
    rows = report(frame, events=events, columns=named, metric=metric, at=AT, errors="null")
    assert rows.rejected_rows == rejects
    if far == -(2**63):  # numpy writes a missing time so, and Arrow does not know that it is one
        frame = frame.with_columns(pl.Series(name, [None if at == far else at for at in given[name]]).cast(TIME))
        assert found == report(frame, metric=metric, at=AT, errors="null")
        assert rows == report(frame, events=events, columns=named, metric=metric, at=AT, errors="null")


@pytest.mark.parametrize("metric", ["first-response", "resolution", "next-response"])
@pytest.mark.parametrize("form", ["polars", "pandas", "arrow"])
def test_an_opening_without_a_local_date_is_of_its_row_alone(form: str, metric: MetricName, tmp_path: Path) -> None:
    """Nothing is promised for these rows, so no schedule says that it does not know their years."""
    first, last = (at.replace(tzinfo=UTC) for at in (datetime.min, datetime.max))  # noqa: DTZ901  # aware at once
    edges = [(at - EPOCH) // timedelta(microseconds=1) for at in (first, last)]
    day = 86_400_000_000
    opened = [edges[0] - day, edges[0], edges[1] - day, edges[1], edges[1] + day, 1_783_000_000_000_000]
    frame: Any = pl.DataFrame(
        {
            "plan": pl.Series([None] * len(opened), dtype=pl.String),
            "priority": ["high"] * len(opened),
            "opened_at": pl.Series(opened).cast(TIME),
        }
    )
    frame.write_parquet(tmp_path / "far.parquet")
    frame = {"polars": lambda: frame, "pandas": frame.to_pandas, "arrow": frame.to_arrow}[form]()
    made = report(frame, metric=metric, at=AT, by="day", errors="null")
    rejects = {rejected.such_as: rejected.rows for rejected in made.rejected}
    assert [(part.period, part.not_covered) for part in made.periods] == [
        (date(1, 1, 1), 1),
        (date(2026, 7, 2), 1),
        (date(9999, 12, 31), 1),
    ]
    assert rejects == {
        "a time before year 1 cannot be shown in Europe/Vilnius": 1,
        "9999-12-31T23:59:59.999999+00:00 cannot be shown in Europe/Vilnius": 1,
        "a time after year 9999 cannot be shown in Europe/Vilnius": 1,
    }
    with pytest.raises(HorizonError, match="row 0: a time before year 1 cannot be shown"):
        report(frame, metric=metric, at=AT)
    assert main(["report", str(tmp_path / "far.parquet"), "--metric", metric, "--at", "2026-07-10T00:00Z"]) == 1


@pytest.mark.parametrize("since", [[], ["--since", "2026-10-01"]], ids=["all", "none in the period"])
@pytest.mark.parametrize("metric", ["first-response", "next-response", "resolution"])
@pytest.mark.parametrize("answered", [None, datetime(2026, 7, 3, 14, 0, tzinfo=UTC)])
def test_a_report_of_parquet_says_what_that_of_text_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], metric: str, answered: datetime | None, since: list[str]
) -> None:
    """Which columns are blank, what no plan promises, and that the file ends long before. A rejected row is no end."""
    at = datetime(2026, 7, 3, 13, 30, tzinfo=UTC)
    frame = pl.DataFrame(
        {
            "id": [1, 2, 3],
            "plan": ["premium"] * 3,
            "priority": ["high", "low", "odd"],
            "opened_at": [at, at, at + timedelta(days=9)],
            "answered_at": pl.Series([None, answered, None], dtype=TIME),
            "resolved_at": pl.Series([None] * 3, dtype=TIME),
        }
    )
    frame.write_parquet(tmp_path / "t.parquet")
    texts = [name for name in frame.columns if name.endswith("_at")]
    frame.with_columns(pl.col(texts).dt.strftime("%Y-%m-%dT%H:%M:%SZ")).write_csv(tmp_path / "t.csv")
    told = []
    for name in ("t.csv", "t.parquet"):
        status = main(["report", str(tmp_path / name), "--metric", metric, "--json", *since])
        out = json.loads(capsys.readouterr().out)
        told.append((status, out["notes"], {key: out[key] for key in ("total", "not_covered")}))
    assert told[0] == told[1]
    assert any("is later than" in note for note in told[0][1])


def test_the_aims_of_editions_in_frames_and_files(tmp_path: Path, capsys: Any) -> None:
    """Each ticket counts for the aim of the edition that judges it, whichever way it is read."""
    policy = desk('plans.GOLD.average.within = "PT2H"', 'plans.GOLD.average.within = "PT15M"')
    second, third = (datetime(2026, 8, day, 10, tzinfo=UTC) for day in (1, 31))
    given = [ticket(at, id=number) for number, at in enumerate([JULY, second, second, third])]
    at = datetime(2026, 9, 1, tzinfo=UTC)
    alone, frame = report(given, policy=policy, at=at), frame_of(given)
    assert [(each.aim, each.n) for each in alone.averages] == [(timedelta(minutes=15), 2), (timedelta(hours=2), 2)]
    for kind in (frame, frame.lazy(), frame.to_pandas(), frame.to_arrow()):
        assert report(kind, policy=policy, at=at).averages == alone.averages
    policy.dump(tmp_path / "desk.json")
    frame.write_parquet(tmp_path / "t.parquet")
    frame.write_csv(tmp_path / "t.csv")
    options = ["--policy", str(tmp_path / "desk.json"), "--at", at.isoformat(), "--json"]
    for name in ("t.parquet", "t.csv"):
        assert main(["measure", str(tmp_path / name), *options, "-o", str(tmp_path / f"o-{name}")]) == 0
        told = json.loads(capsys.readouterr().out)["responses"]
        assert [(each["aim_s"], each["answered"]) for each in told] == [(900, 2), (7200, 2)]
