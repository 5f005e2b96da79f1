"""The first answer to a ticket, and the working time up to it."""

from collections.abc import Sequence

from kolmisla.errors import HorizonError
from kolmisla.policies.terms.metrics import FIRST_RESPONSE, RESOLUTION
from kolmisla.tickets.cycles.cycle_clock import CycleClock
from kolmisla.tickets.cycles.cycles import heard
from kolmisla.tickets.event import Moment

__all__ = ["first_answer", "response_time"]


def first_answer(cycle_clock: CycleClock, moments: Sequence[Moment]) -> int | None:
    """Return the instant of the first answer to a ticket, or None without one. A resolution is no answer.

    For a metric with other cycles, return the first answer in the cycle. `moments` must be in order.
    """
    moments = heard(moments)
    if len(moments) == 1:  # a ticket with one event asks no next question
        return moments[0].at if moments[0].kind == "answered" else None
    answers = [moment.at for moment in moments if moment.kind == "answered"]
    if cycle_clock.promise.metric not in (FIRST_RESPONSE, RESOLUTION):
        started, ended = cycle_clock.started, cycle_clock.ended
        answers = [at for at in answers if at == ended or (started < at and (ended is None or at < ended))]
    return answers[0] if answers else None


def response_time(cycle_clock: CycleClock, answered: int, elapsed: int) -> int | None:
    """Return the working time from the start of a cycle to an answer, on the schedule by which responses count.

    `elapsed` is the time counted in the whole cycle. Return None if the schedule does not know one of the years.
    """
    timeline = cycle_clock.promise.response_on.timeline
    if answered == cycle_clock.ended and cycle_clock.clock is timeline:  # not so after a pause, for example
        return elapsed
    try:
        return timeline.elapsed(cycle_clock.started, answered)
    except HorizonError:  # the ticket's own clock may cover more years, as 24x7 does
        return None
