"""Histories of fields in frames: the same answers as from files."""

import csv
import io
import random
import tomllib
from datetime import UTC, datetime, timedelta

import pytest

pl = pytest.importorskip("polars", reason="the extra polars is not installed")

from kolmisla import Policy, columns
from kolmisla.files import Layout, Log, Measuring
from kolmisla.files.tables import CsvTable
from kolmisla.policies.terms.metrics import MetricName
from tests.answers.test_reports import DESK

POLICY = Policy.from_dict(tomllib.loads(DESK))
OPENED = datetime(2026, 7, 6, 6, tzinfo=UTC)
PATHS = {"kind": "field", "value": "new"}
WORDS = {
    "kind": {
        "status:pending": "paused:customer",
        "status:hold": "paused",
        "status:open": "resumed",
        "status:back": "resumed:vendor,answered",
        "status:solved": "resolved",
        "status:": "reopened",
        "status:x*": "",
        "flag:*": "paused:vendor,priority:P1",
        "comment": "answered",
        "level": "priority",
        "other*": "asked",
    },
    "priority": {"HI*": "P1", "low": "P3"},
}
FIELDS = ("status", "Status", "flag", "comment", "priority", "paused", "resumed", "resolved", "level", "note", "others")
VALUES = ("pending", "hold", "open", "back", "solved", "", "xyz", "P1", "HIGH", "low", "vendor", "Customer")


def history(seed: int) -> list[tuple[int, datetime, str, str]]:
    choose = random.Random(seed)
    return [
        (choose.randrange(40), OPENED + timedelta(minutes=30 * choose.randrange(200)), choose.choice(FIELDS),
         choose.choice(VALUES))
        for _ in range(choose.choice([3, 60, 200]))
    ]  # fmt: skip


@pytest.mark.parametrize("metric", ["first-response", "resolution"])
def test_a_frame_and_a_file_agree(metric: MetricName) -> None:
    states = {state for seed in range(12) for state in agreed(history(seed), metric)}
    assert states >= {"met", "breached", None, *({"paused"} if metric == "resolution" else ())}


@pytest.mark.parametrize("metric", ["first-response", "resolution"])
def test_a_state_ends_pauses_whether_it_stops_the_clock_or_not(metric: MetricName) -> None:
    gold = POLICY.plans["GOLD"].replace(pausing=[], pauses={metric: ["vendor"]})
    policy = POLICY.replace(plans=[gold, *(plan for name, plan in POLICY.plans.items() if name != "GOLD")])
    states = {state for seed in range(12) for state in agreed(history(seed), metric, policy)}
    assert states >= {"met", "breached", None}


def agreed(rows: list[tuple[int, datetime, str, str]], metric: MetricName, policy: Policy = POLICY) -> set[str | None]:
    """The states of the tickets, which are the same by file and by frame."""
    tickets = [(id, "gold", "P2", OPENED) for id in range(40)]
    at = OPENED + timedelta(days=9)
    out, texts = io.StringIO(), io.StringIO()
    csv.writer(texts).writerows([("id", "at", "field", "new"), *rows])
    text = "id,plan,priority,opened_at\n" + "".join(f"{id},{plan},{name},{at}\n" for id, plan, name, at in tickets)
    layout = Layout(columns=PATHS, values=WORDS)
    log = Log.read(CsvTable(io.StringIO(texts.getvalue())), layout)
    Measuring(at=at, policy=policy, layout=layout, metrics=[metric]).run(
        CsvTable(io.StringIO(text)), out, lambda _line, _reason, row: out.write(f"{row[0]},rejected\n"), log=log
    )
    told = {row[0]: row for row in csv.reader(io.StringIO(out.getvalue()))}
    frame = pl.DataFrame(tickets, schema=["id", "plan", "priority", "opened_at"], orient="row")
    schema = {"id": pl.Int64, "at": pl.Datetime("us", "UTC"), "field": pl.String, "new": pl.String}
    events = pl.DataFrame(rows, schema=schema, orient="row")
    measured = columns.measure(
        frame, policy=policy, at=at, metric=metric, events=events, columns=PATHS, values=WORDS, errors="null"
    )
    for row in measured.iter_rows(named=True):
        one = told[str(row["id"])]
        if one[-1] == "rejected":
            assert row["state"] is None, row
        else:
            elapsed = f"{row['elapsed'].total_seconds():.6f}".rstrip("0").rstrip(".")
            assert (one[-3], one[-5]) == (row["state"], elapsed), (one, row)
    return set(measured["state"])
