"""`kolmisla covers`, `quote` and `policy`, and every command with a user's own policy."""

import json
from pathlib import Path
from typing import Any

import pytest

from kolmisla import KOLMISOFT, Policy
from kolmisla.cli import main
from tests.answers.test_page import TRUTH
from tests.printed import META, check

POLICIES = Path(__file__).parents[2] / "docs" / "policies"
SHIFTS = str(POLICIES / "two-shifts.toml")
SUN = str(POLICIES / "follow-the-sun.toml")


class Said:
    """What a command printed, and its exit status."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    def runs(*argv: str) -> Said:
        try:
            status = main(argv)
        except SystemExit as ended:  # argparse's own
            status = int(str(ended.code))
        return Said(status, *capsys.readouterr())

    return runs


STATUS = {"included": 0, "extra": 3, "not-included": 3, "never": 3, "unknown": 2}


@pytest.mark.parametrize(("task", "premium", "price", "enterprise"), TRUTH, ids=lambda value: str(value)[:40])
def test_the_command_answers_each_line(
    run: Any, task: str, premium: str, price: str | None, enterprise: str | None
) -> None:
    for plan, verdict in (("premium", premium), ("enterprise", enterprise or premium)):
        said = run("covers", task, "--plan", plan, "--json")
        answer = json.loads(said.out)
        assert list(answer) == [
            *["verdict", "price", "line", "plan", "rate", "tasks", "policy", "digest", "holidays", "tzdata"]
        ]
        assert (answer["verdict"], answer["price"], answer["plan"]) == (verdict, price, plan.upper())
        assert said.status == STATUS[verdict]
        assert not said.err


@pytest.mark.parametrize("task", KOLMISOFT.coverage.values(), ids=lambda task: task.name[:40])
def test_each_whole_line_is_found(run: Any, task: Any) -> None:
    for line in task.line.strip().splitlines():
        said = run("covers", line, "--plan", "premium")
        assert said.out.splitlines()[1].rstrip(".") == line.rstrip(".")


def test_covers_for_people(run: Any) -> None:
    assert run("covers", "mysql replication RE-BUILD", "--plan", "premium").out.splitlines() == [
        "extra: 210 EUR",
        "- MySQL replication re-build",
        KOLMISOFT.rates["MySQL Replication"].line,
    ]
    assert run("covers", "VPN setup", "--plan", "premium").out == "never\n- VPN configuration\n"
    firewall = run("covers", "firewalls", "--plan", "premium")
    assert firewall.out.splitlines()[:3] == [
        "extra: 100 EUR per started hour",
        "- Iptables, firewall, network configuration",
        "- Iptables, firewall configuration",
    ]
    assert (firewall.status, firewall.err) == (3, "")
    unknown = run("covers", "firewal training", "--plan", "premium", "--json")
    assert unknown.status == 2
    assert json.loads(unknown.out)["closest"][-1]["verdict"] == "included"
    assert unknown.err == "kolmisla: task 'firewal training' is not known; did you mean one of these?\n"
    assert run("covers", "zzz", "--plan", "premium").err == (
        "kolmisla: task 'zzz' is not known; kolmisla covers --list names all tasks\n"
    )
    wrong = run("covers", "VPN configuration", "--plan", "gold")
    assert (wrong.status, wrong.err) == (2, "kolmisla: plan 'gold' is not one of ENTERPRISE, PREMIUM\n")


def test_suggestions_go_to_standard_error(run: Any) -> None:
    said = run("covers", "training", "--plan", "premium")
    assert (said.status, said.out) == (2, "unknown\n")
    assert said.err.splitlines() == [
        "kolmisla: task 'training' is not known; did you mean one of these?",
        "  Personal Training: extra, 100 EUR per started hour",
        "  Online Group Training: included",
    ]


def test_without_a_plan_all_plans_answer(run: Any) -> None:
    same = run("covers", "reinstall server")
    assert (same.status, same.out.splitlines()[0]) == (3, "ENTERPRISE, PREMIUM: extra: 210 EUR per server")
    differ = run("covers", "upload rates")
    assert differ.status == 3
    assert [line for line in differ.out.splitlines() if line.isascii() and len(line) < 30] == [
        "ENTERPRISE: included",
        "PREMIUM: not included",
    ]
    assert run("covers", "online group training").status == 0
    one_knows = run("covers", "DID")
    assert (one_knows.status, one_knows.out.splitlines()[:2]) == (2, ["ENTERPRISE: unknown", "PREMIUM: not included"])
    assert one_knows.err.splitlines() == [
        "kolmisla: task 'DID' is not known; did you mean one of these?",
        "  Purchases, agreements and other monetary activities: not included in ENTERPRISE",
        "  DID and provider configuration: included in ENTERPRISE",
    ]
    assert [json.loads(line)["plan"] for line in run("covers", "VPN", "--json").out.splitlines()] == [
        "ENTERPRISE",
        "PREMIUM",
    ]


def test_long_names_are_cut(run: Any, tmp_path: Path) -> None:
    """Of a plan, and of a task that is meant."""
    long = "x" * 5_000
    document = KOLMISOFT.to_dict()
    document["plans"][long] = {**document["plans"]["PREMIUM"], "rank": 9}
    document["coverage"][f"task {long}"] = {"verdict": "never"}
    (tmp_path / "p.json").write_text(json.dumps(document), encoding="utf-8")
    for asked in ("installation", f"task {long[:-2]}"):
        done = run("covers", asked, "--policy", str(tmp_path / "p.json"))
        assert len(done.out) < 500
        assert len(done.err) < 500


def test_all_tasks_are_listed(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = run("covers", "--list").out.splitlines()
    headings = [line for line in lines if not line.startswith(" ")]
    assert headings == ["included", "not included", "extra", "ENTERPRISE: included; PREMIUM: not included", "never"]
    assert "  Installation: 210 EUR per server" in lines
    assert max(map(len, lines)) <= 80
    premium = run("covers", "--list", "--plan", "premium").out.splitlines()
    assert premium[premium.index("not included") + 1 :].index("  Full service") < premium.index("never")
    listed = [json.loads(line) for line in run("covers", "--list", "--plan", "premium", "--json").out.splitlines()]
    assert {entry["task"] for entry in listed} >= {*KOLMISOFT.coverage, "Installation"}
    assert {entry["plan"] for entry in listed} == {"PREMIUM"}


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        ([], "give a task, or --list for all tasks"),
        (["--list", "VPN"], "--list takes no task"),
        (["--list", "--plan", "gold"], "plan 'gold' is not one of ENTERPRISE, PREMIUM"),
    ],
)
def test_what_covers_cannot_answer(run: Any, argv: list[str], told: str) -> None:
    said = run("covers", *argv)
    assert (said.status, said.out, said.err) == (2, "", f"kolmisla: {told}\n")


def test_a_policy_without_plans_covers_nothing(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "bare.toml"
    path.write_text('name = "bare"\ntimezone = "UTC"\nschedules = {}\npriorities = {}\nplans = {}\n', encoding="utf-8")
    assert run("covers", "--list", "--policy", str(path)).err == "kolmisla: policy bare has no plans\n"


WORK = "2026-11-20T17:50/2026-11-20T18:10"


def test_a_quote(run: Any) -> None:
    said = run("quote", "--work", WORK, "--task", "installation=2", "--json")
    quote = json.loads(said.out)
    assert (quote["total"], quote["currency"], said.status) == ("620.00", "EUR", 0)
    assert [line["amount"] for line in quote["lines"]] == ["100.00", "100.00", "420.00"]
    assert run("quote", "--work", WORK, "--task", "installation=2").out.splitlines()[-1] == "total 620.00 EUR"
    assert run("quote", "--work", "2026-11-20T17:50/PT20M").out == run("quote", "--work", WORK).out
    own = json.loads(run("quote", "--work", WORK, "--plan", "premium", "--priority", "blocker", "--json").out)
    assert (own["total"], own["lines"], own["own"][0]["worked_s"]) == ("0.00", [], 1200)
    assert "total 200.00 EUR" in run("quote", "--task", "personal training=PT90M").out
    assert "Custom development  1 piece    depends on request" in run("quote", "--task", "Custom development").out
    closed = run("quote", "--work", "2026-11-20T09:00/PT1H", "--closed", "2026-11-20")
    assert closed.out.startswith("After working hours support, 1:00:00")
    elsewhere = run("quote", "--work", "2026-11-20T17:50/PT20M", "--timezone", "America/New_York")
    assert elsewhere.out.startswith("After working hours support, 0:20:00")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([], "there is nothing to quote"),
        (["--work", "yesterday"], "'yesterday' is not START/END"),
        (["--work", "2026-11-20T17:50/P1D"], "'P1D' is not a duration such as PT2H"),
        (["--work", "2026-11-20T17:50/2026-11-19T17:50"], "work must not end before it starts"),
        (["--task", "instal"], "task 'instal' is not known; did you mean 'Installation'"),
        (["--task", "installation=0"], "a quantity must be a whole number from 1"),
        (["--task", "installation=PTX"], "the quantity of 'installation' must be a number, or"),
        (["--task", "installation=two"], "for a task priced by time, not 'two'"),
        (["--task", "VPN configuration"], "cannot be ordered: it is never done"),
        (["--work", "2026-10-25T03:30/PT1H"], "Europe/Vilnius repeats"),
        (["--work", WORK, "--plan", "premium"], "the priority of the ticket must be given"),
    ],
    ids=str,
)
def test_what_cannot_be_quoted(run: Any, argv: list[str], message: str) -> None:
    said = run("quote", *argv)
    assert said.status == 2
    assert message in said.err


def test_a_policy_is_shown(run: Any) -> None:
    text = run("policy", "show").out
    for told in (
        "Kolmisoft, times of Europe/Vilnius, effective from the start",
        "working-hours  mon-fri 08:00-18:00, without the holidays of LT, Europe/Vilnius",
        "always         always open",
        "1, counted on always: System down",
        "first-response  within 2:00:00",
        "average         within 0:25:00 on working-hours, an aim over many tickets",
        "versions  the latest 2 of the releases",
        "Installation                          210 EUR per server",
        "outside working-hours  After working hours support",
        "Full service                                                    not included; included in ENTERPRISE",
        f"digest {KOLMISOFT.digest}",
    ):
        assert told in text
    shown = run("policy", "show", SUN).out
    assert shown.index("effective from the start") < shown.index("Edition effective from 2026-10-01: what changes")
    assert "anywhere  union of europe, asia, america" in shown
    assert "sat 10:00-14:00" in shown
    assert "first-response Critical  within 0:15:00" in run("policy", "show", SHIFTS).out
    assert "every 12-24: 06:00-10:00" in run("policy", "show", SHIFTS).out


def test_odd_policies_are_shown(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "odd.json"
    exceptions: dict[str, list[str]] = {"2026-07-07": ["08:00-09:00"], "2026-07-08": []}
    schedules = {
        "odd": {"timezone": "UTC", "hours": {}, "holidays": ["2026-07-06"], "exceptions": exceptions},
        "rest": {"difference": [{"open": "always"}, "odd", {"union": ["odd", {"open": "never"}]}]},
        "plain": {"timezone": "UTC", "hours": {"mon": ["08:00-09:00"]}},
    }
    document = {"name": "odd", "timezone": "UTC", "schedules": schedules, "priorities": {}, "plans": {}}
    path.write_text(json.dumps({**document, "releases": {"X17": "2026-01-01"}, "source": "here"}), encoding="utf-8")
    text = run("policy", "show", str(path)).out
    assert (
        "  odd    no weekly hours, without 2026-07-06, UTC\n"
        "         2026-07-07: 08:00-09:00\n"
        "         2026-07-08: closed\n"
    ) in text
    assert "rest   difference of (always open), odd, (union of odd, (never open))" in text
    assert "plain  mon 08:00-09:00, UTC" in text
    assert "Releases\n  X17 (2026-01-01)" in text
    plan = {"G": {"rank": 1, "targets": {}, "pausing": [], "label": "x"}}
    path.write_text(json.dumps({**document, "plans": plan, "releases": ["X17", "X18"]}), encoding="utf-8")
    assert "  pausing  none\n" in run("policy", "show", str(path)).out
    assert "Releases\n  X17, X18" in run("policy", "show", str(path)).out
    path.write_text(json.dumps({**document, "currency": "EUR", "rates": {"R": {"price": 5}}}), encoding="utf-8")
    assert "Rates\n  R  5 EUR" in run("policy", "show", str(path)).out


def test_all_faults_of_a_policy_are_told(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "desk.toml"
    path.write_text(
        'name = "desk"\ntimezone = "Mars"\ncolour = 1\n[schedules]\n[priorities]\n[plans]\n', encoding="utf-8"
    )
    said = run("policy", "check", str(path))
    assert said.status == 2
    assert [line.split(":")[0] for line in said.out.splitlines()] == ["timezone", "colour"]
    assert said.err == f"kolmisla: {path}: 2 faults\n"
    assert run("policy", "show", str(path)).err.startswith(f"kolmisla: {path}: policy with 2 faults: timezone: 'Mars'")
    path.write_text("name: desk", encoding="utf-8")
    said = run("policy", "check", str(path))
    assert (said.status, said.out) == (2, "")
    assert f"{path}: is not TOML" in said.err
    assert (
        run("policy", "check", str(tmp_path / "none.toml")).err
        == f"kolmisla: {tmp_path / 'none.toml'}: No such file or directory\n"
    )
    assert run("policy", "check").out == f"Kolmisoft: no faults, digest {KOLMISOFT.digest}, 15 examples hold\n"
    assert run("policy", "sing").status == 2


def test_the_schema_is_printed(run: Any) -> None:
    schema = json.loads(run("policy", "schema").out)
    check(schema, META)
    assert "earlier" not in schema["properties"]
    assert ">>>" not in json.dumps(schema)


def test_every_command_takes_a_policy(run: Any, tmp_path: Path) -> None:
    facts = ["--plan", "gold", "--priority", "major", "--policy", SHIFTS]
    assert run("due", "2026-07-06T09:30", *facts).out == "2026-07-06T11:00:00+02:00\n"
    found = json.loads(run("due", "2026-07-06T09:30", *facts, "--json").out)
    assert (found["channel"], found["timezone"], found["schedule"]) == ("portal", "Europe/Berlin", "shifts")
    assert run("due", "2026-07-06T09:30", *facts, "--metric", "resolution").out == "2026-07-06T18:00:00+02:00\n"
    assert "state           met" in run("status", "2026-07-06T09:30", *facts, "--answered-at", "2026-07-06T10:45").out
    assert run("status", "2026-07-06T09:30", *facts, "--channel", "chat").status == 3
    assert run("elapsed", "2026-07-06T09:00", "2026-07-06T11:00", "--policy", SHIFTS).out == "1:30:00\n"
    assert (
        run("elapsed", "2026-07-06T09:00", "2026-07-06T11:00", "--policy", SHIFTS, "--schedule", "always").out
        == "2:00:00\n"
    )
    assert run("open", "2026-07-06T10:15", "--policy", SHIFTS).out == (
        "closed: shifts, outside the day's hours, opens 2026-07-06T10:30:00+02:00\n"
    )
    tickets = tmp_path / "tickets.csv"
    tickets.write_text(
        "id,plan,priority,opened_at\n1,gold,major,2026-07-06T09:30\n2,gold,critical,2026-07-06T09:30\n",
        encoding="utf-8",
    )
    options = ["--policy", SHIFTS, "--at", "2026-07-06T09:40"]
    assert "1,gold,major,2026-07-06T09:30,2026-07-06T11:00:00+02:00," in run("measure", str(tickets), *options).out
    assert [line.split()[1] for line in run("queue", str(tickets), *options).out.splitlines()[1:]] == ["2", "1"]
    assert run("covers", "anything", "--plan", "gold", "--policy", SHIFTS).status == 2
    assert "has no prices for work by time" in run("quote", "--work", WORK, "--policy", SHIFTS).err
    missing = run("open", "--policy", str(tmp_path / "none.toml"))
    assert (missing.status, missing.err.endswith("none.toml: No such file or directory\n")) == (2, True)


def test_a_policy_with_editions_is_asked_by_time(run: Any) -> None:
    saturday = ["2026-10-03T11:00", "2026-10-03T12:00", "--policy", SUN, "--schedule", "europe"]
    assert run("elapsed", *saturday).out == "1:00:00\n"
    assert run("elapsed", *(text.replace("-10-03", "-09-26") for text in saturday)).out == "0:00:00\n"
    lines = ["due", "-", "--plan", "global", "--priority", "normal", "--policy", SUN]
    assert run(*lines[:1], "2026-10-02T16:00", *lines[2:]).out == "2026-10-03T09:30:00+00:00\n"


def test_closing_days_are_for_all_editions(run: Any) -> None:
    asked = [
        "--plan",
        "global",
        "--priority",
        "normal",
        "--policy",
        SUN,
        "--closed",
        "2026-10-03",
        "--closed",
        "2026-09-28",
    ]
    assert run("due", "2026-10-02T16:00", *asked).out == "2026-10-05T08:30:00+00:00\n"
    assert run("due", "2026-09-25T16:00", *asked).out == "2026-09-29T08:30:00+00:00\n"


FRIDAY = "2026-07-03T16:30"
PREMIUM = ["--plan", "premium", "--priority", "high"]


@pytest.mark.parametrize(
    "releases", ["X16=2025-01-01,X17=2026-01-01,X18=2026-08-01", "{0}/a.toml", "{0}/b.json", "{0}/c.toml"]
)
def test_releases_with_dates(run: Any, tmp_path: Path, releases: str) -> None:
    (tmp_path / "a.toml").write_text("X16 = 2025-01-01\nX17 = 2026-01-01\nX18 = 2026-08-01\n", encoding="utf-8")
    (tmp_path / "b.json").write_text(
        '{"X18": "2026-08-01", "X17": "2026-01-01", "X16": "2025-01-01"}', encoding="utf-8"
    )
    (tmp_path / "c.toml").write_text(
        "[releases]\nX16 = 2025-01-01\nX17 = 2026-01-01\nX18 = 2026-08-01\n", encoding="utf-8"
    )
    asked = [*PREMIUM, "--releases", releases.format(tmp_path)]
    assert run("due", FRIDAY, *asked, "--version", "x16").out == "2026-07-07T08:30:00+03:00\n"
    assert run("due", "2026-08-03T10:00", *asked, "--version", "x16").status == 3
    late = run("due", FRIDAY, *asked, "--version", "X18")
    assert (late.status, "it came out on 2026-08-01, after the ticket was opened" in late.err) == (2, True)


@pytest.mark.parametrize(
    ("releases", "message"),
    [
        ("none.toml", "No such file"),
        ("X17=soon", "releases.X17: the date must be like 2026-12-24, not 'soon'"),
        ("X17=2026-01-01,X18", "releases.X18: the date must be like 2026-12-24, not ''"),
        ("X17,X17", "must be named once"),
    ],
)
def test_releases_that_are_none(run: Any, releases: str, message: str) -> None:
    said = run("due", FRIDAY, *PREMIUM, "--releases", releases, "--version", "X17")
    assert said.status == 2
    assert message in said.err


def test_no_policy_is_needed_for_a_schema(run: Any) -> None:
    assert Policy.from_dict(KOLMISOFT.to_dict()) == KOLMISOFT
    assert run("policy", "schema").status == 0


def test_open_and_elapsed_look_across_editions(run: Any, tmp_path: Path) -> None:
    europe = ["--policy", SUN, "--schedule", "europe"]
    assert run("elapsed", "2026-09-26T00:00", "2026-10-04T00:00", *europe).out == "46:30:00\n"  # 5 days, and a Saturday
    assert run("elapsed", "2026-10-04T00:00", "2026-09-26T00:00", *europe).out == "-46:30:00\n"
    path = tmp_path / "desk.json"
    night, always = {"timezone": "UTC", "hours": {"mon-sun": ["22:00-06:00"]}}, {"open": "always"}
    document = {"name": "desk", "timezone": "UTC", "priorities": {}, "plans": {}}
    editions: list[dict[str, Any]] = [
        {"schedules": {"a": night}},
        {"effective_from": "2026-07-02", "schedules": {"a": always}},
    ]
    path.write_text(json.dumps({**document, "editions": editions}), encoding="utf-8")
    asked = ["--policy", str(path)]
    assert run("open", "2026-07-01T12:00", *asked).out.endswith("opens 2026-07-01T22:00:00+00:00\n")
    assert run("open", "2026-07-01T23:00", *asked).out == "open: a, no closing known\n"
    editions[0]["schedules"], editions[1]["schedules"] = {"a": always}, {"a": night}
    path.write_text(json.dumps({**document, "editions": editions}), encoding="utf-8")
    assert run("open", "2026-07-01T12:00", *asked).out == "open: a, closes 2026-07-02T06:00:00+00:00\n"
    editions[1]["schedules"] = {"a": {"timezone": "UTC", "hours": {"mon-sun": ["08:00-18:00"]}}}
    path.write_text(json.dumps({**document, "editions": editions}), encoding="utf-8")
    assert run("open", "2026-07-01T12:00", *asked).out == "open: a, closes 2026-07-02T00:00:00+00:00\n"
    editions[0]["schedules"] = {"a": {"open": "never"}}
    editions[1]["schedules"] = {"a": always}
    path.write_text(json.dumps({**document, "editions": editions}), encoding="utf-8")
    assert run("open", "2026-07-01T12:00", *asked).out.endswith("opens 2026-07-02T00:00:00+00:00\n")
    editions[1]["schedules"] = {"b": always}
    path.write_text(json.dumps({**document, "editions": editions}), encoding="utf-8")
    assert run("open", "2026-07-01T12:00", *asked).out.endswith("opens 2026-07-02T00:00:00+00:00\n")  # b, the only one
    assert run("open", "2026-07-01T12:00", *asked, "--schedule", "a").out.endswith("no opening known\n")


def test_files_are_judged_by_the_channel_of_their_edition(run: Any, tmp_path: Path) -> None:
    path, tickets = tmp_path / "desk.json", tmp_path / "tickets.csv"
    later = KOLMISOFT.replace(channels=["email"], effective_from="2026-07-06", earlier=[KOLMISOFT])
    later.dump(path)
    tickets.write_text(
        f"id,plan,priority,opened_at\n1,premium,high,{FRIDAY}\n2,premium,high,2026-07-08T10:00\n", encoding="utf-8"
    )
    asked = ["--policy", str(path), "--at", "2026-07-08T11:00"]
    assert "not-covered" not in run("measure", str(tickets), *asked).out
    assert "not-covered" not in run("queue", str(tickets), *asked).out
    assert run("due", FRIDAY, *PREMIUM, "--policy", str(path)).status == 0


def test_odd_ends_of_time_and_policies(run: Any, tmp_path: Path) -> None:
    for work in ("9999-12-31T23:00+00:00/PT2H", "0001-01-01T00:00+14:00/PT1H", "0001-01-01T00:00/PT1H"):
        assert run("quote", "--work", work).status == 2
    path = tmp_path / "empty.json"
    path.write_text(
        '{"name": "d", "timezone": "UTC", "schedules": {}, "priorities": {}, "plans": {}}', encoding="utf-8"
    )
    assert run("policy", "show", str(path)).status == 0
    assert "policy d has no schedules" in run("open", "--policy", str(path)).err
    (tmp_path / "bad.json").write_text("[]", encoding="utf-8")
    bad = run("due", FRIDAY, *PREMIUM, "--releases", str(tmp_path / "bad.json"))
    assert (bad.status, "a document must be a table (an object in JSON), not a list" in bad.err) == (2, True)
    assert (
        "must name each release once" in run("due", FRIDAY, *PREMIUM, "--releases", "X17=2025-02-01,X17=2026-02-01").err
    )


def test_coverage_is_that_of_today(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "desk.json"
    free = {
        **KOLMISOFT.coverage,
        "Linux support": KOLMISOFT.coverage["Linux support"].replace(verdict="included", rate=None),
    }
    KOLMISOFT.replace(coverage=free, effective_from="2190-01-01", earlier=[KOLMISOFT]).dump(path)
    assert run("covers", "linux support", "--plan", "premium", "--policy", str(path)).out.startswith("extra: 100 EUR")
    assert "total 100.00" in run("quote", "--task", "linux support", "--policy", str(path)).out


def test_what_a_question_does_is_shown(run: Any, tmp_path: Path) -> None:
    shifts = Path(SHIFTS).read_text(encoding="utf-8")
    path = tmp_path / "asked.toml"
    path.write_text(f'waits_for_customer = ["Pending", "customer"]\n{shifts}', encoding="utf-8")
    assert "A customer's question ends\n  pauses for  Pending, customer\n" in run("policy", "show", str(path)).out
    assert "after a resolution" not in run("policy", "show", str(path)).out
    gold = KOLMISOFT.replace(plans=[plan.replace(after_resolution="question") for plan in KOLMISOFT.plans.values()])
    gold.dump(tmp_path / "asked.json")
    assert "a message of the customer is a question" in run("policy", "show", str(tmp_path / "asked.json")).out
