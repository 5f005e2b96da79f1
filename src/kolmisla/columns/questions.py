"""A schedule's questions, asked for a whole column: due, elapsed, next_open; and with their answers as a new column.

The frame may be of any engine: in memory, lazy, or in a database.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import narwhals as nw

import kolmisla.columns.kernel.questions as counting
from kolmisla.columns.engines import Errors, check_errors, is_lazy, relation_of
from kolmisla.columns.frames.series import as_durations, as_instants, check_rows, durations, instants
from kolmisla.columns.frames.tickets import in_memory
from kolmisla.columns.kernel.questions import Answers
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.columns.kernel.wall_times import Reading, Wall, wall_of
from kolmisla.columns.sql.lookups import Relation
from kolmisla.columns.sql.schedule import add_due, add_elapsed, add_next_open
from kolmisla.errors import HorizonError, WallTimeError, choices, expect, shown
from kolmisla.schedules.schedule import Schedule
from kolmisla.schedules.zones import zone_named

__all__ = ["due", "elapsed", "next_open", "with_due", "with_elapsed", "with_next_open"]

Column = Any  # a numpy array, or a pandas, Polars or Arrow column


def due(
    starts: Column,
    within: Any,
    schedule: Schedule,
    *,
    timezone: str | None = None,
    ambiguous: Reading | None = None,
    errors: Errors = "raise",
) -> Column:
    """By when open time `within` has been counted since each of `starts`: `Schedule.due`, row by row.

    `starts` is a one-dimensional array of datetime64 (in UTC) or integers (microseconds since 1970-01-01T00:00Z),
    or a pandas, Polars or Arrow column of datetimes with a time zone. `within` is a timedelta, or as many as there
    are starts: timedelta64, integers (microseconds), or a column of durations. What comes back is of the kind of
    `starts`, in microseconds; a column is in the schedule's zone, with its name, and in pandas with its index. A
    null stays null.

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
    asked = _Asked(starts, timezone, ambiguous, errors)
    start, amounts = asked.instants, durations(within, len(asked.instants))
    found = counting.due(start, amounts, schedule)
    asked.check(found, lambda row: schedule.timeline.due(int(start[row]), int(amounts[row])))
    return as_instants(found.values, starts, zone_of(schedule))


def elapsed(
    starts: Column,
    ends: Any,
    schedule: Schedule,
    *,
    timezone: str | None = None,
    ambiguous: Reading | None = None,
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
    asked = _Asked(starts, timezone, ambiguous, errors)
    start, end = asked.instants, asked.also(ends)
    found = counting.elapsed(start, end, schedule)
    asked.check(found, lambda row: schedule.timeline.elapsed(int(start[row]), int(end[row])))
    return as_durations(found.values, starts)


def next_open(
    at: Column,
    schedule: Schedule,
    *,
    timezone: str | None = None,
    ambiguous: Reading | None = None,
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
    asked = _Asked(at, timezone, ambiguous, errors)
    found = counting.next_open(asked.instants, schedule)
    asked.check(found, lambda row: schedule.timeline.next_open(int(asked.instants[row])))
    return as_instants(found.values, at, zone_of(schedule))


def zone_of(schedule: Schedule) -> str:
    """The name of the zone that a schedule answers in."""
    return schedule.timezone or "UTC"


class _Asked:
    """The instants of a question, and what becomes of rows without an answer."""

    def __init__(self, given: Any, timezone: str | None, ambiguous: Reading | None, errors: Errors) -> None:
        check_errors(errors)
        self._errors, self._wall = errors, wall_of(timezone, ambiguous)
        self._read: list[tuple[Any, Answers]] = []
        self.instants = self._instants(given)

    def also(self, given: Any) -> Ints:
        """More instants, as many."""
        values = self._instants(given)
        check_rows(len(self.instants), values)
        return values

    def check(self, found: Answers, ask: Callable[[int], object]) -> None:
        """The error of the first row without an answer, unless such rows are null; `ask` raises it for a row."""
        if self._errors == "null":
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
        self._read.append((given, read))
        return read.values


def with_due(
    frame: Any,
    schedule: Schedule,
    within: timedelta | str,
    *,
    start: str = "opened_at",
    name: str = "due_at",
    timezone: str | None = None,
    ambiguous: Reading | None = None,
    errors: Errors = "raise",
) -> Any:
    """The frame with a column more: by when open time `within` has been counted since `start`.

    `frame` is of pandas, Polars (eager or lazy), Arrow, DuckDB (a relation) or Spark, and comes back as that. `start`
    is a column of instants; `within` a timedelta, or a column: of durations, or of integers, microseconds. In
    DuckDB and Spark it is more than nothing, the durations are integers, and a query is made that runs when the
    caller runs it; rows come in any order there.

    The rest is as for `due`; a table's row without an answer raises the engine's own error when it is read.

    >>> from datetime import datetime
    >>> import pyarrow as pa
    >>> from kolmisla import KOLMISOFT
    >>> opened = pa.array([datetime.fromisoformat("2026-07-03T16:30+03:00")], pa.timestamp("us", "UTC"))
    >>> table = with_due(pa.table({"opened_at": opened}), KOLMISOFT.schedules["working-hours"], timedelta(hours=2))
    >>> table["due_at"][0].as_py().isoformat()
    '2026-07-07T08:30:00+03:00'
    """

    def eager(starts: Any, *within_column: Any) -> Any:
        amount = within_column[0] if within_column else within
        return due(starts, amount, schedule, timezone=timezone, ambiguous=ambiguous, errors=errors)

    def table(relation: Relation, wall: Wall | None, raises: bool) -> Any:
        return add_due(relation, schedule, within, start, name, wall, raises=raises)

    columns = [start, within] if isinstance(within, str) else [start]
    return _with(frame, columns, name, "instant", schedule, eager, table, wall_of(timezone, ambiguous), errors)


def with_elapsed(
    frame: Any,
    schedule: Schedule,
    *,
    start: str = "opened_at",
    end: str = "answered_at",
    name: str = "elapsed",
    timezone: str | None = None,
    ambiguous: Reading | None = None,
    errors: Errors = "raise",
) -> Any:
    """The frame with a column more: the open time from `start` to `end`, both columns of instants; see `with_due`."""

    def eager(starts: Any, ends: Any) -> Any:
        return elapsed(starts, ends, schedule, timezone=timezone, ambiguous=ambiguous, errors=errors)

    def table(relation: Relation, wall: Wall | None, raises: bool) -> Any:
        return add_elapsed(relation, schedule, start, end, name, wall, raises=raises)

    wall = wall_of(timezone, ambiguous)
    return _with(frame, [start, end], name, "duration", schedule, eager, table, wall, errors)


def with_next_open(
    frame: Any,
    schedule: Schedule,
    *,
    at: str,
    name: str = "next_open",
    timezone: str | None = None,
    ambiguous: Reading | None = None,
    errors: Errors = "raise",
) -> Any:
    """The frame with a column more: each instant of `at` itself when open, else the next opening; see `with_due`."""

    def eager(instants: Any) -> Any:
        return next_open(instants, schedule, timezone=timezone, ambiguous=ambiguous, errors=errors)

    def table(relation: Relation, wall: Wall | None, raises: bool) -> Any:
        return add_next_open(relation, schedule, at, name, wall, raises=raises)

    return _with(frame, [at], name, "instant", schedule, eager, table, wall_of(timezone, ambiguous), errors)


def _with(
    frame: Any,
    columns: Sequence[str],
    name: str,
    kind: str,
    schedule: Schedule,
    eager: Callable[..., Any],
    table: Callable[[Relation, Wall | None, bool], Any],
    wall: Wall | None,
    errors: Errors,
) -> Any:
    """The frame with an answer about some of its columns, the way of its engine."""
    check_errors(errors)
    expect("schedule", schedule, Schedule)
    for each in (*columns, name):
        expect("a column's name", each, str)
    relation, lazy = relation_of(frame), is_lazy(frame)
    if relation is not None:
        there = list(relation.kinds)
    else:
        there = (nw.from_native(frame) if lazy else in_memory(frame, "times")).collect_schema().names()
    missing = [column for column in columns if column not in there]
    if missing:
        raise ValueError(f"there is no column {', '.join(map(shown, missing))}; the frame has {choices(there)}")
    if name in there or (relation is not None and name.lower() in map(str.lower, there)):
        raise ValueError(f"the frame has a column {shown(name)} already; choose another name")
    if relation is not None:
        return table(relation, wall, errors == "raise")

    def answered(some: Any) -> Any:
        given = in_memory(some, "times")
        found = nw.from_native(eager(*(given[column] for column in columns)), series_only=True)
        return given.with_columns(found.alias(name)).to_native()

    if not lazy:
        return answered(frame)
    from kolmisla.columns.frames.polars_lazy import streamed

    return streamed(frame, answered, {name: kind}, zone_of(schedule))
