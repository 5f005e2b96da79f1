"""A large log of events is read in columns, and the output and the rejects are the same to the byte."""

import csv
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

pl = pytest.importorskip("polars", reason="the extra polars is not installed")
pytest.importorskip("narwhals", reason="the extra polars is not installed")

from hypothesis import given
from hypothesis import strategies as st

from kolmisla import Plan, Policy, Target
from kolmisla.files import Layout, Log, Measuring
from kolmisla.files.bulk import earliest as bulk
from kolmisla.files.bulk import rows as texts
from kolmisla.files.bulk.logs.log import ColumnLog
from kolmisla.files.bulk.text import measure_text
from kolmisla.files.tables import CsvTable, JsonDocument, JsonTable
from kolmisla.policies.terms.metrics import METRICS
from kolmisla.tickets.layouts.kinds import MOST_EVENTS
from tests.commands.test_answers import Run
from tests.commands.test_answers import run as run
from tests.commands.test_mangled import files
from tests.engines.tickets import POLICIES, desk

pytestmark = pytest.mark.polars

START = datetime(2026, 7, 3, 6, tzinfo=UTC)
AT = START + timedelta(days=5)
HOUR = timedelta(hours=1)


def asking(**changes: Any) -> Policy:
    """A desk that promises the next response too, with other hours for each priority."""
    targets: dict[Any, Any] = {
        "first-response": {"urgent": Target(within=HOUR), "normal": Target(within=10 * HOUR)},
        "next-response": {
            "urgent": Target(within=HOUR),
            "normal": Target(within=5 * HOUR),
            "minor": Target(within=HOUR),
        },
        "resolution": Target(within=20 * HOUR),
    }
    gold = Plan(name="GOLD", rank=1, targets=targets, pausing=METRICS, average=Target(within=HOUR, schedule="short"))
    basic = Plan(name="BASIC", rank=2, targets=targets, after_resolution="question")
    return desk(**{"plans": [gold, basic], "waits_for_customer": [], **changes})


DESKS = {
    **POLICIES,
    "asking": asking(),
    "restarting": asking(priority_change="restart"),
    "retroactive": asking(priority_change="retroactive", waits_for_customer=["customer", "wait", "vendor"]),
    "edited": asking(effective_from=date(2026, 7, 4), earlier=[asking(effective_from=date(2026, 7, 3))]),
}
WORDS = {"New": "", "Active": "answered,resumed", "Wait": "paused", "Vendor": "paused:vendor", "Done": "resolved"}
LAYOUTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "words": {"values": {"kind": WORDS, "priority": {"P1": "urgent", "P*": "minor"}}},
    "history": {
        "columns": {"kind": "field", "value": "new"},
        "values": {
            "kind": {
                "status:wait": "paused:customer",
                "status:open": "resumed",
                "status:done": "resolved",
                "status:*": "answered",
                "flag": "priority",
                "asks": "asked",
                "back": "resumed:vendor",
            },
            "priority": {"P1": "urgent", "P*": "minor", "*1": "normal"},
        },
        "defaults": {"priority": "normal"},
        "known": {"priority": ["urgent", "normal", "minor"]},
    },
    "old values": {"columns": {"old_value": "before"}, "values": {"priority": {"P1": "urgent"}}, "tolerance": HOUR},
    "times": {"pattern": "%d.%m.%Y %H:%M", "none": ["?"], "timezone": "Europe/Vilnius", "ambiguous": "earlier"},
    "constants": {"constants": {"plan": "gold", "value": "urgent"}, "sole": {"priority": "normal"}},
    "acts": {"columns": {"actor": "before"}, "values": {"kind": {"answered by others": "answered", "*": ""}}},
    "both": {"ambiguous": "both"},
}
IDS = st.sampled_from(["1", "1", "2", "2", "3", " 3", "4", "12", "", "\u00e4"])
KINDS = st.sampled_from(
    ["asked", "answered", "paused", "resumed", "resolved", "reopened", "priority", "asked", "answered", "Resolved"]
)
STATES = st.sampled_from(["New", "Active", "Wait", "Vendor", "Done", "asked", "answered", "priority", "what", ""])
FIELDS = st.sampled_from(["status", "Status", "flag", "asks", "back", "answered", "note", "tags", "resolved", "asked"])
VALUES = st.sampled_from(
    ["", "urgent", "normal", "Minor", "P1", "P2", "P21", "wait", "open", "done", "vendor", "customer", "X1"]
)
USUAL = {"paused": "vendor", "priority": "normal"}
OF_LAYOUT = {"words": STATES, "history": FIELDS, "acts": STATES}


@st.composite
def rows_of_logs(draw: st.DrawFn, kinds: Any, form: str, *, odd: bool, audit: bool) -> list[dict[str, str]]:
    """The rows of a log. Few minutes are there, so that rows share an instant. Unless `odd`, all are valid."""
    rows = []
    for _ in range(draw(st.integers(0, 24))):
        at = (START + timedelta(minutes=draw(st.integers(0, 40)) * 137)).strftime(form)
        kind = draw(kinds)
        usual = st.just(USUAL.get(kind, ""))  # so that most tickets are judged in columns
        value = draw(VALUES if kinds is FIELDS else usual | usual | usual | VALUES)
        row = {"id": draw(IDS), "at": at, "kind": kind, "value": value, "before": draw(st.just("") | VALUES)}
        if audit:
            row |= {"plan": draw(PLANS), "priority": draw(PRIORITIES)}
        if odd and draw(st.integers(0, 9)) == 0:
            name = draw(st.sampled_from(["id", "at", "kind", "value"]))
            row[name] = draw(st.sampled_from(["", "soon", "\u2028", "on two\nlines", 'with "quotes"', "2026-07-04"]))
        rows.append(row)
    way = draw(st.sampled_from(["any", "any", "up", "down", "by ticket"]))
    if way != "any":
        rows.sort(key=lambda row: row["id"] if way == "by ticket" else row["at"], reverse=way == "down")
    return rows


PLANS = st.sampled_from(["gold", "BASIC", "gold", "", "premium", "nonsense"])
PRIORITIES = st.sampled_from(["urgent", "normal", "MINOR", "P1", "P21", "high", "", "nonsense", "P*"])
HEADERS = {"kind": "field", "value": "new"}


def tickets_of(draw: st.DrawFn, form: str) -> list[dict[str, str]]:
    rows = []
    for _ in range(draw(st.integers(0, 8))):
        opened = START + timedelta(minutes=draw(st.sampled_from([0, 0, -137, 137, 5000])))
        answered = draw(st.sampled_from(["", "", "soon"])) or (opened + HOUR).strftime(form) * draw(st.integers(0, 1))
        resolved = draw(st.sampled_from(["", "", (opened + 9 * HOUR).strftime(form)]))
        names = {"id": draw(IDS), "plan": draw(PLANS), "priority": draw(PRIORITIES)}
        rows.append({**names, "opened_at": opened.strftime(form), "answered_at": answered, "solved": resolved})
    return rows


def text_of(rows: Sequence[dict[str, str]], names: Sequence[str], shape: str) -> str:
    if shape == "jsonl":
        few = [{name: row[name] for name in names} for row in rows]
        return "".join(f"{json.dumps(row)}\n" for row in few)
    stream = StringIO()
    ends = "\r\n" if shape == "crlf" else "\n"
    write = csv.writer(stream, quoting=csv.QUOTE_ALL if shape == "quoted" else csv.QUOTE_MINIMAL, lineterminator=ends)
    write.writerow(names)
    write.writerows([row[name] for name in names] for row in rows)
    if shape == "ragged":
        stream.write("1,7\n\n1\n")
    return stream.getvalue()


def table_of(text: str, shape: str) -> Any:
    return JsonTable(StringIO(text)) if shape == "jsonl" else CsvTable(StringIO(text, newline=""))


def ran(measuring: Measuring, run: Any, table: Any, log: Any) -> tuple[Any, ...]:
    out, rejects = StringIO(), StringIO()
    summary = run(table, out, rejects, log=log)
    return out.getvalue(), rejects.getvalue(), list(summary.lines(measuring.policy)), summary.to_dict(measuring.policy)


def check(measuring: Measuring, tickets: tuple[str, str] | None, log: tuple[str, str], size: int = 10**6) -> Any:
    """Measure both ways. Without `tickets`, the log is an audit log. Return what is written, or None if row by row."""
    audit = tickets is None
    text, shape = log if tickets is None else tickets
    plain_log = Log.read(table_of(*log), measuring.layout, audit=audit)
    plain = ran(measuring, measuring.run, table_of(text, shape), plain_log)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(texts, "SIZE", size)
        patch.setattr(bulk, "TICKETS_AT_ONCE", 3)
        quick_log = ColumnLog.read(table_of(*log), measuring.layout, audit=audit)
        if quick_log is None:
            return None
        run = lambda *files, log: measure_text(measuring, *files, log=log)  # noqa: E731
        assert ran(measuring, run, table_of(text, shape), quick_log) == plain
    return plain


FORM = "%Y-%m-%dT%H:%M:%SZ"
METRIC_LISTS: list[Any] = [None, METRICS, METRICS, ["next-response"], ["resolution", "first-response"]]


@given(st.data())
def test_tickets_and_a_log_beside_them(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(LAYOUTS)))
    form = "%d.%m.%Y %H:%M" if name == "times" else FORM
    kinds = OF_LAYOUT.get(name, KINDS)
    log = data.draw(rows_of_logs(kinds, form, odd=data.draw(st.booleans()), audit=False))
    tickets = data.draw(st.builds(lambda: None).flatmap(lambda _: st.composite(tickets_of)(form)))
    columns = {"event_id": "of", "resolved_at": "solved", **LAYOUTS[name].get("columns", {})}
    names = ["of", "at", columns.get("kind", "kind"), columns.get("value", "value"), "before"]
    log = [
        dict(zip(names, (row["id"], row["at"], row["kind"], row["value"], row["before"]), strict=True)) for row in log
    ]
    shapes = [data.draw(st.sampled_from(["plain", "plain", "quoted", "crlf", "ragged", "jsonl"])) for _ in range(2)]
    header = ["id", "plan", "priority", "opened_at", "answered_at", "solved"]
    if name == "constants":
        columns, header = {**columns, "priority": "none"}, [each for each in header if each != "priority"]
        columns.pop("priority")
    measuring = Measuring(
        at=AT,
        policy=DESKS[data.draw(st.sampled_from(sorted(DESKS)))],
        layout=Layout(**{**LAYOUTS[name], "columns": columns}),
        metrics=data.draw(st.sampled_from(METRIC_LISTS)),
        precision=data.draw(st.sampled_from([timedelta()] * 3 + [timedelta(minutes=1)])),
        prefix="sla_",
    )
    size = data.draw(st.sampled_from([60, 300, 10**6]))
    check(
        measuring, (text_of(tickets, header, shapes[0]), shapes[0]), (text_of(log, names, shapes[1]), shapes[1]), size
    )


@given(st.data())
def test_audit_logs(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(set(LAYOUTS) - {"constants"})))
    form = "%d.%m.%Y %H:%M" if name == "times" else FORM
    rows = data.draw(rows_of_logs(OF_LAYOUT.get(name, KINDS), form, odd=data.draw(st.booleans()), audit=True))
    columns = LAYOUTS[name].get("columns", {})
    names = ["id", "at", columns.get("kind", "kind"), columns.get("value", "value"), "before", "plan", "priority"]
    log = [
        dict(zip(names, [row[key] for key in ("id", "at", "kind", "value", "before", "plan", "priority")], strict=True))
        for row in rows
    ]
    shape = data.draw(st.sampled_from(["plain", "plain", "quoted", "crlf", "ragged"]))
    measuring = Measuring(
        at=AT,
        policy=DESKS[data.draw(st.sampled_from(sorted(DESKS)))],
        layout=Layout(**LAYOUTS[name]),
        metrics=data.draw(st.sampled_from(METRIC_LISTS)),
        precision=data.draw(st.sampled_from([timedelta()] * 3 + [timedelta(minutes=1)])),
        prefix="sla_",
    )
    check(measuring, None, (text_of(log, names, shape), shape), data.draw(st.sampled_from([60, 300, 10**6])))


HEAD = ("id", "plan", "priority", "opened_at", "answered_at", "solved")
TICKET = {
    "id": "1",
    "plan": "gold",
    "priority": "urgent",
    "opened_at": "2026-07-03T06:00:00Z",
    "answered_at": "",
    "solved": "",
}
EVENT = ("of", "at", "kind", "value", "before")
LIFE = [
    "asked",
    "answered",
    "asked",
    "paused",
    "asked",
    "resumed",
    "answered",
    "priority",
    "resolved",
    "reopened",
    "resolved",
]


def life(id: str, kinds: Sequence[str] = LIFE, value: str = "normal", form: str = FORM) -> list[dict[str, str]]:
    """The rows of one ticket, one an hour."""
    return [
        {
            "of": id,
            "at": (START + hour * HOUR).strftime(form),
            "kind": kind,
            "value": value * (kind == "priority"),
            "before": "",
        }
        for hour, kind in enumerate(kinds)
    ]


def with_events(rows: Sequence[dict[str, str]], tickets: int = 3, shape: str = "plain", **layout: Any) -> Any:
    """What is written for tickets with these rows of events."""
    own = [TICKET | {"id": str(number)} for number in range(tickets)]
    layout = {**layout, "columns": {"event_id": "of", **layout.get("columns", {})}}
    measuring = Measuring(at=AT, policy=DESKS["asking"], layout=Layout(**layout), metrics=METRICS)
    return check(measuring, (text_of(own, HEAD, shape), shape), (text_of(rows, EVENT, "plain"), "plain"))


@pytest.mark.parametrize("audit", [False, True])
def test_usual_rows_are_judged_in_columns(audit: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [row | TICKET | {"id": row["of"]} for number in "123" for row in life(number)]
    names = [*EVENT, *HEAD] if audit else EVENT
    log, columns = text_of(rows, names, "plain"), {"event_id": "id" if audit else "of"}
    tickets = log if audit else text_of([TICKET | {"id": number} for number in "123"], HEAD, "plain")
    measuring = Measuring(at=AT, policy=DESKS["asking"], layout=Layout(columns=columns), metrics=METRICS)
    own = Log.read(table_of(log, "plain"), measuring.layout, audit=audit)
    plain = ran(measuring, measuring.run, table_of(tickets, "plain"), own)
    monkeypatch.setattr(Measuring, "judged", None)  # no row is judged alone
    read = ColumnLog.read(table_of(log, "plain"), measuring.layout, audit=audit)
    assert read is not None
    run = lambda *files, log: measure_text(measuring, *files, log=log)  # noqa: E731
    assert ran(measuring, run, table_of(tickets, "plain"), read) == plain
    assert plain[3]["rows"] == 3
    assert plain[0].count("next-response") == 3


def test_what_is_read_row_by_row() -> None:
    assert with_events(life("1"), ambiguous="both") is None
    assert with_events(life("1", ["x"]), columns={"actor": "before"}, values={"kind": {"x by others": "asked"}}) is None
    layout = Layout(columns={"event_id": "of"})
    assert ColumnLog.read(JsonDocument(StringIO("[]")), layout) is None
    assert ColumnLog.read(JsonTable(StringIO("")), layout, audit=True) is None
    assert ColumnLog.read(JsonTable(StringIO("")), Layout(columns={"events": "notes"})) is None


def test_a_log_of_odd_rows_is_read_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kolmisla.files.bulk.logs.log.MOST_ALONE", 1)
    odd = life("1", ["what"] * 3)
    assert with_events(odd) is None
    assert with_events(odd[:1] + life("2") * 2) is not None


def test_tickets_that_are_read_row_by_row_have_the_events_of_a_log() -> None:
    rows = [*life("1"), *life("2", ["what"]), *life("7")]
    quoted = with_events(rows, columns={"resolved_after": "solved:min"})
    assert "no ticket has the id '7'" in quoted[3]["strays"][0]
    audit = [row | TICKET | {"id": row["of"]} for row in rows]
    text = text_of(audit, ["id", *EVENT[1:], *HEAD[1:4]], "plain")
    measuring = Measuring(at=AT, layout=Layout(columns={"resolved_after": "before:min"}), metrics=METRICS, prefix="x_")
    assert check(measuring, None, (text, "plain"))[3]["rows"] == 3


@pytest.mark.parametrize("fact", ["id", "plan", "priority", "opened_at", "answered_at", "channel", "note"])
def test_half_a_character_in_a_ticket_concerns_its_row_alone(fact: str) -> None:
    """Escaped in JSON. The nested value makes that each row is read one by one."""
    rows: list[dict[str, Any]] = [{**TICKET, "id": number, "nested": {"a": "b"}} for number in "123"]
    rows[1][fact] = "x\ud800"
    text = "".join(f"{json.dumps(row)}\n" for row in rows)
    log = text_of([*life("1"), *life("2")], EVENT, "plain")
    measuring = Measuring(at=AT, layout=Layout(columns={"event_id": "of", "resolved_at": "solved"}))
    for few in (1, 10**6):
        assert check(measuring, (text, "jsonl"), (log, "plain"), few)[3]["rows"] == 3
    table, again = JsonTable(StringIO(text)), JsonTable(StringIO(text))
    (plain, rejects), (quick, again_rejects) = (StringIO(), StringIO()), (StringIO(), StringIO())
    measuring.run(table, plain, rejects)
    measure_text(measuring, again, quick, again_rejects)
    assert (plain.getvalue(), rejects.getvalue()) == (quick.getvalue(), again_rejects.getvalue())


@pytest.mark.parametrize(("fact", "in_columns"), [("of", False), ("kind", True), ("value", True), ("at", True)])
def test_half_a_character_in_a_log(fact: str, in_columns: bool) -> None:
    rows: list[dict[str, Any]] = [{**row, "nested": {"a": "b"}} for row in [*life("1"), *life("2")]]
    rows[3][fact] = "x\ud800"
    text = "".join(f"{json.dumps(row)}\n" for row in rows)
    tickets = text_of([TICKET | {"id": number} for number in "12"], HEAD, "plain")
    measuring = Measuring(at=AT, layout=Layout(columns={"event_id": "of"}))
    assert (check(measuring, (tickets, "plain"), (text, "jsonl")) is not None) == in_columns


@pytest.mark.parametrize("metrics", [None, METRICS])
def test_an_audit_log_with_a_precision_is_read_row_by_row(metrics: Any) -> None:
    rows = [row | TICKET | {"id": row["of"]} for row in [*life("1"), *life("2", ["what"]), *life("3")]]
    measuring = Measuring(at=AT, precision=timedelta(minutes=1), metrics=metrics, prefix="x_")
    written = check(measuring, None, (text_of(rows, ["id", *EVENT[1:], *HEAD[1:4]], "plain"), "plain"), 60)[0]
    assert "x_elapsed_least_s,x_elapsed_most_s" in written


def test_an_audit_log_with_withdrawn_tickets_stays_in_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside priorities that its rows tell."""
    rows = [row | TICKET | {"id": row["of"]} for row in life("1", ["asked", "answered", "asked", "withdrawn"])]
    rows[1]["priority"] = "minor"
    text = text_of(rows, [*EVENT, *HEAD], "plain")
    measuring = Measuring(at=AT, policy=DESKS["asking"], layout=Layout(columns={"event_id": "id"}), metrics=METRICS)
    own = Log.read(table_of(text, "plain"), measuring.layout, audit=True)
    plain = ran(measuring, measuring.run, table_of(text, "plain"), own)
    assert "withdrawn" in plain[0]
    monkeypatch.setattr(Measuring, "judged", None)
    read = ColumnLog.read(table_of(text, "plain"), measuring.layout, audit=True)
    assert (
        ran(measuring, lambda *given, log: measure_text(measuring, *given, log=log), table_of(text, "plain"), read)
        == plain
    )


def test_many_cycles_and_far_years_go_one_by_one() -> None:
    often = with_events(life("1", ["answered", "asked"] * 55))
    assert often[0].count("next-response") == 55
    far = [row | {"at": row["at"].replace("2026", "2105")} for row in life("1")]
    opened = {**TICKET, "opened_at": "2105-07-03T06:00:00Z", "priority": "urgent"}
    measuring = Measuring(
        at=AT.replace(year=2105), policy=DESKS["asking"], layout=Layout(columns={"event_id": "of"}), metrics=METRICS
    )
    found = check(measuring, (text_of([opened], HEAD, "plain"), "plain"), (text_of(far, EVENT, "plain"), "plain"))
    assert found is not None
    assert found[3]["rows"] == 1


def test_fields_that_no_word_names_are_counted_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kolmisla.files.bulk.logs.log.MOST_FIELDS", 2)
    monkeypatch.setattr("kolmisla.files.logs.events.MOST_FIELDS", 2)
    rows = life("1", ["tags", "note", "status", "tags", "late"])
    odd = life("2", ["note", "other", "what"])
    odd.append({**odd[0], "of": "", "kind": "gone"})
    odd[0]["at"] = odd[2]["at"] = "soon"
    found = with_events(
        [*odd[:1], *rows, *odd[1:]], values={"kind": {"status:*": "answered"}}, columns={"value": "value"}
    )
    assert found[3]["unnamed_fields"] == {"note": 2, "tags": 2, "": 4}


def test_no_tickets_and_no_events() -> None:
    assert with_events([])[3]["rows"] == 3
    assert with_events(life("1"), 0)[3]["rows"] == 0
    measuring = Measuring(at=AT, layout=Layout(), metrics=METRICS, prefix="x_")
    assert check(measuring, None, (text_of([], [*HEAD, "at", "kind"], "plain"), "plain"))[3]["rows"] == 0


def test_json_tickets_that_are_read_alone_find_their_events() -> None:
    odd = '{"id": 2, "plan": "g\\u006fld", "priority": "urgent", "opened_at": "2026-07-03T06:00:00Z"}\n'
    text = "".join(f"{json.dumps({**TICKET, 'id': number})}\n" for number in range(12)) + odd
    measuring = Measuring(at=AT, policy=DESKS["asking"], layout=Layout(columns={"event_id": "of"}), metrics=METRICS)
    log = text_of([*life("2"), *life("1")], EVENT, "plain")
    found = check(measuring, (text, "jsonl"), (log, "plain"))
    assert "an earlier row has the same id '2'" in found[1]


@pytest.mark.parametrize("pause", ["paused", "Vendor"])
@pytest.mark.parametrize("end", ["resumed", "resolved", "reopened", "paused", "Wait", "answered"])
def test_questions_during_a_pause_are_counted(pause: str, end: str) -> None:
    rows = [row for number in "12" for row in life(number, [pause, end, "asked", "resumed", "asked"])]
    for row in rows:
        row["value"] = "vendor" * (row["kind"] == pause == "paused")
    found = with_events(rows, values={"kind": {"Vendor": "paused:vendor", "Wait": "paused"}})
    goes_on = end in ("paused", "answered", "Wait")  # a state without a reason has its word as the reason
    assert found[3]["asked_while_paused"] == 2 * goes_on


OPTIONS = ["--at", "2026-07-08T12:00+03:00", "--prefix", "sla_"]


@pytest.mark.parametrize("events", [pytest.param(False, marks=pytest.mark.unmeasured), True])
def test_mangled_files_are_the_same_with_both_engines(
    events: bool, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each mangled file is measured alone, or as an audit log."""
    monkeypatch.chdir(tmp_path)
    statuses = []
    for name, data in files():
        if not name.endswith((".csv", ".jsonl")):
            continue
        Path(name).write_bytes(data)
        argv = ["measure", name, "-o", f"{name}.out.{name.rpartition('.')[2]}", *OPTIONS]
        argv += ["--events", name, "--map", "at=opened_at", "--set", "kind=answered"] if events else []
        told = []
        for large in (2**62, 0):
            monkeypatch.setattr("kolmisla.cli.files.LARGE", large)
            status, out, err = run(*argv)
            outputs = sorted(Path().glob(f"{name}.out.*"))
            told.append((status, out, err, [path.read_bytes() for path in outputs]))
            for path in outputs:
                path.unlink()
        assert told[0] == told[1], name
        statuses.append(told[0][0])
    assert min(map(statuses.count, (0, 1, 2))) > (0 if events else 2)


def test_the_command_measures_large_logs_in_columns(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So it is if the tickets are small, and not if the log cannot be read in columns."""
    monkeypatch.chdir(tmp_path)
    Path("tickets.csv").write_text(text_of([TICKET], HEAD, "plain"), encoding="utf-8")
    Path("log.csv").write_text(text_of(life("1", ["asked", "answered"]) * 30, EVENT, "plain"), encoding="utf-8")
    argv = ["measure", "tickets.csv", "--events", "log.csv", "--map", "event_id=of", "--set", "plan=premium"]
    argv += ["--set", "priority=high", *OPTIONS]
    small = run(*argv)
    asked = []
    monkeypatch.setattr("kolmisla.cli.files.LARGE", 500)
    monkeypatch.setattr(Measuring, "run", lambda *_, **__: asked.append(1))
    assert run(*argv) == small
    assert small[0] == 0
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("kolmisla.cli.files.LARGE", 500)
    monkeypatch.setattr("kolmisla.files.bulk.logs.log.MOST_ALONE", -100)
    assert run(*argv) == small
    assert not asked


@pytest.mark.parametrize("shape", ["plain", "quoted", "crlf", "jsonl"])
def test_words_for_which_two_patterns_disagree_reject_their_ticket_alone(shape: str) -> None:
    words = {"priority": {"P*": "urgent", "*1": "normal"}}
    names = [*EVENT, *HEAD[1:]]
    layout = Layout(columns={"event_id": "of", "id": "of"}, values=words)
    measuring = Measuring(at=AT, policy=DESKS["asking"], layout=layout, metrics=METRICS)
    rows = [
        row | TICKET | {"priority": "P21" if row["of"] == "2" else "P2"} for number in "123" for row in life(number)
    ]
    of_audit = "plain" if shape == "jsonl" else shape
    audited = check(measuring, None, (text_of(rows, names, of_audit), of_audit))
    tickets = [TICKET | {"of": number, "priority": "P21" if number == "2" else "P2"} for number in "213"]
    beside = check(measuring, (text_of(tickets, ["of", *HEAD[1:]], shape), shape), (text_of(rows, EVENT, shape), shape))
    for found in (audited, beside):
        assert "'P21' matches 'P*' and '*1', which have different meanings" in found[1]
        assert (found[3]["rows"], found[3]["rejected"]) == (3, 1)
    tickets[0]["answered_at"] = "soon"  # a rejected row does not tell that the column has values
    found = check(measuring, (text_of(tickets, ["of", *HEAD[1:]], shape), shape), (text_of([], EVENT, shape), shape))
    assert any("answered_at" in line and "is blank in every row" in line for line in found[2])


@pytest.mark.parametrize("name", ["asking", "restarting", "retroactive"])
@pytest.mark.parametrize("back", ["urgent", "minor"])
def test_a_priority_that_changes_back_at_once_has_not_changed(name: str, back: str) -> None:
    """So it is for a ticket alone: within an instant, the last priority counts."""
    rows = life("1", ["asked", "answered", "priority", "priority"])
    rows[2]["at"] = rows[3]["at"]
    rows[3]["value"] = back
    measuring = Measuring(at=AT, policy=DESKS[name], layout=Layout(columns={"event_id": "of"}), metrics=METRICS)
    found = check(measuring, (text_of([TICKET], HEAD, "plain"), "plain"), (text_of(rows, EVENT, "plain"), "plain"))
    (resolution,) = [row for row in csv.DictReader(StringIO(found[0])) if row["metric"] == "resolution"]
    assert resolution["target_s"] == "72000"
    if back == "urgent":  # 20 hours around the clock from 09:00 in Vilnius
        assert resolution["due_at"] == "2026-07-04T05:00:00+03:00"


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("early", ["answered", "asked", "resolved", "reopened", "priority"])
def test_an_event_before_the_opening_is_a_fault_for_each_metric_alone(metric: str, early: str) -> None:
    first, *rest = life("1", [early, "answered", "asked"])
    log = [{**first, "at": "2026-07-02T06:00:00Z"}, *rest, *life("2", ["answered", "asked"])]
    own = [TICKET | {"id": id} for id in "12"]
    measuring = Measuring(at=AT, policy=DESKS["asking"], layout=Layout(columns={"event_id": "of"}), metrics=[metric])
    found = check(measuring, (text_of(own, HEAD, "plain"), "plain"), (text_of(log, EVENT, "plain"), "plain"))
    assert found is not None
    assert [row.split(",")[0] for row in found[1].splitlines()[1:]] == ([] if early == "priority" else ["2"])


OWNED = Policy.from_dict(
    {
        "name": "D",
        "timezone": "Europe/Vilnius",
        "schedules": {"day": {"hours": {"mon-fri": ["08:00-18:00"]}}},
        "priorities": {"P1": {"rank": 1, "schedule": "day"}, "P2": {"rank": 2, "schedule": "day"}},
        "plans": {"G": {"rank": 1, "targets": {"first-response": {"within": "PT2H"}}}},
        "metrics": {
            "ola": {"starts": ["owner"], "ends": ["owner", "resolved"], "repeats": True, "reopened": "new-cycle"}
        },
    }
)


@pytest.mark.parametrize("falls", [False, True])
@pytest.mark.parametrize("alone", ["", "resumed:vendor"])
def test_rows_of_one_instant_name_priorities_in_their_order(falls: bool, alone: str) -> None:
    """A row's priority comes after its own events, and before those of the next row, also if tickets go one by one."""
    opened, then = "2026-07-03T08:00:00Z", "2026-07-03T08:10:00Z"
    rows = [
        f"1,{opened},New,normal,gold",
        f"1,{then},Many,urgent,gold",
        f"1,{then},Done,urgent,gold",
        f"2,{opened},New,normal,gold",
        f"2,{then},Done,urgent,gold",
    ]
    text = "\n".join(["id,at,kind,priority,plan", *(rows[::-1] if falls else rows), ""])
    words = {"New": alone, "Many": ",".join(["asked"] * MOST_EVENTS), "Done": "answered"}
    layout = Layout(values={"kind": words})
    measuring = Measuring(at=AT, policy=DESKS["asking"], layout=layout, metrics=["first-response"])
    written = check(measuring, None, (text, "plain"))[0]
    targets = {row["id"]: row["target_s"] for row in csv.DictReader(StringIO(written))}
    assert targets == {"1": "3600", "2": "36000"}  # urgent, and normal


def test_an_audit_log_of_owners_whose_events_are_in_order() -> None:
    """Owners are judged one by one, beside the priorities that each row tells. Events in order are not sorted again."""
    lines = ["id,plan,priority,at,kind,value"]
    for number in range(20):
        lines.append(f"{number:02},G,P2,2026-03-09T{8 + number % 8:02}:00:00Z,owner,L1")
        lines.append(f"{number:02},G,P2,2026-03-09T17:{number:02}:00Z,answered,")
    lines += ["99,G,P1,2026-03-10T09:00:00Z,owner,L1", "99,G,P2,2026-03-10T09:00:00Z,answered,"]
    measuring, text = Measuring(at=AT, policy=OWNED, metrics=["first-response", "ola"]), "\n".join(lines) + "\n"
    plain = check(measuring, None, (text, "plain"))  # three tickets at once
    assert plain is not None
    log = ColumnLog.read(table_of(text, "plain"), measuring.layout, audit=True)
    run = lambda *files, log: measure_text(measuring, *files, log=log)  # noqa: E731
    assert ran(measuring, run, table_of(text, "plain"), log) == plain  # all tickets at once
    assert plain[3]["rows"] == 21


@pytest.mark.parametrize("opening", ["2026-07-03T07:00:00Z", "20260703T0700Z", "", "soon"])
@pytest.mark.parametrize("later", ["2026-07-03T08:00:00Z", "20260703T0800Z"])  # columns do not read the second form
def test_rows_that_tell_no_event_tell_whether_the_newest_comes_first(opening: str, later: str) -> None:
    """They need no time, but a row with a time counts."""
    times = {"New": opening, "paused": later, "resumed": "2026-07-03T08:00:00Z"}
    rows = [{"of": "1", "kind": kind, "at": at, "value": "", "before": ""} for kind, at in times.items()]
    layout = Layout(columns={"event_id": "of"}, values={"kind": {"New": ""}})
    measuring = Measuring(at=AT, policy=DESKS["desk"], layout=layout, metrics=["resolution"])
    states = []
    for log in (rows, rows[::-1]):
        found = check(measuring, (text_of([TICKET], HEAD, "plain"), "plain"), (text_of(log, EVENT, "plain"), "plain"))
        (row,) = csv.DictReader(StringIO(found[0]))
        states.append(row["elapsed_s"])
    assert (states[0] == states[1]) == opening.startswith("2026")


def test_fields_without_a_word_are_counted_in_columns() -> None:
    fields = ["note", "status", "tags", "note"]
    rows = [
        {"of": "1", "at": f"2026-07-03T0{7 + number}:00:00Z", "field": field, "new": "done", "before": ""}
        for number, field in enumerate(fields)
    ]
    layout = Layout(**{**LAYOUTS["history"], "columns": {**LAYOUTS["history"]["columns"], "event_id": "of"}})
    measuring = Measuring(at=AT, policy=DESKS["desk"], layout=layout, metrics=["resolution"])
    log = text_of(rows, ["of", "at", "field", "new", "before"], "plain")
    found = check(measuring, (text_of([TICKET], HEAD, "plain"), "plain"), (log, "plain"))
    assert any("names: note (2), tags (1)" in line for line in found[2]), found[2]
