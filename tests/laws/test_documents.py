"""A valid document loads as a policy and comes back equal; an invalid one is refused quickly, with the place."""

import json
import sys
import tomllib
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from kolmisla import ALWAYS, KOLMISOFT, Plan, Policy, PolicyError, Priority, Schedule, ScheduleError, Target
from kolmisla.documents.toml_json import LARGEST
from kolmisla.policies import Channel, policy_schema
from kolmisla.policies.laid_over import ENTRIES_BY_NAME
from kolmisla.policies.terms.metrics import METRICS
from kolmisla.times.zones import zone_named
from tests.in_sql import by_owner, own_metrics
from tests.strategies import policy_documents

SCHEMA = Draft202012Validator(policy_schema())
# A document is a dozen values of everything: half the examples do, and a folder may serve them all.
WHOLE = settings(
    max_examples=settings().max_examples // 2,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@given(document=policy_documents(), ending=st.sampled_from([".toml", ".json", ".JSON"]))
@WHOLE
def test_what_is_written_loads_equal(tmp_path: Path, document: dict[str, Any], ending: str) -> None:
    policy = Policy.from_dict(deepcopy(document))
    again = Policy.from_dict(policy.to_dict())
    assert again == policy
    assert again.digest == policy.digest
    assert again.to_dict() == policy.to_dict()
    policy.dump(tmp_path / f"policy{ending}")
    assert Policy.load(tmp_path / f"policy{ending}") == policy
    assert not list(SCHEMA.iter_errors(document))
    assert not list(SCHEMA.iter_errors(policy.to_dict()))


def places(whole: Any, *place: Any) -> Iterator[tuple[Any, ...]]:
    """Every place in a document."""
    parts = whole.items() if isinstance(whole, dict) else enumerate(whole) if isinstance(whole, list) else ()
    for key, part in parts:
        yield (*place, key)
        yield from places(part, *place, key)


def validates(document: dict[str, Any]) -> bool:
    """Whether an editor accepts a document, as JSON says it. What JSON cannot say is not an editor's business."""

    def said(value: Any) -> str:
        if isinstance(value, date):
            return value.isoformat()
        raise TypeError

    try:
        text = json.dumps(document, default=said)
    except TypeError:
        return True
    return not list(SCHEMA.iter_errors(json.loads(text)))


GARBAGE: st.SearchStrategy[Any] = st.sampled_from(
    [
        *(None, True, 0, -1, 1.5, 10**30, "", " ", "x", "PT2H", "-PT2H", "P1D", "always", "2026-13-01", "2026-01-01"),
        *(
            [],
            [1],
            ["x"],
            ["First Response"],
            {},
            {"x": 1},
            {"within": "PT1H"},
            {"open": "never"},
            {"union": ["x", "x"]},
            date(2026, 1, 1),
        ),
        *(timedelta(1), {"name": "x"}, [["x"]], {"": {}}, "\ud800", "a" * 300, {"timezone": "UTC", "hours": {}}),
    ]
)


@given(data=st.data(), document=policy_documents())
@WHOLE
def test_what_is_mutilated_loads_or_is_refused_by_name(data: st.DataObject, document: dict[str, Any]) -> None:
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from(list(places(document))))
        whole = document
        for key in way:
            whole = whole[key]
        how = data.draw(st.sampled_from(["replace", "delete", "add"]))
        if how == "delete":
            del whole[last]
        elif how == "replace" or not isinstance(whole, dict):
            whole[last] = data.draw(GARBAGE)
        else:
            whole[
                data.draw(st.sampled_from(["x", "line", "name", "schedule", "within", "rate", "editions", "earlier"]))
            ] = data.draw(GARBAGE)
        if not document:
            break
    try:
        policy = Policy.from_dict(document)
    except PolicyError as error:
        assert error.faults
        assert all(fault.text for fault in error.faults)
    else:
        assert Policy.from_dict(policy.to_dict()) == policy
        assert validates(document)


@given(data=st.data(), document=policy_documents(), named=st.booleans())
@WHOLE
def test_entries_are_a_table_or_a_list_of_entries_with_names(
    data: st.DataObject, document: dict[str, Any], named: bool
) -> None:
    """And a table may repeat the names of its entries."""
    policy = Policy.from_dict(deepcopy(document))
    for table in ENTRIES_BY_NAME:
        entries = document.get(table)
        if isinstance(entries, dict):
            entries = {name: {"name": name, **entry} if named else entry for name, entry in entries.items()}
            listed = [{"name": name, **entry} for name, entry in entries.items()]
            document[table] = data.draw(st.sampled_from([entries, listed]))
    assert Policy.from_dict(document) == policy
    assert validates(document)


@given(data=st.data(), document=policy_documents(), ending=st.sampled_from([".toml", ".json"]))
@WHOLE
def test_any_bytes_load_or_are_refused_by_name(
    tmp_path: Path, data: st.DataObject, document: dict[str, Any], ending: str
) -> None:
    text = tomli_w.dumps(document) if ending == ".toml" else json.dumps(document)
    raw = bytearray(text.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(raw)))
        raw[start : start + data.draw(st.integers(0, 6))] = data.draw(st.binary(max_size=4))
    path = tmp_path / f"policy{ending}"
    path.write_bytes(raw)
    try:
        Policy.load(path)
    except PolicyError as error:
        assert str(path) in str(error)


TARGETS = {"first-response": {"within": "PT1H"}}
DESK: dict[str, Any] = {
    "name": "desk",
    "timezone": "UTC",
    "schedules": {"day": {"timezone": "UTC", "hours": {"mon-fri": ["08:00-18:00"]}}},
    "priorities": {"P1": {"rank": 1, "schedule": "day"}},
    "plans": {"GOLD": {"rank": 1, "targets": TARGETS}},
}


def edited(**changes: Any) -> dict[str, Any]:
    return {**deepcopy(DESK), **changes}


def plan(**changes: Any) -> dict[str, Any]:
    return edited(plans={"GOLD": {"rank": 1, "targets": TARGETS, **changes}})


CLOSED = {"closed": {"open": "never"}, **DESK["schedules"]}
PRICED = {"currency": "EUR", "rates": {"R": {"price": "1"}}}


@pytest.mark.parametrize(
    ("document", "faults"),
    [
        (
            {},
            ["name: is missing", "timezone: is missing", "schedules: is missing", "priorities: ", "plans: is missing"],
        ),
        (edited(colour="red"), ["colour: is not known here; the keys are timezone, effective_from, name, source"]),
        (edited(earlier=[]), ["earlier: is not known here"]),
        (plan(speed=1), ["plans.GOLD.speed: is not known here; the keys are line, name, rank, label, targets"]),
        (
            edited(schedules={**CLOSED}, priorities={"P1": {"rank": 1, "schedule": "closed"}}),
            ["plans.GOLD.targets.first-response: P1 is counted on 'closed', which never opens"],
        ),
        (
            edited(
                schedules={**CLOSED},
                plans={"G": {"rank": 1, "targets": {"resolution": {"P1": {"within": "PT1H", "schedule": "closed"}}}}},
            ),
            ["plans.G.targets.resolution.P1: P1 is counted on 'closed', which never opens"],
        ),
        (
            edited(
                schedules={**DESK["schedules"], "none": {"intersection": ["day", {"open": "never"}]}},
                priorities={"P1": {"rank": 1, "schedule": "none"}},
            ),
            ["P1 is counted on 'none', which never opens"],
        ),
        (
            plan(average={"within": "PT1H", "schedule": "night"}),
            ["plans.GOLD.average.schedule: 'night' is not one of the schedules: day"],
        ),
        (
            edited(priorities={"P1": {"rank": 1, "schedule": "night"}}),
            ["priorities.P1.schedule: 'night' is not one of the schedules: day"],
        ),
        (
            plan(targets={"speed": {"within": "PT1H"}}),
            ["plans.GOLD.targets.speed: 'speed' is not one of the metrics: first-response"],
        ),
        (
            plan(targets={"resolution": {"P9": {"within": "PT1H"}}}),
            ["plans.GOLD.targets.resolution.P9: 'P9' is not one of the priorities: P1"],
        ),
        (
            plan(targets={"resolution": {"within": "-PT1H"}}),
            ["plans.GOLD.targets.resolution.within: '-PT1H' is not a target such as PT2H"],
        ),
        (
            plan(targets={"resolution": {"within": "P2D"}}),
            ['\'P2D\' is not a target such as PT2H (hours, minutes, seconds), "2 working days" or "2 days" (calendar'],
        ),
        (plan(targets={"resolution": {"within": 7200}}), ["7200 is not a target such as PT2H"]),
        (
            plan(targets={"resolution": {"within": "PT0S"}}),
            ["a duration must be positive and at most a century, not PT0S"],
        ),
        (
            plan(targets={"resolution": {"within": "PT999999H"}}),
            ["a duration must be positive and at most a century, not PT999999H"],
        ),
        (plan(rank="1"), ["plans.GOLD.rank: "]),
        (plan(rank=0), ["plans.GOLD.rank: ", "not 0"]),
        (plan(rank=True), ["plans.GOLD.rank: "]),
        (
            plan(includes=["Cake"]),
            ["plans.GOLD.includes: 'Cake' is not one of the tasks of the coverage: there are none"],
        ),
        (
            edited(
                **PRICED,
                coverage={"A": {"verdict": "never"}},
                plans={"G": {"rank": 1, "targets": {}, "includes": ["A"]}},
            ),
            ["plans.G.includes: must not include 'A', which has the verdict never"],
        ),
        (
            edited(currency="EUR", rates={"R": {"price": 99.5}}),
            ["rates.R.price: 99.5 is not a price", "a float cannot hold money"],
        ),
        (edited(currency="EUR", rates={"R": {"price": "-5"}}), ["rates.R.price: '-5' is not a price"]),
        (edited(currency="EUR", rates={"R": {"price": "NaN"}}), ["rates.R.price: 'NaN' is not a price"]),
        (edited(rates={"R": {"price": "5"}}), ["currency: is missing; prices need a currency such as EUR"]),
        (
            edited(currency="EUR", rates={"R": {"price": "5", "unit": "x", "per": "PT1H"}}),
            ["rates.R: a rate must have only one of the keys unit and per (such as PT1H), not both"],
        ),
        (
            edited(**PRICED, coverage={"A": {"verdict": "extra"}}),
            ["coverage.A.rate: is missing; a task with the verdict extra needs one of the rates: R"],
        ),
        (
            edited(**PRICED, coverage={"A": {"verdict": "never", "rate": "R"}}),
            ["coverage.A.rate: must be left out, not be 'R': only a task with the verdict extra has a rate"],
        ),
        (
            edited(**PRICED, coverage={"A": {"verdict": "extra", "rate": "Q"}}),
            ["coverage.A.rate: 'Q' is not one of the rates: R"],
        ),
        (
            edited(coverage={"A b": {"verdict": "never"}, "C": {"verdict": "never", "also": ["a-b", "a.B"]}}),
            ["coverage.C: 'a.B' must mean one task, but it means A b as well"],
        ),
        (edited(coverage={"!": {"verdict": "never"}}), ["coverage.!: must have a letter or a digit"]),
        (
            edited(coverage={"A": {"verdict": "maybe"}}),
            ["coverage.A.verdict: must be 'included', 'extra', 'not-included' or 'never', not 'maybe'"],
        ),
        (
            edited(**PRICED, work={"schedule": "x", "inside": "R", "outside": "y"}),
            [
                "work.schedule: 'x'",
                'work.inside: must be a rate that is priced by time; type per = "PT1H" in the rate',
                "work.outside: 'y' is not one of the rates: R",
            ],
        ),
        (edited(timezone="Mars"), ["timezone: 'Mars' is not a known IANA time zone"]),
        (edited(timezone="../../etc/passwd"), ["timezone: '../../etc/passwd' is not a known IANA time zone"]),
        (
            edited(schedules={"day": {"timezone": "Mars", "hours": {"mon": ["8-18"]}}}),
            ["schedules.day.timezone: 'Mars'", "schedules.day.hours: hours['mon'] must have HH:MM-HH:MM"],
        ),
        (edited(schedules={"day": {"timezone": "UTC"}}), ["schedules.day.hours: is missing"]),
        (
            edited(schedules={"day": {"timezone": "UTC", "hours": {}, "holidays": "os"}}),
            ["schedules.day.holidays: holidays must be dates or a country's code"],
        ),
        (
            edited(schedules={"day": {"open": "sometimes"}}),
            ["schedules.day.open: 'sometimes' is not one of always, never"],
        ),
        (
            edited(schedules={"day": {"open": "always", "timezone": "UTC"}}),
            ["schedules.day.open: must be the only key; a schedule has timezone, hours"],
        ),
        (
            edited(schedules={"day": {"colour": 1}}),
            ["schedules.day.colour: is not known here; a schedule has timezone, hours"],
        ),
        (edited(schedules={"day": "always"}), ["schedules.day: a schedule must be a table, not 'always'"]),
        (
            edited(schedules={"day": {"union": ["day", "day"]}}),
            ["schedules.day: must not refer to itself or to a schedule that does so, not even through others"],
        ),
        (
            edited(schedules={"day": {"union": ["night", {"open": "always"}]}}),
            ["schedules.day: 'night' is not one of the schedules: day"],
        ),
        (
            edited(schedules={"u": {"union": ["u2"]}, "u2": {"open": "always"}}),
            ["schedules.u.union: must be a list of two or more schedules, by name or written out, not ['u2']"],
        ),
        (
            edited(schedules={"day": {"union": [{"open": "always"}, {"open": 5}]}}),
            ["schedules.day.union.1.open: 5 is not one of always, never"],
        ),
        (
            edited(schedules={"day": {"union": [{"open": "always"}, 5]}}),
            ["schedules.day.union.1: a schedule must be a table, not 5"],
        ),
        (edited(schedules=5), ["schedules: "]),
        (edited(priorities=[{"rank": 1, "schedule": "day"}]), ["priorities: each entry of a list must have a name"]),
        (
            edited(priorities={"P1": {"name": "P2", "rank": 1, "schedule": "day"}}),
            ["priorities.P1: must have its key as its name, or no name, not P2"],
        ),
        (edited(versions={"latest": 0}), ["versions.latest: "]),
        (edited(releases={"X17": "soon"}), ["releases.X17: the date must be like 2026-12-24, not 'soon'"]),
        (edited(releases={"X17": "2026-01-01", "X18": None}), ["releases.X18: the date must be like 2026-12-24"]),
        (
            edited(releases="X17"),
            ["releases: must be a list of names, oldest first, or a table of dates by name, not 'X17'"],
        ),
        (edited(releases=["X17", 18]), ["releases: the name of a release must be a string, not 18"]),
        (
            edited(releases=["X17", "X17"]),
            ["releases: each release must be named once, but 'X17' is named more than once"],
        ),
        (edited(effective_from=0), ["effective_from: the date must be like 2026-12-24, not 0"]),
        (edited(editions=5), ["editions: must be a list of tables, each with an effective_from, not 5"]),
        (edited(editions=[]), ["editions: must be a list of tables"]),
        (
            edited(editions=[{"effective_from": "2026-01-01"}, {"effective_from": date(2026, 1, 1)}]),
            ["editions.1.effective_from: is 2026-01-01 in two editions; each edition must have a date of its own"],
        ),
        (
            edited(editions=[{}, {}]),
            ["editions.1.effective_from: is missing in two editions; each edition must have a date of its own"],
        ),
        (
            {**edited(), "editions": [{"effective_from": "2026-01-01", "releases": []}]},
            ["editions.0.releases: must be set before the editions, because all editions share it"],
        ),
        (
            {
                **{key: value for key, value in edited().items() if key != "plans"},
                "editions": [{"plans": {"G": {}}}, {"effective_from": "2026-01-01", "plans": 5}],
            },
            ["editions.0.plans.G.rank: is missing", "editions.0.plans.G.targets: is missing", "editions.1.plans: "],
        ),
        (edited(timezone="Mars", editions=[{}, {"effective_from": "2026-01-01"}]), ["timezone: 'Mars'"]),
    ],
    ids=lambda value: str(value[0])[:60] if isinstance(value, list) else "",
)
def test_what_is_wrong_is_told_with_its_place(document: dict[str, Any], faults: list[str]) -> None:
    with pytest.raises(PolicyError) as refusal:
        Policy.from_dict(document)
    told = list(map(str, refusal.value.faults))
    for fault in faults:
        assert any(fault in each for each in told), told
    assert all(each in str(refusal.value) for each in told)


def test_all_faults_are_told_at_once() -> None:
    document = edited(colour=1, timezone="Mars", priorities={"P1": {"rank": 0, "schedule": "night"}}, releases=5)
    with pytest.raises(PolicyError, match="policy with 5 faults: ") as refusal:
        Policy.from_dict(document)
    assert {fault.place for fault in refusal.value.faults} == {
        ("colour",),
        ("timezone",),
        ("priorities", "P1", "rank"),
        ("priorities", "P1", "schedule"),
        ("releases",),
    }


AT = datetime(2026, 7, 3, 16, 30, tzinfo=UTC)
DEEP = "[" * 60 + "]" * 60


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.yaml", b"name: desk\n", "a document must be TOML (.toml) or JSON (.json), not .yaml"),
        ("a", b"", "not a file without an ending"),
        ("a.toml", b"name: desk\npriorities:\n  - P1\n", "is not TOML: "),
        ("a.json", b"name: desk\n", "is not JSON: "),
        ("a.toml", b'name = "desk"\nname = "other"\n', "is not TOML: "),
        ("a.json", b'{"name": "desk", "name": "other"}', "has the key 'name' twice in one object"),
        ("a.json", b"[]", "a document must be a table (an object in JSON), not a list"),
        ("a.json", b'{"a": NaN}', "is not JSON: the number NaN does not exist in JSON"),
        ("a.json", b'{"a": ' + b"9" * 6000 + b"}", "a.json: "),
        ("a.toml", b"a = " + b"9" * 6000, "a.toml: "),
        ("a.toml", 'name = "K\u00f6ln"'.encode("latin-1"), "is not valid UTF-8: byte 0xf6 at offset 9"),
        ("a.toml", 'name = "desk"'.encode("utf-16"), "is not valid UTF-8: byte 0xff at offset 0"),
        ("a.json", ('{"a": ' + DEEP + "}").encode(), "has tables or lists nested more than 32 deep"),
        ("a.json", b"[" * 200_000, "more than 32 deep"),
        ("a.toml", b"a = " + b"[" * 100_000, "more than 32 deep"),
        ("a.toml", b"a" + b".a" * 120_000 + b" = 1", "more than 32 deep"),
        ("a.toml", b"a" + b".a" * 100 + b" = 1", "more than 32 deep"),
        ("a.toml", b"[" + b"a." * 120_000 + b"a]", "more than 32 deep"),
        ("a.toml", b"# " + b"x" * 50_000_000, f"is larger than {LARGEST:,} bytes"),
    ],
    ids=range(19),
)
def test_a_file_that_is_none_is_refused_at_once(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    began = perf_counter()
    with pytest.raises(PolicyError) as refusal:
        Policy.load(path)
    assert str(path) in str(refusal.value)
    assert message in str(refusal.value)
    assert perf_counter() - began < 20  # a hang would be hours


def test_a_mark_of_the_byte_order_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "desk.json"
    path.write_text(json.dumps(DESK), encoding="utf-8-sig")
    assert Policy.load(path).name == "desk"


def test_what_cannot_be_read_or_written_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Policy.load(tmp_path / "none.toml")
    with pytest.raises(PolicyError, match=r"not \.yaml"):
        KOLMISOFT.dump(tmp_path / "policy.yaml")


def test_writing_toml_says_what_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tomli_w", None)
    with pytest.raises(ImportError, match=r"writing TOML needs tomli_w: pip install 'kolmisla\[toml\]'"):
        KOLMISOFT.dump(tmp_path / "policy.toml")
    KOLMISOFT.dump(tmp_path / "policy.json")
    assert [path.name for path in tmp_path.iterdir()] == ["policy.json"]


def test_the_built_in_policy_is_a_document(tmp_path: Path) -> None:
    KOLMISOFT.dump(tmp_path / "policy.toml")
    assert Policy.load(tmp_path / "policy.toml") == KOLMISOFT
    assert tomllib.loads((tmp_path / "policy.toml").read_text(encoding="utf-8")) == KOLMISOFT.to_dict()
    assert not list(SCHEMA.iter_errors(KOLMISOFT.to_dict()))
    assert len(KOLMISOFT.digest) == 64
    assert KOLMISOFT.replace(name="other").digest != KOLMISOFT.digest


@pytest.mark.parametrize(
    "words",
    [
        {"starts": ["Opened", "owner = L2"], "ends": ["ANSWERED", "Plan=a=b"]},
        {"starts": {"requester": [" opened "], "staff": []}, "ends": ["answered"], "pauses": "none"},
        {"starts": ["opened"], "ends": ["answered"], "reopened_within": "30 days", "pauses": ["at lunch"]},
    ],
    ids=str,
)
def test_words_in_other_letters_validate_if_they_load(words: dict[str, Any]) -> None:
    document = edited(metrics={"update": words})
    Policy.from_dict(document)
    assert validates(document)


@pytest.mark.parametrize("trigger", ["opend", "answered=x", "owner=", "owner= "])
def test_the_schema_finds_a_trigger_that_cannot_be(trigger: str) -> None:
    document = edited(metrics={"update": {"starts": ["opened"], "ends": [trigger]}})
    assert not validates(document)
    with pytest.raises(PolicyError):
        Policy.from_dict(document)


@pytest.mark.parametrize("broken", [edited(colour=1), plan(rank="1"), edited(schedules={"day": {"open": 5}}), {}])
def test_the_schema_finds_what_an_editor_can(broken: dict[str, Any]) -> None:
    assert list(SCHEMA.iter_errors(broken))


def test_what_is_no_document() -> None:
    nothing: tuple[Any, ...] = ([], "policy", None)
    for given_ in nothing:
        with pytest.raises(PolicyError, match=r"a policy must be a table \(a mapping\), not"):
            Policy.from_dict(given_)
    deep: dict[str, Any] = {}
    for _ in range(40):
        deep = {"a": deep}
    with pytest.raises(PolicyError, match="more than 32 deep"):
        Policy.from_dict(deep)


def test_schedules_written_by_hand_are_made_of_one_another() -> None:
    early, late = (Schedule("UTC", {"mon": [hours]}) for hours in ("04:00-12:00", "11:00-20:00"))
    policy = Policy.from_dict(
        edited(
            schedules={
                "both": {"union": ["early", "Late", {"open": "never"}], "line": "words"},
                "early": early.to_dict(),
                "late": late.to_dict(),
                "day": {"open": "always"},
            }
        )
    )
    assert policy.schedules["both"].is_open(policy.schedules["late"].next_open(early.next_open(AT)))
    assert policy.to_dict()["schedules"]["both"]["union"] == ["early", "late", {"open": "never"}]
    assert policy.schedule_lines == {"both": "words"}
    with pytest.raises(ScheduleError, match="'early' is not one of the schedules: there are none"):
        Schedule.from_dict({"union": ["early", "late"]})


def test_a_policy_may_be_made_of_lists() -> None:
    policy = Policy(
        name="desk",
        timezone="UTC",
        schedules={"day": ALWAYS},
        priorities=[Priority(name="P1", rank=1, schedule="day")],
        plans=[Plan(name="GOLD", rank=1, targets={"resolution": Target(within="PT1H")})],
        channels=["phone", Channel(name="portal")],
    )
    assert list(policy.channels) == ["phone", "portal"]
    assert Policy.from_dict(policy.to_dict()) == policy


def bomb(levels: int, *also: str) -> dict[str, Any]:
    schedules: dict[str, Any] = {**DESK["schedules"]}
    for level in range(levels):
        schedules[f"s{level}"] = {"union": [f"s{level + 1}", *(also or [f"s{level + 1}"])]}
    return edited(schedules={**schedules, f"s{levels}": {"open": "always"}})


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (bomb(60), "schedules.s53: must be made of at most 100 schedules, not 128"),
        pytest.param(bomb(98, "day"), None, marks=pytest.mark.unmeasured),
        (bomb(3), None),
        (bomb(200), "schedules: there must be at most 100 schedules, not 202"),
        (
            edited(schedules={**DESK["schedules"], "u": {"union": ["day"] * 101}}),
            "must be made of at most 100 schedules, not 101",
        ),
        (edited(schedules={**DESK["schedules"], "u": {"union": ["day"] * 100}}), None),
        (
            edited(editions=[{"effective_from": f"{1900 + n}-01-01"} for n in range(101)]),
            "editions: there must be at most 100 editions, not 101",
        ),
    ],
    ids=range(7),
)
def test_what_would_take_long_is_refused_at_once(document: dict[str, Any], told: str | None) -> None:
    began = perf_counter()
    if told is None:
        policy = Policy.from_dict(document)
        assert Policy.from_dict(policy.to_dict()) == policy
        hash(policy)
    else:
        with pytest.raises(PolicyError) as refusal:
            Policy.from_dict(document)
        assert told in str(refusal.value)
    assert perf_counter() - began < 20


class Incomparable:
    """A value that neither is true or false nor equals anything, as an array or a missing value of pandas."""

    def __eq__(self, other: object) -> bool:
        raise ValueError("the truth value is ambiguous")

    def __bool__(self) -> bool:
        raise ValueError("the truth value is ambiguous")

    def __hash__(self) -> int:
        raise TypeError("unhashable")


@pytest.mark.unmeasured
@pytest.mark.parametrize("policy", [KOLMISOFT, by_owner(), own_metrics()], ids=["kolmisoft", "owners", "metrics"])
def test_a_value_that_cannot_be_compared_is_a_fault_at_each_place(policy: Policy) -> None:
    document = deepcopy(policy.to_dict())
    kinds = {tuple("#" if isinstance(key, int) else key for key in place): place for place in places(document)}
    for place in kinds.values():
        changed: Any = deepcopy(document)
        inner = changed
        for key in place[:-1]:
            inner = inner[key]
        inner[place[-1]] = Incomparable()
        with pytest.raises(PolicyError):
            Policy.from_dict(changed)


@pytest.mark.parametrize("text", ["x" + " " * 200_000 + "y", "workday" + " " * 200_000, "-1 " * 60_000, "+" * 200_000])
def test_a_long_name_of_a_day_is_refused_soon(text: str) -> None:
    began = perf_counter()
    with pytest.raises(ScheduleError, match="days"):
        Schedule(timezone="UTC", hours={"mon": ["08:00-09:00"]}, holidays="LT", exceptions={text: []})
    assert perf_counter() - began < 20  # a hang would be hours


def test_a_large_file_is_read_soon(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    rates = {f"R{n}": {"price": "1"} for n in range(4_000)}
    priorities = {f"P{n}": {"rank": 1, "schedule": "night"} for n in range(1_000)}
    path.write_text(json.dumps(edited(currency="EUR", rates=rates, priorities=priorities)), encoding="utf-8")
    began = perf_counter()
    with pytest.raises(PolicyError, match="policy with 1000 faults") as refusal:
        Policy.load(path)
    assert perf_counter() - began < 20
    assert refusal.value.faults[0].text == "'night' is not one of the schedules: day"


def test_a_document_is_read_to_a_thousand_faults() -> None:
    """Else thousands of wrong zones would take seconds."""
    wrong = [{"timezone": f"Zone{n}", "hours": {}} for n in range(40)]
    many = {f"s{n}": {"union": wrong} for n in range(99)}
    with pytest.raises(PolicyError) as refusal:
        Policy.from_dict(edited(schedules=many))
    assert 1_000 <= len(refusal.value.faults) < 1_100
    few = {f"s{n}": {"union": wrong} for n in range(20)}
    document = edited(editions=[{"schedules": few, "effective_from": f"2026-01-{n:02}"} for n in range(1, 9)])
    del document["schedules"]
    with pytest.raises(PolicyError) as refusal:
        Policy.from_dict(document)
    assert 1_000 <= len(refusal.value.faults) < 2_000
    huge: Any = 10**5_000
    with pytest.raises(PolicyError, match="a number of very many digits"):
        Policy.from_dict(edited(editions=[{"effective_from": huge}]))


@pytest.mark.parametrize("place", ["source", "name"])
@pytest.mark.parametrize("text", ["\ud800", "a\udfff"])
def test_half_a_character_is_no_text(place: str, text: str) -> None:
    with pytest.raises(PolicyError, match="it has a lone surrogate"):
        Policy.from_dict(edited(**{place: text}))
    with pytest.raises(PolicyError, match="it has a lone surrogate"):
        Policy.from_dict(edited(channels={text: {}}))


@pytest.mark.parametrize(
    "made",
    [
        lambda text: KOLMISOFT.replace(name=text),
        lambda text: KOLMISOFT.replace(source=text),
        lambda text: KOLMISOFT.replace(channels=[text]),
        lambda text: KOLMISOFT.replace(channels={text: {}}),
        lambda text: KOLMISOFT.replace(releases=[text]),
        lambda text: KOLMISOFT.replace(currency=text),
        lambda text: KOLMISOFT.replace(timezone=text),
        lambda text: KOLMISOFT.replace(schedule_lines={"always": text}),
        lambda text: KOLMISOFT.replace(schedules={**KOLMISOFT.schedules, text: ALWAYS}),
        lambda text: KOLMISOFT.replace(schedules={"always": {"timezone": "UTC", "hours": {}, "holidays": {text: "x"}}}),
        lambda text: Schedule(timezone="UTC", hours={}, holidays={"2026-07-06": text}),
        lambda text: Priority(name="P", rank=1, schedule="always", meaning=text),
        lambda text: Priority(name=text, rank=1, schedule="always"),
        lambda text: Plan(name="P", rank=1, targets={}, label=text),
        lambda text: Plan(name="P", rank=1, targets={}, line=text),
        lambda text: Plan(name="P", rank=1, targets={"resolution": {text: Target(within=timedelta(1))}}),
    ],
)
def test_half_a_character_is_no_text_of_a_part(made: Callable[[str], Any]) -> None:
    with pytest.raises((PolicyError, ScheduleError)) as refusal:
        made("a\ud800")
    assert "\ud800" not in str(refusal.value)


def test_odd_values_are_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "odd.toml"
    path.write_text(f"name = 0x{'F' * 5_000}\n", encoding="utf-8")
    with pytest.raises(PolicyError, match="name: must be a string, not a number of very many digits"):
        Policy.load(path)
    documents: tuple[Any, ...] = ({1: 2}, edited(plans={"G": {1: 2}}), edited(editions=[{1: 2}]))
    for document in documents:
        with pytest.raises(PolicyError, match="a name must be a string, not 1"):
            Policy.from_dict(document)
    with pytest.raises(PolicyError, match="releases. X17: must not begin or end with a blank"):
        Policy.from_dict(edited(releases={"X17": "2025-01-01", " X17": "2026-01-01"}))
    with pytest.raises(PolicyError, match="must be named once"):
        Policy.from_dict(edited(releases=["X17", " X17"]))
    for here in ("localtime", "Localtime", "posixrules"):
        with pytest.raises(
            PolicyError, match=f"'{here}' is not a known IANA time zone; it is the setting of this machine"
        ):
            Policy.from_dict(edited(timezone=here))
    with pytest.raises(PolicyError, match="'lokaltime' is not a known IANA time zone") as lokal:
        Policy.from_dict(edited(timezone="lokaltime"))
    assert "localtime?" not in str(lokal.value)
    with pytest.raises(PolicyError, match=r"curency: is not known here; did you mean currency\?"):
        Policy.from_dict(edited(curency="EUR"))
    with pytest.raises(PolicyError, match="schedule_lines.night: 'night' is not one of the schedules"):
        KOLMISOFT.replace(schedule_lines={"night": "words"})


def test_what_is_long_and_dotted_comes_back(tmp_path: Path) -> None:
    dotted = Policy.from_dict(edited(source="." * 300))
    dotted.dump(tmp_path / "dotted.toml")
    assert Policy.load(tmp_path / "dotted.toml") == dotted
    kept = (tmp_path / "dotted.toml").read_bytes()
    with pytest.raises(PolicyError, match="would be larger than"):
        dotted.replace(source="x" * LARGEST).dump(tmp_path / "dotted.toml")
    assert (tmp_path / "dotted.toml").read_bytes() == kept


def test_lines_of_schedules_are_found_in_any_case() -> None:
    policy = KOLMISOFT.replace(schedule_lines={"Working-Hours": "words"})
    assert policy.to_dict()["schedules"]["working-hours"]["line"] == "words"


def test_a_name_is_a_text() -> None:
    for odd in ({"rates": {5: KOLMISOFT.rates["Installation"]}}, {"schedules": {5: ALWAYS}}):
        with pytest.raises(PolicyError, match="5"):
            KOLMISOFT.replace(**odd)


def test_order_matters_where_it_decides() -> None:
    one, other = (KOLMISOFT.replace(releases=names) for names in (["X16", "X17"], ["X17", "X16"]))
    assert one != other
    assert one.digest != other.digest
    mail, portal = (["email", "portal"], ["portal", "email"])
    policy = KOLMISOFT.replace(channels=mail, effective_from="2026-01-01", earlier=[KOLMISOFT.replace(channels=portal)])
    again = Policy.from_dict(policy.to_dict())
    assert (list(again.channels), list(again.editions[0].channels)) == (mail, portal)
    assert KOLMISOFT != 5


def crossed(schedules: int, parts: int) -> dict[str, Any]:
    """A policy that counts on schedules which never open, each made of many that do."""
    zones = ["Europe/Vilnius", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Tokyo"]
    made: dict[str, Any] = {
        f"f{n}": {"timezone": zones[n % 5], "hours": {"mon-sun": ["00:00-12:00", f"13:{n:02}-23:00"]}}
        for n in range(50)
    }
    for name, day in (("n1", "mon"), ("n2", "tue")):
        made[name] = {"timezone": "UTC", "hours": {day: ["00:00-01:00"]}}
    for k in range(schedules):
        made[f"x{k}"] = {"intersection": [*(f"f{(k + n) % 50}" for n in range(parts)), "n1", "n2"]}
    return {
        "name": "crossed",
        "timezone": "UTC",
        "schedules": made,
        "priorities": {f"P{k}": {"rank": 1, "schedule": f"x{k}"} for k in range(schedules)},
        "plans": {"G": {"rank": 1, "targets": {"resolution": {"within": "PT1H"}}}},
    }


EDITIONS_OF_MANY = {
    "editions": [{"effective_from": f"{2000 + n}-01-01"} for n in range(50)],
    "priorities": {f"P{n}": {"rank": 1, "schedule": "day"} for n in range(400)},
}


@pytest.mark.parametrize(
    ("document", "told"),
    [
        pytest.param(
            crossed(5, 48),
            "P4 is counted on 'x4', which does not open from 2020 to 20",
            marks=pytest.mark.unmeasured,
        ),
        (crossed(1, 2), "P0 is counted on 'x0', which never opens"),
        (
            crossed(46, 96),
            "schedules: the schedules of all targets must be made of at most 1,000 schedules, not 4,508",
        ),
        (edited(**EDITIONS_OF_MANY), "editions: must have at most 50,000 values"),
    ],
    ids=["many that never open", "one that never opens", "of very many", "editions of much"],
)
def test_what_takes_long_to_judge_is_refused_at_once(document: dict[str, Any], told: str) -> None:
    """It took two minutes when the look went on to the end."""
    with pytest.raises(PolicyError) as refusal:
        Policy.from_dict(document)
    assert told in str(refusal.value)


@pytest.mark.unmeasured
def test_many_priorities_on_many_targets_are_answered_at_once() -> None:
    """Four thousand priorities of nine hundred plans: each target is looked at once, not for each priority."""
    plan = {"rank": 1, "targets": {metric: {"within": "PT1H"} for metric in METRICS}}
    priorities = {f"P{n}": {"rank": 1, "schedule": "day"} for n in range(4_000)}
    policy = Policy.from_dict(edited(priorities=priorities, plans={f"G{n}": plan for n in range(900)}))
    assert len(policy.plans) * len(policy.priorities) == 3_600_000


def test_a_target_on_hours_that_open_is_no_fault_beside_one_that_is() -> None:
    never = {"open": "never"}
    targets = {"resolution": {"P1": {"within": "PT1H"}, "P2": {"within": "PT1H"}}}
    document = edited(
        schedules={**DESK["schedules"], "never": never},
        priorities={"P1": {"rank": 1, "schedule": "day"}, "P2": {"rank": 2, "schedule": "never"}},
        plans={"G": {"rank": 1, "targets": targets}},
    )
    with pytest.raises(PolicyError) as refusal:
        Policy.from_dict(document)
    assert [str(fault) for fault in refusal.value.faults] == [
        "plans.G.targets.resolution.P2: P2 is counted on 'never', which never opens"
    ]


def test_a_day_of_very_many_hours_is_refused() -> None:
    hours = [f"{hour:02}:{minute:02}-{hour:02}:{minute + 1:02}" for hour in range(24) for minute in range(0, 60, 2)]
    with pytest.raises(PolicyError, match=r"hours\['mon'\] must have at most 48 spans, not more"):
        Policy.from_dict(edited(schedules={"day": {"timezone": "UTC", "hours": {"mon": hours}}}))
    busy = {"timezone": "UTC", "hours": {"mon-sun": hours[:48]}}
    began = perf_counter()
    with pytest.raises(PolicyError, match="does not open|never opens"):
        Policy.from_dict(edited(schedules={"busy": busy, "day": {"difference": ["busy", "busy"]}}))
    assert perf_counter() - began < 10


def test_a_document_has_only_what_was_said() -> None:
    """Equal rules have one document, and so one digest, whether a default was written or left out."""
    desk = {
        "name": "Desk",
        "timezone": "UTC",
        "schedules": {"always": {"open": "always"}},
        "priorities": {"URGENT": {"rank": 1, "meaning": "down", "schedule": "always"}},
        "plans": {"GOLD": {"rank": 1, "targets": {"first-response": {"within": "PT1H"}}}},
    }
    defaults = {"source": "", "channels": {}, "releases": [], "priority_change": "carry", "coverage": {}, "rates": {}}
    for document in (desk, {**desk, **defaults}):
        policy = Policy.from_dict(document)
        assert policy.to_dict() == desk
        assert policy.digest == Policy.from_dict(desk).digest


@pytest.mark.parametrize("name", ["right/Europe/Vilnius", "posix/UTC", "Right/Europe/Vilnius", "POSIX/UTC"])
def test_files_of_zones_with_leap_seconds_are_no_zones(name: str) -> None:
    told = f"{name!r} is not a known IANA time zone; write it without {name[:6]}"
    with pytest.raises(ScheduleError, match=told):
        zone_named(name)
    with pytest.raises(ScheduleError, match=told):
        Schedule(timezone=name, hours={})
    with pytest.raises(PolicyError, match=told):
        KOLMISOFT.replace(timezone=name)


def test_an_empty_tuple_is_no_table_and_no_percentage() -> None:
    """Only where a list or a table of names may be empty does an empty tuple mean that there is nothing."""
    with pytest.raises(PolicyError, match=r"work: must be a table \(a mapping\), not \(\)"):
        KOLMISOFT.replace(work=())
    with pytest.raises(PolicyError, match="cap: .* is not a percentage"):
        Plan(name="gold", rank=1, targets={}, cap=())  # type: ignore[arg-type]
    free = Plan(name="gold", rank=1, targets={}, attain=(), credits=())
    assert (free.attain, free.credits, free.cap) == ((), (), None)
    bare = KOLMISOFT.replace(coverage=(), examples=(), plans=[free])
    assert bare.to_dict().keys().isdisjoint(["coverage", "examples"])
    assert Policy.from_dict(bare.to_dict()) == bare


@pytest.mark.parametrize(
    "changes",
    [
        {"examples": iter(())},
        {"channels": map(str, ("phone",))},
        {"schedules": {"day": {"timezone": "UTC", "hours": {"mon-fri": iter(["08:00-18:00"])}}}},
        {"editions": iter([{"effective_from": "2026-07-01"}])},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_document_has_no_iterators(changes: dict[str, Any]) -> None:
    """A document is read several times: for its faults, and for each of its editions."""
    with pytest.raises(PolicyError, match=r"must have lists, not <.*type list\(\.\.\.\)"):
        Policy.from_dict({**deepcopy(DESK), **changes})
