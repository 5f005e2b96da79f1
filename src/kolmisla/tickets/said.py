"""The events that a row of a file or of a data frame tells. A layout says what the columns and words of rows mean."""

from typing import Any, NamedTuple

from kolmisla.documents.names import folded
from kolmisla.documents.values import DURATION
from kolmisla.errors import TicketError, choices, shown
from kolmisla.policies.terms.metrics import CHANGES, EventKind
from kolmisla.tickets.event import OF_METRICS, WITH_VALUE, Moment
from kolmisla.tickets.layouts.fact_names import OLD_VALUE
from kolmisla.tickets.layouts.kinds import Meaning, ToldEvent
from kolmisla.tickets.layouts.layout import Layout
from kolmisla.tickets.layouts.repeated import instant_of, later_reading
from kolmisla.tickets.layouts.words import name_of
from kolmisla.times.durations import duration_text

__all__ = ["Changed", "Said", "due_text", "moments_at"]

ONE_WAY = "choose --ambiguous earlier or later"


class Changed(Moment):
    """A Moment for a change of priority, plan or owner. `old` is the value that the change replaced."""

    old: str | None

    @classmethod
    def of(cls, at: int, kind: EventKind, new: str | None, old: str | None) -> "Changed":
        """Return the change from `old` to `new` at an instant.

        For an owner, None means that nobody owns the ticket. For a priority or a plan, None means an unknown value.
        """
        change = cls(at, kind, new)
        change.old = old
        return change

    def _replace(self, **changes: Any) -> "Changed":
        """Return a copy with the `changes` and with the value of `old`.

        The method of the base class would lose `old`, which is not a field of the tuple.
        """
        change = super()._replace(**changes)
        change.old = self.old
        return change


class Said(NamedTuple):
    """What a row says about an event, apart from the kind and the time. `old` is the value that a change replaced."""

    value: Any = None
    old: Any = None
    metric: Any = None
    reason: Any = None


def moments_at(us: int, layout: Layout, meaning: Meaning, said: Said) -> list[Moment]:
    """Return the events that a row tells, at the instant `us`, in UTC microseconds.

    `meaning` says what the row's word for a kind of event means. Raise TicketError for a value that cannot be read.
    """
    value = said.value if meaning.takes_value else None
    is_time = any(kind == "due" for kind, _ in meaning.events)
    name = None if is_time else name_of("value", value)
    moments: list[Moment] = []
    for kind, own in meaning.events:
        given = name if own is None else own
        if kind in CHANGES:
            moments.append(_change(us, layout, ToldEvent(kind, given), said.old if meaning.takes_value else None))
        elif kind in ("due", "extended", "withdrawn", "waived"):
            given = value if is_time and own is None else given
            moments.append(_of_promise(us, layout, ToldEvent(kind, given), said, meaning))
        elif not meaning.is_state:
            moments.append(Moment(us, kind, given if kind in WITH_VALUE else None))
        elif kind == "paused":  # the word names a new state, so earlier pauses end
            moments += [Moment(us, "resumed"), Moment(us, kind, meaning.reason if given is None else given)]
        else:
            moments.append(Moment(us, kind, own))
    return moments


def _change(us: int, layout: Layout, event: ToldEvent, old: Any) -> Moment:
    """Return a change of priority, plan or owner. Raise TicketError if a new priority or plan is missing."""
    words, before = layout.words(event.kind), name_of(OLD_VALUE, old)
    known_before = None if before is None else words.ours(before)
    new = words.ours(event.value)
    if event.kind == "owner":
        return Changed.of(us, "owner", new, known_before) if layout.has_old_value else Moment(us, "owner", new)
    if new is None:
        raise TicketError(f"a change of {event.kind} has no value")
    return Moment(us, event.kind, new) if known_before is None else Changed.of(us, event.kind, new, known_before)


def _of_promise(us: int, layout: Layout, event: ToldEvent, said: Said, meaning: Meaning) -> Moment:
    """Return an event `due`, `extended`, `withdrawn` or `waived`.

    Raise TicketError for a value that cannot be read, or for a waiver without a reason.
    """
    kind, given = event
    told = layout.words("event_reason").ours(name_of("reason", said.reason))
    metric = _metric(layout, said.metric) if kind in OF_METRICS else None
    if kind == "due":
        return Moment(us, kind, due_text(layout, "value", given), metric, told)
    if kind == "extended":
        try:
            return Moment(us, kind, duration_text(DURATION.read(given or "")), metric, told)
        except ValueError as fault:
            must = "an event of the kind 'extended' must say how much open time is added"
            raise TicketError(f"value: {must}: {fault}") from fault
    reason = told or given or (meaning.reason if meaning.is_state else None)
    if kind == "waived" and reason is None:
        hint = "map event_reason to a column, or write a reason behind the kind: --event-kind 'THEIRS=waived:REASON'"
        raise TicketError(f"a waiver must have a reason; {hint}")
    return Moment(us, kind, None, metric, reason)


def _metric(layout: Layout, given: Any) -> str | None:
    """Return the metric that an event concerns, or None for all metrics.

    If the layout lists the policy's metrics, raise TicketError for any other metric.
    """
    metric = layout.words("event_metric").ours(name_of("metric", given))
    known = layout.known.get("event_metric", ())
    if metric is not None and known and folded(metric) not in map(folded, known):
        raise TicketError(f"metric {shown(metric)} of an event is not one of {choices(known)}")
    return metric


def due_text(layout: Layout, name: str, given: Any) -> str:
    """Return an agreed due time as text with an offset.

    `given` is the time in the row. `name` is the name of the fact, for messages. Raise TicketError if the time is
    missing, cannot be read, or means two instants of which the layout chooses none.
    """
    at = layout.time_or_none(name, given)
    if at is None:
        raise TicketError(f"{name}: an event of the kind 'due' must say which due time was agreed")
    if layout.ambiguous == "both" and later_reading(us := instant_of(at, "both")) > us:
        raise TicketError(f"{name}: DST repeats {shown(given)}, so an agreed time must be read in one way; {ONE_WAY}")
    return at.isoformat()
