"""Frames have the cycles of any metric as the library finds them in each ticket alone."""

import io
import json
import tomllib
from datetime import datetime, timedelta
from typing import Any

import pytest

pl = pytest.importorskip("polars", reason="the extra polars is not installed")

from hypothesis import given
from hypothesis import strategies as st

from kolmisla import (
    KOLMISOFT,
    HorizonError,
    KolmislaError,
    Metric,
    NotCoveredError,
    Policy,
    Target,
    Ticket,
    columns,
    cycles,
)
from kolmisla.files import Layout, Log, Measuring
from kolmisla.files.bulk.logs.log import ColumnLog
from kolmisla.files.bulk.text import measure_text
from kolmisla.files.tables import CsvTable
from kolmisla.policies.promises import metrics_of
from kolmisla.tickets.cycles.cycle_clock import no_due_time
from kolmisla.tickets.cycles.cycle_clocks import no_cycle, terms_of, ticket_clocks, uncovered_cycles
from kolmisla.times.instants import EPOCH
from tests.engines.test_outcomes import frames, plainly
from tests.laws.test_metrics import PAUSING, definitions
from tests.laws.test_metrics import desk as desk_of
from tests.laws.test_metrics import events as lives_of
from tests.lives_of_tickets import MINUTE, NOW, OPENED, desk, facts, heard, lives, ticket_of
from tests.strategies import US

pytestmark = pytest.mark.polars

Row = dict[str, Any]
ANSWERS = ("due_at", "breaches_after", "elapsed", "target", "response")
ADDED = ("metric", "cycle", "started_at", "ended_at", "due_at", "breaches_after", "elapsed", "target", "state")


def alone(ticket: Ticket, policy: Policy, metric: str, at: datetime) -> list[Row]:
    """The rows of the cycles of a ticket: what the scalar engine says."""
    ticket = ticket.until(at)
    nothing = dict.fromkeys(ANSWERS)
    try:
        found = cycles(ticket, policy=policy, metric=metric)  # type: ignore[arg-type]
    except NotCoveredError as reason:
        bare = uncovered_cycles(policy, terms_of(ticket), ticket.opened, ticket.moments, metric)
        return [
            {
                **nothing,
                "metric": metric,
                "cycle": number,
                "started_at": EPOCH + cycle.started * US,
                "ended_at": None if cycle.ended is None else EPOCH + cycle.ended * US,
                "state": "not-covered",
                "reason": str(reason),
            }
            for number, cycle in enumerate(bare, 1)
        ]
    rows = []
    for cycle, clock in zip(found, ticket_clocks(ticket, policy, metric), strict=True):
        row: Row = {**nothing, "metric": metric, "cycle": cycle.number, "started_at": cycle.started_at}
        row |= {"ended_at": cycle.ended_at, "elapsed": cycle.elapsed(at), "response": response(ticket, clock)}
        if cycle.deadline is None:
            row |= {"state": "not-covered", "reason": clock.promise.missing}
        else:
            due = cycle.deadline
            said = [f"waived: {clock.waived}"] * (clock.waived is not None)
            said += [no_due_time(clock).partition(" since")[0]] * (due.due_at is None)
            row |= {"due_at": due.due_at, "breaches_after": due.breaches_after, "target": due.target}
            row |= {"state": due.status(at).state, "reason": "; ".join(said) or None}
        rows.append(row)
    return rows


def response(ticket: Ticket, clock: Any) -> timedelta | None:
    """The working time to the first answer in a cycle. In one from the opening, every answer to the ticket counts."""
    given = [event.at for event in heard(ticket) if event.kind == "answered"]
    started, ended = (None if at is None else EPOCH + at * US for at in (clock.started, clock.ended))
    if clock.started != ticket.opened:
        given = [at for at in given if at == ended or (at > started and (ended is None or at < ended))]
    try:
        return clock.promise.response_on.elapsed(started, given[0]) if given else None
    except HorizonError:
        return None


def every(ticket: Any, policy: Policy, metrics: Any, at: datetime) -> list[Row]:
    """The rows of a ticket, which may be an error that it has raised."""
    nothing = dict.fromkeys((*ADDED, *ANSWERS))
    if isinstance(ticket, KolmislaError):
        return [nothing]
    try:
        rows = [row for metric in metrics for row in alone(ticket, policy, metric, at)]
    except KolmislaError:
        return [nothing]
    reason = no_cycle(metrics[0])
    return rows or [{**nothing, "metric": metrics[0], "state": "not-covered", "reason": reason}]


def agree(found: list[Row], tickets: list[Any], policy: Policy, metrics: Any, at: datetime) -> None:
    """Each ticket of a frame has the rows that it has alone."""
    by_ticket: dict[int, list[Row]] = {number: [] for number in range(len(tickets))}
    for row in found:
        by_ticket[row["id"]].append(row)
    assert [row["id"] for row in found] == sorted(row["id"] for row in found)
    for number, ticket in enumerate(tickets):
        wanted = every(ticket, policy, metrics, at)
        rows = [{name: row[name] for name in each} for row, each in zip(by_ticket[number], wanted, strict=False)]
        assert rows == wanted
        assert len(by_ticket[number]) == len(wanted)


def imported(**facts: Any) -> Any:
    try:
        return Ticket.imported(**facts)
    except KolmislaError as fault:
        return fault


DRAWN = st.lists(st.tuples(facts(), lives()), max_size=4)


OWN = ("owner", "schedule", "opened_by")


def with_own(tickets: Any, drawn: Any) -> Any:
    """The frame with the owners, the schedules and the openers of the tickets."""
    return tickets.with_columns(
        pl.Series(name, [facts.get(name) for facts, _ in drawn], pl.String).alias(f"the {name}") for name in OWN
    )


def by_opener(due_dates: str) -> Policy:
    """A desk with a metric that begins with the first question, if the staff opened the ticket."""
    policy = desk(due_dates)
    own = Metric(name="reply", starts={"requester": ("opened",), "staff": ("asked",)}, ends=("answered",))
    return policy.replace(metrics=[*policy.metrics.values(), own])


@given(DRAWN, st.sampled_from(["fixed", "pause"]), st.sampled_from(["all", "ola", "reply", "resolution"]))
def test_events_of_every_kind(drawn: Any, due_dates: str, metric: str) -> None:
    policy = by_opener(due_dates)
    tickets, events = frames(drawn)
    tickets = with_own(tickets, drawn)
    named: Any = policy.metrics.get(metric, metric)
    names = {name: f"the {name}" for name in OWN}
    found = columns.cycles(tickets, policy=policy, metric=named, at=NOW, events=events, columns=names).to_dicts()
    metrics = metrics_of(policy) if metric == "all" else [metric]
    agree(found, [ticket_of(*one) for one in drawn], policy, metrics, NOW)


def varied(metric: Any, pausing: Any, waits: list[str], after: str, change: str) -> Policy:
    """A desk of which each priority has its own target and its own hours."""
    made = desk_of(metric, pausing, waits, after)
    targets = {"m": {"high": Target(within=10 * MINUTE), "low": Target(within=30 * MINUTE, schedule="office")}}
    plans = [plan.replace(targets=targets if plan.name == "gold" else {}) for plan in made.plans.values()]
    hours = {**made.schedules, "office": KOLMISOFT.schedules["working-hours"]}
    return made.replace(plans=plans, schedules=hours, priority_change=change)


CHANGES = st.sampled_from(["carry", "carry", "retroactive", "restart"])


def without(events: list[Row], kinds: tuple[str, ...]) -> list[Row]:
    return [event for event in events if event["kind"] not in kinds]


RARE = st.sampled_from([(), ("plan",), ("plan", "owner"), ("plan", "paused", "resumed")])  # so that arrays judge more


@given(
    st.tuples(st.lists(lives_of(), min_size=1, max_size=3), RARE).map(
        lambda drawn: [without(events, drawn[1]) for events in drawn[0]]
    ),
    definitions(), PAUSING, st.sampled_from([[], ["customer"]]), st.sampled_from(["goodbye", "question"]), CHANGES,
    st.integers(0, 60), st.sampled_from(["gold", "silver", None]),
)  # fmt: skip
def test_any_metric_in_any_life(
    told: Any, metric: Any, pausing: Any, waits: Any, after: str, change: str, now: int, plan: str | None
) -> None:
    policy, at = varied(metric, pausing, waits, after, change), OPENED + now * MINUTE
    tickets, events = frames([({"plan": plan, "priority": "low"}, own) for own in told])
    found = columns.cycles(tickets, policy=policy, metric=policy.metrics["m"], at=at, events=events, errors="null")
    alone = [imported(plan=plan, priority="low", opened_at=OPENED, events=own) for own in told]
    agree(found.to_dicts(), alone, policy, ["m"], at)


def written(measuring: Measuring, tickets: str, events: str | None, columns: bool) -> Any:
    """What a run writes, in columns or row by row."""
    out, rejects, table = io.StringIO(), io.StringIO(), CsvTable(io.StringIO(tickets))
    if columns:
        log = None if events is None else ColumnLog.read(CsvTable(io.StringIO(events)), measuring.layout)
        summary = measure_text(measuring, table, out, rejects, log=log)
    else:
        rows = None if events is None else Log.read(CsvTable(io.StringIO(events)), measuring.layout)
        summary = measuring.run(table, out, rejects, log=rows)
    told = json.dumps(summary.to_dict(measuring.policy)), [*summary.lines(measuring.policy)]
    return out.getvalue(), rejects.getvalue(), *told


def texts_of(drawn: Any) -> list[str]:
    return [frame.write_csv(datetime_format="%Y-%m-%dT%H:%M:%SZ") for frame in frames(drawn)]


@given(
    st.lists(st.tuples(facts(), st.one_of(lives(), lives_of())), max_size=5),
    st.sampled_from([None, "m", "ola", "all"]),
    definitions(),
    st.booleans(),
)
def test_a_file_is_judged_in_columns_as_row_by_row(drawn: Any, metric: str | None, own: Any, log: bool) -> None:
    policy = desk()
    policy = policy.replace(metrics=[*policy.metrics.values(), Metric(name="m", **own)])
    metrics = metrics_of(policy) if metric == "all" else metric and [metric]
    layout = Layout(known={"event_metric": metrics_of(policy)})
    measuring = Measuring(at=NOW, policy=policy, layout=layout, metrics=metrics)
    tickets, events = texts_of(plainly(drawn))
    rows = events if log else None
    assert written(measuring, tickets, rows, columns=True) == written(measuring, tickets, rows, columns=False)


@pytest.mark.parametrize("metric", ["next-response", "ola", "all"])
def test_an_event_before_the_opening_of_a_ticket_of_the_future(metric: str) -> None:
    """The event is after the instant at which tickets are judged, so no cycle hears it. It is wrong all the same."""
    lives = [[{"kind": kind, "at": OPENED - MINUTE}] for kind in ("answered", "resolved", "asked", "withdrawn")]
    tickets, events = texts_of([({"plan": "gold", "priority": "high"}, life) for life in lives])
    policy = desk()
    metrics = metrics_of(policy) if metric == "all" else [metric]
    measuring = Measuring(at=OPENED - 10 * MINUTE, policy=policy, metrics=metrics)
    found = written(measuring, tickets, events, columns=True)
    assert found == written(measuring, tickets, events, columns=False)
    assert found[1].count("is before opened_at") == len(lives)


def test_a_summary_does_not_depend_on_which_rows_are_judged_alone() -> None:
    """The waived ticket is judged alone, after its batch is counted. Row by row, it comes first."""
    took, waived, gone, reply = "owner", "waived", "withdrawn", "answered"
    said: Row = {took: {"value": "L1"}, waived: {"reason": "outage", "metric": "ola"}}
    lives: Any = [
        (
            {"plan": plan, "priority": "high"},
            [{"kind": kind, "at": OPENED + n * MINUTE, **said.get(kind, {})} for n, kind in enumerate(kinds, 1)],
        )
        for plan, *kinds in [("silver", took, waived, reply), ("gold", took, gone), ("gold", reply)]
    ]
    policy, tickets, events = desk(), *texts_of(lives)
    average, target = Target(within=10 * MINUTE, schedule="office"), Target(within=40 * MINUTE)
    plans = [
        plan.replace(average=average, targets={**plan.targets, "first-response": target, "ola": target})
        for plan in policy.plans.values()
    ]
    measuring = Measuring(at=NOW, policy=policy.replace(plans=plans), metrics=["first-response", "ola"])
    found = written(measuring, tickets, events, columns=True)
    assert found == written(measuring, tickets, events, columns=False)
    told = json.loads(found[2])
    assert list(told["metrics"]["ola"])[5:7] == ["withdrawn", "waived"]
    assert [each["plan"] for each in told["responses"]] == ["gold", "silver"]
    assert "1 withdrawn, 1 waived (outage 1)" in "".join(found[3])


SEVEN = """
name = "seven"
timezone = "UTC"
schedules.always.open = "always"
priorities.normal = { rank = 1, schedule = "always" }
plans.all = { rank = 1, targets = { requester-wait = { within = "PT8H" }, update = { within = "PT4H" } } }
metrics.first-reply = { starts = ["opened"], ends = ["answered"], reopened = "ignore" }
metrics.next-reply = { starts = ["asked"], after = ["answered"], ends = ["answered", "resolved"], repeats = true }
metrics.update = { starts = ["answered"], ends = ["answered", "resolved"], repeats = true }
metrics.pausable-update = { starts = ["answered"], ends = ["answered", "resolved"], repeats = true, pauses = ["wait"] }
metrics.requester-wait = { starts = ["opened"], ends = ["resolved"], pauses = ["wait"] }
metrics.agent-work = { starts = ["opened"], ends = ["resolved"], pauses = ["wait", "hold"] }
metrics.total = { starts = ["opened"], ends = ["resolved"], pauses = "none" }
"""
LIFE = ["answered", "asked", "answered", "paused", "resumed", "asked", "resolved", "reopened", "answered", "withdrawn"]


def test_seven_metrics_need_no_row_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = Policy.from_dict(tomllib.loads(SEVEN))
    rows = [{"kind": kind, "at": OPENED + 7 * n * MINUTE} for n, kind in enumerate(LIFE, 1)]
    tickets, events = texts_of([({"plan": "all", "priority": "normal"}, rows[:n]) for n in range(11)])
    measuring = Measuring(at=NOW, policy=policy, metrics=metrics_of(policy))
    alone = written(measuring, tickets, events, columns=False)
    monkeypatch.setattr(Measuring, "judged", None)
    assert written(measuring, tickets, events, columns=True) == alone
    assert (alone[0].count(",next-reply,"), alone[0].count("withdrawn")) == (14, 2)
