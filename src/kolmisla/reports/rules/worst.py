"""Finds the longest wait that each promise of a policy allows, and counts the working days with a wait over a limit."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta, tzinfo
from typing import NamedTuple

from kolmisla.documents.for_pydantic import Answer
from kolmisla.documents.names import folded
from kolmisla.errors import HorizonError, NotCoveredError, TicketError, choices, named, shown
from kolmisla.policies.kolmisoft import check_policy
from kolmisla.policies.plan import Promise
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import known_names, metric_in, metrics_of
from kolmisla.policies.terms.metrics import Metric, MetricName
from kolmisla.policies.terms.named_targets import named_by
from kolmisla.reports.json_forms import WorstWaitDict
from kolmisla.reports.rules.in_force import Force, promises_in_force
from kolmisla.reports.rules.named_waits import NamedWaits
from kolmisla.reports.rules.waits import OpeningWaits, Waits
from kolmisla.schedules.naming.named_instant import naming_of
from kolmisla.tickets.answers.json_forms import iso_text
from kolmisla.times.dates import ALL_YEARS, YEARS
from kolmisla.times.instants import Pair, duration, instants_in, length, seconds
from kolmisla.times.zones import midnight, zone_named

__all__ = ["WorstWait", "worst_wait"]


class WorstWait(Answer):
    """The longest wait that one promise allows for tickets opened from the date `first` to the date `last`.

    A wait is real time, from an opening to the latest instant that keeps the promise (`breaches_after`). Dates are
    dates in the schedule's zone, or in the policy's zone if the schedule has none. Instants are in the policy's zone.
    """

    __slots__ = (  # noqa: RUF023  # in the order of the constructor
        "plan",
        "priority",
        "owner",
        "metric",
        "schedule",
        "target",
        "promised",
        "first",
        "last",
        "wait",
        "opened_at",
        "breaches_after",
        "working_days",
        "longer_than",
        "longer_days",
        "unknown_days",
        "known",
    )

    plan: str
    """The name of the plan."""
    priority: str
    """The name of the priority."""
    owner: str | None
    """The owner to whose tickets the promise is made, or None for all tickets without a promise for their owner."""
    metric: str
    """The metric for which the plan has a target."""
    schedule: str
    """The name of the schedule on which time counts."""
    target: timedelta | None
    """The open time promised, or None for a target in days."""
    promised: str
    """The target as text, such as `within 2:00:00` or `next working day by 16:00`."""
    first: date
    """The first date on which the promise is in force in the years that were asked for."""
    last: date
    """The last date on which the promise is in force in the years that were asked for."""
    wait: timedelta | None
    """The longest wait, or None if no wait is known."""
    opened_at: datetime | None
    """The earliest opening that has the longest wait, or None if no wait is known."""
    breaches_after: datetime | None
    """The latest instant that keeps the promise to a ticket opened at `opened_at`, or None if no wait is known."""
    working_days: int
    """The number of dates with open time. Dates with an unknown wait are left out."""
    longer_than: timedelta | None
    """The argument `longer_than`: `longer_days` counts the days with a longer wait."""
    longer_days: int | None
    """The number of working days with an opening, in open hours or not, whose wait is longer than `longer_than`.

    If `longer_than` is None, `longer_days` is None.
    """
    unknown_days: int
    """The number of dates, working or not, on which the wait of some opening is not known."""
    known: str
    """The years that the schedule knows, as text."""

    def __repr__(self) -> str:
        wait, opened_at = None if self.wait is None else str(self.wait), self.opened_at and self.opened_at.isoformat()
        names = [named(name) for name in (self.plan, self.priority, self.owner, self.metric) if name is not None]
        return f"WorstWait({' '.join(names)}, {wait=}, {opened_at=})"

    def to_dict(self) -> WorstWaitDict:
        """Return all fields as a dict that JSON can hold. Durations are in seconds, in keys that end in `_s`."""
        return {
            "plan": self.plan,
            "priority": self.priority,
            "owner": self.owner,
            "metric": self.metric,
            "schedule": self.schedule,
            "target_s": None if self.target is None else seconds(length(self.target)),
            "promised": self.promised,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "wait_s": None if self.wait is None else seconds(length(self.wait)),
            "opened_at": iso_text(self.opened_at),
            "breaches_after": iso_text(self.breaches_after),
            "working_days": self.working_days,
            "longer_than_s": None if self.longer_than is None else seconds(length(self.longer_than)),
            "longer_days": self.longer_days,
            "unknown_days": self.unknown_days,
            "known": self.known,
        }


def worst_wait(
    policy: Policy,
    years: range | int,
    *,
    metric: MetricName | Metric | None = None,
    plan: str | None = None,
    priority: str | None = None,
    longer_than: timedelta | None = None,
) -> tuple[WorstWait, ...]:
    """Return the longest wait that each promise of a policy allows, for tickets opened in some years.

    The wait is real time from an opening to `breaches_after`, without pauses and without changes of the ticket. For
    `next-response` an opening is a customer's question. If several openings have the longest wait, the result has the
    earliest of them. Each edition of the policy is judged by its own hours, for the tickets opened while it is in
    force. So a promise that changes has several results, one for each time during which it is in force. If the tickets
    of an owner have another target, or count on other hours, there is a result for the owner too.

    `years` is a year, or a range of years such as `range(2026, 2031)`. If `metric`, `plan` or `priority` is given,
    other promises are left out. `longer_than` is a wait too, in real time. If it is not None, a result also counts
    those working days for which the longest wait of a ticket opened on the day is longer than this.

    Raise TicketError for an unknown plan or priority, and PolicyError for an unknown metric. Raise NotCoveredError if
    no promise is in force in these years. Raise HorizonError for a year that no schedule can know.

    >>> from kolmisla import KOLMISOFT
    >>> first, *_ = worst_wait(KOLMISOFT, range(2026, 2031), priority="high", longer_than=timedelta(days=2))
    >>> first
    WorstWait(ENTERPRISE HIGH first-response, wait='5 days, 16:00:00', opened_at='2029-12-21T16:00:00+02:00')
    >>> first.breaches_after.isoformat(), first.longer_days, first.working_days
    ('2029-12-27T08:00:00+02:00', 263, 1255)
    """
    check_policy(policy)
    asked = _years(years)
    least = None if longer_than is None else length(longer_than)
    if least is not None and least < 0:
        raise ValueError(f"longer_than must be 0 or more, not {longer_than}")
    metrics = metrics_of(policy) if metric is None else (metric_in(policy, metric),)
    plans, priorities = _chosen(policy, "plan", plan), _chosen(policy, "priority", priority)
    judged: dict[tuple[object, ...], _Figures | None] = {}
    worst = []
    for promise, force in promises_in_force(policy):
        if not (promise.metric in metrics and promise.plan.name in plans and promise.priority.name in priorities):
            continue
        key = promise.schedule, str(promise.target), force
        if key not in judged:
            judged[key] = _figures(promise, force, asked, least)
        figures = judged[key]
        if figures:
            worst.append(_worst(promise, figures, longer_than))
    if not worst:
        raise NotCoveredError(f"no promise that fits the metric, plan and priority is in force {_told(asked)}")
    return tuple(worst)


def _years(years: object) -> range:
    """Return `years`, a year or a range, as a range. Raise an error for gaps, unknown years and anything else."""
    if isinstance(years, int) and not isinstance(years, bool):
        years = range(years, years + 1)
    if not isinstance(years, range):
        raise TypeError(f"years must be a year or a range of years, such as range(2026, 2031), not {shown(years)}")
    if not years or years.step != 1:
        raise ValueError(f"years must be a range without gaps, such as range(2026, 2031), not {shown(years)}")
    if years[0] not in YEARS or years[-1] not in YEARS:
        raise HorizonError(f"no schedule answers {_told(years)}: {ALL_YEARS}")
    return years


def _told(years: range) -> str:
    first, last = shown(years[0]), shown(years[-1])
    return f"in {first}" if years[0] == years[-1] else f"from {first} to {last}"


def _chosen(policy: Policy, what: str, name: object) -> list[str]:
    """Return the chosen plan or priority as each edition spells it, or all names if `name` is None.

    `what` is "plan" or "priority".
    """
    names = known_names(policy)[what]
    if name is None:
        return names
    chosen = [known for known in names if isinstance(name, str) and folded(known) == folded(name)]
    if not chosen:
        raise TicketError(f"{what} {shown(name)} is not one of {choices(names)}")
    return chosen


class _Figures(NamedTuple):
    """What is found out about one promise in the years that were asked for.

    The promise is in force from `first` to `last`, both included. `longest` has the longest wait and the ticket's
    opening.
    """

    first: date
    last: date
    longest: Pair | None
    working_days: int
    longer_days: int
    unknown_days: int


def _figures(promise: Promise, force: Force, years: range, least: int | None) -> _Figures | None:
    """Find the longest wait that a promise allows, and count days.

    Return None if the promise is not in force in these years. `longer_days` counts working days with a wait over
    `least` microseconds.
    """
    schedule, timeline = promise.schedule, promise.schedule.timeline
    zone = zone_named(schedule.timezone) if schedule.timezone else promise.zone
    since, until = (date(year, 1, 1).toordinal() for year in (years[0], years[-1] + 1))
    start, end = midnight(zone, since), midnight(zone, until)
    start = start if force[0] is None else max(start, force[0])
    end = end if force[1] is None else min(end, force[1])
    if start >= end:
        return None
    if promise.within is None:
        naming = naming_of(named_by(promise.target), schedule, promise.zone)
        waits: OpeningWaits = NamedWaits(naming, timeline, start, end)
    else:
        waits = Waits(timeline, promise.within, start, end)
    parts = list(_dates(zone, start, end, range(since, until)))
    longest = list(waits.longest_in(parts))
    known = [(part, wait) for part, wait in zip(parts, longest, strict=True) if wait is not None]
    working = [wait for part, wait in known if timeline.elapsed(*part)]
    first, last = (instants_in(zone)(at).date() for at in (start, end - 1))
    return _Figures(
        first,
        last,
        waits.longest(),
        len(working),
        sum(least is not None and wait > least for wait in working),
        len(longest) - len(known),
    )


def _dates(zone: tzinfo, start: int, end: int, days: range) -> Iterator[Pair]:
    """Yield the part of each date in `days` (ordinals) that is between `start` and `end`. Leave out other dates."""
    begin = midnight(zone, days.start)
    for day in days:
        after = midnight(zone, day + 1)
        if max(begin, start) < min(after, end):
            yield max(begin, start), min(after, end)
        begin = after


def _worst(promise: Promise, figures: _Figures, longer_than: timedelta | None) -> WorstWait:
    instant = instants_in(promise.zone)
    wait, opened = figures.longest or (None, None)
    assert promise.target  # promises_in_force yields no other
    return WorstWait(
        plan=promise.plan.name,
        priority=promise.priority.name,
        owner=promise.owner,
        metric=promise.metric,
        schedule=promise.schedule_name,
        target=promise.target.duration,
        promised=str(promise.target),
        first=figures.first,
        last=figures.last,
        wait=None if wait is None else duration(wait),
        opened_at=None if opened is None else instant(opened),
        breaches_after=None if wait is None or opened is None else instant(opened + wait),
        working_days=figures.working_days,
        longer_than=longer_than,
        longer_days=None if longer_than is None else figures.longer_days,
        unknown_days=figures.unknown_days,
        known=promise.schedule.timeline.known,
    )
