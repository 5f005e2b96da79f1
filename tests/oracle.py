"""A slow and obvious second opinion on open time. It shares neither code nor method with kolmisla.

A desk answers only two questions: which instants are boundaries of its hours, and whether it is open at an instant.
Every other question is answered by walking from boundary to boundary. It has its own rules for Lithuanian holidays.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.easter import easter
from dateutil.tz import datetime_exists, resolve_imaginary

from tests.oracle_of_days import DAYS as DAYS
from tests.oracle_of_days import Days

DAY = timedelta(days=1)


@cache
def lithuanian_holidays(year: int) -> frozenset[date]:
    """Return the holidays that the Labour Code has listed from 2011 on; All Souls' Day from 2020 on."""
    fixed = [(1, 1), (2, 16), (3, 11), (5, 1), (6, 24), (7, 6), (8, 15), (11, 1), (12, 24), (12, 25), (12, 26)]
    days = {date(year, month, day) for month, day in fixed} | {easter(year), easter(year) + DAY}
    if year >= 2020:
        days.add(date(year, 11, 2))
    for month in (5, 6):  # Mother's Day and Father's Day, the first Sundays
        days.add(next(date(year, month, n) for n in range(1, 8) if date(year, month, n).weekday() == 6))
    return frozenset(days)


@dataclass(frozen=True)
class Desk:
    """Hours by weekday, as {"mon": ["08:00-18:00"]}, in a zone; `holidays` are LT or dates, others as in documents."""

    timezone: str
    hours: Mapping[str, Sequence[str]]
    holidays: str | Sequence[date] = ()
    exceptions: Mapping[Any, Any] | None = None
    seasons: Mapping[str, Any] | None = None
    eves: Mapping[str, Any] | None = None

    def wall_hours(self, day: date) -> list[tuple[int, int]]:
        """Return the hours of a date, in seconds since its midnight; hours that overlap or touch are joined."""
        return Days(vars(self), self.names).of(day)

    def names(self, day: date) -> list[str]:
        """Return the names of the holidays on a date. Of Lithuania's only those are named that tests refer to."""
        if self.holidays != "LT":
            return ["holiday"] if day in self.holidays else []
        named = {(7, 6): "Statehood Day", (12, 25): "Christmas Day"}
        return [named.get((day.month, day.day), "another")] if day in lithuanian_holidays(day.year) else []

    def intervals(self, day: date) -> list[tuple[datetime, datetime]]:
        """Return the hours of a date as instants in UTC."""
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
    """Two desks combined by `&`, `|` or `-`, decided instant by instant."""

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
    """Desks that follow one another, each from an instant on; None is never open, nor is the time before the first."""

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
    """A desk that is open at every instant."""

    def boundaries(self, start: datetime, end: datetime) -> set[datetime]:  # noqa: ARG002
        return set()

    def is_open(self, at: datetime) -> bool:  # noqa: ARG002
        return True


Oracle = Desk | Both | InTurn | Always

FAR = 60 * DAY  # no walk goes further; an answer beyond is None


def pieces(desk: Oracle, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """Yield the stretches from start to end in which the desk is open, cut at every boundary."""
    edges = sorted({start, end} | desk.boundaries(start, end))
    return [(a, b) for a, b in pairwise(edges) if desk.is_open(a)]


def elapsed(desk: Oracle, start: datetime, end: datetime) -> timedelta:
    """Return the open time from start to end."""
    if end < start:
        return -elapsed(desk, end, start)
    return sum((b - a for a, b in pieces(desk, start, end)), timedelta())


def due(desk: Oracle, start: datetime, within: timedelta) -> datetime | None:
    """Return the earliest instant at which `within` has been counted from start; a negative one counts backwards."""
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
            if not left:  # the latest instant from which it is counted is the opening of this piece
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


# The life of a ticket, event by event.

Target = tuple[timedelta | None, Oracle]  # the target of a priority (None without a promise), and its hours
Happening = tuple[datetime, str, str | None]


@dataclass(frozen=True)
class Life:
    """A ticket with all its events, in order, and the targets of one metric."""

    opened: datetime
    priority: str
    happenings: Sequence[Happening]
    metric: str
    targets: Mapping[str, Target]
    pausing: bool
    reading: str
    waits: tuple[str, ...] = ()  # the reasons for pauses that a question ends
    question: bool = False  # whether a question after the resolution is one at once

    def waiting(self, at: datetime, upto: int | None = None) -> list[str | None]:
        """Return the reasons for which the ticket waits at an instant, of the first `upto` events."""
        known = [(kind, value) for when, kind, value in self.happenings[:upto] if when <= at]
        return [
            reason for reason in {value for kind, value in known if kind == "paused"} if self.waits_for(reason, known)
        ]

    def waits_for(self, reason: str | None, known: Sequence[tuple[str, str | None]]) -> bool:
        for kind, value in reversed(known):
            if kind == "paused" and value == reason:
                return True
            if kind in ("resolved", "reopened") or (kind == "resumed" and value in (None, reason)):
                return False
            if kind == "asked" and reason in self.waits:
                return False
        return False

    def questions(self) -> Iterator[tuple[int, int | None]]:
        """Yield the first question that counts between two responses, and the response to it."""
        answers = [n for n, (_, kind, _) in enumerate(self.happenings) if kind in ("answered", "resolved")]
        for after, before in zip(answers, [*answers[1:], None][: len(answers)], strict=True):
            between = range(after + 1, len(self.happenings) if before is None else before)
            for n in between:
                if self.happenings[n][1] == "asked" and (
                    self.question
                    or not self.is_resolved(n)
                    or any(self.happenings[later][1] == "reopened" for later in between if later > n)
                ):
                    yield n, before
                    break

    def is_resolved(self, number: int) -> bool:
        """Tell whether the ticket is resolved before an event."""
        turns = [kind for _, kind, _ in self.happenings[:number] if kind in ("resolved", "reopened")]
        return turns[-1:] == ["resolved"]

    def cycles(self) -> list[tuple[datetime, datetime | None, int]]:
        """Return the start and the end of each cycle, and the number of events before its end."""
        found: list[tuple[datetime, datetime | None, int]] = []
        if self.metric == "next-response":
            for asked, answer in self.questions():
                end = None if answer is None else self.happenings[answer][0]
                found.append((self.happenings[asked][0], end, len(self.happenings) if answer is None else answer))
            return found
        if self.metric == "first-response":
            for number, (at, kind, _) in enumerate(self.happenings):
                if kind in ("answered", "resolved"):
                    return [(self.opened, at, number)]
        if self.metric == "resolution":
            states = [(at, kind, number) for number, (at, kind, _) in enumerate(self.happenings) if kind[:2] == "re"]
            states = [each for each in states if each[1] != "resumed"]
            if states and states[-1][1] == "resolved":
                return [(self.opened, states[-1][0], states[-1][2])]
        return [(self.opened, None, len(self.happenings))]


@dataclass(frozen=True)
class Walk:
    """One cycle, walked from edge to edge; at each edge the state is looked up anew."""

    life: Life
    number: int

    @property
    def cycle(self) -> tuple[datetime, datetime | None, int]:
        return self.life.cycles()[self.number - 1]

    @property
    def known(self) -> Sequence[Happening]:
        return self.life.happenings[: self.cycle[2]]

    def priority(self, at: datetime) -> str:
        """Return the priority in force at an instant, as known then."""
        current = self.life.priority
        for when, kind, value in self.known:
            if kind == "priority" and when <= at and value is not None:
                current = value
        return current

    def changes(self) -> list[datetime]:
        """Return the instants within the cycle at which the priority changed."""
        start, _, _ = self.cycle
        found, current = [], self.priority(start)
        for when, kind, value in self.known:
            if kind == "priority" and when > start and value != current and value is not None:
                found.append(when)
                current = value
        return found

    def stopped(self, at: datetime) -> bool:
        """Tell whether an event has stopped the clock."""
        _, ended, _ = self.cycle
        if ended is not None and at >= ended:
            return False
        resolved = False
        for when, kind, _ in self.known:
            if when <= at:
                resolved = kind == "resolved" or (resolved and kind != "reopened")
        paused = bool(self.life.waiting(at, self.cycle[2]))
        return (paused and self.life.pausing) or (resolved and self.life.metric == "resolution")

    def target(self, at: datetime) -> Target:
        """Return the target that must be kept at an instant, by the policy's `priority_change`."""
        last = self.priority(datetime.max.replace(tzinfo=UTC))
        return self.life.targets[self.priority(at) if self.life.reading == "carry" else last]

    def counts(self, at: datetime) -> bool:
        """Tell whether time counts at an instant."""
        changes = self.changes()
        if self.life.reading == "restart" and changes and at < changes[-1]:
            return False
        return not self.stopped(at) and self.target(at)[1].is_open(at)

    def edges(self, end: datetime) -> list[tuple[datetime, datetime]]:
        start = self.cycle[0]
        desks = [desk for _, desk in self.life.targets.values()]
        edges = {start, end}.union(*(desk.boundaries(start, end) for desk in desks))
        edges |= {when for when, _, _ in self.life.happenings if start < when < end}
        return list(pairwise(sorted(edges)))

    def elapsed(self, end: datetime) -> timedelta:
        """Return the time counted at an instant, or at the end of the cycle."""
        ended = self.cycle[1]
        end = end if ended is None else min(end, ended)
        return sum((b - a for a, b in self.edges(end) if self.counts(a)), timedelta())

    def counted(self, needed: Callable[[timedelta], timedelta]) -> datetime | None:
        """Return from when on as much of the target in force is counted, for good, as `needed` makes of the target."""
        counted, since = timedelta(), None
        begins = self.changes()[-1:] if self.life.reading == "restart" else []
        for a, b in self.edges(self.cycle[0] + FAR):
            within, _ = self.target(a)
            stretch = b - a if self.counts(a) else timedelta()
            if within is None or any(a < begin for begin in begins):
                since = None
            else:
                since = since if counted >= needed(within) else None
                if since is None and counted + stretch >= needed(within):
                    since = max(a, a + (needed(within) - counted))
            counted += stretch
        return since

    def reached(self) -> tuple[datetime | None, datetime | None]:
        """Return from when on the target in force is used up for good, and from when on it is exceeded."""
        counted, due, over = timedelta(), None, None
        for a, b in self.edges(self.cycle[0] + FAR):
            within, _ = self.target(a)
            stretch = b - a if self.counts(a) else timedelta()
            if within is None:
                due = over = None
            else:
                due = due if counted >= within else None
                over = over if counted > within else None
                if due is None and counted + stretch >= within:
                    due = max(a, a + (within - counted))
                if over is None and counted + stretch > within:
                    over = max(a, a + (within - counted))
            counted += stretch
        return due, over
