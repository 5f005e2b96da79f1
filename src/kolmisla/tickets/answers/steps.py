"""The steps of an explanation, the lines of text that show them, and the texts that say what changed."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from itertools import groupby
from typing import NamedTuple

from kolmisla.documents.names import folded
from kolmisla.documents.values import DURATION
from kolmisla.errors import choices, named
from kolmisla.policies.plan import Promise
from kolmisla.policies.terms.metrics import Metric
from kolmisla.schedules.closures import OUTSIDE, WEEKEND
from kolmisla.schedules.schedule import ALWAYS
from kolmisla.tickets.cycles.cycles import CycleFacts
from kolmisla.tickets.event import INSTANT, Moment
from kolmisla.times.instants import at_in, clock, instants_in, length, wall

__all__ = [
    "Happened",
    "Step",
    "Stretch",
    "change_text",
    "cut_at",
    "happened_in",
    "headings_of",
    "joined_stretches",
    "schedule_text",
    "step_lines",
    "target_text",
    "with_happened",
]

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
    """Return the line of headings above the steps. The columns of instants are as wide as the text `start`."""
    return f"{'from':{len(start)}}   {'until':{len(start)}} {'counted':>9} {'total':>9}  why"


def step_lines(steps: tuple[Step, ...], due_at: datetime | None, *, offset: bool) -> Iterable[str]:
    """Yield a line for each step, but three lines for a long row of ordinary days and nights.

    A long row is never on both sides of `due_at`.
    """
    for step in _folded(steps, due_at):
        start = wall(step.start, offset=offset)
        until = wall(step.end, offset=offset) if step.end else "no end known"
        counted = clock(length(step.counted)) if step.counted else "-"
        yield f"{start} - {until:{len(start)}} {counted:>9} {clock(length(step.total)):>9}  {step.why}"


def _folded(steps: tuple[Step, ...], due_at: datetime | None) -> list[Step]:
    """Return the steps, with three steps in place of each long row of ordinary days and nights on one schedule.

    A row is long if it has more than FOLD steps. No row is on both sides of `due_at`.
    """
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
    """Return three steps that stand for a row: its first step, one step for all steps in between, and its last step."""
    first, *between, last = row
    whys = [step.why for step in between if step.counted]
    counted = sum((step.counted for step in between), timedelta())
    why = f"{whys[0]}, {len(whys)} times; closed at nights and weekends" if whys else "closed: nights and weekends"
    return [first, Step(between[0].start, between[-1].end, counted, between[-1].total, why), last]


Stretch = tuple[int, int, bool, str]  # start, end, whether time counts, and the reason
Happened = tuple[int, str]  # an instant in UTC microseconds, and a text


def happened_in(
    facts: CycleFacts, moments: Sequence[Moment], metric: Metric, zone: tzinfo
) -> tuple[list[Happened], list[Happened]]:
    """Return two lists: the events that change a cycle's deadline, and those that waive, withdraw or cancel the cycle.

    Each event is an instant and a text. `moments` are the events of the ticket, in order.
    """
    agreed = [(moment.at, _because(_agreed_text(moment, zone), moment.reason)) for moment in facts.agreed]
    verdict = [
        (moment.at, f"{_because('waived', moment.reason)}; the verdict does not count")
        for moment in moments
        if moment.kind == "waived" and facts.started < moment.at and _concerns(moment, metric)
    ]
    if facts.withdrawn and facts.ended is not None:
        ends = [moment for moment in moments if moment.at == facts.ended]
        away = [moment for moment in ends if moment.kind == "withdrawn"]
        text = _because("withdrawn", away[-1].reason) if away else f"ended by {choices(map(_event_text, ends), ' or ')}"
        verdict.append((facts.ended, f"{text}; the cycle has no verdict"))
    return agreed, sorted(verdict)


def _concerns(moment: Moment, metric: Metric) -> bool:
    return moment.metric is None or folded(moment.metric) == folded(metric.name)


def _agreed_text(moment: Moment, zone: tzinfo) -> str:
    """Return the text for an event `due` or `extended`, which changes the deadline."""
    if moment.kind == "extended":
        return f"extended by {clock(length(DURATION.read(moment.value)))}"
    return f"due time agreed: {wall(at_in(zone, INSTANT.read(moment.value)), offset=True)}"


def _event_text(moment: Moment) -> str:
    return moment.kind if moment.value is None else f"{moment.kind} {named(moment.value)}"


def _because(text: str, reason: str | None) -> str:
    return text if reason is None else f"{text} ({named(reason)})"


def with_happened(
    stretches: Iterable[Stretch], happened: Iterable[Happened], until: int, zone: tzinfo
) -> Iterator[Stretch]:
    """Yield the stretches in order of time, and an empty stretch for each event in `happened`.

    A stretch is cut in two at an event. Events after `until`, the end of the last stretch, come last.
    """
    instant, events = instants_in(zone), deque(sorted(happened))
    for start, stop, counts, why in stretches:
        while events and events[0][0] < stop:
            at, text = events.popleft()
            if start < at:
                yield start, at, counts, why
                start = at
            yield start, start, False, text
        yield start, stop, counts, why
    for at, text in events:
        yield until, until, False, text if at <= until else f"at {wall(instant(at), offset=True)}: {text}"


def joined_stretches(stretches: Iterable[Stretch], due: int | None) -> Iterator[Stretch]:
    """Yield the stretches, but join neighbouring stretches in which no time counts, if they have the same reason.

    Stretches that begin before `due` are not joined with stretches that begin at `due` or later.
    """
    for (counts, why, _), group in groupby(stretches, lambda part: (*part[2:], due is not None and part[0] >= due)):
        parts = list(group)
        yield from parts if counts else [(parts[0][0], parts[-1][1], False, why)]


def cut_at(stretches: Iterable[Stretch], due: int | None) -> Iterator[Stretch]:
    """Yield the stretches in order. The stretch that contains the instant `due` is cut into two stretches at `due`."""
    for start, stop, counts, why in stretches:
        if due is not None and start < due < stop:
            yield start, due, counts, why
            start = due
        yield start, stop, counts, why


def change_text(steps: Sequence[tuple[int, Promise]], number: int) -> str:
    """Return text that says how priority, plan, owner and target change at the beginning of the step `number`.

    Each of the `steps` is an instant and the promise in force from that instant.
    """
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
    """Return the target of a promise as text. A target in days is followed by the amount of time that it becomes."""
    if promise.within is None:
        return "no target"
    amount = clock(promise.within)
    return f"within {amount}" if promise.named_from is None else f"{promise.target} = {amount}"


def schedule_text(promise: Promise) -> str:
    """Return the name of the schedule of a promise, as an explanation shows it."""
    return "24x7" if promise.schedule == ALWAYS else promise.schedule_name.replace("-", " ")
