"""Converts the values in the rows of a file to the facts of tickets, as a layout says."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from kolmisla.errors import LONGEST_NAME, TicketError, choices, listing, shown
from kolmisla.files.tables.paths import NOWHERE, value_at
from kolmisla.files.tables.table import Columns
from kolmisla.policies.terms.metrics import Opener
from kolmisla.tickets.cycles.cycle_clocks import Terms
from kolmisla.tickets.event import Moment
from kolmisla.tickets.layouts.fact_names import OWN_TARGET, TRANSLATED
from kolmisla.tickets.layouts.headers import header_of
from kolmisla.tickets.layouts.layout import Layout
from kolmisla.tickets.layouts.repeated import later_reading, not_before
from kolmisla.tickets.states import AT_OPENING, before_opening
from kolmisla.times.amounts import AMOUNT_UNITS, AmountUnit, read_amount
from kolmisla.times.instants import length, micros, told

__all__ = [
    "TicketFacts",
    "check_order",
    "duration_in",
    "either_way",
    "picker",
    "resolutions",
    "told_in",
    "with_unit",
]


class TicketFacts(NamedTuple):
    """The facts of one ticket from a file. Names are those of the policy. Instants are in UTC microseconds."""

    id: Any  # the id as the file writes it; only a log and a queue use it
    plan: str | None
    priority: str
    channel: str | None
    version: str | None
    opened: int
    moments: tuple[Moment, ...]  # in order of time
    unmatched: int = 0  # ends of pauses that changed nothing, because no pause for their reason ran
    first_resolution_missing: bool = False  # the ticket was reopened after a resolution that the file does not have
    moved: int = 0  # events that were moved to the opening, because they were within the tolerance before it
    target: int | None = None  # the ticket's own target in microseconds, in place of the plan's
    owner: str | None = None
    schedule: str | None = None  # a schedule of the policy, named by the ticket
    opened_by: Opener = "requester"

    @property
    def terms(self) -> Terms:
        """What the promise to the ticket depends on, such as its plan and its priority at the opening."""
        own = self.owner, self.schedule, self.opened_by, self.target
        return Terms(self.plan, self.priority, self.channel, self.version, *own)


def picker(layout: Layout, table: Columns, facts: Sequence[str], required: Sequence[str]) -> Callable[[Any], list[Any]]:
    """Return a function that takes a row and returns the value of each of `facts`, translated to the policy's words.

    Raise ValueError if the table lacks the column of a fact in `required`, or a column that the layout names.
    """
    # an empty name means that the fact has no column
    columns: list[str | None] = [layout.column(name) or None for name in facts]
    sole: dict[str, str] = {}
    for i, name in enumerate(facts):
        column, in_file = columns[i], table.columns
        if name in layout.constants or (in_file is None and column is not None):
            continue
        if column is not None and in_file is not None and (header := header_of(column, in_file)) is not None:
            columns[i] = header
            continue
        if name in layout.sole and not layout.columns.get(name):
            sole[name] = layout.sole[name]
        elif name in required or (name in layout.columns and column is not None):
            there = "" if in_file is None else f"; the file has {choices(in_file)}{table.hint}"
            if column is None:
                remedy = f"or a value for every row: --set {name}=..."
                raise ValueError(f"there must be a column for {name}, {remedy}{there}")
            raise ValueError(f"there is no column {shown(column)} for {name}{there}")
        columns[i] = None
    given = {**layout.constants, **sole}
    constants = {facts.index(name): text.strip() or None for name, text in given.items() if name in facts}
    # In JSON, each row has its own keys. A row without the key has the name in `layout.sole`, but a blank stays blank.
    blanks = layout.sole if table.columns is None else {}
    defaults = [
        (i, column, blanks[name])
        for i, (name, column) in enumerate(zip(facts, columns, strict=True))
        if name in blanks and i not in constants
    ]
    words = [(i, layout.words(name)) for i, name in enumerate(facts) if name in TRANSLATED and layout.words(name)]
    # In JSON, a fact may have several columns: the first that has a value counts.
    others = [(facts.index(name), column) for name, more in layout.others.items() if name in facts for column in more]
    pick = table.picker(
        [*(None if i in constants else column for i, column in enumerate(columns)), *(c for _, c in others)]
    )
    if not (constants or words or defaults or others):
        return pick

    def translated(row: Any) -> list[Any]:
        values = pick(row)
        for (i, _), value in zip(others, values[len(facts) :], strict=True):
            values[i] = value if values[i] is None else values[i]
        del values[len(facts) :]
        for i, constant in constants.items():
            values[i] = constant
        for i, ours in words:
            value = values[i]
            if value is None or isinstance(value, str):
                values[i] = ours.ours(value)
            elif isinstance(value, int) and not isinstance(value, bool):  # a number of a JSON file
                values[i] = ours.ours(str(value))
        for i, column, default in defaults:
            if values[i] is None and (column is None or value_at(row[1], column) is NOWHERE):
                values[i] = default
        return values

    return translated


def with_unit(name: str, text: str, columns: Sequence[str] | None) -> tuple[str, AmountUnit]:
    """Return the column of a duration and its unit, from a text such as `COLUMN:min`.

    A text in `columns` has no unit. Without a unit, `target_s` is in seconds; for any other fact (`name`), raise
    ValueError.
    """
    column, _, given = text.rpartition(":")
    unit = next((unit for unit in AMOUNT_UNITS if unit == given), None)
    if column and unit is not None and not (columns is not None and text in columns):
        return column, unit
    if name == OWN_TARGET:
        return text, "s"
    units = ", ".join(AMOUNT_UNITS)
    example = text if len(text) <= LONGEST_NAME else "COLUMN"
    raise ValueError(f"{name} must name a column and its unit, such as {example}:min; the units are {units}")


def duration_in(name: str, given: object, unit: AmountUnit) -> int:
    """Convert a duration that a row gives in the unit `unit` to microseconds.

    Raise TicketError, with the name of the fact, for a value that is not a duration, or for a target of 0.
    """
    try:
        amount = read_amount(given, unit)
    except ValueError as fault:
        raise TicketError(f"{name}: {fault}") from fault
    if name == OWN_TARGET and amount <= 0:
        raise TicketError(f"{name}: must be more than 0, not {shown(given)}")
    return amount


def resolutions(resolved: int | None, reopened: int | None, closed: int | None) -> tuple[list[Moment], bool]:
    """Return the events of a ticket that was resolved, reopened and closed at these instants, in order of time.

    Without a resolution, the closing counts as one. Also tell whether the first resolution is missing; the reopening is
    then left out.

    >>> [moment.kind for moment in resolutions(1, 2, 3)[0]], resolutions(2, 1, None)[1]
    (['resolved', 'reopened', 'resolved'], True)
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
    """Return the rows of a log with the earliest first. `falls` is True if `rows` has the latest first."""
    return reversed(rows) if falls else rows


def either_way(layout: Layout, opened: int, moments: list[Moment]) -> tuple[int, list[Moment]]:
    """Return the opening of a ticket and its events. Raise TicketError if their order is uncertain.

    With ambiguous="both", a time that DST repeats may mean two instants. The earlier one is excluded if an event would
    then be too long before the opening.
    """
    if layout.ambiguous != "both":
        return opened, moments
    tolerance, first, found = length(layout.tolerance), opened, list[Moment]()
    for moment in moments:
        if moment.kind in AT_OPENING:  # it may tell how the ticket was at the opening, so it may be before
            in_doubt = opened != moment.at and opened < later_reading(moment.at) and moment.at < later_reading(opened)
        else:
            moment = moment._replace(at=not_before(moment.at, opened - tolerance))
            is_first = opened != moment.at and moment.at < later_reading(opened) - tolerance
            in_doubt = is_first and later_reading(moment.at) > moment.at >= opened - tolerance
            first = int(opened) if is_first else first
        if in_doubt:
            raise _in_doubt(layout, "the opening", opened, moment)
        found.append(moment)
    for moment in found:
        for other in found:
            if moment.at < other.at <= later_reading(moment.at):
                raise _in_doubt(layout, moment.kind, moment.at, other)
    return first, found


def _in_doubt(layout: Layout, kind: str, at: int, other: Moment) -> TicketError:
    """Return the error for two times in an uncertain order: `at`, and the time of the event `other`.

    `kind` is the kind of the event at `at`, or the words `the opening`.
    """
    return TicketError(
        f"{kind} at {told(at, layout.zone)} may be before or after {other.kind} at {told(other.at, layout.zone)},"
        " because DST repeats the hour; choose --ambiguous earlier or later"
    )


def check_order(layout: Layout, opened_at: datetime, moments: Sequence[Moment]) -> None:
    """Raise TicketError if an event is before the opening.

    Events that may tell how the ticket was at the opening, such as changes of priority, are allowed before the opening.
    """
    opened = micros(opened_at)
    early = [
        f"{moment.kind} at {told(moment.at, layout.zone)}"
        for moment in moments
        if moment.at < opened and moment.kind not in AT_OPENING
    ]
    if early:
        raise TicketError(before_opening(opened_at, listing(early)))
