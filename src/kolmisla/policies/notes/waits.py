"""Which of two targets may be due later, and how much open time a week of a schedule has."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from kolmisla.errors import HorizonError
from kolmisla.policies.editions import EVER
from kolmisla.policies.terms.named_targets import named_by
from kolmisla.policies.terms.targets import Target
from kolmisla.schedules.naming.named_instant import NamedInstant, naming_of
from kolmisla.schedules.rules import Combined, Constant, Rule
from kolmisla.schedules.schedule import Schedule, rule_behind
from kolmisla.times.instants import DAY, EPOCH_DAY, Pair, length

__all__ = ["CountedTarget", "later_at", "open_week"]

SAMPLE_BEGIN = (date(2024, 1, 1).toordinal() - EPOCH_DAY) * DAY  # a Monday
YEAR_OF_WEEKS = 364 * DAY
ALL_WEEK = 7 * DAY
MOST_INSTANTS = 5_000  # the most instants at which two targets are compared


class CountedTarget(NamedTuple):
    """A target together with its schedule: an amount of open time, or the rule by which the target names an instant.

    For a target in days, `within` is 0, `named` is its rule, and `zone` is the policy's time zone.
    """

    schedule: Schedule
    within: int  # microseconds
    named: NamedInstant | None = None
    zone: ZoneInfo | None = None

    @classmethod
    def of(cls, schedule: Schedule, target: Target, zone: ZoneInfo) -> "CountedTarget":
        """Return a plan's target together with its schedule. `zone` is the policy's time zone."""
        within = target.duration
        return cls(schedule, 0, named_by(target), zone) if within is None else cls(schedule, length(within), None, zone)

    def due(self, at: int) -> int:
        """Return the instant at which the target is used up if the ticket is opened at `at`."""
        timeline = self.schedule.timeline
        if self.named is None or self.zone is None:
            return timeline.due(at, self.within)
        return timeline.due(at, timeline.elapsed(at, naming_of(self.named, self.schedule, self.zone).instant(at)))

    def turns(self, start: int, end: int) -> Iterator[int]:
        """Yield the instants from `start` to `end` that are to be tried as the opening of a ticket (see `later_at`).

        They are in no order. The schedule opens or closes at them, or the rule of a target in days changes.
        """
        if self.named is not None and self.zone is not None:
            yield from (course.since for course in naming_of(self.named, self.schedule, self.zone).courses(start, end))
        for span in self.schedule.timeline.spans(start, end):
            yield from span


@lru_cache(maxsize=1024)
def later_at(one: CountedTarget, other: CountedTarget, in_force: Pair = EVER) -> int | None:
    """Return an instant: a ticket opened then is due later by `one` than by `other`. Return None if none is found.

    At most 5,000 instants of one year are tried. Two durations on one schedule need no search.
    """
    start, end = _year(one.schedule, other.schedule, in_force=in_force)
    in_days = one.named is not None or other.named is not None
    if one.schedule == other.schedule and not in_days:
        return start if one.within > other.within else None
    turns = {start}
    if in_days:
        turns.update(at for each in (one, other) for at in each.turns(start, end) if start <= at < end)
    else:
        turns.update(closes for _, closes in one.schedule.timeline.spans(start, end))
        second = other.schedule.timeline
        for _, closes in second.spans(start, end):
            with suppress(HorizonError):
                # A ticket opened then is due by `other` exactly when the schedule of `other` closes.
                turns.add(max(start, second.due(closes, -other.within)))
    for at in sorted(turns)[:MOST_INSTANTS]:
        with suppress(HorizonError):  # a schedule does not know the years of a due time
            if one.due(at) > other.due(at):
                return at
    return None


def _year(*schedules: Schedule, in_force: Pair = EVER) -> Pair:
    """Return the start and the end of 52 weeks, or of less time, in which the hours of all schedules are known."""
    begins = max(in_force[0], *(schedule.timeline.start for schedule in schedules))
    ends = max(begins, min(in_force[1], *(schedule.timeline.end for schedule in schedules)))
    start = max(begins, min(SAMPLE_BEGIN, ends - YEAR_OF_WEEKS))
    return start, min(start + YEAR_OF_WEEKS, ends)


@lru_cache(maxsize=256)
def open_week(schedule: Schedule) -> int | None:
    """Return the open time of the week in which a schedule is open longest, or None if it is open all that week."""
    most = _open_week(rule_behind(schedule), schedule)
    return most if most < ALL_WEEK else None


def _open_week(rule: Rule, schedule: Schedule) -> int:
    if isinstance(rule, Constant):
        return ALL_WEEK * rule.is_open
    if isinstance(rule, Combined):
        start, end = _year(schedule)
        weeks = range(start, end - ALL_WEEK + 1, ALL_WEEK)
        return max((schedule.timeline.elapsed(week, week + ALL_WEEK) for week in weeks), default=ALL_WEEK)
    weeks_of_hours = (rule.calendar.week, *(season.week for season in rule.calendar.seasons))
    return max(sum(closes - opens for hours in week for opens, closes in hours) for week in weeks_of_hours)
