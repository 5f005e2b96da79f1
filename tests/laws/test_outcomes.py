"""Files and reports judge a ticket with events of every kind as the library judges it alone."""

import csv
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from kolmisla import Metric, NotCoveredError, Report, Ticket, cycles, report
from kolmisla.files import Layout, Log, Measuring
from kolmisla.files.tables import CsvTable, JsonTable
from tests.lives_of_tickets import METRICS, NOW, OPENED, desk, facts, heard, lives, ticket_of

NAMED = {"owner": "team", "schedule": "hours", "opened_by": "by"}


def expected(ticket: Ticket, metric: str, due_dates: str) -> list[dict[str, str]]:
    """The rows of a ticket, from the answers of the library."""
    policy, ticket = desk(due_dates), ticket.until(NOW)
    rows = []
    try:
        found = cycles(
            ticket, policy=policy, metric=cast("Metric", policy.metrics[metric] if metric == "ola" else metric)
        )
    except NotCoveredError:
        return []
    for cycle in found:
        due = cycle.deadline
        row = {
            "cycle": str(cycle.number),
            "started_at": cycle.started_at.isoformat(),
            "ended_at": cycle.ended_at.isoformat() if cycle.ended_at else "",
            "state": "not-covered",
            "due_at": "",
            "breaches_after": "",
        }
        if due is not None:
            row |= {
                "state": due.status(NOW).state,
                "due_at": due.due_at.isoformat() if due.due_at else "",
                "breaches_after": due.breaches_after.isoformat() if due.breaches_after else "",
            }
        rows.append(row)
    return rows


def rows_of(table: Any, log: Log | None, layout: Layout, due_dates: str) -> list[dict[str, str]]:
    out, rejects = StringIO(), StringIO()
    summary = Measuring(at=NOW, policy=desk(due_dates), layout=layout, metrics=METRICS).run(
        table, out, rejects, log=log
    )
    assert not summary.rejected, rejects.getvalue()
    if isinstance(table, CsvTable):
        return list(csv.DictReader(StringIO(out.getvalue())))
    told = [json.loads(line) for line in out.getvalue().splitlines()]
    return [{name: "" if cell is None else str(cell) for name, cell in row.items()} for row in told]


@given(facts(), lives(), st.sampled_from(["fixed", "pause"]))
def test_a_file_judges_as_one_ticket_is_judged(
    given_facts: dict[str, Any], events: list[dict[str, Any]], due_dates: str
) -> None:
    ticket = ticket_of(given_facts, events)
    layout = Layout(columns=NAMED, known={"event_metric": METRICS})
    row = {NAMED.get(name, name): value for name, value in given_facts.items()}
    row |= {"id": "7", "opened_at": OPENED.isoformat()}
    tickets, logged = StringIO(), StringIO()
    writer = csv.DictWriter(tickets, ["id", "plan", "priority", "opened_at", *NAMED.values()])
    writer.writeheader()
    writer.writerow(row)
    of_events = csv.DictWriter(logged, ["id", "at", "kind", "value", "metric", "reason"])
    of_events.writeheader()
    of_events.writerows([{**event, "id": "7", "at": event["at"].isoformat()} for event in events])
    tickets.seek(0)
    logged.seek(0)
    found = rows_of(CsvTable(tickets), Log.read(CsvTable(logged), layout), layout, due_dates)
    listed = [{**event, "at": event["at"].isoformat()} for event in events]
    in_json = JsonTable(StringIO(json.dumps({**row, "events": listed}) + "\n"))
    again = rows_of(in_json, None, layout, due_dates)
    for metric in METRICS:
        wanted = expected(ticket, metric, due_dates)
        for each in (found, again):
            of_metric = [one for one in each if one["metric"] == metric and one["cycle"]]
            if wanted:
                assert [{name: one[name] for name in wanted[0]} for one in of_metric] == wanted
            else:
                assert {one["state"] for one in of_metric} <= {"not-covered"}


@given(st.lists(st.tuples(facts(), lives()), max_size=5), st.sampled_from(METRICS))
def test_the_states_of_a_report_add_up(drawn: list[tuple[dict[str, Any], list[dict[str, Any]]]], metric: str) -> None:
    tickets = [ticket_of(*one) for one in drawn]
    policy = desk()
    named = cast("Metric", policy.metrics[metric] if metric == "ola" else metric)
    made = report(tickets, policy=policy, metric=named, at=NOW)
    total = made.total
    states = total.met + total.breached + total.running + total.paused + total.not_covered
    assert states + total.withdrawn + total.waived == total.tickets
    wanted: Counter[str] = Counter()
    for ticket in tickets:
        known = ticket.until(NOW)
        try:
            found = cycles(known, policy=policy, metric=named)
        except NotCoveredError:
            found = ()
        for cycle in found:
            covered = cycle.deadline is not None
            waived = covered and any(
                event.kind == "waived" and (event.metric or metric).lower() == metric and cycle.started_at < event.at
                for event in heard(known)
            )
            state = "waived" if waived else cycle.status(NOW).state if covered else "not-covered"
            wanted[state] += 1
    counted = Counter({name: number for name, number in total.states().items() if number})
    counted.pop("not-covered", None)
    wanted.pop("not-covered", None)
    assert counted == wanted
    assert sum(number for _, number in made.waivers) == total.waived
    assert Report.from_dict(json.loads(json.dumps(made.to_dict()))) == made
    halves = [report(tickets[start::2], policy=policy, metric=named, at=NOW) for start in (0, 1)]
    assert (halves[0] + halves[1]).total == total
    assert total.n <= total.tickets - total.withdrawn - total.waived - total.not_covered
    for text in (made.to_csv(), made.to_markdown(), str(made)):
        assert ("waived" in text) == bool(total.waived)


def test_a_report_of_tickets_without_such_events_has_no_word_of_them() -> None:
    made = report(
        [Ticket(plan="gold", priority="high", opened_at=OPENED, answered_at=OPENED + timedelta(minutes=5))],
        policy=desk(),
        at=datetime(2026, 7, 8, tzinfo=UTC),
    )
    document = json.dumps({**made.to_dict(), "policy_document": None})
    assert "withdrawn" not in document
    assert "waive" not in document
    assert "withdrawn" not in made.to_csv()
