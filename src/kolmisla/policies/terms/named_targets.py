"""Targets in days: a number of working days or calendar days, a time of day, and where the count begins."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from kolmisla.documents.values import DURATION, Kind
from kolmisla.errors import Fault, shown
from kolmisla.names import LOADING
from kolmisla.times.durations import duration_text, read_duration
from kolmisla.times.instants import SECOND, clock, length

if TYPE_CHECKING:  # most policies have no targets in days
    from kolmisla.schedules.naming.named_instant import NamedInstant

__all__ = [
    "BY",
    "CUTOFF",
    "WITHIN_DAYS",
    "CountsFrom",
    "Days",
    "faults_of_days",
    "needs_hours",
    "named_by",
    "words_of",
]

CountsFrom = Literal["opening", "date"]

MOST_NAMED_DAYS = 36_525  # a century of dates
TIME_FORM = r"\s*([01]?[0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?\s*"
MIDNIGHT_FORM = r"\s*24:00(?::00)?\s*"
DAY_NUMBER = "[0-9]{1,9}"
DAYS_FORM = rf"\s*({DAY_NUMBER})\s*(working\s*)?days?\s*"
ISO_DAYS_FORM = rf"P({DAY_NUMBER})D"


class Days(str):
    """A number of days as text: `2 working days`, or `10 days` for calendar days.

    >>> WITHIN_DAYS.read("2 Working  Days")
    '2 working days'
    """

    __slots__ = ()

    @property
    def number(self) -> int:
        """The number of days."""
        return int(self.partition(" ")[0])

    @property
    def working(self) -> bool:
        """Whether the days are working days, not calendar days."""
        return "working" in self


def _within(value: Any) -> timedelta | Days:
    text = value.casefold() if isinstance(value, str) else ""
    if "day" in text and (match := re.fullmatch(DAYS_FORM, text, re.ASCII)):
        number = int(match[1])
        if number > MOST_NAMED_DAYS:
            raise ValueError(f"days must be at most a century, which has {MOST_NAMED_DAYS:,}, not {number:,}")
        return Days(_counted(number, "working day" if match[2] else "day"))
    try:
        read_duration(value)
    except ValueError:
        days = re.fullmatch(ISO_DAYS_FORM, text.upper(), re.ASCII)
        number = int(days[1]) if days else 2
        working, calendar = _counted(number, "working day"), _counted(number, "day")
        forms = f'PT2H (hours, minutes, seconds), "{working}" or "{calendar}" (calendar days)'
        raise ValueError(f"{shown(value)} is not a target such as {forms}") from None
    return DURATION.read(value)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _time(value: Any, allowed: str) -> str:
    match = re.fullmatch(TIME_FORM, value, re.ASCII) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"must be {allowed}, not {shown(value)}")
    hour, minute, second = match.groups(default="00")
    return f"{hour:>02}:{minute}" + (f":{second}" if second != "00" else "")


def _by(value: Any) -> str:
    if isinstance(value, str) and value.strip().casefold() == "close":
        return "close"
    if isinstance(value, str) and re.fullmatch(MIDNIGHT_FORM, value, re.ASCII):
        return "24:00"
    return _time(value, 'a time of day such as "16:00", or "close"')


def _cutoff(value: Any) -> str:
    return _time(value, 'a time of day such as "14:00"')


def _any_case(text: str) -> str:
    return "".join(f"[{letter}{letter.upper()}]" for letter in text)


CLOCK_PATTERN = r"^\s*([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?\s*$"
BY_PATTERN = rf"{CLOCK_PATTERN}|^\s*24:00(:00)?\s*$|^\s*{_any_case('close')}\s*$"
DAYS_PATTERN = rf"^\s*{DAY_NUMBER}\s*({_any_case('working')}\s*)?{_any_case('day')}[sS]?\s*$"
DAYS_SCHEMA = {"type": "string", "pattern": DAYS_PATTERN, "examples": ["2 working days", "10 days"]}

WITHIN_DAYS: Kind[timedelta | str] = Kind(_within, {"anyOf": [DURATION.schema, DAYS_SCHEMA]})
BY = Kind(_by, {"type": "string", "pattern": BY_PATTERN, "examples": ["16:00", "close"]})
CUTOFF = Kind(_cutoff, {"type": "string", "pattern": CLOCK_PATTERN, "examples": ["14:00"]})


def faults_of_days(target: Any) -> Iterator[Fault]:
    """Yield a fault for each field of a target that does not go with `within`, such as `cutoff` beside a duration.

    Also yield a fault for 0 days without `by`. Each single field is already checked.
    """
    within, cutoff = target.within, target.cutoff
    if not isinstance(within, Days):
        given = [name for name in ("by", "cutoff") if getattr(target, name) is not None]
        text = duration_text(within)
        for name in [*given, *(["counts_from"] if target.counts_from != "opening" else [])]:
            said = (
                f'goes only with a number of days, not with {text}; type within = "1 working day", or leave {name} out'
            )
            yield Fault((name,), said)
    elif not within.number and target.by is None:
        yield Fault(("by",), f'is missing; {within} needs a time of day such as "16:00", or "close"')
    elif cutoff is not None and not within.working:
        days = _counted(within.number, "working day")
        yield Fault(
            ("cutoff",), f'goes only with working days, not with {within}; type within = "{days}", or leave cutoff out'
        )


def needs_hours(target: Any) -> str | None:
    """Return why a schedule that is always open cannot count a target, or None if such a schedule can count it.

    The target may be a table. For an invalid target, return None.
    """
    table = isinstance(target, Mapping)
    within, by = ((target.get(name) if table else getattr(target, name, None)) for name in ("within", "by"))
    try:
        days, close = _within(within), by is not None and _by(by) == "close"
    except ValueError:  # the validation of the target reports this fault
        return None
    if not isinstance(days, Days) or not (days.working or close):
        return None
    calendar = _counted(days.number, "day")
    if days.working:
        told = f'"{calendar}", which are calendar days'
        return f"is always open and has no working days; type {told}, or name a schedule with hours"
    return 'is always open and never closes; type by = "24:00", or name a schedule with hours'


def named_by(target: Any) -> "NamedInstant":
    """Return the rule by which a target in days names its instant, such as the second working day at 16:00."""
    with LOADING:
        from kolmisla.schedules.naming.named_instant import CLOSE, NamedInstant

    by = None if target.by is None else CLOSE if target.by == "close" else _since_midnight(target.by)
    cutoff = None if target.cutoff is None else _since_midnight(target.cutoff)
    within: Days = target.within
    return NamedInstant(within.number, within.working, by, target.counts_from == "date", cutoff)


def _since_midnight(time: str) -> int:
    hour, minute, *second = map(int, time.split(":"))
    return ((hour * 60 + minute) * 60 + sum(second)) * SECOND


def words_of(target: Any) -> str:
    """Return text for people that describes a target, such as `within 2:00:00` or `next working day by 16:00`."""
    within = target.within
    if not isinstance(within, Days):
        return f"within {clock(length(within))}"
    kind = "working day" if within.working else "day"
    text = f"{('same', 'next')[within.number]} {kind}" if within.number < 2 and target.by else str(within)
    text += f" by {target.by}" if target.by else ""
    text += ", counted from the date" if target.counts_from == "date" and within.working else ""
    return text + (f", cutoff {target.cutoff}" if target.cutoff else "")
