"""Tickets with many events: each answer is that of the same ticket asked event by event, and its cost grows evenly."""

import pickle
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolmisla import (
    HorizonError,
    Metric,
    Plan,
    Policy,
    Priority,
    Schedule,
    Target,
    Ticket,
    breakdown,
    crossings,
    cycles,
)
from kolmisla.policies import Owner
from kolmisla.tickets.alarms.crossed import crossed
from kolmisla.tickets.cycles import cycles as made
from kolmisla.times.instants import micros

OPENED = datetime.fromisoformat("2026-07-06T08:00+03:00")
MINUTE = timedelta(minutes=1)
OFFICE = Schedule("Europe/Vilnius", {"mon-fri": ["08:00-12:00", "13:00-18:00"]})
LATE = Schedule("Europe/Vilnius", {"mon-fri": ["12:00-20:00"]})
NAMES: dict[str, list[str | None]] = {
    "owner": ["L1", "L2", None],
    "priority": ["high", "low"],
    "paused": ["customer", "vendor", None],
    "resumed": ["customer", None],
    "extended": ["PT30M"],
    "due": ["2026-07-07T12:00+03:00"],
}
KINDS = [
    "paused",
    "resumed",
    "asked",
    "answered",
    "owner",
    "owner",
    "priority",
    "priority",
    "waived",
    "extended",
    "due",
]
KINDS += ["paused", "resumed", "asked", "answered", "resolved", "reopened", "withdrawn"]


def desk(*, owners: bool, targets: bool, watches: bool, reading: Any = "carry") -> Policy:
    by_owner = {"owners": {"L1": Target(within="PT1H"), "L2": Target(within="PT5H")}} if targets else {}
    own: dict[str, Any] = {"high": Target(within="PT2H"), "low": Target(within="PT4H"), **by_owner}
    watching = Metric(name="handling", starts=("owner",), ends=("answered",), repeats=True)
    return Policy(
        name="desk",
        timezone="Europe/Vilnius",
        schedules={"office": OFFICE, "late": LATE},
        priorities=[Priority(name=name, rank=rank, schedule="office") for rank, name in enumerate(["high", "low"], 1)],
        plans=[
            Plan(
                name="gold",
                rank=1,
                targets={"resolution": own, "next-response": Target(within="PT1H"), "handling": Target(within="PT1H")},
            )
        ],
        metrics=[watching] if watches else [Metric(name="handling", starts=("opened",), ends=("resolved",))],
        owners=[Owner(name="L1", schedule="late")] if owners else [],
        waits_for_customer=["customer"],
        priority_change=reading,
        warnings=[50, 75, 100, "PT30M over"],
    )


@st.composite
def tickets(draw: st.DrawFn) -> Ticket:
    minutes = draw(st.lists(st.integers(0, 2000), max_size=9))
    events = []
    for minute in sorted(minutes):
        kind = draw(st.sampled_from(KINDS))
        value = draw(st.sampled_from(NAMES.get(kind, [None])))
        reason = "storm" if kind == "waived" else None
        events.append({"kind": kind, "at": OPENED + minute * MINUTE, "value": value, "reason": reason})
    owner = draw(st.sampled_from([None, "L1", "L2"]))
    return Ticket.imported(plan="gold", priority="low", owner=owner, opened_at=OPENED, events=events)


@given(tickets(), st.booleans(), st.booleans(), st.booleans(), st.sampled_from(["carry", "retroactive", "restart"]))
def test_what_is_crossed_is_what_is_crossed_from_event_to_event(
    ticket: Ticket, owners: bool, targets: bool, watches: bool, reading: str
) -> None:
    """A window that ends at an event knows no later event, so that no two events are read together."""
    policy = desk(owners=owners, targets=targets, watches=watches, reading=reading)
    end = OPENED + 5000 * MINUTE
    us = timedelta(microseconds=1)
    cuts = sorted({OPENED - us, end, *(event.at - us for event in ticket.events), *(each.at for each in ticket.events)})
    parts = [found for after, until in pairwise(cuts) for found in crossings([ticket], after, until, policy=policy)]
    whole = crossings([ticket], OPENED - us, end, policy=policy)
    told = [
        sorted(map(str, ((found.to_dict(), str(found.promise.owner)) for found in each))) for each in (whole, parts)
    ]
    assert told[0] == told[1]


def long(number: int, *kinds: tuple[str, str | None]) -> Ticket:
    events = [
        {"kind": kinds[n % len(kinds)][0], "value": kinds[n % len(kinds)][1], "at": OPENED + (n + 1) * MINUTE}
        for n in range(number)
    ]
    return Ticket(plan="gold", priority="low", opened_at=OPENED, events=events)


@pytest.mark.parametrize(
    ("kinds", "reading"),
    [
        ((("paused", "vendor"), ("owner", "L1"), ("resumed", None), ("owner", "L2")), "carry"),
        ((("priority", "high"), ("priority", "low")), "carry"),
        ((("priority", "high"), ("priority", "low")), "retroactive"),
        ((("priority", "high"), ("owner", "L1"), ("priority", "low"), ("owner", "L2")), "restart"),
        ((("answered", None), ("asked", None)), "carry"),
        ((("extended", "PT1M"), ("due", "2026-07-07T12:00+03:00")), "carry"),
    ],
)
def test_a_life_without_reopenings_is_read_once(monkeypatch: Any, kinds: Any, reading: str) -> None:
    """The cycles of many events are made a few times for each metric, and not once for each event."""
    read: list[int] = []

    def counting(*asked: Any) -> Any:
        read.append(len(asked[2]))
        return facts(*asked)

    facts = made.cycle_facts
    monkeypatch.setattr(made, "cycle_facts", counting)
    policy = desk(owners=False, targets=False, watches=False, reading=reading)
    whole = crossings([long(300, *kinds)], OPENED - MINUTE, OPENED + 9000 * MINUTE, policy=policy)
    assert {found.threshold for found in whole} == {50, 75, 100, "PT30M over", "breached"}
    assert sum(read) < 20 * 300  # once for each event would be 45,000


def test_the_cycles_of_a_ticket_are_made_once_for_all_their_statuses(monkeypatch: Any) -> None:
    """They are remembered for one ticket and one metric, and another ticket does not get them."""
    read: list[int] = []

    def counting(*asked: Any) -> Any:
        read.append(len(asked[2]))
        return facts(*asked)

    facts = made.cycle_facts
    monkeypatch.setattr(made, "cycle_facts", counting)
    policy = desk(owners=False, targets=False, watches=False)
    one, other = long(200, ("answered", None), ("asked", None)), long(100, ("answered", None), ("asked", None))
    at = OPENED + 5000 * MINUTE
    found = cycles(one, policy=policy, metric="next-response")
    states = [cycle.status(at).state for cycle in found]
    assert (len(found), read) == (100, [200])
    assert states == ["met"] * 99 + ["breached"]
    assert len(cycles(other, policy=policy, metric="next-response")) == 50
    assert len(cycles(one, policy=policy, metric="next-response")) == 100
    assert cycles(one, policy=policy, metric="resolution")[0].ended_at is None
    assert pickle.loads(pickle.dumps(policy)) == policy
    assert read == [200, 100, 200, 200]


def test_a_breakdown_of_many_pauses_and_owners() -> None:
    """Each minute is that of one owner, and every other one is a pause."""
    ticket = long(400, ("owner", "L1"), ("paused", "vendor"), ("owner", "L2"), ("resumed", None))
    policy = desk(owners=False, targets=False, watches=False)
    found = breakdown(ticket, by="owner", policy=policy, metric="resolution", at=OPENED + 220 * MINUTE)
    assert {share.name: (share.elapsed, share.paused) for share in found.shares} == {
        None: (MINUTE, timedelta()),
        "L1": (55 * MINUTE, 55 * MINUTE),
        "L2": (54 * MINUTE, 55 * MINUTE),  # from the third minute on; the last one is a pause
    }


def test_a_metric_that_the_edition_in_force_lacks_is_crossed_by_nothing() -> None:
    """The metric comes with a later edition, and every event of an earlier ticket is read alone."""
    old = desk(owners=False, targets=False, watches=False)
    plans = [plan.replace(targets={"resolution": Target(within="PT1H")}) for plan in old.plans.values()]
    policy = old.replace(effective_from="2026-08-01", earlier=[old.replace(metrics=[], plans=plans)])
    ticket = long(2, ("paused", None), ("resumed", None))
    assert not [*crossed(ticket, policy, "handling", micros(OPENED) - 1, micros(OPENED + 500 * MINUTE))]
    assert [*crossed(ticket, policy, "resolution", micros(OPENED) - 1, micros(OPENED + 500 * MINUTE))]


def test_a_target_in_days_beyond_the_known_years_is_told_by_the_general_way() -> None:
    frozen = {"frozen": "x", "years": "2026-2026", "dates": {}}
    policy = Policy(
        name="desk",
        timezone="UTC",
        schedules={"office": Schedule("UTC", {"mon-fri": ["08:00-18:00"]}, holidays=frozen)},
        priorities=[Priority(name="low", rank=1, schedule="office")],
        plans=[Plan(name="gold", rank=1, targets={"resolution": Target(within="10 days")})],
    )
    late = datetime.fromisoformat("2026-12-28T09:00Z")
    with pytest.raises(HorizonError):
        crossings([Ticket(plan="gold", priority="low", opened_at=late)], late - MINUTE, late + MINUTE, policy=policy)
