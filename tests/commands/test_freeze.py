"""`kolmisla policy freeze`: the dates of a code in the text of a policy, and answers that no package changes."""

import json
import os
import re
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kolmisla import Policy
from kolmisla.cli.policies import freeze
from kolmisla.policies.comparing import freezing
from tests.commands.test_answers import Run
from tests.commands.test_answers import run as run
from tests.measuring import unmeasured

HEAD = """name = "Desk" # holidays = "LT"
timezone = "Europe/Riga"
note_free = 0
"""
HEAD = HEAD.replace("note_free = 0\n", "")
PLANS = """
[priorities.P1]
rank = 1
schedule = "day"

[plans.GOLD]
rank = 1
[plans.GOLD.targets.first-response]
within = "PT2H"
"""
YEARS = ["--years", "2026-2027"]
fingerprint_of = unmeasured(Policy.fingerprint)

FORMS = {
    "a line": '[schedules.day]\nholidays = "LV"  # the law\nhours = { mon-fri = ["08:00-18:00"] }\n',
    "quoted": '["schedules"."day"]\n"holidays" = \'LV\'\nhours = { mon-fri = ["08:00-18:00"] }\n',
    "inline": '[schedules]\nday = { hours = { mon-fri = ["08:00-18:00"] }, holidays = "LV" } # holidays = "LT"\n',
    "whole": 'schedules = { day = { hours = { mon-fri = ["08:00-18:00"] }, holidays = "LV" } }\n',
    "dotted": 'schedules.day.hours.mon-fri = ["08:00-18:00"]\nschedules.day.holidays = "LV" # kept\n',
    "a table of a country": (
        '[schedules.day]\nhours = { mon-fri = ["08:00-18:00"] }\n'
        'holidays = { country = "LV", without = [ # an open day\n "2026-05-04"] } # the law\n'
    ),
    "a table with a header": (
        '[schedules.day.hours]\nmon-fri = ["08:00-18:00"]\n[schedules.day.holidays] # here\n  country = "LV" # Latvia\n'
        '  without = [ # an open day\n    "2026-05-04",\n  ] # was agreed\n  half_day = ["08:00-12:00"]\n# the end\n'
    ),
    "keys with dots": (
        '[schedules.day]\nholidays.country = "LV" # Latvia\nhours.mon-fri = ["08:00-18:00"]\n'
        'holidays . "moved_days" = true # kept\nholidays.without = []\n'
    ),
    "a list": (
        '[schedules.day]\nhours = { mon-fri = ["08:00-18:00"] }\nholidays = [ # two\n    "LV", # "LT"\n'
        '    { country = "EE", moved_days = true },\n    { "2026-12-28" = "Shutdown" }, "2026-12-29",\n]\n'
    ),
    "tables in a list": (
        '[schedules.day]\nhours = { mon-fri = ["08:00-18:00"] }\n[[schedules.day.holidays]]\ncountry = "LV"\n'
        '[[schedules.day.holidays]]\n2026-12-28 = "Shutdown"\n[[schedules.day.holidays]]\ncountry = "EE" # Estonia\n'
    ),
    "in a union": (
        '[schedules.day]\nunion = [{ hours = { mon = ["08:00-18:00"] }, holidays = "LV" }, "late"]\n'
        '[schedules.late]\nhours = { tue = ["09:00-20:00"] }\nholidays = "EE"\n'
    ),
    "words in texts": (
        'source = """\n[schedules.day]\nholidays = "LT"\n"""\n[schedules.day]\nline = \'\'\'\nholidays = "LT"\'\'\'\n'
        'hours = { mon-fri = ["08:00-18:00"] }\n\tholidays = "LV"\n'
    ),
}
EDITIONS = """
[[editions]]
effective_from = 2026-07-01
[editions.schedules.day]
holidays = "EE" # from July on

[[editions]]
effective_from = "2027-01-01"
[editions.schedules.day.holidays]
country = "LT"
"""
WITH_EDITIONS = sorted({*FORMS} - {"whole", "in a union"})


def written(path: Path, text: str, newline: str = "\n") -> Path:
    path.write_bytes(text.replace("\n", newline).encode())
    return path


def holidays_in(document: Any) -> list[Any]:
    """What stands under each `holidays`."""
    parts = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    return [found for key, value in parts for found in ([value] if key == "holidays" else holidays_in(value))]


def without_holidays(document: Any) -> Any:
    if isinstance(document, dict):
        return {key: without_holidays(value) for key, value in document.items() if key != "holidays"}
    return [without_holidays(item) for item in document] if isinstance(document, list) else document


@pytest.mark.unmeasured(but=["a table with a header-lf", "in a union-lf"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize(
    ("form", "editions"),
    [*((form, "") for form in FORMS), *((form, EDITIONS) for form in WITH_EDITIONS)],
    ids=[*FORMS, *(f"{form}, with editions" for form in WITH_EDITIONS)],
)
def test_each_form_of_toml(run: Run, tmp_path: Path, form: str, editions: str, newline: str) -> None:
    head, body = (
        (HEAD + FORMS[form], PLANS) if form in ("whole", "dotted", "words in texts") else (HEAD, FORMS[form] + PLANS)
    )
    text = head + body + editions
    path, out = written(tmp_path / "desk.toml", text, newline), tmp_path / "frozen.toml"
    status, told, err = run("policy", "freeze", str(path), *YEARS, "-o", str(out))
    assert (status, told) == (0, ""), err
    before, after = tomllib.loads(path.read_text()), tomllib.loads(out.read_text())
    assert without_holidays(after) == without_holidays(before)
    for value in holidays_in(after):
        for part in value if isinstance(value, list) else [value]:
            assert isinstance(part, str) == (part == "2026-12-29")
            assert isinstance(part, str) or "frozen" in part or "2026-12-28" in part
    old, new = Policy.load(path), Policy.load(out)
    assert fingerprint_of(old, (2026, 2027)) == fingerprint_of(new, (2026, 2027))
    assert fingerprint_of(old, (2026, 2028)) != fingerprint_of(new, (2026, 2028))
    raw, made = path.read_bytes().decode(), out.read_bytes().decode()
    assert made.count("\r") == (made.count("\n") if newline == "\r\n" else 0)
    comments = [line[line.index("#") :] for line in raw.splitlines() if "#" in line and not line.startswith("source")]
    assert [comment for comment in comments if comment not in made] == []
    kept = [line for line in raw.splitlines() if line not in made.splitlines()]
    assert all(
        any(word in line for word in ("holidays", "country", "without", "half_day", "2026-05-04", "]", "LV"))
        for line in kept
    )
    again = tmp_path / "again.toml"
    status, _, err = run("policy", "freeze", str(out), *YEARS, "-o", str(again))
    assert (status, again.read_bytes()) == (0, out.read_bytes())
    assert "there is nothing to freeze" in err


def test_what_is_written(run: Run, tmp_path: Path) -> None:
    path = written(tmp_path / "desk.toml", HEAD + FORMS["a line"] + PLANS)
    status, out, err = run("policy", "freeze", str(path), "--years", "2026")
    assert status == 0
    lines = out.splitlines()
    start = lines.index('holidays.frozen = "LV"  # the law')
    assert lines[:start] == (HEAD + "[schedules.day]").splitlines()
    assert lines[start + 1 : start + 4] == [
        'holidays.years = "2026-2026"',
        'holidays.package = "0.109"',
        'holidays.dates.2026-01-01 = "New Year\'s Day"',
    ]
    assert err.splitlines()[0] == "schedules.day.holidays: LV, 2026"
    assert err.splitlines()[1] == f"fingerprint for 2026: {Policy.load(path).fingerprint((2026, 2026))}"


@pytest.mark.parametrize("code", ["LV", "HU", "AZ"])
def test_the_note_on_moved_days_says_what_to_type(run: Run, tmp_path: Path, code: str) -> None:
    path = written(tmp_path / "desk.toml", HEAD + FORMS["a line"].replace("LV", code) + PLANS)
    _, out, _ = run("policy", "check", str(path))
    assert f"in {code}, days off are worked on other days" in out
    command = re.search(r"or run kolmisla (policy freeze FILE --years [0-9-]+) to get no answers", out)
    assert command
    frozen = tmp_path / "frozen.toml"
    assert run(*command[1].replace("FILE", str(path)).split(), "-o", str(frozen))[0] == 0
    _, out, _ = run("policy", "check", str(frozen))
    assert "worked on other days" not in out


@pytest.mark.parametrize("indent", [None, 2, "\t"])
def test_json(run: Run, tmp_path: Path, indent: Any) -> None:
    document = tomllib.loads(HEAD + FORMS["a list"] + PLANS + EDITIONS.replace("2026-07-01", '"2026-07-01"'))
    path, out = tmp_path / "desk.json", tmp_path / "frozen.json"
    path.write_text(json.dumps(document, indent=indent), encoding="utf-8")
    assert run("policy", "freeze", str(path), *YEARS, "-o", str(out))[:2] == (0, "")
    text = out.read_text(encoding="utf-8")
    assert text == json.dumps(json.loads(text), indent=indent, ensure_ascii=False)  # the form of the whole is kept
    assert without_holidays(json.loads(text)) == without_holidays(document)
    assert Policy.load(out).fingerprint((2026, 2027)) == Policy.load(path).fingerprint((2026, 2027))


def test_the_built_in_policy(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "frozen.toml"
    status, _, err = run("policy", "freeze", "-o", str(out))
    assert status == 0
    assert "schedules.working-hours.holidays: LT, 2020 to 2040" in err
    from kolmisla import KOLMISOFT

    assert Policy.load(out).fingerprint() == KOLMISOFT.fingerprint()


def test_a_long_name_of_a_schedule_is_cut(run: Run, tmp_path: Path) -> None:
    long = "d" * 5_000
    text = HEAD + (FORMS["a line"] + PLANS).replace("schedules.day", f"schedules.{long}").replace('"day"', f'"{long}"')
    status, _, err = run("policy", "freeze", str(written(tmp_path / "desk.toml", text)), *YEARS, "-o", "-")
    assert (status, len(err) < 500) == (0, True)


def test_a_mark_at_the_begin_of_the_file_stays(run: Run, tmp_path: Path) -> None:
    path, out = tmp_path / "desk.toml", tmp_path / "frozen.toml"
    path.write_text("\ufeff" + HEAD + FORMS["a line"] + PLANS, encoding="utf-8")
    assert run("policy", "freeze", str(path), *YEARS, "-o", str(out))[0] == 0
    assert out.read_text(encoding="utf-8").startswith("\ufeffname")


def test_only_known_years_are_written(run: Run, tmp_path: Path) -> None:
    india = written(tmp_path / "in.toml", HEAD + FORMS["a line"].replace("LV", "IN") + PLANS)
    assert "IN, 2020 to 2035" in run("policy", "freeze", str(india))[2]
    status, out, err = run("policy", "freeze", str(india), "--years", "2030-2040")
    assert (status, out) == (2, "")
    assert err == (
        f"kolmisla: {india}: schedules.day.holidays: holidays of IN are known for 2001 to 2035, not for 2030 to 2040\n"
    )


def test_countries_that_share_no_year(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "desk.toml", HEAD + FORMS["a line"] + PLANS)
    monkeypatch.setattr(freeze, "USUAL_YEARS", range(2180, 2190))
    status, _, err = run("policy", "freeze", str(path))
    assert status == 2
    assert "there is no year from 2180 to 2189 for which all holidays are known; holidays of LV are known for" in err
    assert "give other years with --years, such as --years 1991-2100" in err
    monkeypatch.setattr(freeze, "shared_years", lambda _: range(2100, 2000))
    status, _, err = run("policy", "freeze", str(path))
    assert (status, "write the dates of some of these holidays by hand" in err) == (2, True)


@pytest.mark.parametrize(
    ("years", "fault"),
    [
        ("2035-2020", "must not end before it begins"),
        ("20", "is not a year such as 2026"),
        ("2020/2035", "is not a year such as 2026"),
        ("1899", "years must be in order, from 1900 to 2200, not 1899 to 1899"),
        ("2020-2201", "years must be in order, from 1900 to 2200, not 2020 to 2201"),
    ],
)
def test_bad_years(run: Run, years: str, fault: str) -> None:
    status, _, err = run("policy", "freeze", "--years", years)
    assert status == 2
    assert fault in err


def test_the_policy_is_not_overwritten(run: Run, tmp_path: Path) -> None:
    path = written(tmp_path / "desk.toml", HEAD + FORMS["a line"] + PLANS)
    status, _, err = run("policy", "freeze", str(path), "-o", str(path))
    assert (status, err) == (2, f"kolmisla: the policy and the output are the same file: {path}\n")
    status, _, err = run("policy", "freeze", str(path), "-o", str(tmp_path / "frozen.json"))
    assert status == 2
    assert f"frozen.json must end in .toml, because it gets the text of {path} with only" in err


@pytest.mark.parametrize(
    "holidays", ['holidays.country = "LV"', 'holidays = { country = "LV", without = [ # open\n "2026-05-04"] }']
)
def test_what_one_line_cannot_hold_is_refused(run: Run, tmp_path: Path, holidays: str) -> None:
    form = f'[schedules]\nday = {{ hours = {{ mon = ["08:00-18:00"] }}, {holidays} }}\n'
    path, out = written(tmp_path / "desk.toml", HEAD + form + PLANS), tmp_path / "frozen.toml"
    status, _, err = run("policy", "freeze", str(path), "-o", str(out))
    assert status == 2
    assert "schedules.day.holidays cannot be replaced in the text" in err
    assert "in schedules.day.holidays write holidays = ... on a line of its own, and freeze again" in err
    assert not out.exists()


def test_a_text_that_would_change_more_is_refused(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, out = written(tmp_path / "desk.toml", HEAD + FORMS["a line"] + PLANS), tmp_path / "frozen.toml"
    right = freezing.with_values
    for change, fault in (
        (("PT2H", "PT3H"), "because more than its holidays would change"),
        (("Christmas", "Xmas"), "because more than its holidays would change"),
        (("rank = 1", "rank = "), "is not TOML"),
    ):
        monkeypatch.setattr(freeze, "with_values", lambda *args, c=change, **more: right(*args, **more).replace(*c))
        status, _, err = run("policy", "freeze", str(path), "-o", str(out))
        assert (status, out.exists()) == (2, False)
        assert fault in err
    monkeypatch.setattr(freeze, "with_values", right)
    monkeypatch.setattr(
        freeze,
        "frozen_documents",
        lambda found, *_, **__: {p: {"frozen": "LV", "years": "2020-2040", "dates": {}} for p in found},
    )
    status, _, err = run("policy", "freeze", str(path), "-o", str(out))
    assert (status, out.exists()) == (2, False)
    assert "cannot be frozen for 2020 to 2040: its answers would change" in err


DOCTORED = """
import importlib.util, sys
from datetime import date

here = sys.path.pop(0)
sys.modules.pop("holidays")
import holidays as real
sys.path.insert(0, here)
usual = real.country_holidays


def country_holidays(*args, **more):
    made = usual(*args, **more)
    if date(2026, 11, 18) in made:
        name = made.pop(date(2026, 11, 18))
        made[date(2026, 11, 19)] = name
    return made


real.country_holidays = country_holidays
"""


@pytest.fixture
def doctored(tmp_path: Path) -> dict[str, str]:
    """The environment of a process in which the package `holidays` has moved 18 November 2026 to the 19th."""
    (tmp_path / "packages").mkdir()
    (tmp_path / "packages" / "holidays.py").write_text(DOCTORED, encoding="utf-8")
    paths = [str(tmp_path / "packages"), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def answers(environment: dict[str, str] | None, *argv: str) -> tuple[int, str, str]:
    done = subprocess.run([sys.executable, "-m", "kolmisla", *argv], capture_output=True, text=True, env=environment)
    return done.returncode, done.stdout, done.stderr


def fingerprint(environment: dict[str, str] | None, path: Path) -> str:
    code = f"from kolmisla import Policy; print(Policy.load({str(path)!r}).fingerprint())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    return done.stdout.strip()


@pytest.mark.unmeasured
def test_a_frozen_policy_answers_alike_with_another_package(run: Run, tmp_path: Path, doctored: dict[str, str]) -> None:
    path, out = written(tmp_path / "desk.toml", HEAD + FORMS["a line"] + PLANS), tmp_path / "frozen.toml"
    assert run("policy", "freeze", str(path), "-o", str(out))[0] == 0
    tickets = tmp_path / "tickets.csv"
    tickets.write_text("id,opened_at\n1,2026-11-17T17:00\n2,2026-11-18T17:00\n3,2026-11-19T17:30\n", encoding="utf-8")
    ask = [
        "measure",
        str(tickets),
        "--at",
        "2026-11-23T12:00",
        "--set",
        "priority=P1",
        "--set",
        "plan=GOLD",
        "--policy",
    ]
    usual, other = answers(None, *ask, str(path)), answers(doctored, *ask, str(path))
    assert usual[1] != other[1]
    assert fingerprint(None, path) != fingerprint(doctored, path)
    assert answers(None, *ask, str(out)) == answers(doctored, *ask, str(out))
    assert answers(None, *ask, str(out))[1] == usual[1]
    assert fingerprint(None, path) == fingerprint(None, out) == fingerprint(doctored, out)


def test_a_calendar_file_is_written_too(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("icalendar", reason="the extra ical is not installed")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "BEGIN:VEVENT", "UID:1", "DTSTAMP:20260101T000000Z"]
    lines += ["DTSTART;VALUE=DATE:20261228", "SUMMARY:Shutdown", "END:VEVENT", "END:VCALENDAR", ""]
    (tmp_path / "days.ics").write_text("\r\n".join(lines), encoding="utf-8")
    form = FORMS["a list"].replace('"2026-12-29"', '"days.ics"')
    path, out = written(tmp_path / "desk.toml", HEAD + form + PLANS), tmp_path / "frozen.toml"
    status, _, err = run("policy", "freeze", str(path), "-o", str(out))
    assert status == 0
    assert "schedules.day.holidays.3: days.ics, 2026" in err
    (tmp_path / "days.ics").unlink()
    assert "2026-12-28" in out.read_text(encoding="utf-8")
    assert Policy.load(out).schedules["day"].holiday_name(date(2026, 12, 28)) == "Shutdown"
