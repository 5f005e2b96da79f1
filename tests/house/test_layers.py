"""A file imports only from those named above it in the package's docstring: the order is the reading order."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import kolmisla

HOUSE = Path(kolmisla.__file__).parent
ROWS = [line.strip() for line in (kolmisla.__doc__ or "").splitlines() if line.startswith("    ")]
ORDER = [name for row in ROWS for name in re.split(r"\s{2,}", row)[0].split(", ")]
PATHS = {".".join(path.relative_to(HOUSE).with_suffix("").parts): path for path in HOUSE.rglob("*.py")}
MODULES = sorted(name for name in PATHS if name.rpartition(".")[2] not in ("__init__", "__main__"))

# What only one file may import: the homes of outside facts.
HOMES = {
    "holidays": {"holiday_calendar"},
    "dateutil": {"zones"},
    "zoneinfo": {
        "zones",
        "schedule",
        "promise",
        "layout",
        "measuring",
        "columns.wall",
        "columns.texts",
    },  # others only for its type
    "bisect": {"timeline", "holiday_calendar"},
    "csv": {"files", "jobs", "columns.parquet"},
    "argparse": {"arguments", "chosen", "desk", "cli", "jobs"},  # all but the first for what it parsed
    "time": {"progress"},  # and only how long a job has run
    "pydantic": {
        *("values", "model", "rate", "conditions", "plan", "editions", "policy", "schema", "event", "ticket"),
    },
    "tomllib": {"documents"},
    "numpy": {name for name in MODULES if name.startswith("columns.")},
    "narwhals": {name for name in MODULES if name.startswith("columns.")},
    "pyarrow": {"columns.engines.spark", "columns.ids"},
    "polars": {"columns.engines.polars", "columns.frames", "columns.ids", "columns.parquet", "columns.texts"},
    "duckdb": set(),  # its relations bring what is needed
    "pyspark": {"columns.engines.spark"},
    "tomli_w": {"documents"},
}
CLOCKS = {"now", "today", "utcnow", "localtime"}


def imports(module: str) -> set[str]:
    """The dotted names that a module imports."""
    names = set()
    for node in ast.walk(ast.parse(PATHS[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module} has a relative import"
            names.add(node.module or "")
    return names


def test_every_module_has_its_row() -> None:
    assert sorted(ORDER) == MODULES


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_from_above(module: str) -> None:
    ours = {name.partition(".")[2] for name in imports(module) if name.startswith("kolmisla.")}
    assert ours <= set(ORDER[: ORDER.index(module)])


@pytest.mark.parametrize("module", MODULES)
def test_outside_packages_have_one_home(module: str) -> None:
    roots = {name.partition(".")[0] for name in imports(module)}
    standard = roots & set(sys.stdlib_module_names)
    assert roots - standard <= {"kolmisla", *HOMES}
    for package, homes in HOMES.items():
        assert package not in roots or module in homes


@pytest.mark.parametrize("module", MODULES)
def test_only_the_command_line_reads_the_clock(module: str) -> None:
    tree = ast.parse(PATHS[module].read_text(encoding="utf-8"))
    calls = {
        node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert module == "cli" or not calls & CLOCKS


@pytest.mark.parametrize("module", MODULES)
def test_a_module_reads_in_one_sitting(module: str) -> None:
    lines = PATHS[module].read_text(encoding="utf-8").count("\n")
    assert lines <= 300, f"{module} has {lines} lines: is it still one noun?"


def loaded(code: str) -> set[str]:
    """The modules that a fresh interpreter has after running some code."""
    script = f"import sys\n{code}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_asks_for_no_holidays() -> None:
    assert "holidays" not in loaded("import kolmisla")


def test_a_due_time_loads_nothing_it_does_not_need() -> None:
    argv = ["due", "2026-07-03T16:30+03:00", "--plan", "premium", "--priority", "high"]
    modules = loaded(f"from kolmisla.cli import main\nmain({argv})")
    assert "holidays" in modules
    assert not modules & {"numpy", "pandas", "polars", "kolmisla.measuring", "kolmisla.files"}
