"""Counts the judged tickets of a frame, many at once. Counting them one by one gives the same counts."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from kolmisla.columns.kernel.deadlines import STATES
from kolmisla.columns.kernel.promises import Coded, TicketQuestion
from kolmisla.columns.kernel.questions import NULL, Mask, next_open
from kolmisla.columns.kernel.timeline import Ints, sheet
from kolmisla.columns.kernel.wall_times import ahead
from kolmisla.columns.tickets import Measured
from kolmisla.files.bulk.counts import responses
from kolmisla.files.responses import PlanAim, Responses
from kolmisla.files.summary import SUMMARY_STATES
from kolmisla.policies.policy import Policy
from kolmisla.reports.figures.figures import LATE_BY, TENTHS
from kolmisla.reports.figures.late import MOST_WORST
from kolmisla.reports.figures.openings import OPENED_WHEN, OpeningDay, Openings
from kolmisla.reports.figures.periods import period_of
from kolmisla.reports.figures.tallies import BREACHED, NOT_MEASURED, Key
from kolmisla.reports.judging.tallying import LATE_BOUNDS, Scope
from kolmisla.schedules.schedule import Schedule
from kolmisla.times.instants import DAY, EPOCH_DAY
from kolmisla.times.zones import zone_named

__all__ = [
    "HALF_OF_64",
    "NUMBER_OF_STATES",
    "CodedKeys",
    "JudgedRows",
    "by_cell",
    "counts_of",
    "judged",
    "responses_of",
    "by_split",
    "worst_rows",
]

# For each index into the STATES of columns, the index into SUMMARY_STATES, or -1 for a row without a state.
OF_STATE = np.array([SUMMARY_STATES.index(state) if state else -1 for state in STATES], np.int8)
Number = TypeVar("Number", bound=np.integer[Any])
ONE_HOUR = DAY // 24
HALF_OF_64 = 32  # in bits; a sum of microseconds may need more than 64, so the halves of the amounts are summed apart
NUMBER_OF_STATES = len(SUMMARY_STATES)


class JudgedRows(NamedTuple):
    """Those rows of a frame that are in a report, as one array for each fact.

    `rows` has their indexes in the frame. `state` has indexes into SUMMARY_STATES. `day` and `hour` are those of the
    opening, in local time. Days are counted from 1970-01-01.
    """

    tickets: Measured
    policy: Policy
    rows: Ints
    state: NDArray[np.int8]
    ended: Mask
    day: Ints
    hour: Ints

    def of(self, column: NDArray[Number]) -> NDArray[Number]:
        """Return the values that these rows have in `column`, which has a value for each row of the frame."""
        return column if len(self.rows) == len(column) else column.take(self.rows)

    @property
    def places(self) -> Ints:
        """For each row, the index of its promise in `promised.entitlements`, or of the reason why it has none."""
        return self.of(self.tickets.promised.places)

    @property
    def opened(self) -> Ints:
        """The instant at which the ticket in each row was opened."""
        return self.of(self.tickets.facts.opened)

    @property
    def elapsed(self) -> Ints:
        """The time counted for each row, in microseconds."""
        return self.of(self.tickets.deadlines.elapsed)

    @property
    def target(self) -> Ints:
        """The target of each row in microseconds, or NULL for a row without a target."""
        return self.of(self.tickets.deadlines.target)


def judged(tickets: Measured, question: TicketQuestion, scope: Scope, invalid: Mask) -> tuple[JudgedRows, int]:
    """Return the valid rows opened on the dates of a report, and the number of valid rows opened on other dates."""
    rows = np.flatnonzero(~invalid)
    opened = tickets.facts.opened.take(rows)
    day, hour = _local(opened, zone_named(question.policy.timezone))
    inside = np.ones(len(rows), np.bool_)
    for limit, kept in ((scope.since, day.__ge__), (scope.until, day.__lt__)):
        if limit is not None:
            inside &= kept(limit.toordinal() - EPOCH_DAY)
    outside = int(len(rows) - inside.sum())
    if outside:
        rows, day, hour = rows[inside], day[inside], hour[inside]
    state = OF_STATE.take(tickets.deadlines.state.take(rows))
    ended = tickets.deadlines.ended.take(rows) != NULL
    return JudgedRows(tickets, question.policy, rows, state, ended, day, hour), outside


def _local(at: Ints, zone: ZoneInfo) -> tuple[Ints, Ints]:
    """Return the local day of each instant, counted from 1970-01-01, and the local hour."""
    hours: Ints = (at + ahead(zone, at)) // ONE_HOUR
    days = hours // 24
    return days, hours - 24 * days


class CodedKeys(NamedTuple):
    """The groups of rows: `code` has the number of each row's group, and `key` returns a group's key by number."""

    code: Ints
    size: int  # the number of groups; each code is less than this number
    key: Callable[[int], Key]


def by_cell(these: JudgedRows, scope: Scope) -> CodedKeys:
    """Return, for each row, the key of the group in which the row is counted: a period, a plan and a priority."""
    first = int(these.day.min()) if len(these.rows) else 0
    since = these.day - first
    there = np.zeros(int(since.max(initial=0)) + 1, np.bool_)
    there[since] = True
    days = np.flatnonzero(there)
    begins = [period_of(date.fromordinal(first + day + EPOCH_DAY), scope.by) for day in days.tolist()]
    periods = list(dict.fromkeys(begins))
    period_index = {period: number for number, period in enumerate(periods)}
    period_of_day = np.zeros(len(there), np.int64)
    period_of_day[days] = [period_index[begin] for begin in begins]
    period = period_of_day.take(since)
    names = [_names(these, place) for place in range(len(these.tickets.promised.entitlements))]
    pairs = list(dict.fromkeys(names))
    pair = np.array([pairs.index(name) for name in names], np.int64).take(these.places)
    return CodedKeys(
        period * len(pairs) + pair,
        len(periods) * len(pairs),
        lambda code: (periods[code // len(pairs)], *pairs[code % len(pairs)], None),
    )


def _names(these: JudgedRows, place: int) -> tuple[str | None, str | None]:
    """Return the plan and priority for an index in `places`, spelled as in the policy. An unknown name becomes None."""
    promised = these.tickets.promised
    promise = promised.entitlements[place].promise
    if promise is not None:
        return promise.plan.name, promise.priority.name
    edition = these.policy.nearest(promised.eras[place])
    plan_name, priority_name, *_ = promised.terms[place]
    plan, priority = edition.plans.get(plan_name or ""), edition.priorities.get(priority_name or "")
    return None if plan is None else plan.name, None if priority is None else priority.name


def by_split(these: JudgedRows, column: Coded) -> CodedKeys:
    """Return, for each row, the key of its group: the row's value in a column, or an empty text if it has none."""
    values = [value or "" for value in column.values]
    texts = list(dict.fromkeys(values))
    number = {text: place for place, text in enumerate(texts)}
    code = np.array([number[value] for value in values]).take(these.of(column.codes))
    return CodedKeys(code, len(texts), lambda code: (None, None, None, texts[code]))


def counts_of(these: JudgedRows, openings: Openings) -> dict[str, dict[Any, int]]:
    """Return counts, such as how many tickets came in each hour. The keys are the names of fields of `Figures`."""
    promises = [entry.promise for entry in these.tickets.promised.entitlements]
    covered = these.state != NOT_MEASURED
    came = np.bincount((these.day + 3) % 7 * 24 + these.hour, minlength=7 * 24).tolist()
    counted_on: Counter[str] = Counter()
    numbers = np.bincount(these.places[covered], minlength=len(promises)).tolist()
    for promise, number in zip(promises, numbers, strict=True):
        if promise is not None:
            counted_on[promise.schedule_name] += number
    ended = covered & these.ended
    elapsed, target = these.elapsed[ended], these.target[ended]
    tenths = np.where(elapsed > 2 * target, TENTHS, np.maximum(-(-10 * elapsed // np.maximum(target, 1)), 1))
    late = these.state == BREACHED
    classes = np.searchsorted(np.array(LATE_BOUNDS), (these.elapsed - these.target)[late & these.ended], "left")
    beyond = dict(zip(LATE_BY, np.bincount(classes, minlength=len(LATE_BY)).tolist(), strict=True))
    beyond[LATE_BY[-1]] = int((late & ~these.ended).sum())
    texts = [reason.text for reason in these.tickets.deadlines.reasons]
    reasons = np.bincount(these.tickets.deadlines.reason.take(these.rows)[~covered], minlength=len(texts)).tolist()
    return {
        "came": {divmod(place, 24): number for place, number in enumerate(came)},
        "counted_on": counted_on,
        "tenths": dict(enumerate(np.bincount(tenths, minlength=1).tolist())),
        "beyond": beyond,
        "uncovered": dict(zip(texts, reasons, strict=True)),
        "openings": _openings(these, openings),
        **_closed(these),
    }


def _closed(these: JudgedRows) -> dict[str, dict[Any, int]]:
    """Return, by hour of the week, how many breached tickets were opened in closed time, and the sum of their waits.

    A wait is the time in microseconds from the opening until the schedule opened. It is 0 if that is not known.
    """
    schedules, on = these.tickets.promised.on
    schedule_of, numbers, waits = on.take(these.places), Counter[Any](), Counter[Any]()
    for number, schedule in enumerate(schedules):
        rows = np.flatnonzero((these.state == BREACHED) & (schedule_of == number))
        at = these.opened.take(rows)
        wait = next_open(at, schedule).values - at
        closed = np.flatnonzero(wait > 0)
        wait, late = wait.take(closed), rows.take(closed)
        hours = (these.day.take(late) + 3) % 7 * 24 + these.hour.take(late)
        high, low = np.zeros((2, 7 * 24), np.int64)
        np.add.at(high, hours, wait >> HALF_OF_64)
        np.add.at(low, hours, wait & (1 << HALF_OF_64) - 1)
        number = np.bincount(hours, minlength=7 * 24).tolist()
        for place, (count, more, less) in enumerate(zip(number, high.tolist(), low.tolist(), strict=True)):
            numbers[divmod(place, 24)] += count
            waits[divmod(place, 24)] += (more << HALF_OF_64) + less
    return {"closed": numbers, "closed_wait": waits}


def _openings(these: JudgedRows, openings: Openings) -> dict[Any, int]:
    """Count the rows that have a promise. A key has a name in OPENED_WHEN, such as `weekend`, and a state."""
    schedules, on = these.tickets.promised.on
    schedule_of, found = on.take(these.places), Counter[Any]()
    covered = these.state != NOT_MEASURED
    for number, schedule in enumerate(schedules):
        rows = np.flatnonzero(covered & (schedule_of == number))
        if len(rows):
            when = _when(schedule, these.opened.take(rows), openings)
            code = when * NUMBER_OF_STATES + these.state.take(rows)
            for place, count in enumerate(np.bincount(code).tolist()):
                found[OPENED_WHEN[place // NUMBER_OF_STATES], place % NUMBER_OF_STATES] += count
    return found


def _when(schedule: Schedule, opened: Ints, openings: Openings) -> Ints:
    """Return when each ticket was opened, as an index into OPENED_WHEN. The hours of each date are looked up once."""
    compiled = sheet(schedule).covering(int(opened.min()), int(opened.max()))
    span = compiled.opens.right(opened) - 1
    closed = np.flatnonzero(opened >= compiled.closes.take(span))
    when = np.zeros(len(opened), np.int64)
    if not len(closed):
        return when
    at = opened.take(closed)
    day, _ = _local(at, zone_named(schedule.timezone or "UTC"))
    first = int(day.min())
    day -= first
    one_of = np.full(int(day.max()) + 1, NULL)
    one_of[day] = at  # any instant of the date
    unused, dates = OpeningDay(0, 0, None), range(first + EPOCH_DAY, int(day.max()) + first + EPOCH_DAY + 1)
    known = [
        unused if instant == NULL else openings.on(schedule, number, instant)
        for number, instant in zip(dates, one_of.tolist(), strict=True)
    ]
    opens, last = (np.array([getattr(each, name) for each in known]).take(day) for name in ("first", "last"))
    without = np.array([OPENED_WHEN.index(each.closed) if each.closed else -1 for each in known]).take(day)
    before, in_a_break, after = map(OPENED_WHEN.index, ("before-opening", "in-a-break", "after-closing"))
    with_hours = np.where(at < opens, before, np.where(at >= last, after, in_a_break))
    when[closed] = np.where(without >= 0, without, with_hours)
    return when


def responses_of(these: JudgedRows) -> dict[PlanAim, Responses]:
    """Return the counts of first responses by plan and aim. Leave out aims without responses."""
    selected = np.zeros(len(these.tickets.facts.opened), np.bool_)
    selected[these.rows] = True
    told: dict[PlanAim, Responses] = {}
    for aim, more in responses(these.tickets, selected):
        if any(more):
            told[aim] = told.get(aim, Responses()).with_more(more)
    return told


def worst_rows(these: JudgedRows, least: tuple[int, int]) -> Ints:
    """Return indexes of the late rows that may be among the worst: those that have ended, then those that have not.

    Rows that tie with the last of the worst are included. `least` has, for both kinds, how many microseconds a row must
    be beyond its target.
    """
    late = np.flatnonzero(these.state == BREACHED)
    over = (these.elapsed - these.target).take(late)
    ended = these.ended.take(late)
    found = []
    for of_kind, bound in zip((ended, ~ended), least, strict=True):
        own = np.flatnonzero(of_kind & (over >= bound))
        found.append(_most_over(these, late.take(own), over.take(own)))
    return np.concatenate(found)


def _most_over(these: JudgedRows, rows: Ints, over: Ints) -> Ints:
    if len(rows) <= MOST_WORST:
        return rows
    least = np.partition(over, -MOST_WORST)[-MOST_WORST]
    rows, over = rows[over >= least], over[over >= least]
    opened = these.opened.take(rows)
    last = np.lexsort((opened, -over))[MOST_WORST - 1]
    worst: Ints = rows[(over > over[last]) | (opened <= opened[last])]
    return worst
