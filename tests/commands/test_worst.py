"""`kolmisla policy worst` says in words what `worst_wait` returns; promises with the same figures share a line."""

import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kolmisla import KOLMISOFT, worst_wait
from kolmisla.cli import main

POLICIES = Path(__file__).parents[2] / "docs" / "policies"
YEARS = ["--years", "2026-2030"]

BUILT_IN_METRICS = """\
BLOCKER of ENTERPRISE, PREMIUM: first-response within 2:00:00 on always
  2:00:00, asked Thu 1 Jan 2026 00:00, kept until Thu 1 Jan 2026 02:00
  longer than 2 days on 0 of 1,826 working days
HIGH, MEDIUM, LOW of ENTERPRISE, PREMIUM:
    first-response within 2:00:00 on working-hours
  5 days 16:00:00, asked Fri 21 Dec 2029 16:00, kept until Thu 27 Dec 2029 08:00
  longer than 2 days on 263 of 1,255 working days
"""


def said(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    assert main(["policy", "worst", *argv]) == 0
    return capsys.readouterr().out


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.parametrize("longer", ["P2D", "PT48H", "P1DT24H"])
def test_the_built_in_policy(longer: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "worst", *YEARS, "--longer-than", longer]) == 0
    out, err = capsys.readouterr()
    assert out == BUILT_IN_METRICS
    told = f"openings from 2026 to 2030, times of Europe/Vilnius; policy Kolmisoft {KOLMISOFT.digest[:8]}\n"
    assert err == told


@pytest.mark.parametrize("path", sorted(POLICIES.glob("*.toml")), ids=lambda path: path.name)
def test_no_line_is_wider_than_a_terminal(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = said(capsys, str(path), *YEARS, "--longer-than", "P2D")
    assert max(map(len, out.splitlines())) <= 80
    assert out.count(", asked ") == out.count(" longer than 2 days on ") >= 4


OWNERS = """\
name = "desk"
timezone = "UTC"
schedules.office.hours = { mon-fri = ["08:00-18:00"] }
schedules.late.hours = { mon-fri = ["12:00-20:00"] }
priorities.P1 = { rank = 1, schedule = "office" }
priorities.P2 = { rank = 2, schedule = "office" }
owners.L2.schedule = "late"

[plans.GOLD]
rank = 1
targets.resolution = { P1 = { within = "PT4H" }, owners = { Vendor = { within = "2 working days", by = "16:00" } } }
"""


def test_owners_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "desk.toml").write_text(OWNERS, encoding="utf-8")
    lines = said(capsys, str(tmp_path / "desk.toml"), "--years", "2026").splitlines()
    assert [line for line in lines if not line.startswith("  ") or "resolution" in line] == [
        "P1 of GOLD: resolution within 4:00:00 on office",
        "P1 of GOLD with the owner L2: resolution within 4:00:00 on late",
        "P1, P2 of GOLD with the owner Vendor:",
        "    resolution 2 working days by 16:00 on office",
    ]


def test_one_year(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "worst", "--years", "2026"]) == 0
    assert capsys.readouterr().err.startswith("openings in 2026, times of Europe/Vilnius; ")


def test_a_narrow_terminal_breaks_between_parts(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "52")
    assert said(capsys, *YEARS, "--priority", "high", "--plan", "premium").splitlines() == [
        "HIGH of PREMIUM:",
        "    first-response within 2:00:00 on working-hours",
        "  5 days 16:00:00, asked Fri 21 Dec 2029 16:00,",
        "    kept until Thu 27 Dec 2029 08:00",
    ]


def test_an_edition_says_when_it_is_in_force(capsys: pytest.CaptureFixture[str]) -> None:
    out = said(capsys, str(POLICIES / "follow-the-sun.toml"), *YEARS, "--metric", "first-response")
    assert "in force 2026-01-01 to 2026-10-01" in out
    assert "in force 2026-10-01 to 2030-12-31" in out


def test_plans_with_other_priorities_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    out = said(capsys, str(POLICIES / "two-shifts.toml"), "--years", "2026")
    assert "Minor of GOLD; Major of SILVER: first-response within 4:00:00 on shifts" in out


def test_what_is_not_known_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    out = said(capsys, "--years", "2100-2101", "--priority", "high")
    assert "  without 366 days whose waits are not known:\n    holidays of LT are known for 2011 to 2100\n" in out
    out = said(capsys, "--years", "2150", "--priority", "high")
    assert "  no wait is known\n  without 365 days" in out


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    answer = json.loads(said(capsys, *YEARS, "--longer-than", "PT4H30M", "--json"))
    assert (answer["years"], answer["timezone"], answer["longer_than_s"]) == ([2026, 2030], "Europe/Vilnius", 16_200)
    assert answer["digest"] == KOLMISOFT.digest[:8]
    assert [entry["priority"] for entry in answer["promises"]] == ["BLOCKER", "HIGH", "MEDIUM", "LOW"] * 2
    assert answer["promises"][1]["longer_days"] == 1255  # every day's end is followed by a night
    answer = json.loads(said(capsys, *YEARS, "--json"))
    assert answer["longer_than_s"] is None
    assert answer["promises"] == [worst.to_dict() for worst in worst_wait(KOLMISOFT, range(2026, 2031))]


def test_without_years_it_is_this_year_and_four_more(capsys: pytest.CaptureFixture[str]) -> None:
    before = datetime.now(ZoneInfo("Europe/Vilnius")).year
    first, last = json.loads(said(capsys, "--json"))["years"]
    assert before <= first <= datetime.now(ZoneInfo("Europe/Vilnius")).year
    assert last == first + 4


@pytest.mark.parametrize(
    ("argv", "status", "message"),
    [
        (["--plan", "gold"], 2, "plan 'gold' is not one of ENTERPRISE, PREMIUM"),
        (["--metric", "resolution"], 3, "plan and priority is in force from 2026 to 2030"),
        (["--years", "2300"], 2, "no schedule answers in 2300"),
    ],
)
def test_what_cannot_be_told(argv: list[str], status: int, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "worst", *YEARS, *argv]) == status
    out, err = capsys.readouterr()
    assert not out
    assert message in err


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--years", "26"], "'26' is not a year such as 2026, or years such as 2026-2030"),
        (["--years", "2030-2026"], "'2030-2026' must not end before it begins"),
        (["--longer-than", "2 days"], "'2 days' is not a duration such as P2D, PT36H or P1DT12H (here a day is 24"),
        (["--longer-than", "P1DT"], "'P1DT' is not a duration such as P2D"),
        (["--longer-than", "P2DX"], "'P2DX' is not a duration such as P2D"),
        (["--longer-than", "P"], "'P' is not a duration such as P2D"),
    ],
)
def test_what_no_option_can_be(argv: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["policy", "worst", *argv])
    assert message in capsys.readouterr().err
