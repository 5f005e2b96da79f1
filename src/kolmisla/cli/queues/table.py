"""The queue as a table for people: short times, the time left, and why nothing is promised."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from textwrap import wrap
from typing import Any

from kolmisla.errors import clean, named
from kolmisla.instants import DAY_NAMES, clock, length, time_of_day
from kolmisla.reports.figures.periods import MONTHS
from kolmisla.tickets.answers.queue import QueueEntry

__all__ = ["short_time", "table_lines"]

LONGEST_CELL, NARROWEST_CELL = 30, 10  # characters of a cell of the file
NARROWEST_REASON = 24  # the least width of a column of reasons; if there is less, reasons stand below their tickets
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
    """Yield the lines of the queue as a table. `cells` has the cells of the file to show for each entry.

    With `with_metric`, a column shows the metric for which each ticket waits. Cells of the file are cut if the table
    would be too wide. The last column has the reason why nothing is promised; if there is no room, the reason is on the
    next line.
    """
    shown, metric = list(cells[0]) if cells else [], ["metric"] * with_metric
    rows = [["", "id", *map(_cell, shown), "priority", "plan", *metric, "state", "breaches_after", "remaining"]]
    name = cache(named)  # a long queue repeats names and times
    time = cache(lambda instant, fold: short_time(instant, at))  # noqa: ARG005  # times of a repeated hour are equal
    for number, (entry, beside) in enumerate(zip(entries, cells, strict=True), 1):
        ticket = "-" if entry.ticket.id is None else named(str(entry.ticket.id))
        last = "-" if entry.breaches_after is None else time(entry.breaches_after, entry.breaches_after.fold)
        left = clock(length(entry.status.remaining)) if entry.status else "-"
        state = entry.status.state if entry.status else "not-covered"
        waits_for = [name(entry.metric)] * with_metric
        facts = [name(entry.priority), name(entry.plan or "-"), *waits_for, state, last, left]
        rows.append([str(number), ticket, *map(_cell, beside.values()), *facts])
    reasons = [clean(entry.reason) if entry.reason else "" for entry in entries]
    widths = _fit(rows, range(2, 2 + len(shown)), width)
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


def _fit(rows: Sequence[list[str]], columns: range, width: int) -> list[int]:
    """Cut the cells of the given columns until the rows fit into `width`, or no cell can be cut.

    Return all column widths.

    The widest column is cut first.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    over = sum(widths) + 2 * (len(widths) - 1) - width
    for column in sorted(columns, key=lambda column: -widths[column]):
        less = min(over, widths[column] - NARROWEST_CELL)
        if less > 0:
            over -= less
            widths[column] -= less
            for row in rows:
                row[column] = _cut(row[column], widths[column])
    return widths


def _wrapped_reason(reason: str, width: int) -> list[str]:
    if len(reason) <= width:
        return [reason] if reason else []
    return wrap(reason, width, break_on_hyphens=False)


def short_time(at: datetime, now: datetime) -> str:
    """Return an instant as short text: `Tue 12:00` for today and the next six days, else with the date.

    The year is added if it is not the current year. The offset is added if DST repeats the hour. `now` may be in any
    zone.
    """
    today = now.astimezone(at.tzinfo).date()
    year = "" if at.year == today.year else f" {at.year}"
    date = "" if 0 <= (at.date() - today).days < DAYS_OF_A_WEEK else f" {at.day} {MONTHS[at.month - 1][:3]}{year}"
    offset = "" if at.utcoffset() == at.replace(fold=not at.fold).utcoffset() else f" {at:%z}"
    return f"{DAY_NAMES[at.weekday()][:3]}{date} {time_of_day(at)}{offset}"


def _cell(value: Any) -> str:
    """Return the cell of a file as text on one line. Cut it if it is long."""
    return _cut(clean("" if value is None else str(value)), LONGEST_CELL)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - len(CUT)] + CUT
