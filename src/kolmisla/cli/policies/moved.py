"""Which deadlines move when one policy replaces another, for the tickets in a file."""

import argparse
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Literal, NamedTuple, TypedDict

from kolmisla.cli.files import ticket_from
from kolmisla.cli.inputs import log_read, table_read, text_format_read
from kolmisla.cli.layouts import fill_form, layout_of
from kolmisla.errors import HorizonError, KolmislaError, NotCoveredError, TicketError
from kolmisla.files.tickets import intake
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import metric_in
from kolmisla.tickets.answers.cycle import Cycle, cycles
from kolmisla.tickets.answers.json_forms import iso_text
from kolmisla.tickets.cycles.cycle_clock import DeadlineState
from kolmisla.tickets.layouts.fact_names import OWN_TARGET
from kolmisla.tickets.ticket import Ticket
from kolmisla.times.instants import micros, seconds

__all__ = ["JudgedCycle", "Move", "MoveDict", "Moves", "moves_of"]

Way = Literal["earlier", "later", "new", "gone", "same"]
JudgedState = DeadlineState | Literal["not-covered", "not known"]


class JudgedCycleDict(TypedDict):
    """The dict that `JudgedCycle.to_dict` returns."""

    due_at: str | None
    breaches_after: str | None
    state: JudgedState


class MoveDict(TypedDict):
    """The dict that `Move.to_dict` returns."""

    id: str | None
    cycle: int
    way: Way
    by_s: int | float | None  # negative if the new due time is earlier
    old: JudgedCycleDict
    new: JudgedCycleDict


class JudgedCycle(NamedTuple):
    """A cycle as one of two policies judges it: its due time, the last instant before its breach, and its state."""

    due_at: datetime | None
    breaches_after: datetime | None
    state: JudgedState

    @property
    def compared(self) -> tuple[int | None, int | None, str]:
        """The due time, the last instant before the breach, and the state, as values to compare.

        Instants are numbers, because Python compares datetimes of one zone by their wall times.
        """
        due, last = (None if at is None else micros(at) for at in (self.due_at, self.breaches_after))
        return due, last, self.state

    def to_dict(self) -> JudgedCycleDict:
        """Return a dict ready for JSON."""
        due_at, breaches_after = iso_text(self.due_at), iso_text(self.breaches_after)
        return {"due_at": due_at, "breaches_after": breaches_after, "state": self.state}


class Move(NamedTuple):
    """A cycle of a ticket that the two policies judge differently."""

    id: str | None
    cycle: int
    old: JudgedCycle
    new: JudgedCycle

    @property
    def by(self) -> int | None:
        """How much later the new policy's due time is, in microseconds; negative if earlier.

        If due times are equal or not known, `breaches_after` is compared. If that is not known either, the result is 0
        for equal due times, else None.
        """
        pairs = (self.old.due_at, self.new.due_at), (self.old.breaches_after, self.new.breaches_after)
        known = [micros(after) - micros(before) for before, after in pairs if before and after]
        return next((us for us in known if us), known[0] if known else None)

    @property
    def way(self) -> Way:
        """How the deadline moves: `earlier`, `later`, `new`, `gone`, or `same` if only the state differs.

        `new` means that only the new policy gives a due time. `gone` means that only the old policy gives one.
        """
        if self.by is None:
            return "gone" if self.old.due_at else "new" if self.new.due_at else "same"
        return "later" if self.by > 0 else "earlier" if self.by else "same"

    def to_dict(self) -> MoveDict:
        """Return a dict ready for JSON."""
        return {
            "id": self.id,
            "cycle": self.cycle,
            "way": self.way,
            "by_s": None if self.by is None else seconds(self.by),
            "old": self.old.to_dict(),
            "new": self.new.to_dict(),
        }


class Moves(NamedTuple):
    """The cycles of a file that two policies judge differently, the number of judged tickets, and the rejected rows."""

    judged: int
    moved: list[Move]
    rejected: list[tuple[int, str]]  # the line of a row, and the reason

    @property
    def ways(self) -> Counter[str]:
        """The number of deadlines for each way to move. The ways are words such as `earlier`: see `Move.way`."""
        return Counter(move.way for move in self.moved)

    @property
    def states(self) -> Counter[tuple[str, str]]:
        """The number of cycles for each change of state. A key has the old state and the new state."""
        return Counter((move.old.state, move.new.state) for move in self.moved if move.old.state != move.new.state)


def moves_of(options: argparse.Namespace, old: Policy, new: Policy, at: datetime) -> Moves:
    """Judge the tickets of a file by two policies, and return the cycles judged differently.

    A ticket that one of the policies cannot judge is rejected. The plans and priorities that the layout and the options
    name must be in the old policy.
    """
    fill_form(options)
    kind = text_format_read(options)
    layout = layout_of(options, old)
    if layout.columns.get(OWN_TARGET):
        raise ValueError(
            f"leave out {OWN_TARGET}, which only kolmisla measure reads; the targets come from the policies"
        )
    for policy in (old, new):
        metric_in(policy, options.metric)  # raises for a metric that a policy does not have
    log, judged = log_read(options, layout), 0
    moved: list[Move] = []
    rejected: list[tuple[int, str]] = []
    with table_read(options, kind) as (table, watched):
        for line, _, facts, fault in intake(table, layout, log=log, watched=watched):
            try:
                if facts is None:
                    raise TicketError(fault)
                both = [
                    [*_judged(ticket_from(facts, layout, policy).until(at), policy, options, at)]
                    for policy in (old, new)
                ]
                moved += _moved(None if facts.id is None else str(facts.id), *both)
                judged += 1
            except KolmislaError as error:
                rejected.append((line, str(error)))
    rejected += [(0, f"an event without a ticket, {stray}") for stray in (log.strays() if log else ())]
    return Moves(judged, moved, rejected)


def _moved(id: str | None, old: list[JudgedCycle], new: list[JudgedCycle]) -> Iterator[Move]:
    nothing = JudgedCycle(None, None, "not-covered")
    for number in range(max(len(old), len(new))):
        before, after = (each[number] if number < len(each) else nothing for each in (old, new))
        if before.compared != after.compared:
            yield Move(id, number + 1, before, after)


def _judged(ticket: Ticket, policy: Policy, options: argparse.Namespace, at: datetime) -> Iterator[JudgedCycle]:
    """Yield each cycle of a ticket as a policy judges it. Yield nothing for a ticket that is not covered."""
    try:
        found = cycles(ticket, policy=policy, metric=options.metric)
    except NotCoveredError:
        return
    for cycle in found:
        due = cycle.deadline
        instants = (None, None) if due is None else (due.due_at, due.breaches_after)
        yield JudgedCycle(*instants, _state(cycle, at))


def _state(cycle: Cycle, at: datetime) -> JudgedState:
    if cycle.deadline is None:
        return "not-covered"
    try:
        return cycle.status(at).state
    except HorizonError:
        return "not known"
