"""Plain questions: a day's hours, open as JSON, now, open time without a ticket; a policy checked and shown."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kolmisla import KOLMISOFT
from kolmisla.cli.options import data_versions
from tests.commands.test_answers import PREMIUM, Run, run  # noqa: F401  # a fixture

HOURS = "working-hours"
NOW = datetime(2026, 7, 7, 6, 30, tzinfo=UTC)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    class Frozen(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]  # noqa: ARG003
            return NOW

    monkeypatch.setattr("kolmisla.cli.options.datetime", Frozen)


@pytest.mark.parametrize(
    ("argv", "status", "line"),
    [
        (["2026-12-23"], 0, "open: working-hours, Wednesday 2026-12-23 08:00-18:00"),
        (["2026-12-24"], 4, "closed: working-hours, Thursday 2026-12-24, Christmas Eve, usually 08:00-18:00"),
        (["--at", "2026-12-24"], 4, "closed: working-hours, Thursday 2026-12-24, Christmas Eve, usually 08:00-18:00"),
        (["2026-12-26"], 4, "closed: working-hours, Saturday 2026-12-26, Second Day of Christmas"),
        (["2026-12-27"], 4, "closed: working-hours, Sunday 2026-12-27, weekend"),
        (
            ["2026-12-23", "--closed", "2026-12-23"],
            4,
            "closed: working-hours, Wednesday 2026-12-23, closing day, usually 08:00-18:00",
        ),
        (["2026-12-24", "--schedule", "always"], 0, "open: always, Thursday 2026-12-24 00:00-24:00"),
        (["2026-12-24", "--priority", "blocker"], 0, "open: always, Thursday 2026-12-24 00:00-24:00"),
    ],
)  # fmt: skip
def test_open_on_a_date(run: Run, argv: list[str], status: int, line: str) -> None:  # noqa: F811
    assert run("open", *argv) == (status, f"{line}\n", "")
    assert run("open", *argv, "-q") == (status, "", "")
    code, out, err = run("open", *argv, "--json")
    answer = json.loads(out)
    assert (code, err, answer["open"], answer["date"] in line) == (status, "", not status, True)
    assert (answer["policy"], answer["digest"] == KOLMISOFT.digest[:8]) == ("Kolmisoft", "--closed" not in argv)
    assert [hours["opens_at"][:10] for hours in answer["hours"]] == [answer["date"]] * (not status)


def test_the_hours_of_other_days(run: Run, tmp_path: Path) -> None:  # noqa: F811
    path = tmp_path / "desk.json"
    day = {"timezone": "UTC", "hours": {"mon-fri": ["22:00-06:00"]}, "exceptions": {"12-24": ["09:00-10:00"]}}
    document = {"name": "desk", "timezone": "UTC", "schedules": {"day": day}, "priorities": {}, "plans": {}}
    path.write_text(json.dumps(document), encoding="utf-8")
    assert run("open", "2026-12-24", "--policy", str(path)) == (
        0,
        "open: day, Thursday 2026-12-24 09:00-10:00, other hours, usually 22:00-06:00\n",
        "",
    )
    assert run("open", "2026-12-26", "--policy", str(path))[0] == 4  # Friday's night belongs to Friday
    assert run("open", "2026-12-26T03:00", "--policy", str(path))[0] == 0


def test_open_as_json(run: Run) -> None:  # noqa: F811
    closed = {"open": False, "at": "2026-07-06T12:00:00+03:00", "schedule": "working-hours"}
    closed |= {"timezone": "Europe/Vilnius", "reason": "Statehood Day", "closes_at": None}
    assert json.loads(run("open", "2026-07-06T12:00", "--json")[1]) == {
        **closed,
        "opens_at": "2026-07-07T08:00:00+03:00",
        "policy": "Kolmisoft",
        "digest": KOLMISOFT.digest[:8],
        **data_versions("Europe/Vilnius"),
    }
    status, out, _ = run("open", "--at", "2026-07-07T12:00", "--json")
    answer = json.loads(out)
    assert (status, answer["reason"], answer["closes_at"]) == (0, None, "2026-07-07T18:00:00+03:00")
    assert answer["opens_at"] is None
    assert run("open", "2026-07-07T12:00", "--json", "-q") == (0, "", "")
    assert json.loads(run("open", "2100-12-31T19:00", "--json")[1])["opens_at"] is None


@pytest.mark.usefixtures("now")
def test_now_is_a_time_everywhere(run: Run, tmp_path: Path) -> None:  # noqa: F811
    at = NOW.astimezone(KOLMISOFT.schedules["working-hours"]._instant(0).tzinfo).isoformat()
    asked = (["open", "AT"], ["open", "--at", "AT"], ["due", "AT", *PREMIUM], ["elapsed", "2026-07-07T08:00", "AT"])
    for argv in asked:
        by_time, by_now = (run(*[text if word == "AT" else word for word in argv]) for text in (at, " Now"))
        assert by_time == by_now
        assert by_now[0] == 0
    assert run("elapsed", "now", "now")[1] == "0:00:00\n"
    assert "elapsed         1:30:00" in run("status", "2026-07-07T08:00", *PREMIUM, "--at", "now")[1]
    assert "state           met" in run("status", "2026-07-07T08:00", *PREMIUM, "--event", "now answered")[1]
    assert "1 started hour" in run("quote", "--work", "now/PT20M")[1]
    path = tmp_path / "tickets.csv"
    path.write_text("plan,priority,opened_at\npremium,high,2026-07-07T08:00\n", encoding="utf-8")
    assert "5400" in run("measure", str(path), "--at", "now")[1]


@pytest.mark.parametrize(
    ("argv", "due", "counted"),
    [
        (["2026-12-23T17:00", "--within", "PT4H"], "2026-12-28T11:00:00+02:00", "working-hours"),
        (["2026-12-23T17:00", "--within", "PT0S"], "2026-12-23T17:00:00+02:00", "working-hours"),
        (["2026-12-23T17:00", "--within", "PT4H", "--schedule", "always"], "2026-12-23T21:00:00+02:00", "always"),
        (["2026-12-23T17:00", "--within", "PT4H", "--priority", "blocker"], "2026-12-23T21:00:00+02:00", "always"),
        (["2026-12-23T17:00", "--within", "PT4H", "--closed", "2026-12-28"], "2026-12-29T11:00:00+02:00", HOURS),
    ],
)  # fmt: skip
def test_due_without_a_ticket(run: Run, argv: list[str], due: str, counted: str) -> None:  # noqa: F811
    assert run("due", *argv) == (0, f"{due}\n", f"counted on {counted}\n")
    answer = json.loads(run("due", *argv, "--json")[1])
    assert (answer["due_at"], answer["schedule"], answer["timezone"]) == (due, counted, "Europe/Vilnius")


def test_due_without_a_ticket_ends_at_closing_or_beyond(run: Run) -> None:  # noqa: F811
    answer = json.loads(run("due", "2026-12-23T17:00", "--within", "PT1H", "--json")[1])
    assert answer["due_at"] == "2026-12-23T18:00:00+02:00"
    assert answer["breaches_after"] == "2026-12-28T08:00:00+02:00"
    assert answer["within_s"] == 3600
    assert json.loads(run("due", "2100-12-31T17:00", "--within", "PT1H", "--json")[1])["breaches_after"] is None
    assert run("due", "2100-12-31T17:00", "--within", "PT2H")[0] == 2


def test_due_of_many_without_tickets(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"2026-12-23T17:00\n\nnever\n2026-12-23T16:00\n")))
    status, out, err = run("due", "-", "--within", "PT2H")
    assert (status, out) == (1, "2026-12-28T09:00:00+02:00\n\n\n2026-12-23T18:00:00+02:00\n")
    assert err.startswith("kolmisla: line 3: 'never' is not a time")


def test_editions_change_the_schedule_on_the_way(run: Run, tmp_path: Path) -> None:  # noqa: F811
    path = tmp_path / "desk.json"
    day = {"timezone": "UTC", "hours": {"mon-sun": ["08:00-18:00"]}}
    document = {"name": "desk", "timezone": "UTC", "schedules": {"day": day}, "priorities": {}, "plans": {}}
    later = {"effective_from": "2027-01-01", "schedules": {"day": {"hours": {"mon-sun": ["08:00-10:00"]}}}}
    path.write_text(json.dumps({**document, "editions": [later]}), encoding="utf-8")
    asked = ["due", "2026-12-31T17:00", "--within", "PT4H", "--policy", str(path)]
    assert run(*asked)[1] == "2027-01-02T09:00:00+00:00\n"
    assert "open: day, Friday 2027-01-01 08:00-10:00" in run("open", "2027-01-01", "--policy", str(path))[1]


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["open", "now", "--at", "now"], "give the time once: as AT or with --at"),
        (["open", "2026-02-30"], "a date must be like 2026-12-24, not '2026-02-30'"),
        (["open", "1899-12-31"], "a date must be from 1900 to 2200"),
        (["open", "2101-01-01"], "holidays of LT are known for 2011 to 2100"),
        (["due", "now", "--within=-PT1H"], "'-PT1H' is not a duration such as PT2H"),
        (
            ["due", "now", "--within", "PT1H", "--explain"],
            "--within asks about a schedule, without a ticket; leave out --explain, or leave out --within",
        ),
        (
            ["due", "now", "--within", "PT1H", "--channel", "x", "--metric", "resolution"],
            "--within asks about a schedule, without a ticket; leave out --channel, --metric, or leave",
        ),
        (["due", "now", "--within", "PT1H", "--schedule", "nights"], "schedule 'nights' is not one of the schedules"),
        (["policy", "show", "--year", "27"], "'27' is not a year from 1900 to 2200"),
        (["policy", "show", "--year", "2201"], "'2201' is not a year from 1900 to 2200"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered(run: Run, argv: list[str], message: str) -> None:  # noqa: F811
    status, out, err = run(*argv)
    assert (status, out) == (2, "")
    assert message in err


def written(path: Path, **others: Any) -> str:
    day = {"timezone": "UTC", "hours": {"mon-fri": ["08:00-23:59"]}}
    plans = {"GOLD": {"rank": 1, "targets": {"resolution": {"within": "PT4H"}}}}
    document = {"name": "desk", "timezone": "UTC", "schedules": {"day": day, "all": {"open": "always"}}}
    document |= {"priorities": {"P1": {"rank": 1, "schedule": "day"}}, "plans": plans}
    path.write_text(json.dumps(document | others), encoding="utf-8")
    return str(path)


def test_check_has_notes(run: Run, tmp_path: Path) -> None:  # noqa: F811
    file = written(tmp_path / "desk.json")
    note = "schedules.day.hours.mon-fri: 08:00-23:59 closes a minute before midnight; type 08:00-24:00"
    status, out, err = run("policy", "check", file)
    assert (status, err) == (0, "")
    assert out.startswith(f"note: {note}\n{file}: no faults, 1 note, digest ")
    status, again, err = run("policy", "check", file, "--strict")
    assert (status, again, err) == (2, out, f"kolmisla: {file}: 1 note, which --strict refuses\n")
    status, out, err = run("policy", "check", file, "--strict", "--json")
    answer = json.loads(out)
    assert (status, answer["file"], answer["faults"]) == (2, file, [])
    assert answer["notes"] == [{"place": note.partition(": ")[0].split("."), "text": note.partition(": ")[2]}]
    assert len(answer["digest"]) == 64


def test_faults_come_before_notes(run: Run, tmp_path: Path) -> None:  # noqa: F811
    file = written(tmp_path / "desk.json", priorities={"P1": {"rank": 0, "schedule": "day"}})
    status, out, err = run("policy", "check", file, "--json")
    answer = json.loads(out)
    assert (status, answer["notes"], answer["digest"], err) == (2, [], None, f"kolmisla: {file}: 1 fault\n")
    assert [fault["place"] for fault in answer["faults"]] == [["priorities", "P1", "rank"]]
    assert run("policy", "check", file)[1].startswith("priorities.P1.rank: must be a whole number")
    assert json.loads(run("policy", "check", "--json")[1])["file"] == "Kolmisoft"


def test_show_says_what_changes(run: Run, tmp_path: Path) -> None:  # noqa: F811
    plans = {"GOLD": {"targets": {"first-response": {"within": "PT1H"}}}}
    shorter = {"hours": {"mon-fri": ["08:00-17:00"]}, "exceptions": {"12-24": {"hours": [], "name": "Eve"}}}
    later: dict[str, Any] = {"schedules": {"day": shorter}, "plans": plans}
    editions: list[dict[str, Any]] = [
        {"effective_from": "2027-01-01", **later},
        {"effective_from": "2028-01-01", **later, "name": "New desk", "source": "here", "priority_change": "restart"},
        {"effective_from": "2029-01-01", **later, "priority_change": "restart"},
        {"effective_from": "2030-01-01", **later, "priority_change": "restart"},
    ]
    out = run("policy", "show", written(tmp_path / "desk.json", editions=editions))[1]
    first, *changes = out.split("Edition ")
    assert first.startswith(
        "desk, times of UTC, effective from the start\n\nSchedules\n  day  mon-fri 08:00-23:59, UTC\n"
    )
    assert changes[0].startswith(
        "effective from 2027-01-01: what changes\n\nSchedules\n"
        "  day  mon-fri 08:00-17:00, UTC\n"
        "       every 12-24: closed (Eve)\n\n"
        "Plan GOLD\n  first-response  within 1:00:00\n"
    )
    assert changes[1].startswith(
        "effective from 2028-01-01: what changes\nname New desk\nsource here\n\nWhen a priority changes\n"
        "  restart  counting begins anew at the change\n  carry    removed\n"
    )
    assert changes[2].startswith("effective from 2029-01-01: what changes\nname desk\nsource removed\n")
    assert changes[3].startswith("effective from 2030-01-01: nothing changes\n\ndigest ")


def test_an_edition_whose_changes_are_not_shown(run: Run, tmp_path: Path) -> None:  # noqa: F811
    task = {"coverage": {"Installation": {"verdict": "never", "also": ["set up"]}}}
    words = {"effective_from": "2027-01-01", "coverage": {"Installation": {"also": ["deployment"]}}}
    out = run("policy", "show", written(tmp_path / "desk.json", **task, editions=[words]))[1]
    assert "Edition effective from 2027-01-01: what changes is not shown here, such as other words for a task" in out


def test_show_in_words(run: Run, tmp_path: Path) -> None:  # noqa: F811
    day: dict[str, Any] = {
        "timezone": "UTC",
        "hours": {"mon-fri": ["08:00-12:00", "13:00-18:00"]},
        "holidays": [
            {
                "country": "AU-NT",
                "categories": ["public"],
                "without": ["Boxing Day"],
                "half_day": ["08:00-12:00"],
                "moved_days": False,
            },
            {"frozen": "LT", "years": "2024-2030", "dates": {"2026-01-01": "x"}, "half_day": ["09:00-10:00"]},
            {"frozen": "LV", "years": "2024-2030", "dates": {}},
            {"2026-12-28": "Shutdown", "2026-12-29": "holiday"},
        ],
        "exceptions": {
            "easter": [],
            "easter-2": ["08:00-12:00"],
            "easter+1": [],
            "workday before 12-25": ["08:00-09:00"],
            "workday after easter+2": [],
            "12-27/01-02": [],
            "2026-05-04T12:00/2026-05-04T14:00": [],
        },
        "seasons": {"06-15/09-15": {"hours": {"mon": ["08:00-15:00"]}}, "2026-02-01/2026-02-07": {"hours": {}}},
        "eves": {"shorter": "PT1H"},
    }
    short = {"timezone": "UTC", "hours": {"mon": ["08:00-09:00"]}, "holidays": "LT", "eves": {"hours": ["08:00-08:30"]}}
    schedules = {"day": day, "short": short, "both": {"union": ["day", {**short, "hours": {}}]}}
    out = run("policy", "show", written(tmp_path / "desk.json", schedules=schedules))[1]
    for line in (
        "day    mon-fri 08:00-12:00 13:00-18:00, "
        "without the holidays of AU-NT (public; but for Boxing Day; half days 08:00-12:00; no moved days), "
        "without the holidays of LT, frozen for 2024-2030 (half days 09:00-10:00), "
        "without the holidays of LV, frozen for 2024-2030, without 2026-12-28 (Shutdown), 2026-12-29, UTC",
        "easter: closed",
        "2 days before easter: 08:00-12:00",
        "1 day after easter: closed",
        "the workday before 12-25: 08:00-09:00",
        "the workday after 2 days after easter: closed",
        "every 12-27 to 01-02: closed",
        "2026-05-04 12:00 to 2026-05-04 14:00: closed",
        "every 06-15 to 09-15: mon 08:00-15:00",
        "2026-02-01 to 2026-02-07: no weekly hours",
        "eves of holidays: shorter by 1:00:00",
        "eves of holidays: 08:00-08:30",
        "both   union of day, (no weekly hours, without the holidays of LT, UTC; eves of holidays: 08:00-08:30)",
    ):
        assert f"  {line}\n" in out, line


def test_show_lists_a_year(run: Run) -> None:  # noqa: F811
    status, out, err = run("policy", "show", "--year", "2027")
    assert (status, err) == (0, "")
    assert "  2027-07-06 Tue  closed  Statehood Day\n" in out
    assert "\nalways\n  no day differs\n" in out
    assert len(out.splitlines()) == 22
