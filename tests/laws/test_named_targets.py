"""Law 16: a target in days names an instant once, and the instant becomes an amount of open time."""

import pickle
import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from kolmisla import (
    ALWAYS,
    Clock,
    Event,
    HorizonError,
    Policy,
    PolicyError,
    Schedule,
    Target,
    Ticket,
    deadline,
    explain,
)
from kolmisla.documents.model import plain
from kolmisla.policies import policy_schema
from kolmisla.policies.terms.named_targets import DAYS_PATTERN, named_by
from kolmisla.reports.rules.named_waits import NamedWaits
from kolmisla.schedules.naming.named_instant import InstantNaming, naming_of
from kolmisla.times.instants import clock, instants_in, length, micros
from tests import oracle
from tests.oracle_of_named import Named
from tests.strategies import Case, cases, pairs, utc

VILNIUS = ZoneInfo("Europe/Vilnius")
TIMES = ["00:00", "02:30", "03:30", "06:00", "08:00", "12:00", "14:00", "16:00", "18:00", "23:59:59"]


@st.composite
def targets(draw: st.DrawFn, working: bool | None = None, *, close: bool = True) -> dict[str, Any]:
    """Draw targets in days, as a document writes them."""
    kinds = [True, False] if working is None else [working]
    working = draw(st.sampled_from(kinds))
    days = draw(st.sampled_from([0, 1, 1, 2, 3, 5, 10]))
    by: str | None = draw(st.sampled_from([*TIMES, "24:00"]))
    others: list[str | None] = [None, "close"] if close else [None]
    by = draw(st.sampled_from([by, *others]))
    if by is None and days == 0:
        by = "16:00"
    made: dict[str, Any] = {"within": f"{days} {'working ' * working}day{'s' * (days != 1)}"}
    if by is not None:
        made["by"] = by
    if working:
        made["counts_from"] = draw(st.sampled_from(["opening", "date"]))
        made["cutoff"] = draw(st.none() | st.sampled_from(TIMES))
    return {key: value for key, value in made.items() if value is not None}


def named(desk: oracle.Oracle, zone: ZoneInfo, target: dict[str, Any]) -> Named:
    days, *kind = target["within"].split()
    rest = {key: value for key, value in target.items() if key != "within"}
    return Named(desk, zone, int(days), kind[0] == "working", **rest)


def instant(schedule: Schedule, target: dict[str, Any], start: datetime) -> datetime:
    at = naming_of(named_by(Target(**target)), schedule, VILNIUS).instant(micros(start))
    return instants_in(ZoneInfo("UTC"))(at)


def starts(draw: st.DrawFn, case: Case, target: dict[str, Any]) -> datetime:
    """Draw a start: near the edges of the hours, or at the cutoff or the time of day of the target."""
    times = [target[key] for key in ("cutoff", "by") if target.get(key, "close") not in ("close", "24:00")]
    if times and draw(st.sampled_from([True, False])):
        day = case.day + timedelta(days=draw(st.integers(-3, 3)))
        face = datetime.fromisoformat(f"{day}T{draw(st.sampled_from(times))}")
        beside = timedelta(microseconds=draw(st.sampled_from([0, -1, 1])))
        return utc(face.replace(tzinfo=ZoneInfo(case.schedule.timezone or "UTC"))) + beside
    return draw(case.instants())


@st.composite
def questions(draw: st.DrawFn) -> tuple[Case, dict[str, Any], datetime]:
    case, target = draw(cases()), draw(targets())
    assume(not case.schedule.never_opens)
    return case, target, starts(draw, case, target)


@given(questions())
def test_the_instant_that_is_named(question: tuple[Case, dict[str, Any], datetime]) -> None:
    case, target, start = question
    expected = named(case.desk, ZoneInfo(case.schedule.timezone or "UTC"), target).instant(start)
    assume(expected is not None)
    assert instant(case.schedule, target, start) == expected


@given(pairs(), st.sampled_from("&|-"), targets(), st.data())
@settings(max_examples=settings().max_examples // 2)
def test_the_instant_on_a_set(both: tuple[Case, Case], sign: str, target: dict[str, Any], data: st.DataObject) -> None:
    one, other = both
    schedule = {"&": one.schedule & other.schedule, "|": one.schedule | other.schedule}.get(
        sign, one.schedule - other.schedule
    )
    desk = oracle.Both(one.desk, sign, other.desk)
    start = data.draw(one.instants() | other.instants())
    expected = named(desk, ZoneInfo(one.schedule.timezone or "UTC"), target).instant(start)
    assume(expected is not None)
    try:
        found = instant(schedule, target, start)
    except HorizonError:  # one of the two knows fewer years
        assume(False)
    assert found == expected


@given(cases(), targets(working=False, close=False), st.data())
@settings(max_examples=settings().max_examples // 4)
def test_calendar_days_round_the_clock(case: Case, target: dict[str, Any], data: st.DataObject) -> None:
    start = data.draw(case.instants())
    assert instant(ALWAYS, target, start) == named(oracle.Always(), VILNIUS, target).instant(start)


def known(naming: InstantNaming, at: int) -> int | None:
    try:
        return naming.instant(at)
    except HorizonError:
        return None


@given(questions(), st.data())
@settings(max_examples=settings().max_examples // 2)
def test_courses(question: tuple[Case, dict[str, Any], datetime], data: st.DataObject) -> None:
    """Between two turns the named instant stays, or grows as fast as the start."""
    case, target, start = question
    naming = naming_of(named_by(Target(**target)), case.schedule, VILNIUS)
    begin = micros(case.start)
    courses = list(naming.courses(begin, micros(case.end)))
    assert [course.since for course in courses] == sorted({course.since for course in courses})
    for _ in range(20):
        at = micros(start) if data.draw(st.booleans()) else data.draw(st.integers(begin, micros(case.end)))
        since, first, grows = next(course for course in reversed(courses) if course.since <= max(at, begin))
        if at >= begin:
            assert first is not None or at == since or not grows
            assert known(naming, at) == (None if first is None else first + (at - since) * grows)
        start = data.draw(case.instants())


USUAL: list[dict[str, Any]] = [
    {"mon-fri": ["08:00-12:00", "13:00-17:00"]},
    {"mon-fri": ["22:00-06:00"]},  # nights, which belong to the day on which they begin
    {"mon-thu": ["18:00-24:00"], "tue-fri": ["00:00-06:00"]},  # the same in two parts
    {"mon": ["20:00-14:00"], "tue": ["06:00-08:00", "13:00-18:00"], "sat": ["12:00-18:00"]},  # hours that overlap
    {"mon-sun": ["00:00-24:00"]},
    {"wed": ["00:00-14:00"]},
]
EDGES = [f"{hour:02}:{minute:02}" for hour in range(24) for minute in (0, 30)]


@given(st.sampled_from(USUAL), targets(), st.data())
@settings(max_examples=settings().max_examples * 4)
def test_the_instant_on_usual_hours(hours: dict[str, Any], target: dict[str, Any], data: st.DataObject) -> None:
    """Starts at the half hours, where hours begin and end and where targets have their times."""
    zone = data.draw(st.sampled_from(["Europe/Vilnius", "America/St_Johns"]))
    document: dict[str, Any] = {"timezone": zone, "hours": by_day(hours), "holidays": "LT"}
    desk, schedule = oracle.Desk(**document), Schedule(**document)
    day = date(2026, 3, 26) + timedelta(days=data.draw(st.integers(0, 14)))  # DST and Easter
    face = datetime.fromisoformat(f"{day}T{data.draw(st.sampled_from(EDGES))}").replace(tzinfo=ZoneInfo(zone))
    start = utc(face) + timedelta(microseconds=data.draw(st.sampled_from([0, 0, 0, -1, 1])))
    assert instant(schedule, target, start) == named(desk, ZoneInfo(zone), target).instant(start)


def by_day(hours: dict[str, Any]) -> dict[str, list[str]]:
    return {day: [text for key, texts in hours.items() if within(day, key) for text in texts] for day in oracle.DAYS}


def within(day: str, key: str) -> bool:
    first, _, last = key.partition("-")
    return oracle.DAYS.index(first) <= oracle.DAYS.index(day) <= oracle.DAYS.index(last or first)


# In the life of a ticket: the instant has become an amount.


def desk(case: Case, other: Case, targets: dict[str, dict[str, Any]], reading: str = "carry") -> Policy:
    return Policy.from_dict(
        {
            "name": "desk",
            "timezone": "Europe/Vilnius",
            "schedules": {"one": case.schedule.to_dict(), "other": other.schedule.to_dict()},
            "priorities": {"P1": {"rank": 1, "schedule": "one"}, "P2": {"rank": 2, "schedule": "other"}},
            "plans": {"PLAN": {"rank": 1, "targets": {"resolution": targets}}},
            "priority_change": reading,
        }
    )


def ticket(start: datetime, priority: str = "P1", events: Sequence[Event] = ()) -> Ticket:
    return Ticket(plan="PLAN", priority=priority, opened_at=start, events=events)


def judged(of: Ticket, policy: Policy) -> tuple[int | None, int | None, timedelta]:
    due = deadline(of, policy=policy, metric="resolution")
    due_at, kept = (None if at is None else micros(at) for at in (due.due_at, due.breaches_after))
    return due_at, kept, due.target


@given(questions())
@settings(max_examples=settings().max_examples // 2)
def test_without_events_the_deadline_is_the_instant(question: tuple[Case, dict[str, Any], datetime]) -> None:
    case, target, start = question
    assume(known(naming_of(named_by(Target(**target)), case.schedule, VILNIUS), micros(start)) is not None)
    policy = desk(case, case, {"P1": target})
    named_at = micros(instant(case.schedule, target, start))
    due, kept, amount = judged(ticket(start), policy)
    assert amount == case.schedule.elapsed(start, instants_in(ZoneInfo("UTC"))(named_at))
    assert due is not None
    assert due <= named_at
    assert kept is None or named_at <= kept
    assert explain(ticket(start), policy=policy, metric="resolution").elapsed == amount
    assert f"{Target(**target)} = {clock(length(amount))}" in str(
        explain(ticket(start), policy=policy, metric="resolution")
    )


@given(questions(), st.data())
@settings(max_examples=settings().max_examples // 2)
def test_a_pause_moves_the_instant_by_its_open_time(
    question: tuple[Case, dict[str, Any], datetime], data: st.DataObject
) -> None:
    case, target, start = question
    assume(known(naming_of(named_by(Target(**target)), case.schedule, VILNIUS), micros(start)) is not None)
    policy = desk(case, case, {"P1": target})
    amount = deadline(ticket(start), policy=policy, metric="resolution").target
    since, until = sorted(data.draw(st.tuples(*[case.instants().map(lambda at: max(at, start))] * 2)))
    assume(since < until and amount)
    pause = [Event(kind="paused", at=since), Event(kind="resumed", at=until)]
    due, kept, moved = judged(ticket(start, events=pause), policy)
    assert moved == amount
    counted = case.schedule.elapsed(start, since)
    if counted > amount:
        assert (due, kept) == judged(ticket(start), policy)[:2]
    elif counted < amount:
        stood = case.schedule.elapsed(since, until)
        try:
            moved_to = micros(case.schedule.due(start, amount + stood))
        except HorizonError:  # it does not open so often in the years that it knows
            moved_to = None
        assert due == moved_to


@given(pairs(), targets(), targets(), st.sampled_from(["carry", "retroactive", "restart"]), st.data())
def test_after_a_change_the_deadline_is_the_instant_of_the_new_target(
    both: tuple[Case, Case], old: dict[str, Any], new: dict[str, Any], reading: str, data: st.DataObject
) -> None:
    """It is named once, from where the cycle counts, on the schedule of the new target; never before the change."""
    one, other = both
    assume(not one.schedule.never_opens and not other.schedule.never_opens)
    policy = desk(one, other, {"P1": old, "P2": new}, reading)
    start, change = sorted(data.draw(st.tuples(one.instants() | other.instants(), one.instants())))
    assume(start < change)
    try:
        due, kept, amount = judged(ticket(start, events=[Event(kind="priority", at=change, value="P2")]), policy)
        counts_from = change if reading == "restart" else start
        named_at = micros(instant(other.schedule, new, counts_from))
        instant(one.schedule, old, start)
    except HorizonError:
        assume(False)
    assume(due is not None and kept is not None)
    assert due is not None
    assert kept is not None
    assert micros(counts_from) <= due
    if reading != "carry":
        assert due <= named_at <= kept
        return
    both_hours = Clock.switching([(start, one.schedule), (change, other.schedule)])
    assert amount == both_hours.elapsed(start, instants_in(ZoneInfo("UTC"))(named_at))
    if both_hours.elapsed(start, change) < amount:
        assert due <= named_at <= kept


@given(targets(), st.sampled_from(["schedule", "line"]), st.data())
def test_a_target_comes_back(target: dict[str, Any], beside: str, data: st.DataObject) -> None:
    """From a document, from its repr, from a pickle, and from any spelling."""
    made = Target.from_dict({**target, beside: "one"})
    spelled = target["within"].upper().replace(" ", data.draw(st.sampled_from([" ", "  ", "   "])))
    assert Target.from_dict({**plain(made), "within": spelled}) == made == Target.from_dict(plain(made))
    assert eval(repr(made), {"Target": Target}) == made
    assert pickle.loads(pickle.dumps(made)) == made
    assert hash(pickle.loads(pickle.dumps(made))) == hash(made)


@given(
    targets() | st.sampled_from([{"within": text} for text in ("P2D", "2", "days", "-1 days", "2 weeks", "1.5 days")])
)
def test_the_schema_agrees_with_the_policy(target: dict[str, Any]) -> None:
    """A target that the schema refuses is refused, and one that is read is valid by the schema."""
    schema = policy_schema()["$defs"]["Target"]
    valid = Draft202012Validator(schema).is_valid(target)
    try:
        Target.from_dict(target)
    except PolicyError:
        assert not valid or "by" not in target
    else:
        assert valid


@given(st.sampled_from(USUAL), targets(), st.integers(0, 20))
@settings(max_examples=settings().max_examples // 2)
def test_no_opening_waits_longer_than_the_longest_wait(hours: dict[str, Any], target: dict[str, Any], day: int) -> None:
    """The worst wait is that of an opening, and none of the openings of any quarter of an hour waits longer."""
    schedule = Schedule("Europe/Vilnius", by_day(hours), holidays="LT")
    naming = naming_of(named_by(Target(**target)), schedule, VILNIUS)
    start = micros(datetime(2026, 3, 20 + day // 4, tzinfo=VILNIUS)) + day * 3_600_000_000
    end = start + 5 * 86_400_000_000
    waits = NamedWaits(naming, schedule.timeline, start, end)
    quarters = {at: schedule.timeline.next_open(naming.instant(at)) - at for at in range(start, end, 900_000_000)}
    longest = waits.longest()
    assert longest is not None
    wait, opened = longest
    assert start <= opened < end
    assert wait == waits.of(opened) >= max(quarters.values())
    parts = [(at, at + 86_400_000_000) for at in range(start, end, 86_400_000_000)]
    for part, most in zip(parts, waits.longest_in(parts), strict=True):
        assert most is not None
        assert most >= max(wait for at, wait in quarters.items() if part[0] <= at < part[1])
    assert waits.known == (start, end)
    assert list(waits.longest_in([(start - 1, start + 1)])) == [None]


def test_waits_beyond_what_is_known() -> None:
    """The last known Monday is 27 December: a ticket of the Monday before it is due then, and no later one is."""
    known_2027 = {"frozen": "x", "years": "2027-2027", "dates": {"2027-01-01": "x"}}
    schedule = Schedule("UTC", {"mon": ["08:00-10:00"]}, holidays=known_2027)
    naming = naming_of(named_by(Target(within="1 working day")), schedule, VILNIUS)
    ends = schedule.timeline.end
    waits = NamedWaits(naming, schedule.timeline, micros(datetime(2027, 12, 1, tzinfo=VILNIUS)), ends)
    assert waits.known[1] == micros(datetime(2027, 12, 20, 10, tzinfo=ZoneInfo("UTC")))
    assert NamedWaits(naming, schedule.timeline, ends - 10, ends).longest() is None
    with pytest.raises(HorizonError, match="later than what the schedule knows"):
        naming.instant(waits.known[1])


def test_waits_that_end_in_the_middle_of_a_day() -> None:
    """In Auckland the known year ends at 11:00 UTC: an opening ten days before that has no known wait."""
    known_2026 = {"frozen": "x", "years": "2026-2026", "dates": {}}
    one, other = (
        Schedule(zone, {"mon-sun": ["00:00-24:00"]}, holidays=known_2026) for zone in ("UTC", "Pacific/Auckland")
    )
    schedule = one | other
    naming = naming_of(named_by(Target(within="10 days")), schedule, VILNIUS)
    waits = NamedWaits(naming, schedule.timeline, micros(datetime(2026, 12, 1, tzinfo=VILNIUS)), schedule.timeline.end)
    assert waits.known[1] == micros(datetime(2026, 12, 21, 11, tzinfo=ZoneInfo("UTC")))
    assert waits.longest() == (10 * 86_400_000_000, waits.known[0])


@pytest.mark.parametrize("text", ["2 days", "000000002 working days", " 12345 Working Day ", "0000000012 days", "2 x"])
def test_the_schema_of_days_has_the_digits_that_are_read(text: str) -> None:
    try:
        read = isinstance(Target(within=text).within, str)
    except PolicyError:
        read = False
    assert (re.fullmatch(DAYS_PATTERN, text) is not None) == read
