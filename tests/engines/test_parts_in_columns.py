"""Breakdowns of the tickets of a frame: each has the parts of its ticket alone, and they add up."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

pl = pytest.importorskip("polars", reason="the extra polars is not installed")

from hypothesis import given
from hypothesis import strategies as st

from kolmisla import (
    KOLMISOFT,
    HorizonError,
    KolmislaError,
    NotCoveredError,
    Policy,
    TicketError,
    breakdown,
    columns,
    cycles,
)
from kolmisla.documents.names import folded
from kolmisla.tickets.cycles.cycle_clocks import terms_of, ticket_clocks, uncovered_cycles
from kolmisla.times.instants import length, micros
from tests.engines.test_cycles_in_columns import CHANGES, OWN, RARE, imported, varied, with_own, without
from tests.engines.test_outcomes import DRAWN, frames
from tests.laws.test_metrics import PAUSING, definitions
from tests.laws.test_metrics import events as lives_of
from tests.lives_of_tickets import MINUTE, NOW, OPENED, desk, ticket_of

pytestmark = pytest.mark.polars

Row = dict[str, Any]
ZERO = timedelta()
GOLD: Row = {"plan": "gold", "priority": "high"}


@given(
    DRAWN,
    st.sampled_from(["owner", "priority", "reason"]),
    st.sampled_from(["first-response", "next-response", "resolution", "ola"]),
    st.sampled_from(["fixed", "pause"]),
)
def test_parts_are_those_of_each_ticket_alone(drawn: Any, by: Any, metric: str, due_dates: str) -> None:
    policy = desk(due_dates)
    tickets, events = frames(drawn)
    given: Row = {"policy": policy, "metric": policy.metrics[metric] if metric == "ola" else metric, "at": NOW}
    names = {name: f"the {name}" for name in OWN}
    named: Any = given["metric"]
    found = columns.breakdown(with_own(tickets, drawn), by=by, events=events, columns=names, **given).to_dicts()
    rows: dict[int, list[Row]] = {number: [] for number in range(len(drawn))}
    for row in found:
        rows[row["id"]].append(row)
    for number, one in enumerate(drawn):
        own, ticket = rows[number], ticket_of(*one).until(NOW)
        try:
            alone = breakdown(ticket, by=by, policy=policy, metric=named, at=NOW)
        except NotCoveredError as reason:
            (row,) = own
            assert (row["part"], row["elapsed"], row["ran_out"]) == (None, None, False)
            assert row["reason"] == str(reason)
            continue
        shares = [(share.name, share.elapsed, share.paused) for share in alone.shares]
        assert [(row["part"], row["elapsed"], row["paused"]) for row in own] == (shares or [(None, ZERO, ZERO)])
        assert [row["part"] for row in own if row["ran_out"] and row["part"]] == [*filter(None, [alone.ran_out])]
        assert sum(row["ran_out"] for row in own) <= 1
        cycle = cycles(ticket, policy=policy, metric=named)[-1]
        assert {row["cycle"] for row in own} == {cycle.number}
        assert sum((row["elapsed"] for row in own), ZERO) == cycle.elapsed(NOW)
        assert {row["reason"] for row in own} == {None}


PARTS = ("cycle", "part", "elapsed", "paused", "ran_out")


def of_one(ticket: Any, by: Any, policy: Policy, at: datetime) -> list[tuple[Any, ...]]:
    """The parts of the last cycle of the metric `m` of a ticket, as PARTS. The ticket may be an error."""
    nothing = (None, None, None, False)
    if isinstance(ticket, KolmislaError):
        return [(None, *nothing)]
    ticket, metric = ticket.until(at), policy.metrics["m"]
    try:
        alone = breakdown(ticket, by=by, policy=policy, metric=metric, at=at)
    except NotCoveredError:
        number = len(uncovered_cycles(policy, terms_of(ticket), ticket.opened, ticket.moments, "m"))
        return [(number or None, *nothing)]
    except KolmislaError:
        return [(None, *nothing)]
    clocks = ticket_clocks(ticket, policy, "m")
    end, elapsed = micros(at) if clocks[-1].ended is None else clocks[-1].ended, length(alone.elapsed)
    is_out = clocks[-1].exceeded(end, elapsed)
    shares = [(name, took, stood, is_out and name == alone.ran_out) for name, took, stood in alone.shares]
    return [(len(clocks), *share) for share in shares or [(None, ZERO, ZERO, False)]]


SPELLED = st.sampled_from([None, None, None, "Customer", "l1", "HIGH", ""])


@given(
    st.lists(st.tuples(lives_of(), RARE, SPELLED), min_size=1, max_size=3),
    definitions(), PAUSING, st.sampled_from([[], ["customer"]]), CHANGES, st.integers(0, 60),
    st.sampled_from(["gold", "gold", "silver", None]), st.sampled_from(["owner", "priority", "reason"]),
)  # fmt: skip
def test_parts_of_any_metric_in_any_life(
    drawn: Any, metric: Any, pausing: Any, waits: Any, change: str, now: int, plan: str | None, by: Any
) -> None:
    policy, at = varied(metric, pausing, waits, "goodbye", change), OPENED + now * MINUTE
    lives = []
    for events, rare, spelled in drawn:
        for event in (own := without(events, rare))[::2]:  # some spell a name otherwise
            if spelled and folded(spelled) == folded(event["value"] or ""):
                event["value"] = spelled
        lives.append(own)
    tickets, log = frames([({"plan": plan, "priority": "low"}, own) for own in lives])
    found = columns.breakdown(
        tickets, by=by, policy=policy, metric=policy.metrics["m"], at=at, events=log, errors="null"
    )
    alone = [imported(plan=plan, priority="low", opened_at=OPENED, events=own) for own in lives]
    wanted = [(number, *part) for number, one in enumerate(alone) for part in of_one(one, by, policy, at)]
    assert found.select("id", *PARTS).rows() == wanted


def told(*steps: tuple[int, str, str | None]) -> list[Row]:
    return [{"kind": kind, "at": OPENED + minute * MINUTE, "value": value} for minute, kind, value in steps]


def test_parts_by_hand() -> None:
    """The target of 20 minutes round the clock ran out at 8:20, after L1 took the ticket."""
    lives = [told((10, "owner", "L1"), (30, "owner", "l1"), (40, "answered", None)), [], told((0, "answered", None))]
    tickets, events = frames([(GOLD, own) for own in lives])
    found = columns.breakdown(tickets, by="owner", policy=desk(), at=NOW, events=events, durations="seconds")
    named = found.select("id", "part", "elapsed_s", "paused_s", "ran_out").rows()
    assert named == [
        (0, None, 600.0, 0.0, False),
        (0, "L1", 1800.0, 0.0, True),
        (1, None, 21600.0, 0.0, True),
        (2, None, 0.0, 0.0, False),
    ]
    assert columns.breakdown(tickets, by="priority", policy=desk(), at=NOW)["part"].to_list() == ["high"] * 3


def test_the_words_of_a_frame_are_states() -> None:
    """A state ends the one before it. Plain pauses overlap, and the reasons are in the order in which they began."""
    states = [(10, "waiting"), (20, "on hold"), (25, "on hold"), (40, "in work")]
    events = [
        *told(*[(minute, word, None) for minute, word in states]),
        *told((60, "paused", "vendor"), (70, "paused", "customer"), (80, "resumed", "vendor"), (90, "asked", None)),
    ]
    policy = desk().replace(waits_for_customer=["customer"])
    tickets, log = frames([(GOLD, events)])
    words = {"kind": {"waiting": "paused:customer", "on hold": "paused", "in work": "resumed"}}
    found = columns.breakdown(
        tickets, by="reason", policy=policy, metric="resolution", at=NOW, events=log, values=words, durations="seconds"
    )
    minutes = [(part, elapsed / 60, paused / 60) for part, elapsed, paused in found.select(PARTS_S).rows()]
    assert minutes == [
        (None, 10 + 20 + 270, 0),
        ("customer", 0, 10 + 10),
        ("on hold", 0, 20),
        ("vendor", 0, 10),
        ("customer, vendor", 0, 10),
    ]


PARTS_S = ("part", "elapsed_s", "paused_s")


@pytest.mark.parametrize("kind", ["pandas", "arrow"])
def test_frames_of_other_libraries(kind: str) -> None:
    tickets, events = frames(
        [
            (
                GOLD,
                told((5, "paused", "customer"), (7, "resumed", None), (9, "paused", "customer"), (11, "resumed", None)),
            )
        ]
    )
    given: Row = {"by": "reason", "policy": desk(), "at": NOW, "metric": "resolution"}
    wanted = columns.breakdown(tickets, events=events, **given)
    if kind == "pandas":
        pytest.importorskip("pandas")
        found = columns.breakdown(tickets.to_pandas(), events=events.to_pandas(), **given)
        assert found["ran_out"].tolist() == wanted["ran_out"].to_list() == [True, False]
    else:
        found = columns.breakdown(tickets.to_arrow(), events=events.to_arrow(), **given)
        assert found["ran_out"].to_pylist() == wanted["ran_out"].to_list()
    assert wanted["paused"].to_list() == [ZERO, 4 * MINUTE]


def test_what_has_no_parts() -> None:
    early = told((-5, "answered", None), (1, "owner", "L1"))
    tickets, events = frames([(GOLD, early), ({**GOLD, "plan": None}, [])])
    with pytest.raises(TicketError, match="row 0: an event is before opened_at"):
        columns.breakdown(tickets, by="owner", policy=desk(), at=NOW, events=events)
    found = columns.breakdown(tickets, by="owner", policy=desk(), at=NOW, events=events, errors="null")
    assert found.select("cycle", "part", "elapsed", "paused", "reason").rows() == [
        (None, None, None, None, "an event is before opened_at"),
        (1, None, None, None, "no support plan"),
    ]
    with pytest.raises(ValueError, match="by must be one of reason, owner, priority, not 'team'"):
        columns.breakdown(tickets, by="team", at=NOW)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"breakdown needs tickets in memory"):
        columns.breakdown(tickets.lazy(), by="owner", at=NOW)


def test_a_pause_into_years_that_its_schedule_does_not_know() -> None:
    """The clock stands, so the time counted is known. The open time of the pause is not."""
    later = datetime(2150, 1, 1, tzinfo=UTC)
    policy = desk().replace(schedules={**desk().schedules, "office": KOLMISOFT.schedules["working-hours"]})
    paused = told((5, "paused", "customer"))
    tickets, events = frames([({**GOLD, "priority": "low"}, paused), ({**GOLD, "priority": "low"}, paused)])
    given: Row = {"by": "reason", "policy": policy, "metric": "resolution", "at": later, "events": events}
    assert columns.cycles(tickets, **{name: given[name] for name in given if name != "by"})["state"].to_list() == [
        "paused",
        "paused",
    ]
    with pytest.raises(HorizonError, match="row 0: "):
        columns.breakdown(tickets, **given)
    found = columns.breakdown(tickets, errors="null", **given)
    assert [(row["part"], row["elapsed"], row["cycle"]) for row in found.to_dicts()] == [(None, None, None)] * 2
    assert "2100" in found["reason"][0]
    with pytest.raises(HorizonError):
        breakdown(
            ticket_of({**GOLD, "priority": "low"}, paused), by="reason", policy=policy, metric="resolution", at=later
        )
