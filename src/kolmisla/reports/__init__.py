"""Makes reports of many tickets, as exact numbers and as pages, and calendars of open hours and of due times.

Public names, each loaded when it is first used: `Report`, `report`, `WorstWait`, `worst_wait` (the
package `kolmisla` has them too), `CalendarDay`, `calendar_days`, `hours_calendar`, `due_calendar`,
`example_faults`.

Read the files in this order. Each file imports only from the files above it, and from folders above this one:

    json_forms  the days of a calendar and the longest waits, as dicts for JSON
    figures     what a report counts: cycles by state, times, openings and late tickets. Such counts can be added
    views       how a report is shown: sentences, tables, text, HTML
    whole       the report itself: Report
    judging     judges tickets, counts them, and makes a report of the counts
    calendars   shows the days of a schedule, and due times, as text or as calendar files
    rules       says what follows from a policy itself: the longest waits, and whether its examples hold
"""

from typing import TYPE_CHECKING

from kolmisla.names import late_names

if TYPE_CHECKING:
    from kolmisla.reports.calendars.days import CalendarDay, calendar_days
    from kolmisla.reports.calendars.ics import due_calendar, hours_calendar
    from kolmisla.reports.judging.tickets import report
    from kolmisla.reports.rules.examples import example_faults
    from kolmisla.reports.rules.worst import WorstWait, worst_wait
    from kolmisla.reports.whole import Report

__all__ = [
    "CalendarDay",
    "Report",
    "WorstWait",
    "calendar_days",
    "due_calendar",
    "example_faults",
    "hours_calendar",
    "report",
    "worst_wait",
]

__getattr__, __dir__ = late_names(
    __name__,
    {
        "reports.whole": ["Report"],
        "reports.judging.tickets": ["report"],
        "reports.rules.examples": ["example_faults"],
        "reports.rules.worst": ["WorstWait", "worst_wait"],
        "reports.calendars.days": ["CalendarDay", "calendar_days"],
        "reports.calendars.ics": ["due_calendar", "hours_calendar"],
    },
)
