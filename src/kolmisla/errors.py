"""Every error kolmisla raises on purpose.

    KolmislaError
    ├── NaiveTimeError(ValueError)       an instant without an offset
    ├── WallTimeError(ValueError)        a wall time that DST skips or repeats
    ├── ScheduleError(ValueError)        hours, zones, holidays or exceptions that cannot be
    ├── PolicyError(ValueError)          a policy that contradicts itself, or lacks what was asked
    ├── TicketError(ValueError)          a ticket that contradicts itself, or its policy
    │   └── NaiveTicketError(NaiveTimeError)   a ticket with an instant without an offset
    ├── HorizonError(OverflowError)      an instant, or an answer, beyond what is known
    └── NotCoveredError(LookupError)     nothing was promised, so nothing is due

A message names the value, the place and the valid choices.
"""

from collections.abc import Iterable
from typing import NamedTuple, Self

__all__ = [
    "Fault",
    "HorizonError",
    "KolmislaError",
    "NaiveTicketError",
    "NaiveTimeError",
    "NotCoveredError",
    "PolicyError",
    "ScheduleError",
    "TicketError",
    "WallTimeError",
    "choices",
    "shown",
]


LONGEST = 80  # characters of a value in a message


MOST = 40  # names in a message


def choices(names: Iterable[str]) -> str:
    """The valid choices as a message lists them, not all of very many."""
    told = list(names)
    more = f" and {len(told) - MOST:,} more" if len(told) > MOST else ""
    return ", ".join(told[:MOST]) + more or "there are none"


def shown(value: object) -> str:
    """A value as a message shows it: its repr, cut when it is long."""
    try:
        text = repr(value)
    except ValueError:  # Python prints no number of so many digits
        return "a number of very many digits"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}... ({len(text):,} characters)"


class Fault(NamedTuple):
    """One thing that is wrong, and where: `plans.GOLD.rank: ...`."""

    place: tuple[str | int, ...]
    text: str

    def within(self, *place: str | int) -> "Fault":
        """The same fault, seen from farther out."""
        return Fault((*place, *self.place), self.text)

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.place))}: {self.text}" if self.place else self.text


class KolmislaError(Exception):
    """The root: catch this to catch everything kolmisla raises on purpose.

    `faults` has them one by one where data with places, a policy or a ticket, has any.
    """

    faults: tuple[Fault, ...] = ()

    @classmethod
    def listing(cls, faults: Iterable[Fault], heading: str = "") -> Self:
        """The error that lists these faults."""
        listed = tuple(dict.fromkeys(faults))
        error = cls(heading + "; ".join(map(str, listed)))
        error.faults = listed
        return error


class NaiveTimeError(KolmislaError, ValueError):
    """An instant was given without an offset; kolmisla never guesses a zone."""


class WallTimeError(KolmislaError, ValueError):
    """A wall time that daylight saving skips or repeats, and nobody said which reading to take."""


class ScheduleError(KolmislaError, ValueError):
    """Opening hours, a time zone, holidays or exceptions that cannot be."""


class PolicyError(KolmislaError, ValueError):
    """A policy that contradicts itself, or that lacks what a ticket needs."""


class TicketError(KolmislaError, ValueError):
    """A ticket whose facts contradict each other or name what the policy does not have."""


class NaiveTicketError(TicketError, NaiveTimeError):
    """A ticket with an instant that has no offset."""


class HorizonError(KolmislaError, OverflowError):
    """An instant, or the answer to a question, lies beyond what the schedule knows."""


class NotCoveredError(KolmislaError, LookupError):
    """Nothing was promised for this ticket, so nothing is due; the message is the reason."""
