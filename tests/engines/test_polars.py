"""Polars: every row of a frame is what the scalar engine answers; frames and columns come back in kind."""

from random import Random
from typing import Any

import pytest

pl = pytest.importorskip("polars", reason="the extra polars is not installed")
pytest.importorskip("narwhals", reason="the extra polars is not installed")

from hypothesis import given
from hypothesis import strategies as st

from kolmisla import columns
from tests.engines.tickets import Row, Tickets, agree, in_utc, lives, tickets

pytestmark = pytest.mark.polars

TIME = pl.Datetime("us", "UTC")
SCHEMA = {"id": pl.Int64, "plan": pl.String, "priority": pl.String, "opened_at": TIME, "channel": pl.String}
SCHEMA |= {"version": pl.String, "answered_at": TIME}


def frame(rows: list[Row]) -> Any:
    return pl.DataFrame(rows, schema=SCHEMA)


def rows_of(found: Any) -> list[Row]:
    return [in_utc(row) for row in found.to_dicts()]


@given(tickets())
def test_each_row_is_the_scalar_answer(case: Tickets) -> None:
    found = columns.measure(frame(case.rows), case.policy, at=case.at, metric=case.metric, errors="null")
    assert isinstance(found, pl.DataFrame)
    agree(case, rows_of(found))


def log(events: dict[int, list[Row]]) -> Any:
    rows = [{"id": id, **event} for id, told in events.items() for event in told]
    return pl.DataFrame(rows, schema={"id": pl.Int64, "at": TIME, "kind": pl.String, "value": pl.String})


@given(lives(), st.randoms(use_true_random=False))
def test_each_life_is_the_scalar_answer(case: Tickets, random: Random) -> None:
    events = log(case.events)
    order = list(range(len(events)))
    random.shuffle(order)
    found = columns.measure(
        frame(case.rows), case.policy, at=case.at, metric=case.metric, events=events[order], errors="null"
    )
    agree(case, rows_of(found))
