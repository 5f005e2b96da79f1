"""Computes the deadlines, the time counted and the states of tickets without events, as columns of integers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

import kolmisla.columns.kernel.questions as counting
from kolmisla.columns.kernel.naming.amounts import targets_of
from kolmisla.columns.kernel.promises import Promised, Reason, TicketColumns
from kolmisla.columns.kernel.questions import NULL, Mask, chunks, extent, outside
from kolmisla.columns.kernel.timeline import Compiled, Ints, sheet
from kolmisla.errors import HorizonError, KolmislaError, TicketError
from kolmisla.policies.plan import Promise
from kolmisla.schedules.schedule import Schedule
from kolmisla.schedules.timeline import Timeline
from kolmisla.tickets.cycles.cycle_clock import NO_DUE_TIME, STATE_OF
from kolmisla.tickets.cycles.shapes import BEFORE_OPENING, NOT_YET

__all__ = [
    "AS_OPENED",
    "NOT_COVERED",
    "STATES",
    "STATE_BY_BITS",
    "Deadlines",
    "deadlines_at",
    "fill_in_responses",
]

FEW_SCHEDULES = 4
NO_SCHEDULE, AS_OPENED = -1, -2  # in place of the index of a schedule

STATES = ("running", "paused", "met", "breached", "not-covered", "withdrawn", None)
NOT_COVERED, NO_STATE = map(STATES.index, ("not-covered", None))
# Indexes into STATES. The position in this array is a sum: 1 if the cycle has ended, plus 2 if the cycle is paused,
# plus 4 if its target is exceeded.
STATE_BY_BITS = np.array(
    [STATES.index(STATE_OF[bool(bits & 1), bool(bits & 2), bool(bits & 4)]) for bits in range(8)], np.int8
)


@dataclass(slots=True)
class Deadlines:
    """The deadlines and states of tickets, in columns with a row for each ticket.

    Instants and amounts are in microseconds. NULL stands for a missing value. In `response_on` and `named`, AS_OPENED
    stands for the promise at the opening.
    """

    due: Ints
    breach: Ints
    elapsed: Ints
    target: Ints
    ended: Ints
    response: Ints  # the open time from the opening to the first answer
    state: NDArray[np.int8]  # indexes into STATES
    reason: NDArray[np.int32]  # indexes into `reasons`
    response_on: NDArray[np.int16]  # the schedule that counts `response`, as an index into `schedules`
    named: NDArray[np.int32]  # the plan and the priority of the last promise in force, as an index into `names`
    reasons: dict[Reason, int] = field(default_factory=lambda: {Reason(None): 0})
    schedules: dict[Schedule, int] = field(default_factory=dict)
    names: dict[tuple[str, str] | None, int] = field(default_factory=dict)
    # By row: the instant of the first answer to each ticket that was judged one by one, or NULL.
    answered: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: int) -> "Deadlines":
        """Return columns with `rows` rows, which hold no values yet."""
        due, breach, elapsed, target, ended, response = (np.full(rows, NULL) for _ in range(6))
        state, reason = np.full(rows, NO_STATE, np.int8), np.zeros(rows, np.int32)
        on = np.full(rows, AS_OPENED, np.int16)
        named = np.full(rows, AS_OPENED, np.int32)
        return cls(due, breach, elapsed, target, ended, response, state, reason, on, named)

    def give_reason(self, rows: Mask | Ints, text: str, error: type[KolmislaError] | None = None) -> None:
        """Store a reason in some rows.

        If `error` is given, also remove the answers of these rows and make them invalid.
        """
        index = self.place(Reason(text, error))
        if error is None:
            self.reason[rows] = index
        else:
            self.reject(rows, index)

    def reject(self, rows: Mask | Ints, reasons: Ints | int) -> None:
        """Remove the answers of some rows, and store reasons in them. `reasons` are indexes into `self.reasons`."""
        for column in (self.due, self.breach, self.elapsed, self.target, self.ended, self.response):
            column[rows] = NULL
        self.state[rows] = NO_STATE
        self.reason[rows] = reasons

    def place(self, reason: Reason) -> int:
        """Return the index of a reason in `self.reasons`. Add the reason if it is new."""
        return self.reasons.setdefault(reason, len(self.reasons))

    def counted_on(self, promises: Iterable[Promise | None]) -> NDArray[np.int16]:
        """Return, for each promise, the schedule that counts the time to a first answer, as an index into `schedules`.

        For None in place of a promise, return NO_SCHEDULE.
        """
        return np.array(
            [
                NO_SCHEDULE if promise is None else self.schedules.setdefault(promise.response_on, len(self.schedules))
                for promise in promises
            ],
            np.int16,
        )

    def names_of(self, promises: Iterable[Promise | None]) -> NDArray[np.int32]:
        """Return, for each promise, the index in `self.names` of its pair of plan and priority.

        For None in place of a promise, return the index of None in `self.names`.
        """
        pairs = [None if promise is None else (promise.plan.name, promise.priority.name) for promise in promises]
        return np.array([self.names.setdefault(pair, len(self.names)) for pair in pairs], np.int32)

    @property
    def faulty(self) -> Mask:
        """For each row, whether the row is invalid."""
        return np.array([reason.error is not None for reason in self.reasons]).take(self.reason)


def deadlines_at(facts: TicketColumns, promises: Promised, ended: Ints, now: int) -> Deadlines:
    """Return the deadlines and states of tickets without events, as they stand at `now`.

    `ended` has the end of each cycle, or NULL. A clock counts from the opening to this end, but not beyond `now`.
    """
    entitlements, places = promises.entitlements, promises.places
    out = Deadlines.of(len(places))
    reasons = [out.place(Reason(entry.reason, entry.error)) for entry in entitlements]
    if any(reasons):
        out.reason[:] = np.array(reasons, np.int32).take(places)
    uncovered = np.array([entry.promise is None and entry.error is None for entry in entitlements])
    if uncovered.any():
        out.state[uncovered.take(places)] = NOT_COVERED
    out.ended[:] = np.where((ended <= now) & ~out.faulty, ended, NULL)  # NULL <= now, so NULL stays
    schedules, on = promises.on
    of_terms, own, unknown = promises.within, *targets_of(promises, facts.opened)
    compiled = _compiled(schedules, facts.opened, ended, now, of_terms if own is None else own)
    for number, rows in _by_schedule(len(schedules), on, places):
        targets = of_terms.take(places.take(rows)) if own is None else own.take(rows)
        cycles = _PlainCycles.at(now, rows, facts.opened.take(rows), ended.take(rows), targets)
        _fill_in_on(out, cycles, compiled[number], schedules[number].timeline)
    if unknown is not None:
        odd = unknown & (facts.opened <= now)
        for number, rows in _by_schedule(len(schedules), on, places):
            out.give_reason(rows[odd[rows]], outside(schedules[number].timeline), HorizonError)
    out.give_reason((facts.answered != NULL) & (facts.answered < facts.opened), BEFORE_OPENING, TicketError)
    out.give_reason(facts.opened == NULL, "opened_at is missing", TicketError)
    return out


def fill_in_responses(out: Deadlines, facts: TicketColumns, promises: Promised, answered: Ints) -> None:
    """Store in `out`, for each valid ticket, the open time from its opening to its first answer.

    `answered` has the instant of each ticket's first answer, or NULL.
    """
    own = [entry.promise for entry in promises.entitlements]
    same = np.array([promise is not None and promise.response_on == promise.schedule for promise in own], np.bool_)
    as_opened = out.response_on == AS_OPENED
    given = (answered != NULL) & ~out.faulty
    direct = same.take(promises.places) & as_opened & given & (out.ended == answered)
    np.copyto(out.response, out.elapsed, where=direct)  # the cycle's own clock has counted the same time
    rest = np.flatnonzero(given & ~direct)
    if not len(rest):
        return
    on = np.where(as_opened[rest], out.counted_on(own).take(promises.places.take(rest)), out.response_on.take(rest))
    for schedule, number in out.schedules.items():
        rows = rest[on == number]
        out.response[rows] = counting.elapsed(facts.opened[rows], answered[rows], schedule).values


def _by_schedule(count: int, on: NDArray[np.int16], places: Ints) -> Iterator[tuple[int, Ints]]:
    """Yield the index of a schedule, and rows of tickets whose clock uses this schedule.

    A schedule may be yielded several times, each time with different rows. `on` has, for each entitlement, the index of
    its schedule, or `count` for none. Rows without a schedule are left out.
    """
    if count <= FEW_SCHEDULES:  # comparing each row with each schedule is faster than sorting the rows
        for chunk in chunks(len(places)):
            schedule_of = on.take(places[chunk])
            for number in range(count):
                yield number, np.flatnonzero(schedule_of == number) + chunk.start
        return
    schedule_of = on.take(places)
    order = np.argsort(schedule_of, kind="stable")
    ends = np.cumsum(np.bincount(schedule_of, minlength=count)).tolist()
    for number, (start, end) in enumerate(pairwise([0, *ends[:count]])):
        for part in chunks(end - start):
            yield number, order[start:end][part]


def _compiled(schedules: list[Schedule], opened: Ints, ended: Ints, now: int, targets: Ints) -> list[Compiled]:
    """Return the open spans of each schedule, for all times on which the deadlines of the tickets depend.

    The spans go on until the longest target has been counted after the latest end of a cycle. If an end is missing or
    later than `now`, `now` takes its place.
    """
    if not len(opened):
        return []
    unended, last = extent(ended)
    earliest, last = int(opened.min()), now if unended == NULL else min(last, now)
    compiled = []
    for schedule in schedules:
        timeline, first = schedule.timeline, earliest
        end = max(min(last, timeline.end), timeline.start)
        if first < timeline.start:
            first = int(np.min(opened, initial=end, where=opened >= timeline.start))
        compiled.append(sheet(schedule).covering(min(first, end), end, ahead=max(int(targets.max()), 0)))
    return compiled


@dataclass(frozen=True, slots=True)
class _PlainCycles:
    """Cycles without pauses or changes of priority. Each counts from `opened` to `end`."""

    rows: Ints  # the rows of the tickets in `Deadlines`
    opened: Ints  # UTC microseconds
    end: Ints  # UTC microseconds; `now` for a cycle that has not ended
    has_ended: Mask  # whether a cycle has ended at or before `now`
    target: Ints  # microseconds; NULL for a cycle without a target

    @classmethod
    def at(cls, now: int, rows: Ints, opened: Ints, ended: Ints, target: Ints) -> "_PlainCycles":
        """Return the cycles as they stand at `now`. `ended` is NULL for a cycle without an end."""
        last = ended - 1  # NULL - 1 wraps around to the greatest integer
        has_ended = last < now
        end = np.minimum(last, now - 1)
        end += 1
        return cls(rows, opened, end, has_ended, target)

    def pick(self, mask: Mask) -> "_PlainCycles":
        """Return only the cycles for which `mask` is True."""
        return _PlainCycles(self.rows[mask], self.opened[mask], self.end[mask], self.has_ended[mask], self.target[mask])


def _fill_in_on(out: Deadlines, cycles: _PlainCycles, compiled: Compiled, timeline: Timeline) -> None:
    """Store in `out` the deadlines and states of cycles whose clocks all use one schedule.

    `timeline` is this schedule's open time, and `compiled` is the part of this open time that the cycles need.
    """
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
        due, breach = _kept(compiled, np.where(target == NULL, NULL, counted))
        zero = np.flatnonzero(target == 0)  # a target of zero is used up at once, and kept until open time begins
        due[zero], breach[zero] = cycles.opened[zero], NULL
        open_later = zero[counted[zero] < compiled.total]
        breach[open_later] = compiled.left(counted[open_later])
        out.due[rows], out.breach[rows] = due, breach
        unknown = (out.due[rows] == NULL) & (target != NULL)
        if unknown.any():
            out.give_reason(rows[unknown], f"{NO_DUE_TIME}: {timeline.known}")
    out.state[rows] = state


def _kept(compiled: Compiled, totals: Ints) -> tuple[Ints, Ints]:
    """Return, for each total, the earliest and the latest instant by which exactly this much open time is counted.

    Open time is counted from `compiled.start`. NULL stands for an unknown instant.
    """
    earliest, latest = (np.full(len(totals), NULL) for _ in range(2))
    last = totals == compiled.total  # reached at the last closing; no later opening is known
    reached = (totals > 0) & (totals < compiled.total)
    earliest[reached], latest[reached] = compiled.kept(totals[reached])
    earliest[last] = compiled.closes[-1]
    return earliest, latest
