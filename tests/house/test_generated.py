"""Generated modules are what the script writes today, and what their sources say."""

import runpy
from pathlib import Path

import pytest

import kolmisla
from kolmisla import KOLMISOFT, Policy
from kolmisla.generated.kolmisoft import DOCUMENT
from kolmisla.generated.kolmisoft_examples import KOLMISOFT_EXAMPLES

SCRIPT = Path(__file__).parents[2] / "scripts" / "generate.py"
GENERATED = runpy.run_path(str(SCRIPT))["GENERATED"]


@pytest.mark.parametrize("path", GENERATED, ids=lambda path: path.name)
def test_a_generated_module_is_what_the_script_writes(path: Path) -> None:
    """The holidays are those of the package `holidays`; tests/answers hold them against the law."""
    assert path.read_text(encoding="utf-8") == GENERATED[path]()


def test_the_folder_has_nothing_else() -> None:
    folder = Path(kolmisla.__file__).parent / "generated"
    assert {path.name for path in folder.glob("*.py")} == {"__init__.py", *(path.name for path in GENERATED)}


def test_the_built_in_policy_is_its_document() -> None:
    assert Policy.load(Path(kolmisla.__file__).parent / "policies" / "kolmisoft.toml") == KOLMISOFT
    # with the checks that are left out when a process starts
    assert Policy.from_dict({**DOCUMENT, "examples": KOLMISOFT_EXAMPLES}) == KOLMISOFT
    assert type(KOLMISOFT) is Policy
