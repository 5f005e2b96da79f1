"""`kolmisla policy diff`: rules, dates and deadlines that differ between two policies."""

import json
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolmisla import KOLMISOFT, Policy
from kolmisla.policies.comparing.differences import DateChange, dates_between, rules_between
from tests.commands.test_answers import Run
from tests.commands.test_answers import run as run
from tests.commands.test_freeze import FORMS, HEAD, PLANS, answers, fingerprint, written
from tests.commands.test_freeze import doctored as doctored
from tests.laws.test_fingerprints import DESK, changed

TICKETS = "id,opened_at\n1,2026-11-17T17:00\n2,2026-11-18T17:00\n3,2026-11-19T17:30\n,2026-11-20T10:00\n"
ASK = ["--at", "2026-11-23T12:00", "--set", "priority=P1", "--set", "plan=GOLD"]


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    return written(tmp_path / "desk.toml", HEAD + FORMS["a line"] + PLANS)


@pytest.fixture
def tickets(tmp_path: Path) -> str:
    return str(written(tmp_path / "tickets.csv", TICKETS))


def test_a_package_that_moves_a_day(
    run: Run, tmp_path: Path, desk: Path, tickets: str, doctored: dict[str, str]
) -> None:
    """By law 18 November is a holiday; the doctored package moves it to the 19th."""
    frozen = tmp_path / "frozen.toml"
    assert run("policy", "freeze", str(desk), "-o", str(frozen))[0] == 0
    status, out, err = answers(doctored, "policy", "diff", str(frozen), str(desk), tickets, *ASK)
    assert (status, err) == (6, "")
    old, new = fingerprint(None, desk), fingerprint(doctored, desk)
    assert out.splitlines() == [
        "rules: 1 differ",
        "  schedules.day.holidays: LV frozen for 2020-2040 -> LV",
        "dates from 2020 to 2040: 2 differ",
        "  day 2026-11-18: closed -> 08:00-18:00",
        "  day 2026-11-19: 08:00-18:00 -> closed",
        "deadlines of 4 tickets: 3 move: 1 earlier, 2 later",
        "  1: 2026-11-19T09:00:00+02:00 -> 2026-11-18T09:00:00+02:00, 24:00:00 earlier",
        "  2: 2026-11-19T10:00:00+02:00 -> 2026-11-20T09:00:00+02:00, 23:00:00 later",
        "  3: 2026-11-20T09:30:00+02:00 -> 2026-11-20T10:00:00+02:00, 0:30:00 later",
        f"fingerprint: {old[:16]} -> {new[:16]}",
    ]
    assert answers(doctored, "policy", "diff", old, str(desk))[:2] == (
        6,
        f"{desk}: other answers in 2020 to 2040 than {old}\nits fingerprint is {new}\n",
    )
    assert answers(doctored, "policy", "diff", str(frozen), str(frozen))[0] == 0


def test_nothing_differs(run: Run, desk: Path, tickets: str) -> None:
    status, out, err = run("policy", "diff", str(desk), str(desk), tickets, *ASK)
    assert (status, err) == (0, "")
    assert out.splitlines()[:3] == [
        "rules: 0 differ",
        "dates from 2020 to 2040: 0 differ",
        "deadlines of 4 tickets: 0 move",
    ]
    assert out.splitlines()[3] == f"fingerprint: {Policy.load(desk).fingerprint()}"


def test_a_fingerprint(run: Run, desk: Path, tickets: str) -> None:
    whole = Policy.load(desk).fingerprint((2026, 2027))
    for old in (whole, whole[:8]):
        argv = ["policy", "diff", old, str(desk), "--years", "2026-2027"]
        assert run(*argv) == (0, f"{desk}: the same answers in 2026 to 2027 as {old}\n", "")
        answer = json.loads(run(*argv, "--json")[1])
        assert (answer["alike"], answer["new"]["fingerprint"], answer["years"]) == (True, whole, [2026, 2027])
        assert {"holidays", "tzdata"} <= {*answer}
    status, _, err = run("policy", "diff", whole, str(desk), tickets)
    assert status == 2
    assert "to compare deadlines, OLD must be a policy file, not the fingerprint" in err
    status, _, err = run("--policy", str(desk), "policy", "diff", str(desk), str(desk))
    assert (status, err) == (2, "kolmisla: give the policies as OLD and NEW, not with --policy\n")


def slower(desk: Path, within: str = "PT20H") -> Path:
    text = desk.read_text(encoding="utf-8").replace("PT2H", within)
    return written(desk.with_name("slower.toml"), text)


def test_states_that_change(run: Run, desk: Path, tickets: str) -> None:
    status, out, _ = run("policy", "diff", str(slower(desk)), str(desk), tickets, *ASK)
    assert status == 6
    lines = out.splitlines()
    assert lines[1] == "  plans.GOLD.targets.first-response.within: PT20H -> PT2H"
    assert lines[3] == "deadlines of 4 tickets: 4 move: 4 earlier; 2 from running to breached"
    assert lines[7] == (
        "  a ticket without an id: 2026-11-24T10:00:00+02:00 -> 2026-11-20T12:00:00+02:00,"
        " 94:00:00 earlier, running -> breached"
    )


def test_a_moved_breach_is_told_by_its_own_instants(run: Run, tmp_path: Path) -> None:
    """Both policies are due at six on Friday. Only how long an answer may take until Monday differs."""
    text = "name = 'D'\ntimezone = 'UTC'\nschedules.day.hours.mon-fri = ['08:00-HH:00']\n"
    text += "priorities.P1 = { rank = 1, schedule = 'day' }\n"
    text += "plans.G = { rank = 1, targets.first-response.within = 'PT4H' }\n"
    for name, until in (("old.toml", "18"), ("new.toml", "19")):
        (tmp_path / name).write_text(text.replace("HH", until), encoding="utf-8")
    (tmp_path / "t.csv").write_text("id,plan,priority,opened_at\n1,G,P1,2026-07-03T14:00\n", encoding="utf-8")
    files = [str(tmp_path / name) for name in ("old.toml", "new.toml", "t.csv")]
    status, out, _ = run("policy", "diff", *files, "--years", "2026", "--at", "2026-07-03T15:00")
    assert status == 6
    before, after = "2026-07-06T08:00:00+00:00", "2026-07-03T18:00:00+00:00"
    assert f"  1: due {after}, breaches_after {before} -> {after}, 62:00:00 earlier\n" in out


def test_all_of_it_as_json(run: Run, desk: Path, tickets: str) -> None:
    status, out, _ = run("policy", "diff", str(slower(desk)), str(desk), tickets, *ASK, "--json")
    answer = json.loads(out)
    assert status == 6
    assert answer["rules"] == [{"place": "plans.GOLD.targets.first-response.within", "old": "PT20H", "new": "PT2H"}]
    assert (answer["dates"], answer["alike"]) == ([], False)
    assert answer["old"]["fingerprint"] != answer["new"]["fingerprint"] == Policy.load(desk).fingerprint()
    moved = answer["tickets"]
    assert (moved["judged"], moved["rejected"], moved["ways"]) == (4, 0, {"earlier": 4})
    assert moved["states"] == [{"from": "running", "to": "breached", "number": 2}]
    assert moved["moves"][3] == {
        "id": None,
        "cycle": 1,
        "way": "earlier",
        "by_s": -94 * 3600,
        "old": {
            "due_at": "2026-11-24T10:00:00+02:00",
            "breaches_after": "2026-11-24T10:00:00+02:00",
            "state": "running",
        },
        "new": {
            "due_at": "2026-11-20T12:00:00+02:00",
            "breaches_after": "2026-11-20T12:00:00+02:00",
            "state": "breached",
        },
    }


def test_a_promise_that_is_gone_or_new(run: Run, desk: Path, tickets: str) -> None:
    text = desk.read_text(encoding="utf-8").replace("targets.first-response", "targets.resolution")
    other = written(desk.with_name("other.toml"), text)
    _, out, _ = run("policy", "diff", str(desk), str(other), tickets, *ASK)
    assert "deadlines of 4 tickets: 4 move: 4 gone; 4 from breached to not-covered" in out
    assert "  1: 2026-11-19T09:00:00+02:00 -> no due time, breached -> not-covered" in out
    _, out, _ = run("policy", "diff", str(other), str(desk), tickets, *ASK)
    assert "4 new" in out


def test_tickets_of_a_channel_that_one_policy_lacks(run: Run, desk: Path, tickets: str) -> None:
    other = written(desk.with_name("other.toml"), 'channels = ["mail"]\n' + desk.read_text(encoding="utf-8"))
    both = written(desk.with_name("both.toml"), 'channels = ["mail", "portal"]\n' + desk.read_text(encoding="utf-8"))
    _, out, _ = run("policy", "diff", str(both), str(other), tickets, *ASK, "--set", "channel=portal")
    assert "deadlines of 4 tickets: 4 move: 4 gone" in out


def test_rows_that_cannot_be_judged(run: Run, desk: Path, tickets: str) -> None:
    late = [*ASK, "--at", "2026-11-19T12:00"]
    status, out, err = run("policy", "diff", str(desk), str(slower(desk)), tickets, *late)
    assert status == 1
    assert "deadlines of 2 tickets: 2 move: 2 later" in out
    assert [line.split(":")[0] for line in err.splitlines()] == ["line 4", "line 5"]
    parquet = str(Path(tickets).with_suffix(".parquet"))
    assert "the tickets must be CSV, JSON or XES" in run("policy", "diff", str(desk), str(desk), parquet)[2]
    own = [*ASK, "--map", "target=id"]
    assert run("policy", "diff", str(desk), str(desk), tickets, *own)[0] == 2
    written(Path(tickets).with_name("events.csv"), "id,at,kind\n9,2026-11-18T10:00,answered\n")
    events = ["--events", str(Path(tickets).with_name("events.csv"))]
    status, _, err = run("policy", "diff", str(desk), str(desk), tickets, *ASK, *events)
    assert status == 1
    assert "an event without a ticket" in err


def test_long_lists_are_cut_and_counted(run: Run, desk: Path, tmp_path: Path) -> None:
    text = desk.read_text(encoding="utf-8").replace('holidays = "LV"', "holidays = []")
    text += "".join(f"[schedules.s{number}]\nopen = 'always'\n" for number in range(25))
    other = written(tmp_path / "other.toml", text)
    rows = "".join(f"{number},2026-11-17T17:00\n" for number in range(30))
    many = str(written(tmp_path / "many.csv", "id,opened_at\n" + rows))
    _, out, _ = run("policy", "diff", str(desk), str(other), many, *ASK)
    rules, dates, moves = out.split("dates from")[0], out.split("dates from")[1], out.split("deadlines of")[1]
    assert "rules: 26 differ" in rules
    assert "  and 6 more" in rules
    assert "more\ndeadlines" in dates
    assert "30 move: 30 earlier" in moves
    assert "  and 10 more" in moves


def test_long_names_and_many_rejected_rows_are_cut(run: Run, desk: Path, tmp_path: Path) -> None:
    long = "x" * 5_000
    text = desk.read_text(encoding="utf-8") + f"[schedules.{long}]\nopen = 'always'\n"
    other = written(tmp_path / "other.toml", text)
    many = str(written(tmp_path / "many.csv", "id,opened_at\n" + "1,soon\n" * 50))
    status, out, err = run("policy", "diff", str(desk), str(other), many, *ASK)
    assert (status, len(out) < 1_000) == (1, True)
    assert len(err.splitlines()) == 21
    assert err.splitlines()[-1] == "and 30 more that are rejected"


CASES: list[tuple[dict[str, Any], list[tuple[str, Any, Any]]]] = [
    (changed("timezone", to="Europe/Riga"), [("timezone", "Europe/Vilnius", "Europe/Riga")]),
    (changed("channels", to={"mail": {}, "portal": {}}), [("channels", ["portal", "mail"], ["mail", "portal"])]),
    (changed("source", to="x"), [("source", "-", "x")]),
    (
        changed("schedules", "day", "holidays", to={"country": "LT", "without": ["Easter Monday"]}),
        [("schedules.day.holidays", "LT", {"country": "LT", "without": ["Easter Monday"]})],
    ),
    (
        changed("schedules", "day", "holidays", to=["LT", {"frozen": "LV", "years": "2020-2030", "dates": {}}]),
        [("schedules.day.holidays", "LT", ["LT", "LV frozen for 2020-2030"])],
    ),
]


@pytest.mark.parametrize(("document", "rules"), CASES)
def test_rules(document: dict[str, Any], rules: list[tuple[str, Any, Any]]) -> None:
    old, new = Policy.from_dict(DESK), Policy.from_dict(document)
    assert [tuple(rule) for rule in rules_between(old, new)] == rules
    assert rules_between(new, new) == []


def test_rules_of_editions_match_by_date() -> None:
    def with_edition(day: str, **more: Any) -> Policy:
        return Policy.from_dict({**DESK, "editions": [{"effective_from": day, "waits_for_customer": [], **more}]})

    one, other = with_edition("2026-07-01"), with_edition("2026-08-01")
    assert [tuple(rule) for rule in rules_between(one, other)] == [
        ("edition 2026-07-01", "there", "-"),
        ("edition 2026-08-01", "-", "there"),
    ]
    assert [tuple(rule) for rule in rules_between(one, with_edition("2026-07-01", priority_change="restart"))] == [
        ("edition 2026-07-01.priority_change", "-", "restart")
    ]


def test_an_edition_moves_dates_from_its_day_on() -> None:
    later = {"effective_from": "2026-07-01", "schedules": {"late": {"hours": {"mon-fri": ["10:00-19:00"]}}}}
    old, new = Policy.from_dict(DESK), Policy.from_dict({**DESK, "editions": [later]})
    usual, other = "10:00-20:00", "10:00-19:00"
    assert dates_between(old, new, 2026, 2026) == [
        DateChange("late", date(2026, 7, 1), date(2026, 12, 31), 132, usual, other)
    ]


def test_the_same_instants_in_another_zone_differ_on_no_date() -> None:
    """Ten on a Thursday evening in London is midnight in Vilnius, also on the last day of a year."""
    vilnius = {"timezone": "Europe/Vilnius", "hours": {"fri": ["00:00-02:00"]}}
    london = {"timezone": "Europe/London", "hours": {"thu": ["22:00-24:00"]}}
    old, new = (Policy.from_dict(changed("schedules", "late", to=hours)) for hours in (vilnius, london))
    for first, last in ((2026, 2026), (2026, 2027)):
        assert dates_between(old, new, first, last) == dates_between(new, old, first, last) == []


def test_years_that_one_policy_does_not_know() -> None:
    frozen = {"frozen": "LT", "years": "2025-2026", "dates": {}}
    old, new = Policy.from_dict(DESK), Policy.from_dict(changed("schedules", "day", "holidays", to=frozen))
    changes = [change for change in dates_between(old, new, 2026, 2027) if change.new == "not known"]
    assert sum(change.number for change in changes) == 365
    assert changes[0].first == date(2027, 1, 1)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Tokyo"])
def test_another_zone_moves_the_hours_of_the_years_alone(zone: str) -> None:
    old, new = (Policy.from_dict(changed("schedules", "late", "timezone", to=to)) for to in ("Europe/Vilnius", zone))
    changes = dates_between(old, new, 2026, 2026)
    assert (changes[0].first, changes[-1].last) == (date(2026, 1, 1), date(2026, 12, 31))


def test_hours_over_a_change_of_clocks_are_wall_times() -> None:
    """Clocks change on Sunday, 29 March 2026, at 03:00."""
    old = Policy.from_dict(changed("schedules", "late", "hours", to={"sun": ["01:00-12:00"]}))
    new = Policy.from_dict(changed("schedules", "late", "hours", to={"sun": ["01:00-24:00"]}))
    (change,) = (each for each in dates_between(old, new, 2026, 2026) if each.schedule == "late")
    assert (change.number, change.old, change.new) == (52, "01:00-12:00", "01:00-24:00")


@given(
    st.dictionaries(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.sampled_from(["", "08:00-10:00", "10:00-20:00"]))
)
def test_the_dates_are_those_whose_hours_differ(exceptions: dict[date, str]) -> None:
    """An oracle that asks each date of the year for its hours."""
    told = {day.isoformat(): [hours] if hours else [] for day, hours in exceptions.items()}
    old, new = Policy.from_dict(DESK), Policy.from_dict(changed("schedules", "late", "exceptions", to=told))
    found = {}
    for change in dates_between(old, new, 2026, 2026):
        assert change.schedule == "late"
        found[change.first] = change.number

    def usual(day: date) -> str:
        return "10:00-20:00" if day.weekday() < 5 else ""

    differ = sorted(day for day, hours in exceptions.items() if hours != usual(day))
    assert sum(found.values()) == len(differ)
    assert {*found} <= {*differ}
    for change in dates_between(old, new, 2026, 2026):
        inside = [day for day in differ if change.first <= day <= change.last]
        assert {(usual(day) or "closed", exceptions[day] or "closed") for day in inside} == {(change.old, change.new)}
        assert all(later - day <= timedelta(days=7) for day, later in pairwise(inside))


def test_the_built_in_policy_against_itself() -> None:
    assert dates_between(KOLMISOFT, KOLMISOFT, 2020, 2040) == []
    assert rules_between(KOLMISOFT, KOLMISOFT) == []


def test_policies_alone(run: Run, desk: Path) -> None:
    status, out, err = run("policy", "diff", str(desk), str(desk))
    assert (status, err) == (0, "")
    assert [line.partition(":")[0] for line in out.splitlines()] == ["rules", "dates from 2020 to 2040", "fingerprint"]
    assert "tickets" not in json.loads(run("policy", "diff", str(desk), str(desk), "--json")[1])
    status, out, _ = run("policy", "diff", "0" * 64, str(desk))
    assert (status, out.splitlines()[0]) == (6, f"{desk}: other answers in 2020 to 2040 than {'0' * 64}")


def test_tickets_that_cannot_be_compared(run: Run, desk: Path, tickets: str) -> None:
    for option, message in (
        (("--format", "parquet"), "the tickets must be CSV, JSON or XES"),
        (("--map", "target_s=id"), "leave out target_s, which only kolmisla measure reads"),
        (("--metric", "resolutoin"), "kolmisla: metric 'resolutoin' is not one of first-response, next-response"),
        (("--metric", "all"), "kolmisla: metric 'all' is not one of first-response, next-response"),
    ):
        assert message in run("policy", "diff", str(desk), str(desk), tickets, *option, *ASK)[2]
    far = [*ASK[2:], "--at", "2150-01-01T00:00"]
    answer = run("policy", "diff", str(desk), str(desk), tickets, *far)
    assert (answer[0], "deadlines of 4 tickets: 0 move" in answer[1]) == (0, True)
