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
from typing import Any, NamedTuple, Self

__all__ = [
    "LONGEST_NAME",
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
    "brief",
    "choices",
    "clean",
    "expect",
    "listing",
    "named",
    "pair",
    "shown",
]

MOST_LISTED = 40  # names in a message, or faults
LONGEST_NAME = 40  # characters of a name in a message, or of a value


def clean(text: str) -> str:
    r"""A text in one line, as a terminal may have it: what would steer it is escaped, as in a repr.

    Line feeds and other control characters, and those that turn the direction of writing (Unicode's categories C and
    Z, but for the space).

    >>> print(clean("a name\n\x1b[2J"))
    a name\n\x1b[2J
    """
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def brief(fault: object) -> str:
    """What another library says, as a message has it: what is long in it, which may be from a file, is cut.

    >>> brief(ValueError("no " + "x" * 50))
    'no xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...'
    """
    words = [word if len(word) <= LONGEST_NAME else f"{word[:LONGEST_NAME]}..." for word in str(fault).split(" ")]
    return clean(" ".join(words[:MOST_LISTED]))


def named(name: str) -> str:
    """A name as a message has it: in one line, and cut when it is long."""
    return clean(name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}...")


def choices(names: Iterable[str], between: str = ", ") -> str:
    """Names as a message lists them, not all of very many."""
    told = list(names)
    more = f" and {len(told) - MOST_LISTED:,} more" if len(told) > MOST_LISTED else ""
    return between.join(map(named, told[:MOST_LISTED])) + more if told else "there are none"


def listing(faults: Iterable[str]) -> str:
    """What is wrong as a message tells it, not all of very many things."""
    told = list(faults)
    more = f"; and {len(told) - MOST_LISTED:,} more" if len(told) > MOST_LISTED else ""
    return "; ".join(told[:MOST_LISTED]) + more


def shown(value: object) -> str:
    """A value as a message shows it: its repr, cut when it is long."""
    if isinstance(value, (str, bytes)) and len(value) > LONGEST_NAME:
        return f"{value[:LONGEST_NAME]!r}... ({len(value):,} {'bytes' if isinstance(value, bytes) else 'characters'})"
    try:
        text = clean(repr(value))
    except ValueError:  # Python prints no number of so many digits
        return "a number of very many digits"
    except RecursionError:
        return f"a {type(value).__name__} of very many parts within one another"
    return text if len(text) <= LONGEST_NAME else f"{text[:LONGEST_NAME]}... ({len(text):,} characters)"


def expect(what: str, given: object, kind: type) -> None:
    """Raise TypeError, which says what belongs there, for an argument of another type."""
    if not isinstance(given, kind):
        raise TypeError(f"{what} must be a {kind.__name__}, not {shown(given)}")


def pair(what: str, given: object) -> tuple[Any, Any]:
    """The two values of a pair; TypeError, which says what it is, for anything else."""
    if not isinstance(given, (tuple, list)) or len(given) != 2:
        raise TypeError(f"{what}, not {shown(given)}")
    first, second = given
    return first, second


class Fault(NamedTuple):
    """One thing that is wrong, and where: `plans.GOLD.rank: ...`."""

    place: tuple[str | int, ...]
    text: str

    def within(self, *place: str | int) -> "Fault":
        """The same fault, seen from farther out."""
        return Fault((*place, *self.place), self.text)

    def __str__(self) -> str:
        return f"{'.'.join(named(str(part)) for part in self.place)}: {self.text}" if self.place else self.text


class KolmislaError(Exception):
    """The root: catch this to catch everything kolmisla raises on purpose.

    `faults` has them one by one where data with places, a policy or a ticket, has any.
    """

    faults: tuple[Fault, ...] = ()

    @classmethod
    def listing(cls, faults: Iterable[Fault], heading: str = "") -> Self:
        """The error that lists these faults; its text has the first ones."""
        listed = tuple(dict.fromkeys(faults))
        error = cls(heading + listing(map(str, listed)))
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
