"""Makes the tables of a report: rows for data frames, CSV and Markdown."""

from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Any, get_args

from kolmisla.errors import clean
from kolmisla.files.summary import RARE_STATES
from kolmisla.files.tables.csv_table import row_writer
from kolmisla.reports.figures.figures import Figures
from kolmisla.reports.figures.periods import period_label
from kolmisla.reports.figures.spent import SpentBy, spent_by, spent_dict
from kolmisla.reports.figures.tallies import Tally
from kolmisla.reports.views.attainment import SHARE_HEADS, attainment_line, share_rows, share_texts
from kolmisla.reports.views.sentences import (
    average_line,
    excluded,
    headline,
    judged_line,
    left_out,
    period_line,
    plan_line,
    split_line,
    what_if_line,
)
from kolmisla.reports.views.spent import spent_sections
from kolmisla.reports.views.words import time_text

__all__ = ["csv_of", "markdown_of", "flat_rows"]

MARKED = "\\`*_{}[]<>#|~!&"  # characters that mean something in Markdown
FIGURES = ("tickets", "kept", "broken", "waiting", "kept %", "median", "p90", "mean")
# The columns of promised shares, and the keys of their values in what `Attained.to_dict` returns.
SHARE_COLUMNS = {
    "per": "per",
    "opened_from": "opened_from",
    "opened_before": "opened_before",
    "promised": "promised",
    "attained": "share",
    "verdict": "state",
    "final": "final",
    "may_be_missed": "may_be_missed",
    "at_best": "best",
    "at_worst": "worst",
    "credit": "credit",
    "credit_at_best": "credit_at_best",
    "credit_at_worst": "credit_at_worst",
}
FORMULAS = ("=", "+", "-", "@")  # a spreadsheet reads a cell that begins with one of these signs as a formula


def flat_rows(report: Figures) -> list[dict[str, Any]]:
    """Return the figures as flat dicts, called rows, which all have the same keys.

    There are rows for the total, each period, each plan and priority, each split and each cell. Promised shares, and
    the time spent by owner or by reason, have rows of their own.
    """
    tallies = (report.total, *report.periods, *report.plans, *report.splits, *report.cells)
    figures = [tally.to_dict() for tally in tallies]
    rows: list[dict[str, Any]] = [
        {
            "of": tally.of,
            "period": None if tally.period is None else period_label(tally.period, report.by),
            "plan": tally.plan,
            "priority": tally.priority,
            "split": tally.split,
            # A row without withdrawn or waived cycles has 0 of them, if another row has some.
            **{name.replace("-", "_"): told.get(name, 0) for name in figures[0]},
        }
        for tally, told in zip(tallies, figures, strict=True)
    ]
    rows = rows if report.shares is None else [*_with_shares(report, rows)]
    spent = [(by, spent_dict(part)) for by in get_args(SpentBy) for part in spent_by(report, by)]
    return [*_with_spent(rows, spent)] if spent else rows


def _with_spent(
    rows: Sequence[dict[str, Any]], spent: Sequence[tuple[SpentBy, dict[str, Any]]]
) -> Iterator[dict[str, Any]]:
    """Yield `rows` with more columns, and then a row for each part of time in `spent`.

    A part is the time of one owner, or the time in all pauses with the same reasons.
    """
    empty = {**dict.fromkeys(rows[0]), **dict.fromkeys(spent[0][1])}
    del empty["cycles"]  # the column `tickets` has the number of cycles in all rows
    yield from ({**empty, **row} for row in rows)
    for by, part in spent:
        yield {**empty, "of": by, "tickets": part.pop("cycles"), **part}


def _with_shares(report: Figures, rows: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield `rows` with more columns, and then rows for promised shares and for the tickets that missed a target."""
    empty = {**dict.fromkeys(rows[0]), **dict.fromkeys((*SHARE_COLUMNS, "ticket"))}
    yield from ({**empty, **row} for row in rows)
    for attained in report.attainment:
        told = attained.to_dict()
        names = {"period": attained.label, "plan": attained.plan}
        counts = {name: told[name] for name in ("met", "breached", "running", "paused")}
        shares = {column: told[name] for column, name in SHARE_COLUMNS.items()}
        tickets = {"tickets": attained.decided + attained.undecided}
        yield {**empty, "of": "attainment", **names, **tickets, **counts, **shares}
        for id in attained.tickets:
            yield {**empty, "of": "missed", **names, "per": attained.promise.per, "ticket": id}


def csv_of(report: Figures) -> str:
    """Write the rows of a report as CSV. A text that a spreadsheet would read as a formula gets an apostrophe in front.

    Half characters (lone surrogates) are escaped, because UTF-8 cannot write them.
    """
    stream, rows = StringIO(), flat_rows(report)
    write = row_writer(stream)
    write(list(rows[0]))
    for row in rows:
        write([f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULAS) else cell for cell in row.values()])
    return stream.getvalue().encode(errors="backslashreplace").decode()


def markdown_of(report: Figures) -> str:
    """Write a report as Markdown."""
    return "\n".join([*_markdown(report), ""])


def _markdown(report: Figures) -> Iterator[str]:
    yield f"# {headline(report)}"
    yield f"\n{_marked(report.policy.name)}, {_marked(report.metric)}. {_marked(judged_line(report))}"
    yield f"\nNot in these figures: {left_out(report)}."
    told = [*excluded(report), *report.notes]
    if told:
        yield ""
        yield from (f"- {_marked(text)}" for text in told)
    yield f"\n## By {report.by}\n\n{period_line(report)}\n"
    labelled = [(period_label(tally.period, report.by), tally) for tally in report.periods if tally.period]
    yield from _table((report.by,), [((label,), tally) for label, tally in [*labelled, ("all", report.total)]])
    yield f"\n## By plan and priority\n\n{_marked(plan_line(report))}\n"
    yield from _table(("plan", "priority"), [((tally.plan, tally.priority), tally) for tally in report.plans])
    if report.averages:
        yield "\n## Averages\n"
        yield from _lines(
            ("plan", "mean response", "aim", "verdict", "answered"),
            [
                (
                    average.plan,
                    time_text(average.mean, fine=True),
                    time_text(average.aim, fine=True),
                    "; ".join([average_line(average), *average.apart]),
                    f"{average.n:,}",
                )
                for average in report.averages
            ],
        )
    if report.shares is not None:
        yield from _attainment(report)
    for section in spent_sections(report):
        yield f"\n## {section.title}\n\n{_marked(section.sentence)}\n"
        yield from _lines((section.by, *section.heads), [(row.name, *row.cells) for row in section.rows])
        if section.rest:
            yield f"\n{section.rest}"
    if report.split is not None:
        yield f"\n## By {_marked(report.split)}\n\n{split_line(report)}\n"
        worst = sorted(report.splits, key=lambda tally: (-tally.breached, tally.split))
        yield from _table((report.split,), [((tally.split,), tally) for tally in worst])
    if report.what_if is not None:
        other = report.what_if.report.policy.name
        yield f"\n## What if: {_marked(other)}\n\n{what_if_line(report)} The answers stay as they came."


def _attainment(report: Figures) -> Iterator[str]:
    """Yield the lines about promised shares and about credits, with the tickets that missed their target."""
    yield f"\n## Attainment\n\n{_marked(attainment_line(report))}\n"
    rows = share_rows(report)
    if rows:
        yield from _lines(("period", "plan", *SHARE_HEADS), [(row.period, row.plan, *row.cells) for row in rows])
        yield ""
    yield from (f"- {_marked(text)}" for text in share_texts(report))


def _table(heads: Sequence[str], rows: Sequence[tuple[Sequence[str | None], Tally]]) -> Iterator[str]:
    """Yield the lines of a table. Each row has a name, and the figures of some cycles."""
    lines = []
    rare = [name for name in RARE_STATES if any(name in tally.states() for _, tally in rows)]
    for names, tally in rows:
        counts = (f"{number:,}" for number in (tally.tickets, tally.met, tally.breached, tally.waiting))
        times = (time_text(time) for time in (tally.median, tally.percentile(90), tally.mean))
        apart = (f"{tally.states().get(name, 0):,}" for name in rare)
        lines.append((*(name or "-" for name in names), *counts, tally.percent or "-", *times, *apart))
    return _lines((*heads, *FIGURES, *rare), lines)


def _lines(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(map(_marked, heads))} |"
    yield f"|{' --- |' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(map(_marked, row))} |"


def _marked(text: str) -> str:
    """Add backslashes to a text, so that Markdown shows it unchanged."""
    return "".join(f"\\{char}" if char in MARKED else char for char in clean(text))
