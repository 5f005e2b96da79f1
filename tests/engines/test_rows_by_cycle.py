"""Frames with a row for each cycle: answers by hand, other libraries of frames, and what is refused."""

import tomllib
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

pl = pytest.importorskip("polars", reason="the extra polars is not installed")

from kolmisla import KOLMISOFT, Metric, Policy, Ticket, TicketError, columns, cycles
from tests.engines.test_cycles_in_columns import SEVEN, agree
from tests.engines.test_outcomes import frames
from tests.lives_of_tickets import MINUTE, NOW, OPENED, desk, ticket_of

pytestmark = pytest.mark.polars

Row = dict[str, Any]
GOLD: Row = {"plan": "gold", "priority": "high"}


def told(*kinds: str, minutes: int = 10, **said: Any) -> list[Row]:
    """Events, one each ten minutes."""
    return [
        {"kind": kind, "at": OPENED + number * minutes * MINUTE, **(said if kind in KINDS_THAT_SAY else {})}
        for number, kind in enumerate(kinds, 1)
    ]


KINDS_THAT_SAY = ("owner", "priority", "waived", "plan")


def rows(*lives: list[Row], metric: Any = "all", policy: Policy | None = None, **options: Any) -> list[Row]:
    tickets, events = frames([(GOLD, own) for own in lives])
    given: Row = {"at": NOW, "policy": policy or desk(), **options}
    found: list[Row] = columns.cycles(tickets, events=events, metric=metric, **given).to_dicts()
    return found


def test_cycles_by_hand() -> None:
    """The owner has the ticket from 8:10 to 8:20, and from 8:40. The promise is 40 minutes round the clock."""
    policy = desk()
    life = told("owner", "resolved", "reopened", "owner", value="L1")
    found = rows(life, metric=policy.metrics["ola"])
    assert [(row["cycle"], row["elapsed"], row["state"]) for row in found] == [
        (1, 10 * MINUTE, "met"),
        (2, NOW - OPENED - 30 * MINUTE, "breached"),
    ]
    assert found[1]["due_at"] == OPENED + 70 * MINUTE
    assert [row["started_at"] for row in found] == [OPENED + 10 * MINUTE, OPENED + 30 * MINUTE]


def test_a_ticket_without_a_cycle_has_a_row() -> None:
    policy = desk()
    (row,) = rows([], metric=policy.metrics["ola"])
    assert (row["metric"], row["cycle"], row["state"]) == ("ola", None, "not-covered")
    assert row["reason"] == "no cycle of ola has begun"


@pytest.mark.parametrize("kind", ["polars", "pandas", "arrow"])
def test_frames_of_every_library(kind: str) -> None:
    lives = [told("answered", "asked", "answered"), [], told("waived", value=None, reason="outage")]
    tickets, events = frames([(GOLD, own) for own in lives])
    wanted = columns.cycles(tickets, events=events, metric="next-response", policy=desk(), at=NOW)
    if kind == "pandas":
        pytest.importorskip("pandas")
        found = columns.cycles(
            tickets.to_pandas(), events=events.to_pandas(), metric="next-response", policy=desk(), at=NOW
        )
        assert str(found["cycle"].dtype) == "Int64"
        assert found.index.tolist() == [0, 1, 2]
        found = pl.from_pandas(found.reset_index(drop=True))
    else:
        given = (tickets, events) if kind == "polars" else (tickets.to_arrow(), events.to_arrow())
        found = columns.cycles(given[0], events=given[1], metric="next-response", policy=desk(), at=NOW)
        found = found if kind == "polars" else pl.from_arrow(found)
    assert found["cycle"].to_list() == wanted["cycle"].to_list() == [1, None, None]
    assert found["state"].to_list() == wanted["state"].to_list()
    assert found["started_at"].to_list() == wanted["started_at"].to_list()


def test_durations_and_names_of_new_columns() -> None:
    (row,) = rows(told("answered"), metric="first-response", durations="seconds", prefix="sla_")
    assert (row["sla_elapsed_s"], row["sla_target_s"], row["sla_response_s"], row["sla_cycle"]) == (600, 1200, 600, 1)
    tickets, _ = frames([(GOLD, [])])
    with pytest.raises(ValueError, match="the frame has state already; choose a prefix"):
        columns.cycles(tickets.with_columns(state=pl.lit("new")), at=NOW, policy=desk())


def test_an_invalid_ticket_has_one_row_or_raises() -> None:
    early = [{"kind": "answered", "at": OPENED - MINUTE}]
    found = rows([], early, told("waived", reason="x", metric="ola", value=None), errors="null")
    assert [row["metric"] for row in found if row["id"] == 1] == [None]
    (row,) = [row for row in found if row["id"] == 1]
    assert (row["reason"], row["state"], row["cycle"]) == ("an event is before opened_at", None, None)
    with pytest.raises(TicketError, match="row 1: an event is before opened_at"):
        rows([], early)
    with pytest.raises(TicketError, match="row 0: priority 'huge' is not one of"):
        rows([{"kind": "priority", "at": OPENED + MINUTE, "value": "huge"}], metric="resolution")
    tickets, events = frames([(GOLD, told("answered", "asked"))])
    with pytest.raises(TicketError, match="events refer to ids that no ticket has: 0"):
        columns.cycles(tickets[:0], events=events, metric="all", at=NOW, policy=desk())


@pytest.mark.parametrize("metric", ["next-response", "ola"])
def test_what_is_wrong_with_a_ticket_is_wrong_with_its_cycles(metric: str) -> None:
    """Also if arrays leave the ticket to the scalar engine."""
    policy = desk()
    named: Any = policy.metrics["ola"] if metric == "ola" else metric
    life = told("answered", "asked", "owner", "priority", value="huge")
    tickets, events = frames([(GOLD, life), ({**GOLD, "priority": "huge"}, told("owner")), (GOLD, [])])
    tickets = tickets.with_columns(opened_at=pl.when(pl.col("id") < 2).then("opened_at"))
    found = columns.cycles(tickets, events=events, policy=policy, metric=named, at=NOW, errors="null")
    assert [row["reason"] and row["reason"].partition(" is not")[0] for row in found.to_dicts()] == [
        "priority 'huge'",
        "priority 'huge'",
        "opened_at is missing",
    ]


def test_a_ticket_of_the_future() -> None:
    later = NOW + timedelta(days=2)
    tickets, events = frames([(GOLD, [])])
    tickets = tickets.with_columns(opened_at=pl.lit(later))
    policy = desk()
    metric = Metric(name="m", starts=("opened",), ends=("answered",), repeats=True)
    plans = [plan.replace(targets={"m": plan.targets["resolution"]}) for plan in policy.plans.values()]
    policy = policy.replace(metrics=[metric], plans=plans)
    for given in (policy, policy.replace(plans=[plan.replace(targets={}) for plan in plans])):
        (row,) = columns.cycles(
            tickets, events=events, policy=given, metric=given.metrics["m"], at=NOW, errors="null"
        ).to_dicts()
        assert row["reason"] == "opened_at is after the instant at which tickets are judged"


def test_more_cycles_than_arrays_judge() -> None:
    life = told(*["answered", "asked"] * 60, minutes=1)
    assert len(rows(life, metric="next-response")) == 60
    agree(rows(life, metric="next-response"), [ticket_of(GOLD, life)], desk(), ["next-response"], NOW)


def test_an_edition_without_the_metric() -> None:
    """Nothing tells its tickets apart from those that the policy does not cover, but they have no cycle."""
    later = desk().replace(effective_from=date(2026, 7, 7))
    plans = [plan.replace(targets={}, pausing=[]) for plan in later.plans.values()]
    first = later.replace(effective_from=date(2026, 7, 1), metrics=[], plans=plans)
    policy = later.replace(earlier=[first])
    life = told("owner", value="L1")
    tickets, events = frames([(GOLD, life), (GOLD, life)])
    tickets = tickets.with_columns(
        opened_at=pl.when(pl.col("id") == 0).then(datetime(2026, 7, 3, tzinfo=UTC)).otherwise("opened_at")
    )
    found = columns.cycles(tickets, events=events, policy=policy, metric=policy.metrics["ola"], at=NOW).to_dicts()
    assert [(row["cycle"], row["reason"]) for row in found] == [(None, "no cycle of ola has begun"), (1, None)]


def test_years_that_a_schedule_does_not_know() -> None:
    tickets, events = frames([(GOLD, told("answered", "asked")), (GOLD, [])])
    tickets = tickets.with_columns(opened_at=pl.lit(datetime(1890, 1, 1, tzinfo=UTC)))
    found = columns.cycles(tickets, events=events, policy=KOLMISOFT, metric="all", at=NOW, errors="null", values=WORDS)
    assert all("outside what the schedule knows" in row["reason"] for row in found.to_dicts())
    early = events.with_columns(at=pl.lit(datetime(1890, 1, 2, tzinfo=UTC)))
    given: Row = {"policy": KOLMISOFT, "metric": "next-response", "values": WORDS}
    found = columns.cycles(tickets, events=early, at=NOW, errors="null", **given)
    assert ["outside what" in row["reason"] for row in found.to_dicts()] == [True, False]


def test_a_log_that_descends() -> None:
    """A question and the answer to it share an instant; what is told last comes first."""
    life = [*told("answered"), *({"kind": kind, "at": OPENED + 20 * MINUTE} for kind in ("asked", "answered", "asked"))]
    (first, second) = rows(life[::-1], metric="next-response")
    assert (first["elapsed"], first["state"]) == (timedelta(), "not-covered")
    assert (second["started_at"], second["ended_at"]) == (OPENED + 20 * MINUTE, None)


WORDS = {"plan": {"gold": "premium"}}


def test_frames_that_are_not_in_memory() -> None:
    tickets, _ = frames([(GOLD, [])])
    with pytest.raises(TypeError, match=r"cycles needs tickets in memory.* type \.collect\(\) to get a data frame"):
        columns.cycles(tickets.lazy(), at=NOW)
    duckdb = pytest.importorskip("duckdb")
    with pytest.raises(TypeError, match=r"type \.pl\(\) or \.arrow\(\) in DuckDB, \.toPandas\(\) in Spark,"):
        columns.cycles(duckdb.from_arrow(tickets.to_arrow()), at=NOW)
    with pytest.raises(TypeError, match="tickets and events must be frames of the same library"):
        columns.cycles(tickets, events=tickets.to_arrow(), at=NOW)


def test_seven_metrics_of_a_frame() -> None:
    policy = Policy.from_dict(tomllib.loads(SEVEN))
    given = {"plan": "all", "priority": "normal"}
    tickets, events = frames([(given, told("answered", "asked", "answered", "resolved"))])
    found = columns.cycles(tickets, events=events, policy=policy, metric="all", at=NOW)
    counted = found.group_by("metric", maintain_order=True).len().rows()
    assert counted == [
        *[("first-response", 1), ("next-response", 1), ("resolution", 1), ("first-reply", 1), ("next-reply", 1)],
        *[("update", 2), ("pausable-update", 2), ("requester-wait", 1), ("agent-work", 1), ("total", 1)],
    ]


@pytest.mark.parametrize(
    ("life", "ended"),
    [
        (["reopened"], None),  # the ticket runs, so nothing is reopened
        (["paused", "reopened"], 20),  # the end of a pause
        (["resolved", "reopened"], None),
        (["reopened", "resolved", "answered", "reopened"], None),
        (["resumed"], None),
    ],
)
@pytest.mark.parametrize("ends", ["resumed", "reopened"])
def test_a_reopening_of_a_ticket_that_is_not_resolved_is_no_resumption(
    life: list[str], ended: int | None, ends: str
) -> None:
    own = Metric(name="m", starts=("opened",), ends=(ends,), reopened="ignore")
    policy = desk().replace(metrics={**desk().metrics, "m": own})
    ticket = Ticket.imported(**GOLD, opened_at=OPENED, events=told(*life))
    (alone,) = cycles(ticket, policy=policy, metric=policy.metrics["m"])
    (row,) = rows(told(*life), metric=policy.metrics["m"], policy=policy)
    assert row["ended_at"] == alone.ended_at
    if ends == "resumed":
        assert row["ended_at"] == (None if ended is None else OPENED + ended * MINUTE)


def test_owners_schedules_and_openers_of_a_frame() -> None:
    """L2 works from noon to ten in the evening, in Vilnius; opened at eleven, an hour ends at one o'clock."""
    tickets, _ = frames([({**GOLD, "priority": "low"}, [])] * 3)
    tickets = tickets.with_columns(
        owner=pl.Series(["l2", None, None]),
        calendar=pl.Series([None, "late", "lunar"]),
        by=pl.Series([None, "Staff", "x"]),
    )
    names = {"owner": "owner", "schedule": "calendar", "opened_by": "by"}
    given: Row = {"policy": desk(), "at": NOW, "columns": names, "errors": "null"}
    for found in (columns.cycles(tickets, **given), columns.measure(tickets, **given)):
        assert found["due_at"].to_list() == [OPENED + 120 * MINUTE] * 2 + [None]
        assert found["reason"].to_list()[2] == "opened_by: 'x' must be requester or staff"
    named = tickets.with_columns(by=pl.lit(None, pl.String))
    assert (
        columns.cycles(named, **given)["reason"].to_list()[2] == "schedule 'lunar' is not one of office, late, always"
    )
    duckdb = pytest.importorskip("duckdb")
    with pytest.raises(ValueError, match="owner, schedule, opened_by can only be read from a file"):
        columns.measure(duckdb.from_arrow(tickets.to_arrow()), **given)


@pytest.mark.parametrize("starts", [("asked", "priority"), ("opened", "asked"), ("asked", "answered")])
def test_a_question_that_ends_a_cycle_of_a_resolved_ticket(starts: tuple[str, ...]) -> None:
    own = Metric(name="m", starts=starts, ends=("asked",), repeats=True, pauses="all")
    policy = desk().replace(metrics={**desk().metrics, "m": own})
    for last in ("paused", "reopened", "answered"):
        life = told("asked", "resolved", "asked", last, "asked")
        alone = cycles(Ticket.imported(**GOLD, opened_at=OPENED, events=life), policy=policy, metric=own)
        found = rows(life, metric=own, policy=policy)
        assert [(row["started_at"], row["ended_at"], row["elapsed"]) for row in found] == [
            (cycle.started_at, cycle.ended_at, cycle.elapsed(NOW)) for cycle in alone
        ]
        assert all(cycle.ended_at for cycle in alone[:-1])
