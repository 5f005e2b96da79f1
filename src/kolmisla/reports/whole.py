"""The report of many tickets, with its figures and ways to show them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from kolmisla.reports.figures.figures import Figures
from kolmisla.reports.figures.json_form import document_of_report, report_of_document
from kolmisla.reports.figures.spent import Spent, SpentBy, spent_by
from kolmisla.reports.views.tables import csv_of, flat_rows, markdown_of
from kolmisla.reports.views.texts import text_of_report

__all__ = ["Report"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(Figures):
    """The report of many tickets under one policy, for one metric.

    `total` has the figures of all tickets. `periods` has those of each period, `plans` of each plan and priority,
    `splits` of each group of `split`, and `cells` of each period, plan and priority. Each of these has counts, `share`,
    `mean` and `percentile(q)`. The other figures are `averages`, `attainment`, `load`, `used`, `lateness`,
    `opened_when`, `not_covered`, `rejected`, `worst(n)` and `what_if`. Reports of different tickets can be added. The
    sum is the report of all these tickets, exact to the microsecond.

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

        A part of the answer is the time of one owner, or the time in pauses for the same reasons. A part without a name
        is the time without an owner, or outside of pauses. The parts with the most time come first. For `owner`, only
        tickets count that ever have an owner, and the answer is empty if none changed its owner. For `reason`, only
        tickets count that have a pause with a reason, and the answer is empty if none has one. Raise ValueError for
        another `by`.

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
        """Return the figures as flat rows, from which any library can make a data frame.

        The first keys of a row say which cycles its figures count. Durations are in seconds.
        """
        return flat_rows(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as a dict that JSON can hold. From it, `from_dict` makes an equal report.

        The dict includes the policy. Durations are in seconds, in keys that end in `_s`.
        """
        return document_of_report(self)

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """Return the report that `to_dict` has written.

        Raise TypeError unless `document` is a mapping. Raise ValueError if its figures do not agree with each other.

        >>> from datetime import datetime
        >>> from kolmisla import report
        >>> empty = report([], at=datetime.fromisoformat("2026-08-01T00:00Z"))
        >>> Report.from_dict(empty.to_dict()) == empty
        True
        """
        return report_of_document(cls, document)

    def to_csv(self) -> str:
        """Return what `rows` returns as CSV, with a header."""
        return csv_of(self)

    def to_markdown(self) -> str:
        """Return the report as Markdown: sentences, and tables of the periods, of the plans and so on."""
        return markdown_of(self)

    def to_html(self) -> str:
        """Return the report as a page: one file of HTML without scripts, for screens and for paper.

        Raise ImportError unless the extra `report` is installed.
        """
        from kolmisla.reports.views.page import page_of

        return page_of(self)

    def __str__(self) -> str:
        return text_of_report(self, 100)

    def __repr__(self) -> str:
        return f"<Report {self.policy.name} {self.metric}, {self.total.tickets:,} cycles>"
