"""A cycle and what is promised for it: what has been counted, and when a target is reached. Integers only."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Literal, NamedTuple

from kolmisla.errors import HorizonError, TicketError
from kolmisla.instants import told
from kolmisla.policies.plan import FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION, MetricName, PriorityChange, Promise
from kolmisla.schedules.clock import Pieces
from kolmisla.schedules.schedule import NEVER, Schedule
from kolmisla.schedules.timeline import Timeline
from kolmisla.tickets.cycles import CycleFacts, Pause

__all__ = ["Piece", "CycleClock", "STATE_OF", "DeadlineState", "no_due_time", "unknown_beyond"]

DeadlineState = Literal["running", "paused", "met", "breached"]

# The state of a cycle: by whether it has ended, whether its clock is paused with no end known, and whether its target
# is exceeded. Arrays and SQL make their tables of this one.
STATE_OF: dict[tuple[bool, bool, bool], DeadlineState] = {
    (False, False, False): "running",
    (False, True, False): "paused",
    (True, False, False): "met",
    (True, True, False): "met",
    (False, False, True): "breached",
    (False, True, True): "breached",
    (True, False, True): "breached",
    (True, True, True): "breached",
}

NO_DUE_TIME = "no due time is known"

PromiseFrom = tuple[int, Promise]  # a promise, and from when it is in force

# What a change of priority does to what was counted before it.
AFTER_CHANGE: dict[PriorityChange, Callable[[tuple[PromiseFrom, ...]], tuple[PromiseFrom, ...]]] = {
    "carry": lambda steps: steps,
    "retroactive": lambda steps: ((steps[0][0], steps[-1][1]),),
    "restart": lambda steps: steps[-1:],
}

BEGINNING: dict[MetricName, str] = {
    FIRST_RESPONSE: "the ticket was opened",
    NEXT_RESPONSE: "the question was asked",
    RESOLUTION: "the ticket was opened",
}


class Piece(NamedTuple):
    """What is in force from an instant on: the promise of a step, or a pause."""

    start: int
    step: int
    promise: Promise
    pause: Pause | None

    @property
    def schedule(self) -> Schedule:
        """What time counts on."""
        return NEVER if self.pause else self.promise.schedule


class Decided(NamedTuple):
    """The step whose target decides; `at_once` when it was used up already as the step began."""

    step: int
    at_once: bool


class CycleClock(NamedTuple):
    """The clock of one cycle and its promises, each in force from an instant on, the last one to be kept."""

    started: int
    ended: int | None
    steps: tuple[PromiseFrom, ...]
    pauses: tuple[Pause, ...]
    clock: Timeline | Pieces

    @classmethod
    def of(cls, cycle: CycleFacts, steps: tuple[PromiseFrom, ...], priority_change: PriorityChange) -> "CycleClock":
        """Make the clock of a cycle with the promises of its priorities."""
        if len(steps) > 1:
            steps = AFTER_CHANGE[priority_change](steps)
        if len(steps) == 1 and not cycle.pauses and steps[0][0] == cycle.started:
            return cls(cycle.started, cycle.ended, steps, (), steps[0][1].schedule.timeline)
        starts, timelines = [], []
        for piece in _pieces(steps, cycle.pauses):
            starts.append(piece.start)
            timelines.append(piece.schedule.timeline)
        return cls(cycle.started, cycle.ended, steps, cycle.pauses, Pieces(starts, timelines))

    @property
    def promise(self) -> Promise:
        """The one to be kept: in force at the end of the cycle, or of what is known."""
        return self.steps[-1][1]

    @property
    def paused_since(self) -> int | None:
        """Since when the clock stands still with no end known; None when it does not."""
        return self.pauses[-1].start if self.pauses and self.pauses[-1].end is None else None

    def pieces(self) -> Iterator[Piece]:
        """What is in force from when, in order."""
        return _pieces(self.steps, self.pauses)

    def elapsed(self, now: int) -> int:
        """What has been counted at an instant, or at the end of the cycle."""
        started, ended, _, _, clock = self
        if now < started:
            asked, began = (told(at, self.promise.zone) for at in (now, started))
            raise TicketError(f"asked for {asked}, before {BEGINNING[self.promise.metric]} at {began}")
        return clock.elapsed(started, now if ended is None or now < ended else ended)

    def state_at(self, now: int) -> tuple[DeadlineState, int]:
        """How it stands at an instant after all that is known, and what has been counted."""
        elapsed, within = self.elapsed(now), self.steps[-1][1].within
        exceeded = within is not None and elapsed > within
        return STATE_OF[self.ended is not None, self.paused_since is not None, exceeded], elapsed

    def instants(self) -> tuple[int | None, int | None]:
        """The earliest instant at which the target is used up, and the latest that still keeps it.

        Never before the change of priority that made it so. None when there is none, or none is known.
        """
        steps, clock = self.steps, self.clock
        if len(steps) == 1:
            due = last = self._reached(steps[0][1].within)
        else:
            due = self.used(100)
            decided = self._decided(lambda counted, within: counted > within)
            if decided is None or decided.at_once:
                return due, decided and steps[decided.step][0]
            last = self._reached(steps[decided.step][1].within)
        try:
            return due, None if last is None else clock.next_open(last)
        except HorizonError:
            return due, None

    def used(self, percent: int) -> int | None:
        """The earliest instant at which that share of the target is used up, not before the change that made it so."""
        decided = self.decided(percent)
        if decided is None:
            return None
        at, promise = self.steps[decided.step]
        if decided.at_once:
            return at
        return None if promise.within is None else self._reached(_share(promise.within, percent))

    def decided(self, percent: int = 100) -> Decided | None:
        """Which step's target decides when that share is used up; None when it is not known."""
        return self._decided(lambda counted, within: counted >= _share(within, percent))

    def _decided(self, used_up: Callable[[int, int], bool]) -> Decided | None:
        """When a change comes, the new target may be used up already.

        Then the change made it so, at once, unless the target before was used up as well: then that one decides,
        and so on.
        """
        if len(self.steps) == 1:
            return Decided(0, at_once=False)
        try:
            counted = self._counted()
        except HorizonError:
            if self._is_unknown():
                raise
            return None
        for place in range(len(self.steps) - 1, 0, -1):
            within, earlier = self.steps[place][1].within, self.steps[place - 1][1].within
            if within is None or not used_up(counted[place], within):
                return Decided(place, at_once=False)
            if earlier is None or not used_up(counted[place], earlier):
                return Decided(place, at_once=True)
        return Decided(0, at_once=False)

    def _counted(self) -> list[int]:
        """What has been counted when each step begins."""
        counted, total, pieces = [0], 0, list(self.pieces())
        for piece, following in pairwise(pieces):
            total += piece.schedule.timeline.elapsed(piece.start, following.start)
            if following.step > piece.step:
                counted.append(total)
        return counted

    def _reached(self, target: int | None) -> int | None:
        """When that much has been counted; None when that is never, or not known."""
        if target is None:
            return None
        try:
            return self.clock.due(self.started, target)
        except HorizonError:
            if self._is_unknown():
                raise
            return None

    def _is_unknown(self) -> bool:
        """Whether it began where the clock knows nothing."""
        return not self.clock.start <= self.started <= self.clock.end


def unknown_beyond(cycle_clock: CycleClock) -> str:
    """Why nobody knows what a clock will have counted: it is paused, or the years are not known."""
    since = cycle_clock.paused_since
    if since is None:
        return cycle_clock.promise.schedule.timeline.known
    return f"paused since {told(since, cycle_clock.promise.zone)}"


def no_due_time(cycle_clock: CycleClock) -> str:
    """Why a deadline may have no due time."""
    return f"{NO_DUE_TIME}: {unknown_beyond(cycle_clock)}"


def _share(within: int, percent: int) -> int:
    return -(-within * percent // 100)  # the first microsecond at which it is reached


def _pieces(steps: tuple[PromiseFrom, ...], pauses: tuple[Pause, ...]) -> Iterator[Piece]:
    place = 0  # of the first pause that has not ended yet
    for number, (start, promise) in enumerate(steps):
        end = steps[number + 1][0] if number + 1 < len(steps) else None
        at: int | None = start
        while at is not None and (end is None or at < end):
            while place < len(pauses) and _has_ended(pauses[place], at):
                place += 1
            pause = pauses[place] if place < len(pauses) else None
            if pause is None or (end is not None and pause.start >= end):
                yield Piece(at, number, promise, None)
                break
            if pause.start > at:
                yield Piece(at, number, promise, None)
            yield Piece(max(pause.start, at), number, promise, pause)
            at = pause.end


def _has_ended(pause: Pause, at: int) -> bool:
    return pause.end is not None and pause.end <= max(at, pause.start)  # ended, or empty
