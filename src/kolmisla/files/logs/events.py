"""The events in the rows of a file, as a layout reads them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from kolmisla.errors import TicketError, shown
from kolmisla.files.facts import told_in
from kolmisla.files.tables.paths import Items, value_around
from kolmisla.tickets.event import WITH_VALUE, Moment
from kolmisla.tickets.exports import descends
from kolmisla.tickets.layouts.kinds import Meaning, acts_of
from kolmisla.tickets.layouts.layout import EVENT_COLUMNS, OLD_VALUE, WHO, Layout
from kolmisla.tickets.layouts.repeated import instant_of
from kolmisla.tickets.layouts.words import name_of

__all__ = [
    "MOST_FIELDS",
    "Changed",
    "cells_of",
    "items_of",
    "moments_at",
    "moments_of",
    "own_moments",
    "priority_at_opening",
]

MOST_FIELDS = 1_000  # the most names of fields that are counted


class Changed(Moment):
    """A change of priority that tells the priority before it."""

    old: str

    @classmethod
    def of(cls, at: int, new: str | None, old: str) -> "Changed":
        """Return the change."""
        change = cls(at, "priority", new)
        change.old = old
        return change

    def _replace(self, **changes: Any) -> "Changed":
        """Return a copy that also has `old`, which is no field of the tuple."""
        change = super()._replace(**changes)
        change.old = self.old
        return change


def priority_at_opening(opened: int, priority: str | None, moments: Sequence[Moment]) -> str | None:
    """Return a ticket's priority at its opening: that before its first change, if a later event tells it.

    A row of an export often has the priority of today.
    """
    changes = [moment for moment in moments if moment.kind == "priority"]
    first = min(changes, key=lambda moment: moment.at, default=None)
    return first.old if isinstance(first, Changed) and first.at > opened else priority


def moments_of(
    layout: Layout,
    unnamed: Counter[str],
    at: Any,
    kind: Any,
    value: Any,
    *,
    old: Any = None,
    acts: Sequence[str] = (),
) -> list[Moment]:
    """Return the events of one row. Raise TicketError for a value that cannot be read.

    A field of a history that the layout does not name is counted in `unnamed`. `old` is the value before the change.
    `acts` says who acted, in the form of `acts_of`.
    """
    if kind is None:
        raise TicketError("kind is missing")
    meaning = layout.kinds.meaning(name_of("kind", kind), value, acts)
    if meaning.field is not None and (meaning.field in unnamed or len(unnamed) < MOST_FIELDS):
        unnamed[meaning.field] += 1
    if not meaning.events:
        return []
    return moments_at(instant_of(layout.time("at", at), layout.ambiguous), layout, meaning, value, old)


def moments_at(us: int, layout: Layout, meaning: Meaning, value: Any, old: Any = None) -> list[Moment]:
    """Return the events of a row with this meaning at an instant. Raise TicketError for a value that cannot be read.

    A word of the file that the layout translates is a state: it ends the pauses before it. If it is a pause, its reason
    is the one that the layout gives, else the value of the row, else the word. The plain words `paused` and `resumed`
    are events.
    """
    name = name_of("value", value) if meaning.takes_value else None
    moments: list[Moment] = []
    for kind, own in meaning.events:
        given = name if own is None else own
        if kind == "priority":
            words, before = layout.words("priority"), name_of(OLD_VALUE, old) if meaning.takes_value else None
            known_before = words.ours(before) if before is not None else None
            new = words.ours(given)
            if new is None:
                raise TicketError("a change of priority has no value")
            moments.append(Moment(us, kind, new) if known_before is None else Changed.of(us, new, known_before))
        elif not meaning.is_state:
            moments.append(Moment(us, kind, given if kind in WITH_VALUE else None))
        elif kind == "paused":  # the state before it has ended
            moments += [Moment(us, "resumed"), Moment(us, kind, meaning.reason if given is None else given)]
        else:
            moments.append(Moment(us, kind, own))
    return moments


def own_moments(layout: Layout, events: Any, unnamed: Counter[str], requester: Any = None) -> list[Moment]:
    """Return the events listed in a JSON ticket of this requester.

    Count the fields that the layout does not name in `unnamed`.
    """
    if events is None:
        return []
    told: list[list[Moment]] = []
    for number, around in enumerate(items_of(events)):
        try:
            at, kind, value, actor, public, internal = cells_of(layout, around, (*EVENT_COLUMNS[1:], *WHO))
            (old,) = cells_of(layout, around, [OLD_VALUE]) if layout.has_old_value else [None]
            acts = acts_of(actor, requester, public, internal) if layout.asks_who else ()
            told.append(moments_of(layout, unnamed, at, kind, value, old=old, acts=acts))
        except TicketError as fault:
            raise TicketError(f"events[{number}]: {fault}") from fault
    falls = descends([moments[0].at for moments in told if moments])
    return [moment for moments in told_in(told, falls) for moment in moments]


def items_of(events: Any) -> Iterator[Sequence[Any]]:
    """Yield the events in a list of a JSON ticket, each with the items around it.

    Raise TicketError for what is not a list of objects.
    """
    if not isinstance(events, (list, Items)):
        raise TicketError(f"events: {shown(events)} is not a list")
    for number, event in enumerate(events):
        around = event if isinstance(event, tuple) else (event,)
        if not isinstance(around[0], dict):
            raise TicketError(f"events[{number}]: {shown(around[0])} is not an object")
        yield around


def cells_of(layout: Layout, around: Sequence[Any], names: Iterable[str]) -> list[Any]:
    """Return the values of facts in an event of JSON. `around` has the event and the items around it."""
    return [_cell(layout, around, name) for name in names]


def _cell(layout: Layout, around: Sequence[Any], name: str) -> Any:
    if name in layout.constants:
        return layout.constants[name].strip() or None
    for column in (layout.columns.get(name, name), *layout.others.get(name, ())):
        cell = value_around(around, column)
        cell = cell.strip() or None if isinstance(cell, str) else cell
        if cell is not None:
            return cell
    return None
