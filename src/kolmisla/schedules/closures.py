"""Why a schedule is closed: a holiday, a weekend, a date without hours, or a time outside the day's hours.

The function `closed_on` makes a copy of a schedule that is closed on further dates.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple

from kolmisla.errors import HorizonError, expect
from kolmisla.names import LOADING
from kolmisla.schedules.rules import Combined, Constant, Sign, Weekly
from kolmisla.schedules.schedule import Schedule, rule_behind
from kolmisla.times.instants import DAY, DAY_NAMES, instants_in, micros
from kolmisla.times.zones import midnight, midnight_after, zone_or_utc

__all__ = ["OUTSIDE", "WEEKEND", "closed_on", "hours", "reason_closed"]

OUTSIDE, WEEKEND = "outside the day's hours", "weekend"
LONG = 400 * DAY  # a closed stretch that is longer is not split into days


def hours(schedule: Schedule, start: int, end: int) -> Iterator[tuple[int, int, bool, str]]:
    """Yield each stretch of time from `start` to `end` in which the schedule stays open, or closed for one reason.

    An item has the start, the end, whether the schedule is open, and why it is closed ("" if it is open).
    """
    at = start
    for opens, closes in [*schedule.timeline.spans(start, end), (end, end)]:
        if at < opens:
            yield from _closed(schedule, at, opens)
        if opens < closes:
            yield opens, closes, True, ""
        at = closes


def _closed(schedule: Schedule, start: int, end: int) -> Iterator[tuple[int, int, bool, str]]:
    """Yield the parts of a closed stretch, each with its reason. Days in a row with the same reason are one part.

    A stretch of more than 400 days is one part too, with the reason `no hours`.
    """
    if end - start > LONG:
        yield start, end, False, "no hours"
        return
    zone = zone_or_utc(schedule.timezone)
    instant, began, reason = instants_in(zone), start, reason_closed(schedule, instants_in(zone)(start))
    at = midnight_after(zone, start)
    while at < end:
        next_reason = reason_closed(schedule, instant(at))
        if next_reason != reason:
            yield began, at, False, reason
            began, reason = at, next_reason
        at = midnight_after(zone, at)
    yield began, end, False, reason


def reason_closed(schedule: Schedule, at: datetime) -> str:
    """Return why a schedule is closed at an instant, such as a holiday's name or `weekend`.

    The schedule must be closed at the instant; the function does not check this. The date of the instant is the date in
    the schedule's zone. If hours begin on this date, the answer is `outside the day's hours`. Raises NaiveTimeError for
    an instant without an offset. Raises HorizonError for an instant in years that the schedule does not know.

    >>> from kolmisla import KOLMISOFT
    >>> reason_closed(KOLMISOFT.schedules["working-hours"], datetime.fromisoformat("2026-07-06T12:00+03:00"))
    'Statehood Day'
    """
    expect("schedule", schedule, Schedule)
    zone, timeline, instant = zone_or_utc(schedule.timezone), schedule.timeline, micros(at)
    timeline.is_open(instant)  # raises HorizonError if the schedule does not know the year
    day = instants_in(zone)(instant).date()
    start, end = (midnight(zone, day.toordinal() + n) for n in (0, 1))
    begun = [opens for opens, _ in timeline.spans(max(start - 1, timeline.start), min(end, timeline.end))]
    if any(start <= opens for opens in begun):  # hours that began on the day before do not count
        return OUTSIDE
    try:
        holiday = schedule.holiday_name(day)
    except HorizonError:  # a part in another zone may know the instant, but not the year of this date
        holiday = None
    return holiday or (WEEKEND if day.weekday() >= 5 else None) or f"no hours on {DAY_NAMES[day.weekday()]} {day}"


class _Part(NamedTuple):
    """A part of a combined schedule in two forms: unchanged (`open`), and closed on further dates (`closed`).

    `of_hours` is True if the part is open only in hours that belong to a date. It is False for ALWAYS.
    """

    open: Schedule
    closed: Schedule
    of_hours: bool


def closed_on(schedule: Schedule, days: Sequence[date]) -> Schedule:
    """Return a copy of a schedule in which no hours begin on `days`. A schedule without a zone does not change.

    Hours that begin on the evening before stay. In a combined schedule, each part is closed, except the parts behind a
    `-`. ALWAYS is closed from midnight to midnight.

    >>> night = Schedule(timezone="UTC", hours={"mon-sun": ["22:00-06:00"]})
    >>> closed = closed_on(night, [date(2026, 7, 7)])
    >>> closed.next_close(datetime.fromisoformat("2026-07-06T23:00Z")).isoformat()
    '2026-07-07T06:00:00+00:00'
    >>> closed.next_open(datetime.fromisoformat("2026-07-07T06:00Z")).isoformat()
    '2026-07-08T22:00:00+00:00'
    """
    if schedule.timezone is None:
        return schedule
    rule = rule_behind(schedule)
    whole = Schedule(timezone=schedule.timezone, hours={}, exceptions={day: ["00:00-24:00"] for day in days})

    def of_part(part: Constant | Weekly) -> _Part:
        one = Schedule._of(part)
        if isinstance(part, Weekly):
            return _Part(one, _hours_closed(part, days), of_hours=True)
        return _Part(one, one - whole if part.is_open else one, of_hours=not part.is_open)

    def combined(left: _Part, sign: Sign, right: _Part) -> _Part:
        if sign == "|":
            return _Part(left.open | right.open, left.closed | right.closed, left.of_hours and right.of_hours)
        if sign == "-":
            return _Part(left.open - right.open, left.closed - right.open, left.of_hours)
        # `ALWAYS & night` closes only `night`, so that its hours that began on the evening before stay.
        one = left.closed if left.of_hours or not right.of_hours else left.open
        other = right.closed if right.of_hours else right.open
        return _Part(left.open & right.open, one & other, left.of_hours or right.of_hours)

    return rule.folded(of_part, combined).closed if isinstance(rule, Combined) else of_part(rule).closed


def _hours_closed(rule: Weekly, days: Sequence[date]) -> Schedule:
    """Return the schedule of a rule, with exceptions that close each of `days`.

    If the rule already has an exception for one of these dates alone, the new exception replaces it, and keeps its
    name.
    """
    with LOADING:
        from kolmisla.schedules.days.other.exceptions import exceptions_of
    closed = exceptions_of({day: {"hours": (), "name": _name_of_exception(rule, day)} for day in days})
    replaced = {each.when for each in closed}
    kept = [each for each in rule.calendar.exceptions if each.when not in replaced]
    exceptions = tuple(sorted([*kept, *closed], key=lambda each: each.when))
    return Schedule._of(rule._replace(calendar=rule.calendar._replace(exceptions=exceptions)))


def _name_of_exception(rule: Weekly, day: date) -> str:
    """Return the name of the exception for a date, or "" if the date has no exception with a name."""
    try:
        name = rule.holiday_name(day.toordinal())
    except HorizonError:
        return ""
    of_holiday = rule.calendar.holiday_names(day.year).get(day.toordinal())
    return name if name is not None and name != of_holiday else ""
