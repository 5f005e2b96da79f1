"""The queue as a table for people: short times, the time left, and why nothing is promised."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import cache
from textwrap import wrap
from typing import Any

from kolmisla.cli.queues.waiting import PlainEntry
from kolmisla.errors import clean, named
from kolmisla.files.tables.json_table import text_of_cell
from kolmisla.policies.terms.metrics import FIRST_RESPONSE
from kolmisla.reports.figures.periods import MONTHS
from kolmisla.tickets.answers.queue import QueueEntry
from kolmisla.times.instants import DAY_NAMES, clock, instants_in, length, micros, nearest_in, time_of_day
from kolmisla.times.zones import plain_offset

__all__ = ["short_times", "table_lines"]

LONGEST_CELL, NARROWEST_CELL = 30, 10  # characters of a cell of the file
NARROWEST_REASON = 24  # the least width of a column of reasons; if there is less, reasons stand below their tickets
DAYS_OF_A_WEEK = 7
CUT = "..."


def table_lines(
    entries: Sequence[QueueEntry | PlainEntry],
    cells: Sequence[Mapping[str, Any]],
    at: datetime,
    width: int,
    *,
    with_metric: bool = False,
) -> Iterator[str]:
    """Yield the lines of the queue as a table.

    `cells` has the cells of the file to show for each entry. They are cut if the table would be wider than `width`. The
    reason why nothing is promised is in the last column or, without room, below the ticket.
    """
    shown, metric = list(cells[0]) if cells else [], ["metric"] * with_metric
    rows = [("", "id", *map(_cell, shown), "priority", "plan", *metric, "state", "breaches_after", "remaining")]
    texts = _texts_of(at)
    for number, (entry, beside) in enumerate(zip(entries, cells, strict=True), 1):
        ticket, priority, plan, waits_for, *standing = texts(entry)
        terms = (priority, plan, waits_for) if with_metric else (priority, plan)
        rows.append((str(number), ticket, *map(_cell, beside.values()), *terms, *standing))
    reasons = ["" if isinstance(entry, PlainEntry) else clean(entry.reason or "") for entry in entries]
    rows, widths = _fit(rows, range(2, 2 + len(shown)), width)
    line, begin = "  ".join(f"%-{column}s" for column in widths), sum(widths) + 2 * len(widths)
    if width - begin < NARROWEST_REASON:
        indent = " " * (widths[0] + 2)
        for row, reason in zip(rows, ["", *reasons], strict=True):
            yield (line % row).rstrip()
            if reason:
                yield from (indent + text for text in _wrapped_reason(reason, max(width - len(indent), 1)))
        return
    for row, reason in zip(rows, ["why" if any(reasons) else "", *reasons], strict=True):
        if not reason:
            yield (line % row).rstrip()
            continue
        first, *rest = _wrapped_reason(reason, width - begin) or [""]
        yield f"{line % row}  {first}".rstrip()
        yield from (" " * begin + text for text in rest)


def _texts_of(at: datetime) -> Callable[[QueueEntry | PlainEntry], Sequence[str]]:
    """Return a function that returns the texts that the table shows for an entry of the queue.

    The texts are id, priority, plan, metric, state, instant of the breach and time left. `at` is the instant of the
    queue.
    """
    name = cache(named)  # a long queue repeats names and times
    short_time = short_times(at)
    time_in = cache(lambda us, zone: short_time(instants_in(zone)(us)))
    left = cache(clock)

    def texts(entry: QueueEntry | PlainEntry) -> Sequence[str]:
        if isinstance(entry, PlainEntry):
            rank, id, terms, remaining = entry
            plan, priority = terms.names
            state, last = "breached" if remaining < 0 else "running", time_in(rank[4], terms.zone)
            ticket = "-" if id is None else named(id)
            return ticket, name(priority), name(plan), FIRST_RESPONSE, state, last, left(remaining)
        ticket = "-" if entry.ticket.id is None else named(str(entry.ticket.id))
        last = "-" if entry.breaches_after is None else short_time(entry.breaches_after)
        state, rest = "not-covered", "-"
        if entry.status:
            state, rest = entry.status.state, left(length(entry.status.remaining))
        return ticket, name(entry.priority), name(entry.plan or "-"), name(entry.metric), state, last, rest

    return texts


def _fit(rows: list[tuple[str, ...]], columns: range, width: int) -> tuple[list[tuple[str, ...]], list[int]]:
    """Cut the cells of some `columns`, given by their numbers, until the rows fit into `width` or no cell can be cut.

    The widest column is cut first. Return the rows and the width of each column.
    """
    cells = list(zip(*rows, strict=True))
    widths = [max(map(len, column)) for column in cells]
    over = sum(widths) + 2 * (len(widths) - 1) - width
    for place in sorted(columns, key=lambda place: -widths[place]):
        less = min(over, widths[place] - NARROWEST_CELL)
        if less > 0:
            over -= less
            widths[place] -= less
            cells[place] = tuple(_cut(cell, widths[place]) for cell in cells[place])
    return list(zip(*cells, strict=True)) if columns else rows, widths


def _wrapped_reason(reason: str, width: int) -> list[str]:
    if len(reason) <= width:
        return [reason]
    return wrap(reason, width, break_on_hyphens=False)


def short_times(now: datetime) -> Callable[[datetime], str]:
    """Return a function that gives an instant as short text, such as `Tue 12:00`.

    From a week after the date of `now`, or before this date, the text has a date too. If DST repeats the hour, the
    offset follows.
    """

    @cache
    def day_of(zone: tzinfo | None, day: date) -> tuple[str, bool]:
        """Return the text of a date, and whether clocks in the zone may show a time of day twice on this date."""
        today = nearest_in(zone or UTC)(micros(now)).date()
        year = "" if day.year == today.year else f" {day.year}"
        told = "" if 0 <= (day - today).days < DAYS_OF_A_WEEK else f" {day.day} {MONTHS[day.month - 1][:3]}{year}"
        may_repeat = zone is None or plain_offset(zone, day.toordinal()) is None
        return f"{DAY_NAMES[day.weekday()][:3]}{told}", may_repeat

    def short_time(at: datetime) -> str:
        day, may_repeat = day_of(at.tzinfo, at.date())
        is_repeated = may_repeat and at.utcoffset() != at.replace(fold=not at.fold).utcoffset()
        return f"{day} {time_of_day(at)}{f' {at:%z}' if is_repeated else ''}"

    return short_time


def _cell(value: Any) -> str:
    """Return the cell of a file as text on one line. Cut it if it is long."""
    return _cut(clean("" if value is None else text_of_cell(value)), LONGEST_CELL)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - len(CUT)] + CUT
