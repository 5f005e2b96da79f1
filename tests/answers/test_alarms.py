"""When other systems notify, and what kolmisla tells of the same ticket; and each rule of a crossing by hand.

A ticket is opened on Wednesday 1 July 2026 at 10:00 UTC; the desk is open from 08:00 to 16:00 on working days.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kolmisla import NotCoveredError, Policy, Ticket, TicketError, crossings, deadline
from tests.answers.test_rules import HOUR, MINUTE, desk, hours, ticket

OFFICE = hours({"mon-fri": ["08:00-16:00"]})
WHOLE = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC)
OPENED = "2026-07-01T10:00"
ANSWERED = "2026-07-01T10:05 answered"  # so that an agreed due time is not that of the first response too


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-07-{text}:00+00:00")


def office(within: timedelta, warnings: Any = None, metrics: Iterable[str] = ("resolution",), **more: Any) -> Policy:
    """A desk with one target for some metrics; P1 is round the clock."""
    policy = desk(OFFICE, within, warnings=warnings, **more)
    (plan,) = policy.plans.values()
    targets = {metric: plan.targets.get(metric, plan.targets["resolution"]) for metric in metrics}
    return policy.replace(plans=[plan.replace(targets=targets)])


def told(policy: Policy, *events: str, opened: str = OPENED) -> list[str]:
    """Each threshold of the whole life, with day and time."""
    found = crossings([ticket(opened, *events)], *WHOLE, policy=policy)
    return [f"{each.at:%d %H:%M} {each.threshold}" for each in found]


# What others notify by default, or can be set to.


def test_servicenow_notifies_at_50_75_and_100_percent() -> None:
    policy = office(8 * HOUR, [50, 75, 100])
    assert told(policy) == ["01 14:00 50", "01 16:00 75", "02 10:00 100", "02 10:00 breached"]


def test_zendesk_asks_for_hours_until_the_breach() -> None:
    """Its automations compare the hours until the next breach, and the hours since the last one."""
    policy = office(8 * HOUR, ["PT2H left", "PT1H left", "PT1H over"])
    assert told(policy) == ["01 16:00 PT2H left", "02 09:00 PT1H left", "02 10:00 breached", "02 11:00 PT1H over"]


def test_glpi_has_levels_before_and_after_the_due_time() -> None:
    policy = office(4 * HOUR, ["PT30M left", 100, "PT30M over"])
    assert told(policy, opened="2026-07-03T11:00") == [
        "03 14:30 PT30M left",
        "03 15:00 100",
        "03 15:00 breached",
        "03 15:30 PT30M over",
    ]


def test_freshdesk_reminds_before_and_escalates_at_once_and_later() -> None:
    """On a Friday afternoon, the hours of the weekend are not counted."""
    policy = office(4 * HOUR, ["PT2H left", 100, "PT8H over"])
    assert told(policy, opened="2026-07-03T13:00") == [
        "03 15:00 PT2H left",
        "06 09:00 100",
        "06 09:00 breached",
        "07 09:00 PT8H over",
    ]


def test_libredesk_wants_alerts_30_40_and_60_minutes_before() -> None:
    policy = office(8 * HOUR, [f"PT{minutes}M left" for minutes in (30, 40, 60)])
    assert told(policy)[:3] == ["02 09:00 PT1H left", "02 09:20 PT40M left", "02 09:30 PT30M left"]


# What events do.


def test_a_target_used_up_at_closing_time_is_breached_at_the_next_opening() -> None:
    found = crossings([ticket("2026-07-03T12:00")], *WHOLE, policy=office(4 * HOUR))
    assert [(each.threshold, each.at.isoformat()) for each in found] == [
        (100, "2026-07-03T16:00:00+00:00"),
        ("breached", "2026-07-06T08:00:00.000001+00:00"),
    ]


def test_a_pause_moves_what_comes_after_it_and_not_what_was_told() -> None:
    policy = office(4 * HOUR, [25, 50, 100])
    pause = ("2026-07-01T11:30 paused", "2026-07-01T12:30 resumed")
    assert told(policy, *pause) == ["01 11:00 25", "01 13:00 50", "01 15:00 100", "01 15:00 breached"]
    assert told(policy, *pause[:1]) == ["01 11:00 25"]


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        ("carry", ["01 12:00 25", "01 13:00 50", "01 13:00 100", "01 13:00 breached"]),
        ("retroactive", ["01 12:00 25", "01 13:00 50", "01 13:00 100", "01 13:00 breached"]),
        ("restart", ["01 12:00 25", "01 13:30 25", "01 14:00 50", "01 15:00 100", "01 15:00 breached"]),
    ],
)
def test_a_raised_priority_may_cross_several_at_once(reading: Any, expected: list[str]) -> None:
    """Three hours of eight are counted at 13:00, when the target becomes two hours. 25 percent was told before."""
    policy = Policy.from_dict(
        {
            **office(8 * HOUR, [25, 50, 100], priority_change=reading).to_dict(),
            "plans": {
                "PLAN": {"rank": 1, "targets": {"resolution": {"P2": {"within": "PT8H"}, "P1": {"within": "PT2H"}}}}
            },
        }
    )
    assert told(policy, "2026-07-01T13:00 priority P1") == expected
    # the deadline itself may lie before the change; what is told does not
    raised = ticket(OPENED, "2026-07-01T13:00 priority P1")
    due = deadline(raised, policy=policy, metric="resolution").due_at
    assert due is not None
    assert (due < at("01T13:00")) == (reading == "retroactive")


def test_a_lowered_priority_crosses_the_longer_target_again() -> None:
    policy = Policy.from_dict(
        {
            **office(8 * HOUR).to_dict(),
            "plans": {
                "PLAN": {"rank": 1, "targets": {"resolution": {"P2": {"within": "PT4H"}, "P1": {"within": "PT1H"}}}}
            },
        }
    )
    events = "2026-07-01T10:30 priority P1", "2026-07-01T11:30 priority P2"
    assert told(policy, *events) == [
        "01 11:00 100",
        "01 11:00 breached",
        "01 14:00 100",
        "01 14:00 breached",
    ]


def test_the_warnings_of_the_priority_in_force_count() -> None:
    policy = office(8 * HOUR, [50])
    own = [each.replace(warnings=[10, 75]) if each.name == "P1" else each for each in policy.priorities.values()]
    policy = policy.replace(priorities=own)
    assert told(policy, "2026-07-01T12:00 priority P1", "2026-07-01T12:30 priority P2") == [
        "01 12:00 10",
        "01 14:00 50",
        "02 10:00 breached",
    ]


def test_a_warning_longer_than_the_target_is_crossed_at_its_start() -> None:
    assert told(office(HOUR, ["PT1H left", "PT2H left", 100]))[:3] == [
        "01 10:00 PT2H left",
        "01 10:00 PT1H left",
        "01 11:00 100",
    ]


# What an end does.


def test_a_cycle_that_ends_exactly_then_does_not_cross() -> None:
    """It is met, and nobody needs to be called."""
    policy = office(4 * HOUR, [75, 100])
    assert told(policy, "2026-07-01T13:00 resolved") == []
    assert told(policy, "2026-07-01T14:00 resolved") == ["01 13:00 75"]
    assert told(policy, "2026-07-01T14:01 resolved") == ["01 13:00 75", "01 14:00 100", "01 14:00 breached"]


def test_a_cycle_that_ends_one_microsecond_late_is_breached() -> None:
    policy = office(4 * HOUR)
    late = ticket(OPENED).replace(
        events=[{"kind": "resolved", "at": at("01T14:00") + timedelta(microseconds=1)}],
    )
    assert deadline(late, policy=policy, metric="resolution").status(at("02T14:00")).state == "breached"
    again = late.replace(events=[*late.events, {"kind": "reopened", "at": at("02T09:00")}])
    for each in (late, again):
        found = crossings([each], *WHOLE, policy=policy)
        assert [(one.threshold, one.at.microsecond) for one in found] == [(100, 0), ("breached", 1)]
    assert crossings([again], at("02T08:00"), WHOLE[1], policy=policy) == []


@pytest.mark.parametrize("events", [(), ("2026-07-01T11:00 priority P2",)])
def test_a_window_has_its_end_and_not_its_beginning(events: tuple[str, ...]) -> None:
    policy, us = office(4 * HOUR, [50, "PT5H left"]), timedelta(microseconds=1)
    one = ticket(OPENED, *events)
    begins, half, breach = at("01T10:00"), at("01T12:00"), at("01T14:00") + us

    def thresholds(after: datetime, until: datetime) -> list[int | str]:
        return [each.threshold for each in crossings([one], after, until, policy=policy)]

    assert [each.at for each in crossings([one], *WHOLE, policy=policy)] == [begins, half, breach]
    assert thresholds(begins - us, begins) == ["PT5H left"]
    assert thresholds(begins, half - us) == []
    assert thresholds(begins, half) == [50]
    assert thresholds(half, breach) == ["breached"]
    assert thresholds(half - us, half) == [50]
    assert thresholds(half, breach - us) == []
    assert thresholds(breach - us, breach) == ["breached"]
    assert thresholds(breach, WHOLE[1]) == []


def test_a_reopened_ticket_crosses_what_it_had_not_crossed() -> None:
    policy = office(4 * HOUR, [50, 100])
    assert told(policy, "2026-07-01T12:00 resolved", "2026-07-02T09:00 reopened") == [
        "02 09:00 50",
        "02 11:00 100",
        "02 11:00 breached",
    ]
    assert told(policy, "2026-07-01T12:01 resolved", "2026-07-02T09:00 reopened")[:2] == ["01 12:00 50", "02 10:59 100"]


def test_a_breach_that_was_told_is_not_told_again_after_a_reopening() -> None:
    policy = office(4 * HOUR)
    events = "2026-07-01T15:00 resolved", "2026-07-02T09:00 reopened", "2026-07-02T10:00 resolved"
    assert told(policy, *events) == ["01 14:00 100", "01 14:00 breached"]
    later = crossings([ticket(OPENED, *events)], at("01T18:00"), WHOLE[1], policy=policy)
    assert later == []


def test_a_goodbye_that_was_a_question_crosses_at_the_reopening() -> None:
    """Its clock began when the customer asked; that is known only when the ticket is reopened."""
    policy = office(HOUR, [50, 100], metrics=["next-response"])
    events = "2026-07-01T11:00 resolved", "2026-07-01T11:10 asked", "2026-07-01T11:50 reopened"
    assert told(policy, *events[:2]) == []
    assert told(policy, *events) == ["01 11:50 50", "01 12:10 100", "01 12:10 breached"]


def test_each_cycle_crosses_for_itself() -> None:
    policy = office(HOUR, [50], metrics=["next-response", "first-response"])
    events = [
        f"2026-07-01T{clock} {kind}"
        for clock, kind in (
            ("10:40", "answered"),
            ("11:00", "asked"),
            ("11:40", "answered"),
            ("12:00", "asked"),
            ("12:20", "answered"),
            ("12:30", "asked"),
        )
    ]
    found = crossings([ticket(OPENED, *events)], *WHOLE, policy=policy)
    assert [(each.metric, each.cycle, f"{each.at:%H:%M}", each.threshold) for each in found] == [
        ("first-response", 1, "10:30", 50),
        ("next-response", 1, "11:30", 50),
        ("next-response", 3, "13:00", 50),
        ("next-response", 3, "13:30", "breached"),
    ]


# What was agreed, withdrawn, or measured by a metric of the desk's own.


def test_an_agreed_due_time_is_the_alarm_itself() -> None:
    """A Saturday, on which no time counts. Half of the open time up to it is over on Thursday at 13:00."""
    policy = office(2 * HOUR, [50, 100, "PT1H over"])
    agreed = ANSWERED, "2026-07-01T10:30 due 2026-07-04T12:00:00+00:00"
    assert told(policy, *agreed) == [
        "02 13:00 50",
        "04 12:00 100",
        "04 12:00 breached",
        "06 09:00 PT1H over",
    ]
    found = deadline(ticket(OPENED, *agreed), policy=policy, metric="resolution")
    assert found.used_at(100) == found.left_at(timedelta()) == found.due_at == found.breaches_after == at("04T12:00")
    assert [(alarm.threshold, alarm.at and f"{alarm.at:%d %H:%M}") for alarm in found.alarms()] == [
        (50, "02 13:00"),
        (100, "04 12:00"),
        ("PT1H over", "06 09:00"),
    ]
    assert told(policy, *agreed, "2026-07-04T12:00 resolved") == ["02 13:00 50"]


def test_a_due_time_that_is_over_when_it_is_agreed_is_told_at_once() -> None:
    policy = office(8 * HOUR)
    due = "2026-07-01T14:00 due 2026-07-01T13:00:00+00:00"
    assert told(policy, ANSWERED, due) == ["01 14:00 100", "01 14:00 breached"]
    extended = "2026-07-02T09:00 extended PT4H"
    assert told(policy, extended) == ["02 14:00 100", "02 14:00 breached"]


def test_a_ticket_that_was_withdrawn_crosses_nothing_more() -> None:
    policy = office(4 * HOUR, [50, 100])
    assert told(policy, "2026-07-01T13:00 withdrawn") == ["01 12:00 50"]
    late = ticket(OPENED).replace(events=[{"kind": "withdrawn", "at": at("01T14:00") + timedelta(microseconds=1)}])
    assert [each.threshold for each in crossings([late], *WHOLE, policy=policy)] == [50, 100]
    lifted = late.replace(events=[*late.events, {"kind": "reopened", "at": at("02T09:00")}])
    found = crossings([lifted], *WHOLE, policy=policy)
    assert [f"{each.at:%d %H:%M} {each.threshold}" for each in found][2:] == ["02 09:00 breached"]
    again = "2026-07-01T13:00 withdrawn", "2026-07-02T09:00 reopened"
    assert told(policy, *again) == ["01 12:00 50", "02 10:00 100", "02 10:00 breached"]


def test_a_metric_of_the_desk_has_warnings_of_its_own() -> None:
    """A ticket must be picked up: it waits from its opening until it has an owner."""
    document = office(HOUR, [50]).to_dict()
    metric = {"starts": ["opened"], "ends": ["owner"], "warnings": ["PT15M left"]}
    document["metrics"] = {"pick-up": metric}
    document["plans"]["PLAN"]["targets"]["pick-up"] = {"within": "PT1H"}
    policy = Policy.from_dict(document)
    assert told(policy) == ["01 10:30 50", "01 10:45 PT15M left", "01 11:00 breached", "01 11:00 breached"]
    assert told(policy, "2026-07-01T10:50 owner ann", "2026-07-01T10:55 resolved") == [
        "01 10:30 50",
        "01 10:45 PT15M left",
    ]
    own = [each.replace(warnings=[25]) for each in policy.priorities.values()]
    assert told(policy.replace(priorities=own))[:2] == ["01 10:15 25", "01 10:15 25"]


# Late events.


def knew(*events: str, id: int = 1, **facts: Any) -> Ticket:
    return ticket(OPENED, *events).replace(id=id, **facts)


def corrected(now: list[Ticket], before: list[Ticket], policy: Policy, after: str = "01T13:00") -> list[str]:
    found = crossings(now, at(after), at("01T15:30"), policy=policy, before=before)
    return [f"{each.at:%H:%M} {each.threshold} {each.correction or 'crossed'}" for each in found]


def test_what_was_told_and_is_not_true_is_withdrawn() -> None:
    """At 13:00 the desk was told 50 percent of 12:00. The answer of 11:00 came in later."""
    policy = office(4 * HOUR, [50, 100])
    assert corrected([knew("2026-07-01T11:00 resolved")], [knew()], policy) == ["12:00 50 withdrawn"]
    assert corrected([knew("2026-07-01T12:30 resolved")], [knew()], policy) == []


def test_what_is_told_too_early_is_withdrawn_and_crossed_later() -> None:
    policy = office(4 * HOUR, [50])
    late_pause = knew("2026-07-01T11:00 paused", "2026-07-01T12:30 resumed")
    assert corrected([late_pause], [knew()], policy) == [
        "12:00 50 withdrawn",
        "13:30 50 crossed",
    ]


def test_what_is_told_at_another_instant_is_not_corrected() -> None:
    """A pause of half an hour: 50 percent was crossed at 12:30, and was told."""
    policy = office(4 * HOUR, [50])
    late_pause = knew("2026-07-01T11:00 paused", "2026-07-01T11:30 resumed")
    assert corrected([late_pause], [knew()], policy) == ["14:30 breached crossed"]


def test_what_was_not_told_is_missed() -> None:
    policy = office(4 * HOUR, [50])
    paused = knew("2026-07-01T11:00 paused")
    resumed = knew("2026-07-01T11:00 paused", "2026-07-01T11:30 resumed")
    assert corrected([resumed], [paused], policy) == ["12:30 50 missed", "14:30 breached crossed"]
    assert corrected([knew(id=2)], [], policy) == ["12:00 50 missed", "14:00 breached crossed"]
    assert corrected([knew(id=2)], [], office(4 * HOUR, ["PT5H left"]))[0] == "10:00 PT5H left missed"


def test_the_plan_may_come_in_late_too() -> None:
    policy = office(4 * HOUR, [50])
    assert corrected([knew()], [knew(plan=None)], policy) == ["12:00 50 missed", "14:00 breached crossed"]
    assert corrected([knew(plan=None)], [knew()], policy) == ["12:00 50 withdrawn"]
    with pytest.raises(NotCoveredError):
        deadline(knew(plan=None), policy=policy, metric="resolution")


def test_of_several_crossings_the_odd_one_is_corrected() -> None:
    """A change of priority back and forth crosses 100 percent twice; without the second change it does once."""
    policy = Policy.from_dict(
        {
            **office(8 * HOUR).to_dict(),
            "plans": {
                "PLAN": {"rank": 1, "targets": {"resolution": {"P2": {"within": "PT2H"}, "P1": {"within": "PT1H"}}}}
            },
        }
    )
    raised, lowered = "2026-07-01T10:30 priority P1", "2026-07-01T11:30 priority P2"
    assert corrected([knew(raised)], [knew(raised, lowered)], policy) == [
        "12:00 100 withdrawn",
        "12:00 breached withdrawn",
    ]
    assert corrected([knew(raised, lowered)], [knew(raised)], policy) == ["12:00 100 missed", "12:00 breached missed"]
    assert corrected([knew()], [knew(raised, lowered)], policy)[:2] == [
        "11:00 100 withdrawn",
        "11:00 breached withdrawn",
    ]


def test_tickets_are_matched_by_their_ids() -> None:
    policy = office(4 * HOUR)
    with pytest.raises(
        TicketError,
        match="each ticket must have an id if the argument `before` is given, but one in `tickets` has none",
    ):
        corrected([ticket(OPENED)], [], policy)
    with pytest.raises(TicketError, match="two tickets in `before` have the id 1; ids must be unique"):
        corrected([knew()], [knew(), knew()], policy)
    with pytest.raises(
        TicketError, match="`tickets` must include every ticket in `before`, but these are missing: 2, 3"
    ):
        corrected([knew()], [knew(id=2), knew(), knew(id=3)], policy)


def test_a_crossing_for_people_and_for_programs() -> None:
    (first, *_, last) = crossings([knew()], *WHOLE, policy=office(4 * HOUR, [75]))
    assert repr(first) == "Crossing(1 PLAN P2 resolution, 75 % at 2026-07-01T13:00:00+00:00)"
    assert first.to_dict() == {
        "id": 1,
        "plan": "PLAN",
        "priority": "P2",
        "metric": "resolution",
        "cycle": 1,
        "threshold": 75,
        "at": "2026-07-01T13:00:00+00:00",
        "correction": None,
    }
    assert (last.threshold, last.promise.within) == ("breached", 4 * 3600 * 10**6)
    (withdrawn,) = crossings(
        [knew("2026-07-01T10:30 resolved")],
        at("01T13:30"),
        at("01T13:30") + MINUTE,
        policy=office(4 * HOUR, [75]),
        before=[knew()],
    )
    assert repr(withdrawn) == "Crossing(1 PLAN P2 resolution, 75 % at 2026-07-01T13:00:00+00:00, withdrawn)"
