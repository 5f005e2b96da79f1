"""Finds the hours of each date of a schedule, and how they differ from the weekday's usual hours.

A span belongs to the date on which it begins. If it lasts more than 24 hours by the clock, it is cut at each midnight.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache, partial

from kolmisla.documents.remembered import remembered
from kolmisla.errors import HorizonError, ScheduleError, expect, shown
from kolmisla.reports.json_forms import CalendarDayDict
from kolmisla.schedules.closures import OUTSIDE, WEEKEND, reason_closed
from kolmisla.schedules.schedule import Schedule
from kolmisla.schedules.timeline import Timeline
from kolmisla.times.dates import YEARS
from kolmisla.times.instants import DAY, EPOCH_DAY, SECOND, Pair, Span, duration, instants_in, length, merged, seconds
from kolmisla.times.zones import midnight, offset, zone_or_utc

__all__ = ["CLOSED", "CalendarDay", "calendar_days", "days_in_force", "open_text"]

CLOSED = "closed"
CLOSING_DAY, OPENING_DAY, OTHER_HOURS = "closing day", "opening day", "other hours"
NO_NAME = (OUTSIDE, WEEKEND)  # reasons for closed hours that do not say why a date is not as usual
USUAL_WEEKS = 8  # the usual hours of a weekday are its most frequent hours in this many weeks before and after
WINDOW = 2 * USUAL_WEEKS + 1  # weeks in a row; if hours are the most frequent in so many weeks, they are usual too
DATES_KEPT = 1 << 13  # the dates of more than twenty years, whose midnights are remembered
REACH = 2 * DAY  # an open span that belongs to a date begins and ends at most so long before or after the date

InForce = tuple[int, Schedule]  # the instant from which a schedule is in force, and the schedule
DayKey = tuple[Pair, ...]  # the hours of a date by the clock: microseconds since the date's midnight


@dataclass(frozen=True)
class CalendarDay:
    """A date, its hours, and the usual hours of its weekday.

    The hours are text such as `08:00-12:00, 13:00-18:00` or `closed`.

    `spans` has the open spans that begin on the date. `usual` has the most frequent hours of the weekday from 8 weeks
    before the date to 8 weeks after it. Near the start or end of a season, many of these weeks may have other hours. So
    if the date's own hours are the most frequent in at least one run of 17 weeks with the date, `usual` has them.
    `reason` says why the hours are not usual, or why the date is closed. For other dates it is empty. If the schedule
    does not know the whole date, `known` is False, `spans` is empty, and `reason` says which years are known.
    """

    date: date
    hours: str
    spans: tuple[Span, ...]
    usual: str
    differs: bool
    reason: str
    known: bool = True

    @remembered
    def open(self) -> timedelta:
        """How long the schedule is open in the spans that begin on the date."""
        return sum((span.duration for span in self.spans), timedelta())

    def to_dict(self) -> CalendarDayDict:
        """Return the day as a dict that JSON can hold."""
        return {
            "date": self.date.isoformat(),
            "hours": [{"opens_at": span.start.isoformat(), "closes_at": span.end.isoformat()} for span in self.spans],
            "open_s": seconds(length(self.open)) if self.known else None,
            "usual": self.usual,
            "differs": self.differs,
            "reason": self.reason or None,
            "known": self.known,
        }


def calendar_days(schedule: Schedule, first: date, last: date) -> tuple[CalendarDay, ...]:
    """Return the days of a schedule from one date to another, both included.

    Dates are dates in the schedule's zone, or in UTC for a schedule without a zone. Raise HorizonError if the schedule
    knows none of the dates, and ScheduleError if `last` is before `first`.

    >>> from kolmisla import KOLMISOFT
    >>> day, *_ = calendar_days(KOLMISOFT.schedules["working-hours"], date(2026, 7, 6), date(2026, 7, 12))
    >>> day.hours, day.usual, day.reason
    ('closed', '08:00-18:00', 'Statehood Day')
    """
    expect("schedule", schedule, Schedule)
    for name, day in (("first", first), ("last", last)):
        if isinstance(day, datetime) or not isinstance(day, date):
            raise TypeError(f"{name} must be a date, not {shown(day)}")
    if last < first:
        raise ScheduleError(f"the last date must not be before the first, but {last} is before {first}")
    return days_in_force([(schedule.timeline.start, schedule)], first, last, zone_or_utc(schedule.timezone))


def days_in_force(turns: Sequence[InForce], first: date, last: date, zone: tzinfo) -> tuple[CalendarDay, ...]:
    """Return the days from one date to another, for schedules in force one after the other.

    `turns` has each schedule and the instant from which it is in force. Dates are dates in `zone`. Raise HorizonError
    if none of the dates is known.
    """
    calendar = _Calendar(turns, zone)
    possible = first.year in YEARS and last.year in YEARS
    days = tuple(calendar.days(first.toordinal(), last.toordinal())) if possible else ()
    if not any(day.known for day in days):
        known = calendar.in_force(turns[0][0]).timeline.range
        raise HorizonError(f"{first} to {last} is outside what the schedule knows: {known}")
    return days


class _Calendar:
    """Finds the days of schedules that are in force one after the other. Dates are dates in one zone."""

    def __init__(self, turns: Sequence[InForce], zone: tzinfo) -> None:
        self._turns, self._zone = turns, zone
        self._instant = instants_in(zone)
        self._midnight = lru_cache(DATES_KEPT)(partial(midnight, zone))  # each midnight is needed some ten times

    def in_force(self, at: int) -> Schedule:
        """Return the schedule in force at an instant."""
        return next((schedule for begins, schedule in reversed(self._turns) if begins <= at), self._turns[0][1])

    def days(self, first: int, last: int) -> Iterator[CalendarDay]:
        """Yield the days from the date with the ordinal `first` to the date with the ordinal `last`, both included."""
        stretches, usual = self._stretches(first, last), dict[Schedule, _UsualHours]()
        for day in range(first, last + 1):
            schedule = self.in_force(self._midnight(day))
            if schedule not in usual:
                alone = self if len(self._turns) == 1 else _Calendar([(0, schedule)], self._zone)
                usual[schedule] = alone._usual(first, last)
            yield self._day(day, schedule, stretches.get(day, ()), usual[schedule])

    def _day(self, day: int, schedule: Schedule, pairs: Sequence[Pair], usual: "_UsualHours") -> CalendarDay:
        start, end, at = self._midnight(day), self._midnight(day + 1), date.fromordinal(day)
        if not self._knows(start, end):
            return CalendarDay(at, "?", (), "?", False, schedule.timeline.known, known=False)
        key = self._key(day, pairs)
        wanted = usual.of(day, key)
        spans = tuple(Span(self._instant(a), self._instant(b)) for a, b in pairs)
        if start == end:
            return CalendarDay(at, CLOSED, (), hours_text(wanted), True, f"no such date in {self._zone}")
        as_usual = list(pairs) == self._expected(day, wanted)
        counted, by_clock = sum(b - a for a, b in pairs), sum(b - a for a, b in wanted)
        differs, reason = not as_usual or counted != by_clock, ""
        if not as_usual:
            reason = self._reason(day, schedule, pairs, bool(wanted))
        elif differs:
            reason = f"clocks go {'forward' if counted < by_clock else 'back'}: {open_text(duration(counted))} open"
        elif not pairs and schedule.timezone:
            reason = reason_closed(schedule, self._instant(start))
        return CalendarDay(at, hours_text(key), spans, hours_text(wanted), differs, reason)

    def _reason(self, day: int, schedule: Schedule, pairs: Sequence[Pair], usually_open: bool) -> str:
        """Return why the hours of a date differ from the usual hours of its weekday."""
        timeline = schedule.timeline
        if any(a == timeline.start or b == timeline.end for a, b in pairs):
            return f"known only in part: {timeline.known}"
        try:
            holiday = schedule.holiday_name(date.fromordinal(day))
        except HorizonError:  # of a combined schedule, a part in another zone may be known only from the next date
            holiday = None
        if holiday or pairs:
            return holiday or (OTHER_HOURS if usually_open else OPENING_DAY)
        reason = reason_closed(schedule, self._instant(self._midnight(day)))
        return CLOSING_DAY if reason in NO_NAME or reason.startswith("no hours") else reason

    def _usual(self, first: int, last: int) -> "_UsualHours":
        """Return the hours of all known dates from 16 weeks before the ordinal `first` to 16 weeks after `last`."""
        begin, end = first - 7 * (WINDOW - 1), last + 7 * (WINDOW - 1)
        stretches = self._stretches(begin, end)
        known = range(begin, end + 1)
        return _UsualHours(
            {
                day: self._key(day, stretches.get(day, ()))
                for day in known
                if self._knows(self._midnight(day), self._midnight(day + 1))
            }
        )

    def _knows(self, start: int, end: int) -> bool:
        return all(
            timeline.start <= max(begin, start) and min(until, end) <= timeline.end
            for timeline, begin, until in self._pieces(start, end)
        )

    def _pieces(self, start: int, end: int) -> Iterator[tuple[Timeline, int, int]]:
        """Yield each timeline that is in force between `start` and `end`, and from when until when it is in force."""
        until = [begins for begins, _ in self._turns[1:]]
        for number, (begins, schedule) in enumerate(self._turns):
            since, to = begins if number else start, until[number] if number < len(until) else end
            if max(since, start) < min(to, end):
                yield schedule.timeline, max(since, start), min(to, end)

    def _stretches(self, first: int, last: int) -> Mapping[int, list[Pair]]:
        """Return the open spans that belong to each date. Dates are ordinals."""
        start, end = self._midnight(first) - REACH, self._midnight(last + 1) + REACH
        pairs = [
            pair
            for timeline, since, to in self._pieces(start, end)
            for pair in timeline.spans(max(since, timeline.start), min(to, timeline.end))
        ]
        stretches: dict[int, list[Pair]] = defaultdict(list)
        for opens, closes in merged(pairs):
            for day, part in self._parts(opens, closes):
                stretches[day].append(part)
        return stretches

    def _parts(self, opens: int, closes: int) -> Iterator[tuple[int, Pair]]:
        """Cut an open span into the parts that belong to different dates.

        Yield the ordinal of each date, and the part.
        """
        day = self._instant(opens).toordinal()
        if self._midnight(day + 1) <= opens:  # where DST repeats a midnight, the first one begins the date
            day += 1
        if self._face(closes) - self._face(opens) <= DAY:
            yield day, (opens, closes)
            return
        while opens < closes:
            end = min(closes, self._midnight(day + 1))
            if opens < end:  # a date that the zone skips is empty
                yield day, (opens, end)
            opens, day = end, day + 1

    def _face(self, at: int) -> int:
        """Return what clocks in the zone show at an instant, in microseconds."""
        return at + length(self._instant(at).utcoffset() or timedelta())

    def _key(self, day: int, pairs: Iterable[Pair]) -> DayKey:
        begin = (day - EPOCH_DAY) * DAY
        edges = {self._midnight(day): 0, self._midnight(day + 1): DAY}
        return tuple(tuple(edges.get(at, self._face(at) - begin) for at in pair) for pair in pairs)  # type: ignore[misc]

    def _expected(self, day: int, key: DayKey) -> list[Pair]:
        """Convert the hours of a date from times by the clock to instants.

        A time that DST skips or repeats is read with the offset that is in force before the change.
        """
        begin, wall = (day - EPOCH_DAY) * DAY, datetime.fromordinal(day)
        return merged([tuple(begin + at - offset(self._zone, wall + duration(at)) for at in pair) for pair in key])  # type: ignore[misc]


class _UsualHours:
    """The hours of many dates, to find the usual hours of each date's weekday."""

    def __init__(self, keys: Mapping[int, DayKey]) -> None:
        self._keys = keys

    def of(self, day: int, own: DayKey) -> DayKey:
        """Return the usual hours of the date's weekday in the 8 weeks before and after the date.

        These are the most frequent hours. But if the date's own hours (`own`) are the most frequent in some run of 17
        weeks that contains the date, return `own`.
        """
        near = (day + 7 * week for weeks in range(1, USUAL_WEEKS + 1) for week in (-weeks, weeks))
        counts = Counter([own, *(self._keys[other] for other in near if other in self._keys)])
        usual = max(counts, key=lambda key: counts[key])  # the first of several, in the order of the weeks
        return own if usual != own and self._is_usual_before_or_after(day, own) else usual

    def _is_usual_before_or_after(self, day: int, own: DayKey) -> bool:
        """Tell whether a date's own hours are the most frequent in some run of 17 known weeks around it."""
        reach = 7 * (WINDOW - 1)
        keys = [self._keys.get(each) for each in range(day - reach, day + reach + 1, 7)]  # None: not known
        counts = Counter(keys[: WINDOW - 1])
        for gone, new in enumerate(keys[WINDOW - 1 :]):
            counts[new] += 1
            if not counts[None] and counts[own] == max(counts.values()):
                return True
            counts[keys[gone]] -= 1
        return False


def hours_text(key: DayKey) -> str:
    """Write the hours of a date as text. `key` has the hours in microseconds after midnight, by the clock.

    >>> hours_text(((8 * 3_600_000_000, 12 * 3_600_000_000), (22 * 3_600_000_000, 30 * 3_600_000_000)))
    '08:00-12:00, 22:00-06:00'
    """
    return ", ".join(f"{_clock_text(a)}-{_clock_text(b, DAY)}" for a, b in key) or CLOSED


def _clock_text(at: int, end: int | None = None) -> str:
    if at == end:
        return "24:00"
    second, fraction = divmod(at % DAY, SECOND)
    text = f"{second // 3600:02}:{second // 60 % 60:02}"
    return text + (f":{second % 60:02}" if second % 60 or fraction else "") + (f".{fraction:06}" if fraction else "")


def open_text(within: timedelta) -> str:
    """Write an amount of open time for people, in hours, minutes and seconds.

    >>> open_text(timedelta(hours=209, minutes=30)), open_text(timedelta())
    ('209 h 30 min', '0 h')
    """
    minutes, second = divmod(length(within) // SECOND, 60)
    amounts = {"h": minutes // 60, "min": minutes % 60, "s": second}
    return " ".join(f"{amount:,} {unit}" for unit, amount in amounts.items() if amount) or "0 h"
