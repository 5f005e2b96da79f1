"""Writes queries that add a schedule's answers to the rows of a table of DuckDB or Spark. No query is run here."""

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
from kolmisla.schedules.schedule import Schedule
from kolmisla.times.instants import DAY, EPOCH_DAY, length

__all__ = ["InstantColumns", "NewColumn", "add_due", "add_elapsed", "add_next_open"]


@dataclass(frozen=True, slots=True)
class NewColumn:
    """A column to add to a frame, with a schedule's answer in each row."""

    name: str
    kind: Literal["instant", "duration", "seconds"]  # seconds: durations as numbers of seconds
    schedule: Schedule
    wall: Wall | None  # how naive times are read; if None, naive times raise an error
    raises: bool  # True: a row without an answer raises an error. False: the row has null


class InstantColumns:
    """SQL that reads the `columns` of times in a frame as instants, in integer microseconds.

    `step` adds the instants to a query, in columns that `at` names, and joins `tables`. Raise NaiveTimeError for wall
    times without a `wall`, and TypeError for a column that does not hold timestamps.
    """

    def __init__(self, relation: Relation, columns: Sequence[str], wall: Wall | None) -> None:
        dialect, kinds = relation.dialect, relation.kinds
        self.tables: dict[str, LookupTable] = {}
        naive = [column for column in columns if kinds[column] == "wall"]
        invalid = [column for column in columns if kinds[column] not in ("instant", "wall", "nothing")]
        if invalid:
            need = f"{', '.join(map(shown, invalid))} must be a column of timestamps in microseconds"
            raise TypeError(f"{need}; cast it to such timestamps, and keep its time zone if it has one")
        if naive and wall is None:
            raise NaiveTimeError(f"the times of {shown(naive[0])} have no time zone; {TAKES}")
        selected: list[str] = []
        joins: list[Join] = []
        self.refusals: dict[str, str] = {}  # for each column: the condition that its wall time is refused
        for number, column in enumerate(columns):
            if kinds[column] == "nothing":
                selected.append(f"CAST(NULL AS BIGINT) AS {self.at(number)}")
                continue
            if kinds[column] == "instant":
                selected.append(f"{dialect.micros(relation.time(column))} AS {self.at(number)}")
                continue
            alias, at = f"w{number}", dialect.wall_micros(relation.time(column))
            joins += [self._walls(wall, alias, at, relation)] if wall else []
            selected += [f"{at} - {alias}.ahead AS {self.at(number)}", f"{alias}.odd AS {self.at(number)}_odd"]
            self.refusals[column] = f"{self.at(number)}_odd = 1"
        self.step = QueryStep("f", joins, ["f.*", *selected])

    @staticmethod
    def at(number: int) -> str:
        """Return the name that a column of instants has in a query. `number` is the position of the column, from 0."""
        return f"kolmisla_at_{number}"

    @property
    def refused(self) -> str:
        """SQL for the condition that at least one wall time of a row is refused, because DST skips or repeats it.

        If `wall` does not refuse such times, the condition is never true.
        """
        return " OR ".join(self.refusals.values()) or "1 = 0"

    def _walls(self, wall: Wall, alias: str, at: str, relation: Relation) -> Join:
        """Return the join that finds the UTC offset of a wall time, and store its table in `tables`.

        `at` is SQL for the wall time in microseconds. `alias` is the alias of the table.
        """
        starts, earlier, later = offsets(wall.zone, *WALL_YEARS)
        odd = (earlier != later) & (wall.ambiguous == "refuse")
        ahead = np.where(odd, NULL, later if wall.ambiguous == "later" else earlier)
        function = step_function(
            starts, {"ahead": ahead, "odd": odd.astype(np.int64)}, int(starts[0]), (WALL_DAYS[1] - EPOCH_DAY) * DAY, DAY
        )
        table: LookupTable = {"bucket": function.bucket, **function.columns}
        name = table_name("walls", table)
        self.tables[name] = table
        # the first offset also holds before WALL_YEARS, and the last offset also holds after these years
        inside = f"LEAST(GREATEST({at}, {starts[0]}), {function.end})"
        key = relation.dialect.quotient(f"{inside} - {starts[0]}", str(DAY))
        in_step = f" AND {inside} >= {alias}.{SINCE_COLUMN} AND {inside} < {alias}.{UNTIL_COLUMN}"
        own_row = f"{alias}.bucket = {key}{'' if function.single else in_step}"
        return Join(name, alias, own_row, "left")


def add_due(relation: Relation, new: NewColumn, within: timedelta | str, start: str, *, unit: Unit | None) -> Any:
    """Return the relation with a new column: the instant by which an amount of open time is counted from `start`.

    `within` is a positive timedelta, or names a column of integers in `unit` (None: microseconds). Raise ValueError for
    a timedelta that is not positive, and TypeError for any other `within`.
    """
    least, most, amount = 1, FAR, ""
    given: object = within
    if isinstance(within, timedelta):
        if within <= timedelta():
            raise ValueError(f"within must be positive for DuckDB and Spark tables, not {within}")
        amount = str(min(length(within), FAR))
    elif isinstance(given, str) and relation.kinds.get(given) == "integer":
        own = f"a.{relation.names[within]}"
        if unit == "ns":
            amount, least, most = relation.dialect.quotient(own, str(THOUSAND)), THOUSAND, -NULL
        else:  # the integer is taken modulo `most`, so that no product or sum overflows
            most = FAR // PER_UNIT[unit or "us"]
            amount = f"({own} % {most}) * {PER_UNIT[unit or 'us']}"
    else:
        raise TypeError(f"within must be a timedelta or the name of a column of integers, not {shown(within)}")
    instants, lookups = InstantColumns(relation, [start], new.wall), Lookups([new.schedule], relation.dialect)
    slot, at = lookups.slots[0], instants.at(0)
    total = f"{lookups.worked('c', at)} + {amount} AS kolmisla_total"
    counted = QueryStep("a", [lookups.counted("c", slot, at)], ["a.*", total])
    own = "" if isinstance(within, timedelta) else f"b.{relation.names[within]}"
    # a row whose integer is outside these bounds has no answer
    possible = own and f"{own} >= {least} AND {own} < {most} AND "
    asked = f"{at} IS NOT NULL" + (own and f" AND {own} IS NOT NULL")
    joins = [lookups.reached("r", slot, "kolmisla_total", possible)]
    answer = relation.dialect.instant("kolmisla_total + r.shift")
    unknown = f"{asked} AND r.shift IS NULL"
    steps = [instants.step, counted, QueryStep("b", joins, [answer])]
    return _answered(relation, new, instants, lookups, steps, unknown)


def add_elapsed(relation: Relation, new: NewColumn, start: str, end: str) -> Any:
    """Return the relation with a new column: the open time from the column `start` to the column `end`.

    The open time is an interval or, if `new.kind` is `seconds`, a number of seconds.
    """
    instants, lookups = InstantColumns(relation, [start, end], new.wall), Lookups([new.schedule], relation.dialect)
    slot, (first, last) = lookups.slots[0], (instants.at(0), instants.at(1))
    joins = [lookups.counted("c", slot, first), lookups.counted("d", slot, last)]
    written = relation.dialect.seconds if new.kind == "seconds" else relation.dialect.duration
    open_time = f"{lookups.worked('d', last)} - {lookups.worked('c', first)}"
    answer = written(open_time)
    asked = f"{first} IS NOT NULL AND {last} IS NOT NULL"
    unknown = f"{asked} AND (c.shift IS NULL OR d.shift IS NULL)"
    steps = [instants.step, QueryStep("b", joins, [answer])]
    return _answered(relation, new, instants, lookups, steps, unknown)


def add_next_open(relation: Relation, new: NewColumn, at: str) -> Any:
    """Return the relation with a new column: the instant in `at` if the schedule is open then, else the next opening.

    `at` names a column of instants.
    """
    instants, lookups = InstantColumns(relation, [at], new.wall), Lookups([new.schedule], relation.dialect)
    slot, asked = lookups.slots[0], instants.at(0)
    total = f"{lookups.worked('c', asked)} AS kolmisla_total"
    counted = QueryStep("a", [lookups.counted("c", slot, asked)], ["a.*", total])
    joins = [lookups.open_again("r", slot, "kolmisla_total")]
    answer = relation.dialect.instant("kolmisla_total + r.shift")
    unknown = f"{asked} IS NOT NULL AND r.shift IS NULL"
    steps = [instants.step, counted, QueryStep("b", joins, [answer])]
    return _answered(relation, new, instants, lookups, steps, unknown)


def _answered(
    relation: Relation,
    new: NewColumn,
    instants: InstantColumns,
    lookups: Lookups,
    steps: Sequence[QueryStep],
    unknown: str,
) -> Any:
    """Return the relation with a new column: the answer that the last of `steps` selects.

    A row has no answer if `unknown` holds for it or a wall time is refused. Then reading it raises an error or, if
    `new.raises` is False, gives null.
    """
    dialect, last = relation.dialect, steps[-1]
    (answer,) = last.selected
    if new.raises:
        beyond = dialect.text(
            f"a time, or the answer to it, is outside what the schedule knows: {new.schedule.timeline.range}"
        )
        odd = dialect.text("a wall time is skipped or repeated by DST; give ambiguous='earlier' or 'later'")
        answer = (
            f"CASE WHEN {instants.refused} THEN {dialect.error(odd)} WHEN {unknown} THEN {dialect.error(beyond)}"
            f" ELSE {answer} END"
        )
    query = [*steps[:-1], last._replace(selected=with_answers(relation, [answer]))]
    return relation.run(query, {**lookups.tables, **instants.tables}, [*relation.kinds, new.name])
