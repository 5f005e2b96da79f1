"""Names: the version of the package, names that are loaded at first use, and suggestions for misspelt names."""

from __future__ import annotations

import os
import sys
from _thread import RLock  # importing threading takes longer
from importlib import import_module

# Type checkers take this for True. `typing` is not imported here, because an interrupt could not be reported while the
# first modules are imported.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

__all__ = ["LOADING", "TYPE_CHECKING", "__version__", "did_you_mean", "files_of", "late_names", "repeated"]

__version__ = "0.1.0"
LONGEST_GUESSED = 40  # characters; for a longer text, no name is guessed

# Python holds a lock while it imports a module. If a process forked at that moment, its child would inherit a lock
# that no thread releases. So code that imports at first use holds LOADING, and a fork waits until LOADING is free.
LOADING = RLock()
_at_fork = getattr(os, "register_at_fork", lambda **_: None)  # Windows does not fork
_at_fork(before=LOADING.acquire, after_in_parent=LOADING.release, after_in_child=LOADING.release)


def late_names(
    package: str, homes: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return two functions of a package: `__getattr__` loads a name at its first use, and `__dir__` lists all names.

    `homes` maps each module, written without `kolmisla.`, to the names that the module defines.
    """
    modules = {name: f"kolmisla.{module}" for module, names in homes.items() for name in names}

    def load(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        with LOADING:
            value = getattr(import_module(modules[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    return load, lambda: sorted({*vars(sys.modules[package]), *modules})


def files_of(package: str) -> Any:
    """Return the files of a package, as `importlib.resources` does. It loads modules at its first use."""
    with LOADING:
        return import_module("importlib.resources").files(package)


def repeated(names: Iterable[str | None]) -> list[str]:
    """Return the names that occur more than once. None is not a name.

    >>> repeated(["id", "plan", None, "id", None])
    ['id']
    """
    numbers: dict[str, int] = {}
    for name in names:
        if name is not None:
            numbers[name] = numbers.get(name, 0) + 1
    return [name for name, number in numbers.items() if number > 1]


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return a question that suggests the most similar of the `names`, and ends with a blank.

    Return an empty text if no name is similar, if `name` is one of the names, or if it has more than 40 characters.

    >>> did_you_mean("Hours", ("timezone", "hours"))
    'did you mean hours? '
    """
    if len(name) > LONGEST_GUESSED:
        return ""
    with LOADING:
        from difflib import get_close_matches

    known = {other.casefold(): other for other in reversed([*names])}
    near = [known[other] for other in get_close_matches(name.casefold(), known, n=1)]
    return f"did you mean {near[0]}? " if near and near[0] != name else ""
