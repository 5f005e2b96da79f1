"""What is promised: priorities, targets and plans. Data, no arithmetic."""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar, get_args

from pydantic import AfterValidator, BeforeValidator, Discriminator, Tag

from kolmisla.catalogue import Catalogue, by_name, folded
from kolmisla.errors import PolicyError, choices, shown
from kolmisla.model import TAG, Entry
from kolmisla.values import Duration, Name, Rank

__all__ = [
    "FIRST_RESPONSE",
    "METRICS",
    "NEXT_RESPONSE",
    "RESOLUTION",
    "Listed",
    "Metric",
    "Plan",
    "Priority",
    "Target",
    "metric_named",
]

T = TypeVar("T")

Listed = Annotated[Mapping[str, T], BeforeValidator(by_name), AfterValidator(Catalogue)]

Metric = Literal["first-response", "next-response", "resolution"]
METRICS: tuple[Metric, ...] = get_args(Metric)
FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION = METRICS


def metric_named(name: object) -> Metric:
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


Promised = Annotated[
    Annotated[Target, Tag(TARGET)] | Annotated[Mapping[str, Target], AfterValidator(Catalogue), Tag(BY_PRIORITY)],
    Discriminator(_one_or_many),
]


def _by_metric(targets: Mapping[str, T]) -> Mapping[Metric, T]:
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
    targets: Annotated[Mapping[str, Promised], AfterValidator(_by_metric), AfterValidator(Catalogue)]
    pausing: tuple[Annotated[Metric, BeforeValidator(metric_named)], ...] = (RESOLUTION,)
    average: Target | None = None
    includes: tuple[Name, ...] = ()

    def target(self, metric: Metric, priority: str) -> Target | None:
        """What is promised to a priority's tickets, None for nothing; the priority in any case."""
        promised = self.targets.get(metric)
        return promised if promised is None or isinstance(promised, Target) else promised.get(priority)
