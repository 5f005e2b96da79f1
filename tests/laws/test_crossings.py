"""Law 23: what is crossed, by an oracle that walks a life event by event; and windows that follow one another."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kolmisla import KOLMISOFT, Crossing, Policy, Ticket, crossings, cycles, deadlines
from tests import oracle
from tests.laws.test_alarms import needed
from tests.laws.test_all_metrics import ALL
from tests.laws.test_queues import NOON, openings, tickets
from tests.strategies import US, LifeCase, lives, told, utc, warnings

Found = tuple[datetime, int, int | str]


def until(case: LifeCase) -> datetime:
    return max([case.life.opened, *(at for at, _, _ in case.life.happenings)]) + timedelta(days=12)


def first_counted(walk: oracle.Walk, amount: timedelta, end: datetime) -> datetime | None:
    """The first instant at which an amount is counted, by one look at each edge before `end`."""
    counted = timedelta()
    for a, b in walk.edges(end):
        stretch = b - a if walk.counts(a) else timedelta()
        if counted + stretch >= amount:
            at = a + max(amount - counted, timedelta())
            return at if at < end else None
        counted += stretch
    return None


def by_the_oracle(case: LifeCase, listed: Sequence[int | str]) -> list[Found]:
    """Each threshold that is crossed; from one event to the next, the life is the one known at the earlier of them."""
    life, found = case.life, list[Found]()
    held = set[tuple[int, int | str]]()  # what was counted when a cycle last ran
    cuts = sorted({life.opened, *(at for at, _, _ in life.happenings)})
    for start, end in pairwise([*cuts, until(case) + US]):
        known = replace(life, happenings=[each for each in life.happenings if each[0] <= start])
        for number, (_, ended, _) in enumerate(known.cycles(), 1):
            walk = oracle.Walk(known, number)
            within, _ = walk.target(datetime.max.replace(tzinfo=start.tzinfo))
            for threshold in [*case.listed(list(listed)), "breached"]:
                at = None if within is None else first_counted(walk, needed(threshold)(within), end)
                if ended is not None:
                    if ended != start or threshold != "breached":
                        continue
                    over = within is not None and walk.elapsed(ended) > within
                    at = ended if over else None
                if at is not None and (at > start or (number, threshold) not in held):
                    found.append((max(at, start), number, threshold))
                held -= {(number, threshold)}
                held |= set() if at is None else {(number, threshold)}
    return sorted(found, key=str)


def names(found: Sequence[Crossing]) -> list[Found]:
    return sorted(((utc(each.at), each.cycle, each.threshold) for each in found), key=str)


@given(lives(), warnings)
def test_what_is_crossed_is_what_the_oracle_finds(case: LifeCase, listed: list[int | str]) -> None:
    case = case.warned(listed)
    ours = crossings([case.ticket], case.life.opened - US, until(case), policy=case.policy)
    assert names(ours) == by_the_oracle(case, listed)
    assert [utc(each.at) for each in ours] == sorted(utc(each.at) for each in ours)
    assert {each.metric for each in ours} <= {case.metric}


def stands(case: LifeCase, at: datetime, number: int, threshold: int | str) -> bool | None:
    """Whether the amount is counted at an instant, as known then. None for a cycle that does not run then."""
    known = replace(case.life, happenings=[each for each in case.life.happenings if each[0] <= at])
    if at < case.life.opened or number > len(known.cycles()):
        return None
    _, ended, _ = known.cycles()[number - 1]
    if ended is not None and not (threshold == "breached" and ended == at):
        return None
    walk = oracle.Walk(known, number)
    within, _ = walk.target(datetime.max.replace(tzinfo=at.tzinfo))
    return within is not None and walk.elapsed(at) >= needed(threshold)(within)


@given(st.data(), lives(), warnings)
def test_a_crossing_is_the_first_instant_at_which_the_amount_is_counted(
    data: st.DataObject, case: LifeCase, listed: list[int | str]
) -> None:
    case = case.warned(listed)
    whole = crossings([case.ticket], case.life.opened - US, until(case), policy=case.policy)
    for each in whole:
        assert stands(case, utc(each.at), each.cycle, each.threshold)
        assert not stands(case, utc(each.at) - US, each.cycle, each.threshold)
    for at in data.draw(st.lists(case.instants(), max_size=3)):
        for number in range(1, len(case.life.cycles()) + 1):
            for threshold in [*case.listed(listed), "breached"]:
                before = [each for each in names(whole) if each[0] <= at and each[1:] == (number, threshold)]
                assert before or not stands(case, at, number, threshold)


@st.composite
def cuts(draw: st.DrawFn, case: LifeCase, whole: list[Crossing]) -> list[datetime]:
    """Ends of windows: at events, at crossings, one microsecond beside them, and anywhere."""
    edges = [case.life.opened, *(at for at, _, _ in case.life.happenings), *(utc(each.at) for each in whole)]
    beside = st.builds(lambda at, us: at + us * US, st.sampled_from(edges), st.sampled_from([0, 0, -1, 1]))
    inside = draw(st.lists(beside | case.instants(), max_size=8))
    first, last = case.life.opened - US, until(case)
    return [first, *sorted(at for at in inside if first < at < last), last]


@given(st.data(), lives(), warnings)
def test_windows_that_follow_one_another_give_what_the_whole_gives(
    data: st.DataObject, case: LifeCase, listed: list[int | str]
) -> None:
    case = case.warned(listed)
    every = [case.life.opened - US, until(case)]
    whole = crossings([case.ticket], *every, policy=case.policy)
    ends = data.draw(cuts(case, whole))
    apart = [crossings([case.ticket], *window, policy=case.policy) for window in pairwise(ends)]
    assert [each for part in apart for each in part] == whole
    for (after, end), part in zip(pairwise(ends), apart, strict=True):
        assert all(after < utc(each.at) <= end for each in part)
        known = case.ticket.until(end)  # what is not known yet changes nothing
        assert names(crossings([known], after, end, policy=case.policy)) == names(part)


@given(lives(), warnings)
def test_polling_every_minute_gives_what_one_window_gives(case: LifeCase, listed: list[int | str]) -> None:
    case = case.warned(listed)
    whole = crossings([case.ticket], case.life.opened - US, until(case), policy=case.policy)
    assume(whole)
    middle = utc(whole[len(whole) // 2].at)
    polls = [middle + n * timedelta(minutes=1) for n in range(-40, 40)]
    told_then = [each for window in pairwise(polls) for each in crossings([case.ticket], *window, policy=case.policy)]
    assert told_then == [each for each in whole if polls[0] < utc(each.at) <= polls[-1]]


@given(lives(), warnings)
def test_without_events_it_is_the_alarms_and_the_breach(case: LifeCase, listed: list[int | str]) -> None:
    case = case.warned(listed)
    ticket = case.ticket.replace(events=())
    for cycle in cycles(ticket, policy=case.policy, metric=case.metric):
        if cycle.deadline is None:
            continue
        expected = [(alarm.at, alarm.threshold) for alarm in cycle.deadline.alarms()]
        last = cycle.deadline.breaches_after
        end = until(case)
        found = crossings([ticket], case.life.opened - US, end, policy=case.policy)
        assert [(each.at, each.threshold) for each in found if each.threshold != "breached"] == [
            (at, threshold) for at, threshold in expected if at is not None and utc(at) <= end
        ]
        breached = [utc(each.at) for each in found if each.threshold == "breached"]
        assert breached == ([utc(last) + US] if last is not None and utc(last) < end else [])


@given(lives(metrics=("first-response", "next-response")))
def test_a_cycle_that_ended_is_breached_if_its_breach_was_crossed_last(case: LifeCase) -> None:
    found = crossings([case.ticket], case.life.opened - US, until(case), policy=case.policy)
    for cycle in cycles(case.ticket, policy=case.policy, metric=case.metric):
        told_of = [each for each in found if each.cycle == cycle.number and each.threshold == "breached"]
        if cycle.ended_at and cycle.deadline and cycle.status(cycle.ended_at).state == "breached":
            assert told_of
        if not told_of and cycle.deadline:
            assert cycle.status(until(case)).state != "breached"


@given(st.lists(tickets(), max_size=6), st.sampled_from([KOLMISOFT, ALL]), openings, openings)
def test_many_tickets_cross_what_each_crosses(drawn: list[Ticket], policy: Any, one: datetime, other: datetime) -> None:
    after, end = sorted([one, other])
    policy = policy.replace(warnings=[50, 100, "PT30M left"])
    every = crossings(drawn, after, end, policy=policy)
    alone = [each for ticket in drawn for each in crossings([ticket], after, end, policy=policy)]
    assert Counter(alone) == Counter(every)
    assert [utc(each.at) for each in every] == sorted(utc(each.at) for each in every)
    for ticket in drawn:
        if ticket.opened_at > end:
            assert all(each.ticket is not ticket for each in every)
            continue
        for due in deadlines(ticket, policy=policy, at=end):  # what is due and was not due before was told
            before = [crossing for crossing in every if crossing.ticket is ticket]
            if due.due_at and after < utc(due.due_at) <= end and due.ticket.events == ():
                assert any(
                    (each.metric, each.threshold, each.at) == (due.promise.metric, 100, due.due_at) for each in before
                )


@given(st.data(), lives(), warnings)
def test_corrections_make_up_for_events_that_come_in_late(
    data: st.DataObject, case: LifeCase, listed: list[int | str]
) -> None:
    """Whatever was told at each poll, with its corrections, is in the end what the whole life gives."""
    case = case.warned(listed)
    lags = st.sampled_from([timedelta(), timedelta(minutes=5), timedelta(hours=7), timedelta(days=3)])
    arrivals = [(at + data.draw(lags), (at, kind, value)) for at, kind, value in case.life.happenings]
    last = max([case.life.opened, *(arrival for arrival, _ in arrivals)]) + timedelta(days=12)
    polls = sorted({*data.draw(st.lists(case.instants(), max_size=4)), *(at for at, _ in arrivals[::2]), last})
    polls = [at for at in polls if at >= case.life.opened - US]

    def known_at(poll: datetime) -> list[Ticket]:
        if poll < case.life.opened:
            return []
        events = [each for arrival, each in arrivals if arrival <= poll]
        facts: dict[str, Any] = {
            "id": 1,
            "plan": "plan",
            "priority": case.ticket.priority,
            "opened_at": case.ticket.opened_at,
        }
        return [Ticket.imported(**facts, events=told(events))]  # an export may lack the beginning of a pause

    count: Counter[tuple[int, int | str]] = Counter()
    after, before = case.life.opened - US, list[Ticket]()
    for poll in polls:
        now = known_at(poll)
        for each in crossings(now, after, poll, policy=case.policy, before=before):
            count[each.cycle, each.threshold] += -1 if each.correction == "withdrawn" else 1
            assert (each.correction is None) == (utc(each.at) > after)
        assert all(number >= 0 for number in count.values())
        after, before = poll, now
    whole = crossings(known_at(last), case.life.opened - US, last, policy=case.policy)
    assert +count == Counter((each.cycle, each.threshold) for each in whole)


@given(st.lists(tickets(), max_size=6), openings, openings)
def test_without_late_events_there_is_nothing_to_correct(drawn: list[Ticket], one: datetime, other: datetime) -> None:
    after, end = sorted([one, other])
    apart = [ticket.replace(id=number) for number, ticket in enumerate(drawn)]
    before = [ticket.until(after) for ticket in apart if ticket.opened_at <= after]
    assert crossings(apart, after, end, policy=ALL, before=before) == crossings(apart, after, end, policy=ALL)


def test_wrong_arguments_are_told() -> None:
    ticket = Ticket(plan="premium", priority="high", opened_at=NOON)
    with pytest.raises(ValueError, match=r"must not be earlier than after=2026-07-03T12:00:00"):
        crossings([ticket], NOON, NOON - US)
    with pytest.raises(TypeError, match="tickets must be an Iterable"):
        crossings(ticket, NOON, NOON)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="ticket must be a Ticket, not 7"):
        crossings([7], NOON, NOON)  # type: ignore[list-item]
    with pytest.raises(TypeError, match="before must be an Iterable"):
        crossings([ticket], NOON, NOON, before=7)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="policy must be a Policy"):
        crossings([ticket], NOON, NOON, policy="resolution")  # type: ignore[arg-type]
    assert crossings([ticket], NOON - US, NOON - US) == []


def test_an_opening_that_is_corrected_into_another_edition() -> None:
    """What was told of a metric that only the edition before has did not happen."""
    reply = {"starts": ["opened"], "ends": ["answered"]}
    hour = {"within": "PT1H"}
    policy = Policy.from_dict(
        {
            "name": "D",
            "timezone": "UTC",
            "schedules": {"always": {"open": "always"}},
            "priorities": {"P1": {"rank": 1, "schedule": "always"}},
            "metrics": {"touch": reply},
            "plans": {"G": {"rank": 1, "targets": {"touch": hour}}},
            "editions": [
                {"effective_from": "2026-01-01"},
                {
                    "effective_from": "2026-07-01",
                    "metrics": {"touch": False, "reply": reply},
                    "plans": {"G": {"targets": {"touch": False, "reply": hour}}},
                },
            ],
        }
    )
    was = Ticket(id=1, plan="G", priority="P1", opened_at="2026-06-30T23:30Z")
    now = was.replace(opened_at="2026-07-01T00:30Z")
    after, until = (datetime.fromisoformat(f"2026-07-01T0{hour}:00Z") for hour in (3, 4))
    for before, ticket, withdrawn, missed in ((was, now, "touch", "reply"), (now, was, "reply", "touch")):
        found = crossings([ticket], after, until, policy=policy, before=[before])
        told = sorted((each.metric, str(each.threshold), each.correction) for each in found)
        wanted = [
            (metric, text, word)
            for metric, word in ((withdrawn, "withdrawn"), (missed, "missed"))
            for text in ("100", "breached")
        ]
        assert told == sorted(wanted)
