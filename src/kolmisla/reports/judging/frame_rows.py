"""Reports of frames whose tickets have events: their rows are read as the rows of a file, with the same answers."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from io import StringIO
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import narwhals as nw

from kolmisla.columns.frames.tickets import Frame, read_instants
from kolmisla.columns.kernel.wall_times import Wall, wall_of
from kolmisla.errors import KolmislaError, TicketError, choices, expect
from kolmisla.files.logs.log import Log
from kolmisla.files.tables.csv_table import CsvTable
from kolmisla.files.tickets import intake
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import sole_names
from kolmisla.reports.judging.standings import Question
from kolmisla.reports.judging.tallying import Scope, Tallying
from kolmisla.reports.judging.tickets import FrameQuestion
from kolmisla.reports.whole import Report
from kolmisla.tickets.layouts.layout import (
    COLUMNS,
    ENDS,
    EVENT_COLUMNS,
    OWN_TARGET,
    ROW_ORDER,
    SINCE_OPENING,
    Layout,
    check_columns,
)

__all__ = ["AskedOfFrame", "report_of_rows"]

TIMES = ("opened_at", "answered_at", *ENDS)


class AskedOfFrame(NamedTuple):
    """What is asked of the tickets of a frame, and how the frame writes them."""

    question: Question
    scope: Scope
    what_if: Policy | None
    layout: Layout
    wall: Wall | None
    raising: bool

    @classmethod
    def of(cls, asked: FrameQuestion) -> "AskedOfFrame":
        """Read the options columns, values, timezone and ambiguous as `columns.measure` does."""
        columns, values, timezone, ambiguous = asked.mapping.values()
        for name, given in (("columns", columns), ("values", values)):
            if given is not None:
                expect(name, given, Mapping)
        wall = wall_of(timezone, ambiguous)
        if after := [name for name in SINCE_OPENING if name in (columns or {})]:
            raise ValueError(f"{choices(after)} is read from files alone; add the duration to opened_at in the frame")
        if OWN_TARGET in (columns or {}):
            raise ValueError(f"{OWN_TARGET} is read from files alone; the targets of a frame are those of its policy")
        layout = Layout(
            columns=columns or {},
            values=values or {},
            timezone=timezone or asked.question.policy.timezone,
            channel=None,
            ambiguous=None if ambiguous == "refuse" else ambiguous,
            sole=sole_names(asked.question.policy),
        )
        return cls(asked.question, asked.scope, asked.what_if, layout, wall, asked.raising)


def report_of_rows(frame: Frame, events: Frame | None, asked: AskedOfFrame, *, audit: bool) -> Report:
    """Return the report of tickets with events, which are read as the rows of a file."""
    layout, split = asked.layout, asked.scope.split
    for name in TIMES:  # raises for columns that hold no instants
        if layout.column(name) in frame.columns:
            read_instants(frame, layout, name, asked.wall)
    log, names = None, (*COLUMNS, *ENDS, *EVENT_COLUMNS)  # the rows of an audit log are read by both tables
    if events is not None:
        check_columns(events.columns, layout, EVENT_COLUMNS, ("event_id", "at", "kind"))
        read_instants(events, layout, "at", asked.wall)
        if layout.columns.get(ROW_ORDER):
            events = events.sort(layout.column(ROW_ORDER))
            layout = replace(layout, columns={name: to for name, to in layout.columns.items() if name != ROW_ORDER})
        log = Log.read(_table(events, layout, names, split), layout, audit=audit)
    table = _table(frame, layout, names, split)
    tallying = Tallying(asked.question, asked.scope, asked.what_if)
    split_of = None if split is None else table.picker([split])
    for line, row, facts, fault in intake(table, layout, log=log):
        try:
            if facts is None:
                raise TicketError(str(fault))
            tallying.take(facts, None if split_of is None else split_of(row)[0])
        except KolmislaError as error:
            if asked.raising:
                raise type(error)(f"row {line - 2}: {error}") from error
            tallying.reject(str(error))
    strays = [*log.strays()] if log is not None else []
    if strays and asked.raising:
        raise TicketError(f"{len(strays):,} ids or rows of events without a ticket: {choices(strays)}")
    notes = [f"{len(strays):,} ids or rows of events without a ticket: {choices(strays)}"] * bool(strays)
    return replace(tallying.report(), notes=tuple(notes))


def _table(frame: Frame, layout: Layout, names: Sequence[str], split: str | None) -> CsvTable:
    """Return the columns of a frame that are read, as the rows of a file."""
    wanted = dict.fromkeys([*(layout.column(name) for name in names), *([split] if split else [])])
    columns = [column for column in wanted if column in frame.columns]
    stream = StringIO(newline="")
    write = csv.writer(stream, lineterminator="\n").writerow
    write(columns)
    for row in frame.select([nw.col(column) for column in columns]).iter_rows():
        write([_text(value, layout.zone) for value in row])
    stream.seek(0)
    return CsvTable(stream)


def _text(value: Any, zone: ZoneInfo) -> str:
    """Return a value of a frame as a file writes it."""
    if value is None or value != value:
        return ""
    if isinstance(value, datetime):
        return (value if value.tzinfo is None else value.astimezone(zone)).isoformat()
    if isinstance(value, float) and value.is_integer():  # pandas turns whole numbers into floats if one is missing
        return str(int(value))
    return str(value)
