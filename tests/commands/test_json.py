"""JSON as systems give it: lists, documents, dotted names, events in lists inside."""

import csv
import gzip
import io
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO, cast

import pytest

from kolmisla.errors import TicketError
from kolmisla.files.tables import JsonDocument, JsonTable
from kolmisla.files.tables.paths import NOWHERE, Items, lists_in, row_steps, value_around, value_at, value_names
from tests.commands.test_answers import Run
from tests.commands.test_answers import run as run

AT = ["--at", "2026-07-06T12:00+03:00"]
OPENED, ANSWERED = "2026-07-03T16:30:00.000+0300", "2026-07-03T16:40:00.000+0300"
TICKET = {"id": 1, "plan": "premium", "priority": "high", "opened_at": OPENED, "answered_at": ANSWERED}


def issue(number: int, histories: list[Any] | None, **more: Any) -> dict[str, Any]:
    """An issue as a search of Jira gives it."""
    fields = {"created": OPENED, "priority": {"name": "High"}, **more}
    changelog = {} if histories is None else {"changelog": {"histories": histories}}
    return {"id": str(number), "fields": fields, **changelog}


def history(at: str, *states: str) -> dict[str, Any]:
    return {"id": "9", "created": at, "items": [{"field": "status", "toString": state} for state in states]}


JIRA = ["--rows", "issues", "--map", "opened_at=fields.created", "--map", "priority=fields.priority.name"]
JIRA += ["--map", "events=changelog.histories[].items[]", "--map", "at=created", "--map", "kind=toString"]
JIRA += ["--event-kind", "Active=answered", "--event-kind", "Done=resolved", "--set", "plan=premium"]


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)

    def write(name: str, text: Any, encoding: str = "utf-8") -> str:
        told = text if isinstance(text, str) else json.dumps(text, indent=1)
        (tmp_path / name).write_bytes(told.encode(encoding))
        return name

    return write


def rows_of(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_issues_with_a_changelog_in_one_line(run: Run, put: Any) -> None:
    issues = [
        issue(1, [history(ANSWERED, "Active"), history("2026-07-03T17:00:00.000+0300")]),
        issue(2, [history("2026-07-07T11:00:00.000+0300", "Active", "Done")]),
        issue(3, []),
        issue(4, None),
    ]
    status, out, _ = run("measure", put("jira.json", {"total": 4, "issues": issues}), *AT, *JIRA)
    assert status == 0
    assert [row["state"] for row in rows_of(out)] == ["met", "running", "running", "running"]
    assert [{name: row[name] for name in issues[0]} for row in rows_of(out)[:1]] == issues[:1]


SYSTEMS = {
    "zendesk": (
        {
            "tickets": [
                {"id": 35436, "created_at": "2026-07-03T13:30:00Z", "priority": "high", "via": {"channel": "web"}}
            ]
        },
        "--rows tickets --map opened_at=created_at --map answered_at=",
    ),
    "redmine": (
        {"issues": [{"id": 4, "priority": {"id": 2, "name": "High"}, "created_on": OPENED}], "total_count": 1},
        "--rows issues --map opened_at=created_on --map priority=priority.name --map answered_at=",
    ),
    "github": (
        [{"number": 12, "createdAt": OPENED, "labels": [{"name": "bug"}], "comments": [{"createdAt": ANSWERED}]}],
        "--map id=number --map opened_at=createdAt --map events=comments --map at=createdAt --set kind=answered"
        " --set priority=high",
    ),
    "jsonapi": (
        {"data": [{"type": "cases", "id": "7", "attributes": {"opened-at": OPENED, "severity": "S2"}}], "links": {}},
        "--rows data --map opened_at=attributes.opened-at --map priority=attributes.severity --value priority:S2=high"
        " --map answered_at=",
    ),
    "pages": (
        [{"items": [{"created": OPENED, "priority": "high"}], "page": 1}, {"items": [], "page": 2}],
        "--rows [].items --map opened_at=created --map answered_at=",
    ),
}


@pytest.mark.parametrize("name", SYSTEMS)
def test_systems_in_one_line_each(name: str, run: Run, put: Any) -> None:
    """Excerpts after the answers of several interfaces."""
    document, line = SYSTEMS[name]
    status, out, err = run("measure", put("t.json", document), *line.split(), "--set", "plan=premium", *AT)
    state = "met" if name == "github" else "running"
    assert (status, [(row["state"], row["target_s"]) for row in rows_of(out)]) == (0, [(state, 7200)]), err


def test_a_file_in_any_form_has_the_same_answers(run: Run, put: Any) -> None:
    rows = [
        {**TICKET, "id": i, "priority": p, "answered_at": a}
        for i, p in enumerate(["high", "low", "p1"])
        for a in (None, ANSWERED)
    ]
    put(
        "t.csv",
        ",".join(TICKET) + "\n" + "".join(",".join(str(cell or "") for cell in row.values()) + "\n" for row in rows),
    )
    put("t.jsonl", "\n".join(map(json.dumps, rows)))
    put("list.json", rows)
    put("doc.json", {"a": {"b": rows}})
    answers = []
    for argv in (["t.csv"], ["t.jsonl"], ["list.json"], ["doc.json", "--rows", "a.b"]):
        status, out, err = run("measure", *argv, *AT)
        csv_rows = list(csv.DictReader(io.StringIO(out))) if argv == ["t.csv"] else rows_of(out)
        told = [[str(row[name] or "") for name in ("id", "due_at", "elapsed_s", "state")] for row in csv_rows]
        answers.append(
            (status, told, [line.partition(": ")[2] for line in err.splitlines() if line.startswith("line")])
        )
    assert answers[1:] == answers[:1] * 3
    assert (answers[0][0], len(answers[0][1]), len(answers[0][2])) == (1, 4, 2)


def test_rows_go_out_as_they_came(run: Run, put: Any) -> None:
    """Numbers, the order of keys and blanks stay. Line breaks between tokens go, with the blanks around them."""
    text = '[\r\n  {"n": 1.50e+3,\r\n\t"t": "a\\nb  c\u2028", "e" : [ ],\n "plan":"premium" ,"priority":"high",\n'
    text += f' "opened_at"\n:\n"{OPENED}", "answered_at": null\n}}\n ]'
    status, out, _ = run("measure", put("t.json", text), *AT, "--map", "answered_at=")
    kept = '{"n": 1.50e+3,"t": "a\\nb  c\u2028", "e" : [ ],"plan":"premium" ,"priority":"high",'
    assert out.startswith(f'{kept}"opened_at":"{OPENED}", "answered_at": null, "due_at": ')
    assert (status, out.count("\n")) == (0, 1)


@pytest.mark.parametrize("form", ["list", "object", "lines", "pages"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_forms_and_encodings(form: str, encoding: str, run: Run, put: Any) -> None:
    two = [TICKET, {**TICKET, "id": 2}]
    text = {
        "list": json.dumps(two),
        "object": json.dumps(TICKET, indent=2).replace("\n", "\r\n"),
        "lines": "\n".join(map(json.dumps, two)),
        "pages": json.dumps(two[:1], indent=1) + json.dumps(two[1:]),
    }[form]
    argv = [put("t.json", text, encoding), *AT, *(["--encoding", encoding] if encoding == "utf-16" else [])]
    status, out, err = run("measure", *argv)
    assert (status, [row["state"] for row in rows_of(out)]) == (0, ["met"] * (1 if form == "object" else 2)), err


def test_a_packed_document_and_standard_input(run: Run, put: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    text = json.dumps([TICKET])
    Path("t.json.gz").write_bytes(gzip.compress(text.encode()))
    assert run("measure", "t.json.gz", *AT)[0] == 0
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert run("measure", "-", "--format", "json", *AT)[0] == 0
    assert run("queue", put("t.json", text), *AT)[1].count("\n") == 1


def test_rows_that_are_rejected(run: Run, put: Any) -> None:
    deep = "[" * 100_000 + "{" + '"]"' + ":1}" + "]" * 100_000
    long = "9" * 5_000
    text = (
        f'[7, "a",\n null, [{{}}],\n {{"id": 1,\n "id": 2}}, {{"a": {deep}}},\n{{"a": {long}}}, {json.dumps(TICKET)}]'
    )
    status, _, _ = run("measure", put("t.json", text), "-o", "out.jsonl", *AT)
    assert (status, Path("out.jsonl").read_text().count("\n")) == (1, 1)
    lines = Path("out.jsonl.rejects.csv").read_text().splitlines()
    assert lines[:4] == [
        "line,reason,row",
        "1,not a JSON object,7",
        '1,not a JSON object,"""a"""',
        "2,not a JSON object,null",
    ]
    assert lines[4] == "2,not a JSON object,[{}]"
    assert lines[5] == '3,the key \'id\' is given twice,"{""id"": 1,""id"": 2}"'
    assert lines[6].startswith('4,nested too deeply to be read,"{""a"": [[[[')
    assert lines[7].startswith("5,not JSON: a number has too many digits")
    assert len(lines) == 8


LINES = "if it has one object per line, read it with --format jsonl"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the file must have at least one value of JSON, but it is empty"),
        (" \n\t", "the file must have at least one value of JSON, but it is empty"),
        ('[{"a": 1},\n', "line 2 is not JSON: Expecting value"),
        ('[{"a": 1},\n]', "line 2 is not JSON: Expecting value"),
        ('[{"a": 1}\n {"a": 2}]', "line 2 is not JSON: there must be ',' or ']'"),
        ('[{"a": 1}\n', "line 2 is not JSON: there must be ',' or ']', but the text ends"),
        ('[{"a": 1,\n\n"b": x}]', "line 3 is not JSON: Expecting value"),
        ('[{"a": "\n"}]', "line 1 is not JSON: Invalid control character at"),
        ('[{"a": 1}]\n]', f"line 2 is not JSON: Expecting value; {LINES}"),
        ('{"a": 1}\n{"a": \n{"a": 2}', f"line 3 is not JSON: Expecting ',' delimiter; {LINES}"),
        ("\x00", "line 1 is not JSON: Expecting value"),
        ('[{"a": [[' + "[" * 100_000, "line 1 is not JSON: the text ends before its last bracket"),
        ('[{"a": ' + "[" * 100_000 + "}", "line 1 is not JSON: the bracket '}' does not fit the one that is open"),
        ('[{"a": ' + "[" * 100_000 + '"\x1b', "line 1 is not JSON: a string has a control character"),
        ('[{"a": ' + "[" * 100_000 + '"\\', "line 1 is not JSON: the text ends before its last bracket"),
    ],
)
def test_a_fault_in_the_form_names_its_line(text: str, told: str, run: Run, put: Any) -> None:
    status, out, err = run("measure", put("t.json", text), *AT)
    assert (status, out, err.splitlines()[-1]) == (2, "", f"kolmisla: t.json: {told}")


def test_a_byte_that_is_no_text_names_its_line(run: Run, put: Any) -> None:
    text = '[{"id": 1,\r\n "t": "' + "x" * 20_000 + '"},\n\n{"id": "\xff"}]'
    put("t.json", text, "latin-1")
    status, _, err = run("measure", "t.json", *AT)
    assert (status, err) == (2, "kolmisla: t.json: not valid UTF-8: byte 0xff, at or after line 4\n")


NO, FOR, KEYS, MEANT = "there is no", "for --rows", "the keys there are", "did you mean --rows"


@pytest.mark.parametrize(
    ("document", "path", "told"),
    [
        (
            {"total": 0, "issues": [{}]},
            "tickets",
            f"{NO} tickets {FOR} 'tickets'; {KEYS} total, issues; {MEANT} issues?",
        ),
        ({"result": {"data": [{}]}}, "data", f"{NO} data {FOR} 'data'; {KEYS} result; {MEANT} result.data?"),
        ({}, "data", f"{NO} data {FOR} 'data'; there are no keys"),
        ({"a": 7}, "a.b", f"{NO} b {FOR} 'a.b'; there are no keys"),
        ([{"issues": [{}]}], "issues", f"issues is inside a list; {MEANT} [].issues?"),
        ({"a": {"b": [{"c": []}]}}, "a.b.c", f"c is inside a list; {MEANT} a.b[].c?"),
        ([{"a": 1}, {}], "[].issues", f"{NO} issues {FOR} '[].issues'; {KEYS} a"),
        ({"a": {}}, "a[]", "there must be a list here, because --rows 'a[]' has [] for it"),
        ({"a": []}, "a.*", "there must be an object here, because --rows 'a.*' has * for it"),
        ({"a": 1}, "a[].b", "there must be a list here, because --rows 'a[].b' has [] for it"),
    ],
)
def test_a_path_that_leads_nowhere(document: Any, path: str, told: str, run: Run, put: Any) -> None:
    status, out, err = run("measure", put("t.json", json.dumps(document)), "--rows", path, *AT)
    assert (status, out, err) == (2, "", f"kolmisla: t.json: line 1: {told}\n")


def test_what_is_passed_over_may_be_deep_or_large(run: Run, put: Any) -> None:
    large = ["a\\[{", {"b": "]" * 1_100_000}]
    text = f'{{"deep": {"[" * 100_000}{"]" * 100_000}, "large": {json.dumps(large)}, "rows": [{json.dumps(TICKET)}]}}'
    status, out, _ = run("measure", put("t.json", text), "--rows", "rows", *AT)
    assert (status, out.count("\n")) == (0, 1)
    status, _, err = run("measure", put("t.json", text), "--rows", "row", *AT)
    assert err.endswith("the keys there are deep, large, rows; did you mean --rows rows?\n"), err


def test_a_path_must_have_names_and_one_meaning(run: Run, put: Any) -> None:
    status, _, err = run("measure", put("t.json", "{}"), "--rows", "a..b", *AT)
    told = "a path to rows must be names with dots between them, such as result.data, not 'a..b'"
    assert (status, err) == (2, f"kolmisla: t.json: {told}\n")
    deep = put("deep.json", '{"a":' * 100 + json.dumps([TICKET]) + "}" * 100)
    assert run("measure", deep, "--rows", ".".join("a" * 100), *AT)[0] == 0
    status, _, err = run("measure", deep, "--rows", ".".join("a" * 600), *AT)
    assert (status, "a path to rows must have at most 100 names, not 600: 'a.a.a" in err) == (2, True)
    status, _, err = run("measure", put("t.json", '{"a": [],\n "a": [{}]}'), "--rows", "a", *AT)
    assert (status, err) == (2, "kolmisla: t.json: line 2: a is there twice, so --rows 'a' has two meanings\n")
    status, _, err = run("measure", put("t.json", "{1: []}"), "--rows", "a", *AT)
    assert (status, err) == (2, "kolmisla: t.json: line 1 is not JSON: there must be a key in double quotes\n")


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"a": None}, "a"),
        ({"a": None}, "a[]"),
        ({"a": None}, "a.*"),
        ({"a": []}, "a"),
        ([{"a": []}, {"b": 1}], "[].a"),
        ([], "[].a"),
        ({"a": {}}, "a.*[]"),
    ],
)
def test_a_path_to_no_rows(document: Any, path: str, run: Run, put: Any) -> None:
    status, out, err = run("measure", put("t.json", document), "--rows", path, "--map", "answered_at=", *AT)
    assert (status, out, err.splitlines()[0].startswith("0 rows: ")) == (0, "", True)


def test_a_row_at_the_end_of_a_path(run: Run, put: Any) -> None:
    """An object is one row. What is neither it nor a list is a reject."""
    assert run("measure", put("t.json", {"issue": TICKET}), "--rows", "issue", *AT)[0] == 0
    status, out, err = run("measure", put("t.json", {"a": {"x": TICKET, "y": 7}}), "--rows", "a.*", *AT)
    assert (status, out.count("\n"), err.splitlines()[0]) == (1, 1, "line 10: not a JSON object")


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("t.json", '{"total": 1, "issues": [{"id": 1}]}', "if the rows are in issues: --rows issues"),
        ("t.json", '{"issue": {"id": 1, "notes": [{}]}}', "if the rows are in issue: --rows issue"),
        ("t.json", '[{"total": 1, "issues": [{"id": 1}]}]', "if the rows are in [].issues: --rows [].issues"),
        ("t.jsonl", '{"total": 1, "issues": [{"id": 1}]}', "if the rows are in issues: --format json --rows issues"),
    ],
)
def test_a_document_taken_for_a_ticket(name: str, text: str, told: str, run: Run, put: Any) -> None:
    status, _, err = run("measure", put(name, text), *AT)
    assert (status, err.splitlines()[0]) == (1, f"line 1: opened_at is missing; {told}")


def test_other_faults_have_no_hint(run: Run, put: Any) -> None:
    ticket = {"plan": "premium", "opened_at": OPENED, "notes": [{"text": "late"}]}
    status, _, err = run("measure", put("t.json", ticket), *AT)
    assert (status, err.splitlines()[0]) == (1, "line 1: priority is missing")


def test_only_the_first_row_of_a_list_has_the_hint(run: Run, put: Any) -> None:
    status, _, err = run("measure", put("t.json", [{"a": [{}], "b": 1}, {"a": [{}], "b": 1}]), *AT)
    told = [line for line in err.splitlines() if line.startswith("line")]
    assert told == [
        "line 2: opened_at is missing; if the rows are in [].a: --rows [].a",
        "line 8: opened_at is missing",
    ]
    assert status == 1


@pytest.mark.parametrize("text", ["[\n", "{\n", '[{"id": 1}]\n', '{"issues": [\n'])
def test_a_document_named_as_json_lines(text: str, run: Run, put: Any) -> None:
    status, _, err = run("measure", put("t.jsonl", text), *AT)
    assert (status, err.endswith("not JSON Lines; read it with --format json\n"), err.count("\n")) == (2, True, 1)


@pytest.mark.parametrize("first", ["[]", "[1]", '["a', "[" * 100_000 + "1", '{"id": 1, "plan": '])
def test_a_bad_first_line_of_json_lines_is_one_reject(first: str, run: Run, put: Any) -> None:
    status, out, err = run("measure", put("t.jsonl", f"{first}\n{json.dumps(TICKET)}\n"), *AT)
    assert (status, out.count("\n"), err.startswith("line 1: not")) == (1, 1, "nested" not in err), err


IS_FOR, GIVE = "is for JSON documents", "for a document give --format json"
MUST_BE_LINES = "must end in .jsonl, because rows are written as JSON Lines"


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        ("t.csv --rows a", f"--rows {IS_FOR}, but t.csv is CSV; {GIVE}"),
        ("t.jsonl --rows a", f"--rows {IS_FOR}, but t.jsonl is JSON Lines; {GIVE}"),
        ("t.xes --rows a", f"--rows {IS_FOR}, but t.xes is an event log in XES; {GIVE}"),
        ("t.json --event-rows a", "--event-rows needs a file of events; name it with --events"),
        (
            "t.json --events t.csv --event-rows a",
            f"--event-rows {IS_FOR}, but t.csv is CSV; for a document its name must end in .json",
        ),
        ("t.json --delimiter ;", "give --delimiter only for CSV; t.json is a JSON document"),
        ("t.json -o out.json", f"out.json {MUST_BE_LINES}, also the rows of a JSON document"),
        ("t.jsonl -o out.json", f"out.json {MUST_BE_LINES}"),
        ("t.xes -o out.xes", f"out.xes {MUST_BE_LINES}, also the rows of an event log in XES"),
        ("t.json -o o.csv", "o.csv must end in .jsonl, because the output keeps the tickets' format"),
        ("t.csv -o o.csv.gz", "o.csv.gz must not end in .gz, because files are written uncompressed"),
        ("t.json -o o.jsonl --rejects r.ZST", "r.ZST must not end in .ZST, because files are written uncompressed"),
    ],
)
def test_what_does_nothing_or_cannot_be_is_refused(argv: str, told: str, run: Run, put: Any) -> None:
    for name in ("t.csv", "t.json", "t.jsonl", "t.xes"):
        put(name, "")
    status, _, err = run("measure", *argv.split(), *AT)
    assert (status, err) == (2, f"kolmisla: {told}\n")


def test_a_delimiter_is_for_csv_beside_json(run: Run, put: Any) -> None:
    put("events.csv", f"id;at;kind\n1;{ANSWERED};answered\n")
    ticket = {name: value for name, value in TICKET.items() if name != "answered_at"}
    argv = [put("t.json", [ticket]), "--events", "events.csv", "--delimiter", ";", *AT]
    assert rows_of(run("measure", *argv)[1])[0]["state"] == "met"


def test_tickets_and_events_of_one_document(run: Run, put: Any) -> None:
    """Tasks and their transactions, as Phabricator gives them."""
    tasks = [{"id": 69, "fields": {"dateCreated": 1783085400}}, {"id": 73, "fields": {"dateCreated": 1783085400}}]
    done = {"69": [{"taskID": "69", "dateCreated": "1783086000", "transactionType": "status"}], "73": []}
    name = put("tasks.json", {"result": {"data": tasks}, "transactions": done})
    argv = [name, "--rows", "result.data", "--map", "opened_at=fields.dateCreated", "--time-format", "epoch"]
    argv += ["--set", "plan=premium", "--set", "priority=high", "--map", "event_id=taskID", "--map", "at=dateCreated"]
    argv += ["--map", "kind=transactionType", "--event-kind", "status=answered", *AT]
    status, out, _ = run("measure", *argv, "--events", name, "--event-rows", "transactions.*[]")
    assert (status, [row["state"] for row in rows_of(out)]) == (0, ["met", "running"])
    assert run("queue", *argv, "--events", name, "--event-rows", "transactions.*")[1].splitlines()[1].split()[1] == "73"
    status, _, err = run("measure", *argv, "--events", name, "--event-rows", "transactions.69[]")
    assert status == 0
    status, _, err = run("measure", *argv, "--events", put("other.json", {"total": 1, "data": [{}]}))
    told = "without a ticket: line 1: kind is missing; if the rows are in data: --event-rows data"
    assert (status, told in err) == (1, True), err


@pytest.mark.parametrize("more", [[], ["--event-rows", "log"]])
def test_an_audit_log_inside_a_document(more: list[str], run: Run, put: Any) -> None:
    lines = [{"id": 7, "at": OPENED, "kind": "New", "priority": "high"}]
    lines += [{**lines[0], "at": ANSWERED, "kind": "Active"}]
    argv = [put("log.json", {"log": lines}), "--events", "log.json", "--rows", "log", "--set", "plan=premium", *AT]
    status, out, err = run("measure", *argv, *more, "--event-kind", "New=", "--event-kind", "Active=answered")
    assert (status, [row["state"] for row in rows_of(out)]) == (0, ["met"]), err


HINT = "; if the rows are in issues, users: --rows issues"


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        ({"total": 2}, "kind is missing"),
        ({"id": 7}, "the ticket's event on line 1: kind is missing"),
        ({"kind": "Active"}, "id is missing"),
        ({"kind": "list", "id": None}, "kind 'list' is not one of "),  # also the sole row of a document
    ],
)
@pytest.mark.parametrize("act", ["measure", "queue"])
def test_an_audit_log_whose_rows_are_deeper(
    act: str, document: dict[str, object], fault: str, run: Run, put: Any
) -> None:
    row = {"id": 7, "at": OPENED, "kind": "Active", "priority": "high", "parts": [{"a": 1}]}
    lists = {"issues": [row], "none": [], "users": [{"id": 3}]}
    argv = [put("log.json", {**document, "at": OPENED, **lists}), "--events", "log.json", "--set", "plan=premium", *AT]
    status, _, err = run(act, *argv, "--event-kind", "Active=answered")
    told = next(line for line in err.splitlines() if line.startswith("line 1: "))
    assert (status, told.startswith(f"line 1: {fault}"), told.endswith(HINT)) == (1, True, True), err
    status, out, err = run("measure", *argv, "--event-kind", "Active=answered", "--rows", "issues")
    assert (status, [row["state"] for row in rows_of(out)]) == (0, ["met"]), err


def test_only_a_row_that_lacks_a_fact_may_be_a_document(run: Run, put: Any) -> None:
    """Each line has a list inside. A line with a wrong time is no document."""
    row = {"id": 7, "at": OPENED, "kind": "answered", "priority": "high", "parts": [{"a": 1}]}
    rows = [row, {**row, "id": 8, "at": "soon"}, {**row, "id": 9, "kind": None}]
    name = put("log.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    _, _, err = run("measure", name, "--events", name, "--set", "plan=premium", *AT)
    wrong, lacking = err.splitlines()[:2]
    assert ("'soon' is not a time" in wrong, "--rows" in wrong) == (True, False)
    assert lacking.endswith("line 3: kind is missing; if the rows are in parts: --format json --rows parts")


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("events.txt", '{"id": 1}\n', "read JSON Lines (one object per line) in a file that ends in .jsonl"),
        ("events.txt", "[{}]", "read a JSON document in a file that ends in .json"),
        ("events.txt", "<?xml version='1.0'?>\n<log/>", "read an event log in XES in a file that ends in .xes"),
    ],
)
def test_the_format_of_events_is_told_by_their_ending(name: str, text: str, told: str, run: Run, put: Any) -> None:
    status, _, err = run("measure", put("t.json", [TICKET]), "--events", put(name, text), *AT)
    assert (status, err.endswith(f"not CSV; {told}\n")) == (2, True), err


@pytest.mark.parametrize(
    ("events", "told"),
    [
        ({"histories": {}}, "changelog.histories[].items[]: must be a list, not {}"),
        ({"histories": [7]}, "changelog.histories[].items[]: 7 is not an object"),
        ({"histories": [{"items": {"a": 1}}]}, "changelog.histories[].items[]: must be a list, not {'a': 1}"),
        ({"histories": [{"items": ["a"]}]}, "events[0]: must be an object, not 'a'"),
        ({"histories": [{"items": [{}]}]}, "events[0]: kind is missing"),
        ([{"histories": []}], "is a list; write [] before .histories"),
    ],
)
def test_events_of_a_wrong_form(events: Any, told: str, run: Run, put: Any) -> None:
    row = {**issue(1, None), "changelog": events}
    status, _, err = run("measure", put("t.json", {"issues": [row], "total": 1}), *AT, *JIRA)
    assert (status, told in err.splitlines()[0]) == (1, True), err


def test_a_value_of_a_wrong_form_is_a_reject(run: Run, put: Any) -> None:
    row = issue(1, [], priority={"name": {"text": "High"}})
    status, _, err = run("measure", put("t.json", {"issues": [row], "total": 1}), *AT, *JIRA)
    told = "line 3: priority: must be text or a whole number, not {'text': 'High'}"
    assert (status, err.splitlines()[0]) == (1, told)


def test_resolutions_are_found_and_suggested_inside(run: Run, put: Any) -> None:
    row = {"id": 1, "fields": {"created": OPENED, "resolutiondate": ANSWERED}}
    argv = [
        put("t.json", [row]),
        "--map",
        "opened_at=fields.created",
        "--set",
        "plan=premium",
        "--set",
        "priority=high",
    ]
    status, _, err = run("measure", *argv, "--metric", "resolution", *AT)
    assert (status, "is it in fields.resolutiondate? --map resolved_at=fields.resolutiondate" in err) == (1, True), err
    argv += ["--map", "resolved_at=fields.resolutiondate"]
    assert run("measure", *argv, "--metric", "resolution", *AT)[0] == 0


def test_names_of_many_rows_are_remembered_up_to_a_limit(run: Run, put: Any) -> None:
    wide = {f"c{i}": i for i in range(300)}
    rows = [{"plan": "premium", "priority": "high", "opened_at": OPENED, **more} for more in (wide, {"replied_on": 1})]
    status, _, err = run("measure", put("t.json", rows), *AT)
    assert (status, "no ticket has an answer" in err, "replied_on" in err) == (1, True, False)
    status, _, err = run("measure", put("t.json", rows[::-1]), *AT)
    assert (status, "replied_on" in err) == (1, True), err


def test_values_at_the_end_of_a_path() -> None:
    row = {"a": {"b": {"c": 1, "x.y": 2}, "n": None, "l": [{"c": 3}], "t": "text"}, "a.n": 5, "*": 6, "d.e": {"f": 7}}
    found = {path: value_at(row, path) for path in ("a.b.c", "a.b.x.y", "a.n", "*", "a.b")}
    assert found == {"a.b.c": 1, "a.b.x.y": 2, "a.n": 5, "*": 6, "a.b": {"c": 1, "x.y": 2}}
    for path in ("b", "a.c", "a.n.x", "a.l.c", "a.t.c", "a.b.c.d", "a..b", "", "a.q[]", "a..q[]", "d.e.f"):
        assert value_at(row, path) is NOWHERE, path
    assert value_at({"n": None}, "n.x[]") is NOWHERE
    items = value_at(row, "a.l[]")
    assert (repr(items), list(items)) == ("a.l[]", [({"c": 3},)])
    assert value_around([7, {"a": None}, {"a": 1}], "a") is None
    assert value_around([{}, {"a": {"b": 2}}], "a.b") == 2
    assert value_around([{}], "a") is None


@pytest.mark.parametrize(
    ("path", "items"),
    [
        ("l[]", [{"m": [{"x": 1}, {"x": 2}]}, {"m": None}, {}, {"m": {"x": 3}}]),
        ("l[].m", [{"x": 1}, {"x": 2}, {"x": 3}]),
        ("o.*", [1, 2, 5]),
        ("o.*[]", "o.*[]: must be a list, not 5"),
        ("l[].m[]", "l[].m[]: must be a list, not {'x': 3}"),
        ("*[].x", "*[].x: must be a list, not {'p': [1, 2], 'q': 5}"),
        ("l.m[]", "is a list; write [] before .m"),
        ("o[]", "o[]: must be a list, not {'p': [1, 2], 'q': 5}"),
        ("l.*", "must be an object, not"),
    ],
)
def test_items_at_the_end_of_a_path(path: str, items: Any) -> None:
    row = {"l": [{"m": [{"x": 1}, {"x": 2}]}, {"m": None}, {}, {"m": {"x": 3}}], "o": {"p": [1, 2], "q": 5}}
    found = value_at(row, path)
    assert isinstance(found, Items)
    if isinstance(items, str):
        with pytest.raises(TicketError) as fault:
            list(found)
        assert items in str(fault.value)
    else:
        assert [around[0] for around in found] == items


def test_items_have_those_around_them() -> None:
    row = {"a": [{"at": 1, "b": {"c": [{"d": 2}]}}], "at": 9}
    assert list(value_at(row, "a[].b.c")) == [({"d": 2}, row["a"][0])]  # type: ignore[index]
    assert [value_around(around, "at") for around in value_at(row, "a[].b.c[]")] == [1]


def test_names_that_a_message_suggests() -> None:
    deep = {"a": {"b": {"c": {"d": 1}}}, "e": [1], "f": {}}
    assert value_names(deep) == ["a.b.c", "e"]
    assert len(value_names({str(i): i for i in range(1000)})) == 200
    assert lists_in({"x": {"y": [{}]}, "a": [{}], "b": [1], "c": []}) == ["a", "x.y"]
    assert row_steps("a[]") == ("a", "[]")


class Endless(io.TextIOBase):
    """A stream of a list with many rows, made while it is read."""

    def __init__(self, begin: str, row: str, times: int) -> None:
        self._texts: Iterator[str] = iter([begin, *[row] * times])

    def read(self, _: int | None = -1, /) -> str:
        return next(self._texts, "")


def test_a_byte_that_is_no_text_ends_the_reading() -> None:
    class Broken(io.StringIO):
        encoding = "utf-8"
        texts = iter(['[{"a": "' + "x" * 70_000, None, '"}]'])

        def read(self, _: int | None = -1, /) -> str:
            if (text := next(self.texts, "")) is None:
                raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")
            return text

    with pytest.raises(ValueError, match="not valid UTF-8: byte 0xff, at or after line 1"):
        list(JsonDocument(Broken()).rows())


@pytest.mark.parametrize(("begin", "path"), [("[", None), ('{"a": [', "a"), ('{"b": [', "a")])
def test_the_memory_of_a_document_is_bounded(begin: str, path: str | None) -> None:
    row = json.dumps({"id": "x" * 8_000}) + ","
    stream = Endless(begin, row, 2_500)  # 20 MB
    tracemalloc.start()
    number = 0
    with pytest.raises(ValueError, match="not JSON"):
        for number, _ in enumerate(JsonDocument(cast("TextIO", stream), path).rows(), 1):  # noqa: B007
            pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert number == (0 if "b" in begin else 2_500)
    assert peak < (8_000_000 if "b" in begin else 2_000_000)


def test_a_table_must_be_an_open_text_file() -> None:
    for table in (JsonDocument, JsonTable):
        with pytest.raises(TypeError, match="stream must be an open text file"):
            table(cast("TextIO", io.BytesIO()))


PAGED = {"issues": [{"id": 1, "plan": "premium", "priority": "high", "opened_at": OPENED, "answered_at": OPENED}]}


@pytest.mark.parametrize(
    ("beside", "told"),
    [
        ({"total": 121}, "the document says total 121, but has 1 row: is it one page of several?"),
        ({"startAt": 0, "totalCount": "2"}, "the document says totalCount 2, but has 1 row"),
        (
            {"next_page": "https://desk.example/2"},
            "the document says next_page 'https://desk.example/2': is it one page",
        ),
        ({"isLast": False}, "the document says isLast False: is it one page"),
        ({"has_more": True}, "the document says has_more True: is it one page"),
        ({"total": 1, "next_page": None, "isLast": True, "has_more": False, "count": "many"}, ""),
    ],
)
@pytest.mark.parametrize("metric", [[], ["--metric", "first-response"]])
def test_one_page_of_several_is_named(run: Run, put: Any, beside: Any, told: str, metric: list[str]) -> None:
    for document in ({**beside, **PAGED}, {**PAGED, **beside}):
        status, _, err = run("measure", put("t.json", document), "--rows", "issues", *metric, *AT)
        assert status == 0, err
        assert (told or "1 row: 1 met") in err
        assert bool(told) == ("is it one page of several?" in err)


def test_events_on_other_pages_are_named(run: Run, put: Any) -> None:
    log = put("e.json", {"next": "page 2", "audits": [{"id": 1, "at": OPENED, "kind": "answered"}]})
    tickets = put("t.json", PAGED)
    argv = ["--rows", "issues", "--events", log, "--event-rows", "audits", "--map", "answered_at=", "--json"]
    status, out, err = run("measure", tickets, *argv, *AT)
    assert (status, "the document says next 'page 2': is it one page of several?" in err) == (0, True), err
    assert json.loads(err.splitlines()[-1])["partial"] == [
        "the document says next 'page 2': is it one page of several?"
    ]
    assert out


NEWEST_LAST: list[dict[str, Any]] = [
    {
        "created": "2026-07-06T11:00:00.000+0300",
        "items": [{"field": "priority", "fromString": "low", "toString": "high"}],
    },
    {
        "created": "2026-07-06T12:00:00.000+0300",
        "items": [
            {"field": "priority", "fromString": "high", "toString": "blocker"},
            {"field": "status", "fromString": "Open", "toString": "Done"},
            {"field": "status", "fromString": "Done", "toString": "Open"},
        ],
    },
]


@pytest.mark.parametrize("inside", [True, False])
def test_what_has_one_time_keeps_its_order_if_the_newest_comes_first(run: Run, put: Any, inside: bool) -> None:
    """The histories of an issue may be newest first, but the items of a history are in their own order."""
    outputs = []
    for histories in (NEWEST_LAST, NEWEST_LAST[::-1]):
        fields = {"created": "2026-07-06T10:00:00.000+0300", "priority": {"name": "blocker"}}
        issue: dict[str, Any] = {"key": "A", "fields": fields}
        events = {"key": "A", "changelog": {"histories": histories}}
        issue |= events if inside else {}
        options = (
            [] if inside else ["--events", put("log.json", json.dumps({"issues": [events]})), "--event-rows", "issues"]
        )
        argv = [
            "measure",
            put("t.json", json.dumps({"issues": [issue]})),
            "--layout",
            "jira",
            "--default",
            "plan=premium",
            *options,
        ]
        status, out, err = run(*argv, "--metric", "all", *AT)
        assert status == 0, err
        rows = [json.loads(line) for line in out.splitlines()]
        outputs.append([[row[key] for key in ("target_s", "due_at", "ended_at", "state")] for row in rows])
    assert outputs[0] == outputs[1]
    assert outputs[0][0][0] == 7_200  # blocker, as the issue was when it was done


def test_audits_that_are_newest_first(run: Run, put: Any) -> None:
    """Each row of the log is an audit with several events of one time."""
    rows = [
        {"id": 7, "at": "2026-07-06T10:00+03:00", "list": [{"kind": "asked"}]},
        {"id": 7, "at": "2026-07-06T12:00+03:00", "list": [{"kind": "resolved"}, {"kind": "reopened"}]},
    ]
    ticket = put("t.jsonl", json.dumps({**TICKET, "id": 7, "opened_at": "2026-07-06T09:00+03:00", "answered_at": None}))
    outputs = set()
    for audits in (rows, rows[::-1]):
        log = put("log.json", json.dumps(audits))
        status, out, err = run("measure", ticket, "--events", log, "--map", "events=list[]", "--metric", "all", *AT)
        assert status in (0, 1), err
        outputs.add(out)
    assert len(outputs) == 1
    log = put("log.json", json.dumps([{"at": "2026-07-06T10:00+03:00", "list": [{"kind": "asked"}]}]))
    status, _, err = run("measure", ticket, "--events", log, "--map", "events=list[]", *AT)
    assert (status, "id is missing" in err) == (1, True), err


@pytest.mark.parametrize(("number", "told"), [(0, ""), (5, "comments[]: must be a list, not 5")])
def test_a_count_of_no_items_is_an_empty_list(run: Run, put: Any, number: int, told: str) -> None:
    """GitHub gives the number of comments where others give the comments."""
    issue = {"number": 3, "created_at": OPENED, "closed_at": OPENED, "user": {"login": "x"}, "comments": number}
    options = [
        "--layout",
        "github",
        "--default",
        "priority=high",
        "--default",
        "plan=premium",
        "--metric",
        "resolution",
    ]
    status, out, err = run("measure", put("t.json", json.dumps([issue])), *options, *AT)
    assert (bool(out), told in err) == (number == 0, True)
    assert status == (1 if number else 0)


def test_events_inside_a_ticket_could_tell_its_end(run: Run, put: Any) -> None:
    """They are read like a file of events: a ticket that nobody has resolved yet is no sign of a lacking column."""
    for events, failed in (([], 1), ([{"kind": "asked", "at": OPENED}], 0)):
        ticket = put("t.jsonl", json.dumps({**TICKET, "answered_at": None, "events": events}))
        status, _, err = run("measure", ticket, "--metric", "resolution", *AT)
        assert (status, "no ticket has a resolution\n" in err) == (failed, not failed), err
