"""Schedules from documents, and documents from schedules.

The document of a schedule is a table, the same in Python, TOML and JSON. It has one of these forms:

{"timezone": "Europe/Vilnius", "hours": {"mon-fri": ["08:00-18:00"]}, "holidays": "LT"}
{"open": "always"}, {"open": "never"}
{"union": [...]}, {"intersection": [...]}, {"difference": [...]}   where [...] lists documents or names of schedules

Internally, a day's hours are spans of microseconds since midnight. An end past 24 h lies on the next day.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import reduce
from itertools import islice
from typing import Any, TypeVar

from kolmisla.errors import Fault, ScheduleError, as_text, is_iterable, listing, shown
from kolmisla.instants import DAY, SECOND, Pair, merged
from kolmisla.schedules.holidays import CountryHolidays, as_date, holidays_of
from kolmisla.schedules.nesting import SETS, check_nesting
from kolmisla.schedules.rules import Combined, Constant, DayHours, Rule, Sign, Week, Weekly
from kolmisla.times.zones import zone_named

__all__ = ["DAYS", "OPEN", "document_of", "rule_of", "text_of", "weekly"]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FULL_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

MOST_SPANS = 100  # in one day; even spans of 15 minutes with breaks of 15 minutes are only 48

TIME = r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?"
INTERVAL = re.compile(f"{TIME}-(?:{TIME}|(24:00(?::00)?))", re.ASCII)


def week_hours(hours: object) -> Week:
    """Return the hours of seven days from Monday. The keys of `hours` are weekdays (`mon`) or ranges (`mon-fri`).

    Raises ValueError if an entry is invalid, or if a weekday is given more than once. The message names the entry and
    the valid form.
    """
    if not isinstance(hours, Mapping):
        raise ValueError(f'hours must be a mapping such as {{"mon-fri": ["08:00-18:00"]}}, not {shown(hours)}')
    week: list[DayHours | None] = [None] * 7
    for name, texts in hours.items():
        times = day_hours(texts, name)
        for i in _weekdays(name):
            if week[i] is not None:
                raise ValueError(f"hours[{shown(name)}] gives {DAYS[i]} a second time")
            week[i] = times
    mon, tue, wed, thu, fri, sat, sun = (times or () for times in week)
    return mon, tue, wed, thu, fri, sat, sun


def day_hours(texts: object, place: object) -> DayHours:
    """Read the hours of one day from a list of `HH:MM-HH:MM`.

    The list may be empty, and times may have seconds. `24:00` is a valid end. An end that is not after its start lies
    past midnight, but the span belongs to this day. Raises ValueError for invalid hours. The message names `place`.
    """
    if isinstance(texts, str) or not is_iterable(texts):
        raise ValueError(
            f'hours[{shown(as_text(place))}] must be a list such as ["08:00-12:00", "13:00-18:00"], not {shown(texts)}'
        )
    spans = list(islice(texts, MOST_SPANS + 1))
    if len(spans) > MOST_SPANS:
        raise ValueError(f"hours[{shown(as_text(place))}] must have at most {MOST_SPANS} spans")
    return tuple(merged(_interval(text, place) for text in spans))


def week_text(week: Week) -> dict[str, list[str]]:
    """Write the hours of a week in the shortest form. Successive days with equal hours become a range."""
    runs: list[tuple[int, int]] = []
    for i, day in enumerate(week):
        if runs and day == week[runs[-1][0]]:
            runs[-1] = (runs[-1][0], i)
        else:
            runs.append((i, i))
    names = [DAYS[first] if first == last else f"{DAYS[first]}-{DAYS[last]}" for first, last in runs]
    return {name: day_text(week[first]) for name, (first, _) in zip(names, runs, strict=True) if week[first]}


def day_text(day: DayHours) -> list[str]:
    """Write the hours of one day as a list of `HH:MM-HH:MM`. A stretch of more than 24 h becomes two items."""
    short = [pair for a, b in day for pair in ([(a, b)] if b - a <= DAY else [(a, DAY), (b - DAY, b)])]
    return [f"{_time_text(start)}-{_time_text(end if end <= DAY else end - DAY)}" for start, end in short]


def _weekdays(name: object) -> Iterator[int]:
    """Return the index of each weekday in a name (`mon`, `Monday`) or a range (`mon-fri`, `sat-mon`)."""
    ends = [_weekday(part, name) for part in as_text(name).split("-")]
    if len(ends) > 2:
        raise ValueError(
            f"hours must be by weekday; {shown(name)} is not one of {', '.join(DAYS)}, nor a range such as mon-fri"
        )
    first, last = ends[0], ends[-1]
    return ((first + i) % 7 for i in range((last - first) % 7 + 1))


def _weekday(part: str, name: object) -> int:
    part = part.strip().lower()
    for names in (DAYS, FULL_NAMES):
        if part in names:
            return names.index(part)
    raise ValueError(
        f"hours must be by weekday; {shown(name)} is not one of {', '.join(DAYS)}, nor a range such as mon-fri"
    )


def _interval(text: object, day: object) -> Pair:
    match = INTERVAL.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        wanted = "must have HH:MM-HH:MM from 00:00 to 24:00, such as 08:00-18:00"
        raise ValueError(f"hours[{shown(str(day))}] {wanted}, not {shown(text)}")
    start = _since_midnight(*match.group(1, 2, 3))
    end = DAY if match[7] else _since_midnight(*match.group(4, 5, 6))
    return start, end if end > start else end + DAY


def _since_midnight(hour: str, minute: str, second: str | None) -> int:
    return ((int(hour) * 60 + int(minute)) * 60 + int(second or 0)) * SECOND


def _time_text(us: int) -> str:
    minutes, second = divmod(us // SECOND, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}" + (f":{second:02}" if second else "")


def dated_hours(exceptions: object) -> tuple[tuple[int, DayHours], ...]:
    """Return pairs of a date (an ordinal) and its hours, in order of date. Raise ValueError for invalid hours."""
    if not isinstance(exceptions, Mapping):
        raise ValueError(
            f'exceptions must be a mapping such as {{"2026-12-31": ["08:00-12:00"]}}, not {shown(exceptions)}'
        )
    hours = {
        as_date(day, "dates in exceptions").toordinal(): day_hours(texts, day) for day, texts in exceptions.items()
    }
    if len(hours) < len(exceptions):
        raise ValueError("exceptions gives one day both as a date and as text")
    return tuple(sorted(hours.items()))


T = TypeVar("T")

Operand = tuple[str, Sign | None]  # the Python expression of a rule, and the sign of its last operation
Written = tuple[Rule, dict[str, Any]]  # a rule, and its document

PARTS = ("timezone", "hours", "holidays", "exceptions")
OPEN = {"always": Constant(True), "never": Constant(False)}
SCHEDULE_FORMS = f"a schedule has {', '.join(PARTS)}, or only one of open, {', '.join(SETS)}"


def weekly(timezone: object, hours: object, holidays: object, exceptions: object) -> Weekly:
    """Make the rule of weekly hours, or raise a ScheduleError that lists the faults of all parts."""
    faults: list[Fault] = []
    zone = _part("timezone", lambda: zone_named(timezone).key, faults)  # type: ignore[arg-type]  # zone_named checks
    week = _part("hours", lambda: week_hours(hours), faults)
    calendar = _part("holidays", lambda: holidays_of(holidays), faults)
    dated = _part("exceptions", lambda: dated_hours({} if exceptions is None else exceptions), faults)
    if zone is None or week is None or calendar is None or dated is None:
        error = ScheduleError(listing(fault.text for fault in faults))
        error.faults = tuple(faults)
        raise error
    return Weekly(zone, week, calendar, dated)


def rule_of(document: object, named: Callable[[str], Rule]) -> Rule:
    """Make the rule that a document describes, or raise a ScheduleError that lists every fault.

    For a name in the document, `named(name)` returns the rule of the schedule with that name.
    """
    check_nesting(document)
    return _rule_of(document, named)


def _rule_of(document: object, named: Callable[[str], Rule]) -> Rule:
    if not isinstance(document, Mapping):
        raise ScheduleError(f"a schedule must be a table, not {shown(document)}; {SCHEDULE_FORMS}")
    keys = set(document)
    if keys == {"open"}:
        return _constant(document["open"])
    for key, sign in SETS.items():
        if keys == {key}:
            return _combined(key, document[key], sign, named)
    others = [key for key in document if key not in PARTS]
    if others:
        alone = [key for key in others if key in ("open", *SETS)]
        text = "must be the only key" if alone else "is not known here"
        raise ScheduleError.listing(Fault((key,), f"{text}; {SCHEDULE_FORMS}") for key in alone or others)
    missing = [Fault((key,), "is missing") for key in PARTS[:2] if key not in document]
    if missing:
        raise ScheduleError.listing(missing)
    return weekly(document["timezone"], document["hours"], document.get("holidays", ()), document.get("exceptions"))


def document_of(rule: Rule, names: Mapping[Rule, str]) -> dict[str, Any]:
    """Return the document of a rule, ready for JSON. In a combined rule, a part in `names` is written as its name."""
    if isinstance(rule, Constant):
        return {"open": "always" if rule.is_open else "never"}
    if isinstance(rule, Combined):
        return _document_of_all(rule, names)
    document: dict[str, Any] = {"timezone": rule.timezone, "hours": week_text(rule.week)}
    holidays = rule.holidays
    if isinstance(holidays, CountryHolidays):
        document["holidays"] = holidays.code
    elif holidays.listed:
        document["holidays"] = {date.fromordinal(day).isoformat(): name for day, name in holidays.listed}
    if rule.exceptions:
        document["exceptions"] = {date.fromordinal(day).isoformat(): day_text(hours) for day, hours in rule.exceptions}
    return document


def text_of(rule: Rule) -> str:
    """Return the Python expression that makes the schedule of this rule."""
    if isinstance(rule, Combined):
        text, _ = rule.folded(lambda part: (text_of(part), None), _chained)
        return f"({text})"
    if isinstance(rule, Constant):
        return "ALWAYS" if rule.is_open else "NEVER"
    return f"Schedule({', '.join(f'{name}={value!r}' for name, value in document_of(rule, {}).items())})"


def _chained(left: Operand, sign: Sign, right: Operand) -> Operand:
    """Join two operands by a sign.

    A combined operand gets brackets, unless it is on the left and its own last sign is the same.
    """
    first, second = (
        f"({text})" if within and within != beside else text for (text, within), beside in ((left, sign), (right, None))
    )
    return f"{first} {sign} {second}", sign


def _part(name: str, make: Callable[[], T], faults: list[Fault]) -> T | None:
    """Return the result of `make`. If `make` raises ValueError, add a fault of the part `name` and return None."""
    try:
        return make()
    except ValueError as fault:
        faults.append(Fault((name,), str(fault)))
        return None


def _constant(word: object) -> Constant:
    if isinstance(word, str) and word in OPEN:
        return OPEN[word]
    raise ScheduleError.listing([Fault(("open",), f"{shown(word)} is not one of {', '.join(OPEN)}")])


def _combined(key: str, parts: object, sign: Sign, named: Callable[[str], Rule]) -> Rule:
    if not isinstance(parts, (list, tuple)) or len(parts) < 2:
        wanted = "must be a list of two or more schedules, by name or written out"
        raise ScheduleError.listing([Fault((key,), f"{wanted}, not {shown(parts)}")])
    rules: list[Rule] = []
    faults: list[Fault] = []
    for index, part in enumerate(parts):
        try:
            rules.append(named(part) if isinstance(part, str) else _rule_of(part, named))
        except ScheduleError as error:
            faults += [fault.within(key, index) for fault in error.faults or (Fault((), str(error)),)]
    if faults:
        raise ScheduleError.listing(faults)
    return reduce(lambda left, right: Combined.of(left, sign, right), rules)


def _document_of_all(rule: Combined, names: Mapping[Rule, str]) -> dict[str, Any]:
    """Return the document of a combined rule. A chain of operations with the same sign becomes one list."""
    keys = {sign: key for key, sign in SETS.items()}

    def named(part: Written) -> Any:
        return names[part[0]] if names and part[0] in names else part[1]

    def combined(left: Written, sign: Sign, right: Written) -> Written:
        key, first = keys[sign], left[0]
        chained = isinstance(first, Combined) and first.postfix[-1] == sign
        parts = left[1][key] if chained else [named(left)]
        return Combined.of(first, sign, right[0]), {key: [*parts, named(right)]}

    return rule.folded(lambda part: (part, document_of(part, names)), combined)[1]
