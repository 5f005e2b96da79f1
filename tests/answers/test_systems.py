"""Exports of well-known systems, each read in one line by its built-in layout, with the answers worked out by hand."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from kolmisla.tickets.layouts.layout_file import built_in_layouts
from tests.commands.test_answers import Run
from tests.commands.test_answers import run as run

DESK = """
name = "Day desk"
timezone = "UTC"
[schedules.day]
timezone = "UTC"
hours = { mon-fri = ["08:00-17:00"] }
[priorities]
High = { rank = 1, schedule = "day" }
Low = { rank = 2, schedule = "day" }
[plans.desk]
rank = 1
pausing = ["resolution"]
[plans.desk.targets.first-response]
High = { within = "PT1H" }
Low = { within = "PT8H" }
[plans.desk.targets.resolution]
High = { within = "PT4H" }
Low = { within = "PT9H" }
"""
# 2026-07-06 is a Monday. Each export has two tickets: one opened on Monday at 09:00, one on Friday the 3rd at 16:00.
JIRA = {
    "total": 2,
    "issues": [
        {
            "key": "A-1",
            "fields": {"created": "2026-07-06T09:00:00.000+0000", "priority": {"name": "High"}},
            "changelog": {
                "histories": [
                    {"created": "2026-07-06T12:00:00.000+0000", "items": [{"field": "status", "toString": "Done"}]},
                    {
                        "created": "2026-07-06T10:00:00.000+0000",
                        "items": [
                            {"field": "assignee", "toString": "ann"},
                            {"field": "status", "toString": "Waiting for customer"},
                        ],
                    },
                    {"created": "2026-07-06T11:00:00.000+0000", "items": [{"field": "status", "toString": "Open"}]},
                    {"created": "2026-07-06T09:30:00.000+0000", "items": []},
                ]
            },
        },
        {
            "key": "A-2",
            "fields": {"created": "2026-07-03T16:00:00.000+0000", "priority": {"name": "Low"}},
            "changelog": {
                "histories": [
                    {
                        "created": "2026-07-06T07:30:00.000+0000",
                        "items": [{"field": "status", "toString": "Closed"}, {"field": "priority", "toString": "High"}],
                    }
                ]
            },
        },
    ],
}
JIRA_CSV = """Summary,Issue key,Priority,Created,Resolved
One,A-1,High,06/Jul/26 9:00 AM,06/Jul/26 11:00 AM
Two,A-2,Low,03/Jul/26 4:00 PM,
"""
ZENDESK = """id,created_at,priority,status,updated_at
1,2026-07-06 09:00:00,high,solved,2026-07-06 12:00:00
2,2026-07-03 16:00:00,,open,2026-07-06 12:00:00
"""
ZENDESK_FIELDS = """ticket_id,field_name,updated,value
1,status,2026-07-06 09:00:00,open
1,group_id,2026-07-06 09:00:00,7
1,status,2026-07-06 10:00:00,pending
1,status,2026-07-06 11:00:00,open
1,status,2026-07-06 12:00:00,solved
2,status,2026-07-03 16:00:00,new
2,priority,2026-07-06 09:00:00,high
"""
ZENDESK_TICKETS = {
    "tickets": [
        {"id": 1, "created_at": "2026-07-06T09:00:00Z", "priority": "high", "requester_id": 70},
        {"id": 2, "created_at": "2026-07-03T16:00:00Z", "priority": "low", "requester_id": 70},
    ]
}


def audit(ticket: int, at: str, author: int, *events: dict[str, Any]) -> dict[str, Any]:
    return {"ticket_id": ticket, "created_at": f"2026-07-06T{at}:00Z", "author_id": author, "events": events}


ZENDESK_AUDITS = {
    "audits": [
        audit(1, "09:10", 8, {"type": "Comment", "public": False}),
        audit(1, "09:20", 70, {"type": "Comment", "public": True}),
        audit(
            1, "09:40", 8, {"type": "Comment", "public": True}, {"type": "Change", "field_name": "tags", "value": []}
        ),
        audit(1, "11:00", 8, {"type": "Change", "field_name": "status", "value": "solved"}),
        audit(2, "08:30", 70, {"type": "Comment", "public": True}),
    ]
}
SERVICENOW = """number,priority,opened_at,resolved_at,reopened_time,closed_at
INC1,High,2026-07-06 09:00:00,2026-07-06 10:00:00,2026-07-06 11:00:00,2026-07-06 12:00:00
INC2,Low,2026-07-03 16:00:00,,,2026-07-06 09:00:00
"""
SERVICENOW_LOG = """number,incident_state,sys_updated_at,opened_at,priority
INC1,Closed,6-7-2026 12:00,6-7-2026 09:00,High
INC1,Active,6-7-2026 11:00,6-7-2026 09:00,High
INC1,Awaiting User Info,6-7-2026 10:00,6-7-2026 09:00,High
INC1,New,6-7-2026 09:00,6-7-2026 09:00,High
INC2,New,3-7-2026 16:00,3-7-2026 16:00,Low
INC2,-100,6-7-2026 08:30,3-7-2026 16:00,Low
"""
GLPI = """\ufeff"ID";"Statut";"Date d'ouverture";"Priorité";"Date de résolution";
"1 001";"Clos";"06-07-2026 09:00";"High";"06-07-2026 11:00";
"1 002";"En cours

(50 %)";"03-07-2026 16:00";"Low";"";
"""
OTRS = """"Ticket#";"Created";"Close Time";"Priority";"SLA";"First Response"
"20260700000001";"2026-07-06 09:00:00";"2026-07-06 11:00:00";"High";"desk";"2026-07-06 09:40:00"
"20260700000002";"2026-07-03 16:00:00";"";"Low";"";""
"""


def journal(at: str, *details: tuple[str, str]) -> dict[str, Any]:
    changes = [{"property": "attr", "name": name, "new_value": value} for name, value in details]
    return {"user": {"id": 8}, "created_on": f"2026-07-06T{at}:00Z", "details": changes}


REDMINE = {
    "issue": {
        "id": 1,
        "created_on": "2026-07-06T09:00:00Z",
        "priority": {"id": 4, "name": "Low"},
        "author": {"id": 70},
        "journals": [
            journal("10:00", ("status_id", "4"), ("priority_id", "5")),
            journal("11:00", ("status_id", "2"), ("done_ratio", "30")),
            journal("12:00", ("status_id", "5")),
        ],
    }
}
PHABRICATOR = {
    "result": {
        "data": [
            {"id": 1, "fields": {"dateCreated": 1783328400, "priority": {"name": "High"}}},
            {"id": 2, "fields": {"dateCreated": 1783094400, "priority": {"name": "Low"}}},
        ]
    },
    "transactions": {
        "1": [
            {"taskID": "1", "dateCreated": "1783335600", "transactionType": "status", "newValue": "resolved"},
            {"taskID": "1", "dateCreated": "1783332000", "transactionType": "core:comment", "newValue": None},
            {"taskID": "1", "dateCreated": "1783328400", "transactionType": "status", "newValue": "open"},
        ],
        "2": [{"taskID": "2", "dateCreated": "1783324800", "transactionType": "priority", "newValue": 80}],
    },
}
XES = """<?xml version="1.0"?>
<log xmlns="http://www.xes-standard.org/">
  <trace><string key="concept:name" value="1"/>
    <event><string key="concept:name" value="Open"/><date key="time:timestamp" value="2026-07-06T09:00:00Z"/></event>
    <event><string key="concept:name" value="Solve"/><date key="time:timestamp" value="2026-07-06T11:00:00Z"/></event>
  </trace>
  <trace><string key="concept:name" value="2"/>
    <event><string key="concept:name" value="Open"/><date key="time:timestamp" value="2026-07-03T16:00:00Z"/></event>
  </trace>
</log>
"""
FRESHDESK = """Ticket ID,Priority,Created time,Initial response time,Resolved time,Closed time
1,High,2026-07-06 09:00:00,2026-07-06 09:40:00,2026-07-06 11:00:00,2026-07-06 12:00:00
2,Low,2026-07-03 16:00:00,,,
"""
FRESHDESK_API = [
    {
        "id": 1,
        "priority": 3,
        "created_at": "2026-07-06T09:00:00Z",
        "stats": {"first_responded_at": "2026-07-06T09:40:00Z", "resolved_at": "2026-07-06T11:00:00Z"},
    },
    {"id": 2, "priority": 1, "created_at": "2026-07-03T16:00:00Z", "stats": {"resolved_at": None}},
]


def comment(at: str, by: str) -> dict[str, Any]:
    return {"createdAt": f"2026-07-06T{at}:00Z", "author": {"login": by}, "body": "..."}


GITHUB = [
    {
        "number": 1,
        "author": {"login": "bob"},
        "createdAt": "2026-07-06T09:00:00Z",
        "closedAt": "2026-07-06T11:00:00Z",
        "comments": [comment("09:10", "bob"), comment("09:40", "ann")],
    },
    {
        "number": 2,
        "author": {"login": "bob"},
        "createdAt": "2026-07-03T16:00:00Z",
        "closedAt": None,
        "comments": [comment("08:30", "bob")],
    },
]
BUGZILLA = {
    "bugs": [
        {"id": 1, "creation_time": "2026-07-06T09:00:00Z", "priority": "High"},
        {"id": 2, "creation_time": "2026-07-03T16:00:00Z", "priority": "Low"},
    ]
}


def change(at: str, field: str, added: str) -> dict[str, Any]:
    return {"when": f"2026-07-06T{at}:00Z", "who": "ann", "changes": [{"field_name": field, "added": added}]}


BUGZILLA_HISTORY = {
    "bugs": [
        {
            "id": 1,
            "history": [
                change("10:00", "flagtypes.name", "needinfo?(bob)"),
                change("10:30", "cc", "eve"),
                change("11:00", "flagtypes.name", ""),
                change("12:00", "status", "RESOLVED"),
            ],
        },
        {"id": 2, "history": []},
    ]
}
BUGZILLA_WHOLE = {
    "bugs": [{**bug, **history} for bug, history in zip(BUGZILLA["bugs"], BUGZILLA_HISTORY["bugs"], strict=True)]
}
NEEDINFO = ["--event-kind", "flagtypes.name:needinfo?*=paused:needinfo"]
NEEDINFO += ["--event-kind", "flagtypes.name:=resumed:needinfo", "--event-kind", "flagtypes.name:*="]
OPEN311 = [
    {
        "service_request_id": "1",
        "requested_datetime": "2026-07-06T09:00:00+00:00",
        "notes": [
            {"datetime": "2026-07-06T11:00:00+00:00", "type": "closed"},
            {"datetime": "2026-07-06T09:00:00+00:00", "type": "submitted"},
        ],
    },
    {"service_request_id": "2", "requested_datetime": "2026-07-03T16:00:00+00:00", "notes": []},
    {
        "service_request_id": "3",
        "status": "closed",
        "requested_datetime": "2026-07-06T09:00:00+00:00",
        "updated_datetime": "2026-07-06T11:00:00+00:00",
        "notes": [],
    },
    {
        "service_request_id": "4",
        "status": "open",
        "requested_datetime": "2026-07-03T16:00:00+00:00",
        "updated_datetime": "2026-07-06T11:00:00+00:00",
    },
]

HOUR = "3600"
WAITED, PLAIN = ("7200", "met"), ("7200", "met")  # 09:00 to 12:00 less an hour, and 09:00 to 11:00
RUNNING = ("18000", "running")  # Friday from 16:00 to 17:00, Monday from 08:00 to 12:00
# The name of the layout, the file, the file of events, other options, and the elapsed time and state of each ticket.
SYSTEMS: list[tuple[str, str, Any, Any, list[str], list[tuple[str, str]]]] = [
    ("jira", "issues.json", JIRA, None, [], [WAITED, (HOUR, "met")]),
    ("jira-csv", "jira.csv", JIRA_CSV, None, [], [PLAIN, RUNNING]),
    (
        "zendesk-history",
        "tickets.csv",
        ZENDESK,
        ("history.csv", ZENDESK_FIELDS),
        ["--default", "priority=low"],
        [WAITED, ("18000", "breached")],
    ),
    ("zendesk", "tickets.json", ZENDESK_TICKETS, ("audits.json", ZENDESK_AUDITS), [], [PLAIN, RUNNING]),
    ("servicenow", "incident.csv", SERVICENOW, None, [], [WAITED, ("7200", "met")]),
    ("servicenow-audit", "log.csv", SERVICENOW_LOG, None, [], [WAITED, RUNNING]),
    ("glpi", "glpi.csv", GLPI, None, [], [PLAIN, RUNNING]),
    ("otrs", "otrs.csv", OTRS, None, ["--default", "plan=desk"], [PLAIN, RUNNING]),
    ("redmine", "issue.json", REDMINE, None, ["--value", "priority:5=High"], [WAITED]),
    ("phabricator", "tasks.json", PHABRICATOR, "the same", [], [PLAIN, ("18000", "breached")]),
    (
        "xes",
        "log.xes",
        XES,
        None,
        ["--event-kind", "Solve=resolved", "--event-kind", "*=", "--default", "priority=Low"],
        [PLAIN, RUNNING],
    ),
    ("freshdesk", "tickets.csv", FRESHDESK, None, [], [PLAIN, RUNNING]),
    ("freshdesk", "tickets.json", FRESHDESK_API, None, [], [PLAIN, RUNNING]),
    ("github", "issues.json", GITHUB, None, ["--default", "priority=Low"], [PLAIN, RUNNING]),
    ("bugzilla", "bugs.json", BUGZILLA, ("history.json", BUGZILLA_HISTORY), NEEDINFO, [WAITED, RUNNING]),
    ("bugzilla", "bugs.json", BUGZILLA_WHOLE, None, NEEDINFO, [WAITED, RUNNING]),
    ("open311", "requests.json", OPEN311, None, ["--default", "priority=Low"], [PLAIN, RUNNING] * 2),
]


class Systems:
    """Measures an export by a built-in layout, in one line."""

    def __init__(self, run: Run, folder: Path) -> None:
        self._run, self.folder = run, folder
        self.write("desk.toml", DESK)

    def write(self, name: str, content: Any) -> str:
        path = self.folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1), encoding="utf-8")
        return str(path)

    def __call__(self, file: str, *argv: str) -> tuple[list[dict[str, Any]], str]:
        argv = ("measure", file, "--policy", str(self.folder / "desk.toml"), "--at", "2026-07-06T12:00Z", *argv)
        status, out, err = self._run(*argv)
        assert status == 0, err
        if file.endswith(".csv"):
            cell = ";" if "glpi" in file or "otrs" in file else ","
            return list(csv.DictReader(io.StringIO(out), delimiter=cell)), err
        return [json.loads(line) for line in out.splitlines()], err


@pytest.fixture
def system(run: Run, tmp_path: Path) -> Systems:
    return Systems(run, tmp_path)


def answers(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(str(row["elapsed_s"]), row["state"]) for row in rows]


@pytest.mark.parametrize(("layout", "name", "export", "events", "options", "expected"), SYSTEMS)
def test_an_export_in_one_line(
    system: Systems,
    layout: str,
    name: str,
    export: Any,
    events: Any,
    options: list[str],
    expected: list[tuple[str, str]],
) -> None:
    file = system.write(name, export)
    if events is not None:
        options = ["--events", file if events == "the same" else system.write(*events), *options]
    rows, _ = system(file, "--layout", layout, "--metric", "resolution", *options)
    assert answers(rows) == expected


@pytest.mark.parametrize(
    ("layout", "name", "export", "events", "options"),
    [
        ("zendesk", "tickets.json", ZENDESK_TICKETS, ("audits.json", ZENDESK_AUDITS), []),
        ("freshdesk", "tickets.csv", FRESHDESK, None, []),
        ("freshdesk", "tickets.json", FRESHDESK_API, None, []),
        ("otrs", "otrs.csv", OTRS, None, ["--default", "plan=desk"]),
        ("github", "issues.json", GITHUB, None, ["--default", "priority=High"]),
    ],
)
def test_first_responses(system: Systems, layout: str, name: str, export: Any, events: Any, options: list[str]) -> None:
    """A private note and the requester's own words are no answers: the answer came at 09:40."""
    file = system.write(name, export)
    if events is not None:
        options = ["--events", system.write(*events), *options]
    rows, err = system(file, "--layout", layout, *options)
    assert answers(rows)[0] == ("2400", "met"), err
    assert rows[1]["state"] in ("running", "breached")


def test_every_built_in_layout_has_an_export() -> None:
    assert {layout for layout, *_ in SYSTEMS} == set(built_in_layouts())


def test_fields_without_a_word_are_counted(system: Systems) -> None:
    _, err = system(system.write("issues.json", JIRA), "--layout", "jira", "--metric", "resolution")
    assert "1 event changed fields that no --event-kind names: assignee (1)" in err


def test_flags_of_bugs_are_counted_but_do_not_pause(system: Systems) -> None:
    """The new value is blank when any flag is cleared, so it does not tell which flag was."""
    file = system.write("bugs.json", BUGZILLA_WHOLE)
    rows, err = system(file, "--layout", "bugzilla", "--metric", "resolution")
    assert answers(rows)[0][0] == "10800"
    assert "3 events changed fields that no --event-kind names: flagtypes.name (2), cc (1)" in err
