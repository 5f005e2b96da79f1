"""One name means one thing: two files define the same top-level name only if both mean the same thing."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import kolmisla
from tests.house.for_each import for_each

pytestmark = pytest.mark.unmeasured  # these tests read files, and reach no line of the package

HOUSE = Path(kolmisla.__file__).parent
MODULES = {".".join(path.relative_to(HOUSE).with_suffix("").parts): path for path in sorted(HOUSE.rglob("*.py"))}

# Twins: the same thing alone and in columns, or in one engine of tables and in another.
TWINS = {
    "DIALECT": {"columns.sql.duckdb", "columns.sql.spark"},
    "EXIT_INTERRUPTED": {"__main__", "cli.terminal"},  # which may not be loaded yet
    "EXIT_UNUSABLE": {"__main__", "cli.terminal"},
    "LEADS_TO": {"tickets.states", "columns.kernel.reasons"},
    "Relation": {"columns.sql.lookups", "columns.sql.duckdb", "columns.sql.spark"},
    "Terms": {"tickets.cycles.cycle_clocks", "columns.kernel.promises"},
    "breakdown": {"tickets.answers.breakdown", "columns.parts"},
    "cycles": {"tickets.answers.cycle", "columns.all_cycles"},
    "due": {"columns.questions", "columns.kernel.questions"},
    "elapsed": {"columns.questions", "columns.kernel.questions"},
    "next_open": {"columns.questions", "columns.kernel.questions"},
}


def defined(body: list[ast.stmt]) -> Iterator[str]:
    """The names that statements bind, but for imports, type variables and the names of Python's own."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Assign) and not ast.unparse(node.value).startswith("TypeVar("):
            targets = (each for target in node.targets for each in ast.walk(target))
            yield from (each.id for each in targets if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
        elif isinstance(node, (ast.If, ast.Try)):
            yield from defined([*node.body, *node.orelse])


@cache
def body_of(path: Path) -> list[ast.stmt]:
    return ast.parse(path.read_text(encoding="utf-8")).body


def test_a_name_has_one_meaning() -> None:
    homes: dict[str, set[str]] = defaultdict(set)
    for module, path in MODULES.items():
        for name in defined(body_of(path)):
            if not name.startswith("_"):
                homes[name].add(module)
    assert {name: modules for name, modules in homes.items() if len(modules) > 1} == TWINS


@for_each([module for module in MODULES if not module.endswith("__")])
def test_a_file_exports_what_it_defines(module: str) -> None:
    """So that each name has one home, from where it is imported."""
    body = body_of(MODULES[module])
    exported = next(node for node in body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__")
    assert set(ast.literal_eval(exported.value)) <= set(defined(body))
