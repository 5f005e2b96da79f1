"""All figures of a report. Two reports can be added, and the sum is the report of all their tickets."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, NamedTuple, Self

from kolmisla.errors import shown
from kolmisla.files.responses import PlanAim, Responses, plan_aims
from kolmisla.policies.policy import Policy
from kolmisla.reports.figures.answers import Average, ClosedHour, Opened, Rejected
from kolmisla.reports.figures.attainment.attained import Attained
from kolmisla.reports.figures.attainment.shares import Shares
from kolmisla.reports.figures.late import MOST_WORST, Late, worst_of
from kolmisla.reports.figures.openings import OPENED_WHEN, HoursByEdition, hours_of, judging_editions
from kolmisla.reports.figures.periods import By
from kolmisla.reports.figures.tallies import BREACHED, MET, Counted, Tally, added_up, pooled
from kolmisla.times.instants import duration, instants_in
from kolmisla.times.zones import zone_named

__all__ = ["COUNTS", "LATE_BY", "RARE_COUNTS", "TENTHS", "Figures", "WhatIf", "editions_of", "working_hours_of"]

LATE_TENTH = 11  # the first class beyond the target; a cycle later than an agreed time may have counted less
TENTHS = 21  # how many classes there are by the share of the target used: 20 tenths, and more than twice the target
LATE_BY = ("1 h", "8 h", "40 h", "more", "waiting")  # breached cycles by their time beyond the target, or not ended

# The fields of Figures that are counts. When two reports are added, these counts are added.
RARE_COUNTS = ("waivers", "spent")  # counts that a document leaves out if they are empty
COUNTS = ("tenths", "beyond", "openings", "came", "closed", "closed_wait", "counted_on", "uncovered", *RARE_COUNTS)


class WhatIf(NamedTuple):
    """The tickets of a report, judged under another policy.

    `flow` counts cycles by two states: under the report's policy and under the other one. `waits` has the number of
    cycles due under both, and the sum of microseconds until due for each policy.
    """

    report: "Figures"
    flow: Counted
    waits: tuple[int, int, int]

    @property
    def mended(self) -> int:
        """How many breached cycles would be met under the other policy."""
        return dict(self.flow).get(("breached", "met"), 0)

    @property
    def broken(self) -> int:
        """How many met cycles would be breached under the other policy."""
        return dict(self.flow).get(("met", "breached"), 0)

    def with_more(self, other: "WhatIf") -> "WhatIf":
        """Return the sums of these figures and those of `other`."""
        number, as_is, what_if = (mine + theirs for mine, theirs in zip(self.waits, other.waits, strict=True))
        return WhatIf(self.report + other.report, added_up(self.flow, other.flow), (number, as_is, what_if))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of many tickets, judged by one policy for one metric."""

    policy: Policy
    metric: str
    by: By
    split: str | None
    since: date | None
    until: date | None
    at: tuple[int, ...]  # the instants at which tickets were judged
    judged: tuple[tuple[date, tuple[int, ...]], ...] = ()  # the instants of judging for each period
    span: tuple[int, int] | None = None  # the first and the last opening
    cells: tuple[Tally, ...] = ()
    splits: tuple[Tally, ...] = ()
    tenths: Counted = ()  # ended cycles by tenths of the target used, from 1 to 20; 21 is more than twice the target
    beyond: Counted = ()  # breached cycles by class of LATE_BY
    openings: Counted = ()  # cycles with a promise by class of OPENED_WHEN and state
    came: Counted = ()  # cycles by the weekday (Monday is 0) and the local hour of their beginning
    closed: Counted = ()  # breached cycles that began in closed time, by weekday and local hour
    closed_wait: Counted = ()  # the sums of the waits of these cycles for the next opening, in microseconds
    counted_on: Counted = ()  # cycles by the name of the schedule on which their target counts
    outside: int = 0  # cycles that began before `since`, or not before `until`; in a sum, of each part
    in_parts: bool = field(default=False, compare=False)  # True for a sum of reports whose dates differ
    uncovered: Counted = ()  # cycles without a promise by reason
    waivers: Counted = ()  # waived cycles by reason
    spent: Counted = ()  # how the time of cycles was spent, by SpentKey
    rejects: tuple[tuple[str, Rejected], ...] = ()  # rejected rows by kind of reason
    responses: tuple[tuple[PlanAim, Responses], ...] = ()  # first responses by plan and aim
    late: tuple[Late, ...] = ()
    what_if: WhatIf | None = None
    shares: Shares | None = None  # the cycles of promised shares; None if the policy promises none
    notes: tuple[str, ...] = ()  # what a reader must know of the data
    calendars: tuple[str, ...] = ()  # the calendar data that the holidays came from

    @property
    def timezone(self) -> str:
        """The zone of days and hours, which is the policy's zone."""
        return self.policy.timezone

    @property
    def total(self) -> Tally:
        """The figures of all cycles."""
        return next(iter(pooled(self.cells, "total")), Tally("total"))

    @property
    def periods(self) -> tuple[Tally, ...]:
        """The figures of each period, the earliest first. A period without tickets is left out."""
        return pooled(self.cells, "period", "period")

    @property
    def plans(self) -> tuple[Tally, ...]:
        """The figures of each plan and priority, in the order of the policy."""
        plans, priorities = [*self.policy.plans], [*self.policy.priorities]

        def place(tally: Tally) -> tuple[int, int]:
            plan, priority = tally.plan or "", tally.priority or ""
            return (
                plans.index(plan) if plan in plans else len(plans),
                priorities.index(priority) if priority in priorities else len(priorities),
            )

        return tuple(sorted(pooled(self.cells, "plan", "plan", "priority"), key=place))

    @property
    def averages(self) -> tuple[Average, ...]:
        """The mean response and its aim, for each plan with such an aim. A plan without responses is left out."""
        told = dict(self.responses)
        return tuple(Average.of(aim, told[aim]) for aim in plan_aims(self.policy) if aim in told)

    @property
    def attainment(self) -> tuple[Attained, ...]:
        """What was attained of each share that is promised for this metric, in each of its periods."""
        return () if self.shares is None else tuple(self.shares.attained(self.policy, self.metric))

    @property
    def load(self) -> tuple[tuple[int, ...], ...]:
        """How many cycles began in each hour of the week: seven rows from Monday, of 24 local hours."""
        came = dict(self.came)
        return tuple(tuple(came.get((day, hour), 0) for hour in range(24)) for day in range(7))

    @property
    def used(self) -> tuple[int, ...]:
        """How many ended cycles used 0 to 1 tenth of their target, 1 to 2 tenths, and so on to 20, and more than 20."""
        used = dict(self.tenths)
        return tuple(used.get(tenth, 0) for tenth in range(1, TENTHS + 1))

    @property
    def lateness(self) -> dict[str, int]:
        """How many breached cycles ended 0 to 1 h, 1 to 8 h, 8 to 40 h or more beyond the target, or have not ended."""
        beyond = dict(self.beyond)
        return {name: beyond.get(name, 0) for name in LATE_BY}

    @property
    def opened_when(self) -> dict[str, Opened]:
        """The counts of cycles with a promise, for each kind of time at which they began, such as `before-opening`."""
        number = dict(self.openings)
        states = sorted({state for _, state in number})
        return {
            when: Opened(
                sum(number.get((when, state), 0) for state in states),
                number.get((when, MET), 0),
                number.get((when, BREACHED), 0),
            )
            for when in OPENED_WHEN
        }

    def which_hours(self, k: int = 5) -> tuple[ClosedHour, ...]:
        """Return the hours of the week with the most breached tickets that were opened while the schedule was closed.

        Return at most `k` hours. The hour with most such tickets comes first. If hours have equally many, their order
        is by the sum of the waits until opening, the longest first. Raise ValueError unless `k` is an int, 0 or more.
        """
        if type(k) is not int or k < 0:
            raise ValueError(f"k must be a whole number, 0 or more, not {shown(k)}")
        wait = dict(self.closed_wait)
        hours = [
            ClosedHour(day, hour, number, duration(wait.get((day, hour), 0))) for (day, hour), number in self.closed
        ]
        return tuple(sorted(hours, key=lambda hour: (-hour.breached, -hour.wait, hour.weekday, hour.hour))[:k])

    @property
    def not_covered(self) -> dict[str, int]:
        """How many cycles have no promise, by reason."""
        return dict(self.uncovered)

    @property
    def rejected(self) -> tuple[Rejected, ...]:
        """The rows that could not be judged, by kind of reason, the most frequent first."""
        return tuple(sorted((rejected for _, rejected in self.rejects), key=lambda kind: (-kind.rows, kind.such_as)))

    @property
    def rejected_rows(self) -> int:
        """How many rows could not be judged."""
        return sum(rejected.rows for _, rejected in self.rejects)

    def worst(self, n: int = 5) -> tuple[Late, ...]:
        """Return the tickets furthest beyond their targets: at most `n` that have not ended, and at most `n` that have.

        Raise ValueError unless `n` is from 0 to 50, because a report has at most 50 of each kind.
        """
        if type(n) is not int or not 0 <= n <= MOST_WORST:
            raise ValueError(f"n must be from 0 to {MOST_WORST}, as a report keeps no more, not {shown(n)}")
        return worst_of(self.late, n)

    @property
    def instants(self) -> tuple[datetime, ...]:
        """The instants at which tickets were judged, in the policy's zone."""
        return tuple(map(instants_in(zone_named(self.timezone)), self.at))

    def __add__(self, other: Self) -> Self:
        """Return one report of the tickets of the two reports together. No ticket may be in both reports.

        Raise ValueError if the reports differ in policy, metric, zone, `by`, `split` or the policy of `what_if`.
        """
        if not isinstance(other, Figures):
            return NotImplemented
        self._check_alike(other)
        rejects: dict[str, Rejected] = dict(self.rejects)
        for kind, (rows, such_as) in other.rejects:
            before = rejects.get(kind, Rejected(0, such_as))
            rejects[kind] = Rejected(before.rows + rows, min(before.such_as, such_as))
        responses: dict[PlanAim, Responses] = dict(self.responses)
        for aim, told in other.responses:
            responses[aim] = responses.get(aim, Responses()).with_more(told)
        judged: dict[date, tuple[int, ...]] = dict(self.judged)
        for period, at in other.judged:
            judged[period] = _united(judged.get(period, ()), at)
        spans = [span for span in (self.span, other.span) if span]
        what_if = self.what_if and other.what_if and self.what_if.with_more(other.what_if)
        sums: dict[str, Any] = {name: added_up(getattr(self, name), getattr(other, name)) for name in COUNTS}
        return replace(
            self,
            since=None if None in (self.since, other.since) else min(self.since, other.since),  # type: ignore[type-var]
            until=None if None in (self.until, other.until) else max(self.until, other.until),  # type: ignore[type-var]
            at=_united(self.at, other.at),
            judged=tuple(sorted(judged.items())),
            span=(min(first for first, _ in spans), max(last for _, last in spans)) if spans else None,
            cells=_merged((*self.cells, *other.cells)),
            splits=_merged((*self.splits, *other.splits)),
            **sums,
            outside=self.outside + other.outside,
            in_parts=self.in_parts or other.in_parts or (self.since, self.until) != (other.since, other.until),
            rejects=tuple(sorted(rejects.items())),
            responses=tuple(sorted(responses.items())),
            late=worst_of((*self.late, *other.late)),
            what_if=what_if,
            shares=self.shares and other.shares and self.shares + other.shares,
            notes=tuple(dict.fromkeys((*self.notes, *other.notes))),
            calendars=tuple(sorted({*self.calendars, *other.calendars})),
        )

    def __radd__(self, other: object) -> Self:
        """Return this report if `other` is 0. Python's `sum` adds the first report to 0."""
        return self if other == 0 else NotImplemented

    def _check_alike(self, other: "Figures") -> None:
        mine, theirs = self._terms, other._terms
        differ = [
            f"{name} {shown(mine[name])} and {shown(theirs[name])}" for name in mine if mine[name] != theirs[name]
        ]
        if differ:
            raise ValueError(f"only reports of the same kind can be added; these differ: {', '.join(differ)}")

    @property
    def _terms(self) -> Mapping[str, Any]:
        """The values that must be equal in two reports that are added."""
        terms = {name: getattr(self, name) for name in ("metric", "by", "timezone", "split")}
        what_if = None if self.what_if is None else self.what_if.report.policy.digest[:8]
        return {"policy": self.policy.digest[:8], **terms, "what_if": what_if}


def _united(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted({*one, *other}))


def _merged(tallies: tuple[Tally, ...]) -> tuple[Tally, ...]:
    """Add up the figures with equal keys (period, plan, priority, split). Return the sums, sorted by key."""
    of = tallies[0].of if tallies else "cell"
    added = pooled(tallies, of, "period", "plan", "priority", "split")
    return tuple(replace(tally, amounts=tally.amounts.merged()) for tally in added)


def editions_of(report: Figures) -> list[tuple[int, Policy]]:
    """Return the editions that may have judged a report's tickets, each with the instant from which it is in force.

    Instants are in UTC microseconds.
    """
    return judging_editions(report.policy, report.metric, *(report.span or (report.at[-1], report.at[-1])))


def working_hours_of(report: Figures) -> tuple[str, HoursByEdition] | None:
    """Return the schedule on which the targets of most cycles count: its name, and its timelines in the editions.

    Schedules that are always or never open, or not in an edition, are skipped. If none is left: None.
    """
    editions = editions_of(report)
    for name, _ in sorted(report.counted_on, key=lambda pair: (-pair[1], pair[0])):
        hours = hours_of(name, editions)
        if hours is not None:
            return name, hours
    return None
