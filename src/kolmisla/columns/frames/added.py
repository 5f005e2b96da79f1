"""Adds the answers about tickets, or about their cycles, to a frame."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.frames.series import (
    duration_column,
    flag_column,
    instant_column,
    label_column,
    number_column,
    seconds_column,
)
from kolmisla.columns.frames.tickets import Frame
from kolmisla.columns.kernel.deadlines import STATES, Deadlines
from kolmisla.columns.kernel.questions import Mask
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.errors import choices

__all__ = ["AddedColumns", "Labels", "added", "with_columns"]


class Labels(NamedTuple):
    """A column of texts that stores each different text once.

    `texts` has the different texts. `places` has, for each row, the index of the row's text in `texts`.
    """

    texts: Sequence[str | None]
    places: NDArray[Any]


@dataclass(frozen=True, slots=True)
class AddedColumns:
    """How the columns that are added to a frame are named, and how they show durations."""

    prefix: str  # of the columns' names
    seconds: bool  # True: durations are numbers of seconds, and the names of their columns end in `_s`

    @property
    def kinds(self) -> dict[str, str]:
        """The names of the columns that `measure` adds, in their order, each with the kind of the column's values."""
        duration, mark = ("seconds", "_s") if self.seconds else ("duration", "")
        kinds = {
            "due_at": "instant",
            "breaches_after": "instant",
            f"elapsed{mark}": duration,
            f"target{mark}": duration,
            "state": "text",
            "reason": "text",
            "ended_at": "instant",
            f"response{mark}": duration,
        }
        return {self.prefix + name: kind for name, kind in kinds.items()}

    def name(self, fact: str) -> str:
        """Return the name that the column of a fact, such as `elapsed`, gets in the frame."""
        return f"{self.prefix}{fact}{'_s' if self.seconds and fact in _DURATIONS else ''}"


_DURATIONS = ("elapsed", "target", "response", "paused")


def with_columns(
    frame: Frame, facts: Mapping[str, Ints | Mask | Labels], columns: AddedColumns, zone: str, time: str
) -> Frame:
    """Return the frame with a column added for each of `facts`. Show times in the zone `zone`.

    The new columns get the library and the index of the frame's column `time`. Raise ValueError if the frame already
    has the name of a new column.
    """
    names = [columns.name(fact) for fact in facts]
    clash = [name for name in names if name in frame.columns]
    if clash:
        raise ValueError(f"the frame has {choices(clash)} already; choose a prefix for the added columns")
    like = frame[time]
    made = []
    for fact, given in facts.items():
        column: nw.Series[Any]
        values = cast("Ints", given)
        if isinstance(given, Labels):
            column = label_column(given.texts, given.places, like)
        elif given.dtype == np.bool_:
            column = flag_column(cast("Mask", given), like)
        elif fact in _DURATIONS:
            column = (seconds_column if columns.seconds else duration_column)(values, like)
        elif fact in _NUMBERS:
            column = number_column(values, like)
        else:
            column = instant_column(values, like, zone)
        made.append(column.alias(columns.name(fact)))
    return frame.with_columns(*made)


_NUMBERS = ("cycle",)


def added(frame: Frame, deadlines: Deadlines, columns: AddedColumns, zone: str, time: str) -> Any:
    """Return a frame of tickets with the columns of `measure` added, in the frame's own library.

    `deadlines` has the values of the new columns. The other parameters are those of `with_columns`.
    """
    facts: dict[str, Ints | Labels] = {
        "due_at": deadlines.due,
        "breaches_after": deadlines.breach,
        "elapsed": deadlines.elapsed,
        "target": deadlines.target,
        "state": Labels(STATES, deadlines.state),
        "reason": Labels([reason.text for reason in deadlines.reasons], deadlines.reason),
        "ended_at": deadlines.ended,
        "response": deadlines.response,
    }
    return with_columns(frame, facts, columns, zone, time).to_native()
