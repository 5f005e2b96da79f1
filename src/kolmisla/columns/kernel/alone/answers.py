"""Stores the answers about one cycle in one row of the result."""

from collections.abc import Sequence

import numpy as np

from kolmisla.columns.kernel.deadlines import NOT_COVERED, STATES, Deadlines
from kolmisla.columns.kernel.promises import Reason
from kolmisla.columns.kernel.questions import NULL
from kolmisla.tickets.cycles.cycle_clock import NO_DUE_TIME, CycleClock
from kolmisla.tickets.cycles.cycles import CycleFacts
from kolmisla.tickets.cycles.responses import first_answer
from kolmisla.tickets.event import Moment

__all__ = ["fill_in_clock", "fill_in_uncovered"]


def fill_in_clock(out: Deadlines, row: int, clock: CycleClock, moments: Sequence[Moment], now: int) -> None:
    """Store the deadline and the state of a cycle at the instant `now`, in the row `row` of `out`.

    `moments` are the events of the ticket. Raise KolmislaError if the cycle cannot be judged.
    """
    state, elapsed = clock.state_at(now)
    within, (due, breach) = clock.promise.within, clock.instants()
    out.due[row], out.breach[row] = (NULL if instant is None else instant for instant in (due, breach))
    out.elapsed[row], out.target[row] = elapsed, NULL if within is None else within
    out.ended[row] = NULL if clock.ended is None else clock.ended
    out.response_on[row] = out.counted_on([clock.promise])[0]
    out.named[row] = out.names_of([clock.promise])[0]
    out.state[row] = NOT_COVERED if within is None else STATES.index(state)
    cause = "paused" if clock.paused_since is not None else clock.promise.schedule.timeline.known
    told = [f"waived: {clock.waived}"] * (clock.waived is not None) + [f"{NO_DUE_TIME}: {cause}"] * (due is None)
    out.reason[row] = out.place(Reason(clock.promise.missing if within is None else "; ".join(told) or None))
    given = first_answer(clock, moments)
    out.answered[row] = NULL if given is None else given


def fill_in_uncovered(out: Deadlines, row: int, cycle: CycleFacts, reason: str) -> None:
    """Store in the row `row` of `out` that the policy promises nothing for this cycle, and why (`reason`)."""
    out.reject(np.array([row]), out.place(Reason(reason)))
    out.state[row], out.answered[row] = NOT_COVERED, NULL
    out.ended[row] = NULL if cycle.ended is None else cycle.ended
