"""`kolmisla schema`: each schema is valid, and says what an answer has. Other tests hold all answers to them."""

import json
import tomllib
from argparse import _SubParsersAction
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict

import pytest
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter

from kolmisla import KOLMISOFT, Metric, Policy, Ticket, TicketError, deadline
from kolmisla.cli.parsing.arguments import parser
from kolmisla.cli.parsing.ports import SCHEMA_NAMES
from kolmisla.cli.ports.schemas import SCHEMAS, schema_named
from kolmisla.documents.json_types import of_type
from kolmisla.files.measure import Measuring
from kolmisla.policies.json_schema import POLICY_DOCUMENT, policy_schema
from tests.commands.test_answers import Run
from tests.commands.test_answers import run as run
from tests.printed import META, OF_COMMANDS, SUMMARY, check

ROOT = Path(__file__).parents[2]
HOUSE = ROOT / "src" / "kolmisla"


def test_the_names_are_those_of_the_command(run: Run) -> None:
    assert tuple(SCHEMAS) == SCHEMA_NAMES
    status, out, error = run("schema")
    assert (status, error) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == [*SCHEMA_NAMES]
    assert run("schema", "tickets")[0] == 2


@pytest.mark.parametrize("name", SCHEMA_NAMES)
def test_each_schema_is_valid(run: Run, name: str) -> None:
    status, out, _ = run("schema", name)
    schema = json.loads(out)
    assert (status, schema) == (0, json.loads(json.dumps(schema_named(name))))
    check(schema, META)
    assert schema["title"]


def test_the_policy_has_one_schema() -> None:
    """`kolmisla policy schema` prints it too."""
    assert policy_schema().items() <= schema_named("policy").items()


@pytest.mark.unmeasured
def test_pydantic_has_a_schema_that_a_policy_keeps() -> None:
    """It has no references, because in the schema of a model they would lead nowhere."""
    schema = TypeAdapter(Policy).json_schema()
    assert schema == TypeAdapter(Policy).json_schema(mode="serialization")
    assert '"$ref"' not in json.dumps(schema)
    form = Draft202012Validator(schema)
    with_editions = Policy.load(ROOT / "docs" / "policies" / "follow-the-sun.toml")
    for policy in (KOLMISOFT, with_editions):
        document = json.loads(json.dumps(policy.to_dict()))
        assert [*form.iter_errors(document)] == []
        assert not form.is_valid({**document, "timezone": 5})
    metric = Metric(name="hands", starts=("opened",), ends=("answered",))
    for part in (KOLMISOFT.priorities["HIGH"], KOLMISOFT.plans["PREMIUM"], metric):
        of_part = Draft202012Validator(TypeAdapter(type(part)).json_schema())
        assert of_part.is_valid(json.loads(json.dumps(part.to_dict())))


def test_the_schema_for_pydantic_is_made_once_more_without_references() -> None:
    schema = POLICY_DOCUMENT.schema
    assert callable(schema)
    assert schema()["properties"]["editions"]["items"] == {"type": "object"}


def test_null_is_no_warnings_in_the_schema_too() -> None:
    document = KOLMISOFT.replace(name="x").to_dict()
    document["warnings"] = document["priorities"]["HIGH"]["warnings"] = None
    assert Policy.from_dict(document) == KOLMISOFT.replace(name="x")
    assert [*Draft202012Validator(policy_schema()).iter_errors(json.loads(json.dumps(document)))] == []


def objects(schema: dict[str, Any]) -> Iterator[set[str]]:
    """What each form of an object must have."""
    for form in schema.get("anyOf", [schema]):
        yield set(form["required"])


DEADLINE = {"due_at", "breaches_after", "target_s", "schedule", "plan", "priority", "channel", "version", "timezone"}
STATUS = {"state", "elapsed_s", "remaining_s"}


def test_what_answers_must_have() -> None:
    """A key that is lost, or a new key without which an answer is none, is a change that users see."""
    assert DEADLINE in [*objects(schema_named("deadline"))]
    assert [*objects(schema_named("status"))][:2] == [STATUS, STATUS | DEADLINE]
    assert {"due_at", "breaches_after", "elapsed_s", "steps"} <= next(objects(schema_named("explanation")))
    assert {"id", "priority", "plan", "state", "remaining_s", "reason"} <= next(objects(schema_named("queue")))
    assert {"version", "title", "rules", "vectors"} == next(objects(schema_named("vectors")))
    assert {"priority", "opened_at"} <= next(objects(schema_named("ticket")))
    assert {"at", "kind"} == next(objects(schema_named("event")))


LAYOUTS = sorted((HOUSE / "tickets" / "layouts" / "built_in").rglob("*.toml"))


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "vectors").glob("*.json")), ids=lambda path: path.name)
def test_vectors_have_their_schema(path: Path) -> None:
    check(json.loads(path.read_text(encoding="utf-8")), "vectors")


@pytest.mark.parametrize("path", LAYOUTS, ids=lambda path: path.stem)
def test_layouts_have_their_schema(path: Path) -> None:
    check(tomllib.loads(path.read_text(encoding="utf-8")), "layout")


@pytest.mark.parametrize(
    ("name", "document", "told"),
    [
        ("ticket", {"plan": "premium", "opened_at": "2026-07-03T16:30:00+03:00"}, "'priority' is a required property"),
        ("ticket", {"plan": 1, "priority": "high", "opened_at": "2026-07-03T16:30:00+03:00"}, "1 is not valid"),
        ("event", {"at": "2026-07-03T16:30:00+03:00", "kind": "hello"}, "'hello' is not"),
        ("layout", {"colums": {}}, "Additional properties"),
        ("status", {"state": "fine", "elapsed_s": 1, "remaining_s": 2}, "is not valid under any"),
        ("queue", {"id": 1}, "is a required property"),
        ("elapsed", {"elapsed_s": "1", "schedule": "a", "timezone": "UTC"}, "'1' is not of type 'number'"),
        ("measured", {"due_at": None}, "is a required property"),
        ("answer", {"id": 1, "answer": {}}, "is not valid under any"),
    ],
)
def test_what_a_schema_refuses(name: str, document: dict[str, Any], told: str) -> None:
    with pytest.raises(AssertionError, match=told):
        check(document, name)


PREMIUM_HIGH = ["--plan", "premium", "--priority", "high"]
TUESDAY = ["2026-07-07T09:00", "--schedule", "working-hours"]


def test_answers_in_these_tests_are_checked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hooks see what a command prints, and what a method returns."""
    monkeypatch.setattr("kolmisla.cli.questions.identity", lambda _: {"policy": 1})
    with pytest.raises(AssertionError, match="deadline: "):
        run("due", "2026-07-03T16:30", *PREMIUM_HIGH, "--json")
    monkeypatch.setattr("kolmisla.tickets.answers.deadline.iso_text", lambda at: at and 1)
    with pytest.raises(AssertionError, match="deadline: "):
        deadline(Ticket(plan="premium", priority="high", opened_at="2026-07-03T16:30:00+03:00")).to_dict()


def test_json_of_a_command_without_a_schema_is_found(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(OF_COMMANDS, "open")
    assert run("open", *TUESDAY)[0] == 0
    with pytest.raises(AssertionError, match="kolmisla open writes JSON, but OF_COMMANDS has no schema"):
        run("open", *TUESDAY, "--json")


@pytest.mark.parametrize("out", ["-", "measured.jsonl"])
@pytest.mark.parametrize("prefix", ["", "sla_"])
@pytest.mark.parametrize("name", ["summary", "measured"])
def test_each_stream_and_the_file_are_checked(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, out: str, prefix: str, name: str
) -> None:
    """Rows go to standard output or a file, and the summary to standard error or standard output."""
    row = {"id": 1, "plan": "premium", "priority": "high", "opened_at": "2026-07-03T16:30", "answered_at": None}
    (tmp_path / "tickets.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    command = ["measure", str(tmp_path / "tickets.jsonl"), "--prefix", prefix, "--json"]
    command += ["-o", out if out == "-" else str(tmp_path / out)]
    assert run(*command)[0] == 0
    if name == "summary":
        monkeypatch.setattr("kolmisla.cli.files.identity", lambda _: {"policy": 1})
    else:
        for where in ("plain", "measure"):
            monkeypatch.setattr(f"kolmisla.files.{where}.seconds", str)
    with pytest.raises(AssertionError, match=f"{name}: "):
        run(*command)


def test_a_layout_in_json_has_its_schema(run: Run, tmp_path: Path) -> None:
    layout = tmp_path / "desk.json"
    layout.write_text('{"columns": {"plan": "tier"}}', encoding="utf-8")
    assert run("layout", "show", str(layout))[0] == 0
    layout.write_text(
        '{"columns": {"plan": ["tier", "level"]}, "words": {"priority": {"P1": "high"}}}', encoding="utf-8"
    )
    assert run("layout", "show", str(layout))[0] == 0


def with_json(parser: Any) -> bool:
    return any("--json" in action.option_strings for action in parser._actions)


def test_each_command_that_prints_json_has_a_schema() -> None:
    [commands] = [action.choices for action in parser()._actions if isinstance(action, _SubParsersAction)]
    of_acts = {
        f"{name} {act}": below
        for name, command in commands.items()
        for action in command._actions
        if isinstance(action, _SubParsersAction)
        for act, below in action.choices.items()
    }
    printing = {name for name, command in {**commands, **of_acts}.items() if with_json(command)}
    assert {"due", "open", "alarms", "policy check", "policy diff"} <= printing <= OF_COMMANDS.keys()
    assert {*OF_COMMANDS.values(), SUMMARY} - {META} <= {*SCHEMA_NAMES}


def test_the_values_added_to_a_row_are_those_of_its_schema() -> None:
    measured = Measuring(at=datetime(2026, 7, 6, tzinfo=UTC), metrics=["resolution"], precision=timedelta(minutes=1))
    assert {*schema_named("measured")["properties"]} == {*measured.added(())}
    plain = Measuring(at=datetime(2026, 7, 6, tzinfo=UTC))
    assert schema_named("measured")["required"] == plain.added(())


class Parts(TypedDict):
    """Each kind of type that answers have."""

    name: str
    exact: int | float
    kinds: list[Literal["a", "b"] | None]
    table: NotRequired[dict[str, bool]]
    other: Any


def test_types_become_schemas() -> None:
    assert of_type(Parts) == {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "exact": {"type": "number"},
            "kinds": {"type": "array", "items": {"anyOf": [{"enum": ["a", "b"]}, {"type": "null"}]}},
            "table": {"type": "object", "additionalProperties": {"type": "boolean"}},
            "other": {},
        },
        "required": ["name", "exact", "kinds", "other"],
        "additionalProperties": False,
    }
    with pytest.raises(TypeError, match="not of <class 'set'>"):
        of_type(set)


def test_a_schema_takes_null_where_a_ticket_does() -> None:
    validator = Draft202012Validator(schema_named("ticket"))
    facts = Ticket(plan="premium", priority="high", opened_at="2026-07-03T16:30:00+03:00").to_dict()
    for name in facts:
        document: dict[str, Any] = {**facts, name: None}
        assert validator.is_valid(document) == reads(document), name
    for name in ("kind", "at", "value", "metric", "reason"):
        event = {"kind": "paused", "at": facts["opened_at"], name: None}
        document = {**facts, "events": [event]}
        assert validator.is_valid(document) == reads(document), name


@pytest.mark.parametrize(("kind", "is_one"), [("Answered", True), (" RESUMED", True), ("answer", False), ("", False)])
def test_a_schema_takes_a_kind_of_event_in_any_case(kind: str, is_one: bool) -> None:
    at = "2026-07-03T16:30+03:00"
    ticket = {"plan": "premium", "priority": "high", "opened_at": at, "events": [{"kind": kind, "at": at}]}
    assert Draft202012Validator(schema_named("ticket")).is_valid(ticket) == is_one


def reads(document: dict[str, Any]) -> bool:
    try:
        Ticket.from_dict(document)
    except TicketError:
        return False
    return True
