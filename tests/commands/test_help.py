"""What the program says about itself: help, examples, exit statuses, wrong options, completion, the manual page."""

import os
import shlex
import shutil
import struct
import subprocess
import sys
from argparse import _SubParsersAction
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from kolmisla.cli import main
from kolmisla.cli.parsing.arguments import COMMANDS, GROUPS, parser
from kolmisla.cli.parsing.epilogs import EXAMPLES_OF, STATUSES, STATUSES_OF, epilog
from kolmisla.cli.parsing.parser import Parser

DOCS = Path(__file__).parents[2] / "docs"
NEEDS_SHTAB = pytest.mark.skipif(find_spec("shtab") is None, reason="needs the extra completion")


class Said:
    """What a command printed, and its exit status."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("COLUMNS", "80")

    def runs(*argv: str) -> Said:
        try:
            status = main(argv)
        except SystemExit as ended:
            status = int(str(ended.code))
        return Said(status, *capsys.readouterr())

    return runs


def parsers(whole: Parser | None = None, name: str = "") -> Iterator[tuple[str, Parser]]:
    """The parser of the program, of each command and of each act."""
    whole = whole or parser()
    yield name, whole
    for action in whole._actions:
        if isinstance(action, _SubParsersAction):
            for command, below in action.choices.items():
                yield from parsers(below, f"{name} {command}".strip())


NAMES = [name for name, _ in parsers() if name not in ("", "help")]


def test_a_bare_command_lists_what_there_is(run: Any) -> None:
    for argv, known in (
        ([], [*COMMANDS, "help"]),
        (["policy"], ["show", "check", "worst", "freeze", "diff", "schema"]),
    ):
        said = run(*argv)
        assert (said.status, said.out) == (2, "")
        first_words = [line.split()[0] for line in said.err.splitlines() if line.startswith("  ")]
        assert [word for word in first_words if word in known] == sorted(known, key=first_words.index)
        assert set(known) <= set(first_words)


def test_each_command_is_in_one_group() -> None:
    assert sorted(name for names in GROUPS.values() for name in names) == sorted([*COMMANDS, "help"])


@pytest.mark.parametrize("name", NAMES)
def test_the_help_of_a_command(run: Any, name: str) -> None:
    said = run(*name.split(), "--help")
    assert (said.status, said.err) == (0, "")
    assert max(map(len, said.out.splitlines())) <= 80
    assert f"usage: kolmisla {name} " in said.out
    assert "\nexamples:\n  kolmisla " in said.out
    assert "\nexit status: 0 " in said.out
    for way in (["help", *name.split()], [*name.split(), "-h"]):
        assert run(*way).out == said.out


def test_the_help_of_the_program(run: Any) -> None:
    said = run("--help")
    assert (said.status, said.err) == (0, "")
    assert max(map(len, said.out.splitlines())) <= 80
    headings = [line.removesuffix(":") for line in said.out.splitlines() if line.endswith(":") and line[0] != " "]
    assert headings == [*GROUPS, "options", "examples"]
    assert run("help").out == run("-h").out == said.out
    assert run("--version").out == run("-V").out != ""
    assert run("-V", "--verbose").out == run("--version", "--verbose").out != run("-V").out


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the examples name."""
    where = tmp_path_factory.mktemp("examples")
    for name in ("tickets.csv", "issues.json"):
        shutil.copy(DOCS / name, where)
    shutil.copy(DOCS / "policies" / "two-shifts.toml", where / "desk.toml")
    shutil.copytree(DOCS / "vectors", where / "vectors")
    (where / "port.py").write_text("import sys\nfor line in sys.stdin: print(line)", encoding="utf-8")
    return where


@pytest.mark.unmeasured
@pytest.mark.parametrize(
    ("name", "example"), [(name, example) for name, examples in EXAMPLES_OF.items() for example in examples], ids=str
)
def test_an_example_runs(run: Any, folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, example: str) -> None:
    monkeypatch.chdir(folder)
    program, *argv = shlex.split(example.partition(" > ")[0])
    assert program == "kolmisla"
    assert len(example) <= 76 or name == "completion"
    if name == "completion" and find_spec("shtab") is None:
        pytest.skip("needs the extra completion")
    said = run(*argv)
    assert said.out or "-o" in argv or "-q" in argv, said.err
    assert said.status in STATUSES_OF.get(name, (0,))
    assert said.status != 2, said.err


def test_the_statuses_of_the_help_are_those_of_the_reference() -> None:
    reference = (DOCS / "reference.md").read_text(encoding="utf-8")
    table = reference[reference.index("### Exit status") : reference.index("### Files")]
    listed = {
        int(row.split("|")[1])
        for row in table.splitlines()
        if row.startswith("|") and row[2].isdecimal() and row.split("|")[1].strip().isdecimal()
    }
    assert {*STATUSES} == listed - {70}
    assert all(status in STATUSES for statuses in STATUSES_OF.values() for status in statuses)
    assert set(EXAMPLES_OF) - {"", "help"} == set(NAMES)
    assert epilog("nothing") == "exit status: 0 done; 2 wrong usage or input, or an instant beyond the known years"


@pytest.mark.parametrize(("name", "below"), [*parsers()], ids=lambda value: value if isinstance(value, str) else "")
def test_no_option_may_be_shortened(run: Any, name: str, below: Parser) -> None:
    options = [option for option in below._option_string_actions if option.startswith("--")]
    assert not below.allow_abbrev
    for option in options:
        short = option[:-1]
        if short not in options:
            said = run(*name.split(), short)
            assert (said.status, said.out) == (2, "")
            assert f": error: there is no option {short}; did you mean --" in said.err


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (
            ["due", "now", "--pirority", "x"],
            "kolmisla due: error: there is no option --pirority; did you mean --priority?",
        ),
        (["open", "--zzz=x"], "kolmisla open: error: there is no option --zzz"),
        (
            ["queue", "t.csv", "--formt=csv"],
            "kolmisla queue: error: there is no option --formt; did you mean --format?",
        ),
        (
            ["policy", "check", "--strct"],
            "kolmisla policy check: error: there is no option --strct; did you mean --strict?",
        ),
        (["--polcy", "x", "due"], "kolmisla: error: there is no option --polcy; did you mean --policy?"),
        (["deu", "now"], "kolmisla: error: there is no command 'deu'; did you mean due?"),
        (["policy", "shwo"], "kolmisla policy: error: there is no command 'shwo'; did you mean show?"),
        (["help", "deu"], "kolmisla: error: there is no command 'deu'; did you mean due?"),
        (["zzz"], "kolmisla: error: there is no command 'zzz'"),
        (["due", "now", "later"], "kolmisla due: error: 'later' is not expected here"),
        (["due", "now", "-x"], "kolmisla due: error: '-x' is not expected here"),
        (
            ["measure", "t.csv", "--format", "jsnl"],
            "kolmisla measure: error: argument --format: invalid choice: 'jsnl'; choose from csv, jsonl, json, xes,"
            " parquet; did you mean jsonl?",
        ),
        (["due"], "kolmisla due: error: the following arguments are required: OPENED_AT"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_wrong_is_told_in_one_sentence(run: Any, argv: list[str], told: str) -> None:
    said = run(*argv)
    program = told.partition(": error")[0]
    assert (said.status, said.out, said.err) == (2, "", f"{told} (see {program} --help)\n")


def test_words_that_look_like_options_are_values_where_they_must_be(run: Any) -> None:
    assert "'--priorty'" in run("open", "--", "--priorty").err
    assert (
        "option" not in run("due", "now", "--plan", "premium", "--priority", "high", "--event", "--no such event").err
    )
    assert "option" not in run("--policy=x", "due").err
    assert "option" not in run("--policy", "x", "due").err


def test_the_options_of_a_program_are_its_own(run: Any) -> None:
    for own in (["--verbose"], ["--timeout", "x"]):
        assert run("vectors", "--timeout", "PT5S", "run", "missing", "port", *own).err == (
            "kolmisla: missing: No such file or directory\n"
        )
    assert "there is no option --tmeout; did you mean --timeout?" in run("vectors", "run", "--tmeout", "x").err


@NEEDS_SHTAB
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_every_command_and_option(run: Any, shell: str) -> None:
    said = run("completion", shell)
    assert (said.status, said.err) == (0, "")
    for word in (*COMMANDS, "help", "freeze", "time-language", "earlier"):
        assert word in said.out
    if shutil.which(shell):
        assert subprocess.run([shell, "-n"], input=said.out, text=True, capture_output=True).stderr == ""


@NEEDS_SHTAB
@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(
    ("typed", "offered"),
    [("que", "queue"), ("due --prio", "--priority"), ("policy fre", "freeze"), ("measure ticke", "tickets.csv")],
)
def test_bash_completes(run: Any, tmp_path: Path, typed: str, offered: str) -> None:
    (tmp_path / "tickets.csv").touch()
    words = ["kolmisla", *typed.split()]
    array = " ".join(map(shlex.quote, words))
    call = f'COMP_WORDS=({array}); COMP_CWORD={len(words) - 1}; _shtab_kolmisla; echo "${{COMPREPLY[@]}}"'
    script = f"{run('completion', 'bash').out}\n{call}\n"
    done = subprocess.run(["bash"], input=script, text=True, capture_output=True, cwd=tmp_path, env={**os.environ})
    assert offered in done.stdout.split()


def test_without_shtab_the_message_says_what_to_install(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "shtab", None)
    said = run("completion", "zsh")
    assert (said.status, said.out) == (2, "")
    assert said.err == "kolmisla: a script for a shell needs shtab: pip install 'kolmisla[completion]'\n"


def catalogue(texts: dict[str, str]) -> bytes:
    """Translations in the form of GNU gettext's compiled files."""
    pairs = sorted({"": "Content-Type: text/plain; charset=UTF-8\n", **texts}.items())
    at, table, strings = 28 + 16 * len(pairs), b"", b""
    for column in zip(*pairs, strict=True):
        for text in column:
            table += struct.pack("<II", len(text), at + len(strings))
            strings += text.encode() + b"\0"
    return struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0) + table + strings


@pytest.mark.parametrize("argv", [["due", "--help"], ["due"], ["due", "--used"]])
def test_every_word_is_english_whatever_the_locale(argv: list[str], tmp_path: Path) -> None:
    """Translations of argparse's words lie where gettext looks, in the language of the locale."""
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    german = {"options": "Optionen", "usage: ": "Aufruf: ", "expected one argument": "erwartet ein Argument"}
    german |= {"argument %(argument_name)s: %(message)s": "Argument %(argument_name)s: %(message)s"}
    (folder / "messages.mo").write_bytes(catalogue(german))
    translates = f"import gettext; gettext.bindtextdomain('messages', {str(tmp_path)!r})"
    assert "Optionen" in said(f"{translates}; import argparse; argparse.ArgumentParser().print_help()", [])
    told = said(f"{translates}; from kolmisla.__main__ import run; run()", argv)
    assert told
    assert not [text for text in german.values() if text.partition("%")[0] in told]


def said(code: str, argv: list[str]) -> str:
    """What a program prints on a machine whose language is German."""
    environment = {**os.environ, "LANGUAGE": "de", "LANG": "de_DE.UTF-8"}
    done = subprocess.run([sys.executable, "-c", code, *argv], capture_output=True, text=True, env=environment)
    return done.stdout + done.stderr
