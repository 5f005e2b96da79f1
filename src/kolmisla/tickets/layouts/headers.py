"""The headers of a table, in which letters may be in any case."""

from collections.abc import Sequence

from kolmisla.errors import choices

__all__ = ["header_of"]


def header_of(column: str | None, columns: Sequence[str]) -> str | None:
    """Return the header that is meant by the name of a column: the same one, else the one in another case.

    Return None if there is none. Raise ValueError for headers that differ only in case.
    """
    if column is None or column in columns:
        return column
    near = [header for header in columns if header.casefold() == column.casefold()]
    if len(near) > 1:
        raise ValueError(f"{choices(near, ' and ')} differ only in case; name one with --map")
    return near[0] if near else None
