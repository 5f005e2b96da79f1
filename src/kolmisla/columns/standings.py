"""How many tickets stand at an instant: deadlines, time counted and states, a column each; integers only."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.compiled import Compiled, sheet
from kolmisla.columns.counting import NULL, Mask, chunks, extent
from kolmisla.columns.lookup import Ints
from kolmisla.columns.verdicts import Coded, Terms, Verdict, combined, eras, verdict
from kolmisla.errors import HorizonError, KolmislaError, TicketError
from kolmisla.plan import Metric
from kolmisla.policy import Policy
from kolmisla.schedule import Schedule
from kolmisla.timeline import Timeline

__all__ = [
    "BEFORE_OPENING",
    "BREACHED",
    "MET",
    "NOT_COVERED",
    "NOT_YET",
    "NO_DUE_TIME",
    "PAUSED",
    "RUNNING",
    "STATES",
    "Facts",
    "Promised",
    "Reason",
    "Standings",
    "outside",
    "promised",
    "promised_within",
    "standings",
]

STATES = ("running", "paused", "met", "breached", "not-covered", None)
RUNNING, PAUSED, MET, BREACHED, NOT_COVERED, NO_STATE = range(len(STATES))

BEFORE_OPENING = "answered_at is before opened_at"
NO_DUE_TIME = "no due time is known"
NOT_YET = "opened after the instant it is judged at"


class Reason(NamedTuple):
    """Why a ticket has no due time; with a kind of error, why it is none; without a text, neither."""

    text: str | None
    error: type[KolmislaError] | None = None


class Facts(NamedTuple):
    """The tickets: NULL where nobody answered, or said when the ticket was opened."""

    plan: Coded
    priority: Coded
    channel: Coded
    version: Coded
    opened: Ints
    answered: Ints


@dataclass(slots=True)
class Standings:
    """Columns of as many rows as there are tickets; `state` and `reason` are places in STATES and `reasons`."""

    due: Ints
    breach: Ints
    elapsed: Ints
    target: Ints
    state: NDArray[np.int8]
    reason: NDArray[np.int32]
    reasons: list[Reason] = field(default_factory=lambda: [Reason(None)])

    @classmethod
    def of(cls, rows: int) -> "Standings":
        """Columns still to be filled."""
        due, breach, elapsed, target = (np.full(rows, NULL) for _ in range(4))
        state, reason = np.full(rows, NO_STATE, np.int8), np.zeros(rows, np.int32)
        return cls(due, breach, elapsed, target, state, reason)

    def because(self, rows: Mask | Ints, text: str, error: type[KolmislaError] | None = None) -> None:
        """The reason of some rows; with an error, nothing else is known of them."""
        place = self.place(Reason(text, error))
        if error is None:
            self.reason[rows] = place
        else:
            self.spoil(rows, place)

    def spoil(self, rows: Mask | Ints, reasons: Ints | int) -> None:
        """Take the answers off some rows, for a reason each, by its place."""
        for column in (self.due, self.breach, self.elapsed, self.target):
            column[rows] = NULL
        self.state[rows] = NO_STATE
        self.reason[rows] = reasons

    def place(self, reason: Reason) -> int:
        """The place of a reason among all."""
        if reason not in self.reasons:
            self.reasons.append(reason)
        return self.reasons.index(reason)

    @property
    def faulty(self) -> Mask:
        """The rows that are no ticket."""
        return np.array([reason.error is not None for reason in self.reasons]).take(self.reason)


class Promised(NamedTuple):
    """The verdict of each ticket by its place; and, by the same place, the terms and an instant of their era."""

    verdicts: list[Verdict]
    places: Ints
    terms: list[Terms]
    eras: list[int]

    @property
    def within(self) -> Ints:
        """The target of each verdict; NULL for none."""
        return np.array([promised_within(each) for each in self.verdicts], np.int64)

    def on(self) -> Iterator[tuple[Schedule, Mask]]:
        """Each schedule that counts for any, and for which verdicts it does."""
        on = [None if each.promise is None else each.promise.schedule for each in self.verdicts]
        for schedule in dict.fromkeys(each for each in on if each is not None):
            yield schedule, np.array([each == schedule for each in on])


def promised_within(verdict: Verdict) -> int:
    """What is promised; NULL for nothing."""
    promise = verdict.promise
    return NULL if promise is None or promise.within is None else promise.within


def promised(facts: Facts, policy: Policy, metric: Metric) -> Promised:
    """What each ticket is promised, by the edition in force when it was opened."""
    turns = np.array(policy.turns, np.int64)
    era_of = Coded.of(None, len(facts.opened))
    if len(turns):
        era_of = Coded([None] * (len(turns) + 1), np.searchsorted(turns, facts.opened, "right"))
    within = eras(policy)
    named = (facts.plan, facts.priority, facts.channel, facts.version)
    found, places = combined([*named, era_of])
    terms, instants = [], []
    for *codes, era in found:
        names = (each.values[code] for each, code in zip(named, codes, strict=True))
        plan, priority, channel, version = (name.strip() or None if name else None for name in names)
        terms.append((plan, priority, channel, version))
        instants.append(within[era])
    verdicts = [verdict(policy, each, at, metric) for each, at in zip(terms, instants, strict=True)]
    return Promised(verdicts, places, terms, instants)


def standings(facts: Facts, promises: Promised, ended: Ints, now: int) -> Standings:
    """How tickets stand whose clock ran from opening to its end, if any; what happened after `now` is not known."""
    verdicts, places = promises.verdicts, promises.places
    out = Standings.of(len(places))
    reasons = [out.place(Reason(each.reason, each.error)) for each in verdicts]
    out.reason[:] = np.array(reasons, np.int32).take(places)
    uncovered = np.array([each.promise is None and each.error is None for each in verdicts])
    if uncovered.any():
        out.state[uncovered.take(places)] = NOT_COVERED
    over = (ended != NULL) & (ended <= now)
    ends = np.where(over, ended, now)
    for schedule, on in promises.on():
        rows = np.flatnonzero(on.take(places))
        within = promises.within.take(places[rows])
        _stand(out, rows, schedule, facts.opened[rows], ends[rows], over[rows], within)
    out.because((facts.answered != NULL) & (facts.answered < facts.opened), BEFORE_OPENING, TicketError)
    out.because(facts.opened == NULL, "opened_at is missing", TicketError)
    return out


def _stand(out: Standings, rows: Ints, schedule: Schedule, opened: Ints, ends: Ints, ended: Mask, within: Ints) -> None:
    """Fill in the tickets of these rows, all on one schedule, from opening to their ends."""
    timeline = schedule.timeline
    known = (opened >= timeline.start) & (ends <= timeline.end) & (opened <= ends)
    if not known.all():
        odd = rows[~known]
        out.because(odd, outside(timeline), HorizonError)
        out.because(odd[opened[~known] > ends[~known]], NOT_YET, TicketError)
        rows, opened, ends, within = (each[known] for each in (rows, opened, ends, within))
        ended = ended[known]
    if not len(rows):
        return
    compiled = sheet(schedule).covering(extent(opened)[0], extent(ends)[1], ahead=max(extent(within)[1], 0))
    for some in chunks(len(rows)):
        at, target = rows[some], within[some]
        counted = compiled.counted(opened[some])
        elapsed = compiled.counted(ends[some])
        elapsed -= counted
        out.elapsed[at], out.target[at] = elapsed, target
        state = np.where(ended[some], np.int8(MET), np.int8(RUNNING))
        state[elapsed > target] = BREACHED
        counted += target
        if int(target.min()) > 0 and int(counted.max()) < compiled.total:
            out.due[at], out.breach[at] = compiled.kept(counted)
        else:
            state[target == NULL] = NOT_COVERED
            out.due[at], out.breach[at] = _kept(compiled, np.where(target == NULL, NULL, counted))
            unknown = (out.due[at] == NULL) & (target != NULL)
            if unknown.any():
                out.because(at[unknown], f"{NO_DUE_TIME}: {timeline.known}")
        out.state[at] = state


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
