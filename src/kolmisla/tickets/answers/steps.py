"""The steps of an explanation, and a line of text for each."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from kolmisla.instants import clock, length, wall
from kolmisla.schedules.closures import OUTSIDE, WEEKEND

__all__ = ["Step", "headings_of", "step_lines"]

ORDINARY = (f"closed: {OUTSIDE}", f"closed: {WEEKEND}")
FOLD = 7  # a row of more than this many ordinary steps is shown as three lines


class Step(NamedTuple):
    """A stretch of a cycle: start, end (None if unknown), the time counted, the total at the end, and the reason."""

    start: datetime
    end: datetime | None
    counted: timedelta
    total: timedelta
    why: str


def headings_of(start: str) -> str:
    """Return the line above the steps. `start` is the text of an instant, which says how wide the columns are."""
    return f"{'from':{len(start)}}   {'until':{len(start)}} {'counted':>9} {'total':>9}  why"


def step_lines(steps: tuple[Step, ...], due_at: datetime | None, *, offset: bool) -> Iterable[str]:
    """Yield a line for each step, but three lines for each long row of ordinary steps. No row crosses `due_at`."""
    for step in _folded(steps, due_at):
        start = wall(step.start, offset=offset)
        until = wall(step.end, offset=offset) if step.end else "no end known"
        counted = clock(length(step.counted)) if step.counted else "-"
        yield f"{start} - {until:{len(start)}} {counted:>9} {clock(length(step.total)):>9}  {step.why}"


def _folded(steps: tuple[Step, ...], due_at: datetime | None) -> list[Step]:
    """Return the steps. Three steps replace each long row of ordinary steps in which time counts for one reason."""
    rows: list[list[Step]] = []
    of_row: str | None = None  # why time counts in the last row; "" if no time counted yet, None if the row is complete
    for step in steps:
        why = "" if step.why in ORDINARY else step.why if step.counted else None
        if why is None or of_row is None or (why and of_row and why != of_row) or due_at in (step.end, step.start):
            rows.append([])
            of_row = why
        rows[-1].append(step)
        of_row = of_row or why
    return [step for row in rows for step in (row if len(row) <= FOLD else _three(row))]


def _three(row: list[Step]) -> list[Step]:
    """Return three steps: the first step of a row, one step for all steps in between, and the last step."""
    first, *between, last = row
    whys = [step.why for step in between if step.counted]
    counted = sum((step.counted for step in between), timedelta())
    why = f"{whys[0]}, {len(whys)} times; closed at nights and weekends" if whys else "closed: nights and weekends"
    return [first, Step(between[0].start, between[-1].end, counted, between[-1].total, why), last]
