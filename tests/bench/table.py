"""The table of the benches: a measure is a ratio of two calls, taken in turn in one run, by the CPU that they used."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable, Mapping
from statistics import median
from time import process_time
from typing import Any

__all__ = ["ratio", "ratios", "report", "process_ratio"]


def report(name: str, ratio: float, limit: str = "") -> None:
    """Print one line of the table."""
    print(f"{name:62} {ratio:10.2f}   {limit}", flush=True)


def ratios(calls: Mapping[str, Callable[[], Any]], base: str, *, runs: int = 15, count: int = 1) -> dict[str, float]:
    """Median CPU of each call over that of the base, all taken in turn, `count` times in each run."""
    used: dict[str, list[float]] = {name: [] for name in calls}
    for run in range(runs + 1):
        for name, call in calls.items():
            start = process_time()
            for _ in range(count):
                call()
            if run:  # the first one warms up
                used[name].append(process_time() - start)
    return {name: median(a / b for a, b in zip(each, used[base], strict=True)) for name, each in used.items()}


def ratio(ours: Callable[[], Any], floor: Callable[[], Any], *, runs: int = 7, count: int = 1) -> float:
    """Median CPU of one call over that of another."""
    return ratios({"ours": ours, "floor": floor}, "floor", runs=runs, count=count)["ours"]


def _spent(argv: list[str], environment: Mapping[str, str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *argv], env=environment, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def process_ratio(ours: list[str], floor: list[str], *, folder: str, runs: int = 15) -> float:
    """Median CPU of one Python process over that of another; both run from files compiled into `folder`."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment = {**kept, "PYTHONPYCACHEPREFIX": folder}
    pairs = [(_spent(ours, environment), _spent(floor, environment)) for _ in range(runs + 2)][2:]
    return median(a / b for a, b in pairs)
