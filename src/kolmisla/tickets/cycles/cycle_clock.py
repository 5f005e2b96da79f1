"""The clock of one cycle. It tells how much time has counted, and when a target is used up.

Instants are integers in UTC microseconds. Amounts of time are integers in microseconds.
"""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple

from kolmisla.errors import HorizonError, TicketError
from kolmisla.policies.plan import Promise
from kolmisla.policies.terms.metrics import NEXT_RESPONSE
from kolmisla.policies.terms.warnings import amount_at
from kolmisla.schedules.clock import Pieces
from kolmisla.schedules.schedule import NEVER, Schedule
from kolmisla.schedules.timeline import Timeline
from kolmisla.tickets.cycles.naming import PromiseFrom, as_amounts
from kolmisla.times.instants import told

if TYPE_CHECKING:  # a ticket without events does not need this module
    from kolmisla.tickets.cycles.cycles import CycleFacts, Pause

__all__ = ["Piece", "CycleClock", "STATE_OF", "DeadlineState", "beginning", "no_due_time", "unknown_beyond"]

DeadlineState = Literal["running", "paused", "met", "breached", "withdrawn"]

# The state of a cycle for each set of answers to three questions. Has the cycle ended? Is the clock in a pause with no
# known end? Is the target exceeded? The tables for arrays and for SQL are derived from this table. A withdrawn cycle is
# in none of these states.
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
WHOLE_TARGET = partial(amount_at, 100)  # the amount of a target: all of it


def beginning(metric: str, *, at_opening: bool) -> str:
    """Return the words of a message for what began a cycle, such as `the ticket was opened`."""
    if at_opening:
        return "the ticket was opened"
    return "the question was asked" if metric == NEXT_RESPONSE else f"the cycle of {metric} began"


class Piece(NamedTuple):
    """A part of a cycle in which one promise is in force, and which lies in one pause or in none.

    `step` is the index of the promise in `CycleClock.steps`.
    """

    start: int
    step: int
    promise: Promise
    pause: "Pause | None"

    @property
    def schedule(self) -> Schedule:
        """The schedule that says when time counts: NEVER during a pause, else the schedule of the promise."""
        return NEVER if self.pause else self.promise.schedule


class Decided(NamedTuple):
    """The promise whose target decides an instant of a clock, such as the due time.

    `step` is its index in `CycleClock.steps`. If `at_once` is True, the target was already used up when the promise
    came into force, and the instant is that one.
    """

    step: int
    at_once: bool


class CycleClock(NamedTuple):
    """The clock of one cycle, with the promises for the cycle.

    The last promise in `steps` is the one to keep. `agreed` is a due time that no pause moves. `waived` is why the
    verdict does not count.
    """

    started: int
    ended: int | None
    steps: tuple[PromiseFrom, ...]
    pauses: "tuple[Pause, ...]"
    clock: Timeline | Pieces
    agreed: int | None = None
    withdrawn: bool = False
    waived: str | None = None
    at_opening: bool = True  # whether the cycle began when the ticket was opened

    @classmethod
    def of(cls, cycle: "CycleFacts", steps: tuple[PromiseFrom, ...]) -> "CycleClock":
        """Return the clock of a cycle. Each of the `steps` is an instant and the promise in force from then on."""
        clock: Timeline | Pieces
        pauses = cycle.pauses
        for _, promise in steps:
            if promise.within is None and promise.is_unnamed:
                steps = as_amounts(steps)
                break
        if len(steps) == 1 and not pauses and steps[0][0] == cycle.started:
            clock = steps[0][1].schedule.timeline
        else:
            starts, timelines = [], []
            for piece in _pieces(steps, pauses):
                starts.append(piece.start)
                timelines.append(piece.schedule.timeline)
            clock = Pieces(starts, timelines)
        return cls(cycle.started, cycle.ended, steps, pauses, clock, None, cycle.withdrawn, cycle.waived)

    def with_target(self, within: int) -> "CycleClock":
        """Return a copy of the clock in which every promise has the target `within`, in microseconds."""
        steps = tuple([(at, promise._replace(within=within, named_from=None)) for at, promise in self.steps])
        return self._replace(steps=steps)

    @property
    def promise(self) -> Promise:
        """The promise that must be kept: the last one known or, if the cycle has ended, the one in force at the end."""
        return self.steps[-1][1]

    @property
    def paused_since(self) -> int | None:
        """The start of a pause that has no known end, or None when there is no such pause."""
        return self.pauses[-1].start if self.pauses and self.pauses[-1].end is None else None

    def pieces(self) -> Iterator[Piece]:
        """Yield the pieces of the cycle in order of time: each has one promise, and lies in one pause or in none."""
        return _pieces(self.steps, self.pauses)

    def elapsed(self, now: int) -> int:
        """Return the time counted from the start of the cycle to `now`, or to the end of the cycle if that is earlier.

        Raise TicketError for an instant before the cycle began.
        """
        started, ended, clock = self.started, self.ended, self.clock
        if now < started:
            asked, began = (told(at, self.promise.zone) for at in (now, started))
            raise TicketError(
                f"{asked} is before {beginning(self.promise.metric, at_opening=self.at_opening)} at {began}"
            )
        return clock.elapsed(started, now if ended is None or now < ended else ended)

    def state_at(self, now: int) -> tuple[DeadlineState, int]:
        """Return the state of the cycle at the instant `now`, and the time counted up to that instant.

        `now` must not be earlier than the last event from which the clock was made.
        """
        elapsed = self.elapsed(now)
        if self.withdrawn:
            return "withdrawn", elapsed
        return STATE_OF[self.ended is not None, self.paused_since is not None, self.exceeded(now, elapsed)], elapsed

    def exceeded(self, now: int, elapsed: int) -> bool:
        """Return whether the target is exceeded at `now`. If `agreed` is set, this due time decides, not `elapsed`."""
        if self.agreed is not None:
            return (now if self.ended is None else min(now, self.ended)) > self.agreed
        within = self.steps[-1][1].within
        return within is not None and elapsed > within

    def instants(self) -> tuple[int | None, int | None]:
        """Return two instants: the earliest at which the target is used up, and the latest that keeps the target.

        A ticket that becomes due only because of a change of priority is due at the change. An unknown instant is None.
        """
        steps, clock = self.steps, self.clock
        if self.agreed is not None:
            return self.agreed, self.agreed
        if len(steps) == 1:
            within = steps[0][1].within
            if within is not None and isinstance(clock, Timeline):
                try:
                    return clock.kept(self.started, within)
                except HorizonError:  # raised even if one of the two instants is known
                    pass
            due = last = self._reached(within)
        else:
            due = self.reached(WHOLE_TARGET)
            decided = self._decided(lambda counted, within: counted > within)
            if decided is None or decided.at_once:
                return due, decided and steps[decided.step][0]
            last = self._reached(steps[decided.step][1].within)
        try:
            return due, None if last is None else clock.next_open(last)
        except HorizonError:
            return due, None

    def reached(self, amount_of: Callable[[int], int]) -> int | None:
        """Return the earliest instant at which part of the target is counted, or None if the instant is unknown.

        `amount_of` takes a target and returns the part. If a change of priority brings a target of which the part is
        already counted, the instant is the change.
        """
        if self.agreed is not None and amount_of(within := self.promise.within or 0) == within:
            return self.agreed
        decided = self.decided(amount_of)
        if decided is None:
            return None
        at, promise = self.steps[decided.step]
        if decided.at_once:
            return at
        amount = None if promise.within is None else amount_of(promise.within)
        return at if amount is not None and amount <= 0 else self._reached(amount)

    def decided(self, amount_of: Callable[[int], int] = WHOLE_TARGET) -> Decided | None:
        """Return the promise that decides at which instant `amount_of(target)` is counted, or None if unknown."""
        return self._decided(lambda counted, within: counted >= amount_of(within))

    def _decided(self, used_up: Callable[[int, int], bool]) -> Decided | None:
        """Return the promise whose target decides an instant, such as the due time, or None if unknown.

        `used_up` takes the time counted and a target. The last promise decides at whose beginning its own target or the
        one before was not used up; else, the first promise.
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
        """Return, for each of the `steps`, the time that had been counted when the step began."""
        counted, total, pieces = [0], 0, list(self.pieces())
        for piece, following in pairwise(pieces):
            total += piece.schedule.timeline.elapsed(piece.start, following.start)
            if following.step > piece.step:
                counted.append(total)
        return counted

    def _reached(self, target: int | None) -> int | None:
        """Return the earliest instant at which `target` is counted, or None for an unknown instant or no target."""
        if target is None:
            return None
        try:
            return self.clock.due(max(self.started, self.steps[0][0]), target)
        except HorizonError:
            if self._is_unknown():
                raise
            return None

    def _is_unknown(self) -> bool:
        """Return whether the cycle began outside the years that the schedules of the clock know."""
        return not self.clock.start <= self.started <= self.clock.end


def unknown_beyond(cycle_clock: CycleClock) -> str:
    """Return why an instant such as the due time is unknown: a pause has no end, or later years are not known."""
    since = cycle_clock.paused_since
    if since is None:
        return cycle_clock.promise.schedule.timeline.known
    return f"paused since {told(since, cycle_clock.promise.zone)}"


def no_due_time(cycle_clock: CycleClock) -> str:
    """Return the reason why a deadline has no due time, for messages."""
    return f"{NO_DUE_TIME}: {unknown_beyond(cycle_clock)}"


def _pieces(steps: tuple[PromiseFrom, ...], pauses: "tuple[Pause, ...]") -> Iterator[Piece]:
    """Yield the pieces of a cycle in order. A new `Piece` begins with each step, and where a pause begins or ends."""
    index = 0  # the index of the first pause that has not ended yet
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


def _has_ended(pause: "Pause", at: int) -> bool:
    return pause.end is not None and pause.end <= max(at, pause.start)  # the pause has ended, or is empty
