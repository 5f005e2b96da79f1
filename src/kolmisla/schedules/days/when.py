"""The days that a text names, for hours that differ from the usual ones.

2026-12-24                           one date
2026-12-27/2026-12-31                the dates from one to another, both included
12-24                                a day of every year; 02-29 occurs in leap years only
12-27/01-02                          the days from one to another, both included, in every year
easter-2, orthodox-easter+1          a day relative to Easter
Midsummer Day-1                      a day relative to a holiday of the schedule, by its name
workday before 12-25, workday after easter   the nearest working day before or after a day
2026-05-04T12:00/2026-05-04T14:00    wall times from one to another, the end not included

A day of every year is an integer, month x 100 + day. An end of 02-28 includes 29 February.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from enum import IntEnum
from functools import cache
from typing import Literal, NamedTuple

from kolmisla import LOADING
from kolmisla.errors import shown
from kolmisla.instants import duration, length
from kolmisla.schedules.days.countries import Names, plain_name
from kolmisla.schedules.days.dates import YEARS, as_date, first_day, last_day
from kolmisla.times.zones import EPOCH_FACE

__all__ = [
    "Rank",
    "EASTERS",
    "EXAMPLES",
    "When",
    "days_of",
    "is_leap",
    "is_name",
    "overlaps",
    "relative_days",
    "text_of_when",
    "when_of",
]

EXAMPLES = "2026-12-24, 12-24, 2026-12-27/2026-12-31, 12-27/01-02, easter-2 or workday before 12-25"

MONTH_DAY = re.compile(r"(\d\d)-(\d\d)", re.ASCII)
RELATION = re.compile(r"((?i:workday) +((?i:before|after)) +)?(.*?)(?: *([+-]) *(\d{1,3}))?", re.ASCII | re.DOTALL)
EASTERS: dict[str, Literal[2, 3]] = {"easter": 3, "orthodox-easter": 2}  # the method of dateutil.easter
EASTER_DAYS = 322, 523  # between these days of a year both Easters lie, up to the year 2200
MOST_DAYS = 200  # between a relative day and its anchor
LONGEST_SEARCH = 31  # days from an anchor within which a working day is looked for
A_LEAP_YEAR = 2024
LEAP_DAY = 229
SIDES = {None: 0, "before": -1, "after": 1}


class Rank(IntEnum):
    """The forms of days. For a day that several forms name, the lowest rank wins."""

    DATE = 0
    DATES = 1
    YEARLY = 2
    RELATIVE = 3
    YEARLY_RANGE = 4
    STRETCH = 5


class When(NamedTuple):
    """The days that a text names: the form (`rank`), and its parts.

    `first` and `last` are ordinals, days of every year, or wall times in microseconds. A relative day has an `anchor`,
    the number of days from it (`first`), and in `last` whether a working day before or after it is meant.
    """

    rank: Rank
    first: int
    last: int
    anchor: str = ""

    @property
    def is_date(self) -> bool:
        """Whether one date is named, of one year."""
        return self.rank == Rank.DATE

    @property
    def margin(self) -> int:
        """How many days at the ends of a calendar's known years depend on years that are not known."""
        if self.rank != Rank.RELATIVE:
            return 0
        reach = abs(self.first) + LONGEST_SEARCH * bool(self.last)
        if is_name(self.anchor):
            return reach
        match = MONTH_DAY.fullmatch(self.anchor)
        anchors = [_in_year(_month_day(match) if match else day, A_LEAP_YEAR) + self.first for day in EASTER_DAYS]
        earliest = min(anchors) - LONGEST_SEARCH * (self.last < 0)
        latest = max(anchors) + LONGEST_SEARCH * (self.last > 0)
        return 0 if first_day(A_LEAP_YEAR) <= earliest and latest <= last_day(A_LEAP_YEAR) else reach


def when_of(given: object) -> When:
    """Read the days that a text or a date names. Raise ValueError, which lists the forms, for anything else."""
    if isinstance(given, date) and not isinstance(given, datetime):
        given = as_date(given, "a date").isoformat()
    if not isinstance(given, str):
        raise ValueError(f"days must be like {EXAMPLES}, not {shown(given)}")
    text = given.strip()
    if "/" in text:
        return _range(text)
    match = MONTH_DAY.fullmatch(text)
    if match:
        day = _month_day(match)
        return When(Rank.YEARLY, day, day)
    if text[:1].isdigit():
        ordinal = as_date(text, "a date").toordinal()
        return When(Rank.DATE, ordinal, ordinal)
    return _relative(text)


def _range(text: str) -> When:
    ends = [end.strip() for end in text.split("/")]
    if len(ends) != 2:
        raise ValueError(f"a range must be two days with a slash, such as 12-27/01-02, not {shown(text)}")
    if any("T" in end for end in ends):
        start, end = (_wall_time(end, text) for end in ends)
        if start >= end:
            raise ValueError(f"a range must end after it starts, not {shown(text)}")
        return When(Rank.STRETCH, start, end)
    matches = [MONTH_DAY.fullmatch(end) for end in ends]
    yearly = [_month_day(match) for match in matches if match]
    if len(yearly) == 2:
        return When(Rank.YEARLY_RANGE, yearly[0], yearly[1])
    if yearly:
        raise ValueError(f"both ends of a range must have a year, or neither, not {shown(text)}")
    first, last = (as_date(end, "the ends of a range").toordinal() for end in ends)
    if first > last:
        raise ValueError(f"a range must not end before it starts, not {shown(text)}")
    return When(Rank.DATES, first, last)


def _wall_time(text: str, whole: str) -> int:
    wanted = "a stretch must be two wall times such as 2026-05-04T12:00/2026-05-04T14:00"
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{wanted}, not {shown(whole)}") from None
    if at.tzinfo is not None:
        raise ValueError(f"{wanted}, in the schedule's own timezone and without an offset, not {shown(whole)}")
    if at.year not in YEARS:
        raise ValueError(f"{wanted}, from {YEARS.start} to {YEARS.stop - 1}, not {shown(whole)}")
    return length(at - EPOCH_FACE)


def _month_day(match: re.Match[str]) -> int:
    month, day = int(match[1]), int(match[2])
    try:
        date(A_LEAP_YEAR, month, day)
    except ValueError:
        raise ValueError(f"a day of every year must be from 01-01 to 12-31, not {shown(match[0])}") from None
    return month * 100 + day


def _relative(text: str) -> When:
    _, side, anchor, sign, digits = RELATION.fullmatch(text).groups()  # type: ignore[union-attr]  # it takes any text
    anchor, distance = anchor.strip(), int(f"{sign or ''}{digits or 0}")
    if MONTH_DAY.fullmatch(f"{anchor}{sign}{digits}"):  # 12-25 is a day, not 25 days before "12"
        anchor, distance = f"{anchor}{sign}{digits}", 0
    if abs(distance) > MOST_DAYS:
        raise ValueError(f"a relative day must be at most {MOST_DAYS} days from its anchor, not {shown(text)}")
    match = MONTH_DAY.fullmatch(anchor)
    if match:
        _month_day(match)  # refuses 13-01
    elif not any(char.isalpha() for char in anchor):
        raise ValueError(f"days must be like {EXAMPLES}, not {shown(text)}")
    anchor = anchor.lower() if anchor.lower() in EASTERS else anchor
    return When(Rank.RELATIVE, distance, SIDES[side and side.lower()], anchor)


def text_of_when(when: When) -> str:
    """Return the text that names these days."""
    rank, first, last, anchor = when
    if rank == Rank.RELATIVE:
        return {0: "", -1: "workday before ", 1: "workday after "}[last] + anchor + (f"{first:+d}" if first else "")
    if rank == Rank.STRETCH:
        start, end = (EPOCH_FACE + duration(us) for us in (first, last))
        return f"{_minutes(start)}/{_minutes(end)}"
    texts = [
        f"{day // 100:02}-{day % 100:02}" if rank >= Rank.YEARLY else date.fromordinal(day).isoformat()
        for day in (first, last)
    ]
    return texts[0] if rank in (Rank.DATE, Rank.YEARLY) else "/".join(texts)


def _minutes(at: datetime) -> str:
    return at.isoformat(timespec="auto" if at.second or at.microsecond else "minutes")


def days_of(when: When, year: int) -> Iterable[int]:
    """Return the days (ordinals) of one year that `when` names. It must not be a relative day or a stretch."""
    rank, first, last, _ = when
    begin, end = first_day(year), last_day(year)
    if rank in (Rank.DATE, Rank.DATES):
        return range(max(first, begin), min(last, end) + 1)
    if rank == Rank.YEARLY:
        return () if first == LEAP_DAY and not is_leap(year) else (_in_year(first, year),)
    start, stop = _in_year(first, year), _in_year(last, year)
    if last == LEAP_DAY - 1 and is_leap(year):
        stop += 1
    elif last == LEAP_DAY and not is_leap(year):
        stop -= 1
    return range(start, stop + 1) if first <= last else (*range(begin, stop + 1), *range(start, end + 1))


def is_leap(year: int) -> bool:
    """Return whether a year has a 29 February."""
    return last_day(year) - first_day(year) == 365


def _in_year(day: int, year: int) -> int:
    """Return a day of every year in one year, as an ordinal. In a common year, 02-29 is 1 March."""
    return date(year, 2, 28).toordinal() + 1 if day == LEAP_DAY else date(year, day // 100, day % 100).toordinal()


def overlaps(ranges: Sequence[When]) -> Iterator[tuple[When, When, int]]:
    """Yield each range that names a day of another one: the other, the range, and the day (an ordinal).

    All have one rank. Days of yearly ranges are those of a leap year.
    """
    if not ranges or ranges[0].rank == Rank.DATES:
        longest: When | None = None
        for when in sorted(ranges, key=lambda when: when.first):
            if longest is not None and when.first <= longest.last:
                yield longest, when, when.first
            longest = when if longest is None or when.last > longest.last else longest
        return
    taken: dict[int, When] = {}
    for when in ranges:
        days = days_of(when, A_LEAP_YEAR)
        day = min((day for day in days if day in taken), default=None)
        if day is not None:
            yield taken[day], when, day
        taken |= dict.fromkeys(days, when)


def relative_days(when: When, year: int, names: Callable[[int], Names], is_worked: Callable[[int], bool]) -> list[int]:
    """Return the days (ordinals) of one year that a relative day means.

    `names` maps the holidays of a year to their names, and `is_worked` tells whether a day (an ordinal) is a working
    day. A working day is looked for within a month.
    """
    found = set()
    for anchor in _anchors(when, year, names):
        start = anchor + when.first
        days = (
            range(start + when.last, start + when.last * LONGEST_SEARCH + when.last, when.last)
            if when.last
            else (start,)
        )
        if max(days) >= first_day(year) and min(days) <= last_day(year):
            day = next((day for day in days if not when.last or is_worked(day)), None)
            if day is not None and first_day(year) <= day <= last_day(year):
                found.add(day)
    return sorted(found)


def _anchors(when: When, year: int, names: Callable[[int], Names]) -> list[int]:
    """Return the days in and around a year from which a relative day counts.

    Successive days with one name are one occurrence of a holiday, also across the end of a year. Days before it count
    from its first day, days after it from its last.
    """
    years = (year - 1, year, year + 1)
    if when.anchor in EASTERS:
        return [_easter(when.anchor, each) for each in years]
    match = MONTH_DAY.fullmatch(when.anchor)
    if match:
        return [_in_year(_month_day(match), each) for each in years]
    wanted = plain_name(when.anchor)
    listed = (item for each in years for item in names(each).items())
    days = sorted(day for day, text in listed if wanted in map(plain_name, text.split("; ")))
    if when.first > 0 or when.last > 0:
        return [day for day in days if day + 1 not in days]
    return [day for day in days if day - 1 not in days]


@cache
def _easter(kind: str, year: int) -> int:
    with LOADING:
        from dateutil.easter import easter

    return easter(year, EASTERS[kind]).toordinal()


def is_name(anchor: str) -> bool:
    """Return whether the anchor of a relative day is the name of a holiday."""
    return anchor not in EASTERS and not MONTH_DAY.fullmatch(anchor)
