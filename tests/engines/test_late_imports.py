"""What columns load at their first call, they load while a fork waits: a child never finds a module half loaded."""

import subprocess
import sys

import pytest

pytest.importorskip("narwhals", reason="the extra columns is not installed")

from tests.first_uses import WATCH

SETUP = """
import importlib, sys
from datetime import UTC, datetime, timedelta

import kolmisla
from kolmisla import columns

library = importlib.import_module(sys.argv[1])
frame_of = library.table if sys.argv[1] == "pyarrow" else library.DataFrame
at = datetime(2026, 7, 6, 9, tzinfo=UTC)
facts = {"id": [7], "plan": ["premium"], "priority": ["high"], "opened_at": [at], "answered_at": [at]}
frame, events = frame_of(facts), frame_of({"id": [7], "at": [at], "kind": ["paused"]})
"""
QUESTIONS = """
ask = {
    "measure": lambda: columns.measure(frame, at=at),
    "events": lambda: columns.measure(frame, at=at, events=events, durations="seconds"),
    "cycles": lambda: columns.cycles(frame, at=at),
    "breakdown": lambda: columns.breakdown(frame, at=at, metric="resolution", by="priority"),
    "due": lambda: columns.due(frame["opened_at"], timedelta(hours=2), kolmisla.ALWAYS),
    "with_due": lambda: columns.with_due(frame, kolmisla.ALWAYS, timedelta(hours=2)),
    "lazy": lambda: columns.measure(frame.lazy(), at=at).collect(),
    "report": lambda: str(kolmisla.report(frame, at=at)),
    "page": lambda: kolmisla.report(frame, at=at, events=events).to_html(),
}
if sys.argv[1] != "polars":
    del ask["lazy"]
for name in [*ask][:: int(sys.argv[2])]:
    ask[name]()
print(unguarded)
"""


RELATION = """
rows = duckdb.sql("SELECT 'premium' AS plan, 'high' AS priority, TIMESTAMPTZ '2026-07-03 16:30:00+03' AS opened_at")
kolmisla.report(rows, at=at).to_html()
columns.measure(rows, at=at).fetchall()
print(unguarded)
"""


def test_a_fork_waits_for_what_duckdb_loads() -> None:
    pytest.importorskip("duckdb", reason="the extra duckdb is not installed")
    pytest.importorskip("pyarrow", reason="the extra arrow is not installed")
    script = f"import duckdb\n{SETUP}{WATCH}{RELATION}"
    run = [sys.executable, "-W", "ignore", "-c", script, "pyarrow"]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr


@pytest.mark.parametrize("order", ["1", "-1"])
@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_a_fork_waits_for_what_a_call_loads(library: str, order: str) -> None:
    """Questions of all kinds, in both orders, because the first one loads the most."""
    pytest.importorskip(library, reason=f"the extra {library} is not installed")
    run = [sys.executable, "-W", "ignore", "-c", f"{SETUP}{WATCH}{QUESTIONS}", library, order]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr
