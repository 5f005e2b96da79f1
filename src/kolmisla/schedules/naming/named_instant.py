"""Which instant a target in days names, such as 16:00 on the second working day, counted from a given start.

The *effective start* is the start itself if the schedule is open, else the next opening. A cutoff may move it to the
opening of the next working day. The *first day* is the working day of the effective start or, with `from_date`, the
date of the start. Working day 1 is the next working day after it. Calendar days are counted from the date of the start.

If the named instant would be before its start, the next working day or date counts instead.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from kolmisla.errors import HorizonError
from kolmisla.schedules.naming.wall_clock import at_wall, on_wall, times_of_changes
from kolmisla.schedules.naming.working_days import AT_ONCE, BEFORE, working_days
from kolmisla.schedules.schedule import Schedule
from kolmisla.times.instants import DAY, iso
from kolmisla.times.zones import zone_named

__all__ = ["CLOSE", "Course", "NamedInstant", "InstantNaming", "naming_of"]

CLOSE = -1  # stands for a time of day: the end of the last hours that begin on a date


class NamedInstant(NamedTuple):
    """A target in days, such as the second working day at 16:00, without its schedule."""

    days: int  # working days, or calendar days if `working` is False
    working: bool
    by: int | None = None  # a time of day in microseconds, CLOSE (the end of the hours), or None (that of the start)
    from_date: bool = False  # count after the date of the start, not after the working day of the effective start
    cutoff: int | None = None  # a start at or after this time of day counts from the opening of the next working day


class Course(NamedTuple):
    """A range of starts for which a target in days follows one rule. It goes from `since` until the next Course.

    `instant` is what the target names for a start at `since`, or None if this is not known. If `grows` is true, the
    named instant moves with the start.
    """

    since: int
    instant: int | None
    grows: bool


class InstantNaming:
    """A target in days, together with its schedule. Dates and times of day are those in `zone`."""

    __slots__ = ("_days", "_schedule", "named", "zone")

    def __init__(self, named: NamedInstant, schedule: Schedule, zone: ZoneInfo) -> None:
        self.named, self._schedule, self.zone = named, schedule, zone
        self._days = working_days(schedule, zone)

    def instant(self, start: int) -> int:
        """Return the instant that the target names when time counts from `start`. Instants are in UTC microseconds.

        Raise HorizonError if the start or the instant lies in years that the schedule does not know.
        """
        timeline = self._schedule.timeline
        at = self._in_working_days(start, timeline.next_open(start)) if self.named.working else self._in_dates(start)
        if at > timeline.end:
            raise HorizonError(f"{iso(at)} is outside what the schedule knows: {timeline.range}")
        return at

    def _in_dates(self, start: int) -> int:
        number, _, by, _, _ = self.named
        day, time = on_wall(self.zone, start)
        day += number
        while True:
            hours = self._days.of(day) if by == CLOSE else None
            at = hours.closes if hours else self._on(day, time)
            if at > start or (at == start and number):
                return at
            day += 1

    def _in_working_days(self, start: int, opening: int) -> int:
        number, _, by, from_date, cutoff = self.named
        days, zone = self._days, self.zone
        today, _ = on_wall(zone, start)
        day, time = on_wall(zone, opening)
        own = days.running(opening, day)
        belongs = own if start == opening else today  # the working day to which the start belongs
        if cutoff is not None and (hours := days.of(belongs)):
            limit, past_midnight = (at_wall(zone, belongs + nights, cutoff) for nights in (0, 1))
            if limit < hours.opens and past_midnight < hours.closes:
                limit = past_midnight
            if start >= limit and hours.closes >= limit:
                own, opening, _ = days.after(belongs, 1)
                day, time = on_wall(zone, opening)
        first, least = today if from_date else own, start
        behind = day - own if by is None else 0  # a working day may open on the date after its own
        if not number:
            own_hours, least = days.of(first), opening + 1
            if own_hours or by != CLOSE:
                at = own_hours.closes if own_hours and by == CLOSE else self._on(first, time)
                if at >= least:
                    return at
            number = 1
        while True:
            hours = days.after(first, number)
            at = hours.closes if by == CLOSE else self._on(hours.date + behind, time)
            if at >= least:
                return at
            number += 1

    def _on(self, day: int, time: int) -> int:
        """Return the instant on the date `day` at the target's time of day, which is 24:00 for CLOSE.

        If the target has no time of day, return the instant at `time`.
        """
        by = self.named.by
        return at_wall(self.zone, day, time if by is None else DAY if by == CLOSE else by)

    def courses(self, start: int, end: int) -> Iterator[Course]:
        """Divide the time from `start` to `end` into ranges, and yield a Course for each.

        For all starts in a range, the named instant follows one rule: see `Course`.
        """
        for at in self.turns(start, end):
            try:
                instant = self.instant(at)
            except HorizonError:
                yield Course(at, None, grows=False)
            else:
                yield Course(at, instant, self.named.by is None and self._grows(at, instant))

    def _grows(self, start: int, instant: int) -> bool:
        """Return whether the target names a later instant than `instant` if time starts to count at `start + 1`.

        Return True also if the schedule does not know the instant that is named then.
        """
        try:
            return self.instant(start + 1) > instant
        except HorizonError:
            return True

    def turns(self, start: int, end: int) -> list[int]:
        """Return the instants from `start` to `end` at which the rule for the named instant may change: see `Course`.

        The first item is `start` or, if the schedule does not know it, the earliest known instant.
        """
        number, _, by, _, cutoff = self.named
        zone, days, timeline = self.zone, self._days, self._schedule.timeline
        start, end = max(start, timeline.start), min(end, timeline.end)
        if start > end:
            return []
        first, last = (on_wall(zone, at)[0] for at in (start, end))
        turns = {start}
        if self.named.working or by == CLOSE:
            for _, opens, closes in days.intervals(first - BEFORE, last + 1):
                turns.update((opens, closes, closes + 1))
        times = {0} if cutoff is None else {0, cutoff}
        if by is None:  # clocks may change on the date of the start, and on that of the instant
            far = min(last + 2 * number + AT_ONCE, days.known_to)
            times |= times_of_changes(zone, first, max(far, first))
        elif by != CLOSE:
            times.add(by)
        for day in range(first - 1, last + 2):
            for time in times:
                at = at_wall(zone, day, time)
                turns.update((at, at + 1))
                if by is None:
                    turns.add(at_wall(zone, day, time, fold=1))
        return sorted(at for at in turns if start <= at <= end)


@lru_cache(maxsize=256)
def naming_of(named: NamedInstant, schedule: Schedule, zone: ZoneInfo) -> InstantNaming:
    """Return a target in days together with its schedule. `zone` is used if the schedule has no time zone."""
    return InstantNaming(named, schedule, zone if schedule.timezone is None else zone_named(schedule.timezone))
