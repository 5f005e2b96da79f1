"""The thresholds that one ticket crosses in a window of time. Instants are integers in UTC microseconds.

A threshold is a part of a target, such as 75 percent. The ticket crosses it when so much of its target is counted. What
a ticket crosses at an instant depends on the events up to that instant, and on no later event. So if a window is cut in
two, both parts together have the same crossings as the whole window.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from kolmisla.errors import HorizonError, NotCoveredError
from kolmisla.policies.plan import Promise
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import metric_of, metrics_of
from kolmisla.policies.terms.metrics import trigger_of
from kolmisla.policies.terms.warnings import BREACH, Threshold, levels
from kolmisla.tickets.cycles.cycle_clock import CycleClock
from kolmisla.tickets.cycles.cycle_clocks import cycle_clocks, plain_promise, terms_of
from kolmisla.tickets.cycles.cycles import known
from kolmisla.tickets.cycles.naming import sole_amount
from kolmisla.tickets.ticket import Ticket

__all__ = ["Crossed", "crossed"]

Reached = frozenset[Threshold]  # the thresholds that a cycle had reached: their part of the target had been counted
NONE_REACHED: Reached = frozenset()
MAY_PAUSE = ("paused", "resumed", "asked", "answered")  # all that these may do, unless the metric names them
NEVER_MATTERS = "waived"  # a verdict that does not count may be crossed all the same


class Crossed(NamedTuple):
    """A threshold that a ticket crosses: the instant, the number of the cycle, the threshold, and the promise then."""

    at: int
    cycle: int
    threshold: Threshold
    promise: Promise


def crossed(ticket: Ticket, policy: Policy, metric: str, after: int, until: int) -> Iterator[Crossed]:
    """Yield each threshold that a ticket crosses later than `after` and not later than `until`.

    A cycle crosses a threshold at the first instant at which the cycle runs and the threshold's amount is counted. Only
    events up to that instant matter. After a change of priority that gives the cycle another target, the cycle can
    cross the same threshold again.
    """
    first = max(after + 1, ticket.opened)
    if first > until:
        return
    moments = known(ticket.moments, until)
    promise = None if moments else _plain_promise(ticket, policy, metric)
    if promise is not None:
        yield from _of_plain(ticket.opened, promise, after, until)
        return
    life, quiet = _Life(ticket, policy, metric), _quiet_kinds(policy, ticket, metric)
    cuts = [first, *dict.fromkeys(moment.at for moment in moments if moment.at > first and moment.kind not in quiet)]
    reached: dict[int, Reached] = {}
    for start, following in pairwise([*cuts, until + 1]):
        clocks = life.clocks(following - 1)
        if not clocks:
            reached.clear()
        for number, cycle_clock in enumerate(clocks, 1):
            ended = cycle_clock.ended
            if ended is not None and ended < start:
                continue
            before = life.reached(number, start - 1) if number not in reached else reached[number]
            found = list(_of_stretch(cycle_clock, before, start, following - 1))
            yield from (Crossed(at, number, threshold, _promise_at(cycle_clock, at)) for at, threshold in found)
            reached[number] = (
                _reached(cycle_clock, following - 1) if ended is None else _at_end(before, cycle_clock, ended)
            )


def _promise_at(cycle_clock: CycleClock, at: int) -> Promise:
    """Return the promise in force at an instant of a cycle."""
    return next((promise for since, promise in reversed(cycle_clock.steps) if since <= at), cycle_clock.promise)


def _quiet_kinds(policy: Policy, ticket: Ticket, metric: str) -> frozenset[str]:
    """Return the kinds of event that neither begin nor end cycles of a metric, and change no promise.

    Beside a waiver, such an event may only pause the clock, end a pause, or give the ticket to an owner who has neither
    hours nor targets. It changes no time that was counted before it. So the clock that is made from several of them is
    right at every instant between them.
    """
    edition = policy.nearest(ticket.opened)
    if metric not in metrics_of(edition):
        return frozenset()
    definition = metric_of(edition, metric)
    texts = (*definition.starts_for(ticket.opened_by), *definition.ends, *definition.cancels, *definition.after)
    have_targets = any(plan.owner_targets(metric) for plan in edition.plans.values())
    owner = () if have_targets or edition.owners else ("owner",)  # then an owner is only a name
    return frozenset((*MAY_PAUSE, NEVER_MATTERS, *owner)) - {trigger_of(text).kind for text in texts}


def _plain_promise(ticket: Ticket, policy: Policy, metric: str) -> Promise | None:
    """Return the promise to a plain ticket (see `plain_promise`), with a target in days turned into an amount of time.

    Return None for a ticket that is not plain, and if the target names an instant in unknown years.
    """
    promise = plain_promise(ticket, policy, metric, ())
    if promise is None or not promise.is_unnamed:
        return promise
    try:
        return sole_amount(policy, promise, ticket.opened)[0]
    except HorizonError:
        return None


def _of_plain(opened: int, promise: Promise, after: int, until: int) -> Iterator[Crossed]:
    """Yield the thresholds that a ticket without events crosses later than `after` and not later than `until`."""
    if promise.within is None:
        return
    timeline = promise.schedule.timeline
    before = timeline.elapsed(opened, after) if opened <= after else None
    counted = timeline.elapsed(opened, until)
    for amount, threshold in _levels(promise):
        if amount <= counted and (before is None or amount > before):
            yield Crossed(timeline.due(opened, amount) if amount > 0 else opened, 1, threshold, promise)


def _of_stretch(cycle_clock: CycleClock, before: Reached, start: int, last: int) -> Iterator[tuple[int, Threshold]]:
    """Yield the thresholds that a cycle crosses from `start` to `last`, both included, each with the instant.

    No event may change the clock between the two instants. `before` has the thresholds that were reached just before
    `start`. A cycle that ended at `start` crosses no warning, but it may become breached at `start`.
    """
    if cycle_clock.promise.within is None or cycle_clock.withdrawn:
        return
    runs = cycle_clock.ended is None
    last = last if runs else start
    counted, at_last = cycle_clock.elapsed(start), cycle_clock.elapsed(last)
    for amount, threshold in _levels(cycle_clock.promise):
        if not runs and threshold != BREACH:
            continue
        agreed = _agreed_at(cycle_clock, amount, threshold)
        if amount <= counted if agreed is None else agreed <= start:
            if threshold not in before:
                yield start, threshold
        elif amount <= at_last if agreed is None else agreed <= last:
            yield cycle_clock.clock.due(cycle_clock.started, amount) if agreed is None else agreed, threshold


def _agreed_at(cycle_clock: CycleClock, amount: int, threshold: Threshold) -> int | None:
    """Return the instant of a threshold that follows from an agreed due time. Return None for any other threshold.

    If a due time was agreed with the customer, 100 percent is reached at this time and the breach comes just after it,
    even if no time counts then. Other thresholds are reached by the time counted.
    """
    agreed = cycle_clock.agreed
    if agreed is None:
        return None
    if threshold == BREACH:
        return agreed + 1
    return agreed if amount == cycle_clock.promise.within else None


def _levels(promise: Promise) -> Sequence[tuple[int, Threshold]]:
    """Return the thresholds of a promise with a target, each with its amount, the least amount first."""
    assert promise.within is not None
    return levels((*promise.warnings, BREACH), promise.within)


def _reached(cycle_clock: CycleClock, at: int) -> Reached:
    """Return the thresholds of a cycle whose part of the target has been counted by an instant."""
    if cycle_clock.promise.within is None:
        return NONE_REACHED
    counted = cycle_clock.elapsed(at)
    return frozenset(
        threshold
        for amount, threshold in _levels(cycle_clock.promise)
        if (amount <= counted if (agreed := _agreed_at(cycle_clock, amount, threshold)) is None else agreed <= at)
    )


def _at_end(before: Reached, cycle_clock: CycleClock, ended: int) -> Reached:
    """Return the thresholds that a cycle had reached when it ended. `before` has those reached before that instant.

    At the instant of the end, a cycle can reach only the breach. A cycle that was withdrawn cannot reach even that,
    because it has no verdict.
    """
    if cycle_clock.withdrawn:
        return before
    return before - {BREACH} | _reached(cycle_clock, ended) & {BREACH}


class _Life:
    """The clocks of a ticket's cycles as they were known at any instant."""

    __slots__ = ("_clocks", "_metric", "_policy", "_ticket")

    def __init__(self, ticket: Ticket, policy: Policy, metric: str) -> None:
        self._ticket, self._policy, self._metric = ticket, policy, metric
        self._clocks: tuple[int, Sequence[CycleClock]] = (-1, ())  # the number of events, and the clocks they make

    def clocks(self, at: int) -> Sequence[CycleClock]:
        """Return the clocks of the cycles that had begun at an instant, made from the events up to it."""
        ticket = self._ticket
        if at < ticket.opened:
            return ()
        moments = known(ticket.moments, at)
        if self._clocks[0] != len(moments):
            try:
                clocks = cycle_clocks(self._policy, terms_of(ticket), ticket.opened, moments, self._metric)
            except NotCoveredError:
                clocks = ()
            self._clocks = (len(moments), clocks)
        return self._clocks[1]

    def reached(self, number: int, at: int) -> Reached:
        """Return the thresholds that a cycle had reached when it last ran, by the events up to an instant."""
        clocks = self.clocks(at)
        if len(clocks) < number:
            return NONE_REACHED
        cycle_clock = clocks[number - 1]
        if cycle_clock.ended is None:
            return _reached(cycle_clock, at)
        return _at_end(self.reached(number, cycle_clock.ended - 1), cycle_clock, cycle_clock.ended)
