"""The requests of Boston's file as a frame of each engine, and the answers of the row-by-row job."""

import csv
from datetime import UTC, datetime, timedelta
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

from kolmisla import Policy
from kolmisla.files import Layout, Measuring
from kolmisla.files.tables import CsvTable
from kolmisla.times.instants import EPOCH
from tests.answers.test_boston import EXCERPT, WHOLE

US = timedelta(microseconds=1)
AT = datetime(2016, 7, 1, tzinfo=UTC)
POLICY = Policy.load(Path(__file__).parents[2] / "docs" / "policies" / "boston-311.toml")
NAMES = {"id": "case_id", "priority": "business_days", "opened_at": "opened_local", "answered_at": "closed_local"}
OPTIONS: dict[str, Any] = {
    "policy": POLICY,
    "at": AT,
    "columns": {name: column for name, column in NAMES.items() if name != "id"},
    "timezone": POLICY.timezone,
    "ambiguous": "earlier",
    "errors": "null",
}
INSTANTS = ("due_at", "breaches_after")

Answers = dict[str, tuple[int | None, int | None, int | None, str | None]]


def source() -> Path:
    """The whole file where it is, else the excerpt that is part of the project."""
    return WHOLE if WHOLE.exists() else EXCERPT


@cache
def requests() -> tuple[dict[str, Any], ...]:
    """The rows, with wall times as naive datetimes, and a plan."""
    with source().open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return tuple(
        {
            "case_id": row["case_id"],
            "plan": "city",
            "business_days": int(row["business_days"]),
            **{name: datetime.fromisoformat(row[name]) if row[name] else None for name in list(NAMES.values())[2:]},
        }
        for row in rows
    )


@cache
def wanted() -> Answers:
    """By case: when it is due, until when that is kept, the time counted, and the state; nothing for a rejected row."""
    layout = Layout(
        columns=NAMES, constants={"plan": "city"}, timezone=POLICY.timezone, channel=None, ambiguous="earlier"
    )
    out, rejected = StringIO(), StringIO()
    with source().open(encoding="utf-8", newline="") as stream:
        Measuring(at=AT, policy=POLICY, layout=layout).run(CsvTable(stream), out, rejected)
    found: Answers = {}
    for row in csv.DictReader(StringIO(out.getvalue())):
        due, breach = (_micros(row[name]) for name in INSTANTS)
        found[row["case_id"]] = due, breach, int(float(row["elapsed_s"])) * 1_000_000, row["state"]
    return {
        **{row["case_id"]: (None, None, None, None) for row in csv.DictReader(StringIO(rejected.getvalue()))},
        **found,
    }


def answers(rows: list[dict[str, Any]]) -> Answers:
    """The same of an engine's rows."""
    return {
        str(row["case_id"]): (
            *((row[name] - EPOCH) // US if row[name] else None for name in INSTANTS),
            None if row["elapsed"] is None else row["elapsed"] // US,
            row["state"],
        )
        for row in rows
    }


def _micros(text: str) -> int | None:
    return (datetime.fromisoformat(text) - EPOCH) // US if text else None
