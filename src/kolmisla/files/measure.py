"""Measures a file of tickets: reads its rows, and writes the same rows with their deadlines and states."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from kolmisla.documents.remembered import remembered
from kolmisla.errors import (
    NotCoveredError,
    choices,
    expect,
    expect_text,
    is_iterable,
    shown,
)
from kolmisla.files.endings import Endings, ends_of
from kolmisla.files.facts import TicketFacts
from kolmisla.files.job import Job, Judged
from kolmisla.files.logs.log import Log
from kolmisla.files.plain import PlainRows
from kolmisla.files.responses import Responses, aim_of
from kolmisla.files.summary import COUNTED_STATES, UNDECIDED, WAIVED, Summary
from kolmisla.files.tables.table import Reject, Rows, Table, expect_stream, expect_table, expect_watched
from kolmisla.files.tickets import intake
from kolmisla.policies.kolmisoft import KOLMISOFT
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import metric_in
from kolmisla.policies.terms.metrics import FIRST_RESPONSE
from kolmisla.tickets.cycles.bounds import bounds_of
from kolmisla.tickets.cycles.cycle_clock import CycleClock, no_due_time
from kolmisla.tickets.cycles.cycle_clocks import cycle_clocks, no_cycle, uncovered_cycles
from kolmisla.tickets.cycles.cycles import CycleFacts, known
from kolmisla.tickets.cycles.responses import counts_for_mean, first_answer, response_time
from kolmisla.tickets.event import Moment
from kolmisla.tickets.layouts.fact_names import DUE_AT, OWN_TARGET
from kolmisla.tickets.layouts.layout import Layout
from kolmisla.times.instants import instants_in, length, micros, seconds
from kolmisla.times.zones import zone_named

__all__ = ["ADDED_BEHIND", "ADDED_BY_BOUNDS", "ADDED_BY_METRIC", "ADDED_TO_FILE", "Measuring", "check_one_metric"]

ADDED_TO_FILE = ("due_at", "breaches_after", "elapsed_s", "target_s", "state", "reason")
ADDED_BY_METRIC = ("metric", "cycle", "started_at", "ended_at")  # only with a list of metrics; before ADDED_TO_FILE
ADDED_BY_BOUNDS = ("elapsed_least_s", "elapsed_most_s")  # only if times are not known exactly; after all others
ADDED_BEHIND = ("ended_at", "response_s")  # after ADDED_TO_FILE, unless ADDED_BY_METRIC has them
OF_ONE_METRIC = {OWN_TARGET: "the target", DUE_AT: "the due time"}
NOTHING = (None, None, None, None)  # no due_at, breaches_after, elapsed_s or target_s


def check_one_metric(layout: Layout, metrics: Sequence[str], *, remedy: str = "choose one metric of") -> None:
    """Raise ValueError if there are several metrics, but a column has the target or the due time of one metric.

    The message ends with `remedy` and the names of the metrics.
    """
    of_one = [f"{name} is {what}" for name, what in OF_ONE_METRIC.items() if layout.names(name)]
    if len(metrics) > 1 and of_one:
        raise ValueError(f"{of_one[0]} of one metric; {remedy} {choices(metrics)}")


@dataclass(frozen=True, kw_only=True)
class Measuring:
    r"""The settings for reading and judging the rows of a file.

    `at` is the instant at which tickets are judged, as an aware datetime. Later events do not count. `policy` judges
    the tickets. `layout` says how the file writes its facts. `metrics` lists the metrics to measure. With a list, each
    cycle is a row, and four more columns give the cycle's metric, number, start and end. If `metrics` is None, only the
    first response is measured, with one row per ticket. `prefix` is put before the names of the added columns.

    `precision` says how exact the times are: with a minute, 14:10 means any instant from 14:10 until before 14:11. Two
    more columns then give the least and the most time that may have been counted. If the least and the most time
    lead to different states, the state is `undecided`. `ambiguous="both"` of the layout adds the same columns.

    Raise NaiveTimeError for an `at` without an offset, and TypeError for an argument of another type. Raise ValueError
    for a negative precision, an unknown metric, or an empty list of metrics. Raise it also if the layout names a target
    or a due time, which only one metric can have, but `metrics` has several.

    >>> from io import StringIO
    >>> from kolmisla.files.tables import CsvTable
    >>> out, rejects = StringIO(), StringIO()
    >>> tickets = CsvTable(StringIO("plan,priority,opened_at\npremium,high,2026-07-03T16:30+03:00\n"))
    >>> summary = Measuring(at=datetime.fromisoformat("2026-07-07T08:10+03:00")).run(tickets, out, rejects)
    >>> print(out.getvalue().splitlines()[1])
    premium,high,2026-07-03T16:30+03:00,2026-07-07T08:30:00+03:00,2026-07-07T08:30:00+03:00,6000,7200,running,,,
    """

    at: datetime
    policy: Policy = KOLMISOFT
    layout: Layout = field(default_factory=Layout)
    metrics: Sequence[str] | None = None
    prefix: str = ""
    precision: timedelta = timedelta()

    def __post_init__(self) -> None:
        _ = self._now  # raises for an instant without an offset
        expect("policy", self.policy, Policy)
        expect("layout", self.layout, Layout)
        expect_text("prefix", self.prefix)
        expect("precision", self.precision, timedelta)
        if self.precision < timedelta():
            raise ValueError(f"precision must be 0 or more, not {self.precision}")
        if self.metrics is not None:
            if isinstance(self.metrics, str) or not is_iterable(self.metrics):
                raise TypeError(f"metrics must be a list of names, such as ['resolution'], not {shown(self.metrics)}")
            object.__setattr__(self, "metrics", tuple(metric_in(self.policy, metric) for metric in self.metrics))
            if not self.metrics:
                raise ValueError("metrics must have at least one name; leave out metrics to measure the first response")
            check_one_metric(self.layout, tuple(self.metrics))

    def run(
        self,
        table: Table,
        out: Rows,
        rejects: Rows | Reject,
        *,
        watched: Callable[[Iterable[Any]], Iterable[Any]] = iter,
        log: Log | None = None,
    ) -> Summary:
        """Measure every row of a table. Write the row to `out` with columns added, or to `rejects` with the reason.

        `rejects` is a stream, which gets CSV, or a function, which gets the line, the reason and the row. `log` has the
        tickets' events, by id. In an audit log, only the earliest row of an id is a ticket. `watched` is a function
        that gets the rows and returns them, so that it can report progress. Raise ValueError if the table lacks a
        column, or already has one of the added columns. Errors in reading the table pass through.
        """
        expect_watched(watched)
        job = self.job(table, out, rejects)
        if log is None and self.metrics is None and not self.bounded:
            plain = PlainRows.of(table, self.layout, self.policy, self._now, job.summary)
            if plain is not None:
                plain.run(table, watched, out, job)
                return job.summary
        for taken in intake(table, self.layout, log=log, watched=watched, endings=job.summary.endings):
            job.take(*taken)
        job.summary.strays = tuple(log.strays()) if log else ()
        return job.summary

    def job(self, table: Table, out: Rows, rejects: Rows | Reject) -> Job:
        """Return an object that judges and writes the rows of a table. If the table is CSV, write the header to `out`.

        Raise ValueError if the table already has one of the added columns.
        """
        expect_table(table)
        expect_stream("out", out, "write")
        if not callable(rejects):
            expect_stream("rejects", rejects, "write")
        added = self.added(table.columns or ())
        reject = rejects if callable(rejects) else table.rejects(rejects)
        asks = not any(edition.waits_for_customer for edition in self.policy.editions)
        state_place = added.index(f"{self.prefix}state")
        return Job(self.judged, table.writer(out, added), reject, self.summary(), state_place, asks)

    def added(self, columns: Sequence[str]) -> list[str]:
        """Return the names of the added columns. Raise ValueError if one is in `columns`, the columns of the file."""
        behind = (*ADDED_BEHIND, *(ADDED_BY_BOUNDS if self.bounded else ()))
        added = [f"{self.prefix}{name}" for name in dict.fromkeys((*self._first, *ADDED_TO_FILE, *behind))]
        there = {name.casefold(): name for name in columns}
        clash = [there[name.casefold()] for name in added if name.casefold() in there]
        if clash:
            raise ValueError(f"the file has {choices(clash)} already; choose a prefix for the added columns")
        return added

    def summary(self) -> Summary:
        """Return an empty summary. For each metric, it has the usual states, such as `met`, with the count 0."""
        states = (*COUNTED_STATES, *([UNDECIDED] if self.bounded else []))
        endings = Endings(ends=ends_of(self.policy, self.measured))
        return Summary(states={metric: dict.fromkeys(states, 0) for metric in self.measured}, endings=endings)

    def judged(self, facts: TicketFacts) -> list[Judged]:
        """Judge the cycles of a ticket. The answers are the same as for a `Ticket` with these facts.

        A ticket without a cycle gets one answer, `not-covered`.
        """
        opened, moments = facts.opened, known(facts.moments, self._now)
        judged: list[Judged] = []
        for metric in self.measured:
            try:
                clocks = cycle_clocks(self.policy, facts.terms, opened, moments, metric)
                judged += [
                    self._judged_cycle(metric, number, cycle_clock, moments)
                    for number, cycle_clock in enumerate(clocks, 1)
                ]
            except NotCoveredError as reason:
                values = (*NOTHING, "not-covered", str(reason))
                cycles = uncovered_cycles(self.policy, facts.terms, opened, moments, metric)
                for number, cycle in enumerate(cycles, 1):
                    row = (*self._row(metric, number, cycle, values, None), *self._no_bounds)
                    judged.append(Judged(metric, row, ended=cycle.ended is not None and not cycle.withdrawn))
        if not judged:  # every ticket gets a row
            metric = self.measured[0]
            nothing = (metric, None, None, None, *NOTHING, "not-covered", no_cycle(metric), None, *self._no_bounds)
            judged = [Judged(metric, nothing)]
        return judged

    def _judged_cycle(self, metric: str, number: int, cycle_clock: CycleClock, moments: Sequence[Moment]) -> Judged:
        """Return the answers about one cycle, with its first response if this counts for the plan's mean."""
        promise = cycle_clock.promise
        within = promise.within
        state: str
        state, elapsed = cycle_clock.state_at(self._now)
        answered = first_answer(cycle_clock, moments)
        took = None if answered is None else response_time(cycle_clock, answered, elapsed)
        for_mean = None
        if counts_for_mean(cycle_clock) and (aim := aim_of(promise.plan)) is not None:
            for_mean = aim, Responses.of(answered, took, cycle_clock.started)
        between: tuple[int | float, ...] = ()
        if self.bounded:
            bounds = bounds_of(cycle_clock, self._now, length(self.precision))
            between = seconds(bounds.least), seconds(bounds.most)
            state = UNDECIDED if bounds.states[0] != bounds.states[1] else state
        values: tuple[Any, ...]
        waived = cycle_clock.waived if within is not None else None
        if waived is not None:  # text from JSON may have a lone surrogate, which UTF-8 cannot hold
            waived = waived.encode("utf-8", "backslashreplace").decode()
        if within is None:
            values = None, None, seconds(elapsed), None, "not-covered", promise.missing
        else:
            due, breach = cycle_clock.instants()
            text = instants_in(promise.zone)
            due_at = None if due is None else text(due).isoformat()
            breaches_after = due_at if breach == due else None if breach is None else text(breach).isoformat()
            said = [f"{WAIVED}: {waived}"] * (waived is not None) + [no_due_time(cycle_clock)] * (due_at is None)
            values = due_at, breaches_after, seconds(elapsed), seconds(within), state, "; ".join(said) or None
        cell = promise.plan.name, promise.priority.name
        ended = cycle_clock.ended is not None and not cycle_clock.withdrawn
        row = (*self._row(metric, number, cycle_clock, values, took), *between)
        return Judged(metric, row, for_mean, ended, cell, waived)

    def _row(
        self,
        metric: str,
        number: int,
        cycle: CycleFacts | CycleClock,
        values: tuple[Any, ...],
        took: int | None,
    ) -> tuple[Any, ...]:
        """Return the values that are added to a row, except the least and the most time (see `precision`).

        `values` has those of ADDED_TO_FILE. `took` is the working time to the first answer.
        """
        text, ended = self._text, cycle.ended
        ended_at = None if ended is None else text(ended).isoformat()
        response_s = None if took is None else seconds(took)
        if self.metrics is None:
            return *values, ended_at, response_s
        return metric, number, text(cycle.started).isoformat(), ended_at, *values, response_s

    @property
    def bounded(self) -> bool:
        """Whether times may be inexact, so that columns for the least and the most time are added."""
        return bool(self.precision) or self.layout.ambiguous == "both"

    @remembered
    def _no_bounds(self) -> tuple[None, ...]:
        return (None, None) if self.bounded else ()

    @remembered
    def _first(self) -> Sequence[str]:
        """Return the names of the added columns that come before those in ADDED_TO_FILE, without the prefix."""
        return ADDED_BY_METRIC if self.metrics else ()

    @remembered
    def measured(self) -> Sequence[str]:
        """Return the names of the metrics that are measured."""
        return self.metrics or (FIRST_RESPONSE,)

    @remembered
    def _text(self) -> Callable[[int], datetime]:
        return instants_in(zone_named(self.policy.timezone))

    @remembered
    def _now(self) -> int:
        return micros(self.at)
