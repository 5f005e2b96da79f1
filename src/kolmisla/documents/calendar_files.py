"""Holidays from an iCalendar file (.ics) that a document names. Only this module reads such files.

The days in the file are put into the document. So a loaded document no longer needs the file, and its hash depends on
these days.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice, takewhile
from os import PathLike
from pathlib import Path
from typing import Any

from kolmisla.errors import Fault, PolicyError, brief, choices, named, shown
from kolmisla.names import LOADING
from kolmisla.times.dates import ALL_YEARS, YEARS, years_text

__all__ = ["calendar_files", "with_calendar_files"]

HOLIDAYS = "holidays"  # the key whose text may name a file
CALENDAR_ENDING = ".ics"
LARGEST_FILE = 524_288  # bytes
MOST_LINES_READ = 20_000  # icalendar reads about so many in a second
MOST_COMMAS_READ = 100_000  # commas part the values of a line; icalendar reads about 250,000 values in a second
MOST_DAYS_OFF = 10_000  # the days of all events together; a day of two events counts twice
MOST_RECURRING = 1_000  # events with a rule; dateutil reads about so many in a second
MOST_COMPLEX = 10  # events with BY... in their rule; dateutil takes half a second for a rule that fits no date
MOST_BY_VALUES = 200  # the values in rules with BY..., such as 1 and 3 in BYMONTH=1,3; dateutil tries each in each year
LONGEST_RULE = 2_000  # characters; as many as 200 values need
UNNAMED_DAY = "holiday"
REFUSED_RULES = {  # what a rule that begins with FREQ must not match, and why; dateutil reads the last two wrongly
    r"^(?!FREQ=(DAI|WEEK|MONTH|YEAR)LY(;|$))|INTERVAL=0+(;|$)": "a holiday recurs daily, weekly, monthly or yearly",
    r";BY(HOUR|MINUTE|SECOND)=": "a holiday is a whole day",
    r"^FREQ=DAILY.*;BY": "a daily rule must have no BY... part; write a yearly or monthly rule",
    r"^FREQ=WEEKLY.*;BY(?!DAY=)": "a weekly rule must have no BY... part but BYDAY; write a yearly or monthly rule",
    r";BYWEEKNO=": "BYWEEKNO is not supported; list the dates in RDATE",
    r";BYDAY=(?=[^;]*\d)(?=([^;]*,)?[A-Z])": "BYDAY must not have days with and without numbers; write two events",
}
ONCE = ("DTEND", "DURATION", "RECURRENCE-ID", "STATUS", "SUMMARY", "UID")  # properties that an event may have only once

Place = tuple[str | int, ...]


def with_calendar_files(document: Mapping[str, Any], path: str | PathLike[str]) -> dict[str, Any]:
    """Return a copy of a document with the days of each calendar file in place of the name of the file.

    `path` is the path of the document. Each calendar file must be in the document's folder or below it. Raise
    PolicyError, which lists every fault, for invalid calendar files.
    """
    faults: list[Fault] = []
    made: dict[str, Any] = _replaced(document, Path(path).parent, (), faults)
    if faults:
        raise PolicyError.listing(faults)
    return made


def calendar_files(document: Any, path: str | PathLike[str], place: Place = ()) -> Iterator[Path]:
    """Yield the path of each calendar file that a document names.

    `path` is the path of the document's file. `place` has the keys and indexes that lead to `document` if this is only
    a part.
    """
    if isinstance(document, Mapping | list):
        parts = document.items() if isinstance(document, Mapping) else enumerate(document)
        for key, part in parts:
            yield from calendar_files(part, path, (*place, key))
    elif _is_calendar(document, place):
        yield Path(path).parent / document


def _is_calendar(value: Any, place: Place) -> bool:
    """Tell whether a value is the name of a calendar file. `place` has the keys and indexes that lead to the value.

    Such a name ends in `.ics`. It is under the key `holidays`, or in a list or table under this key.
    """
    return isinstance(value, str) and HOLIDAYS in place[-2:] and value.lower().endswith(CALENDAR_ENDING)


def _replaced(value: Any, folder: Path, place: Place, faults: list[Fault]) -> Any:
    if isinstance(value, Mapping):
        return {key: _replaced(part, folder, (*place, key), faults) for key, part in value.items()}
    if isinstance(value, list):
        return [_replaced(part, folder, (*place, index), faults) for index, part in enumerate(value)]
    if _is_calendar(value, place):
        try:
            with LOADING:  # icalendar and dateutil load modules whenever they first need them
                return _days_off(value, folder)
        except ValueError as fault:
            faults.append(Fault(place, f"{named(value)}: {fault}"))
    return value


def _days_off(name: str, folder: Path) -> dict[str, Any]:
    """Return a table for the key `holidays` of a schedule: the days of a calendar file, their names, and the years.

    The last year is that of the last event that does not recur for ever, or 2200 if all do. Raise ValueError for a bad
    file.
    """
    every = _events(_content(name, folder))
    events = [event for event in every if str(event.get("STATUS", "")).upper() != "CANCELLED"]
    if not events:
        raise ValueError("must have at least one event that is not cancelled, but has none")
    rule_of = {id(event): _rule(event) for event in events}
    rules = [rule for rule in rule_of.values() if rule]
    values = [rule.count(",") + rule.count("BY") for rule in rules if "BY" in rule]
    _check_number(len(rules), MOST_RECURRING, "events that recur")
    _check_number(len(values), MOST_COMPLEX, "events that recur by a rule with BY...")
    _check_number(sum(values), MOST_BY_VALUES, "values in rules with BY...")
    # An event with RECURRENCE-ID replaces one occurrence of an event. If it is cancelled, the occurrence is left out.
    replaced = {(str(event.get("UID")), day) for event in every for day in _listed(event, "RECURRENCE-ID")}

    def starts_of(event: Any, until: date) -> list[date]:
        """Return the dates up to `until` on which an event begins, without occurrences that another event replaces."""
        replaces, starts = "RECURRENCE-ID" in event, _starts(event, rule_of[id(event)], until)
        return [day for day in starts if replaces or (str(event.get("UID")), day) not in replaced]

    total, fixed = 0, list[Sequence[date] | None]()  # the dates on which each event begins; None if it recurs for ever
    for event in events:
        is_endless = re.match(r"(?!.*(COUNT|UNTIL)=).", rule_of[id(event)])
        fixed.append(None if is_endless else starts_of(event, date(YEARS.stop - 1, 12, 31)))
        total += len(fixed[-1] or ())
        _check_total(total)
    by_event = list(zip(events, fixed, strict=True))
    ends = [max(starts, default=_begin(event)).year for event, starts in by_event if starts is not None]
    first = min(min(starts or (), default=_begin(event)).year for event, starts in by_event)
    last = max(ends, default=YEARS.stop - 1)
    if first not in YEARS or last not in YEARS:
        raise ValueError(f"must not have events of {years_text(first, last)}; {ALL_YEARS}")
    end, total, names = date(last, 12, 31), 0, dict[date, dict[str, None]]()
    for event, starts in by_event:
        text = " ".join(str(event.get("SUMMARY", "")).split()) or UNNAMED_DAY
        for start in starts_of(event, end) if starts is None else starts:
            # days after the last year are left out
            days = min(_length(event), (end - start).days + 1)
            total += days
            _check_total(total)
            for day in (start + timedelta(days=n) for n in range(days)):
                names.setdefault(day, {})[text] = None
    years = {day.year for day in names}
    gaps = [year for year in range(first, last + 1) if year not in years]
    if gaps:
        raise ValueError(f"must have events in each year from {first} to {last}, but has none in {choices(gaps)}")
    dates = {day.isoformat(): "; ".join(names[day]) for day in sorted(names)}
    return {"frozen": name, "years": f"{first}-{last}", "dates": dates}


def _check_total(days: int) -> None:
    if days > MOST_DAYS_OFF:
        raise ValueError(f"must have at most {MOST_DAYS_OFF:,} days of events, but has more")


def _check_number(number: int, most: int, what: str) -> None:
    if number > most:
        raise ValueError(f"must have at most {most:,} {what}, not {number:,}")


def _content(name: str, folder: Path) -> bytes:
    root, path = folder.resolve(), (folder / name).resolve()
    if Path(name).is_absolute() or not path.is_relative_to(root):
        raise ValueError("must be a file in the folder of the policy or below it, named relative to this folder")
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except OSError as fault:
        raise ValueError(f"cannot be read: {fault.strerror}") from fault
    if len(content) > LARGEST_FILE:
        raise ValueError(f"is larger than {LARGEST_FILE:,} bytes, the limit for a calendar file")
    return content


def _events(content: bytes) -> list[Any]:
    """Return the events of an iCalendar file. All of them have been checked: each has a start and lasts whole days.

    Raise ValueError for a bad file, or if the extra `ical` is not installed.
    """
    try:
        with LOADING:
            from icalendar import Calendar
    except ImportError:
        raise ValueError("needs the extra ical: pip install 'kolmisla[ical]'") from None
    _check_number(len(content.splitlines()), MOST_LINES_READ, "lines")
    _check_number(content.count(b","), MOST_COMMAS_READ, "commas")
    try:
        events: list[Any] = [*Calendar.from_ical(content).walk("VEVENT")]
    except Exception as fault:  # the library raises many exceptions for bad files
        raise ValueError(f"is not a calendar: {brief(fault)}") from fault
    without = [event for event in events if getattr(event.get("DTSTART"), "dt", None) is None]
    if without:
        raise ValueError(f"must have a start for each event, but has none for {_summary(without[0])}")
    for event in events:
        for name in ONCE:
            if isinstance(event.get(name), list):
                raise ValueError(f"has an event with {name} twice: {_summary(event)}")
    timed = [event for event in events if isinstance(event["DTSTART"].dt, datetime)]
    if timed:
        raise ValueError(f"has an event with a time of day: {_summary(timed[0])}; a holiday is a whole day")
    for event in events:
        _check(event)
    return events


def _check(event: Any) -> None:
    """Raise ValueError for an event that does not last whole days, or that has EXRULE or RANGE (not supported)."""
    for name in ("DTSTART", "DTEND"):
        if name in event and type(getattr(event[name], "dt", None)) is not date:
            raise ValueError(f"has an event whose {name} is not a date: {_summary(event)}")
    if "DURATION" in event:
        lasts = getattr(event["DURATION"], "dt", None)
        if not isinstance(lasts, timedelta) or lasts % timedelta(days=1) or lasts < timedelta():
            raise ValueError(f"has an event whose DURATION is not a number of days: {_summary(event)}")
    if "DTEND" in event and ("DURATION" in event or event["DTEND"].dt < _begin(event)):
        raise ValueError(f"has an event that ends before it starts, or has both DTEND and DURATION: {_summary(event)}")
    if "EXRULE" in event:
        raise ValueError(f"has an event with EXRULE, which is out of use; list the dates in EXDATE: {_summary(event)}")
    if "RANGE" in getattr(event.get("RECURRENCE-ID"), "params", ()):
        raise ValueError(
            "has an event that replaces all later ones (RANGE in RECURRENCE-ID);"
            f" write a rule that ends with UNTIL, and one that begins then: {_summary(event)}"
        )


def _summary(event: Any) -> str:
    texts = event.get("SUMMARY", "")
    return shown(str(texts[0] if isinstance(texts, list) else texts))


def _begin(event: Any) -> date:
    day: date = event["DTSTART"].dt
    return day


def _length(event: Any) -> int:
    """Return how many days an event lasts, at least 1. For more than 10,000 days, return 10,001."""
    if "DTEND" in event:
        days = (event["DTEND"].dt - _begin(event)).days  # DTEND is the day after the last day
    else:
        days = event["DURATION"].dt.days if "DURATION" in event else 1
    return min(max(int(days), 1), MOST_DAYS_OFF + 1)


def _rule(event: Any) -> str:
    """Return the rule by which an event recurs, or "" if the event has no rule.

    The end of the rule (UNTIL) becomes a date. Raise ValueError for two rules, or for an unsupported rule, such as an
    hourly one.
    """
    rule = event.get("RRULE")
    if isinstance(rule, list):
        raise ValueError(f"has an event with two rules of recurrence: {_summary(event)}")
    if rule is None:
        return ""
    text = re.sub(r"UNTIL=(\d{8})T\w+", r"UNTIL=\1", rule.to_ical().decode())
    _check_number(len(text), LONGEST_RULE, "characters in a rule")
    for pattern, why in REFUSED_RULES.items():
        if re.search(pattern, re.sub(r"^(.*);(FREQ=\w+)", r"\2;\1", text)):
            raise ValueError(f"has the rule {shown(text)}; {why}")
    return text


def _starts(event: Any, rule: str, until: date) -> Iterator[date]:
    """Yield the date on which each occurrence of an event begins, up to and including the date `until`.

    `rule` is the rule of the event, as `_rule` returns it. The dates in the property RDATE are occurrences too. The
    dates in EXDATE are left out.
    """
    begin = _begin(event)
    left_out = set(_listed(event, "EXDATE"))
    found = {begin, *_listed(event, "RDATE")}
    if rule:
        with LOADING:
            from dateutil.rrule import rrulestr
        try:
            recurring = rrulestr(rule, dtstart=datetime.combine(begin, time()))
            start, end = (datetime.combine(day, time()) for day in (begin, until))
            fits = recurring.after(start, inc=True) is not None
            most = MOST_DAYS_OFF + 1 + len(left_out)  # the caller refuses more
            occurrences = [*islice(takewhile(lambda at: at <= end, recurring), most)] if fits else None
        except (ValueError, TypeError) as fault:
            raise ValueError(f"has the rule {shown(rule)}, which cannot be read: {brief(fault)}") from fault
        if occurrences is None:
            raise ValueError(f"has the rule {shown(rule)}, which fits no date: {_summary(event)}")
        found |= {at.date() for at in occurrences}
    yield from sorted(day for day in found - left_out if day <= until)


def _listed(event: Any, name: str) -> Iterator[date]:
    """Yield the dates in a property of an event, such as EXDATE.

    Raise ValueError for a period of time, and for a time of day other than midnight.
    """
    values = event.get(name, [])
    for value in values if isinstance(values, list) else [values]:
        for day in getattr(value, "dts", [value]):
            at = getattr(day, "dt", None)
            if not isinstance(at, date) or (isinstance(at, datetime) and at.time() != time()):
                raise ValueError(f"has an event with a period or a time in {name}; a holiday is a whole day")
            yield at.date() if isinstance(at, datetime) else at
