"""Priorities, targets and plans, and the promise to one ticket.

This file has data and no arithmetic.
"""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, Literal, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from kolmisla.documents.model import Entry, field, record
from kolmisla.documents.names import Catalogue, folded
from kolmisla.documents.percent import PERCENT
from kolmisla.documents.values import (
    DURATION,
    NAME,
    RANK,
    TEXT,
    InvalidError,
    Kind,
    list_of,
    one_of,
    optional,
    table_of,
)
from kolmisla.errors import (
    named,
)
from kolmisla.policies.terms.attainment import ATTAINMENTS, CREDITS, Attainment, Credit, attainment_faults
from kolmisla.policies.terms.metrics import METRICS, RESOLUTION, MetricName, metric_named
from kolmisla.policies.terms.service_catalogue import Task
from kolmisla.schedules.schedule import Schedule

__all__ = [
    "Plan",
    "Priority",
    "PriorityChange",
    "Promise",
    "Target",
]

T = TypeVar("T")

PriorityChange = Literal["carry", "retroactive", "restart"]
AfterResolution = Literal["goodbye", "question"]


class Priority(Entry):
    """The severity of a ticket, and the schedule on which the ticket's clock runs.

    Tickets of the priority with `rank` 1 are solved first. `schedule` is the name of one of the policy's schedules.

    >>> Priority(name="HIGH", rank=2, meaning="The system is degraded", schedule="working-hours").rank
    2
    """

    name: str = field(NAME)
    rank: int = field(RANK)
    meaning: str = field(TEXT, default="")
    schedule: str = field(NAME)


class Target(Entry):
    """The time within which a plan promises a response or a resolution. Only the open time of a schedule counts.

    `within` is a timedelta or text such as `PT2H`. `schedule` is the name of one of the policy's schedules. If it is
    None, time counts on the schedule of the ticket's priority.

    >>> from datetime import timedelta
    >>> Target(within=timedelta(hours=2)).within
    datetime.timedelta(seconds=7200)
    """

    within: timedelta = field(DURATION)
    schedule: str | None = field(optional(NAME), default=None)


TARGET = record(Target)
BY_PRIORITY = table_of(TARGET)
TARGETS: Kind[Target | Mapping[str, Target]] = Kind(
    lambda value: (BY_PRIORITY if isinstance(value, Mapping) and "within" not in value else TARGET).read(value),
    {"anyOf": [TARGET.schema, BY_PRIORITY.schema]},
)
METRIC_TARGETS = table_of(TARGETS)


def _by_metric(value: Any) -> Mapping[str, Target | Mapping[str, Target]]:
    return Catalogue({metric_named(metric): target for metric, target in METRIC_TARGETS.read(value).items()})


class Plan(Entry):
    """A support plan: its rank in the queue, what it promises and what it aims at.

    Among tickets of one priority, those of the plan with `rank` 1 come first. `label` is the rank's name for people.
    `targets` maps each metric (`first-response`, `next-response` or `resolution`) either to one target for every
    priority, or to a mapping from priorities to targets. A metric or priority without a target has no promise. The
    clocks of the metrics in `pausing` stand still while a ticket is paused. `after_resolution` says what a customer's
    question to a resolved ticket is: a `goodbye` unless the ticket is then reopened, or a `question` that begins a
    cycle of next-response. `average` is an aim over many tickets.
    Reports compare tickets with this aim, but no ticket gets a deadline from it. `attain` has the promised shares: how
    many of the tickets of a period are to be met. `credits` and `cap` are those of each promised share that has none of
    its own. `includes` names tasks of the policy's coverage. This plan includes these tasks, even if their verdict is
    `extra` or `not-included`.

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
    targets: Mapping[str, Target | Mapping[str, Target]] = field(Kind(_by_metric, METRIC_TARGETS.schema))
    pausing: tuple[MetricName, ...] = field(
        list_of(Kind(metric_named, {"enum": list(METRICS), "type": "string"})), default=(RESOLUTION,)
    )
    after_resolution: AfterResolution = field(one_of(AfterResolution), default="goodbye")
    average: Target | None = field(optional(TARGET), default=None)
    attain: tuple[Attainment, ...] = field(ATTAINMENTS, default=())
    credits: tuple[Credit, ...] = field(CREDITS, default=())
    cap: Decimal | None = field(optional(PERCENT), default=None)
    includes: tuple[str, ...] = field(list_of(NAME), default=())

    def _check(self) -> None:
        if faults := attainment_faults(self.attain, self.credits, self.cap, self.targets):
            raise InvalidError(faults, [])

    @property
    def attainments(self) -> tuple[Attainment, ...]:
        """The promised shares, each with its credits and its cap."""
        return tuple(promise.completed(self.credits, self.cap) for promise in self.attain)

    def has(self, task: Task) -> bool:
        """Return whether the task's verdict is `included` or the plan names the task in `includes`."""
        return task.verdict == "included" or folded(task.name) in map(folded, self.includes)

    def target(self, metric: MetricName, priority: str) -> Target | None:
        """Return the target for a metric and a priority (in any letter case). Return None if the plan has no target."""
        promised = self.targets.get(metric)
        return promised if promised is None or isinstance(promised, Target) else promised.get(priority)


class Promise(NamedTuple):
    """What a policy promises to a ticket for one metric: the plan's target, and the schedule on which time counts.

    If `target` is None, nothing is promised. Time is measured all the same, on the schedule of the priority.
    """

    metric: MetricName
    plan: Plan
    priority: Priority
    channel: str
    version: str | None
    target: Target | None
    within: int | None  # the target in microseconds
    schedule_name: str
    schedule: Schedule
    average_on: Schedule | None  # the schedule of the plan's average, if the plan has an average
    zone: ZoneInfo  # the zone of the policy, in which deadlines are given

    def __str__(self) -> str:
        return f"{named(self.plan.name)} {named(self.priority.name)} {self.metric}"

    def __repr__(self) -> str:
        return f"Promise({self})"

    @property
    def response_on(self) -> Schedule:
        """The schedule on which a response is counted: that of the plan's average, else the promise's own."""
        return self.schedule if self.average_on is None else self.average_on

    @property
    def missing(self) -> str:
        """The reason why there is no deadline, for a promise without a target."""
        return f"plan {named(self.plan.name)} promises no {self.metric} for {named(self.priority.name)}"
