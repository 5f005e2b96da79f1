"""Every answer that these tests see as a dict has the form of its schema. What commands print: tests/printed.py."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import pytest

from kolmisla import Coverage, Crossing, Cycle, Deadline, Event, Explanation, QueueEntry, Quote, Report, Status, Ticket
from tests.printed import check

OF_CLASSES: dict[type[Any], str] = {
    Ticket: "ticket",
    Event: "event",
    Deadline: "deadline",
    Status: "status",
    Cycle: "cycle",
    Explanation: "explanation",
    QueueEntry: "queue",
    Crossing: "alarms",
    Report: "report",
    Coverage: "coverage",
    Quote: "quote",
}


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
