"""Makes reports of data frames, in memory or in an engine such as DuckDB.

If there are events, the rows of tickets and events are read like the rows of files.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from os import PathLike, fspath
from threading import Lock
from typing import Any

import narwhals as nw

from kolmisla.columns.engines import is_lazy, relation_of
from kolmisla.columns.frames.cases import check_case
from kolmisla.columns.frames.tickets import (
    OWN_FACTS,
    ROWS_AT_ONCE,
    Frame,
    batch,
    check_parquet_facts,
    in_memory,
)
from kolmisla.columns.frames.units import in_narwhals
from kolmisla.columns.kernel.questions import NULL
from kolmisla.columns.kernel.wall_times import wall_of
from kolmisla.errors import KolmislaError, brief, choices, expect_path, shown
from kolmisla.files.endings import TOLD_BY, ends_of
from kolmisla.names import LOADING
from kolmisla.policies.policy import Policy
from kolmisla.reports.judging.frame_rows import AskedOfFrame, FrameQuestion, report_of_rows
from kolmisla.reports.judging.frame_sums import FrameSums
from kolmisla.reports.judging.standings import Question
from kolmisla.reports.judging.tallying import Scope
from kolmisla.reports.whole import Report
from kolmisla.tickets.layouts.fact_names import ENDS, EVENT_COLUMNS, REQUIRED, ROW_ORDER, TERMS, TERMS_OF_EVENTS
from kolmisla.tickets.layouts.layout import Layout, check_columns
from kolmisla.tickets.layouts.repeated import one_reading

__all__ = ["report_of_frame", "report_of_parquet", "report_of_path"]


def report_of_frame(native: Any, native_events: Any, request: FrameQuestion) -> Report:
    """Return the report of a frame of tickets, `native`. `native_events` is a frame of their events, or None.

    If both are the same object, it is an audit log. Raise the errors that `columns.measure` raises.
    """
    asked = AskedOfFrame.of(request)
    if native_events is None:
        table = _Table(native, asked, asked.facts, "tickets")
        table.check(asked.facts)
        return _with_notes(table.summed(), table)
    audit = native is native_events
    of_events = (*EVENT_COLUMNS, *TERMS_OF_EVENTS)
    tickets = _Table(native, asked, (*asked.facts, *(of_events if audit else ())), "tickets")
    tickets.check([name for name in asked.facts if name not in ENDS])  # with events, ENDS are read only if named
    frame = tickets.collected()
    events = frame if audit else _Table(native_events, asked, (*of_events, ROW_ORDER), "events").collected()
    return report_of_rows(frame, events, asked, audit=audit)[0]


def report_of_path(path: str | PathLike[str], native_events: Any, request: FrameQuestion) -> Report:
    """Return the report of a Parquet file of tickets. `native_events` is a frame of their events, or None.

    Raise OSError for a file that cannot be read, and ValueError for a file that is not Parquet.
    """
    with _scanned(fspath(path)) as scan:
        return report_of_frame(scan, native_events, request)


def report_of_parquet(
    path: str,
    question: Question,
    scope: Scope,
    what_if: Policy | None,
    layout: Layout,
    watched: Callable[[Callable[[], float], int], None],
) -> tuple[Report, int | None, dict[str, bool]]:
    """Return the report of a Parquet file, the instant of its last opening, answer or end, and which columns are empty.

    The dict is about the facts in TOLD_BY. After each batch, `watched` gets a function for the share done, and the
    number of rows. Raise OSError or ValueError if the file, or a fact of the layout, cannot be read.
    """
    check_parquet_facts(layout, allowed=OWN_FACTS)
    wall = wall_of(layout.timezone, one_reading(layout.ambiguous))
    asked = AskedOfFrame(question, scope, what_if, layout, wall, raising=False)
    with _scanned(path) as scan:
        table = _Table(scan, asked, asked.facts, "tickets")
        table.check(asked.facts)
        names = {name: layout.column(name) for name in TOLD_BY if layout.column(name) in table.names}
        filled = [nw.col(column).count().alias(name) for name, column in names.items()]
        total, *there = in_narwhals(scan).select(nw.len(), *filled).collect().row(0)
        sums = table.summed(lambda rows: watched(lambda: rows / total, rows))
        blank = {name: not number for name, number in zip(names, there, strict=True)}
        return _with_notes(sums, table), None if sums.last == NULL else sums.last, blank


@contextmanager
def _scanned(path: str) -> Iterator[Any]:
    """Open a Parquet file as a lazy frame, and yield it.

    Raise OSError for a file that cannot be read. Convert errors of Polars to ValueError with the file's name.
    """
    expect_path("path", path)
    open(path, "rb").close()  # raises OSError if the file is unreadable; an engine would raise another error
    with LOADING:
        import polars as pl
    try:
        yield pl.scan_parquet(path, glob=False)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, nw.exceptions.NarwhalsError) as fault:
        remedy = "kolmisla report reads CSV, JSON and XES"
        raise ValueError(f"{path} cannot be read as Parquet: {brief(str(fault).splitlines()[0])}; {remedy}") from fault


class _Table:
    """A frame in memory or in an engine. Only the columns that a report needs are read.

    `names` has the names of all columns, those of a database as the layout spells them.
    """

    def __init__(self, native: Any, asked: AskedOfFrame, facts: Sequence[str], what: str) -> None:
        self._native, self.asked, self._what = nw.to_native(native, pass_through=True), asked, what
        self._relation, split = relation_of(self._native), asked.scope.split
        wanted = [*map(asked.layout.column, facts), *([] if split is None else [split])]
        if self._relation is not None:
            own = {name.lower(): name for name in self._relation.kinds}  # a database ignores letter case
            self._chosen = {name: own[name.lower()] for name in wanted if name.lower() in own}
            ours = {their: name for name, their in self._chosen.items()}
            self.names = [ours.get(name, name) for name in self._relation.kinds]
        else:
            lazy = is_lazy(self._native)
            frame = in_narwhals(self._native) if lazy else in_memory(self._native, what)
            self.names = frame.collect_schema().names()
            self._chosen = {name: name for name in self.names if name in wanted}

    def check(self, facts: Sequence[str]) -> None:
        """Raise ValueError for a missing column: one that tickets must have, or that the layout or `split` names.

        Raise it also if the column of one of `facts` is there only in other letter case.
        """
        check_columns(self.names, self.asked.layout, (*TERMS, "opened_at", "answered_at"), REQUIRED)
        check_case(self.asked.layout, facts, self.names)
        split = self.asked.scope.split
        if split is not None and split not in self.names:
            raise ValueError(f"there is no column {shown(split)} to split by; the frame has {choices(self.names)}")

    def collected(self) -> Frame:
        """Fetch the columns that the report needs into memory, and return them as a frame."""
        if self._relation is not None:
            return nw.concat([in_memory(table, self._what) for table in self._relation.parts(self._chosen, iter)])
        lazy = is_lazy(self._native)
        return in_memory(self._read().collect() if lazy else self._native, self._what)

    def _read(self) -> Any:
        """Select those columns of a lazy frame that the report reads. A name such as `*` is not read as a pattern."""
        with LOADING:
            from polars import selectors
        return self._native.select(selectors.by_name(*self._chosen))

    def summed(self, watched: Callable[[int], None] = lambda _: None) -> FrameSums:
        """Count all rows, part by part, and return the counts.

        For a lazy frame of Polars, `watched` is called after each batch, with the number of rows done.
        """
        sums, lock = FrameSums(self.asked), Lock()
        if self._relation is not None:
            for part in self._relation.parts(self._chosen, partial(_sums_of, self.asked)):
                if isinstance(part, Exception):
                    raise part
                sums.absorb(part)
        elif is_lazy(self._native):
            with LOADING:
                from kolmisla.columns.frames.polars_lazy import drained

            def take(rows: Any) -> None:
                frame = in_memory(rows, self._what)
                answers = batch(sums.answers, frame)
                with lock:  # batches come from several threads
                    sums.add(frame, answers)
                    watched(sums.rows)

            drained(self._read(), take)
        else:
            frame = in_memory(self._native, self._what)
            at_once = max(len(frame), 1) if sums.by_rows else ROWS_AT_ONCE
            for first in range(0, max(len(frame), 1), at_once):
                rows = frame[first : first + at_once] if len(frame) > at_once else frame
                sums.add(rows, sums.answers(rows, first))
        return sums


def _sums_of(asked: AskedOfFrame, tables: Iterator[Any]) -> Iterator[FrameSums | Exception]:
    """Count the tickets in tables of Arrow, and yield the counts in parts that are not large.

    An error about a row or a column is not raised, but yielded last.
    """
    sums = FrameSums(asked)
    try:
        for table in tables:
            frame = in_memory(table, "tickets")
            sums.add(frame, batch(sums.answers, frame))
            if sums.is_large:
                yield sums.settled()
                sums = FrameSums(asked)
    except (KolmislaError, TypeError) as fault:
        yield fault  # not raised, because this function may run in another process
    else:
        yield sums.settled()


def _with_notes(sums: FrameSums, table: _Table) -> Report:
    """Make the report of the counts in `sums`. Add a note if no column of the table tells when a cycle ends.

    Add no note if the table has no rows, or if the layout has a constant or an empty name for the column.
    """
    made, layout, question = sums.report(), table.asked.layout, table.asked.question
    kinds = ends_of(question.policy, [question.metric])[question.metric].kinds
    names = [name for name in ("answered_at", *ENDS) if TOLD_BY.get(name) in kinds]
    told = any(layout.column(name) in table.names or name in layout.constants for name in names)
    if told or not sums.rows or any(layout.columns.get(name) == "" for name in names):
        return made
    why = f"{question.metric} ends with events, such as {kinds[0]}, and none are given"
    if names:
        why = f"there is no column for {names[0]}; name the column, or give an empty name if there is none"
    note = f"no ticket can have ended: {why}"
    return replace(made, notes=(*made.notes, note))
