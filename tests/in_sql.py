"""Tables of tickets for the SQL of `kolmisla sql`, and what its view must say of each row: the scalar engine's answer.

A time outside the years of the tables is not known to the view.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache, partial
from itertools import product
from typing import Any, NamedTuple

from hypothesis import settings
from hypothesis import strategies as st

from kolmisla import Metric, Policy, Target
from kolmisla.policies.plan import Owner
from kolmisla.tickets.sql.databases import DATABASES, DialectName
from kolmisla.tickets.sql.query import QuerySources, deadlines_query
from kolmisla.tickets.sql.scripts import SqlSettings, sql_script
from kolmisla.tickets.sql.terms import PolicyTables, policy_tables
from kolmisla.times.instants import micros
from tests.engines.tickets import EDGES, FAULT, HOUR, POLICIES, Row, Tickets, answer, in_days
from tests.strategies import US

DEEP = settings().max_examples >= 3_000
YEARS = (2024, 2027) if DEEP else (2026, 2027)  # of the tables; each year is work for each desk and each database
FACTS = ("plan", "priority", "owner", "opened_at", "answered_at", "resolved_at")  # the columns of a table of tickets
ANSWERS = ("due_at", "breaches_after", "elapsed_s", "state", "reason")
FIRST, AFTER_LAST = (
    datetime.fromisoformat(f"{year}-01-01T00:00+02:00").astimezone(UTC) for year in (YEARS[0], YEARS[1] + 1)
)
OUTSIDE = f"not within {YEARS[0]} to {YEARS[1]}, the years of the tables"


def by_owner() -> Policy:
    """The desk with targets in days, where some owners have hours or targets of their own, and did not always."""
    gold, basic = in_days().plans.values()
    own = {
        "Line 2 ÄK": Target(within="2 working days", by="close", schedule="office"),
        "night": Target(within="0 working days", by="24:00", cutoff="08:00", schedule="night"),
        "it's": Target(within=HOUR, schedule="both"),
        "calendar": Target(within="1 day"),
    }
    responses = {
        "owners": own,
        "urgent": Target(within="36 days"),
        "minor": Target(within="0 days", by="24:00"),
    }
    owners = [
        Owner(name="NIGHT", schedule="night"),
        Owner(name="day", schedule="short"),
        Owner(name="same", schedule="office"),
    ]
    before = in_days().replace(effective_from=date(YEARS[0], 5, 1), owners=owners[:1])
    return in_days().replace(
        effective_from=date(2026, 7, 6),
        earlier=[before],
        owners=owners,
        plans=[gold, basic.replace(targets={"first-response": responses})],
    )


def own_metrics() -> Policy:
    """The desk with metrics of its own, which last from the opening to the answer or to the resolution."""
    by_resolution = Metric(name="fix", starts=("opened",), ends=("resolved",), reopened="ignore")
    by_answer = Metric(name="reply", starts=("opened",), ends=("answered",))
    gold, basic = (
        plan.replace(targets={"reply": plan.targets["first-response"], "fix": plan.targets["resolution"]})
        for plan in in_days().plans.values()
    )
    return in_days().replace(metrics=[by_resolution, by_answer], plans=[gold, basic.replace(pausing=None)])


class Desk(NamedTuple):
    """A policy, one of its metrics, and the column with the end of a cycle of the metric."""

    policy: Policy
    metric: str = "first-response"
    end: str = "answered_at"


PLAIN = ("desk", "editions", "kolmisoft")  # whose targets are durations, for all owners
DESKS = {
    **{name: Desk(POLICIES[name]) for name in (*PLAIN, "in days", "in days by turns")},
    "by owner": Desk(by_owner()),
    "fixes": Desk(own_metrics(), "fix", "resolved_at"),
    "replies": Desk(own_metrics(), "reply"),
}
TURNS = [datetime(1970, 1, 1, tzinfo=UTC) + turn * US for chosen in DESKS.values() for turn in chosen.policy.turns]
BOUNDS = [FIRST, AFTER_LAST, AFTER_LAST - timedelta(hours=1), FIRST + timedelta(hours=30)]
# from the end of a Friday's hours to the next opening, over a change of clocks, over Lithuanian holidays
CLOSINGS = [
    datetime.fromisoformat(text).astimezone(UTC)
    for text in ("2026-07-03T16:00+03:00", "2026-03-27T16:00+02:00", "2026-12-23T16:00+02:00", "2027-12-31T17:30+02:00")
]
INSTANTS = st.builds(
    lambda edge, us: edge + us * US, st.sampled_from([*EDGES, *BOUNDS, *CLOSINGS]), st.sampled_from([0, 0, 0, 1, -1])
) | st.integers(micros(FIRST) - 10**12, micros(AFTER_LAST) + 10**12).map(
    lambda us: datetime(1970, 1, 1, tzinfo=UTC) + us * US
)
FAR = st.sampled_from([datetime(year, 5, 5, 10, tzinfo=UTC) for year in (1905, 2010, 2023, 2029, 2101)])
WRITTEN = [str, str.upper, str.lower, str.title, "  {} ".format, "\t{}\n".format, lambda name: name.replace("-", " _")]


class SqlTickets(Tickets):
    """A table of tickets of one of the desks."""

    @property
    def policy(self) -> Policy:
        return DESKS[self.desk].policy


@st.composite
def tables(draw: st.DrawFn, most: int = 12, names: Sequence[str] = tuple(DESKS)) -> SqlTickets:
    """A table of tickets of a desk of `names`. Some are not judged, or not known to the tables."""
    name = draw(st.sampled_from(names))
    policy, metric, end = DESKS[name]
    well = INSTANTS | st.sampled_from([*CLOSINGS, *TURNS])
    instants = usually(well, FAR)
    known = [*policy.plans], [*policy.priorities], ["night", "it's", "day", "Line 2 äk", "same", "calendar", "nobody"]
    plans, priorities, owners = (
        st.builds(lambda each, write: write(each), st.sampled_from(each), st.sampled_from(WRITTEN)) for each in known
    )
    opened = draw(st.lists(usually(instants, st.none()), min_size=1, max_size=most))
    soon, later = (st.timedeltas(timedelta(), timedelta(days=days)) for days in (3, 300))
    latest = max([FIRST, *(each for each in opened if each and each < AFTER_LAST)])
    at = draw(usually((soon | later).map(latest.__add__) | near(latest), instants))
    rows = []
    for number, opened_at in enumerate(opened):
        begun = opened_at or FIRST
        after = well.map(partial(max, begun))
        ended = st.none() | (soon | later).map(begun.__add__) | near(begun) | after
        rows.append(
            {
                "id": number,
                "plan": draw(usually(plans, st.sampled_from([None, "", " \n", "_", "nonsense", "it's"]))),
                "priority": draw(usually(priorities, st.sampled_from([None, "  ", " __ ", "nonsense", "\\"]))),
                "owner": draw(owners | owners | st.sampled_from([None, " ", "_ _"])),
                "opened_at": opened_at,
                **dict.fromkeys(("answered_at", "resolved_at")),
                end: draw(usually(ended, instants | st.just(at))),
                "channel": None,
                "version": None,
            }
        )
    return SqlTickets(name, metric, at, rows)  # type: ignore[arg-type]


def at_edges(name: str) -> SqlTickets:
    """A ticket of each plan, priority and owner of a desk at each edge, answered at the last instant or just after.

    One in three is not answered.
    """
    policy, metric, end = DESKS[name]
    at = datetime(2026, 12, 24, tzinfo=UTC)
    owners = (None, "night", "it's", "day", "line 2 äk", "calendar") if name == "by owner" else (None,)
    noons = [datetime(2026, 7, day, 9, 30, tzinfo=UTC) for day in range(3, 9)]
    edges = [edge for edge in {*EDGES, *CLOSINGS, *TURNS, *BOUNDS, *noons} if FIRST < edge < at]
    rows: list[Row] = []
    for plan, priority, owner, edge in product(policy.plans, policy.priorities, owners, sorted(edges)):
        row = {"id": len(rows), "plan": plan, "priority": priority, "owner": owner, "opened_at": edge}
        row |= dict.fromkeys(("answered_at", "resolved_at", "channel", "version"))
        kept = wanted(SqlTickets(name, metric, at, []), row)["breaches_after"]  # type: ignore[arg-type]
        rows.append({**row, end: kept + len(rows) % 3 * US if kept and len(rows) % 3 < 2 else None})
    return SqlTickets(name, metric, at, rows)  # type: ignore[arg-type]


def usually(usual: st.SearchStrategy[Any], rare: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Values of the one strategy, and one in ten of the other."""
    return st.sampled_from(range(10)).flatmap(lambda number: usual if number < 9 else rare)


def near(begun: datetime) -> st.SearchStrategy[datetime]:
    """Times near which a target of the policies is used up."""
    return st.builds(
        lambda hours, us: begun + hours * HOUR + us * US, st.sampled_from([0, 1, 2, 10]), st.integers(-1, 1)
    )


@cache
def tables_of(name: str, years: tuple[int, int] = YEARS) -> PolicyTables:
    """The tables of one of the policies."""
    return policy_tables(DESKS[name].policy, years, metric=DESKS[name].metric)


def desk_with(priorities: Sequence[str], plans: Sequence[str] = ("gold",)) -> Policy:
    """A desk that is always open, with priorities and plans of these names, each with a target of one hour."""
    target = {"first-response": {"within": "PT1H"}}
    return Policy.from_dict(
        {
            "name": "Desk",
            "timezone": "UTC",
            "schedules": {"always": {"open": "always"}},
            "priorities": {name: {"rank": 1, "schedule": "always"} for name in priorities},
            "plans": {name: {"rank": 1, "targets": target} for name in plans},
        }
    )


def view(name: str, dialect: DialectName, at: datetime | None, prefix: str = "kolmisla_") -> str:
    """The query of one of the policies for a database that has its tables."""
    sources = QuerySources(
        "tickets", {table: prefix + table for table in tables_of(name).tables}, None if at is None else micros(at)
    )
    return deadlines_query(tables_of(name), sources, DATABASES[dialect])


def script(name: str, dialect: DialectName, at: datetime | None, years: tuple[int, int] = YEARS, **chosen: Any) -> str:
    """The script of one of the policies for a database."""
    settings = SqlSettings(DATABASES[dialect], [], at=None if at is None else micros(at), **chosen)
    return "\n".join(sql_script(tables_of(name, years), settings))


def wanted(case: Tickets, row: Row) -> Row:
    """What the view must say of a ticket. The reason of an invalid ticket is FAULT."""
    end_column = DESKS[case.desk].end
    ends = [{"at": row["resolved_at"], "kind": "resolved", "value": None}] if row["resolved_at"] else []
    facts = {name: value for name, value in row.items() if name != "resolved_at"}
    told = answer(case, {**facts, "owner": (row["owner"] or "").strip() or None}, ends)
    nothing = dict.fromkeys(ANSWERS)
    if str(told["reason"]).startswith(FAULT):
        return {**nothing, "reason": FAULT}
    if told["elapsed"] is None:
        return {**nothing, "state": "not-covered", "reason": told["reason"]}
    end = min(row[end_column] or case.at, case.at)
    if not FIRST <= row["opened_at"] <= end <= AFTER_LAST:
        return {**nothing, "reason": FAULT}
    due, kept = (at if at is not None and at <= AFTER_LAST else None for at in (told["due_at"], told["breaches_after"]))
    reason = told["reason"]
    if told["state"] != "not-covered":
        reason = (
            None
            if kept
            else f"breaches_after is not known: it is {OUTSIDE}"
            if due
            else f"no due time is known: it is {OUTSIDE}"
        )
    elapsed = Decimal(told["elapsed"] // US).scaleb(-6)
    return {"due_at": due, "breaches_after": kept, "elapsed_s": elapsed, "state": told["state"], "reason": reason}


def agree(case: Tickets, found: Iterable[Mapping[str, Any]]) -> None:
    """Each row of the view is what the scalar engine says of the ticket."""
    by_id = {row["id"]: row for row in found}
    assert by_id.keys() == {row["id"] for row in case.rows}
    for row in case.rows:
        told, need = {name: by_id[row["id"]][name] for name in ANSWERS}, wanted(case, row)
        if need["reason"] == FAULT:
            assert told.pop("reason"), row
            assert set(told.values()) == {None}, (row, told)
        else:
            assert told == need, (row, case.at)
