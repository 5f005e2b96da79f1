"""Makes the events of a calendar file: for open spans and closed days, or for due times.

The identifier (UID) of an event does not depend on its time or on when the file is written. So a newer file replaces
the event.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote

from kolmisla.errors import HorizonError, clean, named
from kolmisla.reports.calendars.days import CalendarDay
from kolmisla.tickets.answers.queue import QueueEntry
from kolmisla.times.instants import clock, length

__all__ = ["CalendarEvent", "due_events", "hours_events", "key_of"]

LONGEST_KEY = 72  # characters; calendars need not keep more than 255 octets of an identifier (RFC 7986, 5.3)
READABLE = 36  # characters of a longer key that stay readable
HASHED = 32  # hexadecimal digits
HASH = "*"  # put before a hash, a number, or the opening of a ticket without an id; `quote` escapes it in other texts


class CalendarEvent(NamedTuple):
    """An event of a calendar file. `begins` and `ends` are aware datetimes, or dates.

    If `ends` is a date, it is the first date after the event. An event without an end is an instant.
    """

    uid: str
    begins: datetime | date
    ends: datetime | date | None
    summary: str
    description: str = ""


def key_of(text: str, *, dashes: bool = True) -> str:
    """Convert a text to a key: a part of an identifier. Different texts have different keys.

    A key has `=` where a URL has `%`, because some readers of calendar files would read `%2C` as a comma. If `dashes`
    is False, `-` is converted too. A hash replaces the end of a long key.

    >>> key_of("working-hours"), key_of("INC-7 a@b;", dashes=False)
    ('working-hours', 'INC=2D7=20a=40b=3B')
    """
    key = quote(text, safe="", errors="surrogatepass").replace("%", "=")
    if not dashes:
        key = key.replace("-", "=2D")
    if len(key) <= LONGEST_KEY:
        return key
    return f"{key[:READABLE]}{HASH}{sha256(text.encode(errors='surrogatepass')).hexdigest()[:HASHED]}"


def hours_events(days: Iterable[CalendarDay], schedule: str, policy: str) -> Iterator[CalendarEvent]:
    """Yield an event for each open span, and for each closed day on which the schedule is usually open.

    `schedule` and `policy` are names. Raise HorizonError for a day that is not known.
    """
    title, name, at = clean(schedule), key_of(schedule), key_of(policy)
    for day in days:
        if not day.known:
            raise HorizonError(f"the hours of {day.date} are not known: {day.reason}")
        why = clean(day.reason) if day.differs else ""
        for number, span in enumerate(day.spans, 1):
            uid = f"open-{name}-{day.date}-{number}@{at}"
            usual = f"usual hours: {day.usual}" if why else ""
            yield CalendarEvent(uid, *span, f"{title}: {why or 'open'}", usual)
        if day.differs and not day.spans:
            ends = date.fromordinal(day.date.toordinal() + 1)
            yield CalendarEvent(f"closed-{name}-{day.date}@{at}", day.date, ends, f"{title}: closed, {why}")


def due_events(entries: Sequence[QueueEntry], policy: str) -> Iterator[CalendarEvent]:
    """Yield an event for each entry of a queue that has a known due time.

    `policy` is the policy's name. Entries of the same id get numbers, so that no event replaces another.
    """
    at, seen = key_of(policy), Counter[str]()
    for entry in entries:
        if entry.due_at is None or entry.status is None:
            continue
        key = _ticket_key(entry)
        seen[key] += 1
        again = f"{HASH}{seen[key]}" if seen[key] > 1 else ""
        ticket = "a ticket without an id" if entry.ticket.id is None else f"ticket {named(str(entry.ticket.id))}"
        terms = f"{named(entry.plan or '-')} {named(entry.priority)}"
        left = length(entry.status.remaining)
        remaining = f"{clock(left)} left" if left >= 0 else f"{clock(-left)} over"
        details = {
            "ticket": "-" if entry.ticket.id is None else clean(str(entry.ticket.id)),
            "metric": f"{entry.metric}, cycle {entry.cycle}",
            "state": entry.status.state,
            "opened": entry.opened_at.isoformat(),
            "due": entry.due_at.isoformat(),
            "kept if ended by": entry.breaches_after.isoformat() if entry.breaches_after else "not known",
        }
        yield CalendarEvent(
            f"due-{key_of(entry.metric)}-{entry.cycle}-{key}{again}@{at}",
            entry.due_at,
            None,
            f"{ticket} due: {terms}, {remaining}",
            "\n".join(f"{name}: {text}" for name, text in details.items()),
        )


def _ticket_key(entry: QueueEntry) -> str:
    """Return the part of an identifier that names the ticket. If the ticket has no id, its opening names it."""
    if entry.ticket.id is None:
        return f"{HASH}{entry.ticket.opened}"
    return key_of(
        str(entry.ticket.id), dashes=False
    )  # without dashes, because in the identifier a dash comes between the metric, the cycle and the id
