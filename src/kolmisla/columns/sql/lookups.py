"""Questions about open time as SQL: looked up by equal keys, so that an engine of tables answers without any Python.

A query is a few steps, each a selection of expressions from the rows of the one before and of small tables. It has
names of its own for the columns of a frame, so no name that a user chose is ever part of an expression.

A query joins two tables, of what schedules have counted and of when so much is reached. Each has a row for the
bucket NO_BUCKET, of nulls, so that every row of a frame finds one, and none is lost.

A function that is constant between its steps becomes rows by bucket: the key of a value is its bucket, and each
bucket has a row for each step that reaches into it. With steps where buckets begin, one row is all there is.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np

from kolmisla.columns.kernel.questions import NULL
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.schedules.schedule import Schedule
from kolmisla.schedules.timeline import Timeline

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

MOST_BUCKETS = 1 << 18  # buckets: beyond, a join costs more than several rows in each
SINCE_COLUMN, UNTIL_COLUMN = "since", "until"  # of a step, where a bucket has several


class StepFunction(NamedTuple):
    """The buckets from `start` to `end`, each `width` wide, and by column what holds in each."""

    start: int
    end: int
    width: int
    bucket: Ints
    columns: Mapping[str, Ints]
    single: bool  # each bucket has one row; else a row holds from its `since` up to its `until`


def step_function(starts: Ints, columns: Mapping[str, Ints], start: int, end: int, width: int) -> StepFunction:
    """The function that from each of `starts` on has the values of that place in `columns`; the first is at `start`."""
    ends = np.append(starts[1:], end + 1)
    first, last = ((each - start) // width for each in (starts, ends - 1))
    number = np.where(ends > starts, last - first + 1, 0)
    place = np.repeat(np.arange(len(starts)), number)
    bucket = np.arange(len(place)) - np.repeat(np.cumsum(number) - number, number) + first[place]
    single = len(bucket) == (end - start) // width + 1
    bounds = {} if single else {SINCE_COLUMN: starts[place], UNTIL_COLUMN: ends[place]}
    return StepFunction(
        start, end, width, bucket, {**{name: each[place] for name, each in columns.items()}, **bounds}, single
    )


def counted(timeline: Timeline) -> StepFunction:
    """What has been counted at each instant that a timeline knows: that between `opens` and `closes`, less `shift`."""
    opens, closes, shifts, _ = _spans(timeline)
    gaps = opens[1:] - closes[:-1]
    width = _width(timeline.end - timeline.start + 1, int(gaps.min()) if len(gaps) else None, len(opens))
    # Between two spans either will do; the later one from the first bucket on, so that this has one row.
    closings = closes[:-1] + (timeline.start - closes[:-1]) % width
    starts = np.append(timeline.start, np.where(closings <= opens[1:], closings, opens[1:]))
    return step_function(
        starts, {"opens": opens, "closes": closes, "shift": shifts}, timeline.start, timeline.end, width
    )


def reached(timeline: Timeline) -> StepFunction:
    """When so much is counted, by one less: that plus `shift`; when it is `total`, no more is until `reopens`."""
    opens, closes, shifts, totals = _spans(timeline)
    lengths = closes - opens
    most = int(totals[-1])
    if most == 0:  # never open
        nothing = np.zeros(0, np.int64)
        return StepFunction(0, -1, 1, nothing, dict.fromkeys(("shift", "total", "reopens"), nothing), single=True)
    width = _width(most, int(np.gcd.reduce(lengths)), len(opens))
    reopens = np.append(opens[1:], timeline.end + 1)  # the last one never does, as far as is known
    return step_function(totals - lengths, {"shift": shifts, "total": totals, "reopens": reopens}, 0, most - 1, width)


def _spans(timeline: Timeline) -> tuple[Ints, Ints, Ints, Ints]:
    """Where spans open and close, the totals at their ends and what to take off; an empty one when there is none."""
    table = timeline.table(timeline.start, timeline.end)
    opens, closes, totals, shifts = (np.array(each, np.int64) for each in table[2:])
    first = min(1, len(opens) - 1)
    return opens[first:], closes[first:], shifts[first:], totals[first:]


def _width(extent: int, natural: int | None, number: int) -> int:
    """Of a bucket: the natural one, unless there were too many; then there are some two to a step."""
    if natural is None:
        return extent
    return natural if extent // natural < MOST_BUCKETS else max(extent // (2 * number), 1)


NO_BUCKET = -1

ColumnKind = Literal["instant", "wall", "integer", "name", "nothing", "other"]  # nothing: nulls of no kind

LookupTable = Mapping[str, "Ints | list[str | None]"]  # columns by name; of integers NULL is null
LookupTables = Mapping[str, LookupTable]  # by name
Slot = Mapping[str, object]  # where a schedule's rows are, as numbers or as the names of columns


class Join(NamedTuple):
    """A table that is joined to the rows of a step."""

    table: str
    alias: str
    on: str
    how: Literal["inner", "left"] = "inner"


class QueryStep(NamedTuple):
    """What is selected from the rows of the step before, by their alias, and from tables joined to them."""

    alias: str
    joins: Sequence[Join]
    selected: Sequence[str]


@dataclass(frozen=True)
class Dialect:
    """How an engine says what each says in a way of its own: functions from SQL to SQL."""

    micros: Callable[[str], str]  # a timestamp as integer microseconds since 1970-01-01T00:00Z
    instant: Callable[[str], str]  # and back
    duration: Callable[[str], str]  # integer microseconds as an interval
    seconds: Callable[[str], str]  # and as seconds, DECIMAL(18, 6)
    in_seconds: bool  # whether durations are seconds when nothing is said
    wall_micros: Callable[[str], str]  # a timestamp without a time zone, as its clock's microseconds
    text: Callable[[str], str]  # a text, from Python
    error: Callable[[str], str]  # raise a text
    same: Callable[[str, str], str]  # whether two values are equal, nulls too
    quotient: Callable[[str, str], str]  # of integers, neither negative


class Relation(Protocol):
    """A frame of an engine of tables."""

    dialect: Dialect

    @property
    def kinds(self) -> Mapping[str, ColumnKind]:
        """What each of its columns has."""

    @property
    def names(self) -> Mapping[str, str]:
        """What each of its columns is called in a query."""

    def run(self, steps: Sequence[QueryStep], tables: LookupTables, columns: Sequence[str]) -> Any:
        """What a query of the frame and of tables gives: a frame of the same kind, with these names of columns."""

    def distinct(self, columns: Sequence[str], most: int) -> list[tuple[Any, ...]]:
        """The combinations of some columns' values, as texts or None; no more than `most`."""


class Lookups:
    """The tables of some schedules, and the SQL that looks up in them."""

    def __init__(self, schedules: Sequence[Schedule], dialect: Dialect) -> None:
        self._dialect = dialect
        before, after = ([make(each.timeline) for each in schedules] for make in (counted, reached))
        self._single = {"counted": all(each.single for each in before), "reached": all(each.single for each in after)}
        one, other = (_joined(name, each) for name, each in (("counted", before), ("reached", after)))
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
            for first, second, start, total in zip(before, after, starts, totals, strict=True)
        ]

    def counted(self, alias: str, slot: Slot, at: str) -> Join:
        """The join that finds what a schedule has counted at an instant; `worked` then says it."""
        known = f"{at} >= {slot['known_from']} AND {at} <= {slot['known_to']}"
        place = self._dialect.quotient(f"{at} - {slot['known_from']}", str(slot["counted_width"]))
        return self._join(self._counted, "counted", alias, f"{known} THEN {slot['counted_at']} + {place}", at)

    def worked(self, alias: str, at: str) -> str:
        """What has been counted at an instant, null where it is not known."""
        opens, closes = f"{alias}.opens", f"{alias}.closes"
        inside = f"CASE WHEN {at} < {opens} THEN {opens} WHEN {at} > {closes} THEN {closes} ELSE {at} END"
        return f"({inside} - {alias}.shift)"

    def reached(self, alias: str, slot: Slot, total: str, only: str = "") -> Join:
        """The join that finds when so much has been counted: at `total + alias.shift`; of some rows `only`."""
        known = f"{only}{total} > 0 AND {total} <= {slot['all_counted']}"
        place = self._dialect.quotient(f"{total} - 1", str(slot["reached_width"]))
        return self._join(
            self._reached, "reached", alias, f"{known} THEN {slot['reached_at']} + {place}", f"{total} - 1"
        )

    def open_again(self, alias: str, slot: Slot, total: str) -> Join:
        """The join that finds until when no more has been counted: at `total + alias.shift`."""
        known = f"{total} >= 0 AND {total} < {slot['all_counted']}"
        place = self._dialect.quotient(total, str(slot["reached_width"]))
        return self._join(self._reached, "reached", alias, f"{known} THEN {slot['reached_at']} + {place}", total)

    def _join(self, table: str, kind: str, alias: str, key: str, value: str) -> Join:
        found = f"{alias}.bucket = CASE WHEN {key} ELSE {NO_BUCKET} END"
        if self._single[kind]:
            return Join(table, alias, found)
        held = f"{value} >= {alias}.{SINCE_COLUMN} AND {value} < {alias}.{UNTIL_COLUMN}"
        return Join(table, alias, f"{found} AND ({alias}.bucket = {NO_BUCKET} OR ({held}))")


def _joined(kind: str, found: Sequence[StepFunction]) -> tuple[str, list[int], tuple[str, LookupTable]]:
    """One table of several, its name, and the bucket at which each begins in it."""
    names = dict.fromkeys(name for each in found for name in each.columns)
    bounds = {SINCE_COLUMN: np.iinfo(np.int64).min + 1, UNTIL_COLUMN: np.iinfo(np.int64).max}
    begins, buckets, start = [], [np.array([NO_BUCKET])], 0
    columns: dict[str, list[Ints]] = {name: [np.array([NULL])] for name in names}
    for each in found:
        begins.append(start)
        buckets.append(each.bucket + start)
        for name, values in columns.items():
            values.append(each.columns[name] if name in each.columns else np.full(len(each.bucket), bounds[name]))
        start += max((each.end - each.start) // each.width + 1, 0)
    table = {"bucket": np.concatenate(buckets), **{name: np.concatenate(each) for name, each in columns.items()}}
    name = table_name(kind, table)
    return name, begins, (name, table)


def own_names(columns: Iterable[str]) -> dict[str, str]:
    """What a query calls the columns of a frame."""
    return {name: f"kolmisla_own_{number}" for number, name in enumerate(columns)}


def with_answers(relation: Relation, answers: Iterable[str]) -> list[str]:
    """The selection of a relation's own columns and of answers behind them."""
    return [*relation.names.values(), *(f"{each} AS kolmisla_answer_{place}" for place, each in enumerate(answers))]


def table_name(kind: str, table: LookupTable) -> str:
    """The name of a table: the same for equal ones, so that they may be shared."""
    content = sha256()
    for name, values in table.items():
        content.update(name.encode())
        content.update(repr(values).encode() if isinstance(values, list) else values.tobytes())
    return f"kolmisla_{kind}_{content.hexdigest()[:16]}"
