"""`kolmisla status --metric all` and `kolmisla queue --metric all`."""

import json
from pathlib import Path
from typing import Any

import pytest

from kolmisla.cli import main

POLICIES = Path(__file__).parents[2] / "docs" / "policies"
SHIFTS = ["--policy", str(POLICIES / "two-shifts.toml")]
ASKED = ["status", "2026-07-03T16:30", "--metric", "all", "--at", "2026-07-06T12:00"]
GOLD = [*ASKED, *SHIFTS, "--plan", "gold", "--priority", "major"]


def lines(out: str, name: str) -> list[str]:
    return [line.split(None, 1)[1] for line in out.splitlines() if line.startswith(f"{name} ")]


@pytest.mark.parametrize(
    ("events", "metrics", "states"),
    [
        ([], ["first-response", "resolution"], ["breached", "breached"]),
        (["2026-07-03T17:00 answered"], ["resolution", "first-response"], ["breached", "met"]),
        (["2026-07-03T17:00 resolved"], ["first-response", "resolution"], ["met", "met"]),
    ],
)
def test_each_promise_has_its_state(
    capsys: pytest.CaptureFixture[str], events: list[str], metrics: list[str], states: list[str]
) -> None:
    argv = [*GOLD, *(word for event in events for word in ("--event", event))]
    assert main(argv) == 0
    out = capsys.readouterr().out
    assert (lines(out, "metric"), lines(out, "state")) == (metrics, states)
    assert out.count("\n\n") == 1
    assert main([*argv, "--json"]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(answer["metric"], answer["state"], answer["cycle"]) for answer in answers] == [
        (*pair, 1) for pair in zip(metrics, states, strict=True)
    ]


def test_each_answer_is_the_one_for_its_metric(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*GOLD, "--json", "--explain"]) == 0
    every = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    for answer in every:
        argv = ["--json" if word == "all" else word for word in GOLD if word != "--metric"]
        assert main([*argv, "--metric", answer["metric"], "--explain"]) == 0
        assert json.loads(capsys.readouterr().out) == answer


def test_what_is_not_promised_is_left_out_or_told(capsys: pytest.CaptureFixture[str]) -> None:
    page = [*ASKED, "--plan", "premium", "--priority", "high"]
    assert main(page) == 0
    assert lines(capsys.readouterr().out, "metric") == ["first-response"]
    assert main([*ASKED, "--plan", "", "--priority", "high"]) == 3
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "kolmisla: not covered: no support plan\n")


def test_nobody_knows_when_a_paused_ticket_is_due(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    policy = tmp_path / "desk.toml"
    text = (POLICIES / "two-shifts.toml").read_text(encoding="utf-8")
    policy.write_text(text.replace('pausing = ["resolution"]', 'pausing = ["first-response", "resolution"]'), "utf-8")
    argv = [*ASKED, "--policy", str(policy), "--plan", "gold", "--priority", "major"]
    assert main([*argv, "--event", "2026-07-03T16:40 paused"]) == 5
    out = capsys.readouterr().out
    assert (lines(out, "metric"), lines(out, "due_at")) == (["first-response", "resolution"], ["not known"] * 2)


@pytest.fixture
def tickets(tmp_path: Path) -> str:
    path = tmp_path / "tickets.csv"
    path.write_text(
        "id,plan,priority,opened_at,answered_at\n"
        "1,GOLD,Major,2026-07-06T09:30,\n"
        "2,GOLD,Major,2026-07-06T08:00,2026-07-06T08:10\n"
        "3,,Major,2026-07-06T08:00,\n",
        encoding="utf-8",
    )
    return str(path)


def test_a_queue_names_the_metric(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tickets: str, tmp_path: Path
) -> None:
    monkeypatch.setenv("COLUMNS", "200")  # so that each ticket has one line
    argv: list[Any] = ["queue", tickets, *SHIFTS, "--at", "2026-07-06T10:00", "--metric", "all"]
    assert main(argv) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split() == ["id", "priority", "plan", "metric", "state", "breaches_after", "remaining", "why"]
    assert [row.split()[1:6] for row in rows] == [
        ["1", "Major", "GOLD", "first-response", "running"],
        ["2", "Major", "GOLD", "resolution", "running"],
        ["3", "Major", "-", "first-response", "not-covered"],
    ]
    assert main([*argv, "--json"]) == 0
    metrics = [json.loads(line)["metric"] for line in capsys.readouterr().out.splitlines()]
    assert metrics == ["first-response", "resolution", "first-response"]
    assert main([*argv[:-2]]) == 0
    assert "metric" not in capsys.readouterr().out
    out = tmp_path / "due.ics"
    assert main([*argv, "-o", str(out)]) == 0
    text = out.read_text(encoding="utf-8").replace("\r\n ", "")
    assert "due-first-response-1-1@" in text
    assert "due-resolution-1-2@" in text
    assert "NAME:Two-shift desk: all due" in text
