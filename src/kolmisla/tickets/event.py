"""Events: what happens to a ticket after it is opened."""

from collections.abc import Iterable
from datetime import MAXYEAR, datetime, timedelta, timezone
from operator import index
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeVar, cast
from zoneinfo import ZoneInfo

from kolmisla.documents.model import Model, draft_of, field, record
from kolmisla.documents.names import folded
from kolmisla.documents.values import DURATION, SAID_NAME, Kind, is_nothing, list_of, names_pattern, one_of
from kolmisla.errors import Fault, KolmislaError, NaiveTicketError, NaiveTimeError, TicketError, named, shown
from kolmisla.policies.terms.metrics import CHANGES, EVENT_KINDS, EventKind, Metric
from kolmisla.times.durations import duration_text
from kolmisla.times.instants import micros
from kolmisla.times.reading import read

__all__ = [
    "EVENT_LIST",
    "ID",
    "INSTANT",
    "OF_METRICS",
    "WITH_VALUE",
    "Event",
    "Fact",
    "Moment",
    "add_answer",
    "aware",
    "event_of",
    "as_moments",
    "said",
    "said_of",
]

T = TypeVar("T")

# Kinds that may have a `value`: the new priority, plan or owner, the reason of a pause, the due time or the time added.
WITH_VALUE: tuple[EventKind, ...] = ("priority", "plan", "owner", "paused", "resumed", "due", "extended")
MUST_HAVE_VALUE: dict[EventKind, str] = {
    "priority": "the new priority",
    "plan": "the new plan",
    "due": "the agreed time, with an offset",
    "extended": "the open time that is added, such as PT4H",
}
WITH_REASON: tuple[EventKind, ...] = ("priority", "plan", "owner", "due", "extended", "withdrawn", "waived")
OF_METRICS: tuple[EventKind, ...] = ("due", "extended", "waived")  # an event of these kinds may concern one metric only


BLANK = {"type": "string", "pattern": r"^\s*$"}


def said(given: Any) -> Any:
    """Return the value of a fact of a ticket, or None when the value is missing.

    None, NaN, NaT, NA and blank text are missing values.
    """
    return None if is_nothing(given) or (isinstance(given, str) and not given.strip()) else given


def said_of(kind: Kind[T]) -> Kind[T | None]:
    """Return a reader that turns a missing value into None, and passes any other value to the reader `kind`."""
    schema = {"anyOf": [kind.schema, BLANK, {"type": "null"}]}
    return Kind(lambda value: None if said(value) is None else kind.read(value), schema)


def _instant(value: object) -> datetime:
    """Read an aware datetime, or ISO 8601 text with an offset. Raise ValueError for anything else."""
    if isinstance(value, str):
        return read(value)
    if is_nothing(value):
        raise ValueError("is missing")
    if not isinstance(value, datetime):
        raise ValueError(
            f"{shown(value)} is not a time; give an aware datetime, or text such as 2026-07-03T16:30:00+03:00"
        )
    micros(value)  # raises for a datetime without an offset
    if value.year > MAXYEAR:  # pandas has such datetimes, but cannot write them as text
        raise ValueError(f"the year of a time must be at most {MAXYEAR}, not {value.year}")
    return value


INSTANT = Kind(_instant, {"type": "string", "format": "date-time"})


def _id(value: Any) -> Any:
    """Return the id of a ticket as text or int, or None for a missing id.

    Raise ValueError for an id that is neither text nor a whole number, or for a number of more than 4,300 digits.
    """
    if is_nothing(value) or isinstance(value, str):
        return said(value)
    if isinstance(value, float) and value.is_integer():  # pandas turns whole numbers into floats if a value is missing
        return int(value)
    if isinstance(value, (bool, float)):  # `index` takes a bool, but a bool is not an id
        raise ValueError(f"an id must be text or a whole number, not {shown(value)}")
    try:
        id = index(value)
    except Exception:  # raised by Python, or by a library of arrays
        raise ValueError(f"an id must be text or a whole number, not {shown(value)}") from None
    if abs(id) >= LARGEST_ID:
        raise ValueError(f"an id must be a number of at most {DIGITS_OF_ID:,} digits, not {shown(id)}")
    return id


ID = Kind(_id, {"anyOf": [{"type": name} for name in ("string", "integer", "null")]})

DIGITS_OF_ID = 4_300  # by default, Python refuses to print a number with more digits
LARGEST_ID = 10**DIGITS_OF_ID


class Fact(Model):
    """The base class of Ticket and Event. Invalid data raises TicketError, which lists every fault."""

    error: ClassVar[type[KolmislaError]] = TicketError

    if TYPE_CHECKING:  # without this signature, type checkers would refuse all arguments

        def __init__(self, **data: Any) -> None: ...

    @classmethod
    def _refusal(cls, faults: Iterable[Fault], causes: Iterable[Exception]) -> KolmislaError:
        """Return the error for `faults`: NaiveTicketError when an instant has no offset, else TicketError."""
        refusal = super()._refusal(faults, causes)
        if not any(isinstance(cause, NaiveTimeError) for cause in causes):
            return refusal
        naive = NaiveTicketError(str(refusal))
        naive.faults = refusal.faults
        return naive


KIND = one_of(EventKind)
IN_ANY_CASE = {"anyOf": [KIND.schema, {"type": "string", "pattern": f"^({names_pattern(EVENT_KINDS)})$"}]}


def _kind(value: Any) -> EventKind:
    kind: EventKind = KIND.read(folded(value) if isinstance(value, str) else value)
    return kind


def _value(value: Any) -> Any:
    """Return the value of an event as text, or None for a missing value.

    The value may be a name, a reason, an instant or a duration.
    """
    if isinstance(value, datetime) and not is_nothing(value):
        return _instant(value).isoformat()
    return duration_text(value) if isinstance(value, timedelta) else VALUE.read(value)


VALUE = said_of(SAID_NAME)
EVENT_METRIC = said_of(
    Kind(lambda value: SAID_NAME.read(value.name if isinstance(value, Metric) else value), SAID_NAME.schema)
)


class Event(Fact):
    """One thing that happened to a ticket.

    Invalid data raises TicketError, which lists every fault. `at` is an aware datetime or ISO 8601 text with an offset.
    The `kind` is one of:

    - `answered`: the staff replied.
    - `asked`: the customer wrote.
    - `paused`: the ticket began to wait for somebody else. The `value` may be the reason.
    - `resumed`: the wait for the reason in `value` ended. Without a `value`, all waits ended.
    - `priority`, `plan` or `owner`: the ticket's priority, plan or owner changed to `value`. After an `owner` without a
      `value`, nobody owns the ticket.
    - `resolved` or `reopened`: the ticket was resolved or reopened.
    - `due`: a due time was agreed with the customer. The `value` is the due time, an aware datetime or text.
    - `extended`: open time was added to the target. The `value` is the time added, such as `PT4H`.
    - `withdrawn`: the ticket needs no answer, because it is a duplicate or spam, for example.
    - `waived`: the verdict (met or breached) does not count. The `reason` says why.

    `metric` is for the kinds `due`, `extended` and `waived`: it names the metric that the event concerns. If `metric`
    is None, the event concerns all metrics. `reason` is text that says why the event happened. A pause has its reason
    in `value`. Answers, questions, resolutions and reopenings have no reason.

    >>> Event(kind="priority", at="2026-07-04T10:00:00+03:00", value="blocker").value
    'blocker'
    """

    kind: EventKind = field(Kind(_kind, IN_ANY_CASE))
    at: datetime = field(INSTANT)
    value: str | None = field(Kind(_value, VALUE.schema), default=None)
    metric: str | None = field(EVENT_METRIC, default=None)
    reason: str | None = field(VALUE, default=None)

    if TYPE_CHECKING:  # at run time, an unknown name must raise TicketError, not TypeError

        def __init__(
            self,
            *,
            kind: EventKind,
            at: datetime | str,
            value: datetime | timedelta | str | None = None,
            metric: Metric | str | None = None,
            reason: str | None = None,
        ) -> None: ...

    def _check(self) -> None:
        """Raise ValueError if the event lacks a fact that its kind needs, or has a fact that its kind must not have."""
        kind, value = self.kind, self.value
        if kind in MUST_HAVE_VALUE and value is None:
            what = f"a change of {kind}" if kind in CHANGES else f"an event of the kind {kind}"
            raise ValueError(f"{what} must have {MUST_HAVE_VALUE[kind]} as its value")
        if value is not None and kind not in WITH_VALUE:
            raise ValueError(f"an event of the kind {kind} must have no value, not {shown(value)}")
        if self.metric is not None and kind not in OF_METRICS:
            raise ValueError(f"an event of the kind {kind} always concerns all metrics, so metric must be left out")
        if self.reason is not None and kind in ("paused", "resumed"):
            raise ValueError(f"a pause has its reason in value, so write value={shown(self.reason)}, not reason")
        if self.reason is not None and kind not in WITH_REASON:
            raise ValueError(f"an event of the kind {kind} must have no reason, not {shown(self.reason)}")
        if kind == "waived" and self.reason is None:
            raise ValueError("an event of the kind waived must have a reason, such as 'outage of the customer'")
        if kind == "due":
            INSTANT.read(value)
        if kind == "extended":
            DURATION.read(value)

    def __str__(self) -> str:
        return f"{self.kind}{f' {named(self.value)}' if self.value else ''} at {self.at.isoformat()}"


_Draft = draft_of(Event)


def event_of(
    kind: EventKind, at: datetime, value: str | None = None, metric: str | None = None, reason: str | None = None
) -> Event:
    """Return an event. The arguments are not checked, so they must be valid."""
    draft = _Draft()
    draft.kind, draft.at, draft.value, draft.metric, draft.reason = kind, at, value, metric, reason
    draft.__class__ = Event
    return cast("Event", draft)


class Moment(NamedTuple):
    """An event as a tuple of plain values, for calculations. `at` is in UTC microseconds."""

    at: int
    kind: EventKind
    value: str | None = None
    metric: str | None = None
    reason: str | None = None


EVENT_LIST = list_of(record(Event))
WITH_OFFSETS = (ZoneInfo, timezone)  # zones of these types have an offset at every time; other zones may have none


def aware(value: Any) -> Any:
    """Return `value` if it is a datetime with an offset. Raise ValueError for anything else.

    An instance of a subclass of datetime raises ValueError too.
    """
    if type(value) is datetime and (type(value.tzinfo) in WITH_OFFSETS or value.utcoffset() is not None):
        return value
    raise ValueError


def as_moments(events: Iterable[Event]) -> tuple[Moment, ...]:
    """Return a Moment for each event, in the given order. The times become UTC microseconds."""
    return tuple([Moment(micros(event.at), event.kind, event.value, event.metric, event.reason) for event in events])


def add_answer(events: list[Event], at: datetime | str) -> None:
    """Insert an event `answered` at the instant `at` as the first item of the list `events`.

    Do nothing if the list already has an answer at that instant.
    """
    answer = Event(kind="answered", at=at)
    if (micros(answer.at), "answered") not in ((micros(event.at), event.kind) for event in events):
        events.insert(0, answer)
