"""The longest wait is that of some opening, no opening waits longer, and no earlier opening waits as long.

Two oracles: every single opening on a timeline of a few dozen instants, and walks over the open stretches of a desk.
"""

import pickle
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kolmisla import (
    ALWAYS,
    KOLMISOFT,
    NEVER,
    HorizonError,
    NotCoveredError,
    Plan,
    Policy,
    PolicyError,
    Priority,
    Schedule,
    Target,
    TicketError,
    WorstWait,
    deadline,
    worst_wait,
)
from kolmisla import Ticket as Opened
from kolmisla.reports.rules.waits import Waits
from kolmisla.schedules.timeline import Timeline
from kolmisla.times.instants import clipped, merged
from tests import oracle
from tests.strategies import Case, cases, pairs

END = 48
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@st.composite
def few_spans(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Draw short open spans with gaps between them."""
    lengths = draw(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 6)), min_size=1, max_size=12))
    edges = list(accumulate(length for gap_and_span in lengths for length in gap_and_span))
    return merged((min(a, END), min(b, END)) for a, b in zip(edges[::2], edges[1::2], strict=True))


def waits_one_by_one(opened: list[bool], within: int) -> list[int | None]:
    """Return the wait of each instant, found by counting; None if the schedule does not open again."""
    found: list[int | None] = []
    for start in range(len(opened) + 1):
        kept = [t for t in range(start, len(opened)) if sum(opened[start:t]) == within and opened[t]]
        found.append(kept[0] - start if kept else None)
    return found


@given(few_spans(), st.integers(1, 9), st.tuples(st.integers(-3, 9), st.integers(5, END + 3)), st.data())
def test_every_opening_on_a_small_timeline(
    given_spans: list[tuple[int, int]], within: int, window: tuple[int, int], data: st.DataObject
) -> None:
    opened = [any(a <= t < b for a, b in given_spans) for t in range(END)]
    timeline = Timeline(lambda a, b: clipped(given_spans, a, b), 0, END, "a few instants")
    by_instant = waits_one_by_one(opened, within)
    start, end = window
    waits = Waits(timeline, within, start, end)

    def one_by_one(first: int, last: int) -> list[int | None]:
        return [by_instant[t] if 0 <= t <= END else None for t in range(first, last)]

    known = [(wait, -t) for t, wait in enumerate(one_by_one(start, end), start) if wait is not None]
    longest = max(known, default=None)
    assert waits.longest() == (longest and (longest[0], -longest[1]))
    assert max(waits.known[1] - waits.known[0], 0) == len(known)
    edges = (
        sorted({start, end, *data.draw(st.lists(st.integers(start, end), min_size=2, max_size=9))})
        if start < end
        else []
    )
    for (a, b), longest_in in zip(pairwise(edges), waits.longest_in(pairwise(edges)), strict=True):
        inside = one_by_one(a, b)
        assert longest_in == (None if None in inside else max(wait for wait in inside if wait is not None))


def test_openings_between_two_parts_count_in_neither() -> None:
    """From 1 on the target of 1 is kept until 8, but 1 lies in a part that is not wholly known."""
    given_spans = [(0, 2), (8, 10), (11, END)]
    timeline = Timeline(lambda a, b: clipped(given_spans, a, b), 0, END, "a few instants")
    assert Waits(timeline, 1, -3, 20).longest() == (7, 1)
    assert list(Waits(timeline, 1, -3, 20).longest_in([(-3, 2), (8, 9), (9, 10)])) == [None, 1, 2]


class Walk(NamedTuple):
    """Waits found by walking over the open stretches of a desk, from some days before to many days after."""

    stretches: list[tuple[datetime, datetime]]
    within: timedelta

    @classmethod
    def over(cls, desk: oracle.Oracle, start: datetime, end: datetime, within: timedelta) -> "Walk":
        stretches: list[tuple[datetime, datetime]] = []
        for a, b in oracle.pieces(desk, start - 30 * DAY, end + 70 * DAY):
            touches = stretches and stretches[-1][1] == a
            stretches[-1:] = [(stretches[-1][0], b)] if touches else [*stretches[-1:], (a, b)]
        return cls(stretches, within)

    def wait(self, opened: datetime) -> timedelta | None:
        """Return the time to the first instant at which more than the target begins to be counted."""
        left = self.within
        for a, b in self.stretches:
            counted = b - max(a, opened)
            if counted > left or (counted == left and b <= opened):
                return max(a, opened) + left - opened
            left -= max(counted, timedelta())
        return None

    def turns(self) -> list[datetime]:
        """Return the closings, and the earliest instants from which the target is counted up to each of them."""
        found = [b for _, b in self.stretches]
        for number, (_, close) in enumerate(self.stretches):
            left = self.within
            for a, b in reversed(self.stretches[: number + 1]):
                if b - a >= left:
                    found.append(b - left)
                    if b - a == left:  # then the closing before is as far away
                        found += [d for _, d in self.stretches[:number] if d <= a][-1:]
                    break
                left -= b - a
            assert close in found
        return found


def policy_in_force(schedule: Schedule, within: timedelta, first: date, last: date) -> Policy:
    """Return a policy whose only target is in force from one date up to another, in UTC."""

    def edition(since: date | None, **targets: Any) -> Policy:
        return Policy(
            name="Desk",
            timezone="UTC",
            effective_from=since,
            schedules={"desk": schedule, "always": ALWAYS},
            priorities=[Priority(name="P1", rank=1, schedule="desk")],
            plans=[Plan(name="GOLD", rank=1, targets=targets)],
        )

    other = {"resolution": Target(within=HOUR, schedule="always")}
    target = {"first-response": Target(within=within)}
    return edition(last, **other).replace(earlier=[edition(None, **other), edition(first, **target)])


desks = cases() | pairs().map(
    lambda both: Case(oracle.Both(both[0].desk, "|", both[1].desk), both[0].day, both[0].schedule | both[1].schedule)
)


@given(desks, st.integers(1, 40 * 60), st.sampled_from([0, 0, 1]), st.integers(0, 96))
def test_no_opening_of_a_desk_waits_longer(case: Case, minutes: int, us: int, hours: int) -> None:
    within, least = timedelta(minutes=minutes, microseconds=us), timedelta(hours=hours)
    first, last = case.day - 3 * DAY, case.day + 4 * DAY
    start, end = (datetime.combine(day, datetime.min.time(), UTC) for day in (first, last))
    assume(not case.schedule.never_opens)
    walk = Walk.over(case.desk, start, end, within)
    zone = ZoneInfo(case.schedule.timezone or "UTC")
    steps = [start + n * 6 * HOUR for n in range(28)] + [end - timedelta(microseconds=1)]
    midnights = [datetime.combine(first + n * DAY, datetime.min.time(), zone).astimezone(UTC) for n in range(-1, 9)]
    instants = sorted({at for at in (*steps, *midnights, *walk.turns()) if start <= at < end})
    waits = {at: walk.wait(at) for at in instants}
    assume(None not in waits.values())

    policy = policy_in_force(case.schedule, within, first, last)
    years = range(first.year, last.year + 1)
    [worst] = worst_wait(policy, years, metric="first-response", longer_than=least)
    assert worst.wait == max(wait for wait in waits.values() if wait is not None)
    assert worst.opened_at
    assert worst.breaches_after
    opened_at = worst.opened_at.astimezone(UTC)
    assert opened_at == next(at for at, wait in waits.items() if wait == worst.wait)
    due = deadline(Opened(plan="gold", priority="p1", opened_at=opened_at), policy=policy)
    assert due.breaches_after == worst.breaches_after == opened_at + worst.wait

    by_date: dict[date, list[timedelta]] = {}
    for at, wait in waits.items():
        assert wait is not None
        by_date.setdefault(at.astimezone(zone).date(), []).append(wait)
    edges = [max(start, min(at, end)) for at in midnights]
    working = [
        a.astimezone(zone).date()
        for a, b in pairwise(edges)
        if a < b and any(opens < b and a < closes for opens, closes in walk.stretches)
    ]
    assert worst.working_days == len(working)
    assert worst.longer_days == sum(max(by_date[day]) > least for day in working)
    assert worst.unknown_days == 0


def test_the_built_in_two_hours() -> None:
    """By hand: Friday 21 December 2029 is the last working day before a weekend, Monday 24, 25 and 26 December."""
    results = worst_wait(KOLMISOFT, range(2026, 2031), longer_than=2 * DAY)
    assert [(worst.plan, worst.priority) for worst in results] == [
        (plan, priority) for plan in ("ENTERPRISE", "PREMIUM") for priority in ("BLOCKER", "HIGH", "MEDIUM", "LOW")
    ]
    for worst in results:
        assert (worst.metric, worst.target, worst.unknown_days) == ("first-response", 2 * HOUR, 0)
        assert (worst.first, worst.last) == (date(2026, 1, 1), date(2030, 12, 31))
        assert worst.opened_at
        assert worst.breaches_after
        if worst.priority == "BLOCKER":
            assert (worst.wait, worst.working_days, worst.longer_days) == (2 * HOUR, 1826, 0)
            continue
        assert worst.wait == 5 * DAY + 16 * HOUR
        assert worst.opened_at.isoformat() == "2029-12-21T16:00:00+02:00"
        assert worst.breaches_after.isoformat() == "2029-12-27T08:00:00+02:00"
        assert (worst.working_days, worst.longer_days) == (1255, 263)


def test_the_built_in_days_counted_by_the_calendar() -> None:
    """On a working day some opening waits for more than two days if, and only if, the two days after it are closed."""
    days = [date(2026, 1, 1) + n * DAY for n in range(1826 + 9)]
    holidays = frozenset().union(*(oracle.lithuanian_holidays(year) for year in range(2026, 2032)))
    working = [day for day in days if day.weekday() < 5 and day not in holidays]
    long = [day for day, after in pairwise(working) if (after - day).days > 2 and day.year < 2031]
    assert (len([day for day in working if day.year < 2031]), len(long)) == (1255, 263)


def test_a_minute_at_a_time_around_new_year() -> None:
    """Each minute of three weeks, by counting open minutes: the longest wait and the days of more than two days."""
    zone = ZoneInfo("Europe/Vilnius")
    first, last, target = date(2029, 12, 17), date(2030, 1, 7), 120
    holidays = oracle.lithuanian_holidays(2029) | oracle.lithuanian_holidays(2030)
    open_minutes = [
        day.weekday() < 5 and day not in holidays and 8 * 60 <= minute < 18 * 60
        for day in (first + n * DAY for n in range(30))
        for minute in range(1440)
    ]  # no clock changes in these weeks
    number = (last - first).days * 1440
    kept = counted = 0
    waits = []
    for opened in range(number):
        kept = max(kept, opened)
        while counted < target or not open_minutes[kept]:
            counted += open_minutes[kept]
            kept += 1
        waits.append(kept - opened)
        counted -= open_minutes[opened]
    opened_at = datetime.combine(first, datetime.min.time(), zone) + timedelta(minutes=waits.index(max(waits)))
    by_day = [max(waits[day * 1440 : (day + 1) * 1440]) for day in range(number // 1440)]
    working = [longest for day, longest in enumerate(by_day) if any(open_minutes[day * 1440 : (day + 1) * 1440])]

    shut = KOLMISOFT.replace(effective_from=last, plans=[Plan(name="NONE", rank=1, targets={})])
    before = KOLMISOFT.replace(plans=[Plan(name="NONE", rank=1, targets={})])
    policy = shut.replace(earlier=[before, KOLMISOFT.replace(effective_from=first)])
    [worst] = worst_wait(policy, range(2029, 2031), plan="premium", priority="high", longer_than=2 * DAY)
    assert (worst.wait, worst.opened_at) == (timedelta(minutes=max(waits)), opened_at)
    assert worst.working_days == len(working)
    assert worst.longer_days == sum(longest > 2 * 1440 for longest in working)
    assert (worst.first, worst.last) == (first, last - DAY)


def desk(schedule: Schedule, within: timedelta = 2 * HOUR) -> Policy:
    return Policy(
        name="Desk",
        timezone="UTC",
        schedules={"desk": schedule},
        priorities=[Priority(name="P1", rank=1, schedule="desk")],
        plans=[Plan(name="GOLD", rank=1, targets={"first-response": Target(within=within)})],
    )


def test_the_very_instant_of_closing() -> None:
    """Hours are half-open: who asks at 18:00 of Friday waits for the two hours of Monday, and who asks before, less."""
    office = Schedule(timezone="UTC", hours={"mon-fri": ["08:00-18:00"]})
    [worst] = worst_wait(desk(office, 10 * HOUR), 2026)
    assert worst.opened_at  # 10 h from the closing of Thursday end at that of Friday
    assert worst.breaches_after
    assert worst.opened_at.isoformat() == "2026-01-01T18:00:00+00:00"
    assert worst.breaches_after.isoformat() == "2026-01-05T08:00:00+00:00"


def test_years_that_are_not_known_are_counted() -> None:
    """Lithuania's holidays are known to 2100: from Friday 31 December 2100, 16:00, on nobody knows the answer."""
    working = KOLMISOFT.schedules["working-hours"]
    [worst] = worst_wait(desk(working), range(2100, 2102), longer_than=DAY)
    assert worst.unknown_days == 1 + 365
    [last] = worst_wait(desk(working), 2100)
    assert (last.unknown_days, last.longer_days, last.longer_than) == (1, None, None)
    assert last.opened_at == worst.opened_at
    [early] = worst_wait(desk(working), range(2009, 2012))
    assert early.unknown_days == 365 * 2
    [nothing] = worst_wait(desk(working), 2150)
    assert (nothing.wait, nothing.opened_at, nothing.breaches_after) == (None, None, None)
    assert (nothing.working_days, nothing.unknown_days) == (0, 365)
    assert repr(nothing) == "WorstWait(GOLD P1 first-response, wait=None, opened_at=None)"
    told = nothing.to_dict()
    assert (told["wait_s"], told["opened_at"], told["breaches_after"]) == (None, None, None)


def test_a_schedule_that_closes_for_ever() -> None:
    """Open on one Monday only: two hours are kept for ever from 10:00 on, so nobody can tell how long the wait is."""
    once = Schedule(timezone="UTC", hours={}, exceptions={"2026-07-06": ["08:00-12:00"]})
    [worst] = worst_wait(desk(once), 2026)
    assert worst.opened_at
    assert worst.opened_at.isoformat() == "2026-01-01T00:00:00+00:00"
    assert worst.breaches_after
    assert worst.breaches_after.isoformat() == "2026-07-06T10:00:00+00:00"
    assert (worst.working_days, worst.unknown_days) == (0, 365 - 186)
    [never] = worst_wait(desk(once, 9 * HOUR), 2026)
    assert (never.wait, never.working_days, never.unknown_days) == (None, 0, 365)


def test_each_edition_is_judged_while_it_is_in_force() -> None:
    """The second edition answers on Saturdays too. The third has the hours of the second, so they are one promise."""
    first = desk(Schedule(timezone="UTC", hours={"mon-fri": ["08:00-18:00"]}))
    longer = desk(Schedule(timezone="UTC", hours={"mon-sat": ["08:00-18:00"]}))
    second = longer.replace(effective_from=date(2026, 4, 1))
    third = longer.replace(effective_from=date(2026, 7, 1), source="said again")
    results = worst_wait(third.replace(earlier=[first, second]), 2026)
    assert [(worst.first, worst.last) for worst in results] == [
        (date(2026, 1, 1), date(2026, 3, 31)),
        (date(2026, 4, 1), date(2026, 12, 31)),
    ]
    assert [worst.wait for worst in results] == [2 * DAY + 16 * HOUR, DAY + 16 * HOUR]
    assert [worst.first for worst in worst_wait(third.replace(earlier=[first, second]), 2027)] == [date(2027, 1, 1)]
    with pytest.raises(NotCoveredError, match="plan and priority is in force in 2025"):
        worst_wait(second, 2025)


def test_always_and_never() -> None:
    [always] = worst_wait(desk(ALWAYS - NEVER), 2026)
    assert (always.wait, always.working_days) == (2 * HOUR, 365)
    assert always.opened_at == datetime(2026, 1, 1, tzinfo=UTC)
    assert always.known == "schedules answer for 1900 to 2200"


def test_what_is_asked_for() -> None:
    [worst] = worst_wait(KOLMISOFT, 2026, metric="first-response", plan="Premium", priority="Low", longer_than=DAY)
    assert (worst.plan, worst.priority) == ("PREMIUM", "LOW")
    assert worst.to_dict() == {
        "plan": "PREMIUM",
        "priority": "LOW",
        "owner": None,
        "metric": "first-response",
        "schedule": "working-hours",
        "target_s": 7200,
        "promised": "within 2:00:00",
        "first": "2026-01-01",
        "last": "2026-12-31",
        "wait_s": 5 * 86_400 - 8 * 3600,
        "opened_at": "2026-12-23T16:00:00+02:00",
        "breaches_after": "2026-12-28T08:00:00+02:00",
        "working_days": 251,  # 261 weekdays without ten holidays
        "longer_than_s": 86_400,
        "longer_days": 55,  # working days before a closed day
        "unknown_days": 0,
        "known": "holidays of LT are known for 2011 to 2100",
    }
    assert pickle.loads(pickle.dumps(worst)) == worst
    assert isinstance(worst, WorstWait)


@pytest.mark.parametrize(
    ("years", "options", "error", "message"),
    [
        ("2026", {}, TypeError, "years must be a year or a range of years, such as range.2026, 2031., not '2026'"),
        (True, {}, TypeError, "not True"),
        (range(2026, 2026), {}, ValueError, "years must be a range without gaps"),
        (range(2026, 2031, 2), {}, ValueError, "years must be a range without gaps"),
        (1899, {}, HorizonError, "no schedule answers in 1899: schedules answer for 1900 to 2200"),
        (range(2026, 2202), {}, HorizonError, "no schedule answers from 2026 to 2201"),
        (2026, {"plan": "gold"}, TicketError, "plan 'gold' is not one of ENTERPRISE, PREMIUM"),
        (2026, {"priority": 1}, TicketError, "priority 1 is not one of BLOCKER"),
        (2026, {"metric": "answer"}, PolicyError, "metric 'answer' is not one of first-response"),
        (2026, {"metric": "resolution"}, NotCoveredError, "plan and priority is in force in 2026"),
        (2026, {"longer_than": -DAY}, ValueError, "longer_than must be 0 or more"),
        (2026, {"longer_than": 2}, TypeError, "a duration must be a timedelta, not 2"),
    ],
)
def test_what_cannot_be_asked(years: Any, options: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        worst_wait(KOLMISOFT, years, **options)


def test_a_policy_must_be_a_policy() -> None:
    with pytest.raises(TypeError, match="policy must be a Policy, not 2026"):
        worst_wait(2026, 2026)  # type: ignore[arg-type]


def owned(**targets: Any) -> Policy:
    """A policy with two owners of hours of their own, one of hours that all have, and targets by owner."""
    return Policy.from_dict(
        {
            "name": "desk",
            "timezone": "UTC",
            "schedules": {
                "office": {"timezone": "UTC", "hours": {"mon-fri": ["08:00-18:00"]}},
                "late": {"timezone": "UTC", "hours": {"mon-fri": ["12:00-20:00"]}},
                "always": {"open": "always"},
            },
            "priorities": {"P1": {"rank": 1, "schedule": "office"}, "P0": {"rank": 2, "schedule": "always"}},
            "owners": {"L2": {"schedule": "late"}, "Same": {"schedule": "office"}},
            "plans": {"GOLD": {"rank": 1, "targets": targets}},
        }
    )


def test_owners_have_waits_of_their_own() -> None:
    """The owner's target comes first, then the owner's hours; no hours weaken a promise round the clock."""
    targets = {"P1": {"within": "PT4H"}, "owners": {"vendor": {"within": "PT9H"}, "l2": {"within": "PT2H"}}}
    policy = owned(**{"first-response": {"within": "PT1H"}, "resolution": targets})
    waits = worst_wait(policy, 2026)
    found = {(worst.metric, worst.priority, worst.owner): (worst.promised, worst.schedule) for worst in waits}
    assert found == {
        ("first-response", "P1", None): ("within 1:00:00", "office"),
        ("first-response", "P1", "L2"): ("within 1:00:00", "late"),
        ("first-response", "P0", None): ("within 1:00:00", "always"),
        ("resolution", "P1", None): ("within 4:00:00", "office"),
        ("resolution", "P1", "L2"): ("within 2:00:00", "late"),
        ("resolution", "P1", "vendor"): ("within 9:00:00", "office"),
        ("resolution", "P0", "L2"): ("within 2:00:00", "always"),
        ("resolution", "P0", "vendor"): ("within 9:00:00", "always"),
    }
    assert len(waits) == len(found)
    (late,) = [worst for worst in waits if (worst.metric, worst.owner) == ("first-response", "L2")]
    assert repr(late).startswith("WorstWait(GOLD P1 L2 first-response, wait='2 days, 17:00:00', opened_at='2026-01-02T")
    assert late.opened_at is not None
    ticket = Opened(plan="GOLD", priority="P1", owner="L2", opened_at=late.opened_at)
    assert deadline(ticket, policy=policy).breaches_after == late.breaches_after
    assert late.to_dict()["owner"] == "L2"


def test_an_owner_whose_target_changes_has_a_wait_in_each_edition() -> None:
    targets: dict[str, Any] = {"P1": {"within": "PT4H"}, "owners": {"vendor": {"within": "PT9H"}}}
    old = owned(resolution=targets)
    new = owned(resolution={**targets, "owners": {"vendor": {"within": "PT8H"}}})
    policy = new.replace(effective_from=date(2026, 7, 1), earlier=[old])
    waits = [
        (worst.owner, worst.promised, worst.first, worst.last) for worst in worst_wait(policy, 2026, priority="P1")
    ]
    assert set(waits) == {
        (None, "within 4:00:00", date(2026, 1, 1), date(2026, 12, 31)),
        ("L2", "within 4:00:00", date(2026, 1, 1), date(2026, 12, 31)),
        ("vendor", "within 9:00:00", date(2026, 1, 1), date(2026, 6, 30)),
        ("vendor", "within 8:00:00", date(2026, 7, 1), date(2026, 12, 31)),
    }
