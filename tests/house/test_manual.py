"""The manual page has every option, as the script writes it from the parsers, and troff reads it without a warning."""

import runpy
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "kolmisla.1"


def test_the_manual_page_is_what_the_script_writes() -> None:
    written = runpy.run_path(str(ROOT / "scripts" / "manual.py"))["manual"]()
    assert PAGE.read_text(encoding="utf-8") == written, "run python scripts/manual.py"


@pytest.mark.skipif(shutil.which("groff") is None, reason="needs groff")
def test_troff_reads_the_manual_page() -> None:
    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", "-z", str(PAGE)], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
