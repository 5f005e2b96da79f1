"""What GLPI, Zammad, Frappe, ServiceNow and others write down about a ticket's life, and what kolmisla chose.

A rule that kolmisla shares is asserted as they state it; where it differs, the test says what it does instead.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kolmisla import (
    ALWAYS,
    Plan,
    Policy,
    PolicyError,
    Priority,
    Schedule,
    Target,
    Ticket,
    cycles,
    deadline,
)
from kolmisla.policies.terms.metrics import MetricName

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def hours(week: dict[str, list[str]], zone: str = "UTC") -> Schedule:
    return Schedule(timezone=zone, hours=week)


def desk(schedule: Schedule, within: timedelta, **more: Any) -> Policy:
    """A desk that promises an answer and a resolution within the same time; P1 is round the clock."""
    target = Target(within=within)
    return Policy(
        name="desk",
        timezone="UTC",
        schedules={"hours": schedule, "always": ALWAYS},
        priorities=[
            Priority(name="P1", rank=1, meaning="", schedule="always"),
            Priority(name="P2", rank=2, meaning="", schedule="hours"),
        ],
        plans=[Plan(name="PLAN", rank=1, targets={"first-response": target, "resolution": target})],
        channels=["support-system"],
        **more,
    )


def ticket(opened_at: str, *events: str) -> Ticket:
    """Events as '2026-07-03T10:00 priority P1', times in UTC."""
    happened = []
    for event in events:
        at, kind, *value = event.split(maxsplit=2)
        happened.append({"at": f"{at}Z", "kind": kind, "value": value[0] if value else None})
    return Ticket(plan="plan", priority="P2", opened_at=f"{opened_at}Z", events=happened)


def due(ticket: Ticket, policy: Policy, metric: MetricName = "resolution") -> str | None:
    at = deadline(ticket, policy=policy, metric=metric).due_at
    return at.astimezone(UTC).isoformat()[:19] if at else None


def state(ticket: Ticket, policy: Policy, at: str, metric: MetricName = "resolution") -> str:
    return deadline(ticket, policy=policy, metric=metric).status(datetime.fromisoformat(f"{at}Z")).state


NINE = hours({"mon-sun": ["09:00-18:00"]}, "Europe/Berlin")
TEN = hours({"mon-fri": ["10:00-18:00"]})
OFFICE = hours({"mon-fri": ["08:00-18:00"]})


class TestZammad:
    def test_a_deadline_at_closing(self) -> None:
        """The next opening; an older test of theirs says the closing. Kolmisla has both, by name."""
        found = deadline(ticket("2013-06-04T09:00"), policy=desk(NINE, 7 * HOUR))
        assert found.due_at == datetime(2013, 6, 4, 16, tzinfo=UTC)
        assert found.breaches_after == datetime(2013, 6, 5, 7, tzinfo=UTC)

    def test_pauses_count_to_the_second(self) -> None:
        """Theirs are cut to minutes, and two that begin within one minute are one."""
        waited = ticket(
            "2013-06-04T08:00",
            "2013-06-04T08:10:10 paused",
            "2013-06-04T08:10:20 resumed",
            "2013-06-04T08:10:40 paused",
            "2013-06-04T08:37:06 resumed",
        )
        assert due(waited, desk(NINE, HOUR)) == "2013-06-04T09:26:36"

    def test_a_pause_outside_hours_changes_nothing(self) -> None:
        waited = ticket("2013-06-04T15:30", "2013-06-04T17:00 paused", "2013-06-05T05:00 resumed")
        assert due(waited, desk(NINE, HOUR)) == due(ticket("2013-06-04T15:30"), desk(NINE, HOUR))

    def test_closed_time_is_a_pause(self) -> None:
        again = ticket("2013-06-04T08:00", "2013-06-04T08:30 resolved", "2013-06-04T10:30 reopened")
        assert due(again, desk(NINE, HOUR)) == "2013-06-04T11:00:00"

    def test_a_priority_raised_at_the_weekend(self) -> None:
        """All is counted anew on the new calendar, so that one of Friday evening is late at once: our `retroactive`."""
        raised = ticket("2026-07-03T17:00", "2026-07-04T10:00 priority P1")
        policy = desk(OFFICE, 2 * HOUR, priority_change="retroactive")
        assert due(raised, policy) == "2026-07-03T19:00:00"
        assert state(raised, policy, "2026-07-04T10:00") == "breached"
        assert state(raised, desk(OFFICE, 2 * HOUR), "2026-07-04T10:00") == "running"

    def test_nothing_within_no_time(self) -> None:
        """A target of zero is no deadline; to kolmisla it is no target."""
        with pytest.raises(PolicyError, match="within"):
            desk(NINE, timedelta())

    def test_no_hours_at_all(self) -> None:
        """An error of the server; to kolmisla a fault of the policy, and no due time when the hours are over."""
        with pytest.raises(PolicyError, match="P2 is counted on 'hours', which never opens"):
            desk(hours({}), HOUR)
        over = desk(Schedule(timezone="UTC", hours={}, exceptions={"1999-01-04": ["08:00-10:00"]}), HOUR)
        assert due(ticket("2013-06-04T09:00"), over) is None
        assert state(ticket("2013-06-04T09:00"), over, "2030-01-01T00:00") == "running"


class TestGlpi:
    WEEK = hours({"mon": ["10:30-19:00"], "tue-fri": ["08:30-19:00"]})

    def test_waiting_is_measured_in_working_time(self) -> None:
        waited = ticket("2034-06-09T08:46:12", "2034-06-09T09:15:27 paused", "2034-06-09T11:23:49 resumed")
        assert due(waited, desk(self.WEEK, 4 * HOUR)) == "2034-06-09T14:54:34"

    def test_the_time_to_own_is_never_paused(self) -> None:
        waited = ticket("2034-06-09T08:46:12", "2034-06-09T09:15:27 paused", "2034-06-09T11:23:49 resumed")
        assert due(waited, desk(self.WEEK, 4 * HOUR), "first-response") == "2034-06-09T12:46:12"

    def test_waiting_over_the_weekend_adds_no_weekend(self) -> None:
        waited = ticket("2034-06-09T17:00", "2034-06-09T18:00 paused", "2034-06-12T11:30 resumed")
        assert due(waited, desk(self.WEEK, 4 * HOUR)) == "2034-06-12T14:30:00"

    def test_the_edge_of_lunch_is_like_the_edge_of_the_day(self) -> None:
        """Theirs stay at the morning's end and move on from the evening's; kolmisla is due at either."""
        halves = desk(hours({"mon-fri": ["08:00-12:00", "13:00-17:00"]}), 2 * HOUR)
        for opened, at, until in (
            ("2026-07-03T10:00", "2026-07-03T12:00:00", "2026-07-03T13:00:00"),
            ("2026-07-03T15:00", "2026-07-03T17:00:00", "2026-07-06T08:00:00"),
        ):
            found = deadline(ticket(opened), policy=halves)
            assert due(ticket(opened), halves) == at
            assert found.breaches_after == datetime.fromisoformat(f"{until}Z")

    def test_another_agreement_counts_from_opening_or_from_then(self) -> None:
        """Theirs count service levels from the ticket's date, operational ones from assignment: two readings."""
        raised = ticket("2034-06-09T17:00", "2034-06-10T10:00 priority P1")
        assert due(raised, desk(self.WEEK, 4 * HOUR, priority_change="retroactive")) == "2034-06-09T21:00:00"
        assert due(raised, desk(self.WEEK, 4 * HOUR, priority_change="restart")) == "2034-06-10T14:00:00"

    def test_an_empty_calendar_is_not_round_the_clock(self) -> None:
        """Theirs silently is."""
        with pytest.raises(PolicyError, match="never opens"):
            desk(hours({}), HOUR)


class TestFrappe:
    def test_a_deadline_at_closing_is_at_closing(self) -> None:
        assert due(ticket("2025-06-07T12:00"), desk(TEN, 24 * HOUR)) == "2025-06-11T18:00:00"
        second = timedelta(seconds=1)
        assert due(ticket("2025-06-07T12:00"), desk(TEN, 24 * HOUR + second)) == "2025-06-12T10:00:01"

    def test_late_is_strictly_after(self) -> None:
        on_time = ticket("2025-06-02T11:00", "2025-06-02T12:00 resolved")
        assert state(on_time, desk(TEN, HOUR), "2025-06-03T11:00") == "met"
        late = ticket("2025-06-02T11:00", "2025-06-02T12:00:00.000001 resolved")
        assert state(late, desk(TEN, HOUR), "2025-06-03T11:00") == "breached"

    def test_hold_is_measured_in_working_time(self) -> None:
        held = ticket("2025-06-05T16:00", "2025-06-05T17:50 paused", "2025-06-09T12:30 resumed")
        assert due(held, desk(TEN, 3 * HOUR)) == "2025-06-09T13:40:00"

    def test_hold_that_ends_with_the_resolution_is_hold(self) -> None:
        """Saved in one go, theirs was lost."""
        held = ticket("2025-06-02T11:00", "2025-06-02T11:30 paused", "2025-06-02T15:00 resolved")
        (cycle,) = cycles(held, metric="resolution", policy=desk(TEN, HOUR))
        assert cycle.elapsed(datetime(2025, 6, 3, tzinfo=UTC)) == 30 * MINUTE
        assert cycle.status(datetime(2025, 6, 3, tzinfo=UTC)).state == "met"

    def test_resolved_without_an_answer_leaves_no_answer_due(self) -> None:
        """Theirs went on asking for one, and that was called a bug."""
        closed = ticket("2025-06-02T11:00", "2025-06-02T11:30 resolved")
        assert state(closed, desk(TEN, HOUR), "2025-06-03T11:00", "first-response") == "met"

    def test_a_change_of_priority_counts_from_opening(self) -> None:
        raised = ticket("2025-06-02T11:00", "2025-06-02T12:00 priority P1")
        assert due(raised, desk(TEN, 3 * HOUR, priority_change="retroactive")) == "2025-06-02T14:00:00"

    def test_a_week_without_hours_does_not_hang(self) -> None:
        """Theirs loops for ever."""
        with pytest.raises(PolicyError, match="never opens"):
            desk(hours({}), HOUR)


class TestServiceNow:
    def test_only_scheduled_time_counts(self) -> None:
        office = desk(hours({"mon-fri": ["08:00-17:00"]}), 2 * HOUR)
        found = deadline(ticket("2026-07-03T20:49"), policy=office)
        assert found.status(datetime(2026, 7, 6, 9, 44, tzinfo=UTC)).elapsed == HOUR + 44 * MINUTE

    def test_no_planned_end_while_paused(self) -> None:
        """Theirs shows one that means nothing; ours is None, and a date again once it runs."""
        paused = ticket("2026-07-03T09:00", "2026-07-03T09:30 paused")
        policy = desk(OFFICE, 2 * HOUR)
        assert due(paused, policy) is None
        assert state(paused, policy, "2026-07-03T12:00") == "paused"
        resumed = ticket("2026-07-03T09:00", "2026-07-03T09:30 paused", "2026-07-03T12:00 resumed")
        assert due(resumed, policy) == "2026-07-03T13:30:00"

    def test_business_pause_and_actual_pause(self) -> None:
        """A pause over a night is 14 hours long and takes no working time."""
        waited = ticket("2026-07-02T17:00", "2026-07-02T18:00 paused", "2026-07-03T08:00 resumed")
        assert due(waited, desk(OFFICE, 2 * HOUR)) == due(ticket("2026-07-02T17:00"), desk(OFFICE, 2 * HOUR))

    def test_a_new_agreement_starts_when_attached(self) -> None:
        raised = ticket("2026-07-03T17:00", "2026-07-04T10:00 priority P1")
        assert due(raised, desk(OFFICE, 2 * HOUR, priority_change="restart")) == "2026-07-04T12:00:00"

    def test_a_retroactive_start_with_retroactive_pause(self) -> None:
        """Earlier pauses are credited; and it may be late on attaching."""
        raised = ticket(
            "2026-07-03T17:00",
            "2026-07-03T17:30 paused",
            "2026-07-04T09:00 resumed",
            "2026-07-04T10:00 priority P1",
        )
        policy = desk(OFFICE, HOUR, priority_change="retroactive")
        assert due(raised, policy) == "2026-07-04T09:30:00"
        assert state(raised, policy, "2026-07-04T10:00") == "breached"


class TestOthers:
    def test_itop_and_jira_carry(self) -> None:
        """The time spent is kept and the new goal less it is left: 3 h at 10:00, 2 h from 11:00, due at 12:00."""
        targets = {"P1": Target(within=2 * HOUR), "P2": Target(within=3 * HOUR)}
        policy = desk(OFFICE, HOUR).replace(plans=[Plan(name="PLAN", rank=1, targets={"resolution": targets})])
        assert due(ticket("2026-07-03T10:00", "2026-07-03T11:00 priority P1"), policy) == "2026-07-03T12:00:00"

    def test_request_tracker_adds_a_second_to_each_pause(self) -> None:
        """Kolmisla adds none: half-open stretches add up."""
        waited = ticket("2026-07-03T08:00", "2026-07-03T09:00 paused", "2026-07-03T10:00 resumed")
        assert due(waited, desk(OFFICE, 2 * HOUR)) == "2026-07-03T11:00:00"

    @pytest.mark.parametrize(
        ("paused", "resumed", "expected"),
        [
            ("2026-07-03T19:00", "2026-07-04T12:00", "2026-07-06T09:00:00"),  # wholly outside: ignored
            ("2026-07-03T17:30", "2026-07-03T20:00", "2026-07-06T09:30:00"),  # its end outside
            ("2026-07-04T12:00", "2026-07-06T08:30", "2026-07-06T09:30:00"),  # its start outside
            ("2026-07-03T17:30", "2026-07-06T08:30", "2026-07-06T10:00:00"),  # across the weekend
        ],
    )
    def test_dynamics_counts_the_working_part_of_a_hold(self, paused: str, resumed: str, expected: str) -> None:
        held = ticket("2026-07-03T17:00", f"{paused} paused", f"{resumed} resumed")
        assert due(held, desk(OFFICE, 2 * HOUR)) == expected

    def test_chatwoot_at_the_exact_second(self) -> None:
        """To them an open ticket is late at the second at which an answer is not; to kolmisla neither is."""
        policy = desk(OFFICE, HOUR)
        assert state(ticket("2026-07-03T10:00"), policy, "2026-07-03T11:00", "first-response") == "running"
        answered = ticket("2026-07-03T10:00", "2026-07-03T11:00 answered")
        assert state(answered, policy, "2026-07-03T11:00", "first-response") == "met"
