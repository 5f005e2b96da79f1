"""The rows of a file as the facts of tickets and their events, by the layout of the file."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from kolmisla.errors import TicketError, choices, shown
from kolmisla.files.tables.paths import Items, value_around
from kolmisla.files.tables.table import Columns
from kolmisla.instants import micros, told
from kolmisla.tickets.cycles import descends
from kolmisla.tickets.event import AT_OPENING, WITH_VALUE, Moment, before_opening
from kolmisla.tickets.layout import EVENT_COLUMNS, Layout, header_of, name_of

__all__ = ["TicketFacts", "check_order", "moments_of", "own_moments", "picker", "resolutions", "told_in"]


class TicketFacts(NamedTuple):
    """The facts of one ticket from a file. Names are in our words. Instants are in UTC microseconds."""

    id: Any  # the id as the file writes it; only a log and a queue use it
    plan: str | None
    priority: str
    channel: str | None
    version: str | None
    opened: int
    moments: tuple[Moment, ...]  # in order of time
    unmatched: int = 0  # ends of pauses for a reason that did not run
    first_resolution_missing: bool = False  # the ticket was reopened after a resolution that the file does not have
    moved: int = 0  # events that were taken to be at the opening, within the tolerance


def picker(layout: Layout, table: Columns, facts: Sequence[str], required: Sequence[str]) -> Callable[[Any], list[Any]]:
    """Return a function that takes a row and returns the value of each of `facts`, in our words.

    Raise ValueError if the table lacks a column that is required or that the layout names. An empty name of a column
    says that the table has none.
    """
    columns: list[str | None] = [layout.column(name) or None for name in facts]
    sole: dict[str, str] = {}
    for i, name in enumerate(facts):
        column, in_file = columns[i], table.columns
        if in_file is None or name in layout.constants:
            continue
        if column is not None and (header := header_of(column, in_file)) is not None:
            columns[i] = header
            continue
        if name in layout.sole and name not in layout.columns:
            sole[name] = layout.sole[name]
        elif name in required or (name in layout.columns and column is not None):
            there = f"the file has {choices(in_file)}{table.hint}"
            raise ValueError(f"there is no column {shown(column)} for {name}; {there}")
        columns[i] = None
    given = {**layout.constants, **sole}
    constants = {facts.index(name): text.strip() or None for name, text in given.items() if name in facts}
    # In JSON, each row has its own keys.
    blanks = layout.defaults if table.columns is not None else {**layout.sole, **layout.defaults}
    defaults = {facts.index(name): text for name, text in blanks.items() if name in facts}
    words = [(i, layout.words(name)) for i, name in enumerate(facts) if layout.words(name) and name != "kind"]
    pick = table.picker([None if i in constants else column for i, column in enumerate(columns)])
    if not (constants or words or defaults):
        return pick

    def translated(row: Any) -> list[Any]:
        values = pick(row)
        for i, constant in constants.items():
            values[i] = constant
        for i, ours in words:
            value = values[i]
            if isinstance(value, int) and not isinstance(value, bool):  # a number of a JSON file
                value = ours.get(str(value), value)
            if isinstance(value, str):
                value = ours.get(value, value).strip() or None
            values[i] = value
        for i, default in defaults.items():
            values[i] = default if values[i] is None else values[i]
        return values

    return translated


def resolutions(resolved: int | None, reopened: int | None, closed: int | None) -> tuple[list[Moment], bool]:
    """Return the events that the instants of a resolution, a reopening and a closing tell in short.

    A closing is a resolution only if there is no other, or if the ticket was reopened after that. Also return whether
    the first resolution is missing, because a reopening does not follow the resolution that is there.

    >>> [moment.kind for moment in resolutions(1, 2, 3)[0]], resolutions(2, 1, None)
    (['resolved', 'reopened', 'resolved'], ([Moment(at=2, kind='resolved', value=None)], True))
    """
    first = closed if resolved is None else resolved
    turns = [] if first is None else [Moment(first, "resolved")]
    if reopened is None:
        return turns, False
    if first is None or reopened <= first:
        return turns, True
    turns.append(Moment(reopened, "reopened"))
    if closed is not None and closed > reopened:
        turns.append(Moment(closed, "resolved"))
    return turns, False


T = TypeVar("T")


def told_in(rows: Sequence[T], falls: bool) -> Iterable[T]:
    """Return the rows of a log in the order in which they happened: the other way round if the log `falls` in time."""
    return reversed(rows) if falls else rows


def moments_of(layout: Layout, at: Any, kind: Any, value: Any) -> list[Moment]:
    """Return the events of one row. Raise TicketError for a value that cannot be read.

    A word of the file that the layout translates is a state: it ends the pauses before it. If it is a pause, its reason
    is the value of the row, else the word. The plain words `paused` and `resumed` are events.
    """
    if kind is None:
        raise TicketError("kind is missing")
    word = name_of("kind", kind)
    kinds = layout.kinds_of(word)
    if not kinds:
        return []
    us, name = micros(layout.time("at", at)), name_of("value", value)
    if "priority" in kinds:
        if name is None:
            raise TicketError("a change of priority has no value")
        name = layout.words("priority").get(name, name)
    if word not in layout.kinds:
        return [Moment(us, kind, name if kind in WITH_VALUE else None) for kind in kinds]
    moments = []
    for kind in kinds:
        if kind == "paused":  # the state before it has ended
            moments += [Moment(us, "resumed"), Moment(us, kind, word if name is None else name)]
        else:
            moments.append(Moment(us, kind, name if kind == "priority" else None))
    return moments


def own_moments(layout: Layout, events: Any) -> list[Moment]:
    """Return the events listed in a JSON ticket. What an item lacks is looked for in the items around it."""
    if events is None:
        return []
    if not isinstance(events, (list, Items)):
        raise TicketError(f"events: {shown(events)} is not a list")
    told: list[list[Moment]] = []
    for number, event in enumerate(events):
        around = event if isinstance(event, tuple) else (event,)
        if not isinstance(around[0], dict):
            raise TicketError(f"events[{number}]: {shown(around[0])} is not an object")
        try:
            columns = [(name, layout.columns.get(name, name)) for name in EVENT_COLUMNS[1:]]
            row = (layout.constants.get(name, value_around(around, column)) for name, column in columns)
            told.append(moments_of(layout, *(cell.strip() or None if isinstance(cell, str) else cell for cell in row)))
        except TicketError as fault:
            raise TicketError(f"events[{number}]: {fault}") from fault
    falls = descends([moments[0].at for moments in told if moments])
    return [moment for moments in told_in(told, falls) for moment in moments]


def check_order(layout: Layout, opened_at: datetime, moments: Sequence[Moment]) -> None:
    """Raise TicketError if an event that does not tell the state at the opening is earlier than the opening."""
    opened = micros(opened_at)
    early = [
        f"{moment.kind} at {told(moment.at, layout.zone)}"
        for moment in moments
        if moment.at < opened and moment.kind not in AT_OPENING
    ]
    if early:
        raise TicketError(before_opening(opened_at, choices(early)))
