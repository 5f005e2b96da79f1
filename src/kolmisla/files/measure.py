"""The main job: read a file of tickets, and write the same rows with their deadlines and states."""

from collections.abc import Callable, Iterable, Iterator, Sequence
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
    named,
    shown,
)
from kolmisla.files.facts import TicketFacts
from kolmisla.files.reader import Log, intake
from kolmisla.files.tables import Reject, Rows, Table
from kolmisla.instants import SECOND, clock, instants_in, length, micros, seconds
from kolmisla.policies.kolmisoft import KOLMISOFT
from kolmisla.policies.plan import FIRST_RESPONSE, MetricName, metric_named
from kolmisla.policies.policy import Policy
from kolmisla.tickets.cycle_clock import CycleClock, no_due_time
from kolmisla.tickets.cycle_clocks import NOTHING_ASKED, cycle_clocks
from kolmisla.tickets.cycles import CycleFacts, cycle_facts, known
from kolmisla.tickets.layout import Layout
from kolmisla.times.zones import zone_named

__all__ = ["ADDED_BY_METRIC", "ADDED_TO_FILE", "SUMMARY_STATES", "Job", "Measuring", "Summary"]

ADDED_TO_FILE = ("due_at", "breaches_after", "elapsed_s", "target_s", "state", "reason")
ADDED_BY_METRIC = ("metric", "cycle", "started_at", "ended_at")
# Counted from the end, because a row may have other values before those of ADDED_TO_FILE.
STATE_PLACE = ADDED_TO_FILE.index("state") - len(ADDED_TO_FILE)
SUMMARY_STATES = ("met", "breached", "running", "paused", "not-covered")
NOTHING = (None, None, None, None)  # no due_at, breaches_after, elapsed_s or target_s
MOST_STRAYS = 20  # the most events without a ticket that a summary lists

# The metric of a cycle, the cycle's added values, and the cycle's clock with the elapsed microseconds.
# The last item is None unless the cycle is a first response that was given.
Judged = tuple[MetricName, tuple[Any, ...], tuple[CycleClock, int] | None]


@dataclass(slots=True)
class Summary:
    """The counts of a job: tickets read, cycles by metric and state, and working time to first response by plan."""

    rows: int = 0  # in an audit log, only the rows that begin a ticket
    rejected: int = 0
    states: dict[MetricName, dict[str, int]] = field(default_factory=dict)
    responses: dict[str, tuple[int, int]] = field(
        default_factory=dict
    )  # by plan: the number of responses, and the sum of their working time in microseconds
    beyond: int = 0  # responses in years whose working hours are unknown, left out of the means
    strays: tuple[str, ...] = ()  # events without a ticket

    def lines(self, policy: Policy, rejects: str | None = None) -> Iterator[str]:
        """Yield lines of text for a person: first the outcomes, then each plan's mean response and aim."""
        where = f" ({rejects})" if self.rejected and rejects else ""
        metrics = list(self.states)
        if len(metrics) == 1:
            yield f"{self.rows:,} rows: {self._outcomes(metrics[0])}, {self.rejected:,} rejected{where}"
        else:
            yield f"{self.rows:,} rows: {self.rejected:,} rejected{where}"
            yield from (f"{metric}: {self._outcomes(metric)}" for metric in metrics)
        # the latest edition of each plan
        plans = {plan.name: plan for edition in policy.editions for plan in edition.plans.values()}
        for plan in plans.values():
            mean = self.mean_response(plan.name)
            if mean is not None and plan.average is not None:
                answered = self.responses[plan.name][0]
                took, aim = clock(mean // SECOND * SECOND), clock(length(plan.average.within))
                yield f"{named(plan.name)}: mean response {took} over {answered:,} answered, aim {aim}"
        if self.beyond:
            yield f"the means leave out {self.beyond:,} responses in years whose working hours are unknown"
        if self.strays:
            more = f"; and {len(self.strays) - MOST_STRAYS:,} more" if len(self.strays) > MOST_STRAYS else ""
            first = "; ".join(self.strays[:MOST_STRAYS])
            yield f"{len(self.strays):,} ids or rows of events without a ticket: {first}{more}"

    def _outcomes(self, metric: MetricName) -> str:
        counts = self.states[metric]
        listed = [state for state in SUMMARY_STATES if state != "paused" or counts[state]]  # 0 paused is left out
        return ", ".join(f"{counts[state]:,} {state}" for state in listed)

    def respond(self, cycle_clock: CycleClock, elapsed: int) -> None:
        """Add a response to its plan's average. The time is counted from opening, on the schedule of the average."""
        average_on, answered = cycle_clock.promise.average_on, cycle_clock.ended
        if average_on is None or answered is None:
            return
        plan = cycle_clock.promise.plan.name
        count, total = self.responses.get(plan, (0, 0))
        try:
            same = cycle_clock.clock is average_on.timeline  # False after a pause, for example
            took = elapsed if same else average_on.timeline.elapsed(cycle_clock.started, answered)
        except HorizonError:  # the ticket's own clock may cover more years, as 24x7 does
            self.beyond += 1
        else:
            self.responses[plan] = count + 1, total + took

    def mean_response(self, plan: str) -> int | None:
        """Return a plan's mean working time to first response, in microseconds. Return None without responses."""
        count, total = self.responses.get(plan, (0, 0))
        return total // count if count else None


@dataclass(frozen=True, slots=True)
class Job:
    """A job in progress. Each row is counted, and either written with the values of its cycles or rejected."""

    judge: Callable[[TicketFacts], list[Judged]]
    write: Callable[[Any, Sequence[Any]], None]
    reject: Reject
    summary: Summary

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
            summary.rejected += 1
            self.reject(line, str(error), row)
            return
        for metric, values, answered in judged:
            summary.states[metric][values[STATE_PLACE]] += 1
            if answered:
                summary.respond(*answered)
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
            if isinstance(self.metrics, str) or not isinstance(self.metrics, Iterable):
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
        for line, row, facts, fault in intake(table, self.layout, log=log, watched=watched):
            job.take(line, row, facts, fault)
        job.summary.strays = tuple(log.strays()) if log else ()
        return job.summary

    def job(self, table: Table, out: Rows, rejects: Rows | Reject) -> Job:
        """Write the headers, and return the job that takes the rows of a table. Raise ValueError as `added` does."""
        added = self.added(table.columns or ())
        reject = rejects if callable(rejects) else table.rejects(rejects)
        return Job(self.judged, table.writer(out, added), reject, self.summary())

    def added(self, columns: Sequence[str]) -> list[str]:
        """Return the names of the added columns. Raise ValueError when the file already has one of these columns."""
        added = [self.prefix + name for name in ((*ADDED_BY_METRIC, *ADDED_TO_FILE) if self.metrics else ADDED_TO_FILE)]
        clash = [name for name in added if name in columns]
        if clash:
            raise ValueError(f"the file has {choices(clash)} already; choose a prefix for the added columns")
        return added

    def summary(self) -> Summary:
        """Return an empty summary: for each metric, 0 cycles in each state."""
        return Summary(states={metric: dict.fromkeys(SUMMARY_STATES, 0) for metric in self._measured})

    def judged(self, facts: TicketFacts) -> list[Judged]:
        """Judge the cycles of a ticket. The answers are the same as for a `Ticket` with these facts."""
        _, plan, priority, channel, version, opened, all_moments = facts
        moments = known(all_moments, self._now)
        judged: list[Judged] = []
        for metric in self._measured:
            try:
                clocks = cycle_clocks(self.policy, (plan, priority, channel, version), opened, moments, metric)
                judged += [
                    self._judged_cycle(metric, number, cycle_clock) for number, cycle_clock in enumerate(clocks, 1)
                ]
            except NotCoveredError as reason:
                values = (*NOTHING, "not-covered", str(reason))
                for number, cycle in enumerate(cycle_facts(opened, priority, moments, metric, pausing=False), 1):
                    judged.append((metric, self._row(metric, number, cycle, values), None))
        if not judged:  # every ticket gets a row
            metric = self._measured[0]
            judged = [(metric, (metric, None, None, None, *NOTHING, "not-covered", NOTHING_ASKED), None)]
        return judged

    def _judged_cycle(self, metric: MetricName, number: int, cycle_clock: CycleClock) -> Judged:
        """Judge one cycle. For a first response that was given, include the clock and the elapsed time."""
        promise = cycle_clock.promise
        within = promise.within
        state, elapsed = cycle_clock.state_at(self._now)
        answered = (cycle_clock, elapsed) if metric == FIRST_RESPONSE and cycle_clock.ended is not None else None
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
        return metric, self._row(metric, number, cycle_clock, values), answered

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
