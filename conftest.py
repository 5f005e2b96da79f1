"""What needs an engine that is not here is not collected; the tests of engines say so by name."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("numpy") and find_spec("narwhals") else ["src/kolmisla/columns/*"]
