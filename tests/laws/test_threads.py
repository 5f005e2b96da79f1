"""Many threads may ask a new schedule at the same time; each thread gets the right answer."""

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest

from kolmisla import Schedule
from kolmisla.schedules.days.countries import _days
from kolmisla.schedules.days.dated_hours import dated_hours

THREADS = 8


@pytest.fixture
def impatient() -> object:
    """Threads switch as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.unmeasured
@pytest.mark.usefixtures("impatient")
def test_eight_threads_on_fresh_schedules() -> None:
    starts = [datetime(2012 + 7 * n % 80, 1 + n % 12, 3, 9, tzinfo=UTC) for n in range(8)]

    def office() -> Schedule:
        return Schedule(timezone="Europe/Vilnius", hours={"mon-fri": ["08:00-18:00"]}, holidays="LT")

    alone = office()
    expected = [alone.due(at, timedelta(hours=30)) for at in starts]
    with ThreadPoolExecutor(THREADS) as pool:
        for _ in range(3):
            _days.cache_clear()
            dated_hours.cache_clear()
            fresh, gate = office(), Barrier(THREADS)

            def ask(turn: int, fresh: Schedule = fresh, gate: Barrier = gate) -> list[datetime]:
                gate.wait()
                answers = {at: fresh.due(at, timedelta(hours=30)) for at in starts[turn:] + starts[:turn]}
                return [answers[at] for at in starts]

            for answers in pool.map(ask, range(THREADS)):
                assert answers == expected
