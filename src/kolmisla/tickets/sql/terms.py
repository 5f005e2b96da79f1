"""The tables of a policy: what is promised to tickets of each plan and priority, and the open time of its schedules.

The promises are those that the library gives to one ticket of each plan, each priority and each era. An era is a time
in which the rules of the policy do not change.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise, product
from typing import NamedTuple

from kolmisla.documents.names import folded
from kolmisla.errors import HorizonError, KolmislaError, NotCoveredError, PolicyError, named
from kolmisla.instants import Pair, micros
from kolmisla.policies.comparing.fingerprint import USUAL_YEARS, checked_years
from kolmisla.policies.plan import Promise
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import known_names, metric_of
from kolmisla.policies.terms.metrics import FIRST_RESPONSE
from kolmisla.schedules.days.dates import first_day, last_day
from kolmisla.schedules.schedule import Schedule
from kolmisla.tickets.cycles.shapes import before_the_first, judged_by_arrays
from kolmisla.tickets.sql.buckets import COUNTED_COLUMNS, REACHED_COLUMNS, Buckets, counted_rows, reached_rows
from kolmisla.times.zones import midnight, zone_named

__all__ = ["BLANK_NAME", "TEXT_COLUMNS", "PolicyTables", "SqlTable", "policy_tables", "usual_years"]

BLANK_NAME = "NO NAME"  # stands for a missing plan or priority; no name equals it, as names are in small letters
AT_ALL_TIMES = -(1 << 62), 1 << 62  # the bounds of an era without beginning and end, in microseconds
MOST_APART = 26 * 3_600_000_000  # the most microseconds between midnights of the same date in two zones

TERM_COLUMNS = (
    *("plan", "priority", "since", "until", "wrong"),
    *("schedule", "target", "begins", "counted_width", "reached_width", "reason"),
)
TEXT_COLUMNS = ("plan", "priority", "reason")  # all other columns are integers


class SqlTable(NamedTuple):
    """A table with its rows."""

    columns: Sequence[str]
    rows: Sequence[tuple[int | str | None, ...]]
    key: Sequence[str]  # the columns whose values, taken together, differ from row to row


class PolicyTables(NamedTuple):
    """The tables of a policy for some years, by name, and the names of its plans and priorities."""

    tables: Mapping[str, SqlTable]
    names: Mapping[str, Sequence[str]]  # the keys are `plan` and `priority`
    years: tuple[int, int]
    begins: int | None  # the instant before which nothing is promised, because the first edition is not in force yet
    early: str  # why nothing is promised then


class _Placed(NamedTuple):
    """The number of a schedule, the instant at which its rows begin, and its rows in both tables."""

    number: int
    begins: int
    counted: Buckets
    reached: Buckets


def policy_tables(policy: Policy, years: Iterable[int]) -> PolicyTables:
    """Return the tables of a policy for some years, which begin and end in the policy's zone.

    `years` is a range, or a pair of a first and a last year. Raise TypeError for anything else, ValueError for years in
    which no schedule answers, HorizonError for years that a schedule does not know, and PolicyError for a policy whose
    first response is not simply the first answer.
    """
    first, last = checked_years(years)
    editions = [metric_of(edition, FIRST_RESPONSE) for edition in policy.editions]
    if not judged_by_arrays(policy, FIRST_RESPONSE) or not all("answered" in metric.ends for metric in editions):
        told = "SQL knows first responses from the opening to the first answer, with one target for all owners"
        raise PolicyError(f"{told}; the policy {named(policy.name)} has others: measure them with kolmisla measure")
    zone = zone_named(policy.timezone)
    start, end = midnight(zone, first_day(first)), midnight(zone, last_day(last) + 1)
    names = {name: known_names(policy)[name] for name in ("plan", "priority")}
    placed: dict[Schedule, _Placed] = {}
    terms = []
    bounds = [AT_ALL_TIMES[0], *policy.turns, AT_ALL_TIMES[1]]
    for since, until in pairwise(bounds):
        for plan, priority in product([None, *names["plan"]], names["priority"]):
            promise, wrong, reason = _promised(policy, since, plan, priority)
            on: tuple[int | None, ...] = (None,) * 5
            if promise is not None:
                if promise.is_unnamed:
                    told = f"{promise} has the target {str(promise.target)!r}, which SQL alone cannot count"
                    raise PolicyError(f"{told}; measure a file, a frame or a DuckDB relation, or promise a duration")
                schedule = promise.schedule
                if schedule not in placed:
                    placed[schedule] = _place(schedule, len(placed), (start, end), (first, last))
                at = placed[schedule]
                on = at.number, promise.within, at.begins, at.counted.width, at.reached.width
                reason = promise.missing if promise.within is None else None
            key = folded(plan) if plan else BLANK_NAME, folded(priority)
            terms.append((*key, since, until, int(wrong), *on, reason))
    tables = {
        "terms": SqlTable(TERM_COLUMNS, terms, ("plan", "priority", "since")),
        "counted": _joined(COUNTED_COLUMNS, {at.number: at.counted for at in placed.values()}),
        "reached": _joined(REACHED_COLUMNS, {at.number: at.reached for at in placed.values()}),
    }
    begins = policy.editions[0].begins_at
    early = before_the_first(policy, bounds[0]) or ""
    return PolicyTables(tables, names, (first, last), None if begins is None else micros(begins), early)


def _promised(policy: Policy, at: int, plan: str | None, priority: str) -> tuple[Promise | None, bool, str | None]:
    """Return three things about a ticket opened at the instant `at`.

    They are its promise or None, whether the ticket is invalid, and the reason if there is no promise, else None.
    """
    try:
        return policy.nearest(at).promise(plan, priority, None, None, FIRST_RESPONSE), False, None
    except NotCoveredError as reason:
        return None, False, str(reason)
    except KolmislaError as fault:
        return None, True, str(fault)


def _place(schedule: Schedule, number: int, bounds: Pair, years: tuple[int, int]) -> _Placed:
    """Return the rows of a schedule. Raise HorizonError if the schedule does not know the years."""
    timeline = schedule.timeline
    if _lacks(schedule, bounds):
        told = f"{timeline.known}, not for all of {years[0]} to {years[1]}"
        raise HorizonError(f"{told}; give other years, such as --years 2020-2035")
    start, end = max(bounds[0], timeline.start), min(bounds[1], timeline.end)
    spans = timeline.spans(start, end)
    return _Placed(number, start, counted_rows(spans, start, end), reached_rows(spans))


def _lacks(schedule: Schedule, bounds: Pair) -> bool:
    """Tell whether a schedule does not know all of a stretch.

    Its years may begin and end in another zone than the stretch, so a gap of up to MOST_APART at each end is allowed.
    """
    timeline = schedule.timeline
    return timeline.start - bounds[0] > MOST_APART or bounds[1] - timeline.end > MOST_APART


def usual_years(policy: Policy) -> tuple[int, int]:
    """Return the first and the last of the years of USUAL_YEARS that all schedules of a policy know.

    Raise HorizonError if there are none.
    """
    zone = zone_named(policy.timezone)
    known = [
        year
        for year in USUAL_YEARS
        if not any(
            _lacks(schedule, (midnight(zone, first_day(year)), midnight(zone, last_day(year) + 1)))
            for edition in policy.editions
            for schedule in edition.schedules.values()
        )
    ]
    if not known:
        told = f"no year from {USUAL_YEARS[0]} to {USUAL_YEARS[-1]} is known to all schedules"
        raise HorizonError(f"{told}; give other years, such as --years 2012-2013")
    return known[0], known[-1]


def _joined(columns: Sequence[str], by_schedule: Mapping[int, Buckets]) -> SqlTable:
    """Return one table with the rows of all schedules."""
    rows = [(number, *row) for number, buckets in by_schedule.items() for row in buckets.rows]
    return SqlTable(("schedule", *columns), rows, ("schedule", "bucket", "since"))
