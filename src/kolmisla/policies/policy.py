"""A support desk's rules as one validated value: its schedules, promises, tasks and prices."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from os import PathLike
from typing import TYPE_CHECKING, Any, ClassVar, Self

from kolmisla.documents import values
from kolmisla.documents.model import Model, field, record
from kolmisla.documents.names import Catalogue
from kolmisla.documents.remembered import late_reader, late_schema, remembered
from kolmisla.errors import Fault, NotCoveredError, PolicyError, TicketError, choices, named, shown
from kolmisla.names import LOADING
from kolmisla.policies import editions as dated
from kolmisla.policies.plan import DueDates, Owner, Plan, Priority, PriorityChange, Promise
from kolmisla.policies.promises import promise_of
from kolmisla.policies.terms.conditions import RELEASED, SUPPORT_SYSTEM, Channel, Versions
from kolmisla.policies.terms.metrics import FIRST_RESPONSE, METRIC_TABLE, Metric
from kolmisla.policies.terms.named_schedules import SCHEDULES, table_of_edition, with_lines_apart
from kolmisla.policies.terms.warnings import WARNINGS, Threshold
from kolmisla.schedules.schedule import Schedule
from kolmisla.times.instants import instants_in, micros
from kolmisla.times.zones import zone_named

if TYPE_CHECKING:  # most programs do not need these modules
    from kolmisla.policies.terms.examples import Example
    from kolmisla.policies.terms.service_catalogue import Rate, Task, WorkRates

__all__ = ["Policy"]

MEMO = 4096  # the most promises that are stored; each combination of a ticket's facts has one promise
NONE: Catalogue[Any] = Catalogue({})
EXAMPLE_TERMS, CATALOGUE = (f"kolmisla.policies.terms.{name}" for name in ("examples", "service_catalogue"))
EXAMPLE_LIST = values.Kind(late_reader(EXAMPLE_TERMS, "EXAMPLE_LISTS", empty=()), {"type": "array"})
ONLY_IN_PYTHON = ("earlier", "schedule_lines")  # a document has `editions` and each schedule's `line` instead


def _policy(value: Any) -> "Policy":
    if isinstance(value, Policy):
        return value
    raise ValueError(f"must be a policy, not {shown(value)}")


class Policy(Model):
    """A support desk's rules. Invalid data raises PolicyError, which lists every fault.

    `timezone` is the zone in which deadlines are shown and times without an offset are read. A promise holds for
    tickets that have a plan, came in through one of `channels` (any channel if the policy has none), and are about a
    supported version (any version if `versions` is None). `releases` lists releases, oldest first, or maps them to
    their dates. `priority_change` says what happens to the time already counted when a ticket's priority changes:
    `carry` keeps it, `retroactive` counts all time anew by the last priority, and `restart` begins at zero. A question
    of the customer ends the pauses whose reason is in `waits_for_customer`. `due_dates` says whether a due time agreed
    with the customer is `fixed`, or is moved by later pauses (`pause`). `metrics` has the policy's own metrics, which
    replace built-in metrics with the same name. `warnings` lists when alarms are wanted: 75 is 75 percent of the
    target, `PT30M left` is half an hour before its end. `owners` has the owners with a schedule of their own.

    `coverage` has the tasks that the desk may be asked to do. `rates` has prices in `currency`. `work` names the rates
    for work by time. `source` is where the rules are published. Each entry's `line` quotes the source, and
    `schedule_lines` has the quotes for schedules. `examples` has tickets and the expected answers. All editions share
    the examples. `digest` leaves them out, because they are not rules. The rules are in force from the start, or from
    the beginning of the date `effective_from` in `timezone`. `earlier` has the earlier editions of the rules. The
    edition that was in force when a ticket was opened applies to this ticket.

    >>> from kolmisla import KOLMISOFT
    >>> KOLMISOFT.replace(priority_change="restart").priority_change
    'restart'
    """

    __slots__ = ("__dict__",)  # for the values of `remembered` properties
    _document_schema = late_schema("kolmisla.policies.json_schema", "POLICY_DOCUMENT")
    for_all: ClassVar[tuple[str, ...]] = ("timezone", "releases", "examples")  # fields that all editions share

    _to_come: Mapping[str, date] = NONE  # releases that are not out yet; see `editions._before`

    timezone: str = field(values.ZONE)
    effective_from: date | None = field(values.optional(values.CALENDAR_DATE), default=None)
    earlier: tuple["Policy", ...] = field(values.list_of(values.Kind(_policy, {})), default=())
    name: str = field(values.NAME)
    source: str = field(values.TEXT, default="")
    schedules: Mapping[str, Schedule] = field(SCHEDULES)
    schedule_lines: Mapping[str, str] = field(values.table_of(values.TEXT), default=NONE)
    priorities: Mapping[str, Priority] = field(values.by_names(record(Priority)))
    plans: Mapping[str, Plan] = field(values.by_names(record(Plan)))
    metrics: Mapping[str, Metric] = field(METRIC_TABLE, default=NONE)
    owners: Mapping[str, Owner] = field(values.by_names(record(Owner)), default=NONE)
    channels: Mapping[str, Channel] = field(values.by_names(record(Channel)), default=NONE)
    versions: Versions | None = field(values.optional(record(Versions)), default=None)
    releases: Mapping[str, date | None] = field(RELEASED, default=NONE)
    priority_change: PriorityChange = field(values.one_of(PriorityChange), default="carry")
    waits_for_customer: tuple[str, ...] = field(values.list_of(values.NAME), default=())
    due_dates: DueDates = field(values.one_of(DueDates), default="fixed")
    warnings: tuple[Threshold, ...] | None = field(WARNINGS, default=None)
    currency: str | None = field(values.optional(values.CURRENCY), default=None)
    rates: "Mapping[str, Rate]" = field(values.late_kind(CATALOGUE, "RATES", empty=NONE), default=NONE)
    work: "WorkRates | None" = field(values.optional(values.late_kind(CATALOGUE, "WORK_RATES")), default=None)
    coverage: "Mapping[str, Task]" = field(values.late_kind(CATALOGUE, "TASKS", empty=NONE), default=NONE)
    examples: tuple["Example", ...] = field(EXAMPLE_LIST, default=())

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
        metrics: Iterable[Metric] | Mapping[str, Metric] = (),
        owners: Iterable[Owner] | Mapping[str, Owner] = (),
        channels: Iterable[Channel | str] | Mapping[str, Channel] = (),
        versions: Versions | None = None,
        releases: Iterable[str] | Mapping[str, date] | Mapping[str, str] = (),
        priority_change: PriorityChange = "carry",
        waits_for_customer: Iterable[str] = (),
        due_dates: DueDates = "fixed",
        warnings: Iterable[Threshold] | None = None,
        currency: str | None = None,
        rates: "Iterable[Rate] | Mapping[str, Rate]" = (),
        work: "WorkRates | None" = None,
        coverage: "Iterable[Task] | Mapping[str, Task]" = (),
        examples: Iterable["Example | Mapping[str, Any]"] = (),
        earlier: Iterable["Policy"] = (),
    ) -> None:
        super().__init__(**{name: value for name, value in locals().items() if name in Policy.fields})

    def __repr__(self) -> str:
        return f"<Policy {named(self.name)} {self.digest[:8]}>"

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Self:
        """Read a policy from a file that ends in `.toml` or `.json`. Nothing in the file is executed.

        Holidays may name an iCalendar file (`.ics`) in the policy's folder (extra `ical`). For a bad file, raise
        PolicyError, which lists every fault. Raise OSError for an unreadable file, ValueError for an impossible path.
        """
        with LOADING:
            from kolmisla.documents.calendar_files import with_calendar_files
            from kolmisla.documents.toml_json import read_document
        document = read_document(path)
        try:
            return cls.from_dict(with_calendar_files(document, path))
        except PolicyError as error:
            text = f"{path}: {cls._heading(len(error.faults))}" if error.faults else f"{path}: {error}"
            raise PolicyError.listing(error.faults, text) from error

    def dump(self, path: str | PathLike[str]) -> None:
        """Write the policy to a file that ends in `.toml` (extra `toml`) or `.json`. `load` then gives an equal policy.

        Raise PolicyError for another ending, or for a document over the size limit, ValueError for an impossible path.
        """
        with LOADING:
            from kolmisla.documents.toml_json import write_document
        write_document(self.to_dict(), path)

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """Return the policy that a document describes. For bad data, raise PolicyError, which lists every fault."""
        if not isinstance(document, Mapping):
            raise PolicyError(f"a policy must be a table (a mapping), not {shown(document)}")
        read, unknown = super().from_dict, (ONLY_IN_PYTHON, cls._unknown)
        editions, faults = dated.read_editions(document, cls.for_all, unknown, lambda own: read(with_lines_apart(own)))
        if faults:
            raise cls._refusal(faults, ())
        return editions[-1].replace(earlier=editions[:-1]) if len(editions) > 1 else editions[-1]

    def to_dict(self) -> dated.PolicyDocument:
        """Return the policy as a dict ready for JSON. Fields that all editions share are outside its `editions`."""
        return dated.together([table_of_edition(edition) for edition in self.editions])

    @remembered
    def digest(self) -> str:
        """Return a hash of the rules. Two policies with the same hash have equal rules."""
        with LOADING:
            from kolmisla.documents.toml_json import digest
        return digest(dated.together([table_of_edition(edition, without=("examples",)) for edition in self.editions]))

    def fingerprint(self, years: Iterable[int] = (2020, 2040)) -> str:
        """Return a hash of the answers of the policy's schedules and targets in some years.

        Policies with the same hash give equal deadlines in these years. `years` is a range, or a pair of a first and a
        last year. The hash depends on the names of schedules, plans and priorities, but not on the policy's own name.
        Raise TypeError for other `years`, and ValueError for years outside 1900 to 2200.
        """
        with LOADING:
            from kolmisla.policies.comparing.fingerprint import fingerprint_of
        return fingerprint_of(self, years)

    @classmethod
    def _keys(cls) -> list[str]:
        """Return the keys that a document may have: the keys of an edition, and `editions`."""
        return [*(name for name in cls.fields if name not in ONLY_IN_PYTHON), dated.EDITIONS]

    @classmethod
    def _contradictions(cls, data: Mapping[str, Any]) -> Iterable[Fault]:
        with LOADING:
            from kolmisla.policies.references import contradictions
        return contradictions(data)

    def _check(self) -> None:
        """Sort the earlier editions by date, and give them the values of the fields that all editions share."""
        if self.earlier:
            shared = {name: getattr(self, name) for name in self.for_all}
            editions = (edition for policy in self.earlier for edition in policy.editions)
            object.__setattr__(self, "earlier", tuple(dated.editions_in_order(editions, self, shared)))

    @remembered
    def editions(self) -> tuple[Self, ...]:
        """Return all editions, the earliest first."""
        return (*self.earlier, self.replace(earlier=())) if self.earlier else (self,)  # type: ignore[arg-type]

    def at(self, instant: datetime) -> Self:
        """Return the edition in force at an aware datetime. Raise NotCoveredError if no edition is in force yet.

        >>> from kolmisla import KOLMISOFT
        >>> KOLMISOFT.at(datetime.fromisoformat("2026-07-03T16:30+03:00")) == KOLMISOFT
        True
        """
        return self.in_force(micros(instant))

    def in_force(self, at: int) -> Self:
        """Return what `at` returns, for an instant in UTC microseconds. Releases that come out later are left out."""
        return dated.in_force(self, at, self._eras) if self.turns else self

    def nearest(self, at: int) -> Self:
        """Return the edition in force at an instant, or the first edition if none is in force yet."""
        try:
            return self.in_force(at)
        except NotCoveredError:
            return self.editions[0]  # type: ignore[no-any-return]

    @property
    def begins_at(self) -> datetime | None:
        """The instant at which `effective_from` begins, or None if the edition was in force from the start."""
        day = self.effective_from
        return None if day is None else instants_in(zone_named(self.timezone))(dated.begins(self.timezone, day))

    @remembered
    def turns(self) -> tuple[int, ...]:
        """Return the instants at which an edition comes into force or a release comes out, in UTC microseconds."""
        return dated.turning_points(self.editions)

    @remembered
    def _eras(self) -> dict[int, Self]:
        return {}

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_to_come": self._to_come}

    def promise(
        self,
        plan: str | None,
        priority: str,
        channel: str | None,
        version: str | None = None,
        metric: str | Metric = FIRST_RESPONSE,
        *,
        owner: str | None = None,
        schedule: str | None = None,
    ) -> Promise:
        """Return the promise to a ticket that was opened while this edition (see `at`) was in force.

        Names match in any letter case. If `channel` is None, the policy's main channel is used. If the plan has no
        target, the promise's `target` is None. Raise TicketError for an unknown plan, priority, version or schedule,
        and PolicyError for an unknown metric, or for a version if the policy has no releases. Raise NotCoveredError for
        a ticket without a plan, for a channel that the policy does not have, and for an unsupported version.

        >>> from kolmisla import KOLMISOFT
        >>> KOLMISOFT.promise("premium", "blocker", "Support System").schedule_name
        'always'
        """
        return self.promise_by((plan, priority, channel, version, metric, owner, schedule))

    def promise_by(self, facts: tuple[Any, ...]) -> Promise:
        """Return what `promise` returns for the arguments in the tuple `facts`. Owner and schedule may be left out."""
        try:
            promise = self._promises.get(facts)
        except TypeError:  # an argument cannot be hashed
            raise TypeError(f"the arguments of promise must be texts or None, not {shown(facts)}") from None
        if promise is None:
            if len(self._promises) >= MEMO:
                self._promises.clear()
            promise = self._promises[facts] = promise_of(self, self._to_come, facts)
        return promise

    @remembered
    def _promises(self) -> dict[tuple[Any, ...], Promise]:
        return {}

    @property
    def main_channel(self) -> str:
        """The channel of tickets without a channel: the policy's first, or `support-system` if the policy has none."""
        return next(iter(self.channels), SUPPORT_SYSTEM)

    def priority(self, name: str) -> Priority:
        """Return the priority with this name, in any letter case. Raise TicketError for an unknown name."""
        if name in self.priorities:
            return self.priorities[name]
        raise TicketError(f"priority {shown(name)} is not one of {choices(self.priorities)}")
