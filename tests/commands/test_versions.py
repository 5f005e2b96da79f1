"""The versions of the data on which answers depend: `--version --verbose`, and the keys of every `--json`."""

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kolmisla import KOLMISOFT, Policy, Report, __version__
from kolmisla.cli.options import data_versions
from kolmisla.reports.figures.calendars import calendar_data
from kolmisla.times import zones
from kolmisla.times.zones import zone_data_version
from tests.commands.test_answers import PREMIUM, Run
from tests.commands.test_answers import run as run

BOSTON = "docs/policies/boston-311.toml"
OPENED = "2026-07-03T16:30:00+03:00"


def told(policy: str) -> str:
    data = data_versions("Europe/Vilnius")
    versions = {"kolmisla": __version__, "holidays": version("holidays"), "tzdata": data["tzdata"]}
    versions |= {"python": sys.version.split()[0], "policy": policy}
    return "".join(f"{name:10}{text}\n" for name, text in versions.items())


@pytest.mark.parametrize("argv", [["--version", "--verbose"], ["--verbose", "--version"]])
def test_all_versions(run: Run, argv: list[str]) -> None:
    assert run(*argv) == (0, told(f"Kolmisoft {KOLMISOFT.digest[:8]}"), "")


@pytest.mark.parametrize("named", [["--policy", BOSTON], [f"--policy={BOSTON}"]])
def test_all_versions_with_a_policy(run: Run, named: list[str]) -> None:
    expected = told(f"City of Boston, 311 {Policy.load(BOSTON).digest[:8]}")
    assert run(*named, "--version", "--verbose") == run("--verbose", "--version", *named) == (0, expected, "")


def test_the_version_alone_is_one_line(run: Run) -> None:
    assert run("--version") == (0, f"kolmisla {__version__}\n", "")
    assert run("--version", "--verbose", "due")[1] == f"kolmisla {__version__}\n"
    assert run("--verbose")[0] == 2


@pytest.fixture
def tickets(tmp_path: Path) -> str:
    path = tmp_path / "tickets.csv"
    path.write_text(f"id,plan,priority,opened_at\n1,premium,high,{OPENED}\n", encoding="utf-8")
    return str(path)


def test_every_answer_in_json_names_its_data(run: Run, tickets: str, tmp_path: Path) -> None:
    at, out = ["--at", "2026-07-03T17:00+03:00"], str(tmp_path / "out.csv")
    commands = [
        ["due", OPENED, *PREMIUM],
        ["status", OPENED, *PREMIUM, *at],
        ["status", OPENED, *PREMIUM, *at, "--metric", "resolution"],  # nothing is promised
        ["elapsed", OPENED, "2026-07-07T10:00"],
        ["calendar", "2026-07"],
        ["measure", tickets, *at, "-o", out],
        ["queue", tickets, *at],
        ["report", tickets, *at],
        ["covers", "uploading rates", "--plan", "premium"],
        ["quote", "--task", "installation"],
    ]
    for argv in commands:
        (line,) = run(*argv, "--json")[1].splitlines()
        answer = json.loads(line)
        assert {name: answer[name] for name in ("holidays", "tzdata")} == data_versions("Europe/Vilnius"), argv
        assert KOLMISOFT.digest.startswith(answer["digest"])


def test_each_line_of_due_names_its_data(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.commands.test_answers import piped

    monkeypatch.setattr(sys, "stdin", piped(f"{OPENED}\nyesterday\n"))
    _, out, _ = run("due", "-", *PREMIUM, "--json")
    answers = [json.loads(line) for line in out.splitlines()]
    assert [answer["holidays"] for answer in answers] == [version("holidays")] * 2
    assert "error" in answers[1]


def test_a_report_in_a_file_names_its_data(run: Run, tickets: str, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    assert run("report", tickets, "--at", "2026-07-03T17:00+03:00", "-o", str(path))[0] in (0, 1)
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["tzdata"] == data_versions("Europe/Vilnius")["tzdata"]
    assert Report.from_dict(document).to_dict()["digest"] == KOLMISOFT.digest


def test_where_the_data_of_zones_comes_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Europe").mkdir()
    (tmp_path / "Europe" / "Vilnius").write_bytes(b"TZif")
    monkeypatch.setattr(zones, "TZPATH", (str(tmp_path / "missing"), str(tmp_path)))
    assert zone_data_version("Europe/Vilnius") == "of the system, version not known"
    (tmp_path / "tzdata.zi").write_text("", encoding="utf-8")
    assert zone_data_version("Europe/Vilnius") == "of the system, version not known"
    (tmp_path / "tzdata.zi").write_text("# version 2026a\n# more\n", encoding="utf-8")
    assert zone_data_version("Europe/Vilnius") == "2026a"
    monkeypatch.setitem(sys.modules, "tzdata", SimpleNamespace(IANA_VERSION="2025c"))
    assert zone_data_version("Europe/Riga") == "2025c"  # the system has no such zone


def test_a_due_time_in_text_reads_no_versions() -> None:
    code = f"import sys; from kolmisla.cli import main; main({['due', OPENED, *PREMIUM]}); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ})
    assert not {"holidays", "importlib.metadata", "json", "tzdata"} & set(done.stdout.split())


@pytest.mark.parametrize(
    ("holidays", "data"),
    [
        ("LT", (f"LT by kolmisla {__version__}",)),
        ({"country": "LT", "without": ["Easter Monday"]}, (f"LT by kolmisla {__version__}",)),
        ({"country": "LV", "moved_days": False}, (f"LV by holidays {version('holidays')}",)),
        (
            ["LV", {"frozen": "DE", "years": "2020-2030", "dates": {}}, "2026-01-02"],
            ("DE by dates of 2020-2030", f"LV by holidays {version('holidays')}"),
        ),
        ({"2026-01-02": "a day"}, ()),
    ],
)
def test_a_report_names_its_calendars(holidays: Any, data: tuple[str, ...]) -> None:
    document = KOLMISOFT.to_dict()
    document["schedules"]["working-hours"]["holidays"] = holidays
    assert calendar_data(Policy.from_dict(document)) == data
