"""The commands for tickets with events: files, the queue and the explanation."""

import io
import json
import sys
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolmisla import KOLMISOFT, Cycle, KolmislaError, NotCoveredError, Plan, Policy, Target, Ticket, TicketError, cycles
from kolmisla.cli import main
from kolmisla.files import Layout, Log, Measuring
from kolmisla.files.tables import CsvTable, JsonTable
from kolmisla.policies.terms.metrics import EVENT_KINDS, METRICS
from tests.commands.test_answers import Run, piped
from tests.commands.test_answers import run as run
from tests.commands.test_measure import cells

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data" / "servicenow_incident_events_sample.csv"
PREMIUM = ["--plan", "premium", "--priority", "high"]
RAISED = ["--event", "2026-07-04T10:00 priority blocker"]
AT = ["--at", "2026-07-08T12:00:00+03:00"]

TICKETS = """\
id,plan,priority,opened_at,answered_at
1,premium,high,2026-07-03T16:30,2026-07-03T16:40
2,premium,low,2026-07-03T17:00,
3,,low,2026-07-03T17:00,
4,premium,low,2026-07-03T17:00,
"""
EVENTS = """\
id,at,kind,value
1,2026-07-03T17:10,asked,
2,2026-07-04T10:00,priority,Urgent
2,2026-07-04T10:30,resolved,
2,2026-07-04T10:20,Pending,the customer
2,2026-07-04T10:05,Pending,the customer
2,2026-07-04T10:10,resumed,
4,2026-07-09T10:00,answered,
"""
TRANSLATED = ["--event-kind", "Pending=paused", "--value", "priority:Urgent=blocker"]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    tickets, events = tmp_path / "tickets.csv", tmp_path / "events.csv"
    tickets.write_text(TICKETS, encoding="utf-8")
    events.write_text(EVENTS, encoding="utf-8")
    return tickets, events, tmp_path / "out.csv"


def test_events_in_a_file_of_their_own(run: Run, files: tuple[Path, Path, Path]) -> None:
    tickets, events, out = files
    argv = ["measure", str(tickets), "--events", str(events), "-o", str(out), *AT, *TRANSLATED]
    status, _, told = run(*argv, "--metric", "all")
    assert (status, told.splitlines()[:4]) == (
        0,
        [
            "4 rows: 0 rejected",
            "first-response: 2 met, 1 breached, 0 running, 1 not-covered",
            "next-response: 0 met, 0 breached, 0 running, 1 not-covered",
            "resolution: 0 met, 0 breached, 0 running, 4 not-covered",
        ],
    )
    rows = [(row["id"], row["metric"], row["cycle"], row["elapsed_s"], row["state"]) for row in cells(out)]
    assert rows == [
        ("1", "first-response", "1", "600", "met"),
        ("1", "next-response", "1", "53400", "not-covered"),
        ("1", "resolution", "1", "55800", "not-covered"),
        ("2", "first-response", "1", "5400", "met"),
        ("2", "resolution", "1", "4500", "not-covered"),  # paused from 10:05 to 10:10 and from 10:20 on
        ("3", "first-response", "1", "", "not-covered"),
        ("3", "resolution", "1", "", "not-covered"),
        ("4", "first-response", "1", "54000", "breached"),
        ("4", "resolution", "1", "54000", "not-covered"),
    ]
    assert cells(out)[3]["ended_at"] == "2026-07-04T10:30:00+03:00"
    assert cells(out)[2]["reason"] == "plan PREMIUM promises no resolution for HIGH"
    status, _, told = run(*argv)
    assert (status, told.splitlines()[0]) == (0, "4 rows: 2 met, 1 breached, 0 running, 1 not-covered, 0 rejected")
    assert [row["due_at"] for row in cells(out)][:2] == ["2026-07-07T08:30:00+03:00", "2026-07-04T11:00:00+03:00"]
    assert "metric" not in cells(out)[0]


def test_one_metric_is_a_row_a_ticket_at_least(run: Run, files: tuple[Path, Path, Path]) -> None:
    tickets, events, out = files
    argv = ["measure", str(tickets), "--events", str(events), "-o", str(out), *AT, *TRANSLATED]
    assert run(*argv, "--metric", "next-response")[0] == 0
    assert [(row["id"], row["cycle"], row["state"]) for row in cells(out)] == [
        ("1", "1", "not-covered"),
        *((id, "", "not-covered") for id in "234"),
    ]
    assert cells(out)[1]["reason"] == "no question was asked after a response, so no next-response is due"


def test_paused_is_told_and_why_no_due_time_is_known() -> None:
    plan = Plan(name="PREMIUM", rank=1, targets={"resolution": Target(within=timedelta(hours=2))})
    events = '[{"kind": "paused", "at": "2026-07-03T17:00"}]'
    row = f'{{"plan": "premium", "priority": "high", "opened_at": "2026-07-03T16:00", "events": {events}}}'
    measuring = Measuring(
        at=datetime(2026, 7, 8, tzinfo=UTC), policy=KOLMISOFT.replace(plans=[plan]), metrics=["resolution"]
    )
    out = io.StringIO()
    summary = measuring.run(JsonTable(io.StringIO(row)), out, io.StringIO())
    answer = json.loads(out.getvalue())
    assert (answer["state"], answer["elapsed_s"], answer["due_at"]) == ("paused", 3600, None)
    assert answer["reason"] == "no due time is known: paused since 2026-07-03T17:00:00+03:00"
    assert next(summary.lines(KOLMISOFT)) == "1 row: 0 met, 0 breached, 0 running, 1 paused, 0 not-covered, 0 rejected"


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        (
            "2,2026-07-03T18:00,Pending,",
            "the ticket's event on line 2: kind 'Pending' is not one of answered, asked, paused",
        ),
        ("2,soon,paused,", "the ticket's event on line 2: at: 'soon' is not a time in ISO 8601"),
        ("2,,paused,", "the ticket's event on line 2: at is missing"),
        ("2,2026-07-03T18:00,,", "the ticket's event on line 2: kind is missing"),
        ("2,2026-10-25T03:30,paused,", "the ticket's event on line 2: at: 2026-10-25T03:30:00 is a wall time that"),
        ("2,2026-07-03T18:00,priority,", "the ticket's event on line 2: a change of priority has no value"),
        ("2,2026-07-03T18:00,priority,P9", "priority 'P9' is not one of BLOCKER, HIGH, MEDIUM, LOW"),
        (
            "2,2026-07-03T16:00,resolved,",
            "resolved at 2026-07-03T16:00:00+03:00 is before opened_at 2026-07-03T17:00:00",
        ),
    ],
)
def test_a_ticket_with_a_bad_event_is_rejected(
    run: Run, files: tuple[Path, Path, Path], events: str, reason: str
) -> None:
    tickets, log, out = files
    log.write_text(f"id,at,kind,value\n{events}\n", encoding="utf-8")
    status, _, told = run("measure", str(tickets), "--events", str(log), "-o", str(out), *AT)
    assert status == 1
    (rejected,) = cells(Path(f"{out}.rejects.csv"))
    assert (rejected["line"], rejected["id"]) == ("3", "2")
    assert reason in rejected["reason"]
    assert "without a ticket" not in told


def test_events_without_a_ticket_are_told(run: Run, files: tuple[Path, Path, Path]) -> None:
    tickets, events, out = files
    lines = "9,2026-07-03T18:00,paused,\n,2026-07-03T18:00,paused,\n9,2026-07-03T18:00,paused,\n2\n"
    events.write_text(f"id,at,kind,value\n{lines}", encoding="utf-8")
    status, _, told = run("measure", str(tickets), "--events", str(events), "-o", str(out), *AT)
    assert status == 1
    stray = "line 2: no ticket has the id '9'; line 3: id is missing"
    assert f"2 ids or rows of events without a ticket: {stray}\n" in told
    (rejected,) = cells(Path(f"{out}.rejects.csv"))
    assert (rejected["id"], rejected["reason"]) == (
        "2",
        "the ticket's event on line 5: the row must have 4 cells, like the header, not 1",
    )
    events.write_text("at,kind,id\n2026-07-03T18:00,asked,2\nx\n", encoding="utf-8")
    status, _, told = run("measure", str(tickets), "--events", str(events), "-o", str(out), *AT)
    assert "1 id or row of events without a ticket: line 3: the row must have 3 cells, like the header, not 1\n" in told
    events.write_text("id,at,kind\n" + "".join(f"x{n},2026-07-03T18:00,asked\n" for n in range(23)), encoding="utf-8")
    assert run("measure", str(tickets), "--events", str(events), "-o", str(out), *AT)[2].count("; and 3 more") == 1
    status, _, told = run("queue", str(tickets), "--events", str(events), *AT)
    assert (status, told.count("an event without a ticket, line "), told.count("\n3 more ids or rows")) == (1, 20, 1)


TWICE = "an earlier row has the same id '1'; "
TWICE += "to read an audit log, give the same file as the tickets and as the events"


def test_a_ticket_that_is_there_twice_has_no_events_of_its_own(run: Run, files: tuple[Path, Path, Path]) -> None:
    tickets, events, out = files
    tickets.write_text(
        f"{TICKETS}1,premium,high,2026-07-03T16:30,\n,premium,high,2026-07-03T16:30,\n", encoding="utf-8"
    )
    assert run("measure", str(tickets), "--events", str(events), "-o", str(out), *AT, *TRANSLATED)[0] == 1
    reasons = [row["reason"] for row in cells(Path(f"{out}.rejects.csv"))]
    assert reasons == [TWICE, "id is missing"]


def test_events_within_json_lines(run: Run, tmp_path: Path) -> None:
    tickets, out = tmp_path / "t.jsonl", tmp_path / "o.jsonl"
    facts = '"plan": "premium", "priority": "low", "opened_at": "2026-07-03T17:00"'
    change = '{"kind": "priority", "at": "2026-07-04T10:00", "value": "blocker"}'
    good = f'{{{facts}, "events": [{change}, {{"at": "2026-07-04T10:30", "kind": "answered"}}]}}'
    bad = ['"soon"', '["soon"]', '[{"at": "2026-07-04T10:30"}]', f"[{change}, {{}}]", '{"kind": 1}', '[{"kind": []}]']
    bad.append('[{"kind": "answered", "at": "2026-07-01T10:30"}]')
    lines = [good, f"{{{facts}}}", f'{{{facts}, "events": null}}', *(f'{{{facts}, "events": {each}}}' for each in bad)]
    tickets.write_text("\n".join(lines), encoding="utf-8")
    assert run("measure", str(tickets), "-o", str(out), *AT)[0] == 1
    written = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [(each["due_at"], each["state"]) for each in written] == [
        ("2026-07-04T11:00:00+03:00", "met"),
        *[("2026-07-07T09:00:00+03:00", "breached")] * 2,
    ]
    assert [row["reason"] for row in cells(tmp_path / "o.jsonl.rejects.csv")] == [
        "events: must be a list, not 'soon'",
        "events[0]: must be an object, not 'soon'",
        "events[0]: kind is missing",
        "events[1]: kind is missing",
        "events: must be a list, not {'kind': 1}",
        "events[0]: kind: must be text or a whole number, not []",
        "answered at 2026-07-01T10:30:00+03:00 is before opened_at 2026-07-03T17:00:00+03:00",
    ]


AUDIT = ["--time-format", "%d-%m-%Y %H:%M", "--timezone", "UTC", "--set", "plan=premium", "--prefix", "sla_"]
AUDIT += ["--map", "id=number", "--map", "at=sys_updated_at", "--map", "kind=incident_state"]
AUDIT += ["--event-kind", "New=", "--event-kind", "Active=answered,resumed"]
AUDIT += ["--event-kind", "Resolved=resolved", "--event-kind", "Closed=resolved"]
for state in ("User Info", "Problem", "Vendor", "Evidence"):
    AUDIT += ["--event-kind", f"Awaiting {state}=paused"]
for theirs, ours in (("1 - Critical", "blocker"), ("2 - High", "high"), ("3 - Moderate", "medium"), ("4 - Low", "low")):
    AUDIT += ["--value", f"priority:{theirs}={ours}"]


def test_an_audit_log_is_tickets_and_events(run: Run, tmp_path: Path) -> None:
    log, out = ROOT / "docs" / "audit-log.csv", tmp_path / "out.csv"
    status, _, told = run("measure", str(log), "--events", str(log), "-o", str(out), "--metric", "all", *AUDIT, *AT)
    assert status == 1
    rows = [(row["number"], row["sla_metric"], row["sla_elapsed_s"], row["sla_ended_at"]) for row in cells(out)]
    assert rows == [
        ("INC01", "first-response", "0", "2026-07-02T19:30:00+03:00"),
        ("INC01", "resolution", "4500", "2026-07-03T13:15:00+03:00"),
        ("INC02", "first-response", "0", "2026-07-04T13:00:00+03:00"),
        ("INC02", "resolution", "337200", ""),  # round the clock since Saturday, reopened on Saturday too
    ]
    # answered and raised on one row: the answer is judged by the priority before
    assert cells(out)[2]["sla_due_at"] == "2026-07-07T10:00:00+03:00"
    assert "3 rows: 1 rejected" in told
    (rejected,) = cells(tmp_path / "out.csv.rejects.csv")
    assert (rejected["line"], rejected["number"]) == ("14", "INC03")
    assert rejected["reason"].startswith("resolved at 2026-07-07T08:50:00+00:00 is before opened_at")


@pytest.mark.skipif(not SHARED.exists(), reason="the whole log (5,998 rows) is not part of the project")
def test_a_real_audit_log(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    argv = ["measure", str(SHARED), "--events", str(SHARED), "-o", str(out), "--metric", "all", *AUDIT]
    status, _, told = run(*argv, "--at", "2017-03-01T00:00")
    assert status == 1
    assert told.splitlines()[0].startswith("890 rows: 2 rejected")
    measured = {row["number"] for row in cells(out)}
    rejected = cells(tmp_path / "out.csv.rejects.csv")
    assert len(measured) == 888
    assert all(" is before opened_at " in row["reason"] for row in rejected)
    assert {row["number"] for row in rejected} | measured == {row["number"] for row in cells(SHARED)}


kinds = st.sampled_from([*EVENT_KINDS, *EVENT_KINDS, "x", ""])
minutes = st.integers(0, 2000).map(
    lambda n: (datetime(2026, 7, 3, 12, tzinfo=UTC) + timedelta(minutes=10 * n)).isoformat()
)
values = st.sampled_from(["", "low", "blocker", "p9"])
events = st.lists(st.fixed_dictionaries({"kind": kinds, "at": minutes, "value": values}), max_size=8)
tickets = st.lists(
    st.fixed_dictionaries(
        {
            "plan": st.sampled_from(["premium", "enterprise", "", "gold"]),
            "priority": st.sampled_from(["blocker", "high", "low"]),
            "opened_at": minutes,
            "events": events,
        },
        optional={"answered_at": minutes},
    ),
    max_size=4,
)
TARGETS: Any = {metric: Target(within=timedelta(hours=3)) for metric in METRICS[:2]}
DESK = KOLMISOFT.replace(plans=[Plan(name="PREMIUM", rank=1, targets=TARGETS), KOLMISOFT.plans["ENTERPRISE"]])


@given(tickets, st.booleans(), st.sampled_from(["carry", "retroactive", "restart"]))
def test_a_file_with_events_says_what_imported_tickets_say(
    drawn: list[dict[str, Any]], apart: bool, reading: str
) -> None:
    """Row for row the same as the cycles of a ticket, its events in the row or in a file of their own."""
    now, policy = datetime(2026, 7, 9, 12, tzinfo=UTC), DESK.replace(priority_change=reading)
    measuring, out, rejects = Measuring(at=now, policy=policy, metrics=METRICS), io.StringIO(), io.StringIO()
    log = None
    if apart:
        happened = [{"id": id, **event} for id, ticket in enumerate(drawn) for event in ticket["events"]]
        log = Log.read(JsonTable(io.StringIO("".join(json.dumps(each) + "\n" for each in happened))), Layout())
        rows = [{"id": id, **ticket, "events": None} for id, ticket in enumerate(drawn)]
    else:
        rows = drawn
    table = JsonTable(io.StringIO("".join(json.dumps(row) + "\n" for row in rows)))
    summary = measuring.run(table, out, rejects, log=log)
    written = [json.loads(line) for line in out.getvalue().splitlines()]
    expected, refused = [], 0
    for facts in drawn:
        try:
            expected += list(rows_of(facts, policy, now))
        except KolmislaError:
            refused += 1
    assert summary.rejected == refused
    names = ("metric", "cycle", "due_at", "elapsed_s", "state")
    assert [tuple(row[name] for name in names) for row in written] == expected


def rows_of(facts: dict[str, Any], policy: Policy, now: datetime) -> list[tuple[Any, ...]]:
    given = {**facts, "plan": facts["plan"] or None}
    told = [{**event, "value": event["value"] or None} for event in given.pop("events")]
    for event in told:
        if event["kind"] in ("withdrawn", "waived"):
            event["reason"] = event["value"]
        if event["kind"] not in ("priority", "paused", "owner", "plan", "due", "extended"):
            event["value"] = None
    ticket = Ticket.imported(**given, events=told)
    if ticket.opened_at > now and ticket.plan:
        raise KolmislaError
    known = ticket.until(now)
    rows: list[tuple[Any, ...]] = []
    for metric in METRICS:
        try:
            found = cycles(known, metric=metric, policy=policy)
        except NotCoveredError:
            told_again = [event for event in told if datetime.fromisoformat(event["at"]) <= now]
            answered = given.get("answered_at", "9")  # text that is after all others
            covered = {**given, "plan": "premium", "answered_at": answered if answered <= now.isoformat() else None}
            count = len(cycles(Ticket.imported(**covered, events=told_again), metric=metric, policy=policy))
            rows += [(metric, number, None, None, "not-covered") for number in range(1, count + 1)]
            continue
        rows += [row_of(metric, cycle, now) for cycle in found]
    return rows


def row_of(metric: str, cycle: Cycle, now: datetime) -> tuple[Any, ...]:
    elapsed = cycle.elapsed(now)
    due_at = cycle.deadline.to_dict()["due_at"] if cycle.deadline else None
    state = cycle.status(now).state if cycle.deadline else "not-covered"
    return metric, cycle.number, due_at, elapsed / timedelta(seconds=1), state


@pytest.mark.unmeasured
def test_memory_grows_with_the_events_only(tmp_path: Path) -> None:
    peaks, events = [], tmp_path / "events.csv"
    events.write_text("id,at,kind\n1,2026-07-04T18:00,answered\n", encoding="utf-8")
    for count in (1_000, 8_000):
        path = tmp_path / f"{count}.csv"
        body = "".join(f"{number},premium,low,2026-07-03T16:30Z,{number:0100}\n" for number in range(count))
        path.write_text(f"id,plan,priority,opened_at,note\n{body}", encoding="utf-8")
        tracemalloc.start()
        assert main(["measure", str(path), "--events", str(events), "-o", str(tmp_path / "o.csv"), *AT]) == 0
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 250_000  # the larger file has 1,120,000 bytes


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--events", "-"], "the events must be in a file, not on standard input"),
        (["--events", "none.csv"], "none.csv: No such file or directory"),
        (["--events", "events.csv", "-o", "events.csv"], "the events and the output are the same file: events.csv"),
        (["--events", "events.csv", "--map", "event_id=nr"], "events.csv: there is no column 'nr' for event_id"),
        (["--events", "events.csv", "--map", "id=nr"], "events.csv: there is no column 'nr' for event_id"),
        (["--events", "events.csv", "--map", "kind=state"], "there is no column 'state' for kind; the file has id, at"),
        (["--event-kind", "Pending"], "'Pending' is not THEIRS=KINDS, such as Pending=paused"),
        (["--event-kind", "Pending=waiting"], "kind 'waiting' is not one of answered, asked, paused"),
        (["--event-kind", "P=paused", "--event-kind", "P=resumed"], "'P' must be translated once for kind, not twice"),
        (["--value", "priority"], "'priority' is not NAME:THEIRS=OURS, such as priority:P1=blocker"),
        (["--value", "id:1=2"], "the words of id cannot be translated, only those of plan, priority, channel"),
        (["--events", "tickets.csv", "-o", "tickets.csv"], "the tickets and the output are the same file: tickets.csv"),
        (["--value", "priority:=high"], "'=high' has no word before the ="),
        (["--map", "events=note"], "the events of CSV tickets must be in a separate file"),
        (["--metric", "speed"], "metric 'speed' is not one of first-response"),
    ],
    ids=str,
)
def test_unusable_options(
    run: Run,
    files: tuple[Path, Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(files[0].parent)
    status, out, told = run(
        "measure", "tickets.csv", *AT, *(["-o", "out.csv"] if "-o" not in options else []), *options
    )
    assert (status, out) == (2, "")
    assert message in told
    assert not Path("out.csv").exists()
    assert Path("events.csv").read_text(encoding="utf-8") == EVENTS


def test_the_queue_of_a_file(run: Run, files: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    tickets, events, _ = files
    argv = ["queue", str(tickets), "--events", str(events), *TRANSLATED, "--at", "2026-07-04T10:15"]
    assert run(*argv) == (
        0,
        "   id  priority  plan     state        breaches_after  remaining  why\n"
        "1  2   BLOCKER   PREMIUM  running      Sat 11:00       0:45:00\n"
        "2  4   LOW       PREMIUM  running      Tue 09:00       1:00:00\n"
        "3  3   LOW       -        not-covered  -               -          no support plan\n",
        "3 waiting, 0 rejected; times without an offset are read in Europe/Vilnius; tickets are judged at"
        f" 2026-07-04T10:15:00+03:00; policy Kolmisoft {KOLMISOFT.digest[:8]}\n",
    )
    _, out, _ = run(*argv, "--json", "--metric", "resolution")
    places = [json.loads(line) for line in out.splitlines()]
    assert [(place["id"], place["state"]) for place in places] == [(id, "not-covered") for id in "2134"]
    assert places[0]["reason"] == "plan PREMIUM promises no resolution for BLOCKER"


def test_a_queue_names_the_rows_that_are_no_tickets(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "plan,priority,opened_at\npremium,p1,2026-07-03T16:30\ngold,low,x\npremium,low,2026-07-03T16:30\n"
    monkeypatch.setattr(sys, "stdin", piped(rows))
    status, out, told = run("queue", "-", "--at", "2026-07-03T17:00")
    assert status == 1
    assert out.splitlines()[1] == "1  -   LOW       PREMIUM  running  Tue 08:30       1:30:00"
    assert told.splitlines()[:-1] == [
        "line 2: priority 'p1' is not one of BLOCKER, HIGH, MEDIUM, LOW",
        "line 3: opened_at: 'x' is not a time in ISO 8601, such as 2026-07-03T16:30:00+03:00",
    ]


PROOF = """\
PREMIUM BLOCKER, first-response within 2:00:00, times of Europe/Vilnius
from                   until                  counted     total  why
Fri 2026-07-03 17:00 - Fri 2026-07-03 18:00   1:00:00   1:00:00  working hours
Fri 2026-07-03 18:00 - Sat 2026-07-04 00:00         -   1:00:00  closed: outside the day's hours
Sat 2026-07-04 00:00 - Sat 2026-07-04 10:00         -   1:00:00  closed: weekend
Sat 2026-07-04 10:00 - Sat 2026-07-04 {until}  24x7 since 10:00: raised to BLOCKER
due Sat 2026-07-04 11:00
"""


IDENTITY = f"policy Kolmisoft {KOLMISOFT.digest[:8]}\n"


def test_due_and_status_tell_why(run: Run) -> None:
    opened = ["2026-07-03T17:00", *PREMIUM, *RAISED]
    assert run("due", *opened) == (0, "2026-07-04T11:00:00+03:00\n", "")
    assert run("due", *opened, "--explain") == (0, PROOF.format(until="11:00   1:00:00   2:00:00") + IDENTITY, "")
    status, out, _ = run("status", *opened, "--explain", "--at", "2026-07-04T10:30")
    assert status == 0
    assert out.startswith("state           running\nelapsed         1:30:00\n")
    verdict = "running: 1:30:00 counted of 2:00:00, 0:30:00 left\n"
    assert out.endswith("\n\n" + PROOF.format(until="10:30   0:30:00   1:30:00") + verdict)
    before = run("status", *opened, "--at", "2026-07-03T17:30")[1]
    assert "due_at          2026-07-07T09:00:00+03:00" in before  # nobody knew yet that it would be raised
    steps = json.loads(run("due", *opened, "--explain", "--json")[1])["steps"]
    assert steps[3]["why"] == "24x7 since 10:00: raised to BLOCKER"
    assert [step["counted_s"] for step in steps] == [3600, 0, 0, 3600]
    steps = json.loads(run("status", *opened, "--explain", "--json", "--at", "2026-07-03T17:30")[1])["steps"]
    assert [step["total_s"] for step in steps] == [1800]


def test_a_metric_that_is_not_promised_is_measured(run: Run) -> None:
    opened = ["2026-07-03T17:00", *PREMIUM, "--metric", "resolution"]
    reason = "kolmisla: not covered: plan PREMIUM promises no resolution for HIGH\n"
    assert run("due", *opened) == (3, "", reason)
    paused = ["--event", "2026-07-03T17:45 paused the customer"]
    status, out, told = run("status", *opened, *paused, "--at", "2026-07-07T09:00", "--explain")
    assert (status, told) == (3, reason)
    assert out.splitlines()[:2] == ["state           not-covered", "elapsed         0:45:00"]
    assert out.splitlines()[-1].endswith("-   0:45:00  paused: the customer")
    answer = json.loads(run("status", *opened, "--at", "2026-07-03T17:30", "--json")[1])
    assert (answer["state"], answer["elapsed_s"], answer["metric"], answer["due_at"]) == (
        "not-covered",
        1800,
        "resolution",
        None,
    )
    asked = run("status", "2026-07-03T17:00", *PREMIUM, "--metric", "next-response", "--at", "2026-07-03T18:00")
    assert asked == (
        3,
        "",
        "kolmisla: not covered: no question was asked after a response, so no next-response is due\n",
    )


def test_events_of_the_command_line(run: Run) -> None:
    opened = ["due", "2026-07-03T17:00", *PREMIUM]
    assert "a time, a kind of event and a value" in run(*opened, "--event", "2026-07-04T10:00 escalated")[2]
    assert (
        "contradict each other"
        in run(*opened, "--event", "2026-07-04 10:00 paused", "--event", "2026-07-04 10:00 RESUMED")[2]
    )
    assert "event with 1 fault: a change of priority" in run(*opened, "--event", "2026-07-04T10:00 priority")[2]
    assert "--explain is for one ticket" in run("due", "-", *PREMIUM, "--explain")[2]


def test_an_event_of_a_ticket_without_a_name() -> None:
    rows = (
        '{"id": [7], "at": "2026-07-03T17:00", "kind": "asked"}\n{"id": 7, "at": "2026-07-03T17:00", "kind": "asked"}'
    )
    log = Log.read(JsonTable(io.StringIO(rows)), Layout())
    assert len(log.of("7")) == 1
    assert list(log.strays()) == ["line 1: id: must be text or a whole number, not [7]"]


def test_true_is_no_id_of_an_event() -> None:
    log = Log.read(JsonTable(io.StringIO('{"id": true, "at": "2026-07-03T17:00Z", "kind": "asked"}')), Layout())
    assert list(log.strays()) == ["line 1: id: must be text or a whole number, not True"]
    assert log.of("True") == []


def test_a_csv_table_of_events_may_have_no_values() -> None:
    log = Log.read(
        CsvTable(io.StringIO("ticket,when,what\n7,2026-07-03T18:00Z,asked\n")),
        Layout(columns={"event_id": "ticket", "at": "when", "kind": "what"}),
    )
    assert [moment.kind for moment in log.of("7")] == ["asked"]
    assert log.of("8") == []
    assert list(log.strays()) == []


def test_an_audit_log_is_read_alike_by_measure_and_queue(run: Run, tmp_path: Path) -> None:
    """Of a row before the opening the priority is the one at opening; a row that cannot be read spoils its ticket."""
    log, link, out = tmp_path / "log.csv", tmp_path / "link.csv", tmp_path / "out.csv"
    rows = [
        "A,2026-07-03T16:00,New,high,2026-07-03T17:00",
        "A,2026-07-03T17:10,New,low,2026-07-03T17:00",
        "B,2026-07-03T17:00,New,low",
        "B,2026-07-03T17:10,New,blocker,2026-07-03T17:00",
        "C,2026-07-03T17:10,Solved,low,2026-07-03T17:00",
        ",x",
    ]
    log.write_text("id,at,kind,priority,opened_at\n" + "\n".join(rows), encoding="utf-8")
    link.hardlink_to(log)
    same = ["--events", str(link), "--set", "plan=premium", "--event-kind", "New=", "--at", "2026-07-03T17:30"]
    status, _, told = run("measure", str(log), *same, "-o", str(out))
    assert status == 1
    assert [(row["id"], row["elapsed_s"], row["state"]) for row in cells(out)] == [("A", "1800", "running")]
    reasons = {(row["line"], row["reason"]) for row in cells(Path(f"{out}.rejects.csv"))}
    solved = f"kind 'Solved' is not one of {', '.join(EVENT_KINDS)}"
    assert reasons == {
        ("4", "the row must have 5 cells, like the header, not 4"),
        ("5", "the ticket's event on line 4: the row must have 5 cells, like the header, not 4"),
        ("6", f"the ticket's event on line 6: {solved}"),
        ("7", "the row must have 5 cells, like the header, not 2"),
    }
    assert "without a ticket" not in told
    status, printed, told = run("queue", str(log), *same, "--json")
    assert [(place["id"], place["priority"]) for place in map(json.loads, printed.splitlines())] == [("A", "LOW")]
    assert (status, len(told.splitlines())) == (1, 5)
    same[1] = "/dev/null"
    assert "an audit log must be a file that can be read twice, not /dev/null" in run("measure", "/dev/null", *same)[2]


def test_a_csv_may_have_a_column_named_events(run: Run, tmp_path: Path) -> None:
    tickets = tmp_path / "t.csv"
    tickets.write_text("plan,priority,opened_at,events\npremium,low,2026-07-03T16:30,3\n", encoding="utf-8")
    assert run("measure", str(tickets), "-o", str(tmp_path / "o.csv"), *AT, "--map", "answered_at=")[0] == 0


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("true", "True"),
        ("7.5", "7.5"),
        ("7.0", "7.0"),
        ("[7]", "[7]"),
        ('{"n": 7}', "{'n': 7}"),
        ("7", ""),
        ("null", ""),
    ],
)
def test_an_odd_id_is_rejected_by_measure_and_queue(run: Run, tmp_path: Path, written: str, shown: str) -> None:
    tickets = tmp_path / "t.jsonl"
    facts = '"plan": "premium", "priority": "low", "opened_at": "2026-07-03T17:00"'
    tickets.write_text(f'{{"id": {written}, {facts}}}\n')
    odd = bool(shown)
    assert run("measure", str(tickets), "-o", str(tmp_path / "o.jsonl"), *AT, "--map", "answered_at=")[0] == odd
    if odd:
        assert f"id: must be text or a whole number, not {shown}" in (tmp_path / "o.jsonl.rejects.csv").read_text()
    status, _, told = run("queue", str(tickets), *AT)
    assert (status, f"id: must be text or a whole number, not {shown}" in told) == (odd, odd)
    measuring, rejects = Measuring(at=datetime(2026, 7, 8, tzinfo=UTC)), io.StringIO()
    rejected = measuring.run(JsonTable(io.StringIO(tickets.read_text())), io.StringIO(), rejects, log=Log()).rejected
    assert rejected == (odd or written == "null")  # a log needs an id


def test_constants_hold_for_the_events_of_json_tickets_too() -> None:
    facts = '"plan": "premium", "priority": "low", "opened_at": "2026-07-03T17:00"'
    row = f'{{{facts}, "events": [{{"at": "2026-07-03T17:30"}}]}}'
    out = io.StringIO()
    measuring = Measuring(at=datetime(2026, 7, 8, tzinfo=UTC), layout=Layout(constants={"kind": "answered"}))
    measuring.run(JsonTable(io.StringIO(row)), out, io.StringIO())
    assert json.loads(out.getvalue())["elapsed_s"] == 1800


def test_numbers_of_json_tickets_are_translated_as_their_text_is() -> None:
    facts = '"plan": 7, "priority": 1, "opened_at": "2026-07-03T17:00"'
    row = f'{{{facts}, "events": [{{"at": "2026-07-03T17:30", "kind": "answered"}}], "channel": "mail"}}'
    out, rejects = io.StringIO(), io.StringIO()
    words = {"priority": {"1": "low"}, "plan": {"7": "premium", "True": "premium"}, "channel": {"mail": ""}}
    measuring = Measuring(at=datetime(2026, 7, 8, tzinfo=UTC), layout=Layout(values=words))
    measuring.run(JsonTable(io.StringIO(row)), out, rejects)
    assert json.loads(out.getvalue())["elapsed_s"] == 1800
    for other, told in (("8", "plan '8' is not one of"), ("true", "must be text or a whole number, not True")):
        measuring.run(JsonTable(io.StringIO(row.replace("7,", f"{other},", 1))), io.StringIO(), rejects)
        assert told in rejects.getvalue()


def test_lines_of_standard_input_to_which_nothing_is_promised(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for options in (["--metric", "resolution"], ["--channel", "phone"]):
        monkeypatch.setattr(sys, "stdin", piped("2026-07-03T16:30\n"))
        status, out, told = run("due", "-", *PREMIUM, *options)
        assert (status, out) == (3, "")
        assert told.startswith("kolmisla: not covered: ")
    monkeypatch.setattr(sys, "stdin", piped("2026-07-03T16:30\n"))
    assert run("due", "-", *PREMIUM, "--event", "2026-07-03T17:00 priority low", "--metric", "resolution")[0] == 1


def test_why_no_due_time_is_known_is_told_and_the_status_says_so(run: Run) -> None:
    last = ["due", "2100-12-31T17:30", *PREMIUM]
    message = "kolmisla: no due time is known: holidays of LT are known for 2011 to 2100\n"
    assert run(*last) == (5, "", message)
    status, out, told = run(*last, "--explain")
    assert (status, told) == (5, message)
    assert out.splitlines()[2] == "Fri 2100-12-31 17:30 - Fri 2100-12-31 18:00   0:30:00   0:30:00  working hours"
    assert json.loads(run(*last, "--explain", "--json")[1])["steps"][0]["counted_s"] == 1800


def test_a_priority_of_the_log_from_before_the_opening_is_the_one_at_opening(
    run: Run, files: tuple[Path, Path, Path]
) -> None:
    tickets, events, out = files
    events.write_text("id,at,kind,value\n2,2026-07-03T16:00,priority,blocker\n", encoding="utf-8")
    assert run("measure", str(tickets), "--events", str(events), "-o", str(out), *AT)[0] == 0
    assert cells(out)[1]["due_at"] == "2026-07-03T19:00:00+03:00"
    row = '{"plan": "premium", "priority": "low", "opened_at": "2026-07-03T17:00", "events": '
    own = '[{"kind": "priority", "at": "2026-07-03T16:00", "value": "blocker"}]}'
    answer = io.StringIO()
    Measuring(at=datetime(2026, 7, 8, tzinfo=UTC)).run(JsonTable(io.StringIO(row + own)), answer, io.StringIO())
    assert json.loads(answer.getvalue())["due_at"] == "2026-07-03T19:00:00+03:00"


def test_a_priority_that_is_none_is_refused_without_a_promise_too(run: Run, files: tuple[Path, Path, Path]) -> None:
    tickets, events, out = files
    events.write_text("id,at,kind,value\n3,2026-07-03T18:00,priority,p9\n", encoding="utf-8")
    assert run("measure", str(tickets), "--events", str(events), "-o", str(out), *AT)[0] == 1
    (rejected,) = cells(Path(f"{out}.rejects.csv"))
    assert (rejected["id"], rejected["reason"]) == ("3", "priority 'p9' is not one of BLOCKER, HIGH, MEDIUM, LOW")


def test_times_at_the_edge_of_the_calendar(
    run: Run, files: tuple[Path, Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A date of year 1, as some systems write for none, is a fault of its row and of no other."""
    monkeypatch.setenv("COLUMNS", "100")
    tickets, events, out = files
    events.write_text(
        "id,at,kind,value\n1,0001-01-01T00:00,asked,\n2,0001-01-01T00:00+14:00,priority,low\n", encoding="utf-8"
    )
    rest = ["--events", str(events), *AT]
    assert run("measure", str(tickets), *rest, "-o", str(out))[0] == 1
    (rejected,) = cells(Path(f"{out}.rejects.csv"))
    assert rejected["reason"].startswith("asked at a time before year 1 is before opened_at")
    status, printed, told = run("queue", str(tickets), *rest)
    assert (status, len(told.splitlines()), len(printed.splitlines())) == (1, 3, 3)
    assert "a time before year 1 cannot be shown in Europe/Vilnius" in told
    odd = tmp_path / "odd.csv"
    odd.write_text("id,plan,priority,opened_at\n2,,high,0001-01-01T00:00\n3,,high,2026-07-03T16:00\n", encoding="utf-8")
    assert run("measure", str(odd), "--metric", "all", "-o", str(out), *AT)[0] == 1
    assert [row["id"] for row in cells(out)] == ["3", "3"]
    assert run("queue", str(odd), *AT)[1].count("not-covered") == 1
    far = ["--at", "0001-01-01T00:00"]
    told = "kolmisla: a time before year 1 is before the ticket was opened at 2026-07-03T17:00:00+03:00\n"
    assert run("status", "2026-07-03T17:00", *PREMIUM, *far) == (2, "", told)
    assert run("measure", str(odd), *far, "-o", str(out))[0] == 2


def test_metrics_are_checked() -> None:
    at = datetime(2026, 7, 8, tzinfo=UTC)
    assert Measuring(at=at, metrics=["First response"]).metrics == ("first-response",)
    with pytest.raises(KolmislaError, match="metric 'bogus' is not one of"):
        Measuring(at=at, metrics=["bogus"])
    with pytest.raises(ValueError, match="metrics must have at least one name"):
        Measuring(at=at, metrics=[])


def test_the_first_event_that_cannot_be_read_is_told() -> None:
    rows = "id,at,kind\n7,nonsense,paused\n7,2026-07-03T10:00Z,danced\n"
    log = Log.read(CsvTable(io.StringIO(rows)), Layout())
    with pytest.raises(TicketError, match="the ticket's event on line 2: at: 'nonsense'"):
        log.of("7")


def test_events_that_change_a_promise(run: Run) -> None:
    """A due time that was agreed, open time that was added, and tickets that need no answer."""
    opened = ("2026-07-03T16:30", *PREMIUM)
    asked = ("--event", "2026-07-03T17:00 due:resolution 2026-07-10T12:00", "--metric", "resolution")
    assert run("due", *opened, *asked)[:2] == (0, "2026-07-10T12:00:00+03:00\n")
    code, text, _ = run("due", *opened, *asked[:2])  # of another metric
    assert (code, text) == (0, "2026-07-07T08:30:00+03:00\n")
    assert run("due", *opened, "--event", "2026-07-03T17:00 extended PT1H")[1] == "2026-07-07T09:30:00+03:00\n"
    gone = run("status", *opened, "--event", "2026-07-03T17:00 withdrawn duplicate", "--at", "2026-07-08T09:00")[1]
    assert "state           withdrawn\nelapsed         0:30:00\n" in gone
    waived = run("status", *opened, "--event", "2026-07-03T17:00 waived outage", "--at", "2026-07-08T09:00")[1]
    assert "state           breached\n" in waived
    assert "waived          outage\n" in waived
    for event in ("2026-07-03T17:00 waived:first-response outage", "2026-07-03T17:00 due 2026-07-10T10:00"):
        time, kind, value = event.split()
        alike = f"{time} {kind.replace('waived', 'Waived').replace('due', 'DUE')} {value}"
        answers = [run("status", *opened, "--event", each, "--at", "2026-07-08T09:00") for each in (event, alike)]
        assert answers[0] == answers[1]
        assert answers[0][0] == 0
    code, _, fault = run("due", *opened, "--event", "2026-07-03T17:00 waived")
    assert code == 2
    assert "an event of the kind waived must have a reason" in fault
    code, _, fault = run("due", *opened, "--metric", "resolutoin")
    assert (code, fault) == (
        2,
        "kolmisla: metric 'resolutoin' is not one of first-response, next-response, resolution\n",
    )


def test_a_schedule_of_the_ticket(run: Run) -> None:
    opened = ("2026-07-03T17:00", "--plan", "premium", "--priority", "high")
    assert run("due", *opened, "--schedule", "always")[:2] == (0, "2026-07-03T19:00:00+03:00\n")
    code, _, fault = run("due", *opened, "--schedule", "nights")
    assert code == 2
    assert "schedule 'nights' is not one of working-hours, always" in fault
