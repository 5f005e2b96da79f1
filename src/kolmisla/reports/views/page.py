"""Writes a report as a page: one file of HTML without scripts, made from two templates, page.html and page.css."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby
from typing import Any

from kolmisla.errors import clean, named
from kolmisla.files.summary import RARE_STATES, percent_of
from kolmisla.names import LOADING, __version__, files_of
from kolmisla.reports.figures.figures import LATE_BY, Figures, WhatIf, editions_of, working_hours_of
from kolmisla.reports.figures.late import Late
from kolmisla.reports.figures.openings import weekly_hours
from kolmisla.reports.figures.periods import By, period_label
from kolmisla.reports.figures.tallies import Tally
from kolmisla.reports.views import sentences
from kolmisla.reports.views.attainment import SHARE_HEADS, attainment_line, share_rows, share_texts
from kolmisla.reports.views.charts import bar_of, column_chart, heat_map, histogram, shown_periods, spent_bar, strip
from kolmisla.reports.views.spent import spent_sections
from kolmisla.reports.views.words import (
    BEGAN,
    DEFINITIONS,
    OPENED_TITLES,
    SPENT_TERM,
    STATE_TITLES,
    WITHDRAWN_TERM,
    counted_noun,
    ended_word,
    instant_text,
    metric_title,
    time_text,
)
from kolmisla.tickets.answers.explanation import explanation_of
from kolmisla.times.instants import DAY_NAMES, duration, length, micros

__all__ = ["page_of"]

MOST_ROWS = 40  # the most plans and priorities that are drawn
MOST_SPLITS_DRAWN = 10
SHORT_NAME = 14
FIRST_LINES, LAST_LINES = 8, 4  # how many lines of a long explanation are shown
SHARE_CLASSES = ("", "mid", "", "", "mid", "wide", "wide", "mid", "wide")  # "mid", "wide": hidden on narrow screens
SPENT_CLASSES = ("", "", "mid", "mid", "wide")


def page_of(report: Figures) -> str:
    """Return a report as a page. Raise ImportError unless the extra `report` is installed.

    Equal reports give equal pages, whatever the machine's locale, zone or hash seed.
    """
    try:
        with LOADING:  # a fork waits, because Jinja2 has a lock of its own, and loads modules at its first use
            import jinja2

            return _page(jinja2, report)
    except ImportError as error:
        if error.name is None:  # the package is installed, but cannot be loaded
            raise
        raise ImportError(f"a page needs {error.name}: pip install 'kolmisla[report]'") from error


def _page(jinja2: Any, report: Figures) -> str:
    home = files_of("kolmisla.reports.views")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(time=time_text, number=lambda number: f"{number:,}", clean=clean)
    style = "".join(line.strip() for line in home.joinpath("page.css").read_text("utf-8").splitlines())
    environment.globals.update(time=time_text, kept_whole=_kept_whole)
    template = environment.from_string(home.joinpath("page.html").read_text("utf-8"))
    lines = template.render(style=style, **_context(report)).splitlines()
    return "".join(f"{line}\n" for line in lines if line)


def _context(report: Figures) -> dict[str, Any]:
    """Return all values that the template shows, by name."""
    by, periods = shown_periods(report)
    ended, total = ended_word(report), report.total
    rare = [state for state in RARE_STATES if state in total.states()]
    shown = {"Averages": report.averages, "Attainment": report.shares, WITHDRAWN_TERM: rare, SPENT_TERM: report.spent}
    what = counted_noun(report)
    fill = {"ended": ended, "by": report.by, "zone": report.timezone, "what": what, "began": BEGAN[what][1]}
    return {
        "report": report,
        "total": total,
        "rare": rare,
        "ended": ended,
        "metric": metric_title(report),
        "sentences": sentences,
        "excluded": [*sentences.excluded(report)],
        "averages": report.averages,
        "attainment": None if report.shares is None else _attainment(report),
        "by": by,
        "drawn": _drawn(report, by),
        "periods": [(period_label(tally.period, by), tally) for tally in periods if tally.period],
        "chart": column_chart(by, periods),
        "plans": [*_plans(report)],
        "spent": [*_spent(report)],
        "splits": [*_splits(report)],
        "split_rest": sorted((tally.breached for tally in report.splits), reverse=True)[MOST_SPLITS_DRAWN:],
        "used": histogram(report.used),
        "used_numbers": [*zip(_tenths(), report.used, strict=True)],
        "when": [*_when(report)],
        "lateness": [*_lateness(report)],
        "heat": heat_map(report),
        "days": [name[:3] for name in DAY_NAMES],
        "hours": [*_hours(report)],
        "worst": _worst(report),
        "what_if": None if report.what_if is None else _what_if(report, report.what_if),
        "definitions": [(term, text.format(**fill)) for term, text in DEFINITIONS if shown.get(term, True)],
        "version": __version__,
        "source": clean(report.policy.source) if report.policy.source.startswith("https://") else "",
    }


def _attainment(report: Figures) -> dict[str, Any]:
    """Return what the template shows about promised shares: a sentence, a table and the texts below the table."""
    return {
        "line": attainment_line(report),
        "heads": list(zip(SHARE_HEADS, SHARE_CLASSES, strict=True)),
        "rows": [(row, list(zip(row.cells, SHARE_CLASSES, strict=True))) for row in share_rows(report)],
        "texts": share_texts(report),
    }


def _spent(report: Figures) -> Iterator[dict[str, Any]]:
    """Yield the section about the time of each owner, and the section about pauses, with a bar for each row.

    The row for the time outside of pauses has no bar, because it would dwarf the others.
    """
    for section in spent_sections(report):
        drawn = [row.part for row in section.rows if section.by == "owner" or row.part.name]
        most = max(length(part.elapsed + part.paused) for part in drawn)
        yield {
            "section": section,
            "heads": list(zip(section.heads, SPENT_CLASSES, strict=True)),
            "rows": [
                (
                    row,
                    spent_bar(row.part, most) if row.part in drawn else [],
                    list(zip(row.cells, SPENT_CLASSES, strict=True)),
                )
                for row in section.rows
            ],
        }


def _drawn(report: Figures, by: By) -> str:
    """Say by which periods the chart has its columns, such as "Tickets by the month in which they were opened"."""
    what = counted_noun(report)
    began = "their week began" if report.by == "week" != by else f"they {BEGAN[what][1].replace('was ', 'were ')}"
    return f"{what.capitalize()}s by the {by} in which {began}"


def _kept_whole(name: str | None) -> str:
    """Return the CSS classes of a table cell that shows a name. The class `whole` keeps a short name on one line."""
    return "name whole" if len(name or "") <= SHORT_NAME else "name"


def _plans(report: Figures) -> Iterator[dict[str, Any]]:
    """Yield a row for each plan and priority with a promise. If there are many, yield the 40 rows with most tickets."""
    promised = [tally for tally in report.plans if tally.tickets > tally.not_covered]
    least = sorted((tally.tickets for tally in promised), reverse=True)[:MOST_ROWS][-1:]
    shown = [tally for tally in promised if tally.tickets >= least[0]][:MOST_ROWS]
    most = max((tally.tickets for tally in shown), default=0)
    for tally in shown:
        yield {"tally": tally, "bars": bar_of(tally, most), "targets": _targets(report, tally)}


def _targets(report: Figures, tally: Tally) -> str:
    """Return the targets of a plan and priority as text, such as "4 h", or "-" if there is none.

    If the editions have different targets, up to three are named, such as "4 h, then 12 h".
    """
    plans = [plan for _, edition in editions_of(report) if (plan := edition.plans.get(tally.plan or "")) is not None]
    targets = [plan.target(report.metric, tally.priority or "") for plan in plans]
    told = [
        str(target) if target.duration is None else time_text(target.duration, fine=True)
        for target, _ in groupby(target for target in targets if target is not None)
    ]
    text = ", then ".join(told[:3] + ["others"] * (len(told) > 3)) or "-"
    return f"{text}, owners have others" if any(plan.owner_targets(report.metric) for plan in plans) else text


def _splits(report: Figures) -> Iterator[dict[str, Any]]:
    worst = sorted(report.splits, key=lambda tally: (-tally.breached, tally.split or ""))[:MOST_SPLITS_DRAWN]
    most = max((tally.tickets for tally in worst), default=0)
    for tally in worst:
        yield {"tally": tally, "bars": bar_of(tally, most), "name": clean(tally.split or "") or "-"}


def _tenths() -> Iterator[str]:
    for tenth in range(1, 21):
        yield f"up to {10 * tenth} %"
    yield "more than 200 %"


def _when(report: Figures) -> Iterator[dict[str, Any]]:
    """Yield, for each kind of time at which tickets are opened, such as holidays, what share of promises was broken."""
    for when, opened in report.opened_when.items():
        decided = opened.met + opened.breached
        if decided:
            size, share = round(100 * opened.breached / decided, 2), percent_of(opened.breached, decided, 0)
            yield {"title": OPENED_TITLES[when], "share": share, "size": size, "of": decided}


def _hours(report: Figures) -> Iterator[tuple[str, int, timedelta]]:
    """Yield the hours of the week with the most late tickets that were opened while the schedule was closed.

    At most five are yielded, each with its name, the number of these tickets, and their mean wait until the schedule
    opened.
    """
    for hour in report.which_hours(5):
        name = f"{DAY_NAMES[hour.weekday]} {hour.hour}:00 to {hour.hour + 1}:00"
        yield name, hour.breached, hour.wait // hour.breached


def _lateness(report: Figures) -> Iterator[dict[str, Any]]:
    late = report.lateness
    most = max(late.values()) or 1
    titles = ["up to 1 h", "up to 8 h", "up to 40 h", "more than 40 h", f"not {ended_word(report)} yet"]
    for title, name in zip(titles, LATE_BY, strict=True):
        kind = "waiting" if name == LATE_BY[-1] else "late"
        yield {"title": title, "number": late[name], "kind": kind, "size": round(100 * late[name] / most, 2)}


def _worst(report: Figures) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the worst tickets in two groups with titles: those that have not ended, and those that have."""
    worst = report.worst(5)
    groups = [
        (f"Not {ended_word(report)} yet", [late for late in worst if late.ended_at is None]),
        (ended_word(report).capitalize(), [late for late in worst if late.ended_at is not None]),
    ]
    return [(title, [_late(report, late) for late in group]) for title, group in groups if group]


def _late(report: Figures, late: Late) -> dict[str, Any]:
    until, ended = late.ended_at or late.judged_at, ended_word(report)
    explanation = explanation_of(late.ticket, report.policy, report.metric, micros(until), late.cycle - 1)
    lines = str(explanation).splitlines()
    if len(lines) > FIRST_LINES + LAST_LINES + 1:
        left = len(lines) - FIRST_LINES - LAST_LINES
        lines = [*lines[:FIRST_LINES], f"... {left} more stretches ...", *lines[-LAST_LINES:]]
    told = [
        f"{BEGAN[counted_noun(report)][0]} {instant_text(late.started_at)}",
        *(f"due {instant_text(due_at)}" for due_at in [late.due_at] if due_at),
        f"not {ended} by {instant_text(until)}" if late.ended_at is None else f"{ended} {instant_text(until)}",
    ]
    name = "no id" if late.ticket.id is None else named(str(late.ticket.id))
    return {
        "name": name,
        "late": late,
        "told": ", ".join(told),
        "strip": strip(late, until, explanation),
        "why": "\n".join(clean(line) for line in lines),
    }


def _what_if(report: Figures, what_if: WhatIf) -> dict[str, Any]:
    """Return two tables that compare the report's policy with the other policy.

    The first has figures side by side. The second counts cycles by their states under the two policies.
    """
    other, flow = what_if.report, dict(what_if.flow)
    states = [state for state in STATE_TITLES if any(state in pair for pair in flow)]
    rows = [
        ("kept", report.total.percent or "-", other.total.percent or "-"),
        ("broken", f"{report.total.breached:,}", f"{other.total.breached:,}"),
        ("median", time_text(report.total.median), time_text(other.total.median)),
        ("open hours a week", *(_hours_a_week(figures) for figures in (report, other))),
    ]
    number, as_is, waits = what_if.waits
    if number:
        means = (time_text(duration(total // number)) for total in (as_is, waits))
        rows.append(("calendar time until due", *means))
    return {
        "name": other.policy.name,
        "rows": rows,
        "heads": [STATE_TITLES[state] for state in states],
        "flow": [
            {
                "title": STATE_TITLES[state],
                "cells": [
                    {"number": flow.get((state, to), 0), "moved": state != to and bool(flow.get((state, to)))}
                    for to in states
                ],
            }
            for state in states
            if any(pair[0] == state for pair in flow)
        ],
    }


def _hours_a_week(report: Figures) -> str:
    hours = working_hours_of(report)
    if hours is None or report.span is None:
        return "-"
    return time_text(duration(weekly_hours(hours[1], *report.span) // 60_000_000 * 60_000_000))
