"""Tickets of files that are withdrawn, waived, handed over, or have due times of their own. Answers are by hand."""

import csv
import io
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from kolmisla import Policy
from tests.commands.test_answers import Run
from tests.commands.test_answers import run as run

DESK = """
name = "desk"
timezone = "Europe/Vilnius"
schedules.office = { timezone = "Europe/Vilnius", hours = { mon-fri = ["09:00-18:00"] } }
schedules.de = { timezone = "Europe/Berlin", hours = { mon-fri = ["09:00-18:00"] } }
priorities.P1 = { rank = 1, schedule = "office" }
owners.BERLIN = { schedule = "de" }
metrics.first-reply = { starts = { requester = ["opened"], staff = ["asked"] }, ends = ["answered"], reopened = "ignore" }
metrics.ola = { starts = ["owner"], ends = ["owner", "resolved"], repeats = true }
plans.GOLD = { rank = 1, targets = { first-response = { within = "PT1H" }, resolution = { within = "PT4H" }, first-reply = { within = "PT1H" } , ola = { within = "PT2H" } }, pausing = ["resolution"], average = { within = "PT30M" } }
"""  # noqa: E501  # a policy is read line by line
AT = ["--at", "2026-07-08T12:00"]
DAY = "2026-07-07"  # a Tuesday


@pytest.fixture
def desk(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)
    Path("desk.toml").write_text(DESK, encoding="utf-8")

    def ask(command: str, tickets: str, events: str | None, *options: str) -> tuple[int, list[dict[str, str]], str]:
        Path("t.csv").write_text(tickets, encoding="utf-8")
        given = ["--policy", "desk.toml", *AT, *options]
        if events is not None:
            Path("e.csv").write_text(events, encoding="utf-8")
            given += ["--events", "e.csv"]
        out = [] if command == "queue" else ["-o", "out.csv" if command == "measure" else "out.json"]
        status, said, told = run(command, "t.csv", *out, *given)
        if command == "measure" and status < 2:
            return status, list(csv.DictReader(io.StringIO(Path("out.csv").read_text(encoding="utf-8")))), told
        return status, [], said + told

    return ask


HEAD = "id,opened_at,plan"


def ticket(id: int, time: str = "10:00") -> str:
    return f"{id},{DAY}T{time},GOLD"


LIVES = "\n".join(
    [
        "id,at,kind,value,metric,reason",
        f"1,{DAY}T10:30,merged,,,",  # withdrawn, and closed by the system (zammad 904, 1741)
        f"1,{DAY}T10:30,resolved,,,",
        f"2,{DAY}T12:00,answered,,,",
        f"2,{DAY}T12:30,exempt,,,outage",  # dbt_zendesk 274
        f"3,{DAY}T10:20,answered,,,",
        f"4,{DAY}T12:00,exempt,holiday,,",
        "",
    ]
)
WORDS = ["--event-kind", "merged=withdrawn", "--event-kind", "exempt=waived"]


def test_withdrawn_and_waived_tickets_are_counted_apart(desk: Any) -> None:
    tickets = "\n".join([HEAD, *(ticket(number) for number in range(1, 5)), ""])
    status, rows, told = desk("measure", tickets, LIVES, *WORDS, "--json")
    assert status == 0
    assert [(row["state"], row["reason"], row["elapsed_s"]) for row in rows] == [
        ("withdrawn", "", "1800"),
        ("breached", "waived: outage", "7200"),
        ("met", "", "1200"),
        ("breached", "waived: holiday", "39600"),
    ]
    summary = told.splitlines()
    assert "4 rows: 1 met, 0 breached, 0 running, 0 not-covered, 1 withdrawn, 2 waived (outage 1, holiday 1)" in told
    assert "met: 100.0 % of 1" in summary
    assert "GOLD: mean response 0:20:00 over 1 answered, aim 0:30:00, met" in summary  # the withdrawn one is in no mean


def test_the_json_of_a_summary(desk: Any, run: Run) -> None:
    tickets = "\n".join([HEAD, *(ticket(number) for number in range(1, 5)), ""])
    desk("measure", tickets, LIVES, *WORDS)
    _, said, _ = run(
        "measure", "t.csv", "--events", "e.csv", "-o", "o.csv", "--policy", "desk.toml", *AT, *WORDS, "--json"
    )
    counted = json.loads(said)["metrics"]["first-response"]
    assert (counted["withdrawn"], counted["waived"], counted["ended"]) == (1, 2, 2)
    assert counted["waivers"] == {"outage": 1, "holiday": 1}
    assert counted["verdicts"] == [{"plan": "GOLD", "priority": "P1", "met": 1, "breached": 0}]
    plain = f"{HEAD},answered_at\n{ticket(1)},{DAY}T10:10\n"
    Path("t.csv").write_text(plain, encoding="utf-8")
    _, said, _ = run("measure", "t.csv", "-o", "o.csv", "--policy", "desk.toml", *AT, "--json")
    assert not {"withdrawn", "waived", "waivers"} & json.loads(said)["metrics"]["first-response"].keys()


def test_a_waiver_must_have_a_reason(desk: Any) -> None:
    status, rows, told = desk("measure", f"{HEAD}\n{ticket(1)}\n", f"id,at,kind\n1,{DAY}T11:00,waived\n")
    assert (status, rows) == (1, [])
    assert "a waiver must have a reason; map event_reason to a column, or write a reason behind the kind" in told
    _, (row,), _ = desk(
        "measure", f"{HEAD}\n{ticket(1)}\n", f"id,at,kind\n1,{DAY}T11:00,x\n", "--event-kind", "x=waived:strike"
    )
    assert row["reason"] == "waived: strike"


def test_a_report_has_them_beside_its_figures(desk: Any) -> None:
    tickets = "\n".join([HEAD, *(ticket(number) for number in range(1, 5)), ""])
    status, _, told = desk("report", tickets, LIVES, *WORDS)
    assert status == 0
    assert "1 decided: 1 kept, 0 broken" in told
    assert "not in these figures: 0 running, 0 not covered, 1 withdrawn, 2 waived, 0 rejected" in told
    document = json.loads(Path("out.json").read_text(encoding="utf-8"))
    total = document["total"]
    assert [total[name] for name in ("tickets", "met", "breached", "withdrawn", "waived", "ended")] == [
        4,
        1,
        0,
        1,
        2,
        1,
    ]
    assert document["waived"] == {"holiday": 1, "outage": 1}
    (average,) = document["averages"]
    assert (average["mean_s"], average["n"], average["apart"]) == (1200, 1, [])
    assert document["worst"] == []


def test_a_due_time_of_the_row(desk: Any) -> None:
    """It holds whatever the pauses are (glpi 17186). A blank one leaves the target of the plan."""
    tickets = f"{HEAD},until,resolved_at\n"
    tickets += f"{ticket(1)},{DAY}T17:00,{DAY}T16:59\n{ticket(2)},{DAY}T17:00,{DAY}T17:01\n{ticket(3)},,{DAY}T17:00\n"
    events = f"id,at,kind,value\n1,{DAY}T10:30,paused,\n1,{DAY}T16:00,resumed,\n"
    options = ["--map", "due_at=until", "--metric", "resolution", "--map", "resolved_at=resolved_at"]
    status, rows, _ = desk("measure", tickets, events, *options)
    assert status == 0
    assert [(row["due_at"][11:16], row["breaches_after"][11:16], row["state"]) for row in rows] == [
        ("17:00", "17:00", "met"),
        ("17:00", "17:00", "breached"),
        ("14:00", "14:00", "breached"),
    ]
    status, _, told = desk("measure", tickets, None, "--map", "due_at=until", "--metric", "all")
    assert (status, "due_at is the due time of one metric; choose one metric of first-response" in told) == (2, True)
    status, rows, told = desk("measure", tickets.replace(f"{DAY}T17:00", "soon", 1), None, "--map", "due_at=until")
    assert (status, len(rows), "due_at: 'soon'" in told) == (1, 2, True)


def test_the_schedule_of_a_ticket(desk: Any) -> None:
    """A column names the schedule of each ticket (newrelic 20146): Berlin closes an hour after Vilnius."""
    tickets = f"{HEAD},country,answered_at\n{ticket(1, '17:30')},Germany,\n{ticket(2, '17:30')},,\n"
    tickets += f"{ticket(3, '17:30')},Spain,\n"
    status, rows, told = desk("measure", tickets, None, "--map", "schedule=country", "--value", "schedule:Germany=de")
    assert [row["due_at"] for row in rows] == [f"{DAY}T18:30:00+03:00", "2026-07-08T09:30:00+03:00"]
    assert (status, "schedule 'Spain' is not one of office, de" in told) == (1, True)
    _, rows, _ = desk("measure", tickets, None)
    assert {row["due_at"] for row in rows} == {"2026-07-08T09:30:00+03:00"}
    _, rows, _ = desk("measure", tickets, None, "--set", "schedule=de")
    assert {row["due_at"] for row in rows} == {f"{DAY}T18:30:00+03:00"}


def test_owners_by_events_and_at_opening(desk: Any) -> None:
    """The owner in the row is that of today. The log tells the one before, and each hand has its cycle."""
    tickets = f"{HEAD},group\n{ticket(1, '12:00')},berlin\n{ticket(2, '12:00')},berlin\n"
    events = f"id,at,kind,value,before\n1,{DAY}T13:00,owner,berlin,L1\n1,{DAY}T14:30,resolved,,\n"
    options = ["--map", "owner=group", "--map", "old_value=before", "--metric", "ola"]
    _, rows, _ = desk("measure", tickets, events, *options)
    assert [(row["cycle"], row["started_at"][11:16], row["ended_at"][11:16], row["due_at"][11:16]) for row in rows] == [
        ("1", "12:00", "13:00", "14:00"),
        ("2", "13:00", "14:30", "15:00"),
        ("1", "12:00", "", "14:00"),
    ]
    early = f"id,at,kind,value\n1,{DAY}T11:00,owner,\n2,{DAY}T11:30,owner,L9\n"
    status, rows, told = desk("measure", tickets, early, "--map", "owner=group", "--metric", "ola")
    assert status == 0  # nobody has the first ticket, so no cycle has begun, and no event ends one
    assert [row["state"] for row in rows] == ["not-covered", "breached"]
    assert "no ticket has an end of ola" in told


def test_who_opened_a_ticket(desk: Any) -> None:
    """The clock of the first reply starts at the customer's first word if the staff opened it (dbt_zendesk 273)."""
    tickets = f"{HEAD},by\n{ticket(1)},agent\n{ticket(2)},\n"
    events = "\n".join(
        [
            "id,at,kind",
            *(f"{id},{DAY}T1{hour}:00,{kind}" for id in (1, 2) for hour, kind in ((1, "asked"), (2, "answered"))),
        ]
    )
    options = ["--map", "opened_by=by", "--metric", "first-reply"]
    status, rows, told = desk("measure", tickets, events, *options, "--value", "opened_by:agent=staff")
    assert status == 0
    assert [(row["started_at"][11:16], row["state"]) for row in rows] == [("11:00", "met"), ("10:00", "breached")]
    status, rows, told = desk("measure", tickets, events, *options)
    assert (status, len(rows)) == (1, 1)
    assert "opened_by: 'agent' must be requester or staff; translate it with --value 'opened_by:agent=staff'" in told
    _, _, told = desk("measure", tickets.replace("agent", "a*"), events, *options)
    assert r"translate it with --value 'opened_by:a\*=staff'" in told  # with a star alone, it would be a pattern


@pytest.mark.parametrize("column", ["owner", "schedule", "opened_by"])
def test_a_column_of_that_name_changes_nothing_unasked(desk: Any, column: str) -> None:
    _, rows, _ = desk("measure", f"{HEAD},{column}\n{ticket(1)},nonsense\n", None)
    assert [row["state"] for row in rows] == ["breached"]
    _, rows, _ = desk("measure", f"{HEAD},{column}\n{ticket(1)},nonsense\n", None, "--map", f"{column}={column}")
    assert len(rows) == (column == "owner")  # an owner without hours of its own is one all the same


def test_events_of_one_metric(desk: Any) -> None:
    """A due time in the file's own format and zone; an extension; a metric in the words of the file."""
    tickets = f"{HEAD}\n{ticket(1)}\n"
    events = "\n".join(
        [
            "id,at,kind,value,what,why",
            f"1,{DAY}T10:30,agreed,08.07.2026 10:00,TTR,customer asked",
            f"1,{DAY}T10:40,extended,PT30M,TTR,",
            f"1,{DAY}T10:50,extended,PT5M,TTO,",
            "",
        ]
    )
    options = ["--map", "event_metric=what", "--map", "event_reason=why", "--event-kind", "agreed=due"]
    options += ["--value", "event_metric:TTR=resolution", "--time-format", "value=%d.%m.%Y %H:%M", "--metric", "all"]
    status, rows, told = desk("measure", tickets, events, *options, "--value", "event_metric:TTO=first-response")
    assert status == 1  # nothing ended
    assert {row["metric"]: row["due_at"][5:16] for row in rows} == {
        "first-response": "07-07T11:05",
        "resolution": "07-08T10:30",
        "first-reply": "07-07T11:00",
    }
    status, rows, told = desk("measure", tickets, events, *options)
    assert (status, rows) == (1, [])
    assert "metric 'TTO' of an event is not one of first-response, next-response, resolution, first-reply, ola" in told


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ("due,,", "value: an event of the kind 'due' must say which due time was agreed"),
        ("due,soon,", "value: 'soon'"),
        ("extended,,", "value: an event of the kind 'extended' must say how much open time is added"),
        ("extended,2 hours,", "value: an event of the kind 'extended' must say how much open time is added"),
        ("plan,,", "a change of plan has no value"),
    ],
)
def test_events_that_cannot_be_read(desk: Any, event: str, told: str) -> None:
    status, rows, said = desk("measure", f"{HEAD}\n{ticket(1)}\n", f"id,at,kind,value,metric\n1,{DAY}T11:00,{event}\n")
    assert (status, rows, told in said) == (1, [], True)


def test_an_agreed_time_that_dst_repeats(desk: Any) -> None:
    tickets = f"{HEAD}\n{ticket(1)}\n"
    event = f"id,at,kind,value\n1,{DAY}T11:00,due,2026-10-25T03:30\n"
    status, _, told = desk("measure", tickets, event, "--ambiguous", "both")
    assert (status, "an agreed time must be read in one way; choose --ambiguous earlier or later" in told) == (1, True)
    _, (row,), _ = desk("measure", tickets, event, "--ambiguous", "later")
    assert row["due_at"] == "2026-10-25T03:30:00+02:00"


def test_an_audit_log_tells_the_owner_in_each_row(desk: Any) -> None:
    log = "\n".join(
        [
            "id,opened_at,plan,at,kind,group",
            f"1,{DAY}T12:00,GOLD,{DAY}T12:00,note,L1",
            f"1,{DAY}T12:00,GOLD,{DAY}T13:00,note,L2",
            f"1,{DAY}T12:00,GOLD,{DAY}T13:30,note,",
            f"1,{DAY}T12:00,GOLD,{DAY}T14:00,resolved,L2",
            "",
        ]
    )
    Path("t.csv").write_text(log, encoding="utf-8")
    options = ["--map", "owner=group", "--metric", "ola", "--event-kind", "note="]
    _, rows, _ = desk("measure", log, log, *options)
    assert rows != []
    given = ["measure", "t.csv", "--events", "t.csv", "-o", "o.csv", "--policy", "desk.toml", *AT, *options]
    from kolmisla.cli import main

    assert main(given) == 0
    rows = list(csv.DictReader(io.StringIO(Path("o.csv").read_text(encoding="utf-8"))))
    assert [(row["started_at"][11:16], row["ended_at"][11:16]) for row in rows] == [
        ("12:00", "13:00"),
        ("13:00", "14:00"),
    ]


def test_a_report_of_a_metric_of_the_policy(desk: Any, run: Run) -> None:
    tickets = f"{HEAD},group\n{ticket(1, '12:00')},L1\n{ticket(2, '12:00')},L1\n"
    events = f"id,at,kind,value\n1,{DAY}T13:00,owner,L2\n1,{DAY}T16:30,resolved,\n"
    status, _, told = desk("report", tickets, events, "--map", "owner=group", "--metric", "ola")
    assert status == 0
    assert "33.3 % of promises kept" in told
    assert "3 decided: 1 kept, 2 broken, of which 1 is not ended yet" in told
    status, said, _ = run(
        "report", "t.csv", "--events", "e.csv", "--policy", "desk.toml", *AT, "--map", "owner=group", "--metric", "ola"
    )
    assert "3 cycles begun on 7 July 2026" in said
    status, said, told = run("report", "t.csv", "--policy", "desk.toml", *AT, "--metric", "all")
    assert (status, said) == (2, "")
    assert told == "kolmisla: metric 'all' is not one of first-response, next-response, resolution, first-reply, ola\n"
    Path("other.toml").write_text(Path("desk.toml").read_text(encoding="utf-8").replace("ola", "lao"), encoding="utf-8")
    status, said, told = run(
        "report", "t.csv", "--policy", "desk.toml", *AT, "--metric", "ola", "--what-if", "other.toml"
    )
    assert (status, said) == (2, "")
    fault = "what_if must be a policy that has the metric of the report; in what_if, metric 'ola' is not one of"
    assert f"{fault} first-response" in told


def test_precision_of_withdrawn_tickets_and_of_agreed_times(desk: Any) -> None:
    tickets = f"{HEAD}\n{ticket(1)}\n{ticket(2)}\n"
    events = f"id,at,kind,value\n1,{DAY}T11:00,withdrawn,\n2,{DAY}T10:00,due,{DAY}T11:00:30\n2,{DAY}T11:00,answered,\n"
    _, rows, _ = desk("measure", tickets, events, "--precision", "PT1M")
    assert [row["state"] for row in rows] == ["withdrawn", "undecided"]


def test_a_report_of_a_metric_that_the_latest_edition_has_no_more(run: Run, tmp_path: Path) -> None:
    own = """
    timezone = "UTC"
    schedules.office.hours = { mon-fri = ["09:00-17:00"] }
    priorities.HIGH = { rank = 1, schedule = "office" }
    metrics.ola = { starts = ["opened"], ends = ["resolved"], reopened = "new-cycle" }
    plans.GOLD = { rank = 1, targets.ola = { within = "PT3H" } }
    """
    before = Policy.from_dict({"name": "Desk", **tomllib.loads(own)})
    after = Policy.from_dict({"name": "Desk", **tomllib.loads(own.replace("ola", "other"))})
    policy = tmp_path / "policy.json"
    editions = after.replace(effective_from="2026-07-10", earlier=[before])
    policy.write_text(json.dumps(editions.to_dict()), encoding="utf-8")
    tickets = tmp_path / "t.csv"
    tickets.write_text("id,opened_at,resolved_at\n1,2026-07-03T10:00,2026-07-03T12:00\n", encoding="utf-8")
    asked = ["report", str(tickets), "--policy", str(policy), *AT]
    status, said, _ = run(*asked, "--metric", "ola")
    assert (status, said.startswith("100.0 % of promises kept\n1 decided: 1 kept, 0 broken")) == (0, True)
    assert "Desk, ola: 1 cycle begun on 3 July 2026" in said


@pytest.mark.parametrize(
    ("ends", "word"),
    [('["resolved"]', "ended"), ('["answered", "resolved"]', "answered or resolved"), ("", "answered or resolved")],
)
def test_a_report_says_how_a_metric_ends(run: Run, tmp_path: Path, ends: str, word: str) -> None:
    defined = ends and f'metrics.first-response = {{ starts = ["opened"], ends = {ends} }}'
    policy = tmp_path / "policy.toml"
    policy.write_text(
        f"""
        name = "Desk"
        timezone = "UTC"
        schedules.office.hours = {{ mon-fri = ["09:00-17:00"] }}
        priorities.HIGH = {{ rank = 1, schedule = "office" }}
        {defined}
        plans.GOLD = {{ rank = 1, targets.first-response = {{ within = "PT3H" }} }}
        """,
        encoding="utf-8",
    )
    tickets = tmp_path / "t.csv"
    tickets.write_text(
        "id,opened_at,answered_at,resolved_at\n1,2026-07-03T10:00,,2026-07-03T12:00\n2,2026-07-03T10:00,,\n",
        encoding="utf-8",
    )
    status, said, _ = run("report", str(tickets), "--policy", str(policy), *AT)
    assert (status, f"of which 1 is not {word} yet\n" in said, f"of 1 {word}\n" in said) == (0, True, True)
