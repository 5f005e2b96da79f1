"""The end of a cycle and the working time to the first answer, in files; and the mean of these responses."""

import csv
import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolmisla import KOLMISOFT, Metric, Policy
from kolmisla.files import Layout, Log, Measuring
from kolmisla.files.tables.csv_table import CsvTable
from tests.engines.tickets import OFFICE, desk

AT = datetime.fromisoformat("2026-07-20T12:00+03:00")
OPENED = datetime.fromisoformat("2026-07-06T00:00+03:00")  # a holiday
HEADER = "id,plan,priority,opened_at,answered_at\n"
DESK = desk()


def rows(tickets: str, events: str = "", *, policy: Policy = KOLMISOFT, metrics: Any = None) -> tuple[Any, Any]:
    """The rows of a file, and its summary."""
    out, measuring = io.StringIO(), Measuring(at=AT, policy=policy, metrics=metrics, layout=Layout(channel=None))
    log = Log.read(CsvTable(io.StringIO(f"id,at,kind,value\n{events}")), measuring.layout) if events else None
    summary = measuring.run(CsvTable(io.StringIO(HEADER + tickets)), out, io.StringIO(), log=log)
    return list(csv.DictReader(io.StringIO(out.getvalue()))), summary


def behind(tickets: str, events: str = "", **options: Any) -> list[tuple[str, str]]:
    return [(row["ended_at"], row["response_s"]) for row in rows(tickets, events, **options)[0]]


def test_a_response_counts_on_the_schedule_of_the_average() -> None:
    """A BLOCKER is counted round the clock, and its response in working time."""
    ((row,), _) = rows("1,premium,blocker,2026-07-03T17:00,2026-07-07T09:00\n")
    hours = 24 * 3 + 16
    assert (row["elapsed_s"], row["response_s"]) == (str(3600 * hours), str(3600 * 2))
    assert row["ended_at"] == "2026-07-07T09:00:00+03:00"


@pytest.mark.parametrize(
    ("plan", "priority", "response"),
    [
        ("gold", "urgent", "1800"),  # the average counts on the hours until 17:00, with a break at noon
        ("basic", "urgent", "7200"),  # no average: round the clock, as the promise
        ("basic", "minor", "1800"),
        ("basic", "normal", "5400"),
    ],
)
def test_without_an_average_it_counts_as_the_promise_does(plan: str, priority: str, response: str) -> None:
    told = behind(f"1,{plan},{priority},2026-07-03T16:30,2026-07-03T18:30\n", policy=DESK)
    assert told == [("2026-07-03T18:30:00+03:00", response)]


def test_a_resolution_is_no_answer() -> None:
    ticket = "1,premium,high,2026-07-03T09:00,\n"
    assert behind(ticket) == [("", "")]
    resolved = "1,2026-07-03T10:00,resolved,\n"
    assert behind(ticket, resolved) == [("2026-07-03T10:00:00+03:00", "")]
    answered = f"{resolved}1,2026-07-03T11:00,reopened,\n1,2026-07-03T12:00,answered,\n"
    assert behind(ticket, answered) == [("2026-07-03T10:00:00+03:00", "10800")]
    assert behind("1,,high,2026-07-03T09:00,2026-07-03T10:00\n") == [("2026-07-03T10:00:00+03:00", "")]
    assert behind("1,premium,high,2026-07-03T09:00,2026-07-03T09:00\n") == [("2026-07-03T09:00:00+03:00", "0")]
    assert behind("1,premium,high,2026-07-20T09:00,2026-07-20T13:00\n") == [("", "")]  # it has not come yet


def test_each_cycle_has_the_answer_to_its_own_question() -> None:
    events = """\
1,2026-07-03T10:00,answered,
1,2026-07-03T11:00,asked,
1,2026-07-03T11:20,answered,
1,2026-07-03T12:00,asked,
1,2026-07-03T13:00,resolved,
"""
    metrics = ["first-response", "next-response", "resolution"]
    found, _ = rows("1,premium,high,2026-07-03T09:00,\n", events, metrics=metrics)
    assert [(row["metric"], row["ended_at"][11:16], row["response_s"]) for row in found] == [
        ("first-response", "10:00", "3600"),
        ("next-response", "11:20", "1200"),
        ("next-response", "13:00", ""),
        ("resolution", "13:00", "3600"),
    ]
    assert list(found[0])[5:] == [
        *("metric", "cycle", "started_at", "ended_at"),
        *("due_at", "breaches_after", "elapsed_s", "target_s", "state", "reason", "response_s"),
    ]


@pytest.mark.parametrize("name", ["ended_at", "response_s", "Response_S"])
def test_a_column_of_the_file_with_such_a_name_clashes(name: str) -> None:
    table = CsvTable(io.StringIO(f"plan,priority,opened_at,{name}\n"))
    with pytest.raises(ValueError, match=f"the file has {name} already; choose a prefix"):
        Measuring(at=AT).run(table, io.StringIO(), io.StringIO())


minutes = st.none() | st.integers(0, 12_000)


@given(st.lists(st.tuples(st.sampled_from(["high", "blocker"]), minutes, minutes, minutes), max_size=8))
def test_the_mean_of_the_summary_is_that_of_the_column(cases: Any) -> None:
    """And each response is that of the schedule, to the first answer."""
    tickets, events, wanted = "", "", []
    for number, (priority, *happened) in enumerate(cases):
        answered, resolved, again = (None if m is None else OPENED + timedelta(minutes=m) for m in happened)
        tickets += f"{number},premium,{priority},{OPENED.isoformat()},{answered.isoformat() if answered else ''}\n"
        for at, kind in ((resolved, "resolved"), (again, "answered")):
            events += f"{number},{at.isoformat()},{kind},\n" if at else ""
        answers = [at for at in (answered, again) if at]
        wanted.append(OFFICE.elapsed(OPENED, min(answers)).total_seconds() if answers else None)
    found, summary = rows(tickets, events)
    told = [float(row["response_s"]) if row["response_s"] else None for row in found]
    assert told == wanted
    assert summary.responses.keys() <= {("PREMIUM", 1_500_000_000)}
    for counted in summary.responses.values():
        mean = summary.to_dict(KOLMISOFT)["responses"][0]["mean_s"]
        assert counted.answered + counted.at_opening == sum(took is not None for took in told)
        total = sum(took for took in told if took is not None)  # those at the opening are 0
        assert (mean or 0) == pytest.approx(total / max(counted.answered, 1), abs=1e-6)


def test_a_response_before_a_cycle_is_no_response_in_it() -> None:
    """The metric is of the built-in name, but starts at a hand-over; the mean has no response either."""
    policy = DESK.replace(
        metrics=[Metric(name="first-response", starts=("owner=L2",), ends=("answered", "resolved"))],
    )
    ticket = "1,gold,urgent,2026-07-03T09:00,\n"
    before = "1,2026-07-03T10:00,answered,\n1,2026-07-03T11:00,owner,L2\n1,2026-07-03T12:00,resolved,\n"
    assert behind(ticket, before, policy=policy) == [("2026-07-03T12:00:00+03:00", "")]
    again = before.replace("12:00,resolved", "11:30,answered")
    assert behind(ticket, again, policy=policy) == [("2026-07-03T11:30:00+03:00", "1800")]
