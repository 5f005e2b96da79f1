"""Law 21: the order of a log is by time, never by row."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolmisla import KOLMISOFT, Ticket
from kolmisla.files import Layout, Log, Measuring
from kolmisla.files.tables import CsvTable, JsonTable
from kolmisla.policies.terms.metrics import EVENT_KINDS, METRICS

START = datetime(2026, 7, 7, 6, tzinfo=UTC)
POLICY = KOLMISOFT.replace(plans=[plan.replace(pausing=METRICS) for plan in KOLMISOFT.plans.values()])
KINDS = ("New", "Active", "Waiting", "Vendor", "Resolved", "paused", "resumed", "asked", "answered", "reopened")
WORDS = {"New": "", "Active": "answered,resumed", "Waiting": "paused", "Vendor": "paused", "Resolved": "resolved"}
COLUMNS = ("id", "at", "kind", "value", "plan", "priority", "opened_at")
Row = tuple[Any, ...]


def table(rows: Sequence[Row], columns: Sequence[str] = COLUMNS) -> CsvTable:
    out = io.StringIO()
    csv.writer(out).writerows([columns, *rows])
    return CsvTable(io.StringIO(out.getvalue()))


def measured(
    rows: Sequence[Row], columns: Sequence[str] = COLUMNS, layout: Layout | None = None
) -> list[dict[str, str]]:
    """What an audit log says, without the line numbers, sorted by ticket."""
    read = layout or Layout(values={"kind": WORDS})
    log = Log.read(table(rows, columns), read, audit=True)
    out, rejects = io.StringIO(), io.StringIO()
    measuring = Measuring(at=START + timedelta(days=4), policy=POLICY, layout=read, metrics=METRICS, prefix="sla_")
    measuring.run(table(rows, columns), out, rejects, log=log)
    found = [*csv.DictReader(io.StringIO(out.getvalue())), *csv.DictReader(io.StringIO(rejects.getvalue()))]
    for row in found:
        row.pop("line", None)
    return sorted(found, key=lambda row: (row["id"], row.get("sla_metric", ""), row.get("sla_cycle", "")))


@st.composite
def lives(draw: st.DrawFn) -> dict[int, list[Row]]:
    """Rows of a few tickets, in the order in which they happened; several may share a minute."""
    found: dict[int, list[Row]] = {}
    for id in range(draw(st.integers(1, 4))):
        minutes = sorted(draw(st.lists(st.integers(0, 30), min_size=1, max_size=6)))
        if len(set(minutes)) == 1 and len(minutes) > 1:  # all in one instant: the file's way decides, see below
            minutes[-1] += 1
        opened = START + minutes[0] * timedelta(minutes=7)
        rows = []
        for minute in minutes:
            kind = draw(st.sampled_from(KINDS[:1] if minute == minutes[0] else KINDS))
            value = draw(st.sampled_from(["", "vendor", "customer"])) if kind in ("paused", "resumed") else ""
            at = (START + minute * timedelta(minutes=7)).isoformat()
            priority = draw(st.sampled_from(["high", "low", "blocker"]))
            rows.append((id, at, kind, value, "premium", priority, opened.isoformat()))
        found[id] = rows
    return found


@given(lives(), st.randoms(use_true_random=False))
def test_rows_in_any_order_of_tickets_and_newest_first_give_the_same_answers(lives: Any, random: Any) -> None:
    rows = [row for own in lives.values() for row in own]
    answers = measured(rows)
    assert measured(rows[::-1]) == answers
    turned = [own if random.random() < 0.5 else own[::-1] for own in lives.values()]  # decided for each ticket
    assert measured([row for own in turned for row in own]) == answers
    mixed: list[Row] = []
    waiting = [list(own) for own in turned]
    while waiting := [own for own in waiting if own]:
        mixed.append(random.choice(waiting).pop(0))
    assert measured(mixed) == answers


@given(lives())
def test_a_log_without_an_opening_opens_at_its_earliest_row(lives: Any) -> None:
    rows = [row for own in lives.values() for row in own]
    answers = measured(rows)
    layout = Layout(columns={"opened_at": "at"}, values={"kind": WORDS})
    assert measured(rows, layout=layout) == measured(rows[::-1], layout=layout) == answers
    short = [row[:-1] for row in rows]
    for some in (short, short[::-1]):
        found = measured(some, COLUMNS[:-1])
        assert [{**row, "opened_at": ""} for row in found] == [{**row, "opened_at": ""} for row in answers]


def test_a_ticket_whose_rows_share_an_instant_runs_like_most_tickets_of_the_file() -> None:
    def row(id: int, minute: int, kind: str) -> Row:
        at = (START + timedelta(minutes=minute)).isoformat()
        return (id, at, kind, "", "premium", "high", START.isoformat())

    together = [row(1, 0, "Resolved"), row(1, 0, "reopened")]
    others = [row(2, 0, "New"), row(2, 5, "answered"), row(3, 0, "New"), row(3, 6, "answered")]
    up, down = (measured([*together, *others]), measured([*others[::-1], *together[::-1]]))
    assert up == down
    states = {row["sla_metric"]: row["sla_ended_at"] for row in up if row["id"] == "1"}
    assert states["resolution"] == ""
    ended = {row["sla_metric"]: row["sla_ended_at"] for row in measured([*together[::-1], *others]) if row["id"] == "1"}
    assert ended["resolution"] != ""


@pytest.mark.parametrize("falls", [False, True])
def test_the_events_of_a_json_ticket_may_be_newest_first(falls: bool) -> None:
    told = [("paused", 5), ("resumed", 5), ("answered", 9)]
    events = [{"kind": kind, "at": (START + timedelta(minutes=minute)).isoformat()} for kind, minute in told]
    ticket = {"plan": "premium", "priority": "high", "opened_at": START.isoformat()}

    line = json.dumps({**ticket, "events": events[::-1] if falls else events})
    out = io.StringIO()
    Measuring(at=START + timedelta(hours=1), policy=POLICY).run(JsonTable(io.StringIO(line)), out, io.StringIO())
    assert json.loads(out.getvalue())["elapsed_s"] == 540


@given(lives())
def test_imported_events_may_be_newest_first(lives: Any) -> None:
    for rows in lives.values():
        told = [(at, kind, value) for _, at, kind, value, *_ in rows if kind in EVENT_KINDS]
        if len({at for at, _, _ in told}) > 1:
            events = [{"at": at, "kind": kind, "value": value} for at, kind, value in told]
            facts: dict[str, Any] = {"plan": "premium", "priority": "high", "opened_at": START}
            assert Ticket.imported(**facts, events=events) == Ticket.imported(**facts, events=events[::-1])


@given(lives())
def test_rows_that_tell_no_event_tell_whether_the_newest_comes_first(lives: Any) -> None:
    """In a file of events, and in a list inside each ticket."""
    layout = Layout(values={"kind": WORDS}, columns={"events": "events"})
    facts = {
        id: {"id": id, "plan": "premium", "priority": rows[0][5], "opened_at": rows[0][6]} for id, rows in lives.items()
    }
    outputs = []
    for way in (1, -1):
        rows = [row for own in lives.values() for row in own][::way]
        separate = io.StringIO()
        log = Log.read(table([row[:4] for row in rows], COLUMNS[:4]), layout)
        tickets = "\n".join(map(json.dumps, facts.values()))
        measuring = Measuring(at=START + timedelta(days=4), policy=POLICY, layout=layout, metrics=METRICS)
        measuring.run(JsonTable(io.StringIO(tickets)), separate, io.StringIO(), log=log)
        inside = io.StringIO()
        told = {id: [dict(zip(COLUMNS[1:4], row[1:4], strict=True)) for row in own][::way] for id, own in lives.items()}
        tickets = "\n".join(json.dumps({**facts[id], "events": told[id]}) for id in facts)
        measuring.run(JsonTable(io.StringIO(tickets)), inside, io.StringIO())
        outputs += [[json.loads(line) for line in out.getvalue().splitlines()] for out in (separate, inside)]
    plain = [[{name: cell for name, cell in row.items() if name != "events"} for row in rows] for rows in outputs]
    assert plain[0] == plain[1] == plain[2] == plain[3]
    assert [row["id"] for row in plain[0]]


def test_a_row_that_tells_no_event_needs_no_time() -> None:
    """With a time, it says whether the newest row comes first. Without a time, it does not."""
    ticket = {"id": 1, "plan": "premium", "priority": "high", "opened_at": START.isoformat()}
    told = [("New", 0), ("reopened", 30), ("Resolved", 30)]
    ended = []
    for opening in ("", "soon", START.isoformat()):
        for rows in (told, told[::-1]):
            events = [
                {"id": 1, "kind": kind, "at": (START + timedelta(minutes=minute)).isoformat() if minute else opening}
                for kind, minute in rows
            ]
            layout = Layout(values={"kind": WORDS})
            log = Log.read(JsonTable(io.StringIO("\n".join(map(json.dumps, events)))), layout)
            for tickets, own in (({**ticket}, log), ({**ticket, "events": events}, None)):
                out = io.StringIO()
                measuring = Measuring(
                    at=START + timedelta(hours=1), policy=POLICY, layout=layout, metrics=["resolution"]
                )
                measuring.run(JsonTable(io.StringIO(json.dumps(tickets))), out, io.StringIO(), log=own)
                ended.append(json.loads(out.getvalue())["ended_at"] is not None)
    assert ended == [*[True, True, False, False] * 2, *[True] * 4]
