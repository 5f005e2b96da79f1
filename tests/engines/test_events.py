"""Events of many tickets: cases that a law would draw seldom or never."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest

pl = pytest.importorskip("polars", reason="the extra polars is not installed")
pytest.importorskip("narwhals", reason="the extra polars is not installed")

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kolmisla import KOLMISOFT, KolmislaError, Plan, Target, TicketError, WallTimeError, columns, report
from kolmisla.columns.frames import ids
from kolmisla.columns.kernel import events as blocks
from kolmisla.columns.kernel import events as entries
from kolmisla.columns.kernel import lifecycle as events_of
from kolmisla.columns.kernel import priorities as promises
from kolmisla.columns.kernel import questions as counting
from kolmisla.columns.kernel.events import NO_TICKET
from kolmisla.policies.terms.metrics import EVENT_KINDS, MetricName
from kolmisla.tickets.states import TOGETHER
from kolmisla.times.instants import EPOCH, duration
from tests.engines.tickets import HOUR, POLICIES, Row, Tickets, agree, answer, desk, in_utc

pytestmark = pytest.mark.polars

OPENED = datetime(2026, 7, 1, 6, tzinfo=UTC)  # nine o'clock in Vilnius
NOW = datetime(2026, 7, 20, tzinfo=UTC)
TIME = pl.Datetime("us", "UTC")
LOG = {"id": pl.Int64, "at": TIME, "kind": pl.String, "value": pl.String}


def ticket(id: Any, **facts: Any) -> Row:
    given = {"plan": "basic", "priority": "normal", "opened_at": OPENED, "answered_at": None, "channel": None}
    return {"id": id, **given, "version": None, **facts}


def tickets(*rows: Row) -> Any:
    types = {"opened_at": TIME, "answered_at": TIME, "channel": pl.String, "version": pl.String}
    return pl.DataFrame(rows, schema_overrides=types, infer_schema_length=None)


def log(*events: tuple[Any, Any, str | None, str | None]) -> Any:
    rows = [
        {"id": id, "at": OPENED + at * HOUR if isinstance(at, int) else at, "kind": kind, "value": value}
        for id, at, kind, value in events
    ]
    return pl.DataFrame(
        rows, schema={**LOG, "id": pl.Int64 if not events or isinstance(events[0][0], int) else pl.String}
    )


def measured(frame: Any, events: Any, **options: Any) -> list[Row]:
    given = {"at": NOW, "metric": "first-response", "errors": "null", **options}
    return [in_utc(row) for row in columns.measure(frame, policy=POLICIES["desk"], events=events, **given).to_dicts()]


def reasons(frame: Any, events: Any, **options: Any) -> list[str | None]:
    return [row["reason"] for row in measured(frame, events, **options)]


@pytest.mark.parametrize("bits", [1, blocks.BLOCK_BITS])
@pytest.mark.parametrize("room", [63, 36])
def test_many_tickets_in_blocks_and_long_ones(monkeypatch: pytest.MonkeyPatch, bits: int, room: int) -> None:
    """Blocks of two tickets, and tickets so long that what is sorted does not hold their time."""
    monkeypatch.setattr(blocks, "BLOCK_BITS", bits)
    for module in (blocks, events_of):
        monkeypatch.setattr(module, "BLOCK_TICKETS", 1 << bits)
    monkeypatch.setattr(entries, "TICKET_SHIFT", min(room, 63 - bits))  # 36 bits have room for 19 hours
    rows = [ticket(number, opened_at=OPENED + number * HOUR) for number in range(8)]
    told = [  # nothing of the last three
        (number, number + hours, kind, value)
        for number in range(5)
        for hours, kind, value in (
            (0, "paused", None),
            (3, "resumed", None),
            (3, "priority", "minor"),
            (5, "paused", "why"),
            (50 + number, "priority", "urgent"),
            (51, "resumed", None),
            (70, "resolved", None),
            (90, "reopened", None),
        )
    ]
    events = {row["id"]: [each for each in log(*told).to_dicts() if each.pop("id") == row["id"]] for row in rows}
    for metric in ("first-response", "resolution"):
        case = Tickets("desk", metric, NOW, rows, events)
        found = measured(tickets(*rows), log(*reversed(told)), metric=metric)
        agree(case, found)
        assert answer(case, rows[1], events[1])["state"] is not None


def test_events_of_one_instant_keep_their_order() -> None:
    frame = tickets(*(ticket(number, priority="minor") for number in range(8)))
    told = [
        (0, 1, "paused", None),
        (0, 1, "resumed", None),
        (1, 1, "resumed", None),
        (1, 1, "paused", None),
        (2, 1, "priority", "urgent"),
        (2, 1, "priority", "normal"),
        (3, -5, "priority", "normal"),
        (3, -5, "priority", "urgent"),
        (4, 1, "resolved", None),
        (4, 1, "reopened", None),
        (5, 1, "reopened", None),
        (5, 1, "resolved", None),
        (6, 1, "answered", None),
        (6, 1, "priority", "urgent"),
    ]
    rows = log(*told, (7, 1, "asked", None), (7, 2, "asked", None))
    wanted: dict[MetricName, list[str]] = {
        "first-response": ["running", "paused", "running", "running", "met", "met", "met", "running"],
        "resolution": ["running", "paused", *["not-covered"] * 2, "running", "met", "not-covered", "running"],
    }
    for metric, states in wanted.items():

        def judged(events: Any, names: dict[str, str] | None = None, metric: MetricName = metric) -> list[str]:
            at = OPENED + 1.5 * HOUR
            found = columns.measure(
                frame, policy=POLICIES["desk"], events=events, at=at, metric=metric, columns=names, errors="null"
            )
            given: list[str] = found["state"].to_list()
            return given

        numbered = rows.with_columns(seq=pl.arange(0, len(rows)))
        shuffled = numbered.sample(fraction=1, shuffle=True, seed=7)
        assert judged(rows) == judged(rows.reverse()) == judged(shuffled, {"order": "seq"}) == states
    with pytest.raises(TypeError, match="'kind' must be a column of whole numbers without nulls, not of String"):
        judged(rows, {"order": "kind"})
    assert judged(rows, {"order": ""}) == judged(rows)
    for name in ("x", "\0"):
        with pytest.raises(ValueError, match="there is no column '.*' for order; the frame has id, at, kind"):
            judged(rows, {"order": name})
        with pytest.raises(ValueError, match="there is no column '.*' for order; the frame has id, at, kind"):
            report(frame, events=rows, at=OPENED, policy=POLICIES["desk"], columns={"order": name})


def test_faults_of_events_are_their_tickets() -> None:
    frame = tickets(*(ticket(number) for number in range(8)))
    events = log(
        (0, -1, "answered", None),
        (1, 1, "priority", None),
        (2, 1, "priority", "nonsense"),
        (3, 1, "closed", None),
        (4, 1, None, None),
        (5, -1, "priority", "nonsense"),
        (6, 1, "answered", None),
        (6, 2, "priority", "nonsense"),
    )
    events = pl.concat(
        [events, pl.DataFrame({"id": [7], "at": [None], "kind": ["asked"], "value": [None]}, schema=LOG)]
    )
    known = "URGENT, NORMAL, MINOR"
    assert reasons(frame, events) == [
        "an event is before opened_at",
        "a change of priority has no value",
        f"priority 'nonsense' is not one of {known}",
        f"kind 'closed' is not one of {', '.join(EVENT_KINDS)}",
        "an event has no kind",
        f"priority 'nonsense' is not one of {known}",
        None,
        "an event has no time",
    ]
    with pytest.raises(TicketError, match="row 0: an event is before opened_at"):
        measured(frame, events, errors="raise")


def test_priorities_that_are_none_are_named_while_they_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promises, "MOST_UNKNOWN_NAMES", 2)
    frame = tickets(*(ticket(number) for number in range(5)))
    events = log(
        *((number, number + 1, "priority", name) for number, name in enumerate(("P9", "p8", " p9", "P7", " ")))
    )
    known = "URGENT, NORMAL, MINOR"
    assert reasons(frame, events, metric="resolution") == [
        f"priority 'P9' is not one of {known}",
        f"priority 'p8' is not one of {known}",
        f"priority 'P9' is not one of {known}",
        f"a change to a priority that is not one of {known}",
        "a change of priority has no value",
    ]


def test_wall_times_of_events_are_read() -> None:
    opened = datetime(2026, 10, 24, 9, tzinfo=UTC)
    frame = tickets(ticket(1, priority="urgent", opened_at=opened), ticket(2, priority="urgent", opened_at=opened))
    walls = [datetime(2026, 10, 25, 3, 30), datetime(2026, 10, 24, 13)]
    events = pl.DataFrame({"id": [1, 2], "at": walls, "kind": ["answered", "answered"]}).with_columns(
        pl.col("at").cast(pl.Datetime("us"))
    )
    zone: dict[str, Any] = {"timezone": "Europe/Vilnius", "at": datetime(2026, 10, 26, tzinfo=UTC)}
    late = measured(frame, events, ambiguous="later", **zone)
    assert [row["elapsed"] for row in late] == [16.5 * HOUR, HOUR]
    told = "the time of an event is a wall time that Europe/Vilnius skips or repeats: choose earlier or later"
    assert reasons(frame, events, ambiguous="refuse", **zone) == [told, None]
    with pytest.raises(WallTimeError, match="row 0: the time of an event is a wall time"):
        measured(frame, events, ambiguous="refuse", errors="raise", **zone)


def test_words_stand_for_kinds_and_priorities() -> None:
    frame = tickets(ticket(1, priority="P2"), ticket(2))
    events = log((1, 1, "Escalated", "P1"), (1, 2, "Done", None), (2, 1, "Viewed", None), (2, 3, "Done", None))
    words = {
        "kind": {"Escalated": "priority", "Done": "answered, resolved", "Viewed": ""},
        "priority": {"P1": "urgent", "P2": "normal"},
    }
    found = measured(frame, events, values=words, metric="resolution")
    assert [row["elapsed"] for row in found] == [2 * HOUR, 3 * HOUR]
    named = events.rename({"id": "ticket", "at": "when"})
    again = measured(frame, named, values=words, metric="resolution", columns={"event_id": "ticket", "at": "when"})
    assert again == found


def test_blanks_are_no_words() -> None:
    """As in a file, where an empty cell is nothing said."""
    frame = tickets(ticket(1, plan=""), ticket(2, plan=" "), ticket(3, plan="B"))
    found = columns.measure(
        frame, policy=POLICIES["desk"], at=NOW, errors="null", values={"plan": {"": "gold", "B": "basic"}}
    )
    assert found["reason"].to_list() == ["no support plan", "no support plan", None]


def test_ids_twice_or_of_no_ticket() -> None:
    names: list[Callable[[int], Any]] = [int, "T-{}".format, (10**12).__mul__]
    for name in names:
        frame = tickets(*(ticket(name(id)) for id in (1, 2, 1, 3, 3)))
        events = log((name(1), 1, "answered", None), (name(9), 1, "answered", None), (name(2), 1, "asked", None))
        twice = "an earlier row has the same id, and the events count for that row"
        assert reasons(frame, events) == [None, None, twice, None, None]
        assert measured(frame, events)[0]["elapsed"] == HOUR
        with pytest.raises(TicketError, match=r"events refer to ids that no ticket has: .*9"):
            measured(frame[:2], events, errors="raise")


def test_ids_that_are_none() -> None:
    frame = tickets(ticket(1), ticket(None), ticket(None))
    told = {"id": [None, 1], "at": [OPENED, OPENED], "kind": ["answered", "asked"]}
    events = pl.DataFrame(told, schema_overrides=LOG)
    with pytest.raises(TicketError, match=r"events without an id: 1"):
        measured(frame, events, errors="raise")
    assert reasons(frame, events) == [None, None, None]
    assert [row["state"] for row in measured(frame, events)] == ["breached"] * 3
    named = events.with_columns(pl.col("id").cast(pl.String))
    assert reasons(frame.with_columns(pl.col("id").cast(pl.String)), named) == [None, None, None]
    nobody = tickets(ticket(1))[:0]
    assert reasons(nobody, events) == []
    with pytest.raises(TypeError, match="ids of the tickets are Int64, ids of the events are String"):
        measured(frame, named)
    with pytest.raises(TypeError, match="'id' of the tickets must be .* whole numbers or names, not of Float64"):
        measured(frame.with_columns(pl.col("id").cast(pl.Float64)), events)


def test_numbers_far_apart_are_searched() -> None:
    among = pl.Series([5, 10**15, -7, 5])
    wanted = pl.Series([10**15, 5, 6, -7, 10**16, None])
    found, repeated = ids.rows_of(*map(narwhal, (wanted, among)))
    assert found.tolist() == [1, 0, NO_TICKET, 2, NO_TICKET, NO_TICKET]
    assert repeated.tolist() == [False, False, False, True]


def narwhal(column: Any) -> Any:
    import narwhals as nw

    return nw.from_native(column, series_only=True)


NUMBERS = st.integers(-3, 9) | st.sampled_from([2**63 - 1, -(2**63), 10**15])
IDS = NUMBERS, NUMBERS.map("ticket number {}".format)


@pytest.mark.parametrize("kind", [0, 1], ids=["numbers", "names"])
@pytest.mark.parametrize("library", ["polars", "pandas", "pyarrow", "pyarrow alone"])
@given(data=st.data())
def test_rows_of_ids_are_those_of_a_dictionary(kind: int, library: str, data: st.DataObject) -> None:
    library, _, alone = library.partition(" ")
    native = pytest.importorskip(library, reason=f"the extra {library} is not installed")
    among, wanted = (data.draw(st.lists(st.none() | IDS[kind], min_size=least)) for least in (1, 0))
    columns = [pl.Series(each, dtype=[pl.Int64, pl.String][kind]) for each in (wanted, among)]
    if library == "pandas":
        columns = [native.Series(each, dtype=["Int64", "str"][kind], name="id") for each in (wanted, among)]
    if library == "pyarrow":
        types = [["int64"], ["string", "string_view", "large_string"]][kind]
        columns = [
            native.chunked_array([native.array(each, data.draw(st.sampled_from(types)))]) for each in (wanted, among)
        ]
    with pytest.MonkeyPatch.context() as patched:
        if alone:
            patched.setitem(sys.modules, "polars", None)  # the import fails
        are_rows_of_a_dictionary(columns, wanted, among)


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("repeats", [False, True])
def test_names_in_arrow_with_and_without_polars(alone: bool, repeats: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    pa = pytest.importorskip("pyarrow", reason="the extra arrow is not installed")
    among = ["T-1", None, "T-2", "T-1" if repeats else "T-3", "T-4"]
    wanted = ["T-2", "T-1", None, "T-9", "T-1"]
    if alone:
        monkeypatch.setitem(sys.modules, "polars", None)
    for kind in ("string", "string_view", "large_string"):
        columns = [pa.chunked_array([pa.array(each[:2], kind), pa.array(each[2:], kind)]) for each in (wanted, among)]
        are_rows_of_a_dictionary(columns, wanted, among)
        are_rows_of_a_dictionary([columns[0][:2], columns[1]], wanted[:2], among)
        are_rows_of_a_dictionary([columns[1], columns[1]], among, among)


def are_rows_of_a_dictionary(columns: Any, wanted: list[Any], among: list[Any]) -> None:
    first = {id: row for row, id in reversed([*enumerate(among)]) if id is not None}
    found, repeated = ids.rows_of(*map(narwhal, columns))
    assert found.tolist() == [first.get(id, NO_TICKET) for id in wanted]
    asked = {*wanted}
    assert repeated.tolist() == [id is not None and id in asked and first[id] != row for row, id in enumerate(among)]


@pytest.mark.parametrize("repeats", [False, True])
def test_names_that_share_a_place_in_the_table_of_hashes_are_told_apart(repeats: bool) -> None:
    random = np.random.default_rng(1)
    numbers = random.integers(0, 4000, 5000) if repeats else random.permutation(5000)
    among = [f"T-{number}" if number % 99 else None for number in numbers.tolist()]
    wanted = [f"T-{number}" if number % 77 else None for number in random.integers(0, 6000, 9000).tolist()]
    are_rows_of_a_dictionary([pl.Series(each, dtype=pl.String) for each in (wanted, among)], wanted, among)


def test_missing_columns_are_named() -> None:
    frame = tickets(ticket(1))
    with pytest.raises(ValueError, match="there is no column 'kind' for kind; the frame has id, at"):
        measured(frame, log((1, 1, "asked", None)).select("id", "at"))
    with pytest.raises(ValueError, match="there is no column 'id' for id; the frame has plan"):
        measured(frame.drop("id"), log((1, 1, "asked", None)))
    with pytest.raises(
        TypeError, match=r"policy must be a Policy, not 'desk.toml'; did you mean Policy.load\('desk.toml'\)\?"
    ):
        columns.measure(frame, policy="desk.toml", at=NOW)  # type: ignore[arg-type]
    words: list[dict[Any, Any]] = [{"Done": ["answered"]}, {"New": None}, {1: "asked"}]
    for each in words:
        with pytest.raises(ValueError, match=r"values\['kind'\] must map text to text; .* is not text"):
            measured(frame, log((1, 1, "asked", None)), values={"kind": each})
    with pytest.raises(KolmislaError, match="metric 'speed' is not one of"):
        measured(frame, None, metric="speed")
    with pytest.raises(ValueError, match="metric must be first-response or resolution .*; next-response may have"):
        measured(frame, None, metric="next-response")
    by_owner: dict[str, Any] = {"owners": {"Ann": Target(within=HOUR)}, "urgent": Target(within=HOUR)}
    for names, told in (
        (["first-response"], "metric must be resolution for a frame, .*; first-response has targets by owner: type"),
        (
            ["first-response", "resolution"],
            "no metric of the policy can be measured for a frame, .*; first-response has",
        ),
    ):
        policy = desk(plans=[Plan(name="GOLD", rank=1, targets=dict.fromkeys(names, by_owner))])
        with pytest.raises(ValueError, match=told):
            columns.measure(frame, policy=policy, at=NOW)


def test_a_ticket_outside_what_is_known_is_judged_alone() -> None:
    """ALWAYS knows 1900; the office begins in 2011."""
    early = datetime(1999, 1, 1, tzinfo=UTC)
    rows = [ticket(1, priority="urgent", opened_at=early), ticket(2, opened_at=early), ticket(3, priority="urgent")]
    rows += [ticket(4, priority="urgent", opened_at=early, plan="gold")]
    told = [{"at": early + HOUR, "kind": "paused", "value": None}]
    over = [*told, {"at": early + 2 * HOUR, "kind": "priority", "value": "minor"}]
    events = {0: told, 1: told, 2: [], 3: over}
    case = Tickets("desk", "resolution", NOW, rows, events)
    frame = pl.DataFrame([{"id": number + 1, **each} for number, some in events.items() for each in some], schema=LOG)
    found = measured(tickets(*rows), frame, metric="resolution")
    agree(case, found)
    assert found[0]["state"] == "not-covered"
    answered = [{**row, "answered_at": early + 5 * HOUR} for row in rows]
    case = Tickets("desk", "first-response", NOW, answered, events)
    agree(case, measured(tickets(*answered), frame.reverse()))


@pytest.mark.parametrize("far", [-(2**63) + 1, -(2**63) + 2**55, -(2**60), 2**63 - 1])
def test_events_from_the_end_of_time(far: int) -> None:
    """As some write what has no date; they change nothing about other tickets."""
    frame = tickets(ticket(1), ticket(2), ticket(3, opened_at=datetime(1969, 12, 31, 12, tzinfo=UTC)))
    plain = measured(frame, log())
    for kind in ("answered", "asked", "resolved", "paused"):
        events = log((1, 0, kind, None), (2, 0, kind, None), (3, 0, kind, None)).with_columns(
            at=pl.Series([far] * 3).cast(TIME)
        )
        if far > 0:
            assert measured(frame, events) == plain
            continue
        told = "no due time is known: paused" if kind == "paused" else "an event is before opened_at"
        assert reasons(frame, events)[:2] == [told] * 2
        assert measured(frame, events.filter(pl.col("id") == 2))[0] == plain[0]
    early = log((2, 0, "priority", "urgent"), (2, -1, "priority", "minor"))
    early = early.with_columns(at=pl.when(pl.col("value") == "urgent").then(far).otherwise("at").cast(TIME))
    only = log((2, -1, "priority", "minor"))
    assert measured(frame, early, metric="resolution") == measured(frame, only, metric="resolution")


def test_an_event_without_a_time_has_no_other_fault() -> None:
    wall = log((1, OPENED, "priority", None)).with_columns(at=pl.Series([datetime(2026, 10, 25, 3, 30)]))
    zone: dict[str, Any] = {
        "timezone": "Europe/Vilnius",
        "ambiguous": "refuse",
        "at": datetime(2026, 10, 26, tzinfo=UTC),
    }
    with pytest.raises(WallTimeError, match="row 0: the time of an event is a wall time"):
        measured(tickets(ticket(1)), wall, errors="raise", **zone)
    assert reasons(tickets(ticket(1)), log((1, None, "priority", None))) == ["an event has no time"]


def test_events_in_a_frame_of_another_library() -> None:
    events = log((1, 1, "asked", None))
    with pytest.raises(TypeError, match="the tickets are of polars, the events of pyarrow"):
        measured(tickets(ticket(1)), events.to_arrow())
    with pytest.raises(TypeError, match=r"events must be a pandas or Polars data frame .*, not a polars.*LazyFrame"):
        measured(tickets(ticket(1)), events.lazy())


def test_tickets_of_no_time_and_answered_at_once() -> None:
    rows = [ticket(1, opened_at=None), ticket(2, answered_at=OPENED)]
    told = [{"at": OPENED + HOUR, "kind": "paused", "value": None}, {"at": NOW, "kind": "answered", "value": None}]
    frame = log(*((row["id"], each["at"], str(each["kind"]), None) for row in rows for each in told))
    for metric in ("first-response", "resolution"):
        case = Tickets("desk", metric, NOW, rows[1:], {0: told})
        agree(case, measured(tickets(*rows), frame, metric=metric)[1:])
    assert reasons(tickets(*rows), frame)[0] == "opened_at is missing"


def test_kinds_of_a_short_answer() -> None:
    """An answer in its column, and one among the events: the first counts."""
    answered = OPENED + 5 * HOUR
    frame = tickets(ticket(1, answered_at=answered), ticket(2, answered_at=answered))
    found = measured(frame, log((1, 2, "answered", None), (2, 7, "answered", None)))
    assert [row["elapsed"] for row in found] == [2 * HOUR, 5 * HOUR]
    assert timedelta(0) < found[0]["target"]
    assert np.iinfo(np.int64).min == counting.NULL


@pytest.mark.parametrize("reading", ["carry", "retroactive", "restart"])
@pytest.mark.parametrize("hours", [(1, 2), (3, 4), (2, 30)])
def test_each_reading_of_a_change(monkeypatch: pytest.MonkeyPatch, reading: str, hours: tuple[int, int]) -> None:
    monkeypatch.setitem(POLICIES, "reading", desk(priority_change=reading))
    rows = [ticket(1), ticket(2, plan="gold")]
    events: list[Row] = [
        {"at": OPENED + hours[0] * HOUR, "kind": "priority", "value": "urgent"},
        {"at": OPENED + hours[1] * HOUR, "kind": "paused", "value": None},
        {"at": OPENED + (hours[1] + 1) * HOUR, "kind": "priority", "value": "minor"},
    ]
    for metric in ("first-response", "resolution"):
        case = Tickets("reading", metric, NOW, rows, dict.fromkeys(range(2), events))
        told = log(*((number + 1, each["at"], each["kind"], each["value"]) for number in range(2) for each in events))
        given: dict[str, Any] = {"at": NOW, "metric": metric, "errors": "null"}
        found = columns.measure(tickets(*rows), policy=case.policy, events=told, **given)
        agree(case, [in_utc(row) for row in found.to_dicts()])


def test_events_without_values() -> None:
    events = log((1, 1, "priority", None), (2, 1, "answered", None)).drop("value")
    assert reasons(tickets(ticket(1), ticket(2)), events) == ["a change of priority has no value", None]


def test_events_of_no_known_kind() -> None:
    told = f"kind 'Pending' is not one of {', '.join(EVENT_KINDS)}"
    assert reasons(tickets(ticket(1)), log((1, 1, "Pending", None))) == [told]
    assert reasons(tickets(ticket(1)), log((1, 1, None, None))) == ["an event has no kind"]


BEFORE_THE_FIRST = datetime(2024, 7, 1, 6, tzinfo=UTC)
HAPPENED = [  # hours after the opening
    *((hours, "priority", name) for hours in (-2, -1, 0, 1) for name in ("minor", "nonsense")),
    *((hours, kind, None) for hours in (0, 1) for kind in ("answered", "resolved", "reopened")),
    (1, "paused", None),
]


@pytest.mark.parametrize("metric", ["first-response", "resolution"])
@pytest.mark.parametrize("name", ["desk", "editions"])
@pytest.mark.parametrize("hours", [30, -1])
def test_a_priority_that_the_policy_lacks_is_judged_alike_everywhere(name: str, metric: MetricName, hours: int) -> None:
    """Every two events, of tickets that something is promised to and of others, and every three of the usual ones.

    An hour before the opening, no more than four events have happened, two and two of an instant.
    """
    kinds: list[tuple[Row, int]] = [
        ({}, 3),
        ({"priority": "nonsense"}, 3),
        ({"plan": None}, 2),
        ({"plan": None, "priority": "nonsense"}, 2),
        ({"channel": "phone"}, 2),
        ({"plan": None, "answered_at": OPENED}, 2),
        ({"opened_at": BEFORE_THE_FIRST}, 2),
    ]
    rows: list[Row] = []
    events: dict[int, list[Row]] = {}
    told: list[tuple[Any, Any, str | None, str | None]] = []
    for facts, most in kinds:
        numbers = range(1 + (most if hours > 0 else 2))
        for happened in (some for number in numbers for some in combinations(HAPPENED, number)):
            row = ticket(len(rows), **facts)
            own = [{"at": row["opened_at"] + at * HOUR, "kind": kind, "value": value} for at, kind, value in happened]
            own.sort(key=lambda each: (each["at"], TOGETHER.index(each["kind"])))
            events[len(rows)] = own
            told += [(len(rows), each["at"], each["kind"], each["value"]) for each in own]
            rows.append(row)
    case = Tickets(name, metric, OPENED + hours * HOUR, rows, events)
    given: dict[str, Any] = {"at": case.at, "metric": metric, "errors": "null"}
    found = columns.measure(tickets(*rows), policy=case.policy, events=log(*told), **given)
    agree(case, [in_utc(row) for row in found.to_dicts()])


def test_tickets_without_a_promise_stand_as_they_did() -> None:
    frame = tickets(*(ticket(number, plan=None) for number in range(5)))
    events = log(
        (0, 1, "priority", "nonsense"),
        (1, 1, "answered", None),
        (1, 2, "priority", "nonsense"),
        (2, 1, "paused", None),
        (2, 1, "resumed", None),
        (3, 1, "priority", "minor"),
    )
    known = "URGENT, NORMAL, MINOR"
    told = measured(frame, events)
    assert told[0]["reason"] == f"priority 'nonsense' is not one of {known}"
    assert {(row["state"], row["elapsed"]) for row in told[1:]} == {("not-covered", None)}
    assert {row["reason"] for row in told[1:]} == {told[4]["reason"]}


def test_a_target_at_the_last_closing_known_after_a_pause() -> None:
    last = KOLMISOFT.schedules["working-hours"].timeline.table(4133900000000000, 4133900000000001)[3][-1]
    resumed = EPOCH + duration(last) - 2 * HOUR
    frame = tickets(ticket(1, opened_at=resumed - HOUR))
    told = log((1, resumed - HOUR, "paused", None), (1, resumed, "resumed", None))
    (found,) = measured(frame, told, at=datetime(2100, 12, 31, 21, tzinfo=UTC))
    assert (found["due_at"], found["breaches_after"], found["reason"]) == (resumed + 2 * HOUR, None, None)


def test_an_answer_in_its_column_at_the_very_instant_counts() -> None:
    frame = tickets(ticket(1, answered_at=OPENED + HOUR))
    (found,) = measured(frame, log((1, 0, "priority", "minor")), at=OPENED + HOUR)
    assert (found["state"], found["elapsed"]) == ("met", HOUR)


def test_a_deadline_at_the_turn_of_a_year() -> None:
    opened = datetime(2026, 12, 30, 14, tzinfo=UTC)
    frame, told = tickets(ticket(1, plan="gold", opened_at=opened)), log((1, opened + HOUR / 60, "priority", "minor"))
    (found,) = measured(frame, told, metric="resolution", at=opened + HOUR)
    assert found["due_at"] == found["breaches_after"] == datetime(2027, 1, 4, 11, 30, tzinfo=UTC)


@pytest.mark.parametrize("fact", ["plan", "priority"])
def test_the_fault_of_a_ticket_stands_before_those_of_its_events(fact: str) -> None:
    told = log((1, 1, "priority", "nonsense"), (1, 1, "priority", "minor"))
    (found,) = reasons(tickets(ticket(1, **{fact: "platinum"})), told)
    assert str(found).startswith(f"{fact} 'platinum' is not one of ")


@pytest.mark.parametrize("signed", ["tickets", "events"])
@pytest.mark.parametrize("engine", ["pandas", "polars", "arrow"])
def test_ids_beyond_signed_bits_are_no_others(signed: str, engine: str) -> None:
    """2**64 - 1 and -1 are the same 64 bits."""
    import pyarrow as pa

    ids = {"tickets": [2**64 - 1, 7], "events": [2**64 - 1, 7]}
    ids[signed] = [-1, 7]
    kinds = {whose: pa.int64() if whose == signed else pa.uint64() for whose in ids}
    at = [datetime(2026, 7, 3, 13, 30, tzinfo=UTC)] * 2
    tickets = pa.table(
        {
            "id": pa.array(ids["tickets"], kinds["tickets"]),
            "plan": ["premium"] * 2,
            "priority": ["high"] * 2,
            "opened_at": at,
        }
    )
    events = pa.table({"id": pa.array(ids["events"], kinds["events"]), "kind": ["answered"] * 2, "at": at})
    turn = {"pandas": lambda table: table.to_pandas(), "polars": pl.from_arrow, "arrow": lambda table: table}[engine]
    with pytest.raises(TicketError, match="events refer to|no ticket"):
        columns.measure(turn(tickets), events=turn(events), at=datetime(2026, 7, 4, tzinfo=UTC))


@pytest.mark.parametrize("wide", [pl.Int128, getattr(pl, "UInt128", pl.Int128)])
@pytest.mark.parametrize("whose", ["tickets", "events", "both"])
def test_ids_of_many_bits_are_ids(wide: Any, whose: str) -> None:
    at = datetime(2026, 7, 3, 13, 30, tzinfo=UTC)
    tickets = pl.DataFrame({"id": [7, 8], "plan": ["premium"] * 2, "priority": ["high"] * 2, "opened_at": [at] * 2})
    events = pl.DataFrame({"id": [8], "kind": ["answered"], "at": [at]})
    if whose != "events":
        tickets = tickets.with_columns(pl.col("id").cast(wide))
    if whose != "tickets":
        events = events.with_columns(pl.col("id").cast(wide))
    found = columns.measure(tickets, events=events, at=at + timedelta(hours=3))
    assert found["state"].to_list() == ["running", "met"]
    if whose == "both":
        tickets = tickets.with_columns(pl.col("id") + pl.lit(2**100, dtype=wide))
    with pytest.raises(TicketError, match="events refer to ids that no ticket has: [89]"):
        columns.measure(tickets, events=events.with_columns(pl.col("id") + 1), at=at)


def test_more_reasons_than_short_codes_can_tell_apart() -> None:
    """Each ticket waits for a reason of its own. One of them ends at a question."""
    rows, minute = 33_000, timedelta(minutes=1)
    opened = [datetime(2026, 7, 7, 8, tzinfo=UTC)] * rows
    frame = pl.DataFrame({"id": range(rows), "opened_at": opened}).with_columns(
        pl.lit("premium").alias("plan"), pl.lit("blocker").alias("priority")
    )
    told = [("paused", 1), ("asked", 3)]
    log = pl.concat(
        frame.select(
            "id",
            pl.col("opened_at").dt.offset_by(f"{after}m").alias("at"),
            pl.lit(kind).alias("kind"),
            pl.format("reason {}", "id").alias("value"),
        )
        for kind, after in told
    )
    plan = KOLMISOFT.plans["PREMIUM"].replace(pauses={"resolution": "all"})
    policy = KOLMISOFT.replace(plans=[plan], waits_for_customer=[f"reason {rows - 1}"])
    at = opened[0] + 10 * minute
    found = columns.measure(frame, policy=policy, events=log, at=at, metric="resolution")["elapsed"]
    assert found.to_list() == [minute] * (rows - 1) + [8 * minute]


@pytest.mark.parametrize("metric", ["first-response", "resolution"])
def test_rows_that_tell_no_event_tell_whether_the_newest_comes_first(metric: MetricName) -> None:
    told = [
        *((0, 0, "New", None), (0, 1, "reopened", None), (0, 1, "resolved", None)),
        *((1, 0, "New", None), (1, 1, "resolved", None), (1, 1, "reopened", None)),
    ]
    frame, states = tickets(ticket(0), ticket(1)), []
    for rows in (told, told[::-1]):
        found = columns.measure(
            frame,
            policy=POLICIES["desk"],
            events=log(*rows),
            at=NOW,
            metric=metric,
            values={"kind": {"New": ""}},
        )
        states.append([found[name].to_list() for name in ("state", "ended_at", "due_at")])
    assert states[0] == states[1]
    assert (states[0][1][0] is None, states[0][1][1] is None) == (False, metric == "resolution")


def test_a_row_that_tells_no_event_needs_no_time() -> None:
    rows = log((0, 0, "New", None), (0, 1, "answered", None)).with_columns(
        at=pl.when(pl.col("kind") == "New").then(None).otherwise(pl.col("at"))
    )
    found = columns.measure(
        tickets(ticket(0)), policy=POLICIES["desk"], events=rows, at=NOW, values={"kind": {"New": ""}}
    )
    assert found["ended_at"].to_list() == [OPENED + HOUR]


def test_a_wall_time_that_dst_skips_matters_only_for_an_event() -> None:
    """So it is in a file, where a row that tells no event needs no time."""
    plain = pl.DataFrame({"id": [0], "plan": ["gold"], "priority": ["urgent"], "opened_at": [datetime(2026, 3, 27, 9)]})
    skipped = datetime(2026, 3, 29, 3, 30)  # in Vilnius
    for kind, state in (("New", "met"), ("asked", None)):
        rows = {
            "id": [0, 0],
            "at": [skipped, datetime(2026, 3, 30, 9)],
            "kind": [kind, "answered"],
            "value": [None] * 2,
        }
        found = columns.measure(
            plain,
            policy=POLICIES["desk"],
            events=pl.DataFrame(rows, schema_overrides={"value": pl.String}),
            at=NOW,
            values={"kind": {"New": ""}},
            timezone="Europe/Vilnius",
            ambiguous="refuse",
            errors="null",
        )
        assert (found["state"].item() is None) == (state is None)


def test_rows_that_rise_and_fall_keep_the_order_of_the_frame() -> None:
    """Only rows that never rise are read from the last to the first."""
    told = [(0, 1, "paused", None), (0, 1, "resumed", None), (0, 3, "asked", None), (0, 2, "asked", None)]
    others = [(1, 1, "asked", None), (1, 2, "asked", None)]
    found = columns.measure(
        tickets(ticket(0, priority="minor"), ticket(1, priority="minor")),
        policy=POLICIES["desk"],
        events=log(*told, *others),
        at=OPENED + 1.5 * HOUR,
        metric="first-response",
    )
    assert found["state"][0] == "running"
