"""Shows how much time each owner had, and how much went by in pauses, in words and as the rows of a table."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple, get_args

from kolmisla.errors import named
from kolmisla.files.summary import percent_of
from kolmisla.reports.figures.figures import Figures
from kolmisla.reports.figures.spent import Spent, SpentBy, spent_by
from kolmisla.reports.views.words import time_text
from kolmisla.times.instants import length

__all__ = ["SpentRow", "SpentSection", "spent_sections"]

MOST_NAMES_SHOWN = 12  # the most names that are shown
SPENT_TITLES = {"owner": "Time by owner", "reason": "Time by the reasons of pauses"}
SPENT_NAMELESS = {"owner": "no owner", "reason": "not paused"}
SPENT_HEADS = {
    "owner": ("counted", "beyond target", "ran out", "tickets", "paused"),
    "reason": ("paused", "counted", "beyond target", "ran out", "tickets"),
}


class SpentRow(NamedTuple):
    """A row of the table in a SpentSection. `cells` are in the order of `heads`, the names of its columns."""

    name: str
    cells: tuple[str, ...]
    part: Spent


class SpentSection(NamedTuple):
    """A section of a report about the time of each owner, or about pauses. `left` is the number of names not shown."""

    by: SpentBy
    title: str
    sentence: str
    heads: tuple[str, ...]
    rows: tuple[SpentRow, ...]
    left: int

    @property
    def rest(self) -> str:
        """A text that says how many names are not shown. It is empty if all names are shown."""
        return f"and {self.left:,} more; the JSON and CSV forms have all" if self.left else ""


def spent_sections(report: Figures) -> list[SpentSection]:
    """Return the section about the time of each owner, and the one about pauses.

    Leave out a section without figures.
    """
    sections = []
    for by in get_args(SpentBy):
        parts = spent_by(report, by)
        if parts:
            if by == "reason":  # the time outside of pauses comes last
                parts = tuple(sorted(parts, key=lambda part: part.name is None))
            sentence = (_owner_line if by == "owner" else _reason_line)(parts)
            kept = parts[:MOST_NAMES_SHOWN]
            rows = tuple(_row(part, by) for part in kept)
            left = len(parts) - len(kept)
            sections.append(SpentSection(by, SPENT_TITLES[by], sentence, SPENT_HEADS[by], rows, left))
    return sections


def _row(part: Spent, by: SpentBy) -> SpentRow:
    figures = {
        "counted": time_text(part.elapsed),
        "beyond target": time_text(part.over),
        "ran out": f"{part.ran_out:,}",
        "tickets": f"{part.cycles:,}",
        "paused": time_text(part.paused),
    }
    return SpentRow(_name(part, by), tuple(figures[head] for head in SPENT_HEADS[by]), part)


def _name(part: Spent, by: SpentBy) -> str:
    return SPENT_NAMELESS[by] if part.name is None else named(part.name)


def _sum(times: Sequence[timedelta]) -> timedelta:
    return sum(times, timedelta())


def _owner_line(parts: Sequence[Spent]) -> str:
    """Say with which owner most time was counted, and with which owner most targets ran out."""
    total, broken = _sum([part.elapsed for part in parts]), sum(part.ran_out for part in parts)
    most = max(parts, key=lambda part: part.elapsed)
    text = f"{time_text(total)} counted, {_of(most.elapsed, total)} of it with {_name(most, 'owner')}."
    if not broken:
        return f"{text} No target ran out."
    last = max(parts, key=lambda part: part.ran_out)
    told = "The one target" if broken == 1 else f"Of {broken:,} targets that ran out, {last.ran_out:,} did so"
    return f"{text} {told}{' that ran out did so' * (broken == 1)} with {_name(last, 'owner')}."


def _reason_line(parts: Sequence[Spent]) -> str:
    """Say for which reason of a pause the clock stood still longest.

    Say also how much time went on counting while tickets were paused for reasons that do not stop the clock.
    """
    pauses = [part for part in parts if part.name is not None]
    stood, counted = (_sum([getattr(part, name) for part in pauses]) for name in ("paused", "elapsed"))
    texts = []
    if stood:
        most = max(pauses, key=lambda part: part.paused)
        told = f"{_of(most.paused, stood)} of it for {_name(most, 'reason')}"
        texts.append(f"Pauses stopped the clock for {time_text(stood)}, {told}.")
    if counted:
        most = max(pauses, key=lambda part: part.elapsed)
        told = f"{_of(most.elapsed, counted)} of it for {_name(most, 'reason')}"
        texts.append(f"{time_text(counted)} counted in pauses that do not stop the clock, {told}.")
    return " ".join(texts) or "No time was open in the pauses."


def _of(part: timedelta, total: timedelta) -> str:
    """Write a part of a total time with its share, such as `4 h (50 %)`."""
    share = f" ({percent_of(length(part), length(total), 0)})" if total else ""
    return f"{time_text(part)}{share}"
