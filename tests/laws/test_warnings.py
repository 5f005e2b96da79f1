"""Warnings in a policy: what may be written, what is refused, and whose warnings a promise has."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from kolmisla import KOLMISOFT, Policy, PolicyError, Ticket, deadline
from kolmisla.policies import policy_schema
from kolmisla.policies.comparing.differences import rules_between
from kolmisla.policies.description import described
from tests.strategies import warnings

DESK: dict[str, Any] = {
    "name": "Desk",
    "timezone": "UTC",
    "schedules": {"always": {"open": "always"}},
    "priorities": {name: {"rank": 1, "schedule": "always"} for name in ("P1", "P2")},
    "plans": {"GOLD": {"rank": 1, "targets": {"first-response": {"within": "PT2H"}}}},
}
VALID = Draft202012Validator(policy_schema())


def of(listed: Any, **more: Any) -> dict[str, Any]:
    return {**DESK, "warnings": listed, **more}


@given(warnings)
def test_what_is_written_comes_back(listed: list[int | str]) -> None:
    document = of(listed)
    policy = Policy.from_dict(document)
    assert policy.to_dict()["warnings"] == listed
    assert Policy.from_dict(json.loads(json.dumps(policy.to_dict()))) == policy
    assert VALID.is_valid(document)


@pytest.mark.parametrize("ending", ["toml", "json"])
def test_a_file_keeps_warnings(tmp_path: Path, ending: str) -> None:
    policy = Policy.from_dict(of([50, "PT30M left", 100, "PT1H over"]))
    policy = policy.replace(priorities=[each.replace(warnings=[75]) for each in policy.priorities.values()])
    policy.dump(tmp_path / f"desk.{ending}")
    assert Policy.load(tmp_path / f"desk.{ending}") == policy


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (["75 %", "75%"][:1], (75,)),
        (["75%"], (75,)),
        ([" PT90M  left "], ("PT1H30M left",)),
        (["PT0.5S over"], ("PT0.5S over",)),
        ([], ()),
        ([10_000], (10_000,)),
    ],
)
def test_other_spellings(written: list[Any], read: tuple[Any, ...]) -> None:
    assert Policy.from_dict(of(written)).warnings == read
    assert VALID.is_valid(of(written))


NO_FORM = 'is not a warning such as 75 (percent of the target), "PT30M left" or "PT1H over"'


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ([0], "warnings.0: a percentage of the target must be from 1 to 10,000, such as 75, not 0"),
        (["-5 %"], "warnings.0: a percentage of the target must be from 1 to 10,000, such as 75, not -5"),
        ([10_001], "warnings.0: a percentage of the target must be from 1 to 10,000, such as 75, not 10001"),
        ([93.75], f"warnings.0: 93.75 {NO_FORM}"),
        ([True], f"warnings.0: True {NO_FORM}"),
        ([None], f"warnings.0: None {NO_FORM}"),
        (["breached"], f"warnings.0: 'breached' {NO_FORM}"),
        (["PT30M"], f"warnings.0: 'PT30M' {NO_FORM}"),
        (["30M left"], f"warnings.0: '30M left' {NO_FORM}"),
        (["P1D left"], f"warnings.0: 'P1D left' {NO_FORM}"),
        (["PT1H before"], f"warnings.0: 'PT1H before' {NO_FORM}"),
        (["PT0S left"], "warnings.0: 'PT0S left' is the end of the target itself; for a warning then, type 100"),
        (["PT0M over"], "warnings.0: 'PT0M over' is the end of the target itself; for a warning then, type 100"),
        (["PT999999H over"], "warnings.0: a duration must be positive and at most a century, not PT999999H"),
        ([50, 75, "50 %"], "warnings.2: 50 is given twice"),
        (["PT1H left", "PT60M left"], "warnings.1: 'PT1H left' is given twice"),
        (50, 'warnings: must be a list such as [50, 75, "PT30M left", 100], not 50'),
        ("50", "warnings: must be a list such as [50, 75, \"PT30M left\", 100], not '50'"),
        ({"50": True}, "warnings: must be a list such as [50, 75, \"PT30M left\", 100], not {'50': True}"),
        (list(range(1, 102)), "warnings: must have at most 100 warnings, not 101"),
    ],
)
def test_what_is_wrong_is_told_with_what_to_type(written: Any, fault: str) -> None:
    with pytest.raises(PolicyError) as refused:
        Policy.from_dict(of(written))
    assert [str(each) for each in refused.value.faults] == [fault]


@pytest.mark.parametrize("written", [[0], [-1], [50.5], ["soon"], ["PT1H"], [50, 50], 50, list(range(1, 102))])
def test_the_schema_finds_what_an_editor_can(written: Any) -> None:
    assert not VALID.is_valid(of(written))
    assert not VALID.is_valid({**DESK, "priorities": {"P1": {"rank": 1, "schedule": "always", "warnings": written}}})


def test_the_most_particular_warnings_count() -> None:
    own = {"P1": {"rank": 1, "schedule": "always", "warnings": [25]}, "P2": {"rank": 2, "schedule": "always"}}
    none = {"P1": {**own["P1"], "warnings": []}, "P2": own["P2"]}

    def thresholds(document: dict[str, Any], priority: str) -> list[int | str]:
        ticket = Ticket(plan="gold", priority=priority, opened_at="2026-07-01T10:00Z")
        return [alarm.threshold for alarm in deadline(ticket, policy=Policy.from_dict(document)).alarms()]

    assert thresholds(DESK, "P1") == [100]
    assert thresholds(of([50, "PT90M left"]), "P1") == ["PT1H30M left", 50]
    assert thresholds(of([50], priorities=own), "P1") == [25]
    assert thresholds(of([50], priorities=own), "P2") == [50]
    assert thresholds(of([50], priorities=none), "P1") == []
    assert thresholds({**DESK, "priorities": own}, "P2") == [100]
    metric = {"first-response": {"starts": ["opened"], "ends": ["answered"], "warnings": [10]}}
    assert thresholds(of([50], metrics=metric), "P1") == [10]
    assert thresholds(of([50], metrics=metric, priorities=own), "P1") == [25]
    assert thresholds(of([50], metrics=metric, priorities=own), "P2") == [10]


def test_an_edition_has_its_own_warnings() -> None:
    editions = [
        {"effective_from": "2026-07-01", "warnings": [75]},
        {"effective_from": "2026-08-01", "warnings": False},
        {"effective_from": "2026-09-01", "priorities": {"P1": {"warnings": [10]}}},
    ]
    document = of([50], editions=editions)
    assert VALID.is_valid(document)
    policy = Policy.from_dict(document)
    found = {}
    for month in (6, 7, 8, 9):
        ticket = Ticket(plan="gold", priority="P1", opened_at=f"2026-{month:02}-03T10:00Z")
        found[month] = [alarm.threshold for alarm in deadline(ticket, policy=policy).alarms()]
    assert found == {6: [50], 7: [75], 8: [100], 9: [10]}


def test_warnings_are_described_and_compared() -> None:
    own = {"P1": {"rank": 1, "schedule": "always", "warnings": []}, "P2": {"rank": 2, "schedule": "always"}}
    policies = [Policy.from_dict(document) for document in (of([50, "PT30M left"]), of([50], priorities=own))]
    texts = ["\n".join(described(policy)) for policy in policies]
    assert "\nWarnings\n  all  50 %, PT30M left\n" in texts[0]
    assert "\nWarnings\n  all other  50 %\n  P1         none\n" in texts[1]
    assert "Warnings" not in "\n".join(described(KOLMISOFT))
    only = "\n".join(described(Policy.from_dict({**DESK, "priorities": own})))
    assert "\nWarnings\n  all other  100 %\n  P1         none\n" in only
    metric = {"update": {"starts": ["opened"], "ends": ["answered"], "warnings": [10]}}
    told = "\n".join(described(Policy.from_dict({**DESK, "metrics": metric})))
    assert "\nWarnings\n  all other      100 %\n  metric update  10 %\n" in told
    changes = {change.place: (change.old, change.new) for change in rules_between(*policies)}
    assert changes["warnings"] == ([50, "PT30M left"], [50])
    assert changes["priorities.P1.warnings"] == ("-", [])
    assert policies[0].digest != policies[1].digest
