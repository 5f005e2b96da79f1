"""The examples of a policy: their form is checked when it is read, and `kolmisla policy check` compares the answers."""

import json
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from kolmisla import KOLMISOFT, Policy, PolicyError
from kolmisla.cli import main
from kolmisla.policies import policy_schema
from kolmisla.policies.terms.examples import Example
from kolmisla.reports import example_faults

POLICIES = Path(__file__).parents[2] / "docs" / "policies"
FRIDAY: dict[str, Any] = {"opened_at": "2026-07-03T16:30", "plan": "premium", "priority": "high"}
DUE = "2026-07-07T08:30"


def faults(*examples: dict[str, Any], policy: Policy = KOLMISOFT) -> list[str]:
    return [str(fault) for fault in example_faults(policy.replace(examples=examples))]


@pytest.mark.parametrize(
    "expected",
    [
        {"due_at": DUE},
        {"due_at": "2026-07-07T05:30Z", "breaches_after": datetime.fromisoformat("2026-07-07T08:30+03:00")},
        {"due_at": datetime(2026, 7, 7, 8, 30)},  # a local time of TOML
        {"due_at": DUE, "events": [{"kind": "paused", "at": "2026-07-03T17:00", "value": "customer"}]},
        {"at": "2026-07-07T08:30", "state": "running", "elapsed": "PT2H"},
        {"at": "2026-07-07T08:31", "state": "breached"},
        {"at": "2026-07-03T16:30", "elapsed": "PT0S"},
        {"at": "2026-07-05T00:00", "elapsed": timedelta(minutes=90)},
        {"at": "2026-07-03T17:00", "state": "running", "answered_at": "2026-07-03T17:10"},  # not answered by then
        {"at": "2026-07-03T17:10", "state": "met", "answered_at": "2026-07-03T17:10", "due_at": DUE},
        {"metric": "resolution", "not_covered": "PROMISES no resolution"},
        {"metric": "Next response", "not_covered": "no question was asked"},
        {"plan": "", "not_covered": "no support plan"},
        {"channel": "email", "not_covered": "only for support-system"},
    ],
)
def test_an_example_that_holds(expected: dict[str, Any]) -> None:
    assert faults({**FRIDAY, **expected}) == []


@pytest.mark.parametrize(
    ("example", "told"),
    [
        ({"due_at": "2026-07-07T09:30"}, ["due_at: is 2026-07-07T08:30:00+03:00, not 2026-07-07T09:30:00+03:00"]),
        (
            {"due_at": "2026-07-07T05:31Z", "breaches_after": "2026-07-07T08:00"},
            [
                "due_at: is 2026-07-07T08:30:00+03:00, not 2026-07-07T08:31:00+03:00",
                "breaches_after: is 2026-07-07T08:30:00+03:00, not 2026-07-07T08:00:00+03:00",
            ],
        ),
        (
            {"at": "2026-07-07T08:31", "state": "met", "elapsed": "PT2H"},
            ["state: is breached, not met", "elapsed: is PT2H1M, not PT2H"],
        ),
        (
            {"at": "2026-07-07T08:31", "state": "Met"},
            ["state: must be running, paused, met, breached, withdrawn, not 'Met'"],
        ),
        (
            {"not_covered": "no plan"},
            ["not_covered: the ticket is covered, and its due time is 2026-07-07T08:30:00+03:00"],
        ),
        ({"plan": "", "not_covered": "email"}, ["not_covered: is 'no support plan', which does not contain 'email'"]),
        (
            {"plan": "", "due_at": DUE, "at": DUE, "state": "met"},
            [
                "due_at: is not 2026-07-07T08:30:00+03:00, because the ticket is not covered: no support",
                "at: has no state, because the ticket is not covered: no support plan",
            ],
        ),
        ({"plan": "gold", "due_at": DUE, "at": DUE, "state": "met"}, ["plan 'gold' is not one of ENTERPRISE, PREMIUM"]),
        ({"priority": None, "due_at": DUE}, ["priority: must be given; the priorities are BLOCKER, HIGH, MEDIUM, LOW"]),
        (
            {"metric": "answer", "due_at": DUE},
            ["metric: metric 'answer' is not one of first-response, next-response, resolution"],
        ),
        ({"at": "2026-07-03T16:00", "state": "met"}, ["is before the ticket was opened"]),
        ({"answered_at": "2026-07-03T16:00", "due_at": DUE}, ["answered_at 2026-07-03T16:00:00+03:00 is before"]),
        ({"opened_at": "2105-01-03T12:00", "due_at": DUE}, ["is outside what the schedule knows"]),
        (
            {"opened_at": "2026-10-25T03:30", "due_at": "2026-03-29T03:30"},
            ["opened_at: 2026-10-25T03:30:00 is a wall time", "due_at: 2026-03-29T03:30:00 is a wall time"],
        ),
        (
            {"events": [{"kind": "answred", "at": DUE}, {"kind": "priority", "at": DUE}], "due_at": DUE},
            ["events.0.kind: must be 'answered', 'asked'", "events.1"],
        ),
    ],
)
def test_an_example_that_does_not_hold(example: dict[str, Any], told: list[str]) -> None:
    found = faults({**FRIDAY, "due_at": DUE}, {**FRIDAY, **example})
    assert len(found) == len(told)
    for text, part in zip(found, told, strict=True):
        assert text.startswith("examples.1")
        assert part in text


def test_a_due_time_that_nobody_knows() -> None:
    policy = Policy.load(POLICIES / "follow-the-sun.toml")
    paused = {
        "opened_at": "2026-07-07T09:00",
        "priority": "Normal",
        "events": [{"kind": "paused", "at": "2026-07-07T09:20Z"}],
    }
    assert faults({**paused, "due_at": "2026-07-07T10:00"}, policy=policy) == [
        "examples.0.due_at: is not known, not 2026-07-07T10:00:00+00:00"
    ]
    assert faults({**paused, "not_covered": "x"}, policy=policy) == [
        "examples.0.not_covered: the ticket is covered, and its due time is not known"
    ]


@pytest.mark.parametrize(
    ("example", "told"),
    [
        ({}, "examples.0: must expect something: due_at, breaches_after, state or elapsed (with at), or not_covered"),
        (
            {"state": "met", "elapsed": "PT1H"},
            "examples.0.at: is missing; write the instant for which state and elapsed must be",
        ),
        ({"at": DUE}, "examples.0.at: must come with the state or the time elapsed"),
        ({"due_at": DUE, "not_covered": "x"}, "examples.0.due_at: must be left out if not_covered is given"),
        ({"at": DUE, "state": "met", "not_covered": "x"}, "examples.0.state: must be left out if not_covered is given"),
        ({"due_at": "tomorrow"}, "examples.0.due_at: 'tomorrow' is not a time in ISO 8601"),
        (
            {"due_at": date(2026, 7, 7)},
            "examples.0.due_at: is a date without a time of day; write one such as 2026-07-07T08:00",
        ),
        ({"due_at": 8}, "examples.0.due_at: must be a time such as 2026-07-03T16:30, not 8"),
        ({"elapsed": timedelta(-1), "at": DUE}, "examples.0.elapsed: must not be negative, but it is minus PT24H"),
        ({"elapsed": "2 h", "at": DUE}, "examples.0.elapsed: '2 h' is not a duration"),
        ({"due": DUE}, "examples.0.due: is not known here; did you mean due_at?"),
        ({"due_at": DUE, "events": [{"kind": "paused"}]}, "examples.0.events.0.at: is missing"),
    ],
)
def test_an_example_of_another_form(example: dict[str, Any], told: str) -> None:
    with pytest.raises(PolicyError) as refused:
        KOLMISOFT.replace(examples=[{**FRIDAY, **example}])
    assert any(str(fault).startswith(told) for fault in refused.value.faults)


def test_examples_are_no_rules() -> None:
    assert Policy.examples is vars(Policy)["examples"]
    without = KOLMISOFT.replace(examples=())
    assert without != KOLMISOFT
    assert without.digest == KOLMISOFT.digest
    assert "examples" not in without.to_dict()
    assert Example.from_dict({**FRIDAY, "due_at": DUE}) == Example(**FRIDAY, due_at=DUE)


def test_examples_stand_before_the_editions() -> None:
    document = Policy.load(POLICIES / "follow-the-sun.toml").to_dict()
    assert len(document["examples"]) == 4
    document["editions"][1]["examples"] = document.pop("examples")
    with pytest.raises(PolicyError, match="examples: must be set before the editions, because all editions share it"):
        Policy.from_dict(document)


def test_an_edition_that_changes_an_answer_shows_in_the_examples() -> None:
    """The same examples are compared with the rules of the time at which the ticket was opened."""
    later = KOLMISOFT.replace(
        effective_from=date(2026, 7, 8),
        plans={name: plan.replace(targets={}) for name, plan in KOLMISOFT.plans.items()},
        earlier=[KOLMISOFT],
    )
    found = {fault.place[1] for fault in example_faults(later)}
    assert found == {
        number
        for number, example in enumerate(KOLMISOFT.examples)
        if example.opened_at >= "2026-07-08" and example.not_covered is None
    }
    assert found


@pytest.mark.parametrize("end", ["toml", "json"])
def test_examples_are_dumped_and_loaded(end: str, tmp_path: Path) -> None:
    KOLMISOFT.dump(tmp_path / f"again.{end}")
    again = Policy.load(tmp_path / f"again.{end}")
    assert again == KOLMISOFT
    assert again.examples == KOLMISOFT.examples
    assert len(again.examples) == 15


def test_the_schema_knows_examples() -> None:
    schema = Draft202012Validator(policy_schema())
    document = KOLMISOFT.to_dict()
    assert not list(schema.iter_errors(document))
    del document["examples"][0]["opened_at"]
    assert [error.message for error in schema.iter_errors(document)]


def test_check_lists_the_examples_that_do_not_hold(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = KOLMISOFT.to_dict()
    document["examples"][0]["due_at"] = "2026-07-07T09:30"
    (tmp_path / "desk.json").write_text(json.dumps(document), encoding="utf-8")
    assert main(["policy", "check", str(tmp_path / "desk.json")]) == 2
    out, err = capsys.readouterr()
    assert out == "examples.0.due_at: is 2026-07-07T08:30:00+03:00, not 2026-07-07T09:30:00+03:00\n"
    assert err.endswith("desk.json: 1 fault\n")


def test_check_counts_the_examples(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "check"]) == 0
    assert capsys.readouterr().out == f"Kolmisoft: no faults, digest {KOLMISOFT.digest}, 15 examples hold\n"
    for number, told in ((0, ""), (1, ", 1 example holds")):
        path = tmp_path / "desk.json"
        KOLMISOFT.replace(examples=KOLMISOFT.examples[:number]).dump(path)
        assert main(["policy", "check", str(path)]) == 0
        assert capsys.readouterr().out == f"{path}: no faults, digest {KOLMISOFT.digest}{told}\n"
    assert main(["policy", "show"]) == 0
    assert "\nExamples\n  15, which kolmisla policy check compares with the rules\n" in capsys.readouterr().out


def test_a_policy_is_loaded_without_its_examples_being_run() -> None:
    wrong = KOLMISOFT.replace(examples=[{**FRIDAY, "due_at": "2030-01-01T00:00"}])
    assert Policy.from_dict(wrong.to_dict()) == wrong
    with pytest.raises(TypeError, match="policy must be a Policy"):
        example_faults("desk.toml")  # type: ignore[arg-type]


def test_a_due_time_reads_no_examples() -> None:
    argv = ["due", "2026-07-03T16:30", "--plan", "premium", "--priority", "high", "--json"]
    script = f"import sys\nfrom kolmisla.cli import main\nmain({argv})\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "kolmisla.policies.kolmisoft" in loaded
    assert not {"kolmisla.policies.terms.examples", "kolmisla.generated.kolmisoft_examples"} & set(loaded)


DENSE = {
    "timezone": "UTC",
    "hours": {"mon-sun": [f"{n // 2:02}:{n % 2 * 30:02}-{n // 2:02}:{n % 2 * 30 + 14:02}" for n in range(48)]},
}
TOO_LONG = "examples: take too long to compare: their times span "


def dense(*examples: dict[str, Any], **more: Any) -> Policy:
    """A policy with dense hours, on which the priority X, the owner BERLIN and the plan LATE count."""
    document = KOLMISOFT.to_dict()
    return Policy.from_dict(
        {
            **document,
            "schedules": {**document["schedules"], "dense": DENSE},
            "priorities": {**document["priorities"], "X": {"rank": 9, "schedule": "dense"}},
            "owners": {"BERLIN": {"schedule": "dense"}},
            "examples": examples,
            **more,
        }
    )


@pytest.mark.unmeasured
@pytest.mark.parametrize(
    "chooses",
    [
        {"priority": "x"},
        {"owner": "Berlin"},
        {"schedule": "Dense"},
        {"events": [{"kind": "owner", "at": "2012-01-02T09:00", "value": "berlin"}]},
    ],
)
def test_examples_that_span_centuries_of_dense_hours_are_refused(chooses: dict[str, Any]) -> None:
    old = {**FRIDAY, "opened_at": "2011-07-04T08:00", "at": "2099-01-01T12:00", "state": "breached"}
    assert example_faults(dense(old)) == ()
    (told,) = example_faults(dense({**old, **chooses}))
    assert str(told).startswith(f"{TOO_LONG}89 years")
    (told,) = example_faults(
        dense({**old, **chooses, "at": "2011-08-01T12:00"}, {**old, "opened_at": "2090-01-01T09:00"})
    )
    assert str(told).startswith(f"{TOO_LONG}89 years")
    near = {**old, **chooses, "at": "2013-01-01T12:00"}
    assert all("too long" not in str(fault) for fault in example_faults(dense(near)))


def test_examples_of_targets_that_take_centuries_are_refused() -> None:
    plan = {"rank": 9, "targets": {"first-response": {"within": "PT400000H", "schedule": "dense"}}}
    plans = {**KOLMISOFT.to_dict()["plans"], "LATE": plan}
    (told,) = example_faults(dense({**FRIDAY, "plan": "late", "due_at": DUE}, plans=plans))
    assert str(told).startswith(f"{TOO_LONG}1 years")
    owned = {"first-response": {"owners": {"BERLIN": {"within": "PT400000H", "schedule": "dense"}}}}
    (told,) = example_faults(dense({**FRIDAY, "due_at": DUE}, plans={**plans, "LATE": {"rank": 9, "targets": owned}}))
    assert str(told).startswith(TOO_LONG)


def test_an_agreed_time_counts_among_the_times_of_an_example() -> None:
    agreed = {"kind": "due", "at": "2026-07-03T17:00"}
    near, far, odd = (
        {**FRIDAY, "priority": "X", "due_at": DUE, "events": [{**agreed, "value": at}]}
        for at in ("2026-07-07T09:00", "2190-07-07T09:00", "soon")
    )
    assert [len(example_faults(dense(each))) for each in (near, far, odd)] == [1, 1, 1]
    assert [str(fault).startswith(TOO_LONG) for each in (near, far, odd) for fault in example_faults(dense(each))] == [
        False,
        True,
        False,
    ]
