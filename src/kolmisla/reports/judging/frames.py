"""Reports of data frames in memory. Frames without events are added up as arrays, others as the rows of a file."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import narwhals as nw
import numpy as np

from kolmisla.columns.frames.ends import ends_in
from kolmisla.columns.frames.tickets import Frame, in_memory, read_names
from kolmisla.columns.kernel.deadlines import BEFORE_OPENING, NOT_YET
from kolmisla.columns.kernel.promises import Coded, TicketQuestion
from kolmisla.columns.kernel.questions import NULL, Mask
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.columns.kernel.wall_times import wall_of
from kolmisla.columns.tickets import Measured, check_measured, measured
from kolmisla.errors import brief, choices, shown
from kolmisla.files.endings import ENDED_BY, TOLD_BY
from kolmisla.files.facts import TicketFacts
from kolmisla.files.summary import SUMMARY_STATES, kind_of_reason
from kolmisla.instants import instants_in
from kolmisla.policies.plan import NEXT_RESPONSE
from kolmisla.policies.policy import Policy
from kolmisla.reports.figures.answers import Rejected
from kolmisla.reports.figures.figures import WhatIf
from kolmisla.reports.figures.late import Late
from kolmisla.reports.figures.tallies import NOT_MEASURED, sorted_counts
from kolmisla.reports.judging.arrays import (
    JudgedRows,
    counts_of,
    judged,
    responses_of,
    tallies_by_cell,
    tallies_by_split,
    worst_rows,
)
from kolmisla.reports.judging.frame_rows import AskedOfFrame, report_of_rows
from kolmisla.reports.judging.share_arrays import shares_of_rows
from kolmisla.reports.judging.standings import Question
from kolmisla.reports.judging.tallying import REJECTED, Scope, Tallying
from kolmisla.reports.judging.tickets import FrameQuestion
from kolmisla.reports.whole import Report
from kolmisla.tickets.cycle_clock import BEGINNING
from kolmisla.tickets.event import Moment, before_opening
from kolmisla.tickets.layouts.layout import COLUMNS, ENDS, EVENT_COLUMNS, ROW_ORDER, Layout
from kolmisla.times.zones import zone_named

__all__ = ["report_of_frame", "report_of_parquet"]


def report_of_frame(native: Any, native_events: Any, request: FrameQuestion) -> Report:
    """Return the report of a frame of tickets, with a frame of their events or None.

    If both are the same object, it is an audit log. Errors are the same as for `columns.measure`.
    """
    return _report_of(native, native_events, AskedOfFrame.of(request))


def report_of_parquet(path: str, question: Question, scope: Scope, what_if: Policy | None, layout: Layout) -> Report:
    """Return the report of a Parquet file. Of its columns, only those that are needed are read.

    A ticket that cannot be judged is counted as rejected. Raise ValueError for a file that is not Parquet.
    """
    ambiguous = "refuse" if layout.ambiguous is None or layout.ambiguous == "both" else layout.ambiguous
    wall = wall_of(layout.timezone, ambiguous)
    try:
        frame = nw.scan_parquet(path, backend="polars")
        frame.collect_schema()
    except Exception as fault:  # the engine has errors of its own
        raise ValueError(f"{path} cannot be read as Parquet: {brief(fault)}") from fault
    return _report_of(frame, None, AskedOfFrame(question, scope, what_if, layout, wall, raising=False))


def _report_of(native: Any, native_events: Any, asked: AskedOfFrame) -> Report:
    audit = native_events is not None and native is native_events
    names = (*COLUMNS, *ENDS, *(EVENT_COLUMNS if audit else ()))
    frame = _collected(native, asked, names, "tickets")
    if asked.scope.split is not None and asked.scope.split not in frame.columns:
        raise ValueError(
            f"there is no column {shown(asked.scope.split)} to split by; the frame has {choices(frame.columns)}"
        )
    events = frame if audit else None
    if native_events is not None and not audit:
        events = _collected(native_events, asked, (*EVENT_COLUMNS, ROW_ORDER), "events")
    with_ends = ends_in(list(frame.columns), asked.layout, events=events is not None)
    if events is not None or with_ends or asked.question.metric == NEXT_RESPONSE:
        made = report_of_rows(frame, events, asked, audit=audit)
    else:
        made = _report_of_arrays(frame, asked)
    untold = [] if events is not None or not len(frame) else _untold(frame, asked)
    return replace(made, notes=(*made.notes, *untold))


def _untold(frame: Frame, asked: AskedOfFrame) -> list[str]:
    """Return a note if nothing in a frame could tell an end of the metric, and the layout does not say so."""
    layout, kinds = asked.layout, ENDED_BY[asked.question.metric]
    names = [name for name in ("answered_at", *ENDS) if TOLD_BY.get(name) in kinds]
    if any(layout.column(name) in frame.columns or name in layout.constants for name in names):
        return []
    if any(layout.columns.get(name) == "" for name in names):
        return []
    remedy = "name it, or say with an empty name that there is none"
    return [f"no ticket can have ended: there is no column for {names[0]}; {remedy}"]


def _collected(native: Any, asked: AskedOfFrame, names: Sequence[str], what: str) -> Frame:
    """Return a frame in memory. Of a lazy frame or a table of a database, read only the columns that are needed."""
    try:
        frame = nw.from_native(native)
    except TypeError:
        return in_memory(native, what)  # raises the error that says what a frame must be
    if not isinstance(frame, nw.LazyFrame):
        return in_memory(native, what)
    wanted = {*(asked.layout.column(name) for name in names), asked.scope.split}
    chosen = frame.select([name for name in frame.collect_schema().names() if name in wanted])
    if chosen.implementation.is_duckdb():  # narwhals 2.0 cannot collect from DuckDB 1.4
        return nw.from_native(chosen.to_native().to_arrow_table(), eager_only=True)
    return chosen.collect()


def _report_of_arrays(frame: Frame, asked: AskedOfFrame) -> Report:
    """Return the report of tickets without events."""
    question, _, what_if, *_ = asked
    tickets = _measured(frame, asked, question.policy)
    if asked.raising:
        check_measured(tickets)
    invalid = tickets.deadlines.faulty
    made, these = _made(frame, tickets, asked, question, (invalid, _rejects(tickets, invalid, question)))
    if what_if is None:
        return made
    others = _measured(frame, asked, what_if)
    also = others.deadlines.faulty & ~invalid
    rejects = _rejects(tickets, invalid, question) + _rejects(others, also, question)
    other, there = _made(frame, others, asked, question._replace(policy=what_if), (invalid | also, rejects))
    flow = _flow(these, there, also)
    flow[REJECTED, REJECTED] += int(invalid.sum())
    return replace(made, what_if=WhatIf(other, sorted_counts(flow), _waits(these, there)))


def _measured(frame: Frame, asked: AskedOfFrame, policy: Policy) -> Measured:
    metric, now = asked.question.metric, asked.question.now
    return measured(frame, None, TicketQuestion(policy, metric, now), asked.layout, asked.wall)


def _rejects(tickets: Measured, rows: Mask, question: Question) -> Counter[str]:
    """Return how often each reason is the reason of some invalid rows. The texts are those of a file's rows."""
    deadlines, told = tickets.deadlines, Counter[str]()
    for index, reason in enumerate(deadlines.reasons):
        of_reason = np.flatnonzero(rows & (deadlines.reason == index))
        if reason.text in (BEFORE_OPENING, NOT_YET):
            told.update(_told(tickets, of_reason, str(reason.text), question))
        elif len(of_reason):
            told[str(reason.text)] += len(of_reason)
    return told


def _told(tickets: Measured, rows: Ints, text: str, question: Question) -> Iterator[str]:
    """Yield the reason of each row with its instants."""
    instant = instants_in(zone_named(question.policy.timezone))
    now = instant(question.now).isoformat()
    for opened, answered in zip(*(column[rows].tolist() for column in tickets.facts[-2:]), strict=True):
        opened_at = instant(opened)
        if text == NOT_YET:
            yield f"{now} is before {BEGINNING[question.metric]} at {opened_at.isoformat()}"
        else:
            yield before_opening(opened_at, f"answered_at {instant(answered).isoformat()}")


def _made(
    frame: Frame, tickets: Measured, asked: AskedOfFrame, question: Question, invalid: tuple[Mask, Counter[str]]
) -> tuple[Report, JudgedRows]:
    """Return the report of the valid rows, and these rows."""
    scope, (policy, metric, now) = asked.scope, question
    these, outside = judged(tickets, TicketQuestion(policy, metric, now), scope, invalid[0])
    column = None if scope.split is None else _split_column(frame, scope.split)
    opened, cells = these.opened, tallies_by_cell(these, scope)
    rejects: dict[str, Rejected] = {}
    for text, number in invalid[1].items():
        rows, such_as = rejects.get(kind_of_reason(text), (0, text))
        rejects[kind_of_reason(text)] = Rejected(rows + number, min(such_as, text))
    report = Report(
        policy=policy,
        metric=metric,
        by=scope.by,
        split=scope.split,
        since=scope.since,
        until=scope.until,
        at=(now,),
        judged=tuple((period, (now,)) for period in sorted({tally.period for tally in cells if tally.period})),
        span=(int(opened.min()), int(opened.max())) if len(opened) else None,
        cells=cells,
        splits=() if column is None else tallies_by_split(these, column),
        outside=outside,
        rejects=tuple(sorted(rejects.items())),
        responses=tuple(sorted(responses_of(these).items())) if metric == "first-response" else (),
        late=_worst(frame, these, asked, question, column),
        shares=shares_of_rows(these, question, scope, lambda rows: _ids(frame, asked, rows)),
        **{name: sorted_counts(counts) for name, counts in counts_of(these).items()},  # type: ignore[arg-type]
    )
    return report, these


def _split_column(frame: Frame, name: str) -> Coded:
    """Return the column by which tickets are split, as texts."""
    return read_names(frame, Layout(columns={"plan": name}), "plan")


def _worst(
    frame: Frame, these: JudgedRows, asked: AskedOfFrame, question: Question, column: Coded | None
) -> tuple[Late, ...]:
    """Return the worst tickets. The few that may be among them are judged one by one."""
    worst = Tallying(question, asked.scope)
    few = these.rows.take(worst_rows(these))
    facts = these.tickets.facts
    for row, id in zip(few.tolist(), _ids(frame, asked, few), strict=True):
        names = (names.values[names.codes[row]] for names in (facts.plan, facts.priority, facts.channel, facts.version))
        plan, priority, channel, version = names
        answered = int(facts.answered[row])
        moments = () if answered == NULL else (Moment(answered, "answered"),)
        opened = int(facts.opened[row])
        split = None if column is None else column.values[column.codes[row]]
        worst.consider(TicketFacts(id, plan, priority or "", channel, version, opened, moments), split)
    return worst.worst()


def _ids(frame: Frame, asked: AskedOfFrame, rows: Ints) -> list[str | int | None]:
    """Return the ids of some rows, or None for each if the frame has no ids."""
    column = asked.layout.column("id")
    if column not in frame.columns:
        return [None] * len(rows)
    return [_id_of(value) for value in frame[column][rows].to_list()]


def _id_of(value: Any) -> str | int | None:
    """Return an id of a frame as an int or a text, or None for a null."""
    if value is None or value != value:
        return None
    if isinstance(value, str):
        return value.strip() or None
    return int(value)


def _flow(these: JudgedRows, there: JudgedRows, rejected: Mask) -> Counter[tuple[str, str]]:
    """Return how many rows flow from each state to each state under the other policy."""
    flow: Counter[tuple[str, str]] = Counter()
    other = np.full(len(rejected), len(SUMMARY_STATES), np.int64)
    other[there.rows] = there.state
    code = these.state.astype(np.int64) * (len(SUMMARY_STATES) + 1) + other.take(these.rows)
    for place, number in enumerate(np.bincount(code).tolist()):
        state, to = divmod(place, len(SUMMARY_STATES) + 1)
        if number:
            flow[SUMMARY_STATES[state], (*SUMMARY_STATES, REJECTED)[to]] += number
    return flow


def _waits(these: JudgedRows, there: JudgedRows) -> tuple[int, int, int]:
    """Return the number of rows whose due time both policies know, and the sums of the calendar time until then."""
    known = []
    for side in (these, there):
        due = np.full(len(side.tickets.facts.opened), NULL)
        rows = side.rows[side.state != NOT_MEASURED]
        due[rows] = side.tickets.deadlines.due.take(rows)
        known.append(due)
    both = np.flatnonzero((known[0] != NULL) & (known[1] != NULL))
    opened = these.tickets.facts.opened.take(both)
    as_is, other = (sum((due.take(both) - opened).tolist()) for due in known)
    return len(both), as_is, other
