"""Makes reports of frames row by row, for tickets with events and for metrics that arrays cannot judge."""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from io import StringIO
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import narwhals as nw
import numpy as np

from kolmisla.columns.frames.cases import check_case
from kolmisla.columns.frames.ends import ends_in
from kolmisla.columns.frames.ids import check_ids, gathered
from kolmisla.columns.frames.series import times_in
from kolmisla.columns.frames.tickets import OWN_FACTS, ROWS_AT_ONCE, Frame, check_facts, read_instants
from kolmisla.columns.kernel.lifecycle import EVENT_BEFORE_OPENING
from kolmisla.columns.kernel.questions import NULL, Mask
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.columns.kernel.wall_times import Wall, ahead, wall_of
from kolmisla.columns.tickets import Measured
from kolmisla.documents.values import is_nothing
from kolmisla.errors import KolmislaError, TicketError, choices, expect, number_of
from kolmisla.files.facts import TicketFacts
from kolmisla.files.logs.log import Log
from kolmisla.files.tables.csv_table import CsvTable
from kolmisla.files.tickets import intake
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import known_names, sole_names
from kolmisla.reports.judging.standings import Question, standings
from kolmisla.reports.judging.tallying import Scope, Tallying
from kolmisla.reports.whole import Report
from kolmisla.tickets.cycles.shapes import BEFORE_OPENING, NOT_YET
from kolmisla.tickets.event import ID
from kolmisla.tickets.layouts.fact_names import COLUMNS, ENDS, EVENT_COLUMNS, ROW_ORDER, TERMS_OF_EVENTS
from kolmisla.tickets.layouts.layout import Layout, check_columns
from kolmisla.times.instants import DAY, SECOND, SHOWN, in_zone
from kolmisla.times.zones import zone_named

__all__ = ["AskedOfFrame", "check_ids_of", "facts_of_rows", "ids_of_rows", "rejects_of", "report_of_rows"]

# Reasons why a row is invalid. Arrays give these reasons without instants, but for the row of a file, the text of the
# reason names the instants of the row.
WITHOUT_INSTANTS = (BEFORE_OPENING, NOT_YET, EVENT_BEFORE_OPENING.text)
TIMES = ("opened_at", "answered_at", *ENDS)
HELD = SHOWN[0] - DAY, SHOWN[1] + DAY  # what a datetime in UTC can hold
NEARLY_A_DAY = timedelta(hours=23)
FARTHEST = datetime.min.replace(tzinfo=timezone(NEARLY_A_DAY)), datetime.max.replace(tzinfo=timezone(-NEARLY_A_DAY))


class FrameQuestion(NamedTuple):
    """What a caller of `report` asks about the tickets of a frame.

    `mapping` has the arguments `columns`, `values`, `timezone` and `ambiguous`, in this order. If `raising` is True, an
    invalid row raises an error.
    """

    question: Question
    scope: Scope
    what_if: Policy | None
    mapping: Mapping[str, Any]
    raising: bool


class AskedOfFrame(NamedTuple):
    """What a report asks about the tickets of a frame, and how the frame is read.

    `layout` has the names of columns and values. `wall` says how times without an offset become instants.
    """

    question: Question
    scope: Scope
    what_if: Policy | None
    layout: Layout
    wall: Wall | None
    raising: bool

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts of a ticket that are read from the frame."""
        return (*COLUMNS, *ENDS, *filter(self.layout.names, OWN_FACTS))

    @classmethod
    def of(cls, asked: FrameQuestion) -> "AskedOfFrame":
        """Make an AskedOfFrame from the question of a caller.

        The arguments in `asked.mapping` mean the same as the arguments of `columns.measure` with these names.
        """
        columns, values, timezone, ambiguous = asked.mapping.values()
        for name, given in (("columns", columns), ("values", values)):
            if given is not None:
                expect(name, given, Mapping)
        wall = wall_of(timezone, ambiguous)
        layout = Layout(
            columns=columns or {},
            values=values or {},
            timezone=timezone or asked.question.policy.timezone,
            channel=None,
            ambiguous=None if ambiguous == "refuse" else ambiguous,
            sole=sole_names(asked.question.policy),
            known=known_names(asked.question.policy),
        )
        check_facts(layout, allowed=OWN_FACTS)
        return cls(asked.question, asked.scope, asked.what_if, layout, wall, asked.raising)


def report_of_rows(frame: Frame, events: Frame | None, asked: AskedOfFrame, *, audit: bool) -> tuple[Report, int]:
    """Return the report of the tickets in a frame, and the instant of their last opening or event, or NULL.

    If `audit` is True, both frames are one audit log. If `asked.raising` is True, an invalid row or an event without a
    ticket raises an error.
    """
    layout, split = asked.layout, asked.scope.split
    for name in TIMES:  # raises an error for columns that hold no instants
        if layout.column(name) in frame.columns:
            read_instants(frame, layout, name, asked.wall)
    log = None
    check_ids_of(frame, asked, "tickets")
    names = (*asked.facts, *EVENT_COLUMNS, *TERMS_OF_EVENTS)  # both tables need them, as an audit log is both
    if events is not None:
        of_events = (*EVENT_COLUMNS, *TERMS_OF_EVENTS, ROW_ORDER)
        check_columns(events.columns, layout, of_events, ("event_id", "at", "kind"))
        check_case(layout, of_events[:-1], events.columns)
        read_instants(events, layout, "at", asked.wall)
        check_ids_of(events, asked, "events")
        if layout.columns.get(ROW_ORDER):
            events = events.sort(layout.column(ROW_ORDER))
            layout = replace(layout, columns={name: to for name, to in layout.columns.items() if name != ROW_ORDER})
        log = Log.read(_table(events, layout, names, split), layout, audit=audit)
    table = _table(frame, layout, names, split)
    tallying = Tallying(asked.question, asked.scope, asked.what_if)
    ids, last = ids_of_rows(frame, np.arange(len(frame)), asked), NULL
    split_of = None if split is None else table.picker([split])
    for line, row, facts, fault in intake(table, layout, log=log):
        try:
            if facts is None:
                raise TicketError(str(fault))
            tallying.take(facts._replace(id=ids[line - 2]), None if split_of is None else split_of(row)[0])
            last = max(last, facts.moments[-1].at if facts.moments else facts.opened)
        except KolmislaError as error:
            if asked.raising:
                raise type(error)(f"row {line - 2}: {error}") from error
            tallying.reject(str(error))
    strays = [*log.strays()] if log is not None else []
    told = f"{number_of(len(strays), 'id or row', 'ids or rows')} of events without a ticket: {choices(strays)}"
    notes = [told] * bool(strays)
    if notes and asked.raising:
        raise TicketError(f"each event must have the id of a ticket, but the frame has {notes[0]}")
    return replace(tallying.report(), notes=tuple(notes)), last


def facts_of_rows(frame: Frame, rows: Ints, asked: AskedOfFrame) -> Iterator[tuple[TicketFacts | None, str | None]]:
    """Yield the facts and the fault of each of some rows, which are read like the rows of a file.

    The facts are None for an unreadable row. The fault is None for a row without a fault.
    """
    if not len(rows):
        return
    layout, ids = asked.layout, ids_of_rows(frame, rows, asked)
    taken = intake(_table(gathered(frame, rows), layout, asked.facts, None), layout)
    for id, (_, _, facts, fault) in zip(ids, taken, strict=True):
        yield None if facts is None else facts._replace(id=id), fault


def ids_of_rows(frame: Frame, rows: Ints, asked: AskedOfFrame) -> list[str | int | None]:
    """Return the ids of the tickets in some rows. An id that is a whole number in the frame is an int, and not a text.

    Without a column of ids, return None for each row.
    """
    column = asked.layout.column("id")
    if column not in frame.columns:
        return [None] * len(rows)
    return [_id_of(value) for value in gathered(frame[[column]], rows)[column].to_list()]


def check_ids_of(frame: Frame, asked: AskedOfFrame, whose: str) -> None:
    """Raise TypeError if a frame has ids that are neither whole numbers nor names. `whose` is "tickets" or "events"."""
    column = asked.layout.column("id" if whose == "tickets" else "event_id")
    if column in frame.columns:
        check_ids(frame[column], whose)


def _id_of(value: Any) -> str | int | None:
    """Convert an id of a frame to an int, or to a text without blanks around it. For no id, return None."""
    id: str | int | None = ID.read(value)
    return id.strip() if isinstance(id, str) else id


def rejects_of(frame: Frame, tickets: Measured, rows: Mask, asked: AskedOfFrame, question: Question) -> "Counter[str]":
    """Return how many of the `rows` are invalid for each reason. A reason is a text, as for a row of a file.

    A reason may name instants of the row, unless no datetime can hold one of the row's times.
    """
    deadlines, told = tickets.deadlines, Counter[str]()
    for index, reason in enumerate(deadlines.reasons):
        of_reason = np.flatnonzero(rows & (deadlines.reason == index))
        if reason.text in WITHOUT_INSTANTS:
            far = _far(frame, of_reason, asked)
            if far.any():
                told[str(reason.text)] += int(far.sum())
                of_reason = of_reason[~far]
            few, numbers = of_reason, [1] * len(of_reason)
            if not ends_in(list(frame.columns), asked.layout, events=False):
                few, numbers = _alike(of_reason, reason.text or "", tickets, asked)
            for number, (facts, fault) in zip(numbers, facts_of_rows(frame, few, asked), strict=True):
                told[_fault(facts, fault, question)] += number
        elif len(of_reason):
            told[str(reason.text)] += len(of_reason)
    return told


def _far(frame: Frame, rows: Ints, asked: AskedOfFrame) -> Mask:
    """Return a mask that is True for each of `rows` that has a time which no datetime can hold."""
    few = gathered(frame, rows) if len(rows) else frame[:0]
    far = np.zeros(len(rows), np.bool_)
    for column in {asked.layout.column(name) for name in TIMES} & {*frame.columns}:
        times = times_in(few[column])
        if times is not None:
            far |= _beyond(times)
    return far


def _beyond(times: Ints) -> Mask:
    beyond: Mask = (times != NULL) & ((times < HELD[0]) | (times > HELD[1]))
    return beyond


def _fault(facts: TicketFacts | None, fault: str | None, question: Question) -> str:
    """Return why a row is invalid, in the words that are used for a row of a file."""
    try:
        if facts is not None:
            standings(facts, question)
    except KolmislaError as error:
        return str(error)
    assert fault is not None  # the row is invalid
    return fault


def _alike(rows: Ints, text: str, tickets: Measured, asked: AskedOfFrame) -> tuple[Ints, list[int]]:
    """Return one row of each group of `rows` whose messages differ only in digits of instants, and the groups' sizes.

    All `rows` are invalid for the reason `text`. The row of a group is the one whose message sorts first.
    """
    zone, facts, parts = zone_named(asked.question.policy.timezone), tickets.facts, []
    # messages have the same form if offsets are equal, and if both or neither show digits after the seconds
    for column in (facts.opened, facts.answered) if text == BEFORE_OPENING else (facts.opened,):
        at = column.take(rows)
        offset = ahead(zone, at)
        parts += [at + offset, offset, at % SECOND != 0]
    order = np.lexsort(parts)
    kinds = np.stack([part.take(order) for place, part in enumerate(parts) if place % 3], axis=1)
    _, first, number = np.unique(kinds, axis=0, return_index=True, return_counts=True)
    return rows.take(order.take(first)), number.tolist()


def _table(frame: Frame, layout: Layout, names: Sequence[str], split: str | None) -> CsvTable:
    """Return the columns of a frame for the facts in `names` and for `split`, as the table of a CSV file.

    Columns that the frame lacks are left out.
    """
    wanted = dict.fromkeys([*(layout.column(name) for name in names), *([split] if split else [])])
    columns = [column for column in wanted if column in frame.columns]
    stream = StringIO(newline="")
    write = csv.writer(stream, lineterminator="\n").writerow
    write(columns)
    for first in range(0, len(frame), ROWS_AT_ONCE):
        some = frame[columns][first : first + ROWS_AT_ONCE]  # a name such as * would be a pattern in an expression
        for row in zip(*(_cells(some[column]) for column in columns), strict=True):
            write([_text(value, layout.zone) for value in row])
    stream.seek(0)
    return CsvTable(stream)


def _cells(column: "nw.Series[Any]") -> list[Any]:
    """Return the values of a column. A time that no datetime in UTC can hold becomes one of the FARTHEST."""
    times, dtype = times_in(column), column.dtype
    if isinstance(dtype, nw.Datetime) and dtype.time_zone and not column.implementation.is_pandas():
        column = column.dt.convert_time_zone("UTC")  # the library may not know the zone, and raise an error of its own
    if times is None or ((times >= HELD[0]) & (times <= HELD[1])).all():
        return column.to_list()
    far, missing = _beyond(times), times == NULL  # the smallest number may stand for a null, but not be marked as one
    near = iter(column.filter((~(far | missing)).tolist()).to_list())
    distant = (FARTHEST[at > 0] for at in times[far].tolist())
    of_rows = zip(far.tolist(), missing.tolist(), strict=True)
    return [None if none else next(distant if beyond else near) for beyond, none in of_rows]


def _text(value: Any, zone: ZoneInfo) -> str:
    """Return a value of a frame as the text that a CSV file would have."""
    if is_nothing(value):
        return ""
    if isinstance(value, datetime):
        return (value if value.tzinfo is None else in_zone(value, zone)).isoformat()
    if isinstance(value, float) and value.is_integer():  # pandas turns whole numbers into floats if one is missing
        return str(int(value))
    return str(value)
