"""Each open stretch belongs to one date, and a date differs when other hours are more usual for its weekday."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kolmisla import ALWAYS, NEVER, HorizonError, Schedule, ScheduleError
from kolmisla.reports import CalendarDay, calendar_days
from kolmisla.reports.calendars.days import days_in_force
from kolmisla.reports.calendars.drawing import drawn_months
from tests import oracle
from tests.strategies import Case, cases, pairs, utc

WEEK = timedelta(days=7)
ONE = timedelta(days=1)


def zone_of(schedule: Schedule) -> ZoneInfo:
    return ZoneInfo(schedule.timezone or "UTC")


def stretches(days: tuple[CalendarDay, ...]) -> list[tuple[datetime, datetime]]:
    return [(utc(span.start), utc(span.end)) for day in days for span in day.spans]


def joined(parts: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Join stretches that touch, and only these."""
    whole: list[tuple[datetime, datetime]] = []
    for start, end in parts:
        if whole and whole[-1][1] == start:
            whole[-1] = (whole[-1][0], end)
        else:
            whole.append((start, end))
    return whole


def covered(parts: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Join stretches that touch or overlap."""
    whole: list[tuple[datetime, datetime]] = []
    for start, end in sorted(parts):
        if whole and start <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]))
        else:
            whole.append((start, end))
    return whole


def face(at: datetime) -> datetime:
    return at.replace(tzinfo=None)


def combined(one: Case, other: Case, sign: str) -> tuple[Schedule, oracle.Both]:
    schedules = {
        "|": lambda: one.schedule | other.schedule,
        "&": lambda: one.schedule & other.schedule,
        "-": lambda: one.schedule - other.schedule,
    }
    return schedules[sign](), oracle.Both(one.desk, sign, other.desk)


@given(pairs(), st.sampled_from("|&-"))
def test_each_open_instant_belongs_to_one_date(drawn: tuple[Case, Case], sign: str) -> None:
    """The days together are the open time, whatever rules made it: nothing twice, and nothing left out."""
    schedule, desk = combined(*drawn, sign)
    day = drawn[0].day
    days = calendar_days(schedule, day - WEEK, day + WEEK)
    parts = stretches(days)
    assert all(end <= start for (_, end), (start, _) in pairwise(parts))
    start = datetime.combine(day - 3 * ONE, time(), UTC)
    end = datetime.combine(day + 3 * ONE, time(), UTC)
    cut = [(max(a, start), min(b, end)) for a, b in joined(parts) if a < end and start < b]
    assert cut == joined(oracle.pieces(desk, start, end))


@given(cases())
def test_a_stretch_belongs_to_the_date_on_which_it_begins(case: Case) -> None:
    """Hours that touch those of no other date are the hours that are written for the date."""
    first, last = case.day - WEEK, case.day + WEEK
    zone = zone_of(case.schedule)
    assert isinstance(case.desk, oracle.Desk)
    intervals = {first + n * ONE: sorted(case.desk.intervals(first + n * ONE)) for n in range(-3, 18)}
    whole = covered([each for some in intervals.values() for each in some])
    short = all(face(b.astimezone(zone)) - face(a.astimezone(zone)) <= ONE for a, b in whole)
    # a closed stretch may cut the hours of a night, of which a part begins on the next date
    begun = all(start.astimezone(zone).date() == date for date, some in intervals.items() for start, _ in some)
    for day in calendar_days(case.schedule, first, last):
        own = covered(intervals[day.date])
        others = [each for other, some in intervals.items() if other != day.date for each in some]
        if short and begun and all(b < start or end < a for a, b in own for start, end in others):
            assert [(utc(span.start), utc(span.end)) for span in day.spans] == own
        for span in day.spans:
            begins = span.start.astimezone(zone).date()
            assert begins == day.date or (begins == day.date - ONE and _midnight_twice(zone, day.date))
            shortest = min(
                face(span.end) - face(span.start), utc(span.end) - utc(span.start)
            )  # over a date that is skipped
            assert shortest <= ONE


def _midnight_twice(zone: ZoneInfo, day: date) -> bool:
    again = datetime.combine(day, time(), zone).replace(fold=1)
    return again.utcoffset() != again.replace(fold=0).utcoffset()


@given(st.data(), cases())
def test_cut_anywhere_the_days_are_the_same(data: st.DataObject, case: Case) -> None:
    first, last = case.day - WEEK, case.day + WEEK
    at = data.draw(st.integers(0, 13)) * ONE
    parts = calendar_days(case.schedule, first, first + at), calendar_days(case.schedule, first + at + ONE, last)
    assert parts[0] + parts[1] == calendar_days(case.schedule, first, last)


@given(st.data(), cases())
def test_usual_hours_are_the_most_frequent_of_the_weekday(data: st.DataObject, case: Case) -> None:
    at = case.day + data.draw(st.integers(-4, 4)) * ONE
    around = calendar_days(case.schedule, at - 16 * WEEK, at + 16 * WEEK)
    (day,) = (each for each in around if each.date == at)
    assume(day.known)
    weeks = {each.date: each.hours for each in around if each.known and each.date.weekday() == at.weekday()}

    def frequent(first: int) -> set[str]:
        """The most frequent hours in 17 weeks, the first of which is so many weeks from the date."""
        counts = Counter(weeks[at + n * WEEK] for n in range(first, first + 17) if at + n * WEEK in weeks)
        return {text for text in counts if counts[text] == max(counts.values())}

    whole = [first for first in range(-16, 1) if all(at + n * WEEK in weeks for n in range(first, first + 17))]
    if any(day.hours in frequent(first) for first in (-8, *whole)):
        assert day.usual == day.hours
    else:
        assert day.usual in frequent(-8)
    offsets = {datetime.combine(at + n * ONE, time(), zone_of(case.schedule)).utcoffset() for n in range(-1, 4)}
    if len(offsets) == 1:  # the clocks do not change: the hours by the clock tell all
        assert day.differs == (day.hours != day.usual)
    assert bool(day.reason) or not day.differs


@given(pairs(), st.integers(0, 6))
def test_schedules_in_turn_are_each_in_force_for_their_time(drawn: tuple[Case, Case], ahead: int) -> None:
    one, other = drawn
    zone, first, last = zone_of(one.schedule), one.day - WEEK, one.day + WEEK
    change = datetime.combine(one.day - ahead * ONE, time(11, 30), UTC)
    start = datetime.combine(first, time(), UTC)
    micros = [(at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) for at in (start, change)]
    turns = [(micros[0], one.schedule), (micros[1], other.schedule)]
    days = days_in_force(turns, first, last, zone)
    desk = oracle.InTurn(((start - 9 * ONE, one.desk), (change, other.desk)))
    begin, end = start + 2 * ONE, datetime.combine(last - ONE, time(), UTC)
    cut = [(max(a, begin), min(b, end)) for a, b in joined(stretches(days)) if a < end and begin < b]
    assert cut == joined(oracle.pieces(desk, begin, end))
    alone = calendar_days(one.schedule, first, last)
    assert [day.usual for day in days if day.date < change.date() - ONE] == [
        day.usual for day in alone if day.date < change.date() - ONE
    ]


@given(pairs(), st.sampled_from("|&-"), st.integers(1, 200))
def test_a_drawing_is_no_wider_than_asked(drawn: tuple[Case, Case], sign: str, width: int) -> None:
    schedule, _ = combined(*drawn, sign)
    day = drawn[0].day
    days = calendar_days(schedule, day - 30 * ONE, day + 30 * ONE)
    lines = list(drawn_months(days, "x" * 300, "Europe/Vilnius", width))
    assert max(map(len, lines)) <= max(width, 40)
    assert all(line.isprintable() for line in lines)
    text = " ".join(" ".join(lines).split())
    assert all(day.reason in text for day in days if day.differs and "-" not in day.reason)
    assert text.count("*") - text.count("* not") == sum(day.differs for day in days)


def test_a_month_that_is_not_known_has_no_usual_hours() -> None:
    desk = Schedule("Europe/Vilnius", {"mon": ["08:00-10:00"]}, holidays="LT")
    days = calendar_days(desk, date(2100, 12, 30), date(2101, 1, 31))
    lines = list(drawn_months(days, "day", "Europe/Vilnius", 40))
    assert max(map(len, lines)) <= 40
    december, january = " ".join(lines).split("January 2101")
    assert "usual hours: " in december
    assert "usual hours" not in january


def test_clocks_that_change_are_told() -> None:
    always = Schedule("Europe/Vilnius", {"mon-sun": ["00:00-24:00"]})
    night = Schedule("Europe/Vilnius", {"sat": ["22:00-06:00"]})
    short = Schedule("Europe/Vilnius", {"sun": ["03:30-05:00"]})  # its opening is skipped, and moves to 04:30
    for schedule, at, told in [
        (always, date(2026, 3, 29), ("00:00-24:00", True, "clocks go forward: 23 h open")),
        (always, date(2026, 10, 25), ("00:00-24:00", True, "clocks go back: 25 h open")),
        (night, date(2026, 3, 28), ("22:00-06:00", True, "clocks go forward: 7 h open")),
        (short, date(2026, 3, 29), ("04:30-05:00", True, "clocks go forward: 30 min open")),
        (ALWAYS, date(2026, 3, 29), ("00:00-24:00", False, "")),  # in UTC
        (NEVER, date(2026, 3, 29), ("closed", False, "")),
    ]:
        (day,) = calendar_days(schedule, at, at)
        assert (day.hours, day.differs, day.reason) == told
    closed = Schedule("Europe/Vilnius", {"mon-sun": ["00:00-24:00"]}, holidays={date(2026, 3, 29): "Spring"})
    assert calendar_days(closed, date(2026, 3, 29), date(2026, 3, 29))[0].reason == "Spring"
    # clocks in Havana skip midnight, so that the date begins at one o'clock
    skipped = Schedule("America/Havana", {"mon-sun": ["00:00-24:00"]})
    (day,) = calendar_days(skipped, date(2026, 3, 8), date(2026, 3, 8))
    assert (day.hours, str(day.open)) == ("00:00-24:00", "23:00:00")


def test_the_weeks_around_a_date_decide_what_is_usual() -> None:
    monday, a, b, c = date(2026, 7, 6), ["01:00-02:00"], ["02:00-03:00"], ["03:00-04:00"]

    def usual(own: list[str], **others: list[int]) -> tuple[str, bool]:
        texts = {"a": a, "c": c}
        exceptions = {monday + week * WEEK: texts[name] for name, weeks in others.items() for week in weeks}
        desk = Schedule("UTC", {"mon": ["08:00-18:00"]}, exceptions={**exceptions, monday: own})
        (day,) = calendar_days(desk, monday, monday)
        return day.usual, day.differs

    assert usual(b, a=[-8, *range(1, 7), 8], c=[7]) == ("01:00-02:00", True)  # 8 of them, and 7 from 8 to 18
    assert usual(b, a=[*range(1, 7), 8], c=[7]) == ("08:00-18:00", True)  # 7 and 8
    assert usual(b, a=[-9, *range(1, 7), 8, 9], c=[7]) == ("08:00-18:00", True)  # as before
    assert usual(a, a=[*range(1, 8)], c=[8]) == ("01:00-02:00", False)  # 8 each: the date's own
    assert usual(b, a=[*range(1, 9)]) == ("08:00-18:00", True)  # 8 each: the nearest date, the earlier first
    assert usual(b, a=[*range(1, 8)], c=[-1, 8]) == ("01:00-02:00", True)  # 7 each: the nearest


@pytest.mark.parametrize(
    ("shut", "monday", "usual"),
    [
        ((3, 4, 5), 0, "08:00-15:00"),  # the first of the season
        ((-5, -4, -3), -1, "08:00-18:00"),  # the last before it
        ((-5, -4, 3, 4), 1, "08:00-15:00"),
        ((9, 10, 11), 13, "08:00-15:00"),  # the last of the season
    ],
)
def test_the_weeks_around_the_border_of_a_season_are_as_usual(shut: Sequence[int], monday: int, usual: str) -> None:
    """A few closing days make neither the hours of the season nor those around it rare."""
    summer = {"06-15/09-15": {"hours": {"mon-fri": ["08:00-15:00"]}}}
    closed: dict[date, list[str]] = {date(2026, 6, 15) + n * WEEK: [] for n in shut}
    desk = Schedule("UTC", {"mon-fri": ["08:00-18:00"]}, seasons=summer, exceptions=closed)
    days = {day.date: day for day in calendar_days(desk, date(2026, 4, 1), date(2026, 12, 1))}
    assert days[date(2026, 6, 15) + monday * WEEK].usual == usual
    assert {day for day, told in days.items() if told.differs} == set(closed)


@pytest.mark.parametrize(("weeks", "differs"), [(1, True), (2, True), (8, True), (9, False), (20, False)])
def test_hours_of_nine_weeks_are_usual_on_each_of_their_days(weeks: int, differs: bool) -> None:
    begin = date(2026, 6, 1)
    shut: dict[date, list[str]] = {begin + n * ONE: [] for n in range(7 * weeks)}
    days = calendar_days(Schedule("UTC", {"mon-fri": ["08:00-18:00"]}, exceptions=shut), begin - WEEK, max(shut) + WEEK)
    found = {day.date for day in days if day.differs}
    assert found == ({day for day in shut if day.weekday() < 5} if differs else set())


def test_reasons() -> None:
    desk = Schedule(
        "Europe/Vilnius",
        {"mon-fri": ["08:00-12:00", "13:00-18:00"]},
        holidays="LT",
        exceptions={
            date(2026, 7, 6): ["08:00-12:00"],
            date(2026, 7, 7): ["08:00-12:00"],
            date(2026, 7, 8): [],
            date(2026, 7, 11): ["22:00:30-06:00"],
        },
    )
    told = {day.date.day: (day.hours, day.reason) for day in calendar_days(desk, date(2026, 7, 1), date(2026, 7, 12))}
    assert told == {
        **dict.fromkeys((1, 2, 3, 9, 10), ("08:00-12:00, 13:00-18:00", "")),
        **dict.fromkeys((4, 5, 12), ("closed", "weekend")),
        6: ("08:00-12:00", "Statehood Day"),
        7: ("08:00-12:00", "other hours"),
        8: ("closed", "closing day"),
        11: ("22:00:30-06:00", "opening day"),
    }
    (day,) = calendar_days(desk, date(2026, 7, 8), date(2026, 7, 8))
    assert day.to_dict() == {
        "date": "2026-07-08",
        "hours": [],
        "open_s": 0,
        "usual": "08:00-12:00, 13:00-18:00",
        "differs": True,
        "reason": "closing day",
        "known": True,
    }


def test_a_long_stretch_is_cut_at_midnight() -> None:
    week = Schedule("Europe/Vilnius", {"mon": ["09:00-24:00"], "tue-thu": ["00:00-24:00"], "fri": ["00:00-17:00"]})
    hours = [day.hours for day in calendar_days(week, date(2026, 7, 6), date(2026, 7, 12))]
    assert hours == ["09:00-24:00", *["00:00-24:00"] * 3, "00:00-17:00", "closed", "closed"]
    whole = Schedule("Europe/Vilnius", {"mon": ["06:00-06:00"]})
    assert [day.hours for day in calendar_days(whole, date(2026, 7, 6), date(2026, 7, 7))] == ["06:00-06:00", "closed"]


def test_a_date_that_a_zone_skips_is_told() -> None:
    for hours in ({"mon-sun": ["08:00-18:00"]}, {"mon-sun": ["00:00-24:00"]}):
        before, day, _ = calendar_days(Schedule("Pacific/Apia", hours), date(2011, 12, 29), date(2011, 12, 31))
        assert (day.hours, day.differs, day.reason) == ("closed", True, "no such date in Pacific/Apia")
        assert before.hours == hours["mon-sun"][0]


def test_a_midnight_that_comes_twice_begins_its_date_the_first_time() -> None:
    """At 00:01 on 7 November 2010, clocks in St John's go back to 23:01. What opens then belongs to the 7th."""
    both = Schedule("America/St_Johns", {}) | Schedule("UTC", {}, exceptions={date(2010, 11, 7): ["03:00-03:10"]})
    before, day = calendar_days(both, date(2010, 11, 6), date(2010, 11, 7))
    assert (before.hours, day.hours, day.spans[0].start.date()) == ("closed", "23:30-23:40", date(2010, 11, 6))


def test_the_edge_of_what_is_known() -> None:
    night = Schedule("Europe/Vilnius", {"mon-sun": ["22:00-06:00"]}, holidays="LT")
    unknown, day = calendar_days(night, date(2011, 1, 1), date(2011, 1, 2))
    assert (unknown.known, unknown.hours, unknown.spans, unknown.to_dict()["open_s"]) == (False, "?", (), None)
    assert unknown.reason == "holidays of LT are known for 2011 to 2100"
    assert (day.hours, day.reason) == ("22:00-06:00", "")
    (first_day,) = calendar_days(Schedule("UTC", {"mon-sun": ["22:00-06:00"]}), date(1900, 1, 1), date(1900, 1, 1))
    assert first_day.hours == "00:00-06:00, 22:00-06:00"
    assert first_day.reason == "known only in part: schedules answer for 1900 to 2200"
    *_, last = calendar_days(night, date(2100, 12, 25), date(2100, 12, 31))
    assert last.reason == "known only in part: holidays of LT are known for 2011 to 2100"
    both = Schedule("Pacific/Auckland", {"mon-sun": ["08:00-18:00"]}) & Schedule("America/New_York", {}, holidays="LT")
    assert [day.known for day in calendar_days(both, date(2011, 1, 1), date(2011, 1, 2))] == [False, True]
    for first, last_date in [(2010, 2010), (1800, 2026), (2026, 2300), (9999, 9999)]:
        with pytest.raises(HorizonError, match="is outside what the schedule knows: 2010-12-31T22:00:00"):
            calendar_days(Schedule("Europe/Vilnius", {}, holidays="LT"), date(first, 1, 1), date(last_date, 12, 31))


def test_the_holidays_of_a_part_may_end_on_the_date_before() -> None:
    """Where a name is not known, the date is told without it."""
    dates = Schedule("Pacific/Auckland", {"mon-sun": ["01:00-04:00"]}, exceptions={date(2101, 1, 1): ["01:00-02:00"]})
    east = dates & (ALWAYS - Schedule("Europe/Vilnius", {}, holidays="LT"))  # known until 11:00 of the date
    change = (datetime(2100, 12, 31, 16, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    turns = [(0, east), (change, Schedule("UTC", {}))]
    (day,) = days_in_force(turns, date(2101, 1, 1), date(2101, 1, 1), ZoneInfo("Pacific/Auckland"))
    assert (day.hours, day.usual, day.reason) == ("01:00-02:00", "01:00-04:00", "other hours")


def test_arguments_are_checked() -> None:
    desk = Schedule("UTC", {})
    with pytest.raises(ScheduleError, match="the last date must not be before the first, but 2026-01-01 is before"):
        calendar_days(desk, date(2026, 1, 2), date(2026, 1, 1))
    with pytest.raises(TypeError, match="first must be a date, not 2026-01-02T00:00:00"):
        calendar_days(desk, datetime(2026, 1, 2, tzinfo=UTC), date(2026, 1, 1))
    with pytest.raises(TypeError, match="last must be a date, not '2026-01-01'"):
        calendar_days(desk, date(2026, 1, 2), "2026-01-01")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="schedule must be a Schedule, not 'always'"):
        calendar_days("always", date(2026, 1, 2), date(2026, 1, 1))  # type: ignore[arg-type]
