"""Finds the facts and the events of one ticket in the columns of all tickets."""

from collections.abc import Iterator
from typing import cast

import numpy as np

from kolmisla.columns.kernel.events import Events, turned
from kolmisla.columns.kernel.promises import OTHER, Promised, TicketColumns
from kolmisla.columns.kernel.questions import NULL
from kolmisla.policies.terms.metrics import Opener
from kolmisla.tickets.cycles.cycle_clocks import Terms
from kolmisla.tickets.event import WITH_VALUE, Moment
from kolmisla.tickets.exports import as_states, at_opening
from kolmisla.tickets.states import TOGETHER

__all__ = ["OneByOne"]


class OneByOne:
    """The facts and the events of many tickets. Each method returns what belongs to the ticket in one row of `facts`.

    Events after `now` are ignored.
    """

    def __init__(self, facts: TicketColumns, promised: Promised, happened: Events, now: int) -> None:
        self._facts, self._promised, self._now = facts, promised, now
        self._happened = happened.pick(np.argsort(happened.row, kind="stable"))
        self._begin = np.searchsorted(self._happened.row, np.arange(len(facts.opened) + 1))
        self._falls = None if happened.log is None else happened.log.backwards(len(facts.opened))

    def opened(self, row: int) -> int:
        """Return the instant at which the ticket in a row was opened."""
        return int(self._facts.opened[row])

    def terms(self, row: int) -> Terms:
        """Return what the promise to a ticket depends on: its plan, its priority, its channel and so on."""
        plan, priority, channel, version, owner, schedule, by = self._promised.terms[self._promised.places[row]]
        opened_by: Opener = "requester" if by is None else cast("Opener", by)
        return Terms(plan, priority or "", channel, version, owner, schedule, opened_by)

    def moments(self, row: int) -> tuple[Moment, ...]:
        """Return the events of a ticket up to `now`, in order. A time in the column `answered_at` also is an event."""
        answered = int(self._facts.answered[row])
        moments = [Moment(answered, "answered")] if NULL < answered <= self._now else []
        moments += self._told(row)
        return tuple(at_opening(self.opened(row), as_states(moments)))

    def _told(self, row: int) -> Iterator[Moment]:
        """Yield the events of a ticket up to `now`, without those that cannot be read.

        Events from columns of the tickets come first. A log that runs backwards is read from its last row. An event
        `resumed` is added before each pause that ends all earlier pauses.
        """
        events, own = self._happened, slice(*self._begin[row : row + 2].tolist())
        place = events.place(np.arange(own.start, own.stop))
        is_turned = self._falls is not None and self._falls[row]
        states = [] if events.is_state is None else events.is_state[own].tolist()
        special = [] if events.special is None else events.special.codes[own].tolist()
        columns = (events.at, events.kind, events.value.codes, events.reason.codes)
        at, kind, value, reason = (column[own].tolist() for column in columns)
        for event in np.argsort(turned(place) if is_turned else place, kind="stable").tolist():
            if at[event] > self._now:
                continue
            if events.special is not None and special[event] != OTHER:
                yield from events.special.of(special[event], at[event])
                continue
            if states and states[event]:
                yield Moment(at[event], "resumed")
            name = TOGETHER[kind[event] - 1]
            given = events.value.values[value[event]] if name == "priority" else events.reason.values[reason[event]]
            yield Moment(at[event], name, given if name in WITH_VALUE else None)
