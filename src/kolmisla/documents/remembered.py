"""Properties and fields that are computed at first use, and readers that load their module at first use."""

from collections.abc import Callable
from functools import cached_property
from importlib import import_module
from typing import Any, Self, TypeVar, overload

from kolmisla.names import LOADING

__all__ = ["late_field", "late_reader", "late_schema", "remembered"]

T = TypeVar("T")


class remembered(cached_property[T]):  # noqa: N801  # a decorator
    """A property that is computed when it is first read, and is then stored.

    Threads that read it at the same time may compute it more than once, but all threads get the same value.

    >>> class Circle:
    ...     @remembered
    ...     def area(self) -> float:
    ...         return 3.0
    >>> circle = Circle()
    >>> circle.area is circle.area
    True
    """

    # `functools.cached_property` holds a lock up to Python 3.11. After a fork, nobody releases it in the child.

    @overload
    def __get__(self, instance: None, owner: type | None = None) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type | None = None) -> T: ...
    def __get__(self, instance: object | None, owner: type | None = None) -> Self | T:
        """Compute the value and store it in the instance.

        Later, Python finds the stored value in the instance, without calling this method.
        """
        if instance is None:
            return self
        kept: T = vars(instance).setdefault(self.func.__name__, self.func(instance))
        return kept


class late_field:  # noqa: N801  # a kind of property
    """A field of a record. Its value may be set as a function, which is called when the value is first used.

    The function must return equal values each time, because threads may call it more than once.

    >>> class Circle:
    ...     __slots__ = ("area",)
    >>> Circle.area = late_field(Circle.area)
    >>> circle = Circle()
    >>> circle.area = lambda: 3.0
    >>> circle.area
    3.0
    """

    def __init__(self, slot: Any) -> None:
        self._slot = slot

    def __get__(self, instance: object | None, owner: type | None = None) -> Any:
        """Return the value. If it is a function, call the function, store its result as the value, and return that."""
        if instance is None:
            return self
        value: Any = self._slot.__get__(instance, owner)
        if callable(value):
            value = value()
            self._slot.__set__(instance, value)
        return value

    def __set__(self, instance: object, value: Any) -> None:
        """Set the value, or the function that makes it."""
        self._slot.__set__(instance, value)


def late_reader(module: str, kind: str, *, empty: Any = None) -> Callable[[Any], Any]:
    """Return a function that reads a value with a Kind (a reader) of another module. `kind` is the name of this Kind.

    The module is loaded at the first call. If `empty` is not None, an empty tuple is read as `empty`, without the
    module.

    >>> read = late_reader("kolmisla.documents.values", "RANK", empty=0)
    >>> read(2), read(())
    (2, 0)
    """

    def read(value: Any) -> Any:
        if empty is not None and value.__class__ is tuple and not value:
            return empty
        return _of(module, kind).read(value)

    return read


def late_schema(module: str, kind: str) -> Callable[[], Any]:
    """Return a function that returns the JSON Schema of a Kind of another module. `kind` is the name of this Kind.

    The module is loaded when the function is first called.

    >>> late_schema("kolmisla.documents.values", "RANK")()["type"]
    'integer'
    """
    return lambda: _of(module, kind).schema


def _of(module: str, kind: str) -> Any:
    """Return the Kind that is named `kind` in a module. Load the module if it is not loaded yet."""
    with LOADING:
        home = import_module(module)
    return getattr(home, kind)
