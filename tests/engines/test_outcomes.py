"""Frames and files in columns judge tickets with events of every kind as the library judges each alone."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

pl = pytest.importorskip("polars", reason="the extra polars is not installed")

from hypothesis import given
from hypothesis import strategies as st

from kolmisla import Metric, NotCoveredError, Policy, TicketError, columns, cycles, report
from kolmisla.errors import NaiveTimeError
from kolmisla.files import Layout, Log, Measuring
from kolmisla.files.bulk.logs.log import ColumnLog
from kolmisla.files.bulk.text import measure_text
from kolmisla.files.tables import CsvTable
from kolmisla.tickets.cycles.cycle_clocks import ticket_clocks
from tests.lives_of_tickets import NOW, OPENED, desk, facts, heard, lives, ticket_of

pytestmark = pytest.mark.polars

SCHEMA = dict.fromkeys(("kind", "value", "metric", "reason"), pl.String)
AT = pl.Datetime("us", "UTC")


def frames(drawn: list[tuple[dict[str, Any], list[dict[str, Any]]]]) -> tuple[Any, Any]:
    rows = [
        {"id": number, "plan": given["plan"], "priority": given["priority"], "opened_at": OPENED}
        for number, (given, _) in enumerate(drawn)
    ]
    tickets = pl.DataFrame(rows, schema={"id": pl.Int64, "plan": pl.String, "priority": pl.String, "opened_at": AT})
    told = [{"id": number, **event} for number, (_, events) in enumerate(drawn) for event in events]
    return tickets, pl.DataFrame(told, schema={"id": pl.Int64, "at": AT, **SCHEMA})


def plainly(
    drawn: list[tuple[dict[str, Any], list[dict[str, Any]]]],
) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """The same without the facts that frames do not have."""
    return [({"plan": given["plan"], "priority": given["priority"]}, events) for given, events in drawn]


DRAWN = st.lists(st.tuples(facts(), lives()), max_size=6)


@given(DRAWN, st.sampled_from(["first-response", "resolution"]), st.sampled_from(["fixed", "pause"]))
def test_a_frame_judges_as_one_ticket_is_judged(
    drawn: list[tuple[dict[str, Any], list[dict[str, Any]]]], metric: Any, due_dates: str
) -> None:
    drawn, policy = plainly(drawn), desk(due_dates)
    tickets, events = frames(drawn)
    found = columns.measure(tickets, policy=policy, metric=metric, at=NOW, events=events).to_dicts()
    for row, one in zip(found, drawn, strict=True):
        ticket = ticket_of(*one).until(NOW)
        try:
            cycle = cycles(ticket, policy=policy, metric=metric)[-1]
        except NotCoveredError as reason:
            assert (row["state"], row["reason"]) == ("not-covered", str(reason))
            continue
        assert row["ended_at"] == cycle.ended_at
        assert row["elapsed"] == cycle.elapsed(NOW)
        if cycle.deadline is None:
            assert row["state"] == "not-covered"
            continue
        assert row["state"] == cycle.deadline.status(NOW).state
        assert (row["due_at"], row["breaches_after"]) == (cycle.deadline.due_at, cycle.deadline.breaches_after)
        clock = ticket_clocks(ticket, policy, metric)[-1]
        answers = [event.at for event in heard(ticket) if event.kind == "answered"]
        assert row["response"] == (clock.promise.response_on.elapsed(OPENED, answers[0]) if answers else None)
        waived = clock.waived
        assert str(row["reason"]).startswith(f"waived: {waived}") == (waived is not None)


@given(DRAWN, st.sampled_from(["first-response", "resolution", "ola"]))
def test_a_report_of_a_frame_is_that_of_its_tickets(
    drawn: list[tuple[dict[str, Any], list[dict[str, Any]]]], metric: str
) -> None:
    drawn, policy = plainly(drawn), desk()
    named = cast("Metric", policy.metrics[metric] if metric == "ola" else metric)
    tickets, events = frames(drawn)
    made = report(tickets, events=events, policy=policy, metric=named, at=NOW)
    alone = report([ticket_of(*one) for one in drawn], policy=policy, metric=named, at=NOW)
    assert (made.cells, made.waivers, made.responses) == (alone.cells, alone.waivers, alone.responses)


def test_a_metric_that_arrays_do_not_judge_goes_row_by_row() -> None:
    policy = desk()
    tickets = frames([({"plan": "gold", "priority": "high"}, [])])[0]
    made = report(tickets, policy=policy, metric=policy.metrics["ola"], at=NOW)
    assert (made.total.tickets, made.total.not_covered) == (1, 1)
    with pytest.raises(ValueError, match="ola may have several cycles or none: type columns.cycles"):
        columns.measure(tickets, policy=policy, metric=policy.metrics["ola"], at=NOW)


def test_parquet_is_refused_for_a_metric_that_arrays_do_not_judge(tmp_path: Path) -> None:
    from kolmisla.files.bulk.parquet import ParquetJob

    tickets = frames([({"plan": "gold", "priority": "high"}, [])])[0]
    tickets.write_parquet(path := tmp_path / "t.parquet")
    measuring = Measuring(at=NOW, policy=desk(), metrics=["ola"])
    with pytest.raises(ValueError, match="ola must be in rows of text, such as CSV, not Parquet, because it has"):
        ParquetJob(str(path), measuring, lambda *_: None)


REPLY = """
name = "desk"
timezone = "UTC"
schedules.always.open = "always"
priorities.P1 = { rank = 1, schedule = "always" }
metrics.reply = { starts = ["opened"], ends = ["answered"], reopened = "ignore" }
metrics.closing = { starts = ["opened"], ends = ["resolved"], reopened = "ignore" }
plans.GOLD = { rank = 1, targets = { reply = { within = "PT1H" }, closing = { within = "PT2H" } } }
"""


@pytest.mark.parametrize("metric", ["reply", "closing"])
def test_a_metric_of_the_policy_ends_at_the_answer_in_a_column(metric: str) -> None:
    """Also in a database, and in a report."""
    import tomllib

    duckdb = pytest.importorskip("duckdb")
    policy = Policy.from_dict(tomllib.loads(REPLY))
    facts = {"plan": "GOLD", "priority": "P1", "opened_at": OPENED}
    times = [None, timedelta(0), timedelta(minutes=30), timedelta(minutes=90)]
    frame = pl.DataFrame(
        [
            {"id": number, **facts, "answered_at": None if after is None else OPENED + after}
            for number, after in enumerate(times)
        ],
        schema_overrides={"answered_at": AT, "opened_at": AT},
    )
    given: dict[str, Any] = {"policy": policy, "metric": policy.metrics[metric], "at": NOW}
    found = columns.measure(frame, **given)
    wanted = ["breached", "met", "met", "breached"] if metric == "reply" else ["breached"] * 4
    assert found["state"].to_list() == wanted
    assert found["response"].to_list() == times  # as for a built-in metric, which differs by its name alone
    again = columns.measure(duckdb.sql("SELECT * FROM frame"), **given)
    assert [row[0] for row in again.order("id").project("state").fetchall()] == wanted
    made = report(frame, **given)
    assert (made.total.met, made.total.breached) == (wanted.count("met"), wanted.count("breached"))


EVENT = {"id": 0, "at": OPENED + timedelta(minutes=5)}


@pytest.mark.parametrize(
    ("event", "told", "error"),
    [
        ({"kind": "due", "value": "2026-07-07T12:00"}, "has no UTC offset|must have an offset|offset", NaiveTimeError),
        ({"kind": "due", "value": "soon"}, "soon", TicketError),
        ({"kind": "due"}, "an event of the kind 'due' must say which due time was agreed", TicketError),
        ({"kind": "waived"}, "a waiver must have a reason", TicketError),
        ({"kind": "waived", "reason": "x", "metric": "speed"}, "metric 'speed' of an event is not one of", TicketError),
        ({"kind": "plan"}, "a change of plan has no value", TicketError),
    ],
)
def test_events_of_frames_that_cannot_be_read(event: dict[str, Any], told: str, error: type[Exception]) -> None:
    tickets, _ = frames([({"plan": "gold", "priority": "high"}, [])])
    events = pl.DataFrame([{**EVENT, **event}], schema={"id": pl.Int64, "at": AT, **SCHEMA})
    with pytest.raises(error, match=told):
        columns.measure(tickets, policy=desk(), at=NOW, events=events)
    found = columns.measure(tickets, policy=desk(), at=NOW, events=events, errors="null")
    assert found["state"].to_list() == [None]


def test_wall_times_and_words_of_a_frame() -> None:
    tickets, _ = frames([({"plan": "gold", "priority": "high"}, [])] * 2)
    told = [
        {"id": 0, "at": datetime(2026, 7, 7, 11, 5), "kind": "Agreed", "value": "2026-07-07T12:00", "what": "TTR"},
        {"id": 1, "at": datetime(2026, 7, 7, 11, 5), "kind": "Spam"},
    ]
    schema: dict[str, Any] = {
        "id": pl.Int64,
        "at": pl.Datetime("us"),
        "kind": pl.String,
        "value": pl.String,
        "what": pl.String,
    }
    found = columns.measure(
        tickets, policy=desk(), metric="resolution", at=NOW, events=pl.DataFrame(told, schema=schema),
        columns={"event_metric": "what"}, timezone="Europe/Vilnius", ambiguous="refuse",
        values={"kind": {"Agreed": "due", "Spam": "withdrawn"}, "event_metric": {"TTR": "resolution"}},
    )  # fmt: skip
    assert found["due_at"].to_list() == [datetime(2026, 7, 7, 9, tzinfo=UTC), OPENED + timedelta(minutes=90)]
    assert found["state"].to_list() == ["breached", "withdrawn"]


@pytest.mark.parametrize("fact", ["status", "due_at", "target_s"])
def test_facts_that_frames_do_not_have(fact: str) -> None:
    tickets, _ = frames([({"plan": "gold", "priority": "high"}, [])])
    for ask in (columns.measure, report):
        with pytest.raises(ValueError, match=f"{fact} can only be read from a file"):
            ask(tickets, policy=desk(), at=NOW, columns={fact: "plan"})


@given(DRAWN)
def test_a_log_in_columns_is_as_one_read_row_by_row(drawn: list[tuple[dict[str, Any], list[dict[str, Any]]]]) -> None:
    tickets, events = frames(plainly(drawn))
    texts = [frame.write_csv(datetime_format="%Y-%m-%dT%H:%M:%SZ") for frame in (tickets, events)]
    layout = Layout(known={"event_metric": ("first-response", "next-response", "resolution", "ola")})
    measuring = Measuring(at=NOW, policy=desk(), layout=layout, metrics=("first-response", "resolution"))
    written = []
    for log in (
        Log.read(CsvTable(io.StringIO(texts[1])), layout),
        ColumnLog.read(CsvTable(io.StringIO(texts[1])), layout),
    ):
        out, rejects = io.StringIO(), io.StringIO()
        table = CsvTable(io.StringIO(texts[0]))
        if isinstance(log, ColumnLog):
            summary = measure_text(measuring, table, out, rejects, log=log)
        else:
            assert log is not None
            summary = measuring.run(table, out, rejects, log=log)
        written.append((out.getvalue(), rejects.getvalue(), summary.to_dict(measuring.policy)))
    assert written[0] == written[1]


def test_a_plain_log_stays_in_columns() -> None:
    """Only tickets with agreed times or waivers leave the columns."""
    rows = "1,2026-07-07T08:00Z,withdrawn,\n2,2026-07-07T08:00Z,extended,PT1H\n"
    log = ColumnLog.read(CsvTable(io.StringIO(f"id,at,kind,value\n{rows}")), Layout())
    assert log is not None
    assert log.alone(log.numbers_of(pl.Series(["1", "2"]))).tolist() == [False, True]
    assert log.told >= {"answered", "withdrawn"}
