"""Writes calendar files in iCalendar (RFC 5545), with the package `icalendar`.

All instants in a file are in UTC, because some calendars might misread a definition of a time zone. The same events
give the same bytes on every machine.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from kolmisla.errors import clean, expect, expect_iterable, expect_text
from kolmisla.names import LOADING
from kolmisla.policies.kolmisoft import KOLMISOFT, check_policy
from kolmisla.policies.policy import Policy
from kolmisla.policies.terms.metrics import FIRST_RESPONSE
from kolmisla.reports.calendars.days import calendar_days
from kolmisla.reports.calendars.events import CalendarEvent, due_events, hours_events
from kolmisla.schedules.schedule import Schedule
from kolmisla.tickets.answers.queue import MetricOrAll, QueueEntry, metric_or_all
from kolmisla.times.instants import SECOND, at_in, micros

__all__ = ["due_calendar", "hours_calendar", "ics_of"]

PRODUCT = "-//kolmisla//kolmisla//EN"
REFRESH = timedelta(hours=12)  # how often a calendar should read a file again
COUNTED_FROM = datetime(2020, 1, 1, tzinfo=UTC)  # a revision is the number of whole minutes since this instant
LAST_REVISION = 2**31 - 1  # the largest integer of RFC 5545, 3.3.8


def hours_calendar(
    schedule: Schedule, first: date, last: date, *, policy: Policy = KOLMISOFT, name: str, at: datetime
) -> bytes:
    r"""Return the hours of a schedule from one date to another, both included, as a calendar file in iCalendar.

    `name` is the name of the schedule in `policy`. The names of the schedule and of the policy identify the events.
    `at` is the instant at which this version of the file is made. Dates are dates in the schedule's zone, or in UTC for
    a schedule without a zone. This function needs the extra `ical`. Raise HorizonError for a date that is not known.

    >>> from kolmisla import KOLMISOFT
    >>> office, at = KOLMISOFT.schedules["working-hours"], datetime(2026, 12, 1, tzinfo=UTC)
    >>> file = hours_calendar(office, date(2026, 12, 24), date(2026, 12, 28), name="working-hours", at=at)
    >>> [line for line in file.decode().splitlines() if line.startswith("SUMMARY")][0]
    'SUMMARY:working-hours: closed\\, Christmas Eve'
    """
    check_policy(policy)
    expect_text("name", name)
    days = calendar_days(schedule, first, last)
    return ics_of(hours_events(days, name, policy.name), f"{policy.name}: {name}", at)


def due_calendar(
    entries: Iterable[QueueEntry], *, policy: Policy = KOLMISOFT, metric: MetricOrAll = FIRST_RESPONSE, at: datetime
) -> bytes:
    """Return the due times of a queue's entries as a calendar file in iCalendar.

    `policy`, `metric` and `at` must be those with which the queue was made. Entries without a due time are left out.
    Instants are cut to whole seconds. This function needs the extra `ical`.

    >>> from kolmisla import Ticket, queue
    >>> ticket = Ticket(id=7, plan="premium", priority="high", opened_at="2026-07-03T16:30+03:00")
    >>> at = datetime(2026, 7, 3, 14, tzinfo=UTC)
    >>> b"DTSTART:20260707T053000Z" in due_calendar(queue([ticket], at), at=at)
    True
    """
    check_policy(policy)
    expect_iterable("entries", entries)
    listed = []
    for entry in entries:
        expect("entry", entry, QueueEntry)  # before the next is asked for, because `entries` may have no end
        listed.append(entry)
    named = metric_or_all(policy, metric)
    return ics_of(due_events(listed, policy.name), f"{policy.name}: {named} due", at)


def ics_of(events: Iterable[CalendarEvent], title: str, at: datetime) -> bytes:
    """Return a calendar file with a title and events. `at` is the instant at which this version of the file is made.

    Raise NaiveTimeError if `at` has no offset. Raise ImportError if the package `icalendar` is not installed.
    """
    written = micros(at)
    try:
        with LOADING:
            from icalendar import Calendar, Event, vDuration, vText
    except ImportError as error:
        if error.name is None:  # the package is installed, but cannot be loaded
            raise
        raise ImportError(f"a calendar file needs {error.name}: pip install 'kolmisla[ical]'") from error

    stamp = _whole(at)
    revision = min(max(0, (written - micros(COUNTED_FROM)) // (60 * SECOND)), LAST_REVISION)
    calendar, refresh = Calendar(), vDuration(REFRESH)
    named = vText(clean(title))  # which escapes a comma; `icalendar` takes these properties for texts without escapes
    for name, value in (
        ("prodid", PRODUCT),
        ("version", "2.0"),
        ("calscale", "GREGORIAN"),
        ("method", "PUBLISH"),
        ("name", named),
        ("x-wr-calname", named),
        ("x-published-ttl", refresh.to_ical().decode()),  # type: ignore[no-untyped-call]
    ):
        calendar.add(name, value)
    calendar.add("refresh-interval", refresh, {"VALUE": "DURATION"})
    for event in events:
        entry = Event()
        entry.add("uid", event.uid)
        entry.add("dtstamp", stamp)
        entry.add("sequence", revision)
        entry.add("dtstart", _whole(event.begins))
        if event.ends is not None:
            entry.add("dtend", _whole(event.ends))
        entry.add("summary", event.summary)
        if event.description:
            entry.add("description", event.description)
        entry.add("transp", "TRANSPARENT")
        calendar.add_component(entry)
    with LOADING:  # its first use loads a codec
        return bytes(calendar.to_ical())


def _whole(at: datetime | date) -> datetime | date:
    """Convert an instant to UTC and cut it to whole seconds, because iCalendar has no fractions.

    Return a date unchanged.
    """
    return at_in(UTC, at).replace(microsecond=0) if isinstance(at, datetime) else at
