"""Refuses a frame with a column whose name differs only in case from the name under which a fact is read."""

from collections.abc import Sequence

from kolmisla.errors import shown
from kolmisla.tickets.layouts.headers import header_of
from kolmisla.tickets.layouts.layout import Layout

__all__ = ["check_case"]


def check_case(layout: Layout, facts: Sequence[str], there: Sequence[str]) -> None:
    """Raise ValueError if a frame has the column of a fact only in other letters: `Channel`, but not `channel`.

    In a frame, the case of letters counts, so nobody would see that the column is not read. In a file, it would be
    read. `there` has the columns of the frame. A fact with a constant, or for which the layout names a column, is not
    looked at.
    """
    for fact in facts:
        if fact in layout.columns or fact in layout.constants:
            continue
        header = header_of(column := layout.column(fact), there)
        if header not in (None, column):
            raise ValueError(
                f"the frame has no column {shown(column)}, but it has {shown(header)}; name {shown(header)} as the"
                f" column of {fact} to read it, or name '' to leave {fact} out"
            )
