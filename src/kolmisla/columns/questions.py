"""Asks a schedule about whole columns of instants: due, elapsed, next_open."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypedDict, TypeVar, Unpack, overload

import numpy as np
from numpy.typing import NDArray

import kolmisla.columns.kernel.questions as counting
from kolmisla.columns.engines import Errors, raises
from kolmisla.columns.frames.series import as_durations, as_instants, check_rows, durations, instants
from kolmisla.columns.frames.units import Unit, are_integers, check_instants, check_unit, from_micros, to_micros
from kolmisla.columns.kernel.questions import Answers
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.columns.kernel.wall_times import Wall, WallReading, wall_of
from kolmisla.errors import HorizonError, WallTimeError, expect
from kolmisla.schedules.schedule import Schedule
from kolmisla.times.zones import zone_named

__all__ = ["answers_zone", "due", "elapsed", "next_open"]

Column = Any  # a numpy array, or a pandas, Polars or Arrow column


# The overloads are for type checkers. The overload for a series comes first. So the answer for a column of unknown type
# has an unknown type. If another overload came first, the answer would have the type of an array.


class _Series(Protocol):
    """Any column of pandas, Polars or Arrow, for type checkers. Such columns have `to_numpy`, and arrays do not."""

    def to_numpy(self) -> Any: ...


class _PolarsSeries(Protocol):
    """A column of Polars, for type checkers. Only columns of Polars have `to_physical`.

    In Polars, a column of instants and a column of durations have the same class.
    """

    def to_physical(self) -> Any: ...


SeriesT = TypeVar("SeriesT", bound=_Series)
PolarsT = TypeVar("PolarsT", bound=_PolarsSeries)
InstantT = TypeVar("InstantT", np.datetime64, np.int64)


class _Options(TypedDict, total=False):
    """The options that `due`, `elapsed` and `next_open` share."""

    timezone: str | None
    ambiguous: WallReading | None
    unit: Unit | None
    errors: Errors


@overload
def due(starts: SeriesT, within: Any, schedule: Schedule, **options: Unpack[_Options]) -> SeriesT: ...
@overload
def due(
    starts: NDArray[InstantT], within: Any, schedule: Schedule, **options: Unpack[_Options]
) -> NDArray[InstantT]: ...
@overload
def due(starts: NDArray[np.integer[Any]], within: Any, schedule: Schedule, **options: Unpack[_Options]) -> Ints: ...
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
    """Return, for each row, the instant by which the open time `within` has been counted since the start.

    The answers are those of `Schedule.due`.

    `starts` is a one-dimensional array of datetime64 (in UTC, unless `timezone` is given) or of integers (microseconds
    since 1970-01-01T00:00Z), or a pandas, Polars or Arrow column of datetimes. `within` is a timedelta, or holds one
    duration for each start: an array of timedelta64 or of integers (microseconds), or a column of durations or of
    integers. The answers have the form of `starts`: an array of datetime64 or of integers, or a column of the library
    of `starts`. They are in microseconds; integers are in `unit`, if it is given. A column of answers is in the
    schedule's zone, or in UTC if the schedule has no zone. It has the name of `starts` and, in pandas, the index of
    `starts`. A missing value gives a missing answer. Raise TypeError for a `starts` or a `within` in any other form.
    Raise ValueError for columns of different lengths, and for pandas columns with different indexes, because rows are
    paired by their position.

    `unit` is `s`, `ms`, `us` or `ns`: the unit of all integers, also in the answers. Nanoseconds are rounded down to
    microseconds. An answer that is not a whole number of units raises ValueError. An answer that does not fit into
    64-bit nanoseconds raises HorizonError. Without a unit, an integer instant that is unlikely to be microseconds, for
    example an instant before 1990, raises ValueError. If no argument holds integers, a unit raises ValueError.

    For naive times, `timezone` must name the zone of these wall times. Then `ambiguous` must say how to read a wall
    time that DST skips or repeats: `earlier`, `later`, or `refuse`. Without these two, a column of naive times raises
    NaiveTimeError. If a row without missing values has no answer, it raises HorizonError or WallTimeError. The error is
    about the first such row, and has the row's number, counted from 0. With `errors="null"`, every row without an
    answer has null instead.

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
    answers = counting.due(start, amounts, schedule)
    asked.check(answers, lambda row: schedule.timeline.due(int(start[row]), int(amounts[row])))
    return as_instants(asked.answers(answers.values, starts), starts, answers_zone(schedule))


@overload
def elapsed(starts: PolarsT, ends: Any, schedule: Schedule, **options: Unpack[_Options]) -> PolarsT: ...
@overload
def elapsed(starts: NDArray[Any], ends: Any, schedule: Schedule, **options: Unpack[_Options]) -> NDArray[Any]: ...
@overload
def elapsed(starts: _Series, ends: Any, schedule: Schedule, **options: Unpack[_Options]) -> Any: ...
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
    """Return, for each row, the open time from the start to the end. The answers are those of `Schedule.elapsed`.

    The open time is negative if the end is before the start. The answers are durations in microseconds: an array of
    timedelta64, a column of durations or, if `starts` has integers, an array of integers. `ends` has an end for each
    start, in any form that is allowed for `starts`. `starts` and the other parameters mean what they mean in `due`.
    Wrong arguments raise the errors that `due` raises.

    >>> import numpy as np
    >>> from kolmisla import KOLMISOFT
    >>> opened, answered = np.array([["2026-07-03T13:30"], ["2026-07-06T05:00"]], "M8[s]")
    >>> elapsed(opened, answered, KOLMISOFT.schedules["working-hours"]).astype("m8[m]")
    array([90], dtype='timedelta64[m]')
    """
    expect("schedule", schedule, Schedule)
    asked = _Question([starts, ends], timezone, ambiguous, unit, errors)
    start, end = asked.instants, asked.also(ends)
    answers = counting.elapsed(start, end, schedule)
    asked.check(answers, lambda row: schedule.timeline.elapsed(int(start[row]), int(end[row])))
    return as_durations(asked.answers(answers.values, starts), starts)


@overload
def next_open(at: SeriesT, schedule: Schedule, **options: Unpack[_Options]) -> SeriesT: ...
@overload
def next_open(at: NDArray[InstantT], schedule: Schedule, **options: Unpack[_Options]) -> NDArray[InstantT]: ...
@overload
def next_open(at: NDArray[np.integer[Any]], schedule: Schedule, **options: Unpack[_Options]) -> Ints: ...
def next_open(
    at: Column,
    schedule: Schedule,
    *,
    timezone: str | None = None,
    ambiguous: WallReading | None = None,
    unit: Unit | None = None,
    errors: Errors = "raise",
) -> Column:
    """Return, for each row, the instant itself if the schedule is open then, else the next opening.

    The answers are those of `Schedule.next_open`. `at` has instants, in any form that the function `due` allows for its
    parameter `starts`. The answers have the form of `at`. The other parameters mean what they mean in `due`. Wrong
    arguments raise the errors that `due` raises.

    >>> import numpy as np
    >>> from kolmisla import KOLMISOFT
    >>> next_open(np.array(["2026-07-04T09:00"], "M8[s]"), KOLMISOFT.schedules["working-hours"]).astype("M8[m]")
    array(['2026-07-07T05:00'], dtype='datetime64[m]')
    """
    expect("schedule", schedule, Schedule)
    asked = _Question([at], timezone, ambiguous, unit, errors)
    answers = counting.next_open(asked.instants, schedule)
    asked.check(answers, lambda row: schedule.timeline.next_open(int(asked.instants[row])))
    return as_instants(asked.answers(answers.values, at), at, answers_zone(schedule))


def answers_zone(schedule: Schedule) -> str:
    """Return the name of the zone in which answers are shown: the schedule's zone, or UTC if the schedule has none."""
    return schedule.timezone or "UTC"


class _Question:
    """The arguments of `due`, `elapsed` or `next_open`, read as integers.

    The first of `columns` must hold instants. The attribute `instants` has them in microseconds.
    """

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
        _check_indexes(columns)
        self._wall, self._unit = wall_of(timezone, ambiguous), unit
        self._read: list[tuple[Any, Answers]] = []
        self.instants = self._instants(columns[0])

    def also(self, column: Any) -> Ints:
        """Return the instants of a further column in microseconds.

        Raise ValueError if this column does not have as many rows as `instants`.
        """
        values = self._instants(column)
        check_rows(len(self.instants), values)
        return values

    def durations(self, within: Any) -> Ints:
        """Return a duration in microseconds for each of `instants`.

        `within` is one timedelta for all of them, or has a duration for each. Integers in `within` are in the unit that
        the caller gave.
        """
        values = durations(within, len(self.instants))
        return to_micros(values, self._unit) if are_integers(within) else values

    def answers(self, values: Ints, like: Any) -> Ints:
        """Convert the answers `values` to the caller's unit, if the caller's first column (`like`) holds integers.

        An answer that does not fit into 64-bit nanoseconds raises HorizonError or, with `errors="null"`, becomes NULL.
        Raise ValueError for an answer that is not a whole number of units.
        """
        if not are_integers(like):
            return values
        converted, beyond = from_micros(values, self._unit)
        if beyond is not None and self._raises:
            row = int(beyond.argmax())
            raise HorizonError(f"row {row}: the answer must fit into 64-bit nanoseconds, and does not; give unit='us'")
        return converted

    def check(self, answers: Answers, ask: Callable[[int], object]) -> None:
        """Raise an error for the first row without an answer. With `errors="null"`, raise none.

        A row with a missing value raises no error. `ask` computes the answer of one row again, and raises the error.
        """
        if not self._raises:
            return
        for column, read in self._read:
            if read.unknown is not None and self._wall is not None:
                row = int(read.unknown.argmax())
                walls = instants(column, Wall(zone_named("UTC"), "earlier")).values
                raise WallTimeError(f"row {row}: {self._wall.fault(int(walls[row]))}")
        if answers.unknown is not None:
            row = int(answers.unknown.argmax())
            try:
                ask(row)
            except HorizonError as error:
                raise HorizonError(f"row {row}: {error}") from None

    def _instants(self, column: Any) -> Ints:
        """Return the instants of a column in microseconds, and store them for `check`."""
        read = instants(column, self._wall)
        if are_integers(column):
            if self._unit is None:
                check_instants(read.values)
            read = Answers(to_micros(read.values, self._unit))
        self._read.append((column, read))
        return read.values


def _check_indexes(columns: Sequence[Any]) -> None:
    """Raise ValueError if two columns of pandas have different indexes. Other columns have no index."""
    indexes = [column.index for column in columns if hasattr(getattr(column, "index", None), "equals")]
    if any(not index.equals(indexes[0]) for index in indexes[1:]):
        raise ValueError("the columns must have the same index; to pair their rows by position, give column.to_numpy()")
