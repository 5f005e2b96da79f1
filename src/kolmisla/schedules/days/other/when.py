"""The days that a text names, for hours that differ from the usual ones.

2026-12-24                           one date
2026-12-27/2026-12-31                the dates from one to another, both included
12-24                                a day of every year; 02-29 occurs in leap years only
12-27/01-02                          the days from one to another, both included, in every year
easter-2, orthodox-easter+1          a day relative to Easter
Midsummer Day-1, 1 Maj+1             a day relative to a holiday of the schedule, by its name
workday before 12-25, workday after easter   the nearest working day before or after a day
2026-05-04T12:00/2026-05-04T14:00    wall times from one to another, the end not included

A text with characters that no date contains names Easter or a holiday. A text with a slash is a range if one of its
parts looks like a date. In code, a day of every year is the integer month * 100 + day. A yearly range that ends on
02-28 includes 29 February.
"""

import re
from datetime import date, datetime
from enum import IntEnum
from typing import Literal, NamedTuple

from kolmisla.errors import shown
from kolmisla.schedules.days.countries import plain_name
from kolmisla.times.dates import YEARS, as_date, first_day, is_like_date, last_day
from kolmisla.times.instants import duration, length
from kolmisla.times.zones import EPOCH_FACE

__all__ = [
    "A_LEAP_YEAR",
    "EASTERS",
    "EXAMPLES",
    "LEAP_DAY",
    "LONGEST_SEARCH",
    "Rank",
    "When",
    "in_year",
    "is_name",
    "text_of_when",
    "when_of",
    "year_day",
]

EXAMPLES = "2026-12-24, 12-24, 2026-12-27/2026-12-31, 12-27/01-02, easter-2 or workday before 12-25"

DATED = re.compile(r"(\d{4}-)?\d\d-\d\d(T.*)?", re.ASCII)  # a text with a slash and such a part is a range, not a name
MONTH_DAY = re.compile(r"(\d\d)-(\d\d)", re.ASCII)
FROM_MONTH_DAY = re.compile(r"(\d\d-\d\d) *([+-]) *(\d{1,3})", re.ASCII)
SIDE = re.compile(r"(?i:workday) +((?i:before|after)) +", re.ASCII)
DISTANCE = re.compile(r"([+-]) *(\d{1,3})", re.ASCII)
EASTERS: dict[str, Literal[2, 3]] = {"easter": 3, "orthodox-easter": 2}  # the number of the method in dateutil.easter
EASTER_DAYS = 322, 523  # from 1900 to 2200, both Easters lie between these days of every year
MOST_DAYS = 200  # how many days a relative day may be from the day it is counted from
LONGEST_SEARCH = 31  # how many days before or after a day are searched for a working day
A_LEAP_YEAR = 2024
LEAP_DAY = 229
SIDES = {None: 0, "before": -1, "after": 1}


class Rank(IntEnum):
    """The forms in which texts name days. If several forms name a day, the form with the lowest number wins.

    But no time counts in a stretch from one wall time to another, whichever form wins.
    """

    DATE = 0
    DATES = 1
    YEARLY = 2
    RELATIVE = 3
    YEARLY_RANGE = 4
    STRETCH = 5


class When(NamedTuple):
    """The days that a text names: the form of the text (`rank`), and its parts.

    `first` and `last` are ordinals, days of every year such as 1224, or wall times. A relative day is `first` days from
    `anchor`. Its `last` is -1 or 1 for the nearest working day before or after.
    """

    rank: Rank
    first: int
    last: int
    anchor: str = ""

    @property
    def is_date(self) -> bool:
        """Whether the text names a single date with its year."""
        return self.rank == Rank.DATE

    @property
    def identity(self) -> "When":
        """A value that is equal for all texts that name the same days, such as two spellings of a holiday's name."""
        return self._replace(anchor=plain_name(self.anchor))

    @property
    def margin(self) -> int:
        """At each end of the known years, the number of days whose hours are unknown because of this text.

        For example, `Midsummer-3` may depend on the holidays of the next year.
        """
        if self.rank != Rank.RELATIVE:
            return 0
        reach = abs(self.first) + LONGEST_SEARCH * bool(self.last)
        if is_name(self.anchor):
            return reach
        yearly = year_day(self.anchor)
        anchors = [in_year(yearly or day, A_LEAP_YEAR) + self.first for day in EASTER_DAYS]
        earliest = min(anchors) - LONGEST_SEARCH * (self.last < 0)
        latest = max(anchors) + LONGEST_SEARCH * (self.last > 0)
        return 0 if first_day(A_LEAP_YEAR) <= earliest and latest <= last_day(A_LEAP_YEAR) else reach


def when_of(given: object) -> When:
    """Read a text that names days, or a date. For anything else, raise ValueError, which lists the forms."""
    if isinstance(given, date) and not isinstance(given, datetime):
        given = as_date(given, "a date").isoformat()
    if not isinstance(given, str):
        raise ValueError(f"days must be like {EXAMPLES}, not {shown(given)}")
    text = given.strip()
    if "/" in text and (is_like_date(text) or any(DATED.fullmatch(end.strip()) for end in text.split("/"))):
        return _range(text)
    yearly = year_day(text)
    if yearly is not None:
        return When(Rank.YEARLY, yearly, yearly)
    return _date(text) if is_like_date(text) else _relative(text)


def _date(text: str) -> When:
    match = FROM_MONTH_DAY.fullmatch(text)
    if match:
        told = "days are counted only from easter or a holiday, as in easter-2, not from a month and a day"
        raise ValueError(f"{told}; instead of {shown(text)} type {_counted(match)}")
    if not DATED.fullmatch(text) and not text.isdecimal() and "W" not in text:
        raise ValueError(f"days must be like {EXAMPLES}, not {shown(text)}")
    ordinal = as_date(text, "a date").toordinal()
    return When(Rank.DATE, ordinal, ordinal)


def _counted(match: re.Match[str]) -> str:
    """Return what to type in place of an invalid text: `12-23` for `12-25-2`, which means two days before 12-25.

    Return the words `its date` if the day is not the same in leap years.
    """
    day = year_day(match[1]) or LEAP_DAY
    distance = int(f"{match[2]}{match[3]}")
    days = {date.fromordinal(in_year(day, year) + distance) for year in (A_LEAP_YEAR, A_LEAP_YEAR + 1)}
    texts = {f"{each:%m-%d}" for each in days}
    return texts.pop() if len(texts) == 1 else "its date"


def _range(text: str) -> When:
    ends = [end.strip() for end in text.split("/")]
    if len(ends) != 2:
        raise ValueError(f"a range must be two days with a slash, such as 12-27/01-02, not {shown(text)}")
    if any("T" in end and (DATED.fullmatch(end) or is_like_date(end)) for end in ends):
        start, end = (_wall_time(end, text) for end in ends)
        if start >= end:
            raise ValueError(f"a range must end after it starts, not {shown(text)}")
        return When(Rank.STRETCH, start, end)
    strange = [end for end in ends if FROM_MONTH_DAY.fullmatch(end) or not is_like_date(end)]
    if strange:
        wanted = "the ends of a range must be like 2026-12-24 or 12-24"
        raise ValueError(f"{wanted}, not {shown(strange[0])}; for a holiday whose name has a slash, write its date")
    yearly = [day for end in ends if (day := year_day(end)) is not None]
    if len(yearly) == 2:
        return When(Rank.YEARLY_RANGE, yearly[0], yearly[1])
    if yearly:
        raise ValueError(f"both ends of a range must have a year, or neither, not {shown(text)}")
    first, last = (as_date(end, "the range's ends").toordinal() for end in ends)
    if first > last:
        raise ValueError(f"a range must not end before it starts, as {shown(text)} does")
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


def year_day(text: str) -> int | None:
    """Read a day of every year such as 12-24.

    Return None for a text of another form. Raise ValueError for a day that does not exist, such as 13-01.
    """
    match = MONTH_DAY.fullmatch(text)
    if match is None:
        return None
    month, day = int(match[1]), int(match[2])
    try:
        date(A_LEAP_YEAR, month, day)
    except ValueError:
        raise ValueError(f"there is no day {shown(text)}; type a month and a day that exist, such as 12-24") from None
    return month * 100 + day


def _relative(text: str) -> When:
    side, anchor, sign, digits = _parts(text)
    distance = int(f"{sign or ''}{digits or 0}")
    if MONTH_DAY.fullmatch(f"{anchor}{sign}{digits}"):  # 12-25 is a day, not 25 days before "12"
        anchor, distance = f"{anchor}{sign}{digits}", 0
    if abs(distance) > MOST_DAYS:
        raise ValueError(
            f"a relative day must be at most {MOST_DAYS} days from the holiday that it names, not {shown(text)}"
        )
    if year_day(anchor) is None and not any(char.isalpha() for char in anchor):
        raise ValueError(f"days must be like {EXAMPLES}, not {shown(text)}")
    anchor = anchor.lower() if anchor.lower() in EASTERS else anchor
    return When(Rank.RELATIVE, distance, SIDES[side and side.lower()], anchor)


def _parts(text: str) -> tuple[str | None, str, str | None, str | None]:
    """Return the parts of a text that names a relative day: `before` or `after`, the holiday, a sign, and digits."""
    side = SIDE.match(text)
    rest = text[side.end() :] if side else text
    last_sign = max(rest.rfind("+"), rest.rfind("-"))
    offset = DISTANCE.fullmatch(rest, last_sign) if last_sign >= 0 else None
    anchor = (rest[:last_sign] if offset else rest).strip()
    return side and side[1], anchor, offset and offset[1], offset and offset[2]


def text_of_when(when: When) -> str:
    """Return the text that names the days of `when`."""
    rank, first, last, anchor = when
    if rank == Rank.RELATIVE:
        counted = first or (is_name(anchor) and _parts(anchor)[2])
        side = {0: "", -1: "workday before ", 1: "workday after "}[last]
        return f"{side}{anchor}{first:+d}" if counted else f"{side}{anchor}"
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


def in_year(day: int, year: int) -> int:
    """Return the ordinal of a day in `year`. The day 1224 is 24 December. In a year without 02-29, 229 is 1 March."""
    return date(year, 2, 28).toordinal() + 1 if day == LEAP_DAY else date(year, day // 100, day % 100).toordinal()


def is_name(anchor: str) -> bool:
    """Return whether `anchor`, from which a relative day is counted, is a holiday's name: not Easter, nor a date."""
    return anchor not in EASTERS and not MONTH_DAY.fullmatch(anchor)
