"""The status of a cycle at an instant."""

from datetime import timedelta
from typing import cast

from kolmisla.documents.for_pydantic import Answer
from kolmisla.documents.model import draft_of
from kolmisla.tickets.answers.json_forms import StatusDict
from kolmisla.tickets.cycles.cycle_clock import CycleClock, DeadlineState
from kolmisla.times.instants import duration, length, seconds

__all__ = ["Status", "status_at", "status_of"]


class Status(Answer):
    """The status of one cycle at an instant: the state, the open time counted and the open time left.

    The `state` is one of:

    - `running`: the cycle has not ended, and the time counted is at most the target.
    - `paused`: like `running`, but the clock is stopped by a pause with no known end.
    - `met`: the cycle has ended, and the time counted is at most the target.
    - `breached`: the time counted is more than the target. The cycle may be running, paused or ended.
    - `withdrawn`: the ticket was withdrawn, or an event cancelled the cycle. The cycle is neither met nor breached.

    If a due time was agreed with the customer, it decides in place of the target: a cycle that has not ended by then is
    breached, however little time has counted. But if the policy lets pauses move an agreed due time, the list above
    holds. The target is then the open time up to the due time.
    """

    __slots__ = ("state", "elapsed", "remaining")  # noqa: RUF023  # in the order of the constructor

    state: DeadlineState
    """The state: running, paused, met, breached or withdrawn."""
    elapsed: timedelta
    """The open time counted up to the instant, or up to the end of the cycle if that is earlier."""
    remaining: timedelta
    """The target minus the open time counted. It is negative when the target is exceeded."""

    def to_dict(self) -> StatusDict:
        """Return a dict ready for JSON, with the keys state, elapsed_s and remaining_s. Durations are in seconds."""
        elapsed, remaining = seconds(length(self.elapsed)), seconds(length(self.remaining))
        return {"state": self.state, "elapsed_s": elapsed, "remaining_s": remaining}


_StatusDraft = draft_of(Status)


def status_at(now: int, cycle_clock: CycleClock) -> Status | None:
    """Return a cycle's status at `now`, or None if the cycle has no target.

    Raise TicketError if the cycle begins after `now`.
    """
    (state, elapsed), within = cycle_clock.state_at(now), cycle_clock.promise.within
    return None if within is None else status_of(state, elapsed, within)


def status_of(state: DeadlineState, elapsed: int, within: int) -> Status:
    """Return the status for a state, the open time counted (`elapsed`) and the target (`within`) in microseconds."""
    draft = _StatusDraft()
    draft.state, draft.elapsed, draft.remaining = state, duration(elapsed), duration(within - elapsed)
    draft.__class__ = Status
    return cast("Status", draft)
