"""The reasons for pauses, as numbers, and the reasons whose pauses end when the customer asks a question."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.kernel.events import NO_REASON
from kolmisla.columns.kernel.promises import Coded, NameOrNone, Promised
from kolmisla.columns.kernel.questions import Mask
from kolmisla.policies.policy import Policy
from kolmisla.tickets.cycles.cycle_clocks import reading_of
from kolmisla.tickets.states import reason_key

__all__ = ["Reasons"]


class Reasons:
    """The reasons for pauses in a log. Each different reason has a number, from 0.

    A combination of terms is a plan, a priority, a channel and a version that occur together in some tickets. `ends`
    maps the number of a reason to a mask with an entry for each combination of terms. An entry is True if a customer's
    question ends the pauses for this reason. `asked` says, for each combination, whether a question ends any pause.
    `pausing` says, for each combination, whether any pause stops the clock.

    `stops` is a table that says which pauses stop the clock. It has a row for each combination and a column for each
    reason; the last column is for a pause without a reason. If the reason makes no difference for any combination,
    because either all pauses stop the clock or none does, `stops` is None.
    """

    def __init__(self, promised: Promised, policy: Policy, metric: str, names: Sequence[NameOrNone]) -> None:
        keys = [reason_key(name) for name in names]
        self._numbers = {key: number for number, key in enumerate(dict.fromkeys(filter(None, keys)))}
        self._table = np.array([self._numbers.get(key or "", NO_REASON) for key in keys], np.int16)
        readings = [
            None if entry.promise is None else reading_of(policy.nearest(at), entry.promise.plan, metric)
            for entry, at in zip(promised.entitlements, promised.eras, strict=True)
        ]
        waits = [frozenset() if reading is None else reading.waits for reading in readings]
        pauses = [frozenset() if reading is None else reading.pauses for reading in readings]
        self.pausing = [reasons is None or bool(reasons) for reasons in pauses]
        self.stops: NDArray[np.bool_] | None = None
        if any(pauses):
            every: list[str | None] = [*self._numbers, None]
            self.stops = np.array([[reasons is None or key in reasons for key in every] for reasons in pauses])
        masks = {number: np.array([key in keys for keys in waits]) for key, number in self._numbers.items()}
        self.ends: dict[int, Mask] = {number: mask for number, mask in masks.items() if mask.any()}
        self.asked = [bool(keys) for keys in waits]

    def of(self, names: Coded) -> NDArray[np.int16]:
        """Return, for each row, the number that stands for its reason, or NO_REASON if it has none."""
        return self._table.take(names.codes)
