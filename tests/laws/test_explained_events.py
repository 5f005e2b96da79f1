"""What changes a deadline, or takes the verdict away, is a step of an explanation: an empty one, at its instant."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolmisla import Event, Metric, Plan, Policy, Priority, Schedule, Target, Ticket, breakdown, deadline, explain
from tests.laws.test_explanations import check
from tests.strategies import utc


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-07-07T{text}+03:00")


POLICY = Policy(
    name="desk",
    timezone="Europe/Vilnius",
    schedules={"office": Schedule("Europe/Vilnius", {"mon-fri": ["08:00-18:00"]})},
    priorities=[Priority(name="low", rank=1, schedule="office")],
    plans=[
        Plan(
            name="gold",
            rank=1,
            targets={name: Target(within="PT4H") for name in ("first-response", "resolution", "handling")},
        )
    ],
    metrics=[Metric(name="handling", starts=("opened",), ends=("resolved",), cancels=("owner=vendor", "plan"))],
)


def ticket(*told: dict[str, Any], **facts: Any) -> Ticket:
    events = [Event(**{**event, "at": at(event["at"])}) for event in told]
    return Ticket(plan="gold", priority="low", opened_at=at("09:00"), events=events, **facts)


def event(time: str, kind: str, value: str | None = None, **more: Any) -> dict[str, Any]:
    return {"at": time, "kind": kind, "value": value, **more}


def empty_steps(of: Ticket, metric: Any = "resolution", until: str | None = None) -> list[tuple[str, str]]:
    """The steps without a length, each with its local time and its text."""
    proof = explain(of, policy=POLICY, metric=metric, at=None if until is None else at(until))
    check(proof, utc(of.opened_at))
    return [(f"{step.start:%H:%M}", step.why) for step in proof.steps if step.start == step.end]


WAIVED = event("16:00", "waived", reason="storm")
LATER = "at Tue 2026-07-07 16:00 +0300: waived (storm); the verdict does not count"


@pytest.mark.parametrize(
    ("told", "until", "steps"),
    [
        (
            [event("11:00", "withdrawn", reason="duplicate")],
            None,
            [("11:00", "withdrawn (duplicate); the cycle has no verdict")],
        ),
        ([event("11:00", "withdrawn")], "15:00", [("11:00", "withdrawn; the cycle has no verdict")]),
        ([event("11:00", "withdrawn")], "10:30", []),  # it is not known yet
        (
            [event("14:00", "withdrawn")],
            None,
            [("13:00", "at Tue 2026-07-07 14:00 +0300: withdrawn; the cycle has no verdict")],
        ),
        ([event("11:00", "withdrawn"), event("12:00", "reopened")], "15:00", []),  # the stretch between says so
        ([WAIVED], "17:00", [("16:00", "waived (storm); the verdict does not count")]),
        ([event("15:00", "resolved"), WAIVED], "17:00", [("15:00", LATER)]),
        ([event("15:00", "resolved"), WAIVED], None, [("13:00", LATER)]),
        ([{**WAIVED, "metric": "first-response"}], "17:00", []),
        ([{**WAIVED, "metric": "Resolution"}], "17:00", [("16:00", "waived (storm); the verdict does not count")]),
        (
            [
                event("10:00", "extended", "PT2H"),
                event("10:30", "extended", "PT1H", reason="storm"),
                event("11:00", "extended", "PT9H", metric="first-response"),
            ],
            None,
            [("10:00", "extended by 2:00:00"), ("10:30", "extended by 1:00:00 (storm)")],
        ),
        (
            [event("10:00", "due", "2026-07-08T09:00Z", reason="by phone")],
            None,
            [("10:00", "due time agreed: Wed 2026-07-08 12:00 +0300 (by phone)")],
        ),
        (
            [event("16:00", "due", "2026-07-07T12:00+03:00")],  # agreed later than it is due
            None,
            [("12:00", "at Tue 2026-07-07 16:00 +0300: due time agreed: Tue 2026-07-07 12:00 +0300")],
        ),
        (
            [event("10:00", "extended", "PT1H"), event("10:00", "withdrawn"), event("10:00", "waived", reason="x")],
            None,
            [
                ("10:00", "extended by 1:00:00"),
                ("10:00", "waived (x); the verdict does not count"),
                ("10:00", "withdrawn; the cycle has no verdict"),
            ],
        ),
    ],
)
def test_what_happened_is_told(told: list[dict[str, Any]], until: str | None, steps: list[tuple[str, str]]) -> None:
    assert empty_steps(ticket(*told), until=until) == steps


def test_an_event_that_cancels_a_cycle_is_named() -> None:
    given = ticket(event("10:00", "owner", "vendor"))
    assert empty_steps(given, "handling", "12:00") == [("10:00", "ended by owner vendor; the cycle has no verdict")]
    assert empty_steps(given, "resolution", "12:00") == []


def test_a_pause_without_an_end_stays_the_last_step() -> None:
    proof = explain(ticket(event("10:00", "paused"), WAIVED), policy=POLICY, metric="resolution")
    assert [(step.why, step.end is None) for step in proof.steps[-2:]] == [(LATER, False), ("paused", True)]


def test_what_takes_the_verdict_away_is_listed_after_too_many_stretches() -> None:
    told = [Event(kind="extended", at=at("10:00") + timedelta(hours=n), value="PT1H") for n in range(3)]
    late = datetime.fromisoformat("2034-07-10T10:00+03:00")
    given = Ticket(plan="gold", priority="low", opened_at=at("09:00"), events=[*told, Event(kind="withdrawn", at=late)])
    proof = explain(given, policy=POLICY, metric="resolution", at=late)
    assert [step.why.partition(":")[0] for step in proof.steps[-2:]] == [
        "not listed",
        "withdrawn; the cycle has no verdict",
    ]
    assert proof.elapsed == breakdown(given, by="owner", policy=POLICY, metric="resolution", at=late).elapsed


@given(st.lists(st.integers(0, 1200), max_size=5, unique=True), st.data())
def test_told_events_change_no_count(minutes: list[int], data: st.DataObject) -> None:
    """The counts are those of the deadline, and each told event in the cycle cuts the stretches at its instant."""
    kinds = [data.draw(st.sampled_from(["extended", "waived", "due", "owner"])) for _ in minutes]
    events = []
    for minute, kind in zip(sorted(minutes), kinds, strict=True):
        value = {"extended": "PT30M", "due": "2026-07-08T12:00+03:00", "owner": "L2"}.get(kind)
        reason = "storm" if kind == "waived" else None
        events.append(
            Event(kind=kind, at=at("09:00") + timedelta(minutes=minute), value=value, reason=reason)  # type: ignore[arg-type]
        )
    given = Ticket(plan="gold", priority="low", opened_at=at("09:00"), events=events)
    found = deadline(given, policy=POLICY, metric="resolution")
    proof = explain(given, policy=POLICY, metric="resolution")
    check(proof, utc(given.opened_at))
    assert (proof.due_at, proof.breaches_after) == (found.due_at, found.breaches_after)
    told = [
        event for event in events if event.kind != "owner" and not (event.kind == "waived" and event.at == at("09:00"))
    ]
    empty = [step for step in proof.steps if step.start == step.end]
    assert len(empty) >= len({event.at for event in told})
    starts = {step.start for step in empty}
    last = proof.steps[-1].end
    assert last is None or all(min(event.at, last) in starts for event in told)
