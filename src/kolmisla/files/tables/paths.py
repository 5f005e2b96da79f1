"""Finds values inside JSON by paths: names with dots between them, `[]` for each item of a list, `*` for each value."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice, takewhile
from typing import Any

from kolmisla.errors import TicketError, named, shown

__all__ = [
    "ANY",
    "EACH",
    "NOWHERE",
    "REST",
    "Items",
    "is_path",
    "lists_in",
    "value_names",
    "row_steps",
    "steps_of",
    "value_around",
    "value_at",
]

EACH, ANY = "[]", "*"  # steps to each item of a list, and to each value of an object
REST = "[]?"  # the last step of a path that does not end in []: to each item if the value is a list, else the value
NOWHERE = object()  # stands for the value of a path that leads nowhere
LONGEST_PATH = 100  # of a path to rows; each takes a call of a function inside of another
MOST_SUGGESTED = 3  # the most names in a path that a message suggests
MOST_NAMES = 200  # the most names of an object that are looked at to suggest one


@lru_cache(1024)
def steps_of(path: str) -> tuple[str, ...]:
    """Return the steps of a path: names, and the marks `[]` and `*`.

    >>> steps_of("changelog.histories[].items[]")
    ('changelog', 'histories', '[]', 'items', '[]')
    """
    steps: list[str] = []
    for name in path.split("."):
        bare, lists = name, 0
        while bare.endswith(EACH):
            bare, lists = bare[: -len(EACH)], lists + 1
        steps += [*([bare] if bare or not lists else []), *[EACH] * lists]
    return tuple(steps)


def row_steps(path: str | None) -> tuple[str, ...]:
    """Return the steps of a path to the rows of a document. The items of a list at its end are rows.

    Raise ValueError for a path with an empty name, or of more than a hundred steps.

    >>> row_steps("result.data"), row_steps(None)
    (('result', 'data', '[]?'), ('[]?',))
    """
    steps = () if path is None else steps_of(path)
    if "" in steps:
        raise ValueError(f"a path to rows must be names with dots between them, such as result.data, not {shown(path)}")
    if len(steps) > LONGEST_PATH:
        raise ValueError(f"a path to rows must have at most {LONGEST_PATH} names, not {len(steps):,}: {shown(path)}")
    return steps if steps and steps[-1] == EACH else (*steps, REST)


@lru_cache(1024)
def is_path(column: str) -> bool:
    """Tell whether the name of a column may be a path: whether it has a dot, `[]` or `*`."""
    return "." in column or EACH in column or column == ANY


class Items:
    """The items to which a path with `[]` or `*` leads. Each comes with the items that contain it, the innermost first.

    Iteration raises TicketError for a value, other than null, that is no list at `[]`, or no object at `*`.

    >>> histories = [{"at": "09:00", "items": [{"kind": "paused"}]}, {"at": "10:00", "items": []}]
    >>> list(Items("histories[].items[]", {"histories": histories}))
    [({'kind': 'paused'}, {'at': '09:00', 'items': [{'kind': 'paused'}]})]
    """

    def __init__(self, path: str, fields: Mapping[str, Any]) -> None:
        self._path, self._fields = path, fields

    def are_there(self) -> bool:
        """Tell whether there is a value other than null where the first `[]` or `*` of the path stands."""
        try:
            value = _walked(self._fields, _names(steps_of(self._path)), self._path)
        except TicketError:
            return True  # whoever reads the items gets the fault
        return value is not NOWHERE and value is not None

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return _items(self._fields, row_steps(self._path), (), self._path)

    def __repr__(self) -> str:
        return self._path


def value_at(fields: Mapping[str, Any], column: str) -> Any:
    """Return the value of a key, or the value to which a path leads. If there is none, return NOWHERE.

    If the whole of `column` is a key, it is no path. A path with `[]` or `*` leads to `Items`.

    >>> value_at({"fields": {"priority": {"name": "High"}}}, "fields.priority.name")
    'High'
    """
    if column in fields:
        return fields[column]
    if not is_path(column):
        return NOWHERE
    steps = steps_of(column)
    if EACH not in steps and ANY not in steps:
        return _walked(fields, steps, None)
    items = Items(column, fields)
    return items if "" not in steps and items.are_there() else NOWHERE


def value_around(items: Sequence[Any], column: str) -> Any:
    """Return the value of a key or a path in the first item that has it. If no item has it, return None.

    >>> value_around([{"field": "status"}, {"created": "09:00"}], "created")
    '09:00'
    """
    values = (value_at(item, column) for item in items if isinstance(item, dict))
    return next((value for value in values if value is not NOWHERE), None)


def lists_in(fields: Mapping[str, Any]) -> list[str]:
    """Return the paths under which a document (`fields`) may have its rows: the paths to its lists of objects.

    But a sole value that is an object of several keys is taken for the only row.

    >>> lists_in({"total": 1, "result": {"data": [{"id": 7}]}}), lists_in({"issue": {"id": 7, "notes": [{}]}})
    (['result.data'], ['issue'])
    """
    if len(fields) == 1 and isinstance(sole := next(iter(fields.values())), dict) and len(sole) > 1:
        return list(fields)
    listed = _paths(fields, MOST_SUGGESTED, lists=True)
    return sorted(listed, key=lambda path: path.count("."))


def value_names(fields: Mapping[str, Any]) -> list[str]:
    """Return the names of the values in an object and in the objects inside it, as paths: at most 200, for a message.

    >>> value_names({"id": 7, "fields": {"created": "2026-07-03", "labels": []}})
    ['id', 'fields.created', 'fields.labels']
    """
    return list(islice(_paths(fields, MOST_SUGGESTED, lists=False), MOST_NAMES))


def _paths(fields: Mapping[str, Any], deep: int, *, lists: bool) -> Iterator[str]:
    """Yield the paths to values that are not objects. If `lists` is True, yield only the paths to lists of objects.

    Longer paths than `deep` names are cut or, if `lists` is True, left out.
    """
    for name, value in islice(fields.items(), MOST_NAMES):
        if isinstance(value, dict) and deep > 1:
            yield from (f"{name}.{path}" for path in _paths(value, deep - 1, lists=lists))
        elif not lists or (isinstance(value, list) and value and all(isinstance(item, dict) for item in value)):
            yield name


def _names(steps: Sequence[str]) -> tuple[str, ...]:
    """Return the steps of a path before the first `[]` or `*`."""
    return tuple(takewhile(lambda step: step not in (EACH, ANY, REST), steps))


def _walked(value: Any, names: Sequence[str], path: str | None) -> Any:
    """Follow `names` from `value`, one key inside the other. Return the value at the end, or NOWHERE if there is none.

    If the whole `path` is given, raise TicketError for a value on the way that is neither null nor an object.
    """
    for i, name in enumerate(names):
        if not isinstance(value, dict):
            if path is None or value is None:
                return NOWHERE
            way = f"is a list; write {EACH} before .{named(name)}" if isinstance(value, list) else "is not an object"
            raise TicketError(f"{named(path)}: {shown(value)} {way}")
        whole = ".".join(names[i:])  # a key may itself have dots
        if whole in value:
            return value[whole]
        value = value.get(name, NOWHERE)
        if value is NOWHERE:
            return NOWHERE
    return value


def _items(value: Any, steps: Sequence[str], around: tuple[Any, ...], path: str) -> Iterator[tuple[Any, ...]]:
    """Yield the items to which the steps of a path lead from a value, as tuples.

    After the item come the items that contain it, the innermost first. Raise TicketError for a value, other than null,
    that does not fit `[]` or `*`.
    """
    if names := _names(steps):
        value, steps = _walked(value, names, path), steps[len(names) :]
    if not steps or (steps[0] == REST and not isinstance(value, list)):
        is_around = around and around[0] is value
        if value is not NOWHERE and (is_around or value is not None):
            yield around if is_around else (value, *around)
        return
    if (
        value is None or value is NOWHERE or (value == 0 and type(value) is int)
    ):  # some systems write 0, the number of items, in place of an empty list
        return
    kind = dict if steps[0] == ANY else list
    if not isinstance(value, kind):
        what = "an object" if kind is dict else "a list"
        raise TicketError(f"{named(path)}: must be {what}, not {shown(value)}")
    for item in value.values() if isinstance(value, dict) else value:
        yield from _items(item, steps[1:], (item, *around), path)
