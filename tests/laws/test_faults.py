"""Invalid data raises a typed error at once; the error lists every fault and the valid choices."""

import json
import pickle
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kolmisla
from kolmisla import (
    ALWAYS,
    KOLMISOFT,
    KolmislaError,
    NaiveTimeError,
    Plan,
    PolicyError,
    Priority,
    Schedule,
    ScheduleError,
    Target,
    Ticket,
    TicketError,
    deadline,
)
from kolmisla.documents.names import Catalogue
from kolmisla.files.tables.json_table import object_of
from kolmisla.times import zones

OPENED = "2026-07-03T16:30:00+03:00"
NAIVE = datetime(2026, 7, 3, 16, 30)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (
            {"timezone": "Europe/Vilinus"},
            "'Europe/Vilinus' is not a known IANA time zone; did you mean Europe/Vilnius?",
        ),
        ({"timezone": "europe/vilnius"}, "did you mean Europe/Vilnius?"),
        ({"timezone": "Nowhere"}, "such as Europe/Vilnius or UTC"),
        ({"timezone": "Europe"}, "is not a known IANA time zone"),
        ({"timezone": "../../etc/passwd"}, "is not a known IANA time zone"),
        ({"timezone": "UTC\0"}, "is not a known IANA time zone"),
        ({"timezone": ""}, "is not a known IANA time zone"),
        ({"timezone": None}, "is not a known IANA time zone"),
        ({"hours": {"mon": ["18:00-08:00x"]}}, "such as 08:00-18:00, not '18:00-08:00x'"),
        ({"hours": {"mon": ["24:00-08:00"]}}, "must have HH:MM-HH:MM from 00:00 to 24:00, such as 08:00-18:00, not"),
        ({"hours": {"mon": ["08:00-24:01"]}}, "must have HH:MM-HH:MM from 00:00 to 24:00, such as 08:00-18:00, not"),
        ({"hours": {"mon": ["08:60-18:00"]}}, "must have HH:MM-HH:MM from 00:00 to 24:00, such as 08:00-18:00, not"),
        ({"hours": {"mon": ["٠٨:00-18:00"]}}, "must have HH:MM-HH:MM from 00:00 to 24:00, such as 08:00-18:00, not"),
        ({"hours": {"mon": [(8, 18)]}}, "such as 08:00-18:00, not (8, 18)"),
        ({"hours": {"mon": "08:00-18:00"}}, "hours['mon'] must be a list such as"),
        ({"hours": {"mon": None}}, "hours['mon'] must be a list such as"),
        ({"hours": {"mon": {}}}, "hours['mon'] must be a list such as"),
        ({"hours": {"mon": {"08:00-18:00": "x"}}}, "hours['mon'] must be a list such as"),
        ({"hours": ["08:00-18:00"]}, "hours must be a mapping such as"),
        ({"hours": {"mo": []}}, "hours must be by weekday; 'mo' is not one of mon, tue, wed, thu, fri, sat, sun, nor"),
        ({"hours": {"mon-wed-fri": []}}, "'mon-wed-fri' is not one of mon, tue"),
        ({"hours": {0: []}}, "hours must be by weekday; 0 is not one of mon"),
        (
            {"hours": {"mon-fri": [], "wed": ["08:00-12:00"]}},
            "hours must give each day once, but hours['wed'] gives wed a second time",
        ),
        ({"holidays": "XX"}, "holidays must be dates or a country's code such as LT or US-MA; 'XX' is not one of AD"),
        ({"holidays": "US-XX"}, "is not one of US, US-AK, US-AL"),
        ({"holidays": "UK"}, "such as LT or US-MA; did you mean GB? 'UK' is not one of AD"),
        ({"holidays": "lt"}, "such as LT or US-MA; did you mean LT? 'lt' is not one of AD"),
        ({"holidays": ""}, "'' is not one of AD"),
        ({"holidays": ["24.12.2026"]}, "dates in holidays must be like 2026-12-24, not '24.12.2026'"),
        ({"holidays": [datetime(2026, 12, 24)]}, "dates in holidays must be like 2026-12-24, not 2026-12-24T00:00:00"),
        ({"holidays": [20261224]}, "dates in holidays must be like 2026-12-24, not 20261224"),
        ({"holidays": [date(9999, 12, 31)]}, "dates in holidays must be from 1900 to 2200, not 9999-12-31"),
        ({"holidays": 5}, "holidays"),
        ({"holidays": {date(2026, 12, 24): None}}, "the name of a holiday must be a string, not None"),
        ({"exceptions": {"tomorrow": []}}, "exceptions.tomorrow: days must be like 2026-12-24, 12-24,"),
        (
            {"exceptions": {date(1, 1, 1): []}},
            "exceptions.0001-01-01: a date must be from 1900 to 2200, not 0001-01-01",
        ),
        ({"exceptions": {date(2026, 1, 1): ["8-18"]}}, "hours['2026-01-01'] must have HH:MM-HH:MM"),
        ({"exceptions": {date(2026, 1, 1): [], "2026-01-01": []}}, "exceptions must give 2026-01-01 once, not twice"),
        ({"holidays": {date(2026, 1, 1): "a", "2026-01-01": "b"}}, "holidays must give 2026-01-01 one name, not a, b"),
        ({"exceptions": 5}, "exceptions must be a mapping such as"),
        ({"holidays": [["2026-12-24"]]}, "dates in holidays must be like 2026-12-24, not ['2026-12-24']"),
        ({"hours": {"mon": [5]}, "holidays": 5, "exceptions": 5}, "not 5; exceptions must be a mapping such as"),
    ],
    ids=str,
)
def test_a_schedule_that_cannot_be(document: dict[str, Any], message: str) -> None:
    with pytest.raises(ScheduleError) as refusal:
        Schedule(**{"timezone": "UTC", "hours": {"mon-fri": ["08:00-18:00"]}, **document})
    assert message in str(refusal.value)


def test_without_zones_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kolmisla.times.zones._names_by_pair", dict)
    with pytest.raises(ScheduleError, match="no time zones are installed here; install the package tzdata"):
        Schedule(timezone="Nowhere without zones", hours={})


def test_zones_are_listed_once_and_few_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a document with a hundred wrong names takes seconds."""
    listed: list[int] = []
    compared: list[list[str]] = []

    def every() -> set[str]:
        listed.append(1)
        return {"Europe/Vilnius", "Asia/Tokyo"}

    def near(_: str, names: dict[str, str], n: int) -> list[str]:
        compared.append(list(names))
        return list(names)[:n]

    monkeypatch.setattr("kolmisla.times.zones.available_timezones", every)
    monkeypatch.setattr("kolmisla.times.zones._names_by_pair", cache(zones._names_by_pair.__wrapped__))
    monkeypatch.setattr("difflib.get_close_matches", near)
    schedules: Any = {f"s{n}": {"timezone": f"Europe/Vilnus{n}", "hours": {}} for n in range(100)}
    with pytest.raises(PolicyError, match=r"did you mean Europe/Vilnius\?; .*; and 69 more"):
        KOLMISOFT.replace(schedules=schedules)
    assert len(listed) == 1
    assert compared == [["europe/vilnius"]] * 100


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("vilnius", "did you mean Europe/Vilnius?"),
        ("europe/wilnius", "did you mean Europe/Vilnius?"),
        ("America/New York", "did you mean America/New_York?"),
        ("Q", "use a name such as"),
        ("Europe/Vilnius" * 9, "use a name such as"),
        (10**5_000, "a number of very many digits is not a known IANA time zone; use a name such as"),
    ],
    ids=range(6),
)
def test_the_nearest_zone_is_told(name: Any, hint: str) -> None:
    with pytest.raises(ScheduleError) as refusal:
        Schedule(timezone=name, hours={})
    assert hint in str(refusal.value)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: ALWAYS.is_open(NAIVE),
        lambda: ALWAYS.elapsed(NAIVE, datetime.now(UTC)),
        lambda: ALWAYS.due(NAIVE, timedelta(hours=2)),
        lambda: KOLMISOFT.schedules["working-hours"].next_open(NAIVE),
        lambda: Ticket(plan="premium", priority="high", opened_at=NAIVE),
        lambda: Ticket(plan="premium", priority="high", opened_at="2026-07-03T16:30"),
        lambda: Ticket(plan="premium", priority="high", opened_at=OPENED, answered_at=NAIVE),
        lambda: deadline(Ticket(plan="premium", priority="high", opened_at=OPENED)).status(NAIVE),
    ],
)
def test_a_naive_time_is_refused(ask: Any) -> None:
    with pytest.raises(NaiveTimeError, match="has no offset"):
        ask()


@pytest.mark.parametrize("at", [None, 5, 5.5, "2026-07-03T16:30+03:00", date(2026, 7, 3), timedelta(1)])
def test_what_is_no_instant_is_a_type_error(at: Any) -> None:
    with pytest.raises(TypeError, match="an instant must be an aware datetime, not"):
        ALWAYS.is_open(at)


@pytest.mark.parametrize("within", [None, 7200, 7200.0, "PT2H"])
def test_what_is_no_duration_is_a_type_error(within: Any) -> None:
    with pytest.raises(TypeError, match="a duration must be a timedelta, not"):
        ALWAYS.due(datetime.now(UTC), within)


@pytest.mark.parametrize("day", [datetime.now(UTC), "2026-07-06", None])
def test_what_is_no_date_is_a_type_error(day: Any) -> None:
    with pytest.raises(TypeError, match="day must be a date, not"):
        ALWAYS.holiday_name(day)


@pytest.mark.parametrize(
    ("facts", "messages"),
    [
        ({"opened_at": "yesterday"}, ["1 fault", "opened_at: 'yesterday' is not a time in ISO 8601"]),
        ({"opened_at": "2026-07-03"}, ["opened_at: '2026-07-03' is a date without a time of day"]),
        ({"opened_at": "2026-13-01"}, ["opened_at: '2026-13-01' is not a date that a calendar has"]),
        ({"opened_at": 1_783_000_000}, ["opened_at: 1783000000 is not a time"]),
        ({"opened_at": None, "answered_at": 5}, ["2 faults", "opened_at: is missing", "answered_at: 5"]),
        ({"plan": 7, "priority": 5}, ["2 faults", "plan: ", "not 7", "priority: ", "not 5"]),
        ({"priority": " "}, ["1 fault", "priority: is empty"]),
        ({"answered_at": "2026-07-03T16:29:59+03:00"}, ["answered_at 2026-07-03T16:29:59+03:00 is before opened_at"]),
        ({"version": 17, "channel": 5}, ["2 faults", "version: ", "channel: "]),
    ],
    ids=str,
)
def test_a_ticket_that_cannot_be_lists_every_fault(facts: dict[str, Any], messages: list[str]) -> None:
    with pytest.raises(TicketError) as refusal:
        Ticket(**{"plan": "premium", "priority": "high", "opened_at": OPENED, **facts})
    assert all(message in str(refusal.value) for message in messages), str(refusal.value)
    assert isinstance(refusal.value.__cause__, ValueError)


@pytest.mark.parametrize(
    ("facts", "error", "message"),
    [
        ({"plan": "gold"}, TicketError, "plan 'gold' is not one of ENTERPRISE, PREMIUM"),
        ({"priority": "urgent"}, TicketError, "priority 'urgent' is not one of BLOCKER, HIGH, MEDIUM, LOW"),
        ({"plan": None, "priority": "urgent"}, TicketError, "priority 'urgent' is not one of"),
        ({"plan": "gold", "priority": "p1"}, TicketError, "plan 'gold' is not one of .*; priority 'p1' is not one of"),
        ({"version": "X17"}, PolicyError, "version 'X17' cannot be checked: the policy has no releases"),
    ],
    ids=str,
)
def test_a_ticket_that_the_policy_does_not_know(facts: dict[str, Any], error: type[Exception], message: str) -> None:
    ticket = Ticket(**{"plan": "premium", "priority": "high", "opened_at": OPENED, **facts})
    with pytest.raises(error, match=message):
        deadline(ticket)


def test_a_ticket_is_written_as_json_without_a_word() -> None:
    ticket = Ticket(plan="premium", priority="high", opened_at=OPENED)
    assert f'"opened_at": "{OPENED}"' in json.dumps(ticket.to_dict())


def test_what_is_said_blank_is_not_said() -> None:
    blank = Ticket(plan=" ", priority="high", opened_at=OPENED, channel="", version="")
    assert (blank.plan, blank.channel, blank.version) == (None, "support-system", None)


def test_what_pandas_has_for_no_time_is_refused() -> None:
    class NaT(datetime):
        def __sub__(self, other: object) -> Any:
            return self

        def __floordiv__(self, other: object) -> float:
            return float("nan")

    with pytest.raises(TypeError, match="an instant must be an aware datetime, not"):
        ALWAYS.is_open(NaT(2026, 7, 3))


def test_an_unknown_version_is_an_error() -> None:
    ticket = Ticket(plan="premium", priority="high", opened_at=OPENED, version="X99")
    with pytest.raises(TicketError, match="version 'X99' is not one of the releases X17, X18"):
        deadline(ticket, policy=KOLMISOFT.replace(releases=["X17", "X18"]))


@pytest.mark.parametrize(
    ("changes", "messages"),
    [
        ({"timezone": "Mars"}, ["timezone: 'Mars' is not a known IANA time zone"]),
        (
            {"schedules": {}},
            [
                "schedule_lines.working-hours: 'working-hours' is not one of the schedules: there are none; ",
                "priorities.BLOCKER.schedule: 'always' is not one of the schedules; ",
                "plans.PREMIUM.average.schedule: ",
                "work.schedule: ",
            ],
        ),
        ({"schedules": {"always": 5}}, ["schedules.always: "]),
        ({"schedules": {"always": ALWAYS, "ALWAYS": ALWAYS}}, ["always, ALWAYS differ only in case"]),
        ({"plans": [KOLMISOFT.plans["PREMIUM"]] * 2}, ["one of the names PREMIUM, PREMIUM is given twice"]),
        ({"plans": 5, "currency": "euro"}, ["2 faults", "plans: ", "currency: "]),
        ({"channels": [""]}, ["channels..name: is empty"]),
        ({"channels": ["web form", "Web-Form"]}, ["channels: two of the names web form, Web-Form differ only in case"]),
        ({"releases": ["X17", "x17"]}, ["releases: two of the names X17, x17 differ only in case"]),
        (
            {"plans": {"GOLD": KOLMISOFT.plans["PREMIUM"]}},
            ["plans.GOLD: must have its key as its name, or no name, not PREMIUM"],
        ),
        ({"name": " "}, ["name: "]),
    ],
    ids=str,
)
def test_a_policy_that_cannot_be_lists_every_fault(changes: dict[str, Any], messages: list[str]) -> None:
    with pytest.raises(PolicyError) as refusal:
        KOLMISOFT.replace(**changes)
    assert all(message in str(refusal.value) for message in messages), str(refusal.value)


def test_parts_of_a_policy_are_checked_too() -> None:
    for within in (timedelta(), timedelta(seconds=-1), "soon"):
        with pytest.raises(PolicyError, match="target with 1 fault: within"):
            Target(within=within)
    with pytest.raises(PolicyError, match="priority with 2 faults: name: .*; rank: "):
        Priority(name="", rank=0, meaning="", schedule="always")
    with pytest.raises(PolicyError, match="plan with 2 faults"):
        Plan(name="P", rank=1, speed="high")  # type: ignore[call-arg]


def test_a_copy_of_a_policy_remembers_no_promise_of_the_other() -> None:
    policy = KOLMISOFT.replace(releases=["X17", "X18"])
    assert policy.promise("premium", "high", "support-system", "X17").version == "X17"
    newer = policy.replace(releases=["X17", "X18", "X19"])
    with pytest.raises(kolmisla.NotCoveredError, match="only X18 and X19 is|only X18 and X19"):
        newer.promise("premium", "high", "support-system", "X17")


def test_a_policy_does_not_remember_without_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kolmisla.policies.policy.MEMO", 3)
    policy = KOLMISOFT.replace(name="small")
    for priority in ("low", "Low", "LOW", "lOw", "loW"):
        assert policy.promise("premium", priority, "support-system").priority.name == "LOW"
        assert len(policy._promises) <= 3


def test_values_are_frozen_and_pickle() -> None:
    ticket = Ticket(plan="premium", priority="high", opened_at=OPENED)
    found = deadline(ticket)
    for value, field in (
        (ticket, "plan"),
        (found, "due_at"),
        (KOLMISOFT, "name"),
        (found.status(ticket.opened_at), "state"),
    ):
        with pytest.raises(AttributeError, match="frozen|cannot assign"):
            setattr(value, field, None)
        assert pickle.loads(pickle.dumps(value)) == value
    assert hash(KOLMISOFT) == hash(KOLMISOFT.replace())
    turned = KOLMISOFT.replace(priorities=list(KOLMISOFT.priorities.values())[::-1])
    assert turned != KOLMISOFT  # an order may matter: that of channels does
    KOLMISOFT.promise("premium", "high", "support-system")
    assert pickle.loads(pickle.dumps(KOLMISOFT))._promises == {}  # a pickle remembers no promise
    assert hash(ticket) == hash(Ticket(plan="premium", priority="high", opened_at=OPENED))


def test_a_catalogue_is_a_mapping() -> None:
    catalogue = Catalogue({"Working hours": 1, "always": 2})
    assert catalogue["working-hours"] == catalogue["WORKING_HOURS"] == 1
    assert dict(catalogue) == {"Working hours": 1, "always": 2}
    assert repr(catalogue) == "Catalogue({'Working hours': 1, 'always': 2})"
    assert "nights" not in catalogue
    assert 5 not in catalogue  # type: ignore[comparison-overlap]
    with pytest.raises(KeyError, match="'nights' is not one of Working hours, always"):
        catalogue["nights"]


@given(st.text(), st.text(), st.text(), st.text())
def test_any_text_is_taken_or_refused_by_name(plan: str, priority: str, opened_at: str, version: str) -> None:
    for facts in ({"plan": plan}, {"priority": priority}, {"opened_at": opened_at}, {"version": version}):
        try:
            deadline(Ticket(**{"plan": "premium", "priority": "high", "opened_at": OPENED, **facts}))  # type: ignore[arg-type]
        except KolmislaError as refusal:
            assert str(refusal)


@given(st.text(), st.text(), st.text())
def test_any_schedule_is_taken_or_refused_by_name(timezone: str, hours: str, holidays: str) -> None:
    documents: list[dict[str, Any]] = [
        {"timezone": timezone},
        {"hours": {"mon": [hours]}},
        {"hours": {hours: []}},
        {"holidays": holidays},
    ]
    for document in documents:
        try:
            Schedule(**{"timezone": "UTC", "hours": {}, **document})
        except ScheduleError as refusal:
            assert str(refusal)


def test_targets_that_cannot_be() -> None:
    hour = Target(within=timedelta(hours=1))
    with pytest.raises(PolicyError, match="'speed' is not one of the metrics: first-response, next-response"):
        KOLMISOFT.replace(plans=[Plan(name="P", rank=1, targets={"speed": hour})])
    with pytest.raises(PolicyError, match="two of the names resolution, Resolution differ only in case"):
        Plan(name="P", rank=1, targets={"resolution": hour, "Resolution": hour})
    with pytest.raises(PolicyError, match="two of the names p1, P1 differ only in case"):
        Plan(name="P", rank=1, targets={"resolution": {"p1": hour, "P1": hour}})
    with pytest.raises(PolicyError, match=r"targets.resolution.*2"):
        Plan(name="P", rank=1, targets={"resolution": 2})  # type: ignore[dict-item]
    with pytest.raises(PolicyError, match="plans.P.pausing.speed: 'speed' is not one of the metrics"):
        KOLMISOFT.replace(plans=[Plan(name="P", rank=1, targets={}, pausing=("speed",))])
    nights = Target(within=timedelta(hours=1), schedule="nights")
    plan = Plan(name="P", rank=1, targets={"resolution": {"HIGH": nights, "P9": hour}})
    with pytest.raises(PolicyError) as refused:
        KOLMISOFT.replace(plans=[plan], priority_change="never")
    assert "priority_change: must be 'carry', 'retroactive' or 'restart'" in str(refused.value)
    with pytest.raises(PolicyError) as refused:
        KOLMISOFT.replace(plans=[plan])
    assert "plans.P.targets.resolution.HIGH.schedule: 'nights' is not one of the schedules: working" in str(
        refused.value
    )
    assert "plans.P.targets.resolution.P9: 'P9' is not one of the priorities: BLOCKER, HIGH" in str(refused.value)


@pytest.mark.parametrize(
    ("facts", "places"),
    [
        ({"plan": "gold"}, [("plan",)]),
        ({"priority": "urgent"}, [("priority",)]),
        ({"plan": "gold", "priority": "urgent"}, [("plan",), ("priority",)]),
        ({"plan": None, "priority": "urgent"}, [("priority",)]),
        ({"schedule": "nights"}, [("schedule",)]),
        ({"priority": "urgent", "schedule": "nights"}, [("priority",)]),
        ({"events": [{"kind": "priority", "at": "2026-07-03T17:00Z", "value": "urgent"}]}, []),
        ({"events": [{"kind": "plan", "at": "2026-07-03T17:00Z", "value": "gold"}]}, []),
    ],
    ids=str,
)
def test_an_unknown_name_has_the_place_of_its_field(facts: dict[str, Any], places: list[tuple[str, ...]]) -> None:
    """A name that an event gives is no field of the ticket, so it has no place."""
    ticket = Ticket.from_dict({"plan": "premium", "priority": "high", "opened_at": "2026-07-03T16:00Z", **facts})
    with pytest.raises(TicketError, match="is not one of") as raised:
        deadline(ticket)
    assert [fault.place for fault in raised.value.faults] == places
    assert str(raised.value).startswith(tuple(place[0] for place in places) or ("priority", "plan"))


@pytest.mark.parametrize("text", ["name = {}\n", '{{"name": {}}}'])
def test_a_number_with_more_digits_than_python_reads_is_called_so(text: str, tmp_path: Path) -> None:
    path = tmp_path / f"desk.{'json' if text[0] == '{' else 'toml'}"
    path.write_text(text.format("1" * 5000), encoding="utf-8")
    with pytest.raises(PolicyError, match="a number has too many digits$"):
        kolmisla.Policy.load(path)
    assert object_of('{"n": ' + "1" * 5000 + "}") == ({}, "not JSON: a number has too many digits")
