"""A slow, obvious second opinion on open time. It shares no code with kolmisla, nor its way of counting.

A desk is asked two things only: which instants are boundaries of its hours, and whether it is open at one.
Every question is answered by walking from boundary to boundary. Holidays of Lithuania are its own rules.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from dateutil.easter import easter
from dateutil.tz import datetime_exists, resolve_imaginary

DAY = timedelta(days=1)
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


@cache
def lithuanian_holidays(year: int) -> frozenset[date]:
    """The list of the Labour Code, in force from 2011; All Souls' Day from 2020."""
    fixed = [(1, 1), (2, 16), (3, 11), (5, 1), (6, 24), (7, 6), (8, 15), (11, 1), (12, 24), (12, 25), (12, 26)]
    days = {date(year, month, day) for month, day in fixed} | {easter(year), easter(year) + DAY}
    if year >= 2020:
        days.add(date(year, 11, 2))
    for month in (5, 6):  # Mother's Day and Father's Day, the first Sundays
        days.add(next(date(year, month, n) for n in range(1, 8) if date(year, month, n).weekday() == 6))
    return frozenset(days)


def wall_seconds(text: str) -> int:
    parts = [int(part) for part in text.split(":")] + [0]
    return parts[0] * 3600 + parts[1] * 60 + parts[2]


@dataclass(frozen=True)
class Desk:
    """Hours by weekday, as {"mon": ["08:00-18:00"]}, in a zone; `holidays` LT or dates; `exceptions` by date."""

    timezone: str
    hours: Mapping[str, Sequence[str]]
    holidays: str | Sequence[date] = ()
    exceptions: Mapping[date, Sequence[str]] | None = None

    def wall_hours(self, day: date) -> list[tuple[int, int]]:
        """The hours of a date, in seconds since its midnight, those that overlap or touch joined."""
        if self.exceptions and day in self.exceptions:
            texts = self.exceptions[day]
        elif day in (lithuanian_holidays(day.year) if self.holidays == "LT" else self.holidays):
            texts = []
        else:
            texts = self.hours.get(DAYS[day.weekday()], [])
        pairs = []
        for text in texts:
            start, end = map(wall_seconds, text.split("-"))
            pairs.append((start, end if end > start else end + 86400))
        joined: list[tuple[int, int]] = []
        for start, end in sorted(pairs):
            if joined and start <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(joined[-1][1], end))
            else:
                joined.append((start, end))
        return joined

    def intervals(self, day: date) -> list[tuple[datetime, datetime]]:
        """The hours of a date as instants in UTC."""
        zone = ZoneInfo(self.timezone)
        if not any(datetime_exists(datetime.combine(day, time(hour), zone)) for hour in range(24)):
            return []

        def instant(seconds: int) -> datetime:
            wall = datetime.combine(day, time()) + timedelta(seconds=seconds)
            return resolve_imaginary(wall.replace(tzinfo=zone)).astimezone(UTC)

        pairs = [(instant(start), instant(end)) for start, end in self.wall_hours(day)]
        return [(start, end) for start, end in pairs if start < end]

    def around(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        cached = _INTERVALS.setdefault(id(self), (self, {}))[1]
        day = start.date() - 4 * DAY
        while day <= end.date() + 2 * DAY:
            if day not in cached:
                cached[day] = self.intervals(day)
            yield from cached[day]
            day += DAY

    def boundaries(self, start: datetime, end: datetime) -> set[datetime]:
        return {at for pair in self.around(start, end) for at in pair if start <= at <= end}

    def is_open(self, at: datetime) -> bool:
        return any(opens <= at < closes for opens, closes in self.around(at, at))


_INTERVALS: dict[int, tuple[Desk, dict[date, list[tuple[datetime, datetime]]]]] = {}


@dataclass(frozen=True)
class Both:
    """Two desks by `&`, `|` or `-`, decided instant by instant."""

    left: "Oracle"
    sign: str
    right: "Oracle"

    def boundaries(self, start: datetime, end: datetime) -> set[datetime]:
        return self.left.boundaries(start, end) | self.right.boundaries(start, end)

    def is_open(self, at: datetime) -> bool:
        left, right = self.left.is_open(at), self.right.is_open(at)
        return {"&": left and right, "|": left or right, "-": left and not right}[self.sign]


@dataclass(frozen=True)
class InTurn:
    """Desks in turn, each from an instant on; None is never open, and so is all before the first."""

    turns: tuple[tuple[datetime, "Oracle | None"], ...]

    def boundaries(self, start: datetime, end: datetime) -> set[datetime]:
        desks = [desk for _, desk in self.turns if desk is not None]
        changes = {at for at, _ in self.turns if start <= at <= end}
        return changes.union(*(desk.boundaries(start, end) for desk in desks))

    def is_open(self, at: datetime) -> bool:
        current = None
        for from_at, desk in sorted(self.turns, key=lambda turn: turn[0]):
            if from_at <= at:
                current = desk
        return current is not None and current.is_open(at)


@dataclass(frozen=True)
class Always:
    """Open at every instant."""

    def boundaries(self, start: datetime, end: datetime) -> set[datetime]:  # noqa: ARG002
        return set()

    def is_open(self, at: datetime) -> bool:  # noqa: ARG002
        return True


Oracle = Desk | Both | InTurn | Always

FAR = 60 * DAY  # no walk goes further; who asks for more gets None


def pieces(desk: Oracle, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """The stretches from start to end in which the desk is open, cut at every boundary."""
    edges = sorted({start, end} | desk.boundaries(start, end))
    return [(a, b) for a, b in pairwise(edges) if desk.is_open(a)]


def elapsed(desk: Oracle, start: datetime, end: datetime) -> timedelta:
    """Open time from start to end."""
    if end < start:
        return -elapsed(desk, end, start)
    return sum((b - a for a, b in pieces(desk, start, end)), timedelta())


def due(desk: Oracle, start: datetime, within: timedelta) -> datetime | None:
    """The earliest instant at which `within` is counted from start; backwards when negative."""
    if not within:
        return start
    left = abs(within)
    if within > timedelta():
        for a, b in pieces(desk, start, start + FAR):
            if b - a >= left:
                return a + left
            left -= b - a
    else:
        for a, b in reversed(pieces(desk, start - FAR, start)):
            if b - a > left:
                return b - left
            left -= b - a
            if not left:  # the latest instant from which it is counted is where this piece opens
                return a
    return None


def next_open(desk: Oracle, at: datetime) -> datetime | None:
    return next((a for a, _ in pieces(desk, at, at + FAR)), None)


def next_close(desk: Oracle, at: datetime) -> datetime | None:
    return next((b for b in sorted(desk.boundaries(at, at + FAR)) if b > at and closes(desk, b)), None)


def previous_close(desk: Oracle, at: datetime) -> datetime | None:
    return next((b for _, b in reversed(pieces(desk, at - FAR, at))), None)


def previous_open(desk: Oracle, at: datetime) -> datetime | None:
    return next((a for a in sorted(desk.boundaries(at - FAR, at), reverse=True) if a < at and opens(desk, a)), None)


def just_before(desk: Oracle, at: datetime) -> bool:
    return desk.is_open(at - timedelta(microseconds=1))


def closes(desk: Oracle, at: datetime) -> bool:
    return just_before(desk, at) and not desk.is_open(at)


def opens(desk: Oracle, at: datetime) -> bool:
    return desk.is_open(at) and not just_before(desk, at)
