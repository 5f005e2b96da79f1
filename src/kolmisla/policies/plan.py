"""Priorities, targets and plans, the channels and versions for which promises hold, and the promise to one ticket.

This file has data and no arithmetic.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, Literal, NamedTuple, TypeVar, get_args
from zoneinfo import ZoneInfo

from kolmisla.documents.model import Entry, field, record
from kolmisla.documents.names import Catalogue, folded
from kolmisla.documents.values import (
    DURATION,
    NAME,
    RANK,
    TEXT,
    Kind,
    list_of,
    number,
    one_of,
    optional,
    read_parts,
    table_of,
)
from kolmisla.errors import (
    Fault,
    NotCoveredError,
    PolicyError,
    TicketError,
    as_text,
    choices,
    is_iterable,
    named,
    shown,
)
from kolmisla.policies.service_catalogue import Task
from kolmisla.schedules.holidays import as_date
from kolmisla.schedules.schedule import Schedule

__all__ = [
    "FIRST_RESPONSE",
    "METRICS",
    "NEXT_RESPONSE",
    "RESOLUTION",
    "SUPPORT_SYSTEM",
    "Channel",
    "MetricName",
    "Plan",
    "Priority",
    "PriorityChange",
    "Promise",
    "RELEASED",
    "Target",
    "Versions",
    "metric_named",
]

SUPPORT_SYSTEM = "support-system"


class Channel(Entry):
    """A way in which tickets come in. Promises hold for tickets that came in through a channel of the policy.

    >>> Channel(name="portal").name
    'portal'
    """

    name: str = field(NAME)


class Versions(Entry):
    """The supported versions of the product: the newest of the policy's releases. `latest` is their number.

    >>> Versions(latest=2).latest
    2
    """

    latest: int = field(number(1, 1_000_000))

    def release_of(self, version: str, releases: Iterable[str], to_come: Mapping[str, date]) -> str:
        """Return the name of a supported version as the policy spells it.

        `to_come` has the releases that came out after the ticket was opened, each with its date. Raise PolicyError if
        there are no releases at all. Raise TicketError for an unknown version, and NotCoveredError for an unsupported
        one.
        """
        names = {folded(release): release for release in releases}
        if not names and not to_come:
            raise PolicyError(
                f"version {shown(version)} cannot be checked: the policy has no releases; list them, oldest first"
            )
        release = names.get(folded(version))
        if release is None:
            known = f"the releases {choices(names.values()) if names else '(none yet)'}"
            later = to_come.get(folded(version))
            hint = f"; it came out on {later}, after the ticket was opened" if later else ""
            raise TicketError(f"version {shown(version)} is not one of {known}{hint}")
        supported = list(names.values())[-self.latest :]
        if release not in supported:
            raise NotCoveredError(f"version {named(release)} is not supported, only {choices(supported, ' and ')}")
        return release


def _dated(value: Any) -> Any:
    """Return a mapping from each release's name to its date, in order of date. For a list of names, each date is None.

    If entries of a mapping are invalid, raise PolicyError with the place of each invalid entry. Raise ValueError for
    any other fault.
    """
    if not isinstance(value, Mapping):
        if isinstance(value, str) or not is_iterable(value):
            raise ValueError(f"must be a list of names, oldest first, or a table of dates by name, not {shown(value)}")
        names = []
        for name in value:
            if not isinstance(name, str):
                raise ValueError(f"the name of a release must be a string, not {shown(name)}")
            names.append(name.strip())
        if len(set(names)) < len(names):
            raise ValueError(f"one of the names {choices(names)} is given twice")
        return dict.fromkeys(names)
    if value and all(day is None for day in value.values()):
        return dict(value)
    faults, dated = [], {}
    for name, day in value.items():
        if isinstance(name, str) and name != name.strip():
            faults.append(Fault((name,), "must not begin or end with a blank"))
        try:
            dated[name] = as_date(day, "the date")
        except ValueError as fault:
            faults.append(Fault((as_text(name),), str(fault)))
    if faults:
        raise PolicyError.listing(faults)
    return dict(sorted(dated.items(), key=lambda item: item[1]))


def _releases(value: Any) -> Mapping[str, date | None]:
    dated = _dated(value)
    names = read_parts(((as_text(name), name) for name in dated), NAME.read)
    return Catalogue(dict(zip(names, dated.values(), strict=True)))


RELEASED: Kind[Mapping[str, date | None]] = Kind(
    _releases,
    {
        "anyOf": [
            {"type": "array", "items": {"type": "string"}},
            {"type": "object", "additionalProperties": {"type": "string", "format": "date"}},
        ]
    },
)

T = TypeVar("T")

MetricName = Literal["first-response", "next-response", "resolution"]
METRICS: tuple[MetricName, ...] = get_args(MetricName)
FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION = METRICS
PriorityChange = Literal["carry", "retroactive", "restart"]
AfterResolution = Literal["goodbye", "question"]


def metric_named(name: object) -> MetricName:
    """Return the metric with a name in any letter case. For an unknown name, raise PolicyError, which lists all names.

    >>> metric_named("First response")
    'first-response'
    """
    for metric in METRICS:
        if isinstance(name, str) and metric == folded(name):
            return metric
    raise PolicyError(f"metric {shown(name)} is not one of {', '.join(METRICS)}")


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
    Reports compare tickets with this aim, but no ticket gets a deadline from it. `includes` names tasks of the policy's
    coverage. This plan includes these tasks, even if their verdict is `extra` or `not-included`.

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
    includes: tuple[str, ...] = field(list_of(NAME), default=())

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
