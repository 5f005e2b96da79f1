"""Schedules, which answer questions about when time counts."""

import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Unpack, final
from zoneinfo import ZoneInfo

from kolmisla.errors import ScheduleError, choices, expect, shown
from kolmisla.schedules.notation import (
    Eves,
    Exceptions,
    Holidays,
    Hours,
    ScheduleDocument,
    Seasons,
    document_of,
    rule_of,
    text_of,
    weekly,
)
from kolmisla.schedules.rules import Combined, Constant, Horizon, Rule, Sign, Weekly, both_known
from kolmisla.schedules.timeline import Timeline
from kolmisla.schedules.weeks import spans_by_week, unopened_rule
from kolmisla.times.instants import Span, duration, instants_in, length, micros
from kolmisla.times.zones import zone_or_utc

__all__ = ["ALWAYS", "NEVER", "Schedule", "rule_behind", "unopened"]


@final
class Schedule:
    """Weekly hours in a time zone, with holidays and exceptions. A schedule is a frozen value.

    The keys of `hours` are weekdays or ranges of weekdays. `24:00` is a valid end. If an end is not after its start, it
    is on the next day, and the hours belong to the day on which they start. `holidays` is a country's code (`LT`,
    `US-MA`), a complete list of dates, or a list of both. `exceptions` has other hours for days, such as `2026-12-24`,
    `12-24` (of every year), `12-27/01-02`, `easter-2` or `workday before 12-25`. `seasons` has other weekly hours for
    ranges of days. `eves` has the hours of the calendar day before a public holiday, if that day is worked. If several
    of these settings name one day, the most specific one counts; docs/policies.md has the order.

    Hours of `08:00-18:00` are open at 08:00:00 and closed at 18:00:00. Open time is real (UTC) time, also when clocks
    change. An opening or closing time that DST skips moves forward by the gap. Of a repeated time, the first counts.

    Instants must be aware datetimes (else NaiveTimeError). Answers are in the schedule's zone. A schedule answers for
    the years whose holidays are known, at most 1900 to 2200. It raises HorizonError for an instant or an answer
    outside these years. Invalid arguments raise ScheduleError, which lists every fault.

    >>> office = Schedule(timezone="Europe/Vilnius", hours={"mon-fri": ["08:00-18:00"]}, holidays="LT")
    >>> office.due(datetime.fromisoformat("2026-07-03T16:30+03:00"), timedelta(hours=2)).isoformat()
    '2026-07-07T08:30:00+03:00'
    """

    __slots__ = ("_instant", "_rule", "timeline")
    __array_ufunc__, __pandas_priority__ = None, 10_000  # so `&` with an array or a column is refused

    _rule: Rule
    timeline: Timeline  # gives the same answers in integers, for modules that import this module
    _instant: Callable[[int], datetime]

    def __init__(
        self,
        timezone: str | ZoneInfo,
        hours: Hours,
        *,
        holidays: Holidays = (),
        exceptions: Exceptions | None = None,
        seasons: Seasons | None = None,
        eves: Eves | None = None,
    ) -> None:
        """Make a schedule from a time zone, hours by weekday, holidays, exceptions, seasons and eves."""
        parts = {"holidays": holidays, "exceptions": exceptions, "seasons": seasons, "eves": eves}
        self._set(weekly({"timezone": timezone, "hours": hours, **parts}))

    def _set(self, rule: Rule, horizon: Horizon | None = None) -> None:
        zone = zone_or_utc(rule.timezone)
        for name, value in (
            ("_rule", rule),
            ("timeline", Timeline(spans_by_week(rule), *(horizon or rule.horizon))),
            ("_instant", instants_in(zone)),
        ):
            object.__setattr__(self, name, value)

    @classmethod
    def _of(cls, rule: Rule, horizon: Horizon | None = None) -> "Schedule":
        schedule = object.__new__(cls)
        schedule._set(rule, horizon)
        return schedule

    @property
    def timezone(self) -> str | None:
        """The IANA name of the zone in which datetimes are returned. None means UTC, as for ALWAYS and NEVER."""
        return self._rule.timezone

    @property
    def never_opens(self) -> bool:
        """Whether this schedule is never open, like NEVER.

        >>> NEVER.never_opens, (ALWAYS - ALWAYS).never_opens, ALWAYS.never_opens
        (True, True, False)
        """
        return unopened(self, sys.maxsize) is not None

    def is_open(self, at: datetime) -> bool:
        """Tell whether time counts at this instant.

        >>> ALWAYS.is_open(datetime.fromisoformat("2026-12-25T03:00Z"))
        True
        """
        return self.timeline.is_open(micros(at))

    def next_open(self, at: datetime) -> datetime:
        """Return `at` itself if time counts at `at`, else the next instant at which time counts.

        >>> night = Schedule(timezone="UTC", hours={"mon-sun": ["22:00-06:00"]})
        >>> night.next_open(datetime.fromisoformat("2026-07-03T07:00Z")).isoformat()
        '2026-07-03T22:00:00+00:00'
        """
        return self._instant(self.timeline.next_open(micros(at)))

    def next_close(self, at: datetime) -> datetime:
        """Return the first instant after `at` at which an open period ends.

        >>> night = Schedule(timezone="UTC", hours={"mon-sun": ["22:00-06:00"]})
        >>> night.next_close(datetime.fromisoformat("2026-07-03T06:00Z")).isoformat()
        '2026-07-04T06:00:00+00:00'
        """
        return self._instant(self.timeline.next_close(micros(at)))

    def previous_close(self, at: datetime) -> datetime:
        """Return `at` itself if time counted just before `at`, else the last end of an open period before `at`.

        >>> night = Schedule(timezone="UTC", hours={"mon-sun": ["22:00-06:00"]})
        >>> night.previous_close(datetime.fromisoformat("2026-07-03T07:00Z")).isoformat()
        '2026-07-03T06:00:00+00:00'
        """
        return self._instant(self.timeline.previous_close(micros(at)))

    def previous_open(self, at: datetime) -> datetime:
        """Return the last instant before `at` at which an open period starts.

        >>> night = Schedule(timezone="UTC", hours={"mon-sun": ["22:00-06:00"]})
        >>> night.previous_open(datetime.fromisoformat("2026-07-03T07:00Z")).isoformat()
        '2026-07-02T22:00:00+00:00'
        """
        return self._instant(self.timeline.previous_open(micros(at)))

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """Return the open time from start to end, to the microsecond. The result is negative if end is before start.

        >>> night = Schedule(timezone="Europe/Vilnius", hours={"sat": ["22:00-06:00"]})  # DST begins that night
        >>> night.elapsed(datetime.fromisoformat("2026-03-28T12:00Z"), datetime.fromisoformat("2026-03-29T12:00Z"))
        datetime.timedelta(seconds=25200)
        """
        return duration(self.timeline.elapsed(micros(start), micros(end)))

    def due(self, start: datetime, within: timedelta) -> datetime:
        """Return the earliest instant t with elapsed(start, t) == within.

        The answer may be a closing time, but not the opening time after it. A duration of zero is due at `start`. For a
        negative duration, return the latest instant t with elapsed(t, start) == -within.

        >>> office = Schedule(timezone="Europe/Vilnius", hours={"mon-fri": ["08:00-18:00"]})
        >>> office.due(datetime.fromisoformat("2026-07-03T16:00+03:00"), timedelta(hours=2)).isoformat()
        '2026-07-03T18:00:00+03:00'
        """
        return self._instant(self.timeline.due(micros(start), length(within)))

    def spans(self, start: datetime, end: datetime) -> Iterator[Span]:
        """Yield the open periods from `start` to `end`, in order. Parts of periods outside this time are left out.

        >>> office = Schedule(timezone="UTC", hours={"mon-fri": ["08:00-12:00", "13:00-18:00"]})
        >>> friday, saturday = map(datetime.fromisoformat, ("2026-07-03T10:00Z", "2026-07-04T00:00Z"))
        >>> [str(span.duration) for span in office.spans(friday, saturday)]
        ['2:00:00', '5:00:00']
        """
        instant = self._instant
        return (Span(instant(a), instant(b)) for a, b in self.timeline.spans(micros(start), micros(end)))

    def holiday_name(self, day: date) -> str | None:
        """Return the name of the exception or the holiday on a date, or None if the date has no name.

        The name is English if the package `holidays` has English names. A date with a name need not be closed, because
        an exception may open it. Raises HorizonError for a year whose holidays are not known.

        >>> Schedule(timezone="Europe/Vilnius", hours={}, holidays="LT").holiday_name(date(2026, 7, 6))
        'Statehood Day'
        """
        if isinstance(day, datetime) or not isinstance(day, date):
            raise TypeError(f"day must be a date, not {shown(day)}")
        return self._rule.holiday_name(day.toordinal())

    def replace(self, **changes: Unpack[ScheduleDocument]) -> "Schedule":
        """Return a copy of the schedule with another timezone, or other hours, holidays, exceptions, seasons or eves.

        Raises ScheduleError for ALWAYS, NEVER and combined schedules, which do not have these parts.

        >>> office = Schedule(timezone="UTC", hours={"mon-fri": ["08:00-18:00"]})
        >>> office.replace(exceptions={date(2026, 12, 31): ["08:00-12:00"]})
        Schedule(timezone='UTC', hours={'mon-fri': ['08:00-18:00']}, exceptions={'2026-12-31': ['08:00-12:00']})
        """
        if not isinstance(self._rule, Weekly):
            raise ScheduleError(f"replace() needs a schedule of weekly hours, not {shown(self)}")
        return Schedule(**{**self.to_dict(), **changes})

    def to_dict(self, *, named: Mapping[str, "Schedule"] | None = None) -> dict[str, Any]:
        """Return this schedule as a table ready for JSON, with keys such as timezone, hours and holidays.

        ALWAYS is `{"open": "always"}`. A combined schedule is like `{"union": [...]}`, with the key `union`,
        `intersection` or `difference`. In its list, a schedule that is in `named` is written as its name.

        >>> Schedule(timezone="UTC", hours={"mon": ["8:00-18:00"], "tuesday": ["08:00-18:00"]}).to_dict()
        {'timezone': 'UTC', 'hours': {'mon-tue': ['08:00-18:00']}}
        """
        expect("named", {} if named is None else named, Mapping)
        for name, schedule in (named or {}).items():
            expect(f"the schedule {shown(name)}", schedule, Schedule)
        parts = named if named and isinstance(self._rule, Combined) else {}
        return document_of(self._rule, {schedule._rule: name for name, schedule in parts.items()})

    @classmethod
    def from_dict(cls, document: object, *, named: Mapping[str, "Schedule"] | None = None) -> "Schedule":
        """Make a schedule from a table as `to_dict` returns it. The table may refer to schedules in `named` by name.

        Raises ScheduleError, which lists every fault.

        >>> early, late = (Schedule("UTC", {"mon": [hours]}) for hours in ("04:00-12:00", "11:00-20:00"))
        >>> Schedule.from_dict({"union": ["early", "late"]}, named={"early": early, "late": late}) == early | late
        True
        """
        expect("named", {} if named is None else named, Mapping)

        def rule(name: str) -> Rule:
            if named is None or name not in named:
                raise ScheduleError(f"{shown(name)} is not one of the schedules: {choices(named or ())}")
            expect(f"the schedule {shown(name)}", named[name], Schedule)
            return named[name]._rule

        return cls._of(rule_of(document, rule))

    def __and__(self, other: "Schedule") -> "Schedule":
        """Return a schedule that is open while left and right are both open. Its zone is left's, else right's."""
        return self._combined("&", other)

    def __or__(self, other: "Schedule") -> "Schedule":
        """Return a schedule that is open while left or right is open, or both are. Its zone is left's, else right's."""
        return self._combined("|", other)

    def __sub__(self, other: "Schedule") -> "Schedule":
        """Return a schedule that is open while left is open and right is not. Its zone is left's, else right's."""
        return self._combined("-", other)

    def _combined(self, sign: Sign, other: object) -> "Schedule":
        return self._made_with(sign, other) if isinstance(other, Schedule) else NotImplemented

    def _made_with(self, sign: Sign, other: "Schedule") -> "Schedule":
        left, right = self.timeline, other.timeline
        horizon = both_known((left.start, left.end, left.known), (right.start, right.end, right.known))
        return Schedule._of(Combined.of(self._rule, sign, other._rule), horizon)

    def __eq__(self, other: object) -> bool:
        return self._rule == other._rule if isinstance(other, Schedule) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._rule)

    def __reduce__(self) -> tuple[Callable[[Rule], "Schedule"], tuple[Rule]]:
        return Schedule._of, (self._rule,)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a schedule is frozen; replace() makes another schedule with a different {name}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a schedule is frozen; {name} cannot be deleted")

    def __repr__(self) -> str:
        return text_of(self._rule)


def rule_behind(schedule: Schedule) -> Rule:
    """Return the rule of a schedule, for modules that need its parts, such as its weekly hours."""
    return schedule._rule


@lru_cache(maxsize=256)  # the editions of a policy share most of their schedules
def unopened(schedule: Schedule, most: int) -> str | None:
    """Return None if a schedule opens, else a message. `most` limits the cost of the search: see `unopened_rule`.

    >>> unopened(NEVER, 1000), unopened(ALWAYS - NEVER, 1000), unopened(ALWAYS - ALWAYS, 80)
    ('never opens', None, 'does not open from 2020 to 2059')
    """
    return unopened_rule(schedule._rule, schedule.timeline, most)


ALWAYS = Schedule._of(Constant(True))
"""Round the clock, every day: 24x7."""

NEVER = Schedule._of(Constant(False))
"""Never open. During a pause, a clock counts by this schedule."""
