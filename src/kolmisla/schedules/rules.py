"""The rules that say when a schedule is open: weekly hours, always, never, or several rules combined."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from kolmisla.errors import ScheduleError
from kolmisla.instants import DAY, EPOCH_DAY, Pair, clipped, difference, duration, intersection, merged, union
from kolmisla.schedules.days.calendar import Calendar
from kolmisla.schedules.days.dated_hours import dated_hours
from kolmisla.schedules.days.dates import ALL_YEARS, YEARS
from kolmisla.schedules.days.hours import DayHours
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
AFTER = 1  # a date after a stretch may have hours in it, because a zone's date may differ from the date in UTC


def opening_spans(zone: ZoneInfo, dated: Iterable[tuple[int, DayHours]]) -> Iterator[Pair]:
    """Yield each span of hours as a pair of instants. `dated` has dates (ordinals) in `zone`, each with its hours.

    A boundary that DST skips moves forward by the length of the gap. If DST repeats a boundary, the first of the two
    instants counts (RFC 5545, 3.3.5; the standard library's fold=0). A pair is empty if its start has moved past its
    end. A date that the zone skips completely (Apia, 2011-12-30) has no hours.
    """
    known = 0, 0  # a date, and the offset at its beginning
    for day, hours in dated:
        wall, shift = datetime.fromordinal(day), (day - EPOCH_DAY) * DAY
        ahead = known[1] if known[0] == day else offset(zone, wall)
        known = day + 1, offset(zone, wall + ONE_DAY)
        if known[1] - ahead >= DAY:
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

Horizon = tuple[int, int, str]  # the first and the last instant that a rule knows, and a text with the known years

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
        """None: the rule is the same in every zone."""

    @property
    def horizon(self) -> Horizon:
        """All years for which a schedule can answer."""
        return AT_MOST

    @property
    def has_hours(self) -> bool:
        """Whether the rule is ever open."""
        return self.is_open

    def holiday_name(self, day: int) -> None:
        """Return None, because the rule has no holidays."""

    def spans(self, start: int, end: int) -> list[Pair]:
        """Return the open spans from start up to end."""
        return [(start, end)] if self.is_open else []


class Weekly(NamedTuple):
    """The hours of each date in a zone."""

    timezone: str
    calendar: Calendar

    @property
    def has_hours(self) -> bool:
        """Whether any weekday or date exception has hours. Holidays and dates that the zone skips are ignored."""
        return self.calendar.has_hours

    @property
    def horizon(self) -> Horizon:
        """The start and the end of the known dates in the zone (instants), and a text that names the known years.

        Hours past midnight belong to the day on which they start. If there are hours past midnight, 1 January of a
        country's first known year also depends on the day before, which is unknown. So the horizon begins on 2 January.
        """
        zone = zone_named(self.timezone)
        first, after = self.calendar.known_days
        return midnight(zone, first), midnight(zone, after), self.calendar.holidays.known

    def holiday_name(self, day: int) -> str | None:
        """Return the name of the holiday on a date (an ordinal), or None if the date has no name.

        Raises HorizonError for a year whose holidays are not known.
        """
        return dated_hours(self.calendar).name(day)

    def spans(self, start: int, end: int) -> list[Pair]:
        """Return the open spans from start up to end."""
        hours = dated_hours(self.calendar)
        dated = hours.dated(start // DAY + EPOCH_DAY - hours.days_before, end // DAY + EPOCH_DAY + AFTER)
        return clipped(merged(opening_spans(zone_named(self.timezone), dated)), start, end)


class Combined(NamedTuple):
    """Rules combined by `&`, `|` or `-`, in the zone of the first rule that has a zone.

    The rules and signs are in postfix order: `a b | c -` means `(a | b) - c`. So one flat tuple holds any
    number of operations. Comparing, pickling and answering need no recursion, however many operations there are.
    """

    postfix: tuple["Constant | Weekly | Sign", ...]

    @property
    def has_hours(self) -> None:
        """None: only a search of the open spans can tell whether the rule is ever open."""

    @classmethod
    def of(cls, left: "Rule", sign: Sign, right: "Rule") -> "Combined":
        """Combine two rules by one operation, or raise ScheduleError if the result would combine too many rules."""
        one, other = _postfix(left), _postfix(right)
        parts = (len(one) + 1) // 2 + (len(other) + 1) // 2  # n parts are joined by n - 1 signs
        if parts > MOST_PARTS:
            raise ScheduleError(f"a schedule must be made of at most {MOST_PARTS:,} schedules, not {parts:,}")
        return cls((*one, *other, sign))

    @property
    def timezone(self) -> str | None:
        """The zone of the answers: the zone of the first rule that has a zone. None means UTC."""
        return next((part.timezone for part in self.parts if part.timezone), None)

    @property
    def parts(self) -> "list[Constant | Weekly]":
        """The rules that are combined, from left to right."""
        return [part for part in self.postfix if not isinstance(part, str)]

    @property
    def horizon(self) -> Horizon:
        """The horizon within which all rules are known."""
        return self.folded(lambda part: part.horizon, lambda left, _, right: both_known(left, right))

    def holiday_name(self, day: int) -> str | None:
        """Return the name of the holiday on a date (an ordinal), or None if the date is no holiday.

        The first rule that has a holiday on the date gives the name. Subtracted rules are ignored.
        """
        return self.folded(
            lambda part: part.holiday_name(day), lambda left, sign, right: left if sign == "-" else left or right
        )

    def spans(self, start: int, end: int) -> list[Pair]:
        """Return the open spans from start up to end."""
        return self.folded(lambda part: part.spans(start, end), lambda left, sign, right: OPERATIONS[sign](left, right))

    def folded(self, of_part: "Callable[[Constant | Weekly], T]", combine: Callable[[T, Sign, T], T]) -> T:
        """Evaluate the operations. `of_part` gives the value of a rule, and `combine` joins two values into one."""
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
    """Return the horizon within which both rules are known."""
    start, end = max(left[0], right[0]), min(left[1], right[1])
    if (start, end) == left[:2]:
        return left
    return right if (start, end) == right[:2] else (start, end, f"{left[2]}; {right[2]}")
