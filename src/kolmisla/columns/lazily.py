"""A schedule's questions of a table in an engine: one query each, which nothing here runs."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import numpy as np

from kolmisla.columns.counting import FAR, NULL
from kolmisla.columns.query import Lookups, Relation, Table, named
from kolmisla.columns.steps import BEGINNING, UNTIL, steps
from kolmisla.columns.wall import TAKES, YEARS, Wall, offsets
from kolmisla.errors import NaiveTimeError
from kolmisla.schedule import Schedule
from kolmisla.spans import DAY, EPOCH_DAY, length

__all__ = ["Reading", "add_due", "add_elapsed", "add_next_open"]


class Reading:
    """The instants of a relation's columns, as integers: `rows` is the relation with them, as a table of a query.

    Each is called what `at` says. `refused` is the condition under which one cannot be read, `tables` what is joined.
    NaiveTimeError for naive columns without a `wall`, TypeError for columns that are no times.
    """

    def __init__(self, relation: Relation, columns: Sequence[str], wall: Wall | None) -> None:
        dialect, kinds, source = relation.dialect, relation.kinds, relation.name
        self.tables: dict[str, Table] = {}
        given = {column: dialect.quoted(column) for column in columns}
        naive = [column for column in columns if kinds[column] == "wall"]
        strange = [column for column in columns if kinds[column] not in ("instant", "wall", "nothing")]
        if strange:
            told = f"{', '.join(map(repr, strange))} is no column of timestamps in microseconds"
            raise TypeError(f"{told}; cast it to one, with a time zone where it has one")
        if naive and wall is None:
            raise NaiveTimeError(f"the times of {naive[0]!r} have no time zone; {TAKES}")
        read, joins = [], []
        self.refusals: dict[str, str] = {}  # by column: the condition under which it has none
        for number, column in enumerate(columns):
            if kinds[column] == "nothing":
                read.append(f"CAST(NULL AS BIGINT) AS {self.at(number)}")
                continue
            if kinds[column] == "instant":
                read.append(f"{dialect.micros(f'f.{given[column]}')} AS {self.at(number)}")
                continue
            alias, at = f"w{number}", dialect.wall_micros(f"f.{given[column]}")
            joins.append(self._walls(wall, alias, at, relation) if wall else "")
            read.append(f"{at} - {alias}.ahead AS {self.at(number)}, {alias}.odd AS {self.at(number)}_odd")
            self.refusals[column] = f"{self.at(number)}_odd = 1"
        self.rows = f"(SELECT f.*, {', '.join(read)} FROM {source} AS f {' '.join(joins)})"

    @staticmethod
    def at(number: int) -> str:
        """What the instants of a column are called, by its number."""
        return f"kolmisla_at_{number}"

    @property
    def refused(self) -> str:
        """The condition under which some wall time has no reading."""
        return " OR ".join(self.refusals.values()) or "1 = 0"

    def _walls(self, wall: Wall, alias: str, at: str, relation: Relation) -> str:
        starts, earlier, later = offsets(wall.zone, *YEARS)
        odd = (earlier != later) & (wall.ambiguous == "refuse")
        ahead = np.where(odd, NULL, later if wall.ambiguous == "later" else earlier)
        found = steps(
            starts, {"ahead": ahead, "odd": odd.astype(np.int64)}, int(starts[0]), (YEARS[1] - EPOCH_DAY) * DAY, DAY
        )
        table: Table = {"bucket": found.bucket, **found.columns}
        name = named("walls", table)
        self.tables[name] = table
        # before and after all years the first and the last offset hold
        shown = f"LEAST(GREATEST({at}, {starts[0]}), {found.end})"
        key = relation.dialect.quotient(f"{shown} - {starts[0]}", str(DAY))
        held = "" if found.single else f" AND {shown} >= {alias}.{BEGINNING} AND {shown} < {alias}.{UNTIL}"
        return f"LEFT JOIN {name} AS {alias} ON {alias}.bucket = {key}{held}"


def add_due(
    relation: Relation,
    schedule: Schedule,
    within: timedelta | str,
    start: str,
    name: str,
    wall: Wall | None,
    *,
    raises: bool,
) -> Any:
    """The relation with a column more: by when so much open time has been counted since `start`.

    `within` is more than nothing: a timedelta, or the name of a column of integers, microseconds.
    """
    if isinstance(within, timedelta):
        if within <= timedelta():
            raise ValueError(f"the rows of a table are due after more than nothing, not {within}")
        amount = str(min(length(within), FAR))
    elif relation.kinds.get(within) == "integer":
        # the remainder, so that no sum overflows; whose quotient is not nothing is never reached
        amount = f"a.{relation.dialect.quoted(within)} % {FAR}"
    else:
        raise TypeError(f"{within!r} is no timedelta, and no column of integers, the microseconds of durations")
    read, lookups = Reading(relation, [start], wall), Lookups([schedule], relation.dialect)
    slot, at = lookups.slots[0], read.at(0)
    total = f"SELECT a.*, {lookups.worked('c', at)} + {amount} AS kolmisla_total"
    begun = f"({total} FROM {read.rows} AS a {lookups.counted('c', slot, at)})"
    own = "" if isinstance(within, timedelta) else f"b.{relation.dialect.quoted(within)}"
    more = own and f"{own} > 0 AND {own} < {FAR} AND "  # nor is what is not more than nothing
    asked = f"{at} IS NOT NULL" + (own and f" AND {own} IS NOT NULL")
    joins = lookups.reached("r", slot, "kolmisla_total", more)
    answer = relation.dialect.instant("kolmisla_total + r.shift")
    unknown = f"{asked} AND r.shift IS NULL"
    return _answered(relation, read, lookups, (name, answer), f"{begun} AS b {joins}", unknown, schedule, raises)


def add_elapsed(
    relation: Relation, schedule: Schedule, start: str, end: str, name: str, wall: Wall | None, *, raises: bool
) -> Any:
    """The relation with a column more: the open time from `start` to `end`."""
    read, lookups = Reading(relation, [start, end], wall), Lookups([schedule], relation.dialect)
    slot, (first, last) = lookups.slots[0], (read.at(0), read.at(1))
    joins = f"{lookups.counted('c', slot, first)} {lookups.counted('d', slot, last)}"
    answer = relation.dialect.duration(f"{lookups.worked('d', last)} - {lookups.worked('c', first)}")
    asked = f"{first} IS NOT NULL AND {last} IS NOT NULL"
    unknown = f"{asked} AND (c.shift IS NULL OR d.shift IS NULL)"
    return _answered(relation, read, lookups, (name, answer), f"{read.rows} AS b {joins}", unknown, schedule, raises)


def add_next_open(
    relation: Relation, schedule: Schedule, at: str, name: str, wall: Wall | None, *, raises: bool
) -> Any:
    """The relation with a column more: each instant itself when the schedule is open, else the next opening."""
    read, lookups = Reading(relation, [at], wall), Lookups([schedule], relation.dialect)
    slot, asked = lookups.slots[0], read.at(0)
    total = f"SELECT a.*, {lookups.worked('c', asked)} AS kolmisla_total"
    begun = f"({total} FROM {read.rows} AS a {lookups.counted('c', slot, asked)})"
    joins = lookups.open_again("r", slot, "kolmisla_total")
    answer = relation.dialect.instant("kolmisla_total + r.shift")
    unknown = f"{asked} IS NOT NULL AND r.shift IS NULL"
    return _answered(relation, read, lookups, (name, answer), f"{begun} AS b {joins}", unknown, schedule, raises)


def _answered(
    relation: Relation,
    read: Reading,
    lookups: Lookups,
    column: tuple[str, str],
    source: str,
    unknown: str,
    schedule: Schedule,
    raises: bool,
) -> Any:
    """The relation with an answer more; rows without one raise an error when they are read, or have null."""
    dialect, (name, answer) = relation.dialect, column
    if raises:
        beyond = dialect.text(f"a time, or its answer, is beyond what the schedule knows: {schedule.timeline.range}")
        odd = dialect.text("a wall time is skipped or repeated: choose earlier or later")
        answer = (
            f"CASE WHEN {read.refused} THEN {dialect.error(odd)} WHEN {unknown} THEN {dialect.error(beyond)}"
            f" ELSE {answer} END"
        )
    own = ", ".join(f"b.{dialect.quoted(each)}" for each in relation.kinds)
    hint = dialect.hint([alias for alias in "cdr" if f" AS {alias} " in source])
    query = f"SELECT {hint}{own}, {answer} AS {dialect.quoted(name)} FROM {source}"
    return relation.run(query, {**lookups.tables, **read.tables})
