"""How a column is found by its name, in capital or small letters."""

from collections.abc import Mapping, Sequence

from kolmisla.errors import choices, shown

__all__ = ["check_case", "header_of"]


def header_of(column: str | None, columns: Sequence[str]) -> str | None:
    """Return the header in `columns` that equals the name `column`, or else the header that differs only in case.

    Return None if there is no such header, or if `column` is None. Raise ValueError if no header equals the name and
    several headers differ from the name only in case.
    """
    if column is None or column in columns:
        return column
    near = [header for header in columns if header.casefold() == column.casefold()]
    if len(near) > 1:
        raise ValueError(f"{choices(near, ' and ')} differ only in case; name one with --map")
    return near[0] if near else None


def check_case(columns: Mapping[str, str], there: Sequence[str]) -> None:
    """Raise ValueError if a frame has a column only in other letters: `Channel`, but not `channel`.

    In a frame, the case of letters counts, so nobody would see that the column is not read. `columns` has the column of
    each fact, and `there` has the columns of the frame.
    """
    for fact, column in columns.items():
        header = header_of(column, there)
        if header not in (None, column):
            raise ValueError(
                f"the frame has the column {shown(header)} in place of {shown(column)}; name it for {fact}, or name no"
                f" column ('') for {fact} to leave it out"
            )
