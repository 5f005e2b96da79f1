"""The report of many tickets, with its figures and ways to show them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from kolmisla.errors import named
from kolmisla.names import LOADING
from kolmisla.reports.figures.figures import Figures
from kolmisla.reports.figures.json_form import document_of_report, report_of_document
from kolmisla.reports.figures.spent import Spent, SpentBy, spent_by
from kolmisla.reports.views.tables import csv_of, flat_rows, markdown_of
from kolmisla.reports.views.texts import text_of_report

__all__ = ["Report"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(Figures):
    """The report of many tickets under one policy, for one metric.

    `total` has the figures of all tickets. `periods` has a set of figures for each period, `plans` for each plan and
    priority, `splits` for each group that `split` makes, and `cells` for each period, plan and priority. Each set of
    figures has counts, `share`, `mean` and `percentile(q)`. The other figures are `averages`, `attainment`, `load`,
    `used`, `lateness`, `opened_when`, `not_covered`, `rejected`, `worst(n)` and `what_if`. Reports of different tickets
    can be added. The sum of two reports is the report of the tickets of both, exact to the microsecond.

    >>> from datetime import datetime
    >>> from kolmisla import Ticket, report
    >>> facts = {"plan": "premium", "priority": "high", "opened_at": "2026-07-03T16:30:00+03:00"}
    >>> tickets = [Ticket(**facts, answered_at=f"2026-07-07T08:{minute}:00+03:00") for minute in (20, 40)]
    >>> july, august = (datetime.fromisoformat(f"2026-0{month}-01T00:00+03:00") for month in (8, 9))
    >>> total = (report(tickets[:1], at=july) + report(tickets[1:], at=august)).total
    >>> total.percent, str(total.median)
    ('50.0 %', '1:50:00')
    """

    def spent_by(self, by: SpentBy) -> tuple[Spent, ...]:
        """Return how the time of cycles was spent: by each `owner`, or in pauses for each `reason`.

        Each `Spent` is a part of that time: the time of one owner, or the time in all pauses with the same reasons. The
        part whose name is None is the time without an owner, or outside of pauses. The part with most time comes first.

        If `by` is `owner`, tickets that never have an owner are left out, and the result is empty if no cycle changed
        its owner. If `by` is `reason`, tickets without a pause that has a reason are left out, and the result is empty
        if no pause has a reason. Raise ValueError for any other `by`.

        >>> from datetime import datetime
        >>> from kolmisla import Event, Ticket, report
        >>> given = Event(kind="owner", value="L2", at="2026-07-03T17:00:00+03:00")
        >>> facts = {"plan": "premium", "priority": "high", "opened_at": "2026-07-03T16:30:00+03:00", "owner": "L1"}
        >>> made = report([Ticket(**facts, events=[given])], at=datetime.fromisoformat("2026-07-07T09:00+03:00"))
        >>> [(part.name, str(part.elapsed), str(part.over)) for part in made.spent_by("owner")]
        [('L2', '2:00:00', '0:30:00'), ('L1', '0:30:00', '0:00:00')]
        """
        return spent_by(self, by)

    def rows(self) -> list[dict[str, Any]]:
        """Return the figures as flat dicts with the same keys. Any library can make a data frame of these rows.

        The first keys of a row say which cycles are counted in the row. Durations are in seconds.
        """
        return flat_rows(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as a dict that JSON can hold. From this dict, `from_dict` makes an equal report.

        The dict includes the policy. Durations are in seconds, in keys that end in `_s`.
        """
        return document_of_report(self)

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """Return the report that a dict describes. `document` is a dict that `to_dict` has returned.

        Raise TypeError unless `document` is a mapping. Raise ValueError if the figures in `document` do not agree with
        each other.

        >>> from datetime import datetime
        >>> from kolmisla import report
        >>> empty = report([], at=datetime.fromisoformat("2026-08-01T00:00Z"))
        >>> Report.from_dict(empty.to_dict()) == empty
        True
        """
        return report_of_document(cls, document)

    def to_csv(self) -> str:
        """Return the figures as CSV: a header, and a line for each row that `rows` returns."""
        return csv_of(self)

    def to_markdown(self) -> str:
        """Return the report as Markdown: sentences, and tables of the periods, of the plans and so on."""
        return markdown_of(self)

    def to_html(self) -> str:
        """Return the report as a page: one file of HTML without scripts, for screens and for paper.

        Raise ImportError unless the extra `report` is installed.
        """
        with LOADING:
            from kolmisla.reports.views.page import page_of
        return page_of(self)

    def __str__(self) -> str:
        return text_of_report(self, 100)

    def __repr__(self) -> str:
        return f"<Report {named(self.policy.name)} {named(self.metric)}, {self.total.tickets:,} cycles>"
