"""Reads events from the columns resolved_at, reopened_at and closed_at of a frame of tickets."""

import numpy as np

from kolmisla.columns.frames.cases import check_case
from kolmisla.columns.frames.tickets import Frame, read_instants
from kolmisla.columns.kernel.events import BEFORE_LOG, KIND_CODE, Events
from kolmisla.columns.kernel.promises import Coded
from kolmisla.columns.kernel.questions import NULL, Answers
from kolmisla.columns.kernel.wall_times import Wall
from kolmisla.tickets.layouts.fact_names import ENDS
from kolmisla.tickets.layouts.layout import Layout

__all__ = ["ends_in", "read_ends"]


def ends_in(frame_columns: list[str], layout: Layout, *, events: bool) -> list[str]:
    """Return those names in ENDS, such as `resolved_at`, that are read from a frame of tickets.

    The layout has a column or a constant for the name. Without a frame of `events`, a column that the layout does not
    mention counts too. Raise ValueError if only its letter case differs.
    """
    named = [name for name in ENDS if layout.columns.get(name) or name in layout.constants]
    found = [name for name in ENDS if name in frame_columns and name not in layout.columns]
    if not events:
        check_case(layout, ENDS, frame_columns)
    return [name for name in ENDS if name in named or (not events and name in found)]


def read_ends(
    frame: Frame, layout: Layout, wall: Wall | None, *, events: bool
) -> tuple[Events | None, list[tuple[str, Answers]]]:
    """Return the events that the facts in ENDS tell of, and the name and the instants of each fact that is read.

    `events` says whether there is also a frame of events. If no fact is read, return None and an empty list. The twin
    for one ticket is `kolmisla.files.facts.resolutions`.
    """
    names = ends_in(list(frame.columns), layout, events=events)
    if not names:
        return None, []
    read = [(name, read_instants(frame, layout, name, wall)) for name in names]
    known = {name: instants.values for name, instants in read}
    resolved, reopened, closed = (known.get(name, np.full(len(frame), NULL)) for name in ENDS)
    # a resolution, a reopening after it, and another resolution after the reopening
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
