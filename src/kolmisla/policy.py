"""A support desk's rules as one validated value: who is promised what, on which schedule."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from kolmisla.catalogue import folded
from kolmisla.errors import NotCoveredError, PolicyError, TicketError, shown
from kolmisla.model import Model
from kolmisla.plan import FIRST_RESPONSE, Listed, Metric, Name, Plan, Priority, Target
from kolmisla.schedule import Schedule
from kolmisla.spans import length
from kolmisla.zones import zone_named

__all__ = ["Policy", "PriorityChange", "Promise"]

PriorityChange = Literal["carry", "retroactive", "restart"]

MEMO = 4096  # distinct combinations of a ticket's facts worth remembering


@dataclass(frozen=True, slots=True)
class Promise:
    """What a policy promises a ticket by one metric: a target of its plan, on the schedule that counts for it.

    Without a target nothing is promised, and the schedule is the priority's: the time is measured all the same.
    """

    metric: Metric
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

    @property
    def missing(self) -> str:
        """Why there is no deadline when there is no target."""
        return f"plan {self.plan.name} promises no {self.metric} for {self.priority.name}"


class Policy(Model):
    """A support desk's rules; bad data raises PolicyError, which lists every fault.

    `timezone` is where its deadlines are shown and where times without an offset are from. A promise holds
    for tickets that came through one of `channels`, under a plan, about one of the `supported_releases`
    newest of `releases` (oldest first; None judges no version).

    `priority_change` is what becomes of the time counted when a ticket's priority changes: `carry`, it stays
    counted and the rest runs on the new clock; `retroactive`, all is counted as if the last priority had
    held from the start; `restart`, counting begins anew at the change.

    >>> from datetime import timedelta
    >>> from kolmisla.schedule import ALWAYS
    >>> policy = Policy(
    ...     name="Night desk",
    ...     timezone="UTC",
    ...     schedules={"always": ALWAYS},
    ...     priorities=[Priority(name="URGENT", rank=1, meaning="down", schedule="always")],
    ...     plans=[Plan(name="GOLD", rank=1, targets={"first-response": Target(within=timedelta(hours=1))})],
    ...     channels=["portal"],
    ... )
    >>> policy.promise("gold", "urgent", "portal").target.within
    datetime.timedelta(seconds=3600)
    """

    name: Name
    timezone: Annotated[str, AfterValidator(lambda name: zone_named(name).key)]
    schedules: Listed[Schedule]
    priorities: Listed[Priority]
    plans: Listed[Plan]
    channels: tuple[Name, ...]
    supported_releases: Annotated[int, Field(ge=1)] | None = None
    releases: tuple[Name, ...] = ()
    priority_change: PriorityChange = "carry"

    def __init__(
        self,
        *,
        name: str,
        timezone: str,
        schedules: Mapping[str, Schedule],
        priorities: Iterable[Priority] | Mapping[str, Priority],
        plans: Iterable[Plan] | Mapping[str, Plan],
        channels: Iterable[str],
        supported_releases: int | None = None,
        releases: Iterable[str] = (),
        priority_change: PriorityChange = "carry",
    ) -> None:
        super().__init__(
            name=name,
            timezone=timezone,
            schedules=schedules,
            priorities=priorities,
            plans=plans,
            channels=channels,
            supported_releases=supported_releases,
            releases=releases,
            priority_change=priority_change,
        )

    @model_validator(mode="after")
    def _names_are_there(self) -> Self:
        wanted = {f"priorities.{name}.schedule": priority.schedule for name, priority in self.priorities.items()}
        chosen: dict[str, str] = {}
        for name, plan in self.plans.items():
            targets = {f"plans.{name}.average": plan.average}
            for metric, promised in plan.targets.items():
                place = f"plans.{name}.targets.{metric}"
                if isinstance(promised, Target):
                    targets[place] = promised
                else:
                    targets |= {f"{place}.{priority}": target for priority, target in promised.items()}
                    chosen |= {f"{place}.{priority}": priority for priority in promised}
            wanted |= {f"{place}.schedule": each.schedule for place, each in targets.items() if each and each.schedule}
        faults = [*_missing(wanted, "schedules", self.schedules), *_missing(chosen, "priorities", self.priorities)]
        for what, things in (("priorities", self.priorities), ("plans", self.plans)):
            faults += [f"{what}.{key} is named {thing.name}" for key, thing in things.items() if key != thing.name]
        for what, names in (("channels", self.channels), ("releases", self.releases)):
            if len(set(map(folded, names))) < len(names):
                faults.append(f"{what} has a name twice: {', '.join(names)}")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def replace(self, **changes: Any) -> Self:
        """The same policy with some of its fields replaced, validated again.

        >>> from kolmisla.kolmisoft import KOLMISOFT
        >>> KOLMISOFT.replace(releases=["X16", "X17", "X18"]).releases
        ('X16', 'X17', 'X18')
        """
        return type(self)(**{**{field: getattr(self, field) for field in type(self).model_fields}, **changes})

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:  # noqa: ARG002  # frozen all the way down
        """As replace: pydantic's own would carry remembered promises over to other rules."""
        return self.replace(**(update or {}))

    def promise(
        self,
        plan: str | None,
        priority: str,
        channel: str,
        version: str | None = None,
        metric: Metric = FIRST_RESPONSE,
    ) -> Promise:
        """What is promised to a ticket with these facts; names match whatever their case.

        TicketError for names that the policy does not have, PolicyError for a version when the policy has
        no releases, NotCoveredError, with the reason, for a ticket that nothing is promised to. A plan may
        promise nothing by one metric: then the promise has no target.

        >>> from kolmisla.kolmisoft import KOLMISOFT
        >>> KOLMISOFT.promise("premium", "blocker", "Support System").schedule_name
        'always'
        """
        facts = (plan, priority, channel, version, metric)
        promise = self._promises.get(facts)
        if promise is None:
            if len(self._promises) >= MEMO:
                self._promises.clear()
            promise = self._promises[facts] = self._promise(*facts)
        return promise

    def __getstate__(self) -> dict[Any, Any]:
        """What a pickle holds: the rules, not the promises remembered."""
        state = super().__getstate__()
        return {**state, "__dict__": {name: getattr(self, name) for name in type(self).model_fields}}

    @cached_property
    def _promises(self) -> dict[tuple[str | None, str, str, str | None, Metric], Promise]:
        return {}

    def priority(self, name: str) -> Priority:
        """The priority of that name, whatever its case; TicketError, with the names, when there is none."""
        if name not in self.priorities:
            raise TicketError(f"priority {shown(name)} is not one of {', '.join(self.priorities)}")
        return self.priorities[name]

    def _promise(
        self, plan_name: str | None, priority_name: str, channel: str, version: str | None, metric: Metric
    ) -> Promise:
        priority, plan = self.priorities.get(priority_name), self.plans.get(plan_name or "")
        faults = [
            f"{what} {shown(name)} is not one of {', '.join(things)}"
            for what, name, found, things in (
                ("plan", plan_name, plan, self.plans),
                ("priority", priority_name, priority, self.priorities),
            )
            if name is not None and found is None
        ]
        if faults or priority is None:
            raise TicketError("; ".join(faults))
        if plan is None:
            raise NotCoveredError("no support plan")
        channels = {folded(name): name for name in self.channels}
        if folded(channel) not in channels:
            raise NotCoveredError(
                f"channel {shown(channel)} carries no promise, only {' and '.join(self.channels)} does"
            )
        if version is not None and self.supported_releases is not None:
            version = self._supported(version, self.supported_releases)
        target = plan.target(metric, priority.name)
        name = (target and target.schedule) or priority.schedule
        return Promise(
            metric=metric,
            plan=plan,
            priority=priority,
            channel=channels[folded(channel)],
            version=version,
            target=target,
            within=None if target is None else length(target.within),
            schedule_name=name,
            schedule=self.schedules[name],
            average_on=self.schedules[plan.average.schedule or priority.schedule] if plan.average else None,
            zone=zone_named(self.timezone),
        )

    def _supported(self, version: str, newest: int) -> str:
        if not self.releases:
            raise PolicyError(
                f"version {shown(version)} cannot be judged: the policy has no releases; give them, oldest first"
            )
        names = {folded(release): release for release in self.releases}
        if folded(version) not in names:
            raise TicketError(f"version {shown(version)} is not one of the releases {', '.join(self.releases)}")
        release, supported = names[folded(version)], self.releases[-newest:]
        if release not in supported:
            raise NotCoveredError(f"version {release} is not supported, only {' and '.join(supported)}")
        return release


def _missing(names: Mapping[str, str], what: str, things: Mapping[str, object]) -> list[str]:
    """The fault of names that are not there, if any are not, with their places."""
    places = ", ".join(f"{place} is {name!r}" for place, name in names.items() if name not in things)
    return [f"{places}; the {what} are {', '.join(things) or 'none'}"] if places else []
