"""What a value remembers of itself once it was asked for."""

from functools import cached_property
from typing import Self, TypeVar, overload

__all__ = ["remembered"]

T = TypeVar("T")


class remembered(cached_property[T]):  # noqa: N801  # a decorator
    """A property that is computed when first asked for, and kept.

    Unlike `functools.cached_property` up to Python 3.11 it holds no lock meanwhile: a process that forks at that
    moment would leave its child a lock that nobody opens. Threads that ask at once may compute it twice, and get the
    same value.

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
        """Compute the value of an instance; once it is kept, Python finds it there and does not ask."""
        if instance is None:
            return self
        kept: T = vars(instance).setdefault(self.func.__name__, self.func(instance))
        return kept
