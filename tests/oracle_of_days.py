"""A slow second opinion on which hours a date has. It shares neither code nor method with kolmisla.

It never lists days. For each form of an exception it tells whether a date is meant, by looking at the date.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

DAY = timedelta(days=1)
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

Texts = Sequence[str]


@cache
def western_easter(year: int) -> date:
    """Butcher's algorithm, as printed in Meeus, Astronomical Algorithms, chapter 8."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (b - (b + 8) // 25 + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    n = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * n) // 451
    month, day = divmod(h + n - 7 * m + 114, 31)
    return date(year, month, day + 1)


@cache
def orthodox_easter(year: int) -> date:
    """The Julian Easter of Meeus, moved to the Gregorian calendar."""
    a, b, c = year % 4, year % 7, year % 19
    d = (19 * c + 15) % 30
    e = (2 * a + 4 * b - d + 34) % 7
    month, day = divmod(d + e + 114, 31)
    return date(year, month, day + 1) + (year // 100 - year // 400 - 2) * DAY


EASTERS = {"easter": western_easter, "orthodox-easter": orthodox_easter}


def month_day(day: date) -> str:
    return day.isoformat()[5:]


def in_yearly(first: str, last: str, day: date) -> bool:
    here = month_day(day)
    last = "02-29" if last == "02-28" else last
    return first <= here <= last if first <= last else here >= first or here <= last


def in_dates(first: str, last: str, day: date) -> bool:
    return first <= day.isoformat() <= last


class Days:
    """The hours of each date by a schedule's document; `holidays` tells the names of a date's public holidays."""

    def __init__(self, document: Mapping[str, Any], holidays: Callable[[date], Sequence[str]]) -> None:
        self.document, self.holidays = document, holidays
        self.exceptions = {
            key if isinstance(key, str) else key.isoformat(): value
            for key, value in (document.get("exceptions") or {}).items()
        }

    def usual(self, day: date) -> Texts:
        week = self.document["hours"]
        for pattern in (r"(\d{4}-\d\d-\d\d)/(\d{4}-\d\d-\d\d)", r"(\d\d-\d\d)/(\d\d-\d\d)"):
            for key, season in (self.document.get("seasons") or {}).items():
                match = re.fullmatch(pattern, key)
                if match and (in_dates if len(match[1]) == 10 else in_yearly)(match[1], match[2], day):
                    week = season["hours"]
                    break
            else:
                continue
            break
        for key, texts in week.items():
            first, _, last = key.partition("-")
            begin, end = DAYS.index(first), DAYS.index(last or first)
            if (begin <= day.weekday() <= end) if begin <= end else not end < day.weekday() < begin:
                return list(texts)
        return []

    def of(self, day: date) -> list[tuple[int, int]]:
        """Return the hours of a date in seconds since its midnight, less the stretches that are closed."""
        pairs = joined(self.texts(day))
        shorter = (self.document.get("eves") or {}).get("shorter")
        if shorter and self.rule(day) == "eve":
            pairs = cut(pairs, int(re.fullmatch(r"PT(\d+)H", shorter)[1]) * 3600)  # type: ignore[index]
        for key in self.exceptions:
            if "T" in key and "/" in key and key[:1].isdigit():
                start, end = (
                    int((datetime.fromisoformat(text) - datetime.combine(day, datetime.min.time())).total_seconds())
                    for text in key.split("/")
                )
                pairs = [
                    piece for a, b in pairs for piece in ((a, min(b, start)), (max(a, end), b)) if piece[0] < piece[1]
                ]
        return pairs

    def rule(self, day: date, *, relative: bool = True) -> str:
        """Return the key of the exception that holds, or `holiday`, `eve` or `week`."""
        usual = self.usual(day)
        open_only = [key for key, value in self.exceptions.items() if not hours_of(value) or usual]
        for key in self.exceptions:
            if key == day.isoformat():
                return key
        tests: list[Callable[[str], bool]] = [
            lambda key: is_between(key, 10) and in_dates(*ends_of(key), day),
            lambda key: key == month_day(day),
        ]
        if relative:
            tests.append(lambda key: self.is_relative(key, day))
        tests.append(lambda key: is_between(key, 5) and in_yearly(*ends_of(key), day))
        for test in tests:
            for key in open_only:
                if test(key):
                    return key
        if self.holidays(day):
            return "holiday"
        if self.document.get("eves") and usual and self.holidays(day + DAY):
            return "eve"
        return "week"

    def texts(self, day: date, *, relative: bool = True) -> Texts:
        rule = self.rule(day, relative=relative)
        if rule == "holiday":
            return []
        if rule == "eve":
            return list(self.document["eves"].get("hours", self.usual(day)))
        return self.usual(day) if rule == "week" else hours_of(self.exceptions[rule])

    def is_relative(self, key: str, day: date) -> bool:
        match = re.fullmatch(r"(workday (?:before|after) )?(\d\d-\d\d|.*?)([+-]\d+)?", key)
        if match is None or not (match[1] or not key[0].isdigit()):
            return False
        side, anchor, distance = match[1], match[2], int(match[3] or 0) * DAY
        for year in (day.year - 1, day.year, day.year + 1):
            at = self.anchor(anchor, year, last=bool(side and "after" in side) or distance > timedelta())
            if at is None:
                continue
            at += distance
            if not side and at == day:
                return True
            step = DAY if side and "after" in side else -DAY
            if side and timedelta() < (day - at) * (step // DAY) <= 31 * DAY and self.texts(day, relative=False):
                between, nearer = at + step, False
                while between != day:
                    nearer = nearer or bool(self.texts(between, relative=False))
                    between += step
                if not nearer:
                    return True
        return False

    def anchor(self, name: str, year: int, *, last: bool) -> date | None:
        if name in EASTERS:
            return EASTERS[name](year)
        if re.fullmatch(r"\d\d-\d\d", name):
            leap = name == "02-29" and not is_leap(year)
            return date(year, 3, 1) if leap else date(year, int(name[:2]), int(name[3:]))
        named = [day for day in year_of_days(year) if name.lower() in map(str.lower, self.holidays(day))]
        return named[-1 if last else 0] if named else None


def is_leap(year: int) -> bool:
    return (date(year, 3, 1) - DAY).day == 29


@cache
def year_of_days(year: int) -> list[date]:
    return [date(year, 1, 1) + n * DAY for n in range(366 if is_leap(year) else 365)]


def is_between(key: str, length: int) -> bool:
    return "T" not in key and [len(end) for end in key.split("/")] == [length, length]


def ends_of(key: str) -> tuple[str, str]:
    first, _, last = key.partition("/")
    return first, last


def hours_of(value: Any) -> Texts:
    return list(value["hours"] if isinstance(value, Mapping) else value)


def joined(texts: Texts) -> list[tuple[int, int]]:
    """Return hours in seconds since midnight; hours that overlap or touch are joined."""
    pairs = []
    for text in texts:
        start, end = (
            sum(int(part) * unit for part, unit in zip(time.split(":"), (3600, 60, 1), strict=False))
            for time in text.split("-")
        )
        pairs.append((start, end if end > start else end + 86400))
    together: list[tuple[int, int]] = []
    for start, end in sorted(pairs):
        if together and start <= together[-1][1]:
            together[-1] = (together[-1][0], max(together[-1][1], end))
        else:
            together.append((start, end))
    return together


def cut(pairs: list[tuple[int, int]], seconds: int) -> list[tuple[int, int]]:
    """Take away the last seconds of a day's hours, one by one interval."""
    left = list(pairs)
    while left and seconds:
        start, end = left.pop()
        if end - start > seconds:
            left.append((start, end - seconds))
            return left
        seconds -= end - start
    return left
