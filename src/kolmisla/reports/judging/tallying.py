"""Counts tickets one by one, and makes a report of the counts."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from heapq import heappush, heappushpop
from typing import Any, NamedTuple

from kolmisla.errors import KolmislaError
from kolmisla.files.facts import TicketFacts
from kolmisla.files.responses import PlanAim, Responses
from kolmisla.files.summary import SUMMARY_STATES, kind_of_reason
from kolmisla.policies.policy import Policy
from kolmisla.reports.figures.amounts import Amounts
from kolmisla.reports.figures.answers import Rejected
from kolmisla.reports.figures.figures import COUNTS, LATE_BY, LATE_TENTH, TENTHS, WhatIf
from kolmisla.reports.figures.late import MOST_WORST, Late, LateKey, late_key, localized, worst_of
from kolmisla.reports.figures.openings import OPENED_WHEN, Openings
from kolmisla.reports.figures.periods import By, period_of
from kolmisla.reports.figures.tallies import BREACHED, IS_WAIVED, WITHOUT_VERDICT, Key, Tally, sorted_counts
from kolmisla.reports.judging.shares import ShareCounting
from kolmisla.reports.judging.standings import Question, Standing, count_spent, standings, ticket_of_facts
from kolmisla.reports.whole import Report
from kolmisla.tickets.ticket import Ticket
from kolmisla.times.instants import duration, instants_in
from kolmisla.times.zones import zone_named

__all__ = ["LATE_BOUNDS", "REJECTED", "Scope", "Tallying", "beyond_class", "tenth_used"]

HOURS = 3_600_000_000
LATE_BOUNDS = (1 * HOURS, 8 * HOURS, 40 * HOURS)  # the upper bounds of the first classes in LATE_BY
REJECTED = "rejected"
NO_CYCLE = "no cycle"


class Scope(NamedTuple):
    """Which tickets a report has, by date, and how it groups them."""

    by: By = "month"
    split: str | None = None  # the name of the column or fact by which tickets are grouped
    since: date | None = None  # the first date, or None for no limit
    until: date | None = None  # the first date that is not in the report any more, or None for no limit

    def has(self, day: date) -> bool:
        """Tell whether a report has the tickets opened on a local date: from `since` on and before `until`."""
        return (self.since is None or day >= self.since) and (self.until is None or day < self.until)


class _Cell:
    """The counts of one period, plan and priority, or of one group of a split, while tickets are added."""

    __slots__ = ("amounts", "counts", "waiting")

    def __init__(self) -> None:
        self.counts, self.waiting = [0] * len(SUMMARY_STATES), 0
        self.amounts: list[int] = []

    def add(self, standing: Standing) -> None:
        self.counts[standing.state] += 1
        if standing.clock is not None:
            if standing.ended is not None and standing.state not in WITHOUT_VERDICT:
                self.amounts.append(standing.elapsed)
            elif standing.state == BREACHED:
                self.waiting += 1


class _Candidate(NamedTuple):
    """A late cycle that may be among the worst, and its ticket. `number` is the number of the cycle, from 1."""

    facts: TicketFacts
    ticket: Ticket | None
    split: str | None
    standing: Standing
    number: int


@dataclass(slots=True)
class Tallying:
    """The counts of the tickets added so far. If `what_if` is a policy, each ticket is judged under this policy too."""

    question: Question
    scope: Scope
    what_if: Policy | None = None
    _cells: dict[Key, _Cell] = field(default_factory=lambda: defaultdict(_Cell))
    _counts: dict[str, Counter[Any]] = field(default_factory=lambda: defaultdict(Counter))
    _rejects: dict[str, Rejected] = field(default_factory=dict)
    _responses: dict[PlanAim, Responses] = field(default_factory=dict)
    _worst: dict[bool, list[tuple[Any, int, _Candidate]]] = field(default_factory=lambda: {True: [], False: []})
    _openings: Openings = field(default_factory=Openings)
    _shares: ShareCounting = field(init=False)
    _other: "Tallying | None" = None
    _outside: int = 0
    _taken: int = 0
    _span: list[int] = field(default_factory=list)
    _waits: list[int] = field(default_factory=lambda: [0, 0, 0])

    def __post_init__(self) -> None:
        self._shares = ShareCounting(self.question.policy, self.question.metric)
        if self.what_if is not None:
            self._other = Tallying(self.question._replace(policy=self.what_if), self.scope)

    def take(self, facts: TicketFacts, split: str | None = None, ticket: Ticket | None = None) -> None:
        """Judge and count one ticket. If it cannot be judged, count nothing, and raise the error of `deadline`."""
        judged = standings(facts, self.question)
        if self._other is not None:
            self._compare(judged, facts, split, ticket)
        self._add(judged, facts, split, ticket)

    def reject(self, reason: str) -> None:
        """Count a row that cannot be judged, by the kind of its reason."""
        self._reject(reason)
        if self._other is not None:
            self._other._reject(reason)
            self._counts["flow"][REJECTED, REJECTED] += 1

    def _reject(self, reason: str) -> None:
        kind = kind_of_reason(reason)
        rows, such_as = self._rejects.get(kind, (0, reason))
        self._rejects[kind] = Rejected(rows + 1, min(such_as, reason))

    def _add(self, judged: Sequence[Standing], facts: TicketFacts, split: str | None, ticket: Ticket | None) -> None:
        """Count the cycles of a ticket that began on the report's dates. Of its other cycles, count only how many."""
        local = instants_in(zone_named(self.question.policy.timezone))
        inside: list[tuple[int, Standing]] = []
        for number, standing in enumerate(judged, 1):
            began = local(standing.started)
            if not self.scope.has(began.date()):
                self._outside += 1
                continue
            self._cells[period_of(began.date(), self.scope.by), standing.plan, standing.priority, None].add(standing)
            if self.scope.split is not None:
                self._cells[None, None, None, split or ""].add(standing)
            self._count(standing, began.weekday(), began.hour)
            if standing.clock is not None and standing.plan is not None:
                self._shares.take(standing.plan, facts.opened, began.date(), standing.state, facts.id)
            if standing.state == BREACHED:
                self._keep(_Candidate(facts, ticket, split, standing, number))
            inside.append((number, standing))
        count_spent(self._counts["spent"], facts, self.question, inside)

    def _count(self, standing: Standing, weekday: int, hour: int) -> None:
        """Add a cycle to the counts of the whole report, such as how many tickets come in each hour of the week."""
        counts, clock, started = self._counts, standing.clock, standing.started
        begun = standing.has_begun(self.question.metric)
        span = [*self._span, *[started] * begun]
        self._span = [min(span), max(span)] if span else []
        counts["came"].update([(weekday, hour)] * begun)
        if standing.response is not None:
            aim, told = standing.response
            self._responses[aim] = self._responses.get(aim, Responses()).with_more(told)
        if clock is None:
            counts["uncovered"][standing.reason] += 1
            return
        within, hours = standing.within, clock.steps[0][1].schedule  # `hours` are those on which the cycle began
        counts["counted_on"][clock.promise.schedule_name] += 1
        when, wait = self._openings.known(hours, started)
        counts["openings"].update([(when, standing.state)] * (when is not None))
        if when not in (None, OPENED_WHEN[0]) and standing.state == BREACHED:
            counts["closed"][weekday, hour] += 1
            counts["closed_wait"][weekday, hour] += wait
        if standing.state == IS_WAIVED:
            counts["waivers"][standing.reason] += 1
        if standing.ended is not None and standing.state not in WITHOUT_VERDICT:
            counts["tenths"][max(tenth_used(standing.elapsed, within), LATE_TENTH * (standing.state == BREACHED))] += 1
        if standing.state == BREACHED:
            counts["beyond"][LATE_BY[-1] if standing.ended is None else beyond_class(standing.elapsed - within)] += 1

    def consider(self, facts: TicketFacts, split: str | None) -> None:
        """Keep those cycles of a ticket that are among the worst so far. Count nothing. All its cycles must be late."""
        for number, standing in enumerate(standings(facts, self.question), 1):
            self._keep(_Candidate(facts, None, split, standing, number))

    def worst(self) -> tuple[Late, ...]:
        """Return the worst tickets so far, in the form in which a report has them."""
        return worst_of(self._late(candidate) for heap in self._worst.values() for *_, candidate in heap)

    def _keep(self, candidate: _Candidate) -> None:
        """Keep a late cycle if it is among the worst so far. Drop a cycle that is not among the worst any more."""
        standing, facts = candidate.standing, candidate.facts
        over, names = standing.elapsed - standing.within, (standing.plan or "", standing.priority or "")
        key = late_key(over, standing.started, facts.id, candidate.number, (*names, candidate.split or ""))
        heap, self._taken = self._worst[standing.ended is None], self._taken + 1
        item = (_Last(key), self._taken, candidate)
        if len(heap) < MOST_WORST:
            heappush(heap, item)
        else:
            heappushpop(heap, item)

    def _compare(
        self, judged: Sequence[Standing], facts: TicketFacts, split: str | None, ticket: Ticket | None
    ) -> None:
        """Judge a ticket under `what_if`. Count its cycles by two states: under the report's policy and `what_if`."""
        other, flow = self._other, self._counts["flow"]
        assert other is not None  # `take` makes sure of it
        local = instants_in(zone_named(self.question.policy.timezone))
        here = [standing for standing in judged if self.scope.has(local(standing.started).date())]
        try:
            others = standings(facts, other.question)
        except (KolmislaError, ValueError) as error:
            other._reject(str(error))
            flow.update((SUMMARY_STATES[standing.state], REJECTED) for standing in here)
            return
        other._add(others, facts, split, ticket)
        there: defaultdict[int, list[Standing]] = defaultdict(list)  # by start, the last first: two may start together
        for standing in reversed(others):
            there[standing.started].append(standing)
        for standing in here:
            matching = there[standing.started].pop() if there[standing.started] else None
            flow[SUMMARY_STATES[standing.state], NO_CYCLE if matching is None else SUMMARY_STATES[matching.state]] += 1
            if standing.clock is not None and matching is not None and matching.clock is not None:
                due, other_due = standing.clock.instants()[0], matching.clock.instants()[0]
                if due is not None and other_due is not None:
                    for place, more in enumerate((1, due - standing.started, other_due - standing.started)):
                        self._waits[place] += more

    def report(self) -> Report:
        """Make the report of the tickets so far."""
        question, scope, counts = self.question, self.scope, self._counts
        tallies = [
            Tally("cell" if key[0] else "split", *key, tuple(cell.counts), cell.waiting, Amounts.of(cell.amounts))
            for key, cell in self._cells.items()
        ]
        tallies.sort(key=lambda tally: tally.place)
        cells = tuple(tally for tally in tallies if tally.of == "cell")
        periods = sorted({tally.period for tally in cells if tally.period})
        sums: dict[str, Any] = {name: sorted_counts(counts[name]) for name in COUNTS}
        flow = sorted_counts(counts["flow"])
        number, as_is, what_if = self._waits
        return Report(
            policy=question.policy,
            metric=question.metric,
            by=scope.by,
            split=scope.split,
            since=scope.since,
            until=scope.until,
            at=(question.now,),
            judged=tuple((period, (question.now,)) for period in periods),
            span=(self._span[0], self._span[1]) if self._span else None,
            cells=cells,
            splits=tuple(tally for tally in tallies if tally.of == "split"),
            **sums,
            outside=self._outside,
            rejects=tuple(sorted(self._rejects.items())),
            responses=tuple(sorted(self._responses.items())),
            late=self.worst(),
            shares=self._shares.shares(scope.since, scope.until, question.now),
            what_if=None if self._other is None else WhatIf(self._other.report(), flow, (number, as_is, what_if)),
        )

    def _late(self, candidate: _Candidate) -> Late:
        """Convert a late cycle to a `Late`, the form in which a report has it."""
        facts, ticket, split, standing, number = candidate
        policy, clock = self.question.policy, standing.clock
        assert clock is not None and standing.plan is not None and standing.priority is not None  # noqa: PT018
        zone, (due, _) = zone_named(policy.timezone), clock.instants()
        instant = instants_in(zone)
        return Late(
            ticket=ticket_of_facts(facts, policy) if ticket is None else localized(ticket.to_dict(), zone),
            cycle=number,
            plan=standing.plan,
            priority=standing.priority,
            split=split,
            started_at=instant(standing.started),
            due_at=None if due is None else instant(due),
            ended_at=None if standing.ended is None else instant(standing.ended),
            judged_at=instant(self.question.now),
            elapsed=duration(standing.elapsed),
            target=duration(standing.within),
        )


class _Last:
    """A key whose order is reversed, so that a heap drops the greatest key first."""

    __slots__ = ("key",)

    def __init__(self, key: LateKey) -> None:
        self.key = key

    def __lt__(self, other: "_Last") -> bool:
        return self.key > other.key


def tenth_used(elapsed: int, within: int) -> int:
    """Return how many tenths of a target were used, rounded up and at least 1. For more than 20 tenths, return 21.

    >>> [tenth_used(elapsed, 100) for elapsed in (0, 10, 11, 100, 101, 200, 201)]
    [1, 1, 2, 10, 11, 20, 21]
    """
    return TENTHS if elapsed > 2 * within else max(-(-10 * elapsed // max(within, 1)), 1)


def beyond_class(over: int) -> str:
    """Return the class in LATE_BY, such as "8 h", for a time beyond a target in microseconds.

    >>> [beyond_class(hours * 3_600_000_000) for hours in (1, 2, 40, 41)]
    ['1 h', '8 h', '40 h', 'more']
    """
    return next((name for name, bound in zip(LATE_BY, LATE_BOUNDS, strict=False) if over <= bound), LATE_BY[-2])
