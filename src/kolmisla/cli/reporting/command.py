"""The command that makes a report of a file of tickets: `kolmisla report`."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from datetime import datetime
from importlib.util import find_spec
from itertools import takewhile
from pathlib import Path
from typing import Any

from kolmisla.cli.layouts import fill_form, layout_of
from kolmisla.cli.options import as_asked, data_versions, files_of_policy, identified, loaded, sources_of
from kolmisla.cli.reporting.job import ReportJob
from kolmisla.cli.terminal import EXIT_DONE, EXIT_REJECTED, print_json, refuse_overwriting, tell, width_of_output
from kolmisla.errors import choices, shown
from kolmisla.files.outputs.drafts import drafts
from kolmisla.files.outputs.streams import STANDARD_STREAM
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import metric_in
from kolmisla.reports.judging.standings import Question
from kolmisla.reports.judging.tallying import Scope, Tallying
from kolmisla.reports.judging.tickets import check_scope, check_what_if
from kolmisla.reports.views.texts import Line, lines_of_report
from kolmisla.reports.whole import Report
from kolmisla.times.instants import micros

__all__ = ["run_report"]

UNWRAPPED = 10**6
FORMS: dict[str, Callable[[Report], str]] = {
    ".html": Report.to_html,
    ".json": lambda report: f"{json.dumps(_document(report))}\n",
    ".csv": Report.to_csv,
    ".md": Report.to_markdown,
}
OF_PAGES = "jinja2"  # the package that makes pages
STYLES = {"answer": "bold", "heading": "bold", "head": "dim", "warning": "yellow", "plain": ""}
SHADE_COLOURS = {"█+": "blue", "▓+": "dark_orange3", "▒+": "red", "░+": "bright_black"}


def run_report(options: argparse.Namespace, policy: Policy, at: datetime) -> int:
    """Make a report of a file of tickets. Print it, or write it to a file, whose ending gives the form."""
    fill_form(options)
    write = _form_of(options.out)
    question = Question(policy, metric_in(policy, options.metric), micros(at))
    what_if = None if options.what_if is None else as_asked(options, loaded(options.what_if))
    check_what_if(what_if, policy, question.metric)
    scope = check_scope(Scope(options.by, options.split, options.since, options.until))
    read = {"tickets": options.tickets, "events": options.events, **files_of_policy("other policy", options.what_if)}
    refuse_overwriting({**read, **sources_of(options)}, options.out, options.rejects)
    job = ReportJob(options, policy, Tallying(question, scope, what_if))
    with drafts() as new:
        out = None if options.out == STANDARD_STREAM else new.stream(options.out)
        job.run(new)
        report = job.report()
        if out is not None:
            out.write(write(report))
    if options.out == STANDARD_STREAM:
        print_json(_document(report)) if options.json else _show(lines_of_report(report, width_of_output()))
    else:
        for line in takewhile(lambda line: line.text, lines_of_report(report, UNWRAPPED)):  # the first screen
            tell(line.text)
        if options.json:
            print_json(_document(report))
    zone = layout_of(options, policy).timezone
    tell(f"times without an offset are read in {zone}; policy {identified(policy)}")
    return EXIT_REJECTED if report.rejected_rows or job.failed else EXIT_DONE


def _document(report: Report) -> dict[str, Any]:
    """Return a report as a dict for JSON, with the versions of the data for holidays and time zones."""
    return {**report.to_dict(), **data_versions(report.policy.timezone)}


def _form_of(out: str) -> Callable[[Report], str]:
    """Return the function that turns a report into text in the form that the ending of `out` gives, such as HTML.

    Raise ValueError for an unknown ending. Raise it also for `.html` if jinja2 is not installed.
    """
    if out == STANDARD_STREAM:
        return str
    ending = Path(out).suffix.lower()
    if ending not in FORMS:
        raise ValueError(f"the output must end in one of {choices(FORMS)}, not {shown(out)}")
    if ending == ".html" and find_spec(OF_PAGES) is None:  # told before the file is read
        raise ValueError(f"a page needs {OF_PAGES}: pip install 'kolmisla[report]'")
    return FORMS[ending]


def _show(lines: Iterable[Line]) -> None:
    """Print lines in colour if `rich` is installed and the output is a terminal, else as plain text."""
    if sys.stdout.isatty():
        try:
            from rich.console import Console
            from rich.text import Text
        except ImportError:
            pass
        else:
            console = Console(highlight=False, soft_wrap=True, width=width_of_output())
            for line in lines:
                text = Text(line.text, style=STYLES[line.style])
                for shade, colour in SHADE_COLOURS.items():
                    text.highlight_regex(shade, colour)
                console.print(text)
            return
    for line in lines:
        print(line.text)
