"""The commands that ask about a schedule: `kolmisla elapsed` and `open`."""

import argparse
import re
from datetime import date, datetime
from typing import TypedDict

from kolmisla.cli.options import (
    at_of,
    identity,
    policy_of,
    time_of,
    zone_of,
)
from kolmisla.cli.schedules.chosen import ChosenSchedules, days_chosen, schedules_of
from kolmisla.cli.terminal import EXIT_CLOSED, EXIT_DONE, print_json, say, tell
from kolmisla.errors import HorizonError
from kolmisla.policies.policy import Policy
from kolmisla.times.dates import as_date
from kolmisla.times.instants import DAY_NAMES, clock, length, micros, seconds

__all__ = ["ElapsedDict", "OpenDict", "OpenOnDict", "run_elapsed", "run_open"]

A_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class ElapsedDict(TypedDict):
    """The JSON object for the open time between two instants."""

    elapsed_s: int | float
    schedule: str
    timezone: str  # the zone in which times without an offset were read


class OpenDict(TypedDict):
    """The JSON object that says whether a schedule is open at an instant."""

    open: bool
    at: str
    schedule: str
    timezone: str  # the zone in which times without an offset were read
    reason: str | None  # why the schedule is closed
    closes_at: str | None  # None while the schedule is closed, and if the instant is not known
    opens_at: str | None  # None while the schedule is open, and if the instant is not known


class OpenOnDict(TypedDict):
    """The JSON object that says whether a schedule is open on a date. The other keys are those of CalendarDayDict."""

    open: bool
    schedule: str
    timezone: str  # the zone of the date


def run_elapsed(options: argparse.Namespace) -> int:
    """Print the open time between two instants."""
    policy = policy_of(options)
    start, end = time_of(options, policy, options.start), time_of(options, policy, options.end)
    last = max(start, end, key=micros)
    chosen = schedules_of(options, policy, min(start, end, key=micros))
    chosen.check(last)
    name, took = chosen.name(last), chosen.counted.elapsed(start, end)
    if options.json:
        zone = zone_of(options, policy)
        answer: ElapsedDict = {"elapsed_s": seconds(length(took)), "schedule": name, "timezone": zone}
        print_json({**answer, **identity(policy)})
    else:
        print(clock(length(took)), flush=True)
        tell(f"counted on {name}")
    return EXIT_DONE


def run_open(options: argparse.Namespace) -> int:
    """Print whether a schedule is open at an instant, why it is closed, and when this changes.

    For a date, print its hours. The exit status also says whether the schedule is open.
    """
    policy = policy_of(options)
    if options.instant is not None and options.at is not None:
        raise ValueError("give the time once: as AT or with --at")
    options.at = options.instant if options.at is None else options.at
    if options.at is not None and A_DATE.fullmatch(options.at.strip()):
        return _open_on(options, policy, as_date(options.at.strip(), "a date"))
    at = at_of(options, policy)
    chosen = schedules_of(options, policy, at)
    name, schedule = chosen.names[0], chosen.turns[0][1]
    opened = schedule.is_open(at)
    if not options.quiet:
        from kolmisla.schedules.closures import reason_closed

        reason, changes = None if opened else reason_closed(schedule, at), _change(chosen, opened)
        next_one = changes.isoformat() if changes else None
        if options.json:
            answer: OpenDict = {
                "open": opened,
                "at": at.isoformat(),
                "schedule": name,
                "timezone": zone_of(options, policy),
                "reason": reason,
                "closes_at": next_one if opened else None,
                "opens_at": None if opened else next_one,
            }
            print_json({**answer, **identity(policy)})
        else:
            why = f"open: {name}" if opened else f"closed: {name}, {reason}"
            what = ("closes", "closing") if opened else ("opens", "opening")
            say(f"{why}, {what[0]} {next_one}" if next_one else f"{why}, no {what[1]} known")
    return EXIT_DONE if opened else EXIT_CLOSED


def _open_on(options: argparse.Namespace, policy: Policy, date: date) -> int:
    """Print the hours of a schedule on a date. Hours past midnight belong to the date on which they begin."""
    name, zone, [day] = days_chosen(options, policy, date, date)
    if options.json and not options.quiet:
        answer: OpenOnDict = {"open": bool(day.spans), "schedule": name, "timezone": zone}
        print_json({**answer, **day.to_dict(), **identity(policy)})
    elif not options.quiet:
        hours = f" {day.hours}" if day.spans else ""
        reason = f", {day.reason}" if day.reason else ""
        usual = f", usually {day.usual}" if day.differs and day.usual != day.hours else ""
        opened = "open" if day.spans else "closed"
        say(f"{opened}: {name}, {DAY_NAMES[date.weekday()]} {date}{hours}{reason}{usual}")
    return EXIT_DONE if day.spans else EXIT_CLOSED


def _change(chosen: ChosenSchedules, opened: bool) -> datetime | None:
    """Return when an open schedule (`opened` is True) next closes, or when a closed schedule next opens.

    The search begins at the first instant of `chosen`. Return None if no such change is known.
    """
    begins = [*(since for since, _ in chosen.turns[1:]), chosen.until]
    for (start, schedule), following in zip(chosen.turns, begins, strict=True):
        try:
            if schedule.is_open(start) != opened:
                return start
            changes = schedule.next_close(start) if opened else schedule.next_open(start)
        except HorizonError:
            if following is None or schedule.timeline.end < micros(following):
                return None  # a change may come in time that the schedule does not know
            continue
        if following is None or micros(changes) < micros(following):
            return changes
    return None
