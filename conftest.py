"""Files that need a missing engine are not collected; the tests of engines name the engine that is missing."""

from importlib.util import find_spec

HELPERS = ("tickets", "queries", "boston")  # modules that the tests of engines share
NEED_THEM = [
    "src/kolmisla/columns/*",
    "src/kolmisla/files/bulk/*",
    "src/kolmisla/reports/judging/arrays.py",
    "src/kolmisla/reports/judging/frame*.py",
    "src/kolmisla/reports/judging/share_arrays.py",
    *(f"tests/engines/{name}.py" for name in HELPERS),
]

collect_ignore_glob = [] if all(map(find_spec, ("numpy", "narwhals", "polars", "pyarrow"))) else NEED_THEM
