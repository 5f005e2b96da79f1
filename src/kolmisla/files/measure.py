"""The main job: a file of tickets in, the same rows with their deadlines and states out."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from kolmisla.documents.remembered import remembered
from kolmisla.errors import HorizonError, KolmislaError, NotCoveredError, TicketError, choices, expect, named, shown
from kolmisla.files.reader import Log, intake
from kolmisla.files.tables import Rows, Table
from kolmisla.instants import SECOND, clock, instants_in, length, micros, seconds
from kolmisla.policies.kolmisoft import KOLMISOFT
from kolmisla.policies.plan import FIRST_RESPONSE, MetricName, metric_named
from kolmisla.policies.policy import Policy
from kolmisla.schedules.zones import zone_named
from kolmisla.tickets.cycle_clock import CycleClock, no_due_time
from kolmisla.tickets.cycle_clocks import cycle_clocks
from kolmisla.tickets.cycles import CycleFacts, cycle_facts, known
from kolmisla.tickets.deadline import NOTHING_ASKED
from kolmisla.tickets.layout import Layout, TicketFacts

__all__ = ["ADDED_BY_METRIC", "ADDED_TO_FILE", "SUMMARY_STATES", "Job", "Measuring", "Summary"]

ADDED_TO_FILE = ("due_at", "breaches_after", "elapsed_s", "target_s", "state", "reason")
ADDED_BY_METRIC = ("metric", "cycle", "started_at", "ended_at")
SUMMARY_STATES = ("met", "breached", "running", "paused", "not-covered")
NOTHING = (None, None, None, None)  # no due time, none to keep, no time counted, no target
MOST_STRAYS = 20  # events of no ticket that a summary names

# Of a cycle: its metric, its added values and, of a first response that has come, its cycle clock and what was counted.
Judged = tuple[MetricName, tuple[Any, ...], tuple[CycleClock, int] | None]


@dataclass(slots=True)
class Summary:
    """What a job did: tickets read, their cycles by metric and state, working time to first response by plan."""

    rows: int = 0  # in an audit log, those that begin a ticket
    rejected: int = 0
    states: dict[MetricName, dict[str, int]] = field(default_factory=dict)
    responses: dict[str, tuple[int, int]] = field(default_factory=dict)  # by plan: how many, and their sum
    beyond: int = 0  # responses in years whose working hours are not known; in no mean
    strays: tuple[str, ...] = ()  # events of no ticket

    def lines(self, policy: Policy, rejects: str | None = None) -> Iterator[str]:
        """What to tell a person: the outcomes, then each plan's mean response beside its aim."""
        place = f" ({rejects})" if self.rejected and rejects else ""
        metrics = list(self.states)
        if len(metrics) == 1:
            yield f"{self.rows:,} rows: {self._outcomes(metrics[0])}, {self.rejected:,} rejected{place}"
        else:
            yield f"{self.rows:,} rows: {self.rejected:,} rejected{place}"
            yield from (f"{metric}: {self._outcomes(metric)}" for metric in metrics)
        plans = {
            plan.name: plan for edition in policy.editions for plan in edition.plans.values()
        }  # as they are latest
        for plan in plans.values():
            mean = self.mean_response(plan.name)
            if mean is not None and plan.average is not None:
                answered = self.responses[plan.name][0]
                took, aim = clock(mean // SECOND * SECOND), clock(length(plan.average.within))
                yield f"{named(plan.name)}: mean response {took} over {answered:,} answered, aim {aim}"
        if self.beyond:
            yield f"{self.beyond:,} answered in years whose working hours are not known, in no mean"
        if self.strays:
            more = f"; and {len(self.strays) - MOST_STRAYS:,} more" if len(self.strays) > MOST_STRAYS else ""
            first = "; ".join(self.strays[:MOST_STRAYS])
            yield f"{len(self.strays):,} without a ticket among the events: {first}{more}"

    def _outcomes(self, metric: MetricName) -> str:
        counts = self.states[metric]
        told = [state for state in SUMMARY_STATES if state != "paused" or counts[state]]  # seldom any
        return ", ".join(f"{counts[state]:,} {state}" for state in told)

    def respond(self, cycle_clock: CycleClock, elapsed: int) -> None:
        """Count a response towards its plan's average, from opening, on the schedule the average is measured on."""
        average_on, answered = cycle_clock.promise.average_on, cycle_clock.ended
        if average_on is None or answered is None:
            return
        plan = cycle_clock.promise.plan.name
        count, total = self.responses.get(plan, (0, 0))
        try:
            same = cycle_clock.clock is average_on.timeline  # else paused, say, or round the clock
            took = elapsed if same else average_on.timeline.elapsed(cycle_clock.started, answered)
        except HorizonError:  # its own clock may reach further, as 24x7 does
            self.beyond += 1
        else:
            self.responses[plan] = count + 1, total + took

    def mean_response(self, plan: str) -> int | None:
        """The mean working time to first response of a plan's answered tickets, in microseconds."""
        count, total = self.responses.get(plan, (0, 0))
        return total // count if count else None


@dataclass(frozen=True, slots=True)
class Job:
    """Rows on their way: each written with its cycles' values, or rejected, and counted."""

    judge: Callable[[TicketFacts], list[Judged]]
    write: Callable[[Any, Sequence[Any]], None]
    reject: Callable[[int, str, Any], None]
    summary: Summary

    def take(self, line: int, row: Any, facts: TicketFacts | None, fault: str | None) -> None:
        """One row, with the ticket in it, or what is wrong with it."""
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
            summary.states[metric][values[-2]] += 1
            if answered:
                summary.respond(*answered)
            try:
                self.write(row, values)
            except ValueError as error:  # a JSON row with one of the added names
                raise ValueError(f"line {line}: {error}; choose a prefix for the added names") from error


@dataclass(frozen=True, kw_only=True)
class Measuring:
    r"""How rows are read and judged.

    `at` is the instant that tickets are judged at, an aware datetime: what happened after it does not count.
    `layout` tells how the file writes what happened. `metrics` are measured, with columns that tell which,
    and a row for each cycle; None measures the first response alone, a row a ticket. `policy` judges
    them, and `prefix` stands before the names of the added columns.

    NaiveTimeError for an `at` without an offset, TypeError for an argument of another type, ValueError for a metric
    that is unknown, or for none.

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
        _ = self._now  # refuses an instant without an offset
        expect("policy", self.policy, Policy)
        expect("layout", self.layout, Layout)
        expect("prefix", self.prefix, str)
        if self.metrics is not None:
            if isinstance(self.metrics, str) or not isinstance(self.metrics, Iterable):
                raise TypeError(f"metrics are several names, such as ['resolution'], not {shown(self.metrics)}")
            object.__setattr__(self, "metrics", tuple(map(metric_named, self.metrics)))
            if not self.metrics:
                raise ValueError("there are no metrics to measure; None measures the first response alone")

    def run(
        self,
        table: Table,
        out: Rows,
        rejects: Rows,
        *,
        watched: Callable[[Iterable[Any]], Iterable[Any]] = iter,
        log: Log | None = None,
    ) -> Summary:
        """Measure every row of a table: it goes to `out` with columns added, or to `rejects` with the reason.

        `log` has the tickets' events, by id; in an audit log, only the first row of an id is a ticket. `watched`
        is handed the rows and may look on. ValueError when the table lacks a column, or has one of those to be
        added; what reading the table raises passes through.
        """
        job = self.job(table, out, rejects)
        for line, row, facts, fault in intake(table, self.layout, log=log, watched=watched):
            job.take(line, row, facts, fault)
        job.summary.strays = tuple(log.strays()) if log else ()
        return job.summary

    def job(self, table: Table, out: Rows, rejects: Rows) -> Job:
        """What writes the rows of a table as they are handed to it; ValueError when it has a column to be added."""
        added = self.added(table.columns or ())
        return Job(self.judged, table.writer(out, added), table.rejects(rejects), self.summary())

    def added(self, columns: Sequence[str]) -> list[str]:
        """The names of the columns to be added; ValueError when one is among those of the file."""
        added = [self.prefix + name for name in ((*ADDED_BY_METRIC, *ADDED_TO_FILE) if self.metrics else ADDED_TO_FILE)]
        clash = [name for name in added if name in columns]
        if clash:
            raise ValueError(f"the file has {choices(clash)} already; choose a prefix for the added columns")
        return added

    def summary(self) -> Summary:
        """A summary in which nothing is counted yet."""
        return Summary(states={metric: dict.fromkeys(SUMMARY_STATES, 0) for metric in self._measured})

    def judged(self, facts: TicketFacts) -> list[Judged]:
        """The cycles of a ticket; the same answers as a Ticket and its deadline give."""
        _, plan, priority, channel, version, opened, told = facts
        moments = known(told, self._now)
        judged: list[Judged] = []
        for metric in self._measured:
            try:
                found = cycle_clocks(self.policy, (plan, priority, channel, version), opened, moments, metric)
                judged += [self._judged_cycle(metric, number, each) for number, each in enumerate(found, 1)]
            except NotCoveredError as reason:
                values = (*NOTHING, "not-covered", str(reason))
                for number, cycle in enumerate(cycle_facts(opened, priority, moments, metric, pausing=False), 1):
                    judged.append((metric, self._row(metric, number, cycle, values), None))
        if not judged:  # a ticket in is a row out
            metric = self._measured[0]
            judged = [(metric, (metric, None, None, None, *NOTHING, "not-covered", NOTHING_ASKED), None)]
        return judged

    def _judged_cycle(self, metric: MetricName, number: int, cycle_clock: CycleClock) -> Judged:
        """How a cycle stands, and how long a first response took."""
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
        """The values, after those that tell a cycle from others where the metrics were chosen."""
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
