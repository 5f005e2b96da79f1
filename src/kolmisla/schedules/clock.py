"""A clock counts open time by one schedule after another: by the schedule that is in force at each instant."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import final

from kolmisla.errors import HorizonError, ScheduleError, expect, expect_iterable, pair
from kolmisla.schedules.schedule import NEVER, Schedule
from kolmisla.schedules.timeline import Timeline
from kolmisla.times.instants import duration, instants_in, iso, length, merged, micros
from kolmisla.times.zones import zone_or_utc

__all__ = ["Clock", "Pieces"]


class Pieces:
    """Several timelines, one after another. The stretch in which a timeline is in force is called a piece.

    The methods are like those of one Timeline, in integer microseconds. No time counts before the first piece, and the
    last piece has no end.
    """

    __slots__ = ("_starts", "_sums", "_timelines", "end", "start")

    def __init__(self, starts: list[int], timelines: list[Timeline]) -> None:
        self._starts, self._timelines = starts, timelines
        self._sums: tuple[list[int], list[int]] | None = None
        self.start, self.end = timelines[0].start, timelines[-1].end

    def elapsed(self, start: int, end: int) -> int:
        """Return the open time from `start` to `end`. It is negative if `end` is before `start`."""
        if end < start:
            return -self.elapsed(end, start)
        starts, timelines = self._starts, self._timelines
        last = bisect_right(starts, end) - 1
        if last < 0:
            return 0
        first = bisect_right(starts, start) - 1
        if first < 0:
            first, start = 0, starts[0]
        if first == last:
            return timelines[first].elapsed(start, end)
        counted = timelines[first].elapsed(start, starts[first + 1])
        totals, unknown = self._sums or self._summed()
        if unknown:
            self._check_known(piece for piece in unknown if first < piece < last)
        return counted + totals[last] - totals[first + 1] + timelines[last].elapsed(starts[last], end)

    def due(self, start: int, amount: int) -> int:
        """Return the earliest instant at which `amount` has been counted since `start`.

        For a negative amount, return the latest instant t such that -amount is counted from t to `start`.
        """
        if amount <= 0:
            return self._due_before(start, -amount) if amount else start
        starts = self._starts
        first = bisect_right(starts, start) - 1
        if first < 0:
            first, start = 0, starts[0]
        timeline = self._timelines[first]
        if first == len(starts) - 1:
            return timeline.due(start, amount)
        try:
            counted = timeline.elapsed(start, starts[first + 1])
        except HorizonError:  # the answer may lie in the part of the piece that is known
            return timeline.due(start, amount)
        if counted >= amount:
            return timeline.due(start, amount)
        totals, unknown = self._sums or self._summed()
        total = totals[first + 1] + amount - counted
        piece = bisect_left(totals, total, first + 2) - 1
        if unknown:  # the answer may lie in the known part of an earlier piece that is not known completely
            piece = min([piece, *unknown[bisect_right(unknown, first) :][:1]])
        return self._timelines[piece].due(starts[piece], total - totals[piece])

    def is_open(self, at: int) -> bool:
        """Tell whether time counts at an instant."""
        piece = bisect_right(self._starts, at) - 1
        return piece >= 0 and self._timelines[piece].is_open(at)

    def next_open(self, at: int) -> int:
        """Return `at` itself if time counts at `at`, else the next instant at which time counts."""
        starts, timelines = self._starts, self._timelines
        first = bisect_right(starts, at) - 1
        if first < 0:
            first, at = 0, starts[0]
        try:
            is_here = first == len(starts) - 1 or timelines[first].elapsed(at, starts[first + 1]) > 0
        except HorizonError:  # the answer may lie in the part of the piece that is known
            is_here = True
        if is_here:
            return timelines[first].next_open(at)
        totals, unknown = self._sums or self._summed()
        piece = bisect_right(totals, totals[first + 1], first + 2) - 1
        piece = min([piece, *unknown[bisect_right(unknown, first) :][:1]])  # the same for a later piece
        return timelines[piece].next_open(starts[piece])

    def _due_before(self, start: int, amount: int) -> int:
        starts, timelines = self._starts, self._timelines
        last = bisect_right(starts, start) - 1
        if last >= 0:
            counted = self._counted(last, start)
            if counted is None or counted >= amount:
                return timelines[last].due(start, -amount)
            if last > 0:
                totals, unknown = self._sums or self._summed()
                total = totals[last] - (amount - counted)
                piece = bisect_right(totals, total, 1, last) - 1
                piece = max([piece, *unknown[: bisect_left(unknown, last)][-1:]])
                counted = self._counted(0, starts[1])
                if piece > 0 or counted is None or counted >= -total:
                    return timelines[piece].due(starts[piece + 1], total - totals[piece + 1])
        raise HorizonError(f"the answer would be before {iso(starts[0])}, but no time counts before this instant")

    def _counted(self, piece: int, end: int) -> int | None:
        """Return the open time of a piece up to `end`. Return None if the piece is not known up to `end`."""
        try:
            return self._timelines[piece].elapsed(self._starts[piece], end)
        except HorizonError:
            return None

    def _check_known(self, pieces: Iterable[int]) -> None:
        """Raise HorizonError if `pieces` is not empty. The message is about the first of them.

        `pieces` has the indices of pieces that a question needs, but that their timelines do not know completely.
        """
        for piece in pieces:
            self._timelines[piece].elapsed(self._starts[piece], self._starts[piece + 1])

    def _summed(self) -> tuple[list[int], list[int]]:
        """Return the time counted before each piece, and the indices of pieces that are not known completely.

        The time of the first piece and of pieces that are not known is left out. The first and the last piece are never
        among the indices.
        """
        totals, unknown = [0, 0], []
        for piece in range(1, len(self._starts) - 1):
            try:
                counted = self._timelines[piece].elapsed(self._starts[piece], self._starts[piece + 1])
            except HorizonError:
                counted = 0
                unknown.append(piece)
            totals.append(totals[-1] + counted)
        self._sums = totals, unknown  # no lock: two threads that compute them get equal lists
        return self._sums


@final
class Clock:
    """A clock that counts the open time of one schedule after another.

    A schedule is in force from its instant until the instant of the next schedule. No time counts before the first
    schedule. For a pause, the schedule `NEVER` is in force. For round-the-clock work, the schedule `ALWAYS` is in
    force. A question takes the same time however many schedules there are.

    Instants must be aware datetimes (else NaiveTimeError). Answers are in the zone of the first schedule that has a
    zone, else in UTC. Methods raise HorizonError if an instant or the answer is in years that the schedule in force
    does not know.

    >>> from kolmisla import ALWAYS
    >>> office = Schedule(timezone="Europe/Vilnius", hours={"mon-fri": ["08:00-18:00"]})
    >>> friday, saturday = datetime(2026, 7, 3, 14, tzinfo=UTC), datetime(2026, 7, 4, 7, tzinfo=UTC)
    >>> raised = Clock.switching([(friday, office), (saturday, ALWAYS)])  # one hour counts on Friday
    >>> raised.due(friday, timedelta(hours=2)).isoformat()
    '2026-07-04T11:00:00+03:00'
    """

    __slots__ = ("_instant", "changes", "timeline")

    changes: tuple[tuple[datetime, Schedule], ...]
    timeline: Pieces  # gives the same answers in integers, for modules that import this module
    _instant: Callable[[int], datetime]

    def __init__(self, changes: Iterable[tuple[datetime, Schedule]]) -> None:
        expect_iterable("changes", changes)
        pairs = [
            pair("a change must be a pair of an instant and the schedule in force from then on", item)
            for item in changes
        ]
        for _, schedule in pairs:
            expect("the schedule of a change", schedule, Schedule)
        ordered = sorted(pairs, key=lambda change: micros(change[0]))
        if not ordered:
            raise ScheduleError("a clock must have at least one pair of an instant and a schedule, but none is given")
        starts = [micros(from_at) for from_at, _ in ordered]
        twice = [iso(earlier) for earlier, later in pairwise(starts) if earlier == later]
        if twice:
            raise ScheduleError(
                f"only one schedule can take effect at an instant, but several do at {' and at '.join(twice)}"
            )
        zone = next((schedule.timezone for _, schedule in ordered if schedule.timezone), None)
        self.changes = tuple(ordered)
        self.timeline = Pieces(starts, [schedule.timeline for _, schedule in ordered])
        self._instant = instants_in(zone_or_utc(zone))

    @classmethod
    def switching(cls, changes: Iterable[tuple[datetime, Schedule]]) -> "Clock":
        """Make a clock from pairs of an instant and the schedule in force from that instant.

        The pairs may be in any order. Raises ScheduleError if there are no pairs, or if two pairs have the same
        instant.
        """
        return cls(changes)

    @classmethod
    def paused(cls, schedule: Schedule, pauses: Iterable[tuple[datetime, datetime | None]]) -> "Clock":
        """Make a clock that counts the open time of one schedule, except during pauses.

        A pause is a pair of its start and its end. A pause whose end is None never ends. Pauses may overlap. A pause
        without length is ignored. Raises ScheduleError for a pause that ends before it starts.

        >>> office = Schedule(timezone="UTC", hours={"mon-fri": ["08:00-18:00"]})
        >>> lunch = datetime(2026, 7, 3, 12, tzinfo=UTC), datetime(2026, 7, 3, 13, tzinfo=UTC)
        >>> clock = Clock.paused(office, [lunch])
        >>> clock.due(datetime(2026, 7, 3, 11, tzinfo=UTC), timedelta(hours=2)).isoformat()
        '2026-07-03T14:00:00+00:00'
        """
        expect("schedule", schedule, Schedule)
        expect_iterable("pauses", pauses)
        # NEVER knows all years, so a pause may end after the last year that `schedule` knows. For an instant after such
        # a pause, the clock raises HorizonError.
        start, end = schedule.timeline.start, NEVER.timeline.end
        spans = []
        for pause in pauses:
            from_at, until = pair("a pause must be a pair of its start and its end (an instant or None)", pause)
            a, b = micros(from_at), end if until is None else micros(until)
            if until is not None and b < a:
                raise ScheduleError(
                    f"a pause must not end before it starts; one is from {from_at.isoformat()} to {until.isoformat()}"
                )
            spans.append((max(a, start), min(b, end)))
        return cls(_around(schedule, merged(spans), start, end))

    def is_open(self, at: datetime) -> bool:
        """Tell whether time counts at an instant."""
        return self.timeline.is_open(micros(at))

    def next_open(self, at: datetime) -> datetime:
        """Return `at` itself if time counts at `at`, else the next instant at which time counts."""
        return self._instant(self.timeline.next_open(micros(at)))

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """Return the time counted from `start` to `end`, exact to the microsecond.

        It is negative if `end` is before `start`.
        """
        return duration(self.timeline.elapsed(micros(start), micros(end)))

    def due(self, start: datetime, within: timedelta) -> datetime:
        """Return the earliest instant t with elapsed(start, t) == within.

        For a negative duration, return the latest instant t with elapsed(t, start) == -within.
        """
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
    """Yield instants, each with the schedule in force from then on: NEVER in the pauses, and else `schedule`.

    The pauses must be in order, and must not overlap. After a pause that lasts until `end`, the schedule does not come
    back.
    """
    instant = instants_in(UTC)
    if not pauses or pauses[0][0] > start:
        yield instant(start), schedule
    for a, b in pauses:
        yield instant(a), NEVER
        if b < end:
            yield instant(b), schedule
