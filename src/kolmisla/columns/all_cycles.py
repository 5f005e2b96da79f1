"""Makes a frame with a row for each cycle of the tickets in another frame: for one metric, or for all metrics."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple, TypeVar

import numpy as np

from kolmisla.columns.engines import Durations, Errors, in_seconds, is_lazy, raises, relation_of
from kolmisla.columns.frames.added import AddedColumns, Labels, with_columns
from kolmisla.columns.frames.ids import gathered
from kolmisla.columns.given import RowsRead, frame_layout, in_one_library, read_rows
from kolmisla.columns.kernel.alone.events import OneByOne
from kolmisla.columns.kernel.deadlines import NOT_COVERED, STATES, Deadlines
from kolmisla.columns.kernel.events import NO_TICKET
from kolmisla.columns.kernel.lifecycle import EVENT_BEFORE_OPENING, TELLS_OPENING
from kolmisla.columns.kernel.promises import Promised, TicketColumns, TicketQuestion
from kolmisla.columns.kernel.questions import NULL
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.columns.kernel.wall_times import Wall, WallReading
from kolmisla.columns.lives.alone import judged_alone
from kolmisla.columns.lives.cycles import TicketCycles, cycles_of, has_plain_cycles
from kolmisla.columns.lives.in_order import InOrder, no_events, told_in_order, without_log
from kolmisla.columns.tickets import check_valid, judged_rows
from kolmisla.errors import TicketError, expect_text
from kolmisla.policies.kolmisoft import KOLMISOFT, check_policy
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import metrics_of
from kolmisla.policies.terms.metrics import ALL_METRICS, FIRST_RESPONSE, Metric, MetricName
from kolmisla.tickets.answers.queue import metric_or_all
from kolmisla.tickets.cycles.cycle_clocks import no_cycle
from kolmisla.tickets.cycles.shapes import BEFORE_OPENING
from kolmisla.times.instants import micros

__all__ = ["check_in_memory", "cycles", "cycles_alone", "invalid_tickets"]

FrameT = TypeVar("FrameT")  # a data frame of pandas, Polars or Arrow


def cycles(
    frame: FrameT,
    *,
    policy: Policy = KOLMISOFT,
    metric: MetricName | Metric | Literal["all"] = FIRST_RESPONSE,
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
    """Return a frame with a row for each cycle of each ticket. A row tells how its cycle stands at the instant `at`.

    `frame` is a data frame of pandas, Polars or Arrow in memory, and the result has the type of `frame`. A row has the
    columns of its ticket and eleven new columns. Three of these say which cycle it is: `metric`; `cycle`, the number of
    the cycle, from 1; and `started_at`. The other eight are `ended_at`, `due_at` and `breaches_after`, in the policy's
    zone; `elapsed`, `target` and `response`, durations in microseconds; `state` and `reason`. `measure` explains these
    eight columns, for a ticket with one cycle. Here they are about the cycle of the row. The rows are in the order of
    the tickets. The cycles of a ticket are in the order of the policy's metrics. A ticket without a cycle has one row,
    and its `reason` says that there is no cycle.

    `metric` may be any metric of the policy, or `"all"`. The other parameters mean what they mean in `measure`. Wrong
    arguments raise the errors that `measure` raises. With `errors="null"`, an invalid ticket has one row, with only a
    `reason`. Raise TypeError for a lazy frame and for a frame of DuckDB or Spark.

    >>> import pyarrow as pa
    >>> instants = [datetime.fromisoformat(f"2026-07-07T{time}+03:00") for time in ("09:00", "09:30", "10:00", "10:10")]
    >>> tickets = pa.table({"id": [1], "plan": ["premium"], "priority": ["high"], "opened_at": instants[:1]})
    >>> kinds = ["answered", "asked", "answered"]
    >>> events = pa.table({"id": [1] * 3, "at": instants[1:], "kind": kinds})
    >>> found = cycles(tickets, events=events, metric="all", at=instants[3])
    >>> [(row["metric"], row["cycle"], row["state"]) for row in found.to_pylist()]
    [('first-response', 1, 'met'), ('next-response', 1, 'not-covered'), ('resolution', 1, 'not-covered')]
    """
    raising = raises(errors)
    expect_text("prefix", prefix)
    check_policy(policy)
    asked = metric_or_all(policy, metric)
    named = metrics_of(policy) if asked == ALL_METRICS else (asked,)
    new = AddedColumns(prefix, in_seconds(durations, None))
    check_in_memory(frame, "cycles")
    layout, wall = frame_layout(policy, columns, values, timezone, ambiguous, in_library=True)
    eager, log = in_one_library(frame, events)
    rows = read_rows(eager, log, layout, wall)
    found = _every_cycle(rows, policy, named, micros(at), wall)
    if raising:
        check_valid(found.invalid, rows.strays)
    ticket, facts = found.columns(named)
    each = gathered(eager, ticket)
    result: FrameT = with_columns(each, facts, new, policy.timezone, layout.column("opened_at")).to_native()
    return result


def check_in_memory(frame: object, what: str) -> None:
    """Raise TypeError for a lazy frame of Polars and for a frame of DuckDB or Spark.

    `what` is the name of the function that was called.
    """
    if is_lazy(frame) or relation_of(frame) is not None:
        way = ".collect()" if is_lazy(frame) else ".pl() or .arrow() in DuckDB, .toPandas() in Spark,"
        raise TypeError(
            f"{what} needs tickets in memory, because a ticket may become several rows: type {way} to get a data frame"
        )


class _Part(NamedTuple):
    """Some rows of the result of `cycles`: cycles of one metric, tickets without a cycle, or invalid tickets."""

    metric: str | None  # None for invalid tickets
    ticket: Ints
    number: Ints  # within the ticket, from 1; NULL in a row that is not a cycle
    started: Ints
    deadlines: Deadlines


class _EveryCycle(NamedTuple):
    """All cycles of the tickets in a frame."""

    parts: list[_Part]  # by metric; cycles of invalid tickets may be among them, but do not count
    invalid: Deadlines  # a row for each ticket, with a reason if the ticket is invalid

    def columns(self, metrics: Sequence[str]) -> tuple[Ints, dict[str, Ints | Labels]]:
        """Return, for each row in the result of `cycles`, the index of its ticket. Return the new columns too, by name.

        A ticket without a cycle has one row, for the first of `metrics`.
        """
        parts, invalid = self.parts, self.invalid.faulty
        has_row = invalid.copy()
        for part in parts:
            has_row[part.ticket] = True
        wrong, idle = np.flatnonzero(invalid), np.flatnonzero(~has_row)
        parts = [*parts, _without_cycle(None, wrong, Deadlines.of(len(wrong)))]
        parts[-1].deadlines.reasons, parts[-1].deadlines.reason = self.invalid.reasons, self.invalid.reason[wrong]
        nothing = Deadlines.of(len(idle))
        nothing.state[:] = NOT_COVERED
        nothing.give_reason(np.arange(len(idle)), no_cycle(metrics[0]))
        parts.append(_without_cycle(metrics[0], idle, nothing))
        ticket = np.concatenate([part.ticket for part in parts])
        keep = np.concatenate([~invalid.take(part.ticket) | (part.metric is None) for part in parts])
        order = np.flatnonzero(keep)
        order = order[np.argsort(ticket[order], kind="stable")]
        every = [part.deadlines for part in parts]
        texts = [reason.text for deadlines in every for reason in deadlines.reasons]
        before = np.cumsum([0, *(len(deadlines.reasons) for deadlines in every)])
        reasons = [deadlines.reason + start for deadlines, start in zip(every, before[:-1], strict=True)]
        names: list[str | None] = [*metrics, None]
        sizes = [len(part.ticket) for part in parts]

        def joined(columns: Sequence[Any]) -> Any:
            return np.concatenate(columns)[order]

        facts: dict[str, Ints | Labels] = {
            "metric": Labels(names, joined([np.repeat([names.index(part.metric) for part in parts], sizes)])),
            "cycle": joined([part.number for part in parts]),
            "started_at": joined([part.started for part in parts]),
            "ended_at": joined([deadlines.ended for deadlines in every]),
            "due_at": joined([deadlines.due for deadlines in every]),
            "breaches_after": joined([deadlines.breach for deadlines in every]),
            "elapsed": joined([deadlines.elapsed for deadlines in every]),
            "target": joined([deadlines.target for deadlines in every]),
            "state": Labels(STATES, joined([deadlines.state for deadlines in every])),
            "reason": Labels(texts, joined(reasons)),
            "response": joined([deadlines.response for deadlines in every]),
        }
        return ticket[order], facts


def _without_cycle(metric: str | None, ticket: Ints, deadlines: Deadlines) -> _Part:
    nothing = np.full(len(ticket), NULL)
    return _Part(metric, ticket, nothing, nothing, deadlines)


def _every_cycle(rows: RowsRead, policy: Policy, metrics: Sequence[str], now: int, wall: Wall | None) -> _EveryCycle:
    """Return all cycles that the tickets in `rows` have for each of `metrics`, and say which tickets are invalid."""
    facts, happened = rows.facts, rows.happened
    log = without_log(no_events() if happened is None else happened, len(facts.opened))
    told: InOrder | None = None
    invalid = invalid_tickets(rows, wall)
    parts: list[_Part] = []
    for metric in metrics:
        question = TicketQuestion(policy, metric, now)
        if has_plain_cycles(policy, metric, log):
            deadlines = judged_rows(rows, question, wall).deadlines
            _note(invalid, deadlines)
            every = np.arange(len(facts.opened))
            parts.append(_Part(metric, every, np.ones(len(every), np.int64), facts.opened, deadlines))
            continue
        told = told or told_in_order(facts, log, now)
        found = cycles_of(facts, told, question)
        parts.append(_part(metric, found))
        alone = np.flatnonzero(found.alone & ~invalid.faulty)
        if len(alone):
            one_by_one = OneByOne(facts, found.terms, log, now)
            parts.append(_part(metric, cycles_alone(facts, one_by_one, alone, found.terms, question, invalid)))
    return _EveryCycle(parts, invalid)


def _part(metric: str, found: TicketCycles) -> _Part:
    return _Part(metric, found.ticket, found.number, found.facts.opened, found.deadlines)


def cycles_alone(
    facts: TicketColumns, alone: OneByOne, rows: Ints, terms: Promised, question: TicketQuestion, invalid: Deadlines
) -> TicketCycles:
    """Judge the tickets in `rows` one by one, and return their cycles.

    Mark invalid tickets in `invalid`, and leave out their cycles. `terms` has what is promised to each ticket.
    """
    cycles, faults = judged_alone(facts, alone, rows, terms, question)
    for row, fault in faults.items():
        invalid.reject(np.array([row]), invalid.place(fault))
    return cycles


def invalid_tickets(rows: RowsRead, wall: Wall | None) -> Deadlines:
    """Find the tickets that are invalid, whatever the metric.

    Return a row for each ticket, with a reason if the ticket is invalid.
    """
    facts, happened = rows.facts, rows.happened
    out = Deadlines.of(len(facts.opened))
    out.give_reason((facts.answered != NULL) & (facts.answered < facts.opened), BEFORE_OPENING, TicketError)
    out.give_reason(facts.opened == NULL, "opened_at is missing", TicketError)
    if happened is not None:
        there = np.flatnonzero((happened.row != NO_TICKET) & ~TELLS_OPENING.take(happened.kind))
        row = happened.row[there]
        out.reject(row[happened.at[there] < facts.opened[row]], out.place(EVENT_BEFORE_OPENING))
    rows.reject_unread(out, wall)
    return out


def _note(invalid: Deadlines, deadlines: Deadlines) -> None:
    """Mark in `invalid` each ticket that is invalid in `deadlines`, and copy the reason.

    A ticket that is already marked in `invalid` keeps the reason that it has there.
    """
    for place, reason in enumerate(deadlines.reasons):
        if reason.error is not None:
            rows = np.flatnonzero((deadlines.reason == place) & ~invalid.faulty)
            invalid.reject(rows, invalid.place(reason))
