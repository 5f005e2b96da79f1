"""The amounts of time that targets in days become are those of each ticket alone, wherever a start may be."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

np = pytest.importorskip("numpy", reason="the extra columns is not installed")
pytest.importorskip("narwhals", reason="the extra columns is not installed")

from hypothesis import given
from hypothesis import strategies as st

from kolmisla import HorizonError, Schedule
from kolmisla.columns.kernel import questions as counting
from kolmisla.columns.kernel.naming import named_instants
from kolmisla.columns.kernel.naming.named_instants import STARTS_AT_ONCE, NamedInstants
from kolmisla.columns.kernel.questions import NULL
from kolmisla.policies.terms.named_targets import named_by
from kolmisla.policies.terms.targets import Target
from kolmisla.schedules.naming.named_instant import InstantNaming
from kolmisla.times.instants import DAY, micros
from tests.laws.test_named_targets import questions

HOUR = DAY // 24


def naming_of(schedule: Schedule, target: dict[str, Any]) -> InstantNaming:
    return InstantNaming(named_by(Target(**target)), schedule, ZoneInfo(schedule.timezone or "Europe/Vilnius"))


def amount(schedule: Schedule, naming: InstantNaming, start: int) -> int:
    """The open time up to the named instant, as one ticket has it. NULL for an unknown instant."""
    try:
        return schedule.timeline.elapsed(start, naming.instant(start))
    except HorizonError:
        return NULL


distances = st.one_of(
    st.integers(-3 * DAY, 3 * DAY),
    st.integers(-30, 30).map(lambda hours: hours * HOUR),
    st.integers(-700 * DAY, 700 * DAY),
    st.sampled_from([-STARTS_AT_ONCE, STARTS_AT_ONCE]),
)


@given(questions(), st.lists(distances, max_size=8), st.integers(0, 3))
def test_an_amount_is_that_of_one_ticket(question: Any, far: list[int], edge: int) -> None:
    case, target, start = question
    schedule, first = case.schedule, micros(start)
    naming, timeline = naming_of(schedule, target), schedule.timeline
    starts = [at for distance in (0, *far) for at in (first + distance - 1, first + distance, first + distance + 1)]
    edges = [[], [timeline.start - 1, timeline.start], [timeline.end - DAY, timeline.end, timeline.end + 1], [NULL]]
    starts += edges[edge]
    instants = NamedInstants(naming, timeline)
    found = instants.amounts(np.array(starts, np.int64)).tolist()
    wanted = [NULL if at == NULL else amount(schedule, naming, at) for at in starts]
    assert found == wanted
    assert instants.amounts(np.array(starts[::-1], np.int64)).tolist() == wanted[::-1]


def test_nothing_and_only_what_is_missing() -> None:
    schedule = Schedule(timezone="UTC", hours={"mon-fri": ["09:00-17:00"]})
    instants = NamedInstants(naming_of(schedule, {"within": "2 working days"}), schedule.timeline)
    assert instants.amounts(np.zeros(0, np.int64)).tolist() == []
    assert instants.amounts(np.full(3, NULL)).tolist() == [NULL] * 3
    beyond = [schedule.timeline.end + DAY, schedule.timeline.end + 2 * STARTS_AT_ONCE]
    assert instants.amounts(np.array(beyond)).tolist() == [NULL] * 2
    starts = np.array([micros(datetime(2026, 7, day, 10, tzinfo=UTC)) for day in (1, 2)])
    for _ in range(2):  # the second time, the courses are known
        assert instants.of(starts).tolist() == [int(starts[0]) + 2 * DAY, int(starts[1]) + 4 * DAY]
        assert instants.amounts(starts).tolist() == [16 * HOUR] * 2


def test_rows_in_many_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most chunks have known starts only. One has a missing start, and one has starts that nobody knows."""
    schedule = Schedule(timezone="Europe/Vilnius", hours={"mon-fri": ["09:00-17:00"]}, holidays="LT")
    naming = naming_of(schedule, {"within": "3 working days"})
    begin = micros(datetime(2026, 7, 1, tzinfo=UTC))
    starts = [begin + number * 7 * HOUR for number in range(60)]
    starts[33], starts[52] = NULL, schedule.timeline.end - HOUR
    for module in (counting, named_instants):
        monkeypatch.setattr(module, "CHUNK", 10)
    found = NamedInstants(naming, schedule.timeline).amounts(np.array(starts, np.int64)).tolist()
    assert found == [NULL if at == NULL else amount(schedule, naming, at) for at in starts]
    assert found.count(NULL) == 2
