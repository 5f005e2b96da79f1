"""The rules that say when a schedule is open: weekly hours, always, never, or several rules combined."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from kolmisla.errors import HorizonError, ScheduleError
from kolmisla.instants import DAY, EPOCH_DAY, Pair, clipped, difference, duration, intersection, merged, union
from kolmisla.schedules.holidays import ALL_YEARS, YEARS, CountryHolidays, HolidayCalendar, between
from kolmisla.times.zones import midnight, offset, zone_named

__all__ = [
    "AFTER",
    "BEFORE",
    "MOST_PARTS",
    "Combined",
    "Constant",
    "DayHours",
    "Horizon",
    "Rule",
    "Sign",
    "Week",
    "Weekly",
    "both_known",
]

DayHours = tuple[Pair, ...]
Week = tuple[DayHours, DayHours, DayHours, DayHours, DayHours, DayHours, DayHours]
ONE_DAY = timedelta(days=1)
MOST_PARTS = 1_000  # the most schedules that one schedule may combine; every answer needs all of them
# Up to this many days before and after a stretch may have hours that reach into the stretch. Hours last up to two days,
# and a zone's date may differ from the date in UTC.
BEFORE, AFTER = 3, 1


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
    """Weekly hours in a zone, closed on holidays. For its dates, `exceptions` overrides `week` and `holidays`."""

    timezone: str
    week: Week
    holidays: HolidayCalendar
    exceptions: tuple[tuple[int, DayHours], ...]  # pairs of a date (an ordinal) and its hours, in order of date

    @property
    def has_hours(self) -> bool:
        """Whether any weekday or date exception has hours. Holidays and dates that the zone skips are ignored."""
        return any(self.week) or any(hours for _, hours in self.exceptions)

    @property
    def horizon(self) -> Horizon:
        """The start and the end of the known years in the zone (instants), and a text that names the known years.

        Hours past midnight belong to the day on which they start. If there are hours past midnight, 1 January of a
        country's first known year also depends on the day before, which is unknown. So the horizon begins on 2 January.
        """
        zone, years = zone_named(self.timezone), self.holidays.years
        every_day = (*self.week, *dict(self.exceptions).values())
        overnight = any(closes > DAY for hours in every_day for _, closes in hours)
        late = overnight and isinstance(self.holidays, CountryHolidays)
        start = date(years.start, 1, 2 if late else 1).toordinal()
        return midnight(zone, start), midnight(zone, date(years.stop, 1, 1).toordinal()), self.holidays.known

    def holiday_name(self, day: int) -> str | None:
        """Return the name of the holiday on a date (an ordinal), or None if the date is no holiday.

        Raises HorizonError for a year whose holidays are not known.
        """
        year = date.fromordinal(day).year
        if year not in self.holidays.years:
            raise HorizonError(f"{date.fromordinal(day)} is outside what the schedule knows: {self.holidays.known}")
        return self.holidays.days(year).get(day)

    def spans(self, start: int, end: int) -> list[Pair]:
        """Return the open spans from start up to end."""
        first, last = start // DAY + EPOCH_DAY - BEFORE, end // DAY + EPOCH_DAY + AFTER
        return clipped(merged(opening_spans(zone_named(self.timezone), self._dated(first, last))), start, end)

    def _dated(self, first: int, last: int) -> Iterator[tuple[int, DayHours]]:
        """Yield each date from first to last (ordinals) that has hours, together with its hours."""
        exceptions = dict(between(self.exceptions, first, last))
        if not any(self.week):
            yield from exceptions.items()
            return
        years = range(date.fromordinal(first).year, date.fromordinal(last).year + 1)
        if isinstance(self.holidays, CountryHolidays):  # a list of holidays is complete for all years
            known = self.holidays.years
            years = range(max(years.start, known.start), min(years.stop, known.stop))
        for year in years:
            holidays = self.holidays.days(year)
            for day in range(max(first, date(year, 1, 1).toordinal()), min(last, date(year, 12, 31).toordinal()) + 1):
                hours = exceptions.get(day)
                if hours is None:
                    hours = () if day in holidays else self.week[(day - 1) % 7]
                if hours:
                    yield day, hours


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
