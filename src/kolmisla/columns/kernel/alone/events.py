"""Finds the facts and the events of one ticket in the columns of all tickets."""

from typing import cast

import numpy as np

from kolmisla.columns.kernel.events import Events
from kolmisla.columns.kernel.promises import Promised, TicketColumns
from kolmisla.columns.kernel.questions import NULL
from kolmisla.policies.terms.metrics import Opener
from kolmisla.tickets.cycles.cycle_clocks import Terms
from kolmisla.tickets.event import Moment
from kolmisla.tickets.exports import as_states, at_opening

__all__ = ["OneByOne"]


class OneByOne:
    """The facts and the events of tickets, from which each method takes those of one ticket.

    A ticket is named by its row in `facts`. `happened` has the events of all tickets. Events after `now` are ignored.
    """

    def __init__(self, facts: TicketColumns, promised: Promised, happened: Events, now: int) -> None:
        self._facts, self._promised, self._now = facts, promised, now
        self._happened = happened.pick(np.argsort(happened.row, kind="stable"))
        self._falls = None if happened.log is None else happened.log.backwards(len(facts.opened))

    def opened(self, row: int) -> int:
        """Return the instant at which the ticket in a row was opened."""
        return int(self._facts.opened[row])

    def terms(self, row: int) -> Terms:
        """Return what the promise to a ticket depends on: its plan, its priority, its channel and so on."""
        plan, priority, channel, version, owner, schedule, by = self._promised.terms[self._promised.places[row]]
        opened_by: Opener = "requester" if by is None else cast("Opener", by)
        return Terms(plan, priority or "", channel, version, owner, schedule, opened_by)

    def moments(self, row: int) -> list[Moment]:
        """Return the events of a ticket in order. A time in the column `answered_at` counts as an event too."""
        begin, end = np.searchsorted(self._happened.row, [row, row + 1]).tolist()
        own = self._happened.pick(np.arange(begin, end))
        own = own.pick(np.flatnonzero(own.at <= self._now))
        answered = int(self._facts.answered[row])
        moments = [Moment(answered, "answered")] if NULL < answered <= self._now else []
        moments += own.moments(backwards=self._falls is not None and bool(self._falls[row]))
        return list(at_opening(self.opened(row), as_states(moments)))
