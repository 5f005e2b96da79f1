"""The cycles of a ticket for one metric, each with its pauses and with the priority, plan and owner in force.

The table of transitions says where cycles begin and end. This file does not use promises or schedules.
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple

from kolmisla.documents.names import folded
from kolmisla.policies.plan import PriorityChange
from kolmisla.policies.terms.metrics import CHANGES, EVENT_KINDS
from kolmisla.tickets.cycles.readings import ENDLESS, Reading
from kolmisla.tickets.cycles.transitions import Role, first_state, step
from kolmisla.tickets.event import OF_METRICS, Moment
from kolmisla.tickets.states import LEADS_TO, States

__all__ = ["CycleFacts", "Pause", "TermsInForce", "cycle_facts", "heard", "in_force_by", "known"]

QUIET = frozenset(EVENT_KINDS) - {*LEADS_TO, "asked"}  # events that neither begin nor end a pause


class Pause(NamedTuple):
    """A stretch in which no time counts.

    `end` is None while no end is known. `why` is a text such as `paused: customer` or `resolved`. If `cut` is True, the
    pause lasts at least until the end of the cycle, which is its `end`.
    """

    start: int
    end: int | None
    why: str
    cut: bool = False


class TermsInForce(NamedTuple):
    """The priority, plan and owner that are in force for a ticket at an instant."""

    priority: str
    plan: str | None = None
    owner: str | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """The priority, plan and owner in small letters, in which they are compared."""
        return tuple([folded(name) if name else "" for name in self])


class CycleFacts(NamedTuple):
    """One cycle: its start, its end, its pauses and what was in force in it.

    The first instant of `in_force` is the start of the cycle. `waived` is why the verdict does not count. `agreed` has
    the events that change the deadline.
    """

    started: int
    ended: int | None
    in_force: tuple[tuple[int, TermsInForce], ...]
    pauses: tuple[Pause, ...] = ()
    withdrawn: bool = False
    waived: str | None = None
    agreed: tuple[Moment, ...] = ()


class _Mark:
    """A cycle while the events are being read: its start, its end, and whether it was withdrawn.

    `first` and `last` are the indexes of the events that started and ended it. `first` is -1 for the opening of the
    ticket.
    """

    __slots__ = ("first", "last", "started", "withdrawn")

    def __init__(self, started: int, first: int) -> None:
        self.started, self.first = started, first
        self.last: int | None = None
        self.withdrawn = False


def known(moments: tuple[Moment, ...], now: int) -> tuple[Moment, ...]:
    """Return the events that are not later than `now`. `moments` must be in order of time."""
    if not moments or moments[-1].at <= now:
        return moments
    return tuple([moment for moment in moments if moment.at <= now])


def heard(moments: Sequence[Moment]) -> Sequence[Moment]:
    """Return the events that have an effect. After a withdrawal, only a waiver or a reopening has an effect.

    >>> [kept.kind for kept in heard([Moment(1, "withdrawn"), Moment(2, "answered"), Moment(3, "reopened")])]
    ['withdrawn', 'reopened']
    """
    if not any(moment.kind == "withdrawn" for moment in moments):
        return moments
    kept, is_withdrawn = [], False
    for moment in moments:
        if moment.kind == "reopened":
            is_withdrawn = False
        if not is_withdrawn or moment.kind == "waived":
            kept.append(moment)
        is_withdrawn = is_withdrawn or moment.kind == "withdrawn"
    return kept


def cycle_facts(opened: int, standing: TermsInForce, moments: Sequence[Moment], reading: Reading) -> list[CycleFacts]:
    """Return the cycles of a metric, in order of time.

    `standing` has the priority, plan and owner in force at the opening. `moments` must be in order of time. `reading`
    says what each event does.

    >>> from kolmisla.policies.terms.metrics import BUILT_IN_METRICS
    >>> reading = Reading.of(BUILT_IN_METRICS["first-response"])
    >>> moments = [Moment(5, "priority", "LOW"), Moment(9, "answered")]
    >>> [facts] = cycle_facts(0, TermsInForce("HIGH"), moments, reading)
    >>> facts.ended, [(at, now.priority) for at, now in facts.in_force]
    (9, [(0, 'HIGH'), (5, 'LOW')])
    """
    moments = heard(moments)
    changes = deque([(index, moment) for index, moment in enumerate(moments) if moment.kind in CHANGES])
    stretches = deque(_stretches(moments, reading))
    terms = _Terms(moments, reading) if any(moment.kind in OF_METRICS for moment in moments) else None
    cycles: list[CycleFacts] = []
    for mark in _marks(opened, standing, moments, reading):
        last, ended = (len(moments), None) if mark.last is None else (mark.last, moments[mark.last].at)
        in_force = [(mark.started, cycles[-1].in_force[-1][1] if cycles else standing)]
        while changes and changes[0][0] < last:
            _, moment = changes.popleft()
            _change(in_force, moment)
        pauses = tuple(_pauses(stretches, last, ended))
        waived, agreed = terms.of(mark, last) if terms else (None, ())
        cycles.append(CycleFacts(mark.started, ended, tuple(in_force), pauses, mark.withdrawn, waived, agreed))
    return cycles


class _Terms:
    """The events that change a metric's deadlines, each with its index, and the last event that waives a cycle."""

    def __init__(self, moments: Sequence[Moment], reading: Reading) -> None:
        name = folded(reading.metric.name)
        about = [
            (index, moment)
            for index, moment in enumerate(moments)
            if moment.kind in OF_METRICS and (moment.metric is None or folded(moment.metric) == name)
        ]
        self._agreed = [(index, moment) for index, moment in about if moment.kind != "waived"]
        self._waivers = [moment for _, moment in about if moment.kind == "waived"][-1:]

    def of(self, mark: _Mark, last: int) -> tuple[str | None, tuple[Moment, ...]]:
        """Return why a cycle is waived (None if it is not), and the events that change its deadline.

        `last` is the index of the event that ends the cycle, or the number of all events while the cycle runs.
        """
        begin, end = (bisect_left(self._agreed, index, key=itemgetter(0)) for index in (mark.first + 1, last))
        reasons = [moment.reason for moment in self._waivers if mark.started < moment.at]
        return reasons[0] if reasons else None, tuple([moment for _, moment in self._agreed[begin:end]])


def _marks(opened: int, standing: TermsInForce, moments: Sequence[Moment], reading: Reading) -> list[_Mark]:
    """Return the start and the end of each cycle, in order of time."""
    metric = reading.metric
    in_force: dict[str, str] = {}  # empty if no cycle of the metric depends on what is in force
    if reading.watches:
        in_force = dict(zip(CHANGES, standing.key, strict=True))
        for at, kind, value, *_ in moments:
            if at < opened and kind in in_force:  # the change tells what was in force at the opening
                in_force[kind] = folded(value or "")
    state, repeats = first_state(comes_before=bool(metric.after)), metric.repeats
    marks: list[_Mark] = []
    asked: tuple[int, int] | None = None  # a question since the resolution: its instant and its index
    closed = opened  # when the ticket was resolved or withdrawn
    state, act = step(state, reading.opening(in_force), repeats=repeats)
    if act == "start":
        marks.append(_Mark(opened, -1))
    for index, (at, kind, value, _, _) in enumerate(moments):
        if kind in CHANGES and not in_force:
            continue
        key = folded(value) if value else ""
        if kind in CHANGES:
            if at < opened or in_force[kind] == key:  # a change to the value in force is not an event
                continue
            in_force[kind] = key
        role = reading.role(kind, key)
        if kind == "reopened":
            turning, starts = reading.after(at - closed, in_force)
            start = "yes" if starts else role.start
            role = Role(start, role.ends, role.cancels, role.comes_before, turning)
        elif kind in ENDLESS:
            closed = at
        state, act = step(state, role, repeats=repeats)
        if act == "nothing":
            continue
        if act in ("remember", "end and remember"):
            asked = at, index
        elif act == "go on":
            marks[-1].last, marks[-1].withdrawn = None, False
        if act in ("end", "end and start", "end and remember", "cancel"):
            marks[-1].last, marks[-1].withdrawn = index, act == "cancel"
        if act in ("start", "end and start"):
            marks.append(_Mark(at, index))
        elif act == "start as asked" and asked:
            marks.append(_Mark(*asked))
    return marks


def _change(in_force: list[tuple[int, TermsInForce]], moment: Moment) -> None:
    """Add to `in_force` the priority, plan and owner that come into force with an event.

    If the last item is not earlier than the event, replace it and keep its instant. Add nothing if nothing changes.
    """
    at, value = moment.at, moment.value
    before = in_force[-1][1]
    now = before._replace(priority=value or "") if moment.kind == "priority" else before
    now = before._replace(plan=value) if moment.kind == "plan" else now
    now = before._replace(owner=value) if moment.kind == "owner" else now
    if at <= in_force[-1][0]:
        at, _ = in_force.pop()
    if not in_force or now.key != in_force[-1][1].key:
        in_force.append((at, now))


def in_force_by(
    priority_change: PriorityChange, in_force: tuple[tuple[int, TermsInForce], ...]
) -> tuple[tuple[int, TermsInForce], ...]:
    """Return the terms by which time counts, each with the instant from which they count.

    `priority_change` says what counts before the last change of priority or plan. A new owner always counts from the
    change on.
    """
    if len(in_force) == 1 or priority_change == "carry":
        return in_force
    last = in_force[-1][1]
    if priority_change == "retroactive":
        begun: list[tuple[int, TermsInForce]] = []
        for at, standing in in_force:
            now = last._replace(owner=standing.owner)
            if not begun or now.key != begun[-1][1].key:
                begun.append((at, now))
        return tuple(begun)
    changes = [
        number for number in range(1, len(in_force)) if in_force[number][1].key[:2] != in_force[number - 1][1].key[:2]
    ]
    return in_force[changes[-1] :] if changes else in_force


def _stretches(moments: Sequence[Moment], reading: Reading) -> Iterator[tuple[int, int | None, Pause]]:
    """Yield the stretches in which the clock stood still, because the ticket was paused, resolved or withdrawn.

    Each item has the indexes of the events that begin and end it (None if no event ends it), and a Pause.
    """
    began, why, states = 0, "", States()
    for index, (at, kind, value, _, _) in enumerate(moments):
        if kind in QUIET:
            continue
        states.hear(kind, value, reading.waits)
        now = _standing(states, reading)
        if now != why:
            if why:
                yield began, index, Pause(moments[began].at, at, why)
            began, why = index, now
    if why:
        yield began, None, Pause(moments[began].at, None, why)


def _standing(states: States, reading: Reading) -> str:
    """Return why the clock stands still in a state of the ticket, such as `paused: customer`, or "" if it runs."""
    if states.final:
        return states.final if reading.metric.reopened == "continue" else ""
    if not states.reasons:
        return ""
    stops = [reason for key, reason in states.reasons.items() if reading.pauses is None or key in reading.pauses]
    return ": ".join(["paused", *([", ".join(filter(None, stops))] if any(stops) else [])]) if stops else ""


def _pauses(stretches: deque[tuple[int, int | None, Pause]], last: int, ended: int | None) -> Iterator[Pause]:
    """Yield the pauses that begin before the end of a cycle, cut at this end.

    Stretches that end before it are removed from `stretches`. `last` is the index of the event that ends the cycle at
    `ended`.
    """
    while stretches and stretches[0][0] < last:
        _, until, pause = stretches[0]
        if until is None or until >= last:
            yield pause._replace(end=ended, cut=True)
            return
        stretches.popleft()
        yield pause
