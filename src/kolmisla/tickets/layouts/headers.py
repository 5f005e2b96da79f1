"""How a column is found by its name, in capital or small letters."""

from collections.abc import Sequence

from kolmisla.errors import choices

__all__ = ["header_of"]


def header_of(column: str | None, columns: Sequence[str]) -> str | None:
    """Return the header in `columns` that equals the name `column`, or else the header that differs only in case.

    Return None if there is none. Raise ValueError if no header equals the name and several differ only in case.
    """
    if column is None or column in columns:
        return column
    near = [header for header in columns if header.casefold() == column.casefold()]
    if len(near) > 1:
        raise ValueError(f"{choices(near, ' and ')} differ only in case; name one with --map")
    return near[0] if near else None
