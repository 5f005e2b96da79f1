"""A user's program as type checkers see it: each misspelt name is an error, or else its `ignore` is unused."""

from datetime import UTC, datetime
from typing import assert_type

import pytest

from kolmisla import Deadline, Event, MetricName, PolicyError, QueueEntry, Ticket, TicketError, cycles, deadline, queue

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
        deadline(TICKET, metric="resolutoin")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"must be a Policy, not 'resolution'; did you mean metric='resolution'"):
        deadline(TICKET, policy="resolution")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="takes 1 positional argument"):
        deadline(TICKET, "resolution")  # type: ignore[call-arg,arg-type]


def test_a_misspelt_kind_is_caught() -> None:
    with pytest.raises(TicketError, match="kind"):
        Event(kind="answred", at=NOW)  # type: ignore[arg-type]
