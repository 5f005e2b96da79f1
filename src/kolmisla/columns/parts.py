"""Splits the last cycle of each ticket by owner, priority or reason, into a frame with a row for each part."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar, get_args

import numpy as np

from kolmisla.columns.all_cycles import check_in_memory, cycles_alone, invalid_tickets
from kolmisla.columns.engines import Durations, Errors, in_seconds, raises
from kolmisla.columns.frames.added import AddedColumns, Labels, with_columns
from kolmisla.columns.frames.ids import gathered
from kolmisla.columns.given import RowsRead, frame_layout, in_one_library, read_rows
from kolmisla.columns.kernel.alone.events import OneByOne
from kolmisla.columns.kernel.cycles import KeptPieces
from kolmisla.columns.kernel.deadlines import Deadlines
from kolmisla.columns.kernel.promises import Reason, TicketQuestion
from kolmisla.columns.kernel.questions import NULL, Mask
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.columns.kernel.wall_times import WallReading
from kolmisla.columns.lives.cycles import TicketCycles, cycles_of
from kolmisla.columns.lives.in_order import no_events, told_in_order, without_log
from kolmisla.columns.lives.names import names_of
from kolmisla.columns.lives.pieces import CycleTimes, PartRows, parts_by_name
from kolmisla.columns.tickets import check_valid
from kolmisla.errors import KolmislaError, choices, expect_text, shown
from kolmisla.policies.kolmisoft import KOLMISOFT, check_policy
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import metric_in
from kolmisla.policies.terms.metrics import FIRST_RESPONSE, Metric, MetricName
from kolmisla.tickets.answers.breakdown import BreakdownBy, Part, PartsAsked, cycle_parts
from kolmisla.tickets.cycles.cycle_clocks import cycle_clocks, cycle_facts_of, no_cycle, reading_of
from kolmisla.tickets.cycles.cycles import heard
from kolmisla.times.instants import micros

__all__ = ["breakdown"]

FrameT = TypeVar("FrameT")  # a data frame of pandas, Polars or Arrow


def breakdown(
    frame: FrameT,
    *,
    by: BreakdownBy,
    policy: Policy = KOLMISOFT,
    metric: MetricName | Metric = FIRST_RESPONSE,
    at: datetime,
    columns: Mapping[str, str] | None = None,
    values: Mapping[str, Mapping[str, str]] | None = None,
    events: FrameT | None = None,
    prefix: str = "",
    timezone: str | None = None,
    ambiguous: WallReading | None = None,
    durations: Durations | None = None,
    errors: Errors = "raise",
) -> FrameT:
    """Return a frame with a row for each part of the last cycle of each ticket, up to the instant `at`.

    `by` is `owner`, `priority` or `reason`. A part is all the time of the cycle in which the ticket had one owner, one
    priority, or one reason of its pauses. The parts of a ticket add up to the time counted in its cycle. Each ticket
    has at least one row. Durations are in microseconds.

    A row has the columns of its ticket and six more. `cycle` is the number of the cycle. `part` is the owner, priority
    or reason of the part, or null for none. `elapsed` is the open time counted in the part. `paused` is the open time
    of the part during which a pause stopped the clock. `ran_out` tells whether the target ran out in the part. `reason`
    says why there is no cycle, or why the time counted in the cycle is not known. If this time is known, `reason` is
    null.

    All frames must be in memory. The other parameters mean what they mean in `cycles`. Wrong arguments raise the errors
    that `cycles` raises.

    >>> import pyarrow as pa
    >>> instants = [datetime.fromisoformat(f"2026-07-07T{time}+03:00") for time in ("09:00", "09:30", "10:00")]
    >>> tickets = pa.table({"id": [1], "plan": ["premium"], "priority": ["high"], "opened_at": instants[:1]})
    >>> events = pa.table({"id": [1], "at": instants[1:2], "kind": ["owner"], "value": ["Ann"]})
    >>> found = breakdown(tickets, by="owner", events=events, at=instants[2])
    >>> [(row["part"], str(row["elapsed"])) for row in found.to_pylist()]
    [(None, '0:30:00'), ('Ann', '0:30:00')]
    """
    raising = raises(errors)
    parts: object = by  # of any type: `in` alone would fail for an array
    if not (isinstance(parts, str) and parts in get_args(BreakdownBy)):
        raise ValueError(f"by must be one of {choices(get_args(BreakdownBy))}, not {shown(by)}")
    expect_text("prefix", prefix)
    check_policy(policy)
    question = TicketQuestion(policy, metric_in(policy, metric), micros(at))
    new = AddedColumns(prefix, in_seconds(durations, None))
    check_in_memory(frame, "breakdown")
    layout, wall = frame_layout(policy, columns, values, timezone, ambiguous, in_library=True)
    eager, log = in_one_library(frame, events)
    rows = read_rows(eager, log, layout, wall)
    invalid = invalid_tickets(rows, wall)
    ticket, facts = _parts(rows, invalid, question, by)
    if raising:
        check_valid(invalid, rows.strays)
    each = gathered(eager, ticket)
    result: FrameT = with_columns(each, facts, new, policy.timezone, layout.column("opened_at")).to_native()
    return result


class _Last(NamedTuple):
    """The last cycle of each ticket. If a ticket has no cycle, its row has NULL."""

    number: Ints
    started: Ints
    end: Ints  # for a cycle that has not ended: the instant up to which time is counted
    elapsed: Ints
    target: Ints
    due: Ints
    reason: list[str | None]  # why there is no cycle, or why its time is not known; None for a known time

    @classmethod
    def of(cls, found: Sequence[TicketCycles], tickets: int, question: TicketQuestion) -> "_Last":
        """Return, for each ticket, the last of its cycles in `found`. `tickets` is the number of tickets."""
        number, started, end, elapsed, target, due = np.full((6, tickets), NULL)
        last = cls(number, started, end, elapsed, target, due, [no_cycle(question.metric)] * tickets)
        for cycles in found:  # the cycles of a ticket are in order, and the last is stored last
            ticket, deadlines = cycles.ticket, cycles.deadlines
            last.number[ticket], last.started[ticket] = cycles.number, cycles.facts.opened
            last.end[ticket] = np.where(deadlines.ended == NULL, question.now, deadlines.ended)
            last.elapsed[ticket], last.target[ticket] = deadlines.elapsed, deadlines.target
            last.due[ticket] = deadlines.due
            texts = [None if reason.error else reason.text for reason in deadlines.reasons]
            for row, place, is_known in zip(
                ticket.tolist(), deadlines.reason.tolist(), (deadlines.elapsed != NULL).tolist(), strict=True
            ):
                last.reason[row] = None if is_known else texts[place]
        return last

    @property
    def has_parts(self) -> Mask:
        """For each ticket, whether its last cycle can be split into parts.

        It can if the time counted in the cycle is known, and if the cycle ends after its start.
        """
        has_parts: Mask = (self.elapsed != NULL) & (self.end > self.started)
        return has_parts


def _parts(
    rows: RowsRead, invalid: Deadlines, question: TicketQuestion, by: BreakdownBy
) -> tuple[Ints, dict[str, Ints | Mask | Labels]]:
    """Return, for each row in the result of `breakdown`, the index of its ticket. Return the new columns too, by name.

    Tickets that turn out to be invalid are marked in `invalid`, which has a row for each ticket.
    """
    facts, size = rows.facts, len(rows.facts.opened)
    log = without_log(no_events() if rows.happened is None else rows.happened, size)
    told, kept = told_in_order(facts, log, question.now), KeptPieces()
    judged = cycles_of(facts, told, question, kept)
    terms = judged.terms
    one_by_one = OneByOne(facts, terms, log, question.now)
    lone = np.flatnonzero(judged.alone & ~invalid.faulty)
    found = [judged, cycles_alone(facts, one_by_one, lone, terms, question, invalid)]
    last = _Last.of(found, size, question)
    names = names_of(told, terms, question.policy, question.metric, by)
    exceeded = (last.target != NULL) & (last.elapsed > last.target)
    out_at = np.maximum(last.due, last.started + 1)  # the due time may be before the start
    alone = judged.alone | (exceeded & ((last.due == NULL) | (out_at > last.end)))
    alone[names.mixed] = True
    has_parts = last.has_parts & ~invalid.faulty
    times = CycleTimes(has_parts & ~alone, last.started, last.end, exceeded, out_at)
    parts = [parts_by_name(times, kept, names, terms)]
    texts = list(names.texts)
    parts.append(_parts_alone(one_by_one, np.flatnonzero(has_parts & alone), (question, by), texts, invalid))
    faulty = invalid.faulty
    has_row = np.zeros(size, np.bool_)
    for part in parts:
        has_row[part.ticket] = True
    rest = np.flatnonzero(~has_row | faulty)
    is_known = ~faulty.take(rest) & (last.elapsed.take(rest) != NULL)
    nothing = np.where(is_known, 0, NULL)
    parts.append(PartRows(rest, np.full(len(rest), len(texts)), nothing, nothing, is_known & exceeded.take(rest)))
    ticket, name, elapsed, paused, ran_out = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    order = np.argsort(ticket, kind="stable")
    ticket = ticket.take(order)
    reasons = last.reason
    why = [reason.text for reason in invalid.reasons]
    for row in np.flatnonzero(faulty).tolist():
        reasons[row] = why[invalid.reason[row]]
    return ticket, {
        "cycle": np.where(faulty, NULL, last.number).take(ticket),
        "part": Labels([*texts, None], name.take(order)),
        "elapsed": elapsed.take(order),
        "paused": paused.take(order),
        "ran_out": ran_out.take(order),
        "reason": Labels(reasons, ticket),
    }


def _parts_alone(
    alone: OneByOne,
    rows: Ints,
    asked: tuple[TicketQuestion, BreakdownBy],
    texts: list[str | None],
    invalid: Deadlines,
) -> PartRows:
    """Split the last cycles of the tickets in `rows` one by one, and return their parts.

    The name of a part is an index into `texts`, to which new names are added. Invalid tickets are marked in `invalid`.
    """
    names = {name: place for place, name in enumerate(texts)}
    told: list[tuple[int, int, int, int, bool]] = []
    for row in rows.tolist():
        try:
            for part, is_out in _alone(alone, row, *asked):
                place = names.setdefault(part.name, len(names))
                told.append((row, place, part.elapsed, part.paused, is_out))
        except KolmislaError as fault:
            invalid.reject(np.array([row]), invalid.place(Reason(str(fault), type(fault))))
    texts[:] = names
    ticket, name, elapsed, paused, ran_out = np.array(told, np.int64).reshape(-1, 5).T
    return PartRows(ticket, name, elapsed, paused, ran_out > 0)


def _alone(alone: OneByOne, row: int, question: TicketQuestion, by: BreakdownBy) -> list[tuple[Part, bool]]:
    """Return the parts of the last cycle of the ticket in `row`, and for each part whether the target ran out in it."""
    policy, metric = question.policy, question.metric
    terms, opened, moments = alone.terms(row), alone.opened(row), alone.moments(row)
    clock = cycle_clocks(policy, terms, opened, moments, metric)[-1]
    end = question.now if clock.ended is None else clock.ended
    facts = cycle_facts_of(policy, terms, opened, moments, metric)[-1]
    waits = reading_of(policy.in_force(opened), clock.promise.plan, metric).waits
    ((parts, name),) = cycle_parts(clock, PartsAsked(facts, heard(moments), waits, end), by)
    exceeded = clock.exceeded(end, clock.elapsed(end))
    return [(part, exceeded and part.name == name) for part in parts]
