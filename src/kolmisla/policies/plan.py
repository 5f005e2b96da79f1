"""What priorities, owners and plans consist of, and the promise to one ticket."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from kolmisla.documents.model import Entry, field
from kolmisla.documents.names import Catalogue, folded
from kolmisla.documents.values import (
    NAME,
    RANK,
    TEXT,
    InvalidError,
    Kind,
    late_kind,
    list_of,
    one_of,
    optional,
    table_of,
)
from kolmisla.errors import Fault, expect, named
from kolmisla.names import LOADING
from kolmisla.policies.terms.metrics import PAUSING, RESOLUTION, Metric, Pausing
from kolmisla.policies.terms.targets import AVERAGE, METRIC_TARGETS, OWNERS, Target, TargetsByName
from kolmisla.policies.terms.warnings import WARNINGS, Threshold
from kolmisla.schedules.schedule import Schedule

if TYPE_CHECKING:  # most plans promise no share of tickets
    from decimal import Decimal

    from kolmisla.policies.terms.attainment import Attainment, Credit
    from kolmisla.policies.terms.service_catalogue import Task

__all__ = [
    "DueDates",
    "Owner",
    "Plan",
    "Priority",
    "PriorityChange",
    "Promise",
]

NONE_NAMED: Catalogue[Any] = Catalogue({})
SHARES = "kolmisla.policies.terms.attainment"

PriorityChange = Literal["carry", "retroactive", "restart"]
AfterResolution = Literal["goodbye", "question"]
DueDates = Literal["fixed", "pause"]


class Priority(Entry):
    """How severe a ticket is, and on which schedule its time counts.

    Tickets of the priority with `rank` 1 are solved first. `schedule` is the name of one of the policy's schedules. If
    `warnings` are given, they replace the policy's warnings.

    >>> Priority(name="HIGH", rank=2, meaning="The system is degraded", schedule="working-hours").rank
    2
    """

    name: str = field(NAME)
    rank: int = field(RANK)
    meaning: str = field(TEXT, default="")
    schedule: str = field(NAME)
    warnings: tuple[Threshold, ...] | None = field(WARNINGS, default=None)


class Owner(Entry):
    """A person, a team or a region that may own tickets. The time of the owner's tickets counts on `schedule`.

    >>> Owner(name="BERLIN", schedule="berlin").schedule
    'berlin'
    """

    name: str = field(NAME)
    schedule: str = field(NAME)


METRIC_NAME = Kind(
    lambda value: folded(NAME.read(value)), NAME.schema
)  # whether there is such a metric is checked by the policy


def _by_metric(value: Any) -> Mapping[str, "Target | TargetsByName"]:
    return Catalogue({folded(metric): target for metric, target in METRIC_TARGETS.read(value).items()})


def _pauses(value: Any) -> Mapping[str, Pausing]:
    return Catalogue({folded(metric): pauses for metric, pauses in PAUSES_BY_METRIC.read(value).items()})


PAUSES_BY_METRIC = table_of(PAUSING)


class Plan(Entry):
    """A support plan: its rank in the queue, what it promises and what it aims at.

    Among tickets of one priority, those of the plan with `rank` 1 come first. `label` is the rank's name for people.
    `targets` maps each metric (`first-response`, `next-response`, `resolution`, or one of the policy's own) to one
    target for all priorities, or to a mapping from priorities to targets. In this mapping, the key `owners` maps owners
    to targets. The target for an owner replaces the target for the priority. A metric or priority without a target has
    no promise.

    Which pauses stop the clock of a metric? The topmost line that says it for the metric counts:

    - the plan's `pauses`, which maps metrics to `all`, `none`, or a list of reasons
    - the plan's `pausing`, a list of metrics whose clocks stop in all pauses
    - the `pauses` of the metric's own definition in the policy

    If no line says it, no pause stops the clock. The metric `resolution` is an exception: if no line says it and the
    plan has no `pausing`, all pauses stop its clock.

    `after_resolution` says how a customer's message to a resolved ticket counts. As a `question`, it starts a cycle. As
    a `goodbye`, it starts a cycle only if the ticket is reopened before an answer.

    `average` is an aim for the mean response time of many tickets. Reports compare the mean with this aim, but no
    ticket gets a deadline from it. `attain` has the promised shares: how many of a period's tickets must be met. A
    promised share without its own `credits` or `cap` gets the plan's. `includes` names tasks in the policy's coverage.
    The plan includes these tasks even if their verdict is `extra` or `not-included`.

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
    attain: "tuple[Attainment, ...]" = field(late_kind(SHARES, "ATTAINMENTS", empty=()), default=())
    credits: "tuple[Credit, ...]" = field(late_kind(SHARES, "CREDITS", empty=()), default=())
    cap: "Decimal | None" = field(optional(late_kind("kolmisla.documents.decimals", "PERCENT")), default=None)
    includes: tuple[str, ...] = field(list_of(NAME), default=())

    def _check(self) -> None:
        both = [metric for metric in self.pausing or () if metric in self.pauses]
        if both:
            text = f"says how {both[0]} is paused, and so does the key pausing; leave {both[0]} out of one of them"
            raise InvalidError([Fault(("pauses", both[0]), text)], [])
        if self.attain or self.credits or self.cap is not None:
            with LOADING:
                from kolmisla.policies.terms.attainment import attainment_faults
            if faults := attainment_faults(self.attain, self.credits, self.cap, self.targets):
                raise InvalidError(faults, [])

    @property
    def attainments(self) -> "tuple[Attainment, ...]":
        """The promised shares of tickets, each with its credits and its cap."""
        return tuple(promise.completed(self.credits, self.cap) for promise in self.attain)

    @property
    def aim(self) -> timedelta | None:
        """The mean response time at which the plan aims, or None if it has no such aim."""
        return None if self.average is None else self.average.duration

    def has(self, task: "Task") -> bool:
        """Return whether the task's verdict is `included` or the plan names the task in `includes`."""
        with LOADING:  # most questions are not about tasks
            from kolmisla.policies.terms.service_catalogue import Task
        expect("task", task, Task)
        return task.verdict == "included" or folded(task.name) in map(folded, self.includes)

    def target(self, metric: str, priority: str, owner: str | None = None) -> Target | None:
        """Return the target for a metric, a priority and an owner. Return None if the plan has no target.

        Names match in any letter case. A target for the owner replaces a target for the priority.
        """
        promised = self.targets.get(metric)
        if promised is None or isinstance(promised, Target):
            return promised
        own = self.owner_targets(metric).get(owner or "")
        by_priority = None if folded(priority) == OWNERS else promised.get(priority)
        return own or (by_priority if isinstance(by_priority, Target) else None)

    def owner_targets(self, metric: str) -> Mapping[str, Target]:
        """Return the targets that a metric has for owners, by owner. The mapping is empty if there are none."""
        promised = self.targets.get(metric)
        owners = None if promised is None or isinstance(promised, Target) else promised.get(OWNERS)
        return owners if isinstance(owners, Mapping) else NONE_NAMED

    def paused_by(self, metric: Metric, *, own: bool) -> Pausing:
        """Return which pauses stop the clock of a metric: `all`, `none`, or the reasons of these pauses.

        `own` says whether the policy has its own definition of the metric.
        """
        expect("metric", metric, Metric)
        if metric.name in self.pauses:
            return self.pauses[metric.name]
        if self.pausing is not None:
            if folded(metric.name) in self.pausing:
                return "all"
            return (metric.pauses or "none") if own else "none"
        return metric.pauses or ("all" if folded(metric.name) == RESOLUTION else "none")


class Promise(NamedTuple):
    """What a policy promises to a ticket for one metric: the plan's target, and the schedule on which time counts.

    If `target` is None, nothing is promised, but time still counts. `within` is in microseconds. For a target in days,
    it is set only in the clock of a cycle, and counts from `named_from`.
    """

    metric: str
    plan: Plan
    priority: Priority
    channel: str
    version: str | None
    owner: str | None
    target: Target | None
    schedule_name: str
    schedule: Schedule
    average_on: Schedule | None  # the schedule of the plan's average, if the plan has an average
    zone: ZoneInfo  # the zone of the policy, in which deadlines are given
    warnings: tuple[Threshold, ...]  # the thresholds at which there are alarms
    within: int | None  # the target in microseconds; None without a target, and for a target in days
    named_from: int | None = None  # the instant from which a target in days was counted, in UTC microseconds

    def __str__(self) -> str:
        return f"{named(self.plan.name)} {named(self.priority.name)} {self.metric}"

    def __repr__(self) -> str:
        return f"Promise({self})"

    @property
    def is_unnamed(self) -> bool:
        """Whether the target is in days, and has not been turned into an amount of time yet."""
        return self.within is None and self.target is not None

    @property
    def response_on(self) -> Schedule:
        """The schedule on which response times count for a mean.

        It is the schedule of the plan's `average`, or the schedule of the promise if the plan has no `average`.
        """
        return self.schedule if self.average_on is None else self.average_on

    @property
    def missing(self) -> str:
        """The reason why there is no deadline, if the promise has no target."""
        return f"plan {named(self.plan.name)} promises no {self.metric} for {named(self.priority.name)}"
