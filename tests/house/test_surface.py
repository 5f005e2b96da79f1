"""The public names: few, sorted, documented with an example, and none that is also a module's."""

import inspect
from pathlib import Path

import pytest

import kolmisla

PUBLIC = [
    "ALWAYS",
    "KOLMISOFT",
    "NEVER",
    "Clock",
    "Coverage",
    "Cycle",
    "Deadline",
    "DeadlineState",
    "Event",
    "EventKind",
    "Explanation",
    "HorizonError",
    "KolmislaError",
    "MetricName",
    "NaiveTimeError",
    "NotCoveredError",
    "Plan",
    "Policy",
    "PolicyError",
    "Priority",
    "QueueEntry",
    "Quote",
    "Schedule",
    "ScheduleError",
    "Span",
    "Status",
    "Step",
    "Target",
    "Ticket",
    "TicketError",
    "WallTimeError",
    "coverage",
    "cycles",
    "deadline",
    "explain",
    "queue",
    "quote",
]
HOUSE = Path(kolmisla.__file__).parent
WITH_EXAMPLE = ["Clock", "Schedule", "Span", "Ticket", "Event", "Target", "Plan", "Priority", "Policy"]
WITH_EXAMPLE += ["deadline", "cycles", "explain", "queue", "coverage", "quote"]


def test_the_public_names() -> None:
    assert kolmisla.__all__ == PUBLIC


def test_no_public_name_is_a_module() -> None:
    modules = {path.stem for path in HOUSE.iterdir()}
    assert not modules & set(PUBLIC)


@pytest.mark.parametrize("name", WITH_EXAMPLE)
def test_a_public_docstring_has_an_example(name: str) -> None:
    assert ">>>" in (inspect.getdoc(getattr(kolmisla, name)) or "")


# `timeline` is for the modules above: the same answers in integers.
QUESTIONS = [name for name in vars(kolmisla.Schedule) if not name.startswith("_") and name != "timeline"]


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_to_a_schedule_is_documented(name: str) -> None:
    assert inspect.getdoc(getattr(kolmisla.Schedule, name))


def test_every_error_is_kolmislas_and_the_standard_librarys() -> None:
    errors = [getattr(kolmisla, name) for name in PUBLIC if name.endswith("Error") and name != "KolmislaError"]
    for error in errors:
        assert issubclass(error, kolmisla.KolmislaError)
        assert issubclass(error, (ValueError, LookupError, OverflowError))
        assert error.__name__ in (kolmisla.errors.__doc__ or "")
