"""Reads what a caller gives: the tickets, the events, the names of columns, and how to translate words."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from kolmisla.columns.frames.ends import read_ends
from kolmisla.columns.frames.events import read_events
from kolmisla.columns.frames.tickets import OWN_FACTS, Frame, check_facts, facts, in_memory, reject_unreadable
from kolmisla.columns.kernel.deadlines import Deadlines
from kolmisla.columns.kernel.events import KIND_CODE, NO_TICKET, Events, RowsFault, with_events
from kolmisla.columns.kernel.promises import Coded, TicketColumns
from kolmisla.columns.kernel.questions import NULL, Answers
from kolmisla.columns.kernel.wall_times import Wall, WallReading, wall_of
from kolmisla.documents.names import folded
from kolmisla.errors import choices, expect, shown
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import known_names, sole_names
from kolmisla.policies.terms.metrics import OPENERS
from kolmisla.tickets.layouts.layout import Layout

__all__ = ["RowsRead", "in_one_library", "frame_layout", "read_rows"]


def frame_layout(
    policy: Policy,
    columns: Mapping[str, str] | None,
    values: Mapping[str, Mapping[str, str]] | None,
    timezone: str | None,
    ambiguous: WallReading | None,
    *,
    in_library: bool,
) -> tuple[Layout, Wall | None]:
    """Return the layout of a frame, and how to read times without a time zone, or None to refuse such times.

    Only a frame outside a database (`in_library`) may have OWN_FACTS, or lack a sole plan or priority. Raise ValueError
    if `columns` names a fact that a frame cannot have.
    """
    for what, names in (("columns", columns), ("values", values)):
        if names is not None:
            expect(what, names, Mapping)
    wall = wall_of(timezone, ambiguous)
    layout = Layout(
        columns=columns or {},
        values=values or {},
        timezone=timezone or policy.timezone,
        ambiguous=None if ambiguous == "refuse" else ambiguous,
        sole=sole_names(policy) if in_library else {},
        known=known_names(policy),
    )
    check_facts(layout, allowed=OWN_FACTS if in_library else ())
    return layout, wall


def in_one_library(tickets: Any, events: Any) -> tuple[Frame, Frame | None]:
    """Wrap a frame of tickets and a frame of events in narwhals. If `events` is None, the second result is None.

    Raise TypeError if the two frames are of different libraries.
    """
    eager = in_memory(tickets, "tickets")
    log = None if events is None else in_memory(events, "events")
    if log is not None and log.implementation is not eager.implementation:
        raise TypeError(
            "tickets and events must be frames of the same library;"
            f" the tickets are of {eager.implementation.value}, the events of {log.implementation.value}"
        )
    return eager, log


class RowsRead(NamedTuple):
    """The tickets of a frame, and their events."""

    facts: TicketColumns
    happened: Events | None  # None without a frame of events and without events from columns such as `resolved_at`
    faults: list[RowsFault]  # in events and in the column `opened_by`
    read: list[tuple[str, Answers]]  # the name and the instants of each column of times in the frame of tickets
    strays: str  # the message about events that belong to no ticket, or an empty text

    def reject_unread(self, deadlines: Deadlines, wall: Wall | None) -> None:
        """Mark tickets as invalid in `deadlines`: those with one of `faults`, and those with a refused wall time.

        `wall` says how to read wall times.
        """
        for fault in self.faults:
            deadlines.give_reason(fault.rows, fault.text, fault.error)
        reject_unreadable(deadlines, self.read, wall)


def read_rows(frame: Frame, events: Frame | Events | None, layout: Layout, wall: Wall | None) -> RowsRead:
    """Read the tickets of a frame and their events.

    `events` is a frame of events, or the events that have been read from such a frame, or None without events.
    """
    tickets, read = facts(frame, layout, wall)
    tickets, odd = _with_openers(tickets)
    strays = ""
    happened, ends = read_ends(frame, layout, wall, events=events is not None)
    faults: list[RowsFault] = odd
    if isinstance(events, Events):
        happened = events if happened is None else with_events(events, happened)
    elif events is not None:
        logged, faults, strays = read_events(events, frame, layout, wall)
        faults += odd
        happened = logged if happened is None else with_events(logged, happened)
    return RowsRead(_with_answers_once(tickets, happened), happened, faults, [*read, *ends], strays)


def _with_answers_once(tickets: TicketColumns, happened: Events | None) -> TicketColumns:
    """Return the tickets, but remove a time in `answered_at` if the ticket has an event `answered` at this time.

    So the answer counts once: as the event, which has a place in its instant.
    """
    if happened is None or not (tickets.answered != NULL).any():
        return tickets
    events = np.flatnonzero((happened.kind == KIND_CODE["answered"]) & (happened.row != NO_TICKET))
    row, at = happened.row.take(events), happened.at.take(events)
    told = row[at == tickets.answered.take(row)]
    if not len(told):
        return tickets
    answered = tickets.answered.copy()
    answered[told] = NULL
    return tickets._replace(answered=answered)


def _with_openers(tickets: TicketColumns) -> tuple[TicketColumns, list[RowsFault]]:
    """Return the tickets with the words in `opened_by` spelled as in OPENERS, and the faults.

    A word that OPENERS does not have is a fault, and None replaces the word.
    """
    if not tickets.own:
        return tickets, []
    owner, schedule, opened_by = tickets.own
    known = [word and next((opener for opener in OPENERS if opener == folded(word)), None) for word in opened_by.values]
    faults = [
        RowsFault(opened_by.codes == code, f"opened_by: {shown(word)} must be {choices(OPENERS, ' or ')}")
        for code, (word, opener) in enumerate(zip(opened_by.values, known, strict=True))
        if word is not None and opener is None
    ]
    return tickets._replace(own=(owner, schedule, Coded(known, opened_by.codes))), faults
