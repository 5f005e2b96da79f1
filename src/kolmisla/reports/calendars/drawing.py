"""Draws months of a schedule as text: a grid of weeks, and a line for each day with unusual hours."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import groupby
from textwrap import wrap

from kolmisla.errors import clean, named
from kolmisla.reports.calendars.days import CalendarDay, open_text
from kolmisla.reports.figures.periods import month_name
from kolmisla.times.instants import DAY_NAMES, length

__all__ = ["drawn_months"]

BLOCK, SHUT, UNKNOWN, DIFFERS = "█", "·", "?", "*"
LEAST_WIDTH = 40
MOST_BLOCKS = 6  # the most blocks that are drawn for a day; 7 days of 6 blocks fit into 80 columns
HOURS_A_BLOCK = (1, 2, 3, 4, 6, 8, 12, 24)  # how many open hours a block may stand for
WHOLE_DAY = timedelta(hours=24)  # a longer day, when clocks go back, has no more blocks
HOURS_COLUMN = 26  # the widest column of hours; after longer hours, the reason is not aligned with the others
SHORT = tuple(name[:3] for name in DAY_NAMES)


def drawn_months(days: Sequence[CalendarDay], schedule: str, zone: str, width: int) -> Iterator[str]:
    """Draw days as text, month by month, and yield the lines.

    No line is longer than `width`, or than 40 if `width` is less. The days must follow one another. A drawing has no
    colours and no control characters.
    """
    width = max(width, LEAST_WIDTH)
    for number, (_, month) in enumerate(groupby(days, lambda day: (day.date.year, day.date.month))):
        if number:
            yield ""
        yield from _drawn(list(month), schedule, zone, width)


def _drawn(days: Sequence[CalendarDay], schedule: str, zone: str, width: int) -> Iterator[str]:
    """Draw one month, and yield the lines."""
    opened = [day for day in days if day.spans]
    total = open_text(sum((day.open for day in days), timedelta()))
    title = f"{month_name(days[0].date)} {days[0].date.year}, {named(schedule)}, {zone}"
    unknown = sum(not day.known for day in days)
    counts = f"{total} open on {len(opened)} day{'s' * (len(opened) != 1)}" + f", {unknown} not known" * bool(unknown)
    yield from wrap(f"{title}: {counts}", width, subsequent_indent="  ")
    blocks = max(1, min(MOST_BLOCKS, (width - 33) // 7))
    longest = max((day.open for day in days), default=timedelta())
    a_block = next(hours for hours in HOURS_A_BLOCK if blocks * timedelta(hours=hours) >= min(longest, WHOLE_DAY))
    yield "  ".join(f"{name:{blocks + 3}}" for name in SHORT).rstrip()
    cells = [" " * (blocks + 3)] * days[0].date.weekday() + [_cell(day, blocks, a_block) for day in days]
    for week in range(0, len(cells), 7):
        yield "  ".join(cells[week : week + 7]).rstrip()
    legend = [f"{BLOCK} {a_block} h open"] * bool(opened) + [f"{SHUT} closed"]
    legend += [f"{UNKNOWN} not known"] * bool(unknown)
    legend += [f"{DIFFERS} not as usual"] * any(day.differs for day in days)
    yield from wrap(", ".join(legend), width, subsequent_indent="  ")
    if usual := _usual(days):
        yield from wrap(f"usual hours: {usual}", width, subsequent_indent="  ")
    yield from _differing(days, width)


def _cell(day: CalendarDay, blocks: int, a_block: int) -> str:
    """Draw one day: its number, a mark if its hours differ from the usual ones, and a bar for how long it is open."""
    bar = UNKNOWN
    if day.known:
        hours = -(-length(day.open) // length(timedelta(hours=a_block)))
        bar = BLOCK * min(hours, blocks) or SHUT
    return f"{day.date.day:2}{DIFFERS if day.differs else ' '}{bar:{blocks}}"


def _usual(days: Sequence[CalendarDay]) -> str:
    """Return a text with the usual hours of each weekday. Weekdays with the same hours are named together.

    If no day is known, the text is empty.
    """
    hours: dict[int, dict[str, None]] = {weekday: {} for weekday in range(7)}
    for day in days:
        if day.known:
            hours[day.date.weekday()][day.usual] = None
    runs = [
        (f"{SHORT[group[0]]}-{SHORT[group[-1]]}" if len(group) > 1 else SHORT[group[0]], text)
        for text, group in (
            (text, list(each)) for text, each in groupby(range(7), lambda weekday: " then ".join(hours[weekday]))
        )
        if text
    ]
    return "; ".join(f"{name if name != f'{SHORT[0]}-{SHORT[6]}' else 'every day'} {text}" for name, text in runs)


def _differing(days: Sequence[CalendarDay], width: int) -> Iterator[str]:
    """Yield a line for each day whose hours differ from the usual ones or are not known.

    Days that follow one another and have the same hours and the same reason share a line.
    """
    rows = []
    for (told, hours, reason), group in groupby(
        days, lambda day: (day.differs or not day.known, day.hours, day.reason)
    ):
        if told:
            run = list(group)
            first, last = (f"{SHORT[day.date.weekday()]} {day.date.day:2}" for day in (run[0], run[-1]))
            name = f"{first} {month_name(run[0].date)[:3]}" if len(run) == 1 else f"{first} to {last}"
            rows.append((name, "not known" if hours == UNKNOWN else hours, clean(reason)))
    names = max((len(name) for name, _, _ in rows), default=0)
    column = min(HOURS_COLUMN, max((len(hours) for _, hours, _ in rows), default=0))
    for name, hours, reason in rows:
        text = f"{name:{names}}  {hours:{column}}  {reason}"
        yield from wrap(text, width, initial_indent="  ", subsequent_indent=" " * 6, break_on_hyphens=False)
