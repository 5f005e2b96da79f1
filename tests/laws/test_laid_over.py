"""An edition is laid over what stands before all editions, key by key; a line is enough to move one closing time."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from kolmisla import Policy, PolicyError, Ticket, deadline
from kolmisla.policies import policy_schema
from kolmisla.policies.laid_over import laid_over
from tests.oracle import DAYS

SCHEMA = Draft202012Validator(policy_schema())
DESK: dict[str, Any] = {
    "name": "Desk",
    "timezone": "Europe/Berlin",
    "schedules": {
        "office": {
            "hours": {"mon-fri": ["08:00-17:00"]},
            "holidays": {"2026-12-28": "Company shutdown"},
            "eves": {"shorter": "PT1H"},
            "exceptions": {"12-24": ["08:00-12:00"], "12-31": []},
        },
        "always": {"open": "always"},
    },
    "priorities": {"P1": {"rank": 1, "schedule": "always"}, "P2": {"rank": 2, "schedule": "office"}},
    "plans": {
        "GOLD": {
            "rank": 1,
            "targets": {
                "first-response": {"within": "PT4H"},
                "resolution": {"P1": {"within": "PT8H"}, "P2": {"within": "PT16H"}},
            },
        }
    },
    "versions": {"latest": 2},
    "releases": ["X1", "X2"],
}


def edition(**own: Any) -> dict[str, Any]:
    return {**DESK, "editions": [{"effective_from": "2027-01-01", **own}]}


def with_edition(**own: Any) -> Policy:
    return Policy.from_dict(edition(**own))


def hours_of(policy: Policy, name: str = "office") -> dict[str, list[str]]:
    hours: dict[str, list[str]] = policy.schedules[name].to_dict()["hours"]
    return hours


def test_one_line_moves_one_fridays_closing() -> None:
    policy = with_edition(schedules={"office": {"hours": {"fri": ["08:00-14:00"]}}})
    first, second = policy.editions
    assert [first.effective_from, second.effective_from] == [None, date(2027, 1, 1)]
    assert first == Policy.from_dict(DESK)
    assert hours_of(first) == {"mon-fri": ["08:00-17:00"]}
    assert hours_of(second) == {"mon-thu": ["08:00-17:00"], "fri": ["08:00-14:00"]}
    assert second.schedules["office"].to_dict()["exceptions"] == first.schedules["office"].to_dict()["exceptions"]
    assert second.plans == first.plans
    due = [
        deadline(Ticket(plan="gold", priority="p2", opened_at=opened), policy=policy).due_at
        for opened in ("2026-12-18T13:00+01:00", "2027-01-08T13:00+01:00")  # Fridays
    ]
    assert [at and at.isoformat() for at in due] == ["2026-12-18T17:00:00+01:00", "2027-01-11T11:00:00+01:00"]


def test_a_schedule_is_in_the_policys_zone_unless_it_says_otherwise() -> None:
    parts = {
        "union": [{"hours": {"sat": ["08:00-12:00"]}}, {"timezone": "UTC", "hours": {"sun": ["08:00-12:00"]}}, "office"]
    }
    policy = Policy.from_dict({**DESK, "schedules": {**DESK["schedules"], "more": parts}})
    assert policy.schedules["office"].timezone == "Europe/Berlin"
    documents = policy.schedules["more"].to_dict()["union"]
    assert [part["timezone"] for part in documents] == ["Europe/Berlin", "UTC", "Europe/Berlin"]


@pytest.mark.parametrize(
    ("own", "path", "value"),
    [
        ({"schedules": {"office": {"hours": {"fri": False}}}}, "schedules.office.hours.fri", None),
        (
            {"schedules": {"Office": {"hours": {"Friday": ["9:00-10:00"]}}}},
            "schedules.office.hours.fri",
            ["9:00-10:00"],
        ),
        (
            {"schedules": {"office": {"hours": {"sat-sun": ["9:00-10:00"]}}}},
            "schedules.office.hours.sun",
            ["9:00-10:00"],
        ),
        ({"schedules": {"office": {"hours": {"wed-thu": False}}}}, "schedules.office.hours.wed", None),
        ({"schedules": {"office": {"exceptions": {"12-24": False}}}}, "schedules.office.exceptions", {"12-31": []}),
        ({"schedules": {"office": {"exceptions": {" 12-24": []}}}}, "schedules.office.exceptions.12-24", []),
        ({"schedules": {"office": {"exceptions": {"02-30": []}}}}, "schedules.office.exceptions.02-30", []),
        ({"schedules": {"office": {"exceptions": False}}}, "schedules.office.exceptions", None),
        ({"schedules": {"office": {"holidays": "DE-BY"}}}, "schedules.office.holidays", "DE-BY"),
        (
            {"schedules": {"office": {"holidays": {"2027-12-27": "Company shutdown"}}}},
            "schedules.office.holidays",
            {"2026-12-28": "Company shutdown", "2027-12-27": "Company shutdown"},
        ),
        (
            {"schedules": {"office": {"holidays": {"country": "LV", "moved_days": False}}}},
            "schedules.office.holidays",
            {"country": "LV", "moved_days": False},
        ),
        ({"schedules": {"office": {"open": "never"}}}, "schedules.office", {"open": "never"}),
        ({"schedules": {"always": {"hours": {"mon": []}}}}, "schedules.always", {"hours": {"mon": []}}),
        ({"schedules": {"always": {"line": "24x7"}}}, "schedules.always", {"open": "always", "line": "24x7"}),
        (
            {"plans": {"gold": {"targets": {"resolution": {"p2": {"within": "PT9H"}}}}}},
            "plans.GOLD.targets.resolution.P2.within",
            "PT9H",
        ),
        (
            {"plans": {"GOLD": {"targets": {"resolution": {"P2": {"within": "PT9H"}}}}}},
            "plans.GOLD.targets.resolution.P1.within",
            "PT8H",
        ),
        (
            {"plans": {"GOLD": {"targets": {"resolution": {"within": "PT9H"}}}}},
            "plans.GOLD.targets.resolution",
            {"within": "PT9H"},
        ),
        (
            {"plans": {"GOLD": {"targets": {"first-response": {"P1": {"within": "PT1H"}}}}}},
            "plans.GOLD.targets.first-response",
            {"P1": {"within": "PT1H"}, "P2": {"within": "PT4H"}},
        ),
        (
            {"plans": {"GOLD": {"targets": {"first-response": {"schedule": "office"}}}}},
            "plans.GOLD.targets.first-response",
            {"within": "PT4H", "schedule": "office"},
        ),
        (
            {"plans": {"GOLD": {"targets": {"resolution": {"P1": False}}}}},
            "plans.GOLD.targets.resolution",
            {"P2": {"within": "PT16H"}},
        ),
        # a priority more, one less, and the same in other letters
        (
            {
                "priorities": {"P3": {"rank": 3, "schedule": "office"}, "p1": {"rank": 9}},
                "plans": {"GOLD": {"targets": {"first-response": {"P3": {"within": "PT1H"}}}}},
            },
            "plans.GOLD.targets.first-response",
            {"P1": {"within": "PT4H"}, "P2": {"within": "PT4H"}, "P3": {"within": "PT1H"}},
        ),
        (
            {
                "priorities": {"P1": False},
                "plans": {"GOLD": {"targets": {"first-response": {"P2": {"within": "PT1H"}}}}},
            },
            "plans.GOLD.targets.first-response",
            {"P2": {"within": "PT1H"}},
        ),
        (
            {
                "priorities": [{"name": "P7", "rank": 1, "schedule": "office"}],
                "plans": {"GOLD": {"targets": {"first-response": {"P7": {"within": "PT1H"}}}}},
            },
            "plans.GOLD.targets.first-response",
            {"P7": {"within": "PT1H"}},
        ),
        ({"schedules": {"office": {"eves": {"hours": []}}}}, "schedules.office.eves", {"hours": []}),
        ({"plans": {"GOLD": {"targets": {"First response": False}}}}, "plans.GOLD.targets.first-response", None),
        (
            {"plans": {"GOLD": {"targets": {"First Response": {"within": "PT1H"}}}}},
            "plans.GOLD.targets.first-response.within",
            "PT1H",
        ),
        (
            {
                "owners": {"BERLIN": {"schedule": "office"}},
                "plans": {"gold": {"targets": {"Resolution": {"owners": {"Berlin": {"within": "PT1H"}}}}}},
            },
            "plans.GOLD.targets.resolution.owners",
            {"Berlin": {"within": "PT1H"}},
        ),
        ({"versions": False}, "versions", None),
        ({"channels": ["portal"]}, "channels", ["portal"]),
        # a switch is set, and not removed
        (
            {"metrics": {"update": {"starts": ["opened"], "ends": ["answered"], "repeats": False}}},
            "metrics.update.repeats",
            False,
        ),
        ({"name": "New desk"}, "name", "New desk"),
    ],
    ids=str,
)
def test_what_an_edition_changes(own: dict[str, Any], path: str, value: Any) -> None:
    made, faults = laid_over(DESK, own)
    assert not faults
    document = {**DESK, "editions": [{"effective_from": "2027-01-01", **own}]}
    if "Office" not in own.get("schedules", ()) and not isinstance(own.get("priorities"), list):  # as an editor sees it
        assert not list(SCHEMA.iter_errors(json.loads(json.dumps(document))))
    found: Any = made
    for key in path.split("."):
        found = found.get(key)
    assert found == value


WEEKS = st.dictionaries(st.sampled_from(DAYS), st.sampled_from([["08:00-12:00"], ["09:00-17:00"], []]), max_size=7)


@given(base=WEEKS, own=WEEKS, gone=st.sets(st.sampled_from(DAYS)))
def test_each_weekday_is_that_of_the_edition_if_it_names_it(base: Any, own: Any, gone: set[str]) -> None:
    """An edition's day counts, else the day before the editions; days after a `false` have no hours."""
    gone = {day for day in gone if day in base and day not in own}
    made, faults = laid_over(
        {"schedules": {"day": {"hours": base}}},
        {"schedules": {"day": {"hours": {**own, **dict.fromkeys(gone, False)}}}},
    )
    assert not faults
    expected = {day: own.get(day, base.get(day, [])) for day in DAYS if day not in gone}
    hours = made["schedules"]["day"]["hours"]
    assert {day: hours.get(day, []) for day in DAYS if day not in gone} == expected
    assert not gone & hours.keys()


@pytest.mark.parametrize(
    ("document", "faults"),
    [
        (
            {**DESK, "editions": [{"effective_from": "2027-01-01", "plans": {"SILVER": False}}]},
            ["editions.0.plans.SILVER: must not be false, because there is no 'SILVER' to remove; there are GOLD"],
        ),
        (
            {**DESK, "editions": [{"effective_from": "2027-01-01", "versions": {"latest": False}}]},
            ["editions.0.versions.latest: is missing"],
        ),
        (
            {**DESK, "editions": [{"effective_from": "2027-01-01", "schedules": {"office": {"hours": {"fry": []}}}}]},
            ["editions.0.schedules.office.hours: hours must be by weekday; 'fry' is not one of"],
        ),
        # what an edition causes elsewhere is told at the edition
        (
            {**DESK, "editions": [{"effective_from": "2027-01-01", "schedules": {"office": False}}]},
            ["editions.0.priorities.P2.schedule: 'office' is not one of the schedules"],
        ),
        (
            {
                **DESK,
                "editions": [
                    {
                        "effective_from": "2027-01-01",
                        "schedules": {"office": {"exceptions": {"12-30/12-31": [], "12-31/01-02": []}}},
                    }
                ],
            },
            ["editions.0.schedules.office.exceptions.12-31/01-02: has 12-31, which 12-30/12-31 has too"],
        ),
        (
            {**DESK, "editions": [{"effective_from": "2027-01-01", "schedules": {"office": {"hours": False}}}]},
            ["editions.0.schedules.office.hours: is missing"],
        ),
        (
            {**DESK, "editions": [{"effective_from": "2027-01-01", "rates": {"x": False}}]},
            ["editions.0.rates.x: must be a table (a mapping), not False"],
        ),
        (
            {
                **DESK,
                "editions": [{"effective_from": "2027-01-01", "schedules": {"office": {"hours": {"fri": ["8-9"]}}}}],
            },
            ["editions.0.schedules.office.hours: hours['fri'] must have HH:MM-HH:MM"],
        ),
        (
            {
                **DESK,
                "editions": [
                    {
                        "effective_from": "2027-01-01",
                        "schedules": {"office": {"hours": {"mon-fri": [], "fri": ["08:00-09:00"]}}},
                    }
                ],
            },
            ["editions.0.schedules.office.hours: hours must give each day once, but hours['fri'] gives fri a second"],
        ),
        (
            {**DESK, "plans": {"GOLD": {"targets": {}}}, "editions": [{"effective_from": "2027-01-01", "name": "New"}]},
            ["plans.GOLD.rank: is missing"],
        ),
        (
            {**DESK, "effective_from": "2028-01-01", "editions": [{"effective_from": "2027-01-01", "name": "New"}]},
            ["effective_from: must be earlier than the date of every edition, such as 2027-01-01, not 2028-01-01"],
        ),
        (
            {**DESK, "effective_from": "2027-01-01", "editions": [{"name": "New"}]},
            ["editions.0.effective_from: is 2027-01-01 in two editions; each edition must have a date of its own"],
        ),
        # keys are written as before the editions; names match in any letter case
        (
            edition(schedules={"office": {"Hours": {"fri": []}}}),
            ["editions.0.schedules.office.Hours: is not known here; did you mean hours? a schedule has"],
        ),
        (
            edition(Schedules={"office": {"hours": {"fri": []}}}),
            ["editions.0.Schedules: is not known here; did you mean schedules? the keys are"],
        ),
        (
            edition(plans={"gold": {"RANK": 2}}),
            ["editions.0.plans.GOLD.RANK: is not known here; did you mean rank? the keys"],
        ),
        (
            edition(plans={"gold": {"Targets": {}}}),
            ["editions.0.plans.GOLD.Targets: is not known here; did you mean targets?"],
        ),
        (
            edition(plans={"gold": {"targets": {"resolution": {"P1": {"Within": "PT1H"}}}}}),
            ["editions.0.plans.GOLD.targets.resolution.P1.Within: is not known here; did you mean within?"],
        ),
        (
            edition(plans={"gold": {"targets": {"first-response": {"within": "PT1H", "Schedule": "office"}}}}),
            ["editions.0.plans.GOLD.targets.first-response.Schedule: is not known here; did you mean schedule?"],
        ),
        (edition(versions={"Latest": 1}), ["editions.0.versions.Latest: is not known here; did you mean latest?"]),
        (
            edition(Versions=False),
            ["editions.0.Versions: must not be false, because there is no 'Versions' to remove; there are name,"],
        ),
        # one entry in two spellings
        (
            edition(schedules={"Office": {"hours": {"fri": []}}, "office": {"hours": {"mon": []}}}),
            ["editions.0.schedules.office: means the same as Office; write only one of the two"],
        ),
        (
            edition(schedules={"office": {"exceptions": {"12-24": [], " 12-24": False}}}),
            ["editions.0.schedules.office.exceptions. 12-24: means the same as 12-24"],
        ),
        (
            edition(plans={"GOLD": {"targets": {"resolution": {"P1": False, "p1": {"within": "PT1H"}}}}}),
            ["editions.0.plans.GOLD.targets.resolution.p1: means the same as P1"],
        ),
        # a target without a time would be no promise, and no word said
        (
            edition(plans={"GOLD": {"targets": {"first-response": {"within": False}}}}),
            [
                "editions.0.plans.GOLD.targets.first-response.within: must not be false, because a target needs it; "
                "type first-response = false to have no target"
            ],
        ),
        (
            edition(plans={"GOLD": {"targets": {"resolution": {"within": False, "schedule": "office"}}}}),
            [
                "editions.0.plans.GOLD.targets.resolution.within: must not be false",
                "editions.0.plans.GOLD.targets.resolution.schedule: must be a table",
                "editions.0.plans.GOLD.targets.resolution.schedule: 'schedule' is not one of the priorities: P1, P2",
            ],
        ),
        (
            edition(plans={"GOLD": {"targets": {"resolution": {"P1": {"within": False}}}}}),
            ["editions.0.plans.GOLD.targets.resolution.P1.within: must not be false, because a target needs it; type"],
        ),
        (
            {
                **edition(plans={"GOLD": {"average": {"within": False}}}),
                "plans": {"GOLD": {"rank": 1, "targets": {}, "average": {"within": "PT1H"}}},
            },
            ["editions.0.plans.GOLD.average.within: must not be false, because a target needs it; type average"],
        ),
    ],
    ids=lambda value: value[0][:60] if isinstance(value, list) else "",
)
def test_faults_have_the_place_where_they_are_written(document: dict[str, Any], faults: list[str]) -> None:
    with pytest.raises(PolicyError) as refusal:
        Policy.from_dict(document)
    told = [str(fault) for fault in refusal.value.faults]
    assert len(told) == len(faults), told
    for text, expected in zip(told, faults, strict=True):
        assert text.startswith(expected)


def test_without_a_key_in_both_places_nothing_is_in_force_before() -> None:
    """What the documents of before mean: the first edition begins on its date, and nothing is promised before it."""
    without = {key: value for key, value in DESK.items() if key != "plans"}
    policy = Policy.from_dict({**without, "editions": [{"effective_from": "2027-01-01", "plans": DESK["plans"]}]})
    assert [edition.effective_from for edition in policy.editions] == [date(2027, 1, 1)]
    complete = Policy.from_dict({**DESK, "editions": [{"effective_from": "2027-01-01", "source": "page"}]})
    assert [edition.effective_from for edition in complete.editions] == [date(2027, 1, 1)]


def test_an_edition_from_the_start_replaces_what_it_changes() -> None:
    policy = Policy.from_dict({**DESK, "editions": [{"name": "First"}, {"effective_from": "2027-01-01"}]})
    assert [(edition.name, edition.effective_from) for edition in policy.editions] == [
        ("First", None),
        ("Desk", date(2027, 1, 1)),
    ]


def test_editions_are_laid_over_the_base_and_never_over_one_another() -> None:
    friday, monday = ({"office": {"hours": {day: ["10:00-11:00"]}}} for day in ("fri", "mon"))
    policy = Policy.from_dict(
        {
            **DESK,
            "editions": [
                {"effective_from": "2028-01-01", "schedules": monday},
                {"effective_from": "2027-01-01", "schedules": friday},
            ],
        }
    )
    base, first, second = policy.editions
    assert hours_of(first) == {"mon-thu": ["08:00-17:00"], "fri": ["10:00-11:00"]}
    assert hours_of(second) == {"mon": ["10:00-11:00"], "tue-fri": ["08:00-17:00"]}
    assert Policy.from_dict(policy.to_dict()) == policy
    at = datetime(2026, 7, 3, tzinfo=UTC)
    assert [policy.at(at + timedelta(days=n)) for n in (0, 300, 700)] == [base, first, second]


@pytest.mark.parametrize(
    ("before", "own"),
    [
        ("Company shutdown+1", "company SHUTDOWN + 1"),
        ("workday before Company Shutdown", "Workday Before company shutdown"),
        ("2026-12-24", "20261224"),
    ],
)
def test_a_day_in_other_letters_is_the_same_day(before: str, own: str) -> None:
    made, faults = laid_over(
        {"schedules": {"day": {"exceptions": {before: []}}}}, {"schedules": {"day": {"exceptions": {own: False}}}}
    )
    assert (made["schedules"]["day"]["exceptions"], faults) == ({}, [])


def test_entries_in_a_list_are_changed_by_their_names() -> None:
    listed = {**DESK, "priorities": [{"name": name, **entry} for name, entry in DESK["priorities"].items()]}
    policy = Policy.from_dict(
        {**listed, "editions": [{"effective_from": "2027-01-01", "priorities": {"p2": {"schedule": "always"}}}]}
    )
    assert [edition.priorities["P2"].schedule for edition in policy.editions] == ["office", "always"]
    assert policy.priorities["P2"].rank == 2


def test_entries_that_have_no_names_are_told_when_they_are_read() -> None:
    nameless = {**DESK, "priorities": [{"rank": 1}]}
    with pytest.raises(PolicyError, match="each entry of a list must have a name"):
        Policy.from_dict({**nameless, "editions": [{"effective_from": "2027-01-01", "priorities": {"P2": {}}}]})
