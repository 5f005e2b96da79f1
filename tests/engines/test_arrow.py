"""Arrow: every row of a table has the answer of the scalar engine."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

pa = pytest.importorskip("pyarrow", reason="the extra arrow is not installed")
pytest.importorskip("narwhals", reason="the extra arrow is not installed")

from hypothesis import given

from kolmisla import KOLMISOFT, columns, report
from tests.engines import boston
from tests.engines.tickets import Row, Tickets, agree, in_utc, lives, tickets

pytestmark = pytest.mark.arrow

TIME = pa.timestamp("us", "UTC")
NAME = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema({"id": pa.int64(), "plan": NAME, "priority": pa.string(), "opened_at": TIME, "channel": NAME})
SCHEMA = SCHEMA.append(pa.field("version", pa.large_string())).append(pa.field("answered_at", TIME))
LOG = pa.schema({"id": pa.int64(), "at": TIME, "kind": NAME, "value": pa.string()})


def rows_of(found: Any) -> list[Row]:
    return [in_utc(row) for row in found.to_pylist()]


@given(tickets())
def test_each_row_is_the_scalar_answer(case: Tickets) -> None:
    one = pa.Table.from_pylist(case.rows, SCHEMA)
    for table in (one, pa.concat_tables([one[:1], one[1:]])):  # in one chunk, and in two
        found = columns.measure(table, policy=case.policy, at=case.at, metric=case.metric, errors="null")
        assert found.schema.field("due_at").type == pa.timestamp("us", case.policy.timezone)
        assert found.schema.field("target").type == pa.duration("us")
        agree(case, rows_of(found))


@given(lives())
def test_each_life_is_the_scalar_answer(case: Tickets) -> None:
    events = pa.Table.from_pylist([{"id": id, **event} for id, told in case.events.items() for event in told], LOG)
    table = pa.Table.from_pylist(case.rows, SCHEMA)
    given: dict[str, Any] = {"at": case.at, "metric": case.metric, "errors": "null"}
    found = columns.measure(table, policy=case.policy, events=events, **given)
    agree(case, rows_of(found))
    named = (each.set_column(0, "id", each["id"].cast(pa.string())) for each in (table, events))
    again = columns.measure(next(named), policy=case.policy, events=next(named), **given)
    assert again.drop_columns("id") == found.drop_columns("id")


def test_a_column_comes_back() -> None:
    opened = pa.chunked_array([["2026-07-03T13:30", None]]).cast(pa.timestamp("s")).cast(pa.timestamp("s", "UTC"))
    due = columns.due(opened, timedelta(hours=2), KOLMISOFT.schedules["working-hours"])
    assert due.type == pa.timestamp("us", "Europe/Vilnius")
    assert [each and each.isoformat() for each in due.to_pylist()] == ["2026-07-07T08:30:00+03:00", None]


def test_the_city_of_boston() -> None:
    found = columns.measure(pa.Table.from_pylist(list(boston.requests())), **boston.OPTIONS)
    assert boston.answers(found.to_pylist()) == boston.wanted()


def test_a_column_of_nothing_says_nothing_and_others_are_named() -> None:
    opened = pa.array([datetime(2026, 7, 3, 13, 30, tzinfo=UTC)], TIME)
    facts = {"priority": ["high"], "opened_at": opened, "answered_at": pa.nulls(1)}
    at = datetime(2026, 7, 3, 14, tzinfo=UTC)
    assert columns.measure(pa.table({**facts, "plan": ["premium"]}), at=at)["state"].to_pylist() == ["running"]
    assert columns.measure(pa.table({**facts, "plan": pa.nulls(1)}), at=at)["reason"].to_pylist() == ["no support plan"]
    with pytest.raises(TypeError, match="'opened_at' must be a column of datetimes, not of String"):
        columns.measure(pa.table({**facts, "plan": ["premium"], "opened_at": ["2026-07-03"]}), at=at)


@pytest.mark.parametrize("kind", ["arrow", "pandas"])
def test_durations_as_seconds_in_memory(kind: str) -> None:
    """Null where there is none; in pandas that is not a number."""
    opened = pa.array([datetime(2026, 7, 3, 13, 30, tzinfo=UTC)] * 2, pa.timestamp("us", "UTC"))
    table = pa.table({"plan": ["premium", None], "priority": ["high", "high"], "opened_at": opened})
    at = datetime(2026, 7, 3, 14, 0, 1, 500_000, tzinfo=UTC)
    if kind == "arrow":
        found = columns.measure(table, at=at, durations="seconds")
        assert found["elapsed_s"].to_pylist() == [1801.5, None]
        assert found["target_s"].to_pylist() == [7200.0, None]
    else:
        pytest.importorskip("pandas", reason="the extra pandas is not installed")
        frame = columns.measure(table.to_pandas(), at=at, durations="seconds")
        assert frame["elapsed_s"][0] == 1801.5
        assert frame[["elapsed_s", "target_s"]].isna().to_numpy().tolist() == [[False, False], [True, True]]


@pytest.mark.parametrize(
    "plans",
    [
        pa.chunked_array([pa.array(["premium", None]).dictionary_encode(), pa.array(["gold"]).dictionary_encode()]),
        pa.chunked_array([pa.DictionaryArray.from_arrays([1, None, 2], ["enterprise", " PREMIUM", "gold"])]),
        pa.chunked_array([pa.DictionaryArray.from_arrays([0, 1, 2], ["premium", None, "gold"])]),
        pa.chunked_array([pa.DictionaryArray.from_arrays([3, None, 2], ["silver", "", "gold", "premium"])]),
    ],
)
def test_categories_that_no_row_has_and_nulls_among_them(plans: Any) -> None:
    opened = pa.array([datetime(2026, 7, 3, 13, 30, tzinfo=UTC)] * 3, TIME)
    table = pa.table({"plan": plans, "priority": ["high"] * 3, "opened_at": opened})
    found = columns.measure(table, at=datetime(2026, 7, 3, 14, tzinfo=UTC), errors="null").to_pylist()
    assert [row["state"] for row in found] == ["running", "not-covered", None]
    assert found[2]["reason"] == "plan 'gold' is not one of ENTERPRISE, PREMIUM"


def test_categories_whose_indices_are_small_or_unsigned() -> None:
    def of(indices: Any, plans: list[str]) -> Any:
        return pa.DictionaryArray.from_arrays(indices, plans)

    names = [f"p{number}" for number in range(128)]
    each = pa.array(range(100), pa.int8())
    for chunks in (
        [of(pa.array([0, 1, None], pa.uint64()), ["premium", "gold"])],
        [of(pa.array([*range(128), None], pa.int8()), ["premium", *names[1:]])],
        [of(each, ["premium", *names[1:100]]), of(each, [f"q{name}" for name in names[:100]])],
    ):
        plans = pa.chunked_array(chunks)
        opened = pa.array([datetime(2026, 7, 3, 13, 30, tzinfo=UTC)] * len(plans), TIME)
        table = pa.table({"plan": plans, "priority": ["high"] * len(plans), "opened_at": opened})
        found = columns.measure(table, at=datetime(2026, 7, 3, 14, tzinfo=UTC), errors="null").to_pylist()
        assert [number for number, row in enumerate(found) if row["state"] == "running"] == [0]
        assert {row["reason"] for row in found if row["plan"] is None} <= {"no support plan"}


@pytest.mark.parametrize("answered", [True, False])
def test_views_of_text_and_bytes_are_gathered(answered: bool) -> None:
    """Polars and DuckDB give Arrow such columns, and Arrow cannot gather their rows."""
    opened = datetime(2026, 7, 3, 13, 30, tzinfo=UTC)
    at = opened + timedelta(days=9)
    facts = {"id": "T", "plan": "premium", "priority": "high", "owner": "ann", "*": "x"}
    second = {"id": "U", "plan": "premium", "priority": "low"}
    texts = {name: pa.array([text, second.get(name)]) for name, text in facts.items()}
    times = {"opened_at": pa.array([opened, opened], pa.timestamp("us", "UTC"))}
    times |= {"answered_at": pa.array([opened, None], pa.timestamp("us", "UTC"))} if answered else {}
    blob = pa.array([b"x", None], pa.binary())
    plain = pa.table({**texts, **times, "blob": blob})
    views = {name: column.cast(pa.string_view()) for name, column in texts.items()}
    views = pa.table({**views, **times, "blob": blob.cast(pa.binary_view())})
    for judged in (columns.measure, columns.cycles, partial(columns.breakdown, by="owner")):
        one, other = (judged(table, at=at, errors="null").to_pylist() for table in (plain, views))
        assert one == other
    assert report(plain, at=at).to_dict() == report(views, at=at).to_dict()
