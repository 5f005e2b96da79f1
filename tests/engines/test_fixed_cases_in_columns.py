"""One fixed case for each line of columns and of large files that otherwise only laws reach.

Coverage is not measured while a law runs.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest

pl = pytest.importorskip("polars", reason="the extra polars is not installed")
pa = pytest.importorskip("pyarrow", reason="the extra arrow is not installed")
pytest.importorskip("narwhals", reason="the extra polars is not installed")

import numpy as np

from kolmisla import Plan, Priority, Schedule, Target, columns
from kolmisla.columns.frames import polars_lazy
from kolmisla.columns.kernel.events import TICKET_SHIFT
from kolmisla.files import Layout, Measuring
from kolmisla.files.bulk.text import measure_text
from kolmisla.files.tables import CsvTable
from kolmisla.policies.terms.metrics import METRICS
from kolmisla.tickets.cycles.cycle_clocks import no_cycle
from tests.engines import test_cycles_in_columns, test_text_logs
from tests.engines.queries import HOURS, OFFICE
from tests.engines.test_events import OPENED, are_rows_of_a_dictionary, log, measured, ticket, tickets
from tests.engines.test_outcomes import frames
from tests.engines.test_report_engines import cut
from tests.engines.test_text_logs import AT, DESKS, EVENT, HEAD, TICKET, life, text_of
from tests.engines.test_texts import HEAD as FACTS
from tests.engines.test_texts import PLAIN, file_of, in_form, large_and_small
from tests.engines.tickets import HOUR, POLICIES, Tickets, agree, desk, in_utc
from tests.lives_of_tickets import MINUTE, NOW, ticket_of
from tests.lives_of_tickets import OPENED as BEGUN
from tests.lives_of_tickets import desk as desk_of_lives

pytestmark = pytest.mark.polars


@pytest.mark.parametrize("kind", ["string_view", "large_string"])
def test_each_name_of_arrow_is_asked_for(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    wanted, among = ["b", "a"], ["a", "b"]
    are_rows_of_a_dictionary([pa.chunked_array([pa.array(each, kind)]) for each in (wanted, among)], wanted, among)


def test_nothing_waits_if_each_batch_is_passed_at_once() -> None:
    taken: list[int] = []
    with cut(0):
        polars_lazy.drained(pl.LazyFrame({"n": range(100)}), lambda rows: taken.extend(rows["n"]))
    assert sorted(taken) == [*range(100)]


def test_nothing_is_due_after_no_start() -> None:
    assert columns.due(np.array([], "M8[us]"), HOURS, OFFICE).tolist() == []
    assert columns.due(np.array(["NaT", "NaT"], "M8[us]"), HOURS, OFFICE).tolist() == [None, None]


def test_more_schedules_than_are_compared_one_by_one() -> None:
    """Each priority has hours of its own, which begin from eight to thirteen o'clock in Vilnius."""
    begins = range(8, 14)
    policy = desk(
        schedules={f"from {n}": Schedule("Europe/Vilnius", {"mon-fri": [f"{n:02}:00-17:00"]}) for n in begins},
        priorities=[Priority(name=f"P{n}", rank=n, schedule=f"from {n}") for n in begins],
        plans=[Plan(name="GOLD", rank=1, targets={"first-response": Target(within=2 * HOUR)})],
    )
    order = [9, 13, 8, 8, 12, 11, 10, 13]
    opened = datetime(2026, 7, 7, 4, tzinfo=UTC)  # a Tuesday, seven o'clock in Vilnius
    frame = tickets(*(ticket(id, plan="gold", priority=f"P{n}", opened_at=opened) for id, n in enumerate(order)))
    found = columns.measure(frame, policy=policy, at=opened)
    assert found["due_at"].to_list() == [opened + (n - 7 + 2) * HOUR for n in order]


@pytest.mark.parametrize("far", [40_000 << 30, 34_000 << 34], ids=["a year later", "eighteen years later"])
def test_a_short_pause_long_after_the_opening(far: int) -> None:
    """The log tells the end of the pause first. By the first 16 bits of their times, both events are one."""
    opened = datetime(2012, 7, 2, 6, tzinfo=UTC)
    paused = opened + timedelta(microseconds=far + 10**6)
    assert (far >> TICKET_SHIFT > 0) == (far == 34_000 << 34)
    told = [(paused, "paused"), (paused + timedelta(minutes=10), "resumed")]
    rows = [ticket(0, priority="minor", opened_at=opened)]
    events = {0: [{"at": at, "kind": kind, "value": None} for at, kind in told]}
    case = Tickets("desk", "resolution", datetime(2031, 3, 1, tzinfo=UTC), rows, events)
    backwards = log(*((0, at, kind, None) for at, kind in reversed(told)))
    agree(case, measured(tickets(*rows), backwards, metric="resolution", at=case.at))


def test_events_of_a_ticket_with_a_duration_beside_a_target_in_days() -> None:
    rows = [ticket(0, plan="gold", priority="urgent"), ticket(1, priority="urgent")]
    events = {1: [{"at": OPENED + HOUR, "kind": "paused", "value": None}]}
    case = Tickets("in days", "first-response", OPENED + 3 * HOUR, rows, events)
    options: dict[str, Any] = {"policy": POLICIES["in days"], "at": case.at, "errors": "null"}
    found = columns.measure(tickets(*rows), events=log((1, 1, "paused", None)), **options)
    agree(case, [in_utc(row) for row in found.to_dicts()])
    assert found["state"].to_list() == ["running", "paused"]
    assert found["elapsed"][1] == HOUR


# Lives of tickets with events of all kinds


def told(*events: tuple[int, str]) -> list[dict[str, Any]]:
    return [{"kind": kind, "at": BEGUN + minute * MINUTE} for minute, kind in events]


def test_what_is_promised_nothing_is_judged_alone_after_a_waiver() -> None:
    """Events that have not happened yet are nothing."""
    policy, given = desk_of_lives(), {"plan": None, "priority": "high"}
    waived = {"kind": "waived", "at": BEGUN + 5 * MINUTE, "reason": "outage"}
    lives = [
        [waived, *told((9, "answered"))],
        [waived, {"kind": "answered", "at": NOW + MINUTE}],
    ]
    frame, events = frames([(given, life) for life in lives])
    options: dict[str, Any] = {"policy": policy, "metric": "first-response", "at": NOW, "events": events}
    alone = [ticket_of(given, life) for life in lives]
    test_cycles_in_columns.agree(columns.cycles(frame, **options).to_dicts(), alone, policy, ["first-response"], NOW)
    found = columns.measure(frame, **options)
    assert found["state"].to_list() == ["not-covered"] * 2
    assert [at and at - BEGUN for at in found["ended_at"]] == [9 * MINUTE, None]


def test_without_pauses_all_time_is_of_no_reason() -> None:
    frame, events = frames([({"plan": "gold", "priority": "high"}, told((10, "answered")))])
    options: dict[str, Any] = {"policy": desk_of_lives(), "metric": "resolution", "at": NOW, "durations": "seconds"}
    found = columns.breakdown(frame, by="reason", events=events, **options)
    assert found.select("part", "elapsed_s", "paused_s").rows() == [(None, (NOW - BEGUN).total_seconds(), 0.0)]


# Files


def test_only_a_ticket_that_was_answered_and_asked_has_a_next_response() -> None:
    """The answer may be in the column `answered_at`."""
    own = [TICKET, TICKET | {"id": "2", "answered_at": "2026-07-03T07:00:00Z"}, TICKET | {"id": "3"}]
    rows = [*life("2", ["paused", "resumed", "asked"]), *life("3", ["asked"])]
    layout = Layout(columns={"event_id": "of"})
    measuring = Measuring(at=AT, policy=DESKS["asking"], layout=layout, metrics=["next-response"])
    files = (text_of(own, HEAD, "plain"), "plain"), (text_of(rows, EVENT, "plain"), "plain")
    found = test_text_logs.check(measuring, *files)
    assert [no_cycle("next-response") in row for row in found[0].splitlines()] == [False, True, False, True]


def test_a_word_is_known_from_an_earlier_piece_and_none_is_no_word() -> None:
    own = [TICKET | {"id": id} for id in "12"]
    rows = life("1") * 3 + life("2", ["asked", ""])
    measuring = Measuring(at=AT, policy=DESKS["asking"], layout=Layout(columns={"event_id": "of"}), metrics=METRICS)
    files = (text_of(own, HEAD, "plain"), "plain"), (text_of(rows, EVENT, "plain"), "plain")
    found = test_text_logs.check(measuring, *files, size=60)
    assert found is not None
    assert "kind" in found[1]
    assert found[3]["rejected"] == 1


def test_a_log_of_nested_objects() -> None:
    rows = [{**row, "value": {"to": row["value"]}} for row in life("1")]
    layout = Layout(columns={"event_id": "of", "value": "value.to"})
    measuring = Measuring(at=AT, policy=DESKS["asking"], layout=layout, metrics=METRICS)
    lines = "".join(f"{json.dumps(row)}\n" for row in rows)
    found = test_text_logs.check(measuring, (text_of([TICKET], HEAD, "jsonl"), "jsonl"), (lines, "jsonl"))
    assert (found[3]["rows"], found[3]["rejected"]) == (1, 0)  # a change of priority needs the value


def test_words_that_mean_no_time() -> None:
    text = f"{FACTS}premium,high,2026-07-03T16:30:00Z,Never\n{PLAIN}"
    large, small = large_and_small(text, Layout(none=["never"]), 10**6)
    assert large == small
    assert large[0].count(",breached,") == large[0].count(",met,") == 1


def test_progress_counts_the_rows_of_each_piece() -> None:
    done: list[int] = []

    def watched(pieces: Iterable[Any], size: Callable[[Any], int] | None = None, /) -> Iterator[Any]:
        for piece in pieces:
            yield piece
            done.append(size(piece) if size else -1)

    table = CsvTable(StringIO(FACTS + 3 * PLAIN))
    measure_text(Measuring(at=AT), table, StringIO(), StringIO(), watched=watched)
    assert done == [3]


def test_a_delimiter_that_states_contain() -> None:
    rows = [(id, plan, "high", in_form("wall", 200_000), "", "", "") for id, plan in enumerate(["premium", ""])]
    measuring, table = Measuring(at=AT, metrics=["first-response"]), file_of(rows, "hyphens")
    written = []
    for run in (Measuring.run, measure_text):
        out = StringIO()
        run(measuring, table(), out, StringIO())
        written.append(out.getvalue())
    assert written[0] == written[1]
    assert '-"not-covered"-' in written[0]


def test_what_is_counted_backwards_over_years_that_nobody_has_asked_for() -> None:
    schedule = Schedule(timezone="UTC", hours={"mon-fri": ["08:01-09:01"]})  # no other test has it
    start, back = datetime(2026, 7, 6, 8, 1, tzinfo=UTC), timedelta(hours=-5_200)
    (found,) = columns.due(np.array([start.replace(tzinfo=None)], "M8[us]"), back, schedule).tolist()
    assert found == schedule.due(start, back).replace(tzinfo=None)
    assert start.replace(tzinfo=None) - found == timedelta(weeks=1_040)
