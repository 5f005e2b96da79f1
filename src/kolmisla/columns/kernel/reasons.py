"""The reasons for pauses, as numbers, and the reasons that a question of the customer ends."""

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
    """The reasons of a log, numbered from 0.

    `ends` maps the number of a reason to a mask with an entry for each combination of terms. The mask says whether a
    question ends the pauses for this reason. `asked` has, for each combination of terms, whether a question ends any.
    """

    def __init__(self, promised: Promised, policy: Policy, metric: str, names: Sequence[NameOrNone]) -> None:
        keys = [reason_key(name) for name in names]
        self._numbers = {key: number for number, key in enumerate(dict.fromkeys(filter(None, keys)))}
        self._table = np.array([self._numbers.get(key or "", NO_REASON) for key in keys], np.int16)
        waits = [
            frozenset() if entry.promise is None else reading_of(policy.nearest(at), entry.promise.plan, metric).waits
            for entry, at in zip(promised.entitlements, promised.eras, strict=True)
        ]
        masks = {number: np.array([key in keys for keys in waits]) for key, number in self._numbers.items()}
        self.ends: dict[int, Mask] = {number: mask for number, mask in masks.items() if mask.any()}
        self.asked = [bool(keys) for keys in waits]

    def of(self, names: Coded) -> NDArray[np.int16]:
        """Return the number of each reason. A pause without a reason gives NO_REASON."""
        return self._table.take(names.codes)
