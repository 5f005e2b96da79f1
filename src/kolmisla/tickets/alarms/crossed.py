"""The thresholds that one ticket crosses in a window of time.

Instants are integers in UTC microseconds. Only the events up to an instant decide what a ticket crosses at this
instant. So the two parts of a window have, together, the crossings of the whole window.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from kolmisla.errors import HorizonError
from kolmisla.policies.plan import Promise
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import has_metric, metric_of
from kolmisla.policies.terms.metrics import trigger_of
from kolmisla.policies.terms.warnings import BREACH, Threshold, levels
from kolmisla.tickets.alarms.lives import LifeAsKnown, life_of
from kolmisla.tickets.cycles.cycle_clock import CycleClock
from kolmisla.tickets.cycles.cycle_clocks import plain_promise
from kolmisla.tickets.cycles.cycles import known
from kolmisla.tickets.cycles.naming import sole_amount
from kolmisla.tickets.ticket import Ticket

__all__ = ["Crossed", "crossed"]

Reached = frozenset[Threshold]  # thresholds whose part of the target has been counted
NONE_REACHED: Reached = frozenset()
MAY_PAUSE = ("paused", "resumed", "asked", "answered")  # without an effect on cycles, they only begin or end pauses
NEVER_MATTERS = "waived"  # a cycle crosses its thresholds even if its verdict does not count


class Crossed(NamedTuple):
    """A threshold that a ticket crosses, the instant, the number of the cycle, and the promise in force at the instant.

    The promise is the target that the policy gives the ticket.
    """

    at: int
    cycle: int
    threshold: Threshold
    promise: Promise


def crossed(ticket: Ticket, policy: Policy, metric: str, after: int, until: int) -> Iterator[Crossed]:
    """Yield each threshold that a ticket crosses later than `after` and not later than `until`.

    Only events up to a crossing decide it. A cycle can cross a threshold again if a change of priority gives it another
    target.
    """
    first = max(after + 1, ticket.opened)
    if first > until:
        return
    moments = known(ticket.moments, until)
    promise = None if moments else _plain_promise(ticket, policy, metric)
    if promise is not None:
        yield from _of_plain(ticket.opened, promise, after, until)
        return
    life, quiet = life_of(ticket, policy, metric, moments), _quiet_kinds(policy, ticket, metric)
    cuts = [first, *dict.fromkeys(moment.at for moment in moments if moment.at > first and moment.kind not in quiet)]
    reached: dict[int, Reached] = {}
    for start, following in pairwise([*cuts, until + 1]):
        clocks = life.clocks(start, following - 1)
        if not clocks:
            reached.clear()
        for number, cycle_clock in clocks:
            ended = cycle_clock.ended
            before = _reached_by(life, number, start - 1) if number not in reached else reached[number]
            found = list(_of_stretch(cycle_clock, before, start, following - 1))
            yield from (Crossed(at, number, threshold, _promise_at(cycle_clock, at)) for at, threshold in found)
            reached[number] = (
                _reached(cycle_clock, following - 1) if ended is None else _at_end(before, cycle_clock, ended)
            )


def _promise_at(cycle_clock: CycleClock, at: int) -> Promise:
    """Return the promise in force at an instant of a cycle."""
    return next((promise for since, promise in reversed(cycle_clock.steps) if since <= at), cycle_clock.promise)


def _quiet_kinds(policy: Policy, ticket: Ticket, metric: str) -> frozenset[str]:
    """Return the kinds of event that neither begin nor end cycles of a metric, and that change no promise.

    Such events do not change the time that was counted before them, so one clock, made from all of them, is right at
    every instant.
    """
    edition = policy.nearest(ticket.opened)
    if not has_metric(edition, metric):
        return frozenset()
    definition = metric_of(edition, metric)
    texts = (*definition.starts_for(ticket.opened_by), *definition.ends, *definition.cancels, *definition.after)
    have_targets = any(plan.owner_targets(metric) for plan in edition.plans.values())
    owner = () if have_targets or edition.owners else ("owner",)  # no owner has hours or targets
    return frozenset((*MAY_PAUSE, NEVER_MATTERS, *owner)) - {trigger_of(text).kind for text in texts}


def _plain_promise(ticket: Ticket, policy: Policy, metric: str) -> Promise | None:
    """Return the promise to a plain ticket, with a target in days turned into an amount of time.

    Return None if the ticket is not plain (see `plain_promise`), if nothing is promised, or if the named instant is not
    known.
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
    """Yield each threshold that a cycle crosses from `start` to `last` inclusive, with the instant of the crossing.

    No event between the two instants may change the clock. `before` has the thresholds that the cycle had reached just
    before `start`.
    """
    if cycle_clock.promise.within is None or cycle_clock.withdrawn:
        return
    runs = cycle_clock.ended is None
    last = last if runs else start
    counted, at_last = cycle_clock.elapsed(start), cycle_clock.elapsed(last)
    for amount, threshold in _levels(cycle_clock.promise):
        if not runs and threshold != BREACH:  # a cycle crosses no warning at its end
            continue
        agreed = _agreed_at(cycle_clock, amount, threshold)
        if amount <= counted if agreed is None else agreed <= start:
            if threshold not in before:
                yield start, threshold
        elif amount <= at_last if agreed is None else agreed <= last:
            yield cycle_clock.clock.due(cycle_clock.started, amount) if agreed is None else agreed, threshold


def _agreed_at(cycle_clock: CycleClock, amount: int, threshold: Threshold) -> int | None:
    """Return the instant of a threshold if it follows from a due time agreed with the customer, else None.

    `amount` is the threshold in microseconds of counted time. Only 100 percent and the breach follow from an agreed due
    time.
    """
    agreed = cycle_clock.agreed
    if agreed is None:
        return None
    if threshold == BREACH:
        return agreed + 1
    # 100 percent is reached at the agreed time even if the schedule is closed then
    return agreed if amount == cycle_clock.promise.within else None


def _levels(promise: Promise) -> Sequence[tuple[int, Threshold]]:
    """Return each threshold of a promise with its amount of time, the least amount first. There must be a target."""
    assert promise.within is not None
    return levels((*promise.warnings, BREACH), promise.within)


def _reached(cycle_clock: CycleClock, at: int) -> Reached:
    """Return the thresholds that a cycle has reached by an instant, or an empty set if it has no target."""
    if cycle_clock.promise.within is None:
        return NONE_REACHED
    counted = cycle_clock.elapsed(at)
    return frozenset(
        threshold
        for amount, threshold in _levels(cycle_clock.promise)
        if (amount <= counted if (agreed := _agreed_at(cycle_clock, amount, threshold)) is None else agreed <= at)
    )


def _at_end(before: Reached, cycle_clock: CycleClock, ended: int) -> Reached:
    """Return the thresholds that a cycle had reached when it ended.

    `before` has the thresholds that it had reached before the instant `ended`. At its end, a cycle can become breached,
    but it reaches no other threshold.
    """
    if cycle_clock.withdrawn:
        return before
    return before - {BREACH} | _reached(cycle_clock, ended) & {BREACH}


def _reached_by(life: LifeAsKnown, number: int, at: int) -> Reached:
    """Return the thresholds that a cycle had reached by the instant `at`.

    `number` is the number of the cycle. Events that are later than `at` do not count.
    """
    cycle_clock = life.clock(number, at)
    if cycle_clock is None:
        return NONE_REACHED
    if cycle_clock.ended is None:
        return _reached(cycle_clock, at)
    return _at_end(_reached_by(life, number, cycle_clock.ended - 1), cycle_clock, cycle_clock.ended)
