"""Random lives of tickets with all kinds of event, as the rows of files and frames tell them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from kolmisla import Policy, Ticket

OPENED = datetime(2026, 7, 7, 8, tzinfo=UTC)  # a Tuesday
MINUTE = timedelta(minutes=1)
NOW = OPENED + timedelta(hours=6)
METRICS = ("first-response", "resolution", "ola")
PLANS = """
name = "desk"
timezone = "Europe/Vilnius"
due_dates = "{due_dates}"
schedules.office = {{ timezone = "Europe/Vilnius", hours = {{ mon-fri = ["09:00-18:00"] }} }}
schedules.late = {{ timezone = "Europe/Vilnius", hours = {{ mon-sun = ["12:00-22:00"] }} }}
schedules.always.open = "always"
priorities.high = {{ rank = 1, schedule = "always" }}
priorities.low = {{ rank = 2, schedule = "office" }}
owners.L2 = {{ schedule = "late" }}
metrics.ola = {{ starts = ["owner"], ends = ["owner", "resolved"], repeats = true, reopened = "new-cycle" }}
"""
TARGETS = {
    "first-response": {"high": {"within": "PT20M"}, "low": {"within": "PT1H"}},
    "resolution": {"within": "PT90M"},
    "ola": {"within": "PT40M"},
}


def desk(due_dates: str = "fixed") -> Policy:
    import tomllib

    return Policy.from_dict(
        {
            **tomllib.loads(PLANS.format(due_dates=due_dates)),
            "plans": {
                "gold": {"rank": 1, "targets": TARGETS, "pausing": ["resolution"]},
                "silver": {"rank": 2, "targets": {"resolution": {"within": "PT2H"}}},
            },
        }
    )


KINDS = (
    *("answered", "asked", "paused", "resumed", "priority", "resolved", "reopened"),
    *("owner", "plan", "due", "extended", "withdrawn", "waived"),
)
VALUES: dict[str, list[str | None]] = {
    "paused": ["customer", None],
    "resumed": ["customer", None],
    "priority": ["high", "low"],
    "owner": ["L1", "L2", None],
    "plan": ["gold", "silver"],
    "due": ["2026-07-07T12:00+03:00", "2026-07-07T10:30:00Z", "2026-07-07T06:00:00Z", "2026-07-12T10:00+03:00"],
    "extended": ["PT15M", "PT1H"],
}


@st.composite
def lives(draw: st.DrawFn, kinds: tuple[str, ...] = KINDS) -> list[dict[str, Any]]:
    """Events in order of time, mostly with time between them."""
    told, at = [], OPENED
    for _ in range(draw(st.integers(0, 7))):
        kind = draw(st.sampled_from(kinds))
        at += draw(st.sampled_from([0, 1, 7, 20, 65])) * MINUTE
        event: dict[str, Any] = {"kind": kind, "at": at}
        if kind in VALUES:
            event["value"] = draw(st.sampled_from(VALUES[kind]))
        if kind in ("due", "extended", "waived"):
            event["metric"] = draw(st.sampled_from([None, "resolution", "First-Response", "ola"]))
        if kind == "waived" or (kind == "withdrawn" and draw(st.booleans())):
            event["reason"] = draw(st.sampled_from(["outage", "asked for"]))
        told.append({name: value for name, value in event.items() if value is not None})
    return told


@st.composite
def facts(draw: st.DrawFn) -> dict[str, Any]:
    """The facts of a ticket besides its events."""
    given = {
        "plan": draw(st.sampled_from(["gold", "gold", "silver", None])),
        "priority": draw(st.sampled_from(["high", "low"])),
        "owner": draw(st.sampled_from([None, "L1", "L2"])),
        "schedule": draw(st.sampled_from([None, None, "office", "late"])),
        "opened_by": draw(st.sampled_from([None, "staff"])),
    }
    return {name: value for name, value in given.items() if value is not None or name == "plan"}


def ticket_of(given: dict[str, Any], events: list[dict[str, Any]]) -> Ticket:
    return Ticket.imported(**given, opened_at=OPENED, events=events)


def heard(ticket: Ticket) -> list[Any]:
    """The events without those of a withdrawn ticket, of which waivers and reopenings count alone."""
    kept, is_withdrawn = [], False
    for event in ticket.events:
        is_withdrawn = is_withdrawn and event.kind != "reopened"
        if not is_withdrawn or event.kind == "waived":
            kept.append(event)
        is_withdrawn = is_withdrawn or event.kind == "withdrawn"
    return kept
