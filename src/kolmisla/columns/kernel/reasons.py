"""Finds the state after each event, which pauses stop the clock, and which pauses end when a customer asks."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.kernel.events import KIND_CODE, NO_REASON, OPENING, BlockEvents
from kolmisla.columns.kernel.promises import Coded, Codes, NameOrNone, Promised
from kolmisla.columns.kernel.questions import Mask
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.policies.policy import Policy
from kolmisla.tickets import states
from kolmisla.tickets.cycles.cycle_clocks import reading_of
from kolmisla.tickets.states import TICKET_STATES, reason_key

__all__ = [
    "LEADS_TO",
    "STATE_KINDS",
    "TICKET_AS_BEFORE",
    "TICKET_PAUSED",
    "TICKET_RESOLVED",
    "TICKET_RUNNING",
    "Reasons",
    "latest_of",
    "led_by_reason",
]

TICKET_RUNNING, TICKET_PAUSED, TICKET_RESOLVED = map(TICKET_STATES.index, ("running", "paused", "resolved"))
TICKET_AS_BEFORE = len(TICKET_STATES)  # for an event that does not change the state
# The state after an event, for each KIND_CODE.
LEADS_TO = np.full(max(KIND_CODE.values()) + 1, TICKET_AS_BEFORE, np.int8)
LEADS_TO[OPENING] = TICKET_RUNNING
for _kind, _state in states.LEADS_TO.items():
    LEADS_TO[KIND_CODE[_kind]] = TICKET_STATES.index(_state)

STATE_KINDS = tuple(kind for kind, code in KIND_CODE.items() if LEADS_TO[code] != TICKET_AS_BEFORE)


class Reasons:
    """The different reasons for pauses, by number, and what a pause for each reason does.

    What a pause does depends on the terms of its ticket. So the tables have an entry or a row for each combination of
    terms, such as a plan and a priority that occur together.
    """

    def __init__(self, promised: Promised, policy: Policy, metric: str, names: Sequence[NameOrNone]) -> None:
        keys = [reason_key(name) for name in names]
        self._numbers = {key: number for number, key in enumerate(dict.fromkeys(filter(None, keys)))}
        width = np.int16 if len(self._numbers) <= np.iinfo(np.int16).max else np.int32
        self._table: Codes = np.array([self._numbers.get(key or "", NO_REASON) for key in keys], width)
        readings = [
            None if entry.promise is None else reading_of(policy.nearest(at), entry.promise.plan, metric)
            for entry, at in zip(promised.entitlements, promised.eras, strict=True)
        ]
        waits = [frozenset() if reading is None else reading.waits for reading in readings]
        pauses = [frozenset() if reading is None else reading.pauses for reading in readings]
        self.pausing = [reasons is None or bool(reasons) for reasons in pauses]  # whether any pause stops the clock
        self.stops: NDArray[np.bool_] | None = None  # which pauses stop the clock; None if the reason does not matter
        if any(pauses):
            every: list[str | None] = [*self._numbers, None]  # None for a pause without a reason
            self.stops = np.array([[reasons is None or key in reasons for key in every] for reasons in pauses])
        # For each reason: the combinations of terms for which a customer's question ends the pauses.
        masks = {number: np.array([key in keys for keys in waits]) for key, number in self._numbers.items()}
        self.ends: dict[int, Mask] = {number: mask for number, mask in masks.items() if mask.any()}
        self.asked = [bool(keys) for keys in waits]  # whether there are pauses that a question ends

    def of(self, names: Coded) -> Codes:
        """Return the number of the reason in each row, or NO_REASON for a row without a reason."""
        return self._table.take(names.codes)


def led_by_reason(events: BlockEvents) -> NDArray[np.int8]:
    """Return the state to which each event leads, or TICKET_AS_BEFORE if the event does not change the state.

    A ticket is paused while at least one pause runs. Some events end all pauses, others only those of one reason.
    """
    kind, value, rows = events.kind, events.value, np.arange(len(events.kind))
    led, paused = LEADS_TO.take(kind), kind == KIND_CODE["paused"]
    alone = (kind == KIND_CODE["resumed"]) & (value != NO_REASON)  # ends the pauses of one reason
    ends_all = (led != TICKET_AS_BEFORE) & ~alone & ~paused
    if events.is_state is not None:
        ends_all |= events.is_state
    spell = np.cumsum(ends_all)  # a spell is the time between two events that end all pauses
    few = np.flatnonzero(paused | alone)
    group = spell.take(few) * (int(value.max(initial=0)) + 2) + value.take(few)
    order = np.argsort(group, kind="stable")
    few, group = few.take(order), group.take(order)
    runs = paused.take(few)
    ran = np.append(False, runs[:-1] & (group[1:] == group[:-1]))
    begun = np.zeros(len(rows), np.int64)
    begun[few] = runs.astype(np.int64) - ran
    running = np.cumsum(begun)
    starts = latest_of(ends_all)
    running -= (running - begun).take(starts)
    led[few] = np.where(running.take(few) > 0, TICKET_PAUSED, TICKET_RUNNING)
    led[alone & (begun == 0)] = TICKET_AS_BEFORE
    return led


def latest_of(marked: Mask) -> Ints:
    """Return, for each row, the index of the last marked row among the rows up to it. The first row must be marked."""
    return np.maximum.accumulate(np.arange(len(marked)) * marked)
