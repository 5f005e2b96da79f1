"""The main job: read a file of tickets, and write the same rows with their deadlines and states."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from kolmisla.documents.remembered import remembered
from kolmisla.errors import (
    HorizonError,
    KolmislaError,
    NotCoveredError,
    TicketError,
    choices,
    expect,
    expect_text,
    is_iterable,
    shown,
)
from kolmisla.files.facts import TicketFacts
from kolmisla.files.log import Log
from kolmisla.files.reader import intake
from kolmisla.files.summary import SUMMARY_STATES, Responses, Summary
from kolmisla.files.tables import Reject, Rows, Table, expect_stream, expect_table
from kolmisla.instants import instants_in, micros, seconds
from kolmisla.policies.kolmisoft import KOLMISOFT
from kolmisla.policies.plan import FIRST_RESPONSE, MetricName, metric_named
from kolmisla.policies.policy import Policy
from kolmisla.tickets.cycle_clock import CycleClock, no_due_time
from kolmisla.tickets.cycle_clocks import NOTHING_ASKED, cycle_clocks
from kolmisla.tickets.cycles import CycleFacts, asks_while_paused, cycle_facts, known
from kolmisla.tickets.event import Moment
from kolmisla.tickets.layout import Layout
from kolmisla.times.zones import zone_named

__all__ = ["ADDED_BY_METRIC", "ADDED_TO_FILE", "Job", "Measuring", "response_of"]

ADDED_TO_FILE = ("due_at", "breaches_after", "elapsed_s", "target_s", "state", "reason")
ADDED_BY_METRIC = ("metric", "cycle", "started_at", "ended_at")
# Counted from the end, because a row may have other values before those of ADDED_TO_FILE.
STATE_PLACE = ADDED_TO_FILE.index("state") - len(ADDED_TO_FILE)
NOTHING = (None, None, None, None)  # no due_at, breaches_after, elapsed_s or target_s

# The metric of a cycle, the cycle's added values, the first response for the mean of a plan with the plan's name (None
# unless the cycle is a first response that counts for a mean), whether the cycle has ended, and the names of its plan
# and priority (None if nothing is promised).
Judged = tuple[MetricName, tuple[Any, ...], tuple[str, Responses] | None, bool, tuple[str, str] | None]


@dataclass(frozen=True, slots=True)
class Job:
    """A job in progress. Each row is counted, and either written with the values of its cycles or rejected."""

    judge: Callable[[TicketFacts], list[Judged]]
    write: Callable[[Any, Sequence[Any]], None]
    reject: Reject
    summary: Summary
    asks: bool  # whether to look for questions during pauses, because the policy does not say what they end

    def take(self, line: int, row: Any, facts: TicketFacts | None, fault: str | None) -> None:
        """Judge and write one row, or reject it.

        `facts` are the facts of the row's ticket. For an invalid row, `facts` is None and `fault` is the reason.
        """
        summary = self.summary
        summary.rows += 1
        try:
            if facts is None:
                raise TicketError(str(fault))
            judged = self.judge(facts)
        except (KolmislaError, ValueError) as error:
            summary.reject(str(error))
            self.reject(line, str(error), row)
            return
        summary.unmatched += facts.unmatched
        summary.moved += facts.moved
        summary.first_resolutions_missing += facts.first_resolution_missing
        if facts.moments and self.asks and asks_while_paused(facts.moments):
            summary.asked_while_paused += 1
        for metric, values, response, ended, cell in judged:
            if ended:
                summary.endings.ended[metric] = summary.endings.ended.get(metric, 0) + 1
            state = values[STATE_PLACE]
            summary.states[metric][state] += 1
            if cell:
                summary.judge(metric, *cell, state == "met", state == "breached")
            if response:
                summary.respond(*response)
            try:
                self.write(row, values)
            except ValueError as error:  # a JSON row that already has one of the added keys
                raise ValueError(f"line {line}: {error}; choose a prefix for the added names") from error


@dataclass(frozen=True, kw_only=True)
class Measuring:
    r"""The settings for reading and judging the rows of a file.

    `at` is the instant at which tickets are judged, as an aware datetime. Later events do not count. `policy` judges
    the tickets. `layout` says how the file writes its facts. `metrics` lists the metrics to measure. With a list, each
    cycle is a row, and four more columns give the cycle's metric, number, start and end. If `metrics` is None, only the
    first response is measured, with one row per ticket. `prefix` is put before the names of the added columns.

    NaiveTimeError is raised for an `at` without an offset, TypeError for an argument of another type, and ValueError
    for an unknown metric or an empty list of metrics.

    >>> from io import StringIO
    >>> from kolmisla.files.tables import CsvTable
    >>> out, rejects = StringIO(), StringIO()
    >>> tickets = CsvTable(StringIO("plan,priority,opened_at\npremium,high,2026-07-03T16:30+03:00\n"))
    >>> summary = Measuring(at=datetime.fromisoformat("2026-07-07T08:10+03:00")).run(tickets, out, rejects)
    >>> print(out.getvalue().splitlines()[1])
    premium,high,2026-07-03T16:30+03:00,2026-07-07T08:30:00+03:00,2026-07-07T08:30:00+03:00,6000,7200,running,
    """

    at: datetime
    policy: Policy = KOLMISOFT
    layout: Layout = field(default_factory=Layout)
    metrics: Sequence[MetricName] | None = None
    prefix: str = ""

    def __post_init__(self) -> None:
        _ = self._now  # raises for an instant without an offset
        expect("policy", self.policy, Policy)
        expect("layout", self.layout, Layout)
        expect_text("prefix", self.prefix)
        if self.metrics is not None:
            if isinstance(self.metrics, str) or not is_iterable(self.metrics):
                raise TypeError(f"metrics must be a list of names, such as ['resolution'], not {shown(self.metrics)}")
            object.__setattr__(self, "metrics", tuple(map(metric_named, self.metrics)))
            if not self.metrics:
                raise ValueError("metrics must have at least one name; None measures the first response alone")

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

        `rejects` is a stream or a function. A stream receives CSV. A function takes the line, the reason and the row.
        `log` has the tickets' events, by id. In an audit log, only the first row of an id is a ticket. `watched`
        receives the rows and returns them, so that it can report progress. Raise ValueError when the table lacks a
        column, or already has one of the added columns. Errors in reading the table pass through.
        """
        job = self.job(table, out, rejects)
        for line, row, facts, fault in intake(
            table, self.layout, log=log, watched=watched, endings=job.summary.endings
        ):
            job.take(line, row, facts, fault)
        job.summary.strays = tuple(log.strays()) if log else ()
        return job.summary

    def job(self, table: Table, out: Rows, rejects: Rows | Reject) -> Job:
        """Write the headers, and return the job that takes the rows of a table. Raise ValueError as `added` does."""
        expect_table(table)
        expect_stream("out", out, "write")
        if not callable(rejects):
            expect_stream("rejects", rejects, "write")
        added = self.added(table.columns or ())
        reject = rejects if callable(rejects) else table.rejects(rejects)
        asks = not any(edition.waits_for_customer for edition in self.policy.editions)
        return Job(self.judged, table.writer(out, added), reject, self.summary(), asks)

    def added(self, columns: Sequence[str]) -> list[str]:
        """Return the names of the added columns. Raise ValueError when the file already has one of these columns."""
        added = [self.prefix + name for name in ((*ADDED_BY_METRIC, *ADDED_TO_FILE) if self.metrics else ADDED_TO_FILE)]
        there = {name.casefold(): name for name in columns}
        clash = [there[name.casefold()] for name in added if name.casefold() in there]
        if clash:
            raise ValueError(f"the file has {choices(clash)} already; choose a prefix for the added columns")
        return added

    def summary(self) -> Summary:
        """Return an empty summary: for each metric, 0 cycles in each state."""
        return Summary(states={metric: dict.fromkeys(SUMMARY_STATES, 0) for metric in self._measured})

    def judged(self, facts: TicketFacts) -> list[Judged]:
        """Judge the cycles of a ticket. The answers are the same as for a `Ticket` with these facts."""
        _, plan, priority, channel, version, opened, all_moments, *_ = facts
        moments = known(all_moments, self._now)
        judged: list[Judged] = []
        for metric in self._measured:
            try:
                clocks = cycle_clocks(self.policy, (plan, priority, channel, version), opened, moments, metric)
                judged += [
                    self._judged_cycle(metric, number, cycle_clock, moments)
                    for number, cycle_clock in enumerate(clocks, 1)
                ]
            except NotCoveredError as reason:
                values = (*NOTHING, "not-covered", str(reason))
                for number, cycle in enumerate(cycle_facts(opened, priority, moments, metric), 1):
                    judged.append(
                        (metric, self._row(metric, number, cycle, values), None, cycle.ended is not None, None)
                    )
        if not judged:  # every ticket gets a row
            metric = self._measured[0]
            judged = [(metric, (metric, None, None, None, *NOTHING, "not-covered", NOTHING_ASKED), None, False, None)]
        return judged

    def _judged_cycle(
        self, metric: MetricName, number: int, cycle_clock: CycleClock, moments: Sequence[Moment]
    ) -> Judged:
        """Judge one cycle. For a first response that was given, include the response for the plan's mean."""
        promise = cycle_clock.promise
        within = promise.within
        state, elapsed = cycle_clock.state_at(self._now)
        response = response_of(cycle_clock, elapsed, moments) if metric == FIRST_RESPONSE else None
        values: tuple[Any, ...]
        if within is None:
            values = None, None, seconds(elapsed), None, "not-covered", promise.missing
        else:
            due, breach = cycle_clock.instants()
            text = instants_in(promise.zone)
            due_at = None if due is None else text(due).isoformat()
            breaches_after = due_at if breach == due else None if breach is None else text(breach).isoformat()
            unknown = None if due_at else no_due_time(cycle_clock)
            values = due_at, breaches_after, seconds(elapsed), seconds(within), state, unknown
        cell = promise.plan.name, promise.priority.name
        return metric, self._row(metric, number, cycle_clock, values), response, cycle_clock.ended is not None, cell

    def _row(
        self, metric: MetricName, number: int, cycle: CycleFacts | CycleClock, values: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """Return a row's added values. If `metrics` is a list, the cycle's metric, number, start and end come first."""
        if self.metrics is None:
            return values
        text = instants_in(self._zone)
        ended_at = None if cycle.ended is None else text(cycle.ended).isoformat()
        return metric, number, text(cycle.started).isoformat(), ended_at, *values

    @remembered
    def _measured(self) -> Sequence[MetricName]:
        return self.metrics or (FIRST_RESPONSE,)

    @remembered
    def _zone(self) -> ZoneInfo:
        return zone_named(self.policy.timezone)

    @remembered
    def _now(self) -> int:
        return micros(self.at)


def response_of(cycle_clock: CycleClock, elapsed: int, moments: Sequence[Moment]) -> tuple[str, Responses] | None:
    """Return the name of a ticket's plan, and the response to the ticket. Return None if it is in no mean.

    `elapsed` is the time counted in the cycle of the first response. The mean counts to the first answer, on the
    schedule of the plan's average. A resolution is no answer.
    """
    plan, average_on, started = cycle_clock.promise.plan.name, cycle_clock.promise.average_on, cycle_clock.started
    if average_on is None or cycle_clock.ended is None:
        return None
    answered = next((moment.at for moment in moments if moment.kind == "answered"), None)
    if answered is None:
        return plan, Responses(unanswered=1)
    if answered == started:
        return plan, Responses(at_opening=1)
    if answered == cycle_clock.ended and cycle_clock.clock is average_on.timeline:  # not so after a pause, for example
        return plan, Responses(answered=1, took=elapsed)
    try:
        return plan, Responses(answered=1, took=average_on.timeline.elapsed(started, answered))
    except HorizonError:  # the ticket's own clock may cover more years, as 24x7 does
        return plan, Responses(beyond=1)
