"""The examples of docs/columns.md run, and the job that it shows is the one that is tested."""

from pathlib import Path

import pytest

for engine in ("narwhals", "pandas", "polars", "pyarrow", "duckdb"):
    pytest.importorskip(engine, reason=f"the extra engines is not installed: {engine}")

from tests.examples.test_documents import COLUMNS, run_page

pytestmark = [pytest.mark.pandas, pytest.mark.polars, pytest.mark.duckdb]


def test_every_example_on_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_page(COLUMNS, tmp_path, monkeypatch)


def test_the_job_is_shown_whole() -> None:
    job = COLUMNS.with_name("spark_job.py").read_text(encoding="utf-8")
    assert f"```\n{job}```\n" in COLUMNS.read_text(encoding="utf-8")
