"""Breakdowns: the time of a cycle in parts, by owner, by priority or by the reasons for pauses."""

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise, zip_longest
from typing import Literal, NamedTuple, get_args

from kolmisla.documents.for_pydantic import Answer
from kolmisla.documents.names import folded
from kolmisla.errors import NotCoveredError, TicketError, choices, shown
from kolmisla.policies.kolmisoft import KOLMISOFT
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import metric_in
from kolmisla.policies.terms.metrics import FIRST_RESPONSE, Metric, MetricName
from kolmisla.tickets.answers.json_forms import BreakdownDict
from kolmisla.tickets.cycles.cycle_clock import CycleClock
from kolmisla.tickets.cycles.cycle_clocks import (
    check_arguments,
    cycle_facts_of,
    no_cycle,
    reading_of,
    terms_of,
    ticket_clocks,
)
from kolmisla.tickets.cycles.cycles import CycleFacts, TermsInForce, heard, known
from kolmisla.tickets.event import Moment
from kolmisla.tickets.states import States
from kolmisla.tickets.ticket import Ticket
from kolmisla.times.instants import duration, length, micros, seconds

__all__ = ["Breakdown", "BreakdownBy", "Part", "PartsAsked", "Share", "breakdown", "cycle_parts", "waiting_for"]

BreakdownBy = Literal["reason", "owner", "priority"]


class Share(NamedTuple):
    """A part of a cycle: its name, the open time counted, and the open time in which a pause stopped the clock.

    The name is an owner, a priority or the reasons for a pause, or None.
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
    """Return the open time of a metric's last cycle in parts, by owner, by priority or by the reasons for pauses.

    `at` is the instant up to which time is counted; later events do not count. `at` may be left out if the cycle has
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
        raise TicketError("the cycle has not ended, so give `at`: the instant up to which time is to be counted")
    end = min(at for at in (cycle_clock.ended, now) if at is not None)
    elapsed = cycle_clock.elapsed(end)  # raises TicketError if `end` is before the cycle began
    moments = ticket.moments if now is None else known(ticket.moments, now)
    facts = cycle_facts_of(policy, terms_of(ticket), ticket.opened, moments, name)[-1]
    waits = reading_of(policy.in_force(ticket.opened), cycle_clock.promise.plan, name).waits
    ((parts, ran_out),) = cycle_parts(cycle_clock, PartsAsked(facts, heard(moments), waits, end), by)
    shares = [Share(part.name, duration(part.elapsed), duration(part.paused)) for part in parts]
    return Breakdown(tuple(shares), duration(elapsed), ran_out)


class Part(NamedTuple):
    """A part of a cycle, like `Share`, but with amounts in microseconds.

    `over` is the part of `elapsed` after the target was used up.
    """

    name: str | None
    elapsed: int
    over: int
    paused: int


class PartsAsked(NamedTuple):
    """The cycle to break down, up to the instant `end`.

    `moments` are the ticket's events that have an effect (see `heard`), in order. `waits` has the reasons (see
    `reason_key`) for pauses that end when the customer asks.
    """

    facts: CycleFacts
    moments: Sequence[Moment]
    waits: Collection[str]
    end: int


PartsBy = tuple[list[Part], str | None]  # parts, and the name of the one in which the target ran out


def cycle_parts(cycle_clock: CycleClock, asked: PartsAsked, *bys: BreakdownBy) -> list[PartsBy]:
    """Return, for each of `bys`, the parts of a cycle's time and the name of the part in which the target ran out.

    `bys` are ways to divide a cycle, such as `owner`. The name is None if the target is not exceeded.
    """
    started, within, elapsed = cycle_clock.started, cycle_clock.promise.within, cycle_clock.clock.elapsed
    exceeded = cycle_clock.exceeded(asked.end, elapsed(started, asked.end))
    due = cycle_clock.instants()[0] if exceeded else None
    stood_until = _stood_until(cycle_clock)
    namings = [_naming(by) for by in bys]
    spelled: list[dict[str, str]] = [{} for _ in bys]
    sums: list[dict[str | None, list[int]]] = [{} for _ in bys]
    last: list[str | None] = [None] * len(bys)
    counted = stood = 0
    for start, stop, in_force, waiting in _stretches(asked):
        before, stood_before = counted, stood
        counted, stood = elapsed(started, stop), stood_until(stop)
        over = 0 if within is None else max(counted - max(before, within), 0)
        ran_out = due is not None and start < max(due, started + 1) <= stop  # the due time may be the start
        for place, naming in enumerate(namings):
            name = naming(in_force, waiting)
            name = name and spelled[place].setdefault(folded(name), name)
            part = sums[place].setdefault(name, [0, 0, 0])
            part[0] += counted - before
            part[1] += over
            part[2] += stood - stood_before
            if ran_out:
                last[place] = name
    parts = ([Part(name, *amounts) for name, amounts in own.items()] for own in sums)
    return list(zip(parts, last, strict=True))


def _stood_until(cycle_clock: CycleClock) -> Callable[[int], int]:
    """Return a function that gives the open time in which pauses stopped the clock up to an instant.

    From call to call, the instant must not become earlier.
    """
    pieces = [*cycle_clock.pieces()]
    pauses = [
        (piece, after.start if after else None)
        for piece, after in zip_longest(pieces, pieces[1:])
        if piece.pause and piece.pause.why.startswith("paused")  # not resolved or withdrawn
    ]
    total = number = 0

    def stood(until: int) -> int:
        nonlocal total, number
        while number < len(pauses):
            piece, end = pauses[number]
            timeline = piece.promise.schedule.timeline
            if end is None or end > until:
                return total + (timeline.elapsed(piece.start, until) if piece.start < until else 0)
            total += timeline.elapsed(piece.start, end)
            number += 1
        return total

    return stood


Waiting = Mapping[str | None, str | None]  # the reasons for which a ticket waits; a key is the form of `reason_key`
Naming = Callable[[TermsInForce, Waiting], str | None]


def _naming(by: BreakdownBy) -> Naming:
    """Return a function that names a stretch of time by its owner, by its priority or by the reasons for its pauses."""
    if by == "owner":
        return lambda in_force, _: in_force.owner
    if by == "priority":
        return lambda in_force, _: in_force.priority
    return lambda _, waiting: waiting_for(waiting)


def waiting_for(waiting: Waiting) -> str | None:
    """Return the reasons for which a ticket waits as one text, or None for a ticket that does not wait.

    A pause without a reason is named `paused`. The order in which pauses began does not matter.
    """
    return ", ".join(sorted((reason or "paused" for reason in waiting.values()), key=folded)) or None


def _stretches(asked: PartsAsked) -> Iterator[tuple[int, int, TermsInForce, Waiting]]:
    """Yield the stretches of time between the events of a cycle, up to `asked.end`, in order.

    Each stretch has a start, an end, the terms in force, and the reasons for which the ticket waits.
    """
    facts, moments, waits, end = asked
    cuts = sorted({facts.started, end, *[moment.at for moment in moments if facts.started < moment.at < end]})
    coming, changes = deque(moments), deque(facts.in_force)
    states = States()
    _, in_force = changes.popleft()
    for start, stop in pairwise(cuts):
        while coming and coming[0].at <= start:
            moment = coming.popleft()
            states.hear(moment.kind, moment.value, waits)
        while changes and changes[0][0] <= start:
            _, in_force = changes.popleft()
        yield start, stop, in_force, states.reasons
