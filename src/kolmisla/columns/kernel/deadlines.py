"""How many tickets stand at an instant: deadlines, time counted and states, a column each; integers only."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.kernel.promises import Promised, Reason, TicketColumns
from kolmisla.columns.kernel.questions import NULL, Mask, chunks, extent
from kolmisla.columns.kernel.timeline import Compiled, Ints, sheet
from kolmisla.errors import HorizonError, KolmislaError, TicketError
from kolmisla.schedules.schedule import Schedule
from kolmisla.schedules.timeline import Timeline
from kolmisla.tickets.cycle_clock import NO_DUE_TIME, STATE_OF

__all__ = [
    "BEFORE_OPENING",
    "NOT_COVERED",
    "NOT_YET",
    "STATES",
    "STATE_BY_BITS",
    "AddedColumns",
    "Deadlines",
    "deadlines_at",
    "outside",
]

STATES = ("running", "paused", "met", "breached", "not-covered", None)
NOT_COVERED, NO_STATE = map(STATES.index, ("not-covered", None))
# the place of a state by what STATE_OF has, as bits: 1 for ended, 2 for paused, 4 for exceeded
STATE_BY_BITS = np.array(
    [STATES.index(STATE_OF[bool(bits & 1), bool(bits & 2), bool(bits & 4)]) for bits in range(8)], np.int8
)
BEFORE_OPENING = "answered_at is before opened_at"
NOT_YET = "opened after the instant it is judged at"


@dataclass(frozen=True, slots=True)
class AddedColumns:
    """The columns that a frame of tickets is given."""

    prefix: str  # of their names
    seconds: bool  # whether durations are numbers of seconds, which their names then say

    @property
    def kinds(self) -> dict[str, str]:
        """The kind of each column, by its name and in their order."""
        duration, mark = ("seconds", "_s") if self.seconds else ("duration", "")
        kinds = {
            "due_at": "instant",
            "breaches_after": "instant",
            f"elapsed{mark}": duration,
            f"target{mark}": duration,
            "state": "text",
            "reason": "text",
        }
        return {self.prefix + name: kind for name, kind in kinds.items()}


@dataclass(slots=True)
class Deadlines:
    """Columns of as many rows as there are tickets; `state` and `reason` are places in STATES and among `reasons`."""

    due: Ints
    breach: Ints
    elapsed: Ints
    target: Ints
    state: NDArray[np.int8]
    reason: NDArray[np.int32]
    reasons: dict[Reason, int] = field(default_factory=lambda: {Reason(None): 0})

    @classmethod
    def of(cls, rows: int) -> "Deadlines":
        """Columns still to be filled."""
        due, breach, elapsed, target = (np.full(rows, NULL) for _ in range(4))
        state, reason = np.full(rows, NO_STATE, np.int8), np.zeros(rows, np.int32)
        return cls(due, breach, elapsed, target, state, reason)

    def give_reason(self, rows: Mask | Ints, text: str, error: type[KolmislaError] | None = None) -> None:
        """The reason of some rows; with an error, nothing else is known of them."""
        place = self.place(Reason(text, error))
        if error is None:
            self.reason[rows] = place
        else:
            self.reject(rows, place)

    def reject(self, rows: Mask | Ints, reasons: Ints | int) -> None:
        """Take the answers off some rows, for a reason each, by its place."""
        for column in (self.due, self.breach, self.elapsed, self.target):
            column[rows] = NULL
        self.state[rows] = NO_STATE
        self.reason[rows] = reasons

    def place(self, reason: Reason) -> int:
        """The place of a reason among all."""
        return self.reasons.setdefault(reason, len(self.reasons))

    @property
    def faulty(self) -> Mask:
        """The rows that are no ticket."""
        return np.array([reason.error is not None for reason in self.reasons]).take(self.reason)


def deadlines_at(facts: TicketColumns, promises: Promised, ended: Ints, now: int) -> Deadlines:
    """How tickets stand whose clock ran from opening to its end, if any; what happened after `now` is not known."""
    entitlements, places = promises.entitlements, promises.places
    out = Deadlines.of(len(places))
    reasons = [out.place(Reason(each.reason, each.error)) for each in entitlements]
    if any(reasons):
        out.reason[:] = np.array(reasons, np.int32).take(places)
    uncovered = np.array([each.promise is None and each.error is None for each in entitlements])
    if uncovered.any():
        out.state[uncovered.take(places)] = NOT_COVERED
    schedules, on = promises.on
    targets = promises.within
    compiled = _compiled(schedules, facts.opened, ended, now, targets)
    for some in chunks(len(places)):
        place = on.take(places[some])
        for number, schedule in enumerate(schedules):
            rows = np.flatnonzero(place == number) + some.start
            cycles = _PlainCycles.at(
                now, rows, facts.opened.take(rows), ended.take(rows), targets.take(places.take(rows))
            )
            _fill_in_on(out, cycles, compiled[number], schedule.timeline)
    out.give_reason((facts.answered != NULL) & (facts.answered < facts.opened), BEFORE_OPENING, TicketError)
    out.give_reason(facts.opened == NULL, "opened_at is missing", TicketError)
    return out


def _compiled(schedules: list[Schedule], opened: Ints, ended: Ints, now: int, targets: Ints) -> list[Compiled]:
    """What the schedules know from the first opening to the last end by now, and as far as any target reaches."""
    if not len(opened):
        return []
    unended, last = extent(ended)
    earliest, last = int(opened.min()), now if unended == NULL else min(last, now)
    found = []
    for schedule in schedules:
        timeline, first = schedule.timeline, earliest
        end = max(min(last, timeline.end), timeline.start)
        if first < timeline.start:
            first = int(np.min(opened, initial=end, where=opened >= timeline.start))
        found.append(sheet(schedule).covering(min(first, end), end, ahead=max(int(targets.max()), 0)))
    return found


@dataclass(frozen=True, slots=True)
class _PlainCycles:
    """Cycles of tickets whose clock ran all along: from the opening to the answer, or to now."""

    rows: Ints  # of the tickets
    opened: Ints
    end: Ints  # now, for those that have not ended
    has_ended: Mask
    target: Ints

    @classmethod
    def at(cls, now: int, rows: Ints, opened: Ints, ended: Ints, target: Ints) -> "_PlainCycles":
        """The cycles as they are at an instant; `ended` is NULL where nothing ended one."""
        last = ended - 1  # NULL becomes the greatest
        has_ended = last < now
        end = np.minimum(last, now - 1)
        end += 1
        return cls(rows, opened, end, has_ended, target)

    def pick(self, some: Mask) -> "_PlainCycles":
        """Some of them."""
        return _PlainCycles(self.rows[some], self.opened[some], self.end[some], self.has_ended[some], self.target[some])


def _fill_in_on(out: Deadlines, cycles: _PlainCycles, compiled: Compiled, timeline: Timeline) -> None:
    """Fill in the tickets of these cycles, all on one schedule."""
    known = (cycles.opened >= timeline.start) & (cycles.end <= timeline.end) & (cycles.opened <= cycles.end)
    if not known.all():
        odd = cycles.pick(~known)
        out.give_reason(odd.rows, outside(timeline), HorizonError)
        out.give_reason(odd.rows[odd.opened > odd.end], NOT_YET, TicketError)
        cycles = cycles.pick(known)
    rows, target = cycles.rows, cycles.target
    if not len(rows):
        return
    counted = compiled.counted(cycles.opened)
    elapsed = compiled.counted(cycles.end)
    elapsed -= counted
    out.elapsed[rows], out.target[rows] = elapsed, target
    breached = elapsed > target
    state = STATE_BY_BITS.take(cycles.has_ended.view(np.int8) + 4 * breached.view(np.int8))
    counted += target
    if int(target.min()) > 0 and int(counted.max()) < compiled.total:
        out.due[rows], out.breach[rows] = compiled.kept(counted)
    else:
        state[target == NULL] = NOT_COVERED
        out.due[rows], out.breach[rows] = _kept(compiled, np.where(target == NULL, NULL, counted))
        unknown = (out.due[rows] == NULL) & (target != NULL)
        if unknown.any():
            out.give_reason(rows[unknown], f"{NO_DUE_TIME}: {timeline.known}")
    out.state[rows] = state


def _kept(compiled: Compiled, totals: Ints) -> tuple[Ints, Ints]:
    """The earliest and the latest instant by which so much has been counted; NULL for NULL and what is out of reach."""
    earliest, latest = (np.full(len(totals), NULL) for _ in range(2))
    last = totals == compiled.total  # reached, and nothing known after it
    reached = (totals > 0) & (totals < compiled.total)
    earliest[reached], latest[reached] = compiled.kept(totals[reached])
    earliest[last] = compiled.closes[-1]
    return earliest, latest


def outside(timeline: Timeline) -> str:
    """Why what happened cannot be judged."""
    return f"a time is outside what the schedule knows: {timeline.range}"
