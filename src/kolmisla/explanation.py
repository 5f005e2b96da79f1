"""Why: what stands behind an answer, in words."""

from datetime import datetime, time, timedelta

from kolmisla.schedule import Schedule
from kolmisla.spans import micros
from kolmisla.zones import zone_or_utc

__all__ = ["reason_closed"]


def reason_closed(schedule: Schedule, at: datetime) -> str:
    """Why a schedule is closed at an instant: the holiday, the weekend, the date, or the hour.

    >>> from kolmisla.kolmisoft import KOLMISOFT
    >>> reason_closed(KOLMISOFT.schedules["working-hours"], datetime.fromisoformat("2026-07-06T12:00+03:00"))
    'Statehood Day'
    """
    zone = zone_or_utc(schedule.timezone)
    day, timeline = at.astimezone(zone).date(), schedule.timeline
    start, end = (micros(datetime.combine(day + timedelta(days=n), time(), zone)) for n in (0, 1))
    begun = [opens for opens, _ in timeline.spans(max(start - 1, timeline.start), min(end, timeline.end))]
    if any(start <= opens for opens in begun):  # not the end of a night that began the day before
        return "outside the day's hours"
    weekend = "weekend" if day.weekday() >= 5 else None
    return schedule.holiday_name(day) or weekend or f"no hours on {day:%A} {day}"
