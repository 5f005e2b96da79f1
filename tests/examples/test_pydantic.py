"""Tickets, policies and answers as fields of pydantic's models, and in the requests and answers of FastAPI."""

import asyncio
import dataclasses
import json
import math
from typing import Any

import pytest
from fastapi import FastAPI
from jsonschema import ValidationError as InvalidSchemaValue
from jsonschema import validate
from pydantic import BaseModel, TypeAdapter, ValidationError

from kolmisla import (
    KOLMISOFT,
    Coverage,
    Deadline,
    Event,
    Policy,
    Ticket,
    breakdown,
    coverage,
    cycles,
    deadline,
    explain,
    queue,
    quote,
)

FACTS = {"plan": "premium", "priority": "high", "opened_at": "2026-07-03T16:30:00+03:00"}
TICKET = Ticket(**FACTS)  # type: ignore[arg-type]


class Request(BaseModel):
    ticket: Ticket
    event: Event | None = None


class Shown(BaseModel):
    ticket: Ticket
    deadline: Deadline


def test_a_field_is_validated_and_written() -> None:
    raised = {"kind": "Priority", "at": "2026-07-04T10:00:00+03:00", "value": "blocker"}
    request = Request.model_validate({"ticket": {**FACTS, "events": [raised]}, "event": raised})
    assert request.ticket == TICKET.replace(events=[raised])
    assert Request(ticket=TICKET).ticket is TICKET
    assert Request.model_validate_json(request.model_dump_json()) == request
    assert TypeAdapter(Policy).validate_python(KOLMISOFT.to_dict()) == KOLMISOFT


def test_each_fault_has_its_place() -> None:
    ticket = {"plan": "premium", "opened_at": "x", "prio": 1, "events": [{"kind": "closed"}]}
    with pytest.raises(ValidationError) as refusal:
        Request.model_validate({"ticket": ticket})
    told = {".".join(map(str, error["loc"])): error["msg"] for error in refusal.value.errors()}
    assert told["ticket.priority"] == "is missing"
    assert told["ticket.opened_at"].startswith("'x' is not a time in ISO 8601")
    assert told["ticket.prio"].startswith("is not known here; did you mean priority?")
    assert set(told) >= {"ticket.events.0.kind", "ticket.events.0.at"}
    for wrong in (5, None, [1], {5: 6}):
        with pytest.raises(ValidationError):
            Request.model_validate({"ticket": wrong})


def test_an_answer_is_taken_as_it_is() -> None:
    found = deadline(TICKET)
    shown = Shown(ticket=TICKET, deadline=found)
    assert shown.deadline is found
    assert json.loads(shown.model_dump_json())["deadline"] == found.to_dict()
    assert TypeAdapter(Coverage).dump_python(coverage("installation", "premium"))["verdict"] == "extra"
    with pytest.raises(ValidationError, match="must be a Deadline, not {"):
        Shown.model_validate({"ticket": TICKET, "deadline": found.to_dict()})


def test_the_json_schema_of_facts() -> None:
    schema = Request.model_json_schema()
    assert schema["properties"]["ticket"] == {"$ref": "#/$defs/Ticket"}
    properties = schema["$defs"]["Ticket"]["properties"]
    assert properties["events"]["items"]["required"] == ["kind", "at"]
    assert properties["opened_at"] == {"type": "string", "format": "date-time"}


STATUS = deadline(TICKET).status(TICKET.opened_at)
PAUSED = TICKET.replace(events=[{"kind": "paused", "at": TICKET.opened_at}])
ANSWERS = {
    "deadline": deadline(TICKET),
    "no due time": deadline(PAUSED),
    "agreed": deadline(TICKET.replace(events=[{"kind": "due", "at": TICKET.opened_at, "value": "2026-07-08T12:00Z"}])),
    "status": STATUS,
    "cycle": cycles(TICKET)[0],
    "cycle without a deadline": cycles(TICKET, metric="resolution")[0],
    "entry": queue([TICKET], TICKET.opened_at)[0],
    "entry without a promise": queue([TICKET.replace(plan=None)], TICKET.opened_at)[0],
    "explanation": explain(TICKET, at=TICKET.opened_at),
    "breakdown": breakdown(PAUSED, by="reason", at=TICKET.opened_at),
    "coverage": coverage("installation", "premium"),
    "unknown task": coverage("instalation of nothing", "premium"),
    "quote": quote(["Installation"], plan="premium"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_the_json_schema_of_an_answer_holds_for_what_is_written(name: str) -> None:
    """It names each key that is written, so a key that is missing in the schema, or one too many, is found."""
    answer = ANSWERS[name]
    schema = TypeAdapter(type(answer)).json_schema(mode="serialization")
    written = json.loads(TypeAdapter(type(answer)).dump_json(answer))
    validate(written, schema)
    assert set(schema["required"]) <= written.keys() <= schema["properties"].keys()
    assert schema["title"] == type(answer).__name__
    with pytest.raises(InvalidSchemaValue):
        validate({**written, next(iter(schema["required"])): {}}, schema)


@pytest.mark.parametrize(
    "name", ["plan", "channel", "version", "owner", "schedule", "opened_by", "value", "metric", "reason"]
)
@pytest.mark.parametrize("blank", ["", "  ", None])
def test_the_json_schema_of_facts_takes_a_blank_for_a_missing_name(name: str, blank: str | None) -> None:
    facts: dict[str, Any] = {"plan": "premium", "priority": "high", "opened_at": "2026-07-03T16:30:00+03:00"}
    event = {"kind": "paused", "at": facts["opened_at"]}
    cls, given = (Event, event) if name in ("value", "metric", "reason") else (Ticket, facts)
    schema = TypeAdapter(cls).json_schema(mode="validation")
    validate({**given, name: blank}, schema)
    assert cls.from_dict({**given, name: blank}) == cls.from_dict({**given, **({name: None} if name in given else {})})
    with pytest.raises(InvalidSchemaValue):
        validate({**facts, "priority": blank}, TypeAdapter(Ticket).json_schema(mode="validation"))


app = FastAPI()


@app.post("/due")
def due(ticket: Ticket) -> Shown:
    return Shown(ticket=ticket, deadline=deadline(ticket))


def post(body: Any) -> tuple[int, Any]:
    """Send one request to the app, without a server."""
    sent: list[dict[str, Any]] = []
    raw = json.dumps(body).encode()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": raw, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(raw)).encode())]
    scope = {"type": "http", "method": "POST", "path": "/due", "query_string": b"", "headers": headers}
    scope |= {"http_version": "1.1", "scheme": "http", "server": ("desk", 80), "client": ("desk", 1), "root_path": ""}
    asyncio.run(app({**scope, "asgi": {"version": "3.0"}}, receive, send))
    return sent[0]["status"], json.loads(b"".join(message.get("body", b"") for message in sent[1:]))


@pytest.mark.parametrize(
    "facts",
    [
        {"\ud800": 1},
        {"opened_at": "\ud800"},
        {"id": math.inf},
        {"events": [{"kind": "closed", "\udfff": "\ud800"}]},
        {"id": [1] * 3, "note": "\ud800"},
    ],
    ids=ascii,
)
def test_what_json_cannot_have_is_refused_and_not_repeated(facts: dict[str, Any]) -> None:
    status, answer = post({**FACTS, **facts})
    assert status == 422
    for fault in answer["detail"]:
        assert fault["type"] == "kolmisla"
        assert isinstance(fault["input"], str)
        json.dumps(fault, allow_nan=False, ensure_ascii=False).encode()


def test_what_json_can_have_is_repeated() -> None:
    wrong = {**FACTS, "opened_at": "š"}
    status, answer = post(wrong)
    assert (status, answer["detail"][0]["input"]) == (422, wrong)


def test_an_app_of_fastapi() -> None:
    status, answer = post(FACTS)
    assert (status, answer["deadline"]["due_at"]) == (200, "2026-07-07T08:30:00+03:00")
    status, refusal = post({"plan": "premium", "opened_at": FACTS["opened_at"], "prio": 1})
    assert status == 422
    assert [fault["loc"] for fault in refusal["detail"]] == [["body", "priority"], ["body", "prio"]]
    assert {"Ticket", "Deadline", "Shown"} <= app.openapi()["components"]["schemas"].keys()
    body = app.openapi()["paths"]["/due"]["post"]["requestBody"]["content"]["application/json"]
    assert body["schema"] == {"$ref": "#/components/schemas/Ticket"}


def test_a_record_is_a_dataclass_to_tools() -> None:
    facts = dataclasses.asdict(TICKET)
    assert list(facts)[:3] == ["plan", "priority", "opened_at"]
    assert Ticket(**facts) == dataclasses.replace(TICKET) == TICKET
    assert [field.name for field in dataclasses.fields(Event)] == ["kind", "at", "value", "metric", "reason"]
