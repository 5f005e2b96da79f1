"""Sums of the time that each owner had, and of the time in pauses for each reason.

These sums are counts of a report. When two reports are added, their sums are added.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Literal, NamedTuple, get_args

from kolmisla.documents.names import folded
from kolmisla.errors import choices, shown
from kolmisla.times.instants import duration, length, seconds

__all__ = ["Spent", "SpentBy", "SpentKey", "spent_by", "spent_dict", "count_parts"]

SpentBy = Literal["owner", "reason"]
SpentKey = tuple[SpentBy, str, str]  # by what, the name of an owner or a reason or "", and a name in SPENT_COUNTS

# What is summed for each part of the time (such as the time of one owner): the cycles with time in the part, the broken
# promises whose target ran out in the part, and three times in microseconds.
SPENT_COUNTS = ("cycles", "ran_out", "elapsed", "over", "paused")
CHANGED = "changed"  # in place of a name in SPENT_COUNTS: the number of cycles with more than one part


class Spent(NamedTuple):
    """A part of the time of many cycles: the time of one owner, or of pauses with the same reasons.

    `name` is None for time without an owner, or outside of pauses. `ran_out` counts the breached cycles that used up
    their target in this part. `over` is the counted time beyond the targets. `paused` is the open time in pauses.
    """

    name: str | None
    cycles: int
    ran_out: int
    elapsed: timedelta
    over: timedelta
    paused: timedelta


def spent_by(figures: Any, by: SpentBy) -> tuple[Spent, ...]:
    """Split the time of a report's cycles by owner, or by the reasons of pauses, the longest part first.

    By owner, the result is empty if no cycle changed its owner. By reason, it is empty if no pause has a reason. Names
    that differ only in case are one name. Raise ValueError unless `by` is owner or reason.
    """
    counts: dict[SpentKey, int] = dict(figures.spent)
    asked: object = by
    if not isinstance(asked, str) or asked not in get_args(SpentBy):
        raise ValueError(f"by must be one of {choices(get_args(SpentBy))}, not {shown(by)}")
    is_told = (by, "", CHANGED) in counts if by == "owner" else any(of == by and name for of, name, _ in counts)
    if not is_told:
        return ()
    owners = [name for edition in figures.policy.editions for name in edition.owners]
    known = {folded(name): name for name in owners} if by == "owner" else {}
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for (of, name, what), number in sorted(counts.items()):
        if of == by and what in SPENT_COUNTS:
            sums[known.setdefault(folded(name), name)][what] += number
    parts = [
        Spent(name or None, told["cycles"], told["ran_out"], *(duration(told[what]) for what in SPENT_COUNTS[2:]))
        for name, told in sums.items()
    ]
    return tuple(sorted(parts, key=lambda part: (-part.elapsed - part.paused, part.name or "")))


def count_parts(counts: Counter[SpentKey], by: SpentBy, parts: Sequence[tuple[str | None, tuple[int, ...]]]) -> None:
    """Add the parts of one cycle's time to `counts`. Each part is a name and a number for each of SPENT_COUNTS."""
    if len(parts) > 1:
        counts[by, "", CHANGED] += 1
    for name, numbers in parts:
        for what, number in zip(SPENT_COUNTS, numbers, strict=True):
            if number:
                counts[by, name or "", what] += number


def spent_dict(part: Spent) -> dict[str, Any]:
    """Return a part of the time as a dict that JSON can hold. Durations are in seconds."""
    times = {f"{name}_s": seconds(length(getattr(part, name))) for name in SPENT_COUNTS[2:]}
    return {"name": part.name, "cycles": part.cycles, "ran_out": part.ran_out, **times}
