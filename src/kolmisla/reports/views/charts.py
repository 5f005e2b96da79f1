"""Computes the rectangles of the charts: where each begins, and how long it is. The template draws the rectangles."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

from kolmisla.files.summary import percent_of
from kolmisla.reports.figures.figures import Figures, working_hours_of
from kolmisla.reports.figures.late import Late
from kolmisla.reports.figures.openings import week_outline
from kolmisla.reports.figures.periods import By, period_label, period_of, periods_between, short_label
from kolmisla.reports.figures.spent import Spent
from kolmisla.reports.figures.tallies import Tally, pooled
from kolmisla.tickets.answers.explanation import Explanation
from kolmisla.times.instants import length, micros

__all__ = [
    "STATES_DRAWN",
    "Rectangle",
    "bar_of",
    "column_chart",
    "heat_map",
    "histogram",
    "shown_periods",
    "spent_bar",
    "strip",
]

STATES_DRAWN = ("kept", "late", "waiting", "running")  # the CSS classes of the pieces of a bar, in order
SPENT_DRAWN = ("kept", "late", "running")
HEIGHT = 180  # of a chart, in pixels
MOST_COLUMNS = 60
LABELLED = 15  # if there were more columns, the shares above them would collide
COARSER: dict[By, By] = {"day": "week", "week": "month", "month": "quarter", "quarter": "year", "year": "year"}
HEAT_CLASSES = 6
DETAILED = timedelta(days=16)  # a longer strip does not show the closed hours


class Rectangle(NamedTuple):
    """A piece of a bar: its CSS class, where it begins, and how long it is, in percent of a full bar."""

    kind: str
    start: float
    size: float


def _pieces(tally: Tally) -> tuple[int, int, int, int]:
    return tally.met, tally.breached - tally.waiting, tally.waiting, tally.running + tally.paused


def _percent(part: int, whole: int) -> float:
    """Return the length of a part in percent of the whole, with two decimals."""
    return round(100 * part / whole, 2)


def bar_of(tally: Tally, most: int) -> list[Rectangle]:
    """Return the pieces of the bar for some cycles, by state. A full bar would show `most` cycles."""
    bars, before = [], 0
    for kind, number in zip(STATES_DRAWN, _pieces(tally), strict=True):
        if number:
            bars.append(Rectangle(kind, _percent(before, most), _percent(number, most)))
            before += number
    return bars


def spent_bar(part: Spent, most: int) -> list[Rectangle]:
    """Return the pieces of a bar for time: within targets, beyond them, and while a pause stopped the clock.

    A full bar would show the time `most`, in microseconds.
    """
    times = (part.elapsed - part.over, part.over, part.paused)
    bars, before = [], 0
    for kind, time in zip(SPENT_DRAWN, map(length, times), strict=True):
        if time:
            bars.append(Rectangle(kind, _percent(before, most), _percent(time, most)))
            before += time
    return bars


def shown_periods(report: Figures) -> tuple[By, list[Tally]]:
    """Return the kind of periods to draw, and the figures of each period. A period without tickets is included.

    If there are more than 60 periods, join them to longer periods, such as weeks to months. If there are more than 60
    years, leave out the years without tickets.
    """
    by, tallies = report.by, list(report.periods)
    days = [tally.period for tally in tallies if tally.period]
    while days and by != "year" and _columns(days, by) > MOST_COLUMNS:
        by = COARSER[by]
    if by != report.by:
        coarse = (replace(tally, period=period_of(tally.period, by)) for tally in tallies if tally.period)
        tallies = list(pooled(coarse, "period", "period"))
    there = {tally.period: tally for tally in tallies}
    if not days:
        return by, []
    begun = there if _columns(days, by) > MOST_COLUMNS else periods_between(days[0], days[-1], by)
    return by, [there.get(period, Tally("period", period)) for period in begun]


def _columns(days: Sequence[date], by: By) -> int:
    """Return how many columns there are from the first to the last of `days`, or a number above MOST_COLUMNS."""
    return len([*islice(periods_between(days[0], days[-1], by), MOST_COLUMNS + 1)])


def column_chart(by: By, tallies: Sequence[Tally]) -> dict[str, Any]:
    """Return a chart with a column for each period.

    A column has pieces for the states of cycles, two labels, and the share kept. Places are in pixels from the top.
    """
    most = max((sum(_pieces(tally)) for tally in tallies), default=0) or 1
    wide = 100 / max(len(tallies), 6)
    columns = []
    for number, tally in enumerate(tallies):
        top, pieces = float(HEIGHT), []
        for kind, count in zip(STATES_DRAWN, _pieces(tally), strict=True):
            high = round(count * HEIGHT / most, 1)
            if high:
                pieces.append({"kind": kind, "y": round(top - high, 1), "height": high})
                top = round(top - high, 1)
        assert tally.period is not None  # a tally of a period
        label, year = short_label(tally.period, by)
        columns.append(
            {
                "x": round(number * wide, 2),
                "middle": round((number + 0.5) * wide, 2),
                "pieces": pieces,
                "top": top,
                "label": label,
                "year": year or (period_label(tally.period, "year") if number == 0 and by != "year" else ""),
                "share": percent_of(tally.met, tally.decided, 0).replace(" ", "") if tally.decided else "",
            }
        )
    return {
        "columns": columns,
        "width": round(wide * (1 if len(tallies) > MOST_COLUMNS else 0.72), 2),
        "inset": round(wide * (0 if len(tallies) > MOST_COLUMNS else 0.14), 2),
        "height": HEIGHT,
        "labelled": len(tallies) <= LABELLED,
        "every": max(1, -(-len(tallies) // 12)),
    }


def histogram(used: Sequence[int]) -> dict[str, Any]:
    """Return a chart of `used`: how many cycles used 1 tenth of their target, 2 tenths, and so on to 20, and more."""
    most, wide = max(used) or 1, 100 / len(used)
    columns = [
        {
            "x": round(number * wide, 2),
            "kind": "kept" if number < 10 else "late",
            "height": round(count * HEIGHT * 0.8 / most, 1),
        }
        for number, count in enumerate(used)
    ]
    return {
        "columns": columns,
        "width": round(wide * 0.84, 2),
        "height": round(HEIGHT * 0.8),
        "line": round(10 * wide, 2),
    }


def heat_map(report: Figures) -> dict[str, Any]:
    """Return, for each hour of the week, how many tickets came, a shade from 0 to 6, and the edges of opening hours."""
    load, hours = report.load, working_hours_of(report)
    most = max(map(max, load))
    least = min((number for row in load for number in row if number), default=0)
    inside: Sequence[Sequence[bool]] = [[False] * 24] * 7
    if hours is not None and report.span is not None:
        inside = week_outline(hours[1], report.timezone, *report.span)

    def edges(day: int, hour: int) -> str:
        """Return the sides of an hour's cell at which open time begins or ends, such as `t l` for top and left."""
        here = inside[day][hour]
        beside = {
            "t": day > 0 and inside[day - 1][hour],
            "b": day < 6 and inside[day + 1][hour],
            "l": hour > 0 and inside[day][hour - 1],
            "r": hour < 23 and inside[day][hour + 1],
        }
        return " ".join(side for side, other in beside.items() if here and not other)

    return {
        "least": least,
        "most": most,
        "name": None if hours is None else hours[0],
        "rows": [
            [
                {
                    "number": number,
                    "heat": -(-HEAT_CLASSES * number // most) if number else 0,
                    "edges": edges(day, hour),
                }
                for hour, number in enumerate(row)
            ]
            for day, row in enumerate(load)
        ],
    }


def strip(late: Late, until: datetime, explanation: Explanation) -> dict[str, Any]:
    """Return the timeline of a late cycle from its start to its end, or to `until` if it has not ended.

    In a timeline of 16 days or less, only the hours in which time counted are coloured. A longer one is all coloured.
    """
    start, end = micros(late.started_at), micros(late.ended_at or until)
    whole = max(end - start, 1)
    due = start if late.due_at is None else min(micros(late.due_at), end)
    after = "waiting" if late.ended_at is None else "late"
    spans: Iterable[tuple[int, int]] = [(start, end)]
    if whole <= length(DETAILED):
        spans = [
            (micros(step.start), end if step.end is None else min(micros(step.end), end))
            for step in explanation.steps
            if step.counted and micros(step.start) < end
        ]
    pieces = []
    for begin, stop in spans:
        for kind, low, high in (("kept", begin, min(stop, due)), (after, max(begin, due), stop)):
            if low < high:
                pieces.append(Rectangle(kind, _percent(low - start, whole), _percent(high - low, whole)))
    return {"pieces": pieces, "due": _percent(due - start, whole)}
