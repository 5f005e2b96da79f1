"""A clock counts the open time of the schedule in force; pauses and raised priorities change the schedule."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import final

from kolmisla.errors import HorizonError, ScheduleError, expect, pair
from kolmisla.instants import duration, instants_in, iso, length, merged, micros
from kolmisla.schedules.schedule import NEVER, Schedule
from kolmisla.schedules.timeline import Timeline
from kolmisla.schedules.zones import zone_or_utc

__all__ = ["Clock", "Pieces"]


class Pieces:
    """The questions of a timeline, asked across timelines in turn; integer microseconds.

    Each is in force from its start until the next one's; before the first nothing counts, the last goes on.
    """

    __slots__ = ("_starts", "_timelines", "end", "start")

    def __init__(self, starts: list[int], timelines: list[Timeline]) -> None:
        self._starts, self._timelines = starts, timelines
        self.start, self.end = timelines[0].start, timelines[-1].end

    def elapsed(self, start: int, end: int) -> int:
        """Open time from start to end; negative when end is before start."""
        if end < start:
            return -self.elapsed(end, start)
        return sum(timeline.elapsed(a, b) for a, b, timeline in self._between(start, end))

    def due(self, start: int, amount: int) -> int:
        """The earliest instant at which `amount` has been counted; backwards, the latest, when negative."""
        if amount < 0:
            return self._due_before(start, -amount)
        if amount == 0:
            return start
        *pieces, (last, _, timeline) = self._between(start, max(start, self._starts[-1]))
        for a, b, earlier in pieces:
            try:
                counted = earlier.elapsed(a, b)
            except HorizonError:  # not all of it is known; what is may do
                return earlier.due(a, amount)
            if counted >= amount:
                return earlier.due(a, amount)
            amount -= counted
        return timeline.due(last, amount)

    def is_open(self, at: int) -> bool:
        """Whether time counts at this instant."""
        *_, (a, _, timeline) = self._between(at, max(at, self._starts[0]))
        return a == at and timeline.is_open(at)

    def next_open(self, at: int) -> int:
        """The instant itself when open, else the next instant at which time counts."""
        *pieces, (last, _, timeline) = self._between(at, max(at, self._starts[-1]))
        for a, b, earlier in pieces:
            if earlier.elapsed(a, b):
                return earlier.next_open(a)
        return timeline.next_open(last)

    def _due_before(self, start: int, amount: int) -> int:
        for a, b, timeline in reversed(list(self._between(self._starts[0], start))):
            counted = timeline.elapsed(a, b)
            if counted >= amount:
                return timeline.due(b, -amount)
            amount -= counted
        raise HorizonError(f"the answer is earlier than {iso(self._starts[0])}, before which nothing counts")

    def _between(self, start: int, end: int) -> Iterator[tuple[int, int, Timeline]]:
        """The stretches from start to end with one timeline each; the last one may be empty."""
        ends: list[int | None] = [*self._starts[1:], None]
        for opens, closes, timeline in zip(self._starts, ends, self._timelines, strict=True):
            if opens <= end and (closes is None or start < closes):
                yield max(start, opens), end if closes is None else min(end, closes), timeline


@final
class Clock:
    """Schedules in turn, each in force from an instant until the next; before the first nothing counts.

    A pause is a stretch of `NEVER`, round-the-clock work a stretch of `ALWAYS`: what changes is the
    schedule, never the counting. A question costs by the number of changes, not by how long they last.

    Instants in are aware datetimes (else NaiveTimeError), instants out are in the zone of the first
    schedule that has one, else UTC. HorizonError for an instant or an answer that no schedule knows.

    >>> from kolmisla import ALWAYS
    >>> office = Schedule(timezone="Europe/Vilnius", hours={"mon-fri": ["08:00-18:00"]})
    >>> friday, saturday = datetime(2026, 7, 3, 14, tzinfo=UTC), datetime(2026, 7, 4, 7, tzinfo=UTC)
    >>> raised = Clock.switching([(friday, office), (saturday, ALWAYS)])  # opened at 17:00, one hour counted
    >>> raised.due(friday, timedelta(hours=2)).isoformat()
    '2026-07-04T11:00:00+03:00'
    """

    __slots__ = ("_instant", "changes", "timeline")

    changes: tuple[tuple[datetime, Schedule], ...]
    timeline: Pieces  # the same answers in integers, for the modules above this one
    _instant: Callable[[int], datetime]

    def __init__(self, changes: Iterable[tuple[datetime, Schedule]]) -> None:
        given = [pair("a change is an instant and the schedule in force from then on", change) for change in changes]
        for _, schedule in given:
            expect("the schedule of a change", schedule, Schedule)
        ordered = sorted(given, key=lambda change: micros(change[0]))
        if not ordered:
            raise ScheduleError("a clock has at least one schedule, in force from an instant")
        starts = [micros(from_at) for from_at, _ in ordered]
        twice = [iso(earlier) for earlier, later in pairwise(starts) if earlier == later]
        if twice:
            raise ScheduleError(f"two schedules are in force from {' and from '.join(twice)}")
        zone = next((schedule.timezone for _, schedule in ordered if schedule.timezone), None)
        self.changes = tuple(ordered)
        self.timeline = Pieces(starts, [schedule.timeline for _, schedule in ordered])
        self._instant = instants_in(zone_or_utc(zone))

    @classmethod
    def switching(cls, changes: Iterable[tuple[datetime, Schedule]]) -> "Clock":
        """A clock on each schedule from its instant on, in any order.

        ScheduleError without any, or for two at one instant.
        """
        return cls(changes)

    @classmethod
    def paused(cls, schedule: Schedule, pauses: Iterable[tuple[datetime, datetime | None]]) -> "Clock":
        """A clock on one schedule, but for pauses; one without an end goes on.

        Pauses that overlap or touch are one, an empty one is none. ScheduleError for one that ends before
        it starts.

        >>> office = Schedule(timezone="UTC", hours={"mon-fri": ["08:00-18:00"]})
        >>> lunch = datetime(2026, 7, 3, 12, tzinfo=UTC), datetime(2026, 7, 3, 13, tzinfo=UTC)
        >>> clock = Clock.paused(office, [lunch])
        >>> clock.due(datetime(2026, 7, 3, 11, tzinfo=UTC), timedelta(hours=2)).isoformat()
        '2026-07-03T14:00:00+00:00'
        """
        expect("schedule", schedule, Schedule)
        # to the end of all schedules: a pause beyond what this one knows ends too, and what follows it is refused
        start, end = schedule.timeline.start, NEVER.timeline.end
        spans = []
        for pause in pauses:
            from_at, until = pair("a pause is the instant it starts at and the one it ends at, or None", pause)
            a, b = micros(from_at), end if until is None else micros(until)
            if until is not None and b < a:
                raise ScheduleError(f"a pause from {from_at.isoformat()} ends before that, at {until.isoformat()}")
            spans.append((max(a, start), min(b, end)))
        return cls(_around(schedule, merged(spans), start, end))

    def is_open(self, at: datetime) -> bool:
        """Whether time counts at this instant."""
        return self.timeline.is_open(micros(at))

    def next_open(self, at: datetime) -> datetime:
        """The instant itself when time counts then, else the next at which it does."""
        return self._instant(self.timeline.next_open(micros(at)))

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """Time counted from start to end, exact to the microsecond; negative when end is before start."""
        return duration(self.timeline.elapsed(micros(start), micros(end)))

    def due(self, start: datetime, within: timedelta) -> datetime:
        """The earliest instant t with elapsed(start, t) == within; the latest, backwards, when negative."""
        return self._instant(self.timeline.due(micros(start), length(within)))

    def __eq__(self, other: object) -> bool:
        return self.changes == other.changes if isinstance(other, Clock) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.changes)

    def __reduce__(self) -> tuple[type["Clock"], tuple[Sequence[tuple[datetime, Schedule]]]]:
        return Clock, (self.changes,)

    def __repr__(self) -> str:
        return f"Clock.switching({list(self.changes)!r})"


def _around(
    schedule: Schedule, pauses: list[tuple[int, int]], start: int, end: int
) -> Iterator[tuple[datetime, Schedule]]:
    """The schedule from start on, out of force in the pauses."""
    instant = instants_in(UTC)
    if not pauses or pauses[0][0] > start:
        yield instant(start), schedule
    for a, b in pauses:
        yield instant(a), NEVER
        if b < end:
            yield instant(b), schedule
