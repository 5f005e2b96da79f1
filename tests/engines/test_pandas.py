"""pandas: every row of a frame has the answer of the scalar engine, for any dtypes and any index."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

pd = pytest.importorskip("pandas", reason="the extra pandas is not installed")
np = pytest.importorskip("numpy", reason="the extra pandas is not installed")
pa = pytest.importorskip("pyarrow", reason="the extra arrow is not installed")
pytest.importorskip("narwhals", reason="the extra pandas is not installed")

from hypothesis import given
from hypothesis import strategies as st

from kolmisla import ALWAYS, KOLMISOFT, NaiveTimeError, PolicyError, Ticket, TicketError, columns, cycles, report
from tests.engines import boston
from tests.engines.tickets import FACTS, Row, Tickets, agree, desk, in_utc, lives, tickets

pytestmark = pytest.mark.pandas

OFFICE = KOLMISOFT.schedules["working-hours"]
NAMES = ("plan", "priority", "channel", "version")


def frame(rows: list[Row], unit: str = "us", names: str = "object") -> Any:
    found = pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype="object") for name in FACTS})
    for name in ("opened_at", "answered_at"):
        found[name] = pd.to_datetime(found[name], utc=True).dt.as_unit(unit)
    return found.astype({**dict.fromkeys(NAMES, names), "id": "int64"})


def rows_of(found: Any) -> list[Row]:
    def plain(value: Any) -> Any:
        if value is None or value is pd.NaT or value is pd.NA or value != value:
            return None
        if isinstance(value, pd.Timestamp):
            return value.to_pydatetime()
        return value.to_pytimedelta() if isinstance(value, pd.Timedelta) else value

    records = found.astype(object).to_dict("records")
    return [in_utc({name: plain(value) for name, value in row.items()}) for row in records]


FLAVOURS = ["object", "category", "string[python]"]
if int(pd.__version__.partition(".")[0]) >= 3:  # before, "str" makes a text of None
    FLAVOURS.append("str")


@given(tickets(), st.sampled_from(["ns", "us"]), st.sampled_from(FLAVOURS))
def test_each_row_is_the_scalar_answer(case: Tickets, unit: str, names: str) -> None:
    given = frame(case.rows, unit, names)
    given.index = [7] * len(given)
    found = columns.measure(given, policy=case.policy, at=case.at, metric=case.metric, errors="null")
    assert found.index.tolist() == [7] * len(case.rows)
    assert str(found["due_at"].dtype) == f"datetime64[us, {case.policy.timezone}]"
    assert str(found["elapsed"].dtype) == "timedelta64[us]"
    agree(case, rows_of(found))


@given(lives())
def test_each_life_is_the_scalar_answer(case: Tickets) -> None:
    events = [{"id": id, **event} for id, told in case.events.items() for event in told]
    log = pd.DataFrame(events, columns=["id", "at", "kind", "value"])
    log = log.assign(id=log["id"].astype("int64"), at=pd.to_datetime(log["at"], utc=True).dt.as_unit("us"))
    given = frame(case.rows)
    found = columns.measure(given, policy=case.policy, at=case.at, metric=case.metric, events=log, errors="null")
    agree(case, rows_of(found))
    named = given.assign(id=given["id"].astype(str)), log.assign(id=log["id"].astype(str))
    again = columns.measure(
        named[0], policy=case.policy, at=case.at, metric=case.metric, events=named[1], errors="null"
    )
    assert again.drop(columns="id").equals(found.drop(columns="id"))


def test_rows_are_paired_only_if_their_indexes_are_equal() -> None:
    starts = pd.Series(pd.to_datetime(["2026-07-07T06:00Z", "2026-07-07T07:00Z"]), index=[0, 1])
    ends = pd.Series(pd.to_datetime(["2026-07-07T10:00Z", "2026-07-07T08:00Z"]), index=[1, 0])
    with pytest.raises(ValueError, match="the columns must have the same index"):
        columns.elapsed(starts, ends, OFFICE)
    with pytest.raises(ValueError, match="the columns must have the same index"):
        columns.due(starts, ends - ends, OFFICE)
    found = columns.elapsed(starts, ends.sort_index(), OFFICE)
    assert found.tolist() == [timedelta(hours=2), timedelta(hours=3)]
    by_position = columns.elapsed(starts, ends.dt.tz_convert(None).to_numpy(), OFFICE)
    assert by_position.tolist() == [timedelta(hours=4), timedelta(hours=1)]


def test_arrow_dtypes_come_back() -> None:
    opened = pd.Series(pd.to_datetime(["2026-07-03T13:30Z", None]), index=[5, 5], name="opened")
    opened = opened.dt.as_unit("ms").astype("timestamp[ms, tz=UTC][pyarrow]")
    due = columns.due(opened, timedelta(hours=2), OFFICE)
    assert (str(due.dtype), due.name, due.index.tolist()) == (
        "timestamp[us, tz=Europe/Vilnius][pyarrow]",
        "opened",
        [5, 5],
    )
    assert due.iloc[0].isoformat() == "2026-07-07T08:30:00+03:00"
    assert due.iloc[1] is pd.NA
    assert str(columns.elapsed(opened, due, OFFICE).dtype) == "duration[us][pyarrow]"
    tickets = pd.DataFrame({"plan": "premium", "priority": "high", "opened_at": opened.iloc[:1]})
    for zone in ("UTC", "America/New_York"):  # not each narwhals knows a zone with more than letters in its name
        tickets["opened_at"] = tickets["opened_at"].astype(f"timestamp[us, tz={zone}][pyarrow]")
        measured = columns.measure(tickets, at=due.iloc[0].to_pydatetime())
        assert str(measured["target"].dtype) == "duration[us][pyarrow]"
        assert measured["state"].tolist() == ["running"]


@pytest.mark.parametrize(
    ("kind", "plan"),
    [
        ("category", "gold"),
        ("Int64", 7),
        ("int64[pyarrow]", 7),
        (pd.CategoricalDtype([7]), 7),
        (pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string())), "gold"),
    ],
)
def test_a_null_is_no_name_whatever_the_type(kind: Any, plan: Any) -> None:
    opened = pd.to_datetime(["2026-07-03T13:30Z"] * 2)
    tickets = pd.DataFrame({"plan": pd.Series([plan, None], dtype=kind), "priority": "urgent", "opened_at": opened})
    values = {"plan": {"7": "gold"}}
    found = columns.measure(tickets, policy=desk(), at=datetime(2026, 7, 3, 14, tzinfo=UTC), values=values)
    assert found["state"].tolist() == ["running", "not-covered"]


def test_what_is_no_name_is_refused() -> None:
    at = pd.Timestamp("2026-07-03T13:30Z").to_pydatetime()
    frame = pd.DataFrame({"plan": ["premium", 1.5], "priority": "high", "opened_at": pd.to_datetime([at, at])})
    with pytest.raises(TypeError, match="'plan' must be a column of names; 1.5 is not a name"):
        columns.measure(frame.astype({"plan": "object"}), at=at)


def test_objects_are_no_datetimes() -> None:
    frame = pd.DataFrame({"plan": ["premium"], "priority": ["high"], "opened_at": [datetime(2026, 7, 3, tzinfo=UTC)]})
    with pytest.raises(
        TypeError,
        match=r"'opened_at' must be .*, not of Object; convert text with pandas.to_datetime",
    ):
        columns.measure(frame.astype({"opened_at": object}), at=datetime(2026, 7, 3, tzinfo=UTC))


@pytest.mark.parametrize("unit", ["s", "ns"])
@pytest.mark.parametrize("zone", ["America/New_York", "Etc/GMT+5", "Europe/Vilnius", "UTC", "+05:30"])
def test_a_column_in_any_zone(zone: str, unit: str) -> None:
    """And what comes out may go in again."""
    opened = pd.Series(pd.to_datetime(["2026-07-03T13:30Z", None])).dt.as_unit(unit)
    frame = pd.DataFrame({"plan": "premium", "priority": "high", "opened_at": opened.dt.tz_convert(zone)})
    now = datetime(2026, 7, 7, tzinfo=UTC)
    found = columns.measure(frame[:1], at=now)
    assert found["due_at"].to_list() == [datetime(2026, 7, 7, 5, 30, tzinfo=UTC)]
    assert columns.elapsed(found["opened_at"], found["due_at"], OFFICE).to_list() == [timedelta(hours=2)]
    spans = columns.due(frame["opened_at"], timedelta(hours=2), OFFICE)
    assert columns.next_open(spans.dt.tz_convert(zone), OFFICE).to_list() == spans.to_list()
    ours, own = desk(timezone="America/New_York"), frame[:1].assign(plan="basic", priority="urgent")
    out = columns.measure(own, policy=ours, at=now)
    assert (
        columns.measure(out, policy=ours, at=now, columns={"answered_at": "due_at"}, prefix="x_")["x_state"][0] == "met"
    )


def test_floats_are_no_ids() -> None:
    frame = pd.DataFrame({"id": [1, None], "plan": "premium", "priority": "high"})
    frame["opened_at"] = datetime(2026, 7, 3, tzinfo=UTC)
    events = pd.DataFrame({"id": [1], "at": [datetime(2026, 7, 3, 8, tzinfo=UTC)], "kind": ["paused"]})
    told = r"'id' of the tickets must be .*, not of Float64; .*\.astype\('Int64'\) turns them back"
    with pytest.raises(TypeError, match=told):
        columns.measure(frame, at=datetime(2026, 7, 4, tzinfo=UTC), events=events)
    none = pd.DataFrame(columns=["id", "at", "kind", "value"])
    found = columns.measure(frame, at=datetime(2026, 7, 4, tzinfo=UTC), events=none)
    assert found["state"].to_list() == ["breached"] * 2


def test_naive_columns_need_a_reading() -> None:
    walls = pd.Series(pd.to_datetime(["2026-10-25T03:30", "2026-07-03T16:30"]))
    with pytest.raises(NaiveTimeError, match="have no time zone; give timezone=, the zone of the wall times"):
        columns.due(walls, timedelta(hours=2), OFFICE)
    later = columns.due(walls, timedelta(hours=2), OFFICE, timezone="Europe/Vilnius", ambiguous="later")
    assert [each.isoformat() for each in later] == ["2026-10-26T10:00:00+02:00", "2026-07-07T08:30:00+03:00"]


def test_the_city_of_boston() -> None:
    found = columns.measure(pd.DataFrame(boston.requests()), **boston.OPTIONS)
    assert boston.answers(rows_of(found)) == boston.wanted()


def test_a_loop_over_a_frame_has_missing_times() -> None:
    """NaT is a datetime to Python, and NA is nothing that compares; both are a missing fact."""
    opened = pd.Timestamp("2026-07-03T16:30:00+03:00")
    facts = {"opened_at": [opened, opened], "answered_at": [opened, pd.NaT], "plan": ["premium", None]}
    rows = pd.DataFrame({"id": [1, None], **facts})
    for row in rows.itertuples():
        ticket = Ticket(id=row.id, plan=row.plan, priority="high", opened_at=row.opened_at, answered_at=row.answered_at)
        assert (ticket.answered_at is None) == (row.Index == 1)
        assert ticket.id == (None if row.Index else 1)
        assert ticket.plan == (None if row.Index else "premium")
    (cycle,) = cycles(Ticket(plan="premium", priority="high", opened_at=opened, answered_at=pd.NaT))
    assert cycle.ended_at is None
    office, due = KOLMISOFT.schedules["working-hours"], "2026-07-07T08:30:00+03:00"
    assert office.due(opened, pd.Timedelta(hours=2)).isoformat() == due
    for nothing in (pd.NaT, pd.NA):
        with pytest.raises(TicketError, match="opened_at: is missing"):
            Ticket(plan="premium", priority="high", opened_at=nothing)
        with pytest.raises(TypeError, match="a duration must be a timedelta"):
            office.due(opened, nothing)
        with pytest.raises(TypeError, match="an instant must be an aware datetime"):
            office.next_open(nothing)


def test_na_is_no_metric() -> None:
    frame = pd.DataFrame({"plan": ["premium"], "priority": ["high"], "opened_at": [pd.Timestamp("2026-07-03T10:00Z")]})
    for name in ("measure", "cycles", "breakdown"):
        with pytest.raises(PolicyError, match="metric <NA> is not one of first-response, next-response, resolution"):
            getattr(columns, name)(
                frame,
                metric=pd.NA,
                at=datetime(2026, 8, 1, tzinfo=UTC),
                **{"by": "owner"} if name == "breakdown" else {},
            )
    names: Any = ("all", "ALL")
    every = [columns.cycles(frame, metric=name, at=datetime(2026, 8, 1, tzinfo=UTC)) for name in names]
    assert every[0].equals(every[1])


def test_an_owner_with_half_a_character() -> None:
    """A column of objects can hold it, and no column of text."""
    at = pd.Timestamp("2026-07-03T10:00Z")
    frame = pd.DataFrame({"plan": ["premium"] * 2, "priority": ["high"] * 2, "opened_at": [at] * 2})
    frame["owner"] = pd.Series(["x\ud800", "y"], dtype=object)
    found = columns.breakdown(frame, by="owner", at=datetime(2026, 8, 1, tzinfo=UTC), columns={"owner": "owner"})
    assert found["part"].tolist() == ["x\ud800", "y"]


def test_names_of_columns_that_are_no_text_are_shown() -> None:
    at = datetime(2026, 7, 3, 13, 30, tzinfo=UTC)
    by_number = pd.DataFrame({0: ["premium"], 1: ["high"], 2: [at]})
    in_levels = pd.DataFrame(
        [["premium", "high", at]], columns=pd.MultiIndex.from_tuples([("a", "p"), ("a", "q"), ("b", "r")])
    )
    for frame, shown in ((by_number, "the frame has 0, 1, 2"), (in_levels, r"the frame has \('a', 'p'\), ")):
        with pytest.raises(ValueError, match=f"there is no column 'plan'.*; {shown}"):
            columns.measure(frame, at=at)
        with pytest.raises(ValueError, match=f"there is no column 'opened_at'; {shown}"):
            columns.with_due(frame, ALWAYS, timedelta(hours=1))


@pytest.mark.parametrize("turn", [lambda frame: frame, pa.Table.from_pandas], ids=["pandas", "arrow"])
def test_two_columns_of_one_name_are_refused(turn: Any) -> None:
    at = datetime(2026, 7, 3, 13, 30, tzinfo=UTC)
    tickets = pd.DataFrame({"id": [1], "plan": ["premium"], "priority": ["high"], "opened_at": [at]})
    names = ["id", "at", "kind", "x", "x"]
    twice = pa.Table.from_arrays([pa.array([1]), pa.array([at]), pa.array(["asked"]), *[pa.array([1])] * 2], names)
    if turn is not pa.Table.from_pandas:
        twice = pd.DataFrame([[1, at, "asked", 1, 1]], columns=names)
    told = "must be a frame whose columns have different names; more than one is called x$"
    with pytest.raises(ValueError, match=f"^events {told}"):
        columns.measure(turn(tickets), at=at, events=twice)
    with pytest.raises(ValueError, match=f"^tickets {told}"):
        columns.measure(twice, at=at)
    with pytest.raises(ValueError, match=f"^times {told}"):
        columns.with_due(twice, ALWAYS, timedelta(hours=1), start="at")


def test_a_time_beyond_what_python_holds_is_a_fault_of_the_ticket() -> None:
    at: Any = pd.Timestamp(np.datetime64("30000-01-01T00:00:00", "s")).tz_localize("UTC")
    with pytest.raises(TicketError, match="opened_at: the year of a time must be at most 9999, not 30000"):
        Ticket(plan="premium", priority="high", opened_at=at)


def test_what_is_no_name_in_a_column_of_objects() -> None:
    at = datetime(2026, 7, 3, 13, 30, tzinfo=UTC)
    frame = pd.DataFrame({"plan": [["premium"]], "priority": ["high"], "opened_at": [at]})
    with pytest.raises(TypeError, match="'plan' must be a column of names; some of its values are not names"):
        columns.measure(frame, at=at)


@pytest.mark.parametrize(
    "name", ["id", "plan", "priority", "channel", "version", "opened_at", "answered_at", "resolved_at"]
)
def test_what_cannot_be_compared_in_a_column_of_objects(name: str) -> None:
    at = datetime(2026, 7, 3, 13, 30, tzinfo=UTC)
    frame = pd.DataFrame({"id": ["1"], "plan": ["premium"], "priority": ["high"], "opened_at": [at]})
    frame[name] = pd.Series([Decimal("sNaN")], dtype=object)
    with pytest.raises(TypeError, match=f"'{name}' has a value that cannot be compared"):
        report(frame, at=at)
