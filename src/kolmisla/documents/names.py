"""Named things in order, found by name whatever its case: schedules, priorities, plans, targets."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, final

from kolmisla.errors import choices, shown

__all__ = ["Catalogue", "by_name", "folded"]

T = TypeVar("T", covariant=True)


def folded(name: str) -> str:
    """A name as it is compared: `Support System`, `support_system` and `SUPPORT-SYSTEM` are one.

    >>> folded("Support System")
    'support-system'
    """
    return "-".join(name.replace("_", " ").casefold().split())


@final
class Catalogue(Mapping[str, T]):
    """A read-only mapping from names, equal in the same order.

    A name that is not there raises KeyError, which lists those that are.

    >>> Catalogue({"working-hours": 1})["Working hours"]
    1
    """

    __slots__ = ("_names", "_things")

    def __init__(self, things: Mapping[str, T]) -> None:
        self._things = dict(things)
        self._names = {folded(name): name for name in things}
        if len(self._names) < len(self._things):
            raise ValueError(f"two of the names {choices(things)} differ only in case or spaces")

    def __getitem__(self, name: object) -> T:
        return self._things[self.name(name)]

    def name(self, name: object) -> str:
        """A name as it is written here, whatever its case.

        >>> Catalogue({"working-hours": 1}).name("Working hours")
        'working-hours'
        """
        key = self._names.get(folded(name)) if isinstance(name, str) else None
        if key is None:
            raise KeyError(f"{shown(name)} is not one of {choices(self._things)}")
        return key

    def __iter__(self) -> Iterator[str]:
        return iter(self._things)

    def __len__(self) -> int:
        return len(self._things)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Catalogue):  # the first channel, say, is the main one
            return list(self._things.items()) == list(other._things.items())
        return super().__eq__(other)

    def __hash__(self) -> int:
        return hash(tuple(self._things.items()))

    def __repr__(self) -> str:
        return f"Catalogue({self._things!r})"


def by_name(things: Any) -> Any:
    """Entries under their own names; anything that is no list or mapping as it is, for validation to judge.

    A list of names stands for entries with nothing else, and an entry still to be made is told its name.

    >>> by_name(["portal"]) == by_name({"portal": {}}) == {"portal": {"name": "portal"}}
    True
    """
    if isinstance(things, Mapping):
        given = dict(things)
    elif isinstance(things, (list, tuple)):
        names = [_name(thing) for thing in things]
        if None in names:
            raise ValueError("each entry of a list has a name; or they are a mapping, by name")
        if len(set(names)) < len(names):
            raise ValueError(f"one of the names {choices(map(str, names))} is there twice")
        given = {name: {} if isinstance(thing, str) else thing for name, thing in zip(names, things, strict=True)}
    else:
        return things
    return {key: {"name": key, **thing} if isinstance(thing, Mapping) else thing for key, thing in given.items()}


def _name(thing: Any) -> Any:
    """The name of an entry, made or still to be made; None when it has none."""
    if isinstance(thing, str):
        return thing
    name = thing.get("name") if isinstance(thing, Mapping) else getattr(thing, "name", None)
    return name if isinstance(name, str) else None
