"""Tables of tickets for the SQL of `kolmisla sql`, and what its view must say of each row: the scalar engine's answer.

A time outside the years of the tables is not known to the view.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from hypothesis import strategies as st

from kolmisla.instants import micros
from kolmisla.tickets.sql.databases import DATABASES, DialectName
from kolmisla.tickets.sql.query import QuerySources, deadlines_query
from kolmisla.tickets.sql.scripts import SqlSettings, sql_script
from kolmisla.tickets.sql.terms import PolicyTables, policy_tables
from tests.engines.tickets import EDGES, FAULT, HOUR, POLICIES, Row, Tickets, answer
from tests.strategies import US

YEARS = (2024, 2027)
DESKS = ("desk", "editions", "kolmisoft")  # whose targets are durations
ANSWERS = ("due_at", "breaches_after", "elapsed_s", "state", "reason")
FIRST, AFTER_LAST = (datetime.fromisoformat(f"{year}-01-01T00:00+02:00").astimezone(UTC) for year in (2024, 2028))
OUTSIDE = "not within 2024 to 2027, the years of the tables"
TURNS = [datetime(1970, 1, 1, tzinfo=UTC) + turn * US for name in DESKS for turn in POLICIES[name].turns]
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


@st.composite
def tables(draw: st.DrawFn, most: int = 12) -> Tickets:
    """A table of tickets, some of which are not judged, or not known to the tables."""
    name = draw(st.sampled_from(DESKS))
    policy = POLICIES[name]
    instants = INSTANTS | INSTANTS | st.sampled_from([*CLOSINGS, *TURNS]) | FAR
    at = draw(instants)
    names = [*policy.plans], [*policy.priorities]
    plans, priorities = (
        st.builds(lambda each, write: write(each), st.sampled_from(each), st.sampled_from(WRITTEN)) for each in names
    )
    later = st.timedeltas(timedelta(), timedelta(days=300))
    rows = []
    for number in range(draw(st.integers(1, most))):
        lately = st.timedeltas(timedelta(), timedelta(hours=3)).map(at.__sub__)
        opened = draw(instants | instants | lately | st.none())
        begun = opened or FIRST
        rows.append(
            {
                "id": number,
                "plan": draw(plans | plans | plans | st.sampled_from([None, "", " \n", "nonsense", "it's"])),
                "priority": draw(
                    priorities | priorities | priorities | st.sampled_from([None, "  ", "nonsense", "\\"])
                ),
                "opened_at": opened,
                "answered_at": draw(st.none() | later.map(begun.__add__) | near(begun) | instants | st.just(at)),
                "channel": None,
                "version": None,
            }
        )
    return Tickets(name, "first-response", at, rows)


def near(begun: datetime) -> st.SearchStrategy[datetime]:
    """Times near which a target of the policies is used up."""
    return st.builds(
        lambda hours, us: begun + hours * HOUR + us * US, st.sampled_from([0, 1, 2, 10]), st.integers(-1, 1)
    )


@cache
def tables_of(name: str) -> PolicyTables:
    """The tables of one of the policies."""
    return policy_tables(POLICIES[name], YEARS)


def view(name: str, dialect: DialectName, at: datetime | None, prefix: str = "kolmisla_") -> str:
    """The query of one of the policies for a database that has its tables."""
    sources = QuerySources(
        "tickets", {table: prefix + table for table in tables_of(name).tables}, None if at is None else micros(at)
    )
    return deadlines_query(tables_of(name), sources, DATABASES[dialect])


def script(name: str, dialect: DialectName, at: datetime | None, **chosen: Any) -> str:
    """The script of one of the policies for a database."""
    settings = SqlSettings(DATABASES[dialect], [], at=None if at is None else micros(at), **chosen)
    return "\n".join(sql_script(tables_of(name), settings))


def wanted(case: Tickets, row: Row) -> Row:
    """What the view must say of a ticket. The reason of an invalid ticket is FAULT."""
    told = answer(case, row)
    nothing = dict.fromkeys(ANSWERS)
    if str(told["reason"]).startswith(FAULT):
        return {**nothing, "reason": FAULT}
    if told["elapsed"] is None:
        return {**nothing, "state": "not-covered", "reason": told["reason"]}
    end = min(row["answered_at"] or case.at, case.at)
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
