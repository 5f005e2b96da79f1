"""Picks the values in the rows of a log."""

from dataclasses import replace
from typing import Any

from kolmisla.errors import expect
from kolmisla.files.facts import picker
from kolmisla.files.tables.table import Table, expect_table
from kolmisla.policies.terms.metrics import EventKind
from kolmisla.tickets.layouts.fact_names import EVENT_COLUMNS, EVENTS, OWNER, ROW_ORDER, TERMS_OF_EVENTS
from kolmisla.tickets.layouts.layout import Layout

__all__ = ["EventRows", "in_rows", "more_of_events"]

LATER = ("priority", OWNER, *TERMS_OF_EVENTS)  # facts whose words are translated only after a row is picked


def more_of_events(layout: Layout) -> list[str]:
    """Return the names of an event's facts that are not in EVENT_COLUMNS, in the order in which values are picked."""
    return [*TERMS_OF_EVENTS, *layout.more_of_events]


def in_rows(layout: Layout) -> tuple[EventKind, ...]:
    """Return the facts that each row of an audit log tells: the priority and, if the layout names owners, the owner."""
    return ("priority", "owner") if layout.names(OWNER) else ("priority",)


class EventRows:
    """Picks the values in the rows of a log.

    Raise ValueError if the table lacks a required column, or one that the layout names, or if the layout names one for
    the order of rows.
    """

    def __init__(self, layout: Layout, table: Table, *, audit: bool) -> None:
        expect_table(table)
        expect("layout", layout, Layout)
        if ROW_ORDER in layout.columns:
            raise ValueError(
                f"{ROW_ORDER} can only be given for frames of events; the rows of a file are in the order of the file"
            )
        self.layout = layout = layout.settled(table.columns)
        self.names = (*EVENT_COLUMNS, *more_of_events(layout), *(in_rows(layout) if audit else ()))
        # The words for facts in LATER are not translated here. A blank priority in a row after the ticket's first must
        # not become the default. The words for owners are needed for changes of the owner too.
        values = {name: words for name, words in layout.values.items() if name not in LATER}
        defaults = {name: word for name, word in layout.defaults.items() if name not in LATER}
        untranslated = replace(layout, values=values, defaults=defaults)
        self.picked = picker(untranslated, table, self.names, ("event_id", "at", "kind"))
        self.inside = table.columns is None and bool(layout.columns.get(EVENTS))
        self._pick_id = picker(layout, table, self.names[:1], ())

    def id_of(self, row: Any) -> Any:
        """Return the id in a row of the wrong form. If the row is too short to have an id, return None."""
        try:
            return self._pick_id(row)[0]
        except IndexError:
            return None
