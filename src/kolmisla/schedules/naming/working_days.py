"""The working days of a schedule: the dates on which hours begin, and when each of them opens and closes.

Hours that go past midnight belong to the date on which they begin. On a combined schedule, a working day is a date with
open time, and closes at midnight at the latest.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from kolmisla.errors import HorizonError
from kolmisla.schedules.days.dated_hours import dated_hours
from kolmisla.schedules.naming.wall_clock import on_wall
from kolmisla.schedules.rules import Weekly, opening_spans
from kolmisla.schedules.schedule import Schedule, rule_behind
from kolmisla.times.zones import midnight

__all__ = ["AT_ONCE", "BEFORE", "Day", "DayTable", "WorkingDays", "working_days"]

BEFORE = 2  # hours that begin so many days before a date may last into the date
AT_ONCE = 400  # how many dates are computed at once

Interval = tuple[int, int, int]  # the ordinal of a date, and the instants between which it has hours


class Day(NamedTuple):
    """A working day: its date (an ordinal), the instant of its first opening and the instant of its last closing."""

    date: int
    opens: int
    closes: int


class DayTable(NamedTuple):
    """The working days from the date `first` up to but not including the date `after`, in parallel lists."""

    first: int
    after: int
    days: list[int]  # the ordinals of their dates
    opens: list[int]  # the first opening of each
    closes: list[int]  # the last closing of each
    starts: list[int]  # from `starts[i]` on, open time belongs to the working day `days[owners[i]]`
    owners: list[int]
    hours: list[Interval]  # the intervals from which the table was made


class WorkingDays:
    """The working days of one schedule, computed about a year at a time, when a question needs them.

    The schedule knows the dates from `known_from` up to but not including `known_to` (ordinals).
    """

    __slots__ = ("_schedule", "_table", "known_from", "known_to", "zone")

    def __init__(self, schedule: Schedule, zone: ZoneInfo) -> None:
        self._schedule, self.zone = schedule, zone
        self.known_from = on_wall(zone, schedule.timeline.start)[0]
        self.known_to = on_wall(zone, schedule.timeline.end)[0]
        self._table = _table_of(0, 0, [])

    def covering(self, first: int, last: int) -> DayTable:
        """Return a table with the known working days from the date `first` to `last`, and perhaps with more days."""
        least, table = self.known_from - BEFORE, self._table
        lo, hi = max(first, least), min(last + 1, self.known_to)
        if table.first <= lo and hi <= table.after:
            return table
        if table.first == table.after:
            lo, hi = max(lo - AT_ONCE, least), max(min(hi + AT_ONCE, self.known_to), least)
            table = _table_of(lo, hi, list(self._hours(lo, hi)))
        else:
            lo = max(lo - AT_ONCE, least) if lo < table.first else table.first
            hi = min(hi + AT_ONCE, self.known_to) if hi > table.after else table.after
            before, behind = self._hours(lo, table.first), self._hours(table.after, hi)
            table = _table_of(lo, hi, [*before, *table.hours, *behind])
        self._table = table
        return table

    def intervals(self, first: int, last: int) -> list[Interval]:
        """Return the intervals of hours on the dates from `first` to `last`, as far as the schedule knows them."""
        hours = self.covering(first, last).hours
        return hours[bisect_left(hours, (first,)) : bisect_left(hours, (last + 1,))]

    def running(self, at: int, day: int) -> int:
        """Return the date of the working day to which the instant `at` belongs.

        Time must count at `at`, and `day` must be the date of `at`.
        """
        table = self.covering(day - BEFORE, day)
        return table.days[table.owners[bisect_right(table.starts, at) - 1]]

    def of(self, day: int) -> Day | None:
        """Return the working day on a date, or None if no hours begin on the date."""
        table = self.covering(day, day)
        index = bisect_left(table.days, day)
        found = index < len(table.days) and table.days[index] == day
        return Day(day, table.opens[index], table.closes[index]) if found else None

    def after(self, day: int, number: int) -> Day:
        """Return a working day after the date `day`: the next one if `number` is 1, the second if it is 2, and so on.

        Raise HorizonError if the schedule does not know it.
        """
        last = day + number
        while True:
            table = self.covering(day, last)
            index = bisect_right(table.days, day) + number - 1
            if index < len(table.days):
                return Day(table.days[index], table.opens[index], table.closes[index])
            if table.after >= self.known_to:
                known = self._schedule.timeline.range
                raise HorizonError(f"the answer is later than what the schedule knows: {known}")
            last = 2 * table.after - table.first

    def _hours(self, first: int, after: int) -> Iterator[Interval]:
        """Yield the intervals of hours on the dates from `first` up to but not including `after`, in order of dates."""
        rule, zone = rule_behind(self._schedule), self.zone
        if isinstance(rule, Weekly):
            for day, hours in dated_hours(rule.calendar).dated(first, after - 1):
                yield from ((day, a, b) for a, b in opening_spans(zone, [(day, hours)]) if a < b)
            return
        timeline = self._schedule.timeline
        for day in range(first, after):
            start, end = max(midnight(zone, day), timeline.start), min(midnight(zone, day + 1), timeline.end)
            yield from ((day, a, b) for a, b in timeline.spans(start, end))


def _table_of(first: int, after: int, hours: list[Interval]) -> DayTable:
    days: list[int] = []
    opens: list[int] = []
    closes: list[int] = []
    spans: list[tuple[int, int, int]] = []  # the start of an interval, its end, and the index of its working day
    for day, start, end in hours:
        if not days or days[-1] != day:
            days.append(day)
            opens.append(start)
            closes.append(end)
        opens[-1], closes[-1] = min(opens[-1], start), max(closes[-1], end)
        spans.append((start, end, len(days) - 1))
    starts, owners = [], []
    for start, owner in _turns(sorted(spans)):
        starts.append(start)
        owners.append(owner)
    return DayTable(first, after, days, opens, closes, starts, owners, hours)


def _turns(spans: list[tuple[int, int, int]]) -> Iterator[tuple[int, int]]:
    """Yield pairs of an instant and the index of the working day to which open time belongs from this instant on.

    `spans` has the start, the end and the index of each interval of hours. Where intervals overlap, the one that began
    last counts.
    """
    running: list[tuple[int, int]] = []  # the end and the working day of each interval, in order of the starts
    for start, end, owner in [*spans, (1 << 62, 0, 0)]:
        while running and running[-1][0] <= start:
            ended, _ = running.pop()
            while running and running[-1][0] <= ended:
                running.pop()
            if running:
                yield ended, running[-1][1]
        if start < end:
            yield start, owner
            running.append((end, owner))


@lru_cache(maxsize=256)
def working_days(schedule: Schedule, zone: ZoneInfo) -> WorkingDays:
    """Return the working days of a schedule.

    `zone` must be the schedule's zone or, if the schedule has none, the policy's zone.
    """
    return WorkingDays(schedule, zone)
