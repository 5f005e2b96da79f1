"""Polars: every row of a frame has the answer of the scalar engine; frames and columns keep their kind."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from random import Random
from typing import Any
from unittest.mock import patch

import pytest

pl = pytest.importorskip("polars", reason="the extra polars is not installed")
np = pytest.importorskip("numpy", reason="the extra polars is not installed")
pytest.importorskip("narwhals", reason="the extra polars is not installed")

from hypothesis import given
from hypothesis import strategies as st

from kolmisla import (
    ALWAYS,
    KOLMISOFT,
    Metric,
    NaiveTimeError,
    Target,
    Ticket,
    TicketError,
    WallTimeError,
    columns,
    cycles,
    queue,
)
from kolmisla.columns.frames.polars_lazy import streamed
from kolmisla.columns.frames.tickets import batch
from kolmisla.columns.kernel import deadlines
from kolmisla.columns.kernel import promises as verdicts
from kolmisla.schedules import read
from tests.engines import boston, queries
from tests.engines.tickets import Row, Tickets, agree, in_utc, lives, tickets

pytestmark = pytest.mark.polars

NOW = datetime(2026, 7, 7, 5, 10, tzinfo=UTC)

TIME = pl.Datetime("us", "UTC")
SCHEMA = {"id": pl.Int64, "plan": pl.String, "priority": pl.String, "opened_at": TIME, "channel": pl.String}
SCHEMA |= {"version": pl.String, "answered_at": TIME}


def frame(rows: list[Row]) -> Any:
    return pl.DataFrame(rows, schema=SCHEMA)


def rows_of(found: Any) -> list[Row]:
    return [in_utc(row) for row in found.to_dicts()]


@given(tickets())
def test_each_row_is_the_scalar_answer(case: Tickets) -> None:
    found = columns.measure(frame(case.rows), policy=case.policy, at=case.at, metric=case.metric, errors="null")
    assert isinstance(found, pl.DataFrame)
    agree(case, rows_of(found))
    with patch.object(deadlines, "FEW_SCHEDULES", 0):  # schedules, from which on rows are sorted by schedule
        again = columns.measure(frame(case.rows), policy=case.policy, at=case.at, metric=case.metric, errors="null")
    assert again.equals(found)


def log(events: dict[int, list[Row]]) -> Any:
    rows = [{"id": id, **event} for id, told in events.items() for event in told]
    return pl.DataFrame(rows, schema={"id": pl.Int64, "at": TIME, "kind": pl.String, "value": pl.String})


@given(lives(), st.randoms(use_true_random=False))
def test_each_life_is_the_scalar_answer(case: Tickets, random: Random) -> None:
    events = log(case.events)
    waiting = {id: [n for n, of in enumerate(events["id"]) if of == id] for id in case.events}
    ids = events["id"].to_list()
    random.shuffle(ids)
    order = [waiting[id].pop(0) for id in ids]  # the tickets are mixed; each keeps the order of its rows
    found = columns.measure(
        frame(case.rows), policy=case.policy, at=case.at, metric=case.metric, events=events[order], errors="null"
    )
    agree(case, rows_of(found))


@given(tickets(well=True))
def test_a_lazy_frame_is_measured_as_it_streams(case: Tickets) -> None:
    plan = frame(case.rows).lazy()
    found = columns.measure(plan, policy=case.policy, at=case.at, metric=case.metric, prefix="sla_")
    assert isinstance(found, pl.LazyFrame)
    eager = columns.measure(frame(case.rows), policy=case.policy, at=case.at, metric=case.metric, prefix="sla_")
    assert found.collect_schema() == eager.schema
    assert found.collect(engine="streaming").equals(eager)
    met = pl.col("sla_state") == "met"
    assert found.filter(met).select("sla_due_at").collect().equals(eager.filter(met).select("sla_due_at"))


def test_questions_are_the_kernels() -> None:
    def asked(question: str, schedule: Any, starts: Any, amounts: Any, ends: Any) -> list[int | None]:
        given = {"n": range(len(starts)), "opened_at": starts, "answered_at": ends, "within": amounts}
        null = pl.col("opened_at", "answered_at", "within").replace(queries.NULL, None)
        eager = pl.DataFrame(given).with_columns(null).with_columns(pl.col("opened_at", "answered_at").cast(TIME))
        options: dict[str, Any] = {"name": "found", "errors": "null"}
        for some in (eager, eager.lazy()):
            if question == "due":
                found = columns.with_due(some, schedule, "within", **options)
            elif question == "elapsed":
                found = columns.with_elapsed(some, schedule, **options)
            else:
                found = columns.with_next_open(some, schedule, at="opened_at", **options)
        answers: list[int | None] = found.collect()["found"].to_physical().to_list()
        return answers

    queries.agree(asked)


def test_wall_times_are_the_kernels() -> None:
    def ask(walls: Any, given: Any) -> list[int | None]:
        plan = pl.LazyFrame({"wall": walls}, schema={"wall": pl.Datetime("us")})
        found = columns.with_next_open(plan, ALWAYS, at="wall", **given).collect()
        answers: list[int | None] = found["next_open"].to_physical().to_list()
        return answers

    queries.walls_agree(ask)


def test_what_a_batch_does_to_its_rows() -> None:
    """In the plan of a lazy frame the same function runs in threads of the engine."""
    opened = frame([{"opened_at": datetime(2026, 7, 3, 13, 30, tzinfo=UTC)}])
    plan = streamed(
        opened.lazy(), lambda rows: rows.with_columns(due_at=rows["opened_at"]), {"due_at": "instant"}, "UTC"
    )
    assert plan.collect()["due_at"].to_list() == opened["opened_at"].to_list()
    within = columns.with_due(opened, queries.OFFICE, timedelta(hours=2))
    assert within["due_at"][0].isoformat() == "2026-07-07T08:30:00+03:00"


def test_naive_frames_need_a_reading() -> None:
    naive = pl.DataFrame({"plan": ["premium"], "priority": ["high"], "opened_at": [datetime(2026, 10, 25, 3, 30)]})
    at = datetime(2026, 11, 1, tzinfo=UTC)
    with pytest.raises(NaiveTimeError, match="the times of 'opened_at' have no time zone"):
        columns.measure(naive, at=at)
    zone: dict[str, Any] = {"timezone": "Europe/Vilnius", "at": at}
    told = "row 0: opened_at is a wall time that Europe/Vilnius skips or repeats: choose earlier or later"
    with pytest.raises(WallTimeError, match=told):
        columns.measure(naive, ambiguous="refuse", **zone)
    assert columns.measure(naive, ambiguous="earlier", **zone)["state"].to_list() == ["breached"]


def test_what_is_no_column_of_tickets() -> None:
    at, opened = datetime(2026, 11, 1, tzinfo=UTC), [datetime(2026, 10, 1, tzinfo=UTC)]
    good = pl.DataFrame({"plan": ["premium"], "priority": ["high"], "opened_at": opened})
    for frame_given, error, told in (
        (good.with_columns(state=1), ValueError, "the frame has state already; choose a prefix"),
        (good.with_columns(plan=1.5), TypeError, "'plan' must be a column of names, not of Float64"),
        (
            good.with_columns(opened_at=1),
            TypeError,
            "'opened_at' must be a column of datetimes, not of Int32",
        ),
        (good.drop("plan"), ValueError, "there is no column 'plan' for plan; the frame has priority, opened_at"),
    ):
        with pytest.raises(error, match=told):
            columns.measure(frame_given, at=at)
    with pytest.raises(TypeError, match=r"'x' must be .* durations, or of integers \(microseconds\), not of String"):
        columns.due(good["opened_at"], pl.Series("x", ["1h"]), queries.OFFICE)
    with pytest.raises(TypeError, match=r"'x' must be .* durations, or of integers \(microseconds\), not of UInt64"):
        columns.due(good["opened_at"], pl.Series("x", [2**64 - 1], dtype=pl.UInt64), queries.OFFICE)
    told = "must be a pandas or Polars data frame or an Arrow table, with its rows in memory, not a builtins.list"
    with pytest.raises(TypeError, match=f"tickets {told}"):
        columns.measure([], at=at)
    with pytest.raises(TypeError, match=f"times {told}"):
        columns.with_due([], queries.OFFICE, timedelta(hours=2))
    with pytest.raises(TypeError, match="'plan' must be a column of names, not of Object"):
        columns.measure(good.with_columns(pl.Series("plan", ["premium"], dtype=pl.Object)), at=at)
    moment = good["opened_at"].dt.offset_by("1us").alias("answered_at")
    assert columns.measure(good.with_columns(moment), at=opened[0])["state"].to_list() == ["running"]
    assert columns.measure(good.with_columns(answered_at="opened_at"), at=opened[0])["state"].to_list() == ["met"]
    spans = pl.Series("x", [timedelta(hours=2)])
    assert columns.due(good["opened_at"], spans, ALWAYS)[0] == opened[0] + timedelta(hours=2)


def test_what_is_wrong_in_a_batch() -> None:
    at, opened = datetime(2026, 11, 1, tzinfo=UTC), [datetime(2026, 10, 1, tzinfo=UTC)]
    bad = pl.DataFrame({"plan": ["premium"], "priority": ["nonsense"], "opened_at": opened})
    told = "in a batch of the frame, row 0: priority 'nonsense' is not one of"
    with pytest.raises(TicketError, match=told):
        columns.measure(bad.lazy(), at=at).collect()
    with pytest.raises(TicketError, match=f"^{told}"):
        batch(partial(columns.measure, at=at), bad)
    with pytest.raises(NaiveTimeError, match="^the times of 'opened_at' have no time zone"):
        batch(partial(columns.measure, at=at), bad.with_columns(pl.col("opened_at").dt.replace_time_zone(None)))


def test_names_that_come_late_and_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """More names than a sample shows, and more combinations than a table is made for."""
    monkeypatch.setattr(verdicts, "DENSE", 2)
    opened = datetime(2026, 7, 3, 13, 30, tzinfo=UTC)
    priorities = ["high"] * 1500 + ["blocker", "high", None]
    many = pl.DataFrame(
        {"plan": "premium", "priority": priorities, "opened_at": opened}, schema_overrides={"opened_at": TIME}
    )
    found = columns.measure(many, policy=KOLMISOFT, at=opened, errors="null")
    assert found["due_at"][1500] == opened + timedelta(hours=2)
    assert found["due_at"][1501] == found["due_at"][0]
    assert found["reason"].to_list()[-2:] == [None, "priority is missing"]


def test_a_target_at_the_end_of_what_is_known() -> None:
    """Reached at the last closing known, and nothing known after it; and never."""
    last = KOLMISOFT.schedules["working-hours"].timeline.table(4133900000000000, 4133900000000001)[3][-1]
    opened = [last - 7_200_000_000, last - 7_199_999_999]
    some = pl.DataFrame({"plan": "premium", "priority": "high", "opened_at": opened}).with_columns(
        pl.col("opened_at").cast(TIME)
    )
    found = columns.measure(some, at=datetime(2100, 12, 31, 21, tzinfo=UTC))
    assert found["due_at"].to_physical().to_list() == [last, None]
    assert found["breaches_after"].to_list() == [None, None]
    assert found["reason"].to_list()[0] is None
    assert found["reason"][1].startswith("no due time is known: holidays of LT are known")
    alone = columns.measure(some[:1], at=datetime(2100, 12, 31, 21, tzinfo=UTC))
    assert alone.to_dicts() == found[:1].to_dicts()


@pytest.mark.parametrize(("unit", "hours"), [("s", 7_200), ("ms", 7_200_000), (None, 7_200_000_000)])
def test_integers_of_any_unit_are_durations(unit: Any, hours: int) -> None:
    frame_given = pl.DataFrame({"opened_at": [datetime(2026, 7, 3, 13, 30, tzinfo=UTC)] * 2, "w": [hours, None]})
    for some in (frame_given, frame_given.lazy()):
        found = columns.with_due(some, queries.OFFICE, "w", unit=unit).lazy().collect()
        assert found["due_at"].to_list() == [datetime(2026, 7, 7, 5, 30, tzinfo=UTC), None]
    spans = frame_given.with_columns(pl.duration(hours=2).alias("w"))
    with pytest.raises(ValueError, match="unit is only for integers, but no column holds integers; leave out unit='s'"):
        columns.with_due(spans, queries.OFFICE, "w", unit="s")
    with pytest.raises(ValueError, match="unit is only for integers, but no column holds integers; leave out unit='s'"):
        columns.with_due(spans.lazy(), queries.OFFICE, queries.HOURS, unit="s")


def test_durations_as_seconds() -> None:
    opened = [datetime(2026, 7, 3, 13, 30, 0, 1, tzinfo=UTC)] * 2
    some = pl.DataFrame(
        {"plan": ["premium", None], "priority": "high", "opened_at": opened, "answered_at": [NOW, None]}
    )
    for each in (some, some.lazy()):
        found = columns.measure(each, at=NOW, durations="seconds").lazy().collect()
        assert found.select("elapsed_s", "target_s").rows() == [(5999.999999, 7200.0), (None, None)]
        assert found.select("elapsed_s", "target_s").dtypes == [pl.Float64()] * 2
        spans = columns.with_elapsed(each, queries.OFFICE, durations="seconds").lazy().collect()
        assert spans["elapsed_s"].to_list() == [5999.999999, None]
        assert "elapsed" in columns.with_elapsed(each, queries.OFFICE).lazy().collect().columns
    with pytest.raises(ValueError, match="the frame has target_s already"):
        columns.measure(some.with_columns(target_s=1), at=NOW, durations="seconds")


def test_the_city_of_boston() -> None:
    requests = pl.DataFrame(boston.requests(), infer_schema_length=None)
    found = columns.measure(requests, **boston.OPTIONS)
    assert boston.answers(found.to_dicts()) == boston.wanted()
    streamed_rows = columns.measure(requests.lazy(), **boston.OPTIONS).collect(engine="streaming")
    assert streamed_rows.equals(found)


def test_before_the_first_edition_nothing_is_promised_but_names_are_names() -> None:
    early = datetime(2024, 12, 31, 12, tzinfo=UTC)
    facts = {"plan": "gold", "channel": None, "version": None, "answered_at": None, "opened_at": early}
    rows = [{"id": 1, "priority": "normal", **facts}, {"id": 2, "priority": "nonsense", **facts}]
    case = Tickets("editions", "first-response", early + timedelta(days=1), rows)
    found = columns.measure(frame(rows), policy=case.policy, at=case.at, errors="null")
    agree(case, rows_of(found))
    assert found["state"].to_list() == ["not-covered", None]


def test_an_instant_without_an_offset_is_refused_before_a_lazy_frame_is_read() -> None:
    with pytest.raises(NaiveTimeError, match="has no offset"):
        columns.measure(pl.LazyFrame(schema=SCHEMA), at=datetime(2026, 7, 7))


@pytest.mark.parametrize(
    "kind",
    [
        pl.Enum(["gold", "silver", "premium"]),
        pl.Enum(["gold", "premium", *map(str, range(100))]),
        pl.Categorical(),
    ],
    ids=["Enum", "Enum with more categories than rows", "Categorical"],
)
def test_categories_that_no_row_has_and_nulls_among_them(kind: Any) -> None:
    opened = [datetime(2026, 7, 3, 13, 30, tzinfo=UTC)] * 3
    table = pl.DataFrame({"plan": ["premium", None, "gold"], "priority": "high", "opened_at": opened})
    table = table.with_columns(pl.col("plan").cast(kind))
    at = datetime(2026, 7, 3, 14, tzinfo=UTC)
    for each in (table, pl.concat([table[:1], table[1:]], rechunk=False)):
        found = columns.measure(each, at=at, errors="null")
        assert found["state"].to_list() == ["running", "not-covered", None]
        assert found["reason"][2] == "plan 'gold' is not one of ENTERPRISE, PREMIUM"
    many = pl.DataFrame({"plan": [str(n) for n in range(50)], "priority": "high", "opened_at": opened[0]})
    many = many.with_columns(pl.col("plan").cast(kind, strict=False))
    assert columns.measure(many, at=at, errors="null")["state"].to_list() == (
        ["not-covered"] * 50 if many["plan"].null_count() else [None] * 50
    )


def test_columns_where_one_value_is_wanted() -> None:
    """Polars' own errors are none of Python's."""
    office, at = queries.OFFICE, datetime(2026, 7, 3, 13, 30, tzinfo=UTC)
    for column in (pl.Series([None]), pl.Series([at]), pl.DataFrame({"a": [1]}), np.array([1, 2]), np.array(3)):
        wrong: Any = column
        for ask in (office.is_open, office.next_open, lambda wrong: office.elapsed(at, wrong)):
            with pytest.raises(TypeError, match="an instant must be an aware datetime, not "):
                ask(wrong)
        with pytest.raises(TypeError, match="a duration must be a timedelta, not "):
            office.due(at, wrong)
        with pytest.raises(TicketError, match="opened_at: .* is not a time"):
            Ticket(plan="premium", priority="high", opened_at=wrong)
        with pytest.raises(TypeError, match="pattern must be a str, not "):
            read("2026-07-03T16:30", pattern=wrong)
    none: Any = np.array(3)
    with pytest.raises(TypeError, match="tickets must be an Iterable, not "):
        queue(none, at)
    days: Any = pl.Series([date(2026, 7, 6)])
    assert office.replace(holidays=days) == office.replace(holidays=[date(2026, 7, 6)])


def test_metrics_of_the_policys_own() -> None:
    """What ends with an answer ends at `answered_at`, whatever its name; what does not goes on."""
    ack = Metric(name="ack", starts=("opened",), ends=("answered", "owner"), reopened="ignore")
    own = Metric(name="first-response", starts=("opened",), ends=("resolved",), reopened="ignore")
    [premium] = [plan for plan in KOLMISOFT.plans.values() if plan.name == "PREMIUM"]
    targets = {**premium.targets, "ack": Target(within=timedelta(hours=1))}
    policy = KOLMISOFT.replace(metrics=[ack, own], plans=[premium.replace(targets=targets)])
    opened = datetime(2026, 7, 3, 8, tzinfo=UTC)
    row = {"plan": "premium", "priority": "high", "opened_at": opened, "answered_at": opened + timedelta(minutes=30)}
    at = datetime(2026, 7, 8, tzinfo=UTC)
    for metric, state in ((policy.metrics["ack"], "met"), ("first-response", "breached")):
        ticket = Ticket(**row)  # type: ignore[arg-type]
        [cycle] = cycles(ticket, policy=policy, metric=metric)  # type: ignore[arg-type]
        assert cycle.status(at).state == state
        found = columns.measure(pl.DataFrame([row]), policy=policy, metric=metric, at=at)  # type: ignore[arg-type]
        assert found["state"].to_list() == [state]
        lazy = columns.measure(pl.LazyFrame([row]), policy=policy, metric=metric, at=at)  # type: ignore[arg-type]
        assert lazy.collect()["state"].to_list() == [state]
    repeats = ack.replace(repeats=True)
    with pytest.raises(ValueError, match="ack may have several cycles or none: type columns.cycles"):
        columns.measure(pl.DataFrame([row]), policy=policy.replace(metrics=[repeats]), metric=repeats, at=at)
