"""The classes of all errors that kolmisla raises on purpose.

    KolmislaError
    ├── NaiveTimeError(ValueError)       an instant without an offset
    ├── WallTimeError(ValueError)        a wall time that DST skips or repeats
    ├── ScheduleError(ValueError)        invalid hours (of a week or of single dates), zones or holidays
    ├── PolicyError(ValueError)          a policy that contradicts itself, or lacks a part that is asked for
    ├── LayoutError(ValueError)          a layout of files that contradicts itself
    ├── TicketError(ValueError)          a ticket that contradicts itself or its policy
    │   └── NaiveTicketError(NaiveTimeError)   a ticket in which an instant has no offset
    ├── HorizonError(OverflowError)      an instant or an answer outside the years that the schedule knows
    └── NotCoveredError(LookupError)     the policy promises nothing, so nothing is due

A message names the wrong value, the place where it stands, and the valid choices.
"""

import os
from collections.abc import Collection, Iterable, Iterator
from datetime import date, time
from typing import Any, NamedTuple, Self, TypeGuard

__all__ = [
    "LONGEST_NAME",
    "MOST_FAULTS",
    "Fault",
    "HorizonError",
    "KolmislaError",
    "LayoutError",
    "NaiveTicketError",
    "NaiveTimeError",
    "NotCoveredError",
    "PolicyError",
    "ScheduleError",
    "TicketError",
    "WallTimeError",
    "as_text",
    "brief",
    "choices",
    "clean",
    "expect",
    "expect_iterable",
    "expect_path",
    "expect_text",
    "expect_texts",
    "has_surrogate",
    "is_iterable",
    "listing",
    "named",
    "number_of",
    "pair",
    "shown",
    "told_once",
]

MOST_LISTED = 40  # the most names or faults that a message lists
MOST_FAULTS = 1_000  # the most faults of one value that are collected; the rest of the value is not read
LONGEST_NAME = 40  # the most characters of a name or a value in a message


def clean(text: str) -> str:
    r"""Return a text on one line, with escapes for all characters that could control a terminal.

    The escapes are those of Python's `repr`. Among the escaped characters are line feeds and changes of the direction
    of writing.

    >>> print(clean("a name\n\x1b[2J"))
    a name\n\x1b[2J
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def brief(fault: object) -> str:
    """Return the text of `fault`, the error of another library, shortened for a message.

    Each word is cut to 40 characters, and then the text to 1,600.

    >>> brief(ValueError("no " + "x" * 50))
    'no xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...'
    """
    text = str(fault)
    if "integer string conversion" in text:  # Python's advice is a call, which a user of a command cannot type
        text = "a number has too many digits"
    words = [word if len(word) <= LONGEST_NAME else f"{word[:LONGEST_NAME]}..." for word in text.split(" ")]
    text, most = " ".join(words), MOST_LISTED * LONGEST_NAME
    return clean(text if len(text) <= most else f"{text[:most]}...")


def named(name: str) -> str:
    """Return a name for a message, on one line. If it has more than 40 characters, return the first 40 and `...`."""
    return clean(name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}...")


def choices(names: Iterable[object], between: str = ", ") -> str:
    """Return the first 40 names as text for a message. If there are more names, end the text with how many more.

    The text `between` stands between two names. If there are no names, return `there are none`.
    """
    listed = list(names)
    more = f" and {len(listed) - MOST_LISTED:,} more" if len(listed) > MOST_LISTED else ""
    texts = (name if isinstance(name, str) else repr(name) for name in listed[:MOST_LISTED])
    return between.join(map(named, texts)) + more if listed else "there are none"


def listing(faults: Iterable[str]) -> str:
    """Return the first 40 faults as text for a message. If there are more faults, end the text with how many more."""
    listed = list(faults)
    more = f"; and {len(listed) - MOST_LISTED:,} more" if len(listed) > MOST_LISTED else ""
    return "; ".join(listed[:MOST_LISTED]) + more


def shown(value: object) -> str:
    """Return the repr of a value for a message, cut to 40 characters or bytes.

    A date or a time is shown as TOML writes it. No error is raised if Python cannot make the repr.
    """
    if isinstance(value, (str, bytes)) and len(value) > LONGEST_NAME:
        return f"{value[:LONGEST_NAME]!r}... ({len(value):,} {'bytes' if isinstance(value, bytes) else 'characters'})"
    try:
        text = clean(value.isoformat() if isinstance(value, (date, time)) else repr(value))
    except ValueError:  # Python refuses to print an integer of more than 4,300 digits
        return "a number of very many digits"
    except RecursionError:
        return f"a {type(value).__name__} that is nested too deeply to show"
    except Exception:  # a `__repr__` that another library or a user wrote may raise anything
        return f"a {type(value).__name__} that cannot be shown"
    return text if len(text) <= LONGEST_NAME else f"{text[:LONGEST_NAME]}... ({len(text):,} characters)"


def number_of(count: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun. `one` is the singular, and `many` the plural. Without `many`, add an s to `one`.

    >>> number_of(1, "row"), number_of(1200, "row"), number_of(2, "id or row", "ids or rows")
    ('1 row', '1,200 rows', '2 ids or rows')
    """
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def as_text(value: object) -> str:
    """Return `str(value)`. If `str` raises an exception, return the text that `shown` makes for a message."""
    try:
        return str(value)
    except Exception:  # the value is an integer of more than 4,300 digits, or a user wrote its `__str__`
        return shown(value)


def expect(what: str, given: object, kind: type) -> None:
    """Raise TypeError unless the value `given` is of the type `kind`. The message begins with `what`."""
    if not isinstance(given, kind):
        raise TypeError(f"{what} must be a {kind.__name__}, not {shown(given)}")


def has_surrogate(text: str) -> bool:
    """Tell whether a text has a lone surrogate: half of a character, which UTF-8 cannot hold."""
    return not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text)


def is_iterable(given: object) -> TypeGuard[Iterable[Any]]:
    """Tell whether a value can be iterated over. Return False for an array without dimensions."""
    try:
        iter(given)  # type: ignore[call-overload]
    except Exception:  # TypeError as a rule; a value's own __iter__ may raise anything
        return False
    return hasattr(given, "__iter__")  # a lazy frame of Polars has only __getitem__, which raises


def expect_iterable(what: str, given: object) -> None:
    """Raise TypeError unless the value `given` can be iterated over. The message begins with `what`."""
    if not is_iterable(given):
        raise TypeError(f"{what} must be an Iterable, not {shown(given)}")


def expect_text(what: str, given: object) -> None:
    """Raise TypeError unless `given` is a str. Raise ValueError if it has a lone surrogate (half of a character).

    The message begins with `what`.
    """
    if not isinstance(given, str):
        raise TypeError(f"{what} must be a str, not {shown(given)}")
    if has_surrogate(given):
        raise ValueError(f"{what} must be valid text, not {shown(given)}, which has a lone surrogate")


def expect_texts(what: str, given: object) -> None:
    """Raise TypeError unless `given` is a collection of texts, not a single text. The message begins with `what`."""
    if isinstance(given, str) or not isinstance(given, Collection):
        raise TypeError(f"{what} must be a list of texts, not {shown(given)}")
    for text in given:
        expect(f"each text of {what}", text, str)


def expect_path(what: str, given: object) -> None:
    """Raise TypeError unless `given` is a str or a path. Raise ValueError if no file can have this path.

    The message begins with `what`.
    """
    if not isinstance(given, (str, os.PathLike)):
        raise TypeError(f"{what} must be a str or a Path, not {shown(given)}")
    try:
        wrong = b"\0" in os.fsencode(given)
    except UnicodeEncodeError:  # half of a character
        wrong = True
    if wrong:
        raise ValueError(f"{what} must be a path that a file can have, not {shown(str(given))}")


def pair(what: str, given: object) -> tuple[Any, Any]:
    """Return the two values of a pair. Raise TypeError unless `given` is a tuple or a list of two values.

    The message begins with `what`, which says what the pair must be.
    """
    if not isinstance(given, (tuple, list)) or len(given) != 2:
        raise TypeError(f"{what}, not {shown(given)}")
    first, second = given
    return first, second


class Fault(NamedTuple):
    """A fault in a value, such as `plans.GOLD.rank: is missing`.

    `place` has the keys and indexes that lead to the fault. `valid` is the end of `text` that lists valid names; a
    message shows equal lists only once.
    """

    place: tuple[str | int, ...]
    text: str
    valid: str = ""

    def within(self, *place: str | int) -> "Fault":
        """Return a copy of the fault whose place begins with the keys and indexes in `place`."""
        return self._replace(place=(*place, *self.place))

    def __str__(self) -> str:
        return f"{'.'.join(named(str(part)) for part in self.place)}: {self.text}" if self.place else self.text


def told_once(faults: Iterable[Fault]) -> Iterator[str]:
    """Yield each fault as text. If an earlier fault has listed the same valid names, leave the names out."""
    listed: set[str] = set()
    for fault in faults:
        yield str(fault).removesuffix(fault.valid if fault.valid in listed else "")
        listed.add(fault.valid)


class KolmislaError(Exception):
    """The base class of every error that kolmisla raises on purpose. Catch this class to catch all of these errors.

    If the error is about parts of a schedule, policy, layout or ticket, `faults` has each fault with its place. For any
    other error, `faults` is empty.
    """

    faults: tuple[Fault, ...] = ()

    @classmethod
    def listing(cls, faults: Iterable[Fault], heading: str = "") -> Self:
        """Return an error with all `faults`, each once. Its text is `heading` and the text of the first 40 faults."""
        listed = tuple(dict.fromkeys(faults))
        error = cls(heading + listing(told_once(listed)))
        error.faults = listed
        return error


class NaiveTimeError(KolmislaError, ValueError):
    """An instant has no offset. kolmisla never guesses a zone."""


class WallTimeError(KolmislaError, ValueError):
    """DST skips or repeats a wall time (what clocks show), and the setting `ambiguous` does not choose one instant."""


class ScheduleError(KolmislaError, ValueError):
    """Opening hours, a time zone, holidays or the hours of single dates are invalid."""


class PolicyError(KolmislaError, ValueError):
    """A policy contradicts itself, or lacks a part that is asked for."""


class LayoutError(KolmislaError, ValueError):
    """A layout, which says how tickets are written in a file, contradicts itself or names something unknown."""


class TicketError(KolmislaError, ValueError):
    """A ticket's facts contradict each other, or name something that the policy lacks."""


class NaiveTicketError(TicketError, NaiveTimeError):
    """An instant of a ticket has no offset."""


class HorizonError(KolmislaError, OverflowError):
    """An instant or an answer lies outside the years that the schedule knows."""


class NotCoveredError(KolmislaError, LookupError):
    """The policy promises nothing for this ticket, so the ticket has no deadline. The message is the reason."""
