"""Adds columns to a frame of tickets: their deadlines, the open time counted, and their states."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

import numpy as np

from kolmisla.columns.engines import Durations, Errors, in_seconds, is_lazy, raises, relation_of
from kolmisla.columns.frames.added import AddedColumns, added
from kolmisla.columns.frames.ends import ends_in
from kolmisla.columns.frames.tickets import Frame
from kolmisla.columns.given import RowsRead, frame_layout, in_one_library, read_rows
from kolmisla.columns.kernel.deadlines import Deadlines, deadlines_at, fill_in_responses
from kolmisla.columns.kernel.events import Events, first_answers
from kolmisla.columns.kernel.lifecycle import fill_in_events
from kolmisla.columns.kernel.promises import Promised, Reason, TicketColumns, TicketQuestion, promised
from kolmisla.columns.kernel.questions import NULL, Mask
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.columns.kernel.wall_times import Wall, WallReading
from kolmisla.columns.sql.tickets import judge
from kolmisla.errors import HorizonError, TicketError, choices, expect_text
from kolmisla.names import LOADING
from kolmisla.policies.kolmisoft import KOLMISOFT, check_policy
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import metric_in, metrics_of
from kolmisla.policies.terms.metrics import FIRST_RESPONSE, NEXT_RESPONSE, Metric, MetricName
from kolmisla.tickets.cycles.shapes import judged_by_arrays
from kolmisla.tickets.layouts.layout import Layout
from kolmisla.times.instants import SHOWN, instants_in, micros
from kolmisla.times.zones import zone_named

__all__ = ["Measured", "check_measured", "check_valid", "judged_rows", "measure", "measured", "reject_undated"]

FrameT = TypeVar("FrameT")  # a data frame of pandas, Polars, Arrow or Spark, or a relation of DuckDB


def measure(
    frame: FrameT,
    *,
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
    """Return the frame with eight more columns: what `deadline` answers about each ticket at the instant `at`.

    `frame` is a data frame of pandas, Polars (eager or lazy), Arrow or Spark, or a relation of DuckDB. The result has
    the type of `frame`. The new columns are `due_at` and `breaches_after`, in the policy's zone; `elapsed` and
    `target`, durations in microseconds; `state`, one of running, paused, met, breached, withdrawn and not-covered;
    `reason`, why there is no due time, or why the verdict does not count (after an event `waived`); `ended_at`, the end
    of the cycle; and `response`, the open time from the opening to the first answer. `response` is counted on the
    schedule of the plan's `average`, which is an aim for the mean response time. Without an `average`, `response` is
    counted on the schedule that counts the target. The names of new columns begin with `prefix`. With
    `durations="native"`, durations have the library's own type. With `durations="seconds"`, the default for DuckDB,
    durations are numbers of seconds, in the columns `elapsed_s`, `target_s` and `response_s`.

    The frame must have the columns `plan`, `priority` and `opened_at`. It may have `answered_at`, `channel`, `version`
    and `id`. A frame that is not in a database may also have `resolved_at`, `reopened_at` and `closed_at` and, if
    `columns` names them, `owner`, `schedule` and `opened_by`. `columns` maps these names to the names in the frame.
    `values` translates words. For a name such as `priority`, it has a mapping of the frame's words to the policy's
    words. A ticket without a channel counts as opened through the policy's first channel. `at` is an aware datetime.
    What happened after `at` does not count. `metric` must have one cycle for each ticket, like first-response and
    resolution.

    `events` is a frame of the library of `frame`, and both frames must be in memory. Its columns are `id`, `at`, `kind`
    and `value`, and perhaps `metric` and `reason`. If these columns have other names, `columns` maps the names. Its
    keys for `id`, `metric` and `reason` of events are `event_id`, `event_metric` and `event_reason`. The value of an
    event `due` is a time as text. Events may be in any order, and have the form that exports use: see
    `Ticket.imported`. Events of one instant keep the order of their rows. If the rows of a ticket run backwards in
    time, these rows are read from the last to the first. With `events`, the columns `resolved_at`, `reopened_at` and
    `closed_at` of tickets count only if `columns` names them.

    Naive times raise NaiveTimeError, unless `timezone` and `ambiguous` say how to read them, as in `due`. An invalid
    row (with a priority that the policy does not have, an answer before the opening, or a time that the schedule does
    not know) raises an error with the row's number, counted from 0. In a lazy frame, the number counts within a batch.
    Events without an id, or with an id that no ticket has, raise TicketError. With `errors="null"`, an invalid row has
    only a `reason`, and events that belong to no ticket are ignored. Raise TypeError for a policy or a frame of a wrong
    type, and for a column that must hold names or times and does not. Raise ValueError for a column that is missing,
    and for a new column whose name the frame already has.

    >>> import pyarrow as pa
    >>> opened = pa.array([datetime.fromisoformat("2026-07-03T16:30+03:00")], pa.timestamp("us", "UTC"))
    >>> tickets = pa.table({"plan": ["premium"], "priority": ["high"], "opened_at": opened})
    >>> measured = measure(tickets, at=datetime.fromisoformat("2026-07-07T08:10+03:00"))
    >>> measured["due_at"][0].as_py().isoformat(), str(measured["elapsed"][0].as_py()), measured["state"][0].as_py()
    ('2026-07-07T08:30:00+03:00', '1:40:00', 'running')
    """
    raising = raises(errors)
    expect_text("prefix", prefix)
    check_policy(policy)
    named = metric_in(policy, metric)
    one_cycle = [name for name in metrics_of(policy) if name != NEXT_RESPONSE and judged_by_arrays(policy, name)]
    if named not in one_cycle:
        must_be = f"metric must be {' or '.join(one_cycle)}" if one_cycle else "no metric of the policy can be measured"
        has_owners = any(plan.owner_targets(named) for edition in policy.editions for plan in edition.plans.values())
        why = "has targets by owner" if has_owners else "may have several cycles or none"
        raise ValueError(
            f"{must_be} for a frame, which has one row for each ticket; {named} {why}:"
            f" type columns.cycles(tickets, metric={named!r}, ...)"
        )
    relation = relation_of(frame)
    layout, wall = frame_layout(policy, columns, values, timezone, ambiguous, in_library=relation is None)
    question = TicketQuestion(policy, named, micros(at))
    new = AddedColumns(prefix, in_seconds(durations, relation))
    if events is not None and (relation is not None or is_lazy(frame)):
        raise TypeError("with events, the tickets must be in memory: a pandas or Polars data frame or an Arrow table")

    def changed(native: Any) -> Any:
        eager, log = in_one_library(native, events)
        result = measured(eager, log, question, layout, wall)
        if raising:
            check_measured(result)
        return added(eager, result.deadlines, new, policy.timezone, layout.column("opened_at"))

    answered: FrameT
    if relation is not None:
        if ends := ends_in(list(relation.kinds), layout, events=False):
            raise ValueError(
                f"{choices(ends)} can be measured in a frame in memory or a lazy frame of Polars, not in a database;"
                f" type columns={{{ends[0]!r}: ''}} to leave {ends[0]} out"
            )
        answered = judge(relation, question, layout, wall, new, raises=raising)
    elif is_lazy(frame):
        with LOADING:
            from kolmisla.columns.frames.polars_lazy import streamed

        answered = streamed(frame, changed, new.kinds, policy.timezone)
    else:
        answered = changed(frame)
    return answered


class Measured(NamedTuple):
    """The facts of the tickets in a frame, what is promised to them, and their deadlines."""

    facts: TicketColumns
    promised: Promised
    deadlines: Deadlines
    answered: Ints  # the instant of the first answer to each ticket, or NULL
    strays: str  # the message about events that belong to no ticket, or an empty text
    happened: Events | None
    withdrawn: Mask | None = None  # rows that ended without a verdict; None if the states in `deadlines` tell it


def measured(
    frame: Frame, events: Frame | Events | None, question: TicketQuestion, layout: Layout, wall: Wall | None
) -> Measured:
    """Judge the tickets of a frame: find what is promised to them, and their deadlines.

    `events` is a frame of events, or the events read from such a frame, or None.
    """
    return judged_rows(read_rows(frame, events, layout, wall), question, wall)


def judged_rows(rows: RowsRead, question: TicketQuestion, wall: Wall | None) -> Measured:
    """Judge the tickets in `rows`: find what is promised to them, and their deadlines."""
    tickets, happened = rows.facts, rows.happened
    promises = promised(tickets, question.policy, question.metric)
    ended = tickets.answered if question.ends_with_answer else np.full(len(tickets.opened), NULL)
    deadlines = deadlines_at(tickets, promises, ended, question.now)
    if happened is not None:
        fill_in_events(deadlines, tickets, promises, happened, question)
    rows.reject_unread(deadlines, wall)
    answered = first_answers(tickets, happened, question.now)
    for row, at in deadlines.answered.items():
        answered[row] = at
    fill_in_responses(deadlines, tickets, promises, answered)
    return Measured(tickets, promises, deadlines, answered, rows.strays, happened)


def check_measured(result: Measured, first: int = 0) -> None:
    """Raise an error for the first invalid row.

    If all rows are valid, but some events belong to no ticket, raise TicketError. `first` is the number that messages
    give to the first row.
    """
    check_valid(result.deadlines, result.strays, first)


def reject_undated(result: Measured, timezone: str) -> None:
    """Make a valid row invalid if, in the time zone, its opening has no date in the years 1 to 9999."""
    opened, deadlines, instant = result.facts.opened, result.deadlines, instants_in(zone_named(timezone))
    first, last = SHOWN
    far = np.flatnonzero(((opened < first) | (opened > last)) & ~deadlines.faulty)
    instants, places = np.unique(opened[far], return_inverse=True)
    reasons = np.zeros(len(instants), np.int64)
    for place, at in enumerate(instants.tolist()):
        try:
            instant(at)
        except HorizonError as error:
            reasons[place] = deadlines.place(Reason(str(error), HorizonError))
    given = reasons.take(places)
    deadlines.reject(far[given > 0], given[given > 0])


def check_valid(deadlines: Deadlines, strays: str, first: int = 0) -> None:
    """Raise an error for the first invalid row in `deadlines`.

    If all rows are valid, but `strays` is not empty, raise TicketError. `first` is the number that messages give to the
    first row.
    """
    if deadlines.faulty.any():
        row = int(deadlines.faulty.argmax())
        reason = list(deadlines.reasons)[deadlines.reason[row]]
        raise (reason.error or TicketError)(f"row {first + row}: {reason.text}")
    if strays:
        raise TicketError(strays)
