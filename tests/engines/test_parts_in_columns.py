"""Breakdowns of the tickets of a frame: each has the parts of its ticket alone, and they add up."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

pl = pytest.importorskip("polars", reason="the extra polars is not installed")

from hypothesis import given
from hypothesis import strategies as st

from kolmisla import KOLMISOFT, HorizonError, NotCoveredError, TicketError, breakdown, columns, cycles
from kolmisla.tickets.cycles.cycle_clocks import no_cycle
from tests.engines.test_cycles_in_columns import OWN, with_own
from tests.engines.test_outcomes import DRAWN, frames
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
            assert row["reason"] == (no_cycle(metric) if row["cycle"] is None else str(reason))
            continue
        shares = [(share.name, share.elapsed, share.paused) for share in alone.shares]
        assert [(row["part"], row["elapsed"], row["paused"]) for row in own] == (shares or [(None, ZERO, ZERO)])
        assert [row["part"] for row in own if row["ran_out"] and row["part"]] == [*filter(None, [alone.ran_out])]
        assert sum(row["ran_out"] for row in own) <= 1
        cycle = cycles(ticket, policy=policy, metric=named)[-1]
        assert {row["cycle"] for row in own} == {cycle.number}
        assert sum((row["elapsed"] for row in own), ZERO) == cycle.elapsed(NOW)
        assert {row["reason"] for row in own} == {None}


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


@pytest.mark.parametrize("kind", ["pandas", "arrow"])
def test_frames_of_other_libraries(kind: str) -> None:
    tickets, events = frames([(GOLD, told((5, "paused", "customer"), (9, "resumed", None)))])
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
