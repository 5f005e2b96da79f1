"""Files that need a missing engine are not collected; the tests of engines name the engine that is missing.

Where coverage is measured: tests/measuring.py.
"""

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

pytest_plugins = ["tests.measuring"]

IN_DJANGO = ["src/kolmisla_django/*"]  # Django imports models only when its settings are there

has_them = all(map(find_spec, ("numpy", "narwhals", "polars", "pyarrow")))
collect_ignore_glob = IN_DJANGO if has_them else [*IN_DJANGO, *NEED_THEM]
