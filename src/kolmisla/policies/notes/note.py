"""A note on a policy, with its place in the policy. A note is not a fault, because the policy is valid."""

from kolmisla.errors import Fault

__all__ = ["Note"]


class Note(Fault):
    """A place in a policy that may be a mistake, and a text about it.

    The text says what may be wrong and, in most notes, what to type instead.

    >>> print(Note(("schedules", "day"), "never opens"))
    schedules.day: never opens
    """

    __slots__ = ()
