"""A schedule's questions, with their answers as a new column of a frame: with_due, with_elapsed, with_next_open.

The frame may be of any engine: in memory, lazy, or in a database.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Literal

import narwhals as nw
import numpy as np

from kolmisla.columns.engines import Durations, Errors, in_seconds, is_lazy, raises, relation_of
from kolmisla.columns.frames.series import as_seconds
from kolmisla.columns.frames.tickets import in_memory
from kolmisla.columns.frames.units import Unit, check_unit
from kolmisla.columns.kernel.wall_times import WallReading, wall_of
from kolmisla.columns.questions import answers_zone, due, elapsed, next_open
from kolmisla.columns.sql.lookups import Relation
from kolmisla.columns.sql.schedule import NewColumn, add_due, add_elapsed, add_next_open
from kolmisla.errors import choices, expect, shown
from kolmisla.schedules.schedule import Schedule

__all__ = ["with_due", "with_elapsed", "with_next_open"]

ANY_INTEGERS = np.zeros(0, np.int64)  # what a column named by its text may be of


def with_due(
    frame: Any,
    schedule: Schedule,
    within: timedelta | str,
    *,
    start: str = "opened_at",
    name: str = "due_at",
    timezone: str | None = None,
    ambiguous: WallReading | None = None,
    unit: Unit | None = None,
    errors: Errors = "raise",
) -> Any:
    """The frame with a column more: by when open time `within` has been counted since `start`.

    `frame` is of pandas, Polars (eager or lazy), Arrow, DuckDB (a relation) or Spark, and comes back as that. `start`
    is a column of instants; `within` a timedelta, or a column: of durations, or of integers, microseconds unless `unit`
    says `s`, `ms` or `ns`. In DuckDB and Spark it is more than nothing, the durations are integers, and a query is made
    that runs when the caller runs it; rows come in any order there.

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
        return due(starts, amount, schedule, timezone=timezone, ambiguous=ambiguous, unit=unit, errors=errors)

    def table(relation: Relation) -> Any:
        return add_due(relation, new, within, start, unit=unit)

    check_unit(unit, *(() if isinstance(within, timedelta) else (ANY_INTEGERS,)))
    columns, relation = [start, within] if isinstance(within, str) else [start], relation_of(frame)
    new = NewColumn(name, "instant", schedule, wall_of(timezone, ambiguous), raises(errors))
    return _with(frame, relation, new, columns, eager, table)


def with_elapsed(
    frame: Any,
    schedule: Schedule,
    *,
    start: str = "opened_at",
    end: str = "answered_at",
    name: str | None = None,
    timezone: str | None = None,
    ambiguous: WallReading | None = None,
    durations: Durations | None = None,
    errors: Errors = "raise",
) -> Any:
    """The frame with a column more: the open time from `start` to `end`, both columns of instants; see `with_due`.

    It is called `elapsed`, or `elapsed_s` when `durations` are `"seconds"` rather than `"native"`; see `measure`.
    """
    relation = relation_of(frame)
    seconds = in_seconds(durations, relation)
    if name is None:
        name = "elapsed_s" if seconds else "elapsed"

    def eager(starts: Any, ends: Any) -> Any:
        found = elapsed(starts, ends, schedule, timezone=timezone, ambiguous=ambiguous, errors=errors)
        return as_seconds(found) if seconds else found

    def table(relation: Relation) -> Any:
        return add_elapsed(relation, new, start, end)

    kind: Literal["seconds", "duration"] = "seconds" if seconds else "duration"
    new = NewColumn(name, kind, schedule, wall_of(timezone, ambiguous), raises(errors))
    return _with(frame, relation, new, [start, end], eager, table)


def with_next_open(
    frame: Any,
    schedule: Schedule,
    *,
    at: str,
    name: str = "next_open",
    timezone: str | None = None,
    ambiguous: WallReading | None = None,
    errors: Errors = "raise",
) -> Any:
    """The frame with a column more: each instant of `at` itself when open, else the next opening; see `with_due`."""

    def eager(instants: Any) -> Any:
        return next_open(instants, schedule, timezone=timezone, ambiguous=ambiguous, errors=errors)

    def table(relation: Relation) -> Any:
        return add_next_open(relation, new, at)

    relation = relation_of(frame)
    new = NewColumn(name, "instant", schedule, wall_of(timezone, ambiguous), raises(errors))
    return _with(frame, relation, new, [at], eager, table)


def _with(
    frame: Any,
    relation: Relation | None,
    new: NewColumn,
    columns: Sequence[str],
    eager: Callable[..., Any],
    table: Callable[[Relation], Any],
) -> Any:
    """The frame with an answer about some of its columns, the way of its engine."""
    expect("schedule", new.schedule, Schedule)
    for each in (*columns, new.name):
        expect("a column's name", each, str)
    lazy = is_lazy(frame)
    if relation is not None:
        there = list(relation.kinds)
    else:
        there = (nw.from_native(frame) if lazy else in_memory(frame, "times")).collect_schema().names()
    missing = [column for column in columns if column not in there]
    if missing:
        raise ValueError(f"there is no column {', '.join(map(shown, missing))}; the frame has {choices(there)}")
    if new.name in there or (relation is not None and new.name.lower() in map(str.lower, there)):
        raise ValueError(f"the frame has a column {shown(new.name)} already; choose another name")
    if relation is not None:
        return table(relation)

    def answered(some: Any) -> Any:
        given = in_memory(some, "times")
        found = nw.from_native(eager(*(given[column] for column in columns)), series_only=True)
        return given.with_columns(found.alias(new.name)).to_native()

    if not lazy:
        return answered(frame)
    from kolmisla.columns.frames.polars_lazy import streamed

    return streamed(frame, answered, {new.name: new.kind}, answers_zone(new.schedule))
