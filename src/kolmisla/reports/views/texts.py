"""Writes a report as text for a terminal of any width.

Names may be shortened, but figures never are. Columns that do not fit are left out.
"""

import re
from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import Literal, NamedTuple

from kolmisla.errors import clean, named
from kolmisla.files.summary import RARE_STATES
from kolmisla.reports.figures.figures import Figures
from kolmisla.reports.figures.late import Late
from kolmisla.reports.figures.periods import period_label
from kolmisla.reports.figures.tallies import Tally
from kolmisla.reports.views.attainment import SHARE_HEADS, attainment_line, share_rows, share_texts
from kolmisla.reports.views.sentences import (
    average_line,
    excluded,
    headline,
    judged_line,
    left_out,
    load_line,
    period_line,
    plan_line,
    split_line,
    what_if_line,
    when_line,
    worst_line,
)
from kolmisla.reports.views.spent import SpentSection, spent_sections
from kolmisla.reports.views.words import BEGAN, counted_noun, ended_word, time_text

__all__ = ["Line", "LineStyle", "lines_of_report", "text_of_report"]

LineStyle = Literal["answer", "heading", "plain", "head", "warning"]
NARROWEST = 40
NARROWEST_NAME = 7  # the least width of a column of names
BAR = 24
MOST_PERIODS, MOST_SPLITS = 60, 10
UNIT = re.compile(r"(?<=\d) (?=%|h\b|min\b|s\b)")  # the space between a number and its unit, where no line is broken
SHADES = "█▓▒░"  # kept, answered too late, still waiting, running or paused


class Line(NamedTuple):
    """A line of a report, and the style in which it is shown."""

    text: str
    style: LineStyle = "plain"


class TextColumn(NamedTuple):
    """A column of a table. A column of names is aligned to the left, and its names may be shortened.

    A column of figures is aligned to the right.
    """

    heading: str
    cells: Sequence[str]
    is_name: bool = False

    @property
    def width(self) -> int:
        return max(map(len, (self.heading, *self.cells)))


def text_of_report(report: Figures, width: int) -> str:
    """Write a report as plain text. Lines have at most `width` columns, or at most 40 if `width` is less than 40."""
    return "\n".join(line.text for line in lines_of_report(report, width))


def lines_of_report(report: Figures, width: int) -> Iterator[Line]:
    """Yield the lines of a report: first the main answer, then which tickets are in no share, then the tables."""
    width, total, ended = max(width, NARROWEST), report.total, ended_word(report)
    yield Line(headline(report), "answer")
    decided = f"{total.decided:,} decided: {total.met:,} kept, {total.breached:,} broken"
    waiting = f", of which {total.waiting:,} {'is' if total.waiting == 1 else 'are'} not {ended} yet"
    yield from _wrapped(decided + waiting * bool(total.waiting), width)
    if total.n:
        times = f"median {time_text(total.median)}, p90 {time_text(total.percentile(90))}, mean {time_text(total.mean)}"
        yield from _wrapped(f"{times}, of {total.n:,} {ended}", width)
    for average in report.averages:
        told = f"{named(average.plan)}: mean response {time_text(average.mean, fine=True)} of {average.n:,} answered"
        aim = f"aim {time_text(average.aim, fine=True)}, {average_line(average)}"
        yield from _wrapped("; ".join([f"{told}, {aim}", *average.apart]), width)
    yield from _wrapped(f"not in these figures: {left_out(report)}", width, "warning")
    for text in excluded(report):
        yield from _wrapped(text, width, "warning", indent="  ")
    for text in report.notes:
        yield from _wrapped(text, width, "warning")
    yield from _section(f"By {report.by}", period_line(report), width)
    shown = report.periods[-MOST_PERIODS:]
    names = [period_label(tally.period, report.by) for tally in shown if tally.period]
    if len(shown) < len(report.periods):
        yield Line(f"the last {len(shown)} of {len(report.periods):,}")
    if report.cells:
        yield from _table(
            [TextColumn("opened in", [*names, "all"], is_name=True), *_figures([*shown, total], shown)], width
        )
        yield from _section("By plan and priority", plan_line(report), width)
        plans = [" ".join(filter(None, (tally.plan or "no plan", tally.priority))) for tally in report.plans]
        yield from _table([TextColumn("plan", plans, is_name=True), *_figures(report.plans)], width)
    if report.shares is not None:
        yield from _attainment(report, width)
    for section in spent_sections(report):
        yield from _spent(section, width)
    if report.split is not None and report.cells:
        yield from _section(f"By {clean(report.split)}", split_line(report), width)
        splits = sorted(report.splits, key=lambda tally: (-tally.breached, tally.split))[:MOST_SPLITS]
        yield from _table(
            [TextColumn("", [tally.split or "-" for tally in splits], is_name=True), *_figures(splits)], width
        )
        if len(splits) < len(report.splits):
            yield Line(f"and {len(report.splits) - len(splits):,} more")
    if total.tickets:
        yield from _section("When", f"{load_line(report)} {when_line(report)}", width)
    if report.late:
        yield from _section("The worst", worst_line(report), width)
        began = BEGAN[counted_noun(report)][0]
        yield from _table(_worst_columns(report.worst(5), began, ended), width)
    if report.what_if is not None:
        other = report.what_if.report
        text = f"{what_if_line(report)} {other.total.percent or '-'} kept, with the answers as they came."
        yield from _section(f"What if: {named(other.policy.name)}", text, width)
    yield Line("")
    yield from _wrapped(f"{report.policy.name}, {report.metric}: {judged_line(report)}", width)


def _attainment(report: Figures, width: int) -> Iterator[Line]:
    """Yield the lines about promised shares and about credits, with the tickets that missed their target."""
    yield from _section("Attainment", attainment_line(report), width)
    rows = share_rows(report)
    names = TextColumn("period", [f"{row.period} {row.plan}" for row in rows], is_name=True)
    cells = zip(*(row.cells for row in rows), strict=True)
    if rows:
        yield from _table([names, *map(TextColumn, SHARE_HEADS, cells)], width)
    for text in share_texts(report):
        yield from _wrapped(text, width)


def _spent(section: SpentSection, width: int) -> Iterator[Line]:
    """Yield the lines of a section about the time of each owner, or about pauses."""
    yield from _section(section.title, section.sentence, width)
    names = TextColumn(section.by, [row.name for row in section.rows], is_name=True)
    cells = zip(*(row.cells for row in section.rows), strict=True)
    yield from _table([names, *map(TextColumn, section.heads, cells)], width)
    yield from _wrapped(section.rest, width)


def _section(title: str, sentence: str, width: int) -> Iterator[Line]:
    yield Line("")
    yield from _wrapped(title, width, "heading")
    yield from _wrapped(sentence, width)


def _wrapped(text: str, width: int, style: LineStyle = "plain", indent: str = "") -> Iterator[Line]:
    held = UNIT.sub("\0", clean(text))
    lines = wrap(held, width, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False)
    yield from (Line(line.replace("\0", " "), style) for line in lines)


def _figures(tallies: Sequence[Tally], parts: Sequence[Tally] = ()) -> list[TextColumn]:
    """Return columns with the figures of `tallies`, one row for each tally. The most important column comes first.

    If one row is the sum of the others, `parts` has the others. Bars are as long as the longest of these.
    """
    most = max((tally.tickets for tally in parts or tallies), default=0)
    return [
        TextColumn("kept", [tally.percent or "-" for tally in tallies]),
        TextColumn("broken", [f"{tally.breached:,}" for tally in tallies]),
        TextColumn("tickets", [f"{tally.tickets:,}" for tally in tallies]),
        TextColumn("median", [time_text(tally.median) for tally in tallies]),
        TextColumn("waiting", [f"{tally.waiting:,}" for tally in tallies]),
        TextColumn("p90", [time_text(tally.percentile(90)) for tally in tallies]),
        TextColumn("mean", [time_text(tally.mean) for tally in tallies]),
        *(
            TextColumn(name, [f"{tally.states().get(name, 0):,}" for tally in tallies])
            for name in RARE_STATES
            if any(name in tally.states() for tally in tallies)
        ),
        TextColumn(
            f"{SHADES[0]} kept {SHADES[1]} late {SHADES[2]} waiting",
            [_bar(tally, most) for tally in tallies],
            is_name=True,
        ),
        TextColumn("p95", [time_text(tally.percentile(95)) for tally in tallies]),
        TextColumn("p99", [time_text(tally.percentile(99)) for tally in tallies]),
    ]


def _bar(tally: Tally, most: int) -> str:
    """Return a bar with a part for each state. A full bar shows `most` cycles.

    A state with a cycle has at least one character. If the tally has more cycles than `most`, return an empty text.
    """
    if not most or tally.tickets > most:  # the row for all tickets
        return ""
    parts = (tally.met, tally.breached - tally.waiting, tally.waiting, tally.running + tally.paused)
    return "".join(
        shade * max(round(BAR * part / most), bool(part)) for shade, part in zip(SHADES, parts, strict=True)
    )[: BAR + len(SHADES)]


def _worst_columns(worst: Sequence[Late], began: str, ended: str) -> list[TextColumn]:
    def wall(late: Late, name: Literal["started_at", "due_at", "ended_at"]) -> str:
        at = getattr(late, name)
        return "-" if at is None else f"{at:%Y-%m-%d %H:%M}"

    return [
        TextColumn("ticket", ["-" if late.ticket.id is None else str(late.ticket.id) for late in worst], is_name=True),
        TextColumn("over by", [time_text(late.over) for late in worst]),
        TextColumn("priority", [late.priority for late in worst], is_name=True),
        TextColumn("plan", [late.plan for late in worst], is_name=True),
        TextColumn(began, [wall(late, "started_at") for late in worst]),
        TextColumn("due", [wall(late, "due_at") for late in worst]),
        TextColumn(ended, [wall(late, "ended_at") for late in worst]),
    ]


def _table(columns: Sequence[TextColumn], width: int) -> Iterator[Line]:
    """Yield the lines of a table, with as many columns as fit. Long names in the first column may be shortened."""
    cleaned = [TextColumn(column.heading, [clean(cell) for cell in column.cells], column.is_name) for column in columns]
    first, *others = cleaned
    left = width - min(first.width, max(NARROWEST_NAME, width // 3))
    fitting = []
    for column in others:
        if column.width + 2 <= left:
            fitting.append(column)
            left -= column.width + 2
    name = min(first.width, width - sum(column.width + 2 for column in fitting))
    cells = [_short(cell, name) for cell in first.cells]
    shown = [TextColumn(first.heading, cells, is_name=True), *fitting]
    widths = [name, *(column.width for column in fitting)]
    for number in range(-1, len(cells)):
        parts = [column.heading if number < 0 else column.cells[number] for column in shown]
        aligned = [
            f"{part:<{wide}}" if column.is_name else f"{part:>{wide}}"
            for part, column, wide in zip(parts, shown, widths, strict=True)
        ]
        yield Line("  ".join(aligned).rstrip(), "head" if number < 0 else "plain")


def _short(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"
