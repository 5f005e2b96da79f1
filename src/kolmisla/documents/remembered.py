"""A cached property that holds no lock."""

from functools import cached_property
from typing import Self, TypeVar, overload

__all__ = ["remembered"]

T = TypeVar("T")


class remembered(cached_property[T]):  # noqa: N801  # a decorator
    """A property that is computed on first access and then kept.

    `functools.cached_property` holds a lock up to Python 3.11. If a process forks while the lock
    is held, nobody releases the lock in the child process. This property holds no lock. Threads that read the property
    at the same time may compute the value more than once, but all threads get the same value.

    >>> class Circle:
    ...     @remembered
    ...     def area(self) -> float:
    ...         return 3.0
    >>> circle = Circle()
    >>> circle.area is circle.area
    True
    """

    @overload
    def __get__(self, instance: None, owner: type | None = None) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type | None = None) -> T: ...
    def __get__(self, instance: object | None, owner: type | None = None) -> Self | T:
        """Compute the value and keep it in the instance.

        Later, Python finds the value in the instance without calling this method.
        """
        if instance is None:
            return self
        kept: T = vars(instance).setdefault(self.func.__name__, self.func(instance))
        return kept
