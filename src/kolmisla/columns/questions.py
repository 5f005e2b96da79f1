"""A schedule's questions, asked for a whole column: due, elapsed, next_open."""

from collections.abc import Callable, Sequence
from typing import Any

import kolmisla.columns.kernel.questions as counting
from kolmisla.columns.engines import Errors, raises
from kolmisla.columns.frames.series import as_durations, as_instants, check_rows, durations, instants
from kolmisla.columns.frames.units import Unit, are_integers, check_instants, check_unit, from_micros, to_micros
from kolmisla.columns.kernel.questions import Answers
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.columns.kernel.wall_times import Wall, WallReading, wall_of
from kolmisla.errors import HorizonError, WallTimeError, expect
from kolmisla.schedules.schedule import Schedule
from kolmisla.schedules.zones import zone_named

__all__ = ["answers_zone", "due", "elapsed", "next_open"]

Column = Any  # a numpy array, or a pandas, Polars or Arrow column


def due(
    starts: Column,
    within: Any,
    schedule: Schedule,
    *,
    timezone: str | None = None,
    ambiguous: WallReading | None = None,
    unit: Unit | None = None,
    errors: Errors = "raise",
) -> Column:
    """By when open time `within` has been counted since each of `starts`: `Schedule.due`, row by row.

    `starts` is a one-dimensional array of datetime64 (in UTC) or integers (microseconds since 1970-01-01T00:00Z),
    or a pandas, Polars or Arrow column of datetimes with a time zone. `within` is a timedelta, or as many as there
    are starts: timedelta64, integers (microseconds), or a column of durations. What comes back is of the kind of
    `starts`, in microseconds; a column is in the schedule's zone, with its name, and in pandas with its index. A
    null stays null.

    `unit` says what all integers are in: `s`, `ms`, `us` or `ns`. Answers that are integers come back in it: an
    answer that is not whole in it raises ValueError. Nanoseconds are cut to microseconds. Without a unit, integers that
    would be instants before 1990 raise ValueError, which guesses the unit; a unit of datetimes does too.

    Naive times are refused (NaiveTimeError) unless `timezone` says whose wall times they are and `ambiguous` how
    one that DST skips or repeats is read: `earlier`, `later`, or `refuse`. The first row without an answer raises
    HorizonError, or WallTimeError, with its number from 0; with `errors="null"` such rows are null.

    >>> import numpy as np
    >>> from kolmisla import KOLMISOFT
    >>> from datetime import timedelta
    >>> opened = np.array(["2026-07-03T13:30", "NaT"], "M8[s]")  # half past four in Vilnius
    >>> due(opened, timedelta(hours=2), KOLMISOFT.schedules["working-hours"]).astype("M8[m]")
    array(['2026-07-07T05:30',              'NaT'], dtype='datetime64[m]')
    """
    expect("schedule", schedule, Schedule)
    asked = _Question([starts, within], timezone, ambiguous, unit, errors)
    start, amounts = asked.instants, asked.durations(within)
    found = counting.due(start, amounts, schedule)
    asked.check(found, lambda row: schedule.timeline.due(int(start[row]), int(amounts[row])))
    return as_instants(asked.answers(found.values, starts), starts, answers_zone(schedule))


def elapsed(
    starts: Column,
    ends: Any,
    schedule: Schedule,
    *,
    timezone: str | None = None,
    ambiguous: WallReading | None = None,
    unit: Unit | None = None,
    errors: Errors = "raise",
) -> Column:
    """Open time from each of `starts` to each of `ends`: `Schedule.elapsed`, row by row, negative backwards.

    Instants, and the rest, as for `due`; what comes back are durations in microseconds: timedelta64, a column of
    them, or integers when `starts` are integers.

    >>> import numpy as np
    >>> from kolmisla import KOLMISOFT
    >>> opened, answered = np.array([["2026-07-03T13:30"], ["2026-07-06T05:00"]], "M8[s]")
    >>> elapsed(opened, answered, KOLMISOFT.schedules["working-hours"]).astype("m8[m]")
    array([90], dtype='timedelta64[m]')
    """
    expect("schedule", schedule, Schedule)
    asked = _Question([starts, ends], timezone, ambiguous, unit, errors)
    start, end = asked.instants, asked.also(ends)
    found = counting.elapsed(start, end, schedule)
    asked.check(found, lambda row: schedule.timeline.elapsed(int(start[row]), int(end[row])))
    return as_durations(asked.answers(found.values, starts), starts)


def next_open(
    at: Column,
    schedule: Schedule,
    *,
    timezone: str | None = None,
    ambiguous: WallReading | None = None,
    unit: Unit | None = None,
    errors: Errors = "raise",
) -> Column:
    """Each instant itself when the schedule is open, else the next opening: `Schedule.next_open`, row by row.

    Instants, and the rest, as for `due`.

    >>> import numpy as np
    >>> from kolmisla import KOLMISOFT
    >>> next_open(np.array(["2026-07-04T09:00"], "M8[s]"), KOLMISOFT.schedules["working-hours"]).astype("M8[m]")
    array(['2026-07-07T05:00'], dtype='datetime64[m]')
    """
    expect("schedule", schedule, Schedule)
    asked = _Question([at], timezone, ambiguous, unit, errors)
    found = counting.next_open(asked.instants, schedule)
    asked.check(found, lambda row: schedule.timeline.next_open(int(asked.instants[row])))
    return as_instants(asked.answers(found.values, at), at, answers_zone(schedule))


def answers_zone(schedule: Schedule) -> str:
    """The name of the zone that a schedule answers in."""
    return schedule.timezone or "UTC"


class _Question:
    """The instants of a question, and what becomes of rows without an answer."""

    def __init__(
        self,
        columns: Sequence[Any],
        timezone: str | None,
        ambiguous: WallReading | None,
        unit: Unit | None,
        errors: Errors,
    ) -> None:
        self._raises = raises(errors)
        check_unit(unit, *columns)
        self._wall, self._unit = wall_of(timezone, ambiguous), unit
        self._read: list[tuple[Any, Answers]] = []
        self.instants = self._instants(columns[0])

    def also(self, given: Any) -> Ints:
        """More instants, as many."""
        values = self._instants(given)
        check_rows(len(self.instants), values)
        return values

    def durations(self, given: Any) -> Ints:
        """Durations, as many."""
        values = durations(given, len(self.instants))
        return to_micros(values, self._unit) if are_integers(given) else values

    def answers(self, values: Ints, like: Any) -> Ints:
        """Answers in the unit of what is like them; HorizonError for one beyond it, unless such rows are null."""
        if not are_integers(like):
            return values
        found, beyond = from_micros(values, self._unit)
        if beyond is not None and self._raises:
            row = int(beyond.argmax())
            raise HorizonError(f"row {row}: the answer is beyond what 64-bit nanoseconds hold; give unit='us'")
        return found

    def check(self, found: Answers, ask: Callable[[int], object]) -> None:
        """The error of the first row without an answer, unless such rows are null; `ask` raises it for a row."""
        if not self._raises:
            return
        for given, read in self._read:
            if read.unknown is not None and self._wall is not None:
                row = int(read.unknown.argmax())
                walls = instants(given, Wall(zone_named("UTC"), "earlier")).values
                raise WallTimeError(f"row {row}: {self._wall.fault(int(walls[row]))}")
        if found.unknown is not None:
            row = int(found.unknown.argmax())
            try:
                ask(row)
            except HorizonError as error:
                raise HorizonError(f"row {row}: {error}") from None

    def _instants(self, given: Any) -> Ints:
        read = instants(given, self._wall)
        if are_integers(given):
            if self._unit is None:
                check_instants(read.values)
            read = Answers(to_micros(read.values, self._unit))
        self._read.append((given, read))
        return read.values
