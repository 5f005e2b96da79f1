"""`kolmisla report`: a file of tickets to a report, in the form that the name of the output says."""

import csv
import io
import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kolmisla import KOLMISOFT, Report, Schedule, Ticket, report
from kolmisla.times.instants import micros
from tests.commands.test_answers import Run, piped
from tests.commands.test_answers import run as run

DOCS = Path(__file__).parents[2] / "docs"
TICKETS = str(DOCS / "tickets.csv")
AT = ("--at", "2026-07-14T11:00")
ROWS = """id,plan,priority,opened_at,answered_at,queue
1,premium,high,2026-07-07T10:00,2026-07-07T10:20,billing
2,premium,high,2026-07-07T10:00,2026-07-07T15:00,billing
3,premium,low,2026-08-07T10:00,,network
4,premium,odd,2026-08-07T10:00,,network
5,,low,2026-08-07T10:00,,
"""


@pytest.fixture
def tickets(tmp_path: Path) -> str:
    path = tmp_path / "tickets.csv"
    path.write_text(ROWS, encoding="utf-8")
    return str(path)


LATER = ("--at", "2026-08-31T12:00")


def test_a_report_on_a_pipe_is_plain_text(run: Run) -> None:
    status, out, err = run("report", TICKETS, *AT)
    assert (status, err) == (0, "times without an offset are read in Europe/Vilnius; policy Kolmisoft 15b4f226\n")
    lines = out.splitlines()
    assert lines[:2] == ["60.0 % of promises kept", "5 decided: 3 kept, 2 broken"]
    assert "  1 not covered: no support plan" in lines[:11]
    assert "\x1b" not in out
    assert max(map(len, lines)) <= 100


def test_rejected_rows_are_named_and_end_with_status_1(run: Run, tickets: str, tmp_path: Path) -> None:
    status, out, _ = run("report", tickets, *LATER, "--rejects", str(tmp_path / "rejects.csv"))
    assert status == 1
    assert "not in these figures: 0 running, 1 not covered, 1 rejected" in out
    assert "1 rejected: priority 'odd' is not one of BLOCKER, HIGH, MEDIUM, LOW" in " ".join(out.split())
    rejected = [*csv.DictReader(io.StringIO((tmp_path / "rejects.csv").read_text("utf-8")))]
    assert [(row["line"], row["id"]) for row in rejected] == [("5", "4")]


@pytest.mark.parametrize(
    ("name", "begin"),
    [("r.html", "<!doctype html>"), ("r.json", '{"report": 1'), ("r.csv", "of,"), ("r.md", "# 33.3 %")],
)
def test_the_ending_chooses_the_form(run: Run, tickets: str, tmp_path: Path, name: str, begin: str) -> None:
    path = tmp_path / name
    status, out, err = run("report", tickets, *LATER, "-o", str(path))
    assert (status, out) == (1, "")
    assert err.splitlines()[0] == "33.3 % of promises kept"
    assert "1 rejected" in err
    assert path.read_text(encoding="utf-8").startswith(begin)


def test_the_json_form_is_the_report(run: Run, tickets: str, tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    _, out, _ = run("report", tickets, *LATER, "-o", str(path), "--json", "--split", "queue")
    document = json.loads(path.read_text(encoding="utf-8"))
    assert json.loads(out) == document
    made = Report.from_dict(document)
    assert (made.total.met, made.total.breached, made.total.waiting, made.rejected_rows) == (1, 2, 1, 1)
    assert {tally.split: tally.breached for tally in made.splits} == {"billing": 1, "network": 1, "": 0}
    _, out, _ = run("report", tickets, *LATER, "--json", "--split", "QUEUE")
    assert json.loads(out)["splits"] == document["splits"]


def test_months_of_two_files_can_be_added(run: Run, tickets: str) -> None:
    parts = []
    for limit in (("--until", "2026-08-01"), ("--since", "2026-08-01")):
        _, out, _ = run("report", tickets, *LATER, "--json", *limit, "--set", "priority=low")
        parts.append(Report.from_dict(json.loads(out)))
    _, out, _ = run("report", tickets, *LATER, "--json", "--set", "priority=low")
    assert (parts[0] + parts[1]).cells == Report.from_dict(json.loads(out)).cells
    assert [part.outside for part in parts] == [3, 2]


def test_the_other_policy_has_the_same_closing_days_and_releases(run: Run, tmp_path: Path) -> None:
    """A what-if of a policy by itself changes nothing."""
    desk, rows, out = tmp_path / "desk.toml", tmp_path / "rows.csv", tmp_path / "out.json"
    desk.write_text(
        'name = "W"\ntimezone = "UTC"\nversions = { latest = 1 }\npriorities.P = { rank = 1, schedule = "s" }\n'
        'schedules.s = { timezone = "UTC", hours = { mon-fri = ["09:00-17:00"] } }\n'
        'plans.G = { rank = 1, targets.first-response.within = "PT4H" }\n'
    )
    rows.write_text(
        "id,plan,priority,opened_at,answered_at,version\n1,G,P,2026-07-06T16:00,2026-07-08T10:30,X18\n"
        "2,G,P,2026-07-06T16:00,2026-07-08T15:00,X18\n3,G,P,2026-07-06T16:00,2026-07-08T15:00,X17\n"
    )
    asked = ("report", str(rows), "--policy", str(desk), "--what-if", str(desk), *LATER)
    status, _, _ = run(*asked, "--closed", "2026-07-07", "--releases", "X17,X18", "-o", str(out))
    assert status == 0
    made = Report.from_dict(json.loads(out.read_text("utf-8")))
    assert made.what_if is not None
    assert made.what_if.flow == tuple(((state, state), 1) for state in ("breached", "met", "not-covered"))
    assert made.what_if.report.cells == made.cells


def test_what_has_no_verdict_under_the_other_policy_is_told(run: Run, tickets: str, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    urgent = [each for name, each in KOLMISOFT.priorities.items() if name != "LOW"]
    KOLMISOFT.replace(examples=(), priorities=urgent).dump(other)
    for form in ("-", str(tmp_path / "out.md"), str(tmp_path / "out.html")):
        _, out, _ = run("report", tickets, *LATER, "--what-if", str(other), "-o", form)
        text = " ".join((out if form == "-" else Path(form).read_text("utf-8")).split())
        assert "1 ticket decided here would be neither: 1 rejected. Not in the figures of the other policy: " in text
        assert " policy: 0 running, 0 not covered, 3 rejected." in text


def test_another_policy_is_shown_beside(run: Run, tickets: str, tmp_path: Path) -> None:
    wider = KOLMISOFT.replace(
        name="Saturdays too",
        schedules={**KOLMISOFT.schedules, "working-hours": Schedule("Europe/Vilnius", {"mon-sat": ["08:00-18:00"]})},
    )
    wider.dump(path := tmp_path / "wider.json")
    _, out, _ = run("report", tickets, *LATER, "--what-if", str(path))
    assert "What if: Saturdays too\n0 broken promises would have been kept, and 0 kept promises would have been" in out
    status, _, err = run("report", tickets, "--what-if", str(tmp_path / "none.json"))
    assert status == 2
    assert "none.json" in err


def test_a_file_without_an_answer_column_says_so_on_every_form(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("plan,priority,opened_at,replied\npremium,high,2026-07-07T10:00,2026-07-07T10:20\n", "utf-8")
    said = "no ticket has an answer; is it in replied? --map answered_at=replied"
    for form in ([], ["-o", str(tmp_path / "r.html")], ["-o", str(tmp_path / "r.md")], ["--json"]):
        status, out, err = run("report", str(path), *LATER, *form)
        text = out + err + "".join(each.read_text("utf-8") for each in tmp_path.glob("r.*"))
        assert status == 1
        assert said in text.replace("\\_", "_").replace("\n  ", " ")
        for each in tmp_path.glob("r.*"):
            each.unlink()
    assert run("report", str(path), *LATER, "--map", "answered_at=")[0] == 0
    assert run("report", str(path), *LATER, "--map", "answered_at=replied")[0] == 0


def test_events_without_a_ticket_end_with_status_1(run: Run, tickets: str, tmp_path: Path) -> None:
    events = tmp_path / "events.csv"
    events.write_text("id,at,kind,value\n3,2026-08-07T10:30,answered,\n9,2026-08-07T10:30,answered,\n", "utf-8")
    status, out, _ = run("report", tickets, *LATER, "--events", str(events), "--value", "priority:odd=low")
    assert status == 1
    assert "1 id or row of events without a ticket: " in out
    status, out, _ = run("report", tickets, *LATER, "--events", str(events), "--json")
    assert Report.from_dict(json.loads(out)).total.met == 2


def test_an_audit_log_is_reported(run: Run) -> None:
    kinds = {"New": "", "Active": "answered,resumed", "Resolved": "resolved", "Closed": "resolved"}
    words = [part for theirs, ours in kinds.items() for part in ("--event-kind", f"{theirs}={ours}")]
    words += [
        part
        for word in ("User Info", "Problem", "Vendor", "Evidence")
        for part in ("--event-kind", f"Awaiting {word}=paused")
    ]
    names = {"id": "number", "at": "sys_updated_at", "kind": "incident_state"}
    maps = [part for name, column in names.items() for part in ("--map", f"{name}={column}")]
    log = str(DOCS / "audit-log.csv")
    options = ["--set", "plan=premium", "--set", "priority=low", "--time-format", "%d-%m-%Y %H:%M", "--timezone", "UTC"]
    status, out, _ = run("report", log, "--events", log, *AT, *words, *maps, *options, "--split", "priority")
    assert status == 1
    assert out.startswith("100.0 % of promises kept\n2 decided: 2 kept")
    assert "1 rejected: resolved at 2026-07-07T08:50" in out
    assert "3 - Moderate" in out


def test_an_old_file_says_when_it_ends_unless_at_is_given(run: Run, tickets: str) -> None:
    said = "nothing in the file is later than 2026-08-07T10:00:00+03:00; --at 2026-08-07T10:00:00+03:00"
    _, out, _ = run("report", tickets)
    assert said in out.replace("\n  ", " ")
    assert said not in run("report", tickets, *LATER)[1]


def test_the_instant_to_type_judges_the_last_ticket_too(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    row = "1,premium,high,2026-07-03T10:30:00.500+03:00"
    path.write_text(f"id,plan,priority,opened_at\n{row}\n", encoding="utf-8")
    told = "--at 2026-07-03T10:30:00.500000+03:00"
    assert told in " ".join(run("report", str(path), "--map", "answered_at=")[1].split())
    assert "0 rejected" in run("report", str(path), "--map", "answered_at=", *told.split())[1]


def test_counts_of_the_file_become_notes(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "id,plan,priority,opened_at,answered_at,reopened_at\n"
        "1,premium,high,2026-07-07T10:00,2026-07-07T09:59:30,\n"
        "2,premium,high,2026-07-07T10:00,,2026-07-07T11:00\n",
        "utf-8",
    )
    events = tmp_path / "e.csv"
    events.write_text(
        "id,at,kind,value\n1,2026-07-07T10:10,paused,customer\n1,2026-07-07T10:20,asked,\n"
        "1,2026-07-07T10:30,resumed,vendor\n",
        "utf-8",
    )
    _, out, _ = run("report", str(path), *LATER, "--tolerance", "PT1M", "--events", str(events))
    text = out.replace("\n  ", " ")
    assert "1 event shortly before the opening" in text
    assert "1 end of a pause changed nothing" in text
    assert "in 1 ticket the customer asked during a pause" in text
    _, out, _ = run("report", str(path), *LATER, "--tolerance", "PT1M")
    assert "1 ticket was reopened; its first resolution is not in the file" in out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("-o", "r.pdf"), "the output must end in one of .html, .json, .csv, .md, not 'r.pdf'"),
        (("--split", "colour"), "there is no column 'colour' to split by; the file has id, plan"),
        (("--since", "2026-07-01", "--until", "2026-06-01"), "until must be after since"),
        (("--format", "parquet", "--none", "x"), "leave out --none, because"),
        (("-o", "r.csv", "--rejects", "r.csv"), "the output and the rejects are the same file: r.csv"),
        (("--by", "decade"), "invalid choice: 'decade'"),
        (("--map", "target_s=id"), "leave out target_s, which only kolmisla measure reads"),
        (("--since", "soon"), "'soon' is not a date such as 2026-12-31"),
    ],
)
def test_wrong_usage_ends_with_status_2(run: Run, tickets: str, options: tuple[str, ...], message: str) -> None:
    status, out, err = run("report", tickets, *options)
    assert (status, out) == (2, "")
    assert message in err


def test_no_file_that_is_read_is_written_over(run: Run, tickets: str, tmp_path: Path) -> None:
    status, _, err = run("report", tickets, "-o", tickets)
    assert status == 2
    assert "the tickets and the output are the same file" in err
    KOLMISOFT.dump(path := tmp_path / "other.json")
    status, _, err = run("report", tickets, "--what-if", str(path), "-o", str(path))
    assert (status, "the other policy and the output are the same file" in err) == (2, True)


def test_json_lines_are_split_by_a_key(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    facts = {"plan": "premium", "priority": "high", "opened_at": "2026-07-07T10:00", "answered_at": "2026-07-07T10:20"}
    path.write_text("\n".join(json.dumps({**facts, **more}) for more in ({"team": 7}, {})), "utf-8")
    _, out, _ = run("report", str(path), *LATER, "--split", "team", "--json")
    assert [tally["split"] for tally in json.loads(out)["splits"]] == ["", "7"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        raise OSError


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    return Terminal()


@pytest.mark.parametrize("columns", ["60", "0", "many"])
def test_a_terminal_gets_colours(monkeypatch: pytest.MonkeyPatch, terminal: Terminal, columns: str) -> None:
    from kolmisla.cli import main

    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr(sys, "stdout", terminal)
    main(["report", TICKETS, *AT])
    assert "\x1b[1m60.0 % of promises kept\x1b[0m\n" in terminal.getvalue()


def test_without_rich_a_terminal_gets_plain_text(monkeypatch: pytest.MonkeyPatch, terminal: Terminal) -> None:
    from kolmisla.cli import main

    for name in ("rich", "rich.console", "rich.text"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr(sys, "stdout", terminal)
    main(["report", TICKETS, *AT])
    assert terminal.getvalue().startswith("60.0 % of promises kept\n")
    assert "\x1b" not in terminal.getvalue()


def test_standard_input_is_read(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", piped(ROWS))
    status, out, _ = run("report", "-", *LATER)
    assert (status, out.splitlines()[0]) == (1, "33.3 % of promises kept")


def test_a_report_of_nothing(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("plan,priority,opened_at,answered_at\n", "utf-8")
    out: Any = run("report", str(path))
    assert out[0] == 0
    assert out[1].startswith("No promise to judge\n")


def test_parquet_must_be_a_file_and_needs_an_extra(
    run: Run, tickets: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert "Parquet must be read from a file, not from -" in run("report", "-", "--format", "parquet")[2]
    if find_spec("polars"):
        assert "none.parquet" in run("report", str(tmp_path / "none.parquet"))[2]
    monkeypatch.setitem(sys.modules, "polars", None)
    status, _, err = run("report", tickets, "--format", "parquet")
    assert status == 2
    assert "Parquet needs polars: pip install 'kolmisla[polars]'" in err


def test_an_engine_that_cannot_be_loaded_is_no_missing_package(
    run: Run, tickets: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: str) -> None:
        raise ImportError("libbroken.so: cannot open shared object file")

    monkeypatch.setattr("kolmisla.cli.reporting.job.import_module", broken)
    with pytest.raises(ImportError, match="libbroken"):
        run("report", tickets, "--format", "parquet")


@pytest.mark.parametrize(("notes", "status"), [((), 0), (("no ticket can have ended",), 1)])
def test_notes_of_a_parquet_file_end_with_status_1(
    run: Run, tickets: str, monkeypatch: pytest.MonkeyPatch, notes: tuple[str, ...], status: int
) -> None:
    """The report itself is that of a frame; tests/engines has it."""
    made = replace(report([], at=datetime(2026, 8, 1, tzinfo=UTC)), notes=notes)
    monkeypatch.setattr("kolmisla.cli.reporting.job._report_of_parquet", lambda *_: (made, None, {}))
    assert run("report", tickets, "--format", "parquet")[0] == status


@pytest.mark.parametrize(
    ("blank", "said"),
    [
        ({}, ["no ticket has an answer: the file has none, according to its layout"]),
        ({"answered_at": True}, ["no ticket has an answer: answered_at is blank in every row"]),
        (
            {"answered_at": True, "resolved_at": True},
            ["no ticket has an answer: answered_at and resolved_at are blank in every row"],
        ),
        ({"answered_at": True, "resolved_at": False}, []),
    ],
)
def test_columns_of_ends_in_a_parquet_file(
    run: Run, tickets: str, monkeypatch: pytest.MonkeyPatch, blank: dict[str, bool], said: list[str]
) -> None:
    at = datetime(2026, 8, 1, tzinfo=UTC)
    made = report([Ticket(plan="premium", priority="high", opened_at=at)], at=at)
    found: Any = (made, micros(datetime.now(UTC)), blank)
    monkeypatch.setattr("kolmisla.cli.reporting.job._report_of_parquet", lambda *_: found)
    status, out, _ = run("report", tickets, "--format", "parquet", "--json")
    assert (status, json.loads(out)["notes"]) == (0, said)
    found = made, None, blank  # no row could be judged
    assert json.loads(run("report", tickets, "--format", "parquet", "--json")[1])["notes"] == []
    found = replace(made, notes=("no column",)), micros(datetime.now(UTC)), {}
    status, out, _ = run("report", tickets, "--format", "parquet", "--json")
    assert (status, json.loads(out)["notes"]) == (1, ["no column"])


def test_a_report_of_parquet_is_made_where_the_engine_is(
    run: Run, tickets: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = report([], at=datetime(2026, 8, 1, tzinfo=UTC))
    asked: list[str] = []

    def module(name: str) -> Any:
        asked.append(name)
        return SimpleNamespace(report_of_parquet=lambda *_: (made, None, {}))

    monkeypatch.setattr("kolmisla.cli.reporting.job.import_module", module)
    assert run("report", tickets, "--format", "parquet")[0] == 0
    assert asked == ["polars", "kolmisla.reports.judging.frames"]


def test_a_page_without_its_extra_is_refused_before_the_file_is_read(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kolmisla.cli.reporting.command.find_spec", lambda _: None)
    status, _, err = run("report", "none.csv", "-o", "page.html")
    assert (status, err) == (2, "kolmisla: a page needs jinja2: pip install 'kolmisla[report]'\n")


def test_a_ticket_that_was_resolved_without_an_answer(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "plan,priority,opened_at,resolved_at\npremium,high,2026-07-03T09:00,2026-07-03T10:30\n", encoding="utf-8"
    )
    out = run("report", str(path), "--at", "2026-07-05T09:00")[1]
    assert "of 1 answered or resolved" in out
    page = tmp_path / "page.html"
    assert run("report", str(path), "--at", "2026-07-05T09:00", "-o", str(page))[0] == 0
    assert "<span>Median response</span>" in page.read_text(encoding="utf-8")


def test_a_lone_surrogate_in_a_group_is_escaped_in_every_form(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    row = {"plan": "premium", "priority": "high", "opened_at": "2026-07-07T10:00+03:00", "team": "a\ud800"}
    path.write_text(json.dumps(row) + "\n", "utf-8")
    for ending in ("csv", "json", "html", "md"):
        out = tmp_path / f"r.{ending}"
        status, _, err = run("report", str(path), *LATER, "--map", "answered_at=", "--split", "team", "-o", str(out))
        assert (status, "can't encode" in err) == (0, False)
        assert "ud800" in out.read_text("utf-8")


@pytest.mark.parametrize("text", ["9999-12-31T23:59Z", "9999-12-31T23:59-10:00", "9999-12-31T23:59+14:00"])
def test_a_late_ticket_with_a_time_that_the_zone_cannot_show(run: Run, tmp_path: Path, text: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"plan,priority,opened_at,answered_at\npremium,high,2026-07-03T09:00,{text}\n", encoding="utf-8")
    status, out, _ = run("report", str(path), "--at", "2026-07-05T09:00", "--json")
    (late,) = Report.from_dict(json.loads(out)).late
    assert (status, late.ended_at) == (0, None)
    assert late.ticket.answered_at is not None
    assert late.ticket.answered_at.year == 9999
