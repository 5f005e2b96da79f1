"""The questions that every database engine is asked, and how its answers are read."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from kolmisla import ALWAYS, KOLMISOFT, NEVER, Schedule, columns
from kolmisla.times.instants import micros

OFFICE = KOLMISOFT.schedules["working-hours"]
LUNCHES = {"mon-fri": ["08:00-12:00", "12:00:01-17:00"], "sat": ["23:00-07:30"]}
LUNCH = Schedule("Europe/Vilnius", LUNCHES, holidays="LT")
SHORT = Schedule(
    "UTC", {"mon": ["09:00-09:01"], "thu": ["09:00-17:00"]}, exceptions={date(2026, 7, 1): ["01:00-01:07"]}
)
SCHEDULES = [OFFICE, ALWAYS, NEVER, LUNCH, SHORT, ALWAYS - OFFICE]

NULL = np.iinfo(np.int64).min


def rows(schedule: Schedule, number: int = 400) -> Any:
    """Instants about openings, closings and the horizon, and any; with amounts, nulls among both."""
    random = np.random.default_rng(7)
    timeline = schedule.timeline
    about = random.integers(micros(datetime(2026, 1, 1, tzinfo=UTC)), micros(datetime(2028, 1, 1, tzinfo=UTC)), number)
    edges = [timeline.start, timeline.start - 1, timeline.end, timeline.end - 1, timeline.end + 1, NULL]
    table = timeline.table(int(about.min()), int(about.max()))
    for edge in (*table[2][-60:-40], *table[3][-60:-40]):
        edges += [edge - 1, edge, edge + 1]
    starts = np.array([*about.tolist(), *edges], np.int64)
    amounts = random.choice(np.array([1, 60, 3600, 7200, 36_000, 360_000, 10**7, 10**10]) * 1_000_000, len(starts))
    amounts[::17] = 36_000_000_000
    amounts[5] = NULL
    return starts, amounts, np.roll(starts, 1)


def agree(
    ask: Callable[[str, Schedule, Any, Any, Any], list[int | None]], schedules: Sequence[Schedule] = SCHEDULES
) -> None:
    """An engine's answers to a question are the kernel's: `ask` gives a column of integers, with None for null."""
    for schedule in schedules:
        starts, amounts, ends = rows(schedule)
        given: dict[str, Any] = {"errors": "null", "unit": "us"}
        wanted = {
            "due": columns.due(starts, amounts, schedule, **given),
            "elapsed": columns.elapsed(starts, ends, schedule, **given),
            "next_open": columns.next_open(starts, schedule, **given),
        }
        for question, values in wanted.items():
            told = [None if value == NULL else value for value in values.tolist()]
            assert ask(question, schedule, starts, amounts, ends) == told, (question, schedule)


WALLS = [
    datetime(2026, 3, 29, 2, 59, 59, 999_999),
    datetime(2026, 3, 29, 3, 30),
    datetime(2026, 10, 25, 3, 0),
    datetime(2026, 10, 25, 3, 59, 59, 999_999),
    datetime(2026, 10, 25, 4, 0),
    datetime(2026, 7, 3, 16, 30),
    None,
]


def walls_agree(ask: Callable[[Any, Any], list[int | None]]) -> None:
    """Wall times mean in an engine what they mean in numpy."""
    walls = np.array(WALLS, "M8[us]")
    for ambiguous in ("earlier", "later", "refuse"):
        given: dict[str, Any] = {"timezone": "Europe/Vilnius", "ambiguous": ambiguous, "errors": "null"}
        wanted = columns.next_open(walls, ALWAYS, **given).astype(np.int64).tolist()
        assert ask(WALLS, given) == [None if value == NULL else value for value in wanted]


HOURS = timedelta(hours=2)
