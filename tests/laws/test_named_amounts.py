"""The amounts that targets in days become are the same when they are remembered as when they are computed anew."""

import pickle
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from random import Random
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kolmisla import ALWAYS, HorizonError, Policy, Schedule, Target, Ticket, crossings, deadline, queue
from kolmisla.policies.terms.named_targets import named_by
from kolmisla.schedules.naming import named_amounts
from kolmisla.schedules.naming.named_amounts import NamedAmounts
from kolmisla.schedules.naming.named_instant import InstantNaming
from kolmisla.tickets.cycles import naming as in_policy
from kolmisla.times.instants import DAY, instants_in, micros
from tests.laws.test_named_targets import USUAL, by_day, desk, questions, targets
from tests.strategies import Case

VILNIUS = ZoneInfo("Europe/Vilnius")
Answer = tuple[int, int, int] | None


def amounts_of(schedule: Schedule, target: dict[str, Any]) -> NamedAmounts:
    naming = InstantNaming(named_by(Target(**target)), schedule, ZoneInfo(schedule.timezone or "Europe/Vilnius"))
    return NamedAmounts(naming, schedule.timeline)


def remembered(amounts: NamedAmounts, start: int) -> Answer:
    try:
        return tuple(amounts.of(start))  # type: ignore[return-value]  # three integers
    except HorizonError:
        return None


def computed(schedule: Schedule, target: dict[str, Any], start: int) -> Answer:
    """Return the answer from the public questions to the schedule, and from an instant that nobody remembers."""
    utc = instants_in(UTC)
    try:
        instant = InstantNaming(named_by(Target(**target)), schedule, ZoneInfo(schedule.timezone or "Europe/Vilnius"))
        amount = schedule.elapsed(utc(start), utc(instant.instant(start)))
        due = schedule.due(utc(start), amount)
        return amount // timedelta(microseconds=1), micros(due), micros(schedule.next_open(due))
    except HorizonError:
        return None


@given(questions(), st.lists(st.integers(-2 * DAY, 2 * DAY), max_size=6))
def test_an_amount_that_is_remembered(question: tuple[Case, dict[str, Any], datetime], distances: list[int]) -> None:
    """Starts of a few dates, each asked about three times, in an order in which lines meet starts of other lines."""
    case, target, start = question
    amounts = amounts_of(case.schedule, target)
    starts = [micros(start) + distance for distance in (0, -1, 1, *distances)]
    for at in [*starts, *reversed(starts), *starts]:
        assert remembered(amounts, at) == computed(case.schedule, target, at)


@given(st.sampled_from(USUAL), targets(), st.sampled_from(["Europe/Vilnius", "America/St_Johns"]), st.integers(0, 14))
@settings(max_examples=settings().max_examples // 4)
def test_each_quarter_of_an_hour_of_two_dates(hours: dict[str, Any], target: dict[str, Any], zone: str, n: int) -> None:
    """The dates are those about Easter and the change of clocks, and starts lie at the edges of hours and beside."""
    schedule = Schedule(zone, by_day(hours), holidays="LT")
    amounts = amounts_of(schedule, target)
    begin = micros(datetime(2026, 3, 26, tzinfo=UTC) + timedelta(days=n))
    quarters = [at + beside for at in range(begin, begin + 2 * DAY, DAY // 96) for beside in (-1, 0, 1)]
    for at in quarters:
        amounts.of(at)
    for at in Random(n).sample(quarters, len(quarters)):
        amounts.of(at)
    for at in quarters:
        assert remembered(amounts, at) == computed(schedule, target, at), at


def starts_of(day: date) -> Iterator[int]:
    begin = micros(datetime(day.year, day.month, day.day, tzinfo=UTC))
    yield from range(begin, begin + DAY, DAY // 48)


def test_an_instant_in_shorter_hours_has_lines_of_its_own() -> None:
    """From Tuesday 08:00-18:00, a day later is Wednesday 10:00-12:00: the lines turn where the hours begin and end."""
    schedule = Schedule("UTC", {"tue": ["08:00-18:00"], "wed": ["10:00-12:00"]})
    target = {"within": "1 day"}
    amounts = amounts_of(schedule, target)
    for _ in range(3):
        for at in starts_of(date(2026, 7, 7)):
            assert remembered(amounts, at) == computed(schedule, target, at)
    turns, lines = amounts._dates[micros(datetime(2026, 7, 7, tzinfo=UTC)) // DAY]
    assert {at % DAY // (DAY // 24) for at in turns} >= {0, 8, 10, 12, 18}
    assert named_amounts.NO_LINE not in lines


def test_no_line_goes_beyond_the_known_years() -> None:
    """The last Monday that is known has no working day after it, and the time to the end is asked about alone."""
    schedule = Schedule("UTC", {"mon": ["08:00-10:00"]}, holidays={"frozen": "x", "years": "2027-2027", "dates": {}})
    target = {"within": "1 working day"}
    amounts = amounts_of(schedule, target)
    for _ in range(3):
        for at in [*starts_of(date(2027, 12, 20)), *starts_of(date(2027, 12, 27)), *starts_of(date(2028, 1, 1))]:
            assert remembered(amounts, at) == computed(schedule, target, at)
    assert remembered(amounts, micros(datetime(2027, 12, 28, tzinfo=UTC))) is None
    assert remembered(amounts, micros(datetime(2027, 12, 20, 9, tzinfo=UTC))) is not None
    lines = [line for _, lines in amounts._dates.values() for line in lines]
    assert named_amounts.NO_LINE in lines


def test_an_instant_that_no_line_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    """If a turn were not known, starts on both sides of it would not lie on one line, and each is computed alone."""
    schedule = Schedule("UTC", {"mon-fri": ["08:00-18:00"]})
    target = {"within": "1 working day", "by": "16:00", "cutoff": "14:00"}
    monkeypatch.setattr(InstantNaming, "turns", lambda *given: [given[1]])
    amounts = amounts_of(schedule, target)
    for _ in range(3):
        for at in starts_of(date(2026, 7, 7)):
            assert remembered(amounts, at) == computed(schedule, target, at)
    assert named_amounts.NO_LINE in amounts._dates[micros(datetime(2026, 7, 7, tzinfo=UTC)) // DAY][1]


def test_as_many_dates_are_remembered_as_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(named_amounts, "MOST_DATES", 3)
    target: dict[str, Any] = {"within": "2 days"}
    amounts = amounts_of(ALWAYS, target)
    for day in range(1, 9):
        start = micros(datetime(2026, 7, day, 9, tzinfo=UTC))
        for _ in range(3):
            assert amounts.of(start) == (2 * DAY, start + 2 * DAY, start + 2 * DAY)
        assert len(amounts._dates) <= 3


def test_dates_that_look_alike_share_their_lines() -> None:
    """Mondays to Wednesdays look alike, so do Thursdays and Fridays; each day of a weekend is alone."""
    schedule = Schedule("UTC", {"mon-fri": ["08:00-18:00"]})
    amounts = amounts_of(schedule, {"within": "2 working days"})
    for _ in range(6):
        for day in range(3650):
            amounts.of(micros(datetime(2026, 1, 1, 9, tzinfo=UTC)) + day * DAY)
    assert len(amounts._dates) == 3650
    assert len({id(shape) for shape in amounts._dates.values()}) == 4


def office(days: str) -> Policy:
    """A policy with hours on weekdays, which promises a resolution in some days."""
    return Policy.from_dict(
        {
            "name": "desk",
            "timezone": "Europe/Vilnius",
            "schedules": {"office": {"timezone": "Europe/Vilnius", "hours": {"mon-fri": ["08:00-18:00"]}}},
            "priorities": {name: {"rank": n, "schedule": "office"} for n, name in enumerate(("P1", "P2", "P3"), 1)},
            "plans": {"GOLD": {"rank": 1, "targets": {"resolution": {"within": days}}}},
        }
    )


MONDAY = datetime(2026, 7, 6, 9, 15, tzinfo=VILNIUS)


def test_policies_remember_promises_by_their_own_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    """More promises than there is room for, asked in turn, keep their own targets; so does a policy from a pickle."""
    monkeypatch.setattr(in_policy, "MOST_PROMISES", 2)
    desks = {days: office(f"{days} working days") for days in (1, 2, 3)}
    for _ in range(4):
        for days, policy in desks.items():
            for priority in ("P1", "P2", "P3"):
                asked = Ticket(plan="GOLD", priority=priority, opened_at=MONDAY)
                found = deadline(asked, policy=pickle.loads(pickle.dumps(policy)), metric="resolution")
                again = deadline(asked, policy=policy, metric="resolution")
                assert found == again
                assert again.due_at == MONDAY + timedelta(days=days)
                assert (again.promise.within, again.promise.named_from) == (days * 10 * DAY // 24, micros(MONDAY))
                assert len(again.promise) == len(again.promise._fields)
            assert len(policy.__dict__["_amounts"]) <= 2


@given(questions())
@settings(max_examples=settings().max_examples // 2)
def test_a_ticket_alone_a_queue_and_crossings_agree(question: tuple[Case, dict[str, Any], datetime]) -> None:
    """The short paths, asked again and again, give what the general way of a ticket with an event gives."""
    case, target, start = question
    policy = desk(case, case, {"P1": target})
    end = micros(start) + 3000 * DAY
    try:
        general = deadline(
            Ticket(
                plan="PLAN",
                priority="P1",
                opened_at=start,
                events=[{"kind": "asked", "at": start}],
            ),
            policy=policy,
            metric="resolution",
        )
        case.schedule.elapsed(start, instants_in(UTC)(end))
    except HorizonError:
        assume(False)
    plain = Ticket(plan="PLAN", priority="P1", opened_at=start)
    for _ in range(3):
        found = deadline(plain, policy=policy, metric="resolution")
        assert (found.due_at, found.breaches_after) == (general.due_at, general.breaches_after)
        assert found.promise == general.promise
        (entry,) = queue([plain], start, policy=policy, metric="resolution")
        assert (entry.due_at, entry.breaches_after) == (general.due_at, general.breaches_after)
        assert entry.status == general.status(start)
        before, until = start - timedelta(microseconds=1), instants_in(UTC)(end)
        crossed = crossings([plain], before, until, policy=policy)
        reached = {crossing.threshold: crossing.at for crossing in crossed if crossing.metric == "resolution"}
        assert reached.get(100) == (general.due_at if general.due_at and micros(general.due_at) <= end else None)


@pytest.fixture
def impatient() -> Iterator[None]:
    """Threads switch as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("impatient")
def test_eight_threads_ask_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(named_amounts, "MOST_DATES", 2)  # so that they forget each other's dates
    starts = [at for day in (5, 6, 7) for at in [*starts_of(date(2026, 7, day))][::5]]
    expected = [computed(office("1 day").schedules["office"], {"within": "2 working days"}, at) for at in starts]
    for _ in range(3):
        amounts = amounts_of(office("1 day").schedules["office"], {"within": "2 working days"})
        gate = Barrier(8)

        def ask(turn: int, amounts: NamedAmounts = amounts, gate: Barrier = gate) -> list[Answer]:
            gate.wait()
            answers = {}
            for _ in range(3):
                for at in starts[turn:] + starts[:turn]:
                    answers[at] = remembered(amounts, at)
            return [answers[at] for at in starts]

        with ThreadPoolExecutor(8) as pool:
            for answers in pool.map(ask, range(8)):
                assert answers == expected
