"""Tells when tickets are opened, by the hours of a schedule: in hours, after closing, on a holiday and so on."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from kolmisla.errors import HorizonError
from kolmisla.policies.editions import eras_of
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import starts_with_ticket
from kolmisla.schedules.closures import WEEKEND, reason_closed
from kolmisla.schedules.schedule import ALWAYS, Schedule
from kolmisla.schedules.timeline import Timeline
from kolmisla.times.instants import DAY, instants_in
from kolmisla.times.zones import midnight, zone_named, zone_or_utc

__all__ = [
    "OPENED_WHEN",
    "HoursByEdition",
    "OpeningDay",
    "Openings",
    "hours_of",
    "is_whole_week",
    "judging_editions",
    "week_outline",
    "weekly_hours",
]

# When a ticket was opened, compared with the hours of the schedule on which it counts.
OPENED_WHEN = ("in-hours", "before-opening", "in-a-break", "after-closing", "weekend", "holiday", "no-hours")
_IN_HOURS, _BEFORE, _IN_A_BREAK, _AFTER, _AT_WEEKEND, _ON_HOLIDAY, _NO_HOURS = OPENED_WHEN
SEVEN_DAYS = 7 * DAY
NO_HOURS_ON = "no hours on "  # how the text of `reason_closed` begins for a weekday without hours, such as Monday
MOST_WEEKS = 53  # the most weeks that are looked at
# The timelines of a schedule in the editions of a policy, each with the instant from which it is in force.
HoursByEdition = tuple[tuple[int, Timeline], ...]


class OpeningDay(NamedTuple):
    """The instants at which a schedule first and last opens on a local date.

    If the schedule does not open on the date, `closed` says why, with a name in OPENED_WHEN such as "holiday".
    Otherwise `closed` is None.
    """

    first: int
    last: int
    closed: str | None

    def when(self, at: int) -> str:
        """Return the name in OPENED_WHEN for `at`, an instant of the date. The schedule must be closed at `at`."""
        if self.closed is not None:
            return self.closed
        return _BEFORE if at < self.first else _AFTER if at >= self.last else _IN_A_BREAK


class Openings:
    """Compares instants with the hours of schedules. The hours of each date are looked up once and remembered."""

    def __init__(self) -> None:
        self._days: dict[tuple[int, int], OpeningDay] = {}
        self._kept: dict[int, Schedule] = {}  # so that no other schedule gets the same id

    def when(self, schedule: Schedule, at: int) -> str:
        """Return the kind of time to which an instant belongs by the hours of a schedule, such as `holiday`.

        The result is a name in OPENED_WHEN. The schedule must know the instant.

        >>> from kolmisla import KOLMISOFT
        >>> Openings().when(KOLMISOFT.schedules["working-hours"], 1_783_328_400_000_000)
        'holiday'
        """
        if schedule.timeline.is_open(at):
            return _IN_HOURS
        return self.on(schedule, instants_in(zone_or_utc(schedule.timezone))(at).toordinal(), at).when(at)

    def known(self, schedule: Schedule, at: int) -> tuple[str | None, int]:
        """Return two things: what `when` returns, and the time until the schedule opens, in microseconds.

        Return None and 0 if the schedule does not know the instant. The time is 0 if no opening is known.
        """
        try:
            when = self.when(schedule, at)
        except HorizonError:  # a ticket that waits from its opening on has a state, though its hours are not known
            return None, 0
        try:
            return when, schedule.timeline.next_open(at) - at
        except HorizonError:  # such as for a schedule that never opens, with an agreed due time
            return when, 0

    def on(self, schedule: Schedule, day: int, at: int) -> OpeningDay:
        """Return the instants of the first and of the last opening of a schedule on the date with the ordinal `day`.

        `at` is an instant of this date at which the schedule is closed.
        """
        key = id(schedule), day
        if key not in self._days:
            self._kept[id(schedule)] = schedule
            self._days[key] = _opening_day(schedule, instants_in(zone_or_utc(schedule.timezone))(at))
        return self._days[key]


def _opening_day(schedule: Schedule, local: datetime) -> OpeningDay:
    """Return when a schedule first and last opens on the date of `local`. The schedule must be closed at `local`."""
    zone, timeline, day = zone_or_utc(schedule.timezone), schedule.timeline, local.toordinal()
    start, end = midnight(zone, day), midnight(zone, day + 1)
    # HoursByEdition that began on the day before are not hours of this date.
    spans = timeline.spans(max(start - 1, timeline.start), min(end, timeline.end))
    begun = [opens for opens, _ in spans if opens >= start]
    if begun:
        return OpeningDay(begun[0], begun[-1], None)
    reason = reason_closed(schedule, local)
    if reason == WEEKEND:
        return OpeningDay(0, 0, _AT_WEEKEND)
    return OpeningDay(0, 0, _NO_HOURS if reason.startswith(NO_HOURS_ON) else _ON_HOLIDAY)


def is_whole_week(schedule: Schedule) -> bool:
    """Tell whether a schedule is always open or never open. Such a schedule has no hours to draw."""
    return schedule.never_opens or (ALWAYS - schedule).never_opens


def judging_editions(policy: Policy, metric: str, first: int, last: int) -> list[tuple[int, Policy]]:
    """Return the editions that may have judged a report's cycles, each with the instant of its start.

    The first cycle began at `first`, and the last at `last`. The edition in force when a ticket is opened judges all
    its cycles, also those that begin later.
    """
    eras, at_opening = eras_of(policy.editions), starts_with_ticket(policy, metric)
    found = [
        (since, edition) for edition, (since, until) in eras if since <= last and (until > first or not at_opening)
    ]
    return found or [(eras[0][1][0], eras[0][0])]  # which all tickets precede


def hours_of(name: str, editions: Iterable[tuple[int, Policy]]) -> HoursByEdition | None:
    """Return the hours of a schedule in editions, each given with the instant from which it is in force.

    Return None if no edition has the schedule, or if it is always or never open in each edition.
    """
    known = [(since, edition.schedules[name]) for since, edition in editions if name in edition.schedules]
    if all(is_whole_week(schedule) for _, schedule in known):
        return None
    return tuple((since, schedule.timeline) for since, schedule in known)


def week_outline(hours: HoursByEdition, zone: str, first: int, last: int) -> tuple[tuple[bool, ...], ...]:
    """Tell, for each hour of the week, whether a schedule is open at this hour in most weeks.

    The result has seven rows from Monday, of 24 hours in `zone`. The weeks are those from the instant `first` to
    `last`, but at most 53.
    """
    local = zone_named(zone)
    day = instants_in(local)(first).toordinal()
    monday = day - (day - 1) % 7
    weeks = min((last - first) // SEVEN_DAYS + 1, MOST_WEEKS)
    open_in = [[0] * 24 for _ in range(7)]
    for number in range(7 * weeks):
        begin = midnight(local, monday + number)
        for hour in range(24):  # on the few days on which clocks change, this is wrong by an hour
            at = begin + (2 * hour + 1) * DAY // 48
            timeline = next((each for since, each in reversed(hours) if since <= at), hours[0][1])
            open_in[number % 7][hour] += timeline.start <= at < timeline.end and timeline.is_open(at)
    return tuple(tuple(2 * number > weeks for number in row) for row in open_in)


def weekly_hours(hours: HoursByEdition, first: int, last: int) -> int:
    """Return how long a schedule is open in a week, as the mean over some time, in microseconds.

    The time is from `first` to `last`, but at least 52 weeks. Time that the schedule does not know is left out. If none
    is left, return 0.
    """
    end = max(last, first + 52 * SEVEN_DAYS)
    starts = [first, *(since for since, _ in hours[1:])]
    open_time = whole = 0
    for since, until, (_, timeline) in zip(starts, [*starts[1:], end], hours, strict=True):
        begin, stop = max(since, first, timeline.start), min(until, end, timeline.end)
        if begin < stop:
            open_time, whole = open_time + timeline.elapsed(begin, stop), whole + stop - begin
    return open_time * SEVEN_DAYS // whole if whole else 0
