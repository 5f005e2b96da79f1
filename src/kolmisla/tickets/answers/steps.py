"""The steps of an explanation, a line of text for each, and the texts of what changed."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from kolmisla.errors import named
from kolmisla.instants import clock, length, wall
from kolmisla.policies.plan import Promise
from kolmisla.schedules.closures import OUTSIDE, WEEKEND
from kolmisla.schedules.schedule import ALWAYS

__all__ = ["Step", "change_text", "headings_of", "schedule_text", "step_lines", "target_text"]

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
    """Return the line above the steps. The columns of instants are as wide as `start`, the text of an instant."""
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


def change_text(steps: Sequence[tuple[int, Promise]], number: int) -> str:
    """Return the text of the change of priority, plan or owner that began a step, with the target if it differs."""
    (_, earlier), (_, promise) = steps[number - 1 : number + 1]
    rank, before = promise.priority.rank, earlier.priority.rank
    changes = []
    if promise.priority != earlier.priority:
        verb = "raised" if rank < before else "lowered" if rank > before else "changed"
        changes.append(f"{verb} to {promise.priority.name}")
    if promise.plan != earlier.plan:
        changes.append(f"plan changed to {promise.plan.name}")
    if promise.owner != earlier.owner:
        changes.append(f"given to {named(promise.owner or 'nobody')}")
    if promise.within != earlier.within:
        changes.append(target_text(promise))
    return ", ".join(changes)


def target_text(promise: Promise) -> str:
    """Return the target of a promise as text. After a target in days comes the amount of time that it has become."""
    if promise.within is None:
        return "no target"
    amount = clock(promise.within)
    return f"within {amount}" if promise.named_from is None else f"{promise.target} = {amount}"


def schedule_text(promise: Promise) -> str:
    """Return the name of the schedule of a promise, for people."""
    return "24x7" if promise.schedule == ALWAYS else promise.schedule_name.replace("-", " ")
