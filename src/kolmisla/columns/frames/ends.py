"""Reads events from the columns resolved_at, reopened_at and closed_at of a frame of tickets."""

import numpy as np

from kolmisla.columns.frames.tickets import Frame, read_instants
from kolmisla.columns.kernel.events import BEFORE_LOG, KIND_CODE, Events
from kolmisla.columns.kernel.promises import Coded
from kolmisla.columns.kernel.questions import NULL, Answers
from kolmisla.columns.kernel.wall_times import Wall
from kolmisla.tickets.layouts.fact_names import ENDS
from kolmisla.tickets.layouts.layout import Layout

__all__ = ["ends_in", "read_ends"]


def ends_in(frame_columns: list[str], layout: Layout, *, events: bool) -> list[str]:
    """Return which of resolved_at, reopened_at and closed_at (ENDS) a frame with these columns has.

    `events` is True if there is a frame of events too. Then only the columns that the layout names count.
    """
    named = [name for name in ENDS if layout.columns.get(name) or name in layout.constants]
    found = [name for name in ENDS if name in frame_columns and name not in layout.columns]
    return [name for name in ENDS if name in named or (not events and name in found)]


def read_ends(
    frame: Frame, layout: Layout, wall: Wall | None, *, events: bool
) -> tuple[Events | None, list[tuple[str, Answers]]]:
    """Return the events that the columns in ENDS tell of, and a list of these columns' names and instants.

    If the frame has none of these columns, return None and an empty list. `kolmisla.files.facts.resolutions` does the
    same for one ticket. `events` is as in `ends_in`.
    """
    names = ends_in(list(frame.columns), layout, events=events)
    if not names:
        return None, []
    read = [(name, read_instants(frame, layout, name, wall)) for name in names]
    known = {name: instants.values for name, instants in read}
    resolved, reopened, closed = (known.get(name, np.full(len(frame), NULL)) for name in ENDS)
    first = np.where(resolved == NULL, closed, resolved)
    after = (first != NULL) & (reopened != NULL) & (reopened > first)
    again = after & (closed != NULL) & (closed > reopened)
    steps = [(first != NULL, first, "resolved"), (after, reopened, "reopened"), (again, closed, "resolved")]
    rows = [np.flatnonzero(mask) for mask, _, _ in steps]
    row = np.concatenate(rows)
    at = np.concatenate([instants[where] for where, (_, instants, _) in zip(rows, steps, strict=True)])
    kind = np.concatenate([np.full(len(n), KIND_CODE[k], np.int8) for n, (_, _, k) in zip(rows, steps, strict=True)])
    place = np.concatenate([np.full(len(n), BEFORE_LOG + turn) for turn, n in enumerate(rows)])
    none = Coded.of(None, len(row))
    return Events(row, at, kind, none, none, place, None, False, None), read
