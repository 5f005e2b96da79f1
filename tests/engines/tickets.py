"""Frames of tickets for every engine, and the answer of the scalar engine for each row."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any

from hypothesis import strategies as st

from kolmisla import (
    ALWAYS,
    KOLMISOFT,
    HorizonError,
    KolmislaError,
    NotCoveredError,
    Plan,
    Policy,
    Priority,
    Schedule,
    Target,
    Ticket,
    TicketError,
    cycles,
)
from kolmisla.documents.names import folded
from kolmisla.policies.plan import Promise
from kolmisla.policies.terms.metrics import MetricName
from kolmisla.tickets.cycles.cycle_clock import no_due_time
from kolmisla.tickets.cycles.cycle_clocks import terms_of, ticket_clocks, uncovered_cycles
from kolmisla.times.instants import EPOCH, micros
from tests.strategies import US

FACTS = ("id", "plan", "priority", "opened_at", "answered_at", "channel", "version")
FAULT = "fault"

Row = dict[str, Any]

OFFICE = KOLMISOFT.schedules["working-hours"]
SHORT = Schedule("Europe/Vilnius", {"mon-fri": ["09:00-12:00", "12:30-17:00"]}, holidays=[date(2026, 10, 26)])
HOUR = timedelta(hours=1)


def desk(**changes: Any) -> Policy:
    """A desk of which each part matters to some ticket."""
    given: dict[str, Any] = {
        "name": "Desk",
        "timezone": "Europe/Vilnius",
        "schedules": {"office": OFFICE, "short": SHORT, "always": ALWAYS},
        "priorities": [
            Priority(name="URGENT", rank=1, schedule="always"),
            Priority(name="NORMAL", rank=2, schedule="office"),
            Priority(name="MINOR", rank=3, schedule="short"),
        ],
        "plans": [
            Plan(
                name="GOLD",
                rank=1,
                targets={
                    "first-response": {"urgent": Target(within=HOUR), "normal": Target(within=10 * HOUR)},
                    "resolution": Target(within=20 * HOUR),
                },
                average=Target(within=HOUR, schedule="short"),
            ),
            Plan(
                name="BASIC",
                rank=2,
                targets={"first-response": Target(within=2 * HOUR), "resolution": {"minor": Target(within=7.5 * HOUR)}},
                pausing=("first-response", "resolution"),
            ),
        ],
        "channels": ["support-system", "mail"],
        "waits_for_customer": ["customer"],
        "versions": {"latest": 2},
        "releases": {"X16": date(2025, 3, 1), "X17": date(2026, 3, 29), "X18": date(2026, 10, 25)},
    }
    return Policy(**{**given, **changes})


def editions() -> Policy:
    """The same, with an edition before it and nothing before that."""
    before = desk(effective_from=date(2025, 1, 1), channels=["support-system"], priority_change="restart")
    return desk(effective_from=date(2026, 7, 6), earlier=[before], priority_change="retroactive")


def reasons() -> Policy:
    """The same, where some reasons for pauses stop some clocks."""
    gold, basic = desk().plans.values()
    listed = {"resolution": ["vendor"], "first-response": ["Customer", "vendor"]}
    return desk(
        plans=[
            gold.replace(pauses=listed),
            basic.replace(pausing=["resolution"], pauses={"first-response": ["customer"]}),
        ]
    )


NIGHT = Schedule("Europe/Vilnius", {"mon-fri": ["22:00-06:00"], "sat": ["08:00-12:00"]}, holidays="LT")


def in_days() -> Policy:
    """The same desk with targets in days, which name instants."""
    kind: dict[str, Any] = {"rank": 1, "pausing": ("resolution",), "after_resolution": "question"}
    return desk(
        schedules={"office": OFFICE, "short": SHORT, "always": ALWAYS, "night": NIGHT, "both": OFFICE | SHORT},
        plans=[
            Plan(
                name="GOLD",
                targets={
                    "first-response": {
                        "urgent": Target(within="2 days", by="09:00"),
                        "normal": Target(within="1 working day", by="16:00", cutoff="14:00"),
                        "minor": Target(within="0 working days", by="close", counts_from="date"),
                    },
                    "resolution": {
                        "urgent": Target(within="10 days"),
                        "normal": Target(within="3 working days", schedule="night"),
                        "minor": Target(within="1 working day", by="close", counts_from="date"),
                    },
                },
                average=Target(within=HOUR, schedule="short"),
                **kind,
            ),
            Plan(
                name="BASIC",
                rank=2,
                targets={
                    "first-response": {
                        "urgent": Target(within=2 * HOUR),
                        "normal": Target(within="1 working day", schedule="both"),
                        "minor": Target(within="0 days", by="24:00"),
                    },
                    "resolution": {"normal": Target(within="0 working days", by="10:00"), "minor": Target(within=HOUR)},
                },
                pausing=("first-response", "resolution"),
            ),
        ],
    )


def in_days_by_turns() -> Policy:
    """The same, with other readings of a change of priority in earlier editions."""
    first = in_days().replace(effective_from=date(2025, 1, 1), priority_change="restart")
    return in_days().replace(effective_from=date(2026, 7, 6), earlier=[first], priority_change="retroactive")


FEW_YEARS = {"frozen": "LT", "years": "2025-2027", "dates": {"2026-04-06": "Easter", "2026-07-06": "King Mindaugas"}}


def in_days_of_few_years() -> Policy:
    """The same, where hours are known for three years alone, so that a database has small tables of them."""
    office, short, night = (schedule.replace(holidays=FEW_YEARS) for schedule in (OFFICE, SHORT, NIGHT))
    schedules = {"office": office, "short": short, "always": ALWAYS, "night": night, "both": office | short}
    last = in_days_by_turns()
    return last.replace(schedules=schedules, earlier=[each.replace(schedules=schedules) for each in last.earlier])


POLICIES = {
    "kolmisoft": KOLMISOFT,
    "desk": desk(),
    "editions": editions(),
    "reasons": reasons(),
    "in days": in_days(),
    "in days by turns": in_days_by_turns(),
}

EDGES = [
    datetime.fromisoformat(text).astimezone(UTC)
    for text in (
        "2026-07-03T08:00+03:00",
        "2026-07-03T16:00+03:00",
        "2026-07-03T18:00+03:00",
        "2026-07-06T00:00+03:00",
        "2026-07-07T08:00+03:00",
        "2026-10-23T16:00+03:00",
        "2026-10-25T03:00+03:00",
        "2026-10-25T03:30+02:00",
        "2026-10-26T08:00+02:00",
        "2026-03-29T02:59+02:00",
        "2026-03-30T08:00+03:00",
        "2026-12-23T18:00+02:00",
        "2024-12-31T23:00+02:00",
        "2025-01-01T00:00+02:00",
    )
]
INSTANTS = st.builds(
    lambda edge, us: edge + us * US, st.sampled_from(EDGES), st.sampled_from([0, 0, 1, -1])
) | st.builds(lambda edge, minutes: edge + timedelta(minutes=minutes), st.sampled_from(EDGES), st.integers(-3000, 3000))
FAR = st.sampled_from([datetime(year, 5, 5, 10, tzinfo=UTC) for year in (1905, 2010, 2101, 2199)])


@dataclass(frozen=True)
class Tickets:
    """Rows with the facts of tickets, and how they are judged."""

    desk: str
    metric: MetricName
    at: datetime
    rows: list[Row]
    events: dict[int, list[Row]] = field(default_factory=dict)

    @property
    def policy(self) -> Policy:
        return POLICIES[self.desk]

    @cached_property
    def mostly_descends(self) -> bool:
        ways = [(descends(own), descends([*reversed(own)])) for own in self.events.values()]
        return sum(way == (True, False) for way in ways) > sum(way == (False, True) for way in ways)


@st.composite
def tickets(draw: st.DrawFn, most: int = 8, *, well: bool = False) -> Tickets:
    """A few tickets; unless `well`, some are none, and some are outside what is known."""
    name = draw(st.sampled_from(sorted(POLICIES)))
    policy = POLICIES[name]
    plans: list[str | None] = [*policy.plans, *map(str.lower, policy.plans)]
    priorities: list[str | None] = [*policy.priorities, *map(str.lower, policy.priorities)]
    channels = [None, None, "support-system", "Support System "]
    versions: list[str | None] = [None]
    instants = INSTANTS
    if not well:
        plans, priorities = [*plans, *plans, None, " ", "nonsense"], [*priorities, *priorities, "nonsense", None, ""]
        channels = [*channels, "phone", "mail"]
        versions = [None, None, None, None, "X18", "x17 ", "X16", "X99"] if policy.releases else [None]
        instants = INSTANTS | INSTANTS | INSTANTS | INSTANTS | INSTANTS | FAR
    facts = {
        "plan": st.sampled_from(plans),
        "priority": st.sampled_from(priorities),
        "opened_at": instants if well else st.sampled_from(range(9)).flatmap(lambda n: instants if n else st.none()),
        "channel": st.sampled_from(channels),
        "version": st.sampled_from(versions),
    }
    rows = []
    for number in range(draw(st.integers(1, most))):
        row: Row = {"id": number, **{name: draw(each) for name, each in facts.items()}}
        opened = row["opened_at"] or EDGES[0]
        after = st.builds(opened.__add__, st.integers(0, 40_000).map(lambda minutes: timedelta(minutes=minutes)))
        answered = st.none() | after if well else st.none() | after | after | instants
        rows.append({**row, "answered_at": draw(answered)})
    latest = max([row["opened_at"] for row in rows if row["opened_at"]], default=EDGES[0])
    minutes = st.sampled_from([300, 3_000, 9_000, 30_000, 0]) | st.integers(0, 30_000)
    later = minutes.map(lambda minutes: latest + timedelta(minutes=minutes))
    at = draw(later if well else later | later | later | instants)
    metrics: list[MetricName] = ["first-response", "first-response", "resolution"]
    return Tickets(name, draw(st.sampled_from(metrics)), at, rows)


WORDS = ("answered", "asked", "paused", "resumed", "priority", "resolved", "reopened")


@st.composite
def lives(draw: st.DrawFn, most: int = 5, *, well: bool = False) -> Tickets:
    """A few tickets that something happened to, told as exports tell it."""
    well = well or draw(st.sampled_from([True, True, True, False]))
    case = draw(tickets(most, well=well))
    some: list[list[str | None]] = [[None], [None, "vendor"], [None, "customer", "vendor", "Customer"]]
    reasons = draw(st.sampled_from(some))
    events = {}
    for number, row in enumerate(case.rows):
        opened = row["opened_at"] or EDGES[0]
        after = st.builds(opened.__add__, st.integers(0, 10_000).map(lambda minutes: timedelta(minutes=minutes)))
        at = after | after | st.sampled_from([each for each in EDGES if each >= opened] or [opened])
        if not well:
            at |= after | INSTANTS
        names = [*case.policy.priorities, *map(str.lower, case.policy.priorities)]
        told: list[Row] = []
        for _ in range(draw(st.sampled_from([2, 3, 1, 5, 8, 0]))):
            kind = draw(st.sampled_from(WORDS))
            wrong = [] if well else ["nonsense", None]
            value = draw(st.sampled_from([*names, *names, *wrong])) if kind == "priority" else None
            if kind in ("paused", "resumed"):
                value = draw(st.sampled_from(reasons))
            told.append({"at": draw(at), "kind": kind, "value": value})
            if kind == "paused" and draw(st.booleans()):  # as for a state that is told again
                told.insert(-1, {"at": told[-1]["at"], "kind": "resumed", "value": None})
        answers = [each for each in told if each["kind"] == "answered"]
        twice: bool = draw(st.booleans())
        if answers and twice:  # the column tells an answer too, and other events share its instant
            row["answered_at"] = draw(st.sampled_from(answers))["at"]
            for each in draw(st.lists(st.sampled_from(told), max_size=2)):
                each["at"] = row["answered_at"]
        told.sort(key=lambda each: each["at"], reverse=draw(st.booleans()))
        events[number] = told
    return replace(case, events=events)


def unknown_in_force(case: Tickets, row: Row, events: Sequence[Row]) -> bool:
    """Whether a name that the policy lacks is, or comes, into force in the ticket's cycle.

    A name that another replaces within its instant, or before the opening, is never in force; nor is one that comes
    with the cycle's end or after it.
    """
    known = map(folded, case.policy.nearest(micros(row["opened_at"])).priorities)
    in_force = [(row["opened_at"], row["priority"] or "")]
    told = [each for each in events if each["at"] <= case.at]
    answered = row["answered_at"], "answered"
    is_told = any((each["at"], each["kind"]) == answered for each in told)
    if case.metric == "first-response" and row["answered_at"] and row["answered_at"] <= case.at and not is_told:
        told.insert(0, {"at": row["answered_at"], "kind": "answered", "value": None})
    told.sort(key=lambda each: each["at"])
    end = None
    for place, each in enumerate(told):
        if case.metric == "first-response":
            end = place if end is None and each["kind"] in ("answered", "resolved") else end
        elif each["kind"] == "resolved" and end is None:
            end = place
        elif each["kind"] in ("reopened", "paused") or (each["kind"] == "resumed" and not each["value"]):
            end = None
    for each in told[:end]:
        if each["kind"] == "priority":
            if each["at"] <= in_force[-1][0]:
                at, _ = in_force.pop()
                in_force.append((at, each["value"]))
            else:
                in_force.append((each["at"], each["value"]))
    return not {folded(name) for _, name in in_force} <= set(known)


def descends(events: Sequence[Row]) -> bool | None:
    """Whether a log descends. None if all its rows are of one instant."""
    times = [each["at"] for each in events]
    if len(set(times)) < 2:
        return None
    return times == sorted(times, reverse=True)


def as_told(case: Tickets, events: Sequence[Row]) -> list[Row]:
    """Return events in the order in which they happened: a log that descends is read from its end."""
    turned = descends(events)
    if turned is None:
        turned = case.mostly_descends
    return [*reversed(events)] if turned else [*events]


def answer(case: Tickets, row: Row, events: Sequence[Row] = ()) -> Row:
    """What the scalar engine says of a row: the columns that are added to it, or a fault."""
    events = as_told(case, events)
    nothing = dict.fromkeys(("due_at", "breaches_after", "elapsed", "target", "ended_at", "response"))
    try:
        if any(each["kind"] == "priority" and each["value"] is None for each in events):
            raise TicketError("no value")
        facts = {**row, "priority": row["priority"] or ""}
        ticket = Ticket.imported(**facts, events=events).until(case.at)
        found = cycles(ticket, metric=case.metric, policy=case.policy)[-1]
        took = found.elapsed(case.at)
    except NotCoveredError as reason:
        told = str(reason)
        if "is before the first edition" in told:
            told = f"opened before {told.partition(' is before ')[2]}"
            if folded(row["priority"]) not in map(folded, case.policy.priorities):
                return {**nothing, "state": None, "reason": FAULT}  # a file's rows are judged so
        if unknown_in_force(case, row, events):
            return {**nothing, "state": None, "reason": FAULT}
        ended = uncovered_cycles(case.policy, terms_of(ticket), ticket.opened, ticket.moments, case.metric)[-1].ended
        ended_at = None if ended is None else EPOCH + ended * US
        return {**nothing, "state": "not-covered", "reason": told, "ended_at": ended_at}
    except (KolmislaError, TypeError) as fault:
        return {**nothing, "state": None, "reason": f"{FAULT}: {fault}"}
    promise = ticket_clocks(ticket, case.policy, case.metric)[-1].promise
    behind = {"ended_at": found.ended_at and found.ended_at.astimezone(UTC), "response": responded(ticket, promise)}
    if found.deadline is None:
        return {**nothing, "elapsed": took, "state": "not-covered", "reason": promise.missing, **behind}
    due = found.deadline
    unknown = None if due.due_at else no_due_time(ticket_clocks(ticket, case.policy, case.metric)[-1])
    if unknown and "paused since" in unknown:
        unknown = unknown.partition(" since")[0]
    return {
        "due_at": due.due_at and due.due_at.astimezone(UTC),
        "breaches_after": due.breaches_after and due.breaches_after.astimezone(UTC),
        "elapsed": took,
        "target": due.target,
        "state": found.status(case.at).state,
        "reason": unknown,
        **behind,
    }


def responded(ticket: Ticket, promise: Promise) -> timedelta | None:
    """The working time to the first answer, on the schedule of the plan's average, else on the promise's own."""
    answered = [event.at for event in ticket.events if event.kind == "answered"]
    own = promise.plan.average and promise.average_on
    try:
        return (own or promise.schedule).elapsed(ticket.opened_at, min(answered)) if answered else None
    except HorizonError:
        return None


def agree(case: Tickets, rows: list[Row], answers: Sequence[Row] | None = None) -> None:
    """Each row of a measured frame has its facts still, and the scalar answer."""
    assert len(rows) == len(case.rows)
    for number, (row, facts) in enumerate(zip(rows, case.rows, strict=True)):
        assert {name: row[name] for name in FACTS} == facts
        wanted = answer(case, facts, case.events.get(number, ())) if answers is None else answers[number]
        found = {name: value for name, value in row.items() if name in wanted}
        if str(wanted["reason"]).startswith(FAULT):
            assert found.pop("reason"), wanted["reason"]
            assert set(found.values()) == {None}, wanted["reason"]
        else:
            assert found == wanted


def in_utc(row: Row) -> Row:
    """A row with its instants in UTC, where those of a repeated hour compare."""
    return {name: each.astimezone(UTC) if isinstance(each, datetime) else each for name, each in row.items()}
