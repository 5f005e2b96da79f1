"""Reports: many tickets to one page to look at, and to numbers to trust.

Public names, each loaded when it is first used: `Report`, `report`. (The package `kolmisla` has them too.)

Read the files in this order. Each file imports only from the files above it, and from folders above this one:

    figures   what a report counts: tallies, times, openings, late tickets; in a form that adds up
    views     how a report is shown: sentences, tables, text, HTML
    whole     the report itself: Report
    judging   how tickets become a report
"""

from typing import TYPE_CHECKING

from kolmisla import late_names

if TYPE_CHECKING:
    from kolmisla.reports.judging.tickets import report
    from kolmisla.reports.whole import Report

__all__ = ["Report", "report"]

__getattr__, __dir__ = late_names(__name__, {"reports.whole": ["Report"], "reports.judging.tickets": ["report"]})
