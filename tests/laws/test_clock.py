"""Law 7: a clock changes its schedule. The laws of counting hold across any changes."""

import pickle
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kolmisla import ALWAYS, NEVER, Clock, HorizonError, NaiveTimeError, Schedule, ScheduleError
from kolmisla.schedules.closures import reason_closed
from tests import oracle
from tests.strategies import US, Case, ClockCase, cases, clocks, utc

OFFICE = Schedule(timezone="Europe/Vilnius", hours={"mon-fri": ["08:00-18:00"]}, holidays="LT")
HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+03:00")


@given(st.data(), clocks())
def test_elapsed_is_what_the_oracle_counts(data: st.DataObject, case: ClockCase) -> None:
    start, end, middle = (data.draw(case.instants()) for _ in range(3))
    elapsed = case.clock.elapsed
    assert elapsed(start, end) == oracle.elapsed(case.desk, start, end) == -elapsed(end, start)
    assert elapsed(start, middle) + elapsed(middle, end) == elapsed(start, end)


@given(st.data(), clocks(), st.sampled_from([1, -1]))
def test_due_is_what_the_oracle_finds(data: st.DataObject, case: ClockCase, sign: int) -> None:
    start, within = data.draw(case.instants()), sign * data.draw(case.durations())
    expected = oracle.due(case.desk, start, within)
    assume(expected is not None)
    assert utc(case.clock.due(start, within)) == expected


@given(st.data(), clocks())
def test_next_open_looks_across_the_changes(data: st.DataObject, case: ClockCase) -> None:
    now = data.draw(case.instants())
    assert case.clock.is_open(now) == case.desk.is_open(now)
    expected = oracle.next_open(case.desk, now)
    assume(expected is not None)
    assert utc(case.clock.next_open(now)) == expected


@given(st.data(), clocks())
def test_due_and_elapsed_are_adjoint(data: st.DataObject, case: ClockCase) -> None:
    start, now, within = data.draw(case.instants()), data.draw(case.instants()), data.draw(case.durations())
    assume(within and now >= start and oracle.due(case.desk, start, within))
    assert (case.clock.due(start, within) <= now) == (within <= case.clock.elapsed(start, now))


@given(st.data(), clocks())
def test_what_is_counted_up_to_a_change_is_due_by_the_change(data: st.DataObject, case: ClockCase) -> None:
    """A target used up exactly at a change is due before the change, however long no time counts after it."""
    start = data.draw(case.instants())
    for change, _ in case.changes:
        try:
            counted = case.clock.elapsed(start, change)
            due = case.clock.due(start, counted)
        except HorizonError:
            continue
        assert utc(due) <= utc(change) if change >= start else utc(due) >= utc(change)


def test_a_target_used_up_at_the_start_of_a_pause_is_due_there() -> None:
    began = at("2026-07-07T08:00")
    pauses = [(began + n * HOUR, began + (n + 0.5) * HOUR) for n in range(1, 6)]
    clock = Clock.paused(OFFICE, pauses)
    for n, (start, _) in enumerate(pauses):
        assert clock.due(began, HOUR + n * HOUR / 2) == start
        assert clock.due(pauses[-1][1], -(5 - n) * HOUR / 2 + HOUR / 2) == pauses[n][1]


@given(st.data(), clocks())
def test_splitting_a_piece_changes_nothing(data: st.DataObject, case: ClockCase) -> None:
    split = data.draw(case.instants())
    before = [(from_at, schedule) for from_at, schedule in case.changes if from_at < split]
    assume(before and split not in [from_at for from_at, _ in case.changes])
    again = Clock.switching([*case.changes, (split, max(before, key=lambda change: change[0])[1])])
    start, end, within = data.draw(case.instants()), data.draw(case.instants()), data.draw(case.durations())
    assert again.elapsed(start, end) == case.clock.elapsed(start, end)
    assume(oracle.due(case.desk, start, within))
    assert utc(again.due(start, within)) == utc(case.clock.due(start, within))


@given(st.data(), cases())
def test_a_pause_never_makes_a_deadline_earlier(data: st.DataObject, case: Case) -> None:
    instants = case.instants()
    pauses = data.draw(st.lists(st.builds(lambda a, b: (min(a, b), max(a, b)), instants, instants), max_size=5))
    start, within = data.draw(instants), data.draw(case.durations())
    paused, more = Clock.paused(case.schedule, pauses[1:]), Clock.paused(case.schedule, pauses)
    assume(oracle.due(case.desk, start, within + timedelta(hours=400)))
    assert utc(case.schedule.due(start, within)) <= utc(paused.due(start, within)) <= utc(more.due(start, within))


@given(st.data(), cases())
def test_pauses_are_stretches_of_never(data: st.DataObject, case: Case) -> None:
    instants = case.instants()
    pauses = data.draw(st.lists(st.builds(lambda a, b: (min(a, b), max(a, b)), instants, instants), max_size=5))
    clock, start, end = Clock.paused(case.schedule, pauses), data.draw(instants), data.draw(instants)
    edges = sorted(
        {start, end, *(edge for pause in pauses for edge in pause if min(start, end) < edge < max(start, end))}
    )
    counted = timedelta()
    for a, b in pairwise(edges):
        if not any(pause_start <= a < pause_end for pause_start, pause_end in pauses):
            counted += oracle.elapsed(case.desk, a, b)
    assert abs(clock.elapsed(start, end)) == counted


@given(st.data(), cases())
def test_one_schedule_for_ever_is_that_schedule(data: st.DataObject, case: Case) -> None:
    clock = Clock.paused(case.schedule, [])
    start, end, within = data.draw(case.instants()), data.draw(case.instants()), data.draw(case.durations())
    assert clock.elapsed(start, end) == case.schedule.elapsed(start, end)
    assume(oracle.due(case.desk, start, within) and oracle.next_open(case.desk, start))
    assert utc(clock.due(start, within)) == utc(case.schedule.due(start, within))
    assert utc(clock.next_open(start)) == utc(case.schedule.next_open(start))


def test_raised_at_the_weekend() -> None:
    """Law 8's example under `carry`: an hour counted on Friday, the second from Saturday 10:00 on."""
    clock = Clock.switching([(at("2026-07-04T10:00"), ALWAYS), (at("2026-07-03T17:00"), OFFICE)])
    assert clock.elapsed(at("2026-07-03T17:00"), at("2026-07-04T10:00")) == HOUR
    assert clock.due(at("2026-07-03T17:00"), 2 * HOUR) == at("2026-07-04T11:00")


def test_before_the_first_schedule_nothing_counts() -> None:
    clock = Clock.switching([(at("2026-07-03T10:00"), ALWAYS)])
    assert not clock.is_open(at("2026-07-03T09:59"))
    assert clock.elapsed(at("2026-07-01T00:00"), at("2026-07-03T11:00")) == HOUR
    assert clock.next_open(at("2026-07-01T00:00")) == at("2026-07-03T10:00")
    assert clock.due(at("2026-07-01T00:00"), HOUR) == at("2026-07-03T11:00")
    assert clock.due(at("2026-07-03T11:00"), -HOUR) == at("2026-07-03T10:00")
    with pytest.raises(HorizonError, match="no time counts before this instant"):
        clock.due(at("2026-07-03T11:00"), -HOUR - US)


def test_an_endless_pause_has_no_due_time() -> None:
    clock = Clock.paused(OFFICE, [(at("2026-07-03T17:00"), None)])
    assert clock.elapsed(at("2026-07-03T16:00"), at("2026-09-01T12:00")) == HOUR
    assert clock.due(at("2026-07-03T16:00"), HOUR) == at("2026-07-03T17:00")
    with pytest.raises(HorizonError):
        clock.due(at("2026-07-03T16:00"), 2 * HOUR)
    with pytest.raises(HorizonError):
        clock.next_open(at("2026-07-03T17:00"))


def test_a_pause_from_before_all_that_is_known() -> None:
    resumed = at("2026-07-03T12:00")
    for began in (at("2011-01-01T00:00"), at("1990-01-01T00:00")):
        clock = Clock.paused(OFFICE, [(began, resumed)])
        assert clock.elapsed(at("2026-07-03T08:00"), at("2026-07-03T14:00")) == 2 * HOUR
        assert not clock.is_open(at("2012-03-01T12:00"))


def test_at_a_change_only_the_new_schedule_is_asked() -> None:
    """The old one may know nothing of that year."""
    raised = datetime(2150, 1, 1, tzinfo=UTC)
    clock = Clock.switching([(at("2026-07-03T10:00"), OFFICE), (raised, ALWAYS)])
    assert clock.elapsed(raised, raised) == timedelta()
    assert clock.is_open(raised)
    assert clock.due(raised, HOUR) == raised + HOUR


def test_pauses_merge_and_an_empty_one_is_none() -> None:
    one, two, three = at("2026-07-03T12:00"), at("2026-07-03T13:00"), at("2026-07-03T14:00")
    whole = Clock.paused(OFFICE, [(one, three)])
    assert Clock.paused(OFFICE, [(two, three), (one, two), (one, one)]) == whole
    assert Clock.paused(OFFICE, [(one, one)]) == Clock.paused(OFFICE, [])
    assert hash(Clock.paused(OFFICE, [(one, two), (two, three)])) == hash(whole)
    assert pickle.loads(pickle.dumps(whole)) == whole
    assert repr(Clock.switching([(datetime(2026, 7, 3, tzinfo=UTC), NEVER)])).startswith("Clock.switching([(datetime")
    assert whole != OFFICE


def test_answers_are_in_the_first_zone_there_is() -> None:
    start = at("2026-07-03T10:00")
    assert str(Clock.switching([(start, ALWAYS), (start + HOUR, OFFICE)]).due(start, HOUR).tzinfo) == "Europe/Vilnius"
    assert Clock.switching([(start, ALWAYS)]).due(start, HOUR).tzinfo is UTC


def test_clocks_that_cannot_be() -> None:
    start = at("2026-07-03T10:00")
    with pytest.raises(ScheduleError, match="at least one pair of an instant and a schedule"):
        Clock.switching([])
    with pytest.raises(
        ScheduleError, match="only one schedule can take effect at an instant, but several do at 2026-07-03T07:00:00"
    ):
        Clock.switching([(start, OFFICE), (start.astimezone(UTC), NEVER)])
    with pytest.raises(ScheduleError, match="a pause must not end before it starts; one is from .* to "):
        Clock.paused(OFFICE, [(start, start - US)])
    with pytest.raises(NaiveTimeError):
        Clock.paused(OFFICE, [(start.replace(tzinfo=None), None)])
    with pytest.raises(NaiveTimeError):
        Clock.switching([(start.replace(tzinfo=None), OFFICE)])
    with pytest.raises(HorizonError):
        Clock.paused(OFFICE, []).elapsed(start, at("2150-01-01T00:00"))


def test_a_pause_that_ends_beyond_what_the_schedule_knows_hides_nothing_behind_it() -> None:
    began, during, ended, later = (datetime(year, 1, 5, 12, tzinfo=UTC) for year in (2026, 2104, 2105, 2106))
    clock = Clock.paused(OFFICE, [(began, ended)])  # known to 2100
    assert clock.elapsed(began, during) == timedelta()
    with pytest.raises(HorizonError):
        clock.elapsed(began, later)


def test_the_reason_for_being_closed_is_refused_where_the_schedule_knows_nothing() -> None:
    with pytest.raises(NaiveTimeError):
        reason_closed(OFFICE, datetime(2026, 7, 6, 12))
    for year in (2005, 2300, 9999):
        with pytest.raises(HorizonError):
            reason_closed(OFFICE, datetime(year, 12, 31, 12, tzinfo=UTC))


def test_a_piece_known_only_in_part_stops_what_counts_across_it_and_nothing_else() -> None:
    years = [datetime(year, 1, 5, 12, tzinfo=UTC) for year in (2000, 2090, 2105, 2110, 2120)]
    clock = Clock.switching(list(zip(years, (ALWAYS, OFFICE, ALWAYS, NEVER, ALWAYS), strict=True)))  # known to 2100
    first, second, third, fourth, last = years
    hour = timedelta(hours=1)
    assert clock.elapsed(first, second) == second - first
    assert clock.elapsed(third, last + hour) == fourth - third + hour
    assert clock.due(third, fourth - third + hour) == last + hour
    assert clock.due(last + hour, third - fourth - hour) == third
    assert clock.next_open(fourth) == last
    with pytest.raises(HorizonError):
        clock.elapsed(first, fourth)
    assert clock.due(first, second - first + hour) == OFFICE.due(second, hour)
    with pytest.raises(HorizonError):
        clock.due(first, timedelta(days=40_000))
    with pytest.raises(HorizonError):
        clock.due(last, third - last)
    with pytest.raises(HorizonError, match="no time counts before this instant"):
        clock.due(first - hour, -hour)
    closed = Clock.switching([(first, NEVER), (second, NEVER & OFFICE), (third, OFFICE), (last, ALWAYS)])
    with pytest.raises(HorizonError):
        closed.next_open(first)


def test_the_known_part_of_a_piece_has_its_answers() -> None:
    """A list of 2026 is followed by an edition of 2028. What lies in 2026 is known, and 2027 is not."""
    only_2026 = {"frozen": "XX", "years": "2026-2026", "dates": {"2026-01-01": "New Year"}}
    listed = Schedule("UTC", {"mon-fri": ["08:00-17:00"]}, holidays=only_2026)
    before, start, later = (datetime(*day, tzinfo=UTC) for day in ((2025, 6, 2), (2026, 12, 1), (2028, 1, 3)))
    evening, morning = start.replace(hour=18), start.replace(day=2, hour=8)
    for changes in ([(start, listed), (later, ALWAYS)], [(before, NEVER), (start, listed), (later, ALWAYS)]):
        clock = Clock.switching(changes)
        assert clock.next_open(evening) == morning
        assert clock.due(evening, timedelta(microseconds=1)) == morning + timedelta(microseconds=1)
        assert clock.due(evening, -timedelta(hours=1)) == evening.replace(hour=16)
        for unknown in (datetime(2026, 12, 31, 18, tzinfo=UTC), datetime(2027, 5, 3, 12, tzinfo=UTC)):
            with pytest.raises(HorizonError):
                clock.next_open(unknown)
        with pytest.raises(HorizonError):
            clock.due(later + timedelta(hours=1), -timedelta(hours=2))
    assert Clock.switching([(before, NEVER), (start, listed), (later, ALWAYS)]).next_open(before) == start.replace(
        hour=8
    )
    known_late = Clock.switching([(datetime(2024, 1, 1, tzinfo=UTC), listed), (start, ALWAYS)])
    assert known_late.due(datetime(2026, 1, 6, 9, tzinfo=UTC), -timedelta(hours=2)) == datetime(
        2026, 1, 5, 16, tzinfo=UTC
    )
    assert known_late.due(start, -timedelta(hours=9)) == datetime(2026, 11, 30, 8, tzinfo=UTC)
    with pytest.raises(HorizonError):
        known_late.due(datetime(2026, 1, 2, 9, tzinfo=UTC), -timedelta(hours=9))
