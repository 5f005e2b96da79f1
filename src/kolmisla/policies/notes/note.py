"""A note on a policy, with its place. A note is no fault: the policy is valid."""

from kolmisla.errors import Fault

__all__ = ["Note"]


class Note(Fault):
    """A place in a policy where something else may be meant, and a text that says what to type then.

    >>> print(Note(("schedules", "day"), "never opens"))
    schedules.day: never opens
    """

    __slots__ = ()
