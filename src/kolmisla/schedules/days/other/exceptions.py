"""Opening hours for some days in place of the weekly hours: exceptions, seasons and eves.

All three are read from documents (plain values), and written as documents.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, TypeVar

from kolmisla.errors import MOST_FAULTS, Fault, ScheduleError, as_text, clean, has_surrogate, named, shown
from kolmisla.schedules.days.hours import DayHours, Week, day_hours, day_text, week_hours, week_text
from kolmisla.schedules.days.other.occurrences import overlaps
from kolmisla.schedules.days.other.when import Rank, When, text_of_when, when_of
from kolmisla.times.durations import duration_text, read_duration
from kolmisla.times.instants import DAY, duration, length

__all__ = [
    "DayException",
    "EveHours",
    "Season",
    "eves_document",
    "eves_of",
    "exceptions_document",
    "exceptions_of",
    "seasons_document",
    "seasons_of",
]

T = TypeVar("T")

MOST_RELATIVE = 50  # how many relative days a schedule may have; to check one takes the days of many years
MOST_RANGES = 400  # how many ranges of one form the exceptions, or the seasons, of a schedule may have


class DayException(NamedTuple):
    """The hours of some days in place of their usual hours. Like a holiday, these days may have a `name`."""

    when: When
    hours: DayHours
    name: str = ""


class Season(NamedTuple):
    """The weekly hours in force on some days, in place of the usual weekly hours."""

    when: When
    week: Week


class EveHours(NamedTuple):
    """The hours of an eve. If `hours` is None, they are the usual hours without the last `shorter` microseconds."""

    shorter: int = 0
    hours: DayHours | None = None


def exceptions_of(given: object) -> tuple[DayException, ...]:
    """Read exceptions from a mapping of days to hours.

    Raise ValueError if `given` is no mapping. For faults inside it, raise ScheduleError, which lists every fault.
    """
    form = 'exceptions must be a mapping such as {"2026-12-31": ["08:00-12:00"]}'
    return _of_days(given, form, "exceptions", _exception)


def _exception(when: When, given: object, key: object) -> DayException:
    texts, name = given, ""
    if isinstance(given, Mapping):
        unknown = [part for part in given if part not in ("hours", "name")]
        if unknown or "hours" not in given:
            wanted = 'must have hours, and may have a name, as {hours = [], name = "Company shutdown"}'
            raise ValueError(f"{wanted}, not {shown(unknown[0]) if unknown else shown(given)}")
        texts, name = given["hours"], given.get("name", "")
        if not isinstance(name, str) or has_surrogate(name):
            raise ValueError(f"the name of an exception must be valid text, not {shown(name)}")
    hours = day_hours(texts, key)
    if when.rank == Rank.STRETCH and hours:
        raise ValueError(f"an exception for a stretch between two times must close it: write [], not {shown(texts)}")
    return DayException(when, hours, name.strip())


def seasons_of(given: object) -> tuple[Season, ...]:
    """Read seasons from a mapping of ranges to tables with `hours`.

    Raise ValueError if `given` is no mapping. For faults inside it, raise ScheduleError, which lists every fault.
    """
    form = 'seasons must be a mapping such as {"06-15/09-15": {"hours": {"mon-fri": ["08:00-15:00"]}}}'
    return _of_days(given, form, "seasons", _season)


def _season(when: When, given: object, key: object) -> Season:  # noqa: ARG001
    if when.rank not in (Rank.DATES, Rank.YEARLY_RANGE):
        raise ValueError(f"a season must be a range such as 06-15/09-15, not {shown(text_of_when(when))}")
    if not isinstance(given, Mapping) or set(given) != {"hours"}:
        raise ValueError(f'a season must be a table with hours, such as {{"hours": {{...}}}}, not {shown(given)}')
    return Season(when, week_hours(given["hours"]))


def eves_of(given: object) -> EveHours:
    """Read the hours of eves from a table with `shorter` (a duration) or `hours`. Raise ValueError for a fault."""
    if not isinstance(given, Mapping) or set(given) not in ({"shorter"}, {"hours"}):
        wanted = 'eves must be a table with shorter or hours, such as {"shorter": "PT1H"}'
        raise ValueError(f"{wanted}, not {shown(given)}")
    if "hours" in given:
        return EveHours(hours=day_hours(given["hours"], "eves"))
    shorter = length(read_duration(given["shorter"]))
    if not 0 < shorter <= DAY:
        raise ValueError(
            f"the key 'shorter' of eves must be more than zero and at most PT24H, not {shown(given['shorter'])}"
        )
    return EveHours(shorter)


def _of_days(given: object, form: str, what: str, read: Callable[[When, object, object], Any]) -> tuple[Any, ...]:
    """Read a mapping whose keys are texts that name days. Return its entries in order of the days.

    `read` makes an entry from the days, the value and the key. `form` and `what` are for messages. Raise ValueError if
    `given` is no mapping, and ScheduleError for faults inside it.
    """
    if not isinstance(given, Mapping):
        raise ValueError(f"{form}, not {shown(given)}")
    faults: list[Fault] = []
    entries: dict[When, Any] = {}
    for key, value in given.items():
        place = (clean(as_text(key)),)
        try:
            when = when_of(key)
            entry = read(when, value, key)
        except ValueError as error:
            faults.append(Fault(place, str(error)))
            if len(faults) >= MOST_FAULTS:
                break
            continue
        if when.identity in entries:
            faults.append(Fault(place, f"{what} must give {text_of_when(when)} once, not twice"))
        entries[when.identity] = entry
    ordered = tuple(sorted(entries.values(), key=lambda entry: entry.when))
    faults += _twice([entry.when for entry in ordered], what)
    if faults:
        raise ScheduleError.listing(faults)
    return ordered


def _twice(days: Sequence[When], what: str) -> Iterable[Fault]:
    """Yield faults for ranges that share a day, and a fault for too many ranges or too many relative days."""
    relative = sum(when.rank == Rank.RELATIVE for when in days)
    if relative > MOST_RELATIVE:
        yield Fault((), f"{what} must have at most {MOST_RELATIVE} relative days, not {relative:,}")
    for rank in (Rank.DATES, Rank.YEARLY_RANGE):
        ranges = [when for when in days if when.rank == rank]
        if len(ranges) > MOST_RANGES:
            yield Fault((), f"{what} must have at most {MOST_RANGES} ranges of one form, not {len(ranges):,}")
            continue
        for one, other, day in overlaps(ranges):
            told = date.fromordinal(day)
            text = told.isoformat() if rank == Rank.DATES else f"{told:%m-%d}"
            told_again = f"has {text}, which {named(text_of_when(one))} has too; a range includes both ends"
            yield Fault((text_of_when(other),), told_again)


def exceptions_document(exceptions: Iterable[DayException]) -> dict[str, Any]:
    """Write exceptions as a document, ready for JSON."""
    return {
        text_of_when(when): {"hours": day_text(hours), "name": name} if name else day_text(hours)
        for when, hours, name in exceptions
    }


def seasons_document(seasons: Iterable[Season]) -> dict[str, Any]:
    """Write seasons as a document, ready for JSON."""
    return {text_of_when(when): {"hours": week_text(week)} for when, week in seasons}


def eves_document(eves: EveHours) -> dict[str, Any]:
    """Write the hours of eves as a document, ready for JSON."""
    return {"shorter": duration_text(duration(eves.shorter))} if eves.hours is None else {"hours": day_text(eves.hours)}
