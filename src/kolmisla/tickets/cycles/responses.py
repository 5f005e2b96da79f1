"""The first answer to a ticket, and the working time up to it."""

from collections.abc import Sequence

from kolmisla.errors import HorizonError
from kolmisla.policies.terms.metrics import FIRST_RESPONSE
from kolmisla.tickets.cycles.cycle_clock import CycleClock
from kolmisla.tickets.cycles.cycles import heard
from kolmisla.tickets.event import Moment

__all__ = ["counts_for_mean", "first_answer", "response_time"]


def first_answer(cycle_clock: CycleClock, moments: Sequence[Moment]) -> int | None:
    """Return the instant of the first answer to a ticket, or None if there is no answer.

    If the cycle began after the opening, only answers after its start and up to its end count. `moments` must be in
    order of time.
    """
    answers = [moment.at for moment in heard(moments) if moment.kind == "answered"]
    if not cycle_clock.at_opening:
        started, ended = cycle_clock.started, cycle_clock.ended
        # `at == ended` also holds for a cycle that ended when it started
        answers = [at for at in answers if at == ended or (started < at and (ended is None or at < ended))]
    return answers[0] if answers else None


def counts_for_mean(cycle_clock: CycleClock) -> bool:
    """Return whether the response time of a cycle counts for the mean response time that the plan promises.

    Only an ended first response counts, and only if its cycle was neither withdrawn nor waived.
    """
    promise = cycle_clock.promise
    ended = cycle_clock.ended is not None and not cycle_clock.withdrawn and cycle_clock.waived is None
    return ended and promise.metric == FIRST_RESPONSE and promise.average_on is not None


def response_time(cycle_clock: CycleClock, answered: int, elapsed: int) -> int | None:
    """Return the working time from the start of a cycle to an answer, on the schedule for response times.

    `elapsed` is the time counted in the whole cycle. Return None if the schedule does not know an instant.
    """
    timeline = cycle_clock.promise.response_on.timeline
    if answered == cycle_clock.ended and cycle_clock.clock is timeline:  # the clock has no pauses, for example
        return elapsed
    try:
        return timeline.elapsed(cycle_clock.started, answered)
    except HorizonError:  # the clock of the cycle may cover more years, as 24x7 does
        return None
