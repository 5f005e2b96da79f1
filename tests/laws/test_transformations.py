"""Law: what must not matter does not. A file with columns shuffled, rows reversed, headers in another case, and with
another delimiter, encoding, quoting, form or format of times gives the same answers."""

import csv
import gzip
import io
import json
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kolmisla.cli import main

VILNIUS = ZoneInfo("Europe/Vilnius")
START = datetime(2026, 3, 27, 5, tzinfo=UTC)  # two days before clocks go forward
FACTS = ("id", "plan", "priority", "opened_at", "answered_at", "resolved_at")
TIMES = ("opened_at", "answered_at", "resolved_at")
ADDED = ("due_at", "breaches_after", "elapsed_s", "target_s", "state", "reason", "ended_at", "response_s")
PLANS, PRIORITIES = ("premium", "ENTERPRISE", ""), ("high", "Blocker", "low", "P1")
# How times are written, and the options that say so.
WRITTEN: dict[str, tuple[Any, list[str]]] = {
    "offset": (lambda at: at.astimezone(VILNIUS).isoformat(), []),
    "UTC": (lambda at: at.strftime("%Y-%m-%dT%H:%M:%SZ"), []),
    "another offset": (lambda at: at.astimezone(ZoneInfo("Asia/Kolkata")).isoformat(" "), []),
    "wall": (lambda at: at.astimezone(VILNIUS).strftime("%Y-%m-%d %H:%M"), []),
    "basic": (lambda at: at.strftime("%Y%m%dT%H%M%SZ"), []),
    "format": (lambda at: at.astimezone(VILNIUS).strftime("%d.%m.%Y %H:%M"), ["--time-format", "%d.%m.%Y %H:%M"]),
    "clock": (lambda at: at.strftime("%m/%d/%y %I:%M %p UTC"), ["--time-format", "%m/%d/%y %I:%M %p UTC"]),
    "epoch": (lambda at: str(int(at.timestamp())), ["--time-format", "epoch"]),
    "epoch-ms": (lambda at: str(int(at.timestamp()) * 1000), ["--time-format", "epoch-ms"]),
}
Ticket = dict[str, Any]


@st.composite
def tickets(draw: st.DrawFn) -> list[Ticket]:
    found = []
    for number in range(draw(st.integers(1, 5))):
        minutes = st.integers(0, 6000).map(lambda minute: timedelta(minutes=minute))
        opened, after = START + draw(minutes), [draw(st.none() | minutes) for _ in TIMES[1:]]
        ends = [None if since is None else opened + since for since in after]
        values = f"T-{number}", draw(st.sampled_from(PLANS)), draw(st.sampled_from(PRIORITIES)), opened, *ends
        found.append(dict(zip(FACTS, values, strict=True)))
    return found


@st.composite
def shapes(draw: st.DrawFn) -> dict[str, Any]:
    """What may be different about a file."""
    return {
        "columns": draw(st.permutations([*FACTS, "Note", "state of ☂"])),
        "reversed": draw(st.booleans()),
        "case": draw(st.sampled_from([str, str.upper, str.title])),
        "delimiter": draw(st.sampled_from(",;\t|")),
        "encoding": draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])),
        "quoting": draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
        "ends": draw(st.sampled_from(["\n", "\r\n"])),
        "times": draw(st.sampled_from(sorted(WRITTEN))),
        "form": draw(st.sampled_from(["csv", "csv", "jsonl", "json", "document", "nested"])),
        "packed": draw(st.booleans()),
        "metric": None,
    }


PLAIN = {
    "columns": FACTS,
    "reversed": False,
    "case": str,
    "delimiter": ",",
    "encoding": "utf-8",
    "ends": "\n",
    "quoting": csv.QUOTE_MINIMAL,
    "times": "offset",
    "form": "csv",
    "packed": False,
    "metric": None,
}


def text_of(rows: Sequence[Ticket], shape: dict[str, Any], options: list[str]) -> tuple[str, str]:
    """The text of a file, and the ending of its name. Adds the options that the form needs."""
    if shape["form"] == "csv":
        out = io.StringIO()
        writer = csv.writer(out, delimiter=shape["delimiter"], quoting=shape["quoting"], lineterminator=shape["ends"])
        writer.writerow([shape["case"](name) for name in shape["columns"]])
        writer.writerows([row.get(name, "x") for name in shape["columns"]] for row in rows)
        options += ["--delimiter", shape["delimiter"]] if shape["delimiter"] != "," else []
        return out.getvalue(), ".csv"
    objects: list[Any] = [{name: row.get(name, "x") for name in shape["columns"]} for row in rows]
    if shape["form"] == "nested":
        objects = [{"key": row["id"], "fields": {"at": row, "id": "wrong"}} for row in objects]
        options += ["--map", "id=key", "--prefix", "sla_"]
        options += [part for name in FACTS[1:] for part in ("--map", f"{name}=fields.at.{name}")]
    if shape["form"] == "jsonl":
        return "".join(json.dumps(row) + shape["ends"] for row in objects), ".jsonl"
    if shape["form"] == "document":
        options += ["--rows", "result.rows"]
        return json.dumps({"total": 1, "result": {"next": None, "rows": objects}}, indent=2), ".json"
    return json.dumps(objects), ".json"


def answers(folder: Path, found: Sequence[Ticket], shape: dict[str, Any]) -> tuple[int, dict[str, Any], int]:
    """The exit status, the added values by the id of the ticket, and the number of rejects."""
    write, options = WRITTEN[shape["times"]]
    options = [*options]
    rows = [
        {name: (write(row[name]) if row[name] else "") if name in TIMES else row[name] for name in FACTS}
        for row in found
    ]
    text, ending = text_of(rows[::-1] if shape["reversed"] else rows, shape, options)
    raw = text.encode(shape["encoding"])
    path = folder / f"t{ending}{'.gz' * shape['packed']}"
    out = folder / ("out.csv" if ending == ".csv" else "out.jsonl")
    path.write_bytes(gzip.compress(raw) if shape["packed"] else raw)
    options += ["--encoding", shape["encoding"]] if "16" in shape["encoding"] else []
    options += ["--metric", shape["metric"]] if shape["metric"] else []
    with redirect_stderr(io.StringIO()), redirect_stdout(io.StringIO()):
        argv = ["measure", str(path), "-o", str(out), "--at", "2026-04-02T12:00", "--value", "priority:P1=blocker"]
        status = main([*argv, *options])
    written = out.read_text(encoding="utf-8")
    prefix = "sla_" if shape["form"] == "nested" else ""
    if ending == ".csv":
        read: list[Any] = list(csv.DictReader(io.StringIO(written), delimiter=shape["delimiter"]))
    else:
        read = [json.loads(line) for line in written.splitlines()]
    by_id = {
        row.get("key") or next(row[name] for name in row if name.lower() == "id"): [
            str(row[prefix + name] if row[prefix + name] is not None else "") for name in ADDED
        ]
        for row in read
    }
    return status, by_id, len(found) - len(by_id)


@pytest.mark.parametrize("metric", [None, "resolution"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tickets(), shapes())
def test_what_must_not_matter_does_not(
    tmp_path: Path, metric: str | None, found: list[Ticket], shape: dict[str, Any]
) -> None:
    expected = answers(tmp_path, found, {**PLAIN, "metric": metric})
    assert answers(tmp_path, found, {**shape, "metric": metric}) == expected
