"""The order in which tickets are solved is total and stable, and depends on no name of a priority."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolmisla import KOLMISOFT, Event, KolmislaError, NotCoveredError, Ticket, TicketError, cycles, deadline, queue
from kolmisla.policies.terms.metrics import METRICS, MetricName
from kolmisla.tickets.answers.queue import QueueEntry
from tests.strategies import US, happenings, utc

NOON = datetime(2026, 7, 3, 12, tzinfo=UTC)
PAUSING = KOLMISOFT.replace(plans=[plan.replace(pausing=("first-response",)) for plan in KOLMISOFT.plans.values()])
openings = st.sampled_from([NOON, NOON + US, NOON - timedelta(hours=30)]) | st.integers(-(10**12), 10**12).map(
    lambda us: NOON + us * US
)
ids = st.none() | st.integers(-3, 3) | st.sampled_from(["7", "a", "B"])


@st.composite
def tickets(draw: st.DrawFn) -> Ticket:
    opened_at = draw(openings)
    offsets = draw(st.lists(st.integers(0, 10**12), max_size=5, unique=True))
    events = draw(happenings([opened_at + us * US for us in offsets]))
    names = {"P1": "blocker", "P2": "high", "P3": "low"}
    return Ticket(
        id=draw(ids),
        plan=draw(st.sampled_from(["enterprise", "premium", None])),
        priority=draw(st.sampled_from(["blocker", "high", "medium", "low"])),
        opened_at=opened_at,
        channel=draw(st.sampled_from([None, None, "phone"])),
        events=[{"kind": kind, "at": at, "value": names.get(value or "", value)} for at, kind, value in events],
    )


def before(one: QueueEntry, other: QueueEntry) -> bool:
    """Whether the law puts one before the other, said another way; neither for equals."""
    if (one.status is None) != (other.status is None):
        return one.status is not None
    ranks = [KOLMISOFT.priorities[each.priority].rank for each in (one, other)]
    if ranks[0] != ranks[1]:
        return ranks[0] < ranks[1]
    if one.status:
        plans = [KOLMISOFT.plans[each.ticket.plan or ""].rank for each in (one, other)]
        if plans[0] != plans[1]:
            return plans[0] < plans[1]
        last = [each.breaches_after and utc(each.breaches_after) for each in (one, other)]
        if last[0] != last[1]:
            return last[1] is None or (last[0] is not None and last[0] < last[1])
    opened = [each.ticket.opened_at for each in (one, other)]
    if opened[0] != opened[1]:
        return opened[0] < opened[1]
    kinds = [0 if isinstance(each.ticket.id, int) else 1 if each.ticket.id else 2 for each in (one, other)]
    if kinds[0] != kinds[1] or one.ticket.id is None or other.ticket.id is None:
        return kinds[0] < kinds[1]
    return one.ticket.id < other.ticket.id  # type: ignore[operator]  # both numbers, or both texts


@given(st.data(), st.lists(tickets(), max_size=12), st.sampled_from(METRICS), st.sampled_from([KOLMISOFT, PAUSING]))
def test_the_order_is_total_and_stable(
    data: st.DataObject, drawn: list[Ticket], metric: MetricName, policy: Any
) -> None:
    at = data.draw(openings)
    places = queue(drawn, at, policy=policy, metric=metric)
    for one, other in pairwise(places):
        assert not before(other, one)
        if not before(one, other):  # equals stand as they came
            came = [next(i for i, ticket in enumerate(drawn) if ticket is each.ticket) for each in (one, other)]
            assert came[0] < came[1]
    shuffled = queue(data.draw(st.permutations(drawn)), at, policy=policy, metric=metric)
    assert [place.rank for place in shuffled] == [place.rank for place in places]


@given(st.data(), st.lists(tickets(), max_size=8), st.sampled_from(METRICS), st.sampled_from([KOLMISOFT, PAUSING]))
def test_in_it_is_who_waits_with_what_is_known(
    data: st.DataObject, drawn: list[Ticket], metric: MetricName, policy: Any
) -> None:
    at = data.draw(openings)
    places = queue(drawn, at, policy=policy, metric=metric)
    for ticket in drawn:
        place = next((each for each in places if each.ticket is ticket), None)
        if ticket.opened_at > at:
            assert place is None
            continue
        known = ticket.until(at)
        try:
            last = cycles(known, metric=metric, policy=policy)[-1:]
        except NotCoveredError as reason:
            if place is not None:
                assert (place.status, place.reason) == (None, str(reason))
            continue
        if not last or last[0].ended_at:
            assert place is None
            continue
        assert place is not None
        if last[0].deadline is None:
            assert place.status is None
            assert "promises no" in (place.reason or "")
        else:
            found = deadline(known, policy=policy, metric=metric)
            assert (place.due_at, place.breaches_after) == (found.due_at, found.breaches_after)
            assert place.status == found.status(at)
            assert place.priority == found.promise.priority.name


def ticket(id: int, priority: str = "high", plan: str | None = "premium", **more: Any) -> Ticket:
    return Ticket(**{"id": id, "plan": plan, "priority": priority, "opened_at": "2026-07-03T16:00:00+03:00", **more})


def test_a_queue_by_hand() -> None:
    later = "2026-07-03T16:30:00+03:00"
    paused = [{"kind": "paused", "at": "2026-07-03T16:10:00+03:00", "value": "waiting for the customer"}]
    raised = [{"kind": "priority", "at": "2026-07-03T16:40:00+03:00", "value": "blocker"}]
    waiting = [
        ticket(1, "low"),
        ticket(2, plan=None),
        ticket(3, events=paused),
        ticket(4),
        ticket(5, plan="enterprise", opened_at=later),
        ticket(6, "low", events=raised, opened_at=later),
        ticket(7, answered_at=later),
        ticket(8, events=[{"kind": "resolved", "at": later}]),
        ticket(9, "blocker", channel="phone"),
        ticket(10, opened_at="2026-07-03T19:00:00+03:00"),
        ticket(11, "blocker"),
    ]
    places = queue(waiting, datetime(2026, 7, 3, 14, tzinfo=UTC), policy=PAUSING)
    assert [place.ticket.id for place in places] == [11, 6, 5, 4, 3, 1, 9, 2]
    by_id = {place.ticket.id: place.to_dict() for place in places}
    assert by_id[3]["state"] == "paused"
    assert by_id[3]["breaches_after"] is None
    assert by_id[3]["elapsed_s"] == 600
    assert by_id[6]["priority"] == "BLOCKER"
    assert by_id[2] == {
        "id": 2,
        "priority": "HIGH",
        "plan": None,
        "metric": "first-response",
        "cycle": 1,
        "opened_at": "2026-07-03T16:00:00+03:00",
        "due_at": None,
        "breaches_after": None,
        "state": "not-covered",
        "elapsed_s": None,
        "remaining_s": None,
        "reason": "no support plan",
    }


def test_a_queue_refuses_names_that_are_none() -> None:
    at = datetime(2026, 7, 3, 14, tzinfo=UTC)
    for facts in ({"priority": "p1"}, {"plan": "gold"}, {"priority": "p1", "plan": None}):
        with pytest.raises(KolmislaError, match="is not one of"):
            queue([ticket(1, **facts)], at)
    change = [{"kind": "priority", "at": "2026-07-03T16:10:00+03:00", "value": "p1"}]
    for plan in ("premium", None):
        with pytest.raises(TicketError, match="priority 'p1' is not one of BLOCKER, HIGH"):
            queue([ticket(1, plan=plan, events=change)], at)
    change.append({"kind": "priority", "at": "2026-07-03T16:20:00+03:00", "value": "low"})
    with pytest.raises(TicketError, match="priority 'p1' is not one of"):
        queue([ticket(1, plan=None, events=change)], at)
    with pytest.raises(KolmislaError, match="metric 'speed' is not one of first-response, next-response, resolution"):
        queue([], at, metric="speed")  # type: ignore[arg-type]


@pytest.mark.parametrize("channel", ["support-system", "phone"])
def test_the_plan_is_the_one_in_force_with_a_promise_or_without(channel: str) -> None:
    at = datetime.fromisoformat("2026-07-03T17:00:00+03:00")
    change = [Event(kind="plan", at="2026-07-03T16:30:00+03:00", value="enterprise")]
    tickets = [ticket(1, plan=None, channel=channel, events=change), ticket(2, channel=channel, events=change)]
    assert [entry.plan for entry in queue(tickets, at)] == ["ENTERPRISE", "ENTERPRISE"]


def asking(plan: str | None, *kinds: str, id: str | int = 1) -> Ticket:
    """A ticket that was answered and asked by turns, a minute apart."""
    events = [{"kind": kind, "at": NOON + timedelta(minutes=n)} for n, kind in enumerate(kinds, 1)]
    return Ticket(id=id, plan=plan, priority="high", opened_at=NOON, events=events)


@pytest.mark.parametrize("plan", ["premium", None])
def test_a_second_question_waits_too(plan: str | None) -> None:
    """The last cycle of a metric decides, not the first, with a promise and without."""
    hour = {"next-response": {"within": timedelta(hours=1)}}
    policy = KOLMISOFT.replace(plans={"PREMIUM": {"rank": 1, "targets": hour}})
    waits = asking(plan, "answered", "asked", "answered", "asked", id="waits")
    done = asking(plan, "answered", "asked", "answered", id="done")
    places = queue([done, waits], NOON + timedelta(hours=1), policy=policy, metric="next-response")
    assert [place.ticket.id for place in places] == ["waits"]


def test_ids_of_digits_are_compared_as_numbers() -> None:
    each: list[list[str | int]] = [["9", "10", "b"], [9, "10", "b"], ["9", 10, "b"]]
    for ids in each:
        waiting = [asking("premium", id=id) for id in reversed(ids)]
        assert [place.ticket.id for place in queue(waiting, NOON)] == ids


def test_tickets_that_are_equal_otherwise_wait_by_their_opening_and_then_by_their_id() -> None:
    now = datetime(2026, 7, 4, 9, tzinfo=UTC)  # a Saturday, on which nothing is due
    openings = ["2026-07-04T09:00:00+03:00", "2026-07-04T08:00:00+03:00", "2026-07-04T08:00:00+03:00"]
    waiting = [ticket(number, opened_at=opening) for number, opening in zip((1, 10, 9), openings, strict=True)]
    assert [place.ticket.id for place in queue(waiting, now)] == [9, 10, 1]


def test_a_ticket_waits_from_the_instant_of_its_opening() -> None:
    now = datetime(2026, 7, 3, 13, tzinfo=UTC)
    waiting = [ticket(number, opened_at=now + timedelta(microseconds=number)) for number in (0, 1)]
    assert [place.ticket.id for place in queue(waiting, now)] == [0]


def test_a_queue_near_the_end_of_the_known_years() -> None:
    """Where no due time is known, an entry takes all steps, as in `deadline`."""
    ticket = Ticket(plan="premium", priority="high", opened_at="2100-12-31T15:00:00Z")
    (entry,) = queue([ticket], at=datetime(2100, 12, 31, 15, 30, tzinfo=UTC))
    assert entry.breaches_after == deadline(ticket).breaches_after
