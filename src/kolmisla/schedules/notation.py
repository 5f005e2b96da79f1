"""How schedules are read from documents, and written as documents.

The document of a schedule is a table of plain values, in one of these forms:

{"timezone": "Europe/Vilnius", "hours": {"mon-fri": ["08:00-18:00"]}, "holidays": "LT"}
{"open": "always"}, {"open": "never"}
{"union": [...]}, {"intersection": [...]}, {"difference": [...]}   where [...] lists documents or names of schedules

A schedule of weekly hours may also have `exceptions`, `seasons` and `eves`.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import reduce
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar
from zoneinfo import ZoneInfo

from kolmisla.errors import Fault, ScheduleError, as_text, listing, shown
from kolmisla.names import LOADING, did_you_mean
from kolmisla.schedules.days.calendar import Calendar
from kolmisla.schedules.days.countries import with_code
from kolmisla.schedules.days.dated_hours import dated_hours
from kolmisla.schedules.days.hours import week_hours, week_text
from kolmisla.schedules.days.listed import ListedHolidays
from kolmisla.schedules.nesting import SETS, check_nesting
from kolmisla.schedules.rules import Combined, Constant, Rule, Sign, Weekly
from kolmisla.times.zones import zone_named

if TYPE_CHECKING:  # most schedules do not need this module
    from kolmisla.schedules.days.holidays import HolidayCalendar

__all__ = [
    "OPEN",
    "Eves",
    "Exceptions",
    "Holidays",
    "Hours",
    "ScheduleDocument",
    "Seasons",
    "document_of",
    "rule_of",
    "text_of",
    "weekly",
]

T = TypeVar("T")

Hours = Mapping[str, Iterable[str]]
Holidays = str | Iterable[date | str | Mapping[Any, Any]] | Mapping[Any, Any]
Exceptions = Mapping[date, Any] | Mapping[str, Any]  # hours, or a table with hours and a name
Seasons = Mapping[str, Mapping[str, Hours]]
Eves = Mapping[str, Any]  # {"shorter": a duration} or {"hours": hours}


class ScheduleDocument(TypedDict, total=False):
    """The keys of the document of a schedule of weekly hours."""

    timezone: str | ZoneInfo
    hours: Hours
    holidays: Holidays
    exceptions: Exceptions | None
    seasons: Seasons | None
    eves: Eves | None


Operand = tuple[str, Sign | None]  # the Python expression of a rule, and the sign of its last operation
Written = tuple[Rule, dict[str, Any]]  # a rule, and its document

PARTS = ("timezone", "hours", "holidays", "exceptions", "seasons", "eves")
OTHER_PARTS = ("exceptions", "seasons", "eves")
LENGTH_OF_CODE = 2
OPEN = {"always": Constant(True), "never": Constant(False)}
SCHEDULE_FORMS = f"a schedule has {', '.join(PARTS)}, or only one of open, {', '.join(SETS)}"


def weekly(parts: Mapping[str, object]) -> Weekly:
    """Return the rule of a schedule of weekly hours, read from its parts. Raise ScheduleError, which lists every fault.

    `parts` has the parts by name, such as `hours` and `holidays`.
    """
    faults: list[Fault] = []
    zone = _part("timezone", lambda: zone_named(parts["timezone"]).key, faults)  # type: ignore[arg-type]  # it checks
    week = _part("hours", lambda: week_hours(parts["hours"]), faults)
    holidays = _part("holidays", lambda: _holidays(parts.get("holidays")), faults)
    others = {name: given for name in OTHER_PARTS if (given := parts.get(name)) is not None}
    read = {name: _part(name, lambda name=name: _other(name, others[name]), faults) for name in others}  # type: ignore[misc]
    if zone is not None and week is not None and holidays is not None and not faults:
        calendar = Calendar(week, holidays, **read)  # type: ignore[arg-type]  # without faults
        if calendar.exceptions:
            _part("exceptions", lambda: _check_relative(calendar), faults)
        if not faults:
            return Weekly(zone, calendar)
    error = ScheduleError(listing(fault.text if len(fault.place) == 1 else str(fault) for fault in faults))
    error.faults = tuple(faults)
    raise error


def _holidays(given: object) -> "HolidayCalendar":
    """Return the holiday calendar that `given` describes. None and an empty tuple describe a calendar without holidays.

    Most schedules have no holidays, or those of a country's code. For these, no further module is loaded.
    """
    if given is None or (isinstance(given, tuple) and not given):
        return ListedHolidays()
    if isinstance(given, str) and len(given) == LENGTH_OF_CODE:
        return with_code(given)
    with LOADING:
        from kolmisla.schedules.days.holiday_notation import holidays_of
    return holidays_of(given)


def _other(name: str, given: object) -> Any:
    """Read the part `name` of a schedule: exceptions, seasons or eves."""
    with LOADING:
        from kolmisla.schedules.days.other import exceptions
    read: Callable[[object], Any] = getattr(exceptions, f"{name}_of")
    return read(given)


def _check_relative(calendar: Calendar) -> None:
    """Raise ScheduleError for a relative day such as `Midsummer-1` if no holiday is called Midsummer.

    Raise it also if two relative days give one date different hours. Only the SAMPLE_YEARS are checked.
    """
    with LOADING:
        from kolmisla.schedules.days.holiday_notation import SAMPLE_YEARS
        from kolmisla.schedules.days.other.when import Rank

    if any(when.rank == Rank.RELATIVE for when, _, _ in calendar.exceptions):
        dated, known = dated_hours(calendar), calendar.holidays.years
        dated.other.check_anchors(year for year in SAMPLE_YEARS if year in known)
        for year in SAMPLE_YEARS:
            dated.special(year)


def rule_of(document: object, named: Callable[[str], Rule]) -> Rule:
    """Read the rule that a document describes. Raise ScheduleError, which lists every fault.

    The document may refer to other schedules by name. `named` takes such a name, and returns the rule of that schedule.
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
        if alone:
            raise ScheduleError.listing(Fault((key,), f"must be the only key; {SCHEDULE_FORMS}") for key in alone)
        known = (*PARTS, "open", *SETS)
        raise ScheduleError.listing(
            Fault((key,), f"is not known here; {did_you_mean(as_text(key), known)}{SCHEDULE_FORMS}") for key in others
        )
    missing = [Fault((key,), "is missing") for key in PARTS[:2] if key not in document]
    if missing:
        raise ScheduleError.listing(missing)
    return weekly(document)


def document_of(rule: Rule, names: Mapping[Rule, str]) -> dict[str, Any]:
    """Return the document of a rule, ready for JSON. In a combined rule, a rule in `names` is written as its name."""
    if isinstance(rule, Constant):
        return {"open": "always" if rule.is_open else "never"}
    if isinstance(rule, Combined):
        return _document_of_all(rule, names)
    calendar = rule.calendar
    document: dict[str, Any] = {"timezone": rule.timezone, "hours": week_text(calendar.week)}
    with LOADING:
        from kolmisla.schedules.days.holiday_notation import holidays_document
        from kolmisla.schedules.days.other.exceptions import eves_document, exceptions_document, seasons_document
    parts = {
        "holidays": holidays_document(calendar.holidays),
        "exceptions": exceptions_document(calendar.exceptions),
        "seasons": seasons_document(calendar.seasons),
        "eves": eves_document(calendar.eves) if calendar.eves else {},
    }
    return document | {name: part for name, part in parts.items() if part}


def text_of(rule: Rule) -> str:
    """Return Python code that makes the schedule with this rule, such as `(ALWAYS - NEVER)`."""
    if isinstance(rule, Combined):
        text, _ = rule.folded(lambda part: (text_of(part), None), _chained)
        return f"({text})"
    if isinstance(rule, Constant):
        return "ALWAYS" if rule.is_open else "NEVER"
    return f"Schedule({', '.join(f'{name}={value!r}' for name, value in document_of(rule, {}).items())})"


def _chained(left: Operand, sign: Sign, right: Operand) -> Operand:
    """Join two Python expressions by a sign.

    Put the left expression in brackets if its last operation has another sign. Put the right expression in brackets if
    it has any sign.
    """
    first, second = (
        f"({text})" if within and within != beside else text for (text, within), beside in ((left, sign), (right, None))
    )
    return f"{first} {sign} {second}", sign


def _part(name: str, make: Callable[[], T], faults: list[Fault]) -> T | None:
    """Return the result of `make`. If `make` raises ValueError, add its faults to `faults` and return None.

    `name` is put in front of the place of each fault.
    """
    try:
        return make()
    except ScheduleError as error:
        faults += [fault.within(name) for fault in error.faults or (Fault((), str(error)),)]
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
    """Return the document of a combined rule.

    Rules that are joined one after another by the same sign, as in `a | b | c`, become one list.
    """
    keys = {sign: key for key, sign in SETS.items()}

    def named(part: Written) -> Any:
        return names[part[0]] if names and part[0] in names else part[1]

    def combined(left: Written, sign: Sign, right: Written) -> Written:
        key, first = keys[sign], left[0]
        chained = isinstance(first, Combined) and first.postfix[-1] == sign
        parts = left[1][key] if chained else [named(left)]
        return Combined.of(first, sign, right[0]), {key: [*parts, named(right)]}

    return rule.folded(lambda part: (part, document_of(part, names)), combined)[1]
