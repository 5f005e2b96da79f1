# ruff: noqa: E501  # the lives and the policies are read line by line
"""The metrics of other systems, in the words of their makers, as metrics of a policy. Answers are derived by hand.

A life is a line of `time kind value` parts; an answer is a line of `start-end counted` for each cycle, with the state
at 18:00 for a cycle that runs. All times are of one Tuesday in UTC, and the desk never closes.
"""

import tomllib
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from kolmisla import Metric, Policy, Ticket, cycles, deadline

DESK = """
name = "desk"
timezone = "UTC"
schedules.always.open = "always"
priorities.P1 = { rank = 1, schedule = "always" }
"""
NOW = datetime(2026, 7, 7, 18, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-07-07T{text}Z")


def events_of(life: str) -> list[dict[str, Any]]:
    parts = [part.split(maxsplit=2) for part in life.split(",") if part.strip()]
    return [{"at": at(when), "kind": kind, "value": value[0] if value else None} for when, kind, *value in parts]


def answered(policy: Policy, metric: str, ticket: Ticket) -> str:
    told = []
    for cycle in cycles(ticket, policy=policy, metric=cast("Metric", metric)):
        counted = cycle.elapsed(NOW)
        end = f"{cycle.ended_at:%H:%M}" if cycle.ended_at else cycle.status(NOW).state
        hours, minutes = divmod(int(counted / timedelta(minutes=1)), 60)
        told.append(f"{cycle.started_at:%H:%M}-{end} {hours}:{minutes:02}")
    return ", ".join(told)


# Zendesk: first reply is the time to the first public comment of an agent; next reply, from the oldest unanswered
# comment of the requester to the next of an agent; periodic update, between the comments of agents; pausable update
# stands still in pending; requester wait is the time in new, open and on-hold; agent work, in new and open; total
# resolution, from creation to solved.
ZENDESK = f"""{DESK}
metrics.first-reply = {{ starts = {{ requester = ["opened"], staff = ["asked"] }}, ends = ["answered"], reopened = "ignore" }}
metrics.next-reply = {{ starts = ["asked"], after = ["answered"], ends = ["answered", "resolved"], repeats = true }}
metrics.periodic-update = {{ starts = ["answered"], ends = ["answered", "resolved"], repeats = true, reopened = "ignore" }}
metrics.pausable-update = {{ starts = ["answered"], ends = ["answered", "resolved"], repeats = true, pauses = ["pending"] }}
metrics.requester-wait = {{ starts = ["opened"], ends = ["resolved"], pauses = ["pending"] }}
metrics.agent-work = {{ starts = ["opened"], ends = ["resolved"], pauses = ["pending", "on-hold"] }}
metrics.total-resolution = {{ starts = ["opened"], ends = ["resolved"], pauses = "none" }}
plans.GOLD = {{ rank = 1, targets = {{ first-reply = {{ within = "PT1H" }}, next-reply = {{ within = "PT1H" }}, periodic-update = {{ within = "PT2H" }}, pausable-update = {{ within = "PT2H" }}, requester-wait = {{ within = "PT4H" }}, agent-work = {{ within = "PT4H" }}, total-resolution = {{ within = "PT8H" }} }} }}
"""
# An agent answers at 9:30 and asks back (pending), the requester writes at 11:00, a vendor is asked (on-hold) from
# 11:30 to 14:00, and the ticket is solved at 15:00.
WAITED = (
    "09:30 answered, 09:30 paused pending, 11:00 asked, 11:00 resumed pending, 11:20 answered, 11:30 paused on-hold,"
    "14:00 resumed on-hold, 15:00 resolved"
)
# Solved at 10:00, and again at 13:00 after a reopening at 12:00 with a question.
AGAIN = "09:20 answered, 10:00 resolved, 12:00 reopened, 12:00 asked, 12:40 answered, 13:00 resolved"
SILENT = "10:00 asked, 10:30 asked"  # no agent ever writes
ZENDESK_ANSWERS = {
    "first-reply": ("09:00-09:30 0:30", "09:00-09:20 0:20", "09:00-breached 9:00"),
    "next-reply": ("11:00-11:20 0:20", "12:00-12:40 0:40", ""),
    "periodic-update": (
        "09:30-11:20 1:50, 11:20-15:00 3:40",
        "09:20-10:00 0:40, 12:40-13:00 0:20",
        "",
    ),
    "pausable-update": ("09:30-11:20 0:20, 11:20-15:00 3:40", "09:20-12:40 1:20, 12:40-13:00 0:20", ""),
    "requester-wait": ("09:00-15:00 4:30", "09:00-13:00 2:00", "09:00-breached 9:00"),
    "agent-work": ("09:00-15:00 2:00", "09:00-13:00 2:00", "09:00-breached 9:00"),
    "total-resolution": ("09:00-15:00 6:00", "09:00-13:00 2:00", "09:00-breached 9:00"),
}

# An OLA: the time in the hands of each team, a new cycle at each assignment.
OLA = f"""{DESK}
metrics.ola = {{ starts = ["owner"], ends = ["owner", "resolved"], repeats = true, reopened = "new-cycle" }}
plans.GOLD = {{ rank = 1, targets.ola.owners = {{ L1 = {{ within = "PT1H" }}, L2 = {{ within = "PT4H" }} }} }}
"""
# Acknowledgement: somebody takes the ticket.
ACKNOWLEDGED = f"""{DESK}
metrics.acknowledgement = {{ starts = ["opened"], ends = ["owner", "answered", "resolved"], reopened = "ignore" }}
plans.GOLD = {{ rank = 1, targets.acknowledgement = {{ within = "PT15M" }} }}
"""
# Never longer than four hours without a word from us.
WORD = f"""{DESK}
metrics.word = {{ starts = ["opened", "answered"], ends = ["answered", "resolved"], repeats = true, reopened = "new-cycle" }}
plans.GOLD = {{ rank = 1, targets.word = {{ within = "PT4H" }} }}
"""
# ServiceNow: a retroactive pause is a pause that began before the definition's start; it is left out of the time.
PAUSED_BEFORE = f"""{DESK}
metrics.work = {{ starts = ["owner=L2"], ends = ["resolved"], pauses = ["vendor"] }}
plans.GOLD = {{ rank = 1, targets.work = {{ within = "PT2H" }} }}
"""
# Jira: a calendar condition starts, others pause and stop the clock; "Time to resolution" starts at creation.
JIRA = f"""{DESK}
metrics.time-to-resolution = {{ starts = ["opened"], ends = ["resolved"], pauses = ["waiting for customer"] }}
plans.GOLD = {{ rank = 1, targets.time-to-resolution = {{ within = "PT4H" }} }}
"""

CASES = [
    *[(ZENDESK, name, lives, answers) for name, answers in ZENDESK_ANSWERS.items() for lives in [(WAITED, AGAIN, SILENT)]],
    (
        OLA,
        "ola",
        ("09:00 owner L1, 09:40 owner L2, 11:00 resolved", "09:30 owner L2, 10:00 owner L2, 10:30 owner", "10:00 asked"),
        ("09:00-09:40 0:40, 09:40-11:00 1:20", "09:30-10:30 1:00", ""),
    ),
    (
        OLA,
        "ola",
        ("09:00 owner L1, 10:00 resolved, 10:30 owner L2, 11:00 reopened, 12:00 resolved",),
        ("09:00-10:00 1:00, 11:00-12:00 1:00",),
    ),
    (
        ACKNOWLEDGED,
        "acknowledgement",
        ("09:10 owner ann", "09:05 asked, 09:30 answered", "09:02 resolved, 09:30 reopened"),
        ("09:00-09:10 0:10", "09:00-09:30 0:30", "09:00-09:02 0:02"),
    ),
    (
        WORD,
        "word",
        ("10:00 answered, 13:00 answered", "12:00 resolved", "12:00 resolved, 14:00 reopened, 15:00 answered"),
        ("09:00-10:00 1:00, 10:00-13:00 3:00, 13:00-breached 5:00", "09:00-12:00 3:00", "09:00-12:00 3:00, 14:00-15:00 1:00, 15:00-running 3:00"),
    ),
    (
        PAUSED_BEFORE,
        "work",
        ("09:30 paused vendor, 10:00 owner L2, 11:00 resumed vendor, 12:30 resolved", "10:00 owner L1", "10:00 owner L2, 10:30 paused customer"),
        ("10:00-12:30 1:30", "", "10:00-breached 8:00"),
    ),
    (
        JIRA,
        "time-to-resolution",
        (
            "10:00 paused waiting for customer, 15:00 resumed waiting for customer, 16:00 resolved",
            "10:00 paused waiting for customer",
            "10:00 paused waiting for support, 12:00 resolved",
        ),
        ("09:00-16:00 2:00", "09:00-paused 1:00", "09:00-12:00 3:00"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "metric", "lives", "answers"), CASES)
def test_metrics_of_systems(text: str, metric: str, lives: tuple[str, ...], answers: tuple[str, ...]) -> None:
    policy = Policy.from_dict(tomllib.loads(text))
    for life, answer in zip(lives, answers, strict=True):
        ticket = Ticket(plan="gold", priority="p1", opened_at=at("09:00"), events=events_of(life))
        assert (life, answered(policy, metric, ticket)) == (life, answer)


def test_a_ticket_that_the_staff_opened() -> None:
    """The clock of the first reply starts at the customer's first word (dbt_zendesk 273)."""
    policy = Policy.from_dict(tomllib.loads(ZENDESK))
    events = events_of("10:00 answered, 11:00 asked, 12:00 answered")
    facts: dict[str, Any] = {"plan": "gold", "priority": "p1", "opened_at": at("09:00"), "events": events}
    assert answered(policy, "first-reply", Ticket(**facts)) == "09:00-10:00 1:00"
    assert answered(policy, "first-reply", Ticket(**facts, opened_by="staff")) == "11:00-12:00 1:00"


def test_targets_by_owner() -> None:
    policy = Policy.from_dict(tomllib.loads(OLA))
    ticket = Ticket(plan="gold", priority="p1", opened_at=at("09:00"), owner="L1", events=events_of("09:40 owner L2"))
    first, second = cycles(ticket, policy=policy, metric=policy.metrics["ola"])
    assert first.deadline
    assert first.deadline.due_at == at("10:00")
    assert second.deadline
    assert second.deadline.due_at == at("13:40")
    assert deadline(ticket, policy=policy, metric=policy.metrics["ola"]).due_at == at("13:40")
