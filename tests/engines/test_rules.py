"""Each rule is written once: if it is changed there, single tickets, columns and SQL all follow."""

import subprocess
import sys

import pytest

pytest.importorskip("polars", reason="the extra polars is not installed")
pytest.importorskip("duckdb", reason="the extra duckdb is not installed")

pytestmark = [pytest.mark.polars, pytest.mark.duckdb]

ASK = """
from datetime import datetime
import duckdb, polars as pl
from kolmisla import Ticket, columns, deadline

def at(text):
    return datetime.fromisoformat(f"2026-07-03T{text}+03:00")

duckdb.sql("SET enable_progress_bar = false")  # older versions draw one where the answers go
now = at("19:00")
facts = {"plan": "premium", "priority": "high", "opened_at": at("10:00")}
kinds = {"paused": "10:30", "resumed": "11:00", "%s": "11:00"}
events = [{"kind": kind, "at": at(text)} for kind, text in kinds.items()]
lived = Ticket.imported(**facts, events=events)
answered = Ticket(**facts, answered_at=at("11:00"))
frame = pl.DataFrame([{"id": 1, **facts}])
log = pl.DataFrame([{"id": 1, "value": None, **event} for event in events], schema_overrides={"value": pl.String})
plain = frame.with_columns(answered_at=pl.lit(at("11:00")))
print(deadline(lived).status(now).state, columns.measure(frame, events=log, at=now)["state"][0])
print(
    deadline(answered).status(now).state,
    columns.measure(plain, at=now)["state"][0],
    columns.measure(duckdb.sql("SELECT * FROM plain"), at=now).select("state").fetchall()[0][0],
)
"""
STATE = "import kolmisla.tickets.cycles.cycle_clock as home\nhome.STATE_OF[True, False, False] = 'running'\n"
RESPONSE = """import kolmisla.policies.terms.metrics as home
ends = ("answered", "resolved", "asked")
changed = {name: metric.replace(ends=ends) for name, metric in home.BUILT_IN_METRICS.items()}
home.BUILT_IN_METRICS = home.Catalogue(changed)
"""


def states(change: str, kind: str = "answered") -> list[str]:
    done = subprocess.run([sys.executable, "-c", change + ASK % kind], capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    return done.stdout.split()


def test_the_state_of_a_cycle() -> None:
    assert states("") == ["met"] * 5
    assert states(STATE) == ["running"] * 5


def test_what_is_a_response() -> None:
    assert states("", "asked")[:2] == ["breached"] * 2
    assert states(RESPONSE, "asked")[:2] == ["met"] * 2
