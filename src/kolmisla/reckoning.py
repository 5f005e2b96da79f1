"""A cycle and what is promised for it: what has been counted, and when a target is reached. Integers only."""

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from kolmisla.clock import Pieces
from kolmisla.errors import HorizonError, TicketError
from kolmisla.history import Course, Stop
from kolmisla.plan import FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION, Metric
from kolmisla.policy import PriorityChange, Promise
from kolmisla.schedule import NEVER
from kolmisla.spans import iso
from kolmisla.timeline import Timeline

__all__ = ["Piece", "Reckoning", "State"]

State = Literal["running", "paused", "met", "breached"]
Step = tuple[int, Promise]  # a promise, and from when it is in force

# What a change of priority does to what was counted before it.
READINGS: dict[PriorityChange, Callable[[tuple[Step, ...]], tuple[Step, ...]]] = {
    "carry": lambda steps: steps,
    "retroactive": lambda steps: ((steps[0][0], steps[-1][1]),),
    "restart": lambda steps: steps[-1:],
}

BEGINNING: dict[Metric, str] = {
    FIRST_RESPONSE: "the ticket was opened",
    NEXT_RESPONSE: "the question was asked",
    RESOLUTION: "the ticket was opened",
}


class Piece(NamedTuple):
    """What is in force from an instant on: a promise, or a stop."""

    start: int
    promise: Promise
    stop: Stop | None


class Reckoning(NamedTuple):
    """The clock of one cycle and its promises, each in force from an instant on, the last one to be kept."""

    started: int
    ended: int | None
    steps: tuple[Step, ...]
    stops: tuple[Stop, ...]
    clock: Timeline | Pieces

    @classmethod
    def of(cls, course: Course, steps: tuple[Step, ...], reading: PriorityChange) -> "Reckoning":
        """The reckoning of a course with the promises of its priorities."""
        if len(steps) > 1:
            steps = READINGS[reading](steps)
        if len(steps) == 1 and not course.stops and steps[0][0] == course.started:
            return cls(course.started, course.ended, steps, (), steps[0][1].schedule.timeline)
        starts, timelines = [], []
        for start, promise, stop in _pieces(steps, course.stops):
            starts.append(start)
            timelines.append((NEVER if stop else promise.schedule).timeline)
        return cls(course.started, course.ended, steps, course.stops, Pieces(starts, timelines))

    @property
    def promise(self) -> Promise:
        """The one to be kept: in force at the end of the cycle, or of what is known."""
        return self.steps[-1][1]

    @property
    def paused_since(self) -> int | None:
        """Since when the clock stands still with no end known; None when it does not."""
        return self.stops[-1].start if self.stops and self.stops[-1].end is None else None

    def pieces(self) -> Iterator[Piece]:
        """What is in force from when, in order."""
        return _pieces(self.steps, self.stops)

    def elapsed(self, now: int) -> int:
        """What has been counted at an instant, or at the end of the cycle."""
        started, ended, _, _, clock = self
        if now < started:
            raise TicketError(f"asked for {iso(now)}, before {BEGINNING[self.promise.metric]} at {iso(started)}")
        return clock.elapsed(started, now if ended is None or now < ended else ended)

    def standing(self, now: int) -> tuple[State, int]:
        """How it stands at an instant after all that is known, and what has been counted."""
        elapsed, within = self.elapsed(now), self.steps[-1][1].within
        if within is not None and elapsed > within:
            return "breached", elapsed
        if self.ended is not None:
            return "met", elapsed
        return "running" if self.paused_since is None else "paused", elapsed

    def instants(self) -> tuple[int | None, int | None]:
        """The earliest instant at which the target is used up, and the latest that still keeps it.

        Never before the change of priority that made it so. None when there is none, or none is known.
        """
        if len(self.steps) == 1:
            due = last = self._reached(self.promise.within)
        else:
            due = self.used(100)
            decisive = self._decisive(lambda counted, within: counted > within)
            if isinstance(decisive, int):
                return due, decisive
            last = self._reached(decisive.within)
        try:
            return due, None if last is None else self.clock.next_open(last)
        except HorizonError:
            return due, None

    def used(self, percent: int) -> int | None:
        """The earliest instant at which that share of the target is used up, not before the change that made it so."""
        decisive = self._decisive(lambda counted, within: counted >= _share(within, percent))
        if isinstance(decisive, int):
            return decisive
        return None if decisive.within is None else self._reached(_share(decisive.within, percent))

    def _decisive(self, over: Callable[[int, int], bool]) -> int | Promise:
        """The promise whose target decides, or the instant of the change that decided at once.

        When a change comes, the new target may be over already. Then the change made it so, unless the one
        before was over as well: then that one decides, and so on.
        """
        for (at, promise), (_, earlier) in zip(self.steps[:0:-1], self.steps[-2::-1], strict=True):
            counted = self.clock.elapsed(self.started, at)
            if promise.within is None or not over(counted, promise.within):
                return promise
            if earlier.within is None or not over(counted, earlier.within):
                return at
        return self.steps[0][1]

    def _reached(self, amount: int | None) -> int | None:
        """When that much has been counted; None when that is never, or not known."""
        if amount is None:
            return None
        try:
            return self.clock.due(self.started, amount)
        except HorizonError:
            if not self.clock.start <= self.started <= self.clock.end:
                raise
            return None


def _share(within: int, percent: int) -> int:
    return -(-within * percent // 100)  # the first microsecond at which it is reached


def _pieces(steps: tuple[Step, ...], stops: tuple[Stop, ...]) -> Iterator[Piece]:
    for i, (start, promise) in enumerate(steps):
        end = steps[i + 1][0] if i + 1 < len(steps) else None
        at: int | None = start
        for stop in stops:
            if at is None or (end is not None and stop.start >= end):
                break
            if stop.end is not None and stop.end <= max(at, stop.start):
                continue
            if stop.start > at:
                yield Piece(at, promise, None)
            yield Piece(max(stop.start, at), promise, stop)
            at = stop.end
        if at is not None and (end is None or at < end):
            yield Piece(at, promise, None)
