"""Converts the rows of a file to events, as a layout says."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from kolmisla.errors import TicketError, shown
from kolmisla.files.endings import OTHER_FIELDS
from kolmisla.files.facts import told_in
from kolmisla.files.tables.paths import NOWHERE, Items, value_around, value_at
from kolmisla.tickets.event import Moment
from kolmisla.tickets.exports import descends
from kolmisla.tickets.layouts.fact_names import EVENT_COLUMNS, OLD_VALUE, TERMS_OF_EVENTS, WHO
from kolmisla.tickets.layouts.kinds import acts_of
from kolmisla.tickets.layouts.layout import Layout
from kolmisla.tickets.layouts.repeated import instant_of
from kolmisla.tickets.layouts.words import name_of
from kolmisla.tickets.said import Changed, Said, moments_at

__all__ = [
    "MOST_FIELDS",
    "at_opening_of",
    "cells_of",
    "holder_of_time",
    "items_of",
    "moments_of",
    "own_moments",
    "row_instant",
]

MOST_FIELDS = 1_000  # the most names of fields that are counted one by one


def at_opening_of(opened: int, terms: Mapping[str, Any], moments: Sequence[Moment]) -> dict[str, Any]:
    """Return the priority, the plan and the owner of a ticket at its opening. `terms` has the values in its row.

    If the earliest change of a value is later than the opening, and tells the value before it, this older value is
    returned.
    """
    told = dict(terms)  # the row of an export often has the values of today
    for kind in terms:
        changes = [moment for moment in moments if moment.kind == kind]
        first = min(changes, key=lambda moment: moment.at, default=None)
        if isinstance(first, Changed) and first.at > opened:
            told[kind] = first.old
    return told


def moments_of(
    layout: Layout, unnamed: Counter[str], at: Any, kind: Any, said: Said, *, acts: Sequence[str] = ()
) -> list[Moment]:
    """Return the events that one row tells of. Raise TicketError for a value that cannot be read.

    Changes of fields that the layout does not name are counted in `unnamed`. `acts` says who acted, such as `by
    requester`.
    """
    if kind is None:
        raise TicketError("kind is missing")
    meaning = layout.kinds.meaning(name_of("kind", kind), said.value, acts)
    if meaning.field is not None:
        counted = meaning.field in unnamed or len(unnamed) < MOST_FIELDS
        unnamed[meaning.field if counted else OTHER_FIELDS] += 1
    if not meaning.events:
        return []
    return moments_at(instant_of(layout.time("at", at), layout.ambiguous), layout, meaning, said)


def row_instant(layout: Layout, at: Any, moments: Sequence[Moment]) -> int | None:
    """Return the instant of a row. `at` is its time in the file, and `moments` are the events that it tells.

    If it tells none, return None for a time that cannot be read.
    """
    if moments:
        return moments[0].at
    try:
        return instant_of(layout.time("at", at), layout.ambiguous)
    except TicketError:
        return None


def own_moments(layout: Layout, events: Any, unnamed: Counter[str], requester: Any = None) -> list[Moment]:
    """Return the events in the list `events` of a JSON ticket. `requester` is who asks for help in the ticket.

    Changes of fields that the layout does not name are counted in `unnamed`. Raise TicketError for an unreadable event.
    """
    if events is None:
        return []
    told: list[list[Moment]] = []
    times: list[int] = []
    before = None
    for number, around in enumerate(items_of(events)):
        try:
            at, kind, value, *terms = cells_of(layout, around, (*EVENT_COLUMNS[1:], *TERMS_OF_EVENTS))
            (old,) = cells_of(layout, around, [OLD_VALUE]) if layout.has_old_value else [None]
            actor, public, internal = cells_of(layout, around, WHO)
            acts = acts_of(actor, requester, public, internal) if layout.asks_who else ()
            moments = moments_of(layout, unnamed, at, kind, Said(value, old, *terms), acts=acts)
        except TicketError as fault:
            raise TicketError(f"events[{number}]: {fault}") from fault
        if (us := row_instant(layout, at, moments)) is not None:  # all rows count, also those that tell no event
            times.append(us)
        holder = holder_of_time(layout, around)
        if told and holder is before:  # events with one time keep their order, also if the newest time comes first
            told[-1] += moments
        else:
            told.append(moments)
        before = holder
    return [moment for moments in told_in(told, descends(times)) for moment in moments]


def items_of(events: Any) -> Iterator[Sequence[Any]]:
    """Yield each event in a list of a JSON ticket, together with the objects that contain it.

    Raise TicketError unless `events` is a list of objects.
    """
    if not isinstance(events, (list, Items)):
        raise TicketError(f"events: must be a list, not {shown(events)}")
    for number, event in enumerate(events):
        around = event if isinstance(event, tuple) else (event,)
        if not isinstance(around[0], dict):
            raise TicketError(f"events[{number}]: must be an object, not {shown(around[0])}")
        yield around


def cells_of(layout: Layout, around: Sequence[Any], names: Iterable[str]) -> list[Any]:
    """Return the values of some facts (`names`) of a JSON event. A missing fact is None.

    `around` has the event, and then the objects that contain it, the innermost first. The first with a fact counts.
    """
    return [_cell(layout, around, name) for name in names]


def holder_of_time(layout: Layout, around: Sequence[Any]) -> Any:
    """Return the object that has the time of a JSON event: the event itself, or an object that contains it.

    `around` has the event, and then the objects that contain it, the innermost first.
    """
    columns = (layout.column("at"), *layout.others.get("at", ()))
    objects = [item for item in around if isinstance(item, dict)]
    having = (item for column in columns for item in objects if value_at(item, column) is not NOWHERE)
    return next(having, around[0])


def _cell(layout: Layout, around: Sequence[Any], name: str) -> Any:
    if name in layout.constants:
        return layout.constants[name].strip() or None
    for column in (layout.column(name), *layout.others.get(name, ())):
        cell = value_around(around, column)
        cell = cell.strip() or None if isinstance(cell, str) else cell
        if cell is not None:
            return cell
    return None
