"""Law 10: no question loops or hangs, and no answer is a guess beyond the known years."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kolmisla import ALWAYS, KOLMISOFT, NEVER, HorizonError, Schedule
from kolmisla.schedules.schedule import unopened
from kolmisla.times.instants import micros
from tests.strategies import US, utc

OFFICE = KOLMISOFT.schedules["working-hours"]
PLAIN = Schedule(timezone="America/St_Johns", hours={"mon-fri": ["08:00-18:00"]})
NIGHT = Schedule(timezone="Europe/Vilnius", hours={"mon-sun": ["22:00-06:00"]}, holidays="LT")
MONDAY = Schedule(timezone="Europe/Vilnius", hours={"mon": ["08:00-18:00"]})
TUESDAY = Schedule(timezone="Europe/Vilnius", hours={"tue": ["08:00-18:00"]})
ONCE = Schedule(timezone="Europe/Vilnius", hours={}, exceptions={date(2026, 7, 3): ["08:00-18:00"]})
EMPTY = Schedule(timezone="Europe/Vilnius", hours={})
NOW = datetime(2026, 7, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

NEVER_AGAIN = {"NEVER": NEVER, "no hours": EMPTY, "once": ONCE, "mon & tue": MONDAY & TUESDAY, "a - a": OFFICE - OFFICE}


@pytest.mark.parametrize("schedule", NEVER_AGAIN.values(), ids=NEVER_AGAIN)
@pytest.mark.parametrize("question", ["next_open", "next_close", "due"])
def test_what_never_opens_again_says_so(schedule: Schedule, question: str) -> None:
    with pytest.raises(HorizonError, match=r"the answer is later than what the schedule knows: .* to 2[12]0"):
        getattr(schedule, question)(NOW, *[HOUR] * (question == "due"))


@pytest.mark.parametrize("schedule", [NEVER, EMPTY, MONDAY & TUESDAY], ids=["NEVER", "no hours", "mon & tue"])
@pytest.mark.parametrize("question", ["previous_open", "previous_close", "due"])
def test_what_never_was_open_says_so_too(schedule: Schedule, question: str) -> None:
    with pytest.raises(HorizonError, match="the answer is earlier than what the schedule knows"):
        getattr(schedule, question)(NOW, *[-HOUR] * (question == "due"))


def test_empty_schedules_count_nothing() -> None:
    for schedule in NEVER_AGAIN.values():
        assert schedule.elapsed(NOW, NOW + 1000 * HOUR) == timedelta()
        assert not schedule.is_open(NOW)
        assert list(schedule.spans(NOW, NOW + 1000 * HOUR)) == []


def test_always_never_closes() -> None:
    for question in (ALWAYS.next_close, ALWAYS.previous_open):
        with pytest.raises(HorizonError):
            question(NOW)
    assert ALWAYS.next_open(NOW) == ALWAYS.previous_close(NOW) == NOW
    round_the_clock = Schedule(timezone="Asia/Kathmandu", hours={"mon-sun": ["00:00-24:00"]})
    for question in (round_the_clock.next_close, round_the_clock.previous_open):
        with pytest.raises(HorizonError):
            question(NOW)


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00+14:00", "1899-12-31T00:00Z", "2201-01-02T00:00Z", "9999-12-31T23:59-14:00"]
)
@pytest.mark.parametrize("schedule", [OFFICE, PLAIN, ALWAYS, NEVER, EMPTY, ALWAYS - OFFICE], ids=repr)
def test_an_instant_outside_is_refused(schedule: Schedule, text: str) -> None:
    at = datetime.fromisoformat(text)
    for question in ("is_open", "next_open", "next_close", "previous_open", "previous_close"):
        with pytest.raises(HorizonError, match="is outside what the schedule knows"):
            getattr(schedule, question)(at)
    for call in (
        lambda: schedule.elapsed(at, NOW),
        lambda: schedule.elapsed(NOW, at),
        lambda: schedule.due(at, HOUR),
        lambda: list(schedule.spans(min(at, NOW), max(at, NOW))),
    ):
        with pytest.raises(HorizonError, match="is outside what the schedule knows"):
            call()


@pytest.mark.unmeasured
@pytest.mark.parametrize(
    "within", [timedelta.max, timedelta.min, timedelta(days=365 * 200), -timedelta(days=365 * 200)]
)
@pytest.mark.parametrize("schedule", [OFFICE, PLAIN, ALWAYS, NEVER], ids=repr)
def test_huge_durations_are_refused(schedule: Schedule, within: timedelta) -> None:
    with pytest.raises(HorizonError):
        schedule.due(NOW, within)


def test_the_law_of_lithuania_is_known_for_2011_to_2100() -> None:
    first = datetime.fromisoformat("2011-01-01T00:00+02:00")
    last = datetime.fromisoformat("2101-01-01T00:00+02:00")
    assert OFFICE.next_open(first).isoformat() == "2011-01-03T08:00:00+02:00"
    assert OFFICE.previous_close(last).isoformat() == "2100-12-31T18:00:00+02:00"
    assert OFFICE.next_close(last - 10 * HOUR).isoformat() == "2100-12-31T18:00:00+02:00"
    assert OFFICE.due(last - 8 * HOUR, 2 * HOUR).isoformat() == "2100-12-31T18:00:00+02:00"
    assert OFFICE.due(first, timedelta()) == first
    assert OFFICE.elapsed(last, last) == OFFICE.elapsed(first, first) == timedelta()
    assert OFFICE.elapsed(last - 24 * HOUR, last) == 10 * HOUR
    assert not OFFICE.is_open(first)
    for question in (
        lambda: OFFICE.is_open(first - US),
        lambda: OFFICE.is_open(last),
        lambda: OFFICE.elapsed(first, last + US),
        lambda: OFFICE.next_open(last - 6 * HOUR),
        lambda: OFFICE.previous_close(first + HOUR),
        lambda: OFFICE.due(last - 8 * HOUR, 2 * HOUR + US),
        lambda: OFFICE.due(first + 70 * HOUR, -HOUR * 20),
    ):
        with pytest.raises(HorizonError, match="holidays of LT are known for 2011 to 2100"):
            question()
    for day in (date(2010, 12, 24), date(2101, 1, 1)):
        with pytest.raises(HorizonError, match="holidays of LT are known for 2011 to 2100"):
            OFFICE.holiday_name(day)


def test_hours_past_midnight_need_the_day_before() -> None:
    unknown = datetime.fromisoformat("2011-01-01T03:00+02:00")  # is the last night of 2010 worked? not known
    with pytest.raises(HorizonError):
        NIGHT.is_open(unknown)
    assert not NIGHT.is_open(unknown + timedelta(days=1))  # the night from 1 January, a holiday
    assert NIGHT.is_open(unknown + timedelta(days=2))


OTHERS = [("US-MA", 1900, 2100), ("JP", 1949, 2099), ("XK", 2009, 2100), ("IN", 2001, 2035), ("IN-GJ", 2001, 2035)]


@pytest.mark.unmeasured
@pytest.mark.parametrize(("code", "first", "last"), OTHERS)
def test_other_countries_answer_for_the_years_the_package_knows(code: str, first: int, last: int) -> None:
    office = Schedule(timezone="UTC", hours={"mon-fri": ["08:00-18:00"]}, holidays=code)
    start, end = datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC)
    assert office.elapsed(start, start + 120 * HOUR) > timedelta()
    assert office.elapsed(end - 240 * HOUR, end) > timedelta()
    for beyond in (start - US, end + US):
        with pytest.raises(HorizonError, match=f"holidays of {code} are known for {first} to {last}"):
            office.elapsed(beyond, beyond)


@pytest.mark.parametrize("combined", [ALWAYS - OFFICE, OFFICE | ALWAYS, PLAIN & OFFICE, OFFICE - PLAIN], ids=repr)
def test_a_combined_schedule_answers_where_both_do(combined: Schedule) -> None:
    for at in (datetime(2005, 7, 1, tzinfo=UTC), datetime(2150, 7, 1, tzinfo=UTC)):
        with pytest.raises(HorizonError, match="holidays of LT are known for 2011 to 2100"):
            combined.is_open(at)
        with pytest.raises(HorizonError, match="holidays of LT are known for 2011 to 2100"):
            combined.holiday_name(at.date())
    assert combined.next_open(NOW) >= NOW


def test_where_two_countries_meet_both_are_named() -> None:
    kosovo = Schedule(timezone="UTC", hours={"mon-fri": ["08:00-18:00"]}, holidays="XK")
    japan = Schedule(timezone="UTC", hours={"mon-fri": ["08:00-18:00"]}, holidays="JP")
    with pytest.raises(HorizonError, match="holidays of XK are known for 2009 to 2100; holidays of JP are known"):
        (kosovo | japan).is_open(datetime(2100, 1, 1, tzinfo=UTC))


def test_a_list_of_holidays_knows_the_night_into_its_first_year() -> None:
    nights = Schedule(timezone="UTC", hours={"mon-sun": ["22:00-06:00"]})
    assert nights.is_open(datetime(1900, 1, 1, 3, tzinfo=UTC))
    assert nights.next_close(datetime(1900, 1, 1, tzinfo=UTC)) == datetime(1900, 1, 1, 6, tzinfo=UTC)


@settings(max_examples=25)  # each compiles decades
@given(
    st.sampled_from([OFFICE, PLAIN, NIGHT, ALWAYS, MONDAY - TUESDAY]),
    st.lists(st.integers(1905, 2195), min_size=2, max_size=5),
)
def test_the_order_of_questions_does_not_matter(schedule: Schedule, years: list[int]) -> None:
    """A table that grew both ways answers as a fresh one does."""
    known = [max(year, 2012) if schedule in (OFFICE, NIGHT) else year for year in years]
    starts = [datetime(min(year, 2095), 3, 1, 12, tzinfo=UTC) for year in known]
    grown = schedule | NEVER
    for at in starts:
        grown.due(at, HOUR)
        grown.due(at, -HOUR)
    for a, b in pairwise(starts):
        assert grown.elapsed(a, b) == (schedule | NEVER).elapsed(a, b)
        assert utc(grown.next_open(a)) == utc((schedule | NEVER).next_open(a))


def test_a_thread_that_comes_second_leaves_what_is_known() -> None:
    timeline = (OFFICE | NEVER).timeline
    timeline.due(micros(NOW), 1)
    small = timeline._table
    grown = timeline._earlier(timeline._later(small))
    assert grown[0] < small[0] < small[1] < grown[1]
    assert timeline._table is grown
    assert timeline._later(small)[:2] == (small[0], grown[1])
    assert timeline._table is grown


def test_a_table_has_what_it_is_asked_for() -> None:
    """What computes many answers at once reads the table itself; a second time it is the same one."""
    timeline = Schedule("UTC", {"mon": ["08:00-12:00"]}).timeline
    start, end = (micros(datetime(year, 6, 1, tzinfo=UTC)) for year in (2024, 2026))
    table = timeline.table(start, end)
    lo, hi, opens, closes, totals, _ = table
    assert lo <= start < end <= hi
    assert totals[-1] == sum(b - a for a, b in zip(opens, closes, strict=True))
    assert timeline.table(start, end) is table


def test_a_look_for_openings_says_never_only_of_all_years() -> None:
    """There are 301, of two rules each; a look at one less begins a year later, and says which years it saw."""
    old = Schedule(timezone="UTC", hours={}, exceptions={date(1900, 5, 5): ["08:00-09:00"]}) | NEVER
    assert unopened(old, 602) is None
    assert unopened(old, 600) == "does not open from 1901 to 2200"
    assert unopened(ALWAYS - ALWAYS, 602) == "never opens"
    assert unopened(ALWAYS - ALWAYS, 40) == "does not open from 2020 to 2039"
    assert unopened(ALWAYS - ALWAYS, 1) == "does not open in 2020"
    assert unopened(Schedule(timezone="UTC", hours={"fri": ["08:00-09:00"]}) | NEVER, 1) is None
    new_year = Schedule(timezone="UTC", hours={}, exceptions={date(2020, 1, 1): ["08:00-09:00"]}) | NEVER
    assert unopened(new_year, 1) is None  # not in the two weeks that are looked at before all others


def test_nothing_is_known_before_the_first_instant_of_all() -> None:
    with pytest.raises(HorizonError, match="the answer is earlier"):
        (ALWAYS | NEVER).due(datetime(1900, 1, 1, 0, 0, 5, tzinfo=UTC), -timedelta(seconds=10))
