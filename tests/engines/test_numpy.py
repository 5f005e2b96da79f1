"""The kernel: every row of an array has the answer of the scalar engine."""

import importlib
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest

pytest.importorskip("numpy", reason="the extra columns is not installed")
pytest.importorskip("narwhals", reason="the extra columns is not installed")

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kolmisla import ALWAYS, KOLMISOFT, NEVER, HorizonError, NaiveTimeError, Schedule, WallTimeError, columns
from kolmisla.columns.frames.series import durations, instants
from kolmisla.columns.frames.units import from_micros
from kolmisla.columns.kernel import questions as counting
from kolmisla.columns.kernel import timeline as compiled
from kolmisla.columns.kernel.timeline import LAST, Lookup
from kolmisla.columns.kernel.wall_times import Wall, ahead
from kolmisla.schedules import read
from kolmisla.times.instants import EPOCH, length, micros
from tests.strategies import ODD_DAYS, Case, cases

pytestmark = pytest.mark.numpy

OFFICE = KOLMISOFT.schedules["working-hours"]
HOUR = 3_600_000_000
FAR = [micros(datetime(year, 6, 1, tzinfo=UTC)) for year in (1, 1899, 1900, 2010, 2011, 2100, 2150, 2200, 2201, 9999)]


def scalar(ask: Callable[..., int], *row: int) -> int:
    """What the scalar engine answers to a row; NULL for nothing known, and for nothing asked."""
    if counting.NULL in row:
        return counting.NULL
    try:
        return ask(*row)
    except HorizonError:
        return counting.NULL


def array(values: list[int]) -> Any:
    return np.array(values, np.int64)


@st.composite
def questions(draw: st.DrawFn) -> tuple[Schedule, list[int], list[int], list[int]]:
    """A schedule, and as many starts, ends and amounts, among them nulls and what is outside any horizon."""
    case: Case = draw(cases())
    schedule = draw(
        st.sampled_from([case.schedule, case.schedule, case.schedule, ALWAYS, NEVER, ALWAYS - case.schedule])
    )
    beside = st.sampled_from([schedule.timeline.start, schedule.timeline.end]).flatmap(
        lambda edge: st.integers(-2, 2).map(lambda us: edge + us)
    )
    instant = case.instants().map(micros)
    if draw(st.booleans()):
        instant |= st.just(counting.NULL) | st.sampled_from(FAR) | beside
    amount = case.durations().map(length)
    if draw(st.booleans()):
        amount |= amount.map(lambda us: -us) | st.sampled_from(
            [counting.NULL, counting.NULL + 1, LAST, 10**17, -(10**17)]
        )
    rows = draw(st.integers(0, 12))
    return (
        schedule,
        *(draw(st.lists(each, min_size=rows, max_size=rows)) for each in (instant, instant, amount)),
    )  # type: ignore[return-value]


@given(questions())
def test_each_row_is_the_scalar_answer(asked: tuple[Schedule, list[int], list[int], list[int]]) -> None:
    schedule, starts, ends, amounts = asked
    timeline = schedule.timeline
    for found, ask, rows in (
        (counting.due(array(starts), array(amounts), schedule), timeline.due, [starts, amounts]),
        (counting.elapsed(array(starts), array(ends), schedule), timeline.elapsed, [starts, ends]),
        (counting.next_open(array(starts), schedule), timeline.next_open, [starts]),
    ):
        told = list(zip(*rows, strict=True))
        wanted = [scalar(ask, *row) for row in told]
        assert found.values.tolist() == wanted
        unknown = [counting.NULL not in row and want == counting.NULL for row, want in zip(told, wanted, strict=True)]
        assert (found.unknown is None) == (not any(unknown))
        assert found.unknown is None or found.unknown.tolist() == unknown


@given(st.lists(st.integers(-50, 50) | st.integers(-(10**15), 10**15), min_size=1, max_size=60), st.data())
def test_a_lookup_is_a_binary_search(edges: list[int], data: st.DataObject) -> None:
    edges.sort()
    near = st.sampled_from(edges).flatmap(lambda edge: st.integers(edge, edge + 2))
    values = data.draw(st.lists(near | st.integers(edges[0], 10**16), max_size=40))
    found = Lookup(array(edges)).right(array(values))
    assert found.tolist() == np.searchsorted(array(edges), array(values), "right").tolist()


def test_edges_that_crowd_are_searched() -> None:
    crowded = Lookup(array([0, *range(10**12, 10**12 + 100), 10**15]))
    assert crowded.right(array([10**12 + 49, 10**15])).tolist() == [51, 102]
    assert crowded.left(array([10**12 + 49, 10**15])).tolist() == [50, 101]
    many = Schedule("UTC", {"mon": [f"08:00:{second:02}-08:00:{second + 1:02}" for second in range(0, 58, 2)]})
    starts = array([10**15 + 7 * HOUR * number for number in range(1000)])
    wanted = [many.timeline.due(start, 90_000_001) for start in starts.tolist()]
    assert counting.due(starts, np.broadcast_to(np.int64(90_000_001), 1000), many).values.tolist() == wanted


def test_back_to_the_first_instant_known() -> None:
    first = ALWAYS.timeline.start
    assert counting.due(array([first + 5, first + 5]), array([-5, -6]), ALWAYS).values.tolist() == [
        first,
        counting.NULL,
    ]


def test_more_rows_than_a_chunk() -> None:
    starts = array([15 * 10**14 + 997_000_000 * number for number in range(counting.CHUNK + 10)])
    found = columns.due(starts, timedelta(hours=2), OFFICE)
    checked = [*range(0, len(starts), 997), *range(counting.CHUNK - 3, counting.CHUNK + 10)]
    assert [found[row] for row in checked] == [OFFICE.timeline.due(int(starts[row]), 2 * HOUR) for row in checked]


WALLS = st.sampled_from([day for days in ODD_DAYS.values() for day in days]).flatmap(
    lambda day: st.builds(
        lambda minute, us: micros(datetime(day.year, day.month, day.day, tzinfo=UTC)) + minute * 60_000_000 + us,
        st.integers(-60, 1500) | st.sampled_from([120, 180, 240, 90, 1, 61]),
        st.sampled_from([0, 0, 0, 1, -1]),
    )
)


@given(st.sampled_from(sorted(ODD_DAYS)), st.lists(WALLS | st.just(counting.NULL), max_size=8))
def test_wall_times_are_read_as_texts_are(zone: str, walls: list[int]) -> None:
    for choice in ("earlier", "later", "refuse"):
        found = Wall(ZoneInfo(zone), choice).instants(array(walls))
        for row, wall in enumerate(walls):
            if wall == counting.NULL:
                wanted = None
            else:
                text = (EPOCH + timedelta(microseconds=wall)).replace(tzinfo=None).isoformat()
                try:
                    wanted = micros(read(text, zone=ZoneInfo(zone), ambiguous=None if choice == "refuse" else choice))  # type: ignore[arg-type]
                except WallTimeError as error:
                    wanted = None
                    assert Wall(ZoneInfo(zone), "refuse").fault(wall) == str(error)
                    assert found.unknown is not None
                    assert found.unknown[row]
            assert found.values[row] == (counting.NULL if wanted is None else wanted)


def test_an_array_comes_back_as_it_came() -> None:
    opened = ["2026-07-03T13:30", "2026-07-03T13:00"]
    for unit in ("m", "s", "ms", "us", "ns"):
        found = columns.due(np.array(opened, f"M8[{unit}]"), timedelta(hours=2), OFFICE)
        assert found.dtype == "M8[us]"
        assert found.astype("M8[m]").astype(str).tolist() == ["2026-07-07T05:30", "2026-07-03T15:00"]
    starts = np.array(opened, "M8[us]").view(np.int64)
    assert columns.due(starts, timedelta(hours=2), OFFICE).dtype == np.int64
    assert columns.elapsed(starts, starts + HOUR, OFFICE).tolist() == [HOUR, HOUR]
    assert columns.elapsed(np.array(opened, "M8[s]"), starts, OFFICE).dtype == "m8[us]"
    assert columns.due(starts, array([2 * HOUR, 60]), OFFICE).dtype == np.int64
    within = np.array([7200, 7200], "m8[s]")
    assert columns.due(starts, within, OFFICE).tolist() == columns.due(starts, timedelta(hours=2), OFFICE).tolist()
    small = np.array([0, 2**31 - 1], np.uint32)
    assert columns.next_open(small, ALWAYS, unit="us").tolist() == small.tolist()


FRIDAY = 1_783_085_400  # half past four in Vilnius, 2026-07-03
PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_integers_come_back_in_their_unit(unit: Any) -> None:
    one = PER_SECOND[unit]
    starts, ends = array([FRIDAY * one, counting.NULL]), array([(FRIDAY + 5400) * one, FRIDAY * one])
    wanted = [1_783_402_200 * one, counting.NULL]
    assert columns.due(starts, timedelta(hours=2), OFFICE, unit=unit).tolist() == wanted
    assert columns.due(starts, array([7200 * one, one]), OFFICE, unit=unit).tolist() == wanted
    assert columns.elapsed(starts, ends, OFFICE, unit=unit).tolist() == [5400 * one, counting.NULL]
    assert columns.elapsed(ends, starts, OFFICE, unit=unit).tolist() == [-5400 * one, counting.NULL]
    assert columns.next_open(array([(FRIDAY + 5400) * one]), OFFICE, unit=unit).tolist() == [1_783_400_400 * one]
    opened = np.array([FRIDAY], "M8[s]")
    assert columns.due(opened, array([7200 * one]), OFFICE, unit=unit)[0] == np.datetime64(1_783_402_200, "s")
    assert columns.elapsed(opened, ends[:1], OFFICE, unit=unit)[0] == np.timedelta64(5400, "s")
    assert columns.elapsed(starts[:1], opened + 60, OFFICE, unit=unit).tolist() == [60 * one]


def test_instants_of_no_stated_unit_are_guessed_not_taken() -> None:
    for unit in ("s", "ms", "ns"):
        told = rf"row 1: .* since 1970.*, not {FRIDAY * PER_SECOND[unit]}; give unit='{unit}', which is most likely"
        with pytest.raises(ValueError, match=told):
            columns.next_open(array([counting.NULL, FRIDAY * PER_SECOND[unit]]), ALWAYS, errors="null")
    for value in (0, -1, counting.NULL + 1, micros(datetime(1990, 1, 1, tzinfo=UTC)) - 1):
        with pytest.raises(ValueError, match="give unit='s', 'ms', 'us' or 'ns'$"):
            columns.due(array([value]), timedelta(hours=1), ALWAYS)
    with pytest.raises(ValueError, match="row 0: .*unit='ms'"):
        columns.elapsed(np.array(["2026-07-03"], "M8[s]"), array([FRIDAY * 1_000]), ALWAYS)
    first = array([micros(datetime(1990, 1, 1, tzinfo=UTC)), counting.NULL])
    assert columns.next_open(first, ALWAYS).tolist() == first.tolist()
    assert columns.next_open(array([-1, 0]), ALWAYS, unit="us").tolist() == [-1, 0]


def test_nothing_wraps_and_nothing_is_lost() -> None:
    edges = [2**62, -(2**62), 2**63 - 1, counting.NULL + 1, counting.NULL]
    units: tuple[Any, ...] = ("s", "ms")
    for unit in units:
        null = columns.next_open(array(edges), ALWAYS, unit=unit, errors="null")
        assert null.tolist() == [counting.NULL] * 5
        with pytest.raises(HorizonError, match="row 0"):
            columns.next_open(array(edges), ALWAYS, unit=unit)
    long = columns.due(array([0, 0]), array([2**62, 10**13]), ALWAYS, unit="s", errors="null")
    assert long.tolist() == [counting.NULL] * 2
    since, until = array([-2_200_000_000 * 10**9, 0]), array([7_200_000_000 * 10**9, counting.NULL])
    with pytest.raises(
        HorizonError, match="row 0: the answer must fit into 64-bit nanoseconds, and does not; give unit='us'"
    ):
        columns.elapsed(since, until, ALWAYS, unit="ns")
    for one, other in ((since, until), (until, since)):
        assert columns.elapsed(one, other, ALWAYS, unit="ns", errors="null").tolist() == [counting.NULL] * 2
    assert columns.next_open(array([1_999, -1]), ALWAYS, unit="ns").tolist() == [1_000, -1_000]
    with pytest.raises(ValueError, match="row 1: an answer in unit='s' must be whole, but it is .*500000 microseconds"):
        columns.due(array([0, 0]), np.array([1_000, 1_500], "m8[ms]"), ALWAYS, unit="s")
    assert columns.due(array([0]), np.array([1_500], "m8[ms]"), ALWAYS, unit="ms").tolist() == [1_500]
    most = (2**63 - 1) // 1_000
    found, beyond = from_micros(array([most, -most]), "ns")
    assert found.tolist() == [most * 1_000, -most * 1_000]
    assert beyond is None
    found, beyond = from_micros(array([most + 1, -most - 1]), "ns")
    assert found.tolist() == [counting.NULL] * 2
    assert beyond is not None
    assert beyond.all()


def test_a_unit_is_one_of_four_and_of_integers() -> None:
    for wrong in ("m", 5):
        with pytest.raises(ValueError, match=f"unit must be 's', 'ms', 'us' or 'ns', not {wrong!r}"):
            columns.next_open(array([0]), ALWAYS, unit=wrong)  # type: ignore[call-overload]
    opened = np.array(["2026-07-03"], "M8[s]")
    for ask in (
        lambda: columns.next_open(opened, ALWAYS, unit="s"),
        lambda: columns.due(opened, timedelta(1), ALWAYS, unit="s"),
        lambda: columns.due(opened, np.array([1], "m8[s]"), ALWAYS, unit="s"),
        lambda: columns.elapsed(opened, opened, ALWAYS, unit="s"),
    ):
        with pytest.raises(
            ValueError, match="unit is only for integers, but no column holds integers; leave out unit='s'"
        ):
            ask()


def test_wall_times_of_an_array() -> None:
    walls = np.array(["2026-10-25T03:30", "2026-10-25T12:00"], "M8[s]")
    later = columns.next_open(walls, ALWAYS, timezone="Europe/Vilnius", ambiguous="later")
    assert later.astype("M8[m]").astype(str).tolist() == ["2026-10-25T01:30", "2026-10-25T10:00"]
    refused = columns.next_open(walls, ALWAYS, timezone="Europe/Vilnius", ambiguous="refuse", errors="null")
    assert np.isnat(refused).tolist() == [True, False]
    with pytest.raises(WallTimeError, match=r"row 1: 2026-10-25T03:30:00 is a wall time that Europe/Vilnius repeats"):
        columns.elapsed(walls[::-1], walls, ALWAYS, timezone="Europe/Vilnius", ambiguous="refuse")


def test_a_row_without_an_answer_is_named() -> None:
    starts = np.array(["2026-07-03T13:30", "1990-01-01T00:00", "NaT"], "M8[s]")
    with pytest.raises(
        HorizonError, match=r"row 1: 1990-01-01T00:00:00\+00:00 is outside what the schedule knows: 2010"
    ):
        columns.due(starts, timedelta(hours=2), OFFICE)
    with pytest.raises(HorizonError, match=r"row 0: the answer is later than what the schedule knows"):
        columns.due(starts, timedelta(days=40_000), OFFICE)
    with pytest.raises(HorizonError, match=r"row 0: the answer is later"):
        columns.next_open(starts, NEVER)
    found = columns.due(starts, timedelta(hours=2), OFFICE, errors="null")
    assert np.isnat(found).tolist() == [False, True, True]
    nothing = columns.elapsed(starts[1:2], starts[:1], OFFICE, errors="null")
    assert np.isnat(nothing).all()


@pytest.mark.parametrize(
    ("ask", "error", "told"),
    [
        (lambda: columns.due([1], timedelta(1), OFFICE), TypeError, "instants must be an array of datetime64"),  # type: ignore[call-overload]
        (lambda: columns.due(np.array([1.5]), timedelta(1), OFFICE), TypeError, "not an array of float64"),
        (
            lambda: columns.due(array([1]).reshape(1, 1), timedelta(1), OFFICE),
            TypeError,
            "an array of 2 dimensions",
        ),
        (lambda: columns.due(array([1]), 2.5, OFFICE, unit="us"), TypeError, "durations must be a timedelta"),
        (
            lambda: columns.due(array([1]), np.array(["x"]), OFFICE, unit="us"),
            TypeError,
            "durations must be a timedelta",
        ),
        (
            lambda: columns.due(array([1]), np.array([1], "m8[M]"), OFFICE, unit="us"),
            TypeError,
            r"not an array of timedelta64\[M\]",
        ),
        (lambda: columns.due(array([1]), array([1, 2]), OFFICE, unit="us"), ValueError, "1 and 2 rows"),
        (lambda: columns.elapsed(array([1]), array([1, 2]), OFFICE, unit="us"), ValueError, "1 and 2 rows"),
        (lambda: columns.due(array([1]), timedelta(1), OFFICE, errors="ignore"), ValueError, "'raise' or 'null'"),  # type: ignore[call-overload]
        (lambda: columns.due(array([1]), timedelta(1), OFFICE, timezone="UTC"), NaiveTimeError, "given together"),
        (lambda: columns.due(array([1]), timedelta(1), OFFICE, ambiguous="later"), NaiveTimeError, "given together"),
        (
            lambda: columns.due(array([1]), timedelta(1), OFFICE, timezone="UTC", ambiguous="both"),  # type: ignore[call-overload]
            ValueError,
            "ambiguous must be 'earlier', 'later' or 'refuse', not 'both'",
        ),
    ],
)
def test_what_is_no_column_is_refused(ask: Callable[[], object], error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        ask()


def test_times_too_far_for_microseconds_are_not_known() -> None:
    """A coarse unit reaches years that wrap around to ours when numpy makes microseconds of them."""
    far = np.array(["300000-01-01", "-300000-01-01", "2026-07-03", "NaT"], "M8[s]")
    wrapped = np.array([2**62 + 1, 2**61 - 1, -(2**62)]).view("M8[s]")
    assert columns.next_open(np.append(far, wrapped), ALWAYS, errors="null").astype("M8[s]").tolist() == [
        None,
        None,
        datetime(2026, 7, 3),
        *[None] * 4,
    ]
    with pytest.raises(HorizonError, match="row 0"):
        columns.due(far, timedelta(1), ALWAYS)
    long = np.array([2**62, -(2**62)]).view("m8[s]")
    assert np.isnat(columns.due(far[[2, 2]], long, ALWAYS, errors="null")).all()
    assert columns.due(far[2:3], np.array([1]).view("m8[D]"), ALWAYS)[0] == np.datetime64("2026-07-04")


def test_instants_that_no_datetime_can_hold_have_no_offset() -> None:
    zone, summer = ZoneInfo("Europe/Vilnius"), 3 * 3600 * 10**6
    near, late, far = 1_783_085_400_000_000, micros(datetime(3000, 7, 1, tzinfo=UTC)), 1 << 61
    assert ahead(zone, np.array([near, far, -far, late, near], np.int64)).tolist() == [summer, 0, 0, summer, summer]
    assert ahead(zone, np.array([far], np.int64)).tolist() == [0]


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(ImportError, match=r"kolmisla.columns needs numpy: pip install 'kolmisla\[columns\]'"):
        importlib.reload(columns)


def test_threads_share_what_is_compiled() -> None:
    fresh = Schedule("Europe/Vilnius", {"mon-fri": ["08:00-17:00"]}, holidays="LT")
    starts = array([micros(datetime(year, 5, 4, 11, tzinfo=UTC)) for year in range(2012, 2090)])
    wanted = [fresh.timeline.due(start, 2 * HOUR) for start in starts.tolist()]
    found: list[bool] = []

    def ask(some: slice) -> None:
        due = (columns.due(starts[some], timedelta(hours=2), fresh).tolist() for _ in range(20))
        found.extend(each == wanted[some] for each in due)

    threads = [Thread(target=ask, args=(slice(number * 9, None),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 160
    equal = Schedule("Europe/Vilnius", {"mon-fri": ["08:00-17:00"]}, holidays="LT")
    assert compiled.sheet(equal) is compiled.sheet(fresh)


@pytest.mark.parametrize("value", [None, np.array([1, 2]), 5, "x", b"x", float("nan")], ids=repr)
def test_a_wrong_argument_is_told_at_the_door(value: Any) -> None:
    at = np.array(["2026-07-03T13:30"], "M8[us]")
    with pytest.raises(TypeError, match="schedule must be a Schedule, not"):
        columns.due(at, timedelta(hours=1), value)
    with pytest.raises(TypeError, match="schedule must be a Schedule, not"):
        columns.elapsed(at, at, value)
    with pytest.raises(TypeError, match="schedule must be a Schedule, not"):
        columns.next_open(at, value)
    if not isinstance(value, str):
        with pytest.raises(ValueError, match="errors must be 'raise' or 'null', not"):
            columns.due(at, timedelta(hours=1), OFFICE, errors=value)


def test_masked_elements_are_missing() -> None:
    starts = np.ma.array([1_783_072_800_000_000, 1], mask=[False, True])
    hour = np.ma.array([3_600_000_000] * 2, mask=[False, False])
    assert columns.due(starts, hour, ALWAYS).tolist() == [1_783_076_400_000_000, counting.NULL]
    assert np.isnat(columns.next_open(starts.astype("M8[us]"), ALWAYS)).tolist() == [False, True]


@pytest.mark.parametrize(("unit", "parts"), [("ns", 10**3), ("ps", 10**6)])
@pytest.mark.parametrize("kind", ["M8", "m8"])
def test_the_lowest_times_of_a_finer_unit_are_rounded_down(kind: str, unit: str, parts: int) -> None:
    lowest = -(2**63) + 1
    given = [lowest, lowest + parts - 1, lowest + parts, lowest + 7 * parts, -1, 0, 1, 2**63 - 1, counting.NULL]
    times = np.array(given, np.int64).view(f"{kind}[{unit}]")
    read = instants(times).values if kind == "M8" else durations(times, len(times))
    assert read.tolist() == [counting.NULL if at == counting.NULL else at // parts for at in given]
