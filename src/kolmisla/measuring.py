"""The main job: a file of tickets in, the same rows with their deadlines and states out."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import IO, Any
from zoneinfo import ZoneInfo

from kolmisla.engine import instants, no_due_time, standing
from kolmisla.errors import HorizonError, KolmislaError, NotCoveredError, TicketError, shown
from kolmisla.files import Table
from kolmisla.kolmisoft import KOLMISOFT
from kolmisla.policy import Policy, Promise
from kolmisla.spans import SECOND, clock, instants_in, length, micros, seconds
from kolmisla.ticket import SUPPORT_SYSTEM, out_of_order
from kolmisla.zones import Ambiguous, check_ambiguous, check_pattern, read, zone_named

__all__ = ["ADDED", "COLUMNS", "Measuring", "Summary"]

COLUMNS = ("id", "plan", "priority", "opened_at", "answered_at", "channel", "version")
REQUIRED = ("plan", "priority", "opened_at")
ADDED = ("due_at", "breaches_after", "elapsed_s", "target_s", "state", "reason")


@dataclass(slots=True)
class Summary:
    """What a job did: rows read, by outcome, and the working time to first response by plan."""

    rows: int = 0
    rejected: int = 0
    states: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("met", "breached", "running", "not-covered"), 0)
    )
    responses: dict[str, tuple[int, int]] = field(default_factory=dict)  # by plan: how many, and their sum
    beyond: int = 0  # responses in years whose working hours are not known; in no mean

    def lines(self, policy: Policy, rejects: str | None = None) -> Iterator[str]:
        """What to tell a person: the outcomes, then each plan's mean response beside its aim."""
        outcomes = ", ".join(f"{count:,} {state}" for state, count in self.states.items())
        yield f"{self.rows:,} rows: {outcomes}, {self.rejected:,} rejected" + (
            f" ({rejects})" if self.rejected and rejects else ""
        )
        for plan in policy.plans.values():
            mean = self.mean_response(plan.name)
            if mean is not None and plan.average is not None:
                answered = self.responses[plan.name][0]
                took, aim = clock(mean // SECOND * SECOND), clock(length(plan.average.within))
                yield f"{plan.name}: mean response {took} over {answered:,} answered, aim {aim}"
        if self.beyond:
            yield f"{self.beyond:,} answered in years whose working hours are not known, in no mean"

    def respond(self, promise: Promise, opened: int, answered: int) -> None:
        """Count a response towards its plan's average, on the schedule that the average is measured on."""
        if promise.average_on is None:
            return
        count, total = self.responses.get(promise.plan.name, (0, 0))
        try:
            took = promise.average_on.timeline.elapsed(opened, answered)
        except HorizonError:  # its own clock may reach further, as 24x7 does
            self.beyond += 1
        else:
            self.responses[promise.plan.name] = count + 1, total + took

    def mean_response(self, plan: str) -> int | None:
        """The mean working time to first response of a plan's answered tickets, in microseconds."""
        count, total = self.responses.get(plan, (0, 0))
        return total // count if count else None


@dataclass(frozen=True, kw_only=True)
class Measuring:
    r"""How rows are read and judged.

    `at` is the instant that unanswered tickets are judged at, an aware datetime. `columns` maps our names
    to the file's, `constants` gives a value to every row. Times without an offset are wall times in
    `timezone` (the policy's when None); `ambiguous` chooses between two readings, `pattern` is for strptime.

    >>> from io import StringIO
    >>> from kolmisla.files import CsvTable
    >>> out, rejects = StringIO(), StringIO()
    >>> tickets = CsvTable(StringIO("plan,priority,opened_at\npremium,high,2026-07-03T16:30+03:00\n"))
    >>> summary = Measuring(at=datetime.fromisoformat("2026-07-07T08:10+03:00")).run(tickets, out, rejects)
    >>> print(out.getvalue().splitlines()[1])
    premium,high,2026-07-03T16:30+03:00,2026-07-07T08:30:00+03:00,2026-07-07T08:30:00+03:00,6000,7200,running,
    """

    at: datetime
    policy: Policy = KOLMISOFT
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    timezone: str | None = None
    ambiguous: Ambiguous | None = None
    pattern: str | None = None
    prefix: str = ""

    def __post_init__(self) -> None:
        named = [*self.columns, *self.constants]
        unknown = [name for name in named if name not in COLUMNS]
        twice = [name for name in self.columns if name in self.constants]
        if unknown or twice:
            what = (
                f"{', '.join(twice)} has both a column and a constant" if twice else f"there is no {', '.join(unknown)}"
            )
            raise ValueError(f"{what}; the facts of a ticket are {', '.join(COLUMNS)}")
        _ = self._now, self._zone  # refuses an instant without an offset, and an unknown zone
        if self.pattern is not None:
            check_pattern(self.pattern)
        check_ambiguous(self.ambiguous)

    def run(
        self, table: Table, out: IO[str], rejects: IO[str], watched: Callable[[Iterable[Any]], Iterable[Any]] = iter
    ) -> Summary:
        """Measure every row of a table: it goes to `out` with columns added, or to `rejects` with the reason.

        `watched` is handed the rows and may look on. ValueError when the table lacks a column, or has one of
        those to be added; what reading the table raises passes through.
        """
        added = [self.prefix + name for name in ADDED]
        clash = [name for name in added if name in (table.columns or ())]
        if clash:
            raise ValueError(f"the file has {', '.join(clash)} already; choose a prefix for the added columns")
        pick, summary = self._picker(table), Summary()
        write, reject = table.writer(out, added), table.rejects(rejects)
        for line, row, fault in watched(table.rows()):
            summary.rows += 1
            try:
                if fault:
                    raise TicketError(fault)
                values = self._judge(summary, *pick(row))
            except (KolmislaError, ValueError) as error:
                summary.rejected += 1
                reject(line, str(error), row)
                continue
            summary.states[values[4]] += 1
            try:
                write(row, values)
            except ValueError as error:  # a JSON row with one of the added names
                raise ValueError(f"line {line}: {error}; choose a prefix for the added names") from error
        return summary

    def _picker(self, table: Table) -> Callable[[Any], list[Any]]:
        """A function from a row to the facts that a ticket is judged by."""
        facts = COLUMNS[1:]  # not by its id
        columns = [self.columns.get(name, name) for name in facts]
        for name, column in zip(facts, columns, strict=True):
            wanted = name not in self.constants and (name in REQUIRED or name in self.columns)
            if wanted and table.columns is not None and column not in table.columns:
                raise ValueError(f"there is no column {column!r} for {name}; the file has {', '.join(table.columns)}")
        constants = {facts.index(name): text.strip() or None for name, text in self.constants.items() if name in facts}
        pick = table.picker([None if i in constants else column for i, column in enumerate(columns)])
        if not constants:
            return pick

        def with_constants(row: Any) -> list[Any]:
            values = pick(row)
            for i, constant in constants.items():
                values[i] = constant
            return values

        return with_constants

    def _judge(
        self, summary: Summary, plan: Any, priority: Any, opened: Any, answered: Any, channel: Any, version: Any
    ) -> tuple[Any, ...]:
        """The added values of one ticket; the same answers as a Ticket and its deadline give."""
        opened_at = self._time("opened_at", opened)
        opened_us, answered_us = micros(opened_at), None
        if answered is not None:
            answered_at = self._time("answered_at", answered)
            answered_us = micros(answered_at)
            if answered_us < opened_us:
                raise TicketError(out_of_order(opened_at, answered_at))
        try:
            promise = self._promise(plan, priority, channel, version)
        except NotCoveredError as reason:
            return None, None, None, None, "not-covered", str(reason)
        due, breach = instants(promise, opened_us)
        state, elapsed = standing(promise, opened_us, answered_us, self._now)
        if answered_us is not None and answered_us <= self._now:
            summary.respond(promise, opened_us, answered_us)
        text = instants_in(promise.zone)
        due_at = None if due is None else text(due).isoformat()
        breaches_after = due_at if breach == due else None if breach is None else text(breach).isoformat()
        unknown = None if due_at else no_due_time(promise)
        return due_at, breaches_after, seconds(elapsed), seconds(promise.within), state, unknown

    def _promise(self, plan: object, priority: object, channel: object, version: object) -> Promise:
        if priority is None:
            raise TicketError("priority is missing")
        return self.policy.promise(
            _name("plan", plan),
            _name("priority", priority),
            SUPPORT_SYSTEM if channel is None else _name("channel", channel),
            _name("version", version),
        )

    def _time(self, name: str, text: object) -> datetime:
        if not isinstance(text, str):
            raise TicketError(f"{name} is missing" if text is None else f"{name}: {shown(text)} is not a time as text")
        try:
            return read(text, self._zone, self.ambiguous, self.pattern)
        except ValueError as fault:
            raise TicketError(f"{name}: {fault}") from fault

    @cached_property
    def _zone(self) -> ZoneInfo:
        return zone_named(self.timezone or self.policy.timezone)

    @cached_property
    def _now(self) -> int:
        return micros(self.at)


def _name(what: str, value: Any) -> Any:
    """A name as text; JSON may hold a number, such as a version."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise TicketError(f"{what}: {shown(value)} is not a name")
