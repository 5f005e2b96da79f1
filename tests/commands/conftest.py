"""Every answer that these tests see as JSON has the form of its schema: of `to_dict()`, or of a command."""

import json
import sys
from collections.abc import Callable
from functools import cache, wraps
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from kolmisla import Coverage, Cycle, Deadline, Event, Explanation, QueueEntry, Quote, Report, Status, Ticket
from kolmisla.cli import RUN
from kolmisla.cli.ports.schemas import schema_named

OF_CLASSES: dict[type[Any], str] = {
    Ticket: "ticket",
    Event: "event",
    Deadline: "deadline",
    Status: "status",
    Cycle: "cycle",
    Explanation: "explanation",
    QueueEntry: "queue",
    Report: "report",
    Coverage: "coverage",
    Quote: "quote",
}
OF_COMMANDS = {
    "due": "deadline",
    "status": "status",
    "queue": "queue",
    "report": "report",
    "covers": "coverage",
    "quote": "quote",
}
PRINTING = ("kolmisla.cli.terminal", "kolmisla.cli.queues.command")  # where an answer becomes text


@cache
def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(schema_named(name))


def check(answer: Any, name: str) -> None:
    """Raise an error that names what in an answer is not as its schema says."""
    plain = json.JSONDecoder().decode(json.JSONEncoder().encode(answer))
    for error in validator(name).iter_errors(plain):
        raise AssertionError(f"{name}: {error.message[:300]} at {error.json_path}")


def checking(name: str, to_dict: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a `to_dict` that checks what it returns."""

    @wraps(to_dict)
    def checked(self: Any) -> Any:
        answer = to_dict(self)
        check(answer, name)
        return answer

    return checked


@pytest.fixture(autouse=True)
def _answers_have_their_schemas(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, name in OF_CLASSES.items():
        monkeypatch.setattr(kind, "to_dict", checking(name, kind.to_dict))
    running: list[str] = []

    def following(command: str, run: Callable[[Any], int]) -> Callable[[Any], int]:
        def followed(options: Any) -> int:
            running[:] = [command]
            try:
                return run(options)
            finally:
                running.clear()

        return followed

    for command in OF_COMMANDS:
        monkeypatch.setitem(RUN, command, following(command, RUN[command]))
    dumps = json.dumps

    def checked_dumps(value: Any, *given: Any, **options: Any) -> str:
        if running and sys._getframe(1).f_globals.get("__name__") in PRINTING and not given and not options:
            check(value, OF_COMMANDS[running[0]])
        return dumps(value, *given, **options)

    monkeypatch.setattr(json, "dumps", checked_dumps)
