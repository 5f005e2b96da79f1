"""Makes a frame with a row for each part of the last cycle of each ticket: by owner, by priority or by reason."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple, TypeVar, get_args

import numpy as np

from kolmisla.columns.all_cycles import EveryCycle, check_in_memory, every_cycle
from kolmisla.columns.engines import Durations, Errors, in_seconds, raises
from kolmisla.columns.frames.added import AddedColumns, Labels, with_columns
from kolmisla.columns.given import RowsRead, frame_layout, in_one_library, read_rows
from kolmisla.columns.kernel.alone.events import OneByOne
from kolmisla.columns.kernel.events import KIND_CODE, Events
from kolmisla.columns.kernel.lifecycle import EVERY_KIND
from kolmisla.columns.kernel.promises import Reason, TicketQuestion, promised
from kolmisla.columns.kernel.questions import NULL, Mask
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.columns.kernel.wall_times import WallReading
from kolmisla.columns.lives.in_order import no_events
from kolmisla.columns.tickets import check_valid
from kolmisla.errors import KolmislaError, choices, expect_text, shown
from kolmisla.instants import micros
from kolmisla.policies.kolmisoft import KOLMISOFT, check_policy
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import metric_in
from kolmisla.policies.terms.metrics import FIRST_RESPONSE, Metric, MetricName
from kolmisla.tickets.answers.breakdown import BreakdownBy, Part, PartsAsked, cycle_parts
from kolmisla.tickets.cycles.cycle_clocks import cycle_clocks, cycle_facts_of, no_cycle, reading_of
from kolmisla.tickets.cycles.cycles import heard

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
    """Return a frame with a row for each part of the last cycle of each ticket, as it stands at the instant `at`.

    `by` is `owner`, `priority` or `reason`, as for `breakdown` of a ticket. A row has the columns of its ticket and six
    more: `cycle`, the number of the cycle; `part`, the name of the part; `elapsed`, the open time counted in it;
    `paused`, the open time in it in which a pause stopped the clock; `ran_out`, whether the target ran out in it; and
    `reason`, why the ticket has no parts. The parts of a ticket add up to the time counted in its cycle. Each ticket
    has at least one row. Durations are in microseconds.

    The frames must be in memory. The other parameters and the errors are the same as for `cycles`.

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
    found = every_cycle(rows, policy, (question.metric,), question.now, wall)
    ticket, facts = _parts(rows, found, question, by)
    if raising:
        check_valid(found.invalid, rows.strays)
    result: FrameT = with_columns(eager[ticket], facts, new, policy.timezone, layout.column("opened_at")).to_native()
    return result


class _Last(NamedTuple):
    """The last cycle of each ticket. Without a cycle, a ticket has NULL in the columns, and `reason` says why.

    `lasts` marks the cycles that are longer than an instant.
    """

    number: Ints
    elapsed: Ints
    target: Ints
    lasts: Mask
    reason: list[str | None]


def _last(found: EveryCycle, question: TicketQuestion) -> _Last:
    size = len(found.invalid.state)
    number, elapsed, target = (np.full(size, NULL) for _ in range(3))
    last = _Last(number, elapsed, target, np.zeros(size, np.bool_), [no_cycle(question.metric)] * size)
    for part in found.parts:  # the cycles of a ticket are in order, and the last is stored last
        ticket, deadlines = part.ticket, part.deadlines
        last.number[ticket], last.elapsed[ticket] = part.number, deadlines.elapsed
        last.target[ticket] = deadlines.target
        end = np.where(deadlines.ended == NULL, question.now, deadlines.ended)
        last.lasts[ticket] = end > part.started
        known = deadlines.elapsed != NULL
        texts = [reason.text for reason in deadlines.reasons]
        for row in ticket[known].tolist():
            last.reason[row] = None
        for row, place in zip(ticket[~known].tolist(), deadlines.reason[~known].tolist(), strict=True):
            last.reason[row] = texts[place]
    return last


def _parts(
    rows: RowsRead, found: EveryCycle, question: TicketQuestion, by: BreakdownBy
) -> tuple[Ints, dict[str, Ints | Mask | Labels]]:
    """Return two things: for each row of the result, the index of its ticket; and the result's columns by name.

    Tickets that turn out to be invalid are marked in `found`.
    """
    last = _last(found, question)
    log = no_events() if rows.happened is None else rows.happened
    terms = promised(rows.facts, question.policy, question.metric)
    eventful = _eventful(log, question, by, len(last.number)) & (last.elapsed != NULL) & ~found.invalid.faulty
    alone = OneByOne(rows.facts, terms, log, question.now)
    told: dict[int, list[tuple[Part, bool]]] = {}
    for row in np.flatnonzero(eventful & last.lasts).tolist():
        try:
            told[row] = _alone(alone, row, question, by)
        except KolmislaError as fault:
            found.invalid.reject(np.array([row]), found.invalid.place(Reason(str(fault), type(fault))))
    number = np.array([len(told.get(row, (None,))) for row in range(len(last.number))], np.int64)
    ticket = np.repeat(np.arange(len(number)), number)
    faulty = found.invalid.faulty
    elapsed, paused = last.elapsed.take(ticket), np.where(last.elapsed.take(ticket) == NULL, NULL, 0)
    ran_out = (last.target.take(ticket) != NULL) & (elapsed > last.target.take(ticket))
    names: list[str | None] = [None] * len(ticket)
    if by != "reason":
        named = last.lasts & (last.elapsed != NULL) & ~faulty
        own: list[str | None] = [getattr(one, by) for one in terms.terms]
        names = [own[terms.places[row]] if named[row] else None for row in ticket.tolist()]
    first = np.cumsum(number) - number
    for row, parts in told.items():
        for place, (part, is_out) in enumerate(parts, int(first[row])):
            names[place], elapsed[place], paused[place], ran_out[place] = part.name, part.elapsed, part.paused, is_out
    reasons = last.reason
    texts = [reason.text for reason in found.invalid.reasons]
    for row in np.flatnonzero(faulty).tolist():
        reasons[row] = texts[found.invalid.reason[row]]
    wrong = faulty.take(ticket)
    for amounts in (elapsed, paused):
        amounts[wrong] = NULL
    ran_out[wrong] = False
    cycle = np.where(wrong, NULL, last.number.take(ticket))
    distinct = list(dict.fromkeys(names))
    places = {name: place for place, name in enumerate(distinct)}
    return ticket, {
        "cycle": cycle,
        "part": Labels(distinct, np.array([places[name] for name in names], np.int64)),
        "elapsed": elapsed,
        "paused": paused,
        "ran_out": ran_out,
        "reason": Labels(reasons, ticket),
    }


def _eventful(happened: Events, question: TicketQuestion, by: BreakdownBy, tickets: int) -> Mask:
    """Return a mask of the tickets whose cycles may have several parts, or a pause, or an agreed time."""
    kinds = ["paused", "due", *([] if by == "reason" else [by])]
    matters = np.isin(EVERY_KIND, [KIND_CODE[kind] for kind in kinds])
    mask = np.zeros(tickets + 1, np.bool_)
    mask[happened.row[matters.take(happened.kind) & (happened.at <= question.now)]] = True
    return mask[:-1]  # the last entry is for events of no ticket


def _alone(alone: OneByOne, row: int, question: TicketQuestion, by: BreakdownBy) -> list[tuple[Part, bool]]:
    """Return the parts of a ticket's last cycle, each with True if the target ran out in it, else False."""
    policy, metric = question.policy, question.metric
    terms, opened, moments = alone.terms(row), alone.opened(row), alone.moments(row)
    clock = cycle_clocks(policy, terms, opened, moments, metric)[-1]
    end = question.now if clock.ended is None else clock.ended
    facts = cycle_facts_of(policy, terms, opened, moments, metric)[-1]
    waits = reading_of(policy.in_force(opened), clock.promise.plan, metric).waits
    ((parts, name),) = cycle_parts(clock, PartsAsked(facts, heard(moments), waits, end), by)
    exceeded = clock.exceeded(end, clock.elapsed(end))
    return [(part, exceeded and part.name == name) for part in parts]
