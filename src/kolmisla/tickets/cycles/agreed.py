"""Deadlines that were changed in agreement with the customer: by a new due time, or by open time added to a target."""

from collections.abc import Iterable, Iterator, Sequence

from kolmisla.documents.values import DURATION
from kolmisla.errors import TicketError
from kolmisla.policies.plan import DueDates
from kolmisla.tickets.cycles.cycle_clock import CycleClock
from kolmisla.tickets.cycles.cycles import CycleFacts
from kolmisla.tickets.event import INSTANT, Moment
from kolmisla.times.instants import DAY, length, micros

__all__ = ["agreed_by", "with_agreed", "with_terms"]

MOST_ADDED = 36_525_000 * DAY


def with_agreed(cycle_clock: CycleClock, agreed: Sequence[Moment], due_dates: DueDates) -> CycleClock:
    """Return the clock of a cycle whose deadline was changed by events of the kinds `due` and `extended`.

    Only the last due time counts, and later extensions move it. `due_dates` says whether pauses move the deadline
    (`pause`) or not (`fixed`).
    """
    *_, (due, more) = agreed_by(agreed)
    return with_terms(cycle_clock, due, more, due_dates)


def agreed_by(agreed: Iterable[Moment]) -> Iterator[tuple[Moment | None, int]]:
    """Yield two things for each event: the last event `due` so far, and the sum of all extensions after it.

    Before the first event `due`, yield None and the sum of all extensions so far. Sums are in microseconds.
    """
    due: Moment | None = None
    more = 0
    for moment in agreed:
        if moment.kind == "due":
            due, more = moment, 0
        else:
            more += length(DURATION.read(moment.value))
        yield due, more


def with_terms(cycle_clock: CycleClock, due: Moment | None, more: int, due_dates: DueDates) -> CycleClock:
    """Return the clock of a cycle whose deadline was changed in agreement with the customer.

    `due` is the event with the agreed due time, or None. `more` is the open time added, in microseconds. Raise
    TicketError if more than a thousand centuries are added.
    """
    if more > MOST_ADDED:
        raise TicketError("the extensions of a ticket must add up to at most a thousand centuries of open time")
    if due is None:
        return _with_targets(cycle_clock, more, None)
    at = micros(INSTANT.read(due.value))
    freely = _unpaused(cycle_clock)
    if due_dates == "pause":
        paused_until = max(cycle_clock.started, due.at)
        amount = cycle_clock.clock.elapsed(cycle_clock.started, paused_until)
        amount += freely.clock.elapsed(paused_until, at) if at > paused_until else 0
        return _with_targets(cycle_clock, more, max(amount, 0))
    if more:
        at = cycle_clock.promise.schedule.timeline.due(at, more)
    amount = freely.clock.elapsed(cycle_clock.started, at) if at > cycle_clock.started else 0
    return _with_targets(freely, 0, amount)._replace(agreed=at)


def _unpaused(cycle_clock: CycleClock) -> CycleClock:
    """Return a clock of the cycle that no pause stops. The promises in force stay as they are."""
    facts = CycleFacts(cycle_clock.started, cycle_clock.ended, (), (), cycle_clock.withdrawn, cycle_clock.waived)
    return CycleClock.of(facts, cycle_clock.steps)._replace(at_opening=cycle_clock.at_opening)


def _with_targets(cycle_clock: CycleClock, more: int, within: int | None) -> CycleClock:
    """Return the clock with new targets: the sum of `within` and `more`, both in microseconds.

    If `within` is None, `more` is added to the old target of each promise.
    """
    steps = []
    for at, promise in cycle_clock.steps:
        target = promise.within if within is None else within
        steps.append((at, promise._replace(within=None if target is None else target + more, named_from=None)))
    return cycle_clock._replace(steps=tuple(steps))
