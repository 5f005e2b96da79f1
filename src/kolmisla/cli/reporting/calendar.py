"""The command that draws the hours of a schedule, or writes them to a calendar file: `kolmisla calendar`."""

import argparse
import sys
from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import TypedDict

from kolmisla.cli.inputs import check_calendar_output
from kolmisla.cli.options import identified, identity, sources_of, zone_shown
from kolmisla.cli.schedules.chosen import days_chosen, schedules_of
from kolmisla.cli.terminal import EXIT_DONE, print_json, refuse_overwriting, tell, width_of_output
from kolmisla.errors import named, number_of
from kolmisla.files.outputs.drafts import drafts
from kolmisla.files.outputs.streams import STANDARD_STREAM
from kolmisla.policies.policy import Policy
from kolmisla.reports.calendars.days import CalendarDay
from kolmisla.reports.calendars.drawing import drawn_months
from kolmisla.reports.json_forms import CalendarDayDict
from kolmisla.times.instants import at_in, length, seconds
from kolmisla.times.zones import zone_named

__all__ = ["CalendarDict", "run_calendar"]

ASCII = str.maketrans("█·", "#.")


class CalendarDict(TypedDict):
    """The JSON object for the hours of a schedule from one date to another."""

    schedule: str
    timezone: str  # the zone of the dates
    first: str
    last: str
    open_s: int | float
    open_days: int
    unknown_days: int
    days: list[CalendarDayDict]


def run_calendar(options: argparse.Namespace, policy: Policy, at: datetime) -> int:
    """Draw months of a schedule, print them as JSON, or write their hours to a calendar file."""
    check_calendar_output(options.out)
    refuse_overwriting(sources_of(options), options.out)
    first, last = options.months or _month_of(options, policy, at)
    name, zone, days = days_chosen(options, policy, first, last)
    if options.out == STANDARD_STREAM and not options.json:
        for line in drawn_months(days, name, zone, width_of_output()):
            print(_plain(line))
    if options.out != STANDARD_STREAM:
        _write(options, policy, name, days, at)
    if options.json:
        open_time = sum((day.open for day in days), timedelta())
        answer: CalendarDict = {
            "schedule": name,
            "timezone": zone,
            "first": first.isoformat(),
            "last": last.isoformat(),
            "open_s": seconds(length(open_time)),
            "open_days": sum(bool(day.spans) for day in days),
            "unknown_days": sum(not day.known for day in days),
            "days": [day.to_dict() for day in days],
        }
        print_json({**answer, **identity(policy)})
    tell(f"dates and times of {zone}; policy {identified(policy)}")
    return EXIT_DONE


def _month_of(options: argparse.Namespace, policy: Policy, at: datetime) -> tuple[date, date]:
    """Return the first and the last date of the month of an instant, in the zone of the schedule."""
    schedule = schedules_of(options, policy, at).turns[0][1]
    today = at_in(zone_named(zone_shown(policy, schedule)), at).date()
    return today.replace(day=1), today.replace(day=monthrange(today.year, today.month)[1])


def _write(options: argparse.Namespace, policy: Policy, name: str, days: tuple[CalendarDay, ...], at: datetime) -> None:
    """Write the hours to a calendar file. Print how many open spans and closed days the file has."""
    from kolmisla.reports.calendars.events import hours_events
    from kolmisla.reports.calendars.ics import ics_of

    events = list(hours_events(days, name, policy.name))
    file = ics_of(events, f"{policy.name}: {name}", at)
    with drafts() as new:
        new.stream(options.out).write(file.decode())
    opened = sum(isinstance(event.begins, datetime) for event in events)
    counts = f"{number_of(opened, 'open span')}, {number_of(len(events) - opened, 'closed day')}"
    tell(f"{options.out}: {named(name)} from {days[0].date} to {days[-1].date}, {counts}")


def _plain(line: str) -> str:
    """Return a line of a drawing. If standard output cannot show it, use `#` and `.` for its blocks and dots."""
    try:
        line.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return line.translate(ASCII)
    return line
