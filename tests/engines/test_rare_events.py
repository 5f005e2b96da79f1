"""Events of tickets in frames that random draws reach seldom: each has the answer of the scalar engine."""

from datetime import UTC, datetime
from typing import Any

import pytest

pl = pytest.importorskip("polars", reason="the extra polars is not installed")

from hypothesis import given
from hypothesis import strategies as st

from kolmisla import Policy, Ticket, columns, cycles
from kolmisla.columns.kernel.alone.events import OneByOne
from kolmisla.columns.kernel.naming.courses import Courses
from kolmisla.columns.kernel.naming.named_instants import STARTS_AT_ONCE, NamedInstants
from kolmisla.policies.terms.metrics import MetricName
from kolmisla.times.instants import micros
from tests.engines.tickets import HOUR, Row, Tickets, agree, in_utc

pytestmark = pytest.mark.polars

OPENED = datetime(2026, 7, 1, 6, tzinfo=UTC)  # nine o'clock in Vilnius, a Wednesday
NOW = datetime(2026, 7, 20, tzinfo=UTC)
TIME = pl.Datetime("us", "UTC")
TICKETS = {
    **dict.fromkeys(("plan", "priority", "channel", "version"), pl.String),
    **dict.fromkeys(("opened_at", "answered_at", "resolved_at"), TIME),
    "id": pl.Int64,
}
EVENTS = {"id": pl.Int64, "at": TIME, "kind": pl.String, "value": pl.String}
PLAIN: Row = {"plan": "basic", "priority": "normal", "answered_at": None, "channel": None, "version": None}


def tickets(*facts: Row) -> list[Row]:
    return [{"id": number, **PLAIN, "opened_at": OPENED, **own} for number, own in enumerate(facts)]


def event(at: datetime, kind: str, value: str | None = None) -> Row:
    return {"at": at, "kind": kind, "value": value}


def judged(case: Tickets, events: dict[int, list[Row]], **ends: list[datetime | None]) -> list[Row]:
    """The rows of the frame of a case, with these events and short forms of events, which agree with the case."""
    facts = pl.DataFrame(case.rows, schema_overrides=TICKETS)
    facts = facts.with_columns(pl.Series(name, values, TIME) for name, values in ends.items())
    told = [{"id": number, **each} for number, own in events.items() for each in own]
    found = columns.measure(
        facts,
        policy=case.policy,
        metric=case.metric,
        at=case.at,
        events=pl.DataFrame(told, schema=EVENTS),
        columns={name: name for name in ends},
        errors="null",
    )
    rows = [in_utc(row) for row in found.to_dicts()]
    agree(case, rows)
    return rows


def test_events_judged_one_by_one_beside_ends_in_columns() -> None:
    ended: list[datetime | None] = [None, OPENED + 3 * HOUR, OPENED + 5 * HOUR]
    logged = {
        0: [event(OPENED + HOUR, "due", "2026-07-03T12:00Z")],
        1: [event(OPENED + HOUR, "due", "2026-07-01T08:00Z")],
        2: [event(OPENED + HOUR, "asked")],
    }
    told = {
        number: own + [event(at, "resolved") for at in [ended[number]] if at is not None]
        for number, own in logged.items()
    }
    case = Tickets("desk", "resolution", NOW, tickets(*[{"plan": "gold"}] * 3), told)
    found = judged(case, logged, resolved_at=ended)
    assert [row["state"] for row in found] == ["breached", "breached", "met"]


@pytest.mark.parametrize("metric", ["first-response", "resolution"])
def test_events_twenty_years_behind_the_opening_in_any_order(metric: MetricName) -> None:
    """Their times agree in the first bits, and do not fit into one integer together with their tickets."""
    later = OPENED.replace(year=2046)
    own = [event(later + hours * HOUR, kind) for hours, kind in ((0, "paused"), (1, "resumed"), (2, "paused"))]
    events = dict.fromkeys(range(2), own)
    rows = tickets({"priority": "minor", "opened_at": OPENED}, {"plan": "gold"})
    case = Tickets("desk", metric, later + 3 * HOUR, rows, events)
    found = judged(case, {number: [*reversed(own)] for number in events})
    assert [row["state"] for row in found] == ["breached"] * 2


def test_a_target_in_days_that_ends_in_a_year_that_is_not_known() -> None:
    opened = datetime(2100, 12, 31, 8, tzinfo=UTC)
    rows = tickets(*[{"plan": "gold", "opened_at": opened}] * 2, {"plan": "gold", "opened_at": opened - 24 * 14 * HOUR})
    events = {number: [event(opened + HOUR, "asked"), event(opened + HOUR, "priority", "normal")] for number in (0, 2)}
    case = Tickets("in days", "first-response", opened + 3 * HOUR, rows, events)
    found = judged(case, events)
    assert [row["state"] for row in found] == [None, None, "breached"]
    assert found[0]["reason"] == found[1]["reason"]
    assert found[0]["reason"].startswith("a time is outside what the schedule knows: ")


def test_a_target_in_days_whose_instant_is_before_the_change_to_it() -> None:
    """What is counted until the instant ends in a stretch of an earlier priority."""
    events = {0: [event(OPENED + 24 * days * HOUR, "priority", name) for days, name in ((1, "minor"), (6, "urgent"))]}
    events[1] = events[0][1:]
    case = Tickets("in days", "first-response", NOW, tickets(*[{"plan": "gold"}] * 2), events)
    found = judged(case, events)
    assert [row["due_at"] for row in found] == [OPENED + 24 * HOUR, OPENED + 31 * HOUR]


def test_a_log_that_descends_tells_the_state_at_the_opening_from_its_end() -> None:
    own = [event(OPENED - HOUR, "priority", "normal"), event(OPENED - HOUR, "priority", "urgent")]
    own.append(event(OPENED + HOUR, "asked"))
    case = Tickets("desk", "first-response", NOW, tickets({"plan": "gold"}), {0: own})
    for told in (own, [*reversed(own)]):
        assert judged(case, {0: told})[0]["due_at"] == OPENED + HOUR


@pytest.mark.parametrize("kind", ["asked", "due"])
def test_ends_in_columns_come_before_a_log_that_descends(kind: str) -> None:
    """Whether arrays judge the ticket, or it is judged alone."""
    at = OPENED + HOUR
    own = [event(at, "asked"), event(at, "reopened")]
    own.append(event(OPENED + 3 * HOUR, kind, "2026-07-03T12:00Z" if kind == "due" else None))
    case = Tickets("desk", "resolution", NOW, tickets({"plan": "gold"}), {0: [event(at, "resolved"), *own]})
    for told in (own, [*reversed(own)]):
        assert judged(case, {0: told}, resolved_at=[at])[0]["ended_at"] is None


KINDS = ("priority", "priority", "paused", "resumed", "resolved", "reopened", "reopened", "answered", "extended")
few_instants = st.sampled_from([0, 1, 1, 1, -1, -1, 2]).map(lambda hours: OPENED + hours * HOUR)
happened = st.lists(
    st.tuples(few_instants, st.sampled_from(KINDS), st.sampled_from(["urgent", "minor"])), min_size=2, max_size=6
)


@given(
    told=st.lists(
        st.tuples(happened, st.none() | few_instants.filter(lambda at: at >= OPENED)), min_size=12, max_size=12
    ),
    metric=st.sampled_from(["first-response", "resolution"]),
    descends=st.booleans(),
)
def test_logs_in_both_directions_beside_ends_in_columns(told: Any, metric: MetricName, descends: bool) -> None:
    """Many events share an instant: a column comes before the log, and the log keeps its order from its early end."""
    logged, events, ends = {}, {}, []
    for number, (rows, resolved) in enumerate(told):
        value_of = {"extended": "PT1H"}
        own = [event(at, kind, name if kind == "priority" else value_of.get(kind)) for at, kind, name in rows]
        own.sort(key=lambda each: each["at"])
        own.append(event(OPENED + 9 * HOUR, "asked"))  # so that no log is of one instant
        first = [] if resolved is None else [event(resolved, "resolved")]
        logged[number], events[number] = own[::-1] if descends else own, first + own
        ends.append(resolved)
    case = Tickets("desk", metric, NOW, tickets(*[{"plan": "gold"}] * len(told)), events)
    judged(case, logged, resolved_at=ends)


def test_a_far_off_year_costs_no_years_between(monkeypatch: pytest.MonkeyPatch) -> None:
    """Courses of named instants are computed for the years of openings and of changes, and for no other year.

    The first ticket is of an edition in which a change of priority restarts the clock, so it counts from 2040.
    """
    blocks: list[int] = []

    def block(self: NamedInstants, number: int) -> Courses:
        blocks.append(number)
        return of_block(self, number)

    of_block = NamedInstants._of_block
    monkeypatch.setattr(NamedInstants, "_of_block", block)
    changed, asked = OPENED.replace(year=2040), OPENED.replace(year=2060)
    late = OPENED.replace(year=2089)
    facts = tickets({"plan": "gold"}, {"plan": "gold", "opened_at": late})
    told = {0: [event(changed, "priority", "minor"), event(asked, "paused")], 1: [event(late, "paused")]}
    found = judged(Tickets("in days by turns", "resolution", NOW.replace(year=2090), facts, told), told)
    assert [(row["state"], row["due_at"].year) for row in found[:1]] == [("breached", 2040)]
    expected = {micros(at) // STARTS_AT_ONCE for at in (OPENED, changed, late)}
    assert set(blocks) <= expected


def test_a_pause_that_does_not_stop_the_clock_goes_alone_only_if_it_may_reopen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hold before the resolution changes nothing; one at or after it may reopen the ticket."""
    policy = Policy.from_dict(
        {
            "name": "desk",
            "timezone": "UTC",
            "schedules": {"always": {"open": "always"}},
            "priorities": {"normal": {"rank": 1, "schedule": "always"}},
            "plans": {"basic": {"rank": 1, "targets": {"work": {"within": "PT8H"}}}},
            "metrics": {"work": {"starts": ["opened"], "ends": ["resolved"], "pauses": ["wait"]}},
        }
    )
    lives = [
        [(1, "paused"), (2, "resolved")],
        [(1, "resolved"), (2, "paused")],
        [(1, "paused"), (1, "resolved")],
        [(1, "resolved"), (1, "paused")],
        [(1, "paused"), (2, "resolved"), (3, "reopened"), (4, "paused"), (5, "resolved")],
    ]
    told = [
        {"id": number, "at": OPENED + hours * HOUR, "kind": kind, "value": "hold" if kind == "paused" else None}
        for number, life in enumerate(lives)
        for hours, kind in life
    ]
    judged_alone: set[int] = set()
    as_before = OneByOne.opened

    def counted(few: OneByOne, row: int) -> int:
        judged_alone.add(row)
        return as_before(few, row)

    monkeypatch.setattr(OneByOne, "opened", counted)
    facts = pl.DataFrame(tickets(*[{} for _ in lives]), schema_overrides=TICKETS)
    found = columns.cycles(facts, policy=policy, metric=policy.metrics["work"], at=NOW, events=pl.DataFrame(told))
    assert judged_alone == {1, 2, 3, 4}
    expected = []
    for row in tickets(*[{} for _ in lives]):
        own = [{key: each[key] for key in ("at", "kind", "value")} for each in told if each["id"] == row["id"]]
        ticket = Ticket.imported(plan="basic", priority="normal", opened_at=OPENED, events=own)
        expected += [
            (row["id"], cycle.status(NOW).elapsed)
            for cycle in cycles(ticket, policy=policy, metric=policy.metrics["work"])
        ]
    assert found.select("id", "elapsed").rows() == expected
    assert [elapsed / HOUR for _, elapsed in expected[:3]] == [2, (NOW - OPENED) / HOUR - 1, 1]  # resolved for an hour
