"""The steps of a proof, and how they read."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from kolmisla.spans import clock, length

__all__ = ["DAYS", "OUTSIDE", "WEEKEND", "Step", "lines", "time_of_day", "wall"]

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")  # in no locale's words
OUTSIDE, WEEKEND = "outside the day's hours", "weekend"
ORDINARY = (f"closed: {OUTSIDE}", f"closed: {WEEKEND}")
FOLD = 7  # so many ordinary stretches in a row are shown, more become three lines


class Step(NamedTuple):
    """A stretch of a cycle: from when to when, what was counted in it, the total at its end, and why.

    Without an `end` it goes on, and nobody knows until when.
    """

    start: datetime
    end: datetime | None
    counted: timedelta
    total: timedelta
    why: str


def lines(steps: tuple[Step, ...], due_at: datetime | None, *, offset: bool) -> Iterable[str]:
    """A line a step; long rows of ordinary days, nights and weekends are folded, though not across due_at."""
    for step in _folded(steps, due_at):
        start = wall(step.start, offset=offset)
        until = wall(step.end, offset=offset) if step.end else "no end known"
        counted = clock(length(step.counted)) if step.counted else "-"
        yield f"{start} - {until:{len(start)}} {counted:>9} {clock(length(step.total)):>9}  {step.why}"


def _folded(steps: tuple[Step, ...], due_at: datetime | None) -> list[Step]:
    """The steps with long rows of ordinary ones, all that count for one reason, made three."""
    rows: list[list[Step]] = []
    of_row: str | None = None  # why time counts in the last row, empty when none has yet; None: it is closed
    for step in steps:
        why = "" if step.why in ORDINARY else step.why if step.counted else None
        if why is None or of_row is None or (why and of_row and why != of_row) or due_at in (step.end, step.start):
            rows.append([])
            of_row = why
        rows[-1].append(step)
        of_row = of_row or why
    return [step for row in rows for step in (row if len(row) <= FOLD else _three(row))]


def _three(row: list[Step]) -> list[Step]:
    """The first, the last, and one for all between."""
    first, *between, last = row
    whys = [step.why for step in between if step.counted]
    counted = sum((step.counted for step in between), timedelta())
    why = f"{whys[0]}, {len(whys)} times; closed at nights and weekends" if whys else "closed: nights and weekends"
    return [first, Step(between[0].start, between[-1].end, counted, between[-1].total, why), last]


def time_of_day(at: datetime) -> str:
    """The time of day, seconds and less only where there are some."""
    fraction = f".{at.microsecond:06}" if at.microsecond else ""
    return f"{at:%H:%M}" + (f":{at.second:02}{fraction}" if at.second or fraction else "")


def wall(at: datetime, *, offset: bool) -> str:
    """An instant as people read it, with its offset if wanted."""
    return f"{DAYS[at.weekday()][:3]} {at.date()} {time_of_day(at)}" + (f" {at:%z}" if offset else "")
