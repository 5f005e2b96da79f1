"""Holds what a log tells about one ticket."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from kolmisla.errors import TicketError
from kolmisla.tickets.event import Moment
from kolmisla.tickets.layouts.kinds import acts_of, is_one

__all__ = ["ByActor", "Life", "RowTold", "Stated", "acts_in", "moments_in", "with_stated"]


class Stated(Moment):
    """What a row of an audit log names at its instant, such as a priority. It may be the same as before."""

    __slots__ = ()


class ByActor(NamedTuple):
    """The events of one row of a log, if they depend on who acted: the ticket's requester or somebody else."""

    actor: str
    by_requester: list[Moment]
    by_others: list[Moment]

    def of(self, requester: str | None) -> list[Moment]:
        """Return the events of the row, given the ticket's requester. Raise TicketError if `requester` is None."""
        if requester is None:
            raise TicketError("requester is missing, but the layout needs it to tell who acted")
        return self.by_requester if is_one(self.actor, requester) else self.by_others


RowTold = Moment | ByActor | list[Any]  # what a row tells: an event, or a list of what several parts of the row tell


def moments_in(told: RowTold, requester: str | None) -> list[Moment]:
    """Return the events that a row tells of, given the ticket's requester. Raise TicketError as `ByActor.of` does."""
    if isinstance(told, ByActor):
        return told.of(requester)
    if isinstance(told, list):
        return [moment for part in told for moment in moments_in(part, requester)]
    return [told]


def with_stated(events: Sequence[Moment], logged: Sequence[Moment]) -> Sequence[Moment]:
    """Return `events`, and insert the Stated objects of `logged`, each between the same two events as there.

    `logged` is what an audit log has told of a ticket. Its events are at the end of `events`, in the same order, but
    perhaps with other instants.
    """
    others = len(events) - sum(type(moment) is not Stated for moment in logged)
    moved = iter(events[others:])
    return [*events[:others], *(moment if type(moment) is Stated else next(moved) for moment in logged)]


class Life:
    """What a log tells about one ticket, row by row, in the order of the file."""

    __slots__ = ("events", "fault", "fell", "first", "last", "latest", "line", "rose")

    def __init__(self, line: int) -> None:
        self.line = line  # the line of the ticket's first row
        self.events: list[RowTold] = []  # for each row, its event or events, and then what it names
        self.fault: str | None = None  # why the events are unreadable
        self.latest: int | None = None  # the time of the row before
        self.rose = self.fell = False  # whether a row was later, or earlier, than the row before
        # Of an audit log: the time, the line and the row of the earliest row. If several rows have
        # the earliest time, `first` has the topmost of them in the file, and `last` the lowest.
        self.first: tuple[int, int, Any] | None = None
        self.last: tuple[int, int, Any] | None = None

    def at(self, at: int) -> None:
        """Note the time of the ticket's next row."""
        if self.latest is not None:
            self.rose, self.fell = self.rose or at > self.latest, self.fell or at < self.latest
        self.latest = at

    def join(self, first: int) -> None:
        """Join all entries of `events`, from the index `first` to the end, into one entry.

        The events of a joined entry keep their order when the entries of a ticket are reversed.
        """
        if len(self.events) > first + 1:
            self.events[first:] = [self.events[first:]]

    def told_at(self, at: int, line: int, row: Any) -> None:
        """Take one more row of the ticket in an audit log. Keep it, unless the row kept so far has an earlier time.

        `line` is the line of the row in the file.
        """
        if self.first is None or at < self.first[0]:
            self.first = self.last = at, line, row
        elif self.last is not None and at == self.last[0]:
            self.last = at, line, row


def acts_in(who: Sequence[Any]) -> list[list[str]]:
    """Return lists of texts that say who acted in a row of a log, such as `by requester`.

    `who` has the actor, and whether the act was public, and internal. An actor gives two lists: as the ticket's
    requester, and as somebody else.
    """
    if not who:
        return [[]]
    actor, public, internal = who
    requesters = [None] if actor is None else [actor, f"not {actor}"]
    return [acts_of(actor, requester, public, internal) for requester in requesters]
