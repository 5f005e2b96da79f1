"""Metrics: which events start and end the cycles that the clock of a ticket measures."""

import re
from collections.abc import Mapping
from datetime import timedelta
from itertools import chain
from typing import Any, Literal, NamedTuple, cast, get_args

from kolmisla.documents.model import Entry, field, record
from kolmisla.documents.names import Catalogue, folded
from kolmisla.documents.values import (
    DURATION,
    NAME,
    InvalidError,
    Kind,
    by_names,
    list_of,
    names_pattern,
    one_of,
    optional,
)
from kolmisla.errors import Fault, PolicyError, choices, shown
from kolmisla.policies.terms.warnings import WARNINGS, Threshold

__all__ = [
    "ALL_METRICS",
    "BUILT_IN_METRICS",
    "CHANGES",
    "EVENT_KINDS",
    "FIRST_RESPONSE",
    "METRICS",
    "METRIC_TABLE",
    "NEXT_RESPONSE",
    "THE_OPENING",
    "OPENERS",
    "RESOLUTION",
    "VALUED",
    "EventKind",
    "Metric",
    "MetricName",
    "Opener",
    "Pausing",
    "Reopened",
    "Trigger",
    "metric_named",
    "trigger_of",
]

MetricName = Literal["first-response", "next-response", "resolution"]
METRICS: tuple[MetricName, ...] = get_args(MetricName)
FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION = METRICS
ALL_METRICS: Literal["all"] = "all"  # asks for all metrics, if it is given in place of one

# A new kind also needs a place in TOGETHER (tickets/states), a line in the docstring of Event, and a row in
# ONE_BY_ONE (tickets/cycles/shapes) if arrays do not judge it. docs/architecture.md lists all other places.
EventKind = Literal[
    "answered",
    "asked",
    "paused",
    "resumed",
    "priority",
    "resolved",
    "reopened",
    "owner",
    "plan",
    "due",
    "extended",
    "withdrawn",
    "waived",
]
EVENT_KINDS: tuple[EventKind, ...] = get_args(EventKind)
VALUED: tuple[EventKind, ...] = ("priority", "plan", "owner", "paused", "resumed")  # may have a value, as owner=L2 has
CHANGES: tuple[EventKind, ...] = ("priority", "plan", "owner")  # events of these kinds change what is in force
THE_OPENING = "opened"  # the opening of the ticket, which may start a cycle as an event does
ABOUT_PROMISES = ("due", "extended", "waived", "withdrawn")  # events of these kinds neither start nor end a cycle

Opener = Literal["requester", "staff"]
OPENERS: tuple[Opener, ...] = get_args(Opener)
Reopened = Literal["continue", "new-cycle", "ignore"]
Pausing = Literal["all", "none"] | tuple[str, ...]


class Trigger(NamedTuple):
    """Events that start or end a cycle: all events of a `kind`, or only those with a certain `value` (`owner=L2`)."""

    kind: str
    value: str | None  # in the form that `folded` gives


def trigger_of(text: str) -> Trigger:
    """Read a valid text such as `answered` or `owner=L2`. Return the events that the text describes."""
    kind, _, value = text.partition("=")
    return Trigger(folded(kind), folded(value) or None)


def _triggers(*, opening: bool) -> Kind[tuple[str, ...]]:
    """Return a reader for a list of triggers: events that start or end a cycle, such as `answered` or `owner=L2`.

    If `opening` is True, the list may also have `opened`, the opening of a ticket.
    """
    kinds = [*([THE_OPENING] if opening else []), *(kind for kind in EVENT_KINDS if kind not in ABOUT_PROMISES)]

    def read(value: Any) -> str:
        text = NAME.read(value)
        kind, sign, given = text.partition("=")
        name = folded(kind)
        if name not in kinds:
            raise ValueError(f"{shown(kind.strip())} is not one of {choices(kinds)}")
        if sign and (name not in VALUED or not given.strip()):
            raise ValueError(
                f"{shown(text)} must be a kind alone, or one of {choices(VALUED)} with a value, such as owner=L2"
            )
        return f"{name}={given.strip()}" if sign else name

    def schema() -> dict[str, Any]:
        return {"type": "string", "pattern": rf"^({names_pattern(kinds)}|{names_pattern(VALUED)}=.*\S.*)$"}

    return list_of(Kind(read, schema))


START_KINDS, END_KINDS = _triggers(opening=True), _triggers(opening=False)


def _starts(value: Any) -> tuple[str, ...] | Mapping[str, tuple[str, ...]]:
    """Read the events that start a cycle: a list for all tickets, or one list for `requester` and one for `staff`."""
    if not isinstance(value, Mapping):
        return START_KINDS.read(value)
    unknown = [name for name in value if name not in OPENERS]
    if unknown:
        raise ValueError(f"{shown(unknown[0])} is not one of {choices(OPENERS)}")
    missing = [name for name in OPENERS if name not in value]
    if missing:
        raise ValueError(
            f"must have a list for {choices(OPENERS, ' and for ')}, but has none for {choices(missing, ' and for ')};"
            " type the events that start the clock of a ticket opened by them, or []"
        )
    faults: list[Fault] = []
    read: dict[str, tuple[str, ...]] = {}
    for name, part in value.items():
        try:
            read[name] = START_KINDS.read(part)
        except ValueError as error:
            faults += [fault.within(name) for fault in getattr(error, "faults", None) or [Fault((), str(error))]]
    if faults:
        raise InvalidError(faults, [])
    return Catalogue(read)


STARTS_BY_OPENER: Kind[Any] = Kind(
    _starts,
    {
        "anyOf": [
            START_KINDS.schema,
            {"type": "object", "properties": dict.fromkeys(OPENERS, START_KINDS.schema), "required": list(OPENERS)},
        ]
    },
)


def _pausing(value: Any) -> Pausing:
    if isinstance(value, str):
        if value in ("all", "none"):
            return cast("Pausing", value)
        raise ValueError(f"must be 'all', 'none' or a list of reasons, not {shown(value)}; type [{shown(value)}]")
    reasons = REASONS.read(value)
    if len(set(map(folded, reasons))) < len(reasons):
        raise ValueError(f"must have each reason once, but one of {choices(reasons)} is there twice")
    return reasons


def _real_time(value: Any) -> timedelta:
    """Read a duration of real time, in which a day has 24 hours. Text such as `30 days` is allowed."""
    match = re.fullmatch(r"(\d{1,5}) days?", value.strip(), re.ASCII) if isinstance(value, str) else None
    try:
        return DURATION.read(timedelta(days=int(match[1])) if match else value)
    except ValueError as error:
        raise ValueError(f'{error}; days are written "30 days"' if isinstance(value, str) else str(error)) from None


REAL_TIME = Kind(_real_time, {"anyOf": [DURATION.schema, {"type": "string", "pattern": "^[0-9]{1,5} days?$"}]})

REASONS = list_of(NAME)
PAUSING: Kind[Pausing] = Kind(_pausing, {"anyOf": [{"enum": ["all", "none"]}, REASONS.schema]})


def _bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, not {shown(value)}")
    return value


class Metric(Entry):
    """What the clock of a ticket measures: cycles, each from an event that starts it to an event that ends it.

    `starts` and `ends` are lists of kinds of event. A kind may have a value, such as `owner=L2`. In `starts`, `opened`
    is the opening of the ticket. `starts` may also be a mapping with two lists: one for tickets that the `requester`
    opened, and one for tickets that the `staff` opened. If `after` has kinds, the first cycle starts only after an
    event of one of these kinds. With `repeats`, a ticket may have several cycles of the metric. Without `repeats`, only
    the earliest start counts. Kinds in `cancels` end a cycle without a verdict.

    `pauses` says which pauses stop the clock: `all`, `none`, or a list of their reasons. A plan may say otherwise.

    `reopened` says what the reopening of a ticket does. With `continue`, a cycle that was ended by the resolution goes
    on, and the time while the ticket was resolved does not count. With `new-cycle`, a new cycle starts. With `ignore`,
    nothing happens. `reopened_within` limits `continue` and `ignore`: if more real time than this has passed after the
    resolution, a reopening starts a new cycle.

    If `warnings` are given, they replace the policy's warnings.

    >>> touch = Metric(name="update", starts=("opened", "answered"), ends=("answered", "resolved"), repeats=True)
    >>> touch.reopened
    'continue'
    """

    name: str = field(NAME)
    starts: tuple[str, ...] | Mapping[str, tuple[str, ...]] = field(STARTS_BY_OPENER)
    ends: tuple[str, ...] = field(END_KINDS)
    after: tuple[str, ...] = field(END_KINDS, default=())
    repeats: bool = field(Kind(_bool, {"type": "boolean"}), default=False)
    cancels: tuple[str, ...] = field(END_KINDS, default=())
    pauses: Pausing | None = field(optional(PAUSING), default=None)
    reopened: Reopened = field(one_of(Reopened), default="continue")
    reopened_within: timedelta | None = field(optional(REAL_TIME), default=None)
    warnings: tuple[Threshold, ...] | None = field(WARNINGS, default=None)

    def _check(self) -> None:
        starts = self.starts.values() if isinstance(self.starts, Mapping) else [self.starts]
        if not any(starts):
            raise InvalidError([Fault(("starts",), "must have a kind of event; without one, no cycle ever starts")], [])
        if not self.ends:
            raise InvalidError([Fault(("ends",), "must have a kind of event; without one, no cycle ever ends")], [])
        if folded(self.name) == ALL_METRICS:
            raise InvalidError([Fault(("name",), f"must not be {ALL_METRICS!r}, which means every metric")], [])
        ends = [trigger_of(text) for text in self.ends]
        both = [
            (text, end)
            for text, kind, value in ((text, *trigger_of(text)) for text in self.cancels)
            for end, ending in zip(self.ends, ends, strict=True)
            if ending.kind == kind and ending.value in (None, value)
        ]
        if both:
            canceling, end = both[0]
            has = "it already" if end == canceling else f"{shown(end)}, which includes it"
            raise InvalidError([Fault(("cancels",), f"must not have {shown(canceling)}: the key `ends` has {has}")], [])
        if any("resolved" in part for part in starts):
            raise InvalidError([Fault(("starts",), "must not have 'resolved': no cycle starts at a resolution")], [])
        if self.reopened_within is not None and self.reopened == "new-cycle":
            text = "must be left out: with reopened = 'new-cycle' every reopening starts a new cycle"
            raise InvalidError([Fault(("reopened_within",), text)], [])

    def starts_for(self, opener: Opener) -> tuple[str, ...]:
        """Return the events that start cycles of a ticket that the requester or the staff (`opener`) opened."""
        return self.starts[opener] if isinstance(self.starts, Mapping) else self.starts


METRIC_TABLE = by_names(record(Metric))

RESPONDED = ("answered", "resolved")  # a resolution is a response too

BUILT_IN_METRICS: Catalogue[Metric] = Catalogue(
    {
        metric.name: metric
        for metric in (
            Metric(name=FIRST_RESPONSE, starts=(THE_OPENING,), ends=RESPONDED, reopened="ignore"),
            Metric(
                name=NEXT_RESPONSE, starts=("asked",), after=RESPONDED, ends=RESPONDED, repeats=True, reopened="ignore"
            ),
            Metric(name=RESOLUTION, starts=(THE_OPENING,), ends=("resolved",), reopened="continue"),
        )
    }
)


def metric_named(name: object, *own: Mapping[str, Metric]) -> str:
    """Return the name of a built-in metric, or of a metric in `own`, in the spelling of its definition.

    `name` is a name or a Metric. `own` are the metrics of a policy, or of each edition. Raise PolicyError for an
    unknown name.

    >>> metric_named("First response")
    'first-response'
    """
    given = name.name if isinstance(name, Metric) else name
    known = (BUILT_IN_METRICS, *own)
    found = next(filter(None, (cast("Catalogue[Metric]", metrics).find(given) for metrics in known)), None)
    if found is None:
        raise PolicyError(f"metric {shown(given)} is not one of {choices(dict.fromkeys(chain(*known)))}")
    return found
