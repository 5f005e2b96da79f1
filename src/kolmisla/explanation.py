"""Why: the proof of a deadline or of a status, stretch by stretch; and what a schedule is closed for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

from kolmisla.engine import NOTHING_ASKED, no_due_time, reckoned
from kolmisla.errors import NotCoveredError
from kolmisla.kolmisoft import KOLMISOFT
from kolmisla.plan import FIRST_RESPONSE, metric_named
from kolmisla.policy import Policy, Promise
from kolmisla.reckoning import Reckoning
from kolmisla.schedule import ALWAYS, Schedule
from kolmisla.spans import DAY, clock, duration, instants_in, length, micros, seconds
from kolmisla.ticket import Ticket
from kolmisla.zones import midnight_after, zone_or_utc

__all__ = ["Explanation", "Step", "explain", "reason_closed"]

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")  # in no locale's words
OUTSIDE, WEEKEND = "outside the day's hours", "weekend"
ORDINARY = (f"closed: {OUTSIDE}", f"closed: {WEEKEND}")
FOLD = 7  # so many ordinary stretches in a row are shown, more become three lines
LONG = 400 * DAY  # a closed stretch that is not taken apart by days


class Step(NamedTuple):
    """A stretch of a cycle: from when to when, what was counted in it, the total at its end, and why.

    Without an `end` it goes on, and nobody knows until when.
    """

    start: datetime
    end: datetime | None
    counted: timedelta
    total: timedelta
    why: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """The proof of an answer: what was counted in each stretch of a cycle and why; instants in the policy's zone.

    The stretches follow one another without a gap, and what was counted in them adds up to `elapsed`. One
    ends at `due_at`, where the total reaches the target, if it goes so far. `str()` is text for people.
    """

    promise: Promise
    steps: tuple[Step, ...]
    due_at: datetime | None
    breaches_after: datetime | None

    @property
    def elapsed(self) -> timedelta:
        """All that was counted."""
        return self.steps[-1].total if self.steps else timedelta()

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON: elapsed_s, target_s, due_at, breaches_after, and steps; durations in seconds."""
        within = self.promise.within
        return {
            "elapsed_s": seconds(length(self.elapsed)),
            "target_s": None if within is None else seconds(within),
            "due_at": self.due_at and self.due_at.isoformat(),
            "breaches_after": self.breaches_after and self.breaches_after.isoformat(),
            "steps": [
                {
                    "start": step.start.isoformat(),
                    "end": step.end and step.end.isoformat(),
                    "counted_s": seconds(length(step.counted)),
                    "total_s": seconds(length(step.total)),
                    "why": step.why,
                }
                for step in self.steps
            ],
        }

    def __str__(self) -> str:
        """A line a stretch; long rows of ordinary days, nights and weekends are folded."""
        promise, rows = self.promise, _folded(self.steps, self.due_at)
        instants = [at for step in rows for at in step[:2] if at] + [self.due_at, self.breaches_after]
        offset = len({at.utcoffset() for at in instants if at}) > 1
        target = "no target" if promise.within is None else f"within {clock(promise.within)}"
        lines = [f"{promise.plan.name} {promise.priority.name}, {promise.metric} {target}, times of {promise.zone.key}"]
        for step in rows:
            until = _wall(step.end, offset=offset) if step.end else "no end known"
            counted = clock(length(step.counted)) if step.counted else "-"
            start = _wall(step.start, offset=offset)
            lines.append(f"{start} - {until:{len(start)}} {counted:>9} {clock(length(step.total)):>9}  {step.why}")
        if self.due_at:
            lines.append(f"due {_wall(self.due_at, offset=offset)}")
        if self.due_at and self.breaches_after != self.due_at:
            last = self.breaches_after and _wall(self.breaches_after, offset=offset)
            lines.append(f"kept until {last}" if last else "kept for good: no time counts after that")
        return "\n".join(lines)


def explain(
    ticket: Ticket, policy: Policy = KOLMISOFT, metric: str = FIRST_RESPONSE, at: datetime | None = None
) -> Explanation:
    """Why a ticket is due when it is; with `at`, why it stands as it does then, by what was known then.

    It is of the metric's last cycle. Errors are those of `deadline`; with `at`, a cycle by which nothing is
    promised is explained all the same, and one that begins later is a TicketError.

    >>> ticket = Ticket(plan="premium", priority="high", opened_at="2026-07-03T16:30:00+03:00")
    >>> print(explain(ticket))
    PREMIUM HIGH, first-response within 2:00:00, times of Europe/Vilnius
    Fri 2026-07-03 16:30 - Fri 2026-07-03 18:00   1:30:00   1:30:00  working hours
    Fri 2026-07-03 18:00 - Sat 2026-07-04 00:00         -   1:30:00  closed: outside the day's hours
    Sat 2026-07-04 00:00 - Mon 2026-07-06 00:00         -   1:30:00  closed: weekend
    Mon 2026-07-06 00:00 - Tue 2026-07-07 00:00         -   1:30:00  closed: Statehood Day
    Tue 2026-07-07 00:00 - Tue 2026-07-07 08:00         -   1:30:00  closed: outside the day's hours
    Tue 2026-07-07 08:00 - Tue 2026-07-07 08:30   0:30:00   2:00:00  working hours
    due Tue 2026-07-07 08:30
    """
    now = None if at is None else micros(at)
    named = metric_named(metric)
    found = reckoned(ticket, policy, named, now) or reckoned(ticket, policy, named)
    if not found:
        raise NotCoveredError(NOTHING_ASKED)
    reckoning = found[-1]
    due, last = reckoning.instants()
    if now is None:
        if reckoning.promise.within is None:
            raise NotCoveredError(reckoning.promise.missing)
        end = due if last is None else last
    else:
        reckoning.elapsed(now)  # refuses an instant before it began
        end = now if reckoning.ended is None else min(now, reckoning.ended)
    instant = instants_in(reckoning.promise.zone)
    steps, total = [], 0
    for start, until, counts, why in _stretches(reckoning, end, due):
        counted = until - start if counts and until is not None else 0
        total += counted
        ends_at = None if until is None else instant(until)
        steps.append(Step(instant(start), ends_at, duration(counted), duration(total), why))
    due_at = None if due is None else instant(due)
    return Explanation(reckoning.promise, tuple(steps), due_at, None if last is None else instant(last))


Stretch = tuple[int, int | None, bool, str]  # from when to when, whether its time counts, why


def _stretches(reckoning: Reckoning, end: int | None, due: int | None) -> Iterator[Stretch]:
    """The stretches of a cycle up to an instant, or to where nobody knows any more."""
    pieces = list(reckoning.pieces())
    until = pieces[-1].start if end is None else end
    if reckoning.started < pieces[0].start:
        yield reckoning.started, min(until, pieces[0].start), False, f"not counted: {_change(reckoning, 0)}"
    for piece, next_start in zip(pieces, [*(piece.start for piece in pieces[1:]), until], strict=True):
        start, stop = max(piece.start, reckoning.started), min(next_start, until)
        if start >= stop:
            continue
        if piece.stop:
            yield start, stop, False, piece.stop.why
            continue
        for a, b, counts, closed in _hours(piece.promise.schedule, start, stop):
            why = _why(reckoning, piece.promise, a) if counts else f"closed: {closed}"
            if counts and due is not None and a < due < b:
                yield a, due, True, why
                a = due
            yield a, b, counts, why
    if end is None:
        stop_why = pieces[-1].stop.why if pieces[-1].stop else no_due_time(reckoning)
        yield max(until, reckoning.started), None, False, stop_why


def _why(reckoning: Reckoning, promise: Promise, start: int) -> str:
    """What counts: the schedule and, after a change of priority, since when and what it was."""
    name = "24x7" if promise.schedule == ALWAYS else promise.schedule_name.replace("-", " ")
    place = max(i for i, (_, each) in enumerate(reckoning.steps) if each is promise and reckoning.steps[i][0] <= start)
    since = reckoning.steps[place][0]
    if since == reckoning.started:
        return name
    changed_at, shown_at = map(instants_in(promise.zone), (since, start))
    day = "" if changed_at.date() == shown_at.date() else f"{changed_at.date()} "
    return f"{name} since {day}{_hour(changed_at)}: {_change(reckoning, place)}"


def _change(reckoning: Reckoning, place: int) -> str:
    """A change of priority in words."""
    priority = reckoning.steps[place][1].priority
    if not place:
        return f"counted anew since changed to {priority.name}"
    earlier = reckoning.steps[place - 1][1].priority
    verb = "raised" if priority.rank < earlier.rank else "lowered" if priority.rank > earlier.rank else "changed"
    return f"{verb} to {priority.name}"


def _hours(schedule: Schedule, start: int, end: int) -> Iterator[tuple[int, int, bool, str]]:
    """The open and the closed stretches of a schedule, the closed ones with the reason."""
    at = start
    for opens, closes in [*schedule.timeline.spans(start, end), (end, end)]:
        if at < opens:
            yield from _closed(schedule, at, opens)
        if opens < closes:
            yield opens, closes, True, ""
        at = closes


def _closed(schedule: Schedule, start: int, end: int) -> Iterator[tuple[int, int, bool, str]]:
    """A closed stretch by days, those with the same reason together."""
    if end - start > LONG:
        yield start, end, False, "no hours"
        return
    zone = zone_or_utc(schedule.timezone)
    instant, began, reason = instants_in(zone), start, reason_closed(schedule, instants_in(zone)(start))
    at = midnight_after(zone, start)
    while at < end:
        another = reason_closed(schedule, instant(at))
        if another != reason:
            yield began, at, False, reason
            began, reason = at, another
        at = midnight_after(zone, at)
    yield began, end, False, reason


def _folded(steps: tuple[Step, ...], due_at: datetime | None) -> list[Step]:
    """The steps with long rows of ordinary ones, all that count for one reason, made three; never across due_at."""
    rows: list[list[Step]] = []
    of_row: str | None = None  # why time counts in the last row, empty when none has yet; None: it is closed
    for step in steps:
        why = "" if step.why in ORDINARY else step.why if step.counted else None
        if why is None or of_row is None or (why and of_row and why != of_row) or due_at in (step.end, step.start):
            rows.append([])
            of_row = why
        rows[-1].append(step)
        of_row = of_row or why
    return [step for row in rows for step in (row if len(row) <= FOLD else _three(row))]


def _three(row: list[Step]) -> list[Step]:
    """The first, the last, and one for all between."""
    first, *between, last = row
    counting = [step for step in between if step.counted]
    counted = sum((step.counted for step in counting), timedelta())
    why = f"{counting[0].why}, {len(counting)} times; closed at nights and weekends"
    return [first, Step(between[0].start, between[-1].end, counted, between[-1].total, why), last]


def _hour(at: datetime) -> str:
    fraction = f".{at.microsecond:06}" if at.microsecond else ""
    return f"{at:%H:%M}" + (f":{at.second:02}{fraction}" if at.second or fraction else "")


def _wall(at: datetime, *, offset: bool) -> str:
    return f"{DAYS[at.weekday()][:3]} {at.date()} {_hour(at)}" + (f" {at:%z}" if offset else "")


def reason_closed(schedule: Schedule, at: datetime) -> str:
    """Why a schedule is closed at an instant: the holiday, the weekend, the date, or the hour.

    >>> from kolmisla.kolmisoft import KOLMISOFT
    >>> reason_closed(KOLMISOFT.schedules["working-hours"], datetime.fromisoformat("2026-07-06T12:00+03:00"))
    'Statehood Day'
    """
    zone = zone_or_utc(schedule.timezone)
    day, timeline = at.astimezone(zone).date(), schedule.timeline
    start, end = (micros(datetime.combine(day + timedelta(days=n), time(), zone)) for n in (0, 1))
    begun = [opens for opens, _ in timeline.spans(max(start - 1, timeline.start), min(end, timeline.end))]
    if any(start <= opens for opens in begun):  # not the end of a night that began the day before
        return OUTSIDE
    weekend = WEEKEND if day.weekday() >= 5 else None
    return schedule.holiday_name(day) or weekend or f"no hours on {DAYS[day.weekday()]} {day}"
