"""A file imports only from files above it in the docstring of its folder, and of the folders around that folder.

Down from cli -> reports -> files -> columns -> tickets -> policies -> documents, schedules -> times -> errors, names.
"""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from itertools import takewhile
from pathlib import Path

import pytest

import kolmisla
from kolmisla import KOLMISOFT
from tests.house.for_each import for_each

pytestmark = pytest.mark.unmeasured  # these tests read files, and reach no line that no other test reaches

HOUSE = Path(kolmisla.__file__).parent
PATHS = {".".join(path.relative_to(HOUSE).with_suffix("").parts): path for path in HOUSE.rglob("*.py")}
MODULES = sorted(name for name in PATHS if name.rpartition(".")[2] not in ("__init__", "__main__"))
FOLDERS = sorted(name.removesuffix("__init__").removesuffix(".") for name in PATHS if name.endswith("__init__"))
THERE = {*MODULES, *FOLDERS}


def rows(folder: str) -> list[str]:
    """What a folder has, files and folders, in the order of its docstring."""
    path = PATHS[f"{folder}.__init__".lstrip(".")]
    lines = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").splitlines()
    return [re.split(r"\s{2,}", line.strip())[0] for line in lines if line.startswith("    ")]


def in_order(folder: str) -> list[str]:
    """The files of a folder and of those in it, as they are read."""
    there = [f"{folder}.{name}".lstrip(".") for name in rows(folder)]
    return [name for each in there for name in (in_order(each) if each in FOLDERS else [each])]


ORDER = in_order("")
NEED_ENGINES = {name for name in MODULES if name.startswith("files.bulk.")}
WITH_ARRAYS = ("arrays", "frame_cells", "frame_rows", "frame_sums", "frames", "share_arrays")
NEED_ENGINES |= {f"reports.judging.{name}" for name in WITH_ARRAYS}
IN_COLUMNS = {name for name in MODULES if name.startswith("columns.")} | NEED_ENGINES

# What only some files may import: the homes of outside facts.
HOMES = {
    "holidays": {"schedules.days.countries"},
    "dateutil": {"times.zones", "schedules.days.other.occurrences", "documents.calendar_files"},
    "zoneinfo": {
        "times.zones",
        "times.texts",
        "schedules.rules",
        "schedules.schedule",
        "schedules.notation",
        "schedules.naming.named_amounts",
        "schedules.naming.working_days",
        "schedules.naming.named_instant",
        "policies.plan",
        "policies.notes.waits",
        "tickets.cycles.naming",
        "tickets.layouts.layout",
        "tickets.event",
        "columns.kernel.wall_times",
        "files.measure",
        "files.bulk.times",
        "files.bulk.written",
        "reports.judging.arrays",
        "reports.judging.frame_rows",
        "reports.figures.late",
    },  # all but zones for its type
    "bisect": {
        "times.texts",
        "schedules.timeline",
        "schedules.naming.named_amounts",
        "schedules.naming.working_days",
        "times.dates",
        "schedules.clock",
        "tickets.cycles.cycles",
        "tickets.alarms.lives",
        "reports.figures.amounts",
    },
    "compression": {"files.tables.opening"},  # of Python 3.14
    "csv": {"tickets.sql.scripts", "files.tables.csv_table", "cli.inputs", "reports.judging.frame_rows"},
    "argparse": {name for name in MODULES if name.startswith("cli.")},  # all but arguments for what it parsed
    "time": {"cli.terminal"},  # and only how long a job has run
    "pydantic": {"documents.for_pydantic"},  # and only when pydantic asks
    "pydantic_core": {"documents.for_pydantic"},
    "tomllib": {"documents.toml_json"},
    "numpy": IN_COLUMNS,
    "narwhals": IN_COLUMNS,
    "pyarrow": {"columns.frames.ids", "columns.frames.series", "columns.sql.duckdb", "columns.sql.spark"},
    "polars": {
        "columns.frames.tickets",
        "columns.frames.ids",
        "columns.frames.polars_lazy",
        *NEED_ENGINES,
    },
    "duckdb": set(),  # its relations bring what is needed
    "pyspark": {"columns.sql.spark"},
    "tomli_w": {"documents.toml_json"},
    "jinja2": {"reports.views.page"},
    "rich": {"cli.reporting.command"},
    "babel": {"times.forms.languages"},
    "shtab": {"cli.parsing.completion"},
    "icalendar": {"reports.calendars.ics", "documents.calendar_files"},
}
CLOCKS = {"now", "today", "utcnow", "localtime"}


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(PATHS[module].read_text(encoding="utf-8"))


@cache
def nodes(module: str) -> tuple[ast.AST, ...]:
    """Every part of a module, which several tests look through."""
    return tuple(ast.walk(tree(module)))


@cache
def imports(module: str) -> frozenset[str]:
    """The dotted names that a module imports; of what is a module in a package, the module."""
    names = set()
    for node in nodes(module):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module} has a relative import"
            within = {f"{node.module}.{alias.name}" for alias in node.names}
            modules = {name for name in within if name.partition(".")[2] in THERE}
            names |= modules or {node.module or ""}
    return frozenset(names)


@cache
def ours(module: str) -> frozenset[str]:
    """The files and folders of the house that a module imports from."""
    return frozenset(name.partition(".")[2] for name in imports(module) if name.startswith("kolmisla."))


def shared(one: str, other: str) -> str:
    """The folder that two files have in common."""
    pairs = zip(one.split("."), other.split("."), strict=False)
    return ".".join(name for name, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


@for_each(FOLDERS)
def test_everything_in_a_folder_has_its_row(folder: str) -> None:
    inside = {name for name in [*MODULES, *FOLDERS] if name and name.rpartition(".")[0] == folder}
    assert sorted(rows(folder)) == sorted(name.rpartition(".")[2] for name in inside)


@for_each(MODULES)
def test_a_module_imports_only_from_above(module: str) -> None:
    assert ours(module) <= set(ORDER[: ORDER.index(module)])  # and from files, not from the doors of folders


@for_each(FOLDERS)
def test_in_a_folder_arrows_run_down(folder: str) -> None:
    """Its files and folders, taken as one each, import only from those that its docstring has above them."""
    order, deep = rows(folder), folder.count(".") + bool(folder)
    for module in MODULES:
        for other in ours(module):
            if shared(module, other) == folder and f"{module}.".startswith(f"{folder}." if folder else ""):
                upper, lower = module.split(".")[deep], other.split(".")[deep]
                assert order.index(lower) < order.index(upper), f"{module} imports {other}"


@for_each(FOLDERS)
def test_a_folder_opens_only_what_it_has(folder: str) -> None:
    """What its `__init__` imports is in it, or below it."""
    begins = ORDER.index(in_order(folder)[-1]) + 1
    assert ours(f"{folder}.__init__".lstrip(".")) <= {*ORDER[:begins], *FOLDERS}


@for_each(MODULES)
def test_outside_packages_have_their_homes(module: str) -> None:
    roots = {name.partition(".")[0] for name in imports(module)}
    standard = roots & set(sys.stdlib_module_names)
    assert roots - standard <= {"kolmisla", *HOMES}
    for package, homes in HOMES.items():
        assert package not in roots or module in homes


def test_no_property_holds_a_lock() -> None:
    """`functools.cached_property` does, up to Python 3.11; a process that forks meanwhile would wait for ever."""
    named = [module for module in MODULES if "cached_property" in PATHS[module].read_text(encoding="utf-8")]
    assert named == ["documents.remembered"]


def imports_of_functions(node: ast.AST, *, inside: bool = False) -> Iterator[ast.AST]:
    """Yield the imports in functions that do not stand under `with LOADING`."""
    for part in ast.iter_child_nodes(node):
        if isinstance(part, ast.With) and any("LOADING" in ast.unparse(item) for item in part.items):
            continue
        called = part.func if isinstance(part, ast.Call) else None
        if inside and (isinstance(part, ast.Import | ast.ImportFrom) or getattr(called, "id", "") == "import_module"):
            yield part
        yield from imports_of_functions(part, inside=inside or isinstance(part, ast.FunctionDef | ast.Lambda))


def test_a_fork_waits_until_what_is_imported_late_is_there() -> None:
    """A child would wait for ever for the lock that Python holds during an import (`names.LOADING`)."""
    texts = {name: path.read_text(encoding="utf-8") for name, path in PATHS.items()}
    may = {
        name: text
        for name, text in texts.items()
        if re.search(r"^ +(from|import) |import_module\(", text, re.MULTILINE)
    }
    late = {name: [ast.unparse(part) for part in imports_of_functions(ast.parse(text))] for name, text in may.items()}
    of_commands = [name for name, found in late.items() if found and name.partition(".")[0] in ("cli", "__main__")]
    assert {name: found for name, found in late.items() if found and name not in of_commands} == {}
    assert len(of_commands) > 10  # each command is a process of its own


@for_each(MODULES)
def test_only_the_command_line_reads_the_clock(module: str) -> None:
    calls = {
        node.func.attr for node in nodes(module) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert module == "cli.options" or not calls & CLOCKS


@for_each(MODULES)
def test_a_module_reads_in_one_sitting(module: str) -> None:
    lines = PATHS[module].read_text(encoding="utf-8").count("\n")
    assert lines <= 300, f"{module} has {lines} lines: is it still one noun?"


def public_names() -> set[tuple[str, str]]:
    """Return the public names of the package and its doors, each with the file that defines it."""
    doors = [ast.parse(path.read_text(encoding="utf-8")) for path in HOUSE.rglob("__init__.py")]
    return {
        ((node.module or "").removeprefix("kolmisla."), alias.name)
        for door in doors
        for node in ast.walk(door)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


PUBLIC_NAMES = public_names()
MOST_PARAMETERS = 7  # with self; values that travel together are better a record


def parameters(function: ast.FunctionDef) -> int:
    """Return the number of parameters of a function, with self."""
    every = function.args
    stars = [star for star in (every.vararg, every.kwarg) if star]
    return len([*every.posonlyargs, *every.args, *every.kwonlyargs, *stars])


@for_each(MODULES)
def test_a_function_is_called_in_one_breath(module: str) -> None:
    """Only public functions, and public methods of public classes, may have more parameters."""
    public = [
        function
        for top in tree(module).body
        if isinstance(top, (ast.ClassDef, ast.FunctionDef)) and (module, top.name) in PUBLIC_NAMES
        for function in (top.body if isinstance(top, ast.ClassDef) else [top])
        if isinstance(function, ast.FunctionDef) and (function.name == "__init__" or function.name[0] != "_")
    ]
    named = {(function.name, function.lineno) for function in public}
    many = [
        f"{node.name} on line {node.lineno} has {parameters(node)}"
        for node in nodes(module)
        if isinstance(node, ast.FunctionDef)
        and parameters(node) > MOST_PARAMETERS
        and (node.name, node.lineno) not in named
    ]
    assert not many


@for_each(["", *(str(path.relative_to(HOUSE)) for path in HOUSE.rglob("*") if path.is_dir())])
def test_a_folder_is_seen_at_one_glance(folder: str) -> None:
    """A folder of data, such as the built-in layouts, too."""
    inside = [path for path in (HOUSE / folder).iterdir() if path.name != "__pycache__" and path.suffix != ".pyc"]
    files = {path.name for path in inside if path.is_file()} - {"py.typed"}
    folders = [path for path in inside if path.is_dir()]
    most = 5 if not folder else 10
    assert len(files - ({"__init__.py"} if folder else set())) <= most
    assert len(folders) <= 10


def test_the_house_has_ten_floors() -> None:
    """A file or folder at the top stands one floor above the highest that it imports from."""
    uses: dict[str, set[str]] = {"__main__": {"cli"}, "__init__": set()}
    for module in (*MODULES, "__init__"):
        room = module.partition(".")[0]
        uses.setdefault(room, set()).update({name.partition(".")[0] for name in ours(module)} - {room, "generated"})
    del uses["generated"]
    floors: dict[str, int] = {}
    while len(floors) < len(uses):
        ready = {room for room, used in uses.items() if room not in floors and used <= floors.keys()}
        assert ready, f"a circle among {uses.keys() - floors.keys()}"
        floors |= {room: 1 + max((floors[used] for used in uses[room]), default=0) for room in ready}
    assert len(floors) <= 13
    assert max(floors.values()) <= 10


def loaded(code: str) -> set[str]:
    """The modules that a fresh interpreter has after running some code."""
    script = f"import sys\n{code}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_asks_for_no_holidays() -> None:
    assert "holidays" not in loaded("import kolmisla")


DUE = ["due", "2026-07-03T16:30+03:00", "--plan", "premium", "--priority", "high"]
TICKET = "kolmisla.Ticket(plan='premium', priority='high', opened_at='2026-07-03T16:30+03:00')"


PROGRAM = f"sys.argv[1:] = {DUE}\nfrom kolmisla.__main__ import _run\n_run()"


@pytest.mark.parametrize("code", [PROGRAM, f"import kolmisla\nkolmisla.deadline({TICKET})"])
def test_a_due_time_loads_nothing_it_does_not_need(code: str) -> None:
    modules = loaded(code)
    assert "kolmisla.policies.kolmisoft" in modules
    unused = {
        "pydantic",
        "pydantic_core",
        "holidays",
        "tomllib",
        "numpy",
        "pandas",
        "polars",
        "jinja2",
        "rich",
        "icalendar",
    }
    unused |= {"dataclasses", "difflib", "hashlib", "inspect", "json", "pathlib", "threading"}
    unused |= {f"kolmisla.times.{name}" for name in ("formats", "iso_8601", "numbers")}  # patterns of rare forms
    unused |= {"copy", "decimal", "graphlib", "locale"}
    unused |= {f"kolmisla.tickets.{name}" for name in ("exports", "cycles.cycles", "cycles.readings", "cycles.agreed")}
    unused |= {f"kolmisla.policies.{name}" for name in ("references", "terms.attainment", "terms.service_catalogue")}
    unused |= {"kolmisla.documents.decimals", "kolmisla.documents.toml_json"}
    days = ("other", "other_hours", "holidays", "holiday_notation")  # a plain schedule has neither
    unused |= {f"kolmisla.schedules.days.{name}" for name in days}
    unused |= {"kolmisla.policies.laid_over", "kolmisla.policies.comparing", "kolmisla.policies.notes"}
    unused |= {f"kolmisla.cli.parsing.{name}" for name in ("acts", "ports", "completion")}  # of other commands
    unused |= {"kolmisla.files", "kolmisla.policies.services", "kolmisla.columns", "kolmisla.reports"}
    assert not modules & unused


@pytest.mark.parametrize(("country", "loads"), [("LT", False), ("PL", True)])
def test_the_holidays_of_another_country_are_loaded_when_asked(country: str, loads: bool, tmp_path: Path) -> None:
    document = KOLMISOFT.to_dict()
    document["schedules"]["working-hours"]["holidays"] = country
    (tmp_path / "desk.json").write_text(json.dumps(document), encoding="utf-8")
    argv = [*DUE, "--policy", str(tmp_path / "desk.json")]
    assert ("holidays" in loaded(f"from kolmisla.cli import main\nmain({argv})")) == loads
