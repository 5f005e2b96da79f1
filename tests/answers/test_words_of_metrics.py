# ruff: noqa: E501  # the lines of texts are read as they are told
"""What a policy with metrics of its own says of itself, what it refuses, and lives at the borders of a metric."""

import tomllib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kolmisla import (
    KOLMISOFT,
    Event,
    Metric,
    NotCoveredError,
    Plan,
    Policy,
    PolicyError,
    Target,
    Ticket,
    TicketError,
    breakdown,
    cycles,
    deadline,
    report,
)
from kolmisla.policies.description import described
from kolmisla.tickets.cycles.shapes import judged_by_arrays

DESK = """
name = "desk"
timezone = "UTC"
due_dates = "pause"
schedules.day.open = "always"
priorities.P = { rank = 1, schedule = "day" }
owners.A.schedule = "day"

[metrics.word]
starts = { requester = ["opened", "answered"], staff = [] }
ends = ["answered", "resolved"]
after = ["asked"]
cancels = ["owner=B"]
repeats = true
pauses = ["vendor", "customer"]
reopened_within = "30 days"

[metrics.hold]
starts = ["opened"]
ends = ["resolved"]
pauses = "all"
reopened = "new-cycle"

[plans.G]
rank = 1
pauses = { word = "none", hold = ["vendor"] }
targets.word = { P = { within = "PT1H" }, owners = { A = { within = "PT2H" } } }
"""
OPENED = datetime(2026, 7, 7, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


def policy_of(text: str = DESK) -> Policy:
    return Policy.from_dict(tomllib.loads(text))


def lived(metric: Metric, *told: tuple[int, str], **facts: Any) -> list[tuple[int, int | None, str]]:
    """The hours after the opening at which each cycle starts and ends, and its state a day later."""
    target = Plan(name="G", rank=1, targets={metric.name: Target(within=24 * HOUR)})
    policy = policy_of().replace(metrics=[metric], plans=[target])
    events = [Event(kind=kind, at=OPENED + at * HOUR) for at, kind in told]  # type: ignore[arg-type]
    found = cycles(
        Ticket(plan="g", priority="p", opened_at=OPENED, events=events, **facts), policy=policy, metric=metric
    )

    def hour(at: datetime | None) -> int | None:
        return None if at is None else (at - OPENED) // HOUR

    return [(hour(c.started_at) or 0, hour(c.ended_at), c.status(OPENED + 23 * HOUR).state) for c in found]


def test_a_policy_tells_its_metrics() -> None:
    text = "\n".join(described(policy_of()))
    for line in (
        "  word P       within 1:00:00\n",
        "  word of A    within 2:00:00\n",
        "  pauses of word  none\n",
        "  pauses of hold  vendor\n",
        "  word  starts (requester): opened, answered\n        starts (staff): never\n        ends: answered, resolved\n",
        "        cancelled by: owner=B\n        only after: asked\n        repeats\n        pauses: vendor, customer\n",
        "        reopened: continue, new-cycle later than 720:00:00 of real time\n",
        "  hold  starts: opened\n        ends: resolved\n        once\n        pauses: all\n        reopened: new-cycle\n",
        "Owners\n  A  counted on day\n",
        "Agreed due times\n  pause  later pauses move them\n",
    ):
        assert " ".join(line.split()) in " ".join(text.split())
    assert Policy.from_dict(policy_of().to_dict()) == policy_of()


def test_a_plan_tells_the_metrics_that_pauses_stop() -> None:
    """What the plan or the metric says of a metric counts, and not what is usual."""
    own = Metric(name="resolution", starts=("opened",), ends=("resolved",), pauses="none")
    for changes, told in (
        ({}, ["pausing resolution"]),
        ({"pauses": {"resolution": "none"}}, ["pauses of resolution none"]),
        ({"pauses": {"resolution": ["vendor"]}}, ["pauses of resolution vendor"]),
        ({"pauses": {"next-response": "all"}}, ["pausing next-response, resolution", "pauses of next-response all"]),
        ({"pausing": ["resolution", "first-response"]}, ["pausing first-response, resolution"]),
        ({"metrics": [own]}, ["pausing none"]),
    ):
        metrics = changes.pop("metrics", [])
        plan = Plan(name="G", rank=1, targets={}, **changes)
        lines = [" ".join(line.split()) for line in described(policy_of().replace(metrics=metrics, plans=[plan]))]
        assert [line for line in lines if line.startswith(("pausing", "pauses of"))] == told


def test_targets_by_owner_count_in_a_fingerprint() -> None:
    longer = policy_of(DESK.replace('A = { within = "PT2H" }', 'A = { within = "PT3H" }'))
    assert policy_of().fingerprint() != longer.fingerprint()


@pytest.mark.parametrize(
    ("targets", "fault"),
    [
        ({"m": {"P": {"L1": {"within": "PT1H"}}}}, "targets.m.P: must be a target, such as"),
        ({"m": {"owners": {"within": "PT1H"}}}, "targets.m.owners: must map owners to targets"),
        ({"m": {"Owners": {"within": "PT1H"}}}, "targets.m.Owners: must map owners to targets"),
    ],
)
def test_targets_by_owner_that_cannot_be(targets: Any, fault: str) -> None:
    with pytest.raises(PolicyError) as told:
        Plan(name="G", rank=1, targets=targets)
    assert fault in str(told.value)


def test_a_pause_is_told_once() -> None:
    with pytest.raises(
        PolicyError, match=r"pauses\.resolution: says how resolution is paused, and so does the key pausing"
    ):
        Plan(name="G", rank=1, targets={}, pausing=("resolution",), pauses={"resolution": "all"})


@pytest.mark.parametrize(
    ("event", "fault"),
    [
        ({"kind": "answered", "metric": "resolution"}, "always concerns all metrics, so metric must be left out"),
        (
            {"kind": "paused", "reason": "vendor"},
            "a pause has its reason in value, so write value='vendor', not reason",
        ),
        ({"kind": "answered", "reason": "late"}, "must have no reason, not 'late'"),
        ({"kind": "extended", "value": "later"}, "'later' is not a duration"),
        ({"kind": "due", "value": "2026-07-08T10:00"}, "has no offset"),
    ],
)
def test_an_event_that_cannot_be(event: dict[str, Any], fault: str) -> None:
    with pytest.raises(TicketError) as told:
        Event(at=OPENED, **event)
    assert fault in str(told.value)


def test_lives_at_the_borders_of_a_metric() -> None:
    back = Metric(name="m", starts=("opened",), ends=("reopened",))
    assert lived(back, (1, "resolved"), (2, "reopened")) == [(0, 2, "met")]
    gone = Metric(name="m", starts=("opened",), ends=("answered",), cancels=("reopened",))
    assert lived(gone, (1, "resolved"), (2, "reopened")) == [(0, 2, "withdrawn")]
    again = Metric(name="m", starts=("opened", "reopened"), ends=("reopened", "answered"), repeats=True)
    assert lived(again, (1, "resolved"), (2, "reopened"), (3, "answered")) == [(0, 2, "met"), (2, 3, "met")]
    after = Metric(name="m", starts=("answered",), after=("reopened",), ends=("resolved",))
    assert lived(after, (1, "resolved"), (2, "reopened"), (3, "answered")) == [(3, None, "running")]
    first = Metric(name="m", starts=("asked",), ends=("answered",))
    assert lived(first, (1, "resolved"), (2, "asked"), (3, "withdrawn"), (4, "reopened")) == []
    assert lived(first, (1, "resolved"), (2, "asked"), (3, "answered"), (4, "reopened")) == []
    assert lived(first, (1, "resolved"), (2, "asked"), (4, "reopened")) == [(2, None, "running")]
    owned = Metric(name="m", starts=("owner=L2",), ends=("resolved",))
    assert lived(owned, (1, "resolved"), (2, "reopened")) == []
    assert lived(owned, (1, "resolved"), (2, "reopened"), owner="l2") == [(0, None, "running")]


def test_many_reasons_are_not_remembered_for_ever() -> None:
    events = [Event(kind="paused", at=OPENED + n * timedelta(minutes=1), value=f"r{n}") for n in range(1_100)]
    told = Ticket(plan="g", priority="p", opened_at=OPENED, events=events)
    metric: Any = "hold"
    assert len(cycles(told, policy=policy_of(), metric=metric)) == 1


def test_which_metrics_arrays_judge() -> None:
    def judged(**words: Any) -> bool:
        metric = Metric(**{"name": "m", "starts": ("opened",), "ends": ("answered",), "reopened": "ignore", **words})
        return judged_by_arrays(KOLMISOFT.replace(metrics=[metric]), "m")

    assert [judged_by_arrays(KOLMISOFT, name) for name in ("first-response", "next-response", "m")] == [
        True,
        True,
        False,
    ]
    assert judged()
    assert judged(ends=("answered", "owner"))
    assert not judged(ends=("owner=L2",))
    assert not judged(ends=("priority",))
    assert not judged(starts=("asked",))
    assert not judged(repeats=True)
    assert not judged(reopened="continue")
    assert not judged(reopened="new-cycle")
    assert judged(reopened="continue", ends=("resolved",))
    assert not judged_by_arrays(policy_of(), "word")
    own = Metric(name="next-response", starts=("opened",), ends=("answered",), reopened="ignore")
    assert not judged_by_arrays(KOLMISOFT.replace(metrics=[own]), "next-response")
    owners = Plan(name="G", rank=1, targets={"m": {"owners": {"A": Target(within=HOUR)}}})
    plain = Metric(name="m", starts=("opened",), ends=("answered",), reopened="ignore")
    assert not judged_by_arrays(KOLMISOFT.replace(metrics=[plain], plans=[owners]), "m")


def test_what_was_not_agreed_and_what_never_began() -> None:
    ticket = Ticket(plan="premium", priority="high", opened_at=OPENED)
    assert deadline(ticket).original_due_at == deadline(ticket).due_at
    with pytest.raises(NotCoveredError, match="no question was asked after a response"):
        breakdown(ticket, by="owner", metric="next-response", at=OPENED)


def test_a_report_of_targets_by_owner() -> None:
    """The row of a plan and a priority tells no target, because each owner has another."""
    owners = Plan(name="G", rank=1, targets={"resolution": {"owners": {"A": Target(within=HOUR)}}})
    tickets = [Ticket(plan="g", priority="p", opened_at=OPENED, owner=owner) for owner in ("A", None)]
    found = report(tickets, policy=policy_of().replace(plans=[owners]), metric="resolution", at=OPENED + 2 * HOUR)
    assert "1 decided: 0 kept, 1 broken" in str(found)
    plan_row = next(row for row in found.to_html().split("<tr") if ">P<" in row)
    assert ">-</td>" in plan_row
