"""Mappings in which names match in any letter case, for schedules, priorities, plans and targets."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeVar, final

from kolmisla.errors import choices, shown

__all__ = ["Catalogue", "by_name", "folded"]

T = TypeVar("T", covariant=True)


@lru_cache(maxsize=4096)
def folded(name: str) -> str:
    """Return the form in which names are compared.

    The forms of `Support System`, `support_system` and `SUPPORT-SYSTEM` are equal.

    >>> folded("Support System")
    'support-system'
    """
    return "-".join(name.replace("_", " ").casefold().split())


@final
class Catalogue(Mapping[str, T]):
    """A read-only mapping from names to things. It finds a name in any letter case (see `folded`).

    Equal catalogues have their items in the same order. An unknown name raises KeyError, which lists the known names.

    >>> Catalogue({"working-hours": 1})["Working hours"]
    1
    """

    __slots__ = ("_names", "_things")

    def __init__(self, things: Mapping[str, T]) -> None:
        self._things = dict(things)
        self._names = {folded(name): name for name in things}
        if len(self._names) < len(self._things):
            how = "case, spaces, hyphens or underscores; rename one of them"
            raise ValueError(f"two of the names {choices(things)} differ only in {how}")

    def __getitem__(self, name: object) -> T:
        return self._things[self.name(name)]

    def name(self, name: object) -> str:
        """Return a name as the catalogue spells it. Raise KeyError for an unknown name.

        >>> Catalogue({"working-hours": 1}).name("Working hours")
        'working-hours'
        """
        key = self.find(name)
        if key is None:
            raise KeyError(f"{shown(name)} is not one of {choices(self._things)}")
        return key

    def find(self, name: object) -> str | None:
        """Return a name as the catalogue spells it, or None for an unknown name."""
        return self._names.get(folded(name)) if isinstance(name, str) else None

    def __iter__(self) -> Iterator[str]:
        return iter(self._things)

    def __len__(self) -> int:
        return len(self._things)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Catalogue):  # the order counts, because the first channel is the main channel
            return list(self._things.items()) == list(other._things.items())
        return super().__eq__(other)

    def __hash__(self) -> int:
        return hash(tuple(self._things.items()))

    def __repr__(self) -> str:
        return f"Catalogue({self._things!r})"

    def __reduce__(self) -> tuple[type["Catalogue[T]"], tuple[dict[str, T]]]:
        """Return the class and the argument from which pickle makes the catalogue again.

        Without this method, the oldest pickle protocols would fail, because the class has `__slots__`.
        """
        return type(self), (self._things,)


def by_name(things: Any) -> Any:
    """Return a mapping from names to entries. `things` is a list of entries, or already such a mapping.

    A string in a list becomes an entry that has only a name. Raise ValueError for a list in which a name is missing or
    repeated. Return any other value unchanged.

    >>> by_name(["portal"]) == by_name({"portal": {}}) == {"portal": {"name": "portal"}}
    True
    """
    if isinstance(things, Mapping):
        entries = dict(things)
    elif isinstance(things, (list, tuple)):
        names = [_name(thing) for thing in things]
        if None in names:
            raise ValueError(
                "each entry of a list must have a name; give one, or write a mapping from names to entries"
            )
        if len(set(names)) < len(names):
            raise ValueError(f"one of the names {choices(map(str, names))} is given twice; give each name once")
        entries = {name: {} if isinstance(thing, str) else thing for name, thing in zip(names, things, strict=True)}
    else:
        return things  # the reader that is called next refuses it
    return {key: {"name": key, **thing} if isinstance(thing, Mapping) else thing for key, thing in entries.items()}


def _name(thing: Any) -> Any:
    """Return the name of an entry of a list: the entry itself if it is a string, else the `name` that it has.

    Return None if the entry has no `name` that is a string.
    """
    if isinstance(thing, str):
        return thing
    name = thing.get("name") if isinstance(thing, Mapping) else getattr(thing, "name", None)
    return name if isinstance(name, str) else None
