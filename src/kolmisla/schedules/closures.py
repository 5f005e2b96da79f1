"""Why a schedule is closed: a holiday, a weekend, a date without hours, or a time outside the day's hours."""

from collections.abc import Iterator
from datetime import datetime

from kolmisla.errors import HorizonError, expect
from kolmisla.schedules.schedule import Schedule
from kolmisla.times.instants import DAY, DAY_NAMES, instants_in, micros
from kolmisla.times.zones import midnight, midnight_after, zone_or_utc

__all__ = ["OUTSIDE", "WEEKEND", "hours", "reason_closed"]

OUTSIDE, WEEKEND = "outside the day's hours", "weekend"
LONG = 400 * DAY  # a closed stretch that is longer is not split into days


def hours(schedule: Schedule, start: int, end: int) -> Iterator[tuple[int, int, bool, str]]:
    """Yield each stretch of time from `start` to `end` in which the schedule stays open, or closed for one reason.

    An item has four parts: the start, the end, whether the schedule is open, and why it is closed. For an open stretch,
    the last part is "".
    """
    at = start
    for opens, closes in [*schedule.timeline.spans(start, end), (end, end)]:
        if at < opens:
            yield from _closed(schedule, at, opens)
        if opens < closes:
            yield opens, closes, True, ""
        at = closes


def _closed(schedule: Schedule, start: int, end: int) -> Iterator[tuple[int, int, bool, str]]:
    """Yield the parts of a stretch in which the schedule is closed, each with its reason.

    Days in a row that are closed for the same reason are one part. A stretch of more than 400 days is one part too,
    with the reason `no hours`.
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
