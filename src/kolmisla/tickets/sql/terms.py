"""The tables of a policy: what is promised to tickets of each plan and priority, and the open time of its schedules.

There is a row of promises for each plan, priority and era: a time in which the rules of the policy do not change.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise, product
from typing import NamedTuple

from kolmisla.documents.names import folded
from kolmisla.errors import HorizonError, KolmislaError, NotCoveredError
from kolmisla.policies.comparing.fingerprint import USUAL_YEARS, checked_years
from kolmisla.policies.plan import Promise
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import known_names
from kolmisla.policies.terms.metrics import FIRST_RESPONSE
from kolmisla.policies.terms.targets import Target
from kolmisla.schedules.schedule import Schedule
from kolmisla.tickets.cycles.shapes import before_the_first
from kolmisla.tickets.sql.buckets import COUNTED_COLUMNS, REACHED_COLUMNS, Buckets, counted_rows, reached_rows
from kolmisla.tickets.sql.endings import EndColumn, end_column
from kolmisla.tickets.sql.naming import named_rows
from kolmisla.times.dates import first_day, last_day
from kolmisla.times.instants import Pair, micros
from kolmisla.times.zones import midnight, zone_named

__all__ = ["BLANK_NAME", "TEXT_COLUMNS", "PolicyTables", "SqlTable", "policy_tables", "usual_years"]

BLANK_NAME = "NO NAME"  # stands for a missing plan or priority; no name equals it, because names are in small letters
AT_ALL_TIMES = -(1 << 62), 1 << 62  # the bounds of an era without beginning and end, in microseconds
MOST_APART = 26 * 3_600_000_000  # the most microseconds between midnights of the same date in two zones

SCHEDULE_COLUMNS = ("schedule", "target", "begins", "counted_width", "reached_width")
NAMED_COLUMNS = ("named", "named_width")
TEXT_COLUMNS = ("plan", "priority", "owner", "reason")  # all other columns are integers


class SqlTable(NamedTuple):
    """A table for a database: its columns, its rows and its key."""

    columns: Sequence[str]
    rows: Sequence[tuple[int | str | None, ...]]
    key: Sequence[str]  # the columns whose values, taken together, differ from row to row


class PolicyTables(NamedTuple):
    """The tables of a policy for some years, by name, and what else a query needs to know about the policy.

    `names` has the names under `plan`, under `priority` and, if promises depend on the owner, under `owner`. The table
    `named` exists only if a target is in days.
    """

    tables: Mapping[str, SqlTable]
    names: Mapping[str, Sequence[str]]
    years: tuple[int, int]
    begins: int | None  # the instant before which nothing is promised, because the first edition is not in force yet
    early: str  # why nothing is promised then
    first_priorities: Sequence[str]  # those of the first edition; a ticket that was opened before it needs one of them
    end: EndColumn


class _Placed(NamedTuple):
    """A schedule with its number, the bounds of its rows, and its rows in the tables `counted` and `reached`."""

    number: int
    begins: int
    ends: int
    counted: Buckets
    reached: Buckets


class _Term(NamedTuple):
    """What is promised to tickets of one plan, priority and owner in one era.

    If nothing is promised, `reason` says why. `is_wrong` is True if the policy refuses such a ticket with an error.
    """

    promise: Promise | None
    is_wrong: bool
    reason: str | None


def policy_tables(policy: Policy, years: Iterable[int], *, metric: str = FIRST_RESPONSE) -> PolicyTables:
    """Return the tables of a policy for some years in the policy's zone.

    `years` is a range, or a first and a last year. Raise TypeError, ValueError or HorizonError for years that cannot be
    used, and PolicyError for a metric that needs more than a table of tickets.
    """
    first, last = checked_years(years)
    end = end_column(policy, metric)
    zone = zone_named(policy.timezone)
    bounds = midnight(zone, first_day(first)), midnight(zone, last_day(last) + 1)
    names = _names_in(policy, metric)
    placed: dict[Schedule, _Placed] = {}
    named: dict[tuple[Target, Schedule], Buckets] = {}
    rows = []
    for key, (promise, wrong, reason) in _terms(policy, metric, names):
        on: tuple[int | None, ...] = (None,) * len(SCHEDULE_COLUMNS + NAMED_COLUMNS)
        if promise is not None:
            schedule, target = promise.schedule, promise.target
            if schedule not in placed:
                placed[schedule] = _place(schedule, len(placed), bounds, (first, last))
            at = placed[schedule]
            on = at.number, promise.within, at.begins, at.counted.width, at.reached.width, None, None
            if target is not None and promise.is_unnamed:
                if (target, schedule) not in named:
                    named[target, schedule] = named_rows(promise, at.begins, at.ends)
                on = *on[:-2], [*named].index((target, schedule)), named[target, schedule].width
            reason = promise.missing if target is None else None
        rows.append((*key, int(wrong), *on, reason))
    columns = (*names, "since", "until", "wrong", *SCHEDULE_COLUMNS, *NAMED_COLUMNS, "reason")
    if not named:
        rows = [(*row[: -1 - len(NAMED_COLUMNS)], row[-1]) for row in rows]
        columns = tuple(name for name in columns if name not in NAMED_COLUMNS)
    tables = {
        "terms": SqlTable(columns, rows, (*names, "since")),
        "counted": _joined("schedule", COUNTED_COLUMNS, [at.counted for at in placed.values()]),
        "reached": _joined("schedule", REACHED_COLUMNS, [at.reached for at in placed.values()]),
        **({"named": _joined("named", COUNTED_COLUMNS, [*named.values()])} if named else {}),
    }
    oldest = policy.editions[0]
    begins, early = oldest.begins_at, before_the_first(policy, AT_ALL_TIMES[0]) or ""
    begun = None if begins is None else micros(begins)
    return PolicyTables(tables, names, (first, last), begun, early, [*oldest.priorities], end)


def _names_in(policy: Policy, metric: str) -> dict[str, list[str]]:
    """Return the policy's names of plans and priorities, and of owners if a promise depends on the owner."""
    known = known_names(policy)
    names = {name: [*{folded(each): each for each in known[name]}.values()] for name in ("plan", "priority")}
    owners = {
        folded(owner): owner
        for edition in policy.editions
        for listed in (edition.owners, *(plan.owner_targets(metric) for plan in edition.plans.values()))
        for owner in listed
    }
    without = [term for _, term in _terms(policy, metric, names)]
    own = [name for name in owners.values() if [term for _, term in _terms(policy, metric, names, name)] != without]
    return {**names, "owner": own} if own else names


def _terms(
    policy: Policy, metric: str, names: Mapping[str, Sequence[str]], of: str | None = None
) -> Iterator[tuple[tuple[int | str, ...], _Term]]:
    """Yield the key of each row of the table `terms`, and what is promised to tickets with this key.

    A key has a plan, a priority, an owner if `names` has owners, and the bounds of an era. If `names` has none,
    promises are for the owner `of`.
    """
    owners = [None, *names["owner"]] if "owner" in names else [of]
    for since, until in pairwise([AT_ALL_TIMES[0], *policy.turns, AT_ALL_TIMES[1]]):
        for plan, priority, owner in product([None, *names["plan"]], names["priority"], owners):
            key = [folded(name) if name else BLANK_NAME for name in (plan, priority, owner)]
            yield (*key[: len(names)], since, until), _term(policy, since, (plan, priority, None, None, metric, owner))


def _term(policy: Policy, at: int, facts: tuple[str | None, ...]) -> _Term:
    """Return what is promised to a ticket opened at the instant `at`, with the plan, priority and owner in `facts`."""
    try:
        promise = policy.nearest(at).promise_by((*facts, None))
    except NotCoveredError as reason:
        return _Term(None, is_wrong=False, reason=str(reason))
    except KolmislaError as fault:
        return _Term(None, is_wrong=True, reason=str(fault))
    return _Term(promise._replace(owner=None), is_wrong=False, reason=None)


def _place(schedule: Schedule, number: int, bounds: Pair, years: tuple[int, int]) -> _Placed:
    """Return the rows that a schedule has in the SQL tables. Raise HorizonError if it lacks some of the years."""
    timeline = schedule.timeline
    if _lacks(schedule, bounds):
        raise HorizonError(
            f"{timeline.known}, not for all of {years[0]} to {years[1]}; give other years, such as --years 2020-2035"
        )
    start, end = max(bounds[0], timeline.start), min(bounds[1], timeline.end)
    spans = timeline.spans(start, end)
    return _Placed(number, start, end, counted_rows(spans, start, end), reached_rows(spans))


def _lacks(schedule: Schedule, bounds: Pair) -> bool:
    """Tell whether a schedule does not know all years between two instants."""
    timeline = schedule.timeline
    # the known years may begin and end at midnights of another time zone
    return timeline.start - bounds[0] > MOST_APART or bounds[1] - timeline.end > MOST_APART


def usual_years(policy: Policy) -> tuple[int, int]:
    """Return the first and the last year from 2020 to 2040 (USUAL_YEARS) that all schedules of a policy know.

    Raise HorizonError if there is no such year.
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
        raise HorizonError(
            f"no year from {USUAL_YEARS[0]} to {USUAL_YEARS[-1]} is known to all schedules of the policy; give other"
            " years, such as --years 2012-2013"
        )
    return known[0], known[-1]


def _joined(number: str, columns: Sequence[str], functions: Sequence[Buckets]) -> SqlTable:
    """Return one table with the rows of all schedules, or of all targets in days.

    `number` is the name of the first column, which has the number of the schedule or of the target.
    """
    rows = [(place, *row) for place, buckets in enumerate(functions) for row in buckets.rows]
    return SqlTable((number, *columns), rows, (number, "bucket", "since"))
