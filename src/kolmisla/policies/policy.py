"""A support desk's rules as one validated value: its promises, the schedules they count on, its tasks and prices."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, ClassVar, Self

from kolmisla.documents.model import field, record
from kolmisla.documents.names import Catalogue, folded
from kolmisla.documents.remembered import remembered
from kolmisla.documents.values import NAME, TEXT, Kind, by_names, one_of, optional, table_of
from kolmisla.errors import Fault, NotCoveredError, PolicyError, TicketError, choices, named, shown
from kolmisla.instants import length
from kolmisla.policies.editions import Editioned, PolicyDocument
from kolmisla.policies.plan import (
    FIRST_RESPONSE,
    RELEASED,
    SUPPORT_SYSTEM,
    Channel,
    MetricName,
    Plan,
    Priority,
    PriorityChange,
    Promise,
    Versions,
    metric_named,
)
from kolmisla.policies.references import contradictions, named_schedules
from kolmisla.policies.service_catalogue import CURRENCY, Rate, Task, WorkRates
from kolmisla.schedules.schedule import Schedule
from kolmisla.schedules.zones import zone_named

__all__ = ["Policy"]

MEMO = 4096  # promises kept, one for each combination of a ticket's facts
NONE: Catalogue[Any] = Catalogue({})


def _schedules(value: Any) -> Mapping[str, Schedule]:
    return SCHEDULES.read(named_schedules(value))


def _schedule(value: Any) -> Schedule:
    if not isinstance(value, Schedule):
        raise ValueError(f"must be a schedule, not {shown(value)}")
    return value


SCHEDULES = table_of(Kind(_schedule, Schedule))


class Policy(Editioned):
    """A support desk's rules; invalid data raises PolicyError, which lists every fault.

    Deadlines are shown in `timezone`, and times without an offset are read in it. A promise holds for tickets that
    have a plan, came in through one of `channels` (any channel when there are none), and are about a supported
    version (any version without `versions`). `releases` are those of the product: names, oldest first, or the dates
    on which they came out, by name.

    `priority_change` says what happens to the time already counted when a ticket's priority changes. With `carry`
    it stays counted, and the rest runs on the new priority's schedule. With `retroactive` all time is counted as if
    the last priority had held from the start. With `restart` counting begins anew at the change.

    `coverage` has the desk's tasks, `rates` their prices in `currency`, and `work` the rates that price a stretch of
    work. `source` is where the rules are published. The `line` of each entry quotes it; `schedule_lines` has the
    quotes for schedules.

    The rules are in force from the beginning of `effective_from` in `timezone`, or from the start without a date.
    `earlier` has the editions before them. A ticket is judged by the edition in force when it was opened.

    >>> from datetime import timedelta
    >>> from kolmisla import Target
    >>> from kolmisla import ALWAYS
    >>> policy = Policy(
    ...     name="Night desk",
    ...     timezone="UTC",
    ...     schedules={"always": ALWAYS},
    ...     priorities=[Priority(name="URGENT", rank=1, meaning="down", schedule="always")],
    ...     plans=[Plan(name="GOLD", rank=1, targets={"first-response": Target(within=timedelta(hours=1))})],
    ... )
    >>> policy.promise("gold", "urgent", "portal").target.within
    datetime.timedelta(seconds=3600)
    """

    for_all: ClassVar[tuple[str, ...]] = ("timezone", "releases")

    name: str = field(NAME)
    source: str = field(TEXT, default="")
    schedules: Mapping[str, Schedule] = field(Kind(_schedules, SCHEDULES.schema))
    schedule_lines: Mapping[str, str] = field(table_of(TEXT), default=NONE)
    priorities: Mapping[str, Priority] = field(by_names(record(Priority)))
    plans: Mapping[str, Plan] = field(by_names(record(Plan)))
    channels: Mapping[str, Channel] = field(by_names(record(Channel)), default=NONE)
    versions: Versions | None = field(optional(record(Versions)), default=None)
    releases: Mapping[str, date | None] = field(RELEASED, default=NONE)
    priority_change: PriorityChange = field(one_of(PriorityChange), default="carry")
    currency: str | None = field(optional(CURRENCY), default=None)
    rates: Mapping[str, Rate] = field(by_names(record(Rate)), default=NONE)
    work: WorkRates | None = field(optional(record(WorkRates)), default=None)
    coverage: Mapping[str, Task] = field(by_names(record(Task)), default=NONE)

    def __init__(
        self,
        *,
        name: str,
        timezone: str,
        schedules: Mapping[str, Schedule],
        priorities: Iterable[Priority] | Mapping[str, Priority],
        plans: Iterable[Plan] | Mapping[str, Plan],
        source: str = "",
        effective_from: date | str | None = None,
        schedule_lines: Mapping[str, str] = NONE,
        channels: Iterable[Channel | str] | Mapping[str, Channel] = (),
        versions: Versions | None = None,
        releases: Iterable[str] | Mapping[str, date] | Mapping[str, str] = (),
        priority_change: PriorityChange = "carry",
        currency: str | None = None,
        rates: Iterable[Rate] | Mapping[str, Rate] = (),
        work: WorkRates | None = None,
        coverage: Iterable[Task] | Mapping[str, Task] = (),
        earlier: Iterable["Policy"] = (),
    ) -> None:
        super().__init__(
            name=name,
            timezone=timezone,
            source=source,
            effective_from=effective_from,
            schedules=schedules,
            schedule_lines=schedule_lines,
            priorities=priorities,
            plans=plans,
            channels=channels,
            versions=versions,
            releases=releases,
            priority_change=priority_change,
            currency=currency,
            rates=rates,
            work=work,
            coverage=coverage,
            earlier=earlier,
        )

    def __repr__(self) -> str:
        return f"<Policy {named(self.name)} {self.digest[:8]}>"

    def __str__(self) -> str:
        return repr(self)

    @classmethod
    def _keys(cls) -> list[str]:
        """Return the keys that a document may have: the lines of schedules stand in the tables of the schedules."""
        return [name for name in super()._keys() if name != "schedule_lines"]

    @classmethod
    def _contradictions(cls, data: Mapping[str, Any]) -> Iterable[Fault]:
        return contradictions(data)

    @classmethod
    def _made(cls, document: Mapping[str, Any]) -> Self:
        schedules = document.get("schedules")
        if not isinstance(schedules, Mapping):
            return super()._made(document)
        tables = {name: dict(table) for name, table in schedules.items() if isinstance(table, Mapping)}
        lines = {name: table.pop("line") for name, table in tables.items() if "line" in table}
        return super()._made({**document, "schedules": {**schedules, **tables}, "schedule_lines": lines})

    def _written(self) -> PolicyDocument:
        document = {"name": self.name, **super()._written()}
        lines = Catalogue(document.pop("schedule_lines", {}))
        document["schedules"] = {
            name: {**({"line": lines[name]} if name in lines else {}), **schedule.to_dict(named=self.schedules)}
            for name, schedule in self.schedules.items()
        }
        if self.releases and not all(self.releases.values()):
            document["releases"] = list(self.releases)
        return document

    def promise(
        self,
        plan: str | None,
        priority: str,
        channel: str | None,
        version: str | None = None,
        metric: MetricName = FIRST_RESPONSE,
    ) -> Promise:
        """Return the promise to a ticket with these facts. Names match in any letter case.

        Without a `channel` the ticket came in through the first one. The ticket must have been opened while this
        edition was in force: see `at`. When the plan has no target by this metric, the promise has none.

        TicketError for an unknown plan, priority or version, PolicyError for a version when the policy has no
        releases, and NotCoveredError, with the reason, when there is no promise to such a ticket.

        >>> from kolmisla import KOLMISOFT
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

    @remembered
    def _promises(self) -> dict[tuple[str | None, str, str | None, str | None, MetricName], Promise]:
        return {}

    @property
    def main_channel(self) -> str:
        """The channel of a ticket that names none: the policy's first, or `support-system` when it has no channels."""
        return next(iter(self.channels), SUPPORT_SYSTEM)

    def priority(self, name: str) -> Priority:
        """Return the priority of that name, in any letter case; TicketError lists the priorities if it is unknown."""
        if name not in self.priorities:
            raise TicketError(f"priority {shown(name)} is not one of {choices(self.priorities)}")
        return self.priorities[name]

    def is_included(self, task: Task, plan: Plan) -> bool:
        """Return whether a plan includes a task, because every plan does or because it names the task in `includes`."""
        return task.verdict == "included" or folded(task.name) in map(folded, plan.includes)

    def _promise(
        self, plan_name: str | None, priority_name: str, channel: str | None, version: str | None, metric: MetricName
    ) -> Promise:
        priority = self.priorities.get(priority_name)
        plan = None if plan_name is None else self.plans.get(plan_name)
        faults = []
        if plan is None and plan_name is not None:
            faults.append(f"plan {shown(plan_name)} is not one of {choices(self.plans)}")
        if priority is None:
            faults.append(f"priority {shown(priority_name)} is not one of {choices(self.priorities)}")
        if faults or priority is None:
            raise TicketError("; ".join(faults))
        metric = metric_named(metric)
        if plan is None:
            raise NotCoveredError("no support plan")
        if channel is None:
            channel = self.main_channel
        if self.channels and channel not in self.channels:
            others = f"{choices(self.channels, ' and ')} {'do' if len(self.channels) > 1 else 'does'}"
            raise NotCoveredError(f"channel {shown(channel)} carries no promise, only {others}")
        if version is not None and self.versions is not None:
            version = self._supported(version, self.versions.latest)
        target = plan.target(metric, priority.name)
        name = (target and target.schedule) or priority.schedule
        return Promise(
            metric=metric,
            plan=plan,
            priority=priority,
            channel=self.channels[channel].name if self.channels else channel,
            version=version,
            target=target,
            within=None if target is None else length(target.within),
            schedule_name=name,
            schedule=self.schedules[name],
            average_on=self.schedules[plan.average.schedule or priority.schedule] if plan.average else None,
            zone=zone_named(self.timezone),
        )

    def _supported(self, version: str, latest: int) -> str:
        """Return the release of a version, as the policy spells it; an error when it is unknown or not supported."""
        if not self.releases and not self._to_come:
            raise PolicyError(
                f"version {shown(version)} cannot be judged: the policy has no releases; give them, oldest first"
            )
        names = {folded(release): release for release in self.releases}
        release = names.get(folded(version))
        if release is None:
            known = f"the releases {choices(names.values()) if names else '(none yet)'}"
            later = self._to_come.get(folded(version))
            hint = f"; it came out on {later}, after the ticket was opened" if later else ""
            raise TicketError(f"version {shown(version)} is not one of {known}{hint}")
        supported = list(self.releases)[-latest:]
        if release not in supported:
            raise NotCoveredError(f"version {named(release)} is not supported, only {choices(supported, ' and ')}")
        return release

    def __getstate__(self) -> dict[Any, Any]:
        return {**super().__getstate__(), "_to_come": self._to_come}

    def _turning_days(self) -> set[date]:
        return super()._turning_days() | {day for day in self.releases.values() if day}

    def _era(self, at: int) -> Self:
        """Return the edition in force at an instant, with the releases that were out by then."""
        edition = super()._era(at)
        to_come = {name: day for name, day in edition.releases.items() if day and self._beginning(day) > at}
        if not to_come:
            return edition
        known = edition.replace(releases={name: day for name, day in edition.releases.items() if name not in to_come})
        known.__dict__["_to_come"] = {folded(name): day for name, day in to_come.items()}
        return known

    @remembered
    def _to_come(self) -> dict[str, date]:
        """Return the releases that came out after the instant of this edition: `_era` sets them."""
        return {}
