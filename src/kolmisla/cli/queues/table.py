"""The queue as a table for people: short times, the time left, and why nothing is promised."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache, partial
from textwrap import wrap
from typing import Any

from kolmisla.errors import clean, named
from kolmisla.instants import DAY_NAMES, clock, length, time_of_day
from kolmisla.reports.figures.periods import MONTHS
from kolmisla.tickets.answers.queue import QueueEntry

__all__ = ["short_time", "table_lines"]

LONGEST_CELL = 30  # characters of a cell of the file
NARROWEST_REASON = 24  # characters of a column of reasons; in less, reasons stand below their tickets
DAYS_OF_A_WEEK = 7
CUT = "..."


def table_lines(
    entries: Sequence[QueueEntry],
    cells: Sequence[Mapping[str, Any]],
    at: datetime,
    width: int,
    *,
    with_metric: bool = False,
) -> Iterator[str]:
    """Yield the lines of a table. `cells` has the cells of the file to show, for each entry.

    With `with_metric`, a column has the metric for which each ticket waits.

    A reason stands in the last column or, if too little of the width is left, below its ticket.
    """
    shown, metric = list(cells[0]) if cells else [], ["metric"] * with_metric
    rows = [["", "id", *map(_cell, shown), "priority", "plan", *metric, "state", "breaches_after", "remaining"]]
    name, time = cache(named), cache(partial(short_time, now=at))  # a long queue repeats them
    for number, (entry, beside) in enumerate(zip(entries, cells, strict=True), 1):
        ticket = "-" if entry.ticket.id is None else named(str(entry.ticket.id))
        last = "-" if entry.breaches_after is None else time(entry.breaches_after)
        left = clock(length(entry.status.remaining)) if entry.status else "-"
        state = entry.status.state if entry.status else "not-covered"
        waits_for = [name(entry.metric)] * with_metric
        facts = [name(entry.priority), name(entry.plan or "-"), *waits_for, state, last, left]
        rows.append([str(number), ticket, *map(_cell, beside.values()), *facts])
    reasons = [clean(entry.reason) if entry.reason else "" for entry in entries]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    line, begin = "  ".join(f"{{:<{column}}}" for column in widths), sum(widths) + 2 * len(widths)
    if width - begin < NARROWEST_REASON:
        indent = " " * (widths[0] + 2)
        for row, reason in zip(rows, ["", *reasons], strict=True):
            yield line.format(*row).rstrip()
            yield from (indent + text for text in _wrapped_reason(reason, width - len(indent)))
        return
    for row, reason in zip(rows, ["why" if any(reasons) else "", *reasons], strict=True):
        first, *rest = _wrapped_reason(reason, width - begin) or [""]
        yield f"{line.format(*row)}  {first}".rstrip()
        yield from (" " * begin + text for text in rest)


def _wrapped_reason(reason: str, width: int) -> list[str]:
    if len(reason) <= width:
        return [reason] if reason else []
    return wrap(reason, width, break_on_hyphens=False)


def short_time(at: datetime, now: datetime) -> str:
    """Return an instant as short text: `Tue 12:00` today and in the next six days, else with the date.

    The year is told if it is another. In an hour that clocks repeat, the offset is told. `now` may be in any zone.
    """
    today = now.astimezone(at.tzinfo).date()
    year = "" if at.year == today.year else f" {at.year}"
    date = "" if 0 <= (at.date() - today).days < DAYS_OF_A_WEEK else f" {at.day} {MONTHS[at.month - 1][:3]}{year}"
    offset = "" if at.utcoffset() == at.replace(fold=not at.fold).utcoffset() else f" {at:%z}"
    return f"{DAY_NAMES[at.weekday()][:3]}{date} {time_of_day(at)}{offset}"


def _cell(value: Any) -> str:
    """Return a cell of a file as text on one line, cut if it is long."""
    text = clean("" if value is None else str(value))
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - len(CUT)] + CUT
