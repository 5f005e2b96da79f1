"""Every example in the README and in docs/ runs: Python as doctests, console blocks in a shell."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE, OutputChecker
from pathlib import Path

import pytest
from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

from tests.in_process import ended

ROOT = Path(__file__).parents[2]
COLUMNS = ROOT / "docs" / "columns.md"  # needs engines: tests/engines
PAGES = [ROOT / "README.md", *sorted({*(ROOT / "docs").glob("*.md")} - {COLUMNS})]
SHOWN = OutputChecker()
ALONE = re.compile(r"kolmisla [^|&;<>()$`*?~#\\\n]+")  # a command that needs no shell


def run_console(example: Example) -> None:
    """Run the lines after `$ `, and compare what each prints with the lines below it.

    A command goes on in lines after `> `, as in a shell. What is more than one command of kolmisla runs in a shell.
    """
    folder: Path = example.namespace["folder"]
    command, expected = "", ""
    for line in [*example.parsed.splitlines(), "$ "]:
        if line.startswith("> ") and command and not expected:
            command += f"\n{line[2:]}"
            continue
        if not line.startswith("$ "):
            expected += f"{line}\n" if line else ""
            continue
        if command:
            environment = {"COLUMNS": "80", "PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}
            done = (
                ended(*shlex.split(command)[1:], merged=True, **environment)
                if ALONE.fullmatch(command)
                else in_shell(command, folder, environment)
            )
            assert done.returncode in range(5), done.stdout  # those of the commands
            printed = "".join(f"{line}\n" for line in done.stdout.splitlines() if line)  # without blank lines
            assert SHOWN.check_output(expected, printed, ELLIPSIS), f"$ {command}\n{done.stdout}"
        command, expected = line[2:], ""


def in_shell(command: str, folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


REPORTS = ROOT / "docs" / "reports.md"  # its blocks of `pycon` need engines
PYTHON = PythonCodeBlockParser(doctest_optionflags=ELLIPSIS | NORMALIZE_WHITESPACE)
SYBIL = Sybil(parsers=[PYTHON, CodeBlockParser("console", run_console)], path=str(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_example_on_the_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_page(page, tmp_path, monkeypatch)


def run_page(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sybil: Sybil = SYBIL) -> None:
    monkeypatch.chdir(tmp_path)  # some write files
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    program = tmp_path / "bin" / "kolmisla"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m kolmisla "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    document = sybil.parse(page)
    document.namespace["folder"] = tmp_path
    for example in document.examples():
        example.evaluate()


def test_there_are_examples() -> None:
    counts = {page.name: len(list(SYBIL.parse(page).examples())) for page in PAGES}
    assert min(counts[name] for name in ("README.md", "tutorial.md", "how-to.md")) >= 3
