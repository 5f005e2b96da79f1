"""The clock of one cycle and its promises: what it has counted, and when it reaches a target.

All values are integers: instants and amounts in UTC microseconds.
"""

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

# The state of a cycle, by three questions: has it ended, is its clock paused with no known end, is its target exceeded?
# Arrays and SQL derive their tables from this one.
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

PromiseFrom = tuple[int, Promise]  # an instant, and the promise in force from then on

# What a change of priority does to the time counted before it: which steps still apply, and from when.
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
    """What is in force from an instant on: a step, by its index, with its promise, and the pause if there is one."""

    start: int
    step: int
    promise: Promise
    pause: Pause | None

    @property
    def schedule(self) -> Schedule:
        """The schedule on which time counts: NEVER during a pause."""
        return NEVER if self.pause else self.promise.schedule


class Decided(NamedTuple):
    """The step whose target decides; `at_once` is True when that target was already used up as the step began."""

    step: int
    at_once: bool


class CycleClock(NamedTuple):
    """The clock of one cycle and its promises, each in force from an instant on; the last one is to be kept."""

    started: int
    ended: int | None
    steps: tuple[PromiseFrom, ...]
    pauses: tuple[Pause, ...]
    clock: Timeline | Pieces

    @classmethod
    def of(cls, cycle: CycleFacts, steps: tuple[PromiseFrom, ...], priority_change: PriorityChange) -> "CycleClock":
        """Return the clock of a cycle with the promises of its priorities."""
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
        """The promise to be kept: the one in force when the cycle ends, or the last one known."""
        return self.steps[-1][1]

    @property
    def paused_since(self) -> int | None:
        """The start of a pause that has no known end; None when there is no such pause."""
        return self.pauses[-1].start if self.pauses and self.pauses[-1].end is None else None

    def pieces(self) -> Iterator[Piece]:
        """Yield in order what is in force, and from when."""
        return _pieces(self.steps, self.pauses)

    def elapsed(self, now: int) -> int:
        """Return what the clock has counted at an instant, or at the end of the cycle if that comes first.

        TicketError for an instant before the cycle began.
        """
        started, ended, _, _, clock = self
        if now < started:
            asked, began = (told(at, self.promise.zone) for at in (now, started))
            raise TicketError(f"{asked} is before {BEGINNING[self.promise.metric]} at {began}")
        return clock.elapsed(started, now if ended is None or now < ended else ended)

    def state_at(self, now: int) -> tuple[DeadlineState, int]:
        """Return the state of the cycle at an instant, and what has been counted.

        The instant must not be before the last event that the clock was made from.
        """
        elapsed, within = self.elapsed(now), self.steps[-1][1].within
        exceeded = within is not None and elapsed > within
        return STATE_OF[self.ended is not None, self.paused_since is not None, exceeded], elapsed

    def instants(self) -> tuple[int | None, int | None]:
        """Return the earliest instant at which the target is used up, and the latest that still keeps it.

        Neither is before the change of priority that decided it. Each is None when there is no such instant, or it
        is not known.
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
        """Return the earliest instant at which `percent` of the target is used up; None when it is not known.

        It is not before the change of priority that decided it.
        """
        decided = self.decided(percent)
        if decided is None:
            return None
        at, promise = self.steps[decided.step]
        if decided.at_once:
            return at
        return None if promise.within is None else self._reached(_share(promise.within, percent))

    def decided(self, percent: int = 100) -> Decided | None:
        """Return the step whose target decides when `percent` of it is used up; None when that is not known."""
        return self._decided(lambda counted, within: counted >= _share(within, percent))

    def _decided(self, used_up: Callable[[int, int], bool]) -> Decided | None:
        """Return the step whose target decides; `used_up` compares the time counted with a target.

        When the priority changes, the time counted may already use up the new target. Then the change decides, at
        once. But when it uses up the target before the change as well, that earlier step decides, and so on back.
        """
        if len(self.steps) == 1:
            return Decided(0, at_once=False)
        try:
            counted = self._counted()
        except HorizonError:
            if self._is_unknown():
                raise
            return None
        for step in range(len(self.steps) - 1, 0, -1):
            within, earlier = self.steps[step][1].within, self.steps[step - 1][1].within
            if within is None or not used_up(counted[step], within):
                return Decided(step, at_once=False)
            if earlier is None or not used_up(counted[step], earlier):
                return Decided(step, at_once=True)
        return Decided(0, at_once=False)

    def _counted(self) -> list[int]:
        """Return what has been counted when each step begins."""
        counted, total, pieces = [0], 0, list(self.pieces())
        for piece, following in pairwise(pieces):
            total += piece.schedule.timeline.elapsed(piece.start, following.start)
            if following.step > piece.step:
                counted.append(total)
        return counted

    def _reached(self, target: int | None) -> int | None:
        """Return the instant at which the clock has counted `target`; None when it never does, or it is not known."""
        if target is None:
            return None
        try:
            return self.clock.due(self.started, target)
        except HorizonError:
            if self._is_unknown():
                raise
            return None

    def _is_unknown(self) -> bool:
        """Return whether the cycle began outside the clock's horizon."""
        return not self.clock.start <= self.started <= self.clock.end


def unknown_beyond(cycle_clock: CycleClock) -> str:
    """Return why nobody knows what a clock will count: it is paused, or its schedule knows no later years."""
    since = cycle_clock.paused_since
    if since is None:
        return cycle_clock.promise.schedule.timeline.known
    return f"paused since {told(since, cycle_clock.promise.zone)}"


def no_due_time(cycle_clock: CycleClock) -> str:
    """Return the reason why a deadline has no due time."""
    return f"{NO_DUE_TIME}: {unknown_beyond(cycle_clock)}"


def _share(within: int, percent: int) -> int:
    return -(-within * percent // 100)  # rounded up: the first microsecond at which the share is reached


def _pieces(steps: tuple[PromiseFrom, ...], pauses: tuple[Pause, ...]) -> Iterator[Piece]:
    """Yield the pieces of all steps, cut where a pause begins or ends."""
    index = 0  # of the first pause that has not ended yet
    for step, (start, promise) in enumerate(steps):
        end = steps[step + 1][0] if step + 1 < len(steps) else None
        at: int | None = start
        while at is not None and (end is None or at < end):
            while index < len(pauses) and _has_ended(pauses[index], at):
                index += 1
            pause = pauses[index] if index < len(pauses) else None
            if pause is None or (end is not None and pause.start >= end):
                yield Piece(at, step, promise, None)
                break
            if pause.start > at:
                yield Piece(at, step, promise, None)
            yield Piece(max(pause.start, at), step, promise, pause)
            at = pause.end


def _has_ended(pause: Pause, at: int) -> bool:
    return pause.end is not None and pause.end <= max(at, pause.start)  # ended, or empty
