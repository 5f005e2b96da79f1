"""A ticket is judged by the edition that was in force when it was opened, with the hours of that edition."""

import copy
import io
import json
import pickle
from copy import deepcopy
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kolmisla import (
    KOLMISOFT,
    Event,
    NotCoveredError,
    Policy,
    PolicyError,
    Schedule,
    Target,
    Ticket,
    TicketError,
    cycles,
    deadline,
    explain,
    queue,
)
from kolmisla.files import Measuring
from kolmisla.files.tables import CsvTable, JsonTable
from tests.strategies import US, LifeCase, lives

JULY = date(2026, 7, 6)
LONGER = {
    name: plan.replace(targets={"first-response": Target(within=timedelta(hours=4))})
    for name, plan in KOLMISOFT.plans.items()
}
EARLY = Schedule(timezone="Europe/Vilnius", hours={"mon-fri": ["06:00-12:00"]})
SCHEDULES = {"working-hours": EARLY, "always": KOLMISOFT.schedules["always"]}


def amended(since: date = JULY, **changes: Any) -> Policy:
    return KOLMISOFT.replace(effective_from=since, earlier=[KOLMISOFT], **changes)


def due(opened_at: str, policy: Policy) -> str:
    found = deadline(Ticket(plan="premium", priority="high", opened_at=opened_at), policy=policy).due_at
    assert found
    return found.isoformat()


def test_an_edition_begins_at_midnight_in_the_policys_zone() -> None:
    policy = amended(plans=LONGER)
    assert due("2026-07-05T23:59:59.999999+03:00", policy) == "2026-07-07T10:00:00+03:00"  # Monday is a holiday
    assert due("2026-07-06T00:00:00+03:00", policy) == "2026-07-07T12:00:00+03:00"
    assert policy.at(datetime(2026, 7, 5, 21, tzinfo=UTC) - US) == KOLMISOFT
    assert policy.at(datetime(2026, 7, 5, 21, tzinfo=UTC)) == KOLMISOFT.replace(plans=LONGER, effective_from=JULY)


@given(case=lives(), after=st.timedeltas(US, timedelta(days=9)), before=st.timedeltas(timedelta(), timedelta(days=9)))
def test_what_comes_later_does_not_rewrite(case: LifeCase, after: timedelta, before: timedelta) -> None:
    """The same answers before and after an edition is added, for what was opened before it; others by the new one."""
    old, ticket, metric = case.policy, case.ticket, case.metric
    other = old.replace(
        name="other",
        schedules=dict.fromkeys(old.schedules, EARLY),
        priority_change="restart",
        plans={name: plan.replace(pausing=()) for name, plan in old.plans.items()},
    )
    zone = ZoneInfo(old.timezone)
    since = (ticket.opened_at.astimezone(zone) + after).date() + timedelta(days=1)
    assume(since.year < 2100)
    added = other.replace(effective_from=since, earlier=[old])
    was, now = cycles(ticket, metric=metric, policy=old), cycles(ticket, metric=metric, policy=added)
    assert [cycle.to_dict() for cycle in was] == [cycle.to_dict() for cycle in now]
    at = ticket.opened_at + before + after
    assert [cycle.elapsed(at) for cycle in was if cycle.started_at <= at] == [
        cycle.elapsed(at) for cycle in now if cycle.started_at <= at
    ]
    earlier = (ticket.opened_at.astimezone(zone) - before).date()
    begun = other.replace(effective_from=earlier, earlier=[old])
    assert [cycle.to_dict() for cycle in cycles(ticket, metric=metric, policy=begun)] == [
        cycle.to_dict() for cycle in cycles(ticket, metric=metric, policy=other)
    ]


def test_a_file_measured_again_keeps_its_old_answers() -> None:
    lines = "plan,priority,opened_at,answered_at\n" + "".join(
        f"premium,{priority},2026-0{month}-03T16:30+03:00,2026-0{month}-09T09:00+03:00\n"
        for month in (6, 7, 8)
        for priority in ("high", "blocker")
    )

    def measured(policy: Policy) -> list[str]:
        out = io.StringIO()
        measuring = Measuring(at=datetime(2026, 9, 1, tzinfo=UTC), policy=policy)
        summary = measuring.run(CsvTable(io.StringIO(lines)), out, io.StringIO())
        assert summary.rejected == 0
        assert "PREMIUM: mean response" in "\n".join(summary.lines(policy))
        return out.getvalue().splitlines()

    was, now = measured(KOLMISOFT), measured(amended(plans=LONGER, schedules=SCHEDULES))
    assert now[:5] == was[:5]
    assert now[5] != was[5]
    assert ",14400,breached,," in now[6]


def test_before_the_first_edition_nothing_is_promised() -> None:
    policy = KOLMISOFT.replace(effective_from=date(2026, 7, 1))
    early = Ticket(plan="premium", priority="high", opened_at="2026-06-30T23:59:59+03:00", id=1)
    told = "2026-06-30T23:59:59+03:00 is before the first edition of the policy, effective from 2026-07-01"
    asks: list[Any] = [deadline, explain, cycles]
    for ask in asks:
        with pytest.raises(NotCoveredError) as reason:
            ask(early, policy=policy)
        assert str(reason.value) == told
    with pytest.raises(NotCoveredError):
        policy.at(datetime(2026, 6, 30, 20, tzinfo=UTC))
    (place,) = queue([early], datetime(2026, 7, 3, tzinfo=UTC), policy=policy)
    assert (place.reason, place.plan) == (told, "PREMIUM")
    with pytest.raises(TicketError, match="priority 'P9' is not one of"):
        queue([early.replace(priority="P9")], datetime(2026, 7, 3, tzinfo=UTC), policy=policy)
    out = io.StringIO()
    lines = "plan,priority,opened_at\npremium,high,2026-06-30T12:00+03:00\ngold,p9,2026-06-30T12:00+03:00\n"
    measuring = Measuring(at=datetime(2026, 9, 1, tzinfo=UTC), policy=policy)
    summary = measuring.run(CsvTable(io.StringIO(lines)), out, io.StringIO())
    assert summary.rejected == 1
    assert 'not-covered,"2026-06-30T12:00:00+03:00 is before the first edition' in out.getvalue()


def test_a_ticket_is_explained_by_its_own_edition() -> None:
    policy = amended(priority_change="retroactive")
    raised = [Event(kind="priority", at="2026-07-03T17:30:00+03:00", value="blocker")]
    old = Ticket(plan="premium", priority="high", opened_at="2026-07-03T17:00:00+03:00", events=raised)
    assert str(explain(old, policy=policy)) == str(explain(old))


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"plans": [KOLMISOFT.plans["PREMIUM"].replace(name="Premium")]}, "plan 'PREMIUM' is 'Premium'"),
        ({"priorities": [each.replace(name=each.name.title()) for each in KOLMISOFT.priorities.values()]}, "'BLOCKER'"),
        ({"channels": ["Support_System"]}, "channel 'support-system' is 'Support_System'"),
        ({"owners": {"l2": {"schedule": "always"}}}, "owner 'L2' is 'l2'"),
        ({"metrics": {"FIX it": {"starts": ["opened"], "ends": ["resolved"]}}}, "metric 'fix-it' is 'FIX it'"),
    ],
    ids=["plan", "priority", "channel", "owner", "metric"],
)
def test_editions_spell_a_name_alike(changes: dict[str, Any], what: str) -> None:
    """A ticket of each edition would be counted under another name."""
    document = KOLMISOFT.to_dict() | {"owners": {"L2": {"schedule": "always"}}}
    document |= {"metrics": {"fix-it": {"starts": ["opened"], "ends": ["resolved"]}}}
    earlier = Policy.from_dict(document)
    later = earlier.replace(effective_from=JULY)
    assert later.replace(earlier=[earlier]).editions
    with pytest.raises(
        PolicyError, match=f"editions must spell a name alike, but the .*{what}.*effective from 2026-07-06"
    ):
        later.replace(earlier=[earlier], **changes)


def test_editions_stand_in_their_order() -> None:
    third = KOLMISOFT.replace(name="third", effective_from="2026-09-01", earlier=[amended()])
    assert [edition.effective_from for edition in third.editions] == [None, JULY, date(2026, 9, 1)]
    assert [edition.name for edition in third.editions] == ["Kolmisoft", "Kolmisoft", "third"]
    assert all(not edition.earlier for edition in third.editions)
    assert third.at(datetime(2026, 8, 1, tzinfo=UTC)).effective_from == JULY
    with pytest.raises(PolicyError, match="editions must have different dates, but two are effective from 2026-07-06"):
        KOLMISOFT.replace(effective_from=JULY, earlier=[amended()])
    with pytest.raises(PolicyError, match="editions must have different dates, but two are effective from the start"):
        KOLMISOFT.replace(earlier=[KOLMISOFT])
    with pytest.raises(PolicyError, match="must be later than 2026-07-06, the date of an earlier edition, not missing"):
        KOLMISOFT.replace(earlier=[KOLMISOFT.replace(effective_from=JULY)])
    with pytest.raises(
        PolicyError, match="must be later than 2026-07-06, the date of an earlier edition, not 2026-01-01"
    ):
        KOLMISOFT.replace(effective_from=date(2026, 1, 1), earlier=[amended()])
    with pytest.raises(PolicyError, match="editions must share one timezone, not have UTC, Europe/Vilnius"):
        amended(timezone="UTC")


DATED = KOLMISOFT.replace(releases={"X18": "2026-08-01", "X16": "2025-02-01", "X17": date(2026, 2, 1)})


def supported(version: str, opened_at: str, policy: Policy = DATED) -> str | None:
    ticket = Ticket(plan="premium", priority="high", opened_at=opened_at, version=version)
    return deadline(ticket, policy=policy).promise.version


def test_the_two_latest_are_those_out_when_the_ticket_was_opened() -> None:
    assert list(DATED.releases) == ["X16", "X17", "X18"]
    assert supported("x16", "2026-07-31T23:59:59+03:00") == "X16"
    with pytest.raises(NotCoveredError, match="version X16 is not supported, only X17 and X18"):
        supported("x16", "2026-08-01T00:00:00+03:00")
    told = "version 'X18' is not one of the releases X16, X17; it came out on 2026-08-01, after the ticket was opened"
    with pytest.raises(TicketError) as unknown:
        supported("X18", "2026-07-31T23:59:59+03:00")
    assert str(unknown.value) == told
    with pytest.raises(TicketError, match="version 'X99' is not one of the releases X16, X17$"):
        supported("X99", "2026-07-31T23:59:59+03:00")
    with pytest.raises(TicketError, match=r"the releases \(none yet\); it came out on 2025-02-01"):
        supported("X16", "2024-07-31T23:59:59+03:00")


def test_releases_stand_in_the_order_of_their_dates() -> None:
    policy = KOLMISOFT.replace(releases={"Alder": "2026-02-01", "Zelkova": "2025-02-01", "Birch": "2024-02-01"})
    assert list(policy.releases) == ["Birch", "Zelkova", "Alder"]
    assert supported("zelkova", "2026-07-31T10:00:00+03:00", policy) == "Zelkova"
    with pytest.raises(NotCoveredError, match="only Zelkova and Alder"):
        supported("birch", "2026-07-31T10:00:00+03:00", policy)


def test_releases_are_for_all_editions() -> None:
    policy = DATED.replace(effective_from=JULY, earlier=[KOLMISOFT])
    assert supported("X16", "2026-06-01T10:00:00+03:00", policy) == "X16"
    assert policy.editions[0].releases == DATED.releases
    assert Policy.from_dict(policy.to_dict()) == policy
    assert "releases" not in policy.to_dict()["editions"][0]


@given(st.dates(date(2025, 1, 1), date(2027, 1, 1)), st.integers(1, 3))
def test_no_version_is_supported_that_was_not_out(day: date, latest: int) -> None:
    policy = DATED.replace(versions={"latest": latest})
    opened_at = datetime.combine(day, time(12), ZoneInfo("Europe/Vilnius"))
    out = [name for name, since in DATED.releases.items() if since and since <= day]
    for name in DATED.releases:
        ticket = Ticket(plan="premium", priority="low", opened_at=opened_at, version=name)
        if name not in out:
            with pytest.raises(TicketError):
                deadline(ticket, policy=policy)
        elif name in out[-latest:]:
            assert deadline(ticket, policy=policy).promise.version == name
        else:
            with pytest.raises(NotCoveredError):
                deadline(ticket, policy=policy)


def test_a_document_with_editions() -> None:
    document = KOLMISOFT.to_dict()
    plans = document.pop("plans")
    later = deepcopy(plans)
    later["PREMIUM"]["targets"]["first-response"]["within"] = "PT4H"
    document["editions"] = [{"effective_from": "2026-07-06", "plans": later}, {"plans": plans}]
    policy = Policy.from_dict(document)
    assert due("2026-07-05T12:00:00+03:00", policy) == "2026-07-07T10:00:00+03:00"
    assert due("2026-07-07T08:00:00+03:00", policy) == "2026-07-07T12:00:00+03:00"
    assert policy.to_dict()["editions"][0] == {"plans": plans}


def test_what_is_remembered_makes_no_difference() -> None:
    at = datetime(2026, 7, 20, tzinfo=UTC)
    one, other = (KOLMISOFT.replace(effective_from="2026-01-01", releases=dict(DATED.releases)) for _ in range(2))
    known = one.at(at)
    assert other.at(at) == known
    assert one == other
    assert hash(one) == hash(other)
    for same in (pickle.loads(pickle.dumps(known)), copy.deepcopy(known)):
        assert same == known
        with pytest.raises(TicketError, match="it came out on 2026-08-01"):
            same.promise("premium", "high", None, "X18")


def test_releases_given_in_another_order_are_for_all_editions() -> None:
    old = KOLMISOFT.replace(releases=["X17", "X16"], versions={"latest": 1})
    policy = old.replace(effective_from=JULY, earlier=[old]).replace(releases=["X16", "X17"])
    assert list(policy.editions[0].releases) == ["X16", "X17"]
    assert Policy.from_dict(policy.to_dict()) == policy


def test_a_ticket_without_a_channel_came_by_the_first_one_of_its_edition() -> None:
    policy = KOLMISOFT.replace(channels=["email"], effective_from=JULY, earlier=[KOLMISOFT])
    early, late = (policy.at(datetime(2026, month, 1, tzinfo=UTC)) for month in (6, 8))
    assert early.promise("premium", "high", None).channel == "support-system"
    assert late.promise("premium", "high", None).channel == "email"
    assert KOLMISOFT.replace(channels=[]).promise("premium", "high", None).channel == "support-system"
    odd = KOLMISOFT.replace(plans={"_": KOLMISOFT.plans["PREMIUM"].replace(name="_")})
    with pytest.raises(NotCoveredError, match="no support plan"):
        odd.promise(None, "high", None)


def test_before_the_first_edition_its_priorities_are_known() -> None:
    first = KOLMISOFT.replace(effective_from="2026-07-01")
    fewer = [priority for name, priority in KOLMISOFT.priorities.items() if name != "LOW"]
    policy = first.replace(effective_from=JULY, priorities=fewer, earlier=[first])
    early = Ticket(plan="premium", priority="low", opened_at="2026-06-30T12:00:00+03:00")
    (place,) = queue([early], datetime(2026, 7, 9, tzinfo=UTC), policy=policy)
    assert (place.priority, place.due_at) == ("LOW", None)
    lines = "plan,priority,opened_at\npremium,low,2026-06-30T12:00+03:00\n"
    measuring = Measuring(at=datetime(2026, 9, 1, tzinfo=UTC), policy=policy)
    assert measuring.run(CsvTable(io.StringIO(lines)), io.StringIO(), io.StringIO()).rejected == 0


FIRST = KOLMISOFT.replace(effective_from=date(2026, 7, 1))
UNKNOWN = "priority 'urgent' is not one of BLOCKER, HIGH, MEDIUM, LOW"


@pytest.mark.parametrize("policy", [KOLMISOFT, FIRST], ids=["in force ever since", "opened before the first edition"])
@pytest.mark.parametrize("plan", ["premium", None])
@pytest.mark.parametrize(
    ("priority", "events", "fault"),
    [
        ("urgent", [], True),
        ("high", [("priority", 0, "urgent")], True),
        ("high", [("priority", 60, "urgent"), ("answered", 90, None)], True),
        ("high", [("answered", 30, None), ("priority", 60, "urgent")], False),  # it does not touch the response
        ("high", [("answered", 0, None), ("priority", 0, "urgent")], False),
        ("high", [], False),
    ],
    ids=["its own", "at the opening", "later", "after the answer", "at the answer", "none"],
)
def test_a_priority_that_the_policy_lacks_is_judged_alike(
    policy: Policy, plan: str | None, priority: str, events: list[tuple[str, int, str | None]], fault: bool
) -> None:
    """Alone, in a queue and in a file, whether or not anything is promised; before the first edition too."""
    opened, now = datetime(2026, 6, 30, 9, tzinfo=UTC), datetime(2026, 6, 30, 10, 15, tzinfo=UTC)
    log = [{"kind": kind, "at": opened + timedelta(minutes=n), "value": value} for kind, n, value in events]
    ticket = Ticket(plan=plan, priority=priority, opened_at=opened, events=log)
    told: list[str] = []
    for ask in (deadline, cycles, explain):
        try:
            ask(ticket, policy=policy)
        except (TicketError, NotCoveredError) as error:
            told.append(str(error))
    assert all((UNKNOWN in each) == fault for each in told)
    assert len(told) == 3 or not fault
    waits = not any(kind == "answered" and n <= 75 for kind, n, _ in events)
    if waits and fault:
        with pytest.raises(TicketError, match=UNKNOWN):
            queue([ticket], now, policy=policy)
    else:
        assert len(queue([ticket], now, policy=policy)) == waits
    out, rejects = io.StringIO(), io.StringIO()
    row = json.dumps({"plan": plan, "priority": priority, "opened_at": opened.isoformat(), "events": log}, default=str)
    Measuring(at=now + timedelta(hours=1), policy=policy).run(JsonTable(io.StringIO(row)), out, rejects)
    assert (UNKNOWN in rejects.getvalue()) == fault
    assert bool(out.getvalue()) != fault


@pytest.mark.parametrize("policy", [KOLMISOFT, FIRST], ids=["in force ever since", "opened before the first edition"])
@pytest.mark.parametrize("plan", ["premium", None])
def test_an_unknown_priority_is_a_fault_without_a_cycle_too(policy: Policy, plan: str | None) -> None:
    ticket = Ticket(plan=plan, priority="urgent", opened_at=datetime(2026, 6, 30, 9, tzinfo=UTC))
    with pytest.raises(TicketError, match=UNKNOWN):
        cycles(ticket, policy=policy, metric="next-response")
