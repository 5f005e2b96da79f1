"""What is promised: priorities, targets and plans, the conditions they hold on, and the promise to one ticket.

Data, no arithmetic.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal, TypeVar, get_args
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, WithJsonSchema

from kolmisla.documents.model import TAG, Duration, Entry, Name, Rank
from kolmisla.documents.names import Catalogue, by_name, folded
from kolmisla.errors import Fault, PolicyError, choices, named, shown
from kolmisla.schedules.holidays import as_date
from kolmisla.schedules.schedule import Schedule

__all__ = [
    "FIRST_RESPONSE",
    "METRICS",
    "NEXT_RESPONSE",
    "RESOLUTION",
    "SUPPORT_SYSTEM",
    "Channel",
    "Listed",
    "MetricName",
    "Plan",
    "Priority",
    "PriorityChange",
    "Promise",
    "Releases",
    "Target",
    "Versions",
    "metric_named",
]

SUPPORT_SYSTEM = "support-system"


class Channel(Entry):
    """A way for tickets to come in that carries the promise.

    >>> Channel(name="portal").name
    'portal'
    """

    name: Name


class Versions(Entry):
    """Which versions of the product are supported: the `latest` so many of the policy's releases.

    >>> Versions(latest=2).latest
    2
    """

    latest: Annotated[int, Field(ge=1, strict=True)]


def _dated(given: Any) -> Any:
    """Dates by name in their order, or names, oldest first, without dates; ValueError for what is neither."""
    if not isinstance(given, Mapping):
        if isinstance(given, str) or not isinstance(given, Iterable):
            raise ValueError(f"a list of names, oldest first, or a table of dates by name, not {shown(given)}")
        names = [name.strip() if isinstance(name, str) else name for name in given]
        strange = [name for name in names if not isinstance(name, str)]
        if strange:
            raise ValueError(f"{shown(strange[0])} is not the name of a release")
        if len(set(names)) < len(names):
            raise ValueError(f"one of the names {choices(names)} is there twice")
        return dict.fromkeys(names)
    if given and all(day is None for day in given.values()):
        return dict(given)
    faults, dated = [], {}
    for name, day in given.items():
        if isinstance(name, str) and name != name.strip():
            faults.append(Fault((name,), "has blanks about it"))
        try:
            dated[name] = as_date(day, "the date")
        except ValueError as fault:
            faults.append(Fault((str(name),), str(fault)))
    if faults:
        raise PolicyError.listing(faults)
    return dict(sorted(dated.items(), key=lambda item: item[1]))


Releases = Annotated[
    Mapping[Name, date | None],
    BeforeValidator(_dated),
    AfterValidator(Catalogue),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "array", "items": {"type": "string"}},
                {"type": "object", "additionalProperties": {"type": "string", "format": "date"}},
            ]
        }
    ),
]
T = TypeVar("T")

Listed = Annotated[Mapping[str, T], BeforeValidator(by_name), AfterValidator(Catalogue)]

MetricName = Literal["first-response", "next-response", "resolution"]
METRICS: tuple[MetricName, ...] = get_args(MetricName)
FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION = METRICS
PriorityChange = Literal["carry", "retroactive", "restart"]


def metric_named(name: object) -> MetricName:
    """The metric of that name, whatever its case; PolicyError, with the names, when there is none.

    >>> metric_named("First response")
    'first-response'
    """
    for metric in METRICS:
        if isinstance(name, str) and metric == folded(name):
            return metric
    raise PolicyError(f"metric {shown(name)} is not one of {', '.join(METRICS)}")


class Priority(Entry):
    """How severe a ticket is, and which schedule its clock runs on.

    `rank` 1 is solved first; `schedule` names one of the policy's schedules.

    >>> Priority(name="HIGH", rank=2, meaning="The system is degraded", schedule="working-hours").rank
    2
    """

    name: Name
    rank: Rank
    meaning: str = ""
    schedule: Name


class Target(Entry):
    """A duration to be kept, in open time of a schedule: a timedelta, or text such as `PT2H`.

    `schedule` names one of the policy's schedules; None means the one of the ticket's priority.

    >>> from datetime import timedelta
    >>> Target(within=timedelta(hours=2)).within
    datetime.timedelta(seconds=7200)
    """

    within: Duration
    schedule: Name | None = None


TARGET, BY_PRIORITY = f"{TAG}target", f"{TAG}by-priority"


def _one_or_many(promised: object) -> str:
    return BY_PRIORITY if isinstance(promised, Mapping) and "within" not in promised else TARGET


TargetOrByPriority = Annotated[
    Annotated[Target, Tag(TARGET)] | Annotated[Mapping[str, Target], AfterValidator(Catalogue), Tag(BY_PRIORITY)],
    Discriminator(_one_or_many),
]


def _by_metric(targets: Mapping[str, T]) -> Mapping[MetricName, T]:
    named = {metric_named(metric): target for metric, target in targets.items()}
    if len(named) < len(targets):
        raise ValueError(f"one of the metrics {choices(targets)} is there twice")
    return named


class Plan(Entry):
    """A support plan: its place in the queue, what it promises and what it aims at.

    `rank` 1 comes first and is called `label`. `targets` are promised by metric: `first-response`,
    `next-response`, `resolution`; one target for every priority, or a mapping from priorities to theirs.
    A metric, or a priority, that is not there is promised nothing. The clocks of the metrics in `pausing`
    stand still while a ticket is paused. `average` is an aim over many tickets, judged in reports, never a
    deadline of one. `includes` names the policy's tasks that are done for this plan's clients, whatever is said
    of them for other plans.

    >>> from datetime import timedelta
    >>> hour = Target(within=timedelta(hours=1))
    >>> plan = Plan(name="GOLD", rank=1, targets={"First response": hour, "resolution": {"P1": hour}})
    >>> plan.target("first-response", "P2") == plan.target("resolution", "p1") == hour
    True
    >>> plan.target("resolution", "P2") is None
    True
    """

    name: Name
    rank: Rank
    label: str = ""
    targets: Annotated[Mapping[str, TargetOrByPriority], AfterValidator(_by_metric), AfterValidator(Catalogue)]
    pausing: tuple[Annotated[MetricName, BeforeValidator(metric_named)], ...] = (RESOLUTION,)
    average: Target | None = None
    includes: tuple[Name, ...] = ()

    def target(self, metric: MetricName, priority: str) -> Target | None:
        """What is promised to a priority's tickets, None for nothing; the priority in any case."""
        promised = self.targets.get(metric)
        return promised if promised is None or isinstance(promised, Target) else promised.get(priority)


@dataclass(frozen=True, slots=True)
class Promise:
    """What a policy promises a ticket by one metric: a target of its plan, on the schedule that counts for it.

    Without a target nothing is promised, and the schedule is the priority's: the time is measured all the same.
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
    average_on: Schedule | None  # what the plan's average is measured on, if it has one
    zone: ZoneInfo  # the policy's: deadlines come back in it

    def __str__(self) -> str:
        return f"{named(self.plan.name)} {named(self.priority.name)} {self.metric}"

    def __repr__(self) -> str:
        return f"Promise({self})"

    @property
    def missing(self) -> str:
        """Why there is no deadline when there is no target."""
        return f"plan {named(self.plan.name)} promises no {self.metric} for {named(self.priority.name)}"
