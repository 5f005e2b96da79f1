"""Whole tickets in columns: a frame of facts to the same frame with deadlines, time counted and states."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np

from kolmisla.columns.engines import Durations, Errors, in_seconds, is_lazy, raises, relation_of
from kolmisla.columns.frames.events import read_events
from kolmisla.columns.frames.tickets import Frame, added, facts, in_memory, reject_unreadable
from kolmisla.columns.kernel.deadlines import AddedColumns, Deadlines, deadlines_at
from kolmisla.columns.kernel.lifecycle import fill_in_events
from kolmisla.columns.kernel.promises import Promised, TicketColumns, TicketQuestion, promised
from kolmisla.columns.kernel.questions import NULL
from kolmisla.columns.kernel.wall_times import Wall, WallReading, wall_of
from kolmisla.columns.sql.tickets import judge
from kolmisla.errors import TicketError, expect
from kolmisla.instants import micros
from kolmisla.policies.kolmisoft import KOLMISOFT, check_policy
from kolmisla.policies.plan import FIRST_RESPONSE, RESOLUTION, MetricName, metric_named
from kolmisla.policies.policy import Policy
from kolmisla.tickets.layout import Layout

__all__ = ["Measured", "measure", "measured"]

ONE_CYCLE_METRICS = (FIRST_RESPONSE, RESOLUTION)


def measure(
    frame: Any,
    *,
    policy: Policy = KOLMISOFT,
    metric: MetricName = FIRST_RESPONSE,
    at: datetime,
    columns: Mapping[str, str] | None = None,
    values: Mapping[str, Mapping[str, str]] | None = None,
    events: Any = None,
    prefix: str = "",
    timezone: str | None = None,
    ambiguous: WallReading | None = None,
    durations: Durations | None = None,
    errors: Errors = "raise",
) -> Any:
    """The frame with six columns added: how each of its tickets stands at an instant, as its deadline says.

    `frame` is of pandas, Polars (eager or lazy), Arrow, DuckDB or Spark, and comes back as that: with `due_at` and
    `breaches_after` in the policy's zone, `elapsed` and `target` as durations, in microseconds; `state`, one of
    running, paused, met, breached and not-covered; and `reason`, why nothing is due. Their names begin with `prefix`.
    With `durations="seconds"`, which DuckDB has unless `"native"` is asked for, the durations are `elapsed_s` and
    `target_s`, numbers of seconds.

    It has `plan`, `priority` and `opened_at`, and may have `answered_at`, `channel`, `version` and `id`; `columns`
    maps these names to the frame's, `values` its words to the policy's, by fact. A ticket that names no channel came
    by the policy's first. What happened after `at`, an aware datetime, is not known.

    `events`, for frames in memory, is a frame of the same kind with `id`, `at`, `kind` and `value` (`event_id` in
    `columns` names its id). They come in any order and are taken as exports tell them, see `Ticket.imported`; within
    one instant a question stands before an answer, an answer before a change of priority. `metric` is first-response
    or resolution.

    Naive times are refused (NaiveTimeError) unless `timezone` and `ambiguous` say how they are read, as for `due`.
    A row that is no ticket (a priority that the policy has not, an answer before opening, a time outside what is
    known) raises its error with its number from 0, in a lazy frame the number in a batch; events of no ticket, or
    without an id, raise TicketError. With `errors="null"` such a row has nothing but a `reason`, and such events are
    passed over. TypeError for a policy or a frame that is none, and for columns that are not of names or times.

    >>> import pyarrow as pa
    >>> opened = pa.array([datetime.fromisoformat("2026-07-03T16:30+03:00")], pa.timestamp("us", "UTC"))
    >>> tickets = pa.table({"plan": ["premium"], "priority": ["high"], "opened_at": opened})
    >>> measured = measure(tickets, at=datetime.fromisoformat("2026-07-07T08:10+03:00"))
    >>> measured["due_at"][0].as_py().isoformat(), str(measured["elapsed"][0].as_py()), measured["state"][0].as_py()
    ('2026-07-07T08:30:00+03:00', '1:40:00', 'running')
    """
    raising = raises(errors)
    expect("prefix", prefix, str)
    for what, given in (("columns", columns), ("values", values)):
        if given is not None:
            expect(what, given, Mapping)
    check_policy(policy)
    named = metric_named(metric)
    if named not in ONE_CYCLE_METRICS:
        raise ValueError(
            f"{named} may have several cycles a ticket; a frame has a row a ticket: {', '.join(ONE_CYCLE_METRICS)}"
        )
    layout, wall = Layout(columns=columns or {}, values=values or {}), wall_of(timezone, ambiguous)
    question = TicketQuestion(policy, named, micros(at))
    relation = relation_of(frame)
    new = AddedColumns(prefix, in_seconds(durations, relation))
    if events is not None and (relation is not None or is_lazy(frame)):
        raise TypeError("events must come with tickets in memory: a pandas or Polars data frame or an Arrow table")
    if relation is not None:
        return judge(relation, question, layout, wall, new, raises=raising)

    def changed(some: Any) -> Any:
        eager = in_memory(some, "tickets")
        log = None if events is None else in_memory(events, "events")
        if log is not None and log.implementation is not eager.implementation:
            raise TypeError(
                f"tickets are of {eager.implementation.value}, events of {log.implementation.value}; make them alike"
            )
        found = measured(eager, log, question, layout, wall)
        if raising:
            _check(found)
        return added(eager, found.deadlines, new, policy.timezone, layout.column("opened_at"))

    if not is_lazy(frame):
        return changed(frame)
    from kolmisla.columns.frames.polars_lazy import streamed

    return streamed(frame, changed, new.kinds, policy.timezone)


class Measured(NamedTuple):
    """The tickets of a frame, what they are promised, how they stand; and what to say of events of no ticket."""

    facts: TicketColumns
    promised: Promised
    deadlines: Deadlines
    strays: str


def measured(
    frame: Frame, events: Frame | None, question: TicketQuestion, layout: Layout, wall: Wall | None
) -> Measured:
    """How the tickets of a frame stand."""
    tickets, read = facts(frame, layout, wall)
    promises = promised(tickets, question.policy, question.metric)
    ended = tickets.answered if question.metric == FIRST_RESPONSE else np.full(len(tickets.opened), NULL)
    found, strays = deadlines_at(tickets, promises, ended, question.now), ""
    if events is not None:
        happened, faults, strays = read_events(events, frame, layout, wall)
        fill_in_events(found, tickets, promises, happened, question)
        for fault in faults:
            found.give_reason(fault.rows, fault.text, fault.error)
    reject_unreadable(found, read, wall)
    return Measured(tickets, promises, found, strays)


def _check(found: Measured) -> None:
    """The error of the first row that is no ticket; TicketError for events of no ticket."""
    deadlines = found.deadlines
    if deadlines.faulty.any():
        row = int(deadlines.faulty.argmax())
        reason = list(deadlines.reasons)[deadlines.reason[row]]
        raise (reason.error or TicketError)(f"row {row}: {reason.text}")
    if found.strays:
        raise TicketError(found.strays)
