"""Limits for a document that combines schedules: how many there may be, and how deep they may be nested."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from kolmisla.errors import ScheduleError
from kolmisla.schedules.rules import MOST_PARTS, Sign

__all__ = ["SETS", "check_nesting", "names_in", "size_of"]

SETS: dict[str, Sign] = {"union": "|", "intersection": "&", "difference": "-"}
MOST_LEVELS = 100  # levels of nested documents


def check_nesting(document: object) -> None:
    """Raise ScheduleError for a document that is nested too deeply, or combines too many schedules."""
    levels: list[dict[int, object]] = [{id(document): document}]  # a level has each document once
    while levels[-1]:
        if len(levels) > MOST_LEVELS:
            raise ScheduleError(f"a schedule must be nested at most {MOST_LEVELS} deep; refer to parts by name")
        levels.append({id(part): part for outer in levels[-1].values() for part in _parts(outer)})
    sizes: dict[int, int] = {}
    for level in reversed(levels):
        sizes |= {key: sum(sizes[id(part)] for part in _parts(outer)) or 1 for key, outer in level.items()}
    if sizes[id(document)] > MOST_PARTS:
        raise ScheduleError(f"a schedule must be made of at most {MOST_PARTS:,} schedules, not {sizes[id(document)]:,}")


def names_in(document: object) -> Iterator[str]:
    """Yield the names of the schedules that a document refers to."""
    for part in _parts(document):
        yield from [part] if isinstance(part, str) else names_in(part)


def size_of(document: object, named: Callable[[str], int]) -> int:
    """Count the schedules that a document combines. A document of one schedule counts as one.

    `named` takes the name of another schedule, and returns its count.
    """
    return sum(named(part) if isinstance(part, str) else size_of(part, named) for part in _parts(document)) or 1


def _parts(document: Any) -> Iterable[object]:
    """Yield the name or the document of each schedule that a document combines, or nothing if it combines none."""
    for key in SETS if isinstance(document, Mapping) else ():
        parts = document.get(key)
        yield from parts if isinstance(parts, (list, tuple)) else ()
