"""Adds a schedule's answers to a frame, as a new column: with_due, with_elapsed, with_next_open.

The frame may be in memory, lazy, or in a database.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Literal, TypeVar

import narwhals as nw
import numpy as np

from kolmisla.columns.engines import Durations, Errors, in_seconds, is_lazy, raises, relation_of
from kolmisla.columns.frames.series import as_seconds
from kolmisla.columns.frames.tickets import in_memory
from kolmisla.columns.frames.units import Unit, check_unit, in_narwhals
from kolmisla.columns.kernel.wall_times import WallReading, wall_of
from kolmisla.columns.questions import answers_zone, due, elapsed, next_open
from kolmisla.columns.sql.lookups import Relation
from kolmisla.columns.sql.schedule import NewColumn, add_due, add_elapsed, add_next_open
from kolmisla.errors import choices, expect, expect_text, shown
from kolmisla.names import LOADING
from kolmisla.schedules.schedule import Schedule

__all__ = ["with_due", "with_elapsed", "with_next_open"]

FrameT = TypeVar("FrameT")  # a data frame of pandas, Polars, Arrow or Spark, or a relation of DuckDB
ANY_INTEGERS = np.zeros(0, np.int64)  # given to `check_unit` for a column known by name, which may hold integers


def with_due(
    frame: FrameT,
    schedule: Schedule,
    within: timedelta | str,
    *,
    start: str = "opened_at",
    name: str = "due_at",
    timezone: str | None = None,
    ambiguous: WallReading | None = None,
    unit: Unit | None = None,
    errors: Errors = "raise",
) -> FrameT:
    """Return the frame with one more column: the instant by which an amount of open time has been counted.

    `frame` is a data frame of pandas, Polars (eager or lazy), Arrow or Spark, or a relation of DuckDB. The result has
    the type of `frame`. `start` names a column of instants, from which time is counted. The amount to count is given by
    `within`: a timedelta, or the name of a column of durations or of integers. Integers are microseconds, unless `unit`
    is `s`, `ms` or `ns`. `name` is the name of the new column.

    For DuckDB and Spark, a timedelta must be positive, and a column `within` must hold integers. A row whose integer is
    less than one microsecond has no answer. The result is a query that runs when the caller asks for rows. The rows of
    the result may come in any order. A row without an answer raises the engine's own error when the row is read or,
    with `errors="null"`, has null.

    `timezone`, `ambiguous`, `unit` and `errors` mean what they mean in `due`. Wrong arguments raise the errors that
    `due` raises. Raise ValueError for a column that is missing, for a `name` that the frame already has, and for a
    timedelta that is not positive if the frame is in a database.

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
    answered: FrameT = _with(frame, relation, new, columns, eager, table)
    return answered


def with_elapsed(
    frame: FrameT,
    schedule: Schedule,
    *,
    start: str = "opened_at",
    end: str = "answered_at",
    name: str | None = None,
    timezone: str | None = None,
    ambiguous: WallReading | None = None,
    durations: Durations | None = None,
    errors: Errors = "raise",
) -> FrameT:
    """Return the frame with one more column: the open time from the instant in `start` to the instant in `end`.

    `start` and `end` name columns of instants. The new column holds durations, and is called `elapsed` unless `name`
    is given. With `durations="seconds"`, the default for DuckDB, the new column holds numbers of seconds, and is called
    `elapsed_s` unless `name` is given. The other parameters mean what they mean in `with_due`. Wrong arguments raise
    the errors that `with_due` raises.
    """
    relation = relation_of(frame)
    seconds = in_seconds(durations, relation)
    if name is None:
        name = "elapsed_s" if seconds else "elapsed"

    def eager(starts: Any, ends: Any) -> Any:
        lengths = elapsed(starts, ends, schedule, timezone=timezone, ambiguous=ambiguous, errors=errors)
        return as_seconds(lengths) if seconds else lengths

    def table(relation: Relation) -> Any:
        return add_elapsed(relation, new, start, end)

    kind: Literal["seconds", "duration"] = "seconds" if seconds else "duration"
    new = NewColumn(name, kind, schedule, wall_of(timezone, ambiguous), raises(errors))
    answered: FrameT = _with(frame, relation, new, [start, end], eager, table)
    return answered


def with_next_open(
    frame: FrameT,
    schedule: Schedule,
    *,
    at: str,
    name: str = "next_open",
    timezone: str | None = None,
    ambiguous: WallReading | None = None,
    errors: Errors = "raise",
) -> FrameT:
    """Return the frame with one more column: the instant in `at` if the schedule is open then, else the next opening.

    `at` names a column of instants. The other parameters mean what they mean in `with_due`. Wrong arguments raise the
    errors that `with_due` raises.
    """

    def eager(instants: Any) -> Any:
        return next_open(instants, schedule, timezone=timezone, ambiguous=ambiguous, errors=errors)

    def table(relation: Relation) -> Any:
        return add_next_open(relation, new, at)

    relation = relation_of(frame)
    new = NewColumn(name, "instant", schedule, wall_of(timezone, ambiguous), raises(errors))
    answered: FrameT = _with(frame, relation, new, [at], eager, table)
    return answered


def _with(
    frame: Any,
    relation: Relation | None,
    new: NewColumn,
    columns: Sequence[str],
    eager: Callable[..., Any],
    table: Callable[[Relation], Any],
) -> Any:
    """Return the frame with the new column `new`, computed from the columns named in `columns`.

    `table` adds it to a frame in a database (`relation`). For any other frame, `eager` computes it. Raise ValueError if
    a column is missing, or if the new name is taken.
    """
    expect("schedule", new.schedule, Schedule)
    for column in (*columns, new.name):
        expect_text("a column's name", column)
    lazy = is_lazy(frame)
    if relation is not None:
        names = list(relation.kinds)
    else:
        names = (in_narwhals(frame) if lazy else in_memory(frame, "times")).collect_schema().names()
    missing = [column for column in columns if column not in names]
    if missing:
        raise ValueError(f"there is no column {', '.join(map(shown, missing))}; the frame has {choices(names)}")
    if new.name in names or (relation is not None and new.name.lower() in map(str.lower, names)):
        raise ValueError(f"the frame has a column {shown(new.name)} already; choose another name")
    if relation is not None:
        return table(relation)

    def answered(native: Any) -> Any:
        rows = in_memory(native, "times")
        answers = nw.from_native(eager(*(rows[column] for column in columns)), series_only=True)
        return rows.with_columns(answers.alias(new.name)).to_native()

    if not lazy:
        return answered(frame)
    with LOADING:
        from kolmisla.columns.frames.polars_lazy import streamed

    return streamed(frame, answered, {new.name: new.kind}, answers_zone(new.schedule))
