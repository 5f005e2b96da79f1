"""What people asked of other systems in public, with the policy that a user would write; answers are derived by hand.

The desk of these policies is open Monday to Friday, 09:00 to 17:00, without holidays, in UTC; 7 July 2026 is a Tuesday.
"""

import tomllib
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import given

from kolmisla import Metric, Policy, Ticket, cycles, deadline
from tests.laws.test_metrics import MINUTE, OPENED, desk, events

DESK = """
name = "desk"
timezone = "UTC"
schedules.day.hours = { mon-fri = ["09:00-17:00"] }
priorities.P2 = { rank = 2, schedule = "day" }
"""


def policy_of(text: str) -> Policy:
    return Policy.from_dict(tomllib.loads(DESK + text))


def at(text: str) -> datetime:
    """An instant of July 2026, written as '7 09:00'."""
    day, time = text.split()
    hour, minute = map(int, time.split(":"))
    return datetime(2026, 7, int(day), hour, minute, tzinfo=UTC)


def ticket(opened: str, *happened: str, **facts: Any) -> Ticket:
    """A ticket whose events are written as '7 10:00 paused vendor'."""
    told = []
    for event in happened:
        day, time, kind, *value = event.split(maxsplit=3)
        told.append({"at": at(f"{day} {time}"), "kind": kind, "value": value[0] if value else None})
    return Ticket(**{"plan": "gold", "priority": "p2", "opened_at": at(opened), **facts}, events=told)


def lived(ticket: Ticket, policy: Policy, metric: str, now: str) -> list[tuple[str, timedelta]]:
    """The state and the time counted of each cycle."""
    found = cycles(ticket, policy=policy, metric=cast("Metric", metric))
    return [(cycle.status(at(now)).state, cycle.elapsed(at(now))) for cycle in found]


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def test_two_reasons_to_wait_overlap() -> None:
    """faveo-helpdesk 91, laravel-help-desk 52: the customer's end is not the vendor's."""
    policy = policy_of('plans.GOLD = { rank = 1, targets.resolution = { within = "PT4H" } }')
    told = ["7 10:00 paused customer", "7 11:00 paused vendor", "7 12:00 resumed customer", "7 15:00 resumed vendor"]
    assert lived(ticket("7 09:00", *told), policy, "resolution", "7 16:00") == [("running", hours(2))]


def test_two_business_days_after_closing() -> None:
    """DateTimeExtensions 71: the desk closes at 13:00; Monday 14:00 and two business days is Thursday."""
    text = DESK.replace("17:00", "13:00") + "plans.GOLD = { rank = 1, targets.resolution = TARGET }"
    for target, due, last in (
        ('{ within = "2 working days" }', "8 13:00", "9 09:00"),
        ('{ within = "2 working days", by = "close" }', "9 13:00", "10 09:00"),
    ):
        policy = Policy.from_dict(tomllib.loads(text.replace("TARGET", target)))
        found = deadline(ticket("6 14:00"), policy=policy, metric="resolution")
        assert (found.due_at, found.breaches_after) == (at(due), at(last))


def test_a_deadline_set_by_hand() -> None:
    """glpi 17186: pending must not move it."""
    policy = policy_of('plans.GOLD = { rank = 1, targets.resolution = { within = "PT4H" } }')
    told = ["7 10:00 due 2026-07-10T12:00:00+00:00", "8 09:00 paused pending", "9 12:00 resumed pending"]
    found = deadline(ticket("7 09:00", *told), policy=policy, metric="resolution")
    assert found.due_at == found.breaches_after == at("10 12:00")
    assert found.original_due_at == at("7 13:00")
    waiting = deadline(ticket("7 09:00", *told[:2]), policy=policy, metric="resolution")
    assert waiting.due_at == at("10 12:00")


def test_a_merged_ticket() -> None:
    """zammad 904, 1741: it does not escalate, and it is no failure."""
    policy = policy_of('plans.GOLD = { rank = 1, targets.resolution = { within = "PT4H" } }')
    merged = ticket("7 09:00", "9 09:05 withdrawn")
    assert [state for state, _ in lived(merged, policy, "resolution", "20 09:00")] == ["withdrawn"]
    closed = ticket("7 09:00", "9 09:05 withdrawn", "9 09:05 resolved")
    assert [state for state, _ in lived(closed, policy, "resolution", "20 09:00")] == ["withdrawn"]


@pytest.mark.parametrize(
    ("reopened", "answer"),
    [
        ("continue", [("breached", hours(1 + 40 / 60 + 17.5))]),
        ("new-cycle", [("met", hours(1 + 40 / 60)), ("breached", hours(17.5))]),
        ("ignore", [("met", hours(1 + 40 / 60))]),
    ],
)
def test_a_reopened_ticket(reopened: str, answer: list[tuple[str, timedelta]]) -> None:
    """Znuny 369, frappe/helpdesk 3465, breeze 6689: solved on the 7th, reopened on the 14th, solved on the 16th."""
    policy = policy_of(f"""
        metrics.resolution = {{ starts = ["opened"], ends = ["resolved"], reopened = "{reopened}" }}
        plans.GOLD = {{ rank = 1, targets.resolution = {{ within = "PT8H" }} }}
    """)
    told = ticket("7 09:00", "7 10:40 resolved", "14 09:00 reopened", "16 10:30 resolved")
    assert lived(told.until(at("10 09:00")), policy, "resolution", "10 09:00") == [("met", hours(1 + 40 / 60))]
    assert lived(told, policy, "resolution", "31 09:00") == answer


def test_a_late_reopening_is_a_new_matter() -> None:
    policy = policy_of("""
        metrics.resolution = { starts = ["opened"], ends = ["resolved"], reopened_within = "7 days" }
        plans.GOLD = { rank = 1, targets.resolution = { within = "PT8H" } }
    """)
    soon = ticket("7 09:00", "7 10:00 resolved", "14 10:00 reopened")
    late = ticket("7 09:00", "7 10:00 resolved", "14 10:01 reopened")
    assert [len(cycles(each, policy=policy, metric="resolution")) for each in (soon, late)] == [1, 2]


def test_a_ticket_that_the_staff_entered() -> None:
    """dbt_zendesk 273: the clock starts at the customer's first public word."""
    policy = policy_of("""
        [metrics.first-response]
        starts = { requester = ["opened"], staff = ["asked"] }
        ends = ["answered", "resolved"]
        reopened = "ignore"
        [plans.GOLD]
        rank = 1
        targets.first-response = { within = "PT4H" }
    """)
    told = ticket("7 09:00", "8 10:00 answered", "9 09:00 asked", "9 10:00 answered", opened_by="staff")
    assert lived(told, policy, "first-response", "10 09:00") == [("met", hours(1))]


@given(events())
def test_agent_work_is_never_more_than_the_whole(happened: list[dict[str, Any]]) -> None:
    """dbt_zendesk 107."""
    words = {"starts": ["opened"], "ends": ["resolved"]}
    now = OPENED + 200 * MINUTE
    took = []
    for pauses in (["customer", "vendor"], ["customer"], "none"):
        policy = desk({**words, "pauses": pauses}, {}, [], "goodbye")
        told = Ticket.imported(plan="gold", priority="low", opened_at=OPENED, events=happened)
        took.append(cycles(told, policy=policy, metric=policy.metrics["m"])[-1].elapsed(now))
    assert took == sorted(took)


def test_hours_of_the_customers_country() -> None:
    """newrelic/docs-website 20146: eight to six in the customer's country."""
    policy = policy_of("""
        schedules.de = { timezone = "Europe/Berlin", hours = { mon-fri = ["08:00-18:00"] } }
        schedules.us = { timezone = "America/New_York", hours = { mon-fri = ["08:00-18:00"] } }
        plans.GOLD = { rank = 1, targets.first-response = { within = "PT1H" } }
    """)
    due = [deadline(ticket("7 10:00", schedule=name), policy=policy).due_at for name in ("de", "US", "day")]
    assert due == [at("7 11:00"), at("7 13:00"), at("7 11:00")]


def test_alerts_before_a_breach() -> None:
    """libredesk 22: 30, 40 and 60 minutes before; pauses move them too."""
    policy = policy_of('plans.GOLD = { rank = 1, targets.resolution = { within = "PT8H" } }')
    found = deadline(ticket("7 09:00", "7 10:00 paused", "7 11:00 resumed"), policy=policy, metric="resolution")
    left = [found.left_at(timedelta(minutes=minutes)) for minutes in (60, 40, 30)]
    assert left == [at("7 17:00"), at("8 09:20"), at("8 09:30")]


def test_an_eternal_goodbye() -> None:
    """chatwoot 10178: thanks after the solution starts no clock, unless the ticket is reopened or the plan says so."""
    text = 'plans.GOLD = { rank = 1, targets.next-response = { within = "PT1H" } }'
    told = ["7 10:00 answered", "7 10:40 resolved", "7 10:41 asked"]
    assert lived(ticket("7 09:00", *told), policy_of(text), "next-response", "7 16:00") == []
    back = ticket("7 09:00", *told, "7 11:00 reopened")
    assert lived(back, policy_of(text), "next-response", "7 16:00") == [("breached", hours(5 + 19 / 60))]
    asked = policy_of(text.replace("rank = 1", 'rank = 1, after_resolution = "question"'))
    assert lived(ticket("7 09:00", *told), asked, "next-response", "7 16:00") == [("breached", hours(5 + 19 / 60))]


def test_the_customer_answers_while_the_ticket_waits_for_him() -> None:
    """zammad 1322."""
    plan = 'plans.GOLD = { rank = 1, targets.next-response = { within = "PT4H" }, pausing = ["next-response"] }'
    policy = policy_of('waits_for_customer = ["pending"]\n' + plan)
    told = ticket("7 09:00", "7 09:30 answered", "7 09:30 paused pending", "7 11:00 asked")
    assert deadline(told, policy=policy, metric="next-response").due_at == at("7 15:00")
