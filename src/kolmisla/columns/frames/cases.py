"""Refuses a frame with a column whose name differs only in case from the name under which a fact is read."""

from collections.abc import Sequence

from kolmisla.errors import shown
from kolmisla.tickets.layouts.headers import header_of
from kolmisla.tickets.layouts.layout import Layout

__all__ = ["check_case"]


def check_case(layout: Layout, facts: Sequence[str], there: Sequence[str]) -> None:
    """Raise ValueError if a frame has the column of a fact only in other letters, such as `Channel` for `channel`.

    `there` has the frame's columns. A fact with a column or a constant in the layout is skipped.
    """
    for fact in facts:
        if fact in layout.columns or fact in layout.constants:
            continue
        header = header_of(column := layout.column(fact), there)
        if header not in (None, column):  # otherwise, nobody would see that it is not read
            raise ValueError(
                f"the frame has no column {shown(column)}, but it has {shown(header)}; name {shown(header)} as the"
                f" column of {fact} to read it, or name '' to leave {fact} out"
            )
