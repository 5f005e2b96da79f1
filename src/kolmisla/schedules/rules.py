"""The rules that say when a schedule is open: weekly hours, always, never, or several rules combined."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from kolmisla.errors import ScheduleError
from kolmisla.schedules.days.calendar import Calendar
from kolmisla.schedules.days.dated_hours import dated_hours
from kolmisla.schedules.days.hours import DayHours
from kolmisla.times.dates import ALL_YEARS, YEARS
from kolmisla.times.instants import DAY, EPOCH_DAY, Pair, clipped, difference, duration, intersection, merged, union
from kolmisla.times.zones import midnight, offset, zone_named

__all__ = [
    "AFTER",
    "MOST_PARTS",
    "Combined",
    "Constant",
    "Horizon",
    "Rule",
    "Sign",
    "Weekly",
    "both_known",
]

ONE_DAY = timedelta(days=1)
MOST_PARTS = 1_000  # the most schedules that one schedule may combine; every answer needs all of them
AFTER = 1  # days; dates in a zone may begin so long before the same dates in UTC


def opening_spans(zone: ZoneInfo, dated: Iterable[tuple[int, DayHours]]) -> Iterator[Pair]:
    """Yield the instants at which each span of hours begins and ends. A span may be empty.

    `dated` has the ordinals and the hours of dates in `zone`. A skipped time moves forward by the gap. Of a repeated
    time, the first counts (RFC 5545, 3.3.5).
    """
    known = 0, 0  # a date, and the offset at its beginning
    for day, hours in dated:
        wall, shift = datetime.fromordinal(day), (day - EPOCH_DAY) * DAY
        ahead = known[1] if known[0] == day else offset(zone, wall)
        known = day + 1, offset(zone, wall + ONE_DAY)
        if known[1] - ahead >= DAY:  # the zone skips the whole date (Apia, 2011-12-30)
            continue
        for opens, closes in hours:
            if ahead == known[1] and closes <= DAY:  # the offset does not change on this day
                yield shift + opens - ahead, shift + closes - ahead
            else:
                yield (
                    shift + opens - offset(zone, wall + duration(opens)),
                    shift + closes - offset(zone, wall + duration(closes)),
                )


T = TypeVar("T")

Sign = Literal["&", "|", "-"]

OPERATIONS: dict[Sign, Callable[[list[Pair], list[Pair]], list[Pair]]] = {
    "&": intersection,
    "|": union,
    "-": difference,
}

Horizon = tuple[int, int, str]  # the first and the last instant that a rule knows, and text that names the years

AT_MOST = (
    (date(YEARS.start, 1, 1).toordinal() - EPOCH_DAY) * DAY,
    (date(YEARS.stop, 1, 1).toordinal() - EPOCH_DAY) * DAY,
    ALL_YEARS,
)


class Constant(NamedTuple):
    """A rule that is open at every instant, or at no instant. The rule has no zone."""

    is_open: bool

    @property
    def timezone(self) -> None:
        """None, because the rule is the same in every zone."""

    @property
    def horizon(self) -> Horizon:
        """All years for which schedules answer."""
        return AT_MOST

    @property
    def has_hours(self) -> bool:
        """Whether the rule is ever open."""
        return self.is_open

    def holiday_name(self, day: int) -> None:
        """Return None, because the rule has no holidays."""

    def spans(self, start: int, end: int) -> list[Pair]:
        """Return the start and the end of each open span between `start` and `end`."""
        return [(start, end)] if self.is_open else []


class Weekly(NamedTuple):
    """A rule that is open in the hours of each date of a calendar, in a time zone."""

    timezone: str
    calendar: Calendar

    @property
    def has_hours(self) -> bool:
        """Whether a weekday, or an exception for a single date, has hours. Holidays do not change the answer."""
        return self.calendar.has_hours

    @property
    def horizon(self) -> Horizon:
        """The start and the end of the dates that the calendar knows, as instants, and text that names the years."""
        zone = zone_named(self.timezone)
        first, after = self.calendar.known_days
        return midnight(zone, first), midnight(zone, after), self.calendar.holidays.known

    def holiday_name(self, day: int) -> str | None:
        """Return the name of the exception or the holiday on a date (an ordinal), or None if the date has no name.

        Raises HorizonError for a year whose holidays are not known.
        """
        return dated_hours(self.calendar).name(day)

    def spans(self, start: int, end: int) -> list[Pair]:
        """Return the start and the end of each open span between `start` and `end`."""
        hours = dated_hours(self.calendar)
        dated = hours.dated(start // DAY + EPOCH_DAY - hours.days_before, end // DAY + EPOCH_DAY + AFTER)
        return clipped(merged(opening_spans(zone_named(self.timezone), dated)), start, end)


class Combined(NamedTuple):
    """Several rules combined by `&`, `|` or `-`, in the zone of the first rule that has a zone.

    The postfix order `a b | c -` means `(a | b) - c`. Python can compare and pickle this flat tuple without recursion.
    """

    postfix: tuple["Constant | Weekly | Sign", ...]

    @property
    def has_hours(self) -> None:
        """None, because only a search can tell whether the combined rules are ever open."""

    @classmethod
    def of(cls, left: "Rule", sign: Sign, right: "Rule") -> "Combined":
        """Combine two rules by `&`, `|` or `-`. Raise ScheduleError if the result would combine too many rules."""
        one, other = _postfix(left), _postfix(right)
        parts = (len(one) + 1) // 2 + (len(other) + 1) // 2  # n parts are joined by n - 1 signs
        if parts > MOST_PARTS:
            raise ScheduleError(f"a schedule must be made of at most {MOST_PARTS:,} schedules, not {parts:,}")
        return cls((*one, *other, sign))

    @property
    def timezone(self) -> str | None:
        """The name of the zone of the answers, which is the zone of the first rule that has one. None means UTC."""
        return next((part.timezone for part in self.parts if part.timezone), None)

    @property
    def parts(self) -> "list[Constant | Weekly]":
        """The rules that are combined, from left to right."""
        return [part for part in self.postfix if not isinstance(part, str)]

    @property
    def horizon(self) -> Horizon:
        """The stretch of time that all rules know, and a text that names the known years."""
        return self.folded(lambda part: part.horizon, lambda left, _, right: both_known(left, right))

    def holiday_name(self, day: int) -> str | None:
        """Return the name of the exception or the holiday on a date (an ordinal), or None if the date has no name.

        The leftmost rule that has a name counts. Rules behind a `-` are ignored.
        """
        return self.folded(
            lambda part: part.holiday_name(day), lambda left, sign, right: left if sign == "-" else left or right
        )

    def spans(self, start: int, end: int) -> list[Pair]:
        """Return the start and the end of each open span between `start` and `end`."""
        return self.folded(lambda part: part.spans(start, end), lambda left, sign, right: OPERATIONS[sign](left, right))

    def folded(self, of_part: "Callable[[Constant | Weekly], T]", combine: Callable[[T, Sign, T], T]) -> T:
        """Return a value for the combined rules.

        `of_part` gives the value of one rule, and `combine` joins two values by a sign.
        """
        values: list[T] = []
        for step in self.postfix:
            if isinstance(step, str):
                right = values.pop()
                values.append(combine(values.pop(), step, right))
            else:
                values.append(of_part(step))
        (value,) = values
        return value


Rule = Constant | Weekly | Combined


def _postfix(rule: Rule) -> "tuple[Constant | Weekly | Sign, ...]":
    return rule.postfix if isinstance(rule, Combined) else (rule,)


def both_known(left: Horizon, right: Horizon) -> Horizon:
    """Return the horizon of two rules together: the time that both know, and text for messages.

    The texts of both rules are joined, unless one rule knows exactly this time.
    """
    start, end = max(left[0], right[0]), min(left[1], right[1])
    if (start, end) == left[:2]:
        return left
    return right if (start, end) == right[:2] else (start, end, f"{left[2]}; {right[2]}")
