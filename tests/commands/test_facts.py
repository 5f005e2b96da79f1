"""Facts that columns tell in short: resolutions, reopenings, closings, and durations since the opening."""

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolmisla import Event, Policy, Ticket, cycles
from kolmisla.files.facts import resolutions
from kolmisla.tickets.event import Moment
from kolmisla.times.amounts import read_amount
from kolmisla.times.instants import micros
from tests.answers.test_reports import Desk
from tests.answers.test_reports import desk as desk
from tests.commands.test_answers import Run
from tests.commands.test_answers import run as run

OPENED = "2026-07-07T09:00"
RESOLUTION = ["--metric", "resolution", "--at", "2026-07-10T12:00"]


def at(hour: int) -> str:
    return f"2026-07-07T{9 + hour:02}:00" if hour else ""


WIDE = [  # hours of resolved_at, reopened_at and closed_at; then the state, the seconds, and whether one is missing
    ((2, 0, 0), "met", "7200", False),
    ((2, 0, 5), "met", "7200", False),  # the closing is not the resolution
    ((0, 0, 3), "met", "10800", False),
    ((2, 3, 5), "met", "14400", False),  # reopened: the closing is the last resolution
    ((2, 3, 0), "breached", "115200", False),
    ((5, 3, 6), "met", "18000", True),  # the first resolution is not in the file
    ((3, 3, 0), "met", "10800", True),
    ((0, 3, 0), "breached", "118800", True),
    ((0, 4, 2), "breached", "111600", False),  # closed, then reopened
    ((2, 4, 4), "breached", "111600", False),
    ((0, 0, 0), "breached", "118800", False),
]


@pytest.mark.parametrize(("hours", "state", "seconds", "missing"), WIDE)
def test_resolved_reopened_and_closed(
    desk: Desk, hours: tuple[int, int, int], state: str, seconds: str, missing: bool
) -> None:
    head = "id,plan,priority,opened_at,resolved_at,reopened_at,closed_at\n"
    (row,) = desk(f"{head}1,gold,P2,{OPENED},{','.join(map(at, hours))}\n", *RESOLUTION)
    assert (row["state"], row["elapsed_s"]) == (state, seconds)
    assert ("1 ticket was reopened; its first resolution is not in the file" in desk.err) == missing


STATUSES = [  # hours of resolved_at, reopened_at and closed_at, the status, and the state, or None for a reject
    ((2, 0, 0), "Closed", "met"),
    ((0, 0, 3), "done", "met"),
    ((0, 0, 3), "open", "breached"),  # the time of the last change is no closing, because the ticket is open
    ((0, 0, 3), "", "breached"),
    ((2, 0, 0), "open", "met"),
    ((0, 0, 0), "open", "breached"),
    ((0, 0, 0), "closed", None),
    ((2, 3, 0), "done", None),  # nothing says when it was closed again
    ((2, 3, 5), "closed", "met"),
    ((2, 3, 5), "open", "breached"),
]


@pytest.mark.parametrize(("hours", "status", "state"), STATUSES)
@pytest.mark.parametrize("form", ["csv", "json", "log"])
def test_a_closed_ticket_whose_end_is_not_known_does_not_run(
    run: Run, desk: Desk, hours: tuple[int, int, int], status: str, state: str | None, form: str
) -> None:
    resolved, reopened, closed = map(at, hours)
    options = ["--map", "status=phase", "--map", "closed_at=changed", "--value", "status:done=closed", *RESOLUTION]
    columns = ["id", "plan", "priority", "opened_at", "phase", "changed"]
    facts: dict[str, Any] = dict(zip(columns, ["1", "gold", "P2", OPENED, status, closed], strict=True))
    turns = [("resolved", resolved), ("reopened", reopened)]
    log = "".join(f"1,{time},{kind}\n" for kind, time in turns if time)
    if form == "json":
        facts["events"] = [{"kind": kind, "at": time} for kind, time in turns if time]
    elif form == "csv":
        facts |= {"resolved_at": resolved, "reopened_at": reopened}
    else:
        options += ["--events", desk.write("events.csv", f"id,at,kind\n1,{OPENED},answered\n{log}")]
    text = json.dumps(facts) if form == "json" else f"{','.join(facts)}\n{','.join(facts.values())}\n"
    path = desk.write("tickets.jsonl" if form == "json" else "tickets.csv", text)
    ended, out, err = run("measure", path, "--policy", desk.policy, *options)
    assert f', "state": "{state}"' in out or f",{state}," in out or state is None
    assert ended or state
    told = "status: the ticket is closed, but nothing says when it ended; name the column with --map closed_at=COLUMN"
    assert (told in err) == (state is None)


def test_a_status_that_no_option_names_is_no_fact(desk: Desk) -> None:
    (row,) = desk(f"id,plan,priority,opened_at,status\n1,gold,P2,{OPENED},closed\n", *RESOLUTION, status=1)
    assert row["state"] == "breached"


times = st.none() | st.integers(1, 6)


@given(times, times, times)
def test_the_short_forms_are_the_events_that_they_tell(
    resolved: int | None, reopened: int | None, closed: int | None
) -> None:
    moments, missing = resolutions(resolved, reopened, closed)
    assert moments == sorted(moments)
    kinds = [moment.kind for moment in moments]
    assert kinds == (["resolved", "reopened"] * 2)[: len(kinds)]
    first = closed if resolved is None else resolved
    assert (Moment(first, "resolved") in moments) if first else not moments
    assert missing == (reopened is not None and (first is None or reopened <= first))


def test_a_column_of_its_name_is_a_fact_but_for_a_run_with_events(desk: Desk) -> None:
    head = f"id,plan,priority,opened_at,resolved_at,due_at_theirs\n1,gold,P2,{OPENED},{at(2)},x\n"
    assert desk(head, *RESOLUTION)[0]["elapsed_s"] == "7200"
    events = "id,at,kind\n1,2026-07-07T13:00,resolved\n"
    assert desk(head, *RESOLUTION, events=events)[0]["elapsed_s"] == "14400"
    assert desk(head, *RESOLUTION, "--map", "resolved_at=resolved_at", events=events)[0]["elapsed_s"] == "7200"
    assert desk(head, *RESOLUTION, "--set", f"closed_at={at(1)}", "--map", "resolved_at=")[0]["elapsed_s"] == "3600"
    other = head.replace("resolved_at", "Solved on")
    assert desk(other, *RESOLUTION, "--map", "resolved_at=Solved on")[0]["state"] == "met"
    assert not desk(other, *RESOLUTION, "--map", "resolved_at=nothing", status=2)
    assert "there is no column 'nothing' for resolved_at" in desk.err
    assert not desk(f"{head.replace(at(2), '2026-07-07T08:00')}", *RESOLUTION, status=1)
    assert "resolved at 2026-07-07T08:00:00+03:00 is before opened_at" in desk.err
    assert not desk(f"{head.replace(at(2), '2026-07-07T08:00:00.000001')}", *RESOLUTION, status=1)
    assert "resolved at 2026-07-07T08:00:00.000001+03:00 is before opened_at" in desk.err


def test_a_json_ticket_with_events_has_no_other_short_forms(desk: Desk) -> None:
    ticket = {"plan": "gold", "priority": "P2", "opened_at": OPENED, "resolved_at": at(2)}
    told = {**ticket, "events": [{"kind": "resolved", "at": at(4)}]}
    path = desk.write("tickets.jsonl", "".join(f"{json.dumps(row)}\n" for row in (ticket, told)))
    argv = ["measure", path, "--policy", str(desk.folder / "desk.toml"), *RESOLUTION]
    status, out, _ = desk._run(*argv)
    assert status == 0
    assert [json.loads(line)["elapsed_s"] for line in out.splitlines()] == [7200, 14400]
    _, out, _ = desk._run(*argv, "--map", "resolved_at=resolved_at")
    assert [json.loads(line)["elapsed_s"] for line in out.splitlines()] == [7200, 7200]


@pytest.mark.parametrize(
    ("unit", "text"),
    [
        *(("min", "90"), ("min", "90.0"), ("s", "5400"), ("h", "1.5"), ("d", "0.0625")),
        *(("hms", "1:30:00"), ("hms", "1:30"), ("iso", "PT1H30M")),
    ],
)
def test_durations_since_the_opening(desk: Desk, unit: str, text: str) -> None:
    head = f"id,plan,priority,opened_at,took\n1,gold,P2,{OPENED},{text}\n2,gold,P2,{OPENED},\n"
    one, other = desk(head, "--map", f"answered_after=took:{unit}")
    assert (one["elapsed_s"], one["state"], other["state"]) == ("5400", "met", "breached")
    assert desk(head, *RESOLUTION, "--map", f"resolved_after=took:{unit}")[0]["elapsed_s"] == "5400"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["answered_after=took"], "answered_after must name a column and its unit, such as took:min; the units are s"),
        ([f"answered_after={'T' * 41}"], "answered_after must name a column and its unit, such as COLUMN:min; the"),
        (["answered_after=took:weeks"], "answered_after must name a column and its unit"),
        (["answered_after=odd:min"], "must name a column and its unit, such as odd:min:min"),  # the whole name wins
        (["answered_after=none:min"], "there is no column 'none' for answered_after"),
        (["answered_after=took:min", "answered_at=took"], "answered_after must be a column of durations; if it is"),
    ],
)
def test_durations_that_are_none(desk: Desk, options: list[str], told: str) -> None:
    head = f"id,plan,priority,opened_at,took,odd:min\n1,gold,P2,{OPENED},1,2\n"
    assert not desk(head, *(word for option in options for word in ("--map", option)), status=2)
    assert told in desk.err


def test_two_first_answers_are_not_taken(desk: Desk) -> None:
    head = f"id,plan,priority,opened_at,answered_at,took\n1,gold,P2,{OPENED},{at(1)},90\n"
    assert not desk(head, "--map", "answered_after=took:min", status=2)
    told = "answered_at and answered_after give the same time twice; to leave out answered_at, type --map answered_at="
    assert told in desk.err
    (row,) = desk(head, "--map", "answered_after=took:min", "--map", "answered_at=")
    assert row["elapsed_s"] == "5400"
    assert not desk(head.replace(",90", ",-90"), "--map", "resolved_after=took:min", status=1)
    assert "resolved_after: a duration in min must be a number of 0 or more, such as 90 or 1.5, not '-90'" in desk.err


@pytest.mark.parametrize(
    ("given", "unit"),
    [
        *(("", "s"), ("1,5", "h"), ("-1", "s"), ("1e3", "s"), (True, "s"), (None, "s"), ("1:60", "hms"), ("90", "hms")),
        *(("P1D", "iso"), ([1], "min"), (float("nan"), "s"), ("1:2:3:4", "hms")),
    ],
)
def test_amounts_that_are_none(given: Any, unit: Any) -> None:
    with pytest.raises(ValueError, match="is not a duration|must be a number of 0 or more"):
        read_amount(given, unit)


def test_numbers_of_json_are_amounts() -> None:
    assert read_amount(90, "min") == read_amount(90.0, "min") == read_amount(1.5, "h") == 5_400_000_000
    assert read_amount("0:00:01.5", "hms") == 1_500_000
    assert read_amount("0.0000019", "s") == 1  # cut, as the fractions of times are


def test_the_answers_are_those_of_a_ticket_with_these_events(desk: Desk) -> None:
    opened = datetime.fromisoformat("2026-07-07T09:00+03:00")
    kinds = ("resolved", "reopened", "resolved")
    events = [Event(kind=kind, at=opened + n * timedelta(hours=2)) for n, kind in enumerate(kinds, 1)]  # type: ignore[arg-type]
    ticket = Ticket(plan="gold", priority="P2", opened_at=opened, events=events)
    (cycle,) = cycles(ticket, metric="resolution", policy=Policy.load(desk.folder / "desk.toml"))
    text = f"{at(2)},{at(4)},{at(6)}"
    (row,) = desk(
        f"id,plan,priority,opened_at,resolved_at,reopened_at,closed_at\n1,gold,P2,{OPENED},{text}\n", *RESOLUTION
    )
    assert float(row["elapsed_s"]) == cycle.elapsed(datetime(2026, 7, 10, tzinfo=UTC)).total_seconds()
    assert micros(datetime.fromisoformat(row["due_at"])) == micros(cycle.deadline.due_at)  # type: ignore[union-attr, arg-type]


SOLE = """name = "Sole"
timezone = "UTC"
[schedules.day]
open = "always"
[priorities.P1]
rank = 1
schedule = "day"
[plans.GOLD]
rank = 1
targets.first-response = { within = "PT1H" }
"""


@pytest.fixture
def folder(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Commands in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return run


@pytest.mark.parametrize(
    ("row", "options", "state"),
    [
        ({}, [], "breached"),  # a policy with one plan needs no column for it
        ({"plan": "gold"}, [], "breached"),
        ({"plan": None}, [], "not-covered"),
        ({"plan": " "}, [], "not-covered"),
        ({"tier": None}, ["--map", "plan=tier"], "not-covered"),
        ({"tier": "GOLD"}, ["--map", "plan=tier"], "breached"),
        ({"plan": "none"}, ["--value", "plan:none="], "not-covered"),
        ({"plan": None}, ["--default", "plan=gold"], "breached"),
        ({}, ["--map", "plan="], "breached"),  # the policy's only plan, as without the column
        ({"plan": "other"}, ["--map", "plan="], "breached"),
        ({"priority": "other"}, ["--map", "plan=", "--map", "priority="], "breached"),
    ],
)
def test_a_missing_plan_in_every_format(folder: Run, row: dict[str, Any], options: list[str], state: str) -> None:
    Path("sole.toml").write_text(SOLE, encoding="utf-8")
    row = {"opened_at": "2026-07-07T09:00", **row}
    Path("t.jsonl").write_text(json.dumps(row), encoding="utf-8")
    Path("t.json").write_text(json.dumps([row]), encoding="utf-8")
    Path("t.csv").write_text(f"{','.join(row)}\n{','.join(value or '' for value in row.values())}\n", encoding="utf-8")
    for name in ("t.jsonl", "t.json"):
        status, out, _ = folder("measure", name, "--policy", "sole.toml", "--at", "2026-07-07T12:00", *options)
        assert (status, json.loads(out)["state"]) == (1, state)
    status, out, _ = folder("measure", "t.csv", "--policy", "sole.toml", "--at", "2026-07-07T12:00", *options)
    assert (status, [line["state"] for line in csv.DictReader(out.splitlines())]) == (1, [state])


def test_a_fact_that_must_be_there_and_has_no_column(folder: Run) -> None:
    Path("t.csv").write_text("plan,opened_at\npremium,2026-07-07T09:00\n", encoding="utf-8")
    rows = [{"plan": "premium", "opened_at": "2026-07-07T09:00", "priority": "high"}]
    for name, text in (("t.json", json.dumps(rows)), ("t.jsonl", json.dumps(rows[0]))):
        Path(name).write_text(text, encoding="utf-8")
        status, _, err = folder("measure", name, "--map", "priority=")
        told = f"kolmisla: {name}: there must be a column for priority, or a value for every row: --set priority=...\n"
        assert (status, err) == (2, told)
    status, _, err = folder("measure", "t.csv", "--map", "priority=")
    assert (status, err) == (
        2,
        "kolmisla: t.csv: there must be a column for priority, or a value for every row: --set priority=...;"
        " the file has plan, opened_at\n",
    )
