"""A schedule's questions of a table in an engine: one query each, which nothing here runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

import numpy as np

from kolmisla.columns.frames.units import PER_UNIT, THOUSAND, Unit
from kolmisla.columns.kernel.questions import FAR, NULL
from kolmisla.columns.kernel.wall_times import TAKES, WALL_DAYS, WALL_YEARS, Wall, offsets
from kolmisla.columns.sql.lookups import (
    SINCE_COLUMN,
    UNTIL_COLUMN,
    Join,
    Lookups,
    LookupTable,
    QueryStep,
    Relation,
    step_function,
    table_name,
    with_answers,
)
from kolmisla.errors import NaiveTimeError, shown
from kolmisla.instants import DAY, EPOCH_DAY, length
from kolmisla.schedules.schedule import Schedule

__all__ = ["InstantColumns", "NewColumn", "add_due", "add_elapsed", "add_next_open"]


@dataclass(frozen=True, slots=True)
class NewColumn:
    """A column that a frame is given: what a schedule answers about each row."""

    name: str
    kind: Literal["instant", "duration", "seconds"]  # seconds: durations as numbers
    schedule: Schedule
    wall: Wall | None  # how naive times are read, if they may be
    raises: bool  # whether a row without an answer is an error; else it has null


class InstantColumns:
    """The instants of a relation's columns, as integers: `step` is the one of a query that reads them.

    Each is called what `at` says. `refused` is the condition under which one cannot be read, `tables` what is joined.
    NaiveTimeError for naive columns without a `wall`, TypeError for columns that are no times.
    """

    def __init__(self, relation: Relation, columns: Sequence[str], wall: Wall | None) -> None:
        dialect, kinds, given = relation.dialect, relation.kinds, relation.names
        self.tables: dict[str, LookupTable] = {}
        naive = [column for column in columns if kinds[column] == "wall"]
        strange = [column for column in columns if kinds[column] not in ("instant", "wall", "nothing")]
        if strange:
            told = f"{', '.join(map(shown, strange))} is no column of timestamps in microseconds"
            raise TypeError(f"{told}; cast it to one, with a time zone where it has one")
        if naive and wall is None:
            raise NaiveTimeError(f"the times of {shown(naive[0])} have no time zone; {TAKES}")
        read: list[str] = []
        joins: list[Join] = []
        self.refusals: dict[str, str] = {}  # by column: the condition under which it has none
        for number, column in enumerate(columns):
            if kinds[column] == "nothing":
                read.append(f"CAST(NULL AS BIGINT) AS {self.at(number)}")
                continue
            if kinds[column] == "instant":
                read.append(f"{dialect.micros(f'f.{given[column]}')} AS {self.at(number)}")
                continue
            alias, at = f"w{number}", dialect.wall_micros(f"f.{given[column]}")
            joins += [self._walls(wall, alias, at, relation)] if wall else []
            read += [f"{at} - {alias}.ahead AS {self.at(number)}", f"{alias}.odd AS {self.at(number)}_odd"]
            self.refusals[column] = f"{self.at(number)}_odd = 1"
        self.step = QueryStep("f", joins, ["f.*", *read])

    @staticmethod
    def at(number: int) -> str:
        """What the instants of a column are called, by its number."""
        return f"kolmisla_at_{number}"

    @property
    def refused(self) -> str:
        """The condition under which some wall time has no reading."""
        return " OR ".join(self.refusals.values()) or "1 = 0"

    def _walls(self, wall: Wall, alias: str, at: str, relation: Relation) -> Join:
        starts, earlier, later = offsets(wall.zone, *WALL_YEARS)
        odd = (earlier != later) & (wall.ambiguous == "refuse")
        ahead = np.where(odd, NULL, later if wall.ambiguous == "later" else earlier)
        found = step_function(
            starts, {"ahead": ahead, "odd": odd.astype(np.int64)}, int(starts[0]), (WALL_DAYS[1] - EPOCH_DAY) * DAY, DAY
        )
        table: LookupTable = {"bucket": found.bucket, **found.columns}
        name = table_name("walls", table)
        self.tables[name] = table
        # before and after all years the first and the last offset hold
        inside = f"LEAST(GREATEST({at}, {starts[0]}), {found.end})"
        key = relation.dialect.quotient(f"{inside} - {starts[0]}", str(DAY))
        held = "" if found.single else f" AND {inside} >= {alias}.{SINCE_COLUMN} AND {inside} < {alias}.{UNTIL_COLUMN}"
        return Join(name, alias, f"{alias}.bucket = {key}{held}", "left")


def add_due(relation: Relation, new: NewColumn, within: timedelta | str, start: str, *, unit: Unit | None) -> Any:
    """The relation with a column more: by when so much open time has been counted since `start`.

    `within` is more than nothing: a timedelta, or the name of a column of integers, microseconds or of a unit.
    """
    least, most, amount = 1, FAR, ""
    if isinstance(within, timedelta):
        if within <= timedelta():
            raise ValueError(f"within must be positive for DuckDB and Spark tables, not {within}")
        amount = str(min(length(within), FAR))
    elif relation.kinds.get(within) == "integer":
        own = f"a.{relation.names[within]}"
        if unit == "ns":
            amount, least, most = relation.dialect.quotient(own, str(THOUSAND)), THOUSAND, -NULL
        else:  # the remainder, so that no product or sum overflows; whose quotient is not nothing is never reached
            most = FAR // PER_UNIT[unit or "us"]
            amount = f"({own} % {most}) * {PER_UNIT[unit or 'us']}"
    else:
        raise TypeError(f"within must be a timedelta or an integer column of microseconds; {shown(within)} is neither")
    read, lookups = InstantColumns(relation, [start], new.wall), Lookups([new.schedule], relation.dialect)
    slot, at = lookups.slots[0], read.at(0)
    total = f"{lookups.worked('c', at)} + {amount} AS kolmisla_total"
    begun = QueryStep("a", [lookups.counted("c", slot, at)], ["a.*", total])
    own = "" if isinstance(within, timedelta) else f"b.{relation.names[within]}"
    more = own and f"{own} >= {least} AND {own} < {most} AND "  # nor is what is not more than nothing
    asked = f"{at} IS NOT NULL" + (own and f" AND {own} IS NOT NULL")
    joins = [lookups.reached("r", slot, "kolmisla_total", more)]
    answer = relation.dialect.instant("kolmisla_total + r.shift")
    unknown = f"{asked} AND r.shift IS NULL"
    steps = [read.step, begun, QueryStep("b", joins, [answer])]
    return _answered(relation, new, read, lookups, steps, unknown)


def add_elapsed(relation: Relation, new: NewColumn, start: str, end: str) -> Any:
    """The relation with a column more: the open time from `start` to `end`, as an interval or as seconds."""
    read, lookups = InstantColumns(relation, [start, end], new.wall), Lookups([new.schedule], relation.dialect)
    slot, (first, last) = lookups.slots[0], (read.at(0), read.at(1))
    joins = [lookups.counted("c", slot, first), lookups.counted("d", slot, last)]
    written = relation.dialect.seconds if new.kind == "seconds" else relation.dialect.duration
    answer = written(f"{lookups.worked('d', last)} - {lookups.worked('c', first)}")
    asked = f"{first} IS NOT NULL AND {last} IS NOT NULL"
    unknown = f"{asked} AND (c.shift IS NULL OR d.shift IS NULL)"
    steps = [read.step, QueryStep("b", joins, [answer])]
    return _answered(relation, new, read, lookups, steps, unknown)


def add_next_open(relation: Relation, new: NewColumn, at: str) -> Any:
    """The relation with a column more: each instant itself when the schedule is open, else the next opening."""
    read, lookups = InstantColumns(relation, [at], new.wall), Lookups([new.schedule], relation.dialect)
    slot, asked = lookups.slots[0], read.at(0)
    total = f"{lookups.worked('c', asked)} AS kolmisla_total"
    begun = QueryStep("a", [lookups.counted("c", slot, asked)], ["a.*", total])
    joins = [lookups.open_again("r", slot, "kolmisla_total")]
    answer = relation.dialect.instant("kolmisla_total + r.shift")
    unknown = f"{asked} IS NOT NULL AND r.shift IS NULL"
    steps = [read.step, begun, QueryStep("b", joins, [answer])]
    return _answered(relation, new, read, lookups, steps, unknown)


def _answered(
    relation: Relation,
    new: NewColumn,
    read: InstantColumns,
    lookups: Lookups,
    steps: Sequence[QueryStep],
    unknown: str,
) -> Any:
    """The relation with the answer of the last step; rows without one raise when they are read, or have null."""
    dialect, last = relation.dialect, steps[-1]
    (answer,) = last.selected
    if new.raises:
        beyond = dialect.text(
            f"a time, or its answer, is beyond what the schedule knows: {new.schedule.timeline.range}"
        )
        odd = dialect.text("a wall time is skipped or repeated: choose earlier or later")
        answer = (
            f"CASE WHEN {read.refused} THEN {dialect.error(odd)} WHEN {unknown} THEN {dialect.error(beyond)}"
            f" ELSE {answer} END"
        )
    query = [*steps[:-1], last._replace(selected=with_answers(relation, [answer]))]
    return relation.run(query, {**lookups.tables, **read.tables}, [*relation.kinds, new.name])
