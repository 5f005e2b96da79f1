"""Answers questions about open time in SQL, by joins with lookup tables, so that DuckDB and Spark need no Python.

A table holds functions that are constant on intervals. Their arguments are grouped in buckets of equal width, and the
number of a bucket is the key to look up.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np

from kolmisla.columns.kernel.questions import NULL
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.schedules.schedule import Schedule
from kolmisla.schedules.timeline import Timeline
from kolmisla.tickets.sql.targets import counted_by

__all__ = [
    "SINCE_COLUMN",
    "UNTIL_COLUMN",
    "ColumnKind",
    "Dialect",
    "Join",
    "LookupTable",
    "LookupTables",
    "Lookups",
    "QueryStep",
    "Relation",
    "own_names",
    "step_function",
    "table_name",
    "with_answers",
]

MOST_BUCKETS = 1 << 18  # a join with more buckets costs more than one with several rows in each bucket
SINCE_COLUMN, UNTIL_COLUMN = "since", "until"  # the bounds of a row's interval, if buckets have several rows


class StepFunction(NamedTuple):
    """A function of the integers from `start` to `end`, constant on each of many intervals, as the rows of a table."""

    start: int
    end: int
    width: int  # of a bucket; arguments are grouped in buckets of equal width
    bucket: Ints  # the number of each row's bucket
    columns: Mapping[str, Ints]
    single: bool  # True: each bucket has one row. False: a row is valid from its `since` until before its `until`


def step_function(starts: Ints, columns: Mapping[str, Ints], start: int, end: int, width: int) -> StepFunction:
    """Return the function whose values from `starts[i]` until `starts[i + 1]` are those of `columns` at the index i.

    `starts[0]` is `start`. The last interval includes `end`. `width` is the width of a bucket.
    """
    ends = np.append(starts[1:], end + 1)
    first, last = ((at - start) // width for at in (starts, ends - 1))
    buckets = np.where(ends > starts, last - first + 1, 0)
    step = np.repeat(np.arange(len(starts)), buckets)
    bucket = np.arange(len(step)) - np.repeat(np.cumsum(buckets) - buckets, buckets) + first[step]
    single = len(bucket) == (end - start) // width + 1
    bounds = {} if single else {SINCE_COLUMN: starts[step], UNTIL_COLUMN: ends[step]}
    return StepFunction(
        start, end, width, bucket, {**{name: values[step] for name, values in columns.items()}, **bounds}, single
    )


def counted(timeline: Timeline) -> StepFunction:
    """Return the step function that tells how much open time has been counted by an instant that the schedule knows.

    For each instant, it has `opens`, `closes` and `shift`. The open time is the instant, limited to the range from
    `opens` to `closes`, minus `shift`.
    """
    opens, closes, shifts, _ = _spans(timeline)
    gaps = opens[1:] - closes[:-1]
    width = _width(timeline.end - timeline.start + 1, int(gaps.min()) if len(gaps) else None, len(opens))
    # For an instant between two spans, the rows of both spans give the same answer. If a bucket begins between the two
    # spans, the interval of the later span begins with the bucket, so that the bucket has one row.
    closings = closes[:-1] + (timeline.start - closes[:-1]) % width
    starts = np.append(timeline.start, np.where(closings <= opens[1:], closings, opens[1:]))
    return step_function(
        starts, {"opens": opens, "closes": closes, "shift": shifts}, timeline.start, timeline.end, width
    )


def reached(timeline: Timeline) -> StepFunction:
    """Return the step function that tells by which instant an amount of open time has been counted.

    Its argument is the amount minus 1. The instant is the amount plus `shift`. `total` is the amount at the end of the
    instant's open span, and `reopens` is the next opening.
    """
    opens, closes, shifts, totals = _spans(timeline)
    lengths = closes - opens
    most = int(totals[-1])
    if most == 0:  # never open
        empty = np.zeros(0, np.int64)
        return StepFunction(0, -1, 1, empty, dict.fromkeys(("shift", "total", "reopens"), empty), single=True)
    width = _width(most, int(np.gcd.reduce(lengths)), len(opens))
    reopens = np.append(opens[1:], timeline.end + 1)  # after the last span no opening is known
    return step_function(totals - lengths, {"shift": shifts, "total": totals, "reopens": reopens}, 0, most - 1, width)


def _spans(timeline: Timeline) -> tuple[Ints, Ints, Ints, Ints]:
    """Return four columns of the open spans: openings, closings, shifts, and the open time counted by each closing.

    The shift of a span is its opening minus the open time before it. Without spans, return one empty span.
    """
    table = timeline.table(timeline.start, timeline.end)
    opens, closes, totals, shifts = (np.array(column, np.int64) for column in table[2:])
    first = min(1, len(opens) - 1)
    return opens[first:], closes[first:], shifts[first:], totals[first:]


def _width(extent: int, natural: int | None, number: int) -> int:
    """Return the width of the equal buckets into which the numbers from 0 to `extent` are divided.

    The width is `natural`. If `natural` is None, there is one bucket. If `natural` makes too many buckets, there are
    about twice as many buckets as intervals (`number`).
    """
    if natural is None:
        return extent
    return natural if extent // natural < MOST_BUCKETS else max(extent // (2 * number), 1)


NO_BUCKET = -1  # the bucket with a row of nulls, for arguments without an answer

ColumnKind = Literal["instant", "wall", "integer", "name", "nothing", "other"]  # nothing: only nulls, no type

LookupTable = Mapping[str, "Ints | list[str | None]"]  # each column by its name; the integer NULL means null
LookupTables = Mapping[str, LookupTable]  # each table by its name
Slot = Mapping[str, object]  # where a schedule's rows are in the tables: each value is a number, or SQL for a number


class Join(NamedTuple):
    """How a lookup table is joined to the rows of a step of a query."""

    table: str
    alias: str
    on: str
    how: Literal["inner", "left"] = "inner"


class QueryStep(NamedTuple):
    """A step of a query. It joins the rows of the previous step, which have the alias `alias`, with lookup tables."""

    alias: str
    joins: Sequence[Join]
    selected: Sequence[str]


@dataclass(frozen=True)
class Dialect:
    """The SQL that differs between engines. Each function takes expressions of SQL and returns one expression."""

    micros: Callable[[str], str]  # a timestamp to integer microseconds since 1970-01-01T00:00Z
    instant: Callable[[str], str]  # integer microseconds to a timestamp
    duration: Callable[[str], str]  # integer microseconds to an interval
    seconds: Callable[[str], str]  # integer microseconds to seconds, DECIMAL(18, 6)
    in_seconds: bool  # whether durations are seconds by default
    wall_micros: Callable[[str], str]  # a timestamp without a time zone to the microseconds of its wall time
    text: Callable[[str], str]  # a Python string to a literal of SQL
    error: Callable[[str], str]  # a text to an expression that raises an error with this text
    same: Callable[[str, str], str]  # whether two texts are equal; two nulls are equal too
    quotient: Callable[[str, str], str]  # the whole quotient of two integers that are not negative


class Relation(Protocol):
    """A frame of a database engine: a relation of DuckDB or a data frame of Spark."""

    dialect: Dialect

    @property
    def kinds(self) -> Mapping[str, ColumnKind]:
        """The kind of values in each column of the frame, by the name of the column."""

    @property
    def names(self) -> Mapping[str, str]:
        """The name that queries use for each column of the frame, by the column's own name."""

    def time(self, column: str) -> str:
        """Return SQL that reads a column of times, in microseconds or finer. In it, `f` is the frame's alias."""

    def run(self, steps: Sequence[QueryStep], tables: LookupTables, columns: Sequence[str]) -> Any:
        """Return a query's result as a frame of the engine, such as a DuckDB relation. `columns` names its columns."""

    def numbers(self, steps: Sequence[QueryStep], tables: LookupTables, column: str) -> list[int]:
        """Return the different integers in a column of the result of a query, without null."""

    def distinct(self, columns: Sequence[str], most: int) -> list[tuple[Any, ...]]:
        """Return the different combinations of values in `columns`, at most `most`. Each value is a text or None."""

    def parts(self, columns: Mapping[str, str], made: Callable[[Iterator[Any]], Iterator[Any]]) -> Iterator[Any]:
        """Pass Arrow tables of the rows to `made`. Yield its results. `columns` has the frame's name of each column."""


class Lookups:
    """Tables of the open time of a few schedules, and the SQL that looks up answers in them."""

    def __init__(self, schedules: Sequence[Schedule], dialect: Dialect) -> None:
        self._dialect = dialect
        by_instant, by_amount = ([make(schedule.timeline) for schedule in schedules] for make in (counted, reached))
        self._single = {
            "counted": all(function.single for function in by_instant),
            "reached": all(function.single for function in by_amount),
        }
        one, other = (_joined(name, functions) for name, functions in (("counted", by_instant), ("reached", by_amount)))
        (self._counted, starts), (self._reached, totals) = one[:2], other[:2]
        self.tables: LookupTables = dict([one[2], other[2]])
        self.slots: list[dict[str, int]] = [
            {
                "known_from": first.start,
                "known_to": first.end,
                "counted_width": first.width,
                "counted_at": start,
                "all_counted": second.end + 1,
                "reached_width": second.width,
                "reached_at": total,
            }
            for first, second, start, total in zip(by_instant, by_amount, starts, totals, strict=True)
        ]

    def counted(self, alias: str, slot: Slot, at: str) -> Join:
        """Return the join that finds the row for the instant `at`. The method `worked` gets the open time from it."""
        known = f"{at} >= {slot['known_from']} AND {at} <= {slot['known_to']}"
        bucket = self._dialect.quotient(f"{at} - {slot['known_from']}", str(slot["counted_width"]))
        return self._join(self._counted, "counted", alias, known, f"{slot['counted_at']} + {bucket}", at)

    def worked(self, alias: str, at: str) -> str:
        """Return SQL for the open time up to the instant `at`, or null. `alias` is the alias of the join `counted`."""
        return counted_by(alias, at)

    def reached(self, alias: str, slot: Slot, total: str, only: str = "") -> Join:
        """Return the join that finds the row for the amount of open time `total`.

        This amount has been counted at `total + alias.shift`. `only` is empty, or one more condition, followed by AND.
        """
        known = f"{only}{total} > 0 AND {total} <= {slot['all_counted']}"
        bucket = self._dialect.quotient(f"{total} - 1", str(slot["reached_width"]))
        return self._join(self._reached, "reached", alias, known, f"{slot['reached_at']} + {bucket}", f"{total} - 1")

    def open_again(self, alias: str, slot: Slot, total: str) -> Join:
        """Return the join that finds `total + alias.shift`: the last instant by which at most `total` is counted."""
        known = f"{total} >= 0 AND {total} < {slot['all_counted']}"
        bucket = self._dialect.quotient(total, str(slot["reached_width"]))
        return self._join(self._reached, "reached", alias, known, f"{slot['reached_at']} + {bucket}", total)

    def _join(self, table: str, kind: str, alias: str, known: str, bucket: str, value: str) -> Join:
        """Return the join that finds the row for `value` in `bucket` if `known` is true, else the row of nulls."""
        same_bucket = f"{alias}.bucket = CASE WHEN {known} THEN {bucket} ELSE {NO_BUCKET} END"
        if self._single[kind]:
            return Join(table, alias, same_bucket)
        in_step = f"{value} >= {alias}.{SINCE_COLUMN} AND {value} < {alias}.{UNTIL_COLUMN}"
        own_row = f"{alias}.bucket = {NO_BUCKET} OR ({in_step})"
        return Join(table, alias, f"{same_bucket} AND ({own_row})")


def _joined(kind: str, functions: Sequence[StepFunction]) -> tuple[str, list[int], tuple[str, LookupTable]]:
    """Put `functions` into one table. Return its name, the first bucket of each function in it, and (name, table)."""
    names = dict.fromkeys(name for function in functions for name in function.columns)
    bounds = {SINCE_COLUMN: np.iinfo(np.int64).min + 1, UNTIL_COLUMN: np.iinfo(np.int64).max}
    begins, buckets, start = [], [np.array([NO_BUCKET])], 0
    columns: dict[str, list[Ints]] = {name: [np.array([NULL])] for name in names}
    for function in functions:
        begins.append(start)
        buckets.append(function.bucket + start)
        own = function.columns
        for name, parts in columns.items():
            parts.append(own[name] if name in own else np.full(len(function.bucket), bounds[name]))
        start += max((function.end - function.start) // function.width + 1, 0)
    table = {"bucket": np.concatenate(buckets), **{name: np.concatenate(parts) for name, parts in columns.items()}}
    name = table_name(kind, table)
    return name, begins, (name, table)


def own_names(columns: Iterable[str]) -> dict[str, str]:
    """Return the names that queries use for the columns of a frame, by the columns' own names."""
    # an expression must never contain a name that a user chose
    return {name: f"kolmisla_own_{number}" for number, name in enumerate(columns)}


def with_answers(relation: Relation, answers: Iterable[str]) -> list[str]:
    """Return the expressions that a query selects: all columns of the relation, and then the answers."""
    return [*relation.names.values(), *(f"{answer} AS kolmisla_answer_{i}" for i, answer in enumerate(answers))]


def table_name(kind: str, table: LookupTable) -> str:
    """Return a name made from the content of a lookup table. Equal tables have one name, so that queries share them."""
    content = sha256()
    for name, values in table.items():
        content.update(name.encode())
        content.update(repr(values).encode() if isinstance(values, list) else values.tobytes())
    return f"kolmisla_{kind}_{content.hexdigest()[:16]}"
