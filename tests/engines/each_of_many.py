"""A table of tickets at all edges, for an engine in which each table takes seconds."""

from datetime import UTC, datetime, timedelta
from itertools import product

from tests.engines.tickets import EDGES, Row, Tickets
from tests.strategies import US


def each_of_many() -> Tickets:
    """A table of tickets at all edges, in all words, known and unknown, answered soon, late, before, or not at all."""
    plans = ["gold", "BASIC", " Gold ", None, "nonsense"]
    priorities = ["urgent", "NORMAL", "minor", "nonsense", None, ""]
    channels, versions = (
        [None, "support-system", "Support System ", "phone", "mail"],
        [None, "X18", "x17 ", "X16", "X99"],
    )
    far = [datetime(year, 5, 5, 10, tzinfo=UTC) for year in (1905, 2010, 2101, 2199)]
    edges = [edge + us * US for edge in EDGES for us in (-1, 0, 1)]
    took = [None, timedelta(), US, timedelta(minutes=50), timedelta(hours=9), timedelta(days=30), -US]
    rows: list[Row] = []
    for opened, plan, priority in product([*edges, *far, None], plans[:2], priorities[:3]):
        n = len(rows)
        after = took[n // 2 % 7]
        row = {"id": n, "plan": plan, "priority": priority, "opened_at": opened, "channel": None, "version": None}
        if n % 3 == 0:
            row |= {"channel": channels[n // 3 % 5], "version": versions[n // 15 % 5]}
        if n % 11 == 0:
            row |= {"plan": plans[n // 11 % 5], "priority": priorities[n // 55 % 6]}
        rows.append({**row, "answered_at": None if after is None else (opened or EDGES[0]) + after})
    return Tickets("editions", "first-response", datetime(2026, 10, 26, 6, tzinfo=UTC), rows)
