"""Lines of text that describe a schedule for people, made from its document (a table of plain values)."""

from collections.abc import Iterator, Mapping
from typing import Any

from kolmisla.errors import choices
from kolmisla.schedules.days.holiday_notation import UNNAMED
from kolmisla.schedules.days.other.when import Rank, When, text_of_when, when_of
from kolmisla.times.durations import read_duration
from kolmisla.times.instants import clock, length

__all__ = ["hours_words", "schedule_words"]


def schedule_words(document: Mapping[str, Any]) -> list[str]:
    r"""Return the lines that describe a schedule. A schedule without weekly hours has one line, such as `always open`.

    Otherwise, the first line has the weekly hours, the holidays and the zone. Seasons, eves and exceptions follow.

    >>> hours, days = {"mon-fri": ["08:00-18:00"]}, {"12-24": ["08:00-12:00"], "easter-2": []}
    >>> print(*schedule_words({"timezone": "UTC", "hours": hours, "exceptions": days}), sep="\n")
    mon-fri 08:00-18:00, UTC
    every 12-24: 08:00-12:00
    2 days before easter: closed
    """
    if "open" in document:
        return [f"{document['open']} open"]
    if "timezone" not in document:
        [(sign, parts)] = document.items()
        texts = (part if isinstance(part, str) else f"({'; '.join(schedule_words(part))})" for part in parts)
        return [f"{sign} of {', '.join(texts)}"]
    closed = [f"without {text}" for text in _of_holidays(document.get("holidays") or [])]
    return [
        ", ".join([_of_week(document["hours"]), *closed, document["timezone"]]),
        *(f"{_days(when_of(day))}: {_of_week(season['hours'])}" for day, season in document.get("seasons", {}).items()),
        *_of_eves(document.get("eves", {})),
        *_of_exceptions(document.get("exceptions", {})),
    ]


def hours_words(hours: list[str]) -> str:
    """Return the hours of a day as text, such as `08:00-12:00, 13:00-18:00` or `closed`."""
    return ", ".join(hours) or "closed"


def _of_week(week: Mapping[str, list[str]]) -> str:
    return ", ".join(f"{days} {' '.join(hours)}" for days, hours in week.items()) or "no weekly hours"


def _of_holidays(holidays: Any) -> Iterator[str]:
    """Yield text for each holiday calendar in a document: a country, frozen dates, or a list of dates."""
    if isinstance(holidays, str):
        yield f"the holidays of {holidays}"
    elif not isinstance(holidays, Mapping):
        for part in holidays:
            yield from _of_holidays(part)
    elif "country" in holidays:
        yield " ".join([f"the holidays of {holidays['country']}", *_options(holidays)])
    elif "frozen" in holidays:
        half_day = [f"(half days {hours_words(holidays['half_day'])})"] if "half_day" in holidays else []
        yield " ".join([f"the holidays of {holidays['frozen']}, frozen for {holidays['years']}", *half_day])
    else:
        yield choices(day if name == UNNAMED else f"{day} ({name})" for day, name in holidays.items())


def _options(table: Mapping[str, Any]) -> Iterator[str]:
    """Yield one text in brackets for all options of a country's holidays, such as `(half days 08:00-12:00)`.

    `table` must have at least one option, such as `without` or `half_day`.
    """
    texts = [", ".join(table["categories"])] if "categories" in table else []
    texts += [f"but for {choices(table['without'])}"] if "without" in table else []
    texts += [f"half days {hours_words(table['half_day'])}"] if "half_day" in table else []
    texts += ["no moved days"] if "moved_days" in table else []
    yield f"({'; '.join(texts)})"


def _of_eves(eves: Mapping[str, Any]) -> Iterator[str]:
    if "hours" in eves:
        yield f"eves of holidays: {hours_words(eves['hours'])}"
    elif eves:
        yield f"eves of holidays: shorter by {clock(length(read_duration(eves['shorter'])))}"


def _of_exceptions(exceptions: Mapping[str, Any]) -> Iterator[str]:
    for day, given in exceptions.items():
        named = isinstance(given, Mapping)
        text = hours_words(given["hours"] if named else given)
        yield f"{_days(when_of(day))}: {text}" + (f" ({given['name']})" if named else "")


def _days(when: When) -> str:
    """Return the days that `when` names, in words."""
    text = text_of_when(when)
    if when.rank == Rank.RELATIVE:
        side = {0: "", -1: "the workday before ", 1: "the workday after "}[when.last]
        count = abs(when.first)
        moved = f"{count} day{'s' * (count > 1)} {'before' if when.first < 0 else 'after'} " if count else ""
        return f"{side}{moved}{when.anchor}"
    first, slash, last = text.replace("T", " ").partition("/")
    every = "every " if when.rank in (Rank.YEARLY, Rank.YEARLY_RANGE) else ""
    return f"{every}{first} to {last}" if slash else f"{every}{first}"
