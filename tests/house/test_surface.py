"""The public names are few, sorted, documented with an example, and differ from the names of modules."""

import inspect
import pydoc
from datetime import UTC, datetime
from pathlib import Path

import pytest

import kolmisla
from kolmisla.tickets.layouts.layout import Layout, check_columns

PUBLIC = [
    "ALWAYS",
    "Breakdown",
    "KOLMISOFT",
    "NEVER",
    "Alarm",
    "Clock",
    "Coverage",
    "Crossing",
    "Cycle",
    "Deadline",
    "DeadlineState",
    "Event",
    "EventKind",
    "Explanation",
    "HorizonError",
    "KolmislaError",
    "Metric",
    "MetricName",
    "NaiveTimeError",
    "NotCoveredError",
    "Plan",
    "Policy",
    "PolicyError",
    "Priority",
    "QueueEntry",
    "Quote",
    "Report",
    "Schedule",
    "ScheduleError",
    "Span",
    "Status",
    "Step",
    "Target",
    "Ticket",
    "TicketError",
    "WallTimeError",
    "WorstWait",
    "breakdown",
    "coverage",
    "crossings",
    "cycles",
    "deadline",
    "deadlines",
    "explain",
    "queue",
    "quote",
    "report",
    "worst_wait",
]
HOUSE = Path(kolmisla.__file__).parent
WITH_EXAMPLE = ["Clock", "Schedule", "Span", "Ticket", "Event", "Target", "Plan", "Priority", "Policy"]
WITH_EXAMPLE += [
    "deadline",
    "deadlines",
    "cycles",
    "explain",
    "queue",
    "coverage",
    "quote",
    "Report",
    "report",
    "worst_wait",
]


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


def test_a_repr_is_one_short_line() -> None:
    """Nothing shows a policy's insides: not help(), nor a signature, nor a traceback."""
    ticket = kolmisla.Ticket(id=1, plan="premium", priority="high", opened_at="2026-07-03T16:30:00+03:00")
    now = datetime(2026, 7, 3, 14, tzinfo=UTC)
    due = "due_at='2026-07-07T08:30:00+03:00'"
    (cycle,), (entry,) = kolmisla.cycles(ticket), kolmisla.queue([ticket], now)
    assert repr(kolmisla.KOLMISOFT) == str(kolmisla.KOLMISOFT) == f"<Policy Kolmisoft {kolmisla.KOLMISOFT.digest[:8]}>"
    assert repr(kolmisla.deadline(ticket)) == f"Deadline(PREMIUM HIGH first-response, {due})"
    assert repr(kolmisla.deadline(ticket).promise) == "Promise(PREMIUM HIGH first-response)"
    assert repr(cycle) == "Cycle(first-response 1, started_at='2026-07-03T16:30:00+03:00', ended_at=None)"
    assert repr(kolmisla.explain(ticket)) == f"Explanation(PREMIUM HIGH first-response, 6 steps, {due})"
    assert repr(kolmisla.quote(["installation"])) == "Quote(1 lines, total 210.00 EUR)"
    assert repr(entry) == "QueueEntry(1 PREMIUM HIGH, running)"
    assert len(pydoc.render_doc(kolmisla.deadline).splitlines()) <= 40


@pytest.mark.parametrize(
    "name",
    ["crossings", "deadline", "deadlines", "cycles", "explain", "queue", "coverage", "quote", "report", "worst_wait"],
)
def test_what_has_a_default_is_named(name: str) -> None:
    parameters = inspect.signature(getattr(kolmisla, name)).parameters.values()
    assert all(each.kind is each.KEYWORD_ONLY for each in parameters if each.default is not each.empty)
    named = [each.name for each in parameters if each.kind is each.KEYWORD_ONLY]
    first = [each for each in ("policy", "metric", "at", "plan", "priority") if each in named]
    assert named[: len(first)] == first


def test_what_is_quoted_is_a_list() -> None:
    with pytest.raises(TypeError, match=r"not 'installation'; did you mean \['installation'\]\?"):
        kolmisla.quote("installation")


def test_columns_that_are_missing_are_named() -> None:
    layout = Layout(columns={"opened_at": "created"}, constants={"plan": "premium"})
    check_columns(["priority", "created"], layout, ["plan", "priority", "opened_at", "version"], ["plan", "opened_at"])
    with pytest.raises(ValueError, match="there is no column 'created' for opened_at; the frame has id"):
        check_columns(["id"], layout, ["plan", "opened_at"], ["plan"])
    with pytest.raises(ValueError, match="there must be a column for plan; the frame has id"):
        check_columns(["id"], Layout(columns={"plan": ""}), ["plan"], ["plan"])
