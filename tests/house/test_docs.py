"""The reference names every option, column, kind of event, metric and public name, and all links lead somewhere."""

import re
from argparse import _SubParsersAction
from pathlib import Path

import pytest

import kolmisla
from kolmisla.cli import RUN
from kolmisla.cli.parsing.arguments import COMMANDS, parser
from kolmisla.files.measure import ADDED_BEHIND, ADDED_BY_METRIC, ADDED_TO_FILE
from kolmisla.policies.terms.metrics import EVENT_KINDS, METRICS
from kolmisla.tickets.layouts.fact_names import EVENT_COLUMNS, FACTS

ROOT = Path(__file__).parents[2]
REFERENCE = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
PAGES = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]


def options() -> list[str]:
    commands = next(action for action in parser()._actions if isinstance(action, _SubParsersAction))
    found = {
        option
        for command in commands.choices.values()
        for action in command._actions
        for option in action.option_strings
    }
    return sorted(found - {"-h", "--help"})


@pytest.mark.parametrize(
    "word",
    sorted(
        {
            *options(),
            *kolmisla.__all__,
            *ADDED_TO_FILE,
            *ADDED_BY_METRIC,
            *ADDED_BEHIND,
            *FACTS,
            *EVENT_COLUMNS,
            *EVENT_KINDS,
            *METRICS,
        }
    ),
)
def test_the_reference_names(word: str) -> None:
    assert re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", REFERENCE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (page.parent / target).exists(), target


EXAMPLES = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "examples").rglob("*.py")))
QUOTED = re.findall(
    r"^```py\n(.*?)^```", (ROOT / "docs" / "web.md").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
)


@pytest.mark.parametrize("code", QUOTED, ids=lambda code: code.splitlines()[0])
def test_what_a_page_quotes_is_in_an_example(code: str) -> None:
    assert code in EXAMPLES


def test_the_two_commands_of_the_readme_are_one_line_each() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^    (python3 -m venv .*)$", readme, re.MULTILINE)
    assert [("kolmisla due" in command, "pytest" in command) for command in commands] == [(True, False), (False, True)]


def test_each_command_is_run_by_something() -> None:
    assert RUN.keys() == COMMANDS.keys()
