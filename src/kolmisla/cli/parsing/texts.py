"""How the text of an option becomes a value, such as a name, a time or a list of releases.

For a text of another form, each function raises argparse.ArgumentTypeError, which says what the text must be.
"""

import argparse
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, NamedTuple, TypeVar

from kolmisla.documents.names import folded
from kolmisla.errors import KolmislaError, LayoutError, shown
from kolmisla.policies.terms.metrics import EVENT_KINDS
from kolmisla.times.dates import YEARS
from kolmisla.times.durations import read_duration
from kolmisla.times.zones import zone_named

__all__ = [
    "Released",
    "assignment",
    "whole_number",
    "day",
    "delimiter",
    "encoding",
    "event",
    "kinds",
    "months",
    "names",
    "order",
    "output",
    "percents",
    "real_time",
    "released",
    "word",
    "year",
    "years",
    "zone",
]

T = TypeVar("T")
MONTH = r"(1[0-9]{3}|2[0-9]{3})(?:-(0[1-9]|1[0-2]))?"  # patterns are compiled when an option needs them
MOST_MONTHS = 120  # of a calendar; ten years take a second
YEAR_OR_YEARS = r"([0-9]{4})(?:-([0-9]{4}))?"
REAL_DAYS = r"P([0-9]{1,6})D(?=$|T)"
STANDARD_OUTPUT = ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")


class Released(NamedTuple):
    """Releases that replace those of a policy. `file` is the file from which they were read, or None."""

    releases: Any
    file: str | None = None


class Chosen(NamedTuple):
    """The layout that `--layout` chooses, and the name or the file by which it was given."""

    given: str
    layout: Any


def output(path: str) -> str:
    """Read the path of an output. Return `-` for any path that means standard output, such as `/dev/stdout`."""
    return "-" if path in STANDARD_OUTPUT else path


def _readable(text: str) -> str:
    """Return the text of an option unchanged. Raise an error if it is not valid UTF-8.

    The text, such as a column's name, may be handed to polars, which accepts only UTF-8.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise argparse.ArgumentTypeError(f"{shown(text)} is not valid UTF-8") from None
    return text


def assignment(text: str) -> tuple[str, str]:
    """Read `NAME=VALUE`. Return the name and the value."""
    name, equals, value = _readable(text).partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{shown(text)} is not NAME=VALUE")
    return name, value


def word(text: str) -> tuple[str, tuple[str, str]]:
    """Read a text such as `priority:P1=blocker`. Return the fact, and a pair: the file's word and our word."""
    name, colon, words = text.partition(":")
    if not colon or "=" not in words:
        raise argparse.ArgumentTypeError(f"{shown(text)} is not NAME:THEIRS=OURS, such as priority:P1=blocker")
    return name, _last(words)


def kinds(text: str) -> tuple[str, tuple[str, str]]:
    """Read `THEIRS=KINDS`.

    Return the fact `kind` and the pair (THEIRS, KINDS): the file's word and our kinds of event.
    """
    if "=" not in text:
        raise argparse.ArgumentTypeError(f"{shown(text)} is not THEIRS=KINDS, such as Pending=paused")
    return "kind", _last(text)


def _last(text: str) -> tuple[str, str]:
    theirs, _, ours = _readable(text).rpartition("=")
    if not theirs.strip():
        raise argparse.ArgumentTypeError(
            f"{shown(text)} has no word before the =; use --set to give every row the same value"
        )
    return theirs.strip(), ours.strip()


def event(text: str) -> tuple[str, str, str | None, str | None]:
    """Read `TIME KIND[:METRIC] [VALUE]`. Return the time, the kind, the value and the metric of an event."""
    words = list(re.finditer(r"\S+", text))
    kind = next((word for word in words[1:] if folded(word[0].partition(":")[0]) in EVENT_KINDS), None)
    if kind is None:
        raise argparse.ArgumentTypeError(
            f"{shown(text)} is not a time, a kind of event and a value, such as '2026-07-04T10:00 priority blocker';"
            f" the kinds are {', '.join(EVENT_KINDS)}"
        )
    name, _, metric = kind[0].partition(":")
    return text[: kind.start()].strip(), folded(name), text[kind.end() :].strip() or None, metric or None


def zone(text: str) -> str:
    """Read the name of a time zone."""
    try:
        return zone_named(text).key
    except KolmislaError as fault:
        raise argparse.ArgumentTypeError(str(fault)) from None


def day(text: str) -> date:
    """Read a date such as 2026-12-31."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{shown(text)} is not a date such as 2026-12-31") from None


def year(text: str) -> int:
    """Read a year from 1900 to 2200. Schedules have no answers for other years."""
    if re.fullmatch(r"[0-9]{4}", text, re.ASCII) and int(text) in YEARS:
        return int(text)
    raise argparse.ArgumentTypeError(f"{shown(text)} is not a year from {YEARS.start} to {YEARS.stop - 1}")


def months(text: str) -> tuple[date, date]:
    """Read a month, a year, or a range such as `2026-10/2027-03`. Return the first and the last date."""
    begin, slash, end = text.partition("/")
    named = [re.fullmatch(MONTH, part) for part in ([begin, end] if slash else [begin, begin])]
    if None in named:
        raise argparse.ArgumentTypeError(
            f"{shown(text)} is not a month such as 2026-12, a year such as 2026, or a range such as 2026-10/2027-03"
        )
    (first_year, first), (last_year, last) = ((int(part[1]), part[2]) for part in named if part)
    since = date(first_year, int(first or 1), 1)
    until = date(last_year, int(last or 12), 1)
    if until < since:
        raise argparse.ArgumentTypeError(f"{shown(text)} must not end before it begins")
    count = 12 * (until.year - since.year) + until.month - since.month + 1
    if count > MOST_MONTHS:
        raise argparse.ArgumentTypeError(f"{shown(text)} must have at most {MOST_MONTHS} months, but has {count:,}")
    return since, min(until + timedelta(days=31), date.max).replace(day=1) - timedelta(days=1)


def delimiter(text: str) -> str:
    r"""Read the character between the cells of a CSV file. The text `\t` means a tab."""
    from kolmisla.tickets.layouts.file_form import read_delimiter

    return _checked(read_delimiter, text)


def encoding(text: str) -> str:
    """Read the name of an encoding, such as utf-8."""
    from kolmisla.tickets.layouts.file_form import read_encoding

    return _checked(read_encoding, text)


def _checked(read: Callable[[str], T], text: str) -> T:
    """Return the value that the function `read` gives for a text. Turn a ValueError into an ArgumentTypeError."""
    try:
        return read(text)
    except ValueError as fault:
        raise argparse.ArgumentTypeError(str(fault)) from None


def released(text: str) -> Released:
    """Read releases: a list of names, oldest first, or names with their dates.

    The text may also be the name of a TOML or JSON file that has the releases.
    """
    if text.lower().endswith((".toml", ".json")):
        from kolmisla.documents.toml_json import read_document

        try:
            document = read_document(text)
        except KolmislaError as fault:
            raise argparse.ArgumentTypeError(str(fault)) from None
        except OSError as fault:
            raise argparse.ArgumentTypeError(f"{text}: {fault.strerror}") from None
        return Released(document["releases"] if set(document) == {"releases"} else document, text)
    names = [name.strip() for name in text.split(",") if name.strip()]
    pairs = [name.partition("=") for name in names]
    if not any(equals for _, equals, _ in pairs):
        return Released(names)
    dated = {name: day for name, _, day in pairs}
    if len(dated) < len(pairs):
        raise argparse.ArgumentTypeError(f"{shown(text)} must name each release once")
    return Released(dated)


def order(text: str) -> tuple[str, int | timedelta]:
    """Read a task and its quantity, such as `installation=2`. If no quantity is given, the quantity is 1."""
    task, equals, quantity = text.rpartition("=")
    if equals and re.fullmatch(r"[0-9]{1,9}", quantity):
        return task, int(quantity)
    try:
        return (task, read_duration(quantity)) if equals else (text, 1)
    except ValueError:
        takes = f"the quantity of {shown(task)} must be a number, or a duration such as PT90M for a task priced by time"
        raise argparse.ArgumentTypeError(f"{takes}, not {shown(quantity)}") from None


def layout(text: str) -> Chosen:
    """Read a layout: the built-in layout with the name `text`, or the layout in the file `text`."""
    from kolmisla.tickets.layouts.layout_file import LayoutFile

    try:
        return Chosen(text, LayoutFile.load(text))
    except LayoutError as fault:
        several = f"{text}: {len(fault.faults)} faults; kolmisla layout check {text} lists them"
        raise argparse.ArgumentTypeError(several if len(fault.faults) > 1 else str(fault)) from None
    except OSError as fault:
        raise argparse.ArgumentTypeError(f"{text}: {fault.strerror}") from None


def amount(text: str) -> timedelta:
    """Read a duration such as PT1M."""
    return _checked(read_duration, text)


def real_time(text: str) -> timedelta:
    """Read an amount of real time such as P2D, PT36H or P1DT12H. A day is 24 hours."""
    match = re.match(REAL_DAYS, text)
    days = timedelta(days=int(match[1])) if match else timedelta()
    rest = f"P{text[match.end() :]}" if match else text
    if match and rest == "P":
        return days
    try:
        return days + read_duration(rest)
    except ValueError:
        told = f"{shown(text)} is not a duration such as P2D, PT36H or P1DT12H (here a day is 24 hours)"
        raise argparse.ArgumentTypeError(told) from None


def names(text: str) -> tuple[str, ...]:
    """Read names such as `subject,customer`."""
    found = tuple(name.strip() for name in text.split(","))
    if not all(found) or len(set(found)) < len(found):
        raise argparse.ArgumentTypeError(f"{shown(text)} must be different names with commas between them")
    return found


def whole_number(text: str) -> int:
    """Read a whole number from 1 to a million."""
    if re.fullmatch(r"[1-9][0-9]{0,5}|1000000", text, re.ASCII):
        return int(text)
    raise argparse.ArgumentTypeError(f"{shown(text)} must be a whole number from 1 to 1,000,000")


def percents(text: str) -> tuple[int, ...]:
    """Read percentages such as `50,75,100`. Return each once, in ascending order."""
    found = [part.strip().removesuffix("%") for part in text.split(",")]
    if not all(re.fullmatch(r"[1-9][0-9]{0,3}", part, re.ASCII) for part in found):
        raise argparse.ArgumentTypeError(f"{shown(text)} must be whole percentages from 1 to 9999, such as 50,75,100")
    return tuple(sorted({int(part) for part in found}))


def years(text: str) -> range:
    """Read one year, or a range such as `2026-2030`. Return the years."""
    match = re.fullmatch(YEAR_OR_YEARS, text)
    if not match:
        raise argparse.ArgumentTypeError(f"{shown(text)} is not a year such as 2026, or years such as 2026-2030")
    first, last = int(match[1]), int(match[2] or match[1])
    if last < first:
        raise argparse.ArgumentTypeError(f"{shown(text)} must not end before it begins")
    return range(first, last + 1)
