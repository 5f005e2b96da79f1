"""Breakdowns: the time of a cycle in parts, by owner, by priority or by the reasons of pauses."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal, NamedTuple, get_args

from kolmisla.documents.for_pydantic import Answer
from kolmisla.documents.names import folded
from kolmisla.errors import NotCoveredError, TicketError, choices, shown
from kolmisla.instants import duration, length, micros, seconds
from kolmisla.policies.kolmisoft import KOLMISOFT
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import metric_in
from kolmisla.policies.terms.metrics import FIRST_RESPONSE, Metric, MetricName
from kolmisla.tickets.answers.json_forms import BreakdownDict
from kolmisla.tickets.cycles.cycle_clock import CycleClock
from kolmisla.tickets.cycles.cycle_clocks import check_arguments, cycle_facts_of, no_cycle, reading_of, ticket_clocks
from kolmisla.tickets.cycles.cycles import CycleFacts, TermsInForce, heard, known
from kolmisla.tickets.event import Moment
from kolmisla.tickets.states import States
from kolmisla.tickets.ticket import Ticket

__all__ = ["Breakdown", "BreakdownBy", "Share", "breakdown"]

BreakdownBy = Literal["reason", "owner", "priority"]


class Share(NamedTuple):
    """A part of a cycle: its name, the open time counted, and the open time in which a pause stopped the clock.

    The name is an owner, a priority or the reasons of a pause. It is None for time without an owner, or outside of
    pauses.
    """

    name: str | None
    elapsed: timedelta
    paused: timedelta


class Breakdown(Answer):
    """The open time of a cycle in parts. The time counted in the parts adds up to `elapsed`, to the microsecond.

    `ran_out` is the name of the part in which the target ran out. It is None if the target is not exceeded, or if the
    part has no name.
    """

    __slots__ = ("shares", "elapsed", "ran_out")  # noqa: RUF023  # in the order of the constructor

    shares: tuple[Share, ...]
    """The parts, in the order in which they first occur."""
    elapsed: timedelta
    """The open time counted in the whole cycle."""
    ran_out: str | None
    """The name of the part in which the target ran out, or None."""

    def to_dict(self) -> BreakdownDict:
        """Return a dict ready for JSON: elapsed_s, ran_out and shares. Durations are in seconds."""
        return {
            "elapsed_s": seconds(length(self.elapsed)),
            "ran_out": self.ran_out,
            "shares": [
                {
                    "name": share.name,
                    "elapsed_s": seconds(length(share.elapsed)),
                    "paused_s": seconds(length(share.paused)),
                }
                for share in self.shares
            ],
        }


def breakdown(
    ticket: Ticket,
    *,
    by: BreakdownBy,
    policy: Policy = KOLMISOFT,
    metric: MetricName | Metric = FIRST_RESPONSE,
    at: datetime | None = None,
) -> Breakdown:
    """Return the open time of a metric's last cycle in parts, by owner, by priority or by the reasons of pauses.

    `at` is the instant up to which time is counted; later events do not count. It may be left out for a cycle that has
    ended. Raise TicketError for a cycle that runs, if `at` is left out. Other errors are the same as for `deadline`,
    but a cycle without a target raises no error.

    >>> from kolmisla import Event
    >>> given = Event(kind="owner", value="Ann", at="2026-07-03T17:00:00+03:00")
    >>> facts = {"plan": "premium", "priority": "high", "opened_at": "2026-07-03T16:30:00+03:00"}
    >>> ticket = Ticket(**facts, answered_at="2026-07-07T09:00:00+03:00", events=[given])
    >>> [(share.name, str(share.elapsed)) for share in breakdown(ticket, by="owner").shares]
    [(None, '0:30:00'), ('Ann', '2:00:00')]
    >>> breakdown(ticket, by="owner").ran_out
    'Ann'
    """
    check_arguments(ticket, policy)
    parts: object = by  # of any type: `in` alone would fail for an array
    if not (isinstance(parts, str) and parts in get_args(BreakdownBy)):
        raise ValueError(f"by must be one of {choices(get_args(BreakdownBy))}, not {shown(by)}")
    name, now = metric_in(policy, metric), None if at is None else micros(at)
    clocks = ticket_clocks(ticket, policy, name, now)
    if not clocks:
        raise NotCoveredError(no_cycle(name))
    cycle_clock = clocks[-1]
    if now is None and cycle_clock.ended is None:
        raise TicketError("the cycle has not ended, so at must be given: the instant up to which time is counted")
    elapsed = cycle_clock.elapsed(cycle_clock.ended or 0 if now is None else now)
    end = min(at for at in (cycle_clock.ended, now) if at is not None)
    moments = ticket.moments if now is None else known(ticket.moments, now)
    facts = cycle_facts_of(ticket, policy, name, moments)[-1]
    waits = reading_of(policy.in_force(ticket.opened), cycle_clock.promise.plan, name).waits
    due, _ = cycle_clock.instants()
    counted: dict[str | None, tuple[int, int]] = {}
    spelled: dict[str, str] = {}
    ran_out = None
    for start, stop, part in _stretches(facts, _states(heard(moments), waits), end, _naming(by)):
        part = part and spelled.setdefault(folded(part), part)
        took, stood = _time(cycle_clock, start, stop)
        before = counted.get(part, (0, 0))
        counted[part] = before[0] + took, before[1] + stood
        if due is not None and start < max(due, facts.started + 1) <= stop:  # it may be due before the start
            ran_out = part
    shares = [Share(part, duration(took), duration(stood)) for part, (took, stood) in counted.items()]
    return Breakdown(tuple(shares), duration(elapsed), ran_out if cycle_clock.exceeded(end, elapsed) else None)


def _time(cycle_clock: CycleClock, start: int, stop: int) -> tuple[int, int]:
    """Return the time counted between two instants, and the open time in which a pause stopped the clock."""
    clock = cycle_clock.clock
    took = clock.elapsed(cycle_clock.started, stop) - clock.elapsed(cycle_clock.started, start)
    stood = 0
    pieces = [*cycle_clock.pieces()]
    ends = [*(piece.start for piece in pieces[1:]), stop]
    for piece, until in zip(pieces, ends, strict=True):
        begins, finishes = max(piece.start, start), min(until, stop)
        if piece.pause and piece.pause.why.startswith("paused") and begins < finishes:
            stood += piece.promise.schedule.timeline.elapsed(begins, finishes)
    return took, stood


Waiting = Mapping[str | None, str | None]  # the reasons for which a ticket waits, by their keys
Naming = Callable[[TermsInForce, Waiting], str | None]


def _naming(by: BreakdownBy) -> Naming:
    """Return a function that names a stretch of time by the terms in force and by the reasons of its pauses."""
    if by == "owner":
        return lambda in_force, _: in_force.owner
    if by == "priority":
        return lambda in_force, _: in_force.priority
    return lambda _, waiting: ", ".join(reason or "paused" for reason in waiting.values()) or None


def _states(moments: Sequence[Moment], waits: Collection[str]) -> list[tuple[int, Waiting]]:
    """Return each event's instant with the reasons for which the ticket then waits. A question ends the `waits`."""
    states = States()
    turns: list[tuple[int, Waiting]] = []
    for moment in moments:
        states.take(moment.kind, moment.value)
        if moment.kind == "asked":
            states.reasons = {key: reason for key, reason in states.reasons.items() if key not in waits}
        turns.append((moment.at, dict(states.reasons)))
    return turns


def _stretches(
    facts: CycleFacts, turns: Sequence[tuple[int, Waiting]], end: int, naming: Naming
) -> Iterator[tuple[int, int, str | None]]:
    """Yield the stretches of a cycle up to `end`, cut at every event, each with its name."""
    cuts = sorted({facts.started, end, *(at for at, _ in turns if facts.started < at < end)})
    for start, stop in pairwise(cuts):
        waiting: Waiting = next((reasons for at, reasons in reversed(turns) if at <= start), {})
        in_force = [terms for at, terms in facts.in_force if at <= start][-1]
        yield start, stop, naming(in_force, waiting)
