"""Priorities, targets and plans, and the promise to one ticket.

This file has data and no arithmetic.
"""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from kolmisla.documents.model import Entry, field, record
from kolmisla.documents.names import Catalogue, folded
from kolmisla.documents.percent import PERCENT
from kolmisla.documents.values import NAME, RANK, TEXT, InvalidError, Kind, list_of, one_of, optional, table_of
from kolmisla.errors import Fault, named, shown
from kolmisla.policies.terms.attainment import ATTAINMENTS, CREDITS, Attainment, Credit, attainment_faults
from kolmisla.policies.terms.metrics import PAUSING, RESOLUTION, Metric, Pausing
from kolmisla.policies.terms.named_targets import (
    BY,
    CUTOFF,
    WITHIN_DAYS,
    CountsFrom,
    faults_of_days,
    words_of,
)
from kolmisla.policies.terms.service_catalogue import Task
from kolmisla.policies.terms.warnings import WARNINGS, WITHOUT_WARNINGS, Threshold
from kolmisla.schedules.schedule import Schedule

__all__ = [
    "DueDates",
    "OWNERS",
    "Owner",
    "Plan",
    "Priority",
    "PriorityChange",
    "Promise",
    "Target",
]

NONE_NAMED: Catalogue[Any] = Catalogue({})

PriorityChange = Literal["carry", "retroactive", "restart"]
AfterResolution = Literal["goodbye", "question"]
DueDates = Literal["fixed", "pause"]


class Priority(Entry):
    """The severity of a ticket, and the schedule on which the ticket's clock runs.

    Tickets of the priority with `rank` 1 are solved first. `schedule` is the name of one of the policy's schedules.
    If `warnings` are given, they replace the policy's warnings.

    >>> Priority(name="HIGH", rank=2, meaning="The system is degraded", schedule="working-hours").rank
    2
    """

    name: str = field(NAME)
    rank: int = field(RANK)
    meaning: str = field(TEXT, default="")
    schedule: str = field(NAME)
    warnings: tuple[Threshold, ...] | None = field(WARNINGS, default=None)


class Owner(Entry):
    """A person, a team or a region that may own tickets, and the schedule on which its tickets count.

    >>> Owner(name="BERLIN", schedule="berlin").schedule
    'berlin'
    """

    name: str = field(NAME)
    schedule: str = field(NAME)


class Target(Entry):
    """The time within which a plan promises a response or a resolution, or the instant by which it promises one.

    `within` is a duration or a number of days. A duration is a timedelta or text such as `PT2H`: only the open time of
    a schedule counts. A number of days names an instant: `2 working days`, or `10 days` for calendar days. `by` is the
    local time of day of this instant, such as `16:00`, or `close` for the end of the day's hours. Without `by`, the
    instant has the time of day of the start; for working days, a start in closed time counts as one at the next
    opening. Working days are counted after the day of the start or, in closed time, of the next opening. With
    `counts_from` set to `date`, they are always counted after the date of the start. If time starts at or after the
    local time `cutoff`, it counts as starting at the opening of the next working day.

    `schedule` is the name of one of the policy's schedules. If it is None, time counts on the schedule of the ticket's
    priority.

    >>> from datetime import timedelta
    >>> Target(within=timedelta(hours=2)).within
    datetime.timedelta(seconds=7200)
    >>> str(Target(within="1 working day", by="16:00", cutoff="14:00"))
    'next working day by 16:00, cutoff 14:00'
    """

    within: timedelta | str = field(WITHIN_DAYS)
    by: str | None = field(optional(BY), default=None)
    counts_from: CountsFrom = field(one_of(CountsFrom), default="opening")
    cutoff: str | None = field(optional(CUTOFF), default=None)
    schedule: str | None = field(optional(NAME), default=None)

    def _check(self) -> None:
        if faults := list(faults_of_days(self)):
            raise InvalidError(faults, [])

    def __str__(self) -> str:
        return words_of(self)

    @property
    def duration(self) -> timedelta | None:
        """The promised open time of a schedule, or None for a target in days."""
        return self.within if isinstance(self.within, timedelta) else None


TARGET = record(Target)
BY_NAME = table_of(TARGET)
OWNERS = "owners"  # the key of a metric's targets by owner; the other keys are priorities

TargetsByName = Mapping[str, "Target | Mapping[str, Target]"]


def _target_or_owners(value: Any) -> Target | Mapping[str, Target]:
    """Return a target, or a mapping from owners to targets."""
    return (BY_NAME if isinstance(value, Mapping) and "within" not in value else TARGET).read(value)


def _targets(value: Any) -> "Target | TargetsByName":
    """Return one target for all tickets, or a mapping of targets: by priority and, under `owners`, by owner."""
    if not isinstance(value, Mapping) or "within" in value:
        return TARGET.read(value)
    by_name: TargetsByName = BY_PRIORITY.read(value)
    for name, promised in by_name.items():
        is_target = isinstance(promised, Target)
        if is_target == (folded(name) == OWNERS):
            text = "must map owners to targets" if is_target else 'must be a target, such as { within = "PT2H" }'
            raise InvalidError([Fault((name,), text)], [])
    return by_name


BY_PRIORITY: Kind[TargetsByName] = table_of(Kind(_target_or_owners, {"anyOf": [TARGET.schema, BY_NAME.schema]}))
TARGETS: Kind["Target | TargetsByName"] = Kind(_targets, {"anyOf": [TARGET.schema, BY_PRIORITY.schema]})
METRIC_TARGETS = table_of(TARGETS)
METRIC_NAME = Kind(lambda value: folded(NAME.read(value)), NAME.schema)  # the policy knows which metrics there are
AVERAGE = Kind(lambda value: _average(TARGET.read(value)), Target)


def _average(target: Target) -> Target:
    if target.duration is None:
        text = f"must be a duration such as PT15M, not {shown(target.within)}; a mean response time is compared with it"
        raise InvalidError([Fault(("within",), text)], [])
    return target


def _by_metric(value: Any) -> Mapping[str, "Target | TargetsByName"]:
    return Catalogue({folded(metric): target for metric, target in METRIC_TARGETS.read(value).items()})


def _pauses(value: Any) -> Mapping[str, Pausing]:
    return Catalogue({folded(metric): pauses for metric, pauses in PAUSES_BY_METRIC.read(value).items()})


PAUSES_BY_METRIC = table_of(PAUSING)


class Plan(Entry):
    """A support plan: its rank in the queue, what it promises and what it aims at.

    Among tickets of one priority, those of the plan with `rank` 1 come first. `label` is the rank's name for people.
    `targets` maps each metric (`first-response`, `next-response`, `resolution`, or one of the policy's own) either to
    one target for every priority, or to a mapping from priorities to targets. Its key `owners` maps owners to targets,
    which come before the targets of priorities. A metric or priority without a target has no promise.

    `pauses` maps metrics to the pauses that stop their clocks: `all`, `none`, or a list of reasons. `pausing` is a list
    of metrics that `all` pauses stop. For other metrics, the metric's own `pauses` hold. Without these, no pause stops
    a metric, except that all pauses stop `resolution` if there is no `pausing`. `after_resolution` says what a
    customer's question to a resolved ticket is: a `goodbye`, unless the ticket is reopened before an answer, or a
    `question` that starts a cycle.

    `average` is an aim over many tickets. Reports compare tickets with this aim, but no ticket gets a deadline from it.
    `attain` has the promised shares: how many of a period's tickets must be met. A promised share without `credits` or
    `cap` of its own has the plan's. `includes` names tasks of the policy's coverage. This plan includes these tasks,
    even if their verdict is `extra` or `not-included`.

    >>> from datetime import timedelta
    >>> hour = Target(within=timedelta(hours=1))
    >>> plan = Plan(name="GOLD", rank=1, targets={"First response": hour, "resolution": {"P1": hour}})
    >>> plan.target("first-response", "P2") == plan.target("resolution", "p1") == hour
    True
    >>> plan.target("resolution", "P2") is None
    True
    """

    name: str = field(NAME)
    rank: int = field(RANK)
    label: str = field(TEXT, default="")
    targets: Mapping[str, "Target | TargetsByName"] = field(Kind(_by_metric, METRIC_TARGETS.schema))
    pausing: tuple[str, ...] | None = field(optional(list_of(METRIC_NAME)), default=None)
    pauses: Mapping[str, Pausing] = field(Kind(_pauses, PAUSES_BY_METRIC.schema), default=NONE_NAMED)
    after_resolution: AfterResolution = field(one_of(AfterResolution), default="goodbye")
    average: Target | None = field(optional(AVERAGE), default=None)
    attain: tuple[Attainment, ...] = field(ATTAINMENTS, default=())
    credits: tuple[Credit, ...] = field(CREDITS, default=())
    cap: Decimal | None = field(optional(PERCENT), default=None)
    includes: tuple[str, ...] = field(list_of(NAME), default=())

    def _check(self) -> None:
        both = [metric for metric in self.pausing or () if metric in self.pauses]
        if both:
            text = f"says how {both[0]} is paused, and pausing says it too; leave {both[0]} out of one of them"
            raise InvalidError([Fault(("pauses", both[0]), text)], [])
        if faults := attainment_faults(self.attain, self.credits, self.cap, self.targets):
            raise InvalidError(faults, [])

    @property
    def attainments(self) -> tuple[Attainment, ...]:
        """The promised shares, each with its credits and its cap."""
        return tuple(promise.completed(self.credits, self.cap) for promise in self.attain)

    @property
    def aim(self) -> timedelta | None:
        """The mean response time at which the plan aims, or None if it has no average."""
        return None if self.average is None else self.average.duration

    def has(self, task: Task) -> bool:
        """Return whether the task's verdict is `included` or the plan names the task in `includes`."""
        return task.verdict == "included" or folded(task.name) in map(folded, self.includes)

    def target(self, metric: str, priority: str, owner: str | None = None) -> Target | None:
        """Return the target for a metric, a priority and an owner. Return None if the plan has no target.

        Names match in any letter case. A target of the owner comes before a target of the priority.
        """
        promised = self.targets.get(metric)
        if promised is None or isinstance(promised, Target):
            return promised
        own = self.owner_targets(metric).get(owner or "")
        by_priority = None if folded(priority) == OWNERS else promised.get(priority)
        return own or (by_priority if isinstance(by_priority, Target) else None)

    def owner_targets(self, metric: str) -> Mapping[str, Target]:
        """Return the targets of a metric by owner."""
        promised = self.targets.get(metric)
        owners = None if promised is None or isinstance(promised, Target) else promised.get(OWNERS)
        return owners if isinstance(owners, Mapping) else NONE_NAMED

    def paused_by(self, metric: Metric, *, own: bool) -> Pausing:
        """Return which pauses stop the clock of a metric. `own` says whether the policy defines the metric itself."""
        if metric.name in self.pauses:
            return self.pauses[metric.name]
        if self.pausing is not None:
            if folded(metric.name) in self.pausing:
                return "all"
            return (metric.pauses or "none") if own else "none"
        return metric.pauses or ("all" if folded(metric.name) == RESOLUTION else "none")


class Promise(NamedTuple):
    """What a policy promises to a ticket for one metric: the plan's target, and the schedule on which time counts.

    If `target` is None, nothing is promised. Time is still measured on `schedule`. For a target in days, `within` and
    `named_from` are None at first. Each clock of a cycle turns the days into an amount of time, and then sets the two.
    """

    metric: str
    plan: Plan
    priority: Priority
    channel: str
    version: str | None
    owner: str | None
    target: Target | None
    within: int | None  # the target in microseconds; None without a target, and for a target in days
    schedule_name: str
    schedule: Schedule
    average_on: Schedule | None  # the schedule of the plan's average, if the plan has an average
    zone: ZoneInfo  # the zone of the policy, in which deadlines are given
    warnings: tuple[Threshold, ...] = WITHOUT_WARNINGS  # how much of the target is used up at each alarm
    named_from: int | None = None  # the instant from which a target in days was counted, in UTC microseconds

    def __str__(self) -> str:
        return f"{named(self.plan.name)} {named(self.priority.name)} {self.metric}"

    def __repr__(self) -> str:
        return f"Promise({self})"

    @property
    def is_unnamed(self) -> bool:
        """Whether the target is in days, and has not become an amount of time yet."""
        return self.within is None and self.target is not None

    @property
    def response_on(self) -> Schedule:
        """The schedule on which a response is counted: the schedule of the plan's average, else the promise's own."""
        return self.schedule if self.average_on is None else self.average_on

    @property
    def missing(self) -> str:
        """The reason why there is no deadline, for a promise without a target."""
        return f"plan {named(self.plan.name)} promises no {self.metric} for {named(self.priority.name)}"
