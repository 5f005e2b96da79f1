"""A user's program as type checkers see it: each misspelt name is an error, or else its `ignore` is unused."""

from datetime import UTC, datetime
from typing import assert_type

import pytest

from kolmisla import (
    Deadline,
    DeadlineState,
    Event,
    MetricName,
    PolicyError,
    QueueEntry,
    Ticket,
    TicketError,
    coverage,
    cycles,
    deadline,
    explain,
    queue,
    quote,
)

NOW = datetime(2026, 7, 3, 17, tzinfo=UTC)
TICKET = Ticket(plan="premium", priority="high", opened_at="2026-07-03T16:30:00+03:00")


def test_what_comes_back_has_its_type() -> None:
    assert_type(deadline(TICKET), Deadline)
    assert_type(queue([TICKET], NOW), list[QueueEntry])
    assert_type(deadline(TICKET).due_at, datetime | None)
    metric: MetricName = "resolution"
    assert cycles(TICKET, metric=metric)[0].metric == metric


def test_a_misspelt_metric_is_caught() -> None:
    with pytest.raises(PolicyError, match="metric 'resolutoin' is not one of first-response"):
        deadline(TICKET, metric="resolutoin")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(PolicyError, match="metric 'resolutoin' is not one of first-response"):
        explain(TICKET, metric="resolutoin")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(PolicyError, match="metric 'resolutoin' is not one of first-response"):
        queue([TICKET], NOW, metric="resolutoin")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(TypeError, match=r"must be a Policy, not 'resolution'; did you mean metric='resolution'"):
        deadline(TICKET, policy="resolution")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(TypeError, match="takes 1 positional argument"):
        deadline(TICKET, "resolution")  # type: ignore[call-arg,arg-type]  # pyright: ignore[reportCallIssue]


@pytest.mark.numpy
def test_a_misspelt_metric_of_a_frame_is_caught() -> None:
    for package in ("numpy", "narwhals"):
        pytest.importorskip(package, reason="the extra columns is not installed")
    from kolmisla import columns

    with pytest.raises(PolicyError, match="metric 'resolutoin' is not one of first-response"):
        columns.measure("frame", metric="resolutoin", at=NOW)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_a_misspelt_kind_is_caught() -> None:
    with pytest.raises(TicketError, match="kind"):
        Event(kind="answred", at=NOW)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_a_misspelt_state_is_caught() -> None:
    state = deadline(TICKET).status(NOW).state
    late = state == "breeched"  # type: ignore[comparison-overlap]  # pyright: ignore[reportUnnecessaryComparison]
    assert not late


def test_what_a_dict_holds_has_its_type() -> None:
    due, (cycle,), (entry,) = deadline(TICKET), cycles(TICKET), queue([TICKET], NOW)
    assert_type(due.to_dict()["due_at"], str | None)
    assert_type(due.to_dict()["target_s"], int | float)
    assert_type(due.status(NOW).to_dict()["state"], DeadlineState)
    assert_type(cycle.to_dict()["started_at"], str)
    assert_type(cycle.to_dict().get("target_s"), int | float | None)
    assert_type(entry.to_dict()["elapsed_s"], int | float | None)
    assert_type(explain(TICKET).to_dict()["steps"][0]["end"], str | None)
    assert_type(coverage("installation", "premium").to_dict()["tasks"][0]["price"], str | None)
    assert_type(quote(["installation"]).to_dict()["lines"][0]["amount"], str | None)


def test_a_misspelt_key_is_caught() -> None:
    due, (cycle,), (entry,) = deadline(TICKET), cycles(TICKET), queue([TICKET], NOW)
    with pytest.raises(KeyError):
        assert due.to_dict()["due"]  # type: ignore[typeddict-item]  # pyright: ignore[reportGeneralTypeIssues]
    with pytest.raises(KeyError):
        assert due.status(NOW).to_dict()["elapsed"]  # type: ignore[typeddict-item]  # pyright: ignore[reportGeneralTypeIssues]
    with pytest.raises(KeyError):
        assert cycle.to_dict()["number"]  # type: ignore[typeddict-item]  # pyright: ignore[reportGeneralTypeIssues]
    with pytest.raises(KeyError):
        assert entry.to_dict()["breached_after"]  # type: ignore[typeddict-item]  # pyright: ignore[reportGeneralTypeIssues]
    with pytest.raises(KeyError):
        assert explain(TICKET).to_dict()["steps"][0]["counted"]  # type: ignore[typeddict-item]  # pyright: ignore[reportGeneralTypeIssues]
    with pytest.raises(KeyError):
        assert quote(["installation"]).to_dict()["sum"]  # type: ignore[typeddict-item]  # pyright: ignore[reportGeneralTypeIssues]
