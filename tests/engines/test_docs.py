"""The examples of docs/columns.md and docs/reports.md run, and the jobs that they show are those that are tested."""

from doctest import ELLIPSIS
from pathlib import Path

import pytest

for engine in ("narwhals", "pandas", "polars", "pyarrow", "duckdb"):
    pytest.importorskip(engine, reason=f"the extra engines is not installed: {engine}")

from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

from tests.examples.test_documents import COLUMNS, REPORTS, ROOT, run_page

pytestmark = [pytest.mark.pandas, pytest.mark.polars, pytest.mark.duckdb]


def test_every_example_on_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_page(COLUMNS, tmp_path, monkeypatch)


class OfEngines(PythonCodeBlockParser):
    """The parser of blocks that need engines."""

    def __init__(self) -> None:
        super().__init__(doctest_optionflags=ELLIPSIS)
        self.codeblock_parser.language = "pycon"  # type: ignore[attr-defined]


def test_every_example_of_engines_on_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sybil = Sybil(parsers=[OfEngines()], path=str(ROOT))
    assert len(list(sybil.parse(REPORTS).examples())) >= 10
    run_page(REPORTS, tmp_path, monkeypatch, sybil)


@pytest.mark.parametrize(("page", "job"), [(COLUMNS, "spark_job.py"), (REPORTS, "spark_report.py")])
def test_the_job_is_shown_whole(page: Path, job: str) -> None:
    written = page.with_name(job).read_text(encoding="utf-8")
    assert f"```\n{written}```\n" in page.read_text(encoding="utf-8")
